//! `cwire hub`, with peers in C++ and Node, and with `cwire connect`.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Cwire, PATIENCE, RECORD, bytes, certificate, line, marked};
use crate::folder::Folder;
use crate::running::{Running, compiled};

/// A hub, its address, and that of its counters.
fn hub(args: &[&str]) -> (Cwire, String, String) {
    let all = [&["hub", "127.0.0.1:0", "--stats", "127.0.0.1:0"], &RECORD[..], args].concat();
    let mut hub = Cwire::start(&all);
    let (mut addr, mut stats) = (String::new(), String::new());
    while addr.is_empty() || stats.is_empty() {
        let said = hub.hear(" on ");
        match said.strip_prefix("counters on http://") {
            Some(rest) => stats = rest.strip_suffix("/metrics").unwrap().to_owned(),
            None => addr = said.strip_prefix("listening on ").unwrap().to_owned(),
        }
    }
    (hub, addr, stats)
}

fn member(addr: &str, args: &[&str]) -> Cwire {
    let all = [&["connect", addr, "--format", "json"], &RECORD[..], args].concat();
    Cwire::start(&all)
}

/// What an HTTP server answers.
fn asked(addr: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(addr).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn counter(stats: &str, name: &str) -> u64 {
    let answer = asked(stats, "GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let line = answer.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_else(|| panic!("no {name} in {answer}")).trim().parse().unwrap()
}

/// Waits until a counter has a value.
fn wait_until(stats: &str, name: &str, value: u64) {
    let since = Instant::now();
    while counter(stats, name) != value {
        assert!(since.elapsed() < PATIENCE, "{name} is {}", counter(stats, name));
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn numbers(records: &[Value]) -> Vec<i64> {
    records.iter().map(|record| record["fields"]["b"].as_i64().unwrap()).collect()
}

#[test]
fn all_but_the_sender_get_what_a_cpp_sender_sends() {
    const COUNT: i64 = 20_000;
    let folder = Folder::new("hub-cpp");
    let Some(mut sender) = compiled("sender", &folder.0) else { return };
    let (hub, addr, stats) = hub(&["--slow", "wait", "--snapshot", "3"]);
    let count = COUNT.to_string();
    let members = [0, 1].map(|_| member(&addr, &["--count", &count]));
    wait_until(&stats, "cwire_hub_members", 2);
    let members = members.map(|member| std::thread::spawn(move || member.wait()));
    let (host, port) = addr.rsplit_once(':').unwrap();
    // One send of 24 bytes per record, of which each read brings as many as it may.
    cwire_tests::run(sender.args([host, port, "--vary", "--garbage", "--count", &count]));
    for member in members {
        let ended = member.join().unwrap();
        ended.has_status(0);
        let records = ended.records();
        assert_eq!(numbers(&records), (300..300 + COUNT).collect::<Vec<_>>());
        assert_eq!(records[7]["fields"]["c"], "#7");
    }
    assert_eq!(counter(&stats, "cwire_hub_offered_records_total"), 20_000);
    // Who is late gets the last ones.
    let late = member(&addr, &["--count", "3"]).wait();
    late.has_status(0);
    assert_eq!(numbers(&late.records()), [300 + COUNT - 3, 300 + COUNT - 2, 300 + COUNT - 1]);
    hub.signal("-TERM");
    let ended = hub.wait();
    ended.has_status(0);
    let summary = "cwire: 4 connections, 20000 records relayed, ";
    assert!(ended.said.contains(summary), "{}", ended.said);
}

#[test]
fn node_and_cwire_hear_each_other() {
    const SCRIPT: &str = "
        const [host, port] = process.argv[1].split(':');
        const socket = require('net').connect(+port, host);
        let all = Buffer.alloc(0);
        socket.on('data', (data) => {
            all = Buffer.concat([all, data]);
            if (all.length < 24) return;
            console.log(all.readInt32LE(4));
            all.writeInt32LE(-all.readInt32LE(4), 4);
            for (const byte of all) socket.write(Buffer.from([byte]));
            socket.end();
        });";
    let Some(mut node) = cwire_tests::tool("node") else { return };
    let (hub, addr, stats) = hub(&[]);
    node.args(["-e", SCRIPT, &addr]).stdout(Stdio::piped());
    let mut node = Running(node.spawn().unwrap());
    let mut other = member(&addr, &["--count", "1"]);
    wait_until(&stats, "cwire_hub_members", 2);
    other.write(line(41));
    let ended = other.wait();
    ended.has_status(0);
    assert_eq!(numbers(&ended.records()), [-41]);
    node.wait();
    let mut printed = String::new();
    node.0.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
    assert_eq!(printed, "41\n");
    hub.signal("-INT");
    hub.wait().has_status(0);
}

#[test]
fn what_is_no_record_is_not_passed_on() {
    let (mut hub, addr, stats) = hub(&[]);
    let other = member(&addr, &[]);
    wait_until(&stats, "cwire_hub_members", 1);
    let mut stream = TcpStream::connect(&addr).unwrap();
    stream.write_all(&[&bytes(5)[..], b"half a rec"].concat()).unwrap();
    drop(stream);
    let complaint = hub.hear("cwire: ");
    assert!(complaint.contains("10 bytes into a record of 24, at offset 0x18"), "{complaint}");
    hub.signal("-TERM");
    hub.wait().has_status(1);
    let ended = other.wait();
    assert_eq!(numbers(&ended.records()), [5]);
}

#[test]
fn messages_of_a_protocol_are_passed_on_whole_and_nothing_else() {
    let folder = Folder::new("hub-protocol");
    let file = marked(&folder);
    let mut hub = Cwire::start(&["hub", "127.0.0.1:0", "--protocol", &file]);
    let addr = hub.hear("listening on ").rsplit(' ').next().unwrap().to_owned();
    let mut other = TcpStream::connect(&addr).unwrap();
    hub.hear(" connected");
    let mut sender = TcpStream::connect(&addr).unwrap();
    hub.hear(" connected");
    let message = |b| [b"\x7e", &bytes(b)[..]].concat();
    let all = [message(1), message(2), b"garbage".to_vec(), message(3), message(4)].concat();
    let (first, rest) = all.split_at(40);
    sender.write_all(first).unwrap();
    // The first message comes before the second is whole.
    let mut came = [0; 25];
    other.read_exact(&mut came).unwrap();
    assert_eq!(came[..], message(1));
    sender.write_all(rest).unwrap();
    drop(sender);
    let complaint = hub.hear("cwire: ");
    assert!(complaint.contains("at 0x32 (50): "), "{complaint}");
    hub.hear("received");
    hub.signal("-TERM");
    hub.wait().has_status(1);
    let mut came = Vec::new();
    other.read_to_end(&mut came).unwrap();
    assert_eq!(came, [message(2), message(3), message(4)].concat());
}

/// One that never reads ends up alone; the rest goes on.
#[test]
fn a_slow_member_is_disconnected() {
    let (hub, addr, stats) = hub(&["--queue", "65536"]);
    let _slow = TcpStream::connect(&addr).unwrap();
    wait_until(&stats, "cwire_hub_members", 1);
    let mut sender = TcpStream::connect(&addr).unwrap();
    let piece = bytes(1).repeat(4096);
    let since = Instant::now();
    while counter(&stats, "cwire_server_sessions_closed_total{reason=\"limit\"}") == 0 {
        sender.write_all(&piece).unwrap();
        assert!(since.elapsed() < PATIENCE, "nobody was disconnected");
    }
    hub.signal("-TERM");
    hub.wait().has_status(0);
}

#[test]
fn counters_are_asked_for_over_http() {
    let (hub, _, stats) = hub(&[]);
    for (request, status) in [
        ("GET /nothing HTTP/1.1\r\n\r\n", "404 Not Found"),
        ("POST /metrics HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "405 Method Not Allowed"),
        ("HEAD /metrics HTTP/1.1\r\n\r\n", "200 OK"),
    ] {
        let answer = asked(&stats, request);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{answer}");
        assert_eq!(answer.ends_with("\r\n\r\n"), request.starts_with("HEAD"), "{answer}");
    }
    hub.signal("-TERM");
    hub.wait().has_status(0);
}

#[test]
fn openssl_hears_and_is_heard_over_tls() {
    let folder = Folder::new("hub-tls");
    let Some([cert, key]) = certificate(&folder) else { return };
    let (hub, addr, stats) = hub(&["--tls-cert", &cert, "--tls-key", &key]);
    let mut client = Command::new("openssl");
    client.args(["s_client", "-quiet", "-verify_return_error", "-CAfile", &cert]);
    client.args(["-verify_ip", "127.0.0.1", "-connect", &addr]);
    client.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut client = Running(client.spawn().unwrap());
    let mut other = member(&addr, &["--tls-ca", &cert, "--count", "1"]);
    wait_until(&stats, "cwire_hub_members", 2);
    client.0.stdin.as_mut().unwrap().write_all(&bytes(5)).unwrap();
    assert!(other.line().contains("\"b\": 5"));
    let mut other = member(&addr, &["--tls-ca", &cert]);
    wait_until(&stats, "cwire_hub_members", 2);
    other.write(line(6));
    let mut came = [0; 24];
    client.0.stdout.as_mut().unwrap().read_exact(&mut came).unwrap();
    assert_eq!(came[..], bytes(6));
    hub.signal("-TERM");
    hub.wait().has_status(0);
    other.wait();
}
