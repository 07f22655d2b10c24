//! Macro expansion where no compiler is asked: limits, what callers may ask afterwards.

use proptest::prelude::*;

use super::*;

#[test]
fn positions_are_those_of_the_use_and_of_the_arguments() {
    let preprocessed = run(&[("main.h", "#define f(x) int x;\n\n  f(\n  name)")], &linux())
        .expect("it is well-formed");
    let at = |index: usize| {
        let position = preprocessed.sources.position(preprocessed.tokens[index].loc);
        (position.line, position.column)
    };
    assert_eq!((at(0), at(1), at(2)), ((3, 3), (4, 3), (3, 3)));
}

#[test]
fn macros_can_be_asked_for_afterwards() {
    let text = "#define A (B + 1)\n#define B 2\n#define f(x) x\n#define GONE 1\n#undef GONE\n#define A (B + 3)";
    let mut preprocessed = run(&[("main.h", text)], &linux()).expect("it is well-formed");
    let names: Vec<_> = preprocessed
        .object_macros()
        .iter()
        .map(|object| preprocessed.symbols.text(object.name).to_owned())
        .collect();
    assert_eq!(names, ["B", "A"]);
    assert!(preprocessed.is_defined("f") && !preprocessed.is_defined("GONE"));
    let tokens = preprocessed.expand("f(A)").expect("it is well-formed");
    let spelled: Vec<_> =
        tokens.iter().map(|token| preprocessed.symbols.text(token.text)).collect();
    assert_eq!(spelled, ["(", "2", "+", "3", ")"]);
    let error = preprocessed.expand("f(").expect_err("it has no end");
    assert_eq!(
        error.to_string(),
        "<expression>:1:1: error: expected `)` at the end of the arguments of macro `f`, found the end\n    1 | f(\n      | ^"
    );
    assert_eq!(preprocessed.expand("A").expect("an error leaves no trace").len(), 5);
}

#[test]
fn expansion_is_limited_whatever_makes_it_grow() {
    let doubling = |body: &str, last: &str| {
        let mut text = format!("#define m0{last}\n");
        for level in 1..60 {
            let inner = format!("m{}", level - 1);
            text.push_str(&format!("#define m{level}{}\n", body.replace('@', &inner)));
        }
        text
    };
    for (definitions, used) in [
        (doubling(" @ @", " x"), "m59"),
        (doubling("(x) @(x x)", "(x) x"), "m59(a)"),
        (doubling("(x) @(x##x)", "(x) x"), "m59(a)"),
        (doubling("(x) @(x)@(x)", "(x) x"), "m59(a)"),
        (
            "#define s(x) #x\n#define xs(x) s(x)\n".to_owned(),
            &*format!("{}\"\\\"{}", "xs(".repeat(60), ")".repeat(60)),
        ),
    ] {
        let text = format!("{definitions}{used}");
        if let Err(error) = run(&[("main.h", &text)], &linux()) {
            assert!(
                matches!(
                    error.kind(),
                    HeaderErrorKind::Limit
                        | HeaderErrorKind::Lexical
                        | HeaderErrorKind::Preprocessing
                ),
                "{error}"
            );
        }
    }
    let text = doubling(" @ @", " x") + "\nm59";
    let error = run(&[("main.h", &text)], &linux()).expect_err("it is too much");
    assert_eq!(error.kind(), HeaderErrorKind::Limit);
    assert_eq!(error.message(), "macros expand to at most 1048576 tokens, found more");
    assert_eq!(error.line(), 62);
}

#[test]
fn the_limit_of_expansion_is_the_limit() {
    let options =
        Options { limits: Limits { expansion_tokens: 100, ..Limits::default() }, ..linux() };
    // Beside the limit, one token is free for each byte of text.
    let text = |tokens: usize| {
        format!("#define f(x) x x x x x x x x\n#define g(x) f(f(f(x)))\n{}", "g(1)".repeat(tokens))
    };
    assert!(run(&[("main.h", "#define a 1\na a a")], &options).is_ok());
    let error = run(&[("main.h", &text(40))], &options).expect_err("it is too much");
    assert_eq!(error.message(), "macros expand to at most 100 tokens, found more");
}

#[test]
fn uses_nest_up_to_the_limit() {
    let nested =
        |depth: usize| format!("#define f(x) x\n{}1{}", "f(".repeat(depth), ")".repeat(depth));
    assert_eq!(expand(&nested(250)), "1");
    let error = run(&[("main.h", &nested(300))], &linux()).expect_err("it is too deep");
    assert_eq!(error.message(), "uses of macros nest at most 256 deep, found more");
    // What cannot be a use nests as deep as it likes.
    assert_eq!(
        expand(&format!("#define f(x) x\nf({}{})", "(".repeat(9999), ")".repeat(9999))).len(),
        2 * 19998 - 1
    );
}

