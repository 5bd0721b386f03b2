//! How one character folds, by rule and slowly: what the table is made from.

use std::collections::HashMap;

use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class, char::is_combining_mark};

use super::{look_alikes, simplified};

/// The rules with their lists at hand.
pub(super) struct Rules {
    simplified: HashMap<char, char>,
    look_alikes: HashMap<char, &'static str>,
}

impl Rules {
    pub(super) fn new() -> Self {
        Self { simplified: simplified::pairs().collect(), look_alikes: look_alikes::pairs().collect() }
    }

    /// Appends what `c` becomes.
    pub(super) fn fold(&self, c: char, folded: &mut Vec<char>) {
        if is_dropped(c) {
            return;
        }
        if let Some(letter) = letter_without_decomposition(c) {
            folded.push(letter);
            return;
        }
        // Lower case can bring something to decompose (U+0130), and what was decomposed can have a lower case (U+FF21).
        let parts = std::iter::once(c)
            .nfkd()
            .flat_map(char::to_lowercase)
            .nfkd()
            .flat_map(char::to_lowercase)
            .filter(|&part| !is_dropped(part));
        for part in parts {
            match self.look_alikes.get(&part) {
                Some(shape) => folded.extend(shape.chars().map(|c| self.simplify(c))),
                None => folded.push(self.simplify(part)),
            }
        }
    }

    fn simplify(&self, c: char) -> char {
        self.simplified.get(&c).copied().unwrap_or(c)
    }
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
