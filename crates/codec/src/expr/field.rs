//! Fields by path.

use std::ops::Range;

use cwire_layout::Types;
use cwire_layout::types::{RecordId, TypeId};
use cwire_layout::{Field, FieldKind};

#[cfg(feature = "protocol")]
use super::types::{Shape, shape};

/// A part of a record.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Bits from the start of the outermost record.
    pub(super) offset_bits: u64,
    pub(super) ty: TypeId,
    /// Width of a bit-field.
    pub(super) width_bits: Option<u64>,
    /// Whether the stack holds how many bytes a computed index moves it.
    pub(super) is_moved: bool,
    /// Bytes of the text that name it.
    pub(super) span: Range<usize>,
}

/// A member by its name, those of anonymous members and base classes included. What a class declares
/// hides what its bases do (C++17 class.member.lookup).
pub(super) fn member<'a>(types: &'a Types, record: RecordId, name: &str) -> Option<Field<'a>> {
    let fields = types.fields(record);
    let named = fields.into_iter().filter(|field| {
        field.name == name && matches!(field.kind, FieldKind::Member | FieldKind::BitField)
    });
    named.min_by_key(|field| field.depth)
}

/// The type of a member.
#[cfg(feature = "protocol")]
pub(crate) fn field_type(types: &Types, record: RecordId, name: &str) -> Option<TypeId> {
    member(types, record, name).map(|field| field.ty)
}

/// Whether a record has the field of a path without indices (`legs.price` for every leg).
#[cfg(feature = "protocol")]
pub(crate) fn has_path(types: &Types, record: RecordId, path: &str) -> bool {
    let mut at = Some(record);
    for name in path.split('.') {
        let Some(field) = at.and_then(|record| member(types, record, name.trim())) else {
            return false;
        };
        let mut ty = field.ty;
        while let Shape::Array { element, .. } = shape(types, ty) {
            ty = element;
        }
        at = match shape(types, ty) {
            Shape::Record(id) => Some(id),
            _ => None,
        };
    }
    true
}

/// The names of all members.
pub(crate) fn names(types: &Types, record: RecordId) -> Vec<&str> {
    let fields = types.fields(record);
    let named = fields.into_iter().filter(|field| field.kind != FieldKind::Base);
    named.map(|field| field.name).filter(|name| !name.is_empty()).collect()
}

/// The candidate that somebody who typed `name` may have meant, as the end of a message.
pub(crate) fn did_you_mean<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> String {
    let close = |candidate: &'a str| {
        let distance = strsim::damerau_levenshtein(name, candidate);
        let most = (name.chars().count().max(candidate.chars().count()) + 1) / 3;
        (distance <= most && distance > 0).then_some((distance, candidate))
    };
    // What is long is no slip of the finger, and comparing costs the product of the lengths.
    if name.len() > 64 {
        return String::new();
    }
    let candidates = candidates.into_iter().filter(|candidate| candidate.len() <= 64).take(4096);
    match candidates.filter_map(close).min() {
        Some((_, candidate)) => format!("; did you mean `{candidate}`?"),
        None => String::new(),
    }
}
