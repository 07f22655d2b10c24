//! `#include`: search, guards, limits.

use std::cell::RefCell;

use super::*;

fn with_dirs(dirs: &[&str]) -> Options {
    Options { include_dirs: dirs.iter().map(PathBuf::from).collect(), ..linux() }
}

#[track_caller]
fn read(files: &[(&str, &str)], options: &Options) -> String {
    match run(files, options) {
        Ok(preprocessed) => spellings(&preprocessed).join(" "),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn quotes_look_beside_the_file_and_brackets_do_not() {
    let files = [
        (
            "main.h",
            "#include \"sub/a.h\"\n#include <c.h>\n#define N <c.h>\n#include N\n#define Q \"sub/b.h\"\n#include Q",
        ),
        ("sub/a.h", "a\n#include \"b.h\""),
        ("sub/b.h", "b"),
        ("c.h", "wrong"),
        ("inc/c.h", "c"),
        ("inc/b.h", "wrong"),
    ];
    assert_eq!(read(&files, &with_dirs(&["inc"])), "a b c c b");
}

#[test]
fn folders_are_searched_in_order_and_next_goes_on_after_this_one() {
    let files = [
        ("main.h", "#include <a.h>"),
        ("one/a.h", "1\n#if __has_include_next(<a.h>)\n#include_next <a.h>\n#endif"),
        ("two/a.h", "2\n#if __has_include_next(<a.h>)\n#include_next <a.h>\n#endif"),
    ];
    assert_eq!(read(&files, &with_dirs(&["none", "one", "two"])), "1 2");
    // A real header may go on to the built-in one of its name.
    let files = [
        ("main.h", "#include <stdbool.h>\nbool"),
        ("one/stdbool.h", "real\n#include_next <stdbool.h>"),
    ];
    assert_eq!(read(&files, &with_dirs(&["one"])), "real _Bool");
    assert_eq!(
        read(&[("main.h", "#include <stdbool.h>\nbool"), ("stdbool.h", "no")], &with_dirs(&[])),
        "_Bool"
    );
    assert_eq!(
        read(&[("main.h", "#include \"stdbool.h\"\nbool"), ("stdbool.h", "real")], &with_dirs(&[])),
        "real bool"
    );
}

#[test]
fn cl_exe_looks_beside_all_files_that_include_this_one() {
    // Microsoft documentation, "#include directive (C/C++)".
    let files = [("main.h", "#include \"sub/a.h\""), ("sub/a.h", "#include \"b.h\""), ("b.h", "b")];
    assert_eq!(read(&files, &Options::new(Abi::X86_64_WINDOWS)), "b");
    let error = run(&files, &linux()).unwrap_err().to_string();
    assert!(error.contains("sub/a.h:1:"), "{error}");
}

/// Files that count how often each is read.
struct Counting(Memory, RefCell<HashMap<PathBuf, usize>>);

impl Files for Counting {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        *self.1.borrow_mut().entry(path.to_owned()).or_default() += 1;
        self.0.read(path)
    }
}

#[test]
fn a_file_is_read_once_and_entered_as_its_guards_say() {
    let guard = "// c\n#ifndef G\n#define G\nguarded\n#endif\n";
    let files = [
        (
            "main.h",
            "#include \"g.h\"\n#include \"g.h\"\n#include \"o.h\"\n#include \"./o.h\"\n#include \"n.h\"\n#include \"n.h\"\n#undef G\n#include \"g.h\"\n#import \"i.h\"\n#import \"i.h\"",
        ),
        ("g.h", guard),
        ("o.h", "#pragma once\nonce"),
        ("./o.h", "#pragma once\nonce"),
        ("n.h", "each"),
        ("i.h", "imported"),
    ];
    let counting = Counting(Memory::new(&files), RefCell::default());
    let preprocessed =
        preprocess(&counting, Path::new("main.h"), &linux(), Lang::C).expect("it is well-formed");
    assert_eq!(spellings(&preprocessed).join(" "), "guarded once each each guarded imported");
    let counts = counting.1.into_inner();
    assert!(counts.values().all(|&count| count == 1), "{counts:?}");
}

#[test]
fn what_looks_like_a_guard_and_is_none_does_not_count() {
    let twice = "#include \"g.h\"\n#include \"g.h\"";
    for (text, expected) in [
        ("#ifndef G\n#define G\na\n#endif\nb", "a b b"),
        ("x\n#ifndef G\n#define G\n#endif", "x x"),
        ("#ifndef G\n#define G\na\n#else\nb\n#endif", "a b"),
        ("#ifndef G\n#define G\n#endif\n#ifdef G\nc\n#endif", "c c"),
        ("#define H\n#ifndef G\n#define G\na\n#endif", "a"),
        ("#if !defined(G)\n#define G\na\n#endif", "a"),
        ("#if !defined G || 1\n#define G\na\n#endif", "a a"),
        ("#ifdef G\nb\n#endif", ""),
    ] {
        assert_eq!(read(&[("main.h", twice), ("g.h", text)], &linux()), expected, "{text}");
    }
}

#[test]
fn built_in_headers_are_those_of_the_abi_and_language() {
    let has = |abi, lang, name: &str| {
        let text = format!("#if __has_include({name})\nyes\n#endif");
        let options = Options { lang: Some(lang), ..Options::new(abi) };
        read(&[("main.h", &text)], &options) == "yes"
    };
    assert!(has(Abi::X86_64_LINUX, Lang::C, "<netinet/in.h>"));
    assert!(!has(Abi::X86_64_LINUX, Lang::C, "<windows.h>"));
    assert!(has(Abi::X86_64_WINDOWS, Lang::C, "<Windows.h>"));
    assert!(!has(Abi::X86_64_WINDOWS, Lang::C, "<netinet/in.h>"));
    assert!(!has(Abi::X86_64_LINUX, Lang::C, "<vector>"));
    assert!(has(Abi::X86_64_LINUX, Lang::Cxx, "<vector>"));
}

#[test]
fn packing_by_include_leaves_pragmas() {
    let text = "#include \"pshpack2.h\"\nstruct s;\n#include <poppack.h>";
    assert_eq!(
        read(&[("main.h", text)], &linux()),
        "#pragma pack(push, 2) struct s ; #pragma pack(pop)"
    );
}

#[test]
fn includes_nest_up_to_the_limit_and_text_is_limited() {
    let deep = |depth: usize| {
        let mut files = vec![("main.h".to_owned(), "#include \"0.h\"".to_owned())];
        files.extend(
            (0..depth).map(|level| (format!("{level}.h"), format!("#include \"{}.h\"", level + 1))),
        );
        files.push((format!("{depth}.h"), "end".to_owned()));
        files
    };
    for (depth, limit) in
        [(199, None), (200, Some("files include each other at most 200 deep, found more"))]
    {
        let files = deep(depth);
        let files: Vec<_> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
        let error = run(&files, &linux()).err();
        assert_eq!(error.as_ref().map(HeaderError::message), limit);
        if let Some(error) = error {
            assert_eq!(error.includes().len(), 200);
        }
    }
    // Each time a file is included twice by itself, there are twice as many.
    let files = [("main.h", "#include \"main.h\"\n#include \"main.h\"")];
    let options = Options {
        limits: Limits { include_depth: 60, text_bytes: 1 << 20, ..Limits::default() },
        ..linux()
    };
    let error = run(&files, &options).expect_err("it does not end by itself");
    assert_eq!(error.kind(), HeaderErrorKind::Limit);
}

#[test]
fn text_may_be_utf_16_or_in_no_encoding_at_all() {
    let utf16 =
        "\u{feff}int a; // 가".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let files = Memory([(PathBuf::from("main.h"), utf16)].into());
    let preprocessed =
        preprocess(&files, Path::new("main.h"), &linux(), Lang::C).expect("it is text");
    assert_eq!(spellings(&preprocessed).join(" "), "int a ;");
    let euc_kr = b"int a; // \xb0\xa1\xb3\xaa\nint b;".to_vec();
    let files = Memory([(PathBuf::from("main.h"), euc_kr)].into());
    let preprocessed =
        preprocess(&files, Path::new("main.h"), &linux(), Lang::C).expect("it is text");
    assert_eq!(spellings(&preprocessed).join(" "), "int a ; int b ;");
}
