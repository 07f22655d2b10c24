//! What qualified and unqualified names mean.

use cwire_layout::types::{Type, TypeId};

use super::{Entity, Fail, Found, Resolved, Resolver, ScopeId, Scopes, Tag};
use crate::decl::{Name, NamePart};
use crate::token::Symbol;

impl Resolver<'_> {
    /// What a name means; `None` if nothing.
    pub(crate) fn find(&mut self, name: &Name) -> Resolved<Option<Found>> {
        let Some((last, path)) = name.parts.split_last() else { return Ok(None) };
        if path.is_empty() && !name.global {
            return Ok(self
                .names
                .scopes
                .look_up(self.scope, last.ident)
                .or_else(|| self.known(last.ident)));
        }
        let Some(scope) = self.path(name, path)? else { return Ok(None) };
        let found = self.names.scopes.look_in(scope, last.ident);
        Ok(found.or_else(|| self.is_root_or_std(scope).then(|| self.known(last.ident)).flatten()))
    }

    /// The scope that the qualification of a name leads to; `None` if it names nothing.
    fn path(&mut self, name: &Name, path: &[NamePart]) -> Resolved<Option<ScopeId>> {
        let mut parts = path.iter();
        let mut scope = if name.global {
            Scopes::FILE
        } else {
            let Some(first) = parts.next() else { return Ok(Some(Scopes::FILE)) };
            match self.outermost(first.ident) {
                Some(scope) => scope,
                // `std::uint32_t` without an include.
                None if self.text(first.ident) == "std" => Scopes::FILE,
                None => return Ok(None),
            }
        };
        for part in parts {
            let found = self.names.scopes.look_in(scope, part.ident);
            match found.and_then(|found| self.scope_of(&found)) {
                Some(inner) => scope = inner,
                None => return Ok(None),
            }
        }
        Ok(Some(scope))
    }

    /// The scope that a qualified name is looked up in.
    pub(crate) fn path_scope(&mut self, name: &Name) -> Option<ScopeId> {
        let (_, path) = name.parts.split_last()?;
        self.path(name, path).ok().flatten()
    }

    /// The first part of a qualified name: the nearest one that has a scope (C++17
    /// basic.lookup.qual).
    fn outermost(&self, ident: Symbol) -> Option<ScopeId> {
        let mut at = Some(self.scope);
        while let Some(scope) = at {
            if let Some(inner) =
                self.names.scopes.look_in(scope, ident).and_then(|found| self.scope_of(&found))
            {
                return Some(inner);
            }
            at = self.names.scopes.get(scope).parent;
        }
        None
    }

    fn scope_of(&self, found: &Found) -> Option<ScopeId> {
        match found {
            Found::Entity(Entity::Namespace(scope), _) => Some(*scope),
            Found::Entity(Entity::Type(ty), _) => self.scope_of_type(*ty),
            Found::Tag(Tag::Record(id)) => self.names.scopes.of_record(*id),
            Found::Tag(Tag::Enum(id)) => self.names.scopes.of_enum(*id),
            Found::Entity(..) => None,
        }
    }

    fn scope_of_type(&self, ty: TypeId) -> Option<ScopeId> {
        match self.types.get(self.types.strip(ty)) {
            Type::Record(id) => self.names.scopes.of_record(*id),
            Type::Enum(id) => self.names.scopes.of_enum(*id),
            _ => None,
        }
    }

    fn is_root_or_std(&self, scope: ScopeId) -> bool {
        scope == Scopes::FILE || &*self.names.scopes.get(scope).prefix == "std::"
    }

    /// A name that is known without a declaration.
    fn known(&mut self, ident: Symbol) -> Option<Found> {
        let ty = self.names.prelude.find(ident, self.types)?;
        Some(Found::Entity(Entity::Type(ty), Scopes::FILE))
    }

    /// The type that a name means.
    pub(crate) fn named_type(&mut self, name: &Name) -> Resolved<TypeId> {
        if let Some(array) = self.std_array(name)? {
            return Ok(array);
        }
        let found = match self.find(name)? {
            // The type's name is hidden by a variable of that name where C++ still means the type.
            Some(Found::Entity(entity, scope)) if !is_type(&entity) => name
                .parts
                .last()
                .and_then(|part| self.names.scopes.tag_in(scope, part.ident))
                .filter(|_| self.is_cxx())
                .map_or(Some(Found::Entity(entity, scope)), |tag| Some(Found::Tag(tag))),
            found => found,
        };
        match found {
            Some(Found::Entity(Entity::Type(ty), _)) => Ok(ty),
            Some(Found::Entity(Entity::BadType, _)) => {
                let spelling = self.spell_name(name);
                Err(Fail::new(name.loc, format!("needs `{spelling}`, which could not be resolved")))
            }
            Some(Found::Entity(Entity::Template, _)) => self.instance(name),
            Some(Found::Tag(tag)) if self.is_cxx() => Ok(self.tag_type(tag)),
            Some(Found::Tag(_)) => {
                let spelling = self.spell_name(name);
                Err(Fail::new(
                    name.loc,
                    format!("needs `struct`, `union` or `enum` before `{spelling}`"),
                ))
            }
            Some(Found::Entity(..)) => {
                let spelling = self.spell_name(name);
                Err(Fail::new(name.loc, format!("needs a type, `{spelling}` is none")))
            }
            None if name.parts.iter().any(|part| part.args.is_some()) => self.instance(name),
            None => {
                let spelling = self.spell_name(name);
                Err(Fail::new(name.loc, format!("unknown type name `{spelling}`")))
            }
        }
    }

    pub(crate) fn tag_type(&mut self, tag: Tag) -> TypeId {
        match tag {
            Tag::Record(id) => self.types.intern(Type::Record(id)),
            Tag::Enum(id) => self.types.intern(Type::Enum(id)),
        }
    }

    /// An instance of a template: an incomplete record, so that pointers to it have a size.
    fn instance(&mut self, name: &Name) -> Resolved<TypeId> {
        let spelling = self.spell_name(name);
        let id = match self.names.instances.get(&spelling) {
            Some(&id) => id,
            None => {
                let origin = self.origin(name.loc);
                let kind = cwire_layout::types::RecordKind::Class;
                let id = self.types.add_record(kind, "", Some(origin));
                self.types.name_record(id, &spelling);
                self.names.refused.insert(id, "which is an instance of a template");
                self.names.instances.insert(spelling, id);
                id
            }
        };
        Ok(self.types.intern(Type::Record(id)))
    }

    /// A name as it is written; template arguments as `…`.
    pub(crate) fn spell_name(&self, name: &Name) -> String {
        let mut spelling = String::from(if name.global { "::" } else { "" });
        for (index, part) in name.parts.iter().enumerate() {
            if index > 0 {
                spelling.push_str("::");
            }
            spelling.push_str(self.text(part.ident));
            if part.args.is_some() {
                spelling.push_str("<…>");
            }
        }
        spelling
    }
}

const fn is_type(entity: &Entity) -> bool {
    matches!(entity, Entity::Type(_) | Entity::BadType | Entity::Template)
}
