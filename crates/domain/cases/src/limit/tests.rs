//! Deadlines: known ones, and a slow reference over the years 2025 to 2027.

use proptest::prelude::*;

use super::*;
use crate::{CalendarYear, DaySpan, calendar::tests::list_2026};

/// China.
const EAST_8: i8 = 8;

fn list_2025() -> CalendarYear {
    let spans = [
        ("2025-01-01", "2025-01-01"),
        ("2025-01-28", "2025-02-04"),
        ("2025-04-04", "2025-04-06"),
        ("2025-05-01", "2025-05-05"),
        ("2025-05-31", "2025-06-02"),
        ("2025-10-01", "2025-10-08"),
    ];
    let worked = ["2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"];
    CalendarYear {
        year: 2025,
        days_off: spans.map(|(from, to)| DaySpan { from: from.into(), to: to.into() }).to_vec(),
        workdays: worked.map(Into::into).to_vec(),
        source: "test".into(),
        verification: Verification::Secondary,
    }
}

fn calendar() -> Calendar {
    Calendar::new(&[list_2025(), list_2026(Verification::Primary)]).unwrap()
}

#[test]
fn deadlines_are_the_ones_counted_by_hand() {
    let check = |from: &str, limit: Limit, due: &str, last_day: &str, provisional: bool| {
        let deadline = limit.deadline(from.parse().unwrap(), EAST_8, &calendar());
        assert_eq!(deadline.due.to_string(), due, "{limit} from {from}");
        assert_eq!(deadline.last_day(EAST_8), last_day, "{limit} from {from}");
        assert_eq!(deadline.provisional, provisional, "{limit} from {from}");
    };
    let days = |amount| Limit::working_days(amount).unwrap();
    // Monday noon in Beijing, five working days: to the end of the next Monday.
    check("2026-11-23T04:00:00Z", days(5), "2026-11-30T16:00:00Z", "2026-11-30", false);
    // 23:59 on Monday in Beijing is still Monday; one minute later it is Tuesday.
    check("2026-11-23T15:59:00Z", days(1), "2026-11-24T16:00:00Z", "2026-11-24", false);
    check("2026-11-23T16:00:00Z", days(1), "2026-11-25T16:00:00Z", "2026-11-25", false);
    // Filed on Friday 13 February: the Saturday after it is worked, then the spring festival to the 23rd.
    check("2026-02-13T02:00:00Z", days(1), "2026-02-14T16:00:00Z", "2026-02-14", false);
    check("2026-02-13T02:00:00Z", days(2), "2026-02-24T16:00:00Z", "2026-02-24", false);
    // Filed on a rest day.
    check("2026-10-03T02:00:00Z", days(3), "2026-10-10T16:00:00Z", "2026-10-10", false);
    // Into a year without a list: every day counts there.
    check("2026-12-30T02:00:00Z", days(4), "2027-01-03T16:00:00Z", "2027-01-03", true);
    check(
        "2026-12-30T02:00:00Z",
        Limit::calendar_days(4).unwrap(),
        "2027-01-03T16:00:00Z",
        "2027-01-03",
        false,
    );
    check("2026-12-30T02:00:00Z", Limit::hours(48).unwrap(), "2027-01-01T02:00:00Z", "2027-01-01", false);
}

#[test]
fn the_reasons_for_a_provisional_limit_are_named_once() {
    let calendar = Calendar::new(&[list_2026(Verification::Memory)]).unwrap();
    let deadline =
        Limit::working_days(9).unwrap().deadline("2026-12-28T02:00:00Z".parse().unwrap(), EAST_8, &calendar);
    assert!(deadline.provisional);
    assert_eq!(
        deadline.reasons,
        [ProvisionalReason::YearFromMemory(2026), ProvisionalReason::YearNotLoaded(2027)]
    );
}

