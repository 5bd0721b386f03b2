//! `cinnabar verify`: what a file says about its making, without the records of a service.

use std::path::{Path, PathBuf};

use anyhow::bail;
use label::{AigcLabel, Conformance, Security, Sign, State, VerifyingKey, VisibleLabel};
use operations::FileVerification;
use serde_json::{Value, json};

use super::files;
use crate::{Finding, output, output::Misuse};

#[derive(Debug, clap::Args)]
pub(crate) struct VerifyArgs {
    /// The file, or a folder: then each file in it and below.
    path: PathBuf,
    /// Print a row for each file as CSV.
    #[arg(long)]
    csv: bool,
    /// A public key that you know, as `cinnabar keys label` prints it: then a signature says who signed. May be given several times.
    #[arg(long, value_name = "HEX")]
    key: Vec<String>,
}

/// What was found in one file.
struct Report {
    file: PathBuf,
    found: FileVerification,
    produce_ids: Vec<String>,
    /// Whether the label's signature holds; none where there is no label.
    signature: Option<Security>,
}

pub(crate) fn verify(args: &VerifyArgs, as_json: bool) -> anyhow::Result<Finding> {
    if args.csv && as_json {
        bail!(Misuse("--csv and --json exclude each other".to_owned()));
    }
    let visible = VisibleLabel::new(VisibleLabel::DEFAULT_TEMPLATE)?;
    let known = args.key.iter().map(|hex| VerifyingKey::from_hex(hex));
    let known: Vec<VerifyingKey> =
        known.collect::<Result<_, _>>().map_err(|error| Misuse(format!("--key: {error}")))?;
    if !args.path.is_dir() {
        let report = Report::of(&args.path, &args.path, &visible, &known)?;
        if args.csv {
            print_csv(std::slice::from_ref(&report))?;
        } else if as_json {
            output::json(&report.to_json());
        } else {
            report.print();
        }
        return Ok(report.finding());
    }
    let paths = files::below(&args.path)?;
    let bar = output::bar(paths.len())?;
    let mut reports = Vec::new();
    for file in paths {
        bar.set_message(file.display().to_string());
        reports.push(Report::of(&args.path.join(&file), &file, &visible, &known)?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    if args.csv {
        print_csv(&reports)?;
    } else if as_json {
        output::json(&reports.iter().map(Report::to_json).collect());
    } else {
        let rows: Vec<Vec<String>> = reports.iter().map(|report| report.row()[..4].to_vec()).collect();
        output::table(&HEADER[..4], &rows);
    }
    let is_fine = reports.iter().all(|report| report.finding() == Finding::Fine);
    Ok(if is_fine { Finding::Fine } else { Finding::Negative })
}

const HEADER: [&str; 8] = ["file", "format", "state", "label", "reasons", "producer", "produce_ids", "signs"];

impl Report {
    fn of(path: &Path, shown: &Path, visible: &VisibleLabel, known: &[VerifyingKey]) -> anyhow::Result<Self> {
        let bytes = files::read(path)?;
        let found = FileVerification::without_record(&bytes, visible, false);
        let in_label = found.aigc.iter().map(|label| label.produce_id().to_owned());
        let in_words = found.visible_id.iter().map(ToString::to_string);
        let mut produce_ids: Vec<String> = in_label.chain(in_words).filter(|id| !id.is_empty()).collect();
        produce_ids.dedup();
        let signature = found.aigc.as_ref().map(|label| label.security(known));
        Ok(Self { file: shown.to_owned(), found, produce_ids, signature })
    }

    fn finding(&self) -> Finding {
        if *self.found.verdict() == Conformance::Conforming { Finding::Fine } else { Finding::Negative }
    }

    fn reasons(&self) -> Vec<String> {
        let verdict = self.found.verdict();
        let doubt = match verdict {
            Conformance::Inconclusive(doubt) => Some(doubt.to_string()),
            _ => None,
        };
        verdict.reasons().iter().map(ToString::to_string).chain(doubt).collect()
    }

    fn to_json(&self) -> Value {
        let signs = self.found.signs.iter().map(|sign| {
            json!({ "layer": sign.kind.layer().as_str(), "kind": sign.kind.as_str(), "place": sign.place, "text": sign.text })
        });
        json!({
            "file": self.file.display().to_string(),
            "format": self.found.format,
            "state": self.found.state.as_str(),
            "verdict": self.found.verdict().as_str(),
            "reasons": self.reasons(),
            "produce_ids": self.produce_ids,
            "signature": self.signature.as_ref().map(Security::as_str),
            "label": self.found.aigc.as_ref().map(AigcLabel::to_json),
            "signs": signs.collect::<Vec<_>>(),
        })
    }

    fn row(&self) -> [String; 8] {
        let signs: Vec<&str> = self.found.signs.iter().map(|sign| sign.kind.as_str()).collect();
        [
            self.file.display().to_string(),
            self.found.format.unwrap_or_default().to_owned(),
            self.found.state.as_str().to_owned(),
            self.found.verdict().as_str().to_owned(),
            self.reasons().join("; "),
            self.found.aigc.as_ref().map(|label| label.content_producer().to_owned()).unwrap_or_default(),
            self.produce_ids.join(" "),
            signs.join(" "),
        ]
    }

    fn print(&self) {
        output::line(&format!("state: {}", self.found.state.as_str().replace('_', " ")));
        output::line(&format!("label: {}", self.found.verdict().as_str().replace('_', " ")));
        for reason in self.reasons() {
            output::line(&format!("  - {reason}"));
        }
        for id in &self.produce_ids {
            output::line(&format!("produce id: {id}"));
        }
        if let Some(signature) = self.signature.as_ref().filter(|signature| **signature != Security::Absent) {
            output::line(&format!("signature: {}", signature.as_str().replace('_', " ")));
        }
        for sign in &self.found.signs {
            output::line(&format!("sign: {}", described(sign)));
        }
        if self.found.state == State::NoSign {
            output::line("No sign of generation was found. That does not make it a human's.");
        }
    }
}

fn described(sign: &Sign) -> String {
    let mut words = sign.kind.as_str().replace('_', " ");
    if !sign.place.is_empty() {
        words.push_str(&format!(" ({})", sign.place));
    }
    if !sign.text.is_empty() {
        // Foreign text goes to a terminal: nothing of it may steer that.
        let text: String = sign.text.chars().filter(|c| !c.is_control()).collect();
        words.push_str(&format!(": {text}"));
    }
    words
}

fn print_csv(reports: &[Report]) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER)?;
    for report in reports {
        writer.write_record(report.row().map(|cell| harmless(&cell)))?;
    }
    output::bytes(&writer.into_inner()?);
    Ok(())
}

/// A cell that a spreadsheet takes for text: a foreign value could else be a formula.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}
