//! The Itanium C++ ABI, chapter 2.4: "Non-POD class types" without virtual functions and bases.

use std::cell::Cell;
use std::collections::{BTreeSet, HashMap};

use super::{definition, is_empty_member, is_reference, traits};
use crate::abi::ClassRule;
use crate::error::{LayoutError, LayoutErrorKind};
use crate::place::{Place, Placer};
use crate::record::{ClassLayout, RecordLayout, member_of, placer};
use crate::ty::{TypeLayout, bits, max, min, round_up};
use crate::types::{Definition, MemberDef, RecordDef, RecordId, RecordKind, Type, TypeId, Types};

/// Empty classes that one class may hold.
const MAX_EMPTIES: usize = 1 << 16;

/// Empty classes that are noted or compared for one class: what holds many of them, and is held by many
/// others, would take time in proportion to the product.
pub(crate) const MAX_COMPARED: usize = 1 << 20;

/// Elements at the beginning of an array whose empty classes are kept apart from others.
const FIRST_ELEMENTS: u64 = 64;

pub(crate) fn lay_out(
    types: &Types,
    id: RecordId,
    def: &RecordDef,
) -> Result<(RecordLayout, ClassLayout), LayoutError> {
    let mut class = Class::new(types, id, def);
    let mut bases = Vec::with_capacity(def.bases.len());
    for base in &def.bases {
        bases.push(class.base(base.record)?);
    }
    let mut members = Vec::with_capacity(def.members.len());
    for member in &def.members {
        members.push(class.member(member)?);
    }
    class.finish(bases, members)
}

/// A class whose parts are being placed.
struct Class<'a> {
    types: &'a Types,
    id: RecordId,
    def: &'a RecordDef,
    kind: RecordKind,
    /// Everything that takes room of its own.
    placer: Placer,
    /// End of the empty parts, which take none: `sizeof(C)` where it exceeds `dsize(C)`. Bytes.
    size: u64,
    /// End of the empty classes among them. Bytes.
    empty_end: u64,
    /// The empty classes placed so far.
    empties: BTreeSet<(u64, RecordId)>,
    /// Where the search for a place of an empty part may begin: what conflicted once does so for ever.
    /// Without it a long run of such parts would take time in proportion to its square.
    searched: HashMap<RecordId, u64>,
    /// How many empty classes may still be noted or compared.
    comparisons: Cell<usize>,
}

/// What an empty part asks for, in bytes.
#[derive(Clone, Copy)]
struct EmptyAlign {
    /// Of the class around it, if it is at 0.
    first: u64,
    /// Of the class around it, if it is not.
    further: u64,
    /// Of its own place, if it is not at 0.
    step: u64,
}

impl EmptyAlign {
    const fn all(align: u64) -> Self {
        Self { first: align, further: align, step: align }
    }

    /// gcc lets it ask for `own`, but looks for a place by the alignment of its type.
    const fn gcc(own: u64, full: u64) -> Self {
        Self { first: own, further: own, step: full }
    }
}

impl<'a> Class<'a> {
    fn new(types: &'a Types, id: RecordId, def: &'a RecordDef) -> Self {
        let mut def_attrs = def.attrs;
        if cannot_pack(types, def) {
            def_attrs.packed = false;
        }
        let attrs = RecordDef { attrs: def_attrs, ..RecordDef::default() };
        let kind = types.record(id).kind;
        let placer = placer(types, id, &attrs);
        Self {
            types,
            id,
            def,
            kind,
            placer,
            size: 0,
            empty_end: 0,
            empties: BTreeSet::new(),
            searched: HashMap::new(),
            comparisons: Cell::new(MAX_COMPARED.min(types.comparisons_left())),
        }
    }

