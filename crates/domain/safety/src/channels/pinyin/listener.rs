//! Listening to a text: what it sounds like, syllable by syllable.

use super::sounds::Sounds;
use super::syllables::LETTERS_MAX;
use super::{SOUND, SPELLED, as_pattern};
use crate::automaton::Sides;
use crate::matcher::{Matcher, Term, Walk};
use crate::normalise::{Class, Symbol};

/// The separators at most between two syllables.
const GAP_MAX: u8 = 2;

/// The number of no syllable.
const NOTHING: u16 = u16::MAX;

/// A syllable in the text.
#[derive(Debug, Clone, Copy)]
struct Heard {
    syllable: u16,
    /// The character; none where the syllable is spelled.
    ch: Option<char>,
    start: usize,
    end: usize,
}

/// A term found by its sound: bytes `start..end`.
#[derive(Debug, Clone)]
pub(crate) struct SoundHit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) rule: u32,
    /// What stands there: characters, and syllables in letters.
    pub(crate) read: Box<[(char, usize, usize)]>,
}

/// What is remembered of a text.
#[derive(Debug, Clone)]
pub(crate) struct Listener {
    side: Sides,
    /// What was skipped since the last syllable.
    gap: u8,
    /// Of the last syllable its number, or [`NOTHING`], and whether it is spelled.
    syllable: u16,
    is_spelled: bool,
    /// A term may have begun.
    is_on: bool,
    last: Heard,
    /// All since a term may have begun.
    heard: Vec<Heard>,
    /// Where the automaton stands, while a term may have begun.
    walk: Option<Walk>,
    /// The letters of a word that is not over, each with where it starts and ends.
    word: Vec<(u8, usize, usize)>,
}

impl Listener {
    pub(crate) const fn new(side: Sides) -> Self {
        let last = Heard { syllable: NOTHING, ch: None, start: 0, end: 0 };
        Self {
            side,
            gap: 0,
            syllable: NOTHING,
            is_spelled: false,
            is_on: false,
            last,
            heard: Vec::new(),
            walk: None,
            word: Vec::new(),
        }
    }

    /// Takes a normalised character. `strict` are the terms as they are written.
    #[inline]
    pub(crate) fn hear(
        &mut self,
        sounds: &Sounds,
        strict: &Matcher,
        symbol: Symbol,
        (start, end): (usize, usize),
        hits: &mut Vec<SoundHit>,
    ) {
        let ch = symbol.ch();
        if let Some(syllable) = sounds.syllables.of(ch) {
            if !self.word.is_empty() {
                self.end_word(sounds, strict, hits);
            }
            self.take(sounds, strict, Heard { syllable, ch: Some(ch), start, end }, hits);
        } else if ch.is_ascii_lowercase() {
            // One more than are read, so that a longer word is known to be one.
            if self.word.len() <= LETTERS_MAX {
                self.word.push((ch as u8, start, end));
            }
        } else {
            if !self.word.is_empty() {
                self.end_word(sounds, strict, hits);
            }
            self.gap = self.gap.saturating_add(1);
            if self.gap > GAP_MAX || ch == '\n' || !symbol.class().any(Class::SEPARATOR) {
                self.forget();
            }
        }
    }

    /// No more comes.
    pub(crate) fn finish(&mut self, sounds: &Sounds, strict: &Matcher, hits: &mut Vec<SoundHit>) {
        self.end_word(sounds, strict, hits);
    }

    fn forget(&mut self) {
        (self.syllable, self.is_spelled) = (NOTHING, false);
        self.walk = None;
        self.is_on = false;
        self.heard.clear();
    }

    fn end_word(&mut self, sounds: &Sounds, strict: &Matcher, hits: &mut Vec<SoundHit>) {
        let mut letters = [0_u8; LETTERS_MAX];
        for (slot, (letter, ..)) in letters.iter_mut().zip(&self.word) {
            *slot = *letter;
        }
        let cut = letters.get(..self.word.len()).and_then(|letters| sounds.syllables.cut(letters));
        match cut {
            Some(cut) => self.take_word(&cut, sounds, strict, hits),
            None => self.forget(),
        }
        self.word.clear();
    }

    #[cold]
    fn take_word(
        &mut self,
        cut: &[(u16, usize)],
        sounds: &Sounds,
        strict: &Matcher,
        hits: &mut Vec<SoundHit>,
    ) {
        let word = std::mem::take(&mut self.word);
        let mut at = 0_usize;
        for &(syllable, count) in cut {
            let last = at.saturating_add(count).saturating_sub(1);
            if let (Some(first), Some(last)) = (word.get(at), word.get(last)) {
                self.take(sounds, strict, Heard { syllable, ch: None, start: first.1, end: last.2 }, hits);
            }
            at = at.saturating_add(count);
        }
        self.word = word;
    }

