//! What a session shares with its handles: the queue, the sending side, and what is asked of it.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::BytesMut;
use socket2::SockRef;
use tokio::io::AsyncWrite;
use tokio::net::tcp;
#[cfg(unix)]
use tokio::net::unix;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::codec::Encoder;

use super::event::{CloseReason, Closed};
use super::frames::Frames;
use super::options::QueueLimits;
use super::queue::Queue;
use super::stats::{Amount, Stats};
use crate::stream::Io;
use crate::{Address, buffer};

/// Most slices of one `writev`. More of them cost more than they save: a slice is a shared frame
/// that was too long to be copied.
const SLICES: usize = 16;

/// Shared frames of at most so many bytes are written by who sends them, longer ones by the session:
/// where there are many sessions on many cores, their tasks share the copying.
const WRITTEN_AT_ONCE: usize = 4 << 10;

/// Tells sessions of one process apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(u64);

impl SessionId {
    fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// A number that no other session of this process has, counted up from 1.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }
}

/// One session, as its handles see it. Hubs and servers hold it without its codec.
pub(crate) struct Shared<C: ?Sized> {
    pub(crate) id: SessionId,
    pub(crate) local: Address,
    pub(crate) peer: Address,
    /// Wakes whoever waits for room, for a flush or for the end.
    pub(crate) progress: Notify,
    state: Mutex<State>,
    /// Locked before `state`, so that frames are queued in the order of their encoding.
    encoder: Mutex<C>,
}

/// Who is told of a session's fate.
pub(crate) trait Watcher: Send + Sync {
    /// The queue was full, and is drained.
    fn drained(&self, _id: SessionId) {}

    /// The session is over; these are its last counters.
    fn over(&self, id: SessionId, stats: &Stats, closed: Closed);
}

pub(crate) struct State {
    pub(crate) queue: Queue,
    pub(crate) sink: Sink,
    pub(crate) stats: Stats,
    pub(crate) limits: QueueLimits,
    /// The records that were sent before those that the stream may still hold, if it may hold any.
    pub(crate) held_after: Option<u64>,
    /// The high mark was reached, and the low marks not since.
    pub(crate) full: bool,
    pub(crate) paused: bool,
    pub(crate) ending: Ending,
    /// Why the session was asked to end.
    pub(crate) asked: Option<CloseReason>,
    /// What went wrong when a handle wrote.
    pub(crate) failed: Option<io::Error>,
    /// When bytes were last written, if that is of interest.
    pub(crate) written_at: Option<Instant>,
    pub(crate) over: Option<Closed>,
    driver: Option<Waker>,
    /// The driver was woken and has not come yet.
    woken: bool,
    watchers: Vec<Arc<dyn Watcher>>,
}

/// How far a session was asked to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ending {
    /// Not at all.
    Open,
    /// The sending side, once all is sent.
    Finish,
    /// Both sides, once all is sent.
    Close,
    /// At once.
    Abort,
    /// At once, with a reset.
    Reset,
}

/// Where bytes go.
pub(crate) enum Sink {
    Tcp(tcp::OwnedWriteHalf),
    #[cfg(unix)]
    Unix(unix::OwnedWriteHalf),
    /// The session alone can write.
    Driver,
    /// Nowhere any more.
    Closed,
}

impl Sink {
    /// Whether whoever has the lock can write.
    fn is_direct(&self) -> bool {
        match self {
            Self::Tcp(_) => true,
            #[cfg(unix)]
            Self::Unix(_) => true,
            Self::Driver | Self::Closed => false,
        }
    }

    /// Writes what the system takes now; the number of bytes.
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        let written = match self {
            Self::Tcp(stream) => stream.try_write(bytes),
            #[cfg(unix)]
            Self::Unix(stream) => stream.try_write(bytes),
            Self::Driver | Self::Closed => return Ok(0),
        };
        match written {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            written => written,
        }
    }

    /// The streams of [`Sink::Driver`] are written through `other`.
    fn poll_write(
        &mut self,
        other: Option<&mut Box<dyn Io>>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match (self, other) {
            (Self::Tcp(stream), _) => poll_write(stream, cx, slices),
            #[cfg(unix)]
            (Self::Unix(stream), _) => poll_write(stream, cx, slices),
            (Self::Driver, Some(other)) => poll_write(&mut **other, cx, slices),
            (Self::Driver | Self::Closed, _) => {
                Poll::Ready(Err(io::ErrorKind::NotConnected.into()))
            }
        }
    }

    pub(crate) fn poll_shutdown(
        &mut self,
        other: Option<&mut Box<dyn Io>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        match (self, other) {
            (Self::Tcp(stream), _) => Pin::new(stream).poll_shutdown(cx),
            #[cfg(unix)]
            (Self::Unix(stream), _) => Pin::new(stream).poll_shutdown(cx),
            (Self::Driver, Some(other)) => Pin::new(&mut **other).poll_shutdown(cx),
            (Self::Driver | Self::Closed, _) => Poll::Ready(Ok(())),
        }
    }

    /// Gives the stream up. Its last bytes and the end are still on their way, unless it is reset.
    fn close(&mut self, reset: bool) {
        let sink = std::mem::replace(self, Self::Closed);
        if let (Self::Tcp(stream), true) = (sink, reset) {
            // Without lingering, the system discards what is unsent and sends a reset. Should it
            // refuse, the connection is gone already.
            let _ = SockRef::from(stream.as_ref()).set_linger(Some(std::time::Duration::ZERO));
            // Dropped, it would send the end first.
            stream.forget();
        }
    }
}

