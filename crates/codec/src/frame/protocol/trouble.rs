//! Why bytes are no message.

use std::fmt;

use crate::expr::EvalError;

/// Why bytes are no message, or what is wrong inside one.
///
/// Displays as `needs a length of 8 to 65536 bytes, found 3`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trouble {
    /// No rule fits.
    NoRule,
    /// A message has a length that none has.
    Length {
        /// Line of the rule in its file, from 1; 0 if there is none.
        line: usize,
        /// The least, prefix and end included.
        least: usize,
        /// The most.
        most: usize,
        /// What was computed; `None` if it needs more than 128 bits.
        found: Option<i128>,
    },
    /// An expression has no value.
    Expression {
        /// Line of the rule in its file, from 1.
        line: usize,
        /// What the expression is for.
        key: Key,
        /// Why it has none.
        error: EvalError,
    },
    /// The stream ends inside a message.
    Ended {
        /// Bytes of the message, or those needed to know how many it has.
        needed: usize,
        /// Bytes that are there.
        left: usize,
    },
    /// A record of a list has a length that none has.
    Item {
        /// Line of the rule in its file, from 1.
        line: usize,
        /// Where it begins, from the start of the message.
        at: usize,
        /// Bytes from there to the end of the message.
        room: usize,
        /// What was computed.
        found: i128,
    },
    /// A list has fewer records than its count says, where `short` is `error`.
    Count {
        /// Line of the rule in its file, from 1.
        line: usize,
        /// Records announced.
        needed: u64,
        /// Records that there is room for.
        found: u64,
    },
    /// Bytes are missing, and no rule says what a message looks like.
    Gap,
}

/// The key of a protocol file that an expression belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "named as in the file")]
pub enum Key {
    When,
    Length,
    Switch,
    Remember,
    Resync,
    PartWhen,
    PartAt,
    PartCount,
    PartLength,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::When => "`when`",
            Self::Length => "`length`",
            Self::Switch => "`switch`",
            Self::Remember => "`remember`",
            Self::Resync => "`resync`",
            Self::PartWhen => "`when` of a part",
            Self::PartAt => "`at` of a part",
            Self::PartCount => "`count` of a part",
            Self::PartLength => "`length` of a part",
        })
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRule => f.write_str("needs a message that a rule fits, found none"),
            Self::Length { least, most, found, .. } => {
                write!(f, "needs a message of {least} to {most} bytes, found ")?;
                match found {
                    Some(found) => write!(f, "a length of {found}"),
                    None => f.write_str("a length of more than 128 bits"),
                }
            }
            Self::Expression { line, key, error } => {
                write!(f, "{error}: {key} of the message at line {line}")
            }
            Self::Ended { needed, left } => {
                write!(f, "needs {needed} bytes, {left} left when the stream ended")
            }
            Self::Item { at, room, found, .. } => {
                write!(
                    f,
                    "needs a record of 1 to {room} bytes at {at:#x} of the message, found a length of {found}"
                )
            }
            Self::Count { needed, found, .. } => {
                write!(f, "needs {needed} records, found room for {found}")
            }
            Self::Gap => f.write_str("needs the bytes that are missing, found a gap"),
        }
    }
}

impl std::error::Error for Trouble {}
