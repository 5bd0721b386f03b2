//! The automaton of all patterns of one direction: anchored, over the bytes of UTF-8, as small as can be.
//!
//! `regex-automata` makes a dense automaton. Since every pattern has a greatest length it has no cycle, so that one walk
//! from the last states to the first gives the smallest automaton, and says of each state which patterns match there and
//! which may still match behind it. Both are what a stream asks (`threads`).

use std::collections::HashMap;

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::{primitives::StateID, start};
use regex_automata::{Anchored, MatchKind};
use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, Hir};

use super::expression::{Branch, Expression};
use super::{PATTERN_BYTES_MAX, PATTERNS_BYTES_MAX, Pattern, PatternProblem};
use crate::class::is_word;
use crate::engine::RuleId;

/// The number of a state; [`DEAD`] is where nothing can match any more.
pub(super) type State = u16;
pub(super) const DEAD: State = 0;

/// Stands before a text whose first character continues a word. Neither byte occurs in UTF-8.
const WITHIN_WORD: u8 = 0xFE;
/// Stands before any other text.
const AT_BORDER: u8 = 0xFF;

/// The patterns of one direction, compiled.
pub(crate) struct Patterns {
    classes: [u8; 256],
    stride: usize,
    /// For each state and class of bytes the next state.
    next: Vec<State>,
    infos: Vec<Info>,
    /// Sets of numbers of branches or patterns, ascending.
    sets: Vec<Box<[u16]>>,
    within_word: State,
    at_border: State,
    /// For each branch its pattern, and whether no word may go on behind it.
    branches: Vec<(u16, bool)>,
    patterns: Vec<Compiled>,
}

/// What is known of a state: numbers of sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Info {
    /// The branches that match here.
    matched: u16,
    /// The patterns that may match behind it.
    reach: u16,
    /// One of these is masked or blocked.
    holds: bool,
}

#[derive(Debug, Clone, Copy)]
struct Compiled {
    rule: RuleId,
    holds: bool,
}

/// Refuses an expression whose automaton alone is too large.
pub(super) fn check_size(expression: &Expression) -> Result<(), PatternProblem> {
    let branches: Vec<&Branch> = expression.branches.iter().collect();
    dense(&branches, PATTERN_BYTES_MAX).map(|_| ()).ok_or(PatternProblem::TooLarge)
}

fn dense(branches: &[&Branch], bytes_max: usize) -> Option<dense::DFA<Vec<u32>>> {
    let hirs: Vec<Hir> = branches
        .iter()
        .map(|branch| {
            let least = if branch.bounded.0 { AT_BORDER } else { WITHIN_WORD };
            let marker = ClassBytes::new([ClassBytesRange::new(least, AT_BORDER)]);
            Hir::concat(vec![Hir::class(Class::Bytes(marker)), branch.hir.clone()])
        })
        .collect();
    let nfa = thompson::Compiler::new()
        .configure(
            thompson::Config::new()
                .utf8(false)
                .which_captures(WhichCaptures::None)
                .nfa_size_limit(Some(bytes_max)),
        )
        .build_many_from_hir(&hirs)
        .ok()?;
    dense::Builder::new()
        .configure(
            dense::Config::new()
                .match_kind(MatchKind::All)
                .start_kind(StartKind::Anchored)
                .accelerate(false)
                .dfa_size_limit(Some(bytes_max))
                .determinize_size_limit(Some(bytes_max)),
        )
        .build_from_nfa(&nfa)
        .ok()
}

impl Patterns {
    /// The automaton of these patterns, each with its rule and whether it is masked or blocked; none where there is none.
    pub(crate) fn build(patterns: &[(&Pattern, RuleId, bool)]) -> Result<Option<Self>, PatternProblem> {
        let mut branches = Vec::new();
        let mut owners = Vec::new();
        for (number, (pattern, ..)) in patterns.iter().enumerate() {
            let number = u16::try_from(number).map_err(|_| PatternProblem::AllTooLarge)?;
            for branch in &pattern.expression.branches {
                branches.push(branch);
                owners.push((number, branch.bounded.1));
            }
        }
        if branches.is_empty() {
            return Ok(None);
        }
        let dense = dense(&branches, PATTERNS_BYTES_MAX).ok_or(PatternProblem::AllTooLarge)?;
        let compiled = patterns.iter().map(|&(_, rule, holds)| Compiled { rule, holds }).collect();
        Builder::new(&dense, owners, compiled).build().map(Some)
    }

