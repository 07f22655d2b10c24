//! Text to preprocessing tokens (C11 6.4, C++20 lex).
//!
//! The lexer takes C and C++ alike: what only one of the two has (raw strings, `::`, `<=>`, digit
//! separators) does not get in the way of the other. Lines that end in a backslash go on in the
//! next one, anywhere but in a raw string; as gcc, it lets blanks follow that backslash. Trigraphs
//! are not replaced, as gcc and cl.exe do not unless told to. It never fails: an unterminated
//! literal is a [`TokenKind::Other`], which is an error only where a token of it is needed (not in
//! `#error don't`, not in a skipped group), and an unterminated comment is noted.

use std::sync::Arc;

use crate::source::{Loc, Text};
use crate::token::{Interner, Punct, Symbol, Token, TokenKind, kw};

/// Reads the tokens of one text.
#[derive(Debug)]
pub(crate) struct Lexer {
    text: Arc<Text>,
    /// Position of the first byte.
    base: u32,
    pos: usize,
    /// Inside a directive a newline is [`TokenKind::End`], and stays unread.
    pub(crate) in_directive: bool,
    line_start: bool,
    space: bool,
    /// Where a comment begins that does not end.
    open_comment: Option<Loc>,
}

/// Longest name of a header, in bytes.
const MOST_NAME_BYTES: usize = 4096;

const IDENT: u8 = 1;
const DIGIT: u8 = 2;
const BLANK: u8 = 4;

/// Classes of ASCII characters; `$` is in identifiers, as gcc, clang and cl.exe have it.
static CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        let at = byte as usize;
        #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
        {
            class[at] = match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' => IDENT,
                b'0'..=b'9' => IDENT | DIGIT,
                b' ' | b'\t' | b'\x0b' | b'\x0c' | b'\r' | b'\0' => BLANK,
                _ => 0,
            };
        }
        byte += 1;
    }
    class
};

fn is(byte: u8, class: u8) -> bool {
    CLASS.get(usize::from(byte)).is_some_and(|&classes| classes & class != 0)
}

/// Whether a character beyond ASCII may stand in an identifier: the ranges of C11 annex D.1.
/// (C++23 and C23 allow fewer; compilers take either.)
fn in_identifier(char: char) -> bool {
    #[rustfmt::skip]
    const RANGES: &[(u32, u32)] = &[
        (0xa8, 0xa8), (0xaa, 0xaa), (0xad, 0xad), (0xaf, 0xaf), (0xb2, 0xb5), (0xb7, 0xba),
        (0xbc, 0xbe), (0xc0, 0xd6), (0xd8, 0xf6), (0xf8, 0x167f), (0x1681, 0x180d),
        (0x180f, 0x1fff), (0x200b, 0x200d), (0x202a, 0x202e), (0x203f, 0x2040), (0x2054, 0x2054),
        (0x2060, 0x218f), (0x2460, 0x24ff), (0x2776, 0x2793), (0x2c00, 0x2dff), (0x2e80, 0x2fff),
        (0x3004, 0x3007), (0x3021, 0x302f), (0x3031, 0xd7ff), (0xf900, 0xfd3d), (0xfd40, 0xfdcf),
        (0xfdf0, 0xfe44), (0xfe47, 0xfffc),
    ];
    let code = u32::from(char);
    if code >= 0x1_0000 {
        return code <= 0xe_fffd && code & 0xffff <= 0xfffd;
    }
    RANGES.iter().any(|&(first, last)| (first..=last).contains(&code))
}

/// What stands between `"` and `(` of a raw string (C++20 lex.string); `rest` begins after `"`.
fn raw_delimiter(rest: &str) -> Option<&str> {
    let allowed = |byte: u8| !matches!(byte, b')' | b'\\' | b'"') && !byte.is_ascii_whitespace();
    let len = rest.bytes().take(17).position(|byte| byte == b'(')?;
    let delimiter = rest.get(..len)?;
    delimiter.bytes().all(allowed).then_some(delimiter)
}

