//! The reading that takes characters otherwise than they stand, beside the strict one.
//!
//! It is a set of *threads*. Each stands somewhere in the automaton and knows the last characters it has read, as many as
//! the automaton is deep there. A thread begins where a character of a class comes and reading it otherwise goes on with a
//! term: it takes over what the strict reading has pending. It ends when what it has pending holds no character that was
//! read otherwise and no gap, for then the strict reading knows it too. So there is none in plain text.
//!
//! Each thread reads on in every way that its next character allows; of two that stand at the same place the first stays.
//! All is bounded: threads by [`THREADS_MAX`], their characters by the longest term, gaps by [`compact`]'s limits.

mod part;
mod pause;
mod thread;

use part::Part;
pub(crate) use pause::Pause;
use pause::Step;
use thread::{Thread, Within, channel};

use super::Channel;
use super::compact::{Evidence, Gap};
use crate::automaton::Sides;
use crate::class::is_word;
use crate::matcher::{Matcher, Read, Term, TermHit, Walk};
use crate::normalise::{Class, Symbol};
use crate::stream::Cells;

/// How many threads there may be at most. A character has at most four ways to be read, and nearly all of them lead
/// nowhere; sixteen are only reached by texts and lists made for it. Those that reach back furthest stay.
pub(crate) const THREADS_MAX: usize = 16;

/// A character to be read: itself, its classes, and the number of its cell, which may not be in the window yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Next {
    pub(crate) ch: char,
    pub(crate) class: Class,
    pub(crate) number: usize,
}

/// What is read otherwise than it stands.
#[derive(Debug, Clone, Default)]
pub(crate) enum Otherwise {
    /// Nothing.
    #[default]
    Nothing,
    /// Separators after the beginning of a term.
    Paused(Pause),
    /// The first part of a character.
    Begun(Part),
    /// More. Boxed where it is rare, so that a stream of plain text does not carry the room for it.
    Loose(Box<Loose>),
}

/// The threads, and the terms they found that are not decided yet.
#[derive(Debug, Clone)]
pub(crate) struct Loose {
    side: Sides,
    threads: Vec<Thread>,
    /// Those that end with the newest character, which the next one may show to be part of a word.
    fresh: Vec<Found>,
    /// Those that an allowed phrase may still cover.
    waiting: Vec<Found>,
}

/// A term found: cells `start..end`.
#[derive(Debug, Clone)]
struct Found {
    start: usize,
    end: usize,
    term: Term,
    channel: Channel,
    evidence: Evidence,
    read: Box<[Read]>,
}

impl Loose {
    const fn new(side: Sides) -> Self {
        Self { side, threads: Vec::new(), fresh: Vec::new(), waiting: Vec::new() }
    }

    /// Reads on. `strict` is where the strict reading stood before `next`.
    fn read(&mut self, matcher: &Matcher, strict: Walk, next: Next, cells: &Cells) {
        let mut threads = Vec::new();
        for thread in &self.threads {
            thread.go_on(matcher, next, &mut threads);
        }
        if !next.class.is_none() {
            Thread::of(strict, next.number, Gap::default(), cells).branch(matcher, next, &mut threads);
        }
        self.take(matcher, threads, cells);
    }

    fn take(&mut self, matcher: &Matcher, threads: Vec<Thread>, cells: &Cells) {
        self.threads.clear();
        for thread in threads {
            if thread.is_strict() || thread.pending(matcher, cells).is_none() {
                continue;
            }
            if self.threads.iter().any(|other| thread.is_part_of(other) || thread.is_as_good_as(other)) {
                continue;
            }
            self.threads.retain(|other| !other.is_part_of(&thread));
            self.threads.push(thread);
        }
        if self.threads.len() > THREADS_MAX {
            self.threads.sort_by_key(|thread| thread.pending(matcher, cells));
            self.threads.truncate(THREADS_MAX);
        }
    }

