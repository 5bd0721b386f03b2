//! When an entry counts.

use jiff::{ToSpan, civil::Date};

use super::Entry;

/// From one day to another, both included; a side that is not given is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Validity {
    from: Option<Date>,
    until: Option<Date>,
}

impl Validity {
    /// Without an end.
    pub const ALWAYS: Self = Self { from: None, until: None };

    /// From the first day to the last; none where the last is before the first.
    #[must_use]
    pub fn new(from: Option<Date>, until: Option<Date>) -> Option<Self> {
        let is_empty = from.zip(until).is_some_and(|(from, until)| until < from);
        (!is_empty).then_some(Self { from, until })
    }

    /// The first day.
    #[must_use]
    pub const fn from(self) -> Option<Date> {
        self.from
    }

    /// The last day.
    #[must_use]
    pub const fn until(self) -> Option<Date> {
        self.until
    }

    /// Whether that day is among them.
    #[must_use]
    pub fn includes(self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }

    /// Whether some day is in both.
    #[must_use]
    pub fn meets(self, other: Self) -> bool {
        let is_before = |a: Self, b: Self| a.until.zip(b.from).is_some_and(|(until, from)| until < from);
        !is_before(self, other) && !is_before(other, self)
    }

    /// The first day after `day` on which it begins or has ended.
    fn next_change(self, day: Date) -> Option<Date> {
        let ended = self.until.and_then(|until| until.checked_add(1.day()).ok());
        self.from.into_iter().chain(ended).filter(|change| *change > day).min()
    }
}

/// The first day after `day` on which other entries count than on the day before it: when rules are to be compiled anew.
pub fn next_change<'e>(entries: impl IntoIterator<Item = &'e Entry>, day: Date) -> Option<Date> {
    entries.into_iter().filter_map(|entry| entry.validity().next_change(day)).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Category, Scope};
    use jiff::civil::date;

    fn validity(from: Option<Date>, until: Option<Date>) -> Validity {
        Validity::new(from, until).unwrap()
    }

    #[test]
    fn both_ends_are_included() {
        let march = validity(Some(date(2026, 3, 1)), Some(date(2026, 3, 31)));
        let check = |day: Date, expected| assert_eq!(march.includes(day), expected, "{day}");
        check(date(2026, 2, 28), false);
        check(date(2026, 3, 1), true);
        check(date(2026, 3, 31), true);
        check(date(2026, 4, 1), false);
        assert_eq!(Validity::new(march.until(), march.from()), None);
        assert!(march.meets(validity(None, march.from())));
        assert!(!march.meets(validity(None, Some(date(2026, 2, 28)))));
        assert!(Validity::ALWAYS.meets(march));
    }

    #[test]
    fn the_next_change_is_the_next_beginning_or_the_day_after_an_end() {
        let entry =
            |validity| Entry::new("词", Category::Test, None, Scope::Both).unwrap().with_validity(validity);
        let entries = [
            entry(validity(Some(date(2026, 3, 1)), Some(date(2026, 3, 31)))),
            entry(validity(None, Some(date(2026, 3, 10)))),
            entry(Validity::ALWAYS),
            entry(validity(None, Some(Date::MAX))),
        ];
        let check = |day, expected: Option<Date>| assert_eq!(next_change(&entries, day), expected, "{day}");
        check(date(2026, 1, 1), Some(date(2026, 3, 1)));
        check(date(2026, 3, 1), Some(date(2026, 3, 11)));
        check(date(2026, 3, 11), Some(date(2026, 4, 1)));
        check(date(2026, 4, 1), None);
    }
}
