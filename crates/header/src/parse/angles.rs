//! Where the `<` of template arguments ends.

use super::cursor::{Parsed, Parser, Pos};
use super::keyword::Kw;
use super::scope::Entity;
use crate::token::{Punct, TokenKind};

impl Parser<'_> {
    /// The position after the `>` that closes the `<` at `pos`; `None` if it closes nowhere before
    /// the declaration or the bracket around it ends.
    ///
    /// One scan finds the ends of all `<` that it passes, and no `<` is scanned twice.
    pub(super) fn angle_end(&mut self, pos: Pos) -> Option<Pos> {
        if let Some(&known) = self.angles.get(&pos.index) {
            return known;
        }
        let mut open = vec![pos.index];
        let mut index = pos.index + 1;
        while let Some(&innermost) = open.last() {
            let at = Pos { index, half: false };
            let tok = self.tok_at(at);
            match tok.kind {
                TokenKind::Punct(Punct::Less) if self.opens_arguments(index) => {
                    match self.angles.get(&index) {
                        Some(&Some(end)) => {
                            index = end.index;
                            if end.half {
                                open.pop();
                                index += 1;
                                let end = Pos { index, half: false };
                                self.angles.insert(innermost, Some(end));
                            }
                            continue;
                        }
                        Some(None) => {}
                        None => open.push(index),
                    }
                }
                TokenKind::Punct(Punct::Greater) => {
                    open.pop();
                    self.angles.insert(innermost, Some(Pos { index: index + 1, half: false }));
                }
                TokenKind::Punct(Punct::GreaterGreater) => {
                    open.pop();
                    match open.pop() {
                        Some(outer) => {
                            self.angles.insert(innermost, Some(Pos { index, half: true }));
                            self.angles.insert(outer, Some(Pos { index: index + 1, half: false }));
                        }
                        // `f(a<b>>c)`: of `>>` only the half that closes the argument list is ours.
                        None => {
                            self.angles.insert(innermost, Some(Pos { index, half: true }));
                        }
                    }
                }
                TokenKind::Punct(Punct::LeftParen | Punct::LeftBracket | Punct::LeftBrace) => {
                    match self.pair_at(index) {
                        Some(close) if close > index => index = close,
                        _ => break,
                    }
                }
                TokenKind::Punct(
                    Punct::RightParen | Punct::RightBracket | Punct::RightBrace | Punct::Semicolon,
                )
                | TokenKind::End => break,
                _ => {}
            }
            index += 1;
        }
        for unclosed in open {
            self.angles.insert(unclosed, None);
        }
        self.angles.get(&pos.index).copied().flatten()
    }

    /// Whether a `<` may open template arguments by what stands before it: not after a value.
    fn opens_arguments(&self, index: usize) -> bool {
        let Some(before) = index.checked_sub(1) else { return false };
        let tok = self.tok_at(Pos { index: before, half: false });
        match tok.kind {
            TokenKind::Ident => match self.kw_of(tok) {
                Kw::Template | Kw::NamedCast | Kw::Operator => true,
                Kw::None | Kw::Final | Kw::Override => {
                    let qualified = before.checked_sub(1).is_some_and(|i| {
                        self.tok_at(Pos { index: i, half: false }).kind
                            == TokenKind::Punct(Punct::ColonColon)
                    });
                    qualified || self.scopes.find(tok.text) != Some(Entity::Value)
                }
                _ => false,
            },
            TokenKind::Punct(punct) => matches!(punct, Punct::RightBracket | Punct::Less),
            _ => false,
        }
    }

    /// Skips `<…>`.
    pub(super) fn skip_angles(&mut self) -> Parsed<()> {
        match self.angle_end(self.pos) {
            Some(end) => {
                self.pos = end;
                Ok(())
            }
            None => Err(self.error(
                self.loc(),
                "expected `>` to close this `<`, found the end of the declaration",
            )),
        }
    }
}
