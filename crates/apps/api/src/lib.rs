//! Our own JSON API and the public log.
//!
//! `/api/v1/…` for programs: verify, cases, the end users of an application. `/ledger/…` serves the log as C2SP tlog-tiles ask.
//! `/api/openapi.json` describes it, made from the handlers themselves.

mod cases_routes;
mod document;
mod end_users;
mod ledger;
mod lexicon;
mod operator;
mod problem;
mod verify;
mod verify_file;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post, put},
};
use operations::{LEXICON_FILE_BYTES_MAX, Operations, VERIFY_FILE_BYTES_MAX};

pub use document::openapi_json;

/// The API's routes.
pub fn router(operations: Operations) -> Router {
    let whole_file = DefaultBodyLimit::max(VERIFY_FILE_BYTES_MAX);
    Router::new()
        .route("/api/v1/verify", post(verify::post))
        .route("/api/v1/verify/file", post(verify_file::post).layer(whole_file))
        .route("/api/v1/propagate", post(verify_file::propagate).layer(whole_file))
        .route("/api/v1/cases", post(cases_routes::open))
        .route("/api/v1/cases/{number}/status", post(cases_routes::status))
        .route("/api/v1/agreement", get(end_users::agreement))
        .route("/api/v1/end-users/identity", put(end_users::set_identity))
        .route("/api/v1/end-users/agreement", put(end_users::accept_agreement))
        .route("/api/v1/operators/session", post(operator::sign_in).delete(operator::sign_out))
        .merge(lexicon_router())
        .route("/api/openapi.json", get(document::json))
        .route("/ledger/checkpoint", get(ledger::checkpoint))
        .route("/ledger/key", get(ledger::key))
        .route("/ledger/tile/{*path}", get(ledger::tile))
        .route("/ledger/proof/{produce_id}", get(ledger::proof))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(operations)
}

fn lexicon_router() -> Router<Operations> {
    use lexicon::{entries, figures, files, proposals, versions};
    // Who imports is signed in before the body is read.
    let file = DefaultBodyLimit::max(LEXICON_FILE_BYTES_MAX);
    Router::new()
        .route("/api/v1/lexicon/entries", get(entries::search))
        .route("/api/v1/lexicon/proposals", get(proposals::list).post(proposals::propose))
        .route("/api/v1/lexicon/proposals/{proposal_id}", get(proposals::one))
        .route("/api/v1/lexicon/proposals/{proposal_id}/approve", post(proposals::approve))
        .route("/api/v1/lexicon/proposals/{proposal_id}/reject", post(proposals::reject))
        .route("/api/v1/lexicon/proposals/{proposal_id}/withdraw", post(proposals::withdraw))
        .route("/api/v1/lexicon/import", post(files::import).layer(file))
        .route("/api/v1/lexicon/import/preview", post(files::preview).layer(file))
        .route("/api/v1/lexicon/export", get(files::export))
        .route("/api/v1/lexicon/versions", get(versions::list))
        .route("/api/v1/lexicon/diff", get(versions::diff))
        .route("/api/v1/lexicon/coverage", get(figures::coverage))
        .route("/api/v1/lexicon/categories/{category}/risks", put(figures::set_risks))
        .route("/api/v1/lexicon/hits", get(figures::hits))
        .route("/api/v1/lexicon/false-positives", get(figures::false_positives))
        .route("/api/v1/lexicon/false-positives/{item_id}/allow", post(figures::allow))
        .route("/api/v1/lexicon/false-positives/{item_id}/dismiss", post(figures::dismiss))
        .route(
            "/api/v1/lexicon/shadow",
            get(figures::shadows).post(figures::start_shadow).delete(figures::stop_shadow),
        )
}

/// Largest body of our own API: a pasted text to verify.
const BODY_BYTES_MAX: usize = 2 << 20;
