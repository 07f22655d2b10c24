//! The records of an object file by its DWARF, read here anew: a witness that shares no code with
//! what it is a witness for.

use std::collections::{BTreeMap, HashMap};

use gimli::{AttributeValue, EndianSlice, RunTimeEndian, UnitOffset};
use object::{Object as _, ObjectSection as _};

use super::facts::{Facts, FieldFact, RecordFact};

type Slice<'a> = EndianSlice<'a, RunTimeEndian>;
type Unit<'a> = gimli::Unit<Slice<'a>>;

/// Reads all complete records and enums that have a name, by tag or typedef; those declared in `file`
/// only, if it is given.
pub(crate) fn read(object: &[u8], wanted: Option<&str>) -> Facts {
    let file = object::File::parse(object).expect("the compiler writes object files");
    let endian = if file.is_little_endian() { RunTimeEndian::Little } else { RunTimeEndian::Big };
    let sections = gimli::DwarfSections::load(|id| -> Result<_, gimli::Error> {
        let section = file.section_by_name(id.name());
        Ok(section.map(|section| relocated(&file, &section)).unwrap_or_default())
    })
    .expect("sections can be read");
    let dwarf = sections.borrow(|bytes| EndianSlice::new(bytes, endian));
    let mut facts = Facts::default();
    let mut units = dwarf.units();
    while let Some(header) = units.next().expect("unit headers are well-formed") {
        let unit = dwarf.unit(header).expect("units are well-formed");
        Reader { dwarf: &dwarf, unit: &unit, file: wanted, names: HashMap::new() }.read(&mut facts);
    }
    facts.sort();
    facts
}

/// The bytes of a section with its relocations applied, as the linker would.
fn relocated(file: &object::File<'_>, section: &object::Section<'_, '_>) -> Vec<u8> {
    use object::{ObjectSymbol as _, RelocationTarget};
    let mut data = section.uncompressed_data().expect("sections can be read").into_owned();
    for (offset, relocation) in section.relocations() {
        let RelocationTarget::Symbol(index) = relocation.target() else { continue };
        let symbol = file.symbol_by_index(index).expect("relocations name symbols");
        let at = usize::try_from(offset).unwrap();
        let size = usize::from(relocation.size() / 8);
        if size == 0 {
            continue;
        }
        let field = &mut data[at..at + size];
        let mut value = symbol.address().wrapping_add_signed(relocation.addend());
        if relocation.has_implicit_addend() {
            value = value.wrapping_add(number(field, file.is_little_endian()));
        }
        let bytes = if file.is_little_endian() {
            value.to_le_bytes()[..size].to_vec()
        } else {
            value.to_be_bytes()[8 - size..].to_vec()
        };
        field.copy_from_slice(&bytes);
    }
    data
}

fn number(bytes: &[u8], little: bool) -> u64 {
    let digit = |value: u64, &byte: &u8| (value << 8) | u64::from(byte);
    if little { bytes.iter().rev().fold(0, digit) } else { bytes.iter().fold(0, digit) }
}

struct Reader<'a, 'd> {
    dwarf: &'a gimli::Dwarf<Slice<'d>>,
    unit: &'a Unit<'d>,
    /// Only what is declared in the file whose path ends so.
    file: Option<&'a str>,
    /// Qualified names of records and enums.
    names: HashMap<UnitOffset, String>,
}

fn is_record(tag: gimli::DwTag) -> bool {
    matches!(
        tag,
        gimli::DW_TAG_structure_type
            | gimli::DW_TAG_union_type
            | gimli::DW_TAG_class_type
            | gimli::DW_TAG_enumeration_type
    )
}

impl Reader<'_, '_> {
    fn read(&mut self, facts: &mut Facts) {
        let mut found = Vec::new();
        self.collect(None, "", &mut found);
        // What nothing but a typedef names comes first: other names may go through it.
        found.sort();
        for offset in found {
            let entry = self.unit.entry(offset).unwrap();
            if entry.attr_value(gimli::DW_AT_declaration).is_some() || !self.is_wanted(&entry) {
                continue;
            }
            let Some(name) = self.names.get(&offset).cloned() else { continue };
            if entry.tag() == gimli::DW_TAG_enumeration_type {
                let values = self.enumerators(offset);
                facts.enums.entry(name).or_default().push((self.size(&entry), values));
            } else {
                let mut fields = Vec::new();
                self.fields(offset, 0, "", &mut fields);
                let fact = RecordFact { size: self.size(&entry), fields };
                facts.records.entry(name).or_default().push(fact);
            }
        }
    }

