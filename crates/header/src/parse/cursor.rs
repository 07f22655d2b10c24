//! The tokens as the parser walks them.

use std::collections::HashMap;

use super::keyword::{Keyword, Kw};
use super::pragma::Pragmas;
use super::scope::Scopes;
use crate::Lang;
use crate::error::{HeaderError, HeaderErrorKind};
use crate::preprocess::alternative;
use crate::source::{Loc, Sources};
use crate::token::{Interner, Punct, Symbol, Token, TokenKind};

/// Why a text could not be parsed.
#[derive(Debug)]
pub(super) struct SyntaxError {
    loc: Loc,
    message: String,
    kind: HeaderErrorKind,
}

impl SyntaxError {
    pub(super) fn into_header_error(self, sources: &Sources) -> HeaderError {
        HeaderError::new(sources, self.loc, self.message).with_kind(self.kind)
    }
}

/// Boxed, so that the frames of a deep recursion stay small.
pub(super) type Parsed<T> = Result<T, Box<SyntaxError>>;

/// A token with what was found out about it before parsing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tok {
    pub(super) kind: TokenKind,
    pub(super) text: Symbol,
    pub(super) loc: Loc,
    keyword: Keyword,
    /// Index of the bracket that closes this one, or opens it.
    pair: u32,
}

const UNPAIRED: u32 = u32::MAX;

/// A position among the tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pos {
    pub(super) index: usize,
    /// Whether the first half of a `>>` has been used up as the end of template arguments.
    pub(super) half: bool,
}

