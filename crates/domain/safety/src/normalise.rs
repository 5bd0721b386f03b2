//! The normal form in which texts are compared, with the way back to the original.
//!
//! Every character is folded on its own, so that where a stream is cut can make no difference. Folding is: compatibility
//! decomposition (NFKD: width, circled, squared, superscript and mathematical letters), lower case, the letters that
//! Unicode gives no decomposition (negative circled and squared letters, regional indicators), and dropping what is not
//! seen or only decorates (zero-width characters, variation selectors, control characters, combining marks).
//!
//! Kept on purpose: kana voicing marks and the signs of Indic scripts, which make other words; Hangul syllables, which
//! stay composed.

use std::sync::LazyLock;

use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class, char::is_combining_mark};

/// Goes into [`crate::Engine::version`]; raise it when any character folds differently.
pub(crate) const VERSION: u32 = 1;

/// What one character becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Folded<'t> {
    /// Nothing.
    Dropped,
    /// One character.
    One(char),
    /// Several.
    Many(&'t [char]),
}

/// The folding of every character: pages of 256, those that fold to themselves not stored.
pub(crate) struct Table {
    /// For each page its number in `pages` plus one, or 0.
    index: Vec<u16>,
    pages: Vec<[u32; 256]>,
    expansions: Vec<char>,
}

/// Normalised text with the place in the original where each of its characters comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Normalised {
    /// The normalised text.
    pub text: String,
    /// For each character of `text`, in order: start and end, in bytes, of the original character it comes from.
    pub origins: Vec<(usize, usize)>,
}

/// Normalises a whole text. What the engine does with each character; for explanations and tests.
///
/// ```
/// let normal = safety::normalise("ＦＲ\u{200B}④E");
/// assert_eq!(normal.text, "fr4e");
/// assert_eq!(normal.origins, [(0, 3), (3, 6), (9, 12), (12, 13)]);
/// ```
#[must_use]
pub fn normalise(text: &str) -> Normalised {
    let mut normal = Normalised { text: String::with_capacity(text.len()), origins: Vec::new() };
    let table = table();
    for (start, c) in text.char_indices() {
        let mut add = |folded| {
            normal.text.push(folded);
            normal.origins.push((start, start.saturating_add(c.len_utf8())));
        };
        match table.fold(c) {
            Folded::Dropped => {}
            Folded::One(folded) => add(folded),
            Folded::Many(folded) => folded.iter().copied().for_each(&mut add),
        }
    }
    normal
}

/// The one table of the process, built on first use.
pub(crate) fn table() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(Table::build);
    &TABLE
}

const DROPPED: u32 = u32::MAX;
const MANY: u32 = 1 << 31;

/// The ranges that can fold to something else, so that the build need not ask for each of 30,000 Han characters and
/// 11,000 Hangul syllables.
const RANGES: [(u32, u32); 7] = [
    (0, 0x33FF),
    (0xA000, 0xABFF),
    (0xD7B0, 0xD7FF),
    (0xF900, 0x12FFF),
    (0x16000, 0x1FFFF),
    (0x2F800, 0x2FAFF),
    (0xE0000, 0xE0FFF),
];

impl Table {
    fn build() -> Self {
        let mut table = Self { index: vec![0; 0x1100], pages: Vec::new(), expansions: Vec::new() };
        let mut folded = Vec::new();
        for c in RANGES.iter().flat_map(|&(first, last)| first..=last).filter_map(char::from_u32) {
            folded.clear();
            fold_by_rule(c, &mut folded);
            if folded.as_slice() != [c] {
                let code = table.encode(&folded);
                table.set(c, code);
            }
        }
        table
    }

    fn encode(&mut self, folded: &[char]) -> u32 {
        match folded {
            [] => DROPPED,
            [one] => u32::from(*one),
            many => {
                let offset = u32::try_from(self.expansions.len()).unwrap_or(0);
                let length = u32::try_from(many.len()).unwrap_or(0) & 0xFF;
                self.expansions.extend_from_slice(many);
                MANY | (offset << 8) | length
            }
        }
    }

    fn set(&mut self, c: char, code: u32) {
        let (page, place) = split(c);
        let Some(entry) = self.index.get_mut(page) else { return };
        if *entry == 0 {
            let first = u32::from(c) & !0xFF;
            self.pages.push(std::array::from_fn(|i| first.saturating_add(u32::try_from(i).unwrap_or(0))));
            *entry = u16::try_from(self.pages.len()).unwrap_or(0);
        }
        let number = usize::from(*entry).checked_sub(1);
        if let Some(slot) = number.and_then(|n| self.pages.get_mut(n)).and_then(|p| p.get_mut(place)) {
            *slot = code;
        }
    }

