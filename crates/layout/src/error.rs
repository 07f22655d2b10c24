//! Why members cannot be placed.

use std::fmt;

/// Why a record has no layout under an ABI.
///
/// Displays as `member 2: a bit-field of a 4-byte type is at most 32 bits wide, not 40`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayoutError {
    kind: LayoutErrorKind,
    /// Which member of the record, counted from 0; `None` where the record as a whole is at fault.
    member: Option<usize>,
}

/// What is wrong with a member or a record.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayoutErrorKind {
    /// A bit-field is wider than its type (C11 6.7.2.1p4).
    BitFieldTooWide {
        /// Width asked for, in bits.
        width_bits: u32,
        /// Size of the declared type, in bytes.
        type_size: u64,
    },
    /// A bit-field of width 0 has a name (C11 6.7.2.1p4).
    NamedZeroWidth,
    /// An alignment is not a power of two (C11 6.2.8p4).
    Alignment {
        /// The alignment asked for, in bytes.
        align: u64,
    },
    /// A type or record is larger than 2^60 bytes.
    TooLarge,
    /// A type has no size yet: its record or enum is declared and not defined.
    Incomplete,
    /// A type has no size: `void`, a function.
    NoSize,
    /// A record is made of more bases, anonymous members and empty classes than are told apart.
    TooComplex,
}

impl LayoutError {
    pub(crate) const fn new(kind: LayoutErrorKind) -> Self {
        Self { kind, member: None }
    }

    pub(crate) const fn at(self, member: usize) -> Self {
        Self { kind: self.kind, member: Some(member) }
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> LayoutErrorKind {
        self.kind
    }

    /// Which member of the record is at fault, counted from 0.
    #[must_use]
    pub const fn member(&self) -> Option<usize> {
        self.member
    }
}

impl fmt::Display for LayoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(member) = self.member {
            write!(f, "member {member}: ")?;
        }
        match self.kind {
            LayoutErrorKind::BitFieldTooWide { width_bits, type_size } => write!(
                f,
                "a bit-field of a {type_size}-byte type is at most {} bits wide, not {width_bits}",
                type_size.saturating_mul(8)
            ),
            LayoutErrorKind::NamedZeroWidth => f.write_str("a bit-field of width 0 has no name"),
            LayoutErrorKind::Alignment { align } => {
                write!(f, "an alignment is a power of two, not {align}")
            }
            LayoutErrorKind::TooLarge => f.write_str("the type is larger than 2^60 bytes"),
            LayoutErrorKind::Incomplete => {
                f.write_str("needs a complete type, found a declaration")
            }
            LayoutErrorKind::NoSize => f.write_str("needs a type with a size, found none"),
            LayoutErrorKind::TooComplex => f.write_str(
                "needs fewer bases, anonymous members and empty classes inside each other",
            ),
        }
    }
}

impl std::error::Error for LayoutError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_member_and_both_widths() {
        let kind = LayoutErrorKind::BitFieldTooWide { width_bits: 40, type_size: 4 };
        assert_eq!(
            LayoutError::new(kind).at(2).to_string(),
            "member 2: a bit-field of a 4-byte type is at most 32 bits wide, not 40"
        );
        assert_eq!(
            LayoutError::new(LayoutErrorKind::Alignment { align: 6 }).to_string(),
            "an alignment is a power of two, not 6"
        );
    }
}
