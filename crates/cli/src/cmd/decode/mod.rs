//! `cwire decode`: the bytes of C structs as records.

use std::num::NonZero;
use std::ops::ControlFlow;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::ValueEnum;
use cwire_capture::Timestamp;
use cwire_codec::expr::Filter;
use cwire_codec::frame::protocol::Protocol;
use cwire_codec::plan::{EnumForm, Plan, PlanOptions};

use super::Outcome;
use super::schema::{Schema, ValueFlags, expression_error};
use crate::args::{Captured, Declarations, General, Target, compiler_flag};
use crate::capture::{Capture, Heard, Seen};
use crate::complaint::{Complaints, counted, say};
use crate::input::{self, Form, Input};
use crate::output::Output;
use crate::progress::Progress;
use crate::sink::csv::Csv;
use crate::sink::hex::Hex;
use crate::sink::json::Json;
use crate::sink::text::Text;
use crate::sink::{Nothing, Sink};
use capture::Connections;
use parallel::Workers;
use plain::Plain;
use window::{Window, parse_time};
use work::{Limits, Options, RunOptions, To, Totals, Work};

mod capture;
mod check;
mod parallel;
mod plain;
mod stream;
mod window;
mod work;

/// Decode captures, files, pipes and hex dumps of C structs into records.
///
/// INPUT is a capture (pcap or pcapng), a plain file of structs, or a hex dump: xxd (-p, -c, -g, -i, -e too), hexdump, hexdump -C,
/// od -t x1, x2, x4, x8, Wireshark's and tshark's dumps, gdb's and lldb's memory, C arrays, bare hex with
/// or without 0x, commas and colons. It is told apart by its content; --input says it where that is
/// ambiguous, as for bytes that happen to be hexadecimal digits. Records follow each other from --offset.
/// In a dump, offsets are the dump's own; several dumps in a row are streams of their own, and bytes that a
/// dump leaves out are a gap. What is compressed with gzip or zstd is decompressed, unless --input is binary.
///
/// In a capture, each direction of a TCP connection is a stream of its own, and each UDP datagram; offsets
/// are from its start. Segments are put in order, of a byte that comes twice the first arrival counts, and
/// what was not captured is a gap: framing is taken up again behind it. The client is who sent the SYN;
/// without one, the side that --port does not name, else the side of the higher port. A summary is printed
/// to standard error.
///
/// --record frames records of that struct's size one after the other; an array at its end without a size
/// has then no elements. --protocol frames messages as a protocol file says, which may name the headers.
/// With both, the struct frames, and the file adds what it says of unions and arrays.
///
/// Records go to standard output as soon as they are read, whatever follows, and memory does not grow with
/// the input. What is wrong goes to standard error, ten lines per input and then a count; the exit status
/// is then 1.
#[derive(clap::Args)]
#[command(after_help = compiler_flag::HELP)]
#[command(after_long_help = format!("{FORMATS}\n\n{}\n\n{EXAMPLES}", compiler_flag::HELP))]
pub(crate) struct Args {
    /// Capture, file of structs, or hex dump; `-` is standard input. Of several, records say which they are from.
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<PathBuf>,
    /// The struct that the input consists of, by tag, typedef or qualified name.
    #[arg(long, value_name = "NAME", required_unless_present = "protocol")]
    record: Option<String>,
    /// Frame messages as this protocol file says.
    #[arg(long, value_name = "FILE")]
    protocol: Option<PathBuf>,
    /// What INPUT is [default: found out from its content].
    #[arg(long, value_enum, value_name = "FORM")]
    input: Option<Form>,
    /// Begin at this byte; `0x` is understood. Pipes are read up to there.
    #[arg(long, value_name = "N", default_value = "0", value_parser = parse_number)]
    offset: u64,
    /// Stop after N records.
    #[arg(long, value_name = "N", value_parser = parse_number)]
    count: Option<u64>,
    /// Show only these fields, by C path without indices: `symbol,legs.price`; a struct stands for all
    /// that is in it.
    #[arg(long, value_name = "FIELD", value_delimiter = ',')]
    select: Option<Vec<String>>,
    /// Show only records for which a C expression over their fields is not 0: `lots > 10 && side == BUY`,
    /// `strike != 0.5`, `symbol == "ABC"`. Records that have not all of its fields are not shown.
    #[arg(long = "where", value_name = "EXPR")]
    condition: Option<String>,
    /// How records are printed [default: text on a terminal, else json].
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,
    /// Keep what the plain forms drop, so that `cwire encode` gives the same bytes: text that is not clean
    /// as {"text": …, "hex": …}, padding that is not zero under "padding". For --format json.
    #[arg(long)]
    lossless: bool,
    /// Complain, with exit status 1, of padding that is not zero, of enum values without enumerator, and of
    /// text that is not valid in its encoding, too. A `bool` that is neither 0 nor 1 is always complained
    /// of.
    #[arg(long)]
    strict: bool,
    /// Write to FILE instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Show only records of a capture from this time on: 2026-01-02T03:04:05Z, the same without zone for
    /// UTC, or seconds since 1970.
    #[arg(long, value_name = "TIME", value_parser = parse_time, help_heading = "Captures")]
    since: Option<Timestamp>,
    /// Show only records of a capture before this time.
    #[arg(long, value_name = "TIME", value_parser = parse_time, help_heading = "Captures")]
    until: Option<Timestamp>,
    #[command(flatten)]
    captured: Captured,
    #[command(flatten)]
    values: ValueFlags,
    #[command(flatten)]
    declarations: Declarations,
    #[command(flatten)]
    target: Target,
}

