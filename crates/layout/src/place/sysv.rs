//! System V rules (gcc and clang on Linux, clang on Apple's systems), and what AAPCS adds to them.

use super::{Member, Place, Placer, attempt};
use crate::abi::{BitFieldRule, ClassRule};
use crate::error::LayoutError;
use crate::ty::{TypeLayout, add_bits, bits, max, min, round_up};

impl Placer {
    /// A member that is no bit-field: the next multiple of its alignment.
    pub(super) const fn sysv_field(&mut self, member: &Member) -> Result<Place, LayoutError> {
        // `packed` lowers what the type brings along, not what the member asks for itself;
        // `#pragma pack` lowers both (gcc manual, "Common Variable Attributes" and "Structure-
        // Layout Pragmas"; tests `packed_member_keeps_its_own_alignment`, `pack_lowers_aligned_except_on_windows`).
        let natural = if self.attrs.packed || member.packed { 1 } else { member.ty.align };
        let align = self.packed_to(member.at_least(natural));
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
        let packed = self.attrs.packed || member.packed;
        // What a bit-field asks of the record is lowered by `#pragma pack` where there is one, and
        // by `packed` only where there is none (test `pack_outranks_packed_for_bit_fields`). Neither
        // reaches a bit-field of width 0 (test `zero_width_ignores_packing`), but for
        // `-fpack-struct=N`.
        let align = match (size_bits, self.attrs.pack) {
            (0, _) => match self.abi.default_pack() {
                Some(pack) => min(natural, pack),
                None => natural,
            },
            (_, Some(pack)) => min(natural, pack),
            (_, None) if packed => 1,
            (_, None) => natural,
        };
        // Bit-fields have an alignment of their own only where they ask for one.
        let asked = match member.align {
            Some(align) if size_bits != 0 => self.packed_to(align),
            Some(asked) => max(asked, align),
            None if size_bits == 0 => align,
            None => 0,
        };
        let whole = self.whole_integer(member, size_bits, packed);
        let asked = match whole {
            Some(align) => max(asked, self.packed_to(align)),
            None => asked,
        };
        let start = match asked {
            0 => self.end_bits,
            asked => attempt!(round_up(self.end_bits, asked * 8)),
        };
        let free = size_bits == 0 || packed || self.attrs.pack.is_some() || whole.is_some();
        let offset_bits = if free {
            start
        } else {
            // It may not reach into more units of its type's alignment than its type has. On i386
            // a `long long` may cross an 8-byte boundary that way; a type that is aligned to more
            // than its size leaves every bit-field in a unit of its own.
            let align_bits = natural * 8;
            let end_bits = attempt!(add_bits(start % align_bits, size_bits));
            let type_bits = attempt!(bits(member.ty.size));
            let crosses = match self.abi.class_rule() {
                // clang counts bits, not units.
                ClassRule::AppleX86_64 | ClassRule::AppleArm64 => end_bits > type_bits,
                ClassRule::Gcc | ClassRule::Msvc => {
                    end_bits.div_ceil(align_bits) > type_bits / align_bits
                }
            };
            if crosses { attempt!(self.round_bits(start, asked, align_bits)) } else { start }
        };

        let aapcs = matches!(self.rule(), BitFieldRule::Aapcs);
        if aapcs || member.named {
            self.align = max(self.align, max(align, asked));
        }
        self.end_bits = attempt!(add_bits(offset_bits, size_bits));
        Ok(Place { offset_bits, size_bits })
    }

    /// The alignment of an integer, if gcc takes a bit-field for one: with 8, 16, 32 or 64 bits that
    /// are aligned already. It then stays, and is aligned, though its type is aligned to more or less
    /// (observed; rule header `bit_field_alignment.h`).
    pub(super) const fn whole_integer(
        &self,
        member: &Member,
        size_bits: u64,
        packed: bool,
    ) -> Option<u64> {
        let is_gcc = matches!(self.abi.class_rule(), ClassRule::Gcc);
        let fits = matches!(size_bits, 8 | 16 | 32 | 64) && self.end_bits.is_multiple_of(size_bits);
        if !is_gcc || !fits || (packed && size_bits > 8) {
            return None;
        }
        // On i386 those of 64 bits are aligned to 4 bytes, unless the bit-field asks for anything.
        if size_bits == 64 && member.align.is_none() {
            return Some(self.abi.integer(8).align);
        }
        Some(size_bits / 8)
    }

    /// The next multiple of a bit-field's alignment. gcc counts on from the last multiple of the
    /// largest alignment of the ABI, or of what the record asks for, and so rounds wrongly for types
    /// that are aligned to more (observed; rule header `bit_field_alignment.h`). `start_bits` is where the
    /// alignment that the bit-field itself asks for, `asked` bytes, has moved it.
    pub(super) const fn round_bits(
        &self,
        start_bits: u64,
        asked: u64,
        align_bits: u64,
    ) -> Result<u64, LayoutError> {
        if !matches!(self.abi.class_rule(), ClassRule::Gcc) {
            return round_up(start_bits, align_bits);
        }
        let most = match self.attrs.align {
            Some(align) => max(align, self.abi.max_align()),
            None => self.abi.max_align(),
        };
        let origin = if asked >= most {
            start_bits
        } else {
            self.end_bits - self.end_bits % attempt!(bits(most))
        };
        add_bits(origin, attempt!(round_up(start_bits - origin, align_bits)))
    }

    /// Rounds the size up to the alignment (C11 6.7.2.1p17). MinGW's gcc does the same.
    pub(super) const fn sysv_finish(&self, end_bits: u64) -> Result<TypeLayout, LayoutError> {
        let align = match self.attrs.align {
            Some(align) => max(align, self.align),
            None => self.align,
        };
        let size = attempt!(round_up(end_bits, align * 8)) / 8;
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
