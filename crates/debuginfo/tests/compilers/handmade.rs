//! Files that no compiler writes: limits, circles, and entries that share what they should not.

use std::path::Path;

use cwire_debuginfo::{DebugInfo, DebugInfoError, Limits, Options, read, read_file};
use cwire_layout::abi::Abi;

use crate::{compile, folder};

/// An ELF file for x86-64 with these sections.
fn elf(sections: &[(&str, &[u8])]) -> Vec<u8> {
    let mut names = vec![0];
    let mut data = Vec::new();
    let mut headers = vec![0; 64];
    let mut header = |name: usize, kind: u32, data: &mut Vec<u8>, bytes: &[u8]| {
        let offset = 64 + data.len() as u64;
        headers.extend(u32::try_from(name).expect("few names").to_le_bytes());
        headers.extend(kind.to_le_bytes());
        for field in [0, 0, offset, bytes.len() as u64, 0, 1, 0] {
            headers.extend(field.to_le_bytes());
        }
        data.extend(bytes);
    };
    for (name, bytes) in sections {
        header(names.len(), 1, &mut data, bytes);
        names.extend(name.bytes().chain([0]));
    }
    let strings = names.len();
    names.extend(*b".shstrtab\0");
    header(strings, 3, &mut data, &names.clone());
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x01\0\x3e\0\x01\0\0\0".to_vec();
    for field in [0, 0, 64 + data.len() as u64] {
        file.extend(field.to_le_bytes());
    }
    let count = u16::try_from(sections.len() + 2).expect("few sections");
    file.extend([0; 4]);
    for field in [64, 0, 0, 64, count, count - 1] {
        file.extend(field.to_le_bytes());
    }
    file.extend(data);
    file.extend(headers);
    file
}

/// A unit of DWARF 4 with these entries behind its root.
fn unit(entries: &[u8]) -> Vec<u8> {
    let len = u32::try_from(4 + 3 + 1 + entries.len()).expect("a small unit");
    let mut unit = len.to_le_bytes().to_vec();
    unit.extend([4, 0, 0, 0, 0, 0, 8, 1]);
    unit.extend(entries);
    unit
}

/// Bytes of a unit before the entries behind its root.
const START: usize = 12;

/// 1: unit, 2: namespace with a name here, 3: namespace with a name in .debug_str, 4: struct with a
/// name and a size, 5: member with a name, a type and an offset, 6: `const`, 7: struct without a name.
const ABBREVIATIONS: &[u8] = b"\
    \x01\x11\x01\0\0\
    \x02\x39\x01\x03\x08\0\0\
    \x03\x39\x01\x03\x0e\0\0\
    \x04\x13\x01\x03\x08\x0b\x0b\0\0\
    \x05\x0d\0\x03\x08\x49\x13\x38\x0b\0\0\
    \x06\x26\0\x49\x13\0\0\
    \x07\x13\x01\x0b\x0b\0\0\0";

fn types_of(entries: &[u8], strings: &[u8]) -> Result<DebugInfo, DebugInfoError> {
    let info = unit(entries);
    let sections =
        [(".debug_abbrev", ABBREVIATIONS), (".debug_info", &info), (".debug_str", strings)];
    read(Path::new("handmade"), &elf(&sections), &Options::default())
}

fn reference(to: usize) -> [u8; 4] {
    u32::try_from(to).expect("a small unit").to_le_bytes()
}

#[test]
fn scopes_are_nested_at_most_256_deep() {
    let nested = |depth: usize| b"\x02n\0".repeat(depth);
    let inside = types_of(&[nested(255), b"\x04s\0\x01\0".to_vec()].concat(), b"");
    assert_eq!(inside.expect("256 scopes are fine").types.records().len(), 1);
    let error = types_of(&nested(257), b"").expect_err("one too many");
    let needed = "handmade: .debug_info at 0x0: scopes are nested more than 256 deep";
    assert_eq!(error.to_string(), needed);
}

/// A name of 100 kB, in front of each of 10,000 others.
#[test]
fn names_take_no_more_memory_than_the_file_accounts_for() {
    let mut entries = vec![3, 0, 0, 0, 0];
    for number in 0..10_000 {
        entries.extend(format!("\x04{number}\0\x01").bytes().chain([0]));
    }
    let mut name = b"x".repeat(100_000);
    name.push(0);
    let error = types_of(&entries, &name).expect_err("a gigabyte of names");
    assert!(error.to_string().contains("more bytes of qualified names"), "{error}");
}

