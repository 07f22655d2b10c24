//! Templates: skipped, their names kept.

use cwire_layout::types::Declared;

use super::attributes::Into;
use super::cursor::{Parsed, Parser, Pos, Tok};
use super::keyword::Kw;
use super::member::special;
use super::name::next;
use super::scope::Entity;
use crate::decl::{Attrs, Item, Special};
use crate::token::{Punct, Symbol, TokenKind};

impl Parser<'_> {
    /// `template <…> declaration`, `template class X<int>;`.
    pub(super) fn template(&mut self, items: &mut Vec<Item>) -> Parsed<()> {
        let loc = self.loc();
        while self.eat_kw(Kw::Template) {
            if !self.at(Punct::Less) {
                self.skip_to(&[Punct::Semicolon])?;
                self.bump();
                items.push(Item::Skipped(loc));
                return Ok(());
            }
            self.skip_template_params()?;
            if self.kw(0) == Kw::Requires {
                self.skip_requires()?;
            }
        }
        match self.kw(0) {
            Kw::Friend => {
                self.skip_declaration()?;
                items.push(Item::Skipped(loc));
            }
            Kw::Using => {
                self.bump();
                let name = self.ident("the name of the alias template")?;
                self.scopes.declare(name, Entity::Template);
                self.skip_to(&[Punct::Semicolon])?;
                self.bump();
                items.push(Item::Template { name: Some(name), loc });
            }
            Kw::Concept => {
                self.bump();
                let name = self.ident("the name of the concept")?;
                self.scopes.declare(name, Entity::ValueTemplate);
                self.skip_to(&[Punct::Semicolon])?;
                self.bump();
                items.push(Item::Skipped(loc));
            }
            Kw::Struct | Kw::Class | Kw::Union => {
                let name = self.class_template()?;
                items.push(Item::Template { name, loc });
            }
            _ => {
                let constructor = self.at_constructor_template();
                self.value_template()?;
                items.push(if constructor {
                    special(Special::Constructor, Declared::Provided, loc)
                } else {
                    Item::Skipped(loc)
                });
            }
        }
        Ok(())
    }

    /// Skips `<typename T, int N = 1>`. The names of values are known while their end is searched
    /// for: `bool B = N < 4>` has no template in it.
    fn skip_template_params(&mut self) -> Parsed<()> {
        let outer = self.scopes.current();
        self.scopes.open();
        let mut at = next(self.pos);
        let mut before = self.peek(0);
        loop {
            let tok = self.tok_at(at);
            match tok.kind {
                TokenKind::Punct(Punct::LeftParen | Punct::LeftBracket) => {
                    match self.pair_at(at.index) {
                        Some(close) => at.index = close,
                        None => break,
                    }
                }
                TokenKind::Punct(
                    Punct::Semicolon | Punct::LeftBrace | Punct::RightBrace | Punct::RightParen,
                )
                | TokenKind::End => break,
                TokenKind::Ident
                    if self.is_plain_ident(tok) && self.names_value(before, next(at)) =>
                {
                    self.scopes.declare(tok.text, Entity::Value);
                }
                _ => {}
            }
            before = tok;
            at = next(at);
        }
        let skipped = self.skip_angles();
        self.scopes.enter(outer);
        skipped
    }

    /// Whether a template parameter between these two tokens is a value: it has a type before it.
    fn names_value(&self, before: Tok, after: Pos) -> bool {
        let typed = match before.kind {
            TokenKind::Ident => {
                !matches!(self.kw_of(before), Kw::Typename | Kw::Class | Kw::Struct)
            }
            TokenKind::Punct(punct) => matches!(punct, Punct::Greater | Punct::Star | Punct::Amp),
            _ => false,
        };
        typed
            && matches!(
                self.tok_at(after).kind,
                TokenKind::Punct(
                    Punct::Comma | Punct::Greater | Punct::GreaterGreater | Punct::Equal
                )
            )
    }

    /// Skips a class template, or a function that returns `struct X`.
    fn class_template(&mut self) -> Parsed<Option<Symbol>> {
        let start = self.pos;
        self.bump();
        self.attributes(&mut Attrs::default(), Into::Any)?;
        let Some(scan) = self.scan_name(self.pos) else {
            self.pos = start;
            self.skip_declaration()?;
            return Ok(None);
        };
        let after = self.tok_at(scan.end);
        let is_class = self.kw_of(after) == Kw::Final
            || matches!(
                after.kind,
                TokenKind::Punct(Punct::LeftBrace | Punct::Colon | Punct::Semicolon)
            );
        if !is_class {
            self.pos = start;
            self.skip_declaration()?;
            return Ok(None);
        }
        let known = matches!(self.scopes.find(scan.last), Some(Entity::Template)) && scan.qualified;
        if !known && !scan.qualified {
            self.scopes.declare(scan.last, Entity::Template);
        }
        self.pos = scan.end;
        self.skip_to(&[Punct::LeftBrace, Punct::Semicolon])?;
        if self.at(Punct::LeftBrace) {
            self.skip_brackets("the body of the template")?;
        }
        self.skip_to(&[Punct::Semicolon])?;
        self.bump();
        Ok(Some(scan.last))
    }

    /// Whether a constructor follows the head of a member template.
    fn at_constructor_template(&self) -> bool {
        let mut pos = self.pos;
        loop {
            match self.kw_of(self.tok_at(pos)) {
                Kw::Explicit if self.is_punct(next(pos), Punct::LeftParen) => {
                    match self.pair_at(next(pos).index) {
                        Some(close) => pos.index = close + 1,
                        None => return false,
                    }
                }
                Kw::Explicit | Kw::Inline | Kw::Constexpr => pos = next(pos),
                _ => return self.at_own_constructor(pos),
            }
        }
    }

    /// Skips a function or variable template and declares its name.
    fn value_template(&mut self) -> Parsed<()> {
        let name = self.skip_declaration_named()?;
        if let Some(name) = name
            && !matches!(self.scopes.find(name), Some(Entity::Template | Entity::Type(_)))
        {
            self.scopes.declare(name, Entity::ValueTemplate);
        }
        Ok(())
    }

    /// Skips a declaration of any kind, with its `;` or function body.
    pub(super) fn skip_declaration(&mut self) -> Parsed<()> {
        self.skip_declaration_named().map(|_| ())
    }

    /// Skips a declaration; gives the identifier before its parameters or initialiser.
    fn skip_declaration_named(&mut self) -> Parsed<Option<Symbol>> {
        let mut name = None;
        let mut last = None;
        let mut params = false;
        loop {
            let tok = self.peek(0);
            match tok.kind {
                TokenKind::Punct(Punct::Semicolon) => {
                    self.bump();
                    return Ok(name.or(last));
                }
                TokenKind::Punct(Punct::Equal) => {
                    self.skip_to(&[Punct::Semicolon])?;
                    self.bump();
                    return Ok(name.or(last));
                }
                TokenKind::Punct(Punct::Colon) if params => {
                    self.skip_function_body()?;
                    self.eat(Punct::Semicolon);
                    return Ok(name.or(last));
                }
                TokenKind::Punct(Punct::LeftBrace) if params => {
                    self.skip_function_body()?;
                    self.eat(Punct::Semicolon);
                    return Ok(name.or(last));
                }
                TokenKind::Punct(Punct::LeftBrace) => {
                    // The initialiser of a variable.
                    name = name.or(last);
                    self.skip_brackets("the initialiser")?;
                }
                TokenKind::Punct(Punct::LeftParen) => {
                    if !params {
                        name = last;
                    }
                    params = true;
                    self.skip_brackets("the parameters")?;
                }
                TokenKind::Punct(Punct::Less) if self.after_name() => {
                    match self.angle_end(self.pos) {
                        Some(end) => self.pos = end,
                        None => self.bump(),
                    }
                }
                TokenKind::Ident => self.skip_word(&mut last)?,
                _ => self.skip_one()?,
            }
            if params && self.kw(0) == Kw::Try {
                self.skip_function_body()?;
                return Ok(name.or(last));
            }
        }
    }

    fn after_name(&self) -> bool {
        let Some(index) = self.pos.index.checked_sub(1) else { return false };
        let tok = self.tok_at(Pos { index, half: false });
        tok.kind == TokenKind::Ident && self.kw_of(tok) != Kw::Operator
    }

    /// Skips a word and, where it has operands in brackets that are no parameters, those.
    fn skip_word(&mut self, last: &mut Option<Symbol>) -> Parsed<()> {
        let tok = self.peek(0);
        match self.kw_of(tok) {
            Kw::Requires => self.skip_requires(),
            Kw::Operator => {
                self.bump();
                *last = None;
                // `operator()`, and signs that have a meaning of their own here.
                match self.punct(0) {
                    Some(Punct::LeftParen | Punct::LeftBracket) => {
                        self.skip_brackets("the operator")
                    }
                    Some(_) => {
                        self.bump();
                        Ok(())
                    }
                    None => Ok(()),
                }
            }
            Kw::Attribute
            | Kw::Declspec
            | Kw::Alignas
            | Kw::Decltype
            | Kw::Typeof
            | Kw::Noexcept
            | Kw::Explicit
            | Kw::Throw
            | Kw::Asm => {
                self.bump();
                if self.at(Punct::LeftParen) {
                    self.skip_brackets("the operand")?;
                }
                Ok(())
            }
            Kw::None => {
                *last = Some(tok.text);
                self.bump();
                Ok(())
            }
            _ => {
                self.bump();
                Ok(())
            }
        }
    }

    /// `requires A<T> && (sizeof(T) > 1) && requires (T t) { … }`.
    pub(super) fn skip_requires(&mut self) -> Parsed<()> {
        self.bump();
        loop {
            self.eat(Punct::Bang);
            if self.eat_kw(Kw::Requires) {
                if self.at(Punct::LeftParen) {
                    self.skip_brackets("the parameters of `requires`")?;
                }
                if !self.at(Punct::LeftBrace) {
                    return Err(self.expected("`{` after `requires`"));
                }
                self.skip_brackets("the requirements")?;
            } else if self.at(Punct::LeftParen) {
                self.skip_brackets("the constraint")?;
            } else if let Some(scan) = self.scan_name(self.pos) {
                self.pos = scan.end;
            } else if !self.at_end() && !self.at_open_bracket() && !self.at_close_bracket() {
                self.bump();
            } else {
                return Err(self.expected("a constraint after `requires`"));
            }
            if !self.eat(Punct::AmpAmp) && !self.eat(Punct::PipePipe) {
                return Ok(());
            }
        }
    }
}
