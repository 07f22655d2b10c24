//! Dumps as the tools print them, and dumps that are damaged.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::{Detected, DumpReader, Event, detect};

/// What a dump holds: runs with their offsets, and what was said.
#[derive(Debug, Default, PartialEq, Eq)]
struct Read {
    runs: Vec<(u64, Vec<u8>)>,
    said: Vec<String>,
}

fn read(text: &[u8]) -> Read {
    let mut reader = DumpReader::new();
    reader.push(text);
    reader.finish();
    let mut read = Read::default();
    while let Some(event) = reader.next() {
        match event {
            Event::Begin { offset } => read.runs.push((offset, Vec::new())),
            Event::Bytes(bytes) => read.runs.last_mut().unwrap().1.extend_from_slice(bytes),
            Event::Gap { missing } => {
                let (offset, bytes) = read.runs.last().unwrap();
                read.runs.push((offset + bytes.len() as u64 + missing, Vec::new()));
            }
            Event::Problem(error) => read.said.push(error.to_string()),
        }
    }
    read
}

fn one(offset: u64, bytes: &[u8]) -> Read {
    Read { runs: vec![(offset, bytes.to_vec())], said: Vec::new() }
}

fn said(text: &str) -> Vec<String> {
    read(text.as_bytes()).said
}

/// Contents that are hard on one reader or another, none of them empty.
fn contents() -> Vec<Vec<u8>> {
    let mut all = vec![
        b"A".to_vec(),
        b"AB".to_vec(),
        b"ab cd ef 01 23 45".to_vec(),
        b"00000010: 6865 6c6c 6f20 776f".to_vec(),
        b"|12 34|> 56 78< 9a bc  de".to_vec(),
        vec![0x11; 48],
        vec![0; 16],
        vec![0; 64],
        vec![0; 4096 + 5],
        (0..=255).collect(),
    ];
    // Every length up to three lines, zeros in between, so that lines repeat.
    let mut state = 1_u32;
    for length in 1..100 {
        let byte = |index: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if index % 64 < 40 { 0 } else { (state >> 24) as u8 }
        };
        all.push((0..length).map(byte).collect());
    }
    for length in [1000, 5000, 70_000] {
        let byte = |index: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if (index / 200).is_multiple_of(2) { b' ' } else { (state >> 24) as u8 }
        };
        all.push((0..length).map(byte).collect());
    }
    all
}

/// What a command prints for `input` on its standard input.
fn printed(command: &mut Command, input: &[u8]) -> Vec<u8> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // Who skips to the end does not read it all.
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join().unwrap();
    assert!(output.status.success(), "{command:?}");
    output.stdout
}

/// Each command line prints dumps that are read back.
fn reads_back(tool: &str, lines: &[&str]) {
    if cwire_tests::tool(tool).is_none() {
        return;
    }
    for line in lines {
        for content in contents() {
            let mut command = Command::new(tool);
            command.args(line.split_whitespace());
            let dump = printed(&mut command, &content);
            let text = String::from_utf8_lossy(&dump);
            assert_eq!(detect(&dump, true), Detected::Dump, "{tool} {line}\n{text}");
            // `hexdump` prints the same, with another meaning.
            let is_hexdump_s = line.starts_with("-t x2") && text.lines().nth(1) == Some("*");
            // 14 bytes, zero-filled, end at octal 16, and 16 bytes at decimal 16.
            let may_be_octal = line.contains("x8 -A d") && text.lines().count() == 2;
            if is_hexdump_s || may_be_octal {
                continue;
            }
            assert!(read(&dump) == one(0, &content), "{tool} {line}\n{text}");
        }
    }
}

#[test]
fn what_xxd_prints_is_read_back() {
    reads_back(
        "xxd",
        &[
            "",
            "-u",
            "-a",
            "-g1",
            "-g 4",
            "-g 0",
            "-g 3",
            "-g 8",
            "-c 8",
            "-c 8 -g 1",
            "-c 1",
            "-c 5",
            "-c 32 -g 1",
            "-c 256",
            "-a -c 8",
            "-E",
            "-d",
            "-d -c 7",
            "-p",
            "-p -c 1",
            "-p -c 0",
            "-p -u",
            "-i",
        ],
    );
}

#[test]
fn what_hexdump_prints_is_read_back() {
    reads_back("hexdump", &["-C", "-Cv", "", "-v", "-x"]);
}

