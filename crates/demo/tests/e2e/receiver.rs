//! `receiver` by itself.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::process::Command;

use crate::process::{Finished, Program};

/// Three records of `struct CTestData` on x86-64 Linux, by hand.
const RECORDS: [&[u8; 24]; 3] = [
    b"A\0\0\0\x2c\x01\0\0hello\0\0\0\0\0\0\0\0\0\0\0",
    b"\x80\xaa\xaa\xaa\xff\xff\xff\xfffifteen letters\xaa",
    b"\"\0\0\0\0\0\0\x80a\"\\\n\xff\0stale\0\0\0\0\0",
];

fn connect(port: u16) -> TcpStream {
    TcpStream::connect(("127.0.0.1", port)).expect("it listens")
}

fn run(args: &[&str]) -> Finished {
    Program::start(Command::new(env!("CARGO_BIN_EXE_receiver")).args(args)).finish()
}

#[test]
fn records_are_lines_of_text() {
    let (receiver, port) = Program::receiver(&["--count", "3"]);
    let mut peer = connect(port);
    peer.write_all(&RECORDS.map(|record| *record).concat()).expect("open");
    let from = peer.local_addr().expect("open");
    let finished = receiver.succeed();
    let expected = [
        r#"a='A' b=300 c="hello""#,
        r#"a='\u{80}' b=-1 c="fifteen letters""#,
        r#"a='"' b=-2147483648 c="a\"\\\n�""#,
    ];
    assert_eq!(finished.stdout, expected.map(|record| format!("{from} {record}")));
}

