//! One direction of a connection: which bytes come next.

use std::ops::Range;
use std::time::Duration;

use super::held::{Differing, Held};
use super::recent::Recent;
use super::{Event, Flow, Shared};
use crate::time::{Arrival, Timestamp};

/// Gaps that are remembered, to tell bytes that come too late from repeated ones.
const GAPS: usize = 32;

/// Position of the first sequence number of a direction, so that there is room for lower ones.
const ORIGIN: u64 = 1 << 40;

/// Sequence numbers are counted on in 64 bits: a *position* is one of them that does not wrap.
#[derive(Debug)]
pub(super) struct Direction {
    pub(super) flow: Flow,
    start: Start,
    /// Position of the first byte that was not handed on.
    next: u64,
    held: Held,
    recent: Recent,
    /// Behind the last byte that the capture promises, where its last bytes were not captured.
    promised: u64,
    /// Gaps of the last time.
    gaps: Vec<Range<u64>>,
    /// How far the receiver has acknowledged.
    acked: u64,
    /// Since when there is a hole.
    since: Option<Arrival>,
    /// Packet since when there is a hole, as it was noted for all streams.
    pub(super) noted: Option<u64>,
    /// What its SYN acknowledges, if that is an answer.
    pub(super) answers: Option<u32>,
    /// Whether a segment came.
    pub(super) has_appeared: bool,
    pub(super) is_fin: bool,
    pub(super) is_rst: bool,
}

/// What is known of where a stream begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    /// No segment has come but RST, whose number may be any.
    Unknown,
    /// Segments have come, of which this is the lowest position, and no SYN.
    Lowest(u64),
    /// At this position, and the bytes from there on were handed on, or are as soon as they come. With the
    /// number of the SYN if there was one.
    At(u64, Option<u32>),
}

impl Direction {
    pub(super) fn new(flow: Flow) -> Self {
        Self {
            flow,
            start: Start::Unknown,
            next: ORIGIN,
            held: Held::default(),
            recent: Recent::default(),
            promised: 0,
            gaps: Vec::new(),
            acked: 0,
            since: None,
            noted: None,
            answers: None,
            has_appeared: false,
            is_fin: false,
            is_rst: false,
        }
    }

    /// Whether a sequence number is known.
    pub(super) fn is_seen(&self) -> bool {
        self.start != Start::Unknown
    }

    /// Whether any payload came.
    pub(super) fn has_data(&self) -> bool {
        match self.start {
            Start::Unknown => false,
            Start::Lowest(_) => !self.held.is_empty(),
            Start::At(start, _) => self.next > start || !self.held.is_empty(),
        }
    }

    /// Whether bytes or gaps were handed on.
    pub(super) fn has_begun(&self) -> bool {
        matches!(self.start, Start::At(start, _) if self.next > start)
    }

    /// Number of the SYN, if there was one.
    pub(super) fn isn(&self) -> Option<u32> {
        match self.start {
            Start::At(_, isn) => isn,
            _ => None,
        }
    }

    /// Position of a sequence number: the one that is nearest to what comes next (RFC 9293 §3.4).
    #[inline]
    pub(super) fn position(&mut self, seq: u32) -> u64 {
        if self.start == Start::Unknown {
            self.next = ORIGIN + u64::from(seq);
        }
        let ahead = seq.wrapping_sub(low(self.next)).cast_signed();
        self.next.saturating_add_signed(i64::from(ahead))
    }

    /// Whether a SYN of this number can be what the segments so far came after: they begin behind it, and
    /// not by more than may be held.
    pub(super) fn can_follow(&mut self, seq: u32, shared: &Shared) -> bool {
        let Start::Lowest(lowest) = self.start else { return false };
        let start = self.position(seq.wrapping_add(1));
        lowest
            .checked_sub(start)
            .is_some_and(|ahead| ahead < shared.limits.held_per_direction as u64)
    }

    /// A SYN came with this number.
    pub(super) fn begins_after(&mut self, isn: u32) {
        let start = self.position(isn.wrapping_add(1));
        self.held.drop_before(start);
        self.start = Start::At(start, Some(isn));
        self.next = start;
    }

