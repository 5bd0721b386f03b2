//! Finds the terms of the lexicons, character by character.
//!
//! A hit is decided as soon as it is complete, or one character later where it ends in a word character of a script with
//! spaces (the next one must not continue the word). A hit of a term that stands within an allowed phrase waits until no
//! phrase that began at or before it can still grow; it is no hit when an allowed phrase covers it.

use std::collections::BTreeMap;

use crate::EngineError;
use crate::automaton::{Automaton, State};
use crate::class::is_word;
use crate::lexicon::TERM_CHARS_MAX;
use crate::stream::Cells;

/// What the automaton is built from: a normalised term and what it stands for.
#[derive(Debug)]
pub(crate) struct Pattern {
    chars: usize,
    /// Its first and last character must not continue a word.
    bounded: (bool, bool),
    /// Some allowed phrase holds this term.
    is_within_allowed: bool,
    is_allowed: bool,
    rules: Vec<u32>,
}

/// The terms of one direction.
pub(crate) struct Matcher {
    automaton: Automaton,
    patterns: Vec<Pattern>,
}

/// An occurrence that is not decided yet: characters `start..end` of the channel.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    start: usize,
    end: usize,
    pattern: u32,
    awaits_next: bool,
}

/// A term found, decided: characters `start..end` of the channel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TermHit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) rule: u32,
}

/// A term that an allowed phrase covers: both as characters `start..end` of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exemption {
    pub(crate) rule: u32,
    pub(crate) term: (usize, usize),
    pub(crate) phrase: (usize, usize),
}

/// What a stream remembers about the lexicon.
#[derive(Debug, Clone, Default)]
pub(crate) struct MatcherState {
    state: State,
    /// The length of the longest phrase beginning that ends here.
    depth: u32,
    candidates: Vec<Candidate>,
}

/// The terms and the phrases of one direction, before the automaton.
#[derive(Debug, Default)]
pub(crate) struct Phrases {
    terms: BTreeMap<String, Vec<u32>>,
    allowed: Vec<String>,
}

impl Phrases {
    pub(crate) fn add_term(&mut self, normalised: &str, rule: u32) {
        let rules = self.terms.entry(normalised.to_owned()).or_default();
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }

    pub(crate) fn add_allowed(&mut self, normalised: &str) {
        self.allowed.push(normalised.to_owned());
    }

    /// The matcher, or none where there is no term to look for.
    pub(crate) fn build(self) -> Result<Option<Matcher>, EngineError> {
        let mut all: BTreeMap<String, Pattern> = BTreeMap::new();
        for (term, rules) in self.terms {
            let is_within_allowed = self.allowed.iter().any(|phrase| phrase.contains(&term));
            all.insert(term.clone(), Pattern { is_within_allowed, rules, ..Pattern::of(&term) });
        }
        // A phrase that holds no term exempts nothing; to wait for it would only hold text back.
        let useful = |phrase: &String| all.keys().any(|term| phrase.contains(term.as_str()));
        let useful: Vec<String> = self.allowed.iter().filter(|phrase| useful(phrase)).cloned().collect();
        for phrase in useful {
            all.entry(phrase.clone()).or_insert_with(|| Pattern::of(&phrase)).is_allowed = true;
        }
        if all.is_empty() {
            return Ok(None);
        }
        let (texts, patterns): (Vec<_>, Vec<_>) = all.into_iter().unzip();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let automaton =
            Automaton::build(&texts).map_err(|error| EngineError::Automaton(error.to_string()))?;
        Ok(Some(Matcher { automaton, patterns }))
    }
}

impl Pattern {
    fn of(normalised: &str) -> Self {
        Self {
            chars: normalised.chars().count(),
            bounded: (
                normalised.chars().next().is_some_and(is_word),
                normalised.chars().next_back().is_some_and(is_word),
            ),
            is_within_allowed: false,
            is_allowed: false,
            rules: Vec::new(),
        }
    }
}

