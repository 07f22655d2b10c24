//! What is wrong with a protocol file.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Errors that are shown of one file.
const MOST_SHOWN: usize = 10;

/// Why a protocol file cannot work: everything that was found wrong, in the order of the file.
///
/// Displays each as `FILE:LINE:COL: error: …` with the line and a caret below it, as header errors are:
///
/// ```text
/// feed.toml:4:22: error: `bdy_len` is no field of `struct head` and no constant; did you mean `body_len`?
///     4 | length = "prefix + bdy_len"
///       |                    ^
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtocolError {
    file: Arc<str>,
    problems: Vec<Problem>,
}

/// One thing that is wrong with a protocol file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    message: String,
    offset: usize,
    line: usize,
    column: usize,
    source_line: String,
}

impl Problem {
    /// What was needed, and what was found.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Line, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// Column in characters, from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }
}

impl ProtocolError {
    /// The file, as it was named.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Everything that is wrong, at least one thing.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = &self.file;
        for (index, problem) in self.problems.iter().take(MOST_SHOWN).enumerate() {
            let Problem { message, line, column, source_line, .. } = problem;
            let (text, caret) = excerpt(source_line, *column);
            let lead = if index == 0 { "" } else { "\n" };
            write!(f, "{lead}{file}:{line}:{column}: error: {message}")?;
            write!(f, "\n{line:5} | {text}\n      | {caret}^")?;
        }
        match self.problems.len().saturating_sub(MOST_SHOWN) {
            0 => Ok(()),
            more => write!(f, "\n{file}: {more} more errors"),
        }
    }
}

impl std::error::Error for ProtocolError {}

/// Characters of a source line that are shown on each side of the caret.
const EXCERPT_CHARS: usize = 120;

/// The part of a line around a column, and what pads the caret below it. Tabs stay tabs in both; other
/// control characters must not reach a terminal.
fn excerpt(line: &str, column: usize) -> (String, String) {
    let at = column.saturating_sub(1);
    let first = at.saturating_sub(EXCERPT_CHARS);
    let cut = |char: char| if char.is_control() && char != '\t' { '\u{fffd}' } else { char };
    let chars = line.chars().map(cut).skip(first);
    let text: String = chars.clone().take(2 * EXCERPT_CHARS).collect();
    let blank = |char| if char == '\t' { '\t' } else { ' ' };
    let mut caret: String = chars.take(at - first).map(blank).collect();
    // A column past the end of the line: its end is at fault.
    caret.extend(std::iter::repeat_n(' ', (at - first).saturating_sub(caret.chars().count())));
    (text, caret)
}

/// The text of a protocol file.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) name: Arc<str>,
    pub(super) text: Arc<str>,
    /// Where lines begin.
    lines: Arc<[usize]>,
}

impl Source {
    pub(super) fn new(name: &str, text: &str) -> Self {
        let behind = text.match_indices('\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(behind).collect();
        Self { name: name.into(), text: text.into(), lines }
    }

    /// The line of a byte, from 1, and where it begins.
    fn line(&self, offset: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|&start| start <= offset);
        let start = line.checked_sub(1).and_then(|index| self.lines.get(index));
        (line, start.copied().unwrap_or(0))
    }
}

/// Collects what is wrong with a file, so that all of it is told at once.
#[derive(Debug)]
pub(super) struct Problems<'s> {
    source: &'s Source,
    found: Vec<Problem>,
}

impl<'s> Problems<'s> {
    pub(super) fn new(source: &'s Source) -> Self {
        Self { source, found: Vec::new() }
    }

    /// Notes a problem at a byte of the file.
    pub(super) fn add(&mut self, offset: usize, message: impl Into<String>) {
        let text = &self.source.text;
        let (line, start) = self.source.line(offset);
        let column = text.get(start..offset).unwrap_or_default().chars().count() + 1;
        let rest = text.get(start..).unwrap_or_default();
        let source_line = rest.split(['\n', '\r']).next().unwrap_or_default().to_owned();
        self.found.push(Problem { message: message.into(), offset, line, column, source_line });
    }

    /// Notes a problem inside a string of the file.
    pub(super) fn add_in(&mut self, string: &Quoted, at: usize, message: impl Into<String>) {
        self.add(string.offset(&self.source.text, at), message);
    }

    /// Line of a byte of the file, from 1.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.source.line(offset).0
    }

    /// Forgets all but the first problems.
    pub(super) fn truncate(&mut self, count: usize) {
        self.found.truncate(count);
    }

    pub(super) fn count(&self) -> usize {
        self.found.len()
    }

    pub(super) fn into_result<T>(
        self,
        value: impl FnOnce() -> Option<T>,
    ) -> Result<T, ProtocolError> {
        let mut problems = self.found;
        if problems.is_empty()
            && let Some(value) = value()
        {
            return Ok(value);
        }
        problems.sort_by_key(|problem| problem.offset);
        Err(ProtocolError { file: self.source.name.clone(), problems })
    }
}

/// A string of a TOML file, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Quoted {
    /// What it says.
    pub(super) value: Box<str>,
    /// The bytes of the file, quotes included.
    pub(super) span: Range<usize>,
}

impl Quoted {
    /// The byte of the file that stands for the byte `at` of the value: where the escape or character
    /// begins that gives it. The end of the value is the closing quote.
    pub(super) fn offset(&self, text: &str, at: usize) -> usize {
        let raw = text.get(self.span.clone()).unwrap_or_default();
        let mut chars = Unquoted::new(raw);
        let mut decoded = 0;
        loop {
            let here = chars.at;
            match chars.next() {
                Some(char) if decoded + char.len_utf8() <= at => decoded += char.len_utf8(),
                Some(_) => return self.span.start + chars.begins,
                None => return self.span.start + here,
            }
        }
    }
}

