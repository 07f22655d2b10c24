//! `readelf` and `cwire decode` with the system's `elf.h` agree on what stands in object files and
//! programs of both byte orders and widths.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::cwire;
use super::json::Json;

const SOURCE: &str = r#"
#include <stdio.h>
__thread int per_thread = 1;
static int hidden = 2;
int common[7];
const char text[] = "text";
__attribute__((weak, visibility("hidden"))) int weak(void) { return hidden; }
int main(int argc, char **argv) { return printf("%s %d\n", argv[0], argc + weak() + per_thread); }
"#;

/// Compilers and flags, with the width and whether the machine is big-endian.
const MACHINES: [(&str, &[&str], u32, bool); 9] = [
    ("gcc", &["-m64"], 64, false),
    ("gcc", &["-m32"], 32, false),
    ("aarch64-linux-gnu-gcc", &[], 64, false),
    ("arm-linux-gnueabihf-gcc", &[], 32, false),
    ("powerpc-linux-gnu-gcc", &[], 32, true),
    ("powerpc64-linux-gnu-gcc", &[], 64, true),
    ("powerpc64le-linux-gnu-gcc", &[], 64, false),
    ("s390x-linux-gnu-gcc", &[], 64, true),
    ("mips-linux-gnu-gcc", &[], 32, true),
];

/// An ELF file as `elf.h` sees it.
struct Elf {
    dir: PathBuf,
    file: PathBuf,
    bits: u32,
    big: bool,
}

impl Elf {
    /// Records that lie one after the other.
    fn records(&self, name: &str, offset: i128, count: i128) -> Vec<Json> {
        if count == 0 {
            return Vec::new();
        }
        let file = self.file.display();
        let records = cwire::fields(
            &self.dir,
            &[
                "decode".to_owned(),
                file.to_string(),
                "--header=/usr/include/elf.h".into(),
                "-I/usr/include".into(),
                format!("--record=Elf{}_{name}", self.bits),
                format!("--endian={}", if self.big { "big" } else { "little" }),
                format!("--offset={offset}"),
                format!("--count={count}"),
                "--format=json".into(),
            ],
        );
        assert_eq!(records.len() as i128, count, "{name} of {file}");
        records
    }

    fn readelf(&self, flag: &str) -> String {
        let mut command = Command::new("readelf");
        command.args([flag, "-W"]).arg(&self.file).env("LC_ALL", "C");
        String::from_utf8(cwire_tests::run(&mut command).stdout).unwrap()
    }
}

fn get(record: &Json, field: &str) -> i128 {
    record.get(field).and_then(Json::integer).unwrap_or_else(|| panic!("{field} of {record:?}"))
}

/// A number as readelf prints it: `0x1f`, or `31` where it is short.
fn number(text: &str) -> i128 {
    match text.strip_prefix("0x") {
        Some(digits) => hex(digits),
        None => text.parse().unwrap_or_else(|_| panic!("{text} is a number")),
    }
}

fn hex(digits: &str) -> i128 {
    i128::from_str_radix(digits, 16).unwrap_or_else(|_| panic!("{digits} is a number"))
}

