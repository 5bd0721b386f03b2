//! Moving committed pages from SQLite's write-ahead log into the database file, beside the commits.
//!
//! Left to SQLite, the commit that makes the log long enough also moves its pages and waits for the disk to have them, and
//! everybody behind it waits too. Here a connection of its own does that work while commits go on; only where the log
//! grows faster than that, commits pause for the little that is left, so that the log can start anew.

use sqlx::{Row as _, SqliteConnection};
use tokio::sync::Mutex;

use crate::{Store, StoreError, engine::Pool};

/// Pages at which the log shall start anew: 16 MiB. Of a page that was written often only the last state is moved, so a
/// short log would move more.
const RESTART_PAGES: i64 = 4_096;

/// What stood in the log, and what of it is in the file.
struct Moved {
    pages: i64,
    moved: i64,
}

impl Store {
    /// Moves what was committed into the database file. PostgreSQL has its own checkpointer: there it does nothing.
    ///
    /// # Errors
    /// Where the disk cannot take it. Nothing is lost: the log keeps it.
    pub async fn checkpoint(&self) -> Result<(), StoreError> {
        let Pool::Sqlite { writer, checkpointer, .. } = &self.pool else { return Ok(()) };
        let first = passive(checkpointer).await?;
        if first.pages < RESTART_PAGES {
            return Ok(());
        }
        // The next commit starts the log anew if all of it was moved. What is left is what was committed just now.
        let _pause = writer.lock().await;
        let rest = passive(checkpointer).await?;
        if rest.moved < rest.pages {
            tracing::debug!(
                log.pages = rest.pages,
                log.moved = rest.moved,
                "a reader keeps the write-ahead log"
            );
        }
        Ok(())
    }
}

async fn passive(connection: &Mutex<SqliteConnection>) -> Result<Moved, StoreError> {
    let mut connection = connection.lock().await;
    let row = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").fetch_one(&mut *connection).await?;
    Ok(Moved { pages: row.try_get(1)?, moved: row.try_get(2)? })
}
