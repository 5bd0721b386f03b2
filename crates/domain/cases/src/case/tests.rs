//! Every transition from every state.

use super::*;
use crate::Limit;

const FIRST: OperatorId = OperatorId::from_u128(1);
const SECOND: OperatorId = OperatorId::from_u128(2);
const DECISION: DecisionId = DecisionId::from_u128(9);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000).unwrap()
}

fn deadline() -> Deadline {
    Deadline { due: at(100), limit: Limit::hours(1).unwrap(), provisional: false, reasons: Vec::new() }
}

fn appeal(first_reviewer: Option<OperatorId>) -> Case {
    Case::appeal(CaseId::from_u128(5), at(0), deadline(), DECISION, first_reviewer)
}

fn in_each_state() -> [Case; 4] {
    let open = appeal(Some(FIRST));
    let review = open.clone().take(SECOND, at(1)).unwrap();
    let decided = review.clone().decide(SECOND, Outcome::Upheld, "对", at(2)).unwrap();
    let withdrawn = open.clone().withdraw(at(2)).unwrap();
    [open, review, decided, withdrawn]
}

#[test]
fn only_the_drawn_arrows_exist() {
    type Move = fn(Case) -> Result<Case, InvalidTransition>;
    let moves: [(Move, [Option<&str>; 4]); 5] = [
        (|case| case.take(SECOND, at(3)), [Some("in_review"), None, None, None]),
        (|case| case.give_back(SECOND), [None, Some("open"), None, None]),
        (Case::release, [None, Some("open"), None, None]),
        (|case| case.decide(SECOND, Outcome::Rejected, "不对", at(3)), [None, Some("decided"), None, None]),
        (|case| case.withdraw(at(3)), [Some("withdrawn"), Some("withdrawn"), None, None]),
    ];
    for (transition, expected) in moves {
        for (case, expected) in in_each_state().into_iter().zip(expected) {
            let from = case.state.as_str();
            match (transition(case), expected) {
                (Ok(after), Some(state)) => assert_eq!(after.state.as_str(), state, "from {from}"),
                (Err(InvalidTransition::State { state, .. }), None) => assert_eq!(state, from),
                (result, expected) => panic!("from {from}: {result:?}, expected {expected:?}"),
            }
        }
    }
}

#[test]
fn the_reviewer_of_an_appeal_is_someone_else() {
    let own = InvalidTransition::OwnDecision { case: CaseId::from_u128(5), reviewer: FIRST };
    assert_eq!(appeal(Some(FIRST)).take(FIRST, at(1)), Err(own.clone()));
    // Even where a store says that the case was taken.
    let forged = Case { state: CaseState::InReview { reviewer: FIRST, since: at(1) }, ..appeal(Some(FIRST)) };
    assert_eq!(forged.decide(FIRST, Outcome::Rejected, "不对", at(2)), Err(own));
    // The software is no first reviewer.
    assert!(appeal(None).take(FIRST, at(1)).is_ok());
    // A complaint has none either.
    let complaint =
        Case { first_reviewer: Some(FIRST), ..Case::complaint(CaseId::from_u128(6), at(0), deadline()) };
    assert!(complaint.take(FIRST, at(1)).is_ok());
}

#[test]
fn only_the_one_who_took_it_gives_it_back_or_decides_it_with_reasons() {
    let review = appeal(None).take(FIRST, at(1)).unwrap();
    assert!(matches!(
        review.clone().decide(SECOND, Outcome::Upheld, "对", at(2)),
        Err(InvalidTransition::OtherReviewer { reviewer: FIRST, by: SECOND, .. })
    ));
    assert!(matches!(
        review.clone().give_back(SECOND),
        Err(InvalidTransition::OtherReviewer { reviewer: FIRST, by: SECOND, .. })
    ));
    // What was given back is anybody's again, but not the first reviewer's.
    let again = review.clone().give_back(FIRST).unwrap().take(SECOND, at(2)).unwrap();
    assert_eq!(again.state, CaseState::InReview { reviewer: SECOND, since: at(2) });
    let own = Case { first_reviewer: Some(FIRST), ..again };
    assert!(matches!(own.release().unwrap().take(FIRST, at(3)), Err(InvalidTransition::OwnDecision { .. })));
    assert_eq!(
        review.decide(FIRST, Outcome::Upheld, " \n", at(2)),
        Err(InvalidTransition::NoReasons(CaseId::from_u128(5)))
    );
}

#[test]
fn lateness_is_that_of_the_answer() {
    let open = Case::report(CaseId::from_u128(6), at(0), deadline());
    assert!(!open.is_late(at(99)));
    assert!(open.is_late(at(100)));
    let review = open.clone().take(FIRST, at(1)).unwrap();
    let in_time = review.clone().decide(FIRST, Outcome::Upheld, "对", at(99)).unwrap();
    assert!(!in_time.is_late(at(500)) && !in_time.is_pending());
    assert!(review.decide(FIRST, Outcome::Upheld, "对", at(101)).unwrap().is_late(at(101)));
    assert!(!open.withdraw(at(500)).unwrap().is_late(at(600)));
}

#[test]
fn a_case_survives_its_storage() {
    for case in in_each_state() {
        let json = serde_json::to_string(&case).unwrap();
        assert_eq!(serde_json::from_str::<Case>(&json).unwrap(), case);
    }
}
