//! Operators on values, with the checks that make a constant one.

use cwire_layout::types::{Type, TypeId};

use super::typing::Typed;
use super::{IntType, Number, Value, float_type, int_type};
use crate::decl::BinaryOp;
use crate::resolve::{Fail, Resolved, Resolver, target};
use crate::source::Loc;

impl Resolver<'_> {
    /// `left op right` with both sides evaluated.
    pub(super) fn binary(
        &mut self,
        op: BinaryOp,
        left: Value,
        right: Value,
        loc: Loc,
    ) -> Resolved<Value> {
        if matches!(op, BinaryOp::Shl | BinaryOp::Shr) {
            return self.shift(op, left, right, loc);
        }
        let Some(ty) = self.arithmetic(Typed::of(left.ty), Typed::of(right.ty)) else {
            return self.pointer_binary(op, left, right, loc);
        };
        let (left, right) = (self.convert(left, ty, loc)?, self.convert(right, ty, loc)?);
        if float_type(self.types, ty).is_some() {
            return self.float_binary(op, left, right, loc);
        }
        let (Number::Int(a), Number::Int(b), Some(int)) =
            (left.number, right.number, int_type(self.types, ty))
        else {
            return Err(super::not_constant(loc));
        };
        if let Some(truth) = compare(op, a, b, int.signed) {
            return Ok(self.truth(truth));
        }
        let bits =
            int_binary(op, a, b, int).map_err(|wrong| self.arithmetic_fail(wrong, ty, loc))?;
        Ok(Value { ty, number: Number::Int(bits) })
    }

    fn arithmetic_fail(&self, wrong: Wrong, ty: TypeId, loc: Loc) -> Fail {
        match wrong {
            Wrong::Overflow => {
                let spelling = self.types.spell(ty);
                Fail::new(
                    loc,
                    format!("needs a constant that fits `{spelling}`, this one overflows"),
                )
            }
            Wrong::DivisionByZero => {
                Fail::new(loc, "division by zero is not a constant expression")
            }
            Wrong::Operator => super::not_constant(loc),
        }
    }

    fn float_binary(
        &mut self,
        op: BinaryOp,
        left: Value,
        right: Value,
        loc: Loc,
    ) -> Resolved<Value> {
        let (a, b) = (self.as_float(left), self.as_float(right));
        let number = match op {
            BinaryOp::Add => a + b,
            BinaryOp::Sub => a - b,
            BinaryOp::Mul => a * b,
            BinaryOp::Div => a / b,
            BinaryOp::Less => return Ok(self.truth(a < b)),
            BinaryOp::Greater => return Ok(self.truth(a > b)),
            BinaryOp::LessEqual => return Ok(self.truth(a <= b)),
            BinaryOp::GreaterEqual => return Ok(self.truth(a >= b)),
            BinaryOp::Equal => return Ok(self.truth(a == b)),
            BinaryOp::NotEqual => return Ok(self.truth(a != b)),
            _ => {
                let spelling = self.types.spell(left.ty);
                return Err(Fail::new(
                    loc,
                    format!("needs integers on both sides, found `{spelling}`"),
                ));
            }
        };
        Ok(Value { ty: left.ty, number: Number::Float(number) })
    }

    /// Shifts have the type of the left side. A count that is negative or not below the width is no
    /// constant for gcc; a left shift into the sign is (GNU C, Integers Implementation).
    fn shift(&mut self, op: BinaryOp, left: Value, right: Value, loc: Loc) -> Resolved<Value> {
        let left = self.promoted_value(left, loc)?;
        let (Number::Int(bits), Some(int), Number::Int(count), Some(count_int)) = (
            left.number,
            int_type(self.types, left.ty),
            right.number,
            int_type(self.types, right.ty),
        ) else {
            return Err(Fail::new(loc, "needs integers on both sides of a shift"));
        };
        let shown = if count_int.signed { (count as i128).to_string() } else { count.to_string() };
        let count =
            u32::try_from(count).ok().filter(|&count| count < int.bits).ok_or_else(|| {
                Fail::new(
                    loc,
                    format!("needs a shift by 0 to {} bits, found {shown}", int.bits - 1),
                )
            })?;
        let bits = match op {
            BinaryOp::Shl => int.wrap(bits << count),
            _ if int.signed => ((bits as i128) >> count) as u128,
            _ => bits >> count,
        };
        Ok(Value { ty: left.ty, number: Number::Int(bits) })
    }

    pub(super) fn negate(&mut self, value: Value, loc: Loc) -> Resolved<Value> {
        let value = self.promoted_value(value, loc)?;
        match (value.number, int_type(self.types, value.ty)) {
            (Number::Float(number), _) => Ok(Value { number: Number::Float(-number), ..value }),
            (Number::Int(bits), Some(int)) => {
                let bits = int_binary(BinaryOp::Sub, 0, bits, int)
                    .map_err(|wrong| self.arithmetic_fail(wrong, value.ty, loc))?;
                Ok(Value { number: Number::Int(bits), ..value })
            }
            (Number::Int(_), None) => Err(super::not_constant(loc)),
        }
    }

    pub(super) fn complement(&mut self, value: Value, loc: Loc) -> Resolved<Value> {
        let value = self.promoted_value(value, loc)?;
        match (value.number, int_type(self.types, value.ty)) {
            (Number::Int(bits), Some(int)) => {
                Ok(Value { number: Number::Int(int.wrap(!bits)), ..value })
            }
            _ => Err(Fail::new(loc, "needs an integer after `~`")),
        }
    }

    /// Comparison of addresses, and their sums and differences with integers.
    fn pointer_binary(
        &mut self,
        op: BinaryOp,
        left: Value,
        right: Value,
        loc: Loc,
    ) -> Resolved<Value> {
        let (Number::Int(a), Number::Int(b)) = (left.number, right.number) else {
            return Err(super::not_constant(loc));
        };
        if let Some(truth) = compare(op, a, b, false) {
            return Ok(self.truth(truth));
        }
        match (op, self.element_size(left.ty, loc)?, self.element_size(right.ty, loc)?) {
            (BinaryOp::Add, Some(size), None) => Ok(self.moved(left, size, b)),
            (BinaryOp::Add, None, Some(size)) => Ok(self.moved(right, size, a)),
            (BinaryOp::Sub, Some(size), None) => Ok(self.moved(left, size, b.wrapping_neg())),
            (BinaryOp::Sub, Some(size), Some(_)) if size > 0 => {
                let bytes = (a as i128).wrapping_sub(b as i128);
                let elements = bytes / i128::from(size);
                Ok(self.int_value(target::difference_type(self.types.abi()), elements as u128))
            }
            _ => Err(super::not_constant(loc)),
        }
    }

    /// Size of what a pointer points to; `None` if it is none.
    fn element_size(&mut self, ty: TypeId, loc: Loc) -> Resolved<Option<u64>> {
        match *self.types.get(self.types.strip(ty)) {
            Type::Pointer(target) => self.size_of(target, loc).map(Some),
            _ => Ok(None),
        }
    }

    /// A pointer moved by elements.
    pub(super) fn moved(&self, pointer: Value, size: u64, elements: u128) -> Value {
        let Number::Int(address) = pointer.number else { return pointer };
        let int = IntType::address(self.types.abi().pointer_size());
        let moved = address.wrapping_add(elements.wrapping_mul(u128::from(size)));
        Value { number: Number::Int(int.wrap(moved)), ..pointer }
    }
}

