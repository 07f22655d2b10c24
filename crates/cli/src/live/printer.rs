//! The thread that decodes and prints what connections bring.

use std::collections::HashMap;
use std::io::{self, Write};

use anyhow::Context;
use bytes::{Buf, BytesMut};
use cwire_capture::{Arrival, Timestamp};
use cwire_codec::frame::protocol::{Conversation, Side, Step};
use cwire_codec::frame::{Deframe, FrameError, InvalidText, Lines};
use cwire_transport::{CloseReason, Closed};
use tokio::sync::mpsc::{self, error::TryRecvError};
use tokio_util::sync::CancellationToken;

use super::index;
use super::news::{News, What};
use crate::args::General;
use crate::cmd::Outcome;
use crate::complaint::{Complaints, counted, say};
use crate::output::Output;
use crate::paint::Paint;
use crate::records::setup::{Origins, Setup};
use crate::records::stream::{Stream, Talk};
use crate::records::window::Window;
use crate::records::work::{Limits, To, Work};
use crate::sink::{Ends, Sink};

/// Longest line of text.
const MAX_LINE: usize = 1 << 20;

/// How what comes is shown.
pub(crate) enum Shows<'a> {
    Records {
        work: Box<Work<'a>>,
        sink: Box<dyn Sink>,
        /// Whether what is sent tells how to read what is received.
        overhears: bool,
    },
    /// Lines; with the peer in front where there may be several.
    Lines { with_peer: bool, most: Option<u64>, printed: u64 },
    /// Bytes as they are.
    Bytes,
    /// Nothing: bytes are counted.
    Nothing,
}

impl<'a> Shows<'a> {
    /// Records as `setup` says, at most `count`; `name` stands for all connections in messages.
    pub(crate) fn records(
        setup: &'a Setup,
        name: &str,
        count: Option<u64>,
        paint: Paint,
        quiet: bool,
    ) -> Self {
        let limits = Limits { offset: 0, count };
        let options = setup.options(name, Origins::Live, limits, Window::default());
        let mut sink = setup.sink(paint);
        sink.begin_capture();
        let overhears = options.runs.is_none();
        let work = Box::new(Work::new(options, Complaints::new(quiet)));
        Self::Records { work, sink, overhears }
    }
}

/// Prints what connections bring.
pub(crate) struct Printer<'a> {
    shows: Shows<'a>,
    output: Output,
    general: General,
    connections: HashMap<u64, Connection>,
    /// How many there were.
    opened: u64,
    /// Bytes that came.
    bytes: u64,
    is_bad: bool,
}

/// A connection whose news are being printed.
struct Connection {
    /// Who this program talks to; the client, if it stands between two others.
    name: String,
    /// Whose bytes are printed; `None`: those of both.
    peer: Option<Side>,
    of_records: Option<OfRecords>,
    lines: Lines,
    text: BytesMut,
    /// Records or lines, or bytes of a raw stream, of client and server.
    counts: [u64; 2],
    complaints: Complaints,
}

struct OfRecords {
    conversation: Conversation,
    /// Of client and server.
    hearings: [Hearing; 2],
}

/// What becomes of the bytes of one side.
enum Hearing {
    Shown(Box<Stream>),
    /// They tell how to read those of the other side; here are those that are not understood yet.
    Overheard(BytesMut),
    Ignored,
}

impl<'a> Printer<'a> {
    pub(crate) fn new(shows: Shows<'a>, output: Output, general: General) -> Self {
        Self {
            shows,
            output,
            general,
            connections: HashMap::new(),
            opened: 0,
            bytes: 0,
            is_bad: false,
        }
    }

