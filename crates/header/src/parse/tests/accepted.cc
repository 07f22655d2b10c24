struct A { int a; A() : a(1) {} A(const A &) = default; ~A() {} virtual void f() const = 0; };

class A { int a; public: int b; private: class B { int c; } d; protected: struct E; };

struct A { int a = 1; int b{2}; char c[4] = {'a', 'b'}; const char *d = "x"; int e = (1, 2), f = sizeof(int); };

struct A { static constexpr int n = 3; static const int m = 4; static inline int k = 5; int a[n + m]; };

enum class E : unsigned char { A, B = 3 }; enum F : int { C }; enum struct G { D }; enum class H : short;

namespace a { namespace b { struct X { int x; }; } using b::X; } a::X x; a::b::X y; namespace c = a::b; c::X z;

namespace a::b::c { int x; } namespace a::b { inline namespace v1 { struct Y {}; } } a::b::Y y; a::b::v1::Y z;

struct A { typedef int T; using U = T; T a; U b; A::T c; struct B { T d; }; }; A::T x; A::B b;

template <class T, int N> struct A { T a[N]; }; A<int, 3> a; A<int, (3 > 2)> b; A<char, sizeof(int) * 2> c; constexpr int k = 4; A<int, k> d; A<int, k + 1> e; A<int, 'a'> f; A<bool, true> g;

template <class... T> struct V {}; V<> a; V<int, char, long> b; template <int... N> struct W {}; W<1, 2> c;

template <template <class> class C> struct T {}; template <class T> struct U {}; T<U> t;

template <class T> T max(T a, T b) { return a < b ? b : a; } int x = max<int>(1, 2); int y = max(3, 4);

template <class T> struct A; template <> struct A<int> { int a; }; template <class T> struct A<T *> { T *b; }; template struct A<char *>; A<int> a;

template <class T> using P = T *; P<int> p; template <class T> constexpr T v = T(3); int q = v<int>;

struct A { operator int() const { return 1; } explicit operator bool() const { return true; } operator const char *() const; };

struct A { A &operator=(const A &) = default; bool operator==(const A &) const; A operator+(const A &) const; int operator[](int) const; int operator()(int, int) const; A *operator->(); A &operator++(); A operator++(int); bool operator<(const A &) const; A operator<<(int); A &operator<<=(int); void *operator new(decltype(sizeof(0))); void operator delete(void *); bool operator!() const; A operator~(); A operator,(int); };

struct A {}; bool operator==(const A &, const A &); A operator*(const A &a, int) { return a; } int operator""_km(unsigned long long x) { return (int)x; } long double operator"" _m(long double);

struct A { friend struct B; friend class C; friend int f(A &a) { return 1; } friend bool operator<(const A &, const A &); template <class T> friend void g(T); };

struct A { int f() const; int g() volatile; int h() &; int i() &&; int j() noexcept; int k() const noexcept(true); auto l() -> int; auto m() const & noexcept -> int { return 1; } };

struct A { virtual ~A() = default; virtual int f(int) { return 0; } }; struct B : A { int f(int) override; ~B() override; }; struct C final : B { int f(int) final { return 1; } };

struct A { int a; }; struct B : A { int b; }; struct C : public A { }; class D : private A { }; struct E : virtual A {}; struct F : B, protected C { };

struct A { explicit A(int); A(int, int = 3); A(A &&) noexcept; template <class T> A(T *t) : A(1) {} private: A(); };

struct A { int a; mutable int b; volatile int c; const int d = 1; static int e; thread_local static int f; };

struct A { int x, *y, &z, (*w)(int), A::*m, (A::*n)(int) const, o[3]; };

struct A { unsigned a : 3 = 1; unsigned b : 4 {2}; unsigned : 0; int c : 5, d : 6; };

struct alignas(16) A { alignas(8) char a; alignas(double) char b[8]; }; alignas(32) int x; struct [[gnu::packed]] B { int a; }; struct __attribute__((packed)) C { int a; };

[[nodiscard]] int f(); [[maybe_unused]] static int x; struct [[deprecated("x")]] A {}; int y [[gnu::aligned(8)]]; void g [[noreturn]] (); namespace [[deprecated]] n {}

auto x = 3; auto *y = &x; const auto &z = x; decltype(x) w; decltype(auto) v = (x); auto f(int a) -> decltype(a); auto l = [](int a, auto b) mutable -> int { return a + b; };

static_assert(sizeof(int) == 4); static_assert(true, "x"); struct A { static_assert(1 < 2 && 3 > 2, "y"); };

constexpr int f(int n) { return n <= 1 ? 1 : n * f(n - 1); } int a[f(3)]; constexpr auto c = f(4); consteval int g() { return 1; } constinit int h = 2;

extern "C" { int f(int); struct S { int a; }; typedef int T; } extern "C" int g(T); extern "C" typedef struct { int x; } U; extern "C++" { template <class X> struct Y {}; }

typedef struct A { int a; } A, *PA; struct B { A a; PA b; struct A c; };

union U { int a; float b; struct { char c, d; }; U() : a(1) {} ~U() {} }; struct V { union { int a; float b; }; union { int c; } d; };

int x(3), y{4}, z = {5}; struct A { A(int); }; A a(1), b{2}, c = 3, d = A(4), e = A{5}; int *p(nullptr);

