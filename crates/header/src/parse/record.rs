//! `struct`, `union` and `class`.

use cwire_layout::types::{Access, RecordKind};

use super::attributes::Into;
use super::cursor::{Parsed, Parser, Pos};
use super::keyword::Kw;
use super::scope::{Entity, ScopeId};
use crate::decl::{Attr, Attrs, BaseSpec, Name, RecordBody, RecordSpec, TypeSpec};
use crate::source::Loc;
use crate::token::Punct;

impl Parser<'_> {
    /// Takes `struct X`, with its body if there is one.
    pub(super) fn record_specifier(&mut self) -> Parsed<TypeSpec> {
        let loc = self.loc();
        let kind = match self.kw(0) {
            Kw::Union => RecordKind::Union,
            Kw::Class => RecordKind::Class,
            _ => RecordKind::Struct,
        };
        self.bump();
        let mut attrs = Attrs::default();
        self.attributes(&mut attrs, Into::Any)?;
        while self.kw(0) == Kw::Modifier {
            self.bump();
        }
        let name = self.tag()?;
        // Attributes after the tag of `struct X __attribute__((…)) a;` are the declarators'.
        let is_final = self.cxx() && self.kw(0) == Kw::Final && name.is_some();
        if is_final {
            self.bump();
        }
        let has_body = self.at(Punct::LeftBrace) || self.cxx() && self.at_bases();
        if !has_body {
            if let Some(name) = &name {
                self.mention(name);
            } else {
                return Err(self.expected("a name or `{` after the keyword"));
            }
            return Ok(record(kind, name, attrs, None, loc));
        }
        let body = self.record_body(kind, name.as_ref(), is_final, loc)?;
        // Standard attributes after `}` are not the record's.
        self.attributes(&mut attrs, Into::Gnu)?;
        let state = self.pragmas.at(self.pos.index);
        if let Some(big) = state.big_endian
            && !attrs.list.iter().any(|attr| matches!(attr, Attr::StorageOrder { .. }))
        {
            attrs.list.push(Attr::StorageOrder { big });
        }
        Ok(record(kind, name, attrs, Some(body), loc))
    }

    fn tag(&mut self) -> Parsed<Option<Name>> {
        let named = self.at_ident() || self.cxx() && self.at(Punct::ColonColon);
        // `struct final {`: the name; `struct final : B` cannot be told from it and is it, too.
        if named { Ok(Some(self.name("the name of the record")?)) } else { Ok(None) }
    }

    /// `: public B {`, and no `:` of a bit-field.
    fn at_bases(&self) -> bool {
        self.at(Punct::Colon)
            && (matches!(
                self.kw(1),
                Kw::Public
                    | Kw::Protected
                    | Kw::Private
                    | Kw::Virtual
                    | Kw::Typename
                    | Kw::Decltype
            ) || self.is_ident(self.peek(1))
                || self.punct(1) == Some(Punct::ColonColon)
                || self.punct(1) == Some(Punct::LeftBracket))
    }

    /// Declares the tag of `struct X;` and `struct X *p;` in C++, where it is a name of its own.
    fn mention(&mut self, name: &Name) {
        let [part] = name.parts.as_slice() else { return };
        if !self.cxx() || name.global || part.args.is_some() {
            return;
        }
        let declares = self.at(Punct::Semicolon);
        let known = match self.scopes.find(part.ident) {
            Some(Entity::Type(_) | Entity::Template) => true,
            _ => self.scopes.scope_here(part.ident).is_some(),
        };
        if !known || declares && self.scopes.scope_here(part.ident).is_none() {
            self.new_class(part.ident);
        }
    }

    fn new_class(&mut self, name: crate::token::Symbol) -> ScopeId {
        let outer = self.scopes.current();
        let scope = self.scopes.open();
        self.scopes.enter(outer);
        self.scopes.declare(name, Entity::Type(Some(scope)));
        scope
    }

    /// The scope of the record whose body comes, in C++.
    fn class_scope(&mut self, name: Option<&Name>) -> ScopeId {
        let unqualified = name.and_then(|name| match name.parts.as_slice() {
            [part] if !name.global && part.args.is_none() => Some(part.ident),
            _ => None,
        });
        if let Some(ident) = unqualified {
            return self.scopes.scope_here(ident).unwrap_or_else(|| self.new_class(ident));
        }
        let known = name.and_then(|name| self.scope_of(name));
        known.unwrap_or_else(|| {
            let outer = self.scopes.current();
            let scope = self.scopes.open();
            self.scopes.enter(outer);
            scope
        })
    }

    /// The scope of a class or namespace by its name.
    pub(super) fn scope_of(&self, name: &Name) -> Option<ScopeId> {
        let mut scope = None;
        for (index, part) in name.parts.iter().enumerate() {
            let entity = match (index, scope) {
                (0, _) if name.global => self.scopes.find_global(part.ident),
                (0, _) => self.scopes.find(part.ident),
                (_, Some(scope)) => self.scopes.find_in(scope, part.ident),
                (_, None) => None,
            };
            scope = match entity {
                Some(Entity::Type(Some(id)) | Entity::Namespace(id)) => Some(id),
                _ => None,
            };
        }
        scope
    }

    fn record_body(
        &mut self,
        kind: RecordKind,
        name: Option<&Name>,
        is_final: bool,
        loc: Loc,
    ) -> Parsed<RecordBody> {
        let outer = self.scopes.current();
        let outer_class = self.class_name;
        if self.cxx() {
            let scope = self.class_scope(name);
            self.scopes.enter(scope);
            self.class_name = name.and_then(|name| name.parts.last()).map(|part| part.ident);
            if let Some(ident) = self.class_name {
                self.scopes.declare(ident, Entity::Type(Some(scope)));
            }
        }
        let body = self.bases_and_members(kind, is_final, loc);
        self.scopes.enter(outer);
        self.class_name = outer_class;
        body
    }

    fn bases_and_members(
        &mut self,
        kind: RecordKind,
        is_final: bool,
        loc: Loc,
    ) -> Parsed<RecordBody> {
        let bases = if self.eat(Punct::Colon) { self.bases(kind)? } else { Vec::new() };
        let open = self.pragmas.at(self.pos.index);
        let brace = self.pos.index;
        self.expect(Punct::LeftBrace, "after the bases")?;
        let mut access = default_access(kind);
        let mut items = Vec::new();
        while !self.at(Punct::RightBrace) {
            if self.at_end() {
                return Err(self.unclosed(brace, loc));
            }
            self.member(&mut access, &mut items)?;
        }
        let close = self.pragmas.at(self.pos.index);
        self.bump();
        Ok(RecordBody {
            bases,
            items,
            is_final,
            pack_open: open.msvc_pack,
            pack_close: close.gcc_pack,
            ms_struct: open.ms_struct,
        })
    }

    fn unclosed(&self, brace: usize, loc: Loc) -> Box<super::cursor::SyntaxError> {
        let at = self.tok_at(Pos { index: brace, half: false }).loc;
        let at = if at == Loc::default() { loc } else { at };
        self.error(at, "expected `}` to close this `{`, found the end of the header")
    }

    /// `: public virtual A<3>, B`.
    fn bases(&mut self, kind: RecordKind) -> Parsed<Vec<BaseSpec>> {
        let mut bases = Vec::new();
        loop {
            let base = self.base(kind)?;
            if let Some(scope) = self.scope_of(&base.name) {
                self.scopes.see(scope);
            }
            bases.push(base);
            self.eat(Punct::Ellipsis);
            if !self.eat(Punct::Comma) {
                return Ok(bases);
            }
        }
    }

    fn base(&mut self, kind: RecordKind) -> Parsed<BaseSpec> {
        let loc = self.loc();
        let mut access = default_access(kind);
        let mut is_virtual = false;
        self.attributes(&mut Attrs::default(), Into::Any)?;
        loop {
            match self.kw(0) {
                Kw::Virtual => is_virtual = true,
                Kw::Typename => {}
                kw => match access_of(kw) {
                    Some(written) => access = written,
                    None => break,
                },
            }
            self.bump();
        }
        if self.kw(0) == Kw::Decltype {
            return Err(self.expected("the name of a base class"));
        }
        let name = self.name("the name of a base class")?;
        Ok(BaseSpec { name, access, is_virtual, loc })
    }
}

fn record(
    kind: RecordKind,
    name: Option<Name>,
    attrs: Attrs,
    body: Option<RecordBody>,
    loc: Loc,
) -> TypeSpec {
    TypeSpec::Record(Box::new(RecordSpec { kind, name, attrs, body, loc }))
}

/// Members and bases of a `class` are private unless it says otherwise (C++ class.access.base).
fn default_access(kind: RecordKind) -> Access {
    if kind == RecordKind::Class { Access::Private } else { Access::Public }
}

pub(super) fn access_of(kw: Kw) -> Option<Access> {
    match kw {
        Kw::Public => Some(Access::Public),
        Kw::Protected => Some(Access::Protected),
        Kw::Private => Some(Access::Private),
        _ => None,
    }
}
