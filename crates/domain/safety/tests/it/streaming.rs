//! What is held back, what leaves, and what a block leaves behind.

use proptest::prelude::*;
use safety::{
    Action, Category, Engine, EngineError, Entry, FINDINGS_MAX, Finding, PersonalData, PolicyRow, Status,
    Stream, Verdict,
};
use terms::Direction;

use crate::reference::{TERMS, stream, texts};
use crate::{engine, entry};

/// The original text that is held after `text` was pushed.
fn check_held(text: &str, expected: &str) {
    let mut stream = engine().stream(Direction::Output);
    let mut released = String::new();
    for c in text.chars() {
        stream.push(c.encode_utf8(&mut [0; 4]), &mut released);
    }
    assert_eq!(stream.held(), expected, "{text}");
    let mut whole = engine().stream(Direction::Output);
    whole.push(text, &mut String::new());
    assert_eq!(whole.held(), expected, "{text} at once");
}

#[test]
fn the_hold_is_the_shortest() {
    check_held("今天天气很好。", "");
    check_held("😀👩‍👩‍👧", "");
    check_held("今天甲", "甲");
    check_held("今天甲乙", "甲乙");
    check_held("今天甲甲", "甲");
    check_held("今天甲乙丁", "");
    check_held("违\u{200B}", "违\u{200B}");
    check_held("hello ", "");
    check_held("say hello", "hello");
    check_held("13800138000。", "");
    check_held(&"a".repeat(64), &"a".repeat(64));
    check_held(&"a".repeat(65), "");
}

#[test]
fn numbers_are_held_only_while_they_can_become_something() {
    let grouped =
        [PersonalData::ResidentId, PersonalData::MobilePhone, PersonalData::Landline, PersonalData::BankCard];
    let others = PersonalData::ALL.into_iter().filter(|kind| !grouped.contains(kind));
    let off = |kind: PersonalData| PolicyRow { rule: Some(kind.rule().into()), ..PolicyRow::default() };
    let engine = others.fold(Engine::builder(), |builder, kind| builder.policy(off(kind))).build().unwrap();
    let check = |text: &str, expected: &str| {
        let mut stream = engine.stream(Direction::Output);
        stream.push(text, &mut String::new());
        assert_eq!(stream.held(), expected, "{text}");
    };
    check("第1", "1");
    check("今年2024", "");
    check("10", "");
    check("138", "138");
    check("138 ", "138 ");
    check("1380 ", "");
    check("138 0013 800", "138 0013 800");
    check("2024-0", "0");
    check("12 4", "4");
    check("1380013800099999", "");
    check("6222021234567890128", "6222021234567890128");
    check("62220212345678901280", "");
    check("11010519491231002X", "11010519491231002X");
    check("11010519491231003X", "");
    check("x138", "");
    check("hello", "");
}

// As it stands, `u7532` may go on to a mail address.
#[test]
fn an_escape_sequence_is_held_while_it_can_become_something() {
    check_held("今天\\", "\\");
    check_held("今天\\u7", "\\u7");
    check_held("今天\\u7532", "\\u7532");
    check_held("今天\\u7532天", "");
    check_held("今天\\u4eca", "\\u4eca");
    check_held("今天\\u4eca。", "");
    check_held("今天\\ud83d", "\\ud83d");
    check_held("今天\\ud83d\\ude00", "\\ud83d\\ude00");
    check_held("今天\\ud83d\\ude00。", "");
    check_held("今天\\\\", "\\\\");
    check_held("今天\\\\u7532", "\\\\u7532");
    check_held("今天\\x", "x");
    check_held("C:\\天", "");
}

