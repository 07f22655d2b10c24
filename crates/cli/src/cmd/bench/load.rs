//! The load on one connection.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use cwire_codec::expr::Occasion;
use cwire_codec::frame::protocol::{Conversation, Protocol, Side, Step};
use cwire_transport::{CloseReason, Closed, Event, Session, TrySendError};
use hdrhistogram::Histogram;
use tokio::time::Instant;
use tokio_util::codec::BytesCodec;
use tokio_util::sync::CancellationToken;

use super::template::Template;
use crate::complaint::counted;
use crate::live::now;

/// Latencies are kept in nanoseconds, up to an hour and with three digits.
const MAX_LATENCY: u64 = 3_600_000_000_000;

/// Bytes that are sent before other tasks have their turn.
const TURN: usize = 64 << 10;

/// What all connections do.
pub(super) struct Plan {
    pub(super) protocol: Protocol,
    /// Bytes of a record, where all have the same.
    pub(super) size: Option<usize>,
    pub(super) template: Template,
    /// Answers to each record.
    pub(super) answers: u64,
    /// Records of a connection that wait for their answers, at most.
    pub(super) in_flight: usize,
    /// Time between two records of a connection.
    pub(super) interval: Option<Duration>,
    pub(super) duration: Duration,
    /// How long the last answers are waited for.
    pub(super) wait: Duration,
    pub(super) stop: CancellationToken,
}

/// What happened on one connection, or on all.
pub(super) struct Outcome {
    pub(super) sent: u64,
    pub(super) answers: u64,
    pub(super) bytes_sent: u64,
    pub(super) bytes_received: u64,
    /// Records whose answers did not come.
    pub(super) unanswered: u64,
    /// Nanoseconds.
    pub(super) latency: Histogram<u64>,
    pub(super) problem: Option<String>,
    /// From the first record to the last answer.
    pub(super) lasted: Duration,
}

impl Outcome {
    pub(super) fn new() -> Self {
        let latency = Histogram::new_with_bounds(1, MAX_LATENCY, 3);
        Self {
            sent: 0,
            answers: 0,
            bytes_sent: 0,
            bytes_received: 0,
            unanswered: 0,
            latency: latency.expect("bounds that the documentation allows"),
            problem: None,
            lasted: Duration::ZERO,
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.sent += other.sent;
        self.answers += other.answers;
        self.bytes_sent += other.bytes_sent;
        self.bytes_received += other.bytes_received;
        self.unanswered += other.unanswered;
        self.latency.add(&other.latency).expect("of the same bounds");
        self.lasted = self.lasted.max(other.lasted);
    }
}

/// One connection under load.
pub(super) struct Load {
    plan: Arc<Plan>,
    session: Session<BytesCodec>,
    /// Records, at most.
    count: Option<u64>,
    counter: Counter,
    /// When the records that wait for answers were due, or sent.
    waiting: VecDeque<Instant>,
    /// Answers to the first of them so far.
    answered: u64,
    /// How long after the others its first record is due, and when the next one is.
    first: Duration,
    due: Instant,
    /// Whether something else than its time has held up the next record.
    is_held_up: bool,
    is_full: bool,
    /// What there was no room for.
    pending: Option<Bytes>,
    outcome: Outcome,
}

/// What is to be done when all that may be sent was.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sent {
    /// There is more, when others had their turn.
    More,
    /// There will be more.
    Waiting,
    All,
}

impl Load {
    /// A connection that `place` of `places` are before, and that sends `count` records at most.
    pub(super) fn new(
        plan: Arc<Plan>,
        session: Session<BytesCodec>,
        (place, places): (u32, u32),
        count: Option<u64>,
    ) -> Self {
        // Those of several connections are spread evenly.
        let first = plan.interval.map_or(Duration::ZERO, |it| it / places.max(1) * place);
        Self {
            counter: Counter::new(&plan.protocol, plan.size),
            plan,
            session,
            count,
            waiting: VecDeque::new(),
            answered: 0,
            first,
            due: Instant::now(),
            is_held_up: false,
            is_full: false,
            pending: None,
            outcome: Outcome::new(),
        }
    }

