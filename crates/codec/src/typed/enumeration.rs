//! C enums.
//!
//! An object of a C enum type can hold more than its enumerators (C11 6.7.2.2p4: the type is some
//! integer type). [`Open`] keeps what it holds, known or not; a Rust enum on its own as the type
//! of a field makes an unknown value a decode error.

use std::fmt;

use cwire_layout::TypeLayout;
use cwire_layout::abi::{Abi, Target};

use super::CType;
use super::bits::BitField;
use super::integer::{mask64, signed_fits};
use crate::error::{DecodeError, DecodeErrorKind, EncodeError};
use crate::scalar;

/// A Rust enum that mirrors a C enum. Implemented by `#[derive(CEnum)]`.
///
/// Without a `repr` the ABI chooses the type that holds it, by the enumerators; `#[repr(u8)]` and
/// the like stand for C++'s `enum E : uint8_t`.
///
/// ```
/// use cwire_codec::{CEnum, Open, Record};
///
/// #[derive(Clone, Copy, Debug, PartialEq, CEnum)]
/// enum Side { Buy = 1, Sell = 2 }
///
/// #[derive(Debug, PartialEq, Record)]
/// struct Order { side: Open<Side>, lots: u32 }
///
/// assert_eq!(Order::decode(&[2, 0, 0, 0, 7, 0, 0, 0])?.side, Open::Known(Side::Sell));
/// assert_eq!(Order::decode(&[9, 0, 0, 0, 7, 0, 0, 0])?.side, Open::Unknown(9));
/// # Ok::<(), cwire_codec::DecodeError>(())
/// ```
pub trait CEnum: Copy + 'static {
    /// The enum's name.
    const NAME: &'static str;

    /// Enumerators with their names and values, in the order of declaration.
    const ENUMERATORS: &'static [Enumerator<Self>];

    /// Size and signedness of the type that holds the enum, where it is fixed.
    const FIXED: Option<FixedType>;

    /// The enumerator's value.
    fn value(self) -> i128;

    /// The enumerator with this value.
    fn from_value(value: i128) -> Option<Self>;
}

/// One enumerator of a [`CEnum`].
#[derive(Clone, Copy, Debug)]
pub struct Enumerator<E> {
    /// Name in C.
    pub name: &'static str,
    /// The enumerator itself.
    pub enumerator: E,
    /// Its value.
    pub value: i128,
}

/// The integer type that an enum fixes for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedType {
    /// 1, 2, 4 or 8 bytes.
    pub size: u64,
    /// Whether it has negative values.
    pub signed: bool,
}

/// The integer type that holds an enum under an ABI.
#[derive(Clone, Copy, Debug)]
struct Holder {
    layout: TypeLayout,
    signed: bool,
    /// Whether every enumerator is a value of the type. Not so for values above `INT_MAX` on MSVC.
    exact: bool,
}

const fn holder<E: CEnum>(abi: &Abi) -> Holder {
    let mut min = 0;
    let mut max = 0;
    let mut rest = E::ENUMERATORS;
    while let [first, tail @ ..] = rest {
        if first.value < min {
            min = first.value;
        }
        if first.value > max {
            max = first.value;
        }
        rest = tail;
    }
    let (layout, signed) = match E::FIXED {
        Some(FixedType { size, signed }) => (abi.integer(size), signed),
        None => abi.enum_type(min, max),
    };
    let bits = layout.size * 8;
    let exact = if signed {
        min >= -(1 << (bits - 1)) && max < 1 << (bits - 1)
    } else {
        min >= 0 && max < 1 << bits
    };
    Holder { layout, signed, exact }
}

/// What an object of a C enum type holds: one of the enumerators, or another value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Open<E> {
    /// An enumerator.
    Known(E),
    /// A value without an enumerator, as the enum's type has it. Values of unsigned 64-bit enums
    /// above `i64::MAX` appear as their two's complement.
    Unknown(i64),
}

impl<E: CEnum> Open<E> {
    /// The enumerator, if the value has one.
    #[must_use]
    pub fn known(self) -> Option<E> {
        match self {
            Self::Known(enumerator) => Some(enumerator),
            Self::Unknown(_) => None,
        }
    }
}

impl<E> From<E> for Open<E> {
    fn from(enumerator: E) -> Self {
        Self::Known(enumerator)
    }
}

impl<E: CEnum> fmt::Debug for Open<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(enumerator) => write!(f, "Known({})", name(*enumerator)),
            Self::Unknown(value) => write!(f, "Unknown({value})"),
        }
    }
}

impl<E: CEnum> fmt::Display for Open<E> {
    /// The enumerator's name, or the number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(enumerator) => f.pad(name(*enumerator)),
            Self::Unknown(value) => value.fmt(f),
        }
    }
}

