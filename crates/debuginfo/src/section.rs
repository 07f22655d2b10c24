//! The bytes of debug sections: decompressed, with relocations applied.

use std::borrow::Cow;
use std::io::Read;

use object::{
    Architecture, BinaryFormat, CompressionFormat, Object, ObjectSection, ObjectSymbol, Relocation,
    RelocationFlags, RelocationKind, RelocationTarget, SectionKind,
};

use crate::Limits;
use crate::error::DebugInfoErrorKind;

/// Largest ratio to which zlib compresses (zlib technical details: 1032 to 1). Debug information is
/// compressed 3 to 10 times.
const MAX_RATIO: u64 = 1032;

/// The bytes of all sections of a name, one after the other. Type units of an unlinked object are each
/// in a section of their own.
pub(crate) fn load<'d>(
    file: &object::File<'d>,
    name: &str,
    limits: &Limits,
) -> Result<Cow<'d, [u8]>, DebugInfoErrorKind> {
    let mut found = Cow::Borrowed(&[][..]);
    let first = file.section_by_name(name);
    if let Some(section) = first.as_ref() {
        found = section_bytes(file, section, name, limits)?;
    }
    // Only these come in several copies.
    let several = name.starts_with(".debug_info") || name.starts_with(".debug_types");
    if !several || file.kind() != object::ObjectKind::Relocatable {
        return Ok(found);
    }
    let first = first.map(|section| section.index());
    for section in file.sections() {
        if Some(section.index()) != first && section.name().is_ok_and(|found| found == name) {
            let more = section_bytes(file, &section, name, limits)?;
            found.to_mut().extend_from_slice(&more);
        }
    }
    Ok(found)
}

fn section_bytes<'d>(
    file: &object::File<'d>,
    section: &object::Section<'d, '_>,
    name: &str,
    limits: &Limits,
) -> Result<Cow<'d, [u8]>, DebugInfoErrorKind> {
    let malformed = |what: &dyn std::fmt::Display| DebugInfoErrorKind::malformed(name, None, what);
    let compressed = section.compressed_data().map_err(|error| malformed(&error))?;
    let data = compressed.data;
    let mut bytes = match compressed.format {
        CompressionFormat::None => Cow::Borrowed(data),
        format => {
            let size = compressed.uncompressed_size;
            let most = (data.len() as u64).saturating_mul(MAX_RATIO).min(limits.section_bytes);
            if size > most {
                return Err(DebugInfoErrorKind::Limit {
                    what: format!("{name}: at most {most} bytes may be decompressed, not {size}"),
                });
            }
            Cow::Owned(decompress(format, data, size).map_err(|error| malformed(&error))?)
        }
    };
    if file.kind() == object::ObjectKind::Relocatable {
        relocate(file, section, &mut bytes);
    }
    Ok(bytes)
}

/// Decompresses `size` bytes.
fn decompress(format: CompressionFormat, data: &[u8], size: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match format {
        CompressionFormat::Zlib => {
            flate2::read::ZlibDecoder::new(data).take(size).read_to_end(&mut bytes)?;
        }
        CompressionFormat::Zstandard => {
            let decoder = ruzstd::decoding::StreamingDecoder::new(data);
            let decoder = decoder.map_err(std::io::Error::other)?;
            decoder.take(size).read_to_end(&mut bytes)?;
        }
        _ => return Err(std::io::Error::other("compressed with an unknown method")),
    }
    if bytes.len() as u64 != size {
        let found = bytes.len();
        return Err(std::io::Error::other(format!(
            "{size} decompressed bytes needed, {found} found"
        )));
    }
    Ok(bytes)
}

/// Applies the relocations that decide where one section refers to another. Those of code addresses,
/// which types do not have, are left where they are not of the usual kinds.
fn relocate(file: &object::File<'_>, section: &object::Section<'_, '_>, bytes: &mut Cow<'_, [u8]>) {
    for (offset, relocation) in section.relocations() {
        let Some(change) = change(file, &relocation) else { continue };
        let Ok(offset) = usize::try_from(offset) else { continue };
        let Some(end) = offset.checked_add(change.len) else { continue };
        if end > bytes.len() {
            continue;
        }
        if let Some(place) = bytes.to_mut().get_mut(offset..end) {
            apply(place, &change, file.is_little_endian());
        }
    }
}

