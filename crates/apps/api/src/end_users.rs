//! `/api/v1/end-users`: what an application says of its own end users, with its key.

use axum::{
    Json,
    extract::{Query, State, rejection::JsonRejection},
};
use http::{HeaderMap, StatusCode, header};
use identity::IdentityLevel;
use operations::{Operations, Refusal};
use serde::{Deserialize, Serialize};
use terms::{Actor, Locale};
use utoipa::{IntoParams, ToSchema};

use crate::problem::Problem;

/// An identity level of an end user.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdentityRequest {
    /// The name the application sends as `safety_identifier` (or `user`).
    end_user: String,
    /// `none`, `declared`, `phone` or `full`.
    level: String,
    /// How it was checked, in words: `one-time code by SMS`. Never the document or the number itself.
    method: String,
}

/// An acceptance of the agreement by an end user.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AcceptanceRequest {
    /// The name the application sends as `safety_identifier` (or `user`).
    end_user: String,
    /// The hash of the agreement that the person was shown, as `GET /api/v1/agreement` gives it.
    hash: String,
}

/// The language of the agreement.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AgreementQuery {
    /// `zh-CN` or `en`.
    locale: Option<String>,
}

/// The agreement in force.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Agreement {
    /// Its text.
    text: String,
    /// What an acceptance names.
    hash: String,
    /// The rule pack's version it came with.
    version: String,
}

pub(crate) fn application(operations: &Operations, headers: &HeaderMap) -> Result<Actor, Refusal> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    Ok(Actor::Application(operations.authenticate_key(authorization)?.key_id))
}

/// The agreement in force.
#[utoipa::path(get, tag = "End users", path = "/api/v1/agreement", params(AgreementQuery), responses((status = 200, body = Agreement)))]
pub(crate) async fn agreement(
    State(operations): State<Operations>,
    Query(query): Query<AgreementQuery>,
) -> Result<Json<Agreement>, Problem> {
    let locale: Locale = query
        .locale
        .map_or(Ok(Locale::default()), |tag| tag.parse())
        .map_err(|error| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", error.to_string()))?;
    let view = operations.agreement(locale);
    Ok(Json(Agreement { text: view.text, hash: view.hash, version: view.version }))
}

/// Says how well the application knows an end user (row `cn.ds.9`).
#[utoipa::path(put, tag = "End users", path = "/api/v1/end-users/identity", request_body = IdentityRequest, security(("application_key" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn set_identity(
    State(operations): State<Operations>,
    headers: HeaderMap,
    request: Result<Json<IdentityRequest>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let actor = application(&operations, &headers)?;
    let Json(request) = request?;
    let level = IdentityLevel::from_word(&request.level).ok_or_else(|| {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            "`level`: must be `none`, `declared`, `phone` or `full`",
        )
    })?;
    let subject = operations.end_user(&actor, &request.end_user).await?;
    operations.set_identity_level(&actor, subject, level, &request.method).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Records that an end user accepted the agreement (row `cn.genai.9`).
#[utoipa::path(put, tag = "End users", path = "/api/v1/end-users/agreement", request_body = AcceptanceRequest, security(("application_key" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 409, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn accept_agreement(
    State(operations): State<Operations>,
    headers: HeaderMap,
    request: Result<Json<AcceptanceRequest>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let actor = application(&operations, &headers)?;
    let Json(request) = request?;
    let subject = operations.end_user(&actor, &request.end_user).await?;
    operations.accept_agreement(&actor, subject, &request.hash).await?;
    Ok(StatusCode::NO_CONTENT)
}
