//! Frames that end with a delimiter.

use bytes::{Bytes, BytesMut};

use super::{Deframe, Enframe, EnframeError, FrameError, MAX_FRAME_LEN};

/// Frames that end with a delimiter of one or more bytes.
///
/// A frame is the bytes before the delimiter, and may be empty. The stream ends with a delimiter;
/// bytes behind the last one are a frame cut off.
///
/// # Limits
///
/// A frame longer than [`max_frame_len`](Self::max_frame_len) is an error. Bytes in which no
/// delimiter starts are not searched again when more arrive.
///
/// # Example
///
/// ```
/// use bytes::BytesMut;
/// use cwire_codec::frame::{Deframe, Delimited};
///
/// let mut fields = Delimited::new("||");
/// let mut buf = BytesMut::from("a|b||c|");
/// assert_eq!(fields.next_frame(&mut buf)?.as_deref(), Some(&b"a|b"[..]));
/// assert_eq!(fields.next_frame(&mut buf)?, None); // the delimiter may go on
/// # Ok::<(), cwire_codec::frame::FrameError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Delimited {
    delimiter: Bytes,
    max_frame_len: usize,
    /// Bytes of the stream handed out so far, delimiters included.
    offset: u64,
    /// Bytes at the front of the buffer in which no delimiter starts.
    searched: usize,
}

impl Delimited {
    /// Frames that end with `delimiter`.
    ///
    /// # Panics
    ///
    /// `delimiter` is empty.
    #[must_use]
    pub fn new(delimiter: impl AsRef<[u8]>) -> Self {
        let delimiter = Bytes::copy_from_slice(delimiter.as_ref());
        assert!(!delimiter.is_empty(), "a delimiter has at least one byte");
        Self { delimiter, max_frame_len: MAX_FRAME_LEN, offset: 0, searched: 0 }
    }

    /// Bytes of the longest frame, without its delimiter; [`MAX_FRAME_LEN`] unless set.
    #[must_use]
    pub fn max_frame_len(self, max_frame_len: usize) -> Self {
        Self { max_frame_len, ..self }
    }

    /// Where the first delimiter in `buf` starts.
    fn search(&mut self, buf: &[u8]) -> Option<usize> {
        let from = self.searched.min(buf.len());
        let found = buf.get(from..).and_then(|rest| position(rest, &self.delimiter));
        // Up to the last `delimiter.len() - 1` bytes may be the front of one.
        self.searched = match found {
            Some(_) => 0,
            None => (buf.len() + 1).saturating_sub(self.delimiter.len()).max(from),
        };
        found.map(|at| from + at)
    }
}

/// Where `delimiter` starts first in `bytes`.
fn position(bytes: &[u8], delimiter: &[u8]) -> Option<usize> {
    match delimiter {
        [byte] => bytes.iter().position(|found| found == byte),
        _ => bytes.windows(delimiter.len()).position(|window| window == delimiter),
    }
}

impl Deframe for Delimited {
    type Frame = Bytes;

    fn next_frame(&mut self, buf: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        let found = self.search(buf);
        // Without a delimiter, the frame has at least the bytes in which none starts.
        if found.unwrap_or(self.searched) > self.max_frame_len {
            self.searched = 0;
            return Err(FrameError::TooLong { offset: self.offset, allowed: self.max_frame_len });
        }
        let Some(len) = found else { return Ok(None) };
        let mut frame = buf.split_to(len + self.delimiter.len());
        self.offset += frame.len() as u64;
        frame.truncate(len);
        Ok(Some(frame.freeze()))
    }

    fn finish(&mut self, buf: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        match self.next_frame(buf)? {
            None if !buf.is_empty() => {
                Err(FrameError::Unterminated { offset: self.offset, left: buf.len() })
            }
            frame => Ok(frame),
        }
    }
}

