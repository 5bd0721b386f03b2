//! How often signing in may fail before it pauses: in memory alone, with a written limit, and the same for names that exist and
//! names that do not.
//!
//! Nothing here tells who tried or from where: counters are kept under keyed hashes, whose key ends with the process.

use std::{
    collections::{HashMap, hash_map::RandomState},
    fmt,
    hash::BuildHasher as _,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use terms::Timestamp;

/// Failures of one name from one network. NIST SP 800-63B §3.2.2 allows 100; a person who has forgotten a password gives up sooner.
const PAIR_MAX: u32 = 10;
/// Failures of all names from one network: an office behind one address has several operators.
const NETWORK_MAX: u32 = 50;
/// Failures of one name from all networks. Higher than the others, so that one network alone cannot keep an operator out.
const NAME_MAX: u32 = 100;
/// How long a pause lasts, counted from the last failure, and after how long failures are forgotten.
const PAUSE: Duration = Duration::from_secs(15 * 60);
/// Counters kept, some 50 bytes each. Each new one costs whoever makes it a hashed password, three of them at most.
const COUNTERS_MAX: usize = 30_000;

/// The network that a client comes from: an IPv4 address, or the /56 of an IPv6 address, which is what one subscriber has at least.
///
/// It is used for counting while the process runs. It is neither logged nor stored, and does not show itself in logs.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientNetwork(IpAddr);

impl ClientNetwork {
    /// The network of that address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => {
                let prefix = address.to_bits() & (u128::MAX << (128 - 56));
                Self(IpAddr::V6(prefix.into()))
            }
            address @ IpAddr::V4(_) => Self(address),
        }
    }
}

impl fmt::Debug for ClientNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientNetwork(…)")
    }
}

/// The counters.
#[derive(Default)]
pub(crate) struct Tries {
    keys: RandomState,
    counters: Mutex<HashMap<u64, Counter>>,
}

#[derive(Clone, Copy)]
struct Counter {
    failures: u32,
    last: Timestamp,
}

/// One try under way. It counts as failed until [`Tries::succeeded`] or [`Tries::withdraw`] says otherwise, so that tries at the
/// same time cannot be more than the limit.
#[must_use]
pub(crate) struct Try {
    pair: u64,
    network: Option<u64>,
    name: Option<u64>,
}

impl Tries {
    /// Begins a try; `None` during a pause. A client whose network is not known is counted by name alone.
    pub(crate) fn begin(&self, name: &str, network: Option<ClientNetwork>, now: Timestamp) -> Option<Try> {
        let begun = Try {
            pair: self.keys.hash_one(("pair", name, network)),
            network: network.map(|network| self.keys.hash_one(("network", network))),
            name: network.map(|_| self.keys.hash_one(("name", name))),
        };
        let mut counters = self.lock();
        let is_paused = begun.counted().any(|(key, max)| {
            counters
                .get(&key)
                .is_some_and(|counter| counter.failures >= max && now.since(counter.last) < PAUSE)
        });
        if is_paused {
            return None;
        }
        for (key, _) in begun.counted() {
            make_room(&mut counters, key, now);
            let counter = counters.entry(key).or_insert(Counter { failures: 0, last: now });
            let earlier = if now.since(counter.last) < PAUSE { counter.failures } else { 0 };
            *counter = Counter { failures: earlier.saturating_add(1), last: now };
        }
        Some(begun)
    }

    /// The password was right: the name starts anew, and the try does not count against its network.
    pub(crate) fn succeeded(&self, done: Try) {
        let mut counters = self.lock();
        counters.remove(&done.pair);
        if let Some(name) = done.name {
            counters.remove(&name);
        }
        if let Some(network) = done.network {
            uncount(&mut counters, network);
        }
    }

