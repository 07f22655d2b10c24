//! Damaged captures through the program: it ends with a status of its own, in little time and memory,
//! says where the file is damaged, and gives the records that come before.

use std::ops::RangeInclusive;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::folder::Folder;

/// `b` of the records of `crates/cli/examples/ctestdata.pcap`, which packets 4, 6 and 8 bring.
const RECORDS: [i64; 3] = [300, 301, 302];
const PACKETS: usize = 12;

/// A capture, and where its packets are, heads included.
struct Sample {
    name: &'static str,
    bytes: Vec<u8>,
    packets: Vec<Place>,
}

/// A packet in its file: its head, what the link layer brought, and the end.
struct Place {
    head: usize,
    data: usize,
    end: usize,
}

impl Sample {
    /// The records of packets that end at `at` or before.
    fn records_before(&self, at: usize) -> usize {
        [4, 6, 8].iter().filter(|&&number| self.packets[number - 1].end <= at).count()
    }
}

fn pcap() -> Sample {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/ctestdata.pcap");
    let bytes = std::fs::read(path).unwrap();
    let (mut packets, mut head) = (Vec::new(), 24);
    while head < bytes.len() {
        let data = head + 16;
        let end = data + number(&bytes[head + 8..]);
        packets.push(Place { head, data, end });
        head = end;
    }
    assert_eq!(packets.len(), PACKETS);
    Sample { name: "damaged.pcap", bytes, packets }
}

/// The same packets in the other format, big-endian, with options where they may be.
fn pcapng() -> Sample {
    let pcap = pcap();
    let mut bytes = block(0x0a0d_0d0a, &section());
    bytes.extend(block(1, &interface()));
    let mut packets = Vec::new();
    for place in &pcap.packets {
        let head = bytes.len();
        let data = &pcap.bytes[place.data..place.end];
        let [seconds, micros] = [0, 4].map(|at| number(&pcap.bytes[place.head + at..]));
        let time = u64::try_from(seconds * 1_000_000 + micros).unwrap();
        let len = u32::try_from(data.len()).unwrap();
        let mut body = [&[0; 4][..], &time.to_be_bytes(), &len.to_be_bytes().repeat(2)].concat();
        body.extend(data);
        body.resize(body.len().next_multiple_of(4), 0);
        body.extend(options(&[(1, b"a comment")]));
        bytes.extend(block(6, &body));
        packets.push(Place { head, data: head + 28, end: bytes.len() });
    }
    Sample { name: "damaged.pcapng", bytes, packets }
}

fn section() -> Vec<u8> {
    let head = [0x1a, 0x2b, 0x3c, 0x4d, 0, 1, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255];
    [&head[..], &options(&[(4, b"by hand")])].concat()
}

/// Ethernet, a snap length of 65,536, and `if_tsresol` of microseconds.
fn interface() -> Vec<u8> {
    [&[0, 1, 0, 0, 0, 1, 0, 0][..], &options(&[(2, b"lo"), (9, &[6])])].concat()
}

