//! Running the attempts of a [`Race`].

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::{Instant, timeout_at};

use super::error::{AttemptError, ConnectAttempt};
use super::race::{Race, Step};

/// The attempts of a race, under way and failed, in the order in which they were started.
///
/// They run inside the task that asks, and not in tasks of their own: dropping this closes their
/// sockets there and then.
pub(super) struct Attempts<C, F> {
    race: Race,
    connect: C,
    attempts: Vec<Attempt<F>>,
}

struct Attempt<F> {
    addr: SocketAddr,
    state: State<F>,
}

enum State<F> {
    UnderWay(Pin<Box<F>>),
    Failed(AttemptError),
}

impl<T, C, F> Attempts<C, F>
where
    C: FnMut(SocketAddr) -> F,
    F: Future<Output = Result<T, AttemptError>>,
{
    /// `connect` makes one attempt.
    pub(super) fn new(race: Race, connect: C) -> Self {
        Self { race, connect, attempts: Vec::new() }
    }

    /// Runs the race and returns what connected first; `None` if every attempt failed.
    pub(super) async fn run(&mut self) -> Option<T> {
        let began = Instant::now();
        loop {
            match self.race.next_step(began.elapsed()) {
                Step::Start(addr) => {
                    let state = State::UnderWay(Box::pin((self.connect)(addr)));
                    self.attempts.push(Attempt { addr, state });
                }
                Step::Wait(until) => {
                    let until = until.and_then(|until| began.checked_add(until));
                    if let Some(Some(connected)) = by(until, self.progress()).await {
                        return Some(connected);
                    }
                }
                Step::Lost => return None,
            }
        }
    }

    /// Waits until an attempt connects, or fails (`None`).
    async fn progress(&mut self) -> Option<T> {
        poll_fn(|cx| self.poll_progress(cx)).await
    }

    fn poll_progress(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let mut progress = Poll::Pending;
        for (number, attempt) in self.attempts.iter_mut().enumerate() {
            let State::UnderWay(future) = &mut attempt.state else { continue };
            match future.as_mut().poll(cx) {
                Poll::Pending => {}
                Poll::Ready(Ok(connected)) => return Poll::Ready(Some(connected)),
                Poll::Ready(Err(error)) => {
                    attempt.state = State::Failed(error);
                    self.race.push_failure(number);
                    progress = Poll::Ready(None);
                }
            }
        }
        progress
    }

    /// What came of the attempts, if none of them is waited for any longer.
    pub(super) fn finish(self) -> Vec<ConnectAttempt> {
        self.attempts
            .into_iter()
            .map(|Attempt { addr, state }| ConnectAttempt {
                address: addr.into(),
                error: match state {
                    State::UnderWay(_) => AttemptError::NoAnswer,
                    State::Failed(error) => error,
                },
            })
            .collect()
    }
}

/// What comes of `future` by this time; `None` if the time comes first.
pub(super) async fn by<T>(deadline: Option<Instant>, future: impl Future<Output = T>) -> Option<T> {
    match deadline {
        Some(deadline) => timeout_at(deadline, future).await.ok(),
        None => Some(future.await),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::io;
    use std::time::Duration;

    use tokio::time::sleep;

    use super::*;

    fn addr(number: u8) -> SocketAddr {
        ([192, 0, 2, number], 80).into()
    }

    fn race(count: u8) -> Race {
        Race::new((1..=count).map(addr).collect(), ms(250))
    }

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    async fn refused_after<T>(delay: Duration) -> Result<T, AttemptError> {
        sleep(delay).await;
        Err(AttemptError::Connect(io::ErrorKind::ConnectionRefused.into()))
    }

    /// Counts the attempts that are not dropped.
    struct Open<'a>(&'a Cell<usize>);

    impl<'a> Open<'a> {
        fn new(count: &'a Cell<usize>) -> Self {
            count.set(count.get() + 1);
            Self(count)
        }
    }

    impl Drop for Open<'_> {
        fn drop(&mut self) {
            self.0.set(self.0.get() - 1);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_does_not_answer_is_overtaken() {
        let began = Instant::now();
        let starts = RefCell::new(Vec::new());
        let open = Cell::new(0);
        let mut attempts = Attempts::new(race(4), |to| {
            let open = Open::new(&open);
            starts.borrow_mut().push((to, began.elapsed()));
            async move {
                let _open = open;
                match to {
                    to if to == addr(1) => std::future::pending().await,
                    to if to == addr(2) => refused_after(ms(40)).await?,
                    _ => sleep(ms(100)).await,
                }
                Ok(to)
            }
        });
        assert_eq!(attempts.run().await, Some(addr(3)));
        assert_eq!(began.elapsed(), ms(250 + 40 + 100));
        let at = |number, millis| (addr(number), ms(millis));
        assert_eq!(*starts.borrow(), [at(1, 0), at(2, 250), at(3, 290)]);
        drop(attempts);
        assert_eq!(open.get(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn an_early_address_wins_if_it_answers_late_but_first() {
        let began = Instant::now();
        let mut attempts = Attempts::new(race(3), |to| async move {
            sleep(if to == addr(1) { ms(600) } else { ms(900) }).await;
            Ok(to)
        });
        assert_eq!(attempts.run().await, Some(addr(1)));
        assert_eq!(began.elapsed(), ms(600));
    }

    #[tokio::test(start_paused = true)]
    async fn every_failure_is_kept_in_the_order_of_the_attempts() {
        let began = Instant::now();
        let mut attempts = Attempts::new(race(3), |to| async move {
            refused_after::<()>(if to == addr(1) { ms(700) } else { ms(10) }).await
        });
        assert_eq!(attempts.run().await, None);
        assert_eq!(began.elapsed(), ms(700));
        let lines: Vec<_> = attempts.finish().iter().map(ToString::to_string).collect();
        let refused = |number| format!("192.0.2.{number}:80: connection refused");
        assert_eq!(lines, [refused(1), refused(2), refused(3)]);
    }

    #[tokio::test(start_paused = true)]
    async fn attempts_that_are_cut_off_are_kept_too() {
        let open = Cell::new(0);
        let mut attempts = Attempts::new(race(4), |to| {
            let open = Open::new(&open);
            async move {
                let _open = open;
                if to == addr(2) {
                    refused_after(ms(1)).await
                } else {
                    std::future::pending().await
                }
            }
        });
        let deadline = Some(Instant::now() + ms(400));
        assert_eq!(by::<Option<()>>(deadline, attempts.run()).await, None);
        assert_eq!(open.get(), 2);
        let lines: Vec<_> = attempts.finish().iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "192.0.2.1:80: no answer",
                "192.0.2.2:80: connection refused",
                "192.0.2.3:80: no answer"
            ]
        );
        assert_eq!(open.get(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_dropped_race_drops_its_attempts() {
        let open = Cell::new(0);
        let mut attempts = Attempts::new(race(2), |_| {
            let open = Open::new(&open);
            async move {
                let _open = open;
                std::future::pending::<Result<(), _>>().await
            }
        });
        assert_eq!(by(Some(Instant::now() + ms(300)), attempts.run()).await, None);
        assert_eq!(open.get(), 2);
        drop(attempts);
        assert_eq!(open.get(), 0);
    }
}
