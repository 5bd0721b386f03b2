//! What holds for every page and every text.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests, which must fail where something is missing"
)]

mod access;
mod html;
mod locales;
mod render;
mod service;
