//! Facts about the deployment: the log's origin, key ids.

use crate::{
    Store, StoreError, Tx,
    row::{self, values},
};

impl Store {
    /// The fact called `name`.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn meta_lookup(&self, name: &str) -> Result<Option<String>, StoreError> {
        let rows = self
            .fetch_all_rows("SELECT value FROM meta WHERE name = $1", values!(self.engine(); name))
            .await?;
        rows.first().map(|found| row::cell(found, 0, "meta", "value")).transpose()
    }
}

impl Tx {
    /// Sets the fact called `name`.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn meta_set(&mut self, name: &str, value: &str) -> Result<(), StoreError> {
        self.execute_one(
            "meta_set",
            "INSERT INTO meta (name, value) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            values!(self.engine(); name, value),
        )
        .await
    }
}
