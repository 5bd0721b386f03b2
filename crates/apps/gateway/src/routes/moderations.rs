//! `POST /v1/moderations`: the engine's verdict in OpenAI's shape. Nothing of the text is kept.

use axum::{Json, body::Body, extract::State};
use http::HeaderMap;
use operations::Operations;
use safety::{Action, Category};
use terms::Direction;
use wire::moderation::{ModerationRequest, ModerationResponse, ModerationResult};

use super::authorization;
use crate::{errors::RouteError, state::Gateway};

/// The name in `model`: the rules in force, not a model of OpenAI's.
fn model(operations: &Operations) -> String {
    let version = operations.safety().version();
    let short: String = version.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("cinnabar-rules-{short}")
}

pub(crate) async fn post(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<ModerationResponse>, RouteError> {
    let operations = &gateway.inner.operations;
    operations.authenticate_key(authorization(&headers))?;
    let body = gateway.read_body(body).await?;
    let request = ModerationRequest::parse(&body)?;
    let engine = operations.safety();
    let all: Vec<&str> = Category::SHIPPED.iter().map(Category::name).collect();
    let results = request
        .input
        .texts()
        .iter()
        .map(|text| {
            let checked = engine.check(text, Direction::Input);
            let found: Vec<&str> = checked
                .verdict
                .findings
                .iter()
                .filter(|finding| finding.action > Action::Allow)
                .map(|finding| finding.category.name())
                .collect();
            ModerationResult::of_text(all.iter().copied(), &found)
        })
        .collect();
    let id = format!("modr-{}", operations.new_id());
    Ok(Json(ModerationResponse { id, model: model(operations), results }))
}
