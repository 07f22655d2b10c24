//! Text to steps, in one pass: what is constant is computed on the way.

mod call;
mod operand;
mod operator;
mod path;
mod type_name;

use std::ops::Range;

use cwire_layout::Types;
use cwire_layout::abi::Endian;
use cwire_layout::types::RecordId;

use super::lex::{Kind as Lexed, Token, lex};
use super::program::{Op, Program};
use super::{Expr, ExprError, Names};
use crate::plan::TextEncoding;
#[cfg(feature = "protocol")]
pub(crate) use type_name::refusal;

/// Parentheses, operators before an operand, indices and branches inside each other.
const MAX_DEPTH: usize = 256;

/// What the names of an expression can mean.
pub(crate) struct Compiler<'a> {
    pub(crate) types: &'a Types,
    /// The record whose fields are meant.
    pub(crate) fields: Option<Fields>,
    pub(crate) names: &'a mut dyn Names,
    /// The tables of `recall`, by index; `None` where there is nothing to recall.
    pub(crate) tables: Option<&'a [String]>,
    pub(crate) kind: Kind,
    /// Of `char` arrays, in a filter.
    pub(crate) encoding: TextEncoding,
}

/// A record over the bytes of a message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields {
    pub(crate) record: RecordId,
    /// Bytes from the start of the message.
    pub(crate) base: usize,
    pub(crate) endian: Endian,
}

/// What an expression is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An integer.
    Number,
    /// An integer that may depend on the occasion, too.
    Formula,
    /// A condition, in which there are floating numbers and texts, too.
    Filter,
}

impl Compiler<'_> {
    /// An integer expression.
    pub(crate) fn expr(&mut self, text: &str) -> Result<Expr, ExprError> {
        self.program(text).map(|program| Expr { program })
    }

    pub(in crate::expr) fn program(&mut self, text: &str) -> Result<Program, ExprError> {
        let tokens = lex(text)?;
        let mut parser = Parser {
            env: self,
            text,
            tokens,
            at: 0,
            ops: Vec::new(),
            spans: Vec::new(),
            height: 0,
            deepest: 0,
            depth: 0,
        };
        let value = parser.conditional()?;
        if parser.peek() != Lexed::End {
            return Err(parser.unexpected("an operator"));
        }
        parser.number(&value)?;
        let Parser { ops, spans, deepest, .. } = parser;
        let program = Program::new(text, ops, spans, deepest);
        refuse_fixed_error(&program, self.kind)?;
        Ok(program)
    }
}

/// Refuses what has no value whatever the bytes.
fn refuse_fixed_error(program: &Program, kind: Kind) -> Result<(), ExprError> {
    if kind == Kind::Filter || !program.is_fixed() {
        return Ok(());
    }
    let scope =
        crate::expr::Scope { bytes: &[], left: crate::expr::Left::Known(0), max: 0, recall: &() };
    match program.eval(&scope) {
        Err(crate::expr::Stop::Error(error)) => {
            Err(ExprError::new(error.span(), error.to_string()))
        }
        _ => Ok(()),
    }
}

/// What an expression computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ty {
    Int,
    Float,
    Text,
}

/// A part of the expression that has been compiled: the steps from `start` on.
#[derive(Clone, Debug)]
struct Value {
    start: usize,
    span: Range<usize>,
    ty: Ty,
}

struct Parser<'c, 'a, 't> {
    env: &'c mut Compiler<'a>,
    text: &'t str,
    tokens: Vec<Token<'t>>,
    at: usize,
    ops: Vec<Op>,
    spans: Vec<Range<usize>>,
    /// Numbers on the stack after the last step.
    height: usize,
    deepest: usize,
    depth: usize,
}

type Compiled<T> = Result<T, ExprError>;

impl<'t> Parser<'_, '_, 't> {
    fn token(&self) -> Token<'t> {
        let end = self.text.len();
        self.tokens.get(self.at).cloned().unwrap_or(Token { kind: Lexed::End, span: end..end })
    }

    fn peek(&self) -> Lexed<'t> {
        self.token().kind
    }

    fn kind(&self) -> &Lexed<'t> {
        self.tokens.get(self.at).map_or(&Lexed::End, |token| &token.kind)
    }

    fn next(&mut self) -> Token<'t> {
        let token = self.token();
        self.at += 1;
        token
    }

    fn take(&mut self, punct: &str) -> bool {
        let is_next = matches!(self.kind(), Lexed::Punct(found) if *found == punct);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, punct: &str) -> Compiled<Range<usize>> {
        let token = self.token();
        if self.take(punct) { Ok(token.span) } else { Err(self.unexpected(&format!("`{punct}`"))) }
    }

    fn unexpected(&self, needed: &str) -> ExprError {
        let token = self.token();
        let found = match token.kind {
            Lexed::End => "the end".to_owned(),
            _ => format!("`{}`", self.text.get(token.span.clone()).unwrap_or_default()),
        };
        ExprError::new(token.span, format!("needs {needed}, found {found}"))
    }

    fn emit(&mut self, op: Op, span: Range<usize>) {
        let (pops, pushes) = match &op {
            Op::Const(_)
            | Op::Read(_)
            | Op::Remaining
            | Op::Ask(_)
            | Op::Float(_)
            | Op::Text(_) => (0, 1),
            Op::ReadFloat(_, is_moved) | Op::ReadText(_, is_moved) => (usize::from(*is_moved), 1),
            Op::ReadMoved(_) | Op::Index { .. } | Op::Unary(_) => (1, 1),
            Op::Binary(_) | Op::Recall(_) | Op::Sum(_) => (2, 1),
            Op::Jump(_) => (0, 0),
            Op::JumpIfZero(_) | Op::JumpUnlessZero(_) => (1, 0),
        };
        self.height = self.height.saturating_sub(pops) + pushes;
        self.deepest = self.deepest.max(self.height);
        self.ops.push(op);
        self.spans.push(span);
    }

    /// Takes back all steps from `start` on, which left `height` numbers on the stack.
    fn rewind(&mut self, start: usize, height: usize) {
        self.ops.truncate(start);
        self.spans.truncate(start);
        self.height = height;
    }

    /// The number of a part that is nothing but a number.
    fn constant(&self, value: &Value) -> Option<i128> {
        match self.ops.get(value.start..) {
            Some([Op::Const(number)]) => Some(*number),
            _ => None,
        }
    }

    /// Lets the last jump go on at the next step.
    fn land(&mut self, jump: usize) {
        let here = self.ops.len();
        if let Some(Op::Jump(to) | Op::JumpIfZero(to) | Op::JumpUnlessZero(to)) =
            self.ops.get_mut(jump)
        {
            *to = here;
        }
    }

    fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Compiled<T>) -> Compiled<T> {
        if self.depth >= MAX_DEPTH {
            let span = self.token().span;
            return Err(ExprError::new(
                span,
                format!("needs at most {MAX_DEPTH} levels of nesting"),
            ));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    /// Where the last token ends.
    fn closed(&self) -> usize {
        self.tokens.get(self.at.saturating_sub(1)).map_or(0, |token| token.span.end)
    }
}
