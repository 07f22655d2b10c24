//! `sender` by itself.

use std::io::{ErrorKind, Read};
use std::net::{TcpListener, TcpStream};
use std::process::Command;

use crate::process::{Finished, Program};

fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    (listener, port)
}

fn run(args: &[&str]) -> Finished {
    Program::start(Command::new(env!("CARGO_BIN_EXE_sender")).args(args)).finish()
}

/// All bytes that a `sender` with these arguments sends.
fn sent(args: &[&str]) -> Vec<u8> {
    let (listener, port) = listener();
    let sender = Program::sender(port, args);
    let mut bytes = Vec::new();
    let (mut stream, _) = listener.accept().expect("the sender");
    stream.read_to_end(&mut bytes).expect("closed in order");
    drop(stream);
    sender.succeed();
    bytes
}

#[test]
fn one_record_is_sent_unless_told_otherwise() {
    assert_eq!(sent(&[]), b"A\0\0\0\x2c\x01\0\0hello\0\0\0\0\0\0\0\0\0\0\0");
}

#[test]
fn each_field_is_sent_as_it_is_given_and_b_counts_up() {
    let args = ["--a", "-", "--b", "-1", "--c", "-fifteen bytes-", "--count", "2"];
    let record = |b: i32| [b"-\0\0\0", &b.to_le_bytes()[..], b"-fifteen bytes-\0"].concat();
    assert_eq!(sent(&args), [record(-1), record(0)].concat());

    let over = sent(&["--b", "2147483647", "--count", "2", "--a", "\u{e9}"]);
    assert_eq!(over[..8], *b"\xe9\0\0\0\xff\xff\xff\x7f");
    assert_eq!(over[24..32], *b"\xe9\0\0\0\0\0\0\x80");
}

#[test]
fn raw_bytes_are_sent_as_they_are() {
    assert_eq!(sent(&["--hex", "41 42ff 00"]), b"AB\xff\0");
    assert_eq!(sent(&["--hex", "4142", "--count", "3"]), b"ABABAB");
    assert_eq!(sent(&["--count", "0"]), b"");
}

#[test]
fn an_interval_lies_between_the_records() {
    let bytes = sent(&["--interval", "1ms", "--count", "3", "--b", "1"]);
    assert_eq!(bytes.len(), 72);
    assert_eq!([bytes[4], bytes[28], bytes[52]], [1, 2, 3]);
}

