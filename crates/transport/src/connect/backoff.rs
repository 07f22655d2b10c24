//! How long to wait before connecting again.

use std::time::Duration;

/// The delays between attempts to connect again: they grow from one to the next, and start anew
/// after a connection that lasted.
///
/// A row of delays is 100 ms, 200 ms, 400 ms and so on up to 30 s, of which each is replaced by a
/// random part of it ([`Jitter::Full`]), so that the many clients of a server that failed do not
/// all come back at once.
///
/// Nothing here waits or reads a clock.
///
/// ```
/// use std::time::Duration;
///
/// use cwire_transport::{Backoff, Connector};
/// use tokio::time::{Instant, sleep};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let connector = Connector::new();
/// let mut backoff = Backoff::new().first_delay(Duration::from_millis(1)).max_attempts(2);
/// loop {
///     match connector.connect("unix:/nowhere/feed.sock").await {
///         Ok(_stream) => {
///             let connected = Instant::now();
///             // ... until the connection ends ...
///             backoff.lasted(connected.elapsed());
///         }
///         Err(error) => eprintln!("{error}"),
///     }
///     let Some(delay) = backoff.next_delay() else { break };
///     sleep(delay).await;
/// }
/// # }
/// ```
///
/// A clone goes on from where this one is, with other random numbers unless there is a
/// [`seed`](Self::seed).
#[derive(Clone, Debug)]
pub struct Backoff {
    first_delay: Duration,
    factor: f64,
    max_delay: Duration,
    max_attempts: Option<u32>,
    jitter: Jitter,
    reset_after: Duration,
    /// `None` draws from the generator of the thread.
    seeded: Option<fastrand::Rng>,
    /// The next delay without jitter; `None` for the first of a row.
    grown: Option<Duration>,
    /// Delays of this row that were handed out.
    attempts: u32,
}

/// What chance does to a delay.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jitter {
    /// Nothing.
    None,
    /// Any part of it, from nothing to all: "Full Jitter" in "Exponential Backoff And Jitter", AWS
    /// Architecture Blog, 2015.
    Full,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            first_delay: Duration::from_millis(100),
            factor: 2.0,
            max_delay: Duration::from_secs(30),
            max_attempts: None,
            jitter: Jitter::Full,
            reset_after: Duration::from_secs(10),
            seeded: None,
            grown: None,
            attempts: 0,
        }
    }
}

impl Backoff {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The first delay of a row, before jitter. Default: 100 ms.
    #[must_use]
    pub fn first_delay(mut self, delay: Duration) -> Self {
        self.first_delay = delay;
        self
    }

    /// By what a delay is longer than the one before it. Default: 2.
    ///
    /// # Panics
    ///
    /// It is less than 1, or not finite.
    #[must_use]
    pub fn factor(mut self, factor: f64) -> Self {
        assert!(factor >= 1.0 && factor.is_finite(), "a factor of at least 1, not {factor}");
        self.factor = factor;
        self
    }

    /// No delay is longer, not even the first. Default: 30 seconds.
    #[must_use]
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// Delays in a row, and so attempts to connect again, before giving up. Default: no end.
    #[must_use]
    pub fn max_attempts(mut self, attempts: impl Into<Option<u32>>) -> Self {
        self.max_attempts = attempts.into();
        self
    }

    /// What chance does to the delays. Default: [`Jitter::Full`].
    #[must_use]
    pub fn jitter(mut self, jitter: Jitter) -> Self {
        self.jitter = jitter;
        self
    }

    /// How long a connection must have lasted for the delays to start anew. Default: 10 seconds.
    ///
    /// It keeps the delays growing for a peer that accepts connections only to drop them.
    #[must_use]
    pub fn reset_after(mut self, lasted: Duration) -> Self {
        self.reset_after = lasted;
        self
    }

