//! Bit-fields.
//!
//! A bit-field is read through a *window*: the bytes that hold it and its neighbours, loaded as one
//! integer, shifted and masked. All of it is constant per field and ABI.
//!
//! ```text
//! uint32_t px:20; bool flag:1; int k:7; char c;    x86-64 Linux, one window of 4 bytes
//!
//! byte     0         1         2         3         4
//!      | px      | px      | px:4 flag k:3 | k:4  | c       |
//!      |<------------- window ------------------->|
//! ```

use std::marker::PhantomData;

use cwire_layout::TypeLayout;
use cwire_layout::abi::{Endian, Target};
use cwire_layout::place::Place;

use super::integer::mask64;
use super::{CType, Padding};
use crate::error::{DecodeError, EncodeError, EncodeErrorKind};
use crate::scalar;

/// A type that a bit-field can be declared with: `_Bool`, an integer or an enum
/// (C11 6.7.2.1p5, and the other integer types that every compiler accepts).
pub trait BitField<A: Target>: CType<A> {
    /// What a view gives: the value itself, or a type that takes every bit pattern.
    type BitsView;

    /// Whether the sign bit of the field spreads over the value.
    const SIGNED: bool;

    /// Bits of the declared type.
    const TYPE_BITS: u32 = to_u32(Self::LAYOUT.size * 8);

    /// Widest bit-field that this type takes.
    const MAX_WIDTH: u32 = Self::TYPE_BITS;

    /// The value whose `width` bits are `raw`.
    ///
    /// # Errors
    ///
    /// The bits are no value of the type.
    fn from_bits(raw: u64, width: u32) -> Result<Self, DecodeError>;

    /// Whether the value needs no more than `width` bits.
    fn fits(&self, width: u32) -> bool;

    /// The value in two's complement; its lowest bits are those of the bit-field.
    fn low_bits(&self) -> u64;

    /// The value as a number, for messages.
    fn number(&self) -> i128;

    /// The value as `width` bits.
    ///
    /// # Errors
    ///
    /// The value needs more than `width` bits.
    #[inline(always)]
    fn to_bits(&self, width: u32) -> Result<u64, EncodeError> {
        if self.fits(width) {
            Ok(self.low_bits() & mask64(width))
        } else {
            Err(out_of_range(self.number(), width, Self::SIGNED))
        }
    }

    /// The value whose `width` bits are `raw`, as a view gives it.
    fn bits_view(raw: u64, width: u32) -> Self::BitsView;
}

/// An unnamed bit-field: `int : 5;` is `#[cwire(bits = 5)] _pad: Unnamed<i32>`. With `bits = 0` it
/// ends a run of bit-fields (C11 6.7.2.1p12).
///
/// It holds nothing: its bits are padding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Unnamed<T>(PhantomData<T>);

impl<T> Unnamed<T> {
    /// The only value.
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<A: Target, T: CType<A>> CType<A> for Unnamed<T> {
    const LAYOUT: TypeLayout = T::LAYOUT;
    const ALWAYS_FITS: bool = true;
    const ALWAYS_VALID: bool = true;
    const NAMED: bool = false;
    type View<'a> = Self;

    #[inline(always)]
    fn read(_: &[u8]) -> Result<Self, DecodeError> {
        Ok(Self::new())
    }

    #[inline(always)]
    fn write(&self, bytes: &mut [u8]) -> Result<(), EncodeError> {
        bytes.fill(0);
        Ok(())
    }

    #[inline(always)]
    fn view(_: &[u8]) -> Self {
        Self::new()
    }

    fn scan_padding(bytes: &[u8], padding: &mut Padding) {
        padding.bytes(bytes);
    }
}

impl<A: Target, T: BitField<A>> BitField<A> for Unnamed<T> {
    const SIGNED: bool = false;
    const MAX_WIDTH: u32 = T::MAX_WIDTH;
    type BitsView = Self;

    #[inline(always)]
    fn from_bits(_: u64, _: u32) -> Result<Self, DecodeError> {
        Ok(Self::new())
    }

    #[inline(always)]
    fn fits(&self, _: u32) -> bool {
        true
    }

