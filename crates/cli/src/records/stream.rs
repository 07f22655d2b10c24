//! From the bytes of a stream to records.

use std::io;

use cwire_capture::Arrival;
use cwire_codec::frame::protocol::{Conversation, Side, Step};
use cwire_codec::plan::Short;

use super::work::{To, Work};
use crate::complaint::counted;
use crate::sink::{Ends, Origin};

/// The bytes of one direction.
pub(crate) struct Stream {
    /// Who talks, in a capture.
    ends: Option<Ends>,
    /// Which dump of the input, from 0.
    dump: u64,
    /// Bytes that are read and not decoded, and where the first of them stands.
    buffer: Vec<u8>,
    position: u64,
    /// What brought the last of the bytes in the buffer.
    arrival: Option<Arrival>,
    /// Bytes that have to be there before it is worth asking again.
    needed: usize,
    /// Whether nothing of this stream can be decoded any more.
    is_stopped: bool,
    /// Of a run of records: bytes to pass over after a gap, up to where the next begins, and where the
    /// first one stood.
    skip: u64,
    first: u64,
}

/// The conversation that a stream is a direction of.
pub(crate) struct Talk<'a> {
    pub(crate) conversation: &'a mut Conversation,
    pub(crate) side: Option<Side>,
}

impl Stream {
    /// A stream whose first byte has this offset.
    pub(crate) fn new(ends: Option<Ends>, dump: u64, offset: u64, work: &Work<'_>) -> Self {
        Self {
            ends,
            dump,
            buffer: Vec::new(),
            position: offset,
            arrival: None,
            needed: 1,
            is_stopped: false,
            skip: 0,
            first: offset.max(work.options.limits.offset),
        }
    }

