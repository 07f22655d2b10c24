//! Records of an input, and what is wrong with it.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use cwire_codec::DecodeError;
use cwire_codec::expr::Filter;
use cwire_codec::frame::protocol::{Part, Protocol};
use cwire_codec::json::{JsonLines, Run, Text};
use cwire_codec::plan::{Audit, Plan, Short};

use super::check::Checks;
use super::window::Window;
use crate::complaint::{Complaints, counted};
use crate::sink::{ArrivalText, Origin, Record, Sink};

/// How an input is decoded.
#[derive(Clone)]
pub(crate) struct Options<'a> {
    /// What the input is called.
    pub(crate) name: Arc<str>,
    /// Whether records name it.
    pub(crate) names_file: bool,
    pub(crate) limits: Limits,
    /// The record, where a stream is a run of it that is written without looking at each.
    pub(crate) runs: Option<RunOptions<'a>>,
    pub(crate) protocol: Protocol,
    /// The record, where its last array takes what its datagram has room for.
    pub(crate) open: Option<&'a Plan>,
    /// The condition, by kind of record.
    pub(crate) filters: Option<&'a [(String, Filter)]>,
    pub(crate) strict: Option<&'a Checks>,
    pub(crate) counts_padding: bool,
    /// Which times of a capture count.
    pub(crate) window: Window,
}

impl Options<'_> {
    /// The input, where records name it.
    fn file(&self) -> Option<&str> {
        self.names_file.then_some(&*self.name)
    }
}

/// A record that streams are runs of.
#[derive(Clone, Copy)]
pub(crate) struct RunOptions<'a> {
    pub(crate) plan: &'a Plan,
    /// Whether it is written as JSON Lines, or not at all.
    pub(crate) is_json: bool,
}

/// Which part of the input counts.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// First byte.
    pub(crate) offset: u64,
    /// Most records.
    pub(crate) count: Option<u64>,
}

/// Plans of the same name and byte order are of one kind.
pub(crate) fn kind(plan: &Plan) -> String {
    format!("{}/{:?}", plan.record(), plan.endian())
}

/// Where records go.
pub(crate) struct To<'a> {
    pub(crate) sink: &'a mut dyn Sink,
    pub(crate) out: &'a mut dyn Out,
}

/// What takes text.
pub(crate) trait Out: Write {
    /// Takes the lines of whole records, with more members in front of and behind the offset in a capture.
    fn lines(
        &mut self,
        lines: &mut JsonLines,
        members: Option<(&[u8], &[u8])>,
        bytes: &[u8],
        offset: u64,
    ) -> io::Result<Run>;
}

impl Out for Box<dyn Write> {
    fn lines(
        &mut self,
        lines: &mut JsonLines,
        members: Option<(&[u8], &[u8])>,
        bytes: &[u8],
        offset: u64,
    ) -> io::Result<Run> {
        let sink = |text: &[u8]| self.write_all(text);
        match members {
            None => lines.write_run(bytes, offset, sink),
            Some(members) => lines.write_run_with(members, bytes, offset, sink),
        }
    }
}

impl Out for Text {
    fn lines(
        &mut self,
        lines: &mut JsonLines,
        members: Option<(&[u8], &[u8])>,
        bytes: &[u8],
        offset: u64,
    ) -> io::Result<Run> {
        Ok(match members {
            None => lines.append_run(bytes, offset, self),
            Some(members) => lines.append_run_with(members, bytes, offset, self),
        })
    }
}

/// What all streams of an input share.
pub(crate) struct Work<'a> {
    pub(crate) options: Options<'a>,
    pub(crate) complaints: Complaints,
    pub(crate) totals: Totals,
    pub(crate) runs: Option<Runs>,
}

/// Records of one kind, one after the other.
pub(crate) struct Runs {
    pub(crate) plan: Plan,
    pub(crate) size: usize,
    lines: Option<JsonLines>,
    audit: Option<Audit>,
    /// Members of the lines of a capture.
    before: Vec<u8>,
    arrival: ArrivalText,
}

/// What was found in an input.
#[derive(Default)]
pub(crate) struct Totals {
    pub(crate) records: u64,
    pub(crate) by_kind: BTreeMap<String, u64>,
    pub(crate) bytes: u64,
    pub(crate) not_shown: u64,
    pub(crate) with_padding: u64,
    pub(crate) gaps: u64,
    pub(crate) missing: u64,
}

impl Totals {
    fn count(&mut self, plan: &Plan, count: u64) {
        match self.by_kind.get_mut(plan.record()) {
            Some(counted) => *counted += count,
            None => {
                self.by_kind.insert(plan.record().to_owned(), count);
            }
        }
    }

