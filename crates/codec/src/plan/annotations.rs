//! What C cannot say of a record: which member of a union counts, and how much of an array.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// Chooses a member of a union: its index among those the annotation names; `None`: all of them.
/// The bytes are those of the record that has the union, from its start to the end of the frame,
/// which may be anywhere.
pub type TagFn = dyn Fn(&[u8]) -> Option<usize> + Send + Sync;

/// Says how many elements of an array count; `None`: as many as there are. The bytes are those of
/// the record that has the array, from its start to the end of the frame.
pub type CountFn = dyn Fn(&[u8]) -> Option<u64> + Send + Sync;

/// Tags of unions and counts of arrays, by record and field.
///
/// A record is named as in its header (`ns::Name`), a field as the record's members are: members of
/// anonymous members and of base classes are the record's own.
#[derive(Clone, Default)]
pub struct Annotations {
    unions: HashMap<(Box<str>, Box<str>), Tag>,
    counts: HashMap<(Box<str>, Box<str>), Arc<CountFn>>,
}

/// Which member of a union counts.
#[derive(Clone)]
pub(crate) struct Tag {
    /// The members that the function chooses from, by name.
    pub(crate) members: Arc<[Box<str>]>,
    /// What chooses.
    pub(crate) choose: Arc<TagFn>,
}

impl Annotations {
    /// Nothing is annotated.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether nothing is annotated.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.unions.is_empty() && self.counts.is_empty()
    }

    /// Gives the union `record.field` a tag: of its members only the one that `choose` picks out of
    /// `members` is decoded. An earlier tag of that field is forgotten.
    pub fn union(
        &mut self,
        record: &str,
        field: &str,
        members: impl IntoIterator<Item = impl Into<Box<str>>>,
        choose: Arc<TagFn>,
    ) {
        let members = members.into_iter().map(Into::into).collect();
        self.unions.insert((record.into(), field.into()), Tag { members, choose });
    }

    /// Gives the array `record.field` a count: no more elements than `count` says are decoded, and no
    /// more than there are. An earlier count of that field is forgotten.
    pub fn array(&mut self, record: &str, field: &str, count: Arc<CountFn>) {
        self.counts.insert((record.into(), field.into()), count);
    }

    pub(crate) fn tag_of(&self, record: &str, field: &str) -> Option<&Tag> {
        // The map is empty nearly always, and then asks for no keys.
        if self.unions.is_empty() {
            return None;
        }
        self.unions.get(&(record.into(), field.into()))
    }

    pub(crate) fn count_of(&self, record: &str, field: &str) -> Option<&Arc<CountFn>> {
        if self.counts.is_empty() {
            return None;
        }
        self.counts.get(&(record.into(), field.into()))
    }

    /// The annotated fields, unions first.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, &str, bool)> {
        let unions = self.unions.keys().map(|(record, field)| (&**record, &**field, true));
        unions.chain(self.counts.keys().map(|(record, field)| (&**record, &**field, false)))
    }
}

impl fmt::Debug for Annotations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Annotations")
            .field("unions", &self.unions.keys())
            .field("arrays", &self.counts.keys())
            .finish()
    }
}
