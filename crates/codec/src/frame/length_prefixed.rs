//! Frames whose head announces their length.

use bytes::{Buf, Bytes, BytesMut};

use super::head::CheckedHead;
use super::{Deframe, Enframe, EnframeError, FrameError, Head, HeadError, RESERVE_STEP};

/// Frames of a fixed head and the body whose length the head announces.
///
/// # Limits
///
/// A length above [`Head::max_frame_len`] is an error as soon as the length field is there, before
/// memory is reserved for it.
///
/// # Example
///
/// A length of 4 bytes in network byte order that does not count itself, as many protocols have it:
///
/// ```
/// use bytes::BytesMut;
/// use cwire_codec::abi::Endian;
/// use cwire_codec::frame::{Deframe, Enframe, Head, LengthPrefixed};
///
/// let head = Head::new(4).length_width(4).endian(Endian::Big).counts_head(false).strip(true);
/// let mut frames = LengthPrefixed::new(head);
///
/// let mut stream = BytesMut::new();
/// frames.put_frame("hello", &mut stream)?;
/// assert_eq!(&stream[..], b"\0\0\0\x05hello");
/// assert_eq!(frames.next_frame(&mut stream)?.as_deref(), Some(&b"hello"[..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct LengthPrefixed {
    head: CheckedHead,
    /// Bytes of the stream handed out so far.
    offset: u64,
}

impl LengthPrefixed {
    /// Frames with this head.
    ///
    /// # Panics
    ///
    /// The head cannot work; see [`try_new`](Self::try_new) for one that is not a constant of the
    /// program.
    #[must_use]
    pub fn new(head: Head) -> Self {
        match Self::try_new(head) {
            Ok(frames) => frames,
            Err(error) => panic!("{error}"),
        }
    }

    /// Frames with this head.
    ///
    /// # Errors
    ///
    /// The head cannot work: its length field is outside it or has no known width, or no length
    /// makes a frame within the limit.
    pub fn try_new(head: Head) -> Result<Self, HeadError> {
        Ok(Self { head: head.check()?, offset: 0 })
    }

    /// Length of the frame that `buf` begins with; `None` if its head does not say yet.
    fn frame_len(&self, buf: &[u8]) -> Result<Option<usize>, FrameError> {
        let Some(announced) = self.head.announced(buf) else { return Ok(None) };
        match self.head.frame_len(announced) {
            Some(len) => Ok(Some(len)),
            None => Err(FrameError::Length {
                offset: self.offset,
                announced,
                allowed: self.head.allowed(),
            }),
        }
    }
}

impl Deframe for LengthPrefixed {
    type Frame = Bytes;

    fn next_frame(&mut self, buf: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        let needed = self.frame_len(buf)?.unwrap_or(self.head.len());
        if let Some(missing @ 1..) = needed.checked_sub(buf.len()) {
            buf.reserve(missing.min(RESERVE_STEP));
            return Ok(None);
        }
        self.offset += needed as u64;
        let mut frame = buf.split_to(needed).freeze();
        if self.head.strips() {
            frame.advance(self.head.len());
        }
        Ok(Some(frame))
    }

    fn finish(&mut self, buf: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        match self.next_frame(buf)? {
            None if !buf.is_empty() => Err(FrameError::Ended {
                offset: self.offset,
                left: buf.len(),
                needed: self.frame_len(buf)?.unwrap_or(self.head.len()),
            }),
            frame => Ok(frame),
        }
    }
}

