//! Types by name, and `sizeof`.

use std::ops::Range;

use cwire_layout::Types;
use cwire_layout::types::{Basic, Type, TypeId};

use super::{Compiled, Parser, Ty, Value};
use crate::expr::ExprError;
use crate::expr::field::{self, did_you_mean};
use crate::expr::lex::{Kind as Lexed, Token};
use crate::expr::program::Op;
use crate::expr::types::{self, Int, Shape};

impl<'t> Parser<'_, '_, 't> {
    /// `sizeof(type)`, `sizeof record`, `sizeof(field)`, `sizeof field`.
    pub(super) fn sizeof(&mut self) -> Compiled<Value> {
        let (start, height) = (self.ops.len(), self.height);
        let from = self.next().span.start;
        let size = match self.type_in_parens(true)? {
            Some(ty) => ty.size?,
            None if self.take("(") => {
                let size = self.sizeof_operand()?;
                self.expect(")")?;
                size
            }
            None => self.sizeof_operand()?,
        };
        self.rewind(start, height);
        let span = from..self.closed();
        self.emit(Op::Const(i128::from(size)), span.clone());
        Ok(Value { start, span, ty: Ty::Int })
    }

    pub(super) fn sizeof_operand(&mut self) -> Compiled<u64> {
        let token = self.token();
        let Lexed::Name(name) = token.kind else {
            return Err(self.unexpected("a record, type or field"));
        };
        let behind = self.tokens.get(self.at + 1).map(|token| &token.kind);
        let is_path = matches!(behind, Some(Lexed::Punct("." | "[")));
        if let Some(ty) = self.type_name(name, !is_path)? {
            return ty.size;
        }
        self.at += 1;
        let Some(place) = self.field(name, &token.span) else {
            return Err(self.unknown_type(name, &token.span));
        };
        let place = self.path(place)?;
        if place.width_bits.is_some() {
            return Err(ExprError::new(place.span, "needs a type with a size, found a bit-field"));
        }
        size_of(self.env.types, place.ty, &place.span)
    }

    pub(super) fn unknown_type(&self, name: &str, span: &Range<usize>) -> ExprError {
        let types = self.env.types;
        let records = types.records().iter().map(|&id| &*types.record(id).name);
        let fields = self.env.fields.map(|fields| field::names(types, fields.record));
        let near = did_you_mean(name, records.chain(fields.into_iter().flatten()));
        let reason = refusal(types, name);
        ExprError::new(span.clone(), format!("`{name}` is no record, type or field{reason}{near}"))
    }

    /// `(type)`, if that is what comes next.
    pub(super) fn type_in_parens(&mut self, is_sizeof: bool) -> Compiled<Option<TypeName>> {
        let start = self.at;
        if let Some(Token { kind: Lexed::Name(name), .. }) = self.tokens.get(start + 1) {
            let name = *name;
            if matches!(self.peek(), Lexed::Punct("(")) {
                self.at += 1;
                if let Some(ty) = self.type_name(name, is_sizeof)?
                    && self.take(")")
                {
                    return Ok(Some(ty));
                }
            }
        }
        self.at = start;
        Ok(None)
    }

    /// The type that the next tokens name, if they do.
    pub(super) fn type_name(
        &mut self,
        first: &'t str,
        is_sizeof: bool,
    ) -> Compiled<Option<TypeName>> {
        let types = self.env.types;
        let start = self.at;
        let from = self.token().span.start;
        // In C, `class` is a name like any other.
        let is_field = self.field(first, &(from..from)).is_some();
        if let ("struct" | "union" | "enum" | "class", false) = (first, is_field) {
            self.at += 1;
            let token = self.token();
            let Lexed::Name(name) = token.kind else { return Err(self.unexpected("a tag")) };
            self.at += 1;
            let Some(ty) = types.find(name) else {
                return Err(self.unknown_type(name, &token.span));
            };
            return Ok(Some(self.known_type(ty, from..token.span.end)));
        }
        let mut words = Vec::new();
        while let Lexed::Name(word) = self.peek() {
            words.push(word);
            self.at += 1;
        }
        let span = from..self.closed();
        if let Some((size, int)) = types::keywords(types.abi(), &words) {
            let is_bool = words.iter().any(|word| matches!(*word, "bool" | "_Bool"));
            return Ok(Some(TypeName { size: Ok(size), int, is_bool, span }));
        }
        self.at = start + 1;
        // `(name)` before an operand is a field in parentheses; `sizeof(name)` is of the record.
        if is_field && !is_sizeof {
            self.at = start;
            return Ok(None);
        }
        let span = from..self.closed();
        if let Some(ty) = types.find(first) {
            return Ok(Some(self.known_type(ty, span)));
        }
        if let Some(int) = types::fixed_width(types.abi(), first) {
            let size = Ok(u64::from(int.size));
            return Ok(Some(TypeName { size, int: Some(int), is_bool: false, span }));
        }
        self.at = start;
        Ok(None)
    }

    pub(super) fn known_type(&self, ty: TypeId, span: Range<usize>) -> TypeName {
        let types = self.env.types;
        let int = match types::shape(types, ty) {
            Shape::Int(int) => Some(int),
            _ => None,
        };
        let basic = types.get(types.strip(ty));
        let is_bool = *basic == Type::Basic(Basic::Bool);
        TypeName { size: size_of(types, ty, &span), int, is_bool, span }
    }
}

/// A type that an expression names.
pub(super) struct TypeName {
    pub(super) size: Compiled<u64>,
    pub(super) int: Option<Int>,
    pub(super) is_bool: bool,
    pub(super) span: Range<usize>,
}

pub(super) fn size_of(types: &Types, ty: TypeId, span: &Range<usize>) -> Compiled<u64> {
    types.layout_of(ty).map(|layout| layout.size).map_err(|error| {
        let spelt = types.spell(ty);
        let reason = match types.get(types.strip(ty)) {
            Type::Record(id) => refusal(types, &types.record(*id).name),
            _ => String::new(),
        };
        ExprError::new(span.clone(), format!("`{spelt}`: {error}{reason}"))
    })
}

/// Why a declaration could not be laid out, as the end of a message.
pub(crate) fn refusal(types: &Types, name: &str) -> String {
    let refused = types.refused().iter().find(|refused| &*refused.name == name);
    refused.map_or(String::new(), |refused| format!(" ({})", refused.reason))
}
