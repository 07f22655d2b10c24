//! Connections with events: what Node's `net.Socket` is for bytes, for the frames of any codec.
//!
//! A [`Session`] is driven by the task that asks it for events, and by nobody else: it reads, writes
//! and keeps its times in [`next`](Session::next). [`Handle`]s send to it and steer it from other
//! tasks.

mod clock;
mod drive;
mod event;
mod frames;
#[doc(hidden)]
pub mod fuzz;
mod handle;
mod options;
mod queue;
mod shared;
mod stats;

pub use event::{CloseReason, Closed, Event, Idle};
pub use frames::Frames;
pub use handle::{Handle, QueueError, SetError, TrySendError};
pub use options::{OnIdle, QueueLimits, SessionOptions};
pub use shared::SessionId;
pub use stats::{Amount, Stats};

pub(crate) use drive::Handshake;
pub(crate) use frames::FramesBuilder;
pub(crate) use shared::{Ending, Overflow, Shared, Watcher};

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use futures_core::Stream as EventStream;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;
use tokio_util::codec::{Decoder, Encoder};
use tracing::Span;

#[cfg(feature = "tls")]
use crate::stream::Io;
use crate::stream::{Kind, Opening, OpeningKind};
use crate::{Address, Slot, Stream};
use clock::Clock;
use drive::{Reading, Source, Stage};
use shared::{Offer, Sink, State};

/// A connection as a stream of [`Event`]s, over the frames of the codec `C`.
///
/// The codec is cloned: one decodes, the other encodes. Any
/// [`Decoder`](tokio_util::codec::Decoder) and [`Encoder`](tokio_util::codec::Encoder) will do; those
/// of this crate are [`FrameCodec`](crate::FrameCodec) and [`RecordCodec`](crate::RecordCodec).
///
/// Dropping a session ends the connection at once: what is queued is lost, though counted, and a
/// peer that is still sending sees a reset. [`close`](Self::close) is the orderly way.
///
/// # Example
///
/// ```
/// use cwire_codec::{CChar, CharArray, Record};
/// use cwire_transport::{Event, RecordCodec, Session, Stream};
///
/// /// `struct CTestData { char a; int b; char c[15]; };`
/// #[derive(Debug, PartialEq, Record)]
/// struct CTestData { a: CChar, b: i32, c: CharArray<15> }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (here, there) = tokio::io::duplex(1024);
/// let codec = RecordCodec::<CTestData>::default();
/// let mut here = Session::new(Stream::other(here, "here"), codec.clone());
/// let mut there = Session::new(Stream::other(there, "there"), codec);
///
/// here.send(&CTestData { a: CChar(b'A'), b: 300, c: CharArray::new("hello")? }).await?;
/// let here = tokio::spawn(here.close());
/// while let Some(event) = there.next().await {
///     match event {
///         Event::Record(record) => assert_eq!(record?.b, 300),
///         Event::Closed(closed) => println!("{}", closed.reason), // closed by the peer
///         _ => {}
///     }
/// }
/// # here.await?;
/// # Ok(())
/// # }
/// ```
pub struct Session<C: Decoder> {
    shared: Arc<Shared<C>>,
    decoder: C,
    source: Source,
    /// Bytes that are not decoded; while `borrowed`, in a buffer that sessions share.
    inbound: BytesMut,
    borrowed: bool,
    /// Whether `inbound` may hold a whole frame.
    undecoded: bool,
    paused: bool,
    /// The peer's end was announced, or there is none to announce.
    finished: bool,
    /// The sending side is finished.
    sent_end: bool,
    reading: Reading,
    stage: Stage,
    say: Say,
    /// Errors to tell: what the codec cannot read, and what the stream refuses after that.
    errors: VecDeque<C::Error>,
    options: Arc<SessionOptions>,
    clock: Option<Box<Clock>>,
    /// Pings without an answer.
    pings: u32,
    /// Bytes that this task has queued since it last wrote.
    gathered: usize,
    /// Bytes received since other tasks had their turn.
    turn: usize,
    received: Amount,
    /// `None` if nobody listens, as is usual.
    span: Option<Box<Span>>,
    /// The place of this session among those of its server.
    slot: Option<Slot>,
}

