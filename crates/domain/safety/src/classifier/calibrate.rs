//! Where the zones of a head begin.
//!
//! They are set on texts that the head should let pass, scored by models that were trained without the whole source those
//! texts come from: what a model says of texts like those it knows is too good to set a limit by.

use super::{Head, Model, measure::upper_quantile};

/// The part of a source's harmless texts that may be asked about.
const ASK_SHARE: f64 = 0.02;
/// The same where a text of help is shown: who does not need it should rarely meet it.
const HELP_SHARE: f64 = 0.005;
/// The part of a source's harmless texts that may be blocked, in the source where most are.
const BLOCK_SHARE: f64 = 0.001;
/// No score below this asks: the head then says rather no.
const ASK_LEAST: f32 = 0.0;
/// No score below this blocks: odds of twenty to one, whatever the sources.
const BLOCK_LEAST: f32 = 3.0;
/// Sources with fewer harmless texts set no limit: one text would decide.
const TEXTS_LEAST: usize = 100;

/// The scores that one head gave to the harmless texts of one source.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldOut {
    /// The head.
    pub head: Head,
    /// Its scores, by a model trained without the source.
    pub scores: Vec<f32>,
}

impl Model {
    /// Sets the zones. A head asks from the score on that the middle one of the sources reaches with one in fifty of its
    /// harmless texts, and blocks from the score on that no source reaches with more than one in a thousand of them.
    /// None does so where its score says rather no. A person who may be about to harm themself is never blocked, and is
    /// offered help at a lower score than anything is asked about.
    pub fn calibrate(&mut self, held_out: &[HeldOut]) {
        for (head, settings) in Head::ALL.into_iter().zip(&mut self.heads) {
            let sources: Vec<&HeldOut> =
                held_out.iter().filter(|one| one.head == head && one.scores.len() >= TEXTS_LEAST).collect();
            let limits = |share| -> Vec<f32> {
                let mut limits: Vec<f32> =
                    sources.iter().map(|one| upper_quantile(one.scores.iter().copied(), share)).collect();
                limits.sort_by(f32::total_cmp);
                limits
            };
            let (share, least) = match head {
                Head::SelfHarm => (HELP_SHARE, f32::NEG_INFINITY),
                _ => (ASK_SHARE, ASK_LEAST),
            };
            let asks = limits(share);
            let ask = asks.get(asks.len() / 2).copied().unwrap_or(f32::INFINITY).max(least);
            let block = match head {
                Head::SelfHarm => f32::INFINITY,
                _ => limits(BLOCK_SHARE).last().copied().unwrap_or(f32::INFINITY).max(BLOCK_LEAST),
            };
            settings.ask = ask.min(block);
            settings.block = block;
        }
    }
}
