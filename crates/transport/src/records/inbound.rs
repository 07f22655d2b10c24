//! Received bytes on their way to becoming records.

use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use cwire_codec::abi::Target;
use cwire_codec::frame::RecordError;
use cwire_codec::{CType, DecodeError};
use tokio::io::{AsyncRead, ReadBuf};

use crate::buffer::{self, BUFFER_LEN};
use crate::{Batch, ReceiveError};

/// Longest front of a record that is copied out of a buffer so that the buffer can be given back.
const MAX_FRONT: usize = 4 << 10;

/// The received bytes of one stream that are not handed out yet.
pub(crate) struct Inbound<R, A> {
    /// Empty while the stream waits for its peer.
    bytes: Box<[u8]>,
    /// Where in `bytes` the next record starts.
    start: usize,
    /// Where in `bytes` the received bytes end.
    end: usize,
    /// The front of a record, while `bytes` is given back.
    front: Vec<u8>,
    /// Bytes received from the stream so far.
    received: u64,
    /// Nothing more is read: the end was seen, or an error.
    ended: bool,
    record: PhantomData<fn() -> (R, A)>,
}

impl<R: CType<A>, A: Target> Inbound<R, A> {
    const SIZE: usize = {
        assert!(R::SIZE > 0, "a stream holds any number of records without a byte");
        R::SIZE
    };

    const BUFFER_LEN: usize = if Self::SIZE > BUFFER_LEN { Self::SIZE } else { BUFFER_LEN };

    pub(crate) fn new() -> Self {
        let _ = Self::SIZE;
        Self {
            bytes: Box::default(),
            start: 0,
            end: 0,
            front: Vec::new(),
            received: 0,
            ended: false,
            record: PhantomData,
        }
    }

    /// The bytes of the next record, if all of it is here.
    #[inline]
    pub(crate) fn take(&mut self) -> Option<&[u8]> {
        let start = self.start;
        let bytes = self.bytes.get(start..self.end)?.get(..Self::SIZE)?;
        self.start = start + Self::SIZE;
        Some(bytes)
    }

    /// The record taken last does not decode.
    #[cold]
    pub(crate) fn undecodable(&self, error: DecodeError) -> ReceiveError {
        RecordError::new(self.offset() - Self::SIZE as u64, error).into()
    }

    /// All records that are here; `None` if there are none.
    pub(crate) fn take_batch(&mut self) -> Option<Batch<'_, R, A>> {
        let offset = self.offset();
        let buffered = self.end - self.start;
        let whole = buffered - buffered % Self::SIZE;
        if whole == 0 {
            return None;
        }
        let start = self.start;
        self.start += whole;
        let bytes = self.bytes.get(start..self.start)?;
        Some(Batch::new(bytes, offset))
    }

    /// Whether [`take`](Self::take) has a record.
    pub(crate) fn has_record(&self) -> bool {
        self.end - self.start >= Self::SIZE
    }

    /// Bytes from the start of the stream to the next record.
    pub(crate) fn offset(&self) -> u64 {
        self.received - self.buffered() as u64
    }

    /// Waits until a record is here; `false` if the stream ended before the next record.
    ///
    /// A stream that ended inside a record, or failed, says so once and is then at its end.
    pub(crate) fn poll_fill<S: AsyncRead + ?Sized>(
        &mut self,
        mut stream: Pin<&mut S>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<bool, ReceiveError>> {
        while !self.has_record() {
            if self.ended {
                return Poll::Ready(Ok(false));
            }
            match ready!(self.poll_read(stream.as_mut(), cx)) {
                Ok(0) => return Poll::Ready(self.end_of_stream()),
                Ok(_) => {}
                Err(error) => {
                    self.ended = true;
                    return Poll::Ready(Err(ReceiveError::Io(error)));
                }
            }
        }
        Poll::Ready(Ok(true))
    }

    fn poll_read<S: AsyncRead + ?Sized>(
        &mut self,
        stream: Pin<&mut S>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        self.make_room();
        let mut room = ReadBuf::new(self.bytes.get_mut(self.end..).unwrap_or_default());
        match stream.poll_read(cx, &mut room) {
            Poll::Ready(Ok(())) => {
                let read = room.filled().len();
                self.end += read;
                self.received += read as u64;
                Poll::Ready(Ok(read))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                self.give_back();
                Poll::Pending
            }
        }
    }

    /// Less than a record is here: moves it to the front of the buffer.
    fn make_room(&mut self) {
        if self.bytes.is_empty() {
            self.bytes = buffer::take(Self::BUFFER_LEN);
            let front = self.bytes.iter_mut().zip(&self.front);
            front.for_each(|(byte, front)| *byte = *front);
            self.end = self.front.len();
            self.front.clear();
        } else {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
        }
        self.start = 0;
    }

    /// Gives the buffer back, if what is in it is cheap to keep elsewhere.
    fn give_back(&mut self) {
        let left = self.bytes.get(self.start..self.end).unwrap_or_default();
        if left.len() > MAX_FRONT {
            return;
        }
        self.front.extend_from_slice(left);
        (self.start, self.end) = (0, 0);
        buffer::give_back(std::mem::take(&mut self.bytes));
    }

    fn end_of_stream(&mut self) -> Result<bool, ReceiveError> {
        self.ended = true;
        let (offset, left) = (self.offset(), self.end - self.start);
        self.start = self.end;
        if left == 0 {
            return Ok(false);
        }
        Err(ReceiveError::Ended { offset, left, needed: Self::SIZE })
    }
}

impl<R, A> Inbound<R, A> {
    /// Bytes received that are not handed out yet.
    #[inline]
    pub(crate) fn buffered(&self) -> usize {
        self.end - self.start + self.front.len()
    }
}

impl<R, A> Drop for Inbound<R, A> {
    fn drop(&mut self) {
        buffer::give_back(std::mem::take(&mut self.bytes));
    }
}

impl<R, A> fmt::Debug for Inbound<R, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbound")
            .field("received", &self.received)
            .field("buffered", &self.buffered())
            .field("ended", &self.ended)
            .finish()
    }
}
