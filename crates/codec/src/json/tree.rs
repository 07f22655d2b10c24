//! Reads a [`Value`] out of JSON.

use super::JsonError;
use super::read::{Number, Reader, Token, utf8};
use crate::value::Value;

/// Lists and objects inside each other; records are no deeper.
const MAX_DEPTH: usize = 512;

/// Reads one value, with nothing but white space around it.
pub(crate) fn parse(text: &[u8]) -> Result<Value, JsonError> {
    let mut reader = Reader::new(utf8(text)?);
    let value = value(&mut reader, MAX_DEPTH)?;
    reader.end()?;
    Ok(value)
}

fn value(reader: &mut Reader<'_>, depth: usize) -> Result<Value, JsonError> {
    Ok(match reader.value()? {
        Token::Null => Value::Null,
        Token::Bool(value) => Value::Bool(value),
        Token::Number(number) => self::number(number).ok_or_else(|| {
            let needed = "a number that a `double` can come near to";
            JsonError::syntax(reader.column(), needed, "a larger one".into())
        })?,
        Token::Text(text) => Value::Text(text.get().into_owned()),
        Token::List => {
            let depth = deeper(reader, depth)?;
            let mut elements = Vec::new();
            while reader.element(elements.is_empty())? {
                elements.push(value(reader, depth)?);
            }
            Value::List(elements)
        }
        Token::Object => {
            let depth = deeper(reader, depth)?;
            let mut members = Vec::new();
            while let Some(name) = reader.key(members.is_empty())? {
                members.push((name.get().into(), value(reader, depth)?));
            }
            Value::Object(members)
        }
    })
}

fn deeper(reader: &Reader<'_>, depth: usize) -> Result<usize, JsonError> {
    depth.checked_sub(1).ok_or_else(|| {
        let needed = "at most 512 lists and objects inside each other";
        JsonError::syntax(reader.column(), needed, "more".into())
    })
}

/// `None` for a number beyond all that are finite.
fn number(number: Number<'_>) -> Option<Value> {
    Some(match number {
        Number::Int(value) => Value::Int(value),
        Number::UInt(value) => Value::UInt(value),
        Number::Decimal(text) => {
            Value::Float64(text.parse().ok().filter(|value: &f64| value.is_finite())?)
        }
        Number::Float32(value) => Value::Float32(value),
        Number::Float64(value) => Value::Float64(value),
    })
}