#[test]
fn records_are_lines_of_json() {
    let (receiver, port) = Program::receiver(&["--count", "3", "--format", "json"]);
    let mut peer = connect(port);
    peer.write_all(&RECORDS.map(|record| *record).concat()).expect("open");
    let from = peer.local_addr().expect("open");
    let finished = receiver.succeed();
    let expected = [
        r#""a": "A", "b": 300, "c": "hello""#,
        "\"a\": \"\u{80}\", \"b\": -1, \"c\": \"fifteen letters\"",
        r#""a": "\"", "b": -2147483648, "c": "a\"\\\n�""#,
    ];
    assert_eq!(finished.stdout, expected.map(|r| format!(r#"{{"peer": "{from}", {r}}}"#)));
}

#[test]
fn records_appear_as_they_arrive_and_events_beside_them() {
    let (mut receiver, port) = Program::receiver(&[]);
    let mut peer = connect(port);
    let from = peer.local_addr().expect("open");
    receiver.wait_for_stderr(&format!("{from} connected"));
    for _ in 0..3 {
        peer.write_all(RECORDS[0]).expect("open");
        receiver.wait_for_stdout("b=300");
    }
    drop(peer);
    receiver.wait_for_stderr(&format!("{from} finished: 3 records received"));
    receiver.signal("TERM");
    assert!(receiver.succeed().stdout.is_empty());
}

#[test]
fn count_is_over_all_connections_and_cuts_a_batch() {
    let (mut receiver, port) = Program::receiver(&["--count", "5"]);
    let mut first = connect(port);
    first.write_all(&RECORDS[0].repeat(3)).expect("open");
    for _ in 0..3 {
        receiver.wait_for_stdout("b=300");
    }
    connect(port).write_all(&RECORDS[1].repeat(10)).expect("open");
    let finished = receiver.succeed();
    assert_eq!(finished.stdout.len(), 2);
    assert!(finished.stdout.iter().all(|line| line.contains("b=-1")));
}

#[test]
fn stray_bytes_are_complained_about_and_are_status_1() {
    let (mut receiver, port) = Program::receiver(&[]);
    let mut peer = connect(port);
    let from = peer.local_addr().expect("open");
    peer.write_all(&[RECORDS[0], &RECORDS[1][..7]].concat()).expect("open");
    drop(peer);
    receiver.wait_for_stderr(&format!(
        "receiver: {from}: peer closed 7 bytes into a record of 24, at offset 0x18; \
         1 record received"
    ));
    receiver.signal("INT");
    let finished = receiver.finish();
    assert_eq!(finished.status.code(), Some(1));
    assert_eq!(finished.stdout.len(), 1);
}

#[test]
fn a_signal_closes_the_connections_and_is_status_0() {
    for signal in ["TERM", "INT"] {
        let (mut receiver, port) = Program::receiver(&[]);
        let mut peer = connect(port);
        peer.write_all(RECORDS[0]).expect("open");
        receiver.wait_for_stdout("b=300");
        receiver.signal(signal);
        let finished = receiver.succeed();
        assert!(finished.stderr.iter().any(|line| line.ends_with("closed: 1 record received")));
        assert_eq!(peer.read(&mut [0]).expect("closed in order"), 0);
    }
}

#[test]
fn a_peer_that_resets_is_complained_about() {
    let (mut receiver, port) = Program::receiver(&[]);
    let peer = socket_that_resets(port);
    receiver.wait_for_stderr("connected");
    drop(peer);
    let complaint = receiver.wait_for_stderr("receiver: 127.0.0.1:");
    assert!(complaint.contains(": reading from the peer failed: "), "{complaint}");
    receiver.signal("TERM");
    assert_eq!(receiver.finish().status.code(), Some(1));
}

/// A connection that is reset when it is dropped.
fn socket_that_resets(port: u16) -> socket2::Socket {
    let socket = socket2::Socket::from(connect(port));
    socket.set_linger(Some(std::time::Duration::ZERO)).expect("open");
    socket
}

#[test]
fn an_idle_connection_is_closed() {
    let (mut receiver, port) = Program::receiver(&["--idle-timeout", "50ms"]);
    let mut idle = connect(port);
    let from = idle.local_addr().expect("open");
    assert_eq!(idle.read(&mut [0]).expect("closed in order"), 0);
    receiver.wait_for_stderr(&format!("{from} idle, closed: 0 records received"));

    let mut stuck = connect(port);
    stuck.write_all(&RECORDS[0][..5]).expect("open");
    assert_eq!(stuck.read(&mut [0]).expect("closed in order"), 0);
    receiver.wait_for_stderr("idle 5 bytes into a record of 24, at offset 0x0, closed");
    receiver.signal("TERM");
    assert_eq!(receiver.finish().status.code(), Some(1));
}

#[test]
fn connections_beyond_the_limit_wait() {
    let (mut receiver, port) = Program::receiver(&["--max-connections", "1", "--count", "2"]);
    let mut first = connect(port);
    let first_addr = first.local_addr().expect("open");
    receiver.wait_for_stderr(&format!("{first_addr} connected"));
    let mut second = connect(port);
    let second_addr = second.local_addr().expect("open");
    second.write_all(RECORDS[1]).expect("open");
    drop(second);
    first.write_all(RECORDS[0]).expect("open");
    receiver.wait_for_stdout("b=300");
    drop(first);
    let finished = receiver.succeed();
    assert_eq!(finished.stdout.len(), 1);
    assert!(finished.stdout[0].contains("b=-1"));
    let said = |line: String| {
        let at = finished.stderr.iter().position(|said| said.starts_with(&line));
        at.unwrap_or_else(|| panic!("`{line}` is not in {:?}", finished.stderr))
    };
    assert!(said(format!("{first_addr} finished")) < said(format!("{second_addr} connected")));

    let (program, args) = (env!("CARGO_BIN_EXE_receiver"), ["--max-connections", "0"]);
    let refused = Command::new(program).args(args).output().expect("it runs");
    assert_eq!(refused.status.code(), Some(2));
}

/// The limit is on silence, not on how long a record takes.
#[test]
fn a_peer_that_sends_slowly_is_not_idle() {
    let args = ["--idle-timeout", "2s", "--count", "1"];
    let (receiver, port) = Program::receiver(&args);
    let mut slow = connect(port);
    for part in RECORDS[0].chunks(4) {
        // Six parts, 3 s in all: more than the limit, each pause far less.
        slow.write_all(part).expect("open");
        std::thread::sleep(std::time::Duration::from_millis(500));
    }
    assert_eq!(receiver.succeed().stdout.len(), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn records_that_cannot_be_printed_are_no_success() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
    let mut command = Command::new(env!("CARGO_BIN_EXE_receiver"));
    command.args(["--listen", "127.0.0.1:0", "--count", "1"]);
    command.stdout(full).stderr(std::process::Stdio::piped());
    let mut receiver = command.spawn().expect("it runs");
    let stderr = receiver.stderr.take().expect("piped");
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(stderr));
    let mut line = || lines.next().map(|line| line.expect("text"));
    let listening = line().expect("it listens");
    let port = listening.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    connect(port).write_all(RECORDS[0]).expect("open");
    let said: Vec<_> = std::iter::from_fn(line).collect();
    let why = "receiver: standard output: No space left on device (os error 28)";
    assert!(said.iter().any(|line| line == why), "{said:?}");
    assert_eq!(receiver.wait().expect("it was started").code(), Some(2));
}

#[test]
fn a_closed_output_is_status_0() {
    let mut command = Command::new("sh");
    // The pipe's own status is that of `head`.
    let receiver = env!("CARGO_BIN_EXE_receiver");
    let pipe = format!("{{ {receiver} --listen 127.0.0.1:0; echo status $? >&2; }} | head -n 1");
    let mut receiver = Program::start(command.args(["-c", &pipe]));
    let port = receiver.listening_port();
    let mut peer = connect(port);
    // Until the receiver closes, which it does when it prints to nobody.
    while peer.write_all(RECORDS[0]).is_ok() {}
    let finished = receiver.succeed();
    assert_eq!(finished.stdout.len(), 1);
    let stderr = &finished.stderr;
    assert!(stderr.iter().any(|line| line == "status 0"), "{stderr:?}");
    assert!(!stderr.iter().any(|line| line.contains("receiver:")), "{stderr:?}");
}

#[test]
fn every_address_is_listened_on() {
    let args = ["--listen", "127.0.0.1:0", "--listen", "127.0.0.2:0", "--count", "2"];
    let mut receiver = Program::start(Command::new(env!("CARGO_BIN_EXE_receiver")).args(args));
    let addrs = [(); 2].map(|()| {
        let line = receiver.wait_for_stderr("listening on 127.0.0.");
        line.trim_start_matches("listening on ").to_owned()
    });
    for addr in &addrs {
        TcpStream::connect(addr).expect("it listens").write_all(RECORDS[0]).expect("open");
    }
    assert_eq!(receiver.succeed().stdout.len(), 2);
}

#[test]
fn records_come_over_a_unix_socket() {
    let path = std::env::temp_dir().join(format!("cwire-receiver-{}.sock", std::process::id()));
    let endpoint = format!("unix:{}", path.display());
    let args = ["--listen", &endpoint, "--count", "1"];
    let mut receiver = Program::start(Command::new(env!("CARGO_BIN_EXE_receiver")).args(args));
    receiver.wait_for_stderr(&format!("listening on {endpoint}"));
    UnixStream::connect(&path).expect("it listens").write_all(RECORDS[0]).expect("open");
    assert_eq!(receiver.succeed().stdout, [r#"unix: a='A' b=300 c="hello""#]);
    assert!(!path.exists());
}

#[test]
fn what_cannot_run_is_status_2() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let addr = taken.local_addr().expect("bound").to_string();
    let finished = run(&["--listen", &addr]);
    assert_eq!(finished.status.code(), Some(2));
    let [complaint] = &finished.stderr[..] else { panic!("{:?}", finished.stderr) };
    assert!(complaint.starts_with(&format!("receiver: cannot listen on {addr}: ")), "{complaint}");

    for args in [
        &["--listen", "nowhere"][..],
        &["--count", "many"],
        &["--count", "-1"],
        &["--format", "xml"],
        &["--idle-timeout", "soon"],
        &["--no-such-option"],
        &["argument"],
    ] {
        let finished = run(args);
        assert_eq!(finished.status.code(), Some(2), "{args:?}");
        assert!(!finished.stderr.is_empty() && finished.stdout.is_empty(), "{args:?}");
    }
}

#[test]
fn help_and_version_are_status_0() {
    let help = run(&["--help"]);
    assert!(help.status.success());
    let text = help.stdout.join("\n");
    for option in ["--listen", "--count", "--format", "--idle-timeout", "--max-connections"] {
        assert!(text.contains(option), "{text}");
    }
    assert_eq!(run(&["--version"]).stdout, [concat!("receiver ", env!("CARGO_PKG_VERSION"))]);
}
