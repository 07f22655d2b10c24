//! What expressions need to know of C types.

use cwire_layout::Types;
use cwire_layout::abi::{Abi, LongDoubleFormat, Scalar};
use cwire_layout::types::{Basic, RecordId, Type, TypeId};

use crate::plan::FloatFormat;
use crate::plan::tree::Unit;

/// What a field can be in an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// An integer, bool, enum or pointer.
    Int(Int),
    /// A floating number.
    Float(FloatFormat),
    /// An array; `len` is `None` for a flexible one.
    Array { element: TypeId, len: Option<u64> },
    /// A struct, union or class.
    Record(RecordId),
    /// None of these.
    Other,
}

/// An integer in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Int {
    /// Bytes: 1 to 16.
    pub(super) size: u8,
    /// The low bits that count: 1 to 128.
    pub(super) bits: u8,
    pub(super) signed: bool,
}

impl Int {
    fn whole(size: u64, signed: bool) -> Shape {
        match u8::try_from(size) {
            Ok(size @ 1..=16) => Shape::Int(Self { size, bits: size * 8, signed }),
            _ => Shape::Other,
        }
    }
}

pub(super) fn shape(types: &Types, ty: TypeId) -> Shape {
    let mut at = ty;
    loop {
        at = types.strip(at);
        match types.get(at) {
            Type::Atomic(inner) => at = *inner,
            Type::Enum(id) => match &types.enumeration(*id).definition {
                Some(definition) => at = definition.underlying,
                None => return Shape::Other,
            },
            _ => break,
        }
    }
    let size = types.layout_of(at).map_or(0, |layout| layout.size);
    match types.get(at) {
        Type::Basic(basic) => basic_shape(types.abi(), *basic, size),
        Type::BitInt { width_bits, signed } => {
            match (u8::try_from(size), u8::try_from(*width_bits)) {
                (Ok(size @ 1..=16), Ok(bits @ 1..=128)) => {
                    Shape::Int(Int { size, bits, signed: *signed })
                }
                _ => Shape::Other,
            }
        }
        Type::Pointer(_) | Type::Reference { .. } | Type::MemberPointer { .. } => {
            Int::whole(size, false)
        }
        Type::Array { element, len } => {
            Shape::Array { element: *element, len: len.filter(|&len| len > 0) }
        }
        Type::Record(id) => Shape::Record(*id),
        _ => Shape::Other,
    }
}

fn basic_shape(abi: &Abi, basic: Basic, size: u64) -> Shape {
    match basic {
        Basic::Float16 => Shape::Float(FloatFormat::Half),
        Basic::Float => Shape::Float(FloatFormat::Single),
        Basic::Double => Shape::Float(FloatFormat::Double),
        Basic::Float128 => Shape::Float(FloatFormat::Quad),
        Basic::LongDouble => Shape::Float(match abi.long_double_format() {
            LongDoubleFormat::Double => FloatFormat::Double,
            LongDoubleFormat::X87 => FloatFormat::X87,
            LongDoubleFormat::DoubleDouble => FloatFormat::DoubleDouble,
            LongDoubleFormat::Quad => FloatFormat::Quad,
        }),
        _ => Int::whole(size, is_signed(abi, basic)),
    }
}

fn is_signed(abi: &Abi, basic: Basic) -> bool {
    match basic {
        Basic::Char => abi.char_is_signed(),
        Basic::SChar
        | Basic::Short
        | Basic::Int
        | Basic::Long
        | Basic::LongLong
        | Basic::Int128 => true,
        Basic::WChar => abi.wchar_is_signed(),
        _ => false,
    }
}

