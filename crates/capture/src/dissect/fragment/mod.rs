//! Puts the fragments of IP datagrams together (RFC 791, RFC 815, RFC 8200).
//!
//! ```text
//! first fragment  |aaaaaaaa|                         offset 0, more to come
//! cut by snaplen           |bbbb....|                promised 8 bytes, captured 4
//! retransmitted            |cccccccc|                fills what is missing: bbbbcccc
//! last            |                 |dddd|           ends the datagram at 20 bytes
//! ```
//!
//! Of a byte that comes twice the first arrival counts. A datagram is complete when all its bytes
//! were *promised* by some fragment; those that no fragment holds, as the capture cut them off, are holes.

mod ranges;

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::ops::Range;

use self::ranges::Ranges;
use super::counts::Fate;
use super::span::Span;
use crate::time::Timestamp;

/// Longest payload of a fragmented datagram, in bytes: what IPv4's and IPv6's length fields can say.
pub const MAX_DATAGRAM_LEN: usize = 65_535;
/// Fragmented datagrams that are held at most; then the oldest is given up.
pub const MAX_HELD_DATAGRAMS: usize = 1024;
/// Bytes that are held at most for fragmented datagrams, bookkeeping included: 4 MiB; then the oldest is
/// given up.
pub const MAX_HELD_BYTES: usize = 4 << 20;
/// Seconds that a datagram may take to arrive, in the capture's time, from its first fragment on
/// (RFC 8200, 4.5).
pub const MAX_FRAGMENT_AGE: i64 = 60;

/// What a datagram costs beside its bytes: more than its entries in the tables.
const OVERHEAD: usize = 512;

/// Which datagram a fragment belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) src: IpAddr,
    pub(super) dst: IpAddr,
    pub(super) id: u32,
    pub(super) protocol: u8,
}

/// One fragment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    pub(super) key: Key,
    /// What the datagram carries, if this is its first fragment.
    pub(super) protocol: u8,
    pub(super) offset: usize,
    pub(super) is_last: bool,
    pub(super) payload: Span<'a>,
}

/// A datagram all of whose fragments are there, though perhaps not captured as a whole.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) protocol: u8,
    /// Zero in holes.
    pub(super) bytes: Vec<u8>,
    runs: Ranges,
}

/// The captured runs of a datagram with holes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Runs<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) runs: &'a [Range<usize>],
}

impl Whole {
    /// The bytes before the first hole; the runs, if there is a hole.
    pub(super) fn parts(&self) -> (Span<'_>, Option<Runs<'_>>) {
        let runs = self.runs.as_slice();
        let len = runs.first().filter(|run| run.start == 0).map_or(0, |run| run.end);
        let data = self.bytes.get(..len).unwrap_or_default();
        let missing = self.bytes.len() - data.len();
        let runs = (missing > 0).then_some(Runs { bytes: &self.bytes, runs });
        (Span { data, missing, trailer: 0 }, runs)
    }
}

/// Datagrams of which fragments are awaited.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    partial: HashMap<Key, Partial>,
    /// Keys, the oldest datagram first.
    order: BTreeMap<u64, Key>,
    /// Number of the next datagram.
    next: u64,
    /// What the datagrams cost, in bytes.
    held: usize,
    /// Datagrams given up.
    given_up: u64,
}

/// A datagram of which fragments are awaited.
#[derive(Debug)]
struct Partial {
    number: u64,
    since: Option<Timestamp>,
    protocol: u8,
    /// Where the last fragment ends.
    len: Option<usize>,
    bytes: Vec<u8>,
    captured: Ranges,
    promised: Ranges,
}

