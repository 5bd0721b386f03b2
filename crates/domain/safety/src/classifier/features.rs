//! What a text is scored by: hashes of the pieces of text that end at each character.
//!
//! - scripts without spaces, Han above all: the last 1 to 3 characters, and the last 1 to 3 syllables of Mandarin, which
//!   homophones share and which no space between the characters breaks;
//! - scripts with spaces: the last 4 characters, and at the end of a word the last 1 to 3 words;
//! - signs: alone, and with the character before them.
//!
//! Digits are read as one digit, so that numbers of one length are one number. A text of `n` such features scores the sum
//! of their weights over the root of `n`; each counts once in a passage ([`super::seen`]).

use super::syllables::syllable;
use crate::class;

/// Goes into each model: raise it when a text has other features than before.
pub(super) const VERSION: u32 = 2;

/// What is remembered of a text for the features to come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Window {
    /// The hashes of the pieces that end at the last character, the shortest first.
    pieces: [u64; 3],
    syllables: [u64; 2],
    /// The word being read, and the two before it. 0 where there is none.
    word: u64,
    words: [u64; 2],
    /// The last character was a space or nothing: another space says nothing new.
    is_apart: bool,
}

/// The kinds of features, so that those of one kind are not taken for those of another.
mod salt {
    pub(super) const PIECE: u64 = 0x9E37_79B9_7F4A_7C15;
    pub(super) const SYLLABLE: u64 = 0x51ED_270B_9F4A_7C15;
    pub(super) const WORD: u64 = 0xC2B2_AE3D_27D4_EB4F;
}

#[inline]
const fn mix(hash: u64, next: u64) -> u64 {
    let hash = (hash ^ next).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    hash ^ (hash >> 32)
}

impl Window {
    /// Before the first character.
    pub(super) fn new() -> Self {
        Self { is_apart: true, ..Self::default() }
    }

    /// Takes a normalised character and gives the features that end with it.
    #[inline]
    pub(super) fn push(&mut self, c: char, feature: &mut impl FnMut(u64)) {
        if class::is_word(c) {
            let c = if c.is_ascii_digit() { '0' } else { c };
            self.is_apart = false;
            self.syllables = [0; 2];
            self.word = mix(self.word ^ salt::WORD, u64::from(c));
            let [_, _, _, four] = self.step(c);
            feature(four);
        } else if c.is_whitespace() {
            self.end_word(feature);
            if !self.is_apart {
                self.step(' ');
                self.is_apart = true;
            }
        } else {
            self.end_word(feature);
            self.is_apart = false;
            let [one, two, three, _] = self.step(c);
            feature(one);
            feature(two);
            if c.is_alphanumeric() {
                feature(three);
                self.words = [0; 2];
                self.syllable(c, feature);
            } else {
                self.syllables = [0; 2];
            }
        }
    }

    /// The text or a passage of it ends: what is still to say about its last word.
    pub(super) fn finish(&self, feature: &mut impl FnMut(u64)) {
        self.clone().end_word(feature);
    }

    /// The pieces of 1 to 4 characters that end with `c`.
    #[inline]
    fn step(&mut self, c: char) -> [u64; 4] {
        let c = u64::from(c).wrapping_mul(salt::PIECE);
        let [one, two, three] = self.pieces;
        // A piece is hashed from its first character on: each of those that ended before grows by one.
        let pieces = [mix(salt::PIECE, c), mix(one, c), mix(two, c), mix(three, c)];
        let [one, two, three, _] = pieces;
        self.pieces = [one, two, three];
        pieces
    }

    #[inline]
    fn syllable(&mut self, c: char, feature: &mut impl FnMut(u64)) {
        let Some(syllable) = syllable(c) else {
            self.syllables = [0; 2];
            return;
        };
        let syllable = u64::from(syllable);
        let [one, two] = self.syllables;
        let first = mix(salt::SYLLABLE, syllable);
        feature(first);
        let second = mix(one, syllable);
        if one != 0 {
            feature(second);
        }
        if two != 0 {
            feature(mix(two, syllable));
        }
        self.syllables = [first, if one == 0 { 0 } else { second }];
    }

    #[inline]
    fn end_word(&mut self, feature: &mut impl FnMut(u64)) {
        if self.word == 0 {
            return;
        }
        let word = std::mem::take(&mut self.word);
        let [last, before] = self.words;
        feature(word);
        if last != 0 {
            let two = mix(last, word);
            feature(two);
            if before != 0 {
                feature(mix(mix(before, last), word));
            }
        }
        self.words = [word, last];
    }
}
