//! The rules of cl.exe, as clang reproduces them for `*-windows-msvc`.
//!
//! Sources: Microsoft C language reference, "C bit fields", "align (C++)", "pack pragma"; clang's
//! observed behaviour, which the goldens in `tests/data/layout` record.

use super::{Member, Place, Placer, Unit, attempt};
use crate::error::LayoutError;
use crate::ty::{TypeLayout, add_bits, bits, max, min, round_up};

/// Size in C of a record without members that need room, in bytes.
const EMPTY_SIZE: u64 = 4;

impl Placer {
    /// A member that is no bit-field.
    pub(super) const fn msvc_field(&mut self, member: &Member) -> Result<Place, LayoutError> {
        self.unit = None;
        let align = self.msvc_align(member);
        let asked = match member.align {
            Some(align) => align,
            None => 1,
        };
        self.required_align = max(self.required_align, max(asked, member.ty.required_align));
        self.align = max(self.align, align);
        let offset_bits = attempt!(round_up(self.end_bits, align * 8));
        let size_bits = attempt!(bits(member.ty.size));
        self.end_bits = attempt!(add_bits(offset_bits, size_bits));
        Ok(Place { offset_bits, size_bits })
    }

    /// A bit-field: it shares the open storage unit if that is of a type of the same size and has
    /// room, and opens a unit of its own otherwise.
    pub(super) const fn msvc_bit_field(
        &mut self,
        member: &Member,
        width_bits: u32,
    ) -> Result<Place, LayoutError> {
        let unit_bits = attempt!(bits(member.ty.size));
        let size_bits = width_bits as u64;
        let align = self.msvc_align(member);

        if size_bits == 0 {
            // Ignored unless it ends a run of bit-fields ("C bit fields": "an unnamed bit field
            // with width 0 forces alignment of the next").
            if self.unit.is_some() {
                self.unit = None;
                self.end_bits = attempt!(round_up(self.end_bits, align * 8));
                self.align = max(self.align, align);
            }
            return Ok(Place { offset_bits: self.end_bits, size_bits: 0 });
        }
        if let Some(unit) = self.unit
            && unit.size_bits == unit_bits
            && size_bits <= unit.free_bits
        {
            self.unit = Some(Unit { free_bits: unit.free_bits - size_bits, ..unit });
            return Ok(Place { offset_bits: self.end_bits - unit.free_bits, size_bits });
        }
        let offset_bits = attempt!(round_up(self.end_bits, align * 8));
        self.align = max(self.align, align);
        let free_bits = unit_bits - size_bits;
        self.unit = Some(Unit { size_bits: unit_bits, free_bits, closed: false });
        self.end_bits = attempt!(add_bits(offset_bits, unit_bits));
        Ok(Place { offset_bits, size_bits })
    }

    /// A bit-field in a union takes its whole unit and aligns nothing; one of width 0 counts if it
    /// follows one that has bits.
    pub(super) const fn msvc_union_bit_field(
        &mut self,
        member: &Member,
        width_bits: u32,
    ) -> Result<Place, LayoutError> {
        let unit_bits = attempt!(bits(member.ty.size));
        if width_bits != 0 || self.unit.is_some() {
            self.union_size = max(self.union_size, member.ty.size);
            self.end_bits = attempt!(bits(self.union_size));
        }
        self.unit = match width_bits {
            0 => None,
            _ => Some(Unit { size_bits: unit_bits, free_bits: 0, closed: false }),
        };
        Ok(Place { offset_bits: 0, size_bits: width_bits as u64 })
    }

    /// Rounds the size up. What `__declspec(align)` asked for, here or in a member, outranks
    /// `#pragma pack`.
    pub(super) const fn msvc_finish(&self) -> Result<TypeLayout, LayoutError> {
        let required_align = match self.attrs.align {
            Some(align) => max(align, self.required_align),
            None => self.required_align,
        };
        let align = max(self.align, required_align);
        let rounding = max(self.msvc_packed_to(align), required_align);
        let size_bits = attempt!(round_up(self.end_bits, self.align * 8));
        let size = attempt!(round_up(size_bits, rounding * 8)) / 8;
        // Every object has an address: without a member that needs room the size is 4 in C, though
        // that be no multiple of the alignment, unless more was asked for (clang's observed
        // behaviour for this target; test `a_record_without_bytes_has_four_on_msvc`).
        let size = match size {
            0 if required_align >= EMPTY_SIZE => align,
            0 => EMPTY_SIZE,
            size => size,
        };
        Ok(TypeLayout { size, align, required_align })
    }

    /// Counts in what a base class asks for, and says how it is aligned.
    pub(crate) const fn msvc_base(&mut self, base: TypeLayout) -> u64 {
        let natural = self.msvc_packed_to(base.align);
        self.align = max(self.align, natural);
        self.required_align = max(self.required_align, base.required_align);
        max(natural, base.required_align)
    }

    /// Bytes of the record as a base class: rounded to the alignment that its members need.
    pub(crate) const fn msvc_data_size(&self) -> Result<u64, LayoutError> {
        let rounding = self.msvc_packed_to(self.align);
        Ok(attempt!(round_up(self.end_bits, rounding * 8)) / 8)
    }

    /// Alignment of a member: that of its type as `#pragma pack` leaves it, but at least what
    /// `__declspec(align)` asks for.
    const fn msvc_align(&self, member: &Member) -> u64 {
        let asked = match member.align {
            Some(align) => align,
            None => 1,
        };
        let natural = if member.packed { 1 } else { self.msvc_packed_to(member.ty.align) };
        max(natural, max(asked, member.ty.required_align))
    }

    /// `align` as `#pragma pack` leaves it. A pack larger than a pointer has no effect.
    const fn msvc_packed_to(&self, align: u64) -> u64 {
        if self.attrs.packed {
            return 1;
        }
        match self.attrs.pack {
            Some(pack) if pack <= self.abi.pointer_size() => min(align, pack),
            _ => align,
        }
    }
}
