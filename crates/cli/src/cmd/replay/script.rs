//! What a capture says that is to be said again, and what was answered.

use std::collections::BTreeSet;
use std::ops::{ControlFlow, Range};
use std::path::PathBuf;

use anyhow::bail;
use bytes::{Buf, BytesMut};
use cwire_capture::reassembly::Event;
use cwire_capture::{Arrival, Timestamp};
use cwire_codec::frame::protocol::{Conversation, Message, Protocol, Side, Step};
use cwire_codec::plan::Plan;
use cwire_codec::value::Value;
use tokio::sync::mpsc;

use crate::capture::{Capture, Heard, Settings};
use crate::complaint::{Complaints, counted};
use crate::input::{Form, Input, Part};

/// Items that are read before they are wanted.
const AHEAD: usize = 256;

/// Connections that are not replayed and told apart.
const MAX_OTHERS: usize = 1 << 20;

/// What comes next in a conversation.
pub(super) enum Item {
    Say(Say),
    Heard(Answer),
    /// There is no more.
    End(Ending),
}

/// A message of the client.
pub(super) struct Say {
    pub(super) bytes: Vec<u8>,
    /// The records in it, and where.
    pub(super) parts: Vec<(Plan, Range<usize>)>,
    pub(super) time: Option<Timestamp>,
    /// Where it stood in what the client had sent.
    pub(super) offset: u64,
}

/// A message of the server.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answer {
    /// Where it stands in what the server has sent.
    pub(super) offset: u64,
    pub(super) said: Said,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Said {
    /// Its records, by name.
    Records(Vec<(String, Value)>),
    /// None of it is laid out in a struct.
    Bytes(Vec<u8>),
}

/// How a capture ended.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ending {
    pub(super) is_bad: bool,
    /// The connection that was read.
    pub(super) stream: Option<u64>,
    /// Connections in which a client says something and that were not.
    pub(super) others: u64,
}

impl Answer {
    /// What a message of the server says.
    pub(super) fn new(message: &Message<'_>, bytes: &[u8], offset: u64) -> Self {
        let mut records = Vec::new();
        let parts = message.record().into_iter().chain(message.parts(bytes).filter_map(Result::ok));
        for part in parts {
            let place = bytes.get(part.range.clone()).unwrap_or_default();
            let value = part.plan.value(place, part.short).map(|(value, _)| value);
            records.push((part.plan.record().to_owned(), value.unwrap_or_default()));
        }
        let said = match records.is_empty() {
            true => Said::Bytes(bytes.to_vec()),
            false => Said::Records(records),
        };
        Self { offset, said }
    }
}

/// Begins to read a capture, on a thread.
///
/// # Errors
///
/// It cannot be opened, or is none.
pub(super) fn read(
    path: PathBuf,
    settings: Settings,
    protocol: Protocol,
    quiet: bool,
) -> anyhow::Result<mpsc::Receiver<Item>> {
    let (to, items) = mpsc::channel(AHEAD);
    let (tell, opened) = std::sync::mpsc::sync_channel(1);
    let read = move || {
        let input = match open(&path) {
            Ok(input) => input,
            Err(error) => {
                let _ = tell.send(Err(error));
                return;
            }
        };
        let _ = tell.send(Ok(()));
        let name = input.name.clone();
        let mut capture = Capture::new(settings, input.length.is_none());
        let mut reading = Reading::new(&protocol, &to, name, quiet);
        let done = input.listen(
            &mut capture,
            || {},
            |part| {
                let go = match part {
                    Part::Heard(heard) => reading.take(heard),
                    Part::Pause => ControlFlow::Continue(()),
                };
                Ok(go)
            },
        );
        if let Err(error) = done {
            reading.complaints.add(format_args!("{}: {error:#}", reading.name));
        }
        reading.end();
    };
    std::thread::Builder::new()
        .name("capture".to_owned())
        .stack_size(crate::source::STACK)
        .spawn(read)?;
    match opened.recv() {
        Ok(opened) => opened.map(|()| items),
        Err(_) => bail!("the thread that reads the capture has ended"),
    }
}

fn open(path: &std::path::Path) -> anyhow::Result<Input> {
    let input = Input::open(path, None)?;
    if input.form != Form::Pcap {
        bail!("{}: a capture (pcap or pcapng) is needed, found another file", input.name);
    }
    Ok(input)
}

struct Reading<'a> {
    to: &'a mpsc::Sender<Item>,
    name: String,
    conversation: Conversation,
    directions: [Direction; 2],
    stream: Option<u64>,
    others: BTreeSet<u64>,
    complaints: Complaints,
}

/// What one side says.
struct Direction {
    side: Side,
    bytes: BytesMut,
    /// Offset of the first of them.
    offset: u64,
    arrival: Option<Arrival>,
    is_stopped: bool,
}

