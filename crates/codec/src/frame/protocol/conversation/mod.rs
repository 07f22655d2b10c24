//! One connection: which messages come next.

mod resync;

use std::ops::ControlFlow;

use super::file::Side;
use super::memory::Memory;
use super::message::Message;
use super::rule::{Head, Input, Protocol, Rule, Undecided, whole};
use super::trouble::Trouble;
use crate::expr::Recall;

/// One connection that speaks a [`Protocol`]: what its two directions have said so far.
///
/// A plain file or pipe is a conversation with one direction that has no side.
///
/// # Example
///
/// ```text
/// loop {
///     let step = conversation.next(side, &buffer, is_finished);
///     match &step {
///         Step::Need(_) => …read more…,
///         Step::Message(message) => …decode message.record() and message.parts(&buffer)…,
///         …
///     }
///     let consumed = step.consumed();
///     buffer.advance(consumed);
/// }
/// ```
#[derive(Debug)]
pub struct Conversation {
    protocol: Protocol,
    memory: Memory,
    /// Without a side, the client's, the server's.
    directions: [Direction; 3],
    /// Parts of the last message.
    heads: Vec<Head>,
    /// What was wrong with the last message.
    trouble: Option<Trouble>,
    /// What a message that is only looked at would remember.
    remembered: Vec<(usize, i128, i128)>,
}

#[derive(Debug)]
struct Direction {
    state: State,
    /// How often each rule fitted, where that is limited.
    times: Vec<u64>,
    /// Bytes of the stream so far, those of gaps included.
    offset: u64,
}

#[derive(Clone, Debug)]
enum State {
    /// A message begins here.
    Between,
    /// This message began here, of a rule and with a length that are known.
    Within { rule: usize, len: usize },
    /// A place to go on is looked for; `from` is the first byte that may be one.
    Searching { passed: u64, from: usize },
    /// There is none.
    Stopped(Box<Trouble>),
}

impl Direction {
    /// Bytes from here to the next multiple of `stride`.
    fn to_next(&self, stride: usize) -> usize {
        let within = self.offset % u64::try_from(stride).unwrap_or(u64::MAX);
        usize::try_from(within).map_or(0, |within| (stride - within) % stride)
    }
}

/// What comes next in a direction.
///
/// The caller drops the first [`Step::consumed`] bytes and asks again.
#[derive(Clone, Debug)]
pub enum Step<'c> {
    /// At least so many bytes have to be there, counted from the first that were given.
    Need(usize),
    /// A message.
    Message(Message<'c>),
    /// The bytes here are no message. A place to go on is looked for next.
    Bad(Trouble),
    /// Nowhere in the first so many bytes is a place to go on. The search continues.
    Passing(usize),
    /// A message begins after the first `len` bytes, or the stream ends with them.
    Passed {
        /// Bytes to drop now.
        len: usize,
        /// Bytes passed over in all, those of [`Step::Passing`] included.
        total: u64,
    },
    /// The bytes here are no message, and no rule of this direction has a `when` or `resync`, so that
    /// nothing says where to go on. The same for every later question.
    Stopped(Trouble),
    /// The stream has ended between two messages.
    End,
}

impl Step<'_> {
    /// Bytes to drop off the front of the buffer.
    #[must_use]
    pub fn consumed(&self) -> usize {
        match self {
            Self::Message(message) => message.len(),
            Self::Passing(len) | Self::Passed { len, .. } => *len,
            Self::Need(_) | Self::Bad(_) | Self::Stopped(_) | Self::End => 0,
        }
    }
}

impl Protocol {
    /// A connection that is about to begin.
    #[must_use]
    pub fn conversation(&self) -> Conversation {
        let direction =
            || Direction { state: State::Between, times: vec![0; self.0.rules.len()], offset: 0 };
        Conversation {
            protocol: self.clone(),
            memory: Memory::new(self.0.tables),
            directions: [direction(), direction(), direction()],
            heads: Vec::new(),
            trouble: None,
            remembered: Vec::new(),
        }
    }
}

