//! Records on their way to becoming sent bytes.

use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use cwire_codec::abi::Target;
use cwire_codec::frame::EnframeError;
use cwire_codec::{CType, EncodeError};
use tokio::io::AsyncWrite;

use crate::SendError;
use crate::buffer::{self, BUFFER_LEN};

/// The encoded records of one stream that are not written yet.
pub(crate) struct Outbound<R, A> {
    /// Empty while nothing waits to be written.
    bytes: Box<[u8]>,
    /// Where in `bytes` the next write starts.
    start: usize,
    /// Where in `bytes` the next record goes.
    end: usize,
    record: PhantomData<fn() -> (R, A)>,
}

impl<R: CType<A>, A: Target> Outbound<R, A> {
    const SIZE: usize = {
        assert!(R::SIZE > 0, "a stream holds any number of records without a byte");
        R::SIZE
    };

    const BUFFER_LEN: usize = if Self::SIZE > BUFFER_LEN { Self::SIZE } else { BUFFER_LEN };

    pub(crate) fn new() -> Self {
        let _ = Self::SIZE;
        Self { bytes: Box::default(), start: 0, end: 0, record: PhantomData }
    }

    /// Encodes a record in place; `false` if there is no room for it.
    #[inline]
    pub(crate) fn put(&mut self, record: &R) -> Result<bool, SendError> {
        let mut room = self.bytes.get_mut(self.end..).and_then(|room| room.get_mut(..Self::SIZE));
        if room.is_none() {
            room = self.grow();
        }
        let Some(room) = room else { return Ok(false) };
        record.write(room).map_err(not_encoded)?;
        self.end += Self::SIZE;
        Ok(true)
    }

    /// Encodes as many of `records` as there is room for, and returns the others.
    #[inline]
    pub(crate) fn put_all<'a>(&mut self, records: &'a [R]) -> Result<&'a [R], SendError> {
        let _ = self.grow();
        let room = self.bytes.get_mut(self.end..).unwrap_or_default();
        let (now, later) =
            records.split_at_checked(room.len() / Self::SIZE).unwrap_or((records, &[]));
        for (record, bytes) in now.iter().zip(room.chunks_exact_mut(Self::SIZE)) {
            record.write(bytes).map_err(not_encoded)?;
            self.end += Self::SIZE;
        }
        Ok(later)
    }

    /// Takes a buffer if there is none; the room for one record in it.
    #[cold]
    fn grow(&mut self) -> Option<&mut [u8]> {
        if !self.bytes.is_empty() {
            return None;
        }
        self.bytes = buffer::take(Self::BUFFER_LEN);
        self.bytes.get_mut(..Self::SIZE)
    }
}

impl<R, A> Outbound<R, A> {
    /// Bytes that wait to be written.
    pub(crate) fn buffered(&self) -> usize {
        self.end - self.start
    }

    /// Writes all that is encoded.
    pub(crate) fn poll_write<S: AsyncWrite + ?Sized>(
        &mut self,
        mut stream: Pin<&mut S>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while let Some(bytes @ [_, ..]) = self.bytes.get(self.start..self.end) {
            match ready!(stream.as_mut().poll_write(cx, bytes))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.start += written,
            }
        }
        (self.start, self.end) = (0, 0);
        Poll::Ready(Ok(()))
    }

    /// Writes all that is encoded, gives the buffer back and flushes the stream.
    pub(crate) fn poll_flush<S: AsyncWrite + ?Sized>(
        &mut self,
        mut stream: Pin<&mut S>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_write(stream.as_mut(), cx))?;
        buffer::give_back(std::mem::take(&mut self.bytes));
        stream.poll_flush(cx)
    }

    /// Writes all that is encoded and closes the sending side.
    pub(crate) fn poll_finish<S: AsyncWrite + ?Sized>(
        &mut self,
        mut stream: Pin<&mut S>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_flush(stream.as_mut(), cx))?;
        stream.poll_shutdown(cx)
    }
}

#[cold]
fn not_encoded(error: EncodeError) -> SendError {
    SendError::Frame(EnframeError::Record(error))
}

impl<R, A> Drop for Outbound<R, A> {
    fn drop(&mut self) {
        buffer::give_back(std::mem::take(&mut self.bytes));
    }
}

impl<R, A> fmt::Debug for Outbound<R, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound").field("buffered", &self.buffered()).finish()
    }
}
