//! Text into a buffer that has room for it.
//!
//! Whoever writes makes sure beforehand that the longest text fits, with [`SLACK`] behind it, so that
//! pieces of a fixed size can be stored where fewer bytes count: what is too much is overwritten by
//! what follows.

/// Bytes behind the longest text.
pub(crate) const SLACK: usize = 64;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// Text that grows in a buffer.
pub(crate) struct Out<'a> {
    buf: &'a mut [u8],
    pos: usize,
}

impl<'a> Out<'a> {
    pub(crate) fn new(buf: &'a mut [u8]) -> Self {
        Self { buf, pos: 0 }
    }

    #[inline(always)]
    pub(crate) fn pos(&self) -> usize {
        self.pos
    }

    /// The same text, with a position of its own.
    #[inline(always)]
    pub(crate) fn reborrow(&mut self) -> Out<'_> {
        Out { buf: &mut *self.buf, pos: self.pos }
    }

    /// Takes over what was written since [`reborrow`](Self::reborrow).
    #[inline(always)]
    pub(crate) fn advance_to(&mut self, pos: usize) {
        self.pos = pos;
    }

    /// What is rarely done, in a function that is not inlined. It gets a copy of the position, so that
    /// this one may stay in a register of the processor.
    #[inline(always)]
    pub(crate) fn outlined(&mut self, write: impl FnOnce(&mut Out<'_>)) {
        let mut copy = Out { buf: &mut *self.buf, pos: self.pos };
        write(&mut copy);
        self.pos = copy.pos;
    }

    #[inline(always)]
    pub(crate) fn room(&self) -> usize {
        self.buf.len() - self.pos
    }

    /// The text so far, to begin anew.
    pub(crate) fn take(&mut self) -> &[u8] {
        let pos = std::mem::take(&mut self.pos);
        self.buf.get(..pos).unwrap_or(&[])
    }

    /// The first `len` of these bytes.
    #[inline(always)]
    pub(crate) fn chunk<const N: usize>(&mut self, bytes: &[u8; N], len: usize) {
        let slot = self.buf.get_mut(self.pos..).and_then(<[u8]>::first_chunk_mut::<N>);
        debug_assert!(slot.is_some() && len <= N, "the longest text fits");
        if let Some(slot) = slot {
            *slot = *bytes;
            self.pos += len;
        }
    }

    #[inline(always)]
    pub(crate) fn byte(&mut self, byte: u8) {
        self.chunk(&[byte], 1);
    }

    #[inline(always)]
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        let end = self.pos + bytes.len();
        if let Some(slot) = self.buf.get_mut(self.pos..end) {
            slot.copy_from_slice(bytes);
            self.pos = end;
        }
    }

    /// Up to 32 bytes, in pieces that overlap.
    #[inline(always)]
    pub(crate) fn short(&mut self, bytes: &[u8]) {
        let len = bytes.len();
        let start = self.pos;
        match len {
            8..=16 => {
                if let (Some(first), Some(last)) =
                    (bytes.first_chunk::<8>(), bytes.last_chunk::<8>())
                {
                    self.chunk(first, len - 8);
                    self.chunk(last, 8);
                }
            }
            17..=32 => {
                if let (Some(first), Some(last)) =
                    (bytes.first_chunk::<16>(), bytes.last_chunk::<16>())
                {
                    self.chunk(first, len - 16);
                    self.chunk(last, 16);
                }
            }
            4..=7 => {
                if let (Some(first), Some(last)) =
                    (bytes.first_chunk::<4>(), bytes.last_chunk::<4>())
                {
                    self.chunk(first, len - 4);
                    self.chunk(last, 4);
                }
            }
            _ => self.outlined(|out| out.bytes(bytes)),
        }
        debug_assert_eq!(self.pos, start + len);
    }

    #[inline(always)]
    pub(crate) fn int(&mut self, value: i64) {
        self.sign(value < 0);
        self.uint(value.unsigned_abs());
    }

    /// Without a branch, since signs are hard to foresee.
    #[inline(always)]
    fn sign(&mut self, negative: bool) {
        self.chunk(b"-", usize::from(negative));
    }

    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "each part is below 10^8")]
    pub(crate) fn uint(&mut self, value: u64) {
        const EIGHT: u64 = 100_000_000;
        if value < EIGHT {
            return self.below_eight_digits(value as u32);
        }
        self.outlined(|out| out.long_uint(value));
    }

    #[inline(never)]
    #[allow(clippy::cast_possible_truncation, reason = "each part is below 10^8")]
    fn long_uint(&mut self, value: u64) {
        const EIGHT: u64 = 100_000_000;
        if value < EIGHT * EIGHT {
            self.below_eight_digits((value / EIGHT) as u32);
        } else {
            let top = value / EIGHT;
            self.below_eight_digits((top / EIGHT) as u32);
            self.chunk(&(digits((top % EIGHT) as u32) | ZEROS).to_le_bytes(), 8);
        }
        self.chunk(&(digits((value % EIGHT) as u32) | ZEROS).to_le_bytes(), 8);
    }

    /// A number below 10^8 without leading zeros.
    #[inline(always)]
    fn below_eight_digits(&mut self, value: u32) {
        let digits = digits(value);
        // The last digit is there, even if it is 0.
        let leading = (digits | 1 << 56).trailing_zeros() / 8;
        let text = (digits | ZEROS) >> (leading * 8);
        self.chunk(&text.to_le_bytes(), 8 - leading as usize);
    }

    /// A finite number in the shortest form that reads back the same.
    #[inline(always)]
    pub(crate) fn f64(&mut self, value: f64) {
        match Fixed::of_f64(value) {
            Some(fixed) => self.fixed(value.is_sign_negative(), fixed),
            None => self.short(zmij::Buffer::new().format_finite(value).as_bytes()),
        }
    }

    /// A finite number in the shortest form that reads back the same.
    #[inline(always)]
    pub(crate) fn f32(&mut self, value: f32) {
        match Fixed::of_f32(value) {
            Some(fixed) => self.fixed(value.is_sign_negative(), fixed),
            None => self.short(zmij::Buffer::new().format_finite(value).as_bytes()),
        }
    }

    #[inline(always)]
    fn fixed(&mut self, negative: bool, fixed: Fixed) {
        self.sign(negative);
        self.uint(fixed.whole);
        // The last four of eight digits; zeros at the end are left out, but for one.
        let digits = digits(fixed.fraction) >> 32;
        let zeros = (digits << 32 | 1 << 39).leading_zeros() / 8;
        let text = (digits | ZEROS) << 8 | u64::from(b'.');
        self.chunk(&text.to_le_bytes(), 5 - zeros as usize);
    }
}

