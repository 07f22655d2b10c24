//! A peer in Node that sends and parses the record with Buffer calls.

use crate::peers::node_peer;
use crate::process::Program;

#[test]
fn records_from_node() {
    let (receiver, port) = Program::receiver(&["--count", "2000"]);
    let Some(node) = node_peer(&["send", &port.to_string(), "2000"]) else { return };
    node.succeed();
    let printed = receiver.succeed().stdout;
    assert_eq!(printed.len(), 2000);
    for (i, line) in printed.iter().enumerate() {
        let letter = char::from(b'a' + u8::try_from(i % 26).expect("below 26"));
        let b = i64::try_from(i).expect("small") * if i % 2 == 1 { -1 } else { 1 };
        let record = format!(" a='{letter}' b={b} c=\"record {i}\"");
        assert!(line.starts_with("127.0.0.1:") && line.ends_with(&record), "{line}");
    }
}

#[test]
fn records_to_node() {
    let Some(mut node) = node_peer(&["receive"]) else { return };
    let port = node.listening_port();
    let args = ["--count", "2000", "--a", "~", "--b", "-1000", "--c", "fifteen letters"];
    Program::sender(port, &args).succeed();
    let finished = node.succeed();
    assert_eq!(finished.stderr, ["0 stray bytes"]);
    let expected = (-1000..1000).map(|b| format!("126 {b} fifteen letters"));
    assert!(finished.stdout.into_iter().eq(expected));
}
