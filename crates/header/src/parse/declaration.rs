//! Declarations at file and namespace scope, and what they share with members.

use super::attributes::Into;
use super::cursor::{Parsed, Parser, Pos};
use super::declarator::Named;
use super::keyword::Kw;
use super::name::{IsType, next};
use super::scope::Entity;
use super::specifiers::{DeclSpecifiers, Place};
use crate::Lang;
use crate::decl::{
    Attrs, Declaration, Declarator, DeclaratorPart, InitDeclarator, Item, Qualifiers, Storage,
    TypeSpec,
};
use crate::token::{Punct, TokenKind};
use cwire_layout::types::Access;

impl Parser<'_> {
    /// Takes what stands at file or namespace scope.
    pub(super) fn item(&mut self, items: &mut Vec<Item>) -> Parsed<()> {
        let loc = self.loc();
        if self.eat(Punct::Semicolon) {
            return Ok(());
        }
        match self.kw(0) {
            Kw::Extension | Kw::Export => {
                self.bump();
                return Ok(());
            }
            Kw::StaticAssert => {
                let item = self.static_assert()?;
                items.push(item);
                return Ok(());
            }
            Kw::Asm => {
                self.skip_asm()?;
                self.expect(Punct::Semicolon, "after the `asm`")?;
                items.push(Item::Skipped(loc));
                return Ok(());
            }
            Kw::Extern if self.peek(1).kind == TokenKind::Str => return self.linkage(items),
            Kw::Namespace => return self.nested(|p| p.namespace(items)),
            Kw::Inline if self.kw(1) == Kw::Namespace => {
                return self.nested(|p| p.namespace(items));
            }
            Kw::Using => return self.using(Access::Public, items),
            Kw::Template => return self.template(items),
            Kw::Extern if self.kw(1) == Kw::Template => {
                self.bump();
                return self.template(items);
            }
            _ => {}
        }
        if self.at(Punct::RightBrace) {
            return Err(self.expected("a declaration"));
        }
        let item = self.nested(Self::declaration)?;
        items.push(item);
        Ok(())
    }

    /// `static_assert(condition, "message");`
    pub(super) fn static_assert(&mut self) -> Parsed<Item> {
        let loc = self.loc();
        self.bump();
        self.expect(Punct::LeftParen, "after `static_assert`")?;
        let condition = self.nested(|p| p.inside_parens(Self::conditional))?;
        let mut message = None;
        if self.eat(Punct::Comma) {
            message = self.message();
            self.skip_to(&[Punct::RightParen])?;
        }
        self.expect(Punct::RightParen, "after the condition of `static_assert`")?;
        self.expect(Punct::Semicolon, "after `static_assert(…)`")?;
        Ok(Item::StaticAssert { condition, message, loc })
    }

    fn message(&mut self) -> Option<String> {
        let mut message = None;
        while self.peek(0).kind == TokenKind::Str {
            let part = super::literal::string_text(self.text(self.peek(0).text));
            message.get_or_insert_with(String::new).push_str(&part);
            self.bump();
        }
        message
    }

    fn declaration(&mut self) -> Parsed<Item> {
        let loc = self.loc();
        let specifiers = self.specifiers(Place::File)?;
        let mut attrs = Attrs::default();
        if self.at(Punct::Semicolon) {
            return self.type_alone(specifiers, Access::Public);
        }
        if specifiers.written.ty == TypeSpec::Auto && self.at_structured_binding() {
            self.skip_to(&[Punct::Semicolon])?;
            self.bump();
            return Ok(Item::Skipped(loc));
        }
        let first = self.init_declarator_start(&specifiers, &mut attrs)?;
        if is_function(&first) && specifiers.written.storage != Storage::Typedef {
            if self.at_function_body(&first) {
                return self.function_definition(specifiers, first, attrs);
            }
            if self.at(Punct::Equal) && matches!(self.kw(1), Kw::Default | Kw::Delete) {
                self.bump();
                self.bump();
            }
        }
        let mut declarators = Vec::new();
        self.rest_of_declarators(&specifiers, first, attrs, &mut declarators)?;
        self.expect_end(&specifiers, "after the declarator")?;
        if declarators.iter().all(|d| is_qualified(&d.declarator)) {
            return Ok(Item::Skipped(loc));
        }
        Ok(Item::Declaration(Declaration {
            specifiers: specifiers.written,
            declarators,
            access: Access::Public,
            loc,
        }))
    }

    /// `struct x { … };`
    pub(super) fn type_alone(
        &mut self,
        specifiers: DeclSpecifiers,
        access: Access,
    ) -> Parsed<Item> {
        let written = specifiers.written;
        // An attribute alone may be a declaration; gcc takes `static;` in C, too, with a warning.
        let empty = self.lang == Lang::C
            || !specifiers.is_virtual
                && written.storage == Storage::None
                && written.qualifiers == Qualifiers::default();
        let nothing = written.loc == self.loc();
        if written.ty == TypeSpec::ImplicitInt && (nothing || !empty) {
            return Err(self.expected("a type"));
        }
        let loc = written.loc;
        self.bump();
        if written.ty == TypeSpec::ImplicitInt {
            return Ok(Item::Skipped(loc));
        }
        Ok(Item::Declaration(Declaration {
            specifiers: written,
            declarators: Vec::new(),
            access,
            loc,
        }))
    }

    /// The first declarator, up to where a function's body or an initialiser would be.
    fn init_declarator_start(
        &mut self,
        specifiers: &DeclSpecifiers,
        attrs: &mut Attrs,
    ) -> Parsed<Declarator> {
        if specifiers.written.ty == TypeSpec::ImplicitInt
            && !self.cxx()
            && !self.at_old_function(specifiers)
        {
            return Err(self.no_type());
        }
        self.declarator(Named::Yes, attrs)
    }

    /// `auto [a, b] = …;`, `auto &&[a, b] = …;` of C++.
    fn at_structured_binding(&self) -> bool {
        let ahead = usize::from(matches!(self.punct(0), Some(Punct::Amp | Punct::AmpAmp)));
        self.cxx() && self.punct(ahead) == Some(Punct::LeftBracket)
    }

    /// C before C99 let the type of a function be left out: `main() {…}`, `static f();`.
    fn at_old_function(&mut self, specifiers: &DeclSpecifiers) -> bool {
        let written = &specifiers.written;
        self.is_ident(self.peek(0))
            && (self.punct(1) == Some(Punct::LeftParen)
                || written.storage != Storage::None
                || written.qualifiers != Qualifiers::default())
    }

    /// Says which macro may be at fault where a type was needed.
    pub(super) fn no_type(&mut self) -> Box<super::cursor::SyntaxError> {
        if self.is_plain_ident(self.peek(0)) && self.type_at(self.pos) == IsType::Unknown {
            return self.unknown_macro("");
        }
        self.expected("a declaration")
    }

    pub(super) fn at_function_body(&mut self, declarator: &Declarator) -> bool {
        if self.at(Punct::LeftBrace)
            || self.cxx() && (self.at(Punct::Colon) || self.kw(0) == Kw::Try)
        {
            return true;
        }
        let old = matches!(
            declarator.parts.first(),
            Some(DeclaratorPart::Function { params, .. }) if params.is_empty()
        );
        !self.cxx() && old && self.at_old_params()
    }

    /// The types of the parameters of old C, between `)` and `{`.
    fn at_old_params(&mut self) -> bool {
        if self.peek(0).kind != TokenKind::Ident {
            return false;
        }
        match self.type_at(self.pos) {
            IsType::Yes => true,
            IsType::No => false,
            IsType::Unknown => {
                matches!(self.peek(1).kind, TokenKind::Ident | TokenKind::Punct(Punct::Star))
            }
        }
    }

    /// `char *a, b;` between `)` and `{`.
    fn old_param(&mut self) -> Parsed<()> {
        let specifiers = self.specifiers(Place::Type)?;
        if specifiers.written.ty == TypeSpec::ImplicitInt && !self.is_ident(self.peek(0)) {
            return Err(self.expected("`{` of the function body"));
        }
        loop {
            self.declarator(Named::Yes, &mut Attrs::default())?;
            if !self.eat(Punct::Comma) {
                return self.expect(Punct::Semicolon, "after the parameter");
            }
        }
    }

    fn function_definition(
        &mut self,
        specifiers: DeclSpecifiers,
        declarator: Declarator,
        attrs: Attrs,
    ) -> Parsed<Item> {
        let loc = specifiers.written.loc;
        self.declare(&specifiers, &declarator);
        while !self.cxx() && !self.at(Punct::LeftBrace) {
            self.old_param()?;
        }
        self.skip_function_body()?;
        if is_qualified(&declarator) {
            return Ok(Item::Skipped(loc));
        }
        Ok(Item::Declaration(Declaration {
            specifiers: specifiers.written,
            declarators: vec![InitDeclarator { declarator, width: None, init: None, attrs }],
            access: Access::Public,
            loc,
        }))
    }

    /// The initialiser of the first declarator, and those after it.
    fn rest_of_declarators(
        &mut self,
        specifiers: &DeclSpecifiers,
        first: Declarator,
        attrs: Attrs,
        declarators: &mut Vec<InitDeclarator>,
    ) -> Parsed<()> {
        let mut declarator = first;
        let mut attrs = attrs;
        loop {
            self.attributes_after_declarator(&mut attrs)?;
            self.declare(specifiers, &declarator);
            let init = self.initializer(specifiers)?;
            self.attributes_after_declarator(&mut attrs)?;
            declarators.push(InitDeclarator { declarator, width: None, init, attrs });
            if !self.eat(Punct::Comma) {
                return Ok(());
            }
            attrs = Attrs::default();
            self.attributes(&mut attrs, Into::Gnu)?;
            declarator = self.declarator(Named::Yes, &mut attrs)?;
        }
    }

    /// Notes a declared name, so that later uses of it can be told apart.
    pub(super) fn declare(&mut self, specifiers: &DeclSpecifiers, declarator: &Declarator) {
        let Some(name) = &declarator.name else { return };
        let [part] = name.parts.as_slice() else { return };
        let entity = match specifiers.written.storage {
            Storage::Typedef => {
                let scope = match &specifiers.written.ty {
                    TypeSpec::Record(spec) if declarator.parts.is_empty() => {
                        spec.name.as_ref().and_then(|name| self.scope_of(name))
                    }
                    _ => None,
                };
                Entity::Type(scope)
            }
            _ => Entity::Value,
        };
        self.scopes.declare(part.ident, entity);
    }

    /// Of `int WINAPI f(void);` the name that was declared, of `int f(void) ATTRIBUTE;` the one
    /// that comes.
    fn suspected_macro(&self) -> String {
        let before = Pos { index: self.pos.index.saturating_sub(1), half: false };
        let before = self.tok_at(before).text;
        let found = self.peek(0).text;
        let call = self.is_punct(next(self.pos), Punct::LeftParen);
        match self.declared {
            Some(name) if call && before == name => self.text(name).to_owned(),
            _ if call => format!("{}(…)", self.text(found)),
            _ => self.text(found).to_owned(),
        }
    }

    /// Takes the `;` of a declaration, or says what may be wrong before it.
    pub(super) fn expect_end(&mut self, specifiers: &DeclSpecifiers, place: &str) -> Parsed<()> {
        if self.eat(Punct::Semicolon) {
            return Ok(());
        }
        let mut needed = format!("`;` {place}");
        match &specifiers.written.ty {
            TypeSpec::Record(spec) if spec.body.is_none() && self.at(Punct::LeftBrace) => {
                if let Some(part) = spec.name.as_ref().and_then(|name| name.parts.last()) {
                    let macro_name = self.text(part.ident);
                    needed.push_str(&format!(
                        " (`{macro_name}` may be a macro that is not defined here)"
                    ));
                }
            }
            _ if self.is_plain_ident(self.peek(0)) && self.type_at(self.pos) != IsType::Yes => {
                let suspect = self.suspected_macro();
                needed.push_str(&format!(" (`{suspect}` may be a macro that is not defined here)"));
            }
            _ => {}
        }
        Err(self.expected(&needed))
    }
}

/// Whether the declarator declares a function.
pub(super) fn is_function(declarator: &Declarator) -> bool {
    matches!(declarator.parts.first(), Some(DeclaratorPart::Function { .. }))
}

/// `X::y`: a member that is declared in its class already.
fn is_qualified(declarator: &Declarator) -> bool {
    declarator.name.as_ref().is_some_and(|name| name.parts.len() > 1 || name.global)
}
