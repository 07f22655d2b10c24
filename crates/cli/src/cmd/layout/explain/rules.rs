//! The rules that put a part of a record where it is, as sentences.
//!
//! They retell what the layout engine did, from the places of the parts before and from what is
//! declared. Each retelling ends at a place of its own; where that is not the engine's, as it may be for
//! a record out of debug information whose attributes nobody kept, this is said, and no reason is made up.

use std::fmt;

use cwire_layout::abi::{BitFieldRule, ClassRule};
use cwire_layout::place::Place;
use cwire_layout::types::{Definition, MemberDef, RecordId, RecordKind, Type, TypeId};
use cwire_layout::{Field, FieldKind, Types};

use super::align::{of_member, pack};
use super::source;
use crate::cmd::layout::table::Bits;

/// Why a part is where it is.
pub(super) struct Explained {
    /// One sentence each, in the order in which the rules apply.
    pub(super) reasons: Vec<String>,
    /// Whether they lead to the place that the part has.
    pub(super) arrives: bool,
}

/// Explains the place of a field in the record whose own member it is.
pub(super) fn explain(types: &Types, record: RecordId, field: &Field<'_>) -> Explained {
    let (reasons, expected) = retell(types, record, field);
    Explained { reasons, arrives: expected == Some(field.place.offset_bits) }
}

/// The reasons, and the bit they lead to.
fn retell(types: &Types, record: RecordId, field: &Field<'_>) -> (Vec<String>, Option<u64>) {
    let nothing = (Vec::new(), None);
    let Some(definition) = &types.record(record).definition else { return nothing };
    if field.kind == FieldKind::Base {
        let is_it = |base: &RecordId| types.record_type(*base) == field.ty;
        let mut bases = definition.def.bases.iter().map(|base| base.record);
        let Some(index) = bases.position(|base| is_it(&base)) else { return nothing };
        let part = Parts { types, definition, bases: index, members: 0 };
        return part.base();
    }
    let is_it = |(member, place): &(&MemberDef, &Place)| {
        *member.name == *field.name && member.ty == field.ty && **place == field.place
    };
    let mut members = definition.def.members.iter().zip(&definition.layout.members);
    let Some(index) = members.position(|pair| is_it(&pair)) else { return nothing };
    let Some(member) = definition.def.members.get(index) else { return nothing };
    if types.record(record).kind == RecordKind::Union {
        let union = format!("every member of a union begins at its first byte ({})", source::UNION);
        return (vec![union], Some(0));
    }
    let parts = Parts { types, definition, bases: definition.def.bases.len(), members: index };
    match member.width_bits {
        Some(width_bits) => parts.bit_field(member, u64::from(width_bits)),
        None => parts.plain(member),
    }
}

/// The width of a bit-field.
pub(super) struct Width(pub(super) u64);

impl fmt::Display for Width {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bit{}", self.0, if self.0 == 1 { "" } else { "s" })
    }
}

/// The parts of a record before one of them.
pub(super) struct Parts<'a> {
    pub(super) types: &'a Types,
    pub(super) definition: &'a Definition,
    /// How many bases come before.
    pub(super) bases: usize,
    /// How many members come before.
    pub(super) members: usize,
}

/// Where the parts before end.
#[derive(Clone, Copy, Default)]
pub(super) struct End {
    /// First bit after them.
    pub(super) bits: u64,
    /// The storage unit of the last of them, if it is a bit-field and the rule has units.
    pub(super) unit: Option<Unit>,
}

impl End {
    /// First bit after the storage unit.
    pub(super) fn with_unit(self) -> u64 {
        self.unit.map_or(self.bits, |unit| unit.end_bits.max(self.bits))
    }
}

#[derive(Clone, Copy)]
pub(super) struct Unit {
    pub(super) size_bits: u64,
    pub(super) end_bits: u64,
    /// Whether a bit-field of width 0 has ended it.
    pub(super) closed: bool,
}

impl<'a> Parts<'a> {
    /// What is said of a member that is no bit-field.
    fn plain(&self, member: &MemberDef) -> (Vec<String>, Option<u64>) {
        let end = self.end();
        let mut reasons = self.before(end);
        if self.is_addressless(member) {
            let (more, place) = self.empty_member(member, end);
            reasons.extend(more);
            return (reasons, place);
        }
        let start = end.with_unit();
        if start > end.bits {
            let bits = source::bits(self.types.abi(), self.rule());
            reasons.push(format!(
                "the storage unit of the bit-fields before it goes on up to byte {} ({bits})",
                start / 8
            ));
        }
        if let Type::Array { len: None, .. } = self.types.get(self.types.strip(member.ty)) {
            reasons.push(format!("a flexible array takes no room itself ({})", source::FLEXIBLE));
        }
        if member.no_unique_address {
            reasons.push(self.no_unique_address().to_owned());
        }
        let Some(align) = of_member(self.types, &self.definition.def, member) else {
            return (reasons, None);
        };
        reasons.extend(align.reasons);
        let align = match self.is_aligned_by_bits(end, align.bytes) {
            true => {
                reasons.push(aligned_by_bits(end, align.bytes));
                self.lowered(member)
            }
            false => align.bytes,
        };
        let Some(mut at) = start.checked_next_multiple_of(align.max(1) * 8) else {
            return (reasons, None);
        };
        reasons.push(arrival(start, at, align));
        reasons.extend(self.moved_on(member.ty, start, &mut at, align));
        (reasons, Some(at))
    }

    /// Whether gcc on Windows takes what begins after the open storage unit for aligned to `align` bytes
    /// because the last bit-field ends so, though the unit does not.
    pub(super) fn is_aligned_by_bits(&self, end: End, align: u64) -> bool {
        let align_bits = align.saturating_mul(8).max(1);
        self.rule() == BitFieldRule::MinGw
            && end.bits.is_multiple_of(align_bits)
            && !end.with_unit().is_multiple_of(align_bits)
    }

