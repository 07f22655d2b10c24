//! Bodies of fuzz targets over records that are known at run time; stable tests call them too.

use cwire_layout::Types;
use cwire_layout::types::{RecordId, RecordKind, Type, TypeId};

use crate::json::{JsonLines, Text};
use crate::plan::{EnumForm, Item, Key, Plan, PlanOptions, Scalar, Short, TextEncoding, Visitor};
use crate::value::Value;

/// Longest record that is filled up with zeros.
const MAX_LEN: usize = 1 << 12;

/// Arbitrary records over arbitrary bytes: the first byte says how many of those behind it are for the
/// types.
///
/// # Panics
///
/// A law is broken; see [`check`].
pub fn decode(data: &[u8]) {
    let Some((&share, data)) = data.split_first() else { return };
    let (types, bytes) = data.split_at(data.len() * usize::from(share) / 256);
    check(&cwire_layout::fuzz::types(types), bytes);
}

/// Every record of some types over arbitrary bytes.
///
/// # Panics
///
/// A law is broken: values, JSON and visitor disagree; what was decoded losslessly is not encoded to
/// the same bytes; findings are not those that the plan names; a run of records is not what its
/// records are one by one.
pub fn check(types: &Types, bytes: &[u8]) {
    for &record in types.records() {
        // One that is incomplete or too large is refused, and nothing else is.
        let Ok(plain) = Plan::new(types, record, &options(false, bytes)) else { continue };
        let lossless = Plan::new(types, record, &options(true, bytes)).expect("it was made before");
        let (frame, _) = bytes.split_at(bytes.len().min(frame_len(&plain, bytes)));
        shapes(&plain, frame, true);
        // A visitor is told of the values; what lossless adds to them is for it to find out.
        shapes(&lossless, frame, false);
        findings(&plain, frame);
        if frame.len() >= plain.size() {
            if !is_ambiguous(&lossless, frame) {
                round_trip(&lossless, frame);
            }
            if !has_union(types, record) && !is_ambiguous(&plain, frame) {
                values_return(&plain, frame);
            }
        }
        runs(&plain, bytes);
    }
}

fn options(lossless: bool, bytes: &[u8]) -> PlanOptions {
    // The last byte, since the first ones are the record's.
    let choice = bytes.last().copied().unwrap_or_default();
    PlanOptions {
        lossless,
        enums: if choice & 1 == 1 { EnumForm::Number } else { EnumForm::Name },
        encoding: match choice >> 1 & 3 {
            1 => TextEncoding::Latin1,
            2 => TextEncoding::for_label("euc-kr").expect("a label of the standard"),
            3 => TextEncoding::for_label("windows-1252").expect("a label of the standard"),
            _ => TextEncoding::Utf8,
        },
        max_len: MAX_LEN,
        ..PlanOptions::default()
    }
}

/// The record and, where the frame decides how long it is, some of what follows.
fn frame_len(plan: &Plan, bytes: &[u8]) -> usize {
    let more =
        if plan.has_tail() { usize::from(bytes.first().copied().unwrap_or_default()) } else { 0 };
    plan.size().saturating_add(more)
}

