//! From pieces of an input to records.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::Arc;

use cwire_codec::DecodeError;
use cwire_codec::expr::Filter;
use cwire_codec::frame::protocol::{Conversation, Part, Protocol, Step};
use cwire_codec::json::JsonLines;
use cwire_codec::plan::{Plan, Short};

use super::check::Checks;
use crate::complaint::{Complaints, counted, say};
use crate::input::{Form, Piece};
use crate::sink::{Origin, Record, Sink};

/// How one input is decoded.
pub(crate) struct Options<'a> {
    /// What the input is called.
    pub(crate) name: Arc<str>,
    /// Whether records name it.
    pub(crate) names_file: bool,
    pub(crate) limits: Limits,
    /// The record, where a stream is a run of it and is written as JSON without looking at each.
    pub(crate) lines: Option<&'a Plan>,
    pub(crate) protocol: Protocol,
    /// The condition, by kind of record.
    pub(crate) filters: Option<&'a [(String, Filter)]>,
    pub(crate) strict: Option<&'a Checks>,
    pub(crate) is_quiet: bool,
    pub(crate) counts_padding: bool,
    /// Whether the summary is said though all is well.
    pub(crate) is_summed_up: bool,
}

/// Which part of the input counts.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// First byte.
    pub(crate) offset: u64,
    /// Most records.
    pub(crate) count: Option<u64>,
}

/// How an input went.
pub(crate) struct Done {
    /// Records written.
    pub(crate) records: u64,
    pub(crate) is_bad: bool,
}

/// Plans of the same name and byte order are of one kind.
pub(crate) fn kind(plan: &Plan) -> String {
    format!("{}/{:?}", plan.record(), plan.endian())
}

/// Decodes one input.
pub(crate) struct Decoder<'a> {
    options: Options<'a>,
    runs: Option<Runs>,
    conversation: Conversation,
    complaints: Complaints,
    totals: Totals,
    /// Which dump, from 0; `None` before the first.
    dump: Option<u64>,
    /// Bytes that are read and not decoded, and where the first of them stands.
    buffer: Vec<u8>,
    position: u64,
    /// Bytes that have to be there before it is worth asking again.
    needed: usize,
    /// Whether nothing of this stream can be decoded any more.
    is_stopped: bool,
}

/// Records of one kind, one after the other.
struct Runs {
    lines: JsonLines,
    plan: Plan,
    size: usize,
    /// Bytes to pass over after a gap, up to where the next record begins.
    skip: u64,
    /// Where the first record of the stream stood.
    first: u64,
}

/// What was found in an input.
#[derive(Default)]
struct Totals {
    records: u64,
    by_kind: BTreeMap<String, u64>,
    bytes: u64,
    not_shown: u64,
    with_padding: u64,
    missing: u64,
}

impl<'a> Decoder<'a> {
    pub(crate) fn new(options: Options<'a>) -> Self {
        let runs = options.lines.map(|plan| Runs {
            lines: JsonLines::new(plan),
            plan: plan.clone(),
            size: plan.size(),
            skip: 0,
            first: 0,
        });
        Self {
            runs,
            conversation: options.protocol.conversation(),
            complaints: Complaints::new(options.is_quiet),
            totals: Totals::default(),
            dump: None,
            buffer: Vec::new(),
            position: 0,
            needed: 1,
            is_stopped: false,
            options,
        }
    }

