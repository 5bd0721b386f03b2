//! Texts and lists that are made to cost much. Sizes are generous: what is not linear in them does not come to an end here.

use safety::{Action, Category, Engine, Entry, HOLD_BYTES_MAX, Scope, Status};
use terms::Direction;

use crate::entry;

const MEGABYTE: usize = 1 << 20;

fn engine(entries: impl IntoIterator<Item = Entry>) -> Engine {
    Engine::builder().lexicon(entries).build().unwrap()
}

/// Pushes a text in chunks of so many characters; what is held must stay small at every moment. Gives how many characters
/// left.
fn push(engine: &Engine, text: &str, size: usize) -> usize {
    let mut stream = engine.stream(Direction::Output);
    let (mut left, mut released) = (0, String::new());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.char_indices().nth(size).map_or(rest.len(), |(end, _)| end);
        let (chunk, after) = rest.split_at(end);
        rest = after;
        let status = stream.push(chunk, &mut released);
        assert!(stream.held().len() <= HOLD_BYTES_MAX + 4 || status == Status::Blocked);
        left += released.chars().count();
        released.clear();
    }
    stream.finish(&mut released);
    left + released.chars().count()
}

#[test]
fn ten_megabytes_of_one_combining_mark_pass_where_nothing_waits_and_block_where_something_does() {
    let engine = engine([entry("违禁", Category::Test, Some(Action::Block))]);
    let marks = "\u{301}".repeat(5 * MEGABYTE);
    assert_eq!(push(&engine, &marks, 1000), 5 * MEGABYTE);
    let verdict = engine.check(&format!("违{marks}"), Direction::Output).verdict;
    assert_eq!(verdict.findings[0].rule, "limit.hold");
}

#[test]
fn every_beginning_of_a_text_of_one_character_is_a_term() {
    for letter in ["甲", "a"] {
        let terms = (1..=64).map(|length| entry(&letter.repeat(length), Category::Test, Some(Action::Warn)));
        let engine = engine(terms);
        let length = 20_000;
        let checked = engine.check(&letter.repeat(length), Direction::Output);
        // A term of letters stands alone only where it is all of a word.
        let hits = if letter == "a" { 0 } else { (1..=64).map(|one| length - one + 1).sum() };
        assert_eq!(checked.verdict.findings.len() + checked.verdict.omitted, hits, "{letter}");
        assert_eq!(push(&engine, &letter.repeat(length), 4), length);
    }
}

#[test]
fn terms_that_wait_for_an_allowed_phrase_which_never_ends() {
    let phrase = format!("{}乙", "甲".repeat(63));
    let terms = (1..=63).map(|length| entry(&"甲".repeat(length), Category::Test, Some(Action::Warn)));
    let engine = engine(terms.chain([entry(&phrase, Category::Test, Some(Action::Allow))]));
    let length = 10_000;
    let checked = engine.check(&"甲".repeat(length), Direction::Output);
    let hits: usize = (1..=63).map(|one| length - one + 1).sum();
    assert_eq!(checked.verdict.findings.len() + checked.verdict.omitted, hits);
    // Where it does end, all of them are gone.
    assert_eq!(engine.check(&phrase, Direction::Output).verdict.action, Action::Allow);
}

#[test]
fn megabytes_of_the_beginning_of_an_allowed_phrase() {
    let phrase = entry("甲乙丙丁戊", Category::Test, Some(Action::Allow));
    let engine = engine([phrase, entry("乙丙", Category::Test, Some(Action::Mask))]);
    let text = "甲乙丙丁".repeat(2 * MEGABYTE / 12);
    let checked = engine.check(&text, Direction::Output);
    assert_eq!(checked.verdict.findings.len() + checked.verdict.omitted, 2 * MEGABYTE / 12);
    assert_eq!(checked.text.unwrap().chars().filter(|c| *c == '*').count(), 2 * (2 * MEGABYTE / 12));
}

#[test]
fn allowed_phrases_as_many_as_terms() {
    let text = |number: u32| -> String {
        (0..4).map(|place| char::from_u32(0x4E00 + (number >> (place * 5)) % 32).unwrap()).collect()
    };
    let terms = (0..30_000).map(|number| entry(&text(number), Category::Test, Some(Action::Warn)));
    let phrases = (0..30_000)
        .map(|number| entry(&format!("安{}全", text(number)), Category::Test, Some(Action::Allow)));
    let engine = engine(terms.chain(phrases));
    assert_eq!(engine.check(&text(4711), Direction::Input).verdict.action, Action::Warn);
    assert_eq!(engine.check(&format!("安{}全", text(4711)), Direction::Input).verdict.action, Action::Allow);
}

#[test]
fn a_chain_of_fails_is_walked_once() {
    // Each character falls back from a state 63 deep through all shorter ones.
    let terms = ["甲".repeat(63) + "乙", "甲".repeat(62) + "丙"];
    let entries = terms.iter().map(|term| Entry::new(term, Category::Test, None, Scope::Both).unwrap());
    let engine = engine(entries);
    let text = ("甲".repeat(62) + "丁").repeat(10_000);
    assert_eq!(push(&engine, &text, 7), 630_000);
}
