//! `cwire bench` of servers in C++, Node and openssl.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;

use serde_json::Value;

use super::{Cwire, Ended, RECORD, certificate, free_port, marked, receiver, reversing};
use crate::folder::Folder;
use crate::running::Running;

fn bench(addr: &str, args: &[&str]) -> Ended {
    Cwire::start(&[&["bench", addr, "--format", "json"], &RECORD[..], args].concat()).wait()
}

fn report(ended: &Ended) -> Value {
    assert_eq!(ended.printed.lines().count(), 1, "{}", ended.printed);
    serde_json::from_str(&ended.printed).unwrap()
}

/// An echo server in Node that serves many connections, and its address.
fn node() -> Option<(Running, String)> {
    const SCRIPT: &str = "
        const server = require('net').createServer((socket) => socket.pipe(socket));
        server.listen(0, '127.0.0.1', () => console.log(server.address().port));";
    let mut node = cwire_tests::tool("node")?;
    let mut node = Running(node.args(["-e", SCRIPT]).stdout(Stdio::piped()).spawn().unwrap());
    let mut port = String::new();
    BufReader::new(node.0.stdout.take().unwrap()).read_line(&mut port).unwrap();
    Some((node, format!("127.0.0.1:{}", port.trim_end())))
}

#[test]
fn a_cpp_receiver_gets_the_records_that_were_counted() {
    let folder = Folder::new("bench-cpp");
    let Some((mut receiver, addr)) = receiver(&folder, &["--echo"]) else { return };
    let template = ["--template", r#"{"a": "x", "b": 0, "c": "one"}"#];
    let more = ["--template", r#"{"a": "y", "b": 0, "c": "two"}"#, "--set", "b=number() * 10"];
    let ended = bench(&addr, &[&template[..], &more, &["--count", "500"]].concat());
    ended.has_status(0);
    let report = report(&ended);
    for (key, count) in [
        ("connections", 1),
        ("sent", 500),
        ("answers", 500),
        ("unanswered", 0),
        ("bytes_sent", 12_000),
        ("bytes_received", 12_000),
    ] {
        assert_eq!(report[key], count, "{key}: {report}");
    }
    let latency = ["min", "p50", "p90", "p99", "p99.9", "p99.99", "max"];
    let latency = latency.map(|key| report["latency_us"][key].as_f64().unwrap());
    assert!(latency[0] > 0.0 && latency.is_sorted(), "{report}");
    receiver.wait();
    let mut printed = String::new();
    receiver.0.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
    let lines = (0..500).map(|at| match at % 2 {
        0 => format!("120 {} one", at * 10),
        _ => format!("121 {} two", at * 10),
    });
    assert!(printed.lines().eq(lines.collect::<Vec<_>>()), "{printed}");
}

#[test]
fn node_is_loaded_over_many_connections() {
    let Some((_node, addr)) = node() else { return };
    let ended = bench(&addr, &["-n", "7", "--count", "1000", "--in-flight", "20"]);
    ended.has_status(0);
    let report = report(&ended);
    let counts = ["connections", "sent", "answers", "unanswered"].map(|key| &report[key]);
    assert_eq!(counts, [7, 1000, 1000, 0], "{report}");
}

#[test]
fn a_rate_is_kept_and_a_duration_ends_it() {
    let Some((_node, addr)) = node() else { return };
    let ended = bench(&addr, &["-n", "3", "--rate", "300", "--duration", "1s"]);
    ended.has_status(0);
    let report = report(&ended);
    // Never more than are due: one at once on each connection, and 100 in the second that follows.
    let sent = report["sent"].as_u64().unwrap();
    assert!((100..=303).contains(&sent), "{report}");
    assert!(report["seconds"].as_f64().unwrap() >= 0.99, "{report}");
}

#[test]
fn a_server_in_openssl_is_loaded() {
    let folder = Folder::new("bench-tls");
    let Some([cert, key]) = certificate(&folder) else { return };
    let (_server, addr) = reversing(&cert, &key);
    let header = folder.write("line.h", "struct line { char text[8]; };\n");
    let template = r#"{"text": "abcdefg\n"}"#;
    let args = ["bench", &addr, "--header", &header, "--record", "line", "--tls-ca", &cert];
    let ended =
        Cwire::start(&[&args[..], &["--template", template, "--count", "50"]].concat()).wait();
    ended.has_status(0);
    assert_eq!((&report(&ended)["sent"], &report(&ended)["answers"]), (&50.into(), &50.into()));
}

#[test]
fn answers_that_do_not_come_are_counted() {
    let Some((_node, addr)) = node() else { return };
    let ended = bench(&addr, &["--answers", "2", "--count", "1", "--wait", "200ms"]);
    ended.has_status(1);
    let report = report(&ended);
    let counts = ["sent", "answers", "unanswered"].map(|key| &report[key]);
    assert_eq!(counts, [1, 1, 1], "{report}");
    // A server that goes away in the middle.
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = server.local_addr().unwrap().to_string();
    let serving = std::thread::spawn(move || {
        let (mut stream, _) = server.accept().unwrap();
        stream.read_exact(&mut [0; 24]).unwrap();
    });
    let ended = bench(&addr, &["--duration", "20s"]);
    serving.join().unwrap();
    ended.has_status(1);
    assert!(ended.said.contains("the server has finished before"), "{}", ended.said);
}

#[test]
fn messages_of_a_protocol_are_sent_and_counted() {
    let folder = Folder::new("bench-protocol");
    let file = marked(&folder);
    let Some((_node, addr)) = node() else { return };
    let template =
        r#"{"record": "CTestData", "prefix": "7e", "fields": {"a": "A", "b": 1, "c": ""}}"#;
    let args = ["bench", &addr, "--protocol", &file, "--format", "json", "--count", "30"];
    let ended = Cwire::start(&[&args[..], &["--template", template]].concat()).wait();
    ended.has_status(0);
    let counts = ["sent", "answers", "bytes_sent"].map(|key| report(&ended)[key].clone());
    assert_eq!(counts, [30, 30, 750]);
    // Without the byte it is no message.
    let bare = template.replace("\"prefix\": \"7e\", ", "");
    let ended = Cwire::start(&[&args[..], &["--template", &bare]].concat()).wait();
    ended.has_status(2);
    assert!(ended.said.contains("the records to send, at 0x0 (0): "), "{}", ended.said);
}

/// Servers that do not read, that are silent before TLS, and that finish before anything was sent.
#[test]
fn what_was_not_taken_was_not_sent() {
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = server.local_addr().unwrap().to_string();
    let serving = std::thread::spawn(move || {
        let mut held = Vec::new();
        for _ in 0..3 {
            held.push(server.accept().unwrap().0);
        }
        held[2].shutdown(std::net::Shutdown::Write).unwrap();
        let mut all = Vec::new();
        held[2].read_to_end(&mut all).unwrap();
        all.len()
    });
    let ended = bench(&addr, &["--answers", "0", "--duration", "300ms", "--wait", "200ms"]);
    ended.has_status(1);
    assert!(ended.said.contains("the server has not taken all that was sent"), "{}", ended.said);
    let folder = Folder::new("bench-silent");
    let Some([cert, _]) = certificate(&folder) else { return };
    let ended = bench(&addr, &["--tls-ca", &cert, "--duration", "300ms", "--wait", "200ms"]);
    ended.has_status(1);
    assert!(ended.said.contains("did not become ready"), "{}", ended.said);
    let ended = bench(&addr, &["--answers", "0", "--count", "1000"]);
    ended.has_status(0);
    assert_eq!(serving.join().unwrap(), 24_000);
}

#[test]
fn a_signal_ends_it_with_a_report() {
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = server.local_addr().unwrap().to_string();
    let (tell, answered) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let (mut stream, _) = server.accept().unwrap();
        let mut record = [0; 24];
        // The second asks for an answer when that to the first has been heard.
        while stream.read_exact(&mut record).is_ok() {
            let _ = stream.write_all(&record);
            let _ = tell.send(());
        }
    });
    let args = [&["bench", &addr, "--duration", "1h", "--format", "text"], &RECORD[..]].concat();
    let bench = Cwire::start(&args);
    for _ in 0..2 {
        answered.recv().unwrap();
    }
    bench.signal("-INT");
    let ended = bench.wait();
    ended.has_status(0);
    assert!(ended.printed.starts_with("1 connection, "), "{}", ended.printed);
    assert!(ended.printed.contains("\nlatency  min "), "{}", ended.printed);
}

#[test]
fn what_cannot_be_loaded_is_refused() {
    let closed = format!("127.0.0.1:{}", free_port());
    for (addr, args, needed) in [
        ("192.0.2.1:9000", &[][..], "192.0.2.1:9000 is not an address of this machine"),
        (&*closed, &[], "connecting: cannot connect to "),
        (&closed, &["--template", "{\"a\": 7}"], "--template:1:"),
        (&closed, &["--rate", "0"], "a number of records per second above 0"),
        (&closed, &["--set", "d=1"], "no record has a field `d`"),
    ] {
        let ended = bench(addr, args);
        ended.has_status(2);
        assert!(ended.said.contains(needed), "{needed}: {}", ended.said);
    }
}