/// Takes the bytes before the delimiter.
impl<Item: AsRef<[u8]>> Enframe<Item> for Delimited {
    fn put_frame(&mut self, item: Item, buf: &mut BytesMut) -> Result<(), EnframeError> {
        let item = item.as_ref();
        if item.len() > self.max_frame_len {
            let allowed = 0..=self.max_frame_len;
            return Err(EnframeError::Length { found: item.len(), allowed });
        }
        let start = buf.len();
        buf.extend_from_slice(item);
        buf.extend_from_slice(&self.delimiter);
        // Searched with its delimiter: `a` before `aa` would be cut at 0.
        let cut = buf.get(start..).and_then(|frame| position(frame, &self.delimiter));
        match cut {
            Some(offset) if offset < item.len() => {
                buf.truncate(start);
                Err(EnframeError::Delimiter { offset })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_frame_passes_and_one_byte_more_does_not() {
        for delimiter in ["\0", "\r\n", "<end>"] {
            let stream =
                |len| BytesMut::from(&[&vec![b'x'; len], delimiter.as_bytes()].concat()[..]);
            let new = || Delimited::new(delimiter).max_frame_len(4);
            let too_long = FrameError::TooLong { offset: 0, allowed: 4 };

            assert_eq!(new().next_frame(&mut stream(4)), Ok(Some(Bytes::from("xxxx"))));
            assert_eq!(new().next_frame(&mut stream(5)), Err(too_long.clone()));

            // Nothing more than what makes it too long is waited for.
            let mut buf = stream(4);
            buf.truncate(4 + delimiter.len() - 1);
            assert_eq!(new().next_frame(&mut buf), Ok(None));
            buf.extend_from_slice(b"x");
            let mut frames = new();
            assert_eq!(frames.next_frame(&mut buf), Err(too_long.clone()));
            assert_eq!(frames.next_frame(&mut buf), Err(too_long));

            let mut out = BytesMut::new();
            let refused = EnframeError::Length { found: 5, allowed: 0..=4 };
            assert_eq!(new().put_frame("xxxxx", &mut out), Err(refused));
            assert_eq!(new().put_frame("xxxx", &mut out), Ok(()));
        }
    }

    #[test]
    fn a_frame_that_would_be_cut_elsewhere_is_refused() {
        let mut out = BytesMut::from("before");
        for (delimiter, item, offset) in
            [("\n", "a\nb", 1), ("||", "a||b", 1), ("aa", "ba", 1), ("aba", "ab", 0)]
        {
            let refused = Delimited::new(delimiter).put_frame(item, &mut out);
            assert_eq!(refused, Err(EnframeError::Delimiter { offset }));
            assert_eq!(out, "before");
        }
        assert_eq!(Delimited::new("aab").put_frame("a", &mut out), Ok(()));
    }

    #[test]
    fn bytes_already_searched_are_not_searched_again() {
        let mut frames = Delimited::new("\r\n");
        let mut buf = BytesMut::from("0123456789\r");
        assert_eq!(frames.next_frame(&mut buf), Ok(None));
        assert_eq!(frames.searched, 10);
        buf.extend_from_slice(b"\n");
        assert_eq!(frames.next_frame(&mut buf), Ok(Some(Bytes::from("0123456789"))));
        assert_eq!((frames.searched, frames.offset), (0, 12));
    }

    #[test]
    fn the_end_before_a_delimiter_says_what_is_left() {
        let mut frames = Delimited::new(";");
        let mut buf = BytesMut::from("a;;rest");
        assert_eq!(frames.finish(&mut buf), Ok(Some(Bytes::from("a"))));
        assert_eq!(frames.finish(&mut buf), Ok(Some(Bytes::new())));
        let unterminated = FrameError::Unterminated { offset: 3, left: 4 };
        assert_eq!(frames.finish(&mut buf), Err(unterminated));
    }

    #[test]
    #[should_panic(expected = "at least one byte")]
    fn an_empty_delimiter_is_refused() {
        let _ = Delimited::new("");
    }
}
