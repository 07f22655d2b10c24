//! What `cwire decode` printed against what C read.

use super::json::Json;
use super::model::{Body, Header, Kind, Record, Scalar, Ty};

/// Compares the fields of a record; where they differ, the path and both sides.
///
/// `theirs` holds integers only: the bits of each `double`, the number of each character. What is not
/// known of it is `null`.
pub(super) fn record(
    header: &Header,
    record: &Record,
    theirs: &Json,
    ours: &Json,
) -> Result<usize, String> {
    let mut comparison = Comparison { header, leaves: 0 };
    comparison.body(&record.name, &record.body, theirs, ours)?;
    Ok(comparison.leaves)
}

struct Comparison<'a> {
    header: &'a Header,
    leaves: usize,
}

impl Comparison<'_> {
    fn body(&mut self, path: &str, body: &Body, theirs: &Json, ours: &Json) -> Result<(), String> {
        let Json::Object(found) = ours else { return differ(path, "an object", ours) };
        let members = self.header.members(body);
        let names: Vec<_> = members.iter().map(|member| &member.name).collect();
        if names != found.iter().map(|(name, _)| name).collect::<Vec<_>>() {
            return differ(path, &format!("members {names:?}"), ours);
        }
        for (member, (name, ours)) in members.iter().zip(found) {
            let path = format!("{path}.{name}");
            let theirs = match theirs {
                Json::Null => &Json::Null,
                theirs => theirs.get(name).ok_or_else(|| format!("{path}: C did not print it"))?,
            };
            match (&member.ty, member.bits) {
                (Ty::Scalar(scalar), Some(_)) => self.bit_field(&path, *scalar, theirs, ours)?,
                (ty, _) => self.value(&path, ty, theirs, ours)?,
            }
        }
        Ok(())
    }

    fn value(&mut self, path: &str, ty: &Ty, theirs: &Json, ours: &Json) -> Result<(), String> {
        if *theirs == Json::Null {
            return Ok(());
        }
        match ty {
            Ty::Scalar(scalar) => self.scalar(path, *scalar, theirs, ours),
            Ty::Enum(index) => self.enumerator(path, *index, theirs, ours),
            Ty::Record(index) => self.body(path, &self.header.records[*index].body, theirs, ours),
            Ty::Body(body) => self.body(path, body, theirs, ours),
            Ty::Array(element, _) => self.array(path, element, theirs, ours),
            Ty::Vector(scalar, _) => self.array(path, &Ty::Scalar(*scalar), theirs, ours),
        }
    }

    fn array(
        &mut self,
        path: &str,
        element: &Ty,
        theirs: &Json,
        ours: &Json,
    ) -> Result<(), String> {
        let theirs = theirs.list().ok_or_else(|| format!("{path}: C printed no list"))?;
        if let Ty::Scalar(Scalar { kind: Kind::Char | Kind::Wide, c, .. }) = element {
            self.leaves += 1;
            let units: Vec<_> = theirs.iter().map(|unit| unit.integer().unwrap()).collect();
            let expected = text(c, &units, self.header);
            return match ours.text() == Some(&expected) {
                true => Ok(()),
                false => differ(path, &format!("{expected:?}"), ours),
            };
        }
        let Some(list) = ours.list() else { return differ(path, "a list", ours) };
        if list.len() != theirs.len() {
            return differ(path, &format!("{} elements", theirs.len()), ours);
        }
        for (index, (theirs, ours)) in theirs.iter().zip(list).enumerate() {
            self.value(&format!("{path}[{index}]"), element, theirs, ours)?;
        }
        Ok(())
    }

    /// Bit-fields are numbers, those of `char` too.
    fn bit_field(
        &mut self,
        path: &str,
        scalar: Scalar,
        theirs: &Json,
        ours: &Json,
    ) -> Result<(), String> {
        self.leaves += 1;
        if *theirs == Json::Null {
            return Ok(());
        }
        let expected = match (scalar.kind, theirs.integer()) {
            (Kind::Bool, Some(value)) => Json::Bool(value != 0),
            _ => theirs.clone(),
        };
        if *ours == expected { Ok(()) } else { differ(path, &format!("{expected:?}"), ours) }
    }

    fn enumerator(
        &mut self,
        path: &str,
        index: usize,
        theirs: &Json,
        ours: &Json,
    ) -> Result<(), String> {
        self.leaves += 1;
        if *theirs == Json::Null {
            return Ok(());
        }
        let value = theirs.integer().unwrap();
        let values = &self.header.enums[index].values;
        let first = values.iter().find(|(_, known)| *known == value);
        let found = match first {
            // Enumerators of a scoped enum may be known by their own name alone.
            Some((name, _)) => ours
                .text()
                .is_some_and(|text| name == text || name.rsplit("::").next() == Some(text)),
            None => ours == theirs,
        };
        if found { Ok(()) } else { differ(path, &format!("{first:?} or {value}"), ours) }
    }

    fn scalar(
        &mut self,
        path: &str,
        scalar: Scalar,
        theirs: &Json,
        ours: &Json,
    ) -> Result<(), String> {
        self.leaves += 1;
        if scalar.is_complex() {
            let part = match scalar.kind {
                Kind::ComplexFloat => Kind::Float,
                Kind::ComplexDouble => Kind::Double,
                _ => Kind::Longer,
            };
            let part = Ty::Scalar(Scalar { kind: part, ..scalar });
            return self.array(path, &part, theirs, ours);
        }
        let value = theirs.integer().ok_or_else(|| format!("{path}: C printed {theirs:?}"))?;
        let is_equal = match scalar.kind {
            Kind::Bool => {
                *ours
                    == [Json::Bool(false), Json::Bool(true)]
                        .get(usize::try_from(value).unwrap())
                        .cloned()
                        .unwrap_or_else(|| theirs.clone())
            }
            Kind::Char => {
                ours.text() == Some(&String::from(char::from(u8::try_from(value).unwrap())))
            }
            Kind::Wide => {
                let c = u32::try_from(value).ok().and_then(char::from_u32).unwrap_or('\u{fffd}');
                ours.text() == Some(&String::from(c))
            }
            Kind::Signed | Kind::Unsigned | Kind::Wide128 { .. } | Kind::Pointer => ours == theirs,
            Kind::Half | Kind::Float | Kind::Double | Kind::Longer => {
                float(scalar.kind, f64::from_bits(u64::try_from(value).unwrap()), ours)
            }
            Kind::ComplexFloat | Kind::ComplexDouble | Kind::ComplexLonger => unreachable!("above"),
        };
        if is_equal { Ok(()) } else { differ(path, &shown(scalar, theirs), ours) }
    }
}

