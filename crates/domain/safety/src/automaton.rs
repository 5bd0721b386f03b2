//! An Aho-Corasick automaton over characters whose state is a plain number.
//!
//! The trie of the patterns lies in a double array (Aoe 1989; XOR in place of addition as in daachorse): the child of a
//! state with base `b` by the character with code `c` is cell `b ^ c`, which names `c` as its label, and no two states
//! share a base. A cell has 16 bytes and carries its depth and a filter of its
//! children, so that one cache line tells all that a step asks; most steps that lead nowhere read no other. States are
//! [`State`]s, `Copy` and independent of any borrow: a stream keeps them between two pushes.
//!
//! What it deliberately is not: it knows no directions, boundaries or exemptions (see `matcher`). It only carries, for
//! each state, in which of two *sides* some pattern that goes on from there is looked for.

mod alphabet;
mod build;
mod bytes;
#[cfg(test)]
mod tests;

use alphabet::Alphabet;

pub(crate) use build::AutomatonError;

/// The characters a pattern has at most: the depth of a state is kept in eight bits.
pub(crate) const PATTERN_CHARS_MAX: usize = 255;

/// Where an automaton stands after the characters it has read: the longest beginning of a pattern that ends there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct State(u32);

/// A state with its cell, for steps that follow each other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot {
    state: State,
    cell: Cell,
}

/// For which sides a pattern is looked for: a set of six, whose meaning is the caller's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sides(u8);

/// The patterns, compiled. They are numbered in their order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Automaton {
    alphabet: Alphabet,
    /// The first one is the start; the states behind it follow at the codes of their characters.
    cells: Vec<Cell>,
}

/// A state, the end of a pattern that others go on from (label 0), or free (all zero).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Cell {
    /// Which cells its children are. Of an end, and with [`LEAF`] of a state: the number of the pattern.
    base: u32,
    /// Label, depth and sides.
    tag: u32,
    /// The state of the longest proper suffix, with [`ANY`] and [`OWN`].
    fail: u32,
    /// One bit of 32 for each child, by [`bit`]: where it is not set there is none, and no cell need be read to know.
    filter: u32,
}

/// The bit of a character among 32, by Fibonacci hashing (2^32 divided by the golden ratio).
#[inline]
const fn bit(code: u32) -> u32 {
    1 << (code.wrapping_mul(0x9E37_79B1) >> 27)
}

const LABEL_BITS: u32 = 18;
const LABEL: u32 = (1 << LABEL_BITS) - 1;
const DEPTH_SHIFT: u32 = LABEL_BITS;
const SIDE_SHIFT: u32 = 26;
/// In `base`: no pattern goes on from here.
const LEAF: u32 = 1 << 31;
/// In `fail`: some pattern ends here.
const ANY: u32 = 1 << 31;
/// In `fail`: a pattern ends here that is as long as the state is deep.
const OWN: u32 = 1 << 30;
/// The cells there are at most, so that the flags have room above their numbers.
const CELLS_MAX: usize = 1 << 30;

/// The greatest code of a character.
pub(crate) const CODE_MAX: u32 = LABEL;

/// Automata above this size, of 1 MB, do not fit the second cache of present processors beside what else is in it.
const LARGE_CELLS: usize = 1 << 16;

impl State {
    /// Nothing read yet, or nothing that a pattern begins with.
    pub(crate) const START: Self = Self(0);
}

impl Spot {
    const START: Self = Self { state: State::START, cell: Cell { base: 0, tag: 0, fail: 0, filter: 0 } };

    #[inline]
    pub(crate) const fn state(self) -> State {
        self.state
    }

    /// Whether nothing is pending.
    #[inline]
    pub(crate) fn is_start(self) -> bool {
        self.state == State::START
    }

    /// How many characters the longest beginning of a pattern has that ends here.
    #[inline]
    pub(crate) const fn depth(self) -> u8 {
        self.cell.depth()
    }

    /// Whether some pattern ends here.
    #[inline]
    pub(crate) const fn has_outputs(self) -> bool {
        self.cell.fail & ANY != 0
    }
}

impl Sides {
    /// None.
    pub(crate) const NONE: Self = Self(0);
    /// All of them.
    pub(crate) const ANY: Self = Self(Self::ALL);
    const ALL: u8 = 0b11_1111;

    /// The side with that number, of 0 to 5.
    pub(crate) const fn one(number: u8) -> Self {
        Self(1_u8.wrapping_shl(number as u32) & Self::ALL)
    }

