//! When to try again after accepting failed.

use std::time::Duration;

use tokio::time::Instant;

/// Pause after the first failure; it doubles up to [`LONGEST`].
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(1);

/// Failures that are closer together than this are one run. A server at its limit of descriptors
/// accepts one connection for each that ends and fails in between, and says so once.
const QUIET: Duration = Duration::from_secs(10);

/// Decides how long to pause after a failure, and which failures are worth a word.
///
/// Does no I/O and reads no clock.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    /// Pause after the latest failure; zero if something was accepted since.
    pause: Duration,
    latest: Option<Instant>,
}

/// What to do about a failure.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// When to try again.
    pub(super) retry_at: Instant,
    /// Whether it is the first of a run.
    pub(super) first: bool,
}

impl Backoff {
    /// Accepting failed.
    pub(super) fn fail(&mut self, now: Instant) -> Failure {
        let first = self.latest.is_none_or(|latest| now.duration_since(latest) >= QUIET);
        self.latest = Some(now);
        self.pause = (self.pause * 2).clamp(SHORTEST, LONGEST);
        Failure { retry_at: now + self.pause, first }
    }

    /// A connection was accepted.
    pub(super) fn succeed(&mut self) {
        self.pause = Duration::ZERO;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// The time until the next try, and whether the failure is told.
    fn fail(backoff: &mut Backoff, now: Instant) -> (Duration, bool) {
        let failure = backoff.fail(now);
        (failure.retry_at - now, failure.first)
    }

    #[test]
    fn pauses_double_up_to_a_second_and_only_the_first_failure_is_told() {
        let (mut backoff, mut now) = (Backoff::default(), Instant::now());
        for expected in [100, 200, 400, 800, 1000, 1000] {
            assert_eq!(fail(&mut backoff, now), (ms(expected), expected == 100));
            now += ms(expected);
        }
    }

    #[test]
    fn a_success_shortens_the_pause_and_does_not_end_the_run() {
        let (mut backoff, now) = (Backoff::default(), Instant::now());
        assert_eq!(fail(&mut backoff, now), (ms(100), true));
        assert_eq!(fail(&mut backoff, now), (ms(200), false));
        backoff.succeed();
        assert_eq!(fail(&mut backoff, now + Duration::from_millis(9_999)), (ms(100), false));
    }

    #[test]
    fn ten_seconds_without_a_failure_end_the_run() {
        let (mut backoff, now) = (Backoff::default(), Instant::now());
        assert_eq!(fail(&mut backoff, now), (ms(100), true));
        backoff.succeed();
        assert_eq!(fail(&mut backoff, now + Duration::from_secs(10)), (ms(100), true));
    }
}
