//! Integers at known bits of a message.

use cwire_layout::abi::Endian;

/// An integer field, or a raw read: which bytes it needs, and which of their bits it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Read {
    /// First byte, from the start of the message.
    pub(super) at: usize,
    /// Bytes that it touches: 1 to 17, since a bit-field of 128 bits may begin inside a byte.
    pub(super) len: u8,
    /// Bits of those bytes that are less significant than the value's.
    pub(super) shift: u8,
    /// Bits of the value: 1 to 128.
    pub(super) width: u8,
    pub(super) signed: bool,
    pub(super) endian: Endian,
}

impl Read {
    /// The bits `offset_bits .. offset_bits + width` of a record that starts `base` bytes into the
    /// message. Bits are counted as the layout does: on little-endian ABIs from the least significant
    /// bit of byte 0, on big-endian ones from the most significant.
    pub(super) fn bits(
        base: usize,
        offset_bits: u64,
        width: u8,
        signed: bool,
        endian: Endian,
    ) -> Option<Self> {
        let first = offset_bits / 8;
        let within = u8::try_from(offset_bits % 8).ok()?;
        let len = (within.checked_add(width - 1).map(|last| last / 8 + 1))?;
        let shift = match endian {
            Endian::Little => within,
            Endian::Big => {
                let all = u16::from(len) * 8;
                u8::try_from(all - u16::from(within) - u16::from(width)).ok()?
            }
        };
        let at = usize::try_from(first).ok()?.checked_add(base)?;
        // Leaves room for what an index adds.
        let at =
            at.checked_add(usize::from(len)).filter(|&end| end < usize::MAX / 4).map(|_| at)?;
        Some(Self { at, len, shift, width, signed, endian })
    }

    /// A whole integer of `len` bytes, at most 16.
    pub(super) fn whole(at: usize, len: u8, signed: bool, endian: Endian) -> Self {
        Self { at, len, shift: 0, width: len * 8, signed, endian }
    }

    /// One past the last byte.
    pub(super) fn end(&self) -> usize {
        self.at + usize::from(self.len)
    }

    /// The value in bytes that begin at [`Read::at`], `None` where they are too few. A number of 128
    /// bits without a sign may be too large for an `i128`; it wraps and is negative.
    #[inline]
    pub(super) fn load(&self, bytes: &[u8]) -> Option<i128> {
        let bytes = bytes.get(..usize::from(self.len))?;
        let is_plain = self.shift == 0 && self.width == self.len.wrapping_mul(8);
        if is_plain && self.len <= 8 {
            return Some(self.plain(bytes));
        }
        Some(self.cut(bytes))
    }

    #[inline]
    fn plain(&self, bytes: &[u8]) -> i128 {
        let mut padded = [0; 8];
        let len = bytes.len().min(8);
        match self.endian {
            Endian::Little => {
                if let Some(front) = padded.get_mut(..len) {
                    front.copy_from_slice(bytes);
                }
                self.signed(u64::from_le_bytes(padded))
            }
            Endian::Big => {
                if let Some(back) = padded.get_mut(8 - len..) {
                    back.copy_from_slice(bytes);
                }
                self.signed(u64::from_be_bytes(padded))
            }
        }
    }

    #[inline]
    fn signed(&self, value: u64) -> i128 {
        let unused = 64 - u32::from(self.width);
        match self.signed {
            true => i128::from((value << unused).cast_signed() >> unused),
            false => i128::from(value),
        }
    }

    /// Bit-fields and the integers above 64 bits.
    fn cut(&self, bytes: &[u8]) -> i128 {
        let mut value: u128 = 0;
        let mut add = |byte: u8, significance: usize| {
            // Of 17 bytes the first and the last are not whole: shifted apart, nothing is lost.
            let up = i64::try_from(significance * 8).unwrap_or(0) - i64::from(self.shift);
            let byte = u128::from(byte);
            let moved = match u32::try_from(up) {
                Ok(up) => byte.checked_shl(up).unwrap_or(0),
                Err(_) => byte >> up.unsigned_abs().min(127),
            };
            value |= moved;
        };
        for (index, &byte) in bytes.iter().enumerate() {
            match self.endian {
                Endian::Little => add(byte, index),
                Endian::Big => add(byte, bytes.len() - 1 - index),
            }
        }
        let unused = 128 - u32::from(self.width);
        match self.signed {
            true => (value << unused).cast_signed() >> unused,
            false => (value << unused >> unused).cast_signed(),
        }
    }
}
