//! Protocol files as they are written: parsed, and every key known, but no name looked up.

use std::ops::Range;
use std::sync::Arc;

use cwire_layout::abi::{Abi, Endian};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::ProtocolError;
use super::error::{Problems, Quoted, Source};
use crate::expr::did_you_mean;
use crate::plan::Short;

/// Which end of a connection sent a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// Who connected.
    Client,
    /// Who was connected to.
    Server,
}

/// A protocol file: parsed, but not yet looked up in a header.
///
/// The module documentation describes the format.
#[derive(Clone, Debug)]
pub struct ProtocolFile {
    pub(super) source: Source,
    pub(super) endian: Option<Endian>,
    abi: Option<Abi>,
    headers: Vec<Quoted>,
    pub(super) messages: Vec<MessageDef>,
    pub(super) unions: Vec<UnionDef>,
    pub(super) arrays: Vec<ArrayDef>,
}

/// A number, or an expression as a string.
#[derive(Clone, Debug)]
pub(super) enum Number {
    Plain(i128, Range<usize>),
    Text(Quoted),
}

#[derive(Clone, Debug)]
pub(super) enum LengthDef {
    Whole(Number),
    Field { field: Quoted, scale: Option<Number>, adjust: Option<Number> },
}

#[derive(Clone, Debug)]
pub(super) struct CaseDef {
    /// The number or the name of a constant.
    pub(super) key: Quoted,
    /// What it chooses.
    pub(super) name: Quoted,
}

#[derive(Clone, Debug, Default)]
pub(super) struct MessageDef {
    pub(super) span: Range<usize>,
    pub(super) side: Option<Side>,
    pub(super) when: Option<Number>,
    pub(super) times: Option<Number>,
    pub(super) prefix: Option<Number>,
    pub(super) record: Option<Quoted>,
    pub(super) length: Option<LengthDef>,
    pub(super) switch: Option<Number>,
    pub(super) cases: Option<(Range<usize>, Vec<CaseDef>)>,
    pub(super) default: Option<Quoted>,
    pub(super) endian: Option<Endian>,
    pub(super) trim: Option<Number>,
    pub(super) short: Option<Short>,
    pub(super) parts: Vec<PartDef>,
    pub(super) remember: Vec<RememberDef>,
    pub(super) resync: Option<Number>,
    pub(super) max: Option<Number>,
}

#[derive(Clone, Debug)]
pub(super) struct PartDef {
    pub(super) record: Quoted,
    pub(super) at: Option<Number>,
    pub(super) when: Option<Number>,
    pub(super) count: Option<Number>,
    pub(super) length: Option<Number>,
}

#[derive(Clone, Debug)]
pub(super) struct RememberDef {
    pub(super) table: Quoted,
    pub(super) key: Number,
    pub(super) value: Number,
}

/// `[[union]]`: which member of a union counts.
#[derive(Clone, Debug)]
pub(super) struct UnionDef {
    pub(super) record: Quoted,
    pub(super) field: Quoted,
    pub(super) tag: Number,
    pub(super) cases: Vec<CaseDef>,
}

/// `[[array]]`: how many elements of an array count.
#[derive(Clone, Debug)]
pub(super) struct ArrayDef {
    pub(super) record: Quoted,
    pub(super) field: Quoted,
    pub(super) count: Number,
}

const FILE_KEYS: &[&str] = &["endian", "abi", "header", "message", "union", "array"];
const MESSAGE_KEYS: &[&str] = &[
    "side", "when", "times", "prefix", "record", "length", "switch", "cases", "default", "endian",
    "trim", "short", "part", "remember", "resync", "max",
];
const PART_KEYS: &[&str] = &["record", "at", "when", "count", "length"];
const REMEMBER_KEYS: &[&str] = &["table", "key", "value"];
const LENGTH_KEYS: &[&str] = &["field", "scale", "adjust"];
const UNION_KEYS: &[&str] = &["record", "field", "tag", "cases"];
const ARRAY_KEYS: &[&str] = &["record", "field", "count"];

/// Bytes of the longest protocol file: 1 MiB.
pub const MAX_FILE_LEN: usize = 1 << 20;

/// Messages of a protocol file. Each is tried in turn at the start of every message.
pub const MAX_MESSAGES: usize = 4096;

