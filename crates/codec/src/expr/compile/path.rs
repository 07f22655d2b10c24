//! Fields by path, and how they are read.

use std::ops::Range;

use cwire_layout::FieldKind;
use cwire_layout::abi::Endian;
use cwire_layout::types::TypeId;

use super::{Compiled, Kind, Parser, Ty, Value};
use crate::expr::ExprError;
use crate::expr::arith::Binary;
use crate::expr::field::{self, Place, did_you_mean};
use crate::expr::lex::Kind as Lexed;
use crate::expr::program::Op;
use crate::expr::read::Read;
use crate::expr::text::{FloatField, TextField};
use crate::expr::types::{self, Int, Shape};
use crate::plan::Charset;
use crate::plan::tree::Unit;

impl Parser<'_, '_, '_> {
    pub(super) fn field(&self, name: &str, span: &Range<usize>) -> Option<Place> {
        let fields = self.env.fields?;
        let field = field::member(self.env.types, fields.record, name)?;
        let is_bits = field.kind == FieldKind::BitField;
        Some(Place {
            offset_bits: field.place.offset_bits,
            ty: field.ty,
            width_bits: is_bits.then_some(field.place.size_bits),
            is_moved: false,
            span: span.clone(),
        })
    }

    /// What follows a field: `.member` and `[index]`.
    pub(super) fn path(&mut self, mut place: Place) -> Compiled<Place> {
        loop {
            if self.take(".") {
                self.member(&mut place)?;
            } else if self.take("[") {
                self.nested(|parser| parser.element(&mut place))?;
            } else if matches!(self.peek(), Lexed::Punct("->")) {
                let message =
                    "needs `.`, found `->`: what a pointer points to is not in the message";
                return Err(ExprError::new(self.token().span, message));
            } else {
                return Ok(place);
            }
        }
    }

    pub(super) fn member(&mut self, place: &mut Place) -> Compiled<()> {
        let types = self.env.types;
        let token = self.token();
        let Lexed::Name(name) = token.kind else { return Err(self.unexpected("a member's name")) };
        self.at += 1;
        let Shape::Record(record) = types::shape(types, place.ty) else {
            let spelt = types.spell(place.ty);
            let message = format!("needs a struct before `.`, found `{spelt}`");
            return Err(ExprError::new(place.span.clone(), message));
        };
        let Some(field) = field::member(types, record, name) else {
            let near = did_you_mean(name, field::names(types, record));
            let spelt = types.spell(types.record_type(record));
            let message = format!("`{name}` is no field of `{spelt}`{near}");
            return Err(ExprError::new(token.span, message));
        };
        let is_bits = field.kind == FieldKind::BitField;
        place.offset_bits = place.offset_bits.saturating_add(field.place.offset_bits);
        place.width_bits = is_bits.then_some(field.place.size_bits);
        place.ty = field.ty;
        place.span.end = token.span.end;
        Ok(())
    }

    pub(super) fn element(&mut self, place: &mut Place) -> Compiled<()> {
        let types = self.env.types;
        let Shape::Array { element, len } = types::shape(types, place.ty) else {
            let spelt = types.spell(place.ty);
            let message = format!("needs an array before `[`, found `{spelt}`");
            return Err(ExprError::new(place.span.clone(), message));
        };
        let stride = types.layout_of(element).map_or(0, |layout| layout.size);
        let index = self.conditional()?;
        self.integer(&index)?;
        place.ty = element;
        place.span.end = self.expect("]")?.end;
        let Some(number) = self.constant(&index) else {
            self.emit(Op::Index { stride, len }, index.span);
            if place.is_moved {
                self.emit(Op::Binary(Binary::Add), place.span.clone());
            }
            place.is_moved = true;
            return Ok(());
        };
        self.rewind(index.start, self.height - 1);
        let inside = u64::try_from(number).ok().filter(|&at| len.is_none_or(|len| at < len));
        let moved = inside.and_then(|at| at.checked_mul(stride)?.checked_mul(8));
        let offset_bits = moved.and_then(|bits| bits.checked_add(place.offset_bits));
        place.offset_bits = offset_bits.ok_or_else(|| {
            let most = len.map_or("at least 0".to_owned(), |len| format!("below {len}"));
            ExprError::new(index.span, format!("needs an index {most}, found {number}"))
        })?;
        Ok(())
    }

    /// What the elements of an array are as text, where texts are known.
    fn text_unit(&self, element: TypeId) -> Option<Unit> {
        match self.env.kind {
            Kind::Filter => types::unit_of(self.env.types, element),
            Kind::Number | Kind::Formula => None,
        }
    }

    pub(super) fn load(&mut self, place: &Place, start: usize) -> Compiled<Value> {
        let types = self.env.types;
        let span = place.span.clone();
        let endian = self.env.fields.map_or(Endian::Little, |fields| fields.endian);
        let base = self.env.fields.map_or(0, |fields| fields.base);
        let (op, ty) = match types::shape(types, place.ty) {
            Shape::Int(int) => {
                let read = read(place, int, base, endian).ok_or_else(|| too_far(&span))?;
                (if place.is_moved { Op::ReadMoved(read) } else { Op::Read(read) }, Ty::Int)
            }
            Shape::Float(format) if self.env.kind == Kind::Filter => {
                let at = byte(place, base).ok_or_else(|| too_far(&span))?;
                (Op::ReadFloat(FloatField { at, format, endian }, place.is_moved), Ty::Float)
            }
            Shape::Array { element, len } if self.text_unit(element).is_some() => {
                let at = byte(place, base).ok_or_else(|| too_far(&span))?;
                let unit = self.text_unit(element).unwrap_or(Unit::Char);
                let size = len.map(|len| len.saturating_mul(unit.size() as u64));
                let len = size.map(|len| usize::try_from(len).unwrap_or(usize::MAX));
                let charset = Charset { unit, encoding: self.env.encoding, endian };
                (Op::ReadText(TextField { at, len, charset }, place.is_moved), Ty::Text)
            }
            shape => {
                let spelt = types.spell(place.ty);
                let hint = match shape {
                    Shape::Array { .. } => ": an element is `[index]`",
                    Shape::Record(_) => ": a member is `.name`",
                    _ => "",
                };
                let message = format!("needs an integer, found `{spelt}`{hint}");
                return Err(ExprError::new(span, message));
            }
        };
        self.emit(op, span.clone());
        Ok(Value { start, span, ty })
    }
}

fn too_far(span: &Range<usize>) -> ExprError {
    ExprError::new(span.clone(), "needs a field that begins within the address space")
}

fn byte(place: &Place, base: usize) -> Option<usize> {
    let at = usize::try_from(place.offset_bits / 8).ok()?.checked_add(base)?;
    Some(at).filter(|&at| at < usize::MAX / 4)
}

fn read(place: &Place, int: Int, base: usize, endian: Endian) -> Option<Read> {
    match place.width_bits {
        Some(width) => {
            let width = u8::try_from(width).ok().filter(|width| (1..=128).contains(width))?;
            Read::bits(base, place.offset_bits, width, int.signed, endian)
        }
        None => {
            let at = byte(place, base)?;
            let whole = Read::whole(at, int.size, int.signed, endian);
            Some(Read { width: int.bits, ..whole })
        }
    }
}