impl Fragments {
    /// Takes a fragment; returns the datagram if this completes it.
    ///
    /// # Errors
    ///
    /// It does not, or cannot belong to any datagram.
    pub(super) fn add(
        &mut self,
        piece: &Piece<'_>,
        time: Option<Timestamp>,
    ) -> Result<Whole, Fate> {
        let Piece { key, offset, payload, .. } = *piece;
        let end = offset.saturating_add(payload.len());
        let is_cut_odd = !piece.is_last && !payload.len().is_multiple_of(8);
        if end > MAX_DATAGRAM_LEN || end == offset || is_cut_odd {
            return Err(Fate::Malformed);
        }
        self.expire(key, time);
        let partial = self.partial.entry(key).or_insert_with(|| {
            self.order.insert(self.next, key);
            self.next += 1;
            self.held += OVERHEAD;
            Partial::new(self.next - 1, time)
        });
        let cost = partial.cost();
        partial.add(piece);
        self.held = self.held - cost + partial.cost();
        if partial.is_complete()
            && let Some(partial) = self.remove(key)
        {
            return Ok(partial.finish());
        }
        while self.partial.len() > MAX_HELD_DATAGRAMS || self.held > MAX_HELD_BYTES {
            self.give_up_oldest();
        }
        Err(Fate::Fragment)
    }

    /// Datagrams held, and what they cost in bytes.
    pub(super) fn held(&self) -> (usize, usize) {
        (self.partial.len(), self.held)
    }

    /// Datagrams given up until now.
    pub(super) fn given_up(&self) -> u64 {
        self.given_up
    }

    /// Gives up all datagrams.
    pub(super) fn clear(&mut self) {
        self.given_up += self.partial.len() as u64;
        self.partial.clear();
        self.order.clear();
        self.held = 0;
    }

    /// Gives up datagrams that are too old, the one with `key` included.
    fn expire(&mut self, key: Key, now: Option<Timestamp>) {
        let Some(now) = now else { return };
        while let Some((_, oldest)) = self.order.first_key_value()
            && self.partial.get(oldest).is_some_and(|partial| partial.is_old(now))
        {
            self.give_up_oldest();
        }
        if self.partial.get(&key).is_some_and(|partial| partial.is_old(now)) {
            self.remove(key);
            self.given_up += 1;
        }
    }

    fn give_up_oldest(&mut self) {
        if let Some((_, &key)) = self.order.first_key_value() {
            self.remove(key);
            self.given_up += 1;
        }
    }

    fn remove(&mut self, key: Key) -> Option<Partial> {
        let partial = self.partial.remove(&key)?;
        self.order.remove(&partial.number);
        self.held -= partial.cost() + OVERHEAD;
        Some(partial)
    }
}

impl Partial {
    fn new(number: u64, since: Option<Timestamp>) -> Self {
        Self {
            number,
            since,
            protocol: 0,
            len: None,
            bytes: Vec::new(),
            captured: Ranges::default(),
            promised: Ranges::default(),
        }
    }

    fn add(&mut self, piece: &Piece<'_>) {
        let Piece { offset, payload: Span { data, .. }, .. } = *piece;
        let end = offset + piece.payload.len();
        if offset == 0 && !self.promised.has(0) {
            self.protocol = piece.protocol;
        }
        if piece.is_last && self.len.is_none() {
            self.len = Some(end);
        }
        self.promised.insert(offset..end, |_| {});
        let captured = offset..offset + data.len();
        if self.bytes.len() < captured.end {
            self.bytes.resize(captured.end, 0);
        }
        let bytes = &mut self.bytes;
        self.captured.insert(captured, |new| {
            let from = data.get(new.start - offset..new.end - offset);
            if let (Some(from), Some(to)) = (from, bytes.get_mut(new)) {
                to.copy_from_slice(from);
            }
        });
    }

    /// Bytes held, those beyond [`OVERHEAD`].
    fn cost(&self) -> usize {
        self.bytes.capacity() + self.captured.cost() + self.promised.cost()
    }

    fn is_old(&self, now: Timestamp) -> bool {
        self.since.is_some_and(|since| {
            let age = now.total_nanos() - since.total_nanos();
            age > i128::from(MAX_FRAGMENT_AGE) * 1_000_000_000
        })
    }

    fn is_complete(&self) -> bool {
        self.len.is_some_and(|len| {
            self.promised.as_slice().first().is_some_and(|run| run.start == 0 && run.end >= len)
        })
    }

    /// What lies beyond the end that the first last fragment gave is cut off.
    fn finish(mut self) -> Whole {
        let len = self.len.unwrap_or_default();
        self.bytes.resize(len, 0);
        self.captured.truncate(len);
        Whole { protocol: self.protocol, bytes: self.bytes, runs: self.captured }
    }
}
