//! Signed provenance (C2PA) by a worker of its own: what is asked and answered over its socket, and the asking.
//!
//! C2PA's reference library is a tree of several hundred crates and parses foreign bytes, so it lives in the binary
//! `cinnabar-provenance`. This crate has none of it. [`Client`] asks over a Unix socket; [`Worker`] starts one as a
//! child; [`protocol`], [`report`] and [`frame`] are the words that both sides share. It decides nothing about content.

mod client;
mod error;
pub mod frame;
pub mod protocol;
pub mod report;
mod worker;

pub use client::{Client, Limits};
pub use error::ClientError;
pub use protocol::{Disclosure, Extent, Origin, Parent, Refusal, RefusalCode, SignRequest, SoftBinding};
pub use report::{Report, State, Trust};
pub use worker::{READY, Worker, WorkerConfig};
