//! The words that every other crate uses: ids, time, actors, locales, modalities and the risk taxonomy.
//!
//! Nothing here computes a rule, and nothing here reads a clock or a source of randomness: both arrive as arguments
//! through [`Clock`] and [`Entropy`]. The domain crates depend on this crate and not on each other.

pub mod actor;
pub mod id;
pub mod locale;
pub mod risk;
pub mod time;

pub use actor::{Actor, ActorRole};
pub use id::{
    ApplicationKeyId, CaseId, DecisionId, EntryId, FalsePositiveId, IdError, LabelGrantId, LexiconEntryId,
    LexiconProposalId, LexiconShadowId, OperatorId, PenaltyId, ProduceId, SubjectId, TaskId, TenantId,
};
pub use locale::{Locale, UnknownLocale};
pub use risk::{Direction, Modality, Risk, RiskGroup};
pub use time::{Clock, Timestamp, TimestampError};

/// A source of randomness, handed to whatever needs some.
///
/// The one production source is the operating system's; tests hand in a seeded one.
pub trait Entropy: Send + Sync {
    /// Fills `buffer` with random bytes.
    fn fill(&self, buffer: &mut [u8]);
}

/// `N` random bytes from `entropy`.
pub fn random_bytes<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0_u8; N];
    entropy.fill(&mut bytes);
    bytes
}
