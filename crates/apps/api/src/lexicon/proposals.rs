//! Proposing, deciding.

use axum::{
    Json,
    extract::{Path, Query, State, rejection::JsonRejection},
};
use http::StatusCode;
use operations::{LexiconProposalRequest, LexiconProposalState, LexiconProposalView, Operations};
use serde::{Deserialize, Serialize};
use terms::LexiconProposalId;
use utoipa::{IntoParams, ToSchema};

use super::{Draft, Reasons, id, invalid, versions::Version, word};
use crate::{operator::Operator, problem::Problem};

/// What is proposed: entries, entries to take out, or a version to go back to. One of the three.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProposalRequest {
    /// Why. It is kept.
    reasons: String,
    /// What to call it; the first term without it.
    #[serde(default)]
    title: String,
    /// New entries. One whose term, direction and audiences are those of an entry in force takes its place.
    #[serde(default)]
    entries: Vec<Draft>,
    /// The ids of entries to take out.
    #[serde(default)]
    retire: Vec<String>,
    /// The version to go back to; 0 is empty.
    rollback_to: Option<u64>,
}

/// A proposal that waits for a second person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Proposed {
    /// Its id.
    pub(super) proposal_id: String,
}

/// Which proposals to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// `proposed`, `approved`, `rejected` or `withdrawn`; all without it.
    state: Option<String>,
    /// Only those older than this one.
    after: Option<String>,
    /// At most so many, 1 to 1,000; 50 without it.
    limit: Option<u32>,
}

/// A proposal.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Proposal {
    /// Its id.
    proposal_id: String,
    /// `entries`, `import`, `retirement` or `rollback`.
    kind: &'static str,
    /// What it is called.
    title: String,
    /// `operator` or `case`.
    source: &'static str,
    /// Why.
    reasons: String,
    /// The decision that it corrects.
    decision_id: Option<String>,
    /// The version that it goes back to.
    target_version: Option<u64>,
    /// The version that it was made against.
    base_version: u64,
    /// New entries.
    added: u64,
    /// Entries in the place of earlier ones.
    changed: u64,
    /// Entries taken out.
    retired: u64,
    /// `proposed`, `approved`, `rejected` or `withdrawn`.
    state: &'static str,
    /// The name of who proposed it.
    proposed_by: String,
    /// When, RFC 3339.
    proposed_at: String,
    /// The name of who decided.
    decided_by: Option<String>,
    /// When, RFC 3339.
    decided_at: Option<String>,
    /// Why.
    decided_because: Option<String>,
    /// The version that its approval made.
    version: Option<u64>,
    /// Whether the one who asks may approve or reject it.
    may_decide: bool,
    /// Whether the one who asks may take it back.
    may_withdraw: bool,
}

impl From<LexiconProposalView> for Proposal {
    fn from(view: LexiconProposalView) -> Self {
        Self {
            proposal_id: view.proposal_id.to_string(),
            kind: view.kind.as_str(),
            title: view.title,
            source: view.source.as_str(),
            reasons: view.reasons,
            decision_id: view.decision_id.map(|id| id.to_string()),
            target_version: view.target_version,
            base_version: view.base_version,
            added: view.added,
            changed: view.changed,
            retired: view.retired,
            state: view.state.as_str(),
            proposed_by: view.proposed_by,
            proposed_at: view.proposed_at.to_string(),
            decided_by: view.decided_by,
            decided_at: view.decided_at.map(|at| at.to_string()),
            decided_because: view.decided_because,
            version: view.version,
            may_decide: view.may_decide,
            may_withdraw: view.may_withdraw,
        }
    }
}

pub(super) fn created(proposal_id: LexiconProposalId) -> (StatusCode, Json<Proposed>) {
    (StatusCode::CREATED, Json(Proposed { proposal_id: proposal_id.to_string() }))
}

