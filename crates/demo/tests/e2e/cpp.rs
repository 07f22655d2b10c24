//! Peers that g++ compiled from `cpp/`.

use serde_json::{Value, json};

use crate::peers::{cmake_build, cpp_receiver, cpp_sender};
use crate::process::Program;

/// Record number `i` of a C++ sender told to `--vary`.
fn varied(i: i32) -> (char, i32, String) {
    let letter = ('A'..='Z').cycle().nth(usize::try_from(i % 26).expect("not negative"));
    (letter.expect("endless"), 300 + i, format!("#{i}"))
}

/// The fields of the records that `receiver --format json` printed.
fn fields(lines: &[String]) -> Vec<(char, i32, String)> {
    let fields = |line: &String| {
        let record: Value = serde_json::from_str(line).expect("a JSON line");
        let field = |name| record.get(name).expect("a field");
        let a = field("a").as_str().and_then(|a| a.parse().ok()).expect("a character");
        let b = field("b").as_i64().and_then(|b| b.try_into().ok()).expect("an int");
        (a, b, field("c").as_str().expect("a text").to_owned())
    };
    lines.iter().map(fields).collect()
}

/// What `receiver` prints of a C++ sender with these arguments that sends `count` records.
fn from_cpp(count: i32, args: &[&str]) -> Option<Vec<(char, i32, String)>> {
    let count = count.to_string();
    let (receiver, port) = Program::receiver(&["--format", "json", "--count", &count]);
    let args = [&["--count", &count], args].concat();
    cpp_sender(port, &args)?.succeed();
    let finished = receiver.succeed();
    Some(fields(&finished.stdout))
}

/// `receiver` prints the varied records of a C++ sender with these arguments.
fn receives_varied(count: i32, args: &[&str]) {
    let args = [&["--vary"], args].concat();
    if let Some(received) = from_cpp(count, &args) {
        assert!(received.iter().cloned().eq((0..count).map(varied)), "{args:?}: {received:?}");
    }
}

#[test]
fn a_hundred_thousand_records_from_cpp() {
    receives_varied(100_000, &[]);
}

#[test]
fn ten_thousand_records_in_one_write() {
    receives_varied(10_000, &["--at-once"]);
}

#[test]
fn records_written_one_byte_at_a_time() {
    receives_varied(200, &["--bytewise"]);
    receives_varied(5, &["--bytewise", "--pace", "200"]);
}

#[test]
fn records_split_at_every_offset() {
    receives_varied(23 * 4, &["--split-all", "--pace", "500"]);
}

#[test]
fn garbage_in_the_padding_is_ignored() {
    receives_varied(1_000, &["--garbage"]);
}

#[test]
fn texts_of_every_length_from_cpp() {
    for len in 0..=15 {
        let text = &"fifteen letters"[..len];
        if let Some(received) = from_cpp(1, &["--c", text]) {
            assert_eq!(received, [('A', 300, text.to_owned())]);
        }
    }
}

#[test]
fn numbers_at_their_limits_from_cpp() {
    for b in [i32::MIN, -1, 300, i32::MAX] {
        if let Some(received) = from_cpp(1, &["--b", &b.to_string()]) {
            assert_eq!(received, [('A', b, "hello".to_owned())]);
        }
    }
}

#[test]
fn a_peer_that_dies_inside_a_record_is_named_and_the_records_before_it_are_delivered() {
    let (mut receiver, port) = Program::receiver(&["--format", "json"]);
    for stray in 1..24 {
        let die_after = stray.to_string();
        let args = ["--vary", "--count", "3", "--die-after", &die_after];
        let Some(sender) = cpp_sender(port, &args) else { return };
        sender.succeed();
        let complaint = receiver.wait_for_stderr("receiver: 127.0.0.1:");
        let expected = format!(
            ": peer closed {stray} bytes into a record of 24, at offset 0x48; 3 records received"
        );
        assert!(complaint.ends_with(&expected), "{complaint}");
    }
    receiver.signal("TERM");
    let finished = receiver.finish();
    assert_eq!(finished.status.code(), Some(1), "some input was bad");
    let expected: Vec<_> = (1..24).flat_map(|_| (0..3).map(varied)).collect();
    assert_eq!(fields(&finished.stdout), expected);
}

