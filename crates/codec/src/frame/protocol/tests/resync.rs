//! Taking up again after gaps and garbage.

use super::*;

const GUARDED: &str = "[[message]]\nrecord = 'head'\nwhen = 'magic == MAGIC'\n\
                       length = 'sizeof(head) + body_len'\nmax = 64\n";

/// A message of [`GUARDED`] with a body of so many zeros.
fn message(body: u8) -> Vec<u8> {
    let mut bytes = vec![0x80, 1, body, 0];
    bytes.extend(vec![0; body.into()]);
    bytes
}

#[test]
fn garbage_is_passed_over_up_to_two_messages_in_a_row() {
    let bytes = [message(2), vec![1, 2, 3], message(1), message(0)].concat();
    assert_eq!(
        file(&protocol(GUARDED), &bytes),
        [
            "#0 6: head 0..6",
            "bad: needs a message that a rule fits, found none",
            "passed 3",
            "#0 5: head 0..5",
            "#0 4: head 0..4",
        ]
    );
}

#[test]
fn a_guard_alone_is_no_message() {
    // The byte 0x80 in the garbage announces a length that no message follows.
    let bytes = [vec![9, 0x80, 0, 1, 0, 9, 9], message(1), message(0)].concat();
    let told = file(&protocol(GUARDED), &bytes);
    assert_eq!(
        told,
        [
            "bad: needs a message that a rule fits, found none",
            "passed 7",
            "#0 5: head 0..5",
            "#0 4: head 0..4",
        ]
    );
}

#[test]
fn a_message_that_ends_with_the_stream_needs_none_behind_it() {
    let bytes = [vec![9, 9], message(3)].concat();
    let told = file(&protocol(GUARDED), &bytes);
    assert_eq!(
        told,
        ["bad: needs a message that a rule fits, found none", "passed 2", "#0 7: head 0..7"]
    );
}

#[test]
fn without_a_place_to_go_on_the_rest_is_passed_over() {
    let told = file(&protocol(GUARDED), &[7; 300]);
    assert_eq!(told, ["bad: needs a message that a rule fits, found none", "passed 300"]);
}

#[test]
fn a_length_that_cannot_be_is_trouble_and_passed_over() {
    let bytes = [message(0), vec![0x80, 1, 200, 0], message(1), message(1)].concat();
    assert_eq!(
        file(&protocol(GUARDED), &bytes),
        [
            "#0 4: head 0..4",
            "bad: needs a message of 1 to 64 bytes, found a length of 204",
            "passed 4",
            "#0 5: head 0..5",
            "#0 5: head 0..5",
        ]
    );
}

#[test]
fn a_stream_that_ends_inside_a_message_is_searched_to_its_end() {
    let bytes = [message(0), vec![0x80, 1, 9, 0, 5]].concat();
    assert_eq!(
        file(&protocol(GUARDED), &bytes),
        ["#0 4: head 0..4", "bad: needs 13 bytes, 5 left when the stream ended", "passed 5"]
    );
}

#[test]
fn without_any_guard_it_stops_and_says_so() {
    let protocol = protocol("[[message]]\nlength = 'u8(0)'\n");
    let mut conversation = protocol.conversation();
    let stopped =
        ["#0 2: ", "stopped: needs a message of 1 to 16777216 bytes, found a length of 0"];
    assert_eq!(tell(&mut conversation, None, &[&[2, 0, 0, 5, 5]], true), stopped);
    // And again, whatever follows.
    assert_eq!(tell(&mut conversation, None, &[&[1, 1]], true), stopped[1..]);

    let mut conversation = protocol.conversation();
    conversation.gap(Some(Side::Client), 0, 100);
    let told = tell(&mut conversation, Some(Side::Client), &[&[1]], false);
    assert_eq!(told, ["stopped: needs the bytes that are missing, found a gap"]);
    // The other direction goes on.
    assert_eq!(tell(&mut conversation, Some(Side::Server), &[&[1]], false), ["#0 1: "]);
}

