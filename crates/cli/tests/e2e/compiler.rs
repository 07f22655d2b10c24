//! The numbers of `--json` against those of compilers.
//!
//! Out of the JSON comes a C program that asserts every size, alignment and offset, which a compiler
//! then has to accept, and that finds the bits of every bit-field by setting them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use cwire_tests::{run, tool};
use serde_json::Value;

use crate::{data, printed};

/// A compiler, its flags, and the ABI that it is for.
struct Compiler {
    name: &'static str,
    flags: &'static [&'static str],
    abi: &'static str,
    /// Whether what it makes runs on this machine.
    runs: bool,
}

const COMPILERS: &[Compiler] = &[
    Compiler {
        name: "gcc",
        flags: &["-m64"],
        abi: "x86_64-linux-gnu",
        runs: cfg!(target_arch = "x86_64"),
    },
    Compiler {
        name: "gcc",
        flags: &["-m32"],
        abi: "i686-linux-gnu",
        runs: cfg!(target_arch = "x86_64"),
    },
    Compiler { name: "x86_64-w64-mingw32-gcc", flags: &[], abi: "x86_64-w64-mingw32", runs: false },
    Compiler { name: "i686-w64-mingw32-gcc", flags: &[], abi: "i686-w64-mingw32", runs: false },
];

/// Headers of the project, and records of theirs that C programs can name.
const HEADERS: &[&str] = &["members.h", "bits.h", "point.h", "../../examples/quote.h"];

