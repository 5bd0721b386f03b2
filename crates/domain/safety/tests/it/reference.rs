//! A slow and obvious second version of the engine, and the property that both agree.
//!
//! It looks at the whole text, finds every hit by comparing at every place, works out for each the character that decides
//! it, cuts at the first block, and paints the masks. Only the shapes of numbers are described anew here.

use proptest::prelude::*;
use safety::{Action, Engine, Finding, Normalised, Verdict, normalise};
use terms::Direction;

/// A term or an allowed phrase (no rule) of the engine under test.
pub(crate) struct Term {
    pub(crate) text: &'static str,
    pub(crate) rule: Option<(&'static str, Action)>,
}

pub(crate) const TERMS: &[Term] = &[
    Term { text: "abab", rule: Some(("lexicon.fraud", Action::Block)) },
    Term { text: "ab", rule: Some(("lexicon.abuse", Action::Mask)) },
    Term { text: "b1", rule: Some(("lexicon.drugs", Action::Warn)) },
    Term { text: "违禁", rule: Some(("lexicon.test", Action::Block)) },
    Term { text: "禁词", rule: Some(("lexicon.abuse", Action::Mask)) },
    Term { text: "甲乙丙丁", rule: Some(("lexicon.gambling", Action::Warn)) },
    Term { text: "乙丙", rule: Some(("lexicon.abuse", Action::Mask)) },
    Term { text: "a@b", rule: Some(("lexicon.abuse", Action::Warn)) },
    Term { text: "1 3", rule: Some(("lexicon.abuse", Action::Mask)) },
    Term { text: "严禁词", rule: None },
    Term { text: "乙丙天", rule: None },
    Term { text: "ab cd", rule: None },
];

/// A hit in normalised characters `start..end`, decided when `decided` of them have been read.
struct Hit {
    rule: &'static str,
    action: Action,
    start: usize,
    end: usize,
    decided: usize,
    hidden: Vec<bool>,
}

/// The verdict, and what leaves.
pub(crate) fn check(text: &str) -> (Verdict, String) {
    let Normalised { text: normal, origins } = normalise(text);
    let chars: Vec<char> = normal.chars().collect();
    let mut hits = term_hits(&chars);
    hits.extend(number_hits(&chars));
    hits.extend(address_hits(&chars));
    let blocked_at = hits.iter().filter(|hit| hit.action == Action::Block).map(|hit| hit.decided).min();
    let mut verdict = Verdict::default();
    hits.retain(|hit| hit.decided <= blocked_at.unwrap_or(usize::MAX));
    for hit in &hits {
        verdict.action = verdict.action.max(hit.action);
        verdict.findings.push(Finding {
            rule: hit.rule.into(),
            category: safety::Category::from_code(
                hit.rule.strip_prefix("lexicon.").unwrap_or("personal-data"),
            )
            .unwrap(),
            action: hit.action,
            start: origins[hit.start].0,
            end: origins[hit.end - 1].1,
            normalised: (hit.start..hit.end)
                .map(|i| {
                    let is_data = hit.rule.starts_with("personal");
                    if is_data && hit.hidden[i - hit.start] { '*' } else { chars[i] }
                })
                .collect(),
        });
    }
    verdict.findings.sort_by(|a, b| (a.start, a.end, &a.rule).cmp(&(b.start, b.end, &b.rule)));
    let end = verdict.blocking().map(|finding| finding.start).min().unwrap_or(text.len());
    let mut masked = String::new();
    for (place, c) in text.char_indices().take_while(|(place, _)| *place < end) {
        let masks = || hits.iter().filter(|hit| hit.action == Action::Mask);
        let from: Vec<usize> = (0..chars.len()).filter(|&i| origins[i].0 == place).collect();
        let is_hidden = masks()
            .any(|hit| from.iter().any(|&i| hit.start <= i && i < hit.end && hit.hidden[i - hit.start]));
        let is_inside = masks().any(|hit| origins[hit.start].0 <= place && place < origins[hit.end - 1].1);
        if is_hidden {
            masked.push('*');
        } else if !(is_inside && from.is_empty()) {
            masked.push(c);
        }
    }
    (verdict, masked)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || (!c.is_ascii() && c.is_alphanumeric() && (c as u32) < 0xE00)
}

/// Whether `term` stands at `at`, with boundaries; what follows may decide.
fn stands(chars: &[char], at: usize, term: &[char]) -> bool {
    let end = at + term.len();
    chars.get(at..end) == Some(term)
        && !(is_word(term[0]) && at > 0 && is_word(chars[at - 1]))
        && !(is_word(term[term.len() - 1]) && chars.get(end).copied().is_some_and(is_word))
}

fn term_hits(chars: &[char]) -> Vec<Hit> {
    let normal = |term: &Term| normalise(term.text).text.chars().collect::<Vec<char>>();
    let terms: Vec<(Vec<char>, &Term)> = TERMS.iter().map(|term| (normal(term), term)).collect();
    let holds_term = |phrase: &[char]| {
        let inside = |t: &[char]| phrase.windows(t.len()).any(|w| w == t);
        terms.iter().any(|(t, term)| term.rule.is_some() && inside(t))
    };
    // The longest beginning of a phrase that ends after `count` characters.
    let growing = |count: usize| {
        (0..count)
            .find(|&start| {
                let tail = &chars[start..count];
                terms
                    .iter()
                    .any(|(phrase, t)| phrase.starts_with(tail) && (t.rule.is_some() || holds_term(phrase)))
            })
            .unwrap_or(count)
    };
    let allowed: Vec<(usize, usize)> = terms
        .iter()
        .filter(|(_, term)| term.rule.is_none())
        .flat_map(|(phrase, _)| {
            (0..chars.len()).filter(|&at| stands(chars, at, phrase)).map(|at| (at, at + phrase.len()))
        })
        .collect();
    let mut hits = Vec::new();
    for (text, term) in &terms {
        let Some((rule, action)) = term.rule else { continue };
        let may_be_allowed = terms
            .iter()
            .any(|(phrase, t)| t.rule.is_none() && phrase.windows(text.len()).any(|w| w == text.as_slice()));
        for start in (0..chars.len()).filter(|&at| stands(chars, at, text)) {
            let end = start + text.len();
            if allowed.iter().any(|a| a.0 <= start && end <= a.1) {
                continue;
            }
            let complete = end + usize::from(is_word(text[text.len() - 1]));
            let decided = (complete..=chars.len())
                .find(|&count| !may_be_allowed || growing(count) > start)
                .unwrap_or(chars.len() + 1);
            hits.push(Hit { rule, action, start, end, decided, hidden: vec![true; text.len()] });
        }
    }
    hits
}

fn data_hit(rule: &'static str, start: usize, end: usize, decided: usize, hidden: Vec<bool>) -> Hit {
    Hit { rule, action: Action::Mask, start, end, decided, hidden }
}

fn number_hits(chars: &[char]) -> Vec<Hit> {
    let mut hits = Vec::new();
    for start in 0..chars.len() {
        let before = start.checked_sub(1).map(|i| chars[i]);
        let is_decimal = before == Some('.') && start > 1 && chars[start - 2].is_ascii_digit();
        if !chars[start].is_ascii_digit() || before.is_some_and(is_word) || is_decimal {
            continue;
        }
        for end in start + 1..=chars.len().min(start + 24) {
            if chars.get(end).copied().is_some_and(is_word) || !chars[end - 1].is_ascii_alphanumeric() {
                continue;
            }
            let span = &chars[start..end];
            let groups: Vec<String> =
                span.split(|c| " -‐–−".contains(*c)).map(|group| group.iter().collect::<String>()).collect();
            let digits = groups.concat();
            let all_digits = digits.bytes().all(|b| b.is_ascii_digit());
            let lengths: Vec<usize> = groups.iter().map(String::len).collect();
            let (rule, first) = if matches!(lengths.as_slice(), [18] | [6, 8, 4]) && resident_id(&digits) {
                ("personal-data.resident-id", 3)
            } else if !all_digits {
                continue;
            } else if let (Some(code), [11] | [3, 4, 4] | [13] | [15]) =
                (mobile_phone(&digits), lengths.as_slice())
            {
                ("personal-data.mobile-phone", code + 3)
            } else if card_groups(&lengths) && bank_card(&digits) {
                ("personal-data.bank-card", 4)
            } else {
                continue;
            };
            let mut number = 0;
            let hidden = span
                .iter()
                .map(|c| {
                    number += usize::from(c.is_ascii_alphanumeric());
                    c.is_ascii_alphanumeric() && number > first && number + 4 <= digits.len()
                })
                .collect();
            hits.push(data_hit(rule, start, end, end + 1, hidden));
        }
    }
    hits
}

fn resident_id(digits: &str) -> bool {
    let provinces = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83 91";
    let (Some(body), Some(last)) = (digits.get(..17), digits.get(17..)) else { return false };
    if !body.bytes().all(|b| b.is_ascii_digit()) || !provinces.split(' ').any(|p| body.starts_with(p)) {
        return false;
    }
    let (year, month, day): (i32, usize, i32) =
        (body[6..10].parse().unwrap(), body[10..12].parse().unwrap(), body[12..14].parse().unwrap());
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days = [31, 28 + i32::from(leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    if !(1900..2100).contains(&year) || !(1..=12).contains(&month) || day < 1 || day > days[month - 1] {
        return false;
    }
    // ISO 7064: the weighted sum with the check character is 1 modulo 11; the weights are powers of 2.
    let check = if last == "x" { 10 } else { last.parse().unwrap_or(99) };
    let sum: u64 = body.bytes().enumerate().map(|(i, b)| u64::from(b - b'0') * (1 << (17 - i))).sum();
    (sum + check) % 11 == 1
}

fn mobile_phone(digits: &str) -> Option<usize> {
    let code = ["0086", "86", ""]
        .into_iter()
        .find(|code| digits.len() == 11 + code.len() && digits.starts_with(code))?;
    let rest = &digits[code.len()..];
    (rest.starts_with('1') && !["10", "11", "12"].iter().any(|p| rest.starts_with(p))).then_some(code.len())
}

fn card_groups(lengths: &[usize]) -> bool {
    match lengths {
        [one] => (13..=19).contains(one),
        [6, b] => (7..=13).contains(b),
        [4, 6, c] => (4..=5).contains(c),
        [4, 4, 4, d] => (1..=4).contains(d),
        [4, 4, 4, 4, e] => (1..=3).contains(e),
        _ => false,
    }
}

fn bank_card(digits: &str) -> bool {
    let n = digits.len();
    let four: u32 = digits[..4].parse().unwrap();
    let issued = match four {
        6200..=6299 | 6000..=6099 | 6400..=6599 | 9550..=9559 | 3528..=3589 => (16..=19).contains(&n),
        4000..=4999 => [13, 16, 19].contains(&n),
        5100..=5599 | 2221..=2720 => n == 16,
        3400..=3499 | 3700..=3799 => n == 15,
        3600..=3699 => n == 14,
        _ => false,
    };
    let luhn: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, b)| u32::from(b - b'0') * (1 + i as u32 % 2))
        .map(|v| v / 10 + v % 10)
        .sum();
    issued && luhn.is_multiple_of(10)
}

fn address_hits(chars: &[char]) -> Vec<Hit> {
    let is_host = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    let mut hits = Vec::new();
    for at in (0..chars.len()).filter(|&i| chars[i] == '@') {
        let is_local = |c: char| c.is_ascii_alphanumeric() || "._%+-".contains(c);
        let local = chars[..at].iter().rev().take_while(|c| is_local(**c)).count();
        let Some(start) = (at - local..at).find(|&i| chars[i].is_ascii_alphanumeric() || chars[i] == '_')
        else {
            continue;
        };
        let run = at + 1 + chars[at + 1..].iter().take_while(|c| is_host(**c)).count();
        if at - start > 64 || chars[at - 1] == '.' || run - at - 1 > 189 {
            continue;
        }
        let is_name = |end: &usize| {
            let name: String = chars[at + 1..*end].iter().collect();
            let labels: Vec<&str> = name.split('.').collect();
            let (last, rest) = labels.split_last().unwrap();
            !rest.is_empty()
                && last.len() >= 2
                && last.bytes().all(|b| b.is_ascii_alphabetic())
                && rest.iter().all(|l| !l.is_empty() && !l.starts_with('-') && !l.ends_with('-'))
                && !chars[*end..run].first().is_some_and(char::is_ascii_alphanumeric)
        };
        let Some(end) = (at + 1..=run).rev().find(is_name) else { continue };
        let hidden = (start..end).map(|i| i < at && (i > start || at - start == 1)).collect();
        hits.push(data_hit("personal-data.email", start, end, run + 1, hidden));
    }
    hits
}

/// Texts made of pieces that begin, continue and break hits.
pub(crate) fn texts() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        8 => prop::sample::select(vec![
            "ab", "a", "b", "1", " ", "-", ".", "@", "x", "X", "cd", "违", "禁", "词", "严", "甲", "乙", "丙", "丁", "天",
            "\u{200B}", "\u{301}", "\u{FE0F}", "😀", "👩‍👩‍👧", "Ａ", "Ⅹ", "℃", "㏂", "ﷺ", "é", "я", "\n", "。", "𝟏", "①",
            "a@b", "@b.co", "b.com", "1 3", "86", "0086", "138", "0013", "8000", "13800138000", "110105", "19491231",
            "002X", "11010519491231002X", "4111", "1111", "6222", "378282246310005", "6222021234567890128", "4",
        ]).prop_map(str::to_owned),
        1 => "[a-d0-9@. 甲乙丙违禁-]{1,6}",
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat())
}

