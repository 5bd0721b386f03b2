//! Published bytes: tiles, checkpoints, later media and exports, in a folder or an object store.
//!
//! [`Blobs`] knows two ways of writing. What never changes once written (tiles, proofs) goes through
//! [`Blobs::put_immutable`], which refuses to put other bytes in its place. What follows the log (the checkpoint) goes
//! through [`Blobs::put_replace`], which readers see whole or not at all. [`FolderTiles`] reads the same folder without
//! an async runtime, for the command line.
//!
//! The database, not this crate, is where the ledger is durable: all that lies here can be made again from it. Writes to
//! a folder are synced to disk all the same, because an empty tile after a power cut would stand in the way of the right
//! one. Partial tiles that a full tile has overtaken are left in place; collecting them is for later.

mod error;
mod folder;
mod store;

pub use error::BlobError;
pub use folder::FolderTiles;
pub use store::{Blobs, Written};