    /// Adds what was found elsewhere in the same input.
    pub(crate) fn add(&mut self, other: Self) {
        self.records += other.records;
        self.bytes += other.bytes;
        self.not_shown += other.not_shown;
        self.with_padding += other.with_padding;
        self.gaps += other.gaps;
        self.missing += other.missing;
        for (kind, count) in other.by_kind {
            *self.by_kind.entry(kind).or_default() += count;
        }
    }

    /// Records by kind, in words.
    pub(crate) fn records(&self) -> String {
        let kinds: Vec<_> =
            self.by_kind.iter().map(|(name, count)| format!("{count} {name}")).collect();
        let mut text = counted(self.records, "record");
        if !kinds.is_empty() {
            text += &format!(" ({})", kinds.join(", "));
        }
        text + &format!(", {} of records", counted(self.bytes, "byte"))
    }

    /// What is not as it should be, in words.
    pub(crate) fn remarks(&self, is_filtered: bool) -> String {
        let mut text = String::new();
        if is_filtered {
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

impl<'a> Work<'a> {
    pub(crate) fn new(options: Options<'a>, complaints: Complaints) -> Self {
        let runs = options.runs.and_then(|run| Runs::new(run, options.counts_padding));
        Self { options, complaints, totals: Totals::default(), runs }
    }

    /// Whether records are shown or left out by conditions or times.
    pub(crate) fn is_filtered(&self) -> bool {
        self.options.filters.is_some() || self.options.window.is_limited()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.options.limits.count.is_some_and(|count| self.totals.records >= count)
    }

    /// Writes whole records that follow each other.
    pub(crate) fn run(
        &mut self,
        bytes: &[u8],
        origin: Origin<'_>,
        out: &mut dyn Out,
    ) -> io::Result<()> {
        let Some(runs) = &mut self.runs else { return Ok(()) };
        if bytes.is_empty() {
            return Ok(());
        }
        let (count, with_padding, has_invalid) = runs.write(bytes, origin, out)?;
        self.totals.records += count;
        self.totals.bytes += bytes.len() as u64;
        self.totals.with_padding += with_padding;
        self.totals.count(&runs.plan, count);
        if has_invalid {
            let (plan, size) = (runs.plan.clone(), runs.size);
            let mut at = origin.offset;
            for record in bytes.chunks_exact(size) {
                self.invalid(&plan, record, Origin { offset: at, ..origin });
                at += size as u64;
            }
        }
        Ok(())
    }

    /// Says which fields hold what is no value of their type.
    fn invalid(&mut self, plan: &Plan, record: &[u8], origin: Origin<'_>) {
        /// More of one record are not looked for.
        const MOST: usize = 100;
        for found in plan.invalid(record, MOST) {
            let (path, ctype, number) = (&found.path, &found.ctype, found.found);
            self.complain(
                origin,
                origin.offset + found.offset as u64,
                format_args!("{path}: a value of `{ctype}` is needed, found {number}"),
            );
        }
    }

    /// Says what is wrong at a place of a stream.
    pub(crate) fn complain(
        &mut self,
        origin: Origin<'_>,
        place: u64,
        what: impl std::fmt::Display,
    ) {
        let name = &self.options.name;
        let stream = origin.ends.map_or(String::new(), |ends| format!(" {ends}:"));
        self.complaints.add(format_args!("{name}:{stream} at {place:#x} ({place}): {what}"));
    }

    /// Writes a record of a message that begins at `origin`.
    pub(crate) fn part(
        &mut self,
        part: &Part<'_>,
        message: &[u8],
        origin: Origin<'_>,
        to: &mut To<'_>,
    ) -> io::Result<()> {
        let bytes = message.get(part.range.clone()).unwrap_or_default();
        let origin = Origin { offset: origin.offset + part.range.start as u64, ..origin };
        self.record(part.plan, bytes, part.short, origin, to)
    }

    /// Writes a record.
    pub(crate) fn record(
        &mut self,
        plan: &Plan,
        bytes: &[u8],
        short: Short,
        origin: Origin<'_>,
        to: &mut To<'_>,
    ) -> io::Result<()> {
        if self.is_full() || !self.is_wanted(plan, bytes, origin, to)? {
            return Ok(());
        }
        let file = self.options.file();
        let shown = Origin { file, ..origin };
        let findings =
            match to.sink.record(&Record { plan, bytes, short, origin: shown }, to.out)? {
                Ok(findings) => findings,
                Err(error) => return self.undecodable(&error, origin, to),
            };
        self.totals.records += 1;
        self.totals.count(plan, 1);
        if findings.first_invalid().is_some() {
            self.invalid(plan, bytes, origin);
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
                let place = origin.offset + place.unwrap_or(0);
                self.complain(origin, place, "padding of zeros is needed, found other bytes");
            }
        }
        if let Some(checks) = self.options.strict {
            for found in checks.look(plan, bytes, short) {
                let what = format_args!("{}: {}", found.path, found.message);
                self.complain(origin, origin.offset + found.offset, what);
            }
        }
        Ok(())
    }

    /// Whether its time counts, and the condition holds if there is one.
    fn is_wanted(
        &mut self,
        plan: &Plan,
        bytes: &[u8],
        origin: Origin<'_>,
        to: &mut To<'_>,
    ) -> io::Result<bool> {
        let is_in_time = origin.arrival.is_none_or(|it| self.options.window.has(it.time));
        let Some(filters) = self.options.filters.filter(|_| is_in_time) else {
            self.totals.not_shown += u64::from(!is_in_time);
            return Ok(is_in_time);
        };
        let kind = kind(plan);
        let filter = filters.iter().find(|(of, _)| *of == kind).map(|(_, filter)| filter);
        let matches = match filter.map(|filter| filter.matches(bytes)) {
            Some(Ok(matches)) => matches,
            None => false,
            Some(Err(error)) => {
                self.error(origin, None, &format!("--where has no value: {error}"), to)?;
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
        origin: Origin<'_>,
        to: &mut To<'_>,
    ) -> io::Result<()> {
        let field = Some(error.path()).filter(|path| !path.is_empty());
        let place = origin.offset + error.offset() as u64;
        self.error_at(origin, place, field, &error.kind().to_string(), to)
    }

    /// Says what is wrong with what begins at `origin`.
    pub(crate) fn error(
        &mut self,
        origin: Origin<'_>,
        field: Option<&str>,
        message: &str,
        to: &mut To<'_>,
    ) -> io::Result<()> {
        self.error_at(origin, origin.offset, field, message, to)
    }

    fn error_at(
        &mut self,
        origin: Origin<'_>,
        place: u64,
        field: Option<&str>,
        message: &str,
        to: &mut To<'_>,
    ) -> io::Result<()> {
        let of_field = field.map_or(String::new(), |field| format!("{field}: "));
        self.complain(origin, place, format_args!("{of_field}{message}"));
        let file = self.options.file();
        to.sink.error(Origin { file, ..origin }, field, message, to.out)
    }

    /// Says what is wrong with the input as a whole; the message says where.
    pub(crate) fn problem(&mut self, message: &str, at: u64, to: &mut To<'_>) -> io::Result<()> {
        self.complaints.add(format_args!("{}: {message}", self.options.name));
        let file = self.options.file();
        to.sink.error(Origin { file, ..Origin::at(at) }, None, message, to.out)
    }

    /// Says that bytes are missing.
    pub(crate) fn gap(
        &mut self,
        origin: Origin<'_>,
        missing: u64,
        to: &mut To<'_>,
    ) -> io::Result<()> {
        let what = format_args!("{} missing", counted(missing, "byte")).to_string();
        self.complain(origin, origin.offset, what);
        self.totals.gaps += 1;
        self.totals.missing += missing;
        let file = self.options.file();
        to.sink.gap(Origin { file, ..origin }, missing, to.out)
    }
}

impl Runs {
    /// `None` where records have to be looked at one by one.
    fn new(options: RunOptions<'_>, counts_padding: bool) -> Option<Self> {
        let RunOptions { plan, is_json } = options;
        let audit = plan.audit().filter(|_| counts_padding || !is_json);
        if audit.is_none() && (counts_padding || !is_json) {
            return None;
        }
        Some(Self {
            plan: plan.clone(),
            size: plan.size(),
            lines: is_json.then(|| JsonLines::new(plan)),
            audit,
            before: Vec::new(),
            arrival: ArrivalText::default(),
        })
    }

    /// How many records there are, how many have padding that is not zero, and whether some field holds no
    /// value of its type.
    fn write(
        &mut self,
        bytes: &[u8],
        origin: Origin<'_>,
        out: &mut dyn Out,
    ) -> io::Result<(u64, u64, bool)> {
        let audited = self.audit.as_ref().map(|audit| audit.run(bytes));
        let mut found = audited.map_or((0, 0, false), |it| {
            (it.records as u64, it.with_padding as u64, it.first_invalid.is_some())
        });
        let Some(lines) = &mut self.lines else { return Ok(found) };
        let members = origin.ends.map(|ends| {
            self.before.clear();
            ends.write_json(&mut self.before);
            self.before.extend_from_slice(b", ");
            (&*self.before, self.arrival.json(origin.arrival))
        });
        let run = out.lines(lines, members, bytes, origin.offset)?;
        found.0 = run.records as u64;
        found.2 = run.findings.first_invalid().is_some();
        Ok(found)
    }
}
