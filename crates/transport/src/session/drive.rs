//! What moves a session: the state machine behind its events.
//!
//! ```text
//!              paused       resumed
//!                 \         /
//!   handshake -> open: read, write -> peer finished -> both finished -> over
//!                   |                                        ^
//!                   +--> closing: write, discard what comes -+    (or its time is over)
//!                   +--> error, abort, reset ----------------------> over, at once
//! ```
//!
//! One task drives a session: the one that asks for its events. Handles of other tasks leave what
//! they want in [`State`] and wake it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use tokio::io::AsyncRead;
use tokio::net::tcp;
#[cfg(unix)]
use tokio::net::unix;
use tokio::time::Instant;
use tokio_util::codec::Decoder;
use tokio_util::io::poll_read_buf;

use super::Session;
use super::clock::Due;
use super::event::{CloseReason, Closed, Event, Idle};
use super::options::OnIdle;
use super::shared::{Ending, State};
use crate::buffer;
use crate::stream::Io;

/// Bytes that a session's own task queues, at most, while records are at hand; then they are
/// written.
pub(super) const GATHERED: usize = 64 << 10;

/// Front of a record that is copied out of a buffer so that the buffer can be given back.
const MAX_FRONT: usize = 4 << 10;

/// Bytes that a session receives, at most, before other tasks have their turn: those that it has
/// queued records for, above all, while these are in the processor's cache.
const TURN: usize = 64 << 10;

/// Room that there has to be for a read.
const MIN_ROOM: usize = 4 << 10;

/// Where bytes come from.
pub(super) enum Source {
    Tcp(tcp::OwnedReadHalf),
    #[cfg(unix)]
    Unix(unix::OwnedReadHalf),
    /// Written to as well, unlike the others.
    Other(Box<dyn Io>),
    Closed,
}

impl Source {
    /// What the sending side is written through, if it has no stream of its own.
    fn other(&mut self) -> Option<&mut Box<dyn Io>> {
        match self {
            Self::Other(stream) => Some(stream),
            _ => None,
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, buf: &mut BytesMut) -> Poll<io::Result<usize>> {
        fn read(
            stream: &mut (impl AsyncRead + Unpin + ?Sized),
            cx: &mut Context<'_>,
            buf: &mut BytesMut,
        ) -> Poll<io::Result<usize>> {
            poll_read_buf(Pin::new(stream), cx, buf)
        }
        match self {
            Self::Tcp(stream) => read(stream, cx, buf),
            #[cfg(unix)]
            Self::Unix(stream) => read(stream, cx, buf),
            Self::Other(stream) => read(&mut **stream, cx, buf),
            Self::Closed => Poll::Ready(Ok(0)),
        }
    }
}

/// A handshake that becomes the stream to speak over.
pub(crate) type Handshake = Pin<Box<dyn Future<Output = io::Result<Box<dyn Io>>> + Send>>;

pub(super) enum Stage {
    Handshake(Handshake),
    Open,
    /// Not announced yet.
    Over(Closed),
    Gone,
}

/// What happens to bytes that arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// They become records.
    Records,
    /// They are thrown away.
    Discard,
    /// None come any more.
    Ended,
}

impl<C: Decoder> Session<C> {
    /// The next record, if all of it is here and it is its turn.
    #[inline]
    pub(super) fn take_record(&mut self) -> Option<C::Item> {
        if !self.undecoded || self.paused {
            return None;
        }
        let decoded = if self.reading == Reading::Ended {
            self.decoder.decode_eof(&mut self.inbound)
        } else {
            self.decoder.decode(&mut self.inbound)
        };
        match decoded {
            Ok(Some(item)) => {
                self.received.records += 1;
                if let Some(clock) = &mut self.clock {
                    clock.next_record();
                }
                Some(item)
            }
            Ok(None) => {
                self.undecoded = false;
                None
            }
            Err(error) => {
                self.undecodable(error);
                None
            }
        }
    }

