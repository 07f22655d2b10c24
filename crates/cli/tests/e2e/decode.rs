//! `cwire decode` and `cwire encode`, with bytes that a C program wrote.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::folder::Folder;
use crate::{command, cwire, data, printed};

/// What every test decodes.
const RECORD: [&str; 4] = ["--header", "ctestdata.h", "--record", "CTestData"];

/// What a C program prints that includes a header of `tests/data`; `None` without a compiler.
fn c_program(name: &str, header: &str, body: &str) -> Option<Vec<u8>> {
    let mut compiler = cwire_tests::tool("gcc")?;
    let folder = Folder::new(name);
    let source = format!(
        "#include <stdio.h>\n#include <string.h>\n#include \"{}\"\nint main(void) {{\n{body}\nreturn 0; }}\n",
        data().join(header).display()
    );
    let source = folder.write("program.c", source.as_bytes());
    let program = folder.0.join("program");
    cwire_tests::run(compiler.arg("-o").arg(&program).arg(source));
    Some(cwire_tests::run(&mut Command::new(program)).stdout)
}

/// Three records: clean, with padding of 0xcc, with text that fills its array.
fn records() -> Option<&'static [u8]> {
    static RECORDS: OnceLock<Option<Vec<u8>>> = OnceLock::new();
    let body = "for (int i = 0; i < 3; i++) {
        struct CTestData s;
        memset(&s, i == 1 ? 0xcc : 0, sizeof s);
        memset(s.c, 0, sizeof s.c);
        s.a = 'A' + i;
        s.b = 300 - 1000 * i;
        memcpy(s.c, i == 2 ? \"fifteen letters\" : \"hello\\0\\0\\0\\0\\0\\0\\0\\0\\0\", 15);
        fwrite(&s, sizeof s, 1, stdout);
    }";
    RECORDS.get_or_init(|| c_program("records", "ctestdata.h", body)).as_deref()
}

/// The same as JSON.
fn expected() -> [Value; 3] {
    let record = |offset: u64, a: &str, b: i64, c: &str| json!({"type": "record", "record": "CTestData", "offset": offset, "fields": {"a": a, "b": b, "c": c}});
    [
        record(0, "A", 300, "hello"),
        record(24, "B", -700, "hello"),
        record(48, "C", -1700, "fifteen letters"),
    ]
}

