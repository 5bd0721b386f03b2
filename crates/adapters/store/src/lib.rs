//! All SQL of the service: rows in, rows out, on SQLite and on PostgreSQL.
//!
//! One SQL text per operation serves both engines (`$1` parameters, TEXT ids, INTEGER microseconds); what truly differs
//! sits in `dialect`. [`Store`] reads from a pool, [`Tx`] writes, and [`Journal`] collects the writes of many requests
//! into one durable commit. Each noun has a module with its row struct and its methods.
//!
//! Nothing here decides anything: rules live in the domain crates, and permissions in `operations`.

mod at_once;
mod bulk;
mod checkpoint;
mod dialect;
mod engine;
mod error;
mod migrate;
mod reserve;
mod row;
mod tx;

mod cases;
mod decisions;
mod entries;
mod generations;
mod invitations;
mod journal;
mod keys;
mod label_grants;
mod lexicon_entries;
mod lexicon_false_positives;
mod lexicon_hits;
mod lexicon_proposals;
mod lexicon_shadows;
mod lexicon_versions;
mod log_state;
mod meta;
mod operators;
mod passes;
mod penalties;
mod sessions;
mod subjects;
mod tasks;

pub use cases::{CaseEventRow, CaseFilter, CaseRow};
pub use decisions::{DecisionFilter, DecisionRow};
pub use engine::{OpenOptions, Store, Target};
pub use entries::{EntryRow, NewEntry, PendingEntry};
pub use error::{ConstraintKind, StoreError};
pub use generations::{GenerationBegin, GenerationEnd, GenerationRow};
pub use invitations::InvitationRow;
pub use journal::{Journal, JournalError, JournalLimits, JournalStatistics, JournalWrite};
pub use keys::ApplicationKeyRow;
pub use label_grants::LabelGrantRow;
pub use lexicon_entries::{
    LexiconEntryFilter, LexiconEntryRow, LexiconPlace, LexiconStanding, LexiconStandingRow, LexiconText,
};
pub use lexicon_false_positives::LexiconFalsePositiveRow;
pub use lexicon_hits::LexiconHitRow;
pub use lexicon_proposals::{LexiconDecision, LexiconProposalRow, LexiconRetirementRow};
pub use lexicon_shadows::{LexiconShadowCountRow, LexiconShadowRow};
pub use lexicon_versions::{LexiconCategoryRow, LexiconVersionRow};
pub use log_state::{LogLease, LogStateRow};
pub use operators::OperatorRow;
pub use passes::PromptPassRow;
pub use penalties::PenaltyRow;
pub use reserve::Room;
pub use sessions::SessionRow;
pub use subjects::SubjectRow;
pub use tasks::TaskRow;
pub use tx::Tx;
