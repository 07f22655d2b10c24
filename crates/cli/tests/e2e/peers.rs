//! `cwire decode` and `cwire streams` on what C++ peers really say to each other: tcpdump captures it
//! on the loopback interface while it happens.

use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cwire;
use crate::folder::Folder;
use crate::running::{Running, compiled, line_with};

const COUNT: usize = 200_000;

#[test]
fn two_hundred_thousand_records_of_cpp_peers() {
    let folder = Folder::new("peers");
    let Some((path, port)) = capture(&folder.0) else { return };
    let file = path.to_str().unwrap();
    decodes_all(file, &port);
    follows_as_tshark_does(file, &port, &folder.0);
}

/// The capture of a C++ sender's records, and the port of the C++ receiver.
fn capture(folder: &Path) -> Option<(PathBuf, String)> {
    let mut receiver = compiled("receiver", folder)?;
    let mut sender = compiled("sender", folder)?;
    let printed = std::fs::File::create(folder.join("printed")).unwrap();
    receiver.args(["--port", "0", "--connections", "1"]).stdout(printed);
    let mut receiver = Running(receiver.stderr(Stdio::piped()).spawn().unwrap());
    let mut said = BufReader::new(receiver.0.stderr.take().unwrap());
    let listening = line_with(&mut said, "listening on ").expect("the receiver listens");
    let port = listening.trim_end().rsplit(':').next().unwrap().to_owned();

    let path = folder.join("peers.pcap");
    let mut tcpdump = cwire_tests::tool("tcpdump")?;
    // The buffer, in KiB, holds all there is, so that nothing is lost when the machine is busy.
    tcpdump.args(["-i", "lo", "-B", "131072", "-U", "-w", "-", &format!("tcp port {port}")]);
    tcpdump.stdout(std::fs::File::create(&path).unwrap()).stderr(Stdio::piped());
    let mut tcpdump = Running(tcpdump.spawn().unwrap());
    let mut told = BufReader::new(tcpdump.0.stderr.take().unwrap());
    if line_with(&mut told, "listening on lo").is_none() {
        assert!(std::env::var_os("CI").is_none(), "tcpdump cannot capture here");
        eprintln!("skipped: tcpdump cannot capture here");
        return None;
    }

    let count = COUNT.to_string();
    sender.args(["127.0.0.1", &port, "--vary", "--garbage", "--count", &count]);
    cwire_tests::run(&mut sender);
    receiver.wait();
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    assert!(rest.starts_with("200000 records, ") && rest.ends_with(" 0 stray bytes\n"), "{rest}");

    wait_for_both_ends(&path);
    cwire_tests::run(Command::new("kill").args(["-INT", &tcpdump.0.id().to_string()]));
    tcpdump.wait();
    let mut rest = String::new();
    told.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("\n0 packets dropped by kernel"), "{rest}");
    Some((path, port))
}

/// Waits until the capture has the FIN of both directions, behind which there is no data.
fn wait_for_both_ends(path: &Path) {
    let since = Instant::now();
    loop {
        let ends = ends(&std::fs::read(path).unwrap());
        if ends >= 2 {
            return;
        }
        assert!(since.elapsed() < Duration::from_secs(60), "{ends} FINs were captured");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The segments with FIN of a little-endian pcap of Ethernet and IPv4 without options.
fn ends(mut capture: &[u8]) -> usize {
    let mut ends = 0;
    capture = capture.get(24..).unwrap_or_default();
    while let Some((head, rest)) = capture.split_at_checked(16) {
        let len = u32::from_le_bytes(head[8..12].try_into().unwrap());
        let Some((packet, rest)) = rest.split_at_checked(usize::try_from(len).unwrap()) else {
            break;
        };
        ends += usize::from(packet[14 + 20 + 13] & 1 == 1);
        capture = rest;
    }
    ends
}

/// The sender's `--vary`: `a` runs through the alphabet, `b` counts up, `c` is the number.
fn decodes_all(file: &str, port: &str) {
    let record = ["--header", "../../../demo/cpp/ctestdata.h", "--record", "CTestData"];
    let args = [&["decode", file, "--port", port, "--format", "json"], &record[..]].concat();
    let output = cwire(&args);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let text = String::from_utf8(output.stdout).unwrap();
    let mut count = 0;
    for ((number, letter), line) in (0..COUNT).zip(('A'..='Z').cycle()).zip(text.lines()) {
        let record: Value = serde_json::from_str(line).unwrap();
        let fields = serde_json::json!({
            "a": letter.to_string(), "b": 300 + number, "c": format!("#{number}"),
        });
        assert_eq!((&record["type"], &record["fields"]), (&"record".into(), &fields), "{line}");
        assert_eq!(record["offset"], 24 * number, "{line}");
        count += 1;
    }
    assert_eq!((count, text.lines().count()), (COUNT, COUNT), "{said}");
}

fn follows_as_tshark_does(file: &str, port: &str, folder: &Path) {
    let Some(mut tshark) = cwire_tests::tool("tshark") else { return };
    let Some(mut sha256sum) = cwire_tests::tool("sha256sum") else { return };
    let output = cwire(&["streams", file, "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let streams: Vec<Value> = text.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    assert_eq!(streams.len(), 2);
    assert_eq!(streams[0]["dst"], format!("127.0.0.1:{port}"));

    let followed = cwire_tests::run(tshark.args(["-r", file, "-q", "-z", "follow,tcp,raw,0"]));
    let text = String::from_utf8(followed.stdout).unwrap();
    let lines = text.lines().filter(|line| line.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let path = folder.join("followed");
    let mut bytes = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    let mut len = 0;
    // Lines of the other direction begin with a tab, and there are none.
    for pair in lines.flat_map(|line| line.as_bytes().chunks(2)) {
        let byte = u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
        bytes.write_all(&[byte]).unwrap();
        len += 1;
    }
    bytes.flush().unwrap();
    let sum = String::from_utf8(cwire_tests::run(sha256sum.arg(&path)).stdout).unwrap();
    let sum = sum.split_whitespace().next().unwrap();
    assert_eq!((&streams[0]["bytes"], &streams[0]["sha256"]), (&len.into(), &sum.into()));
    assert_eq!((len, &streams[1]["bytes"]), (24 * COUNT, &0.into()));
    assert_eq!((&streams[0]["gaps"], text.contains("\n\t")), (&serde_json::json!([]), false));
}
