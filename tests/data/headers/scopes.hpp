// Names in C++: namespaces, classes, scoped enums, aliases, constants.
#include <array>
#include <cstddef>
#include <cstdint>

namespace outer {
constexpr int size = 4;
struct first { int a; };
namespace inner {
struct second { first f; char c[size]; };
enum class side : std::uint8_t { buy = 1, sell };
}
inline namespace v2 { struct versioned { inner::side s; }; }
namespace { struct hidden { short s; }; }
struct uses { versioned v; hidden h; inner::second *p; };
}
namespace outer::inner { struct third : second { side s; }; }
namespace alias = outer::inner;
using outer::first;
struct from_using { first f; alias::third t; ::outer::inner::side s; };
namespace other { using namespace outer; struct sees { first f; versioned v; char c[size * 2]; }; }

class klass {
public:
    struct nested { int x; enum kind { A = 3, B } k; };
    using number = unsigned short;
    typedef nested nested_t;
    static constexpr std::size_t count = sizeof(nested) / 2;
    static const int limit = count + 1;
    static int variable;
    enum { UNNAMED = limit * 2 };
    klass() = default;
    explicit klass(int);
    ~klass() = default;
    int method(int a) const { return a + x_; }
    operator bool() const noexcept;
    klass &operator=(const klass &) = default;
    friend struct stranger;
    template <typename T> T get() const;
    static_assert(sizeof(nested) == 8, "nested");
private:
    number x_ = 7;
    nested n_[2]{};
    char c_[count];
    char d_[UNNAMED];
    nested_t *p_ = nullptr;
protected:
    char e_[sizeof(n_)];
};
struct uses_klass { klass::nested n; klass::number x; klass::nested::kind k; klass::nested_t t; klass *p; char c[klass::limit]; char d[klass::nested::B]; char e[sizeof(klass::nested::x)]; };

struct base { int i; char c; };
struct derived : base { char d; };
struct most : derived, outer::first { char z; };
struct inherits_names : klass { nested n; number x; char c[limit]; };

enum plain { P1, P2 = 300 };
enum fixed : unsigned char { F1 = 200 };
enum class scoped { S1, S2 };
enum class forward : short;
struct with_enums { plain p; fixed f; scoped s; forward w; };
enum class forward : short { later_value = -3 };
static constexpr auto total = static_cast<int>(scoped::S2) + fixed::F1;
struct of_total { char c[total]; char d[static_cast<std::size_t>(forward::later_value) + 5]; };

struct arrays { std::array<int, 4> a; std::array<klass::nested, outer::size> b; std::array<std::array<char, 3>, 2> c; std::array<std::uint8_t, sizeof(base)> d; };
template <typename T> struct generic { T t; };
struct refused_member { generic<int> g; };
struct pointer_to_template { generic<int> *g; int after; };
struct refused_virtual { virtual void f(); int a; };
struct refused_too { refused_virtual r; };
struct virtual_base : virtual base { int b; };
extern "C" { struct linkage { int a; unsigned b : 3; }; typedef struct { char c; } c_named; }
typedef struct { c_named n; linkage l; } cxx_named;
using aliased = struct { int q; };
struct reference { int &r; aliased a; int klass::*m; void (klass::*f)(int); decltype(nullptr) n; };
struct final_one final { alignas(16) char c; [[gnu::packed]] int i; bool b; char16_t u; wchar_t w; };
struct stat { int st; };
int stat(const char *, struct stat *);
struct uses_stat { struct stat s; };
struct initialised { int a = (1 << 3) | 1; std::uint8_t b{static_cast<std::uint8_t>(3)}; struct { int c = 2; } d; };