/// The characters of a TOML string (TOML 1.1, "String"); of anything else, its own.
///
/// The string is known to be well-formed: the TOML parser has read it.
struct Unquoted<'r> {
    raw: &'r str,
    /// The next byte to read.
    at: usize,
    /// Where what gave the last character begins.
    begins: usize,
    quotes: &'static str,
    has_escapes: bool,
}

impl<'r> Unquoted<'r> {
    fn new(raw: &'r str) -> Self {
        let quotes = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quotes| {
            raw.starts_with(quotes) && raw.len() >= 2 * quotes.len() && raw.ends_with(quotes)
        });
        let quotes = quotes.unwrap_or_default();
        let mut at = quotes.len();
        // "A newline immediately following the opening delimiter will be trimmed."
        if quotes.len() == 3 {
            let rest = raw.get(at..).unwrap_or_default();
            let newlines = ["\r\n", "\n"];
            at +=
                newlines.iter().find(|newline| rest.starts_with(**newline)).map_or(0, |n| n.len());
        }
        Self { raw, at, begins: at, quotes, has_escapes: quotes.starts_with('"') }
    }

    fn rest(&self) -> &'r str {
        let end = self.raw.len().saturating_sub(self.quotes.len());
        self.raw.get(self.at..end).unwrap_or_default()
    }

    /// A line that ends in `\` goes on with the next character that is no white space.
    fn skip_line_ends(&mut self) {
        loop {
            let Some(rest) = self.rest().strip_prefix('\\') else { return };
            let trimmed = rest.trim_start_matches([' ', '\t']);
            if !trimmed.starts_with(['\n', '\r']) {
                return;
            }
            let next = rest.trim_start_matches([' ', '\t', '\n', '\r']);
            self.at += 1 + rest.len() - next.len();
        }
    }

    fn escape(&mut self, rest: &str) -> Option<char> {
        let kind = rest.chars().nth(1)?;
        let digits = match kind {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        self.at += 1 + kind.len_utf8() + digits;
        Some(match kind {
            'b' => '\u{8}',
            't' => '\t',
            'n' => '\n',
            'f' => '\u{c}',
            'r' => '\r',
            'e' => '\u{1b}',
            'x' | 'u' | 'U' => {
                let word = rest.get(2..2 + digits)?;
                char::from_u32(u32::from_str_radix(word, 16).ok()?)?
            }
            other => other,
        })
    }
}

impl Iterator for Unquoted<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        if self.has_escapes {
            self.skip_line_ends();
        }
        self.begins = self.at;
        let rest = self.rest();
        let first = rest.chars().next()?;
        if first == '\\' && self.has_escapes {
            return self.escape(rest);
        }
        self.at += first.len_utf8();
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the TOML parser makes of a string, and what the walk over its text makes of it.
    fn both(raw: &str) -> Option<(String, String)> {
        let text = format!("k = {raw}\n");
        let table = toml::de::DeTable::parse(&text).ok()?;
        let (_, value) = table.get_ref().iter().next()?;
        let value = match value.get_ref() {
            toml::de::DeValue::String(value) => value.to_string(),
            _ => return None,
        };
        Some((value, Unquoted::new(raw).collect()))
    }

    #[test]
    fn every_form_of_string_is_walked_as_the_parser_reads_it() {
        for raw in [
            r#""plain""#,
            r#""a\tb\n\"c\" \\ \u00e9\U0001F600\x41\e""#,
            "'C:\\path'",
            "\"\"\"\nfirst\nsecond \\\n   \n  third\"\"\"",
            "\"\"\"a\"b\"\"c\\\"\"\"\"",
            "'''\r\nraw \\ text\n'''",
            "\"\"",
            "''",
        ] {
            let (parsed, walked) = both(raw).unwrap_or_else(|| panic!("{raw} is no string"));
            assert_eq!(parsed.replace("\r\n", "\n"), walked.replace("\r\n", "\n"), "{raw}");
        }
    }

    #[test]
    fn an_offset_in_the_value_is_an_offset_in_the_file() {
        let text = "k = \"a\\tb\\u00e9c\"\n";
        let quoted = Quoted { value: "a\tb\u{e9}c".into(), span: 4..17 };
        let offsets: Vec<_> = (0..=6).map(|at| quoted.offset(text, at)).collect();
        assert_eq!(offsets, [5, 6, 8, 9, 9, 15, 16]);
    }

    proptest! {
        #[test]
        fn strings_are_walked_as_the_parser_reads_them(
            quotes in prop::sample::select(vec!["\"", "\"\"\"", "'", "'''"]),
            parts in prop::collection::vec(prop::sample::select(vec![
                "a", "é", " ", "\n", "\\\n", "\\  \n\t", "\\n", "\\\\", "\\\"", "\\u0041", "\\x41",
                "\"", "'", "\t", "\\U0001F600", "\\e", "\r\n",
            ]), 0..12),
        ) {
            let raw = format!("{quotes}{}{quotes}", parts.concat());
            if let Some((parsed, walked)) = both(&raw) {
                prop_assert_eq!(parsed.replace("\r\n", "\n"), walked.replace("\r\n", "\n"), "{}", raw);
            }
        }
    }
}
