//! The expressions of `#if` (C11 6.10.1, C++20 cpp.cond): integers of 64 bits, as compilers have
//! them for all ABIs.

use super::Preprocessor;
use super::{attributes, predefined};
use crate::Lang;
use crate::error::{HeaderError, HeaderErrorKind};
use crate::source::Loc;
use crate::token::{Interner, Punct, Symbol, Token, TokenKind, kw};

/// A value of type `intmax_t` or `uintmax_t`, by its bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Value {
    bits: u64,
    unsigned: bool,
}

impl Value {
    fn signed(value: i64) -> Self {
        Self { bits: value.cast_unsigned(), unsigned: false }
    }

    fn truth(value: bool) -> Self {
        Self::signed(i64::from(value))
    }

    fn is_true(self) -> bool {
        self.bits != 0
    }

    fn is_negative(self) -> bool {
        !self.unsigned && self.bits.cast_signed() < 0
    }
}

impl Preprocessor<'_> {
    /// Whether the condition on `line` holds.
    pub(super) fn condition(
        &mut self,
        line: Vec<Token>,
        loc: Loc,
        end: Loc,
    ) -> Result<bool, HeaderError> {
        if line.is_empty() {
            return Err(self
                .malformed(loc, "expected an expression after `#if`, found the end of the line"));
        }
        let tokens = self.expand_condition(line, end)?;
        let parser = Parser {
            tokens: &tokens,
            at: 0,
            end,
            names: &self.names,
            is_cxx: self.lang == Lang::Cxx,
            char_is_signed: self.abi.char_is_signed(),
            wide: predefined::wide(&self.abi),
            depth: 0,
            limit: self.limits.nesting,
        };
        match parser.whole() {
            Ok(value) => Ok(value.is_true()),
            Err(Problem { kind, loc, message }) => Err(self.error(kind, loc, message)),
        }
    }

    /// Replaces macros, `defined`, `__has_include` and their like.
    fn expand_condition(&mut self, line: Vec<Token>, end: Loc) -> Result<Vec<Token>, HeaderError> {
        self.with_list(line, end, |this| {
            let mut out = Vec::new();
            loop {
                let token = this.next_in_condition()?;
                if token.kind == TokenKind::End {
                    return Ok(out);
                }
                out.push(token);
            }
        })
    }

    fn next_in_condition(&mut self) -> Result<Token, HeaderError> {
        let token = self.next_expanded()?;
        if token.kind != TokenKind::Ident {
            return Ok(token);
        }
        let value = if token.text == kw::DEFINED {
            i64::from(self.defined(token)?)
        } else if self.is_operator(token.text) {
            self.operator(token)?
        } else {
            return Ok(token);
        };
        let text = self.names.intern(&value.to_string());
        Ok(Token { kind: TokenKind::Number, text, ..token })
    }

    /// `defined NAME` and `defined(NAME)`, also where a macro brings them up (C11 6.10.1p4 leaves
    /// that open; compilers agree).
    fn defined(&mut self, operator: Token) -> Result<bool, HeaderError> {
        let open = self.pull()?;
        let name = if open.is(Punct::LeftParen) { self.pull()? } else { open };
        if name.kind != TokenKind::Ident {
            return Err(self.expected_in_operator(operator, "the name of a macro", name));
        }
        if open.is(Punct::LeftParen) {
            self.close_operator(operator)?;
        }
        Ok(self.macros.get(name.text).is_some())
    }

    fn close_operator(&mut self, operator: Token) -> Result<(), HeaderError> {
        let close = self.pull()?;
        if close.is(Punct::RightParen) {
            return Ok(());
        }
        Err(self.expected_in_operator(operator, "`)`", close))
    }

    fn expected_in_operator(&self, operator: Token, what: &str, found: Token) -> HeaderError {
        let found = match found.kind {
            TokenKind::End => "the end of the line".to_owned(),
            _ => format!("`{}`", self.names.text(found.text)),
        };
        let name = self.names.text(operator.text);
        self.malformed(
            operator.loc,
            format!("expected {what} in the operand of `{name}`, found {found}"),
        )
    }

    /// Whether a name is an operator of `#if` that this compiler has, and that nobody redefined.
    fn is_operator(&self, name: Symbol) -> bool {
        attributes::is_operator(name)
            && self
                .macros
                .lookup(name)
                .is_some_and(|definition| definition.kind == super::MacroKind::Dynamic)
    }

    fn operator(&mut self, operator: Token) -> Result<i64, HeaderError> {
        let open = self.pull()?;
        if !open.is(Punct::LeftParen) {
            return Err(self.expected_in_operator(operator, "`(`", open));
        }
        if matches!(operator.text, kw::HAS_INCLUDE | kw::HAS_INCLUDE_NEXT) {
            return self.has_include(operator);
        }
        // The operand is a name, possibly qualified (`gnu::packed`), and is not expanded (clang) or
        // is (gcc): a macro of such a name is nobody's wish.
        let mut operand = String::new();
        for token in self.in_parentheses(operator, Self::pull)? {
            let spelling = self.names.text(token.text);
            self.charge(spelling.len() / 16, token.loc)?;
            operand.push_str(self.names.text(token.text));
        }
        if operand.is_empty() {
            return Err(self.malformed(
                operator.loc,
                format!(
                    "expected a name in the operand of `{}`, found nothing",
                    self.names.text(operator.text)
                ),
            ));
        }
        Ok(attributes::value(operator.text, &operand, &self.abi, self.lang))
    }

    /// The tokens up to the parenthesis that closes an operator's operand.
    fn in_parentheses(
        &mut self,
        operator: Token,
        next: impl Fn(&mut Self) -> Result<Token, HeaderError>,
    ) -> Result<Vec<Token>, HeaderError> {
        let mut tokens = Vec::new();
        let mut depth = 0_usize;
        loop {
            let token = next(self)?;
            match token.kind {
                TokenKind::End => return Err(self.expected_in_operator(operator, "`)`", token)),
                TokenKind::Punct(Punct::LeftParen) => depth += 1,
                TokenKind::Punct(Punct::RightParen) if depth == 0 => return Ok(tokens),
                TokenKind::Punct(Punct::RightParen) => depth -= 1,
                _ => {}
            }
            tokens.push(token);
        }
    }

    /// `__has_include("…")`, `__has_include(<…>)`, and either out of a macro.
    fn has_include(&mut self, operator: Token) -> Result<i64, HeaderError> {
        let tokens = self.in_parentheses(operator, Self::next_expanded)?;
        let Some(header) = self.header_name(&tokens) else {
            let found = tokens.first().copied();
            let found = found.unwrap_or(Token::new(
                TokenKind::Punct(Punct::RightParen),
                Punct::RightParen.symbol(),
                operator.loc,
            ));
            return Err(self.expected_in_operator(operator, "\"FILE\" or <FILE>", found));
        };
        let next = (operator.text == kw::HAS_INCLUDE_NEXT).then(|| self.dir_after_this());
        Ok(i64::from(self.find(&header, operator.loc, next, true)?.is_some()))
    }
}

