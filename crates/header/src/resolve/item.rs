//! What stands at file, namespace and class scope, records and enums aside.

use std::rc::Rc;

use cwire_layout::types::{Type, TypeId, Typedef};

use super::attrs::Asked;
use super::{Entity, Fail, Found, Resolved, Resolver};
use crate::decl::{
    Attrs, Declaration, Declarator, Expr, ExprKind, InitDeclarator, Item, Name, Specifiers,
    Storage, TypeName, TypeSpec,
};
use crate::source::Loc;
use crate::token::Symbol;

impl Resolver<'_> {
    /// Resolves items one after the other.
    ///
    /// # Errors
    ///
    /// Fatal ones only: all others concern one item.
    pub(crate) fn items(&mut self, items: impl IntoIterator<Item = Item>) -> Resolved<()> {
        for item in items {
            let result = match item {
                Item::Declaration(declaration) => self.declaration(declaration),
                Item::Namespace { name, inline, items, loc } => {
                    self.nested(loc, |this| this.namespace(&name, inline, items))
                }
                item => self.plain_item(&item),
            };
            if let Err(fail) = result
                && fail.fatal
            {
                return Err(fail);
            }
        }
        Ok(())
    }

    /// An item that means the same in a class as outside.
    pub(crate) fn plain_item(&mut self, item: &Item) -> Resolved<()> {
        match item {
            Item::Alias { name, ty, attrs, loc, .. } => self.alias(*name, ty, attrs, *loc),
            Item::Using(name) => self.using(name),
            Item::UsingEnum(name) => self.using_enum(name),
            Item::UsingNamespace(name) => self.using_namespace(name),
            Item::NamespaceAlias { name, target } => {
                if let Some(Found::Entity(entity @ Entity::Namespace(_), _)) = self.find(target)? {
                    self.names.scopes.declare(self.scope, *name, entity);
                }
                Ok(())
            }
            Item::StaticAssert { condition, message, loc } => {
                self.static_assert(condition, message.as_deref(), *loc)
            }
            Item::Template { name: Some(name), .. } => {
                if !self.names.scopes.get(self.scope).names.contains_key(name) {
                    self.names.scopes.declare(self.scope, *name, Entity::Template);
                }
                Ok(())
            }
            Item::Template { name: None, .. }
            | Item::Special { .. }
            | Item::Skipped(_)
            | Item::Declaration(_)
            | Item::Namespace { .. } => Ok(()),
        }
    }

    fn namespace(&mut self, path: &[Symbol], inline: bool, items: Vec<Item>) -> Resolved<()> {
        let outer = self.scope;
        let mut scope = outer;
        if path.is_empty() {
            let prefix = self.names.scopes.get(scope).prefix.to_string();
            scope = self.names.scopes.add(scope, &prefix);
            self.names.scopes.show(outer, scope);
        }
        for &part in path {
            let parent = scope;
            scope = match self.names.scopes.look_in(parent, part) {
                Some(Found::Entity(Entity::Namespace(known), _)) => known,
                _ => {
                    let prefix = format!("{}::", self.qualified(parent, part));
                    let new = self.names.scopes.add(parent, &prefix);
                    self.names.scopes.declare(parent, part, Entity::Namespace(new));
                    new
                }
            };
            if inline {
                self.names.scopes.show(parent, scope);
            }
        }
        self.inside(scope, |this| this.items(items))
    }

    /// A declaration at file or namespace scope.
    fn declaration(&mut self, declaration: Declaration) -> Resolved<()> {
        if declaration.specifiers.storage == Storage::Typedef {
            return self.typedefs(&declaration);
        }
        if declaration.declarators.is_empty() {
            return self.type_declaration(&declaration.specifiers);
        }
        let base = self.specified(&declaration.specifiers);
        if let Err(fail) = &base
            && fail.fatal
        {
            return base.map(drop);
        }
        let base = base.ok();
        let Declaration { specifiers, declarators, .. } = declaration;
        for declarator in declarators {
            self.variable(base, &specifiers, declarator);
        }
        Ok(())
    }

    /// `struct X { … };`, `enum { … };`, `struct X;`.
    fn type_declaration(&mut self, specifiers: &Specifiers) -> Resolved<()> {
        match &specifiers.ty {
            TypeSpec::Record(spec) => match (&spec.name, &spec.body) {
                (Some(name), None) => {
                    self.forward(spec.kind, name);
                    Ok(())
                }
                _ => self.record_type(spec, None, Some(&specifiers.attrs)).map(drop),
            },
            TypeSpec::Enum(spec) => self.enum_type(spec, None).map(drop),
            _ => Ok(()),
        }
        .or_else(|fail| self.refuse_unless_fatal("", specifiers.loc, fail))
    }

    /// Refuses a declaration that no record or enum stands for.
    fn refuse_unless_fatal(&mut self, name: &str, loc: Loc, fail: Fail) -> Resolved<()> {
        if fail.fatal {
            return Err(fail);
        }
        self.refuse(name, loc, &fail);
        Ok(())
    }

    /// A variable or function. Its type is looked at when somebody asks for it, but that of a
    /// constant at once: it is only known here what its initialiser means.
    fn variable(
        &mut self,
        base: Option<TypeId>,
        specifiers: &Specifiers,
        declarator: InitDeclarator,
    ) {
        let Some(symbol) = plain_name(&declarator.declarator) else { return };
        let entity = match (base, &declarator.init) {
            (None, None) => Entity::Unknown,
            (base, Some(init)) if specifiers.constexpr || self.is_constant(base, &declarator) => {
                self.constant_variable(base, specifiers, &declarator, init)
                    .unwrap_or(Entity::Unknown)
            }
            (None, _) => Entity::Unknown,
            (Some(base), _) => Entity::Declared { base, declarator: Rc::new(declarator) },
        };
        // A constant that was declared before keeps its value.
        if !matches!(entity, Entity::Unknown)
            || !self.names.scopes.get(self.scope).names.contains_key(&symbol)
        {
            self.names.scopes.declare(self.scope, symbol, entity);
        }
    }

    /// Whether a variable is `const` itself.
    fn is_constant(&self, base: Option<TypeId>, declarator: &InitDeclarator) -> bool {
        let is_const =
            |base| matches!(self.types.get(base), Type::Qualified { is_const: true, .. });
        let arrays = |part: &crate::decl::DeclaratorPart| {
            matches!(part, crate::decl::DeclaratorPart::Array { .. })
        };
        base.is_some_and(is_const) && declarator.declarator.parts.iter().all(arrays)
    }

    fn constant_variable(
        &mut self,
        base: Option<TypeId>,
        specifiers: &Specifiers,
        declarator: &InitDeclarator,
        init: &Expr,
    ) -> Resolved<Entity> {
        let init_value = single(init);
        let Some(base) = base else {
            if !matches!(specifiers.ty, TypeSpec::Auto) || !declarator.declarator.parts.is_empty() {
                return Ok(Entity::Unknown);
            }
            return Ok(match self.eval(init_value) {
                Ok(value) => Entity::Constant(value),
                Err(_) => Entity::Object(self.type_of(init_value)?.ty),
            });
        };
        let own = self.asked(&[&declarator.attrs])?;
        let base = self.modified(base, &own, declarator.declarator.loc)?;
        let ty = self.declared(base, &declarator.declarator)?;
        if let Type::Array { element, len: None } = *self.types.get(self.types.strip(ty)) {
            let len = match &init.kind {
                ExprKind::Braces(elements) => match elements.as_slice() {
                    [Expr { kind: ExprKind::Str { len, .. }, .. }] => Some(*len),
                    elements => u64::try_from(elements.len()).ok(),
                },
                ExprKind::Str { len, .. } => Some(*len),
                _ => None,
            };
            return Ok(Entity::Object(self.types.array(element, len)));
        }
        let value = self.eval(init_value).and_then(|value| self.convert(value, ty, init.loc));
        Ok(value.map_or(Entity::Object(ty), Entity::Constant))
    }

    /// Static members of a class: constants if they have a value, objects otherwise.
    pub(crate) fn static_members(&mut self, declaration: &Declaration) -> Resolved<()> {
        let base = match self.specified(&declaration.specifiers) {
            Ok(base) => Some(base),
            Err(fail) if fail.fatal => return Err(fail),
            Err(_) => None,
        };
        for declarator in &declaration.declarators {
            self.variable(base, &declaration.specifiers, declarator.clone());
        }
        Ok(())
    }

    /// The names that a typedef declares.
    pub(crate) fn typedefs(&mut self, declaration: &Declaration) -> Resolved<()> {
        let specifiers = &declaration.specifiers;
        let base = self.typedef_base(declaration);
        if let Err(fail) = &base
            && fail.fatal
        {
            return base.map(drop);
        }
        for declarator in &declaration.declarators {
            let Some(symbol) = plain_name(&declarator.declarator) else { continue };
            let ty = match &base {
                Ok(base) => self.typedef_target(*base, specifiers, declarator),
                Err(fail) => Err(fail.clone()),
            };
            self.bind_typedef(symbol, ty, declarator.declarator.loc)?;
        }
        Ok(())
    }

    /// The type before the declarators of a typedef; an unnamed record or enum takes its name from
    /// the first declarator that is nothing but a name (C++17 dcl.typedef p9).
    fn typedef_base(&mut self, declaration: &Declaration) -> Resolved<TypeId> {
        let specifiers = &declaration.specifiers;
        let naming = declaration
            .declarators
            .first()
            .filter(|first| first.declarator.parts.is_empty())
            .and_then(|first| plain_name(&first.declarator));
        let ty = match &specifiers.ty {
            TypeSpec::Record(spec) => self.record_type(spec, naming, None)?,
            TypeSpec::Enum(spec) => self.enum_type(spec, naming)?,
            _ => return self.specified(specifiers),
        };
        let asked = self.asked(&[&specifiers.attrs])?;
        let ty = self.modified(ty, &asked, specifiers.loc)?;
        Ok(self.qualify(ty, specifiers.qualifiers))
    }

    fn typedef_target(
        &mut self,
        base: TypeId,
        specifiers: &Specifiers,
        declarator: &InitDeclarator,
    ) -> Resolved<(TypeId, Asked)> {
        let loc = declarator.declarator.loc;
        let own = self.asked(&[&declarator.attrs])?;
        let base = self.modified(base, &own, loc)?;
        let ty = self.declared(base, &declarator.declarator)?;
        Ok((ty, self.asked_of(specifiers, declarator)?))
    }

    /// Declares a typedef or alias.
    fn bind_typedef(
        &mut self,
        symbol: Symbol,
        target: Resolved<(TypeId, Asked)>,
        loc: Loc,
    ) -> Resolved<()> {
        let name = self.qualified(self.scope, symbol);
        let target = target.map(|(target, asked)| (target, self.typedef_align(&asked, target)));
        let entity = match target {
            Ok((target, align)) => {
                // The same again is no new typedef (C11 6.7p3).
                if let Some(Entity::Type(known)) =
                    self.names.scopes.get(self.scope).names.get(&symbol)
                    && let Type::Typedef(id) = self.types.get(*known)
                    && self.types.typedef(*id).target == target
                    && self.types.typedef(*id).align == align
                {
                    return Ok(());
                }
                Entity::Type(self.types.add_typedef(Typedef { name: name.into(), target, align }))
            }
            Err(fail) => {
                self.refuse_unless_fatal(&name, loc, fail)?;
                Entity::BadType
            }
        };
        self.names.scopes.declare(self.scope, symbol, entity);
        Ok(())
    }

    fn alias(&mut self, name: Symbol, ty: &TypeName, attrs: &Attrs, loc: Loc) -> Resolved<()> {
        let target =
            self.alias_target(name, ty).and_then(|target| Ok((target, self.asked(&[attrs])?)));
        self.bind_typedef(name, target, loc)
    }

    fn alias_target(&mut self, name: Symbol, ty: &TypeName) -> Resolved<TypeId> {
        let plain = ty.declarator.parts.is_empty();
        match &ty.specifiers.ty {
            TypeSpec::Record(spec) if plain && spec.name.is_none() => {
                self.record_type(spec, Some(name), None)
            }
            TypeSpec::Enum(spec) if plain && spec.name.is_none() => {
                self.enum_type(spec, Some(name))
            }
            _ => self.type_name(ty),
        }
    }

    fn using(&mut self, name: &Name) -> Resolved<()> {
        let Some(last) = name.parts.last() else { return Ok(()) };
        let scope = self.scope;
        match self.find(name)? {
            Some(Found::Entity(entity, _)) => self.names.scopes.declare(scope, last.ident, entity),
            Some(Found::Tag(tag)) => {
                self.names.scopes.get_mut(scope).tags.insert(last.ident, tag);
            }
            None => {}
        }
        Ok(())
    }

    fn using_enum(&mut self, name: &Name) -> Resolved<()> {
        let ty = self.named_type(name)?;
        if let Type::Enum(id) = *self.types.get(self.types.strip(ty))
            && let Some(inner) = self.names.scopes.of_enum(id)
        {
            self.names.scopes.show(self.scope, inner);
        }
        Ok(())
    }

    fn using_namespace(&mut self, name: &Name) -> Resolved<()> {
        if let Some(Found::Entity(Entity::Namespace(inner), _)) = self.find(name)? {
            self.names.scopes.show(self.scope, inner);
        }
        Ok(())
    }

    fn static_assert(&mut self, condition: &Expr, message: Option<&str>, loc: Loc) -> Resolved<()> {
        // What depends on templates or calls functions is not for a reader of declarations.
        let Ok(value) = self.eval(condition) else { return Ok(()) };
        if value.is_true() {
            return Ok(());
        }
        let triple = self.types.abi().triple();
        let message = message.map(|text| format!(": {text}")).unwrap_or_default();
        Err(Fail::fatal(loc, format!("static assertion fails on {triple}{message}")))
    }
}

/// The name that a declarator declares in the scope that it stands in.
fn plain_name(declarator: &Declarator) -> Option<Symbol> {
    match declarator.name.as_ref()?.parts.as_slice() {
        [part] => Some(part.ident),
        _ => None,
    }
}

/// `{x}` initialises as `x` does.
fn single(init: &Expr) -> &Expr {
    match &init.kind {
        ExprKind::Braces(elements) => match elements.as_slice() {
            [element] => element,
            _ => init,
        },
        _ => init,
    }
}
