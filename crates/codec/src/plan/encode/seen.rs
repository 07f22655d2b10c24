//! Which members of an object were given.

use super::super::tree::{Part, Parts};

/// A set of members' indices; it needs memory of its own only for those from the 64th on.
#[derive(Default)]
pub(crate) struct Seen {
    first: u64,
    rest: Vec<u64>,
    /// How many there are.
    pub(crate) count: usize,
}

impl Seen {
    /// Whether it was not there before.
    #[inline]
    pub(crate) fn insert(&mut self, index: usize) -> bool {
        let bit = 1 << (index % 64);
        let word = match index / 64 {
            0 => &mut self.first,
            at => {
                if self.rest.len() < at {
                    self.rest.resize(at, 0);
                }
                let Some(word) = self.rest.get_mut(at - 1) else { return false };
                word
            }
        };
        let is_new = *word & bit == 0;
        *word |= bit;
        self.count += usize::from(is_new);
        is_new
    }

    pub(crate) fn contains(&self, index: usize) -> bool {
        let word = match index / 64 {
            0 => Some(&self.first),
            at => self.rest.get(at - 1),
        };
        word.is_some_and(|word| word >> (index % 64) & 1 == 1)
    }

    /// The first member that is missing: every one of a struct is needed, and of a union at least one.
    pub(crate) fn missing(&self, parts: &Parts) -> Option<usize> {
        if !parts.is_union {
            return parts.parts.iter().find_map(|part| self.missing_in(part));
        }
        let mut given = parts.parts.iter().filter(|part| self.any(part)).peekable();
        match given.peek() {
            Some(_) => given.find_map(|part| self.missing_in(part)),
            None => parts.parts.iter().find_map(first),
        }
    }

    fn missing_in(&self, part: &Part) -> Option<usize> {
        match part {
            Part::Member(index) => (!self.contains(*index)).then_some(*index),
            Part::Group(parts) => self.missing(parts),
        }
    }

    fn any(&self, part: &Part) -> bool {
        match part {
            Part::Member(index) => self.contains(*index),
            Part::Group(parts) => parts.parts.iter().any(|part| self.any(part)),
        }
    }
}

fn first(part: &Part) -> Option<usize> {
    match part {
        Part::Member(index) => Some(*index),
        Part::Group(parts) => parts.parts.iter().find_map(first),
    }
}
