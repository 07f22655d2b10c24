//! Text into the bytes of its encoding.

use cwire_layout::abi::Endian;
use encoding_rs::{EncoderResult, Encoding};

use super::super::options::TextEncoding;
use super::super::text::Charset;
use super::super::tree::Unit;
use crate::error::EncodeErrorKind;

/// The bytes of a text that has no NUL in it, in `scratch` where they are not those of the text.
pub(crate) fn encode<'a>(
    charset: Charset,
    text: &'a str,
    scratch: &'a mut Vec<u8>,
) -> Result<&'a [u8], EncodeErrorKind> {
    let lacking = |found| EncodeErrorKind::Unencodable { encoding: charset.name(), found };
    if text.as_bytes().contains(&0) {
        // Whoever reads the array stops there.
        return Err(lacking('\0'));
    }
    scratch.clear();
    match (charset.unit, charset.encoding) {
        (Unit::Utf8, _) | (Unit::Char, TextEncoding::Utf8) => return Ok(text.as_bytes()),
        (Unit::Char, TextEncoding::Latin1) => {
            for char in text.chars() {
                scratch.push(u8::try_from(u32::from(char)).map_err(|_| lacking(char))?);
            }
        }
        (Unit::Char, TextEncoding::Label(encoding)) => {
            labelled(encoding, text, scratch).map_err(lacking)?;
        }
        (Unit::Utf16, _) => {
            scratch.extend(text.encode_utf16().flat_map(|unit| match charset.endian {
                Endian::Little => unit.to_le_bytes(),
                Endian::Big => unit.to_be_bytes(),
            }));
        }
        (Unit::Utf32, _) => {
            scratch.extend(text.chars().flat_map(|char| match charset.endian {
                Endian::Little => u32::from(char).to_le_bytes(),
                Endian::Big => u32::from(char).to_be_bytes(),
            }));
        }
    }
    Ok(scratch)
}

/// Encodes by the WHATWG Encoding Standard; the error is the character that the encoding lacks.
///
/// Some encoders of the standard take characters that their decoders do not give back (U+00A5 in
/// Shift_JIS); these are refused, too.
fn labelled(encoding: &'static Encoding, text: &str, out: &mut Vec<u8>) -> Result<(), char> {
    let mut encoder = encoding.new_encoder();
    let mut rest = text;
    loop {
        let room = encoder.max_buffer_length_from_utf8_without_replacement(rest.len());
        out.reserve(room.unwrap_or_else(|| rest.len().saturating_mul(8)));
        let (result, read) = encoder.encode_from_utf8_to_vec_without_replacement(rest, out, true);
        match result {
            EncoderResult::InputEmpty => break,
            EncoderResult::Unmappable(char) => return Err(char),
            EncoderResult::OutputFull => rest = rest.get(read..).unwrap_or(""),
        }
    }
    let (again, _) = encoding.decode_without_bom_handling(out);
    let mut pairs = text.chars().zip(again.chars());
    match pairs.find(|(char, again)| char != again) {
        Some((char, _)) => Err(char),
        None if text.len() == again.len() => Ok(()),
        None => Err(text.chars().next_back().unwrap_or_default()),
    }
}
