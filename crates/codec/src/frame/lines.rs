//! Lines of text.

use std::fmt;
use std::str::Utf8Error;

use bytes::{Buf, Bytes, BytesMut};

use super::{Deframe, Enframe, EnframeError, FrameError, MAX_FRAME_LEN};

/// Lines of UTF-8 text that end with LF or CR LF.
///
/// A frame is the text without its line break. A line that is not UTF-8 is handed out as an
/// [`InvalidText`], and the next line follows. At the end of the stream, text behind the last line
/// break is a line.
///
/// # Limits
///
/// A line longer than [`max_frame_len`](Self::max_frame_len) is an error. Bytes without a line
/// break are not searched again when more arrive.
///
/// # Example
///
/// ```
/// use bytes::BytesMut;
/// use cwire_codec::frame::{Deframe, Lines};
///
/// let mut lines = Lines::new();
/// let mut buf = BytesMut::from("one\r\ntwo\nthr");
/// assert_eq!(lines.next_frame(&mut buf)?, Some(Ok("one".to_owned())));
/// assert_eq!(lines.next_frame(&mut buf)?, Some(Ok("two".to_owned())));
/// assert_eq!(lines.next_frame(&mut buf)?, None);
/// assert_eq!(lines.finish(&mut buf)?, Some(Ok("thr".to_owned())));
/// # Ok::<(), cwire_codec::frame::FrameError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Lines {
    max_frame_len: usize,
    crlf: bool,
    /// Bytes of the stream handed out so far, line breaks included.
    offset: u64,
    /// Bytes at the front of the buffer without LF.
    searched: usize,
}

impl Default for Lines {
    fn default() -> Self {
        Self { max_frame_len: MAX_FRAME_LEN, crlf: false, offset: 0, searched: 0 }
    }
}

impl Lines {
    /// Lines that are written with LF.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether lines are written with CR LF; with LF unless set. Both are read.
    #[must_use]
    pub fn crlf(self, crlf: bool) -> Self {
        Self { crlf, ..self }
    }

    /// Bytes of the longest line, without its line break; [`MAX_FRAME_LEN`] unless set.
    #[must_use]
    pub fn max_frame_len(self, max_frame_len: usize) -> Self {
        Self { max_frame_len, ..self }
    }

    fn line_break(&self) -> &'static str {
        if self.crlf { "\r\n" } else { "\n" }
    }

    fn check_len(&self, len: usize) -> Result<(), FrameError> {
        if len > self.max_frame_len {
            return Err(FrameError::TooLong { offset: self.offset, allowed: self.max_frame_len });
        }
        Ok(())
    }

    /// Takes a line of `text_len` bytes and its line break off the front of `buf`.
    fn take(
        &mut self,
        text_len: usize,
        line_len: usize,
        buf: &mut BytesMut,
    ) -> Result<String, InvalidText> {
        let offset = self.offset;
        self.offset += line_len as u64;
        self.searched = 0;
        let text = buf.get(..text_len).unwrap_or_default();
        match std::str::from_utf8(text) {
            Ok(text) => {
                let text = text.to_owned();
                buf.advance(line_len);
                Ok(text)
            }
            Err(error) => {
                let mut text = buf.split_to(line_len);
                text.truncate(text_len);
                Err(InvalidText { offset, text: text.freeze(), error })
            }
        }
    }
}

/// Bytes before the CR that may be the front of a line break.
fn without_cr(line: &[u8]) -> usize {
    line.strip_suffix(b"\r").unwrap_or(line).len()
}

impl Deframe for Lines {
    type Frame = Result<String, InvalidText>;

    fn next_frame(&mut self, buf: &mut BytesMut) -> Result<Option<Self::Frame>, FrameError> {
        let from = self.searched.min(buf.len());
        let found = buf.iter().skip(from).position(|&byte| byte == b'\n').map(|at| from + at);
        let text_len = without_cr(buf.get(..found.unwrap_or(buf.len())).unwrap_or_default());
        self.check_len(text_len)?;
        match found {
            Some(at) => Ok(Some(self.take(text_len, at + 1, buf))),
            None => {
                self.searched = buf.len();
                Ok(None)
            }
        }
    }

    fn finish(&mut self, buf: &mut BytesMut) -> Result<Option<Self::Frame>, FrameError> {
        match self.next_frame(buf)? {
            None if !buf.is_empty() => {
                // Without LF, a CR at the end is text.
                self.check_len(buf.len())?;
                Ok(Some(self.take(buf.len(), buf.len(), buf)))
            }
            frame => Ok(frame),
        }
    }
}