/// The three ways to decode say the same, of whole frames and short ones.
fn shapes(plan: &Plan, frame: &[u8], visits: bool) {
    for short in [Short::Error, Short::Cut, Short::Zero] {
        let mut json = b"before".to_vec();
        let written = plan.write_json(frame, short, &mut json);
        let value = plan.value(frame, short);
        let mut builder = Builder::default();
        let visited = plan.visit(frame, short, &mut builder);
        match (written, value, visited) {
            (Ok(written), Ok((value, valued)), Ok(visited)) => {
                assert_eq!(written, valued, "findings of {plan:?}");
                assert_eq!(written.is_cut(), visited.is_cut(), "findings of {plan:?}");
                let mut printed = b"before".to_vec();
                value.write_json(&mut printed);
                assert_eq!(text(&json), text(&printed), "{plan:?}");
                let json = json.strip_prefix(b"before").expect("appended");
                let again = Value::from_json(json).expect("what was written is JSON");
                // As values: what is read as `double` is not spelled as a `float` is.
                let mut reprinted = Vec::new();
                again.write_json(&mut reprinted);
                assert_eq!(Value::from_json(&reprinted), Ok(again), "{plan:?}");
                let built = builder.finish();
                assert!(!visits || built == value, "{plan:?}: {built:?} {value:?}");
                assert!(short != Short::Error || frame.len() >= plan.needed(), "{plan:?}");
            }
            (Err(error), Err(other), Err(third)) => {
                assert_eq!(json, b"before", "nothing is appended on failure");
                assert_eq!((&error, &error), (&other, &third));
                assert!(frame.len() < plan.needed(), "{error}");
                assert_ne!(short, Short::Cut, "{error}");
                assert!(short == Short::Error || plan.needed() > MAX_LEN, "{error}");
            }
            (written, value, visited) => {
                panic!("{plan:?}: {written:?}, {value:?}, {visited:?}");
            }
        }
    }
}

fn text(json: &[u8]) -> &str {
    std::str::from_utf8(json).expect("JSON is UTF-8")
}

/// Findings are what the plan names when it is asked.
fn findings(plan: &Plan, frame: &[u8]) {
    let mut json = Vec::new();
    let Ok(findings) = plan.write_json(frame, Short::Error, &mut json) else { return };
    let invalid = plan.invalid(frame, 3);
    assert_eq!(findings.first_invalid(), invalid.first().map(|first| first.offset), "{plan:?}");
    assert!(invalid.iter().all(|one| one.offset < frame.len() && !one.path.is_empty()));
    let big = plan.endian() == cwire_layout::abi::Endian::Big;
    let is_set = |bit: u64| {
        let byte = usize::try_from(bit / 8).ok().and_then(|at| frame.get(at)).copied();
        let mask = if big { 0x80 >> (bit % 8) } else { 1 << (bit % 8) };
        byte.is_some_and(|byte| byte & mask != 0)
    };
    let mut last = 0;
    let mut any = false;
    for place in plan.padding(frame) {
        let end = place.offset_bits + place.size_bits;
        assert!(place.offset_bits >= last && end <= frame.len() as u64 * 8, "{plan:?}: {place:?}");
        last = end;
        any |= (place.offset_bits..end).any(is_set);
    }
    assert_eq!(findings.has_padding(), any, "{plan:?} {frame:02x?}");
}

/// Encoding what was decoded losslessly gives the same bytes.
fn round_trip(plan: &Plan, frame: &[u8]) {
    let (value, _) = plan.value(frame, Short::Error).expect("the frame is long enough");
    let mut json = Vec::new();
    plan.write_json(frame, Short::Error, &mut json).expect("the frame is long enough");
    if frame.len() > MAX_LEN {
        return;
    }
    let mut again = Vec::new();
    if let Err(error) = plan.encode(&value, &mut again) {
        panic!("{plan:?}: {error}\n{}", text(&json));
    }
    assert_eq!(again, frame, "{plan:?}: {}", text(&json));
    let mut again = vec![7];
    if let Err(error) = plan.encode_json(&json, &mut again) {
        panic!("{plan:?}: {error}\n{}", text(&json));
    }
    assert_eq!(again.strip_prefix(&[7]), Some(frame), "{plan:?}: {}", text(&json));
}

/// Decoding what a value was encoded to gives the same value.
fn values_return(plan: &Plan, frame: &[u8]) {
    let (value, _) = plan.value(frame, Short::Error).expect("the frame is long enough");
    let mut bytes = Vec::new();
    // What was replaced by U+FFFD may be too long now, or not be in the encoding at all.
    if plan.encode(&value, &mut bytes).is_err() {
        assert!(bytes.is_empty(), "nothing is appended on failure");
        return;
    }
    let (again, _) = plan.value(&bytes, Short::Error).expect("it was encoded to a whole record");
    let print = |value: &Value| {
        let mut json = Vec::new();
        value.write_json(&mut json);
        json
    };
    // As text, since a NaN has many forms.
    assert_eq!(text(&print(&again)), text(&print(&value)), "{plan:?} {frame:02x?} {bytes:02x?}");
}