impl Matcher {
    /// Moves on by one normalised character.
    #[inline]
    pub(crate) fn advance(&self, state: &mut MatcherState, next: char) {
        state.state = self.automaton.next(state.state, next);
        state.depth = self.automaton.depth(state.state);
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
        if !state.candidates.is_empty() || self.automaton.has_outputs(state.state) {
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
        state.await_next(Some(next));
        for number in self.automaton.outputs(state.state) {
            let Some(pattern) = self.pattern(number) else { continue };
            let start = now.saturating_sub(pattern.chars);
            if pattern.bounded.0 && is_word(cells.before(start)) {
                continue;
            }
            let awaits_next = pattern.bounded.1;
            state.candidates.push(Candidate { start, end: now, pattern: number, awaits_next });
        }
        self.decide(state, now.saturating_sub(state.depth as usize), hits);
    }

    /// Decides what is left at the end of the text.
    pub(crate) fn finish(&self, state: &mut MatcherState, hits: &mut Vec<TermHit>) {
        (state.state, state.depth) = (State::START, 0);
        state.await_next(None);
        self.decide(state, usize::MAX, hits);
    }

    /// Adds each candidate to `hits` that nothing can exempt any more. `growing` is where the longest phrase starts that
    /// may still grow.
    fn decide(&self, state: &mut MatcherState, growing: usize, hits: &mut Vec<TermHit>) {
        if state.candidates.is_empty() {
            return;
        }
        let allowed: Vec<(usize, usize)> = state
            .candidates
            .iter()
            .filter(|c| !c.awaits_next && self.pattern(c.pattern).is_some_and(|p| p.is_allowed))
            .map(|c| (c.start, c.end))
            .collect();
        state.candidates.retain_mut(|candidate| {
            let Some(pattern) = self.pattern(candidate.pattern) else { return false };
            let is_covered = allowed.iter().any(|a| a.0 <= candidate.start && candidate.end <= a.1);
            if is_covered || (pattern.rules.is_empty() && !candidate.awaits_next) {
                return false;
            }
            if candidate.awaits_next || (pattern.is_within_allowed && growing <= candidate.start) {
                return true;
            }
            let (start, end) = (candidate.start, candidate.end);
            hits.extend(pattern.rules.iter().map(|&rule| TermHit { start, end, rule }));
            false
        });
    }

    /// The terms in a whole normalised text that an allowed phrase covers, for explanations.
    pub(crate) fn exempted(&self, chars: &[char]) -> Vec<Exemption> {
        let is_word_at = |at: Option<usize>| at.and_then(|at| chars.get(at)).copied().is_some_and(is_word);
        let mut state = self.automaton.start();
        let mut phrases: Vec<(usize, usize)> = Vec::new();
        let mut terms = Vec::new();
        for (&next, end) in chars.iter().zip(1_usize..) {
            state = self.automaton.next(state, next);
            for pattern in self.automaton.outputs(state).filter_map(|number| self.pattern(number)) {
                let start = end.saturating_sub(pattern.chars);
                let goes_on = (pattern.bounded.0 && is_word_at(start.checked_sub(1)))
                    || (pattern.bounded.1 && is_word_at(Some(end)));
                if goes_on {
                    continue;
                }
                if pattern.is_allowed {
                    phrases.push((start, end));
                }
                terms.extend(pattern.rules.iter().map(|&rule| (rule, (start, end))));
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

    fn pattern(&self, number: u32) -> Option<&Pattern> {
        self.patterns.get(number as usize)
    }
}

impl MatcherState {
    #[inline]
    pub(crate) const fn is_idle(&self) -> bool {
        self.depth == 0 && self.candidates.is_empty()
    }

    /// The number of the first character that is waited for. A term of letters cannot begin inside a word, so that a
    /// beginning which does so is not waited for.
    pub(crate) fn pending(&self, cells: &Cells) -> usize {
        let now = cells.count();
        let can_begin =
            |&n: &usize| !(cells.get(n).is_some_and(|cell| is_word(cell.ch)) && is_word(cells.before(n)));
        // What has left the window was waited for no more when it left.
        let from = now.saturating_sub(self.depth as usize).max(cells.first());
        let growing = (from..now).find(can_begin).unwrap_or(now);
        self.candidates.iter().map(|candidate| candidate.start).fold(growing, usize::min)
    }

    /// Drops the candidates whose last word goes on, and releases the others from waiting for the next character.
    fn await_next(&mut self, next: Option<char>) {
        if !self.candidates.is_empty() {
            let goes_on = next.is_some_and(is_word);
            self.candidates.retain(|candidate| !(candidate.awaits_next && goes_on));
            self.candidates.iter_mut().for_each(|candidate| candidate.awaits_next = false);
        }
    }
}
