//! Every key, by what it does to bytes.

use super::*;
use crate::plan::Short;
use cwire_layout::abi::Endian;

/// A head as [`HEADER`] has it, little-endian.
fn head(kind: u8, body_len: u16) -> Vec<u8> {
    let mut bytes = vec![0x80, kind];
    bytes.extend_from_slice(&body_len.to_le_bytes());
    bytes
}

#[test]
fn rules_are_tried_in_order_and_the_first_that_fits_is_used() {
    let protocol = protocol(
        "[[message]]\nwhen = 'u8(0) == 1'\nlength = 2\n\
         [[message]]\nwhen = 'u8(0) < 3'\nlength = 3\n\
         [[message]]\nlength = 1\n",
    );
    let told = file(&protocol, &[1, 9, 2, 9, 9, 1, 0, 7, 0, 0, 0]);
    assert_eq!(told, ["#0 2: ", "#1 3: ", "#0 2: ", "#2 1: ", "#1 3: "]);
}

#[test]
fn side_keeps_a_rule_to_one_direction_and_a_file_has_none() {
    let protocol = protocol(
        "[[message]]\nside = 'client'\nlength = 2\n[[message]]\nside = 'server'\nlength = 3\n",
    );
    let mut conversation = protocol.conversation();
    let of = |conversation: &mut _, side| tell(conversation, Some(side), &[&[0; 6]], false);
    assert_eq!(of(&mut conversation, Side::Client), ["#0 2: ", "#0 2: ", "#0 2: "]);
    assert_eq!(of(&mut conversation, Side::Server), ["#1 3: ", "#1 3: "]);
    assert_eq!(file(&protocol, &[0; 6]), ["#0 2: ", "#0 2: ", "#0 2: "]);
}

#[test]
fn when_looks_at_bytes_and_fields_and_does_not_fit_beyond_the_end() {
    let protocol = protocol(
        "[[message]]\nrecord = 'head'\nwhen = 'magic == MAGIC && kind == ORDER'\n\
         [[message]]\nwhen = 'be16(2) == 7'\nlength = 4\n\
         [[message]]\nlength = 1\n",
    );
    let told = file(&protocol, &[0x80, 2, 0, 0, 0x80, 1, 0, 7, 1, 0x80]);
    assert_eq!(told, ["#0 4: head 0..4", "#1 4: ", "#2 1: ", "#2 1: "]);
}

#[test]
fn times_counts_per_stream() {
    let protocol = protocol("[[message]]\ntimes = 2\nlength = 1\n[[message]]\nlength = 2\n");
    let mut first = protocol.conversation();
    let told = |conversation: &mut _, side| tell(conversation, side, &[&[0; 6]], false);
    let expected = ["#0 1: ", "#0 1: ", "#1 2: ", "#1 2: "];
    assert_eq!(told(&mut first, Some(Side::Client)), expected);
    // The other direction is a stream of its own, and so is the next connection.
    assert_eq!(told(&mut first, Some(Side::Server)), expected);
    assert_eq!(told(&mut first, Some(Side::Client)), ["#1 2: ", "#1 2: ", "#1 2: "]);
    assert_eq!(told(&mut protocol.conversation(), Some(Side::Client)), expected);
}

#[test]
fn a_handshake_comes_once_and_then_messages_do() {
    let protocol = protocol(
        "[[message]]\nside = 'server'\ntimes = 1\nlength = 'u8(0) + 1'\n\
         [[message]]\nrecord = 'head'\nlength = 'sizeof(head) + body_len'\n",
    );
    let mut bytes = vec![3, b'h', b'i', b'!'];
    bytes.extend(head(1, 2));
    bytes.extend([7, 7]);
    let mut conversation = protocol.conversation();
    let told = tell(&mut conversation, Some(Side::Server), &[&bytes], true);
    assert_eq!(told, ["#0 4: ", "#1 6: head 0..6"]);
    let told = tell(&mut conversation, Some(Side::Client), &[&bytes[4..]], true);
    assert_eq!(told, ["#1 6: head 0..6"]);
}

