//! Lengths of messages.

use std::ops::RangeInclusive;

use super::Builder;
use super::record::types_record;
use crate::expr::Fields;
use crate::frame::protocol::file::{LengthDef, MessageDef, Number};
use crate::frame::protocol::rule::{Length, Switch};
use crate::plan::Plan;

impl Builder<'_> {
    pub(super) fn length(
        &mut self,
        message: &MessageDef,
        fields: Option<Fields>,
        record: Option<&Plan>,
        prefix: usize,
        allowed: RangeInclusive<usize>,
    ) -> Option<Length> {
        match &message.length {
            None => self.record_length(message, record, prefix, &allowed),
            Some(LengthDef::Whole(number)) => {
                let expr = self.expr(number, fields)?;
                match expr.constant() {
                    Some(len) => self.fixed_length(number, len, &allowed).map(Length::Fixed),
                    None => Some(Length::Computed { expr, scale: 1, adjust: 0 }),
                }
            }
            Some(LengthDef::Field { field, scale, adjust }) => {
                let field = Number::Text(field.clone());
                let expr = self.expr(&field, fields)?;
                let factor = scale.as_ref().map_or(Some(1), |scale| self.fixed(scale))?;
                let adjust = adjust.as_ref().map_or(Some(0), |adjust| self.fixed(adjust))?;
                if let (0, Some(scale)) = (factor, scale) {
                    self.at(scale, "needs a scale other than 0, found 0");
                    return None;
                }
                if expr.constant().is_some() {
                    self.at(&field, "needs a field, found a constant");
                    return None;
                }
                Some(Length::Computed { expr, scale: factor, adjust })
            }
        }
    }

    /// Without `length` a message is its prefix and its record.
    pub(super) fn record_length(
        &mut self,
        message: &MessageDef,
        record: Option<&Plan>,
        prefix: usize,
        allowed: &RangeInclusive<usize>,
    ) -> Option<Length> {
        let Some(name) = &message.record else {
            let needed = "needs `length` or `record`: nothing says how long the message is";
            self.problems.add(message.span.start, needed);
            return None;
        };
        let size = record?.size();
        if let Some(trim) = &message.trim {
            let needed =
                "needs `length` where there is `trim`: without it a message ends with its record";
            self.at(trim, needed);
            return None;
        }
        let len = prefix.saturating_add(size);
        if len == 0 {
            let message = format!("needs `length`: `{}` has no bytes", name.value);
            self.problems.add_in(name, 0, message);
            return None;
        }
        if len > *allowed.end() {
            let most = allowed.end();
            let message = format!("needs a message of at most {most} bytes (`max`), found {len}");
            self.problems.add_in(name, 0, message);
            return None;
        }
        Some(Length::Fixed(len))
    }

    pub(super) fn fixed_length(
        &mut self,
        number: &Number,
        len: i128,
        allowed: &RangeInclusive<usize>,
    ) -> Option<usize> {
        let checked = usize::try_from(len).ok().filter(|len| allowed.contains(len));
        if checked.is_none() {
            let (least, most) = (allowed.start(), allowed.end());
            let message = format!("needs a length of {least} to {most} bytes, found {len}");
            self.at(number, message);
        }
        checked
    }

    /// Without `length` no case may be longer than the record that says how long the message is.
    pub(super) fn cases_fit(
        &mut self,
        message: &MessageDef,
        record: &Option<Plan>,
        switch: Option<&Switch>,
    ) {
        let (Some(record), Some(switch), Some((_, cases))) = (record, switch, &message.cases)
        else {
            return;
        };
        let plans = switch.cases.iter().map(|(_, plan)| plan).chain(&switch.default);
        for plan in plans.filter(|plan| plan.size() > record.size()) {
            let named = cases.iter().map(|case| &case.name).chain(&message.default);
            let found = named.into_iter().find(|name| {
                types_record(self.types, &name.value)
                    .is_some_and(|id| *self.types.record(id).name == *plan.record())
            });
            let text = format!(
                "needs `length`: `{}` has {} bytes, but without `length` the message has the {} of `{}`",
                plan.record(),
                plan.size(),
                record.size(),
                record.record(),
            );
            match found {
                Some(name) => self.problems.add_in(name, 0, text),
                None => self.problems.add(message.span.start, text),
            }
        }
    }
}
