//! Published time limits and the deadlines that they make.

use std::{fmt, time::Duration};

use jiff::{Timestamp as JiffTimestamp, civil::Date, tz::Offset};
use serde::{Deserialize, Serialize};
use terms::Timestamp;

use crate::{Calendar, Verification};

/// Ten years of days: longer than any limit a provider could publish.
const AMOUNT_MAX: u32 = 3_660;

/// What a limit is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitUnit {
    /// 工作日: days on which people work, by the calendar of the country.
    WorkingDays,
    /// 自然日: every day.
    CalendarDays,
    /// 小时: hours from the moment of filing.
    Hours,
}

impl LimitUnit {
    /// All three.
    pub const ALL: [Self; 3] = [Self::WorkingDays, Self::CalendarDays, Self::Hours];

    /// The word for it in packs and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WorkingDays => "working_days",
            Self::CalendarDays => "calendar_days",
            Self::Hours => "hours",
        }
    }

    /// The unit with that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.as_str() == word)
    }
}

/// A time limit as it is published: so many days or hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Limit {
    amount: u32,
    unit: LimitUnit,
}

/// A limit that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("time limit `{amount}` {}: 1 to 3660 can be promised", .unit.as_str())]
pub struct LimitError {
    /// The number given.
    pub amount: u32,
    /// The unit given.
    pub unit: LimitUnit,
}

impl Limit {
    /// A limit of `amount` of `unit`.
    ///
    /// # Errors
    /// [`LimitError`] for zero and for more than 3660.
    pub const fn new(amount: u32, unit: LimitUnit) -> Result<Self, LimitError> {
        if amount == 0 || amount > AMOUNT_MAX {
            return Err(LimitError { amount, unit });
        }
        Ok(Self { amount, unit })
    }

    /// So many working days.
    ///
    /// # Errors
    /// As [`Limit::new`].
    pub const fn working_days(amount: u32) -> Result<Self, LimitError> {
        Self::new(amount, LimitUnit::WorkingDays)
    }

    /// So many days.
    ///
    /// # Errors
    /// As [`Limit::new`].
    pub const fn calendar_days(amount: u32) -> Result<Self, LimitError> {
        Self::new(amount, LimitUnit::CalendarDays)
    }

    /// So many hours.
    ///
    /// # Errors
    /// As [`Limit::new`].
    pub const fn hours(amount: u32) -> Result<Self, LimitError> {
        Self::new(amount, LimitUnit::Hours)
    }

    /// The number.
    #[must_use]
    pub const fn amount(self) -> u32 {
        self.amount
    }

    /// What it counts.
    #[must_use]
    pub const fn unit(self) -> LimitUnit {
        self.unit
    }

    /// The deadline of something filed at `from`, at a place that is `offset_hours` ahead of UTC (+8 in China).
    ///
    /// The day of filing does not count, and the last day counts to its end (Civil Code, articles 201 and 203). A limit in
    /// calendar days is not moved past a rest day: it is our own promise, and earlier is never wrong. Hours run at once.
    #[must_use]
    pub fn deadline(self, from: Timestamp, offset_hours: i8, calendar: &Calendar) -> Deadline {
        if self.unit == LimitUnit::Hours {
            let due = from.plus(Duration::from_secs(u64::from(self.amount) * 3_600));
            return Deadline { due, limit: self, provisional: false, reasons: Vec::new() };
        }
        let offset = offset_of(offset_hours);
        let mut day = offset.to_datetime(from.to_jiff()).date();
        let mut reasons = Vec::new();
        let mut left = self.amount;
        while left > 0 {
            // A calendar that ends with the year 9999 needs no better answer than its end.
            let Ok(next) = day.tomorrow() else { break };
            day = next;
            if self.unit == LimitUnit::WorkingDays {
                let doubt = match calendar.verification(day.year()) {
                    None => Some(ProvisionalReason::YearNotLoaded(day.year())),
                    Some(Verification::Memory) => Some(ProvisionalReason::YearFromMemory(day.year())),
                    Some(Verification::Primary | Verification::Secondary) => None,
                };
                if let Some(reason) = doubt.filter(|reason| !reasons.contains(reason)) {
                    reasons.push(reason);
                }
                if !calendar.is_working_day(day) {
                    continue;
                }
            }
            left -= 1;
        }
        Deadline { due: end_of(day, offset), limit: self, provisional: !reasons.is_empty(), reasons }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.unit.as_str().replace('_', " "))
    }
}

/// By when something is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// The first instant that is too late: for days, the midnight after the last one.
    pub due: Timestamp,
    /// The published limit it comes from.
    pub limit: Limit,
    /// Whether it may still move: the calendar was not complete or not verified. Once a person was told, it can only become
    /// earlier ([`Self::not_later_than`]).
    pub provisional: bool,
    /// Why it is provisional.
    pub reasons: Vec<ProvisionalReason>,
}

impl Deadline {
    /// Whether the time is over at `now`.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        now >= self.due
    }

    /// The same deadline, computed anew after `told` was promised: what a person was told never becomes later.
    #[must_use]
    pub fn not_later_than(self, told: Timestamp) -> Self {
        Self { due: self.due.min(told), ..self }
    }

    /// The last day on which an answer is in time, as `2026-11-30`, at a place `offset_hours` ahead of UTC.
    #[must_use]
    pub fn last_day(&self, offset_hours: i8) -> String {
        let last = self.due.minus(Duration::from_micros(1));
        offset_of(offset_hours).to_datetime(last.to_jiff()).date().to_string()
    }
}

/// Why a deadline is provisional (a task for an operator comes with each).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "reason", content = "year", rename_all = "snake_case")]
pub enum ProvisionalReason {
    /// No list of days off for that year: every day was counted as a working day.
    YearNotLoaded(i16),
    /// The list of that year was not held against the notice.
    YearFromMemory(i16),
}

impl ProvisionalReason {
    /// The year in question.
    #[must_use]
    pub const fn year(self) -> i16 {
        match self {
            Self::YearNotLoaded(year) | Self::YearFromMemory(year) => year,
        }
    }

    /// The word for it in tasks and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::YearNotLoaded(_) => "year_not_loaded",
            Self::YearFromMemory(_) => "year_from_memory",
        }
    }
}

/// UTC where the hours are no offset.
fn offset_of(hours: i8) -> Offset {
    Offset::from_hours(hours).unwrap_or(Offset::UTC)
}

/// The midnight after `day`.
fn end_of(day: Date, offset: Offset) -> Timestamp {
    let midnight = day
        .tomorrow()
        .ok()
        .and_then(|next| offset.to_timestamp(next.at(0, 0, 0, 0)).ok())
        .unwrap_or(JiffTimestamp::MAX);
    Timestamp::from_micros_clamped(midnight.as_microsecond())
}

#[cfg(test)]
mod tests;
