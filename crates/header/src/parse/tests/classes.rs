//! C++: classes, namespaces, templates.

use super::describe::cxx;

#[test]
fn classes_have_bases_and_access() {
    assert_eq!(
        cxx(
            "class A { int a; public: int b; protected: int c; }; struct B final : public A, virtual private N::C<3> { int d; };"
        ),
        "class A {private a: int; b: int; protected c: int}; \
         struct B final < public A < private virtual N::C<3> {d: int}"
    );
    assert_eq!(cxx("class D : E { };"), "class D < private E {}");
    assert_eq!(cxx("struct final { int a; };"), "struct final {a: int}");
    assert_eq!(
        cxx("struct A { struct B { int x; }; B b; A *next; enum K { X } k; };"),
        "struct A {struct B {x: int}; b: B; next: pointer to A; k: enum K {X}}"
    );
}

#[test]
fn special_members_are_classified() {
    for (text, words) in [
        ("X();", "Provided DefaultConstructor"),
        ("X() = default;", "Defaulted DefaultConstructor"),
        ("X(int a = 1, ...);", "Provided DefaultConstructor"),
        ("X(int a, int b = 1) : a(a), b{b} {}", "Provided Constructor"),
        ("explicit X(int) noexcept;", "Provided Constructor"),
        ("constexpr explicit(true) X(int) noexcept(true) {}", "Provided Constructor"),
        ("X(const X &) = delete;", "Deleted CopyConstructor"),
        ("X(X &x, int = 0);", "Provided CopyConstructor"),
        ("X(const X &, int);", "Provided Constructor"),
        ("X(X &&) = default;", "Defaulted MoveConstructor"),
        ("X(std::initializer_list<int>);", "Provided Constructor"),
        ("~X();", "Provided Destructor"),
        ("~X() = default;", "Defaulted Destructor"),
        ("virtual ~X() = 0;", "Provided Destructor; Provided Virtual"),
        ("template <class T> X(T t) : v(t) {}", "Provided Constructor"),
        ("template <class T> explicit(sizeof(T) > 1) X(T);", "Provided Constructor"),
        ("X() try : a(1) {} catch (...) {}", "Provided DefaultConstructor"),
    ] {
        assert_eq!(
            cxx(&format!("struct X {{ {text} }};")),
            format!("struct X {{{words}}}"),
            "{text}"
        );
    }
    for (text, words) in [
        ("X &operator=(const X &) = default;", "Defaulted CopyAssignment"),
        ("X &operator=(X) { return *this; }", "Provided CopyAssignment"),
        ("auto operator=(X &&) -> X & = delete;", "Deleted MoveAssignment"),
    ] {
        let described = cxx(&format!("struct X {{ {text} }};"));
        assert!(described.starts_with(&format!("struct X {{{words};")), "{described}");
    }
    let described = cxx("struct X { X &operator=(int); bool operator==(const X &) const; };");
    assert!(!described.contains("Assignment"), "{described}");
}

#[test]
fn virtual_functions_are_seen() {
    for text in [
        "virtual void f();",
        "void f() override;",
        "void f() final {}",
        "void virtual f() = 0;",
        "virtual operator int() const;",
    ] {
        let described = cxx(&format!("struct X {{ {text} }};"));
        assert!(described.contains("Provided Virtual"), "{text}: {described}");
    }
    let described = cxx("struct X { void f(); int final, override; static void g() {} };");
    assert!(!described.contains("Virtual"), "{described}");
}

#[test]
fn members_are_told_from_constructors() {
    assert_eq!(
        cxx("struct X { X(*f)(int); };"),
        "struct X {f: pointer to function(int) returning X}"
    );
    assert_eq!(
        cxx("struct X { X *next; X &self; };"),
        "struct X {next: pointer to X; self: reference to X}"
    );
    assert_eq!(
        cxx("struct X { int (X::*m)(int); int X::*d; };"),
        "struct X {m: pointer to member of X function(int) returning int; d: pointer to member of X int}"
    );
}

#[test]
fn default_member_initialisers_are_read_or_skipped() {
    assert_eq!(
        cxx(
            "struct X { int a = 1, b{2}; unsigned c : 3 = 4; unsigned d : 2 {1}; std::uint8_t e = static_cast<std::uint8_t>(5); \
             F f = [](int a, int b) { return a < b; }; G g = pair<int, int>(1, 2), h; I i{}; };"
        ),
        "struct X {a: int = 1, b: int = {2}; c: uint : 3 = 4; d: uint : 2 = {1}; \
         e: std::uint8_t = cast(std::uint8_t, 5); f: F = opaque; \
         g: G = pair<type int, type int>(1, 2), h: G; i: I = {}}"
    );
    assert_eq!(
        cxx(
            "struct X { static const int n = 3; static constexpr int m = n + 1; inline static int k; int a[m]; };"
        ),
        "struct X {static n: const int = 3; constexpr static m: int = (n Add 1); static k: int; a: array[m] of int}"
    );
}

#[test]
fn a_width_is_not_constructed() {
    assert_eq!(
        cxx("constexpr int N = 3; struct X { unsigned a : N {1}; unsigned b : N = 2; };"),
        "constexpr N: int = 3; struct X {a: uint : N = {1}; b: uint : N = 2}"
    );
    assert_eq!(
        cxx("int final; struct A {}; struct X final : A { int override; };"),
        "final: int; struct A {}; struct X final < public A {override: int}"
    );
}

