//! What only filters have: floating numbers and texts.

use std::borrow::Cow;

use cwire_layout::abi::Endian;

use super::read::Read;
use crate::plan::tree::Unit;
use crate::plan::{Charset, Float, FloatFormat, TextEncoding};

/// A floating field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FloatField {
    /// First byte, from the start of the message.
    pub(super) at: usize,
    pub(super) format: FloatFormat,
    pub(super) endian: Endian,
}

impl FloatField {
    /// Bytes that hold the number. Those that pad x87's are not among them.
    pub(super) fn len(&self) -> usize {
        match self.format {
            FloatFormat::Half => 2,
            FloatFormat::Single => 4,
            FloatFormat::Double => 8,
            FloatFormat::X87 => 10,
            FloatFormat::Quad | FloatFormat::DoubleDouble => 16,
        }
    }

    /// The value in bytes that begin at [`FloatField::at`]; `None` where they are too few.
    pub(super) fn load(&self, bytes: &[u8]) -> Option<f64> {
        let len = u8::try_from(self.len()).ok()?;
        let raw = Read::whole(0, len, false, self.endian).load(bytes)?.cast_unsigned();
        Some(match self.format.decode(raw, self.endian) {
            Float::Single(value) => f64::from(value),
            Float::Double(value) => value,
        })
    }
}

/// An array of characters: text up to its first NUL.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextField {
    /// First byte, from the start of the message.
    pub(super) at: usize,
    /// Bytes of the array; `None` for a flexible one.
    pub(super) len: Option<usize>,
    pub(super) charset: Charset,
}

impl PartialEq for TextField {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.len) == (other.at, other.len)
    }
}

impl TextField {
    /// The text in bytes that begin at [`TextField::at`], as UTF-8: what is there of it. What is said to
    /// be UTF-8 is left as it is, so that a string with `\\x` can name any byte.
    pub(super) fn load<'b>(&self, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        let all = self.len.and_then(|len| bytes.get(..len)).unwrap_or(bytes);
        let text = self.charset.until_nul(all);
        match (self.charset.unit, self.charset.encoding) {
            (Unit::Utf8, _) | (Unit::Char, TextEncoding::Utf8) => Cow::Borrowed(text),
            _ => match self.charset.decode(text) {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            },
        }
    }
}