#[test]
fn prefix_and_trim_are_no_part_of_the_record() {
    let protocol =
        protocol("[[message]]\nprefix = 2\ntrim = 1\nrecord = 'head'\nlength = 'be16(0)'\n");
    let told = file(&protocol, &[0, 7, 0x80, 1, 0, 0, 0xcc, 0, 5, 1, 2, 0xcc]);
    assert_eq!(told, ["#0 7: head 2..6", "#0 5: head 2..4"]);
    let told = file(&protocol, &[0, 2, 0]);
    assert_eq!(told, ["stopped: needs a message of 3 to 16777216 bytes, found a length of 2"]);
}

#[test]
fn without_length_a_message_is_its_prefix_and_its_record() {
    let protocol =
        protocol("[[message]]\nprefix = 'sizeof(struct leg)'\nrecord = 'struct order'\n");
    assert_eq!(file(&protocol, &[0; 28]), ["#0 14: order 2..14", "#0 14: order 2..14"]);
}

#[test]
fn a_length_is_an_expression_a_number_or_a_scaled_field() {
    let by_expression =
        "[[message]]\nrecord = 'head'\nlength = 'sizeof(head) + align(body_len, 4)'";
    let mut bytes = head(1, 5);
    bytes.extend([0; 8]);
    assert_eq!(file(&protocol(by_expression), &bytes), ["#0 12: head 0..12"]);

    assert_eq!(file(&protocol("[[message]]\nlength = 0x10"), &[0; 32]), ["#0 16: ", "#0 16: "]);

    let by_field = "[[message]]\nrecord = 'head'\n\
                    length = { field = 'body_len', scale = 2, adjust = 4 }";
    let mut bytes = head(1, 3);
    bytes.extend([0; 6]);
    assert_eq!(file(&protocol(by_field), &bytes), ["#0 10: head 0..10"]);

    let of_element = "[[message]]\nrecord = 'event'\nlength = { field = 'items[n - 1]' }\n";
    let mut bytes = vec![0; 32];
    bytes[1] = 2;
    bytes[18] = 32;
    assert_eq!(file(&protocol(of_element), &bytes), ["#0 32: event 0..32"]);
}

#[test]
fn switch_lays_another_record_over_the_same_bytes() {
    let text = "[[message]]\nrecord = 'head'\nlength = 'sizeof(head) + body_len'\n\
                switch = 'kind & 0x3f'\ncases = { 1 = 'login', ORDER = 'order', 0x3e = 'note' }\n";
    let mut bytes = Vec::new();
    for kind in [0x41, 2, 3, 62] {
        bytes.extend(head(kind, 8));
        bytes.extend([0; 8]);
    }
    assert_eq!(
        file(&protocol(text), &bytes),
        ["#0 12: login 0..12", "#0 12: order 0..12", "#0 12: head 0..12", "#0 12: note 0..12"]
    );
    let with_default = format!("{text}default = 'tick'\n");
    assert_eq!(file(&protocol(&with_default), &bytes)[2], "#0 12: tick 0..12");
    // Without a record, what has no case is skipped.
    let skipping = "[[message]]\nlength = 4\nswitch = 'u8(1)'\ncases = { 7 = 'head' }\n";
    assert_eq!(file(&protocol(skipping), &[0, 7, 0, 0, 0, 8, 0, 0]), ["#0 4: head 0..4", "#0 4: "]);
}

