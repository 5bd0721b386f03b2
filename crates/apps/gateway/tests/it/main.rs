//! The gateway from outside: the guard's properties, whole answers, and the routes in front of a scripted provider.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must fail"
)]

mod answers;
mod bypasses;
mod faults;
mod follow_ups;
mod fuzzed;
mod guarded;
mod media;
mod placeholders;
mod properties;
mod routes;
mod setup;
mod streams;
mod swaps;
