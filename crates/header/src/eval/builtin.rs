//! Calls that compilers fold: builtins of gcc and clang, and `T(x)`.

use cwire_layout::types::{Basic, Type, TypeId};

use super::{Number, Value, int_type};
use crate::decl::{CallArg, Expr, ExprKind, Name};
use crate::resolve::{Entity, Fail, Found, Resolved, Resolver};
use crate::source::Loc;

impl Resolver<'_> {
    pub(super) fn eval_call(
        &mut self,
        callee: &Expr,
        args: &[CallArg],
        loc: Loc,
    ) -> Resolved<Value> {
        let ExprKind::Name(name) = &callee.kind else { return Err(super::not_constant(loc)) };
        if let [.., part] = name.parts.as_slice() {
            let text = self.text(part.ident);
            if let Some(result) = self.eval_builtin(text, args, loc) {
                return result;
            }
            if let Some(value) = self.numeric_limit(name, text)? {
                return Ok(value);
            }
        }
        // `T(x)` where the parser did not know that T is a type.
        match (self.find(name)?, args) {
            (Some(Found::Entity(Entity::Type(ty), _)), [CallArg::Expr(operand)]) => {
                self.cast(ty, operand, loc)
            }
            (Some(Found::Tag(tag)), [CallArg::Expr(operand)]) if self.is_cxx() => {
                let ty = self.tag_type(tag);
                self.cast(ty, operand, loc)
            }
            _ => {
                let spelling = self.spell_name(name);
                Err(Fail::new(loc, format!("a call of `{spelling}` is not a constant expression")))
            }
        }
    }

    /// The value of a builtin; `None` if there is none of that name.
    fn eval_builtin(&mut self, name: &str, args: &[CallArg], loc: Loc) -> Option<Resolved<Value>> {
        let builtin = name.strip_prefix("__builtin_")?;
        Some(match (builtin, args) {
            ("constant_p", [arg]) => {
                let constant = match arg {
                    CallArg::Expr(expr) => {
                        matches!(expr.kind, ExprKind::Str { .. }) || self.eval(expr).is_ok()
                    }
                    CallArg::Type(_) => false,
                };
                Ok(self.int_value(Basic::Int, u128::from(constant)))
            }
            ("choose_expr", [condition, yes, no]) => {
                self.chosen(condition, yes, no, loc).and_then(|chosen| self.eval(chosen))
            }
            ("types_compatible_p", [CallArg::Type(left), CallArg::Type(right)]) => {
                self.compatible(left, right)
            }
            ("expect", [CallArg::Expr(expr), _])
            | ("expect_with_probability", [CallArg::Expr(expr), ..]) => {
                let long = self.basic(Basic::Long);
                self.eval(expr).and_then(|value| self.convert(value, long, loc))
            }
            ("assume_aligned", [CallArg::Expr(expr), ..]) => self.eval(expr),
            ("bswap16", [CallArg::Expr(expr)]) => self.swapped(expr, Basic::UShort),
            ("bswap32", [CallArg::Expr(expr)]) => self.swapped(expr, Basic::UInt),
            ("bswap64", [CallArg::Expr(expr)]) => self.swapped(expr, Basic::ULongLong),
            ("bswap128", [CallArg::Expr(expr)]) => self.swapped(expr, Basic::UInt128),
            _ => self.eval_bit_builtin(builtin, args, loc),
        })
    }

    /// Builtins that count bits. Their suffix names the type of the operand.
    fn eval_bit_builtin(&mut self, name: &str, args: &[CallArg], loc: Loc) -> Resolved<Value> {
        let (stem, basic) = if let Some(stem) = name.strip_suffix("ll") {
            (stem, Basic::ULongLong)
        } else if let Some(stem) = name.strip_suffix('l') {
            (stem, Basic::ULong)
        } else {
            (name, Basic::UInt)
        };
        let [CallArg::Expr(operand)] = args else { return Err(self.no_builtin(name, loc)) };
        if !matches!(stem, "popcount" | "ffs" | "clz" | "ctz" | "parity") {
            return Err(self.no_builtin(name, loc));
        }
        let ty = self.basic(basic);
        let value = self.cast(ty, operand, loc)?;
        let (Number::Int(bits), Some(int)) = (value.number, int_type(self.types, ty)) else {
            return Err(super::not_constant(loc));
        };
        let count = match stem {
            "popcount" => bits.count_ones(),
            "parity" => bits.count_ones() % 2,
            "ffs" if bits == 0 => 0,
            "ffs" => bits.trailing_zeros() + 1,
            _ if bits == 0 => {
                return Err(Fail::new(loc, format!("`__builtin_{name}` of 0 is undefined")));
            }
            "ctz" => bits.trailing_zeros(),
            _ => int.bits - (128 - bits.leading_zeros()),
        };
        Ok(self.int_value(Basic::Int, u128::from(count)))
    }

    fn no_builtin(&self, name: &str, loc: Loc) -> Fail {
        Fail::new(loc, format!("a call of `__builtin_{name}` is not a constant expression"))
    }

    /// The side that `__builtin_choose_expr` takes. The other is not looked at.
    fn chosen<'e>(
        &mut self,
        condition: &CallArg,
        yes: &'e CallArg,
        no: &'e CallArg,
        loc: Loc,
    ) -> Resolved<&'e Expr> {
        let CallArg::Expr(condition) = condition else { return Err(super::not_constant(loc)) };
        let chosen = if self.eval(condition)?.is_true() { yes } else { no };
        match chosen {
            CallArg::Expr(chosen) => Ok(chosen),
            CallArg::Type(_) => Err(Fail::new(loc, "needs an expression, found a type")),
        }
    }

    fn compatible(
        &mut self,
        left: &crate::decl::TypeName,
        right: &crate::decl::TypeName,
    ) -> Resolved<Value> {
        // Outermost qualifiers do not count (GNU C, Other Builtins).
        let left = self.type_name(left)?;
        let right = self.type_name(right)?;
        let (left, right) = (self.unqualified(left), self.unqualified(right));
        let same = self.canonical(left) == self.canonical(right);
        Ok(self.int_value(Basic::Int, u128::from(same)))
    }

    fn swapped(&mut self, operand: &Expr, basic: Basic) -> Resolved<Value> {
        let ty = self.basic(basic);
        let value = self.cast(ty, operand, operand.loc)?;
        let (Number::Int(bits), Some(int)) = (value.number, int_type(self.types, ty)) else {
            return Err(super::not_constant(operand.loc));
        };
        Ok(Value { ty, number: Number::Int(bits.swap_bytes() >> (128 - int.bits)) })
    }

    /// `std::numeric_limits<T>::max()` and its like, which constants in C++ headers are made of.
    fn numeric_limit(&mut self, name: &Name, function: &str) -> Resolved<Option<Value>> {
        use crate::decl::TemplateArg;
        let [.., class, _] = name.parts.as_slice() else { return Ok(None) };
        let Some([TemplateArg::Type(ty)]) = class.args.as_deref() else { return Ok(None) };
        if self.text(class.ident) != "numeric_limits" {
            return Ok(None);
        }
        let ty = self.type_name(ty)?;
        let Some(int) = int_type(self.types, ty) else { return Ok(None) };
        let max = u128::MAX >> (128 - (int.bits - u32::from(int.signed)).max(1));
        let bits = match function {
            "max" => max,
            "min" | "lowest" if int.signed => !max,
            "min" | "lowest" => 0,
            _ => return Ok(None),
        };
        Ok(Some(Value { ty, number: Number::Int(bits) }))
    }

    /// The type of a call.
    pub(super) fn type_of_call(
        &mut self,
        callee: &Expr,
        args: &[CallArg],
        loc: Loc,
    ) -> Resolved<TypeId> {
        if let ExprKind::Name(name) = &callee.kind
            && let [part] = name.parts.as_slice()
            && let Some(builtin) = self.text(part.ident).strip_prefix("__builtin_")
        {
            return self.type_of_builtin(builtin, args, loc);
        }
        let ty = self.type_of(callee)?.ty;
        let ty = self.referred(ty);
        let mut function = self.types.strip(ty);
        if let Type::Pointer(target) = self.types.get(function) {
            function = self.types.strip(*target);
        }
        match self.types.get(function) {
            Type::Function { returns, .. } => Ok(*returns),
            // `T(x)`.
            _ if matches!(callee.kind, ExprKind::Name(_)) && self.is_cxx() => Ok(ty),
            _ => {
                let spelling = self.types.spell(ty);
                Err(Fail::new(loc, format!("needs a function to call, found `{spelling}`")))
            }
        }
    }

    fn type_of_builtin(&mut self, name: &str, args: &[CallArg], loc: Loc) -> Resolved<TypeId> {
        let basic = match (name, args) {
            ("choose_expr", [condition, yes, no]) => {
                let chosen = self.chosen(condition, yes, no, loc)?;
                return Ok(self.type_of(chosen)?.ty);
            }
            ("va_arg", [_, CallArg::Type(ty)]) => return self.type_name(ty),
            ("bit_cast", [CallArg::Type(ty), _]) => return self.type_name(ty),
            ("expect" | "expect_with_probability", _) => Basic::Long,
            ("bswap16", _) => Basic::UShort,
            ("bswap32", _) => Basic::UInt,
            ("bswap64", _) => Basic::ULongLong,
            ("object_size" | "strlen", _) => return Ok(self.size_type()),
            ("huge_val" | "inf" | "nan", _) => Basic::Double,
            ("huge_valf" | "inff" | "nanf", _) => Basic::Float,
            _ => Basic::Int,
        };
        Ok(self.basic(basic))
    }
}
