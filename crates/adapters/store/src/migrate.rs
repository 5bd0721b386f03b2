//! Bringing a database to the schema this program needs.

use sha2::{Digest as _, Sha256};
use sqlx::SqlSafeStr as _;
use terms::Timestamp;

use crate::{Store, StoreError, dialect, row, row::values};

impl Store {
    /// Applies the migrations that the database lacks, all in one transaction.
    ///
    /// # Errors
    /// [`StoreError::UnknownMigration`] where a newer program wrote to the database, [`StoreError::AlteredMigration`] where
    /// an applied one had another text, [`StoreError::Migration`] where one fails (nothing is changed then).
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let engine = self.engine();
        let known = dialect::migrations(engine);
        // Also on a full disk: a database that lacks nothing writes nothing here.
        let mut tx = self.begin_for_case().await?;
        if let Some(lock) = dialect::lock_migrations(engine) {
            tx.fetch_all_rows(lock, values!(engine)).await?;
        }
        tx.execute(dialect::migration_table(engine), values!(engine)).await?;

        let applied = tx
            .fetch_all_rows(
                "SELECT number, name, hash FROM schema_migration ORDER BY number",
                values!(engine),
            )
            .await?;
        let mut newest = 0_i64;
        for entry in &applied {
            let number: i64 = row::cell(entry, 0, "schema_migration", "number")?;
            let name: String = row::cell(entry, 1, "schema_migration", "name")?;
            let hash: String = row::cell(entry, 2, "schema_migration", "hash")?;
            let Some((_, _, text)) = known.iter().find(|(known, ..)| *known == number) else {
                return Err(StoreError::UnknownMigration { number, name });
            };
            if hash != hash_of(text) {
                return Err(StoreError::AlteredMigration { number, name });
            }
            newest = newest.max(number);
        }

        for &(number, name, text) in known.iter().filter(|(number, ..)| *number > newest) {
            tx.connection()?.execute_script(text).await.map_err(|source| StoreError::Migration {
                number,
                name: name.to_owned(),
                source,
            })?;
            tx.execute(
                "INSERT INTO schema_migration (number, name, hash, applied_at) VALUES ($1, $2, $3, $4)"
                    .into_sql_str(),
                values!(engine; number, name, hash_of(text), now()),
            )
            .await?;
        }
        tx.commit().await
    }
}

fn hash_of(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// The time of applying is a note for people; nothing computes with it, so it needs no clock from outside.
fn now() -> Timestamp {
    let micros = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX));
    Timestamp::from_micros_clamped(micros)
}