#[test]
fn pragmas_are_tokens_in_their_place() {
    assert_eq!(
        expand(
            "a\n#pragma   pack( push ,1 ) // c\nb _Pragma(\"pack(pop)\") c\n#define P(x) _Pragma(#x)\nP(message(\"m\")) d"
        ),
        "a #pragma pack( push ,1 ) b #pragma pack(pop) c #pragma message(\"m\") d"
    );
}

#[test]
fn macros_in_pragmas_are_replaced_as_compilers_do() {
    let text = "#define N 4\n#define pack foo\n#pragma pack(N)\n#pragma other N";
    let expand =
        |abi| spellings(&run(&[("main.h", text)], &Options::new(abi)).expect("it is well-formed"));
    assert_eq!(expand(Abi::X86_64_LINUX), ["#pragma pack(N)", "#pragma other N"]);
    assert_eq!(expand(Abi::X86_64_WINDOWS_GNU), ["#pragma pack(N)", "#pragma other N"]);
    assert_eq!(expand(Abi::AARCH64_APPLE), ["#pragma pack(4)", "#pragma other N"]);
    assert_eq!(expand(Abi::X86_64_WINDOWS), ["#pragma foo(4)", "#pragma other 4"]);
}

#[test]
fn cl_exe_has_pragmas_in_parentheses_and_drops_commas() {
    let options = Options::new(Abi::X86_64_WINDOWS);
    let text = "#define P __pragma(pack(push, 1)) x\nP\n#define f(a, ...) g(a, __VA_ARGS__)\nf(1) f(1,2)\n#define c(a,b) a##b\nc(+,x)";
    let preprocessed = run(&[("main.h", text)], &options).expect("it is well-formed");
    assert_eq!(
        spellings(&preprocessed).join(" "),
        "#pragma pack(push, 1) x g ( 1 ) g ( 1 , 2 ) + x"
    );
}

#[test]
fn alternative_tokens_are_operators_in_cxx() {
    let options = Options { lang: Some(Lang::Cxx), ..linux() };
    let preprocessed = run(&[("main.h", "a and b")], &options).expect("it is well-formed");
    assert!(preprocessed.tokens[1].is(Punct::AmpAmp));
    assert!(run(&[("main.h", "and")], &linux()).expect("a name in C").tokens[0].is_ident(kw::AND));
}

/// Pieces that make directives and macros likely.
fn piece() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "#define ",
        "#undef ",
        "#if ",
        "#ifdef ",
        "#ifndef ",
        "#elif ",
        "#else\n",
        "#endif\n",
        "#include ",
        "#pragma ",
        "#line ",
        "\"a.h\"\n",
        "\"b.h\"\n",
        "\n",
        " ",
        "(",
        ")",
        ",",
        "#",
        "##",
        "...",
        "__VA_ARGS__",
        "__VA_OPT__(",
        "f",
        "g",
        "x",
        "f(x) ",
        "g(x, ...) ",
        "1",
        "\"s\"",
        "'c'",
        "\\\n",
        "/*",
        "*/",
        "//",
        "defined",
        "__has_include(",
        "_Pragma(\"",
        "\")",
        "__LINE__",
        "__COUNTER__",
        "R\"(",
        "&&",
        "?",
        ":",
        "\x0c",
        "once\n",
        "push_macro(\"f\")\n",
        "pop_macro(\"f\")\n",
        "가",
        "\\u00c1",
        "$",
        "@",
        "'",
        "\"",
    ]);
    prop_oneof![8 => fixed.prop_map(str::to_owned), 1 => "[ -~]{0,6}", 1 => any::<char>().prop_map(String::from)]
}

proptest! {
    /// Whatever the text, reading it ends without a panic; what is read has positions.
    #[test]
    fn any_text_is_read_or_refused(
        choice in any::<[u8; 2]>(),
        pieces in prop::collection::vec(piece(), 0..80),
    ) {
        let mut data = choice.to_vec();
        data.extend(pieces.concat().into_bytes());
        fuzz::preprocess_bytes(&data);
    }

    /// Bytes that are no text, too.
    #[test]
    fn any_bytes_are_read_or_refused(data in prop::collection::vec(any::<u8>(), 0..300)) {
        fuzz::preprocess_bytes(&data);
    }

    /// Preprocessing what came out changes nothing, where no macro is left to replace.
    #[test]
    fn expansion_is_idempotent(pieces in prop::collection::vec("[a-z(),+]{1,6} ", 0..40)) {
        let text = format!("#define f(x, y) <x|y>\n#define g(x) f(x, x)\n#define h 1 i\n{}", pieces.concat());
        if let Ok(once) = run(&[("main.h", &text)], &linux()) {
            let once = spellings(&once).join(" ");
            prop_assert_eq!(expand(&once), once.clone());
        }
    }
}

#[test]
fn seeds_of_the_fuzz_target_are_read_or_refused() {
    cwire_tests::replay("preprocess", fuzz::preprocess_bytes);
}
