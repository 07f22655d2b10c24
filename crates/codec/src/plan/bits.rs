//! Loads and stores of integers of any number of bits, at any bit.

use cwire_layout::abi::Endian;

use crate::scalar::{load_uint, low_mask};

/// Distance of the lowest bit of a field from the lowest bit of its bytes taken as one integer.
#[allow(clippy::cast_possible_truncation, reason = "widths and first bits are 32-bit numbers")]
pub(crate) fn shift(len: usize, first_bit: u32, width: u32, endian: Endian) -> u32 {
    match endian {
        Endian::Little => first_bit,
        Endian::Big => {
            (len as u64 * 8).saturating_sub(u64::from(first_bit) + u64::from(width)) as u32
        }
    }
}

/// The field of `width` bits, at most 128, at `first_bit` of `bytes`.
#[inline]
pub(crate) fn load(bytes: &[u8], first_bit: u32, width: u32, endian: Endian) -> u128 {
    if bytes.len() <= 16 {
        let unit = load_uint(bytes, endian);
        return (unit >> shift(bytes.len(), first_bit, width, endian)) & low_mask(width.min(128));
    }
    let wide = load_wide(bytes, first_bit, width, endian);
    wide.iter().rev().fold(0, |all, &byte| all << 8 | u128::from(byte))
}

/// The same for any width, as bytes, the least significant first.
#[allow(clippy::cast_possible_truncation, reason = "takes the low byte")]
pub(crate) fn load_wide(bytes: &[u8], first_bit: u32, width: u32, endian: Endian) -> Vec<u8> {
    let shift = shift(bytes.len(), first_bit, width, endian);
    let at = |index: usize| match endian {
        Endian::Little => bytes.get(index),
        Endian::Big => bytes.len().checked_sub(index + 1).and_then(|index| bytes.get(index)),
    };
    let (skipped, shift) = (shift as usize / 8, shift % 8);
    let len = (width as usize).div_ceil(8);
    let mut out: Vec<u8> = (0..len)
        .map(|index| {
            let low = at(skipped + index).copied().unwrap_or(0);
            let high = at(skipped + index + 1).copied().unwrap_or(0);
            (u16::from_le_bytes([low, high]) >> shift) as u8
        })
        .collect();
    if let Some(last) = out.last_mut() {
        *last &= last_mask(width);
    }
    out
}

/// The bits of the last of the bytes that `width` bits take.
fn last_mask(width: u32) -> u8 {
    match width % 8 {
        0 => 0xff,
        rest => (1 << rest) - 1,
    }
}

/// The bytes of a field of any width whose value is `value`, the least significant byte first.
pub(crate) fn store_wide(
    value: &[u8],
    len: usize,
    first_bit: u32,
    width: u32,
    endian: Endian,
) -> Vec<u8> {
    let shift = shift(len, first_bit, width, endian);
    let (skipped, shift) = (shift as usize / 8, shift % 8);
    let bytes = (width as usize).div_ceil(8);
    let mut out = vec![0u8; len];
    for (index, &byte) in value.iter().enumerate().take(bytes) {
        let byte = if index + 1 == bytes { byte & last_mask(width) } else { byte };
        let [low, high] = (u16::from(byte) << shift).to_le_bytes();
        for (byte, at) in [(low, skipped + index), (high, skipped + index + 1)] {
            let at = match endian {
                Endian::Little => Some(at),
                Endian::Big => len.checked_sub(at + 1),
            };
            if let Some(slot) = at.and_then(|at| out.get_mut(at)) {
                *slot |= byte;
            }
        }
    }
    out
}

/// `raw`, an integer of `width` bits, with its sign bit spread over the bits above.
pub(crate) fn sign_extend(raw: u128, width: u32) -> i128 {
    if width == 0 {
        return 0;
    }
    let unused = 128 - width.min(128);
    (raw << unused).cast_signed() >> unused
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Bit by bit, as the layout defines their order.
    fn naive(bytes: &[u8], first_bit: u32, width: u32, endian: Endian) -> u128 {
        (0..width).fold(0, |all, bit| {
            let at = first_bit + bit;
            let byte = bytes[at as usize / 8];
            match endian {
                Endian::Little => all | u128::from(byte >> (at % 8) & 1) << bit,
                Endian::Big => all << 1 | u128::from(byte >> (7 - at % 8) & 1),
            }
        })
    }

    proptest! {
        #[test]
        fn loads_and_stores_are_those_of_single_bits(
            bytes in prop::array::uniform17(any::<u8>()),
            first_bit in 0u32..8,
            width in 1u32..=128,
            big in any::<bool>(),
        ) {
            let endian = if big { Endian::Big } else { Endian::Little };
            let len = (first_bit as usize + width as usize).div_ceil(8);
            let bytes = &bytes[..len];
            let value = load(bytes, first_bit, width, endian);
            prop_assert_eq!(value, naive(bytes, first_bit, width, endian));
            let store = |value: u128| {
                store_wide(&value.to_le_bytes(), len, first_bit, width, endian)
            };
            for ((&byte, value), mask) in bytes.iter().zip(store(value)).zip(store(u128::MAX)) {
                prop_assert_eq!(byte & mask, value);
            }
        }
    }
}
