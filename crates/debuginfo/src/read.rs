//! From a path to types: which file has the debug information, and who reads it.

use std::path::{Path, PathBuf};

use cwire_layout::Types;
use cwire_layout::abi::Abi;
use gimli::{DwarfFileType, DwarfPackage, DwoId, EndianSlice, RunTimeEndian};
use object::read::archive::ArchiveFile;
use object::{BinaryFormat, Object, ObjectSection};

use crate::codeview::{Pdb, object_types};
use crate::container::{Container, fat_part};
use crate::dwarf::{Dwarf, Skeleton, Slice, Walker};
use crate::error::{DebugInfoError, DebugInfoErrorKind};
use crate::graph::Graph;
use crate::{DebugInfo, Format, Options, abi, assemble, locate, section};

/// Reads a file and what belongs to it beside it.
///
/// # Errors
///
/// The file is missing, of another kind, malformed or without debug information, or no ABI is known
/// for its machine and [`Options::abi`] names none.
pub fn read_file(path: &Path, options: &Options) -> Result<DebugInfo, DebugInfoError> {
    let inside = path.is_dir().then(|| locate::dsym(path)).flatten();
    let path = inside.as_deref().unwrap_or(path);
    let bytes = std::fs::read(path)
        .map_err(|error| DebugInfoError::new(path, DebugInfoErrorKind::Io(error)))?;
    read(path, &bytes, options)
}

/// Reads the bytes of a file. `path` is where it is, for messages and for what belongs to it.
///
/// # Errors
///
/// As [`read_file`].
pub fn read(path: &Path, bytes: &[u8], options: &Options) -> Result<DebugInfo, DebugInfoError> {
    let mut reader = Reader::new(options);
    let found = reader.container(path, bytes);
    let (format, source) = found.map_err(|(path, kind)| DebugInfoError::new(&path, kind))?;
    Ok(reader.finish(format, source))
}

/// An error and the file that it is of.
type Fault = (PathBuf, DebugInfoErrorKind);

struct Reader<'o> {
    options: &'o Options,
    graph: Graph,
    notes: Vec<String>,
    abi: Option<Abi>,
}

impl<'o> Reader<'o> {
    fn new(options: &'o Options) -> Self {
        Self { options, graph: Graph::new(), notes: Vec::new(), abi: options.abi }
    }

    fn finish(self, format: Format, path: PathBuf) -> DebugInfo {
        let abi = self.abi.expect("an ABI is set before any type is read");
        let types: Types = assemble::assemble(self.graph, abi);
        DebugInfo { types, format, path, notes: self.notes }
    }

    fn container(&mut self, path: &Path, bytes: &[u8]) -> Result<(Format, PathBuf), Fault> {
        let of_path = |kind| (path.to_owned(), kind);
        match Container::of(bytes) {
            Some(Container::Object) => self.object(path, bytes),
            Some(container @ (Container::Fat32 | Container::Fat64)) => {
                let part = fat_part(bytes, container, self.options.abi).map_err(of_path)?;
                self.object(path, part)
            }
            Some(Container::Archive) => self.archive(path, bytes),
            Some(Container::Pdb) => {
                self.pdb(bytes, None).map_err(of_path)?;
                Ok((Format::CodeView, path.to_owned()))
            }
            None => Err(of_path(DebugInfoErrorKind::Format { found: describe(bytes).to_owned() })),
        }
    }

    /// Takes over the ABI of a file, unless one was asked for or found before.
    fn choose_abi(&mut self, file: &object::File<'_>) -> Result<Abi, DebugInfoErrorKind> {
        let abi = match self.abi {
            Some(abi) => abi,
            None => abi::of_object(file)?,
        };
        self.abi = Some(abi);
        Ok(abi)
    }

