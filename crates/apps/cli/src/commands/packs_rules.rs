//! `cinnabar packs`: what the law asks, and what this version does about it.

use anyhow::Context as _;
use packs::{ControlStatus, Explanation};
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
                    &json!([{ "id": pack.id(), "version": pack.version(), "sha256": hash, "obligations": pack.obligation_count() }]),
                );
            } else {
                let row = vec![
                    pack.id().to_owned(),
                    pack.version().to_owned(),
                    pack.obligation_count().to_string(),
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
                            "applies_if": row.obligation.applies_if,
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
                            row.obligation.applies_if.clone().unwrap_or_default(),
                            row.obligation.duty.get(Locale::En).to_owned(),
                        ]
                    })
                    .collect();
                output::table(&["id", "state", "verification", "applies if", "duty"], &rows);
            }
        }
        Packs::Explain { id } => {
            let explained = pack
                .explain(id)
                .with_context(|| format!("the pack `{}` has no obligation `{id}`", pack.id()))?;
            if as_json {
                output::json(&explanation_json(&explained));
            } else {
                explanation_lines(&explained).iter().for_each(|line| output::line(line));
            }
        }
    }
    Ok(Finding::Fine)
}

fn explanation_json(explained: &Explanation<'_>) -> serde_json::Value {
    let row = explained.obligation;
    json!({
        "id": row.id, "instrument": row.instrument.title.get(Locale::En), "article": row.article,
        "duty": { "zh-CN": row.duty.get(Locale::ZhCn), "en": row.duty.get(Locale::En) },
        "actors": row.actor.iter().map(|party| party.as_str()).collect::<Vec<_>>(),
        "applies_if": row.applies_if,
        "effective_from": row.effective_from.to_string(),
        "effective_to": row.effective_to.map(|day| day.to_string()),
        "state": explained.state.as_str(),
        "controls": row.control.iter().map(|control| control.as_str()).collect::<Vec<_>>(),
        "evidence": row.evidence,
        "parameters": explained.parameters.iter().map(|parameter| parameter.id.as_str()).collect::<Vec<_>>(),
        "texts": explained.texts.iter().map(|text| text.id.as_str()).collect::<Vec<_>>(),
        "source": { "name": row.source.name, "url": row.source.url, "read_on": row.source.read_on.map(|day| day.to_string()) },
        "verification": row.verification.as_str(), "severity": row.severity.as_str(), "note": row.note,
    })
}

fn explanation_lines(explained: &Explanation<'_>) -> Vec<String> {
    let row = explained.obligation;
    let mut lines = vec![
        format!("{}  ({}, article {})", row.id, row.instrument.title.get(Locale::En), row.article),
        row.duty.get(Locale::ZhCn).to_owned(),
        row.duty.get(Locale::En).to_owned(),
        format!(
            "state: {}; verification: {}; severity: {}",
            explained.state.as_str(),
            row.verification.as_str(),
            row.severity.as_str()
        ),
        format!("binds: {}", joined(row.actor.iter().map(|party| party.as_str()))),
        row.effective_to.map_or_else(
            || format!("in force: from {}", row.effective_from),
            |to| format!("in force: {} to {to}", row.effective_from),
        ),
    ];
    lines.extend(row.applies_if.as_ref().map(|flag| format!("applies if: {flag}")));
    lines.push("controls:".to_owned());
    lines.extend(explained.controls.iter().map(|(control, status)| {
        let status = match status {
            ControlStatus::Implemented => "implemented",
            ControlStatus::Planned => "planned",
        };
        format!("  {} — {} ({status})", control.as_str(), control.summary())
    }));
    if explained.controls.is_empty() {
        lines.push("  none: no work for software".to_owned());
    }
    let lists = [
        ("evidence", joined(row.evidence.iter().map(String::as_str))),
        ("parameters", joined(explained.parameters.iter().map(|parameter| parameter.id.as_str()))),
        ("texts", joined(explained.texts.iter().map(|text| text.id.as_str()))),
    ];
    lines.extend(
        lists.iter().filter(|(_, names)| !names.is_empty()).map(|(name, names)| format!("{name}: {names}")),
    );
    let url = row.source.url.as_deref().map(|url| format!(" ({url})")).unwrap_or_default();
    lines.push(format!("source: {}{url}", row.source.name));
    lines.extend(row.note.as_ref().map(|note| format!("open: {note}")));
    lines
}

fn joined<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_explanation_says_whom_a_row_binds_and_when() {
        let pack = packs::Pack::load(packs::embedded_cn()).unwrap();
        let lines = explanation_lines(&pack.explain("cn.genai.17").unwrap()).join("\n");
        for part in [
            "binds: provider",
            "applies if: service.public-opinion",
            "from 2023-08-15",
            "(planned)",
            "source: ",
        ] {
            assert!(lines.contains(part), "`{part}` is missing from:\n{lines}");
        }
        let json = explanation_json(&pack.explain("cn.genai.18").unwrap());
        assert_eq!(json["actors"], json!(["user"]));
        assert_eq!(json["note"], json!("the hotline 12377 was not checked"));
    }
}