    /// Whether an entry is declared in the file that is asked for.
    fn is_wanted(&self, entry: &gimli::DebuggingInformationEntry<Slice<'_>>) -> bool {
        let Some(wanted) = self.file else { return true };
        let Some(AttributeValue::FileIndex(index)) = entry.attr_value(gimli::DW_AT_decl_file)
        else {
            return false;
        };
        let program = self.unit.line_program.as_ref().expect("gcc writes line tables");
        let file = program.header().file(index).expect("files are in the line table");
        let name = self.dwarf.attr_string(self.unit, file.path_name()).expect("names are strings");
        name.to_string_lossy().ends_with(wanted)
    }

    /// Finds records and enums, and their qualified names.
    fn collect(&mut self, parent: Option<UnitOffset>, prefix: &str, found: &mut Vec<UnitOffset>) {
        for child in self.all_children(parent) {
            let entry = self.unit.entry(child).unwrap();
            let name = self.name(&entry).map(|name| format!("{prefix}{name}"));
            match entry.tag() {
                gimli::DW_TAG_typedef => {
                    if let (Some(name), Some(target)) = (name, self.target(&entry))
                        && is_record(self.unit.entry(target).unwrap().tag())
                        && self.name(&self.unit.entry(target).unwrap()).is_none()
                    {
                        self.names.entry(target).or_insert(name);
                    }
                }
                gimli::DW_TAG_enumeration_type => {
                    found.push(child);
                    if let Some(name) = name {
                        self.names.insert(child, name);
                    }
                }
                tag if is_record(tag) => {
                    found.push(child);
                    let inner = name.as_ref().map_or(prefix.to_owned(), |name| format!("{name}::"));
                    if let Some(name) = name {
                        self.names.insert(child, name);
                    }
                    // C has no names inside of records; where gcc nests them, that is all it means.
                    self.collect(Some(child), &inner, found);
                }
                gimli::DW_TAG_namespace => {
                    let inner = name.map_or(prefix.to_owned(), |name| format!("{name}::"));
                    self.collect(Some(child), &inner, found);
                }
                _ => {}
            }
        }
    }

    fn all_children(&self, parent: Option<UnitOffset>) -> Vec<UnitOffset> {
        let mut tree = self.unit.entries_tree(parent).unwrap();
        let mut children = tree.root().unwrap().children();
        let mut found = Vec::new();
        while let Some(child) = children.next().unwrap() {
            found.push(child.entry().offset());
        }
        found
    }

    /// Fields, flattened; members of unnamed records are named by path.
    fn fields(&self, record: UnitOffset, base_bits: u64, path: &str, out: &mut Vec<FieldFact>) {
        for child in self.children(record, gimli::DW_TAG_inheritance) {
            let entry = self.unit.entry(child).unwrap();
            let base = self.stripped(self.target(&entry).expect("bases have a type"));
            let bytes = self.unsigned(&entry, gimli::DW_AT_data_member_location).unwrap_or(0);
            let name = format!("{path}: {}", self.names.get(&base).expect("bases have names"));
            let size = self.type_size(base) * 8;
            out.push(FieldFact { name, bit_offset: base_bits + bytes * 8, bit_size: size });
            self.fields(base, base_bits + bytes * 8, path, out);
        }
        for child in self.children(record, gimli::DW_TAG_member) {
            let entry = self.unit.entry(child).unwrap();
            if entry.attr_value(gimli::DW_AT_external).is_some() {
                continue;
            }
            let target = self.target(&entry).expect("members have a type");
            let bits = self.unsigned(&entry, gimli::DW_AT_bit_size);
            let bytes = self.unsigned(&entry, gimli::DW_AT_data_member_location);
            let offset = base_bits
                + self.unsigned(&entry, gimli::DW_AT_data_bit_offset).unwrap_or(0)
                + bytes.unwrap_or(0) * 8;
            let name = format!("{path}{}", self.name(&entry).unwrap_or_default());
            let size = bits.unwrap_or_else(|| self.type_size(target) * 8);
            out.push(FieldFact { name: name.clone(), bit_offset: offset, bit_size: size });
            if let Some(inner) = self.unnamed_record(target) {
                let path =
                    if self.name(&entry).is_some() { format!("{name}.") } else { path.to_owned() };
                self.fields(inner, offset, &path, out);
            }
        }
    }

    /// A type without the typedefs around it.
    fn stripped(&self, mut ty: UnitOffset) -> UnitOffset {
        while let entry = self.unit.entry(ty).unwrap()
            && entry.tag() == gimli::DW_TAG_typedef
            && let Some(target) = self.target(&entry)
        {
            ty = target;
        }
        ty
    }