/// What a session has to say.
struct Say {
    connected: bool,
    ready: bool,
    drained: bool,
    /// Silence while nobody asked for events, one of each kind.
    idle: [Option<Idle>; 3],
}

impl Say {
    fn idle(&mut self, idle: Idle) {
        if !self.idle.contains(&Some(idle))
            && let Some(free) = self.idle.iter_mut().find(|said| said.is_none())
        {
            *free = Some(idle);
        }
    }
}

impl<C: Decoder + Clone> Session<C> {
    /// A session over a connected stream, with the default options.
    #[must_use]
    pub fn new(stream: Stream, codec: C) -> Self {
        Self::with_options(stream, codec, SessionOptions::default())
    }

    /// A session over a connected stream. Sessions can share their options, in an `Arc`.
    #[must_use]
    pub fn with_options(stream: Stream, codec: C, options: impl Into<Arc<SessionOptions>>) -> Self {
        Self::start(stream.into(), codec, options.into(), None)
    }

    /// A session over what a handshake makes of a connection, such as TLS does. The handshake runs
    /// between [`Event::Connected`] and [`Event::Ready`], for at most
    /// [`handshake_timeout`](SessionOptions::handshake_timeout); what is sent meanwhile waits.
    #[must_use]
    pub fn with_handshake<S>(
        (local, peer): (Address, Address),
        handshake: impl Future<Output = io::Result<S>> + Send + 'static,
        codec: C,
        options: impl Into<Arc<SessionOptions>>,
    ) -> Self
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        Self::start(Opening::handshake(local, peer, handshake), codec, options.into(), None)
    }

    pub(crate) fn start(
        opening: Opening,
        codec: C,
        options: Arc<SessionOptions>,
        slot: Option<Slot>,
    ) -> Self {
        let Opening { local, peer, kind } = opening;
        let (source, sink, stage) = match kind {
            OpeningKind::Stream(Kind::Tcp(stream)) => {
                let (read, write) = stream.into_split();
                (Source::Tcp(read), Sink::Tcp(write), Stage::Open)
            }
            #[cfg(unix)]
            OpeningKind::Stream(Kind::Unix(stream)) => {
                let (read, write) = stream.into_split();
                (Source::Unix(read), Sink::Unix(write), Stage::Open)
            }
            OpeningKind::Stream(Kind::Other(stream)) => {
                (Source::Other(stream), Sink::Driver, Stage::Open)
            }
            OpeningKind::Handshake(handshake) => {
                (Source::Closed, Sink::Driver, Stage::Handshake(handshake))
            }
        };
        let now = options.is_timed().then(Instant::now);
        let mut clock = now.map(Clock::starting);
        if let Stage::Handshake(_) = stage {
            let until = Instant::now().checked_add(options.handshake_timeout);
            clock.get_or_insert_default().limit(until);
        }
        let (limits, paused) = (options.queue, options.paused);
        let shared = Shared::new((local, peer), sink, codec.clone(), limits, paused, now);
        let span = tracing::debug_span!("session", id = shared.id.get(), peer = %shared.peer);
        Self {
            shared: Arc::new(shared),
            decoder: codec,
            source,
            inbound: BytesMut::new(),
            borrowed: false,
            undecoded: false,
            paused,
            finished: false,
            sent_end: false,
            reading: Reading::Records,
            stage,
            say: Say { connected: true, ready: true, drained: false, idle: [None; 3] },
            errors: VecDeque::new(),
            options,
            clock,
            pings: 0,
            gathered: 0,
            turn: 0,
            received: Amount::default(),
            span: (!span.is_disabled()).then(|| Box::new(span)),
            slot,
        }
    }
}

