//! How errors read, and where they point.

use super::*;

#[test]
fn an_error_shows_chain_line_and_caret() {
    let files = [
        ("main.h", "int a;\n#include \"a.h\"\n"),
        ("a.h", "\n\n  #include \"b.h\""),
        ("b.h", "#define f(x) x\n\tint 가; f(1, 2)\n"),
    ];
    let error = run(&files, &linux()).expect_err("f takes one");
    assert_eq!(
        error.to_string(),
        "In file included from a.h:3,\n                 from main.h:2:\n\
         b.h:2:9: error: macro `f` takes 1 argument, found 2\n    2 | \tint 가; f(1, 2)\n      | \t       ^"
    );
    assert_eq!((error.file(), error.line(), error.column()), ("b.h", 2, 9));
    assert_eq!(error.kind(), HeaderErrorKind::Preprocessing);
    assert_eq!(error.source_line(), "\tint 가; f(1, 2)");
}

#[test]
fn a_missing_file_is_said_with_where_it_was_looked_for() {
    let error = run(&[("main.h", "  #include \"no.h\"")], &linux()).expect_err("there is none");
    assert_eq!(error.kind(), HeaderErrorKind::File);
    assert_eq!(
        error.message(),
        "expected a file or built-in header \"no.h\", found none: it is not beside this file; no folder was given with -I"
    );
    let missing = preprocess(&Memory::default(), Path::new("no.h"), &linux(), Lang::C)
        .expect_err("there is none");
    assert_eq!(missing.to_string(), "no.h: error: the file cannot be read: no such file");
}

#[test]
fn error_directives_give_their_text() {
    assert_eq!(
        refuse("x\n #error don't use \"this\" // at all"),
        ("#error don't use \"this\" // at all".to_owned(), 2, 2)
    );
    let error = run(&[("main.h", "#error")], &linux()).expect_err("it says so");
    assert_eq!((error.kind(), error.message()), (HeaderErrorKind::ErrorDirective, "#error"));
}

#[test]
fn errors_point_at_what_is_wrong() {
    for (text, message, line, column) in [
        ("a\n/* b", "expected `*/` to close the comment, found the end of the file", 2, 1),
        ("a\n \"b", "expected the closing `\"`, found the end of the line", 2, 2),
        ("L'b", "expected the closing `'`, found the end of the line", 1, 1),
        (
            "R\"(b",
            "expected the closing delimiter of the raw string, found the end of the file",
            1,
            1,
        ),
        (
            "#if 1\n#if 0\n#endif",
            "expected `#endif` for this condition, found the end of the file",
            1,
            1,
        ),
        (
            "#if 1 +\n#endif",
            "expected an operand in the condition, found the end of the line",
            1,
            8,
        ),
        ("#if 4 / (2 - 2)\n#endif", "division by zero in the condition", 1, 7),
        ("#define f(x) #y", "expected a parameter of the macro after `#`, found `y`", 1, 15),
        ("#define f(x,x)", "the macro has two parameters called `x`", 1, 13),
        (
            "#define a ## b",
            "expected a token on each side of `##`, found it at an end of a macro",
            1,
            11,
        ),
        (
            "#define c(a,b) a##b\n c(+,x)",
            "`##` needs two tokens that make one, found `+` and `x`",
            2,
            2,
        ),
        ("#foo", "expected a preprocessing directive after `#`, found `foo`", 1, 2),
        (
            "#define f(x) x\n f(1",
            "expected `)` at the end of the arguments of macro `f`, found the end",
            2,
            2,
        ),
        (
            "#define f(x) x\nf(\n#include <stddef.h>\n)",
            "`#include` cannot stand among the arguments of a macro",
            3,
            1,
        ),
        (
            "#if 99999999999999999999\n#endif",
            "expected an integer constant of at most 64 bits, found `99999999999999999999`",
            1,
            5,
        ),
    ] {
        assert_eq!(refuse(text), (message.to_owned(), line, column), "{text}");
    }
}

#[test]
fn a_macro_of_the_command_line_is_checked_as_one() {
    let define =
        |name: &str, value: &str| MacroFlag::Define { name: name.into(), value: value.into() };
    let options = Options {
        macros: vec![
            define("A", "1"),
            define("f(x)", "x+x"),
            MacroFlag::Undef("A".into()),
            define("B", "2\n#error no"),
        ],
        ..linux()
    };
    let preprocessed = run(&[("main.h", "A f(3)")], &options).expect("they are well-formed");
    assert_eq!(spellings(&preprocessed).join(" "), "A 3 + 3");
    let options = Options { macros: vec![define("1A", "1")], ..linux() };
    let error = run(&[("main.h", "")], &options).expect_err("it is no name");
    assert_eq!(error.message(), "expected the name of a macro, found `1A`");
    assert_eq!(error.file(), "<command line>");
}

#[test]
fn a_long_line_is_shown_around_the_error() {
    let text = format!("{}\x1b[31m @\n{}#error", " ".repeat(10), "");
    let error = run(&[("main.h", &text)], &linux()).expect_err("it says so");
    assert_eq!(error.line(), 2);
    let text = format!("{} \"open\x1b", "x ".repeat(5000));
    let shown = run(&[("main.h", &text)], &linux()).expect_err("it is open").to_string();
    assert!(shown.len() < 600 && !shown.contains('\x1b'), "{shown}");
}