    pub(super) async fn run(mut self) -> Outcome {
        let begin = Instant::now();
        let end = later(begin, self.plan.duration);
        let mut is_ready = false;
        let mut is_over = false;
        let mut is_closing = false;
        let mut until = end;
        let stop = self.plan.stop.clone();
        loop {
            let mut has_more = false;
            if is_ready && !is_over {
                let sent = self.send(end);
                is_over = sent == Sent::All || stop.is_cancelled();
                has_more = sent == Sent::More;
                if is_over {
                    until = later(Instant::now(), self.plan.wait);
                }
            }
            if is_over && !is_closing && self.waiting.is_empty() {
                is_closing = true;
                self.session.finish();
                self.outcome.lasted = begin.elapsed();
            }
            let is_timed = self.plan.interval.is_some() && !self.is_held_up && !is_over;
            let next = if is_timed { self.due.min(until) } else { until };
            let event = tokio::select! {
                event = self.session.next() => event,
                () = tokio::task::yield_now(), if has_more => continue,
                () = tokio::time::sleep_until(next) => {
                    if Instant::now() < until {
                        continue;
                    }
                    if !is_over {
                        is_over = true;
                        until = later(Instant::now(), self.plan.wait);
                        continue;
                    }
                    self.late(is_ready);
                    self.session.handle().abort();
                    // The end of the session is what comes next.
                    until = later(Instant::now(), self.plan.wait);
                    continue;
                }
                () = stop.cancelled(), if !is_over => {
                    is_over = true;
                    until = later(Instant::now(), self.plan.wait);
                    continue;
                }
            };
            match event {
                Some(Event::Ready) => {
                    is_ready = true;
                    self.due = later(Instant::now(), self.first);
                }
                Some(Event::Drained) => self.is_full = false,
                Some(Event::Record(bytes)) => self.received(&bytes),
                Some(Event::Error(error)) => {
                    let error = anyhow::Error::new(error);
                    self.outcome.problem.get_or_insert(format!("{error:#}"));
                }
                Some(Event::Closed(closed)) => {
                    // What this side has ended, it has said why.
                    if !is_closing && closed.reason != CloseReason::ByUs {
                        self.problem(&closed.reason.to_string());
                    }
                    is_over = true;
                    self.unsent(closed);
                    if self.plan.answers == 0 {
                        // The server has taken all, or will take no more.
                        self.outcome.lasted = begin.elapsed();
                    }
                }
                Some(Event::Finished) if self.plan.answers > 0 => {
                    if !(is_closing || is_over && self.waiting.is_empty()) {
                        self.problem("the server has finished before the load was over");
                    }
                    is_over = true;
                    is_closing = true;
                    self.session.finish();
                }
                Some(_) => {}
                None => break,
            }
        }
        self.outcome.unanswered = self.waiting.len() as u64;
        if self.outcome.lasted.is_zero() {
            self.outcome.lasted = begin.elapsed();
        }
        self.outcome
    }

    /// Says what is wrong, of several things the first.
    fn problem(&mut self, what: &str) {
        self.outcome.problem.get_or_insert_with(|| what.to_owned());
    }

    /// What was waited for did not come.
    fn late(&mut self, is_ready: bool) {
        if !is_ready {
            self.problem("a connection that was made did not become ready: TLS was not answered");
        } else if self.plan.answers == 0 {
            self.problem("the server has not taken all that was sent, or did not finish");
        }
    }

    /// What was never handed to the system was not sent.
    fn unsent(&mut self, closed: Closed) {
        if closed.unsent.bytes > 0 {
            let unsent = counted(closed.unsent.bytes, "byte");
            self.problem(&format!("{unsent} not sent: {}", closed.reason));
            self.outcome.sent = self.outcome.sent.saturating_sub(closed.unsent.records);
            self.outcome.bytes_sent = self.outcome.bytes_sent.saturating_sub(closed.unsent.bytes);
        }
    }

