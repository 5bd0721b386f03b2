//! Subjects: the people and organisations who use the service.

use terms::{SubjectId, TenantId, Timestamp};

use crate::{
    Store, StoreError, Tx,
    row::{Record, Values, row, values},
};

row! {
    "subject" as columns;
    /// A person who uses the service.
    pub struct SubjectRow {
        /// Their id.
        pub subject_id: SubjectId,
        /// The provider whose service they use.
        pub tenant_id: TenantId,
        /// The keyed hash by which they are found: `HMAC(deployment key, tenant ‖ id)`.
        pub subject_index: [u8; 32],
        /// Where they come from: `trial`, `end_user`, …
        pub kind: String,
        /// Their identity level.
        pub level: String,
        /// How the level was reached.
        pub level_method: Option<String>,
        /// When.
        pub level_at: Option<Timestamp>,
        /// The agreement they accepted last.
        pub agreement_hash: Option<[u8; 32]>,
        /// When.
        pub agreement_at: Option<Timestamp>,
        /// When they were first seen.
        pub created_at: Timestamp,
    }
}

impl Store {
    /// The subject with that id.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn subject_lookup(&self, subject_id: SubjectId) -> Result<Option<SubjectRow>, StoreError> {
        self.fetch_optional(
            concat!("SELECT ", columns!(), " FROM subject WHERE subject_id = $1"),
            values!(self.engine(); subject_id),
        )
        .await
    }

    /// The subject with that keyed hash.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn subject_lookup_by_index(
        &self,
        subject_index: &[u8; 32],
    ) -> Result<Option<SubjectRow>, StoreError> {
        self.fetch_optional(BY_INDEX, values!(self.engine(); *subject_index)).await
    }

    /// At most `limit` subjects after `after`, oldest first.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn subject_list(
        &self,
        after: Option<SubjectId>,
        limit: u32,
    ) -> Result<Vec<SubjectRow>, StoreError> {
        self.fetch_all(
            concat!(
                "SELECT ",
                columns!(),
                " FROM subject WHERE subject_id > $1 ORDER BY subject_id LIMIT $2"
            ),
            // Every id sorts after the empty text.
            values!(self.engine(); after.map_or_else(String::new, |id| id.to_string()), i64::from(limit)),
        )
        .await
    }
}

const BY_INDEX: &str = concat!("SELECT ", columns!(), " FROM subject WHERE subject_index = $1");

impl Tx {
    /// Adds the subject, or finds the one with the same keyed hash, and gives the row that is there now.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn subject_upsert(&mut self, subject: &SubjectRow) -> Result<SubjectRow, StoreError> {
        let mut values = Values::new(self.engine());
        subject.bind(&mut values);
        self.execute(
            concat!(
                "INSERT INTO subject (",
                columns!(),
                ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (subject_index) DO NOTHING"
            ),
            values,
        )
        .await?;
        self.fetch_optional(BY_INDEX, values!(self.engine(); subject.subject_index))
            .await?
            .ok_or(StoreError::AffectedRows { operation: "subject_upsert", expected: 1, actual: 0 })
    }

    /// Sets the identity level.
    ///
    /// # Errors
    /// [`StoreError::AffectedRows`] where there is no such subject.
    pub async fn subject_set_level(
        &mut self,
        subject_id: SubjectId,
        level: &str,
        method: Option<&str>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute_one(
            "subject_set_level",
            "UPDATE subject SET level = $2, level_method = $3, level_at = $4 WHERE subject_id = $1",
            values!(self.engine(); subject_id, level, method.map(str::to_owned), at),
        )
        .await
    }

    /// Records that the subject accepted an agreement.
    ///
    /// # Errors
    /// [`StoreError::AffectedRows`] where there is no such subject.
    pub async fn subject_set_agreement(
        &mut self,
        subject_id: SubjectId,
        agreement_hash: &[u8; 32],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute_one(
            "subject_set_agreement",
            "UPDATE subject SET agreement_hash = $2, agreement_at = $3 WHERE subject_id = $1",
            values!(self.engine(); subject_id, *agreement_hash, at),
        )
        .await
    }
}