    fn object(&mut self, path: &Path, bytes: &[u8]) -> Result<(Format, PathBuf), Fault> {
        let of_path = |kind| (path.to_owned(), kind);
        let file = parse(bytes).map_err(of_path)?;
        self.choose_abi(&file).map_err(of_path)?;
        if has_dwarf(&file) {
            self.dwarf(path, &file, bytes.len())?;
            return Ok((Format::Dwarf, path.to_owned()));
        }
        if self.codeview(&file).map_err(of_path)? {
            return Ok((Format::CodeView, path.to_owned()));
        }
        if let Some(found) = self.program_database(path, &file)? {
            return Ok((Format::CodeView, found));
        }
        if let Some(found) = self.companion(path, &file)? {
            return Ok(found);
        }
        Err(of_path(DebugInfoErrorKind::Missing { needed: missing(&file) }))
    }

    /// Reads a PDB; of the build that `guid` names, if one is given.
    fn pdb(&mut self, bytes: &[u8], guid: Option<[u8; 16]>) -> Result<(), DebugInfoErrorKind> {
        let pdb = Pdb::parse(bytes)?;
        if guid.is_some() && pdb.guid() != guid {
            return Err(DebugInfoErrorKind::Missing {
                needed: "the PDB of this build is needed, this one has another GUID".to_owned(),
            });
        }
        let abi = match self.abi {
            Some(abi) => abi,
            None => pdb.abi()?,
        };
        self.abi = Some(abi);
        pdb.read(&mut self.graph)
    }

    /// Reads the types that an object keeps for the linker. Returns whether there are any.
    fn codeview(&mut self, file: &object::File<'_>) -> Result<bool, DebugInfoErrorKind> {
        let types = section::load(file, ".debug$T", &self.options.limits)?;
        if types.is_empty() {
            return Ok(false);
        }
        // Symbols of inline functions are in sections of their own; their typedefs are not read.
        let symbols = section::load(file, ".debug$S", &self.options.limits)?;
        object_types(&mut self.graph, &types, &symbols)?;
        Ok(true)
    }

    /// Reads the PDB that a PE file names, beside it.
    fn program_database(
        &mut self,
        path: &Path,
        file: &object::File<'_>,
    ) -> Result<Option<PathBuf>, Fault> {
        let Ok(Some(named)) = file.pdb_info() else { return Ok(None) };
        let name = String::from_utf8_lossy(named.path()).into_owned();
        for candidate in locate::named(path, &name, self.options) {
            let Some(bytes) = locate::open(&candidate) else { continue };
            if Container::of(&bytes) != Some(Container::Pdb) {
                continue;
            }
            let read = self.pdb(&bytes, Some(named.guid()));
            return match read {
                Ok(()) => Ok(Some(candidate)),
                Err(kind) => Err((candidate, kind)),
            };
        }
        Err((
            path.to_owned(),
            DebugInfoErrorKind::Missing {
                needed: format!(
                    "debug information is needed, and its PDB is not beside this file: {name}"
                ),
            },
        ))
    }

    /// Reads the file beside this one that has its debug information.
    fn companion(
        &mut self,
        path: &Path,
        file: &object::File<'_>,
    ) -> Result<Option<(Format, PathBuf)>, Fault> {
        let candidates = match file.format() {
            BinaryFormat::Elf => locate::stripped(path, file, self.options),
            BinaryFormat::MachO => {
                locate::dsym(path).map(|path| (path, None)).into_iter().collect()
            }
            _ => Vec::new(),
        };
        for (candidate, crc) in candidates {
            let Some(bytes) = locate::open(&candidate) else { continue };
            if let Err(why) = self.belongs(file, &bytes, crc) {
                self.notes.push(format!("{}: {why}", candidate.display()));
                continue;
            }
            let part = match Container::of(&bytes) {
                Some(container @ (Container::Fat32 | Container::Fat64)) => {
                    fat_part(&bytes, container, self.abi)
                        .map_err(|kind| (candidate.clone(), kind))?
                }
                _ => &bytes,
            };
            let inner = parse(part).map_err(|kind| (candidate.clone(), kind))?;
            if has_dwarf(&inner) {
                self.dwarf(&candidate, &inner, part.len())?;
                return Ok(Some((Format::Dwarf, candidate)));
            }
        }
        Ok(None)
    }