#[test]
fn readelf_agrees() {
    if cwire_tests::tool("readelf").is_none() {
        return;
    }
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("elf-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("source.c"), SOURCE).unwrap();
    let mut compared = 0;
    for (compiler, flags, bits, big) in MACHINES {
        for (kind, file) in [("-c", "object"), ("-pie", "program"), ("-shared", "library")] {
            let Some(mut compile) = cwire_tests::tool(compiler) else { continue };
            compile.args(flags).args(["-g", "-fPIC", kind, "-o", file, "source.c"]);
            cwire_tests::run(compile.current_dir(&dir));
            compared += compare(&Elf { dir: dir.clone(), file: dir.join(file), bits, big });
        }
    }
    // What every machine with a shell has.
    if let Ok(file) = std::fs::canonicalize("/bin/sh") {
        let bits = std::fs::read(&file).unwrap()[4];
        let big = cfg!(target_endian = "big");
        compared += compare(&Elf { dir: dir.clone(), file, bits: u32::from(bits) * 32, big });
    }
    std::fs::remove_dir_all(dir).unwrap();
    eprintln!("{compared} fields agree");
}

/// How many fields have been compared.
fn compare(elf: &Elf) -> usize {
    let head = &elf.records("Ehdr", 0, 1)[0];
    let sections = elf.records("Shdr", get(head, "e_shoff"), get(head, "e_shnum"));
    let segments = elf.records("Phdr", get(head, "e_phoff"), get(head, "e_phnum"));
    let names = strings(elf, &sections[usize::try_from(get(head, "e_shstrndx")).unwrap()]);
    compare_head(elf, head)
        + compare_sections(elf, &sections, &names)
        + compare_segments(elf, &segments)
        + compare_symbols(elf, &sections, &names)
}

fn compare_head(elf: &Elf, head: &Json) -> usize {
    let text = elf.readelf("-h");
    let said = |name: &str| {
        let line = text
            .lines()
            .rfind(|line| line.trim_start().starts_with(&format!("{name}:")))
            .unwrap_or_else(|| panic!("no `{name}` in\n{text}"));
        line.split_once(':').unwrap().1.trim()
    };
    let first = |name: &str| said(name).split([' ', ',']).next().unwrap();
    let magic = said("Magic").split(' ').map(|byte| Json::Number(hex(byte).to_string()));
    assert_eq!(head.get("e_ident"), Some(&Json::List(magic.collect())), "{text}");
    let kinds = [(1, "REL"), (2, "EXEC"), (3, "DYN")];
    let kind = kinds.iter().find(|(number, _)| *number == get(head, "e_type"));
    assert_eq!(kind.unwrap().1, first("Type"));
    // Numbers of the gABI's registry.
    let machines = [
        (62, "Advanced Micro Devices X86-64"),
        (3, "Intel 80386"),
        (183, "AArch64"),
        (40, "ARM"),
        (20, "PowerPC"),
        (21, "PowerPC64"),
        (22, "IBM S/390"),
        (8, "MIPS R3000"),
    ];
    let machine = machines.iter().find(|(number, _)| *number == get(head, "e_machine"));
    assert_eq!(machine.unwrap().1, said("Machine"));
    let numbers = [
        ("e_version", "Version"),
        ("e_entry", "Entry point address"),
        ("e_phoff", "Start of program headers"),
        ("e_shoff", "Start of section headers"),
        ("e_flags", "Flags"),
        ("e_ehsize", "Size of this header"),
        ("e_phentsize", "Size of program headers"),
        ("e_phnum", "Number of program headers"),
        ("e_shentsize", "Size of section headers"),
        ("e_shnum", "Number of section headers"),
        ("e_shstrndx", "Section header string table index"),
    ];
    for (field, name) in numbers {
        assert_eq!(get(head, field), number(first(name)), "{field}\n{text}");
    }
    numbers.len() + 3
}

/// A table of strings, by what `sh_offset` and `sh_size` say.
fn strings(elf: &Elf, section: &Json) -> Vec<u8> {
    let bytes = std::fs::read(&elf.file).unwrap();
    let start = usize::try_from(get(section, "sh_offset")).unwrap();
    bytes[start..][..usize::try_from(get(section, "sh_size")).unwrap()].to_vec()
}

fn string(table: &[u8], at: i128) -> String {
    let rest = &table[usize::try_from(at).unwrap()..];
    String::from_utf8(rest.split(|byte| *byte == 0).next().unwrap().to_vec()).unwrap()
}

fn compare_sections(elf: &Elf, sections: &[Json], names: &[u8]) -> usize {
    // gABI, figure 4-11, and readelf's "Key to Flags".
    let flags = [
        ('W', 1),
        ('A', 2),
        ('X', 4),
        ('M', 0x10),
        ('S', 0x20),
        ('I', 0x40),
        ('L', 0x80),
        ('O', 0x100),
        ('G', 0x200),
        ('T', 0x400),
        ('C', 0x800),
        ('E', 0x8000_0000),
        ('p', 0x1000_0000),
        ('l', 0x1000_0000),
    ];
    let kinds = [
        ("NULL", 0),
        ("PROGBITS", 1),
        ("SYMTAB", 2),
        ("STRTAB", 3),
        ("RELA", 4),
        ("DYNAMIC", 6),
        ("NOTE", 7),
        ("NOBITS", 8),
        ("REL", 9),
        ("DYNSYM", 11),
        ("INIT_ARRAY", 14),
        ("FINI_ARRAY", 15),
        ("GROUP", 17),
        ("GNU_HASH", 0x6fff_fff6),
        ("VERSYM", 0x6fff_ffff),
        ("VERNEED", 0x6fff_fffe),
        ("VERDEF", 0x6fff_fffd),
    ];
    let text = elf.readelf("-S");
    let lines: Vec<&str> = text
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix('[')?.split_once(']'))
        .filter(|(index, _)| index.trim().parse::<usize>().is_ok())
        .map(|(_, rest)| rest)
        .collect();
    assert_eq!(lines.len(), sections.len(), "{text}");
    for (line, section) in lines.iter().zip(sections) {
        let mut words: Vec<&str> = line.split_whitespace().collect();
        let name = string(names, get(section, "sh_name"));
        if name.is_empty() {
            words.insert(0, "");
        }
        if words.len() == 9 {
            words.insert(6, "");
        }
        let [found, kind, address, offset, size, entry, letters, link, info, align] = words[..]
        else {
            panic!("{line}");
        };
        assert_eq!(found, name);
        if let Some((_, number)) = kinds.iter().find(|(name, _)| *name == kind) {
            assert_eq!(get(section, "sh_type"), *number, "{line}");
        }
        let known = |letter: char| flags.iter().find(|(flag, _)| *flag == letter);
        if letters.chars().all(|letter| known(letter).is_some()) {
            let sum: i128 = letters.chars().map(|letter| known(letter).unwrap().1).sum();
            assert_eq!(get(section, "sh_flags"), sum, "{line}");
        }
        for (field, value) in [
            ("sh_addr", hex(address)),
            ("sh_offset", hex(offset)),
            ("sh_size", hex(size)),
            ("sh_entsize", hex(entry)),
            ("sh_link", number(link)),
            ("sh_info", number(info)),
            ("sh_addralign", number(align)),
        ] {
            assert_eq!(get(section, field), value, "{field}: {line}");
        }
    }
    sections.len() * 10
}

