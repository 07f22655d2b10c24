//! Lays out structs, unions and classes.

use crate::abi::ClassRule;
use crate::class;
use crate::error::LayoutError;
use crate::place::{Member, Place, Placer, check_align};
use crate::ty::TypeLayout;
use crate::types::{BaseDef, MemberDef, RecordDef, RecordId, RecordKind, Types};

/// Where the parts of a record are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordLayout {
    /// `sizeof`, `alignof`, and what an enclosing record needs to know.
    pub layout: TypeLayout,
    /// Bytes that a class derived from this one leaves to it, and a `[[no_unique_address]]` member
    /// too: without tail padding where the ABI lets it be used again.
    pub data_size: u64,
    /// Places of the base classes, in the order of [`RecordDef::bases`].
    pub bases: Vec<Place>,
    /// Places of the members, in the order of [`RecordDef::members`]. A flexible array has 0 bits.
    pub members: Vec<Place>,
}

/// What a class that has this one as a base or member needs to know, beside its [`RecordLayout`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClassLayout {
    /// Whether it has no data, in itself and its bases (C++17 meta.unary.prop `is_empty`).
    pub(crate) empty: bool,
    /// Whether the ABI counts it as plain old data, whose tail padding is its own.
    pub(crate) pod: bool,
    /// C++11 `is_trivial` and `is_standard_layout`, which arm64 macOS asks for.
    pub(crate) trivial: bool,
    pub(crate) standard_layout: bool,
    /// Whether it has members, in itself and its bases; unnamed bit-fields are none.
    pub(crate) has_members: bool,
    /// The empty classes inside it, itself included, with their offsets in bytes: two of the same
    /// type are never at the same address.
    pub(crate) empties: Vec<(u64, RecordId)>,
    /// How many empty classes were noted or compared for it.
    pub(crate) comparisons: usize,
    /// gcc: whether `packed` counts, and whether an attribute gave it its alignment.
    pub(crate) packed: bool,
    pub(crate) user_align: bool,
    /// Microsoft: whether its first base, and whether its last part, has no size.
    pub(crate) leads_empty: bool,
    pub(crate) ends_empty: bool,
}

/// Places the members of a record by the rules of the ABI of `types`.
pub(crate) fn lay_out(
    types: &Types,
    id: RecordId,
    def: &RecordDef,
) -> Result<(RecordLayout, ClassLayout), LayoutError> {
    for align in [def.attrs.align, def.attrs.pack] {
        check_align(align)?;
    }
    if def.class.is_some() {
        return match types.abi().class_rule() {
            ClassRule::Msvc => class::msvc::lay_out(types, id, def),
            _ => class::itanium::lay_out(types, id, def),
        };
    }
    let mut placer = placer(types, id, def);
    let mut members = Vec::with_capacity(def.members.len());
    for member in &def.members {
        let place = placer.push(&member_of(types, def, member)?)?;
        members.push(place);
    }
    let layout = placer.finish()?;
    let record = RecordLayout { layout, data_size: layout.size, bases: Vec::new(), members };
    let user_align = user_align(types, def);
    let packed = def.attrs.packed;
    Ok((record, ClassLayout { pod: true, packed, user_align, ..ClassLayout::default() }))
}

pub(crate) fn placer(types: &Types, id: RecordId, def: &RecordDef) -> Placer {
    match types.record(id).kind {
        RecordKind::Union => Placer::new_union(*types.abi(), def.attrs),
        RecordKind::Struct | RecordKind::Class => Placer::new(*types.abi(), def.attrs),
    }
}

/// What the placer needs to know of a member.
pub(crate) fn member_of(
    types: &Types,
    def: &RecordDef,
    member: &MemberDef,
) -> Result<Member, LayoutError> {
    check_align(member.align)?;
    let mut layout = types.layout_of(member.ty)?;
    if def.attrs.ms_struct == Some(true) && types.abi().class_rule() == ClassRule::Gcc {
        // On i386 Linux, too, 8 bytes are aligned to 8 then (rule header `ms_struct.h`).
        layout.align = types.align_of(member.ty)?;
    }
    let mut placed = Member::new(layout);
    if let Some(width) = member.width_bits {
        placed = placed.bits(width);
        if member.name.is_empty() {
            placed = placed.unnamed();
        }
    }
    if let Some(align) = member.align {
        placed = placed.aligned(align);
    }
    if member.packed {
        placed = placed.packed();
    }
    Ok(placed)
}

/// Whether an attribute gave a record its alignment, in itself or in a part: gcc's `TYPE_USER_ALIGN`.
pub(crate) fn user_align(types: &Types, def: &RecordDef) -> bool {
    let of_base = |base: &BaseDef| {
        let definition = types.record(base.record).definition.as_ref();
        definition.is_some_and(|definition| definition.class.user_align)
    };
    let of_member = |member: &MemberDef| {
        // What does not raise the alignment does not count as asked for (rule header
        // `alignof_of_vectors.h`).
        let natural = match member.width_bits {
            None if member.packed || def.attrs.packed => 1,
            None => types.layout_of(member.ty).map_or(0, |layout| layout.align),
            Some(_) => 0,
        };
        member.align.is_some_and(|align| align >= natural) || types.has_user_align(member.ty)
    };
    def.attrs.align.is_some() || def.bases.iter().any(of_base) || def.members.iter().any(of_member)
}
