//! All connections.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use super::connection::{Belongs, Connection};
use super::{Event, Limits, Shared};
use crate::dissect::Segment;
use crate::time::{Arrival, Timestamp};

/// Takes segments and hands on the bytes of streams.
#[derive(Debug)]
pub struct Reassembler {
    shared: Shared,
    /// Where in `connections` the connection of two endpoints is.
    places: HashMap<Key, usize>,
    connections: Vec<Option<Connection>>,
    free: Vec<usize>,
    streams: u64,
    /// Directions with holes, those first that have waited longest; with some that wait no more.
    waiting: VecDeque<Waiting>,
    /// Latest time that was seen.
    now: Option<Timestamp>,
    /// When idle connections were looked for, and how many segments came since.
    swept: Option<Timestamp>,
    since_swept: usize,
}

/// A direction with a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Waiting {
    /// The first that came behind the hole.
    packet: u64,
    place: usize,
    direction: usize,
}

/// Both endpoints, the lower first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    V4(u128),
    Other(SocketAddr, SocketAddr),
}

impl Key {
    fn new(a: SocketAddr, b: SocketAddr) -> Self {
        let (low, high) = (a.min(b), a.max(b));
        match (low, high) {
            // As one number, which is hashed much faster.
            (SocketAddr::V4(low), SocketAddr::V4(high)) => {
                let number = |end: std::net::SocketAddrV4| {
                    u128::from(end.ip().to_bits()) << 16 | u128::from(end.port())
                };
                Self::V4(number(low) << 48 | number(high))
            }
            _ => Self::Other(low, high),
        }
    }
}

/// Connections that are looked through for each segment, at most, to find those that are idle.
const SWEEP: usize = 4;

/// Directions that are noted though they wait no more, beside two for each there is.
const SLACK: usize = 1024;

