//! Enums: their tags, the values of enumerators, and the type that holds them.

use cwire_layout::types::{Basic, EnumDefinition, EnumId, Type, TypeId};

use super::{Entity, Fail, Resolved, Resolver, ScopeId, Scopes, Tag, target};
use crate::decl::{EnumSpec, Enumerator, Name};
use crate::eval::{IntType, Number, Value, int_type};
use crate::token::Symbol;

impl Resolver<'_> {
    /// The type of an enum specifier. `naming` is the typedef that names it if it has no tag.
    pub(crate) fn enum_type(
        &mut self,
        spec: &EnumSpec,
        naming: Option<Symbol>,
    ) -> Resolved<TypeId> {
        let fixed = match &spec.underlying {
            Some(name) => Some(self.fixed_type(name)?),
            // A scoped enum has `int` (C++17 dcl.enum p5).
            None if spec.scoped => Some(self.basic(Basic::Int)),
            None => None,
        };
        let id = self.enum_tag(spec, naming)?;
        let ty = self.types.intern(Type::Enum(id));
        if let Some(underlying) = fixed
            && self.types.enumeration(id).definition.is_none()
        {
            // Complete from here on (C++17 dcl.enum p3): its enumerators may need its size.
            let definition =
                EnumDefinition { values: Vec::new(), underlying, align: None, is_fixed: true };
            self.types.define_enum(id, definition);
        }
        if let Some(body) = &spec.body {
            let result = self.nested(spec.loc, |this| this.enum_body(id, spec, body, fixed));
            if let Err(fail) = result {
                let name = self.types.enumeration(id).name.clone();
                if fail.fatal || name.is_empty() {
                    return Err(fail);
                }
                self.refuse(&name, spec.loc, &fail);
            }
        }
        Ok(ty)
    }

    fn fixed_type(&mut self, name: &crate::decl::TypeName) -> Resolved<TypeId> {
        let ty = self.type_name(name)?;
        let ty = self.unqualified(ty);
        match int_type(self.types, ty) {
            Some(_) => Ok(ty),
            None => {
                let spelling = self.types.spell(ty);
                Err(Fail::new(
                    name.declarator.loc,
                    format!("needs an integer type, found `{spelling}`"),
                ))
            }
        }
    }

    /// The enum that a specifier means, declared if need be.
    fn enum_tag(&mut self, spec: &EnumSpec, naming: Option<Symbol>) -> Resolved<EnumId> {
        let origin = self.origin(spec.loc);
        let Some(name) = &spec.name else {
            let name = naming.map(|naming| self.qualified(self.scope, naming)).unwrap_or_default();
            let id = self.types.add_enum("", Some(origin));
            self.types.name_enum(id, &name);
            return Ok(id);
        };
        if let [part] = name.parts.as_slice()
            && !name.global
        {
            let here = if self.is_cxx() { self.scope } else { Scopes::FILE };
            let known = if spec.body.is_some() || spec.underlying.is_some() {
                self.names.scopes.tag_in(here, part.ident)
            } else {
                self.names.scopes.look_up_tag(self.scope, part.ident)
            };
            return match known {
                Some(Tag::Enum(id)) => {
                    if spec.body.is_some() {
                        self.types.set_enum_origin(id, origin);
                    }
                    Ok(id)
                }
                Some(Tag::Record(_)) => Err(self.other_kind(name)),
                None => {
                    let full = self.qualified(here, part.ident);
                    let id = self.types.add_enum(&full, Some(origin));
                    self.names.scopes.get_mut(here).tags.insert(part.ident, Tag::Enum(id));
                    Ok(id)
                }
            };
        }
        let ty = self.named_type(name)?;
        match *self.types.get(self.types.strip(ty)) {
            Type::Enum(id) => Ok(id),
            _ => Err(self.other_kind(name)),
        }
    }

    fn other_kind(&self, name: &Name) -> Fail {
        let spelling = self.spell_name(name);
        Fail::new(name.loc, format!("`{spelling}` is the tag of another kind of type"))
    }

    fn enum_body(
        &mut self,
        id: EnumId,
        spec: &EnumSpec,
        body: &[Enumerator],
        fixed: Option<TypeId>,
    ) -> Resolved<()> {
        let outer = self.scope;
        let prefix = match &*self.types.enumeration(id).name {
            "" => self.names.scopes.get(outer).prefix.to_string(),
            name => format!("{name}::"),
        };
        let inner = self.names.scopes.add(outer, &prefix);
        self.names.scopes.set_enum(id, inner);
        let mut values = Vec::with_capacity(body.len());
        let mut next = 0;
        for enumerator in body {
            let value = match &enumerator.value {
                Some(value) => self.inside(inner, |this| this.integer(value))?,
                None => next,
            };
            let value = self.kept(value, fixed, enumerator)?;
            let ty = fixed.unwrap_or_else(|| self.running_type(value));
            self.declare_enumerator(
                inner,
                (!spec.scoped).then_some(outer),
                enumerator.name,
                value,
                ty,
            );
            values.push((enumerator.name, value));
            next = value.checked_add(1).ok_or_else(|| {
                Fail::new(enumerator.loc, "the enumerator after this one needs more than 128 bits")
            })?;
        }
        self.finish_enum(id, spec, &values, fixed)?;
        let holds = fixed.is_some();
        for (name, value) in values {
            let ty = self.enumerator_type(id, value, holds);
            self.declare_enumerator(inner, (!spec.scoped).then_some(outer), name, value, ty);
        }
        Ok(())
    }

    /// A value as the enum holds it.
    fn kept(&self, value: i128, fixed: Option<TypeId>, at: &Enumerator) -> Resolved<i128> {
        let Some(ty) = fixed else {
            // cl.exe cuts values off to `int` (C4309).
            let int = IntType { bits: 32, signed: true, rank: 0 };
            return Ok(if self.msvc() { int.wrap(value as u128) as i128 } else { value });
        };
        match int_type(self.types, ty) {
            Some(int) if !int.has(value) => {
                let spelling = self.types.spell(ty);
                let name = self.text(at.name);
                Err(Fail::new(at.loc, format!("needs values of `{spelling}`, `{name}` is {value}")))
            }
            _ => Ok(value),
        }
    }

    fn declare_enumerator(
        &mut self,
        inner: ScopeId,
        outer: Option<ScopeId>,
        name: Symbol,
        value: i128,
        ty: TypeId,
    ) {
        let constant = Value { ty, number: Number::Int(value as u128) };
        self.names.scopes.declare(inner, name, Entity::Constant(constant));
        if let Some(outer) = outer {
            self.names.scopes.declare(outer, name, Entity::Constant(constant));
        }
    }

    /// The type of an enumerator before `}`: the first that holds its value.
    fn running_type(&mut self, value: i128) -> TypeId {
        let candidates =
            [Basic::Int, Basic::UInt, Basic::Long, Basic::ULong, Basic::LongLong, Basic::ULongLong];
        for basic in candidates {
            let ty = self.basic(basic);
            if int_type(self.types, ty).is_some_and(|int| int.has(value)) {
                return ty;
            }
        }
        self.basic(Basic::Int128)
    }

    /// The type of an enumerator after `}`: the enum in C++ (C++17 dcl.enum p5); in C `int`, and
    /// where that does not do, gcc takes the enum's own.
    fn enumerator_type(&mut self, id: EnumId, value: i128, fixed: bool) -> TypeId {
        let int = self.basic(Basic::Int);
        if !self.is_cxx() && !fixed && i32::try_from(value).is_ok() {
            return int;
        }
        self.types.intern(Type::Enum(id))
    }

    fn finish_enum(
        &mut self,
        id: EnumId,
        spec: &EnumSpec,
        values: &[(Symbol, i128)],
        fixed: Option<TypeId>,
    ) -> Resolved<()> {
        let asked = self.asked(&[&spec.attrs])?;
        let min = values.iter().map(|&(_, value)| value).min().unwrap_or(0);
        let max = values.iter().map(|&(_, value)| value).max().unwrap_or(0);
        let underlying = match (fixed, &asked.mode) {
            (Some(ty), _) => ty,
            (None, Some(mode)) => {
                let sign = self.basic(if min < 0 { Basic::Int } else { Basic::UInt });
                self.moded(sign, mode, spec.loc)?
            }
            (None, None) => {
                if min < i128::from(i64::MIN)
                    || max > i128::from(if min < 0 { i64::MAX as u64 } else { u64::MAX })
                {
                    let reason =
                        format!("needs values that one 64-bit type holds, found {min} to {max}");
                    return Err(Fail::new(spec.loc, reason));
                }
                self.underlying_type(min, max, asked.packed)
            }
        };
        // gcc ignores `aligned` on enums, clang honours it.
        let clang = self.msvc() || target::is_apple(self.types.abi());
        let align = if clang { asked.strictest } else { None };
        let values = values.iter().map(|&(name, value)| (self.text(name).into(), value)).collect();
        self.types.define_enum(
            id,
            EnumDefinition { values, underlying, align, is_fixed: fixed.is_some() },
        );
        Ok(())
    }

    fn underlying_type(&mut self, min: i128, max: i128, packed: bool) -> TypeId {
        let abi = *self.types.abi();
        let smallest = packed && !self.msvc();
        let rule = if smallest { cwire_layout::abi::Abi::ARM_NONE_EABI } else { abi };
        let (layout, signed) = rule.enum_type(min, max);
        let long = target::long_is_64(&abi);
        self.basic(match (layout.size, signed) {
            (1, true) => Basic::SChar,
            (1, false) => Basic::UChar,
            (2, true) => Basic::Short,
            (2, false) => Basic::UShort,
            (4, true) => Basic::Int,
            (4, false) => Basic::UInt,
            (_, true) => {
                if long {
                    Basic::Long
                } else {
                    Basic::LongLong
                }
            }
            (_, false) => {
                if long {
                    Basic::ULong
                } else {
                    Basic::ULongLong
                }
            }
        })
    }
}
