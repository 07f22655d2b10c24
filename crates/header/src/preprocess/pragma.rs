//! Pragmas: `#pragma` (C11 6.10.6), `_Pragma` (6.10.9), cl.exe's `__pragma`.
//!
//! `once`, `push_macro`, `pop_macro` and a few of `GCC` are used up here; all others become one token each, whose
//! text the parser reads. In that text macros are replaced where the ABI's compiler replaces them:
//! gcc does not in `#pragma pack(N)`, clang does after the pragma's name, and cl.exe does throughout
//! (observed; test `macros_in_pragmas_are_replaced_as_compilers_do`).

use super::{Preprocessor, literal};
use crate::error::{HeaderError, HeaderErrorKind};
use crate::lex;
use crate::source::Loc;
use crate::token::{Punct, Symbol, Token, TokenKind, kw};

impl Preprocessor<'_> {
    /// `#pragma`, its name read.
    pub(super) fn pragma_directive(&mut self, hash: Token) -> Result<(), HeaderError> {
        let (line, end) = self.line_tokens();
        self.pragma(line, hash.loc, end)
    }

    /// `_Pragma ( "…" )`, its name read.
    pub(super) fn pragma_operator(&mut self, name: Token) -> Result<(), HeaderError> {
        self.expect_in_operator(name, Punct::LeftParen)?;
        let operand = self.next_expanded()?;
        let text = match operand.kind {
            TokenKind::Str => literal::destringized(self.names.text(operand.text)),
            _ => None,
        };
        let Some(text) = text else {
            let found = self.names.text(operand.text).to_owned();
            return Err(self.malformed(
                name.loc,
                format!("expected a string literal in `_Pragma`, found `{found}`"),
            ));
        };
        self.expect_in_operator(name, Punct::RightParen)?;
        self.charge(text.len() / 16, name.loc)?;
        let line = lex::tokens(&text, name.loc, &mut self.names);
        self.pragma(line, name.loc, name.loc)
    }

    fn expect_in_operator(&mut self, name: Token, punct: Punct) -> Result<(), HeaderError> {
        let token = self.next_expanded()?;
        if token.is(punct) {
            return Ok(());
        }
        let found = match token.kind {
            TokenKind::End => "the end of the file".to_owned(),
            _ => format!("`{}`", self.names.text(token.text)),
        };
        let name_text = self.names.text(name.text);
        let message = format!("expected `{}` in `{name_text}`, found {found}", punct.text());
        Err(self.malformed(name.loc, message))
    }

    /// cl.exe's `__pragma ( … )`, its name read.
    pub(super) fn msvc_pragma(&mut self, name: Token) -> Result<(), HeaderError> {
        self.expect_in_operator(name, Punct::LeftParen)?;
        let mut line = Vec::new();
        let mut depth = 0_usize;
        loop {
            let token = self.next_expanded()?;
            match token.kind {
                TokenKind::End => {
                    let message =
                        "expected `)` at the end of `__pragma`, found the end of the file";
                    return Err(self.malformed(name.loc, message));
                }
                TokenKind::Punct(Punct::LeftParen) => depth += 1,
                TokenKind::Punct(Punct::RightParen) if depth == 0 => break,
                TokenKind::Punct(Punct::RightParen) => depth -= 1,
                _ => {}
            }
            line.push(token);
        }
        self.pragma(line, name.loc, name.loc)
    }

    fn pragma(&mut self, line: Vec<Token>, loc: Loc, end: Loc) -> Result<(), HeaderError> {
        let name =
            line.first().filter(|token| token.kind == TokenKind::Ident).map(|token| token.text);
        match name {
            Some(kw::ONCE) => {
                let file = self.frames.last().and_then(|frame| frame.file);
                if let Some(file) = file.and_then(|file| self.files.get_mut(file)) {
                    file.once = true;
                }
                return Ok(());
            }
            Some(kw::PUSH_MACRO) => {
                if let Some(name) = self.macro_operand(&line) {
                    self.macros.push(name);
                }
                return Ok(());
            }
            Some(kw::POP_MACRO) => {
                if let Some(name) = self.macro_operand(&line) {
                    self.macros.pop(name);
                }
                return Ok(());
            }
            Some(kw::GCC) if !self.is_msvc && self.gcc_pragma(&line, loc)? => return Ok(()),
            _ => {}
        }
        let line = if self.is_msvc {
            self.expand_list(line, end)?
        } else if self.is_clang && name == Some(kw::PACK) {
            let mut line = line;
            let operand = line.split_off(1);
            line.extend(self.expand_list(operand, end)?);
            line
        } else {
            line
        };
        let text = self.pragma_text(&line);
        self.charge(self.names.text(text).len() / 16, loc)?;
        self.out.push(Token { line_start: true, ..Token::new(TokenKind::Pragma, text, loc) });
        Ok(())
    }

    /// Whether a `GCC` pragma is the preprocessor's own (gcc manual, "Pragmas" of the preprocessor).
    fn gcc_pragma(&self, line: &[Token], loc: Loc) -> Result<bool, HeaderError> {
        let [_, name, operand @ ..] = line else { return Ok(false) };
        if name.text != kw::ERROR {
            let own = [kw::SYSTEM_HEADER, kw::POISON, kw::DEPENDENCY];
            return Ok(own.contains(&name.text));
        }
        let text = operand.first().map_or("", |text| self.names.text(text.text));
        let message = format!("#pragma GCC error {text}");
        Err(self.error(HeaderErrorKind::ErrorDirective, loc, message.trim_end()))
    }

    /// The macro that `push_macro("NAME")` names.
    fn macro_operand(&mut self, line: &[Token]) -> Option<Symbol> {
        let [_, open, name, close] = line else { return None };
        if !open.is(Punct::LeftParen) || !close.is(Punct::RightParen) {
            return None;
        }
        let name = literal::destringized(self.names.text(name.text))?;
        Some(self.names.intern(name.trim()))
    }

    /// Tokens as text, a space where there was white space.
    fn pragma_text(&mut self, line: &[Token]) -> Symbol {
        let mut text = String::new();
        for (at, token) in line.iter().enumerate() {
            if at > 0 && token.space {
                text.push(' ');
            }
            text.push_str(self.names.text(token.text));
        }
        self.names.intern(&text)
    }
}
