//! Captures made packet by packet: checksums, datagrams, the sides of a connection, several inputs and
//! several threads.

use std::process::{Command, Output};

use serde_json::Value;

use crate::folder::Folder;
use crate::{command, cwire};

const RECORD: [&str; 4] = ["--header", "ctestdata.h", "--record", "CTestData"];

const SYN: u8 = 2;
const ACK: u8 = 16;

/// From 10.0.0.1 with the first port to 10.0.0.2 with the other, or back.
#[derive(Clone, Copy)]
struct Way {
    ports: [u16; 2],
    is_back: bool,
}

fn forth(ports: [u16; 2]) -> Way {
    Way { ports, is_back: false }
}

fn back(ports: [u16; 2]) -> Way {
    Way { ports, is_back: true }
}

/// An IPv4 packet whose checksums are right; `at` is where that of its transport is.
fn packet(way: Way, protocol: u8, mut transport: Vec<u8>, at: usize) -> Vec<u8> {
    let mut addresses = [[10, 0, 0, 1], [10, 0, 0, 2]];
    if way.is_back {
        addresses.reverse();
    }
    let addresses = addresses.concat();
    let len = u16::try_from(transport.len()).unwrap();
    let pseudo = [&addresses, &[0, protocol][..], &len.to_be_bytes(), &transport].concat();
    transport[at..at + 2].copy_from_slice(&checksum(&pseudo).to_be_bytes());
    let mut head = vec![0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, protocol, 0, 0];
    head[2..4].copy_from_slice(&(len + 20).to_be_bytes());
    head.extend(addresses);
    let sum = checksum(&head);
    head[10..12].copy_from_slice(&sum.to_be_bytes());
    [head, transport].concat()
}

/// RFC 1071, of bytes in which the checksum is 0.
fn checksum(bytes: &[u8]) -> u16 {
    let word = |pair: &[u8]| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0));
    let mut sum: u32 = bytes.chunks(2).map(word).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap()
}

fn ports(way: Way) -> Vec<u8> {
    let [from, to] = way.ports.map(u16::to_be_bytes);
    if way.is_back { [to, from].concat() } else { [from, to].concat() }
}

fn segment(way: Way, seq: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = ports(way);
    bytes.extend(seq.to_be_bytes());
    bytes.extend([0, 0, 0, 0, 0x50, flags, 0x20, 0, 0, 0, 0, 0]);
    bytes.extend(payload);
    packet(way, 6, bytes, 16)
}

fn datagram(way: Way, payload: &[u8]) -> Vec<u8> {
    let mut bytes = ports(way);
    bytes.extend(u16::try_from(8 + payload.len()).unwrap().to_be_bytes());
    bytes.extend([0, 0]);
    bytes.extend(payload);
    packet(way, 17, bytes, 6)
}

/// The packets as a little-endian pcap file of raw IP, one per millisecond.
fn pcap(packets: &[Vec<u8>]) -> Vec<u8> {
    let words =
        |words: &[u32]| -> Vec<u8> { words.iter().flat_map(|it| it.to_le_bytes()).collect() };
    let mut file = words(&[0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, 101]);
    for (millis, packet) in (0_u32..).zip(packets) {
        let len = u32::try_from(packet.len()).unwrap();
        file.extend(words(&[1_700_000_000 + millis / 1000, millis % 1000 * 1000, len, len]));
        file.extend(packet);
    }
    file
}

fn record(b: i32) -> Vec<u8> {
    [&b"A\0\0\0"[..], &b.to_le_bytes(), b"hello\0\0\0\0\0\0\0\0\0\0\0"].concat()
}

