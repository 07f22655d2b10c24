//! Messages that have been found.

use std::ops::Range;

use super::rule::{Count, Head, PartRule, Rule, whole};
use super::trouble::{Key, Trouble};
use crate::expr::Stop;
use crate::plan::{Plan, Short};

/// A whole message at the front of the bytes that were given.
#[derive(Clone, Copy, Debug)]
pub struct Message<'c> {
    pub(super) rule: &'c Rule,
    pub(super) index: usize,
    pub(super) len: usize,
    pub(super) plan: Option<&'c Plan>,
    pub(super) heads: &'c [Head],
    pub(super) trouble: Option<&'c Trouble>,
}

/// A record in a message.
#[derive(Clone, Debug)]
pub struct Part<'c> {
    /// How it is decoded.
    pub plan: &'c Plan,
    /// Where it is in the message. May have more bytes than the record, or fewer.
    pub range: Range<usize>,
    /// What to do if it has fewer.
    pub short: Short,
}

impl<'c> Message<'c> {
    /// Bytes of the whole message.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a message has at least one byte")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Which rule of the protocol fits, counted from 0.
    #[must_use]
    pub fn rule(&self) -> usize {
        self.index
    }

    /// Line of that rule in the protocol file, from 1; 0 for a protocol without file.
    #[must_use]
    pub fn line(&self) -> usize {
        self.rule.line
    }

    /// The record laid over the message; `None` if the message is to be skipped.
    #[must_use]
    pub fn record(&self) -> Option<Part<'c>> {
        let range = self.rule.body(self.len);
        self.plan.map(|plan| Part { plan, range, short: self.rule.short })
    }

    /// The records inside the message, beside [`Message::record`]: those of `part`, in the order of
    /// the file. `bytes` are those of the message.
    ///
    /// A part that is cut off before what says where and how many is left out. An error is the last
    /// thing that its part gives.
    #[must_use]
    pub fn parts<'b>(&self, bytes: &'b [u8]) -> Parts<'c, 'b> {
        let bytes = bytes.get(..self.len).unwrap_or(bytes);
        Parts { message: *self, bytes, heads: self.heads.iter(), list: None }
    }

    /// What is wrong with the message, though its boundaries are known: an expression of `switch`,
    /// `part` or `remember` has no value.
    #[must_use]
    pub fn trouble(&self) -> Option<&'c Trouble> {
        self.trouble
    }
}

/// The records inside a message; see [`Message::parts`].
#[derive(Clone, Debug)]
pub struct Parts<'c, 'b> {
    message: Message<'c>,
    bytes: &'b [u8],
    heads: std::slice::Iter<'c, Head>,
    list: Option<List<'c>>,
}

/// What is left of the records of one part.
#[derive(Clone, Debug)]
struct List<'c> {
    part: &'c PartRule,
    at: usize,
    /// Records announced.
    count: u64,
    done: u64,
}

impl<'c> Iterator for Parts<'c, '_> {
    type Item = Result<Part<'c>, Trouble>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(list) = &mut self.list {
                let item = list.next(&self.message, self.bytes);
                if !matches!(item, Some(Ok(_))) {
                    self.list = None;
                }
                if item.is_some() {
                    return item;
                }
            }
            let head = self.heads.next()?;
            let part = self.message.rule.parts.get(head.part)?;
            self.list = Some(List { part, at: head.at, count: head.count, done: 0 });
        }
    }
}

impl<'c> List<'c> {
    fn next(&mut self, message: &Message<'c>, bytes: &[u8]) -> Option<Result<Part<'c>, Trouble>> {
        let rule = message.rule;
        let end = rule.body(message.len).end;
        if self.done >= self.count {
            return None;
        }
        let room = end.saturating_sub(self.at);
        if room == 0 {
            return self.missing(rule).map(Err);
        }
        let len = match self.item_len(rule, bytes.get(self.at..end).unwrap_or_default(), room) {
            Ok(len) => len,
            Err(trouble) => return Some(Err(trouble)),
        };
        let range = self.at..self.at + len;
        self.at = range.end;
        self.done += 1;
        Some(Ok(Part { plan: &self.part.plan, range, short: rule.short }))
    }

    /// What to say of records that there is no room for.
    fn missing(&self, rule: &Rule) -> Option<Trouble> {
        let is_counted = !matches!(self.part.count, Count::Rest);
        (is_counted && rule.short == Short::Error).then_some(Trouble::Count {
            line: rule.line,
            needed: self.count,
            found: self.done,
        })
    }

    /// Bytes of the next record, at most those that there is room for.
    fn item_len(&self, rule: &Rule, bytes: &[u8], room: usize) -> Result<usize, Trouble> {
        let Some(length) = &self.part.length else {
            let is_all = matches!(self.part.count, Count::One) && self.part.plan.has_tail();
            return Ok(if is_all { room } else { self.part.plan.size().clamp(1, room) });
        };
        match length.eval(&whole(bytes, rule.max, &())) {
            Ok(len) => match usize::try_from(len) {
                Ok(len) if (1..=room).contains(&len) => Ok(len),
                // The last record of a message that is cut off.
                Ok(len) if len > room && rule.short != Short::Error => Ok(room),
                _ => Err(Trouble::Item { line: rule.line, at: self.at, room, found: len }),
            },
            Err(Stop::Need(_)) if rule.short != Short::Error => Ok(room),
            Err(Stop::Need(needed)) => Err(Trouble::Item {
                line: rule.line,
                at: self.at,
                room,
                found: i128::try_from(needed).unwrap_or(i128::MAX),
            }),
            Err(Stop::Error(error)) => {
                Err(Trouble::Expression { line: rule.line, key: Key::PartLength, error })
            }
        }
    }
}
