//! Replaces macros (C11 6.10.3).
//!
//! Replacement lists that are being scanned form a stack of contexts. While one is on it, its macro
//! is disabled; an identifier that names a disabled macro is painted, and stays as it is for ever
//! (6.10.3.4p2). That is the algorithm of gcc, and where the standard leaves open what happens
//! (`f(2)(9)` in 6.10.3.4p4) the result is gcc's. Arguments are expanded by themselves, as if they
//! were all there is, before they are put in place.

use std::sync::Arc;

use super::macros::{Macro, MacroId, MacroKind, Part, PartKind};
use super::{Preprocessor, literal};
use crate::error::{HeaderError, HeaderErrorKind};
use crate::lex;
use crate::source::Loc;
use crate::token::{Punct, Token, TokenKind, kw};

/// Tokens that are scanned before the text goes on.
#[derive(Debug)]
pub(super) struct Context {
    tokens: Tokens,
    next: usize,
    /// The macro that these replace; disabled until they are used up.
    id: Option<MacroId>,
}

#[derive(Debug)]
enum Tokens {
    /// A body as it stands, used at `loc`; `space` stands before its first token.
    Body {
        of: Arc<Macro>,
        loc: Loc,
        space: bool,
    },
    Owned(Vec<Token>),
}

impl Context {
    fn next(&mut self) -> Option<Token> {
        let at = self.next;
        self.next += 1;
        match &self.tokens {
            Tokens::Owned(tokens) => tokens.get(at).copied(),
            Tokens::Body { of, loc, space } => {
                let token = of.body.get(at)?.token;
                let space = if at == 0 { *space } else { token.space };
                Some(Token { loc: *loc, space, ..token })
            }
        }
    }
}

/// The arguments of one use of a function-like macro.
struct Args {
    raw: Vec<Vec<Token>>,
    expanded: Vec<Option<Vec<Token>>>,
    /// Whether there is nothing for `...`, not even a comma before it.
    variadic_absent: bool,
}

/// What has become of an identifier that names a macro.
enum Use {
    /// Its replacement is on the stack.
    Entered,
    /// It stands for itself: no `(` follows.
    Plain,
    /// One token takes its place.
    Token(Token),
}

