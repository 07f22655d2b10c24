//! Floating-point formats that the host may not have.

use cwire_layout::abi::Endian;

/// A binary floating-point format of C.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FloatFormat {
    /// IEEE binary16.
    Half,
    /// IEEE binary32.
    Single,
    /// IEEE binary64.
    Double,
    /// x87 extended precision.
    X87,
    /// IEEE binary128.
    Quad,
    /// The sum of two binary64, the larger first.
    DoubleDouble,
}

/// A number as precise as what JSON gives of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Float {
    Single(f32),
    Double(f64),
}

const X87_INTEGER_BIT: u64 = 1 << 63;
/// Largest exponent of both formats with 15 bits of it: infinities and NaNs.
const SPECIAL: u32 = 0x7fff;
const BIAS: i32 = 0x3fff;

impl FloatFormat {
    /// The number whose bits, as one integer in the byte order of the record, are `raw`.
    #[allow(clippy::cast_possible_truncation, reason = "takes the low bits apart")]
    pub(crate) fn decode(self, raw: u128, endian: Endian) -> Float {
        match self {
            Self::Half => Float::Single(half_to_single(raw as u16)),
            Self::Single => Float::Single(f32::from_bits(raw as u32)),
            Self::Double => Float::Double(f64::from_bits(raw as u64)),
            Self::X87 => Float::Double(x87_to_double(raw)),
            Self::Quad => Float::Double(quad_to_double(raw)),
            Self::DoubleDouble => {
                // The first of a pair is the sum rounded, and what gcc's conversion to `double` takes,
                // also of -0 with +0 behind it and of pairs that no arithmetic makes (the test
                // `values_equal_those_that_c_reads`).
                let (first, _) = halves(raw, endian);
                Float::Double(f64::from_bits(first))
            }
        }
    }

    /// The bits of a number; `None` if it is finite and the format has nothing so large.
    pub(crate) fn encode(self, value: f64, endian: Endian) -> Option<u128> {
        let raw = match self {
            Self::Half => u128::from(double_to_half(value)),
            #[allow(clippy::cast_possible_truncation, reason = "rounds")]
            Self::Single => u128::from((value as f32).to_bits()),
            Self::Double => u128::from(value.to_bits()),
            Self::X87 => double_to_x87(value),
            Self::Quad => double_to_quad(value),
            Self::DoubleDouble => {
                let first = u128::from(value.to_bits());
                match endian {
                    Endian::Little => first,
                    Endian::Big => first << 64,
                }
            }
        };
        let is_finite = match self.decode(raw, endian) {
            Float::Single(value) => value.is_finite(),
            Float::Double(value) => value.is_finite(),
        };
        (is_finite || !value.is_finite()).then_some(raw)
    }
}

/// The two halves of 16 bytes, the first in memory first.
#[allow(clippy::cast_possible_truncation, reason = "takes the halves apart")]
fn halves(raw: u128, endian: Endian) -> (u64, u64) {
    let (low, high) = (raw as u64, (raw >> 64) as u64);
    match endian {
        Endian::Little => (low, high),
        Endian::Big => (high, low),
    }
}

fn half_to_single(raw: u16) -> f32 {
    let sign = u32::from(raw >> 15) << 31;
    let (exponent, mantissa) = (u32::from(raw >> 10 & 0x1f), u32::from(raw & 0x3ff));
    match exponent {
        0 => {
            // Exact: 10 bits, and a power of two.
            let magnitude = mantissa as f32 * f32::from_bits((127 - 24) << 23);
            f32::from_bits(magnitude.to_bits() | sign)
        }
        0x1f => f32::from_bits(sign | 0xff << 23 | mantissa << 13),
        _ => f32::from_bits(sign | (exponent + 112) << 23 | mantissa << 13),
    }
}

#[allow(clippy::cast_possible_truncation, reason = "masked to what fits")]
fn double_to_half(value: f64) -> u16 {
    let sign = ((value.to_bits() >> 63) as u16) << 15;
    if value.is_nan() {
        // The payload's upper bits, and never none: that would be infinity.
        let payload = (value.to_bits() >> 42) as u16 & 0x3ff;
        return sign | 0x7c00 | if payload == 0 { 0x200 } else { payload };
    }
    if value.is_infinite() {
        return sign | 0x7c00;
    }
    let Some((mantissa, exponent)) = parts(value) else { return sign };
    sign | round(mantissa, exponent, Shape { precision: 11, min: -14, max: 15 }) as u16
}

