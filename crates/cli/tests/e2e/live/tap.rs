//! `cwire tap` between peers in C++, Node, openssl and others.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::{Value, json};

use super::{
    Cwire, PATIENCE, RECORD, bytes, certificate, free_port, line, receiver, reversing, with_record,
};
use crate::folder::Folder;
use crate::running::{Running, compiled};

/// A tap in front of `server`, and where it listens.
fn tap(server: &str, args: &[&str]) -> (Cwire, String) {
    let args = [&["tap", "--listen", "127.0.0.1:0", "--to", server], args].concat();
    let mut tap = Cwire::start(&args);
    let addr = tap.hear("listening on ").rsplit(' ').next().unwrap().to_owned();
    (tap, addr)
}

/// The payload of one direction of the first connection, as tshark follows it.
fn followed(capture: &str, is_of_server: bool) -> Option<Vec<u8>> {
    let mut tshark = cwire_tests::tool("tshark")?;
    let output = cwire_tests::run(tshark.args(["-r", capture, "-q", "-z", "follow,tcp,raw,0"]));
    let text = String::from_utf8(output.stdout).unwrap();
    // Lines of the other direction begin with a tab.
    let lines = text.lines().filter(|line| line.starts_with('\t') == is_of_server);
    let lines = lines.map(str::trim_start).filter(|it| it.bytes().all(|it| it.is_ascii_hexdigit()));
    let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    Some(lines.flat_map(|line| line.as_bytes().chunks(2).map(byte)).collect())
}

