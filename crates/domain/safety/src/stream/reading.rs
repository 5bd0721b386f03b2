//! One reading of a text: its characters, normalised, past the lexicon and the detectors of personal data.

use super::{
    cells::{Cell, Cells},
    escapes::Piece,
    ruling::Ruling,
};
use crate::Situation;
use crate::channels::{Next, Otherwise, pinyin::Listener, reversed};
use crate::engine::Side;
use crate::matcher::MatcherState;
use crate::matcher::kinds::side_of;
use crate::normalise::{Folded, Symbol, Table};
use crate::pattern::PatternState;
use crate::personal_data::DataState;

/// What is remembered between two characters.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    pub(super) cells: Cells,
    matcher: MatcherState,
    otherwise: Otherwise,
    /// The terms written backwards, in prompts.
    backwards: Option<Box<MatcherState>>,
    data: DataState,
    patterns: PatternState,
    /// What listens for terms by their sound: beside the text as it stands alone, from its first syllable on.
    listener: Option<Box<Listener>>,
    is_deaf: bool,
    /// A hit blocks: what comes is not read any more.
    pub(super) is_blocked: bool,
}

impl Reading {
    pub(super) fn new(situation: Situation) -> Self {
        Self {
            cells: Cells::new(),
            matcher: MatcherState::new(side_of(situation)),
            otherwise: Otherwise::Nothing,
            backwards: (situation.direction == reversed::DIRECTION)
                .then(|| Box::new(MatcherState::new(side_of(situation)))),
            data: DataState::default(),
            patterns: PatternState::default(),
            listener: None,
            is_deaf: false,
            is_blocked: false,
        }
    }

    /// The same without listening: what is decoded is heard by nobody.
    pub(super) fn deaf(&self) -> Self {
        Self { listener: None, is_deaf: true, ..self.clone() }
    }

    /// Reads one original character. Not to be called after a block.
    #[inline]
    pub(super) fn read(&mut self, side: &Side, table: &Table, piece: Piece, ruling: &mut Ruling) {
        let len = u16::try_from(piece.end.saturating_sub(piece.start)).unwrap_or(u16::MAX);
        let cell = Cell { ch: piece.ch, encoding: piece.encoding, len, start: piece.start };
        match table.fold(piece.ch) {
            Folded::Dropped => {}
            Folded::One(symbol) => self.step(side, symbol, cell, ruling),
            Folded::Many(symbols) => {
                for &symbol in symbols {
                    self.step(side, symbol, cell, ruling);
                    if self.is_blocked {
                        break;
                    }
                }
            }
        }
    }

    /// Reads one normalised character, which comes from where `cell` says.
    #[inline]
    fn step(&mut self, side: &Side, symbol: Symbol, cell: Cell, ruling: &mut Ruling) {
        let cell = Cell { ch: symbol.ch(), ..cell };
        if let Some(matcher) = &side.matcher {
            if self.otherwise.concerns(matcher, symbol, self.matcher.depth()) {
                let next = Next { ch: cell.ch, class: symbol.class(), number: self.cells.count() };
                self.otherwise.read(matcher, self.matcher.walk(), next, &self.cells);
            }
            matcher.advance(self.matcher.walk_mut(), cell.ch);
        }
        if let (Some(backwards), Some(matcher)) = (&mut self.backwards, &side.backwards) {
            *backwards.walk_mut() = matcher.after(backwards.walk(), cell.ch);
        }
        if let (Some(sounds), Some(matcher)) = (&side.sounds, &side.matcher)
            && !self.is_deaf
        {
            let side_of_stream = self.matcher.side();
            let listener = self.listener.get_or_insert_with(|| Box::new(Listener::new(side_of_stream)));
            listener.hear(sounds, matcher, symbol, (cell.start, cell.end()), &mut ruling.sound_hits);
            if !ruling.sound_hits.is_empty() {
                ruling.decide_sounds(side);
            }
        }
        let begins_data = self.data.hear(&side.enabled, cell.ch);
        let before = self.cells.before(self.cells.count());
        let begins_pattern = side.patterns.as_ref().is_some_and(|patterns| patterns.begins(before, cell.ch));
        if self.is_idle() && !begins_data && !begins_pattern {
            // One original character may become many: what waited for one of them is over with the next.
            self.cells.clear();
            self.cells.skip(cell.ch);
            self.data.pass(&side.enabled, cell.ch, &self.cells, &mut ruling.data_hits);
            return;
        }
        self.cells.push(cell);
        if let Some(matcher) = &side.matcher {
            matcher.settle(&mut self.matcher, cell.ch, &self.cells, &mut ruling.term_hits);
            let growing = self.cells.count().saturating_sub(self.matcher.depth());
            self.otherwise.settle(matcher, cell.ch, growing, &self.cells, &mut ruling.term_hits);
        }
        if let (Some(backwards), Some(matcher)) = (&mut self.backwards, &side.backwards) {
            matcher.settle(backwards, cell.ch, &self.cells, &mut ruling.term_hits);
        }
        if begins_data || !self.data.is_idle() {
            self.data.step(&side.enabled, Some(cell.ch), &self.cells, &mut ruling.data_hits);
        } else {
            self.data.pass(&side.enabled, cell.ch, &self.cells, &mut ruling.data_hits);
        }
        if let Some(patterns) = &side.patterns {
            self.patterns.step(patterns, (before, cell.ch), self.cells.count(), &mut ruling.term_hits);
        }
        if ruling.has_hits() {
            self.is_blocked = ruling.decide(side, &self.cells);
        }
    }

