//! `cinnabar check`: text → verdict.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use safety::Action;
use serde_json::json;
use server::Config;
use terms::Direction;

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
    let checked = engine.check(&text, direction);
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
