//! The model-facing surface: OpenAI-compatible routes in front of an upstream, with every duty on the way of the answer.
//!
//! The way of one request (design section 2): admit → check the prompt → begin → upstream → guard the stream → label → end.
//!
//! - [`Gateway`]: what the routes share; [`Gateway::router`] is the `/v1` surface.
//! - [`guard`]: the synchronous heart: answer in, guarded and labelled answer out. No clock, no network, no lock.
//! - `media`: the same for pictures and speech, which come whole and are marked as files.
//! - `chat`: drives it, whole or streamed, and waits for the ledger where the invariants ask for it.
//!
//! What is absent: no typed mirror of OpenAI's schema, no retry (a generation that was begun is ended, not repeated), no cache.

pub mod guard;

mod chat;
mod errors;
mod extension;
mod guard_model;
mod media;
mod metrics;
mod placeholders;
mod prompt;
mod routes;
mod state;

pub use guard_model::{ASK_TIME, Guard, Judgement, Judging, NoJudgement, Question, SecondStage, Unjudged};
pub use metrics::Metrics;
pub use placeholders::Placeholders;
pub use routes::people::{ChatTurn, PersonAnswer};
pub use state::{Gateway, Limits};
