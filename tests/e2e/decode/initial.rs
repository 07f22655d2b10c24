//! A random value of a record, three times: as C's initialiser, as the numbers that C would print, and as
//! the JSON that somebody would write for it.

use cwire_layout::abi::Abi;

use super::super::headers::random::rng::Random;
use super::json::Json;
use super::model::{Body, Header, Kind, Record, Scalar, Ty};

pub(super) struct Initial {
    pub(super) c: String,
    /// Integers only, as in [`super::program`]; `null` where another member of a union was chosen.
    pub(super) values: Json,
    /// `None` where something is `null` above.
    pub(super) json: Option<Json>,
}

pub(super) fn record(header: &Header, record: &Record, abi: &Abi, random: &mut Random) -> Initial {
    Writer { header, abi, random }.body(&record.body)
}

/// What stands between the braces, and the members with their values.
#[derive(Default)]
struct Members {
    c: Vec<String>,
    values: Vec<(String, Json)>,
    json: Option<Vec<(String, Json)>>,
}

struct Writer<'a> {
    header: &'a Header,
    abi: &'a Abi,
    random: &'a mut Random,
}

impl Writer<'_> {
    fn body(&mut self, body: &Body) -> Initial {
        let Members { c, values, json } = self.members(body);
        Initial {
            c: format!("{{ {} }}", c.join(", ")),
            values: Json::Object(values),
            json: json.map(Json::Object),
        }
    }

    /// Members of anonymous bodies are named like those beside them (C11 6.7.2.1p13).
    fn members(&mut self, body: &Body) -> Members {
        let mut found = Members { json: Some(Vec::new()), ..Members::default() };
        let chosen = if body.is_union { self.random.below(body.members.len().max(1)) } else { 0 };
        for (index, member) in body.members.iter().enumerate() {
            if body.is_union && index != chosen {
                let inner = Body { members: vec![member.clone()], ..body.clone() };
                let names = self.header.members(&inner);
                found.values.extend(names.iter().map(|member| (member.name.clone(), Json::Null)));
                found.json = None;
                continue;
            }
            let inner = match &member.ty {
                Ty::Body(inner) if member.name.is_empty() => self.members(inner),
                ty => {
                    let value = match (ty, member.bits) {
                        (Ty::Scalar(scalar), Some(bits)) => self.bit_field(*scalar, bits),
                        _ => self.value(ty),
                    };
                    let name = &member.name;
                    Members {
                        c: vec![format!(".{name} = {}", value.c)],
                        values: vec![(name.clone(), value.values)],
                        json: value.json.map(|json| vec![(name.clone(), json)]),
                    }
                }
            };
            found.c.extend(inner.c);
            found.values.extend(inner.values);
            match (&mut found.json, inner.json) {
                (Some(found), Some(inner)) => found.extend(inner),
                _ => found.json = None,
            }
        }
        found
    }

    fn value(&mut self, ty: &Ty) -> Initial {
        match ty {
            Ty::Scalar(scalar) => self.scalar(*scalar),
            Ty::Enum(index) => self.enumerator(*index),
            Ty::Record(index) => {
                let header = self.header;
                self.body(&header.records[*index].body)
            }
            Ty::Body(body) => self.body(body),
            Ty::Array(element, len) => match **element {
                Ty::Scalar(scalar @ Scalar { kind: Kind::Char | Kind::Wide, .. }) => {
                    self.text(scalar, *len)
                }
                _ => self.list(*len, |writer| writer.value(element)),
            },
            Ty::Vector(scalar, len) => self.list(*len, |writer| writer.scalar(*scalar)),
        }
    }

    fn list(&mut self, len: usize, mut element: impl FnMut(&mut Self) -> Initial) -> Initial {
        let elements: Vec<_> = (0..len).map(|_| element(self)).collect();
        let c: Vec<_> = elements.iter().map(|element| &*element.c).collect();
        Initial {
            c: format!("{{ {} }}", c.join(", ")),
            json: elements
                .iter()
                .map(|element| element.json.clone())
                .collect::<Option<_>>()
                .map(Json::List),
            values: Json::List(elements.into_iter().map(|element| element.values).collect()),
        }
    }

    fn text(&mut self, scalar: Scalar, len: usize) -> Initial {
        let some = ["hello", "", "été 한글", "q\"\\", "😀", "twenty characters ..", "x"];
        let text = *self.random.pick(&some);
        let units: Vec<u32> = match (scalar.c, scalar.bits(self.abi)) {
            ("char", _) => text.bytes().map(u32::from).collect(),
            (_, 16) => text.encode_utf16().map(u32::from).collect(),
            _ => text.chars().map(u32::from).collect(),
        };
        // What does not fit as a whole is left out.
        let (text, units) = if units.len() <= len { (text, units) } else { ("", Vec::new()) };
        let mut padded = units;
        padded.resize(len, 0);
        let c: Vec<_> = padded.iter().map(|unit| format!("({}){unit}", scalar.c)).collect();
        Initial {
            c: format!("{{ {} }}", c.join(", ")),
            values: Json::List(padded.iter().map(number).collect()),
            json: Some(Json::Text(text.to_owned())),
        }
    }

    fn enumerator(&mut self, index: usize) -> Initial {
        let (name, value) = self.random.pick(&self.header.enums[index].values);
        // The first name of a value is what is printed, but any of them is read.
        let json = Some(Json::Text(name.clone()));
        Initial { c: name.clone(), values: number(value), json }
    }

    fn bit_field(&mut self, scalar: Scalar, bits: u32) -> Initial {
        let signed = match scalar.kind {
            Kind::Signed => true,
            Kind::Char => self.abi.char_is_signed(),
            Kind::Wide => {
                // Whether it is signed is not known here.
                let value = i128::from(self.raw()) & ((1 << (bits - 1)) - 1);
                return integer(value, scalar.c);
            }
            Kind::Bool => {
                let value = self.random.below(2);
                let json = Some(Json::Bool(value == 1));
                return Initial { c: value.to_string(), values: number(&value), json };
            }
            _ => false,
        };
        let value = within(self.raw(), bits, signed);
        integer(value, scalar.c)
    }

    /// Often the ends of some width.
    fn raw(&mut self) -> u64 {
        let shift = self.random.below(64);
        match self.random.below(8) {
            0 => 0,
            1 => 1,
            2 => u64::MAX,
            3 => 1 << shift,
            4 => (1 << shift) - 1,
            _ => self.random.next(),
        }
    }

    fn scalar(&mut self, scalar: Scalar) -> Initial {
        let Scalar { c, kind, .. } = scalar;
        match kind {
            Kind::Bool => self.bit_field(scalar, 1),
            Kind::Char => {
                let byte = u8::try_from(self.raw() & 0xff).unwrap();
                let json = Some(Json::Text(char::from(byte).to_string()));
                Initial { c: format!("(char){byte}"), values: number(&byte), json }
            }
            Kind::Wide => {
                let unit = u32::from(*self.random.pick(&['a', 'é', '한', '\u{1}', '"']));
                let json = char::from_u32(unit).map(|c| Json::Text(c.into()));
                Initial { c: format!("({c}){unit}"), values: number(&unit), json }
            }
            Kind::Signed => integer(within(self.raw(), scalar.bits(self.abi), true), c),
            Kind::Unsigned => integer(within(self.raw(), scalar.bits(self.abi), false), c),
            Kind::Wide128 { signed } => {
                let (high, low) = (self.raw(), self.raw());
                let value = u128::from(high) << 64 | u128::from(low);
                let value = if signed { number(&value.cast_signed()) } else { number(&value) };
                Initial {
                    c: format!("({c})((unsigned __int128){high}ULL << 64 | {low}ULL)"),
                    json: Some(value.clone()),
                    values: value,
                }
            }
            Kind::Pointer => {
                let bits = u32::try_from(self.abi.pointer_size() * 8).unwrap();
                let value = within(self.raw(), bits, false);
                Initial { c: format!("({c})(uintptr_t){value}ULL"), ..integer(value, c) }
            }
            Kind::Half => self.float(&[0.0, -0.0, 1.0, -2.5, 0.125, 65504.0], "(_Float16)", ""),
            Kind::Float => self.float(
                &[0.0, -0.0, 0.1_f32.into(), -2.5, 1e30_f32.into(), 1e-45_f32.into(), 16_777_216.0],
                "",
                "f",
            ),
            Kind::Double => self.float(
                &[0.0, -0.0, 0.1, -2.5, 1e300, 5e-324, 123_456.789, 1e21, f64::MAX],
                "",
                "",
            ),
            Kind::Longer => self.float(&[0.0, -0.0, 0.1, -2.5, 1e300, 123_456.789], "", ""),
            Kind::ComplexFloat => self.complex(Kind::Float, "float"),
            Kind::ComplexDouble => self.complex(Kind::Double, "double"),
            Kind::ComplexLonger => self.complex(Kind::Longer, "long double"),
        }
    }

    fn complex(&mut self, kind: Kind, c: &'static str) -> Initial {
        let mut part = || {
            let value = self.scalar(Scalar { c, kind, size: None });
            Initial { c: format!("({c}){}", value.c), ..value }
        };
        let (real, imaginary) = (part(), part());
        Initial {
            c: format!("__builtin_complex({}, {})", real.c, imaginary.c),
            values: Json::List(vec![real.values, imaginary.values]),
            json: Some(Json::List(vec![real.json.unwrap(), imaginary.json.unwrap()])),
        }
    }

    fn float(&mut self, some: &[f64], before: &str, behind: &str) -> Initial {
        let value = *self.random.pick(some);
        #[expect(clippy::cast_possible_truncation, reason = "it was made of one")]
        let digits = match behind {
            "f" => format!("{:?}", value as f32),
            _ => format!("{value:?}"),
        };
        Initial {
            c: format!("{before}{digits}{behind}"),
            values: number(&value.to_bits()),
            json: Some(Json::Number(digits)),
        }
    }
}

fn integer(value: i128, c: &str) -> Initial {
    // The least negative number has no literal.
    let bits = value as u64;
    Initial { c: format!("({c}){bits}ULL"), values: number(&value), json: Some(number(&value)) }
}

/// The low bits of a number.
fn within(value: u64, bits: u32, signed: bool) -> i128 {
    let value = value << (64 - bits);
    match signed {
        true => i128::from(value.cast_signed() >> (64 - bits)),
        false => i128::from(value >> (64 - bits)),
    }
}

fn number(value: &impl ToString) -> Json {
    Json::Number(value.to_string())
}
