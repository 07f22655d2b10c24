//! Captures, beside a C++ program that maps the file and knows what is in it, tcpflow, and tshark.
//!
//! The capture has 20 interleaved connections, whose segments of 1,448 bytes are full of `CTestData`: 500 MB,
//! once clean and once with 1 % of the segments out of order, 1 % repeated and 0.1 % overlapping.
//!
//! - `records`: milliseconds to put the streams in order and look at each record. C++ sums one field;
//!   `cwire decode --format none` counts records and those with padding that is not zero; `cwire streams`
//!   prints its table, without hashing; tcpflow writes the streams to files.
//! - `JSON`: MB/s of capture to JSON on `/dev/null`. tshark has a dissector in Lua and reads a hundredth of
//!   the capture, for as long as it takes: with all that `-T json` prints, and with the three fields alone.
//!   Medians of interleaved rounds; the ratio is that of cwire's rate.
//!
//! Before anything is timed, all have to find the same records.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use clap::Parser;
use cwire_bench::{Contestant, Measured, Options, compare, process};
use fastrand::Rng;

const CPP: &str = env!("CWIRE_BENCH_CAPTURE");
const HEADER: &str = "struct CTestData { char a; int b; char c[15]; };\n";
const CONNECTIONS: usize = 20;
const PAYLOAD: usize = 1448;
const RECORD: usize = 24;
/// Bytes of records that are written over and over: whole records, and whole segments.
const CYCLE: usize = PAYLOAD * RECORD;