impl<C: Decoder> Session<C> {
    /// Waits for the next event; `None` after [`Event::Closed`]. Cancel safe.
    #[inline]
    #[expect(clippy::should_implement_trait, reason = "what iterates here is a stream")]
    pub fn next(&mut self) -> NextEvent<'_, C> {
        NextEvent { session: self }
    }

    /// The next record, if all of it was received already: drains what one read brought, in a plain
    /// function.
    #[inline]
    pub fn try_next(&mut self) -> Option<C::Item> {
        if self.may_take() { self.take_record() } else { None }
    }

    /// Whether a record is what comes next, if one is here.
    #[inline]
    fn may_take(&self) -> bool {
        matches!(self.stage, Stage::Open)
            && !self.say.ready
            && self.errors.is_empty()
            && self.gathered < drive::GATHERED
    }

    /// Waits until there is an event, as [`next`](Self::next) does.
    #[inline]
    pub fn poll_next_event(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Event<C::Item, C::Error>>> {
        if self.may_take()
            && let Some(record) = self.take_record()
        {
            return Poll::Ready(Some(Event::Record(record)));
        }
        self.poll_event(cx)
    }

    /// Sends to this session and steers it, from any task.
    #[must_use]
    pub fn handle(&self) -> Handle<C> {
        Handle { shared: Arc::clone(&self.shared) }
    }

    /// As [`Handle::id`].
    #[must_use]
    pub fn id(&self) -> SessionId {
        self.shared.id
    }

    /// As [`Handle::local`].
    #[must_use]
    pub fn local(&self) -> &Address {
        &self.shared.local
    }

    /// As [`Handle::peer`].
    #[must_use]
    pub fn peer(&self) -> &Address {
        &self.shared.peer
    }

    /// The stream, if it is neither a bare socket nor still to come out of a handshake.
    #[cfg(feature = "tls")]
    pub(crate) fn other_stream(&self) -> Option<&dyn Io> {
        match &self.source {
            Source::Other(stream) => Some(&**stream),
            _ => None,
        }
    }

    /// The session's counters so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats { received: self.received, ..self.shared.lock().stats() }
    }

    /// Bytes received that are not handed out yet: records that are here, and the front of one more.
    /// What comes next is so many bytes before the end of what was
    /// [received](Stats::received).
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.inbound.len()
    }

    /// The `tracing` span of this session, for the events of whoever serves it.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span.as_deref().map_or_else(Span::none, Span::clone)
    }

    /// Hands out nothing and reads nothing until [`resume`](Self::resume).
    pub fn pause(&mut self) {
        self.paused = true;
        self.shared.lock().paused = true;
    }

    /// Reads again.
    pub fn resume(&mut self) {
        self.paused = false;
        self.shared.lock().paused = false;
    }

    /// As [`Handle::finish`]; the session does it while it is asked for events.
    pub fn finish(&mut self) {
        self.shared.lock().end(Ending::Finish, CloseReason::ByUs);
    }

    /// Changes what the session may, from now on: idle times begin anew. Limits of the queue stay.
    pub fn set_options(&mut self, options: impl Into<Arc<SessionOptions>>) {
        self.options = options.into();
        let now = Instant::now();
        let timed = self.options.is_timed();
        self.shared.lock().written_at = timed.then_some(now);
        let closes = self.clock.as_ref().is_some_and(|clock| clock.has_limit());
        if !closes {
            self.clock = timed.then(|| Clock::starting(now));
        }
    }

    /// The options.
    #[must_use]
    pub fn options(&self) -> &SessionOptions {
        &self.options
    }

    /// Closes in order, as [`Handle::close`], and waits for it.
    pub async fn close(mut self) -> Closed {
        self.shared.lock().end(Ending::Close, CloseReason::ByUs);
        while self.next().await.is_some() {}
        self.shared.closed()
    }

    /// Waits until all that was taken so far is handed to the system. Events wait meanwhile.
    ///
    /// # Errors
    ///
    /// The session ended before that, so.
    pub async fn flush(&mut self) -> Result<(), Closed> {
        let target = self.shared.lock().taken();
        self.wait_to_send(|state| state.is_flushed(target)).await
    }

    /// Writes until `done`.
    async fn wait_to_send(&mut self, done: impl Fn(&State) -> bool) -> Result<(), Closed> {
        poll_fn(|cx| {
            loop {
                if done(&self.shared.lock()) {
                    return Poll::Ready(Ok(()));
                }
                if self.is_over() {
                    return Poll::Ready(Err(self.shared.closed()));
                }
                if self.poll_write(cx) || done(&self.shared.lock()) {
                    continue;
                }
                if let Stage::Handshake(_) = self.stage {
                    ready!(self.poll_handshake(cx));
                } else {
                    ready!(self.poll_silence(cx));
                }
            }
        })
        .await
    }

    fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over(_) | Stage::Gone)
    }

    /// Queues an item without writing it: it is written with the next one that is sent, or when
    /// [`next`](Self::next) has to wait or 64 KiB are gathered.
    ///
    /// # Errors
    ///
    /// The queue is full, nothing more can be sent, or the item makes no frame.
    pub fn feed<I>(&mut self, item: I) -> Result<(), TrySendError<I, <C as Encoder<I>>::Error>>
    where
        C: Encoder<I>,
    {
        let offer = self.shared.offer(item, false, false);
        if let Offer::Taken(bytes) = offer {
            self.gathered = self.gathered.saturating_add(bytes);
        }
        handle::taken(offer)
    }

    /// Takes an item for sending, if the queue is not full, and writes it at once, with what was fed
    /// before it, where the system takes it. TLS, and streams that are no sockets, are written when
    /// the session is awaited next.
    ///
    /// # Errors
    ///
    /// The queue is full, nothing more can be sent, or the item makes no frame.
    pub fn try_send<I>(&mut self, item: I) -> Result<(), TrySendError<I, <C as Encoder<I>>::Error>>
    where
        C: Encoder<I>,
    {
        handle::taken(self.shared.offer(item, true, false))
    }

    /// Takes an item for sending, and writes it at once, with what was fed before it, where the
    /// system takes it; while the queue is full, writes the queue first. Dropping the future before
    /// it is done means that the item is not taken.
    ///
    /// # Errors
    ///
    /// Nothing more can be sent, or the item makes no frame.
    pub async fn send<I>(&mut self, mut item: I) -> Result<(), QueueError<<C as Encoder<I>>::Error>>
    where
        C: Encoder<I>,
    {
        loop {
            match self.shared.offer(item, true, false) {
                Offer::Taken(_) => {
                    if matches!(self.source, Source::Other(_)) {
                        // No lock lets `offer` write to it. What comes of it is told as an event.
                        let _ = poll_fn(|cx| Poll::Ready(self.poll_write(cx))).await;
                    }
                    return Ok(());
                }
                Offer::Ended(_) => return Err(QueueError::Ended),
                Offer::Refused(error) => return Err(QueueError::Refused(error)),
                Offer::Full(back) => item = back,
            }
            // What is ended is not worth waiting for: nothing more is taken.
            if self.wait_to_send(|state| !state.full || state.is_ended()).await.is_err() {
                return Err(QueueError::Ended);
            }
        }
    }
}

