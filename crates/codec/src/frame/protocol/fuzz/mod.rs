//! Bodies of fuzz targets; stable tests call them too.

mod model;

use cwire_layout::Types;
use cwire_layout::abi::Abi;
use cwire_layout::types::{Basic, EnumDefinition, MemberDef, RecordDef, RecordKind, TypeId};

use self::model::{Bytes, Event, ProtocolModel};
use super::{Conversation, Protocol, ProtocolFile, Side, Step};
use crate::expr::NoNames;
use crate::plan::PlanOptions;

/// Reads arbitrary text as a protocol file, and cuts it up as it says itself.
///
/// # Panics
///
/// An error has no place in the file, or a protocol does not come to an end.
pub fn protocol_file(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let result = ProtocolFile::parse("fuzz.toml", &text).and_then(|file| {
        let types = types();
        let _ = file.annotations(&types, &mut NoNames, None);
        file.compile(&types, &mut NoNames, &PlanOptions::default())
    });
    match result {
        Err(error) => {
            assert!(!error.problems().is_empty());
            let lines = text.split('\n').count();
            for problem in error.problems() {
                assert!((1..=lines).contains(&problem.line()), "{error}");
                assert!(problem.column() > 0 && !problem.message().is_empty());
            }
            assert!(!error.to_string().is_empty());
        }
        Ok(protocol) => {
            for side in [None, Some(Side::Client), Some(Side::Server)] {
                let whole = tell(&mut protocol.conversation(), side, std::iter::once(data));
                let pieces = tell(&mut protocol.conversation(), side, data.chunks(7));
                assert_eq!(pieces, whole);
            }
        }
    }
}

/// Cuts arbitrary bytes up by an arbitrary protocol: the same messages whatever the chunks, and those
/// that a model finds which has the whole stream before it; memory stays within the longest messages.
///
/// # Panics
///
/// They differ, or a protocol does not come to an end.
pub fn protocol_frames(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let model = ProtocolModel::generate(&mut bytes);
    let text = model.text();
    let Ok(file) = ProtocolFile::parse("fuzz.toml", &text) else {
        panic!("refused:\n{text}");
    };
    // Rules that are never reached, lengths that are always wrong.
    let types = types();
    let Ok(protocol) = file.compile(&types, &mut NoNames, &PlanOptions::default()) else { return };
    let (cuts, stream) = split_at_most(bytes.rest(), 8);
    let whole = run(&protocol, std::iter::once(stream), model.longest());
    assert_eq!(run(&protocol, chunks(cuts, stream), model.longest()), whole, "chunks of\n{text}");
    assert_eq!(run(&protocol, stream.chunks(1), model.longest()), whole, "bytes of\n{text}");
    assert_eq!(model.frame(stream), whole, "{stream:?} by\n{text}");

    // One direction after the other: what the first remembers, the second recalls.
    let (request, answer) = split_at_most(stream, stream.len() / 2);
    let mut conversations = [protocol.conversation(), protocol.conversation()];
    let [in_one, in_chunks] = &mut conversations;
    for (side, stream) in [(Side::Client, request), (Side::Server, answer)] {
        let whole = tell(in_one, Some(side), std::iter::once(stream));
        let pieces = tell(in_chunks, Some(side), chunks(cuts, stream));
        assert_eq!(pieces, whole, "{side:?} by\n{text}");
    }
}

/// The events of a plain file.
fn run<'a>(
    protocol: &Protocol,
    chunks: impl Iterator<Item = &'a [u8]>,
    longest: usize,
) -> Vec<Event> {
    let mut conversation = protocol.conversation();
    let mut run = Run { conversation: &mut conversation, side: None, events: Vec::new(), longest };
    run.all(chunks);
    run.events
}

fn tell<'a>(
    conversation: &mut Conversation,
    side: Option<Side>,
    chunks: impl Iterator<Item = &'a [u8]>,
) -> Vec<Event> {
    let mut run = Run { conversation, side, events: Vec::new(), longest: usize::MAX / 4 };
    run.all(chunks);
    run.events
}