    /// Prints news until there are no more, and asks all to stop when enough is printed.
    ///
    /// # Errors
    ///
    /// The output does not take it.
    pub(crate) fn run(
        mut self,
        mut news: mpsc::UnboundedReceiver<News>,
        stop: &CancellationToken,
    ) -> anyhow::Result<Outcome> {
        if self.is_full() {
            stop.cancel();
        }
        loop {
            let next = match news.try_recv() {
                Ok(next) => Some(next),
                Err(TryRecvError::Disconnected) => None,
                Err(TryRecvError::Empty) => {
                    self.flush().context("writing the output")?;
                    news.blocking_recv()
                }
            };
            let Some(next) = next else { break };
            self.take(next).context("writing the output")?;
            if self.is_full() {
                stop.cancel();
            }
        }
        self.flush().context("writing the output")?;
        self.sum_up();
        self.output.finish().context("writing the output")?;
        Ok(if self.is_bad { Outcome::BadInput } else { Outcome::Clean })
    }

    fn is_full(&self) -> bool {
        match &self.shows {
            Shows::Records { work, .. } => work.is_full(),
            Shows::Lines { most, printed, .. } => most.is_some_and(|most| *printed >= most),
            Shows::Bytes | Shows::Nothing => false,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        if let Shows::Records { sink, .. } = &mut self.shows {
            sink.flush(&mut *self.output.writer)?;
        }
        self.output.writer.flush()
    }

    fn take(&mut self, news: News) -> io::Result<()> {
        let News { stream: number, time, what, .. } = news;
        if let What::Opened { client, server, peer } = what {
            self.open(number, peer, &[client.to_string(), server.to_string()]);
            return Ok(());
        }
        let Self { shows, output, general, connections, is_bad, bytes, .. } = self;
        let Some(connection) = connections.get_mut(&number) else { return Ok(()) };
        match what {
            What::Opened { .. } | What::Reset { .. } => {}
            What::Bytes { from, bytes: piece } => {
                if connection.peer.is_none_or(|peer| peer == from) {
                    *bytes += piece.len() as u64;
                }
                connection.bytes(from, &piece, time, shows, output)?;
            }
            What::Missed { from, count } => connection.gap(from, count, shows, output)?,
            What::Finished { from } => connection.finished(from, shows, output)?,
            What::Failed(error) => {
                connection.complaints.add(format_args!("{}: {error}", connection.name));
            }
            What::Closed(closed) => {
                if let Some(connection) = connections.remove(&number) {
                    *is_bad |= connection.closed(closed, shows, output, *general)?;
                }
            }
        }
        Ok(())
    }

    fn open(&mut self, number: u64, peer: Option<Side>, ends: &[String; 2]) {
        let [client, server] = ends;
        let name = if peer == Some(Side::Server) { server } else { client };
        self.opened += 1;
        if !self.general.quiet {
            let to = if peer.is_none() { format!(" to {server}") } else { String::new() };
            say(format_args!("{name} connected{to}"));
        }
        let of_records = match &self.shows {
            Shows::Records { work, overhears, .. } => {
                let hearings = [Side::Client, Side::Server].map(|side| {
                    if peer.is_none_or(|peer| peer == side) {
                        let name = peer.map(|_| name.as_str());
                        let ends = Ends::live(number, side, [client, server], name);
                        Hearing::Shown(Box::new(Stream::new(Some(ends), 0, 0, work)))
                    } else if *overhears {
                        Hearing::Overheard(BytesMut::new())
                    } else {
                        Hearing::Ignored
                    }
                });
                Some(OfRecords { conversation: work.options.protocol.conversation(), hearings })
            }
            _ => None,
        };
        let connection = Connection {
            name: name.clone(),
            peer,
            of_records,
            lines: Lines::new().max_frame_len(MAX_LINE),
            text: BytesMut::new(),
            counts: [0; 2],
            complaints: Complaints::new(self.general.quiet),
        };
        self.connections.insert(number, connection);
    }

    fn sum_up(&mut self) {
        if self.general.quiet {
            return;
        }
        let connections = counted(self.opened, "connection");
        match &mut self.shows {
            Shows::Records { work, .. } => {
                let totals = &work.totals;
                let remarks = totals.remarks(work.is_filtered());
                say(format_args!("cwire: {connections}, {}{remarks}", totals.records()));
            }
            Shows::Nothing => {
                say(format_args!("cwire: {connections}, {}", counted(self.bytes, "byte")));
            }
            Shows::Lines { .. } | Shows::Bytes => {}
        }
    }
}

impl Connection {
    /// Prints what can be read of some bytes.
    fn bytes(
        &mut self,
        from: Side,
        bytes: &[u8],
        time: Timestamp,
        shows: &mut Shows<'_>,
        output: &mut Output,
    ) -> io::Result<()> {
        if let (Some(of), Shows::Records { .. }) = (&mut self.of_records, &*shows)
            && of.overhear(from, bytes)
        {
            return Ok(());
        }
        if self.peer.is_some_and(|peer| peer != from) {
            return Ok(());
        }
        match shows {
            Shows::Records { .. } => {
                let arrival = Arrival { time: Some(time), ..Arrival::default() };
                self.of_stream(from, shows, output, |stream, talk, work, to| {
                    stream.bytes(bytes, Some(arrival), talk, work, to)
                })
            }
            Shows::Lines { .. } => {
                self.text.extend_from_slice(bytes);
                self.print_lines(false, shows, output)
            }
            Shows::Bytes => {
                self.count(from, bytes.len() as u64);
                output.writer.write_all(bytes)
            }
            Shows::Nothing => {
                self.count(from, bytes.len() as u64);
                Ok(())
            }
        }
    }

