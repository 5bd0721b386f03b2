//! An Aho-Corasick automaton over characters whose state is a plain number.
//!
//! The trie of the patterns lies in a double array (Aoe 1989; XOR in place of addition as in daachorse): the child of a
//! state with base `b` by the character with code `c` is cell `b ^ c`, which names `c` as its label, and no two states
//! share a base. A cell has 12 bytes and carries its depth, so that one cache line tells all that a step asks. States are
//! [`State`]s, `Copy` and independent of any borrow: a stream keeps them between two pushes.
//!
//! What it deliberately is not: it knows no directions, boundaries or exemptions (see `matcher`). It only carries, for
//! each state, in which of two *sides* some pattern that goes on from there is looked for.

mod alphabet;
mod build;
#[cfg(test)]
mod tests;

use alphabet::Alphabet;

pub(crate) use build::AutomatonError;

/// The characters a pattern has at most: the depth of a state is kept in eight bits.
pub(crate) const PATTERN_CHARS_MAX: usize = 255;

/// Where an automaton stands after the characters it has read: the longest beginning of a pattern that ends there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct State(u32);

/// For which sides a pattern is looked for: a set of two bits, whose meaning is the caller's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sides(u32);

/// The patterns, compiled. They are numbered in their order.
#[derive(Debug, Clone)]
pub(crate) struct Automaton {
    alphabet: Alphabet,
    /// The first one is the start; the states behind it follow at the codes of their characters.
    cells: Vec<Cell>,
}

/// A state, the end of a pattern that others go on from (label 0), or free (all zero).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Cell {
    /// Which cells its children are. Of a leaf and of an end: the number of the pattern.
    base: u32,
    /// Label, depth and flags.
    tag: u32,
    /// The state of the longest proper suffix.
    fail: u32,
}

const LABEL_BITS: u32 = 18;
const LABEL: u32 = (1 << LABEL_BITS) - 1;
const DEPTH_SHIFT: u32 = LABEL_BITS;
const DEPTH: u32 = 0xFF << DEPTH_SHIFT;
/// No pattern goes on from here: `base` is a pattern's number.
const LEAF: u32 = 1 << 26;
/// A pattern ends here that is as long as the state is deep.
const OWN: u32 = 1 << 27;
/// Some pattern ends here.
const ANY: u32 = 1 << 28;
const SIDE_SHIFT: u32 = 29;

impl State {
    /// Nothing read yet, or nothing that a pattern begins with.
    pub(crate) const START: Self = Self(0);
}

impl Sides {
    /// The first.
    pub(crate) const FIRST: Self = Self(1);
    /// The second.
    pub(crate) const SECOND: Self = Self(2);
    /// Both.
    pub(crate) const BOTH: Self = Self(3);
}

impl Cell {
    const fn depth(self) -> u32 {
        (self.tag & DEPTH) >> DEPTH_SHIFT
    }

    const fn is(self, flag: u32) -> bool {
        self.tag & flag != 0
    }
}

impl Automaton {
    /// Compiles patterns that are sorted and different. Every pattern is looked for on no side until [`Automaton::extend`]
    /// says so.
    ///
    /// # Errors
    /// A pattern is empty, too long or not in its place, or there are too many of them or of their characters.
    pub(crate) fn build(patterns: &[&str]) -> Result<Self, AutomatonError> {
        build::build(patterns)
    }

    /// The state before the first character.
    pub(crate) const fn start(&self) -> State {
        State::START
    }

    /// The state after one more character.
    #[inline]
    pub(crate) fn next(&self, state: State, c: char) -> State {
        let code = self.alphabet.code(c);
        if code == 0 {
            return State::START;
        }
        let mut at = state.0;
        // Each round goes to a state of less depth.
        loop {
            let Some(&cell) = self.cells.get(at as usize) else { return State::START };
            if let Some(child) = self.child(cell, code) {
                return child;
            }
            if at == 0 {
                return State::START;
            }
            at = cell.fail;
        }
    }

    /// How many characters the longest beginning of a pattern has that ends here.
    #[inline]
    pub(crate) fn depth(&self, state: State) -> u32 {
        self.cell(state).depth()
    }

    /// The same among the patterns that are looked for on any of `sides`.
    #[inline]
    pub(crate) fn depth_on(&self, state: State, sides: Sides) -> u32 {
        let mut cell = self.cell(state);
        while cell.tag >> SIDE_SHIFT & sides.0 == 0 && cell.depth() > 0 {
            cell = self.cell(State(cell.fail));
        }
        cell.depth()
    }

    /// Whether some pattern ends here.
    #[inline]
    pub(crate) fn has_outputs(&self, state: State) -> bool {
        self.cell(state).is(ANY)
    }

    /// The numbers of all patterns that end here, the longest first.
    pub(crate) fn outputs(&self, state: State) -> impl Iterator<Item = u32> + '_ {
        let mut cell = self.cell(state);
        std::iter::from_fn(move || {
            while cell.is(ANY) {
                let here = cell;
                cell = self.cell(State(cell.fail));
                if here.is(OWN) {
                    return Some(self.own(here));
                }
            }
            None
        })
    }

    /// The number of a pattern.
    pub(crate) fn find(&self, pattern: &str) -> Option<u32> {
        let state = self.path(pattern).last()??;
        let cell = self.cell(state);
        (cell.is(OWN)).then(|| self.own(cell))
    }

    /// Says that a pattern is looked for on `sides`.
    pub(crate) fn extend(&mut self, pattern: &str, sides: Sides) {
        let mut state = State::START;
        for c in pattern.chars() {
            let Some(child) = self.child(self.cell(state), self.alphabet.code(c)) else { return };
            state = child;
            if let Some(cell) = self.cells.get_mut(state.0 as usize) {
                cell.tag |= sides.0 << SIDE_SHIFT;
            }
        }
    }

    /// The states of the beginnings of `text`, from one character on; `None` where there is none, and the last.
    fn path<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Option<State>> + 'a {
        text.chars().scan(Some(State::START), |state, c| {
            let from = (*state)?;
            *state = self.child(self.cell(from), self.alphabet.code(c));
            Some(*state)
        })
    }

    #[inline]
    fn cell(&self, state: State) -> Cell {
        self.cells.get(state.0 as usize).copied().unwrap_or_default()
    }

    #[inline]
    fn child(&self, cell: Cell, code: u32) -> Option<State> {
        let at = cell.base ^ code;
        let child = self.cells.get(at as usize)?;
        (child.tag & LABEL == code && code != 0 && !cell.is(LEAF)).then_some(State(at))
    }

    /// The number of the pattern that is the path to `cell`, which has the flag `OWN`.
    fn own(&self, cell: Cell) -> u32 {
        if cell.is(LEAF) { cell.base } else { self.cell(State(cell.base)).base }
    }
}