    /// After [`Loose::read`] by the newest of `cells`: adds what is decided by it to `hits`. `growing` is the number of the
    /// first cell from which the strict reading waits for more.
    fn settle(
        &mut self,
        matcher: &Matcher,
        ch: char,
        growing: usize,
        cells: &Cells,
        hits: &mut Vec<TermHit>,
    ) {
        self.release(matcher, Some(ch), hits);
        let now = cells.count();
        let mut ended = Vec::new();
        for thread in &self.threads {
            // What ends at the newest cell was read just now.
            if thread.within != Within::Nothing || !thread.gap.is_empty() {
                continue;
            }
            for term in matcher.ending(thread.walk) {
                let from = thread.spots.len().checked_sub(usize::from(term.chars));
                let spots = from.and_then(|from| thread.spots.get(from..)).unwrap_or_default();
                let Some(start) = spots.first().map(|spot| spot.start) else { continue };
                let Some((channel, evidence)) = channel(spots, self.is_allowed(matcher, term)) else {
                    continue;
                };
                if !cells.begins_at(start, term.is_bounded_before()) {
                    continue;
                }
                let read =
                    spots.iter().map(|spot| Read { ch: spot.ch, start: spot.start, end: spot.end }).collect();
                let found = Found { start, end: now, term, channel, evidence, read };
                let is_known = |other: &Found| (other.start, other.term) == (start, term);
                if !ended.iter().any(is_known) {
                    ended.push(found);
                }
            }
        }
        let (bounded, ended): (Vec<Found>, Vec<Found>) =
            ended.into_iter().partition(|found| found.term.is_bounded_behind());
        self.fresh = bounded;
        self.settle_all(matcher, ended, hits);
        let pending = self.threads.iter().filter_map(|thread| thread.pending(matcher, cells)).min();
        self.decide(matcher, pending.map_or(growing, |pending| pending.min(growing)), hits);
    }

    /// Decides what is left at the end of the text.
    fn finish(&mut self, matcher: &Matcher, hits: &mut Vec<TermHit>) {
        self.threads.clear();
        self.release(matcher, None, hits);
        self.decide(matcher, usize::MAX, hits);
    }

    /// Whether nothing is waited for.
    const fn is_idle(&self) -> bool {
        self.threads.is_empty() && self.fresh.is_empty() && self.waiting.is_empty()
    }

    /// The number of the first cell that something waits for.
    fn pending(&self, matcher: &Matcher, cells: &Cells) -> Option<usize> {
        let threads = self.threads.iter().filter_map(|thread| thread.pending(matcher, cells));
        threads.chain(self.fresh.iter().chain(&self.waiting).map(|found| found.start)).min()
    }

    /// Takes what ended with the last character, now that the next one is known.
    fn release(&mut self, matcher: &Matcher, next: Option<char>, hits: &mut Vec<TermHit>) {
        let fresh = std::mem::take(&mut self.fresh);
        if !next.is_some_and(is_word) {
            self.settle_all(matcher, fresh, hits);
        }
    }

    /// Takes terms that stand there and end at the same place. Within an allowed phrase they wait.
    fn settle_all(&mut self, matcher: &Matcher, found: Vec<Found>, hits: &mut Vec<TermHit>) {
        let mut allowed_from = usize::MAX;
        for found in found {
            if self.is_allowed(matcher, found.term) {
                allowed_from = allowed_from.min(found.start);
            }
            if found.term.within.meets(self.side) {
                self.waiting.push(found);
            } else {
                self.hit(matcher, found, hits);
            }
        }
        self.waiting.retain(|found| found.start < allowed_from);
    }

    /// Adds each term to `hits` that nothing can exempt any more. `growing` is where the longest phrase starts that may
    /// still grow.
    fn decide(&mut self, matcher: &Matcher, growing: usize, hits: &mut Vec<TermHit>) {
        let waiting = std::mem::take(&mut self.waiting);
        let (decided, waiting) = waiting.into_iter().partition(|found: &Found| found.start < growing);
        self.waiting = waiting;
        decided.into_iter().for_each(|found| self.hit(matcher, found, hits));
    }

    fn hit(&self, matcher: &Matcher, found: Found, hits: &mut Vec<TermHit>) {
        let Found { start, end, channel, read, evidence, .. } = found;
        let is_hint = evidence == Evidence::Hint;
        let rules = matcher.meaning(found.term).map_or(&[][..], |meaning| meaning.rules_on(self.side));
        hits.extend(rules.iter().map(|&rule| TermHit {
            start,
            end,
            rule,
            channel,
            is_hint,
            read: Some(read.clone()),
        }));
    }

    fn is_allowed(&self, matcher: &Matcher, term: Term) -> bool {
        matcher.meaning(term).is_some_and(|meaning| meaning.allowed.meets(self.side))
    }
}

