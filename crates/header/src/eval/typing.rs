//! Types of expressions that are not evaluated.

use cwire_layout::types::{Basic, Type, TypeId};

use super::{float_type, int_type};
use crate::decl::{BinaryOp, CallArg, Expr, ExprKind, Name, TypeName, UnaryOp};
use crate::resolve::{Entity, Fail, Found, Resolved, Resolver, target};
use crate::source::Loc;

/// The type of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Typed {
    pub(crate) ty: TypeId,
    /// Width of the bit-field that it designates, which decides how it is promoted.
    pub(crate) width: Option<u32>,
}

impl Typed {
    pub(crate) const fn of(ty: TypeId) -> Self {
        Self { ty, width: None }
    }
}

/// Whether an expression designates an object, as far as its form shows.
pub(super) const fn is_lvalue(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::Name(_)
            | ExprKind::Member { .. }
            | ExprKind::Index { .. }
            | ExprKind::Unary(UnaryOp::Deref | UnaryOp::PreIncrement | UnaryOp::PreDecrement, _)
            | ExprKind::Str { .. }
            | ExprKind::Assign(..)
    )
}

impl Resolver<'_> {
    /// The type of an expression, without the conversions of lvalues: arrays stay arrays.
    pub(crate) fn type_of(&mut self, expr: &Expr) -> Resolved<Typed> {
        self.nested(expr.loc, |this| this.type_of_kind(expr))
    }

    fn type_of_kind(&mut self, expr: &Expr) -> Resolved<Typed> {
        let loc = expr.loc;
        let ty = match &expr.kind {
            ExprKind::Int { value, suffix, decimal } => {
                self.int_literal(*value, *suffix, *decimal, loc)?.ty
            }
            ExprKind::Char { prefix, len, .. } => {
                let basic = self.char_type(*prefix, *len);
                self.basic(basic)
            }
            ExprKind::Float { ty, .. } => self.basic(*ty),
            ExprKind::Str { prefix, len } => self.str_type(*prefix, *len),
            ExprKind::Bool(_) => self.basic(Basic::Bool),
            ExprKind::Nullptr => self.basic(Basic::NullPtr),
            ExprKind::Name(name) => return self.type_of_name(name),
            ExprKind::Unary(op, operand) => return self.type_of_unary(*op, operand, loc),
            ExprKind::Binary(op, left, right) => self.type_of_binary(*op, left, right, loc)?,
            ExprKind::Conditional { condition, then, otherwise } => {
                let then = self.type_of(then.as_deref().unwrap_or(condition))?;
                let otherwise = self.type_of(otherwise)?;
                self.common(then, otherwise).unwrap_or(then.ty)
            }
            ExprKind::Assign(left, _) => self.type_of(left)?.ty,
            ExprKind::Comma(_, right) => {
                let right = self.type_of(right)?.ty;
                if self.is_cxx() { right } else { self.decayed(right) }
            }
            ExprKind::Cast { ty, .. } | ExprKind::CompoundLiteral { ty, .. } => {
                self.type_name(ty)?
            }
            ExprKind::SizeofExpr(_)
            | ExprKind::SizeofType(_)
            | ExprKind::AlignofExpr { .. }
            | ExprKind::AlignofType { .. }
            | ExprKind::Offsetof { .. } => self.size_type(),
            ExprKind::Member { base, name, arrow } => {
                let base_type = self.type_of(base)?.ty;
                let base_type = if *arrow { self.target_of(base_type, loc)? } else { base_type };
                let found = self.member_named(base_type, *name, loc)?;
                return Ok(Typed { ty: found.ty, width: found.width_bits });
            }
            ExprKind::Index { base, index } => {
                let base = self.type_of(base)?.ty;
                let index = self.type_of(index)?.ty;
                let pointer = if int_type(self.types, base).is_some() { index } else { base };
                match self.types.get(self.types.strip(pointer)) {
                    Type::Vector { element, .. } => *element,
                    _ => self.target_of(pointer, loc)?,
                }
            }
            ExprKind::Call { callee, args } => self.type_of_call(callee, args, loc)?,
            ExprKind::Generic { control, arms } => {
                let arm = self.generic_arm(control, arms, loc)?;
                return self.type_of(arm);
            }
            ExprKind::Braces(_) | ExprKind::Opaque => {
                return Err(Fail::new(loc, "needs an expression whose type can be told"));
            }
        };
        Ok(Typed::of(ty))
    }

    fn type_of_name(&mut self, name: &Name) -> Resolved<Typed> {
        match self.find(name)? {
            Some(Found::Entity(Entity::Constant(value), _)) => Ok(Typed::of(value.ty)),
            Some(Found::Entity(Entity::Object(ty), _)) => Ok(Typed::of(ty)),
            Some(Found::Entity(Entity::Declared { base, declarator }, scope)) => {
                let asked = self.asked(&[&declarator.attrs])?;
                let base = self.modified(base, &asked, name.loc)?;
                let ty = self.inside(scope, |this| this.declared(base, &declarator.declarator))?;
                if let Some(last) = name.parts.last() {
                    self.names.scopes.declare(scope, last.ident, Entity::Object(ty));
                }
                Ok(Typed::of(ty))
            }
            // `sizeof(T)` where the parser did not know that T is a type.
            Some(Found::Entity(Entity::Type(ty), _)) => Ok(Typed::of(ty)),
            Some(Found::Tag(tag)) if self.is_cxx() => Ok(Typed::of(self.tag_type(tag))),
            Some(_) => {
                let spelling = self.spell_name(name);
                Err(Fail::new(name.loc, format!("the type of `{spelling}` is not known")))
            }
            None => match self.qualified_member(name) {
                Some(typed) => Ok(typed),
                None => Err(self.undeclared(name)),
            },
        }
    }

    fn type_of_unary(&mut self, op: UnaryOp, operand: &Expr, loc: Loc) -> Resolved<Typed> {
        let typed = self.type_of(operand)?;
        let ty = match op {
            UnaryOp::Plus | UnaryOp::Minus | UnaryOp::Complement => {
                self.promoted(typed).unwrap_or(typed.ty)
            }
            UnaryOp::Not => {
                let basic = self.truth_type();
                self.basic(basic)
            }
            UnaryOp::Deref => self.target_of(typed.ty, loc)?,
            UnaryOp::AddressOf => self.types.pointer(typed.ty),
            UnaryOp::Real | UnaryOp::Imag => match *self.types.get(self.types.strip(typed.ty)) {
                Type::Complex(basic) => self.basic(basic),
                _ => typed.ty,
            },
            UnaryOp::PreIncrement
            | UnaryOp::PreDecrement
            | UnaryOp::PostIncrement
            | UnaryOp::PostDecrement => typed.ty,
        };
        Ok(Typed::of(ty))
    }

    fn type_of_binary(
        &mut self,
        op: BinaryOp,
        left: &Expr,
        right: &Expr,
        loc: Loc,
    ) -> Resolved<TypeId> {
        match op {
            BinaryOp::And
            | BinaryOp::Or
            | BinaryOp::Less
            | BinaryOp::Greater
            | BinaryOp::LessEqual
            | BinaryOp::GreaterEqual
            | BinaryOp::Equal
            | BinaryOp::NotEqual => {
                let basic = self.truth_type();
                Ok(self.basic(basic))
            }
            BinaryOp::Shl | BinaryOp::Shr => {
                let left = self.type_of(left)?;
                Ok(self.promoted(left).unwrap_or(left.ty))
            }
            BinaryOp::Spaceship | BinaryOp::MemberPointer => {
                Err(Fail::new(loc, "needs an expression whose type can be told"))
            }
            _ => {
                let left = self.type_of(left)?;
                let right = self.type_of(right)?;
                self.sum_type(op, left, right, loc)
            }
        }
    }

    fn sum_type(&mut self, op: BinaryOp, left: Typed, right: Typed, loc: Loc) -> Resolved<TypeId> {
        if let Some(ty) = self.arithmetic(left, right) {
            return Ok(ty);
        }
        for side in [left.ty, right.ty] {
            if let Type::Vector { .. } | Type::Complex(_) = self.types.get(self.types.strip(side)) {
                return Ok(side);
            }
        }
        let (left, right) = (self.decayed(left.ty), self.decayed(right.ty));
        let number = |this: &Self, ty| {
            int_type(this.types, ty).is_some() || float_type(this.types, ty).is_some()
        };
        match (op, number(self, left), number(self, right)) {
            (BinaryOp::Sub, false, false) => {
                Ok(self.basic(target::difference_type(self.types.abi())))
            }
            (BinaryOp::Add | BinaryOp::Sub, false, true) => Ok(left),
            (BinaryOp::Add, true, false) => Ok(right),
            _ => {
                let (left, right) = (self.types.spell(left), self.types.spell(right));
                Err(Fail::new(
                    loc,
                    format!("needs numbers on both sides, found `{left}` and `{right}`"),
                ))
            }
        }
    }

    /// The arm that `_Generic` chooses (C11 6.5.1.1p3).
    pub(super) fn generic_arm<'e>(
        &mut self,
        control: &CallArg,
        arms: &'e [(Option<TypeName>, Expr)],
        loc: Loc,
    ) -> Resolved<&'e Expr> {
        let control = match control {
            CallArg::Type(name) => self.type_name(name)?,
            CallArg::Expr(expr) => {
                let ty = self.type_of(expr)?.ty;
                let ty = self.unqualified(ty);
                self.decayed(ty)
            }
        };
        let control = self.canonical(control);
        for (ty, arm) in arms {
            let Some(ty) = ty else { continue };
            let ty = self.type_name(ty)?;
            if self.canonical(ty) == control {
                return Ok(arm);
            }
        }
        let default = arms.iter().find(|(ty, _)| ty.is_none());
        default.map(|(_, arm)| arm).ok_or_else(|| {
            let spelling = self.types.spell(control);
            Fail::new(loc, format!("needs a choice for `{spelling}` in `_Generic`, found none"))
        })
    }

    /// A type with the typedefs in it resolved, so that the same types are the same.
    pub(super) fn canonical(&mut self, ty: TypeId) -> TypeId {
        self.canonical_within(ty, 64)
    }

    fn canonical_within(&mut self, ty: TypeId, depth: usize) -> TypeId {
        let Some(depth) = depth.checked_sub(1) else { return ty };
        match self.types.get(ty).clone() {
            Type::Typedef(id) => {
                let target = self.types.typedef(id).target;
                self.canonical_within(target, depth)
            }
            Type::Qualified { ty, is_const, is_volatile } => {
                let ty = self.canonical_within(ty, depth);
                let qualifiers =
                    crate::decl::Qualifiers { is_const, is_volatile, ..Default::default() };
                self.qualify(ty, qualifiers)
            }
            // C's enums are compatible with their underlying type (C11 6.7.2.2p4).
            Type::Enum(id) if !self.is_cxx() => {
                self.types.enumeration(id).definition.as_ref().map_or(ty, |def| def.underlying)
            }
            Type::Pointer(target) => {
                let target = self.canonical_within(target, depth);
                self.types.pointer(target)
            }
            Type::Array { element, len } => {
                let element = self.canonical_within(element, depth);
                self.types.array(element, len)
            }
            Type::Function { returns, params, variadic } => {
                let returns = self.canonical_within(returns, depth);
                let params =
                    params.iter().map(|&param| self.canonical_within(param, depth)).collect();
                self.types.intern(Type::Function { returns, params, variadic })
            }
            _ => ty,
        }
    }
}
