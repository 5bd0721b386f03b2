//! The messages of the OpenAI-compatible interface, read and edited without being re-serialised.
//!
//! Everything here is value in, value out. Bytes that come from a client or a model provider are foreign: every
//! reader has a written limit and returns an error for what it cannot read.
//!
//! - [`sse`] cuts an event stream into frames, zero-copy where an event lies within one chunk;
//! - [`document`] is a strict JSON reader that keeps byte ranges; the other modules walk over it;
//! - [`mod@scan`] finds every string in an answer that a person may read, and the few fields that must be known;
//! - [`splice`] replaces such strings and leaves every other byte as it came;
//! - [`synth`] builds the few chunks that the gateway says itself;
//! - [`chat`] is the borrowed view of a chat request and the edits it needs towards the upstream;
//! - [`media`] is the same for pictures and speech, whose requests come as JSON or as a form;
//! - [`error`], [`models`] and [`moderation`] are the small bodies we answer ourselves.
//!
//! What is absent: no typed mirror of the OpenAI schema. A field that nobody here has to understand passes untouched.

pub mod chat;
pub mod document;
pub mod error;
pub mod media;
pub mod models;
pub mod moderation;
pub mod path;
pub mod scan;
pub mod splice;
pub mod sse;
pub mod synth;

pub use document::{Document, DocumentError, DocumentLimits};
pub use path::{ChannelKind, ChannelPath, ChannelRoot, Step};
pub use scan::{Choice, Scan, ScanError, Shadow, Slot, Usage, scan};
pub use splice::{Replacement, SpliceError, insert_before_closing_brace, render};
pub use sse::{Decoder, Frame, FrameKind, SseError, SseLimits};
pub use synth::{Head, finish_chunk, sse_frame, synth_delta};