/// The state of the parser.
pub(super) struct Parser<'a> {
    toks: Vec<Tok>,
    end: Tok,
    pub(super) pos: Pos,
    interner: &'a Interner,
    pub(super) lang: Lang,
    pub(super) scopes: Scopes,
    pub(super) pragmas: Pragmas,
    /// Ends of template arguments by the index of their `<`; `None`: that `<` is a comparison.
    pub(super) angles: HashMap<usize, Option<Pos>>,
    limit: usize,
    depth: usize,
    /// Depth of the tree of the expression that was parsed last.
    height: usize,
    /// The largest `height` since it was reset.
    tallest: usize,
    /// Whether `>` ends the expression, as it does in template arguments.
    pub(super) greater_ends: bool,
    /// The class whose body is being parsed.
    pub(super) class_name: Option<Symbol>,
    /// The name that was declared last, which may be a macro that nobody defined.
    pub(super) declared: Option<Symbol>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(tokens: &[Token], interner: &'a Interner, lang: Lang, limit: usize) -> Self {
        let mut pragmas = Pragmas::default();
        let mut keywords = Keywords { known: Vec::new(), lang };
        let mut toks: Vec<Tok> = Vec::with_capacity(tokens.len());
        let mut loc = Loc::default();
        for token in tokens {
            loc = token.loc;
            let mut keyword = Keyword::NONE;
            let mut kind = token.kind;
            match kind {
                TokenKind::End => break,
                TokenKind::Pragma => {
                    pragmas.note(interner.text(token.text), toks.len());
                    continue;
                }
                TokenKind::Ident => match alternative(token.text).filter(|_| lang == Lang::Cxx) {
                    Some(punct) => kind = TokenKind::Punct(punct),
                    None => keyword = keywords.of(token.text, interner),
                },
                _ => {}
            }
            let Token { text, loc, .. } = *token;
            toks.push(Tok { kind, text, loc, keyword, pair: UNPAIRED });
        }
        pair_brackets(&mut toks);
        Self {
            toks,
            end: Tok {
                kind: TokenKind::End,
                text: Symbol(0),
                loc,
                keyword: Keyword::NONE,
                pair: UNPAIRED,
            },
            pos: Pos { index: 0, half: false },
            interner,
            lang,
            scopes: Scopes::new(),
            pragmas,
            angles: HashMap::new(),
            limit,
            depth: 0,
            height: 0,
            tallest: 0,
            greater_ends: false,
            class_name: None,
            declared: None,
        }
    }

    /// The token `ahead` of the current one.
    #[inline]
    pub(super) fn peek(&self, ahead: usize) -> Tok {
        self.tok_at(Pos { index: self.pos.index + ahead, half: self.pos.half && ahead == 0 })
    }

    pub(super) fn tok_at(&self, pos: Pos) -> Tok {
        let mut tok = self.toks.get(pos.index).copied().unwrap_or(self.end);
        if pos.half {
            tok.kind = TokenKind::Punct(Punct::Greater);
        }
        tok
    }

    pub(super) fn loc(&self) -> Loc {
        self.peek(0).loc
    }

    pub(super) fn cxx(&self) -> bool {
        self.lang == Lang::Cxx
    }

    pub(super) fn at_end(&self) -> bool {
        self.pos.index >= self.toks.len()
    }

    pub(super) fn bump(&mut self) {
        self.pos = Pos { index: self.pos.index + 1, half: false };
    }

    pub(super) fn text(&self, symbol: Symbol) -> &'a str {
        self.interner.text(symbol)
    }

    /// The punctuation `ahead`.
    pub(super) fn punct(&self, ahead: usize) -> Option<Punct> {
        match self.peek(ahead).kind {
            TokenKind::Punct(punct) => Some(punct),
            _ => None,
        }
    }

    pub(super) fn at(&self, punct: Punct) -> bool {
        self.punct(0) == Some(punct)
    }

    pub(super) fn eat(&mut self, punct: Punct) -> bool {
        let there = self.at(punct);
        if there {
            self.bump();
        }
        there
    }

    /// Takes punctuation. `place` says what it belongs to: `after the member`.
    pub(super) fn expect(&mut self, punct: Punct, place: &str) -> Parsed<()> {
        if self.eat(punct) {
            return Ok(());
        }
        Err(self.expected(&format!("`{}` {place}", punct.text())))
    }

    /// The keyword `ahead`; [`Kw::None`] for a word that the program has declared as its own.
    pub(super) fn kw(&self, ahead: usize) -> Kw {
        self.kw_of(self.peek(ahead))
    }

    pub(super) fn kw_of(&self, tok: Tok) -> Kw {
        let Keyword { kw, soft } = tok.keyword;
        let contextual = matches!(kw, Kw::Final | Kw::Override);
        if soft && !contextual && self.scopes.find(tok.text).is_some() {
            return Kw::None;
        }
        kw
    }

    pub(super) fn eat_kw(&mut self, kw: Kw) -> bool {
        let there = self.kw(0) == kw;
        if there {
            self.bump();
        }
        there
    }

    /// Whether a token can be a name: no keyword, or one that is a name elsewhere.
    pub(super) fn is_ident(&self, tok: Tok) -> bool {
        tok.kind == TokenKind::Ident && (tok.keyword.kw == Kw::None || tok.keyword.soft)
    }

    /// Whether a token is a name and cannot be a keyword here.
    pub(super) fn is_plain_ident(&self, tok: Tok) -> bool {
        tok.kind == TokenKind::Ident
            && matches!(self.kw_of(tok), Kw::None | Kw::Final | Kw::Override | Kw::OffsetofName)
    }

    pub(super) fn at_ident(&self) -> bool {
        self.is_ident(self.peek(0))
    }

    /// Takes a name.
    pub(super) fn ident(&mut self, what: &str) -> Parsed<Symbol> {
        let tok = self.peek(0);
        if self.is_ident(tok) {
            self.bump();
            return Ok(tok.text);
        }
        Err(self.expected(what))
    }

    /// Where a bracket's partner is.
    pub(super) fn pair_at(&self, index: usize) -> Option<usize> {
        match self.toks.get(index)?.pair {
            UNPAIRED => None,
            pair => usize::try_from(pair).ok(),
        }
    }

    /// An error at the current token: what was needed there, and what is.
    pub(super) fn expected(&self, needed: &str) -> Box<SyntaxError> {
        self.error(self.loc(), format!("expected {needed}, found {}", self.found(self.peek(0))))
    }

    /// A token in the words of an error message.
    pub(super) fn found(&self, tok: Tok) -> String {
        match tok.kind {
            TokenKind::End => "the end of the header".to_owned(),
            TokenKind::Punct(punct) => format!("`{}`", punct.text()),
            TokenKind::Ident if tok.keyword.kw != Kw::None && !tok.keyword.soft => {
                format!("keyword `{}`", self.text(tok.text))
            }
            _ => {
                let mut text: String = self.text(tok.text).chars().take(40).collect();
                if text.len() < self.text(tok.text).len() {
                    text.push('…');
                }
                format!("`{text}`")
            }
        }
    }

    pub(super) fn error(&self, loc: Loc, message: impl Into<String>) -> Box<SyntaxError> {
        Box::new(SyntaxError { loc, message: message.into(), kind: HeaderErrorKind::Syntax })
    }

    /// Runs a part of the grammar one level deeper.
    pub(super) fn nested<T>(&mut self, part: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= self.limit {
            return Err(self.too_deep());
        }
        self.depth += 1;
        let parsed = part(self);
        self.depth -= 1;
        parsed
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    pub(super) fn too_deep(&self) -> Box<SyntaxError> {
        let message =
            format!("declarations and expressions may be nested {} deep, found more", self.limit);
        let mut error = self.error(self.loc(), message);
        error.kind = HeaderErrorKind::Limit;
        error
    }

    /// Tries a part of the grammar; where it does not fit, the position is as it was.
    ///
    /// The caller must not parse the same tokens by another rule that tries, too, or the time
    /// doubles with every level.
    pub(super) fn attempt<T>(&mut self, part: impl FnOnce(&mut Self) -> Parsed<T>) -> Option<T> {
        let (pos, depth, greater_ends) = (self.pos, self.depth, self.greater_ends);
        let parsed = part(self).ok();
        if parsed.is_none() {
            self.pos = pos;
            self.depth = depth;
            self.greater_ends = greater_ends;
        }
        parsed
    }

    /// Parses what is in brackets, where `>` is an operator again.
    pub(super) fn inside_parens<T>(
        &mut self,
        part: impl FnOnce(&mut Self) -> Parsed<T>,
    ) -> Parsed<T> {
        let outer = std::mem::replace(&mut self.greater_ends, false);
        let parsed = part(self);
        self.greater_ends = outer;
        parsed
    }

    /// Notes that an expression is a leaf of its tree.
    pub(super) fn leaf(&mut self) {
        self.height = 1;
    }

    /// Depth of the tree of the expression that was parsed last.
    pub(super) fn height(&self) -> usize {
        self.height
    }

    /// Notes that the expression parsed last became part of one with another child of this height.
    /// Chains such as `a + b + c …` make deep trees without recursion.
    pub(super) fn grow(&mut self, sibling: usize) -> Parsed<()> {
        self.height = self.height.max(sibling) + 1;
        self.tallest = self.tallest.max(self.height);
        if self.height > self.limit.saturating_mul(4) {
            return Err(self.too_deep());
        }
        Ok(())
    }

    /// Parses what has expressions inside and counts as their parent: a type with its bounds.
    pub(super) fn around<T>(&mut self, part: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        let before = std::mem::take(&mut self.tallest);
        let parsed = part(self);
        self.height = self.tallest;
        self.tallest = self.tallest.max(before);
        let parsed = parsed?;
        self.grow(0)?;
        Ok(parsed)
    }
}

