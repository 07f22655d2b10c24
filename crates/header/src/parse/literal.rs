//! Numbers, characters and strings: from spelling to value.

use cwire_layout::types::Basic;

use crate::decl::{CharPrefix, ExprKind, IntSuffix};

/// A preprocessing number as an integer or floating constant. Literals with a suffix of the
/// program's own (C++ lex.ext), imaginary and decimal floating ones are opaque.
pub(super) fn number(text: &str, cxx: bool) -> Result<ExprKind, String> {
    let digits = text.replace('\'', "");
    let lower = digits.to_ascii_lowercase();
    let (radix, body) = if let Some(hex) = lower.strip_prefix("0x") {
        (16, hex)
    } else if let Some(binary) = lower.strip_prefix("0b") {
        (2, binary)
    } else if let Some(octal) = lower.strip_prefix("0o") {
        (8, octal)
    } else {
        (10, lower.as_str())
    };
    let end =
        body.find(|c: char| !c.is_digit(if radix == 16 { 16 } else { 10 })).unwrap_or(body.len());
    let (integer, rest) = body.split_at(end);
    let floats = rest.starts_with('.')
        || radix == 10 && rest.starts_with('e') && exponent_len(rest) > 0
        || radix == 16 && rest.starts_with('p');
    let own = |kind: &str, suffix: &str| {
        if cxx && !suffix.is_empty() || suffix == "i" || suffix == "j" {
            Ok(ExprKind::Opaque)
        } else {
            Err(format!("expected {kind} constant, found `{text}`"))
        }
    };
    if floats {
        let (value, suffix) = if radix == 16 { hex_float(body) } else { decimal_float(body) };
        let value = value.ok_or_else(|| format!("expected a floating constant, found `{text}`"))?;
        return match float_type(suffix) {
            Some(ty) => Ok(ExprKind::Float { value, ty }),
            None if matches!(suffix, "df" | "dd" | "dl") => Ok(ExprKind::Opaque),
            None => own("a floating", suffix),
        };
    }
    let Some(suffix) = int_suffix(rest) else { return own("an integer", rest) };
    let octal = radix == 10 && integer.len() > 1 && integer.starts_with('0');
    let radix = if octal { 8 } else { radix };
    if integer.is_empty() || integer.chars().any(|c| !c.is_digit(radix)) {
        return Err(format!("expected digits of base {radix}, found `{text}`"));
    }
    let value = u128::from_str_radix(integer, radix)
        .map_err(|_| format!("expected an integer constant of at most 128 bits, found `{text}`"))?;
    Ok(ExprKind::Int { value, suffix, decimal: radix == 10 })
}

/// Suffix in lower case. `lL` is taken, too.
fn int_suffix(suffix: &str) -> Option<IntSuffix> {
    let mut found = IntSuffix::default();
    let mut rest = suffix;
    while !rest.is_empty() {
        let (mark, after) = ["wb", "ll", "l", "u", "z", "i8", "i16", "i32", "i64", "i128"]
            .iter()
            .rev()
            .filter_map(|mark| Some((*mark, rest.strip_prefix(mark)?)))
            .max_by_key(|(mark, _)| mark.len())?;
        let sized = found.longs > 0 || found.size || found.bit_int || found.bits > 0;
        match mark {
            "u" if !found.unsigned => found.unsigned = true,
            _ if sized => return None,
            "l" => found.longs = 1,
            "ll" => found.longs = 2,
            "z" => found.size = true,
            "wb" => found.bit_int = true,
            "i8" => found.bits = 8,
            "i16" => found.bits = 16,
            "i32" => found.bits = 32,
            "i64" => found.bits = 64,
            "i128" => found.bits = 128,
            _ => return None,
        }
        rest = after;
    }
    Some(found)
}

fn float_type(suffix: &str) -> Option<Basic> {
    Some(match suffix {
        "" | "f64" | "f32x" => Basic::Double,
        "f" | "f32" => Basic::Float,
        "l" | "w" | "f64x" => Basic::LongDouble,
        "f16" | "bf16" => Basic::Float16,
        "q" | "f128" => Basic::Float128,
        _ => return None,
    })
}

