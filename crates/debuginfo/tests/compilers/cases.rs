//! Records of C, for every compiler and way to write debug information.

use cwire_tests::run;

use crate::truth::{Case, Truth, check, source};
use crate::{command, compile, folder, read};

const CASES: &[Case] = &[
    Case {
        declaration: "struct plain { char a; int b; char c[15]; };",
        ty: "struct plain",
        name: "plain",
        members: &["a", "b", "c"],
        bits: &[],
    },
    Case {
        declaration: "struct scalars { char c; double d; char e; long long q; char f; long double ld;\
            char g; long l; void *p; short s; float fl; _Bool t; unsigned char u; signed char v; };",
        ty: "struct scalars",
        name: "scalars",
        members: &["c", "d", "e", "q", "f", "ld", "g", "l", "p", "s", "fl", "t", "u", "v"],
        bits: &[],
    },
    Case {
        declaration: "struct __attribute__((packed)) packed { char a; int b; double c; short d; };",
        ty: "struct packed",
        name: "packed",
        members: &["a", "b", "c", "d"],
        bits: &[],
    },
    Case {
        declaration: "#pragma pack(push, 2)\nstruct two { char a; int b; short c; char d; };\n\
            #pragma pack(pop)",
        ty: "struct two",
        name: "two",
        members: &["a", "b", "c", "d"],
        bits: &[],
    },
    Case {
        declaration: "struct bits { unsigned a:3, b:5; int c:20; long long d:40; _Bool e:1;\
            unsigned short f:9; unsigned char g:2; };",
        ty: "struct bits",
        name: "bits",
        members: &[],
        bits: &["a", "b", "c", "d", "e", "f", "g"],
    },
    Case {
        declaration: "struct __attribute__((packed)) tight { unsigned a:11, b:12, c:23; unsigned d:6;\
            int e; unsigned long long f:37; };",
        ty: "struct tight",
        name: "tight",
        members: &["e"],
        bits: &["a", "b", "c", "d", "f"],
    },
    Case {
        declaration: "struct mixed { char a; int b:20; short c; int :0; unsigned d:1; char e; };",
        ty: "struct mixed",
        name: "mixed",
        members: &["a", "c", "e"],
        bits: &["b", "d"],
    },
    Case {
        declaration: "struct outer { char a; struct plain in; struct { char x; int y; } named;\
            char z; struct packed p; union { char u; double w; } v; };",
        ty: "struct outer",
        name: "outer",
        members: &["a", "in", "named", "z", "p", "v"],
        bits: &[],
    },
    Case {
        declaration: "union choice { char a; int b[3]; double d; struct plain e; };",
        ty: "union choice",
        name: "choice",
        members: &["a", "b", "d", "e"],
        bits: &[],
    },
    Case {
        declaration: "typedef struct { char n; long m[2][3]; const volatile char *const q;\
            int (*f)(int, ...); } unnamed;",
        ty: "unnamed",
        name: "unnamed",
        members: &["n", "m", "q", "f"],
        bits: &[],
    },
    Case {
        declaration: "struct flexible { int n; short data[]; };",
        ty: "struct flexible",
        name: "flexible",
        members: &["n", "data"],
        bits: &[],
    },
    Case {
        declaration: "enum side { BUY = -1, SELL = 200 };\nenum wide { HUGE = 0x100000000ll };\n\
            struct enums { char a; enum side s; char b; enum wide w; char c; };",
        ty: "struct enums",
        name: "enums",
        members: &["a", "s", "b", "w", "c"],
        bits: &[],
    },
];

/// What anonymous members hold: PDB has them flattened.
const ANONYMOUS: Case = Case {
    declaration: "struct anonymous { char a; union { int b; struct { short c; char d; }; }; char e;\
        struct { unsigned f:3, g:9; }; };",
    ty: "struct anonymous",
    name: "anonymous",
    members: &["a", "b", "c", "d", "e"],
    bits: &["f", "g"],
};

/// What is aligned by request: CodeView does not say so, nor does DWARF 2 to 4 without extensions.
const ALIGNED: Case = Case {
    declaration: "struct aligned { char a; __attribute__((aligned(16))) char b;\
        __attribute__((packed)) int c; } __attribute__((aligned(32)));",
    ty: "struct aligned",
    name: "aligned",
    members: &["a", "b", "c"],
    bits: &[],
};

fn all() -> Vec<Case> {
    let mut cases = CASES.to_vec();
    cases.extend([ANONYMOUS, ALIGNED]);
    cases
}

/// Compiles all records, reads them back and compares.
fn agree(name: &str, compiler: &str, flags: &[&str], triple: &str) {
    let dir = folder(name);
    let mut cases = all();
    if flags.contains(&"-gstrict-dwarf") && !flags.contains(&"-gdwarf-5") {
        cases.pop();
    }
    let Some(object) = compile(&dir, "a.c", &source(&cases), compiler, flags) else { return };
    let info = read(&object);
    assert_eq!(info.types.abi().triple(), triple);
    assert_eq!(info.notes, Vec::<String>::new());
    check(name, &info, &Truth::new(&object), &cases);
}