/// Kind and symbol of a text that is one token; `None` if it is none or several.
pub(crate) fn single(text: &str, names: &mut Interner) -> Option<(TokenKind, Symbol)> {
    if text.bytes().all(|byte| is(byte, IDENT)) {
        let digit = text.bytes().next().is_some_and(|byte| is(byte, DIGIT));
        let kind = if digit { TokenKind::Number } else { TokenKind::Ident };
        return Some((kind, names.intern(text)));
    }
    let mut lexer = Lexer::new(Arc::new(Text::new("", text.into())), Loc(0));
    let token = lexer.next(names);
    let whole = lexer.is_end(lexer.pos) && lexer.open_comment.is_none() && !token.space;
    let is_token = !matches!(token.kind, TokenKind::End | TokenKind::Other);
    (whole && is_token).then_some((token.kind, token.text))
}

/// The tokens of a text, for what is text once more: the operand of a pragma.
pub(crate) fn tokens(text: &str, loc: Loc, names: &mut Interner) -> Vec<Token> {
    let mut lexer = Lexer::new(Arc::new(Text::new("", text.into())), Loc(0));
    let next = move || {
        let token = lexer.next(names);
        (token.kind != TokenKind::End).then_some(Token { line_start: false, loc, ..token })
    };
    std::iter::from_fn(next).collect()
}

impl Lexer {
    pub(crate) fn new(text: Arc<Text>, base: Loc) -> Self {
        Self {
            text,
            base: base.0,
            pos: 0,
            in_directive: false,
            line_start: true,
            space: false,
            open_comment: None,
        }
    }

    /// Where the lexer stands.
    pub(crate) fn loc(&self) -> Loc {
        self.loc_at(self.pos)
    }

    /// Where a comment begins that does not end, if one was met.
    pub(crate) fn open_comment(&self) -> Option<Loc> {
        self.open_comment
    }

    fn loc_at(&self, pos: usize) -> Loc {
        Loc(self.base.saturating_add(u32::try_from(pos).unwrap_or(u32::MAX)))
    }

    fn str(&self) -> &str {
        &self.text.text
    }

    /// The byte at `pos`; 0 past the end.
    fn byte(&self, pos: usize) -> u8 {
        self.str().as_bytes().get(pos).copied().unwrap_or(0)
    }

    fn is_end(&self, pos: usize) -> bool {
        pos >= self.str().len()
    }

    /// The end of the line splice at `pos` (C11 5.1.1.2p1, phase 2), if there is one.
    fn splice(&self, pos: usize) -> Option<usize> {
        if self.byte(pos) != b'\\' {
            return None;
        }
        let mut end = pos + 1;
        while !self.is_end(end) && is(self.byte(end), BLANK) {
            end += 1;
        }
        (self.byte(end) == b'\n').then_some(end + 1)
    }

    /// `pos`, or where the line splices that stand there end.
    fn after_splices(&self, mut pos: usize) -> usize {
        while let Some(end) = self.splice(pos) {
            pos = end;
        }
        pos
    }

    /// The byte at or after `pos` that is no line splice, and the position after it.
    fn peek(&self, pos: usize) -> (u8, usize) {
        let pos = self.after_splices(pos);
        (self.byte(pos), pos + 1)
    }

    /// The next token. White space and comments before it are skipped.
    pub(crate) fn next(&mut self, names: &mut Interner) -> Token {
        self.skip_blanks();
        let start = self.pos;
        let (kind, text) = self.token(names);
        let loc = self.loc_at(start);
        let token = Token {
            kind,
            space: self.space,
            line_start: self.line_start,
            painted: false,
            text,
            loc,
        };
        if kind != TokenKind::End {
            self.space = false;
            self.line_start = false;
        }
        token
    }

