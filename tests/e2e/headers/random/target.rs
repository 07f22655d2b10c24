//! The compiler whose word counts for each ABI, and what it takes.

use cwire_header::Lang;
use cwire_layout::abi::{Abi, BitFieldRule};

/// An ABI with its compiler.
pub(crate) struct Target {
    pub(crate) abi: Abi,
    c: &'static str,
    cxx: &'static str,
    flags: &'static [&'static str],
    /// gcc, not clang.
    pub(crate) gcc: bool,
    /// `cl.exe`'s rules, for which clang stands in.
    pub(crate) msvc: bool,
    pub(crate) int128: bool,
    /// `_Float16` of C; g++ 12 has none.
    pub(crate) float16: bool,
    /// `__float128`.
    pub(crate) float128: bool,
    /// Whether there is a C++ library, for `<array>`.
    pub(crate) cxx_library: bool,
    /// Whether `ms_struct` and `gcc_struct` count.
    pub(crate) ms_struct: bool,
}

impl Target {
    pub(crate) fn all() -> Vec<Self> {
        Abi::ALL.into_iter().map(Self::new).collect()
    }

    fn new(abi: Abi) -> Self {
        let triple = abi.triple();
        let (c, cxx, flags): (_, _, &[&str]) = match triple {
            "x86_64-unknown-linux-gnu" => ("gcc", "g++", &["-m64"]),
            "i686-unknown-linux-gnu" => ("gcc", "g++", &["-m32"]),
            "aarch64-unknown-linux-gnu" => ("aarch64-linux-gnu-gcc", "aarch64-linux-gnu-g++", &[]),
            "arm-unknown-linux-gnueabihf" => {
                ("arm-linux-gnueabihf-gcc", "arm-linux-gnueabihf-g++", &[])
            }
            "arm-none-eabi" => ("arm-none-eabi-gcc", "arm-none-eabi-g++", &["-ffreestanding"]),
            "riscv64gc-unknown-linux-gnu" => {
                ("riscv64-linux-gnu-gcc", "riscv64-linux-gnu-g++", &[])
            }
            "powerpc-unknown-linux-gnu" => ("powerpc-linux-gnu-gcc", "powerpc-linux-gnu-g++", &[]),
            "powerpc64-unknown-linux-gnu" => {
                ("powerpc64-linux-gnu-gcc", "powerpc64-linux-gnu-g++", &[])
            }
            "powerpc64le-unknown-linux-gnu" => {
                ("powerpc64le-linux-gnu-gcc", "powerpc64le-linux-gnu-g++", &[])
            }
            "mips-unknown-linux-gnu" => ("mips-linux-gnu-gcc", "mips-linux-gnu-g++", &[]),
            "s390x-unknown-linux-gnu" => ("s390x-linux-gnu-gcc", "s390x-linux-gnu-g++", &[]),
            "x86_64-pc-windows-gnu" => ("x86_64-w64-mingw32-gcc", "x86_64-w64-mingw32-g++", &[]),
            "i686-pc-windows-gnu" => ("i686-w64-mingw32-gcc", "i686-w64-mingw32-g++", &[]),
            "x86_64-pc-windows-msvc" => {
                ("clang-19", "clang-19", &["--target=x86_64-pc-windows-msvc", "-ffreestanding"])
            }
            "i686-pc-windows-msvc" => {
                ("clang-19", "clang-19", &["--target=i686-pc-windows-msvc", "-ffreestanding"])
            }
            "aarch64-pc-windows-msvc" => {
                ("clang-19", "clang-19", &["--target=aarch64-pc-windows-msvc", "-ffreestanding"])
            }
            "aarch64-apple-darwin" => {
                ("clang-19", "clang-19", &["--target=aarch64-apple-darwin", "-ffreestanding"])
            }
            "x86_64-apple-darwin" => {
                ("clang-19", "clang-19", &["--target=x86_64-apple-darwin", "-ffreestanding"])
            }
            other => panic!("no compiler is known for {other}"),
        };
        let msvc = abi.bit_field_rule() == BitFieldRule::Msvc;
        let gcc = c != "clang-19";
        let x86 = triple.starts_with("x86_64") || triple.starts_with("i686");
        Self {
            abi,
            c,
            cxx,
            flags,
            gcc,
            msvc,
            int128: abi.pointer_size() == 8 && !msvc,
            float16: !msvc && (triple.starts_with("aarch64") || triple.starts_with("x86_64")),
            float128: gcc && x86,
            cxx_library: gcc && triple != "arm-none-eabi",
            // On i386 Linux a record that `ms_struct` aligns to 8 bytes is aligned to 4 as a member if
            // gcc keeps it in a register.
            ms_struct: gcc && x86 && triple != "i686-unknown-linux-gnu",
        }
    }

    /// The compiler and the flags that choose the ABI and the language.
    pub(crate) fn program(&self, lang: Lang) -> (&'static str, Vec<&'static str>) {
        let mut flags = self.flags.to_vec();
        match lang {
            Lang::C => flags.extend(["-xc", "-std=gnu11"]),
            Lang::Cxx => flags.extend(["-xc++", "-std=gnu++20"]),
        }
        (if lang == Lang::C { self.c } else { self.cxx }, flags)
    }

    /// The program, and its flags but for the files.
    pub(crate) fn compiler(&self, lang: Lang) -> (&'static str, Vec<&'static str>) {
        let mut flags = self.flags.to_vec();
        let program = match lang {
            Lang::C => {
                flags.extend(["-xc", "-std=gnu11"]);
                self.c
            }
            Lang::Cxx => {
                flags.extend([
                    "-xc++",
                    "-std=gnu++20",
                    "-fno-access-control",
                    "-Wno-invalid-offsetof",
                ]);
                self.cxx
            }
        };
        if lang == Lang::Cxx {
            // Bit-fields of classes are in the debug information alone.
            flags.extend(["-fno-eliminate-unused-debug-types", "-fno-debug-types-section"]);
            flags.push(if self.abi.triple().contains("apple") { "-gdwarf-4" } else { "-gdwarf-5" });
            if !self.gcc {
                flags.push("-fstandalone-debug");
            }
        }
        flags.extend(["-w", "-c", "-fno-common"]);
        if self.gcc {
            flags.push("-fmax-errors=0");
        } else {
            flags.push("-ferror-limit=0");
        }
        (program, flags)
    }
}
