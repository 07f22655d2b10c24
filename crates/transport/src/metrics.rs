//! Counters as Prometheus reads them.
//!
//! The text format is a line per number; a crate for it would bring a registry of its own beside
//! that of the sessions.

use std::fmt::Write;

use crate::Stats;
use crate::server::amounts;

/// Text in the making: format version 0.0.4 of
/// <https://prometheus.io/docs/instrumenting/exposition_formats/>.
pub(crate) struct Text<'a> {
    prefix: &'a str,
    text: String,
}

impl<'a> Text<'a> {
    pub(crate) fn new(prefix: &'a str) -> Self {
        Self { prefix, text: String::new() }
    }

    pub(crate) fn gauge(&mut self, name: &str, help: &str, value: u64) {
        self.head(name, help, "gauge");
        self.value(name, "", value);
    }

    pub(crate) fn counter(&mut self, name: &str, help: &str, value: u64) {
        let name = format!("{name}_total");
        self.head(&name, help, "counter");
        self.value(&name, "", value);
    }

    /// One counter per value of a label.
    pub(crate) fn counters<'b>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (&'b str, u64)>,
    ) {
        let name = format!("{name}_total");
        self.head(&name, help, "counter");
        for (of, value) in values {
            self.value(&name, &format!("{{{label}=\"{of}\"}}"), value);
        }
    }

    /// The counters that all sessions have.
    pub(crate) fn sessions(&mut self, stats: &Stats) {
        let records = amounts(stats).map(|(of, amount)| (of, amount.records));
        let help = "Records, and what became of them.";
        self.counters("records", help, "is", records);
        let bytes = amounts(stats).map(|(of, amount)| (of, amount.bytes));
        self.counters("bytes", "Bytes of records, and what became of them.", "is", bytes);
        let queued = "Records that wait to be sent.";
        self.gauge("queued_records", queued, stats.queued.records);
        self.gauge("queued_bytes", "Bytes that wait to be sent.", stats.queued.bytes);
        self.counter("session_errors", "Sessions that an error ended.", stats.errors);
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }

    fn head(&mut self, name: &str, help: &str, kind: &str) {
        let prefix = self.prefix;
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "# HELP {prefix}{name} {help}");
        let _ = writeln!(self.text, "# TYPE {prefix}{name} {kind}");
    }

    fn value(&mut self, name: &str, labels: &str, value: u64) {
        let _ = writeln!(self.text, "{}{name}{labels} {value}", self.prefix);
    }
}