    /// Takes a piece of the input; breaks when enough records were written.
    pub(crate) fn take(
        &mut self,
        piece: Piece<'_>,
        sink: &mut dyn Sink,
        out: &mut dyn Write,
    ) -> io::Result<ControlFlow<()>> {
        match piece {
            Piece::Begin { offset } => {
                self.end_stream(sink, out)?;
                self.dump = Some(self.dump.map_or(0, |dump| dump + 1));
                self.position = offset;
                self.conversation = self.options.protocol.conversation();
                self.is_stopped = false;
                if let Some(runs) = &mut self.runs {
                    runs.skip = 0;
                    runs.first = offset.max(self.options.limits.offset);
                }
            }
            Piece::Bytes(bytes) => {
                let before = self.options.limits.offset.saturating_sub(self.position);
                let skip =
                    usize::try_from(before).map_or(bytes.len(), |skip| skip.min(bytes.len()));
                let skip = if self.buffer.is_empty() { skip } else { 0 };
                self.position += skip as u64;
                self.bytes(bytes.get(skip..).unwrap_or_default(), sink, out)?;
            }
            Piece::Gap { missing } => self.gap(missing, sink, out)?,
            Piece::Problem { message } => {
                self.complaints.add(format_args!("{}: {message}", self.options.name));
                let at = self.position + self.buffer.len() as u64;
                let name = Arc::clone(&self.options.name);
                let mut origin = self.origin(at);
                origin.file = self.options.names_file.then_some(&*name);
                sink.error(origin, None, &message, out)?;
            }
            Piece::Pause => {
                sink.flush(out)?;
                out.flush()?;
            }
            Piece::End => self.end_stream(sink, out)?,
        }
        Ok(if self.is_full() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    /// Sums up.
    pub(crate) fn finish(
        self,
        form: Form,
        sink: &mut dyn Sink,
        out: &mut dyn Write,
    ) -> io::Result<Done> {
        sink.flush(out)?;
        out.flush()?;
        let Self { options, complaints, totals, .. } = self;
        let is_bad = complaints.finish();
        if options.is_summed_up || (is_bad && !options.is_quiet) {
            say(format_args!("cwire: {}: {}", options.name, totals.summary(form, &options)));
        }
        Ok(Done { records: totals.records, is_bad })
    }

    /// Whether the stream is a run of records. A line that says of which dump it is says more than that.
    fn is_run(&self) -> bool {
        self.runs.is_some() && self.dump.unwrap_or(0) == 0
    }

    fn is_full(&self) -> bool {
        self.options.limits.count.is_some_and(|count| self.totals.records >= count)
    }

    fn origin(&self, offset: u64) -> Origin<'static> {
        Origin { file: None, dump: self.dump.unwrap_or(0), offset }
    }

    fn bytes(&mut self, bytes: &[u8], sink: &mut dyn Sink, out: &mut dyn Write) -> io::Result<()> {
        if self.is_stopped || self.is_full() {
            self.position += bytes.len() as u64;
            return Ok(());
        }
        if self.is_run() {
            return self.run(bytes, out);
        }
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= self.needed {
            self.messages(false, sink, out)?;
        }
        Ok(())
    }

    /// Writes whole records straight away and keeps what is left.
    fn run(&mut self, bytes: &[u8], out: &mut dyn Write) -> io::Result<()> {
        let Some(size) = self.runs.as_ref().map(|runs| runs.size) else { return Ok(()) };
        let mut bytes = bytes;
        if let Some(runs) = &mut self.runs {
            let skip = usize::try_from(runs.skip).map_or(bytes.len(), |skip| skip.min(bytes.len()));
            runs.skip -= skip as u64;
            self.position += skip as u64;
            bytes = bytes.get(skip..).unwrap_or_default();
        }
        if !self.buffer.is_empty() {
            let lacking = size.saturating_sub(self.buffer.len()).min(bytes.len());
            let (now, later) = bytes.split_at(lacking);
            self.buffer.extend_from_slice(now);
            bytes = later;
            if self.buffer.len() < size {
                return Ok(());
            }
            let whole = std::mem::take(&mut self.buffer);
            self.records(&whole, out)?;
            self.buffer = whole;
            self.buffer.clear();
        }
        let most = self.options.limits.count.map(|count| count - self.totals.records.min(count));
        let most =
            most.and_then(|most| usize::try_from(most).ok()).and_then(|it| it.checked_mul(size));
        let whole = bytes.len() / size * size;
        let whole = most.map_or(whole, |most| most.min(whole));
        let (now, later) = bytes.split_at(whole);
        self.records(now, out)?;
        if later.len() < size {
            self.buffer.extend_from_slice(later);
        }
        Ok(())
    }

    fn records(&mut self, bytes: &[u8], out: &mut dyn Write) -> io::Result<()> {
        let Some(runs) = &mut self.runs else { return Ok(()) };
        if bytes.is_empty() {
            return Ok(());
        }
        let run = runs.lines.write_run(bytes, self.position, |text| out.write_all(text))?;
        let count = run.records as u64;
        self.totals.records += count;
        self.totals.bytes += bytes.len() as u64;
        *self.totals.by_kind.entry(runs.plan.record().to_owned()).or_default() += count;
        if run.findings.first_invalid().is_some() {
            let (plan, size) = (runs.plan.clone(), runs.size);
            let mut at = self.position;
            for record in bytes.chunks_exact(size) {
                self.invalid(&plan, record, at);
                at += size as u64;
            }
        }
        self.position += bytes.len() as u64;
        Ok(())
    }

    /// Says which fields hold what is no value of their type.
    fn invalid(&mut self, plan: &Plan, record: &[u8], at: u64) {
        /// More of one record are not looked for.
        const MOST: usize = 100;
        for found in plan.invalid(record, MOST) {
            let place = at + found.offset as u64;
            let (path, ctype, number) = (&found.path, &found.ctype, found.found);
            self.complaints.add(format_args!(
                "{}: at {place:#x} ({place}): {path}: a value of `{ctype}` is needed, found {number}",
                self.options.name
            ));
        }
    }

    /// Takes messages off the front of the buffer.
    fn messages(
        &mut self,
        is_finished: bool,
        sink: &mut dyn Sink,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let buffer = std::mem::take(&mut self.buffer);
        let mut conversation =
            std::mem::replace(&mut self.conversation, self.options.protocol.conversation());
        let mut at = 0;
        while !self.is_full() {
            let rest = buffer.get(at..).unwrap_or_default();
            let offset = self.position + at as u64;
            let step = conversation.next(None, rest, is_finished);
            let consumed = step.consumed();
            match step {
                Step::Need(needed) => {
                    self.needed = needed;
                    break;
                }
                Step::Message(message) => {
                    let bytes = rest.get(..message.len()).unwrap_or(rest);
                    self.totals.bytes += bytes.len() as u64;
                    if let Some(part) = message.record() {
                        self.part(&part, bytes, offset, sink, out)?;
                    }
                    for part in message.parts(bytes) {
                        match part {
                            Ok(part) => self.part(&part, bytes, offset, sink, out)?,
                            Err(trouble) => {
                                self.error(offset, None, &trouble.to_string(), sink, out)?
                            }
                        }
                    }
                    if let Some(trouble) = message.trouble() {
                        self.error(offset, None, &trouble.to_string(), sink, out)?;
                    }
                }
                Step::Bad(trouble) => self.error(offset, None, &trouble.to_string(), sink, out)?,
                Step::Passing(_) => {}
                Step::Passed { len, total } => {
                    let next = offset + len as u64;
                    let message = format!(
                        "framing is taken up again here, {} passed over",
                        counted(total, "byte")
                    );
                    self.error(next, None, &message, sink, out)?;
                }
                Step::Stopped(trouble) => {
                    self.error(offset, None, &trouble.to_string(), sink, out)?;
                    self.is_stopped = true;
                    break;
                }
                Step::End => break,
            }
            at += consumed;
        }
        self.conversation = conversation;
        self.position += at as u64;
        self.buffer = buffer;
        self.buffer.drain(..at.min(self.buffer.len()));
        if self.is_stopped {
            self.position += self.buffer.len() as u64;
            self.buffer.clear();
        }
        Ok(())
    }

    fn part(
        &mut self,
        part: &Part<'_>,
        message: &[u8],
        offset: u64,
        sink: &mut dyn Sink,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let bytes = message.get(part.range.clone()).unwrap_or_default();
        let at = offset + part.range.start as u64;
        self.record(part.plan, bytes, part.short, at, sink, out)
    }

    fn record(
        &mut self,
        plan: &Plan,
        bytes: &[u8],
        short: Short,
        at: u64,
        sink: &mut dyn Sink,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if self.is_full() || !self.is_wanted(plan, bytes, at, sink, out)? {
            return Ok(());
        }
        let name = Arc::clone(&self.options.name);
        let mut origin = self.origin(at);
        origin.file = self.options.names_file.then_some(&*name);
        let findings = match sink.record(&Record { plan, bytes, short, origin }, out)? {
            Ok(findings) => findings,
            Err(error) => return self.undecodable(&error, at, sink, out),
        };
        self.totals.records += 1;
        match self.totals.by_kind.get_mut(plan.record()) {
            Some(count) => *count += 1,
            None => {
                self.totals.by_kind.insert(plan.record().to_owned(), 1);
            }
        }
        if findings.first_invalid().is_some() {
            self.invalid(plan, bytes, at);
        }
        if self.options.counts_padding && findings.has_padding() {
            self.totals.with_padding += 1;
            if self.options.strict.is_some() {
                let runs = plan.padding(bytes);
                let place = runs.iter().map(|it| it.offset_bits / 8).find(|&byte| {
                    usize::try_from(byte)
                        .ok()
                        .and_then(|it| bytes.get(it))
                        .is_some_and(|&it| it != 0)
                });
                let place = at + place.unwrap_or(0);
                self.complaints.add(format_args!(
                    "{name}: at {place:#x} ({place}): padding of zeros is needed, found other bytes"
                ));
            }
        }
        if let Some(checks) = self.options.strict {
            for found in checks.look(plan, bytes, short) {
                let place = at + found.offset;
                self.complaints.add(format_args!(
                    "{name}: at {place:#x} ({place}): {}: {}",
                    found.path, found.message
                ));
            }
        }
        Ok(())
    }

    /// Whether the condition holds, if there is one.
    fn is_wanted(
        &mut self,
        plan: &Plan,
        bytes: &[u8],
        at: u64,
        sink: &mut dyn Sink,
        out: &mut dyn Write,
    ) -> io::Result<bool> {
        let Some(filters) = self.options.filters else { return Ok(true) };
        let kind = kind(plan);
        let filter = filters.iter().find(|(of, _)| *of == kind).map(|(_, filter)| filter);
        let matches = match filter.map(|filter| filter.matches(bytes)) {
            Some(Ok(matches)) => matches,
            None => false,
            Some(Err(error)) => {
                self.error(at, None, &format!("--where has no value: {error}"), sink, out)?;
                false
            }
        };
        if !matches {
            self.totals.not_shown += 1;
        }
        Ok(matches)
    }

    fn undecodable(
        &mut self,
        error: &DecodeError,
        at: u64,
        sink: &mut dyn Sink,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let field = Some(error.path()).filter(|path| !path.is_empty());
        let place = at + error.offset() as u64;
        self.error_at(at, place, field, &error.kind().to_string(), sink, out)
    }

    fn error(
        &mut self,
        at: u64,
        field: Option<&str>,
        message: &str,
        sink: &mut dyn Sink,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        self.error_at(at, at, field, message, sink, out)
    }

    fn error_at(
        &mut self,
        at: u64,
        place: u64,
        field: Option<&str>,
        message: &str,
        sink: &mut dyn Sink,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let name = Arc::clone(&self.options.name);
        let of_field = field.map_or(String::new(), |field| format!("{field}: "));
        self.complaints.add(format_args!("{name}: at {place:#x} ({place}): {of_field}{message}"));
        let mut origin = self.origin(at);
        origin.file = self.options.names_file.then_some(&*name);
        sink.error(origin, field, message, out)
    }

    fn gap(&mut self, missing: u64, sink: &mut dyn Sink, out: &mut dyn Write) -> io::Result<()> {
        if self.position.saturating_add(missing) <= self.options.limits.offset {
            self.position += missing;
            return Ok(());
        }
        let left = self.buffer.len();
        if let (Some(runs), 1.., true) = (&self.runs, left, self.is_run()) {
            let message = format!("needs {} bytes, {left} before a gap", runs.size);
            self.error(self.position, None, &message, sink, out)?;
        }
        let at = self.position + left as u64;
        self.complaints.add(format_args!(
            "{}: at {at:#x} ({at}): {} missing",
            self.options.name,
            counted(missing, "byte")
        ));
        self.totals.missing += missing;
        let name = Arc::clone(&self.options.name);
        let mut origin = self.origin(at);
        origin.file = self.options.names_file.then_some(&*name);
        sink.gap(origin, missing, out)?;
        self.buffer.clear();
        self.position = at.saturating_add(missing);
        if !self.is_run() {
            self.needed = 1;
            self.conversation.gap(None, left, missing);
        } else if let Some(runs) = &mut self.runs {
            let size = runs.size as u64;
            let within = self.position.saturating_sub(runs.first) % size.max(1);
            runs.skip = (size - within) % size.max(1);
        }
        Ok(())
    }

    /// The stream has ended: what is left of it is no whole record.
    fn end_stream(&mut self, sink: &mut dyn Sink, out: &mut dyn Write) -> io::Result<()> {
        if self.dump.is_some() && !self.is_stopped && !self.is_full() {
            self.messages(true, sink, out)?;
        }
        self.buffer.clear();
        self.needed = 1;
        Ok(())
    }
}

impl Totals {
    fn summary(&self, form: Form, options: &Options<'_>) -> String {
        let kinds: Vec<_> =
            self.by_kind.iter().map(|(name, count)| format!("{count} {name}")).collect();
        let mut text = counted(self.records, "record");
        if !kinds.is_empty() {
            text += &format!(" ({})", kinds.join(", "));
        }
        text += &format!(", {} of records", counted(self.bytes, "byte"));
        if form == Form::Hex {
            text += ", from a hex dump";
        }
        if options.filters.is_some() {
            text += &format!(", {} not shown", self.not_shown);
        }
        if self.missing > 0 {
            text += &format!(", {} missing", counted(self.missing, "byte"));
        }
        if self.with_padding > 0 {
            text += &format!(", {} with padding that is not zero", self.with_padding);
        }
        text
    }
}
