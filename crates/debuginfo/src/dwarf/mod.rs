//! DWARF 2 to 5: every unit of every section is walked once, and its types go into the graph.
//!
//! ```text
//! .debug_info   | compile unit      | type unit    | skeleton unit -------> a.dwo, a.out.dwp
//!               |  namespace ns     |  struct S    |
//!               |   struct S -------+-> signature  |
//! .debug_types  | type units of DWARF 4
//! ```

mod attrs;
mod root;
mod unit;

use std::collections::HashMap;
use std::sync::Arc;

use gimli::{
    Abbreviations, DebugAbbrevOffset, DebugInfoOffset, DwarfFileType, EndianSlice, RunTimeEndian,
    SectionId, Unit, UnitHeader, UnitSectionOffset, UnitType,
};

use crate::error::DebugInfoErrorKind;
use crate::graph::{Graph, Name, TooManyNames};

/// A reader of one section.
pub(crate) type Slice<'d> = EndianSlice<'d, RunTimeEndian>;

/// All sections of one file.
pub(crate) type Dwarf<'d> = gimli::Dwarf<Slice<'d>>;

/// A unit whose types are in a file of their own.
#[derive(Clone, Debug)]
pub(crate) struct Skeleton {
    pub(crate) id: u64,
    /// The file, as the compiler was told to write it.
    pub(crate) name: String,
    /// Names of the files that its declarations are in, by index.
    pub(crate) files: Arc<[Name]>,
}

/// Walks the units of one file's sections.
#[derive(Debug)]
pub(crate) struct Walker<'g, 'd> {
    pub(crate) graph: &'g mut Graph,
    pub(crate) dwarf: &'g Dwarf<'d>,
    /// First keys of `.debug_info` and `.debug_types`.
    info_base: u64,
    types_base: u64,
    /// For units of a `.dwo`, which leave their file names with the skeleton.
    skeleton_files: Option<Arc<[Name]>>,
    /// The names of files by the offset of the line program that lists them.
    files: HashMap<usize, Arc<[Name]>>,
    abbreviations: Option<(DebugAbbrevOffset, Arc<Abbreviations>)>,
    pub(crate) skeletons: Vec<Skeleton>,
    /// Units walked.
    pub(crate) units: usize,
    effort: Effort,
}

/// Bounds the work that sections can ask for by referring to each other: many units may share one
/// table of abbreviations or files, but then they are not to differ in where they begin in it.
#[derive(Debug)]
struct Effort {
    left: usize,
}

impl Effort {
    fn spend(&mut self, amount: usize) -> Result<(), Failure> {
        self.left = self.left.checked_sub(amount).ok_or(Failure::Limit(
            "more entries in tables of abbreviations and files than fit the size of the file",
        ))?;
        Ok(())
    }
}

/// Why a unit cannot be read.
#[derive(Debug)]
pub(crate) enum Failure {
    Read(gimli::Error),
    Limit(&'static str),
}

impl From<gimli::Error> for Failure {
    fn from(error: gimli::Error) -> Self {
        Self::Read(error)
    }
}

impl From<TooManyNames> for Failure {
    fn from(_: TooManyNames) -> Self {
        Self::Limit("more bytes of qualified names than fit the size of the file")
    }
}

impl Failure {
    fn at(self, dwarf: &Dwarf<'_>, section: SectionId, unit: usize) -> DebugInfoErrorKind {
        let section = match dwarf.file_type {
            DwarfFileType::Main => section.name(),
            DwarfFileType::Dwo => section.dwo_name().unwrap_or(section.name()),
        };
        match self {
            Self::Limit(what) => {
                DebugInfoErrorKind::Limit { what: format!("{section} at {unit:#x}: {what}") }
            }
            Self::Read(gimli::Error::UnexpectedEof(position)) => {
                match dwarf.lookup_offset_id(position) {
                    Some((_, section, offset)) => DebugInfoErrorKind::malformed(
                        section.name(),
                        u64::try_from(offset).ok(),
                        "the data ends too early",
                    ),
                    None => DebugInfoErrorKind::malformed(
                        section,
                        u64::try_from(unit).ok(),
                        "the data of this unit ends too early",
                    ),
                }
            }
            Self::Read(error) => DebugInfoErrorKind::malformed(
                section,
                u64::try_from(unit).ok(),
                format!("{} in this unit", error.to_string().trim_end_matches('.')),
            ),
        }
    }
}

impl<'g, 'd> Walker<'g, 'd> {
    pub(crate) fn new(
        graph: &'g mut Graph,
        dwarf: &'g Dwarf<'d>,
        skeleton_files: Option<Arc<[Name]>>,
    ) -> Self {
        let info = section_len(dwarf, SectionId::DebugInfo);
        let types = section_len(dwarf, SectionId::DebugTypes);
        let info_base = graph.space(info as u64);
        let types_base = graph.space(types as u64);
        let line = section_len(dwarf, SectionId::DebugLine);
        let abbrev = section_len(dwarf, SectionId::DebugAbbrev);
        let left = 64 * (info + types + line + abbrev) + (1 << 20);
        Self {
            graph,
            dwarf,
            info_base,
            types_base,
            skeleton_files,
            files: HashMap::new(),
            abbreviations: None,
            skeletons: Vec::new(),
            units: 0,
            effort: Effort { left },
        }
    }