/// How records are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One aligned line per record, for people: arrays of more than 32 elements are cut short.
    Text,
    /// JSON Lines: records, gaps and errors.
    Json,
    /// One table with a header line (RFC 4180).
    Csv,
    /// Bytes, characters and fields beside each other.
    Hex,
    /// Nothing but the closing summary, on standard error.
    None,
}

const FORMATS: &str = "\
Formats:
  text  Offset in hexadecimal, record, fields. The first 64 records are looked at for the width of columns.
  json  {\"type\": \"record\", \"record\": NAME, \"offset\": N, \"fields\": {…}} per record, and lines of type
        \"gap\" (\"missing\") and \"error\" (\"message\", \"field\"). \"cut\": true marks records whose message ends
        early; \"dump\" counts the dumps of an input and \"file\" names the input, where there are several.
        Of a capture, with \"stream\", \"src\", \"dst\", \"time\" and \"packet\": the packet that completed the
        record. \"protocol\": \"udp\" marks datagrams, whose streams are numbered on their own.
  csv   Arrays of up to 64 elements take a column each (`c[0]`), longer and open ones are a list in one.
        With --protocol, all kinds of records share one table with a column `record`: each fills its own
        columns.
  hex   One row per field, more for long ones. `!` marks bytes that are no value of their type, and padding
        that is not zero.
  none  Decodes all, and prints the summary: records by kind, bytes, records with padding that is not zero,
        complaints. Other formats print it with -v, and where something was wrong.";

const EXAMPLES: &str = "\
Examples:
  cwire decode feed.bin --header quote.h --record Quote
      Every Quote of a file.
  nc feed 9000 | cwire decode - --header quote.h --record Quote --format json | jq .fields.price
      A live stream.
  sudo tcpdump -w - port 9000 | cwire decode - --header quote.h --record Quote --port 9000
      What is captured now.
  xxd core.bin | cwire decode - --header quote.h --record Quote --offset 0x40 --count 2 --format hex
      Two records, byte by byte.
  cwire decode feed.bin --protocol feed.toml --where 'lots > 10' --select symbol,price --format csv
      A table of what matters.";

fn parse_number(text: &str) -> Result<u64, String> {
    let number = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    number.map_err(|_| format!("a number of bytes or records is needed, found `{text}`"))
}

/// Decodes and prints.
pub(crate) fn run(args: &Args, general: General) -> anyhow::Result<Outcome> {
    let mut schema =
        Schema::read(args.protocol.as_deref(), &args.declarations, &args.target, general.verbose)?;
    let mut options = args.values.options(args.target.endian());
    options.lossless = args.lossless;
    options.select = args.select.clone();
    let what = What::new(args, &mut schema, &options)?;
    let filters = filters(args, &mut schema, &what, &options)?;
    let strict = match args.strict {
        true => Some(what.checks(args, &mut schema, &options)?),
        false => None,
    };
    let mut output = Output::open(args.output.as_deref(), general.color)?;
    let is_single = args.inputs.len() == 1;
    let format = args.format.unwrap_or(match output.is_terminal {
        true => Format::Text,
        false => Format::Json,
    });
    if args.lossless && format != Format::Json {
        bail!("--lossless is for --format json");
    }
    let mut sink: Box<dyn Sink> = match format {
        Format::Text => Box::new(Text::new(output.paint)),
        Format::Json => Box::<Json>::default(),
        Format::Csv => Box::new(Csv::new(what.plans(), args.record.is_none(), !is_single)),
        Format::Hex => Box::new(Hex::new(output.paint)),
        Format::None => Box::new(Nothing::new()),
    };
    let looks_at_padding = general.verbose || args.strict || format == Format::None;
    let is_plain = filters.is_none() && is_single && !args.strict;
    let window = Window { since: args.since, until: args.until };
    let runs = |is_capture: bool| {
        let is_json = format == Format::Json && (is_capture || !looks_at_padding);
        let is_wanted = is_plain && !window.is_limited() && (is_json || format == Format::None);
        what.plan.as_ref().filter(|_| is_wanted).map(|plan| RunOptions { plan, is_json })
    };
    let mut left = args.count;
    let mut outcome = Outcome::Clean;
    for path in &args.inputs {
        let input = Input::open(path, args.input)?;
        let is_capture = input.form == Form::Pcap;
        if !is_capture && (args.captured.is_given() || window.is_limited()) {
            bail!(
                "{}: --port, --host, --follow, --since, --until and --verify-checksums are for captures",
                input.name
            );
        }
        let options = Options {
            name: input.name.as_str().into(),
            names_file: !is_single,
            limits: Limits { offset: args.offset, count: left },
            runs: runs(is_capture),
            protocol: what.protocol.clone(),
            open: what.plan.as_ref().filter(|plan| plan.has_tail()),
            filters: filters.as_deref(),
            strict: strict.as_ref(),
            counts_padding: looks_at_padding || is_capture,
            window,
        };
        let is_summed_up = general.verbose || format == Format::None || is_capture;
        let decoding = Decoding { args, options, general, is_summed_up };
        let done = match is_capture {
            true => decoding.capture(input, format == Format::Json, &mut *sink, &mut output)?,
            false => decoding.plain(input, &mut *sink, &mut output)?,
        };
        left = left.map(|left| left.saturating_sub(done.records));
        if done.is_bad {
            outcome = Outcome::BadInput;
        }
    }
    sink.flush(&mut *output.writer).and_then(|()| output.finish()).context("writing the output")?;
    Ok(outcome)
}

/// How an input went.
struct Done {
    /// Records written.
    records: u64,
    is_bad: bool,
}

/// The decoding of one input.
struct Decoding<'a> {
    args: &'a Args,
    options: Options<'a>,
    general: General,
    /// Whether the summary is said though all is well.
    is_summed_up: bool,
}

