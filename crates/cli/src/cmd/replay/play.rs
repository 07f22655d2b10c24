//! Says what the client of a capture said, and hears what is answered.

use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use cwire_capture::Timestamp;
use cwire_codec::expr::Occasion;
use cwire_codec::frame::protocol::Side;
use cwire_transport::{Event, Session, TrySendError};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::codec::BytesCodec;
use tokio_util::sync::CancellationToken;

use super::answers::{Answers, Counts};
use super::script::{Ending, Item, Say};
use crate::complaint::{Complaints, counted};
use crate::live::news::{Teller, What};
use crate::live::{now, sleep_until};
use crate::records::change::Changes;

/// When messages are sent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pace {
    /// As far apart as they were, so many times as fast.
    Speed(f64),
    Asap,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Outcome {
    pub(super) said: u64,
    pub(super) answers: Counts,
    pub(super) ending: Ending,
    pub(super) is_stopped: bool,
    pub(super) is_bad: bool,
}

pub(super) struct Play {
    pub(super) session: Session<BytesCodec>,
    pub(super) script: mpsc::Receiver<Item>,
    pub(super) teller: Teller,
    pub(super) answers: Answers,
    pub(super) changes: Changes,
    pub(super) pace: Pace,
    /// Longest silence in which an answer is waited for.
    pub(super) wait: Duration,
    pub(super) stop: CancellationToken,
    pub(super) quiet: bool,
}

/// How far it is.
#[derive(Default)]
struct State {
    is_ready: bool,
    /// Nothing more can be sent.
    is_over: bool,
    is_full: bool,
    /// Bytes that the system has taken, and when it last took some.
    taken: u64,
    taken_at: Option<Instant>,
    /// Whether no more answers come.
    has_heard_all: bool,
    is_paused: bool,
    is_finished: bool,
    next: Option<Say>,
    /// What there was no room for.
    pending: Option<Bytes>,
    ending: Option<Ending>,
    /// When a message was sent, and when it was in the capture.
    base: Option<(Instant, Timestamp)>,
    said: u64,
    unsaid: u64,
    /// Those of them that `--set` has no value for.
    refused: u64,
}

impl Play {
    pub(super) async fn run(mut self) -> Outcome {
        let mut state = State::default();
        let mut complaints = Complaints::new(self.quiet);
        let (client, server) = (self.session.local().clone(), self.session.peer().clone());
        let mut is_stopped = false;
        loop {
            let due = self.step(&mut state, &mut complaints).await;
            let is_read = state.ending.is_some() || state.next.is_some();
            let may_read = !is_read && self.answers.has_room();
            let event = tokio::select! {
                event = self.session.next() => event,
                item = self.script.recv(), if may_read => {
                    self.take(item, &mut state);
                    continue;
                }
                () = sleep_until(due), if due.is_some() => continue,
                () = self.stop.cancelled(), if !is_stopped => {
                    is_stopped = true;
                    state.is_over = true;
                    self.session.handle().close();
                    continue;
                }
            };
            let what = match event {
                Some(Event::Connected) => What::Opened {
                    client: client.clone(),
                    server: server.clone(),
                    peer: Some(Side::Server),
                },
                Some(Event::Ready) => {
                    state.is_ready = true;
                    self.answers.progress = Instant::now();
                    continue;
                }
                Some(Event::Drained) => {
                    state.is_full = false;
                    continue;
                }
                Some(event) => match self.hear(event, &mut state) {
                    Some(what) => what,
                    None => continue,
                },
                None => break,
            };
            if self.teller.tell(0, what).await.is_err() {
                break;
            }
        }
        if !is_stopped {
            // What the capture has beyond this was to be said, and to be heard, too.
            let wait = self.wait;
            let rest = async {
                while state.ending.is_none() {
                    if state.next.take().is_some() {
                        state.unsaid += 1;
                    }
                    let item = self.script.recv().await;
                    self.take(item, &mut state);
                }
            };
            // A capture that is still being written has no end.
            let _ = tokio::time::timeout(wait, rest).await;
        }
        self.finish(state, is_stopped, complaints)
    }

    fn hear(&mut self, event: Event<BytesMut, io::Error>, state: &mut State) -> Option<What> {
        Some(match event {
            Event::Record(bytes) => {
                let bytes = bytes.freeze();
                self.answers.take(Side::Server, &bytes);
                What::Bytes { from: Side::Server, bytes }
            }
            Event::Finished => {
                self.answers.finish();
                // It may still listen, and is not waited for any more.
                state.has_heard_all = true;
                What::Finished { from: Side::Server }
            }
            Event::Error(error) => What::Failed(format!("{:#}", anyhow::Error::new(error))),
            Event::Closed(closed) => {
                state.is_over = true;
                What::Closed(closed)
            }
            _ => return None,
        })
    }

    /// What comes next in the capture.
    fn take(&mut self, item: Option<Item>, state: &mut State) {
        match item {
            Some(Item::Say(say)) => state.next = Some(say),
            Some(Item::Heard(answer)) => self.answers.expect(answer),
            Some(Item::End(ending)) => state.ending = Some(ending),
            None => state.ending = Some(Ending { is_bad: true, ..Ending::default() }),
        }
    }

