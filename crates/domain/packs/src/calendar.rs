//! Days off and days worked, year by year, as a government published them.

use jiff::civil::{Date, Weekday};
use serde::Deserialize;

use crate::{
    error::{PackError, Place, Problem},
    obligation::{Source, Verification},
    yaml,
};

/// The list of one year. Weekends that it does not name are rest days, other days it does not name are working days.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarYear {
    /// Whose days: `CN`.
    pub jurisdiction: String,
    /// Which year.
    pub year: i16,
    /// The notice that the list comes from.
    pub source: Source,
    /// How sure it is. Limits counted on a list from memory are provisional.
    pub verification: Verification,
    /// Days off, beyond weekends.
    pub days_off: Vec<DaysOff>,
    /// Weekend days that are worked.
    #[serde(deserialize_with = "yaml::date::list")]
    pub days_worked: Vec<Date>,
}

/// Days off in a row, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DaysOff {
    /// The first day off.
    #[serde(deserialize_with = "yaml::date::required")]
    pub from: Date,
    /// The last day off.
    #[serde(deserialize_with = "yaml::date::required")]
    pub to: Date,
}

impl DaysOff {
    /// Whether `day` is one of them.
    #[must_use]
    pub fn contains(&self, day: Date) -> bool {
        self.from <= day && day <= self.to
    }
}

impl CalendarYear {
    /// Whether `day` of this year is worked.
    #[must_use]
    pub fn is_worked(&self, day: Date) -> bool {
        if is_weekend(day) {
            self.days_worked.contains(&day)
        } else {
            !self.days_off.iter().any(|off| off.contains(day))
        }
    }

    fn check(&self) -> Result<(), Problem> {
        let refuse = |day, reason| Err(Problem::Calendar { year: self.year, day, reason });
        let mut last = None;
        for off in &self.days_off {
            for day in [off.from, off.to] {
                if day.year() != self.year {
                    return refuse(day, "is a day of another year: put it into that year's file");
                }
            }
            if off.to < off.from {
                return refuse(off.to, "ends days off before they begin: correct the dates");
            }
            if last.is_some_and(|last| off.from <= last) {
                return refuse(
                    off.from,
                    "overlaps the days off before it: list them in order, each day once",
                );
            }
            last = Some(off.to);
        }
        for (index, day) in self.days_worked.iter().enumerate() {
            if day.year() != self.year {
                return refuse(*day, "is a day of another year: put it into that year's file");
            }
            if !is_weekend(*day) {
                return refuse(*day, "is no weekend day and is worked anyway: strike it from `days_worked`");
            }
            if self.days_off.iter().any(|off| off.contains(*day)) {
                return refuse(*day, "is both off and worked: strike one");
            }
            if self.days_worked.iter().take(index).any(|earlier| earlier == day) {
                return refuse(*day, "is listed twice: strike one");
            }
        }
        Ok(())
    }
}

pub(crate) fn read(file: &str, bytes: &[u8]) -> Result<CalendarYear, PackError> {
    let calendar: CalendarYear = yaml::read(file, bytes)?;
    calendar.check().map_err(|problem| Place::file(file).invalid(problem))?;
    Ok(calendar)
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}