#[test]
fn endian_holds_for_the_file_and_a_message_may_have_its_own() {
    let text = "endian = 'big'\n\
                [[message]]\nwhen = 'u8(0) == 0'\nrecord = 'head'\nlength = 'body_len'\n\
                [[message]]\nendian = 'little'\nrecord = 'head'\nlength = 'body_len'\n";
    let built = protocol(text);
    let orders: Vec<_> = built.plans().map(|plan| plan.endian()).collect();
    assert_eq!(orders, [Endian::Big, Endian::Little]);
    let told = file(&built, &[0, 0, 0, 4, 1, 0, 4, 0]);
    assert_eq!(told, ["#0 4: head 0..4", "#1 4: head 0..4"]);

    // What the command line says outranks the file, and not the message.
    let types = header(HEADER, Abi::X86_64_LINUX).types;
    let parsed = ProtocolFile::parse("test.toml", text).unwrap();
    let options = PlanOptions { endian: Some(Endian::Little), ..PlanOptions::default() };
    let protocol = parsed.compile(&types, &mut crate::expr::NoNames, &options).unwrap();
    let orders: Vec<_> = protocol.plans().map(|plan| plan.endian()).collect();
    assert_eq!(orders, [Endian::Little, Endian::Little]);
    // Without either it is the ABI's.
    let types = header(HEADER, Abi::S390X_LINUX).types;
    let parsed = ProtocolFile::parse("test.toml", "[[message]]\nrecord = 'head'").unwrap();
    let options = PlanOptions::default();
    let protocol = parsed.compile(&types, &mut crate::expr::NoNames, &options).unwrap();
    assert_eq!(protocol.plans().next().unwrap().endian(), Endian::Big);
}

#[test]
fn short_goes_with_the_record() {
    let with = |short: &str| {
        let text = format!("[[message]]\nrecord = 'order'\nlength = 6\n{short}\n");
        let protocol = protocol(&text);
        let mut conversation = protocol.conversation();
        match conversation.next(None, &[0; 6], true) {
            Step::Message(message) => message.record().unwrap().short,
            step => panic!("{step:?}"),
        }
    };
    assert_eq!(with(""), Short::Cut);
    assert_eq!(with("short = 'cut'"), Short::Cut);
    assert_eq!(with("short = 'zero'"), Short::Zero);
    assert_eq!(with("short = 'error'"), Short::Error);
}

#[test]
fn parts_are_placed_counted_and_conditional() {
    let protocol = protocol(
        "[[message]]\nrecord = 'head'\nlength = '4 + body_len'\n\
         part = [{ record = 'leg', at = 'sizeof(head)', when = 'kind == 2', count = 'body_len / 2' },\n\
                 { record = 'tick', at = 4, when = 'kind == 3' },\n\
                 { record = 'leg', when = 'kind == 4' }]\n",
    );
    let message = |kind: u8, len: u16| {
        let mut bytes = head(kind, len);
        bytes.extend(vec![0; len.into()]);
        file(&protocol, &bytes).remove(0)
    };
    assert_eq!(message(2, 6), "#0 10: head 0..10, + leg 4..6, + leg 6..8, + leg 8..10");
    assert_eq!(message(3, 8), "#0 12: head 0..12, + tick 4..12");
    assert_eq!(message(3, 5), "#0 9: head 0..9, + tick 4..9");
    // Without `at` a part follows the record.
    assert_eq!(message(4, 4), "#0 8: head 0..8, + leg 4..6");
    assert_eq!(message(1, 4), "#0 8: head 0..8");
}

#[test]
fn a_count_beyond_the_message_ends_with_the_message() {
    let text = "[[message]]\nlength = 8\nshort = 'SHORT'\n\
                part = [{ record = 'leg', at = 3, count = 'le24(0)' }]\n";
    let bytes = [0xff, 0xff, 0xff, 0, 0, 0, 0, 0];
    assert_eq!(
        file(&protocol(&text.replace("SHORT", "cut")), &bytes),
        ["#0 8: + leg 3..5, + leg 5..7, + leg 7..8"]
    );
    assert_eq!(
        file(&protocol(&text.replace("SHORT", "error")), &bytes),
        ["#0 8: + leg 3..5, + leg 5..7, + leg 7..8, ! needs 16777215 records, found room for 3"]
    );
    assert_eq!(file(&protocol(&text.replace("SHORT", "cut")), &[0; 8]), ["#0 8: "]);
}

