//! The fixed front of a message, which announces its length.

use std::fmt;
use std::ops::{Range, RangeInclusive};

use byteorder::{BigEndian, ByteOrder, LittleEndian};
use cwire_layout::abi::Endian;

use super::MAX_FRAME_LEN;

/// Where in a head the length of its message stands, and what it counts.
///
/// ```text
///          |<------------- len ------------->|
///          |<- length_at ->|<length_width>|  |
/// frame    |  type         |  length      |  | body                  |
///          |<---------------- counts_head(true) ------------------->|
///                                            |<- counts_head(false) ->|
/// ```
///
/// A frame has `length` bytes as announced, plus [`adjust`](Self::adjust), plus the head if the
/// announced length does not count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    len: usize,
    length_at: usize,
    length_width: usize,
    endian: Endian,
    counts_head: bool,
    adjust: i64,
    max_frame_len: usize,
    strip: bool,
}

impl Head {
    /// A head of `len` bytes. It is checked when a [`LengthPrefixed`](super::LengthPrefixed) is
    /// built from it.
    #[must_use]
    pub const fn new(len: usize) -> Self {
        Self {
            len,
            length_at: 0,
            length_width: 2,
            endian: Endian::Little,
            counts_head: true,
            adjust: 0,
            max_frame_len: MAX_FRAME_LEN,
            strip: false,
        }
    }

    /// Bytes before the length field; 0 unless set.
    #[must_use]
    pub const fn length_at(self, length_at: usize) -> Self {
        Self { length_at, ..self }
    }

    /// Bytes of the length field, which is unsigned: 1, 2, 3, 4 or 8; 2 unless set.
    #[must_use]
    pub const fn length_width(self, length_width: usize) -> Self {
        Self { length_width, ..self }
    }

    /// Byte order of the length field; little-endian unless set.
    #[must_use]
    pub const fn endian(self, endian: Endian) -> Self {
        Self { endian, ..self }
    }

    /// Whether the announced length counts the head too, or only what follows it; it does unless
    /// set.
    #[must_use]
    pub const fn counts_head(self, counts_head: bool) -> Self {
        Self { counts_head, ..self }
    }

    /// Bytes that a frame has beyond what is announced and counted, such as a checksum at its end;
    /// negative if the announced length counts bytes that are not there. 0 unless set.
    #[must_use]
    pub const fn adjust(self, adjust: i64) -> Self {
        Self { adjust, ..self }
    }

    /// Bytes of the longest frame, head included; [`MAX_FRAME_LEN`] unless set.
    #[must_use]
    pub const fn max_frame_len(self, max_frame_len: usize) -> Self {
        Self { max_frame_len, ..self }
    }

    /// Whether frames are handed out, and taken, without their head; they keep it unless set.
    ///
    /// What the head holds besides the length is then lost, and written as zero.
    #[must_use]
    pub const fn strip(self, strip: bool) -> Self {
        Self { strip, ..self }
    }

    /// What is checked once, so that cutting frames is a comparison and an addition.
    pub(super) fn check(self) -> Result<CheckedHead, HeadError> {
        if !matches!(self.length_width, 1 | 2 | 3 | 4 | 8) {
            return Err(HeadError::Width { width: self.length_width });
        }
        let end = self.length_at.checked_add(self.length_width).filter(|&end| end <= self.len);
        let Some(end) = end else {
            return Err(HeadError::Outside {
                length_at: self.length_at,
                width: self.length_width,
                head_len: self.len,
            });
        };
        let uncounted = if self.counts_head { 0 } else { self.len };
        // No overflow: each term has 64 bits.
        let beyond = uncounted as i128 + i128::from(self.adjust);
        let field_max = i128::from(u64::MAX >> (64 - 8 * self.length_width));
        let least = (self.len as i128 - beyond).clamp(0, field_max + 1);
        let most = (self.max_frame_len as i128 - beyond).min(field_max);
        match (u64::try_from(least), u64::try_from(most)) {
            (Ok(least), Ok(most)) if least <= most => Ok(CheckedHead {
                head: self,
                field: self.length_at..end,
                beyond,
                allowed: least..=most,
            }),
            _ => Err(HeadError::NoLength { head_len: self.len, max: self.max_frame_len }),
        }
    }
}

/// A [`Head`] whose length field lies inside it and can announce at least one length.
#[derive(Clone, Debug)]
pub(super) struct CheckedHead {
    head: Head,
    field: Range<usize>,
    /// Length of a frame minus what its head announces.
    beyond: i128,
    /// What a head may announce; each makes a frame of `head.len` to `head.max_frame_len` bytes.
    allowed: RangeInclusive<u64>,
}

impl CheckedHead {
    pub(super) fn len(&self) -> usize {
        self.head.len
    }

    pub(super) fn strips(&self) -> bool {
        self.head.strip
    }

    pub(super) fn allowed(&self) -> RangeInclusive<u64> {
        self.allowed.clone()
    }

