//! The streams of a PDB that types are in, and their like in an object.

use std::collections::HashMap;

use cwire_layout::abi::Abi;
use ms_codeview::types::{TypeData, TypesIter};

use super::msf::{Msf, u16_at, u32_at};
use super::{FIRST, read};
use crate::error::DebugInfoErrorKind;
use crate::graph::{Graph, Name, Place, TooManyNames};

/// Streams with fixed numbers ("The PDB File Format" in LLVM's documentation).
const INFO: usize = 1;
const TYPES: usize = 2;
const DEBUG: usize = 3;
const IDS: usize = 4;

/// A PDB.
#[derive(Debug)]
pub(crate) struct Pdb<'d> {
    msf: Msf<'d>,
    info: Vec<u8>,
    debug: Vec<u8>,
}

impl<'d> Pdb<'d> {
    pub(crate) fn parse(bytes: &'d [u8]) -> Result<Self, DebugInfoErrorKind> {
        if bytes.starts_with(b"Microsoft C/C++ program database 2.00") {
            return Err(DebugInfoErrorKind::Format {
                found: "a PDB of before Visual Studio 2002".to_owned(),
            });
        }
        let msf = Msf::parse(bytes)?;
        let (info, debug) = (msf.stream(INFO)?, msf.stream(DEBUG)?);
        Ok(Self { msf, info, debug })
    }

    /// What tells builds apart: the same is in the file that names this PDB.
    pub(crate) fn guid(&self) -> Option<[u8; 16]> {
        self.info.get(12..28)?.try_into().ok()
    }

    /// The ABI of the machine that the debug stream names.
    pub(crate) fn abi(&self) -> Result<Abi, DebugInfoErrorKind> {
        let machine = u16_at(&self.debug, 58);
        let architecture = match machine {
            Some(object::pe::IMAGE_FILE_MACHINE_AMD64) => object::Architecture::X86_64,
            Some(object::pe::IMAGE_FILE_MACHINE_I386) => object::Architecture::I386,
            Some(object::pe::IMAGE_FILE_MACHINE_ARM64) => object::Architecture::Aarch64,
            _ => object::Architecture::Unknown,
        };
        crate::abi::windows(architecture, false).ok_or_else(|| DebugInfoErrorKind::Machine {
            found: match machine {
                Some(machine) => format!("a PDB for machine {machine:#06x}"),
                None => "a PDB that names no machine".to_owned(),
            },
        })
    }

    /// Reads its types into a graph.
    pub(crate) fn read(&self, graph: &mut Graph) -> Result<(), DebugInfoErrorKind> {
        let types = self.msf.stream(TYPES)?;
        let ids = self.msf.stream(IDS)?;
        let symbols = match u16_at(&self.debug, 20) {
            Some(u16::MAX) | None => Vec::new(),
            Some(stream) => self.msf.stream(stream.into())?,
        };
        let first = first_record("PDB stream 2 (types)", &types)?;
        let Some(bytes) = first else {
            return Err(DebugInfoErrorKind::Missing {
                needed: "types are needed, none are in this PDB (link with /DEBUG)".to_owned(),
            });
        };
        let id_bytes = first_record("PDB stream 4 (ids)", &ids)?.unwrap_or_default();
        graph.names.allow(ids.len());
        let strings = self.strings()?;
        let origins = origins(graph, id_bytes, &strings)
            .map_err(|_| super::limit("PDB stream 4 (ids)", "more bytes of file names than fit"))?;
        read(graph, "PDB stream 2 (types)", bytes, origins, &symbols)
    }

    /// The table of strings that `/names` is.
    fn strings(&self) -> Result<Vec<u8>, DebugInfoErrorKind> {
        let Some(stream) = named_stream(&self.info, "/names") else { return Ok(Vec::new()) };
        let bytes = self.msf.stream(stream)?;
        // Signature, version, bytes of the strings.
        let len = u32_at(&bytes, 8).unwrap_or(0) as usize;
        Ok(bytes.get(12..).and_then(|rest| rest.get(..len)).unwrap_or_default().to_vec())
    }
}

