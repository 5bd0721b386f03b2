//! What a stream remembers about the lexicon: where the automaton stands, and the terms found that are not decided yet.

use super::terms::Term;
use super::walk::Walk;
use crate::Channel;
use crate::automaton::Sides;
use crate::class::is_word;
use crate::stream::Cells;

/// An occurrence that is not decided yet: characters `start..end` of the channel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) term: Term,
}

/// A term found, decided: characters `start..end` of the channel.
#[derive(Debug, Clone)]
pub(crate) struct TermHit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) rule: u32,
    /// How the text was read there.
    pub(crate) channel: Channel,
    /// It is worth a look alone: nothing is done about it but that a person looks at it later.
    pub(crate) is_hint: bool,
    /// The characters of the term, each with the characters of the channel it was read from, where those are not one each.
    pub(crate) read: Option<Box<[Read]>>,
}

impl TermHit {
    /// One that stands there as it is looked for.
    pub(crate) const fn plain(start: usize, end: usize, rule: u32) -> Self {
        Self { start, end, rule, channel: Channel::Strict, is_hint: false, read: None }
    }
}

/// A character of a term and the characters `start..end` of the channel that it was read from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Read {
    pub(crate) ch: char,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// What a stream remembers about the lexicon.
#[derive(Debug, Clone)]
pub(crate) struct MatcherState {
    pub(super) walk: Walk,
    /// Those that end with the newest character, which the next one may show to be part of a word.
    pub(super) fresh: Vec<Candidate>,
    /// Those that an allowed phrase may still cover, by where they start.
    pub(super) waiting: Vec<Candidate>,
}

impl MatcherState {
    pub(crate) const fn new(side: Sides) -> Self {
        Self { walk: Walk::new(side), fresh: Vec::new(), waiting: Vec::new() }
    }

    /// Where it stands. A copy of what was written just now has to wait for it: not to be asked for each character.
    #[inline]
    pub(crate) const fn walk(&self) -> Walk {
        self.walk
    }

    /// The length of the longest phrase beginning that ends here.
    #[inline]
    pub(crate) const fn depth(&self) -> usize {
        self.walk.depth()
    }

    /// Which direction and audience it is for.
    #[inline]
    pub(crate) const fn side(&self) -> Sides {
        self.walk.side()
    }

    /// Where it stands, to go on from there.
    #[inline]
    pub(crate) const fn walk_mut(&mut self) -> &mut Walk {
        &mut self.walk
    }

    #[inline]
    pub(crate) const fn is_idle(&self) -> bool {
        self.walk.depth == 0 && !self.has_candidates()
    }

    #[inline]
    pub(crate) const fn has_candidates(&self) -> bool {
        !self.fresh.is_empty() || !self.waiting.is_empty()
    }

    /// The number of the first character that is waited for. A term of letters cannot begin inside a word, so that a
    /// beginning which does so is not waited for.
    pub(crate) fn pending(&self, cells: &Cells) -> usize {
        let now = cells.count();
        let can_begin = |&n: &usize| cells.begins_at(n, cells.get(n).is_some_and(|cell| is_word(cell.ch)));
        let from = now.saturating_sub(self.walk.depth()).max(cells.first());
        let growing = (from..now).find(can_begin).unwrap_or(now);
        let fresh = self.fresh.iter().map(|candidate| candidate.start).min();
        let waiting = self.waiting.first().map(|candidate| candidate.start);
        fresh.into_iter().chain(waiting).fold(growing, usize::min)
    }

    /// The text is over: nothing grows any more.
    pub(super) const fn reset(&mut self) {
        self.walk = Walk::new(self.walk.side);
    }

    pub(super) fn wait(&mut self, candidate: Candidate) {
        let place = self.waiting.partition_point(|other| other.start <= candidate.start);
        self.waiting.insert(place, candidate);
    }

    /// An allowed phrase stands from `start` to the end of all that waits.
    pub(super) fn exempt(&mut self, start: usize) {
        let kept = self.waiting.partition_point(|candidate| candidate.start < start);
        self.waiting.truncate(kept);
    }
}
