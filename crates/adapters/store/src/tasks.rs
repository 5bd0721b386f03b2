//! Tasks: things an operator has to do.

use terms::{OperatorId, TaskId, Timestamp};

use crate::{
    Store, StoreError, Tx,
    row::{Record as _, Values, row, values},
};

row! {
    "task" as columns;
    /// One task.
    pub struct TaskRow {
        /// Its id.
        pub task_id: TaskId,
        /// What kind of thing.
        pub kind: String,
        /// The details, as JSON.
        pub detail: String,
        /// Keeps the same thing from being raised twice.
        pub dedup_key: String,
        /// When it was raised.
        pub created_at: Timestamp,
        /// When it was done.
        pub resolved_at: Option<Timestamp>,
        /// By whom; `None` for the software itself.
        pub resolved_by: Option<OperatorId>,
    }
}

impl Store {
    /// At most `limit` open tasks, oldest first.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn task_list_open(&self, limit: u32) -> Result<Vec<TaskRow>, StoreError> {
        self.fetch_all(
            concat!(
                "SELECT ",
                columns!(),
                " FROM task WHERE resolved_at IS NULL ORDER BY created_at, task_id LIMIT $1"
            ),
            values!(self.engine(); i64::from(limit)),
        )
        .await
    }

    /// One task, open or done.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn task_lookup(&self, task_id: TaskId) -> Result<Option<TaskRow>, StoreError> {
        self.fetch_optional(
            concat!("SELECT ", columns!(), " FROM task WHERE task_id = $1"),
            values!(self.engine(); task_id),
        )
        .await
    }
}

impl Tx {
    /// Raises a task, unless one with the same key was raised before, open or done. Says whether it was raised.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn task_insert_if_absent(&mut self, task: &TaskRow) -> Result<bool, StoreError> {
        let mut values = Values::new(self.engine());
        task.bind(&mut values);
        let added = self
            .execute(
                concat!(
                    "INSERT INTO task (",
                    columns!(),
                    ") VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (dedup_key) DO NOTHING"
                ),
                values,
            )
            .await?;
        Ok(added > 0)
    }

    /// Notes that a task is done.
    ///
    /// # Errors
    /// [`StoreError::AffectedRows`] where it is not there or done already.
    pub async fn task_resolve(
        &mut self,
        task_id: TaskId,
        at: Timestamp,
        by: Option<OperatorId>,
    ) -> Result<(), StoreError> {
        self.execute_one(
            "task_resolve",
            "UPDATE task SET resolved_at = $2, resolved_by = $3 WHERE task_id = $1 AND resolved_at IS NULL",
            values!(self.engine(); task_id, at, by),
        )
        .await
    }
}
