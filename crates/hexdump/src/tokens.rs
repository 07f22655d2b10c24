//! Dumps without offsets: bare hex, lists of bytes, escaped strings, C arrays.

use crate::error::{DumpError, quoted};
use crate::line::nibble;
use crate::reader::Out;

/// Reads byte by byte: a whole dump may be one line.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    /// Whether bytes stand in braces only.
    is_c: bool,
    in_braces: bool,
    comment: Comment,
    after_backslash: bool,
    token: Token,
    /// Whether there was a token before the one at hand.
    has_tokens: bool,
    /// Whether one of more than a byte began with `0x`. It may be alone, but several would be words.
    has_number: bool,
    has_begun: bool,
    line: u64,
    column: u64,
}

/// What of a comment has been seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comment {
    No,
    Slash,
    Line,
    Block,
    BlockStar,
}

/// The digits at hand.
#[derive(Clone, Copy, Debug, Default)]
struct Token {
    digits: u64,
    high: Option<u8>,
    has_prefix: bool,
}

impl Tokens {
    pub(crate) fn new(is_c: bool) -> Self {
        Self {
            is_c,
            in_braces: false,
            comment: Comment::No,
            after_backslash: false,
            token: Token::default(),
            has_tokens: false,
            has_number: false,
            has_begun: false,
            line: 1,
            column: 0,
        }
    }

    /// Takes text. After a problem, nothing more may come.
    pub(crate) fn take(&mut self, text: &[u8], out: &mut Out) {
        for &byte in text {
            self.column += 1;
            if let Err(message) = self.byte(byte, out) {
                out.problem(DumpError {
                    line: self.line,
                    column: self.column,
                    message,
                    is_final: true,
                });
                return;
            }
            if byte == b'\n' {
                self.line += 1;
                self.column = 0;
            }
        }
    }

    /// The text has ended.
    pub(crate) fn finish(&mut self, out: &mut Out) {
        let ended = match self.end_token(out) {
            Ok(()) if self.in_braces => Err("`}` is needed, found the end".to_owned()),
            ended => ended,
        };
        if let Err(message) = ended {
            let (line, column) = (self.line, self.column + 1);
            out.problem(DumpError { line, column, message, is_final: true });
        }
    }

    fn byte(&mut self, byte: u8, out: &mut Out) -> Result<(), String> {
        if self.comment != Comment::No {
            return self.in_comment(byte);
        }
        if byte == b'/' {
            self.end_token(out)?;
            self.comment = Comment::Slash;
            return Ok(());
        }
        if self.is_c && !self.in_braces {
            if byte == b'{' {
                self.in_braces = true;
                self.has_tokens = false;
                self.has_begun = true;
                out.begin(0);
            }
            return Ok(());
        }
        if std::mem::take(&mut self.after_backslash) {
            match byte {
                b'x' => self.token.has_prefix = true,
                b'\n' => {}
                b'\r' => self.after_backslash = true,
                _ => return Err(format!("`\\x` and two digits are needed, found {}", one(byte))),
            }
            return Ok(());
        }
        match byte {
            b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F' => self.digit(byte, out),
            b'x' | b'X' if self.token.is_zero() => {
                self.token = Token { has_prefix: true, ..Token::default() };
                Ok(())
            }
            b' ' | b'\t' | b'\n' | b'\r' | b',' | b':' | b'-' | b'"' => self.end_token(out),
            b';' if !self.is_c => self.end_token(out),
            b'\\' => {
                self.end_token(out)?;
                self.after_backslash = true;
                Ok(())
            }
            b'}' if self.is_c => {
                self.in_braces = false;
                self.end_token(out)
            }
            b'#' if self.column == 1 => {
                self.comment = Comment::Line;
                Ok(())
            }
            b'*' => Err("offsets are needed to know how many lines `*` stands for, found none \
                         (`od -v` prints them all)"
                .to_owned()),
            _ => Err(format!("two hexadecimal digits a byte are needed, found {}", one(byte))),
        }
    }

    fn in_comment(&mut self, byte: u8) -> Result<(), String> {
        self.comment = match (self.comment, byte) {
            (Comment::Slash, b'/') => Comment::Line,
            (Comment::Slash, b'*') => Comment::Block,
            (Comment::Slash, _) if self.is_c && !self.in_braces => Comment::No,
            (Comment::Slash, _) => {
                return Err("two hexadecimal digits a byte are needed, found `/`".to_owned());
            }
            (Comment::Line, b'\n') => Comment::No,
            (Comment::Block | Comment::BlockStar, b'*') => Comment::BlockStar,
            (Comment::BlockStar, b'/') => Comment::No,
            (Comment::BlockStar, _) => Comment::Block,
            (comment, _) => comment,
        };
        Ok(())
    }

    fn digit(&mut self, digit: u8, out: &mut Out) -> Result<(), String> {
        let value = nibble(digit);
        if self.token.digits == 0 {
            if self.has_number {
                return Err(
                    "one number that begins with `0x` and is longer than a byte is needed, \
                            found another"
                        .to_owned(),
                );
            }
            if !std::mem::replace(&mut self.has_begun, true) {
                out.begin(0);
            }
        }
        self.token.digits += 1;
        if self.token.has_prefix && self.token.digits == 3 {
            if self.has_tokens || self.is_c {
                return Err("two hexadecimal digits after `0x` are needed, found more".to_owned());
            }
            self.has_number = true;
        }
        match self.token.high.take() {
            None => self.token.high = Some(value),
            Some(high) => {
                if self.is_c && !self.token.has_prefix {
                    return Err(DECIMAL.to_owned());
                }
                out.byte(high << 4 | value);
            }
        }
        Ok(())
    }

    fn end_token(&mut self, out: &mut Out) -> Result<(), String> {
        let token = std::mem::take(&mut self.token);
        match token {
            Token { has_prefix: true, digits: 0, .. } => {
                return Err("digits are needed after `0x`, found none".to_owned());
            }
            Token { digits: 0, .. } => return Ok(()),
            Token { has_prefix: true, digits: 1, high: Some(value) } => out.byte(value),
            Token { high: Some(_), has_prefix: false, .. } if self.is_c => {
                return Err(DECIMAL.to_owned());
            }
            Token { high: Some(_), .. } => {
                return Err(
                    "an even number of hexadecimal digits is needed, found an odd one".to_owned()
                );
            }
            Token { high: None, .. } => {}
        }
        self.has_tokens = true;
        Ok(())
    }
}

impl Token {
    /// Whether it is `0`, which may go on as `0x`.
    fn is_zero(self) -> bool {
        self.digits == 1 && self.high == Some(0) && !self.has_prefix
    }
}

const DECIMAL: &str = "bytes as `0x41` are needed, found a number without `0x`";

fn one(byte: u8) -> String {
    quoted(&[byte])
}
