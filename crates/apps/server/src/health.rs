//! `/healthz`, `/readyz`, `/metrics`.

use axum::{Router, extract::State, response::IntoResponse, routing::get};
use http::{StatusCode, header};
use operations::{Operations, Room};
use prometheus::{Encoder as _, IntGauge, Opts, Registry, TextEncoder};

#[derive(Clone)]
struct Health {
    operations: Operations,
    registry: Registry,
    entries: IntGauge,
    commits: IntGauge,
    disk_full: IntGauge,
    disk_reserve: IntGauge,
}

pub(crate) fn router(operations: Operations, registry: Registry) -> Result<Router, prometheus::Error> {
    let gauge = |name: &str, help: &str| IntGauge::with_opts(Opts::new(name, help));
    let health = Health {
        operations,
        entries: gauge("cinnabar_journal_entries", "Ledger entries committed since the start.")?,
        commits: gauge("cinnabar_journal_commits", "Transactions they took.")?,
        disk_full: gauge("cinnabar_disk_full", "1 while the disk is full: only cases are saved.")?,
        disk_reserve: gauge("cinnabar_disk_reserve_bytes", "Kept for cases on the disk now.")?,
        registry,
    };
    for gauge in [&health.entries, &health.commits, &health.disk_full, &health.disk_reserve] {
        health.registry.register(Box::new(gauge.clone()))?;
    }
    Ok(Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(health))
}

async fn ready(State(health): State<Health>) -> impl IntoResponse {
    if let Err(error) = health.operations.ready().await {
        tracing::warn!(error = &error as &dyn std::error::Error, "not ready");
        return (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n");
    }
    match health.operations.room() {
        Room::Enough => (StatusCode::OK, "ready\n"),
        // Not 503: a balancer that took this server out would turn away the people whom the reserve is for.
        Room::CasesOnly => (StatusCode::OK, "ready for cases only: the disk is full, answers are refused\n"),
        Room::Nothing => (StatusCode::SERVICE_UNAVAILABLE, "the disk is full: nothing can be saved\n"),
    }
}

async fn metrics(State(health): State<Health>) -> impl IntoResponse {
    let journal = health.operations.journal_statistics();
    health.entries.set(i64::try_from(journal.entries).unwrap_or(i64::MAX));
    health.commits.set(i64::try_from(journal.commits).unwrap_or(i64::MAX));
    health.disk_full.set(i64::from(health.operations.room() != Room::Enough));
    let reserve = health.operations.reserve_held_bytes();
    health.disk_reserve.set(i64::try_from(reserve).unwrap_or(i64::MAX));
    let mut text = Vec::new();
    match TextEncoder::new().encode(&health.registry.gather(), &mut text) {
        Ok(()) => (StatusCode::OK, [(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, [(header::CONTENT_TYPE, "text/plain")], Vec::new()),
    }
}
