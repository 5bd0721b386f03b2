//! `cinnabar safety train`.

use std::path::PathBuf;

use anyhow::Context as _;
use datasets::TrainingSet;
use safety::classifier::{Head, HeldOut, Model};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::{Finding, output};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder of the public data sets.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Where to write the model.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Where to write the model card, in Markdown.
    #[arg(long, value_name = "FILE")]
    card: Option<PathBuf>,
}

pub(super) fn run(args: &Args, as_json: bool) -> anyhow::Result<Finding> {
    let sets = super::read_sets(&args.data)?;
    let names = super::names(&sets);
    let bar = crate::output::bar(names.len().saturating_add(1))?;
    let mut held_out = Vec::new();
    for name in names {
        bar.set_message(format!("without {name}"));
        held_out.extend(scores_of_held_out(&sets, name));
        bar.inc(1);
    }
    bar.set_message("with all");
    let mut sources: Vec<_> = sets.iter().map(|set| set.source.clone()).collect();
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    let mut model = super::fit(&sets, |_, _| true).quantise(sources);
    bar.finish_and_clear();
    model.calibrate(&held_out);
    let bytes = model.to_bytes();
    std::fs::write(&args.out, &bytes).with_context(|| format!("writing `{}`", args.out.display()))?;
    if let Some(path) = &args.card {
        std::fs::write(path, card(&model, &sets)).with_context(|| format!("writing `{}`", path.display()))?;
    }
    if as_json {
        output::json(&json!({
            "bytes": bytes.len(),
            "examples": model.sources.iter().map(|source| u64::from(source.examples)).sum::<u64>(),
            "heads": Head::ALL.iter().zip(&model.heads).map(|(head, settings)| json!({
                "head": head.name(), "ask": settings.ask, "block": finite(settings.block),
            })).collect::<Vec<_>>(),
        }));
    } else {
        output::line(&format!("wrote {} bytes to {}", bytes.len(), args.out.display()));
        let rows: Vec<Vec<String>> = zones(&model).into_iter().map(|row| row.to_vec()).collect();
        output::table(&["head", "asks from", "blocks from"], &rows);
    }
    Ok(Finding::Fine)
}

fn finite(number: f32) -> Option<f32> {
    number.is_finite().then_some(number)
}

fn zones(model: &Model) -> Vec<[String; 3]> {
    let number = |number: f32| finite(number).map_or_else(|| "never".to_owned(), |n| format!("{n:.2}"));
    Head::ALL
        .iter()
        .zip(&model.heads)
        .map(|(head, settings)| [head.name().to_owned(), number(settings.ask), number(settings.block)])
        .collect()
}

/// What a model without a source says of the source's harmless texts, head by head.
fn scores_of_held_out(sets: &[TrainingSet], name: &str) -> Vec<HeldOut> {
    let model = super::fit(sets, |set, _| set.name != name).quantise(Vec::new());
    let mut held_out: Vec<HeldOut> =
        Head::ALL.into_iter().map(|head| HeldOut { head, scores: Vec::new() }).collect();
    for example in sets.iter().filter(|set| set.name == name).flat_map(|set| &set.examples) {
        let scores = model.score(&example.text);
        for one in held_out.iter_mut().filter(|one| example.label(one.head) == Some(false)) {
            one.scores.push(scores.of(one.head));
        }
    }
    held_out
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn card(model: &Model, sets: &[TrainingSet]) -> String {
    let bytes = model.to_bytes();
    let mut card = format!(
        "# The classifier's model\n\nMade by `cinnabar safety train --data DIR --out FILE --card FILE`; the same data give the same bytes. \
         How it is used is said under `classifier` in [the configuration](../operate/configuration.md); `cinnabar safety evaluate` says what it is worth, and the figures are in `bench/results/2026-11-25-classifier.md`.\n\n\
         | | |\n|---|---|\n| kind | linear, hashed pieces of characters, Mandarin syllables and words; one byte for each weight |\n\
         | bytes | {} |\n| SHA-256 | `{}` |\n| seed | {} |\n| features, normaliser | {}, {} |\n\n\
         ## Zones\n\nScores are log-odds. The limits were set on sources held out of training: a head asks from where the middle source has \
         2 % of its harmless texts above (self-harm: 0.5 %), never below 0 (but for self-harm), and blocks from where no source \
         has more than 0.1 %, never below 3.\n\n\
         | head | asks from | blocks from |\n|---|---|---|\n",
        bytes.len(),
        hex(&Sha256::digest(&bytes)),
        model.seed,
        Model::VERSIONS.0,
        Model::VERSIONS.1,
    );
    for [head, ask, block] in zones(model) {
        card += &format!("| {head} | {ask} | {block} |\n");
    }
    card += "\n## Trained from\n\n| file | licence | examples | SHA-256 |\n|---|---|---|---|\n";
    for source in &model.sources {
        let licence = sets.iter().find(|set| set.source.path == source.path).map_or("", |set| set.licence);
        let hash = hex(&source.sha256);
        card += &format!("| `{}` | {licence} | {} | `{hash}` |\n", source.path, source.examples);
    }
    card += "\nThe texts are offensive and harmful where a head has to know such texts. They stay where they are; only weights are here. \
             The labels are those of the sets: many are rough, some were made by machine. The model knows Chinese and English; what it \
             says of other languages means little. It is little better than chance on implied hate and on the purpose of a request.\n";
    card
}
