//! Initialisers: kept where they are expressions, skipped where they are not.

use super::cursor::{Parsed, Parser};
use super::name::next;
use super::scope::Entity;
use super::specifiers::DeclSpecifiers;
use crate::decl::{Expr, ExprKind};
use crate::source::Loc;
use crate::token::{Punct, TokenKind};

impl Parser<'_> {
    /// `= value`, `= {…}`, `{…}`, `(…)` after a declarator.
    pub(super) fn initializer(&mut self, of: &DeclSpecifiers) -> Parsed<Option<Expr>> {
        let loc = self.loc();
        if self.at_body() {
            // `struct EXPORT name { … };`
            self.expect_end(of, "after the declarator")?;
        }
        match self.punct(0) {
            Some(Punct::Equal) => {
                self.bump();
                let stops = [Punct::Comma, Punct::Semicolon];
                let value = self.attempt(|p| {
                    let value = p.initializer_clause()?;
                    match p.punct(0) {
                        Some(punct) if stops.contains(&punct) => Ok(value),
                        _ => Err(p.expected("`;` after the initialiser")),
                    }
                });
                if value.is_none() {
                    if self.punct(0).is_some_and(|punct| stops.contains(&punct)) {
                        return Err(self.expected("an initialiser after `=`"));
                    }
                    self.skip_initializer(&stops)?;
                }
                Ok(Some(value.unwrap_or_else(|| opaque(loc))))
            }
            Some(Punct::LeftBrace) if self.cxx() => Ok(Some(self.braces()?)),
            Some(Punct::LeftParen) if self.cxx() => {
                let value = self.attempt(|p| {
                    p.bump();
                    let value = p.nested(|p| p.inside_parens(Self::assignment))?;
                    p.expect(Punct::RightParen, "after the initialiser")?;
                    Ok(value)
                });
                if value.is_none() {
                    self.skip_brackets("the initialiser")?;
                }
                Ok(Some(value.unwrap_or_else(|| opaque(loc))))
            }
            _ => Ok(None),
        }
    }

    /// Whether `{` begins members or statements: an initialiser has no `;` in it.
    fn at_body(&self) -> bool {
        if !self.at(Punct::LeftBrace) {
            return false;
        }
        let mut at = next(self.pos);
        loop {
            match self.tok_at(at).kind {
                TokenKind::Punct(Punct::Semicolon) => return true,
                TokenKind::Punct(Punct::RightBrace) | TokenKind::End => return false,
                TokenKind::Punct(Punct::LeftParen | Punct::LeftBracket | Punct::LeftBrace) => {
                    match self.pair_at(at.index) {
                        Some(close) if close > at.index => at.index = close,
                        _ => return false,
                    }
                }
                _ => {}
            }
            at = next(at);
        }
    }

    pub(super) fn initializer_clause(&mut self) -> Parsed<Expr> {
        if self.at(Punct::LeftBrace) { self.braces() } else { self.nested(Self::assignment) }
    }

    /// `{a, b}`. With designators, or where it cannot be parsed, it is skipped.
    pub(super) fn braces(&mut self) -> Parsed<Expr> {
        let loc = self.loc();
        let elements = self.attempt(|p| p.nested(|p| p.inside_parens(Self::elements)));
        if let Some(elements) = elements {
            return Ok(Expr { kind: ExprKind::Braces(elements), loc });
        }
        self.skip_brackets("the initialiser")?;
        self.leaf();
        Ok(opaque(loc))
    }

    fn elements(&mut self) -> Parsed<Vec<Expr>> {
        self.bump();
        let mut elements = Vec::new();
        let mut tallest = 0;
        while !self.at(Punct::RightBrace) {
            let designator = matches!(self.punct(0), Some(Punct::Dot | Punct::LeftBracket))
                || self.at_ident() && self.punct(1) == Some(Punct::Colon);
            if designator && !self.cxx() || self.at(Punct::Dot) {
                return Err(self.expected("an initialiser without designator"));
            }
            elements.push(self.initializer_clause()?);
            tallest = tallest.max(self.height());
            self.eat(Punct::Ellipsis);
            if !self.eat(Punct::Comma) {
                break;
            }
        }
        self.expect(Punct::RightBrace, "after the initialiser")?;
        self.leaf();
        self.grow(tallest)?;
        Ok(elements)
    }

    /// Skips to one of these that ends an initialiser: no comma of template arguments.
    pub(super) fn skip_initializer(&mut self, stops: &[Punct]) -> Parsed<()> {
        loop {
            match self.punct(0) {
                Some(punct) if stops.contains(&punct) => return Ok(()),
                Some(Punct::Less) if self.cxx() && self.after_template() => {
                    match self.angle_end(self.pos) {
                        Some(end) => self.pos = end,
                        None => self.bump(),
                    }
                }
                _ => self.skip_one()?,
            }
        }
    }

    /// Whether the token before may be the name of a template.
    fn after_template(&self) -> bool {
        let Some(index) = self.pos.index.checked_sub(1) else { return false };
        let tok = self.tok_at(super::cursor::Pos { index, half: false });
        tok.kind == TokenKind::Ident && !matches!(self.scopes.find(tok.text), Some(Entity::Value))
    }
}

fn opaque(loc: Loc) -> Expr {
    Expr { kind: ExprKind::Opaque, loc }
}
