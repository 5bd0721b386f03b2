//! Normaliser and safety engine: every chunking gives one verdict and one text, and nothing blocked leaves.

use std::sync::LazyLock;

use safety::{Action, Category, Engine, Entry, Scope, Status, Verdict, normalise};
use terms::Direction;

use crate::pieces::{cut_text, lengths_and_rest};

/// Terms that overlap, contain each other and share ends, so that short inputs meet them.
const TERMS: [(&str, Option<Action>); 9] = [
    ("abab", Some(Action::Block)),
    ("ba", Some(Action::Mask)),
    ("b a b b", Some(Action::Warn)),
    ("cc", Some(Action::Mask)),
    ("ccccc", Some(Action::Block)),
    ("xccx", Some(Action::Allow)),
    ("违禁", Some(Action::Mask)),
    ("违禁词", Some(Action::Block)),
    ("测试违", Some(Action::Warn)),
];

static ENGINE: LazyLock<Option<Engine>> = LazyLock::new(|| {
    let entries = TERMS
        .iter()
        .map(|(term, action)| Entry::new(term, Category::Test, *action, Scope::Both))
        .collect::<Result<Vec<_>, _>>()
        .ok()?;
    Engine::builder().lexicon(entries).hold_bytes_max(safety::HOLD_BYTES_MAX).build().ok()
});

/// Runs the target.
pub fn run(data: &[u8]) {
    let (lengths, rest) = lengths_and_rest(data);
    let text = String::from_utf8_lossy(rest);
    origins(&text);
    let Some(engine) = &*ENGINE else { unreachable!("the terms make an engine") };
    for direction in [Direction::Input, Direction::Output] {
        agree(engine, &text, &lengths, direction);
    }
}

fn origins(text: &str) {
    let normal = normalise(text);
    assert_eq!(normal.text.chars().count(), normal.origins.len());
    let mut last = 0;
    for &(start, end) in &normal.origins {
        assert!(start >= last && text.get(start..end).is_some_and(|c| c.chars().count() == 1));
        last = start;
    }
}

fn agree(engine: &Engine, text: &str, lengths: &[usize], direction: Direction) {
    let checked = engine.check(text, direction);
    let (whole, verdict) = stream(engine, [text], direction);
    let (pieced, pieced_verdict) = stream(engine, cut_text(text, lengths), direction);
    assert_eq!(checked.verdict, verdict, "streamed and offline verdicts differ");
    assert_eq!(verdict, pieced_verdict, "the verdict depends on the chunks");
    assert_eq!(whole, pieced, "the text depends on the chunks");
    if verdict.is_blocked() {
        assert_eq!(checked.text, None);
        let first = verdict.blocking().map(|finding| finding.start).min();
        let Some(first) = first else { unreachable!("a block without its finding") };
        assert!(whole.len() <= text.len());
        // Without a mask before it, what left is the text up to the blocked span at most.
        if verdict.findings.iter().all(|finding| finding.action != Action::Mask) && verdict.omitted == 0 {
            assert!(whole.len() <= first && text.starts_with(&whole), "a blocked character left");
        }
    } else {
        assert_eq!(checked.text.as_deref().unwrap_or(text), whole, "streamed and offline texts differ");
    }
    for finding in &verdict.findings {
        assert!(text.get(finding.start..finding.end).is_some(), "a finding outside the text");
    }
}

fn stream<'t>(
    engine: &Engine,
    pieces: impl IntoIterator<Item = &'t str>,
    direction: Direction,
) -> (String, Verdict) {
    let mut stream = engine.stream(direction);
    let mut released = String::new();
    for piece in pieces {
        if stream.push(piece, &mut released) == Status::Blocked {
            let at = released.len();
            let verdict = stream.finish(&mut released);
            assert_eq!(released.len(), at, "text left after a block");
            return (released, verdict);
        }
    }
    let verdict = stream.finish(&mut released);
    assert_eq!(stream.finish(&mut released), verdict, "a second end differs");
    (released, verdict)
}