    fn base(&mut self, base: RecordId) -> Result<Place, LayoutError> {
        let definition = definition(self.types, base)?;
        let layout = &definition.layout;
        if definition.class.empty {
            let full = layout.layout.align;
            let align = match self.types.abi().class_rule() {
                ClassRule::Gcc => EmptyAlign::gcc(self.empty_align(definition), full),
                // `#pragma pack` lowers it where it is not at 0 (rule header `empty_parts.hpp`).
                _ => EmptyAlign {
                    first: full,
                    further: self.base_align(full),
                    step: self.base_align(full),
                },
            };
            return self.empty_part(base, layout.layout, align);
        }
        let align = self.base_align(layout.layout.align);
        let mut offset_bits = round_up(self.placer_end()?, align * 8)?;
        let mut end_bits = self.placer_end()?;
        while self.conflicts(offset_bits / 8, base, 1)? {
            end_bits = self.further(end_bits, offset_bits, layout.layout.align)?;
            offset_bits = round_up(end_bits, align * 8)?;
        }
        let size_bits = bits(layout.data_size)?;
        self.placer.reserve(add(offset_bits, size_bits)?, align);
        self.note(offset_bits / 8, base, 1)?;
        Ok(Place { offset_bits, size_bits })
    }

    /// What a class asks for as a base: `packed` is for members only, for gcc and clang alike (test
    /// `classes_of_cxx_equal_gcc`).
    fn base_align(&self, align: u64) -> u64 {
        match self.def.attrs.pack.or(self.types.abi().default_pack()) {
            Some(pack) => min(align, pack),
            None => align,
        }
    }

    /// What an empty class asks of the class that it is a part of, which neither `packed` nor
    /// `#pragma pack` lowers. In gcc only an alignment that an attribute gave it counts (observed; rule
    /// header `empty_alignment.hpp`).
    fn empty_align(&self, definition: &Definition) -> u64 {
        match self.types.abi().class_rule() {
            ClassRule::Gcc if !definition.class.user_align => 1,
            _ => definition.layout.layout.align,
        }
    }

    /// An empty base or member without an address of its own: at 0 if it can be there, else from the
    /// end of the data on.
    fn empty_part(
        &mut self,
        class: RecordId,
        layout: TypeLayout,
        align: EmptyAlign,
    ) -> Result<Place, LayoutError> {
        let mut offset = 0;
        let mut asked = align.first;
        if self.kind != RecordKind::Union && self.conflicts(offset, class, 1)? {
            asked = align.further;
            let end_bits = match self.types.abi().class_rule() {
                // gcc counts from the byte in which the last bit-field ends.
                ClassRule::Gcc => self.placer.end_bits() / 8 * 8,
                _ => self.placer_end()?,
            };
            offset = round_up(end_bits, align.step * 8)? / 8;
            if let Some(&searched) = self.searched.get(&class) {
                offset = max(offset, round_up(bits(searched)?, align.step * 8)? / 8);
            }
            while self.conflicts(offset, class, 1)? {
                offset = offset
                    .checked_add(align.step)
                    .ok_or(LayoutError::new(LayoutErrorKind::TooLarge))?;
            }
        }
        self.searched.insert(class, offset);
        self.placer.raise_align(asked);
        self.empty_end = max(self.empty_end, offset + layout.size);
        self.size = max(self.size, self.empty_end);
        self.note(offset, class, 1)?;
        Ok(Place { offset_bits: bits(offset)?, size_bits: 0 })
    }

