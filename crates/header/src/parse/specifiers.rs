//! Declaration specifiers: `static const unsigned long`.

use cwire_layout::types::Basic;

use super::attributes::Into;
use super::cursor::{Parsed, Parser};
use super::keyword::Kw;
use super::name::{IsType, Scan, begins_type, is_qualifier, next};
use super::scope::Entity;
use crate::decl::{Attrs, Qualifiers, Specifiers, Storage, TypeSpec};
use crate::token::{Punct, Symbol, TokenKind};

/// Where specifiers stand: it decides what an unknown name may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// At file or namespace scope.
    File,
    /// In a record.
    Member,
    /// In a list of parameters, a cast, `sizeof`.
    Type,
}

/// Specifiers with what only the parser needs to know of them.
#[derive(Debug)]
pub(super) struct DeclSpecifiers {
    pub(super) written: Specifiers,
    pub(super) is_virtual: bool,
}

/// What has been read of `unsigned long int`, in any order.
#[derive(Debug, Default)]
struct Words {
    /// `char`, `int`, `double`, `void` and others.
    base: Option<Kw>,
    /// Its spelling.
    base_text: Option<Symbol>,
    signed: bool,
    unsigned: bool,
    short: bool,
    longs: u8,
    complex: bool,
}

impl Words {
    fn any(&self) -> bool {
        self.base.is_some() || self.complex || self.sized()
    }

    fn sized(&self) -> bool {
        self.signed || self.unsigned || self.short || self.longs > 0
    }

    /// Adds a word; false if it does not go with the others (C11 6.7.2p2).
    fn add(&mut self, kw: Kw) -> bool {
        match kw {
            Kw::Signed if !self.unsigned => self.signed = true,
            Kw::Unsigned if !self.signed => self.unsigned = true,
            Kw::Short if self.longs == 0 => self.short = true,
            Kw::Long if !self.short && self.longs < 2 => self.longs += 1,
            Kw::Complex => self.complex = true,
            Kw::Signed | Kw::Unsigned | Kw::Short | Kw::Long => return false,
            _ if self.base.is_none() => self.base = Some(kw),
            _ => return false,
        }
        true
    }

    /// As an error message shows it.
    fn spelled(&self, parser: &Parser<'_>) -> String {
        let mut words: Vec<&str> = Vec::new();
        for (there, word) in [
            (self.signed, "signed"),
            (self.unsigned, "unsigned"),
            (self.short, "short"),
            (self.longs > 0, "long"),
            (self.longs > 1, "long"),
            (self.complex, "_Complex"),
        ] {
            if there {
                words.push(word);
            }
        }
        words.extend(self.base_text.map(|text| parser.text(text)));
        words.join(" ")
    }

    fn basic(&self) -> Option<Basic> {
        let pick = |signed, unsigned| Some(if self.unsigned { unsigned } else { signed });
        let plain = |basic| (!self.sized()).then_some(basic);
        match self.base {
            None | Some(Kw::Int) => match (self.short, self.longs) {
                (true, _) => pick(Basic::Short, Basic::UShort),
                (_, 0) if self.complex && self.base.is_none() && !self.sized() => {
                    // GNU's `_Complex` alone.
                    Some(Basic::Double)
                }
                (_, 0) => pick(Basic::Int, Basic::UInt),
                (_, 1) => pick(Basic::Long, Basic::ULong),
                _ => pick(Basic::LongLong, Basic::ULongLong),
            },
            Some(Kw::Double)
                if self.longs == 1 && !self.signed && !self.unsigned && !self.short =>
            {
                Some(Basic::LongDouble)
            }
            _ if self.short || self.longs > 0 => None,
            Some(Kw::Char) if self.signed => Some(Basic::SChar),
            Some(Kw::Char) => pick(Basic::Char, Basic::UChar),
            Some(Kw::Int8) if self.signed => Some(Basic::SChar),
            Some(Kw::Int8) => pick(Basic::Char, Basic::UChar),
            Some(Kw::Int16) => pick(Basic::Short, Basic::UShort),
            Some(Kw::Int32) => pick(Basic::Int, Basic::UInt),
            Some(Kw::Int64) => pick(Basic::LongLong, Basic::ULongLong),
            Some(Kw::Int128) => pick(Basic::Int128, Basic::UInt128),
            Some(Kw::UInt128) => plain(Basic::UInt128),
            Some(Kw::Bool) => plain(Basic::Bool),
            Some(Kw::Float | Kw::Float32) => plain(Basic::Float),
            Some(Kw::Double | Kw::Float64 | Kw::Float32x) => plain(Basic::Double),
            // C23 H.2.3: at least as wide as `_Float64x` has to be; compilers take `long double`
            // where that is extended.
            Some(Kw::Float64x | Kw::Float80) => plain(Basic::LongDouble),
            Some(Kw::Float16) => plain(Basic::Float16),
            Some(Kw::Float128) => plain(Basic::Float128),
            Some(Kw::WChar) => plain(Basic::WChar),
            Some(Kw::Char8) => plain(Basic::Char8),
            Some(Kw::Char16) => plain(Basic::Char16),
            Some(Kw::Char32) => plain(Basic::Char32),
            _ => None,
        }
    }

