//! The receiving side of a stream of records.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use cwire_codec::abi::Target;
use cwire_codec::{CType, Record};
use futures_core::Stream;
use tokio::io::AsyncRead;

use super::inbound::Inbound;
use crate::{Batch, ReceiveError};

/// Receives records of the C struct `R` under the ABI `A`.
///
/// However the stream is cut into reads, the same records come out. Every method is cancel safe:
/// dropping its future loses no byte.
///
/// # Example
///
/// All records of a stream, by the fastest way:
///
/// ```
/// use cwire_codec::Record;
/// use cwire_transport::{ReceiveError, RecordReader};
/// use tokio::io::AsyncRead;
///
/// #[derive(Record)]
/// struct Tick { venue: i16, price: i32 }
///
/// async fn total(stream: impl AsyncRead + Unpin) -> Result<i64, ReceiveError> {
///     let mut ticks = RecordReader::<_, Tick>::new(stream);
///     let mut total = 0;
///     while let Some(batch) = ticks.next_batch().await? {
///         total += batch.views().map(|tick| i64::from(tick.price())).sum::<i64>();
///     }
///     Ok(total)
/// }
/// ```
pub struct RecordReader<S, R: Record, A: Target = <R as Record>::Abi> {
    pub(crate) stream: S,
    inbound: Inbound<R, A>,
}

impl<S, R: Record + CType<A>, A: Target> RecordReader<S, R, A> {
    /// Receives from the start of `stream`.
    pub fn new(stream: S) -> Self {
        Self::from_parts(stream, Inbound::new())
    }

    pub(crate) fn from_parts(stream: S, inbound: Inbound<R, A>) -> Self {
        Self { stream, inbound }
    }

    pub(crate) fn into_parts(self) -> (S, Inbound<R, A>) {
        (self.stream, self.inbound)
    }

    /// The next record, if all of it was read already.
    ///
    /// A plain function that drains what [`next`](Self::next) began runs as fast as a loop over a
    /// batch; variables of an `async` block, by contrast, live in memory. Where a closure will do,
    /// [`for_each`](Self::for_each) does that.
    #[inline]
    pub fn try_next(&mut self) -> Option<Result<R, ReceiveError>> {
        match <R as CType<A>>::read(self.inbound.take()?) {
            Ok(record) => Some(Ok(record)),
            Err(error) => Some(Err(self.inbound.undecodable(error))),
        }
    }

    /// Bytes from the start of the stream to the next record.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.inbound.offset()
    }

    /// Bytes read that are not handed out yet: records that are here, and the front of one more.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.inbound.buffered()
    }

    /// The stream. Reading from it by other means takes bytes out of the midst of a record.
    #[must_use]
    pub fn stream(&self) -> &S {
        &self.stream
    }
}

impl<S: AsyncRead + Unpin, R: Record + CType<A>, A: Target> RecordReader<S, R, A> {
    /// Waits for the next record. `None` is the end of the stream between two records.
    ///
    /// # Errors
    ///
    /// [`ReceiveError::Record`] if this record does not decode; ask again for the next. Any other
    /// error ends the stream, and `None` follows.
    #[inline]
    #[expect(clippy::should_implement_trait, reason = "what iterates here is a stream")]
    pub fn next(&mut self) -> Next<'_, S, R, A> {
        Next { reader: self }
    }

    /// Waits until there is a record, and takes all that are there. `None` is the end of the stream
    /// between two records.
    ///
    /// # Errors
    ///
    /// The stream fails, or ends inside a record. `None` follows.
    pub async fn next_batch(&mut self) -> Result<Option<Batch<'_, R, A>>, ReceiveError> {
        poll_fn(|cx| self.inbound.poll_fill(Pin::new(&mut self.stream), cx)).await?;
        Ok(self.inbound.take_batch())
    }

    /// Hands every record to `take`, one by one, until the stream ends between two records.
    ///
    /// The loop over the records of a read is a plain one, so this costs what a loop over a batch
    /// costs; a loop that awaits [`next`](Self::next) has its variables in memory and costs more.
    /// Cancel safe: a record has been handed over, or comes with the next call.
    ///
    /// ```
    /// # use cwire_codec::Record;
    /// # use cwire_transport::{ReceiveError, RecordReader};
    /// # use tokio::io::AsyncRead;
    /// # #[derive(Record)]
    /// # struct Tick { venue: i16, price: i32 }
    /// # async fn total(mut ticks: RecordReader<impl AsyncRead + Unpin, Tick>) -> Result<i64, ReceiveError> {
    /// let mut total = 0;
    /// ticks.for_each(|tick| total += i64::from(tick.price)).await?;
    /// # Ok(total)
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next); after a record that does not decode, another call goes on with the
    /// one behind it.
    pub async fn for_each(&mut self, mut take: impl FnMut(R)) -> Result<(), ReceiveError> {
        loop {
            self.drain(&mut take)?;
            if !poll_fn(|cx| self.inbound.poll_fill(Pin::new(&mut self.stream), cx)).await? {
                return Ok(());
            }
        }
    }
}

impl<S, R: Record + CType<A>, A: Target> RecordReader<S, R, A> {
    /// Hands over the records that are here. Not in an `async` block, so that what the loop changes
    /// is in registers.
    fn drain(&mut self, take: &mut impl FnMut(R)) -> Result<(), ReceiveError> {
        while let Some(record) = self.try_next() {
            take(record?);
        }
        Ok(())
    }
}

/// Ends after an error that ends the stream.
impl<S: AsyncRead + Unpin, R: Record + CType<A>, A: Target> Stream for RecordReader<S, R, A> {
    type Item = Result<R, ReceiveError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(Pin::new(&mut self.get_mut().next()).poll(cx));
        Poll::Ready(next.transpose())
    }
}

impl<S: fmt::Debug, R: Record, A: Target> fmt::Debug for RecordReader<S, R, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordReader")
            .field("stream", &self.stream)
            .field("inbound", &self.inbound)
            .finish()
    }
}

/// Waits for a record; see [`RecordReader::next`].
#[must_use = "nothing is received until it is awaited"]
pub struct Next<'a, S, R: Record, A: Target> {
    reader: &'a mut RecordReader<S, R, A>,
}

impl<S: AsyncRead + Unpin, R: Record + CType<A>, A: Target> Future for Next<'_, S, R, A> {
    type Output = Result<Option<R>, ReceiveError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let reader = &mut *self.get_mut().reader;
        // The record is made here and nowhere else: joined with one that a called function returns,
        // or passed through more layers of results, it is copied through memory in pieces, which
        // costs more than receiving it does.
        loop {
            if let Some(bytes) = reader.inbound.take() {
                return Poll::Ready(match <R as CType<A>>::read(bytes) {
                    Ok(record) => Ok(Some(record)),
                    Err(error) => Err(reader.inbound.undecodable(error)),
                });
            }
            match reader.poll_fill(cx) {
                Poll::Ready(Ok(true)) => {}
                Poll::Ready(Ok(false)) => return Poll::Ready(Ok(None)),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl<S: AsyncRead + Unpin, R: Record + CType<A>, A: Target> RecordReader<S, R, A> {
    #[cold]
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<bool, ReceiveError>> {
        self.inbound.poll_fill(Pin::new(&mut self.stream), cx)
    }
}

impl<S: fmt::Debug, R: Record, A: Target> fmt::Debug for Next<'_, S, R, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Next").field(&self.reader).finish()
    }
}
