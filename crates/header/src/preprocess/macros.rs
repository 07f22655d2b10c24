//! Macro definitions: what `#define` says, parsed once.

use std::collections::HashMap;
use std::sync::Arc;

use crate::source::Loc;
use crate::token::{Interner, Punct, Symbol, Token, TokenKind, kw};

/// Number of a definition; a redefined name gets another.
pub(super) type MacroId = usize;

/// What a name is replaced by.
#[derive(Debug)]
pub(super) struct Macro {
    pub(super) name: Symbol,
    pub(super) kind: MacroKind,
    pub(super) body: Vec<Part>,
    /// Whether `#` or `##` or a parameter is in the body: it has to be substituted.
    pub(super) composed: bool,
    pub(super) loc: Loc,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MacroKind {
    Object,
    Function {
        params: usize,
        /// The last parameter takes all arguments that are left.
        variadic: bool,
    },
    /// Computed where it is used: `__LINE__`. In `#if` also `__has_include` and the like.
    Dynamic,
}

/// One token of a body and what it is there for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) kind: PartKind,
    pub(super) token: Token,
    /// `##` follows.
    pub(super) paste: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PartKind {
    Token,
    Param(usize),
    /// `#` and a parameter.
    Stringify(usize),
    /// `__VA_OPT__ (`, with the number of parts up to its `)`, which is no part.
    VaOpt {
        len: usize,
        stringify: bool,
    },
}

/// The macros that are defined at one point of a text.
#[derive(Debug, Default)]
pub(super) struct Macros {
    definitions: Vec<Arc<Macro>>,
    /// Definitions whose replacement is being scanned (C11 6.10.3.4p2).
    disabled: Vec<bool>,
    /// Definition + 1 of every symbol; 0: none.
    by_symbol: Vec<u32>,
    /// What `#pragma push_macro` put away.
    pushed: HashMap<Symbol, Vec<Option<MacroId>>>,
}

impl Macros {
    #[inline]
    pub(super) fn get(&self, name: Symbol) -> Option<MacroId> {
        let entry = *self.by_symbol.get(name.0 as usize)?;
        (entry as usize).checked_sub(1)
    }

    pub(super) fn definition(&self, id: MacroId) -> Option<&Arc<Macro>> {
        self.definitions.get(id)
    }

    pub(super) fn lookup(&self, name: Symbol) -> Option<&Arc<Macro>> {
        self.definition(self.get(name)?)
    }

    #[inline]
    pub(super) fn is_disabled(&self, id: MacroId) -> bool {
        self.disabled.get(id).copied().unwrap_or(false)
    }

    pub(super) fn set_disabled(&mut self, id: MacroId, disabled: bool) {
        if let Some(flag) = self.disabled.get_mut(id) {
            *flag = disabled;
        }
    }

    /// Puts the present meaning of `name` away.
    pub(super) fn push(&mut self, name: Symbol) {
        let definition = self.get(name);
        self.pushed.entry(name).or_default().push(definition);
    }

    /// What `name` meant when it was put away last; nothing changes if it was not.
    pub(super) fn pop(&mut self, name: Symbol) {
        if let Some(definition) = self.pushed.get_mut(&name).and_then(Vec::pop) {
            self.set(name, definition);
        }
    }

    /// Forgets what was being scanned, after an error ended it.
    pub(super) fn enable_all(&mut self) {
        self.disabled.fill(false);
    }

    pub(super) fn define(&mut self, definition: Macro) {
        let name = definition.name;
        let id = self.definitions.len();
        self.definitions.push(Arc::new(definition));
        self.disabled.push(false);
        self.set(name, Some(id));
    }

    /// Makes `name` mean an earlier definition, or none.
    pub(super) fn set(&mut self, name: Symbol, id: Option<MacroId>) {
        let index = name.0 as usize;
        if self.by_symbol.len() <= index {
            self.by_symbol.resize(index + 1, 0);
        }
        if let Some(entry) = self.by_symbol.get_mut(index) {
            *entry = id.and_then(|id| u32::try_from(id + 1).ok()).unwrap_or(0);
        }
    }

