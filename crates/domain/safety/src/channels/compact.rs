//! Separators between the characters of a term: `代*开*发*票`, `代 开 发 票`, `f.r.a.u.d`, `<b>代</b>开`.
//!
//! Skipping every separator would make terms of the ends and beginnings of neighbouring clauses, so that a hit counts only
//! where the gaps are *suspicious*: prose does not put them there.

use unicode_normalization::char::is_combining_mark;

use crate::class::is_word;
use crate::normalise::Class;

/// The separators that are skipped in one gap at most: four are `, **` and a space; more is another sentence.
pub(crate) const GAP_SEPARATORS_MAX: u8 = 4;
/// The characters of a mark-up tag at most, which is skipped as one separator: `<span style="…">` is longer than any
/// disguise needs.
pub(crate) const TAG_CHARS_MAX: u8 = 24;

/// The letters of a term that may be spelled out at least: two are initials, or the ends of an address.
pub(crate) const SPELLED_LETTERS_LEAST: usize = 3;

/// How much speaks for a disguise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Evidence {
    /// Prose may look like it: a person should look.
    Hint,
    /// Nobody writes so by chance.
    Disguise,
}

/// The separators between two characters of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Gap {
    separators: u8,
    first: Option<char>,
    has_line_break: bool,
    is_unnatural: bool,
}

impl Gap {
    pub(crate) const fn is_empty(self) -> bool {
        self.separators == 0
    }

    /// How many separators there are.
    pub(crate) const fn len(self) -> usize {
        self.separators as usize
    }

    /// The gap with one more separator; `None` where it is too wide or has a paragraph break.
    pub(crate) const fn with(self, c: char, class: Class) -> Option<Self> {
        let is_break = c == '\n';
        if self.separators >= GAP_SEPARATORS_MAX || (is_break && self.has_line_break) {
            return None;
        }
        Some(Self {
            separators: self.separators.saturating_add(1),
            first: if self.first.is_none() { Some(c) } else { self.first },
            has_line_break: self.has_line_break || is_break,
            is_unnatural: self.is_unnatural || !class.any(Class::NATURAL),
        })
    }
}

/// How much the gaps between the characters of a term say; none where prose has such gaps. `gaps` are before each
/// character but the first.
///
/// In a term of letters every two neighbours in a word must stand apart, by the same gap, for it to be spelled out, or none:
/// then more stands between its words than a space. Any other term is disguised where a gap has a sign that prose does not
/// put between two characters, where two gaps or more cut it, or where every character stands alone. Of a term of two
/// characters that last is one ordinary comma: this is worth a look and no more.
pub(crate) fn evidence(term: &[char], gaps: impl Iterator<Item = Gap> + Clone) -> Option<Evidence> {
    let disguised = |is: bool| is.then_some(Evidence::Disguise);
    if term.iter().all(char::is_ascii) {
        let joints = term.iter().zip(term.iter().skip(1)).zip(gaps);
        let mut within = joints.filter(|((a, b), _)| is_word(**a) && is_word(**b)).map(|(_, gap)| gap);
        let first = within.next()?;
        let letters = term.iter().filter(|c| is_word(**c)).count();
        let is_one = within.all(|gap| (gap.separators, gap.first) == (first.separators, first.first));
        return disguised(is_one && (first.is_empty() || letters >= SPELLED_LETTERS_LEAST));
    }
    let filled = gaps.clone().filter(|gap| !gap.is_empty()).count();
    if filled >= 2 || gaps.into_iter().any(|gap| gap.is_unnatural) {
        return Some(Evidence::Disguise);
    }
    (filled == 1 && term.len() == 2).then_some(Evidence::Hint)
}

/// What `c` is to this channel.
pub(crate) fn class(c: char) -> Class {
    // Marks belong to the character before them; private characters and unassigned ones could be anything.
    let is_known = matches!(u32::from(c), 0..=0x33FF | 0xA000..=0xABFF | 0xFB00..=0xFFFF | 0x1F000..=0x1FAFF);
    if !is_known || c.is_alphanumeric() || is_combining_mark(c) || c == char::REPLACEMENT_CHARACTER {
        Class::NONE
    } else if c.is_whitespace() || is_natural(c) {
        Class::SEPARATOR.and(Class::NATURAL)
    } else {
        Class::SEPARATOR
    }
}

/// Punctuation that prose puts between any two characters.
const fn is_natural(c: char) -> bool {
    matches!(
        c,
        ',' | '.'
            | '!'
            | '?'
            | ';'
            | ':'
            | '"'
            | '\''
            | '('
            | ')'
            | '['
            | ']'
            | '<'
            | '>'
            | '-'
            | '/'
            | '~'
            | '#'
            | '@'
            | '、'
            | '。'
            | '…'
            | '“'
            | '”'
            | '‘'
            | '’'
            | '「'
            | '」'
            | '『'
            | '』'
            | '【'
            | '】'
            | '〔'
            | '〕'
            | '〈'
            | '〉'
            | '《'
            | '》'
            | '\u{2010}'..='\u{2015}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(separators: &str) -> Option<Gap> {
        separators.chars().try_fold(Gap::default(), |gap, c| gap.with(c, class(c)))
    }

    #[test]
    fn gaps_end_with_the_fifth_separator_and_with_a_paragraph() {
        assert!(gap("，* \n").is_some());
        assert!(gap("*****").is_none());
        assert!(gap("\n \n").is_none());
    }

    #[test]
    fn only_what_prose_does_not_write_is_a_disguise() {
        let check = |term: &str, gaps: &[&str], expected: Option<Evidence>| {
            let gaps: Vec<Gap> = gaps.iter().map(|text| gap(text).unwrap()).collect();
            let term: Vec<char> = term.chars().collect();
            assert_eq!(evidence(&term, gaps.iter().copied()), expected, "{term:?} {gaps:?}");
        };
        let (hint, disguise) = (Some(Evidence::Hint), Some(Evidence::Disguise));
        check("枪支", &["、"], hint);
        check("枪支", &["*"], disguise);
        check("代开发票", &["", ",", ""], None);
        check("代开发票", &["", "·", ""], disguise);
        check("代开发票", &[" ", " ", " "], disguise);
        check("代开发票", &["", "", ""], None);
        check("fraud", &[".", ".", ".", "."], disguise);
        check("fraud", &["*", "", "", ""], None);
        check("xxx", &[")=", "+"], None);
        check("buy it", &["", "", "", " ", ""], disguise);
        check("buy it", &[".", "", "", "", ""], None);
        check("ab c", &[".", "", ""], disguise);
        check("ab", &["@"], None);
    }

    #[test]
    fn letters_digits_and_marks_are_no_separators() {
        for c in ['a', '中', '7', '\u{3099}', 'ी', '\u{FFFD}', '\u{E000}'] {
            assert!(class(c).is_none(), "{c}");
        }
        for c in [' ', '\n', '。', '-', '-'] {
            assert!(class(c).any(Class::NATURAL), "{c}");
        }
        for c in ['*', '_', '·', '★', '😀', '|', '=', '^'] {
            assert!(class(c).any(Class::SEPARATOR) && !class(c).any(Class::NATURAL), "{c}");
        }
    }
}