    /// Takes white space and comments, up to the newline inside a directive.
    fn skip_blanks(&mut self) {
        loop {
            match self.byte(self.pos) {
                b' ' | b'\t' => self.pos += 1,
                b'\n' if self.in_directive => return,
                b'\n' => {
                    self.pos += 1;
                    self.line_start = true;
                }
                b'/' => {
                    let (next, after) = self.peek(self.pos + 1);
                    match next {
                        b'/' => self.skip_line_comment(after),
                        b'*' => self.skip_block_comment(after),
                        _ => return,
                    }
                }
                b'\\' => {
                    // A splice joins lines, and does not part tokens by itself.
                    let Some(end) = self.splice(self.pos) else { return };
                    self.pos = end;
                    continue;
                }
                byte if is(byte, BLANK) && !self.is_end(self.pos) => self.pos += 1,
                _ => return,
            }
            self.space = true;
        }
    }

    /// `//` up to the newline, which stays.
    fn skip_line_comment(&mut self, start: usize) {
        self.pos = self.end_of_line(start);
    }

    /// Where the line that goes through `pos` ends, splices taken into account.
    fn end_of_line(&self, mut pos: usize) -> usize {
        loop {
            let rest = self.str().as_bytes().get(pos..).unwrap_or_default();
            let Some(len) = rest.iter().position(|&byte| byte == b'\n' || byte == b'\\') else {
                return self.str().len();
            };
            pos += len;
            match self.splice(pos) {
                Some(end) => pos = end,
                None if self.byte(pos) == b'\n' => return pos,
                None => pos += 1,
            }
        }
    }

    fn skip_block_comment(&mut self, start: usize) {
        let mut pos = start;
        loop {
            let rest = self.str().as_bytes().get(pos..).unwrap_or_default();
            let Some(len) = rest.iter().position(|&byte| byte == b'*') else {
                self.open_comment.get_or_insert(self.loc_at(self.pos));
                self.pos = self.str().len();
                return;
            };
            pos += len + 1;
            if let (b'/', after) = self.peek(pos) {
                self.pos = after;
                return;
            }
        }
    }

    /// What begins at the current position, which is no white space.
    fn token(&mut self, names: &mut Interner) -> (TokenKind, Symbol) {
        let first = self.byte(self.pos);
        if is(first, DIGIT) || (first == b'.' && is(self.peek(self.pos + 1).0, DIGIT)) {
            return (TokenKind::Number, self.number(names));
        }
        if is(first, IDENT) {
            return self.identifier(names);
        }
        match first {
            b'"' | b'\'' => self.literal(self.pos + 1, first, names),
            b'\n' => (TokenKind::End, kw::EMPTY),
            0 if self.is_end(self.pos) => (TokenKind::End, kw::EMPTY),
            b'\\' | 0x80.. => self.beyond_ascii(names),
            _ => self.punct(names),
        }
    }

    /// An identifier, or a literal that it is the prefix of.
    fn identifier(&mut self, names: &mut Interner) -> (TokenKind, Symbol) {
        let start = self.pos;
        let mut end = start + 1;
        while is(self.byte(end), IDENT) {
            end += 1;
        }
        match self.byte(end) {
            quote @ (b'"' | b'\'') if end - start <= 3 => {
                match self.str().get(start..end).unwrap_or("") {
                    "L" | "u" | "U" | "u8" => return self.literal(end + 1, quote, names),
                    "R" | "LR" | "uR" | "UR" | "u8R" if quote == b'"' => {
                        if let Some(literal) = self.raw_string(end + 1, names) {
                            return literal;
                        }
                    }
                    _ => {}
                }
            }
            b'\\' | 0x80.. => return self.spliced_identifier(names),
            _ => {}
        }
        self.pos = end;
        (TokenKind::Ident, names.intern(self.str().get(start..end).unwrap_or("")))
    }