/// The number of a stream that has a name: a hash table at the end of the info stream.
fn named_stream(info: &[u8], name: &str) -> Option<usize> {
    let len = u32_at(info, 28)? as usize;
    let strings = info.get(32..)?.get(..len)?;
    let table = info.get(32..)?.get(len..)?;
    let count = u32_at(table, 0)? as usize;
    let present = u32_at(table, 8)? as usize;
    let deleted_at = present.checked_mul(4)?.checked_add(12)?;
    let deleted = u32_at(table, deleted_at)? as usize;
    let entries = deleted.checked_mul(4)?.checked_add(deleted_at)?.checked_add(4)?;
    let entries = table.get(entries..)?;
    for entry in entries.chunks_exact(8).take(count) {
        let text = strings.get(u32_at(entry, 0)? as usize..)?;
        if text.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.first() == Some(&0)) {
            return Some(u32_at(entry, 4)? as usize);
        }
    }
    None
}

/// The records behind the header of a stream of types; `None` for an empty stream.
fn first_record<'b>(
    section: &str,
    bytes: &'b [u8],
) -> Result<Option<&'b [u8]>, DebugInfoErrorKind> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let bad = |offset, what: &str| DebugInfoErrorKind::malformed(section, Some(offset), what);
    let header = u32_at(bytes, 4).ok_or_else(|| bad(4, "the data ends too early"))? as usize;
    let first = u32_at(bytes, 8).ok_or_else(|| bad(8, "the data ends too early"))?;
    if first != FIRST {
        return Err(bad(8, "types are numbered from 0x1000"));
    }
    let len = u32_at(bytes, 16).ok_or_else(|| bad(16, "the data ends too early"))? as usize;
    let records = bytes.get(header..).and_then(|rest| rest.get(..len));
    records.map(Some).ok_or_else(|| bad(16, "the records end behind the stream"))
}

/// Where each record or enum is declared, by its number: ids refer to a string among them, or by the
/// linker's choice to the table of strings.
fn origins(
    graph: &mut Graph,
    ids: &[u8],
    strings: &[u8],
) -> Result<HashMap<u32, Place>, TooManyNames> {
    let mut files: HashMap<u32, Name> = HashMap::new();
    let mut found = HashMap::new();
    for (position, record) in TypesIter::new(ids).enumerate() {
        let number = u32::try_from(position).ok().and_then(|p| p.checked_add(FIRST));
        let (ty, file, line) = match (number, record.parse()) {
            (Some(number), Ok(TypeData::StringId(string))) => {
                files.insert(number, graph.names.intern(&string.name.to_string())?);
                continue;
            }
            (_, Ok(TypeData::UdtSrcLine(at))) => {
                (at.ty.get(), files.get(&at.src.get()).copied(), at.line.get())
            }
            (_, Ok(TypeData::UdtModSrcLine(at))) => {
                (at.ty.get(), string(graph, strings, at.src.get())?, at.line.get())
            }
            _ => continue,
        };
        found.insert(ty.0, Place { file: file.unwrap_or(Name::NONE), line });
    }
    Ok(found)
}

fn string(graph: &mut Graph, strings: &[u8], at: u32) -> Result<Option<Name>, TooManyNames> {
    let Some(text) = strings.get(at as usize..) else { return Ok(None) };
    let end = text.iter().position(|&byte| byte == 0).unwrap_or(text.len());
    let text = String::from_utf8_lossy(text.get(..end).unwrap_or_default());
    graph.names.intern(&text).map(Some)
}

/// Reads the types of an object: `.debug$T` has types and ids in one run, and `.debug$S` symbols in
/// subsections.
pub(crate) fn object_types(
    graph: &mut Graph,
    types: &[u8],
    symbols: &[u8],
) -> Result<(), DebugInfoErrorKind> {
    const SIGNATURE: u32 = 4;
    const SYMBOLS: u32 = 0xf1;
    let bad = |offset, what: &str| DebugInfoErrorKind::malformed(".debug$T", Some(offset), what);
    if u32_at(types, 0) != Some(SIGNATURE) {
        return Err(bad(0, "a section of CodeView types begins with 4"));
    }
    let types = types.get(4..).unwrap_or_default();
    let mut all = Vec::new();
    let mut rest = symbols.get(4..).unwrap_or_default();
    while let (Some(kind), Some(len)) = (u32_at(rest, 0), u32_at(rest, 4)) {
        let Some(body) = rest.get(8..).and_then(|rest| rest.get(..len as usize)) else { break };
        if kind == SYMBOLS {
            all.extend_from_slice(body);
        }
        // Subsections begin at multiples of 4.
        let next = (len as usize).next_multiple_of(4).saturating_add(8);
        rest = rest.get(next..).unwrap_or_default();
    }
    graph.names.allow(types.len());
    let origins = origins(graph, types, &[])
        .map_err(|_| super::limit(".debug$T", "more bytes of file names than fit"))?;
    read(graph, ".debug$T", types, origins, &all)
}