impl Decoding<'_> {
    fn plain(self, input: Input, sink: &mut dyn Sink, output: &mut Output) -> anyhow::Result<Done> {
        let form = input.form;
        let mut progress = Progress::new(&input, self.general.quiet);
        let mut work = Work::new(self.options.clone(), Complaints::new(self.general.quiet));
        let mut plain = Plain::new(&work);
        let out = &mut output.writer;
        let mut to = To { sink, out };
        input.pump(|| progress.update(), |piece| Ok(plain.take(piece, &mut work, &mut to)?))?;
        progress.finish();
        to.sink.flush(to.out).and_then(|()| to.out.flush()).context("writing the output")?;
        let from = if form == Form::Hex { ", from a hex dump" } else { "" };
        let is_filtered = work.is_filtered();
        let Work { complaints, totals, .. } = work;
        let text = format!("{}{from}{}", totals.records(), totals.remarks(is_filtered));
        Ok(self.done(complaints, &totals, &text))
    }

    fn capture(
        self,
        input: Input,
        is_json: bool,
        sink: &mut dyn Sink,
        output: &mut Output,
    ) -> anyhow::Result<Done> {
        let mut progress = Progress::new(&input, self.general.quiet);
        let mut capture = Capture::new(self.args.captured.settings(), input.length.is_none());
        sink.begin_capture();
        let mut to = To { sink, out: &mut output.writer };
        let mut work = Work::new(self.options.clone(), Complaints::new(self.general.quiet));
        // Of a limited number of records, each thread would have to know what the others have found.
        let is_parallel = is_json && work.options.limits.count.is_none();
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        if is_parallel && threads > 1 {
            std::thread::scope(|scope| {
                let mut workers =
                    Workers::start(scope, threads, &work.options).context("starting a thread")?;
                let found = input.listen(
                    &mut capture,
                    || progress.update(),
                    |part| in_parallel(&part, &mut workers, &mut work, &mut to),
                );
                found?;
                workers.catch_up(&mut work.complaints, to.out)?;
                work.totals.add(workers.finish(&mut work.complaints));
                anyhow::Ok(())
            })?;
        } else {
            let mut connections = Connections::default();
            input.listen(
                &mut capture,
                || progress.update(),
                |part| {
                    match part {
                        input::Part::Heard(heard) => connections.take(heard, &mut work, &mut to)?,
                        input::Part::Pause => {
                            to.sink.flush(to.out).and_then(|()| to.out.flush())?
                        }
                    }
                    Ok(match work.is_full() {
                        true => ControlFlow::Break(()),
                        false => ControlFlow::Continue(()),
                    })
                },
            )?;
        }
        progress.finish();
        to.sink.flush(to.out).and_then(|()| to.out.flush()).context("writing the output")?;
        let is_filtered = work.is_filtered();
        let Work { complaints, totals, .. } = work;
        let text = summary(capture.seen(), &totals, is_filtered);
        Ok(self.done(complaints, &totals, &text))
    }

    /// Sums up.
    fn done(self, complaints: Complaints, totals: &Totals, text: &str) -> Done {
        let is_bad = complaints.finish();
        if (self.is_summed_up || is_bad) && !self.general.quiet {
            say(format_args!("cwire: {}: {text}", self.options.name));
        }
        Done { records: totals.records, is_bad }
    }
}

