//! Why bytes are no value, and why a value has no bytes.

use std::fmt;

/// Why the bytes of a record could not be decoded.
///
/// Displays as `order.legs[2].price: needs 8 bytes, 3 left, at offset 0x1d`.
#[derive(Clone, PartialEq, Eq)]
// Boxed so that a `Result` of a small record stays small; it is built only on failure.
pub struct DecodeError(Box<Located<DecodeErrorKind>>);

/// What can be wrong with the bytes of one field, or of a buffer of records.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecodeErrorKind {
    /// The value does not exist in the field's C type, for example a `_Bool` that holds 2.
    InvalidValue {
        /// The C type as a header spells it.
        ctype: &'static str,
        /// The bits found, sign-extended if the type is signed.
        found: i128,
    },
    /// The bytes end before the record does.
    Truncated {
        /// Bytes the record occupies.
        needed: usize,
        /// Bytes left.
        left: usize,
    },
    /// Bytes follow the last whole record.
    Trailing {
        /// Size of one record.
        size: usize,
        /// Bytes that follow.
        extra: usize,
    },
}

/// Why a value could not be encoded.
///
/// Displays as `order.venue: 19 does not fit an unsigned field of 4 bits, at offset 0x9`.
#[derive(Clone, PartialEq, Eq)]
pub struct EncodeError(Box<Located<EncodeErrorKind>>);

/// What can keep a value from being encoded.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EncodeErrorKind {
    /// The value is out of the range of its C type under the ABI in use.
    OutOfRange {
        /// The value.
        value: i128,
        /// Bits of the C type or bit-field.
        width_bits: u32,
        /// Whether the C type is signed.
        signed: bool,
    },
    /// The output buffer is too short.
    BufferTooShort {
        /// Bytes needed.
        needed: usize,
        /// Bytes there.
        left: usize,
    },
    /// The value has another form than its C type takes, for example text for a number.
    WrongForm {
        /// What the type takes.
        needed: &'static str,
        /// What the value is.
        found: &'static str,
    },
    /// A number with a fraction for an integer.
    NotInteger {
        /// The number.
        found: String,
    },
    /// A number is beyond the range of its type; integers beyond 127 bits and floating-point numbers.
    NumberRange {
        /// The number.
        found: String,
    },
    /// The text is no enumerator of the enum.
    UnknownEnumerator {
        /// The text.
        name: String,
        /// The enum as C spells it.
        ctype: String,
    },
    /// A member that the record does not have.
    UnknownField {
        /// The names of those that it has.
        known: Vec<String>,
    },
    /// A member is not given.
    MissingField,
    /// A member is given twice.
    TwiceGiven,
    /// A list has too many or too few elements.
    WrongCount {
        /// Elements of the array.
        needed: usize,
        /// Elements given; counting ends at the first that is too many.
        found: usize,
        /// Whether fewer would do.
        at_most: bool,
    },
    /// Text is longer than its array. A closing NUL is not needed, as in C.
    TextTooLong {
        /// Bytes of the array.
        max: usize,
        /// Bytes of the text.
        found: usize,
    },
    /// Text has a character that its encoding lacks, or a NUL.
    Unencodable {
        /// The encoding.
        encoding: &'static str,
        /// The character.
        found: char,
    },
    /// Text is not the hex digits that are needed.
    WrongHex {
        /// What is needed.
        needed: String,
        /// The text, or the beginning of it.
        found: String,
    },
    /// What is given in hex is another value than the one beside it.
    HexDiffers,
    /// Members of a union give different bits.
    Conflict,
    /// Bits that are given as padding are those of a field, or the range is none.
    NoPadding {
        /// What is needed.
        needed: &'static str,
    },
    /// An array has no element of this index.
    NoElement {
        /// Elements of the array.
        len: usize,
        /// The index.
        found: usize,
    },
    /// The record is longer than what may be encoded.
    TooLong {
        /// Bytes at most.
        max: usize,
        /// Bytes of the record.
        found: usize,
    },
}

/// A kind of error, where in the bytes and where in the type.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Located<K> {
    kind: K,
    /// Bytes from the start of the record, or of the buffer of records.
    offset: usize,
    /// C path of the field, outermost first; empty for the record as a whole.
    path: String,
}

impl<K> Located<K> {
    fn new(kind: K) -> Box<Self> {
        Box::new(Self { kind, offset: 0, path: String::new() })
    }

    fn within(&mut self, field: &str, base: usize) {
        self.offset += base;
        self.path = match self.path.chars().next() {
            None => field.to_owned(),
            Some('[') => format!("{field}{}", self.path),
            Some(_) => format!("{field}.{}", self.path),
        };
    }
}

impl<K: fmt::Display> fmt::Display for Located<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{}, at offset {:#x}", self.kind, self.offset)
    }
}

macro_rules! located {
    ($error:ident, $kind:ident) => {
        impl $error {
            /// An error of this kind, at offset 0 and without a field yet.
            #[cold]
            #[must_use]
            pub fn new(kind: $kind) -> Self {
                Self(Located::new(kind))
            }

            /// Re-bases an error from a member: called once per level as the error travels
            /// outwards. `field` is the member's name or `[index]`, `base` its offset in bytes.
            #[cold]
            #[must_use]
            pub fn within(mut self, field: &str, base: usize) -> Self {
                self.0.within(field, base);
                self
            }

            /// The same `base` bytes further on, where the record itself lies in a buffer.
            #[cold]
            #[must_use]
            pub fn shifted(mut self, base: usize) -> Self {
                self.0.offset += base;
                self
            }

            /// What is wrong.
            #[must_use]
            pub fn kind(&self) -> &$kind {
                &self.0.kind
            }

            /// Bytes from the start of the record, or of the buffer of records, to the field.
            #[must_use]
            pub fn offset(&self) -> usize {
                self.0.offset
            }

            /// C path of the field, as in `legs[2].price`; empty for the record as a whole.
            #[must_use]
            pub fn path(&self) -> &str {
                &self.0.path
            }
        }

        impl fmt::Display for $error {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $error {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($error))
                    .field("kind", &self.0.kind)
                    .field("offset", &self.0.offset)
                    .field("path", &self.0.path)
                    .finish()
            }
        }

        impl std::error::Error for $error {}
    };
}

