//! Compiled expressions, and how they are evaluated.

use std::ops::Range;

use super::arith::{Binary, Unary};
use super::formula::{Ask, Occasion, Sum};
use super::read::Read;
use super::text::{FloatField, TextField};
use super::{EvalError, EvalErrorKind};

/// One step of a stack machine.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Op {
    /// Pushes a number.
    Const(i128),
    /// Pushes an integer from the message.
    Read(Read),
    /// The same, moved by as many bytes as the number that it pops says.
    ReadMoved(Read),
    /// Pops an index, pushes how many bytes it moves a read.
    Index { stride: u64, len: Option<u64> },
    /// Pops one, pushes one.
    Unary(Unary),
    /// Pops two, pushes one.
    Binary(Binary),
    /// Pushes the bytes that are left.
    Remaining,
    /// Pops a default and a key, pushes what was remembered.
    Recall(usize),
    /// Pushes what a [`Formula`](super::Formula) knows beside bytes; only in one, as the one that follows.
    Ask(Ask),
    /// Pops how many bytes and from where, pushes their checksum.
    Sum(Sum),
    /// Goes on elsewhere.
    Jump(usize),
    /// Pops a number and goes on elsewhere if it is 0.
    JumpIfZero(usize),
    /// Pops a number and goes on elsewhere if it is not 0.
    JumpUnlessZero(usize),
    /// Pushes a floating number; only in a filter, as those that follow.
    Float(u64),
    /// Pushes a floating number from the message; moved as [`Op::ReadMoved`] does where it is true.
    ReadFloat(FloatField, bool),
    /// Pushes a text.
    Text(Box<[u8]>),
    /// Pushes a text from the message, moved likewise.
    ReadText(TextField, bool),
}

/// The steps of an expression.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) ops: Box<[Op]>,
    /// Bytes of the text that each step comes from.
    pub(super) spans: Box<[Range<usize>]>,
    pub(super) text: Box<str>,
    /// Most numbers on the stack.
    pub(super) depth: usize,
    short: Short,
}

/// The shapes that most expressions of protocols have, done without a stack.
#[derive(Clone, Copy, Debug)]
enum Short {
    None,
    Const(i128),
    /// `read * scale + add`, where nothing can overflow.
    Linear {
        read: Read,
        scale: i128,
        add: i128,
        op: usize,
    },
    /// `read == with` and the like.
    Test {
        read: Read,
        op: Binary,
        with: i128,
    },
}

/// What an expression is evaluated over.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    /// What is there of the message and of what follows it, at most [`Scope::max`] bytes.
    pub(crate) bytes: &'a [u8],
    /// Bytes to the end of the stream.
    pub(crate) left: Left,
    /// Bytes of the longest message: reads beyond it are errors.
    pub(crate) max: usize,
    /// What was remembered.
    pub(crate) recall: &'a dyn Recall,
}

impl<'a> Scope<'a> {
    /// A record and nothing around it.
    pub(crate) fn of_record(bytes: &'a [u8]) -> Self {
        Self { bytes, left: Left::Known(bytes.len()), max: usize::MAX / 16, recall: &() }
    }
}

/// Bytes from the start of a message to the end of its stream.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Left {
    /// The stream is finished.
    Known(usize),
    /// It goes on after those that are there.
    #[cfg(feature = "protocol")]
    AtLeast(usize),
}

/// Numbers that messages left for later ones.
pub(crate) trait Recall {
    /// The number last remembered under a key of a table.
    fn recall(&self, table: usize, key: i128) -> Option<i128>;

    /// What a formula is evaluated for.
    fn occasion(&self) -> Occasion {
        Occasion::default()
    }
}

/// Nothing was remembered.
impl Recall for () {
    fn recall(&self, _: usize, _: i128) -> Option<i128> {
        None
    }
}

/// Why there is no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// So many bytes have to be there.
    Need(usize),
    /// There will never be one.
    Error(EvalError),
}

/// Numbers on the stack that need no memory of their own.
const INLINE: usize = 12;

impl Program {
    pub(super) fn new(text: &str, ops: Vec<Op>, spans: Vec<Range<usize>>, depth: usize) -> Self {
        let short = Short::of(&ops);
        Self { ops: ops.into(), spans: spans.into(), text: text.into(), depth, short }
    }

    /// The number, if it is the same whatever the bytes.
    pub(super) fn constant(&self) -> Option<i128> {
        match self.short {
            Short::Const(value) => Some(value),
            _ => None,
        }
    }

