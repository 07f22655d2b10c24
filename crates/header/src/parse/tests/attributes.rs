//! Attributes are where gcc has them; `#pragma pack` is what was in force.

use super::describe::{c, cxx};

#[test]
fn a_record_has_the_attributes_after_its_keyword_and_after_its_body() {
    assert_eq!(c("struct __attribute__((packed)) s { int a; };"), "struct s [packed] {a: int}");
    assert_eq!(
        c("struct s { int a; } __attribute__((packed, aligned(4)));"),
        "struct s [packed, aligned 4] {a: int}"
    );
    assert_eq!(
        c("struct s { int a; } __attribute__((packed)) x;"),
        "x: struct s [packed] {a: int}"
    );
    assert_eq!(
        cxx("struct [[gnu::packed]] alignas(8) s { int a; };"),
        "struct s [packed, alignas 8] {a: int}"
    );
    assert_eq!(c("struct __declspec(align(16)) s { int a; };"), "struct s [align 16] {a: int}");
}

#[test]
fn attributes_elsewhere_are_not_the_records() {
    // After the typedef's name, and in front of `struct`, gcc ignores `packed`.
    assert_eq!(
        c("typedef struct { int a; } P __attribute__((packed));"),
        "typedef P: struct {a: int} [packed]"
    );
    assert_eq!(c("__attribute__((packed)) struct s { int a; };"), "struct s {a: int} [packed]");
    assert_eq!(c("typedef __attribute__((aligned(8))) int T;"), "typedef T: int [aligned 8]");
    assert_eq!(c("__declspec(align(32)) struct s { int a; };"), "struct s {a: int} [align 32]");
    assert_eq!(
        c("struct t { struct s __attribute__((aligned(8))) a, b; };"),
        "struct t {a: struct s [aligned 8], b: struct s [aligned 8]}"
    );
    // Standard attributes after a type change nothing (C++ dcl.spec.general).
    assert_eq!(cxx("struct s { int a; } [[gnu::packed]] x;"), "x: struct s {a: int}");
}

#[test]
fn attributes_of_declarators_are_theirs_alone() {
    assert_eq!(
        c("struct s { int a __attribute__((packed)), b; __attribute__((aligned(8))) char c, d; };"),
        "struct s {a: int [packed], b: int; c: char [aligned 8], d: char [aligned 8]}"
    );
    assert_eq!(c("int a, __attribute__((aligned(8))) b, c;"), "a: int, b: int [aligned 8], c: int");
    assert_eq!(
        c("struct s { int a : 3 __attribute__((packed)); };"),
        "struct s {a: int : 3 [packed]}"
    );
    assert_eq!(c("int (__attribute__((aligned(8))) x);"), "x: int [aligned 8]");
    assert_eq!(c("char *__attribute__((aligned(8))) p;"), "p: pointer [aligned 8] to char");
    assert_eq!(c("int x [[gnu::aligned(8)]];"), "x: int [aligned 8]");
    assert_eq!(
        cxx(
            "struct s { [[no_unique_address]] e a; e b [[no_unique_address]]; [[msvc::no_unique_address]] e c; };"
        ),
        "struct s {a: e [no_unique_address]; b: e [no_unique_address]; c: e [msvc no_unique_address]}"
    );
}

#[test]
fn names_of_attributes_have_underscores_or_not() {
    assert_eq!(
        c(
            "int x __attribute__((__aligned__(8), __mode__(__DI__), vector_size(16), aligned, __unused__, , nonnull(1, 2)));"
        ),
        "x: int [aligned 8, mode DI, vector 16, aligned]"
    );
    assert_eq!(
        c("int x [[__gnu__::__packed__, gnu::aligned(2), vendor::thing(a, b)]];"),
        "x: int [packed, aligned 2]"
    );
    assert_eq!(cxx("int x [[using gnu: packed, aligned(2)]];"), "x: int [packed, aligned 2]");
    assert_eq!(
        c(
            "struct s { int a; } __attribute__((ms_struct)); struct t { int a; } __attribute__((gcc_struct, scalar_storage_order(\"big-endian\")));"
        ),
        "struct s [ms_struct] {a: int}; struct t [gcc_struct, big true] {a: int}"
    );
    assert_eq!(
        c("typedef float v4 __attribute__((ext_vector_type(4)));"),
        "typedef v4: float [ext_vector 4]"
    );
    assert_eq!(
        c("union u { int a; } __attribute__((transparent_union));"),
        "union u [transparent_union] {a: int}"
    );
    assert_eq!(
        cxx("struct __declspec(empty_bases) s : a {};"),
        "struct s [empty_bases] < public a {}"
    );
    assert_eq!(
        c("__declspec(dllexport deprecated(\"x\")) int f(void);"),
        "f: function() returning int"
    );
}

