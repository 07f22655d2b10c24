//! Scopes, and what names mean in them.
//!
//! C has one scope here, the file: tags of nested records leak into it (C11 6.2.1p4). C++ adds
//! namespaces, classes and scoped enums. Around the file stands the prelude, the names that are
//! known without an include.

use std::collections::HashMap;
use std::rc::Rc;

use cwire_layout::types::{EnumId, RecordId, TypeId};

use crate::decl::InitDeclarator;
use crate::eval::Value;
use crate::token::Symbol;

/// A scope in [`Scopes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ScopeId(u32);

/// What an ordinary name means.
#[derive(Clone, Debug)]
pub(crate) enum Entity {
    /// A typedef or alias.
    Type(TypeId),
    /// A typedef or alias that could not be resolved.
    BadType,
    /// An enumerator or a constant variable.
    Constant(Value),
    /// A variable, function or data member.
    Object(TypeId),
    /// A variable or function whose type nobody has asked for yet: the type before the declarator.
    Declared {
        base: TypeId,
        declarator: Rc<InitDeclarator>,
    },
    /// A variable or function whose type is not known.
    Unknown,
    Namespace(ScopeId),
    /// A template.
    Template,
}

/// What a tag means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    Record(RecordId),
    Enum(EnumId),
}

/// One scope.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    /// Whether it is a class or enum and no namespace.
    is_class: bool,
    pub(crate) parent: Option<ScopeId>,
    /// What stands before the names of its types: `a::b::`.
    pub(crate) prefix: Rc<str>,
    pub(crate) names: HashMap<Symbol, Entity>,
    pub(crate) tags: HashMap<Symbol, Tag>,
    /// Scopes whose names are visible as if they were here: inline and unnamed namespaces, bases,
    /// `using namespace`.
    pub(crate) visible: Vec<ScopeId>,
}

/// What a name was found to mean.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    Entity(Entity, ScopeId),
    Tag(Tag),
}

/// All scopes of a header.
#[derive(Debug)]
pub(crate) struct Scopes {
    scopes: Vec<Scope>,
    /// The scope of a class's members, and of an enum's enumerators.
    records: HashMap<RecordId, ScopeId>,
    enums: HashMap<EnumId, ScopeId>,
}

impl Scopes {
    pub(crate) const FILE: ScopeId = ScopeId(0);

    pub(crate) fn new() -> Self {
        Self { scopes: vec![Scope::default()], records: HashMap::new(), enums: HashMap::new() }
    }

    pub(crate) fn add(&mut self, parent: ScopeId, prefix: &str) -> ScopeId {
        let id = u32::try_from(self.scopes.len()).expect("texts are shorter than 4 GiB");
        let scope = Scope { parent: Some(parent), prefix: prefix.into(), ..Scope::default() };
        self.scopes.push(scope);
        ScopeId(id)
    }

    /// The scope of a class.
    pub(crate) fn add_class(&mut self, parent: ScopeId, prefix: &str) -> ScopeId {
        let id = self.add(parent, prefix);
        self.get_mut(id).is_class = true;
        id
    }

    /// The file or namespace around a scope.
    pub(crate) fn nearest_namespace(&self, scope: ScopeId) -> ScopeId {
        self.around(scope).find(|&at| !self.get(at).is_class).unwrap_or(Self::FILE)
    }

    pub(crate) fn get(&self, id: ScopeId) -> &Scope {
        self.scopes.get(id.0 as usize).expect("scopes are never removed")
    }

    pub(crate) fn get_mut(&mut self, id: ScopeId) -> &mut Scope {
        self.scopes.get_mut(id.0 as usize).expect("scopes are never removed")
    }

    pub(crate) fn of_record(&self, record: RecordId) -> Option<ScopeId> {
        self.records.get(&record).copied()
    }

    pub(crate) fn set_record(&mut self, record: RecordId, scope: ScopeId) {
        self.records.insert(record, scope);
    }

    pub(crate) fn of_enum(&self, id: EnumId) -> Option<ScopeId> {
        self.enums.get(&id).copied()
    }

    pub(crate) fn set_enum(&mut self, id: EnumId, scope: ScopeId) {
        self.enums.insert(id, scope);
    }

    pub(crate) fn declare(&mut self, scope: ScopeId, name: Symbol, entity: Entity) {
        self.get_mut(scope).names.insert(name, entity);
    }

    /// Makes the names of `inner` visible in `outer`.
    pub(crate) fn show(&mut self, outer: ScopeId, inner: ScopeId) {
        let visible = &mut self.get_mut(outer).visible;
        if outer != inner && !visible.contains(&inner) {
            visible.push(inner);
        }
    }

    /// What `name` means in `scope` and what is visible there, enclosing scopes aside. An ordinary
    /// name hides a tag (C++17 basic.scope.hiding).
    pub(crate) fn look_in(&self, scope: ScopeId, name: Symbol) -> Option<Found> {
        let plain = self.get(scope);
        if plain.visible.is_empty() {
            return self.look_in_one(scope, name);
        }
        // `using namespace` may go round in circles, so visited scopes are remembered.
        let mut seen = vec![scope];
        let mut next = 0;
        while let Some(&at) = seen.get(next) {
            next += 1;
            if let Some(found) = self.look_in_one(at, name) {
                return Some(found);
            }
            for &visible in &self.get(at).visible {
                if !seen.contains(&visible) {
                    seen.push(visible);
                }
            }
        }
        None
    }

    fn look_in_one(&self, scope: ScopeId, name: Symbol) -> Option<Found> {
        let at = self.get(scope);
        match (at.names.get(&name), at.tags.get(&name)) {
            (Some(entity), _) => Some(Found::Entity(entity.clone(), scope)),
            (None, Some(&tag)) => Some(Found::Tag(tag)),
            (None, None) => None,
        }
    }

    /// What `name` means in `scope` or the nearest scope around it.
    pub(crate) fn look_up(&self, scope: ScopeId, name: Symbol) -> Option<Found> {
        self.around(scope).find_map(|at| self.look_in(at, name))
    }

    /// The tag `name` in the nearest scope, whatever else has that name.
    pub(crate) fn look_up_tag(&self, scope: ScopeId, name: Symbol) -> Option<Tag> {
        self.around(scope).find_map(|at| self.tag_in(at, name))
    }

    /// The tag `name` in one scope and what is visible there.
    pub(crate) fn tag_in(&self, scope: ScopeId, name: Symbol) -> Option<Tag> {
        let at = self.get(scope);
        at.tags.get(&name).copied().or_else(|| {
            at.visible.iter().find_map(|&inner| self.get(inner).tags.get(&name).copied())
        })
    }

    /// A scope and those around it, from the inside out.
    fn around(&self, scope: ScopeId) -> impl Iterator<Item = ScopeId> + '_ {
        std::iter::successors(Some(scope), |&at| self.get(at).parent)
    }
}
