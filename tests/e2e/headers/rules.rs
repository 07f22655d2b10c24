//! Hand-written headers, one per rule, on every ABI.
//!
//! What is right is in `tests/data/headers/rules/NAME.golden`, which the compilers wrote: sizes, fields
//! and enumerators out of their debug information, alignments out of the size of an array. Written anew
//! with `BLESS=1 cargo test -p cwire-tests rules`, which needs all compilers.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use cwire_header::{Lang, Options};
use cwire_layout::Types;
use cwire_layout::abi::Abi;
use cwire_layout::types::{Origin, RecordKind, Type};
use cwire_tests::{data, run, tool};

use super::{dwarf, facts::Facts};

/// An ABI, its compilers for C and C++, and their flags.
type Compiler = (Abi, &'static str, &'static str, &'static [&'static str]);

/// The compilers whose layout counts.
const COMPILERS: [Compiler; 18] = [
    (Abi::X86_64_LINUX, "gcc", "g++", &["-m64"]),
    (Abi::I686_LINUX, "gcc", "g++", &["-m32"]),
    (Abi::AARCH64_LINUX, "aarch64-linux-gnu-gcc", "aarch64-linux-gnu-g++", &[]),
    (Abi::ARM_LINUX, "arm-linux-gnueabihf-gcc", "arm-linux-gnueabihf-g++", &[]),
    (Abi::ARM_NONE_EABI, "arm-none-eabi-gcc", "arm-none-eabi-g++", &[]),
    (Abi::RISCV64_LINUX, "riscv64-linux-gnu-gcc", "riscv64-linux-gnu-g++", &[]),
    (Abi::POWERPC_LINUX, "powerpc-linux-gnu-gcc", "powerpc-linux-gnu-g++", &[]),
    (Abi::POWERPC64_LINUX, "powerpc64-linux-gnu-gcc", "powerpc64-linux-gnu-g++", &[]),
    (Abi::POWERPC64LE_LINUX, "powerpc64le-linux-gnu-gcc", "powerpc64le-linux-gnu-g++", &[]),
    (Abi::MIPS_LINUX, "mips-linux-gnu-gcc", "mips-linux-gnu-g++", &[]),
    (Abi::S390X_LINUX, "s390x-linux-gnu-gcc", "s390x-linux-gnu-g++", &[]),
    (Abi::X86_64_WINDOWS, "clang-19", "clang-19", &["--target=x86_64-pc-windows-msvc"]),
    (Abi::I686_WINDOWS, "clang-19", "clang-19", &["--target=i686-pc-windows-msvc"]),
    (Abi::AARCH64_WINDOWS, "clang-19", "clang-19", &["--target=aarch64-pc-windows-msvc"]),
    (Abi::X86_64_WINDOWS_GNU, "x86_64-w64-mingw32-gcc", "x86_64-w64-mingw32-g++", &[]),
    (Abi::I686_WINDOWS_GNU, "i686-w64-mingw32-gcc", "i686-w64-mingw32-g++", &[]),
    (Abi::AARCH64_APPLE, "clang-19", "clang-19", &["--target=aarch64-apple-darwin"]),
    (Abi::X86_64_APPLE, "clang-19", "clang-19", &["--target=x86_64-apple-darwin"]),
];

/// Stands in for headers that some of the compilers have no copy of.
const STAND_INS: &[(&str, &str)] = &[
    ("cstdint", "#include <stdint.h>\nnamespace std { using ::uint8_t; using ::uint16_t; }\n"),
    (
        "array",
        "namespace std { template <class T, decltype(sizeof 0) N> struct array { T elements[N]; }; }\n",
    ),
    ("pshpack1.h", "#pragma pack(push, 1)\n"),
    ("pshpack2.h", "#pragma pack(push, 2)\n"),
    ("poppack.h", "#pragma pack(pop)\n"),
];

fn folder() -> PathBuf {
    data().join("headers/rules")
}

fn rules() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let is_rule = |path: &PathBuf| path.extension().is_some_and(|ext| ext == "h" || ext == "hpp");
    let mut rules: Vec<_> = entries.filter(is_rule).collect();
    rules.sort();
    assert!(rules.len() >= 40, "{} rules", rules.len());
    rules
}

fn lang(rule: &Path) -> Lang {
    if rule.extension().is_some_and(|ext| ext == "hpp") { Lang::Cxx } else { Lang::C }
}

