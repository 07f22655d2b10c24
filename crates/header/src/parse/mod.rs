//! Tokens to declarations.
//!
//! A recursive-descent parser over one vector of tokens. It looks ahead and goes back where C++
//! asks for it, in ways that keep the time linear:
//!
//! - brackets are paired before parsing, so that a body is skipped in one step;
//! - whether a name is a type is looked up ([`scope`]), not tried;
//! - what is tried (an initialiser, template arguments) is skipped when it fails, never parsed anew;
//! - where the `<` of a template ends is found once per `<` ([`angles`]).
//!
//! Recursion is bounded by [`Limits::nesting`], and so is the depth of the trees that come out.

mod angles;
mod attributes;
mod cursor;
mod declaration;
mod declarator;
mod enumeration;
mod expression;
mod initializer;
mod keyword;
mod literal;
mod member;
mod name;
mod namespace;
mod pragma;
mod primary;
mod record;
mod scope;
mod skip;
mod specifiers;
mod template;
#[cfg(test)]
mod tests;

use crate::decl::{Expr, Item};
use crate::error::HeaderError;
use crate::source::Sources;
use crate::token::{Interner, Symbol, Token};
use crate::{Lang, Limits};

use cursor::Parser;

/// Parses one expression, as a macro expands to. `types` are the names in it that are types.
///
/// # Errors
///
/// The tokens are no expression, or more than one.
pub(crate) fn parse_expression(
    tokens: &[Token],
    interner: &Interner,
    sources: &Sources,
    lang: Lang,
    limits: &Limits,
    types: &[Symbol],
) -> Result<Expr, HeaderError> {
    let mut parser = Parser::new(tokens, interner, lang, limits.nesting);
    for &name in types {
        parser.scopes.declare(name, scope::Entity::Type(None));
    }
    let parsed = parser.expression().and_then(|expression| {
        if parser.at_end() {
            Ok(expression)
        } else {
            Err(parser.expected("the end of the expression"))
        }
    });
    parsed.map_err(|error| error.into_header_error(sources))
}

/// Parses a preprocessed text.
///
/// `tokens` need no [`TokenKind::End`](crate::token::TokenKind::End) at their end.
///
/// # Errors
///
/// The tokens are no declarations of the language: where, what was needed and what was found.
pub(crate) fn parse(
    tokens: &[Token],
    interner: &Interner,
    sources: &Sources,
    lang: Lang,
    limits: &Limits,
) -> Result<Vec<Item>, HeaderError> {
    let mut all = Vec::new();
    parse_each(tokens, interner, sources, lang, limits, |items| {
        all.extend(items);
        Ok(())
    })?;
    Ok(all)
}

/// The same, handing on what stands at file scope one by one, so that a large header is never held as
/// a whole.
///
/// # Errors
///
/// As [`parse`], or what `take` says.
pub(crate) fn parse_each(
    tokens: &[Token],
    interner: &Interner,
    sources: &Sources,
    lang: Lang,
    limits: &Limits,
    mut take: impl FnMut(std::vec::Drain<'_, Item>) -> Result<(), HeaderError>,
) -> Result<(), HeaderError> {
    let mut parser = Parser::new(tokens, interner, lang, limits.nesting);
    let mut items = Vec::new();
    while !parser.at_end() {
        parser.item(&mut items).map_err(|error| error.into_header_error(sources))?;
        take(items.drain(..))?;
    }
    Ok(())
}
