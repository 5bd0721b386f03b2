//! `POST /v1/moderations`: the engine's verdict in OpenAI's shape. Nothing of the text is kept.

use std::collections::BTreeSet;

use axum::{Json, body::Body, extract::State};
use http::HeaderMap;
use operations::Operations;
use safety::{
    Action, Category, Engine, Finding, FollowUps,
    taxonomy::{Moderation, moderation_of},
};
use terms::Direction;
use wire::moderation::{ModerationRequest, ModerationResponse, ModerationResult};

use super::authorization;
use crate::{errors::RouteError, prompt::LARGE_TEXT_BYTES, state::Gateway};

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
    let texts = request.input.texts();
    let total: usize = texts.iter().map(String::len).sum();
    let judge = move || texts.iter().map(|text| result(&engine, text)).collect::<Vec<_>>();
    let results = if total < LARGE_TEXT_BYTES {
        judge()
    } else {
        tokio::task::spawn_blocking(judge).await.map_err(|_| RouteError::ShuttingDown)?
    };
    let id = format!("modr-{}", operations.new_id());
    Ok(Json(ModerationResponse { id, model: model(operations), results }))
}

/// What the rules find in one text. A rule hits or does not: its score is 1 or 0, and no likelihood.
fn result(engine: &Engine, text: &str) -> ModerationResult {
    let verdict = engine.check(text, Direction::Input).verdict;
    let is_hit = |finding: &&Finding| finding.action > Action::Allow || finding.then != FollowUps::NONE;
    let found: BTreeSet<&Category> =
        verdict.findings.iter().filter(is_hit).map(|finding| &finding.category).collect();
    let score = |is_found: bool| f64::from(u8::from(is_found));
    let theirs = Moderation::ALL.iter().map(|class| {
        let is_found = found.iter().any(|category| moderation_of(category).contains(class));
        (class.code(), score(is_found))
    });
    let shipped = Category::SHIPPED.iter().map(|category| (category.code(), score(found.contains(category))));
    let others = found.iter().filter(|category| !Category::SHIPPED.contains(category));
    let others = others.map(|category| (category.code(), 1.0));
    ModerationResult::of_text(theirs, shipped.chain(others), verdict.action.as_str())
}
