//! `cwire encode`: records in JSON back into the bytes of C structs.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::ValueEnum;
use cwire_codec::json::{JsonError, JsonErrorKind};
use cwire_codec::plan::{Plan, PlanOptions};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Outcome;
use super::schema::{Schema, ValueFlags};
use crate::args::{Declarations, General, Target, compiler_flag};
use crate::complaint::{Complaints, counted, say};
use crate::output::Output;

/// Longest line, in bytes: as long as the text of the longest record may get.
const MAX_LINE: u64 = 64 << 20;

/// Encode records in JSON into the bytes of C structs.
///
/// INPUT is JSON Lines, as `cwire decode --format json` prints them, or objects with a struct's fields,
/// one a line: {"a": "A", "b": 300, "c": "hello"}. A line {"record": "NAME", "fields": {…}} names its own
/// struct; others, {"fields": {…}} among them, are of --record. Lines of type "gap" and "error" are passed over. The bytes of the
/// records follow each other, padding is zero unless the line says otherwise (`decode --lossless`).
///
/// A value that does not fit is refused: an unknown or missing field, a number out of range, text too long
/// for its array. It is said with line, column and field, and the next line is read; the exit status is
/// then 1.
#[derive(clap::Args)]
#[command(after_help = compiler_flag::HELP)]
#[command(after_long_help = format!("{}\n\n{EXAMPLES}", compiler_flag::HELP))]
pub(crate) struct Args {
    /// JSON Lines; `-` is standard input.
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<PathBuf>,
    /// The struct of lines that name none, by tag, typedef or qualified name.
    #[arg(long, value_name = "NAME")]
    record: Option<String>,
    /// Take headers, ABI, byte order, and what is said of unions and arrays from this protocol file. No
    /// bytes beside those of the records are written.
    #[arg(long, value_name = "FILE")]
    protocol: Option<PathBuf>,
    /// What is written.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Binary)]
    format: Format,
    /// Write to FILE instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    values: ValueFlags,
    #[command(flatten)]
    declarations: Declarations,
    #[command(flatten)]
    target: Target,
}

/// What is written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The bytes. Not to a terminal.
    Binary,
    /// A hex dump as of xxd.
    Hex,
}

const EXAMPLES: &str = "\
Examples:
  echo '{\"a\": \"A\", \"b\": 300, \"c\": \"hello\"}' | cwire encode - --header t.h --record CTestData --format hex
      The bytes of one record.
  cwire decode in.bin --header t.h --record CTestData --lossless --format json |
    cwire encode - --header t.h -o out.bin
      A copy, byte by byte; edit the lines in between.";

/// Encodes and writes.
pub(crate) fn run(args: &Args, general: General) -> anyhow::Result<Outcome> {
    let mut schema =
        Schema::read(args.protocol.as_deref(), &args.declarations, &args.target, general.verbose)?;
    let mut options = args.values.options(args.target.endian());
    schema.annotate(&mut options)?;
    let mut plans = Plans { schema: &schema, options, known: HashMap::new() };
    if let Some(name) = &args.record {
        plans.get(name)?;
    }
    let mut output = Output::open(args.output.as_deref(), general.color)?;
    if args.format == Format::Binary && output.is_terminal {
        bail!("a file or pipe is needed for bytes, found a terminal: -o FILE, or --format hex");
    }
    let mut writer = Bytes { format: args.format, position: 0, row: Vec::new() };
    let mut outcome = Outcome::Clean;
    for path in &args.inputs {
        let mut lines = Lines::open(path)?;
        let mut input = Input {
            name: lines.name.clone(),
            record: args.record.as_deref(),
            complaints: Complaints::new(general.quiet),
            records: 0,
            passed_over: 0,
            bytes: Vec::new(),
        };
        while let Some((number, line)) = lines.next()? {
            match line {
                Line::Text(text) => input.line(number, text, &mut plans),
                Line::TooLong => input.complain(
                    number,
                    &format!("a line of at most {MAX_LINE} bytes is needed, found a longer"),
                ),
            }
            let is_live = lines.is_live();
            writer.write(&input.bytes, &mut *output.writer).context("writing the output")?;
            input.bytes.clear();
            if is_live {
                output.writer.flush().context("writing the output")?;
            }
        }
        if general.verbose {
            say(format_args!(
                "cwire: {}: {}, {} passed over",
                input.name,
                counted(input.records, "record"),
                counted(input.passed_over, "line of type gap or error")
            ));
        }
        if input.complaints.finish() {
            outcome = Outcome::BadInput;
        }
    }
    writer.finish(&mut *output.writer).context("writing the output")?;
    output.finish().context("writing the output")?;
    Ok(outcome)
}

