//! Protocols compiled: rules without names.

use std::sync::Arc;

use super::file::Side;
use super::trouble::{Key, Trouble};
use crate::expr::{Expr, Left, Recall, Scope, Stop};
use crate::plan::{Plan, Short};

/// A protocol: how the bytes of a connection are cut into messages, and which records are in them.
///
/// Made by [`ProtocolFile::compile`](super::ProtocolFile::compile), or for one kind of record by
/// [`Protocol::of_record`]. Immutable, and cheap to clone: any number of connections share one.
#[derive(Clone, Debug)]
pub struct Protocol(pub(super) Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) rules: Box<[Rule]>,
    /// How many tables messages remember numbers in.
    pub(super) tables: usize,
    /// For a stream of equal records and nothing else, their size: their boundaries are known
    /// without looking at them.
    pub(super) stride: Option<usize>,
}

/// One `[[message]]`.
#[derive(Debug)]
pub(super) struct Rule {
    /// Line of the file, from 1; 0 if there is none.
    pub(super) line: usize,
    pub(super) side: Option<Side>,
    pub(super) when: Option<Expr>,
    pub(super) times: Option<u64>,
    pub(super) prefix: usize,
    pub(super) trim: usize,
    pub(super) length: Length,
    pub(super) record: Option<Plan>,
    pub(super) switch: Option<Switch>,
    pub(super) short: Short,
    pub(super) parts: Box<[PartRule]>,
    pub(super) remember: Box<[Remember]>,
    /// What such a message looks like after a gap, where that is not `when`.
    pub(super) resync: Option<Expr>,
    pub(super) max: usize,
}

/// How long a message is.
#[derive(Debug)]
pub(super) enum Length {
    Fixed(usize),
    /// `expr * scale + adjust`.
    Computed {
        expr: Expr,
        scale: i128,
        adjust: i128,
    },
}

/// Which record a message holds.
#[derive(Debug)]
pub(super) struct Switch {
    pub(super) expr: Expr,
    /// Ascending.
    pub(super) cases: Box<[(i128, Plan)]>,
    pub(super) default: Option<Plan>,
}

/// A record inside a message.
#[derive(Debug)]
pub(super) struct PartRule {
    pub(super) plan: Plan,
    pub(super) at: Expr,
    pub(super) when: Option<Expr>,
    pub(super) count: Count,
    pub(super) length: Option<Expr>,
}

#[derive(Debug)]
pub(super) enum Count {
    /// One record, which takes the rest of the message if it has a flexible array.
    One,
    Number(Expr),
    Rest,
}

/// A number for later messages.
#[derive(Debug)]
pub(super) struct Remember {
    pub(super) table: usize,
    pub(super) key: Expr,
    pub(super) value: Expr,
}

/// Where the records of a part begin, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Index into [`Rule::parts`].
    pub(super) part: usize,
    pub(super) at: usize,
    pub(super) count: u64,
}

/// Bytes that begin with a message.
#[derive(Clone, Copy)]
pub(super) struct Input<'b> {
    pub(super) bytes: &'b [u8],
    /// Whether no more will follow them.
    pub(super) is_finished: bool,
}

/// What cannot be decided yet, or never.
#[derive(Debug)]
pub(super) enum Undecided {
    /// So many bytes have to be there.
    Need(usize),
    Trouble(Trouble),
}

impl Protocol {
    /// The protocol of one kind of record: each follows the one before at once. `None` if the record
    /// has no bytes, since any number of them fit in a stream.
    #[must_use]
    pub fn of_record(plan: Plan) -> Option<Self> {
        let size = plan.size();
        let rule = Rule {
            line: 0,
            side: None,
            when: None,
            times: None,
            prefix: 0,
            trim: 0,
            length: Length::Fixed(size),
            record: Some(plan),
            switch: None,
            short: Short::Error,
            parts: Box::new([]),
            remember: Box::new([]),
            resync: None,
            max: size,
        };
        let inner = Inner { rules: Box::new([rule]), tables: 0, stride: Some(size) };
        (size > 0).then(|| Self(Arc::new(inner)))
    }

    /// The records that messages may hold, with those inside them, in the order of the file; a record
    /// comes as often as it is named.
    pub fn plans(&self) -> impl Iterator<Item = &Plan> {
        self.0.rules.iter().flat_map(Rule::plans)
    }
}

impl Inner {
    /// Whether a stream of a side can be taken up again after a gap.
    pub(super) fn has_guard(&self, side: Option<Side>) -> bool {
        self.rules.iter().any(|rule| rule.is_for(side) && rule.is_guarded())
    }
}

