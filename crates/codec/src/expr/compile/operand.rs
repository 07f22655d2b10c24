//! Operands: literals, and names that are no fields.

use std::ops::Range;

use cwire_layout::Types;

use super::{Compiled, Kind, Parser, Ty, Value};
use crate::expr::ExprError;
use crate::expr::field::{self, did_you_mean};
use crate::expr::lex::Kind as Lexed;
use crate::expr::program::Op;

impl<'t> Parser<'_, '_, 't> {
    pub(super) fn primary(&mut self) -> Compiled<Value> {
        let token = self.token();
        let (start, span) = (self.ops.len(), token.span.clone());
        let (op, ty) = match token.kind {
            Lexed::Int(number) => (Op::Const(number), Ty::Int),
            Lexed::Char(bytes) => (Op::Const(self.character(&bytes)), Ty::Int),
            Lexed::Float(number) if self.env.kind == Kind::Filter => {
                (Op::Float(number.to_bits()), Ty::Float)
            }
            Lexed::Float(_) => {
                return Err(ExprError::new(span, "needs an integer, found a floating constant"));
            }
            Lexed::Text(_) if self.env.kind != Kind::Filter => {
                return Err(ExprError::new(span, "needs an integer, found a string"));
            }
            Lexed::Text(first) => return Ok(self.text(first)),
            Lexed::Name(name) => return self.named(name),
            _ => return Err(self.unexpected("an operand")),
        };
        self.at += 1;
        self.emit(op, span.clone());
        Ok(Value { start, span, ty })
    }

    /// Strings side by side are one (C11 6.4.5p5).
    pub(super) fn text(&mut self, mut bytes: Vec<u8>) -> Value {
        let start = self.ops.len();
        let mut span = self.next().span;
        while let Lexed::Text(more) = self.peek() {
            bytes.extend_from_slice(&more);
            span.end = self.next().span.end;
        }
        self.emit(Op::Text(bytes.into()), span.clone());
        Value { start, span, ty: Ty::Text }
    }

    /// One character has the sign of `char`, several are one number (gcc: each shifts those before it by 8
    /// bits; C11 6.4.4.4p10 leaves it to the compiler).
    pub(super) fn character(&self, bytes: &[u8]) -> i128 {
        match *bytes {
            [byte] if self.env.types.abi().char_is_signed() => i128::from(byte.cast_signed()),
            _ => bytes.iter().fold(0, |number, &byte| number << 8 | i128::from(byte)),
        }
    }

    pub(super) fn named(&mut self, name: &'t str) -> Compiled<Value> {
        let start = self.ops.len();
        let span = self.next().span;
        if matches!(self.peek(), Lexed::Punct("(")) {
            return self.call(name, span);
        }
        if let Some(place) = self.field(name, &span) {
            let place = self.path(place)?;
            return self.load(&place, start);
        }
        let number = self.lookup(name, &span)?;
        self.emit(Op::Const(number), span.clone());
        Ok(Value { start, span, ty: Ty::Int })
    }

    /// A macro or enumerator.
    pub(super) fn lookup(&mut self, name: &str, span: &Range<usize>) -> Compiled<i128> {
        match self.env.names.constant(name) {
            Ok(Some(number)) => return Ok(number),
            Ok(None) => {}
            Err(why) => return Err(ExprError::new(span.clone(), format!("`{name}`: {why}"))),
        }
        match enumerator(self.env.types, name) {
            Some(number) => Ok(number),
            None => Err(self.unknown(name, span)),
        }
    }

    pub(super) fn unknown(&self, name: &str, span: &Range<usize>) -> ExprError {
        let types = self.env.types;
        let Some(fields) = self.env.fields else {
            let near = did_you_mean(name, enumerators(types));
            let message =
                format!("unknown name `{name}`, where no record says what fields there are{near}");
            return ExprError::new(span.clone(), message);
        };
        let known = field::names(types, fields.record);
        let near = did_you_mean(name, known.into_iter().chain(enumerators(types)));
        let record = types.spell(types.record_type(fields.record));
        let message = format!("`{name}` is no field of `{record}` and no constant{near}");
        ExprError::new(span.clone(), message)
    }
}

fn enumerators(types: &Types) -> impl Iterator<Item = &str> {
    let definitions =
        types.enums().iter().filter_map(|&id| types.enumeration(id).definition.as_ref());
    definitions.flat_map(|definition| &definition.values).map(|(name, _)| &**name)
}

/// An enumerator by its name, which may be qualified by that of its enum or of the scope around it.
fn enumerator(types: &Types, name: &str) -> Option<i128> {
    let name = name.strip_prefix("::").unwrap_or(name);
    let last = name.rsplit("::").next().unwrap_or(name);
    types.enums().iter().find_map(|&id| {
        let entry = types.enumeration(id);
        let values = &entry.definition.as_ref()?.values;
        let (_, number) = values.iter().find(|(known, _)| **known == *last)?;
        let scope = entry.name.rsplit_once("::").map_or("", |(scope, _)| scope);
        let is_meant = name == last
            || name == format!("{}::{last}", entry.name)
            || name == format!("{scope}::{last}");
        is_meant.then_some(*number)
    })
}
