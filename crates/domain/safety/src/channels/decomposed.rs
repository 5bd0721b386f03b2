//! The parts of a character written side by side: `亻弋开发票` for `代开发票`.
//!
//! `decomposed.txt` has a line for each simplified character of GB 2312 that is made of parts from left to right: itself,
//! then its ways to be written as two or three characters. It is made from the CJK Decomposition Data of Gavin Grover
//! (Apache-2.0, one of its licences; SHA-256 04d2d427…694fe989), records of the kind `a` ("flows across") whose parts are
//! characters, and one level further down. Which of these characters matter, the lexicon says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::matcher::{Matcher, Walk};

/// The first one or two parts of a character.
pub(crate) type Beginning = (char, Option<char>);

/// The parts of every character.
pub(crate) struct Parts {
    /// For each beginning what one more part makes of it.
    wholes: BTreeMap<(Beginning, char), char>,
    /// For each beginning the characters that it may become.
    becoming: BTreeMap<Beginning, Vec<char>>,
}

impl Parts {
    /// The character that `beginning` and `last` are the parts of.
    pub(crate) fn whole(&self, beginning: Beginning, last: char) -> Option<char> {
        self.wholes.get(&(beginning, last)).copied()
    }

    /// Each second part that may come behind a first one, with a character that they begin.
    fn seconds(&self, first: char) -> impl Iterator<Item = (char, char)> + '_ {
        let two = self.wholes.range(((first, None), '\0')..=((first, None), char::MAX));
        let three = self.becoming.range((first, Some('\0'))..=(first, Some(char::MAX)));
        let two = two.map(|((_, second), whole)| (*second, *whole));
        let three = three.flat_map(|((_, second), wholes)| {
            second.iter().flat_map(|second| wholes.iter().map(|whole| (*second, *whole)))
        });
        two.chain(three)
    }

    /// The characters that begin so.
    pub(crate) fn becoming(&self, beginning: Beginning) -> &[char] {
        self.becoming.get(&beginning).map(Vec::as_slice).unwrap_or_default()
    }
}

/// The one table of the process, built on first use.
pub(crate) fn parts() -> &'static Parts {
    static PARTS: LazyLock<Parts> = LazyLock::new(|| {
        let mut parts = Parts { wholes: BTreeMap::new(), becoming: BTreeMap::new() };
        for (whole, written) in listed() {
            let mut chars = written.chars();
            let (Some(first), Some(second), third) = (chars.next(), chars.next(), chars.next()) else {
                continue;
            };
            parts.becoming.entry((first, None)).or_default().push(whole);
            match third {
                None => parts.wholes.entry(((first, None), second)).or_insert(whole),
                Some(third) => {
                    parts.becoming.entry((first, Some(second))).or_default().push(whole);
                    parts.wholes.entry(((first, Some(second)), third)).or_insert(whole)
                }
            };
        }
        parts
    });
    &PARTS
}

/// The first parts of the characters that stand in terms, sorted, each with those characters and whether a term begins with
/// one of them: most parts lead nowhere, and they are common in texts.
#[derive(Debug, Clone, Default)]
pub(crate) struct FirstParts {
    parts: Vec<FirstPart>,
    /// By the low bits of a part: whether it may be among them, and among those with which a term begins.
    filter: [[u64; FILTER_WORDS]; 2],
}

/// A first part of characters that stand in terms.
#[derive(Debug, Clone)]
struct FirstPart {
    part: char,
    /// Those characters.
    wholes: Box<[char]>,
    /// The second parts of those, sorted.
    seconds: Box<[char]>,
    /// A term begins with one of them.
    is_first: bool,
}

const FILTER_WORDS: usize = 32;

