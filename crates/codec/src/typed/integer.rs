//! Integers, floating point, `_Bool` and pointers.

use cwire_layout::TypeLayout;
use cwire_layout::abi::{Scalar, Target};

use super::CType;
use super::bits::BitField;
use crate::error::{DecodeError, DecodeErrorKind, EncodeError};
use crate::scalar;

/// C's `signed char`, a number of 8 bits. For text see [`CChar`](super::CChar).
pub type CSChar = i8;
/// C's `unsigned char`, a number of 8 bits.
pub type CUChar = u8;
/// C's `short`: 16 bits on every ABI.
pub type CShort = i16;
/// C's `unsigned short`: 16 bits on every ABI.
pub type CUShort = u16;
/// C's `int`: 32 bits on every ABI.
pub type CInt = i32;
/// C's `unsigned int`: 32 bits on every ABI.
pub type CUInt = u32;
/// C's `long long`: 64 bits on every ABI.
pub type CLongLong = i64;
/// C's `unsigned long long`: 64 bits on every ABI.
pub type CULongLong = u64;

/// Types of one size on every ABI.
macro_rules! fixed {
    ($($ty:ident: $scalar:ident, $load:expr, $store:expr;)*) => { $(
        impl<A: Target> CType<A> for $ty {
            const LAYOUT: TypeLayout = A::ABI.scalar(Scalar::$scalar);
            const ALWAYS_FITS: bool = true;
            const ALWAYS_VALID: bool = true;
            type View<'a> = Self;

            #[inline(always)]
            fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
                let load: fn(&[u8], _) -> Self = $load;
                Ok(load(bytes, A::ABI.endian()))
            }

            #[inline(always)]
            fn write(&self, bytes: &mut [u8]) -> Result<(), EncodeError> {
                let store: fn(&mut [u8], Self, _) = $store;
                store(bytes, *self, A::ABI.endian());
                Ok(())
            }

            #[inline(always)]
            fn view(bytes: &[u8]) -> Self {
                let load: fn(&[u8], _) -> Self = $load;
                load(bytes, A::ABI.endian())
            }
        }
    )* };
}

#[allow(clippy::indexing_slicing, reason = "`CType` takes exactly one byte here")]
mod fixed_types {
    use super::*;

    fixed! {
        u8: Char, |bytes, _| bytes[0], |bytes, value, _| bytes[0] = value;
        i8: Char, |bytes, _| bytes[0].cast_signed(), |bytes, value, _| bytes[0] = value.cast_unsigned();
        u16: Short, scalar::load_u16, scalar::store_u16;
        i16: Short, scalar::load_i16, scalar::store_i16;
        u32: Int, scalar::load_u32, scalar::store_u32;
        i32: Int, scalar::load_i32, scalar::store_i32;
        u64: LongLong, scalar::load_u64, scalar::store_u64;
        i64: LongLong, scalar::load_i64, scalar::store_i64;
        f32: Float, scalar::load_f32, scalar::store_f32;
        f64: Double, scalar::load_f64, scalar::store_f64;
    }
}

