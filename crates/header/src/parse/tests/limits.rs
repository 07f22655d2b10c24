//! Nesting is bounded, and time is linear.

use std::time::{Duration, Instant};

use super::support::unit;
use crate::Lang;
use crate::error::HeaderErrorKind;

/// Parses on the stack that a thread has by default.
#[track_caller]
fn kind(text: &str, lang: Lang) -> Option<HeaderErrorKind> {
    unit(text, lang).items.err().map(|error| error.kind())
}

/// `count` times `open`, then `middle`, then as many `close`.
fn nest(open: &str, middle: &str, close: &str, count: usize) -> String {
    format!("{}{middle}{}", open.repeat(count), close.repeat(count))
}

#[test]
fn nesting_beyond_the_limit_is_refused() {
    let deep = |open, middle, close| nest(open, middle, close, 10_000);
    for text in [
        format!("int x[{}];", deep("(", "1", ")")),
        format!("enum {{ A = {} }};", deep("-", "1", "")),
        format!("int a[{}1];", "1 + ".repeat(10_000)),
        format!("int a[1{}];", ", 1".repeat(10_000)),
        format!("int a[{}1];", "1 ? 1 : ".repeat(10_000)),
        format!("int a[x{}];", "[0]".repeat(10_000)),
        format!("int a[x{}];", ".y".repeat(10_000)),
        format!("int a[{}1];", "sizeof ".repeat(10_000)),
        format!("int a[{}];", deep("sizeof(int[", "1", "])")),
        format!("int a[{}];", deep("(int)(", "1", ")")),
        deep("struct { ", "int a; ", "} x; "),
        format!("int {};", deep("(", "x", ")")),
        format!("int {}x;", "*".repeat(10_000)),
        format!("int x{};", "[1]".repeat(10_000)),
        format!("int f{};", deep("(int (", "int", "))")),
        format!("typeof{};", deep("(typeof", "(int)", ")")),
        format!("int a __attribute__((aligned({})));", deep("(", "1", ")")),
    ] {
        let head: String = text.chars().take(30).collect();
        for lang in [Lang::C, Lang::Cxx] {
            assert!(kind(&text, lang).is_some(), "{head}");
        }
        assert_eq!(kind(&text, Lang::C), Some(HeaderErrorKind::Limit), "{head}");
    }
    for text in [
        deep("namespace a { ", "", "} "),
        deep("extern \"C\" { ", "", "} "),
        deep("struct a { ", "", "}; "),
        format!("{} x;", deep("a<", "int", ">")),
        format!("int x = {};", deep("{", "1", "}")),
    ] {
        let _ = kind(&text, Lang::Cxx);
    }
}

#[test]
fn nesting_up_to_the_limit_is_taken() {
    for text in [
        format!("int x[{}];", nest("(", "1", ")", 100)),
        nest("struct { ", "int a; ", "} x; ", 60),
        format!("int {};", nest("(", "x", ")", 200)),
        format!("int a[{}1];", "1 + ".repeat(250)),
    ] {
        assert_eq!(kind(&text, Lang::C), None, "{text}");
    }
}

/// Text that would take a parser that tries and goes back quadratic or exponential time.
#[test]
fn time_is_linear() {
    let many = |text: &str| text.repeat(20_000);
    for text in [
        format!("x = {};", many("a < ")),
        format!("int x = {};", many("a < ")),
        format!("int x = {};", many("f(a<b,c>")),
        format!("a{} x;", many("<a")),
        format!("a{} x;", many("<b, a")),
        format!("int x = {}", many("[")),
        format!("int x = {}", many("{")),
        format!("int x = {}", many("(")),
        many("template <"),
        many("template <class T, int N = 3 < "),
        many("a::"),
        many("struct x : a<"),
        many("int f(int (*)("),
        many("x (y) "),
        many("using namespace a; "),
        format!("{} x;", many("const ")),
        many("__attribute__((aligned("),
        many("(T)"),
        many("[[a]] "),
        many("class X { X("),
        many("int a; }"),
        many("#pragma pack(push, 1)\n"),
        many("operator "),
        many("enum { a = "),
        many("int f(a, "),
        format!("struct X {{ int x = {}; }};", nest("X{", "", "}", 200)),
        format!("struct X {{ int x = {}; }};", nest("f<int>(", "]", ")", 200)),
    ] {
        let head: String = text.chars().take(30).collect();
        for lang in [Lang::C, Lang::Cxx] {
            let start = Instant::now();
            let _ = kind(&text, lang);
            let took = start.elapsed();
            assert!(took < Duration::from_secs(3), "{head}: {took:?}");
        }
    }
}
