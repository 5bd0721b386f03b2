//! Scoring a text, one normalised character at a time.

use super::{Model, Scores, features::Window, head::HEADS, passages::Passages, seen::Seen};
use crate::normalise::{Folded, table};

/// The sums of the weights of the features of a passage, and their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Sums {
    weights: [i32; HEADS],
    features: u32,
}

/// The state of scoring one text: 1.2 KB, whatever the length of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scorer {
    window: Window,
    passages: Passages,
    /// Of the passage before the present one.
    before: Sums,
    present: Sums,
    /// The features of the present passage.
    seen: Seen,
}

impl Sums {
    /// Adds the weights of a feature.
    #[inline]
    fn add(&mut self, model: &Model, feature: u64) {
        // A window has less than 2^13 features of at most 127 each.
        for (sum, weight) in self.weights.iter_mut().zip(model.row(feature)) {
            *sum = sum.wrapping_add(i32::from(weight));
        }
        self.features = self.features.wrapping_add(1);
    }

    /// Those of two neighbouring passages.
    fn and(mut self, other: Self) -> Self {
        for (sum, more) in self.weights.iter_mut().zip(other.weights) {
            *sum = sum.wrapping_add(more);
        }
        self.features = self.features.wrapping_add(other.features);
        self
    }

    /// The scores: the sums over the root of the number.
    #[expect(clippy::cast_precision_loss, reason = "the sums of a window are below 2^24 and exact")]
    fn scores(&self, model: &Model) -> Scores {
        let root = (self.features.max(1) as f32).sqrt();
        let mut scores = Scores::default();
        for ((score, sum), head) in scores.0.iter_mut().zip(self.weights).zip(&model.heads) {
            *score = head.bias + head.scale * (sum as f32) / root;
        }
        scores
    }
}

impl Scorer {
    pub(crate) fn new() -> Self {
        Self {
            window: Window::new(),
            passages: Passages::default(),
            before: Sums::default(),
            present: Sums::default(),
            seen: Seen::new(),
        }
    }

    /// Takes a normalised character; gives the scores where a passage ends with it.
    #[inline]
    pub(crate) fn push(&mut self, model: &Model, c: char) -> Option<Scores> {
        let (present, seen) = (&mut self.present, &mut self.seen);
        self.window.push(c, &mut |feature| {
            if seen.is_new(feature) {
                present.add(model, feature);
            }
        });
        self.passages.push(c).then(|| {
            let scores = self.scores(model);
            self.before = std::mem::take(&mut self.present);
            self.seen = Seen::new();
            scores
        })
    }

    /// The text ends: gives the scores of its last passage, where that has anything.
    pub(crate) fn finish(&self, model: &Model) -> Option<Scores> {
        (!self.passages.is_empty()).then(|| self.scores(model))
    }

    fn scores(&self, model: &Model) -> Scores {
        let mut sums = self.before.and(self.present);
        self.window.finish(&mut |feature| {
            if self.seen.lacks(feature) {
                sums.add(model, feature);
            }
        });
        sums.scores(model)
    }
}

impl Model {
    /// The scores of a whole text: of each head the highest of any window. Those of an empty text are of no head.
    #[must_use]
    pub fn score(&self, text: &str) -> Scores {
        let table = table();
        let mut scorer = Scorer::new();
        let mut highest: Option<Scores> = None;
        let mut push = |c| {
            if let Some(scores) = scorer.push(self, c) {
                highest = Some(highest.map_or(scores, |highest| highest.max(scores)));
            }
        };
        for c in text.chars() {
            match table.fold(c) {
                Folded::Dropped => {}
                Folded::One(symbol) => push(symbol.ch()),
                Folded::Many(symbols) => symbols.iter().for_each(|symbol| push(symbol.ch())),
            }
        }
        let last = scorer.finish(self);
        highest.into_iter().chain(last).reduce(Scores::max).unwrap_or(Scores([f32::NEG_INFINITY; HEADS]))
    }
}
