/* constexpr, static const and enumerators in bounds and widths, with casts, sizeof, offsetof and ?:. */
#define MACRO(x) ((x) + 1)
constexpr int outer = 5;
const unsigned mask = ~0u >> 30;
enum class Kind : unsigned char { none, some = 3 };
enum { plain = MACRO(2) << 1 };
namespace sizes { constexpr auto wide = 1'000ull % 7; static const int lengths = outer - 2; }
struct A { char c; int i; };
struct B {
    static constexpr int inner = outer * 2 - 3;
    static const unsigned bits = sizeof(long) > 4 ? 9 : 7;
    enum { count = inner + 1 };
    char a[inner];
    short b[count];
    unsigned w : bits;
    int v : static_cast<int>(Kind::some);
    char s[sizeof(A) + __builtin_offsetof(A, i)];
    char t[sizes::wide];
    char u[sizes::lengths ? plain : -1];
};
struct C { char a[B::inner + B::count]; char b[mask]; char c[(unsigned char)257 + int(3.9)]; char d[-1 > 0u ? 2 : 3]; };
struct D { char a[sizeof(B::a) + sizeof(C::b)]; char b[alignof(double)]; };