/// Plans by the name of their record.
struct Plans<'a> {
    schema: &'a Schema,
    options: PlanOptions,
    known: HashMap<String, Plan>,
}

impl Plans<'_> {
    fn get(&mut self, name: &str) -> anyhow::Result<&Plan> {
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
    #[serde(borrow)]
    fields: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    missing: Option<&'a RawValue>,
    offset: Option<&'a RawValue>,
}

/// One input, and what became of it.
struct Input<'a> {
    name: String,
    record: Option<&'a str>,
    complaints: Complaints,
    records: u64,
    passed_over: u64,
    /// Of the line at hand.
    bytes: Vec<u8>,
}

impl Input<'_> {
    fn line(&mut self, number: u64, text: &[u8], plans: &mut Plans<'_>) {
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
            (Some(fields), None) if is_kind("record") || !plans.have_fields(self.record) => {
                (None, fields.get().as_bytes())
            }
            _ => (None, text),
        };
        let Some(name) = name.as_deref().or(self.record) else {
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
        // Where the fields stand in the line.
        let before = (json.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        match plan.encode_json(json, &mut self.bytes) {
            Ok(()) => self.records += 1,
            Err(error) => self.refuse(number, &error.shifted(before)),
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

/// Whether a line has a key of an envelope. Telling costs less than reading it twice.
fn may_be_envelope(text: &[u8]) -> bool {
    let has = |key: &[u8]| text.windows(key.len()).any(|window| window == key);
    has(b"\"fields\"") || has(b"\"type\"")
}

/// Lines of an input.
struct Lines {
    name: String,
    reader: BufReader<Box<dyn Read>>,
    number: u64,
    text: Vec<u8>,
}

enum Line<'a> {
    Text(&'a [u8]),
    TooLong,
}

impl Lines {
    fn open(path: &Path) -> anyhow::Result<Self> {
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

    fn next(&mut self) -> anyhow::Result<Option<(u64, Line<'_>)>> {
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
    fn is_live(&self) -> bool {
        self.reader.buffer().is_empty()
    }
}

/// The output: bytes, or a dump of them.
struct Bytes {
    format: Format,
    position: u64,
    /// Less than a row of the dump.
    row: Vec<u8>,
}

/// Bytes of a row.
const ROW: usize = 16;

impl Bytes {
    fn write(&mut self, bytes: &[u8], out: &mut dyn Write) -> io::Result<()> {
        if self.format == Format::Binary {
            return out.write_all(bytes);
        }
        self.row.extend_from_slice(bytes);
        let rows = std::mem::take(&mut self.row);
        let (whole, rest) = rows.as_chunks::<ROW>();
        for row in whole {
            self.write_row(row, out)?;
        }
        self.row = rest.to_vec();
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let row = std::mem::take(&mut self.row);
        if row.is_empty() { Ok(()) } else { self.write_row(&row, out) }
    }

    /// Writes a row as `xxd` does.
    fn write_row(&mut self, row: &[u8], out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{:08x}:", self.position)?;
        for index in 0..ROW {
            if index % 2 == 0 {
                write!(out, " ")?;
            }
            match row.get(index) {
                Some(byte) => write!(out, "{byte:02x}")?,
                None => write!(out, "  ")?,
            }
        }
        let shown = |&byte: &u8| if matches!(byte, 0x20..=0x7e) { char::from(byte) } else { '.' };
        let text: String = row.iter().map(shown).collect();
        self.position += row.len() as u64;
        writeln!(out, "  {text}")
    }
}
