//! Terms by their sound: other characters that sound the same (`呆开发飘`), Pinyin (`daikaifapiao`), one in place of the
//! other (`代kai发票`).
//!
//! What sounds the same is often something else, so that a hit is a hint and never blocks, masks or holds anything back. A
//! term counts by sound from three syllables on; of two, one must be the very character and the other be spelled. One
//! reading of each character is known, without its tone.
//!
//! Only prompts are listened to: people write so to get past a check, and a model that is asked in plain words answers in
//! plain words.

mod listener;
mod sounds;
mod syllables;

pub(crate) use listener::{Listener, SoundHit};
pub(crate) use sounds::Sounds;

use terms::Direction;

use syllables::syllables;

/// The texts that are listened to.
pub(crate) const DIRECTION: Direction = Direction::Input;

/// The syllables of a term at least that is found by sound alone.
const SYLLABLES_LEAST: usize = 3;

/// Where syllables stand as characters of patterns: private ones, which stand for nothing in a text.
const SOUND: u32 = 0xF_0000;
const SPELLED: u32 = 0xF_8000;

fn as_pattern(base: u32, syllable: u16) -> char {
    // INVARIANT: there are a few hundred syllables, so that this is a private character.
    char::from_u32(base.saturating_add(u32::from(syllable))).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// What a term is looked for by: its sound, or for two characters each of them with the other spelled.
pub(crate) fn forms(term: &str) -> Vec<String> {
    let syllables = syllables();
    let heard: Option<Vec<u16>> = term.chars().map(|c| syllables.of(c)).collect();
    let Some(heard) = heard else { return Vec::new() };
    if heard.len() >= SYLLABLES_LEAST {
        return vec![heard.into_iter().map(|syllable| as_pattern(SOUND, syllable)).collect()];
    }
    let mut chars = term.chars();
    match (chars.next(), chars.next(), heard.as_slice()) {
        (Some(first), Some(second), [before, behind]) => vec![
            [first, as_pattern(SPELLED, *behind)].into_iter().collect(),
            [as_pattern(SPELLED, *before), second].into_iter().collect(),
        ],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_private_but_for_the_character_beside_a_spelled_one() {
        assert_eq!(forms("代开发票"), forms("呆开发飘"));
        assert_ne!(forms("代开发票"), forms("代开发"));
        assert_eq!(forms("枪支").len(), 2);
        assert!(forms("枪支")[0].starts_with('枪') && forms("枪支")[1].ends_with('支'));
        assert!(forms("k粉").is_empty() && forms("枪").is_empty() && forms("gun").is_empty());
    }
}
