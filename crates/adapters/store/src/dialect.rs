//! Everything in which the two engines differ.

use std::time::Duration;

use sqlx::{
    error::DatabaseError,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use crate::engine::Engine;

/// Conditions that every engine reports in its own code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    /// Locked by someone else, deadlocked, not serialisable.
    Busy,
    /// No room left.
    DiskFull,
    /// Anything else.
    Other,
}

/// The write-ahead log's shared memory found no room for its next 32 KiB.
const SQLITE_IOERR_SHMSIZE: u32 = 4874;

/// Reads the engine's code.
pub(crate) fn condition(error: &dyn DatabaseError) -> Condition {
    let code = error.code().unwrap_or_default();
    // SQLite gives its extended result code as a number; the primary code is its low byte.
    if error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
        return match code.parse::<u32>().unwrap_or_default() {
            SQLITE_IOERR_SHMSIZE => Condition::DiskFull,
            code => match code & 0xff {
                5 | 6 => Condition::Busy,
                13 => Condition::DiskFull,
                _ => Condition::Other,
            },
        };
    }
    match code.as_ref() {
        // serialization_failure, deadlock_detected, lock_not_available, too_many_connections, cannot_connect_now
        "40001" | "40P01" | "55P03" | "53300" | "57P03" => Condition::Busy,
        // disk_full
        "53100" => Condition::DiskFull,
        _ => Condition::Other,
    }
}

/// How each connection to a SQLite file is made.
///
/// `synchronous = FULL` makes a commit in WAL mode durable when it returns: NORMAL would lose the last commits with
/// the power. The statement cache holds every text of this crate, bulk inserts included. Moving pages from the write-ahead
/// log into the file is [`Store::checkpoint`]'s work, beside the commits; past [`LOG_PAGES_MAX`] a commit does it itself.
///
/// [`Store::checkpoint`]: crate::Store::checkpoint
pub(crate) fn sqlite_options(path: &std::path::Path, busy_timeout: Duration) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(busy_timeout)
        .statement_cache_capacity(STATEMENT_CACHE)
        .pragma("wal_autocheckpoint", LOG_PAGES_MAX.to_string())
        .pragma("cache_size", "-32768")
        .pragma("temp_store", "memory")
        .pragma("trusted_schema", "off")
}

/// Pages of 4 KiB that the write-ahead log may have before a commit moves them by itself: 128 MiB. Only where nobody calls
/// [`Store::checkpoint`](crate::Store::checkpoint).
const LOG_PAGES_MAX: u32 = 32_768;

/// Statements kept prepared per connection: about 90 texts, and four row classes for each bulk write.
pub(crate) const STATEMENT_CACHE: usize = 256;

/// Appended to a `SELECT` that must keep the rows it read from changing. SQLite has one writer and needs nothing.
pub(crate) const fn for_update_skip_locked(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "",
        Engine::Postgres => " FOR UPDATE SKIP LOCKED",
    }
}

/// Writes parameter `number` of a bulk statement. SQLite takes `$1` too, but keeps such names in a list that the driver
/// searches from its beginning for each value: at 2 560 values that search was 58 % of the journal's processor time.
pub(crate) fn push_bulk_parameter(engine: Engine, text: &mut String, number: usize) {
    match engine {
        Engine::Sqlite => text.push('?'),
        Engine::Postgres => {
            text.push('$');
            text.push_str(&number.to_string());
        }
    }
}

/// The condition that a normalised term holds a text, bound at `?`. Neither engine's `LIKE` is used: case and wildcards are theirs.
pub(crate) const fn contains_normalised(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "instr(normalised, ?) > 0",
        Engine::Postgres => "strpos(normalised, ?) > 0",
    }
}

/// The statement that lets one migrator in at a time. SQLite's `BEGIN IMMEDIATE` does already.
pub(crate) const fn lock_migrations(engine: Engine) -> Option<&'static str> {
    match engine {
        Engine::Sqlite => None,
        // Released with the transaction. The number is the ASCII text "cinnabar".
        Engine::Postgres => Some("SELECT pg_advisory_xact_lock(7163384665059385714)"),
    }
}

/// The migrations in this engine's dialect: number, name, text.
pub(crate) const fn migrations(engine: Engine) -> &'static [(i64, &'static str, &'static str)] {
    match engine {
        Engine::Sqlite => &[
            (1, "spine", include_str!("../migrations/sqlite/0001_spine.sql")),
            (2, "invitations", include_str!("../migrations/sqlite/0002_invitations.sql")),
            (3, "lean_indexes", include_str!("../migrations/sqlite/0003_lean_indexes.sql")),
            (4, "lexicon_library", include_str!("../migrations/sqlite/0004_lexicon_library.sql")),
            (5, "label_grants", include_str!("../migrations/sqlite/0005_label_grants.sql")),
        ],
        Engine::Postgres => &[
            (1, "spine", include_str!("../migrations/postgres/0001_spine.sql")),
            (2, "invitations", include_str!("../migrations/postgres/0002_invitations.sql")),
            (3, "lean_indexes", include_str!("../migrations/postgres/0003_lean_indexes.sql")),
            (4, "lexicon_library", include_str!("../migrations/postgres/0004_lexicon_library.sql")),
            (5, "label_grants", include_str!("../migrations/postgres/0005_label_grants.sql")),
        ],
    }
}

/// The table that remembers what was applied. Made before any migration, so it can have none of its own.
pub(crate) const fn migration_table(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => {
            "CREATE TABLE IF NOT EXISTS schema_migration (number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, \
             hash TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT"
        }
        Engine::Postgres => {
            "CREATE TABLE IF NOT EXISTS schema_migration (number BIGINT NOT NULL PRIMARY KEY, \
             name TEXT COLLATE \"C\" NOT NULL, hash TEXT COLLATE \"C\" NOT NULL, applied_at BIGINT NOT NULL)"
        }
    }
}

#[cfg(test)]
mod tests {
    use sqlx::ConnectOptions as _;

    use super::*;

    #[tokio::test]
    async fn commits_of_sqlite_are_flushed_to_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let options = sqlite_options(&folder.path().join("x.sqlite"), Duration::from_secs(1));
        let mut connection = options.connect().await.unwrap();
        let (mode,): (String,) =
            sqlx::query_as("PRAGMA journal_mode").fetch_one(&mut connection).await.unwrap();
        // 2 is FULL.
        let (synchronous,): (i64,) =
            sqlx::query_as("PRAGMA synchronous").fetch_one(&mut connection).await.unwrap();
        let (keys,): (i64,) = sqlx::query_as("PRAGMA foreign_keys").fetch_one(&mut connection).await.unwrap();
        assert_eq!((mode.as_str(), synchronous, keys), ("wal", 2, 1));
    }
}
