//! What real compilers accept is parsed.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::support::unit;
use crate::Lang;

/// Snippets, apart by empty lines, each one a text of its own.
#[track_caller]
fn snippets_parse(text: &str, file: &str, lang: Lang, compiler: &str, flags: &[&str]) {
    for snippet in text.split("\n\n") {
        if let Err(error) = unit(snippet, lang).items {
            panic!("{file}: {error}");
        }
        let Some(mut command) = cwire_tests::tool(compiler) else { return };
        let mut child = command
            .args(flags)
            .args(["-fsyntax-only", "-w", "-"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), snippet.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "{compiler} refuses {snippet}");
    }
}

#[test]
fn snippets_that_gcc_accepts_parse() {
    let text = include_str!("accepted.c");
    snippets_parse(text, "accepted.c", Lang::C, "gcc", &["-x", "c", "-std=gnu2x"]);
}

#[test]
fn snippets_that_gxx_accepts_parse() {
    let text = include_str!("accepted.cc");
    snippets_parse(text, "accepted.cc", Lang::Cxx, "g++", &["-x", "c++", "-std=gnu++2b"]);
}

/// Preprocesses with the compiler, so that only the parser is tested; `None`: it refuses the file.
fn preprocessed(command: &mut Command, file: &Path) -> Option<String> {
    let base = format!("{command:?}");
    let accepted = command.args(["-w", "-fsyntax-only"]).arg(file).stderr(Stdio::null()).status();
    if !accepted.is_ok_and(|status| status.success()) {
        return None;
    }
    // The last of these flags wins over `-fsyntax-only`.
    let output = command.arg("-E").output().unwrap_or_else(|error| panic!("{base}: {error}"));
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn headers(dir: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    let mut entries: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() && !path.is_symlink() && path.file_name() != Some(OsStr::new("c++")) {
            headers(&path, found);
        } else if path.extension() == Some(OsStr::new("h")) {
            found.push(path);
        }
    }
}

/// Every 60th header of this machine, or all of them with `CWIRE_ALL_HEADERS` set.
#[test]
fn system_headers_that_gcc_accepts_parse() {
    let mut found = Vec::new();
    headers(Path::new("/usr/include"), &mut found);
    let step = if std::env::var_os("CWIRE_ALL_HEADERS").is_some() { 1 } else { 60 };
    let (mut parsed, mut refused) = (0, Vec::new());
    for file in found.iter().step_by(step) {
        for (compiler, flags, lang) in [
            ("gcc", ["-x", "c", "-std=gnu17"], Lang::C),
            ("g++", ["-x", "c++", "-std=gnu++20"], Lang::Cxx),
        ] {
            let Some(mut command) = cwire_tests::tool(compiler) else { return };
            let Some(text) = preprocessed(command.args(flags), file) else { continue };
            match unit(&text, lang).items {
                Ok(_) => parsed += 1,
                Err(error) => refused.push(format!("{}: {error}", file.display())),
            }
        }
    }
    assert!(
        refused.is_empty(),
        "{} of {}:\n{}",
        refused.len(),
        parsed + refused.len(),
        refused.join("\n")
    );
    eprintln!("{parsed} headers parsed");
}

/// Templates in all their forms: the standard library is little else.
#[test]
fn headers_of_the_standard_library_parse() {
    for header in ["array", "chrono", "filesystem", "map", "random", "string", "vector"] {
        let Some(mut command) = cwire_tests::tool("g++") else { return };
        let mut child = command
            .args(["-x", "c++", "-std=gnu++20", "-E", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let text = format!("#include <{header}>\n");
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "<{header}>");
        if let Err(error) = unit(&String::from_utf8_lossy(&output.stdout), Lang::Cxx).items {
            panic!("<{header}>: {error}");
        }
    }
}