/// What the engine under test says: pushed in pieces that end after the characters `cuts` names.
pub(crate) fn stream(engine: &Engine, text: &str, cuts: &[bool]) -> (Verdict, String) {
    let mut stream = engine.stream(Direction::Output);
    let mut released = String::new();
    let mut chunk = String::new();
    for (i, c) in text.chars().enumerate() {
        chunk.push(c);
        if cuts.is_empty() || cuts[i % cuts.len()] {
            stream.push(&chunk, &mut released);
            chunk.clear();
        }
    }
    stream.push(&chunk, &mut released);
    let verdict = stream.finish(&mut released);
    assert_eq!(stream.finish(&mut released), verdict, "finishing twice");
    assert_eq!(stream.seen(), text.len());
    (verdict, released)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn the_engine_agrees_with_the_reference_for_every_chunking(
        text in texts(),
        cuts in prop::collection::vec(any::<bool>(), 0..12),
    ) {
        let engine = crate::engine();
        let (expected, masked) = check(&text);
        let whole = stream(&engine, &text, &[false]);
        prop_assert_eq!(&whole.0, &expected);
        // A block ends the text before the first blocked span, or before something else that was still pending.
        if expected.is_blocked() {
            prop_assert!(masked.starts_with(&whole.1), "{:?} {:?}", masked, whole.1);
        } else {
            prop_assert_eq!(&whole.1, &masked);
        }
        prop_assert_eq!(&stream(&engine, &text, &cuts), &whole);
        prop_assert_eq!(&stream(&engine, &text, &[]), &whole);
        let checked = engine.check(&text, Direction::Output);
        prop_assert_eq!(&checked.verdict, &expected);
        let changed = !expected.is_blocked() && masked != text;
        prop_assert_eq!(checked.text, changed.then_some(masked));
    }
}
