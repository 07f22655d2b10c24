//! C records one after the other.

use std::fmt;
use std::marker::PhantomData;

use bytes::{Buf, BytesMut};
use cwire_layout::abi::Target;

use super::{Deframe, Enframe, EnframeError, FrameError, RESERVE_STEP};
use crate::error::DecodeError;
use crate::typed::CType;

/// The records `R` under the ABI `A`, one after the other and nothing between them, as
/// `send(sock, &s, sizeof s)` puts them into a stream.
///
/// A frame is the decoded record, or a [`RecordError`] for one that does not decode; the next
/// record follows either way.
///
/// The size is not the peer's to choose, so there is no other limit.
///
/// # Example
///
/// ```
/// use bytes::BytesMut;
/// use cwire_codec::frame::{Deframe, FixedRecords, FrameError};
/// use cwire_codec::{Record, abi};
///
/// /// `struct tick { short venue; int price; };`
/// #[derive(Debug, PartialEq, Record)]
/// struct Tick { venue: i16, price: i32 }
///
/// let mut ticks = FixedRecords::<Tick, abi::X86_64Linux>::new();
/// let mut buf = BytesMut::from(&b"\x01\0\0\0\x2c\x01\0\0\x02\0"[..]);
///
/// assert_eq!(ticks.next_frame(&mut buf)?, Some(Ok(Tick { venue: 1, price: 300 })));
/// assert_eq!(ticks.next_frame(&mut buf)?, None);
/// assert_eq!(ticks.finish(&mut buf), Err(FrameError::Ended { offset: 8, left: 2, needed: 8 }));
/// # Ok::<(), FrameError>(())
/// ```
pub struct FixedRecords<R, A> {
    /// Bytes of the stream handed out so far.
    offset: u64,
    record: PhantomData<fn() -> (R, A)>,
}

impl<R: CType<A>, A: Target> FixedRecords<R, A> {
    const SIZE: usize = {
        assert!(R::SIZE > 0, "a stream holds any number of records without a byte");
        R::SIZE
    };

    /// Records at the start of a stream.
    ///
    /// A record without a byte is refused when the program is compiled.
    #[must_use]
    pub fn new() -> Self {
        let _ = Self::SIZE;
        Self { offset: 0, record: PhantomData }
    }
}

impl<R: CType<A>, A: Target> Default for FixedRecords<R, A> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R, A> Clone for FixedRecords<R, A> {
    fn clone(&self) -> Self {
        Self { offset: self.offset, record: PhantomData }
    }
}

impl<R, A> fmt::Debug for FixedRecords<R, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FixedRecords").field("offset", &self.offset).finish()
    }
}

impl<R: CType<A>, A: Target> Deframe for FixedRecords<R, A> {
    type Frame = Result<R, RecordError>;

    #[inline]
    fn next_frame(&mut self, buf: &mut BytesMut) -> Result<Option<Self::Frame>, FrameError> {
        let Some(bytes) = buf.get(..Self::SIZE) else {
            buf.reserve((Self::SIZE - buf.len()).min(RESERVE_STEP));
            return Ok(None);
        };
        let offset = self.offset;
        let record = R::read(bytes).map_err(|error| RecordError::new(offset, error));
        buf.advance(Self::SIZE);
        self.offset += Self::SIZE as u64;
        Ok(Some(record))
    }

    fn finish(&mut self, buf: &mut BytesMut) -> Result<Option<Self::Frame>, FrameError> {
        match self.next_frame(buf)? {
            None if !buf.is_empty() => {
                Err(FrameError::Ended { offset: self.offset, left: buf.len(), needed: Self::SIZE })
            }
            frame => Ok(frame),
        }
    }
}

impl<R: CType<A>, A: Target> Enframe<&R> for FixedRecords<R, A> {
    #[inline]
    fn put_frame(&mut self, record: &R, buf: &mut BytesMut) -> Result<(), EnframeError> {
        let start = buf.len();
        buf.resize(start + Self::SIZE, 0);
        let written = buf.get_mut(start..).map_or(Ok(()), |bytes| record.write(bytes));
        written.map_err(|error| {
            buf.truncate(start);
            EnframeError::Record(error)
        })
    }
}

impl<R: CType<A>, A: Target> Enframe<R> for FixedRecords<R, A> {
    #[inline]
    fn put_frame(&mut self, record: R, buf: &mut BytesMut) -> Result<(), EnframeError> {
        self.put_frame(&record, buf)
    }
}

/// A record of a stream that does not decode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordError {
    offset: u64,
    error: DecodeError,
}

impl RecordError {
    /// The record that starts `offset` bytes into the stream does not decode.
    #[cold]
    #[must_use]
    pub fn new(offset: u64, error: DecodeError) -> Self {
        Self { offset, error }
    }

    /// Bytes from the start of the stream to the start of the record.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// What is wrong inside the record.
    #[must_use]
    pub fn error(&self) -> &DecodeError {
        &self.error
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the record at offset {:#x} of the stream does not decode", self.offset)
    }
}

impl std::error::Error for RecordError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

#[cfg(test)]
mod tests {
    use cwire_layout::abi::X86_64Linux;

    use super::*;

    #[test]
    fn a_record_that_does_not_decode_is_an_item_and_the_next_follows() {
        let mut records = FixedRecords::<bool, X86_64Linux>::new();
        let mut buf = BytesMut::from(&[1, 0, 7, 1][..]);
        let mut next = || records.next_frame(&mut buf).expect("framing goes on");
        assert_eq!(next(), Some(Ok(true)));
        assert_eq!(next(), Some(Ok(false)));
        let error = next().expect("a record").expect_err("7 is no bool");
        assert_eq!(error.to_string(), "the record at offset 0x2 of the stream does not decode");
        assert_eq!(error.error().to_string(), "7 is no value of `_Bool`, at offset 0x0");
        assert_eq!(next(), Some(Ok(true)));
        assert_eq!(next(), None);
    }

    #[test]
    fn the_end_inside_a_record_says_how_many_bytes_were_left_and_needed() {
        let mut records = FixedRecords::<u64, X86_64Linux>::new();
        let mut buf = BytesMut::from(&[1, 0, 0, 0, 0, 0, 0, 0, 9, 9, 9][..]);
        assert_eq!(records.finish(&mut buf), Ok(Some(Ok(1))));
        let ended = FrameError::Ended { offset: 8, left: 3, needed: 8 };
        assert_eq!(records.finish(&mut buf), Err(ended));
    }

    #[test]
    fn a_value_that_does_not_fit_leaves_the_stream_as_it_was() {
        use crate::typed::CLong;
        use cwire_layout::abi::I686Linux;

        let mut records = FixedRecords::<CLong, I686Linux>::new();
        let mut buf = BytesMut::from(&b"before"[..]);
        let refused = records.put_frame(&CLong(1 << 40), &mut buf).expect_err("32 bits");
        assert!(matches!(refused, EnframeError::Record(_)), "{refused:?}");
        assert_eq!(buf, &b"before"[..]);
    }
}
