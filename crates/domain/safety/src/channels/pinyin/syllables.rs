//! The syllables of Mandarin: of each character, and in a word of letters.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use pinyin::ToPinyin;

/// The letters of a word at most that is read as Pinyin: eight syllables of three.
pub(super) const LETTERS_MAX: usize = 24;

const FIRST_CHARACTER: u32 = 0x4E00;
const LAST_CHARACTER: u32 = 0x9FFF;

/// The syllables, numbered.
pub(super) struct Syllables {
    /// As they are spelled, `v` for `ü`.
    texts: Vec<String>,
    /// For each character from U+4E00 on the number of its syllable plus one, or 0.
    of_characters: Vec<u16>,
    /// The syllables letter by letter.
    nodes: Vec<Node>,
}

/// What follows some letters.
#[derive(Debug, Clone, Copy, Default)]
struct Node {
    /// For each letter the node behind it, or 0.
    next: [u16; 26],
    /// The number of the syllable that ends here plus one, or 0.
    syllable: u16,
}

/// The one list of the process, made on first use.
pub(super) fn syllables() -> &'static Syllables {
    static SYLLABLES: LazyLock<Syllables> = LazyLock::new(Syllables::new);
    &SYLLABLES
}

impl Syllables {
    fn new() -> Self {
        let plain = |c: char| c.to_pinyin().map(|pinyin| pinyin.plain().replace('ü', "v"));
        let characters = || (FIRST_CHARACTER..=LAST_CHARACTER).filter_map(char::from_u32).map(plain);
        let mut numbers: BTreeMap<String, u16> = characters().flatten().map(|text| (text, 0)).collect();
        numbers.values_mut().zip(0..).for_each(|(slot, number)| *slot = number);
        let of_characters = characters()
            .map(|text| text.and_then(|text| numbers.get(&text)).map_or(0, |n| n.saturating_add(1)));
        let of_characters = of_characters.collect();
        let mut all = Self { texts: Vec::new(), of_characters, nodes: vec![Node::default()] };
        for (text, number) in numbers {
            let node = text.bytes().try_fold(0, |node, letter| all.add(node, letter));
            if let Some(node) = node.and_then(|node| all.nodes.get_mut(usize::from(node))) {
                node.syllable = number.saturating_add(1);
            }
            all.texts.push(text);
        }
        all
    }

    /// The node behind a letter, made where it is not yet there.
    fn add(&mut self, node: u16, letter: u8) -> Option<u16> {
        let new = u16::try_from(self.nodes.len()).ok()?;
        let place = usize::from(letter.checked_sub(b'a')?);
        let slot = self.nodes.get_mut(usize::from(node))?.next.get_mut(place)?;
        if *slot == 0 {
            *slot = new;
            self.nodes.push(Node::default());
            return Some(new);
        }
        Some(*slot)
    }

    /// How many there are.
    pub(super) const fn count(&self) -> usize {
        self.texts.len()
    }

    /// How one is spelled.
    pub(super) fn text(&self, syllable: u16) -> &str {
        self.texts.get(usize::from(syllable)).map_or("", String::as_str)
    }

    /// The syllable of a character.
    #[inline]
    pub(super) fn of(&self, c: char) -> Option<u16> {
        let place = u32::from(c).checked_sub(FIRST_CHARACTER)?;
        self.of_characters.get(place as usize)?.checked_sub(1)
    }

    /// The syllables that a text of letters begins with, each with how many letters it has, the shortest first.
    fn beginning<'w>(&'w self, letters: &'w [u8]) -> impl Iterator<Item = (u16, usize)> + 'w {
        let nodes = letters.iter().scan(0_u16, |node, letter| {
            let place = usize::from(letter.wrapping_sub(b'a'));
            *node = *self.nodes.get(usize::from(*node))?.next.get(place)?;
            (*node != 0).then_some(*node)
        });
        nodes.zip(1..).filter_map(|(node, count)| {
            let syllable = self.nodes.get(usize::from(node))?.syllable;
            Some((syllable.checked_sub(1)?, count))
        })
    }

    /// Whether a word of at most [`LETTERS_MAX`] letters is made of syllables. Most words of other languages are found not
    /// to be within a few letters.
    fn is_made_of_syllables(&self, word: &[u8]) -> bool {
        // Bit n: the first n letters are.
        let mut reached = 1_u32;
        for start in 0..word.len() {
            if reached >> start == 0 {
                return false;
            }
            if reached >> start & 1 == 1 {
                for (_, count) in self.beginning(word.get(start..).unwrap_or_default()) {
                    reached |= 1 << (start.saturating_add(count) & 31);
                }
            }
        }
        reached >> (word.len() & 31) & 1 == 1
    }

    /// The syllables of a word that is made of them, each with how many letters it has: the longest ones first, where the
    /// rest can be cut as well.
    pub(super) fn cut(&self, word: &[u8]) -> Option<Vec<(u16, usize)>> {
        if word.is_empty() || word.len() > LETTERS_MAX || !self.is_made_of_syllables(word) {
            return None;
        }
        // For each place the longest syllable there behind which the rest can be cut; from the end.
        let mut ways = [None; LETTERS_MAX];
        for start in (0..word.len()).rev() {
            let longest = self
                .beginning(word.get(start..).unwrap_or_default())
                .filter(|(_, count)| {
                    let end = start.saturating_add(*count);
                    end == word.len() || ways.get(end).is_some_and(Option::is_some)
                })
                .last();
            if let Some(slot) = ways.get_mut(start) {
                *slot = longest;
            }
        }
        let mut cut = Vec::new();
        let mut at = 0_usize;
        while at < word.len() {
            let (syllable, letters) = (*ways.get(at)?)?;
            cut.push((syllable, letters));
            at = at.saturating_add(letters);
        }
        Some(cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(word: &str) -> Option<Vec<usize>> {
        syllables().cut(word.as_bytes()).map(|cut| cut.into_iter().map(|(_, letters)| letters).collect())
    }

    #[test]
    fn words_are_cut_into_syllables_or_are_none() {
        assert_eq!(cut("daikaifapiao"), Some(vec![3, 3, 2, 4]));
        assert_eq!(cut("xian"), Some(vec![4]));
        assert_eq!(cut("fangan"), Some(vec![4, 2]));
        assert_eq!(cut("lv"), Some(vec![2]));
        for word in ["", "the", "hello", "street", "q", "dada", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] {
            assert_eq!(cut(word).is_some(), word == "dada", "{word}");
        }
    }

    #[test]
    fn characters_that_sound_the_same_have_one_syllable() {
        let all = syllables();
        assert!((380..480).contains(&all.count()), "{}", all.count());
        assert_eq!(all.of('马'), all.of('妈'));
        assert_eq!(all.of('a'), None);
        assert_eq!(all.of('马').map(|syllable| all.text(syllable)), Some("ma"));
    }
}
