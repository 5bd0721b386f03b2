//! Points in time, to the microsecond, as the store and the ledger keep them.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

/// A source of the current time, handed to whatever needs one.
pub trait Clock: Send + Sync {
    /// The current time.
    fn now(&self) -> Timestamp;
}

/// Microseconds since 1970-01-01T00:00:00Z, never before it and never after the year 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Timestamp(i64);

/// A number or text that is no [`Timestamp`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimestampError {
    /// Before 1970 or after 9999.
    #[error("time `{0}` µs is outside the years 1970 to 9999")]
    OutOfRange(i64),
    /// Not RFC 3339.
    #[error("`{0}` is not an RFC 3339 time such as `2026-11-23T08:00:00Z`")]
    NotRfc3339(String),
}

impl Timestamp {
    /// 9999-12-30T22:00:00Z: the last time that every calendar here can still print.
    const MAX_MICROS: i64 = 253_402_207_200_000_000;
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// The time `micros` microseconds after the epoch.
    ///
    /// # Errors
    /// [`TimestampError::OutOfRange`] outside the years 1970 to 9999.
    pub const fn from_micros(micros: i64) -> Result<Self, TimestampError> {
        if micros < 0 || micros > Self::MAX_MICROS {
            return Err(TimestampError::OutOfRange(micros));
        }
        Ok(Self(micros))
    }

    /// Like [`Timestamp::from_micros`], with what lies outside moved to the nearest end. For clocks.
    #[must_use]
    pub const fn from_micros_clamped(micros: i64) -> Self {
        if micros < 0 {
            Self(0)
        } else if micros > Self::MAX_MICROS {
            Self(Self::MAX_MICROS)
        } else {
            Self(micros)
        }
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Whole milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        (self.0 / 1_000).unsigned_abs()
    }

    /// Whole seconds since the epoch.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0 / 1_000_000
    }

    /// This time plus `duration`, stopping at the end of the range.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self::from_micros_clamped(self.0.saturating_add(micros))
    }

    /// This time minus `duration`, stopping at the epoch.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self::from_micros_clamped(self.0.saturating_sub(micros))
    }

    /// How long after `earlier` this is; zero where it is not after.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The same point as the `jiff` type, for calendars and printing.
    #[must_use]
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

impl TryFrom<i64> for Timestamp {
    type Error = TimestampError;

    fn try_from(micros: i64) -> Result<Self, TimestampError> {
        Self::from_micros(micros)
    }
}

impl From<Timestamp> for i64 {
    fn from(time: Timestamp) -> Self {
        time.0
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, with as many digits after the second as are needed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_jiff().fmt(f)
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let parsed: jiff::Timestamp =
            text.parse().map_err(|_| TimestampError::NotRfc3339(text.to_owned()))?;
        Self::from_micros(parsed.as_microsecond())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_and_reads_rfc_3339() {
        let time: Timestamp = "2026-11-23T08:00:00.25Z".parse().unwrap();
        assert_eq!(time.to_string(), "2026-11-23T08:00:00.25Z");
        assert_eq!(time.as_micros() % 1_000_000, 250_000);
        assert!("yesterday".parse::<Timestamp>().is_err());
        assert!("1969-12-31T23:59:59Z".parse::<Timestamp>().is_err());
    }

    #[test]
    fn arithmetic_stops_at_the_ends() {
        assert_eq!(Timestamp::EPOCH.minus(Duration::from_secs(1)), Timestamp::EPOCH);
        assert_eq!(Timestamp::EPOCH.plus(Duration::MAX).as_micros(), Timestamp::MAX_MICROS);
        assert_eq!(Timestamp::EPOCH.since(Timestamp::EPOCH.plus(Duration::from_secs(5))), Duration::ZERO);
    }
}
