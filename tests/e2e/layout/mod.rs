//! Layouts and bytes of typed records equal those of real compilers.
//!
//! A compiler for the ABI gets the C side of every record of `records`, and an object of it with a
//! value. What it made of them is read out of the object file: sizes and offsets from constants,
//! bit-fields from objects in which all bits of one field are set, and the bytes of the value.
//!
//! For x86 Linux this happens in the test, in C++, and in C for records in big-endian order. For all
//! ABIs the compilers' answers lie in `tests/data/layout`, one file per ABI;
//! `BLESS=1 cargo test -p cwire-tests goldens` asks the compilers and writes them anew.

pub(crate) mod compiler;
mod random;
pub(crate) mod records;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use compiler::{Compiler, Object};
use cwire_codec::abi::{Abi, Endian};
use records::{Case, Mirror, cases};

/// What a compiler says of one record, as a golden file has it.
#[derive(Debug, PartialEq, Eq)]
struct Facts {
    name: String,
    size: u64,
    align: u64,
    /// Names, offsets and sizes in bits.
    members: Vec<(String, u64, u64)>,
    /// The bytes of the case's value.
    bytes: Vec<u8>,
}

#[test]
fn every_construct_is_there() {
    let cases = cases();
    assert!(cases.len() >= 60, "{} records", cases.len());
    let names: BTreeSet<_> = cases.iter().map(|case| case.name).collect();
    assert_eq!(names.len(), cases.len(), "two records have one name");
    for case in &cases {
        let abis: Vec<_> = case.rust.iter().map(|mirror| mirror.abi).collect();
        assert_eq!(abis, Abi::ALL, "{}", case.name);
    }
}

#[test]
fn records_equal_the_goldens_of_every_abi() {
    let cases = cases();
    let mut compared = 0;
    for (index, abi) in Abi::ALL.iter().enumerate() {
        let records = records(&cases, index);
        let golden = golden_path(abi);
        if std::env::var_os("BLESS").is_some() {
            let compiler = Compiler::authority(abi);
            let facts = ask(&compiler, &records).expect("BLESS needs all compilers");
            std::fs::write(&golden, print(&compiler, &facts)).unwrap();
        }
        let text = std::fs::read_to_string(&golden)
            .unwrap_or_else(|error| panic!("{}: {error}", golden.display()));
        compared += compare(&records, &parse(&text));
    }
    assert_eq!(compared, cases.len() * Abi::ALL.len());
}

#[test]
fn records_equal_those_of_gxx_on_this_machine() {
    let cases = cases();
    for (abi, flag) in [(Abi::X86_64_LINUX, "-m64"), (Abi::I686_LINUX, "-m32")] {
        let index = Abi::ALL.iter().position(|known| *known == abi).unwrap();
        let records = records(&cases, index);
        let Some(facts) = ask(&Compiler::gxx(abi, flag), &records) else { continue };
        assert_eq!(compare(&records, &facts), cases.len());
    }
}

/// gcc can store the members of a record in the order of the other kind of machine.
#[test]
fn records_in_big_endian_order_equal_those_of_gcc() {
    let cases = cases();
    for (index, flag) in ["-m64", "-m32"].into_iter().enumerate() {
        // It leaves pointers in the machine's order (gcc manual, "Common Type Attributes").
        let records: Vec<_> = cases
            .iter()
            .filter(|case| !case.declaration.contains("void *"))
            .map(|case| (case, &case.big[index]))
            .collect();
        let compiler = Compiler::gcc_big_endian(records[0].1.abi, flag);
        let Some(facts) = ask(&compiler, &records) else { continue };
        assert!(compare(&records, &facts) >= 60);
    }
}

/// The records under one ABI of [`Abi::ALL`].
fn records(cases: &[Case], abi: usize) -> Vec<(&Case, &Mirror)> {
    cases.iter().map(|case| (case, &case.rust[abi])).collect()
}

fn golden_path(abi: &Abi) -> PathBuf {
    cwire_tests::data().join("layout").join(abi.triple()).with_extension("txt")
}

/// Compares the Rust side of all cases with a compiler's answers.
fn compare(records: &[(&Case, &Mirror)], facts: &[Facts]) -> usize {
    assert_eq!(facts.len(), records.len(), "records of the golden file");
    for ((case, mirror), facts) in records.iter().zip(facts) {
        let layout = &mirror.layout;
        let context = format!("{} on {}", case.name, mirror.abi.triple());
        assert_eq!(facts.name, layout.name, "{context}");
        assert_eq!((layout.size, layout.align), (facts.size, facts.align), "{context}: sizeof");
        let members: Vec<_> = layout
            .fields
            .iter()
            .map(|field| (field.name.to_owned(), field.offset_bits, field.size_bits))
            .collect();
        assert_eq!(members, facts.members, "{context}");
        assert_eq!(mirror.encoded.as_ref(), Ok(&facts.bytes), "{context}: encoding");
        assert_eq!((mirror.decodes)(&facts.bytes), Ok(true), "{context}: decoding");
    }
    facts.len()
}

