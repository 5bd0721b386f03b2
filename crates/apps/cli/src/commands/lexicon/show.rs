//! Commands that read the library.

use anyhow::Context as _;
use operations::{
    LexiconDraft, LexiconEntryView, LexiconProposalState, LexiconQuery, LexiconSource, LexiconState,
    LexiconTextQuery, Operations,
};
use serde_json::json;
use terms::Actor;

use super::{Lexicon, format, id};
use crate::{Finding, output, output::Misuse};

pub(super) async fn run(
    operations: &Operations,
    command: &Lexicon,
    as_json: bool,
) -> anyhow::Result<Finding> {
    match command {
        Lexicon::List { state, limit } => list(operations, state, *limit, as_json).await,
        Lexicon::Search { text, exact, prefix, category, state, source, of, after, limit } => {
            let text = text.clone().map(|text| match (exact, prefix) {
                (true, _) => LexiconTextQuery::Exact(text),
                (false, true) => LexiconTextQuery::Prefix(text),
                (false, false) => LexiconTextQuery::Part(text),
            });
            let word = |what: &str, word: &str| Misuse(format!("--{what}: `{word}` is not one of its words"));
            let state = match state {
                Some(state) => Some(LexiconState::from_word(state).ok_or_else(|| word("state", state))?),
                None => None,
            };
            let source = match source {
                Some(source) => Some(LexiconSource::from_word(source).ok_or_else(|| word("source", source))?),
                None => None,
            };
            let query = LexiconQuery {
                text,
                category: category.clone(),
                state,
                source,
                proposal_id: of.as_deref().map(id).transpose()?,
                after: after.clone(),
                limit: *limit,
                ..LexiconQuery::default()
            };
            search(operations, query, as_json).await
        }
        Lexicon::Export { format: word, number, output: file } => {
            let bytes = operations.lexicon_export(&Actor::Service, *number, format(word)?).await?;
            match file {
                Some(path) => {
                    std::fs::write(path, bytes).with_context(|| format!("writing `{}`", path.display()))?;
                }
                None => output::bytes(&bytes),
            }
            Ok(Finding::Fine)
        }
        Lexicon::Versions { limit } => versions(operations, *limit, as_json).await,
        Lexicon::Diff { from, to } => diff(operations, *from, *to, as_json).await,
        Lexicon::Coverage => coverage(operations, as_json).await,
        // The others change something: see `change`.
        Lexicon::Propose { .. }
        | Lexicon::Import { .. }
        | Lexicon::Approve { .. }
        | Lexicon::Reject { .. }
        | Lexicon::Rollback { .. } => Ok(Finding::Fine),
    }
}

async fn list(operations: &Operations, state: &str, limit: u32, as_json: bool) -> anyhow::Result<Finding> {
    let state = match state {
        "all" => None,
        word => Some(
            LexiconProposalState::from_word(word)
                .ok_or_else(|| Misuse(format!("--state: `{word}` is not one of its words")))?,
        ),
    };
    let proposals = operations.lexicon_proposals(&Actor::Service, state, None, limit).await?;
    if as_json {
        let rows = proposals.iter().map(|row| {
            json!({
                "proposal_id": row.proposal_id.to_string(), "kind": row.kind.as_str(), "title": row.title,
                "state": row.state.as_str(), "source": row.source.as_str(), "reasons": row.reasons,
                "added": row.added, "changed": row.changed, "retired": row.retired,
                "proposed_by": row.proposed_by, "proposed_at": row.proposed_at.to_string(),
                "decided_by": row.decided_by, "decided_at": row.decided_at.map(|at| at.to_string()),
                "decided_because": row.decided_because, "version": row.version,
            })
        });
        output::json(&json!(rows.collect::<Vec<_>>()));
        return Ok(Finding::Fine);
    }
    let rows: Vec<Vec<String>> = proposals
        .into_iter()
        .map(|row| {
            vec![
                row.proposal_id.to_string(),
                row.state.as_str().to_owned(),
                row.kind.as_str().to_owned(),
                format!("+{} ~{} -{}", row.added, row.changed, row.retired),
                row.proposed_by,
                row.title,
            ]
        })
        .collect();
    output::table(&["proposal", "state", "kind", "entries", "by", "title"], &rows);
    Ok(Finding::Fine)
}

async fn search(operations: &Operations, query: LexiconQuery, as_json: bool) -> anyhow::Result<Finding> {
    let page = operations.lexicon_search(&Actor::Service, query).await?;
    let found = if page.entries.is_empty() { Finding::Negative } else { Finding::Fine };
    if as_json {
        let entries: Vec<_> = page.entries.iter().map(entry_json).collect();
        output::json(&json!({ "entries": entries, "next": page.next }));
        return Ok(found);
    }
    let rows: Vec<Vec<String>> = page
        .entries
        .into_iter()
        .map(|entry| {
            vec![
                entry.id,
                entry.term,
                entry.category,
                entry.measure,
                entry.direction,
                entry.source.as_str().to_owned(),
                entry.state.as_str().to_owned(),
            ]
        })
        .collect();
    output::table(&["id", "term", "category", "measure", "direction", "source", "state"], &rows);
    if let Some(next) = page.next {
        output::line(&format!("more: --after '{next}'"));
    }
    Ok(found)
}

