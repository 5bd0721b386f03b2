//! Commands that change the library.

use anyhow::Context as _;
use operations::{LexiconImport, LexiconPreview, LexiconProposalRequest, LexiconRefused, Operations};
use serde_json::json;
use terms::{Actor, LexiconProposalId};

use super::{Lexicon, format, id};
use crate::{Finding, output};

pub(super) async fn run(
    operations: &Operations,
    actor: &Actor,
    command: &Lexicon,
    as_json: bool,
) -> anyhow::Result<Finding> {
    match command {
        Lexicon::Propose { terms, retire: false, entry, by } => {
            let request = LexiconProposalRequest {
                title: String::new(),
                reasons: by.reasons.clone(),
                drafts: terms.iter().map(|term| entry.draft(term)).collect(),
            };
            proposed(operations.lexicon_propose(actor, request).await?, as_json);
        }
        Lexicon::Propose { terms, retire: true, by, .. } => {
            let ids = terms.iter().map(|term| id(term)).collect::<Result<Vec<_>, _>>()?;
            proposed(operations.lexicon_propose_retirement(actor, &ids, &by.reasons).await?, as_json);
        }
        Lexicon::Import { file, preview, leave_out, entry, by } => {
            let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
            let import = LexiconImport {
                name: name.unwrap_or_default(),
                format: format(&ending.to_ascii_lowercase())?,
                bytes: read(file)?,
                usual: entry.draft(""),
            };
            if *preview {
                let preview = operations.lexicon_import_preview(actor, import).await?;
                shown(&preview, as_json);
                return Ok(if preview.refused == 0 { Finding::Fine } else { Finding::Negative });
            }
            let refused = if *leave_out { LexiconRefused::LeaveOut } else { LexiconRefused::StopAll };
            proposed(operations.lexicon_import(actor, import, &by.reasons, refused).await?, as_json);
        }
        Lexicon::Approve { proposal, by } => {
            let version = operations.lexicon_approve(actor, id(proposal)?, &by.reasons).await?;
            if as_json {
                output::json(&json!({
                    "version": version.number, "sha256": version.content_hash, "entries": version.entries,
                }));
            } else {
                output::line(&format!(
                    "version {} with {} entries, sha256 {}",
                    version.number, version.entries, version.content_hash
                ));
            }
        }
        Lexicon::Reject { proposal, withdraw, by } => {
            let proposal = id(proposal)?;
            let state = if *withdraw {
                operations.lexicon_withdraw(actor, proposal, &by.reasons).await?;
                "withdrawn"
            } else {
                operations.lexicon_reject(actor, proposal, &by.reasons).await?;
                "rejected"
            };
            if as_json {
                output::json(&json!({ "proposal_id": proposal.to_string(), "state": state }));
            } else {
                output::line(&format!("{proposal} {state}"));
            }
        }
        Lexicon::Rollback { number, by } => {
            proposed(operations.lexicon_propose_rollback(actor, *number, &by.reasons).await?, as_json);
        }
        // The others only read: see `show`.
        Lexicon::List { .. }
        | Lexicon::Search { .. }
        | Lexicon::Export { .. }
        | Lexicon::Versions { .. }
        | Lexicon::Diff { .. }
        | Lexicon::Coverage => {}
    }
    Ok(Finding::Fine)
}

/// A list, read no further than its limit.
fn read(path: &std::path::Path) -> anyhow::Result<Vec<u8>> {
    use std::io::Read as _;
    let limit = u64::try_from(operations::LEXICON_FILE_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let file = std::fs::File::open(path).with_context(|| format!("opening `{}`", path.display()))?;
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes).with_context(|| format!("reading `{}`", path.display()))?;
    Ok(bytes)
}

fn proposed(proposal: LexiconProposalId, as_json: bool) {
    if as_json {
        output::json(&json!({ "proposal_id": proposal.to_string(), "state": "proposed" }));
    } else {
        output::line(&format!("{proposal} waits for a second person"));
    }
}

fn shown(preview: &LexiconPreview, as_json: bool) {
    if as_json {
        output::json(&json!({
            "added": preview.added, "changed": preview.changed,
            "unchanged": preview.unchanged, "refused": preview.refused,
            "refused_lines": preview.refused_shown.iter().map(|line| json!({
                "sheet": line.sheet, "line": line.line, "problem": line.problem,
            })).collect::<Vec<_>>(),
        }));
        return;
    }
    output::line(&format!(
        "{} new, {} changed, {} unchanged, {} refused",
        preview.added, preview.changed, preview.unchanged, preview.refused
    ));
    for line in &preview.refused_shown {
        let sheet = line.sheet.as_ref().map(|sheet| format!("{sheet}:")).unwrap_or_default();
        output::line(&format!("{sheet}{}: {}", line.line, line.problem));
    }
}

#[cfg(test)]
mod tests {
    use operations::LexiconFormat;

    use super::*;

    #[test]
    fn endings_name_forms() {
        for (word, form) in [("csv", LexiconFormat::Csv), ("xlsx", LexiconFormat::Xlsx)] {
            assert_eq!(format(word).unwrap(), form);
        }
        assert!(format("doc").is_err());
    }
}