/// Lines of a run are those of its records.
fn runs(plan: &Plan, bytes: &[u8]) {
    let size = plan.size();
    if size == 0 || size > bytes.len() {
        return;
    }
    let mut lines = Vec::new();
    let sink = |piece: &[u8]| {
        assert_eq!(piece.last(), Some(&b'\n'), "pieces are whole lines");
        lines.extend_from_slice(piece);
        Ok::<(), std::convert::Infallible>(())
    };
    let mut writer = JsonLines::new(plan).scan_padding(true);
    let run = writer.write_run(bytes, 100, sink).expect("the sink takes everything");
    assert_eq!((run.records, run.consumed), (bytes.len() / size, bytes.len() / size * size));
    let mut more = Vec::new();
    let members = (&b"\"stream\": 3, "[..], &b", \"packet\": 7"[..]);
    let with = writer.write_run_with(members, bytes, 100, |piece| {
        more.extend_from_slice(piece);
        Ok::<(), std::convert::Infallible>(())
    });
    assert_eq!(with, Ok(run));
    let mut appended = Text::default();
    for _ in 0..2 {
        appended.clear();
        assert_eq!(writer.append_run(bytes, 100, &mut appended), run);
        assert_eq!(text(appended.as_bytes()), text(&lines));
        assert_eq!(writer.append_run_with(members, bytes, 100, &mut appended), run);
        assert_eq!(text(appended.as_bytes()), [text(&lines), text(&more)].concat());
    }
    let mut expected = Vec::new();
    let mut expected_more = Vec::new();
    let mut all = crate::plan::Findings::default();
    let (mut with_padding, mut first_invalid) = (0, None);
    for (index, frame) in bytes.chunks_exact(size).enumerate() {
        let mut name = Vec::new();
        crate::json::push_string(&mut name, plan.record());
        let offset = 100 + index * size;
        let front = format!(
            "{{\"type\": \"record\", \"record\": {}, \"offset\": {offset}, \"fields\": ",
            text(&name)
        );
        expected.extend_from_slice(front.as_bytes());
        let found = plan.write_json(frame, Short::Error, &mut expected).expect("a whole record");
        all.padding |= found.padding;
        let place = found.invalid.map(|bits| bits + (index * size) as u64 * 8);
        all.invalid = all.invalid.or(place);
        expected.extend_from_slice(b"}\n");
        let front = format!(
            "{{\"type\": \"record\", \"record\": {}, \"stream\": 3, \"offset\": {offset}, \"packet\": 7, \
             \"fields\": ",
            text(&name)
        );
        expected_more.extend_from_slice(front.as_bytes());
        let _ = plan.write_json(frame, Short::Error, &mut expected_more);
        expected_more.extend_from_slice(b"}\n");
        with_padding += usize::from(found.padding);
        first_invalid = first_invalid.or(found.invalid.map(|_| index));
    }
    assert_eq!(text(&lines), text(&expected));
    assert_eq!(text(&more), text(&expected_more));
    assert_eq!(run.findings, all, "{plan:?}");
    if let Some(audit) = plan.audit() {
        let found = audit.run(bytes);
        assert_eq!(
            (found.records, found.with_padding, found.first_invalid),
            (run.records, with_padding, first_invalid),
            "{plan:?}"
        );
    }
}

/// Whether two members have one name, as in a class whose bases have the same base: a JSON object
/// cannot tell them apart.
fn is_ambiguous(plan: &Plan, frame: &[u8]) -> bool {
    let Ok((value, _)) = plan.value(frame, Short::Error) else { return true };
    repeats(&value)
}