/// Takes a line without its line break.
impl<Item: AsRef<str>> Enframe<Item> for Lines {
    fn put_frame(&mut self, item: Item, buf: &mut BytesMut) -> Result<(), EnframeError> {
        let item = item.as_ref();
        if item.len() > self.max_frame_len {
            let allowed = 0..=self.max_frame_len;
            return Err(EnframeError::Length { found: item.len(), allowed });
        }
        if let Some(offset) = item.find('\n') {
            return Err(EnframeError::Delimiter { offset });
        }
        // Before LF alone, the other side would take it for the front of the line break.
        if let (false, Some(text)) = (self.crlf, item.strip_suffix('\r')) {
            return Err(EnframeError::Delimiter { offset: text.len() });
        }
        buf.extend_from_slice(item.as_bytes());
        buf.extend_from_slice(self.line_break().as_bytes());
        Ok(())
    }
}

/// A line that is not UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidText {
    offset: u64,
    text: Bytes,
    error: Utf8Error,
}

impl InvalidText {
    /// Bytes from the start of the stream to the start of the line.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The line as it came, without its line break.
    #[must_use]
    pub fn text(&self) -> &Bytes {
        &self.text
    }
}

impl fmt::Display for InvalidText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.error.valid_up_to();
        let found = self.text.get(at).copied().unwrap_or_default();
        write!(f, "needs UTF-8, byte {found:#04x} found, at offset {:#x}", self.offset + at as u64)
    }
}

impl std::error::Error for InvalidText {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_text_is_one_line_and_the_next_follows() {
        let mut lines = Lines::new();
        let mut buf = BytesMut::from(&b"ok\nna\xefve\r\nok\n"[..]);
        assert_eq!(lines.next_frame(&mut buf), Ok(Some(Ok("ok".to_owned()))));
        let invalid = lines.next_frame(&mut buf).expect("framing goes on").expect("a line");
        let invalid = invalid.expect_err("not UTF-8");
        assert_eq!(invalid.to_string(), "needs UTF-8, byte 0xef found, at offset 0x5");
        assert_eq!((invalid.offset(), &invalid.text()[..]), (3, &b"na\xefve"[..]));
        assert_eq!(lines.next_frame(&mut buf), Ok(Some(Ok("ok".to_owned()))));
    }

    #[test]
    fn the_longest_line_passes_and_one_byte_more_does_not() {
        let too_long = FrameError::TooLong { offset: 0, allowed: 4 };
        let first = |text: &str| {
            let mut lines = Lines::new().max_frame_len(4);
            lines.next_frame(&mut BytesMut::from(text))
        };
        assert_eq!(first("1234\n"), Ok(Some(Ok("1234".to_owned()))));
        assert_eq!(first("1234\r\n"), Ok(Some(Ok("1234".to_owned()))));
        assert_eq!(first("1234\r"), Ok(None));
        for text in ["12345\n", "12345\r\n", "12345", "1234\r\r", "12345\r"] {
            assert_eq!(first(text), Err(too_long.clone()), "{text:?}");
        }
        let refused = EnframeError::Length { found: 5, allowed: 0..=4 };
        let mut out = BytesMut::new();
        assert_eq!(Lines::new().max_frame_len(4).put_frame("12345", &mut out), Err(refused));
        assert_eq!(Lines::new().max_frame_len(4).put_frame("1234", &mut out), Ok(()));
    }

    #[test]
    fn a_lone_carriage_return_is_text() {
        let mut lines = Lines::new();
        let mut buf = BytesMut::from("a\rb\nc\r");
        assert_eq!(lines.finish(&mut buf), Ok(Some(Ok("a\rb".to_owned()))));
        assert_eq!(lines.finish(&mut buf), Ok(Some(Ok("c\r".to_owned()))));
        assert_eq!(lines.finish(&mut buf), Ok(None));
    }

    #[test]
    fn text_that_would_be_cut_or_shortened_is_refused() {
        let mut out = BytesMut::new();
        let refused = |offset| Err(EnframeError::Delimiter { offset });
        assert_eq!(Lines::new().put_frame("a\nb", &mut out), refused(1));
        assert_eq!(Lines::new().put_frame("ab\r", &mut out), refused(2));
        assert_eq!(Lines::new().crlf(true).put_frame("a\r\nb", &mut out), refused(2));
        assert!(out.is_empty());
        assert_eq!(Lines::new().crlf(true).put_frame("ab\r", &mut out), Ok(()));
        assert_eq!(out, "ab\r\r\n");
    }
}
