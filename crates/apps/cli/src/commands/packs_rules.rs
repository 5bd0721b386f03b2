//! `cinnabar packs`: what the law asks, and what this version does about it.

use anyhow::Context as _;
use serde_json::json;
use server::{Config, SystemClock};
use terms::{Clock as _, Locale};

use crate::{Finding, output};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Packs {
    /// The packs in this binary.
    List,
    /// Each obligation and how far this version meets it.
    Status,
    /// Everything about one obligation.
    Explain {
        /// Its id, such as `cn.genai.15`.
        id: String,
    },
}

fn today() -> anyhow::Result<jiff::civil::Date> {
    // Obligations begin and end at midnight in China.
    let offset = jiff::tz::offset(8);
    Ok(offset.to_datetime(SystemClock.now().to_jiff()).date())
}

pub(crate) fn run(config: &Config, command: &Packs, as_json: bool) -> anyhow::Result<Finding> {
    let (pack, _) = server::pack_and_engine(config)?;
    match command {
        Packs::List => {
            let hash: String = pack.hash().iter().map(|byte| format!("{byte:02x}")).collect();
            if as_json {
                output::json(
                    &json!([{ "id": pack.id(), "version": pack.version(), "sha256": hash, "obligations": pack.obligations().len() }]),
                );
            } else {
                let row = vec![
                    pack.id().to_owned(),
                    pack.version().to_owned(),
                    pack.obligations().len().to_string(),
                    hash,
                ];
                output::table(&["id", "version", "obligations", "sha256"], &[row]);
            }
        }
        Packs::Status => {
            let status = pack.status(today()?);
            if as_json {
                let rows: Vec<_> = status
                    .rows
                    .iter()
                    .map(|row| {
                        json!({
                            "id": row.obligation.id, "state": row.state.as_str(),
                            "verification": row.obligation.verification.as_str(),
                            "duty": row.obligation.duty.get(Locale::En),
                        })
                    })
                    .collect();
                output::json(&json!(rows));
            } else {
                let rows: Vec<Vec<String>> = status
                    .rows
                    .iter()
                    .map(|row| {
                        vec![
                            row.obligation.id.clone(),
                            row.state.as_str().to_owned(),
                            row.obligation.verification.as_str().to_owned(),
                            row.obligation.duty.get(Locale::En).to_owned(),
                        ]
                    })
                    .collect();
                output::table(&["id", "state", "verification", "duty"], &rows);
            }
        }
        Packs::Explain { id } => {
            let row = pack
                .obligation(id)
                .with_context(|| format!("the pack `{}` has no obligation `{id}`", pack.id()))?;
            let controls: Vec<String> =
                row.control.iter().map(|control| control.as_str().to_owned()).collect();
            if as_json {
                output::json(&json!({
                    "id": row.id, "article": row.article, "duty": { "zh-CN": row.duty.get(Locale::ZhCn), "en": row.duty.get(Locale::En) },
                    "controls": controls, "verification": row.verification.as_str(), "severity": row.severity.as_str(),
                }));
            } else {
                output::line(&format!(
                    "{}  ({}, article {})",
                    row.id,
                    row.instrument.title.get(Locale::En),
                    row.article
                ));
                output::line(row.duty.get(Locale::ZhCn));
                output::line(row.duty.get(Locale::En));
                output::line(&format!(
                    "verification: {}; severity: {}",
                    row.verification.as_str(),
                    row.severity.as_str()
                ));
                for control in &row.control {
                    output::line(&format!(
                        "  {} — {} ({})",
                        control.as_str(),
                        control.summary(),
                        match control.status() {
                            packs::ControlStatus::Implemented => "implemented",
                            packs::ControlStatus::Planned => "planned",
                        }
                    ));
                }
            }
        }
    }
    Ok(Finding::Fine)
}
