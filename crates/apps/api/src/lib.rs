//! Our own JSON API and the public log.
//!
//! `/api/v1/…` for programs: verify, cases, the end users of an application. `/ledger/…` serves the log as C2SP tlog-tiles ask.
//! `/api/openapi.json` describes it, made from the handlers themselves.

mod cases_routes;
mod document;
mod end_users;
mod ledger;
mod problem;
mod verify;

use axum::{
    Router,
    routing::{get, post, put},
};
use operations::Operations;

pub use document::openapi_json;

/// The API's routes.
pub fn router(operations: Operations) -> Router {
    Router::new()
        .route("/api/v1/verify", post(verify::post))
        .route("/api/v1/cases", post(cases_routes::open))
        .route("/api/v1/cases/{number}/status", post(cases_routes::status))
        .route("/api/v1/agreement", get(end_users::agreement))
        .route("/api/v1/end-users/identity", put(end_users::set_identity))
        .route("/api/v1/end-users/agreement", put(end_users::accept_agreement))
        .route("/api/openapi.json", get(document::json))
        .route("/ledger/checkpoint", get(ledger::checkpoint))
        .route("/ledger/key", get(ledger::key))
        .route("/ledger/tile/{*path}", get(ledger::tile))
        .route("/ledger/proof/{produce_id}", get(ledger::proof))
        .layer(axum::extract::DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(operations)
}

/// Largest body of our own API: a pasted text to verify.
const BODY_BYTES_MAX: usize = 2 << 20;
