//! Writes JSON of what it is told.

use super::number::{push_f32, push_f64, push_int, push_uint};
use super::string::push_string;
use crate::plan::{Item, Key, Scalar, Visitor, hex};
use crate::value::Value;

/// Writes JSON of the parts that it is told of.
pub(crate) struct JsonWriter<'a> {
    out: &'a mut Vec<u8>,
    /// Whether a comma comes before what follows.
    comma: bool,
}

impl<'a> JsonWriter<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, comma: false }
    }

    fn separate(&mut self) {
        if self.comma {
            self.out.extend_from_slice(b", ");
        }
        self.comma = true;
    }

    fn begin(&mut self, bracket: u8) {
        self.separate();
        self.out.push(bracket);
        self.comma = false;
    }

    fn end(&mut self, bracket: u8) {
        self.out.push(bracket);
        self.comma = true;
    }
}

impl Visitor for JsonWriter<'_> {
    fn begin_object(&mut self) {
        self.begin(b'{');
    }

    fn key(&mut self, key: &Key) {
        self.separate();
        self.out.extend_from_slice(key.json.as_bytes());
        self.comma = false;
    }

    fn end_object(&mut self) {
        self.end(b'}');
    }

    fn begin_list(&mut self) {
        self.begin(b'[');
    }

    fn end_list(&mut self) {
        self.end(b']');
    }

    fn scalar(&mut self, item: &Item<'_>) {
        self.separate();
        if item.exact {
            return push_scalar(self.out, &item.scalar);
        }
        let key =
            if matches!(item.scalar, Scalar::Text(_)) { "{\"text\": " } else { "{\"value\": " };
        self.out.extend_from_slice(key.as_bytes());
        push_scalar(self.out, &item.scalar);
        self.out.extend_from_slice(b", \"hex\": \"");
        self.out.extend_from_slice(hex(item.raw).as_bytes());
        self.out.extend_from_slice(b"\"}");
    }

    fn null(&mut self, _: Option<usize>, _: u64) {
        self.separate();
        self.out.extend_from_slice(b"null");
    }
}

pub(crate) fn push_scalar(out: &mut Vec<u8>, scalar: &Scalar<'_>) {
    match scalar {
        Scalar::Int(value) => push_int(out, *value),
        Scalar::UInt(value) => push_uint(out, *value),
        Scalar::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Scalar::Enum { name, .. } => push_string(out, name),
        Scalar::Float32(value) => push_f32(out, *value),
        Scalar::Float64(value) => push_f64(out, *value),
        Scalar::Char(char) => push_string(out, char.encode_utf8(&mut [0; 4])),
        Scalar::Text(text) => push_string(out, text),
        Scalar::Wide(digits) => push_string(out, digits),
    }
}

/// Appends a value as JSON; it is as deep as who built it made it.
pub(crate) fn write_value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(value) => push_scalar(out, &Scalar::Bool(*value)),
        Value::Int(value) => push_int(out, *value),
        Value::UInt(value) => push_uint(out, *value),
        Value::Float32(value) => push_f32(out, *value),
        Value::Float64(value) => push_f64(out, *value),
        Value::Text(text) => push_string(out, text),
        Value::List(elements) => {
            out.push(b'[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    out.extend_from_slice(b", ");
                }
                write_value(element, out);
            }
            out.push(b']');
        }
        Value::Object(members) => {
            out.push(b'{');
            for (index, (name, member)) in members.iter().enumerate() {
                if index > 0 {
                    out.extend_from_slice(b", ");
                }
                push_string(out, name);
                out.extend_from_slice(b": ");
                write_value(member, out);
            }
            out.push(b'}');
        }
    }
}
