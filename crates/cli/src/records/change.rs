//! Fields of records that are changed on their way: `--set`.

use std::collections::HashMap;
use std::ops::Range;
use std::str::FromStr;

use anyhow::bail;
use cwire_codec::expr::{Formula, Occasion};
use cwire_codec::plan::Plan;
use cwire_codec::value::Value;

use super::work::kind;
use crate::cmd::schema::{Schema, expression_error};

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
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes(HashMap<String, Vec<Change>>);

#[derive(Clone, Debug)]
struct Change {
    path: String,
    by: By,
}

#[derive(Clone, Debug)]
enum By {
    Formula(Formula),
    Value(Value),
}

impl Changes {
    /// What `sets` change in records of these plans.
    ///
    /// # Errors
    ///
    /// No record has such a field, or the text is no expression.
    pub(crate) fn compile<'a>(
        sets: &[Set],
        schema: &mut Schema,
        plans: impl Iterator<Item = &'a Plan> + Clone,
    ) -> anyhow::Result<Self> {
        let mut changes: HashMap<String, Vec<Change>> = HashMap::new();
        for Set { path, text } in sets {
            let constant = constant(text);
            let mut is_known = false;
            let mut problem = None;
            for plan in plans.clone().filter(|plan| plan.has_field(path)) {
                let by = match &constant {
                    Some(value) => Ok(By::Value(value.clone())),
                    None => schema.formula(text, plan)?.map(By::Formula),
                };
                match by {
                    Ok(by) => {
                        is_known = true;
                        let path = path.clone();
                        changes.entry(kind(plan)).or_default().push(Change { path, by });
                    }
                    Err(error) => problem = problem.or(Some(error)),
                }
            }
            match problem {
                Some(error) if !is_known => return Err(expression_error("--set", text, &error)),
                None if !is_known => bail!("--set {path}={text}: no record has a field `{path}`"),
                _ => {}
            }
        }
        Ok(Self(changes))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
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
            let Some(changes) = self.0.get(&kind(plan)) else { continue };
            let Some(place) = message.get_mut(range.clone()) else { continue };
            let mut record = place.to_vec();
            for Change { path, by } in changes {
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
            }
            place.copy_from_slice(&record);
        }
        Ok(())
    }
}

/// What is JSON and no integer: text, numbers with a fraction, `true` and `false`, lists, objects.
fn constant(text: &str) -> Option<Value> {
    match Value::from_json(text.as_bytes()).ok()? {
        Value::Int(_) | Value::UInt(_) | Value::Null => None,
        value => Some(value),
    }
}
