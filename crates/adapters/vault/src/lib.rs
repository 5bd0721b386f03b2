//! Keys and what is locked with them.
//!
//! The keys lie in a folder of their own (`./cinnabar-keys`, files `0600`), outside the data folder and never in a backup of it.
//! This version locks personal data with one service key; a key per person takes its place without a change to the callers, who
//! already name the person in `context`.
//!
//! - [`KeyFolder`]: the folder: reads each key, or makes it the first time.
//! - [`Vault`]: seals and opens bytes (XChaCha20-Poly1305), keyed indexes and tags (HMAC-SHA-256).

mod folder;
mod sealing;

pub use folder::{KeyFolder, KeyFolderError};
pub use sealing::{SealError, Sealed, Vault};