#[test]
fn a_line_that_is_no_record_is_complained_about_and_the_others_are_sent() {
    let (listener, port) = listener();
    let mut sender = Program::sender(port, &["-"]);
    sender.write(concat!(
        r#"{"a": "A", "b": 1, "c": "one"}"#,
        "\n\n",
        r#"{"a": "B", "b": "two", "c": "two"}"#,
        "\r\nnonsense\n",
        r#"{"a": "C", "b": 3, "c": "more than fifteen"}"#,
        "\n",
        r#"{"c": "four", "b": 4, "a": "D"}"#,
    ));
    let (mut stream, _) = listener.accept().expect("the sender");
    let finished = sender.finish_while(|| {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("closed in order");
        assert_eq!((bytes.len(), bytes[0], bytes[24]), (48, b'A', b'D'));
        drop(stream);
    });
    assert_eq!(finished.status.code(), Some(1));
    let [b, nonsense, c] = &finished.stderr[..] else { panic!("{:?}", finished.stderr) };
    assert_eq!(b, r#"sender: -: line 3: b: needs an integer of 32 bits, "two" found"#);
    assert!(nonsense.starts_with("sender: -: line 4: needs a JSON object: "), "{nonsense}");
    assert!(c.starts_with("sender: -: line 5: c: needs a text of at most 15 bytes"), "{c}");
}

#[test]
fn ten_complaints_are_enough() {
    let (listener, port) = listener();
    let mut sender = Program::sender(port, &["-"]);
    sender.write(&"{}\n".repeat(25));
    let (stream, _) = listener.accept().expect("the sender");
    let finished = sender.finish_while(|| drop(stream));
    assert_eq!(finished.stderr.len(), 11);
    assert_eq!(finished.stderr[10], "sender: -: 15 more complaints");
}

/// Records leave as their lines come, not when the input ends.
#[test]
fn lines_are_sent_as_they_come() {
    let (listener, port) = listener();
    let mut sender = Program::sender(port, &["-"]);
    let (mut stream, _) = listener.accept().expect("the sender");
    for b in 0..3u8 {
        sender.write(&format!("{{\"a\": \"A\", \"b\": {b}, \"c\": \"\"}}\n"));
        let mut record = [0; 24];
        stream.read_exact(&mut record).expect("a record");
        assert_eq!(record[4], b);
    }
    drop(stream);
    sender.succeed();
}

#[test]
fn a_signal_stops_it_between_two_records() {
    let (listener, port) = listener();
    let sender = Program::sender(port, &["--interval", "1h", "--count", "2"]);
    let (mut stream, _) = listener.accept().expect("the sender");
    stream.read_exact(&mut [0; 24]).expect("the first record");
    sender.signal("TERM");
    assert_eq!(stream.read(&mut [0]).expect("closed in order"), 0);
    let finished = sender.finish();
    assert_eq!(finished.status.code(), Some(1));
    assert_eq!(finished.stderr, ["sender: stopped after 1 record"]);
}

/// A peer that takes nothing does not keep a sender that is asked to stop.
#[test]
fn a_signal_stops_it_while_the_peer_reads_nothing() {
    let (listener, port) = listener();
    let sender = Program::sender(port, &["--count", "100000000"]);
    let (mut stream, _) = listener.accept().expect("the sender");
    stream.read_exact(&mut [0; 24]).expect("the first record");
    sender.signal("INT");
    assert_eq!(sender.finish().status.code(), Some(1));
    drop(stream);
}

#[test]
fn a_peer_that_vanishes_is_complained_about() {
    let (listener, port) = listener();
    let sender = Program::sender(port, &["--count", "100000000"]);
    let (stream, _) = listener.accept().expect("the sender");
    // With bytes unread, this is a reset.
    wait_for_bytes(&stream);
    drop(stream);
    let finished = sender.finish();
    assert_eq!(finished.status.code(), Some(1));
    let [complaint] = &finished.stderr[..] else { panic!("{:?}", finished.stderr) };
    assert!(complaint.starts_with("sender: the connection broke after "), "{complaint}");
}

fn wait_for_bytes(stream: &TcpStream) {
    assert_eq!(stream.peek(&mut [0]).expect("bytes"), 1);
}

#[test]
fn what_cannot_run_is_status_2() {
    let (listener, port) = listener();
    drop(listener);
    let addr = format!("127.0.0.1:{port}");
    let refused = run(&[&addr]);
    assert_eq!(refused.status.code(), Some(2));
    let [complaint] = &refused.stderr[..] else { panic!("{:?}", refused.stderr) };
    let expected = format!("sender: connecting to {addr}: {addr}: ");
    assert!(complaint.starts_with(&expected), "{complaint}");

    for args in [
        &[][..],
        &["nowhere"],
        &[&addr, "--a", "two"],
        &[&addr, "--a", ""],
        &[&addr, "--a", "\u{20ac}"],
        &[&addr, "--b", "2147483648"],
        &[&addr, "--c", "sixteen letters."],
        &[&addr, "--count", "-1"],
        &[&addr, "--interval", "1 parsec"],
        &[&addr, "--hex", "4"],
        &[&addr, "--hex", "xy"],
        &[&addr, "--hex", "41", "--b", "1"],
        &[&addr, "-", "--b", "1"],
        &[&addr, "file"],
    ] {
        let finished = run(args);
        assert_eq!(finished.status.code(), Some(2), "{args:?}");
        assert!(!finished.stderr.is_empty() && finished.stdout.is_empty(), "{args:?}");
    }
    let long = run(&[&addr, "--c", "sixteen letters."]).stderr.join(" ");
    assert!(long.contains("text of 16 bytes does not fit char[15]"), "{long}");
}

#[test]
fn help_and_version_are_status_0() {
    let help = run(&["--help"]);
    assert!(help.status.success());
    let text = help.stdout.join("\n");
    for option in ["--a", "--b", "--c", "--count", "--interval", "--hex"] {
        assert!(text.contains(option), "{text}");
    }
    assert_eq!(run(&["--version"]).stdout, [concat!("sender ", env!("CARGO_PKG_VERSION"))]);
}

/// The end of the stream comes before the peer closes: the sender closes its own side only.
#[test]
fn its_side_is_closed_when_all_is_sent() {
    let (listener, port) = listener();
    let sender = Program::sender(port, &["--count", "2"]);
    let (mut stream, _) = listener.accept().expect("the sender");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("the end, while this side is open");
    assert_eq!(bytes.len(), 48);
    match std::io::Write::write_all(&mut stream, b"still open") {
        Ok(()) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::BrokenPipe, "it gave up waiting"),
    }
    drop(stream);
    sender.succeed();
}