    /// What `c` becomes.
    #[inline]
    pub(crate) fn fold(&self, c: char) -> Folded<'_> {
        let (page, place) = split(c);
        let number = usize::from(self.index.get(page).copied().unwrap_or(0));
        let Some(entries) = number.checked_sub(1).and_then(|n| self.pages.get(n)) else {
            return Folded::One(c);
        };
        match entries.get(place).copied().unwrap_or(u32::from(c)) {
            DROPPED => Folded::Dropped,
            code if code & MANY == 0 => Folded::One(char::from_u32(code).unwrap_or(c)),
            code => {
                let offset = ((code & !MANY) >> 8) as usize;
                let end = offset.saturating_add((code & 0xFF) as usize);
                Folded::Many(self.expansions.get(offset..end).unwrap_or_default())
            }
        }
    }
}

fn split(c: char) -> (usize, usize) {
    let code = u32::from(c) as usize;
    (code >> 8, code & 0xFF)
}

/// Folds one character by the rules, slowly.
fn fold_by_rule(c: char, folded: &mut Vec<char>) {
    if is_dropped(c) {
        return;
    }
    if let Some(letter) = letter_without_decomposition(c) {
        folded.push(letter);
        return;
    }
    // Lower case can bring something to decompose (U+0130), and what was decomposed can have a lower case (U+FF21).
    folded.extend(
        std::iter::once(c)
            .nfkd()
            .flat_map(char::to_lowercase)
            .nfkd()
            .flat_map(char::to_lowercase)
            .filter(|&part| !is_dropped(part)),
    );
}

fn letter_without_decomposition(c: char) -> Option<char> {
    let first = match u32::from(c) {
        0x1F150..=0x1F169 => 0x1F150,
        0x1F170..=0x1F189 => 0x1F170,
        0x1F1E6..=0x1F1FF => 0x1F1E6,
        _ => return None,
    };
    char::from_u32(u32::from('a').checked_add(u32::from(c).checked_sub(first)?)?)
}

fn is_dropped(c: char) -> bool {
    let unseen = matches!(u32::from(c),
        0x00..=0x08 | 0x0B..=0x0C | 0x0E..=0x1F | 0x7F..=0x9F // controls without tab, line feed, carriage return
        | 0xAD | 0x34F | 0x61C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F
        | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0x3164
        | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFF8
        | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A | 0x1F3FB..=0x1F3FF | 0xE0000..=0xE0FFF);
    // Marks that enclose or overlay have combining class 0 or 1; nukta is 7, kana voicing 8, virama 9.
    let decorates = matches!(u32::from(c), 0x300..=0x36F | 0x483..=0x489 | 0x1AB0..=0x1AFF | 0x20D0..=0x20FF)
        || (is_combining_mark(c) && !matches!(canonical_combining_class(c), 0 | 7..=9));
    unseen || decorates
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_what_the_rules_say_for_every_character() {
        let mut folded = Vec::new();
        for c in (0..=0x10_FFFF).filter_map(char::from_u32).filter(|c| !('\u{AC00}'..='\u{D7A3}').contains(c))
        {
            folded.clear();
            fold_by_rule(c, &mut folded);
            let by_table = match table().fold(c) {
                Folded::Dropped => vec![],
                Folded::One(one) => vec![one],
                Folded::Many(many) => many.to_vec(),
            };
            assert_eq!(by_table, folded, "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn normalising_twice_changes_nothing_more() {
        for c in (0..=0x2_FFFF).filter_map(char::from_u32) {
            let once = normalise(&c.to_string()).text;
            assert_eq!(normalise(&once).text, once, "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn common_disguises_fold_to_the_plain_word() {
        for disguised in [
            "ｆｒａｕｄ",
            "FRAUD",
            "ⓕⓡⓐⓤⓓ",
            "🅵🆁🅰🆄🅳",
            "𝐟𝐫𝐚𝐮𝐝",
            "f\u{200B}r\u{FE0F}a\u{301}u\u{AD}d",
            "fráûd",
            "🇫🇷🇦🇺🇩",
            "f\u{20DD}raud",
        ] {
            assert_eq!(normalise(disguised).text, "fraud", "{disguised}");
        }
    }

    #[test]
    fn voicing_marks_and_indic_signs_stay() {
        assert_eq!(normalise("が").text, normalise("ｶﾞ").text.replace('カ', "か"));
        assert_ne!(normalise("が").text, normalise("か").text);
        assert_ne!(normalise("मा").text, normalise("मि").text);
    }
}
