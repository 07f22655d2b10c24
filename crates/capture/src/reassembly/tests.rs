use proptest::prelude::*;

use super::{Event, Limits, Reassembler};
use crate::dissect::Segment;
use crate::fuzz::reassembly::{Part, check};
use crate::time::Arrival;

/// From the client or the server: flags, sequence number, acknowledgement, payload.
type Line = (bool, &'static str, u32, Option<u32>, &'static [u8]);

const CLIENT: bool = true;
const SERVER: bool = false;

/// What happens, in words.
fn told(lines: &[Line]) -> Vec<String> {
    let [client, server] = ["10.0.0.1:40000", "10.0.0.2:80"].map(|it| it.parse().unwrap());
    let mut told = Vec::new();
    let mut take = |event: Event<'_>| {
        let flow = event.flow();
        let who = format!("{}{}", flow.stream, if flow.src == client { 'c' } else { 's' });
        match event {
            Event::Begin(_) => told.push(format!("{who} begins")),
            Event::Data { bytes, .. } => told.push(format!("{who} {}", bytes.escape_ascii())),
            Event::Gap { missing, .. } => told.push(format!("{who} lacks {missing}")),
            Event::Differs { count, .. } => told.push(format!("{who} differs in {count}")),
            Event::Late { count, .. } => told.push(format!("{who} late {count}")),
            Event::End(_) => {}
        }
    };
    let mut reassembler = Reassembler::new(Limits::default());
    for (packet, &(is_client, flags, seq, ack, payload)) in (1..).zip(lines) {
        let (src, dst) = if is_client { (client, server) } else { (server, client) };
        let segment = Segment {
            src,
            dst,
            seq,
            ack,
            is_syn: flags.contains('S'),
            is_fin: flags.contains('F'),
            is_rst: flags.contains('R'),
            payload,
            missing: 0,
        };
        reassembler.segment(&segment, Arrival { packet, ..Arrival::default() }, &mut take);
    }
    reassembler.finish(&mut take);
    told
}

#[test]
fn a_probe_behind_a_hole_is_no_differing_copy() {
    let lines: [Line; 4] = [
        (CLIENT, "S", 9, None, b""),
        (CLIENT, "", 13, Some(1), b"def"),
        (CLIENT, "", 15, Some(1), b"?"),
        (CLIENT, "", 13, Some(1), b"dXX"),
    ];
    assert_eq!(told(&lines), ["0c begins", "0c differs in 2", "0c lacks 3", "0c def"]);
}

#[test]
fn a_handshake_in_five_parts_is_one_connection() {
    let lines: [Line; 7] = [
        (CLIENT, "S", 9, None, b""),
        (SERVER, "", 7_000_000, Some(10), b""),
        (SERVER, "S", 99, None, b""),
        (CLIENT, "S", 9, Some(100), b""),
        (SERVER, "", 100, Some(10), b""),
        (CLIENT, "", 10, Some(100), b"ask"),
        (SERVER, "", 100, Some(13), b"answer"),
    ];
    assert_eq!(told(&lines), ["0c begins", "0s begins", "0c ask", "0s answer"]);
}

#[test]
fn an_answer_tells_which_syn_is_its_own() {
    let answer: Line = (SERVER, "S", 99, Some(10), b"");
    let data: Line = (CLIENT, "", 10, Some(100), b"ask");
    let late: [Line; 3] = [answer, (CLIENT, "S", 9, None, b""), data];
    assert_eq!(told(&late), ["0s begins", "0c begins", "0c ask"]);
    let later: [Line; 3] =
        [answer, (SERVER, "", 105, Some(10), b"held"), (CLIENT, "S", 9, None, b"")];
    assert_eq!(told(&later), ["0s begins", "0c begins", "0s lacks 5", "0s held"]);
    let another: [Line; 2] = [answer, (CLIENT, "S", 5_000, None, b"")];
    assert_eq!(told(&another), ["0s begins", "1c begins"]);
}

#[test]
fn a_syn_behind_the_data_of_the_other_side_begins_a_connection() {
    let lines: [Line; 3] = [
        (SERVER, "S", 99, None, b""),
        (SERVER, "", 105, Some(10), b"held"),
        (CLIENT, "S", 9, None, b""),
    ];
    assert_eq!(told(&lines), ["0s begins", "0s lacks 5", "0s held", "1c begins"]);
}

prop_compose! {
    fn part()(
        (connection, is_back) in (0..3_u8, any::<bool>()),
        (offset, len) in (0..2_000_u16, prop_oneof![Just(0_u8), 2..=255_u8]),
        missing in prop_oneof![9 => Just(0_u8), 1 => any::<u8>()],
        (is_other, is_syn) in (prop::bool::weighted(0.1), prop::bool::weighted(0.05)),
        (is_fin, is_rst) in (prop::bool::weighted(0.02), prop::bool::weighted(0.02)),
    ) -> Part {
        Part { connection, is_back, offset, len, missing, is_other, is_syn, is_fin, is_rst }
    }
}

proptest! {
    /// Whatever the order and however often and differently bytes come, the first of each counts.
    #[test]
    fn streams_equal_the_model(
        parts in prop::collection::vec(part(), 0..120),
        isn in any::<[u32; 2]>(),
    ) {
        check(&parts, isn);
    }
}
