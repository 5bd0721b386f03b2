//! The passage scorer's way through a text: the plain reading, joined over its parts.

use super::{escapes::Piece, ruling::Ruling};
use crate::classifier::{Scorer, Scores};
use crate::engine::Side;
use crate::normalise::{Folded, Table};
use crate::passages::{PassageMode, Scoring};

/// Where the scorer is.
#[derive(Debug)]
pub(super) struct PassageReader {
    scorer: Scorer,
    /// Where the present passage starts, in bytes.
    start: usize,
    /// Whether any character of it came.
    is_begun: bool,
}

impl PassageReader {
    /// Reads one original character, where the side has a scorer. The reader is made with the first one.
    #[inline]
    pub(super) fn read(
        reader: &mut Option<Box<Self>>,
        side: &Side,
        table: &Table,
        piece: Piece,
        ruling: &mut Ruling,
    ) {
        let Some(scoring) = &side.scoring else { return };
        let reader = reader.get_or_insert_with(|| {
            Box::new(Self { scorer: Scorer::new(), start: piece.start, is_begun: false })
        });
        reader.is_begun = true;
        match table.fold(piece.ch) {
            Folded::Dropped => {}
            Folded::One(symbol) => reader.step(side, scoring, symbol.ch(), piece.end, ruling),
            Folded::Many(symbols) => {
                for symbol in symbols {
                    reader.step(side, scoring, symbol.ch(), piece.end, ruling);
                }
            }
        }
    }

    #[inline]
    fn step(&mut self, side: &Side, scoring: &Scoring, c: char, end: usize, ruling: &mut Ruling) {
        if let Some(scores) = self.scorer.push(&scoring.model, c) {
            self.decide(side, scoring, scores, end, ruling);
        }
    }

    /// The text ends at `end`.
    pub(super) fn finish(&mut self, side: &Side, end: usize, ruling: &mut Ruling) {
        if let Some(scoring) = &side.scoring
            && let Some(scores) = self.scorer.finish(&scoring.model)
        {
            self.decide(side, scoring, scores, end, ruling);
        }
    }

    /// The passage ends at `end` with these scores.
    fn decide(&mut self, side: &Side, scoring: &Scoring, scores: Scores, end: usize, ruling: &mut Ruling) {
        let blocks_from = match scoring.mode {
            PassageMode::Gate => self.start,
            PassageMode::Score => end,
        };
        for rule in scoring.rules(scores).filter_map(|rule| side.rules.get(rule as usize)) {
            ruling.decide_passage(rule, self.start, end, blocks_from);
        }
        self.start = end;
        self.is_begun = false;
    }

    /// Whether text is held for a score.
    #[inline]
    pub(super) fn waits(&self, side: &Side) -> bool {
        self.is_begun && side.scoring.as_ref().is_some_and(|scoring| scoring.mode == PassageMode::Gate)
    }

    /// Where the hold starts, in bytes; `end` where nothing is held.
    pub(super) fn hold(&self, side: &Side, end: usize) -> usize {
        if self.waits(side) { self.start } else { end }
    }
}