    fn finish(&self) -> Option<TypeSpec> {
        let plain = !self.sized() && !self.complex;
        match self.base {
            Some(Kw::Void) => plain.then_some(TypeSpec::Void),
            Some(Kw::VaList) => plain.then_some(TypeSpec::VaList),
            Some(Kw::Decimal32) => plain.then_some(TypeSpec::Decimal(4)),
            Some(Kw::Decimal64) => plain.then_some(TypeSpec::Decimal(8)),
            Some(Kw::Decimal128) => plain.then_some(TypeSpec::Decimal(16)),
            _ if self.complex => self.basic().map(TypeSpec::Complex),
            _ => self.basic().map(TypeSpec::Basic),
        }
    }
}

/// Specifiers while they are read.
struct Reading {
    words: Words,
    ty: Option<TypeSpec>,
    auto: bool,
    storage: Storage,
    constexpr: bool,
    is_virtual: bool,
    qualifiers: Qualifiers,
    attrs: Attrs,
    place: Place,
}

impl Reading {
    fn has_type(&self) -> bool {
        self.ty.is_some() || self.words.any()
    }

    /// `static` outranks `thread_local`, and `typedef` all.
    fn store(&mut self, storage: Storage) {
        let rank = |storage| match storage {
            Storage::None => 0,
            Storage::Other => 1,
            Storage::Extern => 2,
            Storage::Static => 3,
            Storage::Typedef => 4,
        };
        if rank(storage) > rank(self.storage) {
            self.storage = storage;
        }
    }
}

