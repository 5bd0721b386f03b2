//! The JSON API over operations of their own.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on must fail")]

mod lexicon;
mod verify_file;
