//! The last bytes of a stream, to compare repeated ones with.

use std::ops::Range;

/// Bytes of each stream that are kept after they were handed on: 64 KiB.
pub const RECENT: usize = 64 << 10;

/// The same over all streams: 16 MiB.
pub const RECENT_IN_ALL: usize = 16 << 20;

/// Bytes that are kept at first.
const FIRST: usize = 4 << 10;

/// A ring: the byte at position `p` of the stream is at `p` modulo its length, which is a power of two.
#[derive(Debug, Default)]
pub(super) struct Recent {
    ring: Vec<u8>,
    /// Positions whose bytes are kept.
    kept: Range<u64>,
}

impl Recent {
    /// Keeps bytes at a position. `total` counts the bytes of all rings.
    #[inline]
    pub(super) fn push(&mut self, at: u64, bytes: &[u8], total: &mut usize) {
        if at != self.kept.end {
            self.kept = at..at;
        }
        if self.ring.len() < RECENT {
            self.grow(bytes.len(), total);
        }
        self.kept.end += bytes.len() as u64;
        let len = self.ring.len();
        let kept = bytes.get(bytes.len().saturating_sub(len)..).unwrap_or_default();
        let at = self.kept.end - kept.len() as u64;
        self.kept.start = self.kept.start.max(self.kept.end.saturating_sub(len as u64));
        let index = self.index(at);
        let (now, wrapped) = kept.split_at(kept.len().min(len - index));
        if let Some(place) = self.ring.get_mut(index..index + now.len()) {
            place.copy_from_slice(now);
        }
        if let Some(place) = self.ring.get_mut(..wrapped.len()) {
            place.copy_from_slice(wrapped);
        }
    }

    fn index(&self, at: u64) -> usize {
        let mask = (self.ring.len() as u64).saturating_sub(1);
        // Below the length of the ring.
        usize::try_from(at & mask).unwrap_or(0)
    }

    /// Makes room for `more` bytes, up to what is kept at most.
    #[cold]
    fn grow(&mut self, more: usize, total: &mut usize) {
        let wanted = usize::try_from(self.kept.end - self.kept.start).unwrap_or(RECENT);
        let wanted = wanted.saturating_add(more).clamp(FIRST, RECENT).next_power_of_two();
        let (old, free) = (self.ring.len(), RECENT_IN_ALL.saturating_sub(*total));
        if wanted <= old || wanted - old > free {
            return;
        }
        let kept: Vec<u8> = self.kept.clone().map(|at| self.byte(at)).collect();
        *total += wanted - old;
        self.ring = vec![0; wanted];
        for (at, byte) in self.kept.clone().zip(kept) {
            let index = self.index(at);
            if let Some(place) = self.ring.get_mut(index) {
                *place = byte;
            }
        }
    }

    fn byte(&self, at: u64) -> u8 {
        self.ring.get(self.index(at)).copied().unwrap_or_default()
    }

    /// How many of the bytes at a position are others than those that are kept, and where the first is.
    pub(super) fn differing(&self, at: u64, bytes: &[u8]) -> (u64, Option<u64>) {
        let (mut count, mut first) = (0, None);
        for (at, &byte) in (at..).zip(bytes) {
            if self.kept.contains(&at) && self.byte(at) != byte {
                count += 1;
                first = first.or(Some(at));
            }
        }
        (count, first)
    }

    /// Gives the memory back.
    pub(super) fn clear(&mut self, total: &mut usize) {
        *total -= self.ring.len();
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_bytes_are_kept_through_growth_gaps_and_wrapping() {
        let (mut recent, mut total) = (Recent::default(), 0);
        let byte = |at: u64| (at % 251) as u8;
        let run = |range: Range<u64>| range.map(byte).collect::<Vec<u8>>();
        let mut at = 1_000_000;
        for len in [1, 3_000, 4_000, 70_000, 1_448, 60_000, 65_536, 1] {
            recent.push(at, &run(at..at + len), &mut total);
            at += len;
            assert_eq!(recent.kept.end, at);
            let kept = recent.kept.clone();
            assert_eq!(recent.differing(kept.start, &run(kept.clone())), (0, None));
        }
        assert_eq!((recent.kept.clone(), total), (at - 65_536..at, 65_536));
        let mut other = run(at - 10..at);
        other[3] ^= 1;
        other[9] ^= 0x80;
        assert_eq!(recent.differing(at - 10, &other), (2, Some(at - 7)));
        assert_eq!(recent.differing(at - 70_000, &[0, 0, 0]), (0, None), "forgotten");

        recent.push(at + 100, b"abc", &mut total);
        assert_eq!(recent.kept, at + 100..at + 103);
        assert_eq!(recent.differing(at + 100, b"aXc"), (1, Some(at + 101)));
        recent.clear(&mut total);
        assert_eq!((total, recent.differing(at + 100, b"xyz")), (0, (0, None)));
    }

    #[test]
    fn rings_stay_within_their_total() {
        let mut total = RECENT_IN_ALL - FIRST;
        let (mut first, mut second) = (Recent::default(), Recent::default());
        first.push(5, &[1; 100], &mut total);
        second.push(5, &[1; 100], &mut total);
        assert_eq!(total, RECENT_IN_ALL);
        assert_eq!(first.differing(5, &[2; 100]), (100, Some(5)));
        assert_eq!(second.differing(5, &[2; 100]), (0, None));
        first.push(105, &[3; 10_000], &mut total);
        assert_eq!(first.kept, 10_105 - FIRST as u64..10_105);
    }
}
