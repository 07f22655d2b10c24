//! The attributes of one entry that a type can have.

use gimli::{AttributeSpecification, AttributeValue, EntriesRaw, Operation};

use super::Slice;

/// Largest alignment that gcc and clang take, in bytes (clang: 2^32).
const MAX_ALIGN: u64 = 1 << 32;

/// The attributes of one entry. Absent ones are `None`.
#[derive(Debug, Default)]
pub(super) struct Attrs<'d> {
    pub(super) name: Option<AttributeValue<Slice<'d>>>,
    pub(super) ty: Option<AttributeValue<Slice<'d>>>,
    pub(super) specification: Option<AttributeValue<Slice<'d>>>,
    pub(super) origin: Option<AttributeValue<Slice<'d>>>,
    pub(super) signature: Option<AttributeValue<Slice<'d>>>,
    pub(super) containing: Option<AttributeValue<Slice<'d>>>,
    pub(super) member_location: Option<AttributeValue<Slice<'d>>>,
    pub(super) count: Option<AttributeValue<Slice<'d>>>,
    pub(super) upper_bound: Option<AttributeValue<Slice<'d>>>,
    pub(super) lower_bound: Option<AttributeValue<Slice<'d>>>,
    pub(super) const_value: Option<AttributeValue<Slice<'d>>>,
    pub(super) byte_size: Option<u64>,
    /// A size that only a running program knows.
    pub(super) computed_size: bool,
    pub(super) bit_size: Option<u64>,
    pub(super) bit_offset: Option<i64>,
    pub(super) data_bit_offset: Option<u64>,
    pub(super) alignment: Option<u64>,
    pub(super) encoding: Option<gimli::DwAte>,
    pub(super) endianity: Option<gimli::DwEnd>,
    pub(super) accessibility: Option<gimli::DwAccess>,
    pub(super) virtuality: bool,
    pub(super) declaration: bool,
    pub(super) external: bool,
    pub(super) artificial: bool,
    pub(super) vector: bool,
    pub(super) stride: bool,
    pub(super) file: u64,
    pub(super) line: u32,
}

impl<'d> Attrs<'d> {
    pub(super) fn read(
        entries: &mut EntriesRaw<'_, Slice<'d>>,
        specs: &[AttributeSpecification],
    ) -> Result<Self, gimli::Error> {
        let mut attrs = Self::default();
        for &spec in specs {
            let attr = entries.read_attribute(spec)?;
            attrs.note(attr.name(), attr.value());
        }
        Ok(attrs)
    }

    fn note(&mut self, name: gimli::DwAt, value: AttributeValue<Slice<'d>>) {
        match name {
            gimli::DW_AT_name => self.name = Some(value),
            gimli::DW_AT_type => self.ty = Some(value),
            gimli::DW_AT_specification => self.specification = Some(value),
            gimli::DW_AT_abstract_origin => self.origin = Some(value),
            gimli::DW_AT_signature => self.signature = Some(value),
            gimli::DW_AT_containing_type => self.containing = Some(value),
            gimli::DW_AT_data_member_location => self.member_location = Some(value),
            gimli::DW_AT_count => self.count = Some(value),
            gimli::DW_AT_upper_bound => self.upper_bound = Some(value),
            gimli::DW_AT_lower_bound => self.lower_bound = Some(value),
            gimli::DW_AT_const_value => self.const_value = Some(value),
            gimli::DW_AT_byte_size => {
                self.byte_size = value.udata_value();
                self.computed_size = self.byte_size.is_none();
            }
            gimli::DW_AT_bit_size => self.bit_size = value.udata_value(),
            gimli::DW_AT_bit_offset => {
                // Counted downwards from the unit's end by some, so that it may be negative; only a
                // form that has a sign is taken to have one.
                self.bit_offset = match value {
                    AttributeValue::Sdata(offset) => Some(offset),
                    _ => value.udata_value().and_then(|offset| i64::try_from(offset).ok()),
                };
            }
            gimli::DW_AT_data_bit_offset => self.data_bit_offset = value.udata_value(),
            gimli::DW_AT_alignment => {
                let is_alignment = |&align: &u64| align.is_power_of_two() && align <= MAX_ALIGN;
                self.alignment = value.udata_value().filter(is_alignment);
            }
            gimli::DW_AT_encoding => {
                if let AttributeValue::Encoding(encoding) = value {
                    self.encoding = Some(encoding);
                }
            }
            gimli::DW_AT_endianity => {
                if let AttributeValue::Endianity(endianity) = value {
                    self.endianity = Some(endianity);
                }
            }
            gimli::DW_AT_accessibility => {
                if let AttributeValue::Accessibility(access) = value {
                    self.accessibility = Some(access);
                }
            }
            gimli::DW_AT_virtuality => {
                self.virtuality =
                    !matches!(value, AttributeValue::Virtuality(gimli::DW_VIRTUALITY_none));
            }
            gimli::DW_AT_declaration => self.declaration = is_set(&value),
            gimli::DW_AT_external => self.external = is_set(&value),
            gimli::DW_AT_artificial => self.artificial = is_set(&value),
            gimli::DW_AT_GNU_vector => self.vector = is_set(&value),
            gimli::DW_AT_byte_stride | gimli::DW_AT_bit_stride => self.stride = true,
            gimli::DW_AT_decl_file => {
                if let AttributeValue::FileIndex(file) = value {
                    self.file = file;
                }
            }
            gimli::DW_AT_decl_line => {
                self.line =
                    value.udata_value().and_then(|line| u32::try_from(line).ok()).unwrap_or(0);
            }
            _ => {}
        }
    }
}

fn is_set<R: gimli::Reader>(value: &AttributeValue<R>) -> bool {
    matches!(value, AttributeValue::Flag(true))
}

/// The constant that a member's location is; DWARF 2 writes it as an expression that adds it to the
/// address of the record.
pub(super) fn member_offset(
    value: Option<AttributeValue<Slice<'_>>>,
    encoding: gimli::Encoding,
) -> Option<u64> {
    let Some(value) = value else { return Some(0) };
    if let Some(offset) = value.udata_value() {
        return Some(offset);
    }
    let expression = value.exprloc_value()?;
    let mut operations = expression.operations(encoding);
    let offset = match operations.next().ok()?? {
        Operation::PlusConstant { value } | Operation::UnsignedConstant { value } => value,
        Operation::SignedConstant { value } => u64::try_from(value).ok()?,
        _ => return None,
    };
    match operations.next().ok()? {
        None | Some(Operation::Plus) => Some(offset),
        Some(_) => None,
    }
}