    /// The record that a type is made of if neither tag nor typedef names it.
    fn unnamed_record(&self, mut ty: UnitOffset) -> Option<UnitOffset> {
        loop {
            let entry = self.unit.entry(ty).unwrap();
            match entry.tag() {
                gimli::DW_TAG_structure_type | gimli::DW_TAG_union_type => {
                    return self.name(&entry).is_none().then_some(ty);
                }
                gimli::DW_TAG_typedef => {
                    let target = self.target(&entry)?;
                    let named = self.unit.entry(target).unwrap();
                    if named.tag() != gimli::DW_TAG_array_type
                        && self.unnamed_record(target) == Some(target)
                    {
                        return None;
                    }
                    ty = target;
                }
                gimli::DW_TAG_const_type
                | gimli::DW_TAG_volatile_type
                | gimli::DW_TAG_array_type => ty = self.target(&entry)?,
                _ => return None,
            }
        }
    }

    fn type_size(&self, ty: UnitOffset) -> u64 {
        let entry = self.unit.entry(ty).unwrap();
        match entry.tag() {
            gimli::DW_TAG_typedef
            | gimli::DW_TAG_const_type
            | gimli::DW_TAG_volatile_type
            | gimli::DW_TAG_restrict_type
            | gimli::DW_TAG_atomic_type => {
                self.target(&entry).map_or(0, |target| self.type_size(target))
            }
            gimli::DW_TAG_array_type if entry.attr_value(gimli::DW_AT_byte_size).is_none() => {
                let element = self.type_size(self.target(&entry).expect("arrays have elements"));
                let counts =
                    self.children(ty, gimli::DW_TAG_subrange_type).into_iter().map(|range| {
                        let range = self.unit.entry(range).unwrap();
                        let count = self.unsigned(&range, gimli::DW_AT_count);
                        let upper = self.unsigned(&range, gimli::DW_AT_upper_bound);
                        // gcc gives -1 as the last index of an array of no elements, in 32 bits too.
                        let upper = upper.filter(|&upper| upper != u64::from(u32::MAX));
                        count.or(upper.map(|upper| upper.wrapping_add(1))).unwrap_or(0)
                    });
                element * counts.product::<u64>()
            }
            // Neither has a size in DWARF. A pointer to a member function is two words (Itanium C++ ABI
            // 2.3).
            gimli::DW_TAG_ptr_to_member_type => {
                let word = u64::from(self.unit.encoding().address_size);
                let target =
                    self.target(&entry).map(|target| self.unit.entry(target).unwrap().tag());
                if target == Some(gimli::DW_TAG_subroutine_type) { word * 2 } else { word }
            }
            // clang leaves the size of pointers out.
            gimli::DW_TAG_pointer_type
            | gimli::DW_TAG_reference_type
            | gimli::DW_TAG_rvalue_reference_type
            | gimli::DW_TAG_unspecified_type => u64::from(self.unit.encoding().address_size),
            _ => self.size(&entry),
        }
    }

    fn enumerators(&self, offset: UnitOffset) -> BTreeMap<String, i128> {
        let children = self.children(offset, gimli::DW_TAG_enumerator).into_iter();
        children
            .map(|child| {
                let entry = self.unit.entry(child).unwrap();
                let value = match entry.attr_value(gimli::DW_AT_const_value) {
                    Some(AttributeValue::Sdata(value)) => i128::from(value),
                    Some(value) => {
                        i128::from(value.udata_value().expect("enumerators are numbers"))
                    }
                    None => panic!("enumerators have values"),
                };
                (self.name(&entry).expect("enumerators have names"), value)
            })
            .collect()
    }

    fn children(&self, parent: UnitOffset, tag: gimli::DwTag) -> Vec<UnitOffset> {
        let mut tree = self.unit.entries_tree(Some(parent)).unwrap();
        let mut children = tree.root().unwrap().children();
        let mut found = Vec::new();
        while let Some(child) = children.next().unwrap() {
            if child.entry().tag() == tag {
                found.push(child.entry().offset());
            }
        }
        found
    }

    fn name(&self, entry: &gimli::DebuggingInformationEntry<Slice<'_>>) -> Option<String> {
        let value = entry.attr_value(gimli::DW_AT_name)?;
        let name = self.dwarf.attr_string(self.unit, value).expect("names are strings");
        Some(name.to_string_lossy().into_owned())
    }

    fn target(&self, entry: &gimli::DebuggingInformationEntry<Slice<'_>>) -> Option<UnitOffset> {
        match entry.attr_value(gimli::DW_AT_type)? {
            AttributeValue::UnitRef(offset) => Some(offset),
            other => panic!("gcc refers within the unit, found {other:?}"),
        }
    }

    fn size(&self, entry: &gimli::DebuggingInformationEntry<Slice<'_>>) -> u64 {
        self.unsigned(entry, gimli::DW_AT_byte_size).unwrap_or(0)
    }

    fn unsigned(
        &self,
        entry: &gimli::DebuggingInformationEntry<Slice<'_>>,
        attribute: gimli::DwAt,
    ) -> Option<u64> {
        let value = entry.attr_value(attribute)?;
        value.udata_value().or_else(|| value.sdata_value().map(i64::cast_unsigned))
    }
}