impl Reassembler {
    /// Knows no connection yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            shared: Shared { limits, held: 0, recent: 0 },
            places: HashMap::new(),
            connections: Vec::new(),
            free: Vec::new(),
            streams: 0,
            waiting: VecDeque::new(),
            now: None,
            swept: None,
            since_swept: 0,
        }
    }

    /// Bytes that are held, with what holding them costs.
    #[must_use]
    pub fn held(&self) -> usize {
        self.shared.held
    }

    /// Sets how long streams wait from now on; see [`Limits::patience`].
    pub fn set_patience(&mut self, patience: Option<Duration>) {
        self.shared.limits.patience = patience;
    }

    /// Takes a segment. Segments come in the order of the capture.
    #[inline]
    pub fn segment<F: FnMut(Event<'_>)>(
        &mut self,
        segment: &Segment<'_>,
        arrival: Arrival,
        take: &mut F,
    ) {
        if let Some(time) = arrival.time {
            self.is_at(time, take);
        }
        let place = self.place(segment, take);
        let Some(Some(connection)) = self.connections.get_mut(place) else { return };
        connection.segment(segment, arrival, &mut self.shared, take);
        for (direction, it) in connection.directions.iter_mut().enumerate() {
            let since = it.since().map(|since| since.packet);
            if since != it.noted {
                it.noted = since;
                if let Some(packet) = since {
                    self.waiting.push_back(Waiting { packet, place, direction });
                }
            }
        }
        if self.shared.held > self.shared.limits.held {
            self.relieve(take);
        }
        if self.waiting.len() > SLACK + 4 * self.places.len() {
            self.waiting.retain(|waiting| is_noted(&self.connections, waiting));
        }
    }

    /// Says what time it is, by the clock of the capture: what has waited or was idle for too long goes
    /// on or ends. Segments say so too.
    pub fn tick<F: FnMut(Event<'_>)>(&mut self, now: Timestamp, take: &mut F) {
        self.is_at(now, take);
        if let Some(patience) = self.shared.limits.patience {
            self.lose_patience(now, patience, take);
        }
    }

    /// The capture has ended: hands on all that is held, in the order in which it was captured, and ends
    /// all streams.
    pub fn finish<F: FnMut(Event<'_>)>(&mut self, take: &mut F) {
        let mut held: BinaryHeap<Reverse<(u64, usize, usize)>> = BinaryHeap::new();
        for (place, connection) in self.connections.iter().enumerate() {
            let Some(connection) = connection else { continue };
            for (direction, it) in connection.directions.iter().enumerate() {
                held.extend(it.first_held().map(|packet| Reverse((packet, place, direction))));
            }
        }
        while let Some(Reverse((_, place, direction))) = held.pop() {
            let Some(Some(connection)) = self.connections.get_mut(place) else { continue };
            let Some(it) = connection.directions.get_mut(direction) else { continue };
            it.go_on_by_one(&mut self.shared, take);
            held.extend(it.first_held().map(|packet| Reverse((packet, place, direction))));
        }
        let mut left: Vec<Connection> = self.connections.drain(..).flatten().collect();
        left.sort_by_key(|connection| connection.stream());
        for mut connection in left {
            connection.end(&mut self.shared, take);
        }
        self.places.clear();
        self.free.clear();
        self.waiting.clear();
    }

    /// Where the connection of a segment is; a new one if there is none.
    #[inline]
    fn place<F: FnMut(Event<'_>)>(&mut self, segment: &Segment<'_>, take: &mut F) -> usize {
        let key = Key::new(segment.src, segment.dst);
        if let Some(&place) = self.places.get(&key) {
            let found = self.connections.get_mut(place).and_then(Option::as_mut);
            if found.is_some_and(|it| it.belongs(segment, &self.shared) == Belongs::Here) {
                return place;
            }
            self.remove(place, take);
        }
        self.insert(key, segment, take)
    }

    fn insert<F: FnMut(Event<'_>)>(
        &mut self,
        key: Key,
        segment: &Segment<'_>,
        take: &mut F,
    ) -> usize {
        let most = self.shared.limits.connections;
        if self.places.len() >= most {
            self.end_longest_idle(most / 16, take);
        }
        let connection = Connection::new(self.streams, segment, &self.shared.limits.server_ports);
        self.streams += 1;
        let place = self.free.pop().unwrap_or(self.connections.len());
        match self.connections.get_mut(place) {
            Some(free) => *free = Some(connection),
            None => self.connections.push(Some(connection)),
        }
        self.places.insert(key, place);
        place
    }

    /// Ends a connection.
    fn remove<F: FnMut(Event<'_>)>(&mut self, place: usize, take: &mut F) {
        let Some(mut connection) = self.connections.get_mut(place).and_then(Option::take) else {
            return;
        };
        connection.end(&mut self.shared, take);
        let (src, dst) = connection.ends();
        self.places.remove(&Key::new(src, dst));
        self.free.push(place);
    }

    /// Lets those that have waited longest go on, until little enough is held.
    #[cold]
    fn relieve<F: FnMut(Event<'_>)>(&mut self, take: &mut F) {
        while self.shared.held > self.shared.limits.held {
            let Some(waiting) = self.waiting.pop_front() else { return };
            let Some(Some(connection)) = self.connections.get_mut(waiting.place) else { continue };
            let Some(it) = connection.directions.get_mut(waiting.direction) else { continue };
            if it.noted != Some(waiting.packet) {
                continue;
            }
            while it.first_held().is_some() {
                it.go_on(&mut self.shared, take);
            }
            it.noted = None;
        }
    }

    /// Notes the time, and ends what is idle.
    #[inline]
    fn is_at<F: FnMut(Event<'_>)>(&mut self, time: Timestamp, take: &mut F) {
        self.since_swept += 1;
        // Clocks are set back, and packets of several interfaces are not in order.
        if self.now.is_some_and(|now| time <= now) {
            return;
        }
        self.now = Some(time);
        let since = self.swept.get_or_insert(time);
        if time.seconds() > since.seconds()
            && self.since_swept.saturating_mul(SWEEP) >= self.connections.len()
        {
            self.sweep(time, take);
        }
    }

    #[cold]
    fn sweep<F: FnMut(Event<'_>)>(&mut self, now: Timestamp, take: &mut F) {
        self.swept = Some(now);
        self.since_swept = 0;
        let Limits { idle, idle_closed, patience, .. } = self.shared.limits;
        let is_idle = |connection: &Connection| {
            let idle = if connection.is_closed() { idle_closed } else { idle };
            connection.last.is_some_and(|last| elapsed(last, now) > idle)
        };
        let idle: Vec<usize> = (0..)
            .zip(&self.connections)
            .filter(|(_, it)| it.as_ref().is_some_and(is_idle))
            .map(|(place, _)| place)
            .collect();
        for place in idle {
            self.remove(place, take);
        }
        self.waiting.retain(|waiting| is_noted(&self.connections, waiting));
        if let Some(patience) = patience {
            self.lose_patience(now, patience, take);
        }
    }

    /// Lets those go on that have waited long enough.
    fn lose_patience<F: FnMut(Event<'_>)>(
        &mut self,
        now: Timestamp,
        patience: Duration,
        take: &mut F,
    ) {
        let mut waiting = std::mem::take(&mut self.waiting);
        for waiting in &mut waiting {
            let Some(Some(connection)) = self.connections.get_mut(waiting.place) else { continue };
            let Some(it) = connection.directions.get_mut(waiting.direction) else { continue };
            while it.noted == Some(waiting.packet) && it.is_impatient(now, patience) {
                it.go_on(&mut self.shared, take);
                it.noted = it.since().map(|since| since.packet);
                waiting.packet = it.noted.unwrap_or(waiting.packet);
            }
        }
        waiting.retain(|waiting| is_noted(&self.connections, waiting));
        self.waiting = waiting;
    }

    /// Ends connections that were silent for longest.
    #[cold]
    fn end_longest_idle<F: FnMut(Event<'_>)>(&mut self, count: usize, take: &mut F) {
        let mut places: Vec<(u64, usize)> = (0..)
            .zip(&self.connections)
            .filter_map(|(place, it)| it.as_ref().map(|it| (it.last_packet, place)))
            .collect();
        let count = count.clamp(1, places.len().max(1));
        if let Some(last) = count.checked_sub(1).filter(|&last| last < places.len()) {
            places.select_nth_unstable(last);
        }
        places.truncate(count);
        places.sort_unstable();
        for (_, place) in places {
            self.remove(place, take);
        }
    }
}

/// Whether a direction still waits for what it was noted for.
fn is_noted(connections: &[Option<Connection>], waiting: &Waiting) -> bool {
    let connection = connections.get(waiting.place).and_then(Option::as_ref);
    let direction = connection.and_then(|it| it.directions.get(waiting.direction));
    direction.is_some_and(|it| it.noted == Some(waiting.packet))
}

fn elapsed(since: Timestamp, now: Timestamp) -> Duration {
    let nanos = (now.total_nanos() - since.total_nanos()).max(0);
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}
