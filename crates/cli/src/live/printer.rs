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

use super::{News, What, opposite};
use crate::args::General;
use crate::cmd::Outcome;
use crate::complaint::{Complaints, counted, say};
use crate::output::Output;
use crate::records::stream::{Stream, Talk};
use crate::records::work::{Options, To, Work};
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
}

impl<'a> Shows<'a> {
    pub(crate) fn records(options: Options<'a>, mut sink: Box<dyn Sink>, quiet: bool) -> Self {
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
    is_bad: bool,
}

/// A connection whose news are being printed.
struct Connection {
    peer: String,
    /// Whose bytes are received.
    side: Side,
    of_records: Option<OfRecords>,
    lines: Lines,
    text: BytesMut,
    /// Records or lines, or bytes of a raw stream.
    count: u64,
    complaints: Complaints,
}

struct OfRecords {
    conversation: Conversation,
    stream: Stream,
    /// Bytes sent that are not understood yet; `None` where nothing can be made of them any more.
    sent: Option<BytesMut>,
}

impl<'a> Printer<'a> {
    pub(crate) fn new(shows: Shows<'a>, output: Output, general: General) -> Self {
        Self { shows, output, general, connections: HashMap::new(), opened: 0, is_bad: false }
    }

    /// Prints news until there are no more, and asks all to stop when enough is printed.
    ///
    /// # Errors
    ///
    /// The output does not take it.
    pub(crate) fn run(
        mut self,
        mut news: mpsc::Receiver<News>,
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
            Shows::Bytes => false,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        if let Shows::Records { sink, .. } = &mut self.shows {
            sink.flush(&mut *self.output.writer)?;
        }
        self.output.writer.flush()
    }

    fn take(&mut self, news: News) -> io::Result<()> {
        let News { stream: number, what } = news;
        if let What::Opened { client, server, is_server } = what {
            let side = if is_server { Side::Client } else { Side::Server };
            let ends = [client.to_string(), server.to_string()];
            self.open(number, side, &ends);
            return Ok(());
        }
        let Self { shows, output, general, connections, is_bad, .. } = self;
        let Some(connection) = connections.get_mut(&number) else { return Ok(()) };
        match what {
            What::Opened { .. } => {}
            What::Received { bytes, time } => {
                connection.received(&bytes, time, shows, output)?;
            }
            What::Sent(bytes) => connection.sent(&bytes, shows),
            What::Finished => connection.finished(shows, output)?,
            What::Failed(error) => {
                connection.complaints.add(format_args!("{}: {error}", connection.peer));
            }
            What::Closed(closed) => {
                if let Some(connection) = connections.remove(&number) {
                    *is_bad |= connection.closed(closed, shows, output, *general)?;
                }
            }
        }
        Ok(())
    }

    fn open(&mut self, number: u64, side: Side, ends: &[String; 2]) {
        let [client, server] = ends;
        let peer = if side == Side::Client { client } else { server };
        self.opened += 1;
        if !self.general.quiet {
            say(format_args!("{peer} connected"));
        }
        let of_records = match &self.shows {
            Shows::Records { work, overhears, .. } => {
                let ends = Ends::live(number, side, [client, server], peer);
                Some(OfRecords {
                    conversation: work.options.protocol.conversation(),
                    stream: Stream::new(Some(ends), 0, 0, work),
                    sent: overhears.then(BytesMut::new),
                })
            }
            _ => None,
        };
        let connection = Connection {
            peer: peer.clone(),
            side,
            of_records,
            lines: Lines::new().max_frame_len(MAX_LINE),
            text: BytesMut::new(),
            count: 0,
            complaints: Complaints::new(self.general.quiet),
        };
        self.connections.insert(number, connection);
    }

