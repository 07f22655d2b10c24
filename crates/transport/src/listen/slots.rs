//! How many connections there may be at once.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::OptionError;

/// How many connections there may be at once, for [`Slots`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotLimits {
    total: usize,
    per_address: Option<usize>,
    ipv6_prefix: u8,
}

impl Default for SlotLimits {
    fn default() -> Self {
        Self { total: 10_000, per_address: None, ipv6_prefix: 128 }
    }
}

impl SlotLimits {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Connections in all. Default: 10,000.
    #[must_use]
    pub fn total(mut self, connections: usize) -> Self {
        self.total = connections;
        self
    }

    /// Connections from one address. Default: as many as there may be in all.
    ///
    /// Costs some 40 bytes for each address that is connected.
    #[must_use]
    pub fn per_address(mut self, connections: impl Into<Option<usize>>) -> Self {
        self.per_address = connections.into();
        self
    }

    /// Bits in which two IPv6 addresses must agree to count as one address, 0 to 128. Default: 128.
    ///
    /// On the open internet 64 is right, since one host has that many addresses at will (RFC 8981).
    /// In a local network 64 bits stand for all hosts of one link.
    #[must_use]
    pub fn ipv6_prefix(mut self, bits: u8) -> Self {
        self.ipv6_prefix = bits;
        self
    }

    /// Whether these limits are possible.
    ///
    /// # Errors
    ///
    /// The IPv6 prefix is longer than an address.
    pub fn check(&self) -> Result<(), OptionError> {
        if self.ipv6_prefix > 128 {
            let needed = "0 to 128 bits".to_owned();
            return Err(OptionError::new("IPv6 prefix".to_owned(), needed, self.ipv6_prefix));
        }
        Ok(())
    }

    /// What addresses that count as one have in common.
    fn key(&self, ip: IpAddr) -> Key {
        match ip.to_canonical() {
            IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
            IpAddr::V6(ip) => {
                let others = 128 - u32::from(self.ipv6_prefix.min(128));
                let mask = u128::MAX.checked_shl(others).unwrap_or(0);
                (ip.to_bits() & mask).to_be_bytes()
            }
        }
    }
}

/// An IPv4 address lies among `::ffff:0:0/96`, where no IPv6 address does, not even cut to a prefix:
/// the last 1 of `ffff` is that of an address that would be IPv4.
type Key = [u8; 16];

/// Places for connections, each held by a [`Slot`].
///
/// A server that turns connections away calls [`try_take`](Self::try_take) for each. One that lets
/// them wait in the queue of the listener waits for [`poll_free`](Self::poll_free) before it
/// accepts. Does no I/O, and belongs to no runtime.
///
/// Clones share the places, and each waits by itself.
///
/// ```
/// use cwire_transport::{Refusal, SlotLimits, Slots};
///
/// let slots = Slots::new(SlotLimits::new().total(100).per_address(1))?;
/// let peer = "192.0.2.1".parse()?;
/// let slot = slots.try_take(Some(peer))?;
/// assert_eq!(slots.try_take(Some(peer)).unwrap_err(), Refusal::Address);
/// drop(slot);
/// slots.try_take(Some(peer))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Slots {
    shared: Arc<Shared>,
    /// Tells the waker of this clone from those of others.
    id: u64,
}

struct Shared {
    limits: SlotLimits,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    taken: usize,
    /// Empty if there is no limit per address; otherwise, no entry is 0.
    per_address: HashMap<Key, usize>,
    /// At most one per clone.
    waiting: Vec<(u64, Waker)>,
    next_id: u64,
}

impl Slots {
    /// As many free places as `limits` say.
    ///
    /// # Errors
    ///
    /// The limits are [impossible](SlotLimits::check).
    pub fn new(limits: SlotLimits) -> Result<Self, OptionError> {
        limits.check()?;
        let shared = Arc::new(Shared { limits, state: Mutex::default() });
        Ok(Self::handle(shared))
    }

    fn handle(shared: Arc<Shared>) -> Self {
        let mut state = shared.lock();
        let id = state.next_id;
        state.next_id += 1;
        drop(state);
        Self { shared, id }
    }

    /// Takes a place for a connection from `ip`; `None` is an address of which there may be any
    /// number, as of a UNIX socket.
    ///
    /// # Errors
    ///
    /// There is none. If both limits are reached, it is [`Refusal::Total`].
    pub fn try_take(&self, ip: Option<IpAddr>) -> Result<Slot, Refusal> {
        let limits = &self.shared.limits;
        let mut state = self.shared.lock();
        if state.taken >= limits.total {
            return Err(Refusal::Total);
        }
        let held = match (ip, limits.per_address) {
            (Some(ip), Some(limit)) => {
                let key = limits.key(ip);
                let taken = state.per_address.get(&key).copied().unwrap_or(0);
                if taken >= limit {
                    return Err(Refusal::Address);
                }
                state.per_address.insert(key, taken + 1);
                Held::Counted(Arc::clone(&self.shared), key)
            }
            _ => Held::Plain(Arc::clone(&self.shared)),
        };
        state.taken += 1;
        Ok(Slot(held))
    }

