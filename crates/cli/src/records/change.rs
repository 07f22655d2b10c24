//! Fields of records that are changed on their way: `--set`.

use std::collections::HashMap;
use std::ops::Range;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, bail};
use cwire_codec::EncodeErrorKind;
use cwire_codec::expr::{Formula, Occasion};
use cwire_codec::plan::Plan;
use cwire_codec::value::Value;

use super::work::kind;
use crate::cmd::schema::{Schema, expression_error};
use crate::complaint::say;

/// `FIELD=EXPR`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Set {
    path: String,
    text: String,
}

impl FromStr for Set {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((path, value)) if !path.trim().is_empty() && !value.trim().is_empty() => {
                Ok(Self { path: path.trim().to_owned(), text: value.trim().to_owned() })
            }
            _ => Err(format!("FIELD=EXPR is needed, found `{text}`")),
        }
    }
}

/// What is changed, by kind of record.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    by_kind: HashMap<String, Vec<Change>>,
    /// For each flag, its text and how many records it has changed.
    flags: Vec<(String, AtomicU64)>,
}

#[derive(Debug)]
struct Change {
    /// Which flag it is of.
    flag: usize,
    path: String,
    by: By,
}

#[derive(Debug)]
enum By {
    Formula(Formula),
    Value(Value),
}

impl Changes {
    /// What `sets` change in records of these plans. Records that have the field and not what it is made
    /// of stay as they are, which is said.
    ///
    /// # Errors
    ///
    /// No record has such a field, the text is no expression, or its value is none of the field.
    pub(crate) fn compile<'a>(
        sets: &[Set],
        schema: &mut Schema,
        plans: impl Iterator<Item = &'a Plan> + Clone,
        quiet: bool,
    ) -> anyhow::Result<Self> {
        let mut changes = Self::default();
        for (flag, Set { path, text }) in sets.iter().enumerate() {
            let constant = constant(text);
            let mut is_known = false;
            let mut problems = Vec::new();
            for plan in plans.clone().filter(|plan| plan.has_field(path)) {
                let of_kind = changes.by_kind.entry(kind(plan)).or_default();
                if of_kind.last().is_some_and(|last| last.flag == flag) {
                    continue;
                }
                let by = match &constant {
                    Some(value) => Ok(By::Value(value.clone())),
                    None => schema.formula(text, plan)?.map(By::Formula),
                };
                match by {
                    Ok(by) => {
                        try_out(plan, path, &by).with_context(|| format!("--set {path}={text}"))?;
                        is_known = true;
                        of_kind.push(Change { flag, path: path.clone(), by });
                    }
                    Err(error) => problems.push((plan.record(), error)),
                }
            }
            match problems.first() {
                Some((_, error)) if !is_known => {
                    return Err(expression_error("--set", text, error));
                }
                None if !is_known => bail!("--set {path}={text}: no record has a field `{path}`"),
                _ => {}
            }
            problems.dedup_by_key(|(record, _)| *record);
            for (record, error) in problems.iter().filter(|_| !quiet) {
                say(format_args!("cwire: --set {path}={text}: not in {record}: {error}"));
            }
            changes.flags.push((format!("{path}={text}"), AtomicU64::new(0)));
        }
        Ok(changes)
    }

    /// The flags that have changed nothing.
    pub(crate) fn unused(&self) -> impl Iterator<Item = &str> {
        let unused = self.flags.iter().filter(|(_, count)| count.load(Ordering::Relaxed) == 0);
        unused.map(|(text, _)| text.as_str())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.flags.is_empty()
    }

    /// Changes the records in a message, one after the other and each in the order of the flags.
    ///
    /// # Errors
    ///
    /// A value does not fit its field, or has none here.
    pub(crate) fn apply(
        &self,
        message: &mut [u8],
        parts: &[(Plan, Range<usize>)],
        occasion: &Occasion,
    ) -> Result<(), String> {
        for (plan, range) in parts {
            let Some(changes) = self.by_kind.get(&kind(plan)) else { continue };
            let Some(place) = message.get_mut(range.clone()) else { continue };
            let mut record = place.to_vec();
            for Change { flag, path, by } in changes {
                let value = match by {
                    By::Value(value) => value.clone(),
                    By::Formula(formula) => match formula.value(&record, occasion) {
                        Ok(Some(value)) => Value::Int(value),
                        Ok(None) => {
                            return Err(format!(
                                "{path}: the record ends before what it is made of"
                            ));
                        }
                        Err(error) => return Err(format!("{path}: {error}")),
                    },
                };
                plan.set(&mut record, path, &value).map_err(|error| error.to_string())?;
                if let Some((_, count)) = self.flags.get(*flag) {
                    count.fetch_add(1, Ordering::Relaxed);
                }
            }
            place.copy_from_slice(&record);
        }
        Ok(())
    }
}

/// Refuses what is no value of the field, whatever the record; the length of a record is not known here.
fn try_out(plan: &Plan, path: &str, by: &By) -> anyhow::Result<()> {
    let value = match by {
        By::Value(value) => value.clone(),
        By::Formula(_) => Value::Int(0),
    };
    match plan.set(&mut vec![0; plan.size().max(plan.needed())], path, &value) {
        Err(error) if !matches!(error.kind(), EncodeErrorKind::BufferTooShort { .. }) => {
            Err(error.into())
        }
        _ => Ok(()),
    }
}

/// What is JSON and no integer: text, numbers with a fraction, `true` and `false`, lists, objects.
fn constant(text: &str) -> Option<Value> {
    match Value::from_json(text.as_bytes()).ok()? {
        Value::Int(_) | Value::UInt(_) | Value::Null => None,
        value => Some(value),
    }
}
