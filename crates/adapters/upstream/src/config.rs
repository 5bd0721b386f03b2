//! What a provider's entry in the configuration says.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::proxy::Proxy;

/// A secret that does not show itself in logs.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct ApiKey(String);

impl ApiKey {
    /// Wraps a secret.
    #[must_use]
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

/// Time limits towards one provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UpstreamTimeouts {
    /// To open a connection, name look-up and TLS included.
    pub connect_ms: u64,
    /// From sending to the head of the answer and its first bytes.
    pub first_byte_ms: u64,
    /// Between two pieces of an answer. Time in which the reader does not ask for more does not count.
    pub idle_ms: u64,
    /// For the whole answer.
    pub total_ms: u64,
}

impl Default for UpstreamTimeouts {
    /// Large models think for minutes before the first token, and long answers stream for many.
    fn default() -> Self {
        Self { connect_ms: 5_000, first_byte_ms: 300_000, idle_ms: 60_000, total_ms: 1_200_000 }
    }
}

impl UpstreamTimeouts {
    pub(crate) const fn connect(self) -> Duration {
        Duration::from_millis(self.connect_ms)
    }

    pub(crate) const fn first_byte(self) -> Duration {
        Duration::from_millis(self.first_byte_ms)
    }

    pub(crate) const fn idle(self) -> Duration {
        Duration::from_millis(self.idle_ms)
    }

    pub(crate) const fn total(self) -> Duration {
        Duration::from_millis(self.total_ms)
    }
}

/// One provider.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpstreamConfig {
    /// What it is called in logs, metrics and the model register.
    pub name: String,
    /// Where its interface lies, with the version: `https://api.example.com/v1`.
    pub base_url: String,
    /// Sent as `Authorization: Bearer …`.
    #[serde(default)]
    pub api_key: Option<ApiKey>,
    /// Our name of a model → the provider's. Empty: names pass as they are.
    #[serde(default)]
    pub models: BTreeMap<String, String>,
    /// Our name of the model for requests that name none.
    #[serde(default)]
    pub default_model: Option<String>,
    /// Time limits.
    #[serde(default)]
    pub timeouts: UpstreamTimeouts,
    /// Further headers for each request.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// A PEM file of certificate authorities to trust instead of the built-in ones.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// The proxy to go through. A provider on this machine (`localhost`, a loopback address) is reached without it.
    #[serde(default)]
    pub proxy: Option<Proxy>,
}

impl UpstreamConfig {
    /// A provider with default limits.
    #[must_use]
    pub fn new(name: impl Into<String>, base_url: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            base_url: base_url.into(),
            api_key: None,
            models: BTreeMap::new(),
            default_model: None,
            timeouts: UpstreamTimeouts::default(),
            headers: BTreeMap::new(),
            ca_file: None,
            proxy: None,
        }
    }
}

/// Why a provider's entry cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The address is not an `http` or `https` URL.
    #[error("base URL `{url}` of upstream `{name}` must be `http://…` or `https://…` without a query")]
    BaseUrl {
        /// The provider.
        name: String,
        /// The address.
        url: String,
    },
    /// A header's name or value is not allowed in HTTP. The value is not shown: it may be a secret.
    #[error("header `{header}` of upstream `{name}` is not allowed in HTTP")]
    Header {
        /// The provider.
        name: String,
        /// The header.
        header: String,
    },
    /// The certificate file cannot be read or used.
    #[error("certificate file `{path}` of upstream `{name}` cannot be used: {reason}")]
    Certificates {
        /// The provider.
        name: String,
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The TLS library refuses its set-up.
    #[error("TLS set-up of upstream `{name}` failed")]
    Tls {
        /// The provider.
        name: String,
        /// What it says.
        #[source]
        source: rustls::Error,
    },
}