#[test]
fn what_od_prints_is_read_back() {
    reads_back(
        "od",
        &[
            "-t x1",
            "-t x1 -A x",
            "-t x1 -A d",
            "-t x1 -A o",
            "-v -t x1 -A n",
            "-t x1z",
            "-t x1z -A x",
            "-t x1 -w8",
            "-t x1 -w7 -A d",
            "-t x1 -w32 -A x",
            "-t x2",
            "-t x2z -A d",
            "-t x4 -A x",
            "-t x4z",
            "-t x8",
            "-v -t x8 -A d",
        ],
    );
}

/// A capture with one packet for each of `contents`, of a link type that nobody dissects.
fn pcap(contents: &[Vec<u8>]) -> Vec<u8> {
    const USER0: u32 = 147;
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4, 0x0004_0002, 0, 0, 0x0004_0000, USER0] {
        file.extend_from_slice(&u32::to_le_bytes(word));
    }
    for content in contents {
        let length = u32::try_from(content.len()).unwrap();
        for word in [0, 0, length, length] {
            file.extend_from_slice(&u32::to_le_bytes(word));
        }
        file.extend_from_slice(content);
    }
    file
}

#[test]
fn what_tshark_prints_of_packets_is_read_back() {
    if cwire_tests::tool("tshark").is_none() {
        return;
    }
    let contents: Vec<_> = contents().into_iter().filter(|it| it.len() > 1).collect();
    let path = std::env::temp_dir().join(format!("cwire-hexdump-{}.pcap", std::process::id()));
    std::fs::write(&path, pcap(&contents)).unwrap();
    let shown = cwire_tests::run(Command::new("tshark").arg("-xr").arg(&path));
    std::fs::remove_file(&path).unwrap();
    let read = read(&shown.stdout);
    assert_eq!(read.said, Vec::<String>::new());
    assert_eq!(read.runs.len(), contents.len());
    for ((_, found), expected) in read.runs.iter().zip(&contents) {
        assert!(found == expected, "{}", expected.escape_ascii());
    }
}

#[test]
fn xxd_with_little_endian_groups_is_put_in_order_where_the_text_tells() {
    if cwire_tests::tool("xxd").is_none() {
        return;
    }
    for line in ["-e", "-e -g 2", "-e -g 8", "-e -c 8", "-e -u"] {
        for content in contents() {
            let decisive = content.first().is_some_and(|byte| byte.is_ascii_graphic());
            if decisive && content.len() > 8 && content.iter().take(8).any(|it| *it != content[0]) {
                let dump = printed(Command::new("xxd").args(line.split_whitespace()), &content);
                let text = String::from_utf8_lossy(&dump);
                assert!(read(&dump) == one(0, &content), "xxd {line}\n{text}");
            }
        }
    }
}

#[test]
fn dumps_that_begin_elsewhere_keep_their_offsets() {
    let content: Vec<u8> = (0..200).map(|it| if it < 150 { it } else { 7 }).collect();
    for (tool, line, skipped) in [
        ("xxd", "-o 100", 100),
        ("xxd", "-o 4096 -d", 4096),
        ("hexdump", "-C -s 23", 23),
        ("hexdump", "-s 64", 64),
        ("od", "-t x1 -j 100", 100),
        ("od", "-t x1 -j 100 -A d", 100),
        ("od", "-t x1 -j 100 -A x", 100),
        ("od", "-t x2 -j 24 -A d", 24),
    ] {
        if cwire_tests::tool(tool).is_none() {
            return;
        }
        let mut command = Command::new(tool);
        command.args(line.split_whitespace());
        let dump = if tool == "xxd" {
            printed(&mut command, &content)
        } else {
            let path = std::env::temp_dir().join(format!("cwire-hexdump-{}", std::process::id()));
            std::fs::write(&path, [&vec![0; skipped][..], &content].concat()).unwrap();
            printed(command.arg(&path), &[])
        };
        let text = String::from_utf8_lossy(&dump);
        assert!(read(&dump) == one(skipped as u64, &content), "{tool} {line}\n{text}");
    }
}