/// What is wrong with an expression.
struct Problem {
    kind: HeaderErrorKind,
    loc: Loc,
    message: String,
}

/// A parser by precedence that evaluates as it goes. What short-circuiting leaves out is parsed, and
/// its divisions by zero pass (C11 6.6p3).
struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    end: Loc,
    names: &'a Interner,
    is_cxx: bool,
    char_is_signed: bool,
    /// Whether `wchar_t` is signed, and its bits.
    wide: (bool, u64),
    depth: usize,
    limit: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Or,
    And,
    BitOr,
    BitXor,
    BitAnd,
    Equal,
    NotEqual,
    Less,
    Greater,
    LessEqual,
    GreaterEqual,
    Shl,
    Shr,
    Add,
    Sub,
    Mul,
    Div,
    Rem,
}

impl Op {
    /// The operator and how tightly it binds.
    fn of(punct: Punct) -> Option<(Self, u8)> {
        Some(match punct {
            Punct::PipePipe => (Self::Or, 1),
            Punct::AmpAmp => (Self::And, 2),
            Punct::Pipe => (Self::BitOr, 3),
            Punct::Caret => (Self::BitXor, 4),
            Punct::Amp => (Self::BitAnd, 5),
            Punct::EqualEqual => (Self::Equal, 6),
            Punct::BangEqual => (Self::NotEqual, 6),
            Punct::Less => (Self::Less, 7),
            Punct::Greater => (Self::Greater, 7),
            Punct::LessEqual => (Self::LessEqual, 7),
            Punct::GreaterEqual => (Self::GreaterEqual, 7),
            Punct::LessLess => (Self::Shl, 8),
            Punct::GreaterGreater => (Self::Shr, 8),
            Punct::Plus => (Self::Add, 9),
            Punct::Minus => (Self::Sub, 9),
            Punct::Star => (Self::Mul, 10),
            Punct::Slash => (Self::Div, 10),
            Punct::Percent => (Self::Rem, 10),
            _ => return None,
        })
    }
}