fn main() {
    let options = Options::parse();
    let len = if options.smoke { 4 << 20 } else { 500_000_000 };
    let folder = std::env::temp_dir().join(format!("cwire-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("ctestdata.h"), HEADER).expect("a header");
    let cwire = process::cwire(&options);
    for (name, is_clean) in [("clean", true), ("out of order", false)] {
        if options.wants(name) {
            let path = folder.join("capture.pcap");
            generate(&path, len, is_clean);
            records(&options, name, &cwire, &path);
            let few = folder.join("few.pcap");
            generate(&few, (len / 100).max(1 << 20), is_clean);
            json(&options, name, &cwire, &path, &few);
        }
    }
    std::fs::remove_dir_all(folder).expect("the folder goes");
}

/// Writes a capture of about `len` bytes.
fn generate(path: &Path, len: usize, is_clean: bool) {
    let mut rng = Rng::with_seed(1);
    let mut out = BufWriter::new(File::create(path).expect("a file"));
    let mut put = |bytes: &[u8]| out.write_all(bytes).expect("room on the disk");
    let numbers =
        |numbers: &[u32]| numbers.iter().flat_map(|it| it.to_le_bytes()).collect::<Vec<u8>>();
    put(&numbers(&[0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, 1]));
    let cycle: Vec<u8> = (0..CYCLE / RECORD).flat_map(record).collect();
    let first: Vec<u32> = (0..CONNECTIONS).map(|_| rng.u32(..)).collect();
    let mut sent = [0_usize; CONNECTIONS];
    let mut time = 0_u64;
    let mut packet = |connection: usize, flags: u8, at: usize, payload: &[u8]| {
        time += 7;
        let frame = frame(connection, flags, first[connection].wrapping_add(at as u32), payload);
        let (seconds, micros) = (1_767_323_045 + time / 1_000_000, time % 1_000_000);
        let head =
            numbers(&[seconds as u32, micros as u32, frame.len() as u32, frame.len() as u32]);
        [head, frame].concat()
    };
    for connection in 0..CONNECTIONS {
        put(&packet(connection, 2, 0, &[]));
    }
    let whole = len / (PAYLOAD + 70) / CONNECTIONS / RECORD * RECORD * PAYLOAD;
    let mut late: Vec<(usize, Vec<u8>)> = Vec::new();
    let mut left: Vec<usize> = (0..CONNECTIONS).filter(|_| whole > 0).collect();
    let mut index = 0;
    while !left.is_empty() {
        index += 1;
        let slot = rng.usize(..left.len());
        let connection = left[slot];
        let at = sent[connection];
        sent[connection] += PAYLOAD;
        if sent[connection] == whole {
            left.swap_remove(slot);
        }
        let within = at % CYCLE;
        let bytes = packet(connection, 0x18, 1 + at, &cycle[within..within + PAYLOAD]);
        match rng.usize(..1000) {
            _ if is_clean => put(&bytes),
            0..10 => late.push((index + rng.usize(2..20), bytes)),
            10..20 => {
                put(&bytes);
                put(&bytes);
            }
            20 if within > 0 => {
                put(&bytes);
                let half = PAYLOAD / 2;
                put(&packet(connection, 0x18, 1 + at - half, &cycle[within - half..within + half]));
            }
            _ => put(&bytes),
        }
        while let Some(due) = late.iter().position(|(due, _)| *due <= index) {
            put(&late.swap_remove(due).1);
        }
    }
    late.iter().for_each(|(_, bytes)| put(bytes));
    out.flush().expect("room on the disk");
}

fn record(index: usize) -> [u8; RECORD] {
    let mut record = [0; RECORD];
    record[0] = b'A' + (index % 26) as u8;
    record[4..8].copy_from_slice(&(index as u32).to_le_bytes());
    let text = format!("name{index}");
    record[8..8 + text.len()].copy_from_slice(text.as_bytes());
    record
}

/// Ethernet, IPv4, TCP; without checksums, which nobody verifies here.
fn frame(connection: usize, flags: u8, seq: u32, payload: &[u8]) -> Vec<u8> {
    let total = (40 + payload.len()) as u16;
    let port = 40_000 + connection as u16;
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0];
    frame.extend(total.to_be_bytes());
    frame.extend([0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
    frame.extend(port.to_be_bytes());
    frame.extend(9000_u16.to_be_bytes());
    frame.extend(seq.to_be_bytes());
    frame.extend([0, 0, 0, 0, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    frame.extend(payload);
    frame
}

/// Runs a program to its end, which must be a good one; its seconds.
fn run(command: &mut Command) -> (Output, f64) {
    let start = Instant::now();
    let output = command.stdin(Stdio::null()).output().expect("the program starts");
    let seconds = start.elapsed().as_secs_f64();
    assert!(output.status.success(), "{command:?}: {output:?}");
    (output, seconds)
}

fn decode(cwire: &Path, capture: &Path, format: &str) -> Command {
    let mut command = Command::new(cwire);
    let header = capture.with_file_name("ctestdata.h");
    command.arg("decode").arg(capture).arg("--header").arg(header);
    command.args(["--record", "CTestData", "--format", format]);
    command
}

/// A number in front of a word.
fn before(text: &str, word: &str) -> i64 {
    let end = text.find(word).unwrap_or_else(|| panic!("{word} in {text}"));
    let number = text[..end].trim_end().rsplit(|c: char| !c.is_ascii_digit()).next();
    number.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("a number in {text}"))
}

fn records(options: &Options, name: &str, cwire: &Path, capture: &Path) {
    let milliseconds = |result: i64, seconds: f64| Measured { value: seconds * 1e3, result };
    let mut contestants: Vec<Contestant<'_>> = vec![
        (
            "C++ mapping, sum of b",
            Box::new(|| {
                let (output, seconds) = run(Command::new(CPP).arg(capture));
                let text = String::from_utf8_lossy(&output.stdout).into_owned();
                milliseconds(before(&text, " "), seconds)
            }),
        ),
        (
            "cwire decode, none",
            Box::new(|| {
                let (output, seconds) = run(&mut decode(cwire, capture, "none"));
                let text = String::from_utf8_lossy(&output.stderr).into_owned();
                milliseconds(before(&text, " records ("), seconds)
            }),
        ),
        (
            "cwire streams",
            Box::new(|| {
                let (output, seconds) = run(Command::new(cwire).arg("streams").arg(capture));
                let text = String::from_utf8_lossy(&output.stdout).into_owned();
                let bytes: i64 = text.lines().skip(1).map(|line| before(line, "  none")).sum();
                milliseconds(bytes / RECORD as i64, seconds)
            }),
        ),
    ];
    if Command::new("tcpflow").arg("-V").output().is_ok() {
        contestants.push((
            "tcpflow",
            Box::new(|| {
                let folder = capture.with_file_name("flows");
                let mut tcpflow = Command::new("tcpflow");
                let (_, seconds) =
                    run(tcpflow.arg("-q").arg("-r").arg(capture).arg("-o").arg(&folder));
                let flows = std::fs::read_dir(&folder).expect("tcpflow makes it").flatten();
                let flows = flows.filter(|it| it.file_name().to_string_lossy().contains('-'));
                let bytes: u64 = flows.map(|it| it.metadata().map_or(0, |it| it.len())).sum();
                std::fs::remove_dir_all(folder).expect("the folder goes");
                milliseconds(bytes as i64 / RECORD as i64, seconds)
            }),
        ));
    }
    compare(options, &format!("records of a capture, {name}"), "ms", contestants);
}

fn json(options: &Options, name: &str, cwire: &Path, capture: &Path, few: &Path) {
    /// tshark takes seconds each time.
    const MOST_ROUNDS: usize = 3;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/capture.lua");
    let tshark = || {
        let mut tshark = Command::new("tshark");
        tshark.arg("-r").arg(few).args(["-X", &format!("lua_script:{script}")]);
        tshark.args(["-o", "tcp.reassemble_out_of_order:TRUE", "-T", "json"]);
        tshark
    };
    let mut all = vec![("cwire", capture, decode(cwire, capture, "json"))];
    if Command::new("tshark").arg("-v").output().is_ok() {
        all.push(("tshark", few, tshark()));
        let mut fields = tshark();
        fields.args(["-e", "ctest.a", "-e", "ctest.b", "-e", "ctest.c"]);
        all.push(("tshark, fields", few, fields));
    }
    let mut rates = vec![Vec::new(); all.len()];
    for _ in 0..options.rounds().min(MOST_ROUNDS) {
        for ((_, input, command), rates) in all.iter_mut().zip(&mut rates) {
            let mut run = || {
                let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
                assert!(status.expect("it starts").success());
            };
            // After seconds of something else, the first run finds colder caches than others do.
            run();
            let start = Instant::now();
            run();
            let len = input.metadata().expect("it is there").len();
            rates.push(len as f64 / 1e6 / start.elapsed().as_secs_f64());
        }
    }
    println!("\nJSON of a capture, {name}, MB/s");
    let median = |rates: &mut Vec<f64>| {
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    };
    let ours = median(&mut rates[0]);
    for ((name, ..), rates) in all.iter().zip(&mut rates) {
        let theirs = median(rates);
        println!("  {name:14} {theirs:8.1}  ratio {:6.0}", ours / theirs);
    }
}
