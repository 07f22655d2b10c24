//! Rules before which another always fits.

use super::Builder;
use crate::frame::protocol::file::Side;
use crate::frame::protocol::rule::Rule;

impl Builder<'_> {
    /// Refuses rules before which another always fits.
    pub(super) fn reachable(&mut self, rules: &[Option<Rule>]) {
        let mut certain: Vec<(&Rule, usize)> = Vec::new();
        for (message, rule) in self.file.messages.iter().zip(rules) {
            let Some(rule) = rule else { continue };
            let sides = sides(rule.side);
            if let Some(line) = covered(&certain, sides) {
                let message_at = message.span.start;
                let text =
                    format!("this message is never reached: one fits always, at line {line}");
                self.problems.add(message_at, text);
                continue;
            }
            let same = certain.iter().find(|(other, others)| {
                let same = match (&other.when, &rule.when) {
                    (Some(one), Some(two)) => one.same(two),
                    _ => false,
                };
                same && sides & !others == 0
            });
            if let (Some((other, _)), Some(when)) = (same, &message.when) {
                let line = other.line;
                let text = format!(
                    "this message is never reached: the one at line {line} fits whenever it does"
                );
                self.at(when, text);
            }
            if rule.times.is_none() {
                certain.push((rule, sides));
            }
        }
    }
}

/// The sides of a rule as bits.
fn sides(side: Option<Side>) -> usize {
    match side {
        Some(Side::Client) => 1,
        Some(Side::Server) => 2,
        None => 3,
    }
}

/// The line of the last rule that it takes for something to fit always on these sides.
fn covered(certain: &[(&Rule, usize)], sides: usize) -> Option<usize> {
    let mut left = sides;
    for (rule, others) in certain.iter().filter(|(rule, _)| rule.when.is_none()) {
        left &= !others;
        if left == 0 {
            return Some(rule.line);
        }
    }
    None
}