/// What each symbol means as a keyword, found out when it first comes up.
struct Keywords {
    known: Vec<Option<Keyword>>,
    lang: Lang,
}

impl Keywords {
    fn of(&mut self, symbol: Symbol, interner: &Interner) -> Keyword {
        let Ok(index) = usize::try_from(symbol.0) else { return Keyword::NONE };
        if self.known.len() <= index {
            self.known.resize(index + 1, None);
        }
        match self.known.get_mut(index) {
            Some(known) => {
                *known.get_or_insert_with(|| Keyword::of(interner.text(symbol), self.lang))
            }
            None => Keyword::NONE,
        }
    }
}

/// Pairs `(`, `[` and `{` with their ends. What has no partner stays unpaired and is an error where
/// the parser comes to it.
fn pair_brackets(toks: &mut [Tok]) {
    let mut open: Vec<(Punct, usize)> = Vec::new();
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    let mut counts = [0_usize; 3];
    for (index, tok) in toks.iter().enumerate() {
        let TokenKind::Punct(punct) = tok.kind else { continue };
        let (kind, opens) = match punct {
            Punct::LeftParen => (0, true),
            Punct::LeftBracket => (1, true),
            Punct::LeftBrace => (2, true),
            Punct::RightParen => (0, false),
            Punct::RightBracket => (1, false),
            Punct::RightBrace => (2, false),
            _ => continue,
        };
        let Some(count) = counts.get_mut(kind) else { continue };
        if opens {
            *count += 1;
            open.push((punct, index));
        } else if *count > 0 {
            while let Some((opener, at)) = open.pop() {
                let opener_kind = match opener {
                    Punct::LeftParen => 0,
                    Punct::LeftBracket => 1,
                    _ => 2,
                };
                if let Some(count) = counts.get_mut(opener_kind) {
                    *count -= 1;
                }
                if opener_kind == kind {
                    pairs.push((at, index));
                    break;
                }
            }
        }
    }
    for (at, index) in pairs {
        for (from, to) in [(at, index), (index, at)] {
            if let (Some(tok), Ok(to)) = (toks.get_mut(from), u32::try_from(to)) {
                tok.pair = to;
            }
        }
    }
}