impl Parser<'_> {
    fn whole(mut self) -> Result<Value, Problem> {
        let value = self.comma(true)?;
        match self.tokens.get(self.at) {
            None => Ok(value),
            Some(_) => Err(self.expected("an operator or the end of the line")),
        }
    }

    fn problem(&self, loc: Loc, message: impl Into<String>) -> Problem {
        Problem { kind: HeaderErrorKind::Preprocessing, loc, message: message.into() }
    }

    fn expected(&self, what: &str) -> Problem {
        match self.tokens.get(self.at) {
            Some(token) => {
                let found = self.names.text(token.text);
                self.problem(
                    token.loc,
                    format!("expected {what} in the condition, found `{found}`"),
                )
            }
            None => self.problem(
                self.end,
                format!("expected {what} in the condition, found the end of the line"),
            ),
        }
    }

    fn punct(&self) -> Option<Punct> {
        let token = self.tokens.get(self.at)?;
        match token.kind {
            TokenKind::Punct(punct) => Some(punct),
            TokenKind::Ident if self.is_cxx => super::alternative(token.text),
            _ => None,
        }
    }

    fn take(&mut self, punct: Punct) -> bool {
        let found = self.punct() == Some(punct);
        self.at += usize::from(found);
        found
    }

    fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        if self.depth >= self.limit {
            let loc = self.tokens.get(self.at).map_or(self.end, |token| token.loc);
            let message = format!("a condition nests at most {} deep, found more", self.limit);
            return Err(Problem { kind: HeaderErrorKind::Limit, loc, message });
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn comma(&mut self, live: bool) -> Result<Value, Problem> {
        let mut value = self.conditional(live)?;
        while self.take(Punct::Comma) {
            value = self.conditional(live)?;
        }
        Ok(value)
    }

    /// `a ? b : c`, which takes the usual arithmetic conversions over both arms.
    fn conditional(&mut self, live: bool) -> Result<Value, Problem> {
        let condition = self.binary(1, live)?;
        if !self.take(Punct::Question) {
            return Ok(condition);
        }
        let holds = condition.is_true();
        self.deeper(|this| {
            // GNU: `a ?: c` is `a` unless that is 0.
            let then = match this.punct() {
                Some(Punct::Colon) => condition,
                _ => this.comma(live && holds)?,
            };
            if !this.take(Punct::Colon) {
                return Err(this.expected("`:`"));
            }
            let otherwise = this.conditional(live && !holds)?;
            let unsigned = then.unsigned || otherwise.unsigned;
            Ok(Value { unsigned, ..if holds { then } else { otherwise } })
        })
    }

    fn binary(&mut self, least: u8, live: bool) -> Result<Value, Problem> {
        let mut left = self.unary(live)?;
        while let Some((op, binding)) = self.punct().and_then(Op::of) {
            if binding < least {
                break;
            }
            let loc = self.tokens.get(self.at).map_or(self.end, |token| token.loc);
            self.at += 1;
            let right_is_live = match op {
                Op::And => live && left.is_true(),
                Op::Or => live && !left.is_true(),
                _ => live,
            };
            let right = self.deeper(|this| this.binary(binding + 1, right_is_live))?;
            left = match apply(op, left, right) {
                Some(value) => value,
                None if !live => Value::signed(0),
                None => return Err(self.problem(loc, "division by zero in the condition")),
            };
        }
        Ok(left)
    }

    fn unary(&mut self, live: bool) -> Result<Value, Problem> {
        let Some(punct) = self.punct() else { return self.primary() };
        let operand = |this: &mut Self| {
            this.at += 1;
            this.deeper(|this| this.unary(live))
        };
        match punct {
            Punct::Plus => operand(self),
            Punct::Minus => {
                operand(self).map(|value| Value { bits: value.bits.wrapping_neg(), ..value })
            }
            Punct::Tilde => operand(self).map(|value| Value { bits: !value.bits, ..value }),
            Punct::Bang => operand(self).map(|value| Value::truth(!value.is_true())),
            Punct::LeftParen => {
                self.at += 1;
                let value = self.deeper(|this| this.comma(live))?;
                if self.take(Punct::RightParen) { Ok(value) } else { Err(self.expected("`)`")) }
            }
            _ => Err(self.expected("an operand")),
        }
    }

    fn primary(&mut self) -> Result<Value, Problem> {
        let Some(&token) = self.tokens.get(self.at) else {
            return Err(self.expected("an operand"));
        };
        let text = self.names.text(token.text);
        let value = match token.kind {
            TokenKind::Ident => Ok(Value::truth(self.is_cxx && token.text == kw::TRUE)),
            TokenKind::Number => integer(text),
            TokenKind::Char => character(text, self.char_is_signed, self.wide),
            _ => return Err(self.expected("an operand")),
        };
        let value = value.map_err(|message| self.problem(token.loc, message))?;
        self.at += 1;
        // A name that is no macro is 0; used like a macro it is a mistake, or meant for a compiler
        // that has it.
        if token.kind == TokenKind::Ident && self.punct() == Some(Punct::LeftParen) {
            let message = format!(
                "`{text}` is no function-like macro of this compiler: expected an operator after it, found `(`"
            );
            return Err(self.problem(token.loc, message));
        }
        Ok(value)
    }
}