/// A number with up to four decimal places, as prices are.
#[derive(Clone, Copy)]
struct Fixed {
    whole: u64,
    /// In units of 10^-4.
    fraction: u32,
}

impl Fixed {
    /// The decimal that the shortest form of a number is, if it is one of up to four places.
    ///
    /// It reads back the same, which is tried. And it is the shortest: another decimal that is read as
    /// the same number is less than the distance to the next number away, which is below 10^-4 here; one
    /// with fewer digits differs by 10^-4 at least.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 2^53")]
    #[allow(clippy::cast_precision_loss, reason = "below 2^53")]
    fn of_f64(value: f64) -> Option<Self> {
        let magnitude = value.abs();
        if magnitude >= 1e10 {
            return None;
        }
        let units = (magnitude * 1e4 + 0.5) as u64;
        // Both sides are exact and the quotient is rounded once, as a reader does it.
        (units as f64 / 1e4 == magnitude)
            .then_some(Self { whole: units / 10_000, fraction: (units % 10_000) as u32 })
    }

    /// The same for up to two places: numbers below 2^17 lie less than 10^-2 apart. The quotient is
    /// rounded twice, which makes no difference: no decimal of two places is nearer to the middle
    /// between two numbers than 2^-32 of itself, unless it is that middle.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 2^24")]
    fn of_f32(value: f32) -> Option<Self> {
        let magnitude = value.abs();
        if magnitude >= 131_072.0 {
            return None;
        }
        let units = (f64::from(magnitude) * 100.0 + 0.5) as u32;
        ((f64::from(units) / 100.0) as f32 == magnitude)
            .then(|| Self { whole: u64::from(units / 100), fraction: units % 100 * 100 })
    }
}

