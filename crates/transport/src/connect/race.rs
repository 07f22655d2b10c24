//! Which address is tried when: the schedule of RFC 8305, without sockets or a clock.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use super::Family;

/// Most addresses of one name that are tried. Their number comes from a name server, and each may
/// hold a socket until the connector's time is up.
pub(super) const MAX_ATTEMPTS: usize = 64;

/// Puts addresses in the order of the attempts: RFC 8305, section 4, with a First Address Family
/// Count of 1.
///
/// The order that came is kept within each family, and the families take turns, the one of the
/// first address first. What is of another family than asked for, or came before, is left out.
pub(super) fn order(
    addrs: impl IntoIterator<Item = SocketAddr>,
    family: Option<Family>,
) -> Vec<SocketAddr> {
    let mut turns = [VecDeque::new(), VecDeque::new()];
    for addr in addrs {
        if family.is_some_and(|family| family != Family::of(addr)) {
            continue;
        }
        let [first, second] = &mut turns;
        let other = first.front().is_some_and(|&lead| Family::of(lead) != Family::of(addr));
        let queue = if other { second } else { first };
        // What is beyond the limit here is also beyond it when the families are joined.
        if queue.len() < MAX_ATTEMPTS && !queue.contains(&addr) {
            queue.push_back(addr);
        }
    }
    let mut ordered = Vec::new();
    while ordered.len() < MAX_ATTEMPTS {
        let [next, other] = &mut turns;
        let Some(addr) = next.pop_front().or_else(|| other.pop_front()) else { break };
        ordered.push(addr);
        turns.swap(0, 1);
    }
    ordered
}

/// The schedule of the attempts: RFC 8305, section 5.
///
/// The caller asks for the [`next_step`](Self::next_step) and takes it, and reports each attempt
/// that failed. An attempt that connects ends the race: the caller drops all of it.
///
/// Times count from the start of the race and never run backwards.
#[derive(Debug)]
pub(super) struct Race {
    waiting: VecDeque<SocketAddr>,
    delay: Duration,
    /// Before this time, the next attempt may not start.
    due: Duration,
    started: usize,
    failed: usize,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Start an attempt to this address, and ask again.
    Start(SocketAddr),
    /// Ask again when an attempt has failed, or at this time if there is one.
    Wait(Option<Duration>),
    /// Every attempt failed, and nothing is left to try.
    Lost,
}

impl Race {
    /// A race between these addresses in this order, each started `delay` after the one before.
    pub(super) fn new(addrs: Vec<SocketAddr>, delay: Duration) -> Self {
        Self { waiting: addrs.into(), delay, due: Duration::ZERO, started: 0, failed: 0 }
    }

    /// What to do at the time `now`.
    pub(super) fn next_step(&mut self, now: Duration) -> Step {
        if now >= self.due
            && let Some(addr) = self.waiting.pop_front()
        {
            self.started += 1;
            self.due = now.saturating_add(self.delay);
            return Step::Start(addr);
        }
        if !self.waiting.is_empty() {
            Step::Wait(Some(self.due))
        } else if self.failed < self.started {
            Step::Wait(None)
        } else {
            Step::Lost
        }
    }

