//! Patterns against a slow and obvious reference: the `regex` crate, asked about every part of the text.

use std::sync::LazyLock;

use proptest::prelude::*;
use regex::Regex;
use safety::{
    Action, Category, Engine, FINDINGS_MAX, Measure, Pattern, PatternProblem, PolicyRow, Scope, normalise,
};
use terms::Direction;

use crate::reference::{stream, texts};

/// A pattern as an operator writes it, and its branches: what matches, and whether its beginning and its end are bounded.
struct Case {
    expression: &'static str,
    branches: &'static [(&'static str, bool, bool)],
}

const CASES: &[Case] = &[
    Case { expression: "a{1,3}b?", branches: &[("a{1,3}b?", false, false)] },
    Case { expression: "(ab|ba){1,2}c", branches: &[("(ab|ba){1,2}c", false, false)] },
    Case { expression: ".{0,2}甲", branches: &[(".{0,2}甲", false, false)] },
    Case { expression: r"\ba[bc]{0,2}\b", branches: &[("a[bc]{0,2}", true, true)] },
    Case {
        expression: r"\bcb|甲乙\b|b b",
        branches: &[("cb", true, false), ("甲乙", false, true), ("b b", false, false)],
    },
    Case { expression: "甲.{0,3}?乙", branches: &[("甲.{0,3}乙", false, false)] },
    Case { expression: "[^aＢ]{2,3}C", branches: &[("[^aＢ]{2,3}c", false, false)] },
    Case { expression: r"\b(?:c|ca)c?\b", branches: &[("(?:c|ca)c?", true, true)] },
];

const CHARS: [char; 6] = ['a', 'b', 'c', '甲', '乙', ' '];

/// The most characters that the longest of the patterns goes on behind its first one.
const TAIL: usize = 4;

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

/// Whether a case matches all of `start..end`.
fn matches(case: usize, chars: &[char], start: usize, end: usize) -> bool {
    static BRANCHES: LazyLock<Vec<Vec<Regex>>> = LazyLock::new(|| {
        let whole = |branch: &str| Regex::new(&format!(r"\A(?:{branch})\z")).unwrap();
        CASES.iter().map(|case| case.branches.iter().map(|branch| whole(branch.0)).collect()).collect()
    });
    let text: String = chars[start..end].iter().collect();
    let within = |at: usize| at > 0 && at < chars.len() && is_word(chars[at - 1]) && is_word(chars[at]);
    CASES[case].branches.iter().zip(&BRANCHES[case]).any(|((_, first, last), regex)| {
        !(*first && within(start) || *last && within(end)) && regex.is_match(&text)
    })
}

/// What a case finds, by the definition of the module: the longest match from each place, if no other one covers it.
fn spans(case: usize, chars: &[char]) -> Vec<(usize, usize)> {
    let longest =
        |start: usize| (start + 1..=chars.len()).rev().find(|&end| matches(case, chars, start, end));
    let all: Vec<(usize, usize)> =
        (0..chars.len()).filter_map(|start| Some((start, longest(start)?))).collect();
    let is_covered =
        |span: &&(usize, usize)| all.iter().any(|o| o != *span && o.0 <= span.0 && span.1 <= o.1);
    all.iter().filter(|span| !is_covered(span)).copied().collect()
}

fn pattern(id: &str, action: Action, expression: &str) -> Pattern {
    Pattern::new(id, Category::Test, Some(Measure::new(action)), Scope::Both, expression).unwrap()
}

/// An engine with every case, each with the action that `action` gives its number.
fn engine(action: impl Fn(usize) -> Action) -> Engine {
    let patterns =
        CASES.iter().enumerate().map(|(i, case)| pattern(&format!("p{i}"), action(i), case.expression));
    // A word may become an address; that is another hold.
    let no_data = PolicyRow { category: Some(Category::PersonalData), ..PolicyRow::default() };
    Engine::builder().patterns(patterns).policy(no_data).build().unwrap()
}

/// Every second case masks, the others report.
fn gentle() -> Engine {
    static ENGINE: LazyLock<Engine> =
        LazyLock::new(|| engine(|i| if i % 2 == 0 { Action::Mask } else { Action::Warn }));
    ENGINE.clone()
}

