//! When packets were captured.

use std::fmt;

/// A point in time: seconds since 1970-01-01T00:00:00Z, leap seconds not counted, and nanoseconds.
///
/// Displays as in RFC 3339, in UTC: `2026-01-02T03:04:05.000006Z`, with 9 digits for `{:.9}`; a time
/// outside of the years -9999 to 9999 displays as its seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    seconds: i64,
    nanos: u32,
}

/// Nanoseconds in a second.
const SECOND: u32 = 1_000_000_000;

impl Timestamp {
    /// The time `nanos` after `seconds`; nanoseconds of more than a second are carried over, and what is
    /// out of range becomes the last time that there is.
    #[must_use]
    pub const fn new(seconds: i64, nanos: u32) -> Self {
        Self { seconds: seconds.saturating_add((nanos / SECOND) as i64), nanos: nanos % SECOND }
    }

    /// Whole seconds, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.seconds
    }

    /// Nanoseconds after [`seconds`](Self::seconds), less than 1,000,000,000.
    #[must_use]
    pub const fn nanos(self) -> u32 {
        self.nanos
    }

    /// Nanoseconds since 1970.
    #[must_use]
    pub const fn total_nanos(self) -> i128 {
        self.seconds as i128 * SECOND as i128 + self.nanos as i128
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(6).min(9);
        match jiff::Timestamp::new(self.seconds, self.nanos.cast_signed()) {
            // jiff does not round, and neither do captures.
            Ok(time) => write!(f, "{time:.digits$}"),
            Err(_) => write!(f, "{}.{:09}", self.seconds, self.nanos),
        }
    }
}

/// Which packet brought something, and when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arrival {
    /// Number of the packet in its capture, from 1.
    pub packet: u64,
    /// When it was captured; `None` for packets without time (pcapng's simple packet blocks).
    pub time: Option<Timestamp>,
    /// Whether its clock ticks in less than a microsecond.
    pub is_fine: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_display_as_in_rfc_3339() {
        // `date -u -d @1767323045 -Ins` prints 2026-01-02T03:04:05,000000000+00:00.
        let time = Timestamp::new(1_767_323_045, 6_789);
        assert_eq!(time.to_string(), "2026-01-02T03:04:05.000006Z");
        assert_eq!(format!("{time:.9}"), "2026-01-02T03:04:05.000006789Z");
        assert_eq!(Timestamp::new(-1, 0).to_string(), "1969-12-31T23:59:59.000000Z");
        assert_eq!(Timestamp::new(i64::MAX, 5).to_string(), format!("{}.000000005", i64::MAX));
        assert_eq!(Timestamp::new(1, 1_500_000_000), Timestamp::new(2, 500_000_000));
    }
}
