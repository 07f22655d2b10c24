//! One record to many sessions.
//!
//! ```text
//!  send --encode once--> gathered --one push per batch--> queue of each member --> its socket
//! ```
//!
//! What is sent in one go, such as for all records of one read, is gathered and handed to every
//! member at once: a relay that wrote every record on its own would spend its time in system calls.
//! Nothing waits for more to come: a batch goes out as soon as the task that sends gives way, or
//! with 64 KiB.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::Notify;
use tokio_util::codec::Encoder;

use crate::session::{FramesBuilder, Overflow, Shared, Watcher};
use crate::{Address, Amount, Closed, Frames, Handle, QueueError, SessionId, Stats, TrySendError};

/// Bytes that are gathered, at most.
const GATHERED: usize = 64 << 10;

/// Encoded frames of so many bytes are not gathered: handing them on costs less than copying them.
const MANY: usize = 4 << 10;

/// What becomes of records for a member whose queue is full, because it reads too slowly.
///
/// When a queue is full is the session's [`QueueLimits`](crate::QueueLimits). What is dropped is
/// counted in [`Stats::dropped`] of the member and of the hub.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Slow {
    /// Whoever sends waits, and all members with it.
    Wait,
    /// The member loses the oldest records that wait for it, but for one that is partly written.
    DropOldest,
    /// The member loses new records, until its queue is drained to the low mark.
    DropNewest,
    /// The session ends, with [`CloseReason::Limit`](crate::CloseReason::Limit).
    #[default]
    Disconnect,
}

impl Slow {
    fn overflow(self) -> Overflow {
        match self {
            Self::Wait => Overflow::Exceed,
            Self::DropOldest => Overflow::DropOldest,
            Self::DropNewest => Overflow::DropNewest,
            Self::Disconnect => Overflow::Disconnect,
        }
    }
}

/// Settings of a [`Hub`].
#[derive(Clone, Debug, Default)]
pub struct HubOptions {
    slow: Slow,
    replay: Amount,
}

impl HubOptions {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What becomes of records for a member that reads too slowly. Default: it is disconnected.
    #[must_use]
    pub fn slow(mut self, slow: Slow) -> Self {
        self.slow = slow;
        self
    }

    /// The last records, so many and so many bytes at most, are kept and sent to a new member first.
    /// Default: none. Those sent with [`send_if`](Hub::send_if) do not count.
    #[must_use]
    pub fn replay(mut self, records: usize, bytes: usize) -> Self {
        self.replay = Amount { records: records as u64, bytes: bytes as u64 };
        self
    }
}

/// Who gets a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// Every member.
    All,
    /// Every member but this one.
    Except(SessionId),
}

impl To {
    fn includes(self, id: SessionId) -> bool {
        self != Self::Except(id)
    }
}

/// A registry of sessions that get the same records, encoded once by the codec `C`.
///
/// Cloning costs a reference count; all clones are the same hub. A session leaves when it is over.
///
/// # Example
///
/// A relay: what one client sends, all the others get.
///
/// ```no_run
/// use cwire_codec::frame::Lines;
/// use cwire_transport::{Event, FrameCodec, Hub, HubOptions, Server, To};
///
/// # async fn relay() -> Result<(), Box<dyn std::error::Error>> {
/// let codec = FrameCodec::new(Lines::new());
/// let hub = Hub::new(codec.clone(), HubOptions::new());
/// let server = Server::builder(codec).listen(":23452").bind().await?;
/// server
///     .serve(move |mut session| {
///         let hub = hub.clone();
///         async move {
///             hub.join(&session.handle());
///             while let Some(event) = session.next().await {
///                 if let Event::Record(Ok(line)) = event {
///                     let _ = hub.send(To::Except(session.id()), line).await;
///                 }
///             }
///         }
///     })
///     .await;
/// # Ok(())
/// # }
/// ```
pub struct Hub<C> {
    core: Arc<Core>,
    encoder: Arc<Mutex<C>>,
}

