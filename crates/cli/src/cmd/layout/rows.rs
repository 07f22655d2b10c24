//! The rows of a record: its fields, and the holes between them in their places.

use std::borrow::Cow;

use cwire_layout::types::{RecordId, RecordKind, Type, TypeId};
use cwire_layout::{Field, FieldKind, Types};

/// Records inside each other that are expanded. Deeper ones stay one row.
const MAX_LEVEL: usize = 32;

/// Rows of one record after which nothing more is expanded: records that hold two of the one before
/// double with every level.
const MAX_EXPANDED_ROWS: usize = 10_000;

/// One row: a field or a hole.
#[derive(Clone, Debug)]
pub(crate) struct Row<'a> {
    pub(crate) kind: RowKind,
    /// As C names it from the record outwards: `hdr.len`; empty for anonymous members and holes.
    pub(crate) name: Cow<'a, str>,
    /// Declared type; `None` for a hole.
    pub(crate) ty: Option<TypeId>,
    /// Bits from the start of the record.
    pub(crate) offset_bits: u64,
    pub(crate) size_bits: u64,
    /// Records and anonymous members around it.
    pub(crate) depth: usize,
}

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowKind {
    /// A member.
    Member,
    /// A bit-field.
    BitField,
    /// An anonymous struct; its members follow.
    Anonymous,
    /// An anonymous union; its members follow and overlap.
    AnonymousUnion,
    /// A base class; its members follow.
    Base,
    /// A member whose own members follow.
    Opened {
        /// Whether those overlap.
        union: bool,
        /// Whether it is an array, of which the first element is shown.
        array: bool,
    },
    /// A flexible array, or one of length 0.
    Flexible,
    /// Bits that no field covers.
    Padding,
}

impl Row<'_> {
    /// Whether the rows that follow it one level deeper are its own bits again.
    pub(crate) fn is_opened(&self) -> bool {
        matches!(
            self.kind,
            RowKind::Anonymous | RowKind::AnonymousUnion | RowKind::Base | RowKind::Opened { .. }
        )
    }

    /// Whether the rows that follow it one level deeper share their bits.
    pub(crate) fn overlaps(&self) -> bool {
        matches!(self.kind, RowKind::AnonymousUnion | RowKind::Opened { union: true, .. })
    }

    /// Whether its place is said in bits.
    pub(crate) fn is_in_bits(&self) -> bool {
        self.kind == RowKind::BitField
            || !self.offset_bits.is_multiple_of(8)
            || !self.size_bits.is_multiple_of(8)
    }
}

/// The rows of a complete record. Members of unnamed types are always opened, since nothing else
/// shows them; with `expand` those of named records are, too.
pub(crate) fn rows(types: &Types, record: RecordId, expand: bool) -> Vec<Row<'_>> {
    let mut builder = Builder { types, expand, rows: Vec::new() };
    builder.record(record, &Outer { prefix: "", offset_bits: 0, depth: 0, level: 0 });
    builder.rows
}

struct Builder<'a> {
    types: &'a Types,
    expand: bool,
    rows: Vec<Row<'a>>,
}

/// Where a record is that is being opened.
struct Outer<'p> {
    /// What its members' names begin with: `hdr.`.
    prefix: &'p str,
    offset_bits: u64,
    depth: usize,
    level: usize,
}

impl<'a> Builder<'a> {
    fn record(&mut self, record: RecordId, outer: &Outer<'_>) {
        let types = self.types;
        let mut holes = types.padding(record).into_iter().peekable();
        for field in types.fields(record) {
            let before = |offset_bits| offset_bits < field.place.offset_bits;
            while let Some(hole) = holes.next_if(|hole| before(hole.offset_bits)) {
                self.hole(hole.offset_bits, hole.size_bits, field.depth, outer);
            }
            self.field(&field, outer);
        }
        for hole in holes {
            self.hole(hole.offset_bits, hole.size_bits, 0, outer);
        }
    }

    fn hole(&mut self, offset_bits: u64, size_bits: u64, depth: usize, outer: &Outer<'_>) {
        self.rows.push(Row {
            kind: RowKind::Padding,
            name: Cow::Borrowed(""),
            ty: None,
            offset_bits: outer.offset_bits.saturating_add(offset_bits),
            size_bits,
            depth: outer.depth + depth,
        });
    }

    fn field(&mut self, field: &Field<'a>, outer: &Outer<'_>) {
        let opened = self.to_open(field, outer);
        let kind = match opened {
            Some(Opened { union, array, .. }) => RowKind::Opened { union, array },
            None => self.kind(field),
        };
        let name = if outer.prefix.is_empty() || field.name.is_empty() {
            Cow::Borrowed(field.name)
        } else {
            Cow::Owned(format!("{}{}", outer.prefix, field.name))
        };
        let offset_bits = outer.offset_bits.saturating_add(field.place.offset_bits);
        let depth = outer.depth + field.depth;
        let prefix = opened.as_ref().map(|opened| format!("{name}{}", opened.suffix()));
        self.rows.push(Row {
            kind,
            name,
            ty: Some(field.ty),
            offset_bits,
            size_bits: field.place.size_bits,
            depth,
        });
        if let (Some(opened), Some(prefix)) = (opened, prefix) {
            let outer =
                Outer { prefix: &prefix, offset_bits, depth: depth + 1, level: outer.level + 1 };
            self.record(opened.record, &outer);
        }
    }

    fn kind(&self, field: &Field<'a>) -> RowKind {
        let ty = self.types.get(self.types.strip(field.ty));
        match field.kind {
            FieldKind::BitField => RowKind::BitField,
            FieldKind::Base => RowKind::Base,
            FieldKind::Anonymous => match ty {
                Type::Record(id) if self.types.record(*id).kind == RecordKind::Union => {
                    RowKind::AnonymousUnion
                }
                _ => RowKind::Anonymous,
            },
            FieldKind::Member => match ty {
                Type::Array { .. } if field.place.size_bits == 0 => RowKind::Flexible,
                _ => RowKind::Member,
            },
        }
    }

    /// The record that a member is opened into, if it is.
    fn to_open(&self, field: &Field<'a>, outer: &Outer<'_>) -> Option<Opened> {
        let bounded = outer.level < MAX_LEVEL && self.rows.len() < MAX_EXPANDED_ROWS;
        if field.kind != FieldKind::Member || !bounded {
            return None;
        }
        let mut ty = self.types.strip(field.ty);
        let mut dimensions = 0;
        while let Type::Array { element, .. } = self.types.get(ty) {
            ty = self.types.strip(*element);
            dimensions += 1;
        }
        let Type::Record(id) = *self.types.get(ty) else { return None };
        let record = self.types.record(id);
        // An empty array has no first element to show.
        let shown = record.definition.is_some() && (dimensions == 0 || field.place.size_bits > 0);
        let wanted = self.expand || record.name.is_empty();
        (shown && wanted).then_some(Opened {
            record: id,
            union: record.kind == RecordKind::Union,
            array: dimensions > 0,
            dimensions,
        })
    }
}

struct Opened {
    record: RecordId,
    union: bool,
    array: bool,
    dimensions: usize,
}

impl Opened {
    /// What stands between the member's name and those of its members.
    fn suffix(&self) -> String {
        format!("{}.", "[0]".repeat(self.dimensions))
    }
}
