//! Frames of one size.

use bytes::{Bytes, BytesMut};

use super::{Deframe, Enframe, EnframeError, FrameError, RESERVE_STEP};

/// Frames that all have the same size, known to both sides.
///
/// The size is not the peer's to choose, so there is no other limit.
///
/// ```
/// use bytes::BytesMut;
/// use cwire_codec::frame::{Chunks, Deframe, FrameError};
///
/// let mut chunks = Chunks::new(4);
/// let mut buf = BytesMut::from("onetwo");
/// assert_eq!(chunks.next_frame(&mut buf)?.as_deref(), Some(&b"onet"[..]));
/// assert_eq!(chunks.finish(&mut buf), Err(FrameError::Ended { offset: 4, left: 2, needed: 4 }));
/// # Ok::<(), FrameError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Chunks {
    size: usize,
    /// Bytes of the stream handed out so far.
    offset: u64,
}

impl Chunks {
    /// Frames of `size` bytes.
    ///
    /// # Panics
    ///
    /// `size` is 0: a stream holds any number of such frames.
    #[must_use]
    pub fn new(size: usize) -> Self {
        assert!(size > 0, "a frame has at least one byte");
        Self { size, offset: 0 }
    }
}

impl Deframe for Chunks {
    type Frame = Bytes;

    fn next_frame(&mut self, buf: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        if let Some(missing @ 1..) = self.size.checked_sub(buf.len()) {
            buf.reserve(missing.min(RESERVE_STEP));
            return Ok(None);
        }
        self.offset += self.size as u64;
        Ok(Some(buf.split_to(self.size).freeze()))
    }

    fn finish(&mut self, buf: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        match self.next_frame(buf)? {
            None if !buf.is_empty() => {
                Err(FrameError::Ended { offset: self.offset, left: buf.len(), needed: self.size })
            }
            frame => Ok(frame),
        }
    }
}

impl<Item: AsRef<[u8]>> Enframe<Item> for Chunks {
    fn put_frame(&mut self, item: Item, buf: &mut BytesMut) -> Result<(), EnframeError> {
        let item = item.as_ref();
        if item.len() != self.size {
            let allowed = self.size..=self.size;
            return Err(EnframeError::Length { found: item.len(), allowed });
        }
        buf.extend_from_slice(item);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_of_another_size_is_refused() {
        let mut buf = BytesMut::new();
        for len in [0, 3, 5] {
            let refused = Chunks::new(4).put_frame(vec![0; len], &mut buf);
            assert_eq!(refused, Err(EnframeError::Length { found: len, allowed: 4..=4 }));
        }
        assert!(buf.is_empty());
        assert_eq!(Chunks::new(4).put_frame("four", &mut buf), Ok(()));
    }

    #[test]
    #[should_panic(expected = "at least one byte")]
    fn a_frame_of_no_bytes_is_refused() {
        let _ = Chunks::new(0);
    }
}
