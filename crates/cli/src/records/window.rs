//! Which times of a capture count.

use anyhow::bail;
use cwire_capture::Timestamp;

/// From a time on, up to another, which does not count any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) since: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
}

impl Window {
    pub(crate) fn is_limited(self) -> bool {
        self.since.is_some() || self.until.is_some()
    }

    /// Whether a time counts. What has none does where nothing is left out.
    pub(crate) fn has(self, time: Option<Timestamp>) -> bool {
        match time {
            Some(time) => {
                self.since.is_none_or(|since| since <= time)
                    && self.until.is_none_or(|until| time < until)
            }
            None => !self.is_limited(),
        }
    }
}

/// Reads a time: as records show it, or without zone for UTC, or in seconds since 1970.
pub(crate) fn parse_time(text: &str) -> anyhow::Result<Timestamp> {
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Ok(timestamp(time));
    }
    if let Ok(time) = text.parse::<jiff::civil::DateTime>() {
        return Ok(timestamp(format!("{time}Z").parse()?));
    }
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = fraction.len() <= 9 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    match (seconds.parse::<i64>(), format!("{fraction:0<9}").parse::<u32>()) {
        (Ok(seconds), Ok(nanos)) if is_number && !seconds.is_negative() => {
            Ok(Timestamp::new(seconds, nanos))
        }
        _ => bail!("a time is needed, as 2026-01-02T03:04:05Z or in seconds since 1970"),
    }
}

fn timestamp(time: jiff::Timestamp) -> Timestamp {
    let nanos = time.as_nanosecond();
    let seconds = i64::try_from(nanos.div_euclid(1_000_000_000)).unwrap_or_default();
    Timestamp::new(seconds, u32::try_from(nanos.rem_euclid(1_000_000_000)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_several_forms() {
        // `date -u -d 2026-01-02T03:04:05 +%s` prints 1767323045.
        for text in
            ["2026-01-02T03:04:05.000006Z", "2026-01-02 03:04:05.000006", "1767323045.000006"]
        {
            assert_eq!(parse_time(text).unwrap(), Timestamp::new(1_767_323_045, 6_000), "{text}");
        }
        assert_eq!(parse_time("2026-01-02T04:04:05+01:00").unwrap().seconds(), 1_767_323_045);
        assert_eq!(parse_time("2026-01-02").unwrap().seconds(), 1_767_312_000);
        for text in ["", "now", "1.2.3", "-5", "1.0000000001", "2026-13-01"] {
            assert!(
                parse_time(text).unwrap_err().to_string().starts_with("a time is needed"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_window_has_its_first_time_and_not_its_last() {
        let at = |seconds| Some(Timestamp::new(seconds, 0));
        let window = Window { since: at(5), until: at(7) };
        let within: Vec<_> = (4..9).filter(|&seconds| window.has(at(seconds))).collect();
        assert_eq!(within, [5, 6]);
        assert!(!window.has(None) && Window::default().has(None));
    }
}
