//! What can go wrong with published bytes.

use std::{io, path::PathBuf};

/// A blob that was not written or not read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The folder cannot be made or opened.
    #[error("failed to open the blob folder `{}`", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// Not a relative path of plain names.
    #[error("`{0}` is no blob path")]
    Path(String),
    /// Something else is there already, and what is there may not change.
    #[error("`{path}` is there already with other bytes ({present} there, {given} given)")]
    Conflict {
        /// The path.
        path: String,
        /// The length of what is there.
        present: u64,
        /// The length of what was to be written.
        given: u64,
    },
    /// Longer than the reader takes.
    #[error("`{path}` has {bytes} bytes, over the limit of {bytes_max}")]
    TooLong {
        /// The path.
        path: String,
        /// How long it is.
        bytes: u64,
        /// The limit.
        bytes_max: u64,
    },
    /// The store failed.
    #[error("failed to {doing} `{path}`")]
    Store {
        /// `write`, `read`, `list` or `remove`.
        doing: &'static str,
        /// The path.
        path: String,
        /// Why.
        #[source]
        source: object_store::Error,
    },
}
