//! The names of an enum's values.

use std::collections::HashMap;

/// The enumerators of an enum.
pub(crate) struct Enumerators {
    /// The enum as C spells it.
    pub(crate) ctype: String,
    pub(crate) is_signed: bool,
    /// Whether values are given as numbers.
    pub(crate) as_number: bool,
    /// Values in ascending order, each with the first enumerator that has it.
    by_value: Vec<(i128, Box<str>)>,
    by_name: HashMap<Box<str>, i128>,
    /// The values again where they follow each other, as most enums' do: the first of them.
    dense: Option<i128>,
}

impl Enumerators {
    pub(crate) fn new(
        ctype: String,
        is_signed: bool,
        as_number: bool,
        values: &[(Box<str>, i128)],
    ) -> Self {
        let mut by_value: Vec<_> =
            values.iter().map(|(name, value)| (*value, name.clone())).collect();
        // Stable, so that the first enumerator of a value stays the first.
        by_value.sort_by_key(|(value, _)| *value);
        by_value.dedup_by_key(|(value, _)| *value);
        let mut by_name = HashMap::new();
        for (name, value) in values {
            by_name.entry(name.clone()).or_insert(*value);
        }
        let dense = match (by_value.first(), by_value.last()) {
            (Some((first, _)), Some((last, _)))
                if last.checked_sub(*first) == i128::try_from(by_value.len() - 1).ok() =>
            {
                Some(*first)
            }
            _ => None,
        };
        Self { ctype, is_signed, as_number, by_value, by_name, dense }
    }

    pub(crate) fn index(&self, value: i128) -> Option<usize> {
        match self.dense {
            Some(first) => {
                let index = usize::try_from(value.checked_sub(first)?).ok()?;
                (index < self.by_value.len()).then_some(index)
            }
            None => self.by_value.binary_search_by_key(&value, |(value, _)| *value).ok(),
        }
    }

    /// The first enumerator of a value.
    pub(crate) fn name(&self, value: i128) -> Option<&str> {
        self.by_value.get(self.index(value)?).map(|(_, name)| &**name)
    }

    pub(crate) fn value(&self, name: &str) -> Option<i128> {
        self.by_name.get(name).copied()
    }

    /// Values and their names, in ascending order.
    pub(crate) fn names(&self) -> &[(i128, Box<str>)] {
        &self.by_value
    }
}
