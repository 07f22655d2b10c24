//! What a load was like, for people and for programs.

use std::fmt::Write as _;
use std::time::Duration;

use super::load::Outcome;
use crate::complaint::counted;

/// Percentiles that are told.
const PERCENTILES: [(&str, f64); 5] =
    [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999), ("p99.99", 0.9999)];

/// Columns of the longest bar.
const WIDTH: u64 = 40;

pub(super) struct Report<'a> {
    pub(super) connections: u32,
    pub(super) outcome: &'a Outcome,
}

impl Report<'_> {
    fn rate(&self, count: u64) -> f64 {
        let seconds = self.outcome.lasted.as_secs_f64();
        if seconds > 0.0 { count as f64 / seconds } else { 0.0 }
    }

    /// One JSON object, with a line break.
    pub(super) fn json(&self) -> String {
        let Outcome { sent, answers, bytes_sent, bytes_received, unanswered, .. } = self.outcome;
        let mut text = format!(
            "{{\"connections\": {}, \"seconds\": {:.3}, \"sent\": {sent}, \"answers\": {answers}, \
             \"unanswered\": {unanswered}, \"sent_per_second\": {:.1}, \"bytes_sent\": {bytes_sent}, \
             \"bytes_received\": {bytes_received}",
            self.connections,
            self.outcome.lasted.as_secs_f64(),
            self.rate(*sent),
        );
        let latency = &self.outcome.latency;
        if !latency.is_empty() {
            let micros = |nanos: u64| nanos as f64 / 1000.0;
            let _ = write!(text, ", \"latency_us\": {{\"min\": {:.3}", micros(latency.min()));
            let _ = write!(text, ", \"mean\": {:.3}", latency.mean() / 1000.0);
            for (name, quantile) in PERCENTILES {
                let value = micros(latency.value_at_quantile(quantile));
                let _ = write!(text, ", \"{name}\": {value:.3}");
            }
            let _ = write!(text, ", \"max\": {:.3}}}", micros(latency.max()));
        }
        text + "}\n"
    }

    /// Some lines, and how latencies are spread.
    pub(super) fn text(&self) -> String {
        let Outcome { sent, answers, bytes_sent, bytes_received, unanswered, latency, .. } =
            self.outcome;
        let mut text = format!(
            "{}, {:.2} s\n{} sent, {:.0} per second, {}\n{}, {:.0} per second, {}\n",
            counted(self.connections, "connection"),
            self.outcome.lasted.as_secs_f64(),
            counted(*sent, "record"),
            self.rate(*sent),
            rate_of_bytes(self.rate(*bytes_sent)),
            counted(*answers, "answer"),
            self.rate(*answers),
            rate_of_bytes(self.rate(*bytes_received)),
        );
        if *unanswered > 0 {
            let _ = writeln!(text, "{} without an answer", counted(*unanswered, "record"));
        }
        if latency.is_empty() {
            return text;
        }
        let _ = write!(text, "\nlatency  min {}", shown(latency.min()));
        for (name, quantile) in PERCENTILES {
            let _ = write!(text, "  {name} {}", shown(latency.value_at_quantile(quantile)));
        }
        let _ = writeln!(text, "  max {}", shown(latency.max()));
        self.bars(&mut text);
        text
    }

    /// How many latencies there are up to each power of two.
    fn bars(&self, text: &mut String) {
        let latency = &self.outcome.latency;
        let mut buckets: Vec<(u64, u64)> = Vec::new();
        for value in latency.iter_recorded() {
            let limit = value.value_iterated_to().max(1).checked_next_power_of_two();
            let (limit, count) = (limit.unwrap_or(u64::MAX), value.count_since_last_iteration());
            match buckets.last_mut() {
                Some((last, all)) if *last == limit => *all += count,
                _ => buckets.push((limit, count)),
            }
        }
        let most = buckets.iter().map(|&(_, count)| count).max().unwrap_or(1);
        for (limit, count) in buckets {
            let share = count as f64 * 100.0 / latency.len() as f64;
            let columns = usize::try_from((count * WIDTH).div_ceil(most)).unwrap_or(0);
            let bar = "█".repeat(columns);
            let _ = writeln!(text, "  < {:>8} {share:>6.2} % {bar}", shown(limit));
        }
    }
}

/// Nanoseconds with three digits and a unit.
fn shown(nanos: u64) -> String {
    let time = Duration::from_nanos(nanos);
    let (value, unit) = match nanos {
        0..1_000 => return format!("{nanos} ns"),
        1_000..1_000_000 => (time.as_secs_f64() * 1e6, "µs"),
        1_000_000..1_000_000_000 => (time.as_secs_f64() * 1e3, "ms"),
        _ => (time.as_secs_f64(), "s"),
    };
    let digits = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.digits$} {unit}")
}

fn rate_of_bytes(rate: f64) -> String {
    match rate {
        rate if rate >= 1e9 => format!("{:.2} GB/s", rate / 1e9),
        rate if rate >= 1e6 => format!("{:.2} MB/s", rate / 1e6),
        rate => format!("{:.2} kB/s", rate / 1e3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome() -> Outcome {
        let mut outcome = Outcome::new();
        (outcome.sent, outcome.answers) = (4000, 3999);
        (outcome.bytes_sent, outcome.bytes_received, outcome.unanswered) = (96_000, 95_976, 1);
        outcome.lasted = Duration::from_secs(2);
        for micros in 1..=4 {
            outcome.latency.saturating_record_n(micros * 10_000, 1000);
        }
        outcome
    }

    /// Of 10, 20, 30 and 40 µs in equal numbers, half are at most 20.
    #[test]
    fn percentiles_and_rates_are_those_of_the_samples() {
        let outcome = outcome();
        let report = Report { connections: 2, outcome: &outcome };
        let json: serde_json::Value = serde_json::from_str(&report.json()).unwrap();
        for (key, expected) in [("seconds", 2.0), ("sent_per_second", 2000.0), ("unanswered", 1.0)]
        {
            assert_eq!(json[key].as_f64(), Some(expected), "{key}");
        }
        for (key, expected) in [("min", 10.0), ("mean", 25.0), ("p50", 20.0), ("p99", 40.0)] {
            let found = json["latency_us"][key].as_f64().unwrap();
            assert!((found - expected).abs() < expected / 1000.0 + 0.01, "{key}: {found}");
        }
        let text = report.text();
        assert!(text.starts_with("2 connections, 2.00 s\n4000 records sent, 2000 per second, "));
        assert!(text.contains("\n1 record without an answer\n"), "{text}");
        let bars: Vec<_> = text.lines().filter(|line| line.contains('█')).collect();
        // 10 µs are below 2^14 ns, 20 and 30 below 2^15, 40 below 2^16.
        let widths = bars.iter().map(|line| line.matches('█').count()).collect::<Vec<_>>();
        assert_eq!(widths, [20, 40, 20], "{text}");
    }

    #[test]
    fn times_have_three_digits() {
        let times = [999, 1_000, 12_340, 123_400, 1_234_000, 12_340_000_000];
        let shown = times.map(shown);
        assert_eq!(shown, ["999 ns", "1.00 µs", "12.3 µs", "123 µs", "1.23 ms", "12.3 s"]);
    }
}
