//! What a session waits for: silence, slow records, and the end of closing.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use super::event::Idle;
use super::options::SessionOptions;

/// The times of one session. Time comes in as an argument; only [`poll`](Self::poll) waits.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    sleep: Option<Pin<Box<Sleep>>>,
    times: Times,
}

/// What was seen when.
#[derive(Clone, Copy, Debug, Default)]
struct Times {
    /// Since when the session has been reading without a byte; `None` while it does not read.
    read: Option<Instant>,
    /// When the last byte arrived, be the session reading or not.
    arrived: Option<Instant>,
    written: Option<Instant>,
    /// When the first byte of a record came of which the last has not.
    record: Option<Instant>,
    /// When closing, or the handshake, has to be over.
    limit: Option<Instant>,
    /// Silences that were said already.
    said: Said,
    /// When the peer was asked for an answer, which has as long again.
    asked: Asked,
}

#[derive(Clone, Copy, Debug, Default)]
struct Said {
    read: bool,
    write: bool,
    both: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Asked {
    read: Option<Instant>,
    write: Option<Instant>,
    both: Option<Instant>,
}

/// Whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Idle(Idle),
    /// A record takes too long.
    Record,
    /// Closing takes too long, or the handshake.
    Limit,
}

impl Clock {
    /// Nothing has moved since `now`.
    pub(crate) fn starting(now: Instant) -> Box<Self> {
        let times = Times { written: Some(now), ..Times::default() };
        Box::new(Self { sleep: None, times })
    }

    /// A byte arrived.
    pub(crate) fn read(&mut self, now: Instant) {
        (self.times.read, self.times.arrived) = (Some(now), Some(now));
        self.times.said.read = false;
        self.times.said.both = false;
    }

    /// Whether the session reads.
    pub(crate) fn reading(&mut self, reads: bool, now: Instant) {
        match (reads, self.times.read) {
            (true, None) => self.times.read = Some(now),
            (false, Some(_)) => self.times.read = None,
            _ => {}
        }
    }

    /// The last byte was sent at `at`.
    pub(crate) fn written(&mut self, at: Option<Instant>) {
        if at > self.times.written {
            self.times.written = at;
            self.times.said.write = false;
            self.times.said.both = false;
        }
    }

    /// Whether a part of a record is here.
    pub(crate) fn record(&mut self, begun: bool, now: Instant) {
        match (begun, self.times.record) {
            (true, None) => self.times.record = Some(now),
            (false, Some(_)) => self.times.record = None,
            _ => {}
        }
    }

    /// A whole record came; what is behind it is the front of another one.
    pub(crate) fn next_record(&mut self) {
        self.times.record = None;
    }

    /// Closing, or the handshake, has until then. Silence no longer counts.
    pub(crate) fn limit(&mut self, until: Option<Instant>) {
        self.times.limit = until;
    }

    pub(crate) fn has_limit(&self) -> bool {
        self.times.limit.is_some()
    }

    /// The silence that was said is to be said again if it goes on as long again.
    pub(crate) fn again(&mut self, idle: Idle, now: Instant) {
        let Times { said, asked, .. } = &mut self.times;
        match idle {
            Idle::Read => (asked.read, said.read) = (Some(now), false),
            Idle::Write => (asked.write, said.write) = (Some(now), false),
            Idle::Both => (asked.both, said.both) = (Some(now), false),
        }
    }

    /// Waits for the first of the times.
    pub(crate) fn poll(&mut self, options: &SessionOptions, cx: &mut Context<'_>) -> Poll<Due> {
        loop {
            let Some((at, due)) = self.times.next(options) else { return Poll::Pending };
            let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(at)));
            // A timer that is set too early fires and is set anew: that costs less than to set it
            // with every byte.
            if at < sleep.deadline() || (sleep.is_elapsed() && at > sleep.deadline()) {
                sleep.as_mut().reset(at);
            }
            match sleep.as_mut().poll(cx) {
                Poll::Ready(()) if at <= sleep.deadline() => {
                    self.times.say(due);
                    return Poll::Ready(due);
                }
                Poll::Ready(()) => {}
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl Times {
    /// What comes next, and when.
    fn next(&self, options: &SessionOptions) -> Option<(Instant, Due)> {
        let after = |at: Option<Instant>, time: Option<Duration>| at?.checked_add(time?);
        // What does not run cannot be asked anew.
        let since = |at: Option<Instant>, asked| at.and(at.max(asked));
        if self.limit.is_some() {
            return self.limit.map(|at| (at, Due::Limit));
        }
        let unless = |said: bool, at| if said { None } else { at };
        let read = since(self.read, self.asked.read);
        let write = since(self.written, self.asked.write);
        let both = since(self.read.max(self.arrived).max(self.written), self.asked.both);
        let read = unless(self.said.read, after(read, options.idle_read));
        let write = unless(self.said.write, after(write, options.idle_write));
        let both = unless(self.said.both, after(both, options.idle));
        let record = after(self.record, options.record_timeout);
        [
            (record, Due::Record),
            (both, Due::Idle(Idle::Both)),
            (read, Due::Idle(Idle::Read)),
            (write, Due::Idle(Idle::Write)),
        ]
        .into_iter()
        .filter_map(|(at, due)| Some((at?, due)))
        .min_by_key(|(at, _)| *at)
    }

    fn say(&mut self, due: Due) {
        match due {
            Due::Idle(Idle::Read) => self.said.read = true,
            Due::Idle(Idle::Write) => self.said.write = true,
            Due::Idle(Idle::Both) => self.said.both = true,
            Due::Record => self.record = None,
            Due::Limit => self.limit = None,
        }
    }
}
