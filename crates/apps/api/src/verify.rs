//! `POST /api/v1/verify`: was this generated here? No account, nothing kept.

use axum::{Json, extract::State, extract::rejection::JsonRejection};
use operations::{GenerationView, Operations, ProofState, TextMatch, Verdict, Verification, VerifyQuery};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::Problem;

/// What to check: a number, or a text as it was copied.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerifyRequest {
    /// The number on a label, or the text.
    text: String,
}

/// The answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VerifyResponse {
    /// `confirmed`, `label_without_record`, `foreign_label` or `not_found`. Nothing found does not make it a human's.
    verdict: &'static str,
    /// `exact` or `altered`, for a text that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    text_match: Option<&'static str>,
    /// The record.
    #[serde(skip_serializing_if = "Option::is_none")]
    generation: Option<Generation>,
    /// `ready`, `pending` or `none`.
    proof: &'static str,
    /// Where the proof file is, once it is ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    proof_url: Option<String>,
    /// The machine-readable label (GB 45438-2025).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    aigc: Option<serde_json::Value>,
    /// In what that label does not conform.
    non_conforming: Vec<&'static str>,
}

/// A record, with nothing about the person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Generation {
    /// Its number.
    produce_id: String,
    /// The model.
    model: String,
    /// When it began, RFC 3339.
    begun_at: String,
    /// When it ended, RFC 3339.
    ended_at: Option<String>,
    /// Why it ended.
    end_reason: Option<String>,
}

/// Checks a number or a text.
#[utoipa::path(post, tag = "Verification", path = "/api/v1/verify", request_body = VerifyRequest,
    responses((status = 200, body = VerifyResponse), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn post(
    State(operations): State<Operations>,
    request: Result<Json<VerifyRequest>, JsonRejection>,
) -> Result<Json<VerifyResponse>, Problem> {
    let Json(request) = request?;
    let found = operations.verify(VerifyQuery::Text(request.text)).await?;
    let proof_url = proof_url(&operations, &found);
    Ok(Json(VerifyResponse {
        verdict: match found.verdict {
            Verdict::Confirmed => "confirmed",
            Verdict::LabelWithoutRecord => "label_without_record",
            Verdict::ForeignLabel => "foreign_label",
            Verdict::NotFound => "not_found",
        },
        text_match: found.text_match.map(|matched| match matched {
            TextMatch::Exact => "exact",
            TextMatch::Altered => "altered",
        }),
        proof: proof_word(&found.proof),
        generation: found.generation.map(Generation::from),
        proof_url,
        aigc: found.aigc.and_then(|label| serde_json::from_str(&label.to_json()).ok()),
        non_conforming: found.reasons,
    }))
}

/// Where the proof file is, once it is ready.
pub(crate) fn proof_url(operations: &Operations, found: &Verification) -> Option<String> {
    match (&found.proof, &found.generation) {
        (ProofState::Ready { .. }, Some(generation)) => {
            Some(operations.settings().url(&format!("/ledger/proof/{}", generation.produce_id)))
        }
        _ => None,
    }
}

pub(crate) const fn proof_word(proof: &ProofState) -> &'static str {
    match proof {
        ProofState::Ready { .. } => "ready",
        ProofState::Pending => "pending",
        ProofState::None => "none",
    }
}

impl From<GenerationView> for Generation {
    fn from(generation: GenerationView) -> Self {
        Self {
            produce_id: generation.produce_id.to_string(),
            model: generation.model,
            begun_at: generation.begun_at.to_string(),
            ended_at: generation.ended_at.map(|at| at.to_string()),
            end_reason: generation.end_reason,
        }
    }
}
