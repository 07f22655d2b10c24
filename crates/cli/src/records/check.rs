//! What `--strict` complains of.

use std::collections::HashMap;

use cwire_codec::plan::{Item, LeafKind, Plan, Scalar, Short, TextEncoding, Visitor};

use super::work::kind;

/// Plans that tell more than those that are shown.
pub(crate) struct Checks {
    plans: HashMap<String, Plan>,
    is_utf8: bool,
}

/// A value that is not as it should be.
pub(crate) struct Finding {
    /// C path without indices.
    pub(crate) path: String,
    /// Bytes from the start of the record.
    pub(crate) offset: u64,
    pub(crate) message: String,
}

impl Checks {
    pub(crate) fn new<'a>(plans: impl Iterator<Item = &'a Plan>, encoding: TextEncoding) -> Self {
        let plans = plans.map(|plan| (kind(plan), plan.clone())).collect();
        Self { plans, is_utf8: encoding == TextEncoding::Utf8 }
    }

    /// What is wrong with a record of the kind of `plan`.
    pub(crate) fn look(&self, plan: &Plan, bytes: &[u8], short: Short) -> Vec<Finding> {
        let Some(plan) = self.plans.get(&kind(plan)) else { return Vec::new() };
        let mut look = Look { plan, is_utf8: self.is_utf8, findings: Vec::new() };
        // What cannot be decoded at all is complained of elsewhere.
        let _ = plan.visit(bytes, short, &mut look);
        look.findings
    }
}

struct Look<'a> {
    plan: &'a Plan,
    is_utf8: bool,
    findings: Vec<Finding>,
}

impl Look<'_> {
    fn add(&mut self, item: &Item<'_>, message: String) {
        let path = self.plan.leaves().get(item.leaf).map(|leaf| leaf.path.clone());
        let (path, offset) = (path.unwrap_or_default(), item.offset_bits / 8);
        self.findings.push(Finding { path, offset, message });
    }
}

impl Visitor for Look<'_> {
    fn scalar(&mut self, item: &Item<'_>) {
        let Some(leaf) = self.plan.leaves().get(item.leaf) else { return };
        match (&item.scalar, leaf.kind) {
            (Scalar::Int(value), LeafKind::Enum) => {
                self.add(
                    item,
                    format!("an enumerator of `{}` is needed, found {value}", leaf.ctype),
                );
            }
            (Scalar::Text(text), _) if text.contains('\u{fffd}') => {
                let end = item.raw.iter().position(|&byte| byte == 0).unwrap_or(item.raw.len());
                let raw = item.raw.get(..end).unwrap_or_default();
                // U+FFFD itself is valid.
                let is_valid =
                    self.is_utf8 && str::from_utf8(raw).is_ok_and(|valid| valid == text.as_ref());
                if !is_valid {
                    self.add(
                        item,
                        format!("valid text is needed, found \"{}\"", raw.escape_ascii()),
                    );
                }
            }
            _ => {}
        }
    }
}
