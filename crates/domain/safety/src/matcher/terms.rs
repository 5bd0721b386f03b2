//! The terms of all lexicons, compiled. They do not change; what changes is a delta over them.

use super::kinds::{Kinds, Meaning};
use crate::Channel;
use crate::automaton::{Automaton, AutomatonError, Sides};
use crate::bytes::{Reader, Writer};
use crate::class::is_word;
use crate::lexicon::TERM_CHARS_MAX;

/// A normalised text that is looked for, and what is to be known when it ends somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Term {
    /// The number of its set of kinds.
    pub(crate) set: u32,
    pub(crate) chars: u8,
    pub(super) bounds: Bounds,
    /// Where some allowed phrase holds it.
    pub(crate) within: Sides,
    /// Where it counts: as a term, or as an allowed phrase that holds one.
    pub(crate) live: Sides,
}

/// Which ends of a term must not continue a word: a set of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds(u8);

const FIRST: u8 = 1;
const LAST: u8 = 2;

/// The automaton and, by the numbers of its patterns, the terms.
#[derive(Debug, Clone, Default)]
pub(crate) struct Terms {
    pub(crate) automaton: Automaton,
    pub(crate) terms: Vec<Term>,
    pub(crate) kinds: Kinds,
    pub(crate) allowed: AllowedPhrases,
}

/// The texts of the terms that some kind makes an allowed phrase, for when terms change inside them.
#[derive(Debug, Clone, Default)]
pub(crate) struct AllowedPhrases {
    texts: String,
    /// Where each ends in `texts`, and its number.
    ends: Vec<(usize, u32)>,
}

impl AllowedPhrases {
    fn push(&mut self, text: &str, number: u32) {
        self.texts.push_str(text);
        self.ends.push((self.texts.len(), number));
    }

    /// Text and number of each.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|(end, _)| *end));
        starts
            .zip(&self.ends)
            .filter_map(|(start, (end, number))| Some((self.texts.get(start..*end)?, *number)))
    }
}

impl Term {
    /// A term that counts nowhere yet.
    pub(crate) fn new(text: &str, set: u32) -> Self {
        let bound = |c: Option<char>, end: u8| if c.is_some_and(is_word) { end } else { 0 };
        let first = bound(text.chars().next(), FIRST);
        let last = bound(text.chars().next_back(), LAST);
        Self {
            set,
            // A term has at most 64 characters.
            chars: u8::try_from(text.chars().count()).unwrap_or(u8::MAX),
            bounds: Bounds(first | last),
            within: Sides::NONE,
            live: Sides::NONE,
        }
    }

    /// Whether the character before it must be no word character.
    pub(crate) const fn is_bounded_before(self) -> bool {
        self.bounds.0 & FIRST != 0
    }

    /// Whether the character behind it must be no word character.
    pub(crate) const fn is_bounded_behind(self) -> bool {
        self.bounds.0 & LAST != 0
    }
}

// Of a million terms each byte is a megabyte.
const _: () = assert!(size_of::<Term>() == 8);

impl Term {
    const BYTES: usize = 8;

    fn to_bytes(self) -> [u8; Self::BYTES] {
        let [a, b, c, d] = self.set.to_le_bytes();
        [a, b, c, d, self.chars, self.bounds.0, self.within.bits(), self.live.bits()]
    }

    fn from_bytes(bytes: [u8; Self::BYTES]) -> Option<Self> {
        let [a, b, c, d, chars, bounds, within, live] = bytes;
        let is_sound = (1..=TERM_CHARS_MAX).contains(&usize::from(chars)) && bounds <= FIRST | LAST;
        let set = u32::from_le_bytes([a, b, c, d]);
        let (within, live) = (Sides::from_bits(within)?, Sides::from_bits(live)?);
        is_sound.then_some(Self { set, chars, bounds: Bounds(bounds), within, live })
    }
}

impl AllowedPhrases {
    fn write(&self, writer: &mut Writer) {
        writer.count(self.ends.len());
        for (text, number) in self.iter() {
            writer.text(text);
            writer.number(number);
        }
    }

    fn read(reader: &mut Reader<'_>, terms: usize) -> Option<Self> {
        let mut phrases = Self::default();
        for _ in 0..reader.number()? {
            let text = reader.text()?;
            let number = reader.number().filter(|number| (*number as usize) < terms)?;
            phrases.push(text, number);
        }
        Some(phrases)
    }
}

impl Terms {
    pub(crate) fn write(&self, writer: &mut Writer) {
        self.kinds.write(writer);
        writer.count(self.terms.len());
        for term in &self.terms {
            writer.0.extend_from_slice(&term.to_bytes());
        }
        self.automaton.write(writer);
        self.allowed.write(writer);
    }

    /// Reads terms; none where the bytes are of no terms.
    pub(crate) fn read(reader: &mut Reader<'_>, channel: Channel) -> Option<Self> {
        let kinds = Kinds::read(reader, channel)?;
        let terms: Vec<Term> = reader.records(Term::from_bytes)?;
        if terms.iter().any(|term| term.set as usize >= kinds.sets().len()) {
            return None;
        }
        let automaton = Automaton::read(reader, u32::try_from(terms.len()).ok()?)?;
        let allowed = AllowedPhrases::read(reader, terms.len())?;
        Some(Self { automaton, terms, kinds, allowed })
    }

    /// Compiles texts, sorted and different, each with the number of its set of `kinds`.
    pub(crate) fn build(
        texts: &[(&str, u32)],
        kinds: Kinds,
        meanings: &[Meaning],
    ) -> Result<Self, AutomatonError> {
        let patterns: Vec<&str> = texts.iter().map(|(text, _)| *text).collect();
        let mut automaton = Automaton::build(&patterns)?;
        let meaning = |set: u32| meanings.get(set as usize);
        let mut terms: Vec<Term> = texts.iter().map(|(text, set)| Term::new(text, *set)).collect();
        for term in &mut terms {
            term.live = meaning(term.set).map_or(Sides::NONE, |meaning| meaning.terms);
        }
        let mut allowed = AllowedPhrases::default();
        for ((text, set), number) in texts.iter().zip(0_u32..) {
            let Some(on) = meaning(*set).map(|meaning| meaning.allowed).filter(|on| *on != Sides::NONE)
            else {
                continue;
            };
            allowed.push(text, number);
            // A phrase that holds no term exempts nothing; to wait for it would only hold text back.
            let mut holds = Sides::NONE;
            let mut state = automaton.start();
            for c in text.chars() {
                state = automaton.next(state, c);
                for inner in automaton.outputs(state) {
                    let Some(inner) = terms.get_mut(inner as usize) else { continue };
                    let shared = meaning(inner.set).map_or(Sides::NONE, |meaning| meaning.terms.and(on));
                    inner.within = inner.within.or(shared);
                    holds = holds.or(shared);
                }
            }
            if let Some(phrase) = terms.get_mut(number as usize) {
                phrase.live = phrase.live.or(holds);
            }
        }
        for ((text, _), term) in texts.iter().zip(&terms) {
            automaton.extend(text, term.live);
        }
        Ok(Self { automaton, terms, kinds, allowed })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    #[inline]
    pub(crate) fn term(&self, number: u32) -> Option<Term> {
        self.terms.get(number as usize).copied()
    }
}
