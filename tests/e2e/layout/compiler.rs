//! C compilers, and the object files that they make.

use std::path::Path;
use std::process::Command;

use cwire_codec::abi::{Abi, Endian};
use object::{Endian as _, Object as _, ObjectSection as _, ObjectSymbol as _};

use super::set_bits;

/// What the C and C++ sources of these tests begin with. No header of a C library is needed.
pub(crate) const PRELUDE: &str = "\
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
#define ALIGN(T) alignof(T)
#else
#define ALIGN(T) _Alignof(T)
#endif
#define SIZE_ALIGN(T) sizeof(T), ALIGN(T)
#define PLACE(T, m) offsetof(T, m), sizeof(((T *)0)->m)
#if defined(BIG_ENDIAN_RECORDS)
#pragma scalar_storage_order big-endian
#endif
#if defined(BIG_ENDIAN_RECORDS) || __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define NET16(n) (n)
#define NET32(n) (n)
#else
#define NET16(n) __builtin_bswap16(n)
#define NET32(n) __builtin_bswap32(n)
#endif
";

/// A compiler and the flags that make it compile for an ABI.
pub(crate) struct Compiler {
    abi: Abi,
    program: &'static str,
    flags: Vec<String>,
}

impl Compiler {
    /// The compiler whose layout counts for an ABI: MinGW's gcc for `*-windows-gnu`, since clang's
    /// differs there on packed records, gcc for x86 Linux, clang for all others.
    pub(crate) fn authority(abi: &Abi) -> Self {
        match abi.triple() {
            "x86_64-unknown-linux-gnu" => Self::gcc(*abi, "-m64"),
            "i686-unknown-linux-gnu" => Self::gcc(*abi, "-m32"),
            "x86_64-pc-windows-gnu" => Self::new(*abi, "x86_64-w64-mingw32-gcc", &[]),
            "i686-pc-windows-gnu" => Self::new(*abi, "i686-w64-mingw32-gcc", &[]),
            // gcc for bare-metal ARM packs enums by itself, clang when told to.
            "arm-none-eabi" => {
                Self::new(*abi, "clang-19", &["--target=arm-none-eabi", "-fshort-enums"])
            }
            // clang says `riscv64` for what rustc calls `riscv64gc`.
            "riscv64gc-unknown-linux-gnu" => {
                Self::new(*abi, "clang-19", &["--target=riscv64-unknown-linux-gnu"])
            }
            triple => Self::new(*abi, "clang-19", &[&format!("--target={triple}")]),
        }
    }

    /// The gcc of this machine with `-m64` or `-m32`.
    fn gcc(abi: Abi, flag: &str) -> Self {
        Self::new(abi, "gcc", &[flag])
    }

    /// The same, with the members of all records stored in big-endian order.
    pub(crate) fn gcc_big_endian(abi: Abi, flag: &str) -> Self {
        Self::new(abi, "gcc", &[flag, "-DBIG_ENDIAN_RECORDS"])
    }

    /// The g++ of this machine with `-m64` or `-m32`.
    pub(crate) fn gxx(abi: Abi, flag: &str) -> Self {
        // -1 sets all bits of enums and unsigned bit-fields too, if C++ is told to allow it.
        Self::new(abi, "g++", &[flag, "-xc++", "-std=gnu++20", "-fpermissive", "-Wno-narrowing"])
    }

    fn new(abi: Abi, program: &'static str, flags: &[&str]) -> Self {
        let common = ["-ffreestanding", "-fno-common", "-w", "-c"];
        let flags = flags.iter().chain(&common).map(ToString::to_string).collect();
        Self { abi, program, flags }
    }

    /// The compiler's version and flags.
    pub(crate) fn version(&self) -> String {
        let output = cwire_tests::run(Command::new(self.program).arg("--version"));
        let version = String::from_utf8_lossy(&output.stdout);
        format!("{} ({})", version.lines().next().unwrap_or("?"), self.flags.join(" "))
    }

    /// Compiles C source. `None` if the compiler is not installed.
    pub(crate) fn compile(&self, name: &str, source: &str) -> Option<Object> {
        let mut command = cwire_tests::tool(self.program)?;
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let stem = format!("{name}-{}-{}", self.abi.triple(), std::process::id());
        let (c, o) = (dir.join(&stem).with_extension("c"), dir.join(stem).with_extension("o"));
        std::fs::write(&c, source).unwrap();
        cwire_tests::run(command.args(&self.flags).arg(&c).arg("-o").arg(&o));
        let data = std::fs::read(&o).unwrap();
        std::fs::remove_file(o).unwrap();
        std::fs::remove_file(c).unwrap();
        Some(Object { data, endian: self.abi.endian() })
    }
}

/// An object file.
pub(crate) struct Object {
    data: Vec<u8>,
    /// Byte order of the records in it.
    endian: Endian,
}

impl Object {
    pub(crate) fn new(data: Vec<u8>, endian: Endian) -> Self {
        Self { data, endian }
    }

    /// The first `size` bytes of a constant.
    pub(crate) fn bytes(&self, name: &str, size: u64) -> &[u8] {
        let file = object::File::parse(&self.data[..]).unwrap();
        let symbol = file
            .symbols()
            // Mach-O and 32-bit COFF put an underscore before C names.
            .find(|symbol| symbol.name().is_ok_and(|n| n.strip_prefix('_').unwrap_or(n) == name))
            .unwrap_or_else(|| panic!("no symbol `{name}`"));
        let section = file.section_by_index(symbol.section_index().unwrap()).unwrap();
        let start = usize::try_from(symbol.address() - section.address()).unwrap();
        &section.data().unwrap()[start..][..usize::try_from(size).unwrap()]
    }

    /// A constant array of `uint64_t`.
    pub(crate) fn numbers(&self, name: &str, count: usize) -> Vec<u64> {
        let bytes = self.bytes(name, count as u64 * 8).chunks_exact(8);
        let machine = object::File::parse(&self.data[..]).unwrap().endianness();
        let number = |bytes: &[u8]| machine.read_u64_bytes(bytes.try_into().unwrap());
        bytes.map(number).collect()
    }

    /// Offset and width of a bit-field, from a constant record in which all its bits are set.
    pub(crate) fn bit_field(&self, name: &str, size: u64) -> (u64, u64) {
        set_bits(self.bytes(name, size), self.endian)
    }
}
