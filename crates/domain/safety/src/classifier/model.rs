//! A trained model: for each bucket of features one weight for each head, in one byte.

use super::{Head, features, head::HEADS};
use crate::normalise;

/// A trained model.
#[derive(Clone, PartialEq)]
pub struct Model {
    /// What fixed the order of the examples and the features left out in training.
    pub seed: u64,
    /// The features it was trained on; the ones in use have [`Model::FEATURES`].
    pub(super) features_version: u32,
    /// The normaliser whose characters it was trained on.
    pub(super) normaliser_version: u32,
    /// What each head adds, and where its zones begin.
    pub heads: [HeadSettings; HEADS],
    /// The files it was trained from.
    pub sources: Vec<Source>,
    /// The weights, those of one bucket side by side.
    pub(super) rows: Vec<Row>,
}

/// The weights of one bucket: the place is that of the head.
pub(super) type Row = [i8; HEADS];

/// What belongs to one head.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeadSettings {
    /// What one step of a weight stands for, in log-odds.
    pub scale: f32,
    /// The log-odds of a text without features.
    pub bias: f32,
    /// From this score on a guard model or a person is asked.
    pub ask: f32,
    /// From this score on the text is blocked; infinite where the head never blocks.
    pub block: f32,
}

impl Default for HeadSettings {
    /// No weight counts, and no score is asked about or blocked.
    fn default() -> Self {
        Self { scale: 1.0, bias: 0.0, ask: f32::INFINITY, block: f32::INFINITY }
    }
}

/// A file that a model was trained from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Where it lay under the data folder.
    pub path: String,
    /// The SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// How many examples came from it.
    pub examples: u32,
}

/// What a score asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Zone {
    /// Nothing.
    Pass,
    /// A guard model or a person should judge.
    Ask,
    /// The score alone is enough.
    Block,
}

/// The score of each head, in log-odds: below 0 the head says rather no, above 0 rather yes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Scores(pub [f32; HEADS]);

impl Scores {
    /// The score of a head.
    #[must_use]
    pub fn of(&self, head: Head) -> f32 {
        self.0.get(head.place()).copied().unwrap_or(f32::NEG_INFINITY)
    }

    /// Of each head the higher one.
    pub(super) fn max(mut self, other: Self) -> Self {
        for (one, other) in self.0.iter_mut().zip(other.0) {
            *one = one.max(other);
        }
        self
    }
}

impl Model {
    /// The features and the normaliser that this program has.
    pub const VERSIONS: (u32, u32) = (features::VERSION, normalise::VERSION);

    /// Whether texts are read as they were when the model was trained. Where not, it scores less well than it says, and
    /// should be trained again.
    #[must_use]
    pub fn is_current(&self) -> bool {
        (self.features_version, self.normaliser_version) == Self::VERSIONS
    }

    /// The settings of a head.
    #[must_use]
    pub fn head(&self, head: Head) -> Option<&HeadSettings> {
        self.heads.get(head.place())
    }

    /// The weights for a feature.
    #[inline]
    pub(super) fn row(&self, feature: u64) -> Row {
        self.rows.get(bucket(feature, self.rows.len())).copied().unwrap_or_default()
    }

    /// What a score of a head asks for.
    #[must_use]
    pub fn zone(&self, head: Head, score: f32) -> Zone {
        match self.head(head) {
            Some(settings) if score >= settings.block => Zone::Block,
            Some(settings) if score >= settings.ask => Zone::Ask,
            _ => Zone::Pass,
        }
    }
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the weights: two million numbers.
        f.debug_struct("Model")
            .field("seed", &self.seed)
            .field("buckets", &self.rows.len())
            .field("heads", &self.heads)
            .finish_non_exhaustive()
    }
}

/// Which of `buckets` a feature falls into.
#[inline]
pub(super) const fn bucket(feature: u64, buckets: usize) -> usize {
    // The upper half of a product with an odd constant depends on every bit of the feature.
    let spread = feature.wrapping_mul(0xFF51_AFD7_ED55_8CCD) >> 32;
    ((spread * buckets as u64) >> 32) as usize
}
