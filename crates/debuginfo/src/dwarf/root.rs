//! The root entry of a unit, and the unit as gimli wants it.

use std::sync::Arc;

use gimli::{
    Abbreviations, AttributeValue, DebugLineOffset, DebugStrOffsetsBase, DwLang, DwarfFileType,
    Unit, UnitHeader, UnitType,
};

use super::{Dwarf, Slice};

/// What the root entry of a unit says about the others.
#[derive(Debug)]
pub(super) struct Root<'d> {
    pub(super) line_offset: Option<DebugLineOffset>,
    name: Option<AttributeValue<Slice<'d>>>,
    comp_dir: Option<AttributeValue<Slice<'d>>>,
    dwo_name: Option<AttributeValue<Slice<'d>>>,
    gnu_dwo_id: Option<u64>,
    str_offsets_base: Option<DebugStrOffsetsBase>,
    language: Option<DwLang>,
}

impl<'d> Root<'d> {
    pub(super) fn read(
        header: &UnitHeader<Slice<'d>>,
        abbreviations: &Abbreviations,
    ) -> Result<Self, gimli::Error> {
        let mut root = Self {
            line_offset: None,
            name: None,
            comp_dir: None,
            dwo_name: None,
            gnu_dwo_id: None,
            str_offsets_base: None,
            language: None,
        };
        let mut entries = header.entries_raw(abbreviations, None)?;
        let Some(abbreviation) = entries.read_abbreviation()? else { return Ok(root) };
        for &spec in abbreviation.attributes() {
            let attr = entries.read_attribute(spec)?;
            match (attr.name(), attr.value()) {
                (gimli::DW_AT_name, value) => root.name = Some(value),
                (gimli::DW_AT_comp_dir, value) => root.comp_dir = Some(value),
                (gimli::DW_AT_dwo_name | gimli::DW_AT_GNU_dwo_name, value) => {
                    root.dwo_name = Some(value);
                }
                (gimli::DW_AT_GNU_dwo_id, AttributeValue::DwoId(id)) => {
                    root.gnu_dwo_id = Some(id.0)
                }
                (gimli::DW_AT_stmt_list, AttributeValue::DebugLineRef(offset)) => {
                    root.line_offset = Some(offset);
                }
                (gimli::DW_AT_str_offsets_base, AttributeValue::DebugStrOffsetsBase(base)) => {
                    root.str_offsets_base = Some(base);
                }
                (gimli::DW_AT_language, AttributeValue::Language(language)) => {
                    root.language = Some(language);
                }
                _ => {}
            }
        }
        Ok(root)
    }

    /// The unit as gimli wants it. gimli's own constructor would parse the line program of every
    /// unit, also where ten thousand type units share one.
    pub(super) fn unit(
        &self,
        dwarf: &Dwarf<'d>,
        header: UnitHeader<Slice<'d>>,
        abbreviations: Arc<Abbreviations>,
    ) -> Unit<Slice<'d>> {
        let default =
            DebugStrOffsetsBase::default_for_encoding_and_file(header.encoding(), dwarf.file_type);
        let mut unit = Unit {
            abbreviations,
            name: None,
            comp_dir: None,
            low_pc: 0,
            str_offsets_base: self.str_offsets_base.unwrap_or(default),
            addr_base: gimli::DebugAddrBase(0),
            loclists_base: gimli::DebugLocListsBase(0),
            rnglists_base: gimli::DebugRngListsBase(0),
            line_program: None,
            dwo_id: None,
            header,
        };
        unit.name = self.name.and_then(|value| dwarf.attr_string(&unit, value).ok());
        unit.comp_dir = self.comp_dir.and_then(|value| dwarf.attr_string(&unit, value).ok());
        unit
    }

    /// The name of the file that the unit's types are in, if this is a skeleton.
    pub(super) fn dwo_name(&self, dwarf: &Dwarf<'d>, unit: &Unit<Slice<'d>>) -> Option<String> {
        // The unit in the .dwo names its file, too.
        if dwarf.file_type == DwarfFileType::Dwo {
            return None;
        }
        let name = dwarf.attr_string(unit, self.dwo_name?).ok()?;
        Some(name.to_string_lossy().into_owned())
    }

    pub(super) fn dwo_id(&self, unit: &Unit<Slice<'d>>) -> Option<u64> {
        match unit.header.type_() {
            UnitType::Skeleton(id) | UnitType::SplitCompilation(id) => Some(id.0),
            _ => self.gnu_dwo_id,
        }
    }

    pub(super) fn is_cxx(&self) -> bool {
        matches!(
            self.language,
            Some(
                gimli::DW_LANG_C_plus_plus
                    | gimli::DW_LANG_C_plus_plus_03
                    | gimli::DW_LANG_C_plus_plus_11
                    | gimli::DW_LANG_C_plus_plus_14
                    | gimli::DW_LANG_C_plus_plus_17
                    | gimli::DW_LANG_C_plus_plus_20
                    | gimli::DW_LANG_ObjC_plus_plus
            )
        )
    }

    /// The lower bound of an array that names none (DWARF 5, table 7.17).
    pub(super) fn lower_bound(&self) -> i64 {
        self.language
            .and_then(|language| language.default_lower_bound())
            .map_or(0, |bound| i64::try_from(bound).unwrap_or(0))
    }
}