    fn sum_up(&mut self) {
        let connections = counted(self.opened, "connection");
        if let (Shows::Records { work, .. }, false) = (&mut self.shows, self.general.quiet) {
            let totals = &work.totals;
            let remarks = totals.remarks(work.is_filtered());
            say(format_args!("cwire: {connections}, {}{remarks}", totals.records()));
        }
    }
}

impl Connection {
    /// Prints what can be read of some bytes.
    fn received(
        &mut self,
        bytes: &[u8],
        time: Timestamp,
        shows: &mut Shows<'_>,
        output: &mut Output,
    ) -> io::Result<()> {
        match shows {
            Shows::Records { work, sink, .. } => {
                let Some(OfRecords { conversation, stream, .. }) = &mut self.of_records else {
                    return Ok(());
                };
                let arrival = Arrival { time: Some(time), ..Arrival::default() };
                let mut talk = Talk { conversation, side: Some(self.side) };
                let mut to = To { sink: &mut **sink, out: &mut output.writer };
                // Each connection has its own ten lines of complaint.
                std::mem::swap(&mut work.complaints, &mut self.complaints);
                let before = work.totals.records;
                let done = stream.bytes(bytes, Some(arrival), &mut talk, work, &mut to);
                self.count += work.totals.records - before;
                std::mem::swap(&mut work.complaints, &mut self.complaints);
                done
            }
            Shows::Lines { .. } => {
                self.text.extend_from_slice(bytes);
                self.print_lines(false, shows, output)
            }
            Shows::Bytes => {
                self.count += bytes.len() as u64;
                output.writer.write_all(bytes)
            }
        }
    }

    /// Makes the conversation remember what was said to the peer.
    fn sent(&mut self, bytes: &[u8], shows: &Shows<'_>) {
        let (Some(of), Shows::Records { .. }) = (&mut self.of_records, shows) else { return };
        let Some(sent) = &mut of.sent else { return };
        sent.extend_from_slice(bytes);
        let side = Some(opposite(self.side));
        let is_understood = loop {
            let step = of.conversation.next(side, sent, false);
            let consumed = step.consumed();
            let is_over = matches!(step, Step::Stopped(_));
            let has_more = !matches!(step, Step::Need(_) | Step::End);
            sent.advance(consumed.min(sent.len()));
            if is_over || !has_more {
                break !is_over;
            }
        };
        if !is_understood {
            of.sent = None;
        }
    }

    /// Nothing more comes: what is left is no whole record, but may be a line.
    fn finished(&mut self, shows: &mut Shows<'_>, output: &mut Output) -> io::Result<()> {
        match shows {
            Shows::Records { work, sink, .. } => {
                let Some(OfRecords { conversation, stream, .. }) = &mut self.of_records else {
                    return Ok(());
                };
                let mut talk = Talk { conversation, side: Some(self.side) };
                let mut to = To { sink: &mut **sink, out: &mut output.writer };
                std::mem::swap(&mut work.complaints, &mut self.complaints);
                let before = work.totals.records;
                let done = stream.finish(&mut talk, work, &mut to);
                self.count += work.totals.records - before;
                std::mem::swap(&mut work.complaints, &mut self.complaints);
                done
            }
            Shows::Lines { .. } => self.print_lines(true, shows, output),
            Shows::Bytes => Ok(()),
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
            self.count += 1;
            *printed += 1;
            match with_peer {
                true => writeln!(output.writer, "{} {line}", self.peer)?,
                false => writeln!(output.writer, "{line}")?,
            }
        }
        Ok(())
    }

    fn give_up(&mut self, error: &FrameError) {
        self.complaints.add(format_args!("{}: {error}", self.peer));
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
            self.finished(shows, output)?;
        }
        let what = match shows {
            Shows::Records { .. } => "record",
            Shows::Lines { .. } => "line",
            Shows::Bytes => "byte",
        };
        let Self { peer, count, mut complaints, .. } = self;
        if closed.unsent.bytes > 0 && !is_ours {
            let unsent = counted(closed.unsent.bytes, "byte");
            complaints.add(format_args!("{peer}: {unsent} not sent"));
        }
        if !general.quiet {
            say(format_args!("{peer} {}: {} received", ending(closed), counted(count, what)));
        }
        Ok(complaints.finish())
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