/// The peer closes after the first record; the second is answered with a reset, which no later
/// write is there to notice.
#[test]
fn a_last_record_that_is_refused_is_not_sent() {
    for count in ["2", "3"] {
        let (listener, port) = listener();
        let sender = Program::sender(port, &["--count", count, "--interval", "300ms"]);
        let (mut stream, _) = listener.accept().expect("the sender");
        stream.read_exact(&mut [0; 24]).expect("a record");
        drop(stream);
        let finished = sender.finish();
        assert_eq!(finished.status.code(), Some(1), "{count}: {:?}", finished.stderr);
        let said = finished.stderr.concat();
        assert!(
            said.contains(&format!("sender: the connection broke after {count} records")),
            "{said}"
        );
    }
}

/// A peer may close its own side and still read.
#[test]
fn a_peer_that_only_reads_gets_all() {
    let (listener, port) = listener();
    let sender = Program::sender(port, &["--count", "2", "--interval", "300ms"]);
    let (mut stream, _) = listener.accept().expect("the sender");
    stream.shutdown(std::net::Shutdown::Write).expect("open");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("closed in order");
    assert_eq!(bytes.len(), 48);
    sender.succeed();
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_stops_it_while_it_connects() {
    // A backlog of one place, taken: Linux then leaves new connections unanswered.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None);
    let socket = socket.expect("a socket");
    socket.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("a free port");
    socket.listen(0).expect("bound");
    let addr = socket.local_addr().expect("bound").as_socket().expect("IPv4");
    let _taken = TcpStream::connect(addr).expect("the one place");
    let sender = Program::sender(addr.port(), &[]);
    // Nothing tells from outside that it waits; a signal before that kills it, which fails the test.
    std::thread::sleep(std::time::Duration::from_millis(500));
    sender.signal("TERM");
    let finished = sender.finish();
    assert_eq!(finished.status.code(), Some(1), "{:?}", finished.stderr);
    assert_eq!(finished.stderr, ["sender: stopped before it was connected"]);
}

#[test]
fn a_line_that_is_too_long_is_named_for_what_it_is() {
    let (listener, port) = listener();
    let mut sender = Program::sender(port, &["-"]);
    let (mut stream, _) = listener.accept().expect("the sender");
    let line = r#"{"a": "A", "b": 300, "c": "hello"}"#;
    sender.write(&format!("{line}\n{}\n{line}\n", "x".repeat(70_000)));
    let mut bytes = Vec::new();
    let reading = std::thread::spawn(move || stream.read_to_end(&mut bytes).map(|_| bytes));
    let finished = sender.finish();
    assert_eq!(finished.status.code(), Some(1));
    let why = "sender: -: line 2: longer than 65536 bytes; nothing from here on is sent";
    assert_eq!(finished.stderr, [why]);
    assert_eq!(reading.join().expect("no panic").expect("closed in order").len(), 24);
}
