//! Sessions of operators and of people in the portal.

use terms::{OperatorId, SubjectId, Timestamp};

use crate::{
    Store, StoreError, Tx,
    bulk::Bulk,
    row::{Record, row, values},
};

row! {
    "session" as columns;
    /// One session.
    pub struct SessionRow {
        /// The hash of the cookie.
        pub token_hash: [u8; 32],
        /// Whose: `operator`, `person`.
        pub kind: String,
        /// The operator.
        pub operator_id: Option<OperatorId>,
        /// The person.
        pub subject_id: Option<SubjectId>,
        /// When it began.
        pub created_at: Timestamp,
        /// When it was used last.
        pub seen_at: Timestamp,
        /// Until when it lasts.
        pub expires_at: Timestamp,
    }
}

static INSERT: Bulk = Bulk::insert(
    "session_insert",
    concat!("INSERT INTO session (", columns!(), ") VALUES "),
    SessionRow::COLUMNS.len(),
);

impl Store {
    /// The session whose cookie has that hash, expired or not.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn session_lookup(&self, token_hash: &[u8; 32]) -> Result<Option<SessionRow>, StoreError> {
        self.fetch_optional(
            concat!("SELECT ", columns!(), " FROM session WHERE token_hash = $1"),
            values!(self.engine(); *token_hash),
        )
        .await
    }
}

impl Tx {
    /// Adds a session.
    ///
    /// # Errors
    /// [`StoreError::ConstraintViolated`] where the cookie is there already.
    pub async fn session_insert(&mut self, session: &SessionRow) -> Result<(), StoreError> {
        self.execute_bulk(&INSERT, std::slice::from_ref(session), Record::bind).await
    }

    /// Notes that a session was used, and until when it lasts now.
    ///
    /// # Errors
    /// [`StoreError::AffectedRows`] where it is gone.
    pub async fn session_touch(
        &mut self,
        token_hash: &[u8; 32],
        seen_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute_one(
            "session_touch",
            "UPDATE session SET seen_at = $2, expires_at = $3 WHERE token_hash = $1",
            values!(self.engine(); *token_hash, seen_at, expires_at),
        )
        .await
    }

    /// Ends a session. Says whether it was there.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn session_delete(&mut self, token_hash: &[u8; 32]) -> Result<bool, StoreError> {
        let gone = self
            .execute("DELETE FROM session WHERE token_hash = $1", values!(self.engine(); *token_hash))
            .await?;
        Ok(gone > 0)
    }

    /// Removes the sessions that have expired at `now`, and says how many.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn session_delete_expired(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        self.execute("DELETE FROM session WHERE expires_at <= $1", values!(self.engine(); now)).await
    }
}