/// `None`: division by zero. Signed overflow wraps, as in gcc and clang.
fn apply(op: Op, left: Value, right: Value) -> Option<Value> {
    let unsigned = left.unsigned || right.unsigned;
    let (a, b) = (left.bits, right.bits);
    let arithmetic = |bits: u64| Value { bits, unsigned };
    let less = if unsigned { a < b } else { a.cast_signed() < b.cast_signed() };
    Some(match op {
        Op::Or => Value::truth(a != 0 || b != 0),
        Op::And => Value::truth(a != 0 && b != 0),
        Op::BitOr => arithmetic(a | b),
        Op::BitXor => arithmetic(a ^ b),
        Op::BitAnd => arithmetic(a & b),
        Op::Equal => Value::truth(a == b),
        Op::NotEqual => Value::truth(a != b),
        Op::Less => Value::truth(less),
        Op::GreaterEqual => Value::truth(!less),
        Op::Greater => Value::truth(a != b && !less),
        Op::LessEqual => Value::truth(a == b || less),
        Op::Shl | Op::Shr => shift(left, right, op == Op::Shl),
        Op::Add => arithmetic(a.wrapping_add(b)),
        Op::Sub => arithmetic(a.wrapping_sub(b)),
        Op::Mul => arithmetic(a.wrapping_mul(b)),
        Op::Div | Op::Rem if b == 0 => return None,
        Op::Div if unsigned => arithmetic(a / b),
        Op::Rem if unsigned => arithmetic(a % b),
        Op::Div => arithmetic(a.cast_signed().wrapping_div(b.cast_signed()).cast_unsigned()),
        Op::Rem => arithmetic(a.cast_signed().wrapping_rem(b.cast_signed()).cast_unsigned()),
    })
}

/// Has the type of its left operand (C11 6.5.7p3). A negative count shifts the other way, and one of
/// 64 and more shifts everything out, as in gcc.
fn shift(left: Value, right: Value, to_left: bool) -> Value {
    let back = right.is_negative();
    let count = if back { right.bits.wrapping_neg() } else { right.bits };
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let bits = if to_left != back {
        left.bits.checked_shl(count).unwrap_or(0)
    } else if left.unsigned {
        left.bits.checked_shr(count).unwrap_or(0)
    } else {
        (left.bits.cast_signed() >> count.min(63)).cast_unsigned()
    };
    Value { bits, ..left }
}

