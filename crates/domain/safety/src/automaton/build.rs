//! From sorted patterns to the double array.

use std::collections::HashMap;

use super::alphabet::Alphabet;
use super::{ANY, Automaton, CELLS_MAX, Cell, DEPTH_SHIFT, LABEL, LEAF, OWN, PATTERN_CHARS_MAX, State, bit};

/// Patterns that make no automaton.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AutomatonError {
    /// Nothing to look for.
    #[error("pattern {0} is empty")]
    Empty(usize),
    /// Too long for the depth of a state.
    #[error("pattern {0} has more than {PATTERN_CHARS_MAX} characters")]
    TooLong(usize),
    /// The pattern is not greater than the one before it.
    #[error("pattern {0} is out of order")]
    Order(usize),
    /// More different characters than labels.
    #[error("the patterns have {0} different characters, at most {LABEL} are possible")]
    Characters(usize),
    /// More states than numbers for them.
    #[error("the patterns need too many states")]
    States,
}

/// Families of children by how many they are: 1, 2, 3 to 4, 5 to 8 … Each size has its own place in the list of free cells
/// where it goes on searching, which only moves forward: so the search takes linear time, and small families fill the gaps
/// that large ones leave.
const SIZES: usize = 20;

pub(super) fn build(patterns: &[&str]) -> Result<Automaton, AutomatonError> {
    if patterns.len() >= CELLS_MAX {
        return Err(AutomatonError::States);
    }
    let alphabet = alphabet(patterns)?;
    let mut array = Array::new(alphabet.size())?;
    let levels = place(patterns, &alphabet, &mut array)?;
    let mut automaton = Automaton { alphabet, cells: array.finish() };
    link(&mut automaton, &levels);
    Ok(automaton)
}

/// Checks the patterns, and orders their characters by how often they stand in them.
fn alphabet(patterns: &[&str]) -> Result<Alphabet, AutomatonError> {
    let mut counts: HashMap<char, u32> = HashMap::new();
    for (number, pattern) in patterns.iter().enumerate() {
        if pattern.is_empty() {
            return Err(AutomatonError::Empty(number));
        }
        if number.checked_sub(1).and_then(|n| patterns.get(n)).is_some_and(|before| before >= pattern) {
            return Err(AutomatonError::Order(number));
        }
        let mut length = 0_usize;
        for c in pattern.chars() {
            let seen = counts.entry(c).or_default();
            *seen = seen.saturating_add(1);
            length = length.saturating_add(1);
        }
        if length > PATTERN_CHARS_MAX {
            return Err(AutomatonError::TooLong(number));
        }
    }
    if counts.len() >= LABEL as usize {
        return Err(AutomatonError::Characters(counts.len()));
    }
    let mut chars: Vec<(char, u32)> = counts.into_iter().collect();
    chars.sort_unstable_by_key(|&(c, seen)| (std::cmp::Reverse(seen), c));
    Ok(Alphabet::new(chars.into_iter().map(|(c, _)| c)))
}

/// A state whose children have no place yet: the patterns `first..end` begin with the `bytes` bytes that lead to it.
struct Node {
    state: u32,
    first: usize,
    end: usize,
    bytes: usize,
    depth: u32,
}

/// States by depth, from 1 on, each with the state before it.
type Levels = Vec<Vec<(u32, u32)>>;

