//! Namespaces, linkage specifications and `using`.

use super::attributes::Into;
use super::cursor::{Parsed, Parser};
use super::keyword::Kw;
use super::scope::Entity;
use crate::decl::{Attrs, Item};
use crate::token::Punct;
use cwire_layout::types::Access;

impl Parser<'_> {
    /// `extern "C" { … }`, `extern "C" declaration`.
    pub(super) fn linkage(&mut self, items: &mut Vec<Item>) -> Parsed<()> {
        if !self.cxx() {
            return Err(
                self.error(self.loc(), "expected a declaration of C, found `extern \"…\"` of C++")
            );
        }
        self.bump();
        self.bump();
        if !self.at(Punct::LeftBrace) {
            return self.nested(|p| p.item(items));
        }
        self.nested(|p| p.items_in_braces(items))
    }

    /// `{ … }` of items.
    fn items_in_braces(&mut self, items: &mut Vec<Item>) -> Parsed<()> {
        let brace = self.loc();
        self.bump();
        while !self.eat(Punct::RightBrace) {
            if self.at_end() {
                return Err(self
                    .error(brace, "expected `}` to close this `{`, found the end of the header"));
            }
            self.item(items)?;
        }
        Ok(())
    }

    /// `namespace a::b { … }`, `namespace x = a::b;`.
    pub(super) fn namespace(&mut self, items: &mut Vec<Item>) -> Parsed<()> {
        let loc = self.loc();
        let outer = self.scopes.current();
        let mut inline = self.eat_kw(Kw::Inline);
        self.bump();
        self.attributes(&mut Attrs::default(), Into::Any)?;
        let mut name = Vec::new();
        while self.at_ident() || self.kw(0) == Kw::Inline {
            let is_inline = self.eat_kw(Kw::Inline);
            let part = self.ident("the name of a namespace")?;
            if name.is_empty() && self.eat(Punct::Equal) {
                let item = self.namespace_alias(part)?;
                items.push(item);
                return Ok(());
            }
            self.enter_namespace(part, is_inline || inline && name.is_empty());
            name.push(part);
            if name.len() > self.limit() {
                self.scopes.enter(outer);
                return Err(self.too_deep());
            }
            if !self.eat(Punct::ColonColon) {
                break;
            }
        }
        if name.is_empty() {
            inline = true;
            let scope = self.scopes.open();
            self.scopes.enter(outer);
            self.scopes.see(scope);
            self.scopes.enter(scope);
        }
        let mut inside = Vec::new();
        let body = self.attributes(&mut Attrs::default(), Into::Any).and_then(|()| {
            if !self.at(Punct::LeftBrace) {
                return Err(self.expected("`{` after the name of the namespace"));
            }
            self.items_in_braces(&mut inside)
        });
        self.scopes.enter(outer);
        body?;
        items.push(Item::Namespace { name, inline, items: inside, loc });
        Ok(())
    }

    /// Enters a namespace, the one that was open before under that name if there is one.
    fn enter_namespace(&mut self, name: crate::token::Symbol, inline: bool) {
        if let Some(scope) = self.scopes.scope_here(name) {
            self.scopes.enter(scope);
            return;
        }
        let outer = self.scopes.current();
        let scope = self.scopes.open();
        self.scopes.enter(outer);
        self.scopes.declare(name, Entity::Namespace(scope));
        if inline {
            self.scopes.see(scope);
        }
        self.scopes.enter(scope);
    }

    fn namespace_alias(&mut self, name: crate::token::Symbol) -> Parsed<Item> {
        let target = self.name("the name of a namespace")?;
        self.expect(Punct::Semicolon, "after the namespace")?;
        if let Some(scope) = self.scope_of(&target) {
            self.scopes.declare(name, Entity::Namespace(scope));
        }
        Ok(Item::NamespaceAlias { name, target })
    }

    /// `using namespace a;`, `using a::b;`, `using name = type;`, `using enum E;`.
    pub(super) fn using(&mut self, access: Access, items: &mut Vec<Item>) -> Parsed<()> {
        self.bump();
        match self.kw(0) {
            Kw::Namespace => {
                self.bump();
                let name = self.name("the name of a namespace")?;
                self.attributes(&mut Attrs::default(), Into::Any)?;
                if let Some(scope) = self.scope_of(&name) {
                    self.scopes.see(scope);
                }
                items.push(Item::UsingNamespace(name));
            }
            Kw::Enum => {
                self.bump();
                let name = self.name("the name of an enum")?;
                if let Some(scope) = self.scope_of(&name) {
                    self.scopes.see(scope);
                }
                items.push(Item::UsingEnum(name));
            }
            _ if self.is_ident(self.peek(0)) && self.at_alias() => {
                let alias = self.alias(access)?;
                items.push(alias);
            }
            _ => self.using_declaration(items)?,
        }
        self.expect(Punct::Semicolon, "after the `using`")
    }

    fn at_alias(&self) -> bool {
        self.punct(1) == Some(Punct::Equal)
            || self.punct(1) == Some(Punct::LeftBracket)
            || self.kw(1) == Kw::Attribute
    }

    fn alias(&mut self, access: Access) -> Parsed<Item> {
        let loc = self.loc();
        let name = self.ident("a name after `using`")?;
        let mut attrs = Attrs::default();
        self.attributes(&mut attrs, Into::Any)?;
        self.expect(Punct::Equal, "after the name of the alias")?;
        let ty = self.type_name()?;
        self.attributes(&mut attrs, Into::Any)?;
        let scope = match (&ty.specifiers.ty, ty.declarator.parts.is_empty()) {
            (crate::decl::TypeSpec::Name(target), true) => self.scope_of(target),
            _ => None,
        };
        self.scopes.declare(name, Entity::Type(scope));
        Ok(Item::Alias { name, ty, attrs, access, loc })
    }

    fn using_declaration(&mut self, items: &mut Vec<Item>) -> Parsed<()> {
        loop {
            let loc = self.loc();
            self.eat_kw(Kw::Typename);
            let Some(scan) = self.scan_name(self.pos) else {
                return Err(self.expected("a name after `using`"));
            };
            if scan.function {
                // `using B::operator=;`
                self.skip_initializer(&[Punct::Comma, Punct::Semicolon])?;
                items.push(Item::Skipped(loc));
            } else {
                let name = self.name("a name after `using`")?;
                if let Some(entity) = scan.entity.filter(|_| !scan.constructor) {
                    self.scopes.declare(scan.last, entity);
                }
                items.push(Item::Using(name));
            }
            self.eat(Punct::Ellipsis);
            if !self.eat(Punct::Comma) {
                return Ok(());
            }
        }
    }
}