fn name<E: CEnum>(enumerator: E) -> &'static str {
    let value = enumerator.value();
    E::ENUMERATORS.iter().find(|known| known.value == value).map_or("?", |known| known.name)
}

impl<A: Target, E: CEnum> CType<A> for Open<E> {
    const LAYOUT: TypeLayout = holder::<E>(&A::ABI).layout;
    const ALWAYS_FITS: bool = false;
    const ALWAYS_VALID: bool = true;
    type View<'a> = Self;

    #[inline(always)]
    fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        Ok(<Self as CType<A>>::view(bytes))
    }

    #[inline(always)]
    fn write(&self, bytes: &mut [u8]) -> Result<(), EncodeError> {
        let raw = <Self as BitField<A>>::to_bits(self, <Self as BitField<A>>::TYPE_BITS)?;
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

impl<A: Target, E: CEnum> BitField<A> for Open<E> {
    const SIGNED: bool = holder::<E>(&A::ABI).signed;
    type BitsView = Self;

    #[inline(always)]
    fn from_bits(raw: u64, width: u32) -> Result<Self, DecodeError> {
        Ok(<Self as BitField<A>>::bits_view(raw, width))
    }

    #[inline(always)]
    fn fits(&self, width: u32) -> bool {
        let signed = const { holder::<E>(&A::ABI).signed };
        match *self {
            Self::Known(enumerator) => known_fits(enumerator.value(), width, signed),
            Self::Unknown(value) if signed => signed_fits(value, width),
            Self::Unknown(value) => value.cast_unsigned() <= mask64(width),
        }
    }

    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "gives the low bits by contract")]
    fn low_bits(&self) -> u64 {
        match *self {
            Self::Known(enumerator) => enumerator.value() as u64,
            Self::Unknown(value) => value.cast_unsigned(),
        }
    }

    fn number(&self) -> i128 {
        match *self {
            Self::Known(enumerator) => enumerator.value(),
            Self::Unknown(value) => i128::from(value),
        }
    }

    #[inline(always)]
    fn bits_view(raw: u64, width: u32) -> Self {
        let holder = const { holder::<E>(&A::ABI) };
        let value = if holder.signed { scalar::sign_extend(raw, width) } else { raw.cast_signed() };
        let number = if holder.signed { i128::from(value) } else { i128::from(raw) };
        let whole = u64::from(width) == holder.layout.size * 8;
        let known = match E::from_value(number) {
            None if !(holder.exact && whole) => enumerator_of_bits(raw, width),
            known => known,
        };
        known.map_or(Self::Unknown(value), Self::Known)
    }
}

/// The enumerator whose low bits are `raw`: where the ABI cuts values off (above `INT_MAX` on
/// MSVC), or reads an unsigned enumerator out of a signed bit-field.
#[cold]
#[allow(clippy::cast_possible_truncation, reason = "compares the low bits")]
fn enumerator_of_bits<E: CEnum>(raw: u64, width: u32) -> Option<E> {
    E::ENUMERATORS
        .iter()
        .find(|known| {
            known_fits(known.value, width, true) && known.value as u64 & mask64(width) == raw
        })
        .map(|known| known.enumerator)
}

/// Whether an enumerator's value needs no more than `width` bits. A signed type takes values of its
/// unsigned twin too, since that is what compilers store for them.
#[inline(always)]
fn known_fits(value: i128, width: u32, signed: bool) -> bool {
    let min = if signed { -(1 << (width - 1)) } else { 0 };
    (min..1 << width).contains(&value)
}

/// The enumerator in the bytes of a closed enum.
#[inline(always)]
pub fn read_closed<A: Target, E: CEnum>(bytes: &[u8]) -> Result<E, DecodeError> {
    closed(<Open<E> as CType<A>>::view(bytes))
}

/// The enumerator in a bit-field of a closed enum.
#[inline(always)]
pub fn closed_from_bits<A: Target, E: CEnum>(raw: u64, width: u32) -> Result<E, DecodeError> {
    closed(<Open<E> as BitField<A>>::bits_view(raw, width))
}

#[inline(always)]
fn closed<E: CEnum>(value: Open<E>) -> Result<E, DecodeError> {
    match value {
        Open::Known(enumerator) => Ok(enumerator),
        Open::Unknown(found) => Err(no_enumerator::<E>(found)),
    }
}

#[cold]
fn no_enumerator<E: CEnum>(found: i64) -> DecodeError {
    let found = i128::from(found);
    DecodeError::new(DecodeErrorKind::InvalidValue { ctype: E::NAME, found })
}

/// Whether every enumerator can be encoded under an ABI.
pub const fn closed_always_fits<A: Target, E: CEnum>() -> bool {
    holder::<E>(&A::ABI).exact
}
