//! From source text to items.

use std::sync::Arc;

use crate::decl::Item;
use crate::error::HeaderError;
use crate::lex::Lexer;
use crate::parse::parse;
use crate::source::{Origin, Sources, Text};
use crate::token::{Interner, Token, TokenKind};
use crate::{Lang, Limits};

/// A parsed text.
pub(super) struct Unit {
    pub(super) items: Result<Vec<Item>, HeaderError>,
    pub(super) names: Interner,
}

/// Lexes and parses a text without macros and directives; `#pragma` and `#` lines are understood.
pub(super) fn unit(text: &str, lang: Lang) -> Unit {
    let mut names = Interner::new();
    let (tokens, sources) = lex(text, &mut names);
    let items = parse(&tokens, &names, &sources, lang, &Limits::default());
    Unit { items, names }
}

/// The tokens of a text.
pub(super) fn lex(text: &str, names: &mut Interner) -> (Vec<Token>, Sources) {
    let mut sources = Sources::default();
    let text = Arc::new(Text::new("t.h", text.into()));
    let base = sources.add(Arc::clone(&text), None, Origin::Main).unwrap();
    let mut lexer = Lexer::new(text, base);
    let mut tokens: Vec<Token> = Vec::new();
    let mut line_start = true;
    loop {
        let token = lexer.next(names);
        match token.kind {
            TokenKind::End => break,
            TokenKind::Punct(crate::token::Punct::Hash) if line_start || token.line_start => {
                let line = lexer.rest_of_line();
                lexer.skip_line();
                if let Some(pragma) = line.trim().strip_prefix("pragma") {
                    let text = names.intern(pragma.trim());
                    tokens.push(Token { kind: TokenKind::Pragma, text, ..token });
                }
                line_start = true;
            }
            _ => {
                line_start = false;
                tokens.push(token);
            }
        }
    }
    (tokens, sources)
}