fn entry_json(entry: &LexiconEntryView) -> serde_json::Value {
    json!({
        "id": entry.id, "term": entry.term, "normalised": entry.normalised, "category": entry.category,
        "measure": entry.measure, "direction": entry.direction, "audiences": entry.audiences,
        "valid_from": entry.valid_from, "valid_until": entry.valid_until, "note": entry.note,
        "source": entry.source.as_str(), "state": entry.state.as_str(),
        "since_version": entry.since_version, "until_version": entry.until_version,
        "proposal_id": entry.proposal.as_ref().map(|proposal| proposal.proposal_id.to_string()),
    })
}

async fn versions(operations: &Operations, limit: u32, as_json: bool) -> anyhow::Result<Finding> {
    let versions = operations.lexicon_versions(&Actor::Service, None, limit).await?;
    if as_json {
        let rows = versions.iter().map(|row| {
            json!({
                "version": row.number, "sha256": row.content_hash, "entries": row.entries,
                "allowed_phrases": row.allowed_phrases, "made_at": row.made_at.to_string(),
                "approved_by": row.made_by, "proposal_id": row.proposal_id.to_string(),
            })
        });
        output::json(&json!(rows.collect::<Vec<_>>()));
        return Ok(Finding::Fine);
    }
    let rows: Vec<Vec<String>> = versions
        .into_iter()
        .map(|row| {
            vec![
                row.number.to_string(),
                row.entries.to_string(),
                row.made_at.to_string(),
                row.made_by,
                row.content_hash,
            ]
        })
        .collect();
    output::table(&["version", "entries", "made at", "approved by", "sha256"], &rows);
    Ok(Finding::Fine)
}

async fn diff(operations: &Operations, from: u64, to: u64, as_json: bool) -> anyhow::Result<Finding> {
    let diff = operations.lexicon_diff(&Actor::Service, from, to).await?;
    let is_same = diff.added.is_empty() && diff.removed.is_empty() && diff.changed.is_empty();
    let words = |draft: &LexiconDraft| {
        format!("{}, {}, {}, {}", draft.term, draft.category, draft.measure, draft.direction)
    };
    if as_json {
        let draft = |draft: &LexiconDraft| {
            json!({
                "term": draft.term, "category": draft.category, "measure": draft.measure,
                "direction": draft.direction, "audiences": draft.audiences,
                "valid_from": draft.valid_from, "valid_until": draft.valid_until, "note": draft.note,
            })
        };
        output::json(&json!({
            "added": diff.added.iter().map(draft).collect::<Vec<_>>(),
            "removed": diff.removed.iter().map(draft).collect::<Vec<_>>(),
            "changed": diff.changed.iter().map(|(before, after)| {
                json!({ "before": draft(before), "after": draft(after) })
            }).collect::<Vec<_>>(),
        }));
    } else {
        diff.added.iter().for_each(|draft| output::line(&format!("+ {}", words(draft))));
        diff.removed.iter().for_each(|draft| output::line(&format!("- {}", words(draft))));
        for (before, after) in &diff.changed {
            output::line(&format!("~ {} → {}", words(before), words(after)));
        }
    }
    Ok(if is_same { Finding::Fine } else { Finding::Negative })
}

async fn coverage(operations: &Operations, as_json: bool) -> anyhow::Result<Finding> {
    let coverage = operations.lexicon_coverage(&Actor::Service).await?;
    if as_json {
        output::json(&json!({
            "terms": coverage.terms, "floor": coverage.floor, "is_complete": coverage.is_complete,
            "risks": coverage.risks.iter().map(|row| json!({
                "risk": row.risk.code(), "terms": row.terms, "floor": row.floor,
            })).collect::<Vec<_>>(),
            "categories": coverage.categories.iter().map(|row| json!({
                "category": row.category, "terms": row.terms,
                "risks": row.risks.iter().map(|risk| risk.code()).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
        }));
    } else {
        let row = |name: &str, terms: u64, floor: u64| {
            let missing = floor.saturating_sub(terms);
            let missing = if missing == 0 { String::new() } else { missing.to_string() };
            vec![name.to_owned(), terms.to_string(), floor.to_string(), missing]
        };
        let mut rows = vec![row("all", coverage.terms, coverage.floor)];
        rows.extend(coverage.risks.iter().map(|risk| row(risk.risk.code(), risk.terms, risk.floor)));
        output::table(&["risk", "words", "floor", "missing"], &rows);
        for category in &coverage.categories {
            let risks: Vec<&str> = category.risks.iter().map(|risk| risk.code()).collect();
            let risks = if risks.is_empty() { "no risk yet".to_owned() } else { risks.join(" ") };
            output::line(&format!("{}: {} words, {risks}", category.category, category.terms));
        }
    }
    Ok(if coverage.is_complete { Finding::Fine } else { Finding::Negative })
}