/// Whether a reading may part from the strict one with a character of some class. `depth` is what the strict reading has
/// pending before it.
#[inline]
pub(crate) fn may_part(matcher: &Matcher, symbol: Symbol, depth: usize) -> bool {
    let class = symbol.class();
    class.any(Class::SIGN)
        || (class.any(Class::SEPARATOR) && depth > 0)
        || (class.any(Class::PART) && matcher.first_parts.may_go_on(symbol.ch(), depth))
}

/// Whether anything is pending where a digit or sign is read as a letter behind `walk`.
#[inline]
pub(crate) fn is_read_as_letter(matcher: &Matcher, walk: Walk, ch: char) -> bool {
    super::leet::letters(ch).iter().any(|letter| matcher.after(walk, *letter).depth() > 0)
}

/// Whether a character is a part that is no first part of what comes `next`, so that it stands for itself.
#[inline]
pub(crate) fn is_lone_part(
    matcher: &Matcher,
    symbol: Symbol,
    mut next: impl Iterator<Item = Symbol>,
) -> bool {
    symbol.class() == Class::PART
        && next.next().is_some_and(|next| !matcher.first_parts.has(symbol.ch(), next.ch()))
}

/// Whether the readings that part from the strict one with `symbol` are over before any of them finds anything: how nearly all
/// of them end. `strict` is where the strict reading stood before it, and `next` are the characters that come next, as far as
/// they become one each.
#[inline]
pub(crate) fn rejoins(
    matcher: &Matcher,
    strict: Walk,
    symbol: Symbol,
    mut next: impl Iterator<Item = Symbol>,
) -> bool {
    if symbol.class() == Class::PART {
        return is_lone_part(matcher, symbol, next);
    }
    let mut separator = symbol;
    loop {
        let class = separator.class();
        if class.any(Class::ALONE)
            || separator.ch() == '<'
            || Pause::goes_on_from(strict, matcher, (separator.ch(), class))
        {
            return false;
        }
        let Some(next) = next.next() else { return false };
        if !next.class().any(Class::SEPARATOR) {
            let goes_on = Pause::goes_on_from(strict, matcher, (next.ch(), next.class()));
            return !next.class().any(Class::ALONE) && !goes_on;
        }
        // Of a separator that a term may begin with, or go on with, more would have to be known.
        if matcher.after(strict, separator.ch()).depth() > 0 {
            return false;
        }
        separator = next;
    }
}

impl Otherwise {
    /// Whether nothing is waited for.
    #[inline]
    pub(crate) const fn is_idle(&self) -> bool {
        matches!(self, Self::Nothing)
    }

    /// Whether a character may change anything. `depth` is what the strict reading has pending before it.
    #[inline]
    pub(crate) fn concerns(&self, matcher: &Matcher, symbol: Symbol, depth: usize) -> bool {
        !self.is_idle() || (!symbol.class().is_none() && may_part(matcher, symbol, depth))
    }

    /// The pause, where it is one.
    pub(crate) const fn paused(&self) -> Option<Pause> {
        if let Self::Paused(pause) = self { Some(*pause) } else { None }
    }

    /// Goes on where a run ended, which began with no more than a pause.
    pub(crate) fn resume_at(&mut self, pause: Option<Pause>) {
        *self = pause.map_or(Self::Nothing, Self::Paused);
    }

    /// Reads a character otherwise than it stands. `strict` is where the strict reading stood before it.
    #[inline(never)]
    pub(crate) fn read(&mut self, matcher: &Matcher, strict: Walk, next: Next, cells: &Cells) {
        *self = match std::mem::take(self) {
            Self::Nothing => Self::begin(matcher, strict, next, cells),
            Self::Paused(pause) => Self::resume(pause, matcher, strict, next, cells),
            Self::Begun(part) if part.goes_on(matcher, next.ch) => {
                let threads = part.thread(matcher, cells).into_iter().collect();
                Self::loose(Loose { threads, ..Loose::new(strict.side()) }, matcher, strict, next, cells)
            }
            Self::Begun(_) if next.class.is_none() => Self::Nothing,
            Self::Begun(_) => Self::begin(matcher, strict, next, cells),
            Self::Loose(mut loose) => {
                loose.read(matcher, strict, next, cells);
                Self::Loose(loose)
            }
        };
    }