    /// Says what is due, and tells when there is more to do.
    async fn step(&mut self, state: &mut State, complaints: &mut Complaints) -> Option<Instant> {
        let is_ahead = self.answers.is_ahead() && state.ending.is_none();
        if is_ahead != state.is_paused {
            state.is_paused = is_ahead;
            match is_ahead {
                true => self.session.pause(),
                false => self.session.resume(),
            }
        }
        if state.is_over {
            if state.next.take().is_some() {
                state.unsaid += 1;
            }
            if !std::mem::replace(&mut state.is_finished, true) {
                self.session.handle().close();
            }
            return None;
        }
        let instant = Instant::now();
        if state.is_full {
            return self.wait_for_room(state, complaints, instant);
        }
        if !state.is_ready {
            return None;
        }
        if let Some(bytes) = state.pending.take() {
            self.send(bytes, state).await;
            return Some(Instant::now());
        }
        let patience = self.answers.progress.checked_add(self.wait);
        let patience = patience.filter(|_| !state.has_heard_all);
        if !self.answers.has_room() {
            // So many that are waited for are enough to know that they do not come.
            if let Some(until) = patience.filter(|until| *until > instant) {
                return Some(until);
            }
            self.answers.give_up();
            return Some(instant);
        }
        if let Some(say) = &state.next {
            if !self.answers.are_complete() {
                if let Some(until) = patience.filter(|until| *until > instant) {
                    return Some(until);
                }
                self.answers.give_up();
            }
            let due = due(self.pace, state.base, say.time);
            if let Some(due) = due.filter(|due| *due > instant) {
                return Some(due);
            }
            if let Some(say) = state.next.take() {
                // What has waited for an answer does not make those behind it hurry.
                state.base = say.time.map(|time| (instant, time)).or(state.base);
                self.say(say, state, complaints).await;
            }
            return Some(instant);
        }
        state.ending?;
        self.answers.end();
        if !state.is_finished {
            state.is_finished = true;
            self.session.finish();
            self.answers.progress = instant;
            return Some(instant);
        }
        if self.session.stats().queued.bytes > 0 {
            return self.wait_for_room(state, complaints, instant);
        }
        match patience.filter(|until| *until > instant) {
            Some(until) => Some(until),
            None => {
                // The server does not finish; what was to be heard from it was waited for.
                state.is_over = true;
                self.session.handle().close();
                None
            }
        }
    }

    /// Gives up a server that takes nothing for too long.
    fn wait_for_room(
        &self,
        state: &mut State,
        complaints: &mut Complaints,
        now: Instant,
    ) -> Option<Instant> {
        let taken = self.session.stats().sent.bytes;
        if taken != state.taken || state.taken_at.is_none() {
            (state.taken, state.taken_at) = (taken, Some(now));
        }
        let until = state.taken_at.and_then(|at| at.checked_add(self.wait))?;
        if until > now {
            return Some(until);
        }
        complaints.add("the server takes no more of what is sent");
        state.is_over = true;
        state.is_finished = true;
        self.session.handle().abort();
        None
    }

    async fn say(&mut self, say: Say, state: &mut State, complaints: &mut Complaints) {
        let Say { mut bytes, parts, offset, .. } = say;
        let occasion = Occasion { number: state.said, nanos: now().total_nanos() };
        if let Err(problem) = self.changes.apply(&mut bytes, &parts, &occasion) {
            let problem = format!("the message at {offset:#x} ({offset}) is not sent: {problem}");
            complaints.add(problem);
            state.refused += 1;
            return;
        }
        self.send(bytes.into(), state).await;
    }

    async fn send(&mut self, bytes: Bytes, state: &mut State) {
        match self.session.try_send(bytes.clone()) {
            Ok(()) => {
                state.said += 1;
                self.answers.progress = Instant::now();
                self.answers.take(Side::Client, &bytes);
                // Nobody prints any more, which is found out when something is heard.
                let _ = self.teller.tell(0, What::Bytes { from: Side::Client, bytes }).await;
            }
            Err(TrySendError::Full(bytes)) => {
                state.is_full = true;
                state.pending = Some(bytes);
            }
            Err(TrySendError::Ended(_) | TrySendError::Refused(_)) => {
                state.is_over = true;
                state.unsaid += 1;
            }
        }
    }

    fn finish(mut self, mut state: State, is_stopped: bool, mut complaints: Complaints) -> Outcome {
        if state.pending.is_some() || state.next.is_some() {
            state.unsaid += 1;
        }
        if !is_stopped {
            self.answers.give_up();
            self.answers.sum_up();
            let is_whole = state.ending.is_some();
            if state.unsaid > 0 || !is_whole {
                let least = if is_whole { "" } else { "at least " };
                let unsaid = counted(state.unsaid.max(1), "message");
                complaints.add(format_args!("{least}{unsaid} not sent: the connection is over"));
            }
        }
        let is_said = state.said + state.refused > 0;
        for flag in self.changes.unused().filter(|_| is_said) {
            complaints.add(format_args!("--set {flag} has changed nothing"));
        }
        let Answers { complaints: of_answers, counts, .. } = self.answers;
        let ending = state.ending.unwrap_or_default();
        let is_bad = [complaints.finish(), of_answers.finish(), ending.is_bad].contains(&true);
        Outcome { said: state.said, answers: counts, ending, is_stopped, is_bad }
    }
}

/// When a message is to be sent; `None`: now.
fn due(pace: Pace, base: Option<(Instant, Timestamp)>, time: Option<Timestamp>) -> Option<Instant> {
    let (Pace::Speed(speed), Some((instant, before)), Some(time)) = (pace, base, time) else {
        return None;
    };
    let nanos = u64::try_from(time.total_nanos() - before.total_nanos()).unwrap_or_default();
    let apart = Duration::try_from_secs_f64(Duration::from_nanos(nanos).as_secs_f64() / speed);
    instant.checked_add(apart.ok()?)
}