    /// A segment without payload came.
    pub(super) fn sees(&mut self, seq: u32) {
        let at = self.position(seq);
        match self.start {
            Start::Unknown => self.start = Start::Lowest(at),
            Start::Lowest(lowest) => self.start = Start::Lowest(lowest.min(at)),
            Start::At(..) => {}
        }
    }

    /// The receiver has everything before a sequence number.
    pub(super) fn is_acknowledged(&mut self, seq: u32) {
        if self.is_seen() {
            self.acked = self.acked.max(self.position(seq));
        }
    }

    /// Payload came, and `missing` bytes of it more that were not captured.
    #[inline]
    pub(super) fn data<F: FnMut(Event<'_>)>(
        &mut self,
        at: u64,
        bytes: &[u8],
        missing: u32,
        arrival: Arrival,
        shared: &mut Shared,
        take: &mut F,
    ) {
        if missing > 0 {
            self.promised = self.promised.max(at + bytes.len() as u64 + u64::from(missing));
        }
        if at == self.next && self.held.is_empty() && matches!(self.start, Start::At(..)) {
            self.hand_on(bytes, arrival, shared, take);
        } else {
            self.disordered(at, bytes, arrival, shared, take);
        }
    }

    fn hand_on<F: FnMut(Event<'_>)>(
        &mut self,
        bytes: &[u8],
        arrival: Arrival,
        shared: &mut Shared,
        take: &mut F,
    ) {
        if bytes.is_empty() {
            return;
        }
        self.recent.push(self.next, bytes, &mut shared.recent);
        self.next += bytes.len() as u64;
        take(Event::Data { flow: &self.flow, bytes, arrival });
    }

    /// Payload that is not what comes next, or not only.
    #[cold]
    fn disordered<F: FnMut(Event<'_>)>(
        &mut self,
        at: u64,
        bytes: &[u8],
        arrival: Arrival,
        shared: &mut Shared,
        take: &mut F,
    ) {
        if let Start::Lowest(lowest) = self.start {
            self.start = Start::Lowest(lowest.min(at));
        } else if self.start == Start::Unknown {
            self.start = Start::Lowest(at);
        }
        let is_begun = matches!(self.start, Start::At(..));
        let behind = if is_begun { self.next.saturating_sub(at) } else { 0 };
        let behind = usize::try_from(behind).map_or(bytes.len(), |it| it.min(bytes.len()));
        let (old, new) = bytes.split_at(behind);
        // A keep-alive probe is a byte of any value before what comes next (RFC 9293 §3.8.4).
        let is_probe = bytes.len() == 1 && at + 1 == self.next.max(self.held.end());
        if !is_probe {
            self.repeated(at, old, arrival, take);
        }
        let at = at + old.len() as u64;

        let before = self.held.cost();
        let is_next = is_begun && at == self.next;
        // What comes next need not be held, up to the first that is.
        let (now, later) = match self.held.first() {
            _ if !is_next => new.split_at(0),
            None => new.split_at(new.len()),
            Some((first, _)) => {
                let room = usize::try_from(first - at).map_or(new.len(), |it| it.min(new.len()));
                new.split_at(room)
            }
        };
        let differing = self.held.insert(at + now.len() as u64, later, arrival);
        shared.held = shared.held + self.held.cost() - before;
        if !is_probe {
            self.differs(differing, arrival, take);
        }
        self.hand_on(now, arrival, shared, take);
        self.drain(shared, take);
        self.waits(arrival);
        while self.held.cost() > shared.limits.held_per_direction {
            self.go_on(shared, take);
        }
    }

    /// Bytes came that are not looked for any more.
    fn repeated<F: FnMut(Event<'_>)>(&self, at: u64, bytes: &[u8], arrival: Arrival, take: &mut F) {
        let Start::At(start, isn) = self.start else { return };
        let end = at + bytes.len() as u64;
        let mut differing = Differing::default();
        differing.add(self.recent.differing(at, bytes));
        self.differs(differing, arrival, take);
        let within = |gap: &Range<u64>| end.min(gap.end).saturating_sub(at.max(gap.start));
        let mut late: u64 = self.gaps.iter().map(within).sum();
        // What lies before a SYN belongs to another connection.
        if isn.is_none() {
            late += end.min(start).saturating_sub(at);
        }
        if late > 0 {
            take(Event::Late { flow: &self.flow, count: late, arrival });
        }
    }

