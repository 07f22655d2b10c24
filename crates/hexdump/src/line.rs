//! The grammar of one line that has an offset.

use crate::error::quoted;
use crate::offset::Offset;

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// Nothing, or a comment.
    Blank,
    /// `*`: as the line above.
    Star,
    /// An offset with bytes after it, or without any at the end of a dump.
    Data(Data<'a>),
}

/// A line with an offset. Its bytes are in the buffer that the caller gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Data<'a> {
    pub(crate) offset: Offset,
    /// Column of the offset, from 0.
    pub(crate) column: usize,
    pub(crate) has_colon: bool,
    /// Digits of the first group; 0 if there is none.
    pub(crate) digits: usize,
    /// How many groups there are.
    pub(crate) groups: usize,
    /// Whether the groups are words of a little-endian machine, put back in order already.
    pub(crate) is_words: bool,
    /// The bytes as text, as the tool shows them beside, where it does.
    pub(crate) text: &'a [u8],
}

impl Data<'_> {
    /// Whether `bytes` look like the text beside them.
    pub(crate) fn shows(&self, bytes: &[u8]) -> bool {
        is_text_of(self.text, bytes)
    }

    /// Whether the groups are digits of base 2, as `xxd -b` prints them: the text beside then has a
    /// character for each group.
    pub(crate) fn is_binary(&self, bytes: &[u8]) -> bool {
        let digits = |byte: &u8| byte & !0x11 == 0;
        self.has_colon
            && self.digits == 8
            && bytes.iter().all(digits)
            && !self.text.is_empty()
            && self.text.trim_ascii_start().len() <= self.groups
    }
}

/// Why a line is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    /// From 0.
    pub(crate) column: usize,
    pub(crate) message: String,
}

/// Reads a line without its end. Its bytes are put into `bytes`, which is emptied first.
///
/// With `little_groups`, groups after a colon are little-endian (`xxd -e`) and put in order.
pub(crate) fn parse<'a>(
    line: &'a [u8],
    little_groups: bool,
    bytes: &mut Vec<u8>,
) -> Result<Line<'a>, Malformed> {
    bytes.clear();
    let mut scan = Scan { line, at: 0 };
    scan.skip_blanks();
    match scan.rest() {
        [] | [b'#', ..] => return Ok(Line::Blank),
        [b'*', rest @ ..] if rest.trim_ascii().is_empty() => return Ok(Line::Star),
        _ => {}
    }
    let column = scan.at;
    let (offset, has_colon) = scan.offset()?;
    let mut data =
        Data { offset, column, has_colon, digits: 0, groups: 0, is_words: false, text: &[] };
    scan.skip_blanks();
    if scan.rest().is_empty() {
        return Ok(Line::Data(data));
    }
    scan.groups(&mut data, little_groups, bytes)?;
    Ok(Line::Data(data))
}

