//! Runs of a candidate list beside the one in force: what it would have done, in numbers.

use terms::{LexiconProposalId, LexiconShadowId, OperatorId, Timestamp};

use crate::{
    Store, StoreError, Tx,
    bulk::Bulk,
    row::{Record, row, values},
};

row! {
    "lexicon_shadow" as columns;
    /// One run.
    pub struct LexiconShadowRow {
        /// Its id.
        pub shadow_id: LexiconShadowId,
        /// The candidate, where it is a proposal.
        pub proposal_id: Option<LexiconProposalId>,
        /// The candidate, where it is a version.
        pub version: Option<u64>,
        /// How many of a thousand texts are checked twice.
        pub permille: u64,
        /// Who started it.
        pub started_by: OperatorId,
        /// When.
        pub started_at: Timestamp,
        /// Who stopped it; `None` where its candidate was decided.
        pub stopped_by: Option<OperatorId>,
        /// When.
        pub stopped_at: Option<Timestamp>,
        /// 1 while it runs: one run at a time.
        pub running: Option<u64>,
        /// Texts checked twice.
        pub texts: u64,
        /// Texts that were drawn and left out, since the second check was behind.
        pub skipped: u64,
    }
}

row! {
    "lexicon_shadow_count" as count_columns;
    /// What a rule would have done differently.
    pub struct LexiconShadowCountRow {
        /// The run.
        pub shadow_id: LexiconShadowId,
        /// The rule.
        pub rule: String,
        /// Its category.
        pub category: String,
        /// `input` or `output`.
        pub direction: String,
        /// `blocks`, `lifts`, `finds` or `drops`.
        pub change: String,
        /// In how many texts.
        pub texts: u64,
    }
}

static INSERT: Bulk = Bulk::insert(
    "lexicon_shadow_insert",
    concat!("INSERT INTO lexicon_shadow (", columns!(), ") VALUES "),
    LexiconShadowRow::COLUMNS.len(),
);

static ADD: Bulk = Bulk::update(
    "lexicon_shadow_count_add",
    concat!("INSERT INTO lexicon_shadow_count (", count_columns!(), ") VALUES "),
    LexiconShadowCountRow::COLUMNS.len(),
    " ON CONFLICT (shadow_id, rule, category, direction, change) \
     DO UPDATE SET texts = lexicon_shadow_count.texts + excluded.texts",
);

impl Store {
    /// The run that goes on.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn lexicon_shadow_running(&self) -> Result<Option<LexiconShadowRow>, StoreError> {
        self.fetch_optional(
            concat!("SELECT ", columns!(), " FROM lexicon_shadow WHERE running = 1"),
            values!(self.engine()),
        )
        .await
    }

    /// At most `limit` runs, newest first.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn lexicon_shadow_list(&self, limit: u32) -> Result<Vec<LexiconShadowRow>, StoreError> {
        self.fetch_all(
            concat!("SELECT ", columns!(), " FROM lexicon_shadow ORDER BY shadow_id DESC LIMIT $1"),
            values!(self.engine(); i64::from(limit)),
        )
        .await
    }

    /// What the rules would have done differently in a run, at most `limit` rows.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn lexicon_shadow_counts(
        &self,
        shadow_id: LexiconShadowId,
        limit: u32,
    ) -> Result<Vec<LexiconShadowCountRow>, StoreError> {
        self.fetch_all(
            concat!(
                "SELECT ",
                count_columns!(),
                " FROM lexicon_shadow_count WHERE shadow_id = $1 ORDER BY rule, category, direction, change LIMIT $2"
            ),
            values!(self.engine(); shadow_id, i64::from(limit)),
        )
        .await
    }
}

impl Tx {
    /// Begins a run.
    ///
    /// # Errors
    /// [`StoreError::ConstraintViolated`] where another one goes on.
    pub async fn lexicon_shadow_insert(&mut self, shadow: &LexiconShadowRow) -> Result<(), StoreError> {
        self.execute_bulk(&INSERT, std::slice::from_ref(shadow), Record::bind).await
    }

    /// Ends a run.
    ///
    /// # Errors
    /// [`StoreError::AffectedRows`] where it does not go on.
    pub async fn lexicon_shadow_stop(
        &mut self,
        shadow_id: LexiconShadowId,
        by: Option<OperatorId>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute_one(
            "lexicon_shadow_stop",
            "UPDATE lexicon_shadow SET running = NULL, stopped_by = $2, stopped_at = $3 \
             WHERE shadow_id = $1 AND running = 1",
            values!(self.engine(); shadow_id, by, at),
        )
        .await
    }

    /// Adds to the numbers of a run. No two rows may be about the same.
    ///
    /// # Errors
    /// [`StoreError::AffectedRows`] where there is no such run.
    pub async fn lexicon_shadow_add(
        &mut self,
        shadow_id: LexiconShadowId,
        texts: u64,
        skipped: u64,
        counts: &[LexiconShadowCountRow],
    ) -> Result<(), StoreError> {
        self.execute_one(
            "lexicon_shadow_add",
            "UPDATE lexicon_shadow SET texts = texts + $2, skipped = skipped + $3 WHERE shadow_id = $1",
            values!(self.engine(); shadow_id, texts, skipped),
        )
        .await?;
        self.execute_bulk(&ADD, counts, Record::bind).await
    }
}