located!(DecodeError, DecodeErrorKind);
located!(EncodeError, EncodeErrorKind);

impl DecodeError {
    /// The bytes end before the record does.
    #[cold]
    #[must_use]
    pub fn truncated(needed: usize, left: usize) -> Self {
        Self::new(DecodeErrorKind::Truncated { needed, left })
    }
}

impl fmt::Display for DecodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidValue { ctype, found } => write!(f, "{found} is no value of `{ctype}`"),
            Self::Truncated { needed, left } => write!(f, "needs {needed} bytes, {left} left"),
            Self::Trailing { size, extra } => {
                write!(f, "needs whole records of {size} bytes, {extra} bytes follow the last")
            }
        }
    }
}

impl fmt::Display for EncodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfRange { value, width_bits, signed } => {
                let sign = if *signed { "a signed" } else { "an unsigned" };
                write!(f, "{value} does not fit {sign} field of {width_bits} bits")
            }
            Self::BufferTooShort { needed, left } => {
                write!(f, "needs {needed} bytes of room, {left} left")
            }
            Self::WrongForm { needed, found } => write!(f, "needs {needed}, found {found}"),
            Self::NotInteger { found } => write!(f, "needs an integer, found {found}"),
            Self::NumberRange { found } => {
                write!(f, "needs a number in the range of its type, found {found}")
            }
            Self::UnknownEnumerator { name, ctype } => {
                write!(f, "needs an enumerator of `{ctype}` or a number, found {}", Shown(name))
            }
            Self::UnknownField { known } => match known.as_slice() {
                [] => f.write_str("needs no field, found one"),
                known => write!(f, "needs one of the fields {}, found another", Names(known)),
            },
            Self::MissingField => f.write_str("needs a value, found none"),
            Self::TwiceGiven => f.write_str("needs one value, found two"),
            Self::WrongCount { needed, found, at_most } => {
                let most = if *at_most { "at most " } else { "" };
                write!(f, "needs {most}{needed} elements, found {found}")
            }
            Self::TextTooLong { max, found } => {
                write!(f, "needs text of at most {max} bytes, found {found}")
            }
            Self::Unencodable { encoding, found: '\0' } => {
                write!(f, "needs text in {encoding} without NUL, found one")
            }
            Self::Unencodable { encoding, found } => {
                let code = u32::from(*found);
                write!(
                    f,
                    "needs characters of {encoding}, found `{}` (U+{code:04X})",
                    found.escape_debug()
                )
            }
            Self::WrongHex { needed, found } => write!(f, "needs {needed}, found {}", Shown(found)),
            Self::HexDiffers => {
                f.write_str("needs the same in hex as beside it, found another value")
            }
            Self::Conflict => {
                f.write_str("needs the bits that other members of its union give, found others")
            }
            Self::NoPadding { needed } => write!(f, "needs {needed}, found others"),
            Self::NoElement { len, found } => {
                write!(f, "needs an index below {len}, found {found}")
            }
            Self::TooLong { max, found } => {
                write!(f, "needs a record of at most {max} bytes, found one of {found}")
            }
        }
    }
}

/// Names in backquotes; a few of them.
pub(crate) struct Names<'a>(pub(crate) &'a [String]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 10;
        for (index, name) in self.0.iter().take(SHOWN).enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}`{name}`")?;
        }
        match self.0.len().checked_sub(SHOWN) {
            None | Some(0) => Ok(()),
            Some(more) => write!(f, " and {more} more"),
        }
    }
}

/// Text in backquotes; the beginning of it.
struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 40;
        match self.0.char_indices().nth(SHOWN) {
            None => write!(f, "`{}`", self.0.escape_debug()),
            Some((end, _)) => {
                write!(f, "`{}…`", self.0.get(..end).unwrap_or("").escape_debug())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_path_the_need_and_the_offset() {
        let error = DecodeError::truncated(8, 3)
            .within("price", 5)
            .within("[2]", 16)
            .within("legs", 8)
            .within("order", 0);
        assert_eq!(error.to_string(), "order.legs[2].price: needs 8 bytes, 3 left, at offset 0x1d");
        assert_eq!((error.path(), error.offset()), ("order.legs[2].price", 0x1d));
    }

    #[test]
    fn a_record_as_a_whole_has_no_path() {
        let kind = DecodeErrorKind::Trailing { size: 24, extra: 7 };
        assert_eq!(
            DecodeError::new(kind).shifted(48).to_string(),
            "needs whole records of 24 bytes, 7 bytes follow the last, at offset 0x30"
        );
    }

    #[test]
    fn a_value_that_does_not_fit_is_named_with_the_width() {
        let kind = EncodeErrorKind::OutOfRange { value: 19, width_bits: 4, signed: false };
        assert_eq!(
            EncodeError::new(kind).within("venue", 9).to_string(),
            "venue: 19 does not fit an unsigned field of 4 bits, at offset 0x9"
        );
    }
}
