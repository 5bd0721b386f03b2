//! The synchronous heart: an upstream's answer goes in, what may leave comes out, guarded and labelled.
//!
//! [`StreamGuard`] takes the frames of a stream, [`whole`] a whole answer. Both find every readable string of the answer (any field,
//! not `content` alone: design 9.1), run it through one safety stream per channel, and splice what may leave into the bytes as they
//! came. Nothing is re-serialised.
//!
//! INVARIANT: no character of a blocked span is in the output, for every chunking. What is undecided stays in the channel's stream.

mod channel;
mod choice;
mod delivery;
mod ending;
mod error;
mod flow;
mod logprobs;
mod names;
mod restore;
mod rules;
mod stream;
mod structured;
mod whole;

pub(crate) use error::error_body;
pub use restore::Restored;
pub use rules::Rules;
pub use stream::{Blocked, GuardError, StreamGuard, StreamSetup, Tail};
pub(crate) use structured::JsonText;
pub use whole::{Asked, WholeAnswer, whole};
