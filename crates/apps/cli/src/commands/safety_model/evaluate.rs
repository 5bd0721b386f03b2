//! `cinnabar safety evaluate`: one table of what the scorer is worth.

use std::{collections::BTreeSet, path::PathBuf};

use anyhow::Context as _;
use datasets::{EvaluationSet, TrainingSet};
use safety::{
    Action,
    classifier::{
        Head, Homophones, Model, Zone,
        measure::{Scored, Share, auc, upper_quantile},
        near_duplicates,
    },
};
use serde_json::json;
use terms::Direction;

use crate::{Finding, output};

/// Parts into which near-duplicate clusters are dealt.
const FOLDS: usize = 5;
/// The part of a text's characters that are replaced by homophones.
const DISGUISED_PERCENT: usize = 30;
/// The sources of attacks.
const SOURCES: [&str; 2] = ["inthewild", "compass"];
/// The false positives at which recall is told.
const FALSE_POSITIVES: f64 = 0.01;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder of the public data sets.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The model, as `safety train` wrote it. The one that ships is `packs/cn/models/classifier.model`.
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
}

/// One line of the table.
struct Row {
    what: String,
    measure: &'static str,
    texts: usize,
    value: Option<f64>,
    bounds: Option<(f64, f64)>,
    published: &'static str,
}

pub(super) fn run(args: &Args, as_json: bool) -> anyhow::Result<Finding> {
    let bytes = std::fs::read(&args.model).with_context(|| format!("reading `{}`", args.model.display()))?;
    let model =
        Model::from_bytes(&bytes).with_context(|| format!("reading the model `{}`", args.model.display()))?;
    let sets = super::read_sets(&args.data)?;
    let cases = datasets::evaluation::read(&args.data)
        .with_context(|| format!("reading the evaluation sets of `{}`", args.data.display()))?;
    let bar = crate::output::bar(FOLDS.saturating_add(SOURCES.len()).saturating_add(1))?;
    bar.set_message("the model on each set");
    let mut rows: Vec<Row> = cases.iter().flat_map(|set| rows_of(&model, set)).collect();
    rows.extend(disguised(&model, &cases));
    rows.extend(over_blocking(&model, &cases));
    bar.inc(1);
    let step = |message: &str| {
        bar.inc(1);
        bar.set_message(message.to_owned());
    };
    rows.extend(jailbreaks_by_cluster(&sets, &cases, step));
    for name in SOURCES {
        step("a source held out");
        rows.extend(jailbreaks_by_source(&sets, &cases, name));
    }
    bar.finish_and_clear();
    if as_json {
        output::json(&json!(
            rows.iter()
                .map(|row| json!({
                    "set": row.what, "measure": row.measure, "texts": row.texts, "value": row.value,
                    "low": row.bounds.map(|bounds| bounds.0), "high": row.bounds.map(|bounds| bounds.1),
                    "published": row.published,
                }))
                .collect::<Vec<_>>()
        ));
    } else {
        let cells: Vec<Vec<String>> = rows.iter().map(cells).collect();
        output::table(&["set", "measure", "texts", "value", "95 %", "published peer"], &cells);
    }
    Ok(Finding::Fine)
}

fn cells(row: &Row) -> Vec<String> {
    let number = |number: f64| format!("{number:.4}");
    vec![
        row.what.clone(),
        row.measure.to_owned(),
        row.texts.to_string(),
        row.value.map_or_else(|| "-".to_owned(), number),
        row.bounds.map_or_else(String::new, |(low, high)| format!("{low:.3}..{high:.3}")),
        row.published.to_owned(),
    ]
}

fn area(what: String, scored: &[Scored]) -> Row {
    let area = auc(scored);
    Row {
        what,
        measure: "AUC",
        texts: scored.len(),
        value: area.map(|(value, _)| value),
        bounds: area.map(|(_, bounds)| bounds),
        published: "",
    }
}

fn share(what: String, measure: &'static str, share: Share, published: &'static str) -> Row {
    Row { what, measure, texts: share.whole, value: share.value(), bounds: share.bounds(), published }
}

fn scored(model: &Model, head: Head, set: &EvaluationSet) -> Vec<Scored> {
    set.cases.iter().map(|case| (model.score(&case.text).of(head), case.is)).collect()
}

/// What the model says of a set that one head is measured on.
fn rows_of(model: &Model, set: &EvaluationSet) -> Vec<Row> {
    let Some(head) = set.head else { return Vec::new() };
    let scored = scored(model, head, set);
    let what = || format!("{} ({})", set.name, head.name());
    let published = if set.name == "cold test" { "BERT 0.81" } else { "" };
    let mut rows = Vec::new();
    let kinds: BTreeSet<bool> = scored.iter().map(|one| one.1).collect();
    if kinds.len() == 2 {
        rows.push(area(what(), &scored));
        rows.push(share(what(), "accuracy", Share::of(&scored, |one| (one.0 >= 0.0) == one.1), published));
        let said = scored.iter().filter(|one| one.0 >= 0.0);
        rows.push(share(what(), "precision", Share::of(said, |one| one.1), ""));
    }
    let there = || scored.iter().filter(|one| one.1);
    rows.push(share(what(), "recall", Share::of(there(), |one| one.0 >= 0.0), ""));
    rows.push(share(
        what(),
        "recall of asking",
        Share::of(there(), |one| model.zone(head, one.0) >= Zone::Ask),
        "",
    ));
    rows
}

