//! Runs the commands of `transcripts/*.txt` and compares what they print.
//!
//! A transcript is a list of commands with everything that they print and the status they end with:
//!
//! ```text
//! $ cwire layout point.h
//! struct point (point.h:1): size 8, align 4
//! …
//! --- standard error
//! …
//! --- status 1
//! ```
//!
//! The last two parts are left out where there is nothing on standard error and the status is 0.
//! Commands run in a shell in `tests/data`. `BLESS=1` writes the transcripts anew: compare what
//! changes with a compiler's answer before it is committed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Begins the part of standard error.
const STDERR: &str = "--- standard error\n";
/// Begins the exit status.
const STATUS: &str = "--- status ";

#[test]
fn commands_print_what_the_transcripts_say() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} has no transcripts", dir.display());

    let mut different = Vec::new();
    for file in &files {
        let expected = std::fs::read_to_string(file).unwrap();
        let found = replayed(&expected);
        if found == expected {
            continue;
        }
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(file, found).unwrap();
        } else {
            different.push(format!("{}:\n{}", file.display(), first_difference(&expected, &found)));
        }
    }
    assert!(different.is_empty(), "{}\nBLESS=1 accepts it", different.join("\n"));
}

/// The transcript with what its commands print now. Lines before the first command are a comment.
fn replayed(transcript: &str) -> String {
    let mut found = String::new();
    let mut in_comment = true;
    for line in transcript.lines() {
        match line.strip_prefix("$ ") {
            Some(command) => {
                in_comment = false;
                if !found.is_empty() {
                    found += "\n";
                }
                found += &format!("$ {command}\n{}", run(command));
            }
            None if in_comment && !line.is_empty() => found += &format!("{line}\n"),
            None => {}
        }
    }
    found
}

fn run(command: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_cwire"));
    let path = std::env::join_paths(
        [program.parent().unwrap().to_owned()]
            .into_iter()
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data"))
        .env("PATH", path.unwrap())
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .env("COLUMNS", "100")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.stderr.is_empty() {
        text += STDERR;
        text += &String::from_utf8_lossy(&output.stderr);
    }
    match output.status.code() {
        Some(0) => {}
        Some(code) => text += &format!("{STATUS}{code}\n"),
        None => text += &format!("--- {}\n", output.status),
    }
    text
}

fn first_difference(expected: &str, found: &str) -> String {
    let pairs = expected.lines().chain([""]).zip(found.lines().chain([""]));
    let different = pairs.enumerate().find(|(_, (expected, found))| expected != found);
    match different {
        Some((index, (expected, found))) => {
            format!("  line {}\n  expected: {expected}\n  found:    {found}", index + 1)
        }
        None => "  one is longer".to_owned(),
    }
}
