//! Functions.

use std::ops::Range;

use cwire_layout::abi::Endian;

use super::{Compiled, Parser, Ty, Value};
use crate::expr::ExprError;
use crate::expr::Kind;
use crate::expr::arith::Binary;
use crate::expr::field::did_you_mean;
use crate::expr::formula::{Ask, Sum};
use crate::expr::lex::Kind as Lexed;
use crate::expr::program::Op;
use crate::expr::read::Read;

/// Names of the raw reads with bytes and byte order.
const READS: [(&str, u8, Endian); 11] = [
    ("u8", 1, Endian::Little),
    ("le16", 2, Endian::Little),
    ("be16", 2, Endian::Big),
    ("le24", 3, Endian::Little),
    ("be24", 3, Endian::Big),
    ("le32", 4, Endian::Little),
    ("be32", 4, Endian::Big),
    ("le48", 6, Endian::Little),
    ("be48", 6, Endian::Big),
    ("le64", 8, Endian::Little),
    ("be64", 8, Endian::Big),
];

/// Functions other than raw reads.
const FUNCTIONS: [&str; 3] = ["align", "remaining", "recall"];

impl Parser<'_, '_, '_> {
    pub(super) fn call(&mut self, name: &str, span: Range<usize>) -> Compiled<Value> {
        let start = self.ops.len();
        if let Some(&(_, len, endian)) = READS.iter().find(|(read, ..)| *read == name) {
            let [offset] = self.arguments(name, &span)?;
            return self.raw(&offset, len, endian, span.start);
        }
        match name {
            "align" => {
                let [left, right] = self.arguments(name, &span)?;
                // What has no value is said of the call as a whole.
                let left = Value { span: span.clone(), ..left };
                let right = Value { span: span.start..self.closed(), ..right };
                self.combine(Binary::Align, left, right)
            }
            "remaining" => {
                let [] = self.arguments(name, &span)?;
                let span = span.start..self.closed();
                self.emit(Op::Remaining, span.clone());
                Ok(Value { start, span, ty: Ty::Int })
            }
            "recall" => self.recall(span),
            _ if self.env.kind == Kind::Formula => self.asked(name, span),
            _ => Err(self.unknown_function(name, span)),
        }
    }

    /// A function of formulas.
    fn asked(&mut self, name: &str, span: Range<usize>) -> Compiled<Value> {
        let start = self.ops.len();
        let op = if let Some(ask) = Ask::named(name) {
            let [] = self.arguments(name, &span)?;
            Op::Ask(ask)
        } else if let Some(sum) = Sum::named(name) {
            let [_, _] = self.arguments(name, &span)?;
            Op::Sum(sum)
        } else {
            return Err(self.unknown_function(name, span));
        };
        let span = span.start..self.closed();
        self.emit(op, span.clone());
        Ok(Value { start, span, ty: Ty::Int })
    }

    // Not part of `call`, whose frames lie on top of each other where calls do.
    #[cold]
    fn unknown_function(&self, name: &str, span: Range<usize>) -> ExprError {
        let of_formulas = match self.env.kind {
            Kind::Formula => [Ask::NAMES.as_slice(), &Sum::NAMES].concat(),
            Kind::Number | Kind::Filter => Vec::new(),
        };
        let known = READS.iter().map(|(read, ..)| *read).chain(FUNCTIONS).chain(["sizeof"]);
        let near = did_you_mean(name, known.chain(of_formulas));
        ExprError::new(span, format!("unknown function `{name}`{near}"))
    }

    pub(super) fn arguments<const N: usize>(
        &mut self,
        name: &str,
        span: &Range<usize>,
    ) -> Compiled<[Value; N]> {
        let open = self.expect("(")?;
        let mut values = Vec::new();
        while !matches!(self.peek(), Lexed::Punct(")")) {
            if !values.is_empty() && !self.take(",") {
                return Err(self.unexpected("`,` or `)`"));
            }
            let value = self.conditional()?;
            self.integer(&value)?;
            values.push(value);
        }
        let close = self.expect(")")?;
        let found = values.len();
        values.try_into().map_err(|_| {
            let plural = if N == 1 { "" } else { "s" };
            let message = format!("`{name}` needs {N} argument{plural}, found {found}");
            ExprError::new(span.start..close.end.max(open.end), message)
        })
    }

    pub(super) fn raw(
        &mut self,
        offset: &Value,
        len: u8,
        endian: Endian,
        from: usize,
    ) -> Compiled<Value> {
        let span = from..self.closed();
        let value = Value { start: offset.start, span: span.clone(), ty: Ty::Int };
        let Some(at) = self.constant(offset) else {
            self.emit(Op::ReadMoved(Read::whole(0, len, false, endian)), span);
            return Ok(value);
        };
        let Some(at) = usize::try_from(at).ok().filter(|&at| at < usize::MAX / 16) else {
            let needed = if at < 0 { "of at least 0" } else { "in the address space" };
            let message = format!("needs an offset {needed}, found {at}");
            return Err(ExprError::new(offset.span.clone(), message));
        };
        self.rewind(offset.start, self.height - 1);
        self.emit(Op::Read(Read::whole(at, len, false, endian)), span);
        Ok(value)
    }

    /// `recall(table, key)` and `recall(table, key, default)`.
    pub(super) fn recall(&mut self, name: Range<usize>) -> Compiled<Value> {
        let start = self.ops.len();
        self.expect("(")?;
        let token = self.token();
        let table = match token.kind {
            Lexed::Name(table) => table.to_owned(),
            Lexed::Text(table) => String::from_utf8_lossy(&table).into_owned(),
            _ => return Err(self.unexpected("the name of a table")),
        };
        self.at += 1;
        let Some(tables) = self.env.tables else {
            return Err(ExprError::new(name, "`recall` has nothing to recall here"));
        };
        let Some(index) = tables.iter().position(|known| *known == table) else {
            let near = did_you_mean(&table, tables.iter().map(String::as_str));
            let message = format!("no message remembers anything in a table `{table}`{near}");
            return Err(ExprError::new(token.span, message));
        };
        self.expect(",")?;
        let key = self.conditional()?;
        self.integer(&key)?;
        if self.take(",") {
            let default = self.conditional()?;
            self.integer(&default)?;
        } else {
            self.emit(Op::Const(0), name.clone());
        }
        self.expect(")")?;
        let span = name.start..self.closed();
        self.emit(Op::Recall(index), span.clone());
        Ok(Value { start, span, ty: Ty::Int })
    }
}