/// What a command does with `input` on its standard input.
fn fed(args: &[&str], input: &[u8]) -> std::process::Output {
    let mut child = command(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // Who has seen enough does not read to the end.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn lines(stdout: &[u8]) -> Vec<Value> {
    let text = String::from_utf8(stdout.to_vec()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn decoded(input: &[u8], more: &[&str]) -> Vec<Value> {
    let args = [&["decode", "-", "--format", "json"], &RECORD[..], more].concat();
    let output = fed(&args, input);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {}\n{stderr}", output.status);
    lines(&output.stdout)
}

#[test]
fn records_of_a_file_are_printed_as_json_lines() {
    let Some(bytes) = records() else { return };
    let folder = Folder::new("file");
    let file = folder.write("t.bin", bytes);
    let args = [&["decode", &file][..], &RECORD].concat();
    // Not a terminal, hence JSON.
    assert_eq!(lines(printed(&args).as_bytes()), expected());
    assert_eq!(decoded(bytes, &[]), expected());
}

#[test]
fn every_path_through_the_program_prints_the_same() {
    let Some(bytes) = records() else { return };
    // A condition that always holds, and looking at padding, take the records one by one.
    for more in
        [&["--where", "1"][..], &["-v"], &["--strict"], &["--count", "3"], &["--offset", "0x0"]]
    {
        let args = [&["decode", "-", "--format", "json"], &RECORD[..], more].concat();
        let text = fed(&args, bytes).stdout;
        let plain =
            fed(&[&["decode", "-", "--format", "json"][..], &RECORD].concat(), bytes).stdout;
        assert_eq!(String::from_utf8_lossy(&text), String::from_utf8_lossy(&plain), "{more:?}");
    }
}

#[test]
fn dumps_of_every_tool_give_the_same_records() {
    let Some(bytes) = records() else { return };
    for (tool, flags) in [
        ("xxd", ""),
        ("xxd", "-g1 -c 8"),
        ("xxd", "-p"),
        ("xxd", "-e"),
        ("xxd", "-i"),
        ("hexdump", "-C"),
        ("hexdump", ""),
        ("od", "-t x1"),
        ("od", "-t x1 -A x"),
        ("od", "-t x1 -A d"),
        ("od", "-v -t x1 -A n"),
        ("od", "-t x4z"),
    ] {
        let Some(mut dump) = cwire_tests::tool(tool) else { continue };
        let folder = Folder::new("dump");
        let file = folder.write("t.bin", bytes);
        let dump = cwire_tests::run(dump.args(flags.split_whitespace()).arg(file)).stdout;
        assert_eq!(decoded(&dump, &[]), expected(), "{tool} {flags}");
    }
}

#[test]
fn a_dump_keeps_its_offsets_and_tells_of_holes() {
    let Some(bytes) = records() else { return };
    let line = |offset: usize, bytes: &[u8]| {
        let digits: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{offset:04x}  {}\n", digits.join(" "))
    };
    // The second of three rows of 24 bytes is not there.
    let dump = line(0, &bytes[..24]) + &line(0x30, &bytes[48..]);
    let output =
        fed(&[&["decode", "-", "--format", "json"][..], &RECORD].concat(), dump.as_bytes());
    assert_eq!(output.status.code(), Some(1));
    let [first, _, third] = expected();
    let gap = json!({"type": "gap", "offset": 24, "missing": 24});
    assert_eq!(lines(&output.stdout), [first.clone(), gap, third]);
    // Another dump is a stream of its own.
    let dump = line(0, &bytes[..24]) + "\n" + &line(0, &bytes[..24]);
    let mut again = first.clone();
    again["dump"] = json!(1);
    assert_eq!(decoded(dump.as_bytes(), &[]), [first, again]);
}

#[test]
fn bytes_that_look_as_a_dump_are_bytes_if_that_is_said() {
    let digits = b"4100000000000000000000004142434400000000000000000";
    let digits = &digits[..48];
    assert_eq!(decoded(digits, &[]).len(), 1, "24 bytes of hex");
    let found = decoded(digits, &["--input", "binary"]);
    assert_eq!(found.len(), 2, "48 characters");
    assert_eq!(found[0]["fields"]["a"], "4");
}

#[test]
fn records_before_the_end_are_printed_and_the_rest_is_said() {
    let Some(bytes) = records() else { return };
    for more in [&[][..], &["-v"], &["--where", "1"]] {
        let args = [&["decode", "-", "--format", "json"], &RECORD[..], more].concat();
        let output = fed(&args, &bytes[..60]);
        assert_eq!(output.status.code(), Some(1));
        let lines = lines(&output.stdout);
        assert_eq!(lines[..2], expected()[..2]);
        assert_eq!(lines[2]["type"], "error");
        assert_eq!(lines[2]["offset"], 48);
        let stderr = String::from_utf8_lossy(&output.stderr);
        let complaint =
            "cwire: <stdin>: at 0x30 (48): needs 24 bytes, 12 left when the stream ended\n";
        assert!(stderr.contains(complaint), "{stderr}");
    }
}

#[test]
fn a_part_of_the_input_is_enough() {
    let Some(bytes) = records() else { return };
    assert_eq!(decoded(bytes, &["--offset", "24"]), expected()[1..]);
    assert_eq!(decoded(bytes, &["--offset", "0x18", "--count", "1"]), expected()[1..2]);
    assert_eq!(decoded(bytes, &["--count", "0"]), [] as [Value; 0]);
    // What follows the last that counts is not looked at.
    assert_eq!(decoded(&bytes[..60], &["--count", "2"]), expected()[..2]);
}

#[test]
fn conditions_and_selections_hold() {
    let Some(bytes) = records() else { return };
    let found = decoded(bytes, &["--where", "b < 0 && c == \"hello\"", "--select", "b"]);
    let line =
        json!({"type": "record", "record": "CTestData", "offset": 24, "fields": {"b": -700}});
    assert_eq!(found, [line]);
}

#[test]
fn records_come_out_while_the_input_is_open() {
    let Some(bytes) = records() else { return };
    for (name, first) in [("bytes", bytes[..30].to_vec()), ("dump", dump_of(&bytes[..30]))] {
        for format in ["json", "text", "csv", "hex"] {
            let args = [&["decode", "-", "--format", format][..], &RECORD].concat();
            let mut child =
                command(&args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
            let mut stdin = child.stdin.take().unwrap();
            stdin.write_all(&first).unwrap();
            stdin.flush().unwrap();
            // This would wait forever if the record did.
            let mut reader = BufReader::new(child.stdout.take().unwrap());
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            assert!(!line.is_empty(), "{name} as {format}");
            drop(stdin);
            let mut rest = String::new();
            reader.read_to_string(&mut rest).unwrap();
            assert_eq!(child.wait().unwrap().code(), Some(1), "{name} as {format}: {rest}");
        }
    }
}

fn dump_of(bytes: &[u8]) -> Vec<u8> {
    let digits = |bytes: &[u8]| bytes.iter().map(|byte| format!(" {byte:02x}")).collect::<String>();
    let lines = bytes.chunks(6).enumerate();
    lines.map(|(i, line)| format!("{:08x} {}\n", i * 6, digits(line))).collect::<String>().into()
}

#[test]
fn a_closed_pipe_is_no_error() {
    let Some(bytes) = records() else { return };
    let many = bytes.repeat(100_000);
    for format in ["json", "text", "csv", "hex"] {
        let args = [&["decode", "-", "--format", format][..], &RECORD].concat();
        let mut child = command(&args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let many = many.clone();
        let writer = std::thread::spawn(move || drop(stdin.write_all(&many)));
        child.stdout.take().unwrap().read_exact(&mut [0; 16]).unwrap();
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        assert_eq!(output.status.code(), Some(0), "{format}: {output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{format}");
    }
}

/// A trade and a status with an `open` that is 2.
fn feed() -> Option<Vec<u8>> {
    let body = "struct trade t; memset(&t, 0, sizeof t);
        t.head.length = sizeof t; t.head.kind = TRADE; t.side = SELL; t.lots = 500; t.venue = 9;
        t.price = 0.5; memcpy(t.symbol, \"ABC\", 4);
        fwrite(&t, sizeof t, 1, stdout);
        struct status s; memset(&s, 0, sizeof s);
        s.head.length = sizeof s; s.head.kind = STATUS;
        *(unsigned char *)&s.open = 2; s.levels[0] = 1; s.levels[1] = 2; s.levels[2] = 3;
        fwrite(&s, sizeof s, 1, stdout);";
    c_program("feed", "feed.h", body)
}

#[test]
fn a_protocol_file_tells_messages_apart() {
    let Some(bytes) = feed() else { return };
    let output = fed(&["decode", "-", "--protocol", "feed.toml", "--format", "json"], &bytes);
    let head = |length: u64, kind: u64| json!({"length": length, "kind": kind, "flags": 0});
    let trade = json!({"head": head(32, 1), "side": "SELL", "lots": 500, "venue": 9, "price": 0.5, "symbol": "ABC"});
    let status = json!({"head": head(12, 2), "open": 2, "levels": [1, 2, 3]});
    let found = lines(&output.stdout);
    assert_eq!(found[0]["fields"], trade);
    assert_eq!(found[1]["fields"], status);
    assert_eq!(found[1]["offset"], 32);
    // 2 is no value of `bool`: said, with its place in the file.
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("at 0x24 (36): open: "), "{stderr}");
    assert!(stderr.contains("2 records (1 status, 1 trade), 44 bytes"), "{stderr}");
}

#[test]
fn a_table_has_one_header_for_all_kinds() {
    let Some(bytes) = feed() else { return };
    let args = ["decode", "-", "--protocol", "feed.toml", "--format", "csv", "-q"];
    let output = fed(&args, &bytes);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "record,offset,head.length,head.kind,head.flags,side,lots,venue,price,symbol,open,levels[0],levels[1],levels[2]\r\n\
         trade,0,32,1,0,SELL,500,9,0.5,ABC,,,,\r\n\
         status,32,12,2,0,,,,,,2,1,2,3\r\n"
    );
}

#[test]
fn more_than_ten_complaints_are_counted() {
    let mut bytes = feed().unwrap_or_default();
    if bytes.is_empty() {
        return;
    }
    let status = bytes.split_off(32);
    let output =
        fed(&["decode", "-", "--protocol", "feed.toml", "--format", "none"], &status.repeat(25));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(stderr.lines().filter(|line| line.contains("open: ")).count(), 10, "{stderr}");
    assert!(stderr.contains("15 more complaints"), "{stderr}");
}

#[test]
fn strictness_is_about_padding_enumerators_and_text() {
    let Some(mut bytes) = feed() else { return };
    bytes.truncate(32);
    let strict = ["decode", "-", "--protocol", "feed.toml", "--format", "none", "--strict"];
    assert_eq!(fed(&strict, &bytes).status.code(), Some(0));
    for (at, value, said) in
        [(4, 7, "enumerator"), (24, 0xff, "valid text"), (12, 1, "padding"), (28, 0xcc, "")]
    {
        let mut bytes = bytes.clone();
        bytes[at] = value;
        let output = fed(&strict, &bytes);
        let stderr = String::from_utf8_lossy(&output.stderr);
        // Behind its NUL, text may hold anything.
        let expected = if said.is_empty() { 0 } else { 1 };
        assert_eq!(output.status.code(), Some(expected), "byte {at}: {stderr}");
        assert!(stderr.contains(said), "byte {at}: {stderr}");
        assert_eq!(fed(&strict[..6], &bytes).status.code(), Some(0), "byte {at}");
    }
}

#[test]
fn encoding_is_the_inverse_of_decoding() {
    let Some(bytes) = records() else { return };
    let args = [&["decode", "-", "--format", "json", "--lossless"][..], &RECORD].concat();
    let json = fed(&args, bytes).stdout;
    let encoded = fed(&["encode", "-", "--header", "ctestdata.h"], &json);
    assert!(encoded.status.success(), "{encoded:?}");
    assert!(encoded.stdout == bytes, "{}", encoded.stdout.escape_ascii());
    // Without it, padding is zero.
    let json = fed(&[&["decode", "-", "--format", "json"][..], &RECORD].concat(), bytes).stdout;
    let encoded = fed(&["encode", "-", "--header", "ctestdata.h"], &json).stdout;
    assert_eq!(encoded[24..48], [&b"B\0\0\0\x44\xfd\xff\xffhello"[..], &[0; 11]].concat());
    // Plain objects, and a dump that xxd reads.
    let plain = br#"{"a": "A", "b": 300, "c": "hello"}"#;
    let args = [&["encode", "-", "--format", "hex"][..], &RECORD].concat();
    let dump = fed(&args, plain).stdout;
    if let Some(mut xxd) = cwire_tests::tool("xxd") {
        let folder = Folder::new("xxd");
        let file = folder.write("t.hex", &dump);
        let read = cwire_tests::run(xxd.arg("-r").arg(file)).stdout;
        assert_eq!(read, bytes[..24]);
    }
}

#[test]
fn lines_that_do_not_fit_are_said_and_the_others_encoded() {
    let input = b"{\"a\": \"A\", \"b\": 99999999999, \"c\": \"x\"}\n\
                  {\"a\": \"A\", \"b\": 1, \"c\": \"sixteen letters!\"}\n\
                  \n\
                  {\"type\": \"gap\", \"offset\": 24, \"missing\": 24}\n\
                  {\"type\": \"error\", \"offset\": 24, \"message\": \"a message\"}\n\
                  {\"a\": \"A\", \"b\" 1}\n\
                  {\"type\": \"record\", \"record\": \"NoSuch\", \"fields\": {}}\n\
                  {\"a\": \"A\", \"b\": 1, \"c\": \"x\", \"d\": 2}\n\
                  {\"a\": \"A\", \"b\": 1, \"c\": \"x\"}\n";
    let output = fed(&[&["encode", "-"][..], &RECORD].concat(), input);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stdout.len(), 24);
    let stderr = String::from_utf8_lossy(&output.stderr);
    for (line, said) in [(1, "b: "), (2, "c: "), (6, ""), (7, "NoSuch"), (8, "d: ")] {
        let prefix = format!("cwire: <stdin>:{line}:");
        let complaint = stderr.lines().find(|it| it.starts_with(&prefix));
        assert!(complaint.is_some_and(|it| it.contains(said)), "line {line}: {stderr}");
    }
    assert_eq!(stderr.lines().count(), 5, "{stderr}");
}

#[test]
fn an_envelope_without_a_name_is_of_the_record_asked_for() {
    let plain = br#"{"a": "A", "b": 1, "c": "x"}"#;
    let envelope = br#"{"fields": {"a": "A", "b": 1, "c": "x"}}"#;
    let encode = [&["encode", "-"][..], &RECORD].concat();
    let [plain, envelope] = [&plain[..], envelope].map(|line| fed(&encode, line));
    assert_eq!(envelope.status.code(), Some(0));
    assert_eq!(plain.stdout, *b"A\0\0\0\x01\0\0\0x\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    assert_eq!(envelope.stdout, plain.stdout);
}

#[test]
fn a_member_called_fields_is_a_member() {
    let folder = Folder::new("fields");
    let header = folder.write("fields.h", b"struct s { struct { char a; } fields; };");
    let output =
        fed(&["encode", "-", "--header", &header, "--record", "s"], br#"{"fields": {"a": "A"}}"#);
    assert_eq!((output.status.code(), &output.stdout[..]), (Some(0), &b"A"[..]));
}

#[test]
fn conditions_read_text_in_its_encoding() {
    let mut bytes = [0; 24];
    bytes[8..10].copy_from_slice(b"\xb0\xa1"); // The first syllable of KS X 1001.
    let decode = [&["decode", "-", "--encoding", "euc-kr"][..], &RECORD].concat();
    let count = |condition| {
        let output = fed(&[&decode[..], &["--where", condition]].concat(), &bytes);
        assert_eq!(output.status.code(), Some(0));
        output.stdout.iter().filter(|&&byte| byte == b'\n').count()
    };
    assert_eq!(count("c == \"가\""), 1);
    assert_eq!(count("c == \"각\""), 0);
}

#[test]
fn debug_information_serves_as_declaration() {
    let Some(bytes) = records() else { return };
    let Some(mut compiler) = cwire_tests::tool("gcc") else { return };
    let folder = Folder::new("object");
    let source =
        format!("#include \"{}\"\nstruct CTestData t;\n", data().join("ctestdata.h").display());
    let source = folder.write("t.c", source.as_bytes());
    let object = folder.0.join("t.o");
    cwire_tests::run(compiler.args(["-g", "-c", "-o"]).arg(&object).arg(source));
    let args = ["decode", "-", "--header", object.to_str().unwrap(), "--record", "CTestData"];
    assert_eq!(lines(&fed(&args, bytes).stdout), expected());
}

#[test]
fn what_cannot_work_is_refused_with_status_2() {
    let folder = Folder::new("refused");
    let plain = folder.write("t.bin", [0; 24]);
    for (args, said) in [
        (&["decode", "nowhere.bin"][..], "nowhere.bin: No such file"),
        (&["decode", "."], "a file is needed, found a folder"),
        (&["decode", &plain, "--port", "80"], "are for captures"),
        (&["decode", "-", "--where", "nope > 1"], "`nope` is no field"),
        (&["decode", "-", "--select", "nope"], "nope"),
        (&["decode", "-", "--lossless", "--format", "csv"], "--lossless is for --format json"),
        (&["decode", "-", "--encoding", "klingon"], "a label of the WHATWG"),
        (
            &["decode", "-", "--abi", "arm-none-eabi", "--abi", "native"],
            "one --abi is needed, found 2",
        ),
    ] {
        let output = cwire(&[args, &RECORD].concat());
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
        assert!(stderr.contains(said), "{args:?}: {stderr}");
    }
    let output = cwire(&["decode", "-", "--header", "ctestdata.h", "--record", "CTestDate"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("did you mean `CTestData`?"), "{stderr}");
}

/// 4 GiB through a pipe, under 64 MB of memory. Minutes in a debug build, hence not run by default.
#[test]
#[ignore = "takes minutes; run it with --release"]
#[cfg(target_os = "linux")]
fn four_gibibytes_take_little_memory() {
    let Some(bytes) = records() else { return };
    for input in ["binary", "hex"] {
        let args = [&["decode", "-", "--format", "json", "--input", input][..], &RECORD].concat();
        let mut child = command(&args).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let block = match input {
            "hex" => "41000000 2c010000 68656c6c6f0000000000000000000000\n".repeat(1 << 14).into(),
            _ => bytes.repeat(1 << 14),
        };
        let mut left = 4_u64 << 30;
        while left > 0 {
            stdin.write_all(&block).unwrap();
            left = left.saturating_sub(block.len() as u64);
        }
        let most = most_memory(child.id());
        drop(stdin);
        assert!(child.wait().unwrap().success());
        eprintln!("{input}: {most} kB at most");
        assert!(most < 64 << 10, "{input}: {most} kB");
    }
}

/// The most memory that a process has had, in kB.
#[cfg(target_os = "linux")]
fn most_memory(process: u32) -> u64 {
    let path = Path::new("/proc").join(process.to_string()).join("status");
    let status = std::fs::read_to_string(path).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
