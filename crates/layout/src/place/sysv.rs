//! System V rules (gcc and clang on Linux, clang on Apple's systems), and what AAPCS adds to them.

use super::{Member, Place, Placer, attempt};
use crate::abi::BitFieldRule;
use crate::error::LayoutError;
use crate::ty::{TypeLayout, add_bits, bits, max, min, round_up};

impl Placer {
    /// A member that is no bit-field: the next multiple of its alignment.
    pub(super) const fn sysv_field(&mut self, member: &Member) -> Result<Place, LayoutError> {
        // `packed` lowers what the type brings along, not what the member asks for itself;
        // `#pragma pack` lowers both (gcc manual, "Common Variable Attributes" and "Structure-
        // Layout Pragmas"; tests `packed_member_keeps_its_own_alignment`, `pack_lowers_aligned_except_on_windows`).
        let natural = if self.attrs.packed { 1 } else { member.ty.align };
        let align = self.packed_to(match member.align {
            Some(align) => max(align, natural),
            None => natural,
        });
        self.align = max(self.align, align);
        let offset_bits = attempt!(round_up(self.end_bits, align * 8));
        let size_bits = attempt!(bits(member.ty.size));
        self.end_bits = attempt!(add_bits(offset_bits, size_bits));
        Ok(Place { offset_bits, size_bits })
    }

    /// A bit-field: the next free bit, or the next boundary of its type if it would cross one.
    pub(super) const fn sysv_bit_field(
        &mut self,
        member: &Member,
        width_bits: u32,
    ) -> Result<Place, LayoutError> {
        let natural = member.ty.align;
        let size_bits = width_bits as u64;
        // What a bit-field asks of the record is lowered by `#pragma pack` where there is one, and
        // by `packed` only where there is none (test `pack_outranks_packed_for_bit_fields`).
        let align = match self.attrs.pack {
            Some(pack) => min(natural, pack),
            None if self.attrs.packed => 1,
            None => natural,
        };

        let offset_bits = if size_bits == 0 {
            // Neither `packed` nor `#pragma pack` reaches a bit-field of width 0
            // (test `zero_width_ignores_packing`).
            attempt!(round_up(self.end_bits, natural * 8))
        } else if self.attrs.packed || self.attrs.pack.is_some() {
            self.end_bits
        } else {
            // The unit is as large as the type but aligned as in a record: on i386 a `long long`
            // bit-field may cross an 8-byte boundary, not a 4-byte-aligned run of 8 bytes.
            let into_unit_bits = self.end_bits % (natural * 8);
            if into_unit_bits + size_bits > attempt!(bits(member.ty.size)) {
                attempt!(round_up(self.end_bits, natural * 8))
            } else {
                self.end_bits
            }
        };

        let aapcs = matches!(self.abi.bit_field_rule(), BitFieldRule::Aapcs);
        if aapcs && size_bits == 0 {
            self.align = max(self.align, natural);
        } else if aapcs || member.named {
            self.align = max(self.align, align);
        }
        self.end_bits = attempt!(add_bits(offset_bits, size_bits));
        Ok(Place { offset_bits, size_bits })
    }

    /// Rounds the size up to the alignment (C11 6.7.2.1p17). MinGW's gcc does the same.
    pub(super) const fn sysv_finish(&self) -> Result<TypeLayout, LayoutError> {
        let align = match self.attrs.align {
            Some(align) => max(align, self.align),
            None => self.align,
        };
        let size = attempt!(round_up(self.end_bits, align * 8)) / 8;
        Ok(TypeLayout::new(size, align))
    }

    /// `align` as `#pragma pack` leaves it.
    pub(super) const fn packed_to(&self, align: u64) -> u64 {
        match self.attrs.pack {
            Some(pack) => min(align, pack),
            None => align,
        }
    }
}
