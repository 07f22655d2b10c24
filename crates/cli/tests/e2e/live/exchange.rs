//! `cwire listen` and `cwire connect`, with peers in C++, Node and openssl, and with each other.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use super::{
    Cwire, RECORD, bytes, certificate, free_port, line, marked, receiver, reversing, wait_for,
    with_record,
};
use crate::folder::Folder;
use crate::running::{Running, compiled};

#[test]
fn a_cpp_sender_is_listened_to() {
    const COUNT: usize = 20_000;
    let folder = Folder::new("listen-cpp");
    let Some(mut sender) = compiled("sender", &folder.0) else { return };
    let count = COUNT.to_string();
    let args = [&RECORD[..], &["--count", &count, "--format", "json"]].concat();
    let (listener, addr) = Cwire::listen(&args);
    let (host, port) = addr.rsplit_once(':').unwrap();
    sender.args([host, port, "--vary", "--garbage", "--count", &count]);
    let reader = std::thread::spawn(move || listener.wait());
    cwire_tests::run(&mut sender);
    let ended = reader.join().unwrap();
    ended.has_status(0);
    assert!(ended.said.contains("cwire: 1 connection, 20000 records (20000 CTestData)"));
    let records = ended.records();
    assert_eq!(records.len(), COUNT);
    let mut last = String::new();
    for ((number, letter), record) in (0..COUNT).zip(('A'..='Z').cycle()).zip(&records) {
        let fields = json!({
            "a": letter.to_string(), "b": 300 + number, "c": format!("#{number}"),
        });
        assert_eq!((&record["fields"], &record["offset"]), (&fields, &json!(24 * number)));
        assert_eq!(record["src"], record["peer"]);
        assert_eq!(
            (&record["dst"], &record["side"], &record["stream"]),
            (&json!(addr), &json!("client"), &json!(0))
        );
        let time = record["time"].as_str().unwrap().to_owned();
        assert!(last <= time, "{last} {time}");
        last = time;
    }
}

#[test]
fn a_cpp_receiver_is_sent_records_and_its_echo_is_printed() {
    let folder = Folder::new("connect-cpp");
    let Some((mut receiver, addr)) = receiver(&folder, &["--echo"]) else { return };
    let args = [&["connect", &addr], &RECORD[..], &["--format", "json"]].concat();
    let mut connect = Cwire::start(&args);
    connect.write(line(1) + &line(-7));
    assert!(connect.line().contains("\"b\": 1"));
    assert!(connect.line().contains("\"b\": -7"));
    // Across many reads, and more than a socket's buffers hold.
    let many: String = (0..50_000).map(line).collect();
    let mut stdin = connect.child.0.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(many.as_bytes()).unwrap());
    let printed = std::thread::spawn(move || {
        let mut printed = String::new();
        receiver.0.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
        receiver.wait();
        printed
    });
    let ended = connect.wait();
    writer.join().unwrap();
    ended.has_status(0);
    let numbers: Vec<_> = ended.records().iter().map(|it| it["fields"]["b"].clone()).collect();
    assert_eq!(numbers, (0..50_000).map(Value::from).collect::<Vec<_>>());
    let record = &ended.records()[0];
    assert_eq!((&record["peer"], &record["side"]), (&json!(addr), &json!("server")));
    assert_eq!(printed.join().unwrap().lines().count(), 50_002);
}

#[test]
fn node_is_talked_to_both_ways() {
    const SCRIPT: &str = "
        const net = require('net');
        const server = net.createServer((socket) => {
            let all = Buffer.alloc(0);
            socket.on('data', (data) => {
                all = Buffer.concat([all, data]);
                while (all.length >= 24) {
                    console.log(all.toString('latin1', 0, 1), all.readInt32LE(4));
                    const back = Buffer.from(all.subarray(0, 24));
                    back.writeInt32LE(2 * all.readInt32LE(4), 4);
                    all = all.subarray(24);
                    for (const byte of back) socket.write(Buffer.from([byte]));
                }
            });
            socket.on('end', () => { socket.end(); server.close(); });
        });
        server.listen(0, '127.0.0.1', () => console.log(server.address().port));";
    let Some(mut node) = cwire_tests::tool("node") else { return };
    node.args(["-e", SCRIPT]).stdout(Stdio::piped());
    let mut node = Running(node.spawn().unwrap());
    let mut printed = BufReader::new(node.0.stdout.take().unwrap());
    let mut port = String::new();
    printed.read_line(&mut port).unwrap();
    let addr = format!("127.0.0.1:{}", port.trim_end());
    let args = [&["connect", &addr], &RECORD[..], &["--format", "json"]].concat();
    let mut connect = Cwire::start(&args);
    connect.write(line(300) + &line(-1));
    let ended = connect.finish();
    ended.has_status(0);
    let numbers: Vec<_> = ended.records().iter().map(|it| it["fields"]["b"].clone()).collect();
    assert_eq!(numbers, [600, -2]);
    let mut rest = String::new();
    printed.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "A 300\nA -1\n");
}