/// Takes a body if frames are stripped of their head, else a head and a body. The length field is
/// filled in.
impl<Item: AsRef<[u8]>> Enframe<Item> for LengthPrefixed {
    fn put_frame(&mut self, item: Item, buf: &mut BytesMut) -> Result<(), EnframeError> {
        let item = item.as_ref();
        let head_len = if self.head.strips() { self.head.len() } else { 0 };
        let announced = head_len.checked_add(item.len()).and_then(|len| self.head.announce(len));
        let Some(announced) = announced else {
            let allowed = self.head.allowed_items();
            return Err(EnframeError::Length { found: item.len(), allowed });
        };
        let start = buf.len();
        buf.reserve(head_len + item.len());
        buf.resize(start + head_len, 0);
        buf.extend_from_slice(item);
        if let Some(frame) = buf.get_mut(start..) {
            self.head.write_announced(frame, announced);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use cwire_layout::abi::Endian;

    use super::*;

    #[test]
    fn each_width_and_byte_order_is_read_as_it_is_written() {
        for width in [1, 2, 3, 4, 8] {
            for (endian, length) in [
                (Endian::Little, [&[2][..], &[0; 7]].concat()),
                (Endian::Big, [&[0; 7][..], &[2]].concat()),
            ] {
                let field = match endian {
                    Endian::Little => &length[..width],
                    Endian::Big => &length[8 - width..],
                };
                let head = Head::new(width).length_width(width).endian(endian);
                let mut frames = LengthPrefixed::new(head.counts_head(false).strip(true));
                let mut buf = BytesMut::new();
                frames.put_frame("ab", &mut buf).expect("2 bytes fit");
                assert_eq!(buf, [field, b"ab"].concat());
                let frame = frames.next_frame(&mut buf).expect("just written");
                assert_eq!(frame.as_deref(), Some(&b"ab"[..]));
            }
        }
    }

    #[test]
    fn the_longest_frame_passes_and_one_byte_more_does_not() {
        let head = Head::new(4).length_at(2).max_frame_len(300);
        let longest = LengthPrefixed::new(head).next_frame(&mut framed(300));
        assert_eq!(longest.map(|frame| frame.map(|frame| frame.len())), Ok(Some(300)));

        let mut buf = framed(301);
        buf.truncate(4);
        let announced = LengthPrefixed::new(head).next_frame(&mut buf);
        let refused = FrameError::Length { offset: 0, announced: 301, allowed: 4..=300 };
        assert_eq!(announced, Err(refused));

        let mut out = BytesMut::new();
        let refused = EnframeError::Length { found: 301, allowed: 4..=300 };
        assert_eq!(LengthPrefixed::new(head).put_frame([0; 301], &mut out), Err(refused));
        assert_eq!(LengthPrefixed::new(head).put_frame([0; 300], &mut out), Ok(()));
    }

    #[test]
    fn a_length_that_does_not_cover_its_own_head_is_refused() {
        let mut buf = BytesMut::from(&b"\x01\x00\x03\x00"[..]);
        let mut frames = LengthPrefixed::new(Head::new(4).length_at(2));
        let refused =
            FrameError::Length { offset: 0, announced: 3, allowed: 4..=u64::from(u16::MAX) };
        assert_eq!(frames.next_frame(&mut buf), Err(refused.clone()));
        assert_eq!(frames.next_frame(&mut buf), Err(refused));
    }

    #[test]
    fn an_announced_length_reserves_no_more_than_a_step() {
        let head = Head::new(8).length_width(8).max_frame_len(usize::MAX);
        let mut buf = BytesMut::from(&(1u64 << 40).to_le_bytes()[..]);
        assert_eq!(LengthPrefixed::new(head).next_frame(&mut buf), Ok(None));
        assert!(buf.capacity() <= 2 * RESERVE_STEP, "{} bytes reserved", buf.capacity());
    }

    #[test]
    fn the_end_inside_a_head_needs_the_head_and_inside_a_body_the_frame() {
        let head = Head::new(4).length_at(2);
        for (left, needed) in [(1, 4), (3, 4), (4, 9), (8, 9)] {
            let mut frames = LengthPrefixed::new(head);
            let mut buf = framed(5);
            buf.extend_from_slice(&framed(9)[..left]);
            assert_eq!(frames.finish(&mut buf).map(|frame| frame.is_some()), Ok(true));
            let ended = FrameError::Ended { offset: 5, left, needed };
            assert_eq!(frames.finish(&mut buf), Err(ended));
        }
    }

    fn framed(len: u16) -> BytesMut {
        let mut frame = BytesMut::zeroed(usize::from(len));
        frame[2..4].copy_from_slice(&len.to_le_bytes());
        frame
    }
}