/// Ends after [`Event::Closed`].
impl<C: Decoder + Unpin> EventStream for Session<C>
where
    C::Error: Unpin,
{
    type Item = Event<C::Item, C::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_next_event(cx)
    }
}

impl<C: Decoder> Drop for Session<C> {
    fn drop(&mut self) {
        if !self.is_over() {
            let mut state = self.shared.lock();
            if std::thread::panicking() {
                state.fail(Ending::Abort, CloseReason::ByUs);
            } else {
                state.end(Ending::Abort, CloseReason::ByUs);
            }
            drop(state);
            self.end();
        }
    }
}

impl<C: Decoder> fmt::Debug for Session<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shared { id, local, peer, .. } = &*self.shared;
        write!(f, "Session({}: {local} to {peer})", id.get())
    }
}

/// Waits for an event; see [`Session::next`].
#[must_use = "nothing happens until it is awaited"]
pub struct NextEvent<'a, C: Decoder> {
    session: &'a mut Session<C>,
}

impl<C: Decoder> Future for NextEvent<'_, C> {
    type Output = Option<Event<C::Item, C::Error>>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.session.poll_next_event(cx)
    }
}

impl<C: Decoder> fmt::Debug for NextEvent<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("NextEvent").field(&self.session).finish()
    }
}