fn compare_segments(elf: &Elf, segments: &[Json]) -> usize {
    // gABI, figure 5-2, and the GNU extensions of elf.h.
    let kinds = [
        ("NULL", 0),
        ("LOAD", 1),
        ("DYNAMIC", 2),
        ("INTERP", 3),
        ("NOTE", 4),
        ("PHDR", 6),
        ("TLS", 7),
        ("GNU_EH_FRAME", 0x6474_e550),
        ("GNU_STACK", 0x6474_e551),
        ("GNU_RELRO", 0x6474_e552),
        ("GNU_PROPERTY", 0x6474_e553),
        ("EXIDX", 0x7000_0001),
        ("REGINFO", 0x7000_0000),
        ("ABIFLAGS", 0x7000_0003),
    ];
    if segments.is_empty() {
        return 0;
    }
    let text = elf.readelf("-l");
    let lines: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.starts_with("  Type"))
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| !line.trim_start().starts_with('['))
        .collect();
    assert_eq!(lines.len(), segments.len(), "{text}");
    for (line, segment) in lines.iter().zip(segments) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (kind, rest) = words.split_first().unwrap();
        let (align, rest) = rest.split_last().unwrap();
        let (numbers, flags) = rest.split_at(5);
        let known = kinds.iter().find(|(name, _)| name == kind);
        assert_eq!(get(segment, "p_type"), known.unwrap_or_else(|| panic!("{line}")).1);
        let fields = ["p_offset", "p_vaddr", "p_paddr", "p_filesz", "p_memsz"];
        for (field, value) in fields.iter().zip(numbers) {
            assert_eq!(get(segment, field), number(value), "{field}: {line}");
        }
        let bit = |flag: &str, bit| if flags.concat().contains(flag) { bit } else { 0 };
        assert_eq!(get(segment, "p_flags"), bit("R", 4) + bit("W", 2) + bit("E", 1), "{line}");
        assert_eq!(get(segment, "p_align"), number(align), "{line}");
    }
    segments.len() * 8
}

fn compare_symbols(elf: &Elf, sections: &[Json], names: &[u8]) -> usize {
    let kinds = ["NOTYPE", "OBJECT", "FUNC", "SECTION", "FILE", "COMMON", "TLS"];
    let bindings = ["LOCAL", "GLOBAL", "WEAK"];
    let visibilities = ["DEFAULT", "INTERNAL", "HIDDEN", "PROTECTED"];
    let text = elf.readelf("-s");
    let mut compared = 0;
    let mut lines = text.lines();
    for section in sections.iter().filter(|section| [2, 11].contains(&get(section, "sh_type"))) {
        let count = get(section, "sh_size") / get(section, "sh_entsize");
        let symbols = elf.records("Sym", get(section, "sh_offset"), count);
        let link = usize::try_from(get(section, "sh_link")).unwrap();
        let table = strings(elf, &sections[link]);
        lines.find(|line| line.trim_start().starts_with("Num:")).expect("a table of symbols");
        for symbol in &symbols {
            let line = lines.next().unwrap();
            // What a machine adds to the visibility: `[<localentry>: 8]`.
            let plain = match (line.find('['), line.find(']')) {
                (Some(from), Some(to)) if from < to => {
                    format!("{}{}", &line[..from], &line[to + 1..])
                }
                _ => line.to_owned(),
            };
            let words: Vec<&str> = plain.split_whitespace().collect();
            let [_, value, size, kind, binding, visibility, index, name @ ..] = &words[..] else {
                panic!("{line}");
            };
            assert_eq!(get(symbol, "st_value"), hex(value), "{line}");
            assert_eq!(get(symbol, "st_size"), number(size), "{line}");
            let at = |place: i128| usize::try_from(place).unwrap();
            let info = get(symbol, "st_info");
            assert_eq!(kinds[at(info & 15)], *kind, "{line}");
            assert_eq!(bindings[at(info >> 4)], *binding, "{line}");
            assert_eq!(visibilities[at(get(symbol, "st_other") & 3)], *visibility, "{line}");
            let index = match *index {
                "UND" => 0,
                "ABS" => 0xfff1,
                "COM" => 0xfff2,
                index => number(index),
            };
            assert_eq!(get(symbol, "st_shndx"), index, "{line}");
            let found = match string(&table, get(symbol, "st_name")) {
                // readelf shows the section's.
                name if name.is_empty() && *kind == "SECTION" => {
                    let section = &sections[at(get(symbol, "st_shndx"))];
                    string(names, get(section, "sh_name"))
                }
                name => name,
            };
            let name = name.first().copied().unwrap_or_default();
            // The version of a dynamic symbol is elsewhere; linkers also write it behind the name.
            let plain = |name: &str| name.split('@').next().unwrap().to_owned();
            assert_eq!(plain(&found), plain(name), "{line}");
            compared += 8;
        }
    }
    compared
}
