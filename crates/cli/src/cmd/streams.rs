//! `cwire streams`: which TCP streams a capture holds.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;

use anyhow::{Context, bail};
use cwire_capture::reassembly::{Event, Flow};
use sha2::{Digest, Sha256};

use super::Outcome;
use crate::args::{Captured, General};
use crate::capture::{Capture, Heard};
use crate::complaint::{Complaints, counted, say};
use crate::input::{Form, Input, Part};
use crate::output::Output;
use crate::paint::{Paint, Role};
use crate::progress::Progress;

/// Show the TCP streams of a capture: who talks to whom, how many bytes, and what is missing of them.
///
/// CAPTURE is a pcap or pcapng file, also compressed with gzip or zstd; `-` is standard input. There is a
/// line for each direction of each connection that has a segment in it, in the order in which connections
/// appear. Bytes are the payload in the order of its sequence numbers, without what is missing; of a byte
/// that comes twice the first arrival counts.
#[derive(clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// Captured packets.
    #[arg(value_name = "CAPTURE", required = true)]
    inputs: Vec<PathBuf>,
    /// Print JSON Lines instead of a table.
    #[arg(long)]
    json: bool,
    /// Leave out the SHA-256 of the streams, which takes most of the time.
    #[arg(long)]
    no_hash: bool,
    /// Write to FILE instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    captured: Captured,
}

const HELP: &str = "\
JSON:
  {\"stream\": 0, \"src\": \"10.0.0.1:40000\", \"dst\": \"10.0.0.2:80\", \"bytes\": 512,
   \"gaps\": [{\"at\": 100, \"missing\": 20}], \"sha256\": \"…\"}
  on one line per direction. `at` is how many bytes came before the gap, `sha256` is that of the bytes.
  \"differing\" counts repeated bytes that were others than the first, where there are any, and \"late\" those
  that came when the stream had gone on without them. \"file\" names the input, where there are several.";

/// One direction.
struct Stream {
    src: String,
    dst: String,
    bytes: u64,
    /// Bytes before each gap, and in it.
    gaps: Vec<(u64, u64)>,
    differing: u64,
    late: u64,
    hash: Option<Sha256>,
    sha256: String,
}

/// Streams by number and direction.
type Streams = BTreeMap<(u64, usize), Stream>;

impl Stream {
    fn new(flow: &Flow, is_hashed: bool) -> Self {
        Self {
            src: flow.src.to_string(),
            dst: flow.dst.to_string(),
            bytes: 0,
            gaps: Vec::new(),
            differing: 0,
            late: 0,
            hash: is_hashed.then(Sha256::new),
            sha256: String::new(),
        }
    }

    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Begin(_) => {}
            Event::Data { bytes, .. } => {
                self.bytes += bytes.len() as u64;
                if let Some(hash) = &mut self.hash {
                    hash.update(bytes);
                }
            }
            Event::Gap { missing, .. } => self.gaps.push((self.bytes, missing)),
            Event::Differs { count, .. } => self.differing += count,
            Event::Late { count, .. } => self.late += count,
            Event::End(_) => {
                if let Some(hash) = self.hash.take() {
                    self.sha256 =
                        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
                }
            }
        }
    }
}