/// `struct s0 { struct s1 m; }` and so on: the outermost first, the innermost behind the others.
#[test]
fn records_are_inside_of_each_other_at_most_256_deep() {
    let nested = |count: usize| {
        let one = "\x04s0000000\0\x01\x05m\0....\0".len() + 1;
        let mut entries = Vec::new();
        for number in 0..count {
            entries.extend(format!("\x04s{number:07}\0\x01\x05m\0").bytes());
            entries.extend(reference(START + one * (number + 1)));
            entries.extend([0, 0]);
        }
        entries.extend(*b"\x04last\0\x01\0");
        types_of(&entries, b"").expect("what is too deep is refused")
    };
    assert!(nested(250).types.refused().is_empty());
    let deep = nested(20_000).types;
    assert!(deep.refused()[0].reason.starts_with("records are inside of each other more than 256"));
    assert!(deep.records().len() > 1);
}

#[test]
fn what_goes_in_a_circle_is_refused() {
    // const -> const -> the first, and a struct with a member of it, and one inside of itself.
    let mut entries = vec![6];
    entries.extend(reference(START + 5));
    entries.push(6);
    entries.extend(reference(START));
    entries.extend(*b"\x04a\0\x01\x05m\0");
    entries.extend(reference(START));
    entries.extend([0, 0]);
    let own = START + entries.len();
    entries.extend(*b"\x04b\0\x01\x05m\0");
    entries.extend(reference(own));
    entries.extend([0, 0]);
    let types = types_of(&entries, b"").expect("the rest is fine").types;
    let reasons: Vec<_> = types.refused().iter().map(|refused| &*refused.reason).collect();
    let needed = ["`m` is of a type that refers to itself", "`m` is b, which it is inside of"];
    assert_eq!(reasons, needed);
}

/// Each unnamed struct holds the next one 50 times.
#[test]
fn fans_of_unnamed_records_take_no_time() {
    let one = 2 + 50 * "\x05m\0....\0".len() + 1;
    let mut entries = Vec::new();
    for number in 0..500 {
        entries.extend([7, 1]);
        for _ in 0..50 {
            entries.extend(*b"\x05m\0");
            entries.extend(reference(START + one * (number + 1)));
            entries.push(0);
        }
        entries.push(0);
    }
    entries.extend([7, 1, 0]);
    types_of(&entries, b"").expect("what cannot be is refused");
}

#[test]
fn limits_on_sections_and_companions() {
    let dir = folder("limits");
    let flags = ["-g", "-gz=zlib", "-gsplit-dwarf"];
    let Some(object) = compile(&dir, "a.c", "struct s { int a; } v;\n", "gcc", &flags) else {
        return;
    };
    let with = |limits| {
        read_file(&object, &Options { limits, ..Options::default() }).map_err(|e| e.to_string())
    };
    let error = with(Limits { companions: 0, ..Limits::default() }).expect_err("there is one");
    assert!(error.ends_with("at most 0 .dwo files are read, not 1"), "{error}");
    assert_eq!(with(Limits::default()).expect("the defaults do").types.records().len(), 1);
    let members: String = (0..200).map(|number| format!("int a{number}; ")).collect();
    let source = format!("struct s {{ {members} }} v;\n");
    compile(&dir, "a.c", &source, "gcc", &["-g", "-gz=zlib"]);
    let error = with(Limits { section_bytes: 100, ..Limits::default() }).expect_err("it is larger");
    assert!(error.contains(": at most 100 bytes may be decompressed, not "), "{error}");
}

#[test]
fn an_abi_that_is_asked_for_wins() {
    let options = Options { abi: Some(Abi::I686_LINUX), ..Options::default() };
    let info = unit(b"\x04s\0\x01\0");
    let file = elf(&[(".debug_abbrev", ABBREVIATIONS), (".debug_info", &info)]);
    let types = read(Path::new("handmade"), &file, &options).expect("it is well-formed").types;
    assert_eq!(types.abi().triple(), "i686-unknown-linux-gnu");
}

#[test]
fn an_error_names_section_and_offset() {
    let mut info = unit(b"\x04s\0\x01\0");
    info.truncate(14);
    let file = elf(&[(".debug_abbrev", ABBREVIATIONS), (".debug_info", &info)]);
    let error = read(Path::new("handmade"), &file, &Options::default()).expect_err("it is cut off");
    assert!(error.to_string().starts_with("handmade: .debug_info at 0x"), "{error}");
    let info = unit(b"\x09");
    let file = elf(&[(".debug_abbrev", ABBREVIATIONS), (".debug_info", &info)]);
    let error = read(Path::new("handmade"), &file, &Options::default()).expect_err("no such entry");
    assert!(error.to_string().starts_with("handmade: .debug_info at 0x0: "), "{error}");
}
