//! Names, qualified ones and those with template arguments; and whether they are types.

use super::cursor::{Parsed, Parser, Pos};
use super::keyword::Kw;
use super::scope::Entity;
use crate::decl::{Expr, ExprKind, Name, NamePart, TemplateArg};
use crate::token::{Punct, Symbol, TokenKind};

/// What stands at a name, found without taking it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scan {
    /// What it means; `None`: nothing that was seen declared.
    pub(super) entity: Option<Entity>,
    /// After the name.
    pub(super) end: Pos,
    /// The last identifier.
    pub(super) last: Symbol,
    /// Whether there is a `::` in it.
    pub(super) qualified: bool,
    /// Whether its last two identifiers are the same, as in `X::X`.
    pub(super) constructor: bool,
    /// Whether `::*` follows.
    pub(super) member_pointer: bool,
    /// Whether `~x` or `operator` is its last part; `end` is before that.
    pub(super) function: bool,
}

/// Whether something is a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IsType {
    /// A keyword, or a name that was declared as a type.
    Yes,
    /// Anything else that is known.
    No,
    /// A name that was not declared: what follows it decides.
    Unknown,
}

impl Parser<'_> {
    /// Looks at the name that begins at `pos`; `None` if there is none.
    pub(super) fn scan_name(&mut self, start: Pos) -> Option<Scan> {
        let mut pos = start;
        let global = self.cxx() && self.is_punct(pos, Punct::ColonColon);
        if global {
            pos = next(pos);
        }
        let mut scan = Scan {
            entity: None,
            end: pos,
            last: Symbol(0),
            qualified: global,
            constructor: false,
            member_pointer: false,
            function: false,
        };
        let mut first = true;
        loop {
            let mut tok = self.tok_at(pos);
            let dependent = self.cxx() && self.kw_of(tok) == Kw::Template && !first;
            if dependent {
                pos = next(pos);
                tok = self.tok_at(pos);
            }
            let is_function = self.kw_of(tok) == Kw::Operator || self.is_punct(pos, Punct::Tilde);
            if !first && is_function {
                scan.function = true;
                scan.end = pos;
                return Some(scan);
            }
            if !self.is_plain_ident(tok) {
                return None;
            }
            scan.constructor = !first && scan.last == tok.text;
            scan.entity = self.find(tok.text, &scan, first, global);
            scan.last = tok.text;
            first = false;
            pos = next(pos);
            if let Some(end) = self.arguments_end(pos, scan.entity, dependent) {
                pos = end;
                scan.entity = match scan.entity {
                    Some(Entity::Template) => Some(Entity::Type(None)),
                    Some(Entity::ValueTemplate) => Some(Entity::Value),
                    other => other,
                };
            }
            scan.end = pos;
            if !self.cxx() || !self.is_punct(pos, Punct::ColonColon) {
                return Some(scan);
            }
            if self.is_punct(next(pos), Punct::Star) {
                scan.member_pointer = true;
                return Some(scan);
            }
            scan.qualified = true;
            pos = next(pos);
        }
    }

    fn find(&self, name: Symbol, before: &Scan, first: bool, global: bool) -> Option<Entity> {
        if first {
            return if global { self.scopes.find_global(name) } else { self.scopes.find(name) };
        }
        match before.entity {
            // The injected class name: `X::X` names the class where it is no constructor.
            Some(Entity::Type(Some(scope)) | Entity::Namespace(scope)) => {
                self.scopes.find_in(scope, name)
            }
            _ => None,
        }
    }

    /// The end of the template arguments at `pos`, if there are any.
    fn arguments_end(&mut self, pos: Pos, entity: Option<Entity>, dependent: bool) -> Option<Pos> {
        if !self.cxx() || !self.is_punct(pos, Punct::Less) {
            return None;
        }
        let template = match entity {
            Some(Entity::Template | Entity::ValueTemplate) => true,
            // The name of a class inside its own template, or one whose template was not seen.
            Some(Entity::Type(_)) | None => true,
            _ => dependent,
        };
        if template { self.angle_end(pos) } else { None }
    }

    pub(super) fn is_punct(&self, pos: Pos, punct: Punct) -> bool {
        self.tok_at(pos).kind == TokenKind::Punct(punct)
    }

    /// Whether a type begins at `pos`.
    pub(super) fn type_at(&mut self, pos: Pos) -> IsType {
        let tok = self.tok_at(pos);
        if tok.kind == TokenKind::Ident {
            match self.kw_of(tok) {
                Kw::None | Kw::Final | Kw::Override | Kw::OffsetofName => {}
                Kw::Extension => return self.type_at(next(pos)),
                kw => return if begins_type(kw) { IsType::Yes } else { IsType::No },
            }
        }
        let Some(scan) = self.scan_name(pos) else { return IsType::No };
        if scan.function {
            return IsType::No;
        }
        match scan.entity {
            Some(Entity::Type(_) | Entity::Template) => IsType::Yes,
            Some(_) => IsType::No,
            // POSIX 2.2.2 reserves the suffix for types, and headers use `uint32_t` and others
            // without the header that declares them.
            None if !scan.qualified && self.text(scan.last).ends_with("_t") => IsType::Yes,
            None => IsType::Unknown,
        }
    }

    /// Whether what begins at the current position is a type name that ends before `)`, `,` or
    /// `>`; for names that nobody declared by what follows them.
    pub(super) fn at_type_name(&mut self) -> bool {
        match self.type_at(self.pos) {
            IsType::Yes => self.not_a_construction(),
            IsType::No => false,
            IsType::Unknown => {
                let Some(scan) = self.scan_name(self.pos) else { return false };
                let mut pos = scan.end;
                if scan.member_pointer {
                    return true;
                }
                let stars = pos;
                while matches!(
                    self.tok_at(pos).kind,
                    TokenKind::Punct(Punct::Star | Punct::Amp | Punct::AmpAmp)
                ) || is_qualifier(self.kw_of(self.tok_at(pos)))
                {
                    pos = next(pos);
                }
                pos != stars && self.ends_type_name(pos)
            }
        }
    }

    /// `T(x)` and `T{x}` are expressions, unless `T(…)` is the type of a function.
    fn not_a_construction(&mut self) -> bool {
        if !self.cxx() {
            return true;
        }
        let mut end = next(self.pos);
        let tok = self.peek(0);
        if self.is_plain_ident(tok) || self.at(Punct::ColonColon) || self.kw(0) == Kw::Typename {
            let from = if self.kw(0) == Kw::Typename { end } else { self.pos };
            match self.scan_name(from) {
                Some(scan) => end = scan.end,
                None => return true,
            }
        } else if matches!(self.kw(0), Kw::Decltype | Kw::Typeof | Kw::BitInt) {
            match self.pair_at(end.index) {
                Some(close) => end = Pos { index: close + 1, half: false },
                None => return true,
            }
        }
        if self.is_punct(end, Punct::LeftBrace) {
            return matches!(self.kw(0), Kw::Struct | Kw::Union | Kw::Enum | Kw::Class);
        }
        if self.is_punct(end, Punct::LeftParen) {
            let inside = next(end);
            return self.is_punct(inside, Punct::RightParen) && self.greater_ends
                || self.is_punct(inside, Punct::Star)
                || self.is_punct(inside, Punct::Amp)
                || self.is_punct(inside, Punct::Ellipsis)
                || self.kw_of(self.tok_at(inside)) == Kw::CallingConvention
                || self.type_at(inside) == IsType::Yes
                || self.scan_name(inside).is_some_and(|scan| scan.member_pointer);
        }
        true
    }

    fn ends_type_name(&self, pos: Pos) -> bool {
        matches!(
            self.tok_at(pos).kind,
            TokenKind::Punct(
                Punct::RightParen
                    | Punct::Comma
                    | Punct::Greater
                    | Punct::GreaterGreater
                    | Punct::Ellipsis
                    | Punct::LeftBracket
                    | Punct::Colon
            )
        )
    }

    /// Takes a name: one identifier in C, and what may be qualified and have arguments in C++.
    pub(super) fn name(&mut self, what: &str) -> Parsed<Name> {
        let loc = self.loc();
        let global = self.cxx() && self.eat(Punct::ColonColon);
        let mut parts: Vec<NamePart> = Vec::new();
        let mut scan = Scan {
            entity: None,
            end: self.pos,
            last: Symbol(0),
            qualified: global,
            constructor: false,
            member_pointer: false,
            function: false,
        };
        loop {
            let dependent = self.cxx() && !parts.is_empty() && self.eat_kw(Kw::Template);
            let ident = self.ident(what)?;
            scan.entity = self.find(ident, &scan, parts.is_empty(), global);
            let args = match self.arguments_end(self.pos, scan.entity, dependent) {
                Some(end) => Some(self.template_arguments(end)?),
                None => None,
            };
            parts.push(NamePart { ident, args });
            if parts.len() > self.limit() {
                return Err(self.too_deep());
            }
            let more = self.cxx()
                && self.at(Punct::ColonColon)
                && (self.is_ident(self.peek(1)) || self.kw(1) == Kw::Template);
            if !more {
                return Ok(Name { global, parts, loc });
            }
            self.bump();
        }
    }

    /// Takes `<…>`, which is known to end at `end`.
    fn template_arguments(&mut self, end: Pos) -> Parsed<Vec<TemplateArg>> {
        let loc = self.loc();
        self.bump();
        let outer = std::mem::replace(&mut self.greater_ends, true);
        let args = self.attempt(|p| p.nested(|p| p.around(|p| p.template_argument_list(end))));
        self.greater_ends = outer;
        self.pos = end;
        // What is beyond this parser has no value here, and says so when it is asked for one.
        Ok(args.unwrap_or_else(|| vec![TemplateArg::Value(Expr { kind: ExprKind::Opaque, loc })]))
    }

    fn template_argument_list(&mut self, end: Pos) -> Parsed<Vec<TemplateArg>> {
        let mut args = Vec::new();
        while !self.at(Punct::Greater) && !self.at(Punct::GreaterGreater) {
            args.push(if self.at_type_argument() {
                TemplateArg::Type(self.type_name()?)
            } else {
                TemplateArg::Value(self.conditional()?)
            });
            self.eat(Punct::Ellipsis);
            if !self.eat(Punct::Comma) {
                break;
            }
        }
        self.close_angle()?;
        if self.pos != end {
            return Err(self.expected("`>` after the template arguments"));
        }
        Ok(args)
    }

    fn close_angle(&mut self) -> Parsed<()> {
        if self.at(Punct::GreaterGreater) && !self.pos.half {
            self.pos.half = true;
            return Ok(());
        }
        self.expect(Punct::Greater, "after the template arguments")
    }

    fn at_type_argument(&mut self) -> bool {
        if self.at_type_name() {
            return true;
        }
        // A name alone that nobody declared.
        self.type_at(self.pos) == IsType::Unknown
            && self.scan_name(self.pos).is_some_and(|scan| self.ends_type_name(scan.end))
    }
}