/// Hands on what was heard to threads.
fn in_parallel(
    part: &input::Part<'_>,
    workers: &mut Workers,
    work: &mut Work<'_>,
    to: &mut To<'_>,
) -> anyhow::Result<ControlFlow<()>> {
    match part {
        input::Part::Heard(Heard::Problem { message, offset }) => {
            workers.catch_up(&mut work.complaints, to.out)?;
            work.problem(message, *offset, to)?;
        }
        input::Part::Heard(heard) => workers.take(heard, &mut work.complaints, to.out)?,
        input::Part::Pause => {
            workers.catch_up(&mut work.complaints, to.out)?;
            to.out.flush()?;
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// What was in a capture, in words.
fn summary(seen: Seen, totals: &Totals, is_filtered: bool) -> String {
    let Seen { connections, pairs, differing, late, .. } = seen;
    let connections = counted(connections, "TCP connection");
    let mut text = format!("{}, {connections}", seen.packets());
    if pairs > 0 {
        text += &format!(", {} that exchange datagrams", counted(pairs, "pair"));
    }
    text += &format!("; {}", totals.records());
    text += &format!("; {}", counted(totals.gaps, "gap"));
    text += &totals.remarks(is_filtered);
    if differing > 0 {
        text += &format!(", {} unlike the first", counted(differing, "repeated byte"));
    }
    if late > 0 {
        text += &format!(", {} too late", counted(late, "byte"));
    }
    text
}

/// What is looked for in the input.
struct What {
    protocol: Protocol,
    /// The record, where there is but one.
    plan: Option<Plan>,
}

impl What {
    fn new(args: &Args, schema: &mut Schema, options: &PlanOptions) -> anyhow::Result<Self> {
        if let Some(name) = &args.record {
            let mut options = options.clone();
            schema.annotate(&mut options)?;
            let plan = schema.plan(name, &options)?;
            let Some(protocol) = Protocol::of_record(plan.clone()) else {
                bail!("a record with bytes is needed, `{name}` has none");
            };
            return Ok(Self { protocol, plan: Some(plan) });
        }
        let Some(file) = &schema.protocol else { bail!("--record or --protocol is needed") };
        let types = schema.declared.types.clone();
        let protocol = file.compile(&types, &mut schema.declared, options)?;
        Ok(Self { protocol, plan: None })
    }

    fn plans(&self) -> impl Iterator<Item = &Plan> {
        let of_protocol = self.plan.is_none().then(|| self.protocol.plans());
        self.plan.iter().chain(of_protocol.into_iter().flatten())
    }

    /// The same plans with all fields and with names for enums, to check values by.
    fn checks(
        &self,
        args: &Args,
        schema: &mut Schema,
        options: &PlanOptions,
    ) -> anyhow::Result<check::Checks> {
        let mut options = options.clone();
        options.enums = EnumForm::Name;
        options.select = None;
        options.lossless = false;
        let same = Self::new(args, schema, &options)?;
        Ok(check::Checks::new(same.plans(), options.encoding))
    }
}

/// The condition, for every record that it fits.
fn filters(
    args: &Args,
    schema: &mut Schema,
    what: &What,
    options: &PlanOptions,
) -> anyhow::Result<Option<Vec<(String, Filter)>>> {
    let Some(text) = &args.condition else { return Ok(None) };
    let mut filters: Vec<(String, Filter)> = Vec::new();
    let mut problem = None;
    for plan in what.plans() {
        match schema.filter(text, plan, options)? {
            Ok(filter) => filters.push((work::kind(plan), filter)),
            Err(error) => problem = problem.or(Some(error)),
        }
    }
    match problem {
        Some(error) if filters.is_empty() => Err(expression_error("--where", text, &error)),
        _ => Ok(Some(filters)),
    }
}