    /// The try could not be finished, by a fault of ours.
    pub(crate) fn withdraw(&self, undone: Try) {
        let mut counters = self.lock();
        for (key, _) in undone.counted() {
            uncount(&mut counters, key);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Counter>> {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Try {
    /// Each counter of the try, with its limit.
    fn counted(&self) -> impl Iterator<Item = (u64, u32)> + use<> {
        let others = [self.network.map(|key| (key, NETWORK_MAX)), self.name.map(|key| (key, NAME_MAX))];
        std::iter::once((self.pair, PAIR_MAX)).chain(others.into_iter().flatten())
    }
}

fn uncount(counters: &mut HashMap<u64, Counter>, key: u64) {
    if let Some(counter) = counters.get_mut(&key) {
        counter.failures = counter.failures.saturating_sub(1);
        if counter.failures == 0 {
            counters.remove(&key);
        }
    }
}

/// Drops what is forgotten anyway where the map is full, else the counter whose last failure is longest ago.
fn make_room(counters: &mut HashMap<u64, Counter>, key: u64, now: Timestamp) {
    if counters.len() < COUNTERS_MAX || counters.contains_key(&key) {
        return;
    }
    counters.retain(|_, counter| now.since(counter.last) < PAUSE);
    if counters.len() >= COUNTERS_MAX
        && let Some(oldest) = counters.iter().min_by_key(|(_, counter)| counter.last).map(|(key, _)| *key)
    {
        counters.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros_clamped(1_795_420_800_000_000);

    fn network(address: &str) -> Option<ClientNetwork> {
        Some(ClientNetwork::of(address.parse().unwrap()))
    }

    /// How many tries are let through, of many.
    fn failures(tries: &Tries, name: &str, network: Option<ClientNetwork>) -> u32 {
        (0..200).map(|_| u32::from(tries.begin(name, network, NOW).is_some())).sum()
    }

    #[test]
    fn a_name_pauses_for_one_network_and_goes_on_for_another() {
        let tries = Tries::default();
        assert_eq!(failures(&tries, "lin", network("192.0.2.1")), PAIR_MAX);
        assert_eq!(failures(&tries, "lin", network("192.0.2.2")), PAIR_MAX);
        assert_eq!(failures(&tries, "lin", None), PAIR_MAX, "without a network the name alone counts");
        assert!(tries.begin("lin", network("192.0.2.1"), NOW.plus(PAUSE)).is_some());
    }

    #[test]
    fn one_network_cannot_try_all_names() {
        let tries = Tries::default();
        let sum: u32 = (0..20).map(|n| failures(&tries, &format!("n{n}"), network("192.0.2.1"))).sum();
        assert_eq!(sum, NETWORK_MAX);
        assert!(tries.begin("lin", network("192.0.2.2"), NOW).is_some());
    }

    #[test]
    fn many_networks_together_cannot_guess_one_password() {
        let tries = Tries::default();
        let sum: u32 = (0..250).map(|n| failures(&tries, "lin", network(&format!("198.51.100.{n}")))).sum();
        assert_eq!(sum, NAME_MAX);
    }

    #[test]
    fn addresses_of_one_subscriber_are_one_network() {
        let tries = Tries::default();
        assert_eq!(failures(&tries, "lin", network("2001:db8:0:1100::1")), PAIR_MAX);
        assert_eq!(failures(&tries, "lin", network("2001:db8:0:11ff::2")), 0);
        assert_eq!(failures(&tries, "lin", network("2001:db8:0:1200::1")), PAIR_MAX);
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert!(!format!("{:?}", network("192.0.2.1")).contains("192"));
    }

    #[test]
    fn success_starts_anew_and_faults_of_ours_do_not_count() {
        let tries = Tries::default();
        let here = network("192.0.2.1");
        for _ in 0..200 {
            tries.succeeded(tries.begin("lin", here, NOW).unwrap());
            tries.withdraw(tries.begin("lin", here, NOW).unwrap());
        }
        assert!(tries.lock().is_empty());
    }

    #[test]
    fn memory_is_bounded_and_a_full_one_still_counts() {
        let tries = Tries::default();
        for n in 0..COUNTERS_MAX + 10 {
            let _ = tries.begin(&format!("n{n}"), None, NOW);
        }
        assert_eq!(tries.lock().len(), COUNTERS_MAX);
        assert_eq!(failures(&tries, "lin", None), PAIR_MAX);
    }
}
