//! What kind of file some bytes are.

use cwire_layout::abi::Abi;
use object::FileKind;
use object::read::macho::{FatArch, MachOFatFile32, MachOFatFile64};

use crate::error::DebugInfoErrorKind;

/// How every PDB since Visual Studio 2002 begins.
const PDB_MAGIC: &[u8] = b"Microsoft C/C++ MSF 7.00\r\n\x1aDS\0\0\0";
/// How PDBs of before that begin.
const OLD_PDB_MAGIC: &[u8] = b"Microsoft C/C++ program database 2.00\r\n\x1aJG\0\0";

/// A kind of file that may have debug information.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    /// ELF, Mach-O for one architecture, PE, COFF.
    Object,
    /// Mach-O for several architectures, with offsets of 32 or 64 bits.
    Fat32,
    Fat64,
    /// A static library.
    Archive,
    Pdb,
}

/// Whether the bytes that a file begins with are those of a compiled one: ELF, Mach-O (also for
/// several architectures), PE, COFF, an archive of objects, or a PDB.
///
/// 64 bytes are enough, but for a PE file, which may need more: give all there are.
#[must_use]
pub fn is_binary(bytes: &[u8]) -> bool {
    Container::of(bytes).is_some()
}

impl Container {
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(PDB_MAGIC) || bytes.starts_with(OLD_PDB_MAGIC) {
            return Some(Self::Pdb);
        }
        match FileKind::parse(bytes).ok()? {
            FileKind::Elf32
            | FileKind::Elf64
            | FileKind::MachO32
            | FileKind::MachO64
            | FileKind::Pe32
            | FileKind::Pe64
            | FileKind::Coff
            | FileKind::CoffBig => Some(Self::Object),
            FileKind::Archive => Some(Self::Archive),
            FileKind::MachOFat32 if !is_java_class(bytes) => Some(Self::Fat32),
            FileKind::MachOFat64 => Some(Self::Fat64),
            _ => None,
        }
    }
}

/// Java's classes begin as Mach-O files for several architectures do; where those have a count, they
/// have their version, which is 45 or more.
fn is_java_class(bytes: &[u8]) -> bool {
    bytes.get(4..8).and_then(|count| count.try_into().ok()).map(u32::from_be_bytes) >= Some(45)
}

/// The part of a Mach-O file for several architectures that is for `abi`, or else the first that some
/// ABI is known for.
pub(crate) fn fat_part(
    bytes: &[u8],
    container: Container,
    abi: Option<Abi>,
) -> Result<&[u8], DebugInfoErrorKind> {
    let parts = match container {
        Container::Fat32 => {
            let file = MachOFatFile32::parse(bytes).map_err(malformed)?;
            parts(bytes, file.arches())
        }
        _ => {
            let file = MachOFatFile64::parse(bytes).map_err(malformed)?;
            parts(bytes, file.arches())
        }
    };
    let mut found = Vec::new();
    for (architecture, part) in parts {
        let known = match architecture {
            object::Architecture::X86_64 => Some(Abi::X86_64_APPLE),
            object::Architecture::Aarch64 => Some(Abi::AARCH64_APPLE),
            _ => None,
        };
        found.push(format!("{architecture:?}"));
        let fits = match (abi, known) {
            (Some(wanted), Some(known)) => wanted.triple() == known.triple(),
            (None, Some(_)) => true,
            (_, None) => false,
        };
        if fits {
            return part.map_err(malformed);
        }
    }
    let needed = abi.map_or("x86-64 or arm64", |abi| abi.triple());
    Err(DebugInfoErrorKind::Machine {
        found: format!("any part of this Mach-O file: {needed} needed, {} found", found.join(", ")),
    })
}

type Part<'d> = (object::Architecture, object::Result<&'d [u8]>);

fn parts<'d, A: FatArch>(bytes: &'d [u8], arches: &[A]) -> Vec<Part<'d>> {
    arches.iter().map(|arch| (arch.architecture(), arch.data(bytes))).collect()
}

fn malformed(error: object::Error) -> DebugInfoErrorKind {
    DebugInfoErrorKind::malformed("Mach-O header", Some(0), error)
}
