//! Sets of bytes, as ranges.

use std::ops::Range;

/// Ranges in order, none empty, none touching the next.
#[derive(Clone, Debug, Default)]
pub(super) struct Ranges(Vec<Range<usize>>);

impl Ranges {
    pub(super) fn as_slice(&self) -> &[Range<usize>] {
        &self.0
    }

    pub(super) fn has(&self, at: usize) -> bool {
        self.0.get(self.0.partition_point(|range| range.end <= at)).is_some_and(|r| r.contains(&at))
    }

    /// Bytes of memory.
    pub(super) fn cost(&self) -> usize {
        self.0.capacity() * size_of::<Range<usize>>()
    }

    /// Adds a range, and tells `new` about each part of it that was not there before.
    pub(super) fn insert(&mut self, range: Range<usize>, mut new: impl FnMut(Range<usize>)) {
        if range.is_empty() {
            return;
        }
        // Those that touch it become one with it.
        let first = self.0.partition_point(|other| other.end < range.start);
        let last = self.0.partition_point(|other| other.start <= range.end);
        let mut whole = range.clone();
        let mut at = range.start;
        for other in self.0.get(first..last).unwrap_or_default() {
            if at < other.start {
                new(at..other.start);
            }
            at = at.max(other.end);
            whole = whole.start.min(other.start)..whole.end.max(other.end);
        }
        if at < range.end {
            new(at..range.end);
        }
        self.0.splice(first..last, [whole]);
    }

    /// Takes away all bytes from `end` on.
    pub(super) fn truncate(&mut self, end: usize) {
        self.0.truncate(self.0.partition_point(|range| range.start < end));
        if let Some(last) = self.0.last_mut() {
            last.end = last.end.min(end);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// A set of ranges holds what a set of numbers holds, in the fewest ranges, and new parts are new.
        #[test]
        fn as_a_set_of_numbers(
            added in prop::collection::vec((0_usize..60, 0_usize..12), 0..20),
            end in 0_usize..80,
        ) {
            let mut ranges = Ranges::default();
            let mut set = [false; 80];
            for (start, len) in added {
                ranges.insert(start..start + len, |new| {
                    for at in new {
                        assert!(!std::mem::replace(&mut set[at], true), "{at} is not new");
                    }
                });
                prop_assert!(set[start..start + len].iter().all(|&is_in| is_in));
                prop_assert!(ranges.0.windows(2).all(|pair| pair[0].end < pair[1].start));
                prop_assert!((0..80).all(|at| ranges.has(at) == set[at]));
            }
            ranges.truncate(end);
            prop_assert!((0..80).all(|at| ranges.has(at) == (set[at] && at < end)));
            prop_assert!(ranges.0.iter().all(|range| !range.is_empty()));
        }
    }
}
