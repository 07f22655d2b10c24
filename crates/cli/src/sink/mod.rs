//! Forms in which decoded records are written.

use std::fmt;
use std::io::{self, Write};

use cwire_capture::reassembly::Flow;
use cwire_capture::{Arrival, Timestamp};
use cwire_codec::frame::protocol::Side;
use cwire_codec::json::push_string;
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
    /// Who talks, in a capture and on live connections.
    pub(crate) ends: Option<&'a Ends>,
    /// From the start of the stream.
    pub(crate) offset: u64,
    /// What completed it, in a capture; of live connections the time, and no packet.
    pub(crate) arrival: Option<Arrival>,
}

impl Origin<'_> {
    /// The only stream of an input.
    pub(crate) fn at(offset: u64) -> Self {
        Self { offset, ..Self::default() }
    }
}

/// Number of the packet; `None` on live connections.
pub(crate) fn shown_packet(arrival: Arrival) -> Option<u64> {
    Some(arrival.packet).filter(|&packet| packet > 0)
}

/// Its time, with as many digits as its clock has.
pub(crate) fn shown_time(arrival: Arrival) -> Option<String> {
    let digits = if arrival.is_fine { 9 } else { 6 };
    arrival.time.map(|time| format!("{time:.digits$}"))
}

/// The members of JSON that say what completed a record: most follow others of the same packet, and
/// most packets others of the same second.
#[derive(Default)]
pub(crate) struct ArrivalText {
    last: Option<Arrival>,
    json: Vec<u8>,
    /// A second, and its text up to the fraction.
    second: Option<(i64, String)>,
}

impl ArrivalText {
    /// `, "time": "…", "packet": 7`, as far as they are known.
    pub(crate) fn json(&mut self, arrival: Option<Arrival>) -> &[u8] {
        if self.last != arrival {
            self.last = arrival;
            self.json.clear();
            if let Some(arrival) = arrival {
                self.write(arrival);
            }
        }
        &self.json
    }

    fn write(&mut self, arrival: Arrival) {
        let Arrival { packet, time, is_fine } = arrival;
        if let Some(time) = time {
            self.json.extend_from_slice(b", \"time\": \"");
            let seconds = time.seconds();
            if self.second.as_ref().is_none_or(|(known, _)| *known != seconds) {
                let text = Timestamp::new(seconds, 0).to_string();
                self.second = text.strip_suffix(".000000Z").map(|text| (seconds, text.to_owned()));
            }
            let nanos = time.nanos();
            // Writing to memory does not fail.
            let _ = match &self.second {
                Some((_, text)) if is_fine => write!(self.json, "{text}.{nanos:09}Z"),
                Some((_, text)) => write!(self.json, "{text}.{:06}Z", nanos / 1000),
                None => write!(self.json, "{time}"),
            };
            self.json.push(b'"');
        }
        if packet > 0 {
            let _ = write!(self.json, ", \"packet\": {packet}");
        }
    }
}

/// One direction of a conversation. Displays as `stream 0, 10.0.0.1:40000 > 10.0.0.2:80`.
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

    /// What `side` says on a live connection; `peer` is who this program talks to, if it is one end.
    pub(crate) fn live(
        stream: u64,
        side: Side,
        [client, server]: [&str; 2],
        peer: Option<&str>,
    ) -> Self {
        let (src, dst, name) = match side {
            Side::Client => (client, server, "client"),
            Side::Server => (server, client, "server"),
        };
        let mut json = format!("\"stream\": {stream}").into_bytes();
        let members =
            [("src", Some(src)), ("dst", Some(dst)), ("peer", peer), ("side", Some(name))];
        for (key, value) in members {
            let Some(value) = value else { continue };
            json.extend_from_slice(format!(", \"{key}\": ").as_bytes());
            push_string(&mut json, value);
        }
        let json = String::from_utf8_lossy(&json).into_owned();
        Self { stream, is_datagram: false, src: src.to_owned(), dst: dst.to_owned(), json }
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
    /// Says that what follows is from a capture or from live connections, before anything is written of it.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What jiff makes of the same times, whatever was asked before.
    #[test]
    fn arrivals_are_written_as_their_times_display() {
        let mut text = ArrivalText::default();
        assert_eq!(text.json(None), b"");
        let times = [(1_767_323_045, 6_789), (1_767_323_045, 7_000_000), (-1, 999_999_999), (0, 0)];
        let times = times.map(|(seconds, nanos)| Timestamp::new(seconds, nanos));
        for (packet, time) in (1..).zip(times).chain([(9, Timestamp::new(i64::MAX, 5))]) {
            for is_fine in [false, true] {
                let arrival = Arrival { packet, time: Some(time), is_fine };
                let shown = shown_time(arrival).unwrap();
                let expected = format!(", \"time\": \"{shown}\", \"packet\": {packet}");
                assert_eq!(str::from_utf8(text.json(Some(arrival))), Ok(&*expected));
                assert_eq!(str::from_utf8(text.json(Some(arrival))), Ok(&*expected), "again");
            }
        }
        let timeless = Arrival { packet: 3, ..Arrival::default() };
        assert_eq!(text.json(Some(timeless)), b", \"packet\": 3");
    }
}
