//! Where the rules are written down.

use cwire_layout::abi::{Abi, BitFieldRule, ClassRule};

pub(super) const UNION: &str = "C11 6.7.2.1p16";
pub(super) const FLEXIBLE: &str = "C11 6.7.2.1p18";
pub(super) const ARRAY: &str = "C11 6.2.5p20";
pub(super) const ITANIUM: &str = "Itanium C++ ABI 2.4";
pub(super) const MS_CLASSES: &str = "clang's observed behaviour for MSVC's targets";
pub(super) const MS_BITS: &str = "Microsoft C reference, C Bit Fields";
pub(super) const MS_ALIGN: &str = "Microsoft C++ reference, align";
pub(super) const GCC_ALIGNED: &str = "gcc manual, Common Variable Attributes: aligned; C11 6.7.5";
pub(super) const MS_STRUCT: &str = "gcc manual, x86 Variable Attributes: ms_struct";
pub(super) const GCC_BITS: &str = "gcc's observed behaviour";
pub(super) const CLANG_BITS: &str = "clang's observed behaviour";
pub(super) const GCC_PACKED: &str = "gcc manual, Common Type Attributes: packed";
const GCC_PACK: &str = "gcc manual, Structure-Layout Pragmas";
pub(super) const MS_PACK: &str = "Microsoft C/C++ reference, pack pragma";

/// `#pragma pack`.
pub(super) fn pack(abi: &Abi) -> &'static str {
    match abi.class_rule() {
        ClassRule::Msvc => MS_PACK,
        _ => GCC_PACK,
    }
}

/// Sizes and alignments of scalars.
pub(super) fn scalars(abi: &Abi) -> &'static str {
    match abi.triple() {
        "x86_64-unknown-linux-gnu" | "x86_64-apple-darwin" => "System V AMD64 psABI, figure 3.1",
        "i686-unknown-linux-gnu" => "System V i386 psABI, table 2.1",
        "aarch64-unknown-linux-gnu" | "aarch64-apple-darwin" => "AAPCS64, Fundamental Data Types",
        "arm-unknown-linux-gnueabihf" | "arm-none-eabi" => "AAPCS32, Fundamental Data Types",
        "riscv64gc-unknown-linux-gnu" => "RISC-V ELF psABI, C/C++ type representations",
        "powerpc-unknown-linux-gnu" => "Power Architecture 32-bit ABI, Fundamental Types",
        "powerpc64-unknown-linux-gnu" => "64-bit PowerPC ELF ABI, Fundamental Types",
        "powerpc64le-unknown-linux-gnu" => "OpenPOWER ELF V2 ABI, Fundamental Types",
        "mips-unknown-linux-gnu" => "System V MIPS psABI, Fundamental Types",
        "s390x-unknown-linux-gnu" => "s390x ELF ABI, Scalar Types",
        triple if triple.contains("windows") => "Microsoft C++ reference, Alignment",
        _ => "psABI",
    }
}

/// Alignments of structs and unions.
pub(super) fn aggregates(abi: &Abi) -> &'static str {
    match abi.triple() {
        "x86_64-unknown-linux-gnu" | "x86_64-apple-darwin" => {
            "System V AMD64 psABI, Aggregates and Unions"
        }
        "i686-unknown-linux-gnu" => "System V i386 psABI, Aggregates and Unions",
        "aarch64-unknown-linux-gnu" | "aarch64-apple-darwin" => "AAPCS64, Composite Types",
        "arm-unknown-linux-gnueabihf" | "arm-none-eabi" => "AAPCS32, Composite Types",
        "riscv64gc-unknown-linux-gnu" => "RISC-V ELF psABI, C/C++ type representations",
        "powerpc-unknown-linux-gnu" => "Power Architecture 32-bit ABI, Aggregates and Unions",
        "powerpc64-unknown-linux-gnu" => "64-bit PowerPC ELF ABI, Aggregates and Unions",
        "powerpc64le-unknown-linux-gnu" => "OpenPOWER ELF V2 ABI, Aggregates and Unions",
        "mips-unknown-linux-gnu" => "System V MIPS psABI, Aggregates and Unions",
        "s390x-unknown-linux-gnu" => "s390x ELF ABI, Aggregates and Unions",
        triple if triple.contains("windows") => "Microsoft C++ reference, Alignment",
        _ => "psABI",
    }
}

/// Places of bit-fields, by the rule that holds for them.
pub(super) fn bits(abi: &Abi, rule: BitFieldRule) -> &'static str {
    match (rule, abi.triple()) {
        (BitFieldRule::Msvc, _) => MS_BITS,
        (BitFieldRule::MinGw, _) => MS_STRUCT,
        (_, "x86_64-unknown-linux-gnu" | "x86_64-apple-darwin") => {
            "System V AMD64 psABI 3.1.2, Bit-Fields"
        }
        (_, "i686-unknown-linux-gnu") => "System V i386 psABI, Bit-Fields",
        (_, "aarch64-unknown-linux-gnu") => "AAPCS64, Bit-fields subdivision",
        (_, "arm-unknown-linux-gnueabihf" | "arm-none-eabi") => "AAPCS32, Bit-fields",
        _ => "System V psABI, Bit-Fields",
    }
}