    /// What packing leaves of the alignment of a member's type.
    fn lowered(&self, member: &MemberDef) -> u64 {
        let def = &self.definition.def;
        let natural = self.types.layout_of(member.ty).map_or(1, |layout| layout.align);
        let natural = if def.attrs.packed || member.packed { 1 } else { natural };
        pack(self.types.abi(), def).map_or(natural, |(pack, _)| natural.min(pack))
    }

    /// How bit-fields of this record are placed.
    pub(super) fn rule(&self) -> BitFieldRule {
        match (self.types.abi().bit_field_rule(), self.definition.def.attrs.ms_struct) {
            (BitFieldRule::SysV | BitFieldRule::Aapcs, Some(true)) => BitFieldRule::MinGw,
            (BitFieldRule::MinGw, Some(false)) => BitFieldRule::SysV,
            (rule, _) => rule,
        }
    }

    pub(super) fn is_msvc(&self) -> bool {
        self.types.abi().class_rule() == ClassRule::Msvc
    }

    /// The members before, with their places.
    pub(super) fn members_before(&self) -> impl DoubleEndedIterator<Item = (&'a MemberDef, Place)> {
        let Definition { def, layout, .. } = self.definition;
        let pairs: Vec<_> =
            def.members.iter().zip(layout.members.iter().copied()).take(self.members).collect();
        pairs.into_iter()
    }

    /// Where the parts before end.
    pub(super) fn end(&self) -> End {
        let mut end = End { bits: self.end_of_bases(), unit: None };
        for (member, place) in self.members_before() {
            if self.is_addressless(member) {
                if self.types.abi().class_rule() != ClassRule::Gcc {
                    // clang begins a new byte after it.
                    end.bits = end.bits.next_multiple_of(8);
                }
                continue;
            }
            let after = place.offset_bits.saturating_add(self.room(member, place));
            end.bits = end.bits.max(after);
            end.unit = match (self.rule(), member.width_bits) {
                (BitFieldRule::SysV | BitFieldRule::Aapcs, _) | (_, None) => None,
                (BitFieldRule::Msvc, Some(0)) => None,
                (_, Some(width)) => Some(self.unit(end.unit, member.ty, place, width == 0)),
            };
        }
        end
    }

    fn unit(&self, open: Option<Unit>, ty: TypeId, place: Place, closed: bool) -> Unit {
        let size_bits = self.types.layout_of(ty).map_or(0, |layout| layout.size.saturating_mul(8));
        match open {
            Some(unit)
                if !closed
                    && !unit.closed
                    && unit.size_bits == size_bits
                    && place.offset_bits < unit.end_bits =>
            {
                unit
            }
            _ if closed => Unit { size_bits, end_bits: place.offset_bits, closed },
            _ => {
                let end_bits = place.offset_bits.saturating_add(size_bits);
                Unit { size_bits, end_bits, closed }
            }
        }
    }

    /// The bits that a member keeps to itself: `[[no_unique_address]]` gives its tail padding away.
    fn room(&self, member: &MemberDef, place: Place) -> u64 {
        match self.types.get(self.types.strip(member.ty)) {
            Type::Record(id) if member.no_unique_address && !self.is_msvc() => {
                let inner = self.types.record(*id).definition.as_ref();
                inner.map_or(place.size_bits, |inner| inner.layout.data_size.saturating_mul(8))
            }
            _ => place.size_bits,
        }
    }

    /// Where the parts before end, as sentences.
    pub(super) fn before(&self, end: End) -> Vec<String> {
        // Unnamed bit-fields have no name to go by; what has none beside them is an anonymous member.
        let is_shown = |member: &MemberDef| !member.name.is_empty() || member.width_bits.is_none();
        let mut before = self.members_before().rev().map(|(member, _)| member);
        let Some(last) = before.find(|member| is_shown(member)) else {
            return match self.definition.def.bases.first() {
                Some(_) => self.after_bases(),
                None if end.bits > 0 => vec![free(end.bits, "the unnamed bit-fields")],
                None => vec!["nothing comes before it".to_owned()],
            };
        };
        let name = match &*last.name {
            "" => "the anonymous member".to_owned(),
            name => format!("`{name}`"),
        };
        let mut reasons = vec![free(end.bits, &name)];
        if last.no_unique_address && !self.is_addressless(last) {
            reasons.extend(self.shared_tail(last.ty));
        }
        reasons
    }
}

/// `the first free byte is 5, after …`.
pub(super) fn free(bits: u64, after: &str) -> String {
    match bits % 8 {
        0 => format!("the first free byte is {}, after {after}", bits / 8),
        bit => format!("the first free bit is bit {bit} of byte {}, after {after}", bits / 8),
    }
}

/// See [`Parts::is_aligned_by_bits`].
pub(super) fn aligned_by_bits(end: End, align: u64) -> String {
    format!(
        "the bit-field before it ends at byte {}, a multiple of {align}, and gcc does not look at the \
         end of the unit ({})",
        end.bits / 8,
        source::GCC_BITS
    )
}

/// From the first free bit to the next multiple of an alignment.
pub(super) fn arrival(start: u64, at: u64, align: u64) -> String {
    let byte = at / 8;
    match at.saturating_sub(start) {
        0 if byte == 0 => "byte 0 is a multiple of every alignment".to_owned(),
        0 => format!("byte {byte} is a multiple of {align}, so there is no padding before it"),
        padding => format!(
            "the next multiple of {align} is byte {byte}: {} of padding before it",
            Bits(padding)
        ),
    }
}