    /// Waits until there is a free place, whatever the address; the waker of the latest call is
    /// woken.
    ///
    /// Every waiting clone is woken when a place becomes free. Who comes too late waits again.
    pub fn poll_free(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.shared.lock();
        if state.taken < self.shared.limits.total {
            return Poll::Ready(());
        }
        match state.waiting.iter_mut().find(|(id, _)| *id == self.id) {
            Some((_, waker)) => waker.clone_from(cx.waker()),
            None => state.waiting.push((self.id, cx.waker().clone())),
        }
        Poll::Pending
    }

    /// Places that are taken.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.shared.lock().taken
    }

    /// The limits.
    #[must_use]
    pub fn limits(&self) -> &SlotLimits {
        &self.shared.limits
    }
}

impl Clone for Slots {
    fn clone(&self) -> Self {
        Self::handle(Arc::clone(&self.shared))
    }
}

impl Drop for Slots {
    fn drop(&mut self) {
        self.shared.lock().waiting.retain(|(id, _)| *id != self.id);
    }
}

impl fmt::Debug for Slots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Slots({} of {} taken)", self.taken(), self.limits().total)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that runs under the lock panics half way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place for a connection, free again when this is dropped.
#[must_use = "the place is free again at once"]
pub struct Slot(Held);

/// 24 bytes: the pointers leave room for the tag.
enum Held {
    Plain(Arc<Shared>),
    Counted(Arc<Shared>, Key),
}

impl Drop for Slot {
    fn drop(&mut self) {
        let (shared, key) = match &self.0 {
            Held::Plain(shared) => (shared, None),
            Held::Counted(shared, key) => (shared, Some(key)),
        };
        let mut state = shared.lock();
        state.taken -= 1;
        if let Some(key) = key
            && let Some(taken) = state.per_address.get_mut(key)
        {
            *taken -= 1;
            if *taken == 0 {
                state.per_address.remove(key);
            }
        }
        let waiting = std::mem::take(&mut state.waiting);
        // A waker may take or free a place.
        drop(state);
        for (_, waker) in waiting {
            waker.wake();
        }
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Slot")
    }
}

