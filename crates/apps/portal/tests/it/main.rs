//! What holds for every page and every text.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests, which must fail where something is missing"
)]

/// The document that `cargo xtask generate` keeps equal to the handlers.
#[cfg(test)]
const OPENAPI: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/reference/openapi.json");

mod access;
mod html;
mod locales;
mod render;
mod service;