fn x87_to_double(raw: u128) -> f64 {
    #[allow(clippy::cast_possible_truncation, reason = "takes the parts apart")]
    let (mantissa, top) = (raw as u64, (raw >> 64) as u32);
    let (negative, exponent) = (top >> 15 & 1 == 1, top & SPECIAL);
    let is_normal = mantissa & X87_INTEGER_BIT != 0;
    let magnitude = match exponent {
        SPECIAL if mantissa == X87_INTEGER_BIT => f64::INFINITY,
        SPECIAL => f64::NAN,
        // The processor takes these for invalid operands (Intel SDM volume 1, 8.2.2).
        1.. if !is_normal => f64::NAN,
        _ => {
            let exponent = exponent.max(1).cast_signed() - BIAS - 63;
            double(u128::from(mantissa), exponent)
        }
    };
    with_sign(magnitude, negative)
}

fn quad_to_double(raw: u128) -> f64 {
    let negative = raw >> 127 == 1;
    #[allow(clippy::cast_possible_truncation, reason = "masked to 15 bits")]
    let exponent = (raw >> 112) as u32 & SPECIAL;
    let mantissa = raw & ((1 << 112) - 1);
    let magnitude = match exponent {
        SPECIAL if mantissa == 0 => f64::INFINITY,
        SPECIAL => f64::NAN,
        0 => double(mantissa, 1 - BIAS - 112),
        _ => double(mantissa | 1 << 112, exponent.cast_signed() - BIAS - 112),
    };
    with_sign(magnitude, negative)
}

fn double_to_x87(value: f64) -> u128 {
    let sign = u128::from(value.to_bits() >> 63) << 79;
    let special = u128::from(SPECIAL) << 64 | u128::from(X87_INTEGER_BIT);
    if value.is_nan() {
        return sign | special | 1 << 62;
    }
    if value.is_infinite() {
        return sign | special;
    }
    let Some((mantissa, exponent)) = parts(value) else { return sign };
    let shift = mantissa.leading_zeros();
    let biased = exponent - shift.cast_signed() + 63 + BIAS;
    sign | u128::from(biased.cast_unsigned()) << 64 | u128::from(mantissa << shift)
}

fn double_to_quad(value: f64) -> u128 {
    let sign = u128::from(value.to_bits() >> 63) << 127;
    let special = u128::from(SPECIAL) << 112;
    if value.is_nan() {
        return sign | special | 1 << 111;
    }
    if value.is_infinite() {
        return sign | special;
    }
    let Some((mantissa, exponent)) = parts(value) else { return sign };
    // The leading 1 goes to bit 112, which the format does not keep.
    let shift = mantissa.leading_zeros() + 49;
    let biased = exponent - shift.cast_signed() + 112 + BIAS;
    let fraction = (u128::from(mantissa) << shift) & ((1 << 112) - 1);
    sign | u128::from(biased.cast_unsigned()) << 112 | fraction
}

/// The magnitude of a finite number as mantissa times a power of two; `None` for zero.
fn parts(value: f64) -> Option<(u64, i32)> {
    let bits = value.to_bits();
    #[allow(clippy::cast_possible_truncation, reason = "masked to 11 bits")]
    let exponent = (bits >> 52) as i32 & 0x7ff;
    let fraction = bits & ((1 << 52) - 1);
    match (exponent, fraction) {
        (0, 0) => None,
        (0, _) => Some((fraction, -1074)),
        _ => Some((fraction | 1 << 52, exponent - 1075)),
    }
}

fn with_sign(magnitude: f64, negative: bool) -> f64 {
    if negative && !magnitude.is_nan() { -magnitude } else { magnitude }
}

/// The nearest binary64, ties to even.
fn double(mantissa: u128, exponent: i32) -> f64 {
    f64::from_bits(round(mantissa, exponent, Shape { precision: 53, min: -1022, max: 1023 }))
}

/// An IEEE format of up to 64 bits.
struct Shape {
    /// Bits of the mantissa, the leading 1 included.
    precision: i32,
    /// Exponents of the smallest and largest normal numbers.
    min: i32,
    max: i32,
}

