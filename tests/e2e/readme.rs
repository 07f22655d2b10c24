//! What README.md shows is what a reader gets: commands are run, outputs compared.
//!
//! Rust blocks are compiled and run as documentation tests of this package.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// A command of the README and what it prints there.
struct Shown {
    command: String,
    output: String,
    /// Whether it is one of a session: commands that one shell runs.
    is_of_session: bool,
}

/// The commands of all `console` blocks: lines that begin with `$ `, each with the lines after it. Those
/// marked `session` are one.
fn shown(markdown: &str) -> Vec<Shown> {
    let mut shown: Vec<Shown> = Vec::new();
    let mut inside = false;
    let mut is_of_session = false;
    for line in markdown.lines() {
        match (inside, line) {
            (false, "```console" | "```console session") => {
                inside = true;
                is_of_session = line.ends_with("session");
            }
            (true, "```") => inside = false,
            (true, line) => match (line.strip_prefix("$ "), shown.last_mut()) {
                (Some(command), _) => {
                    let (command, output) = (command.to_owned(), String::new());
                    shown.push(Shown { command, output, is_of_session });
                }
                (None, Some(last)) => last.output.extend([line, "\n"]),
                (None, None) => panic!("output before the first command: {line}"),
            },
            (false, _) => {}
        }
    }
    shown
}

/// Ports that the system picks differ from run to run.
fn without_ports(text: &str) -> String {
    let mut out = String::new();
    for (index, part) in text.split("127.0.0.1:").enumerate() {
        let rest = if index == 0 {
            part
        } else {
            out.push_str("127.0.0.1:PORT");
            part.trim_start_matches(|c: char| c.is_ascii_digit())
        };
        out.push_str(rest);
    }
    out
}

/// Live records have the time at which they came, to the microsecond or better.
fn without_times(text: &str) -> String {
    let is_time = |word: &str| {
        let end = word.strip_suffix('Z').unwrap_or_default();
        let digits = end.bytes().filter(u8::is_ascii_digit).count();
        matches!(end.len(), 26 | 29) && digits == end.len() - 6 && end.contains('T')
    };
    let line = |line: &str| match line.split_once(' ') {
        Some((first, rest)) if is_time(first) => format!("TIME {rest}\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

#[test]
fn commands_print_what_the_readme_shows() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let shown: Vec<_> = shown(&readme).into_iter().filter(|it| !it.is_of_session).collect();
    assert!(shown.len() >= 2, "README.md shows {} commands", shown.len());
    for Shown { command, output, .. } in shown {
        if command == "cargo test --workspace" {
            // This test is part of it. That the command passes is what `.ci/run` checks.
            let checks = std::fs::read_to_string(root().join(".ci/run")).unwrap();
            assert!(checks.lines().any(|line| line == command), ".ci/run does not run `{command}`");
            continue;
        }
        let printed = run(&format!("{command} 2>&1"));
        assert_eq!(without_ports(&printed), without_ports(&output), "`{command}`");
    }
}

/// What a shell prints, in the folder of the README.
fn run(script: &str) -> String {
    let ran = Command::new("sh")
        .args(["-c", script])
        .current_dir(root())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&ran.stdout).into_owned();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "`{script}` failed:\n{printed}{said}");
    printed
}

/// One shell runs what the README shows step by step, with a mark behind the output of each command.
#[test]
fn the_session_of_the_readme_goes_as_shown() {
    const MARK: &str = "=== that was one command\n";
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let session: Vec<_> = shown(&readme).into_iter().filter(|it| it.is_of_session).collect();
    assert!(session.len() > 5, "the session has {} commands", session.len());
    // Nothing is to be built in its course.
    run("cargo build -q -p cwire-cli 2>&1");
    let mark = format!("printf '{}'\n", MARK.replace('\n', "\\n"));
    let script: String = session.iter().map(|it| format!("{}\n{mark}", it.command)).collect();
    let printed = run(&format!("exec 2>&1\n{script}"));
    let parts: Vec<_> = printed.split_terminator(MARK).collect();
    assert_eq!(parts.len(), session.len(), "{printed}");
    for (Shown { command, output, .. }, printed) in session.iter().zip(parts) {
        let plain = |text: &str| without_times(&without_ports(text));
        assert_eq!(plain(printed), plain(output), "`{command}` in:\n{}", parts_of(&session));
    }
}

fn parts_of(session: &[Shown]) -> String {
    session.iter().map(|it| format!("$ {}\n", it.command)).collect()
}

#[test]
fn paths_that_the_readme_names_exist() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let mut links = 0;
    for (_, link) in readme.match_indices("](").map(|(at, _)| readme.split_at(at + 2)) {
        let target = link.split(')').next().unwrap();
        if !target.starts_with("http") {
            assert!(root().join(target).exists(), "README.md links to {target}");
            links += 1;
        }
    }
    assert!(links > 0);
}
