//! Errors as RFC 9457 problem details.

use axum::{
    Json,
    extract::rejection::JsonRejection,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use operations::{OperationError, Refusal};
use serde::Serialize;
use utoipa::ToSchema;

/// What went wrong, in the form of RFC 9457.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// The HTTP status.
    pub(crate) status: u16,
    /// A stable word for programs.
    pub(crate) code: String,
    /// One English sentence: what was wrong and what to do.
    pub(crate) detail: String,
    /// The same in Chinese, where it is for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail_zh: Option<String>,
    /// The row of the rule pack that asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule: Option<String>,
    /// The page to go to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) page: Option<String>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self {
            status: status.as_u16(),
            code: code.to_owned(),
            detail: detail.into(),
            detail_zh: None,
            rule: None,
            page: None,
        }
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("there is no such {what}"))
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self {
            status: refusal.status,
            code: refusal.code.to_owned(),
            detail: refusal.message,
            detail_zh: Some(refusal.message_zh),
            rule: refusal.rule.map(str::to_owned),
            page: refusal.page,
        }
    }
}

impl From<OperationError> for Problem {
    fn from(error: OperationError) -> Self {
        match error {
            OperationError::Refused(refusal) => (*refusal).into(),
            OperationError::NotFound { what } => Self::not_found(what),
            OperationError::Invalid { field, detail, .. } => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", format!("`{field}`: {detail}"))
            }
            OperationError::Conflict { detail, .. } => Self::new(StatusCode::CONFLICT, "conflict", detail),
            OperationError::Unavailable { .. } => {
                tracing::error!(error = &error as &dyn std::error::Error, "operation unavailable");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "unavailable",
                    "nothing could be saved now: try again later",
                )
            }
            OperationError::Internal { .. } => {
                tracing::error!(error = &error as &dyn std::error::Error, "operation failed");
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal_error",
                    "a fault of ours; nothing was done",
                )
            }
        }
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        Self::new(rejection.status(), "body_unreadable", rejection.body_text())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}
