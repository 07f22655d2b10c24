//! Random records in C, and in Rust as `#[derive(Record)]` mirrors them.

use std::fmt::Write as _;

use super::super::super::headers::random::rng::Random;

const RECORDS: usize = 24;

/// C types and their Rust counterparts; whether bit-fields have them, and how wide they are at most.
const SCALARS: &[(&str, &str, usize)] = &[
    ("char", "CChar", 0),
    ("int8_t", "i8", 8),
    ("uint8_t", "u8", 8),
    ("int16_t", "i16", 16),
    ("uint16_t", "u16", 16),
    ("int32_t", "i32", 32),
    ("uint32_t", "u32", 32),
    ("int64_t", "i64", 64),
    ("uint64_t", "u64", 64),
    ("short", "CShort", 16),
    ("unsigned", "CUInt", 32),
    ("long long", "CLongLong", 64),
    ("long", "CLong", 0),
    ("unsigned long", "CULong", 0),
    ("size_t", "CSize", 0),
    ("wchar_t", "CWchar", 0),
    ("_Bool", "CBool", 0),
    ("void *", "CPtr", 0),
    ("float", "f32", 0),
    ("double", "f64", 0),
];

/// The text of a module of random records.
pub(super) fn module(seed: u64) -> String {
    let mut writer = Writer { random: Random::new(seed), c: String::new(), rust: String::new() };
    writer.c.push_str("#include <stddef.h>\n#include <stdint.h>\n");
    for index in 0..4 {
        writer.enumeration(index);
    }
    let mut names = String::new();
    for index in 0..RECORDS {
        writer.record(index);
        write!(names, " R{index}").unwrap();
    }
    let Writer { c, rust, .. } = writer;
    format!(
        "\
//! Random records, written by `generate`: their C header and their mirrors in Rust.

use cwire_codec::{{
    CBool, CChar, CEnum, CLong, CLongLong, CPtr, CShort, CSize, CUInt, CULong, CWchar, CharArray, Open,
    Record, Unnamed,
}};

use super::Generated;
use super::show::show_record;

pub(super) const SEED: u64 = {seed};

pub(super) const HEADER: &str = \"\\\n{c}\";

macro_rules! records {{
    ($($name:ident)*) => {{ vec![$(records!(@on $name:
        X86_64Linux I686Linux Aarch64Linux ArmLinux ArmNoneEabi Riscv64Linux PowerPcLinux
        PowerPc64Linux PowerPc64LeLinux MipsLinux S390xLinux X86_64Windows I686Windows
        Aarch64Windows X86_64WindowsGnu I686WindowsGnu Aarch64Apple X86_64Apple
    )),*] }};
    (@on $name:ident: $($abi:ident)*) => {{
        Generated {{
            name: stringify!($name),
            on_abi: [$(|bytes| {{
                let record = $name::decode_abi::<cwire_codec::abi::$abi>(bytes).unwrap();
                let abi = <cwire_codec::abi::$abi as cwire_codec::abi::Target>::ABI;
                let again = record.to_vec_abi::<cwire_codec::abi::$abi>().unwrap();
                (super::show::Show::show(&record, &abi).unwrap(), again)
            }}),*],
        }}
    }};
}}

pub(super) fn records() -> Vec<Generated> {{
    records! {{{names} }}
}}
{rust}"
    )
}

struct Writer {
    random: Random,
    c: String,
    rust: String,
}

impl Writer {
    fn chance(&mut self, percent: usize) -> bool {
        self.random.below(100) < percent
    }

    fn enumeration(&mut self, index: usize) {
        let mut c = format!("enum E{index} {{");
        let mut rust = String::new();
        let mut value = -1;
        for at in 0..self.random.between(1, 4) {
            value += i32::try_from(self.random.between(1, 150)).unwrap();
            // One that is negative, in half of them.
            let number = if at == 0 && index.is_multiple_of(2) { -value - 1 } else { value };
            write!(c, " E{index}_{at} = {number},").unwrap();
            writeln!(rust, "    V{at} = {number},").unwrap();
        }
        writeln!(self.c, "{c} }};").unwrap();
        writeln!(self.rust, "\n#[derive(Clone, Copy, Debug, PartialEq, CEnum)]\npub(super) enum E{index} {{\n{rust}}}").unwrap();
    }