#[test]
fn a_list_of_tlvs_goes_to_the_end_of_the_message() {
    let protocol = protocol(
        "[[message]]\nrecord = 'head'\nlength = '4 + body_len'\ntrim = 1\n\
         part = [{ record = 'tlv', at = 'sizeof(head)', count = 'rest', length = '2 + len' }]\n",
    );
    let list = |tlvs: &[u8]| {
        let mut bytes = head(1, u16::try_from(tlvs.len()).unwrap() + 1);
        bytes.extend(tlvs);
        bytes.push(0xcc);
        file(&protocol, &bytes).remove(0)
    };
    assert_eq!(
        list(&[1, 0, 2, 3, b'a', b'b', b'c', 9, 1, b'!']),
        "#0 15: head 0..14, + tlv 4..6, + tlv 6..11, + tlv 11..14"
    );
    assert_eq!(list(&[]), "#0 5: head 0..4");
    // The last one is cut off: in its value, and before its length.
    assert_eq!(list(&[1, 0, 2, 9, b'a']), "#0 10: head 0..9, + tlv 4..6, + tlv 6..9");
    assert_eq!(list(&[1, 0, 2]), "#0 8: head 0..7, + tlv 4..6, + tlv 6..7");
}

#[test]
fn a_record_of_a_list_that_takes_no_bytes_ends_it() {
    let protocol = protocol(
        "[[message]]\nlength = 8\nshort = 'error'\n\
         part = [{ record = 'leg', at = 0, count = 'rest', length = 'u8(0)' }]\n",
    );
    assert_eq!(
        file(&protocol, &[2, 0, 3, 0, 0, 0, 1, 1]),
        ["#0 8: + leg 0..2, + leg 2..5, \
             ! needs a record of 1 to 3 bytes at 0x5 of the message, found a length of 0"]
    );
    assert_eq!(
        file(&protocol, &[2, 0, 200, 0, 0, 0, 1, 1]),
        ["#0 8: + leg 0..2, \
             ! needs a record of 1 to 6 bytes at 0x2 of the message, found a length of 200"]
    );
}

#[test]
fn a_part_with_a_flexible_array_takes_what_is_left() {
    let protocol = protocol("[[message]]\nlength = 10\npart = { record = 'note', at = 2 }\n");
    let told = file(&protocol, &[0; 10]);
    assert_eq!(told, ["#0 10: + note 2..10"]);
}

/// A request says how long the answer will be, which the answer itself does not.
#[test]
fn what_one_side_remembers_the_other_recalls() {
    let protocol = protocol(
        "[[message]]\nside = 'client'\nlength = 3\n\
         remember = { table = 'reads', key = 'u8(1)', value = 'u8(2)' }\n\
         [[message]]\nside = 'server'\nlength = '2 + recall(reads, u8(1), 1)'\n",
    );
    let mut conversation = protocol.conversation();
    let mut of = |side, bytes: &[u8]| tell(&mut conversation, Some(side), &[bytes], false);
    assert_eq!(of(Side::Client, &[0, 7, 4, 0, 8, 2]), ["#0 3: ", "#0 3: "]);
    assert_eq!(of(Side::Server, &[0, 8, 0, 0, 0, 7, 0, 0, 0, 0]), ["#1 4: ", "#1 6: "]);
    // The value last remembered; and what was never remembered has the default.
    assert_eq!(of(Side::Client, &[0, 7, 0]), ["#0 3: "]);
    assert_eq!(of(Side::Server, &[0, 7, 0, 9, 0]), ["#1 2: ", "#1 3: "]);
    // Each connection has its own.
    let told = tell(&mut protocol.conversation(), Some(Side::Server), &[&[0, 8, 0]], false);
    assert_eq!(told, ["#1 3: "]);
}

