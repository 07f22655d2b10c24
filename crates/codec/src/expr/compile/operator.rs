//! Operators: how tightly they bind, and what they evaluate.

use super::type_name::TypeName;
use super::{Compiled, Parser, Ty, Value};
use crate::expr::ExprError;
use crate::expr::arith::{Binary, Unary};
use crate::expr::lex::Kind as Lexed;
use crate::expr::program::Op;

/// How tightly `||` and `&&` bind, below the operators of [`Binary::of`].
pub(super) const OR: u8 = 1;
pub(super) const AND: u8 = 2;

impl Parser<'_, '_, '_> {
    /// `a ? b : c`, and what binds tighter.
    pub(super) fn conditional(&mut self) -> Compiled<Value> {
        self.nested(|parser| {
            let condition = parser.binary(OR)?;
            if !parser.take("?") {
                return Ok(condition);
            }
            parser.branches(&condition)
        })
    }

    pub(super) fn branches(&mut self, condition: &Value) -> Compiled<Value> {
        self.number(condition)?;
        let fixed = self.constant(condition);
        let start = condition.start;
        match fixed {
            Some(_) => self.rewind(start, self.height - 1),
            None => self.emit(Op::JumpIfZero(0), condition.span.clone()),
        }
        let height = self.height;
        let (jump, first) = (self.ops.len().saturating_sub(1), self.ops.len());
        let then = self.conditional()?;
        self.expect(":")?;
        if fixed == Some(0) {
            self.rewind(first, height);
        }
        let over = self.ops.len();
        if fixed.is_none() {
            self.emit(Op::Jump(0), then.span.clone());
            self.land(jump);
        }
        let second = self.ops.len();
        let kept = self.height;
        self.height = height;
        let other = self.conditional()?;
        match fixed {
            None => self.land(over),
            Some(0) => {}
            Some(_) => self.rewind(second, kept),
        }
        let ty = self.common(&then, &other)?;
        Ok(Value { start, span: condition.span.start..other.span.end, ty })
    }

    /// The type of both branches.
    pub(super) fn common(&self, a: &Value, b: &Value) -> Compiled<Ty> {
        match (a.ty, b.ty) {
            (Ty::Text, Ty::Text) => Ok(Ty::Text),
            (Ty::Text, _) | (_, Ty::Text) => {
                let message = "needs two texts or two numbers, found one of each";
                Err(ExprError::new(a.span.start..b.span.end, message))
            }
            (Ty::Int, Ty::Int) => Ok(Ty::Int),
            _ => Ok(Ty::Float),
        }
    }

    pub(super) fn number(&self, value: &Value) -> Compiled<()> {
        if value.ty == Ty::Text {
            return Err(ExprError::new(value.span.clone(), "needs a number, found a text"));
        }
        Ok(())
    }

    pub(super) fn integer(&self, value: &Value) -> Compiled<()> {
        self.number(value)?;
        if value.ty == Ty::Float {
            let message = "needs an integer, found a floating number";
            return Err(ExprError::new(value.span.clone(), message));
        }
        Ok(())
    }

    /// `a && b && c` or `a || b || c` behind its first operand: what decides ends the evaluation. Operands
    /// bind at least as tightly as `least`.
    pub(super) fn logical(&mut self, punct: &str, mut left: Value, least: u8) -> Compiled<Value> {
        let mut jumps = Vec::new();
        let mut is_decided = None;
        let start = left.start;
        while self.take(punct) {
            self.number(&left)?;
            if is_decided.is_none() {
                is_decided = self.decide(punct == "||", &left, &mut jumps)?;
            }
            let right = self.binary(least)?;
            self.number(&right)?;
            left = Value { start: right.start, span: left.span.start..right.span.end, ty: Ty::Int };
            if let Some(end) = is_decided {
                self.rewind(end, self.height - 1);
                left.start = start;
            } else {
                self.unary_op(Unary::Bool, &left)?;
            }
        }
        self.close_logical(punct, &jumps, &left);
        Ok(Value { start, ..left })
    }

    /// Jumps to the end of the chain if an operand decides it. One that is constant decides at once: then
    /// what follows counts from the step returned, and is dropped.
    pub(super) fn decide(
        &mut self,
        deciding: bool,
        operand: &Value,
        jumps: &mut Vec<usize>,
    ) -> Compiled<Option<usize>> {
        match self.constant(operand).filter(|_| jumps.is_empty()) {
            Some(value) if (value != 0) == deciding => {
                self.unary_op(Unary::Bool, operand)?;
                return Ok(Some(self.ops.len()));
            }
            Some(_) => self.rewind(operand.start, self.height - 1),
            None => {
                jumps.push(self.ops.len());
                let jump = if deciding { Op::JumpUnlessZero(0) } else { Op::JumpIfZero(0) };
                self.emit(jump, operand.span.clone());
            }
        }
        Ok(None)
    }

    /// What a chain jumps to that ended early: its value.
    pub(super) fn close_logical(&mut self, punct: &str, jumps: &[usize], value: &Value) {
        if jumps.is_empty() {
            return;
        }
        let over = self.ops.len();
        self.emit(Op::Jump(0), value.span.clone());
        for &jump in jumps {
            self.land(jump);
        }
        self.height -= 1;
        self.emit(Op::Const(i128::from(punct == "||")), value.span.clone());
        self.land(over);
    }

    /// Operators that bind at least as tightly as `least`.
    pub(super) fn binary(&mut self, least: u8) -> Compiled<Value> {
        let mut left = self.unary()?;
        loop {
            let &Lexed::Punct(punct) = self.kind() else { return Ok(left) };
            left = match punct {
                "||" if least <= OR => self.logical(punct, left, OR + 1)?,
                "&&" if least <= AND => self.logical(punct, left, AND + 1)?,
                _ => {
                    let known = Binary::of(punct).filter(|(_, level)| *level >= least);
                    let Some((op, level)) = known else { return Ok(left) };
                    self.at += 1;
                    let right = self.binary(level + 1)?;
                    self.combine(op, left, right)?
                }
            };
        }
    }

    pub(super) fn combine(&mut self, op: Binary, left: Value, right: Value) -> Compiled<Value> {
        let span = left.span.start..right.span.end;
        let compares = op.holds(None).is_some();
        let ty = match (left.ty, right.ty) {
            (Ty::Text, Ty::Text) if compares => Ty::Int,
            (Ty::Text, _) | (_, Ty::Text) if compares => self.common(&left, &right)?,
            (Ty::Text, _) => return self.number(&left).map(|()| left),
            (_, Ty::Text) => return self.number(&right).map(|()| right),
            (Ty::Int, Ty::Int) => Ty::Int,
            _ if compares => Ty::Int,
            _ if matches!(op, Binary::Mul | Binary::Div | Binary::Add | Binary::Sub) => Ty::Float,
            _ => {
                self.integer(&left)?;
                self.integer(&right)?;
                Ty::Int
            }
        };
        let start = left.start;
        let value = Value { start, span: span.clone(), ty };
        if let Some([Op::Const(a), Op::Const(b)]) = self.ops.get(start..) {
            // What has no value may stand in a branch that is never taken: left for later.
            if let Ok(folded) = op.apply(*a, *b) {
                self.rewind(start, self.height - 2);
                self.emit(Op::Const(folded), span);
                return Ok(value);
            }
        }
        self.emit(Op::Binary(op), span);
        Ok(value)
    }

    pub(super) fn unary_op(&mut self, op: Unary, operand: &Value) -> Compiled<()> {
        if let Some(number) = self.constant(operand)
            && let Ok(folded) = op.apply(number)
        {
            self.rewind(operand.start, self.height - 1);
            self.emit(Op::Const(folded), operand.span.clone());
            return Ok(());
        }
        self.emit(Op::Unary(op), operand.span.clone());
        Ok(())
    }

    pub(super) fn unary(&mut self) -> Compiled<Value> {
        match self.kind() {
            Lexed::Punct("(") => {
                let start = self.token().span.start;
                match self.type_in_parens(false)? {
                    Some(ty) => self.cast(&ty, start),
                    None => self.parens(),
                }
            }
            Lexed::Punct("-" | "~" | "!" | "+") => self.prefixed(),
            Lexed::Name("sizeof") => self.nested(Self::sizeof),
            _ => self.primary(),
        }
    }

    /// An operator before its operand.
    pub(super) fn prefixed(&mut self) -> Compiled<Value> {
        let token = self.next();
        let operand = self.nested(Self::unary)?;
        self.number(&operand)?;
        let mut value = Value { span: token.span.start..operand.span.end, ..operand };
        let op = match token.kind {
            Lexed::Punct("-") => Unary::Neg,
            Lexed::Punct("~") => {
                self.integer(&value)?;
                Unary::Complement
            }
            Lexed::Punct("!") => Unary::Not,
            _ => return Ok(value),
        };
        self.unary_op(op, &value)?;
        if op == Unary::Not {
            value.ty = Ty::Int;
        }
        Ok(value)
    }

    pub(super) fn parens(&mut self) -> Compiled<Value> {
        let open = self.expect("(")?;
        let inner = self.conditional()?;
        let close = self.expect(")")?;
        Ok(Value { span: open.start..close.end, ..inner })
    }

    pub(super) fn cast(&mut self, ty: &TypeName, start: usize) -> Compiled<Value> {
        let Some(int) = ty.int else {
            return Err(ExprError::new(ty.span.clone(), "needs an integer type to cast to"));
        };
        let operand = self.nested(Self::unary)?;
        self.integer(&operand)?;
        let value = Value { span: start..operand.span.end, ..operand };
        let op = match ty.is_bool {
            true => Unary::Bool,
            false => Unary::Cast { bits: int.bits, signed: int.signed },
        };
        self.unary_op(op, &value)?;
        Ok(value)
    }
}
