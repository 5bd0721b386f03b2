//! Versions of the operator's lexicons, and what its categories stand for.

use terms::{LexiconProposalId, OperatorId, Timestamp};

use crate::{
    Store, StoreError, Tx,
    bulk::Bulk,
    row::{Record, Values, row, values},
};

row! {
    "lexicon_version" as columns;
    /// One version.
    pub struct LexiconVersionRow {
        /// Its number, from 1.
        pub number: u64,
        /// SHA-256 over its sorted canonical entries.
        pub content_hash: [u8; 32],
        /// The proposal whose approval made it.
        pub proposal_id: LexiconProposalId,
        /// When.
        pub made_at: Timestamp,
        /// Who approved.
        pub made_by: OperatorId,
        /// Its entries, allowed phrases included.
        pub entries: u64,
        /// Its allowed phrases.
        pub allowed_phrases: u64,
    }
}

row! {
    "lexicon_category" as category_columns;
    /// What a category of the operator's stands for.
    pub struct LexiconCategoryRow {
        /// The category's code, with `operator.`.
        pub category: String,
        /// The clauses of GB/T 45654-2025, Annex A, with blanks between.
        pub risks: String,
        /// Who said so last.
        pub set_by: OperatorId,
        /// When.
        pub set_at: Timestamp,
    }
}

static INSERT: Bulk = Bulk::insert(
    "lexicon_version_insert",
    concat!("INSERT INTO lexicon_version (", columns!(), ") VALUES "),
    LexiconVersionRow::COLUMNS.len(),
);

impl Store {
    /// The newest version.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn lexicon_version_newest(&self) -> Result<Option<LexiconVersionRow>, StoreError> {
        Ok(self.lexicon_version_list(None, 1).await?.pop())
    }

    /// The version with that number.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn lexicon_version_lookup(&self, number: u64) -> Result<Option<LexiconVersionRow>, StoreError> {
        self.fetch_optional(
            concat!("SELECT ", columns!(), " FROM lexicon_version WHERE number = $1"),
            values!(self.engine(); number),
        )
        .await
    }

    /// At most `limit` versions, newest first, older than `before`.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn lexicon_version_list(
        &self,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<LexiconVersionRow>, StoreError> {
        let before = before.and_then(|number| i64::try_from(number).ok()).unwrap_or(i64::MAX);
        self.fetch_all(
            concat!(
                "SELECT ",
                columns!(),
                " FROM lexicon_version WHERE number < $1 ORDER BY number DESC LIMIT $2"
            ),
            values!(self.engine(); before, i64::from(limit)),
        )
        .await
    }

    /// What every category of the operator's stands for, as far as somebody said so.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn lexicon_category_list(&self) -> Result<Vec<LexiconCategoryRow>, StoreError> {
        self.fetch_all(
            concat!("SELECT ", category_columns!(), " FROM lexicon_category ORDER BY category"),
            values!(self.engine()),
        )
        .await
    }
}

impl Tx {
    /// Adds a version.
    ///
    /// # Errors
    /// [`StoreError::ConstraintViolated`] where the number is there already.
    pub async fn lexicon_version_insert(&mut self, version: &LexiconVersionRow) -> Result<(), StoreError> {
        self.execute_bulk(&INSERT, std::slice::from_ref(version), Record::bind).await
    }

    /// Says what a category stands for, in the place of what was said before.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn lexicon_category_set(&mut self, category: &LexiconCategoryRow) -> Result<(), StoreError> {
        let mut values = Values::new(self.engine());
        category.bind(&mut values);
        self.execute_one(
            "lexicon_category_set",
            concat!(
                "INSERT INTO lexicon_category (",
                category_columns!(),
                ") VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (category) DO UPDATE SET risks = $2, set_by = $3, set_at = $4"
            ),
            values,
        )
        .await
    }
}
