//! Bit-fields.
//!
//! A bit-field is read through a *window*: the bytes that hold it, loaded as one integer, shifted
//! and masked. All of it is constant per field and ABI. The window is the declared type's own
//! storage unit where the record has room for it, so that neighbours share one load and one store.

use std::marker::PhantomData;

use cwire_layout::TypeLayout;
use cwire_layout::abi::{Endian, Target};
use cwire_layout::place::Place;

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

    /// The value as `width` bits.
    ///
    /// # Errors
    ///
    /// The value needs more than `width` bits.
    fn to_bits(&self, width: u32) -> Result<u64, EncodeError>;

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
    fn to_bits(&self, _: u32) -> Result<u64, EncodeError> {
        Ok(0)
    }

    #[inline(always)]
    fn bits_view(_: u64, _: u32) -> Self {
        Self::new()
    }
}

/// Where a bit-field is found.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// First byte, from the start of the record.
    start: usize,
    /// Bytes to load.
    len: usize,
    /// Distance of the field's lowest bit from the lowest bit of the loaded integer.
    shift: u32,
    width: u32,
}

impl Window {
    /// The window of a bit-field of type `ty` that was placed at `place` in a record of
    /// `record_size` bytes.
    #[must_use]
    pub const fn new(place: Place, ty: TypeLayout, record_size: u64, endian: Endian) -> Self {
        let first_byte = place.offset_bits / 8;
        let end_byte = (place.offset_bits + place.size_bits).div_ceil(8);
        let unit = first_byte / ty.size * ty.size;
        let (start, len) = if unit + ty.size >= end_byte && unit + ty.size <= record_size {
            (unit, ty.size)
        } else {
            (first_byte, end_byte - first_byte)
        };
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
            (unit >> self.shift) & super::integer::mask64(self.width)
        } else {
            // A packed 64-bit field that starts inside a byte lies in nine.
            let unit = scalar::load_uint(bytes, endian);
            (unit >> self.shift) as u64 & super::integer::mask64(self.width)
        }
    }

    /// Stores the field's bits over those of the whole record, which are zero there.
    #[inline(always)]
    #[allow(clippy::indexing_slicing, reason = "a window lies inside its record")]
    fn store(self, record: &mut [u8], raw: u64, endian: Endian) {
        let bytes = &mut record[self.start..self.start + self.len];
        if self.len <= 8 {
            #[allow(clippy::cast_possible_truncation, reason = "loaded from at most 8 bytes")]
            let unit = scalar::load_uint(bytes, endian) as u64 | (raw << self.shift);
            scalar::store_uint(bytes, u128::from(unit), endian);
        } else {
            let unit = scalar::load_uint(bytes, endian) | (u128::from(raw) << self.shift);
            scalar::store_uint(bytes, unit, endian);
        }
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

/// Encodes the bit-field `name` into the bytes of its record, which are zero there.
#[inline(always)]
pub fn write_bits<A: Target, T: BitField<A>>(
    value: &T,
    record: &mut [u8],
    window: Window,
    name: &str,
) -> Result<(), EncodeError> {
    if !T::NAMED {
        return Ok(());
    }
    match value.to_bits(window.width) {
        Ok(raw) => {
            window.store(record, raw, A::ABI.endian());
            Ok(())
        }
        Err(error) => Err(error.within(name, window.start)),
    }
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
