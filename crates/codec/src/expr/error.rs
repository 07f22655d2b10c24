//! Why an expression is none, and why it has no value.

use std::fmt;
use std::ops::Range;

/// Why a text is no expression over the fields of a record.
///
/// Displays as its message; whoever knows where the text stands prints the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExprError {
    span: Range<usize>,
    message: String,
}

impl ExprError {
    #[cold]
    pub(crate) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into() }
    }

    /// The bytes of the text that are at fault; empty at its end, where something is missing.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// What was needed, and what was found.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for ExprError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ExprError {}

/// Why an expression has no value for these bytes.
///
/// Displays as ``division by zero in `len / unit` ``.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvalError {
    kind: EvalErrorKind,
    /// The part of the expression that was evaluated.
    part: Box<str>,
    span: Range<usize>,
}

/// What can be wrong with a value.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvalErrorKind {
    /// The result needs more than 128 bits.
    Overflow,
    /// The divisor is 0.
    DivisionByZero,
    /// A shift by less than 0 or more than 127 bits.
    Shift {
        /// Bits asked for.
        by: i128,
    },
    /// `align(x, n)` to a multiple of no positive number.
    Align {
        /// The `n`.
        to: i128,
    },
    /// An index outside its array.
    Index {
        /// The index.
        index: i128,
        /// Elements of the array; `None` for a flexible one, whose first is 0 all the same.
        len: Option<u64>,
    },
    /// A read outside the longest message.
    Offset {
        /// Bytes from the start of the message.
        offset: i128,
        /// Bytes of the longest message.
        max: usize,
    },
    /// `remaining()` where more bytes are left than the longest message has.
    Remaining {
        /// Bytes of the longest message.
        max: usize,
    },
}

impl EvalError {
    #[cold]
    pub(crate) fn new(kind: EvalErrorKind, part: &str, span: Range<usize>) -> Self {
        Self { kind, part: part.into(), span }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &EvalErrorKind {
        &self.kind
    }

    /// The bytes of the expression's text that were evaluated.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            EvalErrorKind::Overflow => f.write_str("overflow of 128 bits"),
            EvalErrorKind::DivisionByZero => f.write_str("division by zero"),
            EvalErrorKind::Shift { by } => write!(f, "needs a shift by 0 to 127, found {by},"),
            EvalErrorKind::Align { to } => {
                write!(f, "needs an alignment of at least 1, found {to},")
            }
            EvalErrorKind::Index { index, len: Some(len) } => {
                write!(f, "needs an index below {len}, found {index},")
            }
            EvalErrorKind::Index { index, len: None } => {
                write!(f, "needs an index of at least 0, found {index},")
            }
            EvalErrorKind::Offset { offset, max } => {
                write!(
                    f,
                    "needs an offset within the {max} bytes of the longest message, found {offset},"
                )
            }
            EvalErrorKind::Remaining { max } => {
                write!(f, "needs at most the {max} bytes of the longest message, found more,")
            }
        }?;
        write!(f, " in `{}`", self.part)
    }
}

impl std::error::Error for EvalError {}
