//! What the fuzz targets do with foreign bytes: one module for each target, each with one `run`.
//!
//! A body feeds bytes to a parser or a state machine and asserts what must hold for every input: no panic, what
//! is read prints back, no chunking changes a result. The same bodies run under `cargo fuzz` for as long as one
//! likes, and in the tests of this crate over the seeds and seeded mutations of them.
//!
//! Nothing here is shipped.

pub mod classifier_models;
pub mod labels;
pub mod lexicon_caches;
pub mod lexicon_files;
pub mod media_files;
pub mod media_requests;
pub mod normaliser;
pub mod openai_bodies;
pub mod patterns;
pub mod signed_notes;
pub mod sse_codec;
pub mod workbooks;

mod pieces;

/// A target: it asserts, and returns when the input held no surprise.
pub type Body = fn(&[u8]);

/// All targets by the names of their seed folders.
pub const TARGETS: [(&str, Body); 12] = [
    ("classifier_models", classifier_models::run),
    ("labels", labels::run),
    ("lexicon_caches", lexicon_caches::run),
    ("lexicon_files", lexicon_files::run),
    ("media_files", media_files::run),
    ("media_requests", media_requests::run),
    ("normaliser", normaliser::run),
    ("openai_bodies", openai_bodies::run),
    ("patterns", patterns::run),
    ("signed_notes", signed_notes::run),
    ("sse_codec", sse_codec::run),
    ("workbooks", workbooks::run),
];
