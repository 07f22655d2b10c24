//! The record as a line of JSON.

use std::fmt;

use cwire_codec::{CChar, CharArray};
use serde_json::{Map, Value};

use crate::CTestData;

impl CTestData {
    /// Appends `{"peer": "127.0.0.1:50000", "a": "A", "b": 300, "c": "hello"}` and a line break.
    ///
    /// A `char` is the character U+00NN of its byte, a text that is not UTF-8 has U+FFFD for what
    /// is not.
    pub fn write_json(&self, peer: impl fmt::Display, out: &mut Vec<u8>) {
        let a = Value::from(self.a.to_char().to_string());
        let c = Value::from(self.c.to_string_lossy());
        let line = format_args!(r#"{{"peer": "{peer}", "a": {a}, "b": {}, "c": {c}}}"#, self.b);
        out.extend_from_slice(line.to_string().as_bytes());
        out.push(b'\n');
    }

    /// Reads `{"a": "A", "b": 300, "c": "hello"}`. A key `peer` is ignored, so that lines of
    /// `receiver` can be sent on.
    ///
    /// # Errors
    ///
    /// The line is no JSON object, has other fields than these, or a value does not fit.
    pub fn from_json(line: &str) -> Result<Self, JsonError> {
        let mut object: Map<String, Value> =
            serde_json::from_str(line).map_err(JsonError::Syntax)?;
        object.remove("peer");
        let record = Self {
            a: field(&mut object, "a", "one character up to U+00FF", char)?,
            b: field(&mut object, "b", "an integer of 32 bits", int)?,
            c: field(&mut object, "c", "a text of at most 15 bytes without NUL", text)?,
        };
        match object.into_iter().next() {
            None => Ok(record),
            Some((name, _)) => Err(JsonError::Unknown(name)),
        }
    }
}

/// Takes a field out of `object`.
fn field<T>(
    object: &mut Map<String, Value>,
    name: &'static str,
    needed: &'static str,
    read: fn(&Value) -> Option<T>,
) -> Result<T, JsonError> {
    let value = object.remove(name).ok_or(JsonError::Missing { name, needed })?;
    read(&value).ok_or(JsonError::Value { name, needed, found: value })
}

fn char(value: &Value) -> Option<CChar> {
    let mut chars = value.as_str()?.chars();
    let (Some(char), None) = (chars.next(), chars.next()) else { return None };
    u8::try_from(char).ok().map(CChar)
}

fn int(value: &Value) -> Option<i32> {
    value.as_i64()?.try_into().ok()
}

fn text(value: &Value) -> Option<CharArray<15>> {
    let text = value.as_str()?;
    // The receiver would take it for the end of the text.
    if text.contains('\0') { None } else { CharArray::new(text).ok() }
}

/// Why a line of JSON is no [`CTestData`].
#[derive(Debug)]
pub enum JsonError {
    /// It is no JSON object.
    Syntax(serde_json::Error),
    /// A field is not there.
    Missing {
        /// Its name.
        name: &'static str,
        /// What it has to hold.
        needed: &'static str,
    },
    /// A field holds something else.
    Value {
        /// Its name.
        name: &'static str,
        /// What it has to hold.
        needed: &'static str,
        /// What it holds.
        found: Value,
    },
    /// The record has no such field.
    Unknown(String),
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(error) => write!(f, "needs a JSON object: {error}"),
            Self::Missing { name, needed } => write!(f, "{name}: needs {needed}, none found"),
            Self::Value { name, needed, found } => {
                write!(f, "{name}: needs {needed}, {found} found")
            }
            Self::Unknown(name) => write!(f, "{name}: unknown field; a record has `a`, `b`, `c`"),
        }
    }
}

impl std::error::Error for JsonError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_it_is_written() {
        for (a, b, c) in [
            (b'A', 300, &b"hello"[..]),
            (0, i32::MIN, b"\"quoted\" \\ \x01"),
            (0xe9, i32::MAX, "exactly 15 b\u{fc}".as_bytes()),
        ] {
            let record = CTestData { a: CChar(a), b, c: CharArray::new(c).expect("short") };
            let mut line = Vec::new();
            record.write_json("127.0.0.1:50000", &mut line);
            let line = String::from_utf8(line).expect("JSON is UTF-8");
            assert_eq!(CTestData::from_json(&line).expect("just written"), record, "{line}");
        }
    }

    #[test]
    fn the_form_is_that_of_the_documentation() {
        let c = CharArray::new("hello").expect("short");
        let mut line = Vec::new();
        CTestData { a: CChar(b'A'), b: 300, c }.write_json("127.0.0.1:50000", &mut line);
        let expected = br#"{"peer": "127.0.0.1:50000", "a": "A", "b": 300, "c": "hello"}"#;
        assert_eq!(line, [&expected[..], b"\n"].concat());
    }

    #[test]
    fn a_line_that_is_no_record_is_refused_by_field() {
        for (line, message) in [
            (
                r#"{"a": "A", "b": 300}"#,
                "c: needs a text of at most 15 bytes without NUL, none found",
            ),
            (
                r#"{"a": "A", "b": 2147483648, "c": ""}"#,
                "b: needs an integer of 32 bits, 2147483648 found",
            ),
            (
                r#"{"a": "A", "b": "300", "c": ""}"#,
                r#"b: needs an integer of 32 bits, "300" found"#,
            ),
            (
                r#"{"a": "\u20ac", "b": 1, "c": ""}"#,
                "a: needs one character up to U+00FF, \"\u{20ac}\" found",
            ),
            (r#"{"a": "", "b": 1, "c": ""}"#, r#"a: needs one character up to U+00FF, "" found"#),
            (
                r#"{"a": "A", "b": 1, "c": "sixteen bytes..."}"#,
                "c: needs a text of at most 15 bytes without NUL, \"sixteen bytes...\" found",
            ),
            (
                r#"{"a": "A", "b": 1, "c": "", "d": 1}"#,
                "d: unknown field; a record has `a`, `b`, `c`",
            ),
        ] {
            assert_eq!(CTestData::from_json(line).expect_err(line).to_string(), message);
        }
        let syntax = CTestData::from_json("[1]").expect_err("no object").to_string();
        assert!(syntax.starts_with("needs a JSON object: "), "{syntax}");
    }
}
