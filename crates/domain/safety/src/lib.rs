//! Text in, verdict out, whole or streamed.
//!
//! An [`Engine`] holds the word lists of the lexicons, the detectors of personal data and, where one is given, a
//! [`classifier`] that scores passages, for both directions. It checks
//! a whole text ([`Engine::check`]) or guards a stream ([`Engine::stream`]): what is pushed into a [`Stream`] leaves it
//! again as soon as no hit can begin in it any more, masked where a finding asks for it, and nothing of a blocked span
//! leaves at all. Both are the same machine, which reads one character at a time and does not see where a chunk ends, so
//! that verdict and text are the same for every chunking.
//!
//! What this crate is not: nothing knows of requests or of JSON beyond the escape sequences of its strings (which are read
//! as the characters they stand for), and neither word list nor weights are built in (they arrive as [`Entry`]s and as a
//! [`Model`]; the shipped ones lie in `packs/cn`).
//!
//! ```
//! use safety::{Action, Category, Engine, Entry, Scope, Status};
//! use terms::Direction;
//!
//! let entry = Entry::new("朱砂测试违禁词", Category::Test, Some(Action::Block), Scope::Both)?;
//! let engine = Engine::builder().lexicon([entry]).build()?;
//! let mut stream = engine.stream(Direction::Output);
//! let mut released = String::new();
//! assert_eq!(stream.push("电话 13800138000，朱砂测", &mut released), Status::Open);
//! assert_eq!(released, "电话 138****8000，");
//! assert_eq!(stream.held(), "朱砂测");
//! assert_eq!(stream.push("试违禁词和更多", &mut released), Status::Blocked);
//! assert_eq!(released, "电话 138****8000，");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod action;
mod automaton;
mod bytes;
pub mod category;
mod channels;
mod class;
pub mod classifier;
pub mod engine;
pub mod explain;
pub mod lexicon;
mod matcher;
pub mod normalise;
mod passages;
pub mod pattern;
pub mod personal_data;
pub mod policy;
mod quiet;
pub mod refusal;
mod set_hash;
pub mod stream;
pub mod taxonomy;
pub mod verdict;

pub use action::Action;
pub use category::Category;
pub use channels::Channel;
pub use classifier::{Head, Model};
pub use engine::{CacheError, Engine, EngineBuilder, EngineError, HOLD_BYTES_MAX};
pub use explain::{Decider, Exempted, Explained, Explanation, Ground, ReadAs};
pub use lexicon::{
    Audiences, Entry, LexiconError, LexiconProblem, Scope, TermError, Validity, parse_csv, parse_txt,
    write_csv, write_txt,
};
pub use normalise::{Normalised, fold, normalise};
pub use passages::PassageMode;
pub use pattern::{Pattern, PatternError, PatternProblem};
pub use personal_data::PersonalData;
pub use policy::{Audience, Capability, Decided, FollowUps, Measure, Policy, PolicyRow, Situation};
pub use stream::{Status, Stream};
pub use verdict::{Checked, CheckedParts, FINDINGS_MAX, Finding, HOLD_RULE, Verdict};
