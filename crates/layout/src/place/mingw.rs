//! The rules of gcc for `*-windows-gnu`: bit-fields in storage units as cl.exe has them, all else
//! as on System V.
//!
//! Source: gcc manual, "x86 Variable Attributes", `ms_struct`; MinGW gcc's observed behaviour,
//! which the goldens in `tests/data/layout` record.

use super::{Member, Place, Placer, Unit, attempt};
use crate::error::LayoutError;
use crate::ty::{add_bits, bits, max, round_up};

impl Placer {
    /// A member that is no bit-field.
    pub(super) const fn mingw_field(&mut self, member: &Member) -> Result<Place, LayoutError> {
        self.unit = None;
        self.sysv_field(member)
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
        let align = self.packed_to(member.ty.align);
        let offset_align = if self.attrs.packed { 1 } else { align };

        if size_bits == 0 {
            if let Some(unit) = self.unit {
                // The one case in which `packed` does not keep a bit-field from aligning the
                // record (test `zero_width_ignores_packing`).
                self.align = max(self.align, align);
                self.unit = None;
                if unit.size_bits != unit_bits {
                    self.end_bits = attempt!(round_up(self.end_bits, offset_align * 8));
                }
            }
            return Ok(Place { offset_bits: self.end_bits, size_bits: 0 });
        }
        self.align = max(self.align, offset_align);
        if let Some(unit) = self.unit
            && unit.size_bits == unit_bits
        {
            if size_bits <= unit.free_bits {
                self.unit = Some(Unit { free_bits: unit.free_bits - size_bits, ..unit });
                return Ok(Place { offset_bits: self.end_bits - unit.free_bits, size_bits });
            }
            // Follows the full unit without a gap.
        } else {
            self.end_bits = attempt!(round_up(self.end_bits, offset_align * 8));
        }
        let offset_bits = self.end_bits;
        self.unit = Some(Unit { size_bits: unit_bits, free_bits: unit_bits - size_bits });
        self.end_bits = attempt!(add_bits(offset_bits, unit_bits));
        Ok(Place { offset_bits, size_bits })
    }
}