#[test]
fn escape_sequences_are_read_as_what_they_stand_for() {
    let check = |text: &str, expected: Option<&str>| {
        let checked = engine().check(text, Direction::Output);
        let masked = checked.text.as_deref().unwrap_or(text);
        let said = (!checked.verdict.is_blocked()).then_some(masked);
        assert_eq!(said, expected, "{text}");
    };
    // Blocked: in any mixture, at the second level too, with what is not seen in between.
    check(r"\u8fdd\u7981", None);
    check(r"\u8FDD禁", None);
    check(r"违\u200b\u7981", None);
    check(r"违\b禁", None);
    check(r"\\u8fdd\\u7981", None);
    check(r"\u005cu8fdd禁", None);
    // As it stands it is checked as before.
    check(r"\abab", None);
    check(r"\nabab", None);
    check(r"x\nabab", None);
    // A mask takes all of an escape sequence or nothing.
    check(r"\u7981词", Some("**"));
    check(r"\u4e59\u200b\u4e19。", Some("**。"));
    check(r"\n13800138000\n", Some(r"\n138****8000\n"));
    check(r"\u00313800138000", Some(r"\u003138****8000"));
    check(r"\u0061@b.com", Some("*@b.com"));
    check(r"\n@b.com", Some("*@b.com"));
    // What is no escape sequence stays.
    check(r"C:\Users\x \frac{1}{2} \u12", Some(r"C:\Users\x \frac{1}{2} \u12"));
}

