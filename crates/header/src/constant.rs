//! Constants by name, for expressions of users.

use crate::decl::{Name, NamePart};
use crate::eval::{Number, Value, int_type};
use crate::resolve::{Entity, Fail, Found, Resolver};
use crate::source::Loc;
use crate::token::{Symbol, Token, TokenKind};
use crate::{Header, HeaderError, HeaderErrorKind, Limits, parse};

impl Header {
    /// The integer that a name stands for: an enumerator (`BUY`, in C++ also `Side::BUY` and
    /// `ns::Side::BUY`), a constant variable, or a macro that expands to a constant expression.
    /// `None` if the header knows no such name.
    ///
    /// # Errors
    ///
    /// The name is a macro whose text is no constant expression with an integer value.
    pub fn constant(&mut self, name: &str) -> Result<Option<i128>, HeaderError> {
        if self.text.is_defined(name) {
            return self.evaluate(name).map(Some);
        }
        Ok(self.named(name))
    }

    /// The integer that an expression has at the end of the header: its macros, constants and types
    /// are known.
    ///
    /// # Errors
    ///
    /// The text is no constant expression with an integer value. Positions count from its start; the
    /// file is named `<expression>`.
    pub fn evaluate(&mut self, expression: &str) -> Result<i128, HeaderError> {
        let tokens = self.text.expand(expression)?;
        let types = self.types_among(&tokens);
        let limits = Limits::default();
        let (symbols, sources) = (&self.text.symbols, &self.text.sources);
        let parsed =
            parse::parse_expression(&tokens, symbols, sources, self.lang, &limits, &types)?;
        let value = self.resolver().eval(&parsed);
        value.and_then(|value| self.exact(value, parsed.loc)).map_err(|fail| {
            HeaderError::new(&self.text.sources, fail.loc, fail.reason)
                .with_kind(HeaderErrorKind::Semantic)
        })
    }

    /// The integer of an enumerator or constant variable.
    fn named(&mut self, name: &str) -> Option<i128> {
        let (name, global) = name.strip_prefix("::").map_or((name, false), |rest| (rest, true));
        let parts = name
            .split("::")
            .map(|part| Some(NamePart { ident: self.text.symbols.get(part.trim())?, args: None }));
        let name = Name { global, parts: parts.collect::<Option<_>>()?, loc: Loc::default() };
        match self.resolver().find(&name) {
            Ok(Some(Found::Entity(Entity::Constant(value), _))) => {
                self.exact(value, Loc::default()).ok()
            }
            _ => None,
        }
    }

    /// A value as a number; a floating one without its fraction is none.
    fn exact(&self, value: Value, loc: Loc) -> Result<i128, Fail> {
        match value.number {
            Number::Int(bits) if int_type(&self.types, value.ty).is_some_and(|int| int.signed) => {
                Ok(bits as i128)
            }
            Number::Int(bits) => i128::try_from(bits)
                .map_err(|_| Fail::new(loc, format!("needs a value below 2^127, found {bits}"))),
            Number::Float(number) => Err(Fail::new(
                loc,
                format!("needs an integer, found the floating constant {number}"),
            )),
        }
    }

    /// The names in `tokens` that are types, which the parser has to know.
    fn types_among(&mut self, tokens: &[Token]) -> Vec<Symbol> {
        let names = tokens.iter().filter(|token| token.kind == TokenKind::Ident);
        let names: Vec<_> = names.map(|token| token.text).collect();
        let mut resolver = self.resolver();
        let mut is_type = |&ident: &Symbol| {
            let parts = vec![NamePart { ident, args: None }];
            let name = Name { global: false, parts, loc: Loc::default() };
            match resolver.find(&name) {
                Ok(Some(Found::Entity(Entity::Type(_), _))) => true,
                Ok(Some(Found::Tag(_))) => resolver.is_cxx(),
                _ => false,
            }
        };
        names.into_iter().filter(|ident| is_type(ident)).collect()
    }

    fn resolver(&mut self) -> Resolver<'_> {
        let Self { types, names, text, lang } = self;
        Resolver::new(types, names, &text.symbols, &text.sources, *lang)
    }
}
