//! One text in all its readings: as it stands, and with its JSON escape sequences read once, twice.
//!
//! A text that is JSON is decoded by whoever receives it: the arguments of a tool call, an answer to `response_format`. A
//! person then reads `代` where `\\u4ee3` stood. Which texts are decoded nobody here knows, so every text is read both ways.
//!
//! The readings are the same up to the first backslash, and again as soon as both wait for nothing behind an escape. So
//! a reading is made from the one above it when a backslash comes, and given up when it says the same: a text
//! without backslashes has one reading alone.

use super::{
    escapes::{Escapes, Piece, begins},
    reading::Reading,
    ruling::Ruling,
};
use crate::Channel;
use crate::engine::Side;
use crate::normalise::Table;

/// How many times escapes are read: the arguments of a tool call are JSON, and a string in them may be JSON again.
pub(super) const LEVELS: usize = 2;

/// The readings of one text.
#[derive(Debug, Clone)]
pub(super) struct Track {
    pub(super) plain: Reading,
    /// Made from the reading before it, the first one from `plain`. At most [`LEVELS`].
    levels: Vec<Level>,
}

/// A reading behind one more round of escapes.
#[derive(Debug, Clone)]
struct Level {
    escapes: Escapes,
    reading: Reading,
    known: Vec<Piece>,
}

impl Level {
    fn of(reading: &Reading) -> Self {
        Self { escapes: Escapes::default(), reading: reading.deaf(), known: Vec::new() }
    }
}

impl Track {
    pub(super) const fn new(plain: Reading) -> Self {
        Self { plain, levels: Vec::new() }
    }

    /// Whether there is one reading alone.
    #[inline]
    pub(super) const fn is_plain(&self) -> bool {
        self.levels.is_empty()
    }

    /// Reads one original character.
    pub(super) fn read(&mut self, side: &Side, table: &Table, piece: Piece, ruling: &mut Ruling) {
        if begins(piece.ch) && self.levels.is_empty() {
            self.levels.push(Level::of(&self.plain));
        }
        if !self.plain.is_blocked {
            self.plain.read(side, table, piece, ruling);
        }
        self.decode(0, side, table, piece, ruling);
    }

    /// Gives a character to the escapes of a level, and what it completes to the level's reading and the next level.
    fn decode(&mut self, number: usize, side: &Side, table: &Table, piece: Piece, ruling: &mut Ruling) {
        let Some(level) = self.levels.get_mut(number) else { return };
        let mut known = std::mem::take(&mut level.known);
        level.escapes.push(piece, &mut known);
        self.read_known(number, side, table, &known, ruling);
        known.clear();
        if let Some(level) = self.levels.get_mut(number) {
            level.known = known;
        }
    }

    fn read_known(
        &mut self,
        number: usize,
        side: &Side,
        table: &Table,
        known: &[Piece],
        ruling: &mut Ruling,
    ) {
        let next = number.saturating_add(1);
        for &piece in known {
            let is_last = self.levels.len() == next && next < LEVELS;
            let Some(level) = self.levels.get_mut(number) else { return };
            let further = (is_last && begins(piece.ch)).then(|| Level::of(&level.reading));
            if number == 0 && piece.encoding != Channel::Strict {
                ruling.outlet.whole(piece.start, piece.end);
            }
            if !level.reading.is_blocked {
                level.reading.read(side, table, piece, ruling);
            }
            self.levels.extend(further);
            self.decode(next, side, table, piece, ruling);
        }
    }

    /// No more comes: every reading decides what is pending.
    pub(super) fn finish(&mut self, side: &Side, table: &Table, ruling: &mut Ruling) {
        for number in 0..LEVELS {
            let Some(level) = self.levels.get_mut(number) else { break };
            let mut known = Vec::new();
            level.escapes.finish(&mut known);
            self.read_known(number, side, table, &known, ruling);
        }
        let readings = std::iter::once(&mut self.plain).chain(self.levels.iter_mut().map(|l| &mut l.reading));
        for reading in readings.filter(|reading| !reading.is_blocked) {
            reading.finish(side, ruling);
        }
    }

    /// Gives up the readings that say the same as the one before them.
    pub(super) fn join(&mut self) {
        while let Some((last, before)) = self.levels.split_last() {
            let above = before.last().map_or(&self.plain, |level| &level.reading);
            if !(last.escapes.is_idle() && last.reading.agrees(above)) {
                break;
            }
            self.levels.pop();
        }
    }

    /// Whether nothing is waited for.
    pub(super) fn is_idle(&self) -> bool {
        self.plain.is_idle()
            && self.levels.iter().all(|level| level.escapes.is_idle() && level.reading.is_idle())
    }

    /// Whether both say the same about whatever comes next.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        self.is_plain() && other.is_plain() && self.plain.agrees(&other.plain)
    }

    /// Where the hold starts, in bytes; `end` where nothing is held.
    pub(super) fn hold(&self, side: &Side, end: usize) -> usize {
        self.levels.iter().fold(self.plain.hold(side, end), |hold, level| {
            let pending = level.escapes.pending().unwrap_or(end);
            hold.min(pending).min(level.reading.hold(side, end))
        })
    }

    /// Forgets the characters that nothing waits for; gives how many the longest window still has.
    pub(super) fn tidy(&mut self, side: &Side) -> usize {
        let mut longest = 0;
        for reading in std::iter::once(&mut self.plain).chain(self.levels.iter_mut().map(|l| &mut l.reading))
        {
            reading.tidy(side);
            longest = longest.max(reading.cells.len());
        }
        longest
    }

    /// Forgets all characters of the readings that wait for nothing; gives how many the longest window still has.
    pub(super) fn settle(&mut self) -> usize {
        let mut longest = 0;
        for reading in std::iter::once(&mut self.plain).chain(self.levels.iter_mut().map(|l| &mut l.reading))
        {
            if reading.is_idle() {
                reading.cells.clear();
            }
            longest = longest.max(reading.cells.len());
        }
        longest
    }
}
