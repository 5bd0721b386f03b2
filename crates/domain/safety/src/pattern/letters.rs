//! Characters as the patterns tell them apart.

use std::collections::HashMap;

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

/// Characters that no pattern tells apart.
pub(crate) type Letter = u16;

/// The letter of every character, and the letters of every class.
pub(super) struct Letters {
    /// For each 256 characters the number of their page.
    index: Vec<u16>,
    pages: Vec<[Letter; 256]>,
    /// For each letter one bit for each class, `words` words each.
    classes: Vec<u64>,
    words: usize,
    begins: Vec<Begins>,
}

/// Whether some pattern begins with a letter.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Begins {
    /// Where no word goes on before it.
    pub(super) at_border: bool,
    /// Anywhere.
    pub(super) anywhere: bool,
}

/// The planes of Unicode have 0x1100 pages of 256 characters.
const PAGES: u32 = 0x1100;

impl Letters {
    /// The letters that these classes need: at most twice as many as the classes have ranges. None where they are too many
    /// for their numbers.
    pub(super) fn build(classes: &[ClassUnicode]) -> Option<Self> {
        let words = classes.len().div_ceil(64).max(1);
        let edges =
            |range: &ClassUnicodeRange| [u32::from(range.start()), u32::from(range.end()).saturating_add(1)];
        // Where some class begins or ends: between two of these places all characters are alike.
        let mut borders: Vec<u32> =
            classes.iter().flat_map(ClassUnicode::ranges).flat_map(edges).chain([0]).collect();
        borders.sort_unstable();
        borders.dedup();
        let mut bits = vec![vec![0_u64; words]; borders.len()];
        for (class, number) in classes.iter().zip(0_usize..) {
            for range in class.ranges() {
                let [from, to] = edges(range).map(|edge| borders.partition_point(|border| *border < edge));
                for row in bits.get_mut(from..to).unwrap_or_default() {
                    if let Some(word) = row.get_mut(number / 64) {
                        *word |= 1 << (number % 64);
                    }
                }
            }
        }
        let mut known: HashMap<Vec<u64>, Letter> = HashMap::new();
        let mut of_classes = Vec::new();
        let mut of_borders = Vec::with_capacity(borders.len());
        for row in bits {
            let next = Letter::try_from(known.len()).ok()?;
            let letter = *known.entry(row).or_insert_with_key(|row| {
                of_classes.extend(row);
                next
            });
            of_borders.push(letter);
        }
        let mut letters = Self {
            index: Vec::with_capacity(PAGES as usize),
            pages: Vec::new(),
            classes: of_classes,
            words,
            begins: vec![Begins::default(); known.len()],
        };
        letters.fill(&borders, &of_borders);
        Some(letters)
    }

    /// Writes the pages; equal ones are one.
    fn fill(&mut self, borders: &[u32], of_borders: &[Letter]) {
        let mut known: HashMap<[Letter; 256], u16> = HashMap::new();
        let mut place = 0_usize;
        for page in 0..PAGES {
            let mut letters = [0; 256];
            for (slot, code) in letters.iter_mut().zip(page.saturating_mul(256)..) {
                while borders.get(place.saturating_add(1)).is_some_and(|border| *border <= code) {
                    place = place.saturating_add(1);
                }
                *slot = of_borders.get(place).copied().unwrap_or_default();
            }
            let next = u16::try_from(self.pages.len()).unwrap_or(u16::MAX);
            let number = *known.entry(letters).or_insert_with(|| {
                self.pages.push(letters);
                next
            });
            self.index.push(number);
        }
    }

    /// The letter of a character.
    #[inline]
    pub(super) fn of(&self, ch: char) -> Letter {
        let code = u32::from(ch) as usize;
        let page = self.index.get(code >> 8).and_then(|page| self.pages.get(usize::from(*page)));
        page.and_then(|page| page.get(code & 0xFF)).copied().unwrap_or_default()
    }

    /// Whether a letter belongs to a class.
    #[inline]
    pub(super) fn is_in(&self, letter: Letter, class: u16) -> bool {
        let word = usize::from(letter).wrapping_mul(self.words).wrapping_add(usize::from(class) / 64);
        self.classes.get(word).is_some_and(|word| word >> (class % 64) & 1 == 1)
    }

    /// Whether some pattern begins with a letter.
    #[inline]
    pub(super) fn begins(&self, letter: Letter) -> Begins {
        self.begins.get(usize::from(letter)).copied().unwrap_or_default()
    }

    pub(super) fn set_begins(&mut self, begins: impl Iterator<Item = Begins>) {
        self.begins = begins.collect();
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = Letter> + use<> {
        0..Letter::try_from(self.begins.len()).unwrap_or(Letter::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_says_of_every_class_what_the_class_says() {
        let class = |expression: &str| match regex_syntax::parse(expression).unwrap().into_kind() {
            regex_syntax::hir::HirKind::Class(regex_syntax::hir::Class::Unicode(class)) => class,
            other => panic!("{other:?} is no class"),
        };
        let classes: Vec<ClassUnicode> =
            [".", r"\p{Han}", "[a-f]", "[^x]", r"[忽\u{10FFFF}]"].map(class).into();
        let letters = Letters::build(&classes).unwrap();
        for c in (0..=0x10_FFFF).filter_map(char::from_u32) {
            for (number, class) in (0..).zip(&classes) {
                let is_in = letters.is_in(letters.of(c), number);
                let holds = class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&c));
                assert_eq!(is_in, holds, "{c:?} in {number}");
            }
        }
        assert!(letters.pages.len() < 200 && letters.begins.len() < 20);
    }
}
