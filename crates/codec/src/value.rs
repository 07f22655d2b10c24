//! Values of records that are known at run time only.

use std::fmt;

use crate::plan::{self, Item, Key, Scalar};
use serde_core::de::{MapAccess, SeqAccess, Visitor};
use serde_core::ser::{SerializeMap, SerializeSeq};
use serde_core::{Deserialize, Deserializer, Serialize, Serializer};

/// A value of a C type, in the forms that JSON has for it.
///
/// Two values are equal if they encode to the same bytes in every field: floating-point numbers are
/// compared by their bits, and there is one NaN.
///
/// Through `serde`, integers are exact as far as the format goes: `serde_json` writes all 128 bits and
/// reads 64. [`Value::from_json`] reads all.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Value {
    /// A field that a frame ended before.
    #[default]
    Null,
    /// `bool`.
    Bool(bool),
    /// An integer; of unsigned 128-bit ones those below 2^127.
    Int(i128),
    /// An integer of 2^127 and more.
    UInt(u128),
    /// `float`, `_Float16`.
    Float32(f32),
    /// `double`, and `long double` as its nearest `double`.
    Float64(f64),
    /// A character, text, the name of an enumerator, an integer of more than 128 bits.
    Text(String),
    /// An array.
    List(Vec<Self>),
    /// A struct or union: its members in the order of their declaration.
    Object(Vec<(Box<str>, Self)>),
}

impl Value {
    /// An unsigned integer.
    #[must_use]
    pub fn unsigned(number: u128) -> Self {
        i128::try_from(number).map_or(Self::UInt(number), Self::Int)
    }

    /// The member of this name, if it is an object that has one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => {
                members.iter().find(|(key, _)| &**key == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }
}

/// Builds the values that it is told of.
#[derive(Default)]
pub(crate) struct Build {
    /// Objects and lists that have not ended, outermost first, each with the key of its next member.
    open: Vec<(Value, Option<Box<str>>)>,
    done: Value,
}

impl Build {
    pub(crate) fn finish(self) -> Value {
        self.done
    }

    fn put(&mut self, value: Value) {
        match self.open.last_mut() {
            Some((Value::Object(members), key)) => {
                members.push((key.take().unwrap_or_default(), value));
            }
            Some((Value::List(elements), _)) => elements.push(value),
            _ => self.done = value,
        }
    }

    fn end(&mut self) {
        if let Some((value, _)) = self.open.pop() {
            self.put(value);
        }
    }
}

impl plan::Visitor for Build {
    fn begin_object(&mut self) {
        self.open.push((Value::Object(Vec::new()), None));
    }

    fn key(&mut self, key: &Key) {
        if let Some((_, next)) = self.open.last_mut() {
            *next = Some(key.name.clone());
        }
    }

    fn end_object(&mut self) {
        self.end();
    }

    fn begin_list(&mut self) {
        self.open.push((Value::List(Vec::new()), None));
    }

    fn end_list(&mut self) {
        self.end();
    }

    fn scalar(&mut self, item: &Item<'_>) {
        let value = match &item.scalar {
            Scalar::Int(value) => Value::Int(*value),
            Scalar::UInt(value) => Value::UInt(*value),
            Scalar::Bool(value) => Value::Bool(*value),
            Scalar::Enum { name, .. } => Value::Text((*name).into()),
            Scalar::Float32(value) if value.is_nan() => Value::Float32(f32::NAN),
            Scalar::Float32(value) => Value::Float32(*value),
            Scalar::Float64(value) if value.is_nan() => Value::Float64(f64::NAN),
            Scalar::Float64(value) => Value::Float64(*value),
            Scalar::Char(char) => Value::Text((*char).into()),
            Scalar::Text(text) => Value::Text(text.as_ref().into()),
            Scalar::Wide(digits) => Value::Text(digits.clone()),
        };
        if item.exact {
            return self.put(value);
        }
        let key = if matches!(item.scalar, Scalar::Text(_)) { "text" } else { "value" };
        let hex = Value::Text(plan::hex(item.raw));
        self.put(Value::Object(vec![(key.into(), value), ("hex".into(), hex)]));
    }

    fn null(&mut self, _: Option<usize>, _: u64) {
        self.put(Value::Null);
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::UInt(a), Self::UInt(b)) => a == b,
            (Self::Float32(a), Self::Float32(b)) => {
                a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
            }
            (Self::Float64(a), Self::Float64(b)) => {
                a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
            }
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::List(a), Self::List(b)) => a == b,
            (Self::Object(a), Self::Object(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Value {}

/// The words that JSON has for what is no finite number.
pub(crate) fn infinity_word(value: f64) -> &'static str {
    match value {
        _ if value.is_nan() => "NaN",
        _ if value < 0.0 => "-Infinity",
        _ => "Infinity",
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(value) => match (i64::try_from(*value), u64::try_from(*value)) {
                (Ok(small), _) => serializer.serialize_i64(small),
                (_, Ok(small)) => serializer.serialize_u64(small),
                _ => serializer.serialize_i128(*value),
            },
            Self::UInt(value) => serializer.serialize_u128(*value),
            Self::Float32(value) if value.is_finite() => serializer.serialize_f32(*value),
            Self::Float32(value) => serializer.serialize_str(infinity_word(f64::from(*value))),
            Self::Float64(value) if value.is_finite() => serializer.serialize_f64(*value),
            Self::Float64(value) => serializer.serialize_str(infinity_word(*value)),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(elements) => {
                let mut list = serializer.serialize_seq(Some(elements.len()))?;
                for element in elements {
                    list.serialize_element(element)?;
                }
                list.end()
            }
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(&**name, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of a C type")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Value, D::Error> {
        inner.deserialize_any(Self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Int(value.into()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Value, E> {
        Ok(Value::unsigned(value))
    }

    fn visit_f32<E>(self, value: f32) -> Result<Value, E> {
        Ok(Value::Float32(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float64(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.into()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element()? {
            elements.push(element);
        }
        Ok(Value::List(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            members.push((name.into(), value));
        }
        Ok(Value::Object(members))
    }
}
