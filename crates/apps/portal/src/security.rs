//! What every response says to the browser about itself.

use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use tower_http::csrf::CsrfLayer;

/// Nothing but our own files; nobody may put a page of ours into a frame of theirs.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
    font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    // Appeal links carry a token in their path: no other site may learn it (design 9.17).
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    // Pages show receipts, codes and evidence: no cache between us and the reader keeps them.
    (header::CACHE_CONTROL, "no-store"),
];

/// Adds the headers that a response does not set itself.
pub(crate) fn harden(mut response: Response) -> Response {
    let headers: &mut HeaderMap = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Refuses what another site makes a browser send, by `Sec-Fetch-Site` and `Origin`.
pub(crate) fn same_site_only(public_url: &str) -> CsrfLayer {
    let layer = CsrfLayer::new();
    // Behind a proxy that rewrites `Host` the public address is the only one that browsers know.
    layer.clone().add_trusted_origin(public_url).unwrap_or(layer)
}
