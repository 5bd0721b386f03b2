//! The feature library of deep synthesis provisions Art. 10(2): the operator's lexicons beside the pack's.
//!
//! What changes the library is a *proposal*; a second person approves it, and that makes a *version*: numbered, hashed, in the
//! ledger. Entries never change and never go; a version is the set of entries whose proposal made it or an earlier one and that no
//! proposal took out since. So any two versions can be compared, and any version can come back.

mod change;
mod content;
mod coverage;
mod decide;
mod draft;
mod export;
mod false_positives;
mod files;
mod gather;
mod hits;
mod import;
mod live;
mod propose;
mod rules;
mod search;
mod shadow;
mod shown;
mod versions;

use terms::{Actor, LexiconProposalId, OperatorId};

use crate::{OperationError, Operations};

pub use coverage::{LexiconCategoryRisks, LexiconCoverage, RiskCoverage};
pub use draft::LexiconDraft;
pub use false_positives::{FalsePositiveState, FalsePositiveView};
pub use files::{LEXICON_FILE_BYTES_MAX, LexiconFormat, LexiconRefusedLine};
pub(crate) use hits::Hits;
pub use hits::LexiconHits;
pub use import::{LexiconImport, LexiconPreview, LexiconRefused};
pub use live::LexiconInForce;
pub(crate) use live::Live;
pub use propose::LexiconProposalRequest;
pub use rules::{LexiconList, SafetyRules};
pub use search::{LexiconPage, LexiconQuery, LexiconTextQuery};
pub(crate) use shadow::Shadow;
pub use shadow::{LexiconCandidate, LexiconProbe, LexiconShadowCount, LexiconShadowView};
pub use shown::{
    LexiconEntryView, LexiconProposalKind, LexiconProposalState, LexiconProposalView, LexiconSource,
    LexiconState,
};
pub use versions::{LexiconDiff, LexiconVersionView};

/// Most entries of one proposal, and of an import.
pub const LEXICON_ENTRIES_MAX: usize = 2_000_000;
/// Most entries on one page.
pub const LEXICON_PAGE_MAX: u32 = 1_000;

impl Operations {
    async fn lexicon_proposal_row(
        &self,
        proposal_id: LexiconProposalId,
    ) -> Result<store::LexiconProposalRow, OperationError> {
        self.inner
            .store
            .lexicon_proposal_lookup(proposal_id)
            .await?
            .filter(|row| row.state != "preparing")
            .ok_or(OperationError::NotFound { what: "lexicon proposal" })
    }

    /// The number of the newest version; 0 before the first.
    async fn lexicon_newest(&self) -> Result<u64, OperationError> {
        Ok(self.inner.store.lexicon_version_newest().await?.map_or(0, |version| version.number))
    }
}

/// Whether the one who acts is that operator.
fn is_by(actor: &Actor, operator: OperatorId) -> bool {
    matches!(actor, Actor::Operator(id, _) if *id == operator)
}
