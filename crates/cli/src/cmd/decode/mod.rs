//! `cwire decode`: the bytes of C structs as records.

use std::num::NonZero;
use std::ops::ControlFlow;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::ArgGroup;
use cwire_capture::Timestamp;

use super::Outcome;
use crate::args::{Captured, General, compiler_flag};
use crate::capture::{Capture, Heard, Seen};
use crate::complaint::{Complaints, counted, say};
use crate::input::{self, Form, Input};
use crate::output::Output;
use crate::progress::Progress;
use crate::records::setup::{Format, Origins, Setup, Shown, Written};
use crate::records::window::{Window, parse_time};
use crate::records::work::{Limits, Options, To, Totals, Work};
use crate::sink::Sink;
use capture::Connections;
use parallel::Workers;
use plain::Plain;

mod capture;
mod parallel;
mod plain;

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
#[command(group(ArgGroup::new("framing").required(true).multiple(true).args(["record", "protocol"])))]
#[command(after_help = compiler_flag::HELP)]
#[command(after_long_help = format!("{FORMATS}\n\n{}\n\n{EXAMPLES}", compiler_flag::HELP))]
pub(crate) struct Args {
    /// Capture, file of structs, or hex dump; `-` is standard input. Of several, records say which they are from.
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<PathBuf>,
    /// What INPUT is [default: found out from its content].
    #[arg(long, value_enum, value_name = "FORM")]
    input: Option<Form>,
    /// Begin at this byte; `0x` is understood. Pipes are read up to there.
    #[arg(long, value_name = "N", default_value = "0", value_parser = parse_number)]
    offset: u64,
    /// Stop after N records.
    #[arg(long, value_name = "N", value_parser = parse_number)]
    count: Option<u64>,
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
    shown: Shown,
    #[command(flatten)]
    written: Written,
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
    let setup = Setup::new(&args.shown, &args.written, general, args.inputs.len() == 1)?;
    let mut output = args.written.open(general.color)?;
    let mut sink = setup.sink(output.paint);
    let window = Window { since: args.since, until: args.until };
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
        let origins = if is_capture { Origins::Captured } else { Origins::Plain };
        let limits = Limits { offset: args.offset, count: left };
        let options = setup.options(&input.name, origins, limits, window);
        let is_summed_up = setup.is_summed_up() || is_capture;
        let decoding = Decoding { args, options, general, is_summed_up };
        let is_json = setup.format() == Format::Json;
        let done = match is_capture {
            true => decoding.capture(input, is_json, &mut *sink, &mut output)?,
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
    workers: &mut Workers<'_>,
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
