//! The rules of gcc for `*-windows-gnu`: bit-fields in storage units as cl.exe has them, all else
//! as on System V.
//!
//! Source: gcc manual, "x86 Variable Attributes", `ms_struct`; MinGW gcc's observed behaviour,
//! which the goldens in `tests/data/layout` record.

use super::{Member, Place, Placer, Unit, attempt};
use crate::error::LayoutError;
use crate::ty::{TypeLayout, add_bits, bits, max, round_up};

impl Placer {
    /// A member that is no bit-field. It begins after the open storage unit.
    pub(super) const fn mingw_field(&mut self, member: &Member) -> Result<Place, LayoutError> {
        if self.unit.is_none() {
            return self.sysv_field(member);
        }
        let natural = if self.attrs.packed || member.packed { 1 } else { member.ty.align };
        let align = self.packed_to(member.at_least(natural));
        self.align = max(self.align, align);
        let end_bits = attempt!(self.mingw_next(align));
        self.unit = None;
        let offset_bits = attempt!(round_up(end_bits, self.packed_to(natural) * 8));
        let size_bits = attempt!(bits(member.ty.size));
        self.end_bits = attempt!(add_bits(offset_bits, size_bits));
        Ok(Place { offset_bits, size_bits })
    }

    /// A bit-field: it shares the open storage unit if that is of a type of the same size and has
    /// room, and opens a unit of its own otherwise.
    pub(super) const fn mingw_bit_field(
        &mut self,
        member: &Member,
        width_bits: u32,
    ) -> Result<Place, LayoutError> {
        let unit_bits = attempt!(bits(member.ty.size));
        let size_bits = width_bits as u64;
        let packed = self.attrs.packed || member.packed;
        let unit_align = self.packed_to(if packed { 1 } else { member.ty.align });
        let asked = match member.align {
            Some(align) => self.packed_to(align),
            None => 0,
        };
        let shares = match self.unit {
            Some(Unit { closed: false, size_bits, .. }) => size_bits == unit_bits,
            _ => false,
        };

        if size_bits == 0 {
            self.end_bits = attempt!(self.mingw_next(asked));
            // After a bit-field that has bits, and only there, it aligns the record, `packed` or
            // not (test `zero_width_ignores_packing`), and what follows to its type.
            if let Some(Unit { closed: false, .. }) = self.unit {
                let align = self.packed_to(member.ty.align);
                self.align = max(self.align, max(align, asked));
                if !shares {
                    self.end_bits = attempt!(self.round_bits(self.end_bits, asked, unit_align * 8));
                }
            }
            self.unit = Some(Unit { size_bits: unit_bits, free_bits: 0, closed: true });
            return Ok(Place { offset_bits: self.end_bits, size_bits: 0 });
        }
        if !packed {
            let whole = match self.whole_integer(member, size_bits, packed) {
                Some(align) => align,
                None => 1,
            };
            let align = self.packed_to(max(member.at_least(member.ty.align), whole));
            self.align = max(self.align, align);
        }
        match self.unit {
            Some(unit) if shares && size_bits <= unit.free_bits => {
                let offset_bits = self.end_bits;
                self.unit = Some(Unit { free_bits: unit.free_bits - size_bits, ..unit });
                self.end_bits = attempt!(add_bits(offset_bits, size_bits));
                return Ok(Place { offset_bits, size_bits });
            }
            _ => self.end_bits = attempt!(self.mingw_next(asked)),
        }
        if !shares {
            // A unit that follows a full one of its size has no gap before it.
            self.end_bits = attempt!(self.round_bits(self.end_bits, 0, unit_align * 8));
        }
        let offset_bits = self.end_bits;
        let free_bits = unit_bits - size_bits;
        self.unit = Some(Unit { size_bits: unit_bits, free_bits, closed: false });
        self.end_bits = attempt!(add_bits(offset_bits, size_bits));
        Ok(Place { offset_bits, size_bits })
    }

    /// The last unit is there as a whole.
    pub(super) const fn mingw_finish(&self) -> Result<TypeLayout, LayoutError> {
        self.sysv_finish(attempt!(self.mingw_end()))
    }

    /// Where what is aligned to `align` bytes (0: to nothing) may begin after the open storage unit.
    /// gcc asks whether the last bit-field ends aligned, and then does not look at the end of the unit,
    /// which may be aligned to less in packed records (observed; rule header `bit_field_packed_units.h`).
    const fn mingw_next(&self, align: u64) -> Result<u64, LayoutError> {
        let end_bits = attempt!(self.mingw_end());
        if align == 0 || self.end_bits.is_multiple_of(align * 8) {
            return Ok(end_bits);
        }
        round_up(end_bits, align * 8)
    }

    /// First bit after the open storage unit.
    pub(super) const fn mingw_end(&self) -> Result<u64, LayoutError> {
        match self.unit {
            Some(unit) => add_bits(self.end_bits, unit.free_bits),
            None => Ok(self.end_bits),
        }
    }
}
