//! Coverage, hits, false positives, candidates.

use axum::{
    Json,
    extract::{Path, Query, State, rejection::JsonRejection},
};
use http::StatusCode;
use operations::{FalsePositiveState, LexiconCandidate, Operations};
use serde::{Deserialize, Serialize};
use terms::Risk;
use utoipa::{IntoParams, ToSchema};

use super::{
    Reasons, id, invalid,
    proposals::{self, Proposed},
    word,
};
use crate::{operator::Operator, problem::Problem};

/// The words of one class of risk.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RiskWords {
    /// The clause of GB/T 45654-2025, Annex A.
    risk: &'static str,
    /// Its words, normalised and counted once.
    terms: u64,
    /// How many the pack asks for; 0 for none.
    floor: u64,
}

/// What a category of the operator's stands for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CategoryRisks {
    /// Its code.
    category: String,
    /// Its words in force.
    terms: u64,
    /// The clauses.
    risks: Vec<&'static str>,
}

/// How far the lexicons in force reach.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Coverage {
    /// All words.
    terms: u64,
    /// How many the pack asks for.
    floor: u64,
    /// Each class of risk.
    risks: Vec<RiskWords>,
    /// The operator's categories.
    categories: Vec<CategoryRisks>,
    /// Whether every floor is reached.
    is_complete: bool,
}

/// Classes of risk.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Risks {
    /// Clauses of GB/T 45654-2025, Annex A, such as `A.1.f`.
    risks: Vec<String>,
}

/// Which days.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Days {
    /// The first day, `2026-01-31`.
    from: String,
    /// The last day.
    until: String,
}

/// How often a rule hit on one day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Hits {
    /// The day, in the zone of the pack.
    day: String,
    /// The rule.
    rule: String,
    /// The category's code.
    category: String,
    /// `input` or `output`.
    direction: String,
    /// What was done.
    measure: String,
    /// How often.
    hits: u64,
}

/// Which false positives.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// `open`, `proposed` or `dismissed`; all without it.
    state: Option<String>,
    /// Only those newer than this one.
    after: Option<String>,
    /// At most so many, 1 to 1,000; 50 without it.
    limit: Option<u32>,
}

/// A hit that an appeal found wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FalsePositive {
    /// Its id.
    item_id: String,
    /// The decision that rested on it.
    decision_id: String,
    /// The rule.
    rule: String,
    /// The category's code.
    category: String,
    /// `input` or `output`.
    direction: &'static str,
    /// The term as it was found, normalised.
    normalised: String,
    /// When the appeal was upheld, RFC 3339.
    opened_at: String,
    /// `open`, `proposed` or `dismissed`.
    state: &'static str,
    /// The proposal that was made of it.
    proposal_id: Option<String>,
    /// Why it was closed.
    closed_because: Option<String>,
}

/// The allowed phrase to propose.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Phrase {
    /// What is harmless, with the term in it; empty is the term itself.
    #[serde(default)]
    phrase: String,
    /// Why; empty names the case.
    #[serde(default)]
    reasons: String,
}

/// What to try out: a waiting proposal or a version.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShadowRequest {
    /// The proposal.
    proposal_id: Option<String>,
    /// The version.
    version: Option<u64>,
    /// How many of a thousand texts are checked twice.
    permille: u64,
}

/// What a rule would have done differently.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShadowCount {
    /// The rule.
    rule: String,
    /// The category's code.
    category: String,
    /// `input` or `output`.
    direction: String,
    /// `blocks`, `lifts`, `finds` or `drops`.
    change: String,
    /// In how many texts.
    texts: u64,
}

/// A run of a candidate beside the list in force.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Shadow {
    /// Its id.
    shadow_id: String,
    /// The candidate, where it is a proposal.
    proposal_id: Option<String>,
    /// The candidate, where it is a version.
    version: Option<u64>,
    /// How many of a thousand texts are checked twice.
    permille: u64,
    /// Whether it goes on.
    is_running: bool,
    /// When it began, RFC 3339.
    started_at: String,
    /// When it ended, RFC 3339.
    stopped_at: Option<String>,
    /// Texts checked twice.
    texts: u64,
    /// Texts that were drawn and left out, since the second check was behind.
    skipped: u64,
    /// The differences.
    counts: Vec<ShadowCount>,
}

