//! Finds the terms of the lexicons, character by character.
//!
//! A hit is decided as soon as it is complete, or one character later where it ends in a word character of a script with
//! spaces (the next one must not continue the word). A hit of a term that stands within an allowed phrase waits until no
//! phrase that began at or before it can still grow; it is no hit when an allowed phrase covers it.
//!
//! One automaton serves both directions and all audiences ([`kinds`]): every term carries on which of them it counts, so
//! that what is not looked for is not waited for either. It is made of the [`terms`] of all lexicons, which do not change,
//! and of a small [`delta`] over them.

mod candidates;
pub(crate) mod delta;
pub(crate) mod kinds;
pub(crate) mod terms;
mod walk;

use std::sync::Arc;

use crate::automaton::{Sides, State};
use crate::channels::FirstParts;
use crate::class::is_word;
use crate::lexicon::TERM_CHARS_MAX;
use crate::stream::Cells;

use candidates::Candidate;
pub(crate) use candidates::{MatcherState, Read, TermHit};
use delta::Delta;
use kinds::Meaning;
pub(crate) use terms::Term;
use terms::Terms;
pub(crate) use walk::Walk;

/// The terms of all lexicons and what they stand for.
pub(crate) struct Matcher {
    pub(crate) terms: Arc<Terms>,
    pub(crate) delta: Option<Arc<Delta>>,
    /// For each set of kinds, those of the terms and those of the delta, what it stands for.
    pub(crate) meanings: Vec<Meaning>,
    pub(crate) first_parts: FirstParts,
}

/// A term that an allowed phrase covers: both as characters `start..end` of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exemption {
    pub(crate) rule: u32,
    pub(crate) term: (usize, usize),
    pub(crate) phrase: (usize, usize),
}

impl Matcher {
    pub(crate) fn new(terms: Arc<Terms>, delta: Option<Arc<Delta>>, meanings: Vec<Meaning>) -> Self {
        Self { terms, delta, meanings, first_parts: FirstParts::default() }
    }

    /// The same with what is to be known for terms that are written in parts.
    pub(crate) fn reading_parts(self) -> Self {
        let begins = |first: char| self.after(Walk::new(Sides::ANY), first).depth() > 0;
        let first_parts = FirstParts::of(|c| self.knows(c), begins);
        Self { first_parts, ..self }
    }

    /// Whether some term holds a character.
    fn knows(&self, c: char) -> bool {
        self.terms.automaton.knows(c) || self.delta.as_ref().is_some_and(|delta| delta.knows(c))
    }

    /// Whether a new term holds a character, so that the compiled ones do not tell all about it.
    pub(crate) fn has_changed(&self, c: char) -> bool {
        self.delta.as_ref().is_some_and(|delta| delta.knows(c))
    }

    /// Where `walk` stands when the automaton of the compiled terms has gone on to `base` over characters that no new term
    /// holds.
    #[inline]
    pub(crate) fn at(&self, walk: Walk, base: State) -> Walk {
        let mut walk = Walk { base, ..walk };
        walk.depth = match &self.delta {
            None => self.terms.automaton.depth_on(base, walk.side),
            Some(delta) => delta.depth(&self.terms, &walk),
        };
        walk
    }

    /// Whether there is no term to look for.
    pub(crate) fn is_empty(&self) -> bool {
        self.terms.is_empty() && self.delta.is_none()
    }

    /// Whether it is worth to [`Matcher::warm`] up for characters that come next.
    #[inline]
    pub(crate) fn is_large(&self) -> bool {
        self.terms.automaton.is_large()
    }

    /// Gets ready for the normalised characters that come next.
    pub(crate) fn warm(&self, chars: impl Iterator<Item = char>) {
        self.terms.automaton.warm(chars);
    }

    /// Where a character leads from `walk`: for all but the strict reading, so that the step of that stays in its loop.
    #[inline(never)]
    pub(crate) fn after(&self, walk: Walk, next: char) -> Walk {
        let mut walk = walk;
        self.advance(&mut walk, next);
        walk
    }

    /// Moves on by one normalised character.
    #[inline]
    pub(crate) fn advance(&self, walk: &mut Walk, next: char) {
        walk.base = self.terms.automaton.next(walk.base, next);
        walk.depth = match &self.delta {
            None => self.terms.automaton.depth_on(walk.base, walk.side),
            Some(delta) => delta.advance(&self.terms, walk, next),
        };
    }

    /// Where a character leads from `walk`; none where some term ends there.
    #[inline]
    pub(crate) fn quiet(&self, walk: Walk, next: char) -> Option<Walk> {
        if self.delta.is_some() {
            let walk = self.after(walk, next);
            return (!self.has_outputs(walk)).then_some(walk);
        }
        let (base, depth) = self.terms.automaton.quiet(walk.base, next, walk.side)?;
        Some(Walk { base, depth, ..walk })
    }

    /// Whether some term ends there.
    #[inline]
    pub(crate) fn has_outputs(&self, walk: Walk) -> bool {
        self.terms.automaton.has_outputs(walk.base)
            || self.delta.as_ref().is_some_and(|delta| delta.has_outputs(walk.extra))
    }

    /// After [`Matcher::advance`] by the newest of `cells`: adds what is decided by it to `hits`.
    #[inline]
    pub(crate) fn settle(
        &self,
        state: &mut MatcherState,
        next: char,
        cells: &Cells,
        hits: &mut Vec<TermHit>,
    ) {
        if self.has_outputs(state.walk) || state.has_candidates() {
            self.settle_candidates(state, next, cells, hits);
        }
    }

