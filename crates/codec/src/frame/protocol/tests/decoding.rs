//! From a protocol file to JSON.

use super::*;
use crate::expr::NoNames;

/// All records of a plain file as JSON, those inside messages behind theirs.
fn json(protocol: &Protocol, mut bytes: &[u8]) -> Vec<String> {
    let mut conversation = protocol.conversation();
    let mut lines = Vec::new();
    loop {
        let step = conversation.next(None, bytes, true);
        let consumed = step.consumed();
        match step {
            Step::Message(message) => {
                let record = message.record().map(Ok);
                for part in record.into_iter().chain(message.parts(bytes)) {
                    let part = part.unwrap_or_else(|trouble| panic!("{trouble}"));
                    let mut line = Vec::new();
                    let frame = &bytes[part.range.clone()];
                    match part.plan.write_json(frame, part.short, &mut line) {
                        Ok(_) => lines.push(String::from_utf8(line).unwrap()),
                        Err(error) => lines.push(error.to_string()),
                    }
                }
            }
            Step::Bad(trouble) => panic!("{trouble}"),
            Step::Passing(_) | Step::Passed { .. } => {}
            Step::Need(_) | Step::Stopped(_) | Step::End => return lines,
        }
        bytes = &bytes[consumed..];
    }
}

#[test]
fn records_lists_and_cases_become_json_in_their_byte_order() {
    let protocol = protocol(
        "endian = 'big'\n[[message]]\nrecord = 'head'\nwhen = 'magic == MAGIC'\n\
         length = 'sizeof(head) + body_len'\nswitch = 'kind'\ncases = { LOGIN = 'login' }\n\
         part = [{ record = 'tlv', at = 'sizeof(head)', when = 'kind == 2', count = 'rest', length = '2 + len' }]\n",
    );
    let bytes = b"\x80\x01\0\x08ana\0\0\0\0\0\x80\x02\0\x07\x01\x00\x09\x03abc";
    assert_eq!(
        json(&protocol, bytes),
        [
            r#"{"head": {"magic": 128, "kind": 1, "body_len": 8}, "user": "ana"}"#,
            r#"{"magic": 128, "kind": 2, "body_len": 7}"#,
            r#"{"type": 1, "len": 0, "value": []}"#,
            r#"{"type": 9, "len": 3, "value": [97, 98, 99]}"#,
        ]
    );
}

#[test]
fn short_decides_on_a_message_that_ends_before_its_struct() {
    let with = |short: &str| {
        let text = format!(
            "[[message]]\nprefix = 1\nrecord = 'order'\nlength = 'u8(0)'\nshort = '{short}'\n"
        );
        json(&protocol(&text), &[9, 0x80, 2, 8, 0, 7, 0, 0, 0])
    };
    let head = r#""head": {"magic": 128, "kind": 2, "body_len": 8}"#;
    assert_eq!(with("cut"), [format!(r#"{{{head}, "id": 7, "quantity": null}}"#)]);
    assert_eq!(with("zero"), [format!(r#"{{{head}, "id": 7, "quantity": 0}}"#)]);
    assert!(with("error")[0].contains("quantity"), "{:?}", with("error"));
}

#[test]
fn a_tag_chooses_the_member_and_a_count_the_elements() {
    let protocol = protocol(
        "[[message]]\nrecord = 'event'\n\
         [[union]]\nrecord = 'event'\nfield = 'body'\ntag = 'kind'\n\
         cases = { 1 = 'login', ORDER = 'order' }\n\
         [[array]]\nrecord = 'event'\nfield = 'items'\ncount = 'n'\n",
    );
    let size = protocol.plans().next().unwrap().size();
    let event = |kind: u8, n: u8| {
        let mut bytes = vec![kind, n];
        bytes.resize(size, 0);
        bytes[8] = 5;
        bytes[16..24].copy_from_slice(&[1, 0, 2, 0, 3, 0, 4, 0]);
        json(&protocol, &bytes).remove(0)
    };
    assert_eq!(
        event(1, 2),
        r#"{"kind": 1, "n": 2, "body": {"login": {"user": 5}}, "items": [1, 2]}"#
    );
    assert_eq!(event(2, 0), r#"{"kind": 2, "n": 0, "body": {"order": 5}, "items": []}"#);
    assert_eq!(
        event(3, 9),
        r#"{"kind": 3, "n": 9, "body": {"login": {"user": 5}, "order": 5}, "items": [1, 2, 3, 4]}"#
    );
}

#[test]
fn a_selection_applies_to_the_records_that_have_the_fields() {
    let types = header(HEADER, Abi::X86_64_LINUX).types;
    let text = "[[message]]\nwhen = 'u8(1) == 1'\nrecord = 'login'\n[[message]]\nrecord = 'tick'\n";
    let file = ProtocolFile::parse("test.toml", text).unwrap();
    let selecting = |paths: [&str; 2]| PlanOptions {
        select: Some(paths.map(str::to_owned).to_vec()),
        ..PlanOptions::default()
    };
    let options = selecting(["head.kind", "price"]);
    let protocol = file.compile(&types, &mut NoNames, &options).unwrap();
    let bytes = b"\x80\x01\0\x08ana\0\0\0\0\0\0\0\0\0\x09\0\0\0";
    assert_eq!(json(&protocol, bytes), [r#"{"head": {"kind": 1}}"#, r#"{"price": 9}"#]);

    let options = selecting(["price", "nothing"]);
    let error = file.compile(&types, &mut NoNames, &options).err().unwrap();
    assert_eq!(error.problems()[0].message(), "needs a field of some message, found `nothing`");
}