/// Length of `e+12`; 0 if digits are missing.
fn exponent_len(text: &str) -> usize {
    let sign = usize::from(text.get(1..2).is_some_and(|c| c == "+" || c == "-"));
    let digits = text.bytes().skip(1 + sign).take_while(u8::is_ascii_digit).count();
    if digits == 0 { 0 } else { 1 + sign + digits }
}

fn decimal_float(body: &str) -> (Option<f64>, &str) {
    let mantissa = body.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
    let exponent = match body.get(mantissa..) {
        Some(rest) if rest.starts_with('e') => exponent_len(rest),
        _ => 0,
    };
    let (number, suffix) = body.split_at(mantissa + exponent);
    (number.parse().ok(), suffix)
}

/// `1.8p-3`, after the `0x`.
fn hex_float(body: &str) -> (Option<f64>, &str) {
    let Some((mantissa, rest)) = body.split_once('p') else { return (None, "") };
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut value = 0_u128;
    let mut exponent = 0_i32;
    let mut inexact = false;
    for (at, digit) in integer.chars().chain(fraction.chars()).enumerate() {
        let Some(digit) = digit.to_digit(16) else { return (None, "") };
        let fractional = at >= integer.len();
        if value >> 120 == 0 {
            value = value << 4 | u128::from(digit);
            exponent = exponent.saturating_sub(if fractional { 4 } else { 0 });
        } else {
            inexact |= digit != 0;
            exponent = exponent.saturating_add(if fractional { 0 } else { 4 });
        }
    }
    // The last bit stands for all that follow it, so that the rounding is right.
    value |= u128::from(inexact);
    let sign = usize::from(rest.starts_with(['+', '-']));
    let digits = rest.bytes().skip(sign).take_while(u8::is_ascii_digit).count();
    let (power, suffix) = rest.split_at(sign + digits);
    if digits == 0 || mantissa.chars().all(|c| c == '.') {
        return (None, suffix);
    }
    let negative = power.starts_with('-');
    let power: i32 = power.trim_start_matches(['+', '-']).parse().unwrap_or(i32::MAX / 2);
    let power = if negative { -power } else { power }.saturating_add(exponent);
    // In two steps: 2^power alone may be out of range.
    let half = power.clamp(-4000, 4000) / 2;
    let rest = power.clamp(-4000, 4000) - half;
    (Some(value as f64 * 2_f64.powi(half) * 2_f64.powi(rest)), suffix)
}

/// One element of a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    /// A character, which a wide or narrow encoding makes one or several units of.
    Char(char),
    /// A numeric escape: one unit.
    Code(u32),
}

/// A character constant, prefix and quotes included.
pub(super) fn character(text: &str) -> Result<ExprKind, String> {
    let (prefix, rest) = split_prefix(text);
    let body = rest.strip_prefix('\'').and_then(|rest| rest.rsplit_once('\''));
    let Some((body, suffix)) = body else {
        return Err(format!("expected a character constant, found `{text}`"));
    };
    if !suffix.is_empty() {
        return Ok(ExprKind::Opaque);
    }
    let mut value = 0_u32;
    let mut len = 0;
    let mut add = |unit: u32| {
        value = if prefix == CharPrefix::None { value << 8 | unit & 0xff } else { unit };
        len += 1;
    };
    for unit in units(body)? {
        match unit {
            Unit::Char(c) if prefix == CharPrefix::None => {
                let mut bytes = [0; 4];
                c.encode_utf8(&mut bytes).bytes().for_each(|byte| add(u32::from(byte)));
            }
            Unit::Char(c) => add(u32::from(c)),
            Unit::Code(code) => add(code),
        }
    }
    if len == 0 {
        return Err("expected a character between the quotes, found none".to_owned());
    }
    let len = if prefix == CharPrefix::None { len } else { 1 };
    Ok(ExprKind::Char { value, prefix, len })
}

