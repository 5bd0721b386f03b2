//! `/api/v1/cases`: filing an appeal, a complaint or a report, and looking at it again. No account is needed.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
};
use cases::CaseKind;
use http::StatusCode;
use operations::{OpenCase, Operations};
use serde::{Deserialize, Serialize};
use terms::{Actor, Locale};
use utoipa::ToSchema;

use crate::problem::Problem;

/// What is filed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseRequest {
    /// `appeal`, `complaint` or `report`.
    kind: String,
    /// What it is about.
    text: String,
    /// How to reach the person; nothing is needed.
    contact: Option<String>,
    /// For an appeal: the token at the end of the decision's appeal link.
    appeal_token: Option<String>,
    /// The generation it is about.
    produce_id: Option<String>,
    /// `zh-CN` or `en`.
    locale: Option<String>,
}

/// The receipt. The code is shown here and never again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaseReceipt {
    /// The number, for telling.
    number: String,
    /// The code, for looking.
    code: String,
    /// By when it is answered, RFC 3339.
    due_at: String,
    /// Whether that may still become earlier: the working-day calendar is not verified. It never becomes later.
    provisional: bool,
    /// The published limit in words.
    limit: String,
    /// The page of the case.
    url: String,
}

/// The code of a receipt.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseCode {
    /// The code.
    code: String,
}

/// Where a case stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaseStatus {
    /// The number.
    number: String,
    /// `appeal`, `complaint` or `report`.
    kind: &'static str,
    /// `open`, `in_review`, `decided` or `withdrawn`.
    state: &'static str,
    /// By when it is answered, RFC 3339.
    due_at: String,
    /// Whether that may still become earlier.
    provisional: bool,
    /// `upheld`, `partly_upheld` or `rejected`.
    outcome: Option<&'static str>,
    /// The answer.
    reasons: Option<String>,
}

/// Files a case.
#[utoipa::path(post, tag = "Cases", path = "/api/v1/cases", request_body = CaseRequest,
    responses((status = 201, body = CaseReceipt), (status = 404, body = Problem, content_type = "application/problem+json"), (status = 409, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn open(
    State(operations): State<Operations>,
    request: Result<Json<CaseRequest>, JsonRejection>,
) -> Result<(StatusCode, Json<CaseReceipt>), Problem> {
    let Json(request) = request?;
    let invalid = |field: &str, detail: String| {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", format!("`{field}`: {detail}"))
    };
    let kind = CaseKind::from_word(&request.kind)
        .ok_or_else(|| invalid("kind", "must be `appeal`, `complaint` or `report`".to_owned()))?;
    let locale: Locale = match &request.locale {
        Some(tag) => {
            tag.parse().map_err(|error: terms::UnknownLocale| invalid("locale", error.to_string()))?
        }
        None => Locale::default(),
    };
    let produce_id = match &request.produce_id {
        Some(id) => {
            Some(id.parse().map_err(|error: terms::IdError| invalid("produce_id", error.to_string()))?)
        }
        None => None,
    };
    let receipt = operations
        .open_case(
            &Actor::Anonymous,
            OpenCase {
                kind,
                locale,
                text: request.text,
                contact: request.contact,
                appeal_token: request.appeal_token,
                produce_id,
            },
        )
        .await?;
    let body = CaseReceipt {
        number: receipt.number,
        code: receipt.code,
        due_at: receipt.due_at.to_string(),
        provisional: receipt.provisional,
        limit: receipt.limit_text,
        url: receipt.url,
    };
    Ok((StatusCode::CREATED, Json(body)))
}

/// Where a case stands, for whoever holds its code. A wrong number and a wrong code look the same.
#[utoipa::path(post, tag = "Cases", path = "/api/v1/cases/{number}/status", params(("number" = String, Path, description = "The receipt's number")),
    request_body = CaseCode, responses((status = 200, body = CaseStatus), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn status(
    State(operations): State<Operations>,
    Path(number): Path<String>,
    request: Result<Json<CaseCode>, JsonRejection>,
) -> Result<Json<CaseStatus>, Problem> {
    let Json(request) = request?;
    let view = operations
        .case_status(&number, &request.code, Locale::default())
        .await?
        .ok_or_else(|| Problem::not_found("case with this number and code"))?;
    Ok(Json(CaseStatus {
        number: view.number,
        kind: view.kind.as_str(),
        state: view.state.as_str(),
        due_at: view.due_at.to_string(),
        provisional: view.provisional,
        outcome: view.answer.as_ref().map(|answer| answer.outcome.as_str()),
        reasons: view.answer.map(|answer| answer.reasons),
    }))
}