    fn member(&mut self, member: &MemberDef) -> Result<Place, LayoutError> {
        let mut placed = member_of(self.types, self.def, member)?;
        if self.def.attrs.packed && cannot_pack_member(self.types, member) {
            // The record's `packed` is off, see `cannot_pack`; the others are packed one by one.
        } else if self.def.attrs.packed {
            placed = placed.packed();
        }
        let class = self.types.record_of(member.ty);
        if member.no_unique_address
            && member.width_bits.is_none()
            && let Some(class) = class
        {
            let layout = self.types.layout_of(member.ty)?;
            let align = max(layout.align, member.align.unwrap_or(1));
            // In a union clang takes it for any other member.
            let is_part =
                self.kind != RecordKind::Union || self.types.abi().class_rule() == ClassRule::Gcc;
            if is_part && is_empty_member(self.types, member) {
                let align = match self.types.abi().class_rule() {
                    ClassRule::Gcc => {
                        // What a typedef asks for does not count.
                        let definition = definition(self.types, class)?;
                        let (own, asked) =
                            (self.empty_align(definition), member.align.unwrap_or(1));
                        let full = max(definition.layout.layout.align, asked);
                        EmptyAlign::gcc(max(own, asked), full)
                    }
                    _ if self.def.attrs.packed || member.packed => {
                        EmptyAlign::all(self.base_align(member.align.unwrap_or(1)))
                    }
                    _ => EmptyAlign::all(self.base_align(align)),
                };
                let place = self.empty_part(class, layout, align)?;
                if self.types.abi().class_rule() != ClassRule::Gcc {
                    // It ends the run of bit-fields before it (clang; rule header `empty_parts.hpp`).
                    self.placer.reserve(self.placer.end_bits().next_multiple_of(8), 1);
                }
                return Ok(place);
            }
            if let Type::Record(_) = self.types.get(self.types.strip(member.ty)) {
                let definition = definition(self.types, class)?;
                let data = TypeLayout { size: definition.layout.data_size, ..layout };
                placed = placed.with_layout(data);
                let place = self.push(&placed, Some((class, 1)), layout.align)?;
                if self.types.abi().class_rule() != ClassRule::Gcc {
                    // gcc relies on the alignment to make room for the tail padding, though `packed` and
                    // `#pragma pack` lower it (observed; rule headers `empty_conflicts.hpp`,
                    // `empty_parts.hpp`).
                    self.size = max(self.size, place.offset_bits / 8 + layout.size);
                }
                return Ok(Place { size_bits: bits(layout.size)?, ..place });
            }
        }
        match class {
            Some(class) if member.width_bits.is_none() => {
                let count = element_count(self.types, member.ty);
                let align = self.types.layout_of(member.ty)?.align;
                self.push(&placed, Some((class, count)), align)
            }
            _ => self.push(&placed, None, 1),
        }
    }

    /// Places a member, further on while empty classes of one type would share an address.
    fn push(
        &mut self,
        member: &crate::place::Member,
        class: Option<(RecordId, u64)>,
        type_align: u64,
    ) -> Result<Place, LayoutError> {
        let before = self.placer.clone();
        let mut end_bits = before.end_bits();
        let mut place = self.placer.push(member)?;
        if let Some((class, count)) = class {
            while self.kind != RecordKind::Union
                && self.conflicts(place.offset_bits / 8, class, count)?
            {
                end_bits = self.further(end_bits, place.offset_bits, type_align)?;
                self.placer = before.clone();
                self.placer.reserve(end_bits, 1);
                place = self.placer.push(member)?;
            }
            self.note(place.offset_bits / 8, class, count)?;
        }
        Ok(place)
    }

    /// Where to try next for a part that was found to conflict at `offset_bits`, tried from `end_bits`
    /// on: gcc moves by the alignment of its type, `packed` or not (observed; rule header
    /// `empty_conflicts.hpp`).
    fn further(
        &self,
        end_bits: u64,
        offset_bits: u64,
        type_align: u64,
    ) -> Result<u64, LayoutError> {
        match self.types.abi().class_rule() {
            ClassRule::Gcc => add(end_bits, bits(type_align)?),
            _ => add(offset_bits, 1),
        }
    }

    fn placer_end(&self) -> Result<u64, LayoutError> {
        self.placer.unit_end_bits()
    }

