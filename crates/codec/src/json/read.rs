//! Reads JSON (RFC 8259) piece by piece, without a tree.

use std::borrow::Cow;

use super::JsonError;

/// The beginning of a value, or all of one without parts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Token<'a> {
    Null,
    Bool(bool),
    Number(Number<'a>),
    Text(Text<'a>),
    /// Elements follow.
    List,
    /// Members follow.
    Object,
}

/// A number, exact.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Number<'a> {
    Int(i128),
    /// 2^127 and more.
    UInt(u128),
    /// A number with a fraction or an exponent, beyond 128 bits, or `-0`, which no integer tells
    /// from 0.
    Decimal(&'a str),
    Float32(f32),
    Float64(f64),
}

/// Text, as it stands between its quotes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a> {
    pub(crate) raw: &'a str,
    /// Whether there are escapes in it; they are known to be right.
    pub(crate) escaped: bool,
}

impl<'a> Text<'a> {
    pub(crate) fn plain(text: &'a str) -> Self {
        Self { raw: text, escaped: false }
    }

    pub(crate) fn get(self) -> Cow<'a, str> {
        match self.escaped {
            false => Cow::Borrowed(self.raw),
            true => {
                let mut text = String::new();
                self.unescape(&mut text);
                Cow::Owned(text)
            }
        }
    }

    /// The same into memory that is there.
    pub(crate) fn get_in<'b>(self, scratch: &'b mut String) -> &'b str
    where
        'a: 'b,
    {
        if !self.escaped {
            return self.raw;
        }
        scratch.clear();
        self.unescape(scratch);
        scratch
    }

    fn unescape(self, out: &mut String) {
        let mut reader = Reader::new(self.raw);
        while let Some(len) = reader.rest().find('\\') {
            out.push_str(reader.rest().get(..len).unwrap_or(""));
            reader.at += len;
            match reader.escape() {
                Ok(char) => out.push(char),
                Err(_) => return,
            }
        }
        out.push_str(reader.rest());
    }
}

/// Reads one value after the other.
pub(crate) struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// Where the last piece began.
    start: usize,
}

