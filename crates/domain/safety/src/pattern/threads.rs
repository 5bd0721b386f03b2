//! Following patterns through a text, one character at a time.
//!
//! A *thread* is a place where a pattern may have begun and the automaton's state there. Threads with the same state will
//! match the same; the earliest of them finds the longest matches and is kept, so that there are never more threads than
//! states. A match found is a *candidate* until no thread that began at or before it may match the same pattern again:
//! only then is it the longest, and none that comes can cover it.

use super::Patterns;
use super::automaton::{DEAD, State};
use crate::class::is_word;
use crate::matcher::TermHit;

/// What a stream remembers about patterns. Nothing is allocated before one begins.
#[derive(Debug, Clone, Default)]
pub(crate) struct PatternState(Option<Box<Threads>>);

#[derive(Debug, Clone, Default)]
struct Threads {
    /// By the place where they began.
    live: Vec<Thread>,
    candidates: Vec<Candidate>,
    /// Matches that count if the next character does not continue their last word.
    awaiting: Vec<Candidate>,
    /// One bit for each state, all clear between two steps; empty until there are many threads.
    taken: Vec<u64>,
}

/// A beginning: its first character and its state.
#[derive(Debug, Clone, Copy)]
struct Thread {
    start: usize,
    state: State,
}

/// Characters `start..end` match a pattern.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    start: usize,
    end: usize,
    pattern: u16,
}

/// Up to so many threads are compared with each other; more are told apart by one bit for each state.
const FEW: usize = 8;

impl PatternState {
    /// Whether nothing is waited for.
    #[inline]
    pub(crate) fn is_idle(&self) -> bool {
        self.0.as_ref().is_none_or(|threads| threads.is_idle())
    }

    /// Reads one character, by which `now` characters have been read. `begun` is the state of a pattern that begins with it.
    pub(crate) fn step(
        &mut self,
        patterns: &Patterns,
        begun: State,
        ch: char,
        now: usize,
        hits: &mut Vec<TermHit>,
    ) {
        if begun != DEAD || self.0.is_some() {
            self.0.get_or_insert_default().step(patterns, begun, ch, now, hits);
        }
    }

    /// No more comes.
    pub(crate) fn finish(&mut self, patterns: &Patterns, hits: &mut Vec<TermHit>) {
        if let Some(threads) = &mut self.0 {
            threads.live.clear();
            threads.confirm();
            threads.decide(patterns, hits);
        }
    }

    /// The first character that may have to be masked or must not leave.
    pub(crate) fn pending(&self, patterns: &Patterns) -> Option<usize> {
        let threads = self.0.as_ref()?;
        let thread = threads.live.iter().find(|thread| patterns.holds(thread.state));
        let found = threads.candidates.iter().chain(&threads.awaiting);
        let found = found.filter(|candidate| patterns.is_held(candidate.pattern)).map(|c| c.start);
        found.chain(thread.map(|thread| thread.start)).min()
    }

    /// The first character that a finding may begin with.
    pub(crate) fn needed(&self) -> Option<usize> {
        let threads = self.0.as_ref()?;
        let found = threads.candidates.iter().chain(&threads.awaiting).map(|candidate| candidate.start);
        found.chain(threads.live.first().map(|thread| thread.start)).min()
    }
}

impl Threads {
    const fn is_idle(&self) -> bool {
        self.live.is_empty() && self.candidates.is_empty() && self.awaiting.is_empty()
    }

    fn step(&mut self, patterns: &Patterns, begun: State, ch: char, now: usize, hits: &mut Vec<TermHit>) {
        if !self.awaiting.is_empty() {
            if is_word(ch) {
                self.awaiting.clear();
            }
            self.confirm();
        }
        self.live.retain_mut(|thread| {
            thread.state = patterns.advance(thread.state, ch);
            thread.state != DEAD
        });
        if begun != DEAD {
            self.live.push(Thread { start: now.saturating_sub(1), state: begun });
        }
        if self.live.len() > 1 {
            self.merge(patterns.states());
        }
        for place in 0..self.live.len() {
            let Some(&Thread { start, state }) = self.live.get(place) else { break };
            for (pattern, is_bounded) in patterns.matched(state) {
                let candidate = Candidate { start, end: now, pattern };
                let found = if is_bounded && is_word(ch) { &mut self.awaiting } else { &mut self.candidates };
                add(found, candidate);
            }
        }
        self.live.retain(|thread| patterns.goes_on(thread.state));
        self.decide(patterns, hits);
    }

    /// Keeps the earliest thread of each state.
    fn merge(&mut self, states: usize) {
        if self.live.len() <= FEW {
            let mut kept: [State; FEW] = [DEAD; FEW];
            let mut count = 0_usize;
            self.live.retain(|thread| {
                let is_new = !kept.iter().take(count).any(|state| *state == thread.state);
                if is_new && let Some(slot) = kept.get_mut(count) {
                    *slot = thread.state;
                    count = count.saturating_add(1);
                }
                is_new
            });
            return;
        }
        self.taken.resize(states.div_ceil(64), 0);
        let taken = &mut self.taken;
        let split = |state: State| (usize::from(state) / 64, 1_u64 << (state % 64));
        self.live.retain(|thread| {
            let (word, bit) = split(thread.state);
            let Some(word) = taken.get_mut(word) else { return true };
            let is_new = *word & bit == 0;
            *word |= bit;
            is_new
        });
        for thread in &self.live {
            let (word, _) = split(thread.state);
            if let Some(word) = taken.get_mut(word) {
                *word = 0;
            }
        }
    }

    /// What awaited the next character counts.
    fn confirm(&mut self) {
        for candidate in self.awaiting.drain(..) {
            add(&mut self.candidates, candidate);
        }
    }

    /// Adds each candidate to `hits` that nothing can cover or prolong any more.
    fn decide(&mut self, patterns: &Patterns, hits: &mut Vec<TermHit>) {
        if self.candidates.is_empty() {
            return;
        }
        let (live, awaiting) = (&self.live, &self.awaiting);
        self.candidates.retain(|candidate| {
            let pattern = candidate.pattern;
            let earlier = live.iter().take_while(|thread| thread.start <= candidate.start);
            let may_grow = earlier.into_iter().any(|thread| patterns.may_match(thread.state, pattern))
                || awaiting.iter().any(|other| other.pattern == pattern && other.start <= candidate.start);
            if !may_grow && let Some(rule) = patterns.rule(pattern) {
                hits.push(TermHit { start: candidate.start, end: candidate.end, rule });
            }
            may_grow
        });
    }
}

/// Adds a match unless another one of its pattern covers it, and drops those that it covers.
fn add(found: &mut Vec<Candidate>, new: Candidate) {
    let covers =
        |a: &Candidate, b: &Candidate| a.pattern == b.pattern && a.start <= b.start && b.end <= a.end;
    if !found.iter().any(|old| covers(old, &new)) {
        found.retain(|old| !covers(&new, old));
        found.push(new);
    }
}
