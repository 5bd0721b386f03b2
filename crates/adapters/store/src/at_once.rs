//! Many bulk writes as one transaction, in as few hand-overs to the driver as can be.
//!
//! The SQLite driver runs statements on a thread of its own; handing one over and waiting for it costs more than a small
//! insert. So a small transaction goes over as one text, with its `BEGIN` and, where nothing is left to check, its
//! `COMMIT`.

use futures_util::{Stream, TryStreamExt as _};
use sqlx::{AssertSqlSafe, Executor as _, SqliteConnection};

use crate::{
    Store, StoreError,
    bulk::{Expected, Piece},
    engine::{Engine, Pool, Writer},
    reserve::Room,
    row::{EngineValues, Values},
};

/// Statements that may go over in one text. Such a text is kept prepared for each combination of statements, and the
/// journal has four kinds of them.
const STATEMENTS_MAX: usize = 4;

/// Rows that may go over in one text: with more, the hand-overs no longer count, and the combinations get many.
const ROWS_MAX: usize = 16;

/// Why a transaction failed, and whether it is certain that nothing of it lasts: a commit that reports a failure may have
/// reached the disk, so nothing of it may be tried again.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: StoreError,
    pub(crate) is_before_commit: bool,
}

impl Failure {
    const fn before_commit(error: StoreError) -> Self {
        Self { error, is_before_commit: true }
    }
}

impl Store {
    /// Writes all of `pieces`, or nothing, and returns once they last. As [`Store::begin`] it is shut out while the disk is
    /// full.
    ///
    /// # Errors
    /// [`Failure`], with the transaction rolled back.
    pub(crate) async fn write_at_once(&self, pieces: Vec<Piece<'_>>) -> Result<(), Failure> {
        match &self.pool {
            Pool::Sqlite { writer, busy_timeout, .. } => {
                let mut writer = Writer::take(writer, *busy_timeout).await.map_err(Failure::before_commit)?;
                if self.room() != Room::Enough {
                    return Err(Failure::before_commit(StoreError::KeptForCases));
                }
                writer.is_in_transaction = true;
                let written = write_sqlite(&mut writer, pieces).await;
                if let Err(failure) = &written {
                    writer.note_failure(&failure.error);
                    // Waiting for the undoing keeps the order: what comes next starts on a clean writer.
                    let _ = writer.clean().await;
                }
                written
            }
            Pool::Postgres(_) => {
                let mut tx = self.begin().await.map_err(Failure::before_commit)?;
                for piece in pieces {
                    if let Err(error) = tx.execute_piece(piece).await {
                        let _ = tx.rollback().await;
                        return Err(Failure::before_commit(error));
                    }
                }
                tx.commit().await.map_err(|error| Failure { error, is_before_commit: false })
            }
        }
    }
}

/// One text, with what its statements must change.
struct Text {
    sql: String,
    values: Values,
    expected: Vec<Expected>,
}

async fn write_sqlite(writer: &mut Writer, pieces: Vec<Piece<'_>>) -> Result<(), Failure> {
    let needs_check = pieces.iter().any(|piece| piece.expected.needs_check());
    let mut texts = texts(pieces).into_iter().peekable();
    let mut is_first = true;
    while let Some(text) = texts.next() {
        let commits = texts.peek().is_none() && !needs_check;
        run(&mut writer.connection, text, is_first, commits).await?;
        is_first = false;
        if commits {
            writer.is_in_transaction = false;
            return Ok(());
        }
    }
    if !is_first {
        let committed = sqlx::query("COMMIT").execute(&mut writer.connection).await;
        committed.map_err(|error| Failure { error: error.into(), is_before_commit: false })?;
    }
    writer.is_in_transaction = false;
    Ok(())
}