impl Direction {
    fn new(side: Side) -> Self {
        Self { side, bytes: BytesMut::new(), offset: 0, arrival: None, is_stopped: false }
    }
}

impl<'a> Reading<'a> {
    fn new(protocol: &Protocol, to: &'a mpsc::Sender<Item>, name: String, quiet: bool) -> Self {
        Self {
            to,
            name,
            conversation: protocol.conversation(),
            directions: [Side::Client, Side::Server].map(Direction::new),
            stream: None,
            others: BTreeSet::new(),
            complaints: Complaints::new(quiet),
        }
    }

    fn take(&mut self, heard: Heard<'_>) -> ControlFlow<()> {
        let event = match heard {
            Heard::Stream(event) => event,
            Heard::Datagram { .. } => return ControlFlow::Continue(()),
            Heard::Problem { message, .. } => {
                self.complaints.add(format_args!("{}: {message}", self.name));
                return ControlFlow::Continue(());
            }
        };
        let flow = event.flow();
        if let Event::Data { .. } = event {
            // The server may be the first to say something.
            let chosen = *self.stream.get_or_insert(flow.stream);
            if flow.stream != chosen && flow.is_client && self.others.len() < MAX_OTHERS {
                self.others.insert(flow.stream);
            }
        }
        if self.stream != Some(flow.stream) {
            return ControlFlow::Continue(());
        }
        let index = usize::from(!flow.is_client);
        let Some(direction) = self.directions.get_mut(index) else {
            return ControlFlow::Continue(());
        };
        match event {
            Event::Data { bytes, arrival, .. } => {
                direction.bytes.extend_from_slice(bytes);
                direction.arrival = Some(arrival);
                self.messages(index, false)
            }
            Event::Gap { missing, .. } => {
                let left = direction.bytes.len();
                let at = direction.offset + left as u64;
                let side = direction.side;
                direction.bytes.clear();
                direction.offset = at + missing;
                self.conversation.gap(Some(side), left, missing);
                let missing = counted(missing, "byte");
                self.complain(index, at, &format!("{missing} missing"));
                ControlFlow::Continue(())
            }
            Event::End(_) => self.messages(index, true),
            _ => ControlFlow::Continue(()),
        }
    }

    /// Says what is wrong at an offset of one direction.
    fn complain(&mut self, index: usize, at: u64, what: &str) {
        let who = if index == 0 { "the client" } else { "the server" };
        let stream = self.stream.unwrap_or_default();
        self.complaints
            .add(format_args!("{}: stream {stream}, {who}, at {at:#x} ({at}): {what}", self.name));
    }

    fn messages(&mut self, index: usize, is_finished: bool) -> ControlFlow<()> {
        while let Some(direction) = self.directions.get_mut(index) {
            if direction.is_stopped {
                direction.bytes.clear();
                break;
            }
            let Direction { side, bytes, offset, arrival, .. } = direction;
            let at = *offset;
            let step = self.conversation.next(Some(*side), bytes, is_finished);
            let consumed = step.consumed();
            let mut problem = None;
            let mut item = None;
            match step {
                Step::Need(_) | Step::End => break,
                Step::Message(message) => {
                    let all = bytes.get(..message.len()).unwrap_or(bytes);
                    problem = message.trouble().map(ToString::to_string);
                    item = Some(match side {
                        Side::Client => Item::Say(say(&message, all, at, *arrival)),
                        Side::Server => Item::Heard(Answer::new(&message, all, at)),
                    });
                }
                Step::Bad(trouble) => problem = Some(trouble.to_string()),
                Step::Passing(_) => {}
                Step::Passed { total, .. } => {
                    problem = Some(format!("{} are no messages", counted(total, "byte")));
                }
                Step::Stopped(trouble) => {
                    problem = Some(trouble.to_string());
                    direction.is_stopped = true;
                }
            }
            let consumed = consumed.min(direction.bytes.len());
            direction.bytes.advance(consumed);
            direction.offset += consumed as u64;
            if let Some(problem) = problem {
                self.complain(index, at, &problem);
            }
            if let Some(item) = item
                && self.to.blocking_send(item).is_err()
            {
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    fn end(self) {
        let Self { to, stream, others, complaints, .. } = self;
        let is_bad = complaints.finish();
        let ending = Ending { is_bad, stream, others: others.len() as u64 };
        // Who does not listen any more needs no ending.
        let _ = to.blocking_send(Item::End(ending));
    }
}

fn say(message: &Message<'_>, bytes: &[u8], offset: u64, arrival: Option<Arrival>) -> Say {
    let parts = message.record().into_iter().chain(message.parts(bytes).filter_map(Result::ok));
    Say {
        parts: parts.map(|part| (part.plan.clone(), part.range)).collect(),
        bytes: bytes.to_vec(),
        time: arrival.and_then(|arrival| arrival.time),
        offset,
    }
}