fn strings() -> impl Strategy<Value = String> {
    let chars = prop_oneof![
        12 => prop::sample::select(CHARS.to_vec()),
        1 => prop::sample::select(vec!['\u{200B}', 'Ａ', 'C', 'd']),
    ];
    prop::collection::vec(chars, 0..16).prop_map(String::from_iter)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn findings_and_masks_are_those_of_the_reference(text in strings(), cuts in prop::collection::vec(any::<bool>(), 0..8)) {
        let normal = normalise(&text);
        let chars: Vec<char> = normal.text.chars().collect();
        let mut expected = Vec::new();
        let mut hidden = vec![false; text.len()];
        let mut left_out = vec![false; text.len()];
        for case in 0..CASES.len() {
            for (start, end) in spans(case, &chars) {
                let origins = &normal.origins[start..end];
                let (from, to) = (origins[0].0, origins[origins.len() - 1].1);
                expected.push((from, to, format!("pattern.p{case}"), chars[start..end].iter().collect::<String>()));
                if case % 2 == 0 {
                    left_out[from..to].fill(true);
                    origins.iter().for_each(|origin| hidden[origin.0..origin.1].fill(true));
                }
            }
        }
        expected.sort();
        let masked: String = text
            .char_indices()
            .filter_map(|(at, c)| if hidden[at] { Some('*') } else if left_out[at] { None } else { Some(c) })
            .collect();
        let (verdict, released) = stream(&gentle(), &text, &cuts);
        let found: Vec<(usize, usize, String, String)> =
            verdict.findings.iter().map(|f| (f.start, f.end, f.rule.clone(), f.normalised.clone())).collect();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(&released, &masked);
        let whole = gentle().check(&text, Direction::Output);
        prop_assert_eq!(whole.verdict, verdict);
        prop_assert_eq!(whole.text.unwrap_or(text), released);
    }

    #[test]
    fn a_blocked_match_never_leaves(
        text in strings(),
        cuts in prop::collection::vec(any::<bool>(), 0..8),
        blocked in 0..CASES.len(),
    ) {
        static ENGINES: LazyLock<Vec<Engine>> = LazyLock::new(|| {
            let blocks = |n| move |i| if i == n { Action::Block } else { Action::Warn };
            (0..CASES.len()).map(|n| engine(blocks(n))).collect()
        });
        let engine = &ENGINES[blocked];
        let normal = normalise(&text);
        let chars: Vec<char> = normal.text.chars().collect();
        let spans: Vec<(usize, usize)> = spans(blocked, &chars)
            .into_iter()
            .map(|(start, end)| (normal.origins[start].0, normal.origins[end - 1].1))
            .collect();
        let (verdict, released) = stream(engine, &text, &cuts);
        prop_assert_eq!(verdict.is_blocked(), !spans.is_empty());
        for finding in verdict.blocking() {
            prop_assert!(spans.contains(&(finding.start, finding.end)));
        }
        let first = spans.iter().map(|span| span.0).min().unwrap_or(text.len());
        prop_assert!(text.starts_with(&released) && released.len() <= first);
        prop_assert_eq!(&stream(engine, &text, &[]), &(verdict.clone(), released));
        prop_assert_eq!(engine.check(&text, Direction::Output).verdict, verdict);
    }

    #[test]
    fn with_lexicon_and_personal_data_every_chunking_agrees(text in texts(), cuts in prop::collection::vec(any::<bool>(), 1..12)) {
        static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
            let patterns = [
                pattern("one", Action::Mask, "[ab]{2,4}1"),
                pattern("two", Action::Block, "违.{1,3}词"),
                pattern("three", Action::Warn, r"\b1.{0,20}x\b"),
                pattern("four", Action::Mask, "甲[^丁]{1,6}天"),
            ];
            Engine::builder().lexicon(crate::entries()).patterns(patterns).build().unwrap()
        });
        let whole = stream(&ENGINE, &text, &[false]);
        prop_assert_eq!(&stream(&ENGINE, &text, &cuts), &whole);
        prop_assert_eq!(&stream(&ENGINE, &text, &[]), &whole);
        let parts = ENGINE.check_parts([text.as_str(), text.as_str()], Direction::Output);
        prop_assert!(parts.verdict.is_blocked() || !whole.0.is_blocked());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// What is held begins at the first place from where some text that may come would make a match that is masked.
    #[test]
    fn the_hold_is_the_shortest(text in prop::collection::vec(prop::sample::select(CHARS.to_vec()), 0..7)) {
        let now = text.len();
        let mut tails: Vec<Vec<char>> = vec![Vec::new()];
        for _ in 0..TAIL {
            let longer = |tail: &Vec<char>| CHARS.map(|c| tail.iter().copied().chain([c]).collect::<Vec<char>>());
            tails = tails.iter().flat_map(longer).collect();
        }
        let grown: Vec<Vec<char>> = tails.iter().map(|tail| [text.as_slice(), tail].concat()).collect();
        let may_match = |start: &usize| {
            (0..CASES.len()).step_by(2).any(|case| {
                let awaits = CASES[case].branches.iter().any(|branch| branch.2)
                    && is_word(text[now - 1])
                    && matches(case, &text, *start, now);
                awaits || grown.iter().any(|chars| {
                    (now + 1..=chars.len()).any(|end| matches(case, &chars[..end], *start, end))
                })
            })
        };
        let hold = (0..now).find(may_match).unwrap_or(now);
        let string: String = text.iter().collect();
        let mut stream = gentle().stream(Direction::Output);
        let mut released = String::new();
        stream.push(&string, &mut released);
        prop_assert_eq!(stream.released(), text[..hold].iter().map(|c| c.len_utf8()).sum::<usize>());
    }
}

