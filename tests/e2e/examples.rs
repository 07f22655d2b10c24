//! What the READMEs of `examples/` show is what their commands print. `BLESS=1` writes it anew.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::decode::cwire;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").canonicalize().unwrap()
}

/// A copy of an example, for what its commands write.
fn copy(example: &Path) -> PathBuf {
    let name = example.file_name().unwrap().to_str().unwrap();
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("example-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    for entry in std::fs::read_dir(example).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, dir.join(path.file_name().unwrap())).unwrap();
    }
    dir
}

/// Standard output and error of a command, as a terminal shows them.
fn printed(command: &str, dir: &Path) -> String {
    let program = cwire::program().parent().unwrap().to_owned();
    let path = std::env::var_os("PATH").unwrap();
    let path = std::env::join_paths([program].into_iter().chain(std::env::split_paths(&path)));
    let output = Command::new("sh")
        .args(["-c", &format!("{{ {command}\n}} 2>&1")])
        .current_dir(dir)
        .env("PATH", path.unwrap())
        .env("TZ", "UTC")
        .env("LC_ALL", "C")
        .env("COLUMNS", "100")
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "`{command}` in {}: {}\n{printed}",
        dir.display(),
        output.status
    );
    printed
}

/// The text with what its `console` blocks print now.
fn replayed(markdown: &str, dir: &Path) -> String {
    let mut found = String::new();
    let mut inside = false;
    for line in markdown.lines() {
        match (inside, line.strip_prefix("$ ")) {
            (true, Some(command)) => {
                found += &format!("{line}\n{}", printed(command, dir));
                continue;
            }
            (true, None) if line != "```" => continue,
            _ => {}
        }
        inside = line == "```console";
        found += line;
        found += "\n";
    }
    found
}

#[test]
fn commands_print_what_the_examples_show() {
    let mut examples: Vec<_> = std::fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    examples.sort();
    assert!(examples.len() >= 3);
    let index = std::fs::read_to_string(root().join("README.md")).unwrap();
    for example in examples {
        let name = example.file_name().unwrap().to_str().unwrap();
        assert!(index.contains(&format!("({name}/README.md)")), "the index has no {name}");
        let readme = example.join("README.md");
        let expected = std::fs::read_to_string(&readme).unwrap();
        let dir = copy(&example);
        // CSV ends its lines as RFC 4180 says, the page as pages do.
        let found = replayed(&expected, &dir).replace("\r\n", "\n");
        std::fs::remove_dir_all(dir).unwrap();
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&readme, found).unwrap();
        } else {
            for (line, (was, is)) in expected.lines().zip(found.lines()).enumerate() {
                assert_eq!(is, was, "{}:{}", readme.display(), line + 1);
            }
            assert_eq!(found, expected, "{}", readme.display());
        }
    }
}