    /// An identifier with line splices, universal character names or characters beyond ASCII.
    fn spliced_identifier(&mut self, names: &mut Interner) -> (TokenKind, Symbol) {
        let mut spelling = String::new();
        let mut pos = self.pos;
        loop {
            let at = self.after_splices(pos);
            if is(self.byte(at), IDENT) {
                spelling.push(char::from(self.byte(at)));
                pos = at + 1;
            } else if let Some((char, end)) = self.extended(at) {
                spelling.push(char);
                pos = end;
            } else {
                break;
            }
        }
        let next = self.after_splices(pos);
        let quote = self.byte(next);
        if matches!(quote, b'"' | b'\'') && matches!(&*spelling, "L" | "u" | "U" | "u8") {
            return self.literal(next + 1, quote, names);
        }
        self.pos = pos;
        (TokenKind::Ident, names.intern(&spelling))
    }

    /// The character beyond ASCII at `pos` that may stand in an identifier, as itself or as a
    /// universal character name (C11 6.4.3), and where it ends.
    fn extended(&self, pos: usize) -> Option<(char, usize)> {
        if self.byte(pos) == b'\\' {
            let digits = match self.byte(pos + 1) {
                b'u' => 4,
                b'U' => 8,
                _ => return None,
            };
            let hex = self.str().get(pos + 2..pos + 2 + digits)?;
            let code = u32::from_str_radix(hex, 16).ok()?;
            let char = char::from_u32(code).filter(|&char| in_identifier(char))?;
            return Some((char, pos + 2 + digits));
        }
        let char = self.str().get(pos..)?.chars().next()?;
        (!char.is_ascii() && in_identifier(char)).then(|| (char, pos + char.len_utf8()))
    }

    fn number(&mut self, names: &mut Interner) -> Symbol {
        let start = self.pos;
        let mut pos = start;
        let mut last = 0;
        loop {
            let byte = self.byte(pos);
            let sign = matches!(byte, b'+' | b'-') && matches!(last, b'e' | b'E' | b'p' | b'P');
            // C++14 and C23: a separator stands between digits.
            let separator = byte == b'\'' && is(self.byte(pos + 1), IDENT) && is(last, IDENT);
            if !(is(byte, IDENT) || byte == b'.' || sign || separator) {
                break;
            }
            last = byte;
            pos += 1;
        }
        if matches!(self.byte(pos), b'\\' | 0x80..) {
            return self.spliced_number(names);
        }
        self.pos = pos;
        names.intern(self.str().get(start..pos).unwrap_or(""))
    }

    /// [`number`](Self::number) with line splices or characters beyond ASCII.
    fn spliced_number(&mut self, names: &mut Interner) -> Symbol {
        let mut spelling = String::new();
        let mut pos = self.pos;
        loop {
            let (byte, after) = self.peek(pos);
            let last = spelling.bytes().last().unwrap_or(0);
            let sign = matches!(byte, b'+' | b'-') && matches!(last, b'e' | b'E' | b'p' | b'P');
            let separator = byte == b'\'' && is(self.peek(after).0, IDENT) && is(last, IDENT);
            if is(byte, IDENT) || byte == b'.' || sign || separator {
                spelling.push(char::from(byte));
                pos = after;
            } else if let Some((char, end)) = self.extended(after - 1) {
                spelling.push(char);
                pos = end;
            } else {
                break;
            }
        }
        self.pos = pos;
        names.intern(&spelling)
    }

    /// A literal from the current position to the `quote` that closes it, looked for from `pos`.
    fn literal(&mut self, pos: usize, quote: u8, names: &mut Interner) -> (TokenKind, Symbol) {
        let (start, mut pos) = (self.pos, pos);
        let closed = loop {
            match self.byte(pos) {
                b'\n' => break false,
                0 if self.is_end(pos) => break false,
                b'\\' => match self.splice(pos) {
                    Some(end) => pos = end,
                    // The character after it is no end, but may be the first of a splice.
                    None => match self.after_splices(pos + 1) {
                        at if self.is_end(at) || self.byte(at) == b'\n' => pos = at,
                        at => pos = at + 1,
                    },
                },
                byte if byte == quote => {
                    pos += 1;
                    break true;
                }
                _ => pos += 1,
            }
        };
        self.pos = pos;
        let kind = match (closed, quote) {
            (false, _) => TokenKind::Other,
            (true, b'"') => TokenKind::Str,
            (true, _) => TokenKind::Char,
        };
        (kind, self.intern_without_splices(start, pos, names))
    }