/// Reads and prints.
pub(crate) fn run(args: &Args, general: General) -> anyhow::Result<Outcome> {
    let mut output = Output::open(args.output.as_deref(), general.color)?;
    let mut outcome = Outcome::Clean;
    for path in &args.inputs {
        let input = Input::open(path, None)?;
        if input.form != Form::Pcap {
            bail!("{}: a capture (pcap, pcapng) is needed, found other bytes", input.name);
        }
        let name = input.name.clone();
        let mut complaints = Complaints::new(general.quiet);
        let mut progress = Progress::new(&input, general.quiet);
        let mut capture = Capture::new(args.captured.settings(), input.length.is_none());
        let mut streams = Streams::new();
        input.listen(
            &mut capture,
            || progress.update(),
            |part| {
                match part {
                    Part::Heard(Heard::Stream(event)) => {
                        let flow = event.flow();
                        let new = || Stream::new(flow, !args.no_hash && args.json);
                        streams
                            .entry((flow.stream, flow.direction))
                            .or_insert_with(new)
                            .take(event);
                    }
                    Part::Heard(Heard::Problem { message, .. }) => {
                        complaints.add(format_args!("{name}: {message}"));
                    }
                    Part::Heard(Heard::Datagram { .. }) | Part::Pause => {}
                }
                Ok(ControlFlow::Continue(()))
            },
        )?;
        progress.finish();
        let file = (args.inputs.len() > 1).then_some(&*name);
        match args.json {
            true => json(&streams, file, &mut *output.writer),
            false => table(&streams, file, output.paint, &mut *output.writer),
        }
        .context("writing the output")?;
        if complaints.finish() {
            outcome = Outcome::BadInput;
        }
        let seen = capture.seen();
        if general.verbose || (seen.has_left_out() && !general.quiet) {
            say(format_args!(
                "cwire: {name}: {}, {}",
                seen.packets(),
                counted(seen.connections, "TCP connection")
            ));
        }
    }
    output.finish().context("writing the output")?;
    Ok(outcome)
}

fn json(streams: &Streams, file: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    for ((number, _), stream) in streams {
        let file = file.map_or(String::new(), |file| {
            let mut name = b"\"file\": ".to_vec();
            cwire_codec::json::push_string(&mut name, file);
            format!("{}, ", String::from_utf8_lossy(&name))
        });
        let Stream { src, dst, bytes, gaps, differing, late, sha256, .. } = stream;
        let gaps: Vec<_> = gaps
            .iter()
            .map(|(at, missing)| format!("{{\"at\": {at}, \"missing\": {missing}}}"))
            .collect();
        write!(
            out,
            "{{{file}\"stream\": {number}, \"src\": \"{src}\", \"dst\": \"{dst}\", \"bytes\": {bytes}, \
             \"gaps\": [{}]",
            gaps.join(", ")
        )?;
        for (name, count) in [("differing", differing), ("late", late)] {
            if *count > 0 {
                write!(out, ", \"{name}\": {count}")?;
            }
        }
        if !sha256.is_empty() {
            write!(out, ", \"sha256\": \"{sha256}\"")?;
        }
        writeln!(out, "}}")?;
    }
    Ok(())
}

/// A line per direction, in columns.
fn table(
    streams: &Streams,
    file: Option<&str>,
    paint: Paint,
    out: &mut dyn Write,
) -> io::Result<()> {
    if let Some(file) = file {
        writeln!(out, "{}", paint.show(Role::Heading, file))?;
    }
    let width = |of: fn(&Stream) -> usize, name: &str| {
        streams.values().map(of).max().unwrap_or(0).max(name.len())
    };
    let (src, dst) = (width(|it| it.src.len(), "from"), width(|it| it.dst.len(), "to"));
    let bytes = width(|it| it.bytes.to_string().len(), "bytes");
    let head = format!("stream  {:src$}  {:dst$}  {:>bytes$}  gaps", "from", "to", "bytes");
    writeln!(out, "{}", paint.show(Role::Heading, head))?;
    for ((number, _), stream) in streams {
        let missing: u64 = stream.gaps.iter().map(|(_, missing)| missing).sum();
        let mut remarks = vec![match stream.gaps.len() {
            0 => "none".to_owned(),
            count => format!("{count}, {} missing", counted(missing, "byte")),
        }];
        if stream.differing > 0 {
            remarks
                .push(format!("{} unlike the first", counted(stream.differing, "repeated byte")));
        }
        if stream.late > 0 {
            remarks.push(format!("{} too late", counted(stream.late, "byte")));
        }
        let Stream { src: from, dst: to, bytes: len, .. } = stream;
        let remarks = remarks.join("; ");
        let is_bad = !stream.gaps.is_empty() || stream.differing > 0 || stream.late > 0;
        let role = if is_bad { Role::Error } else { Role::Remark };
        writeln!(
            out,
            "{number:>6}  {from:src$}  {to:dst$}  {len:>bytes$}  {}",
            paint.show(role, remarks)
        )?;
    }
    Ok(())
}