impl ProtocolFile {
    /// Reads the text of a protocol file; `name` is what errors call it.
    ///
    /// # Errors
    ///
    /// The text is no TOML, a key is unknown or missing, or a value is of the wrong kind.
    pub fn parse(name: &str, text: &str) -> Result<Self, ProtocolError> {
        // Editors of Windows mark UTF-8.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let source = Source::new(name, text);
        let mut problems = Problems::new(&source);
        if text.len() > MAX_FILE_LEN {
            let found = text.len();
            problems.add(0, format!("needs a file of at most {MAX_FILE_LEN} bytes, found {found}"));
            return problems.into_result(|| None);
        }
        let (table, errors) = DeTable::parse_recoverable(text);
        // What the parser makes of the rest of a line after its first error is not worth telling.
        let mut lines = Vec::new();
        for error in errors {
            let at = error.span().map_or(0, |span| span.start);
            let line = problems.line(at);
            if !lines.contains(&line) {
                problems.add(at, error.message());
                lines.push(line);
            }
        }
        if problems.count() > 0 {
            return problems.into_result(|| None);
        }
        let file = Reader { problems: &mut problems }.file(&source, table.get_ref());
        problems.into_result(|| Some(file))
    }

    /// The headers that the file names, relative to it.
    pub fn headers(&self) -> impl ExactSizeIterator<Item = &str> {
        self.headers.iter().map(|header| &*header.value)
    }

    /// An error at the header of this index: why it could not be read.
    #[must_use]
    pub fn header_error(&self, index: usize, message: &str) -> ProtocolError {
        let mut problems = Problems::new(&self.source);
        problems.add(self.headers.get(index).map_or(0, |header| header.span.start), message);
        match problems.into_result(|| None::<()>) {
            Err(error) => error,
            Ok(()) => unreachable!("a problem was added"),
        }
    }

    /// The ABI that the file names.
    #[must_use]
    pub fn abi(&self) -> Option<Abi> {
        self.abi
    }

    /// The byte order of record fields that the file gives for all messages.
    #[must_use]
    pub fn endian(&self) -> Option<Endian> {
        self.endian
    }

    /// The file, as it was named.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.source.name
    }

    /// Whether it has messages. A file without any can still annotate records.
    #[must_use]
    pub fn has_messages(&self) -> bool {
        !self.messages.is_empty()
    }
}

type Value<'t> = Spanned<DeValue<'t>>;

struct Reader<'p, 's> {
    problems: &'p mut Problems<'s>,
}

impl Reader<'_, '_> {
    fn file(&mut self, source: &Source, table: &DeTable<'_>) -> ProtocolFile {
        self.only(table, FILE_KEYS, "a protocol file");
        let mut file = ProtocolFile {
            source: source.clone(),
            endian: table.get("endian").and_then(|value| self.endian(value)),
            abi: table.get("abi").and_then(|value| self.abi(value)),
            headers: Vec::new(),
            messages: Vec::new(),
            unions: Vec::new(),
            arrays: Vec::new(),
        };
        if let Some(value) = table.get("header") {
            let elements = self.one_or_more(value, "a file name or a list of them");
            file.headers = elements.filter_map(|value| self.string(value, "a file name")).collect();
        }
        let messages = self.tables(table, "message");
        if let Some((span, _)) = messages.get(MAX_MESSAGES) {
            let found = messages.len();
            let text = format!("needs at most {MAX_MESSAGES} messages, found {found}");
            self.problems.add(span.start, text);
            return file;
        }
        for (span, message) in messages {
            file.messages.push(self.message(span, message));
        }
        for (span, union) in self.tables(table, "union") {
            file.unions.extend(self.union(&span, union));
        }
        for (span, array) in self.tables(table, "array") {
            file.arrays.extend(self.array(&span, array));
        }
        let annotates = !(file.unions.is_empty() && file.arrays.is_empty());
        if self.problems.count() == 0 && file.messages.is_empty() && !annotates {
            self.problems.add(0, "needs at least one `[[message]]`, found none");
        }
        file
    }

    fn message(&mut self, span: Range<usize>, table: &DeTable<'_>) -> MessageDef {
        self.only(table, MESSAGE_KEYS, "a message");
        let mut message = MessageDef {
            side: table.get("side").and_then(|value| self.side(value)),
            when: self.number(table, "when"),
            times: self.number(table, "times"),
            prefix: self.number(table, "prefix"),
            record: self.text(table, "record", "the name of a record"),
            length: table.get("length").and_then(|value| self.length(value)),
            switch: self.number(table, "switch"),
            cases: table.get("cases").map(|value| (value.span(), self.cases(value))),
            default: self.text(table, "default", "the name of a record"),
            endian: table.get("endian").and_then(|value| self.endian(value)),
            trim: self.number(table, "trim"),
            short: table.get("short").and_then(|value| self.short(value)),
            parts: Vec::new(),
            remember: Vec::new(),
            resync: self.number(table, "resync"),
            max: self.number(table, "max"),
            span,
        };
        for (span, part) in self.tables(table, "part") {
            message.parts.extend(self.part(&span, part));
        }
        for (span, remember) in self.tables(table, "remember") {
            message.remember.extend(self.remember(&span, remember));
        }
        message
    }

