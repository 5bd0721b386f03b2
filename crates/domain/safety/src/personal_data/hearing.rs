//! What the words before a place say: how a stream remembers them.

use crate::automaton::State;
use crate::class::{is_local_start, is_word};

use super::words::{Class, Effect, Near, Words};

/// How many characters a word may stand before the shape that it speaks of.
pub(super) const NEAR_CHARS_MAX: u32 = 16;
/// The longest word that must not continue another one has 11 characters.
const RUN_MAX: u8 = 16;

/// From here on no character is of a word with boundaries, nor the beginning of one of ours unless it is listed.
pub(super) const NO_WORD_FROM: char = '\u{0E00}';

/// Whether a word may go on with `c`, as those that announce something see it.
#[inline]
pub(super) fn is_of_word(c: char) -> bool {
    is_word(c) || matches!(c, '_' | '-')
}

/// The words heard so far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hearing {
    state: State,
    /// How many characters there have been, modulo 2^32.
    count: u32,
    /// For each [`Near`]: how many there had been at the end of its last word; 0 for none.
    near: [u32; 6],
    /// How many of the last characters may belong to one word, with `_` and `-`.
    run: u8,
    /// The last character heard is the province of a number plate.
    pub(super) is_province: bool,
    /// A word that announces something ended with the last character.
    announced: Option<Class>,
    /// The two last characters.
    pub(super) last: char,
    pub(super) second_last: char,
}

impl Default for Hearing {
    fn default() -> Self {
        let (last, second_last) = ('\n', '\n');
        Self {
            state: State::START,
            count: 0,
            near: [0; 6],
            run: 0,
            is_province: false,
            announced: None,
            last,
            second_last,
        }
    }
}

/// Everything that counts of the words heard: equal where whatever comes next is heard alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Context {
    state: State,
    distances: [u32; 6],
    run: u8,
    last: (char, char),
}

impl Hearing {
    /// Hears a character; tells whether a detector can begin with it. [`Hearing::pass`] comes after it.
    #[inline]
    pub(super) fn hear(&mut self, words: &Words, c: char) -> bool {
        self.count = self.count.wrapping_add(1);
        self.is_province = false;
        self.state = words.next(self.state, c);
        if self.state == State::START && c >= NO_WORD_FROM {
            // Most of a Chinese text: no word of ours, and no letter.
            self.run = 0;
            return false;
        }
        self.run = if is_of_word(c) { self.run.saturating_add(1).min(RUN_MAX) } else { 0 };
        let begins = is_local_start(c);
        if self.state != State::START && words.has_outputs(self.state) {
            return self.note(words) || begins;
        }
        begins
    }

    /// Hears a character of a run, where no detector begins with it and it ends no announcement; tells whether it did. Of one
    /// that `passes` it is known that nothing comes of what begins with it. One that is not loud is of no word, and none of
    /// ours begins with it. [`Hearing::follow`] comes after the run.
    #[inline]
    pub(super) fn goes_past(&mut self, words: &Words, (is_loud, passes): (bool, bool), c: char) -> bool {
        if is_loud || self.state != State::START {
            let mut heard = *self;
            if (heard.hear(words, c) && !passes) || !heard.is_quiet() {
                return false;
            }
            *self = heard;
        } else {
            self.skip(1);
        }
        true
    }

    /// Whether no word of ours has begun.
    #[inline]
    pub(crate) fn is_still(&self) -> bool {
        self.state == State::START
    }

    /// Hears so many characters of a run while it is still, of which none is of a word and nothing has come.
    #[inline]
    const fn skip(&mut self, count: u32) {
        self.count = self.count.wrapping_add(count);
        self.is_province = false;
        self.run = 0;
    }

    /// The same, where the last of them is `last`, with which a word of ours may begin.
    #[inline]
    pub(super) fn skip_to(&mut self, words: &Words, count: u32, last: char) {
        self.skip(count);
        self.state = words.next(State::START, last);
    }

    /// The characters that were heard are now the last ones, from the end.
    pub(super) fn follow(&mut self, mut last: impl Iterator<Item = char>) {
        if let Some(c) = last.next() {
            self.second_last = last.next().unwrap_or(self.last);
            self.last = c;
        }
    }

    /// The character that was heard is now the last one.
    #[inline]
    pub(super) const fn pass(&mut self, c: char) {
        self.second_last = self.last;
        self.last = c;
    }

    /// Whether a word that says so ended so near before what comes next that it may count for it.
    pub(super) fn has_heard(&self, near: Near) -> bool {
        let at = self.near.get(near as usize).copied().unwrap_or_default();
        at != 0 && self.count.wrapping_sub(at) <= NEAR_CHARS_MAX
    }

    /// What was announced with the last character.
    pub(super) const fn take_announced(&mut self) -> Option<Class> {
        self.announced.take()
    }

    pub(super) const fn is_quiet(&self) -> bool {
        self.announced.is_none()
    }

    /// Whether a word that says so ended at most `chars_max` characters, [`NEAR_CHARS_MAX`] at most, before the one that
    /// was just heard.
    pub(super) fn is_near(&self, near: Near, chars_max: u32) -> bool {
        let before = self.count.wrapping_sub(1);
        let at = self.near.get(near as usize).copied().unwrap_or_default();
        at != 0 && before.wrapping_sub(at) <= chars_max
    }

    pub(super) fn context(&self) -> Context {
        let distance = |at: u32| match self.count.wrapping_sub(at) {
            distance if at != 0 && distance <= NEAR_CHARS_MAX => distance,
            _ => u32::MAX,
        };
        Context {
            state: self.state,
            distances: self.near.map(distance),
            run: self.run,
            last: (self.second_last, self.last),
        }
    }

    #[cold]
    fn note(&mut self, words: &Words) -> bool {
        let mut begins = false;
        for (length, effect) in words.effects(self.state) {
            match effect {
                Effect::Near(near) => {
                    if let Some(at) = self.near.get_mut(near as usize) {
                        *at = self.count.max(1);
                    }
                }
                Effect::Announce(class, is_bounded) => {
                    let is_heard = !is_bounded || usize::from(self.run) == length;
                    if is_heard && self.announced.is_none() {
                        self.announced = Some(class);
                    }
                }
                Effect::Province => (begins, self.is_province) = (true, true),
                Effect::Numeral => begins = true,
            }
        }
        begins
    }
}
