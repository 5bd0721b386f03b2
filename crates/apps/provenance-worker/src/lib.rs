//! Signs and reads C2PA manifests behind a Unix socket: the library of the binary `cinnabar-provenance`.
//!
//! It is a process of its own because the reference library is a large tree that parses foreign bytes: a panic ends one
//! request, a crash ends this process and not the service. It reaches the network only for time stamps, and only where
//! a URL is configured. Main types: [`Engine`] signs and reads, [`Server`] answers.

mod authority;
mod certificates;
mod chain;
mod der;
mod engine;
mod jobs;
mod read;
#[cfg(test)]
mod samples;
mod serve;
mod sign;
mod stamps;
#[cfg(test)]
mod tests;
mod verdict;

pub use certificates::CertificateError;
pub use engine::{Engine, EngineConfig};
pub use jobs::JobLimits;
pub use serve::{Server, ServerLimits, bind};
pub use stamps::StampsBy;

use provenance::{Refusal, RefusalCode};

/// A refusal for a reason.
fn refusal(code: RefusalCode, message: impl std::fmt::Display) -> Refusal {
    Refusal { code, message: message.to_string() }
}