    /// Draws the random numbers from this seed, the same ones each time. Default: other ones each
    /// time.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seeded = Some(fastrand::Rng::with_seed(seed));
        self
    }

    /// How long to wait before the next attempt; `None` if there were enough of them.
    #[must_use = "there may be no next attempt"]
    pub fn next_delay(&mut self) -> Option<Duration> {
        if self.max_attempts.is_some_and(|max| self.attempts >= max) {
            return None;
        }
        self.attempts = self.attempts.saturating_add(1);
        let delay = self.grown.unwrap_or(self.first_delay).min(self.max_delay);
        // What is too long for a `Duration` is longer than the longest delay.
        let grown = Duration::try_from_secs_f64(delay.as_secs_f64() * self.factor);
        self.grown = Some(grown.unwrap_or(self.max_delay));
        Some(match self.jitter {
            Jitter::None => delay,
            Jitter::Full => delay.mul_f64(self.random()).min(delay),
        })
    }

    /// A connection has ended, after this time. The delays start anew if it was long enough.
    pub fn lasted(&mut self, connected: Duration) {
        if connected >= self.reset_after {
            self.grown = None;
            self.attempts = 0;
        }
    }

    /// From 0 to below 1.
    fn random(&mut self) -> f64 {
        match &mut self.seeded {
            Some(rng) => rng.f64(),
            None => fastrand::f64(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::iter::from_fn;

    use proptest::prelude::*;

    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn take(backoff: &mut Backoff, count: usize) -> Vec<Duration> {
        from_fn(|| backoff.next_delay()).take(count).collect()
    }

    /// `min(cap, base * 2 ** attempt)`, from the article.
    #[test]
    fn delays_double_up_to_the_longest() {
        let delays = take(&mut Backoff::new().jitter(Jitter::None), 11);
        let expected = [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000];
        assert_eq!(delays, expected.map(ms));
    }

    #[test]
    fn a_row_can_be_of_any_shape() {
        let steady = Backoff::new().jitter(Jitter::None);
        assert_eq!(take(&mut steady.clone().factor(1.0), 3), [ms(100); 3]);
        assert_eq!(take(&mut steady.clone().factor(1.5), 3), [ms(100), ms(150), ms(225)]);
        assert_eq!(take(&mut steady.clone().max_delay(ms(50)), 2), [ms(50); 2]);
        assert_eq!(take(&mut steady.clone().first_delay(Duration::ZERO), 3), [Duration::ZERO; 3]);
        let longest = steady.first_delay(Duration::MAX).max_delay(Duration::MAX).factor(f64::MAX);
        assert_eq!(take(&mut longest.clone(), 3), [Duration::MAX; 3]);
        assert_eq!(take(&mut longest.jitter(Jitter::Full), 3).len(), 3);
    }

    #[test]
    fn a_connection_that_lasted_starts_the_row_anew() {
        let mut backoff = Backoff::new().jitter(Jitter::None).max_attempts(3);
        assert_eq!(take(&mut backoff, 2), [ms(100), ms(200)]);
        backoff.lasted(ms(9_999));
        assert_eq!(backoff.next_delay(), Some(ms(400)));
        assert_eq!(backoff.next_delay(), None);
        assert_eq!(backoff.next_delay(), None);
        backoff.lasted(ms(10_000));
        assert_eq!(take(&mut backoff, 9), [ms(100), ms(200), ms(400)]);

        let mut eager = Backoff::new().jitter(Jitter::None).reset_after(Duration::ZERO);
        assert_eq!(take(&mut eager, 2), [ms(100), ms(200)]);
        eager.lasted(Duration::ZERO);
        assert_eq!(eager.next_delay(), Some(ms(100)));
    }

    #[test]
    fn only_a_seed_makes_clones_alike() {
        let delays = |backoff: &Backoff| take(&mut backoff.clone(), 20);
        let seeded = Backoff::new().seed(1);
        assert_eq!(delays(&seeded), delays(&seeded));
        assert_ne!(delays(&seeded), delays(&Backoff::new().seed(2)));
        let unseeded = Backoff::new();
        assert_ne!(delays(&unseeded), delays(&unseeded));
    }

    #[test]
    #[should_panic(expected = "a factor of at least 1, not 0.5")]
    fn delays_cannot_shrink() {
        let _ = Backoff::new().factor(0.5);
    }

    proptest! {
        /// A delay is never longer than the longest, nor than it is without jitter; a row ends.
        #[test]
        fn delays_are_bounded(
            first in 0u64..100_000,
            max in 0u64..100_000,
            factor in 1.0f64..10.0,
            attempts in 0u32..100,
            seed: u64,
        ) {
            let mut full = Backoff::new()
                .first_delay(ms(first))
                .max_delay(ms(max))
                .factor(factor)
                .max_attempts(attempts)
                .seed(seed);
            let mut bare = full.clone().jitter(Jitter::None);
            let mut before = Duration::ZERO;
            for _ in 0..attempts {
                let bare = bare.next_delay().expect("more attempts");
                prop_assert!(before <= bare && bare <= ms(max), "{:?} {:?}", before, bare);
                prop_assert!(full.next_delay().expect("more attempts") <= bare);
                before = bare;
            }
            prop_assert_eq!((full.next_delay(), bare.next_delay()), (None, None));
        }

        /// All parts of a delay come up equally often: of 1000 numbers, some 100 in each tenth.
        #[test]
        fn jitter_is_spread_evenly(seed: u64) {
            let mut backoff = Backoff::new().factor(1.0).seed(seed);
            let mut tenths = [0u32; 10];
            for delay in take(&mut backoff, 1000) {
                tenths[usize::try_from(delay.as_millis() / 10).expect("below 10")] += 1;
            }
            // Seven standard deviations of 9.5: not once in 10^11 tenths.
            prop_assert!(tenths.iter().all(|count| (34..=166).contains(count)), "{:?}", tenths);
        }
    }
}
