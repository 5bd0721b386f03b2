//! `POST /v1/chat/completions`.

use axum::{body::Body, extract::State, response::Response};
use http::HeaderMap;
use operations::Refusal;
use safety::Audience;
use wire::chat::{ChatRequest, RequestLimits};

use super::authorization;
use crate::{errors::RouteError, state::Gateway};

pub(crate) async fn post(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, RouteError> {
    let key = gateway.inner.operations.authenticate_key(authorization(&headers))?;
    let body = gateway.read_body(body).await?;
    let end_user = {
        let request = ChatRequest::parse(&body, RequestLimits::default())?;
        request.end_user().map(str::to_owned)
    };
    let audience = claimed_audience(&headers)?;
    let admitted = gateway.inner.operations.admit(key, end_user.as_deref()).await?.for_audience(audience);
    gateway.chat(admitted, session(&headers), body).await
}

/// The session that a request names.
pub(crate) fn session(headers: &HeaderMap) -> Option<&str> {
    headers.get(SESSION).map(|name| name.to_str().unwrap_or_default())
}

/// Names the session of a request, so that one that ended is not taken up again.
const SESSION: &str = "x-cinnabar-session";
/// Says for whom the answer is, where the application knows it to be a minor.
const AUDIENCE: &str = "x-cinnabar-audience";

/// The audience that a request claims. It can only make the policy stricter.
pub(crate) fn claimed_audience(headers: &HeaderMap) -> Result<Option<Audience>, Refusal> {
    let Some(value) = headers.get(AUDIENCE) else { return Ok(None) };
    let audience = value.to_str().ok().and_then(Audience::from_word);
    audience.map(Some).ok_or_else(|| {
        Refusal::new(
            400,
            "unknown_audience",
            "`x-cinnabar-audience` takes `minor`, `adult` or `verified`",
            "`x-cinnabar-audience` 只能为 `minor`、`adult` 或 `verified`",
        )
    })
}