    fn intern_without_splices(&self, start: usize, end: usize, names: &mut Interner) -> Symbol {
        let spelling = self.str().get(start..end).unwrap_or("");
        if !spelling.contains('\n') {
            return names.intern(spelling);
        }
        let mut joined = String::with_capacity(spelling.len());
        let mut pos = start;
        while pos < end {
            let at = self.after_splices(pos);
            let Some(char) = self.str().get(at..end).and_then(|rest| rest.chars().next()) else {
                break;
            };
            joined.push(char);
            pos = at + char.len_utf8();
        }
        names.intern(&joined)
    }

    /// A raw string (C++20 lex.string) whose delimiter begins at `pos`; `None` if none begins there.
    fn raw_string(&mut self, pos: usize, names: &mut Interner) -> Option<(TokenKind, Symbol)> {
        let start = self.pos;
        let rest = self.str().get(pos..)?;
        let delimiter = raw_delimiter(rest)?;
        let len = delimiter.len();
        let closing = format!("){delimiter}\"");
        let Some(body) = rest.find(&closing) else {
            // Nothing after it can be told apart any more.
            self.pos = self.str().len();
            return Some((TokenKind::Other, names.intern(self.str().get(start..pos + len + 1)?)));
        };
        self.pos = pos + body + closing.len();
        Some((TokenKind::Str, names.intern(self.str().get(start..self.pos)?)))
    }

    /// An identifier that begins beyond ASCII or with a universal character name, or else a single
    /// character that begins no token.
    fn beyond_ascii(&mut self, names: &mut Interner) -> (TokenKind, Symbol) {
        if self.extended(self.pos).is_some() {
            return self.spliced_identifier(names);
        }
        (TokenKind::Other, self.other(names))
    }