    /// Whether nothing in it depends on bytes.
    pub(super) fn is_fixed(&self) -> bool {
        let is_fixed = |op: &Op| {
            matches!(
                op,
                Op::Const(_)
                    | Op::Unary(_)
                    | Op::Binary(_)
                    | Op::Jump(_)
                    | Op::JumpIfZero(_)
                    | Op::JumpUnlessZero(_)
                    | Op::Float(_)
                    | Op::Text(_)
            )
        };
        self.ops.iter().all(is_fixed)
    }

    #[inline]
    pub(super) fn eval(&self, scope: &Scope<'_>) -> Result<i128, Stop> {
        match self.short {
            Short::Const(value) => Ok(value),
            Short::Linear { read, scale, add, op } => {
                self.read(scope, &read, op).map(|value| value * scale + add)
            }
            Short::Test { read, op, with } => {
                let value = self.read(scope, &read, 0)?;
                Ok(i128::from(op.holds(Some(value.cmp(&with))).unwrap_or(false)))
            }
            Short::None if self.depth <= INLINE => self.run(scope, &mut [0; INLINE]),
            Short::None => self.run(scope, &mut vec![0; self.depth]),
        }
    }

    fn run(&self, scope: &Scope<'_>, slots: &mut [i128]) -> Result<i128, Stop> {
        let mut stack = Stack { slots, len: 0 };
        let mut at = 0;
        while let Some(op) = self.ops.get(at) {
            at += 1;
            match op {
                Op::Const(value) => stack.push(*value),
                Op::Read(read) => stack.push(self.read(scope, read, at - 1)?),
                Op::ReadMoved(read) => {
                    let by = stack.pop();
                    stack.push(self.read_moved(scope, read, by, at - 1)?);
                }
                Op::Index { stride, len } => {
                    let index = stack.pop();
                    stack.push(self.index(index, *stride, *len, at - 1)?);
                }
                Op::Unary(op) => {
                    let value = stack.pop();
                    stack.push(op.apply(value).map_err(|kind| self.error(kind, at - 1))?);
                }
                Op::Binary(op) => {
                    let right = stack.pop();
                    let left = stack.pop();
                    stack.push(op.apply(left, right).map_err(|kind| self.error(kind, at - 1))?);
                }
                Op::Remaining => stack.push(self.remaining(scope, at - 1)?),
                Op::Recall(table) => {
                    let default = stack.pop();
                    let key = stack.pop();
                    stack.push(scope.recall.recall(*table, key).unwrap_or(default));
                }
                Op::Ask(ask) => stack.push(ask.of(scope.recall.occasion())),
                Op::Sum(sum) => {
                    let len = stack.pop();
                    let from = stack.pop();
                    stack.push(self.sum(scope, *sum, from, len, at - 1)?);
                }
                Op::Jump(to) => at = *to,
                Op::JumpIfZero(to) => {
                    if stack.pop() == 0 {
                        at = *to;
                    }
                }
                Op::JumpUnlessZero(to) => {
                    if stack.pop() != 0 {
                        at = *to;
                    }
                }
                // The compiler refuses them outside of filters.
                Op::Float(_) | Op::ReadFloat(..) | Op::Text(_) | Op::ReadText(..) => stack.push(0),
            }
        }
        Ok(stack.pop())
    }

    #[inline]
    pub(super) fn read(&self, scope: &Scope<'_>, read: &Read, op: usize) -> Result<i128, Stop> {
        match scope.bytes.get(read.at..).and_then(|bytes| read.load(bytes)) {
            Some(value) if value < 0 && !read.signed => {
                Err(self.error(EvalErrorKind::Overflow, op))
            }
            Some(value) => Ok(value),
            None => Err(self.lacks(scope, read.at as i128, read.end(), op)),
        }
    }

    pub(super) fn read_moved(
        &self,
        scope: &Scope<'_>,
        read: &Read,
        by: i128,
        op: usize,
    ) -> Result<i128, Stop> {
        let at = by.saturating_add(read.at as i128);
        match usize::try_from(at) {
            Ok(at) if at <= scope.max => self.read(scope, &Read { at, ..*read }, op),
            _ => Err(self.error(EvalErrorKind::Offset { offset: at, max: scope.max }, op)),
        }
    }