/// The prefix of a string literal.
pub(super) fn string_prefix(text: &str) -> CharPrefix {
    split_prefix(text).0
}

/// Number of elements of one string literal without the NUL.
pub(super) fn string_units(text: &str, prefix: CharPrefix) -> Result<u64, String> {
    let wide = |unit: &Unit| match (unit, prefix) {
        (Unit::Code(_), _) | (_, CharPrefix::L | CharPrefix::U32) => 1,
        (Unit::Char(c), CharPrefix::U16) => c.len_utf16(),
        (Unit::Char(c), _) => c.len_utf8(),
    };
    let count: usize = string(text)?.iter().map(wide).sum();
    Ok(count as u64)
}

/// The text of a string literal; escapes that are no characters become U+FFFD.
pub(super) fn string_text(text: &str) -> String {
    let Ok(units) = string(text) else { return String::new() };
    let char = |unit| match unit {
        Unit::Char(c) => c,
        Unit::Code(code) => char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
    };
    units.into_iter().map(char).collect()
}

fn string(text: &str) -> Result<Vec<Unit>, String> {
    let malformed = || format!("expected a string literal, found `{text}`");
    let (_, rest) = split_prefix(text);
    if let Some(raw) = rest.strip_prefix("R\"") {
        let (delimiter, raw) = raw.split_once('(').ok_or_else(malformed)?;
        let end = raw.rfind(&format!("){delimiter}\"")).ok_or_else(malformed)?;
        let (body, _) = raw.split_at(end);
        return Ok(body.chars().map(Unit::Char).collect());
    }
    let body = rest.strip_prefix('"').and_then(|rest| rest.rsplit_once('"'));
    units(body.ok_or_else(malformed)?.0)
}

fn split_prefix(text: &str) -> (CharPrefix, &str) {
    for (mark, prefix) in [
        ("u8", CharPrefix::U8),
        ("L", CharPrefix::L),
        ("u", CharPrefix::U16),
        ("U", CharPrefix::U32),
    ] {
        if let Some(rest) = text.strip_prefix(mark) {
            return (prefix, rest);
        }
    }
    (CharPrefix::None, text)
}

/// Characters and escapes (C11 6.4.4.4, C++20 lex.ccon, GNU's `\e`).
fn units(body: &str) -> Result<Vec<Unit>, String> {
    let mut units = Vec::new();
    let mut chars = body.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            units.push(Unit::Char(c));
            continue;
        }
        let Some(escape) = chars.next() else { break };
        let mut digits = |most: usize, radix: u32| {
            let mut value = None;
            for _ in 0..most {
                let Some(digit) = chars.peek().and_then(|c| c.to_digit(radix)) else { break };
                chars.next();
                value = Some(value.unwrap_or(0_u32).wrapping_mul(radix).wrapping_add(digit));
            }
            value
        };
        let missing = || format!("expected digits after `\\{escape}`, found none");
        units.push(match escape {
            'a' => Unit::Code(7),
            'b' => Unit::Code(8),
            't' => Unit::Code(9),
            'n' => Unit::Code(10),
            'v' => Unit::Code(11),
            'f' => Unit::Code(12),
            'r' => Unit::Code(13),
            'e' | 'E' => Unit::Code(27),
            'x' => Unit::Code(digits(usize::MAX, 16).ok_or_else(missing)?),
            'u' => universal(digits(4, 16).ok_or_else(missing)?),
            'U' => universal(digits(8, 16).ok_or_else(missing)?),
            '0'..='7' => {
                let first = escape.to_digit(8).unwrap_or(0);
                let mut value = first;
                for _ in 0..2 {
                    let Some(digit) = chars.peek().and_then(|c| c.to_digit(8)) else { break };
                    chars.next();
                    value = value * 8 + digit;
                }
                Unit::Code(value)
            }
            // Unknown escapes are the character itself; compilers warn.
            other => Unit::Char(other),
        });
    }
    Ok(units)
}

fn universal(code: u32) -> Unit {
    Unit::Char(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
}
