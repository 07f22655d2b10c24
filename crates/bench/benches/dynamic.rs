//! Records known at run time only, in nanoseconds per record, beside programs written for them.
//!
//! Two records: `CTestData` (24 bytes) and `Quote` (64 bytes: bit-fields, doubles, an array of floats,
//! text), 1,000,000 of each.
//!
//! - `JSON Lines`: bytes to lines of text in memory, handed on in pieces. C++ copies each struct with
//!   `memcpy` and formats with `std::to_chars`; Python reads with dissect.cstruct and writes with
//!   `json`, over fewer records, and is left out where the module is not installed.
//! - `columns`: one array per field, into memory that is there already, beside a `memcpy` of the input.
//!
//! The ratio is that to the first line of a table. Before anything is timed, the lines of cwire and
//! C++ are compared, numbers by their values: the two print `1e+20` and `1.0` in their own ways.

use std::hint::black_box;
use std::io::Write;
use std::process::{Command, Stdio};

use clap::Parser;
use cwire_bench::{Contestant, Measured, Options, compare, cpp, timed};
use cwire_codec::columns::{ColumnPlan, Columns};
use cwire_codec::json::JsonLines;
use cwire_codec::plan::{Plan, PlanOptions};
use cwire_header::Lang;
use cwire_layout::abi::Abi;
use cwire_layout::types::Type;

const HEADER: &str = "
struct CTestData { char a; int b; char c[15]; };
struct Quote {
    unsigned long seq;
    unsigned short lots : 12, venue : 4;
    unsigned int tick : 20;
    _Bool open : 1;
    int skew : 7;
    double bid, ask;
    float depth[4];
    char symbol[12];
    int side;
};
";

/// Bytes of text that C++ collects before it hands them on.
const BUFFER: usize = 128 << 10;

fn main() {
    let options = Options::parse();
    let count = if options.smoke { 10_000 } else { 1_000_000 };
    let small = small(count);
    let quotes = quotes(count);
    for (name, bytes, cpp_json) in [
        ("CTestData", &small, cpp::small_json as CppJson),
        ("Quote", &quotes, cpp::dynamic_quote_json),
    ] {
        let plan = plan(name);
        assert_eq!(bytes.len(), count * plan.size(), "the layout is C++'s");
        json(&options, name, bytes, count, &plan, cpp_json);
        columns(&options, name, bytes, count, &plan);
    }
}

type CppJson = fn(&[u8], u64, &mut [u8]) -> (usize, usize);

fn json(
    options: &Options,
    name: &'static str,
    bytes: &[u8],
    count: usize,
    plan: &Plan,
    cpp_json: CppJson,
) {
    let title = format!("JSON Lines of {name}, {count} records");
    if !options.wants(&title) {
        return;
    }
    let mut lines = JsonLines::new(plan);
    let mut buffer = vec![0; BUFFER];
    check(&run(&mut lines, bytes), &run_cpp(cpp_json, plan.size(), bytes, &mut buffer));
    let mut contestants = vec![
        timed("C++ memcpy, to_chars", 1, count, || {
            cpp_lines(cpp_json, plan.size(), black_box(bytes), &mut buffer, |text| {
                black_box(text);
            });
            0
        }),
        timed("cwire", 1, count, || {
            let done = lines.write_run(black_box(bytes), 0, |text| {
                black_box(text);
                Ok::<(), std::convert::Infallible>(())
            });
            i64::try_from(done.expect("nothing refuses").consumed - bytes.len()).expect("all")
        }),
    ];
    contestants.extend(python(name, bytes, plan.size()));
    compare(options, &title, "ns per record", contestants);
}

fn columns(options: &Options, name: &str, bytes: &[u8], count: usize, plan: &Plan) {
    let title = format!("columns of {name}, {count} records");
    if !options.wants(&title) {
        return;
    }
    let mut copy = vec![0; bytes.len()];
    let plan = ColumnPlan::new(plan);
    let mut columns = Columns::default();
    let contestants = vec![
        timed("memcpy", 1, count, || {
            copy.copy_from_slice(black_box(bytes));
            black_box(&mut copy);
            0
        }),
        timed("cwire", 1, count, || {
            plan.decode(black_box(bytes), &mut columns);
            black_box(&mut columns);
            0
        }),
    ];
    compare(options, &title, "ns per record", contestants);
}

fn cpp_lines(
    cpp_json: CppJson,
    size: usize,
    bytes: &[u8],
    buffer: &mut [u8],
    mut sink: impl FnMut(&[u8]),
) {
    let mut at = 0;
    while at < bytes.len() {
        let (records, written) = cpp_json(&bytes[at..], at as u64, buffer);
        sink(&buffer[..written]);
        at += records * size;
    }
}

fn run(lines: &mut JsonLines, bytes: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    let done = lines.write_run(bytes, 0, |text| {
        all.extend_from_slice(text);
        Ok::<(), std::convert::Infallible>(())
    });
    done.expect("nothing refuses");
    all
}

