//! Body of the fuzz target over text that is encoded; stable tests call it, too.

use super::super::{Plan, PlanOptions, Short};
use crate::value::Value;

/// Arbitrary text by plans of arbitrary records: the first byte says how much of what follows is for the
/// types.
///
/// # Panics
///
/// A law is broken: a buffer that was changed on error, an error that is not in the text, bytes that
/// cannot be decoded, a tree of the same text that is refused.
pub fn encode_json(data: &[u8]) {
    let Some((&share, data)) = data.split_first() else { return };
    let (types, json) = data.split_at(data.len() * usize::from(share) / 256);
    let types = cwire_layout::fuzz::types(types);
    let options = PlanOptions { max_len: 1 << 12, ..PlanOptions::default() };
    for &record in types.records() {
        if let Ok(plan) = Plan::new(&types, record, &options) {
            check(&plan, json);
        }
    }
}

/// Encodes arbitrary text by a plan.
///
/// # Panics
///
/// A law is broken: a buffer that was changed on error, an error that is not in the text, bytes that
/// cannot be decoded or that are fewer than a frame has at least; a tree of the same text is refused.
pub(super) fn check(plan: &Plan, json: &[u8]) {
    const BEFORE: &[u8] = b"before";
    let mut out = BEFORE.to_vec();
    let encoded = plan.encode_json(json, &mut out);
    match &encoded {
        Ok(()) => {
            let frame = out.strip_prefix(BEFORE).expect("what was there before stays");
            assert!(frame.len() >= plan.needed(), "a whole record");
            let (value, findings) =
                plan.value(frame, Short::Error).expect("what was encoded can be decoded");
            assert!(!findings.is_cut(), "{value:?}");
        }
        Err(error) => {
            assert_eq!(out, BEFORE, "nothing is appended on error");
            assert!((1..=json.len() + 1).contains(&error.column()), "{error}");
        }
    }
    // A tree says the same, but for the spelling of numbers with a fraction.
    if let Ok(value) = Value::from_json(json) {
        let mut again = BEFORE.to_vec();
        let result = plan.encode(&value, &mut again);
        assert!(result.is_ok() || again == BEFORE, "nothing is appended on error");
        assert!(result.is_err() || encoded.is_ok(), "{result:?} {encoded:?}");
    }
}
