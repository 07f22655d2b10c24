//! `enum`.

use super::attributes::Into;
use super::cursor::{Parsed, Parser};
use super::keyword::Kw;
use super::name::{IsType, next};
use super::scope::Entity;
use super::specifiers::Place;
use crate::decl::{Attrs, Declarator, EnumSpec, Enumerator, Name, TypeName, TypeSpec};
use crate::token::Punct;

impl Parser<'_> {
    /// Takes `enum X`, with its body if there is one.
    pub(super) fn enum_specifier(&mut self) -> Parsed<TypeSpec> {
        let loc = self.loc();
        self.bump();
        let scoped = self.cxx() && (self.eat_kw(Kw::Class) || self.eat_kw(Kw::Struct));
        let mut attrs = Attrs::default();
        self.attributes(&mut attrs, Into::Any)?;
        let named = self.at_ident() || self.cxx() && self.at(Punct::ColonColon);
        let name = if named { Some(self.name("the name of the enum")?) } else { None };
        let underlying = if self.at_underlying() { Some(self.underlying()?) } else { None };
        let scope = if self.cxx() { self.declare_enum(name.as_ref(), scoped) } else { None };
        let body = if self.at(Punct::LeftBrace) {
            let outer = self.scopes.current();
            if let Some(scope) = scope.filter(|_| scoped) {
                self.scopes.enter(scope);
            }
            let body = self.enumerators();
            self.scopes.enter(outer);
            self.attributes(&mut attrs, Into::Gnu)?;
            Some(body?)
        } else if name.is_none() {
            return Err(self.expected("a name or `{` after `enum`"));
        } else {
            None
        };
        Ok(TypeSpec::Enum(Box::new(EnumSpec { name, scoped, underlying, attrs, body, loc })))
    }

    fn declare_enum(&mut self, name: Option<&Name>, scoped: bool) -> Option<super::scope::ScopeId> {
        let name = name?;
        let [part] = name.parts.as_slice() else { return self.scope_of(name) };
        if let Some(known) = self.scopes.scope_here(part.ident) {
            return Some(known);
        }
        let defines = scoped || matches!(self.punct(0), Some(Punct::LeftBrace | Punct::Semicolon));
        if !defines && matches!(self.scopes.find(part.ident), Some(Entity::Type(_))) {
            return None;
        }
        let outer = self.scopes.current();
        let scope = self.scopes.open();
        self.scopes.enter(outer);
        self.scopes.declare(part.ident, Entity::Type(Some(scope)));
        Some(scope)
    }

    /// `: uint8_t {` or `: uint8_t;`, and no width of an unnamed bit-field.
    fn at_underlying(&mut self) -> bool {
        self.at(Punct::Colon)
            && match self.type_at(next(self.pos)) {
                IsType::Yes => true,
                IsType::No => false,
                IsType::Unknown => self
                    .scan_name(next(self.pos))
                    .is_some_and(|scan| self.is_punct(scan.end, Punct::LeftBrace)),
            }
    }

    fn underlying(&mut self) -> Parsed<TypeName> {
        self.bump();
        let specifiers = self.nested(|p| p.specifiers(Place::Type))?.written;
        if specifiers.ty == TypeSpec::ImplicitInt {
            return Err(self.expected("the underlying type of the enum"));
        }
        let loc = self.loc();
        let declarator = Declarator { name: None, parts: Vec::new(), loc };
        Ok(TypeName { specifiers: Box::new(specifiers), declarator })
    }

    fn enumerators(&mut self) -> Parsed<Vec<Enumerator>> {
        self.bump();
        let mut enumerators = Vec::new();
        while !self.at(Punct::RightBrace) {
            let loc = self.loc();
            let name = self.ident("the name of an enumerator")?;
            self.attributes(&mut Attrs::default(), Into::Any)?;
            let value = if self.eat(Punct::Equal) {
                Some(self.nested(|p| p.inside_parens(Self::conditional))?)
            } else {
                None
            };
            self.scopes.declare(name, Entity::Value);
            enumerators.push(Enumerator { name, value, loc });
            if !self.eat(Punct::Comma) {
                break;
            }
        }
        self.expect(Punct::RightBrace, "or `,` after the enumerator")?;
        Ok(enumerators)
    }
}