    fn part(&mut self, span: &Range<usize>, table: &DeTable<'_>) -> Option<PartDef> {
        self.only(table, PART_KEYS, "a part");
        self.required(table, span, &["record"], "a part")?;
        Some(PartDef {
            at: self.number(table, "at"),
            when: self.number(table, "when"),
            count: self.number(table, "count"),
            length: self.number(table, "length"),
            record: self.text(table, "record", "the name of a record")?,
        })
    }

    fn remember(&mut self, span: &Range<usize>, table: &DeTable<'_>) -> Option<RememberDef> {
        self.only(table, REMEMBER_KEYS, "`remember`");
        self.required(table, span, REMEMBER_KEYS, "`remember`")?;
        Some(RememberDef {
            table: self.text(table, "table", "the name of a table")?,
            key: self.number(table, "key")?,
            value: self.number(table, "value")?,
        })
    }

    fn union(&mut self, span: &Range<usize>, table: &DeTable<'_>) -> Option<UnionDef> {
        self.only(table, UNION_KEYS, "a union");
        self.required(table, span, UNION_KEYS, "a union")?;
        Some(UnionDef {
            record: self.text(table, "record", "the name of a record")?,
            field: self.text(table, "field", "the name of a field")?,
            tag: self.number(table, "tag")?,
            cases: table.get("cases").map(|value| self.cases(value))?,
        })
    }

    fn array(&mut self, span: &Range<usize>, table: &DeTable<'_>) -> Option<ArrayDef> {
        self.only(table, ARRAY_KEYS, "an array");
        self.required(table, span, ARRAY_KEYS, "an array")?;
        Some(ArrayDef {
            record: self.text(table, "record", "the name of a record")?,
            field: self.text(table, "field", "the name of a field")?,
            count: self.number(table, "count")?,
        })
    }

    fn length(&mut self, value: &Value<'_>) -> Option<LengthDef> {
        let DeValue::Table(table) = value.get_ref() else {
            let needed = "an expression, a number or { field, scale, adjust }";
            return self.number_of(value, needed).map(LengthDef::Whole);
        };
        self.only(table, LENGTH_KEYS, "a length");
        self.required(table, &value.span(), &["field"], "a length")?;
        let (scale, adjust) = (self.number(table, "scale"), self.number(table, "adjust"));
        let field = self.text(table, "field", "the name of a field")?;
        Some(LengthDef::Field { field, scale, adjust })
    }

