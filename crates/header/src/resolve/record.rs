//! Structs, unions and classes: their tags, and what becomes of a body.

use cwire_layout::LayoutError;
use cwire_layout::types::{RecordDef, RecordId, RecordKind, Type, TypeId};

use super::{Fail, Resolved, Resolver, ScopeId, Scopes, Tag};
use crate::decl::{Attrs, Name, RecordBody, RecordSpec};
use crate::source::Loc;
use crate::token::Symbol;

/// Why a record whose body was refused has no size.
const REFUSED: &str = "which cannot be laid out";

impl Resolver<'_> {
    /// The type of a record specifier. `naming` is the typedef that names it if it has no tag, `before`
    /// what stands before the keyword.
    pub(crate) fn record_type(
        &mut self,
        spec: &RecordSpec,
        naming: Option<Symbol>,
        before: Option<&Attrs>,
    ) -> Resolved<TypeId> {
        match (&spec.body, &spec.name) {
            (None, Some(name)) => self.elaborated(spec.kind, name),
            (None, None) => Err(Fail::new(spec.loc, "needs a tag or a body")),
            (Some(body), _) => {
                self.nested(spec.loc, |this| this.record_body(spec, body, naming, before))
            }
        }
    }

    /// `struct name`, which declares the tag where it is not known.
    fn elaborated(&mut self, kind: RecordKind, name: &Name) -> Resolved<TypeId> {
        if let [part] = name.parts.as_slice()
            && part.args.is_none()
            && !name.global
        {
            if let Some(tag) = self.names.scopes.look_up_tag(self.scope, part.ident) {
                return self.checked_tag(tag, kind, name);
            }
            let scope = self.tag_scope();
            let id = self.declare_record(scope, kind, part.ident, name.loc);
            return Ok(self.types.intern(Type::Record(id)));
        }
        self.named_type(name)
    }

    /// `struct name;` alone: the tag of this scope, whatever is further out (C++17
    /// basic.scope.pdecl p7, C11 6.7.2.3p7).
    pub(crate) fn forward(&mut self, kind: RecordKind, name: &Name) {
        let [part] = name.parts.as_slice() else { return };
        let scope = if self.is_cxx() { self.scope } else { Scopes::FILE };
        if self.names.scopes.tag_in(scope, part.ident).is_none() {
            self.declare_record(scope, kind, part.ident, name.loc);
        }
    }

    /// Where a tag that is not known is declared: the file in C, the nearest namespace in C++.
    pub(crate) fn tag_scope(&self) -> ScopeId {
        if self.is_cxx() { self.names.scopes.nearest_namespace(self.scope) } else { Scopes::FILE }
    }

    fn checked_tag(&mut self, tag: Tag, kind: RecordKind, name: &Name) -> Resolved<TypeId> {
        let fits = match tag {
            Tag::Record(id) => {
                (self.types.record(id).kind == RecordKind::Union) == (kind == RecordKind::Union)
            }
            Tag::Enum(_) => false,
        };
        if !fits {
            let spelling = self.spell_name(name);
            return Err(Fail::new(
                name.loc,
                format!("`{spelling}` is the tag of another kind of type"),
            ));
        }
        Ok(self.tag_type(tag))
    }

    fn declare_record(
        &mut self,
        scope: ScopeId,
        kind: RecordKind,
        tag: Symbol,
        loc: Loc,
    ) -> RecordId {
        let name = self.qualified(scope, tag);
        let origin = self.origin(loc);
        let id = self.types.add_record(kind, &name, Some(origin));
        self.names.scopes.get_mut(scope).tags.insert(tag, Tag::Record(id));
        id
    }

    /// A record with a body: completes it, or refuses it for the reason found.
    fn record_body(
        &mut self,
        spec: &RecordSpec,
        body: &RecordBody,
        naming: Option<Symbol>,
        before: Option<&Attrs>,
    ) -> Resolved<TypeId> {
        let id = self.begin_record(spec, naming)?;
        let inner =
            if self.is_cxx() { self.class_scope(id, spec.name.as_ref()) } else { self.scope };
        let defined = self.inside(inner, |this| this.record_def(spec, body, before));
        let defined = defined.and_then(|def| self.define(id, def, spec.loc));
        let Err(fail) = defined else { return Ok(self.types.intern(Type::Record(id))) };
        let name = self.types.record(id).name.clone();
        // What holds an unnamed record is refused in its place.
        if fail.fatal || name.is_empty() {
            return Err(fail);
        }
        self.refuse(&name, spec.loc, &fail);
        self.names.refused.insert(id, REFUSED);
        Ok(self.types.intern(Type::Record(id)))
    }

    /// The record that a body completes.
    fn begin_record(&mut self, spec: &RecordSpec, naming: Option<Symbol>) -> Resolved<RecordId> {
        let origin = self.origin(spec.loc);
        let Some(name) = &spec.name else {
            let name = naming.map(|naming| self.qualified(self.scope, naming)).unwrap_or_default();
            // A tag of that name is another type, so the name is not looked up by it.
            let id = self.types.add_record(spec.kind, "", Some(origin));
            self.types.name_record(id, &name);
            return Ok(id);
        };
        let known = match name.parts.as_slice() {
            [part] if part.args.is_none() => {
                let scope = if self.is_cxx() { self.scope } else { Scopes::FILE };
                match self.names.scopes.tag_in(scope, part.ident) {
                    Some(tag) => self.checked_tag(tag, spec.kind, name)?,
                    None => {
                        let id = self.declare_record(scope, spec.kind, part.ident, spec.loc);
                        return Ok(id);
                    }
                }
            }
            _ => self.named_type(name)?,
        };
        let Type::Record(id) = *self.types.get(self.types.strip(known)) else {
            let spelling = self.spell_name(name);
            return Err(Fail::new(name.loc, format!("needs a class, `{spelling}` is none")));
        };
        if self.types.record(id).definition.is_some() {
            let spelling = self.types.spell(known);
            let first = self.types.record(id).origin.as_ref();
            let first = first.map(|at| format!(", first at {}:{}", at.file, at.line));
            let reason = format!("`{spelling}` is defined twice{}", first.unwrap_or_default());
            return Err(Fail::new(spec.loc, reason));
        }
        self.types.set_record_origin(id, origin);
        Ok(id)
    }

    /// The scope of a class's members.
    fn class_scope(&mut self, id: RecordId, name: Option<&Name>) -> ScopeId {
        let prefix = match name.map(|_| &self.types.record(id).name) {
            Some(name) if !name.is_empty() => format!("{name}::"),
            _ => self.names.scopes.get(self.scope).prefix.to_string(),
        };
        let parent = match name {
            Some(name) if name.parts.len() > 1 => self.path_scope(name).unwrap_or(self.scope),
            _ => self.scope,
        };
        let scope = self.names.scopes.add_class(parent, &prefix);
        self.names.scopes.set_record(id, scope);
        scope
    }

    fn define(&mut self, id: RecordId, def: RecordDef, loc: Loc) -> Resolved<()> {
        let names: Vec<_> = def.members.iter().map(|member| member.name.clone()).collect();
        self.types.define_record(id, def).map_err(|error| Fail::new(loc, by_name(error, &names)))
    }
}

/// A layout error with the member's name in place of its number.
fn by_name(error: LayoutError, names: &[Box<str>]) -> String {
    let text = error.to_string();
    let Some(member) = error.member() else { return text };
    let rest = text.strip_prefix(&format!("member {member}: ")).unwrap_or(&text);
    match names.get(member) {
        Some(name) if !name.is_empty() => format!("member `{name}`: {rest}"),
        _ => format!("unnamed member: {rest}"),
    }
}