    #[cold]
    fn undecodable(&mut self, error: C::Error) {
        // At the end of the stream, it is the peer's end that came too early.
        let reason = match self.reading {
            Reading::Ended => CloseReason::ByPeer,
            _ => CloseReason::Protocol,
        };
        if self.reading == Reading::Records {
            self.reading = Reading::Discard;
        }
        self.undecoded = false;
        if self.shared.lock().fail(Ending::Close, reason) {
            self.errors.push_back(error);
        }
    }

    /// Moves the session until it has an event.
    pub(super) fn poll_event(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Event<C::Item, C::Error>>> {
        loop {
            if let Some(event) = self.announce() {
                return Poll::Ready(event);
            }
            // What this task itself has queued goes first, once it is much.
            if self.gathered < GATHERED
                && let Some(record) = self.take_record()
            {
                return Poll::Ready(Some(Event::Record(record)));
            }
            if !self.errors.is_empty() {
                continue;
            }
            if self.reading == Reading::Ended && !self.undecoded && !self.finished {
                self.finished = true;
                self.shared.lock().asked.get_or_insert(CloseReason::ByPeer);
                return Poll::Ready(Some(Event::Finished));
            }
            if self.finished && !self.options.half_open {
                self.shared.lock().end(Ending::Finish, CloseReason::ByPeer);
            }
            if self.poll_write(cx) || (self.undecoded && !self.paused) {
                continue;
            }
            if let Stage::Handshake(_) = self.stage {
                ready!(self.poll_handshake(cx));
                continue;
            }
            match self.poll_read(cx) {
                Poll::Ready(()) => continue,
                Poll::Pending => self.give_back(),
            }
            let due = ready!(self.poll_clock(cx));
            if let Some(idle) = self.due(due) {
                return Poll::Ready(Some(Event::Idle(idle)));
            }
        }
    }

    /// What has to be said before anything else happens; `Some(None)` after the last event.
    fn announce(&mut self) -> Option<Option<Event<C::Item, C::Error>>> {
        if std::mem::take(&mut self.say.connected) {
            self.span().in_scope(|| tracing::debug!("connected"));
            return Some(Some(Event::Connected));
        }
        if self.say.ready && matches!(self.stage, Stage::Open) {
            self.say.ready = false;
            return Some(Some(Event::Ready));
        }
        if let Some(idle) = self.say.idle.iter_mut().find_map(Option::take) {
            return Some(Some(Event::Idle(idle)));
        }
        if let Some(error) = self.errors.pop_front() {
            return Some(Some(Event::Error(error)));
        }
        match self.stage {
            Stage::Over(closed) => {
                self.stage = Stage::Gone;
                Some(Some(Event::Closed(closed)))
            }
            Stage::Gone => Some(None),
            Stage::Handshake(_) | Stage::Open => {
                std::mem::take(&mut self.say.drained).then_some(Some(Event::Drained))
            }
        }
    }

    /// Writes what is queued, and does what handles asked for. `true`: there is something to say.
    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>) -> bool {
        let shared = std::sync::Arc::clone(&self.shared);
        let mut state = shared.lock();
        state.register(cx.waker());
        state.stats.received = self.received;
        self.gathered = 0;
        if state.over.is_some() {
            drop(state);
            self.end();
            return true;
        }
        if let Some(error) = state.failed.take() {
            drop(state);
            self.broken(error);
            return true;
        }
        if state.ending >= Ending::Abort {
            drop(state);
            self.end();
            return true;
        }
        self.paused = state.paused;
        if matches!(self.stage, Stage::Handshake(_)) {
            let closes = state.ending >= Ending::Close;
            drop(state);
            if closes {
                self.end();
                return true;
            }
            return false;
        }
        if state.ending == Ending::Close && (self.reading == Reading::Records || self.undecoded) {
            if self.reading == Reading::Ended {
                // Nobody wants what is left, so nobody waits for the end behind it.
                self.finished = true;
            } else {
                self.reading = Reading::Discard;
            }
            self.undecoded = false;
            self.inbound.clear();
        }
        let sent = self.poll_send(&mut state, cx);
        let drained = state.take_drained();
        let ending = state.ending;
        if let (Some(clock), at @ Some(_)) = (&mut self.clock, state.written_at) {
            clock.written(at);
        }
        drop(state);
        if let Poll::Ready(Err(error)) = sent {
            self.broken(error);
            return true;
        }
        let both_ended = self.sent_end && self.reading == Reading::Ended && self.finished;
        if sent.is_ready() && both_ended {
            self.end();
            return true;
        }
        shared.progress.notify_waiters();
        if ending == Ending::Close || (ending == Ending::Finish && self.finished) {
            self.begin_closing();
        }
        if drained {
            self.say.drained = true;
            shared.tell_drained();
        }
        drained
    }