    /// The state behind `ch` where a pattern begins with it; `before` is what stands before it.
    #[inline]
    pub(crate) fn begin(&self, before: char, ch: char) -> State {
        let start = if is_word(ch) && is_word(before) { self.within_word } else { self.at_border };
        self.advance(start, ch)
    }

    /// The state behind `ch`.
    #[inline]
    pub(super) fn advance(&self, from: State, ch: char) -> State {
        let mut state = from;
        for &byte in ch.encode_utf8(&mut [0; 4]).as_bytes() {
            // `byte` is below 256 and a state below their number, so that both are always found.
            let class = self.classes.get(usize::from(byte)).copied().unwrap_or(0);
            let place = usize::from(state).wrapping_mul(self.stride).wrapping_add(class.into());
            state = self.next.get(place).copied().unwrap_or(DEAD);
            if state == DEAD {
                break;
            }
        }
        state
    }

    /// The patterns that match at a state, and whether no word may go on behind the match.
    pub(super) fn matched(&self, state: State) -> impl Iterator<Item = (u16, bool)> {
        let branches = self.set(self.info(state).matched);
        branches.iter().filter_map(|&branch| self.branches.get(usize::from(branch)).copied())
    }

    /// Whether a pattern may match behind a state.
    pub(super) fn may_match(&self, state: State, pattern: u16) -> bool {
        self.set(self.info(state).reach).binary_search(&pattern).is_ok()
    }

    /// Whether any pattern may match behind a state.
    pub(super) fn goes_on(&self, state: State) -> bool {
        self.info(state).reach != 0
    }

    /// Whether a pattern that is masked or blocked may match behind a state.
    pub(super) fn holds(&self, state: State) -> bool {
        self.info(state).holds
    }

    /// Whether a pattern is masked or blocked.
    pub(super) fn is_held(&self, pattern: u16) -> bool {
        self.patterns.get(usize::from(pattern)).is_some_and(|pattern| pattern.holds)
    }

    pub(super) fn rule(&self, pattern: u16) -> Option<RuleId> {
        self.patterns.get(usize::from(pattern)).map(|pattern| pattern.rule)
    }

    pub(super) const fn states(&self) -> usize {
        self.infos.len()
    }

    fn info(&self, state: State) -> Info {
        self.infos.get(usize::from(state)).copied().unwrap_or_default()
    }

    fn set(&self, number: u16) -> &[u16] {
        self.sets.get(usize::from(number)).map(AsRef::as_ref).unwrap_or_default()
    }
}

/// Walks the dense automaton from its last states to its first ones.
struct Builder<'d> {
    dense: &'d dense::DFA<Vec<u32>>,
    /// One byte of each class.
    bytes: Vec<u8>,
    known: HashMap<StateID, State>,
    rows: HashMap<(u16, Box<[State]>), State>,
    numbers: HashMap<Box<[u16]>, u16>,
    made: Patterns,
}

/// A state whose next states are being looked at.
struct Frame {
    id: StateID,
    row: Vec<State>,
}

impl<'d> Builder<'d> {
    fn new(dense: &'d dense::DFA<Vec<u32>>, branches: Vec<(u16, bool)>, patterns: Vec<Compiled>) -> Self {
        let of_dense = dense.byte_classes();
        let bytes: Vec<u8> = of_dense.representatives(0..=u8::MAX).filter_map(|unit| unit.as_u8()).collect();
        let mut classes = [0; 256];
        for (class, byte) in classes.iter_mut().zip(0..=u8::MAX) {
            *class = of_dense.get(byte);
        }
        let stride = bytes.len();
        let made = Patterns {
            classes,
            stride,
            next: vec![DEAD; stride],
            infos: vec![Info::default()],
            sets: vec![Box::default()],
            within_word: DEAD,
            at_border: DEAD,
            branches,
            patterns,
        };
        let numbers = HashMap::from([(Box::default(), 0)]);
        Self { dense, bytes, known: HashMap::new(), rows: HashMap::new(), numbers, made }
    }

