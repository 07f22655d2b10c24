//! Why a stream has no next frame, and why an item makes no frame.

use std::fmt;
use std::ops::RangeInclusive;

use crate::error::EncodeError;

/// Why the next frame boundary of a stream cannot be known.
///
/// Displays as `needs an announced length of 4 to 1024, 70000 announced, at offset 0x18`. Offsets
/// are bytes from the start of the stream to the start of the frame.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// The head announces a length outside the allowed range.
    Length {
        /// Where the frame starts.
        offset: u64,
        /// The number in the length field.
        announced: u64,
        /// The numbers that the length field may hold.
        allowed: RangeInclusive<u64>,
    },
    /// The frame is not delimited within the longest length allowed.
    TooLong {
        /// Where the frame starts.
        offset: u64,
        /// Most bytes before the delimiter.
        allowed: usize,
    },
    /// The stream ends inside a frame.
    Ended {
        /// Where the frame starts.
        offset: u64,
        /// Bytes of the frame that are there.
        left: usize,
        /// Bytes of the whole frame; of its head, if the stream ends inside that.
        needed: usize,
    },
    /// The stream ends before the delimiter.
    Unterminated {
        /// Where the frame starts.
        offset: u64,
        /// Bytes that follow the last delimiter.
        left: usize,
    },
    /// The bytes are no message of a protocol file, and nothing says where one begins.
    #[cfg(feature = "protocol")]
    Protocol {
        /// Where a message should begin.
        offset: u64,
        /// Why none does.
        trouble: Box<super::protocol::Trouble>,
    },
}

impl FrameError {
    /// Bytes from the start of the stream to the start of the frame.
    #[must_use]
    pub fn offset(&self) -> u64 {
        match self {
            Self::Length { offset, .. }
            | Self::TooLong { offset, .. }
            | Self::Ended { offset, .. }
            | Self::Unterminated { offset, .. } => *offset,
            #[cfg(feature = "protocol")]
            Self::Protocol { offset, .. } => *offset,
        }
    }
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { announced, allowed, .. } => {
                let (least, most) = (allowed.start(), allowed.end());
                write!(f, "needs an announced length of {least} to {most}, {announced} announced")
            }
            Self::TooLong { allowed, .. } => {
                write!(f, "needs a delimiter after at most {allowed} bytes, none found")
            }
            Self::Ended { left, needed, .. } => {
                write!(f, "needs {needed} bytes, {left} left when the stream ended")
            }
            Self::Unterminated { left, .. } => {
                write!(f, "needs a delimiter, {left} bytes left when the stream ended")
            }
            #[cfg(feature = "protocol")]
            Self::Protocol { trouble, .. } => trouble.fmt(f),
        }?;
        write!(f, ", at offset {:#x}", self.offset())
    }
}

impl std::error::Error for FrameError {}

/// Why an item makes no frame.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnframeError {
    /// The item has a length that no frame has.
    Length {
        /// Bytes of the item.
        found: usize,
        /// Bytes that an item may have.
        allowed: RangeInclusive<usize>,
    },
    /// The item would be cut at a delimiter of its own.
    Delimiter {
        /// Bytes from the start of the item to where the other side would cut.
        offset: usize,
    },
    /// The record has no bytes.
    Record(EncodeError),
}

impl fmt::Display for EnframeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { found, allowed } => {
                let (least, most) = (allowed.start(), allowed.end());
                write!(f, "needs {least} to {most} bytes, {found} given")
            }
            Self::Delimiter { offset } => {
                write!(f, "needs no delimiter inside, one found, at offset {offset:#x}")
            }
            Self::Record(_) => f.write_str("the record cannot be encoded"),
        }
    }
}

impl std::error::Error for EnframeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Record(error) => Some(error),
            Self::Length { .. } | Self::Delimiter { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_need_the_find_and_the_offset() {
        let length = FrameError::Length { offset: 0x18, announced: 70_000, allowed: 4..=1024 };
        let ended = FrameError::Ended { offset: 48, left: 7, needed: 24 };
        let unterminated = FrameError::Unterminated { offset: 0, left: 7 };
        let too_long = FrameError::TooLong { offset: 9, allowed: 80 };
        for (error, message) in [
            (length, "needs an announced length of 4 to 1024, 70000 announced, at offset 0x18"),
            (ended, "needs 24 bytes, 7 left when the stream ended, at offset 0x30"),
            (unterminated, "needs a delimiter, 7 bytes left when the stream ended, at offset 0x0"),
            (too_long, "needs a delimiter after at most 80 bytes, none found, at offset 0x9"),
        ] {
            assert_eq!(error.to_string(), message);
        }
    }
}