impl Preprocessor<'_> {
    /// The next token after macro replacement; [`TokenKind::End`] at the end of the text, or of the
    /// list that is being expanded.
    pub(super) fn next_expanded(&mut self) -> Result<Token, HeaderError> {
        loop {
            let mut token = self.pull()?;
            if token.kind != TokenKind::Ident || token.painted {
                token.space |= std::mem::take(&mut self.pending_space);
                return Ok(token);
            }
            let Some(id) = self.macros.get(token.text) else {
                token.space |= std::mem::take(&mut self.pending_space);
                return Ok(token);
            };
            token.space |= std::mem::take(&mut self.pending_space);
            match self.enter(id, token)? {
                Use::Entered => {}
                Use::Plain => return Ok(token),
                Use::Token(token) => return Ok(token),
            }
        }
    }

    /// The next token before macro replacement.
    pub(super) fn pull(&mut self) -> Result<Token, HeaderError> {
        while self.contexts.len() > self.floor {
            let Some(context) = self.contexts.last_mut() else { break };
            if let Some(mut token) = context.next() {
                self.charge(1, token.loc)?;
                if token.kind == TokenKind::Ident
                    && !token.painted
                    && self.macros.get(token.text).is_some_and(|id| self.macros.is_disabled(id))
                {
                    token.painted = true;
                }
                return Ok(token);
            }
            self.leave_context();
        }
        if self.floor > 0 {
            return Ok(Token::new(TokenKind::End, kw::EMPTY, self.list_end));
        }
        self.next_of_file()
    }

    fn leave_context(&mut self) {
        if let Some(id) = self.contexts.pop().and_then(|context| context.id) {
            self.macros.set_disabled(id, false);
        }
    }

    fn push_tokens(&mut self, tokens: Vec<Token>, id: Option<MacroId>) {
        self.contexts.push(Context { tokens: Tokens::Owned(tokens), next: 0, id });
    }

    /// Counts work against [`Limits::expansion_tokens`](crate::Limits::expansion_tokens).
    pub(super) fn charge(&mut self, tokens: usize, loc: Loc) -> Result<(), HeaderError> {
        match self.budget.checked_sub(tokens) {
            Some(left) => {
                self.budget = left;
                Ok(())
            }
            None => {
                let limit = self.limits.expansion_tokens;
                let message = format!("macros expand to at most {limit} tokens, found more");
                Err(self.error(HeaderErrorKind::Limit, loc, message))
            }
        }
    }

    fn enter(&mut self, id: MacroId, name: Token) -> Result<Use, HeaderError> {
        let Some(definition) = self.macros.definition(id).cloned() else { return Ok(Use::Plain) };
        match definition.kind {
            MacroKind::Dynamic => Ok(self.dynamic(name).map_or(Use::Plain, Use::Token)),
            MacroKind::Object if definition.body.is_empty() => {
                self.pending_space |= name.space;
                Ok(Use::Entered)
            }
            MacroKind::Object if !definition.composed => {
                let tokens = Tokens::Body { of: definition, loc: name.loc, space: name.space };
                self.macros.set_disabled(id, true);
                self.contexts.push(Context { tokens, next: 0, id: Some(id) });
                Ok(Use::Entered)
            }
            MacroKind::Object => {
                let mut none =
                    Args { raw: Vec::new(), expanded: Vec::new(), variadic_absent: false };
                self.enter_substituted(id, &definition, &mut none, name)
            }
            MacroKind::Function { params, variadic } => {
                let Some(mut args) = self.arguments(name, params, variadic)? else {
                    return Ok(Use::Plain);
                };
                self.enter_substituted(id, &definition, &mut args, name)
            }
        }
    }

    fn enter_substituted(
        &mut self,
        id: MacroId,
        definition: &Macro,
        args: &mut Args,
        name: Token,
    ) -> Result<Use, HeaderError> {
        let mut tokens = self.substitute(definition, &definition.body, args, name.loc)?;
        match tokens.first_mut() {
            Some(first) => first.space = name.space,
            None => self.pending_space |= name.space,
        }
        self.macros.set_disabled(id, true);
        self.push_tokens(tokens, Some(id));
        Ok(Use::Entered)
    }

    /// Collects arguments if `(` follows.
    fn arguments(
        &mut self,
        name: Token,
        params: usize,
        variadic: bool,
    ) -> Result<Option<Args>, HeaderError> {
        let nested = std::mem::replace(&mut self.collecting, true);
        let args = self.arguments_after(name, params, variadic);
        self.collecting = nested;
        args
    }

    fn arguments_after(
        &mut self,
        name: Token,
        params: usize,
        variadic: bool,
    ) -> Result<Option<Args>, HeaderError> {
        let open = self.pull()?;
        if !open.is(Punct::LeftParen) {
            if open.kind != TokenKind::End {
                self.push_tokens(vec![open], None);
            }
            return Ok(None);
        }
        let mut raw = vec![Vec::new()];
        let mut depth = 0_usize;
        loop {
            let token = self.pull()?;
            match token.kind {
                TokenKind::End => {
                    let name_text = self.names.text(name.text);
                    let message = format!(
                        "expected `)` at the end of the arguments of macro `{name_text}`, found the end"
                    );
                    return Err(self.error(HeaderErrorKind::Preprocessing, name.loc, message));
                }
                TokenKind::Punct(Punct::LeftParen) => depth += 1,
                TokenKind::Punct(Punct::RightParen) if depth == 0 => break,
                TokenKind::Punct(Punct::RightParen) => depth -= 1,
                TokenKind::Punct(Punct::Comma)
                    if depth == 0 && !(variadic && raw.len() == params) =>
                {
                    raw.push(Vec::new());
                    // Commas cost memory before they are known to be too many.
                    self.charge(1, token.loc)?;
                    continue;
                }
                _ => {}
            }
            if let Some(arg) = raw.last_mut() {
                arg.push(Token {
                    line_start: false,
                    space: token.space || token.line_start,
                    ..token
                });
            }
        }
        self.fit_arguments(name, raw, params, variadic).map(Some)
    }

    /// Checks the number of arguments (C11 6.10.3p4).
    fn fit_arguments(
        &self,
        name: Token,
        mut raw: Vec<Vec<Token>>,
        params: usize,
        variadic: bool,
    ) -> Result<Args, HeaderError> {
        let nothing = matches!(&*raw, [only] if only.is_empty());
        if params == 0 && nothing {
            raw.clear();
        }
        // As gcc: `f(a)` may leave out `...` and its comma, and `f()` leaves it out where it is the
        // only parameter.
        let left_out = variadic && raw.len() + 1 == params;
        let variadic_absent = left_out || (variadic && params == 1 && nothing);
        if left_out {
            raw.push(Vec::new());
        }
        // cl.exe only warns of too few arguments; the others are empty.
        if self.is_msvc && raw.len() < params {
            raw.resize(params, Vec::new());
        }
        if raw.len() == params {
            let expanded = vec![None; params];
            return Ok(Args { raw, expanded, variadic_absent });
        }
        let text = self.names.text(name.text);
        let least = if variadic { format!("at least {}", params - 1) } else { params.to_string() };
        let plural = if least.ends_with(" 1") || least == "1" { "" } else { "s" };
        let message = format!("macro `{text}` takes {least} argument{plural}, found {}", raw.len());
        Err(self.error(HeaderErrorKind::Preprocessing, name.loc, message))
    }

    /// Puts arguments in place of parameters, and carries out `#` and `##` (C11 6.10.3.1 to 3).
    fn substitute(
        &mut self,
        definition: &Macro,
        parts: &[Part],
        args: &mut Args,
        loc: Loc,
    ) -> Result<Vec<Token>, HeaderError> {
        let mut out = Vec::with_capacity(parts.len());
        let mut space = false;
        let mut pasting = false;
        // Whether the left operand of `##` has a token at all.
        let mut left = false;
        let mut previous: Option<&Part> = None;
        let mut rest = parts;
        while let Some((part, after)) = rest.split_first() {
            rest = after;
            let mut content: &[Part] = &[];
            if let PartKind::VaOpt { len, .. } = part.kind {
                (content, rest) = after.split_at_checked(len).unwrap_or_default();
            }
            let comma = previous
                .is_some_and(|part| part.token.is(Punct::Comma) && part.kind == PartKind::Token);
            if comma && self.is_variadic(definition, part) && (pasting || self.is_msvc) {
                // GNU: `, ## __VA_ARGS__` is no pasting; the comma goes where there is nothing
                // after it. cl.exe does without `##`.
                if args.variadic_absent {
                    out.pop();
                } else {
                    let piece = self.piece(definition, part, content, args, loc, true)?;
                    self.charge(piece.len(), loc)?;
                    out.extend(piece);
                }
                (pasting, left, previous) = (part.paste, true, Some(part));
                continue;
            }
            let raw = pasting || part.paste;
            let mut piece = self.piece(definition, part, content, args, loc, raw)?;
            self.charge(piece.len(), loc)?;
            if let Some(first) = piece.first_mut() {
                first.space = part.token.space || (space && !pasting);
            }
            let is_empty = piece.is_empty();
            if pasting && left && !is_empty {
                self.paste_onto(&mut out, piece, loc)?;
            } else {
                out.append(&mut piece);
            }
            if !pasting || !is_empty {
                space = is_empty && (space || part.token.space);
            }
            left = !is_empty || (pasting && left);
            pasting = part.paste;
            previous = Some(part);
        }
        self.pending_space |= space;
        Ok(out)
    }

    fn is_variadic(&self, definition: &Macro, part: &Part) -> bool {
        match (definition.kind, part.kind) {
            (MacroKind::Function { params, variadic: true }, PartKind::Param(param)) => {
                param + 1 == params
            }
            _ => false,
        }
    }

    /// The tokens that one part stands for.
    fn piece(
        &mut self,
        definition: &Macro,
        part: &Part,
        content: &[Part],
        args: &mut Args,
        loc: Loc,
        raw: bool,
    ) -> Result<Vec<Token>, HeaderError> {
        match part.kind {
            PartKind::Token => Ok(vec![Token { loc, ..part.token }]),
            PartKind::Param(param) if raw => Ok(args.raw.get(param).cloned().unwrap_or_default()),
            PartKind::Param(param) => Ok(self.expanded(args, param, loc)?.clone()),
            PartKind::Stringify(param) => {
                let tokens = args.raw.get(param).map(Vec::as_slice).unwrap_or_default();
                Ok(vec![self.stringify(tokens, loc)?])
            }
            PartKind::VaOpt { stringify, .. } => {
                let last = args.raw.len().saturating_sub(1);
                let tokens = if self.expanded(args, last, loc)?.is_empty() {
                    Vec::new()
                } else {
                    self.substitute(definition, content, args, loc)?
                };
                if stringify { Ok(vec![self.stringify(&tokens, loc)?]) } else { Ok(tokens) }
            }
        }
    }

    /// An argument after macro replacement, done once.
    fn expanded<'a>(
        &mut self,
        args: &'a mut Args,
        param: usize,
        loc: Loc,
    ) -> Result<&'a Vec<Token>, HeaderError> {
        static NONE: Vec<Token> = Vec::new();
        let Some(slot) = args.expanded.get_mut(param) else { return Ok(&NONE) };
        if slot.is_none() {
            let raw = args.raw.get(param).cloned().unwrap_or_default();
            *slot = Some(self.expand_list(raw, loc)?);
        }
        Ok(slot.as_ref().unwrap_or(&NONE))
    }

    /// Replaces the macros of a list, as if nothing came after it.
    pub(super) fn expand_list(
        &mut self,
        tokens: Vec<Token>,
        end: Loc,
    ) -> Result<Vec<Token>, HeaderError> {
        if !tokens.iter().any(|token| token.kind == TokenKind::Ident) {
            return Ok(tokens);
        }
        self.with_list(tokens, end, |this| {
            let mut out = Vec::new();
            loop {
                let token = this.next_expanded()?;
                if token.kind == TokenKind::End {
                    return Ok(out);
                }
                out.push(token);
            }
        })
    }

    /// Runs `read` with a list of tokens as all there is.
    pub(super) fn with_list<T>(
        &mut self,
        tokens: Vec<Token>,
        end: Loc,
        read: impl FnOnce(&mut Self) -> Result<T, HeaderError>,
    ) -> Result<T, HeaderError> {
        if self.list_depth >= self.limits.nesting {
            let limit = self.limits.nesting;
            let message = format!("uses of macros nest at most {limit} deep, found more");
            return Err(self.error(HeaderErrorKind::Limit, end, message));
        }
        let floor = std::mem::replace(&mut self.floor, self.contexts.len());
        let list_end = std::mem::replace(&mut self.list_end, end);
        let space = std::mem::take(&mut self.pending_space);
        self.list_depth += 1;
        // Above a floor of 0 there would be no telling a list from the text.
        self.push_tokens(Vec::new(), None);
        self.floor += 1;
        self.push_tokens(tokens, None);
        let result = read(self);
        while self.contexts.len() >= self.floor {
            self.leave_context();
        }
        self.list_depth -= 1;
        self.pending_space = space;
        self.list_end = list_end;
        self.floor = floor;
        result
    }

    /// The operator `#` (C11 6.10.3.2p2).
    fn stringify(&mut self, tokens: &[Token], loc: Loc) -> Result<Token, HeaderError> {
        let mut text = String::from("\"");
        for (at, token) in tokens.iter().enumerate() {
            if at > 0 && token.space {
                text.push(' ');
            }
            let spelling = self.names.text(token.text);
            match token.kind {
                TokenKind::Str | TokenKind::Char => text.push_str(&literal::escaped(spelling)),
                _ => text.push_str(spelling),
            }
        }
        text.push('"');
        // A string of strings of strings doubles its backslashes each time.
        self.charge(text.len() / 16, loc)?;
        Ok(Token { space: false, ..Token::new(TokenKind::Str, self.names.intern(&text), loc) })
    }

    /// The operator `##` (C11 6.10.3.3p3): pastes the first token of `piece` onto the last of `out`.
    fn paste_onto(
        &mut self,
        out: &mut Vec<Token>,
        piece: Vec<Token>,
        loc: Loc,
    ) -> Result<(), HeaderError> {
        let mut piece = piece.into_iter();
        let (Some(left), Some(right)) = (out.pop(), piece.next()) else { return Ok(()) };
        let spelling = format!("{}{}", self.names.text(left.text), self.names.text(right.text));
        self.charge(spelling.len() / 16, loc)?;
        match lex::single(&spelling, &mut self.names) {
            Some((kind, text)) => {
                out.push(Token { kind, text, painted: false, ..left });
            }
            // cl.exe leaves the two tokens as they are.
            None if self.is_msvc => out.extend([left, Token { space: false, ..right }]),
            None => {
                let (left, right) = (self.names.text(left.text), self.names.text(right.text));
                let message =
                    format!("`##` needs two tokens that make one, found `{left}` and `{right}`");
                return Err(self.error(HeaderErrorKind::Preprocessing, loc, message));
            }
        }
        out.extend(piece);
        Ok(())
    }

    /// The value of a macro that is computed where it is used; `None`: it means something in `#if`
    /// only.
    fn dynamic(&mut self, name: Token) -> Option<Token> {
        let (kind, text) = match name.text {
            kw::LINE_MACRO => (TokenKind::Number, self.presumed_line(name.loc).to_string()),
            kw::FILE_MACRO => (TokenKind::Str, literal::quoted(&self.presumed_file(name.loc))),
            kw::FILE_NAME_MACRO => {
                let file = self.presumed_file(name.loc);
                (TokenKind::Str, literal::quoted(file.rsplit(['/', '\\']).next().unwrap_or("")))
            }
            kw::BASE_FILE_MACRO => (TokenKind::Str, literal::quoted(&self.main_file)),
            kw::COUNTER_MACRO => {
                let count = self.counter;
                self.counter += 1;
                (TokenKind::Number, count.to_string())
            }
            kw::INCLUDE_LEVEL_MACRO => {
                (TokenKind::Number, self.frames.len().saturating_sub(1).to_string())
            }
            // A layout must not depend on when it is computed.
            kw::DATE_MACRO => (TokenKind::Str, "\"Jan  1 1970\"".to_owned()),
            kw::TIME_MACRO => (TokenKind::Str, "\"00:00:00\"".to_owned()),
            kw::TIMESTAMP_MACRO => (TokenKind::Str, "\"Thu Jan  1 00:00:00 1970\"".to_owned()),
            _ => return None,
        };
        Some(Token { kind, text: self.names.intern(&text), ..name })
    }
}
