//! A plan against readers that know nothing of plans.

use cwire_layout::Types;
use cwire_layout::abi::Abi;
use cwire_layout::place::RecordAttrs;
use cwire_layout::types::{
    Basic, ClassTraits, Declared, EnumDefinition, MemberDef, RecordDef, RecordId, RecordKind,
    TypeId,
};

use super::*;
use crate::json::JsonLines;

pub(crate) fn record(
    types: &mut Types,
    kind: RecordKind,
    name: &str,
    members: Vec<MemberDef>,
) -> RecordId {
    let id = types.add_record(kind, name, None);
    types.define_record(id, RecordDef { members, ..RecordDef::default() }).unwrap();
    id
}

fn bits(name: &str, ty: TypeId, width: u32) -> MemberDef {
    MemberDef { width_bits: Some(width), ..MemberDef::new(name, ty) }
}

fn text(types: &mut Types, len: u64) -> TypeId {
    let char = types.basic(Basic::Char);
    types.array(char, Some(len))
}

fn small() -> (Types, RecordId) {
    let mut types = Types::new(Abi::X86_64_LINUX);
    let char = types.basic(Basic::Char);
    let int = types.basic(Basic::Int);
    let c = text(&mut types, 15);
    let members = vec![MemberDef::new("a", char), MemberDef::new("b", int), MemberDef::new("c", c)];
    let id = record(&mut types, RecordKind::Struct, "CTestData", members);
    (types, id)
}

