//! The routes of the model-facing surface, one file each.

pub(crate) mod chat;
pub(crate) mod media;
pub(crate) mod models;
pub(crate) mod moderations;
pub(crate) mod people;

use axum::{
    Router,
    body::{Body, HttpBody as _},
    routing::{get, post},
};
use bytes::Bytes;
use http::{HeaderMap, header};
use http_body_util::{BodyExt as _, Limited};

use crate::{errors::RouteError, state::Gateway};

impl Gateway {
    /// The `/v1` surface, and the files that its answers point to.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/v1/chat/completions", post(chat::post))
            .route("/v1/images/generations", post(media::generations))
            .route("/v1/images/edits", post(media::edits))
            .route("/v1/audio/speech", post(media::speech))
            .route("/media/{name}", get(media::file))
            .route("/v1/models", get(models::list))
            .route("/v1/models/{model}", get(models::one))
            .route("/v1/moderations", post(moderations::post))
            .route("/v1/{*path}", axum::routing::any(not_served))
            .with_state(self.clone())
    }

    /// Reads a body within the limits.
    pub(crate) async fn read_body(&self, body: Body) -> Result<Bytes, RouteError> {
        let limits = self.inner.limits;
        // A length that was announced is refused before anything is read.
        if usize::try_from(body.size_hint().lower()).map_or(true, |bytes| bytes > limits.request_bytes_max) {
            return Err(RouteError::TooLarge(limits.request_bytes_max));
        }
        let read = Limited::new(body, limits.request_bytes_max).collect();
        match tokio::time::timeout(limits.request_read, read).await {
            Ok(Ok(collected)) => Ok(collected.to_bytes()),
            Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
                Err(RouteError::TooLarge(limits.request_bytes_max))
            }
            Ok(Err(_)) | Err(_) => Err(RouteError::Body),
        }
    }
}

/// The `Authorization` header as text.
pub(crate) fn authorization(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok())
}

async fn not_served(uri: http::Uri) -> RouteErrorNotServed {
    RouteErrorNotServed(uri.path().chars().take(200).collect())
}

struct RouteErrorNotServed(String);

impl axum::response::IntoResponse for RouteErrorNotServed {
    fn into_response(self) -> axum::response::Response {
        let body = wire::error::ErrorBody::new(
            "invalid_request_error",
            "unknown_url",
            format!("`{}` is not served here with this method; see the documentation for what is", self.0),
        );
        let mut response = axum::response::Response::new(Body::from(body.to_bytes()));
        *response.status_mut() = http::StatusCode::NOT_FOUND;
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
        response
    }
}