/// Gives every state its place, depth first, so that the states of one chain lie side by side.
fn place(patterns: &[&str], alphabet: &Alphabet, array: &mut Array) -> Result<Levels, AutomatonError> {
    let mut levels: Levels = Vec::new();
    let mut open = vec![Node { state: 0, first: 0, end: patterns.len(), bytes: 0, depth: 0 }];
    let mut codes: Vec<u32> = Vec::new();
    let mut children: Vec<Node> = Vec::new();
    while let Some(node) = open.pop() {
        codes.clear();
        children.clear();
        let rest = |number: usize| patterns.get(number).and_then(|pattern| pattern.get(node.bytes..));
        let mut first = node.first;
        let is_own = rest(first).is_some_and(str::is_empty);
        if is_own {
            first = first.saturating_add(1);
        }
        let number = u32::try_from(node.first).map_err(|_| AutomatonError::States)?;
        if is_own && first == node.end {
            array.set(node.state, Cell { base: number | LEAF, fail: ANY | OWN, ..Cell::default() });
            continue;
        }
        while let Some(c) = rest(first).filter(|_| first < node.end).and_then(|rest| rest.chars().next()) {
            let same = |number: usize| rest(number).is_some_and(|rest| rest.starts_with(c));
            let end = (first..node.end).find(|&number| !same(number)).unwrap_or(node.end);
            codes.push(alphabet.code(c));
            let bytes = node.bytes.saturating_add(c.len_utf8());
            children.push(Node { state: 0, first, end, bytes, depth: node.depth.saturating_add(1) });
            first = end;
        }
        let base = if node.depth == 0 { array.root() } else { array.find_base(&codes, is_own)? };
        let filter = codes.iter().fold(0, |filter, code| filter | bit(*code));
        array.set(node.state, Cell { base, tag: 0, fail: if is_own { ANY | OWN } else { 0 }, filter });
        if is_own {
            array.take(base);
            array.set(base, Cell { base: number, tag: node.depth << DEPTH_SHIFT, ..Cell::default() });
        }
        let level = node.depth as usize;
        if levels.len() <= level {
            levels.resize_with(level.saturating_add(1), Vec::new);
        }
        for (child, code) in children.iter_mut().zip(&codes) {
            child.state = base ^ code;
            array.take(child.state);
            array.set(child.state, Cell { tag: code | (child.depth << DEPTH_SHIFT), ..Cell::default() });
            if let Some(states) = levels.get_mut(level) {
                states.push((child.state, node.state));
            }
        }
        open.extend(children.drain(..).rev());
    }
    Ok(levels)
}

/// Links each state to that of its longest proper suffix, level by level.
fn link(automaton: &mut Automaton, levels: &Levels) {
    for (state, before) in levels.iter().skip(1).flatten() {
        let label = automaton.cell(State(*state)).tag & LABEL;
        let mut from = automaton.cell(State(*before)).fail();
        let fail = loop {
            let cell = automaton.cell(from);
            if let Some(child) = automaton.child(cell, label) {
                break child;
            }
            if from == State::START {
                break from;
            }
            from = cell.fail();
        };
        let any = automaton.cell(fail).fail & ANY;
        if let Some(cell) = automaton.cells.get_mut(*state as usize) {
            cell.fail |= fail.0 | any;
        }
    }
}

/// The cells while they are given out. Free ones form a list, by their numbers: `fail` is the one before, `base` the next;
/// the first cell, never free, is both ends of it.
struct Array {
    cells: Vec<Cell>,
    is_free: Vec<bool>,
    /// The bases that are taken, one bit each.
    bases: Vec<u64>,
    /// A base and the cells it leads to lie in the same block of this many.
    block: usize,
    /// For each size of a family the free cell where its search goes on; 0 at the end of the list.
    cursors: [u32; SIZES],
}

impl Array {
    fn new(codes: u32) -> Result<Self, AutomatonError> {
        let block = (codes as usize).saturating_add(1).next_power_of_two().max(64);
        let cursors = [0; SIZES];
        let mut array = Self { cells: Vec::new(), is_free: Vec::new(), bases: Vec::new(), block, cursors };
        array.grow()?;
        array.take(0);
        Ok(array)
    }

    /// The base of the start: the states behind it lie at the codes of their characters.
    fn root(&mut self) -> u32 {
        self.use_base(0);
        0
    }

