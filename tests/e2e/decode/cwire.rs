//! The program under test.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use super::json::Json;

/// `cwire`, built once in the profile of the tests.
pub(crate) fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build.args(["build", "--package=cwire-cli", "--bin=cwire", "--message-format=json"]);
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        build.current_dir(env!("CARGO_MANIFEST_DIR"));
        let output = cwire_tests::run(&mut build);
        let messages = String::from_utf8(output.stdout).unwrap();
        messages
            .lines()
            .filter_map(|line| Json::parse(line).ok()?.get("executable")?.text().map(PathBuf::from))
            .next_back()
            .expect("cargo names the program that it built")
    })
}

/// A command in a folder, with nothing on its standard input.
pub(crate) fn command(dir: &Path, args: impl IntoIterator<Item: AsRef<OsStr>>) -> Command {
    let mut command = Command::new(program());
    command.args(args).current_dir(dir).stdin(Stdio::null());
    command
}

/// What a command prints; it must be able to run, and may find some of its input bad.
pub(crate) fn output(dir: &Path, args: &[impl AsRef<OsStr>]) -> Output {
    let output = command(dir, args).output().unwrap();
    let args: Vec<_> = args.iter().map(AsRef::as_ref).collect();
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "cwire {args:?} in {}: {}\n{}",
        dir.display(),
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// The `fields` of all records that a command prints as JSON Lines, with no complaint.
pub(crate) fn fields(dir: &Path, args: &[impl AsRef<OsStr>]) -> Vec<Json> {
    let output = output(dir, args);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert_eq!(stderr, "");
    records(&String::from_utf8(output.stdout).unwrap())
}

/// The `fields` of the lines that are records.
pub(crate) fn records(lines: &str) -> Vec<Json> {
    let mut records = Vec::new();
    for line in lines.lines() {
        let line = Json::parse(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        if line.get("type").and_then(Json::text) == Some("record") {
            records.push(line.get("fields").expect("a record has fields").clone());
        }
    }
    records
}
