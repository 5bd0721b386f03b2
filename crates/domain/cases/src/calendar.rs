//! Which days people work on: the lists that the State Council publishes for each year.
//!
//! The lists are dated data with a source. A year without one counts every day as a working day, so that a limit can only
//! turn out longer than was said, and nobody is turned away because a file is missing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

/// More days than a year's list can hold; a longer one is a mistake.
const SPAN_DAYS_MAX: i32 = 60;

/// How surely a fact is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verification {
    /// Held against the text of the notice.
    Primary,
    /// Read in a rendering of it.
    Secondary,
    /// Written down from memory.
    Memory,
}

impl Verification {
    /// The fact's word in packs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Memory => "memory",
        }
    }

    /// The verification with that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Primary, Self::Secondary, Self::Memory].into_iter().find(|known| known.as_str() == word)
    }
}

/// Days from one to another, both included, as `2026-02-15`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DaySpan {
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
}

/// One year's list, as a pack holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarYear {
    /// The year.
    pub year: i16,
    /// The public holidays, with the rest days that were moved to them.
    pub days_off: Vec<DaySpan>,
    /// The days of weekends that are worked.
    pub workdays: Vec<String>,
    /// The notice it comes from.
    pub source: String,
    /// How surely it is known.
    pub verification: Verification,
}

/// A list that cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// Not a date.
    #[error("calendar of {year}: `{text}` is no date such as `2026-02-15`")]
    NoDate {
        /// The list's year.
        year: i16,
        /// What was given.
        text: String,
    },
    /// A date of another year.
    #[error("calendar of {year}: `{day}` lies in another year")]
    OtherYear {
        /// The list's year.
        year: i16,
        /// The date.
        day: String,
    },
    /// A span that ends before it begins, or is longer than any holiday.
    #[error("calendar of {year}: days off from `{from}` to `{to}` are no span of 1 to 60 days")]
    Span {
        /// The list's year.
        year: i16,
        /// Its first day.
        from: String,
        /// Its last day.
        to: String,
    },
    /// A worked day that is no weekend day, or is a day off too.
    #[error("calendar of {year}: worked day `{day}` is {what}")]
    Workday {
        /// The list's year.
        year: i16,
        /// The day.
        day: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// Two lists for one year.
    #[error("calendar of {0} is there twice")]
    Twice(i16),
}

/// The working days of the years whose lists are loaded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calendar {
    years: BTreeMap<i16, Days>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Days {
    off: BTreeSet<Date>,
    worked: BTreeSet<Date>,
    source: String,
    verification: Verification,
}

impl Calendar {
    /// A calendar of these years.
    ///
    /// # Errors
    /// [`CalendarError`] names the list and the day that are wrong.
    pub fn new(lists: &[CalendarYear]) -> Result<Self, CalendarError> {
        let mut years = BTreeMap::new();
        for list in lists {
            if years.insert(list.year, Days::new(list)?).is_some() {
                return Err(CalendarError::Twice(list.year));
            }
        }
        Ok(Self { years })
    }

    /// Whether people work on that day. Every day of a year without a list counts.
    #[must_use]
    pub fn is_working_day(&self, day: Date) -> bool {
        let Some(days) = self.years.get(&day.year()) else {
            return true;
        };
        if days.worked.contains(&day) {
            return true;
        }
        let is_weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        !is_weekend && !days.off.contains(&day)
    }

    /// How surely a year's list is known; nothing where it is not loaded.
    #[must_use]
    pub fn verification(&self, year: i16) -> Option<Verification> {
        self.years.get(&year).map(|days| days.verification)
    }

    /// The notice a year's list comes from.
    #[must_use]
    pub fn source(&self, year: i16) -> Option<&str> {
        self.years.get(&year).map(|days| days.source.as_str())
    }

    /// The years whose lists are loaded.
    pub fn years(&self) -> impl Iterator<Item = i16> + '_ {
        self.years.keys().copied()
    }
}