    /// The answer to a read of bytes that are not there.
    #[cold]
    pub(super) fn lacks(&self, scope: &Scope<'_>, at: i128, end: usize, op: usize) -> Stop {
        if end > scope.max {
            return self.error(EvalErrorKind::Offset { offset: at, max: scope.max }, op);
        }
        Stop::Need(end)
    }

    fn sum(
        &self,
        scope: &Scope<'_>,
        sum: Sum,
        from: i128,
        len: i128,
        op: usize,
    ) -> Result<i128, Stop> {
        let range = usize::try_from(from).ok().zip(usize::try_from(len).ok());
        let range = range.and_then(|(from, len)| Some(from..from.checked_add(len)?));
        let range = range.filter(|range| range.end <= scope.max);
        let Some(range) = range else {
            let offset = if from < 0 { from } else { from.saturating_add(len) };
            return Err(self.error(EvalErrorKind::Offset { offset, max: scope.max }, op));
        };
        match scope.bytes.get(range.clone()) {
            Some(bytes) => Ok(sum.of(bytes)),
            None => Err(Stop::Need(range.end)),
        }
    }

    pub(super) fn index(
        &self,
        index: i128,
        stride: u64,
        len: Option<u64>,
        op: usize,
    ) -> Result<i128, Stop> {
        let most = len.map_or(i128::MAX, i128::from);
        if !(0..most).contains(&index) {
            return Err(self.error(EvalErrorKind::Index { index, len }, op));
        }
        let moved = index.checked_mul(i128::from(stride));
        moved.ok_or_else(|| self.error(EvalErrorKind::Overflow, op))
    }

    pub(super) fn remaining(&self, scope: &Scope<'_>, op: usize) -> Result<i128, Stop> {
        let (left, value) = match scope.left {
            Left::Known(left) => (left, Ok(left as i128)),
            #[cfg(feature = "protocol")]
            Left::AtLeast(left) => (left, Err(Stop::Need(left.saturating_add(1)))),
        };
        if left > scope.max {
            return Err(self.error(EvalErrorKind::Remaining { max: scope.max }, op));
        }
        value
    }

    #[cold]
    pub(super) fn error(&self, kind: EvalErrorKind, op: usize) -> Stop {
        let span = self.spans.get(op).cloned().unwrap_or_default();
        let part = self.text.get(span.clone()).unwrap_or_default();
        Stop::Error(EvalError::new(kind, part, span))
    }
}

/// The compiler counts how deep it gets: neither end is ever passed.
struct Stack<'a> {
    slots: &'a mut [i128],
    len: usize,
}

impl Stack<'_> {
    #[inline]
    fn push(&mut self, value: i128) {
        if let Some(slot) = self.slots.get_mut(self.len) {
            *slot = value;
            self.len += 1;
        }
    }

    #[inline]
    fn pop(&mut self) -> i128 {
        self.len = self.len.saturating_sub(1);
        self.slots.get(self.len).copied().unwrap_or(0)
    }
}

impl Short {
    fn of(ops: &[Op]) -> Self {
        // With no more than 64 bits in each, products and sums stay within 128.
        let fits = |read: &Read, scale: i128, add: i128| {
            let most = 1 << 60;
            read.width <= 64 && scale.unsigned_abs() <= most && add.unsigned_abs() <= most
        };
        let op = usize::from(matches!(ops, [Op::Const(_), ..]));
        let linear = |read: &Read, scale: i128, add: i128| match fits(read, scale, add) {
            true => Self::Linear { read: *read, scale, add, op },
            false => Self::None,
        };
        use Binary::{Add, Mul, Sub};
        match ops {
            [Op::Const(value)] => Self::Const(*value),
            [Op::Read(read)] => linear(read, 1, 0),
            [Op::Read(read), Op::Const(with), Op::Binary(op)] => match op {
                Mul => linear(read, *with, 0),
                Add => linear(read, 1, *with),
                Sub if *with != i128::MIN => linear(read, 1, -*with),
                op if op.holds(None).is_some() => Self::Test { read: *read, op: *op, with: *with },
                _ => Self::None,
            },
            [Op::Const(add), Op::Read(read), Op::Binary(Add)] => linear(read, 1, *add),
            [
                Op::Read(read),
                Op::Const(scale),
                Op::Binary(Mul),
                Op::Const(add),
                Op::Binary(Add),
            ] => linear(read, *scale, *add),
            _ => Self::None,
        }
    }
}