    /// Names of all object-like macros, in the order of their definitions.
    pub(super) fn objects(&self) -> impl Iterator<Item = &Macro> {
        let is_current = |(id, definition): &(usize, &Arc<Macro>)| {
            definition.kind == MacroKind::Object && self.get(definition.name) == Some(*id)
        };
        self.definitions.iter().enumerate().filter(is_current).map(|(_, definition)| &**definition)
    }
}

/// What is wrong with a `#define`, and where.
pub(super) type Problem = (Loc, String);

/// Reads what follows `#define`. `line` ends before the newline; `end` is where that is.
pub(super) fn parse(line: &[Token], end: Loc, names: &Interner) -> Result<Macro, Problem> {
    let name = macro_name(line.first(), end, names)?;
    let rest = line.get(1..).unwrap_or_default();
    let function = rest.first().is_some_and(|token| token.is(Punct::LeftParen) && !token.space);
    let (params, body) =
        if function { parameters(rest, end, names)? } else { (Params::default(), rest) };
    let parser = Body { params: &params, function, names, end };
    let body = parser.parts(body, true)?;
    let kind = if function {
        MacroKind::Function { params: params.names.len(), variadic: params.variadic }
    } else {
        MacroKind::Object
    };
    let composed = body.iter().any(|part| part.kind != PartKind::Token || part.paste);
    Ok(Macro { name: name.text, kind, body, composed, loc: name.loc })
}

/// The name that `#define`, `#undef` or `#ifdef` needs.
pub(super) fn macro_name(
    token: Option<&Token>,
    end: Loc,
    names: &Interner,
) -> Result<Token, Problem> {
    match token {
        Some(token) if token.is_ident(kw::DEFINED) => Err((
            token.loc,
            "expected the name of a macro, found `defined`, which cannot be one".into(),
        )),
        Some(token) if token.kind == TokenKind::Ident => Ok(*token),
        Some(token) => {
            let found = names.text(token.text);
            Err((token.loc, format!("expected the name of a macro, found `{found}`")))
        }
        None => Err((end, "expected the name of a macro, found the end of the line".into())),
    }
}

#[derive(Default)]
struct Params {
    names: Vec<Symbol>,
    variadic: bool,
}

/// Parameters from `(` to `)`, and what follows.
fn parameters<'a>(
    line: &'a [Token],
    end: Loc,
    names: &Interner,
) -> Result<(Params, &'a [Token]), Problem> {
    let mut params = Params::default();
    let mut rest = line.get(1..).unwrap_or_default();
    if let Some((close, body)) = rest.split_first()
        && close.is(Punct::RightParen)
    {
        return Ok((params, body));
    }
    let expected = |what: &str, token: Option<&Token>| match token {
        Some(token) => (
            token.loc,
            format!(
                "expected {what} in the parameter list of a macro, found `{}`",
                names.text(token.text)
            ),
        ),
        None => (
            end,
            format!("expected {what} in the parameter list of a macro, found the end of the line"),
        ),
    };
    loop {
        let Some((first, after)) = rest.split_first() else {
            return Err(expected("a name or `...`", None));
        };
        rest = after;
        match first.kind {
            TokenKind::Punct(Punct::Ellipsis) => {
                params.names.push(kw::VA_ARGS);
                params.variadic = true;
            }
            TokenKind::Ident => {
                if params.names.contains(&first.text) {
                    let name = names.text(first.text);
                    return Err((
                        first.loc,
                        format!("the macro has two parameters called `{name}`"),
                    ));
                }
                params.names.push(first.text);
                // GNU: `args...` is a variadic parameter with a name.
                if let Some((dots, after)) = rest.split_first()
                    && dots.is(Punct::Ellipsis)
                {
                    params.variadic = true;
                    rest = after;
                }
            }
            _ => return Err(expected("a name or `...`", Some(first))),
        }
        match rest.split_first() {
            Some((token, after)) if token.is(Punct::RightParen) => return Ok((params, after)),
            Some((token, after)) if token.is(Punct::Comma) && !params.variadic => rest = after,
            other => {
                let what = if params.variadic { "`)`" } else { "`,` or `)`" };
                return Err(expected(what, other.map(|(token, _)| token)));
            }
        }
    }
}

