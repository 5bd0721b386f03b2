//! `cinnabar check`: text → verdict.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use safety::{Action, Audience, Capability, Decider, Explained, Explanation, Ground, Situation};
use serde_json::json;
use server::Config;
use terms::{Direction, Locale};

use crate::{Finding, output};

/// Largest text that is read.
const TEXT_BYTES_MAX: u64 = 64 << 20;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The text. Without it and without `--file`, standard input is read.
    text: Option<String>,
    /// A file to read the text from.
    #[arg(long, conflicts_with = "text", value_name = "FILE")]
    file: Option<PathBuf>,
    /// Check it as what a model says, not as what a person says.
    #[arg(long)]
    output: bool,
    /// For whom the text is: `adult`, `minor` or `verified`.
    #[arg(long, value_name = "WHO", default_value = "adult", value_parser = audience)]
    audience: Audience,
    /// What the text is for: `text`, `tool`, `image` or `speech`.
    #[arg(long, value_name = "WHAT", default_value = "text", value_parser = capability)]
    capability: Capability,
    /// Say of every hit why it is one, who decided what is done, and what was exempted.
    #[arg(long)]
    explain: bool,
}

fn audience(word: &str) -> Result<Audience, String> {
    Audience::from_word(word).ok_or_else(|| "`adult`, `minor` or `verified` is expected".to_owned())
}

fn capability(word: &str) -> Result<Capability, String> {
    Capability::from_word(word).ok_or_else(|| "`text`, `tool`, `image` or `speech` is expected".to_owned())
}

pub(crate) fn read_text(path: &Path) -> anyhow::Result<String> {
    let file = std::fs::File::open(path).with_context(|| format!("opening `{}`", path.display()))?;
    let mut text = String::new();
    file.take(TEXT_BYTES_MAX)
        .read_to_string(&mut text)
        .with_context(|| format!("reading `{}`", path.display()))?;
    Ok(text)
}

pub(crate) fn run(config: &Config, args: &Args, as_json: bool) -> anyhow::Result<Finding> {
    let text = match (&args.text, &args.file) {
        (Some(text), _) => text.clone(),
        (None, Some(path)) => read_text(path)?,
        (None, None) => {
            let mut text = String::new();
            std::io::stdin()
                .lock()
                .take(TEXT_BYTES_MAX)
                .read_to_string(&mut text)
                .context("reading standard input")?;
            text
        }
    };
    let (_, engine) = server::pack_and_engine(config)?;
    let direction = if args.output { Direction::Output } else { Direction::Input };
    let situation = Situation { direction, audience: args.audience, capability: args.capability };
    if args.explain {
        return Ok(explain(&engine.explain(&text, situation), &text, as_json));
    }
    let checked = engine.check(&text, situation);
    let findings = &checked.verdict.findings;
    if as_json {
        output::json(&json!({
            "action": checked.verdict.action.as_str(),
            "masked_text": checked.text,
            "findings": findings.iter().map(|finding| json!({
                "rule": finding.rule.to_string(),
                "category": finding.category.name(),
                "action": finding.action.as_str(),
                "start": finding.start,
                "end": finding.end,
                "text": text.get(finding.start..finding.end),
                "channel": finding.channel.as_str(),
                "normalised": finding.normalised,
            })).collect::<Vec<_>>(),
        }));
    } else {
        output::line(&format!("verdict: {}", checked.verdict.action.as_str()));
        let rows: Vec<Vec<String>> = findings
            .iter()
            .map(|finding| {
                vec![
                    finding.rule.to_string(),
                    finding.action.as_str().to_owned(),
                    format!("{}..{}", finding.start, finding.end),
                    text.get(finding.start..finding.end).unwrap_or_default().to_owned(),
                ]
            })
            .collect();
        if !rows.is_empty() {
            output::table(&["rule", "action", "bytes", "text"], &rows);
        }
        if let Some(masked) = &checked.text {
            output::line(&format!("masked: {masked}"));
        }
    }
    Ok(if checked.verdict.action == Action::Block { Finding::Negative } else { Finding::Fine })
}

/// Prints an explanation: sentences in both languages for people, everything for machines.
fn explain(explanation: &Explanation, text: &str, as_json: bool) -> Finding {
    if as_json {
        output::json(&explanation_json(explanation, text));
    } else {
        for locale in [Locale::En, Locale::ZhCn] {
            explanation.sentences(locale).iter().for_each(|sentence| output::line(sentence));
        }
        if let Some(masked) = &explanation.text {
            output::line(&format!("masked: {masked}"));
        }
    }
    if explanation.action == Action::Block { Finding::Negative } else { Finding::Fine }
}

fn explanation_json(explanation: &Explanation, text: &str) -> serde_json::Value {
    let version: String = explanation.engine_version.iter().map(|byte| format!("{byte:02x}")).collect();
    let sentences = |sentence: &dyn Fn(Locale) -> String| json!({ "zh-CN": sentence(Locale::ZhCn), "en": sentence(Locale::En) });
    let situation = explanation.situation;
    json!({
        "action": explanation.action.as_str(),
        "then": explanation.then.words().collect::<Vec<_>>(),
        "direction": situation.direction.as_str(),
        "audience": situation.audience.as_str(),
        "capability": situation.capability.as_str(),
        "engine": version,
        "masked_text": explanation.text,
        "omitted": explanation.omitted,
        "sentence": sentences(&|locale| explanation.sentence(locale)),
        "findings": explanation.findings.iter().map(|one| finding_json(one, text)).collect::<Vec<_>>(),
        "exempted": explanation.exempted.iter().map(|one| json!({
            "rule": one.rule,
            "category": one.category.code(),
            "start": one.start,
            "end": one.end,
            "phrase": one.phrase,
            "phrase_start": one.phrase_start,
            "phrase_end": one.phrase_end,
            "sentence": sentences(&|locale| one.sentence(locale)),
        })).collect::<Vec<_>>(),
    })
}

fn finding_json(one: &Explained, text: &str) -> serde_json::Value {
    let finding = &one.finding;
    json!({
        "rule": finding.rule,
        "category": finding.category.code(),
        "action": finding.action.as_str(),
        "then": finding.then.words().collect::<Vec<_>>(),
        "start": finding.start,
        "end": finding.end,
        "text": text.get(finding.start..finding.end),
        "normalised": finding.normalised,
        "origins": one.origins,
        "read_as": one.reading.as_str(),
        "ground": ground_json(&one.ground),
        "decided_by": match &one.decider {
            Decider::Row { origin } => json!({ "by": "policy", "row": origin }),
            other => json!({ "by": other.as_str() }),
        },
        "sentence": { "zh-CN": one.sentence(Locale::ZhCn), "en": one.sentence(Locale::En) },
    })
}

fn ground_json(ground: &Ground) -> serde_json::Value {
    match ground {
        Ground::Term { term } => json!({ "kind": ground.as_str(), "term": term }),
        Ground::PersonalData { kind } => json!({ "kind": ground.as_str(), "data": kind }),
        Ground::HoldLimit { bytes } => json!({ "kind": ground.as_str(), "bytes": bytes }),
        Ground::Rule => json!({ "kind": ground.as_str() }),
    }
}