#[test]
fn tls_with_openssl_on_the_other_side() {
    let folder = Folder::new("live-tls");
    let Some([cert, key]) = certificate(&folder) else { return };
    let tls = ["--tls-cert", &cert, "--tls-key", &key, "--count", "2", "--format", "json"];
    let (listener, addr) = Cwire::listen(&[&RECORD[..], &tls].concat());
    let mut client = Command::new("openssl");
    client.args(["s_client", "-quiet", "-verify_return_error", "-CAfile", &cert]);
    client.args(["-verify_ip", "127.0.0.1", "-connect", &addr]);
    client.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut client = Running(client.spawn().unwrap());
    client.0.stdin.as_mut().unwrap().write_all(&[bytes(5), bytes(6)].concat()).unwrap();
    let ended = listener.wait();
    ended.has_status(0);
    let numbers: Vec<_> = ended.records().iter().map(|it| it["fields"]["b"].clone()).collect();
    assert_eq!(numbers, [5, 6]);

    // A server in openssl, whose certificate is trusted, and then one that is not.
    let (_server, addr) = reversing(&cert, &key);
    let mut connect =
        Cwire::start(&["connect", &addr, "--text", "--tls-ca", &cert, "--count", "1"]);
    connect.write("stressed\n");
    // `-rev` sends each line back in reverse.
    let ended = connect.wait();
    ended.has_status(0);
    assert_eq!(ended.printed, "desserts\n");
    let ended =
        Cwire::start(&["connect", &addr, "--text", "--tls-ca", &cert, "--tls-name", "example.org"])
            .wait();
    ended.has_status(1);
    assert!(ended.said.contains("certificate not valid for name"), "{}", ended.said);
}

#[test]
fn two_people_chat() {
    let (mut listener, addr) = Cwire::listen(&["--text"]);
    let mut connect = Cwire::start(&["connect", &addr, "--text"]);
    connect.write("hello\n");
    let line = listener.line();
    let peer = line.strip_suffix(" hello").expect("the peer in front");
    assert!(peer.starts_with("127.0.0.1:"), "{line}");
    listener.write("hello yourself\n");
    assert_eq!(connect.line(), "hello yourself");
    // What would steer a terminal is shown, not done.
    connect.write("red \u{1b}[31m\u{7}\nbye");
    assert!(listener.line().ends_with(r" red \u{1b}[31m\u{7}"));
    let ended = connect.finish();
    ended.has_status(0);
    assert!(listener.line().ends_with(" bye"), "the last line needs no line break");
    listener.hear("finished: 3 lines received");
    listener.signal("-INT");
    listener.wait().has_status(0);
}

#[test]
fn bytes_are_passed_on_as_they_are() {
    let (listener, addr) = Cwire::listen(&["--raw", "--echo"]);
    let mut connect = Cwire::start(&["connect", &addr, "--raw"]);
    let all = "any\0thing".repeat(100_000);
    connect.write(&all);
    let ended = connect.finish();
    ended.has_status(0);
    assert!(ended.printed == all, "{} bytes came back", ended.printed.len());
    listener.signal("-TERM");
    let ended = listener.wait();
    ended.has_status(0);
    assert!(ended.printed == all);
}

#[test]
fn each_peer_is_sent_the_reply() {
    let folder = Folder::new("reply");
    let many: String = (0..20_000).map(line).collect();
    let file = folder.write("reply.jsonl", &many);
    let (listener, addr) =
        Cwire::listen(&[&RECORD[..], &["--reply", &file, "--format", "json"]].concat());
    for _ in 0..2 {
        // Its end comes before the reply is through.
        let mut args = vec!["connect", &addr, "--format", "json"];
        args.extend(RECORD);
        let ended = Cwire::start(&args).finish();
        ended.has_status(0);
        let numbers = ended.records().into_iter().map(|it| it["fields"]["b"].clone());
        assert!(numbers.eq((0..20_000).map(Value::from)));
    }
    listener.signal("-TERM");
    listener.wait().has_status(0);
    let bad = folder.write("bad.jsonl", line(1) + "{\"a\": \"A\"}\n");
    let args = [&["listen", "127.0.0.1:0"], &RECORD[..], &["--reply", &bad]].concat();
    let ended = Cwire::start(&args).wait();
    ended.has_status(2);
    assert!(ended.said.contains("bad.jsonl:2:"), "{}", ended.said);
}