/// What a C++ receiver prints of a `sender` with these arguments and this standard input.
fn to_cpp(args: &[&str], stdin: &str) -> Option<Vec<String>> {
    let (receiver, port) = cpp_receiver(&[])?;
    let mut sender = Program::sender(port, args);
    sender.write(stdin);
    sender.succeed();
    let finished = receiver.succeed();
    let expected =
        format!("{} records, 0 bytes of padding not zero, 0 stray bytes", finished.stdout.len());
    assert_eq!(finished.stderr, [expected]);
    Some(finished.stdout)
}

#[test]
fn a_hundred_thousand_records_to_cpp() {
    if let Some(printed) = to_cpp(&["--count", "100000", "--a", "Z", "--b", "-50000"], "") {
        let expected = (-50_000..50_000).map(|b| format!("90 {b} hello"));
        assert!(printed.into_iter().eq(expected));
    }
}

#[test]
fn a_hundred_thousand_lines_of_json_to_cpp() {
    let lines: String = (0..100_000)
        .map(varied)
        .map(|(a, b, c)| format!("{}\n", json!({ "a": a.to_string(), "b": b, "c": c })))
        .collect();
    if let Some(printed) = to_cpp(&["-"], &lines) {
        let expected = (0..100_000).map(varied).map(|(a, b, c)| format!("{} {b} {c}", a as u32));
        assert!(printed.into_iter().eq(expected));
    }
}

#[test]
fn texts_of_every_length_and_numbers_at_their_limits_to_cpp() {
    for len in 0..=15 {
        let text = &"fifteen letters"[..len];
        if let Some(printed) = to_cpp(&["--c", text], "") {
            assert_eq!(printed, [format!("65 300 {text}")]);
        }
    }
    for b in [i32::MIN, -1, 300, i32::MAX] {
        if let Some(printed) = to_cpp(&["--b", &b.to_string()], "") {
            assert_eq!(printed, [format!("65 {b} hello")]);
        }
    }
}

/// The receiver's lines are the sender's input: C++ to Rust to C++.
#[test]
fn received_lines_can_be_sent_on() {
    let (receiver, port) = Program::receiver(&["--format", "json", "--count", "3"]);
    let Some(first) = cpp_sender(port, &["--vary", "--count", "3", "--b", "-1"]) else { return };
    first.succeed();
    let lines = receiver.succeed().stdout.join("\n");
    let printed = to_cpp(&["-"], &lines).expect("g++ is there");
    assert_eq!(printed, ["65 -1 #0", "66 0 #1", "67 1 #2"]);
}

/// A peer that answers while records are still being sent does not stop either side.
#[test]
fn a_peer_that_sends_back_every_record() {
    let Some((receiver, port)) = cpp_receiver(&["--echo"]) else { return };
    Program::sender(port, &["--count", "100000"]).succeed();
    let printed = receiver.succeed().stdout;
    assert!(printed.into_iter().eq((300..100_300).map(|b| format!("65 {b} hello"))));
}

#[test]
fn cmake_builds_both_programs() {
    let Some(dir) = cmake_build() else { return };
    let (receiver, port) = Program::receiver(&["--count", "1"]);
    let port = port.to_string();
    Program::start(std::process::Command::new(dir.join("sender")).args(["127.0.0.1", &port]))
        .succeed();
    assert_eq!(receiver.succeed().stdout.len(), 1);
    let usage = std::process::Command::new(dir.join("receiver")).arg("--help").output();
    assert_eq!(usage.expect("it was built").status.code(), Some(2));
}
