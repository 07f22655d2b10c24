//! Skips what lays nothing out: bodies, initialisers, unknown attributes.

use super::cursor::{Parsed, Parser};
use super::keyword::Kw;
use crate::token::{Punct, TokenKind};

impl Parser<'_> {
    /// Skips a bracket and all up to its partner. `what` is what it holds: `the function body`.
    pub(super) fn skip_brackets(&mut self, what: &str) -> Parsed<()> {
        let open = self.peek(0);
        match self.pair_at(self.pos.index) {
            Some(close) if close > self.pos.index => {
                self.pos.index = close;
                self.bump();
                Ok(())
            }
            _ => {
                let message =
                    format!("expected the end of {what}, but {} has no partner", self.found(open));
                Err(self.error(open.loc, message))
            }
        }
    }

    pub(super) fn at_open_bracket(&self) -> bool {
        matches!(self.punct(0), Some(Punct::LeftParen | Punct::LeftBracket | Punct::LeftBrace))
    }

    pub(super) fn at_close_bracket(&self) -> bool {
        matches!(self.punct(0), Some(Punct::RightParen | Punct::RightBracket | Punct::RightBrace))
    }

    /// Skips one token, or a pair of brackets with what is in it.
    pub(super) fn skip_one(&mut self) -> Parsed<()> {
        if self.at_open_bracket() {
            return self.skip_brackets("what is in the brackets");
        }
        if self.at_end() || self.at_close_bracket() {
            return Err(self.expected("`;`"));
        }
        self.bump();
        Ok(())
    }

    /// Skips to one of these, outside of brackets.
    pub(super) fn skip_to(&mut self, stops: &[Punct]) -> Parsed<()> {
        while !self.punct(0).is_some_and(|punct| stops.contains(&punct)) {
            self.skip_one()?;
        }
        Ok(())
    }

    /// Skips the body of a function: `{…}`, `: member(…), member{…} {…}`, `try : … {…} catch (…) {…}`.
    pub(super) fn skip_function_body(&mut self) -> Parsed<()> {
        let tried = self.eat_kw(Kw::Try);
        if self.eat(Punct::Colon) {
            self.skip_member_initializers()?;
        }
        if !self.at(Punct::LeftBrace) {
            return Err(self.expected("`{` of the function body"));
        }
        self.skip_brackets("the function body")?;
        while tried && self.eat_kw(Kw::Catch) {
            if !self.at(Punct::LeftParen) {
                return Err(self.expected("`(` after `catch`"));
            }
            self.skip_brackets("the parameter of `catch`")?;
            if !self.at(Punct::LeftBrace) {
                return Err(self.expected("`{` after `catch (…)`"));
            }
            self.skip_brackets("the body of `catch`")?;
        }
        Ok(())
    }

    /// After the `:` of a constructor.
    fn skip_member_initializers(&mut self) -> Parsed<()> {
        loop {
            while self.kw(0) == Kw::Typename
                || self.kw(0) == Kw::Template
                || self.peek(0).kind == TokenKind::Ident
                || self.at(Punct::ColonColon)
                || self.at(Punct::Less)
            {
                if self.kw(0) == Kw::Decltype {
                    self.bump();
                    self.skip_one()?;
                } else if self.at(Punct::Less) {
                    self.skip_angles()?;
                } else {
                    self.bump();
                }
            }
            match self.punct(0) {
                Some(Punct::LeftParen | Punct::LeftBrace) => {
                    self.skip_brackets("the initialiser of a member")?;
                }
                _ => return Err(self.expected("`(` or `{` after the member to initialise")),
            }
            self.eat(Punct::Ellipsis);
            if !self.eat(Punct::Comma) {
                return Ok(());
            }
        }
    }

    /// Skips `asm` with its qualifiers and text.
    pub(super) fn skip_asm(&mut self) -> Parsed<()> {
        self.bump();
        while matches!(self.kw(0), Kw::Volatile | Kw::Inline | Kw::Statement) {
            self.bump();
        }
        match self.punct(0) {
            Some(Punct::LeftParen | Punct::LeftBrace) => self.skip_brackets("the `asm`"),
            _ => Err(self.expected("`(` after `asm`")),
        }
    }
}
