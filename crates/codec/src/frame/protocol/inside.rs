//! What is inside a message that is there as a whole.

use super::rule::{Count, Head, Rule};
use super::trouble::{Key, Trouble};
use crate::expr::{Expr, Scope, Stop};
use crate::plan::Plan;

impl Rule {
    /// Whether a message holds one record and says nothing to later ones.
    pub(super) fn is_plain(&self) -> bool {
        self.switch.is_none() && self.parts.is_empty() && self.remember.is_empty()
    }

    /// The record of a message.
    pub(super) fn choose(&self, scope: &Scope<'_>) -> Result<Option<&Plan>, Trouble> {
        let Some(switch) = &self.switch else { return Ok(self.record.as_ref()) };
        let value = self.value(&switch.expr, Key::Switch, scope)?;
        let case = value.and_then(|value| {
            let found = switch.cases.binary_search_by(|(case, _)| case.cmp(&value)).ok()?;
            switch.cases.get(found).map(|(_, plan)| plan)
        });
        Ok(case.or(switch.default.as_ref()).or(self.record.as_ref()))
    }

    /// The value of an expression over a whole message; `None` if the message ends before what it
    /// reads.
    fn value(&self, expr: &Expr, key: Key, scope: &Scope<'_>) -> Result<Option<i128>, Trouble> {
        match expr.eval(scope) {
            Ok(value) => Ok(Some(value)),
            Err(Stop::Need(_)) => Ok(None),
            Err(Stop::Error(error)) => Err(Trouble::Expression { line: self.line, key, error }),
        }
    }

    /// Notes where a part begins, if it is there.
    pub(super) fn head(
        &self,
        index: usize,
        scope: &Scope<'_>,
        heads: &mut Vec<Head>,
    ) -> Result<(), Trouble> {
        let Some(part) = self.parts.get(index) else { return Ok(()) };
        if let Some(when) = &part.when
            && self.value(when, Key::PartWhen, scope)?.unwrap_or(0) == 0
        {
            return Ok(());
        }
        let Some(at) = self.value(&part.at, Key::PartAt, scope)? else { return Ok(()) };
        let count = match &part.count {
            Count::One => Some(1),
            Count::Rest => Some(i128::MAX),
            Count::Number(expr) => self.value(expr, Key::PartCount, scope)?,
        };
        let Some(count) = count else { return Ok(()) };
        let (len, line) = (scope.bytes.len(), self.line);
        // Beyond the end there is no room for any, which is told where it matters.
        let Ok(at) = usize::try_from(at.min(len as i128)) else {
            return Err(Trouble::Item { line, at: 0, room: len, found: at });
        };
        let count = u64::try_from(count.clamp(0, i128::from(u64::MAX))).unwrap_or(0);
        heads.push(Head { part: index, at, count });
        Ok(())
    }

    /// What a message leaves for later ones.
    pub(super) fn remembers(
        &self,
        scope: &Scope<'_>,
        remembered: &mut Vec<(usize, i128, i128)>,
    ) -> Result<(), Trouble> {
        for remember in &self.remember {
            let key = self.value(&remember.key, Key::Remember, scope)?;
            let value = self.value(&remember.value, Key::Remember, scope)?;
            if let (Some(key), Some(value)) = (key, value) {
                remembered.push((remember.table, key, value));
            }
        }
        Ok(())
    }
}
