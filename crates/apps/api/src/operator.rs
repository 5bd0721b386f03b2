//! Operators as programs meet them: a session for name and password, sent as a bearer token.

use axum::{
    Extension, Json,
    extract::{FromRequestParts, State, rejection::JsonRejection},
};
use http::{StatusCode, header, request::Parts};
use operations::{ClientNetwork, Operations};
use serde::{Deserialize, Serialize};
use terms::Actor;
use utoipa::ToSchema;

use crate::problem::Problem;

/// The operator behind `Authorization: Bearer …`. Asked before a body is read.
pub(crate) struct Operator {
    pub(crate) actor: Actor,
    token: String,
}

impl FromRequestParts<Operations> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, operations: &Operations) -> Result<Self, Problem> {
        let token = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "));
        let found = match token {
            Some(token) => operations.session_operator(token).await?.map(|found| (token, found)),
            None => None,
        };
        let (token, found) = found.ok_or_else(|| {
            Problem::new(
                StatusCode::UNAUTHORIZED,
                "not_signed_in",
                "send the token of `POST /api/v1/operators/session` as `Authorization: Bearer …`",
            )
        })?;
        Ok(Self { actor: found.actor(), token: token.to_owned() })
    }
}

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    /// The operator's name.
    name: String,
    /// The password.
    password: String,
}

/// A session. The token is shown here and never again.
#[derive(Serialize, ToSchema)]
pub(crate) struct Session {
    /// What requests send as `Authorization: Bearer …`.
    token: String,
    /// The operator's id.
    operator_id: String,
    /// The operator's role.
    role: &'static str,
}

/// Signs an operator in.
#[utoipa::path(post, tag = "Lexicons", path = "/api/v1/operators/session", request_body = SignIn,
    responses((status = 201, body = Session), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 429, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn sign_in(
    State(operations): State<Operations>,
    network: Option<Extension<ClientNetwork>>,
    request: Result<Json<SignIn>, JsonRejection>,
) -> Result<(StatusCode, Json<Session>), Problem> {
    let Json(request) = request?;
    let network = network.map(|Extension(network)| network);
    let session = operations.sign_in(&request.name, &request.password, network).await?;
    let body = Session {
        token: session.token,
        operator_id: session.operator.operator_id.to_string(),
        role: session.operator.role.as_str(),
    };
    Ok((StatusCode::CREATED, Json(body)))
}

/// Ends the session whose token is sent.
#[utoipa::path(delete, tag = "Lexicons", path = "/api/v1/operators/session", security(("operator_session" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn sign_out(
    State(operations): State<Operations>,
    operator: Operator,
) -> Result<StatusCode, Problem> {
    operations.sign_out(&operator.token).await?;
    Ok(StatusCode::NO_CONTENT)
}