/// Joins statements where they are few and small.
fn texts(pieces: Vec<Piece<'_>>) -> Vec<Text> {
    let rows: usize = pieces.iter().map(|piece| piece.expected.rows()).sum();
    let joins = pieces.len() <= STATEMENTS_MAX && rows <= ROWS_MAX;
    let mut texts: Vec<Text> = Vec::new();
    for Piece { sql, bind, expected } in pieces {
        let text = match texts.last_mut() {
            Some(last) if joins => {
                last.sql.push_str("; ");
                last
            }
            _ => texts.push_mut(Text {
                sql: String::new(),
                values: Values::new(Engine::Sqlite),
                expected: Vec::new(),
            }),
        };
        text.sql.push_str(sql.as_str());
        bind(&mut text.values);
        text.expected.push(expected);
    }
    texts
}

/// Hands over one text, and checks each of its statements by itself.
async fn run(
    connection: &mut SqliteConnection,
    text: Text,
    begins: bool,
    commits: bool,
) -> Result<(), Failure> {
    if let Some(refused) = text.values.refused {
        return Err(Failure::before_commit(refused));
    }
    let EngineValues::Sqlite(values) = text.values.arguments else {
        return Err(Failure::before_commit(crate::engine::mixed()));
    };
    let (begin, commit) =
        (if begins { "BEGIN IMMEDIATE; " } else { "" }, if commits { "; COMMIT" } else { "" });
    let sql = format!("{begin}{}{commit}", text.sql);
    let results = connection.execute_many(sqlx::query_with(AssertSqlSafe(sql), values));
    settle(results.map_ok(|result| result.rows_affected()), text.expected, begins, commits).await
}

/// Reads what each statement of a text changed. All is well only once every one of them has answered, the commit too: a driver
/// that dies ends the answers early and without an error.
async fn settle(
    mut results: impl Stream<Item = Result<u64, sqlx::Error>> + Unpin,
    expected: Vec<Expected>,
    begins: bool,
    commits: bool,
) -> Result<(), Failure> {
    let mut expected = expected.into_iter();
    let mut to_skip = usize::from(begins);
    let mut is_committed = !commits;
    loop {
        let result = results.try_next().await;
        // Past the last statement only the commit is left.
        let is_before_commit = !commits || to_skip > 0 || expected.len() > 0;
        match result.map_err(|error| Failure { error: error.into(), is_before_commit })? {
            None if to_skip == 0 && expected.len() == 0 && is_committed => return Ok(()),
            // What was handed over may still have been carried out.
            None => {
                let error = StoreError::Database(sqlx::Error::WorkerCrashed);
                return Err(Failure { error, is_before_commit: !commits });
            }
            Some(_) if to_skip > 0 => to_skip -= 1,
            Some(rows) => match expected.next() {
                Some(expected) => expected.check(rows).map_err(Failure::before_commit)?,
                None => is_committed = true,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;
    use crate::bulk::Bulk;

    /// What becomes of one insert of one row whose statements answer so.
    async fn outcome(answers: Vec<Result<u64, sqlx::Error>>, commits: bool) -> Result<(), bool> {
        static BULK: Bulk = Bulk::insert("test", "INSERT INTO x (a) VALUES ", 1);
        let expected = BULK.pieces(Engine::Sqlite, &[0], |_, _| {}).map(|piece| piece.expected).collect();
        let settled = settle(stream::iter(answers), expected, true, commits).await;
        settled.map_err(|failure| failure.is_before_commit)
    }

    #[tokio::test]
    async fn a_write_lasts_only_once_the_commit_has_answered() {
        assert_eq!(outcome(vec![Ok(0), Ok(1), Ok(1)], true).await, Ok(()));
        for answers in [vec![], vec![Ok(0)], vec![Ok(0), Ok(1)]] {
            assert_eq!(outcome(answers, true).await, Err(false), "nobody knows whether it lasts");
        }
        let broken = || Err(sqlx::Error::WorkerCrashed);
        assert_eq!(outcome(vec![Ok(0), Ok(1), broken()], true).await, Err(false));
        assert_eq!(outcome(vec![Ok(0), broken()], true).await, Err(true));
        assert_eq!(outcome(vec![Ok(0), Ok(1)], false).await, Ok(()));
        assert_eq!(outcome(vec![Ok(0)], false).await, Err(true), "the commit was never sent");
    }
}