fn run_cpp(cpp_json: CppJson, size: usize, bytes: &[u8], buffer: &mut [u8]) -> Vec<u8> {
    let mut all = Vec::new();
    cpp_lines(cpp_json, size, bytes, buffer, |text| all.extend_from_slice(text));
    all
}

/// Both print the same, but for how they spell numbers.
fn check(ours: &[u8], theirs: &[u8]) {
    let lines = |text: &[u8]| text.iter().filter(|&&byte| byte == b'\n').count();
    assert_eq!(lines(ours), lines(theirs), "as many lines");
    let pairs = ours.split(|&byte| byte == b'\n').zip(theirs.split(|&byte| byte == b'\n'));
    for (ours, theirs) in pairs.filter(|(ours, _)| !ours.is_empty()).step_by(97) {
        let value = |text| serde_json::from_slice::<serde_json::Value>(text).expect("JSON");
        let (ours, theirs) = (value(ours), value(theirs));
        assert!(same(&ours, &theirs), "{ours} is not {theirs}");
    }
}

fn same(one: &serde_json::Value, other: &serde_json::Value) -> bool {
    use serde_json::Value;
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, one)| other.get(key).is_some_and(|other| same(one, other)))
        }
        _ => one == other,
    }
}

/// Python over fewer records, which it takes as long for.
fn python<'a>(name: &'static str, bytes: &'a [u8], size: usize) -> Option<Contestant<'a>> {
    let mut has = Command::new("python3");
    has.args(["-c", "import dissect.cstruct"]).stderr(Stdio::null());
    if !has.status().is_ok_and(|status| status.success()) {
        eprintln!("no `dissect.cstruct` for `python3` here: it is left out");
        return None;
    }
    let count = (bytes.len() / size).min(20_000);
    let bytes = &bytes[..count * size];
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/dynamic.py");
    let measure = move || {
        let mut command = Command::new("python3");
        command.args([script, name]).stdin(Stdio::piped()).stdout(Stdio::null());
        let mut child = command.stderr(Stdio::piped()).spawn().expect("python3 starts");
        child.stdin.take().expect("a pipe").write_all(bytes).expect("it reads all");
        let output = child.wait_with_output().expect("it ends");
        let text = String::from_utf8(output.stderr).expect("text");
        let time: f64 = text.trim().parse().unwrap_or_else(|_| panic!("a time: {text}"));
        Measured { value: time / count as f64, result: 0 }
    };
    Some(("Python, dissect.cstruct", Box::new(measure)))
}

fn plan(name: &str) -> Plan {
    let mut options = cwire_header::Options::new(Abi::X86_64_LINUX);
    options.lang = Some(Lang::C);
    let path = std::env::temp_dir().join(format!("cwire-bench-dynamic-{}.h", std::process::id()));
    std::fs::write(&path, HEADER).expect("the temporary folder takes a file");
    let header = cwire_header::read_file(&path, &options);
    let _ = std::fs::remove_file(&path);
    let types = header.expect("compilers read it, too").types;
    let found = types.find(name).expect("it is declared above");
    let Type::Record(record) = *types.get(types.strip(found)) else { panic!("{name} is a struct") };
    Plan::new(&types, record, &PlanOptions::default()).expect("it is plain")
}

/// As many different values as a feed has.
fn small(count: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    for index in 0..count {
        let number = scramble(index);
        let mut record = [0; 24];
        record[0] = b'A' + (number % 26) as u8;
        record[4..8].copy_from_slice(&((number >> 32) as i32 >> (number % 32)).to_le_bytes());
        let text = b"hello, world 42";
        let len = 4 + (number >> 16) as usize % 12;
        record[8..8 + len].copy_from_slice(&text[..len]);
        bytes.extend_from_slice(&record);
    }
    bytes
}

fn quotes(count: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    for index in 0..count {
        let number = scramble(index);
        let mut record = [0; 64];
        record[..8].copy_from_slice(&(1_000_000 + index as u64).to_le_bytes());
        record[8..10].copy_from_slice(&(number as u16).to_le_bytes());
        record[12..16].copy_from_slice(&((number >> 8) as u32 & 0x0fff_ffff).to_le_bytes());
        // Prices in hundredths, as feeds have them.
        let bid = (number >> 20 & 0xf_ffff) as f64 / 100.0;
        record[16..24].copy_from_slice(&bid.to_le_bytes());
        record[24..32].copy_from_slice(&(bid + 0.01).to_le_bytes());
        for (level, slot) in record[32..48].chunks_exact_mut(4).enumerate() {
            let depth = (number >> (level * 8) & 0xffff) as f32 * 0.5;
            slot.copy_from_slice(&depth.to_le_bytes());
        }
        let len = 3 + (number >> 3) as usize % 4;
        record[48..48 + len].copy_from_slice(&b"ABCDEFGH"[..len]);
        record[60..64].copy_from_slice(&(index as i32 % 2).to_le_bytes());
        bytes.extend_from_slice(&record);
    }
    bytes
}

/// A number that looks like chance (the finalizer of SplitMix64).
fn scramble(index: usize) -> u64 {
    let mut z = (index as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
