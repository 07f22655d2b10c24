//! What can be checked only after all of an object, or of the record, is there.

use super::super::bits;
use super::super::tree::{Len, Node, Object, ScalarNode, TextNode};
use super::Encoder;
use super::scalar::agrees;
use super::seen::Seen;
use super::source::{Fail, Source};
use crate::error::{EncodeError, EncodeErrorKind};

/// How many tags and counts there were before an object began.
pub(super) struct Open {
    pub(super) tagged: usize,
    pub(super) counted: usize,
}

/// An array with a count.
pub(super) struct Counted {
    /// Index of the member.
    pub(super) member: usize,
    /// Elements or units given.
    pub(super) found: usize,
}

/// A plain form that left bits open, in a record with unions: what is there has to read the same.
pub(super) enum Check<'a> {
    Scalar {
        node: &'a ScalarNode,
        offset: usize,
        bits: u128,
        column: usize,
    },
    Text {
        node: &'a TextNode,
        base: usize,
        offset: usize,
        text: String,
        column: usize,
        /// Why the text has no bytes of its own.
        otherwise: Option<EncodeErrorKind>,
    },
}

/// Padding that is given.
pub(super) struct Given {
    pub(super) start: usize,
    pub(super) bytes: Vec<u8>,
    pub(super) column: usize,
    pub(super) range: String,
}

impl<'s, S: Source<'s>> Encoder<'_, '_, S> {
    /// All members are given, and of a union at least one.
    #[inline]
    pub(super) fn check_complete(&self, object: &Object, seen: &Seen) -> Result<(), Fail> {
        if seen.count == object.members.len() {
            return Ok(());
        }
        self.check_missing(object, seen)
    }

    fn check_missing(&self, object: &Object, seen: &Seen) -> Result<(), Fail> {
        let missing = seen.missing(&object.parts);
        match missing.and_then(|index| object.members.get(index)) {
            None => Ok(()),
            Some(member) => {
                let fail = self.source.fail(EncodeErrorKind::MissingField);
                Err(fail.within(&member.key.name, member.offset))
            }
        }
    }

    /// Of the unions with a tag, the members that the tags choose are given.
    pub(super) fn check_tags(
        &mut self,
        object: &Object,
        base: usize,
        from: usize,
    ) -> Result<(), Fail> {
        while self.tagged.len() > from {
            let Some((index, seen)) = self.tagged.pop() else { break };
            let Some(member) = object.members.get(index) else { continue };
            let (Node::Object(union), Some(choice)) = (&member.node, &member.tag) else { continue };
            let checked = match choice.chosen(self.target.bytes(), base) {
                None => self.check_complete(union, &seen),
                Some(index) => match union.members.get(index) {
                    Some(chosen) if !seen.contains(index) => {
                        let fail = self.source.fail(EncodeErrorKind::MissingField);
                        Err(fail.within(&chosen.key.name, chosen.offset))
                    }
                    _ => Ok(()),
                },
            };
            checked.map_err(|fail| fail.within(&member.key.name, member.offset))?;
        }
        Ok(())
    }

    /// Arrays have as many elements as their counts say.
    pub(super) fn check_counts(
        &mut self,
        object: &Object,
        base: usize,
        from: usize,
    ) -> Result<(), Fail> {
        while self.counted.len() > from {
            let Some(Counted { member, found }) = self.counted.pop() else { break };
            let Some(member) = object.members.get(member) else { continue };
            let (len, stride, is_text): (&Len, usize, bool) = match &member.node {
                Node::List(list) => (&list.len, list.stride, false),
                Node::Text(text) => (&text.len, text.unit.size(), true),
                Node::Scalar(_) | Node::Object(_) => continue,
            };
            let offset = base.saturating_add(member.offset);
            let needed = len.in_frame(self.target.bytes(), base, offset, stride, false).wanted;
            // Text may be shorter, and so may be what a frame was cut off in.
            let at_most = is_text || len.fixed.is_none();
            let wanted = match len.fixed {
                Some(_) => needed,
                // As many as are there, and no more than the count.
                None => needed.min(found),
            };
            if found > wanted || found < wanted && !at_most {
                let kind = EncodeErrorKind::WrongCount { needed: wanted, found, at_most };
                return Err(self.source.fail(kind).within(&member.key.name, member.offset));
            }
        }
        Ok(())
    }

    /// What plain forms left open reads as it was given.
    pub(super) fn check_shared(&self) -> Result<(), Fail> {
        for check in &self.checks {
            let (leaf, offset, column) = match check {
                Check::Scalar { node, offset, column, .. } => (node.leaf, *offset, *column),
                Check::Text { node, offset, column, .. } => (node.leaf, *offset, *column),
            };
            let kind = match check {
                _ if self.holds(check) => continue,
                Check::Text { otherwise: Some(kind), .. } => kind.clone(),
                _ => EncodeErrorKind::Conflict,
            };
            let path = self.plan.leaves.get(leaf).map_or("", |leaf| &leaf.path);
            return Err(Fail::Encode(column, EncodeError::new(kind).within(path, offset)));
        }
        Ok(())
    }

    fn holds(&self, check: &Check<'_>) -> bool {
        let frame = self.target.bytes();
        match check {
            Check::Scalar { node, offset, bits, .. } => {
                let raw = frame.get(*offset..offset.saturating_add(node.size)).unwrap_or(&[]);
                let endian = self.plan.endian;
                let found = bits::load(raw, node.first_bit, node.width, endian);
                agrees(node, found, *bits, endian)
            }
            Check::Text { node, base, offset, text, .. } => {
                let size = node.unit.size();
                let elements = node.len.in_frame(frame, *base, *offset, size, false);
                let end = offset.saturating_add(elements.there.saturating_mul(size));
                let raw = frame.get(*offset..end).unwrap_or(&[]);
                let charset = self.plan.charset(node.unit);
                charset.decode(charset.until_nul(raw)) == *text
            }
        }
    }

    /// Puts the bits that no field holds.
    pub(super) fn put_padding(&mut self) -> Result<(), Fail> {
        if self.padding.is_empty() {
            return Ok(());
        }
        let wrong = |given: &Given, needed: &'static str| {
            let error = EncodeError::new(EncodeErrorKind::NoPadding { needed });
            Fail::Encode(given.column, error.within(&given.range, given.start))
                .within(self.plan.padding_key.name(), 0)
        };
        for given in &self.padding {
            let end = given.start.saturating_add(given.bytes.len());
            self.target
                .grow(end)
                .map_err(|kind| Fail::Encode(given.column, EncodeError::new(kind)))?;
        }
        let mask = self.plan.padding_of(self.target.bytes());
        for given in &self.padding {
            let Some(bytes) = self.target.slot(given.start, given.bytes.len()) else { continue };
            let masks = mask.get(given.start..).unwrap_or(&[]);
            for ((slot, &mask), &byte) in bytes.iter_mut().zip(masks).zip(&given.bytes) {
                if mask == 0 {
                    return Err(wrong(given, "bytes that have padding"));
                }
                if byte & !mask != 0 {
                    return Err(wrong(given, "no bits but those of padding"));
                }
                *slot = *slot & !mask | byte;
            }
        }
        Ok(())
    }
}