/// A run that was begun or ended.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShadowId {
    /// Its id.
    shadow_id: String,
}

/// Counts the words for each class of risk beside what the standard asks for.
#[utoipa::path(get, tag = "Lexicons", path = "/api/v1/lexicon/coverage", security(("operator_session" = [])), responses((status = 200, body = Coverage)))]
pub(crate) async fn coverage(
    State(operations): State<Operations>,
    operator: Operator,
) -> Result<Json<Coverage>, Problem> {
    let coverage = operations.lexicon_coverage(&operator.actor).await?;
    let risk = |row: operations::RiskCoverage| RiskWords {
        risk: row.risk.code(),
        terms: row.terms,
        floor: row.floor,
    };
    let category = |row: operations::LexiconCategoryRisks| CategoryRisks {
        category: row.category,
        terms: row.terms,
        risks: row.risks.into_iter().map(Risk::code).collect(),
    };
    Ok(Json(Coverage {
        terms: coverage.terms,
        floor: coverage.floor,
        risks: coverage.risks.into_iter().map(risk).collect(),
        categories: coverage.categories.into_iter().map(category).collect(),
        is_complete: coverage.is_complete,
    }))
}

/// Says which classes of risk a category of the operator's stands for.
#[utoipa::path(put, tag = "Lexicons", path = "/api/v1/lexicon/categories/{category}/risks", params(("category" = String, Path)), request_body = Risks, security(("operator_session" = [])),
    responses((status = 204), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn set_risks(
    State(operations): State<Operations>,
    operator: Operator,
    Path(category): Path<String>,
    request: Result<Json<Risks>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(request) = request?;
    let risks = request.risks.iter().map(|code| word("risks", code, Risk::from_code));
    let risks = risks.collect::<Result<Vec<_>, _>>()?;
    operations.lexicon_set_category_risks(&operator.actor, &category, &risks).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Hits by day, rule, category, direction and measure. No text, no person.
#[utoipa::path(get, tag = "Lexicons", path = "/api/v1/lexicon/hits", params(Days), security(("operator_session" = [])),
    responses((status = 200, body = [Hits]), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn hits(
    State(operations): State<Operations>,
    operator: Operator,
    Query(days): Query<Days>,
) -> Result<Json<Vec<Hits>>, Problem> {
    let first = days.from.parse().map_err(|error| invalid("from", error))?;
    let last = days.until.parse().map_err(|error| invalid("until", error))?;
    let rows = operations.lexicon_hits(&operator.actor, first, last).await?;
    let row = |row: operations::LexiconHits| Hits {
        day: row.day,
        rule: row.rule,
        category: row.category,
        direction: row.direction,
        measure: row.measure,
        hits: row.hits,
    };
    Ok(Json(rows.into_iter().map(row).collect()))
}

/// The inbox of hits that appeals found wrong, oldest first.
#[utoipa::path(get, tag = "Lexicons", path = "/api/v1/lexicon/false-positives", params(Which), security(("operator_session" = [])),
    responses((status = 200, body = [FalsePositive]), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn false_positives(
    State(operations): State<Operations>,
    operator: Operator,
    Query(which): Query<Which>,
) -> Result<Json<Vec<FalsePositive>>, Problem> {
    let state = which.state.map(|state| word("state", &state, FalsePositiveState::from_word)).transpose()?;
    let after = which.after.map(|text| id("after", &text)).transpose()?;
    let limit = which.limit.unwrap_or(50);
    let items = operations.lexicon_false_positives(&operator.actor, state, after, limit).await?;
    let item = |item: operations::FalsePositiveView| FalsePositive {
        item_id: item.item_id.to_string(),
        decision_id: item.decision_id.to_string(),
        rule: item.rule,
        category: item.category,
        direction: item.direction.as_str(),
        normalised: item.normalised,
        opened_at: item.opened_at.to_string(),
        state: item.state.as_str(),
        proposal_id: item.proposal_id.map(|id| id.to_string()),
        closed_because: item.closed_because,
    };
    Ok(Json(items.into_iter().map(item).collect()))
}

/// Proposes an allowed phrase for an item, with the case as reason.
#[utoipa::path(post, tag = "Lexicons", path = "/api/v1/lexicon/false-positives/{item_id}/allow", params(("item_id" = String, Path)), request_body = Phrase, security(("operator_session" = [])),
    responses((status = 201, body = Proposed), (status = 409, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn allow(
    State(operations): State<Operations>,
    operator: Operator,
    Path(item_id): Path<String>,
    request: Result<Json<Phrase>, JsonRejection>,
) -> Result<(StatusCode, Json<Proposed>), Problem> {
    let Json(Phrase { phrase, reasons }) = request?;
    let item_id = id("item_id", &item_id)?;
    let actor = &operator.actor;
    let proposal = operations.lexicon_allow_false_positive(actor, item_id, &phrase, &reasons).await?;
    Ok(proposals::created(proposal))
}

/// Closes an item without consequence.
#[utoipa::path(post, tag = "Lexicons", path = "/api/v1/lexicon/false-positives/{item_id}/dismiss", params(("item_id" = String, Path)), request_body = Reasons, security(("operator_session" = [])),
    responses((status = 204), (status = 409, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn dismiss(
    State(operations): State<Operations>,
    operator: Operator,
    Path(item_id): Path<String>,
    request: Result<Json<Reasons>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(Reasons { reasons }) = request?;
    operations.lexicon_dismiss_false_positive(&operator.actor, id("item_id", &item_id)?, &reasons).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The newest runs of candidates beside the list in force.
#[utoipa::path(get, tag = "Lexicons", path = "/api/v1/lexicon/shadow", security(("operator_session" = [])), responses((status = 200, body = [Shadow])))]
pub(crate) async fn shadows(
    State(operations): State<Operations>,
    operator: Operator,
) -> Result<Json<Vec<Shadow>>, Problem> {
    let runs = operations.lexicon_shadows(&operator.actor).await?;
    let run = |run: operations::LexiconShadowView| {
        let (proposal_id, version) = match run.candidate {
            LexiconCandidate::Proposal(id) => (Some(id.to_string()), None),
            LexiconCandidate::Version(number) => (None, Some(number)),
        };
        let count = |count: operations::LexiconShadowCount| ShadowCount {
            rule: count.rule,
            category: count.category,
            direction: count.direction,
            change: count.change,
            texts: count.texts,
        };
        Shadow {
            shadow_id: run.shadow_id.to_string(),
            proposal_id,
            version,
            permille: run.permille,
            is_running: run.is_running,
            started_at: run.started_at.to_string(),
            stopped_at: run.stopped_at.map(|at| at.to_string()),
            texts: run.texts,
            skipped: run.skipped,
            counts: run.counts.into_iter().map(count).collect(),
        }
    };
    Ok(Json(runs.into_iter().map(run).collect()))
}

/// Begins to try a candidate out beside the list in force.
#[utoipa::path(post, tag = "Lexicons", path = "/api/v1/lexicon/shadow", request_body = ShadowRequest, security(("operator_session" = [])),
    responses((status = 201, body = ShadowId), (status = 409, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn start_shadow(
    State(operations): State<Operations>,
    operator: Operator,
    request: Result<Json<ShadowRequest>, JsonRejection>,
) -> Result<(StatusCode, Json<ShadowId>), Problem> {
    let Json(request) = request?;
    let candidate = match (request.proposal_id, request.version) {
        (Some(text), None) => LexiconCandidate::Proposal(id("proposal_id", &text)?),
        (None, Some(number)) => LexiconCandidate::Version(number),
        _ => return Err(invalid("proposal_id", "give one of `proposal_id` and `version`").into()),
    };
    let run = operations.lexicon_shadow_start(&operator.actor, candidate, request.permille).await?;
    Ok((StatusCode::CREATED, Json(ShadowId { shadow_id: run.to_string() })))
}

/// Ends the run that goes on.
#[utoipa::path(delete, tag = "Lexicons", path = "/api/v1/lexicon/shadow", security(("operator_session" = [])),
    responses((status = 200, body = ShadowId), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn stop_shadow(
    State(operations): State<Operations>,
    operator: Operator,
) -> Result<Json<ShadowId>, Problem> {
    let run = operations.lexicon_shadow_stop(&operator.actor).await?;
    Ok(Json(ShadowId { shadow_id: run.to_string() }))
}
