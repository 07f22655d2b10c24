//! `cwire layout`: where every byte and bit of a C record goes.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::ValueEnum;
use cwire_layout::types::Refused;

use super::Outcome;
use crate::args::{Declarations, General, Target, compiler_flag};
use crate::complaint::{Complaints, say};
use crate::output::Output;
use crate::source::{self, Reading};
use select::{Scope, Sheet};
use table::Style;

mod compare;
mod explain;
mod json;
mod path;
mod rows;
pub(crate) mod select;
mod svg;
mod table;

/// Show where every byte and bit of C structs goes.
///
/// INPUT is a header, or an object, executable or library with debug information (compiled with -g).
/// Each record is printed as a table of its members with their offsets, sizes and types, the holes
/// between them as rows of their own. Records of included headers are shown, too; those of the
/// built-in ones (`<time.h>` …) in JSON only, or where --record names them. With several --abi, the ABIs stand side by side, and what
/// differs from the first is marked.
///
/// What cannot be laid out (virtual functions, templates, members without a size) is said on standard
/// error and does not stop the rest; the exit status is then 1. It is 2 where nothing could be laid
/// out: a file is missing, a header has an error, a record or an ABI is unknown.
#[derive(clap::Args)]
#[command(after_help = compiler_flag::HELP)]
#[command(after_long_help = format!("{}\n\n{EXAMPLES}", compiler_flag::HELP))]
pub(crate) struct Args {
    /// Header, or compiled file with debug information; `-` is standard input.
    #[arg(value_name = "INPUT", required_unless_present = "header")]
    inputs: Vec<PathBuf>,
    /// Show only this record, by tag, typedef or qualified name; may be repeated.
    #[arg(long = "record", value_name = "NAME")]
    records: Vec<String>,
    /// Leave out the records that included headers declare.
    #[arg(long, conflicts_with = "records")]
    no_included: bool,
    /// Show the members of nested records below them, as `hdr.len`.
    #[arg(long)]
    expand: bool,
    /// Say rule by rule why a field is where it is: `b`, `hdr.len`, `legs[3].price`.
    #[arg(long, value_name = "FIELD", conflicts_with_all = ["json", "format", "svg"])]
    explain: Option<String>,
    /// Print JSON: the same as `--format json`.
    ///
    /// One document, or an array of them where several ABIs are asked for, with `abi`, `records`, `enums`
    /// and `errors`. Sizes and alignments are in bytes, offsets and sizes of fields in bits from the start
    /// of the record, bit 0 being the least significant of byte 0 on little-endian ABIs and the most
    /// significant on big-endian ones. Members of anonymous members and of base classes follow these.
    /// `kind` of a field is left out for plain members, or `bit-field`, `anonymous` or `base`; `depth` says
    /// how many anonymous members and bases are around it; `fields` are those of an unnamed type.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Draw the records into FILE instead, as an SVG picture for dark and light pages.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// What is printed.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Table)]
    format: Format,
    /// Write to FILE instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    declarations: Declarations,
    #[command(flatten)]
    target: Target,
}

/// What is printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table per record.
    Table,
    /// One JSON document; with several ABIs, an array of them.
    Json,
    /// A picture.
    Svg,
}

const EXAMPLES: &str = "\
Examples:
  cwire layout quote.h
      Every record of quote.h, as x86-64 Linux lays it out.
  cwire layout quote.h --record Quote --abi x86_64-linux-gnu --abi i686-pc-windows-msvc
      One record on two ABIs, with what differs marked.
  cwire layout quote.h --record Quote --explain price
      Why `price` is where it is.
  cwire layout server.o --record Session --json
      What the compiler put into a file compiled with -g.
  cwire layout quote.h --svg quote.svg --abi native
      A picture for the documentation.
  echo '#include <linux/if.h>' | cwire layout - -I /usr/include --record ifreq
      A record of the machine's own headers.";

