//! Versions, and what changed between two.

use axum::{
    Json,
    extract::{Query, State},
};
use operations::{LexiconVersionView, Operations};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Draft;
use crate::{operator::Operator, problem::Problem};

/// A version of the library.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Version {
    /// Its number, from 1.
    version: u64,
    /// SHA-256 over its sorted canonical entries, in hexadecimal: that of its export as `jsonl`.
    sha256: String,
    /// The proposal whose approval made it.
    proposal_id: String,
    /// When, RFC 3339.
    made_at: String,
    /// The name of who approved.
    approved_by: String,
    /// Its entries, allowed phrases included.
    entries: u64,
    /// Its allowed phrases.
    allowed_phrases: u64,
}

impl From<LexiconVersionView> for Version {
    fn from(view: LexiconVersionView) -> Self {
        Self {
            version: view.number,
            sha256: view.content_hash,
            proposal_id: view.proposal_id.to_string(),
            made_at: view.made_at.to_string(),
            approved_by: view.made_by,
            entries: view.entries,
            allowed_phrases: view.allowed_phrases,
        }
    }
}

/// Which versions to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Only those older than this one.
    before: Option<u64>,
    /// At most so many, 1 to 1,000; 50 without it.
    limit: Option<u32>,
}

/// Between which versions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Between {
    /// The earlier one; 0 is empty.
    from: u64,
    /// The later one.
    to: u64,
}

/// An entry before and after.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Change {
    before: Draft,
    after: Draft,
}

/// What changed from one version to another.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Difference {
    /// What is in the second alone.
    added: Vec<Draft>,
    /// What is in the first alone.
    removed: Vec<Draft>,
    /// What differs.
    changed: Vec<Change>,
}

/// The versions, newest first.
#[utoipa::path(get, tag = "Lexicons", path = "/api/v1/lexicon/versions", params(Which), security(("operator_session" = [])), responses((status = 200, body = [Version])))]
pub(crate) async fn list(
    State(operations): State<Operations>,
    operator: Operator,
    Query(which): Query<Which>,
) -> Result<Json<Vec<Version>>, Problem> {
    let found = operations.lexicon_versions(&operator.actor, which.before, which.limit.unwrap_or(50)).await?;
    Ok(Json(found.into_iter().map(Version::from).collect()))
}

/// What changed between two versions.
#[utoipa::path(get, tag = "Lexicons", path = "/api/v1/lexicon/diff", params(Between), security(("operator_session" = [])),
    responses((status = 200, body = Difference), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn diff(
    State(operations): State<Operations>,
    operator: Operator,
    Query(between): Query<Between>,
) -> Result<Json<Difference>, Problem> {
    let diff = operations.lexicon_diff(&operator.actor, between.from, between.to).await?;
    let changed = diff
        .changed
        .into_iter()
        .map(|(before, after)| Change { before: before.into(), after: after.into() })
        .collect();
    Ok(Json(Difference {
        added: diff.added.into_iter().map(Draft::from).collect(),
        removed: diff.removed.into_iter().map(Draft::from).collect(),
        changed,
    }))
}