#[test]
fn what_people_paste_is_read() {
    let bytes = [0x41, 0x00, 0xff, 0x2c];
    for text in [
        "4100ff2c",
        "4100FF2C\n",
        "41 00 ff 2c",
        "41 00\nff 2c\n",
        "0x41 0x00 0xff 0x2c",
        "0x4100ff2c",
        "0x41, 0x0, 0xff, 0x2c,",
        "41:00:ff:2c",
        "41-00-FF-2C",
        "41,00,ff,2c",
        "4100 ff2c",
        "\\x41\\x00\\xff\\x2c",
        "\"\\x41\\x00\" \\\n\"\\xff\\x2c\"\n",
        "# a comment\n41 00 ff 2c\n",
        "\u{feff}41 00 ff 2c",
        "41 00 ff 2c\r\n",
        "  41 00 ff 2c",
        "unsigned char x[] = {\n  0x41, 0x00, 0xff, 0x2c\n};\nunsigned int x_len = 4;\n",
        "/* Packet 1 { */\nstatic const unsigned char pkt1[4] = {\n0x41, 0x00, 0xff, 0x2c /* A..{, */\n};\n",
        "char peer0_0[] = { /* Packet 4 */\n0x41, 0x00, \n0xff, 0x2c };\n",
        "0000   41 00 ff 2c                                       A..,\n",
        "0000 41 00 ff 2c\n",
        "\n\n0x7ffe0000:\t0x41\t0x00\t0xff\t0x2c\n",
        "0x7fffffffe0c0 <buf+8>:\t0x2cff0041\n",
        "0x7ffeefbff5c0: 41 00 ff 2c  A..,\n",
    ] {
        let expected = if text.contains("0x7f") { None } else { Some(0) };
        assert_eq!(detect(text.as_bytes(), true), Detected::Dump, "{text}");
        let read = read(text.as_bytes());
        assert_eq!(read.said, Vec::<String>::new(), "{text}");
        let [(offset, found)] = &*read.runs else { panic!("{text}: {read:?}") };
        assert!(expected.is_none_or(|it| it == *offset), "{text}: {offset}");
        assert_eq!(found, &bytes, "{text}");
    }
}

#[test]
fn a_dump_after_another_begins_anew() {
    let text = "0000  41 42\n\n0000  43\n0001  44\n\n00000000: 4546  EF\n";
    let runs = vec![(0, b"AB".to_vec()), (0, b"CD".to_vec()), (0, b"EF".to_vec())];
    assert_eq!(read(text.as_bytes()), Read { runs, said: Vec::new() });
    let text = "char a[] = {0x41, 0x42}; char b[] = {0x43};";
    let runs = vec![(0, b"AB".to_vec()), (0, b"C".to_vec())];
    assert_eq!(read(text.as_bytes()), Read { runs, said: Vec::new() });
    // After the offset of its end, another may begin anywhere.
    let text = "00000000  41 42  |AB|\n00000002\n00000100  43  |C|\n00000101\n";
    let runs = vec![(0, b"AB".to_vec()), (0x100, b"C".to_vec())];
    assert_eq!(read(text.as_bytes()), Read { runs, said: Vec::new() });
}

#[test]
fn holes_and_steps_back_are_noticed() {
    let text = "00000000: 4142  AB\n00000010: 4344  CD\n";
    let runs = vec![(0, b"AB".to_vec()), (16, b"CD".to_vec())];
    assert_eq!(read(text.as_bytes()), Read { runs, said: Vec::new() });
    let read = read(b"00000020: 4142  AB\n00000022: 4344  CD\n00000010: 45  E\n");
    assert_eq!(read.runs, [(0x20, b"ABCD".to_vec()), (0x10, b"E".to_vec())]);
    assert_eq!(read.said, ["line 3, column 1: offset 0x24 is needed, found 0x10"]);
}

#[test]
fn what_is_wrong_is_said_with_line_and_column() {
    for (text, expected) in [
        (
            "0000  41 4g 42\n0003  43\n",
            "line 1, column 10: two hexadecimal digits a byte are needed, found `4g`",
        ),
        (
            "0000  41\nFrame (2 bytes):\n",
            "line 2, column 1: an offset of four or more digits is needed, found `Frame`",
        ),
        (
            "41 4",
            "line 1, column 5: an even number of hexadecimal digits is needed, found an odd one",
        ),
        ("41\n42 4g", "line 2, column 5: two hexadecimal digits a byte are needed, found `g`"),
        (
            " 41 42\n*\n 43\n",
            "line 2, column 1: offsets are needed to know how many lines `*` stands for, found none (`od -v` prints them all)",
        ),
        (
            "0000  41\n*\n",
            "line 3, column 1: the offset up to which `*` repeats the line above is needed, found none",
        ),
        (
            "0000000 062550 066154\n",
            "line 1, column 9: hexadecimal bytes (`od -t x1`, `hexdump -C`) are needed, found `062550`",
        ),
        (
            "0000000 150 145 154\n",
            "line 1, column 9: hexadecimal bytes (`od -t x1`, `hexdump -C`) are needed, found `150`",
        ),
        (
            "00000000: 01101000 01100101  he\n",
            "line 1, column 1: hexadecimal digits are needed, found binary ones (`xxd -b`)",
        ),
        (
            "char a[] = { 65, 66 };",
            "line 1, column 15: bytes as `0x41` are needed, found a number without `0x`",
        ),
        ("char a[] = { 0x41", "line 1, column 18: `}` is needed, found the end"),
        (
            "0x00000041 0x00000042",
            "line 1, column 12: one number that begins with `0x` and is longer than a byte is needed, found another",
        ),
        (
            "0000  41\n*\nffffffffffffffff  42\n",
            "line 3, column 1: `*` may stand for 68719476736 bytes at most, found 18446744073709551614",
        ),
    ] {
        assert_eq!(said(text), [expected], "{text}");
    }
}

