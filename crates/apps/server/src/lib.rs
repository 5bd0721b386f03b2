//! Puts the parts together and runs them: configuration, wiring, background jobs, telemetry, shutdown.
//!
//! The only crate that knows every adapter. [`Config`] is `cinnabar.toml`; [`serve`] runs the service until it is told to stop;
//! [`open`] opens the same parts for a command that works beside or without a running service.

pub mod config;

mod figures;
mod health;
mod host;
mod http;
mod jobs;
mod label_key;
mod lease;
mod marking;
pub mod network;
mod open;
mod os;
mod secret;
mod serve;
mod talk;
pub mod tls;

pub use api::openapi_json;
pub use config::{Config, ConfigError};
pub use label_key::label_key;
pub use marking::MediaMarks;
pub use open::{Opened, Use, open, pack_and_engine};
pub use os::{OsEntropy, SystemClock, init_logging};
pub use secret::Secret;
pub use serve::{Ready, serve};