impl Parser<'_> {
    /// Reads specifiers; where there is no type, it is [`TypeSpec::ImplicitInt`].
    pub(super) fn specifiers(&mut self, place: Place) -> Parsed<DeclSpecifiers> {
        let loc = self.loc();
        let mut reading = Reading {
            words: Words::default(),
            ty: None,
            auto: false,
            storage: Storage::None,
            constexpr: false,
            is_virtual: false,
            qualifiers: Qualifiers::default(),
            attrs: Attrs::default(),
            place,
        };
        while self.specifier(&mut reading)? {}
        let ty = match reading.ty {
            Some(TypeSpec::BitInt { width, .. }) => {
                TypeSpec::BitInt { width, signed: !reading.words.unsigned }
            }
            Some(ty) => ty,
            None if reading.words.any() => match reading.words.finish() {
                Some(ty) => ty,
                None => {
                    let message = format!(
                        "expected words that make a type, found `{}`",
                        reading.words.spelled(self)
                    );
                    return Err(self.error(loc, message));
                }
            },
            None if reading.auto => TypeSpec::Auto,
            None => TypeSpec::ImplicitInt,
        };
        if reading.auto && ty != TypeSpec::Auto {
            let mut with_auto = reading.storage;
            if with_auto == Storage::None {
                with_auto = Storage::Other;
            }
            reading.storage = with_auto;
        }
        Ok(DeclSpecifiers {
            written: Specifiers {
                storage: reading.storage,
                constexpr: reading.constexpr,
                qualifiers: reading.qualifiers,
                ty,
                attrs: reading.attrs,
                loc,
            },
            is_virtual: reading.is_virtual,
        })
    }

    /// Reads one specifier; false if there is none.
    fn specifier(&mut self, reading: &mut Reading) -> Parsed<bool> {
        let tok = self.peek(0);
        match tok.kind {
            TokenKind::Ident => {}
            // Standard attributes after a type belong to that use of the type and change nothing
            // (C++ dcl.spec.general, C23 6.7.1p3); before it they are the declarators'.
            TokenKind::Punct(Punct::LeftBracket) if self.at_standard_attribute() => {
                let mut dropped = Attrs::default();
                let into = if reading.has_type() { &mut dropped } else { &mut reading.attrs };
                self.attributes(into, Into::Any)?;
                return Ok(true);
            }
            TokenKind::Punct(Punct::ColonColon) if self.cxx() && !reading.has_type() => {
                return self.named_type(reading);
            }
            _ => return Ok(false),
        }
        let kw = self.kw(0);
        match kw {
            Kw::None | Kw::Final | Kw::Override | Kw::OffsetofName => {
                return if reading.has_type() || reading.auto && self.cxx() {
                    Ok(false)
                } else {
                    self.named_type(reading)
                };
            }
            Kw::Typename => {
                self.bump();
                return self.named_type(reading);
            }
            Kw::Attribute | Kw::Declspec | Kw::Alignas => {
                self.attributes(&mut reading.attrs, Into::Any)?;
            }
            Kw::Atomic => self.atomic(reading)?,
            _ if is_qualifier(kw) => {
                self.bump();
                qualify(&mut reading.qualifiers, kw);
            }
            Kw::Typedef => self.storage(reading, Storage::Typedef),
            Kw::Static => self.storage(reading, Storage::Static),
            Kw::Extern => self.storage(reading, Storage::Extern),
            Kw::Register | Kw::ThreadLocal | Kw::Mutable => self.storage(reading, Storage::Other),
            Kw::Auto => {
                self.bump();
                reading.auto = true;
            }
            Kw::Constexpr => {
                self.bump();
                reading.constexpr = true;
            }
            Kw::Virtual => {
                self.bump();
                reading.is_virtual = true;
            }
            Kw::Inline | Kw::Noreturn | Kw::Extension | Kw::CallingConvention => self.bump(),
            Kw::Explicit => {
                self.bump();
                if self.at(Punct::LeftParen) {
                    self.skip_brackets("the condition of `explicit`")?;
                }
            }
            _ if begins_type(kw) => return self.type_keyword(reading, kw),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn storage(&mut self, reading: &mut Reading, storage: Storage) {
        self.bump();
        reading.store(storage);
    }

    /// `_Atomic` is a qualifier, `_Atomic(T)` a type.
    fn atomic(&mut self, reading: &mut Reading) -> Parsed<()> {
        self.bump();
        if self.at(Punct::LeftParen) {
            reading.ty = Some(TypeSpec::Atomic(Box::new(self.type_in_parens("`_Atomic`")?)));
        } else {
            reading.qualifiers.atomic = true;
        }
        Ok(())
    }

    fn type_keyword(&mut self, reading: &mut Reading, kw: Kw) -> Parsed<bool> {
        let word = !matches!(
            kw,
            Kw::Struct
                | Kw::Union
                | Kw::Class
                | Kw::Enum
                | Kw::Typeof
                | Kw::TypeofUnqual
                | Kw::Decltype
                | Kw::AutoType
                | Kw::BitInt
                | Kw::UnderlyingType
        );
        // `typedef float _Float32;`, `typedef int bool;`: after a type it is the name declared.
        if reading.has_type() && self.is_ident(self.peek(0)) {
            return Ok(false);
        }
        if word {
            if reading.ty.as_ref().is_some_and(|ty| !matches!(ty, TypeSpec::BitInt { .. }))
                || !reading.words.add(kw)
            {
                return Err(self.expected("`;` or a declarator after the type"));
            }
            if reading.words.base == Some(kw) {
                reading.words.base_text = Some(self.peek(0).text);
            }
            self.bump();
            return Ok(true);
        }
        if reading.ty.is_some() || reading.words.base.is_some() {
            return Err(self.expected("`;` or a declarator after the type"));
        }
        reading.ty = Some(match kw {
            Kw::Enum => self.enum_specifier()?,
            Kw::Struct | Kw::Union | Kw::Class => self.nested(Self::record_specifier)?,
            Kw::AutoType => {
                self.bump();
                TypeSpec::Auto
            }
            _ => self.operator_type(kw)?,
        });
        Ok(true)
    }

    /// Types that are written as operators.
    fn operator_type(&mut self, kw: Kw) -> Parsed<TypeSpec> {
        let word = self.text(self.peek(0).text);
        self.bump();
        self.expect(Punct::LeftParen, &format!("after `{word}`"))?;
        let ty = self.nested(|p| p.inside_parens(|p| p.operand_type(kw)))?;
        self.expect(Punct::RightParen, &format!("after the operand of `{word}`"))?;
        Ok(ty)
    }

    fn operand_type(&mut self, kw: Kw) -> Parsed<TypeSpec> {
        Ok(match kw {
            Kw::BitInt => TypeSpec::BitInt { width: Box::new(self.conditional()?), signed: true },
            Kw::UnderlyingType => TypeSpec::UnderlyingType(Box::new(self.type_name()?)),
            Kw::Decltype if self.kw(0) == Kw::Auto => {
                self.bump();
                TypeSpec::Auto
            }
            Kw::Decltype => {
                let parenthesized = self.at(Punct::LeftParen)
                    && self.pair_at(self.pos.index).is_some_and(|close| {
                        self.is_punct(
                            super::cursor::Pos { index: close + 1, half: false },
                            Punct::RightParen,
                        )
                    });
                TypeSpec::Decltype { operand: Box::new(self.expression()?), parenthesized }
            }
            _ => {
                let inner = if self.at_type_name() {
                    TypeSpec::TypeofType(Box::new(self.type_name()?))
                } else {
                    TypeSpec::TypeofExpr(Box::new(self.expression()?))
                };
                match kw {
                    Kw::TypeofUnqual => TypeSpec::Unqualified(Box::new(inner)),
                    _ => inner,
                }
            }
        })
    }

    /// Reads a name as the type, if it is one.
    fn named_type(&mut self, reading: &mut Reading) -> Parsed<bool> {
        let Some(scan) = self.scan_name(self.pos) else {
            return if self.at(Punct::ColonColon) {
                Err(self.expected("a declaration"))
            } else {
                Ok(false)
            };
        };
        if scan.function || self.is_constructor(&scan, reading.place) {
            return Ok(false);
        }
        let is_type = match self.type_at(self.pos) {
            IsType::Yes => {
                !(scan.entity == Some(Entity::Template)
                    && self.is_punct(scan.end, Punct::LeftParen))
            }
            IsType::No => scan.member_pointer && scan.entity.is_none(),
            IsType::Unknown => self.unknown_is_type(&scan, reading.place)?,
        };
        // `Concept auto x`.
        if !is_type && self.cxx() && self.kw_of(self.tok_at(scan.end)) == Kw::Auto {
            self.pos = scan.end;
            return Ok(true);
        }
        if is_type {
            reading.ty = Some(TypeSpec::Name(self.name("a type")?));
        }
        Ok(is_type)
    }

    /// Whether `X(` begins a constructor and no declaration of something of type `X`.
    fn is_constructor(&mut self, scan: &Scan, place: Place) -> bool {
        if !self.cxx() || !self.is_punct(scan.end, Punct::LeftParen) {
            return false;
        }
        let own = place == Place::Member && !scan.qualified && self.class_name == Some(scan.last);
        if !own && !scan.constructor {
            return false;
        }
        // `X (*next)(int);`, `X (&all)[3];`, `X (value);`.
        let inside = next(scan.end);
        match self.tok_at(inside).kind {
            TokenKind::Punct(Punct::RightParen | Punct::Ellipsis | Punct::LeftBracket) => true,
            TokenKind::Punct(Punct::ColonColon) | TokenKind::Ident => {
                let kw = self.kw_of(self.tok_at(inside));
                kw == Kw::Attribute || self.type_at(inside) != IsType::No
            }
            _ => false,
        }
    }

    /// Decides by what follows whether a name that nobody declared is meant as a type. A macro that
    /// nobody defined is an error here, where it can be named.
    fn unknown_is_type(&mut self, scan: &Scan, place: Place) -> Parsed<bool> {
        let after = self.tok_at(scan.end);
        if scan.member_pointer {
            return Ok(true);
        }
        if after.kind == TokenKind::Ident {
            let kw = self.kw_of(after);
            if is_qualifier(kw)
                || matches!(kw, Kw::CallingConvention | Kw::Attribute | Kw::Declspec)
            {
                return Ok(true);
            }
            if kw == Kw::Auto && self.cxx() {
                return Ok(false);
            }
            let specifier = begins_type(kw)
                || matches!(
                    kw,
                    Kw::Typedef
                        | Kw::Extern
                        | Kw::Inline
                        | Kw::Noreturn
                        | Kw::Virtual
                        | Kw::Explicit
                        | Kw::Template
                        | Kw::Namespace
                        | Kw::Using
                        | Kw::StaticAssert
                        | Kw::Friend
                        | Kw::Extension
                        | Kw::Mutable
                );
            let type_and_name = kw == Kw::None
                && self.type_at(scan.end) == IsType::Yes
                && self.is_plain_ident(self.tok_at(next(scan.end)));
            if specifier || type_and_name {
                return Err(self.unknown_macro(""));
            }
            return Ok(kw == Kw::None || self.is_ident(after) || kw == Kw::Operator);
        }
        let TokenKind::Punct(punct) = after.kind else { return Ok(false) };
        let outside = place != Place::Type;
        match punct {
            Punct::Star | Punct::Amp | Punct::AmpAmp | Punct::Caret => Ok(true),
            // `DWORD : 3;`, but not `signals: int a;`.
            Punct::Colon if place == Place::Member => match self.type_at(next(scan.end)) {
                IsType::Yes => Err(self.unknown_macro(":")),
                _ => Ok(true),
            },
            Punct::Colon if outside => Ok(false),
            Punct::Semicolon if outside => Err(self.unknown_macro("")),
            Punct::LeftParen => self.unknown_before_paren(scan, outside),
            _ => Ok(!outside),
        }
    }

    /// `name (*f)(int)`, `name(arguments);` or an old function without a type.
    fn unknown_before_paren(&mut self, scan: &Scan, outside: bool) -> Parsed<bool> {
        let inside = self.tok_at(next(scan.end));
        let declarator = matches!(
            inside.kind,
            TokenKind::Punct(Punct::Star | Punct::Caret | Punct::Amp | Punct::AmpAmp)
        ) || matches!(self.kw_of(inside), Kw::CallingConvention | Kw::Attribute);
        if declarator || !outside {
            return Ok(true);
        }
        let after = self
            .pair_at(scan.end.index)
            .map(|close| super::cursor::Pos { index: close + 1, half: false });
        let defines = after.is_some_and(|pos| {
            self.is_punct(pos, Punct::LeftBrace)
                || self.tok_at(pos).kind == TokenKind::Ident
                    && self.type_at(pos) == IsType::Yes
                    && self.is_ident(inside)
        });
        if defines && !self.cxx() {
            return Ok(false);
        }
        Err(self.unknown_macro("(…)"))
    }

    pub(super) fn unknown_macro(&self, arguments: &str) -> Box<super::cursor::SyntaxError> {
        let name = self.text(self.peek(0).text);
        let message = format!(
            "expected a declaration, but `{name}{arguments}` is neither a type nor a macro that is defined here"
        );
        self.error(self.loc(), message)
    }

    /// Qualifiers after `*`.
    pub(super) fn qualifiers(&mut self) -> Qualifiers {
        let mut qualifiers = Qualifiers::default();
        loop {
            match self.kw(0) {
                kw if is_qualifier(kw) => qualify(&mut qualifiers, kw),
                Kw::Atomic => qualifiers.atomic = true,
                Kw::Extension => {}
                _ => return qualifiers,
            }
            self.bump();
        }
    }
}

fn qualify(qualifiers: &mut Qualifiers, kw: Kw) {
    match kw {
        Kw::Const => qualifiers.is_const = true,
        Kw::Volatile => qualifiers.is_volatile = true,
        Kw::Ptr32 => qualifiers.pointer_bytes = Some(4),
        Kw::Ptr64 => qualifiers.pointer_bytes = Some(8),
        _ => {}
    }
}
