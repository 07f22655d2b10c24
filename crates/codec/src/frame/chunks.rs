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
    /// Whether a frame is all that is there.
    runs: bool,
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
        Self { size, runs: false, offset: 0 }
    }

    /// Whether all whole chunks that are there are handed out as one frame; one by one unless set.
    ///
    /// For those who pass chunks on without a look at each, such as a relay. How many make a frame
    /// depends on how the stream is cut into reads.
    #[must_use]
    pub fn runs(self, runs: bool) -> Self {
        Self { runs, ..self }
    }
}

impl Deframe for Chunks {
    type Frame = Bytes;

    fn next_frame(&mut self, buf: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        if let Some(missing @ 1..) = self.size.checked_sub(buf.len()) {
            buf.reserve(missing.min(RESERVE_STEP));
            return Ok(None);
        }
        let len = if self.runs { buf.len() - buf.len() % self.size } else { self.size };
        self.offset += len as u64;
        Ok(Some(buf.split_to(len).freeze()))
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

/// Takes a chunk; one or more, if they are handed out like that.
impl<Item: AsRef<[u8]>> Enframe<Item> for Chunks {
    fn put_frame(&mut self, item: Item, buf: &mut BytesMut) -> Result<(), EnframeError> {
        let item = item.as_ref();
        let whole = if self.runs { item.len() % self.size == 0 } else { item.len() == self.size };
        if item.is_empty() || !whole {
            let most = if self.runs { usize::MAX } else { self.size };
            let allowed = self.size..=most;
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
    fn a_run_is_all_whole_chunks_that_are_there() {
        let mut runs = Chunks::new(4).runs(true);
        let mut buf = BytesMut::from("onetwothree");
        assert_eq!(runs.next_frame(&mut buf), Ok(Some(Bytes::from_static(b"onetwoth"))));
        assert_eq!(runs.next_frame(&mut buf), Ok(None));
        let ended = FrameError::Ended { offset: 8, left: 3, needed: 4 };
        assert_eq!(runs.finish(&mut buf), Err(ended));

        let mut buf = BytesMut::new();
        let refused = EnframeError::Length { found: 6, allowed: 4..=usize::MAX };
        assert_eq!(runs.put_frame("onetwo", &mut buf), Err(refused));
        assert_eq!(runs.put_frame("onetwoth", &mut buf), Ok(()));
    }

    #[test]
    #[should_panic(expected = "at least one byte")]
    fn a_frame_of_no_bytes_is_refused() {
        let _ = Chunks::new(0);
    }
}