/// The text as UTF-8, of which JSON consists.
pub(crate) fn utf8(text: &[u8]) -> Result<&str, JsonError> {
    std::str::from_utf8(text)
        .map_err(|error| JsonError::syntax(error.valid_up_to() + 1, "UTF-8", "other bytes".into()))
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0, start: 0 }
    }

    /// Where the piece that was read last begins: its byte, counted from 1.
    pub(crate) fn column(&self) -> usize {
        self.start + 1
    }

    /// Reads the beginning of a value.
    #[inline]
    pub(crate) fn value(&mut self) -> Result<Token<'a>, JsonError> {
        self.begin();
        match self.peek() {
            Some(b'"') => Ok(Token::Text(self.string()?)),
            Some(b'-' | b'0'..=b'9') => Ok(Token::Number(self.number()?)),
            Some(b'{') => {
                self.at += 1;
                Ok(Token::Object)
            }
            Some(b'[') => {
                self.at += 1;
                Ok(Token::List)
            }
            _ => self.word(),
        }
    }

    /// In a list, whether another element follows; `is_first` as long as there was none.
    #[inline]
    pub(crate) fn element(&mut self, is_first: bool) -> Result<bool, JsonError> {
        self.begin();
        if self.eat(b']') {
            return Ok(false);
        }
        if !is_first {
            self.expect(b',', "`,` or `]`")?;
        }
        Ok(true)
    }

    /// In an object, the name of the member that follows.
    #[inline]
    pub(crate) fn key(&mut self, is_first: bool) -> Result<Option<Text<'a>>, JsonError> {
        self.begin();
        if self.eat(b'}') {
            return Ok(None);
        }
        if !is_first {
            self.expect(b',', "`,` or `}`")?;
            self.begin();
        }
        if self.peek() != Some(b'"') {
            return Err(self.fail("a name in quotes"));
        }
        let name = self.string()?;
        self.space();
        self.expect(b':', "`:`")?;
        Ok(Some(name))
    }

    /// Nothing but white space follows.
    pub(crate) fn end(&mut self) -> Result<(), JsonError> {
        self.space();
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.fail("the end of the line")),
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    #[inline]
    fn begin(&mut self) {
        self.space();
        self.start = self.at;
    }

    #[cold]
    fn fail(&self, needed: &'static str) -> JsonError {
        let found = match self.rest().chars().next() {
            Some(char) if char.is_control() => format!("U+{:04X}", u32::from(char)),
            Some(char) => format!("`{char}`"),
            None => "the end of the line".into(),
        };
        JsonError::syntax(self.at + 1, needed, found)
    }

    #[inline]
    fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    #[inline]
    fn expect(&mut self, byte: u8, needed: &'static str) -> Result<(), JsonError> {
        match self.eat(byte) {
            true => Ok(()),
            false => Err(self.fail(needed)),
        }
    }

    fn word(&mut self) -> Result<Token<'a>, JsonError> {
        let words =
            [("null", Token::Null), ("true", Token::Bool(true)), ("false", Token::Bool(false))];
        for (word, token) in words {
            if self.rest().starts_with(word) {
                self.at += word.len();
                return Ok(token);
            }
        }
        Err(self.fail("a value"))
    }

    fn number(&mut self) -> Result<Number<'a>, JsonError> {
        let start = self.at;
        let negative = self.eat(b'-');
        let digits = self.at;
        // 19 digits fit.
        let mut small = 0u64;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            small = small.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            self.at += 1;
        }
        let len = self.at - digits;
        let leading_zero = self.text.as_bytes().get(digits) == Some(&b'0');
        if len == 0 {
            return Err(self.fail("a digit"));
        }
        if leading_zero && len > 1 {
            self.at = digits + 1;
            return Err(self.fail("no digit after a leading 0"));
        }
        let is_decimal = matches!(self.peek(), Some(b'.' | b'e' | b'E'));
        // No integer tells `-0` from 0.
        if is_decimal || (negative && leading_zero) {
            self.fraction()?;
            return Ok(Number::Decimal(self.text.get(start..self.at).unwrap_or("")));
        }
        if len <= 19 {
            let value = i128::from(small);
            return Ok(Number::Int(if negative { -value } else { value }));
        }
        let text = self.text.get(start..self.at).unwrap_or("");
        Ok(match (text.parse::<i128>(), text.parse::<u128>()) {
            (Ok(value), _) => Number::Int(value),
            (_, Ok(value)) => Number::UInt(value),
            _ => Number::Decimal(text),
        })
    }

    fn fraction(&mut self) -> Result<(), JsonError> {
        if self.eat(b'.') {
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start { Err(self.fail("a digit")) } else { Ok(()) }
    }

    #[inline]
    fn string(&mut self) -> Result<Text<'a>, JsonError> {
        self.at += 1;
        let start = self.at;
        let mut escaped = false;
        loop {
            match self.peek() {
                Some(b'"') => {
                    let raw = self.text.get(start..self.at).unwrap_or("");
                    self.at += 1;
                    return Ok(Text { raw, escaped });
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(0x20..) => self.at += 1,
                Some(_) => return Err(self.fail("a control character as `\\u`")),
                None => return Err(self.fail("`\"`")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let start = self.at;
        let letter = self.text.as_bytes().get(start + 1).copied();
        let char = match letter {
            Some(letter @ (b'"' | b'\\' | b'/')) => char::from(letter),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => {
                self.at = (start + 1).min(self.text.len());
                return Err(self.fail("one of `\"\\/bfnrtu` after `\\`"));
            }
        };
        self.at = start + 2;
        Ok(char)
    }

    /// `\uXXXX`, or two of them for a character beyond U+FFFF.
    fn unicode(&mut self) -> Result<char, JsonError> {
        let start = self.at;
        self.at += 2;
        let first = self.unit()?;
        if let Some(char) = char::from_u32(first) {
            return Ok(char);
        }
        let is_pair = first < 0xdc00 && self.rest().starts_with("\\u");
        self.at += if is_pair { 2 } else { 0 };
        let second = if is_pair { self.unit()? } else { 0 };
        let code = 0x1_0000 + ((first & 0x3ff) << 10 | second & 0x3ff);
        match char::from_u32(code).filter(|_| (0xdc00..0xe000).contains(&second)) {
            Some(char) => Ok(char),
            None => {
                self.at = start;
                Err(self.fail("both halves of a surrogate pair"))
            }
        }
    }

    /// Four hex digits.
    fn unit(&mut self) -> Result<u32, JsonError> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else { return Err(self.fail("four hex digits")) };
            unit = unit << 4 | digit;
            self.at += 1;
        }
        Ok(unit)
    }
}
