//! `/ledger/…`: the public log, as C2SP tlog-tiles lays it out, and proof files.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderName, StatusCode, header};
use operations::Operations;
use terms::ProduceId;

use crate::problem::Problem;

/// Tiles never change (tlog-tiles: "immutable").
const FOREVER: &str = "public, max-age=31536000, immutable";

fn bytes(content_type: &'static str, cache: &'static str, bytes: Bytes) -> Response {
    let headers: [(HeaderName, &str); 3] = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, cache),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (headers, bytes).into_response()
}

/// The signed checkpoint.
#[utoipa::path(get, tag = "Public log", path = "/ledger/checkpoint", responses((status = 200, body = String, content_type = "text/plain"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn checkpoint(State(operations): State<Operations>) -> Result<Response, Problem> {
    let note = operations.checkpoint().await?.ok_or_else(|| Problem::not_found("checkpoint yet"))?;
    Ok(bytes("text/plain; charset=utf-8", "no-cache", note))
}

/// The log's public key: all that a verifier needs.
#[utoipa::path(get, tag = "Public log", path = "/ledger/key", responses((status = 200, body = String, content_type = "text/plain")))]
pub(crate) async fn key(State(operations): State<Operations>) -> Response {
    bytes("text/plain; charset=utf-8", "no-cache", Bytes::from(format!("{}\n", operations.log_public_key())))
}

/// A tile or an entry bundle.
#[utoipa::path(get, tag = "Public log", path = "/ledger/tile/{path}", params(("path" = String, Path, description = "`<L>/<N>[.p/<W>]` or `entries/<N>[.p/<W>]`")),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn tile(
    State(operations): State<Operations>,
    Path(path): Path<String>,
) -> Result<Response, Problem> {
    let tile = operations.tile(&format!("tile/{path}")).await?.ok_or_else(|| Problem::not_found("tile"))?;
    Ok(bytes("application/octet-stream", FOREVER, tile))
}

/// The proof file of a generation.
#[utoipa::path(get, tag = "Public log", path = "/ledger/proof/{produce_id}", params(("produce_id" = String, Path, description = "The number on the label")),
    responses((status = 200, body = String, content_type = "text/plain"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn proof(
    State(operations): State<Operations>,
    Path(produce_id): Path<String>,
) -> Result<Response, Problem> {
    let produce_id: ProduceId =
        produce_id.trim_end_matches(".tlog-proof").parse().map_err(|error: terms::IdError| {
            Problem::new(StatusCode::NOT_FOUND, "not_found", error.to_string())
        })?;
    let file = operations.proof(produce_id).await?.ok_or_else(|| {
        Problem::not_found("record with a proof; one made just now has its proof within seconds")
    })?;
    let mut response = bytes("text/plain; charset=utf-8", "no-cache", Bytes::from(file));
    if let Ok(name) = format!("attachment; filename=\"{produce_id}.tlog-proof\"").parse() {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