fn json(plan: &Plan, frame: &[u8]) -> String {
    let mut out = Vec::new();
    plan.write_json(frame, Short::Error, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

const SMALL: &[u8; 24] = b"A\0\0\0\x2c\x01\0\0hello\0\0\0\0\0\0\0\0\0\0\0";

#[test]
fn the_example_is_written_as_designed() {
    let (types, id) = small();
    let plan = Plan::new(&types, id, &PlanOptions::default()).unwrap();
    assert_eq!(json(&plan, SMALL), r#"{"a": "A", "b": 300, "c": "hello"}"#);
    let mut lines = Vec::new();
    let mut writer = JsonLines::new(&plan);
    let run = writer.write_run::<()>(&[&SMALL[..], SMALL].concat(), 7, |text| {
        lines.extend_from_slice(text);
        Ok(())
    });
    assert_eq!(run.unwrap().records, 2);
    assert_eq!(
        String::from_utf8(lines).unwrap(),
        "{\"type\": \"record\", \"record\": \"CTestData\", \"offset\": 7, \"fields\": {\"a\": \"A\", \
         \"b\": 300, \"c\": \"hello\"}}\n\
         {\"type\": \"record\", \"record\": \"CTestData\", \"offset\": 31, \"fields\": {\"a\": \"A\", \
         \"b\": 300, \"c\": \"hello\"}}\n"
    );
    let mut bytes = Vec::new();
    plan.encode_json(json(&plan, SMALL).as_bytes(), &mut bytes).unwrap();
    assert_eq!(bytes, SMALL);
}

#[test]
fn lossless_keeps_padding_and_what_follows_a_nul() {
    let (types, id) = small();
    let options = PlanOptions { lossless: true, ..PlanOptions::default() };
    let plan = Plan::new(&types, id, &options).unwrap();
    let mut frame = *SMALL;
    frame[2] = 0xab;
    frame[20] = b'x';
    let text = json(&plan, &frame);
    assert_eq!(
        text,
        "{\"a\": \"A\", \"b\": 300, \"c\": {\"text\": \"hello\", \"hex\": \
         \"68656c6c6f00000000000000780000\"}, \"padding\": {\"1..4\": \"00ab00\"}}"
    );
    let mut bytes = Vec::new();
    plan.encode_json(text.as_bytes(), &mut bytes).unwrap();
    assert_eq!(bytes, frame);
}

#[test]
fn an_audit_counts_records_whose_padding_is_not_zero() {
    let (types, id) = small();
    let plan = Plan::new(&types, id, &PlanOptions::default()).unwrap();
    let audit = plan.audit().unwrap();
    // Padding is at 1 to 3 and 23, behind `c`.
    let mut frames = SMALL.repeat(4);
    (frames[24 + 23], frames[2 * 24 + 1], frames[3 * 24 + 22]) = (1, 0x80, 0xff);
    frames.extend_from_slice(b"A\x01");
    let expected = Audited { records: 4, with_padding: 2, first_invalid: None };
    assert_eq!(audit.run(&frames), expected);
    let with_one = Audited { with_padding: 1, ..Audited::default() };
    // Of many in a row, as many as there are, wherever they are.
    for at in 0..100 {
        let mut frames = SMALL.repeat(100);
        frames[at * 24 + 3] = 1;
        assert_eq!(audit.run(&frames), Audited { records: 100, ..with_one }, "{at}");
    }
    assert_eq!(audit.run(&SMALL.repeat(100)).with_padding, 0);
}

#[test]
fn short_frames_are_refused_cut_or_filled_up() {
    let (types, id) = small();
    let plan = Plan::new(&types, id, &PlanOptions::default()).unwrap();
    let error = plan.write_json(&SMALL[..6], Short::Error, &mut Vec::new()).unwrap_err();
    assert_eq!(error.to_string(), "b: needs 4 bytes, 2 left, at offset 0x4");
    let error = plan.write_json(&SMALL[..23], Short::Error, &mut Vec::new()).unwrap_err();
    assert_eq!(error.to_string(), "needs 24 bytes, 23 left, at offset 0x0");
    let mut out = Vec::new();
    let findings = plan.write_json(&SMALL[..10], Short::Cut, &mut out).unwrap();
    assert!(findings.is_cut());
    assert_eq!(out, br#"{"a": "A", "b": 300, "c": "he"}"#);
    out.clear();
    plan.write_json(&SMALL[..6], Short::Cut, &mut out).unwrap();
    assert_eq!(out, br#"{"a": "A", "b": null, "c": null}"#);
    out.clear();
    let findings = plan.write_json(&SMALL[..6], Short::Zero, &mut out).unwrap();
    assert!(!findings.is_cut());
    assert_eq!(out, br#"{"a": "A", "b": 300, "c": ""}"#);
}

#[test]
fn bools_and_enums_give_what_has_no_name_as_numbers() {
    let mut types = Types::new(Abi::X86_64_LINUX);
    let (bool, uint) = (types.basic(Basic::Bool), types.basic(Basic::UInt));
    let side = types.add_enum("side", None);
    let values = vec![("BUY".into(), 0), ("SELL".into(), 1), ("ASK".into(), 1)];
    let definition = EnumDefinition { values, underlying: uint, align: None, is_fixed: false };
    types.define_enum(side, definition);
    let side = types.intern(cwire_layout::types::Type::Enum(side));
    let flags = types.array(bool, Some(2));
    let members = vec![
        MemberDef::new("flags", flags),
        MemberDef::new("side", side),
        MemberDef::new("other", side),
        bits("small", side, 1),
    ];
    let id = record(&mut types, RecordKind::Struct, "R", members);
    let plan = Plan::new(&types, id, &PlanOptions::default()).unwrap();
    let frame = [1, 2, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0];
    let text = json(&plan, &frame);
    assert_eq!(text, r#"{"flags": [true, 2], "side": "SELL", "other": 9, "small": "BUY"}"#);
    let mut out = Vec::new();
    let findings = plan.write_json(&frame, Short::Error, &mut out).unwrap();
    assert_eq!(findings.first_invalid(), Some(1));
    let invalid = plan.invalid(&frame, 10);
    assert_eq!(invalid.len(), 1);
    assert_eq!(invalid[0].to_string(), "flags[1]: 2 is no value of `bool`, at offset 0x1");
    let mut bytes = Vec::new();
    plan.encode_json(text.as_bytes(), &mut bytes).unwrap();
    assert_eq!(bytes, frame);
    let error = plan
        .encode_json(br#"{"flags": [true, 2], "side": "HOLD", "other": 9, "small": 0}"#, &mut bytes)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "column 30: side: needs an enumerator of `enum side` or a number, found `HOLD`, at offset 0x4"
    );
}

#[test]
fn bits_are_counted_from_the_end_at_which_a_byte_fills() {
    for (endian, frame) in [(Endian::Little, [0xb5, 0x01]), (Endian::Big, [0xb0, 0xd4])] {
        let mut types = Types::new(Abi::X86_64_LINUX.with_endian(endian));
        let (uint, int) = (types.basic(Basic::UShort), types.basic(Basic::Short));
        let members = vec![bits("a", uint, 3), bits("b", int, 3), bits("c", uint, 7)];
        let id = record(&mut types, RecordKind::Struct, "R", members);
        let plan = Plan::new(&types, id, &PlanOptions::default()).unwrap();
        // Little: 0x01b5 from the lowest bit: 101, 110, 0000110. Big: 0xb0d4 from the highest: 101,
        // 100, 0011010.
        let expected = match endian {
            Endian::Little => r#"{"a": 5, "b": -2, "c": 6}"#,
            Endian::Big => r#"{"a": 5, "b": -4, "c": 26}"#,
        };
        assert_eq!(json(&plan, &frame), expected);
        let options = PlanOptions { endian: Some(endian), ..PlanOptions::default() };
        let mut native = Types::new(Abi::X86_64_LINUX);
        let (uint, int) = (native.basic(Basic::UShort), native.basic(Basic::Short));
        let members = vec![bits("a", uint, 3), bits("b", int, 3), bits("c", uint, 7)];
        let id = record(&mut native, RecordKind::Struct, "R", members);
        let plan = Plan::new(&native, id, &options).unwrap();
        assert_eq!(json(&plan, &frame), expected, "the option says the same as the ABI");
    }
}

/// In `#pragma pack(1)`, g++ gives `struct Q { [[no_unique_address]] P p; Q(); };` 9 bytes if P is
/// `struct { long long a; unsigned b : 7; P(); }`, of 16 bytes: b is in the last of the 9.
#[test]
fn a_bit_field_is_read_where_a_record_ends_before_the_padding_of_its_member() {
    let mut types = Types::new(Abi::X86_64_LINUX);
    let (long, uint) = (types.basic(Basic::LongLong), types.basic(Basic::UInt));
    let mut class = ClassTraits::default();
    class.default_constructor = Declared::Provided;
    let inner = types.add_record(RecordKind::Struct, "P", None);
    let members = vec![MemberDef::new("a", long), bits("b", uint, 7)];
    let def = RecordDef { members, class: Some(class), ..RecordDef::default() };
    types.define_record(inner, def).unwrap();
    let member = types.record_type(inner);
    let members = vec![MemberDef { no_unique_address: true, ..MemberDef::new("p", member) }];
    let id = types.add_record(RecordKind::Struct, "Q", None);
    let attrs = RecordAttrs { pack: Some(1), ..RecordAttrs::default() };
    let def = RecordDef { attrs, members, class: Some(class), ..RecordDef::default() };
    types.define_record(id, def).unwrap();
    let plan = Plan::new(&types, id, &PlanOptions::default()).unwrap();
    assert_eq!(plan.size(), 9);
    let frame = [1, 0, 0, 0, 0, 0, 0, 0, 5];
    assert_eq!(json(&plan, &frame), r#"{"p": {"a": 1, "b": 5}}"#);
}

fn with_tail() -> (Types, RecordId) {
    let mut types = Types::new(Abi::X86_64_LINUX);
    let (int, char) = (types.basic(Basic::Int), types.basic(Basic::UChar));
    let short = types.basic(Basic::UShort);
    let tail = types.array(short, None);
    let members =
        vec![MemberDef::new("n", int), MemberDef::new("k", char), MemberDef::new("items", tail)];
    let id = record(&mut types, RecordKind::Struct, "msg", members);
    (types, id)
}

#[test]
fn a_flexible_array_takes_the_room_of_its_frame() {
    let (types, id) = with_tail();
    let options = PlanOptions { lossless: true, ..PlanOptions::default() };
    let plan = Plan::new(&types, id, &options).unwrap();
    assert_eq!((plan.size(), plan.needed(), plan.has_tail()), (8, 6, true));
    for (frame, expected) in [
        (&b"\x02\0\0\0\x07\0"[..], r#"{"n": 2, "k": 7, "items": []}"#),
        (b"\x02\0\0\0\x07\0\x01\0\x02\0", r#"{"n": 2, "k": 7, "items": [1, 2]}"#),
        (
            b"\x02\0\0\0\x07\0\x01\0\0",
            r#"{"n": 2, "k": 7, "items": [1], "padding": {"8..9": "00"}}"#,
        ),
    ] {
        assert_eq!(json(&plan, frame), expected);
        let mut bytes = Vec::new();
        plan.encode_json(expected.as_bytes(), &mut bytes).unwrap();
        assert_eq!(bytes, frame);
    }
}

#[test]
fn a_count_says_how_much_of_an_array_counts_and_a_tag_which_member() {
    let (mut types, id) = with_tail();
    let mut annotations = Annotations::new();
    let first = |record: &[u8]| record.first().copied();
    annotations.array("msg", "items", Arc::new(move |record| first(record).map(u64::from)));
    let inner = {
        let (int, float) = (types.basic(Basic::Int), types.basic(Basic::Float));
        let members = vec![MemberDef::new("i", int), MemberDef::new("f", float)];
        record(&mut types, RecordKind::Union, "body", members)
    };
    let (int, body) = (types.basic(Basic::Int), types.record_type(inner));
    let members = vec![MemberDef::new("kind", int), MemberDef::new("body", body)];
    let event = record(&mut types, RecordKind::Struct, "event", members);
    annotations.union(
        "event",
        "body",
        ["f", "i"],
        Arc::new(move |record| first(record).map(usize::from)),
    );
    let options = PlanOptions { annotations, lossless: true, ..PlanOptions::default() };
    let plan = Plan::new(&types, id, &options).unwrap();
    let frame = b"\x01\0\0\0\x07\0\x01\0\x02\0";
    let text = json(&plan, frame);
    assert_eq!(text, r#"{"n": 1, "k": 7, "items": [1], "padding": {"8..10": "0200"}}"#);
    let mut bytes = Vec::new();
    plan.encode_json(text.as_bytes(), &mut bytes).unwrap();
    assert_eq!(bytes, frame);

    let plan = Plan::new(&types, event, &options).unwrap();
    for (kind, expected) in [
        (0, r#"{"kind": 0, "body": {"f": 1.0}}"#),
        (1, r#"{"kind": 1, "body": {"i": 1065353216}}"#),
        (2, r#"{"kind": 2, "body": {"i": 1065353216, "f": 1.0}}"#),
    ] {
        let frame = [kind, 0, 0, 0, 0, 0, 0x80, 0x3f];
        assert_eq!(json(&plan, &frame), expected);
        let mut bytes = Vec::new();
        plan.encode_json(expected.as_bytes(), &mut bytes).unwrap();
        assert_eq!(bytes, frame);
    }
    let conflict = br#"{"kind": 2, "body": {"i": 1, "f": 1.0}}"#;
    assert_eq!(
        plan.encode_json(conflict, &mut bytes).unwrap_err().to_string(),
        "column 35: body.f: needs the bits that other members of its union give, found others, at \
         offset 0x4"
    );
    annotations_are_checked(&types, event);
}

fn annotations_are_checked(types: &Types, event: RecordId) {
    let mut annotations = Annotations::new();
    annotations.array("event", "kind", Arc::new(|_| None));
    let options = PlanOptions { annotations, ..PlanOptions::default() };
    let error = Plan::new(types, event, &options).unwrap_err();
    assert_eq!(error.to_string(), "event.kind: needs an array, found `int`");
    let mut annotations = Annotations::new();
    annotations.union("event", "bodi", ["f"], Arc::new(|_| None));
    let options = PlanOptions { annotations, ..PlanOptions::default() };
    let error = Plan::new(types, event, &options).unwrap_err();
    assert_eq!(
        error.to_string(),
        "event.bodi: needs one of the fields `kind`, `body`, found another name"
    );
}

#[test]
fn only_what_is_selected_is_given() {
    let mut types = Types::new(Abi::X86_64_LINUX);
    let (int, char) = (types.basic(Basic::Int), types.basic(Basic::UChar));
    let leg = {
        let members = vec![MemberDef::new("qty", int), MemberDef::new("side", char)];
        record(&mut types, RecordKind::Struct, "leg", members)
    };
    let leg = types.record_type(leg);
    let legs = types.array(leg, Some(2));
    let members = vec![MemberDef::new("id", int), MemberDef::new("legs", legs)];
    let id = record(&mut types, RecordKind::Struct, "order", members);
    let select = Some(vec!["legs.side".to_owned()]);
    let options = PlanOptions { select, ..PlanOptions::default() };
    let plan = Plan::new(&types, id, &options).unwrap();
    let mut frame = [0; 20];
    (frame[8], frame[16]) = (1, 2);
    assert_eq!(json(&plan, &frame), r#"{"legs": [{"side": 1}, {"side": 2}]}"#);
    let paths: Vec<_> = plan.leaves().iter().map(|leaf| &*leaf.path).collect();
    assert_eq!(paths, ["legs[].side"]);
    assert_eq!(plan.leaves()[0].offset_bits, 64);
    let padding = plan.padding(&frame);
    assert_eq!(padding.len(), 2, "what is not selected is no padding: {padding:?}");
    let options =
        PlanOptions { select: Some(vec!["legs.price".to_owned()]), ..PlanOptions::default() };
    assert_eq!(
        Plan::new(&types, id, &options).unwrap_err().to_string(),
        "order.legs.price: needs one of the fields `qty`, `side`, found another name"
    );
}

#[test]
fn integers_are_exact_to_128_bits_and_wider_ones_are_digits() {
    let mut types = Types::new(Abi::X86_64_LINUX);
    let (signed, unsigned) = (types.basic(Basic::Int128), types.basic(Basic::UInt128));
    let wide = types.intern(cwire_layout::types::Type::BitInt { width_bits: 129, signed: true });
    let members =
        vec![MemberDef::new("s", signed), MemberDef::new("u", unsigned), MemberDef::new("w", wide)];
    let id = record(&mut types, RecordKind::Struct, "R", members);
    let plan = Plan::new(&types, id, &PlanOptions::default()).unwrap();
    let text = "{\"s\": -170141183460469231731687303715884105728, \"u\": \
                340282366920938463463374607431768211455, \"w\": \
                \"0x0100000000000000000000000000000001\"}";
    let mut bytes = Vec::new();
    plan.encode_json(text.as_bytes(), &mut bytes).unwrap();
    assert_eq!(bytes[..16], i128::MIN.to_le_bytes());
    assert_eq!(bytes[16..32], [0xff; 16]);
    assert_eq!((bytes[32], bytes[48]), (1, 1));
    assert_eq!(json(&plan, &bytes), text);
    let (value, _) = plan.value(&bytes, Short::Error).unwrap();
    let mut again = Vec::new();
    plan.encode(&value, &mut again).unwrap();
    assert_eq!(again, bytes);
    let serde = serde_json::to_string(&value).unwrap();
    assert_eq!(serde, text.replace(": ", ":").replace(", ", ","));
}

#[test]
fn what_does_not_fit_is_refused_by_name_place_and_column() {
    let (types, id) = small();
    let plan = Plan::new(&types, id, &PlanOptions::default()).unwrap();
    for (json, message) in [
        (
            r#"{"a": "A", "b": 2147483648, "c": ""}"#,
            "column 17: b: 2147483648 does not fit a signed field of 32 bits, at offset 0x4",
        ),
        (
            r#"{"a": "AB", "b": 0, "c": ""}"#,
            "column 7: a: needs text of one character, found more, at offset 0x0",
        ),
        (r#"{"a": "A", "b": 0}"#, "column 18: c: needs a value, found none, at offset 0x8"),
        (
            r#"{"a": "A", "b": 0, "c": "", "d": 1}"#,
            "column 29: d: needs one of the fields `a`, `b`, `c`, found another, at offset 0x0",
        ),
        (
            r#"{"a": "A", "b": 0, "c": "0123456789abcdef"}"#,
            "column 25: c: needs text of at most 15 bytes, found 16, at offset 0x8",
        ),
        (
            r#"{"a": "A", "b": 0.5, "c": ""}"#,
            "column 17: b: needs an integer, found 0.5, at offset 0x4",
        ),
        (
            r#"{"a": "A", "b": null, "c": ""}"#,
            "column 17: b: needs an integer, found null, at offset 0x4",
        ),
        (
            r#"{"a": "A", "b": 0, "a": "A"}"#,
            "column 20: a: needs one value, found two, at offset 0x0",
        ),
        (r#"{"a": "A" "b": 0}"#, "column 11: needs `,` or `}`, found `\"`"),
        (r#"[]"#, "column 1: needs an object of the record's fields, found a list, at offset 0x0"),
    ] {
        let mut out = vec![1];
        let error = plan.encode_json(json.as_bytes(), &mut out).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert_eq!(out, [1], "nothing is appended");
    }
}

/// A number in a header reserves no memory and takes no time.
#[test]
fn huge_arrays_cost_what_their_frames_cost() {
    let mut types = Types::new(Abi::X86_64_LINUX);
    let (int, pair) = {
        let int = types.basic(Basic::Int);
        let pair = record(
            &mut types,
            RecordKind::Struct,
            "pair",
            vec![MemberDef::new("a", int), MemberDef::new("b", int)],
        );
        (int, types.record_type(pair))
    };
    let ints = types.array(int, Some(1 << 40));
    let pairs = types.array(pair, Some(1 << 40));
    let name = text(&mut types, 1 << 40);
    let members = vec![
        MemberDef::new("ints", ints),
        MemberDef::new("pairs", pairs),
        MemberDef::new("name", name),
    ];
    let id = record(&mut types, RecordKind::Struct, "R", members);
    let options = PlanOptions { lossless: true, ..PlanOptions::default() };
    let plan = Plan::new(&types, id, &options).unwrap();
    let mut out = Vec::new();
    let findings = plan.write_json(&[1; 10], Short::Cut, &mut out).unwrap();
    assert!(findings.is_cut());
    assert_eq!(out, br#"{"ints": [16843009, 16843009], "pairs": null, "name": null}"#);
    let error = plan.write_json(&[1; 10], Short::Error, &mut out).unwrap_err();
    assert_eq!(error.path(), "pairs");
    assert!(plan.write_json(&[1; 10], Short::Zero, &mut out).is_err());
    let error = plan.encode_json(&out, &mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("at most 16777216 bytes"), "{error}");
}

#[test]
fn records_that_double_with_each_line_are_refused() {
    let mut types = Types::new(Abi::X86_64_LINUX);
    let mut last = types.basic(Basic::Char);
    for level in 0..40 {
        let members = vec![MemberDef::new("l", last), MemberDef::new("r", last)];
        let id = record(&mut types, RecordKind::Struct, &format!("R{level}"), members);
        last = types.record_type(id);
        let plan = || Plan::new(&types, id, &PlanOptions::default());
        match level {
            10 => assert!(plan().is_ok()),
            39 => assert_eq!(
                plan().unwrap_err().to_string(),
                "R39: needs a record of at most 65536 fields, found more"
            ),
            _ => {}
        }
    }
}

#[test]
fn text_is_in_the_encoding_that_is_asked_for() {
    let mut types = Types::new(Abi::X86_64_LINUX);
    let char16 = types.basic(Basic::Char16);
    let (name, wide) = (text(&mut types, 6), types.array(char16, Some(4)));
    let members = vec![MemberDef::new("name", name), MemberDef::new("wide", wide)];
    let id = record(&mut types, RecordKind::Struct, "R", members);
    let wide = b"\x3d\xd8\x00\xde!\0\0\0";
    for (encoding, name, expected) in [
        ("utf-8", &b"h\xc3\xa9\0\0\0"[..], "h\u{e9}"),
        ("utf-8", b"\xff\0\0\0\0\0", "\u{fffd}"),
        ("latin1", b"h\xe9\x81\0\0\0", "h\u{e9}\u{81}"),
        ("windows-1252", b"\x80\0\0\0\0\0", "\u{20ac}"),
        ("euc-kr", b"\xc7\xd1\xb1\xdb\0\0", "\u{d55c}\u{ae00}"),
    ] {
        let encoding = TextEncoding::for_label(encoding).unwrap();
        let options = PlanOptions { encoding, ..PlanOptions::default() };
        let plan = Plan::new(&types, id, &options).unwrap();
        let frame = [name, wide].concat();
        let text = json(&plan, &frame);
        assert_eq!(text, format!("{{\"name\": \"{expected}\", \"wide\": \"\u{1f600}!\"}}"));
        if !expected.contains('\u{fffd}') {
            let mut bytes = Vec::new();
            plan.encode_json(text.as_bytes(), &mut bytes).unwrap();
            assert_eq!(bytes, frame);
        }
    }
    assert_eq!(TextEncoding::for_label("utf-16le"), None);
}

/// Columns hold the values that the visitor tells of.
#[test]
fn columns_have_the_values_of_all_records() {
    use crate::columns::{ColumnPlan, Columns, Data};
    for endian in [Endian::Little, Endian::Big] {
        let mut types = Types::new(Abi::X86_64_LINUX.with_endian(endian));
        let (int, short) = (types.basic(Basic::Int), types.basic(Basic::UShort));
        let (double, name) = (types.basic(Basic::Double), text(&mut types, 3));
        let row = types.array(short, Some(2));
        let matrix = types.array(row, Some(2));
        let members = vec![
            bits("low", int, 5),
            bits("high", int, 27),
            MemberDef::new("matrix", matrix),
            MemberDef::new("price", double),
            MemberDef::new("name", name),
        ];
        let id = record(&mut types, RecordKind::Struct, "R", members);
        let plan = Plan::new(&types, id, &PlanOptions::default()).unwrap();
        let frames: Vec<u8> =
            (0..251).map(|at: u8| at.wrapping_mul(7)).cycle().take(plan.size() * 3000).collect();
        let mut columns = Columns::default();
        ColumnPlan::new(&plan).decode(&frames, &mut columns);
        assert_eq!(columns.records(), 3000);
        for (index, frame) in frames.chunks_exact(plan.size()).enumerate() {
            let (value, _) = plan.value(frame, Short::Error).unwrap();
            let get = |name| value.get(name).unwrap();
            let [low, high, matrix, price, name] = columns.columns() else { panic!() };
            let (Data::I8(low), Data::I32(high)) = (low.data(), high.data()) else { panic!() };
            assert_eq!(get("low"), &Value::Int(low[index].into()));
            assert_eq!(get("high"), &Value::Int(high[index].into()));
            let Data::U16(cells) = matrix.data() else { panic!() };
            let rows = cells[index * 4..][..4].chunks(2);
            let row = |row: &[u16]| {
                Value::List(row.iter().map(|&cell| Value::Int(cell.into())).collect())
            };
            assert_eq!(get("matrix"), &Value::List(rows.map(row).collect()));
            let Data::F64(prices) = price.data() else { panic!() };
            assert_eq!(get("price"), &Value::Float64(prices[index]));
            let Data::Bytes { width: 3, bytes } = name.data() else { panic!() };
            assert_eq!(bytes[index * 3..][..3], frame[24..27]);
        }
    }
}
