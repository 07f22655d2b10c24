//! Which of C's arithmetic types a base type is.

use cwire_layout::Types;
use cwire_layout::types::{Basic, Type, TypeId};

use crate::graph::{Base, Encoding};

/// The type of C that a base type is, or what it is instead.
///
/// Names decide where several types have one size (`long`, `long long`), and sizes where a name is not
/// one of C's (`i64`) or means another size than the ABI's (`long double` with `-mlong-double-64`).
pub(super) fn base_type(types: &mut Types, base: Base, name: &str) -> Result<TypeId, String> {
    if name.contains("_BitInt") {
        return bit_int(types, base, name);
    }
    if base.encoding == Encoding::NullPtr {
        return Ok(types.basic(Basic::NullPtr));
    }
    if base.encoding == Encoding::Address {
        let void = types.intern(Type::Void);
        return Ok(types.pointer(void));
    }
    if base.encoding == Encoding::Complex {
        let part = float(types, base.size / 2, name);
        return match part {
            Some(part) if base.size.is_multiple_of(2) => Ok(types.intern(Type::Complex(part))),
            _ => Err(unknown(base, name)),
        };
    }
    let named = by_name(base.encoding, name).filter(|&basic| has_size(types, basic, base.size));
    let basic = named.or_else(|| by_size(types, base, name));
    basic.map(|basic| types.basic(basic)).ok_or_else(|| unknown(base, name))
}

fn unknown(base: Base, name: &str) -> String {
    format!("`{name}` of {} bytes, which is no type of C", base.size)
}

/// `_BitInt(N)`: gcc has N in the name and in `DW_AT_bit_size`. clang 19 says neither (test
/// `clang_leaves_the_width_of_bit_int_out`); then N is taken to fill the bytes.
fn bit_int(types: &mut Types, base: Base, name: &str) -> Result<TypeId, String> {
    let signed = !matches!(base.encoding, Encoding::Unsigned | Encoding::UnsignedChar);
    let digits = name.split_once("_BitInt(").and_then(|(_, rest)| rest.split_once(')'));
    let in_name = digits.and_then(|(digits, _)| digits.trim().parse().ok());
    let fill = base.size.checked_mul(8).and_then(|bits| u32::try_from(bits).ok());
    let width = in_name.or(base.bits).or(fill).filter(|&width| width > 0);
    let width_bits = width.ok_or_else(|| unknown(base, name))?;
    Ok(types.intern(Type::BitInt { width_bits, signed }))
}

fn has_size(types: &mut Types, basic: Basic, size: u64) -> bool {
    let ty = types.basic(basic);
    types.layout_of(ty).is_ok_and(|layout| layout.size == size)
}

/// The type that a name of gcc's (`long unsigned int`), clang's (`unsigned long`) or C++ means.
fn by_name(encoding: Encoding, name: &str) -> Option<Basic> {
    let has = |word: &str| name.split(' ').any(|found| found == word);
    let longs = name.split(' ').filter(|&word| word == "long").count();
    match encoding {
        Encoding::Bool => Some(Basic::Bool),
        Encoding::SignedChar | Encoding::UnsignedChar if name == "char" => Some(Basic::Char),
        Encoding::UnsignedChar if name == "char8_t" => Some(Basic::Char8),
        Encoding::UnsignedChar => Some(Basic::UChar),
        Encoding::SignedChar => Some(Basic::SChar),
        Encoding::Utf => match name {
            "char8_t" => Some(Basic::Char8),
            "char16_t" => Some(Basic::Char16),
            "char32_t" => Some(Basic::Char32),
            _ => None,
        },
        Encoding::Signed | Encoding::Unsigned => {
            let signed = encoding == Encoding::Signed;
            let pick = |s, u| Some(if signed { s } else { u });
            match name {
                "wchar_t" => Some(Basic::WChar),
                "char16_t" => Some(Basic::Char16),
                "char32_t" => Some(Basic::Char32),
                _ if longs >= 2 => pick(Basic::LongLong, Basic::ULongLong),
                _ if longs == 1 => pick(Basic::Long, Basic::ULong),
                _ if has("short") => pick(Basic::Short, Basic::UShort),
                _ if has("int") || name == "unsigned" => pick(Basic::Int, Basic::UInt),
                _ => None,
            }
        }
        Encoding::Float => match name {
            "float" => Some(Basic::Float),
            "double" => Some(Basic::Double),
            "long double" => Some(Basic::LongDouble),
            "_Float128" | "__float128" | "__ieee128" => Some(Basic::Float128),
            _ => None,
        },
        Encoding::Complex | Encoding::Address | Encoding::NullPtr | Encoding::Other => None,
    }
}

fn by_size(types: &mut Types, base: Base, name: &str) -> Option<Basic> {
    let signed = match base.encoding {
        Encoding::Signed | Encoding::SignedChar => true,
        Encoding::Unsigned | Encoding::UnsignedChar | Encoding::Bool => false,
        Encoding::Utf => {
            return match base.size {
                1 => Some(Basic::Char8),
                2 => Some(Basic::Char16),
                4 => Some(Basic::Char32),
                _ => None,
            };
        }
        Encoding::Float => return float(types, base.size, name),
        _ => return None,
    };
    integer(types, base.size, signed)
}

/// An integer type of so many bytes: `long` before `long long`, as `<stdint.h>` has it.
pub(super) fn integer(types: &mut Types, size: u64, signed: bool) -> Option<Basic> {
    let kinds = [
        (Basic::SChar, Basic::UChar),
        (Basic::Short, Basic::UShort),
        (Basic::Int, Basic::UInt),
        (Basic::Long, Basic::ULong),
        (Basic::LongLong, Basic::ULongLong),
        (Basic::Int128, Basic::UInt128),
    ];
    let picked = kinds.map(|(s, u)| if signed { s } else { u });
    picked.into_iter().find(|&basic| has_size(types, basic, size))
}

/// A floating type of so many bytes. The name tells the two formats of 16 bytes apart.
fn float(types: &mut Types, size: u64, name: &str) -> Option<Basic> {
    let binary128 = name.contains("128") || name.contains("_Float64x");
    let kinds = if binary128 {
        [Basic::Float128, Basic::LongDouble]
    } else {
        [Basic::LongDouble, Basic::Float128]
    };
    let small = [Basic::Float16, Basic::Float, Basic::Double];
    small.into_iter().chain(kinds).find(|&basic| has_size(types, basic, size))
}