    fn count(&mut self, from: Side, more: u64) {
        if let Some(count) = self.counts.get_mut(index(from)) {
            *count += more;
        }
    }

    /// Does something with the stream of one side.
    fn of_stream(
        &mut self,
        from: Side,
        shows: &mut Shows<'_>,
        output: &mut Output,
        what: impl FnOnce(&mut Stream, &mut Talk<'_>, &mut Work<'_>, &mut To<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let Shows::Records { work, sink, .. } = shows else { return Ok(()) };
        let Some(OfRecords { conversation, hearings }) = &mut self.of_records else {
            return Ok(());
        };
        let Some(Hearing::Shown(stream)) = hearings.get_mut(index(from)) else { return Ok(()) };
        let mut talk = Talk { conversation, side: Some(from) };
        let mut to = To { sink: &mut **sink, out: &mut output.writer };
        // Each connection has its own ten lines of complaint.
        std::mem::swap(&mut work.complaints, &mut self.complaints);
        let before = work.totals.records;
        let done = what(stream, &mut talk, work, &mut to);
        let records = work.totals.records - before;
        std::mem::swap(&mut work.complaints, &mut self.complaints);
        self.count(from, records);
        done
    }

    /// Says that bytes are missing.
    fn gap(
        &mut self,
        from: Side,
        missing: u64,
        shows: &mut Shows<'_>,
        output: &mut Output,
    ) -> io::Result<()> {
        self.of_stream(from, shows, output, |stream, talk, work, to| {
            stream.gap(missing, talk, work, to)
        })
    }

    /// Nothing more comes: what is left is no whole record, but may be a line.
    fn finished(
        &mut self,
        from: Side,
        shows: &mut Shows<'_>,
        output: &mut Output,
    ) -> io::Result<()> {
        match shows {
            Shows::Records { .. } => self.of_stream(from, shows, output, Stream::finish),
            Shows::Lines { .. } => self.print_lines(true, shows, output),
            Shows::Bytes | Shows::Nothing => Ok(()),
        }
    }

    fn print_lines(
        &mut self,
        is_finished: bool,
        shows: &mut Shows<'_>,
        output: &mut Output,
    ) -> io::Result<()> {
        let Shows::Lines { with_peer, most, printed } = shows else { return Ok(()) };
        while most.is_none_or(|most| *printed < most) {
            let next = match is_finished {
                true => self.lines.finish(&mut self.text),
                false => self.lines.next_frame(&mut self.text),
            };
            let line = match next {
                Ok(Some(line)) => shown_line(line),
                Ok(None) => break,
                Err(error) => {
                    self.give_up(&error);
                    break;
                }
            };
            let from = self.peer.unwrap_or(Side::Client);
            self.count(from, 1);
            *printed += 1;
            match with_peer {
                true => writeln!(output.writer, "{} {line}", self.name)?,
                false => writeln!(output.writer, "{line}")?,
            }
        }
        Ok(())
    }

    fn give_up(&mut self, error: &FrameError) {
        self.complaints.add(format_args!("{}: {error}", self.name));
        self.text = BytesMut::new();
    }

    /// Says how it ended, and whether that was bad.
    fn closed(
        mut self,
        closed: Closed,
        shows: &mut Shows<'_>,
        output: &mut Output,
        general: General,
    ) -> io::Result<bool> {
        let is_ours = matches!(closed.reason, CloseReason::ByUs | CloseReason::Shutdown);
        if !is_ours {
            // Of what this side has ended, the last record may be cut off.
            for from in [Side::Client, Side::Server] {
                if self.peer.is_none_or(|peer| peer == from) {
                    self.finished(from, shows, output)?;
                }
            }
        }
        let what = match shows {
            Shows::Records { .. } => "record",
            Shows::Lines { .. } => "line",
            Shows::Bytes | Shows::Nothing => "byte",
        };
        let Self { name, peer, counts, mut complaints, .. } = self;
        // Of what stands between two others, neither has ended it.
        if closed.unsent.bytes > 0 && (!is_ours || peer.is_none()) {
            let unsent = counted(closed.unsent.bytes, "byte");
            complaints.add(format_args!("{name}: {unsent} not sent"));
        }
        if !general.quiet {
            let [client, server] = counts.map(|count| counted(count, what));
            let received = match peer {
                Some(Side::Client) => format!("{client} received"),
                Some(Side::Server) => format!("{server} received"),
                None => format!("{client} from the client, {server} from the server"),
            };
            say(format_args!("{name} {}: {received}", ending(closed)));
        }
        Ok(complaints.finish())
    }
}

impl OfRecords {
    /// Makes the conversation remember what was said by a side that is not printed; `false` if it is.
    fn overhear(&mut self, from: Side, bytes: &[u8]) -> bool {
        let Self { conversation, hearings } = self;
        let Some(hearing) = hearings.get_mut(index(from)) else { return true };
        let sent = match hearing {
            Hearing::Shown(_) => return false,
            Hearing::Ignored => return true,
            Hearing::Overheard(sent) => sent,
        };
        sent.extend_from_slice(bytes);
        loop {
            let step = conversation.next(Some(from), sent, false);
            let consumed = step.consumed();
            let is_over = matches!(step, Step::Stopped(_));
            let has_more = !matches!(step, Step::Need(_) | Step::End);
            sent.advance(consumed.min(sent.len()));
            if is_over {
                // Nothing can be made of what follows.
                *hearing = Hearing::Ignored;
                return true;
            }
            if !has_more {
                return true;
            }
        }
    }
}

/// How a connection ended, in words that follow its peer.
fn ending(closed: Closed) -> &'static str {
    match closed.reason {
        CloseReason::ByPeer => "finished",
        CloseReason::Idle => "idle, closed",
        CloseReason::ByUs | CloseReason::Shutdown => "closed",
        CloseReason::Reset => "lost",
        CloseReason::Protocol | CloseReason::Limit => "cut off",
        _ => "gone",
    }
}

/// A line as it may be printed on a terminal: without what steers one.
fn shown_line(line: Result<String, InvalidText>) -> String {
    let text = match line {
        Ok(text) => text,
        Err(invalid) => String::from_utf8_lossy(invalid.text()).into_owned(),
    };
    if !text.contains(|c: char| c.is_control() && c != '\t') {
        return text;
    }
    let shown = |c: char| match c {
        '\t' => c.to_string(),
        c if c.is_control() => c.escape_default().to_string(),
        c => c.to_string(),
    };
    text.chars().map(shown).collect()
}