/// Reads the replacement list of a macro.
struct Body<'a> {
    params: &'a Params,
    function: bool,
    names: &'a Interner,
    end: Loc,
}

impl Body<'_> {
    fn parts(&self, body: &[Token], outermost: bool) -> Result<Vec<Part>, Problem> {
        let mut parts: Vec<Part> = Vec::with_capacity(body.len());
        // Where the part that a `##` would follow begins: contents of `__VA_OPT__` lie after it.
        let mut last = None;
        let mut rest = body;
        while let Some((first, after)) = rest.split_first() {
            rest = after;
            if first.is(Punct::HashHash) {
                let left: Option<&mut Part> = last.and_then(|at: usize| parts.get_mut(at));
                match left {
                    Some(part) if !rest.is_empty() => part.paste = true,
                    _ => {
                        let place = if outermost { "a macro" } else { "`__VA_OPT__`" };
                        let message = format!(
                            "expected a token on each side of `##`, found it at an end of {place}"
                        );
                        return Err((first.loc, message));
                    }
                }
                continue;
            }
            last = Some(parts.len());
            rest = self.part(first, rest, outermost, &mut parts)?;
        }
        if let Some(first) = parts.first_mut() {
            first.token.space = false;
        }
        Ok(parts)
    }

    /// Adds the part that begins with `first`, and returns what follows it.
    fn part<'a>(
        &self,
        first: &Token,
        rest: &'a [Token],
        outermost: bool,
        parts: &mut Vec<Part>,
    ) -> Result<&'a [Token], Problem> {
        let is_va_opt = |token: &Token| self.params.variadic && token.is_ident(kw::VA_OPT);
        if first.is(Punct::Hash) && self.function {
            let operand = rest.split_first();
            if let Some((token, after)) = operand {
                if let Some(param) = self.param(token) {
                    parts.push(part(PartKind::Stringify(param), *first));
                    return Ok(after);
                }
                if is_va_opt(token) && outermost {
                    return self.va_opt(first, after, true, parts);
                }
            }
            let found = operand.map_or("the end of the line".to_owned(), |(token, _)| {
                format!("`{}`", self.names.text(token.text))
            });
            let loc = operand.map_or(self.end, |(token, _)| token.loc);
            return Err((
                loc,
                format!("expected a parameter of the macro after `#`, found {found}"),
            ));
        }
        if is_va_opt(first) {
            if !outermost {
                return Err((first.loc, "`__VA_OPT__` cannot stand inside itself".into()));
            }
            return self.va_opt(first, rest, false, parts);
        }
        let kind = self.param(first).map_or(PartKind::Token, PartKind::Param);
        parts.push(part(kind, *first));
        Ok(rest)
    }

    fn va_opt<'a>(
        &self,
        first: &Token,
        rest: &'a [Token],
        stringify: bool,
        parts: &mut Vec<Part>,
    ) -> Result<&'a [Token], Problem> {
        let mut depth = 0_usize;
        let mut close = None;
        for (at, token) in rest.iter().enumerate() {
            match token.kind {
                TokenKind::Punct(Punct::LeftParen) => depth += 1,
                TokenKind::Punct(Punct::RightParen) => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                close = Some(at).filter(|&at| at > 0);
                break;
            }
        }
        let Some((content, after)) =
            close.and_then(|at| Some((rest.get(1..at)?, rest.get(at + 1..)?)))
        else {
            return Err((first.loc, "expected `(` and its `)` after `__VA_OPT__`".into()));
        };
        let content = self.parts(content, false)?;
        parts.push(part(PartKind::VaOpt { len: content.len(), stringify }, *first));
        parts.extend(content);
        Ok(after)
    }

    fn param(&self, token: &Token) -> Option<usize> {
        if token.kind != TokenKind::Ident {
            return None;
        }
        self.params.names.iter().position(|&name| name == token.text)
    }
}

fn part(kind: PartKind, token: Token) -> Part {
    Part { kind, token: Token { line_start: false, ..token }, paste: false }
}
