//! Numbers and expressions.

use std::ops::RangeInclusive;

use super::{Builder, MOST};
use crate::expr::{Compiler, Expr, Fields, Kind};
use crate::frame::protocol::file::Number;

impl Builder<'_> {
    /// A number that is the same for all messages.
    pub(super) fn fixed(&mut self, number: &Number) -> Option<i128> {
        let expr = self.expr_without_recall(number, None)?;
        let constant = expr.constant();
        if constant.is_none() {
            self.at(
                number,
                "needs a number that is the same for all messages, found an expression over bytes",
            );
        }
        constant
    }

    pub(super) fn bounded(
        &mut self,
        number: Option<&Number>,
        allowed: RangeInclusive<usize>,
    ) -> Option<usize> {
        let number = number?;
        let value = self.fixed(number)?;
        let checked = usize::try_from(value).ok().filter(|value| allowed.contains(value));
        if checked.is_none() {
            let (least, most) = (allowed.start(), allowed.end());
            let needed = match *most {
                usize::MAX | MOST => format!("at least {least}"),
                most => format!("{least} to {most}"),
            };
            self.at(number, format!("needs {needed}, found {value}"));
        }
        checked
    }

    /// Notes a problem at the first character of a number or expression.
    pub(super) fn at(&mut self, number: &Number, message: impl Into<String>) {
        match number {
            Number::Plain(_, span) => self.problems.add(span.start, message),
            Number::Text(text) => self.problems.add_in(text, 0, message),
        }
    }

    pub(in crate::frame::protocol) fn expr_without_recall(
        &mut self,
        number: &Number,
        fields: Option<Fields>,
    ) -> Option<Expr> {
        self.compiled(number, fields, false)
    }

    pub(super) fn expr(&mut self, number: &Number, fields: Option<Fields>) -> Option<Expr> {
        self.compiled(number, fields, true)
    }

    pub(super) fn compiled(
        &mut self,
        number: &Number,
        fields: Option<Fields>,
        recalls: bool,
    ) -> Option<Expr> {
        let plain;
        let text = match number {
            Number::Plain(number, _) => {
                plain = number.to_string();
                &*plain
            }
            Number::Text(text) => &*text.value,
        };
        let tables = recalls.then_some(&*self.tables);
        let mut compiler = Compiler {
            types: self.types,
            fields,
            names: self.names,
            tables,
            kind: Kind::Number,
            encoding: self.options.encoding,
        };
        match (compiler.expr(text), number) {
            (Ok(expr), _) => Some(expr),
            (Err(error), Number::Text(text)) => {
                self.problems.add_in(text, error.span().start, error.message());
                None
            }
            (Err(error), Number::Plain(_, span)) => {
                self.problems.add(span.start, error.message());
                None
            }
        }
    }
}
