//! Damaged files: no panic, no hang, and layouts that hold together.

use cwire_debuginfo::fuzz::debuginfo;
use cwire_tests::run;

use crate::{command, compile, folder};

const SOURCE: &str = "typedef struct { char n[3]; unsigned a:3, b:9; } td;\n\
    union u { int i; float f; }; enum e { A = -1, B = 300 };\n\
    struct s { td t; union u u; enum e e; struct s *next; int (*f)(struct s *, ...); short m[2][3]; };\n\
    struct s v; int entry(void) { return v.e; }\n";

/// Numbers that are the same on every run (a multiplicative generator modulo 2^64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        usize::try_from(self.0 >> 33).expect("31 bits") % end.max(1)
    }
}

/// Reads a file with one to eight bytes changed, or an end cut off, again and again.
fn damage(bytes: &[u8], times: usize) {
    let mut numbers = Numbers(bytes.len() as u64);
    for _ in 0..times {
        let mut damaged = bytes.to_vec();
        for _ in 0..=numbers.below(8) {
            let at = numbers.below(damaged.len());
            damaged[at] = match numbers.below(4) {
                0 => 0,
                1 => 0xff,
                2 => damaged[at] ^ (1 << numbers.below(8)),
                _ => u8::try_from(numbers.below(256)).expect("a byte"),
            };
        }
        if numbers.below(8) == 0 {
            damaged.truncate(numbers.below(bytes.len()));
        }
        debuginfo(&damaged);
    }
}

#[test]
fn damaged_dwarf() {
    for (compiler, flags) in [
        ("gcc", &["-g"][..]),
        ("gcc", &["-g", "-gdwarf-2"]),
        ("gcc", &["-g", "-gdwarf-4", "-fdebug-types-section"]),
        ("gcc", &["-g", "-gz=zlib"]),
        ("clang-19", &["-g", "-gz=zstd"]),
        ("powerpc-linux-gnu-gcc", &["-g"]),
        ("riscv64-linux-gnu-gcc", &["-g"]),
        ("x86_64-w64-mingw32-gcc", &["-g"]),
        ("clang-19", &["-g", "--target=arm64-apple-macosx12"]),
    ] {
        let dir = folder(&format!("damaged-{compiler}-{}", flags.join("-")));
        let Some(object) = compile(&dir, "a.c", SOURCE, compiler, flags) else { continue };
        damage(&std::fs::read(object).expect("the compiler wrote it"), 1500);
    }
}

#[test]
fn damaged_code_view() {
    let dir = folder("damaged-codeview");
    let flags = ["--target=x86_64-pc-windows-msvc", "-g", "-gcodeview"];
    let Some(object) = compile(&dir, "a.c", SOURCE, "clang-19", &flags) else { return };
    damage(&std::fs::read(object).expect("clang wrote it"), 3000);
    let Some(mut link) = command(&dir, "lld-link-19") else { return };
    let flags =
        ["/debug", "/nodefaultlib", "/entry:entry", "/subsystem:console", "/out:a.exe", "a.o"];
    run(link.args(flags));
    damage(&std::fs::read(dir.join("a.pdb")).expect("lld wrote it"), 3000);
}

/// Every byte of the sections that hold types, one at a time.
#[test]
fn every_byte_of_a_small_object() {
    let dir = folder("every-byte");
    let source = "struct s { unsigned a:3; struct s *p; char c[2]; } v;\n";
    let Some(object) = compile(&dir, "a.c", source, "gcc", &["-g"]) else { return };
    let bytes = std::fs::read(object).expect("gcc wrote it");
    for at in 0..bytes.len() {
        for value in [0, 1, 0x7f, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[at] = value;
            debuginfo(&damaged);
        }
    }
}

#[test]
fn the_corpus_of_the_fuzz_target() {
    cwire_tests::replay("debuginfo", |bytes| {
        debuginfo(bytes);
        damage(bytes, 1000);
    });
}