/// Proposes a change of the library.
#[utoipa::path(post, tag = "Lexicons", path = "/api/v1/lexicon/proposals", request_body = ProposalRequest, security(("operator_session" = [])),
    responses((status = 201, body = Proposed), (status = 409, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn propose(
    State(operations): State<Operations>,
    operator: Operator,
    request: Result<Json<ProposalRequest>, JsonRejection>,
) -> Result<(StatusCode, Json<Proposed>), Problem> {
    let Json(request) = request?;
    let actor = &operator.actor;
    let proposal_id = match (request.entries.is_empty(), request.retire.is_empty(), request.rollback_to) {
        (false, true, None) => {
            let drafts = request.entries.into_iter().map(Into::into).collect();
            let proposal = LexiconProposalRequest { title: request.title, reasons: request.reasons, drafts };
            operations.lexicon_propose(actor, proposal).await?
        }
        (true, false, None) => {
            let ids = request.retire.iter().map(|text| id("retire", text)).collect::<Result<Vec<_>, _>>()?;
            operations.lexicon_propose_retirement(actor, &ids, &request.reasons).await?
        }
        (true, true, Some(number)) => {
            operations.lexicon_propose_rollback(actor, number, &request.reasons).await?
        }
        _ => return Err(invalid("entries", "give one of `entries`, `retire` and `rollback_to`").into()),
    };
    Ok(created(proposal_id))
}

/// Proposals, newest first.
#[utoipa::path(get, tag = "Lexicons", path = "/api/v1/lexicon/proposals", params(Which), security(("operator_session" = [])),
    responses((status = 200, body = [Proposal]), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list(
    State(operations): State<Operations>,
    operator: Operator,
    Query(which): Query<Which>,
) -> Result<Json<Vec<Proposal>>, Problem> {
    let state =
        which.state.map(|state| word("state", &state, LexiconProposalState::from_word)).transpose()?;
    let after = which.after.map(|text| id("after", &text)).transpose()?;
    let found =
        operations.lexicon_proposals(&operator.actor, state, after, which.limit.unwrap_or(50)).await?;
    Ok(Json(found.into_iter().map(Proposal::from).collect()))
}

/// One proposal. `entries?proposal_id=` and `entries?retired_by=` show what it changes.
#[utoipa::path(get, tag = "Lexicons", path = "/api/v1/lexicon/proposals/{proposal_id}", params(("proposal_id" = String, Path)), security(("operator_session" = [])),
    responses((status = 200, body = Proposal), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn one(
    State(operations): State<Operations>,
    operator: Operator,
    Path(proposal_id): Path<String>,
) -> Result<Json<Proposal>, Problem> {
    let view = operations.lexicon_proposal(&operator.actor, id("proposal_id", &proposal_id)?).await?;
    Ok(Json(view.into()))
}

/// Approves what another person proposed. The version it makes is in force when the answer comes.
#[utoipa::path(post, tag = "Lexicons", path = "/api/v1/lexicon/proposals/{proposal_id}/approve", params(("proposal_id" = String, Path)), request_body = Reasons, security(("operator_session" = [])),
    responses((status = 200, body = Version), (status = 403, body = Problem, content_type = "application/problem+json"), (status = 409, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn approve(
    State(operations): State<Operations>,
    operator: Operator,
    Path(proposal_id): Path<String>,
    request: Result<Json<Reasons>, JsonRejection>,
) -> Result<Json<Version>, Problem> {
    let Json(Reasons { reasons }) = request?;
    let id = id("proposal_id", &proposal_id)?;
    Ok(Json(operations.lexicon_approve(&operator.actor, id, &reasons).await?.into()))
}

/// Rejects what another person proposed.
#[utoipa::path(post, tag = "Lexicons", path = "/api/v1/lexicon/proposals/{proposal_id}/reject", params(("proposal_id" = String, Path)), request_body = Reasons, security(("operator_session" = [])),
    responses((status = 204), (status = 409, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn reject(
    State(operations): State<Operations>,
    operator: Operator,
    Path(proposal_id): Path<String>,
    request: Result<Json<Reasons>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(Reasons { reasons }) = request?;
    operations.lexicon_reject(&operator.actor, id("proposal_id", &proposal_id)?, &reasons).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes one's own proposal back.
#[utoipa::path(post, tag = "Lexicons", path = "/api/v1/lexicon/proposals/{proposal_id}/withdraw", params(("proposal_id" = String, Path)), request_body = Reasons, security(("operator_session" = [])),
    responses((status = 204), (status = 409, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn withdraw(
    State(operations): State<Operations>,
    operator: Operator,
    Path(proposal_id): Path<String>,
    request: Result<Json<Reasons>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(Reasons { reasons }) = request?;
    operations.lexicon_withdraw(&operator.actor, id("proposal_id", &proposal_id)?, &reasons).await?;
    Ok(StatusCode::NO_CONTENT)
}