    /// The sides as bits, for a file.
    pub(crate) const fn bits(self) -> u8 {
        self.0
    }

    /// The sides with these bits.
    pub(crate) fn from_bits(bits: u8) -> Option<Self> {
        (bits & !Self::ALL == 0).then_some(Self(bits))
    }

    /// Those of either.
    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those of both.
    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether some side is in both.
    #[inline]
    pub(crate) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl Cell {
    #[inline]
    const fn depth(self) -> u8 {
        self.tag.to_le_bytes()[2] >> 2 | self.tag.to_le_bytes()[3] << 6
    }

    #[inline]
    const fn sides(self) -> Sides {
        Sides(self.tag.to_le_bytes()[3] >> 2)
    }

    #[inline]
    const fn fail(self) -> State {
        State(self.fail & !(ANY | OWN))
    }
}

impl Automaton {
    /// That of no patterns.
    pub(crate) const EMPTY: Self = Self { alphabet: Alphabet::EMPTY, cells: Vec::new() };

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

    /// Whether some pattern holds a character.
    pub(crate) fn knows(&self, c: char) -> bool {
        self.alphabet.code(c) != 0
    }

    /// The state after one more character.
    #[inline]
    pub(crate) fn next(&self, state: State, c: char) -> State {
        self.step(state, c).map_or(State::START, |(state, _)| state)
    }

    /// The state after one more character, and how many characters the longest beginning has that ends there and is looked for
    /// on any of `sides`; none where some pattern ends there.
    #[inline]
    pub(crate) fn quiet(&self, state: State, c: char, sides: Sides) -> Option<(State, u8)> {
        let Some((state, cell)) = self.step(state, c) else { return Some((State::START, 0)) };
        if cell.fail & ANY != 0 {
            return None;
        }
        let counts = cell.sides().meets(sides);
        Some((state, if counts { cell.depth() } else { self.depth_on(state, sides) }))
    }

    /// The state after one more character with its cell; none where that is the start.
    #[inline]
    fn step(&self, state: State, c: char) -> Option<(State, Cell)> {
        let code = self.alphabet.code(c);
        if code == 0 {
            return None;
        }
        let Spot { state, cell } = self.hop(self.spot(state), code, self.first(code));
        (state != State::START).then_some((state, cell))
    }

    /// The code of a character, for [`Automaton::hop`]: at most [`CODE_MAX`]; 0 where no pattern holds it.
    pub(crate) fn code(&self, c: char) -> u32 {
        self.alphabet.code(c)
    }

    /// A state with its cell at hand.
    #[inline]
    pub(crate) fn spot(&self, state: State) -> Spot {
        Spot { state, cell: self.cell(state) }
    }

    /// Where the character with a code leads from the start. It hangs on nothing else, and so may be asked before the step
    /// that needs it.
    #[inline]
    pub(crate) fn first(&self, code: u32) -> Spot {
        let cell = self.cells.get(code as usize).copied().unwrap_or_default();
        if cell.tag & LABEL == code { Spot { state: State(code), cell } } else { Spot::START }
    }

    /// Where the character with a code leads from `from`; `first` is where it leads from the start.
    #[inline]
    pub(crate) fn hop(&self, from: Spot, code: u32, first: Spot) -> Spot {
        // Code 0 is no label: it leads to the start from everywhere.
        let bit = bit(code) & u32::from(code == 0).wrapping_sub(1);
        let mut cell = from.cell;
        // Each round goes to a state of less depth.
        loop {
            if cell.filter & bit != 0 {
                let at = cell.base ^ code;
                if let Some(child) = self.cells.get(at as usize).filter(|child| child.tag & LABEL == code) {
                    return Spot { state: State(at), cell: *child };
                }
            }
            let fail = cell.fail();
            if fail == State::START {
                return first;
            }
            cell = self.cell(fail);
        }
    }

    /// Whether the cells are too many for the nearest caches, so that [`Automaton::warm`] is worth its time.
    #[inline]
    pub(crate) const fn is_large(&self) -> bool {
        self.cells.len() > LARGE_CELLS
    }

