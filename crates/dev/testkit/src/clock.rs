//! A clock that moves when a test says so.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use terms::{Clock, Timestamp};

/// A clock that stands still until it is moved. Share it as `Arc<FakeClock>`.
#[derive(Debug)]
pub struct FakeClock(AtomicI64);

impl FakeClock {
    /// A clock that shows `now`.
    #[must_use]
    pub const fn at(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.as_micros()))
    }

    /// Moves the clock on.
    pub fn advance(&self, by: Duration) {
        self.set(self.now().plus(by));
    }

    /// Sets the clock, back too.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.as_micros(), Ordering::SeqCst);
    }
}

impl Default for FakeClock {
    /// 2026-11-23T08:00:00Z, a Monday morning in Beijing.
    fn default() -> Self {
        Self::at(Timestamp::from_micros_clamped(1_795_420_800_000_000))
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros_clamped(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stands_still_until_moved() {
        let clock = FakeClock::default();
        assert_eq!(clock.now().to_string(), "2026-11-23T08:00:00Z");
        assert_eq!(clock.now(), clock.now());
        clock.advance(Duration::from_secs(90));
        assert_eq!(clock.now().to_string(), "2026-11-23T08:01:30Z");
    }
}