#[test]
fn a_guard_of_the_other_side_does_not_count() {
    let protocol = protocol(
        "[[message]]\nside = 'client'\nwhen = 'u8(0) == 9'\nlength = 1\n\
         [[message]]\nside = 'server'\nlength = 'u8(0)'\n",
    );
    let mut conversation = protocol.conversation();
    let told = tell(&mut conversation, Some(Side::Server), &[&[0]], true);
    assert_eq!(told, ["stopped: needs a message of 1 to 16777216 bytes, found a length of 0"]);
    let told = tell(&mut conversation, Some(Side::Client), &[&[0, 9, 9]], true);
    assert_eq!(
        told,
        ["bad: needs a message that a rule fits, found none", "passed 1", "#0 1: ", "#0 1: "]
    );
}

#[test]
fn after_a_gap_the_first_byte_may_be_a_message() {
    let protocol = protocol(GUARDED);
    let mut conversation = protocol.conversation();
    assert!(matches!(conversation.next(None, &message(9)[..5], false), Step::Need(13)));
    conversation.gap(None, 5, 1448);
    let bytes = [message(0), message(2)].concat();
    let told = tell(&mut conversation, None, &[&bytes], true);
    assert_eq!(told, ["#0 4: head 0..4", "#0 6: head 0..6"]);

    conversation.gap(None, 0, 1);
    let bytes = [vec![0, 0], message(0), message(2)].concat();
    let told = tell(&mut conversation, None, &[&bytes], true);
    assert_eq!(told, ["passed 2", "#0 4: head 0..4", "#0 6: head 0..6"]);
}

#[test]
fn resync_says_what_a_message_looks_like_where_when_does_not() {
    let protocol = protocol(
        "[[message]]\nrecord = 'head'\nresync = 'magic == MAGIC && kind < 4'\n\
         length = 'sizeof(head) + body_len'\nmax = 64\n",
    );
    // In its place any head is a message.
    let bytes = [vec![1, 200, 0, 0], message(0)].concat();
    assert_eq!(file(&protocol, &bytes), ["#0 4: head 0..4", "#0 4: head 0..4"]);
    // After trouble one has to look like it.
    let bytes = [vec![1, 1, 255, 255, 1, 1, 0, 0], message(1), message(0)].concat();
    assert_eq!(
        file(&protocol, &bytes),
        [
            "bad: needs a message of 1 to 64 bytes, found a length of 65539",
            "passed 8",
            "#0 5: head 0..5",
            "#0 4: head 0..4",
        ]
    );
}

#[test]
fn a_handshake_that_is_over_is_no_place_to_go_on() {
    let protocol = protocol(
        "[[message]]\ntimes = 1\nwhen = 'u8(0) == 7'\nlength = 2\n\
         [[message]]\nwhen = 'u8(0) == 8'\nlength = 2\n",
    );
    // Two handshakes in a row are none, and one of them needs a message behind it.
    assert_eq!(
        file(&protocol, &[0, 7, 0, 7, 0, 8, 0, 8, 0]),
        [
            "bad: needs a message that a rule fits, found none",
            "passed 3",
            "#0 2: ",
            "#1 2: ",
            "#1 2: "
        ]
    );
}

#[test]
fn a_stream_that_is_joined_in_its_middle_has_no_handshake() {
    let protocol = protocol(&format!("[[message]]\ntimes = 1\nlength = 3\n{GUARDED}"));
    let bytes = [vec![1, 2], message(1), message(0)].concat();
    let mut conversation = protocol.conversation();
    conversation.gap(None, 0, 0);
    let told = tell(&mut conversation, None, &[&bytes], true);
    assert_eq!(told, ["passed 2", "#1 5: head 0..5", "#1 4: head 0..4"]);
}

