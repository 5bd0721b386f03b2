//! What an engine does with the scores of passages.

use std::{fmt::Write as _, sync::Arc};

use sha2::{Digest as _, Sha256};

use crate::classifier::{Head, Model, Zone};
use crate::engine::RuleId;

/// Whether text waits for the score of its passage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum PassageMode {
    /// Text leaves as it comes; a passage that blocks ends the text where it ends.
    #[default]
    Score,
    /// A passage leaves when it is scored: nothing of one that blocks is seen, and text comes a sentence at a time.
    Gate,
}

impl PassageMode {
    /// The word used in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Score => "score",
            Self::Gate => "gate",
        }
    }
}

/// The scorer of one direction: the zones that something is done about.
#[derive(Debug, Clone)]
pub(crate) struct Scoring {
    pub(crate) model: Arc<Model>,
    pub(crate) mode: PassageMode,
    zones: Vec<(Head, Zone, RuleId)>,
}

impl Scoring {
    pub(crate) const fn new(model: Arc<Model>, mode: PassageMode, zones: Vec<(Head, Zone, RuleId)>) -> Self {
        Self { model, mode, zones }
    }

    /// The rules of the zones that these scores lie in.
    pub(crate) fn rules(&self, scores: crate::classifier::Scores) -> impl Iterator<Item = RuleId> + '_ {
        self.zones
            .iter()
            .filter(move |(head, zone, _)| self.model.zone(*head, scores.of(*head)) == *zone)
            .map(|(_, _, rule)| *rule)
    }
}

/// The line of a model in the hash of what decides a verdict.
pub(crate) fn version(model: &Model, mode: PassageMode) -> String {
    let mut line = format!("classifier\t{}\t", mode.as_str());
    for byte in Sha256::digest(model.to_bytes()) {
        // Writing to a string does not fail.
        let _ = write!(line, "{byte:02x}");
    }
    line
}
