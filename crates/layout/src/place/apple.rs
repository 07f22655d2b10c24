//! The rules of clang for macOS: those of System V as long as no attribute is involved.
//!
//! Source: clang's observed behaviour (rule header `bit_field_attributes.h`).

use super::{Member, Place, Placer, attempt};
use crate::error::LayoutError;
use crate::ty::{add_bits, bits, max, min, round_up};

impl Placer {
    /// A bit-field: the next free bit. Unlike gcc, clang asks whether it crosses a boundary of the
    /// alignment that attributes leave it, and rounds up to that.
    pub(super) const fn apple_bit_field(
        &mut self,
        member: &Member,
        width_bits: u32,
    ) -> Result<Place, LayoutError> {
        let size_bits = width_bits as u64;
        let packed = (self.attrs.packed || member.packed) && size_bits != 0;
        // In bits: a packed bit-field is aligned to one.
        let natural_bits = if packed { 1 } else { member.ty.align * 8 };
        let asked_bits = match member.align {
            Some(align) => align * 8,
            None => 0,
        };
        let mut align_bits = max(natural_bits, asked_bits);
        let pack_bits = match self.attrs.pack {
            Some(pack) if size_bits != 0 => pack * 8,
            _ => 0,
        };
        if pack_bits != 0 {
            // `#pragma pack` outranks `packed`.
            let unpacked = max(member.ty.align * 8, asked_bits);
            align_bits = min(if packed { unpacked } else { align_bits }, pack_bits);
        }
        let end_bits = self.end_bits;
        let crosses =
            attempt!(add_bits(end_bits % align_bits, size_bits)) > attempt!(bits(member.ty.size));
        let offset_bits = if size_bits == 0 || (self.attrs.pack.is_none() && crosses) {
            attempt!(round_up(end_bits, align_bits))
        } else if asked_bits != 0 && (pack_bits == 0 || asked_bits <= pack_bits) {
            attempt!(round_up(end_bits, asked_bits))
        } else {
            end_bits
        };
        if member.named {
            self.align = max(self.align, align_bits.div_ceil(8));
        }
        self.end_bits = attempt!(add_bits(offset_bits, size_bits));
        Ok(Place { offset_bits, size_bits })
    }
}