/// What homophones cost.
fn disguised(model: &Model, cases: &[EvaluationSet]) -> Option<Row> {
    let set = cases.iter().find(|set| set.name == "cold test")?;
    let homophones = Homophones::among(set.cases.iter().map(|case| case.text.as_str()));
    let plain = auc(&scored(model, Head::Abuse, set))?.0;
    let mut hidden = set.clone();
    for (case, seed) in hidden.cases.iter_mut().zip(0..) {
        case.text = homophones.disguise(&case.text, DISGUISED_PERCENT, seed);
    }
    let loss = plain - auc(&scored(model, Head::Abuse, &hidden))?.0;
    Some(Row {
        what: format!("cold test, {DISGUISED_PERCENT} % of characters replaced by homophones"),
        measure: "loss of AUC",
        texts: set.cases.len(),
        value: Some(loss),
        bounds: None,
        published: "",
    })
}

/// How often texts that are harmless are blocked, and asked about.
fn over_blocking(model: &Model, cases: &[EvaluationSet]) -> Vec<Row> {
    let is = |text: &str, stops: &dyn Fn(Head, Zone) -> bool| {
        let scores = model.score(text);
        Head::ALL.into_iter().any(|head| stops(head, model.zone(head, scores.of(head))))
    };
    let blocks = |head: Head, zone| head.measure(zone, Direction::Input).action == Action::Block;
    let asks = |_: Head, zone| zone >= Zone::Ask;
    let mut rows = Vec::new();
    let mut measure = |what: &str, sets: &[&EvaluationSet]| {
        let texts = || sets.iter().flat_map(|set| &set.cases).map(|case| case.text.as_str());
        rows.push(share(what.to_owned(), "blocked", Share::of(texts(), |text| is(text, &blocks)), ""));
        rows.push(share(what.to_owned(), "asked about", Share::of(texts(), |text| is(text, &asks)), ""));
    };
    let harmless: Vec<&EvaluationSet> = cases.iter().filter(|set| set.head.is_none()).collect();
    for set in &harmless {
        measure(set.name, &[*set]);
    }
    let three: Vec<&EvaluationSet> = harmless.iter().copied().filter(|set| set.name != "mitre-frr").collect();
    measure("alignbench, cvalues, xstest safe", &three);
    rows
}

/// Sets of texts that are no attacks and that no model here was trained on, by which false positives are counted.
const NEGATIVES: [(&str, &[&str]); 2] = [
    ("alignbench, cvalues, xstest safe", &["alignbench", "cvalues", "xstest safe"]),
    ("the same and mitre-frr", &["alignbench", "cvalues", "xstest safe", "mitre-frr"]),
];

/// For each of the sets of negatives the score that 1 % of them lie above.
fn limits(model: &Model, cases: &[EvaluationSet]) -> [f32; NEGATIVES.len()] {
    NEGATIVES.map(|(_, names)| {
        let texts = cases.iter().filter(|set| names.contains(&set.name)).flat_map(|set| &set.cases);
        upper_quantile(texts.map(|case| model.score(&case.text).of(Head::Jailbreak)), FALSE_POSITIVES)
    })
}

/// The attacks of a source with what a model that does not know them says: for each set of negatives, whether the attack
/// scores above the limit.
type Found = (&'static str, [bool; NEGATIVES.len()]);

fn find(model: &Model, limits: [f32; NEGATIVES.len()], (name, text): (&'static str, &str)) -> Found {
    let score = model.score(text).of(Head::Jailbreak);
    (name, limits.map(|limit| score > limit))
}

fn recall(found: &[Found], name: &str, how: &str) -> Vec<Row> {
    let by_set = NEGATIVES.iter().enumerate().map(|(place, (negatives, _))| {
        let of_set = found.iter().filter(|one| one.0 == name);
        let what = format!("jailbreaks of {name}, {how}; negatives {negatives}");
        let is_found = |one: &Found| one.1.get(place).copied().unwrap_or_default();
        share(what, "recall at 1 % false positives", Share::of(of_set, is_found), "")
    });
    by_set.collect()
}

fn attacks<'s>(sets: &'s [TrainingSet], names: &[&str]) -> Vec<(&'static str, &'s str)> {
    sets.iter()
        .filter(|set| names.contains(&set.name))
        .flat_map(|set| set.examples.iter().map(|example| (set.name, example)))
        .filter(|(_, example)| example.label(Head::Jailbreak) == Some(true))
        .map(|(name, example)| (name, example.text.as_str()))
        .collect()
}

/// Each near-duplicate cluster of attacks is scored by a model that knows no text of it.
fn jailbreaks_by_cluster(sets: &[TrainingSet], cases: &[EvaluationSet], step: impl Fn(&str)) -> Vec<Row> {
    let attacks = attacks(sets, &SOURCES);
    let clusters = near_duplicates(attacks.iter().map(|attack| attack.1));
    let mut found: Vec<Found> = Vec::new();
    for fold in 0..FOLDS {
        step("clusters held out");
        let held: BTreeSet<&str> = attacks
            .iter()
            .zip(&clusters)
            .filter(|(_, cluster)| *cluster % FOLDS == fold)
            .map(|(attack, _)| attack.1)
            .collect();
        let model = super::fit(sets, |_, example| !held.contains(example.text.as_str())).quantise(Vec::new());
        let limits = limits(&model, cases);
        let held = attacks.iter().filter(|attack| held.contains(attack.1));
        found.extend(held.map(|attack| find(&model, limits, *attack)));
    }
    SOURCES.iter().flat_map(|name| recall(&found, name, "clusters held out")).collect()
}

/// A source of attacks is scored by a model that knows no text of it.
fn jailbreaks_by_source(sets: &[TrainingSet], cases: &[EvaluationSet], name: &str) -> Vec<Row> {
    let model = super::fit(sets, |set, _| set.name != name).quantise(Vec::new());
    let limits = limits(&model, cases);
    let found: Vec<Found> =
        attacks(sets, &[name]).into_iter().map(|attack| find(&model, limits, attack)).collect();
    recall(&found, name, "source held out")
}
