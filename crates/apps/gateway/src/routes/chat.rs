//! `POST /v1/chat/completions`.

use axum::{body::Body, extract::State, response::Response};
use http::HeaderMap;
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
    let admitted = gateway.inner.operations.admit(key, end_user.as_deref()).await?;
    gateway.chat(admitted, body).await
}