struct A {}; A f(A); A g(A(*)(int)); A (*h)(A); A (&i)(A) = f; A &&j = A(); const A &k = A{};

using F = int(int); using G = int (*)(int); using H = int (&)[3]; using I = void() const; using J = int; J j;

struct A { using F = void (A::*)(int); F f; int A::*p; }; int A::*q = nullptr; void (A::*r)(int) = nullptr;

template <class T> concept C = sizeof(T) > 1 && requires(T t) { t + 1; { t - 1 }; typename T::x; }; template <class T> requires (sizeof(T) > 2) || C<T> void f(T) requires true; template <C T> void g(T); void h(C auto x); C auto k(int);

struct X { X(); X(int); int f(); static int s; struct Y; operator int(); ~X(); }; X::X() {} X::X(int) : X() {} int X::f() { return 1; } int X::s = 2; struct X::Y { int a; }; X::operator int() { return 1; } X::~X() = default;

int f(int a = 3, int b = (1 < 2), const char *c = "x,y", int (*d)(int, int) = nullptr); void g(int = 1, ...); void h(int...);

int x = static_cast<int>(3.5) + reinterpret_cast<long>(nullptr) * const_cast<const int &>(*(int *)nullptr); int y = int(3) + int{4} + sizeof(int) + alignof(long) + noexcept(1);

int x = 1'000'000 + 0b1010 + 0xff'ff; double y = 1'0.5e3, z = 0x1.8p3; auto w = 1uz + 2z; auto c = u8'a'; auto d = U'\U0001F600'; auto e = R"(a"b)"; auto f = u8R"x(a)")x"; auto g = L"a" "b";

struct A { int a; bool operator==(const A &) const = default; auto operator<=>(const A &) const = default; };

class A; class A { friend class B; int x; class C; }; class A::C { int y; };

struct A { enum E { X, Y } e; enum { Z }; enum class F : int { W } f = F::W; int a[Y + 1]; };

struct A { int a[2][3]; int (*b)[3]; int *c[3]; const int (&d)[2]; };

#pragma pack(push, 1)
struct A { char a; int b; };
#pragma pack(pop)

struct stat { int a; }; int stat(const char *, struct stat *); struct B { struct stat s; };

int a, b; int c = a < b, d = a > b, e = a << b >> 1, f = a < b && b > a; bool g = (a < b), h(a < b);

int const a = 1; char const *const b = ""; unsigned const long c = 2; int constexpr d = 3; long int typedef e;

struct A { A *next; A &self; A(*fp)(A); A(A *); A (&arr)[2]; A f(A); };

struct S { int i; } s, *p = &s; auto [q] = s;

namespace { struct A { int a; }; int b; } A c; static A d;

using namespace std; namespace std { using size_t = decltype(sizeof(0)); } std::size_t a; ::std::size_t b; size_t c;

struct A { int a; } __attribute__((packed, aligned(2))); struct B { int a __attribute__((packed)), b; } b __attribute__((aligned(16)));

template <class T> struct A { static const int v = 1; }; int x[A<int>::v]; int y = A<char>::v + 1; template <int N> struct B {}; B<A<int>::v> b; B<(A<int>::v > 0)> c;

void f() try { } catch (int) { } catch (...) { } struct A { A() try : a(1) { } catch (...) { } int a; };

struct A { int f() { if (1 < 2) { return 3; } return 4; }; int b; void g() { struct L { int x; }; } };;

typedef void V; void f(V); int g(void); struct A { int h(void); };

struct A { template <class T, class = void> struct B { T t; }; template <class T> using C = B<T>; template <class T> static constexpr int d = 1; B<int> e; C<int> f; };

struct A { virtual void f() = 0, g() = 0; int h() const, i; };

template <typename T, typename U = T, T V = T{}, auto W = 3, typename... R> struct A {}; A<int> a; template <class T = int> void f(T = T()) {}

template <class T> auto f(T t) -> decltype(t + 1) { return t + 1; } template <class T> [[nodiscard]] inline constexpr T g(T) noexcept(noexcept(T())) { return {}; }

struct A { int data[0]; }; struct B { int n; char tail[]; };

struct A { long long a; __int128 b; __float128 c; _Complex double d; wchar_t e; char16_t f; char32_t g; char8_t h; bool i; decltype(nullptr) j; };

template <class T> struct A { T a; }; A<int> a; A<A<int>> b; A<A<A<int>>> c; A<int *> d; A<int (*)(int)> e; A<const char *> f;

int x = []{ return 1; }(); auto g = [](int i) noexcept { return i; }; auto h = []<class T>(T t, int u = (1 < 2)) mutable -> T { return t; };

template <class T> struct A { A() : a{} , b(1) {} T a; int b; template <class U> U f() const { return U{}; } struct B { T c; }; static int s; struct D; }; template <class T> int A<T>::s = 3; template <class T> struct A<T>::D {};

template <class T> struct Q {}; extern template struct Q<int>; inline int x = 3; inline constexpr int y = 4; inline namespace n { int z; }

int z = 1 ?: 2; __extension__ typedef long long ll; __typeof__(z) w; __attribute__((unused)) static int u;

template <int w, bool b = w < 4> struct S {}; S<3> a; template <bool B> using if_ = int; template <class T, if_<sizeof(T) == 4> = 0> int f(T);
