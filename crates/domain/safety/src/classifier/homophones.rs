//! Disguising a text by homophones, to measure what that costs a model.

use std::collections::HashMap;

use super::{syllables::syllable, train::Shuffle};

/// The characters in use for each syllable.
#[derive(Debug, Clone, Default)]
pub struct Homophones {
    characters: HashMap<u32, Vec<char>>,
}

impl Homophones {
    /// Those among the characters of `texts`: a disguise in characters that nobody writes would be none.
    #[must_use]
    pub fn among<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut used: Vec<char> = texts.into_iter().flat_map(str::chars).collect();
        used.sort_unstable();
        used.dedup();
        let mut characters: HashMap<u32, Vec<char>> = HashMap::new();
        for (c, syllable) in used.into_iter().filter_map(|c| Some((c, syllable(c)?))) {
            characters.entry(syllable).or_default().push(c);
        }
        Self { characters }
    }

    /// The text with about `percent` of its characters replaced.
    #[must_use]
    pub fn disguise(&self, text: &str, percent: usize, seed: u64) -> String {
        let mut shuffle = Shuffle(seed);
        text.chars()
            .map(|c| {
                let others = syllable(c).and_then(|syllable| self.characters.get(&syllable));
                match others {
                    Some(others) if shuffle.below(100) < percent => {
                        others.get(shuffle.below(others.len())).copied().unwrap_or(c)
                    }
                    _ => c,
                }
            })
            .collect()
    }
}
