//! Declarations to types: finds what names mean, evaluates constants, and hands records to the
//! layout crate.
//!
//! A declaration that cannot be resolved stops nothing but what needs it. A record goes to
//! [`Types::refuse`] with the reason and stays incomplete, so that a record that holds it is refused
//! in turn; a typedef remembers the reason for who uses it; a variable or function is ignored. Only a
//! failing `static_assert` ends the reading: that header is not for this ABI.
//!
//! Names are found in the order of the text, as compilers do, so one pass suffices.

mod attrs;
mod class;
mod declarator;
mod enums;
mod fail;
mod item;
mod lookup;
mod members;
mod prelude;
mod record;
mod scope;
mod specifier;
mod std_array;
pub(crate) mod target;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use cwire_layout::Types;
use cwire_layout::abi::Abi;
use cwire_layout::types::{Basic, Origin, RecordId, Refused, TypeId};

use crate::Lang;
use crate::decl::Item;
use crate::error::{HeaderError, HeaderErrorKind};
use crate::source::{Loc, Sources};
use crate::token::{Interner, Symbol};

pub(crate) use fail::{Fail, Resolved};
pub(crate) use scope::{Entity, Found, ScopeId, Scopes, Tag};

/// Names and what they mean, kept after reading for expressions of users.
#[derive(Debug)]
pub(crate) struct Names {
    pub(crate) scopes: Scopes,
    /// Names known without a declaration, and the types of those that were used.
    prelude: prelude::Prelude,
    /// Why records are incomplete that are more than declared, as a clause that begins with "which".
    refused: HashMap<RecordId, &'static str>,
    /// Instances of templates, by their spelling.
    instances: HashMap<String, RecordId>,
    /// `std::array`s by element and length.
    arrays: HashMap<(TypeId, u64), TypeId>,
    /// Typedefs that stand for an alignment of a type only.
    aligned: HashMap<(TypeId, u64), TypeId>,
}

impl Names {
    pub(crate) fn new(interner: &mut Interner, abi: &Abi, lang: Lang) -> Self {
        Self {
            scopes: Scopes::new(),
            prelude: prelude::Prelude::new(interner, abi, lang),
            refused: HashMap::new(),
            instances: HashMap::new(),
            arrays: HashMap::new(),
            aligned: HashMap::new(),
        }
    }
}

/// Resolves declarations and evaluates expressions.
pub(crate) struct Resolver<'a> {
    pub(crate) types: &'a mut Types,
    pub(crate) names: &'a mut Names,
    pub(crate) interner: &'a Interner,
    pub(crate) sources: &'a Sources,
    pub(crate) lang: Lang,
    /// The scope that names are looked up in.
    pub(crate) scope: ScopeId,
    /// Expressions and types inside each other, and how many there may be.
    depth: usize,
    max_depth: usize,
}

impl<'a> Resolver<'a> {
    pub(crate) fn new(
        types: &'a mut Types,
        names: &'a mut Names,
        interner: &'a Interner,
        sources: &'a Sources,
        lang: Lang,
    ) -> Self {
        let scope = Scopes::FILE;
        Self { types, names, interner, sources, lang, scope, depth: 0, max_depth: 512 }
    }

    /// Resolves all declarations of a header.
    ///
    /// # Errors
    ///
    /// A `static_assert` fails.
    pub(crate) fn resolve(
        &mut self,
        items: impl IntoIterator<Item = Item>,
    ) -> Result<(), HeaderError> {
        match self.items(items) {
            Ok(()) => Ok(()),
            Err(fail) => Err(HeaderError::new(self.sources, fail.loc, fail.reason)
                .with_kind(HeaderErrorKind::StaticAssert)),
        }
    }

    pub(crate) fn is_cxx(&self) -> bool {
        self.lang == Lang::Cxx
    }

    pub(crate) fn text(&self, symbol: Symbol) -> &'a str {
        self.interner.text(symbol)
    }

    pub(crate) fn origin(&self, loc: Loc) -> Origin {
        Origin { file: self.sources.file(loc), line: self.sources.line(loc) }
    }

    /// Does `what` one level deeper.
    pub(crate) fn nested<T>(
        &mut self,
        loc: Loc,
        what: impl FnOnce(&mut Self) -> Resolved<T>,
    ) -> Resolved<T> {
        if self.depth >= self.max_depth {
            let reason = format!("needs at most {} levels of nesting", self.max_depth);
            return Err(Fail::new(loc, reason));
        }
        self.depth += 1;
        let result = what(self);
        self.depth -= 1;
        result
    }

    /// Does `what` with names looked up in `scope`.
    pub(crate) fn inside<T>(&mut self, scope: ScopeId, what: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.scope, scope);
        let result = what(self);
        self.scope = outer;
        result
    }

    /// The qualified name of something declared in `scope`.
    pub(crate) fn qualified(&self, scope: ScopeId, name: Symbol) -> String {
        format!("{}{}", self.names.scopes.get(scope).prefix, self.text(name))
    }

    /// Notes a declaration at `loc` that cannot be laid out.
    pub(crate) fn refuse(&mut self, name: &str, loc: Loc, fail: &Fail) {
        let origin = self.origin(loc);
        let at = self.origin(fail.loc);
        let reason = if at == origin || fail.loc == Loc::default() {
            fail.reason.clone()
        } else if at.file == origin.file {
            format!("{}, at line {}", fail.reason, at.line)
        } else {
            format!("{}, at {}:{}", fail.reason, at.file, at.line)
        };
        self.types.refuse(Refused { name: name.into(), origin: Some(origin), reason });
    }

    pub(crate) fn size_type(&mut self) -> TypeId {
        let basic = target::size_type(self.types.abi());
        self.types.basic(basic)
    }

    pub(crate) fn basic(&mut self, basic: Basic) -> TypeId {
        self.types.basic(basic)
    }
}
