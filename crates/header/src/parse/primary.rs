//! Operands of expressions: unary, postfix and primary expressions, casts.

use super::cursor::{Parsed, Parser, Pos};
use super::keyword::Kw;
use super::literal;
use super::name::{IsType, begins_type, next};
use super::scope::Entity;
use super::specifiers::Place;
use crate::decl::{
    CallArg, CharPrefix, Declarator, Expr, ExprKind, Name, OffsetofStep, TypeName, UnaryOp,
};
use crate::source::Loc;
use crate::token::{Punct, TokenKind};

impl Parser<'_> {
    /// `-a`, `sizeof a`, `(T)a`.
    pub(super) fn unary(&mut self) -> Parsed<Expr> {
        let loc = self.loc();
        if let Some(op) = self.prefix_operator() {
            self.bump();
            return self.unary_operand(op, loc);
        }
        match self.kw(0) {
            Kw::Extension => {
                self.bump();
                return self.nested(Self::unary);
            }
            Kw::Real => {
                self.bump();
                return self.unary_operand(UnaryOp::Real, loc);
            }
            Kw::Imag => {
                self.bump();
                return self.unary_operand(UnaryOp::Imag, loc);
            }
            Kw::Sizeof => return self.nested(Self::sizeof),
            Kw::Alignof => return self.nested(|p| p.alignof(false)),
            Kw::AlignofGnu => return self.nested(|p| p.alignof(true)),
            Kw::New | Kw::Delete | Kw::Throw | Kw::Noexcept | Kw::Statement => {
                return self.opaque_operator();
            }
            _ => {}
        }
        match self.punct(0) {
            Some(Punct::LeftParen) => self.nested(Self::cast),
            // GNU's address of a label.
            Some(Punct::AmpAmp) if self.is_ident(self.peek(1)) => {
                self.bump();
                self.bump();
                Ok(self.opaque(loc))
            }
            // `::new`, `::delete`.
            Some(Punct::ColonColon) if matches!(self.kw(1), Kw::New | Kw::Delete) => {
                self.bump();
                self.opaque_operator()
            }
            _ => self.postfix(),
        }
    }

    fn prefix_operator(&self) -> Option<UnaryOp> {
        Some(match self.punct(0)? {
            Punct::Plus => UnaryOp::Plus,
            Punct::Minus => UnaryOp::Minus,
            Punct::Bang => UnaryOp::Not,
            Punct::Tilde => UnaryOp::Complement,
            Punct::Star => UnaryOp::Deref,
            Punct::Amp => UnaryOp::AddressOf,
            Punct::PlusPlus => UnaryOp::PreIncrement,
            Punct::MinusMinus => UnaryOp::PreDecrement,
            _ => return None,
        })
    }

    fn unary_operand(&mut self, op: UnaryOp, loc: Loc) -> Parsed<Expr> {
        let operand = self.nested(Self::unary)?;
        self.grow(0)?;
        Ok(Expr { kind: ExprKind::Unary(op, Box::new(operand)), loc })
    }

    fn opaque(&mut self, loc: Loc) -> Expr {
        self.leaf();
        Expr { kind: ExprKind::Opaque, loc }
    }

    /// `new`, `delete`, `throw`, `noexcept(…)`: never a constant of use here, so the tokens up to
    /// where the operand has to end are skipped.
    fn opaque_operator(&mut self) -> Parsed<Expr> {
        let loc = self.loc();
        self.bump();
        loop {
            match self.punct(0) {
                Some(Punct::Comma | Punct::Semicolon | Punct::Colon) => break,
                Some(Punct::Greater | Punct::GreaterGreater) if self.greater_ends => break,
                _ if self.at_close_bracket() || self.at_end() => break,
                Some(Punct::Less) => match self.angle_end(self.pos) {
                    Some(end) => self.pos = end,
                    None => self.bump(),
                },
                _ => self.skip_one()?,
            }
        }
        Ok(self.opaque(loc))
    }

    fn sizeof(&mut self) -> Parsed<Expr> {
        let loc = self.loc();
        self.bump();
        if self.eat(Punct::Ellipsis) {
            self.skip_one()?;
            return Ok(self.opaque(loc));
        }
        if let Some(ty) = self.parenthesized_type()? {
            if self.at(Punct::LeftBrace) {
                let literal = self.compound_literal(ty, loc)?;
                let operand = self.postfix_of(literal)?;
                return Ok(Expr { kind: ExprKind::SizeofExpr(Box::new(operand)), loc });
            }
            return Ok(Expr { kind: ExprKind::SizeofType(Box::new(ty)), loc });
        }
        let operand = self.unary()?;
        self.grow(0)?;
        Ok(Expr { kind: ExprKind::SizeofExpr(Box::new(operand)), loc })
    }

    fn alignof(&mut self, preferred: bool) -> Parsed<Expr> {
        let loc = self.loc();
        self.bump();
        if let Some(ty) = self.parenthesized_type()? {
            return Ok(Expr { kind: ExprKind::AlignofType { ty: Box::new(ty), preferred }, loc });
        }
        let operand = Box::new(self.unary()?);
        self.grow(0)?;
        Ok(Expr { kind: ExprKind::AlignofExpr { operand, preferred }, loc })
    }

    /// `(T)`, if that is what comes.
    fn parenthesized_type(&mut self) -> Parsed<Option<TypeName>> {
        if !self.at(Punct::LeftParen) {
            return Ok(None);
        }
        let open = self.pos;
        self.bump();
        let is_type = self.inside_parens(|p| Ok(p.at_type_name()))?;
        if !is_type {
            self.pos = open;
            return Ok(None);
        }
        let ty = self.inside_parens(Self::type_name)?;
        self.expect(Punct::RightParen, "after the type")?;
        Ok(Some(ty))
    }

    /// `(T)a`, `(T){…}`, `({…})`, `(a)`.
    fn cast(&mut self) -> Parsed<Expr> {
        let loc = self.loc();
        if self.punct(1) == Some(Punct::LeftBrace) {
            self.skip_brackets("the statement expression")?;
            let statement = self.opaque(loc);
            return self.postfix_of(statement);
        }
        if let Some(ty) = self.parenthesized_type()? {
            if self.at(Punct::LeftBrace) {
                let literal = self.compound_literal(ty, loc)?;
                return self.postfix_of(literal);
            }
            return self.cast_operand(ty, loc);
        }
        if let Some(ty) = self.unknown_cast()? {
            return self.cast_operand(ty, loc);
        }
        self.bump();
        let inner = self.inside_parens(Self::expression)?;
        // A fold over a parameter pack.
        if self.at(Punct::Ellipsis) {
            self.skip_to(&[Punct::RightParen])?;
        }
        self.expect(Punct::RightParen, "after the expression")?;
        self.postfix_of(inner)
    }

    fn cast_operand(&mut self, ty: TypeName, loc: Loc) -> Parsed<Expr> {
        let height = self.height();
        let operand = Box::new(self.unary()?);
        self.grow(height)?;
        Ok(Expr { kind: ExprKind::Cast { ty: Box::new(ty), operand }, loc })
    }

    /// `(name)` before an operand: a cast to a type that nobody declared.
    fn unknown_cast(&mut self) -> Parsed<Option<TypeName>> {
        let inside = next(self.pos);
        if self.type_at(inside) != IsType::Unknown {
            return Ok(None);
        }
        let Some(scan) = self.scan_name(inside) else { return Ok(None) };
        if !self.is_punct(scan.end, Punct::RightParen) {
            return Ok(None);
        }
        let after = self.tok_at(next(scan.end));
        let operand = match after.kind {
            TokenKind::Ident => {
                !matches!(self.kw_of(after), Kw::Attribute | Kw::Asm | Kw::Const | Kw::Noexcept)
            }
            TokenKind::Number | TokenKind::Char | TokenKind::Str => true,
            TokenKind::Punct(punct) => matches!(punct, Punct::Bang | Punct::Tilde),
            _ => false,
        };
        if !operand {
            return Ok(None);
        }
        let ty = self.type_in_parens("`(`")?;
        Ok(Some(ty))
    }

    fn compound_literal(&mut self, ty: TypeName, loc: Loc) -> Parsed<Expr> {
        let height = self.height();
        let init = Box::new(self.braces()?);
        self.grow(height)?;
        Ok(Expr { kind: ExprKind::CompoundLiteral { ty: Box::new(ty), init }, loc })
    }

    fn postfix(&mut self) -> Parsed<Expr> {
        let operand = self.primary()?;
        self.postfix_of(operand)
    }

    /// `a[b]`, `a(b)`, `a.b`, `a++` after an operand.
    fn postfix_of(&mut self, mut operand: Expr) -> Parsed<Expr> {
        loop {
            let loc = self.loc();
            let height = self.height();
            let kind = match self.punct(0) {
                Some(Punct::LeftBracket) => {
                    self.bump();
                    let index = self.nested(|p| p.inside_parens(Self::expression))?;
                    self.expect(Punct::RightBracket, "after the index")?;
                    ExprKind::Index { base: Box::new(operand), index: Box::new(index) }
                }
                Some(Punct::LeftParen) => {
                    let args = self.nested(|p| p.inside_parens(|p| p.arguments(&operand)))?;
                    ExprKind::Call { callee: Box::new(operand), args }
                }
                Some(punct @ (Punct::Dot | Punct::Arrow)) => {
                    self.bump();
                    self.eat_kw(Kw::Template);
                    if self.at(Punct::Tilde) {
                        self.bump();
                    }
                    let name = self.name("the name of a member")?;
                    self.leaf();
                    match name.parts.last() {
                        Some(part) => ExprKind::Member {
                            base: Box::new(operand),
                            name: part.ident,
                            arrow: punct == Punct::Arrow,
                        },
                        None => ExprKind::Opaque,
                    }
                }
                Some(Punct::PlusPlus) => {
                    self.bump();
                    ExprKind::Unary(UnaryOp::PostIncrement, Box::new(operand))
                }
                Some(Punct::MinusMinus) => {
                    self.bump();
                    ExprKind::Unary(UnaryOp::PostDecrement, Box::new(operand))
                }
                _ => return Ok(operand),
            };
            self.grow(height)?;
            operand = Expr { kind, loc };
        }
    }

    /// `(a, b)`; builtins take types, too.
    fn arguments(&mut self, callee: &Expr) -> Parsed<Vec<CallArg>> {
        let builtin = matches!(
            &callee.kind,
            ExprKind::Name(name) if name.parts.last().is_some_and(|p| self.text(p.ident).starts_with("__"))
        );
        self.bump();
        let mut args = Vec::new();
        let mut tallest = 0;
        while !self.at(Punct::RightParen) {
            args.push(if builtin && self.at_type_name() {
                CallArg::Type(self.type_name()?)
            } else {
                CallArg::Expr(self.initializer_clause()?)
            });
            tallest = tallest.max(self.height());
            self.eat(Punct::Ellipsis);
            if !self.eat(Punct::Comma) {
                break;
            }
        }
        self.expect(Punct::RightParen, "after the arguments")?;
        self.leaf();
        self.grow(tallest)?;
        Ok(args)
    }

    fn primary(&mut self) -> Parsed<Expr> {
        let tok = self.peek(0);
        let loc = tok.loc;
        self.leaf();
        let kind = match tok.kind {
            TokenKind::Number => {
                self.bump();
                literal::number(self.text(tok.text), self.cxx())
                    .map_err(|why| self.error(loc, why))?
            }
            TokenKind::Char => {
                self.bump();
                // C++'s user-defined literals may come in two tokens.
                literal::character(self.text(tok.text)).map_err(|why| self.error(loc, why))?
            }
            TokenKind::Str => self.string()?,
            TokenKind::Ident => return self.primary_word(loc),
            TokenKind::Punct(Punct::ColonColon) if self.cxx() => {
                return self.name_or_construction(loc);
            }
            TokenKind::Punct(Punct::LeftParen) => return self.nested(Self::cast),
            TokenKind::Punct(Punct::LeftBracket) if self.cxx() => return self.lambda(loc),
            // A Block.
            TokenKind::Punct(Punct::Caret) => {
                self.bump();
                self.skip_to(&[Punct::LeftBrace])?;
                self.skip_brackets("the block")?;
                ExprKind::Opaque
            }
            _ => return Err(self.expected("an expression")),
        };
        Ok(Expr { kind, loc })
    }

    /// Adjacent literals are one; a prefix of one is the prefix of all (C11 6.4.5p5).
    fn string(&mut self) -> Parsed<ExprKind> {
        let mut prefix = CharPrefix::None;
        let mut units = 1_u64;
        let start = self.pos;
        while self.peek(0).kind == TokenKind::Str {
            prefix = match literal::string_prefix(self.text(self.peek(0).text)) {
                CharPrefix::None => prefix,
                own => own,
            };
            self.bump();
        }
        let end = self.pos;
        for index in start.index..end.index {
            let tok = self.tok_at(Pos { index, half: false });
            units += literal::string_units(self.text(tok.text), prefix)
                .map_err(|why| self.error(tok.loc, why))?;
        }
        Ok(ExprKind::Str { prefix, len: units })
    }

    fn primary_word(&mut self, loc: Loc) -> Parsed<Expr> {
        let kind = match self.kw(0) {
            Kw::True => ExprKind::Bool(true),
            Kw::False => ExprKind::Bool(false),
            Kw::Nullptr => ExprKind::Nullptr,
            Kw::This => ExprKind::Opaque,
            Kw::None | Kw::Final | Kw::Override => return self.name_or_construction(loc),
            Kw::OffsetofName if self.punct(1) != Some(Punct::LeftParen) => {
                return self.name_or_construction(loc);
            }
            Kw::Offsetof | Kw::OffsetofName => return self.nested(Self::offsetof),
            Kw::Generic => return self.nested(Self::generic),
            Kw::NamedCast => return self.nested(Self::named_cast),
            Kw::BuiltinBitCast => return self.nested(Self::bit_cast),
            Kw::Typeid => {
                self.bump();
                self.skip_one()?;
                return Ok(self.opaque(loc));
            }
            Kw::Requires => {
                self.bump();
                if self.at(Punct::LeftParen) {
                    self.skip_brackets("the parameters of `requires`")?;
                }
                self.skip_brackets("the requirements")?;
                return Ok(self.opaque(loc));
            }
            Kw::UnderlyingType => return self.nested(|p| p.construction(loc)),
            kw if self.cxx() && begins_type(kw) => return self.nested(|p| p.construction(loc)),
            _ => return Err(self.expected("an expression")),
        };
        self.bump();
        Ok(Expr { kind, loc })
    }

    /// A name; or `T(a)`, `T{a}` in C++.
    fn name_or_construction(&mut self, loc: Loc) -> Parsed<Expr> {
        if self.cxx() {
            let is_type = self.type_at(self.pos) == IsType::Yes;
            let Some(scan) = self.scan_name(self.pos) else {
                return Err(self.expected("an expression"));
            };
            if scan.function {
                self.skip_function_name(&scan)?;
                return Ok(self.opaque(loc));
            }
            // `unsigned a : N {1};` initialises the member.
            let braces = self.is_punct(scan.end, Punct::LeftBrace)
                && !matches!(scan.entity, Some(Entity::Value));
            let parens = self.is_punct(scan.end, Punct::LeftParen);
            if braces || parens && is_type {
                return self.nested(|p| p.construction(loc));
            }
        }
        let name: Name = self.name("an expression")?;
        self.leaf();
        Ok(Expr { kind: ExprKind::Name(name), loc })
    }

    /// `X::operator=`, `X::~X`: no constants.
    fn skip_function_name(&mut self, scan: &super::name::Scan) -> Parsed<()> {
        self.pos = scan.end;
        self.bump();
        if self.at(Punct::LeftParen) || self.at(Punct::LeftBracket) {
            return self.skip_brackets("the operator");
        }
        self.bump();
        Ok(())
    }

    /// `T(a)`, `T{a}`, with any number of operands.
    fn construction(&mut self, loc: Loc) -> Parsed<Expr> {
        let ty = self.around(|p| {
            let specifiers = p.specifiers(Place::Type)?.written;
            let declarator = Declarator { name: None, parts: Vec::new(), loc };
            Ok(TypeName { specifiers: Box::new(specifiers), declarator })
        })?;
        let ty = Box::new(ty);
        let height = self.height();
        let mut operands = match self.punct(0) {
            Some(Punct::LeftBrace) => match self.braces()?.kind {
                ExprKind::Braces(operands) => operands,
                _ => return Ok(self.opaque(loc)),
            },
            Some(Punct::LeftParen) => self.operands()?,
            _ => return Err(self.expected("`(` or `{` after the type")),
        };
        self.grow(height)?;
        let kind = match (operands.pop(), operands.is_empty()) {
            (Some(operand), true) => ExprKind::Cast { ty, operand: Box::new(operand) },
            (last, _) => {
                operands.extend(last);
                let init = Expr { kind: ExprKind::Braces(operands), loc };
                ExprKind::CompoundLiteral { ty, init: Box::new(init) }
            }
        };
        Ok(Expr { kind, loc })
    }

    fn operands(&mut self) -> Parsed<Vec<Expr>> {
        self.bump();
        let mut operands = Vec::new();
        let mut tallest = 0;
        while !self.at(Punct::RightParen) {
            operands.push(self.inside_parens(Self::initializer_clause)?);
            tallest = tallest.max(self.height());
            self.eat(Punct::Ellipsis);
            if !self.eat(Punct::Comma) {
                break;
            }
        }
        self.expect(Punct::RightParen, "after the operands")?;
        self.leaf();
        self.grow(tallest)?;
        Ok(operands)
    }

    /// `static_cast<T>(a)`.
    fn named_cast(&mut self) -> Parsed<Expr> {
        let loc = self.loc();
        self.bump();
        self.expect(Punct::Less, "after the cast")?;
        let outer = std::mem::replace(&mut self.greater_ends, true);
        let ty = self.type_name();
        self.greater_ends = outer;
        let ty = Box::new(ty?);
        if self.at(Punct::GreaterGreater) && !self.pos.half {
            return Err(self.expected("`>` after the type"));
        }
        self.expect(Punct::Greater, "after the type")?;
        self.expect(Punct::LeftParen, "after the cast")?;
        let height = self.height();
        let operand = Box::new(self.inside_parens(Self::expression)?);
        self.grow(height)?;
        self.expect(Punct::RightParen, "after the operand")?;
        Ok(Expr { kind: ExprKind::Cast { ty, operand }, loc })
    }

    /// `__builtin_bit_cast(T, a)`: what it gives depends on bytes.
    fn bit_cast(&mut self) -> Parsed<Expr> {
        let loc = self.loc();
        self.bump();
        self.skip_one()?;
        Ok(self.opaque(loc))
    }

    /// `[captures](params) mutable -> type {…}`.
    fn lambda(&mut self, loc: Loc) -> Parsed<Expr> {
        self.skip_brackets("the captures")?;
        loop {
            match self.punct(0) {
                Some(Punct::LeftBrace) => break,
                Some(Punct::Less) => self.skip_angles()?,
                Some(Punct::Semicolon | Punct::Comma) => {
                    return Err(self.expected("`{` of the lambda"));
                }
                _ => self.skip_one()?,
            }
        }
        self.skip_brackets("the lambda")?;
        Ok(self.opaque(loc))
    }

    /// `offsetof(T, a.b[2])`.
    fn offsetof(&mut self) -> Parsed<Expr> {
        let loc = self.loc();
        self.bump();
        self.expect(Punct::LeftParen, "after `offsetof`")?;
        let ty = Box::new(self.inside_parens(Self::type_name)?);
        let mut tallest = self.height();
        self.expect(Punct::Comma, "after the type of `offsetof`")?;
        let mut path = vec![OffsetofStep::Member(self.ident("a member")?)];
        loop {
            match self.punct(0) {
                Some(Punct::Dot) => {
                    self.bump();
                    path.push(OffsetofStep::Member(self.ident("a member")?));
                }
                Some(Punct::LeftBracket) => {
                    self.bump();
                    path.push(OffsetofStep::Index(self.inside_parens(Self::expression)?));
                    tallest = tallest.max(self.height());
                    self.expect(Punct::RightBracket, "after the index")?;
                }
                _ => break,
            }
        }
        self.expect(Punct::RightParen, "after the member of `offsetof`")?;
        self.leaf();
        self.grow(tallest)?;
        Ok(Expr { kind: ExprKind::Offsetof { ty, path }, loc })
    }

    /// `_Generic(control, T: a, default: b)`.
    fn generic(&mut self) -> Parsed<Expr> {
        let loc = self.loc();
        self.bump();
        self.expect(Punct::LeftParen, "after `_Generic`")?;
        let (control, arms) = self.inside_parens(|p| {
            let control = if p.at_type_name() {
                CallArg::Type(p.type_name()?)
            } else {
                CallArg::Expr(p.assignment()?)
            };
            let mut tallest = p.height();
            let mut arms = Vec::new();
            while p.eat(Punct::Comma) {
                let ty = if p.eat_kw(Kw::Default) { None } else { Some(p.type_name()?) };
                tallest = tallest.max(p.height());
                p.expect(Punct::Colon, "after the type")?;
                arms.push((ty, p.assignment()?));
                tallest = tallest.max(p.height());
            }
            p.leaf();
            p.grow(tallest)?;
            Ok((control, arms))
        })?;
        self.expect(Punct::RightParen, "after the arms of `_Generic`")?;
        Ok(Expr { kind: ExprKind::Generic { control: Box::new(control), arms }, loc })
    }
}
