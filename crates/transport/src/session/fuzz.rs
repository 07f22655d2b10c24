//! Body of the fuzz target of sessions; a stable test calls it too.
//!
//! Arbitrary bytes are a script: what the peer sends, how much of a write the stream takes, when
//! either ends or fails, and what is asked of the session meanwhile. The session is polled only when
//! it was woken, as a runtime would.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use cwire_codec::frame::Chunks;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{Closed, Event, Frames, QueueLimits, Session, SessionOptions, TrySendError};
use crate::{FrameCodec, Stream};

/// Bytes of a record.
const RECORD: usize = 3;

/// Polls without a pending one in between: more of them are a loop without an end.
const MAX_POLLS: usize = 10_000;

/// The other end of a session's stream.
#[derive(Clone, Default)]
struct Peer(Arc<Mutex<Pipe>>);

#[derive(Default)]
struct Pipe {
    incoming: VecDeque<u8>,
    ended: bool,
    read_fails: bool,
    room: usize,
    write_fails: bool,
    written: Vec<u8>,
    shut_down: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Peer {
    fn lock(&self) -> MutexGuard<'_, Pipe> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Pipe)) {
        let mut pipe = self.lock();
        change(&mut pipe);
        let wakers = [pipe.reader.take(), pipe.writer.take()];
        drop(pipe);
        wakers.into_iter().flatten().for_each(Waker::wake);
    }
}