    /// Writes the queue, flushes the stream, and finishes the sending side if that was asked for.
    fn poll_send(&mut self, state: &mut State, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !state.queue.is_empty() {
            if self.source.other().is_some() {
                state.held_after.get_or_insert(state.stats.sent.records);
            }
            ready!(state.poll_write(self.source.other(), cx))?;
        }
        if let (Some(_), Some(other)) = (state.held_after, self.source.other()) {
            ready!(Pin::new(&mut **other).poll_flush(cx))?;
            state.held_after = None;
        }
        if state.ending >= Ending::Finish && !self.sent_end {
            match ready!(state.sink.poll_shutdown(self.source.other(), cx)) {
                // The peer has reset the connection meanwhile; reading says so.
                Err(error) if error.kind() == io::ErrorKind::NotConnected => {}
                result => result?,
            }
            self.sent_end = true;
        }
        Poll::Ready(Ok(()))
    }

    /// From now on, closing has to come to an end.
    fn begin_closing(&mut self) {
        let clock = self.clock.get_or_insert_default();
        if !clock.has_limit() {
            clock.limit(Instant::now().checked_add(self.options.close_timeout));
        }
    }

    pub(super) fn poll_handshake(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Stage::Handshake(handshake) = &mut self.stage else { return Poll::Ready(()) };
        match handshake.as_mut().poll(cx) {
            Poll::Ready(Ok(stream)) => {
                self.source = Source::Other(stream);
                self.stage = Stage::Open;
                if let Some(clock) = &mut self.clock {
                    clock.limit(None);
                    clock.reading(true, Instant::now());
                }
                Poll::Ready(())
            }
            Poll::Ready(Err(error)) => {
                self.failed(CloseReason::Protocol, error);
                Poll::Ready(())
            }
            Poll::Pending => {
                let due = ready!(self.poll_clock(cx));
                let _ = self.due(due);
                Poll::Ready(())
            }
        }
    }