#[test]
fn what_is_wrong_is_said_and_the_rest_goes_on() {
    let (mut listener, addr) = Cwire::listen(&with_record(&["--format", "json"]));
    let mut raw = Cwire::start(&["connect", &addr, "--raw"]);
    raw.write([&bytes(9)[..], b"abc"].concat());
    raw.finish().has_status(0);
    let complaint = listener.hear("cwire: ");
    let expected = "at 0x18 (24): needs 24 bytes, 3 left when the stream ended";
    assert!(complaint.ends_with(expected), "{complaint}");
    let args = [&["connect", &addr], &RECORD[..]].concat();
    let mut connect = Cwire::start(&args);
    connect.write(line(1) + "{\"a\": \"A\", \"b\": true, \"c\": \"\"}\nnonsense\n" + &line(2));
    let ended = connect.finish();
    ended.has_status(1);
    assert!(ended.said.contains("cwire: <stdin>:2:17: b: needs an integer"), "{}", ended.said);
    assert!(ended.said.contains("cwire: <stdin>:3:1: "), "{}", ended.said);
    listener.hear("finished: 2 records received");
    listener.signal("-TERM");
    let ended = listener.wait();
    ended.has_status(1);
    let numbers: Vec<_> = ended.records().iter().map(|it| it["fields"]["b"].clone()).collect();
    assert_eq!(numbers, [json!(9), Value::Null, json!(1), json!(2)]);
    assert_eq!(ended.records()[1]["type"], "error");
    assert!(ended.said.contains("cwire: 2 connections, 3 records"), "{}", ended.said);
}

#[test]
fn a_stream_of_something_else_stops_making_sense_somewhere() {
    let folder = Folder::new("live-protocol");
    let file = marked(&folder);
    let (mut listener, addr) = Cwire::listen(&["--protocol", &file, "--format", "json"]);
    let mut raw = Cwire::start(&["connect", &addr, "--raw"]);
    raw.write([b"\x7e", &bytes(1)[..], b"GET / HTTP/1.1\r\n\r\n"].concat());
    raw.finish().has_status(0);
    let complaint = listener.hear("cwire: ");
    assert!(complaint.contains("at 0x19 (25): "), "{complaint}");
    listener.hear("finished: 1 record received");
    listener.signal("-TERM");
    listener.wait().has_status(1);
}

#[test]
fn bytes_in_front_of_records_are_sent() {
    let folder = Folder::new("live-prefix");
    let file = marked(&folder);
    let args = ["--protocol", &file, "--echo", "--count", "2", "--format", "json"];
    let (listener, addr) = Cwire::listen(&args);
    let mut connect = Cwire::start(&["connect", &addr, "--protocol", &file, "--format", "json"]);
    let message = |prefix: &str, b: i32| {
        let fields: Value = serde_json::from_str(&line(b)).unwrap();
        format!("{}\n", json!({"record": "CTestData", "prefix": prefix, "fields": fields}))
    };
    connect.write(message("7e", 1) + &message("7", 2) + &message("7E", 3));
    let ended = connect.wait();
    ended.has_status(1);
    let problem = "cwire: <stdin>:2: prefix: needs hex digits, found \"7\"";
    assert!(ended.said.contains(problem), "{}", ended.said);
    for ended in [ended, listener.wait()] {
        let found = ended.records();
        let found: Vec<_> = found.iter().map(|it| (&it["offset"], &it["fields"]["b"])).collect();
        // The record is behind the byte, and the next message behind the record.
        assert_eq!(found, [(&json!(1), &json!(1)), (&json!(26), &json!(3))]);
    }
}

/// How long an answer is stands in the question alone.
#[test]
fn what_was_sent_says_how_long_answers_are() {
    let folder = Folder::new("live-recall");
    let header = "struct Ask { int key; int len; };\nstruct Answer { int key; };\n";
    folder.write("ask.h", header);
    let protocol = "header = ['ask.h']
        [[message]]
        side = 'client'
        record = 'Ask'
        remember = { table = 'asked', key = 'key', value = 'len' }
        [[message]]
        side = 'server'
        record = 'Answer'
        length = 'sizeof(Answer) + recall(asked, le32(0))'";
    let file = folder.write("ask.toml", protocol);
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = server.local_addr().unwrap().to_string();
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = server.accept().unwrap();
        for _ in 0..2 {
            let mut ask = [0; 8];
            stream.read_exact(&mut ask).unwrap();
            let len = usize::from(ask[4]);
            stream.write_all(&[&ask[..4], &vec![0xff; len][..]].concat()).unwrap();
        }
    });
    let mut connect = Cwire::start(&["connect", &addr, "--protocol", &file, "--format", "json"]);
    let ask = |key: i32, len: i32| {
        let fields = json!({"key": key, "len": len});
        format!("{}\n", json!({"record": "Ask", "fields": fields}))
    };
    connect.write(ask(7, 20) + &ask(8, 3));
    let ended = connect.wait();
    answering.join().unwrap();
    ended.has_status(0);
    let found = ended.records();
    let found: Vec<_> = found.iter().map(|it| (&it["offset"], &it["fields"]["key"])).collect();
    assert_eq!(found, [(&json!(0), &json!(7)), (&json!(24), &json!(8))]);
}