struct Run<'c> {
    conversation: &'c mut Conversation,
    side: Option<Side>,
    events: Vec<Event>,
    longest: usize,
}

impl Run<'_> {
    fn all<'a>(&mut self, chunks: impl Iterator<Item = &'a [u8]>) {
        let mut buf = Vec::new();
        for chunk in chunks {
            buf.extend_from_slice(chunk);
            if self.drain(&mut buf, false) {
                return;
            }
        }
        self.drain(&mut buf, true);
    }

    /// Takes what there is; whether that was all.
    fn drain(&mut self, buf: &mut Vec<u8>, is_finished: bool) -> bool {
        // A byte takes at most one message, or one trouble and what follows it.
        for _ in 0..4 * buf.len() + 8 {
            let step = self.conversation.next(self.side, buf, is_finished);
            let consumed = step.consumed();
            assert!(consumed <= buf.len());
            match step {
                Step::Need(needed) => {
                    assert!(needed > buf.len() && !is_finished);
                    assert!(needed <= 2 * self.longest + 1, "{needed} bytes held");
                    return false;
                }
                Step::End => {
                    assert!(buf.is_empty() && is_finished);
                    return true;
                }
                Step::Stopped(_) => {
                    self.events.push(Event::Stopped);
                    return true;
                }
                Step::Bad(_) => self.events.push(Event::Bad),
                Step::Passing(_) => assert!(consumed > 0),
                Step::Passed { total, .. } => self.events.push(Event::Passed(total)),
                Step::Message(message) => {
                    let parts = message.parts(buf).filter_map(Result::ok);
                    let parts = parts.take(4096).map(|part| part.range).collect();
                    let record = message.record().map(|record| record.range);
                    let (rule, len) = (message.rule(), message.len());
                    self.events.push(Event::Message { rule, len, record, parts });
                }
            }
            drop(buf.drain(..consumed));
        }
        panic!("no end in sight");
    }
}

/// Records for protocols to name: `head`, `tlv`, `event` and the enumerators of `kind`.
fn types() -> Types {
    let mut types = Types::new(Abi::X86_64_LINUX);
    let byte = types.basic(Basic::UChar);
    let short = types.basic(Basic::UShort);
    let word = types.basic(Basic::UInt);
    let (tail, four) = (types.array(byte, None), types.array(short, Some(4)));
    let mut record = |kind, name: &str, members: &[(&str, TypeId)]| {
        let id = types.add_record(kind, name, None);
        let members = members.iter().map(|(name, ty)| MemberDef::new(*name, *ty)).collect();
        let def = RecordDef { members, ..RecordDef::default() };
        types.define_record(id, def).expect("scalars have places");
        types.record_type(id)
    };
    record(RecordKind::Struct, "head", &[("magic", byte), ("kind", byte), ("len", short)]);
    record(RecordKind::Struct, "tlv", &[("type", byte), ("len", byte), ("value", tail)]);
    let body = record(RecordKind::Union, "body", &[("user", word), ("order", short)]);
    let members = [("kind", byte), ("n", byte), ("body", body), ("items", four)];
    record(RecordKind::Struct, "event", &members);
    let kind = types.add_enum("kind", None);
    let values = vec![("LOGIN".into(), 1), ("ORDER".into(), 2)];
    let definition = EnumDefinition { values, underlying: word, align: None, is_fixed: false };
    types.define_enum(kind, definition);
    types
}

/// `stream` in chunks whose lengths `cuts` says, over and over.
fn chunks<'a>(cuts: &'a [u8], mut stream: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut lens = cuts.iter().map(|&cut| usize::from(cut % 64) + 1).cycle();
    std::iter::from_fn(move || {
        let (chunk, rest) = split_at_most(stream, lens.next().unwrap_or(1));
        stream = rest;
        (!chunk.is_empty()).then_some(chunk)
    })
}

fn split_at_most(data: &[u8], at: usize) -> (&[u8], &[u8]) {
    data.split_at_checked(at).unwrap_or((data, &[]))
}
