//! What nearly every character of a text is: one with which nothing begins but perhaps a term.
//!
//! A table over the basic plane says of each original character in one number whether that is so, and which code its
//! normalised form has in the automaton of the terms. So the text between two characters of which more is to be known is gone
//! over by one look-up and one step each, without folding, classes, detectors and patterns.
//!
//! Some characters are quiet where the next one says so: what begins with the first of two and nothing else (a character in
//! parts, a word that announces something), and separators behind the beginning of a term that goes on with nothing behind
//! them. They are gone past only where that character is known, and is quiet too.
//!
//! All this only says less than the readings themselves: they would come to the same end.

use std::collections::BTreeSet;

use terms::Direction;

use crate::automaton::{Automaton, CODE_MAX, Spot};
use crate::channels::{Parting, parting};
use crate::class::is_word;
use crate::matcher::{Matcher, Walk};
use crate::normalise::{Folded, Table, table};
use crate::pattern::Patterns;
use crate::personal_data;
use crate::stream::is_of_base64;

/// The quiet characters of an engine.
#[derive(Debug, Clone, Default)]
pub(crate) struct Quiet {
    /// For each character of the basic plane its code with the flags below. Empty: none is quiet.
    entries: Vec<u32>,
    /// By [`hash`] whether two characters may begin something together.
    pairs: Vec<u64>,
}

/// It separates: readings may part from the strict one with it behind the beginning of a term.
const GAP: u32 = CODE_MAX.wrapping_add(1);
/// Something begins with it that the next character decides about.
const FIRST: u32 = GAP << 1;
/// It becomes another character, which is the second of a pair.
const HIDDEN: u32 = GAP << 2;
/// More is to be known of it in answers.
const LOUD_IN_OUTPUT: u32 = GAP << 3;
/// And in prompts.
const LOUD_IN_INPUT: u32 = GAP << 4;
const LOUD: u32 = LOUD_IN_OUTPUT | LOUD_IN_INPUT;

const PLANE: u32 = 0x1_0000;
/// With some 5,000 pairs one of 13 looks like one of them that is none.
const PAIR_BITS: u32 = 16;
/// More separators are left to the readings.
const SEPARATORS_MAX: usize = 4;

/// How far quiet characters go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stretch {
    pub(crate) bytes: usize,
    pub(crate) chars: u32,
    pub(crate) walk: Walk,
    /// The last of them; it becomes itself wherever that counts.
    pub(crate) last: char,
}

/// The quiet characters of one direction, with the automaton that goes over them.
#[derive(Clone, Copy)]
struct Ear<'a> {
    quiet: &'a Quiet,
    automaton: &'a Automaton,
    loud: u32,
}

impl Quiet {
    /// The quiet characters where these terms are looked for, and these patterns in prompts and in answers.
    pub(crate) fn of(matcher: Option<&Matcher>, input: Option<&Patterns>, output: Option<&Patterns>) -> Self {
        let mut sources = Sources { table: table(), matcher, input, output, seconds: BTreeSet::new() };
        let mut pairs = vec![0; 1 << (PAIR_BITS - 6)];
        let parts = matcher.into_iter().flat_map(|matcher| matcher.first_parts.pairs());
        for (first, second) in parts.chain(personal_data::pairs()) {
            sources.seconds.insert(second);
            let (word, bit) = place(u32::from(first), u32::from(second));
            if let Some(word) = pairs.get_mut(word) {
                *word |= bit;
            }
        }
        let entry = |code: u32| char::from_u32(code).map_or(LOUD, |c| sources.entry(c));
        Self { entries: (0..PLANE).map(entry).collect(), pairs }
    }

    /// Goes over the quiet characters that `text` begins with, while nothing is pending but the beginning of a term. None of
    /// them ends a term, and nothing that began with them but a term may go on.
    #[inline(never)]
    pub(crate) fn glide(
        &self,
        direction: Direction,
        matcher: Option<&Matcher>,
        walk: Walk,
        text: &str,
    ) -> Stretch {
        static NO_TERMS: Automaton = Automaton::EMPTY;
        let automaton = matcher.map_or(&NO_TERMS, |matcher| &matcher.terms.automaton);
        let loud = match direction {
            Direction::Input => LOUD_IN_INPUT,
            Direction::Output => LOUD_IN_OUTPUT,
        };
        let ear = Ear { quiet: self, automaton, loud };
        let mut spot = automaton.spot(walk.base());
        let (mut rest, mut chars, mut last) = (text.as_bytes(), 0_u32, 0_u32);
        // What a step needs of its character is looked up while the step before it goes on.
        let mut next = ear.hear(rest);
        while let Some(heard) = next {
            next = ear.hear(heard.behind);
            if heard.entry > CODE_MAX && !ear.is_quiet(spot, heard, next) {
                break;
            }
            let to = automaton.hop(spot, heard.entry & CODE_MAX, heard.first);
            if to.has_outputs() {
                break;
            }
            (spot, rest, last) = (to, heard.behind, heard.char);
            chars = chars.saturating_add(1);
        }
        let walk = matcher.map_or(walk, |matcher| matcher.at(walk, spot.state()));
        let bytes = text.len().saturating_sub(rest.len());
        Stretch { bytes, chars, walk, last: char::from_u32(last).unwrap_or_default() }
    }

    #[inline]
    fn entry(&self, code: u32) -> u32 {
        self.entries.get(code as usize).copied().unwrap_or(LOUD)
    }

