//! Files of patterns and the stream machine with lexicon, patterns and personal data: every chunking gives one verdict.
//!
//! The input is a file of patterns up to a line `---text`, and the text behind it.

use safety::{Action, Category, Engine, Entry, Scope, Verdict, pattern::parse_yaml};
use terms::Direction;

use crate::pieces::{cut_text, lengths_and_rest};

/// Runs the target.
pub fn run(data: &[u8]) {
    let (lengths, rest) = lengths_and_rest(data);
    let input = String::from_utf8_lossy(rest);
    let (file, text) = input.split_once("---text\n").unwrap_or((&input, &input));
    let Ok(patterns) = parse_yaml("fuzz.yaml", file) else { return };
    for pattern in &patterns {
        assert!((1..=safety::pattern::PATTERN_CHARS_MAX).contains(&pattern.chars_max()));
    }
    let entry = |term, action| Entry::new(term, Category::Test, Some(action), Scope::Both);
    let (Ok(mask), Ok(block)) = (entry("ab", Action::Mask), entry("违禁词", Action::Block)) else {
        unreachable!("the terms can be looked for")
    };
    // What is too long to be held back is refused here.
    let Ok(engine) = Engine::builder().lexicon([mask, block]).patterns(patterns).build() else { return };
    let whole = stream(&engine, [text]);
    assert_eq!(whole, stream(&engine, cut_text(text, &lengths)), "the chunks make a difference");
    let checked = engine.check(text, Direction::Output);
    assert_eq!(checked.verdict, whole.1);
    if !whole.1.is_blocked() {
        assert_eq!(checked.text.as_deref().unwrap_or(text), whole.0);
    }
    for finding in &whole.1.findings {
        assert!(text.get(finding.start..finding.end).is_some(), "a finding outside the text");
    }
}

fn stream<'t>(engine: &Engine, pieces: impl IntoIterator<Item = &'t str>) -> (String, Verdict) {
    let mut stream = engine.stream(Direction::Output);
    let mut released = String::new();
    for piece in pieces {
        stream.push(piece, &mut released);
    }
    let verdict = stream.finish(&mut released);
    (released, verdict)
}
