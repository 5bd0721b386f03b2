//! What tests of several crates share: a clock that stands still, randomness that repeats, a PostgreSQL of their own.
//!
//! Nothing here is shipped. A failing helper panics with what to do about it, as a test should.

#![expect(
    clippy::panic,
    reason = "tests depend on this crate alone, and a test that cannot be set up must fail"
)]

pub mod clock;
pub mod entropy;
pub mod fake_upstream;
pub mod postgres;
#[cfg(feature = "service")]
pub mod service;
pub mod small_disk;