    /// Takes a syllable. The last one is looked at by its number alone where no term may go on, for it was written just now,
    /// and to read all of it back would have to wait for that.
    #[inline]
    fn take(&mut self, sounds: &Sounds, strict: &Matcher, heard: Heard, hits: &mut Vec<SoundHit>) {
        self.gap = 0;
        let is_on = self.is_on | (self.is_spelled != heard.ch.is_none());
        if is_on || sounds.begin(self.syllable, heard.syllable) {
            self.take_on(sounds, strict, heard, hits);
        }
        (self.syllable, self.is_spelled, self.last) = (heard.syllable, heard.ch.is_none(), heard);
    }

    #[cold]
    fn take_on(&mut self, sounds: &Sounds, strict: &Matcher, heard: Heard, hits: &mut Vec<SoundHit>) {
        if self.syllable == NOTHING {
            return;
        }
        let before = self.last;
        if before.ch.is_some() != heard.ch.is_some() {
            self.find_pair(sounds, before, heard, hits);
        }
        if self.walk.is_some() || sounds.begin(before.syllable, heard.syllable) {
            self.go_on(sounds, strict, before, heard, hits);
        }
        self.is_on = self.walk.is_some();
    }

    fn go_on(
        &mut self,
        sounds: &Sounds,
        strict: &Matcher,
        before: Heard,
        heard: Heard,
        hits: &mut Vec<SoundHit>,
    ) {
        let walk = self.walk.unwrap_or_else(|| {
            sounds.matcher.after(Walk::new(self.side), as_pattern(SOUND, before.syllable))
        });
        if self.heard.is_empty() {
            self.heard.push(before);
        }
        let walk = sounds.matcher.after(walk, as_pattern(SOUND, heard.syllable));
        self.heard.push(heard);
        for term in sounds.matcher.ending(walk) {
            let from = self.heard.len().checked_sub(usize::from(term.chars));
            let spots = from.and_then(|from| self.heard.get(from..)).unwrap_or_default();
            if !spots.is_empty() && !is_written(strict, self.side, spots) {
                self.hit(sounds, term, spots, hits);
            }
        }
        if walk.depth() < 2 {
            self.walk = None;
            self.heard.clear();
        } else {
            self.walk = Some(walk);
            // INVARIANT: a walk is as deep as the longest term at most, so that what is remembered is bounded.
            self.heard.drain(..self.heard.len().saturating_sub(walk.depth()));
        }
    }

    fn find_pair(&self, sounds: &Sounds, before: Heard, heard: Heard, hits: &mut Vec<SoundHit>) {
        let mut walk = Walk::new(self.side);
        for one in [before, heard] {
            let ch = one.ch.unwrap_or_else(|| as_pattern(SPELLED, one.syllable));
            walk = sounds.matcher.after(walk, ch);
        }
        for term in sounds.matcher.ending(walk).into_iter().filter(|term| term.chars == 2) {
            self.hit(sounds, term, &[before, heard], hits);
        }
    }

    fn hit(&self, sounds: &Sounds, term: Term, spots: &[Heard], hits: &mut Vec<SoundHit>) {
        let (Some(first), Some(last)) = (spots.first(), spots.last()) else { return };
        let read: Box<[(char, usize, usize)]> = spots
            .iter()
            .flat_map(|heard| {
                let spelled = if heard.ch.is_none() { sounds.syllables.text(heard.syllable) } else { "" };
                heard.ch.into_iter().chain(spelled.chars()).map(|ch| (ch, heard.start, heard.end))
            })
            .collect();
        let rules = sounds.matcher.meaning(term).map_or(&[][..], |meaning| meaning.rules_on(self.side));
        let (start, end) = (first.start, last.end);
        hits.extend(rules.iter().map(|&rule| SoundHit { start, end, rule, read: read.clone() }));
    }
}

/// Whether a term stands there as it is written, which the other readings find.
fn is_written(strict: &Matcher, side: Sides, spots: &[Heard]) -> bool {
    let mut walk = Walk::new(side);
    for heard in spots {
        let Some(ch) = heard.ch else { return false };
        walk = strict.after(walk, ch);
    }
    strict.ending(walk).iter().any(|term| usize::from(term.chars) == spots.len())
}