#[test]
fn what_lays_nothing_out_is_skipped() {
    assert_eq!(
        cxx(
            "struct X { friend class Y; friend bool operator<(const X &a, const X &b) { return a.v < b.v; } \
             template <class T> void f(T t) { if (a < b) {} } template <class T> friend struct Z; int v; };"
        ),
        "struct X {skipped; skipped; skipped; skipped; v: int}"
    );
    assert_eq!(
        cxx("struct X { using T = int; typedef T U; using B::f; using enum E; U v; };"),
        "struct X {using T: int; typedef U: T; using B::f; using enum E; v: U}"
    );
    assert_eq!(
        cxx(
            "X::X(int a) : a(a), b{1} {} X::~X() {} void X::f() const {} int X::n = 3; X::operator bool() const { return true; } int x;"
        ),
        "skipped; skipped; skipped; skipped; skipped; x: int"
    );
    assert_eq!(cxx("struct X { operator bool() const; int operator()(int) const; void operator[](int); void *operator new(size_t); X operator\"\"_x(); operator const char *(); };")
        .matches("skipped").count(), 2);
}

#[test]
fn namespaces_nest_and_reopen() {
    assert_eq!(
        cxx(
            "namespace a { struct T { }; } namespace a::inline v1::c [[deprecated]] { T x; } namespace { int y; } inline namespace z { } namespace b = a; using namespace a; T t; b::T u; ::a::T v;"
        ),
        "namespace a {struct T {}}; namespace a::v1::c {x: T}; inline namespace  {y: int}; \
         inline namespace z {}; namespace b = a; using namespace a; t: T; u: b::T; v: ::a::T"
    );
    assert_eq!(
        cxx(
            "extern \"C\" { int a; namespace n { int b; } } extern \"C++\" int c; extern \"C\" typedef int T; T d;"
        ),
        "a: int; namespace n {b: int}; c: int; typedef T: int; d: T"
    );
}

#[test]
fn enums_are_scoped_or_not() {
    assert_eq!(
        cxx(
            "enum class E : std::uint8_t { A = 1, B }; enum struct F; enum G : unsigned; E e = E::A;"
        ),
        "enum class E : std::uint8_t {A = 1, B}; enum class F; enum G : uint; e: E = E::A"
    );
    assert_eq!(
        cxx(
            "struct X { enum : unsigned char { A } a; enum class K : short { B }; K k; int w : 4; };"
        ),
        "struct X {a: enum : uchar {A}; enum class K : short {B}; k: K; w: int : 4}"
    );
}

#[test]
fn templates_are_skipped_and_their_names_kept() {
    assert_eq!(
        cxx(
            "template <typename T, int N = (3 > 2)> struct S { T a[N]; S() : a{} {} }; template <> struct S<int, 1> { }; \
             template <class T> using A = S<T, 2>; template <class T> T f(T a) { return a < 0 ? a : -a; } \
             template <class T> constexpr int v = 3; template struct S<char, 2>; extern template struct S<long, 2>; \
             template <class T> concept C = requires(T t) { t + 1; }; template <class T> requires C<T> void g(T) {} int x;"
        ),
        "template S; template S; template A; skipped; skipped; skipped; skipped; skipped; skipped; x: int"
    );
    assert_eq!(
        cxx("template <class T> struct S; S<int> a; S<S<int>> b; S<int (*)(int)> c;"),
        "template S; a: S<type int>; b: S<type S<type int>>; c: S<type pointer to function(int) returning int>"
    );
    assert_eq!(
        cxx(
            "constexpr int N = 4; struct X { std::array<unsigned char, N * 2> a; std::array<std::array<int, 3>, (N > 2)> b; };"
        ),
        "constexpr N: int = 4; struct X {a: std::array<type uchar, (N Mul 2)>; \
         b: std::array<type std::array<type int, 3>, (N Greater 2)>}"
    );
    assert_eq!(
        cxx("template <class T> struct S {}; template <class T> S(T) -> S<T>; \
             template <int... N> int f(S<N>... s); S x{1};"),
        "template S; skipped; skipped; x: S = {1}"
    );
}

#[test]
fn comparisons_are_no_template_arguments() {
    assert_eq!(
        cxx("const int a = 1, b = 2; int c[a < b ? 1 : 2]; int d = a < b;"),
        "a: const int = 1, b: const int = 2; c: array[((a Less b) ? 1 : 2)] of int; d: int = (a Less b)"
    );
    assert_eq!(
        cxx("static_assert(sizeof(int) < 8 && sizeof(int) > 2); static_assert(1, \"x\" \"y\");"),
        "assert ((sizeof(int) Less 8) And (sizeof(int) Greater 2)); assert 1 \"xy\""
    );
}

#[test]
fn functions_are_declared_in_all_forms() {
    assert_eq!(
        cxx(
            "auto f(int a = 3, std::pair<int, int> p = std::pair<int, int>{1, 2}) noexcept(true) -> decltype(a); int g() { return 1; } bool operator==(const A &, const A &);"
        ),
        "f: function(int, std::pair<type int, type int>) -> decltype(a) returning auto; g: function() returning int; : function(reference to const A, reference to const A) returning bool"
    );
    assert_eq!(
        cxx("int x(3); struct A {}; A y(A()); const int z{4};"),
        "x: int = 3; struct A {}; y: function(function() returning A) returning A; z: const int = {4}"
    );
    assert_eq!(
        cxx(
            "[[nodiscard]] constexpr bool f(const int &&a) noexcept { return a; } long operator\"\"_x(unsigned long long);"
        ),
        "constexpr f: function(rvalue to const int) returning bool; : function(ulonglong) returning long"
    );
    assert_eq!(
        cxx("decltype(auto) f(); decltype((x)) y = 1; std::decay_t<int> z; typename T::type w;"),
        "f: function() returning auto; y: decltype()(x) = 1; z: std::decay_t<type int>; w: T::type"
    );
}