    #[inline(always)]
    fn low_bits(&self) -> u64 {
        0
    }

    fn number(&self) -> i128 {
        0
    }

    #[inline(always)]
    fn bits_view(_: u64, _: u32) -> Self {
        Self::new()
    }
}

/// What a member of a record is to those that look for bit-fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No bit-field.
    Field,
    /// A bit-field with a name.
    BitField,
    /// A bit-field without a name.
    Unnamed,
}

/// Where a bit-field is found.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// First byte, from the start of the record.
    start: usize,
    /// Bytes to load: up to 8, or 9 for a packed 64-bit field that starts inside a byte.
    len: usize,
    /// Distance of the field's lowest bit from the lowest bit of the loaded integer.
    shift: u32,
    width: u32,
    /// Whether some bits of the window belong to members outside it.
    shared: bool,
}

impl Window {
    const NONE: Self = Self { start: 0, len: 0, shift: 0, width: 0, shared: false };

    /// The windows of the bit-fields among the members of a record of `size` bytes.
    ///
    /// Bit-fields that follow each other share a window while it stays within 8 bytes, so that
    /// they share one load and one store. Where there is room it has 1, 2, 4 or 8 bytes, and no
    /// bits of other members: it may then be stored without being loaded.
    #[must_use]
    #[allow(clippy::indexing_slicing, reason = "evaluated at compile time; bounded by N")]
    pub const fn all<const N: usize>(
        places: &[Place; N],
        kinds: &[Kind; N],
        size: u64,
        endian: Endian,
    ) -> [Self; N] {
        let mut windows = [Self::NONE; N];
        // End of the members before the group, in bytes, and of those among them that share its
        // first byte.
        let mut before = 0;
        let mut index = 0;
        while index < N {
            let first = index;
            index += 1;
            if !matches!(kinds[first], Kind::BitField) {
                if matches!(kinds[first], Kind::Field) {
                    before = end_byte(places[first]);
                }
                continue;
            }
            let start = places[first].offset_bits / 8;
            let mut end = end_byte(places[first]);
            let mut after = size;
            while index < N {
                match kinds[index] {
                    Kind::Unnamed => {}
                    Kind::BitField if end_byte(places[index]) - start <= 8 => {
                        end = end_byte(places[index]);
                    }
                    Kind::BitField | Kind::Field => {
                        after = places[index].offset_bits / 8;
                        break;
                    }
                }
                index += 1;
            }

            let (from, len) = extent(start, end, before, after);
            let mut member = first;
            while member < index {
                if matches!(kinds[member], Kind::BitField) {
                    windows[member] = Self::new(places[member], from, len, endian);
                    windows[member].shared = start < before || after < end;
                }
                member += 1;
            }
            before = end;
        }
        windows
    }

    /// The bit-field at `place` in the window of `len` bytes at `start`.
    const fn new(place: Place, start: u64, len: u64, endian: Endian) -> Self {
        let before_bits = place.offset_bits - start * 8;
        let shift = match endian {
            Endian::Little => before_bits,
            Endian::Big => len * 8 - before_bits - place.size_bits,
        };
        Self {
            start: scalar::to_usize(start),
            len: scalar::to_usize(len),
            shift: to_u32(shift),
            width: to_u32(place.size_bits),
            shared: false,
        }
    }

    /// The field's bits, out of the bytes of the whole record.
    #[inline(always)]
    #[allow(clippy::indexing_slicing, reason = "a window lies inside its record")]
    #[allow(clippy::cast_possible_truncation, reason = "masked to at most 64 bits")]
    fn load(self, record: &[u8], endian: Endian) -> u64 {
        let bytes = &record[self.start..self.start + self.len];
        if self.len <= 8 {
            let unit = scalar::load_uint(bytes, endian) as u64;
            (unit >> self.shift) & mask64(self.width)
        } else {
            // A packed 64-bit field that starts inside a byte lies in nine.
            let unit = scalar::load_uint(bytes, endian);
            (unit >> self.shift) as u64 & mask64(self.width)
        }
    }

