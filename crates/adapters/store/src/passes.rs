//! Prompt passes: an overturned refusal lets that prompt of that person through once.

use terms::{DecisionId, SubjectId, Timestamp};

use crate::{
    Store, StoreError, Tx,
    bulk::Bulk,
    dialect,
    row::{self, Record, row, values},
};

row! {
    "prompt_pass" as columns;
    /// One pass.
    pub struct PromptPassRow {
        /// Whose prompt.
        pub subject_id: SubjectId,
        /// The keyed hash of the prompt.
        pub fingerprint: [u8; 32],
        /// The decision that was overturned.
        pub decision_id: DecisionId,
        /// When it was granted.
        pub granted_at: Timestamp,
        /// When it was used.
        pub used_at: Option<Timestamp>,
    }
}

static INSERT: Bulk = Bulk::insert(
    "prompt_pass_insert",
    concat!("INSERT INTO prompt_pass (", columns!(), ") VALUES "),
    PromptPassRow::COLUMNS.len(),
);

impl Store {
    /// Every pass that has not been used, oldest first.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn prompt_pass_list_unused(&self) -> Result<Vec<PromptPassRow>, StoreError> {
        self.fetch_all(
            concat!(
                "SELECT ",
                columns!(),
                " FROM prompt_pass WHERE used_at IS NULL ORDER BY granted_at, decision_id"
            ),
            values!(self.engine()),
        )
        .await
    }
}

impl Tx {
    /// Grants a pass.
    ///
    /// # Errors
    /// [`StoreError::ConstraintViolated`] where it is there already, or the decision is not.
    pub async fn prompt_pass_insert(&mut self, pass: &PromptPassRow) -> Result<(), StoreError> {
        self.execute_bulk(&INSERT, std::slice::from_ref(pass), Record::bind).await
    }

    /// Uses the oldest unused pass of that prompt and gives the decision it came from; `None` where there is none.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn prompt_pass_use(
        &mut self,
        subject_id: SubjectId,
        fingerprint: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<DecisionId>, StoreError> {
        let select = match dialect::for_update_skip_locked(self.engine()) {
            "" => sqlx::AssertSqlSafe(OLDEST.to_owned()),
            lock => sqlx::AssertSqlSafe(format!("{OLDEST}{lock}")),
        };
        let found = self.fetch_all_rows(select, values!(self.engine(); subject_id, *fingerprint)).await?;
        let Some(found) = found.first() else { return Ok(None) };
        let decision_id: DecisionId = row::cell(found, 0, "prompt_pass", "decision_id")?;
        self.execute_one(
            "prompt_pass_use",
            "UPDATE prompt_pass SET used_at = $4 \
             WHERE subject_id = $1 AND fingerprint = $2 AND decision_id = $3 AND used_at IS NULL",
            values!(self.engine(); subject_id, *fingerprint, decision_id, now),
        )
        .await?;
        Ok(Some(decision_id))
    }
}

const OLDEST: &str = "SELECT decision_id FROM prompt_pass \
     WHERE subject_id = $1 AND fingerprint = $2 AND used_at IS NULL ORDER BY granted_at, decision_id LIMIT 1";
