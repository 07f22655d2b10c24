//! A stream that knows when bytes last came.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::Instant;

/// A stream, and when bytes were last read from it.
#[derive(Debug)]
pub struct Watched<S> {
    stream: S,
    last_read: Instant,
}

impl<S> Watched<S> {
    /// Counts from now.
    pub fn new(stream: S) -> Self {
        Self { stream, last_read: Instant::now() }
    }

    /// When bytes were last read; at first, when this was made.
    pub fn last_read(&self) -> Instant {
        self.last_read
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let result = ready!(Pin::new(&mut self.stream).poll_read(cx, buf));
        self.last_read = Instant::now();
        Poll::Ready(result)
    }
}
