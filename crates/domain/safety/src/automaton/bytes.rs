//! The automaton as bytes, for a cache, and back from bytes of unknown origin.

use super::alphabet::Alphabet;
use super::{ANY, Automaton, CELLS_MAX, Cell, LABEL, LEAF, OWN, State};
use crate::bytes::{Reader, Writer};

impl Automaton {
    pub(crate) fn write(&self, writer: &mut Writer) {
        let chars = self.alphabet.chars();
        writer.count(chars.len());
        chars.into_iter().for_each(|c| writer.number(u32::from(c)));
        writer.count(self.cells.len());
        for cell in &self.cells {
            for number in [cell.base, cell.tag, cell.fail, cell.filter] {
                writer.number(number);
            }
        }
    }

    /// Reads an automaton of so many patterns; none where the bytes are of no automaton. What it then finds is what the
    /// bytes say; that it ends and stays inside its cells is checked here.
    pub(crate) fn read(reader: &mut Reader<'_>, patterns: u32) -> Option<Self> {
        let chars = reader.records(|code: [u8; 4]| char::from_u32(u32::from_le_bytes(code)))?;
        if chars.len() >= LABEL as usize {
            return None;
        }
        let alphabet = Alphabet::new(chars.iter().copied());
        // A character that stands there twice has one code, and the other belongs to none.
        if alphabet.chars() != chars {
            return None;
        }
        let cells = reader.records(|bytes: [u8; 16]| {
            let mut numbers = Reader(&bytes);
            let (base, tag) = (numbers.number()?, numbers.number()?);
            Some(Cell { base, tag, fail: numbers.number()?, filter: numbers.number()? })
        })?;
        let automaton = Self { alphabet, cells };
        automaton.is_sound(patterns).then_some(automaton)
    }

    fn is_sound(&self, patterns: u32) -> bool {
        let Some(start) = self.cells.first() else { return patterns == 0 };
        let is_start = start.base == 0 && start.tag == 0 && start.fail == 0;
        is_start
            && self.cells.len() <= CELLS_MAX
            && self.cells.iter().skip(1).all(|cell| self.is_cell_sound(*cell, patterns))
    }

    fn is_cell_sound(&self, cell: Cell, patterns: u32) -> bool {
        if cell.depth() == 0 {
            return cell == Cell::default();
        }
        let is_in = |at: u32| (at as usize) < self.cells.len();
        let is_leaf = cell.base & LEAF != 0;
        let is_end = cell.tag & LABEL == 0;
        let is_own = cell.fail & OWN != 0;
        // Every way back leads to less depth, so that each ends.
        let fail = cell.fail();
        let goes_back = is_in(fail.0) && self.cell(fail).depth() < cell.depth();
        let any = is_own || self.cell(fail).fail & ANY != 0;
        goes_back
            && cell.tag & LABEL <= self.alphabet.size()
            && any == (cell.fail & ANY != 0)
            && (is_end || !is_own || self.own(cell) < patterns)
            && (is_leaf || is_in(cell.base) || is_end)
            && (!is_end || (fail == State::START && cell.base < patterns))
    }
}
