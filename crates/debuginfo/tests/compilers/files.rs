//! Debug information that is not in the file itself, files of several parts, and files without any.

use std::path::Path;

use cwire_debuginfo::{DebugInfoErrorKind, Format, Options, is_binary, read_file};
use cwire_layout::abi::Abi;
use cwire_tests::run;

use crate::truth::find;
use crate::{command, compile, folder, read};

const SOURCE: &str = "struct shared { char a; int b; };\n\
    #ifdef OTHER\nstruct twice { long a; };\nstruct shared o; struct twice t2;\n\
    #else\nstruct twice { char a; };\nstruct shared s; struct twice t1; int main(void) { return s.b; }\n#endif\n";

fn error(path: &Path) -> String {
    read_file(path, &Options::default()).expect_err("it has no types").to_string()
}

#[test]
fn split_units_beside_the_object() {
    for version in ["-gdwarf-4", "-gdwarf-5"] {
        for compiler in ["gcc", "clang-19"] {
            let dir = folder(&format!("dwo-{compiler}{version}"));
            let flags = ["-g", version, "-gsplit-dwarf", "-fdebug-types-section"];
            let Some(object) = compile(&dir, "a.c", SOURCE, compiler, &flags) else { continue };
            let info = read(&object);
            assert!(find(&info, "shared").is_some(), "{compiler} {version}");
            assert_eq!(info.notes, Vec::<String>::new());
            let record = info.types.record(find(&info, "shared").expect("it was just there"));
            let origin = record.origin.as_ref().expect("the skeleton or the .dwo names files");
            assert_eq!((&*origin.file, origin.line), ("a.c", 1), "{compiler} {version}");
            std::fs::remove_file(dir.join("a.dwo")).expect("the compiler wrote it");
            let info = read(&object);
            assert_eq!(info.types.records().len(), 0);
            assert!(
                info.notes[0].ends_with("1 of 1 .dwo files are not here, a.dwo for one"),
                "{:?}",
                info.notes
            );
        }
    }
}

#[test]
fn split_units_in_a_package() {
    for version in ["-gdwarf-4", "-gdwarf-5"] {
        let dir = folder(&format!("dwp{version}"));
        let flags = ["-g", version, "-gsplit-dwarf", "-fdebug-types-section"];
        if compile(&dir, "a.c", SOURCE, "clang-19", &flags).is_none() {
            return;
        }
        let Some(mut link) = command(&dir, "clang-19") else { continue };
        run(link.args(["a.o", "-o", "a.out"]));
        let Some(mut package) = command(&dir, "llvm-dwp-19") else { return };
        run(package.args(["-e", "a.out", "-o", "a.out.dwp"]));
        std::fs::remove_file(dir.join("a.dwo")).expect("the compiler wrote it");
        let info = read(&dir.join("a.out"));
        assert!(find(&info, "shared").is_some(), "{version}");
        assert_eq!(info.notes, Vec::<String>::new(), "{version}");
    }
}

#[test]
fn a_debug_file_beside_a_stripped_one() {
    let dir = folder("stripped");
    if compile(&dir, "a.c", SOURCE, "gcc", &["-g"]).is_none() {
        return;
    }
    let link = |flags: &[&str]| {
        let mut link = command(&dir, "gcc").expect("gcc was just there");
        run(link.args(["a.o", "-o", "a.out"]).args(flags));
    };
    let Some(mut copy) = command(&dir, "objcopy") else { return };
    link(&["-Wl,--build-id=none"]);
    run(copy.args(["--only-keep-debug", "a.out", "a.debug"]));
    let mut strip = command(&dir, "objcopy").expect("objcopy was just there");
    run(strip.args(["--strip-debug", "--add-gnu-debuglink=a.debug", "a.out"]));
    let info = read(&dir.join("a.out"));
    assert!(find(&info, "shared").is_some());
    assert_eq!(info.path.file_name(), Some("a.debug".as_ref()));

    let mut other = std::fs::read(dir.join("a.debug")).expect("objcopy wrote it");
    other.push(0);
    std::fs::write(dir.join("a.debug"), other).expect("the folder is writable");
    let message = error(&dir.join("a.out"));
    assert!(message.contains("debug information is needed"), "{message}");

    std::fs::create_dir_all(dir.join(".build-id/12")).expect("the folder is writable");
    link(&["-Wl,--build-id=0x1234"]);
    std::fs::rename(dir.join("a.out"), dir.join(".build-id/12/34.debug"))
        .expect("they are in one folder");
    link(&["-Wl,--build-id=0x1234", "-s"]);
    assert!(find(&read(&dir.join("a.out")), "shared").is_some());
}

