//! One way to read on otherwise.

use super::Next;
use crate::channels::compact::{self, Evidence, Gap};
use crate::channels::decomposed::{Beginning, parts};
use crate::channels::{Channel, leet, pictures};
use crate::class::is_word;
use crate::matcher::{Matcher, Walk};
use crate::normalise::Class;
use crate::stream::Cells;

#[derive(Debug, Clone)]
pub(super) struct Thread {
    pub(super) walk: Walk,
    pub(super) spots: Vec<Spot>,
    /// What was skipped since the last of them.
    pub(super) gap: Gap,
    pub(super) within: Within,
}

/// What a thread is in the middle of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    Nothing,
    /// A mark-up tag of so many characters.
    Tag(u8),
    /// Parts of a character, from a cell on.
    Parts(Beginning, usize),
}

/// A character as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) ch: char,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) gap: Gap,
    /// [`Channel::Strict`] where it is read as it stands.
    pub(super) read_as: Channel,
}

impl Thread {
    /// A thread that goes on from where the strict reading stands behind the cells before `end`, after a gap.
    pub(super) fn of(strict: Walk, end: usize, gap: Gap, cells: &Cells) -> Self {
        // What has left the window was waited for no more when it left.
        let first = end.saturating_sub(strict.depth()).max(cells.first());
        let spots = cells.range(first, end).iter().zip(first..).map(|(cell, start)| Spot {
            ch: cell.ch,
            start,
            end: start.saturating_add(1),
            gap: Gap::default(),
            read_as: Channel::Strict,
        });
        Self { walk: strict, spots: spots.collect(), gap, within: Within::Nothing }
    }

    /// A thread that has skipped the separators of `gap` from the cell `at` on and read `since` characters behind them.
    pub(super) fn across(walk: Walk, (at, gap): (usize, Gap), since: usize, cells: &Cells) -> Self {
        let behind = at.saturating_add(gap.len());
        let first = at.saturating_sub(walk.depth().saturating_sub(since));
        let spot = |number: usize| {
            let cell = cells.get(number)?;
            let gap = if number == behind { gap } else { Gap::default() };
            let end = number.saturating_add(1);
            Some(Spot { ch: cell.ch, start: number, end, gap, read_as: Channel::Strict })
        };
        let numbers = (first..at).chain(behind..behind.saturating_add(since));
        Self { walk, spots: numbers.filter_map(spot).collect(), gap: Gap::default(), within: Within::Nothing }
    }

    /// The thread after one more character, `start..end` of the cells, where anything is pending then.
    fn reading(&self, matcher: &Matcher, ch: char, cells: (usize, usize), read_as: Channel) -> Option<Self> {
        let walk = matcher.after(self.walk, ch);
        let kept = walk.depth().checked_sub(1)?;
        let from = self.spots.len().saturating_sub(kept);
        let mut spots = Vec::with_capacity(kept.saturating_add(1));
        spots.extend_from_slice(self.spots.get(from..).unwrap_or_default());
        spots.push(Spot { ch, start: cells.0, end: cells.1, gap: self.gap, read_as });
        Some(Self { walk, spots, gap: Gap::default(), within: Within::Nothing })
    }

    fn skipping(&self, next: Next) -> Option<Self> {
        let gap = self.gap.with(next.ch, next.class)?;
        Some(Self { gap, within: Within::Nothing, ..self.clone() })
    }

    /// Every way to go on with the next character; not as it stands.
    pub(super) fn branch(&self, matcher: &Matcher, next: Next, to: &mut Vec<Self>) {
        let here = (next.number, next.number.saturating_add(1));
        if next.class.any(Class::LEET) {
            let letters = leet::letters(next.ch).iter();
            to.extend(letters.filter_map(|&letter| self.reading(matcher, letter, here, Channel::Leet)));
        }
        if next.class.any(Class::PICTURE) {
            for word in pictures::words(next.ch) {
                let mut thread = Some(self.clone());
                for ch in word.chars() {
                    thread = thread.and_then(|thread| thread.reading(matcher, ch, here, Channel::Emoji));
                }
                to.extend(thread);
            }
        }
        if next.class.any(Class::PART) {
            to.extend(self.awaiting((next.ch, None), next.number, matcher));
        }
        if next.class.any(Class::SEPARATOR) && !self.spots.is_empty() {
            if next.ch != ' ' {
                // Between the words of a term stands a space; a line break or a hyphen does as well.
                to.extend(self.reading(matcher, ' ', here, Channel::Compact));
            }
            if next.ch == '<' {
                to.push(Self { within: Within::Tag(0), ..self.clone() });
            }
            to.extend(self.skipping(next));
        }
    }

    /// The thread inside a character that begins with these parts, if the character would go on with a term. It has no more
    /// pending than one such character would keep.
    pub(super) fn awaiting(&self, beginning: Beginning, start: usize, matcher: &Matcher) -> Option<Self> {
        if beginning.1.is_none() && !matcher.first_parts.goes_on(self.walk, beginning.0, matcher) {
            return None;
        }
        let depth_of = |whole: &char| matcher.after(self.walk, *whole).depth();
        let kept = parts().becoming(beginning).iter().map(depth_of).max()?.checked_sub(1)?;
        let spots = self.spots.get(self.spots.len().saturating_sub(kept)..).unwrap_or_default().to_vec();
        Some(Self { walk: self.walk, spots, gap: self.gap, within: Within::Parts(beginning, start) })
    }