/// `char[N]` as UTF-8, others by their width, up to the first NUL.
fn text(c: &str, units: &[i128], header: &Header) -> String {
    let units = units.split(|&unit| unit == 0).next().unwrap_or_default();
    let is_utf16 = c == "char16_t" || (c == "wchar_t" && header.short_wchar);
    if c == "char" {
        let bytes: Vec<u8> = units.iter().map(|&unit| u8::try_from(unit).unwrap()).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    } else if is_utf16 {
        let units: Vec<u16> = units.iter().map(|&unit| u16::try_from(unit).unwrap()).collect();
        String::from_utf16_lossy(&units)
    } else {
        let character = |&unit: &i128| u32::try_from(unit).ok().and_then(char::from_u32);
        units.iter().map(|unit| character(unit).unwrap_or('\u{fffd}')).collect()
    }
}

/// The shortest number that reads back the same, in whichever notation.
fn float(kind: Kind, expected: f64, ours: &Json) -> bool {
    let digits = match ours {
        Json::Number(digits) => digits,
        Json::Text(text) => {
            return match &**text {
                "NaN" => expected.is_nan(),
                "Infinity" => expected == f64::INFINITY,
                "-Infinity" => expected == f64::NEG_INFINITY,
                _ => false,
            };
        }
        _ => return false,
    };
    let Ok(found) = digits.parse::<f64>() else { return false };
    match kind {
        Kind::Float => {
            #[expect(clippy::cast_possible_truncation, reason = "C made a double of a float")]
            let expected = expected as f32;
            let found: f32 = digits.parse().unwrap();
            found.to_bits() == expected.to_bits()
                && significant(digits) <= significant(&format!("{expected:e}"))
        }
        // Reads back the same as one of 11 bits of precision.
        Kind::Half => {
            let tolerance = expected.abs().max(2.0_f64.powi(-14)) * 2.0_f64.powi(-12);
            (found - expected).abs() <= tolerance
                && found.is_sign_negative() == expected.is_sign_negative()
        }
        _ => {
            found.to_bits() == expected.to_bits()
                && significant(digits) <= significant(&format!("{expected:e}"))
        }
    }
}

/// How many digits count. Of two numbers that are equally short, either may be printed.
fn significant(number: &str) -> usize {
    let mantissa = number.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches('0');
    // `123000` has no fewer digits than `1.23e5`.
    digits.trim_end_matches('0').len()
}

fn shown(scalar: Scalar, theirs: &Json) -> String {
    let bits = theirs.integer().and_then(|bits| u64::try_from(bits).ok());
    match (scalar.kind, bits) {
        (Kind::Half | Kind::Float | Kind::Double | Kind::Longer, Some(bits)) => {
            format!("{:e}", f64::from_bits(bits))
        }
        _ => format!("{theirs:?} ({})", scalar.c),
    }
}

fn differ(path: &str, expected: &str, ours: &Json) -> Result<(), String> {
    let mut text = String::new();
    ours.print(&mut text);
    Err(format!("{path}: C has {expected}, cwire {text}"))
}
