//! Directives (C11 6.10, C++20 cpp.pre).

use super::files::Found;
use super::macros;
use super::{Condition, Guard, Preprocessor, literal};
use crate::error::{HeaderError, HeaderErrorKind, reason};
use crate::source::Loc;
use crate::token::{Punct, Symbol, Token, TokenKind, kw};

/// A header as `#include` or `__has_include` names it.
pub(super) struct HeaderName {
    pub(super) name: String,
    pub(super) angled: bool,
    pub(super) loc: Loc,
}

impl Preprocessor<'_> {
    /// Carries out the directive whose `#` has been read.
    pub(super) fn directive(&mut self, hash: Token) -> Result<(), HeaderError> {
        if let Some(frame) = self.frames.last_mut() {
            frame.lexer.in_directive = true;
        }
        let result = self.directive_by_name(hash);
        if let Some(frame) = self.frames.last_mut()
            && result.is_ok()
            && frame.lexer.in_directive
        {
            frame.lexer.skip_line();
            frame.lexer.in_directive = false;
        }
        result
    }

    /// The next token of the directive's line, unexpanded; [`TokenKind::End`] at its end.
    fn token_of_line(&mut self) -> Token {
        match self.frames.last_mut() {
            Some(frame) => frame.lexer.next(&mut self.names),
            None => Token::new(TokenKind::End, kw::EMPTY, Loc(0)),
        }
    }

    fn directive_by_name(&mut self, hash: Token) -> Result<(), HeaderError> {
        let name = self.token_of_line();
        let is_condition = name.kind == TokenKind::Ident
            && matches!(
                name.text,
                kw::IFNDEF | kw::IF | kw::ENDIF | kw::ELSE | kw::ELIF | kw::IFDEF
            );
        if let Some(frame) = self.frames.last_mut()
            && !is_condition
            && name.kind != TokenKind::End
            && frame.conditions.is_empty()
        {
            frame.guard = Guard::No;
        }
        match name.kind {
            // The null directive (C11 6.10.7), and the line marks of preprocessed text.
            TokenKind::End => return Ok(()),
            TokenKind::Number => return self.line_mark(name),
            TokenKind::Ident => {}
            _ => return Err(self.unknown_directive(name)),
        }
        match name.text {
            kw::DEFINE => self.define(),
            kw::UNDEF => self.undef(),
            kw::INCLUDE => self.include(hash, false),
            kw::INCLUDE_NEXT => self.include(hash, true),
            kw::IMPORT if !self.is_msvc => self.import(hash),
            kw::IF => self.if_(hash),
            kw::IFDEF | kw::IFNDEF => self.ifdef(hash, name.text == kw::IFDEF),
            kw::ELIF | kw::ELIFDEF | kw::ELIFNDEF | kw::ELSE => self.end_group(hash, name.text),
            kw::ENDIF => self.endif(hash),
            kw::ERROR => {
                let text = self.frames.last().map(|frame| frame.lexer.rest_of_line());
                let message = format!("#error {}", text.unwrap_or_default());
                Err(self.error(HeaderErrorKind::ErrorDirective, hash.loc, message.trim_end()))
            }
            kw::LINE => self.line(),
            kw::PRAGMA => self.pragma_directive(hash),
            kw::WARNING | kw::IDENT | kw::SCCS | kw::ASSERT | kw::UNASSERT => Ok(()),
            _ => Err(self.unknown_directive(name)),
        }
    }

    fn unknown_directive(&self, name: Token) -> HeaderError {
        let text = self.names.text(name.text);
        self.malformed(
            name.loc,
            format!("expected a preprocessing directive after `#`, found `{text}`"),
        )
    }

    /// What is left of the directive's line.
    pub(super) fn line_tokens(&mut self) -> (Vec<Token>, Loc) {
        let mut line = Vec::new();
        loop {
            let token = self.token_of_line();
            if token.kind == TokenKind::End {
                return (line, token.loc);
            }
            line.push(token);
            self.angled_operand(&mut line);
        }
    }

    /// Reads `<…>` as one token where `__has_include (` stands before it (C++20 cpp.cond p5).
    fn angled_operand(&mut self, line: &mut Vec<Token>) {
        let [.., name, open] = &**line else { return };
        let is_include = matches!(name.text, kw::HAS_INCLUDE | kw::HAS_INCLUDE_NEXT);
        if !is_include || !open.is(Punct::LeftParen) {
            return;
        }
        let Some(frame) = self.frames.last_mut() else { return };
        if let Some((angled, loc)) = frame.lexer.angled_name() {
            let text = self.names.intern(&format!("<{angled}>"));
            line.push(Token::new(TokenKind::Other, text, loc));
        }
    }

    fn define(&mut self) -> Result<(), HeaderError> {
        let (line, end) = self.line_tokens();
        match macros::parse(&line, end, &self.names) {
            Ok(definition) => {
                self.macros.define(definition);
                Ok(())
            }
            Err((loc, message)) => Err(self.malformed(loc, message)),
        }
    }

    /// The name that a directive needs.
    fn name_of_line(&mut self) -> Result<Token, HeaderError> {
        let token = self.token_of_line();
        let found = (token.kind != TokenKind::End).then_some(&token);
        let name = macros::macro_name(found, token.loc, &self.names);
        name.map_err(|(loc, message)| self.malformed(loc, message))
    }

    fn undef(&mut self) -> Result<(), HeaderError> {
        let name = self.name_of_line()?;
        self.macros.set(name.text, None);
        Ok(())
    }

    fn include(&mut self, hash: Token, next: bool) -> Result<(), HeaderError> {
        let header = self.included_name()?;
        let first = if next { self.dir_after_this() } else { 0 };
        let Some(found) = self.find(&header, header.loc, next.then_some(first), false)? else {
            let name = if header.angled {
                format!("<{}>", header.name)
            } else {
                format!("\"{}\"", header.name)
            };
            let place = if header.angled || next { "" } else { "it is not beside this file; " };
            let message = format!(
                "expected a file or built-in header {name}, found none: {place}{}",
                self.files.searched()
            );
            return Err(self.error(HeaderErrorKind::File, header.loc, message));
        };
        self.enter_included(found, hash)
    }

    fn import(&mut self, hash: Token) -> Result<(), HeaderError> {
        let header = self.included_name()?;
        match self.find(&header, header.loc, None, false)? {
            Some(found) => {
                let entered = self.files.get(found.file).is_some_and(|file| file.entered);
                if let Some(file) = self.files.get_mut(found.file) {
                    file.once = true;
                }
                if entered { Ok(()) } else { self.enter_included(found, hash) }
            }
            None => {
                let message = format!("expected a file {}, found none", header.name);
                Err(self.error(HeaderErrorKind::File, header.loc, message))
            }
        }
    }

    fn enter_included(&mut self, found: Found, hash: Token) -> Result<(), HeaderError> {
        if self.collecting {
            let message = "`#include` cannot stand among the arguments of a macro";
            return Err(self.malformed(hash.loc, message));
        }
        // The rest of the line must be gone before another text comes in between.
        if let Some(frame) = self.frames.last_mut() {
            frame.lexer.skip_line();
            frame.lexer.in_directive = false;
        }
        let Some(file) = self.files.get(found.file) else { return Ok(()) };
        let guarded = file.guard.is_some_and(|guard| self.macros.get(guard).is_some());
        let once = file.once && file.entered;
        if guarded || once || self.files.is_copy_of_once(found.file) {
            return Ok(());
        }
        if self.frames.len() > self.limits.include_depth {
            let limit = self.limits.include_depth;
            let message = format!("files include each other at most {limit} deep, found more");
            return Err(self.error(HeaderErrorKind::Limit, hash.loc, message));
        }
        self.enter_file(found.file, Some(hash.loc), found.dir)
    }

    /// Number of the folder where `#include_next` begins to look.
    pub(super) fn dir_after_this(&self) -> usize {
        let dir = self.frames.last().and_then(|frame| frame.dir);
        dir.map_or(0, |dir| dir.saturating_add(1))
    }

    /// Looks for a header; `next`: from this folder on; `strict`: among built-in headers, only
    /// those that the compiler comes with.
    pub(super) fn find(
        &mut self,
        header: &HeaderName,
        loc: Loc,
        next: Option<usize>,
        strict: bool,
    ) -> Result<Option<Found>, HeaderError> {
        let beside = if header.angled || next.is_some() { Vec::new() } else { self.dirs_beside() };
        self.files.find(&header.name, &beside, next.unwrap_or(0), strict).map_err(|error| {
            let message = format!("the file `{}` cannot be read: {}", header.name, reason(&error));
            self.error(HeaderErrorKind::File, loc, message)
        })
    }

    /// The operand of `#include` (C11 6.10.2).
    fn included_name(&mut self) -> Result<HeaderName, HeaderError> {
        if let Some((name, loc)) =
            self.frames.last_mut().and_then(|frame| frame.lexer.angled_name())
        {
            return Ok(HeaderName { name, angled: true, loc });
        }
        let (line, end) = self.line_tokens();
        let line = match line.first() {
            Some(first) if first.kind == TokenKind::Str => line,
            _ => self.expand_list(line, end)?,
        };
        self.header_name(&line).ok_or_else(|| {
            let (loc, found) = match line.first() {
                Some(first) => (first.loc, format!("`{}`", self.names.text(first.text))),
                None => (end, "the end of the line".to_owned()),
            };
            self.malformed(loc, format!("expected \"FILE\" or <FILE>, found {found}"))
        })
    }

    /// What expanded tokens name: a string literal, or all between `<` and `>`.
    pub(super) fn header_name(&self, tokens: &[Token]) -> Option<HeaderName> {
        let (first, rest) = tokens.split_first()?;
        let loc = first.loc;
        let text = self.names.text(first.text);
        if first.kind == TokenKind::Str {
            let name = text.strip_prefix('"')?.strip_suffix('"')?.to_owned();
            return Some(HeaderName { name, angled: false, loc });
        }
        if let Some(name) = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')) {
            return Some(HeaderName { name: name.to_owned(), angled: true, loc });
        }
        if !first.is(Punct::Less) {
            return None;
        }
        let mut name = String::new();
        for token in rest {
            if token.is(Punct::Greater) {
                return Some(HeaderName { name, angled: true, loc });
            }
            if token.space && !name.is_empty() {
                name.push(' ');
            }
            name.push_str(self.names.text(token.text));
        }
        None
    }

    fn if_(&mut self, hash: Token) -> Result<(), HeaderError> {
        let (line, end) = self.line_tokens();
        let guard = guard_of_if(&line);
        let holds = self.condition(line, hash.loc, end)?;
        self.open_condition(hash.loc, holds, guard)
    }

    fn ifdef(&mut self, hash: Token, wanted: bool) -> Result<(), HeaderError> {
        let name = self.name_of_line()?;
        let holds = self.macros.get(name.text).is_some() == wanted;
        self.open_condition(hash.loc, holds, (!wanted).then_some(name.text))
    }

    fn open_condition(
        &mut self,
        loc: Loc,
        holds: bool,
        guard: Option<Symbol>,
    ) -> Result<(), HeaderError> {
        let limit = self.limits.nesting;
        let Some(frame) = self.frames.last_mut() else { return Ok(()) };
        if frame.conditions.len() >= limit {
            let message = format!("conditions nest at most {limit} deep, found more");
            return Err(self.error(HeaderErrorKind::Limit, loc, message));
        }
        let mut guards = false;
        if frame.conditions.is_empty() {
            guards = frame.guard == Guard::Begin && guard.is_some();
            frame.guard = guard.filter(|_| guards).map_or(Guard::No, Guard::Inside);
        }
        frame.conditions.push(Condition { loc, taken: holds, had_else: false, guards });
        if holds { Ok(()) } else { self.skip_group() }
    }

    /// `#elif` and `#else` after a group that was read: nothing of them is evaluated (C11
    /// 6.10.1p6).
    fn end_group(&mut self, hash: Token, name: Symbol) -> Result<(), HeaderError> {
        self.next_group(hash, name)?;
        self.skip_group()
    }

    /// Checks that another group may begin here. It ends the hope for an include guard.
    fn next_group(&mut self, hash: Token, name: Symbol) -> Result<(), HeaderError> {
        let text = self.names.text(name).to_owned();
        let Some(frame) = self.frames.last_mut() else { return Ok(()) };
        let Some(condition) = frame.conditions.last_mut() else {
            return Err(self.malformed(hash.loc, format!("`#{text}` needs an `#if` before it")));
        };
        if condition.had_else {
            return Err(self.malformed(hash.loc, format!("`#{text}` comes after `#else`")));
        }
        condition.had_else = name == kw::ELSE;
        if std::mem::take(&mut condition.guards) {
            frame.guard = Guard::No;
        }
        Ok(())
    }

    fn endif(&mut self, hash: Token) -> Result<(), HeaderError> {
        let Some(frame) = self.frames.last_mut() else { return Ok(()) };
        let Some(condition) = frame.conditions.pop() else {
            return Err(self.malformed(hash.loc, "`#endif` needs an `#if` before it"));
        };
        if condition.guards
            && let Guard::Inside(name) = frame.guard
        {
            frame.guard = Guard::After(name);
        }
        Ok(())
    }

    /// Skips to the directive that ends or follows this group, and carries that out. Directives in
    /// a skipped group are read for their nesting alone (C11 6.10.1p6).
    fn skip_group(&mut self) -> Result<(), HeaderError> {
        let mut nested = 0_usize;
        loop {
            let Some(frame) = self.frames.last_mut() else { return Ok(()) };
            frame.lexer.skip_line();
            frame.lexer.in_directive = false;
            let Some(hash) = frame.lexer.next_directive() else { return Ok(()) };
            frame.lexer.in_directive = true;
            let name = frame.lexer.next(&mut self.names);
            if name.kind != TokenKind::Ident {
                continue;
            }
            match name.text {
                kw::IF | kw::IFDEF | kw::IFNDEF => nested += 1,
                kw::ENDIF if nested > 0 => nested -= 1,
                kw::ENDIF => return self.endif(hash),
                kw::ELSE | kw::ELIF | kw::ELIFDEF | kw::ELIFNDEF
                    if nested == 0 && self.group_holds(hash, name.text)? =>
                {
                    return Ok(());
                }
                _ => {}
            }
        }
    }

    /// Whether the group that begins here, after one that was skipped, is read.
    fn group_holds(&mut self, hash: Token, name: Symbol) -> Result<bool, HeaderError> {
        self.next_group(hash, name)?;
        let condition = self.frames.last().and_then(|frame| frame.conditions.last());
        if condition.is_none_or(|condition| condition.taken) {
            return Ok(false);
        }
        let holds = match name {
            kw::ELSE => true,
            kw::ELIF => {
                let (line, end) = self.line_tokens();
                self.condition(line, hash.loc, end)?
            }
            _ => {
                let defined = self.name_of_line()?;
                self.macros.get(defined.text).is_some() == (name == kw::ELIFDEF)
            }
        };
        if let Some(condition) =
            self.frames.last_mut().and_then(|frame| frame.conditions.last_mut())
        {
            condition.taken = holds;
        }
        Ok(holds)
    }

    /// `#line` (C11 6.10.4) changes `__LINE__` and `__FILE__`; errors name the real place.
    fn line(&mut self) -> Result<(), HeaderError> {
        let (line, end) = self.line_tokens();
        let line = self.expand_list(line, end)?;
        let number = line
            .first()
            .and_then(|token| self.names.text(token.text).replace('\'', "").parse::<u32>().ok());
        let Some(number) = number else {
            let loc = line.first().map_or(end, |token| token.loc);
            return Err(self.malformed(loc, "expected a line number after `#line`"));
        };
        self.presume(number, line.get(1), end);
        Ok(())
    }

    /// `# 12 "file.h"`, as preprocessors write it.
    fn line_mark(&mut self, number: Token) -> Result<(), HeaderError> {
        let Ok(line) = self.names.text(number.text).parse::<u32>() else {
            return Err(self.unknown_directive(number));
        };
        let name = self.token_of_line();
        self.presume(line, Some(&name), number.loc);
        Ok(())
    }

    fn presume(&mut self, number: u32, name: Option<&Token>, loc: Loc) {
        // The line after this one has that number.
        let here = i64::from(self.sources.line(loc)) + 1;
        let name = name
            .filter(|token| token.kind == TokenKind::Str)
            .and_then(|token| literal::destringized(self.names.text(token.text)));
        if let Some(frame) = self.frames.last_mut() {
            frame.line_offset = i64::from(number) - here;
            if let Some(name) = name {
                frame.presumed_name = Some(name.into());
            }
        }
    }
}

/// The macro of `#if !defined NAME`, which guards as `#ifndef NAME` does.
fn guard_of_if(line: &[Token]) -> Option<Symbol> {
    let (not, rest) = line.split_first()?;
    let (defined, rest) = rest.split_first()?;
    if !not.is(Punct::Bang) || !defined.is_ident(kw::DEFINED) {
        return None;
    }
    let name = match rest {
        [name] => name,
        [open, name, close] if open.is(Punct::LeftParen) && close.is(Punct::RightParen) => name,
        _ => return None,
    };
    (name.kind == TokenKind::Ident).then_some(name.text)
}