    /// Every way to go on with the next character.
    pub(super) fn go_on(&self, matcher: &Matcher, next: Next, to: &mut Vec<Self>) {
        let end = next.number.saturating_add(1);
        match self.within {
            Within::Nothing => {
                to.extend(self.reading(matcher, next.ch, (next.number, end), Channel::Strict));
                self.branch(matcher, next, to);
            }
            // Nobody marks up a part of a word by chance.
            Within::Tag(_) if next.ch == '>' => {
                to.extend(self.skipping(Next { class: Class::SEPARATOR, ..next }));
            }
            Within::Tag(chars) => {
                let chars = chars.saturating_add(1);
                let goes_on = chars <= compact::TAG_CHARS_MAX && !matches!(next.ch, '\n' | '<');
                to.extend(goes_on.then(|| Self { within: Within::Tag(chars), ..self.clone() }));
            }
            Within::Parts(beginning, start) => {
                if let Some(whole) = parts().whole(beginning, next.ch) {
                    to.extend(self.reading(matcher, whole, (start, end), Channel::Decomposed));
                }
                if let (first, None) = beginning {
                    to.extend(self.awaiting((first, Some(next.ch)), start, matcher));
                }
            }
        }
    }

    /// Whether the strict reading knows all that this thread has pending.
    pub(super) fn is_strict(&self) -> bool {
        self.within == Within::Nothing
            && self.gap.is_empty()
            && self.spots.iter().all(|spot| spot.read_as == Channel::Strict)
            && self.spots.iter().skip(1).all(|spot| spot.gap.is_empty())
    }

    /// The number of the first cell that a term may begin with which is pending; none where there is none. A term of letters
    /// cannot begin inside a word.
    pub(super) fn pending(&self, matcher: &Matcher, cells: &Cells) -> Option<usize> {
        let can_begin = |spot: &Spot| cells.begins_at(spot.start, is_word(spot.ch));
        let is_pending = |from: &usize| {
            let spots = self.spots.get(*from..).unwrap_or_default();
            let start = Walk::new(self.walk.side());
            let walk = spots.iter().fold(start, |walk, spot| matcher.after(walk, spot.ch));
            spots.first().is_some_and(can_begin) && walk.depth() == spots.len()
        };
        // All that the thread has pending is known to be; whether a part of it is has to be asked.
        let first = match self.spots.first() {
            Some(spot) if can_begin(spot) => Some(0),
            _ => (1..self.spots.len()).find(is_pending),
        };
        let spot = first.and_then(|first| self.spots.get(first)).map(|spot| spot.start);
        match self.within {
            Within::Parts(_, start) => Some(spot.unwrap_or(start)),
            Within::Nothing | Within::Tag(_) => spot,
        }
    }

    /// Whether both will find the same: they differ at most in which of several separators is the space of a term.
    pub(super) fn is_as_good_as(&self, other: &Self) -> bool {
        let key = |spots: &[Spot], at: usize| {
            let spot = spots.get(at)?;
            let is_space = |spot: Option<&Spot>| spot.is_none_or(|spot| spot.ch == ' ');
            let before = at.checked_sub(1).and_then(|before| spots.get(before));
            let gap = if is_space(Some(spot)) || is_space(before) { Gap::default() } else { spot.gap };
            let place = if is_space(Some(spot)) { None } else { Some((spot.start, spot.read_as)) };
            Some((place, gap))
        };
        self.walk == other.walk
            && (self.gap, self.within, self.spots.len()) == (other.gap, other.within, other.spots.len())
            && (0..self.spots.len()).all(|at| key(&self.spots, at) == key(&other.spots, at))
    }

    /// Whether `other` has all that this one has pending, read the same way.
    pub(super) fn is_part_of(&self, other: &Self) -> bool {
        let from = other.spots.len().checked_sub(self.spots.len());
        let same = |tail: &[Spot]| {
            let rest = self.spots.iter().skip(1).zip(tail.iter().skip(1)).all(|(a, b)| a == b);
            let first = self.spots.first().zip(tail.first());
            rest && first.is_none_or(|(a, b)| (a.start, a.end, a.read_as) == (b.start, b.end, b.read_as))
        };
        (self.gap, self.within) == (other.gap, other.within)
            && from.and_then(|from| other.spots.get(from..)).is_some_and(same)
    }
}

/// By which channel a term is found that was read so, and how much speaks for it; none where it is found as it stands, or
/// is no disguise. An allowed phrase exempts however its characters stand apart.
pub(super) fn channel(spots: &[Spot], is_allowed: bool) -> Option<(Channel, Evidence)> {
    let has = |channel: Channel| spots.iter().any(|spot| spot.read_as == channel);
    let gaps = spots.iter().skip(1).map(|spot| spot.gap);
    let has_gap = has(Channel::Compact) || gaps.clone().any(|gap| !gap.is_empty());
    let shown = [Channel::Emoji, Channel::Decomposed].into_iter().find(|channel| has(*channel));
    let is_leet = has(Channel::Leet);
    if !has_gap && !is_leet && shown.is_none() {
        return None;
    }
    let channel = if is_leet { Channel::Leet } else { shown.unwrap_or(Channel::Compact) };
    if is_allowed {
        return Some((channel, Evidence::Disguise));
    }
    // A picture alone is a picture.
    let is_word = has(Channel::Strict) || shown != Some(Channel::Emoji);
    let plain = spots.iter().map(|spot| (spot.ch, spot.read_as == Channel::Strict));
    if !is_word || (is_leet && !leet::counts(plain)) {
        return None;
    }
    let term: Vec<char> = spots.iter().map(|spot| spot.ch).collect();
    let is_told_by_gaps = has_gap && shown.is_none();
    let evidence = if is_told_by_gaps { compact::evidence(&term, gaps)? } else { Evidence::Disguise };
    Some((channel, evidence))
}
