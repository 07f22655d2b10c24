//! What was decoded is encoded to the same, whatever the record.

use cwire_layout::Types;
use cwire_layout::fuzz::types;
use proptest::prelude::*;

use super::super::{EnumForm, Plan, PlanOptions, Short, TextEncoding};
use super::*;

/// Plans of the records that `data` makes, as `choices` say.
fn plans(data: &[u8], choices: u8, lossless: bool) -> (Types, Vec<Plan>) {
    let types = types(data);
    let mut options = PlanOptions { lossless, max_len: 1 << 16, ..PlanOptions::default() };
    options.encoding = match choices % 4 {
        0 => TextEncoding::Utf8,
        1 => TextEncoding::Latin1,
        2 => TextEncoding::for_label("euc-kr").unwrap(),
        _ => TextEncoding::for_label("windows-1252").unwrap(),
    };
    if choices & 4 != 0 {
        options.enums = EnumForm::Number;
    }
    let plan = |&id| Plan::new(&types, id, &options).ok();
    let plans: Vec<_> = types.records().iter().filter_map(plan).collect();
    (types, plans.into_iter().filter(|plan| plan.needed() <= 1 << 12).collect())
}

/// Bytes with runs of zeros and of text, and with NaNs, in them.
fn frame(plan: &Plan, noise: &[u8]) -> Vec<u8> {
    let tail =
        if plan.has_tail() { usize::from(noise.first().copied().unwrap_or(0)) % 40 } else { 0 };
    let len = plan.needed() + tail;
    noise.iter().copied().cycle().take(len).collect()
}

fn noise() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        4 => any::<u8>(),
        2 => Just(0u8),
        2 => b'a'..=b'z',
        1 => prop::sample::select(&[0xff, 0x7f, 0xf8, 0x80, 0xd8, 1][..]),
    ];
    let run = (byte, 1usize..10).prop_map(|(byte, len)| vec![byte; len]);
    let piece = prop_oneof![prop::collection::vec(any::<u8>(), 1..8), run];
    prop::collection::vec(piece, 1..40).prop_map(|pieces| pieces.concat())
}