struct Scan<'a> {
    line: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    fn rest(&self) -> &'a [u8] {
        self.line.get(self.at..).unwrap_or_default()
    }

    /// Skips blanks and returns how many there were.
    fn skip_blanks(&mut self) -> usize {
        let blanks = self.rest().iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        self.at += blanks;
        blanks
    }

    fn malformed(&self, needed: &str) -> Malformed {
        let word = self.rest().split(|byte| matches!(byte, b' ' | b'\t')).next();
        let found = match word {
            None | Some([]) => "the end of the line".to_owned(),
            Some(word) => quoted(word),
        };
        Malformed { column: self.at, message: format!("{needed} needed, found {found}") }
    }

    /// The digits at the front, and whether `0x` stood before them.
    fn digits(&self) -> (bool, &'a [u8]) {
        let rest = self.rest();
        let (has_prefix, rest) = match rest {
            [b'0', b'x' | b'X', rest @ ..] => (true, rest),
            _ => (false, rest),
        };
        let length = rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        (has_prefix, rest.get(..length).unwrap_or_default())
    }

    fn offset(&mut self) -> Result<(Offset, bool), Malformed> {
        let (has_prefix, digits) = self.digits();
        let offset = Offset::parse(digits);
        let Some(offset) = offset.filter(|_| has_prefix || digits.len() >= 4) else {
            return Err(self.malformed("an offset of four or more digits is"));
        };
        let start = self.at;
        self.at += digits.len() + if has_prefix { 2 } else { 0 };
        // gdb: `0x7fffffffe0c8 <buf+8>:`.
        if let [b' ', b'<', ..] = self.rest() {
            let name = self.rest().iter().position(|&byte| byte == b'>').unwrap_or(0);
            self.at += name + 1;
        }
        match self.rest() {
            [b':', ..] => {
                self.at += 1;
                Ok((offset, true))
            }
            [] | [b' ' | b'\t', ..] => Ok((offset, false)),
            _ => {
                self.at = start;
                Err(self.malformed("an offset and a blank are"))
            }
        }
    }

    fn groups(
        &mut self,
        data: &mut Data<'a>,
        little_groups: bool,
        bytes: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        loop {
            let (has_prefix, digits) = self.digits();
            let after = self.at + digits.len() + if has_prefix { 2 } else { 0 };
            let is_cut = !matches!(self.line.get(after), None | Some(b' ' | b'\t' | b'-'));
            if digits.is_empty() || is_cut {
                return Err(self.malformed("two hexadecimal digits a byte are"));
            }
            if data.groups == 0 {
                data.digits = digits.len();
                data.is_words = digits.len() > 2 && (has_prefix || !data.has_colon);
            }
            self.check_group(data, digits)?;
            let start = bytes.len();
            push_hex(digits, bytes);
            if let (true, Some(group)) = (data.is_words || little_groups, bytes.get_mut(start..)) {
                group.reverse();
            }
            data.groups += 1;
            self.at = after;
            if !self.is_before_group(data, little_groups, bytes) {
                return Ok(());
            }
        }
    }

    fn check_group(&self, data: &Data<'_>, digits: &[u8]) -> Result<(), Malformed> {
        let is_octal = matches!(data.digits, 3 | 6 | 11 | 22) && !data.has_colon;
        if is_octal {
            return Err(self.malformed("hexadecimal bytes (`od -t x1`, `hexdump -C`) are"));
        }
        if !digits.len().is_multiple_of(2) {
            return Err(self.malformed("two hexadecimal digits a byte are"));
        }
        let is_whole = digits.len() == data.digits;
        let is_shorter = digits.len() < data.digits && !data.is_words;
        if !(is_whole || is_shorter) || (data.is_words && !matches!(data.digits, 4 | 8 | 16)) {
            let needed = match data.is_words {
                true => "words of 2, 4 or 8 bytes, all of one size, are".to_owned(),
                false => format!("at most {} digits in a group are", data.digits),
            };
            return Err(self.malformed(&needed));
        }
        Ok(())
    }

    /// Goes to the next group; `false` if there is none, and what is left is text.
    fn is_before_group(&mut self, data: &mut Data<'a>, little_groups: bool, bytes: &[u8]) -> bool {
        let end = self.at;
        if let [b'-', rest @ ..] = self.rest() {
            // The middle of a line of DOS's debug and its heirs.
            self.at += 1;
            return rest.first().is_some_and(u8::is_ascii_hexdigit);
        }
        let gap = self.skip_blanks();
        let rest = self.rest();
        if rest.is_empty() {
            return false;
        }
        let (_, digits) = self.digits();
        let is_group = match gap {
            _ if matches!(rest, [b'|' | b'>', ..]) => false,
            0 | 1 => true,
            // `hexdump -x` and gdb put words, and gdb bytes, far apart.
            _ if data.is_words || rest.starts_with(b"0x") => digits.len() == data.digits,
            // A last group of `xxd -e` is shorter on its left.
            _ if little_groups => {
                digits.len() < data.digits && gap + digits.len() == data.digits + 1
            }
            // The gap in the middle of a line, or the end of a line of eight bytes.
            2 => {
                bytes.len() == 8
                    && data.digits == 2
                    && digits.len() == 2
                    && matches!(rest.get(2), None | Some(b' '))
                    && !is_text_of(rest, bytes)
            }
            _ => false,
        };
        if !is_group {
            data.text = text(self.line, end, rest, data.has_colon, bytes.len());
        }
        is_group
    }
}

/// The text beside `count` bytes, whose digits end at `end`; `rest` is what is there, without the
/// blanks that it may begin with.
fn text<'a>(line: &'a [u8], end: usize, rest: &'a [u8], has_colon: bool, count: usize) -> &'a [u8] {
    let (open, close) = match rest {
        [b'|', ..] if !has_colon => (b'|', b'|'),
        [b'>', ..] if !has_colon => (b'>', b'<'),
        _ => {
            let from = line.len().saturating_sub(count);
            return if from >= end + 2 { line.get(from..).unwrap_or(rest) } else { rest };
        }
    };
    let inner = rest.strip_prefix(&[open]).unwrap_or(rest);
    inner.strip_suffix(&[close]).unwrap_or(inner)
}

/// Whether a tool would show `bytes` as `text`.
pub(crate) fn is_text_of(text: &[u8], bytes: &[u8]) -> bool {
    let shown = |byte: u8| if matches!(byte, 0x20..=0x7e) { byte } else { b'.' };
    text.len() == bytes.len() && text.iter().zip(bytes).all(|(&text, &byte)| text == shown(byte))
}

/// Appends the bytes of an even number of digits.
pub(crate) fn push_hex(digits: &[u8], bytes: &mut Vec<u8>) {
    let (pairs, _) = digits.as_chunks::<2>();
    bytes.extend(pairs.iter().map(|&[high, low]| nibble(high) << 4 | nibble(low)));
}

/// The value of a hexadecimal digit.
pub(crate) fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        b'A'..=b'F' => digit - b'A' + 10,
        _ => 0,
    }
}
