//! Text in arrays of characters.

use std::borrow::Cow;

use cwire_layout::abi::Endian;

use super::options::TextEncoding;
use super::tree::Unit;
use crate::scalar::{load_u16, load_u32};

/// How the characters of a text become bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Charset {
    pub(crate) unit: Unit,
    /// Of [`Unit::Char`].
    pub(crate) encoding: TextEncoding,
    pub(crate) endian: Endian,
}

impl Charset {
    /// The bytes before the first NUL, or all.
    pub(crate) fn until_nul(self, bytes: &[u8]) -> &[u8] {
        let size = self.unit.size();
        let len = match size {
            1 => bytes.iter().position(|&byte| byte == 0),
            _ => {
                let mut units = bytes.chunks_exact(size);
                units.position(|unit| unit.iter().all(|&byte| byte == 0)).map(|index| index * size)
            }
        };
        let whole = bytes.len() - bytes.len() % size;
        bytes.get(..len.unwrap_or(whole)).unwrap_or(bytes)
    }

    /// Text without NULs; U+FFFD for what is none.
    pub(crate) fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        match (self.unit, self.encoding) {
            (Unit::Utf8, _) | (Unit::Char, TextEncoding::Utf8) => String::from_utf8_lossy(bytes),
            (Unit::Char, TextEncoding::Latin1) => match std::str::from_utf8(bytes) {
                Ok(ascii) if ascii.is_ascii() => Cow::Borrowed(ascii),
                _ => bytes.iter().map(|&byte| char::from(byte)).collect(),
            },
            (Unit::Char, TextEncoding::Label(encoding)) => {
                encoding.decode_without_bom_handling(bytes).0
            }
            (Unit::Utf16, _) => {
                let units = bytes.chunks_exact(2).map(|unit| load_u16(unit, self.endian));
                let chars = char::decode_utf16(units);
                chars.map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
            }
            (Unit::Utf32, _) => {
                let units = bytes.chunks_exact(4).map(|unit| load_u32(unit, self.endian));
                let char = |unit| char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER);
                units.map(char).collect()
            }
        }
    }

    /// The bytes of a text; `None` if the encoding lacks one of its characters.
    pub(crate) fn encode(self, text: &str) -> Option<Cow<'_, [u8]>> {
        match (self.unit, self.encoding) {
            (Unit::Utf8, _) | (Unit::Char, TextEncoding::Utf8) => Some(text.as_bytes().into()),
            (Unit::Char, TextEncoding::Latin1) => {
                let bytes = text.chars().map(|char| u8::try_from(u32::from(char)).ok());
                bytes.collect::<Option<Vec<u8>>>().map(Cow::Owned)
            }
            (Unit::Char, TextEncoding::Label(encoding)) => {
                let (bytes, _, lacks) = encoding.encode(text);
                (!lacks).then_some(bytes)
            }
            (Unit::Utf16, _) => {
                let bytes = text.encode_utf16().flat_map(|unit| match self.endian {
                    Endian::Little => unit.to_le_bytes(),
                    Endian::Big => unit.to_be_bytes(),
                });
                Some(bytes.collect())
            }
            (Unit::Utf32, _) => {
                let bytes = text.chars().map(u32::from).flat_map(|unit| match self.endian {
                    Endian::Little => unit.to_le_bytes(),
                    Endian::Big => unit.to_be_bytes(),
                });
                Some(bytes.collect())
            }
        }
    }

    /// Whether `text`, filled up with NULs if the array `is_fixed`, gives `bytes` again.
    pub(crate) fn is_exact(self, text: &str, bytes: &[u8], is_fixed: bool) -> bool {
        let Some(encoded) = self.encode(text) else { return false };
        match bytes.split_at_checked(encoded.len()) {
            Some((front, rest)) => {
                front == &*encoded
                    && (rest.is_empty() || is_fixed && rest.iter().all(|&byte| byte == 0))
            }
            None => false,
        }
    }

    /// What the messages call the encoding.
    pub(crate) fn name(self) -> &'static str {
        match (self.unit, self.encoding) {
            (Unit::Utf8, _) | (Unit::Char, TextEncoding::Utf8) => "UTF-8",
            (Unit::Char, TextEncoding::Latin1) => "latin1",
            (Unit::Char, TextEncoding::Label(encoding)) => encoding.name(),
            (Unit::Utf16, _) => "UTF-16",
            (Unit::Utf32, _) => "UTF-32",
        }
    }
}
