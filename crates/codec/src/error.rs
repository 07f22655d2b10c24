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
