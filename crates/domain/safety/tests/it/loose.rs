//! A slow and obvious version of reading a text otherwise than it stands: for every term, from every place, every way to
//! read on is tried.

use safety::Channel;

/// A character of a term as it was read, after so many separators.
#[derive(Debug, Clone)]
struct Spot {
    read_as: Channel,
    gap: Gap,
}

/// Separators: themselves, `>` for a tag.
#[derive(Debug, Clone, Default, PartialEq)]
struct Gap(Vec<(char, bool)>);

/// A term read in some way from its first character to the last of the text.
#[derive(Debug, Clone)]
struct Way {
    spots: Vec<Spot>,
    /// After the last of them.
    gap: Gap,
    is_within: bool,
}

/// A term found otherwise than it stands: characters `start..end`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) channel: Channel,
    pub(crate) is_hint: bool,
}

const PICTURES: [(char, &str); 1] = [('❄', "冰")];
const PARTS: [(&str, char); 3] = [("亻弋", '代'), ("讠司", '词'), ("讠身寸", '谢')];

fn letters(c: char) -> &'static str {
    match c {
        '0' => "o",
        '1' | '!' | '|' => "il",
        '2' => "z",
        '3' => "e",
        '4' | '@' => "a",
        '5' | '$' => "s",
        '7' | '+' => "t",
        '8' => "b",
        '9' => "g",
        _ => "",
    }
}

fn is_separator(c: char) -> bool {
    let known = matches!(c as u32, 0..=0x33FF | 0xA000..=0xABFF | 0xFB00..=0xFFFF | 0x1F000..=0x1FAFF);
    known && !c.is_alphanumeric() && c != '\u{FFFD}' && !unicode_normalization::char::is_combining_mark(c)
}

fn is_natural(c: char) -> bool {
    c.is_whitespace()
        || ",.!?;:\"'()[]<>-/~#@、。…“”‘’「」『』【】〔〕〈〉《》".contains(c)
        || ('\u{2010}'..='\u{2015}').contains(&c)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || (!c.is_ascii() && c.is_alphanumeric() && (c as u32) < 0xE00)
}

impl Gap {
    fn with(&self, c: char, is_natural: bool) -> Option<Self> {
        let breaks = self.0.iter().filter(|s| s.0 == '\n').count() + usize::from(c == '\n');
        let mut gap = self.clone();
        gap.0.push((c, is_natural));
        (gap.0.len() <= 4 && breaks <= 1).then_some(gap)
    }
}

/// Every way to read the beginning of `term` from `start` to the end of `chars`, with how much of the term is read.
fn ways(chars: &[char], start: usize, term: &[char]) -> Vec<Way> {
    let mut found = Vec::new();
    let first = Way { spots: Vec::new(), gap: Gap::default(), is_within: false };
    go_on(chars, start, term, &first, &mut found);
    found
}

fn go_on(chars: &[char], at: usize, term: &[char], way: &Way, found: &mut Vec<Way>) {
    if at == chars.len() {
        found.push(way.clone());
        return;
    }
    let c = chars[at];
    let read = way.spots.len();
    let take = |count: usize, end: usize, read_as: Channel| {
        let mut next = Way { gap: Gap::default(), ..way.clone() };
        for i in 0..count {
            let gap = if i == 0 { way.gap.clone() } else { Gap::default() };
            next.spots.push(Spot { read_as, gap });
        }
        (next, end)
    };
    let mut nexts: Vec<(Way, usize)> = Vec::new();
    if let Some(&wanted) = term.get(read) {
        if c == wanted {
            nexts.push(take(1, at + 1, Channel::Strict));
        }
        if letters(c).contains(wanted) {
            nexts.push(take(1, at + 1, Channel::Leet));
        }
        for (picture, word) in PICTURES {
            let word: Vec<char> = word.chars().collect();
            if picture == c && term[read..].starts_with(&word) {
                nexts.push(take(word.len(), at + 1, Channel::Emoji));
            }
        }
        for (parts, whole) in PARTS {
            let parts: Vec<char> = parts.chars().collect();
            let rest = &chars[at..];
            if whole == wanted && rest.starts_with(&parts) {
                nexts.push(take(1, at + parts.len(), Channel::Decomposed));
            } else if whole == wanted && rest.len() < parts.len() && parts.starts_with(rest) {
                found.push(Way { is_within: true, ..way.clone() });
            }
        }
        if read > 0 && wanted == ' ' && c != ' ' && is_separator(c) {
            nexts.push(take(1, at + 1, Channel::Compact));
        }
    }
    if read > 0 && is_separator(c) {
        if c == '<' {
            let tag: Vec<char> = chars[at + 1..].iter().take(25).copied().collect();
            match tag.iter().position(|c| matches!(c, '>' | '<' | '\n')) {
                Some(end) if tag[end] == '>' => {
                    if let Some(gap) = way.gap.with('>', false) {
                        nexts.push((Way { gap, ..way.clone() }, at + end + 2));
                    }
                }
                None if tag.len() <= 24 && chars.len() == at + 1 + tag.len() => {
                    found.push(Way { is_within: true, ..way.clone() });
                }
                _ => {}
            }
        }
        if let Some(gap) = way.gap.with(c, is_natural(c)) {
            nexts.push((Way { gap, ..way.clone() }, at + 1));
        }
    }
    for (next, at) in nexts {
        go_on(chars, at, term, &next, found);
    }
}

