//! The head of the log, and the lease of the one that may move it.

use terms::Timestamp;

use crate::{
    Store, StoreError, Tx,
    row::{row, values},
};

row! {
    "log_state" as columns;
    /// The head of a log.
    pub struct LogStateRow {
        /// The log.
        pub log_name: String,
        /// How many entries it has.
        pub size: u64,
        /// The right edge of the tree.
        pub state: Vec<u8>,
        /// The signed checkpoint.
        pub checkpoint: String,
        /// When it was moved last.
        pub updated_at: Timestamp,
    }

    "log_lease" as lease_columns;
    /// Who may move a log, and how long.
    pub struct LogLease {
        /// The log.
        pub log_name: String,
        /// The process.
        pub holder: String,
        /// Until when.
        pub until_at: Timestamp,
    }
}

impl Store {
    /// The head of the log `log_name`.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn log_state_lookup(&self, log_name: &str) -> Result<Option<LogStateRow>, StoreError> {
        self.fetch_optional(
            concat!("SELECT ", columns!(), " FROM log_state WHERE log_name = $1"),
            values!(self.engine(); log_name),
        )
        .await
    }
}

impl Tx {
    /// Moves the head of a log if it still has the size `expected_size` (0: it has no row yet, or a row of that size).
    /// Says whether it did.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn log_state_compare_and_swap(
        &mut self,
        log_name: &str,
        expected_size: u64,
        new: &LogStateRow,
    ) -> Result<bool, StoreError> {
        let moved = self
            .execute(
                "UPDATE log_state SET size = $3, state = $4, checkpoint = $5, updated_at = $6 \
                 WHERE log_name = $1 AND size = $2",
                values!(
                    self.engine(); log_name, expected_size, new.size, new.state, new.checkpoint, new.updated_at
                ),
            )
            .await?;
        if moved > 0 || expected_size > 0 {
            return Ok(moved > 0);
        }
        let added = self
            .execute(
                concat!(
                    "INSERT INTO log_state (",
                    columns!(),
                    ") VALUES ($1, $2, $3, $4, $5) ON CONFLICT (log_name) DO NOTHING"
                ),
                values!(self.engine(); log_name, new.size, new.state, new.checkpoint, new.updated_at),
            )
            .await?;
        Ok(added > 0)
    }

    /// Takes or prolongs the lease of a log for `holder`, if nobody else holds it at `now`. Gives the lease that is in force
    /// after that: `holder`'s own, or somebody else's. It stays so until the transaction ends.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn log_lease_acquire(
        &mut self,
        log_name: &str,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<LogLease, StoreError> {
        self.execute(
            "INSERT INTO log_lease (log_name, holder, until_at) VALUES ($1, $2, $4) \
                 ON CONFLICT (log_name) DO UPDATE SET holder = excluded.holder, until_at = excluded.until_at \
                 WHERE log_lease.holder = excluded.holder OR log_lease.until_at <= $3",
            values!(self.engine(); log_name, holder, now, until),
        )
        .await?;
        let held = self
            .fetch_optional(
                concat!("SELECT ", lease_columns!(), " FROM log_lease WHERE log_name = $1"),
                values!(self.engine(); log_name),
            )
            .await?;
        // Whoever holds it cannot give it back before this transaction ends: the row was locked by the attempt to take it.
        held.ok_or(StoreError::AffectedRows { operation: "log_lease_acquire", expected: 1, actual: 0 })
    }

    /// Gives the lease back, if `holder` has it.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn log_lease_release(&mut self, log_name: &str, holder: &str) -> Result<(), StoreError> {
        self.execute(
            "DELETE FROM log_lease WHERE log_name = $1 AND holder = $2",
            values!(self.engine(); log_name, holder),
        )
        .await
        .map(drop)
    }
}
