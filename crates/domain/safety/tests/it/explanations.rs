//! What the engine says about its verdicts.

use proptest::prelude::*;
use safety::{
    Action, Audience, Category, Decider, Engine, Entry, Explanation, FollowUps, Ground, Measure, PolicyRow,
    ReadAs, Scope, Situation,
};
use terms::{Direction, Locale};

fn explained(text: &str) -> Explanation {
    crate::engine().explain(text, Direction::Output)
}

#[test]
fn a_hit_names_its_term_its_place_and_where_each_character_comes_from() {
    let explanation = explained("好Ａ\u{200B}bAⒷ！");
    assert_eq!(explanation.action, Action::Block);
    let hit = explanation.findings.iter().find(|one| one.finding.rule == "lexicon.fraud").unwrap();
    assert_eq!(hit.ground, Ground::Term { term: "abab".into() });
    assert_eq!(hit.reading, ReadAs::Folded);
    assert_eq!(hit.origins, [(3, 6), (9, 10), (10, 11), (11, 14)]);
    assert_eq!(hit.decider, Decider::Entry);
    let zh = hit.sentence(Locale::ZhCn);
    assert!(zh.contains("第 3–14 字节") && zh.contains("“abab”") && zh.contains("由词条自身指定"), "{zh}");
}

#[test]
fn escape_sequences_are_told_apart_from_folding() {
    let explanation = explained(r#"{"x":"\u8fdd禁"}"#);
    let hit = explanation.findings.iter().find(|one| one.finding.rule == "lexicon.test").unwrap();
    assert_eq!(hit.reading, ReadAs::Escapes);
    assert_eq!(hit.origins, [(6, 12), (12, 15)]);
}

#[test]
fn an_exempted_term_is_told_with_its_phrase() {
    let explanation = explained("严禁词，违禁");
    let exempted = &explanation.exempted;
    assert_eq!(exempted.len(), 1, "{exempted:?}");
    assert_eq!((exempted[0].start, exempted[0].end), (3, 9));
    assert_eq!(exempted[0].phrase, "严禁词");
    assert_eq!((exempted[0].phrase_start, exempted[0].phrase_end), (0, 9));
    let en = exempted[0].sentence(Locale::En);
    assert!(en.contains("Bytes 3 to 9") && en.contains("“严禁词”"), "{en}");
}

#[test]
fn the_row_of_the_policy_that_decided_is_named() {
    let engine = Engine::builder()
        .lexicon([Entry::new("笨蛋", Category::Abuse, None, Scope::Both).unwrap()])
        .policy(PolicyRow {
            category: Some(Category::Abuse),
            audience: Some(Audience::Minor),
            measure: Measure::new(Action::Block).then(FollowUps::REVIEW),
            origin: "cn policy.yaml:12".into(),
            ..PolicyRow::default()
        })
        .build()
        .unwrap();
    let adult = engine.explain("笨蛋", Direction::Input);
    assert_eq!(adult.findings[0].decider, Decider::Default);
    let minor = Situation { audience: Audience::Minor, ..Situation::of(Direction::Input) };
    let minor = engine.explain("笨蛋", minor);
    assert_eq!(minor.findings[0].decider, Decider::Row { origin: "cn policy.yaml:12".into() });
    let zh = minor.sentences(Locale::ZhCn).join("\n");
    assert!(zh.contains("未成年人") && zh.contains("拦截、转人工复核"), "{zh}");
    assert!(zh.contains("由策略 cn policy.yaml:12 决定"), "{zh}");
}

#[test]
fn personal_data_is_explained_by_its_checks_and_stays_masked() {
    let explanation = crate::shipped().explain("证件11010519491231002X", Direction::Input);
    let hit = &explanation.findings[0];
    assert_eq!(hit.ground, Ground::PersonalData { kind: "resident-id".into() });
    assert_eq!(hit.decider, Decider::Default);
    for locale in Locale::ALL {
        let sentence = hit.sentence(locale);
        assert!(sentence.contains("GB 11643") && !sentence.contains("19491231"), "{sentence}");
    }
}

#[test]
fn a_hold_that_is_too_long_says_so() {
    let explanation = crate::shipped().explain(&format!("1{}", "\u{300}".repeat(4000)), Direction::Output);
    let hit = explanation.findings.iter().find(|one| one.finding.rule == safety::HOLD_RULE).unwrap();
    assert_eq!(hit.decider, Decider::Limit);
    assert!(matches!(hit.ground, Ground::HoldLimit { bytes } if bytes > safety::HOLD_BYTES_MAX));
}

proptest! {
    #[test]
    fn an_explanation_has_the_verdict_of_the_check(text in "[ab1 违禁词严甲乙丙丁天@.\\\\nu\u{300}Ａ]{0,40}") {
        let engine = crate::engine();
        let checked = engine.check(&text, Direction::Output);
        let explanation = engine.explain(&text, Direction::Output);
        prop_assert_eq!(explanation.action, checked.verdict.action);
        prop_assert_eq!(explanation.text, checked.text);
        let findings: Vec<_> = explanation.findings.iter().map(|one| one.finding.clone()).collect();
        prop_assert_eq!(&findings, &checked.verdict.findings);
        for one in &explanation.findings {
            prop_assert_eq!(one.origins.len(), one.finding.normalised.chars().count());
            prop_assert_eq!(one.origins.first().map(|origin| origin.0), Some(one.finding.start));
            prop_assert_eq!(one.origins.last().map(|origin| origin.1), Some(one.finding.end));
        }
        for term in &explanation.exempted {
            prop_assert!(term.phrase_start <= term.start && term.end <= term.phrase_end);
        }
    }
}
