//! Looking entries up.

use axum::{
    Json,
    extract::{Query, State},
};
use operations::{LexiconEntryView, LexiconQuery, LexiconSource, LexiconState, LexiconTextQuery, Operations};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{id, invalid, word};
use crate::{operator::Operator, problem::Problem};

/// What to look for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Search {
    /// The term, normalised before it is looked for.
    text: Option<String>,
    /// How: `exact`, `prefix` or `part` (the default).
    r#match: Option<String>,
    /// The category's code.
    category: Option<String>,
    /// `proposed`, `approved`, `rejected` or `retired`.
    state: Option<String>,
    /// `pack`, `file`, `operator` or `case`.
    source: Option<String>,
    /// Only what this proposal brings.
    proposal_id: Option<String>,
    /// Only what this proposal takes out.
    retired_by: Option<String>,
    /// Only what is in this version of the library.
    version: Option<u64>,
    /// Go on behind this place: `next` of the last page.
    after: Option<String>,
    /// At most so many, 1 to 1,000; 100 without it.
    limit: Option<u32>,
}

/// An entry.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Entry {
    /// Its id.
    id: String,
    /// The term as it was written.
    term: String,
    /// The term as it is looked for.
    normalised: String,
    /// The category's code.
    category: String,
    /// What is done about a hit; empty where the policy decides.
    measure: String,
    /// `input`, `output` or `both`.
    direction: String,
    /// For whom; none is everybody.
    audiences: Vec<String>,
    /// The first day.
    valid_from: Option<String>,
    /// The last day.
    valid_until: Option<String>,
    /// A note for people.
    note: String,
    /// `pack`, `file`, `operator` or `case`.
    source: &'static str,
    /// `proposed`, `approved`, `rejected` or `retired`.
    state: &'static str,
    /// The version it came with.
    since_version: Option<u64>,
    /// The version it went with.
    until_version: Option<u64>,
    /// The proposal that brought it.
    proposal_id: Option<String>,
}

/// A page of entries, in the order of normalised terms.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EntryPage {
    /// The entries.
    entries: Vec<Entry>,
    /// Where the next page goes on; nothing at the end.
    next: Option<String>,
}

impl From<LexiconEntryView> for Entry {
    fn from(view: LexiconEntryView) -> Self {
        Self {
            id: view.id,
            term: view.term,
            normalised: view.normalised,
            category: view.category,
            measure: view.measure,
            direction: view.direction,
            audiences: view.audiences,
            valid_from: view.valid_from,
            valid_until: view.valid_until,
            note: view.note,
            source: view.source.as_str(),
            state: view.state.as_str(),
            since_version: view.since_version,
            until_version: view.until_version,
            proposal_id: view.proposal.map(|proposal| proposal.proposal_id.to_string()),
        }
    }
}

/// A page of the entries that fit, the pack's and the operator's.
#[utoipa::path(get, tag = "Lexicons", path = "/api/v1/lexicon/entries", params(Search), security(("operator_session" = [])),
    responses((status = 200, body = EntryPage), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn search(
    State(operations): State<Operations>,
    operator: Operator,
    Query(search): Query<Search>,
) -> Result<Json<EntryPage>, Problem> {
    let text = match (search.text, search.r#match.as_deref().unwrap_or("part")) {
        (None, _) => None,
        (Some(text), "exact") => Some(LexiconTextQuery::Exact(text)),
        (Some(text), "prefix") => Some(LexiconTextQuery::Prefix(text)),
        (Some(text), "part") => Some(LexiconTextQuery::Part(text)),
        (Some(_), other) => {
            return Err(invalid("match", format!("`{other}` is not one of its words")).into());
        }
    };
    let query = LexiconQuery {
        text,
        category: search.category,
        state: search.state.map(|state| word("state", &state, LexiconState::from_word)).transpose()?,
        source: search.source.map(|source| word("source", &source, LexiconSource::from_word)).transpose()?,
        proposal_id: search.proposal_id.map(|text| id("proposal_id", &text)).transpose()?,
        retired_by: search.retired_by.map(|text| id("retired_by", &text)).transpose()?,
        version: search.version,
        after: search.after,
        limit: search.limit.unwrap_or_default(),
    };
    let page = operations.lexicon_search(&operator.actor, query).await?;
    Ok(Json(EntryPage { entries: page.entries.into_iter().map(Entry::from).collect(), next: page.next }))
}