    /// Whether two characters may begin something together.
    #[inline]
    fn is_pair(&self, first: u32, second: u32) -> bool {
        let (word, bit) = place(first, second);
        self.pairs.get(word).is_none_or(|word| word & bit != 0)
    }
}

/// A character with what is known of it alone.
#[derive(Clone, Copy)]
struct Heard<'t> {
    char: u32,
    entry: u32,
    /// Where it leads when nothing is pending.
    first: Spot,
    /// The text after it.
    behind: &'t [u8],
}

impl Ear<'_> {
    #[inline]
    fn hear<'t>(&self, text: &'t [u8]) -> Option<Heard<'t>> {
        let (char, behind) = decode(text)?;
        let entry = self.quiet.entry(char);
        Some(Heard { char, entry, first: self.automaton.first(entry & CODE_MAX), behind })
    }

    /// Whether a character with flags is quiet behind what is pending at `spot`, and before `next`.
    #[inline]
    fn is_quiet(self, spot: Spot, heard: Heard<'_>, next: Option<Heard<'_>>) -> bool {
        if heard.entry & self.loud != 0 {
            return false;
        }
        if heard.entry & GAP != 0 {
            return spot.is_start() || self.is_over(spot, heard, next);
        }
        heard.entry & FIRST == 0 || self.is_alone(heard, next)
    }

    /// Whether nothing begins with a character that the next one decides about.
    #[inline]
    fn is_alone(self, heard: Heard<'_>, next: Option<Heard<'_>>) -> bool {
        next.is_some_and(|next| {
            next.entry & (self.loud | HIDDEN) == 0 && !self.quiet.is_pair(heard.char, next.char)
        })
    }

    /// Whether what is pending at `spot` goes on with nothing behind a separator and those that follow it.
    fn is_over(self, spot: Spot, separator: Heard<'_>, next: Option<Heard<'_>>) -> bool {
        let hop =
            |from: Spot, heard: Heard<'_>| self.automaton.hop(from, heard.entry & CODE_MAX, heard.first);
        let goes_on = |heard: Heard<'_>| hop(spot, heard).depth() > 1;
        let (mut separator, mut next, mut strict) = (separator, next, spot);
        if self.hear(b" ").is_none_or(goes_on) {
            return false;
        }
        for _ in 0..SEPARATORS_MAX {
            if goes_on(separator) {
                return false;
            }
            strict = hop(strict, separator);
            let Some(heard) = next.filter(|heard| heard.entry & self.loud == 0) else { return false };
            next = self.hear(heard.behind);
            if heard.entry & GAP == 0 {
                // With its first part a character may go on that stands in parts; with the second that is decided, so that
                // nothing else must be found before.
                let is_alone = heard.entry & FIRST == 0
                    || (self.is_alone(heard, next) && !hop(strict, heard).has_outputs());
                return is_alone && !goes_on(heard);
            }
            if !strict.is_start() {
                return false;
            }
            separator = heard;
        }
        false
    }
}

/// What makes characters quiet or loud.
struct Sources<'a> {
    table: &'a Table,
    matcher: Option<&'a Matcher>,
    input: Option<&'a Patterns>,
    output: Option<&'a Patterns>,
    /// The second characters of all pairs.
    seconds: BTreeSet<char>,
}

impl Sources<'_> {
    /// What there is to be known of a character.
    fn entry(&self, c: char) -> u32 {
        let Folded::One(symbol) = self.table.fold(c) else { return LOUD };
        let ch = symbol.ch();
        let code = self.matcher.map_or(0, |matcher| matcher.terms.automaton.code(ch));
        let parting = self.matcher.map_or(Parting::Never, |matcher| parting(matcher, symbol));
        let is_heard = personal_data::needs_second(ch);
        let is_first = is_heard || parting == Parting::Pair;
        let is_loud = (symbol.is_loud() && !is_heard)
            || is_word(ch)
            || parting == Parting::Other
            || self.matcher.is_some_and(|matcher| matcher.has_changed(ch))
            // What the next character decides is known of characters that become themselves and separate nothing.
            || (is_first && (ch != c || parting == Parting::Gap));
        let begins = |patterns: Option<&Patterns>| patterns.is_some_and(|patterns| patterns.may_begin(ch));
        let flag = |is: bool, flag: u32| if is { flag } else { 0 };
        code | flag(is_loud, LOUD)
            | flag(parting == Parting::Gap, GAP)
            | flag(is_first, FIRST)
            | flag(ch != c && self.seconds.contains(&ch), HIDDEN)
            | flag(begins(self.output), LOUD_IN_OUTPUT)
            | flag(begins(self.input) || is_of_base64(ch), LOUD_IN_INPUT)
    }
}

/// The first character of a text, if it has one or three bytes, and what comes behind it.
#[inline]
const fn decode(bytes: &[u8]) -> Option<(u32, &[u8])> {
    match bytes {
        [a @ 0xE0..=0xEF, b, c, behind @ ..] => {
            let code = ((*a & 0x0F) as u32) << 12 | ((*b & 0x3F) as u32) << 6 | (*c & 0x3F) as u32;
            Some((code, behind))
        }
        [a @ ..0x80, behind @ ..] => Some((*a as u32, behind)),
        _ => None,
    }
}

/// Which word of the pairs two characters are in, and their bit.
#[inline]
const fn place(first: u32, second: u32) -> (usize, u64) {
    let hash = (first.wrapping_mul(0x9E37_79B1) ^ second.wrapping_mul(0x85EB_CA77)) >> (32 - PAIR_BITS);
    ((hash >> 6) as usize, 1 << (hash & 63))
}