    fn cases(&mut self, value: &Value<'_>) -> Vec<CaseDef> {
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong::<()>(value, "a table of cases");
            return Vec::new();
        };
        if table.is_empty() {
            self.problems.add(value.span().start, "needs at least one case, found none");
        }
        let case = |(key, value): (&Spanned<_>, &Value<'_>)| {
            let name = self.string(value, "a name")?;
            let key: &std::borrow::Cow<'_, str> = key.get_ref();
            Some((key.as_ref().into(), name))
        };
        let named: Vec<Option<(Box<str>, Quoted)>> = table.iter().map(case).collect();
        let spans = table.keys().map(Spanned::span);
        let mut cases: Vec<_> = named
            .into_iter()
            .zip(spans)
            .filter_map(|(case, span)| {
                let (value, name) = case?;
                Some(CaseDef { key: Quoted { value, span }, name })
            })
            .collect();
        // In the order of the file, which is that of the members of a union.
        cases.sort_by_key(|case| case.key.span.start);
        cases
    }

    fn side(&mut self, value: &Value<'_>) -> Option<Side> {
        self.word(value, &[("client", Side::Client), ("server", Side::Server)])
    }

    fn endian(&mut self, value: &Value<'_>) -> Option<Endian> {
        self.word(value, &[("big", Endian::Big), ("little", Endian::Little)])
    }

    fn short(&mut self, value: &Value<'_>) -> Option<Short> {
        self.word(value, &[("cut", Short::Cut), ("zero", Short::Zero), ("error", Short::Error)])
    }

    fn abi(&mut self, value: &Value<'_>) -> Option<Abi> {
        let name = self.string(value, "a target triple")?;
        let abi = match &*name.value {
            "native" => Abi::native(),
            triple => Abi::from_triple(triple),
        };
        if abi.is_none() {
            let known = Abi::ALL.iter().map(Abi::triple);
            let near = did_you_mean(&name.value, known);
            let message =
                format!("needs a target triple that is known, found `{}`{near}", name.value);
            self.problems.add_in(&name, 0, message);
        }
        abi
    }

    /// One of a few words.
    fn word<T: Copy>(&mut self, value: &Value<'_>, words: &[(&str, T)]) -> Option<T> {
        let known: Vec<_> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        let needed = match known.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => String::new(),
        };
        let text = self.string(value, &needed)?;
        let found = words.iter().find(|(word, _)| **word == *text.value);
        if found.is_none() {
            self.problems.add_in(&text, 0, format!("needs {needed}, found \"{}\"", text.value));
        }
        found.map(|(_, meant)| *meant)
    }

    fn text(&mut self, table: &DeTable<'_>, key: &str, needed: &str) -> Option<Quoted> {
        table.get(key).and_then(|value| self.string(value, needed))
    }

    fn string(&mut self, value: &Value<'_>, needed: &str) -> Option<Quoted> {
        match value.get_ref() {
            DeValue::String(text) => {
                Some(Quoted { value: text.as_ref().into(), span: value.span() })
            }
            _ => self.wrong(value, needed),
        }
    }

    fn number(&mut self, table: &DeTable<'_>, key: &str) -> Option<Number> {
        table.get(key).and_then(|value| self.number_of(value, "an expression or a number"))
    }

    fn number_of(&mut self, value: &Value<'_>, needed: &str) -> Option<Number> {
        match value.get_ref() {
            DeValue::String(text) => {
                Some(Number::Text(Quoted { value: text.as_ref().into(), span: value.span() }))
            }
            DeValue::Integer(number) => {
                let parsed = i128::from_str_radix(number.as_str(), number.radix());
                match parsed {
                    Ok(parsed) => Some(Number::Plain(parsed, value.span())),
                    Err(_) => self.wrong(value, "a number below 2^127"),
                }
            }
            _ => self.wrong(value, needed),
        }
    }

    fn wrong<T>(&mut self, value: &Value<'_>, needed: &str) -> Option<T> {
        let found = match value.get_ref() {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "a number",
            DeValue::Float(_) => "a floating number",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.problems.add(value.span().start, format!("needs {needed}, found {found}"));
        None
    }

    fn one_or_more<'v, 't>(&mut self, value: &'v Value<'t>, needed: &str) -> Elements<'v, 't> {
        match value.get_ref() {
            DeValue::Array(elements) => elements.iter().collect::<Vec<_>>().into_iter(),
            DeValue::Table(_) | DeValue::String(_) => vec![value].into_iter(),
            _ => {
                self.wrong::<()>(value, needed);
                Vec::new().into_iter()
            }
        }
    }

    /// The tables under a key: one, or a list of them.
    fn tables<'v, 't>(
        &mut self,
        table: &'v DeTable<'t>,
        key: &str,
    ) -> Vec<(Range<usize>, &'v DeTable<'t>)> {
        let Some(value) = table.get(key) else { return Vec::new() };
        let needed = format!("a table or a list of tables for `{key}`");
        let mut tables = Vec::new();
        for element in self.one_or_more(value, &needed) {
            match element.get_ref() {
                DeValue::Table(table) => tables.push((element.span(), table)),
                _ => self.wrong::<()>(element, "a table").unwrap_or_default(),
            }
        }
        tables
    }

    /// Refuses keys that are not among `known`.
    fn only(&mut self, table: &DeTable<'_>, known: &[&str], what: &str) {
        for key in table.keys() {
            let name: &str = key.get_ref();
            if !known.contains(&name) {
                let near = match did_you_mean(name, known.iter().copied()) {
                    near if near.is_empty() => format!("; {what} has {}", listed(known)),
                    near => near,
                };
                self.problems.add(key.span().start, format!("unknown key `{name}`{near}"));
            }
        }
    }

    fn required(
        &mut self,
        table: &DeTable<'_>,
        span: &Range<usize>,
        keys: &[&str],
        what: &str,
    ) -> Option<()> {
        let missing: Vec<_> =
            keys.iter().copied().filter(|key| table.get(*key).is_none()).collect();
        if missing.is_empty() {
            return Some(());
        }
        self.problems.add(span.start, format!("{what} needs {}", listed(&missing)));
        None
    }
}

type Elements<'v, 't> = std::vec::IntoIter<&'v Value<'t>>;

fn listed(words: &[&str]) -> String {
    let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}