#[test]
fn one_phrase_is_one_finding_and_all_of_it() {
    let engine = Engine::builder()
        .patterns([
            pattern("order", Action::Mask, "no[0-9]{3,10}"),
            pattern("ask", Action::Warn, "(请|麻烦)?.{0,2}忽略"),
        ])
        .build()
        .unwrap();
    let checked = engine.check("no12345678，请先忽略", Direction::Output);
    assert_eq!(checked.text.unwrap(), "**********，请先忽略");
    let found: Vec<&str> = checked.verdict.findings.iter().map(|f| f.normalised.as_str()).collect();
    assert_eq!(found, ["no12345678", "请先忽略"]);
}

#[test]
fn what_only_reports_holds_nothing() {
    let engine = Engine::builder().patterns([pattern("p", Action::Warn, "甲.{0,400}乙")]).build().unwrap();
    let mut stream = engine.stream(Direction::Output);
    let mut released = String::new();
    let text = format!("甲{}乙", "丙".repeat(400));
    for c in text.chars() {
        stream.push(c.encode_utf8(&mut [0; 4]), &mut released);
        assert_eq!(stream.held(), "");
    }
    let finding = &stream.finish(&mut released).findings[0];
    assert_eq!((finding.start, finding.end, released.as_str()), (0, text.len(), text.as_str()));
}

#[test]
fn what_is_held_back_must_be_short() {
    let long = pattern("p", Action::Block, "甲.{0,400}乙").at("own.yaml:7");
    let error = Engine::builder().patterns([long]).build().unwrap_err().to_string();
    assert_eq!(
        error,
        "own.yaml:7: pattern `p`: it matches up to 402 characters and is masked or blocked, for which 256 are the most: \
         lower the counts in braces, or let it `warn`"
    );
    let short = || pattern("p", Action::Block, "甲.{0,200}乙");
    assert!(Engine::builder().patterns([short()]).build().is_ok());
    assert!(Engine::builder().patterns([short()]).hold_bytes_max(400).build().is_err());
    let twice = Engine::builder().patterns([short().at("a.yaml:2"), short()]).build().unwrap_err();
    assert_eq!(
        twice.to_string(),
        "pattern `p`: the id stands already at a.yaml:2: give each pattern its own"
    );
}

#[test]
fn what_is_too_large_is_refused_soon() {
    for expression in ["(.{1,60}){1,17}", r"(\w{1,30}x\w{1,30}){1,16}", "(a{1,31}b?){1,32}"] {
        let pattern = Pattern::new("p", Category::Test, None, Scope::Both, expression);
        if let Err(error) = pattern {
            assert_eq!(error.problem, PatternProblem::TooLarge, "{expression}");
        }
    }
}

#[test]
fn the_version_follows_the_patterns() {
    let version = |p: Vec<Pattern>| Engine::builder().patterns(p).build().unwrap().version();
    let (a, b) = (pattern("a", Action::Warn, "甲"), pattern("b", Action::Warn, "乙"));
    assert_eq!(version(vec![a.clone(), b.clone()]), version(vec![b.clone(), a.clone()]));
    assert_ne!(version(vec![a.clone(), b]), version(vec![a.clone()]));
    assert_ne!(version(vec![a.clone()]), version(vec![pattern("a", Action::Warn, "乙")]));
    assert_ne!(version(vec![a]), version(vec![pattern("a", Action::Mask, "甲")]));
}

#[test]
fn hostile_texts_stay_bounded() {
    let engine = Engine::builder()
        .patterns([
            pattern("run", Action::Mask, "a{1,200}b"),
            pattern("any", Action::Mask, ".{0,60}乙"),
            pattern("pairs", Action::Mask, "(aa){1,30}c"),
            pattern("far", Action::Warn, "甲.{0,500}乙"),
        ])
        .build()
        .unwrap();
    for unit in ["a", "甲", "aab", "甲乙", "ab甲", "\u{301}"] {
        let text = unit.repeat((1 << 12) / unit.len());
        let mut stream = engine.stream(Direction::Output);
        let mut released = String::new();
        for c in text.chars() {
            stream.push(c.encode_utf8(&mut [0; 4]), &mut released);
            assert!(stream.held().len() <= safety::HOLD_BYTES_MAX + 4, "{unit}");
        }
        let verdict = stream.finish(&mut released);
        assert!(verdict.findings.len() <= FINDINGS_MAX && !verdict.is_blocked(), "{unit}");
        assert_eq!(engine.check(&text, Direction::Output).verdict, verdict, "{unit}");
    }
    let marks = format!("a{}", "\u{301}".repeat(1 << 13));
    assert_eq!(engine.check(&marks, Direction::Output).verdict.findings[0].rule, "limit.hold");
}