/// Asks a compiler about records. `None` if it is not installed.
fn ask(compiler: &Compiler, records: &[(&Case, &Mirror)]) -> Option<Vec<Facts>> {
    let object = compiler.compile("records", &c_source(records))?;
    Some(records.iter().map(|(case, mirror)| facts(&object, case, mirror)).collect())
}

/// The C side of records, with what `facts` reads out of the object file.
fn c_source(records: &[(&Case, &Mirror)]) -> String {
    let mut c = String::from(compiler::PRELUDE);
    for (case, mirror) in records {
        let Case { name, declaration, initializer, .. } = case;
        writeln!(c, "{declaration}").unwrap();
        writeln!(c, "extern const struct {name} value_{name} = {initializer};").unwrap();
        let fields = mirror.layout.fields;
        write!(c, "extern const uint64_t numbers_{name}[] = {{ SIZE_ALIGN(struct {name})").unwrap();
        for field in fields.iter().filter(|field| !field.bit_field) {
            write!(c, ", PLACE(struct {name}, {})", field.name).unwrap();
        }
        writeln!(c, " }};").unwrap();
        for field in fields.iter().filter(|field| field.bit_field) {
            let field = field.name;
            writeln!(c, "extern const struct {name} bits_{name}_{field} = {{ .{field} = -1 }};")
                .unwrap();
        }
    }
    c
}

fn facts(object: &Object, case: &Case, mirror: &Mirror) -> Facts {
    let Case { name, .. } = case;
    let fields = mirror.layout.fields;
    let plain = fields.iter().filter(|field| !field.bit_field).count();
    let mut numbers = object.numbers(&format!("numbers_{name}"), 2 + 2 * plain).into_iter();
    let mut next = || numbers.next().unwrap();
    let (size, align) = (next(), next());
    let members = fields.iter().map(|field| {
        let (offset_bits, size_bits) = if field.bit_field {
            object.bit_field(&format!("bits_{name}_{}", field.name), size)
        } else {
            (next() * 8, next() * 8)
        };
        (field.name.to_owned(), offset_bits, size_bits)
    });
    let members = members.collect();
    let bytes = object.bytes(&format!("value_{name}"), size).to_vec();
    Facts { name: (*name).to_owned(), size, align, members, bytes }
}

fn print(compiler: &Compiler, facts: &[Facts]) -> String {
    let mut text = format!("# {}\n", compiler.version());
    for Facts { name, size, align, members, bytes } in facts {
        writeln!(text, "record {name} size {size} align {align}").unwrap();
        for (name, offset_bits, size_bits) in members {
            writeln!(text, "  {name} at {offset_bits} bits {size_bits}").unwrap();
        }
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        writeln!(text, "  value {hex}").unwrap();
    }
    text
}

fn parse(text: &str) -> Vec<Facts> {
    let mut facts: Vec<Facts> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<_> = line.split_whitespace().collect();
        let number = |word: &str| word.parse().unwrap_or_else(|_| panic!("no number: {line}"));
        match words[..] {
            ["record", name, "size", size, "align", align] => facts.push(Facts {
                name: name.to_owned(),
                size: number(size),
                align: number(align),
                members: Vec::new(),
                bytes: Vec::new(),
            }),
            [name, "at", at, "bits", bits] => {
                let record = facts.last_mut().unwrap();
                record.members.push((name.to_owned(), number(at), number(bits)));
            }
            ["value", hex] => {
                let record = facts.last_mut().unwrap();
                record.bytes = (0..hex.len() / 2)
                    .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
                    .collect();
            }
            _ => panic!("not understood: {line}"),
        }
    }
    facts
}

/// First bit and number of bits that are set in the bytes of a record, counted as layouts count.
fn set_bits(bytes: &[u8], endian: Endian) -> (u64, u64) {
    let is_set = |bit: u64| {
        let byte = bytes[usize::try_from(bit / 8).unwrap()];
        match endian {
            Endian::Little => byte >> (bit % 8) & 1 == 1,
            Endian::Big => byte << (bit % 8) & 0x80 == 0x80,
        }
    };
    let set: Vec<u64> = (0..bytes.len() as u64 * 8).filter(|&bit| is_set(bit)).collect();
    let (first, last) = (set[0], set[set.len() - 1]);
    assert_eq!(last - first + 1, set.len() as u64, "the bits of one field are in one run");
    (first, set.len() as u64)
}