/// Why there is no place for a connection.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// As many connections as there may be in all.
    #[error("needs a free place, all are taken")]
    Total,
    /// As many connections from this address as there may be.
    #[error("needs a free place for this address, all are taken")]
    Address,
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;
    use std::thread::{self, Thread};
    use std::time::{Duration, Instant};

    use proptest::prelude::*;
    use tokio_test::{assert_pending, assert_ready, task};

    use super::*;

    fn ip(text: &str) -> Option<IpAddr> {
        Some(text.parse().expect(text))
    }

    fn slots(limits: SlotLimits) -> Slots {
        Slots::new(limits).expect("possible limits")
    }

    #[test]
    fn a_slot_takes_24_bytes_at_most() {
        assert!(size_of::<Slot>() <= 24);
    }

    #[test]
    fn a_prefix_longer_than_an_address_is_an_error() {
        let error = Slots::new(SlotLimits::new().ipv6_prefix(129)).expect_err("too long");
        assert_eq!(error.to_string(), "IPv6 prefix: needs 0 to 128 bits, 129 given");
        assert_eq!(SlotLimits::new().ipv6_prefix(128).check(), Ok(()));
    }

    #[test]
    fn addresses_that_agree_in_the_prefix_are_one() {
        let slots = slots(SlotLimits::new().per_address(1).ipv6_prefix(64));
        let _held = slots.try_take(ip("2001:db8:0:1::1")).expect("free");
        assert_eq!(slots.try_take(ip("2001:db8:0:1:ffff::")).expect_err("same"), Refusal::Address);
        let _other = slots.try_take(ip("2001:db8:0:2::1")).expect("another prefix");
        // The prefix is no matter of IPv4, however it is written.
        let _v4 = slots.try_take(ip("192.0.2.1")).expect("free");
        assert_eq!(slots.try_take(ip("::ffff:192.0.2.1")).expect_err("same"), Refusal::Address);
        let _v4 = slots.try_take(ip("192.0.2.2")).expect("another address");
        // Nor of peers that have no address.
        let _unix = [slots.try_take(None).expect("free"), slots.try_take(None).expect("free")];
        assert_eq!(slots.taken(), 6);
    }

    #[test]
    fn every_clone_that_waits_is_woken_and_one_that_is_gone_is_forgotten() {
        let slots = slots(SlotLimits::new().total(1));
        let held = slots.try_take(None).expect("free");
        let mut waiting = [slots.clone(), slots.clone(), slots.clone()].map(task::spawn);
        for waiter in &mut waiting {
            assert_pending!(waiter.enter(|cx, mut slots| slots.poll_free(cx)));
            // Asking again replaces the waker.
            assert_pending!(waiter.enter(|cx, mut slots| slots.poll_free(cx)));
        }
        assert_eq!(slots.shared.lock().waiting.len(), 3);
        let [first, mut second, third] = waiting;
        drop(third);
        assert_eq!(slots.shared.lock().waiting.len(), 2);

        drop(held);
        assert!(first.is_woken() && second.is_woken());
        let held = slots.try_take(None).expect("free");
        // Too late: waits again.
        assert_pending!(second.enter(|cx, mut slots| slots.poll_free(cx)));
        drop(held);
        assert!(second.is_woken());
        assert_ready!(second.enter(|cx, mut slots| slots.poll_free(cx)));
    }

    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    /// Four threads pass two places around, each waiting for a wake-up when there is none.
    #[test]
    fn no_wake_up_is_lost() {
        const ROUNDS: usize = 2_000;
        let slots = slots(SlotLimits::new().total(2));
        let (start, at_once) = (Barrier::new(4), AtomicUsize::new(0));
        let deadline = Instant::now() + Duration::from_secs(60);
        thread::scope(|scope| {
            for _ in 0..4 {
                let (mut slots, start, at_once) = (slots.clone(), &start, &at_once);
                scope.spawn(move || {
                    let waker = Arc::new(Unpark(thread::current())).into();
                    let mut cx = Context::from_waker(&waker);
                    start.wait();
                    for _ in 0..ROUNDS {
                        let slot = loop {
                            if let Ok(slot) = slots.try_take(None) {
                                break slot;
                            }
                            if slots.poll_free(&mut cx).is_pending() {
                                thread::park_timeout(
                                    deadline.saturating_duration_since(Instant::now()),
                                );
                                assert!(Instant::now() < deadline, "a wake-up was lost");
                            }
                        };
                        assert!(at_once.fetch_add(1, Ordering::SeqCst) < 2);
                        thread::yield_now();
                        at_once.fetch_sub(1, Ordering::SeqCst);
                        drop(slot);
                    }
                });
            }
        });
        assert_eq!(slots.taken(), 0);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Take(Option<IpAddr>),
        Free(prop::sample::Index),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let ip = prop_oneof![
            (0u32..3).prop_map(|bits| IpAddr::V4(bits.into())),
            // Three addresses in each of two blocks of 64 bits.
            (0u128..2, 0u128..3).prop_map(|(high, low)| IpAddr::V6((high << 64 | low).into())),
            (0u32..3).prop_map(|bits| IpAddr::V6(std::net::Ipv4Addr::from(bits).to_ipv6_mapped())),
        ];
        let step = prop_oneof![
            3 => prop::option::weighted(0.9, ip).prop_map(Step::Take),
            2 => any::<prop::sample::Index>().prop_map(Step::Free),
        ];
        prop::collection::vec(step, 0..60)
    }

    proptest! {
        /// Against a list of the connections there are.
        #[test]
        fn places_are_those_that_are_not_taken(
            total in 0usize..8,
            per_address in prop::option::of(0usize..4),
            prefix in prop::sample::select(&[0u8, 64, 127, 128][..]),
            steps in steps(),
        ) {
            let limits = SlotLimits::new().total(total).per_address(per_address).ipv6_prefix(prefix);
            let mut slots = slots(limits);
            let same = |a: IpAddr, b: IpAddr| match (a.to_canonical(), b.to_canonical()) {
                (IpAddr::V6(a), IpAddr::V6(b)) => {
                    (a.to_bits() ^ b.to_bits()).leading_zeros() >= u32::from(prefix)
                }
                (a, b) => a == b,
            };
            let mut taken: Vec<(Option<IpAddr>, Slot)> = Vec::new();
            for step in steps {
                match step {
                    Step::Free(index) => {
                        if !taken.is_empty() {
                            drop(taken.swap_remove(index.index(taken.len())));
                        }
                    }
                    Step::Take(ip) => {
                        let alike = taken.iter().filter(|(other, _)| {
                            ip.zip(*other).is_some_and(|(a, b)| same(a, b))
                        });
                        let of_address = ip.and(per_address);
                        let expected = if taken.len() == total {
                            Some(Refusal::Total)
                        } else if of_address.is_some_and(|limit| alike.count() >= limit) {
                            Some(Refusal::Address)
                        } else {
                            None
                        };
                        match slots.try_take(ip) {
                            Ok(slot) => {
                                prop_assert_eq!(expected, None);
                                taken.push((ip, slot));
                            }
                            Err(refusal) => prop_assert_eq!(expected, Some(refusal)),
                        }
                    }
                }
                prop_assert_eq!(slots.taken(), taken.len());
                let mut cx = Context::from_waker(Waker::noop());
                prop_assert_eq!(slots.poll_free(&mut cx).is_pending(), taken.len() == total);
            }
            drop(taken);
            prop_assert_eq!(slots.taken(), 0);
            prop_assert!(slots.shared.lock().per_address.is_empty());
        }
    }
}
