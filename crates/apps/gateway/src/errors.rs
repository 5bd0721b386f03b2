//! Errors in OpenAI's shape, with stable codes and the status that fits.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use operations::{MarkError, OperationError, Refusal};
use upstream::UpstreamError;
use wire::{chat::RequestError, error::ErrorBody};

use crate::extension;

/// Why a request on the model-facing surface got no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RouteError {
    #[error("the request cannot be read: {0}")]
    Request(#[from] RequestError),
    #[error("the body is over the limit of {0} bytes")]
    TooLarge(usize),
    #[error("the body could not be read")]
    Body,
    #[error("no model `{0}`")]
    UnknownModel(String),
    #[error("refused: {}", .0.code)]
    Refused(Box<Refusal>),
    #[error("a pending request cannot be recorded")]
    Operation(#[source] Box<OperationError>),
    #[error("the upstream failed")]
    Upstream(#[from] UpstreamError),
    #[error("the upstream sent what cannot be read: {0}")]
    UpstreamUnreadable(String),
    #[error("a file of the upstream cannot be marked")]
    Unmarkable(#[from] MarkError),
    #[error("no such file")]
    NoFile,
    #[error("the server is shutting down")]
    ShuttingDown,
}

impl From<OperationError> for RouteError {
    fn from(error: OperationError) -> Self {
        match error {
            OperationError::Refused(refusal) => Self::Refused(refusal),
            other => Self::Operation(Box::new(other)),
        }
    }
}

impl From<Refusal> for RouteError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl RouteError {
    /// Status and body.
    pub(crate) fn body(&self) -> (StatusCode, ErrorBody) {
        match self {
            Self::Request(error) => (StatusCode::BAD_REQUEST, error.to_body()),
            Self::TooLarge(limit) => (
                StatusCode::PAYLOAD_TOO_LARGE,
                ErrorBody::new(
                    "invalid_request_error",
                    "request_too_large",
                    format!("the request body is over the limit of {limit} bytes"),
                ),
            ),
            Self::Body => (
                StatusCode::BAD_REQUEST,
                ErrorBody::new("invalid_request_error", "body_unreadable", "the request body broke off"),
            ),
            Self::UnknownModel(model) => (
                StatusCode::NOT_FOUND,
                ErrorBody::new(
                    "invalid_request_error",
                    "model_not_found",
                    format!("the model `{model}` does not exist here; `GET /v1/models` lists those that do"),
                )
                .param("model"),
            ),
            Self::Refused(refusal) => refused(refusal),
            Self::Operation(error) => {
                tracing::error!(error = &**error as &dyn std::error::Error, "request not served");
                match **error {
                    OperationError::Unavailable { .. } => (
                        StatusCode::SERVICE_UNAVAILABLE,
                        ErrorBody::new(
                            "api_error",
                            "not_recorded",
                            "the request could not be recorded, so nothing is delivered: try again later",
                        ),
                    ),
                    _ => (
                        StatusCode::INTERNAL_SERVER_ERROR,
                        ErrorBody::new(
                            "api_error",
                            "internal_error",
                            "a fault of ours; nothing is delivered",
                        ),
                    ),
                }
            }
            Self::Upstream(error) => {
                tracing::warn!(error = error as &dyn std::error::Error, "upstream failed");
                let status =
                    if error.is_timeout() { StatusCode::GATEWAY_TIMEOUT } else { StatusCode::BAD_GATEWAY };
                (
                    status,
                    ErrorBody::new("api_error", error.code(), format!("the model provider failed: {error}")),
                )
            }
            Self::UpstreamUnreadable(why) => {
                tracing::warn!(why, "upstream unreadable");
                (
                    StatusCode::BAD_GATEWAY,
                    ErrorBody::new(
                        "api_error",
                        "upstream_unreadable",
                        "the model provider sent an answer that cannot be read, so it was not passed on",
                    ),
                )
            }
            Self::Unmarkable(error) => {
                tracing::warn!(error = error as &dyn std::error::Error, "file not marked");
                (
                    StatusCode::BAD_GATEWAY,
                    ErrorBody::new(
                        "api_error",
                        "cannot_be_labelled",
                        format!(
                            "the model provider sent a file that cannot be labelled, so it was not passed on: {error}"
                        ),
                    ),
                )
            }
            Self::NoFile => (
                StatusCode::NOT_FOUND,
                ErrorBody::new(
                    "invalid_request_error",
                    "media_not_found",
                    "there is no such file, or its hour is over",
                ),
            ),
            Self::ShuttingDown => (
                StatusCode::SERVICE_UNAVAILABLE,
                ErrorBody::new(
                    "api_error",
                    "shutting_down",
                    "the server is shutting down: try again in a moment",
                ),
            ),
        }
    }
}

fn refused(refusal: &Refusal) -> (StatusCode, ErrorBody) {
    let kind = match refusal.status {
        401 => "authentication_error",
        403 => "permission_error",
        429 => "rate_limit_error",
        _ => "invalid_request_error",
    };
    let mut body = ErrorBody::new(kind, refusal.code, refusal.message.clone())
        .extra("message_zh", refusal.message_zh.clone());
    if let Some(rule) = refusal.rule {
        body = body.extra("rule", rule);
    }
    if let Some(page) = &refusal.page {
        body = body.extra("page", page.clone());
    }
    if let Some(notice) = &refusal.decision {
        body = body.extra("cinnabar", extension::refusal(notice));
    }
    (StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::FORBIDDEN), body)
}

impl IntoResponse for RouteError {
    fn into_response(self) -> Response {
        let (status, body) = self.body();
        let mut response = Response::new(Body::from(body.to_bytes()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Self::Refused(refusal) = &self {
            // OpenAI's SDKs retry 409, 429 and 5xx; a refusal stays one (design 9.10).
            headers.insert("x-should-retry", HeaderValue::from_static("false"));
            if let Some(notice) = &refusal.decision
                && let Ok(id) = HeaderValue::from_str(&notice.decision_id.to_string())
            {
                headers.insert("x-cinnabar-decision", id);
            }
        }
        response
    }
}
