//! Records by name, and how they are decoded.

use cwire_layout::Types;
use cwire_layout::abi::Endian;
use cwire_layout::types::{RecordId, Type};

use super::Builder;
use crate::expr::{did_you_mean, has_path, refusal};
use crate::frame::protocol::annotate;
use crate::frame::protocol::error::Quoted;
use crate::plan::{Annotations, Plan};

impl Builder<'_> {
    /// The record of a name, complete.
    pub(in crate::frame::protocol) fn record(&mut self, name: &Quoted) -> Option<RecordId> {
        let types = self.types;
        let found = types_record(types, &name.value);
        if let Some(id) = found.filter(|id| types.record(*id).definition.is_some()) {
            return Some(id);
        }
        let text = &name.value;
        let reason = refusal(types, text);
        let message = match (found, types.find(text)) {
            (Some(_), _) => {
                format!("needs a record with a body, found the declaration `{text}`{reason}")
            }
            (None, Some(ty)) => format!("needs a record, found `{}`", types.spell(ty)),
            (None, None) => {
                let known = types.records().iter().map(|&id| &*types.record(id).name);
                let near = did_you_mean(text, known.filter(|name| !name.is_empty()));
                format!("unknown record `{text}`{reason}{near}")
            }
        };
        self.problems.add_in(name, 0, message);
        None
    }

    pub(super) fn plan(&mut self, name: &Quoted, id: RecordId, endian: Endian) -> Option<Plan> {
        let key = (id, endian == Endian::Big);
        if let Some(plan) = self.plans.get(&key) {
            return plan.clone();
        }
        let mut options = self.options.clone();
        options.endian = Some(endian);
        options.annotations = self.annotations(endian);
        options.select = self.select(id);
        let plan = match Plan::new(self.types, id, &options) {
            Ok(plan) => Some(plan),
            Err(error) => {
                self.problems.add_in(name, 0, error.to_string());
                None
            }
        };
        self.plans.insert(key, plan.clone());
        plan
    }

    /// The selected fields that a record has.
    pub(super) fn select(&mut self, record: RecordId) -> Option<Vec<String>> {
        let paths = self.options.select.as_ref()?;
        let mut kept = Vec::new();
        for (path, is_found) in paths.iter().zip(&mut self.selected) {
            if has_path(self.types, record, path) {
                *is_found = true;
                kept.push(path.clone());
            }
        }
        Some(kept)
    }

    /// Refuses selected fields that no record has.
    pub(super) fn selection(&mut self) {
        let paths = self.options.select.iter().flatten();
        for (path, _) in paths.zip(&self.selected).filter(|(_, is_found)| !**is_found) {
            if self.problems.count() == 0 {
                self.problems.add(0, format!("needs a field of some message, found `{path}`"));
            }
        }
    }

    /// The annotations of the options and the file, for fields of a byte order.
    pub(super) fn annotations(&mut self, endian: Endian) -> Annotations {
        let key = endian == Endian::Big;
        if let Some(annotations) = self.annotated.get(&key) {
            return annotations.clone();
        }
        // Told once: what is wrong in one byte order is wrong in the other.
        let is_first = self.annotated.is_empty();
        let before = self.problems.count();
        let mut annotations = self.options.annotations.clone();
        annotate::annotate(self, endian, &mut annotations);
        if !is_first {
            self.problems.truncate(before);
        }
        self.annotated.insert(key, annotations.clone());
        annotations
    }
}

/// The record that a name or `struct` tag means, complete or not.
pub(super) fn types_record(types: &Types, name: &str) -> Option<RecordId> {
    let mut words = name.split_whitespace();
    let name = match (words.next()?, words.next(), words.next()) {
        ("struct" | "union" | "class", Some(name), None) => name,
        (name, None, None) => name,
        _ => return None,
    };
    match types.get(types.strip(types.find(name)?)) {
        Type::Record(id) => Some(*id),
        _ => None,
    }
}