/// `mantissa * 2^exponent` rounded to nearest, ties to even, without its sign.
#[allow(clippy::cast_possible_truncation, reason = "rounded to at most 53 bits before")]
fn round(mantissa: impl Into<u128>, exponent: i32, shape: Shape) -> u64 {
    let mantissa: u128 = mantissa.into();
    if mantissa == 0 {
        return 0;
    }
    let infinity = ((shape.max - shape.min + 2) as u64) << (shape.precision - 1);
    let bits = 128 - mantissa.leading_zeros().cast_signed();
    let leading = exponent + bits - 1;
    if leading > shape.max {
        return infinity;
    }
    // Below the normal numbers, one bit less for each power of two.
    let lost = (shape.min - leading).max(0);
    let kept = shape.precision - lost;
    if kept < 0 {
        return 0;
    }
    let shift = bits - kept;
    let rounded = match shift {
        ..=0 => mantissa << -shift,
        128.. => 0,
        _ => {
            let (whole, rest) = (mantissa >> shift, mantissa & ((1 << shift) - 1));
            let half = 1 << (shift - 1);
            whole + u128::from(rest > half || (rest == half && whole & 1 == 1))
        }
    };
    // The leading 1 of a normal number adds one to the exponent, as does what was rounded up to the
    // next power of two.
    let biased = if lost > 0 { 0 } else { leading - shape.min };
    ((biased as u64) << (shape.precision - 1)) + rounded as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn double_of(format: FloatFormat, raw: u128) -> f64 {
        match format.decode(raw, Endian::Little) {
            Float::Single(value) => f64::from(value),
            Float::Double(value) => value,
        }
    }

    /// Encodings out of IEEE 754-2019 3.4 and table 3.5, and out of Intel's manual.
    #[test]
    fn known_numbers_have_their_bits() {
        for (format, raw, value) in [
            (FloatFormat::Half, 0x3c00, 1.0),
            (FloatFormat::Half, 0x7bff, 65504.0),
            (FloatFormat::Half, 0x0001, 2f64.powi(-24)),
            (FloatFormat::Half, 0xc000, -2.0),
            (FloatFormat::X87, 0x3fff_8000_0000_0000_0000, 1.0),
            (FloatFormat::X87, 0xc000_8000_0000_0000_0000, -2.0),
            (FloatFormat::X87, 0x4000_c90f_daa2_2168_c235, std::f64::consts::PI),
            (FloatFormat::X87, 0x7fff_8000_0000_0000_0000, f64::INFINITY),
            (FloatFormat::Quad, 0x3fff << 112, 1.0),
            (FloatFormat::Quad, 0xc000 << 112, -2.0),
            (FloatFormat::Quad, 0x4000_921f_b544_42d1_8469_898c_c517_01b8, std::f64::consts::PI),
            (FloatFormat::Quad, 1, 0.0),
            (FloatFormat::DoubleDouble, 0x3c90_0000_0000_0000_3ff0_0000_0000_0000, 1.0),
        ] {
            assert_eq!(double_of(format, raw), value, "{format:?} {raw:#x}");
        }
    }

    #[test]
    fn ties_go_to_even_and_the_smallest_numbers_are_reached() {
        let one = 1u128 << 60;
        let half_ulp = 1u128 << 7;
        assert_eq!(double(one + half_ulp, -60), 1.0);
        assert_eq!(double(one + half_ulp + 1, -60), 1.0 + f64::EPSILON);
        assert_eq!(double(one + 3 * half_ulp, -60), 1.0 + 2.0 * f64::EPSILON);
        assert_eq!(double(1, -1074).to_bits(), 1);
        assert_eq!(double(1, -1075).to_bits(), 0, "a tie, to even");
        assert_eq!(double(3, -1076).to_bits(), 1);
        assert_eq!(double((1 << 53) - 1, -1074), f64::MIN_POSITIVE * 2.0 - f64::from_bits(1));
        assert_eq!(double(u128::MAX, 1023 - 127), f64::INFINITY);
    }

    #[test]
    fn every_half_is_read_and_written_back() {
        for raw in 0..=u16::MAX {
            let value = half_to_single(raw);
            if !value.is_nan() {
                assert_eq!(double_to_half(f64::from(value)), raw, "{value}");
            }
        }
        assert_eq!(FloatFormat::Half.encode(65520.0, Endian::Little), None, "rounds to infinity");
        assert_eq!(FloatFormat::Half.encode(65519.0, Endian::Little), Some(0x7bff));
    }

    proptest::proptest! {
        /// A `double` is one of the wider formats' numbers.
        #[test]
        fn doubles_pass_through_wider_formats(bits in proptest::num::u64::ANY) {
            let value = f64::from_bits(bits);
            for format in [FloatFormat::X87, FloatFormat::Quad, FloatFormat::DoubleDouble] {
                for endian in [Endian::Little, Endian::Big] {
                    let raw = format.encode(value, endian).unwrap();
                    let Float::Double(again) = format.decode(raw, endian) else { unreachable!() };
                    assert!(again.to_bits() == bits || value.is_nan() && again.is_nan());
                }
            }
        }
    }
}