    /// Whether an empty class inside `class`, placed at `offset`, would be where one of its type is.
    fn conflicts(&self, offset: u64, class: RecordId, count: u64) -> Result<bool, LayoutError> {
        if self.empties.is_empty() {
            return Ok(false);
        }
        for empty in inside(self.types, offset, class, count)? {
            self.compare()?;
            if self.empties.contains(&empty) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn note(&mut self, offset: u64, class: RecordId, count: u64) -> Result<(), LayoutError> {
        for empty in inside(self.types, offset, class, count)? {
            self.compare()?;
            self.empties.insert(empty);
            if self.empties.len() > MAX_EMPTIES {
                return Err(LayoutError::new(LayoutErrorKind::TooComplex));
            }
        }
        Ok(())
    }

    /// Pays for a look at an empty class.
    fn compare(&self) -> Result<(), LayoutError> {
        let left = self.comparisons.get().checked_sub(1);
        self.comparisons.set(left.ok_or(LayoutError::new(LayoutErrorKind::TooComplex))?);
        Ok(())
    }

    fn finish(
        mut self,
        bases: Vec<Place>,
        mut members: Vec<Place>,
    ) -> Result<(RecordLayout, ClassLayout), LayoutError> {
        let mut class = traits::of(self.types, self.kind, self.def);
        class.packed = self.def.attrs.packed && !cannot_pack(self.types, self.def);
        let end_bits = match self.def.members.last() {
            // gcc completes the storage unit of a bit-field that is the last member, and of no other
            // (rule header `no_unique_address_bit_fields.hpp`).
            Some(last) if last.no_unique_address && is_empty_member(self.types, last) => {
                self.placer.end_bits()
            }
            _ => self.placer_end()?,
        };
        // Empty parts count in full (observed; rule header `empty_alignment.hpp`).
        let data_size = max(end_bits.div_ceil(8), self.empty_end);
        self.placer.reserve(max(end_bits, bits(self.size)?), 1);
        let mut layout = self.placer.finish()?;
        if layout.size == 0 && class.empty {
            // Every object has an address of its own (C++17 intro.object p8), but for those of GNU's
            // arrays of no elements (rule header `zero_arrays_in_classes.hpp`).
            layout.size = layout.align;
        }
        // A member without an address of its own may end beyond the record, whose tail padding is then
        // less than the member's (gcc, for unions inside `#pragma pack`). Nothing is there to be read.
        let size_bits = bits(layout.size)?;
        let shared = |member: &MemberDef| member.no_unique_address;
        for (_, place) in self.def.members.iter().zip(&mut members).filter(|(def, _)| shared(def)) {
            let room = size_bits.saturating_sub(place.offset_bits);
            place.size_bits = min(place.size_bits, room);
        }
        let data_size = if class.pod { layout.size } else { data_size };
        if class.empty {
            self.empties.insert((0, self.id));
        }
        class.empties = self.empties.into_iter().collect();
        let allowed = MAX_COMPARED.min(self.types.comparisons_left());
        class.comparisons = allowed - self.comparisons.get();
        Ok((RecordLayout { layout, data_size, bases, members }, class))
    }
}

/// The empty classes inside `count` objects of a class that follow each other from `offset` on.
fn inside(
    types: &Types,
    offset: u64,
    class: RecordId,
    count: u64,
) -> Result<impl Iterator<Item = (u64, RecordId)>, LayoutError> {
    let definition = definition(types, class)?;
    let empties = &definition.class.empties;
    let size = definition.layout.layout.size;
    // Of a long array the first elements count, where empty bases are, and the last, after which
    // others follow; those between are nobody's neighbours.
    let first = 0..min(count, FIRST_ELEMENTS);
    let last = (count > FIRST_ELEMENTS).then(|| count - 1);
    Ok(first.chain(last).flat_map(move |index| {
        let element = offset.saturating_add(index.saturating_mul(size));
        empties.iter().map(move |&(at, id)| (element.saturating_add(at), id))
    }))
}

/// gcc does not pack a member of a type that is no POD, and then says that the record is not packed
/// either (rule header `packed_non_pod.hpp`).
fn cannot_pack(types: &Types, def: &RecordDef) -> bool {
    types.abi().class_rule() == ClassRule::Gcc
        && def.members.iter().any(|member| cannot_pack_member(types, member))
}

fn cannot_pack_member(types: &Types, member: &MemberDef) -> bool {
    if types.abi().class_rule() != ClassRule::Gcc {
        return false;
    }
    let Some(definition) =
        types.record_of(member.ty).and_then(|class| types.record(class).definition.as_ref())
    else {
        return is_reference(types, member.ty);
    };
    !definition.class.pod && !definition.class.packed
}

fn element_count(types: &Types, ty: TypeId) -> u64 {
    let mut count: u64 = 1;
    let mut at = types.strip(ty);
    while let Type::Array { element, len } = types.get(at) {
        count = count.saturating_mul(len.unwrap_or(0));
        at = types.strip(*element);
    }
    count
}

fn add(a: u64, b: u64) -> Result<u64, LayoutError> {
    crate::ty::add_bits(a, b)
}