impl Days {
    fn new(list: &CalendarYear) -> Result<Self, CalendarError> {
        let year = list.year;
        let mut off = BTreeSet::new();
        for span in &list.days_off {
            let (from, to) = (read_day(year, &span.from)?, read_day(year, &span.to)?);
            let wrong = || CalendarError::Span { year, from: span.from.clone(), to: span.to.clone() };
            let length = i32::from(to.day_of_year()) - i32::from(from.day_of_year()) + 1;
            if !(1..=SPAN_DAYS_MAX).contains(&length) {
                return Err(wrong());
            }
            let mut day = from;
            while day <= to {
                off.insert(day);
                let Ok(next) = day.tomorrow() else { break };
                day = next;
            }
        }
        let mut worked = BTreeSet::new();
        for text in &list.workdays {
            let day = read_day(year, text)?;
            let wrong = |what| Err(CalendarError::Workday { year, day: text.clone(), what });
            if off.contains(&day) {
                return wrong("a day off too");
            }
            if !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
                return wrong("no day of a weekend");
            }
            worked.insert(day);
        }
        Ok(Self { off, worked, source: list.source.clone(), verification: list.verification })
    }
}

fn read_day(year: i16, text: &str) -> Result<Date, CalendarError> {
    let no_date = || CalendarError::NoDate { year, text: text.chars().take(64).collect() };
    // Only the plain form: a time or a zone after the date would be dropped silently.
    if text.len() != "2026-02-15".len() {
        return Err(no_date());
    }
    let day: Date = text.parse().map_err(|_| no_date())?;
    if day.year() != year {
        return Err(CalendarError::OtherYear { year, day: text.to_owned() });
    }
    Ok(day)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The list of 2026 as it stands in the rules, for tests here and in `limit`.
    pub(crate) fn list_2026(verification: Verification) -> CalendarYear {
        let spans = [
            ("2026-01-01", "2026-01-03"),
            ("2026-02-15", "2026-02-23"),
            ("2026-04-04", "2026-04-06"),
            ("2026-05-01", "2026-05-05"),
            ("2026-06-19", "2026-06-21"),
            ("2026-09-25", "2026-09-27"),
            ("2026-10-01", "2026-10-07"),
        ];
        let worked = ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"];
        CalendarYear {
            year: 2026,
            days_off: spans.map(|(from, to)| DaySpan { from: from.into(), to: to.into() }).to_vec(),
            workdays: worked.map(Into::into).to_vec(),
            source: "test".into(),
            verification,
        }
    }

    #[test]
    fn days_off_and_shifted_days_are_known() {
        let calendar = Calendar::new(&[list_2026(Verification::Primary)]).unwrap();
        let check = |day: &str, expected: bool| {
            assert_eq!(calendar.is_working_day(day.parse().unwrap()), expected, "{day}");
        };
        check("2026-11-23", true); // A Monday.
        check("2026-11-28", false); // A Saturday.
        check("2026-02-16", false); // Monday of the spring festival.
        check("2026-02-14", true); // A Saturday that is worked.
        check("2026-02-28", true);
        check("2026-10-08", true);
        check("2027-01-01", true); // No list: every day counts.
        check("2027-01-02", true);
        assert_eq!(calendar.years().collect::<Vec<_>>(), [2026]);
    }

    #[test]
    fn wrong_lists_are_refused() {
        let check = |change: fn(&mut CalendarYear), expected: fn(&CalendarError) -> bool| {
            let mut list = list_2026(Verification::Memory);
            change(&mut list);
            let error = Calendar::new(&[list]).unwrap_err();
            assert!(expected(&error), "{error}");
        };
        check(|l| l.workdays.push("14.2.2026".into()), |e| matches!(e, CalendarError::NoDate { .. }));
        check(|l| l.workdays.push("2026-02-30".into()), |e| matches!(e, CalendarError::NoDate { .. }));
        check(|l| l.workdays.push("2025-02-08".into()), |e| matches!(e, CalendarError::OtherYear { .. }));
        check(|l| l.workdays.push("2026-11-23".into()), |e| matches!(e, CalendarError::Workday { .. }));
        check(|l| l.workdays.push("2026-10-03".into()), |e| matches!(e, CalendarError::Workday { .. }));
        check(
            |l| l.days_off.push(DaySpan { from: "2026-12-02".into(), to: "2026-12-01".into() }),
            |e| matches!(e, CalendarError::Span { .. }),
        );
        check(
            |l| l.days_off.push(DaySpan { from: "2026-01-02".into(), to: "2026-12-01".into() }),
            |e| matches!(e, CalendarError::Span { .. }),
        );
        let list = list_2026(Verification::Memory);
        assert_eq!(Calendar::new(&[list.clone(), list]), Err(CalendarError::Twice(2026)));
    }
}