    fn differs<F: FnMut(Event<'_>)>(&self, differing: Differing, arrival: Arrival, take: &mut F) {
        let Differing { count, first: Some(first) } = differing else { return };
        let offset = first.saturating_sub(self.beginning());
        take(Event::Differs { flow: &self.flow, offset, count, arrival });
    }

    /// Position of the first byte, as far as it is known.
    fn beginning(&self) -> u64 {
        match self.start {
            Start::Unknown => self.next,
            Start::Lowest(start) | Start::At(start, _) => start,
        }
    }

    /// Hands on what is held and comes next.
    pub(super) fn drain<F: FnMut(Event<'_>)>(&mut self, shared: &mut Shared, take: &mut F) {
        if !matches!(self.start, Start::At(..)) {
            return;
        }
        while self.hand_on_piece(shared, take) {}
    }

    fn hand_on_piece<F: FnMut(Event<'_>)>(&mut self, shared: &mut Shared, take: &mut F) -> bool {
        let before = self.held.cost();
        let Some(piece) = self.held.take(self.next) else { return false };
        shared.held = shared.held + self.held.cost() - before;
        self.hand_on(&piece.bytes, piece.arrival, shared, take);
        true
    }

    /// Notes since when there is a hole.
    fn waits(&mut self, arrival: Arrival) {
        self.since = if self.held.is_empty() { None } else { self.since.or(Some(arrival)) };
    }

    /// Since when bytes are held.
    pub(super) fn since(&self) -> Option<Arrival> {
        self.since
    }

    /// Goes on behind the hole: with the first piece that is held, if there is one.
    pub(super) fn go_on<F: FnMut(Event<'_>)>(&mut self, shared: &mut Shared, take: &mut F) {
        let Some((first, arrival)) = self.held.first() else { return };
        self.go_to(first, take);
        self.hand_on_piece(shared, take);
        self.drain(shared, take);
        self.since = None;
        self.waits(arrival);
    }

    /// The same with but one piece, whichever follow.
    pub(super) fn go_on_by_one<F: FnMut(Event<'_>)>(&mut self, shared: &mut Shared, take: &mut F) {
        let Some((first, _)) = self.held.first() else { return };
        self.go_to(first, take);
        self.hand_on_piece(shared, take);
    }

    /// What is not there up to a position is a gap.
    fn go_to<F: FnMut(Event<'_>)>(&mut self, to: u64, take: &mut F) {
        if let Start::Lowest(lowest) = self.start {
            self.start = Start::At(lowest, None);
            self.next = lowest;
        }
        let Some(missing @ 1..) = to.checked_sub(self.next) else { return };
        if self.gaps.len() >= GAPS {
            self.gaps.remove(0);
        }
        self.gaps.push(self.next..to);
        self.next = to;
        take(Event::Gap { flow: &self.flow, missing });
    }

    /// Packet that brought the first of the bytes that are held.
    pub(super) fn first_held(&self) -> Option<u64> {
        self.held.first().map(|(_, arrival)| arrival.packet)
    }

    /// Whether it has waited long enough for what the receiver has, or what may come before the first byte.
    pub(super) fn is_impatient(&self, now: Timestamp, patience: Duration) -> bool {
        let (Some((first, _)), Some(since)) = (self.held.first(), self.since) else { return false };
        let is_hopeless = match self.start {
            Start::At(..) => self.acked >= first,
            _ => true,
        };
        let waited = since.time.map_or(0, |since| now.total_nanos() - since.total_nanos());
        is_hopeless && waited >= i128::try_from(patience.as_nanos()).unwrap_or(i128::MAX)
    }

    /// Nothing follows. What is held was handed on.
    pub(super) fn end<F: FnMut(Event<'_>)>(&mut self, shared: &mut Shared, take: &mut F) {
        if self.promised > 0 {
            self.go_to(self.promised, take);
        }
        self.recent.clear(&mut shared.recent);
        take(Event::End(&self.flow));
    }

    /// Gives back what is only needed for a connection in use.
    pub(super) fn rest(&mut self, shared: &mut Shared) {
        self.recent.clear(&mut shared.recent);
    }
}

/// The sequence number at a position.
fn low(position: u64) -> u32 {
    u32::try_from(position & u64::from(u32::MAX)).unwrap_or(0)
}
