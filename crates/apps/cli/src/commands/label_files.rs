//! `cinnabar label` and `cinnabar verify`: Markdown and plain text files.

use std::{io::Write as _, path::PathBuf};

use anyhow::{Context as _, bail};
use label::{AigcLabel, Conformance, ProviderCode, VisibleLabel, markdown, plain, verify_text};
use serde_json::json;
use server::{OsEntropy, SystemClock};
use terms::{Clock as _, ProduceId};

use super::check::read_text;
use crate::{Finding, output, output::Misuse};

#[derive(Debug, clap::Args)]
pub(crate) struct LabelArgs {
    /// The file: `.md`, `.markdown` or `.txt`.
    file: PathBuf,
    /// Your 27-character provider code.
    #[arg(long, value_name = "CODE")]
    provider: String,
    /// The content's number; made anew where it is not given.
    #[arg(long, value_name = "ID")]
    produce_id: Option<ProduceId>,
    /// Where to write; the file itself where it is not given.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct VerifyArgs {
    /// The file: Markdown, text, or a JSON envelope.
    file: PathBuf,
}

pub(crate) fn label(args: &LabelArgs, as_json: bool) -> anyhow::Result<Finding> {
    let code = ProviderCode::parse(&args.provider).map_err(|error| Misuse(format!("--provider: {error}")))?;
    let produce_id = args.produce_id.unwrap_or_else(|| ProduceId::generate(SystemClock.now(), &OsEntropy));
    let visible = VisibleLabel::new(VisibleLabel::DEFAULT_TEMPLATE)?;
    let text = read_text(&args.file)?;
    let extension = args.file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let labelled = match extension.to_ascii_lowercase().as_str() {
        "md" | "markdown" => {
            let with_words = plain::write(&text, &visible, &produce_id)?;
            markdown::write(&with_words, &AigcLabel::new(&code, &produce_id))?
        }
        "txt" | "text" => plain::write(&text, &visible, &produce_id)?,
        other => bail!(Misuse(format!(
            "`.{other}` files cannot be labelled yet: `.md`, `.markdown` and `.txt` can"
        ))),
    };
    // What is written is read back before it counts (invariant 6).
    let report = verify_text(labelled.as_bytes());
    if !report.produce_ids().contains(&produce_id) {
        bail!("the label could not be read back from the text; nothing was written");
    }
    let path = args.output.as_ref().unwrap_or(&args.file);
    write_whole(path, &labelled)?;
    if as_json {
        output::json(&json!({ "file": path.display().to_string(), "produce_id": produce_id.to_string() }));
    } else {
        output::line(&format!("labelled `{}` as {produce_id}", path.display()));
    }
    Ok(Finding::Fine)
}

/// Writes beside and renames, so that the file is never half written.
fn write_whole(path: &std::path::Path, text: &str) -> anyhow::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".cinnabar-new");
    let beside = path.with_file_name(name);
    let mut file =
        std::fs::File::create(&beside).with_context(|| format!("creating `{}`", beside.display()))?;
    file.write_all(text.as_bytes()).with_context(|| format!("writing `{}`", beside.display()))?;
    file.sync_all().with_context(|| format!("syncing `{}`", beside.display()))?;
    std::fs::rename(&beside, path).with_context(|| format!("naming `{}`", path.display()))
}

pub(crate) fn verify(args: &VerifyArgs, as_json: bool) -> anyhow::Result<Finding> {
    let bytes = std::fs::read(&args.file).with_context(|| format!("reading `{}`", args.file.display()))?;
    let report = verify_text(&bytes);
    let verdict = report.verdict();
    let reasons: Vec<String> = report.reasons().map(ToString::to_string).collect();
    let ids: Vec<String> = report.produce_ids().iter().map(ToString::to_string).collect();
    if as_json {
        output::json(&json!({
            "verdict": verdict.as_str(),
            "reasons": reasons,
            "produce_ids": ids,
            "label": report.label.as_ref().map(AigcLabel::to_json),
        }));
    } else {
        output::line(&format!("label: {}", verdict.as_str().replace('_', " ")));
        for reason in &reasons {
            output::line(&format!("  - {reason}"));
        }
        for id in &ids {
            output::line(&format!("produce id: {id}"));
        }
        if *verdict == Conformance::NotFound {
            output::line("No label was found. That does not make the text a human's.");
        }
    }
    Ok(if matches!(verdict, Conformance::Conforming) { Finding::Fine } else { Finding::Negative })
}
