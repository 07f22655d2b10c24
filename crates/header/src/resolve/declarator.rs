//! The types that declarators put around a type.

use cwire_layout::types::{Type, TypeId};

use super::{Fail, Resolved, Resolver};
use crate::decl::{Attrs, Declarator, DeclaratorPart, Expr, Name, Qualifiers, TypeName};
use crate::source::Loc;

impl Resolver<'_> {
    /// The type of what `declarator` declares, where `base` stands before it.
    pub(crate) fn declared(&mut self, base: TypeId, declarator: &Declarator) -> Resolved<TypeId> {
        let mut ty = base;
        for part in declarator.parts.iter().rev() {
            ty = self.around(ty, part)?;
        }
        Ok(ty)
    }

    fn around(&mut self, ty: TypeId, part: &DeclaratorPart) -> Resolved<TypeId> {
        match part {
            DeclaratorPart::Pointer { qualifiers, attrs } => self.pointer(ty, *qualifiers, attrs),
            DeclaratorPart::Reference { rvalue } => {
                Ok(self.types.intern(Type::Reference { target: ty, rvalue: *rvalue }))
            }
            DeclaratorPart::MemberPointer { class, qualifiers } => {
                let pointer = self.member_pointer(ty, class)?;
                Ok(self.qualify(pointer, *qualifiers))
            }
            DeclaratorPart::Array { len, loc } => {
                self.element(ty, *loc)?;
                let len = match len {
                    Some(len) => Some(self.array_len(len)?),
                    None => None,
                };
                Ok(self.types.array(ty, len))
            }
            DeclaratorPart::Function { params, variadic, trailing } => {
                let returns = match trailing {
                    Some(returns) => self.type_name(returns)?,
                    None => ty,
                };
                let params = self.params(params)?;
                Ok(self.types.intern(Type::Function { returns, params, variadic: *variadic }))
            }
        }
    }

    fn pointer(
        &mut self,
        target: TypeId,
        qualifiers: Qualifiers,
        attrs: &Attrs,
    ) -> Resolved<TypeId> {
        let pointer = match qualifiers.pointer_bytes {
            // `__ptr32` and `__ptr64` (MSVC): an address of that size.
            Some(bytes) if u64::from(bytes) != self.types.abi().pointer_size() => {
                use cwire_layout::types::Basic;
                self.basic(if bytes == 4 { Basic::UInt } else { Basic::ULongLong })
            }
            _ => self.types.pointer(target),
        };
        let pointer = match self.asked(&[attrs])?.aligned {
            Some(align) if !self.pointers_pass_attributes() => self.realigned(pointer, align),
            _ => pointer,
        };
        Ok(self.qualify(pointer, qualifiers))
    }

    fn member_pointer(&mut self, target: TypeId, class: &Name) -> Resolved<TypeId> {
        let class_type = self.named_type(class)?;
        match self.types.get(self.types.strip(class_type)) {
            Type::Record(class) => {
                let class = *class;
                Ok(self.types.intern(Type::MemberPointer { class, target }))
            }
            _ => {
                let spelling = self.spell_name(class);
                Err(Fail::new(class.loc, format!("needs a class before `::*`, found `{spelling}`")))
            }
        }
    }

    /// Checks that there may be arrays of `ty`.
    fn element(&self, ty: TypeId, loc: Loc) -> Resolved<()> {
        match self.types.get(self.types.strip(ty)) {
            Type::Void | Type::Function { .. } | Type::Reference { .. } => {
                let spelling = self.types.spell(ty);
                Err(Fail::new(
                    loc,
                    format!("needs elements with a size, found an array of `{spelling}`"),
                ))
            }
            // `int a[][3]` is one, `int a[3][]` is none (C11 6.7.6.2p1).
            Type::Array { len: None, .. } => {
                Err(Fail::new(loc, "needs a bound for every dimension but the first"))
            }
            _ => Ok(()),
        }
    }

    fn array_len(&mut self, len: &Expr) -> Resolved<u64> {
        let value = self.integer(len)?;
        u64::try_from(value).map_err(|_| {
            Fail::new(len.loc, format!("needs an array size of at least 0, found {value}"))
        })
    }

    /// Types of parameters, as they are passed (C11 6.7.6.3p7).
    fn params(&mut self, params: &[TypeName]) -> Resolved<Box<[TypeId]>> {
        let mut types = Vec::with_capacity(params.len());
        for param in params {
            let base = self.specified(&param.specifiers)?;
            types.push(self.param(base, &param.declarator)?);
        }
        Ok(types.into())
    }

    fn param(&mut self, base: TypeId, declarator: &Declarator) -> Resolved<TypeId> {
        // The outermost array is a pointer whatever its bound, which need be no constant.
        if let Some((DeclaratorPart::Array { .. }, inner)) = declarator.parts.split_first() {
            let mut ty = base;
            for part in inner.iter().rev() {
                ty = match part {
                    DeclaratorPart::Array { len, .. } => {
                        let len = len.as_ref().and_then(|len| self.array_len(len).ok());
                        self.types.array(ty, Some(len.unwrap_or(0)))
                    }
                    part => self.around(ty, part)?,
                };
            }
            return Ok(self.types.pointer(ty));
        }
        let ty = self.declared(base, declarator)?;
        Ok(self.decayed(ty))
    }

    /// Arrays and functions as pointers (C11 6.3.2.1p3-4).
    pub(crate) fn decayed(&mut self, ty: TypeId) -> TypeId {
        match self.types.get(self.types.strip(ty)) {
            Type::Array { element, .. } => {
                let element = *element;
                self.types.pointer(element)
            }
            Type::Function { .. } => self.types.pointer(ty),
            _ => ty,
        }
    }
}
