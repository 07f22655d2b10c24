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
}

/// The commands of all `console` blocks: lines that begin with `$ `, each with the lines after it.
fn shown(markdown: &str) -> Vec<Shown> {
    let mut shown: Vec<Shown> = Vec::new();
    let mut inside = false;
    for line in markdown.lines() {
        match (inside, line) {
            (false, "```console") => inside = true,
            (true, "```") => inside = false,
            (true, line) => match (line.strip_prefix("$ "), shown.last_mut()) {
                (Some(command), _) => {
                    shown.push(Shown { command: command.to_owned(), output: String::new() });
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

/// Live records have the time at which they came.
fn without_times(text: &str) -> String {
    let mut out = String::new();
    for (index, part) in text.split("\"time\": \"").enumerate() {
        let end = part.find('"').unwrap_or(0);
        let (time, rest) = part.split_at(end);
        if index == 0 {
            out.push_str(part);
            continue;
        }
        assert_eq!(time.len(), "2026-11-27T13:00:00.000000Z".len(), "{text}");
        out.push_str("\"time\": \"TIME");
        out.push_str(rest);
    }
    out
}

#[test]
fn commands_print_what_the_readme_shows() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let shown = shown(&readme);
    assert!(shown.len() >= 2, "README.md shows {} commands", shown.len());
    for Shown { command, output } in shown {
        if command == "cargo test --workspace" {
            // This test is part of it. That the command passes is what `.ci/run` checks.
            let checks = std::fs::read_to_string(root().join(".ci/run")).unwrap();
            assert!(checks.lines().any(|line| line == command), ".ci/run does not run `{command}`");
            continue;
        }
        let ran = Command::new("sh")
            .args(["-c", &format!("{command} 2>&1")])
            .current_dir(root())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&ran.stdout);
        assert!(ran.status.success(), "`{command}` failed:\n{printed}");
        let (printed, output) = (without_ports(&printed), without_ports(&output));
        match command.contains(" listen ") {
            true => assert_eq!(without_times(&printed), without_times(&output), "`{command}`"),
            false => assert_eq!(printed, output, "`{command}`"),
        }
    }
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
