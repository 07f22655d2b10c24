//! The bits of a scalar.

use cwire_layout::abi::Endian;

use super::super::bits;
use super::super::float::{Float, FloatFormat};
use super::super::tree::{Kind, ScalarNode};
use super::super::walk::character;
use crate::error::EncodeErrorKind;
use crate::json::read::{Number, Text, Token};
use crate::scalar::low_mask;

/// The value of a scalar as an integer of the scalar's width.
pub(crate) struct Encoded {
    pub(crate) bits: u128,
    /// Whether no other bits have the same plain form.
    pub(crate) certain: bool,
}

impl Encoded {
    fn certain(bits: u128) -> Self {
        Self { bits, certain: true }
    }
}

/// What the messages call a value.
pub(crate) fn describe(token: Token<'_>) -> &'static str {
    match token {
        Token::Null => "null",
        Token::Bool(_) => "true or false",
        Token::Number(_) => "a number",
        Token::Text(_) => "text",
        Token::List => "a list",
        Token::Object => "an object",
    }
}

#[cold]
fn wrong_type(needed: &'static str, token: Token<'_>) -> EncodeErrorKind {
    EncodeErrorKind::WrongForm { needed, found: describe(token) }
}

/// The bits of a scalar of at most 128 bits that is given in its plain form.
#[inline]
pub(crate) fn encode(
    node: &ScalarNode,
    token: Token<'_>,
    endian: Endian,
) -> Result<Encoded, EncodeErrorKind> {
    match (&node.kind, token) {
        (Kind::Int, Token::Number(number)) => {
            integer(number, node.width, true).map(Encoded::certain)
        }
        (Kind::UInt, Token::Number(number)) => {
            integer(number, node.width, false).map(Encoded::certain)
        }
        (Kind::Float(format), token) => float(*format, node.width, token, endian),
        (Kind::Char, Token::Text(text)) => char(node.size, node.width, text),
        (Kind::Enum(names), Token::Number(number)) => {
            integer(number, node.width, names.is_signed).map(Encoded::certain)
        }
        (Kind::Enum(names), Token::Text(text)) => {
            let name = text.get();
            let Some(value) = names.value(&name) else {
                let (ctype, name) = (names.ctype.clone(), name.into_owned());
                return Err(EncodeErrorKind::UnknownEnumerator { name, ctype });
            };
            in_range(value, node.width, names.is_signed).map(Encoded::certain)
        }
        (Kind::Bool, Token::Bool(value)) => Ok(Encoded::certain(u128::from(value))),
        // A byte that is no value of the type is given as its number.
        (Kind::Bool, Token::Number(number)) => {
            integer(number, node.width, false).map(Encoded::certain)
        }
        (Kind::Int | Kind::UInt, token) => Err(wrong_type("an integer", token)),
        (Kind::Bool, token) => Err(wrong_type("true or false", token)),
        (Kind::Enum(_), token) => Err(wrong_type("an enumerator or a number", token)),
        (Kind::Char, token) => Err(wrong_type("text of one character", token)),
        (Kind::Wide, token) => Err(wrong_type("text of hex digits", token)),
    }
}

/// An integer as `width` bits.
#[inline]
fn integer(number: Number<'_>, width: u32, signed: bool) -> Result<u128, EncodeErrorKind> {
    match number {
        Number::Int(value) => in_range(value, width, signed),
        Number::UInt(value) if !signed && width == 128 => Ok(value),
        other => odd_integer(other, width, signed),
    }
}

#[inline]
fn in_range(value: i128, width: u32, signed: bool) -> Result<u128, EncodeErrorKind> {
    let bits = value.cast_unsigned() & low_mask(width);
    let fits = match signed {
        true => bits::sign_extend(bits, width) == value,
        false => bits.cast_signed() == value && value >= 0,
    };
    // An unsigned field of 128 bits holds every number that is not negative.
    if fits {
        Ok(bits)
    } else {
        Err(EncodeErrorKind::OutOfRange { value, width_bits: width, signed })
    }
}

/// Whole numbers in the spellings that JSON has for fractions, too, and numbers beyond every range.
#[cold]
fn odd_integer(number: Number<'_>, width: u32, signed: bool) -> Result<u128, EncodeErrorKind> {
    let found = match number {
        Number::Int(value) => value.to_string(),
        Number::UInt(value) => value.to_string(),
        Number::Decimal(text) => match whole(text) {
            Some(value) => return in_range(value, width, signed),
            // It has a fraction, or is far beyond.
            None if text.parse().is_ok_and(|value: f64| value.abs() < 1e30) => {
                return Err(EncodeErrorKind::NotInteger { found: text.to_owned() });
            }
            None => text.to_owned(),
        },
        Number::Float32(value) => return whole_float(f64::from(value), width, signed),
        Number::Float64(value) => return whole_float(value, width, signed),
    };
    Err(EncodeErrorKind::NumberRange { found })
}

#[allow(clippy::cast_possible_truncation, reason = "whole, and compared afterwards")]
fn whole_float(value: f64, width: u32, signed: bool) -> Result<u128, EncodeErrorKind> {
    let whole = value as i128;
    // Beyond 2^53 it may have been another number once.
    if value.abs() <= 9_007_199_254_740_992.0 && whole as f64 == value {
        return in_range(whole, width, signed);
    }
    Err(EncodeErrorKind::NotInteger { found: value.to_string() })
}

/// The number of `3.0`, `1.5e3` or `-0`, if it is whole and has at most 38 digits.
fn whole(text: &str) -> Option<i128> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (front, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let digits: i128 = format!("{front}{fraction}").parse().ok()?;
    let power = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    if digits == 0 {
        return Some(0);
    }
    let ten = 10i128.checked_pow(power.unsigned_abs())?;
    match power {
        0.. => digits.checked_mul(ten),
        _ => (digits % ten == 0).then(|| digits / ten),
    }
}

/// A number, or one of the words for what is none.
fn word(token: Token<'_>) -> Result<Number<'_>, EncodeErrorKind> {
    let text = match token {
        Token::Number(number) => return Ok(number),
        Token::Text(text) => text.get(),
        token => return Err(wrong_type("a number", token)),
    };
    Ok(Number::Float64(match &*text {
        "NaN" => f64::NAN,
        "Infinity" => f64::INFINITY,
        "-Infinity" => f64::NEG_INFINITY,
        _ => return Err(wrong_type("a number, `NaN`, `Infinity` or `-Infinity`", token)),
    }))
}

#[inline]
fn float(
    format: FloatFormat,
    width: u32,
    token: Token<'_>,
    endian: Endian,
) -> Result<Encoded, EncodeErrorKind> {
    let number = word(token)?;
    let value = match format {
        FloatFormat::Single => f64::from(single(number)),
        _ => double(number),
    };
    // There is one NaN for all of them, as in JSON.
    let value = if value.is_nan() { f64::NAN } else { value };
    of_double(format, width, value, endian, number)
}

#[inline]
fn of_double(
    format: FloatFormat,
    width: u32,
    value: f64,
    endian: Endian,
    number: Number<'_>,
) -> Result<Encoded, EncodeErrorKind> {
    let is_finite = match number {
        Number::Float32(value) => value.is_finite(),
        Number::Float64(value) => value.is_finite(),
        Number::Int(_) | Number::UInt(_) | Number::Decimal(_) => true,
    };
    let bits = format.encode(value, endian).filter(|bits| {
        // The types of C have no floating-point bit-fields, but who builds types may.
        (value.is_finite() || !is_finite) && bits & !low_mask(width.min(128)) == 0
    });
    let Some(bits) = bits else { return Err(too_large(number)) };
    let is_ieee = matches!(format, FloatFormat::Half | FloatFormat::Single | FloatFormat::Double);
    Ok(Encoded { bits, certain: is_ieee && !value.is_nan() })
}

#[cold]
fn too_large(number: Number<'_>) -> EncodeErrorKind {
    let found = match number {
        Number::Int(value) => value.to_string(),
        Number::UInt(value) => value.to_string(),
        Number::Decimal(text) => text.to_owned(),
        Number::Float32(value) => value.to_string(),
        Number::Float64(value) => value.to_string(),
    };
    EncodeErrorKind::NumberRange { found }
}

fn double(number: Number<'_>) -> f64 {
    match number {
        Number::Int(value) => value as f64,
        Number::UInt(value) => value as f64,
        Number::Decimal(text) => text.parse().unwrap_or(f64::NAN),
        Number::Float32(value) => f64::from(value),
        Number::Float64(value) => value,
    }
}

/// Rounded once: by way of a `double`, numbers next to the middle between two would be rounded twice.
#[allow(clippy::cast_possible_truncation, reason = "rounds")]
fn single(number: Number<'_>) -> f32 {
    match number {
        Number::Int(value) => value as f32,
        Number::UInt(value) => value as f32,
        Number::Decimal(text) => text.parse().unwrap_or(f32::NAN),
        Number::Float32(value) => value,
        Number::Float64(value) => value as f32,
    }
}

fn char(size: usize, width: u32, text: Text<'_>) -> Result<Encoded, EncodeErrorKind> {
    let text = text.get();
    let mut chars = text.chars();
    let (Some(char), None) = (chars.next(), chars.next()) else {
        return Err(EncodeErrorKind::WrongForm {
            needed: "text of one character",
            found: if text.is_empty() { "none" } else { "more" },
        });
    };
    let code = u128::from(u32::from(char));
    let encoding = match size {
        1 => "U+0000 to U+00FF",
        2 => "U+0000 to U+FFFF",
        _ => "Unicode",
    };
    if code > low_mask(width.min(128)) {
        return Err(EncodeErrorKind::Unencodable { encoding, found: char });
    }
    // A byte is always a character; of wider units, some are none.
    let certain = size == 1 || char != char::REPLACEMENT_CHARACTER;
    Ok(Encoded { bits: code, certain })
}

/// Whether bits have the plain form `token`.
pub(crate) fn reads_as(
    node: &ScalarNode,
    bits: u128,
    token: Token<'_>,
    endian: Endian,
) -> Result<bool, EncodeErrorKind> {
    let Kind::Float(format) = &node.kind else {
        let given = encode(node, token, endian)?;
        return Ok(agrees(node, bits, given.bits, endian));
    };
    let number = word(token)?;
    Ok(match format.decode(bits, endian) {
        Float::Single(found) => same(found.into(), single(number).into()),
        Float::Double(found) => same(found, double(number)),
    })
}

/// Whether bits have the plain form that `encoded`, made of a plain form, has.
pub(crate) fn agrees(node: &ScalarNode, bits: u128, encoded: u128, endian: Endian) -> bool {
    if bits == encoded {
        return true;
    }
    match &node.kind {
        Kind::Float(format) => {
            let (found, given) = (format.decode(bits, endian), format.decode(encoded, endian));
            match (found, given) {
                (Float::Single(found), Float::Single(given)) => same(found.into(), given.into()),
                (Float::Double(found), Float::Double(given)) => same(found, given),
                _ => false,
            }
        }
        Kind::Char => character(bits, node.size).0 == character(encoded, node.size).0,
        _ => false,
    }
}

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
}

/// An integer of more than 128 bits out of its hex digits, the least significant byte first.
pub(crate) fn wide(text: Text<'_>, width: u32) -> Result<Vec<u8>, EncodeErrorKind> {
    let text = text.get();
    let bad = || EncodeErrorKind::WrongHex {
        needed: format!("`0x` and hex digits of at most {width} bits"),
        found: text.clone().into_owned(),
    };
    let digits = text.strip_prefix("0x").filter(|digits| !digits.is_empty()).ok_or_else(bad)?;
    let mut out = vec![0u8; (width as usize).div_ceil(8)];
    for (at, digit) in digits.bytes().rev().enumerate() {
        let digit = char::from(digit).to_digit(16).ok_or_else(bad)?;
        let value = u8::try_from(digit).unwrap_or(0) << (at % 2 * 4);
        let first_bit = at as u64 * 4;
        let room = u64::from(width).saturating_sub(first_bit).min(4);
        if digit >> room != 0 {
            return Err(bad());
        }
        if let Some(byte) = out.get_mut(at / 2) {
            *byte |= value;
        }
    }
    Ok(out)
}

/// Bytes out of two hex digits for each, appended.
pub(crate) fn unhex(text: &str, out: &mut Vec<u8>) -> Option<()> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    for pair in text.as_bytes().chunks_exact(2) {
        let [high, low] = *pair else { return None };
        out.push(digit(high)? << 4 | digit(low)?);
    }
    Some(())
}