    /// Sends what is due and may be sent.
    fn send(&mut self, end: Instant) -> Sent {
        let plan = Arc::clone(&self.plan);
        let mut turn = 0;
        loop {
            let now = Instant::now();
            if now >= end || self.count.is_some_and(|count| self.outcome.sent >= count) {
                return Sent::All;
            }
            if plan.interval.is_some() && now < self.due {
                self.is_held_up = false;
                return Sent::Waiting;
            }
            if self.is_full || (plan.answers > 0 && self.waiting.len() >= plan.in_flight) {
                self.is_held_up = true;
                return Sent::Waiting;
            }
            if turn >= TURN {
                return Sent::More;
            }
            let bytes = match self.pending.take().map_or_else(|| self.message(), Ok) {
                Ok(bytes) => bytes,
                Err(problem) => {
                    self.problem(&problem);
                    return Sent::All;
                }
            };
            let len = bytes.len();
            match self.session.feed(bytes.clone()) {
                Ok(()) => {}
                Err(TrySendError::Full(bytes)) => {
                    self.pending = Some(bytes);
                    self.is_full = true;
                    continue;
                }
                Err(TrySendError::Ended(_) | TrySendError::Refused(_)) => return Sent::All,
            }
            turn += len;
            self.counter.overhear(&bytes);
            self.outcome.sent += 1;
            self.outcome.bytes_sent += len as u64;
            if plan.answers > 0 {
                // What answers have held up would have been sent when it was due, and its own answer is
                // late by that, too. Of the clock's own lateness the server knows nothing.
                let is_late = self.is_held_up && plan.interval.is_some();
                self.waiting.push_back(if is_late { self.due } else { now });
            }
            if let Some(interval) = plan.interval {
                self.due = later(self.due, interval);
                self.is_held_up &= self.due <= now;
            }
        }
    }

    fn message(&self) -> Result<Bytes, String> {
        let occasion = Occasion { number: self.outcome.sent, nanos: now().total_nanos() };
        self.plan.template.message(&occasion)
    }

    fn received(&mut self, bytes: &[u8]) {
        let now = Instant::now();
        self.outcome.bytes_received += bytes.len() as u64;
        let answers = self.counter.count(bytes);
        self.outcome.answers += answers;
        self.answered += answers;
        while self.plan.answers > 0 && self.answered >= self.plan.answers {
            let Some(since) = self.waiting.pop_front() else {
                // Nobody asked for these.
                self.answered = 0;
                break;
            };
            self.answered -= self.plan.answers;
            let nanos = now.saturating_duration_since(since).as_nanos();
            let nanos = u64::try_from(nanos).unwrap_or(u64::MAX);
            self.outcome.latency.saturating_record(nanos);
        }
    }
}

/// A time behind another; one that never comes, if it is too long.
fn later(now: Instant, time: Duration) -> Instant {
    const YEARS: Duration = Duration::from_secs(30 * 365 * 24 * 3600);
    now.checked_add(time).unwrap_or(now + YEARS)
}

/// Counts the messages of the server.
enum Counter {
    /// All have so many bytes; of the next, so many are here.
    Size {
        size: usize,
        front: usize,
    },
    Protocol {
        conversation: Box<Conversation>,
        buffers: [BytesMut; 2],
        is_stopped: bool,
    },
}

impl Counter {
    fn new(protocol: &Protocol, size: Option<usize>) -> Self {
        match size {
            Some(size) => Self::Size { size, front: 0 },
            None => Self::Protocol {
                conversation: Box::new(protocol.conversation()),
                buffers: [BytesMut::new(), BytesMut::new()],
                is_stopped: false,
            },
        }
    }

    fn overhear(&mut self, bytes: &Bytes) {
        self.take(Side::Client, bytes);
    }

    fn count(&mut self, bytes: &[u8]) -> u64 {
        if let Self::Size { size, front } = self {
            let all = *front + bytes.len();
            *front = all % *size;
            return (all / *size) as u64;
        }
        self.take(Side::Server, bytes)
    }

    fn take(&mut self, side: Side, bytes: &[u8]) -> u64 {
        let Self::Protocol { conversation, buffers, is_stopped } = self else { return 0 };
        let [client, server] = buffers;
        let buffer = if side == Side::Client { client } else { server };
        buffer.extend_from_slice(bytes);
        let mut count = 0;
        while !*is_stopped {
            let step = conversation.next(Some(side), buffer, false);
            let consumed = step.consumed().min(buffer.len());
            match step {
                Step::Need(_) | Step::End => return count,
                Step::Stopped(_) => *is_stopped = true,
                Step::Message(_) => count += 1,
                _ => {}
            }
            buffer.advance(consumed);
        }
        buffer.clear();
        count
    }
}