#[test]
fn compilers_agree_with_the_json() {
    let dir = std::env::temp_dir().join(format!("cwire-cli-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    for compiler in COMPILERS {
        for header in HEADERS {
            let json = printed(&["layout", header, "--json", "--abi", compiler.abi]);
            let document: Value = serde_json::from_str(&json).unwrap();
            check(compiler, &data().join(header), &document, &dir);
        }
    }
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn flags_mean_what_they_mean_to_gcc() {
    let flags: [&[&str]; 9] = [
        &["-fpack-struct"],
        &["-fpack-struct=1"],
        &["-fpack-struct=2"],
        &["-fpack-struct=8", "-m32"],
        &["-m32"],
        &["-fshort-enums"],
        &["-fshort-wchar"],
        &["-mms-bitfields"],
        &["-mms-bitfields", "-fpack-struct=4"],
    ];
    let dir = std::env::temp_dir().join(format!("cwire-cli-flags-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    for flags in flags {
        let compiler = Compiler {
            name: "gcc",
            flags,
            abi: "x86_64-linux-gnu",
            runs: cfg!(target_arch = "x86_64"),
        };
        for header in HEADERS {
            let mut args = vec!["layout", header, "--json"];
            args.extend(flags);
            let document: Value = serde_json::from_str(&printed(&args)).unwrap();
            check(&compiler, &data().join(header), &document, &dir);
        }
    }
    std::fs::remove_dir_all(&dir).unwrap();
}

fn check(compiler: &Compiler, header: &Path, document: &Value, dir: &Path) {
    let Some(mut command) = tool(compiler.name) else { return };
    let source = dir.join("check.c");
    let program = dir.join("check");
    std::fs::write(&source, assertions(header, document)).unwrap();
    command.args(compiler.flags).args(["-std=gnu11", "-w", "-o"]).arg(&program).arg(&source);
    run(&mut command);
    if compiler.runs {
        let output = run(&mut Command::new(&program));
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(text, "", "{} for {}", header.display(), compiler.abi);
    }
}

/// A C program that does not compile where a number is wrong, and prints the bit-fields that are
/// elsewhere.
fn assertions(header: &Path, document: &Value) -> String {
    let mut text = format!(
        "#include <stddef.h>\n#include <stdio.h>\n#include <string.h>\n#include \"{}\"\n\
         static void check(const char *name, const unsigned char *bytes, size_t size, long first, long count) {{\n\
         for (long bit = 0; bit < 8 * (long)size; bit++)\n\
         if ((bytes[bit / 8] >> bit % 8 & 1) != (bit >= first && bit < first + count)) {{\n\
         printf(\"%s: bit %ld\\n\", name, bit); return; }}\n}}\n\
         int main(void) {{\n",
        header.display()
    );
    let mut seen = 0;
    for record in document["records"].as_array().unwrap() {
        let name = record["name"].as_str().unwrap();
        // A typedef that names an unnamed struct is used without `struct`.
        let ty = match name.ends_with("_t") {
            true => name.to_owned(),
            false => format!("{} {name}", record["kind"].as_str().unwrap()),
        };
        let (size, align) = (&record["size"], &record["align"]);
        writeln!(text, "_Static_assert(sizeof({ty}) == {size}, \"sizeof {ty}\");").unwrap();
        writeln!(text, "_Static_assert(_Alignof({ty}) == {align}, \"alignof {ty}\");").unwrap();
        for field in record["fields"].as_array().unwrap() {
            seen += 1;
            text += &field_assertion(&ty, field);
        }
    }
    assert!(seen > 0, "{} has no fields", header.display());
    text + "return 0; }\n"
}

fn field_assertion(ty: &str, field: &Value) -> String {
    let name = field["name"].as_str().unwrap();
    let (offset, size) = (&field["bit_offset"], &field["bit_size"]);
    if name.is_empty() {
        return String::new();
    }
    if field.get("kind").is_some() {
        return format!(
            "{{ {ty} one; memset(&one, 0, sizeof one); one.{name} = -1;\n\
             check(\"{ty}.{name}\", (unsigned char *)&one, sizeof one, {offset}, {size}); }}\n"
        );
    }
    let offset = format!(
        "_Static_assert(offsetof({ty}, {name}) * 8 == {offset}, \"offsetof {ty}.{name}\");\n"
    );
    // A flexible array has no size to ask for.
    if size == 0 {
        return offset;
    }
    offset
        + &format!(
            "_Static_assert(sizeof((({ty} *)0)->{name}) * 8 == {size}, \"sizeof {ty}.{name}\");\n"
        )
}

#[test]
fn an_object_says_what_its_header_says() {
    let dir = std::env::temp_dir().join(format!("cwire-cli-object-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    for (flag, abi) in [("-m64", "x86_64-linux-gnu"), ("-m32", "i686-linux-gnu")] {
        for header in HEADERS {
            let Some(mut gcc) = tool("gcc") else { return };
            let (source, object) = (dir.join("it.c"), dir.join("it.o"));
            let include = format!("#include \"{}\"\n", data().join(header).display());
            std::fs::write(&source, include).unwrap();
            gcc.args([flag, "-g", "-c", "-fno-eliminate-unused-debug-types", "-o"]);
            run(gcc.arg(&object).arg(&source));

            let object = records(&["layout", object.to_str().unwrap(), "--json"]);
            let header = records(&["layout", header, "--no-included", "--json", "--abi", abi]);
            for (name, record) in &header {
                assert_eq!(object.get(name), Some(record), "{name} for {abi}");
            }
        }
    }
    std::fs::remove_dir_all(&dir).unwrap();
}

/// The records by name, without where they are declared: a compiler names files otherwise.
fn records(args: &[&str]) -> BTreeMap<String, Value> {
    let document: Value = serde_json::from_str(&printed(args)).unwrap();
    let records = document["records"].as_array().unwrap().iter().map(|record| {
        let mut record = record.clone();
        let object = record.as_object_mut().unwrap();
        object.remove("file");
        object.remove("line");
        // The place of an unnamed type is part of how it is spelt.
        for field in object["fields"].as_array_mut().unwrap() {
            let spelt = field["type"].as_str().unwrap();
            let named = match (spelt.find('('), spelt.find(')')) {
                (Some(from), Some(to)) if spelt[from..].starts_with("(unnamed") => {
                    format!("{}{}", &spelt[..from], &spelt[to + 1..])
                }
                _ => spelt.to_owned(),
            };
            field["type"] = named.into();
        }
        (object["name"].as_str().unwrap().to_owned(), record)
    });
    records.collect()
}