pub(super) fn next(pos: Pos) -> Pos {
    Pos { index: pos.index + 1, half: false }
}

pub(super) fn is_qualifier(kw: Kw) -> bool {
    matches!(kw, Kw::Const | Kw::Volatile | Kw::Restrict | Kw::Ptr32 | Kw::Ptr64 | Kw::Modifier)
}

/// Whether a type name may begin with this keyword.
pub(super) fn begins_type(kw: Kw) -> bool {
    matches!(
        kw,
        Kw::Void
            | Kw::Char
            | Kw::Short
            | Kw::Int
            | Kw::Long
            | Kw::Float
            | Kw::Double
            | Kw::Signed
            | Kw::Unsigned
            | Kw::Bool
            | Kw::Complex
            | Kw::Int128
            | Kw::UInt128
            | Kw::Int8
            | Kw::Int16
            | Kw::Int32
            | Kw::Int64
            | Kw::Float16
            | Kw::Float32
            | Kw::Float64
            | Kw::Float128
            | Kw::Float32x
            | Kw::Float64x
            | Kw::Float80
            | Kw::Decimal32
            | Kw::Decimal64
            | Kw::Decimal128
            | Kw::WChar
            | Kw::Char8
            | Kw::Char16
            | Kw::Char32
            | Kw::BitInt
            | Kw::VaList
            | Kw::Struct
            | Kw::Union
            | Kw::Enum
            | Kw::Class
            | Kw::Typeof
            | Kw::TypeofUnqual
            | Kw::Decltype
            | Kw::Auto
            | Kw::AutoType
            | Kw::Atomic
            | Kw::UnderlyingType
            | Kw::Typename
            | Kw::Register
            | Kw::Constexpr
            | Kw::Static
            | Kw::ThreadLocal
    ) || is_qualifier(kw)
}