fn repeats(value: &Value) -> bool {
    match value {
        Value::List(elements) => elements.iter().any(repeats),
        Value::Object(members) => {
            let mut names: Vec<_> = members.iter().map(|(name, _)| name).collect();
            names.sort();
            names.windows(2).any(|pair| matches!(pair, [a, b] if a == b))
                || members.iter().any(|(_, member)| repeats(member))
        }
        _ => false,
    }
}

fn has_union(types: &Types, record: RecordId) -> bool {
    let record = types.record(record);
    let Some(definition) = &record.definition else { return false };
    record.kind == RecordKind::Union
        || definition.def.members.iter().any(|member| type_has_union(types, member.ty))
        || definition.def.bases.iter().any(|base| has_union(types, base.record))
        // Members that share their bytes are a union in all but name.
        || definition.def.members.iter().any(|member| member.no_unique_address)
}

fn type_has_union(types: &Types, ty: TypeId) -> bool {
    match types.get(types.strip(ty)) {
        Type::Record(record) => has_union(types, *record),
        Type::Array { element, .. } | Type::Atomic(element) => type_has_union(types, *element),
        _ => false,
    }
}

/// Builds a value of what a visitor is told.
#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    done: Option<Value>,
}

enum Open {
    List(Vec<Value>),
    Object(Vec<(Box<str>, Value)>, Option<Box<str>>),
}

impl Builder {
    fn put(&mut self, value: Value) {
        match self.open.last_mut() {
            None => assert!(self.done.replace(value).is_none(), "two values at the top"),
            Some(Open::List(list)) => list.push(value),
            Some(Open::Object(members, key)) => {
                let key = key.take().expect("a member has a key");
                members.push((key, value));
            }
        }
    }

    fn finish(self) -> Value {
        assert!(self.open.is_empty(), "what begins ends");
        self.done.expect("a record was visited")
    }
}

impl Visitor for Builder {
    fn begin_object(&mut self) {
        self.open.push(Open::Object(Vec::new(), None));
    }

    fn key(&mut self, key: &Key) {
        match self.open.last_mut() {
            Some(Open::Object(_, next)) => {
                assert!(next.replace(key.name().into()).is_none(), "a key without a value");
            }
            _ => panic!("a key outside an object"),
        }
    }

    fn end_object(&mut self) {
        match self.open.pop() {
            Some(Open::Object(members, None)) => self.put(Value::Object(members)),
            _ => panic!("an object ends that is none"),
        }
    }

    fn begin_list(&mut self) {
        self.open.push(Open::List(Vec::new()));
    }

    fn end_list(&mut self) {
        match self.open.pop() {
            Some(Open::List(list)) => self.put(Value::List(list)),
            _ => panic!("a list ends that is none"),
        }
    }

    fn scalar(&mut self, item: &Item<'_>) {
        self.put(match &item.scalar {
            Scalar::Int(value) => Value::Int(*value),
            Scalar::UInt(value) => Value::UInt(*value),
            Scalar::Bool(value) => Value::Bool(*value),
            Scalar::Enum { name, .. } => Value::Text((*name).into()),
            Scalar::Float32(value) => Value::Float32(*value),
            Scalar::Float64(value) => Value::Float64(*value),
            Scalar::Char(value) => Value::Text((*value).into()),
            Scalar::Text(text) => Value::Text(text.clone().into_owned()),
            Scalar::Wide(text) => Value::Text(text.clone()),
        });
    }

    fn null(&mut self, _leaf: Option<usize>, _offset_bits: u64) {
        self.put(Value::Null);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1024))]

        #[test]
        fn laws_hold(data in prop::collection::vec(any::<u8>(), 0..600)) {
            super::decode(&data);
        }

        /// Bytes of few bits, as records have them.
        #[test]
        fn laws_hold_for_small_numbers(
            mut data in prop::collection::vec(prop_oneof![3 => 0_u8..4, 1 => any::<u8>()], 2..600),
            share in 40_u8..200,
        ) {
            data[0] = share;
            super::decode(&data);
        }
    }
}
