//! The ABI that a file was compiled for.

use cwire_layout::abi::Abi;
use object::{Architecture, BinaryFormat, Object, ObjectSection};

use crate::error::DebugInfoErrorKind;

/// The ABI of an object, executable or library.
///
/// Layouts do not depend on most of what a triple says: of ELF files the operating system is taken to
/// be Linux, but for ARM's with small enums, which are bare metal's.
pub(crate) fn of_object(file: &object::File<'_>) -> Result<Abi, DebugInfoErrorKind> {
    let little = file.is_little_endian();
    let abi = match (file.format(), file.architecture(), little) {
        (BinaryFormat::Elf, architecture, little) => elf(file, architecture, little),
        (BinaryFormat::MachO, Architecture::X86_64, true) => Some(Abi::X86_64_APPLE),
        (BinaryFormat::MachO, Architecture::Aarch64, true) => Some(Abi::AARCH64_APPLE),
        (BinaryFormat::Pe | BinaryFormat::Coff, architecture, true) => {
            let dwarf = file.section_by_name(".debug_info").is_some();
            windows(architecture, dwarf)
        }
        _ => None,
    };
    abi.ok_or_else(|| DebugInfoErrorKind::Machine { found: describe(file) })
}

/// The ABI of Windows on a machine: MinGW's where the debug information is DWARF.
pub(crate) fn windows(architecture: Architecture, dwarf: bool) -> Option<Abi> {
    match (architecture, dwarf) {
        (Architecture::X86_64, true) => Some(Abi::X86_64_WINDOWS_GNU),
        (Architecture::I386, true) => Some(Abi::I686_WINDOWS_GNU),
        (Architecture::X86_64, false) => Some(Abi::X86_64_WINDOWS),
        (Architecture::I386, false) => Some(Abi::I686_WINDOWS),
        // MinGW for ARM is clang's, which lays out as for MSVC but for long double.
        (Architecture::Aarch64, _) => Some(Abi::AARCH64_WINDOWS),
        _ => None,
    }
}

fn elf(file: &object::File<'_>, architecture: Architecture, little: bool) -> Option<Abi> {
    match (architecture, little) {
        (Architecture::X86_64, true) => Some(Abi::X86_64_LINUX),
        (Architecture::I386, true) => Some(Abi::I686_LINUX),
        (Architecture::Aarch64, true) => Some(Abi::AARCH64_LINUX),
        (Architecture::Arm, true) => Some(arm(file)),
        (Architecture::Riscv64, true) => Some(Abi::RISCV64_LINUX),
        (Architecture::PowerPc, false) => Some(Abi::POWERPC_LINUX),
        (Architecture::PowerPc64, false) => Some(Abi::POWERPC64_LINUX),
        (Architecture::PowerPc64, true) => Some(Abi::POWERPC64LE_LINUX),
        (Architecture::Mips, false) => Some(Abi::MIPS_LINUX),
        (Architecture::S390x, false) => Some(Abi::S390X_LINUX),
        _ => None,
    }
}

/// Linux or bare metal: objects and executables say how their enums are (`Tag_ABI_enum_size` of
/// `.ARM.attributes`: 1 is small, 2 is `int`), which is what the two ABIs differ in.
fn arm(file: &object::File<'_>) -> Abi {
    let attributes =
        file.section_by_name(".ARM.attributes").and_then(|section| section.data().ok());
    match attributes.and_then(enum_size) {
        Some(1) => Abi::ARM_NONE_EABI,
        _ => Abi::ARM_LINUX,
    }
}

/// The value of `Tag_ABI_enum_size` (Addenda to the ABI for the Arm architecture, 3.3 and 3.4).
fn enum_size(section: &[u8]) -> Option<u64> {
    const TAG_FILE: u8 = 1;
    const TAG_CPU_RAW_NAME: u64 = 4;
    const TAG_CPU_NAME: u64 = 5;
    const TAG_ABI_ENUM_SIZE: u64 = 26;
    const TAG_COMPATIBILITY: u64 = 32;
    let rest = section.strip_prefix(b"A")?.get(4..)?.strip_prefix(b"aeabi\0")?;
    let mut tags = rest.strip_prefix(&[TAG_FILE])?.get(4..)?;
    while !tags.is_empty() {
        let tag = uleb(&mut tags)?;
        if tag == TAG_COMPATIBILITY {
            uleb(&mut tags)?;
        }
        let is_text = matches!(tag, TAG_CPU_RAW_NAME | TAG_CPU_NAME)
            || (tag >= TAG_COMPATIBILITY && tag % 2 == 1)
            || tag == TAG_COMPATIBILITY;
        if is_text {
            let end = tags.iter().position(|&byte| byte == 0)?;
            tags = tags.get(end + 1..)?;
            continue;
        }
        let value = uleb(&mut tags)?;
        if tag == TAG_ABI_ENUM_SIZE {
            return Some(value);
        }
    }
    None
}

fn uleb(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    let mut shift = 0;
    loop {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte & 0x80 == 0 {
            return Some(value);
        }
        shift += 7;
    }
}

fn describe(file: &object::File<'_>) -> String {
    let order = if file.is_little_endian() { "little" } else { "big" };
    let bits = if file.is_64() { 64 } else { 32 };
    format!("{:?}, {:?}, {bits}-bit, {order}-endian", file.format(), file.architecture())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `readelf -A` shows them of an object of arm-none-eabi-gcc: a CPU name, then numbers.
    #[test]
    fn the_size_of_enums_is_behind_texts_and_numbers() {
        let section = |size: u8| {
            let tags = [b"\x05ARM7TDMI\0\x06\x02\x08\x01\x1a".as_slice(), &[size]].concat();
            [b"A\x26\0\0\0aeabi\0\x01\x1c\0\0\0".as_slice(), &tags].concat()
        };
        assert_eq!(enum_size(&section(1)), Some(1));
        assert_eq!(enum_size(&section(2)), Some(2));
        assert_eq!(enum_size(b"A\x26\0\0\0aeabi\0\x01\x1c\0\0\0\x05ARM"), None);
        assert_eq!(enum_size(b""), None);
    }
}