    fn origin(&self, offset: u64, arrival: Option<Arrival>) -> Origin<'_> {
        Origin { ends: self.ends.as_ref(), dump: self.dump, arrival, ..Origin::at(offset) }
    }

    /// Offset of the byte that comes next.
    pub(crate) fn end(&self) -> u64 {
        self.position + self.buffer.len() as u64
    }

    /// Whether the stream is a run of records. A line that says of which dump it is says more than that.
    fn is_run(&self, work: &Work<'_>) -> bool {
        work.runs.is_some() && self.dump == 0
    }

    /// Takes the bytes that follow.
    pub(crate) fn bytes(
        &mut self,
        bytes: &[u8],
        arrival: Option<Arrival>,
        talk: &mut Talk<'_>,
        work: &mut Work<'_>,
        to: &mut To<'_>,
    ) -> io::Result<()> {
        let before = work.options.limits.offset.saturating_sub(self.position);
        let skip = usize::try_from(before).map_or(bytes.len(), |skip| skip.min(bytes.len()));
        let skip = if self.buffer.is_empty() { skip } else { 0 };
        self.position += skip as u64;
        let bytes = bytes.get(skip..).unwrap_or_default();
        if self.is_stopped || work.is_full() {
            self.position += bytes.len() as u64;
            return Ok(());
        }
        if self.is_run(work) {
            return self.run(bytes, arrival, work, to);
        }
        let old = self.buffer.len();
        let latest = if old > 0 { self.arrival.max(arrival) } else { arrival };
        let when = |at: usize| if at < old { latest } else { arrival };
        // Where nothing is left of the bytes before, they need not be copied together.
        let mut joined = std::mem::take(&mut self.buffer);
        if old > 0 {
            joined.extend_from_slice(bytes);
        }
        let all = if old > 0 { &joined } else { bytes };
        let at = match all.len() >= self.needed {
            true => self.messages(all, &when, false, talk, work, to)?,
            false => 0,
        };
        self.arrival = when(at);
        if self.is_stopped {
            self.position += (all.len() - at) as u64;
            joined.clear();
        } else if old > 0 {
            joined.drain(..at);
        } else {
            joined.extend_from_slice(bytes.get(at..).unwrap_or_default());
        }
        self.buffer = joined;
        Ok(())
    }

    /// Writes whole records straight away and keeps what is left.
    fn run(
        &mut self,
        bytes: &[u8],
        arrival: Option<Arrival>,
        work: &mut Work<'_>,
        to: &mut To<'_>,
    ) -> io::Result<()> {
        let Some(size) = work.runs.as_ref().map(|runs| runs.size) else { return Ok(()) };
        let skip = usize::try_from(self.skip).map_or(bytes.len(), |skip| skip.min(bytes.len()));
        self.skip -= skip as u64;
        self.position += skip as u64;
        let mut bytes = bytes.get(skip..).unwrap_or_default();
        if !self.buffer.is_empty() {
            let lacking = size.saturating_sub(self.buffer.len()).min(bytes.len());
            let (now, later) = bytes.split_at(lacking);
            self.buffer.extend_from_slice(now);
            bytes = later;
            self.arrival = self.arrival.max(arrival);
            if self.buffer.len() < size {
                return Ok(());
            }
            work.run(&self.buffer, self.origin(self.position, self.arrival), to.out)?;
            self.position += size as u64;
            self.buffer.clear();
        }
        let most = work.options.limits.count.map(|count| count - work.totals.records.min(count));
        let most =
            most.and_then(|most| usize::try_from(most).ok()).and_then(|it| it.checked_mul(size));
        let whole = bytes.len() / size * size;
        let whole = most.map_or(whole, |most| most.min(whole));
        let (now, later) = bytes.split_at(whole);
        work.run(now, self.origin(self.position, arrival), to.out)?;
        self.position += now.len() as u64;
        if later.len() < size {
            self.buffer.extend_from_slice(later);
            self.arrival = arrival;
        }
        Ok(())
    }

    /// Takes messages off the front of some bytes, and says how many bytes they were. `when` says what
    /// brought the rest of a message that begins somewhere.
    fn messages(
        &mut self,
        bytes: &[u8],
        when: &dyn Fn(usize) -> Option<Arrival>,
        is_finished: bool,
        talk: &mut Talk<'_>,
        work: &mut Work<'_>,
        to: &mut To<'_>,
    ) -> io::Result<usize> {
        let mut at = 0;
        while !work.is_full() {
            let rest = bytes.get(at..).unwrap_or_default();
            let origin = self.origin(self.position + at as u64, when(at));
            let step = talk.conversation.next(talk.side, rest, is_finished);
            let consumed = step.consumed();
            match step {
                Step::Need(needed) => {
                    self.needed = needed;
                    break;
                }
                Step::Message(message) => {
                    let bytes = rest.get(..message.len()).unwrap_or(rest);
                    work.totals.bytes += bytes.len() as u64;
                    if let Some(part) = message.record() {
                        work.part(&part, bytes, origin, to)?;
                    }
                    for part in message.parts(bytes) {
                        match part {
                            Ok(part) => work.part(&part, bytes, origin, to)?,
                            Err(trouble) => work.error(origin, None, &trouble.to_string(), to)?,
                        }
                    }
                    if let Some(trouble) = message.trouble() {
                        work.error(origin, None, &trouble.to_string(), to)?;
                    }
                }
                Step::Bad(trouble) => work.error(origin, None, &trouble.to_string(), to)?,
                Step::Passing(_) => {}
                Step::Passed { len, total } => {
                    let next = Origin { offset: origin.offset + len as u64, ..origin };
                    let passed = counted(total, "byte");
                    let message = format!("framing is taken up again here, {passed} passed over");
                    work.error(next, None, &message, to)?;
                }
                Step::Stopped(trouble) => {
                    work.error(origin, None, &trouble.to_string(), to)?;
                    self.is_stopped = true;
                    break;
                }
                Step::End => break,
            }
            at += consumed;
        }
        self.position += at as u64;
        Ok(at)
    }

    /// Bytes are missing between those so far and those that follow.
    pub(crate) fn gap(
        &mut self,
        missing: u64,
        talk: &mut Talk<'_>,
        work: &mut Work<'_>,
        to: &mut To<'_>,
    ) -> io::Result<()> {
        if self.position.saturating_add(missing) <= work.options.limits.offset {
            self.position += missing;
            return Ok(());
        }
        let left = self.buffer.len();
        if let (Some(runs), 1.., true) = (&work.runs, left, self.is_run(work)) {
            let message = format!("needs {} bytes, {left} before a gap", runs.size);
            work.error(self.origin(self.position, self.arrival), None, &message, to)?;
        }
        work.gap(self.origin(self.end(), None), missing, to)?;
        self.position = self.end().saturating_add(missing);
        self.buffer.clear();
        if !self.is_run(work) {
            self.needed = 1;
            talk.conversation.gap(talk.side, left, missing);
        } else if let Some(runs) = &work.runs {
            let size = runs.size as u64;
            let within = self.position.saturating_sub(self.first) % size.max(1);
            self.skip = (size - within) % size.max(1);
        }
        Ok(())
    }

    /// Says what is remarkable at an offset.
    pub(crate) fn remark(&self, offset: u64, what: &str, work: &mut Work<'_>) {
        work.complain(self.origin(offset, None), offset, what);
    }

    /// The stream has ended: what is left of it is no whole record.
    pub(crate) fn finish(
        &mut self,
        talk: &mut Talk<'_>,
        work: &mut Work<'_>,
        to: &mut To<'_>,
    ) -> io::Result<()> {
        if !self.is_stopped && !work.is_full() {
            let bytes = std::mem::take(&mut self.buffer);
            let arrival = self.arrival;
            self.messages(&bytes, &|_| arrival, true, talk, work, to)?;
        }
        self.buffer.clear();
        self.needed = 1;
        Ok(())
    }

    /// Takes a datagram, which is a stream of its own; its conversation goes on.
    pub(crate) fn datagram(
        ends: Ends,
        (bytes, missing): (&[u8], u32),
        arrival: Arrival,
        talk: &mut Talk<'_>,
        work: &mut Work<'_>,
        to: &mut To<'_>,
    ) -> io::Result<()> {
        let mut stream = Self::new(Some(ends), 0, 0, work);
        talk.conversation.restart(talk.side);
        let first = usize::try_from(stream.first).unwrap_or(usize::MAX);
        match work.options.open {
            // What has no size of its own has that of its datagram.
            Some(plan) => {
                let bytes = bytes.get(first..).unwrap_or_default();
                work.totals.bytes += bytes.len() as u64;
                let origin = stream.origin(stream.first, Some(arrival));
                work.record(plan, bytes, Short::Error, origin, to)?;
                stream.position += bytes.len() as u64;
            }
            None => stream.bytes(bytes, Some(arrival), talk, work, to)?,
        }
        if missing > 0 {
            stream.gap(u64::from(missing), talk, work, to)?;
        }
        stream.finish(talk, work, to)
    }
}
