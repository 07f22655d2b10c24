//! JSON as text says it: numbers keep their digits, since `f64` holds neither all of 64 bits nor of 128.

use std::fmt::Write as _;

/// A value of RFC 8259. Objects keep the order and the repetitions of their keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Json {
    /// Reads one value with nothing behind it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader { rest: text };
        let value = reader.value()?;
        reader.space();
        match reader.rest {
            "" => Ok(value),
            rest => Err(format!("something follows the value: {rest:?}")),
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => {
                members.iter().find(|(name, _)| name == key).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn list(&self) -> Option<&[Self]> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }

    /// An integer of at most 128 bits.
    pub(crate) fn integer(&self) -> Option<i128> {
        match self {
            // The largest unsigned ones wrap, on both sides of a comparison.
            Self::Number(digits) => digits
                .parse::<i128>()
                .ok()
                .or_else(|| digits.parse::<u128>().ok().map(u128::cast_signed)),
            _ => None,
        }
    }

    /// Writes it on one line.
    pub(crate) fn print(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => write!(out, "{value}").unwrap(),
            Self::Number(digits) => out.push_str(digits),
            Self::Text(text) => print_text(text, out),
            Self::List(list) => {
                out.push('[');
                for (index, value) in list.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    value.print(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    print_text(name, out);
                    out.push(':');
                    value.print(out);
                }
                out.push('}');
            }
        }
    }
}

fn print_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => write!(out, "\\u{:04x}", u32::from(c)).unwrap(),
            c => out.push(c),
        }
    }
    out.push('"');
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
    }

    fn take(&mut self, token: &str) -> bool {
        self.space();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) -> Result<(), String> {
        if self.take(token) { Ok(()) } else { Err(format!("no {token} at {:?}", self.rest)) }
    }

    fn value(&mut self) -> Result<Json, String> {
        self.space();
        for (word, value) in
            [("null", Json::Null), ("true", Json::Bool(true)), ("false", Json::Bool(false))]
        {
            if self.take(word) {
                return Ok(value);
            }
        }
        match self.rest.chars().next() {
            Some('"') => Ok(Json::Text(self.string()?)),
            Some('[') => self.items("[", "]", Self::value).map(Json::List),
            Some('{') => self
                .items("{", "}", |reader| {
                    reader.space();
                    let name = reader.string()?;
                    reader.expect(":")?;
                    Ok((name, reader.value()?))
                })
                .map(Json::Object),
            _ => self.number(),
        }
    }

    fn items<T>(
        &mut self,
        open: &str,
        close: &str,
        item: fn(&mut Self) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        self.expect(open)?;
        let mut items = Vec::new();
        if self.take(close) {
            return Ok(items);
        }
        loop {
            items.push(item(self)?);
            if self.take(close) {
                return Ok(items);
            }
            self.expect(",")?;
        }
    }

    /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?` (RFC 8259, section 6).
    fn number(&mut self) -> Result<Json, String> {
        let end = self
            .rest
            .find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'))
            .unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        let (mantissa, exponent) = match number.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(exponent)),
            None => (number, None),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (mantissa, None),
        };
        let whole = whole.strip_prefix('-').unwrap_or(whole);
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let good = digits(whole)
            && (whole == "0" || !whole.starts_with('0'))
            && fraction.is_none_or(digits)
            && exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)));
        if !good {
            return Err(format!("no value at {:?}", self.rest));
        }
        self.rest = rest;
        Ok(Json::Number(number.to_owned()))
    }

    fn string(&mut self) -> Result<String, String> {
        self.expect("\"")?;
        let mut text = String::new();
        loop {
            let mut chars = self.rest.chars();
            let c = chars.next().ok_or("a string without an end")?;
            self.rest = chars.as_str();
            match c {
                '"' => return Ok(text),
                '\\' => text.push(self.escape()?),
                c if c < ' ' => return Err(format!("U+{:04X} in a string", u32::from(c))),
                c => text.push(c),
            }
        }
    }

    fn escape(&mut self) -> Result<char, String> {
        let mut chars = self.rest.chars();
        let c = chars.next().ok_or("a string without an end")?;
        self.rest = chars.as_str();
        Ok(match c {
            '"' | '\\' | '/' => c,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let first = self.unit()?;
                if !(0xd800..0xdc00).contains(&first) {
                    return char::from_u32(first).ok_or("half a surrogate pair".into());
                }
                self.expect("\\u")?;
                let units = [first, self.unit()?].map(|unit| u16::try_from(unit).unwrap());
                return String::from_utf16(&units)
                    .ok()
                    .and_then(|text| text.chars().next())
                    .ok_or("half a surrogate pair".into());
            }
            c => return Err(format!("unknown escape \\{c}")),
        })
    }

    fn unit(&mut self) -> Result<u32, String> {
        let (digits, rest) = self.rest.split_at_checked(4).ok_or("a short escape")?;
        self.rest = rest;
        u32::from_str_radix(digits, 16).map_err(|error| format!("{digits}: {error}"))
    }
}

#[test]
fn json_is_read_as_it_is_written() {
    let text = r#"{"a":[1,-0.5e-7,170141183460469231731687303715884105728],"b":{"":null},"c":"\u00e9\ud83d\ude00\"\\\n","d":[],"e":true}"#;
    let value = Json::parse(text).unwrap();
    assert_eq!(value.get("c").unwrap().text(), Some("é😀\"\\\n"));
    let mut printed = String::new();
    value.print(&mut printed);
    assert_eq!(Json::parse(&printed), Ok(value));
    for bad in
        ["01", "1.", ".5", "-", "1e", "[1,]", "{\"a\"}", "\"\u{1}\"", "nan", "1 2", "\"\\ud800\""]
    {
        assert!(Json::parse(bad).is_err(), "{bad}");
    }
}