struct Core {
    state: Mutex<State>,
    options: HubOptions,
    /// Wakes senders that wait for slow members.
    room: Notify,
    /// Itself, as the sessions' watcher.
    this: Weak<Self>,
}

#[derive(Default)]
struct State {
    members: BTreeMap<SessionId, Member>,
    /// Members whose queue is full, if senders wait for those.
    full: usize,
    gathered: FramesBuilder,
    /// Whom `gathered` is for.
    to: Option<To>,
    /// A task will hand it to the members.
    scheduled: bool,
    snapshot: Frames,
    replay: VecDeque<Frames>,
    replayed: Amount,
    sent: Amount,
    /// Counters of members that have left.
    left: Stats,
}

struct Member {
    session: Arc<Shared<dyn Send>>,
    full: bool,
}

/// Counters of a [`Hub`].
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HubStats {
    /// Sessions that are members now.
    pub members: usize,
    /// What was sent to the hub.
    pub sent: Amount,
    /// The counters of all its members, past ones too, added up.
    pub sessions: Stats,
}

impl HubStats {
    /// The counters in Prometheus' text format, version 0.0.4, every name with `prefix` before it.
    #[must_use]
    pub fn prometheus(&self, prefix: &str) -> String {
        let mut text = crate::metrics::Text::new(prefix);
        text.gauge("members", "Sessions that are members.", self.members as u64);
        text.counter("offered_records", "Records sent to the hub.", self.sent.records);
        text.counter("offered_bytes", "Bytes sent to the hub.", self.sent.bytes);
        text.sessions(&self.sessions);
        text.finish()
    }
}

impl<C> Hub<C> {
    /// A hub without members.
    #[must_use]
    pub fn new(codec: C, options: HubOptions) -> Self {
        let core = Arc::new_cyclic(|this| Core {
            state: Mutex::default(),
            options,
            room: Notify::new(),
            this: Weak::clone(this),
        });
        Self { core, encoder: Arc::new(Mutex::new(codec)) }
    }

