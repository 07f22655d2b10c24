//! What a reader has to find: a map from true positions to bytes, filled while packets are written.

use std::collections::BTreeMap;
use std::net::SocketAddr;

/// A hole: how many captured bytes came before it, and how many bytes it lacks.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    pub(crate) at: u64,
    pub(crate) missing: u64,
}

/// One direction of a connection. Positions are bytes behind the SYN.
#[derive(Debug)]
pub(crate) struct Direction {
    pub(crate) stream: usize,
    pub(crate) src: SocketAddr,
    pub(crate) dst: SocketAddr,
    /// Bytes that came again with another value.
    pub(crate) differing: u64,
    is_start_known: bool,
    /// Where the lowest segment begins.
    lowest: Option<u64>,
    /// Behind the last byte that the length of a packet promises though it was not captured.
    promised: u64,
    bytes: BTreeMap<u64, u8>,
}

impl Direction {
    pub(crate) fn new(stream: usize, src: SocketAddr, dst: SocketAddr) -> Self {
        Self {
            stream,
            src,
            dst,
            differing: 0,
            is_start_known: false,
            lowest: None,
            promised: 0,
            bytes: BTreeMap::new(),
        }
    }

    /// A SYN was captured: the first byte stands at position 0.
    pub(crate) fn syn(&mut self) {
        self.is_start_known = true;
    }

    /// A segment that begins here was captured, with or without payload.
    pub(crate) fn sees(&mut self, position: u64) {
        self.lowest = Some(self.lowest.map_or(position, |lowest| lowest.min(position)));
    }

    /// Payload was captured; of a byte that comes twice the first arrival counts.
    pub(crate) fn data(&mut self, position: u64, payload: &[u8]) {
        self.sees(position);
        for (position, byte) in (position..).zip(payload) {
            let first = *self.bytes.entry(position).or_insert(*byte);
            self.differing += u64::from(first != *byte);
        }
    }

    /// A keep-alive probe was captured: its byte counts only where there is none.
    pub(crate) fn probe(&mut self, position: u64, byte: u8) {
        self.sees(position);
        self.bytes.entry(position).or_insert(byte);
    }

    /// A packet said that there are bytes up to here.
    pub(crate) fn promise(&mut self, end: u64) {
        self.promised = self.promised.max(end);
    }

    pub(crate) fn payload(&self) -> Vec<u8> {
        self.bytes.values().copied().collect()
    }

    pub(crate) fn gaps(&self) -> Vec<Gap> {
        let mut next = if self.is_start_known { Some(0) } else { self.lowest };
        let mut gaps = Vec::new();
        for (at, position) in (0..).zip(self.bytes.keys()) {
            let missing = position - next.unwrap_or(*position);
            if missing > 0 {
                gaps.push(Gap { at, missing });
            }
            next = Some(position + 1);
        }
        match self.promised.checked_sub(next.unwrap_or(0)) {
            None | Some(0) => {}
            Some(missing) => gaps.push(Gap { at: self.count(), missing }),
        }
        gaps
    }

    fn count(&self) -> u64 {
        u64::try_from(self.bytes.len()).unwrap()
    }
}

/// Byte by byte, against what was counted by hand.
#[test]
fn the_model_counts_gaps_and_differing_copies() {
    let ends = ["10.0.0.1:1", "10.0.0.2:2"].map(|end| end.parse().unwrap());
    let mut direction = Direction::new(0, ends[0], ends[1]);
    direction.data(9, b"xyz");
    direction.data(3, b"abc");
    assert_eq!(direction.gaps(), [Gap { at: 3, missing: 3 }]);
    direction.sees(1);
    assert_eq!(direction.gaps(), [Gap { at: 0, missing: 2 }, Gap { at: 3, missing: 3 }]);
    direction.syn();
    assert_eq!(direction.gaps(), [Gap { at: 0, missing: 3 }, Gap { at: 3, missing: 3 }]);
    direction.data(4, b"BcdeFx");
    assert_eq!(direction.gaps(), [Gap { at: 0, missing: 3 }]);
    assert_eq!(direction.payload(), b"abcdeFxyz");
    assert_eq!(direction.differing, 1);
    direction.data(0, b"012");
    direction.probe(11, b'?');
    direction.promise(14);
    assert_eq!(direction.gaps(), [Gap { at: 12, missing: 2 }]);
    direction.probe(12, b'!');
    assert_eq!(direction.payload(), b"012abcdeFxyz!");
    assert_eq!((direction.gaps(), direction.differing), (vec![Gap { at: 13, missing: 1 }], 1));
}
