//! The sending side of a stream of records.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use cwire_codec::abi::Target;
use cwire_codec::{CType, Record};
use tokio::io::AsyncWrite;

use super::outbound::Outbound;
use crate::SendError;

/// Sends records of the C struct `R` under the ABI `A`.
///
/// Records gather in a buffer of 64 KiB. They leave when it is full, on [`flush`](Self::flush), and
/// with the methods called `send`; a writer that is dropped before that drops them.
///
/// # Cancel safety
///
/// A future that is dropped never leaves half a record in the stream: what was taken waits in the
/// buffer and leaves with the next flush. [`feed`](Self::feed) has taken its record when it is done
/// and not before. With [`send`](Self::send), [`feed_all`](Self::feed_all) and
/// [`send_all`](Self::send_all) it is unknown which records were taken.
///
/// # Example
///
/// ```
/// use cwire_codec::Record;
/// use cwire_transport::{RecordReader, RecordWriter};
///
/// #[derive(Debug, PartialEq, Record)]
/// struct Tick { venue: i16, price: i32 }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (here, there) = tokio::io::duplex(64);
/// let mut writer = RecordWriter::<_, Tick>::new(here);
/// writer.feed(&Tick { venue: 1, price: 300 }).await?;
/// writer.feed(&Tick { venue: 2, price: 310 }).await?;
/// writer.finish().await?;
///
/// let mut reader = RecordReader::<_, Tick>::new(there);
/// assert_eq!(reader.next().await?, Some(Tick { venue: 1, price: 300 }));
/// # Ok(())
/// # }
/// ```
pub struct RecordWriter<S, R: Record, A: Target = <R as Record>::Abi> {
    stream: S,
    outbound: Outbound<R, A>,
}

impl<S, R: Record + CType<A>, A: Target> RecordWriter<S, R, A> {
    /// Sends to `stream`.
    pub fn new(stream: S) -> Self {
        Self::with_outbound(stream, Outbound::new())
    }

    pub(crate) fn with_outbound(stream: S, outbound: Outbound<R, A>) -> Self {
        Self { stream, outbound }
    }

    /// Encodes a record into the buffer; `false` if the buffer is full.
    ///
    /// # Errors
    ///
    /// A value does not fit its C type.
    #[inline]
    pub fn try_feed(&mut self, record: &R) -> Result<bool, SendError> {
        self.outbound.put(record)
    }

    /// Bytes in the buffer.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.outbound.buffered()
    }

    /// The stream.
    #[must_use]
    pub fn stream(&self) -> &S {
        &self.stream
    }

    /// The stream. Bytes written to it directly go before those in the buffer: flush first.
    #[must_use]
    pub fn stream_mut(&mut self) -> &mut S {
        &mut self.stream
    }
}

impl<S: AsyncWrite + Unpin, R: Record + CType<A>, A: Target> RecordWriter<S, R, A> {
    /// Encodes a record into the buffer; writes the buffer first if it is full.
    ///
    /// # Errors
    ///
    /// A value does not fit its C type, and the stream goes on without this record; or writing
    /// fails.
    #[inline]
    pub fn feed<'a>(&'a mut self, record: &'a R) -> Feed<'a, S, R, A> {
        Feed::new(&mut self.stream, &mut self.outbound, record)
    }

    /// Encodes records into the buffer and writes it as often as it fills.
    ///
    /// # Errors
    ///
    /// As [`feed`](Self::feed); the records before the one that does not fit are taken, those after
    /// it are not.
    pub async fn feed_all(&mut self, records: &[R]) -> Result<(), SendError> {
        feed_all(&mut self.stream, &mut self.outbound, records).await
    }

    /// Sends a record at once, and all that waits in the buffer.
    ///
    /// # Errors
    ///
    /// As [`feed`](Self::feed).
    #[inline]
    pub async fn send(&mut self, record: &R) -> Result<(), SendError> {
        self.feed(record).await?;
        self.flush().await
    }

    /// Sends records at once, and all that waits in the buffer, in writes of up to 64 KiB.
    ///
    /// # Errors
    ///
    /// As [`feed_all`](Self::feed_all).
    pub async fn send_all(&mut self, records: &[R]) -> Result<(), SendError> {
        self.feed_all(records).await?;
        self.flush().await
    }

    /// Writes what waits in the buffer. Cancel safe.
    ///
    /// # Errors
    ///
    /// Writing fails.
    #[inline]
    pub async fn flush(&mut self) -> Result<(), SendError> {
        poll_fn(|cx| self.outbound.poll_flush(Pin::new(&mut self.stream), cx)).await?;
        Ok(())
    }

    /// Writes what waits in the buffer and closes the sending side: the peer sees the end of the
    /// stream, and can still send. Cancel safe.
    ///
    /// # Errors
    ///
    /// Writing or closing fails.
    pub async fn finish(&mut self) -> Result<(), SendError> {
        poll_fn(|cx| self.outbound.poll_finish(Pin::new(&mut self.stream), cx)).await?;
        Ok(())
    }
}

pub(crate) async fn feed_all<S, R, A>(
    stream: &mut S,
    outbound: &mut Outbound<R, A>,
    records: &[R],
) -> Result<(), SendError>
where
    S: AsyncWrite + Unpin,
    R: CType<A>,
    A: Target,
{
    let mut later = outbound.put_all(records)?;
    while !later.is_empty() {
        poll_fn(|cx| outbound.poll_write(Pin::new(&mut *stream), cx)).await?;
        later = outbound.put_all(later)?;
    }
    Ok(())
}

impl<S: fmt::Debug, R: Record, A: Target> fmt::Debug for RecordWriter<S, R, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordWriter")
            .field("stream", &self.stream)
            .field("outbound", &self.outbound)
            .finish()
    }
}

/// Waits until a record is taken; see [`RecordWriter::feed`].
#[must_use = "nothing is sent until it is awaited"]
pub struct Feed<'a, S, R, A> {
    stream: &'a mut S,
    outbound: &'a mut Outbound<R, A>,
    record: &'a R,
}

impl<'a, S, R, A> Feed<'a, S, R, A> {
    #[inline]
    pub(crate) fn new(stream: &'a mut S, outbound: &'a mut Outbound<R, A>, record: &'a R) -> Self {
        Self { stream, outbound, record }
    }
}

impl<S: AsyncWrite + Unpin, R: CType<A>, A: Target> Future for Feed<'_, S, R, A> {
    type Output = Result<(), SendError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        // An empty buffer has room, so this ends.
        while !this.outbound.put(this.record)? {
            ready!(this.outbound.poll_write(Pin::new(&mut *this.stream), cx))?;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S, R, A> fmt::Debug for Feed<'_, S, R, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Feed").field(&self.outbound).finish()
    }
}