/// Records, enums and alignments as text.
fn text(facts: &Facts, align: impl Fn(&str) -> u64) -> String {
    let mut text = String::new();
    for (name, records) in &facts.records {
        for record in records {
            writeln!(text, "{name}: size {}, align {}", record.size, align(name)).unwrap();
            for field in &record.fields {
                let name = if field.name.is_empty() { "(anonymous)" } else { &field.name };
                writeln!(text, "  @{} {}: {name}", field.bit_offset, field.bit_size).unwrap();
            }
        }
    }
    for (name, enums) in &facts.enums {
        for (size, values) in enums {
            let values: Vec<_> =
                values.iter().map(|(name, value)| format!("{name}={value}")).collect();
            writeln!(text, "enum {name}: size {size}, {}", values.join(" ")).unwrap();
        }
    }
    text
}

/// What the header reader makes of a rule.
fn read(rule: &Path, abi: Abi) -> Types {
    let mut options = Options::new(abi);
    options.lang = Some(lang(rule));
    let header = cwire_header::read_file(rule, &options)
        .unwrap_or_else(|error| panic!("{}: {error}", abi.triple()));
    let refused = header.types.refused();
    assert!(refused.is_empty(), "{} {}: {refused:?}", rule.display(), abi.triple());
    header.types
}

fn ours(rule: &Path, abi: Abi) -> String {
    let types = read(rule, abi);
    let mut facts = Facts::of(&types);
    keep_own(&mut facts, &own_names(&types, rule));
    text(&facts, |name| {
        let ty = types.find(name).expect("a record is found by its name");
        types.layout_of(ty).expect("it is complete").align
    })
}

/// Names of the records and enums that a rule declares itself, with their spelling in its language.
fn own_names(types: &Types, rule: &Path) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    let own = |origin: &Option<Origin>| {
        origin.as_ref().is_some_and(|origin| Path::new(&*origin.file) == rule)
    };
    for &id in types.records() {
        let record = types.record(id);
        // What a template is made into is declared where the template is.
        if own(&record.origin) && !record.name.is_empty() && !record.name.starts_with("std::") {
            names.insert(record.name.to_string(), spelling(types, rule, &record.name));
        }
    }
    for &id in types.enums() {
        let enumeration = types.enumeration(id);
        if own(&enumeration.origin) && !enumeration.name.is_empty() {
            names.insert(enumeration.name.to_string(), spelling(types, rule, &enumeration.name));
        }
    }
    names
}

fn spelling(types: &Types, rule: &Path, name: &str) -> String {
    let keyword = match types.find(name).map(|ty| types.get(ty)) {
        Some(Type::Record(id)) => match types.record(*id).kind {
            RecordKind::Union => "union ",
            RecordKind::Struct | RecordKind::Class => "struct ",
        },
        Some(Type::Enum(_)) => "enum ",
        _ => "",
    };
    let keyword = if lang(rule) == Lang::Cxx { "" } else { keyword };
    format!("{keyword}{name}")
}

fn keep_own(facts: &mut Facts, names: &BTreeMap<String, String>) {
    facts.records.retain(|name, _| names.contains_key(name));
    facts.enums.retain(|name, _| names.contains_key(name));
}

