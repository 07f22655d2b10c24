//! The table for Node users names tests that there are.

use std::fmt::Write;
use std::path::Path;

/// The source of one test target of this crate.
fn source(target: &str) -> String {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut text = String::new();
    let mut add = |path: &Path| {
        let part = std::fs::read_to_string(path).expect("it can be read");
        writeln!(text, "{part}").expect("memory");
    };
    let folder = tests.join(target);
    if folder.is_dir() {
        for entry in std::fs::read_dir(folder).expect("it can be read") {
            let path = entry.expect("it can be read").path();
            if path.extension().is_some_and(|ending| ending == "rs") {
                add(&path);
            }
        }
    } else {
        add(&tests.join(target).with_extension("rs"));
    }
    text
}

/// What stands between backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_test_that_the_table_names_exists() {
    let table = include_str!("../coming_from_node.md");
    let mut named = 0;
    for row in table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| Node")) {
        let cell = row.trim_end_matches(" |").rsplit(" | ").next().expect("three cells");
        if cell == "-" || cell.starts_with("unit tests") {
            continue;
        }
        let [target, names @ ..] = &quoted(cell)[..] else { panic!("no test: {row}") };
        let source = source(target);
        for name in names {
            let is_module = source.contains(&format!("mod {name};"));
            let start = format!("fn {}", name.trim_end_matches('\u{2026}'));
            let is_test = source.contains(&if name.ends_with('\u{2026}') {
                start
            } else {
                format!("{start}()")
            });
            let is_target = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("tests")
                .join(name)
                .with_extension("rs")
                .exists();
            assert!(is_module || is_test || is_target, "no `{name}` in `{target}`: {row}");
        }
        named += 1;
    }
    assert!(named > 30, "{named} rows name a test");
}
