//! `cinnabar safety`: training and measuring the passage scorer on public data.

mod evaluate;
mod train;

use std::path::Path;

use anyhow::Context as _;
use datasets::TrainingSet;
use safety::classifier::{Example, TrainSettings, Trained};

use crate::Finding;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Safety {
    /// Train the passage scorer from the public data sets; the same data give the same bytes.
    Train(train::Args),
    /// Measure the passage scorer on the public sets that it is not trained from.
    Evaluate(evaluate::Args),
}

pub(crate) fn run(command: &Safety, as_json: bool) -> anyhow::Result<Finding> {
    match command {
        Safety::Train(args) => train::run(args, as_json),
        Safety::Evaluate(args) => evaluate::run(args, as_json),
    }
}

fn read_sets(data: &Path) -> anyhow::Result<Vec<TrainingSet>> {
    datasets::training::read(data)
        .with_context(|| format!("reading the training sets of `{}`", data.display()))
}

/// The names of the sources, each once, in their order.
fn names(sets: &[TrainingSet]) -> Vec<&'static str> {
    let mut names: Vec<&str> = sets.iter().map(|set| set.name).collect();
    names.dedup();
    names
}

/// Trains on the examples of the sets that `keep` holds for.
fn fit(sets: &[TrainingSet], keep: impl Fn(&TrainingSet, &Example) -> bool) -> Trained {
    let examples: Vec<Example> = sets
        .iter()
        .flat_map(|set| set.examples.iter().filter(|example| keep(set, example)))
        .cloned()
        .collect();
    safety::classifier::train(&examples, &TrainSettings::default())
}
