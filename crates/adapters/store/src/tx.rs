//! Transactions: opened by an operation, passed down, ended once.

use futures_util::future::BoxFuture;
use sqlx::{PgTransaction, SqlSafeStr};
use tokio::sync::OwnedMutexGuard;

use crate::{
    StoreError,
    bulk::{Bulk, Piece},
    engine::{Connection, Engine, Pool, Store, Writer},
    reserve::Room,
    row::{Record, Row, Values},
};

/// An open transaction. Dropping it rolls back; [`Tx::commit`] makes it last.
#[derive(Debug)]
pub struct Tx {
    inner: Inner,
}

#[derive(Debug)]
enum Inner {
    Sqlite(SqliteTx),
    Postgres(PgTransaction<'static>),
}

/// The writer while a transaction is open on it. `None` only while being dropped or committed.
#[derive(Debug)]
struct SqliteTx(Option<OwnedMutexGuard<Writer>>);

impl Store {
    /// Opens a transaction for writing.
    ///
    /// SQLite has one writer: this waits until the journal and other transactions are done with it.
    ///
    /// Boxed, since the driver's futures are some 9 KB.
    ///
    /// # Errors
    /// [`StoreError::Busy`] where another process holds the database, [`StoreError::KeptForCases`] while the disk is full.
    pub fn begin(&self) -> BoxFuture<'_, Result<Tx, StoreError>> {
        Box::pin(async move {
            let tx = self.begin_for_case().await?;
            // Asked once the writer is ours: who waited for it while the disk filled up is not let through.
            if self.room() == Room::Enough {
                return Ok(tx);
            }
            tx.rollback().await?;
            Err(StoreError::KeptForCases)
        })
    }

    /// Opens a transaction that may use the room kept for cases: see [`Room`].
    ///
    /// Boxed, since the driver's futures are some 9 KB.
    ///
    /// # Errors
    /// [`StoreError::Busy`] where another process holds the database.
    pub fn begin_for_case(&self) -> BoxFuture<'_, Result<Tx, StoreError>> {
        Box::pin(async move {
            let inner = match &self.pool {
                Pool::Sqlite { writer, busy_timeout, .. } => {
                    let mut guard = Writer::take(writer, *busy_timeout).await?;
                    guard.is_in_transaction = true;
                    if let Err(error) = sqlx::query("BEGIN IMMEDIATE").execute(&mut guard.connection).await {
                        guard.is_in_transaction = false;
                        return guard.noted(Err(error.into()));
                    }
                    Inner::Sqlite(SqliteTx(Some(guard)))
                }
                Pool::Postgres(pool) => Inner::Postgres(pool.begin().await?),
            };
            Ok(Tx { inner })
        })
    }
}

