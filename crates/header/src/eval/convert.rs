//! Promotions and conversions (C11 6.3).

use cwire_layout::types::{Basic, Type, TypeId};

use super::typing::Typed;
use super::{IntType, Number, Value, float_type, int_type};
use crate::resolve::{Fail, Resolved, Resolver};
use crate::source::Loc;

impl Resolver<'_> {
    /// A value as another type.
    pub(crate) fn convert(&mut self, value: Value, ty: TypeId, loc: Loc) -> Resolved<Value> {
        if value.ty == ty {
            return Ok(value);
        }
        if let Some(float) = float_type(self.types, ty) {
            let number = self.as_float(value);
            // The other types are at least as wide as `double`, which constants are kept in.
            #[expect(clippy::cast_possible_truncation, reason = "rounding is what C asks for")]
            let number = if float == Basic::Float { f64::from(number as f32) } else { number };
            return Ok(Value { ty, number: Number::Float(number) });
        }
        let Some(int) = self.scalar_int(ty) else {
            let spelling = self.types.spell(ty);
            return Err(Fail::new(loc, format!("needs a scalar type, found `{spelling}`")));
        };
        if matches!(self.types.get(self.types.strip(ty)), Type::Basic(Basic::Bool)) {
            return Ok(Value { ty, number: Number::Int(u128::from(value.is_true())) });
        }
        let bits = match value.number {
            Number::Int(bits) => int.wrap(bits),
            Number::Float(number) => truncated(number, int, loc)?,
        };
        Ok(Value { ty, number: Number::Int(bits) })
    }

    /// The integer type that computes for an arithmetic type, enum or pointer.
    fn scalar_int(&self, ty: TypeId) -> Option<IntType> {
        match self.types.get(self.types.strip(ty)) {
            Type::Pointer(_) | Type::Basic(Basic::NullPtr) => {
                Some(IntType::address(self.types.abi().pointer_size()))
            }
            _ => int_type(self.types, ty),
        }
    }

    pub(super) fn as_float(&self, value: Value) -> f64 {
        match value.number {
            Number::Float(number) => number,
            Number::Int(bits) if int_type(self.types, value.ty).is_some_and(|int| int.signed) => {
                bits as i128 as f64
            }
            Number::Int(bits) => bits as f64,
        }
    }

    /// The type after the integer promotions (C11 6.3.1.1p2); arithmetic types only.
    pub(super) fn promoted(&mut self, typed: Typed) -> Option<TypeId> {
        if float_type(self.types, typed.ty).is_some() {
            return Some(self.unqualified(typed.ty));
        }
        let int = int_type(self.types, typed.ty)?;
        let stripped = self.types.strip(typed.ty);
        // An enum promotes as its underlying type does. In C++ that is so only where the enum says what
        // holds it; else it promotes to the first type from `int` on that holds all its values, and
        // so to a signed one if it can (C++17 conv.prom p3 and p4).
        let ty = match self.types.get(stripped) {
            Type::Enum(id) => {
                let definition = self.types.enumeration(*id).definition.as_ref()?;
                let underlying = definition.underlying;
                if self.is_cxx() && !definition.is_fixed {
                    let most = definition.values.iter().map(|&(_, value)| value).max();
                    return Some(self.promoted_open(underlying, most.unwrap_or(0)));
                }
                underlying
            }
            Type::Atomic(inner) => *inner,
            _ => stripped,
        };
        let ty = self.types.strip(ty);
        if matches!(self.types.get(ty), Type::BitInt { .. }) {
            return Some(ty);
        }
        let width = typed.width.map_or(int.bits, |width| width.min(int.bits));
        // `int` has 32 bits on all ABIs.
        if width < 32 || (width == 32 && int.signed && int.bits <= 32 && typed.width.is_some()) {
            return Some(self.basic(Basic::Int));
        }
        Some(match self.types.get(ty) {
            Type::Basic(Basic::Char32) => self.basic(Basic::UInt),
            Type::Basic(Basic::WChar) => {
                self.basic(if int.signed { Basic::Int } else { Basic::UInt })
            }
            _ => ty,
        })
    }

    /// What an enum of C++ that is held by `underlying`, with values up to `most`, promotes to.
    fn promoted_open(&mut self, underlying: TypeId, most: i128) -> TypeId {
        let underlying = self.types.strip(underlying);
        let Some(int) = int_type(self.types, underlying) else { return underlying };
        let is_signed = int.signed || most < 1 << (int.bits - 1);
        match self.types.get(underlying) {
            _ if int.bits < 32 => self.basic(Basic::Int),
            Type::Basic(Basic::UInt) if is_signed => self.basic(Basic::Int),
            Type::Basic(Basic::ULong) if is_signed => self.basic(Basic::Long),
            Type::Basic(Basic::ULongLong) if is_signed => self.basic(Basic::LongLong),
            _ => underlying,
        }
    }

    pub(super) fn promoted_value(&mut self, value: Value, loc: Loc) -> Resolved<Value> {
        match self.promoted(Typed::of(value.ty)) {
            Some(ty) => self.convert(value, ty, loc),
            None => Ok(value),
        }
    }

    /// The type that both sides of an operator are converted to (C11 6.3.1.8); `None` if one is not
    /// arithmetic.
    pub(super) fn arithmetic(&mut self, left: Typed, right: Typed) -> Option<TypeId> {
        let (left, right) = (self.promoted(left)?, self.promoted(right)?);
        if left == right {
            return Some(left);
        }
        match (float_type(self.types, left), float_type(self.types, right)) {
            (Some(a), Some(b)) => {
                return Some(if float_rank(a) >= float_rank(b) { left } else { right });
            }
            (Some(_), None) => return Some(left),
            (None, Some(_)) => return Some(right),
            (None, None) => {}
        }
        let (a, b) = (int_type(self.types, left)?, int_type(self.types, right)?);
        if a.signed == b.signed {
            return Some(if a.rank >= b.rank { left } else { right });
        }
        let ((signed, s), (unsigned, u)) =
            if a.signed { ((left, a), (right, b)) } else { ((right, b), (left, a)) };
        if u.rank >= s.rank {
            return Some(unsigned);
        }
        if s.bits > u.bits {
            return Some(signed);
        }
        Some(self.unsigned_of(signed))
    }

    fn unsigned_of(&mut self, ty: TypeId) -> TypeId {
        let basic = match self.types.get(ty) {
            Type::Basic(Basic::Long) => Basic::ULong,
            Type::Basic(Basic::LongLong) => Basic::ULongLong,
            Type::Basic(Basic::Int128) => Basic::UInt128,
            Type::BitInt { width_bits, .. } => {
                let width_bits = *width_bits;
                return self.types.intern(Type::BitInt { width_bits, signed: false });
            }
            _ => Basic::UInt,
        };
        self.basic(basic)
    }

    /// The type of `?:` with these sides (C11 6.5.15p5-6); `None` where it is that of either.
    pub(super) fn common(&mut self, left: Typed, right: Typed) -> Option<TypeId> {
        let (a, b) = (self.types.strip(left.ty), self.types.strip(right.ty));
        let same = a == b && left.width.is_none() && right.width.is_none();
        // C promotes both sides before it looks (C11 6.5.15p5), C++ only where they differ (C++17
        // expr.cond p6).
        if same && self.is_cxx() {
            return Some(left.ty);
        }
        if let Some(ty) = self.arithmetic(left, right) {
            return Some(ty);
        }
        if same {
            return Some(left.ty);
        }
        let (a, b) = (self.decayed(left.ty), self.decayed(right.ty));
        let pointer =
            |this: &Self, ty| matches!(this.types.get(this.types.strip(ty)), Type::Pointer(_));
        match (pointer(self, a), pointer(self, b)) {
            (true, false) => Some(a),
            (false, true) => Some(b),
            // `void *` beside another pointer is `void *`.
            (true, true) => Some(if self.is_void_pointer(b) { b } else { a }),
            (false, false) => None,
        }
    }

    fn is_void_pointer(&self, ty: TypeId) -> bool {
        match self.types.get(self.types.strip(ty)) {
            Type::Pointer(target) => {
                matches!(self.types.get(self.types.strip(*target)), Type::Void)
            }
            _ => false,
        }
    }
}

/// Order of floating types (C11 6.2.5p10).
const fn float_rank(basic: Basic) -> u8 {
    match basic {
        Basic::Float16 => 0,
        Basic::Float => 1,
        Basic::Double => 2,
        Basic::LongDouble => 3,
        _ => 4,
    }
}

/// A floating constant without its fraction (C11 6.3.1.4p1).
fn truncated(number: f64, int: IntType, loc: Loc) -> Resolved<u128> {
    let whole = number.trunc();
    let too_large =
        || Fail::new(loc, format!("needs a number of {} bits, found {number}", int.bits));
    // 2^127; what is in range converts exactly.
    const LIMIT: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0;
    if !(-LIMIT..LIMIT).contains(&whole) {
        return Err(too_large());
    }
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and in range")]
    let value = whole as i128;
    if int.has(value) { Ok(value as u128) } else { Err(too_large()) }
}
