//! The sessions of a server: counting them, and ending them all.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio_util::sync::CancellationToken;

use super::DropReason;
use crate::session::{Ending, Shared, Watcher};
use crate::{Address, Amount, CloseReason, Closed, SessionId, Stats};

#[derive(Default)]
pub(crate) struct Registry {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    sessions: HashMap<SessionId, Arc<Shared<dyn Send>>>,
    /// Counters; those of sessions are of the ones that are over.
    stats: ServerStats,
    waker: Option<Waker>,
}

/// Counters of a server.
#[non_exhaustive]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerStats {
    /// Sessions that are open.
    pub open: usize,
    /// Connections that became sessions.
    pub accepted: u64,
    /// Connections that were turned away, in the order of [`DropReason::ALL`].
    pub dropped: [u64; DropReason::ALL.len()],
    /// Sessions that are over, in the order of [`CloseReason::ALL`].
    pub closed: [u64; CloseReason::ALL.len()],
    /// Times that accepting failed.
    pub accept_errors: u64,
    /// Tasks that served a session and panicked.
    pub panics: u64,
    /// The counters of all sessions, added up.
    pub sessions: Stats,
}

/// A session of a server, as [`ServerHandle::sessions`] lists it.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionInfo {
    /// Which one.
    pub id: SessionId,
    /// The address of this side.
    pub local: Address,
    /// The address of the other side.
    pub peer: Address,
    /// Its counters.
    pub stats: Stats,
}

impl Registry {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add<C: Send + 'static>(self: &Arc<Self>, session: &Arc<Shared<C>>) {
        {
            let mut state = self.lock();
            state.stats.accepted += 1;
            state.sessions.insert(session.id, Arc::clone(session) as _);
        }
        session.watch(Arc::clone(self) as _);
    }

    pub(super) fn turned_away(&self, reason: DropReason) {
        let index = DropReason::ALL.iter().position(|other| *other == reason);
        let mut state = self.lock();
        if let Some(count) = index.and_then(|index| state.stats.dropped.get_mut(index)) {
            *count += 1;
        }
    }

    pub(super) fn accept_failed(&self) {
        self.lock().stats.accept_errors += 1;
    }

    pub(super) fn panicked(&self) {
        self.lock().stats.panics += 1;
    }

    /// Waits until there is no session.
    pub(super) fn poll_empty(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.sessions.is_empty() {
            return Poll::Ready(());
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    fn sessions(&self) -> Vec<Arc<Shared<dyn Send>>> {
        self.lock().sessions.values().cloned().collect()
    }

    /// Asks all sessions to close in order.
    pub(super) fn close(&self) {
        for session in self.sessions() {
            session.tell(|state| state.end(Ending::Close, CloseReason::Shutdown));
        }
    }

    /// Ends all sessions, be anybody asking for their events or not.
    pub(super) fn abort(&self) {
        for session in self.sessions() {
            session.cut_off(CloseReason::Shutdown);
        }
    }

    fn stats(&self) -> ServerStats {
        let (mut stats, sessions) = {
            let state = self.lock();
            (state.stats.clone(), state.sessions.values().cloned().collect::<Vec<_>>())
        };
        stats.open = sessions.len();
        for session in sessions {
            stats.sessions += session.lock().stats();
        }
        stats
    }
}

impl Watcher for Registry {
    fn over(&self, id: SessionId, stats: &Stats, closed: Closed) {
        let mut state = self.lock();
        state.sessions.remove(&id);
        state.stats.sessions += *stats;
        let index = CloseReason::ALL.iter().position(|reason| *reason == closed.reason);
        if let Some(count) = index.and_then(|index| state.stats.closed.get_mut(index)) {
            *count += 1;
        }
        let waker = if state.sessions.is_empty() { state.waker.take() } else { None };
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// Counts the sessions of a server and stops it, from any task. Cloning costs a reference count.
#[derive(Clone)]
pub struct ServerHandle {
    registry: Arc<Registry>,
    token: CancellationToken,
}

impl ServerHandle {
    pub(super) fn new(registry: Arc<Registry>, token: CancellationToken) -> Self {
        Self { registry, token }
    }

    /// Accepts no more, and lets the sessions end; see
    /// [`ServerBuilder::on_shutdown`](crate::ServerBuilder::on_shutdown).
    pub fn shutdown(&self) {
        self.token.cancel();
    }

    /// The counters.
    #[must_use]
    pub fn stats(&self) -> ServerStats {
        self.registry.stats()
    }

    /// The sessions that are open, in the order in which they came.
    #[must_use]
    pub fn sessions(&self) -> Vec<SessionInfo> {
        let info = |session: Arc<Shared<dyn Send>>| SessionInfo {
            id: session.id,
            local: session.local.clone(),
            peer: session.peer.clone(),
            stats: session.lock().stats(),
        };
        let mut sessions: Vec<_> = self.registry.sessions().into_iter().map(info).collect();
        sessions.sort_unstable_by_key(|session| session.id);
        sessions
    }

    /// Closes one session in order, as [`Handle::close`](crate::Handle::close); `false` if there is
    /// none of this number.
    pub fn close(&self, id: SessionId) -> bool {
        let session = self.registry.lock().sessions.get(&id).cloned();
        let close = |session: &Arc<Shared<dyn Send>>| {
            session.tell(|state| state.end(Ending::Close, CloseReason::ByUs));
        };
        session.as_ref().map(close).is_some()
    }
}

impl fmt::Debug for ServerHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerHandle({} sessions)", self.registry.lock().sessions.len())
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Registry({} sessions)", self.lock().sessions.len())
    }
}

impl ServerStats {
    /// The counters in Prometheus' text format, version 0.0.4, every name with `prefix` before it.
    #[must_use]
    pub fn prometheus(&self, prefix: &str) -> String {
        let mut text = crate::metrics::Text::new(prefix);
        text.gauge("sessions_open", "Sessions that are open.", self.open as u64);
        text.counter("sessions_accepted", "Connections that became sessions.", self.accepted);
        let dropped = DropReason::ALL.iter().map(|reason| reason.name()).zip(self.dropped);
        text.counters(
            "connections_dropped",
            "Connections that were turned away.",
            "reason",
            dropped,
        );
        let closed = CloseReason::ALL.iter().map(|reason| reason.name()).zip(self.closed);
        text.counters("sessions_closed", "Sessions that are over.", "reason", closed);
        text.counter("accept_errors", "Times that accepting failed.", self.accept_errors);
        text.counter("panics", "Tasks that served a session and panicked.", self.panics);
        text.sessions(&self.sessions);
        text.finish()
    }
}

/// The amounts of [`Stats`] by name.
pub(crate) fn amounts(stats: &Stats) -> [(&'static str, Amount); 5] {
    [
        ("received", stats.received),
        ("accepted", stats.accepted),
        ("sent", stats.sent),
        ("dropped", stats.dropped),
        ("unsent", stats.unsent),
    ]
}
