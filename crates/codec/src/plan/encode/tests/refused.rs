//! What is refused, and how it is said.

use super::*;

fn order() -> Plan {
    let mut build = Build::new(Abi::X86_64_LINUX);
    let side = build.side();
    let leg =
        vec![field("price", build.basic(Basic::Double)), field("n", build.basic(Basic::UChar))];
    let leg = build.record_type(RecordKind::Struct, "leg", leg);
    let legs = build.types.array(leg, Some(2));
    let uint = build.basic(Basic::UInt);
    let members = vec![
        field("a", build.basic(Basic::Char)),
        field("b", build.basic(Basic::Int)),
        field("c", build.array(Basic::Char, 4)),
        field("legs", legs),
        bits("venue", uint, 4),
        field("side", side),
        field("ok", build.basic(Basic::Bool)),
    ];
    let id = build.record(RecordKind::Struct, "order", members);
    build.plan(id)
}

const GOOD: &str = r#"{"a": "A", "b": 1, "c": "abcd", "legs": [{"price": 1, "n": 2}, {"price": 3, "n": 4}], "venue": 15, "side": "BUY", "ok": false}"#;

#[test]
fn each_mistake_is_named_with_its_column_and_path() {
    let plan = order();
    encoded(&plan, GOOD);
    for (from, to, message) in [
        (
            r#""b": 1"#,
            r#""b": 2147483648"#,
            "column 17: b: 2147483648 does not fit a signed field of 32 bits, at offset 0x4",
        ),
        (r#""b": 1"#, r#""b": 1.5"#, "column 17: b: needs an integer, found 1.5, at offset 0x4"),
        (r#""b": 1"#, r#""b": "1""#, "column 17: b: needs an integer, found text, at offset 0x4"),
        (
            r#""b": 1"#,
            r#""b": 99999999999999999999999999999999999999999"#,
            "column 17: b: needs a number in the range of its type, found \
          99999999999999999999999999999999999999999, at offset 0x4",
        ),
        (r#""b": 1"#, r#""b": null"#, "column 17: b: needs an integer, found null, at offset 0x4"),
        (r#""b": 1, "#, "", "column 118: b: needs a value, found none, at offset 0x4"),
        (
            r#""b": 1"#,
            r#""b": 1, "b": 1"#,
            "column 20: b: needs one value, found two, at offset 0x4",
        ),
        (
            r#""b": 1"#,
            r#""bb": 1"#,
            "column 12: bb: needs one of the fields `a`, `b`, `c`, `legs`, `venue`, `side`, `ok`, \
          found another, at offset 0x0",
        ),
        (
            r#""a": "A""#,
            r#""a": "AB""#,
            "column 7: a: needs text of one character, found more, at offset 0x0",
        ),
        (
            r#""a": "A""#,
            r#""a": """#,
            "column 7: a: needs text of one character, found none, at offset 0x0",
        ),
        (
            r#""a": "A""#,
            r#""a": "€""#,
            "column 7: a: needs characters of U+0000 to U+00FF, found `€` (U+20AC), at offset 0x0",
        ),
        ("abcd", "abcde", "column 25: c: needs text of at most 4 bytes, found 5, at offset 0x8"),
        (
            "abcd",
            "a\\u0000",
            "column 25: c: needs text in UTF-8 without NUL, found one, at offset 0x8",
        ),
        (
            r#"{"price": 3, "n": 4}"#,
            r#"{"price": 3, "n": 256}"#,
            "column 82: legs[1].n: 256 does not fit an unsigned field of 8 bits, at offset 0x28",
        ),
        (
            r#", {"price": 3, "n": 4}"#,
            "",
            "column 62: legs: needs 2 elements, found 1, at offset 0x10",
        ),
        (
            r#", {"price": 3, "n": 4}"#,
            r#", {"price": 3, "n": 4}, 0"#,
            "column 84: legs: needs 2 elements, found 3, at offset 0x10",
        ),
        (
            r#"{"price": 3, "n": 4}"#,
            "[]",
            "column 64: legs[1]: needs an object, found a list, at offset 0x20",
        ),
        (
            "15",
            "16",
            "column 96: venue: 16 does not fit an unsigned field of 4 bits, at offset 0x30",
        ),
        (
            r#""BUY""#,
            r#""HOLD""#,
            "column 108: side: needs an enumerator of `enum side` or a number, found `HOLD`, \
          at offset 0x34",
        ),
        (
            "false",
            "256",
            "column 121: ok: 256 does not fit an unsigned field of 8 bits, at offset 0x38",
        ),
        ("false", "\"no\"", "column 121: ok: needs true or false, found text, at offset 0x38"),
        (
            "price\": 1",
            "price\": 1e400",
            "column 52: legs[0].price: needs a number in the range of its type, found 1e400, \
          at offset 0x10",
        ),
        (
            "price\": 1",
            "price\": \"inf\"",
            "column 52: legs[0].price: needs a number, `NaN`, `Infinity` or `-Infinity`, found text, \
          at offset 0x10",
        ),
    ] {
        let json = GOOD.replacen(from, to, 1);
        assert_ne!(json, GOOD, "{from}");
        assert_eq!(refusal(&plan, &json), message, "{json}");
    }
}

#[test]
fn what_is_no_json_is_refused_where_it_is_none() {
    let plan = one(Basic::Int);
    for (json, message) in [
        ("", "column 1: needs a value, found the end of the line"),
        ("{", "column 2: needs a name in quotes, found the end of the line"),
        ("{\"a\"", "column 5: needs `:`, found the end of the line"),
        ("{\"a\":1", "column 7: needs `,` or `}`, found the end of the line"),
        ("{\"a\":1,}", "column 8: needs a name in quotes, found `}`"),
        ("{\"a\":1}x", "column 8: needs the end of the line, found `x`"),
        ("{\"a\":01}", "column 7: needs no digit after a leading 0, found `1`"),
        ("{\"a\":-}", "column 7: needs a digit, found `}`"),
        ("{\"a\":1.}", "column 8: needs a digit, found `}`"),
        ("{\"a\":1e+}", "column 9: needs a digit, found `}`"),
        ("{\"a\":nul}", "column 6: needs a value, found `n`"),
        ("{\"a\n\":1}", "column 4: needs a control character as `\\u`, found U+000A"),
        ("{\"\\x\":1}", "column 4: needs one of `\"\\/bfnrtu` after `\\`, found `x`"),
        ("{\"\\ud800\":1}", "column 3: needs both halves of a surrogate pair, found `\\`"),
        ("{\"\\ud800\\u0041\":1}", "column 3: needs both halves of a surrogate pair, found `\\`"),
        ("{\"\\u12g4\":1}", "column 7: needs four hex digits, found `g`"),
        ("{\"a", "column 4: needs `\"`, found the end of the line"),
    ] {
        assert_eq!(refusal(&plan, json), message, "{json}");
    }
    let mut out = Vec::new();
    let error = plan.encode_json(b"{\"\xff\": 1}", &mut out).unwrap_err();
    assert_eq!(error.to_string(), "column 3: needs UTF-8, found other bytes");
}

#[test]
fn nesting_ends_at_a_limit() {
    let deep = |levels: usize| [vec![b'['; levels], vec![b']'; levels]].concat();
    assert!(Value::from_json(&deep(512)).is_ok());
    let error = Value::from_json(&deep(513)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "column 513: needs at most 512 lists and objects inside each other, found more"
    );
    let plan = one(Basic::Int);
    let mut json = b"{\"a\": ".to_vec();
    json.extend(deep(1 << 20));
    json.push(b'}');
    assert!(plan.encode_json(&json, &mut Vec::new()).is_err());
}

#[test]
fn keys_come_in_any_order_and_with_escapes() {
    let mut build = Build::new(Abi::X86_64_LINUX);
    let members = ["a", "b", "c"].map(|name| field(name, build.types.basic(Basic::UChar)));
    let id = build.record(RecordKind::Struct, "R", members.to_vec());
    let plan = build.plan(id);
    assert_eq!(encoded(&plan, r#"{"c": 3, "\u0061": 1, "b": 2}"#), [1, 2, 3]);
}

#[test]
fn whole_numbers_may_have_a_fraction_of_zeros_or_an_exponent() {
    let plan = one(Basic::Int);
    for (number, value) in
        [("3.0", 3), ("1.5e3", 1500), ("-0", 0), ("-0.0e9", 0), ("2000e-3", 2), ("1E2", 100)]
    {
        assert_eq!(encoded(&plan, &format!("{{\"a\": {number}}}")), i32::to_le_bytes(value));
    }
    let wide = one(Basic::LongLong);
    assert_eq!(
        encoded(&wide, r#"{"a": 9007199254740993}"#),
        9_007_199_254_740_993i64.to_le_bytes()
    );
    // As an `f64` it would be another number.
    let mut bytes = Vec::new();
    wide.encode_json(br#"{"a": 9007199254740993.0}"#, &mut bytes).unwrap();
    assert_eq!(bytes, 9_007_199_254_740_993i64.to_le_bytes());
    assert!(refusal(&plan, r#"{"a": 1e999999999}"#).contains("needs a number in the range"));
    assert!(refusal(&plan, r#"{"a": 1e-999999999}"#).contains("needs an integer"));
}

#[test]
fn numbers_next_to_a_middle_are_rounded_once() {
    // 1 + 2^-24 is the middle between two `float`s; what follows it is lost in a `double`.
    let plan = one(Basic::Float);
    let json = r#"{"a": 1.00000005960464477539062500000001}"#;
    let mut bytes = Vec::new();
    plan.encode_json(json.as_bytes(), &mut bytes).unwrap();
    assert_eq!(bytes, (1.0 + f32::EPSILON).to_le_bytes());
}

#[test]
fn text_is_in_its_encoding() {
    let mut build = Build::new(Abi::X86_64_LINUX);
    let members = vec![field("a", build.array(Basic::Char, 6))];
    let id = build.record(RecordKind::Struct, "R", members);
    let with = |label: &str| {
        let encoding = TextEncoding::for_label(label).unwrap();
        Plan::new(&build.types, id, &PlanOptions { encoding, ..PlanOptions::default() }).unwrap()
    };
    // KS X 1001 rows 16 and on; ISO 8859-1; windows-1252's table in the Encoding Standard.
    assert_eq!(encoded(&with("euc-kr"), r#"{"a": "가a"}"#), b"\xb0\xa1a\0\0\0");
    assert_eq!(encoded(&with("latin1"), r#"{"a": "é\u0080"}"#), b"\xe9\x80\0\0\0\0");
    assert_eq!(encoded(&with("windows-1252"), r#"{"a": "€é"}"#), b"\x80\xe9\0\0\0\0");
    assert_eq!(encoded(&with("utf-8"), r#"{"a": "€é"}"#), b"\xe2\x82\xac\xc3\xa9\0");
    assert_eq!(
        refusal(&with("euc-kr"), r#"{"a": "é"}"#),
        "column 7: a: needs characters of EUC-KR, found `é` (U+00E9), at offset 0x0"
    );
    assert_eq!(
        refusal(&with("latin1"), r#"{"a": "€"}"#),
        "column 7: a: needs characters of latin1, found `€` (U+20AC), at offset 0x0"
    );
    // The standard's encoder takes it, and its decoder gives a backslash.
    assert_eq!(
        refusal(&with("shift_jis"), r#"{"a": "¥"}"#),
        "column 7: a: needs characters of Shift_JIS, found `¥` (U+00A5), at offset 0x0"
    );
}

#[test]
fn records_of_more_than_the_limit_are_refused() {
    let mut build = Build::new(Abi::X86_64_LINUX);
    let int = build.basic(Basic::Int);
    let tail = build.types.array(int, None);
    let id = build.record(RecordKind::Struct, "R", vec![field("n", int), field("t", tail)]);
    let options = PlanOptions { max_len: 12, ..PlanOptions::default() };
    let plan = Plan::new(&build.types, id, &options).unwrap();
    assert_eq!(encoded(&plan, r#"{"n": 1, "t": []}"#), [1, 0, 0, 0]);
    assert_eq!(encoded(&plan, r#"{"n": 1, "t": [2, 3]}"#), [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]);
    assert!(
        refusal(&plan, r#"{"n": 1, "t": [2, 3, 4]}"#)
            .contains("needs a record of at most 12 bytes, found one of 16")
    );
    let options = PlanOptions { max_len: 3, ..PlanOptions::default() };
    let plan = Plan::new(&build.types, id, &options).unwrap();
    assert!(refusal(&plan, "{}").contains("needs a record of at most 3 bytes, found one of 4"));
}
