//! Sending from anywhere: what a session gives to other tasks.

use std::fmt;
use std::io;
use std::sync::Arc;

use socket2::SockRef;
use tokio_util::codec::Encoder;

use super::event::{CloseReason, Closed};
use super::frames::Frames;
use super::shared::{Ending, Offer, Overflow, SessionId, Shared, Sink, State};
use super::stats::Stats;
use crate::{Address, OptionError, SocketOptions};

/// Sends to the peer of a session, and steers the session, from any task.
///
/// Cloning costs a reference count. A handle does not keep the connection open.
///
/// What is sent is written at once where the system takes it. The rest waits in the session's queue
/// and is written while somebody asks the session for events.
pub struct Handle<C> {
    pub(super) shared: Arc<Shared<C>>,
}

/// Why an item was not taken for sending at once.
#[derive(Debug, thiserror::Error)]
pub enum TrySendError<I, E> {
    /// The queue is full; here is the item.
    #[error("the queue to the peer is full")]
    Full(I),
    /// The sending side is finished, or the session is over; here is the item.
    #[error("the sending side is closed")]
    Ended(I),
    /// The item makes no frame. The session goes on.
    #[error(transparent)]
    Refused(E),
}

/// Why an item was not taken for sending.
#[derive(Debug, thiserror::Error)]
pub enum QueueError<E> {
    /// The sending side is finished, or the session is over.
    #[error("the sending side is closed")]
    Ended,
    /// The item makes no frame. The session goes on.
    #[error(transparent)]
    Refused(E),
}

impl<C> Handle<C> {
    pub(crate) fn shared(&self) -> &Arc<Shared<C>> {
        &self.shared
    }

    /// The session.
    #[must_use]
    pub fn id(&self) -> SessionId {
        self.shared.id
    }

    /// The address of this side; known after the end, too.
    #[must_use]
    pub fn local(&self) -> &Address {
        &self.shared.local
    }

    /// The address of the other side; known after the end, too.
    #[must_use]
    pub fn peer(&self) -> &Address {
        &self.shared.peer
    }

    /// The session's counters. Those of what is received lag behind by at most one read.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.shared.lock().stats()
    }

    /// Takes an item for sending, if the queue is not full.
    ///
    /// # Errors
    ///
    /// It is full, nothing more can be sent, or the item makes no frame.
    pub fn try_send<I>(&self, item: I) -> Result<(), TrySendError<I, C::Error>>
    where
        C: Encoder<I>,
    {
        taken(self.shared.offer(item, true, true))
    }

    /// Waits until the queue is not full, and takes an item for sending. Dropping the future before
    /// it is done means that the item is not taken.
    ///
    /// # Errors
    ///
    /// Nothing more can be sent, or the item makes no frame.
    pub async fn send<I>(&self, mut item: I) -> Result<(), QueueError<C::Error>>
    where
        C: Encoder<I>,
    {
        loop {
            let mut progress = std::pin::pin!(self.shared.progress.notified());
            progress.as_mut().enable();
            match self.shared.offer(item, true, true) {
                Offer::Taken(_) => return Ok(()),
                Offer::Ended(_) => return Err(QueueError::Ended),
                Offer::Refused(error) => return Err(QueueError::Refused(error)),
                Offer::Full(back) => item = back,
            }
            progress.await;
        }
    }

    /// Takes frames that are encoded already, even if the queue is full; `false` if nothing more can
    /// be sent.
    pub fn send_frames(&self, frames: &Frames) -> bool {
        self.shared.push(frames, Overflow::Exceed).0
    }

    /// An item as the session's codec encodes it, for [`send_frames`](Self::send_frames) of this
    /// and other sessions.
    ///
    /// # Errors
    ///
    /// The item makes no frame.
    pub fn encode<I>(&self, item: I) -> Result<Frames, C::Error>
    where
        C: Encoder<I>,
    {
        self.shared.encode(item)
    }

    /// Waits until all that was taken so far is handed to the system.
    ///
    /// # Errors
    ///
    /// The session ended before that, so.
    pub async fn flush(&self) -> Result<(), Closed> {
        let target = self.shared.lock().taken();
        self.when(|state| match state.is_flushed(target) {
            true => Some(Ok(())),
            false => state.over.map(Err),
        })
        .await
    }

    /// Waits until the session is over.
    pub async fn closed(&self) -> Closed {
        self.when(|state| state.over).await
    }

    async fn when<T>(&self, done: impl Fn(&State) -> Option<T>) -> T {
        loop {
            let mut progress = std::pin::pin!(self.shared.progress.notified());
            progress.as_mut().enable();
            if let Some(value) = done(&self.shared.lock()) {
                return value;
            }
            progress.await;
        }
    }

    /// Finishes the sending side once all is sent: the peer sees the end of the stream, and can
    /// still send. Nothing more is taken for sending.
    pub fn finish(&self) {
        self.end(Ending::Finish, CloseReason::ByUs);
    }

    /// Closes in order: what is queued is sent, what still arrives is thrown away, and the session
    /// is over when the peer has finished too, or after
    /// [`close_timeout`](crate::SessionOptions::close_timeout).
    pub fn close(&self) {
        self.end(Ending::Close, CloseReason::ByUs);
    }

    /// Ends the connection at once; what is queued is lost, and counted as unsent.
    pub fn abort(&self) {
        self.end(Ending::Abort, CloseReason::ByUs);
    }

    /// Ends the connection at once, and tells a TCP peer so by a reset (RST). During a handshake, as
    /// that of TLS, the connection is only closed.
    pub fn reset(&self) {
        self.end(Ending::Reset, CloseReason::ByUs);
    }

    fn end(&self, ending: Ending, reason: CloseReason) {
        self.shared.tell(|state| state.end(ending, reason));
    }

    /// Reads no more until [`resume`](Self::resume): the peer is held back once the system's buffers
    /// are full. Records that are decoded already may still come.
    pub fn pause(&self) {
        self.shared.tell(|state| state.paused = true);
    }

    /// Reads again.
    pub fn resume(&self) {
        self.shared.tell(|state| state.paused = false);
    }

    /// Changes the options of a bare TCP socket; of other streams, there is nothing to set.
    ///
    /// # Errors
    ///
    /// The platform cannot do what is asked for, or the system refuses.
    pub fn set(&self, options: &SocketOptions) -> Result<(), SetError> {
        options.check()?;
        if let Sink::Tcp(stream) = &self.shared.lock().sink {
            options.apply(&SockRef::from(stream.as_ref()), self.shared.local.is_ipv6())?;
        }
        Ok(())
    }
}

/// Why socket options were not set.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// The platform cannot do it.
    #[error(transparent)]
    Option(#[from] OptionError),
    /// The system refuses.
    #[error("the system refuses a socket option")]
    System(#[from] io::Error),
}

pub(super) fn taken<I, E>(offer: Offer<I, E>) -> Result<(), TrySendError<I, E>> {
    match offer {
        Offer::Taken(_) => Ok(()),
        Offer::Full(item) => Err(TrySendError::Full(item)),
        Offer::Ended(item) => Err(TrySendError::Ended(item)),
        Offer::Refused(error) => Err(TrySendError::Refused(error)),
    }
}

impl<C> Clone for Handle<C> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<C> fmt::Debug for Handle<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shared { id, local, peer, .. } = &*self.shared;
        write!(f, "Handle({}: {local} to {peer})", id.get())
    }
}
