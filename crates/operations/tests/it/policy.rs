//! Policies of packs and operators, from words to the engine.

use operations::{PolicyError, PolicyProblem, with_policy};
use packs::{Pack, PolicyLine, embedded_cn};
use safety::{Action, Audience, Capability, Category, Engine, FollowUps, Situation};
use terms::Direction;

fn line(category: &str, measure: &str) -> PolicyLine {
    PolicyLine {
        category: Some(category.to_owned()),
        rule: None,
        direction: None,
        audience: None,
        capability: None,
        measure: measure.to_owned(),
        text: None,
    }
}

fn engine(operator: &[PolicyLine]) -> Result<Engine, PolicyError> {
    let pack = Pack::load(embedded_cn()).unwrap();
    Ok(with_policy(Engine::builder(), &pack, operator)?.build().unwrap())
}

fn problem(line: PolicyLine) -> String {
    let error = engine(&[self::line("test", "warn"), line]).unwrap_err();
    assert_eq!(error.origin, "`[[policy]]` row 2");
    error.problem.to_string()
}

#[test]
fn the_shipped_policy_decides_by_audience_and_capability() {
    let engine = engine(&[]).unwrap();
    let decide = |category: &Category, direction, audience, capability| {
        let situation = Situation { direction, audience, capability };
        let decided = engine.policy().decide("lexicon.x", category, situation);
        (decided.measure.words(), decided.rows.first().map(|row| row.origin.clone()))
    };
    let (input, output) = (Direction::Input, Direction::Output);
    let (adult, minor) = (Audience::Adult, Audience::Minor);
    let (text, tool) = (Capability::Text, Capability::Tool);
    assert_eq!(decide(&Category::SelfHarm, output, adult, text).0, "allow+crisis");
    assert_eq!(decide(&Category::SelfHarm, output, minor, text).0, "block+crisis");
    assert_eq!(decide(&Category::Drugs, input, adult, text).0, "block+review");
    assert_eq!(decide(&Category::Drugs, input, minor, text).0, "block+attach");
    assert_eq!(decide(&Category::AdvertisingLaw, output, adult, tool).0, "allow");
    assert_eq!(decide(&Category::AdvertisingLaw, output, adult, text), ("warn".to_owned(), None));
    let (_, origin) = decide(&Category::Drugs, input, minor, text);
    assert!(origin.unwrap().starts_with("cn policy.yaml:"), "file and line");
}

#[test]
fn what_helps_in_a_crisis_is_never_without_its_text() {
    let engine = engine(&[]).unwrap();
    for row in engine.policy().rows().filter(|row| row.measure.then.contains(FollowUps::CRISIS)) {
        assert_eq!(row.text.as_deref(), Some("notice.crisis"), "{}", row.origin);
    }
}

#[test]
fn the_operator_has_the_last_word() {
    let row = PolicyLine { direction: Some(Direction::Input), ..line("drugs", "block+end-session") };
    let engine = engine(&[row]).unwrap();
    let decide = |direction| {
        let situation = Situation::of(direction);
        engine.policy().measure("lexicon.drugs", &Category::Drugs, situation)
    };
    assert_eq!(decide(Direction::Input).words(), "block+end-session");
    assert_eq!(decide(Direction::Output).action, Action::Block);
    assert_ne!(engine.version(), self::engine(&[]).unwrap().version());
}

#[test]
fn every_mistake_is_named_with_its_row() {
    assert!(problem(line("frod", "block")).contains("unknown category `frod`"));
    assert!(problem(line("fraud", "blok")).contains("unknown measure `blok`"));
    assert!(problem(line("fraud", "block+tell")).contains("`block+tell`"));
    let with = |change: fn(&mut PolicyLine)| {
        let mut row = line("personal-data", "mask");
        change(&mut row);
        problem(row)
    };
    assert!(with(|row| row.audience = Some("child".into())).contains("unknown audience `child`"));
    assert!(with(|row| row.capability = Some("video".into())).contains("unknown capability `video`"));
    assert!(with(|row| row.rule = Some("personal-data.emial".into())).contains("unknown rule"));
    assert!(with(|row| row.text = Some("notice.minors".into())).contains("gives no text"));
    assert!(problem(line("fraud", "block+attach")).contains("name it with `text`"));
    assert!(problem(line("fraud", "warn+end-session")).contains("goes with `block`"));
    assert!(problem(line("fraud", "block+ask-guard")).contains("does not go with `block`"));
    let named = |id: &str| PolicyLine { text: Some(id.to_owned()), ..line("fraud", "block+attach") };
    assert!(problem(named("notice.mirrors")).contains("the text `notice.mirrors` is not in this pack"));
    assert!(problem(named("notice.session.reminder")).contains("`{time}`"));
}

#[test]
fn a_row_that_decides_nothing_is_refused() {
    let input = PolicyLine { direction: Some(Direction::Input), ..line("fraud", "warn") };
    let error = engine(&[input, line("fraud", "block")]).unwrap_err();
    assert_eq!((error.origin.as_str(), error.problem), ("`[[policy]]` row 1", PolicyProblem::Covered));
}