    /// The attempt with this number failed; they are counted from 0, as they were started.
    ///
    /// If it is the latest, the next one need not wait. An earlier one changes nothing: the latest
    /// still has its delay, of which RFC 8305 demands at least 10 ms.
    pub(super) fn push_failure(&mut self, attempt: usize) {
        self.failed += 1;
        if attempt + 1 == self.started {
            self.due = Duration::ZERO;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::net::{Ipv4Addr, Ipv6Addr};

    use proptest::prelude::*;

    use super::*;

    fn v4(number: u16) -> SocketAddr {
        let [high, low] = number.to_be_bytes();
        (Ipv4Addr::new(192, 0, high, low), 80).into()
    }

    fn v6(number: u16) -> SocketAddr {
        (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, number), 80).into()
    }

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// "If the first address in the sorted list is IPv6, then the first IPv4 address should be
    /// moved up in the list to be second in the list" (RFC 8305, section 4).
    #[test]
    fn families_take_turns_from_that_of_the_first_address() {
        for (came, ordered) in [
            (vec![v6(1), v6(2), v6(3), v4(1), v4(2)], vec![v6(1), v4(1), v6(2), v4(2), v6(3)]),
            (vec![v4(1), v4(2), v4(3), v6(1)], vec![v4(1), v6(1), v4(2), v4(3)]),
            (vec![v4(2), v4(1), v4(2)], vec![v4(2), v4(1)]),
            (vec![], vec![]),
        ] {
            assert_eq!(order(came, None), ordered);
        }
    }

    #[test]
    fn a_family_can_be_asked_for() {
        let addrs = [v6(1), v4(1), v6(2)];
        assert_eq!(order(addrs, Some(Family::V4)), [v4(1)]);
        assert_eq!(order(addrs, Some(Family::V6)), [v6(1), v6(2)]);
        assert_eq!(order([v6(1)], Some(Family::V4)), []);
    }

    #[test]
    fn addresses_beyond_the_limit_are_left_out() {
        let most: Vec<_> = (0..64).map(v4).collect();
        assert_eq!(order((0..65).map(v4), None), most);
        assert_eq!(order(most.clone(), None), most);

        let both = order((0..65).map(v6).chain((0..65).map(v4)), None);
        assert_eq!(both, (0..32).flat_map(|number| [v6(number), v4(number)]).collect::<Vec<_>>());
    }

    #[test]
    fn the_next_attempt_starts_after_the_delay() {
        let mut race = Race::new(vec![v6(1), v4(1), v6(2)], ms(250));
        assert_eq!(race.next_step(ms(0)), Step::Start(v6(1)));
        assert_eq!(race.next_step(ms(0)), Step::Wait(Some(ms(250))));
        assert_eq!(race.next_step(ms(249)), Step::Wait(Some(ms(250))));
        assert_eq!(race.next_step(ms(251)), Step::Start(v4(1)));
        // 250 ms after the attempt before it, which was late, and not after a time of its own.
        assert_eq!(race.next_step(ms(500)), Step::Wait(Some(ms(501))));
        assert_eq!(race.next_step(ms(501)), Step::Start(v6(2)));
        assert_eq!(race.next_step(ms(9999)), Step::Wait(None));
    }

    #[test]
    fn the_next_attempt_starts_at_once_when_the_one_before_failed() {
        let mut race = Race::new(vec![v6(1), v4(1), v6(2)], ms(250));
        assert_eq!(race.next_step(ms(0)), Step::Start(v6(1)));
        race.push_failure(0);
        assert_eq!(race.next_step(ms(3)), Step::Start(v4(1)));
        assert_eq!(race.next_step(ms(3)), Step::Wait(Some(ms(253))));
    }

    /// Otherwise a third attempt would start right after a second that has had no time to answer.
    #[test]
    fn the_failure_of_an_earlier_attempt_hastens_nothing() {
        let mut race = Race::new(vec![v6(1), v4(1), v6(2)], ms(250));
        assert_eq!(race.next_step(ms(0)), Step::Start(v6(1)));
        assert_eq!(race.next_step(ms(250)), Step::Start(v4(1)));
        race.push_failure(0);
        assert_eq!(race.next_step(ms(251)), Step::Wait(Some(ms(500))));
        race.push_failure(1);
        assert_eq!(race.next_step(ms(252)), Step::Start(v6(2)));
    }

    #[test]
    fn it_is_lost_when_the_last_attempt_failed() {
        let mut race = Race::new(vec![v6(1), v4(1)], ms(250));
        assert_eq!(race.next_step(ms(0)), Step::Start(v6(1)));
        assert_eq!(race.next_step(ms(250)), Step::Start(v4(1)));
        race.push_failure(1);
        assert_eq!(race.next_step(ms(251)), Step::Wait(None));
        race.push_failure(0);
        assert_eq!(race.next_step(ms(252)), Step::Lost);
        assert_eq!(Race::new(Vec::new(), ms(250)).next_step(ms(0)), Step::Lost);
    }

    #[test]
    fn a_delay_without_end_starts_nothing_on_its_own() {
        let mut race = Race::new(vec![v6(1), v4(1)], Duration::MAX);
        assert_eq!(race.next_step(ms(1)), Step::Start(v6(1)));
        assert_eq!(race.next_step(ms(2)), Step::Wait(Some(Duration::MAX)));
    }

    proptest! {
        /// What comes out is what came in, without repetitions; no family is reordered; and they
        /// take turns while there are both.
        #[test]
        fn the_order_is_a_fair_one(
            came in prop::collection::vec((any::<bool>(), 0u16..20), 0..40),
        ) {
            let came: Vec<_> = came
                .into_iter()
                .map(|(six, number)| if six { v6(number) } else { v4(number) })
                .collect();
            let ordered = order(came.clone(), None);
            let mut distinct = Vec::new();
            for addr in came {
                if !distinct.contains(&addr) {
                    distinct.push(addr);
                }
            }
            prop_assert_eq!(ordered.first(), distinct.first());
            let of = |addrs: &[SocketAddr], six| {
                addrs.iter().copied().filter(|addr| addr.is_ipv6() == six).collect::<Vec<_>>()
            };
            for six in [false, true] {
                prop_assert_eq!(of(&ordered, six), of(&distinct, six));
            }
            let pairs = of(&distinct, true).len().min(of(&distinct, false).len());
            for turn in ordered[..2 * pairs].windows(2) {
                prop_assert_ne!(turn[0].is_ipv6(), turn[1].is_ipv6());
            }
        }

        /// Each address is tried once and in its turn; an attempt starts as soon as the one before
        /// it failed or had its delay, and no earlier; the race ends when all have failed.
        #[test]
        fn attempts_are_paced(
            delay in 10u64..500,
            // How long after its start each attempt fails; `None` for never.
            fates in prop::collection::vec(prop::option::of(0u64..1000), 0..20),
        ) {
            let addrs: Vec<_> = (0..).zip(&fates).map(|(number, _)| v4(number)).collect();
            let mut race = Race::new(addrs.clone(), ms(delay));
            let mut now = 0;
            let mut starts = Vec::new();
            let mut failures = BTreeSet::new();
            // Per attempt: its start, a wait, and its failure.
            let mut steps = 0..3 * fates.len() + 1;
            let lost = loop {
                prop_assert!(steps.next().is_some(), "it goes on for ever");
                let until = match race.next_step(ms(now)) {
                    Step::Start(addr) => {
                        prop_assert_eq!(Some(&addr), addrs.get(starts.len()));
                        if let Some(after) = fates[starts.len()] {
                            failures.insert((now + after, starts.len()));
                        }
                        starts.push(now);
                        continue;
                    }
                    Step::Wait(until) => until,
                    Step::Lost => break true,
                };
                let until = until.map(|until| u64::try_from(until.as_millis()).expect("small"));
                match (failures.first().copied(), until) {
                    (Some((at, attempt)), until) if until.is_none_or(|until| at <= until) => {
                        failures.remove(&(at, attempt));
                        race.push_failure(attempt);
                        now = at;
                    }
                    (_, Some(until)) => now = until,
                    (_, None) => break false,
                }
            };
            prop_assert_eq!(lost, fates.iter().all(Option::is_some));
            prop_assert_eq!(starts.len(), fates.len());
            for (index, pair) in starts.windows(2).enumerate() {
                let wait = fates[index].map_or(delay, |after| after.min(delay));
                prop_assert_eq!(pair[1] - pair[0], wait);
            }
        }
    }
}
