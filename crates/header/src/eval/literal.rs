//! The types of constants that are written out.

use cwire_layout::types::{Basic, Type, TypeId};

use super::{Number, Value, int_type};
use crate::decl::{CharPrefix, IntSuffix};
use crate::resolve::{Fail, Resolved, Resolver, target};
use crate::source::Loc;

impl Resolver<'_> {
    /// The first type of the list that holds the value (C11 6.4.4.1p5); gcc goes on to `__int128`.
    pub(super) fn int_literal(
        &mut self,
        value: u128,
        suffix: IntSuffix,
        decimal: bool,
        loc: Loc,
    ) -> Resolved<Value> {
        let ty = if suffix.bit_int {
            // The narrowest that holds it (C23 6.4.4.1p6).
            let bits = 128 - value.leading_zeros() + u32::from(!suffix.unsigned);
            let width_bits = bits.max(if suffix.unsigned { 1 } else { 2 });
            self.types.intern(Type::BitInt { width_bits, signed: !suffix.unsigned })
        } else {
            self.first_that_holds(value, suffix, decimal, loc)?
        };
        Ok(Value { ty, number: Number::Int(value) })
    }

    fn first_that_holds(
        &mut self,
        value: u128,
        suffix: IntSuffix,
        decimal: bool,
        loc: Loc,
    ) -> Resolved<TypeId> {
        let pairs = [
            (Basic::Int, Basic::UInt),
            (Basic::Long, Basic::ULong),
            (Basic::LongLong, Basic::ULongLong),
            (Basic::Int128, Basic::UInt128),
        ];
        let skip = match suffix {
            IntSuffix { bits: 64, .. } => 2,
            IntSuffix { bits: 128, .. } => 3,
            // `z`: `size_t` and its signed counterpart (C++23 lex.icon).
            IntSuffix { size: true, .. } => match target::size_type(self.types.abi()) {
                Basic::ULong => 1,
                Basic::ULongLong => 2,
                _ => 0,
            },
            IntSuffix { longs, .. } => usize::from(longs),
        };
        for &(signed, unsigned) in pairs.iter().skip(skip) {
            if !suffix.unsigned && self.holds(signed, value) {
                return Ok(self.basic(signed));
            }
            if (suffix.unsigned || !decimal) && self.holds(unsigned, value) {
                return Ok(self.basic(unsigned));
            }
        }
        Err(Fail::new(loc, "needs an integer constant of at most 128 bits"))
    }

    fn holds(&mut self, basic: Basic, value: u128) -> bool {
        let ty = self.basic(basic);
        int_type(self.types, ty).is_some_and(|int| {
            let value_bits = int.bits - u32::from(int.signed);
            value_bits >= 128 || value >> value_bits == 0
        })
    }

    /// The type of one character: `int` in C, `char` in C++ (C11 6.4.4.4p10, C++17 lex.ccon).
    pub(super) fn char_type(&self, prefix: CharPrefix, len: usize) -> Basic {
        match prefix {
            CharPrefix::None if len == 1 && self.is_cxx() => Basic::Char,
            CharPrefix::None => Basic::Int,
            CharPrefix::U8 => Basic::UChar,
            prefix => self.element_type(prefix),
        }
    }

    /// The type of the elements of a string literal.
    pub(super) fn element_type(&self, prefix: CharPrefix) -> Basic {
        match (prefix, self.is_cxx()) {
            (CharPrefix::None | CharPrefix::U8, _) => Basic::Char,
            (CharPrefix::L, true) => Basic::WChar,
            (CharPrefix::L, false) => target::wchar_type(self.types.abi()),
            (CharPrefix::U16, true) => Basic::Char16,
            (CharPrefix::U16, false) => Basic::UShort,
            (CharPrefix::U32, true) => Basic::Char32,
            (CharPrefix::U32, false) => Basic::UInt,
        }
    }

    pub(super) fn char_literal(&mut self, value: u32, prefix: CharPrefix, len: usize) -> Value {
        let bits = match prefix {
            CharPrefix::None if len == 1 && self.types.abi().char_is_signed() => {
                i128::from(value.to_le_bytes()[0] as i8) as u128
            }
            CharPrefix::None if len == 1 => u128::from(value),
            CharPrefix::None => i128::from(value as i32) as u128,
            _ => u128::from(value),
        };
        let basic = self.char_type(prefix, len);
        let ty = self.basic(basic);
        let bits = int_type(self.types, ty).map_or(bits, |int| int.wrap(bits));
        Value { ty, number: Number::Int(bits) }
    }

    /// The type of a string literal. `len` counts its NUL, and a 32-bit `wchar_t`.
    pub(super) fn str_type(&mut self, prefix: CharPrefix, len: u64) -> TypeId {
        let basic = self.element_type(prefix);
        let element = self.basic(basic);
        self.types.array(element, Some(len))
    }
}
