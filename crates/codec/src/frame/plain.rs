//! Bytes as they arrive.

use bytes::{Bytes, BytesMut};

use super::{Deframe, Enframe, EnframeError, FrameError};

/// A stream without boundaries: a frame is what has arrived since the last one.
///
/// No frame is empty. How long it is, only the transport decides, so there is nothing to limit:
/// all that is buffered is handed out at once.
///
/// ```
/// use bytes::BytesMut;
/// use cwire_codec::frame::{Deframe, Plain};
///
/// let mut buf = BytesMut::from("as it comes");
/// assert_eq!(Plain::new().next_frame(&mut buf)?.as_deref(), Some(&b"as it comes"[..]));
/// assert!(buf.is_empty());
/// # Ok::<(), cwire_codec::frame::FrameError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Plain;

impl Plain {
    /// A stream without boundaries.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

impl Deframe for Plain {
    type Frame = Bytes;

    fn next_frame(&mut self, buf: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        Ok((!buf.is_empty()).then(|| buf.split().freeze()))
    }

    fn finish(&mut self, buf: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        self.next_frame(buf)
    }
}

impl<Item: AsRef<[u8]>> Enframe<Item> for Plain {
    fn put_frame(&mut self, item: Item, buf: &mut BytesMut) -> Result<(), EnframeError> {
        buf.extend_from_slice(item.as_ref());
        Ok(())
    }
}