    /// Adds a session: it gets the snapshot, what is replayed, and every record from now on; none
    /// twice and none not at all.
    pub fn join<D: Send + 'static>(&self, session: &Handle<D>) {
        let shared: Arc<Shared<dyn Send>> = Arc::clone(session.shared()) as _;
        {
            let mut state = self.core.lock();
            self.core.distribute(&mut state);
            let overflow = Overflow::Exceed;
            if !state.snapshot.is_empty() {
                shared.push(&state.snapshot, overflow);
            }
            for frames in &state.replay {
                shared.push(frames, overflow);
            }
            state.members.insert(shared.id, Member { session: Arc::clone(&shared), full: false });
        }
        shared.watch(Arc::clone(&self.core) as _);
    }

    /// Takes a session out; `false` if it was none of the members.
    pub fn leave(&self, id: SessionId) -> bool {
        let mut state = self.core.lock();
        self.core.distribute(&mut state);
        let Some(session) = state.members.get(&id).map(|member| Arc::clone(&member.session)) else {
            return false;
        };
        let stats = session.lock().stats();
        self.core.remove(&mut state, id, &stats);
        drop(state);
        let core: Arc<dyn Watcher> = Arc::clone(&self.core) as _;
        session.unwatch(&core);
        true
    }

    /// Number of members.
    #[must_use]
    pub fn len(&self) -> usize {
        self.core.lock().members.len()
    }

    /// Whether there are no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The members, and the addresses of their peers.
    #[must_use]
    pub fn members(&self) -> Vec<(SessionId, Address)> {
        let state = self.core.lock();
        state.members.iter().map(|(id, member)| (*id, member.session.peer.clone())).collect()
    }

    /// The counters.
    #[must_use]
    pub fn stats(&self) -> HubStats {
        let mut state = self.core.lock();
        self.core.distribute(&mut state);
        let mut sessions = state.left;
        for member in state.members.values() {
            sessions += member.session.lock().stats();
        }
        HubStats { members: state.members.len(), sent: state.sent, sessions }
    }

    /// Sets what every new member gets first, such as the current state of what later records
    /// change. Records sent so far go to the members that are there, and later ones to those that
    /// join as well.
    pub fn set_snapshot(&self, frames: Frames) {
        let mut state = self.core.lock();
        self.core.distribute(&mut state);
        state.snapshot = frames;
        state.replay.clear();
        state.replayed = Amount::default();
    }

    /// Sends a record, if no sender has to wait for a member.
    ///
    /// # Errors
    ///
    /// The item makes no frame; or a member's queue is full, and the hub waits for such.
    pub fn try_send<I>(&self, to: To, item: I) -> Result<(), TrySendError<I, C::Error>>
    where
        C: Encoder<I>,
    {
        let mut encoder = self.encoder.lock().unwrap_or_else(PoisonError::into_inner);
        let mut state = self.core.lock();
        if state.full > 0 {
            return Err(TrySendError::Full(item));
        }
        self.core.gather(&mut state, to);
        let encoded = state.gathered.encode(|bytes| encoder.encode(item, bytes));
        let len = encoded.map_err(TrySendError::Refused)?;
        state.sent += Amount { records: u64::from(len > 0), bytes: len as u64 };
        self.core.gathered(state);
        Ok(())
    }

    /// Sends a record; waits first while the queue of a member is full, if the hub waits for such.
    ///
    /// # Errors
    ///
    /// The item makes no frame.
    pub async fn send<I>(&self, to: To, mut item: I) -> Result<(), QueueError<C::Error>>
    where
        C: Encoder<I>,
    {
        loop {
            let mut room = std::pin::pin!(self.core.room.notified());
            room.as_mut().enable();
            match self.try_send(to, item) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Full(back)) => item = back,
                Err(TrySendError::Ended(_)) => return Err(QueueError::Ended),
                Err(TrySendError::Refused(error)) => return Err(QueueError::Refused(error)),
            }
            room.await;
        }
    }

    /// Sends frames that are encoded already, even if a queue is full.
    pub fn send_frames(&self, to: To, frames: &Frames) {
        let mut state = self.core.lock();
        state.sent += amount(frames);
        if frames.bytes().len() < MANY {
            self.core.gather(&mut state, to);
            state.gathered.push(frames);
            self.core.gathered(state);
        } else {
            self.core.distribute(&mut state);
            self.core.push(&mut state, frames, |id, _| to.includes(id));
            self.core.keep(&mut state, frames.clone());
        }
    }

    /// Waits until no member's queue is full, if the hub waits for such; for those who send with
    /// [`send_frames`](Self::send_frames).
    pub async fn room(&self) {
        loop {
            let mut room = std::pin::pin!(self.core.room.notified());
            room.as_mut().enable();
            if self.core.lock().full == 0 {
                return;
            }
            room.await;
        }
    }

    /// Sends a record to the members of which `is_for` says so, at once; even if a queue is full.
    /// The hub is locked meanwhile: `is_for` must not use it.
    ///
    /// # Errors
    ///
    /// The item makes no frame.
    pub fn send_if<I>(
        &self,
        mut is_for: impl FnMut(SessionId, &Address) -> bool,
        item: I,
    ) -> Result<(), C::Error>
    where
        C: Encoder<I>,
    {
        let mut encoder = self.encoder.lock().unwrap_or_else(PoisonError::into_inner);
        let frames = Frames::encode(&mut *encoder, [item])?;
        let mut state = self.core.lock();
        self.core.distribute(&mut state);
        state.sent += amount(&frames);
        self.core.push(&mut state, &frames, |id, session| is_for(id, &session.peer));
        Ok(())
    }
}

