//! Constant expressions (C11 6.6), in the integer types of the ABI.
//!
//! Two walks over an expression: [`Resolver::eval`] computes its value, [`Resolver::type_of`] its
//! type, where C does not evaluate: operands of `sizeof` and `typeof`, and the side of `?:` that is
//! not taken. No subexpression is walked twice, so the effort is that of its length.
//!
//! What overflows, divides by zero or shifts too far is an error of that expression, as for gcc where
//! a constant is required. What reads memory is no constant, but addresses of members of an object at
//! a constant address are: `(size_t)&((struct s *)0)->m`.

mod arith;
mod builtin;
mod convert;
mod literal;
mod place;
mod typing;
mod value;

use cwire_layout::types::{Basic, Type, TypeId};

use crate::decl::{BinaryOp, Expr, ExprKind, Name, UnaryOp};
use crate::resolve::{Entity, Fail, Found, Resolved, Resolver};
use crate::source::Loc;

pub(crate) use value::{IntType, Number, Value, float_type, int_type};

impl Resolver<'_> {
    /// The integer that a constant expression gives.
    pub(crate) fn integer(&mut self, expr: &Expr) -> Resolved<i128> {
        let value = self.eval(expr)?;
        match value.number {
            Number::Int(bits) if int_type(self.types, value.ty).is_some_and(|int| int.signed) => {
                Ok(bits as i128)
            }
            Number::Int(bits) => i128::try_from(bits).map_err(|_| {
                Fail::new(expr.loc, format!("needs a value below 2^127, found {bits}"))
            }),
            Number::Float(number) => Err(Fail::new(
                expr.loc,
                format!("needs an integer, found the floating constant {number}"),
            )),
        }
    }

    /// The value of a constant expression.
    pub(crate) fn eval(&mut self, expr: &Expr) -> Resolved<Value> {
        self.nested(expr.loc, |this| this.eval_kind(expr))
    }

    fn eval_kind(&mut self, expr: &Expr) -> Resolved<Value> {
        let loc = expr.loc;
        match &expr.kind {
            ExprKind::Int { value, suffix, decimal } => {
                self.int_literal(*value, *suffix, *decimal, loc)
            }
            ExprKind::Char { value, prefix, len } => Ok(self.char_literal(*value, *prefix, *len)),
            ExprKind::Float { value, ty } => {
                Ok(Value { ty: self.basic(*ty), number: Number::Float(*value) })
            }
            ExprKind::Bool(value) => Ok(self.int_value(Basic::Bool, u128::from(*value))),
            ExprKind::Nullptr => Ok(self.int_value(Basic::NullPtr, 0)),
            ExprKind::Name(name) => self.eval_name(name),
            ExprKind::Unary(op, operand) => self.eval_unary(*op, operand, loc),
            ExprKind::Binary(op, left, right) => self.eval_binary(*op, left, right, loc),
            ExprKind::Conditional { condition, then, otherwise } => {
                self.eval_conditional(condition, then.as_deref(), otherwise)
            }
            // gcc takes a comma in a constant expression where its left side is a constant, too.
            ExprKind::Comma(left, right) => {
                self.eval(left)?;
                self.eval(right)
            }
            ExprKind::Cast { ty, operand } => {
                let ty = self.type_name(ty)?;
                self.cast(ty, operand, loc)
            }
            ExprKind::CompoundLiteral { ty, init } => {
                let ty = self.type_name(ty)?;
                match &init.kind {
                    // `T{}` and `T()` are zero (C++17 dcl.init p8).
                    ExprKind::Braces(elements) if elements.is_empty() => self.zero(ty, loc),
                    ExprKind::Braces(elements) => match elements.as_slice() {
                        [element] => self.cast(ty, element, loc),
                        _ => Err(not_constant(loc)),
                    },
                    _ => Err(not_constant(loc)),
                }
            }
            ExprKind::SizeofExpr(operand) => {
                let ty = self.type_of(operand)?.ty;
                let size = self.size_of(ty, loc)?;
                Ok(self.size_value(size))
            }
            ExprKind::SizeofType(ty) => {
                let ty = self.type_name(ty)?;
                let size = self.size_of(ty, loc)?;
                Ok(self.size_value(size))
            }
            ExprKind::AlignofExpr { operand, preferred } => {
                let align = self.alignof_expr(operand, *preferred)?;
                Ok(self.size_value(align))
            }
            ExprKind::AlignofType { ty, preferred } => {
                let ty = self.type_name(ty)?;
                let align = self.align_of(ty, loc, *preferred)?;
                Ok(self.size_value(align))
            }
            ExprKind::Offsetof { ty, path } => {
                let offset = self.offsetof(ty, path, loc)?;
                Ok(self.size_value(offset))
            }
            ExprKind::Member { .. } | ExprKind::Index { .. } => self.eval_place(expr),
            ExprKind::Call { callee, args } => self.eval_call(callee, args, loc),
            ExprKind::Generic { control, arms } => {
                let arm = self.generic_arm(control, arms, loc)?;
                self.eval(arm)
            }
            ExprKind::Braces(elements) => match elements.as_slice() {
                [element] => self.eval(element),
                _ => Err(not_constant(loc)),
            },
            ExprKind::Str { .. } | ExprKind::Assign(..) | ExprKind::Opaque => {
                Err(not_constant(loc))
            }
        }
    }

    pub(crate) fn int_value(&mut self, basic: Basic, bits: u128) -> Value {
        Value { ty: self.basic(basic), number: Number::Int(bits) }
    }

    fn size_value(&mut self, size: u64) -> Value {
        Value { ty: self.size_type(), number: Number::Int(u128::from(size)) }
    }

    /// The result of comparing: `int` in C, `bool` in C++.
    fn truth(&mut self, truth: bool) -> Value {
        let basic = self.truth_type();
        self.int_value(basic, u128::from(truth))
    }

    fn truth_type(&self) -> Basic {
        if self.is_cxx() { Basic::Bool } else { Basic::Int }
    }

    fn eval_name(&mut self, name: &Name) -> Resolved<Value> {
        match self.find(name)? {
            Some(Found::Entity(Entity::Constant(value), _)) => Ok(value),
            Some(_) => {
                let spelling = self.spell_name(name);
                Err(Fail::new(name.loc, format!("`{spelling}` is not a constant")))
            }
            None => Err(self.undeclared(name)),
        }
    }

    fn undeclared(&self, name: &Name) -> Fail {
        let spelling = self.spell_name(name);
        Fail::new(name.loc, format!("`{spelling}` is not declared"))
    }

    fn eval_unary(&mut self, op: UnaryOp, operand: &Expr, loc: Loc) -> Resolved<Value> {
        match op {
            UnaryOp::Plus => {
                let value = self.eval(operand)?;
                self.promoted_value(value, loc)
            }
            UnaryOp::Minus => {
                let value = self.eval(operand)?;
                self.negate(value, loc)
            }
            UnaryOp::Complement => {
                let value = self.eval(operand)?;
                self.complement(value, loc)
            }
            UnaryOp::Not => {
                let value = self.eval(operand)?;
                Ok(self.truth(!value.is_true()))
            }
            UnaryOp::AddressOf => self.address_of(operand),
            UnaryOp::Deref => {
                let expr = self.place_deref(operand)?;
                self.place_value(&expr, loc)
            }
            UnaryOp::Real => self.eval(operand),
            UnaryOp::Imag => {
                let value = self.eval(operand)?;
                self.zero(value.ty, loc)
            }
            UnaryOp::PreIncrement
            | UnaryOp::PreDecrement
            | UnaryOp::PostIncrement
            | UnaryOp::PostDecrement => Err(not_constant(loc)),
        }
    }

    fn eval_binary(
        &mut self,
        op: BinaryOp,
        left: &Expr,
        right: &Expr,
        loc: Loc,
    ) -> Resolved<Value> {
        match op {
            BinaryOp::And => {
                let truth = self.eval(left)?.is_true() && self.eval(right)?.is_true();
                Ok(self.truth(truth))
            }
            BinaryOp::Or => {
                let truth = self.eval(left)?.is_true() || self.eval(right)?.is_true();
                Ok(self.truth(truth))
            }
            BinaryOp::Spaceship | BinaryOp::MemberPointer => Err(not_constant(loc)),
            _ => {
                let left = self.eval(left)?;
                let right = self.eval(right)?;
                self.binary(op, left, right, loc)
            }
        }
    }

    fn eval_conditional(
        &mut self,
        condition: &Expr,
        then: Option<&Expr>,
        otherwise: &Expr,
    ) -> Resolved<Value> {
        let condition_value = self.eval(condition)?;
        let truth = condition_value.is_true();
        let (value, other) = match (truth, then) {
            (true, Some(then)) => (self.eval(then)?, self.type_of(otherwise)),
            (true, None) => (condition_value, self.type_of(otherwise)),
            (false, Some(then)) => (self.eval(otherwise)?, self.type_of(then)),
            (false, None) => {
                let ty = condition_value.ty;
                (self.eval(otherwise)?, Ok(typing::Typed::of(ty)))
            }
        };
        // The side that is not taken may be what no reader can type; its type hardly ever counts.
        let Ok(other) = other else { return Ok(value) };
        match self.common(typing::Typed::of(value.ty), other) {
            Some(ty) => self.convert(value, ty, condition.loc),
            None => Ok(value),
        }
    }

    /// `(ty)operand`.
    fn cast(&mut self, ty: TypeId, operand: &Expr, loc: Loc) -> Resolved<Value> {
        let value = self.eval(operand)?;
        self.convert(value, ty, loc)
    }

    fn zero(&mut self, ty: TypeId, loc: Loc) -> Resolved<Value> {
        let zero = self.int_value(Basic::Int, 0);
        self.convert(zero, ty, loc)
    }

    fn alignof_expr(&mut self, operand: &Expr, preferred: bool) -> Resolved<u64> {
        // Of a member, what the member asks for, too (gcc's `__alignof__`).
        if let ExprKind::Member { base, name, arrow } = &operand.kind {
            let record = self.member_record(base, *arrow)?;
            let text = self.text(*name);
            if let Some(align) = place::member_align(self.types, record, text) {
                return Ok(align);
            }
        }
        let ty = self.type_of(operand)?.ty;
        self.align_of(ty, operand.loc, preferred)
    }

    /// The type that `decltype(operand)` gives (C++17 dcl.type.simple p4).
    pub(crate) fn decltype(&mut self, operand: &Expr, parenthesized: bool) -> Resolved<TypeId> {
        let ty = self.type_of(operand)?.ty;
        if parenthesized && typing::is_lvalue(operand) {
            return Ok(self.types.intern(Type::Reference { target: ty, rvalue: false }));
        }
        Ok(ty)
    }
}

/// An expression that is no constant.
fn not_constant(loc: Loc) -> Fail {
    Fail::new(loc, "needs a constant expression")
}