#[test]
fn datagrams_begin_anew() {
    let protocol = protocol("[[message]]\nlength = 'u8(0)'\n");
    let mut conversation = protocol.conversation();
    assert_eq!(tell(&mut conversation, None, &[&[2, 0]], true), ["#0 2: "]);
    let cut = ["stopped: needs 3 bytes, 2 left when the stream ended"];
    assert_eq!(tell(&mut conversation, None, &[&[3, 0]], true), cut);
    conversation.restart(None);
    assert_eq!(tell(&mut conversation, None, &[&[2, 0]], true), ["#0 2: "]);
}

#[test]
fn a_message_behind_recalls_what_the_one_before_it_remembers() {
    let protocol = protocol(
        "[[message]]\nwhen = 'u8(0) == 7'\nlength = 2\n\
         remember = { table = 't', key = 0, value = 'u8(1)' }\n\
         [[message]]\nwhen = 'u8(0) == recall(t, 0, 99)'\nlength = 1\n",
    );
    // 7 5 5 is a message and one that it announces; 7 4 5 is not.
    assert_eq!(
        file(&protocol, &[0, 7, 4, 5, 7, 5, 5]),
        ["bad: needs a message that a rule fits, found none", "passed 4", "#0 2: ", "#1 1: "]
    );
}

#[test]
fn a_stream_of_one_record_goes_on_at_the_next_record() {
    let types = header(HEADER, Abi::X86_64_LINUX).types;
    let record = crate::expr::tests::record(&types, "tick");
    let plan = crate::plan::Plan::new(&types, record, &PlanOptions::default()).unwrap();
    let protocol = Protocol::of_record(plan).unwrap();
    let mut conversation = protocol.conversation();
    assert_eq!(tell(&mut conversation, None, &[&[0; 8]], false), ["#0 8: tick 0..8"]);
    // Three bytes of the second record were there, and ten are missing: it and the third are lost.
    conversation.gap(None, 3, 10);
    let told = tell(&mut conversation, None, &[&[0; 1], &[0; 2], &[0; 5], &[0; 3]], false);
    assert_eq!(told, ["passed 3", "#0 8: tick 0..8"]);
    // Missing bytes that are whole records need no search.
    let mut conversation = protocol.conversation();
    conversation.gap(None, 0, 800);
    assert_eq!(tell(&mut conversation, None, &[&[0; 8]], true), ["#0 8: tick 0..8"]);
}

/// Memory while searching stays within the candidates, however much is passed over.
#[test]
fn bytes_that_were_passed_over_are_given_up_at_once() {
    let protocol = protocol(GUARDED);
    let mut conversation = protocol.conversation();
    let mut buf: Vec<u8> = Vec::new();
    let mut most = 0;
    for index in 0..20_000u32 {
        buf.extend_from_slice(&index.to_le_bytes().map(|byte| byte | 1));
        loop {
            let step = conversation.next(None, &buf, false);
            let consumed = step.consumed();
            if matches!(step, Step::Need(_)) {
                break;
            }
            buf.drain(..consumed);
        }
        most = most.max(buf.len());
    }
    assert!(most <= 2 * 64, "{most} bytes held");
}

/// Every byte looks like a message with a long body: each place is decided once, and no byte is looked at
/// again for the places before it.
#[test]
fn passing_over_takes_time_in_proportion_to_the_bytes() {
    let text = "[[message]]\nwhen = 'u8(0) == 1'\nlength = '200000 + u8(1)'\nmax = 300000\n";
    let protocol = protocol(text);
    let mut conversation = protocol.conversation();
    let (mut buf, mut steps, mut at) = (Vec::new(), 0, 0);
    // A second message would have to begin with 1; after 200,001 bytes there is a 0.
    let stream: Vec<u8> = (0..600_000).map(|index| u8::from(index % 200_001 < 200_000)).collect();
    loop {
        let step = conversation.next(None, &buf[at..], buf.len() == stream.len());
        steps += 1;
        at += step.consumed();
        match step {
            Step::Need(needed) => {
                let end = (at + needed).min(stream.len());
                buf.extend_from_slice(&stream[buf.len()..end]);
            }
            Step::End => break,
            _ => {}
        }
    }
    assert!(steps < 3 * stream.len(), "{steps} steps");
}