#[test]
fn a_length_once_known_does_not_change_while_the_message_arrives() {
    let protocol = protocol(
        "[[message]]\nside = 'client'\nlength = 1\n\
         remember = [{ table = 't', key = 0, value = 'u8(0)' }]\n\
         [[message]]\nside = 'server'\nlength = '1 + recall(t, 0)'\n",
    );
    let mut conversation = protocol.conversation();
    assert_eq!(tell(&mut conversation, Some(Side::Client), &[&[3]], false), ["#0 1: "]);
    assert!(matches!(conversation.next(Some(Side::Server), &[9], false), Step::Need(4)));
    assert_eq!(tell(&mut conversation, Some(Side::Client), &[&[0]], false), ["#0 1: "]);
    assert!(matches!(conversation.next(Some(Side::Server), &[9, 9], false), Step::Need(4)));
    let told = tell(&mut conversation, Some(Side::Server), &[&[9, 9, 9, 9]], false);
    assert_eq!(told, ["#1 4: "]);
}

#[test]
fn recall_without_default_is_zero_and_tables_are_apart() {
    let protocol = protocol(
        "[[message]]\nwhen = 'u8(0) == 1'\nlength = 2\n\
         remember = [{ table = 'a', key = 1, value = 'u8(1)' }, { table = 'b', key = 1, value = 5 }]\n\
         [[message]]\nlength = '1 + recall(a, 1) + recall(\"b\", 2) + recall(b, 1)'\n",
    );
    assert_eq!(file(&protocol, &[0, 1, 2, 9, 9, 9, 9, 9, 9, 9, 9]), ["#1 1: ", "#0 2: ", "#1 8: "]);
}

#[test]
fn max_bounds_what_a_message_may_have() {
    let text = "[[message]]\nlength = 'le32(0)'\nmax = 20\n";
    let framed = |len: u32| {
        let mut bytes = vec![0; 64];
        bytes[..4].copy_from_slice(&len.to_le_bytes());
        file(&protocol(text), &bytes).remove(0)
    };
    assert_eq!(framed(20), "#0 20: ");
    assert_eq!(framed(21), "stopped: needs a message of 1 to 20 bytes, found a length of 21");
    assert_eq!(framed(0), "stopped: needs a message of 1 to 20 bytes, found a length of 0");
    let default = "[[message]]\nlength = 'le32(0)'\n";
    let mut conversation = protocol(default).conversation();
    let most = u32::to_le_bytes(16 << 20);
    assert!(matches!(conversation.next(None, &most, false), Step::Need(0x100_0000)));
    let mut conversation = protocol(default).conversation();
    assert!(matches!(
        conversation.next(None, &u32::to_le_bytes((16 << 20) + 1), false),
        Step::Stopped(Trouble::Length { .. })
    ));
}

#[test]
fn remaining_is_known_when_the_stream_is_finished() {
    let protocol = protocol(
        "[[message]]\nwhen = 'remaining() > 3'\nlength = 3\n[[message]]\nlength = 'remaining()'\n",
    );
    assert_eq!(file(&protocol, &[0; 8]), ["#0 3: ", "#0 3: ", "#1 2: "]);
    let mut conversation = protocol.conversation();
    assert!(matches!(conversation.next(None, &[0; 8], false), Step::Need(9)));
}

#[test]
fn more_remaining_than_a_message_may_have_is_an_error_however_it_arrives() {
    let protocol = protocol("[[message]]\nlength = 'remaining()'\nmax = 4\n");
    assert_eq!(file(&protocol, &[0; 4]), ["#0 4: "]);
    let error = "stopped: needs at most the 4 bytes of the longest message, found more, in \
                 `remaining()`: `length` of the message at line 1";
    assert_eq!(file(&protocol, &[0; 5]), [error]);
    let told = tell(&mut protocol.conversation(), None, &[&[0; 3], &[0; 2], &[0; 3]], true);
    assert_eq!(told, [error]);
}