    /// Walks all units.
    ///
    /// # Errors
    ///
    /// A section is malformed. What was read so far stays in the graph.
    pub(crate) fn walk(&mut self) -> Result<(), DebugInfoErrorKind> {
        let mut units = self.dwarf.units();
        let mut last = 0;
        loop {
            match units.next() {
                Ok(None) => break,
                Ok(Some(header)) => {
                    last = header.debug_info_offset().map_or(0, |offset| offset.0);
                    self.unit(header, self.info_base)
                        .map_err(|failure| failure.at(self.dwarf, SectionId::DebugInfo, last))?;
                }
                Err(error) => {
                    return Err(Failure::from(error).at(self.dwarf, SectionId::DebugInfo, last));
                }
            }
        }
        let mut units = self.dwarf.type_units();
        last = 0;
        loop {
            match units.next() {
                Ok(None) => break,
                Ok(Some(header)) => {
                    last = header.debug_types_offset().map_or(0, |offset| offset.0);
                    self.unit(header, self.types_base)
                        .map_err(|failure| failure.at(self.dwarf, SectionId::DebugTypes, last))?;
                }
                Err(error) => {
                    return Err(Failure::from(error).at(self.dwarf, SectionId::DebugTypes, last));
                }
            }
        }
        Ok(())
    }

    fn unit(&mut self, header: UnitHeader<Slice<'d>>, section: u64) -> Result<(), Failure> {
        self.units += 1;
        let start = match header.offset() {
            UnitSectionOffset(offset) => offset as u64,
        };
        let base = section.saturating_add(start);
        if let UnitType::Type { type_signature, type_offset }
        | UnitType::SplitType { type_signature, type_offset } = header.type_()
        {
            let key = base.saturating_add(type_offset.0 as u64);
            // The same type unit is in every object that was linked, or in every .dwo.
            if self.graph.has_signature(type_signature.0) {
                return Ok(());
            }
            self.graph.sign(type_signature.0, key);
        }
        let abbreviations = self.abbreviations(&header)?;
        let root = root::Root::read(&header, &abbreviations)?;
        let unit = root.unit(self.dwarf, header, abbreviations);
        if let Some(name) = root.dwo_name(self.dwarf, &unit) {
            let files = self.files(&root, &unit)?;
            let id = root.dwo_id(&unit).unwrap_or(0);
            self.skeletons.push(Skeleton { id, name, files });
            return Ok(());
        }
        unit::walk(self, &root, &unit, base, self.info_base)
    }

    /// Parses a table of abbreviations, or takes the last one again: units that share one follow
    /// each other.
    fn abbreviations(
        &mut self,
        header: &UnitHeader<Slice<'d>>,
    ) -> Result<Arc<Abbreviations>, Failure> {
        let offset = header.debug_abbrev_offset();
        if let Some((last, table)) = &self.abbreviations
            && *last == offset
        {
            return Ok(Arc::clone(table));
        }
        self.effort.spend(table_len(self.dwarf, offset)?)?;
        let table = Arc::new(header.abbreviations(&self.dwarf.debug_abbrev)?);
        self.abbreviations = Some((offset, Arc::clone(&table)));
        Ok(table)
    }

