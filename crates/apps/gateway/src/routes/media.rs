//! `POST /v1/images/generations`, `POST /v1/images/edits`, `POST /v1/audio/speech`, and the files that answers point to.

use axum::{
    body::Body,
    extract::{Path, State},
    response::Response,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use wire::media::MediaKind;

use crate::{errors::RouteError, state::Gateway};

pub(crate) async fn generations(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, RouteError> {
    gateway.media(MediaKind::Pictures, &headers, body).await
}

pub(crate) async fn edits(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, RouteError> {
    gateway.media(MediaKind::Edits, &headers, body).await
}

pub(crate) async fn speech(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, RouteError> {
    gateway.media(MediaKind::Speech, &headers, body).await
}

/// A file that an answer of ours points to. Whoever has the address may have the file.
pub(crate) async fn file(
    State(gateway): State<Gateway>,
    Path(name): Path<String>,
) -> Result<Response, RouteError> {
    let Some(file) = gateway.inner.operations.media_get(&name).await? else {
        return Err(RouteError::NoFile);
    };
    let mut response = Response::new(Body::from(file.bytes));
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.format.media_type()));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // A file is data, also where a browser would run what stands in it.
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox"),
    );
    if let Ok(value) = HeaderValue::from_str(&format!("private, max-age={}", file.seconds_left)) {
        headers.insert(header::CACHE_CONTROL, value);
    }
    Ok(response)
}