fn options(all: &[(u16, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (code, value) in all {
        bytes.extend(code.to_be_bytes());
        bytes.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        bytes.extend(*value);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    bytes.extend([0; 4]);
    bytes
}

fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let len = u32::try_from(body.len() + 12).unwrap().to_be_bytes();
    [&kind.to_be_bytes()[..], &len, body, &len].concat()
}

/// The little-endian number at the start.
fn number(bytes: &[u8]) -> usize {
    u32::from_le_bytes(bytes[..4].try_into().unwrap()).try_into().unwrap()
}

/// What the program made of one file.
struct Outcome {
    status: i32,
    records: Vec<i64>,
    complaints: usize,
    said: String,
}

impl Folder {
    /// Decodes a damaged file, within the limits of time and memory.
    fn decode(&self, name: &str, bytes: &[u8], what: &str) -> Outcome {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        let mut command = Command::new("sh");
        command.current_dir(crate::data()).args(["-c", "ulimit -v 262144; exec \"$@\"", "sh"]);
        // The limit is on address space. What the allocator reserves ahead is left to the stacks of threads,
        // of which there are as many as processors.
        command.env("MIMALLOC_ARENA_RESERVE", "16MiB");
        command.arg(env!("CARGO_BIN_EXE_cwire")).arg("decode");
        command.arg(&path).args(["--input", "pcap", "--format", "json"]);
        command.args(["--header", "ctestdata.h", "--record", "CTestData"]);
        let since = Instant::now();
        let output = command.output().unwrap();
        let elapsed = since.elapsed();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(elapsed < Duration::from_secs(1), "{what}: {elapsed:?}");
        let status = output.status.code().unwrap_or_else(|| panic!("{what}: {said}"));
        assert!(matches!(status, 0..=2) && !said.contains("panicked"), "{what}: {status} {said}");
        let start = format!("cwire: {}: ", path.display());
        let names_place = |line: &&str| line.starts_with(&start) && line.contains("at 0x");
        let complaints = said.lines().filter(names_place).count();
        assert!(status == 0 || complaints > 0, "{what}: {status} {said}");
        let values = String::from_utf8(output.stdout).unwrap();
        let values = values.lines().map(|line| serde_json::from_str(line).unwrap());
        let records = values.filter(|it: &Value| it["type"] == "record");
        let records = records.map(|it| it["fields"]["b"].as_i64().unwrap()).collect();
        Outcome { status, records, complaints, said }
    }

    /// Decodes a sample with one number changed, which must leave what comes before it.
    fn decode_with(&self, sample: &Sample, at: usize, value: &[u8]) -> Outcome {
        let mut bytes = sample.bytes.clone();
        bytes[at..at + value.len()].copy_from_slice(value);
        let what = format!("{} with {value:02x?} at {at:#x}", sample.name);
        let outcome = self.decode(sample.name, &bytes, &what);
        let before = &RECORDS[..sample.records_before(at)];
        assert!(outcome.records.starts_with(before), "{what}: {:?}", outcome.records);
        outcome
    }
}

#[test]
fn captures_cut_short() {
    let folder = Folder::new("cut");
    for sample in [pcap(), pcapng()] {
        let whole = folder.decode(sample.name, &sample.bytes, sample.name);
        assert_eq!((whole.status, &whole.records[..]), (0, &RECORDS[..]), "{}", whole.said);
        for len in (24..sample.bytes.len()).step_by(17) {
            let what = format!("{} cut to {len}", sample.name);
            let outcome = folder.decode(sample.name, &sample.bytes[..len], &what);
            assert_eq!(outcome.records, RECORDS[..sample.records_before(len)], "{what}");
            assert_eq!(outcome.status.min(1), i32::from(outcome.complaints == 1), "{what}");
            let is_whole = sample.packets.iter().any(|it| it.head == len);
            assert!(is_whole == (outcome.status == 0), "{what}: {}", outcome.said);
        }
    }
}

#[test]
fn compressed_captures_cut_short() {
    let folder = Folder::new("cut-compressed");
    for (program, suffix) in [("gzip", "gz"), ("zstd", "zst")] {
        for sample in [pcap(), pcapng()] {
            let Some(mut compress) = cwire_tests::tool(program) else { continue };
            let path = folder.0.join(sample.name);
            std::fs::write(&path, &sample.bytes).unwrap();
            let compressed = cwire_tests::run(compress.arg("-c").arg(&path)).stdout;
            let name = format!("{}.{suffix}", sample.name);
            let whole = folder.decode(&name, &compressed, &name);
            assert_eq!((whole.status, &whole.records[..]), (0, &RECORDS[..]), "{}", whole.said);
            for len in (4..compressed.len()).step_by(11) {
                let what = format!("{name} cut to {len}");
                let outcome = folder.decode(&name, &compressed[..len], &what);
                assert!(RECORDS.starts_with(&outcome.records), "{what}: {:?}", outcome.records);
                assert_eq!(outcome.complaints, 1, "{what}: {}", outcome.said);
                assert!(
                    outcome.said.contains("cannot be read further"),
                    "{what}: {}",
                    outcome.said
                );
                assert!(outcome.status > 0, "{what}: {}", outcome.said);
            }
        }
    }
}

#[test]
fn captures_with_a_flipped_bit() {
    let folder = Folder::new("flipped");
    for sample in [pcap(), pcapng()] {
        for (number, at) in (0..sample.bytes.len()).step_by(13).enumerate() {
            folder.decode_with(&sample, at, &[sample.bytes[at] ^ 1 << (number % 8)]);
        }
    }
}

const LIES: [u32; 7] = [0, 1, 0x27, 0x7fff, 0xffff, 0x7fff_ffff, u32::MAX];

#[test]
fn lengths_of_the_file_that_lie() {
    let folder = Folder::new("lying-lengths");
    let (pcap, pcapng) = (pcap(), pcapng());
    for lie in LIES {
        folder.decode_with(&pcap, 16, &lie.to_le_bytes());
        // The snap length, and the lengths of the first two blocks.
        for at in [4, pcapng_at(&pcapng, 1) + 4, pcapng_at(&pcapng, 1) + 12] {
            folder.decode_with(&pcapng, at, &lie.to_be_bytes());
        }
        for number in PACKETS_WITH_LIES {
            let is_past_the_end = lie >= 0x7fff;
            let place = &pcap.packets[number - 1];
            folder.decode_with(&pcap, place.head + 12, &lie.to_le_bytes());
            let outcome = folder.decode_with(&pcap, place.head + 8, &lie.to_le_bytes());
            assert!(outcome.status > 0 || !is_past_the_end, "{lie:#x}: {}", outcome.said);
            let place = &pcapng.packets[number - 1];
            folder.decode_with(&pcapng, place.head + 24, &lie.to_be_bytes());
            for at in [place.head + 4, place.head + 20, place.end - 4] {
                let outcome = folder.decode_with(&pcapng, at, &lie.to_be_bytes());
                assert!(outcome.status > 0 || !is_past_the_end, "{lie:#x}: {}", outcome.said);
            }
            // The option behind the packet: its comment of 9 bytes, and the end of options.
            let [high, low] = [lie >> 16, lie].map(|it| u16::try_from(it & 0xffff).unwrap());
            folder.decode_with(&pcapng, place.end - 22, &low.to_be_bytes());
            folder.decode_with(&pcapng, place.end - 6, &high.to_be_bytes());
        }
    }
}

/// The first, two that bring records, and the last.
const PACKETS_WITH_LIES: [usize; 4] = [1, 4, 6, 12];

/// Where block `number` starts.
fn pcapng_at(sample: &Sample, number: usize) -> usize {
    let len = |at| u32::from_be_bytes(sample.bytes[at + 4..at + 8].try_into().unwrap());
    (0..number).fold(0, |at, _| at + usize::try_from(len(at)).unwrap())
}

#[test]
fn lengths_of_packets_that_lie() {
    let folder = Folder::new("lying-packets");
    const NIBBLES: RangeInclusive<u8> = 0..=15;
    for sample in [pcap(), pcapng()] {
        for number in PACKETS_WITH_LIES {
            let ip = sample.packets[number - 1].data + 14;
            assert_eq!(sample.bytes[ip], 0x45, "{} {number}", sample.name);
            for lie in [0_u16, 1, 19, 20, 39, 53, 1500, 0x7fff, u16::MAX] {
                folder.decode_with(&sample, ip + 2, &lie.to_be_bytes());
            }
            for lie in NIBBLES.step_by(3) {
                folder.decode_with(&sample, ip, &[0x40 | lie]);
                folder.decode_with(&sample, ip + 20 + 12, &[lie << 4]);
            }
        }
    }
}
