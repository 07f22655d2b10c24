//! C's operators on integers of 128 bits.

use super::EvalErrorKind;

/// Operators between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Mul,
    Div,
    Rem,
    Add,
    Sub,
    Shl,
    Shr,
    Lt,
    Le,
    Gt,
    Ge,
    Eq,
    Ne,
    And,
    Xor,
    Or,
    /// `align(a, b)`: the least multiple of `b` that is not below `a`.
    Align,
}

/// Operators before an operand. Unary `+` changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unary {
    Neg,
    Complement,
    Not,
    /// To 0 or 1, as `&&` and `||` do.
    Bool,
    /// To an integer type.
    Cast {
        bits: u8,
        signed: bool,
    },
}

impl Binary {
    /// Spelling, and how tightly it binds (C11 6.5.5 to 6.5.12).
    pub(super) fn of(punct: &str) -> Option<(Self, u8)> {
        Some(match punct {
            "*" => (Self::Mul, 10),
            "/" => (Self::Div, 10),
            "%" => (Self::Rem, 10),
            "+" => (Self::Add, 9),
            "-" => (Self::Sub, 9),
            "<<" => (Self::Shl, 8),
            ">>" => (Self::Shr, 8),
            "<" => (Self::Lt, 7),
            "<=" => (Self::Le, 7),
            ">" => (Self::Gt, 7),
            ">=" => (Self::Ge, 7),
            "==" => (Self::Eq, 6),
            "!=" => (Self::Ne, 6),
            "&" => (Self::And, 5),
            "^" => (Self::Xor, 4),
            "|" => (Self::Or, 3),
            _ => return None,
        })
    }

    /// What comparisons say of an order; `None` for other operators, and of what has no order (NaN)
    /// every comparison but `!=` is false.
    pub(super) fn holds(self, order: Option<std::cmp::Ordering>) -> Option<bool> {
        use std::cmp::Ordering::{Equal, Greater, Less};
        Some(match self {
            Self::Lt => order == Some(Less),
            Self::Le => matches!(order, Some(Less | Equal)),
            Self::Gt => order == Some(Greater),
            Self::Ge => matches!(order, Some(Greater | Equal)),
            Self::Eq => order == Some(Equal),
            Self::Ne => order != Some(Equal),
            _ => return None,
        })
    }

    /// The value of `a op b`.
    #[inline]
    pub(super) fn apply(self, a: i128, b: i128) -> Result<i128, EvalErrorKind> {
        use EvalErrorKind::{Align, DivisionByZero, Overflow};
        let value = match self {
            Self::Add => a.checked_add(b),
            Self::Sub => a.checked_sub(b),
            Self::Mul => a.checked_mul(b),
            Self::Div | Self::Rem if b == 0 => return Err(DivisionByZero),
            Self::Div => a.checked_div(b),
            Self::Rem => a.checked_rem(b),
            Self::Shl => return shift_left(a, b),
            Self::Shr => Some(a >> shift(b)?),
            Self::Lt => Some(i128::from(a < b)),
            Self::Le => Some(i128::from(a <= b)),
            Self::Gt => Some(i128::from(a > b)),
            Self::Ge => Some(i128::from(a >= b)),
            Self::Eq => Some(i128::from(a == b)),
            Self::Ne => Some(i128::from(a != b)),
            Self::And => Some(a & b),
            Self::Xor => Some(a ^ b),
            Self::Or => Some(a | b),
            Self::Align if b < 1 => return Err(Align { to: b }),
            Self::Align => match a.rem_euclid(b) {
                0 => Some(a),
                rest => a.checked_add(b - rest),
            },
        };
        value.ok_or(Overflow)
    }
}

impl Unary {
    pub(super) fn apply(self, a: i128) -> Result<i128, EvalErrorKind> {
        Ok(match self {
            Self::Neg => a.checked_neg().ok_or(EvalErrorKind::Overflow)?,
            Self::Complement => !a,
            Self::Not => i128::from(a == 0),
            Self::Bool => i128::from(a != 0),
            Self::Cast { bits: 128.., signed: true } => a,
            Self::Cast { bits: 128.., signed: false } if a < 0 => {
                return Err(EvalErrorKind::Overflow);
            }
            Self::Cast { bits: 128.., signed: false } => a,
            Self::Cast { bits, signed } => {
                let unused = 128 - u32::from(bits);
                if signed { a << unused >> unused } else { a & (i128::MAX >> (unused - 1)) }
            }
        })
    }
}

fn shift(by: i128) -> Result<u32, EvalErrorKind> {
    u32::try_from(by).ok().filter(|&by| by < 128).ok_or(EvalErrorKind::Shift { by })
}

/// As a multiplication by a power of two, which is what it is in C where it is defined.
fn shift_left(a: i128, b: i128) -> Result<i128, EvalErrorKind> {
    let by = shift(b)?;
    let value = a << by;
    if value >> by == a { Ok(value) } else { Err(EvalErrorKind::Overflow) }
}
