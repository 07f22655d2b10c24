//! Records inside messages.

use super::Builder;
use crate::expr::{Expr, Fields};
use crate::frame::protocol::file::{MessageDef, Number, PartDef};
use crate::frame::protocol::rule::{Count, PartRule};
use crate::plan::Plan;

impl Builder<'_> {
    pub(super) fn part(
        &mut self,
        part: &PartDef,
        message: &MessageDef,
        fields: Option<Fields>,
        prefix: usize,
        record: &Option<Plan>,
    ) -> Option<PartRule> {
        let endian = self.endian(message.endian);
        let id = self.record(&part.record);
        let plan = id.and_then(|id| self.plan(&part.record, id, endian));
        let when = part.when.as_ref().and_then(|when| self.when(when, fields));
        let behind = prefix.saturating_add(record.as_ref().map_or(0, Plan::size));
        let behind = Number::Plain(i128::try_from(behind).unwrap_or(0), 0..0);
        let at = self.expr(part.at.as_ref().unwrap_or(&behind), fields);
        let count = match &part.count {
            None => Some(Count::One),
            Some(Number::Text(text)) if &*text.value == "rest" => Some(Count::Rest),
            Some(count) => self.count(count, fields),
        };
        let own = id.map(|record| Fields { record, base: 0, endian });
        let length = part.length.as_ref().map(|length| self.item_length(length, own));
        if let (Some(at), Some(offset)) = (&part.at, at.as_ref().and_then(Expr::constant))
            && offset < 0
        {
            self.at(at, format!("needs an offset of at least 0, found {offset}"));
        }
        let (plan, count) = (plan?, count?);
        if plan.has_tail() && !matches!(count, Count::One) && length.is_none() {
            let name = &part.record.value;
            let message =
                format!("needs `length`: `{name}` ends in an array that may have any length");
            self.problems.add_in(&part.record, 0, message);
        }
        let has_bytes = plan.size() > 0 || plan.has_tail();
        if !has_bytes && length.is_none() {
            let message = format!("needs `length`: `{}` has no bytes", part.record.value);
            self.problems.add_in(&part.record, 0, message);
        }
        let length = match length {
            Some(length) => Some(length?),
            None => None,
        };
        Some(PartRule { plan, at: at?, when, count, length })
    }

    pub(super) fn count(&mut self, count: &Number, fields: Option<Fields>) -> Option<Count> {
        let expr = self.expr(count, fields)?;
        match expr.constant() {
            Some(number) if number < 1 => {
                self.at(count, format!("needs a count of at least 1, found {number}"));
                None
            }
            _ => Some(Count::Number(expr)),
        }
    }

    /// The length of one record of a list: over its own bytes.
    pub(super) fn item_length(&mut self, length: &Number, fields: Option<Fields>) -> Option<Expr> {
        let expr = self.expr_without_recall(length, fields)?;
        match expr.constant() {
            Some(number) if number < 1 => {
                self.at(length, format!("needs a length of at least 1 byte, found {number}"));
                None
            }
            _ => Some(expr),
        }
    }
}