#[test]
fn who_cannot_be_connected_to_is_said() {
    let refused = format!("127.0.0.1:{}", free_port());
    let ended = Cwire::start(&["connect", &refused, "--text"]).wait();
    ended.has_status(2);
    assert!(ended.said.starts_with(&format!("cwire: connecting: cannot connect to {refused}: ")));
    let ended = Cwire::start(&["connect", "no-such-host.invalid:9000", "--text"]).wait();
    ended.has_status(2);
    assert!(ended.said.contains("no-such-host.invalid:9000"), "{}", ended.said);
    let ended = Cwire::start(&["connect", "127.0.0.1:9000"]).wait();
    ended.has_status(2);
    let needed = "<--record <NAME>|--protocol <FILE>|--text|--raw>";
    assert!(ended.said.contains(needed), "{}", ended.said);
}

#[test]
fn a_server_that_comes_later_is_connected_to() {
    let port = free_port();
    let addr = format!("127.0.0.1:{port}");
    let args = [&["connect", &addr, "--reconnect"], &RECORD[..]].concat();
    let mut connect = Cwire::start(&args);
    connect.hear("again in");
    connect.write(line(42));
    let args = [&["listen", &addr], &RECORD[..], &["--count", "1", "--format", "json"]].concat();
    let ended = Cwire::start(&args).wait();
    ended.has_status(0);
    assert_eq!(ended.records()[0]["fields"]["b"], 42);
    connect.signal("-INT");
    connect.wait().has_status(0);
}

#[test]
fn connections_are_limited() {
    let (listener, addr) = Cwire::listen(&["--text", "--deny", "127.0.0.0/8"]);
    Cwire::start(&["connect", &addr, "--text"]).wait();
    listener.signal("-TERM");
    let ended = listener.wait();
    assert!(ended.said.contains("turned away"), "{}", ended.said);
    let (mut listener, addr) =
        Cwire::listen(&["--text", "--max-connections", "1", "--idle", "200ms"]);
    let mut first = Cwire::start(&["connect", &addr, "--text"]);
    first.write("one\n");
    assert!(listener.line().ends_with(" one"));
    let mut second = Cwire::start(&["connect", &addr, "--text"]);
    second.write("two\n");
    // Silence ends the first, and only then is there room for the second.
    listener.hear("idle, closed: 1 line received");
    assert!(listener.line().ends_with(" two"));
    first.wait().has_status(0);
}

#[test]
fn several_places_are_listened_on() {
    let folder = Folder::new("unix");
    let socket = format!("unix:{}", folder.0.join("feed.sock").display());
    let args =
        [&["listen", &socket, "127.0.0.1:0"], &RECORD[..], &["--count", "1", "--format", "json"]];
    let mut listener = Cwire::start(&args.concat());
    listener.hear("listening on unix:");
    listener.hear("listening on 127.0.0.1:");
    let mut connect = Cwire::start(&[&["connect", &socket], &RECORD[..]].concat());
    connect.write(line(3));
    connect.finish().has_status(0);
    let ended = listener.wait();
    ended.has_status(0);
    assert_eq!(ended.records()[0]["fields"]["b"], 3);
}

/// A program that does not read holds up the peers, and can be ended all the same.
#[test]
fn an_output_that_is_not_taken_does_not_keep_the_program() {
    let (listener, addr) = Cwire::listen(&with_record(&["--format", "json"]));
    let mut stream = std::net::TcpStream::connect(&addr).unwrap();
    stream.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
    let piece = bytes(1).repeat(4096);
    let mut sent = 0;
    let blocked = loop {
        match stream.write(&piece) {
            Ok(count) => sent += count,
            Err(error) => break error,
        }
        assert!(sent < 256 << 20, "nobody reads, and {sent} bytes were taken");
    };
    assert!(matches!(blocked.kind(), std::io::ErrorKind::WouldBlock), "{blocked}");
    let mut child = listener.child;
    cwire_tests::run(Command::new("kill").args(["-TERM", &child.0.id().to_string()]));
    assert_eq!(wait_for(&mut child.0).code(), Some(1));
    let mut said = String::new();
    let mut rest = listener.said;
    rest.read_to_string(&mut said).unwrap();
    assert!(said.contains("the output is not taken"), "{said}");
}