#[test]
fn what_was_promised_never_becomes_later() {
    let from = "2026-02-13T02:00:00Z".parse().unwrap();
    let limit = Limit::working_days(2).unwrap();
    // Told without a list, the festival counted as work; the list then says later.
    let told = limit.deadline(from, EAST_8, &Calendar::default());
    let settled = limit.deadline(from, EAST_8, &calendar());
    assert!(told.due < settled.due && told.provisional && !settled.provisional);
    let kept = settled.clone().not_later_than(told.due);
    assert_eq!((kept.due, kept.provisional), (told.due, false));
    // What was told too late becomes right.
    assert_eq!(settled.clone().not_later_than(settled.due.plus(Duration::from_secs(1))), settled);
}

#[test]
fn the_due_instant_is_too_late() {
    let from = "2026-11-23T04:00:00Z".parse().unwrap();
    let deadline = Limit::hours(1).unwrap().deadline(from, EAST_8, &calendar());
    assert!(!deadline.is_over(deadline.due.minus(Duration::from_micros(1))));
    assert!(deadline.is_over(deadline.due));
}

#[test]
fn limits_that_promise_nothing_are_refused() {
    assert!(Limit::working_days(0).is_err());
    assert!(Limit::hours(3_661).is_err());
    assert_eq!(Limit::calendar_days(15).unwrap().to_string(), "15 calendar days");
}

#[test]
fn the_end_of_time_is_no_panic() {
    let last: Timestamp = "9999-12-30T00:00:00Z".parse().unwrap();
    for unit in LimitUnit::ALL {
        assert!(Limit::new(3_660, unit).unwrap().deadline(last, i8::MIN, &calendar()).due >= last);
    }
}

/// Slow and obvious: lists every day from the filing on, with Zeller-free weekday counting from a known Monday, and looks
/// each one up in the written spans.
fn reference(from: Timestamp, amount: u32) -> (i64, bool) {
    const DAY: i64 = 86_400;
    // 1970-01-05 was a Monday: day 4.
    let text_of =
        |day: i64| Timestamp::from_micros(day * DAY * 1_000_000).unwrap().to_string()[..10].to_owned();
    let lists = [list_2025(), list_2026(Verification::Primary)];
    let mut day = (from.as_secs() + 8 * 3_600).div_euclid(DAY);
    let (mut counted, mut provisional) = (0, false);
    while counted < amount {
        day += 1;
        let text = text_of(day);
        let working = match lists.iter().find(|list| text.starts_with(&list.year.to_string())) {
            None => {
                provisional = true;
                true
            }
            Some(list) if list.workdays.contains(&text) => true,
            Some(list) => {
                let is_off = list.days_off.iter().any(|span| span.from <= text && text <= span.to);
                !is_off && (day - 4).rem_euclid(7) < 5
            }
        };
        counted += u32::from(working);
    }
    ((day + 1) * DAY - 8 * 3_600, provisional)
}

proptest! {
    #[test]
    fn working_days_agree_with_the_reference(
        // 2025-01-01 to 2027-12-31.
        seconds in 1_735_660_800_i64..1_830_268_800,
        amount in 1_u32..60,
    ) {
        let from = Timestamp::from_micros(seconds * 1_000_000).unwrap();
        let deadline = Limit::working_days(amount).unwrap().deadline(from, EAST_8, &calendar());
        prop_assert_eq!((deadline.due.as_secs(), deadline.provisional), reference(from, amount));
    }

    #[test]
    fn a_longer_limit_is_never_due_earlier(
        seconds in 1_735_660_800_i64..1_830_268_800,
        amount in 1_u32..60,
    ) {
        let from = Timestamp::from_micros(seconds * 1_000_000).unwrap();
        for unit in LimitUnit::ALL {
            let due = |amount| Limit::new(amount, unit).unwrap().deadline(from, EAST_8, &calendar()).due;
            prop_assert!(due(amount) < due(amount + 1));
            prop_assert!(due(amount) > from);
        }
        // Loading a list can only move a deadline later.
        let bare = Limit::working_days(amount).unwrap().deadline(from, EAST_8, &Calendar::default());
        prop_assert!(bare.provisional);
        prop_assert!(bare.due <= Limit::working_days(amount).unwrap().deadline(from, EAST_8, &calendar()).due);
    }
}
