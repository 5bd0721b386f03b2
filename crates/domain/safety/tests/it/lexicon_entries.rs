//! For whom and when entries count, and what changes of them while an engine runs.

use std::collections::BTreeSet;

use jiff::civil::date;
use proptest::prelude::*;
use safety::lexicon::{Audiences, Validity, next_change};
use safety::{Action, Audience, Category, Checked, Engine, Entry, FollowUps, Measure, Scope, Situation};
use terms::Direction;

use crate::entry;

fn situation(direction: Direction, audience: Audience) -> Situation {
    Situation { audience, ..Situation::of(direction) }
}

const DIRECTIONS: [Direction; 2] = [Direction::Input, Direction::Output];

fn situations() -> impl Iterator<Item = Situation> {
    DIRECTIONS.into_iter().flat_map(|d| Audience::ALL.into_iter().map(move |a| situation(d, a)))
}

#[test]
fn an_entry_counts_for_its_audiences_and_is_waited_for_nowhere_else() {
    let minors = Audiences::of([Audience::Minor]).unwrap();
    let blocked = entry("香烟广告", Category::Test, Some(Action::Block)).with_audiences(minors);
    let masked = entry("香烟", Category::Abuse, Some(Action::Mask));
    let engine = Engine::builder().lexicon([blocked, masked]).build().unwrap();
    let check = |audience, action: Action, held: &str| {
        let situation = situation(Direction::Output, audience);
        assert_eq!(engine.check("香烟广告", situation).verdict.action, action, "{audience:?}");
        let mut stream = engine.stream(situation);
        stream.push("香烟广", &mut String::new());
        assert_eq!(stream.held(), held, "{audience:?}");
    };
    check(Audience::Minor, Action::Block, "香烟广");
    check(Audience::Adult, Action::Mask, "");
    check(Audience::Verified, Action::Mask, "");
}

#[test]
fn a_phrase_is_allowed_for_its_audiences_alone() {
    let adults = Audiences::of([Audience::Adult, Audience::Verified]).unwrap();
    let phrase = entry("性教育", Category::Test, Some(Action::Allow)).with_audiences(adults);
    let engine =
        Engine::builder().lexicon([phrase, entry("性", Category::Test, Some(Action::Warn))]).build().unwrap();
    let hits =
        |audience| engine.check("性教育", situation(Direction::Input, audience)).verdict.findings.len();
    assert_eq!(Audience::ALL.map(hits), [0, 1, 0]);
}

#[test]
fn an_entry_names_what_follows_too() {
    let review = entry("刷单", Category::Fraud, None)
        .with_measure(Some(Measure::new(Action::Mask).then(FollowUps::REVIEW)));
    let unseen = entry("跑分", Category::Fraud, None)
        .with_measure(Some(Measure::new(Action::Allow).then(FollowUps::REVIEW)));
    assert!(!unseen.is_allowed_phrase());
    let engine = Engine::builder().lexicon([review, unseen]).build().unwrap();
    let checked = engine.check("刷单和跑分", Direction::Input);
    assert_eq!(checked.text.as_deref(), Some("**和跑分"));
    assert_eq!(checked.verdict.findings.len(), 2);
    assert!(checked.verdict.then.contains(FollowUps::REVIEW));
}

#[test]
fn an_entry_counts_on_its_days() {
    let march = Validity::new(Some(date(2026, 3, 1)), Some(date(2026, 3, 31))).unwrap();
    let entries = [entry("春节活动", Category::Test, Some(Action::Block)).with_validity(march)];
    let engine = |day: Option<jiff::civil::Date>| {
        let builder = Engine::builder().lexicon(entries.clone());
        day.map_or(builder.clone(), |day| builder.on(day)).build().unwrap()
    };
    let is_blocked = |day| engine(day).check("春节活动", Direction::Input).verdict.is_blocked();
    assert!(!is_blocked(Some(date(2026, 2, 28))));
    assert!(is_blocked(Some(date(2026, 3, 1))));
    assert!(is_blocked(Some(date(2026, 3, 31))));
    assert!(!is_blocked(Some(date(2026, 4, 1))));
    assert!(is_blocked(None), "without a day all entries count");
    assert_eq!(next_change(&entries, date(2026, 3, 1)), Some(date(2026, 4, 1)));
    let without = engine(Some(date(2026, 4, 1)));
    assert_eq!(without.with_changes(&[], &entries).unwrap().version(), without.version());
}

/// Texts that continue, hold and overlap each other.
const TEXTS: [&str; 12] =
    ["ab", "abab", "b1", "a", "ab cd", "违禁", "禁词", "严禁词", "甲乙丙丁", "乙丙", "乙丙天", "甲"];

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let words = ["block", "mask", "warn+review", "allow", "allow", "mask"];
    let audiences = ["", "", "minor", "adult+verified"];
    let one = (
        prop::sample::select(TEXTS.to_vec()),
        prop::sample::select(words.to_vec()),
        prop::sample::select(vec![Scope::Both, Scope::Both, Scope::Input, Scope::Output]),
        prop::sample::select(audiences.to_vec()),
        prop::sample::select(vec![Category::Test, Category::Abuse]),
    );
    let entry = one.prop_map(|(text, words, scope, audiences, category)| {
        Entry::new(text, category, None, scope)
            .unwrap()
            .with_measure(Measure::from_words(words))
            .with_audiences(Audiences::from_words(audiences).unwrap())
    });
    prop::collection::vec(entry, 0..9)
}

/// What an engine says and lets go after each character, and at last.
fn behaviour(engine: &Engine, text: &str, situation: Situation) -> (Vec<(String, String)>, Checked) {
    let mut stream = engine.stream(situation);
    let mut released = String::new();
    let mut steps = Vec::new();
    for c in text.chars() {
        stream.push(c.encode_utf8(&mut [0; 4]), &mut released);
        steps.push((released.clone(), stream.held().to_owned()));
    }
    (steps, engine.check(text, situation))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_changed_engine_is_the_one_compiled_anew(
        base in entries(),
        steps in prop::collection::vec((entries(), entries()), 1..4),
        text in prop::collection::vec(prop::sample::select([&TEXTS[..], &["c", "天", " ", "1", "丁"]].concat()), 0..8),
    ) {
        let mut engine = Engine::builder().lexicon(base.clone()).build().unwrap();
        let mut all = base;
        for (removed, added) in steps {
            // Some of what is removed stands there, some does not.
            let removed: Vec<Entry> = removed.into_iter().chain(all.iter().step_by(2).cloned()).collect();
            engine = engine.with_changes(&removed, &added).unwrap();
            all.retain(|entry| !removed.contains(entry));
            all.extend(added);
        }
        let anew = Engine::builder().lexicon(all.clone()).build().unwrap();
        prop_assert_eq!(engine.version(), anew.version());
        let texts: BTreeSet<&str> = all.iter().map(Entry::normalised).collect();
        prop_assert!(engine.delta_len() <= texts.len() + TEXTS.len());
        let text = text.concat();
        for situation in situations() {
            prop_assert_eq!(behaviour(&engine, &text, situation), behaviour(&anew, &text, situation));
            prop_assert_eq!(engine.explain(&text, situation), anew.explain(&text, situation));
        }
        // Taking everything back leaves nothing.
        let empty = engine.with_changes(&all, &[]).unwrap();
        prop_assert_eq!(empty.version(), Engine::builder().build().unwrap().version());
    }
}