    fn record(&mut self, index: usize) {
        let (before, behind, attribute) = match self.random.below(100) {
            0..12 => ("", " __attribute__((packed))", "packed"),
            12..20 => ("#pragma pack(push, 2)\n", "", "pack = 2"),
            20..26 => ("#pragma pack(push, 4)\n", "", "pack = 4"),
            26..34 => ("", " __attribute__((aligned(16)))", "align = 16"),
            _ => ("", "", ""),
        };
        write!(self.c, "{before}struct R{index} {{").unwrap();
        let mut rust = String::new();
        let mut names = Vec::new();
        for at in 0..self.random.between(1, 10) {
            let name = format!("m{at}");
            let (c, attribute, ty) = self.member(&name, index);
            write!(self.c, " {c};").unwrap();
            if !attribute.is_empty() {
                writeln!(rust, "    #[cwire({attribute})]").unwrap();
            }
            writeln!(rust, "    {name}: {ty},").unwrap();
            names.push(name);
        }
        writeln!(self.c, " }}{behind};").unwrap();
        if !before.is_empty() {
            writeln!(self.c, "#pragma pack(pop)").unwrap();
        }
        let attribute =
            if attribute.is_empty() { String::new() } else { format!("#[cwire({attribute})]\n") };
        writeln!(
            self.rust,
            "\n#[derive(Clone, Debug, PartialEq, Record)]\n{attribute}pub(super) struct R{index} {{\n{rust}}}\n\nshow_record!(R{index} {{ {} }});",
            names.join(", ")
        )
        .unwrap();
    }

    /// A member in C, what its attribute says in Rust, and its type there.
    fn member(&mut self, name: &str, record: usize) -> (String, String, String) {
        match self.random.below(100) {
            0..28 => self.bit_field(name),
            28..36 => {
                let len = self.random.between(1, 20);
                (format!("char {name}[{len}]"), String::new(), format!("CharArray<{len}>"))
            }
            36..44 => {
                let index = self.random.below(4);
                (format!("enum E{index} {name}"), String::new(), format!("Open<E{index}>"))
            }
            44..54 if record > 0 => {
                let index = self.random.below(record.min(12));
                self.array(&format!("struct R{index}"), name, &format!("R{index}"), 2)
            }
            _ => {
                let &(c, rust, _) = self.random.pick(SCALARS);
                let aligned = self.chance(5);
                if aligned {
                    let c = format!("{c} {name} __attribute__((aligned(16)))");
                    return (c, "align = 16".into(), rust.into());
                }
                // An array of `char` is text.
                let most = if rust == "CChar" { 0 } else { 4 };
                self.array(c, name, rust, most)
            }
        }
    }

    fn array(&mut self, c: &str, name: &str, rust: &str, most: usize) -> (String, String, String) {
        if most == 0 || self.chance(60) {
            return (format!("{c} {name}"), String::new(), rust.into());
        }
        let len = self.random.between(1, most);
        if self.chance(25) {
            let inner = self.random.between(1, most);
            let ty = format!("[[{rust}; {inner}]; {len}]");
            return (format!("{c} {name}[{len}][{inner}]"), String::new(), ty);
        }
        (format!("{c} {name}[{len}]"), String::new(), format!("[{rust}; {len}]"))
    }

    fn bit_field(&mut self, name: &str) -> (String, String, String) {
        let &(c, rust, most) = self.random.pick(SCALARS);
        if most == 0 {
            if self.chance(50) {
                return (format!("_Bool {name} : 1"), "bits = 1".into(), "bool".into());
            }
            let width = self.random.below(12);
            return (format!("int : {width}"), format!("bits = {width}"), "Unnamed<i32>".into());
        }
        let width = self.random.between(1, most);
        (format!("{c} {name} : {width}"), format!("bits = {width}"), rust.into())
    }
}
