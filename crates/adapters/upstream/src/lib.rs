//! Model providers over HTTP, and the built-in demo model.
//!
//! [`Upstream`] is one provider: a pooled client, its time limits and its model names. It sends a body and gives back
//! status, headers and a [`BodyStream`] as they arrive; what they mean is the gateway's business. Dropping an answer
//! closes its connection at once, so that a provider stops generating for a reader who has gone.
//!
//! [`demo`] is a small model of our own, behind a real socket and the real protocol.

mod body;
mod client;
mod config;
pub mod demo;
mod egress;
mod error;
mod proxy;

pub use body::{BodyStream, UpstreamResponse};
pub use client::Upstream;
pub use config::{ApiKey, ConfigError, UpstreamConfig, UpstreamTimeouts};
pub use egress::is_public;
pub use error::{TimeoutKind, UpstreamError};
pub use proxy::{Proxy, ProxyError};