    /// No more comes: decides what is pending.
    pub(super) fn finish(&mut self, side: &Side, ruling: &mut Ruling) {
        if let Some(matcher) = &side.matcher {
            matcher.finish(&mut self.matcher, &mut ruling.term_hits);
            self.otherwise.finish(matcher, &mut ruling.term_hits);
        }
        if let (Some(backwards), Some(matcher)) = (&mut self.backwards, &side.backwards) {
            matcher.finish(backwards, &mut ruling.term_hits);
        }
        if let (Some(sounds), Some(matcher), Some(listener)) =
            (&side.sounds, &side.matcher, &mut self.listener)
        {
            listener.finish(sounds, matcher, &mut ruling.sound_hits);
            ruling.decide_sounds(side);
        }
        self.data.step(&side.enabled, None, &self.cells, &mut ruling.data_hits);
        if let Some(patterns) = &side.patterns {
            self.patterns.finish(patterns, &mut ruling.term_hits);
        }
        self.is_blocked = ruling.decide(side, &self.cells);
    }

    /// Whether nothing is waited for.
    #[inline]
    pub(super) fn is_idle(&self) -> bool {
        self.matcher.is_idle()
            && self.data.is_idle()
            && self.patterns.is_idle()
            && self.otherwise.is_idle()
            && self.backwards.as_ref().is_none_or(|backwards| backwards.is_idle())
    }

    /// Where the hold starts, in bytes; `end` where nothing is held.
    pub(super) fn hold(&self, side: &Side, end: usize) -> usize {
        if self.is_idle() {
            return end;
        }
        self.cells.get(self.pending(side)).map_or(end, |cell| cell.start)
    }

    /// Forgets the characters that nothing waits for.
    pub(super) fn tidy(&mut self, side: &Side) {
        let found = self.patterns.needed().unwrap_or(usize::MAX);
        self.cells.forget_before(self.pending(side).min(found));
    }

    /// Whether both say the same about whatever comes next.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        self.is_idle()
            && other.is_idle()
            && self.data.context() == other.data.context()
            && self.cells.before(self.cells.count()) == other.cells.before(other.cells.count())
    }

    /// The number of the first character that something waits for.
    fn pending(&self, side: &Side) -> usize {
        let data = self.data.pending(&side.enabled, &self.cells);
        let patterns = side.patterns.as_ref().and_then(|patterns| self.patterns.pending(patterns));
        let matcher = side.matcher.as_ref();
        let otherwise = matcher.and_then(|matcher| self.otherwise.pending(matcher, &self.cells));
        let backwards = self.backwards.as_ref().map(|backwards| backwards.pending(&self.cells));
        [patterns, otherwise, backwards]
            .into_iter()
            .flatten()
            .fold(self.matcher.pending(&self.cells).min(data), usize::min)
    }
}