    /// The names of the files that a unit's declarations are in, by `DW_AT_decl_file`.
    fn files(
        &mut self,
        root: &root::Root<'d>,
        unit: &Unit<Slice<'d>>,
    ) -> Result<Arc<[Name]>, Failure> {
        if let Some(files) = &self.skeleton_files
            && root.line_offset.is_none()
        {
            return Ok(Arc::clone(files));
        }
        let Some(offset) = root.line_offset else { return Ok(Arc::new([])) };
        if let Some(files) = self.files.get(&offset.0) {
            return Ok(Arc::clone(files));
        }
        let program = self.dwarf.debug_line.program(
            offset,
            unit.header.address_size(),
            unit.comp_dir,
            unit.name,
        );
        // Line tables do not decide a layout: without a usable one, no origins are known.
        let files = match program {
            Ok(program) => {
                let header = program.header();
                self.effort
                    .spend(header.file_names().len() + header.include_directories().len())?;
                self.file_names(unit, header)?
            }
            Err(_) => Arc::new([]),
        };
        self.files.insert(offset.0, Arc::clone(&files));
        Ok(files)
    }

    fn file_names(
        &mut self,
        unit: &Unit<Slice<'d>>,
        header: &gimli::LineProgramHeader<Slice<'d>>,
    ) -> Result<Arc<[Name]>, Failure> {
        let mut names = Vec::with_capacity(header.file_names().len() + 1);
        if header.version() < 5 {
            names.push(Name::NONE); // indexes count from 1
        }
        for file in header.file_names() {
            let text =
                |value| self.dwarf.attr_string(unit, value).ok().map(|s| s.to_string_lossy());
            let Some(name) = text(file.path_name()) else {
                names.push(Name::NONE);
                continue;
            };
            // Directory 0 is where the compiler ran: what is named from there is left as it was named.
            let dir = match file.directory_index() {
                0 => None,
                _ => file.directory(header).and_then(text),
            };
            let path = match dir {
                Some(dir) if !is_absolute(&name) => format!("{dir}/{name}"),
                _ => name.into_owned(),
            };
            names.push(self.graph.names.intern(&path)?);
        }
        Ok(names.into())
    }

    /// The key of an offset in `.debug_info`.
    pub(crate) fn info_key(info_base: u64, offset: DebugInfoOffset) -> u64 {
        info_base.saturating_add(offset.0 as u64)
    }
}

/// Bytes of a table of abbreviations (DWARF 5, 7.5.3).
fn table_len(dwarf: &Dwarf<'_>, offset: DebugAbbrevOffset) -> Result<usize, gimli::Error> {
    use gimli::{Reader, Section};
    let mut table = *dwarf.debug_abbrev.reader();
    table.skip(offset.0)?;
    let len = table.len();
    while table.read_uleb128()? != 0 {
        table.read_uleb128()?; // tag
        table.read_u8()?; // whether it has children
        loop {
            let name = table.read_uleb128()?;
            let form = table.read_uleb128()?;
            if form == u64::from(gimli::DW_FORM_implicit_const.0) {
                table.read_sleb128()?;
            }
            if (name, form) == (0, 0) {
                break;
            }
        }
    }
    Ok(len - table.len())
}

fn is_absolute(path: &str) -> bool {
    path.starts_with(['/', '\\']) || path.get(1..2) == Some(":")
}

/// Bytes of a section that decides how much work is in proportion.
fn section_len(dwarf: &Dwarf<'_>, section: SectionId) -> usize {
    use gimli::Section;
    match section {
        SectionId::DebugInfo => dwarf.debug_info.reader().len(),
        SectionId::DebugTypes => dwarf.debug_types.reader().len(),
        SectionId::DebugLine => dwarf.debug_line.reader().len(),
        SectionId::DebugAbbrev => dwarf.debug_abbrev.reader().len(),
        _ => 0,
    }
}
