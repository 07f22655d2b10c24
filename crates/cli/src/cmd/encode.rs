//! `cwire encode`: records in JSON back into the bytes of C structs.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::ValueEnum;

use super::Outcome;
use super::schema::{Schema, ValueFlags};
use crate::args::{Declarations, General, Target, compiler_flag};
use crate::complaint::{counted, say};
use crate::jsonl::{Input, Lines, Plans};
use crate::output::Output;

/// Encode records in JSON into the bytes of C structs.
///
/// INPUT is JSON Lines, as `cwire decode --format json` prints them, or objects with a struct's fields,
/// one a line: {"a": "A", "b": 300, "c": "hello"}. A line {"record": "NAME", "fields": {…}} names its own
/// struct; others, {"fields": {…}} among them, are of --record. Lines of type "gap" and "error" are passed
/// over. The bytes of the records follow each other, behind those of "prefix" where a line with "fields" has
/// that, in hexadecimal; padding is zero unless the line says otherwise (`decode --lossless`).
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
    let schema =
        Schema::read(args.protocol.as_deref(), &args.declarations, &args.target, general.verbose)?;
    let mut plans = Plans::new(schema, args.values.options(args.target.endian()))?;
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
        let mut input = Input::new(&lines.name, args.record.as_deref(), general.quiet);
        while let Some((number, line)) = lines.next()? {
            input.take(number, &line, &mut plans);
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
                lines.name,
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