#[test]
fn a_bundle_beside_a_mach_o_file_and_files_of_several_parts() {
    let dir = folder("bundle");
    let flags = ["--target=arm64-apple-macosx12", "-g", "-ffreestanding"];
    let Some(object) = compile(&dir, "a.c", SOURCE, "clang-19", &flags) else { return };
    let inside = dir.join("a.dSYM/Contents/Resources/DWARF");
    std::fs::create_dir_all(&inside).expect("the folder is writable");
    std::fs::copy(&object, inside.join("a")).expect("the folder is writable");
    assert!(find(&read(&dir.join("a.dSYM")), "shared").is_some());
    let Some(mut strip) = command(&dir, "llvm-objcopy-19") else { return };
    run(strip.args(["--strip-debug", "a.o", "a"]));
    assert!(find(&read(&dir.join("a")), "shared").is_some());

    let flags = ["--target=x86_64-apple-macosx12", "-g", "-ffreestanding"];
    std::fs::rename(&object, dir.join("arm.o")).expect("they are in one folder");
    compile(&dir, "a.c", SOURCE, "clang-19", &flags);
    let Some(mut lipo) = command(&dir, "llvm-lipo-19") else { return };
    run(lipo.args(["-create", "arm.o", "a.o", "-output", "fat.o"]));
    let bytes = std::fs::read(dir.join("fat.o")).expect("lipo wrote it");
    assert!(is_binary(&bytes));
    for abi in [Abi::AARCH64_APPLE, Abi::X86_64_APPLE] {
        let options = Options { abi: Some(abi), ..Options::default() };
        let info = read_file(&dir.join("fat.o"), &options).expect("it has both parts");
        assert_eq!(info.types.abi().triple(), abi.triple());
        assert!(find(&info, "shared").is_some());
    }
    assert!(find(&read(&dir.join("fat.o")), "shared").is_some());
}

#[test]
fn units_that_agree_and_units_that_do_not() {
    let dir = folder("units");
    let Some(first) = compile(&dir, "a.c", SOURCE, "gcc", &["-g"]) else { return };
    std::fs::rename(first, dir.join("b.o")).expect("they are in one folder");
    compile(&dir, "a.c", SOURCE, "gcc", &["-g", "-DOTHER"]);
    let mut link = command(&dir, "gcc").expect("gcc was just there");
    run(link.args(["a.o", "b.o", "-o", "a.out"]));
    let Some(mut archive) = command(&dir, "ar") else { return };
    run(archive.args(["rc", "liba.a", "a.o", "b.o"]));
    for file in ["a.out", "liba.a"] {
        let info = read(&dir.join(file));
        assert_eq!(info.format, Format::Dwarf);
        let count = |name: &str| {
            let records = info.types.records().iter();
            records.filter(|&&id| *info.types.record(id).name == *name).count()
        };
        assert_eq!((count("shared"), count("twice")), (1, 2), "{file}");
        assert!(info.types.find("twice").is_some());
    }
}

#[test]
fn files_without_types_say_what_they_lack() {
    let dir = folder("lacking");
    std::fs::write(dir.join("a.h"), "struct s { int a; };\n").expect("the folder is writable");
    assert!(error(&dir.join("a.h")).ends_with("or a PDB is needed, not text"));
    assert!(!is_binary(b"struct s { int a; };\n"));
    let missing = read_file(&dir.join("none"), &Options::default()).expect_err("it is not there");
    assert!(matches!(missing.kind(), DebugInfoErrorKind::Io(_)));
    let Some(object) = compile(&dir, "a.c", SOURCE, "gcc", &[]) else { return };
    let message = error(&object);
    assert!(message.contains("debug information is needed (compile with -g)"), "{message}");
    assert!(is_binary(&std::fs::read(&object).expect("gcc wrote it")));
}

#[test]
fn machines_without_an_abi_are_named() {
    let dir = folder("machines");
    let flags = ["--target=sparc64-linux-gnu", "-g", "-ffreestanding"];
    let Some(object) = compile(&dir, "a.c", SOURCE, "clang-19", &flags) else { return };
    let message = error(&object);
    assert!(message.contains("no ABI is known for Elf, Sparc64, 64-bit, big-endian"), "{message}");
    let options = Options { abi: Some(Abi::POWERPC64_LINUX), ..Options::default() };
    assert!(find(&read_file(&object, &options).expect("an ABI was given"), "shared").is_some());
}

/// gcc stores this record's scalars in the other byte order.
#[test]
fn scalars_in_the_other_byte_order_are_refused() {
    let dir = folder("swapped");
    let source = "struct __attribute__((scalar_storage_order(\"big-endian\"))) s { int a; } v;\n";
    let Some(object) = compile(&dir, "a.c", source, "gcc", &["-g"]) else { return };
    let info = read(&object);
    let reason = &info.types.refused().first().expect("it is refused").reason;
    assert_eq!(reason, "`a` is `int` in the other byte order");
}

/// The program that runs this test: Rust, with variants and types that C does not have.
#[test]
fn programs_in_rust_are_read() {
    let path = std::env::current_exe().expect("a test is a program");
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return;
    }
    let info = read(&path);
    assert!(info.types.records().len() > 1000);
    let variants = "it has variants that share their bytes";
    assert!(info.types.refused().iter().any(|refused| refused.reason == variants));
}