impl Args {
    fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }

    fn scope(&self) -> Scope {
        match self.format() {
            _ if self.no_included => Scope::Own,
            Format::Json => Scope::All,
            Format::Table | Format::Svg => Scope::Included,
        }
    }

    fn inputs(&self) -> Vec<PathBuf> {
        self.inputs.iter().chain(&self.declarations.header).cloned().collect()
    }
}

/// Reads, lays out and prints.
pub(crate) fn run(args: &Args, general: General) -> anyhow::Result<Outcome> {
    let readings = source::read(&args.inputs(), &args.declarations, &args.target, general.verbose)?;
    let sheets = select::select(&readings, &args.records, args.scope())?;

    // Where all that was asked for is refused, there is nothing to explain but that.
    if args.explain.is_some() && sheets.iter().all(|sheet| sheet.records().next().is_none()) {
        return Ok(complain(&readings, &sheets, general));
    }
    if let Some(path) = &args.svg {
        draw(&sheets, path, args, general)?;
    }
    if args.svg.is_none() || args.json {
        print(&sheets, args, general)?;
    }
    Ok(complain(&readings, &sheets, general))
}

fn draw(sheets: &[Sheet<'_>], path: &Path, args: &Args, general: General) -> anyhow::Result<()> {
    let mut output = Output::open(Some(path), general.color)?;
    let written = svg::write(sheets, args.expand, &mut *output.writer);
    written.and_then(|()| output.finish()).with_context(|| format!("writing {}", path.display()))
}

fn print(sheets: &[Sheet<'_>], args: &Args, general: General) -> anyhow::Result<()> {
    let mut output = Output::open(args.output.as_deref(), general.color)?;
    let style = Style { paint: output.paint, expand: args.expand };
    let out: &mut dyn Write = &mut *output.writer;
    match (args.format(), &args.explain, sheets) {
        (_, Some(field), _) => explain::write(sheets, field, style.paint, out)?,
        (Format::Json, ..) => json::write(sheets, out)?,
        (Format::Svg, ..) => svg::write(sheets, args.expand, out)?,
        (Format::Table, _, [sheet]) => table::write(sheet, style, out)?,
        (Format::Table, ..) => compare::write(sheets, style, out)?,
    }
    output.finish().context("writing the output")
}

/// Says what could not be laid out, once for all ABIs that say the same.
fn complain(readings: &[Reading], sheets: &[Sheet<'_>], general: General) -> Outcome {
    let mut said: Vec<(&Refused, Vec<&str>)> = Vec::new();
    let mut known: HashMap<(&str, &str, u32), usize> = HashMap::new();
    for sheet in sheets {
        for refused in sheet.refused() {
            let line = refused.origin.as_ref().map_or(0, |origin| origin.line);
            let key = (&*refused.name, &*refused.reason, line);
            let index = *known.entry(key).or_insert_with(|| {
                said.push((refused, Vec::new()));
                said.len() - 1
            });
            if let Some((_, abis)) = said.get_mut(index) {
                abis.push(sheet.abi.triple());
            }
        }
    }
    let mut complaints = Complaints::new(general.quiet);
    for note in readings.iter().flat_map(|reading| &reading.units).flat_map(|unit| &unit.notes) {
        complaints.add(note);
    }
    for (refused, abis) in said {
        let at = refused.origin.as_ref().map_or(String::new(), |origin| match origin.line {
            0 => format!("{}: ", origin.file),
            line => format!("{}:{line}: ", origin.file),
        });
        let only = if abis.len() >= sheets.len() {
            String::new()
        } else {
            format!(" (on {})", abis.join(", "))
        };
        complaints.add(format_args!("{at}`{}`: {}{only}", refused.name, refused.reason));
    }
    let nothing =
        |sheet: &Sheet<'_>| sheet.records().next().is_none() && sheet.refused().next().is_none();
    if sheets.iter().all(nothing) && !general.quiet {
        say("cwire: no records are declared");
    }
    if complaints.finish() { Outcome::BadInput } else { Outcome::Clean }
}