/// What an array's elements are as text. Beside those that are text in JSON, bytes of either sign are.
pub(super) fn unit_of(types: &Types, ty: TypeId) -> Option<Unit> {
    let mut at = ty;
    // In C, these names are all that tells characters from integers.
    loop {
        match types.get(at) {
            Type::Typedef(id) => {
                let typedef = types.typedef(*id);
                let size = types.layout_of(at).map_or(0, |layout| layout.size);
                let name = typedef.name.strip_prefix("std::").unwrap_or(&typedef.name);
                match (name, size) {
                    ("char8_t", 1) => return Some(Unit::Utf8),
                    ("wchar_t" | "char16_t", 2) => return Some(Unit::Utf16),
                    ("wchar_t" | "char32_t", 4) => return Some(Unit::Utf32),
                    _ => at = typedef.target,
                }
            }
            Type::Qualified { ty, .. } => at = *ty,
            Type::Basic(Basic::Char | Basic::SChar | Basic::UChar) => return Some(Unit::Char),
            Type::Basic(Basic::Char8) => return Some(Unit::Utf8),
            Type::Basic(Basic::Char16) => return Some(Unit::Utf16),
            Type::Basic(Basic::Char32) => return Some(Unit::Utf32),
            Type::Basic(Basic::WChar) => {
                let is_short = types.abi().scalar(Scalar::WChar).size == 2;
                return Some(if is_short { Unit::Utf16 } else { Unit::Utf32 });
            }
            _ => return None,
        }
    }
}

/// The type that keywords name in any order (C11 6.7.2p2), as its size and, where it is an integer, as
/// that.
pub(super) fn keywords(abi: &Abi, words: &[&str]) -> Option<(u64, Option<Int>)> {
    let count = |word: &str| words.iter().filter(|found| **found == word).count();
    let known =
        ["signed", "unsigned", "char", "short", "int", "long", "__int128", "float", "double"];
    let bools = ["_Bool", "bool"];
    let qualifiers = ["const", "volatile"];
    let is_known =
        |word: &&str| known.contains(word) || bools.contains(word) || qualifiers.contains(word);
    if words.iter().all(|word| qualifiers.contains(word)) || !words.iter().all(is_known) {
        return None;
    }
    let scalar = if bools.iter().any(|word| count(word) > 0) {
        Scalar::Bool
    } else if count("char") > 0 {
        Scalar::Char
    } else if count("short") > 0 {
        Scalar::Short
    } else if count("float") > 0 {
        Scalar::Float
    } else if count("double") > 0 {
        if count("long") > 0 {
            return Some((abi.long_double().size, None));
        }
        Scalar::Double
    } else {
        match (count("__int128"), count("long")) {
            (1.., _) => {
                return Some((
                    16,
                    Some(Int { size: 16, bits: 128, signed: count("unsigned") == 0 }),
                ));
            }
            (_, 0) => Scalar::Int,
            (_, 1) => Scalar::Long,
            _ => Scalar::LongLong,
        }
    };
    let size = abi.scalar(scalar).size;
    let is_unsigned = count("unsigned") > 0
        || scalar == Scalar::Bool
        || (scalar == Scalar::Char && count("signed") == 0 && !abi.char_is_signed());
    match scalar {
        Scalar::Float | Scalar::Double => Some((size, None)),
        _ => match Int::whole(size, !is_unsigned) {
            Shape::Int(int) => Some((size, Some(int))),
            _ => None,
        },
    }
}

/// The types of `<stdint.h>` and `<stddef.h>`, which are known whether or not a header includes them.
pub(super) fn fixed_width(abi: &Abi, name: &str) -> Option<Int> {
    let (size, signed) = match name {
        "int8_t" => (1, true),
        "uint8_t" => (1, false),
        "int16_t" => (2, true),
        "uint16_t" => (2, false),
        "int32_t" => (4, true),
        "uint32_t" => (4, false),
        "int64_t" => (8, true),
        "uint64_t" => (8, false),
        "size_t" | "uintptr_t" => (abi.pointer_size(), false),
        "ssize_t" | "ptrdiff_t" | "intptr_t" => (abi.pointer_size(), true),
        _ => return None,
    };
    match Int::whole(size, signed) {
        Shape::Int(int) => Some(int),
        _ => None,
    }
}
