//! What can go wrong between us and a provider.

use std::fmt;

/// Which time limit ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeoutKind {
    /// Opening a connection.
    Connect,
    /// Waiting for the answer to begin.
    FirstByte,
    /// Waiting for the next piece.
    Idle,
    /// The whole answer.
    Total,
}

impl TimeoutKind {
    /// The word of the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::FirstByte => "first_byte",
            Self::Idle => "idle",
            Self::Total => "total",
        }
    }
}

impl fmt::Display for TimeoutKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why there is no answer, or no more of it.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// No connection could be opened. Nothing was sent.
    #[error("cannot connect to upstream `{name}`")]
    Connect {
        /// The provider.
        name: String,
        /// What the network or TLS says.
        #[source]
        source: Cause,
    },
    /// A time limit ran out.
    #[error("upstream `{name}` exceeded its {kind} limit of {limit_ms} ms")]
    Timeout {
        /// The provider.
        name: String,
        /// Which limit.
        kind: TimeoutKind,
        /// The limit.
        limit_ms: u64,
    },
    /// The connection broke off, or what came is not HTTP.
    #[error("connection to upstream `{name}` broke off")]
    Broken {
        /// The provider.
        name: String,
        /// What the protocol says.
        #[source]
        source: Cause,
    },
    /// The answer is larger than its reader allows.
    #[error("answer of upstream `{name}` is larger than {limit} bytes")]
    TooLarge {
        /// The provider.
        name: String,
        /// The limit.
        limit: usize,
    },
    /// The answer is compressed, though it was asked for plain: what cannot be read cannot be guarded.
    #[error("upstream `{name}` answers in the encoding `{encoding}`, which was not asked for")]
    Encoded {
        /// The provider.
        name: String,
        /// What it calls the encoding.
        encoding: String,
    },
    /// An answer points to where we do not go.
    #[error("upstream `{name}` points to an address that is not fetched: {reason}")]
    Address {
        /// The provider.
        name: String,
        /// Why not.
        reason: &'static str,
    },
    /// What an answer points to is not there.
    #[error("what upstream `{name}` points to answers with status {status}")]
    Missing {
        /// The provider.
        name: String,
        /// The status.
        status: u16,
    },
    /// The path that was asked for is not one.
    #[error("path `{path}` cannot be sent to upstream `{name}`")]
    Path {
        /// The provider.
        name: String,
        /// The path.
        path: String,
    },
}

impl UpstreamError {
    /// Whether a time limit ran out; else the provider failed.
    #[must_use]
    pub const fn is_timeout(&self) -> bool {
        matches!(self, Self::Timeout { .. })
    }

    /// A short word for metrics and for the reason in the ledger.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Connect { .. } => "upstream_unreachable",
            Self::Timeout { .. } => "upstream_timeout",
            Self::Broken { .. } => "upstream_broken",
            Self::TooLarge { .. } => "upstream_too_large",
            Self::Encoded { .. } => "upstream_encoded",
            Self::Address { .. } => "upstream_address",
            Self::Missing { .. } => "upstream_missing",
            Self::Path { .. } => "upstream_path",
        }
    }
}
