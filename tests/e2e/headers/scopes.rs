//! What names mean: headers written for it, by the debug information of gcc and g++.

use std::path::{Path, PathBuf};

use cwire_header::{Lang, Options};
use cwire_layout::abi::Abi;
use cwire_tests::{data, run, tool};

use super::{dwarf, facts::Facts};

const GCC: &[(&str, &[&str], Abi)] = &[
    ("", &["-m64"], Abi::X86_64_LINUX),
    ("", &["-m32"], Abi::I686_LINUX),
    ("aarch64-linux-gnu-", &[], Abi::AARCH64_LINUX),
    ("arm-linux-gnueabihf-", &[], Abi::ARM_LINUX),
    ("riscv64-linux-gnu-", &[], Abi::RISCV64_LINUX),
    ("powerpc-linux-gnu-", &[], Abi::POWERPC_LINUX),
    ("powerpc64-linux-gnu-", &[], Abi::POWERPC64_LINUX),
    ("powerpc64le-linux-gnu-", &[], Abi::POWERPC64LE_LINUX),
    ("s390x-linux-gnu-", &[], Abi::S390X_LINUX),
    ("mips-linux-gnu-", &[], Abi::MIPS_LINUX),
    ("x86_64-w64-mingw32-", &[], Abi::X86_64_WINDOWS_GNU),
    ("i686-w64-mingw32-", &[], Abi::I686_WINDOWS_GNU),
];

/// What gcc does not compile for.
const CLANG: &[(&str, Abi)] = &[
    ("x86_64-pc-windows-msvc", Abi::X86_64_WINDOWS),
    ("i686-pc-windows-msvc", Abi::I686_WINDOWS),
    ("aarch64-pc-windows-msvc", Abi::AARCH64_WINDOWS),
    ("aarch64-apple-darwin", Abi::AARCH64_APPLE),
    ("x86_64-apple-darwin", Abi::X86_64_APPLE),
];

/// What the compiler sees in a header of `tests/data/headers`; `None`: it is not installed.
fn ask(compiler: &str, flags: &[&str], header: &Path) -> Option<Facts> {
    let mut command = tool(compiler)?;
    let name = header.file_name().unwrap().to_str().unwrap();
    let object = std::env::temp_dir().join(format!(
        "cwire-{}-{compiler}{}-{name}.o",
        std::process::id(),
        flags.concat()
    ));
    command.args(flags).args(["-g", "-gdwarf-5", "-fno-eliminate-unused-debug-types"]);
    command.args(["-fno-eliminate-unused-debug-symbols", "-w", "-c", "-x"]);
    // What a defaulted constructor means for tail padding changed with C++20.
    let lang: &[&str] = if name.ends_with("pp") { &["c++", "-std=c++20"] } else { &["c"] };
    command.args(lang).arg(header).arg("-o").arg(&object);
    run(&mut command);
    let facts = dwarf::read(&std::fs::read(&object).unwrap(), Some(name));
    std::fs::remove_file(object).unwrap();
    Some(facts)
}

/// Compares a header on all ABIs; gives the names of what was refused.
fn compare(name: &str, lang: Lang) -> Vec<String> {
    let header: PathBuf = data().join("headers").join(name);
    let mut refused = Vec::new();
    let gcc = if lang == Lang::C { "gcc" } else { "g++" };
    let clang = if lang == Lang::C { "clang-19" } else { "clang++-19" };
    let mut compilers: Vec<(String, Vec<String>, Abi)> = GCC
        .iter()
        .map(|(prefix, flags, abi)| {
            let flags = flags.iter().map(|&flag| flag.to_owned()).collect();
            (format!("{prefix}{gcc}"), flags, *abi)
        })
        .collect();
    // There is no C++ library for clang's targets here.
    let text = std::fs::read_to_string(&header).unwrap();
    if lang == Lang::C || !text.contains("#include") {
        compilers.extend(CLANG.iter().map(|(target, abi)| {
            let flags = vec![format!("--target={target}"), "-ffreestanding".to_owned()];
            (clang.to_owned(), flags, *abi)
        }));
    }
    for (compiler, flags, abi) in &compilers {
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let Some(mut theirs) = ask(compiler, &flags, &header) else { continue };
        let mut options = Options::new(*abi);
        options.lang = Some(lang);
        let read =
            cwire_header::read_file(&header, &options).unwrap_or_else(|error| panic!("{error}"));
        let mut ours = Facts::of(&read.types);
        refused = read.types.refused().iter().map(|refused| refused.name.to_string()).collect();
        theirs.records.retain(|name, _| !refused.contains(name) && !name.contains('<'));
        ours.records.retain(|name, _| !name.starts_with("std::") && !name.starts_with("__va_list"));
        ours.enums.retain(|name, _| !name.starts_with("std::"));
        let known: Vec<_> = theirs.records.keys().cloned().collect();
        // The built-in `<stddef.h>` has records of its own.
        ours.records.retain(|name, _| known.contains(name) || name != "max_align_t");
        let differences = ours.differences(&theirs);
        assert!(
            differences.is_empty(),
            "{name} on {}\n{differences}{:#?}",
            abi.triple(),
            read.types.refused()
        );
    }
    refused
}

#[test]
fn names_of_c_equal_gcc() {
    assert_eq!(compare("scopes.h", Lang::C), [""; 0]);
}

#[test]
fn classes_of_cxx_equal_gcc() {
    assert_eq!(compare("classes.hpp", Lang::Cxx), [""; 0]);
}

#[test]
fn names_of_cxx_equal_gcc() {
    let refused = ["refused_member", "refused_virtual", "refused_too", "virtual_base"];
    assert_eq!(compare("scopes.hpp", Lang::Cxx), refused);
}
