//! Bytes that cannot be handed on yet.

use std::collections::BTreeMap;

use crate::time::Arrival;

/// What a piece costs beside its bytes.
pub(super) const PIECE: usize = 128;

/// Bytes behind a hole, in pieces as they came, which do not overlap. By position in the stream.
#[derive(Debug, Default)]
pub(super) struct Held {
    pieces: BTreeMap<u64, Piece>,
    cost: usize,
}

/// Bytes that one segment brought.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) bytes: Box<[u8]>,
    pub(super) arrival: Arrival,
}

/// Repeated bytes that were others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Differing {
    pub(super) count: u64,
    /// Position of the first.
    pub(super) first: Option<u64>,
}

impl Differing {
    pub(super) fn add(&mut self, (count, first): (u64, Option<u64>)) {
        self.count += count;
        self.first = self.first.or(first);
    }
}

impl Held {
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Memory that is taken, about.
    pub(super) fn cost(&self) -> usize {
        self.cost
    }

    /// Position and origin of the first piece.
    pub(super) fn first(&self) -> Option<(u64, Arrival)> {
        self.pieces.first_key_value().map(|(&at, piece)| (at, piece.arrival))
    }

    /// Position behind the last piece; 0 if there is none.
    pub(super) fn end(&self) -> u64 {
        self.pieces.last_key_value().map_or(0, |(&at, piece)| at + piece.bytes.len() as u64)
    }

    /// Holds what is not held yet, and compares what is.
    pub(super) fn insert(&mut self, at: u64, bytes: &[u8], arrival: Arrival) -> Differing {
        let mut differing = Differing::default();
        let (mut at, mut bytes) = (at, bytes);
        // The piece before may reach into these.
        if let Some((&start, piece)) = self.pieces.range(..=at).next_back() {
            let within = usize::try_from(at - start).unwrap_or(usize::MAX);
            let common = piece.bytes.get(within..).unwrap_or_default();
            let (again, rest) = bytes.split_at(common.len().min(bytes.len()));
            differing.add(compare(at, common, again));
            (at, bytes) = (at + again.len() as u64, rest);
        }
        while !bytes.is_empty() {
            let next = self.pieces.range(at..).next();
            let room = next.map_or(bytes.len(), |(&start, _)| {
                usize::try_from(start - at).map_or(bytes.len(), |room| room.min(bytes.len()))
            });
            let (new, rest) = bytes.split_at(room);
            let common = next.map_or(&[][..], |(_, piece)| &piece.bytes);
            let (again, rest) = rest.split_at(common.len().min(rest.len()));
            differing.add(compare(at + new.len() as u64, common, again));
            if !new.is_empty() {
                self.cost += new.len() + PIECE;
                self.pieces.insert(at, Piece { bytes: new.into(), arrival });
            }
            at += (new.len() + again.len()) as u64;
            bytes = rest;
        }
        differing
    }

    /// Takes the piece at a position.
    pub(super) fn take(&mut self, at: u64) -> Option<Piece> {
        let piece = self.pieces.remove(&at)?;
        self.cost -= piece.bytes.len() + PIECE;
        Some(piece)
    }

    /// Forgets all before a position.
    pub(super) fn drop_before(&mut self, at: u64) {
        while let Some((start, _)) = self.first().filter(|(start, _)| *start < at) {
            let Some(piece) = self.take(start) else { return };
            let before = usize::try_from(at - start).unwrap_or(usize::MAX);
            if let Some(rest) = piece.bytes.get(before..).filter(|rest| !rest.is_empty()) {
                self.cost += rest.len() + PIECE;
                self.pieces.insert(at, Piece { bytes: rest.into(), arrival: piece.arrival });
            }
        }
    }
}

/// How many bytes differ, and the position of the first that does.
fn compare(at: u64, first: &[u8], again: &[u8]) -> (u64, Option<u64>) {
    let differing = first.iter().zip(again).map(|(a, b)| a != b);
    let count = differing.clone().filter(|differs| *differs).count() as u64;
    let place = (at..).zip(differing).find(|(_, differs)| *differs).map(|(at, _)| at);
    (count, place)
}
