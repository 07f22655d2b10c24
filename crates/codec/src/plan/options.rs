//! How a record is read.

use cwire_layout::abi::Endian;
use encoding_rs::Encoding;

use super::Annotations;

/// How a record is read, beside what its types say.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PlanOptions {
    /// Byte order of scalars and bit-fields; default `None`: that of the types' ABI. No offset moves.
    pub endian: Option<Endian>,
    /// How enums are given; default: by name.
    pub enums: EnumForm,
    /// Encoding of `char` arrays; default UTF-8.
    pub encoding: TextEncoding,
    /// Whether values keep what the plain forms drop, so that encoding them gives the same bytes;
    /// default: no.
    pub lossless: bool,
    /// What the header does not say; default: nothing.
    pub annotations: Annotations,
    /// C paths of the fields that are given, without array indices (`legs.price` is the price of
    /// every leg); a struct stands for all that is in it. Default `None`: all.
    pub select: Option<Vec<String>>,
    /// Longest record that is encoded, or filled up with zeros, in bytes; default 16 MiB.
    pub max_len: usize,
}

impl Default for PlanOptions {
    fn default() -> Self {
        Self {
            endian: None,
            enums: EnumForm::default(),
            encoding: TextEncoding::default(),
            lossless: false,
            annotations: Annotations::default(),
            select: None,
            max_len: 16 << 20,
        }
    }
}

/// How enums are given. Both forms are encoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EnumForm {
    /// By the first enumerator of that value; a value without one as a number.
    #[default]
    Name,
    /// As a number.
    Number,
}

/// The encoding of text in `char` arrays. `char8_t` is always UTF-8; `wchar_t`, `char16_t` and
/// `char32_t` are UTF-16 or UTF-32 by their width.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextEncoding {
    /// UTF-8.
    #[default]
    Utf8,
    /// Byte N is U+00NN.
    Latin1,
    /// One of the encodings of the WHATWG Encoding Standard.
    Label(&'static Encoding),
}

impl TextEncoding {
    /// The encoding of a label: `latin1`, whose byte N is U+00NN, or one of the WHATWG Encoding
    /// Standard (`utf-8`, `euc-kr`, `windows-1252` …), in any case. `None` for other labels, and for
    /// UTF-16, which no array of `char` up to its first NUL can hold.
    #[must_use]
    pub fn for_label(label: &str) -> Option<Self> {
        if label.trim().eq_ignore_ascii_case("latin1") {
            return Some(Self::Latin1);
        }
        let encoding = Encoding::for_label_no_replacement(label.as_bytes())?;
        match encoding {
            _ if encoding == encoding_rs::UTF_8 => Some(Self::Utf8),
            // UTF-16 has no encoder in the standard, either.
            _ if encoding.output_encoding() != encoding => None,
            _ => Some(Self::Label(encoding)),
        }
    }
}

/// What is done with a frame that ends before its record does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Short {
    /// It is an error.
    #[default]
    Error,
    /// The fields that are there; null for the others. Of an array, the elements that are there.
    Cut,
    /// Missing bytes read as zero, in records of up to [`PlanOptions::max_len`] bytes.
    Zero,
}