impl Tx {
    /// Makes everything written last, durably, before it returns.
    ///
    /// # Errors
    /// Where it did not; nothing was saved then.
    pub fn commit(self) -> BoxFuture<'static, Result<(), StoreError>> {
        Box::pin(async move {
            match self.inner {
                Inner::Sqlite(mut tx) => tx.commit().await,
                Inner::Postgres(tx) => Ok(tx.commit().await?),
            }
        })
    }

    /// Undoes everything written, and waits for it. Dropping does the same without waiting.
    ///
    /// # Errors
    /// Where the database could not be reached; it undoes by itself then.
    pub fn rollback(self) -> BoxFuture<'static, Result<(), StoreError>> {
        Box::pin(async move {
            match self.inner {
                Inner::Sqlite(mut tx) => match tx.0.take() {
                    Some(mut writer) => writer.clean().await,
                    None => Ok(()),
                },
                Inner::Postgres(tx) => Ok(tx.rollback().await?),
            }
        })
    }

    pub(crate) const fn engine(&self) -> Engine {
        match &self.inner {
            Inner::Sqlite(_) => Engine::Sqlite,
            Inner::Postgres(_) => Engine::Postgres,
        }
    }

    pub(crate) fn connection(&mut self) -> Result<Connection<'_>, StoreError> {
        match &mut self.inner {
            Inner::Sqlite(SqliteTx(Some(writer))) => Ok(Connection::Sqlite(&mut writer.connection)),
            // INVARIANT: the guard is taken by `commit`, `rollback` and `drop` alone, which consume the transaction.
            Inner::Sqlite(SqliteTx(None)) => Err(StoreError::Database(sqlx::Error::WorkerCrashed)),
            Inner::Postgres(tx) => Ok(Connection::Postgres(tx)),
        }
    }

    /// Boxed, as [`Store::fetch_all_rows`] is.
    pub(crate) fn execute(
        &mut self,
        sql: impl SqlSafeStr,
        values: Values,
    ) -> BoxFuture<'_, Result<u64, StoreError>> {
        let sql = sql.into_sql_str();
        Box::pin(async move {
            let result = self.connection()?.execute(sql, values).await;
            self.noted(result)
        })
    }

    /// Runs a write that must change exactly one row.
    pub(crate) async fn execute_one(
        &mut self,
        operation: &'static str,
        sql: impl SqlSafeStr,
        values: Values,
    ) -> Result<(), StoreError> {
        let actual = self.execute(sql, values).await?;
        if actual == 1 { Ok(()) } else { Err(StoreError::AffectedRows { operation, expected: 1, actual }) }
    }

    pub(crate) fn fetch_all_rows(
        &mut self,
        sql: impl SqlSafeStr,
        values: Values,
    ) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        let sql = sql.into_sql_str();
        Box::pin(async move {
            let result = self.connection()?.fetch_all(sql, values).await;
            self.noted(result)
        })
    }

    fn noted<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        match &self.inner {
            Inner::Sqlite(SqliteTx(Some(writer))) => writer.noted(result),
            Inner::Sqlite(SqliteTx(None)) | Inner::Postgres(_) => result,
        }
    }

    pub(crate) async fn fetch_optional<T: Record>(
        &mut self,
        sql: impl SqlSafeStr,
        values: Values,
    ) -> Result<Option<T>, StoreError> {
        self.fetch_all_rows(sql, values).await?.first().map(T::read).transpose()
    }

    /// Runs a bulk write over `rows` and asserts that each of them counted.
    pub(crate) async fn execute_bulk<T: Sync>(
        &mut self,
        bulk: &'static Bulk,
        rows: &[T],
        bind: impl Fn(&T, &mut Values) + Copy + Send,
    ) -> Result<(), StoreError> {
        for piece in bulk.pieces(self.engine(), rows, bind) {
            self.execute_piece(piece).await?;
        }
        Ok(())
    }

    /// Runs one statement of a bulk write.
    pub(crate) async fn execute_piece(&mut self, piece: Piece<'_>) -> Result<(), StoreError> {
        let mut values = Values::new(self.engine());
        (piece.bind)(&mut values);
        piece.expected.check(self.execute(piece.sql, values).await?)
    }
}

impl SqliteTx {
    async fn commit(&mut self) -> Result<(), StoreError> {
        let Some(writer) = self.0.as_mut() else { return Ok(()) };
        // On a failure the flag stays up, so that dropping rolls back what is still open.
        let committed = sqlx::query("COMMIT").execute(&mut writer.connection).await;
        writer.noted(committed.map_err(StoreError::from))?;
        writer.is_in_transaction = false;
        if let Some(reserve) = &writer.reserve {
            reserve.note_written();
        }
        Ok(())
    }
}

impl Drop for SqliteTx {
    fn drop(&mut self) {
        let Some(mut writer) = self.0.take() else { return };
        if !writer.is_in_transaction {
            return;
        }
        // The guard travels with the rollback, so nobody gets the writer before it is done. Outside a runtime the flag
        // makes the next one to take the writer roll back.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = writer.clean().await {
                    tracing::warn!(error = %error, "could not roll back a dropped transaction; the next one will");
                }
            });
        }
    }
}
