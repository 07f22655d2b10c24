//! Records in JSON, one a line, into the bytes of C structs.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, bail};
use cwire_codec::json::{JsonError, JsonErrorKind};
use cwire_codec::plan::{Plan, PlanOptions};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::cmd::schema::Schema;
use crate::complaint::Complaints;

/// Longest line, in bytes: as long as the text of the longest record may get.
const MAX_LINE: u64 = 64 << 20;

/// Plans by the name of their record.
pub(crate) struct Plans {
    schema: Schema,
    options: PlanOptions,
    known: HashMap<String, Plan>,
}

impl Plans {
    /// Those of the records that `schema` declares.
    ///
    /// # Errors
    ///
    /// The protocol file says of a record what cannot be.
    pub(crate) fn new(mut schema: Schema, mut options: PlanOptions) -> anyhow::Result<Self> {
        schema.annotate(&mut options)?;
        Ok(Self { schema, options, known: HashMap::new() })
    }

    /// The plan of a record.
    ///
    /// # Errors
    ///
    /// There is no such record.
    pub(crate) fn get(&mut self, name: &str) -> anyhow::Result<&Plan> {
        if !self.known.contains_key(name) {
            let plan = self.schema.plan(name, &self.options)?;
            self.known.insert(name.to_owned(), plan);
        }
        self.known.get(name).context("the plan was just made")
    }

    /// Whether a record has a member called `fields`, which is then no envelope around others.
    fn have_fields(&mut self, record: Option<&str>) -> bool {
        let Some(plan) = record.and_then(|name| self.get(name).ok()) else { return false };
        let is_inside = |path: &str| {
            let rest = path.strip_prefix("fields");
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        plan.leaves().iter().any(|leaf| is_inside(&leaf.path))
    }
}

/// A line that may name its record.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "type")]
    kind: Option<&'a RawValue>,
    record: Option<&'a RawValue>,
    prefix: Option<&'a RawValue>,
    #[serde(borrow)]
    fields: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    missing: Option<&'a RawValue>,
    offset: Option<&'a RawValue>,
}

/// One input, and what became of it.
pub(crate) struct Input {
    name: String,
    /// The record of lines that name none.
    record: Option<String>,
    pub(crate) complaints: Complaints,
    pub(crate) records: u64,
    pub(crate) passed_over: u64,
    /// What lines were encoded to that nobody has taken yet.
    pub(crate) bytes: Vec<u8>,
}

impl Input {
    /// An input of which nothing was read.
    pub(crate) fn new(name: &str, record: Option<&str>, quiet: bool) -> Self {
        Self {
            name: name.to_owned(),
            record: record.map(str::to_owned),
            complaints: Complaints::new(quiet),
            records: 0,
            passed_over: 0,
            bytes: Vec::new(),
        }
    }

    /// Encodes a line, or says what is wrong with it.
    pub(crate) fn take(&mut self, number: u64, line: &Line<'_>, plans: &mut Plans) {
        match line {
            Line::Text(text) => self.line(number, text, plans),
            Line::TooLong => self.complain(
                number,
                &format!("a line of at most {MAX_LINE} bytes is needed, found a longer"),
            ),
        }
    }