    /// Whether a debug file is of the same build.
    fn belongs(
        &self,
        file: &object::File<'_>,
        bytes: &[u8],
        crc: Option<u32>,
    ) -> Result<(), String> {
        if let Some(needed) = crc {
            let mut sum = flate2::Crc::new();
            sum.update(bytes);
            if sum.sum() != needed {
                return Err(format!("CRC {needed:#010x} needed, {:#010x} found", sum.sum()));
            }
        }
        let Ok(inner) = object::File::parse(bytes) else { return Ok(()) };
        let uuids = (file.mach_uuid().ok().flatten(), inner.mach_uuid().ok().flatten());
        let builds = (file.build_id().ok().flatten(), inner.build_id().ok().flatten());
        match (uuids, builds) {
            ((Some(needed), Some(found)), _) if needed != found => {
                Err("it has the UUID of another build".to_owned())
            }
            (_, (Some(needed), Some(found))) if needed != found => {
                Err("it has the build ID of another build".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// Reads all objects of a static library that are for the ABI of the first.
    fn archive(&mut self, path: &Path, bytes: &[u8]) -> Result<(Format, PathBuf), Fault> {
        let of_path = |kind| (path.to_owned(), kind);
        let malformed = |error| of_path(DebugInfoErrorKind::malformed("archive", None, error));
        let archive = ArchiveFile::parse(bytes).map_err(malformed)?;
        let mut objects = 0;
        let mut found = false;
        for member in archive.members() {
            let member = member.map_err(malformed)?;
            let Ok(data) = member.data(bytes) else { continue };
            let Ok(file) = object::File::parse(data) else { continue };
            objects += 1;
            let name = String::from_utf8_lossy(member.name());
            let inside = PathBuf::from(format!("{}({name})", path.display()));
            let first = self.choose_abi(&file).map_err(|kind| (inside.clone(), kind))?;
            let own = abi::of_object(&file);
            if self.options.abi.is_none() && own.is_ok_and(|own| own.triple() != first.triple()) {
                self.notes
                    .push(format!("{}: left out, as it is for another ABI", inside.display()));
                continue;
            }
            if has_dwarf(&file) {
                // Members lie beside the archive, as far as their .dwo is concerned.
                self.dwarf(path, &file, data.len()).map_err(|(_, kind)| (inside, kind))?;
                found = true;
            }
        }
        if found {
            return Ok((Format::Dwarf, path.to_owned()));
        }
        Err(of_path(DebugInfoErrorKind::Missing {
            needed: format!(
                "debug information is needed in an object of this archive, none of {objects} has any"
            ),
        }))
    }

    /// Reads the DWARF of a file, and what it has in files of its own.
    fn dwarf(&mut self, path: &Path, file: &object::File<'_>, len: usize) -> Result<(), Fault> {
        let sections =
            Sections::load(file, false, self.options).map_err(|k| (path.to_owned(), k))?;
        self.graph.names.allow(len.max(sections.bytes()));
        if let Ok(Some((name, _))) = file.gnu_debugaltlink() {
            let name = String::from_utf8_lossy(name);
            let path = path.display();
            self.notes.push(format!("{path}: types that it shares by {name} are not read (dwz)"));
        }
        let dwarf = sections.dwarf(file);
        let mut walker = Walker::new(&mut self.graph, &dwarf, None);
        let walked = walker.walk();
        let skeletons = std::mem::take(&mut walker.skeletons);
        walked.map_err(|kind| (path.to_owned(), kind))?;
        self.split(path, file, &skeletons)
    }

    /// Reads the units that skeletons stand for: from a package if there is one, else one by one.
    fn split(
        &mut self,
        path: &Path,
        file: &object::File<'_>,
        skeletons: &[Skeleton],
    ) -> Result<(), Fault> {
        let mut left: Vec<&Skeleton> = skeletons.iter().collect();
        if left.is_empty() {
            return Ok(());
        }
        for candidate in locate::packages(path, self.options) {
            let Some(bytes) = locate::open(&candidate) else { continue };
            self.package(&candidate, &bytes, &mut left)?;
        }
        if left.len() > self.options.limits.companions {
            let most = self.options.limits.companions;
            return Err((
                path.to_owned(),
                DebugInfoErrorKind::Limit {
                    what: format!("at most {most} .dwo files are read, not {}", left.len()),
                },
            ));
        }
        let all = left.len();
        let mut missing = Vec::new();
        for skeleton in left {
            if !self.dwo(path, file, skeleton)? {
                missing.push(skeleton.name.as_str());
            }
        }
        if let Some(first) = missing.first() {
            let count = missing.len();
            self.notes.push(format!(
                "{}: {count} of {all} .dwo files are not here, {first} for one",
                path.display()
            ));
        }
        Ok(())
    }

    /// Reads the `.dwo` of one skeleton. Returns whether it was there.
    fn dwo(
        &mut self,
        path: &Path,
        file: &object::File<'_>,
        skeleton: &Skeleton,
    ) -> Result<bool, Fault> {
        for candidate in locate::named(path, &skeleton.name, self.options) {
            let Some(bytes) = locate::open(&candidate) else { continue };
            let inner = parse(&bytes).map_err(|kind| (candidate.clone(), kind))?;
            if inner.architecture() != file.architecture() {
                continue;
            }
            let sections = Sections::load(&inner, true, self.options)
                .map_err(|kind| (candidate.clone(), kind))?;
            self.graph.names.allow(bytes.len().max(sections.bytes()));
            // What gimli would take from the parent (addresses, ranges) no type refers to.
            let mut dwarf = sections.dwarf(&inner);
            dwarf.file_type = DwarfFileType::Dwo;
            if !holds(&dwarf, skeleton.id) {
                self.notes.push(format!("{}: it is of another build", candidate.display()));
                continue;
            }
            let mut walker = Walker::new(&mut self.graph, &dwarf, Some(skeleton.files.clone()));
            walker.walk().map_err(|kind| (candidate, kind))?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Reads the units of a package that skeletons are left for, and all of its type units.
    fn package(
        &mut self,
        path: &Path,
        bytes: &[u8],
        left: &mut Vec<&Skeleton>,
    ) -> Result<(), Fault> {
        let of_path = |kind| (path.to_owned(), kind);
        let malformed = |error| of_path(DebugInfoErrorKind::malformed("package", None, error));
        let file = parse(bytes).map_err(of_path)?;
        let sections = Sections::load(&file, true, self.options).map_err(of_path)?;
        self.graph.names.allow(bytes.len().max(sections.bytes()));
        let endian = endian(&file);
        let package = DwarfPackage::load(
            |id| Ok::<_, gimli::Error>(sections.slice(id, endian)),
            EndianSlice::new(&[], endian),
        )
        .map_err(malformed)?;
        let empty: Dwarf<'_> =
            Dwarf::load(|_| Ok::<_, gimli::Error>(EndianSlice::new(&[], endian)))
                .map_err(malformed)?;
        let mut kept = Vec::new();
        for &skeleton in left.iter() {
            match package.find_cu(DwoId(skeleton.id), &empty).map_err(malformed)? {
                Some(dwarf) => {
                    let mut walker =
                        Walker::new(&mut self.graph, &dwarf, Some(skeleton.files.clone()));
                    walker.walk().map_err(of_path)?;
                }
                None => kept.push(skeleton),
            }
        }
        *left = kept;
        for row in 1..=package.tu_index.unit_count() {
            let dwarf = package.tu_sections(row, &empty).map_err(malformed)?;
            let mut walker = Walker::new(&mut self.graph, &dwarf, None);
            walker.walk().map_err(of_path)?;
        }
        Ok(())
    }
}

/// The debug sections of one file.
struct Sections<'d> {
    list: Vec<(gimli::SectionId, std::borrow::Cow<'d, [u8]>)>,
}

/// The sections that types are in, or in what they refer to.
const NEEDED: [gimli::SectionId; 9] = [
    gimli::SectionId::DebugAbbrev,
    gimli::SectionId::DebugInfo,
    gimli::SectionId::DebugTypes,
    gimli::SectionId::DebugLine,
    gimli::SectionId::DebugLineStr,
    gimli::SectionId::DebugStr,
    gimli::SectionId::DebugStrOffsets,
    gimli::SectionId::DebugCuIndex,
    gimli::SectionId::DebugTuIndex,
];

impl<'d> Sections<'d> {
    fn load(
        file: &object::File<'d>,
        split: bool,
        options: &Options,
    ) -> Result<Self, DebugInfoErrorKind> {
        let mut list = Vec::new();
        for id in NEEDED {
            let dwo = if split { id.dwo_name() } else { None };
            let name = dwo.unwrap_or(id.name());
            list.push((id, section::load(file, name, &options.limits)?));
        }
        Ok(Self { list })
    }

    fn bytes(&self) -> usize {
        self.list.iter().map(|(_, bytes)| bytes.len()).sum()
    }

    fn slice(&self, id: gimli::SectionId, endian: RunTimeEndian) -> Slice<'_> {
        let found = self.list.iter().find(|(found, _)| *found == id);
        EndianSlice::new(found.map_or(&[], |(_, bytes)| bytes), endian)
    }

    fn dwarf(&self, file: &object::File<'_>) -> Dwarf<'_> {
        let endian = endian(file);
        let loaded = Dwarf::load(|id| Ok::<_, std::convert::Infallible>(self.slice(id, endian)));
        match loaded {
            Ok(dwarf) => dwarf,
            Err(never) => match never {},
        }
    }
}

/// Whether a `.dwo` holds the unit that a skeleton stands for.
fn holds(dwarf: &Dwarf<'_>, id: u64) -> bool {
    let mut units = dwarf.units();
    while let Ok(Some(header)) = units.next() {
        match header.type_() {
            gimli::UnitType::SplitCompilation(found) if found.0 == id => return true,
            // DWARF 4 has the ID among the attributes of the root.
            gimli::UnitType::Compilation => {
                let found = dwarf.unit(header).ok().and_then(|unit| unit.dwo_id);
                if found.is_none_or(|found| found.0 == id) {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

fn endian(file: &object::File<'_>) -> RunTimeEndian {
    if file.is_little_endian() { RunTimeEndian::Little } else { RunTimeEndian::Big }
}

fn parse(bytes: &[u8]) -> Result<object::File<'_>, DebugInfoErrorKind> {
    object::File::parse(bytes).map_err(|error| DebugInfoErrorKind::malformed("header", None, error))
}

fn has_dwarf(file: &object::File<'_>) -> bool {
    let has = |name| file.section_by_name(name).is_some_and(|section| section.size() > 0);
    has(".debug_info") || has(".debug_types")
}

fn missing(file: &object::File<'_>) -> String {
    let what = "debug information is needed (compile with -g), none is in this file";
    if file.section_by_name(".gnu.debuglto_.debug_info").is_some() {
        return "debug information is needed, this object keeps it for the linker (compile without \
                -flto, or give what was linked)"
            .to_owned();
    }
    match file.format() {
        BinaryFormat::MachO => {
            format!("{what}, nor a .dSYM beside it (dsymutil makes one of an executable)")
        }
        BinaryFormat::Elf => format!("{what}, nor in a debug file beside it"),
        _ => what.to_owned(),
    }
}

/// What bytes of no known kind seem to be.
fn describe(bytes: &[u8]) -> &'static str {
    let start = bytes.get(..bytes.len().min(512)).unwrap_or_default();
    if bytes.is_empty() {
        "an empty file"
    } else if bytes.starts_with(b"\x7fELF") || bytes.starts_with(b"MZ") {
        "the beginning of one"
    } else if bytes.starts_with(b"\0asm") {
        "WebAssembly"
    } else if bytes.starts_with(b"BC\xc0\xde") {
        "LLVM bitcode (compile without -flto)"
    } else if start.iter().all(|&byte| byte >= 0x20 || matches!(byte, b'\n' | b'\r' | b'\t')) {
        "text"
    } else {
        "bytes of another kind"
    }
}
