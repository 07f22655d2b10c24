//! Values of constant expressions, and the integer types that they wrap around in.

use cwire_layout::types::{Basic, Type, TypeId, Types};

use crate::resolve::target;

/// A constant and its type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Value {
    /// Its type; arithmetic, an enum, or a pointer.
    pub(crate) ty: TypeId,
    /// What it is.
    pub(crate) number: Number,
}

/// The number of a [`Value`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    /// An integer or an address, extended to 128 bits by the sign of its type.
    Int(u128),
    /// A floating constant.
    Float(f64),
}

/// How an integer type computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IntType {
    /// Width, the sign's bit included: 1 to 128.
    pub(crate) bits: u32,
    pub(crate) signed: bool,
    /// Conversion rank (C11 6.3.1.1p1); of `_BitInt` below the standard type of its width.
    pub(crate) rank: u32,
}

impl IntType {
    /// The type of a pointer's address.
    pub(crate) const fn address(pointer_size: u64) -> Self {
        let bits = if pointer_size == 8 { 64 } else { 32 };
        Self { bits, signed: false, rank: 0 }
    }

    const fn standard(bits: u32, signed: bool, order: u32) -> Self {
        Self { bits, signed, rank: bits * 16 + order }
    }

    /// What remains of `number` in this type: modulo 2^bits, extended to 128 bits by the sign
    /// (C11 6.3.1.3; signed as gcc defines it).
    pub(crate) const fn wrap(self, number: u128) -> u128 {
        if self.bits >= 128 {
            return number;
        }
        let unused = 128 - self.bits;
        if self.signed {
            (((number << unused) as i128) >> unused) as u128
        } else {
            (number << unused) >> unused
        }
    }

    /// Whether the type has this value. `number` is signed if `negative` is possible.
    pub(crate) const fn has(self, number: i128) -> bool {
        self.wrap(number as u128) as i128 == number && (self.signed || number >= 0)
    }
}

/// The integer type of an arithmetic type or enum; `None` for all others, and for `_BitInt`s
/// wider than 128 bits.
pub(crate) fn int_type(types: &Types, ty: TypeId) -> Option<IntType> {
    let ty = match types.get(types.strip(ty)) {
        Type::Atomic(ty) => types.strip(*ty),
        _ => types.strip(ty),
    };
    match types.get(ty) {
        Type::Basic(basic) => basic_int(types, *basic),
        Type::BitInt { width_bits, signed } if *width_bits <= 128 => {
            Some(IntType::standard(*width_bits, *signed, 0))
        }
        Type::Enum(id) => int_type(types, types.enumeration(*id).definition.as_ref()?.underlying),
        _ => None,
    }
}

fn basic_int(types: &Types, basic: Basic) -> Option<IntType> {
    let abi = types.abi();
    Some(match basic {
        Basic::Bool => IntType::standard(1, false, 0),
        Basic::Char => IntType::standard(8, abi.char_is_signed(), 1),
        Basic::SChar => IntType::standard(8, true, 1),
        Basic::UChar | Basic::Char8 => IntType::standard(8, false, 1),
        Basic::Short => IntType::standard(16, true, 2),
        Basic::UShort | Basic::Char16 => IntType::standard(16, false, 2),
        Basic::Int => IntType::standard(32, true, 3),
        Basic::UInt | Basic::Char32 => IntType::standard(32, false, 3),
        Basic::Long => IntType::standard(long_bits(types), true, 4),
        Basic::ULong => IntType::standard(long_bits(types), false, 4),
        Basic::LongLong => IntType::standard(64, true, 5),
        Basic::ULongLong => IntType::standard(64, false, 5),
        Basic::Int128 => IntType::standard(128, true, 6),
        Basic::UInt128 => IntType::standard(128, false, 6),
        Basic::WChar => return basic_int(types, target::wchar_type(abi)),
        _ => return None,
    })
}

fn long_bits(types: &Types) -> u32 {
    if target::long_is_64(types.abi()) { 64 } else { 32 }
}

/// Whether a floating type, and which.
pub(crate) fn float_type(types: &Types, ty: TypeId) -> Option<Basic> {
    match types.get(types.strip(ty)) {
        Type::Basic(
            basic @ (Basic::Float16
            | Basic::Float
            | Basic::Double
            | Basic::LongDouble
            | Basic::Float128),
        ) => Some(*basic),
        _ => None,
    }
}

impl Value {
    /// Whether it counts as true (C11 6.8.4.1p2).
    pub(crate) fn is_true(self) -> bool {
        match self.number {
            Number::Int(bits) => bits != 0,
            Number::Float(number) => number != 0.0,
        }
    }
}