fn decoded(capture: &str) -> Vec<Value> {
    let output = crate::cwire(&[&["decode", capture, "--format", "json"], &RECORD[..]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn cpp_peers_are_listened_to_and_their_bytes_are_captured() {
    const COUNT: usize = 5000;
    let folder = Folder::new("tap-cpp");
    let capture = folder.0.join("tap.pcapng").to_str().unwrap().to_owned();
    let Some((mut receiver, server)) = receiver(&folder, &[]) else { return };
    let Some(mut sender) = compiled("sender", &folder.0) else { return };
    let flags = with_record(&["--format", "json"]);
    let (tap, addr) = tap(&server, &[&flags[..], &["-o", &capture]].concat());
    let id = tap.child.0.id().to_string();
    let reading = std::thread::spawn(move || tap.wait());
    let printed = std::thread::spawn(move || {
        let mut printed = String::new();
        receiver.0.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
        receiver.wait();
        printed
    });
    let (host, port) = addr.rsplit_once(':').unwrap();
    sender.args([host, port, "--vary", "--garbage", "--count", &COUNT.to_string()]);
    cwire_tests::run(&mut sender);
    let printed = printed.join().unwrap();
    assert_eq!(printed.lines().count(), COUNT);
    cwire_tests::run(Command::new("kill").args(["-INT", &id]));
    let ended = reading.join().unwrap();
    ended.has_status(0);
    let heard = " 5000 records from the client, 0 records from the server";
    assert!(ended.said.contains(heard), "{}", ended.said);
    let records = ended.records();
    assert_eq!(records.len(), COUNT);
    // The same bytes in the capture, whoever reads it.
    let again = decoded(&capture);
    assert_eq!(again.len(), COUNT);
    let mut expected = Vec::new();
    for ((number, letter), (record, again)) in
        (0..COUNT).zip((b'A'..=b'Z').cycle()).zip(records.iter().zip(&again))
    {
        let text = format!("#{number}");
        let fields = json!({"a": char::from(letter).to_string(), "b": 300 + number, "c": text});
        for record in [record, again] {
            assert_eq!((&record["fields"], &record["offset"]), (&fields, &json!(24 * number)));
            assert_eq!(record["dst"], json!(server));
        }
        assert_eq!((&record["side"], &record["src"]), (&json!("client"), &again["src"]));
        let mut c = [0; 15];
        c[..text.len()].copy_from_slice(text.as_bytes());
        let b = (300 + i32::try_from(number).unwrap()).to_le_bytes();
        expected.extend_from_slice(&[&[letter, 0xee, 0xee, 0xee], &b[..], &c, &[0xee]].concat());
    }
    let Some(payload) = followed(&capture, false) else { return };
    assert!(payload == expected, "{} bytes", payload.len());
}

/// Whatever the network does, the C++ receiver takes no wrong record.
#[test]
fn no_fault_makes_a_wrong_record_of_cpp_peers() {
    let folder = Folder::new("tap-break");
    // With how many of 40 records arrive at least and at most.
    let faults = [
        ("split", 40, 40),
        ("glue=20ms", 40, 40),
        ("delay=30ms", 40, 40),
        // A reset may throw away what the receiver has not read.
        ("reset", 0, 4),
        ("cut", 4, 4),
        ("reset=240", 0, 10),
        ("cut=1", 0, 0),
    ];
    for (fault, least, most) in faults {
        let Some((mut receiver, server)) = receiver(&folder, &[]) else { return };
        let Some(mut sender) = compiled("sender", &folder.0) else { return };
        let (tap, addr) = tap(&server, &with_record(&["--format", "json", "--break", fault]));
        let (host, port) = addr.rsplit_once(':').unwrap();
        sender.args([host, port, "--vary", "--count", "40", "--pace", "500"]);
        // Of a connection that breaks it knows.
        let sent = sender.stderr(Stdio::null()).status().unwrap();
        let (mut printed, mut said) = (String::new(), String::new());
        receiver.0.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
        receiver.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        receiver.0.wait().unwrap();
        tap.signal("-INT");
        tap.wait();
        let lines: Vec<_> = printed.lines().collect();
        assert!((least..=most).contains(&lines.len()), "{fault}: {printed}{said}");
        for ((number, letter), line) in (0..).zip((b'A'..=b'Z').cycle()).zip(&lines) {
            assert_eq!(*line, format!("{letter} {} #{number}", 300 + number), "{fault}");
        }
        assert_eq!(sent.success(), most == 40, "{fault}");
        if fault == "cut" {
            // 108 bytes are four records and a half.
            assert!(said.contains(" 12 stray bytes"), "{said}");
        }
    }
}

#[test]
fn both_directions_of_an_echo_break_alike() {
    let folder = Folder::new("tap-echo");
    for fault in ["split", "glue=10ms", "delay=10ms"] {
        let Some((_receiver, server)) = receiver(&folder, &["--echo"]) else { return };
        let (mut tap, addr) = tap(&server, &with_record(&["--format", "json", "--break", fault]));
        let args = [&["connect", &addr, "--format", "json"], &RECORD[..]].concat();
        let mut connect = Cwire::start(&args);
        connect.write((0..50).map(line).collect::<String>());
        let ended = connect.finish();
        ended.has_status(0);
        let numbers: Vec<_> = ended.records().iter().map(|it| it["fields"]["b"].clone()).collect();
        assert_eq!(numbers, (0..50).map(Value::from).collect::<Vec<_>>(), "{fault}");
        tap.hear(" 50 records from the client, 50 records from the server");
        tap.signal("-TERM");
        let ended = tap.wait();
        ended.has_status(0);
        let sides = ended.records().into_iter().map(|it| it["side"].clone());
        let of = |side: &str| sides.clone().filter(|it| it == side).count();
        assert_eq!((of("client"), of("server")), (50, 50));
    }
}

#[test]
fn node_talks_to_node_and_neither_notices() {
    const SERVER: &str = "
        const server = require('net').createServer((socket) => {
            socket.pipe(socket);
            socket.on('end', () => server.close());
        });
        server.listen(0, '127.0.0.1', () => console.log(server.address().port));";
    const CLIENT: &str = "
        const [host, port] = process.argv[1].split(':');
        const all = Buffer.from(Array.from({length: 1000003}, (_, at) => at * 7 % 251));
        const socket = require('net').connect(port, host);
        const came = [];
        socket.on('data', (piece) => came.push(piece));
        socket.on('end', () => console.log(Buffer.concat(came).equals(all)));
        socket.end(all);";
    let Some(mut node) = cwire_tests::tool("node") else { return };
    let folder = Folder::new("tap-node");
    let capture = folder.0.join("tap.pcapng").to_str().unwrap().to_owned();
    let mut server = Running(node.args(["-e", SERVER]).stdout(Stdio::piped()).spawn().unwrap());
    let mut port = String::new();
    BufReader::new(server.0.stdout.take().unwrap()).read_line(&mut port).unwrap();
    let (mut tap, addr) = tap(&format!("127.0.0.1:{}", port.trim_end()), &["-o", &capture]);
    let output = cwire_tests::run(Command::new("node").args(["-e", CLIENT, &addr]));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "true\n");
    server.wait();
    tap.hear("1000003 bytes from the client, 1000003 bytes from the server");
    tap.signal("-TERM");
    tap.wait().has_status(0);
    let all: Vec<u8> = (0..1_000_003_u32).map(|at| u8::try_from(at * 7 % 251).unwrap()).collect();
    for is_of_server in [false, true] {
        let Some(payload) = followed(&capture, is_of_server) else { return };
        assert!(payload == all, "{} bytes", payload.len());
    }
}

#[test]
fn what_is_inside_of_tls_is_seen() {
    let folder = Folder::new("tap-tls");
    let Some([cert, key]) = certificate(&folder) else { return };
    let capture = folder.0.join("tap.pcapng").to_str().unwrap().to_owned();
    let (_server, server) = reversing(&cert, &key);
    let tls = ["--tls-cert", &cert, "--tls-key", &key, "--tls-ca", &cert, "-o", &capture];
    let (mut tap, addr) = tap(&server, &tls);
    let mut client = Command::new("openssl");
    client.args(["s_client", "-quiet", "-verify_return_error", "-CAfile", &cert]);
    client.args(["-verify_ip", "127.0.0.1", "-connect", &addr]);
    client.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut client = Running(client.spawn().unwrap());
    client.0.stdin.as_mut().unwrap().write_all(b"stressed\n").unwrap();
    let mut line = String::new();
    BufReader::new(client.0.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "desserts\n");
    drop(client);
    tap.hear("9 bytes from the client, 9 bytes from the server");
    tap.signal("-TERM");
    tap.wait();
    let Some(payload) = followed(&capture, false) else { return };
    assert_eq!(payload, b"stressed\n");
    assert_eq!(followed(&capture, true).unwrap(), b"desserts\n");
}

/// What is not read holds up neither side, and is a gap; the capture lacks nothing.
#[test]
fn who_does_not_read_the_records_does_not_hold_up_the_peers() {
    const COUNT: usize = 400_000;
    let folder = Folder::new("tap-slow");
    let capture = folder.0.join("tap.pcapng").to_str().unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = listener.local_addr().unwrap().to_string();
    let flags = with_record(&["--format", "json", "--queue", "65536"]);
    let (tap, addr) = tap(&server, &[&flags[..], &["-o", &capture]].concat());
    let receiving = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        all
    });
    let mut stream = TcpStream::connect(&addr).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    let all = (0..COUNT).flat_map(|at| bytes(i32::try_from(at).unwrap())).collect::<Vec<_>>();
    stream.write_all(&all).unwrap();
    drop(stream);
    assert!(receiving.join().unwrap() == all, "the receiver has everything");
    // Nothing of standard output was read until now.
    let Cwire { mut child, said } = tap;
    let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut at = 0;
    let mut gaps = 0;
    for line in &mut lines {
        let line: Value = serde_json::from_str(&line).unwrap();
        if line["type"] == "error" {
            continue;
        }
        let offset = usize::try_from(line["offset"].as_u64().unwrap()).unwrap();
        if line["type"] == "gap" {
            gaps += 1;
            at = offset + usize::try_from(line["missing"].as_u64().unwrap()).unwrap();
        } else {
            assert_eq!(line["fields"]["b"], offset / 24);
            assert!(offset >= at && offset < at + 24, "{offset} {at}");
            at = offset + 24;
        }
        if at >= all.len() {
            break;
        }
    }
    assert!(gaps > 0, "65,536 bytes wait, and {} were sent", all.len());
    cwire_tests::run(Command::new("kill").args(["-TERM", &child.0.id().to_string()]));
    assert_eq!(super::wait_for(&mut child.0).code(), Some(1), "gaps are not all that there was");
    drop(said);
    let Some(payload) = followed(&capture, false) else { return };
    assert!(payload == all, "{} bytes", payload.len());
}