    /// Whether both fields lie in the same bytes.
    #[must_use]
    pub const fn is_same(self, other: Self) -> bool {
        self.start == other.start && self.len == other.len
    }

    /// Stores the bits of all fields of the window into the bytes of the whole record, which are
    /// zero there.
    #[inline(always)]
    #[allow(clippy::indexing_slicing, reason = "a window lies inside its record")]
    pub fn store(self, record: &mut [u8], unit: u128, endian: Endian) {
        let bytes = &mut record[self.start..self.start + self.len];
        let others = if self.shared { scalar::load_uint(bytes, endian) } else { 0 };
        scalar::store_uint(bytes, unit | others, endian);
    }
}

const fn end_byte(place: Place) -> u64 {
    (place.offset_bits + place.size_bits).div_ceil(8)
}

/// Start and length of a window over the bytes from `start` to `end`: a length that is one load,
/// if that fits between the bytes of other members, which end at `before` and go on at `after`.
const fn extent(start: u64, end: u64, before: u64, after: u64) -> (u64, u64) {
    let len = end - start;
    let rounded = len.next_power_of_two();
    if rounded > 8 || start < before || after < end {
        (start, len)
    } else if start + rounded <= after {
        (start, rounded)
    } else if after >= before + rounded {
        (after - rounded, rounded)
    } else {
        (start, len)
    }
}

/// Decodes the bit-field `name` out of the bytes of its record.
#[inline(always)]
pub fn read_bits<A: Target, T: BitField<A>>(
    record: &[u8],
    window: Window,
    name: &str,
) -> Result<T, DecodeError> {
    if !T::NAMED {
        return T::from_bits(0, 0);
    }
    T::from_bits(window.load(record, A::ABI.endian()), window.width)
        .map_err(|error| error.within(name, window.start))
}

/// Whether a value fits its bit-field.
#[inline(always)]
pub fn fits<A: Target, T: BitField<A>>(value: &T, window: Window) -> bool {
    value.fits(window.width)
}

/// Says that a value does not fit the bit-field `name`, if it does not.
#[cold]
pub fn check_fits<A: Target, T: BitField<A>>(
    value: &T,
    window: Window,
    name: &str,
) -> Result<(), EncodeError> {
    match value.to_bits(window.width) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.within(name, window.start)),
    }
}

/// The first error among the fields of a run of which one does not fit.
#[cold]
pub fn misfit<const N: usize>(checks: [Result<(), EncodeError>; N]) -> Result<(), EncodeError> {
    let error = checks.into_iter().find_map(Result::err);
    Err(error.expect("called where a field does not fit"))
}

/// The bits of a value that fits its bit-field, where they belong in the window.
#[inline(always)]
pub fn shifted_bits<A: Target, T: BitField<A>>(value: &T, window: Window) -> u128 {
    u128::from(value.low_bits() & mask64(window.width)) << window.shift
}

/// A bit-field in place.
#[inline(always)]
pub fn view_bits<A: Target, T: BitField<A>>(record: &[u8], window: Window) -> T::BitsView {
    T::bits_view(window.load(record, A::ABI.endian()), window.width)
}

/// Whether every value of a bit-field of `width` bits fits.
#[must_use]
pub const fn bits_always_fit<A: Target, T: BitField<A>>(width: u32) -> bool {
    !T::NAMED || T::ALWAYS_FITS && width == T::MAX_WIDTH
}

/// Whether every pattern of `width` bits is a value.
#[must_use]
pub const fn bits_always_valid<A: Target, T: BitField<A>>(width: u32) -> bool {
    T::ALWAYS_VALID || width == 1 && T::MAX_WIDTH == 1
}

/// The error of a value that needs more than `width_bits` bits.
#[cold]
pub(super) fn out_of_range(value: i128, width_bits: u32, signed: bool) -> EncodeError {
    EncodeError::new(EncodeErrorKind::OutOfRange { value, width_bits, signed })
}

#[allow(clippy::cast_possible_truncation, reason = "checked in the line above the cast")]
const fn to_u32(value: u64) -> u32 {
    assert!(value <= u32::MAX as u64, "no bit-field has a type of 2^29 bytes");
    value as u32
}
