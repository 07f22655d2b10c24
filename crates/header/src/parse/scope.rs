//! What names mean, as far as the grammar depends on it.
//!
//! `(a)(b)` is a cast or a call, `a * b;` a declaration or a product, `a < b` a template or a
//! comparison: the parser has to know which names are types. It knows nothing else of them.

use std::collections::HashMap;

use crate::token::Symbol;

/// A scope in a [`Scopes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ScopeId(usize);

/// What a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entity {
    /// A typedef, class or enum; with a scope if it has members that can be named.
    Type(Option<ScopeId>),
    /// A class or alias template.
    Template,
    /// A function or variable template, a concept.
    ValueTemplate,
    /// A variable, function or enumerator.
    Value,
    /// A namespace.
    Namespace(ScopeId),
}

/// A file, namespace, class or list of parameters.
#[derive(Debug, Default)]
struct Scope {
    parent: Option<ScopeId>,
    names: HashMap<Symbol, Entity>,
    /// Classes that a function or variable of the same name hides (C++ basic.scope.hiding).
    hidden: HashMap<Symbol, Entity>,
    /// Scopes whose names are visible here: bases, inline namespaces, using-directives.
    visible: Vec<ScopeId>,
}

/// All scopes of a text; those that are closed, too, since `a::b` looks into them.
#[derive(Debug)]
pub(super) struct Scopes {
    scopes: Vec<Scope>,
    current: ScopeId,
}

/// Scopes that one lookup visits beside the enclosing ones. Bounds the time that a lookup takes
/// where using-directives form long chains; real headers have a handful.
const VISITS: usize = 64;

impl Scopes {
    pub(super) fn new() -> Self {
        Self { scopes: vec![Scope::default()], current: ScopeId(0) }
    }

    /// Opens a scope inside the current one.
    pub(super) fn open(&mut self) -> ScopeId {
        let id = ScopeId(self.scopes.len());
        self.scopes.push(Scope { parent: Some(self.current), ..Scope::default() });
        self.current = id;
        id
    }

    /// Enters a scope that was open before. Returns the one to go back to.
    pub(super) fn enter(&mut self, scope: ScopeId) -> ScopeId {
        std::mem::replace(&mut self.current, scope)
    }

    /// The scope that names are declared in.
    pub(super) fn current(&self) -> ScopeId {
        self.current
    }

    /// Makes the names of one scope visible in the current one.
    pub(super) fn see(&mut self, other: ScopeId) {
        let current = self.current;
        if other != current
            && let Some(scope) = self.scopes.get_mut(current.0)
            && scope.visible.len() < VISITS
            && !scope.visible.contains(&other)
        {
            scope.visible.push(other);
        }
    }

    /// Declares a name in the current scope.
    pub(super) fn declare(&mut self, name: Symbol, entity: Entity) {
        let Some(scope) = self.scopes.get_mut(self.current.0) else { return };
        match (scope.names.get(&name), entity) {
            // `struct stat` stays hidden behind `int stat(…)`, and its scope is kept when it is
            // declared again.
            (Some(Entity::Value), Entity::Type(_)) => {
                scope.hidden.insert(name, entity);
            }
            (Some(&class @ Entity::Type(_)), Entity::Value) => {
                scope.hidden.insert(name, class);
                scope.names.insert(name, entity);
            }
            (Some(Entity::Type(Some(_)) | Entity::Namespace(_)), Entity::Type(None)) => {}
            _ => {
                scope.names.insert(name, entity);
            }
        }
    }

    /// Finds an unqualified name from the current scope outwards.
    pub(super) fn find(&self, name: Symbol) -> Option<Entity> {
        let mut at = Some(self.current);
        let mut visits = VISITS;
        while let Some(id) = at {
            if let Some(found) = self.look(id, name, &mut visits) {
                return Some(found);
            }
            at = self.scopes.get(id.0).and_then(|scope| scope.parent);
        }
        None
    }

    /// Finds a name in one scope, as after `::`.
    pub(super) fn find_in(&self, scope: ScopeId, name: Symbol) -> Option<Entity> {
        self.look(scope, name, &mut VISITS.clone())
    }

    /// Finds a name of the file scope, as after a leading `::`.
    pub(super) fn find_global(&self, name: Symbol) -> Option<Entity> {
        self.find_in(ScopeId(0), name)
    }

    /// The class or namespace of a name in the current scope itself.
    pub(super) fn scope_here(&self, name: Symbol) -> Option<ScopeId> {
        let scope = self.scopes.get(self.current.0)?;
        [&scope.names, &scope.hidden].iter().find_map(|names| match names.get(&name) {
            Some(Entity::Type(Some(id)) | Entity::Namespace(id)) => Some(*id),
            _ => None,
        })
    }

    fn look(&self, from: ScopeId, name: Symbol, visits: &mut usize) -> Option<Entity> {
        let scope = self.scopes.get(from.0)?;
        if let Some(&found) = scope.names.get(&name) {
            return Some(found);
        }
        if scope.visible.is_empty() {
            return None;
        }
        let mut queue = scope.visible.clone();
        let mut next = 0;
        while let Some(&id) = queue.get(next) {
            next += 1;
            if *visits == 0 {
                return None;
            }
            *visits -= 1;
            let scope = self.scopes.get(id.0)?;
            if let Some(&found) = scope.names.get(&name) {
                return Some(found);
            }
            let room = VISITS.saturating_sub(queue.len());
            queue.extend(scope.visible.iter().take(room));
        }
        None
    }
}