/// Integer types whose size the ABI decides, held in the widest Rust type they need.
macro_rules! by_abi {
    ($(#[$doc:meta] $name:ident($inner:ident): $scalar:ident, signed = $signed:tt;)*) => { $(
        #[$doc]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl From<$inner> for $name {
            fn from(value: $inner) -> Self {
                Self(value)
            }
        }

        impl From<$name> for $inner {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl<A: Target> CType<A> for $name {
            const LAYOUT: TypeLayout = A::ABI.scalar(Scalar::$scalar);
            const ALWAYS_FITS: bool = <Self as CType<A>>::LAYOUT.size >= size_of::<$inner>() as u64;
            const ALWAYS_VALID: bool = true;
            type View<'a> = Self;

            #[inline(always)]
            fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
                Ok(<Self as CType<A>>::view(bytes))
            }

            #[inline(always)]
            fn write(&self, bytes: &mut [u8]) -> Result<(), EncodeError> {
                let width = <Self as BitField<A>>::TYPE_BITS;
                let raw = <Self as BitField<A>>::to_bits(self, width)?;
                scalar::store_uint(bytes, u128::from(raw), A::ABI.endian());
                Ok(())
            }

            #[inline(always)]
            #[allow(clippy::cast_possible_truncation, reason = "at most 8 bytes were loaded")]
            fn view(bytes: &[u8]) -> Self {
                let raw = scalar::load_uint(bytes, A::ABI.endian()) as u64;
                <Self as BitField<A>>::bits_view(raw, <Self as BitField<A>>::TYPE_BITS)
            }
        }

        impl<A: Target> BitField<A> for $name {
            const SIGNED: bool = $signed;
            type BitsView = Self;

            #[inline(always)]
            fn from_bits(raw: u64, width: u32) -> Result<Self, DecodeError> {
                Ok(<Self as BitField<A>>::bits_view(raw, width))
            }

            #[inline(always)]
            fn fits(&self, width: u32) -> bool {
                by_abi!(@fits $signed, self.0, width)
            }

            #[inline(always)]
            fn low_bits(&self) -> u64 {
                by_abi!(@low_bits $signed, self.0)
            }

            fn number(&self) -> i128 {
                i128::from(self.0)
            }

            #[inline(always)]
            #[allow(clippy::cast_possible_truncation, reason = "the bits fit the type")]
            fn bits_view(raw: u64, width: u32) -> Self {
                by_abi!(@from_bits $signed, $inner, raw, width)
            }
        }
    )* };
    (@fits true, $value:expr, $width:expr) => { signed_fits(i64::from($value), $width) };
    (@fits false, $value:expr, $width:expr) => { u64::from($value) <= mask64($width) };
    (@low_bits true, $value:expr) => { i64::from($value).cast_unsigned() };
    (@low_bits false, $value:expr) => { u64::from($value) };
    (@from_bits true, $inner:ident, $raw:expr, $width:expr) => {
        Self(scalar::sign_extend($raw, $width) as $inner)
    };
    (@from_bits false, $inner:ident, $raw:expr, $width:expr) => {
        Self(($raw & mask64($width)) as $inner)
    };
}

by_abi! {
    /// C's `long`: 32 bits on Windows and on 32-bit targets, 64 bits elsewhere.
    CLong(i64): Long, signed = true;
    /// C's `unsigned long`: 32 bits on Windows and on 32-bit targets, 64 bits elsewhere.
    CULong(u64): Long, signed = false;
    /// C's `size_t`: as wide as a pointer.
    CSize(u64): Size, signed = false;
    /// A pointer, as the opaque address it had in the sender's memory.
    CPtr(u64): Pointer, signed = false;
    /// C's `wchar_t`, one code unit: 16 bits on Windows, 32 bits elsewhere.
    CWchar(u32): WChar, signed = false;
}

/// Integers of one size on every ABI as bit-fields.
macro_rules! fixed_bits {
    ($($ty:ident, signed = $signed:tt;)*) => { $(
        impl<A: Target> BitField<A> for $ty {
            const SIGNED: bool = $signed;
            type BitsView = Self;

            #[inline(always)]
            fn from_bits(raw: u64, width: u32) -> Result<Self, DecodeError> {
                Ok(<Self as BitField<A>>::bits_view(raw, width))
            }

            #[inline(always)]
            fn fits(&self, width: u32) -> bool {
                by_abi!(@fits $signed, *self, width)
            }

            #[inline(always)]
            fn low_bits(&self) -> u64 {
                by_abi!(@low_bits $signed, *self)
            }

            fn number(&self) -> i128 {
                i128::from(*self)
            }

            #[inline(always)]
            #[allow(clippy::cast_possible_truncation, reason = "the bits fit the type")]
            fn bits_view(raw: u64, width: u32) -> Self {
                fixed_bits!(@view $signed, raw, width)
            }
        }
    )* };
    (@view true, $raw:expr, $width:expr) => { scalar::sign_extend($raw, $width) as Self };
    (@view false, $raw:expr, $width:expr) => { ($raw & mask64($width)) as Self };
}