    /// The announced length; `None` if `frame` ends before it does.
    pub(super) fn announced(&self, frame: &[u8]) -> Option<u64> {
        let field = frame.get(self.field.clone())?;
        Some(match self.head.endian {
            Endian::Little => LittleEndian::read_uint(field, field.len()),
            Endian::Big => BigEndian::read_uint(field, field.len()),
        })
    }

    /// Length of a frame whose head announces this; `None` if it may not.
    pub(super) fn frame_len(&self, announced: u64) -> Option<usize> {
        if !self.allowed.contains(&announced) {
            return None;
        }
        usize::try_from(i128::from(announced) + self.beyond).ok()
    }

    /// What the head of a frame of this length announces; `None` if there is no such frame.
    pub(super) fn announce(&self, frame_len: usize) -> Option<u64> {
        let announced = u64::try_from(frame_len as i128 - self.beyond).ok()?;
        self.allowed.contains(&announced).then_some(announced)
    }

    /// Writes the announced length into the head that `frame` begins with.
    pub(super) fn write_announced(&self, frame: &mut [u8], announced: u64) {
        let Some(field) = frame.get_mut(self.field.clone()) else { return };
        let width = field.len();
        match self.head.endian {
            Endian::Little => LittleEndian::write_uint(field, announced, width),
            Endian::Big => BigEndian::write_uint(field, announced, width),
        }
    }

    /// The lengths of an item that makes a frame.
    pub(super) fn allowed_items(&self) -> RangeInclusive<usize> {
        let stripped = if self.head.strip { self.head.len } else { 0 };
        let item = |announced| self.frame_len(announced).unwrap_or(usize::MAX) - stripped;
        item(*self.allowed.start())..=item(*self.allowed.end())
    }
}

/// Why a [`Head`] announces no length.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeadError {
    /// There is no length field of this width.
    Width {
        /// Bytes of the length field.
        width: usize,
    },
    /// The length field does not lie inside the head.
    Outside {
        /// Where the length field starts.
        length_at: usize,
        /// Bytes of the length field.
        width: usize,
        /// Bytes of the head.
        head_len: usize,
    },
    /// No length that the field can hold makes a frame with its head and within the limit.
    NoLength {
        /// Bytes of the head.
        head_len: usize,
        /// Bytes of the longest frame.
        max: usize,
    },
}

impl fmt::Display for HeadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Width { width } => {
                write!(f, "needs a length field of 1, 2, 3, 4 or 8 bytes, {width} given")
            }
            Self::Outside { length_at, width, head_len } => write!(
                f,
                "needs a length field inside the head of {head_len} bytes, \
                 {width} bytes at offset {length_at:#x} given"
            ),
            Self::NoLength { head_len, max } => write!(
                f,
                "needs a length that announces a frame of {head_len} to {max} bytes, \
                 the length field can hold none"
            ),
        }
    }
}

impl std::error::Error for HeadError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_that_cannot_work_is_refused_when_it_is_built() {
        for (head, message) in [
            (
                Head::new(8).length_width(5),
                "needs a length field of 1, 2, 3, 4 or 8 bytes, 5 given",
            ),
            (
                Head::new(4).length_at(3),
                "needs a length field inside the head of 4 bytes, 2 bytes at offset 0x3 given",
            ),
            (
                Head::new(4).length_at(usize::MAX),
                "needs a length field inside the head of 4 bytes, \
                 2 bytes at offset 0xffffffffffffffff given",
            ),
            (
                Head::new(4).max_frame_len(3),
                "needs a length that announces a frame of 4 to 3 bytes, \
                 the length field can hold none",
            ),
            (
                Head::new(300).length_width(1),
                "needs a length that announces a frame of 300 to 16777216 bytes, \
                 the length field can hold none",
            ),
            (
                Head::new(4).adjust(i64::MIN),
                "needs a length that announces a frame of 4 to 16777216 bytes, \
                 the length field can hold none",
            ),
        ] {
            assert_eq!(head.check().expect_err("cannot work").to_string(), message);
        }
    }

    #[test]
    fn what_may_be_announced_follows_from_what_is_counted() {
        let allowed = |head: Head| head.check().expect("a head that works").allowed();
        let head = Head::new(4).max_frame_len(100);
        assert_eq!(allowed(head), 4..=100);
        assert_eq!(allowed(head.counts_head(false)), 0..=96);
        assert_eq!(allowed(head.counts_head(false).adjust(2)), 0..=94);
        assert_eq!(allowed(head.counts_head(false).adjust(-2)), 2..=98);
        assert_eq!(allowed(head.length_width(1).max_frame_len(1000)), 4..=255);
        assert_eq!(allowed(Head::new(8).length_width(8)), 8..=MAX_FRAME_LEN as u64);
        let unlimited = Head::new(8).length_width(8).max_frame_len(usize::MAX);
        assert_eq!(allowed(unlimited), 8..=u64::MAX);
    }
}
