#![no_main]

//! A whole capture: packets, segments, streams, messages of a protocol, records as JSON.

use std::collections::HashMap;

use cwire_capture::dissect::{Dissector, Transport};
use cwire_capture::file::{Packets, Step as FileStep};
use cwire_capture::reassembly::{Event, Limits, Reassembler};
use cwire_codec::expr::NoNames;
use cwire_codec::frame::protocol::{Conversation, Protocol, ProtocolFile, Side, Step};
use cwire_codec::plan::PlanOptions;
use cwire_layout::Types;
use cwire_layout::abi::Abi;
use cwire_layout::types::{Basic, MemberDef, RecordDef, RecordKind};
use libfuzzer_sys::fuzz_target;

/// Bytes that reassembly may hold.
const HELD: usize = 64 << 10;

/// Messages whose first byte is their length, with a mark that a search can find.
const FILE: &str =
    "[[message]]\nwhen = 'u8(1) == 0x7e'\nlength = 'u8(0)'\nrecord = 'Head'\nmax = 255";

fn protocol() -> Protocol {
    let mut types = Types::new(Abi::X86_64_LINUX);
    let byte = types.basic(Basic::UChar);
    let int = types.basic(Basic::Int);
    let head = types.add_record(RecordKind::Struct, "Head", None);
    let members = ["len", "mark"].map(|name| MemberDef::new(name, byte)).to_vec();
    let members = [members, vec![MemberDef::new("value", int)]].concat();
    types.define_record(head, RecordDef { members, ..RecordDef::default() }).expect("a record");
    let file = ProtocolFile::parse("fuzz.toml", FILE).expect("a protocol file");
    file.compile(&types, &mut NoNames, &PlanOptions::default()).expect("a protocol")
}

/// What is left of both directions of a connection.
struct Talk {
    conversation: Conversation,
    left: [Vec<u8>; 2],
}

impl Talk {
    fn messages(&mut self, direction: usize, side: Side, is_finished: bool) {
        let Self { conversation, left } = self;
        let buffer = &mut left[direction];
        let mut json = Vec::new();
        loop {
            let step = conversation.next(Some(side), buffer, is_finished);
            let consumed = step.consumed();
            match step {
                Step::Message(message) => {
                    let part = message.record().expect("every message has a record");
                    json.clear();
                    let _ = part.plan.write_json(&buffer[part.range], part.short, &mut json);
                }
                Step::Need(_) | Step::Stopped(_) | Step::End => return,
                Step::Bad(_) | Step::Passing(_) | Step::Passed { .. } => {}
            }
            buffer.drain(..consumed);
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let protocol = protocol();
    let mut talks: HashMap<u64, Talk> = HashMap::new();
    let mut take = |event: Event<'_>| {
        let flow = event.flow();
        let side = if flow.is_client { Side::Client } else { Side::Server };
        let new = || Talk { conversation: protocol.conversation(), left: Default::default() };
        let talk = talks.entry(flow.stream).or_insert_with(new);
        match event {
            Event::Data { bytes, .. } => {
                talk.left[flow.direction].extend_from_slice(bytes);
                talk.messages(flow.direction, side, false);
                assert!(talk.left[flow.direction].len() <= bytes.len() + 512, "messages are short");
            }
            Event::Gap { missing, .. } => {
                let dropped = std::mem::take(&mut talk.left[flow.direction]).len();
                talk.conversation.gap(Some(side), dropped, missing);
            }
            Event::End(_) => talk.messages(flow.direction, side, true),
            Event::Begin(_) | Event::Differs { .. } | Event::Late { .. } => {}
        }
    };
    let (mut packets, mut rest) = (Packets::new(), data);
    let mut dissector = Dissector::new();
    let mut reassembler =
        Reassembler::new(Limits::default().held(HELD).held_per_direction(HELD / 4));
    loop {
        match packets.next(rest, true) {
            FileStep::Packet { packet, len } => {
                dissector.packet(&packet, |transport| {
                    if let Transport::Tcp(segment) = transport {
                        reassembler.segment(&segment, packet.arrival(), &mut take);
                    }
                });
                assert!(reassembler.held() <= HELD);
                rest = &rest[len..];
            }
            FileStep::Skipped(len) => rest = &rest[len..],
            FileStep::Problem(error) => assert!(error.offset() <= data.len() as u64),
            FileStep::End => break,
            FileStep::Need(needed) => panic!("{needed} bytes needed at the end"),
        }
    }
    reassembler.finish(&mut take);
});