#[test]
fn unix_sockets_are_tapped() {
    let folder = Folder::new("tap-unix");
    let [front, back] =
        ["front", "back"].map(|name| format!("unix:{}", folder.0.join(name).display()));
    let capture = folder.0.join("tap.pcapng").to_str().unwrap().to_owned();
    let args = [&["listen", &back, "--echo", "--count", "1"], &RECORD[..]].concat();
    let mut server = Cwire::start(&args);
    server.hear("listening on ");
    let args = ["tap", "--listen", &front, "--to", &back, "-o", &capture];
    let mut tap = Cwire::start(&args);
    tap.hear("listening on ");
    let args = [&["connect", &front, "--count", "1"], &RECORD[..]].concat();
    let mut connect = Cwire::start(&args);
    connect.write(line(5));
    let ended = connect.wait();
    ended.has_status(0);
    assert_eq!(ended.records()[0]["fields"]["b"], 5);
    tap.hear("24 bytes from the client, 24 bytes from the server");
    tap.signal("-TERM");
    tap.wait().has_status(0);
    let records = decoded(&capture);
    let ends: Vec<_> = records.iter().map(|it| (&it["src"], &it["dst"])).collect();
    let [client, server] = [&json!("127.0.0.1:49152"), &json!("127.0.0.1:1")];
    assert_eq!(ends, [(client, server), (server, client)]);
}

