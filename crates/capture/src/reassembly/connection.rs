//! One connection: which segments belong to it.

use std::net::SocketAddr;

use super::direction::Direction;
use super::{Event, Flow, RECENT_IN_ALL, Shared, is_client};
use crate::dissect::Segment;
use crate::time::{Arrival, Timestamp};

/// Most data of a SYN: what fits into an IP packet.
const MAX_SYN_DATA: u32 = 65_535;

/// Two endpoints that talk.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) directions: [Direction; 2],
    /// When its last segment was captured.
    pub(super) last: Option<Timestamp>,
    /// Packet of its last segment.
    pub(super) last_packet: u64,
}

/// What a segment is to a connection that its endpoints have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Belongs {
    Here,
    /// To one that begins with it.
    ToAnother,
}

impl Connection {
    /// A connection whose first segment this is.
    pub(super) fn new(stream: u64, segment: &Segment<'_>, server_ports: &[u16]) -> Self {
        let (src, dst) = (segment.src, segment.dst);
        let is_client = match segment.is_syn {
            true => segment.ack.is_none(),
            false => is_client(src, dst, server_ports),
        };
        let flow = Flow::first(stream, src, dst, is_client);
        Self {
            directions: [Direction::new(flow), Direction::new(flow.back())],
            last: None,
            last_packet: 0,
        }
    }

    /// Which direction a segment goes.
    pub(super) fn direction(&self, segment: &Segment<'_>) -> usize {
        let [first, _] = &self.directions;
        usize::from(first.flow.src != segment.src || first.flow.dst != segment.dst)
    }

    fn pair(&mut self, direction: usize) -> (&mut Direction, &mut Direction) {
        let [first, second] = &mut self.directions;
        if direction == 0 { (first, second) } else { (second, first) }
    }

    /// Whether a segment goes on with this connection. A SYN without ACK begins another, unless its number
    /// is the known one, or may be.
    pub(super) fn belongs(&mut self, segment: &Segment<'_>, shared: &Shared) -> Belongs {
        if !segment.is_syn || segment.is_rst || segment.ack.is_some() {
            return Belongs::Here;
        }
        let (own, other) = self.pair(self.direction(segment));
        let is_known = match own.isn() {
            Some(isn) => isn == segment.seq,
            None if own.can_follow(segment.seq, shared) && !own.is_fin => true,
            // Simultaneous open, a handshake in four parts, or a SYN that was captured behind its answer.
            // In one of five parts, the server has acknowledged the client's SYN already.
            None => {
                let is_first = !own.is_seen() || (!own.has_data() && other.flow.is_client);
                let is_over = [&*own, other].iter().any(|it| it.is_fin || it.is_rst);
                // An answer says which SYN it is to, and may acknowledge the data of that, too.
                let is_opening = match other.answers {
                    Some(ack) => ack.wrapping_sub(segment.seq.wrapping_add(1)) <= MAX_SYN_DATA,
                    None => other.isn().is_some() && !other.has_data(),
                };
                is_first && is_opening && !is_over
            }
        };
        if is_known { Belongs::Here } else { Belongs::ToAnother }
    }

    /// Takes a segment.
    #[inline]
    pub(super) fn segment<F: FnMut(Event<'_>)>(
        &mut self,
        segment: &Segment<'_>,
        arrival: Arrival,
        shared: &mut Shared,
        take: &mut F,
    ) {
        let direction = self.direction(segment);
        self.last = arrival.time.or(self.last);
        self.last_packet = arrival.packet;
        let (own, other) = self.pair(direction);
        if !std::mem::replace(&mut own.has_appeared, true) {
            take(Event::Begin(&own.flow));
        }
        if segment.is_syn && !segment.is_rst {
            own.answers = segment.ack.or(own.answers);
            let is_answer = segment.ack.is_some();
            let is_undecided = !own.has_begun() && !other.has_begun();
            // Of two that open at once, the first is the client.
            if is_undecided && (is_answer || other.isn().is_none()) {
                own.flow.is_client = !is_answer;
                other.flow.is_client = is_answer;
            }
            let is_new = match own.isn() {
                Some(isn) => isn != segment.seq && !own.has_data(),
                None => !own.has_data() || own.can_follow(segment.seq, shared),
            };
            if is_new {
                own.begins_after(segment.seq);
                own.drain(shared, take);
            }
        }
        let first = segment.seq.wrapping_add(u32::from(segment.is_syn));
        let has_payload = !segment.payload.is_empty() || segment.missing > 0;
        if has_payload && !segment.is_rst {
            let at = own.position(first);
            own.data(at, segment.payload, segment.missing, arrival, shared, take);
        } else if !segment.is_rst {
            own.sees(first);
        }
        own.is_fin |= segment.is_fin;
        own.is_rst |= segment.is_rst;
        if let (Some(ack), Some(_)) = (segment.ack, shared.limits.patience) {
            other.is_acknowledged(ack);
        }
        // What a closed connection keeps to compare with is given to others when it gets scarce.
        if shared.recent > RECENT_IN_ALL / 2 && self.is_closed() {
            self.directions.iter_mut().for_each(|direction| direction.rest(shared));
        }
    }

    /// Its number.
    pub(super) fn stream(&self) -> u64 {
        let [first, _] = &self.directions;
        first.flow.stream
    }

    /// Its endpoints.
    pub(super) fn ends(&self) -> (SocketAddr, SocketAddr) {
        let [first, _] = &self.directions;
        (first.flow.src, first.flow.dst)
    }

    /// Whether both sides, or one for both, have said that it is over.
    pub(super) fn is_closed(&self) -> bool {
        let [first, second] = &self.directions;
        (first.is_fin && second.is_fin) || first.is_rst || second.is_rst
    }

    /// Hands on all that is held, in the order in which it was captured, and ends both directions.
    pub(super) fn end<F: FnMut(Event<'_>)>(&mut self, shared: &mut Shared, take: &mut F) {
        while let Some(direction) = self.first_held() {
            self.pair(direction).0.go_on_by_one(shared, take);
        }
        for direction in self.directions.iter_mut().filter(|direction| direction.has_appeared) {
            direction.end(shared, take);
        }
    }

    /// The direction whose held bytes came first.
    fn first_held(&self) -> Option<usize> {
        let [first, second] = self.directions.each_ref().map(Direction::first_held);
        match (first, second) {
            (None, None) => None,
            (Some(first), Some(second)) => Some(usize::from(second < first)),
            (first, _) => Some(usize::from(first.is_none())),
        }
    }
}