    /// Reads the cells of the first three characters of every pattern that could begin at each of `chars`: what steps over
    /// them will read. A step waits for the one before it, and each for memory; here the places do not wait for each other,
    /// so that memory answers for many of them at once. For that no branch may hang on what is read: where nothing goes on,
    /// the cell of the character by itself is read, which is near.
    #[inline]
    pub(crate) fn warm(&self, chars: impl Iterator<Item = char>) {
        let start = self.cell(State::START);
        let (mut one, mut two) = (start, start);
        let mut read = 0_u32;
        for c in chars {
            let code = self.alphabet.code(c);
            let own = bit(code);
            let step = |from: Cell| {
                let base = std::hint::select_unpredictable(from.filter & own == 0, 0, from.base);
                let child = self.cells.get((base ^ code) as usize).copied().unwrap_or_default();
                let filter = std::hint::select_unpredictable(child.tag & LABEL == code, child.filter, 0);
                Cell { filter, ..child }
            };
            read ^= step(two).filter;
            two = step(one);
            one = step(start);
        }
        std::hint::black_box(read);
    }

    /// How many characters the longest beginning of a pattern has that ends here.
    #[inline]
    pub(crate) fn depth(&self, state: State) -> u8 {
        self.cell(state).depth()
    }

    /// The same among the patterns that are looked for on any of `sides`.
    #[inline]
    pub(crate) fn depth_on(&self, state: State, sides: Sides) -> u8 {
        self.depth_where(state, |_, on| on.meets(sides))
    }

    /// The same among the beginnings that `counts`, which sees the state and its sides.
    #[inline]
    pub(crate) fn depth_where(&self, state: State, counts: impl Fn(State, Sides) -> bool) -> u8 {
        let mut at = state;
        let mut cell = self.cell(at);
        while cell.depth() > 0 && !counts(at, cell.sides()) {
            at = cell.fail();
            cell = self.cell(at);
        }
        cell.depth()
    }

    /// Whether some pattern ends here.
    #[inline]
    pub(crate) fn has_outputs(&self, state: State) -> bool {
        self.cell(state).fail & ANY != 0
    }

    /// The numbers of all patterns that end here, the longest first.
    pub(crate) fn outputs(&self, state: State) -> impl Iterator<Item = u32> + '_ {
        let mut cell = self.cell(state);
        std::iter::from_fn(move || {
            while cell.fail & ANY != 0 {
                let here = cell;
                cell = self.cell(cell.fail());
                if here.fail & OWN != 0 {
                    return Some(self.own(here));
                }
            }
            None
        })
    }

    /// The number of a pattern.
    pub(crate) fn find(&self, pattern: &str) -> Option<u32> {
        self.own_of(self.path(pattern).last()??)
    }

    /// The number of the pattern that is the path to a state.
    pub(crate) fn own_of(&self, state: State) -> Option<u32> {
        let cell = self.cell(state);
        (cell.fail & OWN != 0).then(|| self.own(cell))
    }

    /// Says that a pattern is looked for on `sides`.
    pub(crate) fn extend(&mut self, pattern: &str, sides: Sides) {
        let mut state = State::START;
        for c in pattern.chars() {
            let Some(child) = self.child_by(state, c) else { return };
            state = child;
            if let Some(cell) = self.cells.get_mut(state.0 as usize) {
                cell.tag |= u32::from(sides.0) << SIDE_SHIFT;
            }
        }
    }

    /// The sides on which some pattern goes on from a state.
    pub(crate) fn sides(&self, state: State) -> Sides {
        self.cell(state).sides()
    }

    /// The states that are one character longer.
    pub(crate) fn children(&self, state: State) -> impl Iterator<Item = State> + '_ {
        let cell = self.cell(state);
        (1..=self.alphabet.size()).filter_map(move |code| self.child(cell, code))
    }

    /// The states of the beginnings of `text`, from one character on; `None` where there is none, and the last.
    pub(crate) fn path<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Option<State>> + 'a {
        text.chars().scan(Some(State::START), |state, c| {
            *state = self.child_by((*state)?, c);
            Some(*state)
        })
    }

    fn child_by(&self, state: State, c: char) -> Option<State> {
        let code = self.alphabet.code(c);
        if code == 0 { None } else { self.child(self.cell(state), code) }
    }

    #[inline]
    fn cell(&self, state: State) -> Cell {
        self.cells.get(state.0 as usize).copied().unwrap_or_default()
    }

    /// `code` is not 0.
    #[inline]
    fn child(&self, cell: Cell, code: u32) -> Option<State> {
        if cell.filter & bit(code) == 0 {
            return None;
        }
        let at = cell.base ^ code;
        let child = self.cells.get(at as usize)?;
        (child.tag & LABEL == code).then_some(State(at))
    }

    /// The number of the pattern that is the path to `cell`, which has the flag [`OWN`].
    fn own(&self, cell: Cell) -> u32 {
        if cell.base & LEAF != 0 { cell.base & !LEAF } else { self.cell(State(cell.base)).base }
    }
}