    /// Reads once. Ready: there is something new to look at.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let reads = match self.reading {
            Reading::Records => !self.paused,
            Reading::Discard => true,
            Reading::Ended => false,
        };
        let timed = self.clock.as_mut().filter(|_| self.options.is_timed());
        if let Some(clock) = timed {
            let now = Instant::now();
            clock.reading(reads, now);
            clock.record(reads && !self.inbound.is_empty(), now);
        }
        if !reads {
            return Poll::Pending;
        }
        if self.turn >= TURN {
            self.turn = 0;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.make_room();
        let Poll::Ready(read) = self.source.poll_read(cx, &mut self.inbound) else {
            self.turn = 0;
            return Poll::Pending;
        };
        match read {
            Ok(0) => {
                self.undecoded = self.reading == Reading::Records;
                self.finished = !self.undecoded;
                self.reading = Reading::Ended;
            }
            Ok(read) => {
                self.received.bytes += read as u64;
                self.turn += read;
                self.pings = 0;
                if let Some(clock) = &mut self.clock {
                    clock.read(Instant::now());
                }
                self.undecoded = self.reading == Reading::Records;
                if !self.undecoded {
                    self.inbound.clear();
                }
            }
            Err(error) => self.broken(error),
        }
        Poll::Ready(())
    }

    fn make_room(&mut self) {
        if !self.borrowed {
            let front = std::mem::replace(&mut self.inbound, buffer::take_bytes());
            self.inbound.extend_from_slice(&front);
            self.borrowed = true;
        }
        if self.inbound.capacity() - self.inbound.len() < MIN_ROOM {
            self.inbound.reserve(buffer::BUFFER_LEN);
        }
    }

    /// Gives the buffer back while the session waits, if what is in it is cheap to keep elsewhere.
    fn give_back(&mut self) {
        if !self.borrowed || self.inbound.len() > MAX_FRONT {
            return;
        }
        let front = BytesMut::from(&self.inbound[..]);
        buffer::give_back_bytes(std::mem::replace(&mut self.inbound, front));
        self.borrowed = false;
    }

    /// Keeps the times while nobody asks for events; what is due then is told later. Nothing is read
    /// meanwhile, so it is not the peer's silence.
    pub(super) fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(clock) = &mut self.clock {
            let now = Instant::now();
            clock.reading(false, now);
            clock.record(false, now);
        }
        let due = ready!(self.poll_clock(cx));
        if let Some(idle) = self.due(due) {
            self.say.idle(idle);
        }
        Poll::Ready(())
    }

    fn poll_clock(&mut self, cx: &mut Context<'_>) -> Poll<Due> {
        match &mut self.clock {
            Some(clock) => clock.poll(&self.options, cx),
            None => Poll::Pending,
        }
    }

    /// A time is over: does what the options say.
    fn due(&mut self, due: Due) -> Option<Idle> {
        let Due::Idle(idle) = due else {
            let (reason, what) = match due {
                Due::Record => (CloseReason::Limit, "the peer takes too long for a record"),
                _ if matches!(self.stage, Stage::Handshake(_)) => {
                    (CloseReason::Limit, "the peer takes too long for the handshake")
                }
                _ => (CloseReason::ByUs, "the peer takes too long to close"),
            };
            self.failed(reason, io::Error::new(io::ErrorKind::TimedOut, what));
            return None;
        };
        let close = |state: &mut State| state.end(Ending::Close, CloseReason::Idle);
        match &self.options.on_idle {
            OnIdle::Report => {}
            OnIdle::Close => close(&mut self.shared.lock()),
            OnIdle::Farewell(frames) => {
                let _ = self.shared.push(frames, super::shared::Overflow::Exceed);
                close(&mut self.shared.lock());
            }
            OnIdle::Ping { tries, .. } if self.pings >= *tries => close(&mut self.shared.lock()),
            OnIdle::Ping { frames, .. } => {
                self.pings += 1;
                let _ = self.shared.push(frames, super::shared::Overflow::Exceed);
                if let Some(clock) = &mut self.clock {
                    clock.again(idle, Instant::now());
                }
            }
        }
        Some(idle)
    }

    /// The stream failed.
    fn broken(&mut self, error: io::Error) {
        // The system says so of no stream: it is TLS that cannot make sense of the peer.
        let reason = match error.kind() {
            io::ErrorKind::InvalidData => CloseReason::Protocol,
            _ => CloseReason::Reset,
        };
        self.failed(reason, error);
    }

    /// Ends the session at once, after an error.
    fn failed(&mut self, reason: CloseReason, error: io::Error) {
        if self.shared.lock().fail(Ending::Abort, reason) {
            self.errors.push_back(error.into());
        }
        self.end();
    }

    /// The session is over.
    pub(super) fn end(&mut self) {
        self.shared.lock().stats.received = self.received;
        let closed = self.shared.over(CloseReason::ByUs);
        #[cfg(feature = "tls")]
        if self.shared.lock().ending == Ending::Reset
            && let Some(stream) = self.other_stream()
        {
            crate::tls::reset_when_dropped(stream);
        }
        self.source = Source::Closed;
        self.undecoded = false;
        self.reading = Reading::Ended;
        self.finished = true;
        self.clock = None;
        self.slot = None;
        buffer::give_back_bytes(std::mem::take(&mut self.inbound));
        self.stage = Stage::Over(closed);
        let (reason, unsent) = (closed.reason.name(), closed.unsent.records);
        self.span().in_scope(|| tracing::debug!(reason, unsent, "closed"));
    }
}
