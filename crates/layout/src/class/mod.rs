//! Lays out the records of C++: base classes, tail padding, empty classes.

pub(crate) mod itanium;
pub(crate) mod msvc;
#[cfg(test)]
mod tests;
mod traits;

use crate::error::{LayoutError, LayoutErrorKind};
use crate::types::{Definition, MemberDef, RecordId, Type, TypeId, Types};

/// Whether a member may share its place with others: an empty class of its own type, not an array.
fn is_empty_member(types: &Types, member: &MemberDef) -> bool {
    matches!(types.get(types.strip(member.ty)), Type::Record(id) if is_empty(types, *id))
}

/// Whether a class has no data.
fn is_empty(types: &Types, id: RecordId) -> bool {
    types.record(id).definition.as_ref().is_some_and(|definition| definition.class.empty)
}

fn is_reference(types: &Types, ty: TypeId) -> bool {
    matches!(types.get(types.strip(ty)), Type::Reference { .. })
}

fn definition(types: &Types, id: RecordId) -> Result<&Definition, LayoutError> {
    match &types.record(id).definition {
        Some(definition) => Ok(definition),
        None => Err(LayoutError::new(LayoutErrorKind::Incomplete)),
    }
}