    fn line(&mut self, number: u64, text: &[u8], plans: &mut Plans) {
        if text.trim_ascii().is_empty() {
            return;
        }
        let envelope = match may_be_envelope(text) {
            // What is no JSON at all is said with its column below.
            true => serde_json::from_slice::<Envelope<'_>>(text).ok(),
            false => None,
        };
        let is_kind = |kind: &str| {
            let found = envelope.as_ref().and_then(|it| it.kind);
            found.is_some_and(|it| it.get().trim_matches('"') == kind)
        };
        if let Some(envelope) = &envelope {
            let is_error = is_kind("error") && envelope.message.is_some();
            let is_gap = is_kind("gap") && envelope.missing.is_some();
            if (is_error || is_gap) && envelope.offset.is_some() && envelope.fields.is_none() {
                self.passed_over += 1;
                return;
            }
        }
        let fields = envelope.as_ref().and_then(|it| it.fields);
        let fields = fields.filter(|it| it.get().starts_with('{'));
        let named = envelope.as_ref().and_then(|it| it.record);
        let named = named.and_then(|it| serde_json::from_str::<String>(it.get()).ok());
        let (name, json) = match (fields, named) {
            (Some(fields), Some(name)) => (Some(name), fields.get().as_bytes()),
            (Some(fields), None)
                if is_kind("record") || !plans.have_fields(self.record.as_deref()) =>
            {
                (None, fields.get().as_bytes())
            }
            _ => (None, text),
        };
        let Some(name) = name.as_deref().or(self.record.as_deref()) else {
            self.complain(
                number,
                "a line that names its `record` with `fields` is needed where \
                                   there is no --record, found another",
            );
            return;
        };
        let plan = match plans.get(name) {
            Ok(plan) => plan,
            Err(error) => {
                self.complain(number, &format!("{error:#}"));
                return;
            }
        };
        let start = self.bytes.len();
        // Of an object that is itself the fields, it is one of them.
        if let Some(prefix) =
            envelope.as_ref().filter(|_| fields.is_some()).and_then(|it| it.prefix)
        {
            match serde_json::from_str(prefix.get()).ok().and_then(|text: String| unhex(&text)) {
                Some(bytes) => self.bytes.extend_from_slice(&bytes),
                None => {
                    let found = prefix.get();
                    self.complain(number, &format!("prefix: needs hex digits, found {found}"));
                    return;
                }
            }
        }
        // Where the fields stand in the line.
        let before = (json.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        match plan.encode_json(json, &mut self.bytes) {
            Ok(()) => self.records += 1,
            Err(error) => {
                self.bytes.truncate(start);
                self.refuse(number, &error.shifted(before));
            }
        }
    }

    fn refuse(&mut self, number: u64, error: &JsonError) {
        let what = match error.kind() {
            JsonErrorKind::Syntax { needed, found } => format!("needs {needed}, found {found}"),
            JsonErrorKind::Encode(error) => {
                let path = error.path();
                let field = if path.is_empty() { String::new() } else { format!("{path}: ") };
                format!("{field}{}", error.kind())
            }
            _ => error.to_string(),
        };
        let place = format!("{}:{number}:{}", self.name, error.column());
        self.complaints.add(format_args!("{place}: {what}"));
    }

    fn complain(&mut self, number: u64, what: &str) {
        self.complaints.add(format_args!("{}:{number}: {what}", self.name));
    }
}

/// The bytes of pairs of hex digits.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    let digit = |digit: u8| char::from(digit).to_digit(16);
    let byte = |&[high, low]: &[u8; 2]| u8::try_from(digit(high)? << 4 | digit(low)?).ok();
    pairs.iter().map(byte).collect()
}

/// Whether a line has a key of an envelope. Telling costs less than reading it twice.
fn may_be_envelope(text: &[u8]) -> bool {
    let has = |key: &[u8]| text.windows(key.len()).any(|window| window == key);
    has(b"\"fields\"") || has(b"\"type\"")
}

/// Lines of an input, none of them longer than can be.
pub(crate) struct Lines {
    pub(crate) name: String,
    reader: BufReader<Box<dyn Read>>,
    number: u64,
    text: Vec<u8>,
}

pub(crate) enum Line<'a> {
    Text(&'a [u8]),
    /// It is passed over.
    TooLong,
}

impl Lines {
    /// The lines of a file; `-` is standard input.
    ///
    /// # Errors
    ///
    /// It cannot be opened.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let (name, reader): (_, Box<dyn Read>) = if path == Path::new("-") {
            ("<stdin>".to_owned(), Box::new(io::stdin().lock()))
        } else {
            let name = path.display().to_string();
            let file = File::open(path).with_context(|| name.clone())?;
            if path.is_dir() {
                bail!("{name}: a file is needed, found a folder");
            }
            (name, Box::new(file))
        };
        let reader = BufReader::with_capacity(256 << 10, reader);
        Ok(Self { name, reader, number: 0, text: Vec::new() })
    }

    /// The next line and its number, from 1.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    pub(crate) fn next(&mut self) -> anyhow::Result<Option<(u64, Line<'_>)>> {
        self.text.clear();
        let read = (&mut self.reader).take(MAX_LINE).read_until(b'\n', &mut self.text);
        if read.with_context(|| self.name.clone())? == 0 {
            return Ok(None);
        }
        self.number += 1;
        if self.text.last() != Some(&b'\n') && self.text.len() as u64 >= MAX_LINE {
            self.reader.skip_until(b'\n').with_context(|| self.name.clone())?;
            return Ok(Some((self.number, Line::TooLong)));
        }
        if self.number == 1 && self.text.starts_with(b"\xef\xbb\xbf") {
            self.text.drain(..3);
        }
        Ok(Some((self.number, Line::Text(&self.text))))
    }

    /// Whether the next line has to be waited for.
    pub(crate) fn is_live(&self) -> bool {
        self.reader.buffer().is_empty()
    }
}
