//! C declarations: specifiers, declarators, enums, functions.

use super::describe::c;

#[test]
fn specifiers_come_in_any_order() {
    // C11 6.7.2p2 lists the multisets.
    for (text, ty) in [
        ("long unsigned int long", "ulonglong"),
        ("int", "int"),
        ("unsigned", "uint"),
        ("short signed", "short"),
        ("int short unsigned", "ushort"),
        ("char unsigned", "uchar"),
        ("signed char", "schar"),
        ("char", "char"),
        ("double long", "longdouble"),
        ("long", "long"),
        ("long long", "longlong"),
        ("_Bool", "bool"),
        ("bool", "bool"),
        ("double _Complex", "complex double"),
        ("_Complex float", "complex float"),
        ("__complex__ long double", "complex longdouble"),
        ("__int128 unsigned", "uint128"),
        ("__int128_t", "int128"),
        ("__uint128_t", "uint128"),
        ("_Float128", "float128"),
        ("_Float64x", "longdouble"),
        ("_Float32", "float"),
        ("_Float16", "float16"),
        ("__signed__ char", "schar"),
        ("unsigned __int64", "ulonglong"),
        ("__int8", "char"),
        ("__int16", "short"),
        ("unsigned _BitInt(7)", "ubitint(7)"),
        ("_BitInt(7)", "bitint(7)"),
        ("_BitInt(7) unsigned", "ubitint(7)"),
        ("__builtin_va_list", "va_list"),
        ("_Decimal64", "decimal8"),
        ("const int volatile", "const volatile int"),
        ("int __const", "const int"),
        ("_Atomic int", "atomic int"),
        ("_Atomic(int)", "atomic(int)"),
    ] {
        assert_eq!(c(&format!("{text} x;")), format!("x: {ty}"));
    }
    assert_eq!(c("int typedef unsigned long_t;"), "typedef long_t: uint");
    assert_eq!(c("int const static x;"), "static x: const int");
    assert_eq!(c("_Thread_local static int x;"), "static x: int");
    assert_eq!(c("constexpr int n = 3;"), "constexpr n: int = 3");
    assert_eq!(c("auto n = 3;"), "n: auto = 3");
    assert_eq!(c("__auto_type n = 3;"), "n: auto = 3");
    assert_eq!(c("static auto int n = 3;"), "static n: int = 3");
}

#[test]
fn declarators_read_from_the_inside_out() {
    for (text, words) in [
        ("int *a[3];", "a: array[3] of pointer to int"),
        ("int (*a)[3];", "a: pointer to array[3] of int"),
        ("int (*(*f)(void))[2];", "f: pointer to function() returning pointer to array[2] of int"),
        (
            "char *(*(**foo[][8])(void))[];",
            "foo: array of array[8] of pointer to pointer to function() returning pointer to array of pointer to char",
        ),
        ("int (x);", "x: int"),
        ("int ((*x));", "x: pointer to int"),
        ("int *const *volatile p;", "p: volatile pointer to const pointer to int"),
        ("int f(int, ...);", "f: function(int ...) returning int"),
        (
            "int f(int (int), char *argv[]);",
            "f: function(function(int) returning int, array of pointer to char) returning int",
        ),
        (
            "int f(int a[static const 3], int n, int b[n][*]);",
            "f: function(array[3] of int, int, array[n] of array of int) returning int",
        ),
        (
            "void (*signal(int, void (*)(int)))(int);",
            "signal: function(int, pointer to function(int) returning void) returning pointer to function(int) returning void",
        ),
        ("int (^block)(int);", "block: pointer to function(int) returning int"),
        ("void (__stdcall *p)(int);", "p: pointer to function(int) returning void"),
        ("int * __ptr32 p;", "p: ptr32 pointer to int"),
        ("char *__restrict p, * _Nullable q;", "p: pointer to char, q: pointer to char"),
        ("int a[2][3];", "a: array[2] of array[3] of int"),
        ("int a, *b, c[2];", "a: int, b: pointer to int, c: array[2] of int"),
    ] {
        assert_eq!(c(text), words, "{text}");
    }
}

#[test]
fn a_name_is_a_typedef_only_where_its_scope_says_so() {
    assert_eq!(c("typedef int T; T T2;"), "typedef T: int; T2: T");
    // A member may be named like a typedef (C11 6.2.3).
    assert_eq!(c("typedef int T; struct s { T T; };"), "typedef T: int; struct s {T: T}");
    assert_eq!(c("typedef int T; struct s { const T; };"), "typedef T: int; struct s {const T}");
    assert_eq!(
        c("typedef int T; void f(int T, int a[sizeof(T)]); T x;"),
        "typedef T: int; f: function(int, array[sizeof T] of int) returning void; x: T"
    );
    // C11 6.7.6.3p11: a typedef name in parentheses of a parameter is the type of one.
    assert_eq!(
        c("typedef int T; void f(int (T));"),
        "typedef T: int; f: function(function(T) returning int) returning void"
    );
    assert_eq!(c("typedef struct foo foo; foo *x;"), "typedef foo: struct foo; x: pointer to foo");
    assert_eq!(c("struct foo { int a; } foo;"), "foo: struct foo {a: int}");
    assert_eq!(c("typedef unsigned char bool; bool b;"), "typedef bool: uchar; b: bool");
    assert_eq!(c("enum { false, true };"), "enum {false, true}");
    assert_eq!(c("typedef float _Float32; _Float32 f;"), "typedef _Float32: float; f: _Float32");
    assert_eq!(c("int class, new, template;"), "class: int, new: int, template: int");
}