/// The eight digits of a number below 10^8, each in a byte, the first in the lowest: the number is
/// divided by 10^4, both halves at once by 100, and all four quarters at once by 10.
#[inline(always)]
fn digits(value: u32) -> u64 {
    let halves = u64::from(value / 10_000) | u64::from(value % 10_000) << 32;
    // 10486 / 2^20 is 1/100 for what is below 10^4.
    let hundreds = ((halves * 10_486) >> 20) & 0x7f_0000_007f;
    let quarters = hundreds | (halves - hundreds * 100) << 16;
    // 103 / 2^10 is 1/10 for what is below 100.
    let tens = ((quarters * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | (quarters - tens * 10) << 8
}

/// Marks the bytes of a text that are not written as they are: those below 0x20, NUL among them, `"`,
/// `\` and those of 0x80 and more. Exact for the first of them: a borrow reaches only bytes behind
/// one that is marked.
#[inline(always)]
pub(crate) fn special(bytes: u64) -> u64 {
    let control = bytes.wrapping_sub(ONES * 0x20);
    let quote = (bytes ^ (ONES * 0x22)).wrapping_sub(ONES);
    let backslash = (bytes ^ (ONES * 0x5c)).wrapping_sub(ONES);
    (((control | quote | backslash) & !bytes) | bytes) & HIGH
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(write: impl FnOnce(&mut Out<'_>)) -> String {
        let mut buf = [0; 128];
        let mut out = Out::new(&mut buf);
        write(&mut out);
        String::from_utf8(out.take().to_vec()).unwrap()
    }

    #[test]
    fn integers_around_every_power_of_ten() {
        for power in 0..20 {
            let ten = 10u64.pow(power);
            for value in [ten - 1, ten, ten + 1, ten.saturating_mul(9)] {
                assert_eq!(text(|out| out.uint(value)), value.to_string());
            }
        }
        for value in [u64::MAX, 0] {
            assert_eq!(text(|out| out.uint(value)), value.to_string());
        }
        for value in [i64::MIN, i64::MAX, -1, 0] {
            assert_eq!(text(|out| out.int(value)), value.to_string());
        }
    }

    #[test]
    fn short_pieces_have_every_length() {
        let bytes = b"abcdefghijklmnopqrstuvwxyz012345";
        for len in 0..=32 {
            assert_eq!(text(|out| out.short(&bytes[..len])).as_bytes(), &bytes[..len]);
        }
    }

    #[allow(clippy::cast_possible_truncation, reason = "rounding is what is wanted")]
    fn nearest(value: f64) -> f32 {
        value as f32
    }

    #[test]
    fn decimals_of_few_places_are_as_short_as_others() {
        let zmij = |value: f64| zmij::Buffer::new().format_finite(value).to_owned();
        for units in (0..2_000_000u32).step_by(7) {
            for value in [f64::from(units) / 1e4, f64::from(units) * -1234.5678, f64::from(units)] {
                assert_eq!(text(|out| out.f64(value)), zmij(value));
            }
            let value = f64::from(units) / 100.0;
            let single = nearest(value);
            let expected = zmij::Buffer::new().format_finite(single).to_owned();
            assert_eq!(text(|out| out.f32(single)), expected);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn floats_are_the_shortest(bits in any::<u64>(), shift in 0u32..64) {
            let values = [f64::from_bits(bits), (bits >> shift) as f64 / 64.0];
            for value in values.into_iter().filter(|value| value.is_finite()) {
                let expected = zmij::Buffer::new().format_finite(value).to_owned();
                prop_assert_eq!(text(|out| out.f64(value)), expected);
            }
            let low = u32::try_from(bits & 0xffff_ffff).unwrap();
            let values = [f32::from_bits(low), (bits >> shift) as f32 / 64.0];
            for value in values.into_iter().filter(|value| value.is_finite()) {
                let expected = zmij::Buffer::new().format_finite(value).to_owned();
                prop_assert_eq!(text(|out| out.f32(value)), expected);
            }
        }

        #[test]
        fn integers_are_those_of_the_standard_library(value in any::<i64>(), shift in 0u32..64) {
            let value = value >> shift;
            prop_assert_eq!(text(|out| out.int(value)), value.to_string());
        }

        #[test]
        fn the_first_special_byte_is_found(bytes in any::<[u8; 8]>(), plain in 0usize..9) {
            let mut bytes = bytes;
            for byte in &mut bytes[..plain.min(8)] {
                *byte = byte.clamp(&mut b'a', &mut b'z').to_owned();
            }
            let is_special = |&byte: &u8| !(0x20..0x80).contains(&byte) || b"\"\\".contains(&byte);
            let first = bytes.iter().position(is_special).unwrap_or(8);
            prop_assert_eq!(special(u64::from_le_bytes(bytes)).trailing_zeros() as usize / 8, first);
        }
    }
}