/// The paths of all that is set on its own, and the values.
fn settable(plan: &Plan, path: &str, value: &Value, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(members) => {
            let inside = |name: &str| match path.is_empty() {
                true => name.to_owned(),
                false => format!("{path}.{name}"),
            };
            // What tells of bytes that are not clean is an object, too, and padding is no field.
            let fields: Vec<_> =
                members.iter().filter(|(name, _)| plan.has_field(&inside(name))).collect();
            if fields.is_empty() && !members.is_empty() {
                found.push((path.to_owned(), value.clone()));
            }
            for (name, value) in fields {
                settable(plan, &inside(name), value, found);
            }
        }
        Value::List(elements) => {
            for (index, element) in elements.iter().enumerate() {
                settable(plan, &format!("{path}[{index}]"), element, found);
            }
        }
        value => found.push((path.to_owned(), value.clone())),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Field by field, a record becomes another, and what is no field stays.
    #[test]
    fn all_fields_set_are_another_record(
        data in prop::collection::vec(any::<u8>(), 0..300),
        noise in noise(),
        other in noise(),
        choices in any::<u8>(),
    ) {
        let (types, plans) = plans(&data, choices, true);
        for plan in plans.iter().filter(|plan| !plan.0.has_unions && !plan.has_tail()) {
            let (before, other) = (frame(plan, &noise), frame(plan, &other));
            let (value, _) = plan.value(&other, Short::Error).unwrap();
            let mut fields = Vec::new();
            settable(plan, "", &value, &mut fields);
            let mut now = before.clone();
            for (path, value) in fields.iter().filter(|(path, _)| !path.is_empty()) {
                let set = plan.set(&mut now, path, value);
                prop_assert!(set.is_ok(), "{path} {value:?} {} {:?}", set.unwrap_err(), types.abi());
            }
            let mask = plan.0.padding_mask(&other);
            prop_assert_eq!(mask.len(), other.len());
            let expected: Vec<_> = before
                .iter()
                .zip(&other)
                .zip(&mask)
                .map(|((before, other), mask)| before & mask | other & !mask)
                .collect();
            prop_assert_eq!(now, expected, "{:?} {:?}", fields, types.abi());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    /// Lossless forms give all bytes again, by way of text and by way of values.
    #[test]
    fn lossless_forms_give_the_same_bytes(
        data in prop::collection::vec(any::<u8>(), 0..300),
        noise in noise(),
        choices in any::<u8>(),
    ) {
        let (types, plans) = plans(&data, choices, true);
        for plan in plans {
            let frame = frame(&plan, &noise);
            let mut json = Vec::new();
            plan.write_json(&frame, Short::Error, &mut json).unwrap();
            let mut again = Vec::new();
            let result = plan.encode_json(&json, &mut again);
            let shown = || format!("{:?} {}", types.abi(), String::from_utf8_lossy(&json));
            prop_assert!(result.is_ok(), "{} {}", result.unwrap_err(), shown());
            prop_assert_eq!(&again, &frame, "{}", shown());
            let (value, _) = plan.value(&frame, Short::Error).unwrap();
            again.clear();
            plan.encode(&value, &mut again).unwrap();
            prop_assert_eq!(&again, &frame, "{}", shown());
        }
    }

    /// A plain form gives bytes that decode to it, or is refused because it does not tell enough.
    #[test]
    fn plain_forms_are_kept(
        data in prop::collection::vec(any::<u8>(), 0..300),
        noise in noise(),
        choices in any::<u8>(),
    ) {
        let (types, plans) = plans(&data, choices, false);
        for plan in plans {
            let frame = frame(&plan, &noise);
            let (value, _) = plan.value(&frame, Short::Error).unwrap();
            let mut bytes = Vec::new();
            let encoded = plan.encode(&value, &mut bytes);
            let is_ok = encoded.is_ok();
            match encoded {
                Ok(()) => {
                    let (again, _) = plan.value(&bytes, Short::Error).unwrap();
                    let shown = (types.abi(), plan.leaves(), &frame, &bytes);
                    prop_assert_eq!(&again, &value, "{:?}", shown);
                }
                Err(error) => {
                    let is_text = matches!(
                        error.kind(),
                        EncodeErrorKind::TextTooLong { .. } | EncodeErrorKind::Unencodable { .. }
                    );
                    // Bit-fields of floating-point types, which C does not have.
                    let is_text = is_text || matches!(error.kind(), EncodeErrorKind::NumberRange { .. });
                    let is_open = matches!(error.kind(), EncodeErrorKind::Conflict);
                    prop_assert!(is_text || is_open && plan.0.has_unions, "{error} {value:?}");
                    prop_assert!(bytes.is_empty());
                }
            }
            // The same by way of text.
            let (mut json, mut from_json) = (Vec::new(), Vec::new());
            plan.write_json(&frame, Short::Error, &mut json).unwrap();
            let result = plan.encode_json(&json, &mut from_json);
            prop_assert_eq!(result.is_ok(), is_ok, "{:?} {:?}", result, value);
            let json = String::from_utf8_lossy(&json);
            prop_assert_eq!(&from_json, &bytes, "{} {:?}", json, value);
        }
    }

    /// Whatever the text, it is encoded or refused, and nothing else happens.
    #[test]
    fn arbitrary_text_keeps_the_laws(
        data in prop::collection::vec(any::<u8>(), 0..200),
        noise in noise(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..4), 0..4),
        choices in any::<u8>(),
    ) {
        let (_, plans) = plans(&data, choices, choices & 8 != 0);
        for plan in plans {
            let mut json = Vec::new();
            plan.write_json(&frame(&plan, &noise), Short::Error, &mut json).unwrap();
            for (at, byte, how) in &edits {
                const MARKS: &[u8] = b"[]{},:\"\\-0123456789.eEnulltruefalse \tNaNpadding..hextext";
                let byte = if byte & 1 == 0 { MARKS[usize::from(*byte) % MARKS.len()] } else { *byte };
                if json.is_empty() {
                    break;
                }
                let at = at.index(json.len());
                match how {
                    0 => json[at] = byte,
                    1 => json.insert(at, byte),
                    2 => {
                        json.remove(at);
                    }
                    _ => json.truncate(at.max(1)),
                }
            }
            fuzz::check(&plan, &json);
        }
    }
}
