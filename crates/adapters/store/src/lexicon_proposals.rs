//! Proposals to change the lexicons, and what they retire.

use sqlx::AssertSqlSafe;
use terms::{DecisionId, LexiconEntryId, LexiconProposalId, OperatorId, Timestamp};

use crate::{
    Store, StoreError, Tx,
    bulk::Bulk,
    row::{Filter, Record, row, values},
};

row! {
    "lexicon_proposal" as columns;
    /// One proposal.
    pub struct LexiconProposalRow {
        /// Its id.
        pub proposal_id: LexiconProposalId,
        /// `entries`, `import`, `retirement` or `rollback`.
        pub kind: String,
        /// What it is called: a file, a few words.
        pub title: String,
        /// `operator` or `case`.
        pub source: String,
        /// Why.
        pub reasons: String,
        /// The decision that it corrects.
        pub decision_id: Option<DecisionId>,
        /// The version that it goes back to.
        pub target_version: Option<u64>,
        /// The version that it was made against; 0 before the first.
        pub base_version: u64,
        /// A hash of what it changes.
        pub content_hash: [u8; 32],
        /// New entries.
        pub added: u64,
        /// New entries in the place of earlier ones.
        pub changed: u64,
        /// Entries taken out without another in their place.
        pub retired: u64,
        /// `preparing`, `proposed`, `approved`, `rejected` or `withdrawn`.
        pub state: String,
        /// Who proposed it.
        pub proposed_by: OperatorId,
        /// When.
        pub proposed_at: Timestamp,
        /// Who decided.
        pub decided_by: Option<OperatorId>,
        /// When.
        pub decided_at: Option<Timestamp>,
        /// Why.
        pub decided_because: Option<String>,
        /// The version that its approval made.
        pub version: Option<u64>,
    }
}

row! {
    "lexicon_retirement" as retirement_columns;
    /// An entry that a proposal takes out.
    pub struct LexiconRetirementRow {
        /// The entry.
        pub entry_id: LexiconEntryId,
        /// The proposal.
        pub proposal_id: LexiconProposalId,
    }
}

/// How a proposal is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LexiconDecision {
    /// `approved`, `rejected` or `withdrawn`.
    pub state: String,
    /// Who decides.
    pub by: OperatorId,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub because: String,
    /// The version that the approval makes.
    pub version: Option<u64>,
}

static INSERT: Bulk = Bulk::insert(
    "lexicon_proposal_insert",
    concat!("INSERT INTO lexicon_proposal (", columns!(), ") VALUES "),
    LexiconProposalRow::COLUMNS.len(),
);

static INSERT_RETIREMENTS: Bulk = Bulk::insert(
    "lexicon_retirement_insert",
    concat!("INSERT INTO lexicon_retirement (", retirement_columns!(), ") VALUES "),
    LexiconRetirementRow::COLUMNS.len(),
);

impl Store {
    /// The proposal with that id.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn lexicon_proposal_lookup(
        &self,
        proposal_id: LexiconProposalId,
    ) -> Result<Option<LexiconProposalRow>, StoreError> {
        self.fetch_optional(
            concat!("SELECT ", columns!(), " FROM lexicon_proposal WHERE proposal_id = $1"),
            values!(self.engine(); proposal_id),
        )
        .await
    }

    /// At most `limit` proposals, newest first, older than `after`: those in a state, or all that are not being prepared.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn lexicon_proposal_list(
        &self,
        state: Option<&str>,
        after: Option<LexiconProposalId>,
        limit: u32,
    ) -> Result<Vec<LexiconProposalRow>, StoreError> {
        let mut list = Filter::new(self.engine(), concat!("SELECT ", columns!(), " FROM lexicon_proposal"));
        list.and("state =", state.as_ref());
        list.and_fixed("state <> 'preparing'");
        list.and("proposal_id <", after.as_ref());
        let (sql, values) = list.finish(" ORDER BY proposal_id DESC", limit);
        self.fetch_all(AssertSqlSafe(sql), values).await
    }
}

impl Tx {
    /// Adds a proposal.
    ///
    /// # Errors
    /// [`StoreError::ConstraintViolated`] where the same one waits already.
    pub async fn lexicon_proposal_insert(&mut self, proposal: &LexiconProposalRow) -> Result<(), StoreError> {
        self.execute_bulk(&INSERT, std::slice::from_ref(proposal), Record::bind).await
    }

    /// Lets a prepared proposal wait for its decision.
    ///
    /// # Errors
    /// [`StoreError::AffectedRows`] where it is not being prepared, [`StoreError::ConstraintViolated`] where the same one waits already.
    pub async fn lexicon_proposal_submit(
        &mut self,
        proposal_id: LexiconProposalId,
    ) -> Result<(), StoreError> {
        self.execute_one(
            "lexicon_proposal_submit",
            "UPDATE lexicon_proposal SET state = 'proposed' WHERE proposal_id = $1 AND state = 'preparing'",
            values!(self.engine(); proposal_id),
        )
        .await
    }

    /// Decides a waiting proposal.
    ///
    /// # Errors
    /// [`StoreError::AffectedRows`] where it does not wait, [`StoreError::ConstraintViolated`] where the version was made already.
    pub async fn lexicon_proposal_decide(
        &mut self,
        proposal_id: LexiconProposalId,
        decision: &LexiconDecision,
    ) -> Result<(), StoreError> {
        self.execute_one(
            "lexicon_proposal_decide",
            "UPDATE lexicon_proposal \
             SET state = $2, decided_by = $3, decided_at = $4, decided_because = $5, version = $6 \
             WHERE proposal_id = $1 AND state = 'proposed'",
            values!(self.engine(); proposal_id, decision.state.as_str(), decision.by, decision.at,
                decision.because.as_str(), decision.version),
        )
        .await
    }

    /// Adds what proposals take out.
    ///
    /// # Errors
    /// [`StoreError::ConstraintViolated`] where a proposal takes an entry out twice.
    pub async fn lexicon_retirement_insert(
        &mut self,
        retirements: &[LexiconRetirementRow],
    ) -> Result<(), StoreError> {
        self.execute_bulk(&INSERT_RETIREMENTS, retirements, Record::bind).await
    }

    /// Removes the proposals that were never submitted and were begun before `before`, with their entries: what a crash left of an
    /// import. Says how many.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn lexicon_proposal_remove_unsubmitted(
        &mut self,
        before: Timestamp,
    ) -> Result<u64, StoreError> {
        for sql in [
            "DELETE FROM lexicon_entry WHERE proposal_id IN \
             (SELECT proposal_id FROM lexicon_proposal WHERE state = 'preparing' AND proposed_at < $1)",
            "DELETE FROM lexicon_retirement WHERE proposal_id IN \
             (SELECT proposal_id FROM lexicon_proposal WHERE state = 'preparing' AND proposed_at < $1)",
        ] {
            self.execute(sql, values!(self.engine(); before)).await?;
        }
        self.execute(
            "DELETE FROM lexicon_proposal WHERE state = 'preparing' AND proposed_at < $1",
            values!(self.engine(); before),
        )
        .await
    }
}
