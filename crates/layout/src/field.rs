//! The fields of a record as a reader of bytes sees them: flattened, with absolute offsets.

use crate::error::{LayoutError, LayoutErrorKind};
use crate::place::Place;
use crate::types::{Definition, RecordDef, RecordId, Type, TypeId, Types};

/// Records inside each other, as bases and anonymous members. More have no compiler's layout either, and
/// what walks them recurses.
const MAX_DEPTH: usize = 256;

/// Fields of one record, those of its bases and anonymous members counted. Bases of bases may double
/// their number with each line of a header.
const MAX_FIELDS: usize = 1 << 20;

/// How many fields a record is made of, and how deep they lie.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Extent {
    fields: usize,
    depth: usize,
}

/// What a [`Field`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A member with a name, or an unnamed one of no record type.
    Member,
    /// A bit-field.
    BitField,
    /// An anonymous struct or union; its members follow it, one level deeper.
    Anonymous,
    /// A base class; its fields follow it, one level deeper.
    Base,
}

/// One field of a record. Members of anonymous members and of base classes follow these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Name; empty for an anonymous member, the class's name for a base.
    pub name: &'a str,
    /// Declared type.
    pub ty: TypeId,
    /// Bits from the start of the outermost record, and how many.
    pub place: Place,
    /// What it is.
    pub kind: FieldKind,
    /// How many anonymous members and bases it is inside of.
    pub depth: usize,
}

impl Types {
    /// The fields of a complete record in the order of their declaration, base classes first; none of
    /// an incomplete one. Unnamed bit-fields are padding and left out.
    #[must_use]
    pub fn fields(&self, record: RecordId) -> Vec<Field<'_>> {
        let mut fields = Vec::new();
        self.push_fields(record, 0, 0, &mut fields);
        fields
    }

    fn push_fields<'a>(
        &'a self,
        record: RecordId,
        base_bits: u64,
        depth: usize,
        fields: &mut Vec<Field<'a>>,
    ) {
        let Some(definition) = &self.record(record).definition else { return };
        let Definition { def, layout, .. } = definition;
        for (base, &place) in def.bases.iter().zip(&layout.bases) {
            let place = Place { offset_bits: base_bits + place.offset_bits, ..place };
            let name = &*self.record(base.record).name;
            let kind = FieldKind::Base;
            fields.push(Field { name, ty: self.record_type(base.record), place, kind, depth });
            self.push_fields(base.record, place.offset_bits, depth + 1, fields);
        }
        for (member, &place) in def.members.iter().zip(&layout.members) {
            let place = Place { offset_bits: base_bits + place.offset_bits, ..place };
            let inner = match (&*member.name, self.get(self.strip(member.ty))) {
                ("", Type::Record(id)) => Some(*id),
                _ => None,
            };
            let kind = match (member.width_bits, inner) {
                (Some(_), _) if member.name.is_empty() => continue,
                (Some(_), _) => FieldKind::BitField,
                (None, Some(_)) => FieldKind::Anonymous,
                (None, None) => FieldKind::Member,
            };
            fields.push(Field { name: &member.name, ty: member.ty, place, kind, depth });
            if let (FieldKind::Anonymous, Some(id)) = (kind, inner) {
                self.push_fields(id, place.offset_bits, depth + 1, fields);
            }
        }
    }

    /// The extent of a record to be.
    ///
    /// # Errors
    ///
    /// It is beyond what is told apart.
    pub(crate) fn extent(&self, def: &RecordDef) -> Result<Extent, LayoutError> {
        let mut extent = Extent { fields: def.members.len(), depth: 0 };
        let anonymous = def.members.iter().filter(|member| member.name.is_empty());
        let anonymous = anonymous.filter_map(|member| match self.get(self.strip(member.ty)) {
            Type::Record(id) => Some(*id),
            _ => None,
        });
        for inner in def.bases.iter().map(|base| base.record).chain(anonymous) {
            let Some(definition) = &self.record(inner).definition else { continue };
            extent.fields = extent.fields.saturating_add(definition.extent.fields + 1);
            extent.depth = extent.depth.max(definition.extent.depth + 1);
        }
        if extent.fields > MAX_FIELDS || extent.depth > MAX_DEPTH {
            return Err(LayoutError::new(LayoutErrorKind::TooComplex));
        }
        Ok(extent)
    }

    /// The runs of bits that no field covers, in ascending order. Anonymous members and bases cover
    /// what their own fields cover; what is inside a named member is that member's business.
    #[must_use]
    pub fn padding(&self, record: RecordId) -> Vec<Place> {
        let Some(definition) = &self.record(record).definition else { return Vec::new() };
        let fields = self.fields(record);
        let covering = fields
            .iter()
            .filter(|field| matches!(field.kind, FieldKind::Member | FieldKind::BitField))
            .map(|field| (field.place.offset_bits, field.place.size_bits));
        let mut covered: Vec<_> = covering.collect();
        covered.sort_unstable();
        let size_bits = definition.layout.layout.size.saturating_mul(8);
        let mut padding = Vec::new();
        let mut end_bits = 0;
        for (offset_bits, field_bits) in covered.into_iter().chain([(size_bits, 0)]) {
            if offset_bits > end_bits {
                padding.push(Place { offset_bits: end_bits, size_bits: offset_bits - end_bits });
            }
            end_bits = end_bits.max(offset_bits.saturating_add(field_bits));
        }
        padding
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::Abi;
    use crate::types::{Access, BaseDef, Basic, ClassTraits, MemberDef, RecordKind};

    fn class(types: &mut Types, bases: &[RecordId]) -> Result<RecordId, LayoutError> {
        let id = types.add_record(RecordKind::Struct, "", None);
        let ty = types.basic(Basic::Char);
        let bases = bases.iter().map(|&record| BaseDef { record, access: Access::Public });
        let def = RecordDef {
            bases: bases.collect(),
            members: vec![MemberDef::new("c", ty)],
            class: Some(ClassTraits::default()),
            ..RecordDef::default()
        };
        types.define_record(id, def).map(|()| id)
    }

    /// Two bases that share their bases: 2^n fields after n lines.
    #[test]
    fn bases_that_double_are_refused_before_they_fill_the_memory() {
        let mut types = Types::new(Abi::X86_64_LINUX);
        let mut level = [class(&mut types, &[]).unwrap(), class(&mut types, &[]).unwrap()];
        let error = loop {
            match (class(&mut types, &level), class(&mut types, &level)) {
                (Ok(one), Ok(other)) => level = [one, other],
                (Err(error), _) | (_, Err(error)) => break error,
            }
        };
        assert_eq!(error.kind(), LayoutErrorKind::TooComplex);
        let [last, _] = level;
        assert!(types.fields(last).len() <= MAX_FIELDS);
    }

    #[test]
    fn bases_nest_as_deep_as_the_limit_and_no_deeper() {
        let mut types = Types::new(Abi::X86_64_LINUX);
        let mut last = class(&mut types, &[]).unwrap();
        for _ in 0..MAX_DEPTH {
            last = class(&mut types, &[last]).unwrap();
        }
        assert_eq!(types.fields(last).len(), 2 * MAX_DEPTH + 1, "a class and a member per level");
        let error = class(&mut types, &[last]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "needs fewer bases, anonymous members and empty classes inside each other"
        );
    }
}