#[test]
fn names_that_nobody_declared_are_types_where_only_a_type_can_be() {
    assert_eq!(
        c("struct s { uint32_t a; DWORD b, *c; uint8_t : 3; u8 d[4]; FN (*f)(WORD, LONG *x); };"),
        "struct s {a: uint32_t; b: DWORD, c: pointer to DWORD; : uint8_t : 3; d: array[4] of u8; \
         f: pointer to function(WORD, pointer to LONG) returning FN}"
    );
    assert_eq!(
        c("typedef __builtin_neon_poly64 poly64x2_t __attribute__((vector_size(16)));"),
        "typedef poly64x2_t: __builtin_neon_poly64 [vector 16]"
    );
    assert_eq!(c("int x = sizeof(uint16_t);"), "x: int = sizeof(uint16_t)");
    assert_eq!(c("int x = sizeof(FOO *);"), "x: int = sizeof(pointer to FOO)");
    assert_eq!(c("int x = (DWORD)3 + (A)(b);"), "x: int = (cast(DWORD, 3) Add A(b))");
}

#[test]
fn members_are_of_all_kinds() {
    assert_eq!(
        c(
            "struct s { unsigned a:3, :0, b:(1 + 2); struct { int x; }; union { int y; float z; } u; char tail[]; };"
        ),
        "struct s {a: uint : 3, : uint : 0, b: uint : (1 Add 2); struct {x: int}; \
         u: union {y: int; z: float}; tail: array of char}"
    );
    assert_eq!(c("struct s { __extension__ struct { int a; }; ; };"), "struct s {struct {a: int}}");
    assert_eq!(
        c("struct s { enum e { A, B = 4, C } kind : 2; _Static_assert(B == 4, \"no\"); };"),
        "struct s {kind: enum e {A, B = 4, C} : 2; assert (B Equal 4) \"no\"}"
    );
    assert_eq!(c("struct;x".split(';').next().map_or("", |_| "struct s;")), "struct s");
    assert_eq!(c("struct s { } ;"), "struct s {}");
    assert_eq!(
        c("union u { int a; } *p, q;"),
        "p: pointer to union u {a: int}, q: union u {a: int}"
    );
}

#[test]
fn enums_have_values_types_and_attributes() {
    assert_eq!(
        c("enum e { A = 1 << 3, B __attribute__((deprecated)) = A | 1, };"),
        "enum e {A = (1 Shl 3), B = (A BitOr 1)}"
    );
    assert_eq!(c("enum e : unsigned char { A };"), "enum e : uchar {A}");
    assert_eq!(c("enum __attribute__((packed)) e { A };"), "enum e [packed] {A}");
    assert_eq!(c("enum e { A } __attribute__((__packed__)) x;"), "x: enum e [packed] {A}");
    assert_eq!(
        c("struct s { enum e { A } : 3; enum e x : 2; };"),
        "struct s {: enum e {A} : 3; x: enum e : 2}"
    );
    assert_eq!(c("enum e : short;"), "enum e : short");
}

#[test]
fn bodies_of_functions_are_skipped() {
    assert_eq!(
        c("int f(int a) { if (a) { return a; } } int x;"),
        "f: function(int) returning int; x: int"
    );
    assert_eq!(c("main() { return 0; }"), "main: function() returning implicit");
    assert_eq!(
        c("int f(a, b) int a; char *b; { return a; } int x;"),
        "f: function() returning int; x: int"
    );
    assert_eq!(c("f(a) struct s *a; { }"), "f: function() returning implicit");
    assert_eq!(
        c(
            "int f(void) { __label__ l; switch (1) { case 1 ... 3: ; } int g(void) { return ({ int y = 1; y; }); } return g(); } int x;"
        ),
        "f: function() returning int; x: int"
    );
    assert_eq!(
        c("int f(void) __asm__(\"g\") __attribute__((nothrow));"),
        "f: function() returning int"
    );
    assert_eq!(c("int x __asm__(\"y\"); asm(\".globl x\");"), "x: int; skipped");
    assert_eq!(
        c(
            "static __inline__ __attribute__((always_inline)) int f(void) { } _Noreturn void g(void);"
        ),
        "static f: function() returning int; g: function() returning void"
    );
}

#[test]
fn initialisers_are_kept_where_they_are_expressions() {
    assert_eq!(c("int x = 1, y = 2;"), "x: int = 1, y: int = 2");
    assert_eq!(c("int a[] = {1, 2, 3};"), "a: array of int = {1, 2, 3}");
    assert_eq!(c("int a[][2] = {{1, 2}, {3}};"), "a: array of array[2] of int = {{1, 2}, {3}}");
    assert_eq!(c("struct s a = { .x = 1, .y = { 2 } };"), "a: struct s = opaque");
    assert_eq!(c("int a[] = { [3] = 1 };"), "a: array of int = opaque");
    assert_eq!(c("char s[] = \"abc\" \"d\";"), "s: array of char = None\"5\"");
    assert_eq!(
        c("struct s *p = &(struct s){ .a = 1 };"),
        "p: pointer to struct s = AddressOf(literal(struct s, opaque))"
    );
    assert_eq!(c("int x = ({ int y = 3; y; });"), "x: int = opaque");
}

#[test]
fn typeof_takes_types_and_expressions() {
    assert_eq!(c("typeof(int *) p;"), "p: typeof(pointer to int)");
    assert_eq!(c("int a; __typeof__(a + 1) b;"), "a: int; b: typeof((a Add 1))");
    assert_eq!(c("typeof_unqual(const int) b;"), "b: unqualified typeof(const int)");
}
