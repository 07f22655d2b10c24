//! Both sides of a stream of records.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use cwire_codec::abi::Target;
use cwire_codec::{CType, Record};
use futures_core::Stream;
use tokio::io::{AsyncRead, AsyncWrite, ReadHalf, WriteHalf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use super::outbound::Outbound;
use super::writer::feed_all;
use crate::{Batch, Feed, Next, ReceiveError, RecordReader, RecordWriter, SendError};

/// A connection to a peer that sends records of the C struct `In` and takes records of `Out`, both
/// under the peer's ABI `A`.
///
/// It is a [`RecordReader`] and a [`RecordWriter`] over one stream, and can be
/// [`split`](Self::split) into the two. Dropping it closes the connection at once: records that
/// wait in the buffer are lost, and a peer that is still sending sees a reset.
/// [`close`](Self::close) is the orderly way.
pub struct Connection<S, In: Record, Out: Record = In, A: Target = <In as Record>::Abi> {
    reader: RecordReader<S, In, A>,
    outbound: Outbound<Out, A>,
}

impl<S, In, Out, A> Connection<S, In, Out, A>
where
    In: Record + CType<A>,
    Out: Record + CType<A>,
    A: Target,
{
    /// A connection over `stream`, at the start of both directions.
    pub fn new(stream: S) -> Self {
        Self { reader: RecordReader::new(stream), outbound: Outbound::new() }
    }

    /// As [`RecordReader::try_next`].
    #[inline]
    pub fn try_next(&mut self) -> Option<Result<In, ReceiveError>> {
        self.reader.try_next()
    }

    /// As [`RecordReader::offset`].
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.reader.offset()
    }

    /// As [`RecordWriter::try_feed`].
    ///
    /// # Errors
    ///
    /// A value does not fit its C type.
    #[inline]
    pub fn try_feed(&mut self, record: &Out) -> Result<bool, SendError> {
        self.outbound.put(record)
    }

    /// As [`RecordWriter::buffered`].
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.outbound.buffered()
    }

    /// The stream. Reading from it or writing to it by other means tears records apart.
    #[must_use]
    pub fn stream(&self) -> &S {
        self.reader.stream()
    }
}

impl<S, In, Out, A> Connection<S, In, Out, A>
where
    S: AsyncRead + AsyncWrite + Unpin,
    In: Record + CType<A>,
    Out: Record + CType<A>,
    A: Target,
{
    /// As [`RecordReader::next`].
    ///
    /// # Errors
    ///
    /// As there.
    #[inline]
    #[expect(clippy::should_implement_trait, reason = "what iterates here is a stream")]
    pub fn next(&mut self) -> Next<'_, S, In, A> {
        self.reader.next()
    }

    /// As [`RecordReader::next_batch`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn next_batch(&mut self) -> Result<Option<Batch<'_, In, A>>, ReceiveError> {
        self.reader.next_batch().await
    }

    /// As [`RecordReader::for_each`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn for_each(&mut self, take: impl FnMut(In)) -> Result<(), ReceiveError> {
        self.reader.for_each(take).await
    }

    /// As [`RecordWriter::feed`].
    ///
    /// # Errors
    ///
    /// As there.
    #[inline]
    pub fn feed<'a>(&'a mut self, record: &'a Out) -> Feed<'a, S, Out, A> {
        Feed::new(&mut self.reader.stream, &mut self.outbound, record)
    }

    /// As [`RecordWriter::feed_all`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn feed_all(&mut self, records: &[Out]) -> Result<(), SendError> {
        feed_all(&mut self.reader.stream, &mut self.outbound, records).await
    }

    /// As [`RecordWriter::send`].
    ///
    /// # Errors
    ///
    /// As there.
    #[inline]
    pub async fn send(&mut self, record: &Out) -> Result<(), SendError> {
        self.feed(record).await?;
        self.flush().await
    }

    /// As [`RecordWriter::send_all`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn send_all(&mut self, records: &[Out]) -> Result<(), SendError> {
        self.feed_all(records).await?;
        self.flush().await
    }

    /// As [`RecordWriter::flush`].
    ///
    /// # Errors
    ///
    /// As there.
    #[inline]
    pub async fn flush(&mut self) -> Result<(), SendError> {
        poll_fn(|cx| self.outbound.poll_flush(Pin::new(&mut self.reader.stream), cx)).await?;
        Ok(())
    }

    /// Closes the sending side, as [`RecordWriter::finish`]; records can still be received.
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn finish(&mut self) -> Result<(), SendError> {
        poll_fn(|cx| self.outbound.poll_finish(Pin::new(&mut self.reader.stream), cx)).await?;
        Ok(())
    }

    /// Writes what waits in the buffer and closes the connection.
    ///
    /// A peer that is still sending sees a reset, and may lose what it has not read yet. To be sure
    /// that it got everything, [`finish`](Self::finish) and receive until the end.
    ///
    /// # Errors
    ///
    /// Writing or closing fails; the connection is closed all the same.
    pub async fn close(mut self) -> Result<(), SendError> {
        self.finish().await
    }

    /// The two sides apart, for two tasks. For TCP, [`into_split`](Connection::into_split) costs
    /// less.
    #[must_use]
    #[expect(clippy::type_complexity, reason = "the two halves, and what they are made of")]
    pub fn split(self) -> (RecordReader<ReadHalf<S>, In, A>, RecordWriter<WriteHalf<S>, Out, A>) {
        let (stream, inbound) = self.reader.into_parts();
        let (read, write) = tokio::io::split(stream);
        (RecordReader::from_parts(read, inbound), RecordWriter::with_outbound(write, self.outbound))
    }
}

impl<In, Out, A> Connection<TcpStream, In, Out, A>
where
    In: Record + CType<A>,
    Out: Record + CType<A>,
    A: Target,
{
    /// The two sides of a TCP connection apart, for two tasks. Dropping the writer closes the
    /// sending side.
    #[must_use]
    pub fn into_split(
        self,
    ) -> (RecordReader<OwnedReadHalf, In, A>, RecordWriter<OwnedWriteHalf, Out, A>) {
        let (stream, inbound) = self.reader.into_parts();
        let (read, write) = stream.into_split();
        (RecordReader::from_parts(read, inbound), RecordWriter::with_outbound(write, self.outbound))
    }
}

/// Ends after an error that ends the stream.
impl<S, In, Out, A> Stream for Connection<S, In, Out, A>
where
    S: AsyncRead + Unpin,
    In: Record + CType<A>,
    Out: Record,
    A: Target,
{
    type Item = Result<In, ReceiveError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.get_mut().reader).poll_next(cx)
    }
}

impl<S: fmt::Debug, In: Record, Out: Record, A: Target> fmt::Debug for Connection<S, In, Out, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("reader", &self.reader)
            .field("outbound", &self.outbound)
            .finish()
    }
}