/// What the compiler makes of a rule; `None` if it is not here.
fn theirs(rule: &Path, compiler: &Compiler) -> Option<String> {
    let &(abi, c, cxx, flags) = compiler;
    let (program, language): (_, &[&str]) = match lang(rule) {
        Lang::C => (c, &["-xc", "-std=gnu17"]),
        Lang::Cxx => (cxx, &["-xc++", "-std=gnu++20"]),
    };
    let mut command = tool(program)?;
    let names = own_names(&read(rule, abi), rule);
    // Only names come from the reader. The alignments go into the debug information as enumerators, and
    // a variable of each type keeps it there.
    let mut source = std::fs::read_to_string(rule).unwrap();
    source.push_str("\n#pragma pack()\nenum cwire_aligns { cwire_align_none,");
    for (index, spelling) in names.values().enumerate() {
        write!(source, " cwire_align_{index} = __alignof__({spelling}),").unwrap();
    }
    source.push_str("};\nenum cwire_aligns cwire_aligns;\n");
    for (index, spelling) in names.values().enumerate() {
        writeln!(source, "struct cwire_use_{index} {{ {spelling} *p; }} cwire_used_{index};")
            .unwrap();
        writeln!(source, "unsigned cwire_size_{index} = sizeof({spelling});").unwrap();
    }
    let work = std::env::temp_dir().join(format!(
        "cwire-rules-{}-{}-{}",
        std::process::id(),
        abi.triple(),
        rule.file_name().unwrap().to_string_lossy()
    ));
    std::fs::create_dir_all(&work).unwrap();
    for (name, text) in STAND_INS {
        std::fs::write(work.join(name), text).unwrap();
    }
    let (file, object) = (work.join("probe.c"), work.join("probe.o"));
    std::fs::write(&file, source).unwrap();
    command.args(flags).args(language).arg("-I").arg(&work);
    command.args(["-g", "-gdwarf-5", "-ffreestanding", "-fno-common", "-w", "-c", "-o"]);
    if program.starts_with("clang") {
        command.arg(&object).arg(&file).arg("-fstandalone-debug");
    } else {
        command.arg(&object).arg(&file);
        command.args(["-fno-eliminate-unused-debug-types", "-fno-eliminate-unused-debug-symbols"]);
    }
    run(&mut command);
    let mut facts = dwarf::read(&std::fs::read(&object).unwrap(), None);
    std::fs::remove_dir_all(&work).unwrap();
    let aligns = facts.enums.get("cwire_aligns").expect("a variable keeps it").clone();
    keep_own(&mut facts, &names);
    Some(text(&facts, |name| {
        let index = names.keys().position(|known| known == name).expect("only own ones are kept");
        let align = aligns[0].1[&format!("cwire_align_{index}")];
        u64::try_from(align).expect("an alignment")
    }))
}

/// The golden of a rule: each text once, with the ABIs that it holds for.
fn golden_of(texts: &[(Abi, String)]) -> String {
    let mut groups: Vec<(Vec<&str>, &str)> = Vec::new();
    for (abi, text) in texts {
        match groups.iter_mut().find(|(_, known)| known == text) {
            Some((abis, _)) => abis.push(abi.triple()),
            None => groups.push((vec![abi.triple()], text)),
        }
    }
    let groups = groups.into_iter().map(|(abis, text)| format!("== {}\n{text}", abis.join(" ")));
    groups.collect::<Vec<_>>().join("\n")
}

/// The text of a golden for an ABI.
fn for_abi(golden: &str, abi: Abi) -> String {
    let group = golden
        .split("== ")
        .filter_map(|group| group.split_once('\n'))
        .find(|(abis, _)| abis.split(' ').any(|triple| triple == abi.triple()));
    let (_, text) = group.unwrap_or_else(|| panic!("no golden for {}", abi.triple()));
    text.trim_end_matches('\n').to_owned()
}

fn check(mut text: impl FnMut(&Path, &Compiler) -> Option<String>) {
    let (mut wrong, mut compared) = (String::new(), 0);
    for rule in rules() {
        let path = rule.with_extension(match lang(&rule) {
            Lang::C => "h.golden",
            Lang::Cxx => "hpp.golden",
        });
        let golden = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for compiler in &COMPILERS {
            let Some(text) = text(&rule, compiler) else { continue };
            let right = for_abi(&golden, compiler.0);
            compared += 1;
            if text.trim_end_matches('\n') != right {
                let (name, triple) =
                    (rule.file_name().unwrap().to_string_lossy(), compiler.0.triple());
                writeln!(wrong, "== {name}, {triple}: needs\n{right}\nfound\n{text}").unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    eprintln!("{compared} rules equal");
}

#[test]
fn rules_give_the_layouts_of_the_goldens() {
    check(|rule, compiler| Some(ours(rule, compiler.0)));
}

#[test]
fn goldens_of_the_rules_are_what_compilers_say() {
    if std::env::var_os("BLESS").is_some() {
        for rule in rules() {
            let texts: Vec<_> = COMPILERS
                .iter()
                .map(|compiler| {
                    (compiler.0, theirs(&rule, compiler).expect("all compilers are here"))
                })
                .collect();
            let mut path = rule.into_os_string();
            path.push(".golden");
            std::fs::write(path, golden_of(&texts)).unwrap();
        }
    }
    check(theirs);
}