    /// Adds a block of free cells.
    fn grow(&mut self) -> Result<(), AutomatonError> {
        let first = self.cells.len();
        let end = first.saturating_add(self.block);
        if end > CELLS_MAX {
            return Err(AutomatonError::States);
        }
        self.cells.resize(end, Cell::default());
        self.is_free.resize(end, true);
        self.bases.resize(end.div_ceil(64), 0);
        let number = |n: usize| u32::try_from(n).map_err(|_| AutomatonError::States);
        let mut before = self.cells.first().map_or(0, |list| list.fail);
        for at in first..end {
            let at = number(at)?;
            self.join(before, at);
            before = at;
        }
        self.join(before, 0);
        let first = number(first)?;
        for cursor in self.cursors.iter_mut().filter(|cursor| **cursor == 0) {
            *cursor = first;
        }
        Ok(())
    }

    fn join(&mut self, left: u32, right: u32) {
        if let Some(cell) = self.cells.get_mut(left as usize) {
            cell.base = right;
        }
        if let Some(cell) = self.cells.get_mut(right as usize) {
            cell.fail = left;
        }
    }

    /// Takes a cell out of the list of free ones.
    fn take(&mut self, at: u32) {
        let Some(cell) = self.cells.get(at as usize).copied() else { return };
        if let Some(is_free) = self.is_free.get_mut(at as usize).filter(|is_free| **is_free) {
            *is_free = false;
            if at != 0 {
                self.join(cell.fail, cell.base);
                for cursor in self.cursors.iter_mut().filter(|cursor| **cursor == at) {
                    *cursor = cell.base;
                }
                if let Some(cell) = self.cells.get_mut(at as usize) {
                    *cell = Cell::default();
                }
            }
        }
    }

    /// Writes what a cell is; what is known of it already stays.
    fn set(&mut self, at: u32, what: Cell) {
        if let Some(cell) = self.cells.get_mut(at as usize) {
            let (tag, fail) = (cell.tag | what.tag, cell.fail | what.fail);
            // The first cell is both the start, whose base is 0, and both ends of the list of free ones.
            let base = if at == 0 { cell.base } else { what.base };
            *cell = Cell { base, tag, fail, filter: what.filter };
        }
    }

    fn is_free(&self, at: u32) -> bool {
        self.is_free.get(at as usize).copied().unwrap_or(false)
    }

    fn is_base_used(&self, base: u32) -> bool {
        self.bases.get(base as usize / 64).is_some_and(|word| word >> (base % 64) & 1 == 1)
    }

    fn use_base(&mut self, base: u32) {
        if let Some(word) = self.bases.get_mut(base as usize / 64) {
            *word |= 1 << (base % 64);
        }
    }

    /// A base that leads to free cells alone, by each of `codes` and, where the state itself ends a pattern, by 0.
    fn find_base(&mut self, codes: &[u32], has_end: bool) -> Result<u32, AutomatonError> {
        let first = if has_end { 0 } else { codes.first().copied().unwrap_or(0) };
        let size = codes.len().saturating_add(usize::from(has_end)).next_power_of_two().trailing_zeros();
        let mut at = self.cursors.get(size as usize).copied().unwrap_or(0);
        loop {
            if at == 0 {
                // INVARIANT: in a new block every base is unused and leads to free cells, so that this ends.
                self.grow()?;
                at = self.cursors.get(size as usize).copied().unwrap_or(0);
            }
            let base = at ^ first;
            if self.fits(base, codes, has_end) {
                self.use_base(base);
                return Ok(base);
            }
            at = self.cells.get(at as usize).map_or(0, |cell| cell.base);
            if let Some(cursor) = self.cursors.get_mut(size as usize) {
                *cursor = at;
            }
        }
    }

    fn fits(&self, base: u32, codes: &[u32], has_end: bool) -> bool {
        !self.is_base_used(base)
            && (!has_end || self.is_free(base))
            && codes.iter().all(|code| self.is_free(base ^ code))
    }

    /// The cells, the free ones empty.
    fn finish(mut self) -> Vec<Cell> {
        for (cell, is_free) in self.cells.iter_mut().zip(&self.is_free) {
            if *is_free {
                *cell = Cell::default();
            }
        }
        if let Some(start) = self.cells.first_mut() {
            (start.base, start.fail) = (0, 0);
        }
        self.cells.shrink_to_fit();
        self.cells
    }
}
