//! Forms in which decoded records are written.

use std::fmt;
use std::io::{self, Write};

use cwire_capture::Arrival;
use cwire_capture::reassembly::Flow;
use cwire_codec::plan::{Findings, Plan, Short};

pub(crate) mod cells;
pub(crate) mod csv;
pub(crate) mod hex;
pub(crate) mod json;
pub(crate) mod text;

/// A record that was found in a stream.
#[derive(Clone, Copy)]
pub(crate) struct Record<'a> {
    pub(crate) plan: &'a Plan,
    /// Its bytes; more than the record has, or fewer, if it is so in the stream.
    pub(crate) bytes: &'a [u8],
    pub(crate) short: Short,
    pub(crate) origin: Origin<'a>,
}

/// Where something stands.
#[derive(Clone, Copy, Default)]
pub(crate) struct Origin<'a> {
    /// The input, where there are several.
    pub(crate) file: Option<&'a str>,
    /// Which dump of the input, from 0.
    pub(crate) dump: u64,
    /// Who talks, in a capture.
    pub(crate) ends: Option<&'a Ends>,
    /// From the start of the stream.
    pub(crate) offset: u64,
    /// What completed it, in a capture.
    pub(crate) arrival: Option<Arrival>,
}

impl Origin<'_> {
    /// The only stream of an input.
    pub(crate) fn at(offset: u64) -> Self {
        Self { offset, ..Self::default() }
    }

    /// Appends the members of JSON that say what completed it, with a comma in front of each.
    pub(crate) fn write_json_arrival(&self, out: &mut Vec<u8>) {
        let Some(arrival) = self.arrival else { return };
        if let Some(time) = shown_time(arrival) {
            out.extend_from_slice(b", \"time\": \"");
            out.extend_from_slice(time.as_bytes());
            out.push(b'"');
        }
        out.extend_from_slice(b", \"packet\": ");
        out.extend_from_slice(arrival.packet.to_string().as_bytes());
    }
}

/// Its time, with as many digits as its clock has.
pub(crate) fn shown_time(arrival: Arrival) -> Option<String> {
    let digits = if arrival.is_fine { 9 } else { 6 };
    arrival.time.map(|time| format!("{time:.digits$}"))
}

/// One direction of a conversation in a capture. Displays as `stream 0, 10.0.0.1:40000 > 10.0.0.2:80`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ends {
    /// Number of the connection, or of the two ends that send each other datagrams.
    pub(crate) stream: u64,
    pub(crate) is_datagram: bool,
    pub(crate) src: String,
    pub(crate) dst: String,
    /// The members of JSON that name it, which each record may have.
    json: String,
}

impl Ends {
    pub(crate) fn new(flow: &Flow, is_datagram: bool) -> Self {
        let Flow { stream, src, dst, .. } = flow;
        let (src, dst) = (src.to_string(), dst.to_string());
        let protocol = if is_datagram { "\"protocol\": \"udp\", " } else { "" };
        let json =
            format!("{protocol}\"stream\": {stream}, \"src\": \"{src}\", \"dst\": \"{dst}\"");
        Self { stream: *stream, is_datagram, src, dst, json }
    }

    /// Appends the members of JSON that name it.
    pub(crate) fn write_json(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.json.as_bytes());
    }
}

impl fmt::Display for Ends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stream, is_datagram, src, dst, .. } = self;
        let kind = if *is_datagram { "datagrams" } else { "stream" };
        write!(f, "{kind} {stream}, {src} > {dst}")
    }
}

/// Writes records in one form.
pub(crate) trait Sink {
    /// Says that what follows is from a capture, before anything is written of it.
    fn begin_capture(&mut self) {}

    /// Writes a record.
    ///
    /// # Errors
    ///
    /// The output does not take it, or the record cannot be decoded: the inner error, and nothing is
    /// written.
    fn record(
        &mut self,
        record: &Record<'_>,
        out: &mut dyn Write,
    ) -> io::Result<Result<Findings, cwire_codec::DecodeError>>;

    /// Writes what was wrong, where the form has a place for it.
    fn error(
        &mut self,
        _origin: Origin<'_>,
        _field: Option<&str>,
        _message: &str,
        _out: &mut dyn Write,
    ) -> io::Result<()> {
        Ok(())
    }

    /// Writes that bytes are missing, where the form has a place for it.
    fn gap(&mut self, _origin: Origin<'_>, _missing: u64, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    /// Writes what was held back.
    fn flush(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// Writes nothing, and decodes all the same.
pub(crate) struct Nothing(Vec<u8>);

impl Nothing {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }
}

impl Sink for Nothing {
    fn record(
        &mut self,
        record: &Record<'_>,
        _out: &mut dyn Write,
    ) -> io::Result<Result<Findings, cwire_codec::DecodeError>> {
        self.0.clear();
        Ok(record.plan.write_json(record.bytes, record.short, &mut self.0))
    }
}
