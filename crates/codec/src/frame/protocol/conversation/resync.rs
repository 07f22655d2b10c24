//! Where framing is taken up again.

use super::{Conversation, State, Step};
use crate::expr::Recall;
use crate::frame::protocol::file::Side;
use crate::frame::protocol::memory::After;
use crate::frame::protocol::rule::{Input, Undecided, whole};
use crate::frame::protocol::trouble::Trouble;

impl Conversation {
    /// Looks for a place to go on, `from` bytes from here on.
    pub(super) fn start_search(&mut self, slot: usize, passed: u64, from: usize) {
        let Self { protocol, directions, .. } = self;
        let Some(direction) = directions.get_mut(slot) else { return };
        direction.state = State::Searching { passed, from };
        // What comes a few times without any condition comes at the start of a stream.
        for (rule, times) in protocol.0.rules.iter().zip(&mut direction.times) {
            if !rule.is_guarded() {
                *times = u64::MAX;
            }
        }
    }

    /// Looks for the next place where a guarded message and the one after it fit; `None` when it is
    /// here.
    pub(super) fn search(
        &mut self,
        slot: usize,
        side: Option<Side>,
        input: Input<'_>,
        passed: u64,
        from: usize,
    ) -> Option<Step<'static>> {
        let is_strided = self.protocol.0.stride.is_some();
        let mut at = from;
        let (is_found, needed) = loop {
            let Some(bytes) = input.bytes.get(at..).filter(|bytes| !bytes.is_empty()) else {
                break (false, None);
            };
            let rest = Input { bytes, ..input };
            match if is_strided { Ok(true) } else { self.is_plausible(slot, side, rest) } {
                Ok(true) => break (true, None),
                Ok(false) => at += 1,
                Err(needed) => break (false, Some(needed)),
            }
        };
        let len = at.min(input.bytes.len());
        let total = passed.saturating_add(len as u64);
        self.advance(slot, len);
        if is_found {
            self.set(slot, State::Between);
            return (total > 0).then_some(Step::Passed { len, total });
        }
        self.set(slot, State::Searching { passed: total, from: at - len });
        match needed {
            Some(needed) if len == 0 => Some(Step::Need(needed)),
            _ => Some(Step::Passing(len)),
        }
    }

    /// Whether a guarded message begins here and another fits behind it, or the stream ends there.
    /// Otherwise how many bytes have to be there to say.
    fn is_plausible(
        &mut self,
        slot: usize,
        side: Option<Side>,
        input: Input<'_>,
    ) -> Result<bool, usize> {
        let Some((index, len)) = decided(self.guarded(slot, side, input))?.flatten() else {
            return Ok(false);
        };
        if len >= input.bytes.len() {
            return match input.is_finished {
                true => Ok(len == input.bytes.len()),
                false => Err(len + 1),
            };
        }
        let Some((message, behind)) = input.bytes.split_at_checked(len) else { return Ok(false) };
        let mut remembered = std::mem::take(&mut self.remembered);
        remembered.clear();
        if let Some(rule) = self.protocol.0.rules.get(index) {
            // Trouble with what it remembers is no reason to pass a message over.
            let _ = rule.remembers(&whole(message, rule.max, &self.memory), &mut remembered);
        }
        let after = After { memory: &self.memory, remembered: &remembered };
        let behind = Input { bytes: behind, ..input };
        let fits = decided(self.follows(slot, side, behind, index, &after));
        self.remembered = remembered;
        match fits {
            Ok(fits) => Ok(fits.unwrap_or(false)),
            Err(needed) => Err(len.saturating_add(needed)),
        }
    }

    /// The message that begins here, if it is one that something tells from noise.
    fn guarded(
        &self,
        slot: usize,
        side: Option<Side>,
        input: Input<'_>,
    ) -> Result<Option<(usize, usize)>, Undecided> {
        let fits = self.first_that_fits(slot, side, input, None, &self.memory)?;
        let Some((index, rule)) = fits.filter(|(_, rule)| rule.is_guarded()) else {
            return Ok(None);
        };
        if !rule.resyncs(input, &self.memory)? {
            return Ok(None);
        }
        Ok(Some((index, rule.len(input, &self.memory)?)))
    }

    /// Whether a message fits here, behind one of the rule `before`.
    fn follows(
        &self,
        slot: usize,
        side: Option<Side>,
        input: Input<'_>,
        before: usize,
        recall: &dyn Recall,
    ) -> Result<bool, Undecided> {
        let Some((_, rule)) = self.first_that_fits(slot, side, input, Some(before), recall)? else {
            return Ok(false);
        };
        if !rule.resyncs(input, recall)? {
            return Ok(false);
        }
        match rule.len(input, recall) {
            // The stream may end within it.
            Err(Undecided::Trouble(Trouble::Ended { .. })) | Ok(_) => Ok(true),
            Err(undecided) => Err(undecided),
        }
    }
}

/// What is decided: trouble decides that there is no message.
fn decided<T>(result: Result<T, Undecided>) -> Result<Option<T>, usize> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Undecided::Need(needed)) => Err(needed),
        Err(Undecided::Trouble(_)) => Ok(None),
    }
}