#[test]
fn an_error_of_an_expression_is_one_of_its_message() {
    let protocol = protocol(
        "[[message]]\nrecord = 'head'\nlength = 4\nswitch = '10 / body_len'\ncases = { 5 = 'leg' }\n\
         remember = { table = 't', key = '1 / kind', value = 1 }\n\
         part = [{ record = 'leg', at = '2 % kind' }]\n",
    );
    let told = file(&protocol, &[0x80, 1, 2, 0, 0x80, 0, 0, 0, 0x80, 1, 1, 0]);
    assert_eq!(
        told,
        [
            "#0 4: leg 0..4, + leg 0..2",
            "#0 4: ! division by zero in `10 / body_len`: `switch` of the message at line 1",
            "#0 4: head 0..4, + leg 0..2",
        ]
    );
}

#[test]
fn a_stream_that_ends_inside_a_message_says_what_was_left() {
    let protocol = protocol("[[message]]\nrecord = 'head'\nlength = '4 + body_len'\n");
    let mut bytes = head(1, 9);
    bytes.push(0);
    let told = file(&protocol, &bytes);
    assert_eq!(told, ["stopped: needs 13 bytes, 5 left when the stream ended"]);
    assert_eq!(
        file(&protocol, &bytes[..3]),
        ["stopped: needs 4 bytes, 3 left when the stream ended"]
    );
    assert_eq!(file(&protocol, &[]), [""; 0]);
}

#[test]
fn expressions_ask_for_no_more_bytes_than_they_need() {
    let protocol = protocol(
        "[[message]]\nwhen = 'u8(0) == 1 && u8(100) == 2'\nlength = 101\n[[message]]\nlength = 1\n",
    );
    let mut conversation = protocol.conversation();
    assert!(matches!(conversation.next(None, &[1], false), Step::Need(101)));
    assert!(matches!(conversation.next(None, &[2], false), Step::Message(_)));
}

#[test]
fn a_protocol_of_one_record_is_that_record_over_and_over() {
    let mut header = header(HEADER, Abi::X86_64_LINUX);
    let record = crate::expr::tests::record(&header.types, "tick");
    let plan = crate::plan::Plan::new(&header.types, record, &PlanOptions::default()).unwrap();
    let protocol = Protocol::of_record(plan).unwrap();
    assert_eq!(
        file(&protocol, &[0; 20]),
        [
            "#0 8: tick 0..8",
            "#0 8: tick 0..8",
            "stopped: needs 8 bytes, 4 left when the stream ended"
        ]
    );
    assert!(header.constant("MAGIC").is_ok());
}

#[test]
fn annotations_say_what_c_cannot() {
    let types = header(HEADER, Abi::X86_64_LINUX).types;
    let text = "[[union]]\nrecord = 'event'\nfield = 'body'\ntag = 'kind'\n\
                cases = { 1 = 'login', ORDER = 'order' }\n\
                [[array]]\nrecord = 'event'\nfield = 'items'\ncount = 'n'\n";
    let file = ProtocolFile::parse("test.toml", text).unwrap();
    assert!(!file.has_messages());
    let annotations = file.annotations(&types, &mut crate::expr::NoNames, None).unwrap();
    let tag = annotations.tag_of("event", "body").expect("annotated");
    let members: Vec<_> = tag.members.iter().map(|member| &**member).collect();
    assert_eq!(members, ["login", "order"]);
    let choose = &tag.choose;
    let chosen: Vec<_> = [1, 2, 3].map(|kind| choose(&[kind, 0])).to_vec();
    assert_eq!(chosen, [Some(0), Some(1), None]);
    assert_eq!(choose(&[]), None);
    let count = annotations.count_of("event", "items").expect("annotated");
    assert_eq!((count(&[0, 3]), count(&[0])), (Some(3), None));
}