#[test]
fn a_mask_leaves_json_as_json() {
    let entries = ["\"a\": \"b\"", "c\\d", "e"].map(|term| entry(term, Category::Test, Some(Action::Mask)));
    let engine = Engine::builder().lexicon(entries).build().unwrap();
    let check = |text: &str, expected: &str| {
        let checked = engine.check(text, Direction::Output);
        assert_eq!(checked.text.as_deref(), Some(expected), "{text}");
    };
    check(r#"["e\"","\u0065\\"]"#, r#"["*\"","*\\"]"#);
    check(r#"["c\\d"]"#, r#"["***"]"#);
    check(r#""\"a\": \"b\"""#, r#""********""#);
}

#[test]
fn a_block_leaves_only_what_precedes_it() {
    let mut stream = engine().stream(Direction::Output);
    let mut released = String::new();
    assert_eq!(stream.push("前文 ab。违", &mut released), Status::Open);
    assert_eq!(stream.push("\u{200B}禁后文", &mut released), Status::Blocked);
    assert_eq!(stream.push("更多", &mut released), Status::Blocked);
    let verdict = stream.finish(&mut released);
    assert_eq!(released, "前文 **。");
    assert_eq!(stream.held(), "违\u{200B}禁");
    assert_eq!(verdict.action, Action::Block);
    let blocking: Vec<&Finding> = verdict.blocking().collect();
    assert_eq!((blocking.len(), blocking[0].start, blocking[0].end), (1, 12, 21));
    assert_eq!(blocking[0].normalised, "违禁");
    assert_eq!(stream.seen(), "前文 ab。违\u{200B}禁后文更多".len());
}

#[test]
fn an_allowed_phrase_exempts_what_it_covers_and_nothing_else() {
    let check = |text: &str, expected: &str| {
        let checked = engine().check(text, Direction::Output);
        assert_eq!(checked.text.as_deref().unwrap_or(text), expected, "{text}");
    };
    check("严禁词。", "严禁词。");
    check("禁词。", "**。");
    check("严禁词禁词", "严禁词**");
    check("乙丙天", "乙丙天");
    check("乙丙", "**");
    check("乙丙地", "**地");
    check("ab cd", "ab cd");
    check("ab cde", "** cde");
    check("ab c", "** c");
}

#[test]
fn terms_of_letters_need_word_boundaries() {
    let check = |text: &str, hits: usize| {
        assert_eq!(engine().check(text, Direction::Output).verdict.findings.len(), hits, "{text}");
    };
    check("ab", 1);
    check("中ab文", 1);
    check("ab.", 1);
    check("cab", 0);
    check("abc", 0);
    check("ab\u{200B}c", 0);
    check("яab", 0);
    check("_ab_", 1);
}

#[test]
fn only_its_direction_is_looked_at() {
    let entry =
        safety::Entry::new("甲乙", Category::Test, Some(Action::Block), safety::Scope::Input).unwrap();
    let engine = Engine::builder().lexicon([entry]).build().unwrap();
    assert!(engine.check("甲乙", Direction::Input).verdict.is_blocked());
    assert_eq!(engine.check("甲乙", Direction::Output).verdict, Verdict::default());
    let mut output = engine.stream(Direction::Output);
    output.push("甲", &mut String::new());
    assert_eq!(output.held(), "", "what is not looked for is not waited for");
}

#[test]
fn policies_decide_where_entries_do_not() {
    let entries =
        || [entry("甲乙", Category::Abuse, None), entry("丙丁", Category::Abuse, Some(Action::Warn))];
    let row = |category, kind: Option<PersonalData>, action: Action| PolicyRow {
        category,
        rule: kind.map(|kind| kind.rule().into()),
        direction: Some(Direction::Output),
        measure: action.into(),
        ..PolicyRow::default()
    };
    let engine = Engine::builder()
        .lexicon(entries())
        .policy(row(Some(Category::Abuse), None, Action::Block))
        .policy(row(Some(Category::PersonalData), None, Action::Allow))
        .policy(row(None, Some(PersonalData::Email), Action::Warn))
        .build()
        .unwrap();
    let action = |text: &str| engine.check(text, Direction::Output).verdict.action;
    assert_eq!(action("甲乙"), Action::Block);
    assert_eq!(action("丙丁"), Action::Warn);
    assert_eq!(action("13800138000"), Action::Allow);
    assert_eq!(action("joe@example.com"), Action::Warn);
    assert_eq!(engine.check("甲乙", Direction::Input).verdict.action, Action::Warn);
}

#[test]
fn the_version_follows_what_decides_and_nothing_else() {
    let version = |b: safety::EngineBuilder| b.build().unwrap().version();
    let (a, b) = (entry("甲", Category::Test, None), entry("乙", Category::Test, None));
    let base = || Engine::builder().lexicon([a.clone(), b.clone()]);
    let warn =
        PolicyRow { category: Some(Category::Test), measure: Action::Warn.into(), ..PolicyRow::default() };
    assert_eq!(version(base()), version(Engine::builder().lexicon([b.clone(), a.clone(), a.clone()])));
    assert_ne!(version(base()), version(Engine::builder().lexicon([a.clone()])));
    assert_ne!(version(base()), version(base().policy(warn.clone())));
    let attached = PolicyRow { text: Some("notice.x".into()), ..warn.clone() };
    assert_ne!(version(base().policy(warn.clone())), version(base().policy(attached)));
    let moved = PolicyRow { origin: "elsewhere:1".into(), ..warn.clone() };
    assert_eq!(version(base().policy(warn.clone())), version(base().pack_policy([moved])));
    assert_ne!(version(base()), version(base().hold_bytes_max(1024)));
    assert_eq!(Engine::builder().hold_bytes_max(8).build().unwrap_err(), EngineError::HoldLimit(8));
}

#[test]
fn the_beginnings_of_every_term_pass_in_the_end() {
    for term in TERMS {
        for (cut, _) in term.text.char_indices() {
            let (_, released) = stream(&engine(), &term.text[..cut], &[]);
            let whole = engine().check(&term.text[..cut], Direction::Output);
            assert_eq!(released, whole.text.as_deref().unwrap_or(&term.text[..cut]));
        }
    }
}

#[test]
fn long_disguises_are_blocked_and_stay_small() {
    let marks = "\u{301}".repeat(1 << 20);
    for head in ["1", "违", "joe", "1 "] {
        let text = format!("前{head}{marks}");
        let checked = engine().check(&text, Direction::Output);
        let finding = &checked.verdict.findings[0];
        assert_eq!((finding.rule.as_str(), finding.start), ("limit.hold", 3), "{head}");
        let mut chunked = engine().stream(Direction::Output);
        let mut released = String::new();
        for c in text.chars() {
            chunked.push(c.encode_utf8(&mut [0; 4]), &mut released);
            assert!(chunked.held().len() <= safety::HOLD_BYTES_MAX + 4);
        }
        assert_eq!(chunked.finish(&mut released), checked.verdict);
        assert_eq!(released, "前");
    }
}

#[test]
fn long_runs_that_can_become_nothing_pass() {
    for unit in
        ["\u{200B}", "\u{301}", "7", "9 ", "a", "@", "a.", "a@b.co", "😀", "ﷺ", "1380013800", "甲甲", "x1-"]
    {
        let text = unit.repeat((1 << 18) / unit.len());
        let (verdict, released) = stream(&engine(), &text, &[false, true, false]);
        assert_ne!(verdict.action, Action::Block, "{unit}");
        assert_eq!(released.chars().count(), text.chars().count(), "{unit}");
        let checked = engine().check(&text, Direction::Output);
        assert_eq!(checked.verdict, verdict, "{unit}");
        assert_eq!(checked.text.unwrap_or(text), released, "{unit}");
    }
}

#[test]
fn a_text_of_hits_makes_a_short_verdict() {
    let text = "乙丙。".repeat(10_000);
    let checked = engine().check(&text, Direction::Output);
    assert_eq!(checked.verdict.findings.len(), FINDINGS_MAX);
    assert_eq!(checked.verdict.omitted, 10_000 - FINDINGS_MAX);
    assert_eq!(checked.text.unwrap(), "**。".repeat(10_000));
    let blocked = engine().check(&format!("{text}违禁"), Direction::Output).verdict;
    assert_eq!((blocked.action, blocked.findings.len()), (Action::Block, FINDINGS_MAX + 1));
}

#[test]
fn a_stream_is_small_and_goes_between_threads() {
    fn is_send<T: Send>() {}
    is_send::<Stream>();
    assert!(size_of::<Stream>() < 1024, "{}", size_of::<Stream>());
}

/// An engine with the lowest hold limit.
fn short_held(entries: impl IntoIterator<Item = Entry>) -> Engine {
    let builder = Engine::builder().lexicon(entries);
    builder.hold_bytes_max(safety::engine::HOLD_BYTES_LEAST).build().unwrap()
}

/// Checks that a text is blocked for its hold, whole and character by character.
fn check_hold_limit(engine: &Engine, text: &str) {
    let (verdict, _) = stream(engine, text, &[false]);
    assert_eq!(verdict.findings[0].rule, "limit.hold");
    assert_eq!(stream(engine, text, &[]).0, verdict);
}

#[test]
fn a_beginning_inside_a_word_that_left_the_window_hides_no_hold() {
    let engine = short_held([entry("1 3", Category::Test, None)]);
    check_hold_limit(&engine, &format!("Ａ1 3{}", "\u{200B}".repeat(90)));
}

#[test]
fn a_thread_that_goes_on_from_inside_a_word_hides_no_hold() {
    let engine =
        short_held([entry("a@b", Category::Test, None), entry("b1", Category::Test, Some(Action::Warn))]);
    check_hold_limit(&engine, &format!("Ａa@b:{}", "\u{200B}".repeat(90)));
}

#[test]
fn a_pause_behind_the_rest_of_a_beginning_inside_a_word_holds_nothing() {
    let engine = short_held([entry("1 3", Category::Test, Some(Action::Mask))]);
    let text = format!("\\u006d\\u0031\\u0020\\u0033\\u005c{}", "\u{200B}".repeat(90));
    assert_eq!(stream(&engine, &text, &[false]), stream(&engine, &text, &[]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn no_character_of_a_blocked_span_ever_leaves(text in texts(), cuts in prop::collection::vec(any::<bool>(), 1..12)) {
        let engine = engine();
        let verdict = engine.check(&text, Direction::Output).verdict;
        let limit = verdict.blocking().map(|finding| finding.start).min().unwrap_or(text.len());
        let mut stream = engine.stream(Direction::Output);
        let mut released = String::new();
        let mut chunk = String::new();
        for (i, c) in text.chars().enumerate() {
            chunk.push(c);
            if cuts[i % cuts.len()] {
                stream.push(&chunk, &mut released);
                chunk.clear();
                prop_assert!(stream.released() <= limit);
                prop_assert_eq!(
                    stream.released() + stream.held().len() == stream.seen(),
                    stream.status() == Status::Open || stream.seen() == stream.released() + stream.held().len()
                );
            }
        }
        stream.push(&chunk, &mut released);
        stream.finish(&mut released);
        prop_assert!(stream.released() <= limit);
    }

    #[test]
    fn the_hold_limit_is_the_same_for_every_chunking(
        text in prop::collection::vec(prop_oneof![
            texts(),
            "[\u{301}\u{200B}]{40,200}",
            "[ab违甲1]",
        ], 0..6).prop_map(|parts| parts.concat()),
        cuts in prop::collection::vec(any::<bool>(), 1..12),
    ) {
        let engine = short_held(TERMS.iter().map(|term| {
            let action = term.rule.map_or(Action::Allow, |rule| rule.1);
            entry(term.text, Category::Test, Some(action))
        }));
        let whole = stream(&engine, &text, &[false]);
        prop_assert_eq!(&stream(&engine, &text, &cuts), &whole);
        prop_assert_eq!(&stream(&engine, &text, &[]), &whole);
    }
}