impl Rule {
    fn plans(&self) -> impl Iterator<Item = &Plan> {
        let cases = self
            .switch
            .iter()
            .flat_map(|switch| switch.cases.iter().map(|(_, plan)| plan).chain(&switch.default));
        self.record.iter().chain(cases).chain(self.parts.iter().map(|part| &part.plan))
    }

    /// In a plain file, which has no sides, every rule may fit.
    pub(super) fn is_for(&self, side: Option<Side>) -> bool {
        self.side.is_none() || side.is_none() || self.side == side
    }

    pub(super) fn is_guarded(&self) -> bool {
        self.when.is_some() || self.resync.is_some()
    }

    /// The least length that leaves room for what is no part of the record.
    fn least(&self) -> usize {
        (self.prefix + self.trim).max(1)
    }

    /// What is there to decide by whether the rule fits, and how long its message is.
    fn scope<'s>(&self, input: Input<'s>, recall: &'s dyn Recall) -> Scope<'s> {
        let len = input.bytes.len();
        let left = if input.is_finished { Left::Known(len) } else { Left::AtLeast(len) };
        let bytes = input.bytes.get(..self.max).unwrap_or(input.bytes);
        Scope { bytes, left, max: self.max, recall }
    }

    fn trouble(&self, key: Key, error: crate::expr::EvalError) -> Trouble {
        Trouble::Expression { line: self.line, key, error }
    }

    /// Whether a condition is true; what reads beyond the end of the stream is not.
    fn holds(
        &self,
        condition: &Expr,
        key: Key,
        input: Input<'_>,
        recall: &dyn Recall,
    ) -> Result<bool, Undecided> {
        match condition.eval(&self.scope(input, recall)) {
            Ok(value) => Ok(value != 0),
            Err(Stop::Need(_)) if input.is_finished => Ok(false),
            Err(Stop::Need(needed)) => Err(Undecided::Need(needed)),
            Err(Stop::Error(error)) => Err(Undecided::Trouble(self.trouble(key, error))),
        }
    }

    #[inline]
    pub(super) fn fits(&self, input: Input<'_>, recall: &dyn Recall) -> Result<bool, Undecided> {
        match &self.when {
            None => Ok(true),
            Some(when) => self.holds(when, Key::When, input, recall),
        }
    }

    /// Whether bytes after a gap look like such a message, beyond that the rule fits.
    pub(super) fn resyncs(&self, input: Input<'_>, recall: &dyn Recall) -> Result<bool, Undecided> {
        match &self.resync {
            None => Ok(true),
            Some(resync) => self.holds(resync, Key::Resync, input, recall),
        }
    }

    /// Bytes of the whole message.
    #[inline]
    pub(super) fn len(&self, input: Input<'_>, recall: &dyn Recall) -> Result<usize, Undecided> {
        let (expr, scale, adjust) = match &self.length {
            Length::Fixed(len) => return Ok(*len),
            Length::Computed { expr, scale, adjust } => (expr, *scale, *adjust),
        };
        let number = match expr.eval(&self.scope(input, recall)) {
            Ok(number) => number,
            Err(Stop::Need(needed)) if input.is_finished => {
                return Err(Undecided::Trouble(Trouble::Ended { needed, left: input.bytes.len() }));
            }
            Err(Stop::Need(needed)) => return Err(Undecided::Need(needed)),
            Err(Stop::Error(error)) => {
                return Err(Undecided::Trouble(self.trouble(Key::Length, error)));
            }
        };
        let number = number.checked_mul(scale).and_then(|number| number.checked_add(adjust));
        self.checked_len(number).map_err(Undecided::Trouble)
    }

    fn checked_len(&self, number: Option<i128>) -> Result<usize, Trouble> {
        let (least, most) = (self.least(), self.max);
        match number.map(usize::try_from) {
            Some(Ok(len)) if (least..=most).contains(&len) => Ok(len),
            _ => Err(Trouble::Length { line: self.line, least, most, found: number }),
        }
    }

    /// The bytes of the message that are its record's; none where its prefix and its end meet.
    pub(super) fn body(&self, len: usize) -> std::ops::Range<usize> {
        let end = len.saturating_sub(self.trim);
        self.prefix.min(end)..end
    }
}

/// A message that is there as a whole: what `remaining()` counts ends with it.
pub(super) fn whole<'s>(bytes: &'s [u8], max: usize, recall: &'s dyn Recall) -> Scope<'s> {
    Scope { bytes, left: Left::Known(bytes.len()), max, recall }
}