#[test]
fn every_version_of_dwarf() {
    let triple = "x86_64-unknown-linux-gnu";
    for version in ["2", "3", "4", "5"] {
        let flag = format!("-gdwarf-{version}");
        agree(&format!("gcc-{version}"), "gcc", &["-g", &flag], triple);
        agree(&format!("gcc-strict-{version}"), "gcc", &["-g", &flag, "-gstrict-dwarf"], triple);
        agree(&format!("clang-{version}"), "clang-19", &["-g", &flag], triple);
    }
    agree("gcc-64", "gcc", &["-g", "-gdwarf64"], triple);
    agree("clang-64", "clang-19", &["-g", "-gdwarf64", "-gdwarf-5"], triple);
}

#[test]
fn every_machine() {
    let gcc = [
        ("aarch64-linux-gnu-gcc", "aarch64-unknown-linux-gnu"),
        ("arm-linux-gnueabihf-gcc", "arm-unknown-linux-gnueabihf"),
        ("riscv64-linux-gnu-gcc", "riscv64gc-unknown-linux-gnu"),
        ("powerpc-linux-gnu-gcc", "powerpc-unknown-linux-gnu"),
        ("powerpc64-linux-gnu-gcc", "powerpc64-unknown-linux-gnu"),
        ("powerpc64le-linux-gnu-gcc", "powerpc64le-unknown-linux-gnu"),
        ("s390x-linux-gnu-gcc", "s390x-unknown-linux-gnu"),
        ("mips-linux-gnu-gcc", "mips-unknown-linux-gnu"),
        ("arm-none-eabi-gcc", "arm-none-eabi"),
        ("x86_64-w64-mingw32-gcc", "x86_64-pc-windows-gnu"),
        ("i686-w64-mingw32-gcc", "i686-pc-windows-gnu"),
    ];
    for (compiler, triple) in gcc {
        for version in ["2", "4", "5"] {
            let flag = format!("-gdwarf-{version}");
            agree(&format!("{compiler}-{version}"), compiler, &["-g", &flag], triple);
        }
        agree(
            &format!("{compiler}-strict"),
            compiler,
            &["-g", "-gdwarf-2", "-gstrict-dwarf"],
            triple,
        );
    }
    agree("gcc-m32", "gcc", &["-g", "-m32"], "i686-unknown-linux-gnu");
    agree("gcc-m32-2", "gcc", &["-g", "-m32", "-gdwarf-2"], "i686-unknown-linux-gnu");
}

#[test]
fn mach_o() {
    for (target, triple) in [
        ("--target=arm64-apple-macosx12", "aarch64-apple-darwin"),
        ("--target=x86_64-apple-macosx12", "x86_64-apple-darwin"),
    ] {
        for version in ["-gdwarf-2", "-gdwarf-4", "-gdwarf-5"] {
            let name = format!("clang{target}{version}");
            agree(&name, "clang-19", &[target, "-g", version, "-ffreestanding"], triple);
        }
    }
}

#[test]
fn sections_that_are_compressed_and_types_in_units_of_their_own() {
    let triple = "x86_64-unknown-linux-gnu";
    agree("zlib", "gcc", &["-g", "-gz=zlib"], triple);
    agree("zlib-gnu", "gcc", &["-g", "-gz=zlib-gnu"], triple);
    agree("zstd", "clang-19", &["-g", "-gz=zstd"], triple);
    agree("clang-zlib", "clang-19", &["-g", "-gz=zlib"], triple);
    for version in ["-gdwarf-4", "-gdwarf-5"] {
        let flags = ["-g", version, "-fdebug-types-section"];
        agree(&format!("types{version}"), "gcc", &flags, triple);
        agree(&format!("clang-types{version}"), "clang-19", &flags, triple);
    }
}

#[test]
fn pdb_and_code_view_of_objects() {
    for (target, triple) in [
        ("x86_64-pc-windows-msvc", "x86_64-pc-windows-msvc"),
        ("i686-pc-windows-msvc", "i686-pc-windows-msvc"),
        ("aarch64-pc-windows-msvc", "aarch64-pc-windows-msvc"),
    ] {
        let dir = folder(target);
        let mut cases = CASES.to_vec();
        cases.push(ANONYMOUS);
        let text = format!("{}int _fltused;\nint entry(void) {{ return 0; }}\n", source(&cases));
        let target = format!("--target={target}");
        let flags = [&*target, "-g", "-gcodeview", "-ffreestanding"];
        let Some(object) = compile(&dir, "a.c", &text, "clang-19", &flags) else { continue };
        let truth = Truth::new(&object);
        let info = read(&object);
        assert_eq!(info.types.abi().triple(), triple);
        check("object", &info, &truth, &cases);
        let Some(mut link) = command(&dir, "lld-link-19") else { continue };
        let flags =
            ["/debug", "/nodefaultlib", "/entry:entry", "/subsystem:console", "/out:a.exe", "a.o"];
        run(link.args(flags));
        for file in ["a.pdb", "a.exe"] {
            let info = read(&dir.join(file));
            assert_eq!(info.types.abi().triple(), triple);
            assert_eq!(info.path.file_name(), Some("a.pdb".as_ref()));
            check(file, &info, &truth, &cases);
        }
    }
}
