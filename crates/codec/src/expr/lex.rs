//! Text of an expression to tokens.

use std::ops::Range;

use super::ExprError;

/// Bytes of the longest expression. Limits what a compiled one can take, too.
const MAX_LEN: usize = 64 << 10;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind<'t>,
    /// Bytes of the text.
    pub(super) span: Range<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind<'t> {
    Int(i128),
    Float(f64),
    /// The bytes of a character constant, to be read with the sign of the ABI's `char`.
    Char(Vec<u8>),
    Text(Vec<u8>),
    /// A name, qualified ones as one: `Side::BUY`.
    Name(&'t str),
    Punct(&'static str),
    End,
}

/// Longest first, so that `<<` is not two `<`.
const PUNCTS: [&str; 28] = [
    "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "->", "+", "-", "*", "/", "%", "<", ">", "&",
    "^", "|", "!", "~", "?", ":", "(", ")", "[", "]", ",",
];

pub(super) fn lex(text: &str) -> Result<Vec<Token<'_>>, ExprError> {
    if text.len() > MAX_LEN {
        let message =
            format!("needs an expression of at most {MAX_LEN} bytes, found {}", text.len());
        return Err(ExprError::new(0..0, message));
    }
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    loop {
        let token = lexer.next()?;
        let is_end = token.kind == Kind::End;
        tokens.push(token);
        if is_end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip(&mut self, is_skipped: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|char| !is_skipped(char)).unwrap_or(rest.len());
    }

    fn next(&mut self) -> Result<Token<'t>, ExprError> {
        self.skip(char::is_whitespace);
        let start = self.at;
        let kind = self.kind()?;
        Ok(Token { kind, span: start..self.at })
    }

    fn kind(&mut self) -> Result<Kind<'t>, ExprError> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(Kind::End) };
        let is_fraction = first == '.' && rest.chars().nth(1).is_some_and(|c| c.is_ascii_digit());
        if first.is_ascii_digit() || is_fraction {
            return self.number();
        }
        if is_name_start(first) || is_qualified(rest) {
            return Ok(self.name());
        }
        match first {
            '\'' => return Ok(Kind::Char(self.quoted('\'')?)),
            '"' => return Ok(Kind::Text(self.quoted('"')?)),
            '.' => {
                self.at += 1;
                return Ok(Kind::Punct("."));
            }
            _ => {}
        }
        if let Some(punct) = PUNCTS.iter().find(|punct| rest.starts_with(**punct)) {
            self.at += punct.len();
            return Ok(Kind::Punct(punct));
        }
        if first == '=' {
            return Err(ExprError::new(self.at..self.at + 1, "needs `==` to compare, found `=`"));
        }
        let span = self.at..self.at + first.len_utf8();
        Err(ExprError::new(span, format!("needs an operator or an operand, found {first:?}")))
    }

    fn name(&mut self) -> Kind<'t> {
        let start = self.at;
        loop {
            if is_qualified(self.rest()) {
                self.at += 2;
            }
            self.skip(|char| is_name_start(char) || char.is_ascii_digit());
            if !is_qualified(self.rest()) {
                return Kind::Name(self.text.get(start..self.at).unwrap_or_default());
            }
        }
    }

    fn number(&mut self) -> Result<Kind<'t>, ExprError> {
        let start = self.at;
        let is_hex = self.rest().starts_with("0x") || self.rest().starts_with("0X");
        loop {
            let before = self.at;
            self.skip(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | '.' | '\''));
            let word = self.text.get(start..self.at).unwrap_or_default();
            let exponent: &[char] = if is_hex { &['p', 'P'] } else { &['e', 'E'] };
            if word.ends_with(exponent) && self.peek().is_some_and(|c| matches!(c, '+' | '-')) {
                self.at += 1;
            }
            if self.at == before {
                break;
            }
        }
        let span = start..self.at;
        let word: String = self.text.get(span.clone()).unwrap_or_default().replace('\'', "");
        let exponents: &[char] = if is_hex { &['p', 'P', '.'] } else { &['e', 'E', '.'] };
        let is_binary = word.starts_with("0b") || word.starts_with("0B");
        if !is_binary && word.contains(exponents) {
            return floating(&word, span);
        }
        integer(&word, span)
    }

    /// The bytes between two quotes, with C's escapes (C11 6.4.4.4).
    fn quoted(&mut self, quote: char) -> Result<Vec<u8>, ExprError> {
        let start = self.at;
        self.at += 1;
        let mut bytes = Vec::new();
        loop {
            let at = self.at;
            let Some(char) = self.peek() else {
                return Err(ExprError::new(
                    start..at,
                    format!("needs a closing {quote}, found none"),
                ));
            };
            self.at += char.len_utf8();
            match char {
                _ if char == quote => break,
                '\\' => self.escape(at, &mut bytes)?,
                _ => bytes.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        if quote == '\'' && !(1..=4).contains(&bytes.len()) {
            let message = format!("needs 1 to 4 bytes between the quotes, found {}", bytes.len());
            return Err(ExprError::new(start..self.at, message));
        }
        Ok(bytes)
    }

    fn escape(&mut self, start: usize, bytes: &mut Vec<u8>) -> Result<(), ExprError> {
        let rest = self.rest();
        let first = rest.chars().next().unwrap_or('"');
        let simple = match first {
            'n' => b'\n',
            't' => b'\t',
            'r' => b'\r',
            'a' => 7,
            'b' => 8,
            'f' => 12,
            'v' => 11,
            'e' => 27,
            '\\' | '\'' | '"' | '?' => u8::try_from(first).unwrap_or_default(),
            'x' => return self.escaped_number(start, 1, 16, usize::MAX, bytes),
            '0'..='7' => return self.escaped_number(start, 0, 8, 3, bytes),
            _ => {
                let span = start..(self.at + first.len_utf8()).min(self.text.len());
                return Err(ExprError::new(span, format!("unknown escape `\\{first}`")));
            }
        };
        self.at += 1;
        bytes.push(simple);
        Ok(())
    }

    fn escaped_number(
        &mut self,
        start: usize,
        lead: usize,
        radix: u32,
        most: usize,
        bytes: &mut Vec<u8>,
    ) -> Result<(), ExprError> {
        self.at += lead;
        let digits = self.rest().chars().take(most).take_while(|char| char.is_digit(radix)).count();
        let word = self.rest().get(..digits).unwrap_or_default();
        self.at += digits;
        match u8::from_str_radix(word, radix) {
            Ok(byte) => bytes.push(byte),
            Err(_) => {
                let message = "needs an escape for a byte from 0 to 255";
                return Err(ExprError::new(start..self.at, message));
            }
        }
        Ok(())
    }
}

fn is_name_start(char: char) -> bool {
    char.is_alphabetic() || matches!(char, '_' | '$')
}

/// Whether a text goes on with `::` and a name.
fn is_qualified(text: &str) -> bool {
    text.strip_prefix("::").is_some_and(|rest| rest.starts_with(is_name_start))
}

/// An integer constant (C11 6.4.4.1, C23's `0b` and digit separators). Its value is exact; what type C
/// would give it does not matter to arithmetic in 128 bits.
fn integer<'t>(word: &str, span: Range<usize>) -> Result<Kind<'t>, ExprError> {
    let lower = word.to_ascii_lowercase();
    let (digits, radix) = match lower.as_str() {
        word if word.starts_with("0x") => (word.get(2..).unwrap_or_default(), 16),
        word if word.starts_with("0b") => (word.get(2..).unwrap_or_default(), 2),
        word if word.len() > 1 && word.starts_with('0') => (word.get(1..).unwrap_or_default(), 8),
        word => (word, 10),
    };
    let end = digits.find(|char: char| !char.is_digit(radix)).unwrap_or(digits.len());
    let (number, suffix) = digits.split_at_checked(end).unwrap_or((digits, ""));
    let is_suffix = matches!(
        suffix,
        "" | "u"
            | "l"
            | "ul"
            | "lu"
            | "ll"
            | "ull"
            | "llu"
            | "z"
            | "uz"
            | "zu"
            | "wb"
            | "uwb"
            | "wbu"
    );
    // `0`, `0u`: the digit is the octal prefix.
    let is_zero = number.is_empty() && radix == 8;
    if !is_suffix || (number.is_empty() && !is_zero) {
        return Err(ExprError::new(span, format!("`{word}` is no integer constant of C")));
    }
    if is_zero {
        return Ok(Kind::Int(0));
    }
    i128::from_str_radix(number, radix)
        .map(Kind::Int)
        .map_err(|_| ExprError::new(span, format!("needs a number below 2^127, found `{word}`")))
}

/// A decimal floating constant (C11 6.4.4.2).
fn floating<'t>(word: &str, span: Range<usize>) -> Result<Kind<'t>, ExprError> {
    let number = word.strip_suffix(['f', 'F', 'l', 'L']).unwrap_or(word);
    let is_plain =
        number.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
    match number.parse() {
        Ok(value) if is_plain => Ok(Kind::Float(value)),
        _ => Err(ExprError::new(span, format!("`{word}` is no decimal floating constant of C"))),
    }
}