    fn other(&mut self, names: &mut Interner) -> Symbol {
        let start = self.pos;
        self.pos +=
            self.str().get(start..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        names.intern(self.str().get(start..self.pos).unwrap_or(""))
    }

    #[rustfmt::skip]
    fn punct(&mut self, names: &mut Interner) -> (TokenKind, Symbol) {
        use Punct as P;

        let first = self.byte(self.pos);
        let (second, after_second) = self.peek(self.pos + 1);
        let one = self.pos + 1;
        let two = after_second;
        // The third character is looked at only where there may be one.
        let third = || self.peek(two);
        let (punct, end) = match (first, second) {
            (b'[', _) => (P::LeftBracket, one),
            (b']', _) => (P::RightBracket, one),
            (b'(', _) => (P::LeftParen, one),
            (b')', _) => (P::RightParen, one),
            (b'{', _) => (P::LeftBrace, one),
            (b'}', _) => (P::RightBrace, one),
            (b';', _) => (P::Semicolon, one),
            (b',', _) => (P::Comma, one),
            (b'~', _) => (P::Tilde, one),
            (b'?', _) => (P::Question, one),
            (b'.', b'.') if third().0 == b'.' => (P::Ellipsis, third().1),
            (b'.', b'*') => (P::DotStar, two),
            (b'.', _) => (P::Dot, one),
            (b'-', b'>') if third().0 == b'*' => (P::ArrowStar, third().1),
            (b'-', b'>') => (P::Arrow, two),
            (b'-', b'-') => (P::MinusMinus, two),
            (b'-', b'=') => (P::MinusEqual, two),
            (b'-', _) => (P::Minus, one),
            (b'+', b'+') => (P::PlusPlus, two),
            (b'+', b'=') => (P::PlusEqual, two),
            (b'+', _) => (P::Plus, one),
            (b'&', b'&') => (P::AmpAmp, two),
            (b'&', b'=') => (P::AmpEqual, two),
            (b'&', _) => (P::Amp, one),
            (b'|', b'|') => (P::PipePipe, two),
            (b'|', b'=') => (P::PipeEqual, two),
            (b'|', _) => (P::Pipe, one),
            (b'*', b'=') => (P::StarEqual, two),
            (b'*', _) => (P::Star, one),
            (b'/', b'=') => (P::SlashEqual, two),
            (b'/', _) => (P::Slash, one),
            (b'!', b'=') => (P::BangEqual, two),
            (b'!', _) => (P::Bang, one),
            (b'^', b'=') => (P::CaretEqual, two),
            (b'^', _) => (P::Caret, one),
            (b'=', b'=') => (P::EqualEqual, two),
            (b'=', _) => (P::Equal, one),
            (b'#', b'#') => (P::HashHash, two),
            (b'#', _) => (P::Hash, one),
            (b':', b':') => (P::ColonColon, two),
            (b'<', b'<') if third().0 == b'=' => (P::LessLessEqual, third().1),
            (b'<', b'<') => (P::LessLess, two),
            (b'<', b'=') if third().0 == b'>' => (P::Spaceship, third().1),
            (b'<', b'=') => (P::LessEqual, two),
            // C++11 lex.pptoken: `<::` is `<` and `::`, unless `:` or `>` follows.
            (b'<', b':') if third().0 == b':' && !matches!(self.peek(third().1).0, b':' | b'>') => {
                (P::Less, one)
            }
            (b'>', b'>') if third().0 == b'=' => (P::GreaterGreaterEqual, third().1),
            (b'>', b'>') => (P::GreaterGreater, two),
            (b'>', b'=') => (P::GreaterEqual, two),
            (b'>', _) => (P::Greater, one),
            (b'%', b'=') => (P::PercentEqual, two),
            (b'<' | b':' | b'%', _) => return self.digraph(first, second, two, names),
            _ => return (TokenKind::Other, self.other(names)),
        };
        self.pos = end;
        (TokenKind::Punct(punct), punct.symbol())
    }

    /// A digraph (C11 6.4.6p3), or the single character that it would begin with. Its spelling is
    /// kept: the operator `#` shows it.
    fn digraph(
        &mut self,
        first: u8,
        second: u8,
        end: usize,
        names: &mut Interner,
    ) -> (TokenKind, Symbol) {
        let (punct, text, end) = match (first, second) {
            (b'<', b':') => (Punct::LeftBracket, "<:", end),
            (b'<', b'%') => (Punct::LeftBrace, "<%", end),
            (b':', b'>') => (Punct::RightBracket, ":>", end),
            (b'%', b'>') => (Punct::RightBrace, "%>", end),
            (b'%', b':') => match self.peek(end) {
                (b'%', after) if self.peek(after).0 == b':' => {
                    (Punct::HashHash, "%:%:", self.peek(after).1)
                }
                _ => (Punct::Hash, "%:", end),
            },
            (b'<', _) => (Punct::Less, "<", self.pos + 1),
            (b':', _) => (Punct::Colon, ":", self.pos + 1),
            _ => (Punct::Percent, "%", self.pos + 1),
        };
        self.pos = end;
        (TokenKind::Punct(punct), names.intern(text))
    }

    /// The `<…>` that names a header, if one is next on this line (C11 6.4.7): without its brackets,
    /// and where it begins.
    pub(crate) fn angled_name(&mut self) -> Option<(String, Loc)> {
        self.skip_blanks();
        if self.byte(self.pos) != b'<' {
            return None;
        }
        let rest = self.str().get(self.pos + 1..)?;
        // No name of a file is longer, and a line may hold many a `<` without its `>`.
        let end =
            rest.bytes().take(MOST_NAME_BYTES).position(|byte| matches!(byte, b'>' | b'\n'))?;
        let name = rest.get(..end)?.to_owned();
        if self.byte(self.pos + 1 + end) == b'\n' {
            return None;
        }
        let loc = self.loc();
        self.pos += name.len() + 2;
        Some((name, loc))
    }

    /// The text up to the end of the line, comments and all, without blanks around it.
    pub(crate) fn rest_of_line(&self) -> String {
        let end = self.end_of_line(self.pos);
        let line = self.str().get(self.pos..end).unwrap_or("");
        line.replace("\\\n", " ").replace("\\\r\n", " ").trim().to_owned()
    }

    /// The `#` that begins the next directive; `None` at the end of the text. Lines before it are
    /// skipped.
    pub(crate) fn next_directive(&mut self) -> Option<Token> {
        loop {
            self.skip_blanks();
            if self.is_end(self.pos) {
                return None;
            }
            let start = self.pos;
            let end = match (self.byte(start), self.peek(start + 1)) {
                (b'#', (b'#', _)) => None,
                (b'#', _) => Some(start + 1),
                (b'%', (b':', end)) => Some(end),
                _ => None,
            };
            if let Some(end) = end.filter(|_| self.line_start) {
                self.pos = end;
                self.line_start = false;
                let kind = TokenKind::Punct(Punct::Hash);
                return Some(Token::new(kind, Punct::Hash.symbol(), self.loc_at(start)));
            }
            self.skip_line();
        }
    }

    /// Skips what is left of the line, comments that go on in later lines included. The newline
    /// stays. Nothing is interned: skipped groups hold anything (C11 6.10p4).
    pub(crate) fn skip_line(&mut self) {
        let mut last = 0;
        self.line_start = false;
        while !self.is_end(self.pos) {
            let byte = self.byte(self.pos);
            match byte {
                b'\n' => return,
                b'"' if self.skip_raw_string() => {}
                // A separator in a number, not a quote.
                b'\'' if is(last, DIGIT) && is(self.byte(self.pos + 1), IDENT) => self.pos += 1,
                b'"' | b'\'' => self.skip_literal(byte),
                b'/' => match self.peek(self.pos + 1) {
                    (b'/', after) => self.skip_line_comment(after),
                    (b'*', after) => self.skip_block_comment(after),
                    _ => self.pos += 1,
                },
                b'\\' => self.pos = self.splice(self.pos).unwrap_or(self.pos + 1),
                _ => self.pos += 1,
            }
            last = byte;
        }
    }

    fn skip_literal(&mut self, quote: u8) {
        self.pos += 1;
        while !self.is_end(self.pos) {
            match self.byte(self.pos) {
                b'\n' => return,
                b'\\' => {
                    self.pos = self.splice(self.pos).unwrap_or(self.pos + 1);
                    if matches!(self.byte(self.pos), b'\\' | b'"' | b'\'') {
                        self.pos += 1;
                    }
                }
                byte => {
                    self.pos += 1;
                    if byte == quote {
                        return;
                    }
                }
            }
        }
    }

    /// Skips the raw string whose `"` is next, if it is one.
    fn skip_raw_string(&mut self) -> bool {
        if self.pos == 0 || self.byte(self.pos - 1) != b'R' {
            return false;
        }
        let before = self.str().get(..self.pos - 1).unwrap_or("").as_bytes();
        let prefix = before.iter().rev().take_while(|&&byte| is(byte, IDENT)).count();
        let start = before.len() - prefix;
        if !matches!(before.get(start..).unwrap_or_default(), b"" | b"L" | b"u" | b"U" | b"u8") {
            return false;
        }
        let rest = self.str().get(self.pos + 1..).unwrap_or("");
        let Some(delimiter) = raw_delimiter(rest) else { return false };
        let closing = format!("){delimiter}\"");
        self.pos += match rest.find(&closing) {
            Some(body) => 1 + body + closing.len(),
            None => 1 + rest.len(),
        };
        true
    }
}

#[cfg(test)]
mod tests;