impl Core {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes `gathered` ready for a record.
    fn gather(&self, state: &mut State, to: To) {
        if state.to.is_some_and(|other| other != to) {
            self.distribute(state);
        }
        state.to = Some(to);
    }

    /// A record is gathered.
    fn gathered(&self, mut state: MutexGuard<'_, State>) {
        if state.gathered.len() >= GATHERED {
            return self.distribute(&mut state);
        }
        if state.scheduled {
            return;
        }
        match (tokio::runtime::Handle::try_current(), self.this.upgrade()) {
            (Ok(runtime), Some(core)) => {
                state.scheduled = true;
                drop(state);
                // It runs when the task that sends gives way.
                runtime.spawn(async move {
                    let mut state = core.lock();
                    state.scheduled = false;
                    core.distribute(&mut state);
                });
            }
            _ => self.distribute(&mut state),
        }
    }

    /// Hands what is gathered to the members.
    fn distribute(&self, state: &mut State) {
        let Some(to) = state.to.take() else { return };
        let frames = state.gathered.build();
        self.push(state, &frames, |id, _| to.includes(id));
        self.keep(state, frames);
    }

    fn push(
        &self,
        state: &mut State,
        frames: &Frames,
        mut is_for: impl FnMut(SessionId, &Shared<dyn Send>) -> bool,
    ) {
        if frames.is_empty() {
            return;
        }
        let overflow = self.options.slow.overflow();
        for (id, member) in &mut state.members {
            if !is_for(*id, &member.session) {
                continue;
            }
            let full = member.session.push(frames, overflow).1;
            if full && !member.full && self.options.slow == Slow::Wait {
                member.full = true;
                state.full += 1;
            }
        }
    }

    /// Keeps frames for members that join later.
    fn keep(&self, state: &mut State, frames: Frames) {
        let Amount { records, bytes } = self.options.replay;
        if records == 0 || frames.is_empty() {
            return;
        }
        let frames = frames.last(usize::try_from(records).unwrap_or(usize::MAX));
        state.replayed += amount(&frames);
        state.replay.push_back(frames);
        while state.replayed.records > records || state.replayed.bytes > bytes {
            let Some(oldest) = state.replay.pop_front() else { break };
            let mut rest = oldest.clone();
            // As many as have to go, so that no more are lost than that.
            let over = usize::try_from(state.replayed.records.saturating_sub(records));
            let gone = over.unwrap_or(usize::MAX).max(1);
            rest = rest.last(rest.count().saturating_sub(gone));
            let (before, after) = (amount(&oldest), amount(&rest));
            state.replayed.records -= before.records - after.records;
            state.replayed.bytes -= before.bytes - after.bytes;
            if !rest.is_empty() {
                state.replay.push_front(rest);
            }
        }
    }

    fn remove(&self, state: &mut State, id: SessionId, stats: &Stats) {
        let Some(member) = state.members.remove(&id) else { return };
        state.left += *stats;
        if member.full {
            state.full -= 1;
        }
        if state.full == 0 {
            self.room.notify_waiters();
        }
    }
}

fn amount(frames: &Frames) -> Amount {
    Amount { records: frames.count() as u64, bytes: frames.bytes().len() as u64 }
}

impl Watcher for Core {
    fn drained(&self, id: SessionId) {
        let mut state = self.lock();
        let full =
            state.members.get_mut(&id).is_some_and(|member| std::mem::take(&mut member.full));
        if full {
            state.full -= 1;
        }
        if state.full == 0 {
            self.room.notify_waiters();
        }
    }

    fn over(&self, id: SessionId, stats: &Stats, _closed: Closed) {
        self.remove(&mut self.lock(), id, stats);
    }
}

impl<C> Clone for Hub<C> {
    fn clone(&self) -> Self {
        Self { core: Arc::clone(&self.core), encoder: Arc::clone(&self.encoder) }
    }
}

impl<C> fmt::Debug for Hub<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hub({} members)", self.len())
    }
}
