//! Expressions: operators by precedence. Operands are in `primary`.

use super::cursor::{Parsed, Parser};
use crate::decl::{BinaryOp, Expr, ExprKind};
use crate::token::Punct;

impl Parser<'_> {
    /// `a, b`.
    pub(super) fn expression(&mut self) -> Parsed<Expr> {
        let mut left = self.assignment()?;
        while self.at(Punct::Comma) {
            let loc = self.loc();
            self.bump();
            let height = self.height();
            let right = self.assignment()?;
            self.grow(height)?;
            left = Expr { kind: ExprKind::Comma(Box::new(left), Box::new(right)), loc };
        }
        Ok(left)
    }

    /// `a = b`.
    pub(super) fn assignment(&mut self) -> Parsed<Expr> {
        let left = self.conditional()?;
        let assigns = matches!(
            self.punct(0),
            Some(
                Punct::Equal
                    | Punct::StarEqual
                    | Punct::SlashEqual
                    | Punct::PercentEqual
                    | Punct::PlusEqual
                    | Punct::MinusEqual
                    | Punct::LessLessEqual
                    | Punct::GreaterGreaterEqual
                    | Punct::AmpEqual
                    | Punct::CaretEqual
                    | Punct::PipeEqual
            )
        );
        if !assigns {
            return Ok(left);
        }
        let loc = self.loc();
        self.bump();
        let height = self.height();
        let right = self.nested(Self::initializer_clause)?;
        self.grow(height)?;
        Ok(Expr { kind: ExprKind::Assign(Box::new(left), Box::new(right)), loc })
    }

    /// `a ? b : c`, without commas and assignments outside of brackets: a constant expression.
    pub(super) fn conditional(&mut self) -> Parsed<Expr> {
        let condition = self.binary(0)?;
        if !self.at(Punct::Question) {
            return Ok(condition);
        }
        let loc = self.loc();
        self.bump();
        let mut height = self.height();
        let then = if self.at(Punct::Colon) {
            None
        } else {
            let then = self.nested(|p| p.inside_parens(Self::expression))?;
            height = height.max(self.height());
            Some(Box::new(then))
        };
        self.expect(Punct::Colon, "after the second operand of `?`")?;
        let otherwise = self.nested(Self::assignment)?;
        self.grow(height)?;
        let condition = Box::new(condition);
        Ok(Expr {
            kind: ExprKind::Conditional { condition, then, otherwise: Box::new(otherwise) },
            loc,
        })
    }

    /// Operators of at least this precedence.
    fn binary(&mut self, least: u8) -> Parsed<Expr> {
        let mut left = self.unary()?;
        while let Some((op, precedence)) = self.binary_operator() {
            if precedence < least {
                break;
            }
            let loc = self.loc();
            self.bump();
            let height = self.height();
            let right = self.nested(|p| p.binary(precedence + 1))?;
            self.grow(height)?;
            left = Expr { kind: ExprKind::Binary(op, Box::new(left), Box::new(right)), loc };
        }
        Ok(left)
    }

    /// The operator here and its precedence; the higher binds the tighter (C11 6.5).
    fn binary_operator(&self) -> Option<(BinaryOp, u8)> {
        let ends =
            matches!(self.punct(0)?, Punct::Greater | Punct::GreaterGreater) && self.greater_ends;
        if ends {
            return None;
        }
        Some(match self.punct(0)? {
            Punct::PipePipe => (BinaryOp::Or, 0),
            Punct::AmpAmp => (BinaryOp::And, 1),
            Punct::Pipe => (BinaryOp::BitOr, 2),
            Punct::Caret => (BinaryOp::BitXor, 3),
            Punct::Amp => (BinaryOp::BitAnd, 4),
            Punct::EqualEqual => (BinaryOp::Equal, 5),
            Punct::BangEqual => (BinaryOp::NotEqual, 5),
            Punct::Less => (BinaryOp::Less, 6),
            Punct::Greater => (BinaryOp::Greater, 6),
            Punct::LessEqual => (BinaryOp::LessEqual, 6),
            Punct::GreaterEqual => (BinaryOp::GreaterEqual, 6),
            Punct::Spaceship if self.cxx() => (BinaryOp::Spaceship, 7),
            Punct::LessLess => (BinaryOp::Shl, 8),
            Punct::GreaterGreater => (BinaryOp::Shr, 8),
            Punct::Plus => (BinaryOp::Add, 9),
            Punct::Minus => (BinaryOp::Sub, 9),
            Punct::Star => (BinaryOp::Mul, 10),
            Punct::Slash => (BinaryOp::Div, 10),
            Punct::Percent => (BinaryOp::Rem, 10),
            Punct::DotStar | Punct::ArrowStar if self.cxx() => (BinaryOp::MemberPointer, 11),
            _ => return None,
        })
    }
}
