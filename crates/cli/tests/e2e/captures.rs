//! `cwire decode` and `cwire streams` on a capture of `sender` and `receiver`: three records from
//! `sender 127.0.0.1:23452 --count 3 --b 300 --c hello`, in packets 4, 6 and 8 of 12, as tshark shows.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::cwire;

const RECORD: [&str; 4] = ["--header", "ctestdata.h", "--record", "CTestData"];

fn capture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/ctestdata.pcap")
}

/// The records of a capture, and what was said beside.
fn decode(path: &Path, more: &[&str]) -> (Vec<Value>, String, Option<i32>) {
    let path = path.to_str().unwrap();
    let args = [&["decode", path, "--format", "json"], &RECORD[..], more].concat();
    let output = cwire(&args);
    let lines = String::from_utf8(output.stdout).unwrap();
    let values = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (values, String::from_utf8(output.stderr).unwrap(), output.status.code())
}

fn numbers(records: &[Value]) -> Vec<(i64, i64, i64)> {
    let number = |value: &Value| value.as_i64().unwrap();
    let of =
        |it: &Value| (number(&it["fields"]["b"]), number(&it["packet"]), number(&it["offset"]));
    records.iter().filter(|it| it["type"] == "record").map(of).collect()
}

const ALL: [(i64, i64, i64); 3] = [(300, 4, 0), (301, 6, 24), (302, 8, 48)];

#[test]
fn records_say_which_packet_brought_them() {
    let (records, said, status) = decode(&capture(), &[]);
    assert_eq!((numbers(&records), status), (ALL.to_vec(), Some(0)), "{said}");
    for record in &records {
        assert_eq!(record["stream"], 0);
        assert_eq!(record["dst"], "127.0.0.1:23452");
        assert_eq!(record["fields"]["c"], "hello");
    }
    // `tshark -T fields -e frame.time_epoch` prints 1795726104.947203 for packet 4.
    assert_eq!(records[0]["time"], "2026-11-26T20:48:24.947203Z");
    assert!(said.contains("12 packets, 1 TCP connection; 3 records (3 CTestData)"), "{said}");
}

#[test]
fn what_is_asked_for_counts() {
    for (more, expected) in [
        (&["--port", "23452"][..], &ALL[..]),
        (&["--port", "80"], &[]),
        (&["--port", "80", "--port", "23452"], &ALL),
        (&["--host", "127.0.0.1"], &ALL),
        (&["--host", "10.0.0.1"], &[]),
        (&["--follow", "0"], &ALL),
        (&["--follow", "1"], &[]),
        (&["--count", "2"], &ALL[..2]),
        (&["--offset", "24"], &ALL[1..]),
        (&["--since", "2026-11-26T20:48:25Z"], &ALL[1..]),
        (&["--until", "2026-11-26T20:48:25.349163Z"], &ALL[..2]),
        (&["--where", "b == 301"], &ALL[1..2]),
        (&["--strict"], &ALL),
    ] {
        let (records, said, status) = decode(&capture(), more);
        assert_eq!((&numbers(&records)[..], status), (expected, Some(0)), "{more:?}: {said}");
    }
}

