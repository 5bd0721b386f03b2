//! The folding of every character, looked up in two steps.

use std::sync::LazyLock;

use super::{
    class::{Class, Symbol},
    rules::Rules,
    simplified,
};
use crate::{channels, personal_data};

/// What one character becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Folded<'t> {
    /// Nothing.
    Dropped,
    /// One character.
    One(Symbol),
    /// Several.
    Many(&'t [Symbol]),
}

/// The folding of every character: pages of 256, those that fold to themselves and have no class not stored.
pub(crate) struct Table {
    /// For each page its number in `pages` plus one, or 0.
    index: Vec<u16>,
    pages: Vec<[u32; 256]>,
    expansions: Vec<Symbol>,
}

/// The one table of the process, built on first use.
pub(crate) fn table() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(Table::build);
    &TABLE
}

const DROPPED: u32 = u32::MAX;
const MANY: u32 = 1 << 31;

/// The ranges that can fold to something else or have a class, so that the build need not ask for each of 30,000 Han
/// characters and 11,000 Hangul syllables. Han characters with a simplified form and those that are parts of others are
/// asked for besides.
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
        let rules = Rules::new();
        let mut folded = Vec::new();
        let in_ranges = RANGES.iter().flat_map(|&(first, last)| first..=last).filter_map(char::from_u32);
        let listed =
            simplified::pairs().map(|pair| pair.0).chain(channels::listed()).chain(personal_data::listed());
        for c in in_ranges.chain(listed) {
            folded.clear();
            rules.fold(c, &mut folded);
            let symbols: Vec<Symbol> = folded.iter().map(|&part| symbol(part)).collect();
            if symbols.as_slice() != [Symbol::new(c, Class::NONE)] {
                let code = table.encode(&symbols);
                table.set(c, code);
            }
        }
        table
    }

    fn encode(&mut self, folded: &[Symbol]) -> u32 {
        match folded {
            [] => DROPPED,
            [one] => one.code(),
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
            return Folded::One(Symbol::new(c, Class::NONE));
        };
        match entries.get(place).copied().unwrap_or(u32::from(c)) {
            code if code & MANY == 0 => Folded::One(Symbol::from_code(code)),
            DROPPED => Folded::Dropped,
            code => {
                let offset = ((code & !MANY) >> 8) as usize;
                let end = offset.saturating_add((code & 0xFF) as usize);
                Folded::Many(self.expansions.get(offset..end).unwrap_or_default())
            }
        }
    }

    /// What `c` becomes where that is one character, else itself.
    #[inline]
    pub(crate) fn fold_one(&self, c: char) -> char {
        match self.fold(c) {
            Folded::One(one) => one.ch(),
            Folded::Dropped | Folded::Many(_) => c,
        }
    }
}

/// A normalised character with all that is known about it.
fn symbol(c: char) -> Symbol {
    let symbol = Symbol::new(c, channels::class(c));
    if personal_data::is_loud(c) { symbol.loud() } else { symbol }
}

fn split(c: char) -> (usize, usize) {
    let code = u32::from(c) as usize;
    (code >> 8, code & 0xFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_what_the_rules_say_for_every_character() {
        let rules = Rules::new();
        let mut folded = Vec::new();
        for c in (0..=0x10_FFFF).filter_map(char::from_u32).filter(|c| !('\u{AC00}'..='\u{D7A3}').contains(c))
        {
            folded.clear();
            rules.fold(c, &mut folded);
            let by_table: Vec<Symbol> = match table().fold(c) {
                Folded::Dropped => vec![],
                Folded::One(one) => vec![one],
                Folded::Many(many) => many.to_vec(),
            };
            let by_rule: Vec<Symbol> = folded.iter().map(|&part| symbol(part)).collect();
            assert_eq!(by_table, by_rule, "U+{:04X}", u32::from(c));
        }
    }
}
