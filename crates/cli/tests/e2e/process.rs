//! Pipes, files and exit statuses.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::process::Stdio;

use crate::{command, cwire, printed};

#[test]
fn a_closed_pipe_is_no_error() {
    let mut header = String::new();
    for index in 0..20_000 {
        writeln!(header, "struct s{index} {{ char a; long b; }};").unwrap();
    }
    for format in ["table", "json", "svg"] {
        let mut child = command(&["layout", "-", "--format", format])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(header.as_bytes()).unwrap();
        let mut first = [0; 16];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{format}: {output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{format}");
    }
}

#[test]
fn a_file_takes_what_standard_output_would() {
    let path = std::env::temp_dir().join(format!("cwire-cli-output-{}.json", std::process::id()));
    let json = printed(&["layout", "point.h", "--json"]);
    assert_eq!(printed(&["layout", "point.h", "--json", "-o", path.to_str().unwrap()]), "");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), json);
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn a_file_that_cannot_be_written_is_said() {
    let output = cwire(&["layout", "point.h", "-o", "no/such/folder/x.txt"]);
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.starts_with("cwire: creating no/such/folder/x.txt: "), "{stderr}");
}

#[test]
fn the_same_input_gives_the_same_output() {
    for format in ["table", "json", "svg"] {
        let args = [
            "layout",
            "members.h",
            "--format",
            format,
            "--abi",
            "native",
            "--abi",
            "arm-none-eabi",
        ];
        assert_eq!(printed(&args), printed(&args), "{format}");
    }
}
