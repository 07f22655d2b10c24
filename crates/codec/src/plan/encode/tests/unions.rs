//! Unions, tags, counts and lossless forms.

use super::*;

/// `union { float f; unsigned u; unsigned char b[4]; char t[4]; }`
fn mixed() -> Plan {
    let mut build = Build::new(Abi::X86_64_LINUX);
    let members = vec![
        field("f", build.basic(Basic::Float)),
        field("u", build.basic(Basic::UInt)),
        field("b", build.array(Basic::UChar, 4)),
        field("t", build.array(Basic::Char, 4)),
    ];
    let id = build.record(RecordKind::Union, "R", members);
    build.plan(id)
}

#[test]
fn one_member_of_a_union_will_do_and_several_have_to_agree() {
    let plan = mixed();
    // IEEE 754: 1.0 is 0x3f800000.
    let one = [0, 0, 0x80, 0x3f];
    for json in [
        r#"{"f": 1}"#,
        r#"{"u": 1065353216}"#,
        r#"{"b": [0, 0, 128, 63]}"#,
        r#"{"b": [0, 0, 128, 63], "u": 1065353216, "f": 1.0, "t": ""}"#,
        r#"{"t": "", "f": 1.0}"#,
    ] {
        assert_eq!(encoded(&plan, json), one, "{json}");
    }
    let conflict = "needs the bits that other members of its union give, found others";
    assert_eq!(
        refusal(&plan, r#"{"f": 1, "u": 2}"#),
        format!("column 15: u: {conflict}, at offset 0x0")
    );
    assert_eq!(
        refusal(&plan, r#"{"u": 65, "t": "B"}"#),
        format!("column 16: t: {conflict}, at offset 0x0")
    );
    assert_eq!(refusal(&plan, "{}"), "column 2: f: needs a value, found none, at offset 0x0");
}

#[test]
fn bits_that_a_form_leaves_open_follow_those_that_are_certain() {
    let plan = mixed();
    let nan = [1, 0, 0xa0, 0x7f];
    assert_eq!(encoded(&plan, r#"{"f": "NaN", "u": 2141192193, "b": [1, 0, 160, 127]}"#), nan);
    assert_eq!(encoded(&plan, r#"{"u": 2141192193, "f": "NaN"}"#), nan);
    assert_eq!(encoded(&plan, r#"{"t": "A", "u": 1090519105}"#), [65, 0, 0, 65]);
    // What is no text reads as U+FFFD, and other members know its bytes.
    assert_eq!(encoded(&plan, r#"{"t": "��", "u": 65535}"#), [255, 255, 0, 0]);
    // Infinity is no NaN.
    assert!(refusal(&plan, r#"{"f": "NaN", "u": 2139095040}"#).contains("needs the bits"));
    // Alone it is too long.
    assert_eq!(
        refusal(&plan, r#"{"t": "abcde"}"#),
        "column 7: t: needs text of at most 4 bytes, found 5, at offset 0x0"
    );
}

#[test]
fn an_anonymous_struct_in_a_union_is_given_whole_or_not_at_all() {
    let mut build = Build::new(Abi::X86_64_LINUX);
    let uchar = build.basic(Basic::UChar);
    let pair =
        build.record_type(RecordKind::Struct, "", vec![field("x", uchar), field("y", uchar)]);
    let union = vec![field("", pair), field("z", build.basic(Basic::UShort))];
    let union = build.record_type(RecordKind::Union, "", union);
    let members = vec![field("k", uchar), field("", union)];
    let id = build.record(RecordKind::Struct, "R", members);
    let plan = build.plan(id);
    assert_eq!(encoded(&plan, r#"{"k": 9, "x": 1, "y": 2}"#), [9, 0, 1, 2]);
    assert_eq!(encoded(&plan, r#"{"k": 9, "z": 513}"#), [9, 0, 1, 2]);
    assert_eq!(encoded(&plan, r#"{"y": 2, "z": 513, "x": 1, "k": 9}"#), [9, 0, 1, 2]);
    for (json, missing) in [
        (r#"{"k": 9, "x": 1}"#, "y"),
        (r#"{"k": 9, "x": 1, "z": 513}"#, "y"),
        (r#"{"k": 9}"#, "x"),
        (r#"{"z": 513}"#, "k"),
    ] {
        assert!(refusal(&plan, json).contains(&format!(": {missing}: needs a value")), "{json}");
    }
}

#[test]
fn a_tag_says_which_member_is_needed_wherever_it_stands() {
    let mut build = Build::new(Abi::X86_64_LINUX);
    let members =
        vec![field("login", build.array(Basic::Char, 4)), field("order", build.basic(Basic::UInt))];
    let body = build.record_type(RecordKind::Union, "", members);
    let members = vec![field("body", body), field("kind", build.basic(Basic::UChar))];
    let id = build.record(RecordKind::Struct, "event", members);
    let mut annotations = Annotations::new();
    let choose = |bytes: &[u8]| match bytes.get(4)? {
        1 => Some(0),
        2 => Some(1),
        _ => None,
    };
    annotations.union("event", "body", ["login", "order"], Arc::new(choose));
    let options = PlanOptions { annotations, ..PlanOptions::default() };
    let plan = Plan::new(&build.types, id, &options).unwrap();
    for (json, bytes) in [
        (r#"{"body": {"login": "bob"}, "kind": 1}"#, *b"bob\0\x01\0\0\0"),
        (r#"{"kind": 2, "body": {"order": 7}}"#, *b"\x07\0\0\0\x02\0\0\0"),
    ] {
        assert_eq!(encoded(&plan, json), bytes);
        let (value, _) = plan.value(&bytes, Short::Error).unwrap();
        assert_eq!(value, Value::from_json(json.as_bytes()).map(|_| value.clone()).unwrap());
        let mut again = Vec::new();
        plan.encode(&value, &mut again).unwrap();
        assert_eq!(again, bytes);
    }
    assert_eq!(
        refusal(&plan, r#"{"body": {"login": "bob"}, "kind": 2}"#),
        "column 37: body.order: needs a value, found none, at offset 0x0"
    );
    // Without a case every member is decoded, and one will do.
    assert_eq!(encoded(&plan, r#"{"body": {"order": 7}, "kind": 3}"#), *b"\x07\0\0\0\x03\0\0\0");
}

#[test]
fn a_count_says_how_many_elements_are_needed() {
    let mut build = Build::new(Abi::X86_64_LINUX);
    let uchar = build.basic(Basic::UChar);
    let tail = build.types.array(uchar, None);
    let members = vec![
        field("n", uchar),
        field("fixed", build.array(Basic::UChar, 3)),
        field("name", build.array(Basic::Char, 3)),
        field("tail", tail),
    ];
    let id = build.record(RecordKind::Struct, "msg", members);
    let mut annotations = Annotations::new();
    let count = Arc::new(|bytes: &[u8]| bytes.first().copied().map(u64::from));
    for name in ["fixed", "name", "tail"] {
        annotations.array("msg", name, Arc::clone(&count) as _);
    }
    let options = PlanOptions { annotations, ..PlanOptions::default() };
    let plan = Plan::new(&build.types, id, &options).unwrap();
    assert_eq!(
        encoded(&plan, r#"{"n": 2, "fixed": [1, 2], "name": "ab", "tail": [8, 9]}"#),
        *b"\x02\x01\x02\0ab\0\x08\x09"
    );
    for (json, message) in [
        (
            r#"{"n": 2, "fixed": [1], "name": "ab", "tail": [8, 9]}"#,
            "fixed: needs 2 elements, found 1, at offset 0x1",
        ),
        (
            r#"{"n": 2, "fixed": [1, 2, 3], "name": "ab", "tail": [8, 9]}"#,
            "fixed: needs 2 elements, found 3, at offset 0x1",
        ),
        (
            r#"{"n": 2, "fixed": [1, 2], "name": "abc", "tail": [8, 9]}"#,
            "name: needs at most 2 elements, found 3, at offset 0x4",
        ),
        (
            r#"{"n": 2, "fixed": [1, 2], "name": "ab", "tail": [7, 8, 9]}"#,
            "tail: needs at most 2 elements, found 3, at offset 0x7",
        ),
    ] {
        let found = refusal(&plan, json);
        assert!(found.ends_with(message), "{found}");
    }
    // More than the array has counts as all of it.
    encoded(&plan, r#"{"n": 200, "fixed": [1, 2, 3], "name": "ab", "tail": []}"#);
}

#[test]
fn lossless_forms_are_checked_against_what_stands_beside_them() {
    let mut build = Build::new(Abi::X86_64_LINUX);
    let members = vec![
        field("f", build.basic(Basic::Float)),
        field("t", build.array(Basic::Char, 4)),
        field("x", build.basic(Basic::LongDouble)),
    ];
    let id = build.record(RecordKind::Struct, "R", members);
    let plan = build.plan(id);
    let with = |f: &str, t: &str| format!(r#"{{"f": {f}, "t": {t}, "x": 1}}"#);
    // x87: 1.0 is 0x3fff8000000000000000 (Intel SDM volume 1, 4.2.2).
    let x = b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x80\xff\x3f\0\0\0\0\0\0";
    let front = |bytes: &[u8]| [bytes, &x[..]].concat();
    let good =
        with(r#"{"value": "NaN", "hex": "0100a07f"}"#, r#"{"hex": "61006200", "text": "a"}"#);
    assert_eq!(encoded(&plan, &good), front(b"\x01\0\xa0\x7fa\0b\0"));
    assert_eq!(
        encoded(&plan, &with(r#"{"hex": "0000803F"}"#, r#""a""#)),
        front(b"\0\0\x80\x3fa\0\0\0")
    );
    for (f, t, message) in [
        (
            r#"{"value": 1, "hex": "0100a07f"}"#,
            r#""""#,
            "f.value: needs the same in hex as beside it, found another value, at offset 0x0",
        ),
        (r#"{"value": 1}"#, r#""""#, "f.hex: needs a value, found none, at offset 0x0"),
        (
            r#"{"hex": "01"}"#,
            r#""""#,
            "f.hex: needs hex digits of 4 bytes, found `01`, at offset 0x0",
        ),
        (
            r#"{"hex": "0100a07g"}"#,
            r#""""#,
            "f.hex: needs hex digits of 4 bytes, found `0100a07g`, at offset 0x0",
        ),
        (
            r#"{"hex": 1}"#,
            r#""""#,
            "f.hex: needs text of hex digits, found a number, at offset 0x0",
        ),
        (
            r#"{"text": 1}"#,
            r#""""#,
            "f.text: needs one of the fields `value`, `hex`, found another, at offset 0x0",
        ),
        (
            "1",
            r#"{"text": "b", "hex": "61006200"}"#,
            "t.text: needs the same in hex as beside it, found another value, at offset 0x4",
        ),
        (
            "1",
            r#"{"text": "a", "hex": "610062"}"#,
            "t.hex: needs hex digits of 4 bytes, found `610062`, at offset 0x4",
        ),
        (
            "1",
            r#"{"hex": "61006200", "hex": "61006200"}"#,
            "t.hex: needs one value, found two, at offset 0x4",
        ),
    ] {
        let found = refusal(&plan, &with(f, t));
        assert!(found.ends_with(message), "{found}");
    }
}

#[test]
fn padding_is_taken_in_every_object_and_only_where_there_is_some() {
    let mut build = Build::new(Abi::X86_64_LINUX);
    let inner = vec![field("a", build.basic(Basic::UChar)), field("b", build.basic(Basic::UShort))];
    let inner = build.record_type(RecordKind::Struct, "inner", inner);
    let uint = build.basic(Basic::UInt);
    let members =
        vec![field("i", inner), bits("v", uint, 4), field("padding", build.basic(Basic::UChar))];
    let id = build.record(RecordKind::Struct, "R", members);
    let plan = build.plan(id);
    let with = |inner: &str, outer: &str| {
        format!(r#"{{"i": {{"a": 1, "b": 2{inner}}}, "v": 3, "padding": 4{outer}}}"#)
    };
    let at = |bytes: &[u8; 4]| [&[1, bytes[0], 2, 0, 3 | bytes[1], 4][..], &bytes[2..]].concat();
    assert_eq!(encoded(&plan, &with("", "")), at(&[0, 0, 0, 0]));
    assert_eq!(encoded(&plan, &with(r#", "padding": {"1..2": "ab"}"#, "")), at(&[0xab, 0, 0, 0]));
    assert_eq!(
        encoded(&plan, &with("", r#", "padding_": {"1..2": "cd", "4..5": "f0", "6..8": "0102"}"#)),
        at(&[0xcd, 0xf0, 1, 2])
    );
    for (outer, message) in [
        (
            r#", "padding_": {"4..5": "f1"}"#,
            "padding_.4..5: needs no bits but those of padding, found others, at offset 0x4",
        ),
        (
            r#", "padding_": {"0..2": "0001"}"#,
            "padding_.0..2: needs bytes that have padding, found others, at offset 0x0",
        ),
        (
            r#", "padding_": {"6..9": "000102"}"#,
            "padding_.6..9: needs a range `FROM..TO` of bytes of the record, found others, at offset 0x0",
        ),
        (
            r#", "padding_": {"x": "00"}"#,
            "padding_.x: needs a range `FROM..TO` of bytes of the record, found others, at offset 0x0",
        ),
        (
            r#", "padding_": {"6..8": "00"}"#,
            "padding_.6..8: needs hex digits of 2 bytes, found `00`, at offset 0x0",
        ),
        (
            r#", "padding_": {}, "padding_": {}"#,
            "padding_: needs one value, found two, at offset 0x0",
        ),
    ] {
        let found = refusal(&plan, &with("", outer));
        assert!(found.ends_with(message), "{found}");
    }
}
