//! `/healthz`, `/readyz`, `/metrics`.

use axum::{Router, extract::State, response::IntoResponse, routing::get};
use http::{StatusCode, header};
use operations::Operations;
use prometheus::{Encoder as _, IntGauge, Opts, Registry, TextEncoder};

#[derive(Clone)]
struct Health {
    operations: Operations,
    registry: Registry,
    entries: IntGauge,
    commits: IntGauge,
}

pub(crate) fn router(operations: Operations, registry: Registry) -> Result<Router, prometheus::Error> {
    let gauge = |name: &str, help: &str| IntGauge::with_opts(Opts::new(name, help));
    let health = Health {
        operations,
        entries: gauge("cinnabar_journal_entries", "Ledger entries committed since the start.")?,
        commits: gauge("cinnabar_journal_commits", "Transactions they took.")?,
        registry,
    };
    health.registry.register(Box::new(health.entries.clone()))?;
    health.registry.register(Box::new(health.commits.clone()))?;
    Ok(Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(health))
}

async fn ready(State(health): State<Health>) -> impl IntoResponse {
    match health.operations.ready().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}

async fn metrics(State(health): State<Health>) -> impl IntoResponse {
    let journal = health.operations.journal_statistics();
    health.entries.set(i64::try_from(journal.entries).unwrap_or(i64::MAX));
    health.commits.set(i64::try_from(journal.commits).unwrap_or(i64::MAX));
    let mut text = Vec::new();
    match TextEncoder::new().encode(&health.registry.gather(), &mut text) {
        Ok(()) => (StatusCode::OK, [(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, [(header::CONTENT_TYPE, "text/plain")], Vec::new()),
    }
}