impl AsyncRead for Peer {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut pipe = self.lock();
        if !pipe.incoming.is_empty() {
            let len = pipe.incoming.len().min(buf.remaining());
            let bytes: Vec<u8> = pipe.incoming.drain(..len).collect();
            buf.put_slice(&bytes);
        } else if pipe.read_fails {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        } else if !pipe.ended {
            pipe.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Peer {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut pipe = self.lock();
        assert!(!pipe.shut_down, "written after the end");
        if pipe.write_fails {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let len = pipe.room.min(bytes.len());
        if len == 0 {
            pipe.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        pipe.room -= len;
        pipe.written.extend(bytes.iter().take(len));
        Poll::Ready(Ok(len))
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.lock().shut_down = true;
        Poll::Ready(Ok(()))
    }
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A session under a script, and what has to be true of it.
struct Play {
    session: Session<FrameCodec<Chunks>>,
    peer: Peer,
    woken: Arc<Woken>,
    /// All bytes that the peer has sent.
    given: Vec<u8>,
    /// All frames that were taken for sending.
    accepted: Vec<u8>,
    received: Vec<u8>,
    next: u8,
    /// Whether anybody asked for an end after which records are thrown away.
    discards: bool,
    sending_ended: bool,
    seen: Seen,
}

#[derive(Default)]
struct Seen {
    connected: bool,
    ready: bool,
    finished: bool,
    errors: usize,
    closed: Option<Closed>,
}

/// Plays a script.
///
/// # Panics
///
/// A law of sessions is broken.
pub fn session(script: &[u8]) {
    // Closing has a time limit, which nothing here reaches.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.expect("a runtime without I/O");
    let _inside = runtime.enter();
    let mut script = script.iter().copied();
    let flags = script.next().unwrap_or(0);
    let options = SessionOptions::new()
        .half_open(flags & 1 != 0)
        .paused(flags & 2 != 0)
        .queue(QueueLimits::new(usize::from(flags >> 4) * 4 + 1, 8));
    let peer = Peer::default();
    let codec = FrameCodec::new(Chunks::new(RECORD));
    let session = Session::with_options(Stream::other(peer.clone(), "script"), codec, options);
    let mut play = Play {
        session,
        peer,
        woken: Arc::default(),
        given: Vec::new(),
        accepted: Vec::new(),
        received: Vec::new(),
        next: 0,
        discards: false,
        sending_ended: false,
        seen: Seen::default(),
    };
    play.woken.0.store(true, Ordering::Relaxed);
    while let Some(step) = script.next() {
        play.step(step % 16, script.next().unwrap_or(1));
        play.poll();
        play.check();
    }
    play.end();
}

impl Play {
    fn step(&mut self, step: u8, many: u8) {
        let handle = self.session.handle();
        match step {
            0..=2 if !self.peer.lock().ended => {
                let bytes: Vec<u8> =
                    (0..many % 32).map(|byte| byte.wrapping_mul(step + 7)).collect();
                self.given.extend(&bytes);
                self.peer.change(|pipe| pipe.incoming.extend(bytes));
            }
            3 => self.peer.change(|pipe| pipe.ended = true),
            4 if many < 32 => self.peer.change(|pipe| pipe.read_fails = true),
            5 | 6 => self.peer.change(|pipe| pipe.room += usize::from(many % 16)),
            7 if many < 32 => self.peer.change(|pipe| pipe.write_fails = true),
            8 => {
                let frame = self.frame();
                let sent = self.session.try_send(frame);
                self.taken(sent.map_err(|error| error.map(drop)), frame);
                // The task that sends has its turn anyway.
                self.woken.0.store(true, Ordering::Relaxed);
            }
            9 => {
                let frame = self.frame();
                let sent = self.session.feed(frame);
                self.taken(sent.map_err(|error| error.map(drop)), frame);
                self.woken.0.store(true, Ordering::Relaxed);
            }
            10 => {
                let frame = self.frame();
                let sent = handle.try_send(frame);
                self.taken(sent.map_err(|error| error.map(drop)), frame);
            }
            11 => {
                let frames = [self.frame(), self.frame()].concat();
                if handle.send_frames(&Frames::equal(frames.clone(), RECORD).expect("two records"))
                {
                    assert!(!self.sending_ended, "taken after the end");
                    self.accepted.extend(frames);
                }
            }
            12 => {
                handle.finish();
                self.sending_ended = true;
            }
            13 if many < 64 => {
                if many < 32 {
                    handle.close()
                } else {
                    handle.abort()
                }
                (self.discards, self.sending_ended) = (true, true);
            }
            14 => handle.pause(),
            15 => handle.resume(),
            _ => {}
        }
    }

    fn frame(&mut self) -> [u8; RECORD] {
        self.next = self.next.wrapping_add(1);
        [self.next; RECORD]
    }

    fn taken(&mut self, sent: Result<(), TrySendError<(), crate::SendError>>, frame: [u8; RECORD]) {
        match sent {
            Ok(()) => {
                assert!(!self.sending_ended, "taken after the end");
                self.accepted.extend(frame);
            }
            Err(TrySendError::Full(())) => assert!(!self.sending_ended, "full after the end"),
            Err(TrySendError::Ended(())) => {}
            Err(TrySendError::Refused(error)) => panic!("a record is a frame: {error}"),
        }
    }

    fn poll(&mut self) {
        let waker = Waker::from(Arc::clone(&self.woken));
        let mut cx = Context::from_waker(&waker);
        let mut polls = 0..MAX_POLLS;
        while self.woken.0.swap(false, Ordering::Relaxed) {
            loop {
                assert!(polls.next().is_some(), "polled without an end");
                match self.session.poll_next_event(&mut cx) {
                    Poll::Pending => break,
                    Poll::Ready(None) => {
                        assert!(self.seen.closed.is_some(), "the last event is that it is closed");
                        break;
                    }
                    Poll::Ready(Some(event)) => self.event(event),
                }
            }
        }
    }

    fn event(&mut self, event: Event<bytes::Bytes, crate::ReceiveError>) {
        let seen = &mut self.seen;
        assert!(seen.closed.is_none(), "an event after the last: {event:?}");
        match event {
            Event::Connected => {
                assert!(!std::mem::replace(&mut seen.connected, true), "connected twice");
            }
            Event::Ready => {
                assert!(seen.connected, "ready before connected");
                assert!(!std::mem::replace(&mut seen.ready, true), "ready twice");
            }
            Event::Record(record) => {
                assert!(seen.ready && !seen.finished, "a record before ready or after the end");
                self.received.extend_from_slice(&record);
            }
            Event::Finished => {
                assert!(!std::mem::replace(&mut seen.finished, true), "finished twice");
                let whole = self.given.len() - self.given.len() % RECORD;
                assert_eq!(self.received.len(), whole, "records are missing before the end");
            }
            Event::Drained => assert!(seen.ready, "drained before ready"),
            Event::Error(_) => {
                // What the codec cannot read, and what the stream refuses while that is closed.
                seen.errors += 1;
                assert!(seen.errors <= 2, "more errors than there can be");
            }
            Event::Closed(closed) => {
                assert!(seen.connected, "closed before connected");
                assert_eq!(closed.after_error, seen.errors > 0, "{closed:?}");
                seen.closed = Some(closed);
            }
            Event::Idle(_) => panic!("no idle time is set"),
        }
    }

    fn check(&self) {
        let stats = self.session.stats();
        let fates = stats.sent.records + stats.unsent.records + stats.queued.records;
        assert_eq!((stats.accepted.records, stats.dropped.records), (fates, 0), "{stats:?}");
        assert_eq!(stats.accepted.bytes, self.accepted.len() as u64);
        assert!(self.given.starts_with(&self.received), "other records than the peer sent");
        let pipe = self.peer.lock();
        assert!(self.accepted.starts_with(&pipe.written), "other bytes than were sent");
        assert_eq!(stats.sent.bytes, pipe.written.len() as u64);
        assert_eq!(stats.sent.records, (pipe.written.len() / RECORD) as u64);
        if let Some(closed) = self.seen.closed {
            assert_eq!(closed.unsent, stats.unsent);
            assert_eq!(closed.unsent.bytes, (self.accepted.len() - pipe.written.len()) as u64);
        }
    }

    /// Whatever was before: once the peer has ended and takes everything, the session ends.
    fn end(mut self) {
        self.session.handle().resume();
        self.session.handle().finish();
        self.sending_ended = true;
        self.peer.change(|pipe| {
            pipe.ended = true;
            pipe.room = usize::MAX >> 1;
        });
        self.poll();
        self.check();
        assert!(self.seen.closed.is_some(), "the session was not woken for its end");
        if !self.discards && self.seen.errors == 0 {
            assert!(self.seen.finished, "the peer's end was not told");
            assert_eq!(self.peer.lock().written, self.accepted, "unsent without an error");
        }
    }
}

impl<I, E> TrySendError<I, E> {
    /// The same, with another item.
    fn map<J>(self, change: impl FnOnce(I) -> J) -> TrySendError<J, E> {
        match self {
            Self::Full(item) => TrySendError::Full(change(item)),
            Self::Ended(item) => TrySendError::Ended(change(item)),
            Self::Refused(error) => TrySendError::Refused(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn laws_hold_whatever_happens(script in prop::collection::vec(any::<u8>(), 0..120)) {
            super::session(&script);
        }
    }
}
