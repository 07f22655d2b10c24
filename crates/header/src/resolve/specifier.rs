//! The type that specifiers give, before any declarator.

use cwire_layout::types::{Basic, Type, TypeId, Typedef};

use super::{Fail, Resolved, Resolver, target};
use crate::decl::{Qualifiers, Specifiers, TypeName, TypeSpec};
use crate::source::Loc;

/// The most bits of `_BitInt`: `BITINT_MAXWIDTH` of gcc. clang's 8388608 is beyond any wire.
const BIT_INT_MAX: i128 = 65535;

impl Resolver<'_> {
    /// The type of specifiers, qualifiers included.
    pub(crate) fn specified(&mut self, specifiers: &Specifiers) -> Resolved<TypeId> {
        let ty = self.spec(&specifiers.ty, specifiers.loc)?;
        let asked = self.asked(&[&specifiers.attrs])?;
        let ty = self.modified(ty, &asked, specifiers.loc)?;
        Ok(self.qualify(ty, specifiers.qualifiers))
    }

    /// The type that a type name means.
    pub(crate) fn type_name(&mut self, name: &TypeName) -> Resolved<TypeId> {
        self.nested(name.declarator.loc, |this| {
            let base = this.specified(&name.specifiers)?;
            this.declared(base, &name.declarator)
        })
    }

    pub(crate) fn qualify(&mut self, ty: TypeId, qualifiers: Qualifiers) -> TypeId {
        let ty = if qualifiers.atomic { self.types.intern(Type::Atomic(ty)) } else { ty };
        let Qualifiers { is_const, is_volatile, .. } = qualifiers;
        if !is_const && !is_volatile {
            return ty;
        }
        // Qualifiers of a qualified type are one set (C11 6.7.3p5).
        let (ty, is_const, is_volatile) = match *self.types.get(ty) {
            Type::Qualified { ty, is_const: c, is_volatile: v } => {
                (ty, is_const || c, is_volatile || v)
            }
            _ => (ty, is_const, is_volatile),
        };
        self.types.intern(Type::Qualified { ty, is_const, is_volatile })
    }

    /// The type of one specifier.
    pub(crate) fn spec(&mut self, spec: &TypeSpec, loc: Loc) -> Resolved<TypeId> {
        Ok(match spec {
            TypeSpec::Void => self.types.intern(Type::Void),
            TypeSpec::Basic(basic) => self.basic(*basic),
            TypeSpec::Complex(basic) => self.types.intern(Type::Complex(*basic)),
            TypeSpec::Decimal(bytes) => self.decimal(*bytes),
            TypeSpec::BitInt { width, signed } => {
                let value = self.integer(width)?;
                // `signed _BitInt(1)` has no room for a value (C23 6.7.3.1p9).
                let least = if *signed { 2 } else { 1 };
                match u32::try_from(value) {
                    Ok(width_bits) if (least..=BIT_INT_MAX).contains(&value) => {
                        self.types.intern(Type::BitInt { width_bits, signed: *signed })
                    }
                    _ => {
                        let reason = format!(
                            "needs a width of {least} to {BIT_INT_MAX} bits, found {value}"
                        );
                        return Err(Fail::new(width.loc, reason));
                    }
                }
            }
            TypeSpec::VaList => self.va_list(),
            TypeSpec::Record(record) => self.record_type(record, None, None)?,
            TypeSpec::Enum(spec) => self.enum_type(spec, None)?,
            TypeSpec::Name(name) => self.named_type(name)?,
            TypeSpec::TypeofExpr(expr) => self.type_of(expr)?.ty,
            TypeSpec::Decltype { operand, parenthesized } => {
                self.decltype(operand, *parenthesized)?
            }
            TypeSpec::TypeofType(name) => self.type_name(name)?,
            TypeSpec::Unqualified(inner) => {
                let ty = self.spec(inner, loc)?;
                self.unqualified(ty)
            }
            TypeSpec::Atomic(name) => {
                let ty = self.type_name(name)?;
                self.types.intern(Type::Atomic(ty))
            }
            TypeSpec::UnderlyingType(name) => self.underlying(name, loc)?,
            TypeSpec::Auto => {
                return Err(Fail::new(loc, "needs a type, `auto` takes that of an initialiser"));
            }
            TypeSpec::ImplicitInt => self.basic(Basic::Int),
        })
    }

    fn va_list(&mut self) -> TypeId {
        let known = self.interner.get("__builtin_va_list");
        let known = known.and_then(|ident| self.names.prelude.find(ident, self.types));
        known.unwrap_or_else(|| {
            let void = self.types.intern(Type::Void);
            self.types.pointer(void)
        })
    }

    /// `_Decimal32`, `_Decimal64`, `_Decimal128`: bytes that nobody takes for a binary number, with
    /// the alignment of gcc's types (test `decimal_floats_are_aligned_as_gcc_does`).
    fn decimal(&mut self, bytes: u8) -> TypeId {
        let size = u64::from(bytes);
        let byte = self.basic(Basic::UChar);
        let target = self.types.array(byte, Some(size));
        let align = size.min(self.types.abi().max_align());
        if let Some(&ty) = self.names.aligned.get(&(target, align)) {
            return ty;
        }
        let name = format!("_Decimal{}", size * 8);
        let ty = self.types.add_typedef(Typedef { name: name.into(), target, align: Some(align) });
        self.names.aligned.insert((target, align), ty);
        ty
    }

    /// A type without its outermost qualifiers.
    pub(crate) fn unqualified(&mut self, ty: TypeId) -> TypeId {
        let mut bare = ty;
        loop {
            match self.types.get(bare) {
                Type::Qualified { ty, .. } | Type::Atomic(ty) => bare = *ty,
                // A typedef of a qualified type is qualified, too.
                Type::Typedef(id) => {
                    let target = self.types.typedef(*id).target;
                    if !matches!(self.types.get(target), Type::Qualified { .. } | Type::Typedef(_))
                    {
                        return bare;
                    }
                    bare = target;
                }
                _ => return bare,
            }
        }
    }

    fn underlying(&mut self, name: &TypeName, loc: Loc) -> Resolved<TypeId> {
        let ty = self.type_name(name)?;
        match self.types.get(self.types.strip(ty)) {
            Type::Enum(id) => match &self.types.enumeration(*id).definition {
                Some(definition) => Ok(definition.underlying),
                None => Err(Fail::new(loc, "needs a complete enum, found an incomplete one")),
            },
            _ => Err(Fail::new(loc, format!("needs an enum, found `{}`", self.types.spell(ty)))),
        }
    }

    /// Size of a type in bytes, with the reason where it has none.
    pub(crate) fn size_of(&mut self, ty: TypeId, loc: Loc) -> Resolved<u64> {
        // GNU C (Arithmetic on void- and function-Pointers): both have size 1.
        if matches!(self.types.get(self.types.strip(ty)), Type::Void | Type::Function { .. }) {
            return Ok(1);
        }
        let ty = self.referred(ty);
        self.complete(ty, loc)?;
        match self.types.layout_of(ty) {
            Ok(layout) => Ok(layout.size),
            Err(error) => Err(Fail::new(loc, error.to_string())),
        }
    }

    /// Alignment of a type in bytes: `alignof`, or what `__alignof__` says (`preferred`).
    pub(crate) fn align_of(&mut self, ty: TypeId, loc: Loc, preferred: bool) -> Resolved<u64> {
        if matches!(self.types.get(self.types.strip(ty)), Type::Void | Type::Function { .. }) {
            return Ok(1);
        }
        let mut ty = self.referred(ty);
        // Of an array that of its element (C11 6.5.3.4p3), complete or not.
        while let Type::Array { element, len: None } = self.types.get(self.types.strip(ty)) {
            ty = *element;
        }
        self.complete(ty, loc)?;
        let aligned =
            if preferred { self.types.align_of(ty) } else { self.types.standard_align_of(ty) };
        aligned.map_err(|error| Fail::new(loc, error.to_string()))
    }

    /// What a reference refers to, which is what `sizeof` measures (C++17 expr.sizeof p2).
    pub(crate) fn referred(&self, ty: TypeId) -> TypeId {
        match self.types.get(self.types.strip(ty)) {
            Type::Reference { target, .. } => *target,
            _ => ty,
        }
    }

    /// Checks that a type has a size; says what is missing otherwise.
    pub(crate) fn complete(&self, ty: TypeId, loc: Loc) -> Resolved<()> {
        let mut at = self.types.strip(ty);
        loop {
            let inner = match self.types.get(at) {
                Type::Array { element, .. } | Type::Vector { element, .. } => *element,
                Type::Atomic(ty) => *ty,
                Type::Void | Type::Function { .. } => {
                    let spelling = self.types.spell(at);
                    let reason = format!("needs the size of `{spelling}`, which has none");
                    return Err(Fail::new(loc, reason));
                }
                Type::Record(id) => {
                    let record = self.types.record(*id);
                    if record.definition.is_some() {
                        return Ok(());
                    }
                    let spelling = self.types.spell(at);
                    let why = self.names.refused.get(id).copied();
                    let why = why.unwrap_or("which is declared but not defined");
                    return Err(Fail::new(loc, format!("needs the size of `{spelling}`, {why}")));
                }
                Type::Enum(id) if self.types.enumeration(*id).definition.is_none() => {
                    let spelling = self.types.spell(at);
                    let reason = format!(
                        "needs the size of `{spelling}`, which is declared but not defined"
                    );
                    return Err(Fail::new(loc, reason));
                }
                _ => return Ok(()),
            };
            at = self.types.strip(inner);
        }
    }

    pub(crate) fn msvc(&self) -> bool {
        target::is_msvc(self.types.abi())
    }
}