#[test]
fn arguments_of_attributes_are_expressions() {
    assert_eq!(
        c("struct x; struct s { int a; } __attribute__((aligned(__alignof__(struct x) * 2)));"),
        "struct x; struct s [aligned (palignof(struct x) Mul 2)] {a: int}"
    );
    assert_eq!(
        c("_Alignas(double) char x; alignas(2 * 8) int y;"),
        "x: char [alignas double]; y: int [alignas (2 Mul 8)]"
    );
}

#[test]
fn pack_is_a_stack() {
    let s = "struct s { int a; };";
    let packed =
        |text: &str| c(&text.replace("S", s)).replace("struct s", "").replace(" {a: int}", "");
    // MS documentation of `pack`, gcc's "Structure-Layout Pragmas".
    assert_eq!(packed("#pragma pack(1)\nS\n#pragma pack()\nS"), " pack(1); ");
    assert_eq!(packed("#pragma pack(push, 2)\nS\n#pragma pack(pop)\nS"), " pack(2); ");
    assert_eq!(
        packed("#pragma pack(push)\n#pragma pack(4)\nS\n#pragma pack(pop)\nS"),
        " pack(4); "
    );
    assert_eq!(
        packed(
            "#pragma pack(push, a, 1)\n#pragma pack(push, b, 2)\n#pragma pack(push, 4)\nS\n#pragma pack(pop, a)\nS"
        ),
        " pack(4); "
    );
    assert_eq!(packed("#pragma pack(pop)\nS\n#pragma pack(0)\nS"), "; ");
    assert_eq!(
        packed("#pragma options align=packed\nS\n#pragma options align=reset\nS"),
        " pack(1..0); "
    );
    assert_eq!(
        packed("#pragma ms_struct on\nS\n#pragma ms_struct off\nS\n#pragma ms_struct reset\nS"),
        " ms_struct(true);  ms_struct(false); "
    );
    // gcc and clang warn about a number that is no alignment, and ignore the directive.
    assert_eq!(packed("#pragma pack(3)\nS\n#pragma pack(push, 5)\nS"), "; ");
    assert_eq!(packed("#pragma once\n#pragma GCC poison x\nS"), "");
}

/// Sizes by gcc 12 and by clang 19 for x86_64-pc-windows-msvc.
#[test]
fn compilers_differ_in_odd_forms_of_pack() {
    let s = "struct s { int a; };";
    let packed = |text: &str| c(&format!("{text}\n{s}"));
    // gcc pops where there is no such name.
    assert_eq!(
        packed("#pragma pack(push, 1)\n#pragma pack(pop, nobody)"),
        "struct s pack(1..0) {a: int}"
    );
    // gcc ignores a `pop` with a number.
    assert_eq!(
        packed("#pragma pack(push, 1)\n#pragma pack(pop, 8)"),
        "struct s pack(8..1) {a: int}"
    );
    // gcc takes the name after the number.
    assert_eq!(packed("#pragma pack(push, 4, x)"), "struct s pack(0..4) {a: int}");
}

#[test]
fn pack_may_change_between_members() {
    assert_eq!(
        c("#pragma pack(1)\nstruct s {\n#pragma pack(4)\n int a; };"),
        "struct s pack(1..4) {a: int}"
    );
    assert_eq!(
        c(
            "struct s {\n#pragma pack(push, 1)\n struct { int a; } t;\n#pragma pack(pop)\n int b; };"
        ),
        "struct s {t: struct pack(1) {a: int}; b: int}"
    );
}