    /// After [`Otherwise::read`] by the newest of `cells`: adds what is decided by it to `hits`. `growing` is the number of
    /// the first cell from which the strict reading waits for more.
    #[inline]
    pub(crate) fn settle(
        &mut self,
        matcher: &Matcher,
        ch: char,
        growing: usize,
        cells: &Cells,
        hits: &mut Vec<TermHit>,
    ) {
        if let Self::Loose(loose) = self {
            loose.settle(matcher, ch, growing, cells, hits);
            if loose.is_idle() {
                *self = Self::Nothing;
            }
        }
    }

    /// Decides what is left at the end of the text.
    pub(crate) fn finish(&mut self, matcher: &Matcher, hits: &mut Vec<TermHit>) {
        if let Self::Loose(mut loose) = std::mem::take(self) {
            loose.finish(matcher, hits);
        }
    }

    /// The number of the first cell that something waits for.
    pub(crate) fn pending(&self, matcher: &Matcher, cells: &Cells) -> Option<usize> {
        match self {
            Self::Nothing => None,
            Self::Paused(pause) => Some(pause.first()),
            Self::Begun(part) => part.thread(matcher, cells)?.pending(matcher, cells),
            Self::Loose(loose) => loose.pending(matcher, cells),
        }
    }

    fn begin(matcher: &Matcher, strict: Walk, next: Next, cells: &Cells) -> Self {
        if next.class == Class::PART {
            let part = Part { walk: strict, at: next.number, part: next.ch };
            let goes_on = matcher.first_parts.goes_on(strict, next.ch, matcher);
            return if goes_on { Self::Begun(part) } else { Self::Nothing };
        }
        if !next.class.any(Class::ALONE)
            && let Some(pause) = Pause::begin(matcher, strict, next, cells)
        {
            return Self::Paused(pause);
        }
        if !may_begin(matcher, strict, next, cells) {
            return Self::Nothing;
        }
        Self::loose(Loose::new(strict.side()), matcher, strict, next, cells)
    }

    fn resume(pause: Pause, matcher: &Matcher, strict: Walk, next: Next, cells: &Cells) -> Self {
        if !next.class.any(Class::ALONE.and(Class::SEPARATOR)) {
            match pause.step(matcher, next.ch) {
                Step::Over => return Self::Nothing,
                Step::On(pause) => return Self::Paused(pause),
                Step::Work => {}
            }
        } else if strict.depth() == 0 && pause.may_widen(matcher, (next.ch, next.class)) {
            return pause.with(next.ch, next.class).map_or(Self::Nothing, Self::Paused);
        }
        let loose = Loose { threads: vec![pause.thread(cells)], ..Loose::new(strict.side()) };
        Self::loose(loose, matcher, strict, next, cells)
    }

    fn loose(mut loose: Loose, matcher: &Matcher, strict: Walk, next: Next, cells: &Cells) -> Self {
        loose.read(matcher, strict, next, cells);
        if loose.is_idle() { Self::Nothing } else { Self::Loose(Box::new(loose)) }
    }
}

/// Whether a thread may begin with `next`, asked without making one: most digits and parts begin none.
fn may_begin(matcher: &Matcher, strict: Walk, next: Next, cells: &Cells) -> bool {
    let stands_alone = !is_word(cells.before(next.number));
    let reads = |ch: char| {
        let walk = matcher.after(strict, ch);
        walk.depth() > 1 || (walk.depth() == 1 && stands_alone)
    };
    (next.class.any(Class::SEPARATOR) && can_begin(strict, next.number, cells))
        || next.class.any(Class::PICTURE)
        || (next.class.any(Class::LEET) && super::leet::letters(next.ch).iter().copied().any(reads))
        || (next.class.any(Class::PART) && matcher.first_parts.goes_on(strict, next.ch, matcher))
}

/// Whether a term may begin at some cell of what the strict reading has pending before the cell `end`: one of letters cannot
/// begin inside a word.
fn can_begin(strict: Walk, end: usize, cells: &Cells) -> bool {
    let first = end.saturating_sub(strict.depth()).max(cells.first());
    (first..end).any(|n| cells.begins_at(n, cells.get(n).is_some_and(|cell| is_word(cell.ch))))
}
