//! What both compilers refuse is refused here, with what was needed and what was found.

use std::io::Write;
use std::process::Stdio;

use super::support::unit;
use crate::Lang;

/// What gcc takes with a warning and this parser refuses: a declaration without a type is a macro
/// that nobody defined.
const TAKEN_BY_GCC: [&str; 2] = ["DECLARE_FOO(x);", "FOO;"];

#[track_caller]
fn refused(text: &str, lang: Lang, at: (u32, u32), message: &str) {
    let error = unit(text, lang).items.expect_err(text);
    assert_eq!(error.message(), message, "{text}");
    assert_eq!((error.line(), error.column()), at, "{text}");
    if TAKEN_BY_GCC.contains(&text) {
        return;
    }
    let (name, flags) = match lang {
        Lang::C => ("gcc", ["-x", "c"]),
        Lang::Cxx => ("g++", ["-x", "c++"]),
    };
    let Some(mut compiler) = cwire_tests::tool(name) else { return };
    let flags = flags.iter().chain(&["-fsyntax-only", "-w", "-"]);
    let mut child =
        compiler.args(flags).stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(!child.wait().unwrap().success(), "{name} takes {text}");
}

#[test]
fn errors_of_c_name_what_was_needed_and_what_was_found() {
    let c = |text, at, message| refused(text, Lang::C, at, message);
    c("struct s { int a }", (1, 18), "expected `;` after the member, found `}`");
    c(
        "struct s {\n int a;",
        (1, 10),
        "expected `}` to close this `{`, found the end of the header",
    );
    c("int x", (1, 5), "expected `;` after the declarator, found the end of the header");
    c("int a[3;", (1, 8), "expected `]` after the bound of the array, found `;`");
    c("int int x;", (1, 5), "expected `;` or a declarator after the type, found keyword `int`");
    c(
        "struct s { int a; } int x;",
        (1, 21),
        "expected `;` or a declarator after the type, found keyword `int`",
    );
    c("long char x;", (1, 1), "expected words that make a type, found `long char`");
    c("enum { A = };", (1, 12), "expected an expression, found `}`");
    c("enum { 1 };", (1, 8), "expected the name of an enumerator, found `1`");
    c("int a[08];", (1, 7), "expected digits of base 8, found `08`");
    c("int a[1x];", (1, 7), "expected an integer constant, found `1x`");
    c("int a[''];", (1, 7), "expected a character between the quotes, found none");
    c("} int x;", (1, 1), "expected a declaration, found `}`");
    c("int a, ;", (1, 8), "expected a name in the declarator, found `;`");
    c("int x = ;", (1, 9), "expected an initialiser after `=`, found `;`");
    c("int (*x;", (1, 8), "expected `)` after the declarator in parentheses, found `;`");
    c(
        "int f() { if (1) {",
        (1, 9),
        "expected the end of the function body, but `{` has no partner",
    );
    c(
        "struct s { int a; } __attribute__((packed);",
        (1, 43),
        "expected `)` after the attributes, found `;`",
    );
    c(
        "int x __attribute__((aligned(3 4)));",
        (1, 32),
        "expected `)` after the argument of `aligned`, found `4`",
    );
    c(
        "extern \"C\" { int x; }",
        (1, 1),
        "expected a declaration of C, found `extern \"…\"` of C++",
    );
    c(
        "_Static_assert(1, \"x\")",
        (1, 22),
        "expected `;` after `static_assert(…)`, found the end of the header",
    );
}

#[test]
fn macros_that_nobody_defined_are_named() {
    let c = |text, at, name: &str| {
        let message = format!(
            "expected a declaration, but `{name}` is neither a type nor a macro that is defined here"
        );
        refused(text, Lang::C, at, &message);
    };
    c("DECLARE_FOO(x);", (1, 1), "DECLARE_FOO(…)");
    c("FOO;", (1, 1), "FOO");
    c("EXPORT_API int f(void);", (1, 1), "EXPORT_API");
    c("int x;\n  EXPORT_API struct s { int a; };", (2, 3), "EXPORT_API");
    c("API size_t f(void);", (1, 1), "API");
    c("struct s { DECLARE_BITMAP(x, 3); };", (1, 12), "DECLARE_BITMAP(…)");
    c("struct s { MACRO int a; };", (1, 12), "MACRO");
    c("template <class T> struct X {};", (1, 1), "template");
    refused(
        "struct PACKED s { int a; };",
        Lang::C,
        (1, 17),
        "expected `;` after the declarator (`PACKED` may be a macro that is not defined here), found `{`",
    );
    refused(
        "struct API s { int a; };",
        Lang::Cxx,
        (1, 14),
        "expected `;` after the declarator (`API` may be a macro that is not defined here), found `{`",
    );
    refused(
        "int f(void) ATTR;",
        Lang::C,
        (1, 13),
        "expected `;` after the declarator (`ATTR` may be a macro that is not defined here), found `ATTR`",
    );
    refused(
        "typedef int (WINAPI *F)(int);",
        Lang::C,
        (1, 21),
        "expected `)` after the declarator in parentheses (`WINAPI` may be a macro that is not defined here), found `*`",
    );
    refused(
        "int WINAPI f(void);",
        Lang::C,
        (1, 12),
        "expected `;` after the declarator (`WINAPI` may be a macro that is not defined here), found `f`",
    );
    refused(
        "int f(void) ATTR(1);",
        Lang::C,
        (1, 13),
        "expected `;` after the declarator (`ATTR(…)` may be a macro that is not defined here), found `ATTR`",
    );
    refused(
        "struct X { signals: int a; };",
        Lang::Cxx,
        (1, 12),
        "expected a declaration, but `signals:` is neither a type nor a macro that is defined here",
    );
}

#[test]
fn errors_of_cxx_name_what_was_needed_and_what_was_found() {
    let cxx = |text, at, message| refused(text, Lang::Cxx, at, message);
    cxx("struct X { X(int; };", (1, 19), "expected the type of a parameter, found `}`");
    cxx(
        "template <class T struct X {};",
        (1, 10),
        "expected `>` to close this `<`, found the end of the declaration",
    );
    cxx(
        "namespace a {\n int x;",
        (1, 13),
        "expected `}` to close this `{`, found the end of the header",
    );
    cxx("using x = ;", (1, 11), "expected a type, found `;`");
    cxx("using namespace;", (1, 16), "expected the name of a namespace, found `;`");
    cxx(
        "struct X { private int a; };",
        (1, 20),
        "expected `:` after the access label, found keyword `int`",
    );
    cxx("struct X { int a = ; };", (1, 20), "expected an initialiser after `=`, found `;`");
    cxx("struct X { virtual; };", (1, 19), "expected a type, found `;`");
    cxx(
        "struct X { void f() = 3; };",
        (1, 23),
        "expected `0`, `default` or `delete` after `=`, found `3`",
    );
    cxx(
        "struct X { int a[static_cast<int>(3]; };",
        (1, 36),
        "expected `)` after the operand, found `]`",
    );
    cxx("struct X { X() : {} };", (1, 21), "expected `{` of the function body, found `}`");
    cxx("struct X { friend };", (1, 19), "expected `;`, found `}`");
}
