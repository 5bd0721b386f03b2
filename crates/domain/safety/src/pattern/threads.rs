//! Following patterns through a text, one character at a time.
//!
//! A *thread* is a place where a pattern may have begun and the position it has come to. Threads at one position will
//! match the same; the earliest of them finds the longest matches and is kept, so that there are never more threads than
//! positions. A match found is a *candidate* until no thread that began at or before it may match the same pattern again:
//! only then is it the longest, and none that comes can cover it.

use super::Patterns;
use super::letters::Letter;
use super::positions::End;
use crate::class::is_word;
use crate::matcher::TermHit;

/// What a stream remembers about patterns. Nothing is allocated before one begins.
#[derive(Debug, Clone, Default)]
pub(crate) struct PatternState(Option<Box<Threads>>);

#[derive(Debug, Clone, Default)]
struct Threads {
    /// By the place where they began, no two at one position.
    live: Vec<Thread>,
    /// What becomes of them with the next character; empty between two steps.
    next: Vec<Thread>,
    candidates: Vec<Candidate>,
    /// Matches that count if the next character does not continue their last word.
    awaiting: Vec<Candidate>,
    /// One bit for each position, all clear between two steps; empty until there are many threads.
    taken: Vec<u64>,
}

/// A beginning: its first character and its position.
#[derive(Debug, Clone, Copy)]
struct Thread {
    start: usize,
    position: u16,
}

/// Characters `start..end` match a pattern.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    start: usize,
    end: usize,
    pattern: u16,
}

/// Up to so many threads are compared with each other; more are told apart by one bit for each position.
const FEW: usize = 8;

impl PatternState {
    /// Whether nothing is waited for.
    #[inline]
    pub(crate) fn is_idle(&self) -> bool {
        self.0.as_ref().is_none_or(|threads| threads.is_idle())
    }

    /// Reads one character, by which `now` characters have been read; `before` is the one before it.
    pub(crate) fn step(
        &mut self,
        patterns: &Patterns,
        (before, ch): (char, char),
        now: usize,
        hits: &mut Vec<TermHit>,
    ) {
        if patterns.begins(before, ch) || !self.is_idle() {
            let is_border = !(is_word(before) && is_word(ch));
            let threads = self.0.get_or_insert_default();
            threads.step(patterns, patterns.letter(ch), (is_border, is_word(ch)), now, hits);
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
        let thread = threads.live.iter().find(|thread| patterns.is_held(patterns.at(thread.position).0));
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

    fn step(
        &mut self,
        patterns: &Patterns,
        letter: Letter,
        (is_border, is_word): (bool, bool),
        now: usize,
        hits: &mut Vec<TermHit>,
    ) {
        if !self.awaiting.is_empty() {
            if is_word {
                self.awaiting.clear();
            }
            self.confirm();
        }
        // The earlier a thread began, the earlier it takes its next positions: the earliest is kept.
        let mut live = std::mem::take(&mut self.live);
        for thread in live.drain(..) {
            for position in patterns.follow(thread.position, letter) {
                self.put(patterns, Thread { position, ..thread });
            }
        }
        let start = now.saturating_sub(1);
        for position in patterns.begin(letter, is_border) {
            self.put(patterns, Thread { start, position });
        }
        self.live = std::mem::replace(&mut self.next, live);
        for place in 0..self.live.len() {
            let Some(&Thread { start, position }) = self.live.get(place) else { break };
            self.untake(position);
            let (pattern, end) = patterns.at(position);
            let candidate = Candidate { start, end: now, pattern };
            match end {
                End::No => {}
                End::AtBorder if is_word => add(&mut self.awaiting, candidate),
                End::Yes | End::AtBorder => add(&mut self.candidates, candidate),
            }
        }
        self.live.retain(|thread| patterns.goes_on(thread.position));
        self.decide(patterns, hits);
    }

    /// Adds a thread to the next ones, unless an earlier one is at its position.
    fn put(&mut self, patterns: &Patterns, thread: Thread) {
        if self.taken.is_empty() {
            if self.next.iter().any(|other| other.position == thread.position) {
                return;
            }
            self.next.push(thread);
            if self.next.len() > FEW {
                self.taken.resize(patterns.count().div_ceil(64), 0);
                for place in 0..self.next.len() {
                    let position = self.next.get(place).map(|thread| thread.position);
                    position.into_iter().for_each(|position| {
                        self.take(position);
                    });
                }
            }
        } else if self.take(thread.position) {
            self.next.push(thread);
        }
    }

    /// Sets the bit of a position; whether it was clear.
    fn take(&mut self, position: u16) -> bool {
        let bit = 1_u64 << (position % 64);
        let Some(word) = self.taken.get_mut(usize::from(position / 64)) else { return true };
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// Clears the bits about a position.
    fn untake(&mut self, position: u16) {
        if let Some(word) = self.taken.get_mut(usize::from(position / 64)) {
            *word = 0;
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
            let may_grow = earlier.into_iter().any(|thread| patterns.at(thread.position).0 == pattern)
                || awaiting.iter().any(|other| other.pattern == pattern && other.start <= candidate.start);
            if !may_grow && let Some(rule) = patterns.rule(pattern) {
                hits.push(TermHit::plain(candidate.start, candidate.end, rule));
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