/// Why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    Overflow,
    DivisionByZero,
    Operator,
}

/// What a comparison gives; `None` for other operators.
const fn compare(op: BinaryOp, a: u128, b: u128, signed: bool) -> Option<bool> {
    let less = if signed { (a as i128) < b as i128 } else { a < b };
    Some(match op {
        BinaryOp::Less => less,
        BinaryOp::GreaterEqual => !less,
        BinaryOp::Greater => !less && a != b,
        BinaryOp::LessEqual => less || a == b,
        BinaryOp::Equal => a == b,
        BinaryOp::NotEqual => a != b,
        _ => return None,
    })
}

/// Unsigned types wrap around, signed ones must not (C11 6.2.5p9, 6.6p4).
fn int_binary(op: BinaryOp, a: u128, b: u128, int: IntType) -> Result<u128, Wrong> {
    if matches!(op, BinaryOp::Div | BinaryOp::Rem) && b == 0 {
        return Err(Wrong::DivisionByZero);
    }
    match op {
        BinaryOp::BitAnd => return Ok(a & b),
        BinaryOp::BitOr => return Ok(a | b),
        BinaryOp::BitXor => return Ok(a ^ b),
        _ => {}
    }
    if !int.signed {
        return Ok(int.wrap(match op {
            BinaryOp::Add => a.wrapping_add(b),
            BinaryOp::Sub => a.wrapping_sub(b),
            BinaryOp::Mul => a.wrapping_mul(b),
            BinaryOp::Div => a / b,
            BinaryOp::Rem => a % b,
            _ => return Err(Wrong::Operator),
        }));
    }
    let (a, b) = (a as i128, b as i128);
    let result = match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Sub => a.checked_sub(b),
        BinaryOp::Mul => a.checked_mul(b),
        BinaryOp::Div => a.checked_div(b),
        BinaryOp::Rem => a.checked_rem(b),
        _ => return Err(Wrong::Operator),
    };
    match result {
        // The quotient decides for `%`, too: `INT_MIN % -1` is none.
        Some(value) if int.has(value) && !(op == BinaryOp::Rem && b == -1 && !int.has(-a)) => {
            Ok(value as u128)
        }
        _ => Err(Wrong::Overflow),
    }
}
