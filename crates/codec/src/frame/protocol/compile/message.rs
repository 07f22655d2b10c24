//! One message.

use std::collections::HashMap;

use cwire_layout::abi::Endian;

use super::{Builder, MOST};
use crate::expr::{Expr, Fields};
use crate::frame::MAX_FRAME_LEN;
use crate::frame::protocol::file::{CaseDef, MessageDef, Number};
use crate::frame::protocol::rule::{Remember, Rule, Switch};
use crate::plan::{Plan, Short};

impl Builder<'_> {
    pub(super) fn rule(&mut self, message: &MessageDef) -> Option<Rule> {
        let before = self.problems.count();
        let endian = self.endian(message.endian);
        let max = self.bounded(message.max.as_ref(), 1..=MOST).unwrap_or(MAX_FRAME_LEN);
        let prefix = self.bounded(message.prefix.as_ref(), 0..=max).unwrap_or(0);
        let trim = self.bounded(message.trim.as_ref(), 0..=max).unwrap_or(0);
        if let (Some(number), true) = (&message.trim, prefix.saturating_add(trim) > max) {
            let text = format!("needs `prefix` and `trim` to be at most {max} together (`max`)");
            self.at(number, text);
            return None;
        }
        let id = message.record.as_ref().map(|name| self.record(name));
        let fields = id.flatten().map(|record| Fields { record, base: prefix, endian });
        if let (Some(None), true) = (id, before < self.problems.count()) {
            // Every field would be unknown, too.
            return None;
        }
        let record = message.record.as_ref().zip(fields);
        let record = record.and_then(|(name, fields)| self.plan(name, fields.record, endian));
        let least = prefix.saturating_add(trim).max(1);
        let when = message.when.as_ref().and_then(|when| self.when(when, fields));
        let times = self.bounded(message.times.as_ref(), 1..=usize::MAX);
        let length = self.length(message, fields, record.as_ref(), prefix, least..=max);
        let switch = self.switch(message, fields, endian);
        if message.length.is_none() {
            self.cases_fit(message, &record, switch.as_ref());
        }
        let parts =
            message.parts.iter().map(|part| self.part(part, message, fields, prefix, &record));
        let parts: Vec<_> = parts.collect();
        let remember = self.remember(message, fields);
        let resync = message.resync.as_ref().and_then(|resync| self.resync(resync, fields));
        if before < self.problems.count() {
            return None;
        }
        Some(Rule {
            line: self.problems.line(message.span.start),
            side: message.side,
            when,
            times: times.map(|times| times as u64),
            prefix,
            trim,
            length: length?,
            record,
            switch,
            short: message.short.unwrap_or(Short::Cut),
            parts: parts.into_iter().collect::<Option<_>>()?,
            remember: remember.into(),
            resync,
            max,
        })
    }

    /// `when`; what is always true is none.
    pub(super) fn when(&mut self, when: &Number, fields: Option<Fields>) -> Option<Expr> {
        let expr = self.expr(when, fields)?;
        match expr.constant() {
            None => Some(expr),
            Some(0) => {
                self.at(when, "needs a condition that can be true, found one that is always 0");
                None
            }
            Some(_) => None,
        }
    }

    pub(super) fn resync(&mut self, resync: &Number, fields: Option<Fields>) -> Option<Expr> {
        let expr = self.expr(resync, fields)?;
        if let Some(value) = expr.constant() {
            let message = format!(
                "needs a condition on the first bytes of a message, found one that is always {value}"
            );
            self.at(resync, message);
            return None;
        }
        Some(expr)
    }

    pub(super) fn switch(
        &mut self,
        message: &MessageDef,
        fields: Option<Fields>,
        endian: Endian,
    ) -> Option<Switch> {
        let Some(switch) = &message.switch else {
            if let Some((span, _)) = &message.cases {
                self.problems.add(span.start, "needs `switch` beside `cases`");
            }
            if let Some(default) = &message.default {
                self.problems.add_in(default, 0, "needs `switch` beside `default`");
            }
            return None;
        };
        let expr = self.expr(switch, fields);
        if let Some(value) = expr.as_ref().and_then(Expr::constant) {
            let message =
                format!("needs an expression over the message, found one that is always {value}");
            self.at(switch, message);
        }
        let Some((_, cases)) = &message.cases else {
            self.at(switch, "needs `cases` beside `switch`");
            return None;
        };
        let mut chosen: Vec<(i128, Plan)> = Vec::new();
        for (value, case) in self.case_values(cases) {
            let plan = self.record(&case.name).and_then(|id| self.plan(&case.name, id, endian));
            chosen.extend(plan.map(|plan| (value, plan)));
        }
        chosen.sort_by_key(|(value, _)| *value);
        let default = message.default.as_ref().and_then(|name| {
            let id = self.record(name)?;
            self.plan(name, id, endian)
        });
        Some(Switch { expr: expr?, cases: chosen.into(), default })
    }

    /// The numbers of cases; those that cannot be told from another are refused.
    pub(in crate::frame::protocol) fn case_values<'c>(
        &mut self,
        cases: &'c [CaseDef],
    ) -> Vec<(i128, &'c CaseDef)> {
        let mut values: HashMap<i128, &CaseDef> = HashMap::new();
        let mut in_order = Vec::new();
        for case in cases {
            let Some(value) = self.fixed(&Number::Text(case.key.clone())) else { continue };
            if let Some(other) = values.get(&value) {
                let message =
                    format!("`{}` is {value}, as `{}` is", case.key.value, other.key.value);
                self.problems.add_in(&case.key, 0, message);
                continue;
            }
            values.insert(value, case);
            in_order.push((value, case));
        }
        in_order
    }

    pub(super) fn remember(
        &mut self,
        message: &MessageDef,
        fields: Option<Fields>,
    ) -> Vec<Remember> {
        let mut remembered = Vec::new();
        for remember in &message.remember {
            let key = self.expr(&remember.key, fields);
            let value = self.expr(&remember.value, fields);
            let table = self.tables.iter().position(|table| **table == *remember.table.value);
            if let (Some(table), Some(key), Some(value)) = (table, key, value) {
                remembered.push(Remember { table, key, value });
            }
        }
        remembered
    }
}
