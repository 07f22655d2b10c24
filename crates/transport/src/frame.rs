//! The framings of [`cwire_codec::frame`] as tokio-util codecs.

use bytes::BytesMut;
use cwire_codec::Record;
use cwire_codec::frame::{Deframe, Enframe, FixedRecords};
use tokio_util::codec::{Decoder, Encoder};

use crate::{ReceiveError, SendError};

/// A framing as a tokio-util [`Decoder`] and [`Encoder`].
///
/// All it adds is I/O errors, and that the end of the stream inside a frame is reported with the
/// number of stray bytes.
///
/// `Framed::new` reads 8 KiB at a time, which costs streams of small frames up to twice the
/// processor time; `Framed::with_capacity(stream, codec, 64 * 1024)` does not.
///
/// # Example
///
/// ```
/// use cwire_codec::frame::Lines;
/// use cwire_transport::FrameCodec;
/// use tokio_stream::StreamExt;
/// use tokio_util::codec::FramedRead;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut lines = FramedRead::new(&b"one\r\ntwo\n"[..], FrameCodec::new(Lines::new()));
/// while let Some(line) = lines.next().await {
///     println!("{}", line??);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct FrameCodec<F> {
    framing: F,
}

/// Records of the C struct `R` under the ABI `A`, as a tokio-util codec.
///
/// Its items are `Result<R, RecordError>`: a record that does not decode does not end the stream.
/// [`RecordReader`](crate::RecordReader) does the same with less work per record.
pub type RecordCodec<R, A = <R as Record>::Abi> = FrameCodec<FixedRecords<R, A>>;

impl<F> FrameCodec<F> {
    /// The framing as a codec.
    #[must_use]
    pub fn new(framing: F) -> Self {
        Self { framing }
    }
}

impl<F: Deframe> Decoder for FrameCodec<F> {
    type Item = F::Frame;
    type Error = ReceiveError;

    #[inline]
    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<F::Frame>, ReceiveError> {
        Ok(self.framing.next_frame(src)?)
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> Result<Option<F::Frame>, ReceiveError> {
        Ok(self.framing.finish(src)?)
    }
}

impl<F: Enframe<Item>, Item> Encoder<Item> for FrameCodec<F> {
    type Error = SendError;

    #[inline]
    fn encode(&mut self, item: Item, dst: &mut BytesMut) -> Result<(), SendError> {
        Ok(self.framing.put_frame(item, dst)?)
    }
}