/// What a relocation does to a number.
struct Change {
    /// Bytes of the number.
    len: usize,
    value: u64,
    how: How,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Set,
    Add,
    Subtract,
}

fn change(file: &object::File<'_>, relocation: &Relocation) -> Option<Change> {
    let target = target(file, relocation)?;
    let value = target.wrapping_add_signed(relocation.addend());
    if let (Architecture::Riscv64 | Architecture::Riscv32, RelocationFlags::Elf { r_type }) =
        (file.architecture(), relocation.flags())
        && let Some((how, len)) = riscv(r_type)
    {
        return Some(Change { len, value, how });
    }
    if !matches!(relocation.kind(), RelocationKind::Absolute | RelocationKind::SectionOffset) {
        return None;
    }
    let len = usize::from(relocation.size()) / 8;
    if !matches!(len, 4 | 8) {
        return None;
    }
    let how = if relocation.has_implicit_addend() { How::Add } else { How::Set };
    Some(Change { len, value, how })
}

/// Differences of labels, which RISC-V leaves to the linker (RISC-V ELF psABI, "Relocations").
fn riscv(r_type: u32) -> Option<(How, usize)> {
    Some(match r_type {
        object::elf::R_RISCV_ADD8 => (How::Add, 1),
        object::elf::R_RISCV_ADD16 => (How::Add, 2),
        object::elf::R_RISCV_ADD32 => (How::Add, 4),
        object::elf::R_RISCV_ADD64 => (How::Add, 8),
        object::elf::R_RISCV_SUB8 => (How::Subtract, 1),
        object::elf::R_RISCV_SUB16 => (How::Subtract, 2),
        object::elf::R_RISCV_SUB32 => (How::Subtract, 4),
        object::elf::R_RISCV_SUB64 => (How::Subtract, 8),
        object::elf::R_RISCV_SET8 => (How::Set, 1),
        object::elf::R_RISCV_SET16 => (How::Set, 2),
        object::elf::R_RISCV_SET32 => (How::Set, 4),
        _ => return None,
    })
}

/// What a relocation refers to: an offset in its section where that is a debug section, else an
/// address.
fn target(file: &object::File<'_>, relocation: &Relocation) -> Option<u64> {
    match relocation.target() {
        RelocationTarget::Symbol(index) => {
            let symbol = file.symbol_by_index(index).ok()?;
            let address = symbol.address();
            let section = symbol.section_index().and_then(|i| file.section_by_index(i).ok());
            let offset_only = relocation.kind() == RelocationKind::SectionOffset;
            match section {
                Some(section) if offset_only => Some(address.wrapping_sub(section.address())),
                _ => Some(address),
            }
        }
        RelocationTarget::Section(index) => {
            let section = file.section_by_index(index).ok()?;
            let debug = section.kind() == SectionKind::Debug;
            // An implicit addend of Mach-O is an address already.
            let absolute = file.format() == BinaryFormat::MachO && !debug;
            Some(if absolute { section.address() } else { 0 })
        }
        RelocationTarget::Absolute => Some(0),
        _ => None,
    }
}

fn apply(place: &mut [u8], change: &Change, little: bool) {
    let mut wide = [0_u8; 8];
    let Some(low) = wide.get_mut(..place.len()) else { return };
    low.copy_from_slice(place);
    if !little {
        low.reverse();
    }
    let before = u64::from_le_bytes(wide);
    let after = match change.how {
        How::Set => change.value,
        How::Add => before.wrapping_add(change.value),
        How::Subtract => before.wrapping_sub(change.value),
    };
    let wide = after.to_le_bytes();
    let Some(low) = wide.get(..place.len()) else { return };
    place.copy_from_slice(low);
    if !little {
        place.reverse();
    }
}