impl FirstParts {
    /// `known` tells of a character whether terms hold it, `begins` whether a term begins with it.
    pub(crate) fn of(known: impl Fn(char) -> bool, begins: impl Fn(char) -> bool) -> Self {
        let leads = |part: char| {
            let wholes: Box<[char]> =
                parts().becoming((part, None)).iter().copied().filter(|whole| known(*whole)).collect();
            let is_first = wholes.iter().any(|whole| begins(*whole));
            let seconds: BTreeSet<char> =
                parts().seconds(part).filter(|(_, whole)| known(*whole)).map(|(second, _)| second).collect();
            let seconds = seconds.into_iter().collect();
            (!wholes.is_empty()).then_some(FirstPart { part, wholes, seconds, is_first })
        };
        let mut all = Self { parts: first_parts().filter_map(leads).collect(), ..Self::default() };
        for FirstPart { part, is_first, .. } in &all.parts {
            let [any, first] = &mut all.filter;
            for words in [Some(any), is_first.then_some(first)].into_iter().flatten() {
                let (word, bit) = filter_place(*part);
                if let Some(word) = words.get_mut(word) {
                    *word |= 1 << bit;
                }
            }
        }
        all
    }

    /// Whether `part` may lead anywhere where so much is pending; nearly always the answer.
    #[inline]
    pub(crate) fn may_go_on(&self, part: char, depth: usize) -> bool {
        let [any, first] = &self.filter;
        let words = if depth == 0 { first } else { any };
        let (word, bit) = filter_place(part);
        words.get(word).is_some_and(|word| word >> bit & 1 == 1)
    }

    /// Whether a character that begins with `part` goes on with a term.
    pub(crate) fn goes_on(&self, walk: Walk, part: char, matcher: &Matcher) -> bool {
        let Some(found) = self.get(part) else { return false };
        let goes_on = |whole: &char| matcher.after(walk, *whole).depth() > 0;
        found.is_first || (walk.depth() > 0 && found.wholes.iter().any(goes_on))
    }

    /// Whether a character of some term has `part` and behind it `second`.
    pub(crate) fn has(&self, part: char, second: char) -> bool {
        self.get(part).is_some_and(|found| found.seconds.binary_search(&second).is_ok())
    }

    /// Every first part with every second one that may stand behind it.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (char, char)> + '_ {
        self.parts.iter().flat_map(|found| found.seconds.iter().map(|second| (found.part, *second)))
    }

    fn get(&self, part: char) -> Option<&FirstPart> {
        let found = self.parts.binary_search_by(|known| known.part.cmp(&part));
        found.ok().and_then(|at| self.parts.get(at))
    }
}

const fn filter_place(part: char) -> (usize, u32) {
    let code = part as u32;
    ((code / 64) as usize % FILTER_WORDS, code % 64)
}

/// Whether some character begins with the part `c`.
pub(crate) fn is_first_part(c: char) -> bool {
    !parts().becoming((c, None)).is_empty()
}

/// The parts that characters begin with.
pub(crate) fn first_parts() -> impl Iterator<Item = char> {
    listed().filter_map(|(_, written)| written.chars().next()).collect::<BTreeSet<char>>().into_iter()
}

/// Each character with each way to write it in parts.
fn listed() -> impl Iterator<Item = (char, &'static str)> {
    include_str!("decomposed.txt").lines().flat_map(|line| {
        let (whole, ways) = line.split_once(' ').unwrap_or_default();
        ways.split(' ').filter_map(move |written| Some((whole.chars().next()?, written)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise;

    #[test]
    fn parts_make_the_character() {
        let check = |written: &str, expected: Option<char>| {
            let chars: Vec<char> = written.chars().collect();
            let beginning = (chars[0], (chars.len() > 2).then(|| chars[1]));
            assert_eq!(parts().whole(beginning, chars[chars.len() - 1]), expected, "{written}");
        };
        check("亻弋", Some('代'));
        check("木目", Some('相'));
        check("氵去", Some('法'));
        check("讠身寸", Some('谢'));
        check("中文", None);
        assert!(is_first_part('亻') && !is_first_part('的'));
    }

    #[test]
    fn characters_and_parts_stay_when_normalised() {
        for (whole, written) in listed() {
            assert_eq!(normalise(written).text, written);
            assert_eq!(normalise(&whole.to_string()).text, whole.to_string());
            assert!((2..=3).contains(&written.chars().count()));
        }
        assert!(listed().count() > 4000);
    }
}