    fn build(mut self) -> Result<Patterns, PatternProblem> {
        let start = self
            .dense
            .start_state(&start::Config::new().anchored(Anchored::Yes))
            .map_err(|_| PatternProblem::AllTooLarge)?;
        self.made.within_word = self.walk(self.dense.next_state(start, WITHIN_WORD))?;
        self.made.at_border = self.walk(self.dense.next_state(start, AT_BORDER))?;
        Ok(self.made)
    }

    /// Makes a state and all behind it. By hand and not by recursion: they stand thousands deep.
    fn walk(&mut self, root: StateID) -> Result<State, PatternProblem> {
        let mut frames = vec![Frame { id: root, row: Vec::new() }];
        let mut last = DEAD;
        while let Some(frame) = frames.last_mut() {
            match self.bytes.get(frame.row.len()) {
                Some(&byte) => {
                    let next = self.dense.next_state(frame.id, byte);
                    if self.dense.is_dead_state(next) {
                        frame.row.push(DEAD);
                    } else if let Some(&known) = self.known.get(&next) {
                        frame.row.push(known);
                    } else {
                        frames.push(Frame { id: next, row: Vec::new() });
                    }
                }
                None => {
                    let Some(Frame { id, row }) = frames.pop() else { break };
                    last = self.make(id, row)?;
                    self.known.insert(id, last);
                }
            }
        }
        Ok(last)
    }

    /// The state with this row.
    fn make(&mut self, id: StateID, row: Vec<State>) -> Result<State, PatternProblem> {
        // A state of the dense automaton tells of a match one byte late, or at the end of the text.
        let end = self.dense.next_eoi_state(id);
        let matched = if self.dense.is_match_state(end) {
            let matches = 0..self.dense.match_len(end);
            matches.filter_map(|i| u16::try_from(self.dense.match_pattern(end, i).as_usize()).ok()).collect()
        } else {
            Vec::new()
        };
        let matched = self.number(matched)?;
        if matched == 0 && row.iter().all(|next| *next == DEAD) {
            return Ok(DEAD);
        }
        let key = (matched, row.into_boxed_slice());
        if let Some(&state) = self.rows.get(&key) {
            return Ok(state);
        }
        let state = State::try_from(self.made.infos.len()).map_err(|_| PatternProblem::AllTooLarge)?;
        let reach = self.reach(&key.1);
        let holds = reach.iter().any(|pattern| self.made.is_held(*pattern));
        let reach = self.number(reach)?;
        self.made.next.extend_from_slice(&key.1);
        self.made.infos.push(Info { matched, reach, holds });
        self.rows.insert(key, state);
        Ok(state)
    }

    /// The patterns that match at one of these states or behind it.
    fn reach(&self, row: &[State]) -> Vec<u16> {
        let mut next = row.to_vec();
        next.sort_unstable();
        next.dedup();
        let mut sets: Vec<(u16, u16)> = next
            .into_iter()
            .map(|state| self.made.info(state))
            .map(|info| (info.matched, info.reach))
            .collect();
        sets.sort_unstable();
        sets.dedup();
        sets.iter()
            .flat_map(|&(matched, reach)| {
                let owner = |branch: &u16| self.made.branches.get(usize::from(*branch)).map(|b| b.0);
                let matched = self.made.set(matched).iter().filter_map(owner);
                matched.chain(self.made.set(reach).iter().copied())
            })
            .collect()
    }

    /// The number of a set.
    fn number(&mut self, mut members: Vec<u16>) -> Result<u16, PatternProblem> {
        members.sort_unstable();
        members.dedup();
        let members = members.into_boxed_slice();
        if let Some(&number) = self.numbers.get(&members) {
            return Ok(number);
        }
        let number = u16::try_from(self.made.sets.len()).map_err(|_| PatternProblem::AllTooLarge)?;
        self.made.sets.push(members.clone());
        self.numbers.insert(members, number);
        Ok(number)
    }
}
