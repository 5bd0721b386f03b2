//! What can go wrong between us and the worker.

use std::{io, path::PathBuf};

use crate::{
    frame::FrameError,
    protocol::{Refusal, RefusalCode},
};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody listens there.
    #[error("cannot reach the provenance worker at `{socket}`")]
    Connect {
        /// The socket.
        socket: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The connection broke off.
    #[error("connection to the provenance worker broke off")]
    Broken(#[source] io::Error),
    /// What came is no frame, or is too long.
    #[error("what the provenance worker sent cannot be read")]
    Frame(#[from] FrameError),
    /// The head of the frame is not what was expected.
    #[error("what the provenance worker sent cannot be understood")]
    Head(#[source] serde_json::Error),
    /// The answer belongs to another question.
    #[error("the provenance worker answered another question")]
    Unexpected,
    /// The asset is larger than is sent.
    #[error("{bytes} bytes are more than the {limit} that are sent to the provenance worker")]
    TooLarge {
        /// How large it is.
        bytes: u64,
        /// The largest that is sent.
        limit: u64,
    },
    /// It took too long: a free place to be had, or the answer.
    #[error("the provenance worker did not answer within {limit_ms} ms")]
    Timeout {
        /// The limit.
        limit_ms: u128,
    },
    /// The worker says no.
    #[error("the provenance worker refused")]
    Refused(#[source] Refusal),
    /// The worker could not be started.
    #[error("cannot start the provenance worker `{binary}`")]
    Start {
        /// The binary.
        binary: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl ClientError {
    /// Whether the fault is in the asset or the request, so that another try gives the same.
    #[must_use]
    pub const fn is_of_the_asset(&self) -> bool {
        matches!(
            self,
            Self::TooLarge { .. }
                | Self::Refused(Refusal {
                    code: RefusalCode::Format | RefusalCode::TooLarge | RefusalCode::Malformed,
                    ..
                })
        )
    }
}