/// Whether it is the strict reading after all.
fn is_strict(way: &Way) -> bool {
    !way.is_within
        && way.gap.0.is_empty()
        && way.spots.iter().all(|spot| spot.read_as == Channel::Strict)
        && way.spots.iter().skip(1).all(|spot| spot.gap.0.is_empty())
}

/// What a term read so is worth: its channel, and whether it is a hint.
fn worth(way: &Way, term: &[char], is_allowed: bool) -> Option<(Channel, bool)> {
    let has = |channel: Channel| way.spots.iter().any(|spot| spot.read_as == channel);
    let gaps: Vec<&Gap> = way.spots.iter().skip(1).map(|spot| &spot.gap).collect();
    let has_gap = has(Channel::Compact) || gaps.iter().any(|gap| !gap.0.is_empty());
    let is_shown = has(Channel::Emoji) || has(Channel::Decomposed);
    let channel = if has(Channel::Leet) {
        Channel::Leet
    } else if has(Channel::Emoji) {
        Channel::Emoji
    } else if has(Channel::Decomposed) {
        Channel::Decomposed
    } else {
        Channel::Compact
    };
    if is_allowed {
        return Some((channel, false));
    }
    let ascii = term.iter().all(char::is_ascii);
    let plain =
        way.spots.iter().zip(term).filter(|(s, c)| s.read_as == Channel::Strict && c.is_ascii_alphabetic());
    if (has(Channel::Leet) && (!ascii || plain.count() < 2)) || (has(Channel::Emoji) && !has(Channel::Strict))
    {
        return None;
    }
    if !has_gap || is_shown {
        return Some((channel, false));
    }
    if ascii {
        let joints: Vec<&Gap> = (1..term.len())
            .filter(|&i| is_word(term[i - 1]) && is_word(term[i]))
            .map(|i| gaps[i - 1])
            .collect();
        let letters = term.iter().filter(|c| is_word(**c)).count();
        let same =
            |a: &Gap, b: &Gap| a.0.len() == b.0.len() && a.0.first().map(|s| s.0) == b.0.first().map(|s| s.0);
        let first = *joints.first()?;
        let counts = joints.iter().all(|gap| same(gap, first)) && (first.0.is_empty() || letters >= 3);
        return counts.then_some((channel, false));
    }
    let filled = gaps.iter().filter(|gap| !gap.0.is_empty()).count();
    if filled >= 2 || gaps.iter().any(|gap| gap.0.iter().any(|s| !s.1)) {
        return Some((channel, false));
    }
    (filled == 1 && term.len() == 2).then_some((channel, true))
}

/// Whether reading on with `term` from a character is worth trying.
fn may_begin(c: char, term: &[char]) -> bool {
    c == term[0]
        || letters(c).contains(term[0])
        || PICTURES.iter().any(|picture| picture.0 == c)
        || PARTS.iter().any(|(parts, whole)| *whole == term[0] && parts.starts_with(c))
}

/// Every place where `term` is found otherwise than it stands.
pub(crate) fn found(chars: &[char], term: &[char], is_allowed: bool) -> Vec<Found> {
    let mut all: Vec<Found> = Vec::new();
    for start in (0..chars.len()).filter(|&start| may_begin(chars[start], term)) {
        for end in start + 1..=chars.len() {
            let is_inside = |at: usize| chars.get(at).copied().is_some_and(is_word);
            if (is_word(term[0]) && start > 0 && is_inside(start - 1))
                || (is_word(term[term.len() - 1]) && is_inside(end))
            {
                continue;
            }
            let complete = ways(&chars[start..end], 0, term).into_iter().filter(|way| {
                way.spots.len() == term.len() && way.gap.0.is_empty() && !way.is_within && !is_strict(way)
            });
            if let Some((channel, is_hint)) = complete.filter_map(|way| worth(&way, term, is_allowed)).next()
            {
                all.push(Found { start, end, channel, is_hint });
            }
        }
    }
    all
}

/// The first place from which some term may be read on behind the first `count` characters, otherwise than it stands.
pub(crate) fn growing(chars: &[char], count: usize, terms: &[Vec<char>]) -> Option<usize> {
    (0..count).find(|&start| {
        let can_begin = |term: &Vec<char>| !(is_word(term[0]) && start > 0 && is_word(chars[start - 1]));
        terms.iter().filter(|term| can_begin(term)).any(|term| {
            let begun = |way: &Way| (!way.spots.is_empty() || way.is_within) && !is_strict(way);
            ways(&chars[start..count], 0, term).iter().any(begun)
        })
    })
}
