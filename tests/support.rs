//! What tests of several crates share: finding tools, and files with expected results.
//!
//! The Rust code in README.md is compiled and run as a test of this package.
#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A program that a test needs.
///
/// Where it is missing, a test that runs under CI fails; elsewhere it is skipped, and standard error
/// says why.
#[must_use]
pub fn tool(name: &str) -> Option<Command> {
    let found = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(name).is_file()));
    if found {
        return Some(Command::new(name));
    }
    let in_ci = std::env::var_os("CI").is_some();
    assert!(!in_ci, "this test needs `{name}`, which is not installed");
    eprintln!("skipped: `{name}` is not installed");
    None
}

/// Runs a command that must succeed.
///
/// # Panics
///
/// It cannot be started, or fails; with what it printed.
pub fn run(command: &mut Command) -> Output {
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => panic!("{command:?}: {error}"),
    };
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    output
}

/// Runs `body` over the corpus of one fuzz target, past findings included.
///
/// # Panics
///
/// There is no corpus, which would check nothing; or `body` does.
pub fn replay(target: &str, body: fn(&[u8])) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let files: Vec<_> = std::fs::read_dir(&dir)
        .unwrap_or_else(|error| panic!("{}: {error}", dir.display()))
        .map(|entry| entry.expect("the folder can be read").path())
        .collect();
    assert!(!files.is_empty(), "{} has no files", dir.display());
    for file in files {
        eprintln!("{}", file.display());
        body(&std::fs::read(file).expect("the file can be read"));
    }
}

/// The folder with expected results, `tests/data`.
#[must_use]
pub fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data")
}