fn poll_write(
    stream: &mut (impl AsyncWrite + Unpin + ?Sized),
    cx: &mut Context<'_>,
    slices: &[IoSlice<'_>],
) -> Poll<io::Result<usize>> {
    match slices {
        [one] => Pin::new(stream).poll_write(cx, one),
        several if stream.is_write_vectored() => Pin::new(stream).poll_write_vectored(cx, several),
        [first, ..] => Pin::new(stream).poll_write(cx, first),
        [] => Poll::Ready(Ok(0)),
    }
}

impl State {
    /// Whether records are no longer taken.
    pub(crate) fn is_ended(&self) -> bool {
        self.ending > Ending::Open || self.over.is_some() || self.failed.is_some()
    }

    /// What a flush waits for: the number of records that are sent when all that were taken so far
    /// are, or dropped for others.
    pub(crate) fn taken(&self) -> u64 {
        let Stats { sent, queued, unsent, .. } = self.stats();
        sent.records + queued.records + unsent.records
    }

    /// Whether the system has so many records, or all.
    pub(crate) fn is_flushed(&self, taken: u64) -> bool {
        let Stats { sent, queued, unsent, .. } = self.stats();
        match self.held_after {
            Some(handed_over) => handed_over >= taken,
            None => sent.records >= taken || queued.records + unsent.records == 0,
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        let queued =
            Amount { records: self.queue.frames() as u64, bytes: self.queue.bytes() as u64 };
        Stats { queued, ..self.stats }
    }

    /// Asks for an end, if no stronger one was asked for; the first reason counts.
    pub(crate) fn end(&mut self, ending: Ending, reason: CloseReason) {
        self.ending = self.ending.max(ending);
        self.asked.get_or_insert(reason);
    }

    /// Ends after an error; `false` if it was over before that.
    pub(crate) fn fail(&mut self, ending: Ending, reason: CloseReason) -> bool {
        if self.over.is_some() {
            return false;
        }
        self.stats.errors = 1;
        self.end(ending, reason);
        true
    }

    fn accepted(&mut self, records: usize, bytes: usize) {
        self.stats.accepted += Amount { records: records as u64, bytes: bytes as u64 };
        self.full |= self.limits.is_full(self.queue.bytes(), self.queue.frames());
    }

    /// Counts what was written; `records` in whole.
    fn sent(&mut self, records: usize, bytes: usize) {
        self.stats.sent += Amount { records: records as u64, bytes: bytes as u64 };
        if let (Some(at), 1..) = (&mut self.written_at, bytes) {
            *at = Instant::now();
        }
    }

    /// Writes frames past the empty queue; what the system does not take is queued.
    fn write_at_once(&mut self, frames: &Frames) {
        match self.sink.try_write(frames.bytes()) {
            Ok(written) => {
                let records = self.queue.push_written(frames, written);
                self.sent(records, written);
            }
            Err(error) => {
                self.queue.push(frames);
                self.failed = Some(error);
            }
        }
    }

    /// Writes of what is queued as much as the system takes now, if whoever has the lock can write.
    fn try_write(&mut self) {
        while self.sink.is_direct() && self.failed.is_none() && !self.queue.is_empty() {
            let mut first = [IoSlice::new(&[])];
            self.queue.slices(&mut first);
            match self.sink.try_write(&first[0]) {
                Ok(0) => return,
                Ok(written) => {
                    let records = self.queue.written(written);
                    self.sent(records, written);
                }
                Err(error) => self.failed = Some(error),
            }
        }
    }

    /// Writes what is queued, until the queue is empty.
    pub(crate) fn poll_write(
        &mut self,
        mut other: Option<&mut Box<dyn Io>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while !self.queue.is_empty() {
            let mut slices = [IoSlice::new(&[]); SLICES];
            let filled = self.queue.slices(&mut slices);
            let slices = slices.get(..filled).unwrap_or_default();
            match self.sink.poll_write(other.as_deref_mut(), cx, slices) {
                Poll::Ready(Ok(0)) => {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                Poll::Ready(Ok(written)) => {
                    let records = self.queue.written(written);
                    self.sent(records, written);
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Whether the queue was full and is drained now. Then watchers have to be told.
    pub(crate) fn take_drained(&mut self) -> bool {
        let drained = self.full && self.limits.is_drained(self.queue.bytes(), self.queue.frames());
        self.full &= !drained;
        drained
    }

    /// The session asks for its turn, and is woken when a handle has something for it.
    pub(crate) fn register(&mut self, waker: &Waker) {
        self.woken = false;
        match &mut self.driver {
            Some(driver) => driver.clone_from(waker),
            None => self.driver = Some(waker.clone()),
        }
    }

    /// Whom to wake, once the lock is released.
    fn driver(&mut self) -> Option<Waker> {
        if self.woken {
            return None;
        }
        self.woken = true;
        self.driver.clone()
    }
}

/// What became of an item that was offered.
pub(crate) enum Offer<I, E> {
    /// So many bytes.
    Taken(usize),
    Full(I),
    Ended(I),
    Refused(E),
}

impl<C> Shared<C> {
    pub(crate) fn new(
        (local, peer): (Address, Address),
        sink: Sink,
        encoder: C,
        limits: QueueLimits,
        paused: bool,
        written_at: Option<Instant>,
    ) -> Self {
        Self {
            id: SessionId::next(),
            local,
            peer,
            progress: Notify::new(),
            state: Mutex::new(State {
                queue: Queue::default(),
                sink,
                stats: Stats::default(),
                held_after: None,
                limits,
                full: false,
                paused,
                ending: Ending::Open,
                asked: None,
                failed: None,
                written_at,
                over: None,
                driver: None,
                woken: false,
                watchers: Vec::new(),
            }),
            encoder: Mutex::new(encoder),
        }
    }

    /// Takes an item for sending; `at_once` writes it, and what waits before it, where the system
    /// takes it and whoever has the lock can write. `wake` says whether the session has to be told
    /// of what is left.
    pub(crate) fn offer<I>(&self, item: I, at_once: bool, wake: bool) -> Offer<I, C::Error>
    where
        C: Encoder<I>,
    {
        let mut encoder = lock(&self.encoder);
        let mut state = self.lock();
        if state.is_ended() {
            return Offer::Ended(item);
        }
        if state.full {
            return Offer::Full(item);
        }
        let encode = |bytes: &mut BytesMut| encoder.encode(item, bytes);
        let taken = if at_once && state.queue.is_empty() && state.sink.is_direct() {
            buffer::with_scratch(|scratch| {
                encode(scratch)?;
                let len = scratch.len();
                match state.sink.try_write(scratch) {
                    // Whole, as nearly always: nothing was queued, nothing is allocated.
                    Ok(written) if written == len => state.sent(usize::from(len > 0), len),
                    Ok(written) => {
                        let frame = Frames::one(scratch.to_vec());
                        let records = state.queue.push_written(&frame, written);
                        state.sent(records, written);
                    }
                    Err(error) => {
                        state.queue.push(&Frames::one(scratch.to_vec()));
                        state.failed = Some(error);
                    }
                }
                Ok(len)
            })
        } else {
            state.queue.encode(encode)
        };
        let len = match taken {
            Ok(len) => len,
            Err(error) => return Offer::Refused(error),
        };
        let before = state.stats.sent;
        if at_once {
            state.try_write();
        }
        let moved = state.stats.sent != before;
        state.accepted(usize::from(len > 0), len);
        let idle = state.queue.is_empty() && state.failed.is_none();
        let driver = if wake && !idle { state.driver() } else { None };
        drop((state, encoder));
        if let Some(driver) = driver {
            driver.wake();
        }
        if moved {
            // Somebody may wait for a flush of what was before.
            self.progress.notify_waiters();
        }
        Offer::Taken(len)
    }

    pub(crate) fn encode<I>(&self, item: I) -> Result<Frames, C::Error>
    where
        C: Encoder<I>,
    {
        Frames::encode(&mut *lock(&self.encoder), [item])
    }
}

/// What to do with frames for which a full queue has no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overflow {
    /// They are queued all the same.
    Exceed,
    DropOldest,
    DropNewest,
    Disconnect,
}

impl<C: ?Sized> Shared<C> {
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Changes the state, and lets the session have a look at it.
    pub(crate) fn tell(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        let driver = state.driver();
        drop(state);
        if let Some(driver) = driver {
            driver.wake();
        }
    }

    /// Takes whole frames for sending; `false` if the session has ended. Returns whether the queue
    /// is full now, too.
    pub(crate) fn push(&self, frames: &Frames, overflow: Overflow) -> (bool, bool) {
        let mut state = self.lock();
        if state.is_ended() {
            return (false, false);
        }
        let (records, bytes) = (frames.count(), frames.bytes().len());
        if state.full && overflow == Overflow::Disconnect {
            state.end(Ending::Abort, CloseReason::Limit);
        }
        if state.full && overflow == Overflow::DropNewest {
            let dropped = Amount { records: records as u64, bytes: bytes as u64 };
            state.stats.accepted += dropped;
            state.stats.dropped += dropped;
            return (true, true);
        }
        if state.queue.is_empty() && state.sink.is_direct() && bytes <= WRITTEN_AT_ONCE {
            state.write_at_once(frames);
        } else {
            state.queue.push(frames);
        }
        state.accepted(records, bytes);
        if overflow == Overflow::DropOldest {
            state.drop_oldest();
        }
        let full = state.full;
        let idle = state.queue.is_empty() && state.failed.is_none();
        let driver = if idle { None } else { state.driver() };
        drop(state);
        if let Some(driver) = driver {
            driver.wake();
        }
        (true, full)
    }

    /// Who wants to know of the end; at once, if it has come already.
    pub(crate) fn watch(&self, watcher: Arc<dyn Watcher>) {
        let mut state = self.lock();
        let Some(closed) = state.over else {
            // Most sessions have one, and a vector that grows by itself begins with four.
            state.watchers.reserve_exact(1);
            state.watchers.push(watcher);
            return;
        };
        let stats = state.stats();
        drop(state);
        watcher.over(self.id, &stats, closed);
    }

    pub(crate) fn unwatch(&self, watcher: &Arc<dyn Watcher>) {
        self.lock().watchers.retain(|other| !Arc::ptr_eq(other, watcher));
    }

    /// How the session ended; once it has.
    pub(crate) fn closed(&self) -> Closed {
        let nothing = Amount::default();
        let aborted = Closed { reason: CloseReason::ByUs, after_error: false, unsent: nothing };
        self.lock().over.unwrap_or(aborted)
    }

    /// The queue has drained: tells everyone who waits for that. The lock must not be held.
    pub(crate) fn tell_drained(&self) {
        let watchers = self.lock().watchers.clone();
        for watcher in watchers {
            watcher.drained(self.id);
        }
        self.progress.notify_waiters();
    }

    /// Ends the session from outside, be anybody driving it or not.
    pub(crate) fn cut_off(&self, reason: CloseReason) {
        let driver = self.lock().driver.clone();
        self.over(reason);
        if let Some(driver) = driver {
            driver.wake();
        }
    }

    /// The session is over: gives up what is queued, and tells everyone. `reason` counts if there
    /// was none before.
    pub(crate) fn over(&self, reason: CloseReason) -> Closed {
        let mut state = self.lock();
        if let Some(closed) = state.over {
            return closed;
        }
        let reset = state.ending == Ending::Reset;
        state.sink.close(reset);
        let closed = Closed {
            reason: state.asked.unwrap_or(reason),
            after_error: state.stats.errors > 0,
            unsent: state.queue.clear(),
        };
        state.stats.unsent = closed.unsent;
        state.over = Some(closed);
        state.driver = None;
        state.full = false;
        let stats = state.stats();
        let watchers = std::mem::take(&mut state.watchers);
        drop(state);
        for watcher in watchers {
            watcher.over(self.id, &stats, closed);
        }
        self.progress.notify_waiters();
        closed
    }
}

impl State {
    /// Gives up the oldest frames until the queue is no longer full, but for one that is begun.
    fn drop_oldest(&mut self) {
        while self.limits.is_over(self.queue.bytes(), self.queue.frames()) {
            let Some(bytes) = self.queue.drop_oldest() else { break };
            self.stats.dropped += Amount { records: 1, bytes: bytes as u64 };
        }
    }
}

/// A panic while the lock was held, such as an encoder's, leaves nothing half done behind.
fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use cwire_codec::frame::Lines;
    use tokio::io::{AsyncWriteExt, duplex};

    use super::*;
    use crate::{Event, FrameCodec, Session, Stream};

    #[tokio::test]
    async fn a_session_that_is_cut_off_says_what_came_before() {
        let (here, mut there) = duplex(64);
        let codec = FrameCodec::new(Lines::new().max_frame_len(3));
        let mut session = Session::new(Stream::other(here, "pipe"), codec);
        there.write_all(b"too long").await.expect("room");
        while !matches!(session.next().await.expect("it is open"), Event::Error(_)) {}
        session.handle().shared().cut_off(CloseReason::Shutdown);
        let Some(Event::Closed(closed)) = session.next().await else { panic!("it is over") };
        assert_eq!((closed.reason, closed.after_error), (CloseReason::Protocol, true));
        assert_eq!(session.stats().errors, 1);
    }
}