    fn settle_candidates(
        &self,
        state: &mut MatcherState,
        next: char,
        cells: &Cells,
        hits: &mut Vec<TermHit>,
    ) {
        let now = cells.count();
        self.release(state, Some(next), hits);
        let found = self.ending(state.walk);
        let mut allowed_from = usize::MAX;
        for term in found {
            let start = now.saturating_sub(usize::from(term.chars));
            if !cells.begins_at(start, term.is_bounded_before()) {
                continue;
            }
            let candidate = Candidate { start, end: now, term };
            if term.is_bounded_behind() {
                state.fresh.push(candidate);
            } else {
                self.settle_one(state, candidate, &mut allowed_from, hits);
            }
        }
        state.exempt(allowed_from);
        let growing = now.saturating_sub(state.walk.depth());
        self.decide(state, growing, hits);
    }

    /// Decides what is left at the end of the text.
    pub(crate) fn finish(&self, state: &mut MatcherState, hits: &mut Vec<TermHit>) {
        state.reset();
        self.release(state, None, hits);
        self.decide(state, usize::MAX, hits);
    }

    /// Takes what ended with the last character, now that the next one is known.
    fn release(&self, state: &mut MatcherState, next: Option<char>, hits: &mut Vec<TermHit>) {
        if state.fresh.is_empty() {
            return;
        }
        let mut fresh = std::mem::take(&mut state.fresh);
        if !next.is_some_and(is_word) {
            let mut allowed_from = usize::MAX;
            for candidate in fresh.drain(..) {
                self.settle_one(state, candidate, &mut allowed_from, hits);
            }
            state.exempt(allowed_from);
        }
        fresh.clear();
        state.fresh = fresh;
    }

    /// Takes a term that stands there. Within an allowed phrase it waits.
    fn settle_one(
        &self,
        state: &mut MatcherState,
        candidate: Candidate,
        allowed_from: &mut usize,
        hits: &mut Vec<TermHit>,
    ) {
        let Some(meaning) = self.meaning(candidate.term) else { return };
        if meaning.terms.meets(state.walk.side) {
            if candidate.term.within.meets(state.walk.side) {
                state.wait(candidate);
            } else {
                self.hit(state, candidate, hits);
            }
        }
        if meaning.allowed.meets(state.walk.side) {
            *allowed_from = candidate.start.min(*allowed_from);
        }
    }

    /// Adds each candidate to `hits` that nothing can exempt any more. `growing` is where the longest phrase starts that
    /// may still grow.
    fn decide(&self, state: &mut MatcherState, growing: usize, hits: &mut Vec<TermHit>) {
        let decided = state.waiting.partition_point(|candidate| candidate.start < growing);
        for candidate in state.waiting.get(..decided).unwrap_or_default() {
            self.hit(state, *candidate, hits);
        }
        state.waiting.drain(..decided);
    }

    fn hit(&self, state: &MatcherState, candidate: Candidate, hits: &mut Vec<TermHit>) {
        let (start, end) = (candidate.start, candidate.end);
        let rules = self.meaning(candidate.term).map_or(&[][..], |meaning| meaning.rules_on(state.walk.side));
        hits.extend(rules.iter().map(|&rule| TermHit::plain(start, end, rule)));
    }

    /// The terms that end where the automaton stands and count on the side of the stream, the longest first.
    pub(crate) fn ending(&self, walk: Walk) -> Vec<Term> {
        let base = self.terms.automaton.outputs(walk.base).filter_map(|number| {
            let patched = self.delta.as_ref().and_then(|delta| delta.patched(number));
            patched.or_else(|| self.terms.term(number))
        });
        let extra = self.delta.iter().flat_map(|delta| delta.ending(walk.extra));
        let mut found: Vec<Term> = base.chain(extra).filter(|term| term.live.meets(walk.side)).collect();
        // Those of the delta stand among the others by where they start, so that it changes no order.
        if self.delta.is_some() {
            found.sort_unstable_by_key(|term| std::cmp::Reverse(term.chars));
        }
        found
    }

    pub(crate) fn meaning(&self, term: Term) -> Option<&Meaning> {
        self.meanings.get(term.set as usize)
    }

    /// The terms in a whole normalised text that an allowed phrase covers, for explanations.
    pub(crate) fn exempted(&self, chars: &[char], side: Sides) -> Vec<Exemption> {
        let is_word_at = |at: Option<usize>| at.and_then(|at| chars.get(at)).copied().is_some_and(is_word);
        let mut state = Walk::new(side);
        let mut phrases: Vec<(usize, usize)> = Vec::new();
        let mut terms = Vec::new();
        for (&next, end) in chars.iter().zip(1_usize..) {
            state = self.after(state, next);
            for term in self.ending(state) {
                let start = end.saturating_sub(usize::from(term.chars));
                let goes_on = (term.is_bounded_before() && is_word_at(start.checked_sub(1)))
                    || (term.is_bounded_behind() && is_word_at(Some(end)));
                let Some(meaning) = self.meaning(term).filter(|_| !goes_on) else { continue };
                if meaning.allowed.meets(side) {
                    phrases.push((start, end));
                }
                terms.extend(meaning.rules_on(side).iter().map(|&rule| (rule, (start, end))));
            }
        }
        let covering = |term: (usize, usize)| {
            // Phrases stand by their end, and reach back no further than the longest of them.
            let from = phrases.partition_point(|phrase| phrase.1 < term.1);
            let after = phrases.get(from..).unwrap_or_default().iter();
            let near = after.take_while(|p| p.1 <= term.1.saturating_add(TERM_CHARS_MAX));
            near.copied().find(|phrase| phrase.0 <= term.0)
        };
        terms
            .into_iter()
            .filter_map(|(rule, term)| Some(Exemption { rule, term, phrase: covering(term)? }))
            .collect()
    }
}
