//! Hits that an appeal found wrong, until somebody draws the consequence.

use sqlx::AssertSqlSafe;
use terms::{CaseId, DecisionId, Direction, FalsePositiveId, LexiconProposalId, OperatorId, Timestamp};

use crate::{
    Store, StoreError, Tx,
    row::{Filter, Record as _, Values, row, values},
};

row! {
    "lexicon_false_positive" as columns;
    /// One such hit.
    pub struct LexiconFalsePositiveRow {
        /// Its id.
        pub item_id: FalsePositiveId,
        /// The decision that rested on it.
        pub decision_id: DecisionId,
        /// The case that overturned it.
        pub case_id: CaseId,
        /// The rule.
        pub rule: String,
        /// Its category.
        pub category: String,
        /// Prompt or answer.
        pub direction: Direction,
        /// The term as it was found, normalised.
        pub normalised: String,
        /// When the appeal was upheld.
        pub opened_at: Timestamp,
        /// `open`, `proposed` or `dismissed`.
        pub state: String,
        /// The proposal that was made of it.
        pub proposal_id: Option<LexiconProposalId>,
        /// Who closed it.
        pub closed_by: Option<OperatorId>,
        /// When.
        pub closed_at: Option<Timestamp>,
        /// Why.
        pub closed_because: Option<String>,
    }
}

impl Store {
    /// The item with that id.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn lexicon_false_positive_lookup(
        &self,
        item_id: FalsePositiveId,
    ) -> Result<Option<LexiconFalsePositiveRow>, StoreError> {
        self.fetch_optional(
            concat!("SELECT ", columns!(), " FROM lexicon_false_positive WHERE item_id = $1"),
            values!(self.engine(); item_id),
        )
        .await
    }

    /// At most `limit` items, oldest first, newer than `after`: those in a state, or all.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn lexicon_false_positive_list(
        &self,
        state: Option<&str>,
        after: Option<FalsePositiveId>,
        limit: u32,
    ) -> Result<Vec<LexiconFalsePositiveRow>, StoreError> {
        let mut list =
            Filter::new(self.engine(), concat!("SELECT ", columns!(), " FROM lexicon_false_positive"));
        list.and("state =", state.as_ref());
        list.and("item_id >", after.as_ref());
        let (sql, values) = list.finish(" ORDER BY item_id", limit);
        self.fetch_all(AssertSqlSafe(sql), values).await
    }
}

impl Tx {
    /// Adds an item, unless the same hit of the same decision is there. Says whether it was added.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn lexicon_false_positive_insert_if_absent(
        &mut self,
        item: &LexiconFalsePositiveRow,
    ) -> Result<bool, StoreError> {
        let mut values = Values::new(self.engine());
        item.bind(&mut values);
        let added = self
            .execute(
                concat!(
                    "INSERT INTO lexicon_false_positive (",
                    columns!(),
                    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
                     ON CONFLICT (decision_id, rule, normalised) DO NOTHING"
                ),
                values,
            )
            .await?;
        Ok(added > 0)
    }

    /// Closes an open item: with the proposal that was made of it, or dismissed.
    ///
    /// # Errors
    /// [`StoreError::AffectedRows`] where it is not open.
    pub async fn lexicon_false_positive_close(
        &mut self,
        item_id: FalsePositiveId,
        proposal_id: Option<LexiconProposalId>,
        by: OperatorId,
        at: Timestamp,
        because: &str,
    ) -> Result<(), StoreError> {
        let state = if proposal_id.is_some() { "proposed" } else { "dismissed" };
        self.execute_one(
            "lexicon_false_positive_close",
            "UPDATE lexicon_false_positive \
             SET state = $2, proposal_id = $3, closed_by = $4, closed_at = $5, closed_because = $6 \
             WHERE item_id = $1 AND state = 'open'",
            values!(self.engine(); item_id, state, proposal_id, by, at, because),
        )
        .await
    }
}