#[test]
fn bytes_are_no_dump() {
    for bytes in [
        &b""[..],
        b"\0",
        b"A\0\0\0",
        b"hello world",
        b"feed me",
        b"MSFT 400 ",
        b"/* a header */\nstruct x { int a; };\n",
        b"static int a;\n",
        b"{\"a\": 1}\n",
        b"0000 zz",
        b"12:34:56.789",
        b"\x7fELF",
        b"abc",
        b"-1",
        b"\xff\xfe",
    ] {
        assert_eq!(detect(bytes, true), Detected::Bytes, "{}", bytes.escape_ascii());
    }
}

#[test]
fn bytes_are_told_as_soon_as_they_cannot_be_a_dump() {
    for bytes in [&b"h"[..], b"A\0", b"feed me ", b"hello\nworld\n", b"42 is not hex "] {
        assert_eq!(detect(bytes, false), Detected::Bytes, "{}", bytes.escape_ascii());
    }
    for bytes in [&b""[..], b"4", b"feed ", b"41 42", b"unsig", b"/* a"] {
        assert_eq!(detect(bytes, false), Detected::Undecided, "{}", bytes.escape_ascii());
    }
    assert_eq!(detect(b"41 42\n", false), Detected::Dump);
    assert_eq!(detect(b"00000000: 41", false), Detected::Undecided);
    assert_eq!(detect(b"00000000: 41\n", false), Detected::Dump);
    assert_eq!(detect(&[b'4'; crate::DETECTION], false), Detected::Dump);
}

#[test]
fn lines_come_out_before_the_dump_ends() {
    let mut reader = DumpReader::new();
    reader.push(b"00000000: 4142 4344  ABCD\n0000");
    assert_eq!(reader.next(), Some(Event::Begin { offset: 0 }));
    assert_eq!(reader.next(), Some(Event::Bytes(b"ABCD")));
    assert_eq!(reader.next(), None);
    reader.push(b"0004: 45");
    assert_eq!(reader.next(), None);
    reader.push(b"46\n");
    assert_eq!(reader.next(), Some(Event::Bytes(b"EF")));
    assert_eq!(reader.next(), None);
}

#[test]
fn a_line_that_is_too_long_is_passed_over() {
    let long = format!("0000  41\n0001  {}\n0003  44\n", "42 ".repeat(crate::MAX_LINE / 3 + 1));
    let read = read(long.as_bytes());
    assert_eq!(
        read.said,
        ["line 2, column 1: a line of at most 65536 bytes is needed, found a longer"]
    );
    assert_eq!(read.runs, [(0, b"A".to_vec()), (3, b"D".to_vec())]);
}

#[test]
fn whatever_the_text_pieces_of_it_give_the_same() {
    const WORDS: [&str; 24] = [
        "0000",
        "0000010",
        "00000000:",
        "41",
        "4142",
        "41424344",
        " ",
        "  ",
        "\n",
        "\n",
        "*\n",
        "0x41",
        "{",
        "}",
        "char a[] = {",
        "|A|",
        ">A<",
        "A",
        "\\x41",
        "\"",
        "/*",
        "0000020\n",
        "ffffffffffffffff",
        "zz",
    ];
    let mut state = 7_u64;
    for _ in 0..20_000 {
        let mut text = vec![state.to_le_bytes()[5]];
        for _ in 0..(state >> 50) % 24 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            text.extend_from_slice(WORDS[(state >> 33) as usize % WORDS.len()].as_bytes());
        }
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        crate::fuzz::dump(&text);
    }
}

#[test]
fn corpus() {
    cwire_tests::replay("hex_dump", crate::fuzz::dump);
}