impl Conversation {
    /// The protocol that is spoken.
    #[must_use]
    pub fn protocol(&self) -> &Protocol {
        &self.protocol
    }

    /// What comes next in the direction of `side` (`None`: a plain file). `buf` holds what was not
    /// consumed yet, followed by what has arrived since; `is_finished` says that nothing will follow.
    ///
    /// Whatever the pieces in which a direction arrives, the same messages come out, the same trouble,
    /// and the same totals of bytes passed over. What is recalled is what messages of either direction
    /// have remembered before the question that first knew the length of this one.
    ///
    /// The buffer never has to hold more than two messages of the longest length allowed.
    pub fn next(&mut self, side: Option<Side>, buf: &[u8], is_finished: bool) -> Step<'_> {
        let input = Input { bytes: buf, is_finished };
        let slot = slot(side);
        loop {
            let state = self.directions.get(slot).map(|direction| &direction.state);
            match state {
                Some(State::Stopped(trouble)) => return Step::Stopped(Trouble::clone(trouble)),
                None => return Step::End,
                _ if buf.is_empty() => {
                    if let ControlFlow::Break(step) = self.at_end(slot, is_finished) {
                        return step;
                    }
                }
                Some(State::Between) => match self.select(slot, side, input) {
                    Ok((rule, len)) if len <= buf.len() => return self.take(slot, rule, len, buf),
                    Ok((rule, len)) => self.set(slot, State::Within { rule, len }),
                    Err(Undecided::Need(needed)) => return Step::Need(needed),
                    Err(Undecided::Trouble(trouble)) => return self.fail(slot, side, trouble),
                },
                Some(&State::Within { rule, len }) if len <= buf.len() => {
                    return self.take(slot, rule, len, buf);
                }
                Some(&State::Within { len, .. }) if is_finished => {
                    let trouble = Trouble::Ended { needed: len, left: buf.len() };
                    return self.fail(slot, side, trouble);
                }
                Some(&State::Within { len, .. }) => return Step::Need(len),
                Some(&State::Searching { passed, from }) => {
                    if let Some(step) = self.search(slot, side, input, passed, from) {
                        return step;
                    }
                }
            }
        }
    }

    /// Says that `missing` bytes of a direction are lost, between those given so far and those that
    /// follow. The last `dropped` of those given were not consumed; they are lost with the gap.
    ///
    /// Framing is taken up again as after trouble, with the first byte behind the gap as the first
    /// place to look at. A stream of one kind of record goes on at the next record. Said of a direction
    /// at its start, it means that its beginning is not there.
    pub fn gap(&mut self, side: Option<Side>, dropped: usize, missing: u64) {
        let stride = self.protocol.0.stride;
        let can_search = self.protocol.0.has_guard(side) || stride.is_some();
        let slot = slot(side);
        self.advance(slot, dropped);
        let Some(direction) = self.directions.get_mut(slot) else { return };
        direction.offset = direction.offset.saturating_add(missing);
        let from = stride.map_or(0, |stride| direction.to_next(stride));
        let passed = match direction.state {
            State::Stopped(_) => return,
            State::Searching { passed, .. } => passed.saturating_add(dropped as u64),
            _ => 0,
        };
        match can_search {
            true => self.start_search(slot, passed, from),
            false => self.set(slot, State::Stopped(Box::new(Trouble::Gap))),
        }
    }

    /// Says that what follows begins a message of its own, whatever came before: for datagrams, each of
    /// which is finished. What was remembered and counted stays.
    pub fn restart(&mut self, side: Option<Side>) {
        self.set(slot(side), State::Between);
    }

    fn set(&mut self, slot: usize, state: State) {
        if let Some(direction) = self.directions.get_mut(slot) {
            direction.state = state;
        }
    }

    fn advance(&mut self, slot: usize, len: usize) {
        if let Some(direction) = self.directions.get_mut(slot) {
            direction.offset = direction.offset.saturating_add(len as u64);
        }
    }

    /// What to say when no byte is there.
    fn at_end(&mut self, slot: usize, is_finished: bool) -> ControlFlow<Step<'static>> {
        if !is_finished {
            return ControlFlow::Break(Step::Need(1));
        }
        let state = self.directions.get(slot).map(|direction| &direction.state);
        let passed = match state {
            Some(&State::Searching { passed, .. }) => passed,
            _ => return ControlFlow::Break(Step::End),
        };
        self.set(slot, State::Between);
        match passed {
            0 => ControlFlow::Continue(()),
            total => ControlFlow::Break(Step::Passed { len: 0, total }),
        }
    }

    /// Takes up the search for the next message, or gives up.
    fn fail(&mut self, slot: usize, side: Option<Side>, trouble: Trouble) -> Step<'_> {
        if self.protocol.0.has_guard(side) {
            self.start_search(slot, 0, 1);
            return Step::Bad(trouble);
        }
        self.set(slot, State::Stopped(Box::new(trouble.clone())));
        Step::Stopped(trouble)
    }

    /// The rule of the message that begins here, and its length.
    fn select(
        &self,
        slot: usize,
        side: Option<Side>,
        input: Input<'_>,
    ) -> Result<(usize, usize), Undecided> {
        let rule = self.first_that_fits(slot, side, input, None, &self.memory)?;
        let (index, rule) = rule.ok_or(Undecided::Trouble(Trouble::NoRule))?;
        Ok((index, rule.len(input, &self.memory)?))
    }

    /// The first rule that fits; as if `counted` had fitted once more than it has.
    #[inline]
    fn first_that_fits(
        &self,
        slot: usize,
        side: Option<Side>,
        input: Input<'_>,
        counted: Option<usize>,
        recall: &dyn Recall,
    ) -> Result<Option<(usize, &Rule)>, Undecided> {
        let direction = self.directions.get(slot);
        for (index, rule) in self.protocol.0.rules.iter().enumerate() {
            if !rule.is_for(side) {
                continue;
            }
            if let Some(most) = rule.times {
                let done = direction.and_then(|direction| direction.times.get(index).copied());
                let more = u64::from(counted == Some(index));
                if done.unwrap_or(0).saturating_add(more) >= most {
                    continue;
                }
            }
            if rule.fits(input, recall)? {
                return Ok(Some((index, rule)));
            }
        }
        Ok(None)
    }

    /// Hands out a message that is there as a whole.
    fn take(&mut self, slot: usize, index: usize, len: usize, buf: &[u8]) -> Step<'_> {
        if let Some(direction) = self.directions.get_mut(slot) {
            direction.state = State::Between;
            direction.offset = direction.offset.saturating_add(len as u64);
            if let Some(times) = direction.times.get_mut(index) {
                *times = times.saturating_add(1);
            }
        }
        let Self { protocol, memory, heads, trouble, remembered, .. } = self;
        let Some(rule) = protocol.0.rules.get(index) else { return Step::End };
        heads.clear();
        *trouble = None;
        let bytes = buf.get(..len).unwrap_or(buf);
        let mut plan = rule.record.as_ref();
        if !rule.is_plain() {
            let scope = whole(bytes, rule.max, memory);
            let mut note = |result: Result<(), Trouble>| {
                if let Err(found) = result {
                    trouble.get_or_insert(found);
                }
            };
            match rule.choose(&scope) {
                Ok(chosen) => plan = chosen,
                Err(found) => {
                    plan = None;
                    note(Err(found));
                }
            }
            for part in 0..rule.parts.len() {
                note(rule.head(part, &scope, heads));
            }
            remembered.clear();
            note(rule.remembers(&scope, remembered));
            for &(table, key, value) in remembered.iter() {
                memory.remember(table, key, value);
            }
        }
        let trouble = trouble.as_ref();
        Step::Message(Message { rule, index, len, plan, heads, trouble })
    }
}

fn slot(side: Option<Side>) -> usize {
    match side {
        None => 0,
        Some(Side::Client) => 1,
        Some(Side::Server) => 2,
    }
}
