//! What messages remember for later ones.

use std::collections::{HashMap, VecDeque};

use crate::expr::Recall;

/// Keys that a table holds: when more are remembered, those go that were remembered first.
pub const MAX_REMEMBERED: usize = 1 << 16;

/// The tables of one connection.
#[derive(Debug, Default)]
pub(super) struct Memory {
    tables: Vec<Table>,
}

#[derive(Debug, Default)]
struct Table {
    /// Values, and when each was remembered.
    values: HashMap<i128, (i128, u64)>,
    /// Keys in the order of remembering; those remembered again are in here more than once.
    order: VecDeque<(i128, u64)>,
    clock: u64,
}

impl Memory {
    pub(super) fn new(tables: usize) -> Self {
        Self { tables: (0..tables).map(|_| Table::default()).collect() }
    }

    pub(super) fn remember(&mut self, table: usize, key: i128, value: i128) {
        if let Some(table) = self.tables.get_mut(table) {
            table.remember(key, value);
        }
    }
}

impl Recall for Memory {
    fn recall(&self, table: usize, key: i128) -> Option<i128> {
        self.tables.get(table)?.values.get(&key).map(|&(value, _)| value)
    }
}

impl Table {
    fn remember(&mut self, key: i128, value: i128) {
        self.clock += 1;
        self.values.insert(key, (value, self.clock));
        self.order.push_back((key, self.clock));
        while self.values.len() > MAX_REMEMBERED {
            let Some((key, when)) = self.order.pop_front() else { break };
            if self.is_current(key, when) {
                self.values.remove(&key);
            }
        }
        if self.order.len() > 2 * MAX_REMEMBERED {
            let values = &self.values;
            self.order.retain(|(key, when)| values.get(key).is_some_and(|(_, at)| at == when));
        }
    }

    fn is_current(&self, key: i128, when: u64) -> bool {
        self.values.get(&key).is_some_and(|&(_, at)| at == when)
    }
}

/// The tables as they will be when a message has been taken.
pub(super) struct After<'m> {
    pub(super) memory: &'m Memory,
    pub(super) remembered: &'m [(usize, i128, i128)],
}

impl Recall for After<'_> {
    fn recall(&self, table: usize, key: i128) -> Option<i128> {
        let last = self.remembered.iter().rev().find(|(t, k, _)| (*t, *k) == (table, key));
        last.map_or_else(|| self.memory.recall(table, key), |(_, _, value)| Some(*value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_forgets_what_it_learnt_first_and_keeps_what_was_said_again() {
        let mut memory = Memory::new(1);
        let most = i128::try_from(MAX_REMEMBERED).unwrap();
        for key in 0..most {
            memory.remember(0, key, key + 1);
        }
        memory.remember(0, 0, 77);
        memory.remember(0, most, 1);
        assert_eq!(memory.recall(0, 0), Some(77));
        assert_eq!(memory.recall(0, 1), None);
        assert_eq!(memory.recall(0, 2), Some(3));
        assert_eq!(memory.recall(0, most), Some(1));
    }

    #[test]
    fn one_key_said_over_and_over_takes_no_memory() {
        let mut memory = Memory::new(1);
        for value in 0..1_000_000 {
            memory.remember(0, 5, value);
        }
        assert_eq!(memory.recall(0, 5), Some(999_999));
        assert!(memory.tables[0].order.len() <= 2 * MAX_REMEMBERED);
    }
}