/// An integer constant (C11 6.4.4.1, C++14 separators).
fn integer(text: &str) -> Result<Value, String> {
    let digits = text.replace('\'', "").to_ascii_lowercase();
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x', ..] => (16, digits.get(2..)),
        [b'0', b'b', ..] => (2, digits.get(2..)),
        [b'0', ..] => (8, digits.get(0..)),
        _ => (10, digits.get(0..)),
    };
    let digits = digits.unwrap_or("");
    let len = digits.bytes().take_while(|&byte| char::from(byte).is_digit(radix)).count();
    let (digits, suffix) = digits.split_at_checked(len).unwrap_or(("", ""));
    let unsigned = match suffix {
        "" | "l" | "ll" | "z" | "i64" | "i32" | "i16" | "i8" => false,
        "u" | "ul" | "lu" | "ull" | "llu" | "uz" | "zu" | "ui64" | "ui32" | "ui16" | "ui8" => true,
        _ => return Err(format!("expected an integer constant in the condition, found `{text}`")),
    };
    if digits.is_empty() {
        return Err(format!("expected an integer constant in the condition, found `{text}`"));
    }
    let mut value = 0_u64;
    for digit in digits.chars().filter_map(|digit| digit.to_digit(radix)) {
        let next = value
            .checked_mul(u64::from(radix))
            .and_then(|value| value.checked_add(u64::from(digit)));
        value = next.ok_or_else(|| {
            format!("expected an integer constant of at most 64 bits, found `{text}`")
        })?;
    }
    // What does not fit the signed type is of the unsigned one, decimal constants too (gcc).
    Ok(Value { bits: value, unsigned: unsigned || value > i64::MAX.cast_unsigned() })
}

/// A character constant (C11 6.4.4.4).
fn character(text: &str, char_is_signed: bool, wide: (bool, u64)) -> Result<Value, String> {
    let malformed = || format!("expected a character constant, found `{text}`");
    let (prefix, body) = text.split_once('\'').ok_or_else(malformed)?;
    let body = body.strip_suffix('\'').ok_or_else(malformed)?;
    let units = units(body, prefix).ok_or_else(malformed)?;
    let Some(&last) = units.last() else {
        return Err(format!("expected a character between the quotes, found `{text}`"));
    };
    let value = match prefix {
        "" => {
            let bytes = units.iter().fold(0_u32, |value, unit| value << 8 | unit & 0xff);
            let value = if units.len() == 1 && char_is_signed {
                i64::from((bytes << 24).cast_signed() >> 24)
            } else {
                i64::from(bytes.cast_signed())
            };
            return Ok(Value::signed(value));
        }
        "u8" => last & 0xff,
        "u" => last & 0xffff,
        "L" if wide.1 == 16 => last & 0xffff,
        "L" if wide.0 => return Ok(Value::signed(i64::from(last.cast_signed()))),
        _ => last,
    };
    Ok(Value { bits: u64::from(value), unsigned: true })
}

/// The code units of a character constant's body: bytes without a prefix, characters with one.
fn units(body: &str, prefix: &str) -> Option<Vec<u32>> {
    let mut units = Vec::new();
    let mut rest = body;
    while let Some(char) = rest.chars().next() {
        rest = rest.get(char.len_utf8()..)?;
        if char != '\\' {
            push_char(&mut units, char, prefix);
            continue;
        }
        let escape = rest.chars().next()?;
        rest = rest.get(escape.len_utf8()..)?;
        let simple = match escape {
            'n' => 10,
            't' => 9,
            'r' => 13,
            'a' => 7,
            'b' => 8,
            'f' => 12,
            'v' => 11,
            'e' | 'E' => 27,
            '0'..='7' => {
                let len =
                    1 + rest.bytes().take(2).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
                let (digits, after) =
                    (format!("{escape}{}", rest.get(..len - 1)?), rest.get(len - 1..)?);
                rest = after;
                u32::from_str_radix(&digits, 8).ok()?
            }
            'x' => {
                let len = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
                let digits = rest.get(..len)?;
                let value = u32::from_str_radix(digits.get(len.saturating_sub(8)..)?, 16).ok()?;
                rest = rest.get(len..)?;
                value
            }
            'u' | 'U' => {
                let len = if escape == 'u' { 4 } else { 8 };
                let code = u32::from_str_radix(rest.get(..len)?, 16).ok()?;
                rest = rest.get(len..)?;
                push_char(&mut units, char::from_u32(code)?, prefix);
                continue;
            }
            other => u32::from(other),
        };
        units.push(simple);
    }
    Some(units)
}

fn push_char(units: &mut Vec<u32>, char: char, prefix: &str) {
    if prefix.is_empty() {
        let mut utf8 = [0; 4];
        units.extend(char.encode_utf8(&mut utf8).bytes().map(u32::from));
    } else {
        units.push(u32::from(char));
    }
}