#[test]
fn compressed_and_piped_captures_are_read() {
    let folder = std::env::temp_dir().join(format!("cwire-captures-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (program, name) in [("gzip", "t.pcap.gz"), ("zstd", "t.pcap.zst")] {
        let Some(mut compress) = cwire_tests::tool(program) else { continue };
        let compressed = cwire_tests::run(compress.arg("-c").arg(capture())).stdout;
        let path = folder.join(name);
        std::fs::write(&path, &compressed).unwrap();
        let (records, said, status) = decode(&path, &[]);
        assert_eq!((numbers(&records), status), (ALL.to_vec(), Some(0)), "{name}: {said}");
        // Cut short, what can be decompressed is decoded, and the rest is said.
        std::fs::write(&path, &compressed[..compressed.len() - 9]).unwrap();
        let (records, said, status) = decode(&path, &[]);
        assert!(ALL.starts_with(&numbers(&records)), "{name}: {records:?}");
        assert!(said.contains("cannot be read further"), "{name}: {said}");
        assert!(matches!(status, Some(1 | 2)), "{name}: {said}");
    }
    let output = crate::command(&[&["decode", "-", "--format", "json"], &RECORD[..]].concat())
        .stdin(std::fs::File::open(capture()).unwrap())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 3);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn every_truncation_gives_what_came_before() {
    let whole = std::fs::read(capture()).unwrap();
    let path = std::env::temp_dir().join(format!("cwire-cut-{}.pcap", std::process::id()));
    // Where the packets end that complete the records: tshark's frame.cap_len and 16 bytes each.
    for len in (4..whole.len()).step_by(13) {
        std::fs::write(&path, &whole[..len]).unwrap();
        let (records, said, status) = decode(&path, &[]);
        assert!(ALL.starts_with(&numbers(&records)), "{len}: {records:?}");
        let is_clean = status == Some(0);
        let names_place = said.contains(&format!("{}: at 0x", path.display()));
        assert!(is_clean || (status == Some(1) && names_place), "{len}: {status:?} {said}");
    }
    std::fs::remove_file(path).unwrap();
}

#[test]
fn tables_and_streams_name_both_ends() {
    let path = capture();
    let path = path.to_str().unwrap();
    let output = cwire(&[&["decode", path, "--format", "csv", "-q"], &RECORD[..]].concat());
    let table = String::from_utf8(output.stdout).unwrap();
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("protocol,stream,src,dst,offset,time,packet,a,b,c"));
    assert!(lines.next().unwrap().starts_with("tcp,0,127.0.0.1:"), "{table}");

    let output = cwire(&["streams", path, "--json"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let streams: Vec<Value> = text.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    assert_eq!(streams.len(), 2);
    assert_eq!((&streams[0]["bytes"], &streams[1]["bytes"]), (&72.into(), &0.into()));
    // `printf '' | sha256sum`
    assert_eq!(
        streams[1]["sha256"],
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    assert_eq!(cwire(&["streams", "ctestdata.h"]).status.code(), Some(2));
}

/// A segment without SYN, captured now: a record of `b` 300 in a raw IP packet.
fn segment_of_now() -> Vec<u8> {
    let mut packet = vec![0x45, 0, 0, 64, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
    packet.extend([0x9c, 0x40, 0x23, 0x28, 0, 0, 0, 9, 0, 0, 0, 0, 0x50, 0x18, 0, 0, 0, 0, 0, 0]);
    packet.extend(b"A\0\0\0\x2c\x01\0\0hello\0\0\0\0\0\0\0\0\0\0\0");
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let numbers = |numbers: &[u32]| numbers.iter().flat_map(|it| it.to_le_bytes()).collect();
    let head: Vec<u8> = numbers(&[0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, 101]);
    let seconds = u32::try_from(now.as_secs()).unwrap();
    let of_packet: Vec<u8> = numbers(&[seconds, now.subsec_micros(), 64, 64]);
    [head, of_packet, packet].concat()
}

/// Where nothing says that the first segment is the first of its stream, a stored capture would have to be
/// read to its end.
#[test]
fn a_live_capture_does_not_wait_for_what_was_before_it() {
    let args = [&["decode", "-", "--format", "json"], &RECORD[..]].concat();
    let mut command = crate::command(&args);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&segment_of_now()).unwrap();
    stdin.flush().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let (said, hears) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        said.send(line).unwrap();
    });
    let line = hears.recv_timeout(Duration::from_secs(20));
    // The input ends, whatever was found, so that the program does.
    drop(stdin);
    reader.join().unwrap();
    assert!(child.wait().unwrap().success());
    let record: Value =
        serde_json::from_str(&line.expect("a record, while the pipe is open")).unwrap();
    assert_eq!((&record["fields"]["b"], &record["packet"]), (&300.into(), &1.into()));
}