#[test]
fn a_server_that_is_not_there_is_said_and_others_are_served() {
    let port = free_port();
    let server = format!("127.0.0.1:{port}");
    let (mut tap, addr) = tap(&server, &[]);
    let mut stream = TcpStream::connect(&addr).unwrap();
    let complaint = tap.hear("cwire: ");
    assert!(complaint.contains(" cannot be served: connecting: cannot connect to "), "{complaint}");
    let since = Instant::now();
    // The client is told by a reset.
    let error = loop {
        match stream.read(&mut [0]) {
            Ok(count) => assert_eq!(count, 0),
            Err(error) => break error,
        }
        assert!(since.elapsed() < PATIENCE, "the client is not told");
    };
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    let listener = TcpListener::bind(&server).unwrap();
    let client = TcpStream::connect(&addr).unwrap();
    drop(listener.accept().unwrap());
    drop(client);
    tap.hear("0 bytes from the client, 0 bytes from the server");
    tap.signal("-TERM");
    tap.wait().has_status(1);
}

#[test]
fn a_reset_is_passed_on_and_written() {
    let folder = Folder::new("tap-reset");
    let capture = folder.0.join("tap.pcapng").to_str().unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = listener.local_addr().unwrap().to_string();
    let (mut tap, addr) = tap(&server, &["-o", &capture]);
    let mut client = TcpStream::connect(&addr).unwrap();
    let (mut accepted, _) = listener.accept().unwrap();
    client.write_all(b"x").unwrap();
    accepted.read_exact(&mut [0]).unwrap();
    client.write_all(b"y").unwrap();
    accepted.peek(&mut [0]).unwrap();
    // What is closed with bytes unread is reset (RFC 2525, 2.17).
    drop(accepted);
    let error = loop {
        match client.read(&mut [0]) {
            Ok(count) => assert_eq!(count, 0),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    tap.hear("2 bytes from the client");
    tap.signal("-TERM");
    tap.wait().has_status(1);
    let Some(mut tshark) = cwire_tests::tool("tshark") else { return };
    tshark.args([
        "-r",
        &capture,
        "-Y",
        "tcp.flags.reset == 1",
        "-T",
        "fields",
        "-e",
        "tcp.srcport",
    ]);
    let output = cwire_tests::run(&mut tshark);
    let port = server.rsplit(':').next().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{port}\n"));
}

/// A reset behind the client's end is no end, whatever came before it.
#[test]
fn a_reset_comes_behind_what_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = listener.local_addr().unwrap().to_string();
    let (tap, addr) = tap(&server, &[]);
    let mut client = TcpStream::connect(&addr).unwrap();
    client.write_all(b"question").unwrap();
    client.shutdown(std::net::Shutdown::Write).unwrap();
    let (mut accepted, _) = listener.accept().unwrap();
    accepted.peek(&mut [0]).unwrap();
    let answer = vec![7; 300_000];
    let all = answer.clone();
    let serving = std::thread::spawn(move || {
        accepted.write_all(&answer).unwrap();
        accepted
    });
    let mut came = vec![0; 300_000];
    client.read_exact(&mut came).unwrap();
    assert!(came == all);
    // What is closed with bytes unread is reset.
    drop(serving.join().unwrap());
    let error = client.read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    tap.signal("-TERM");
    tap.wait().has_status(1);
}

/// Whoever stops the program is told what was not passed on.
#[test]
fn what_is_on_its_way_at_the_end_is_passed_on_or_said() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = listener.local_addr().unwrap().to_string();
    let (mut first, addr) = tap(&server, &["--break", "delay=1s"]);
    let mut client = TcpStream::connect(&addr).unwrap();
    let (mut accepted, _) = listener.accept().unwrap();
    client.write_all(&bytes(1)).unwrap();
    first.hear(" connected to ");
    std::thread::sleep(std::time::Duration::from_millis(500));
    first.signal("-INT");
    let mut came = Vec::new();
    accepted.read_to_end(&mut came).unwrap();
    assert_eq!(came, bytes(1), "what is late is not lost");
    drop((client, accepted));
    first.wait().has_status(0);

    // A server that does not read.
    let (mut tap, addr) = tap(&server, &[]);
    let mut client = TcpStream::connect(&addr).unwrap();
    let (_accepted, _) = listener.accept().unwrap();
    client.set_write_timeout(Some(std::time::Duration::from_millis(300))).unwrap();
    while client.write_all(&[0; 65536]).is_ok() {}
    tap.hear(" connected to ");
    tap.signal("-INT");
    let ended = tap.wait();
    ended.has_status(1);
    assert!(ended.said.contains(" not sent\n"), "{}", ended.said);
}

#[test]
fn what_cannot_be_done_is_refused() {
    for (args, needed) in [
        (&["-o", "no/such/folder/x.pcapng"][..], "creating no/such/folder/x.pcapng: "),
        (&["-o", "/dev/full"], "/dev/full: "),
        (&["--header", "ctestdata.h"], "--record or --protocol is needed beside --header"),
        (&["--header", "ctestdata.h", "--record", "CTestData", "-o", "-"], "-o - is for captures"),
        (&["--break", "smash"], "split, glue[=DUR], delay[=DUR], reset[=BYTES] or cut[=BYTES]"),
    ] {
        let front = ["tap", "--listen", "127.0.0.1:0", "--to", "127.0.0.1:1"];
        let ended = Cwire::start(&[&front, args].concat()).wait();
        ended.has_status(2);
        assert!(ended.said.contains(needed), "{args:?}: {}", ended.said);
    }
}