fixed_bits! {
    u8, signed = false;
    i8, signed = true;
    u16, signed = false;
    i16, signed = true;
    u32, signed = false;
    i32, signed = true;
    u64, signed = false;
    i64, signed = true;
}

/// Whether a signed value needs no more than `width` bits.
#[inline(always)]
pub(super) fn signed_fits(value: i64, width: u32) -> bool {
    scalar::sign_extend(value.cast_unsigned(), width) == value
}

/// The `width` lowest bits set; `width` is 1 to 64.
#[inline(always)]
pub(super) const fn mask64(width: u32) -> u64 {
    u64::MAX >> (64 - width)
}

/// C's `_Bool` or C++'s `bool` as its byte, whatever it holds.
///
/// A Rust `bool` field is stricter: a byte other than 0 and 1 is then a decode error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CBool(pub u8);

impl CBool {
    /// The value; `None` for a byte that is neither 0 nor 1 (C11 6.2.5p2: a `_Bool` holds no other
    /// value, but memory may).
    #[must_use]
    pub fn get(self) -> Option<bool> {
        match self.0 {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl From<bool> for CBool {
    fn from(value: bool) -> Self {
        Self(u8::from(value))
    }
}

impl<A: Target> CType<A> for CBool {
    const LAYOUT: TypeLayout = A::ABI.scalar(Scalar::Bool);
    const ALWAYS_FITS: bool = true;
    const ALWAYS_VALID: bool = true;
    type View<'a> = Self;

    #[inline(always)]
    fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        <u8 as CType<A>>::read(bytes).map(Self)
    }

    #[inline(always)]
    fn write(&self, bytes: &mut [u8]) -> Result<(), EncodeError> {
        <u8 as CType<A>>::write(&self.0, bytes)
    }

    #[inline(always)]
    fn view(bytes: &[u8]) -> Self {
        Self(<u8 as CType<A>>::view(bytes))
    }
}

/// A `_Bool` that must hold 0 or 1.
#[expect(clippy::use_self, reason = "the constants are truth values, not C's `_Bool`")]
impl<A: Target> CType<A> for bool {
    const LAYOUT: TypeLayout = A::ABI.scalar(Scalar::Bool);
    const ALWAYS_FITS: bool = true;
    const ALWAYS_VALID: bool = false;
    type View<'a> = CBool;

    #[inline(always)]
    fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        let byte = <u8 as CType<A>>::view(bytes);
        CBool(byte).get().ok_or_else(|| {
            DecodeError::new(DecodeErrorKind::InvalidValue {
                ctype: "_Bool",
                found: i128::from(byte),
            })
        })
    }

    #[inline(always)]
    fn write(&self, bytes: &mut [u8]) -> Result<(), EncodeError> {
        <u8 as CType<A>>::write(&u8::from(*self), bytes)
    }

    #[inline(always)]
    fn view(bytes: &[u8]) -> CBool {
        <CBool as CType<A>>::view(bytes)
    }
}

/// `_Bool` bit-fields are 1 bit wide in practice, so that every bit pattern is a value; wider ones
/// do not compile.
#[expect(clippy::use_self, reason = "the constants are truth values, not C's `_Bool`")]
impl<A: Target> BitField<A> for bool {
    const SIGNED: bool = false;
    const MAX_WIDTH: u32 = 1;
    type BitsView = CBool;

    #[inline(always)]
    fn from_bits(raw: u64, _width: u32) -> Result<Self, DecodeError> {
        Ok(raw != 0)
    }

    #[inline(always)]
    fn fits(&self, _width: u32) -> bool {
        true
    }

    #[inline(always)]
    fn low_bits(&self) -> u64 {
        u64::from(*self)
    }

    fn number(&self) -> i128 {
        i128::from(*self)
    }

    #[inline(always)]
    fn bits_view(raw: u64, _width: u32) -> CBool {
        CBool::from(raw != 0)
    }
}