fn json(output: &Output) -> Vec<Value> {
    let text = str::from_utf8(&output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn decode(path: &str, more: &[&str]) -> (Vec<Value>, String, Option<i32>) {
    let output = cwire(&[&["decode", path, "--format", "json"], more].concat());
    (json(&output), String::from_utf8_lossy(&output.stderr).into_owned(), output.status.code())
}

/// `b` of the records, and the packets that brought them.
fn numbers(values: &[Value]) -> Vec<(i64, i64)> {
    let of = |it: &Value| (it["fields"]["b"].as_i64().unwrap(), it["packet"].as_i64().unwrap());
    values.iter().filter(|it| it["type"] == "record").map(of).collect()
}

#[test]
fn a_segment_with_a_wrong_checksum_is_left_out_and_counted() {
    let folder = Folder::new("checksum");
    let way = forth([40_000, 9_000]);
    let mut packets: Vec<_> = (0..3)
        .map(|i: u8| segment(way, 101 + 24 * u32::from(i), ACK, &record(300 + i32::from(i))))
        .collect();
    packets.insert(0, segment(way, 100, SYN, &[]));
    // Packet 3 is damaged on its way; packet 4 is the same once more.
    let mut damaged = packets[2].clone();
    damaged[44] ^= 0x40;
    packets.insert(2, damaged);
    let path = folder.write("one.pcap", pcap(&packets));

    let (values, said, status) = decode(&path, &[&RECORD[..], &["--verify-checksums"]].concat());
    assert_eq!((numbers(&values), status), (vec![(300, 2), (301, 4), (302, 5)], Some(0)), "{said}");
    assert!(said.contains(": 5 packets (left out: 1 with a wrong checksum), 1 TCP"), "{said}");

    // Else the first arrival counts. 301 is 0x12d, 0x40 more is 365.
    let (values, said, _) = decode(&path, &RECORD);
    assert_eq!(numbers(&values), [(300, 2), (365, 3), (302, 5)], "{said}");
    assert!(said.contains(": 5 packets, 1 TCP connection;"), "{said}");
    assert!(said.contains(", 1 repeated byte unlike the first\n"), "{said}");

    assert!(
        said.contains(": 1 repeated byte of packet 4 unlike those that came first\n"),
        "{said}"
    );
    let table = cwire(&["streams", &path]).stdout;
    assert!(str::from_utf8(&table).unwrap().ends_with("none; 1 repeated byte unlike the first\n"));

    let output = cwire(&["streams", &path, "--verify-checksums"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(": 5 packets (left out: 1 with a wrong checksum), 1 TCP"), "{said}");
}

/// The kernel leaves checksums of the loopback interface unfinished: tshark says so of all 12 packets.
#[test]
fn that_all_checksums_are_wrong_is_said() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/ctestdata.pcap");
    let (values, said, _) = decode(path, &[&RECORD[..], &["--verify-checksums"]].concat());
    assert!(values.is_empty(), "{values:?}");
    assert!(said.contains(": 12 packets (left out: 12 with a wrong checksum), 0 TCP"), "{said}");
}

/// Link type 147 is left to users; nobody can know what their packets are.
#[test]
fn that_a_link_type_is_not_known_is_said() {
    let folder = Folder::new("unknown-link");
    let mut bytes = pcap(&[segment(forth([40_000, 9_000]), 100, SYN, &[])]);
    bytes[20] = 147;
    let path = folder.write("one.pcap", bytes);
    let expected = "1 packet (left out: 1 of a link type that is not known), 0 TCP connections";
    let (_, said, _) = decode(&path, &RECORD);
    assert!(said.contains(expected), "{said}");
    let output = cwire(&["streams", &path]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!((said.contains(expected), output.status.code()), (true, Some(0)), "{said}");
}

#[test]
fn datagrams_are_frames_of_their_own() {
    let folder = Folder::new("datagrams");
    let way = forth([40_000, 9_000]);
    let stray = [record(303), vec![7; 6]].concat();
    let packets = [
        datagram(way, &record(300)),
        datagram(way, &[record(301), record(302)].concat()),
        datagram(way, &stray),
        // Half a record, and in the next datagram what would be the other half.
        datagram(way, &record(304)[..12]),
        datagram(way, &record(305)),
        datagram(back([40_000, 9_000]), &record(306)),
    ];
    let path = folder.write("udp.pcap", pcap(&packets));
    let (values, said, status) = decode(&path, &RECORD);
    let expected = [(300, 1), (301, 2), (302, 2), (303, 3), (305, 5), (306, 6)];
    assert_eq!((numbers(&values), status), (expected.to_vec(), Some(1)), "{said}");
    let records: Vec<_> = values.iter().filter(|it| it["type"] == "record").collect();
    let offsets: Vec<_> = records.iter().map(|it| it["offset"].as_i64().unwrap()).collect();
    assert_eq!(offsets, [0, 0, 24, 0, 0, 0]);
    assert!(values.iter().all(|it| it["protocol"] == "udp"), "{values:?}");
    assert_eq!(
        (&records[5]["src"], &records[0]["dst"]),
        (&"10.0.0.2:9000".into(), &"10.0.0.2:9000".into())
    );
    // The 6 bytes behind a record, and the 12 that are none.
    let errors: Vec<_> = values.iter().filter(|it| it["type"] == "error").collect();
    let places: Vec<_> = errors.iter().map(|it| it["offset"].as_i64().unwrap()).collect();
    assert_eq!(places, [24, 0], "{errors:?}");
}

const SIDES: &str = r#"
header = ["sides.h"]
endian = "big"

[[message]]
side = "client"
when = "u8(0) == 0xff"
times = 1
record = "hello"

[[message]]
side = "client"
record = "question"
remember = { table = "wanted", key = "id", value = "wanted" }

[[message]]
side = "server"
record = "answer"
length = "4 + recall(wanted, id, 0)"
"#;

const SIDES_H: &str = "
struct hello { unsigned char mark, version; };
struct question { unsigned short id, wanted; };
struct answer { unsigned short id, first; };
";

/// Both sides start with the same bytes: who sent them says what they are.
#[test]
fn sides_of_a_connection_have_messages_of_their_own() {
    let folder = Folder::new("sides");
    folder.write("sides.h", SIDES_H);
    let protocol = folder.write("sides.toml", SIDES);
    // The client's port is the lower one, so that only its SYN, or `--port`, says that it is the client.
    let ends = [1_000, 9_000];
    let packets = [
        segment(forth(ends), 100, SYN, &[]),
        segment(back(ends), 500, SYN | ACK, &[]),
        segment(forth(ends), 101, ACK, &[0xff, 2, 0, 1, 0, 3]),
        segment(back(ends), 501, ACK, &[0, 1, 0, 9, 7, 7, 7]),
        // Two questions, answered the other way round.
        segment(forth(ends), 107, ACK, &[0, 2, 0, 0, 0, 3, 0, 1]),
        segment(back(ends), 508, ACK, &[0, 3, 0, 8, 7, 0, 2, 0, 5]),
    ];
    let expected = [
        (3, "hello", r#"{"mark":255,"version":2}"#),
        (3, "question", r#"{"id":1,"wanted":3}"#),
        (4, "answer", r#"{"first":9,"id":1}"#),
        (5, "question", r#"{"id":2,"wanted":0}"#),
        (5, "question", r#"{"id":3,"wanted":1}"#),
        (6, "answer", r#"{"first":8,"id":3}"#),
        (6, "answer", r#"{"first":5,"id":2}"#),
    ];
    for (skipped, more) in [(0, &[][..]), (2, &["--port", "9000"])] {
        let path = folder.write("sides.pcap", pcap(&packets[skipped..]));
        let (values, said, status) = decode(&path, &[&["--protocol", &protocol], more].concat());
        let found: Vec<_> = values
            .iter()
            .map(|it| {
                let fields: Value = it["fields"].clone();
                (it["packet"].as_u64(), it["record"].as_str(), fields)
            })
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(packet, record, fields)| {
                let fields = serde_json::from_str(fields).unwrap();
                (Some(packet - skipped as u64), Some(*record), fields)
            })
            .collect();
        assert_eq!((found, status), (expected, Some(0)), "{skipped}: {said}");
    }
}

#[test]
fn streams_of_several_captures_are_numbered_each_on_their_own() {
    let folder = Folder::new("inputs");
    let ends = [40_000, 9_000];
    let first = pcap(&[segment(forth(ends), 100, SYN, b"abc"), segment(back(ends), 1, ACK, b"de")]);
    let first = folder.write("first.pcap", first);
    let second = folder.write("second.pcap", pcap(&[segment(forth(ends), 100, SYN, b"abcd")]));
    let streams = |inputs: &[&str]| {
        let output = cwire(&[&["streams", "--json"], inputs].concat());
        let of = |it: &Value| {
            let text = |name: &str| it[name].as_str().unwrap().to_owned();
            (text("file"), it["stream"].as_u64(), text("src"), it["bytes"].as_u64())
        };
        (json(&output).iter().map(of).collect::<Vec<_>>(), output)
    };
    let line =
        |file: &str, src: &str, bytes| (file.to_owned(), Some(0), src.to_owned(), Some(bytes));
    let lines = [
        line(&first, "10.0.0.1:40000", 3),
        line(&first, "10.0.0.2:9000", 2),
        line(&second, "10.0.0.1:40000", 4),
    ];
    let (found, output) = streams(&[&first, &second]);
    assert_eq!((&found[..], output.status.code()), (&lines[..], Some(0)), "{output:?}");

    // What is no capture is said, and what came before it stays.
    let (found, output) = streams(&[&first, "ctestdata.h", &second]);
    assert_eq!((&found[..], output.status.code()), (&lines[..2], Some(2)), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.starts_with("cwire: ctestdata.h: "), "{said}");

    // Cut in its last packet, the first is damaged, and the second is read all the same.
    let whole = std::fs::read(&first).unwrap();
    folder.write("first.pcap", &whole[..whole.len() - 1]);
    let (found, output) = streams(&[&first, &second]);
    let expected = [lines[0].clone(), lines[2].clone()];
    assert_eq!((&found[..], output.status.code()), (&expected[..], Some(1)), "{output:?}");
}

const CONNECTIONS: u16 = 25;
/// Of two and a half records each.
const SEGMENTS: u32 = 2_400;

/// Connections side by side, of which every fifth lacks two segments.
fn busy() -> Vec<u8> {
    let bytes: Vec<u8> = (0..i32::try_from(SEGMENTS * 5 / 2).unwrap()).flat_map(record).collect();
    let mut packets = Vec::new();
    for (number, payload) in (0..).zip(bytes.chunks(60)) {
        for port in 0..CONNECTIONS {
            let way = forth([40_000 + port, 9_000]);
            if number == 0 {
                packets.push(segment(way, 99, SYN, &[]));
            }
            if port % 5 == 0 && matches!(number, 1_200 | 1_201) {
                continue;
            }
            packets.push(segment(way, 100 + 60 * number, ACK, payload));
        }
    }
    pcap(&packets)
}

/// Of several MB, which are more than the threads take at once.
#[test]
#[cfg(target_os = "linux")]
fn one_thread_says_what_several_say() {
    let Some(mut taskset) = cwire_tests::tool("taskset") else { return };
    let folder = Folder::new("threads");
    let bytes = busy();
    assert!(bytes.len() > 4 << 20, "{}", bytes.len());
    let path = folder.write("busy.pcap", bytes);
    let args = [&["decode", &path, "--format", "json"], &RECORD[..]].concat();
    let several: Command = command(&args);
    taskset.args(["-c", "0"]).arg(several.get_program()).args(&args).current_dir(crate::data());
    let [one, several] = [taskset, several].map(|mut it| it.output().unwrap());
    let said = String::from_utf8_lossy(&several.stderr);
    assert_eq!(
        (said.as_ref(), several.status),
        (&*String::from_utf8_lossy(&one.stderr), one.status)
    );
    assert!(one.stdout == several.stdout, "the lines differ: {said}");

    // Five connections lack 5 records each, from the 3,000th on.
    let lines = json(&several);
    let count = |kind: &str| lines.iter().filter(|it| it["type"] == kind).count();
    let records = usize::from(CONNECTIONS) * usize::try_from(SEGMENTS).unwrap() * 5 / 2;
    assert_eq!((count("record"), count("gap")), (records - 25, 5), "{said}");
    let mut next = vec![0; usize::from(CONNECTIONS)];
    for line in lines.iter().filter(|it| it["type"] == "record") {
        let next = &mut next[usize::try_from(line["stream"].as_u64().unwrap()).unwrap()];
        let is_lacking = *next == 3_000 && line["stream"].as_u64().unwrap() % 5 == 0;
        *next += if is_lacking { 5 } else { 0 };
        assert_eq!(line["fields"]["b"], *next, "{line}");
        *next += 1;
    }
}

/// With so little address space, some of the threads start, and others do not.
#[test]
#[cfg(target_os = "linux")]
fn a_thread_that_cannot_start_is_no_panic() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/ctestdata.pcap");
    let args = [&["decode", path, "--format", "json"], &RECORD[..]].concat();
    for mebibytes in (88..100).chain(205..225) {
        let script = format!("ulimit -v {}; exec \"$@\"", mebibytes << 10);
        let mut sh = Command::new("sh");
        sh.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_cwire")]).args(&args);
        let output = sh.current_dir(crate::data()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!said.contains("panicked"), "{mebibytes} MiB: {said}");
    }
}
