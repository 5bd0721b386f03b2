//! Opening a database, and the two ways to speak to it: the pool for reads, the writer for transactions.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use futures_util::future::BoxFuture;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, PgConnection, PgPool, SqlSafeStr, SqlStr, SqliteConnection,
    SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::SqlitePoolOptions,
};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::{
    StoreError, dialect,
    reserve::Reserve,
    row::{EngineValues, Record, Row, Values, values},
};

/// Which database, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// One file on this machine; it and its folder are made when absent.
    Sqlite {
        /// The file.
        path: PathBuf,
    },
    /// A server.
    Postgres {
        /// `postgres://user:password@host:port/database`.
        url: String,
    },
}

/// What may be set when a database is opened.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// How long to wait for somebody else's lock before [`StoreError::Busy`]; a write to SQLite waits as long again for its turn.
    pub busy_timeout: Duration,
    /// Connections that read (SQLite), or connections in all (PostgreSQL).
    pub connections_max: u32,
    /// The most pages a SQLite file may have; past it writes fail with [`StoreError::DiskFull`].
    pub sqlite_pages_max: Option<u32>,
    /// The bytes kept for cases beside a SQLite file ([`crate::Room`]). Without them a full disk refuses cases too. Only the
    /// process that serves keeps them.
    pub sqlite_reserve_bytes: Option<u64>,
}

impl Default for OpenOptions {
    fn default() -> Self {
        // Four readers saturate a small machine's disk; five seconds outlast any checkpoint.
        Self {
            busy_timeout: Duration::from_secs(5),
            connections_max: 4,
            sqlite_pages_max: None,
            sqlite_reserve_bytes: None,
        }
    }
}

/// The kinds of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// An open database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) pool: Pool,
}

/// The connections of either engine.
#[derive(Debug, Clone)]
pub(crate) enum Pool {
    /// Many readers, the one writer that every transaction and the journal share, and who tidies up behind it.
    Sqlite {
        readers: SqlitePool,
        writer: Arc<Mutex<Writer>>,
        checkpointer: Arc<Mutex<SqliteConnection>>,
        /// How long a write waits for the writer, and then for a lock of another process.
        busy_timeout: Duration,
        reserve: Option<Arc<Reserve>>,
    },
    /// One pool for everything.
    Postgres(PgPool),
}

/// The one connection that writes to a SQLite file.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) connection: SqliteConnection,
    /// INVARIANT: true from before `BEGIN` is sent until `COMMIT` or `ROLLBACK` has returned well. Whoever finds it true
    /// when taking the writer rolls back first, so no transaction ever runs inside the remains of another.
    pub(crate) is_in_transaction: bool,
    /// What is told of a full disk.
    pub(crate) reserve: Option<Arc<Reserve>>,
}

/// One connection of either engine, borrowed for statements.
pub(crate) enum Connection<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

impl Store {
    /// Opens `target` with the usual options. The schema is left alone: see [`Store::migrate`].
    ///
    /// # Errors
    /// [`StoreError::Open`] where the database cannot be reached, [`StoreError::Busy`] where somebody holds the file.
    pub async fn open(target: &Target) -> Result<Self, StoreError> {
        Self::open_with(target, &OpenOptions::default()).await
    }

    /// Opens `target` with `options`.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_with(target: &Target, options: &OpenOptions) -> Result<Self, StoreError> {
        let pool = match target {
            Target::Sqlite { path } => open_sqlite(path, options).await?,
            Target::Postgres { url } => open_postgres(url, options).await?,
        };
        Ok(Self { pool })
    }

    /// Closes every connection after the writer is free. Later calls fail.
    pub async fn close(&self) {
        match &self.pool {
            Pool::Sqlite { readers, writer, .. } => {
                // The writer closes with the last clone of the store; what it had open is undone now.
                let _ = writer.lock().await.clean().await;
                readers.close().await;
            }
            Pool::Postgres(pool) => pool.close().await,
        }
    }

    /// Asks the database for an answer.
    ///
    /// # Errors
    /// Where it does not give one.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.fetch_all_rows("SELECT 1", values!(self.engine())).await.map(drop)
    }

    pub(crate) const fn engine(&self) -> Engine {
        match &self.pool {
            Pool::Sqlite { .. } => Engine::Sqlite,
            Pool::Postgres(_) => Engine::Postgres,
        }
    }

    /// Every row of a reading statement, on a pooled connection.
    ///
    /// Boxed: the driver's futures are some 9 KB, which every caller up to a whole request would carry along and move about.
    pub(crate) fn fetch_all_rows(
        &self,
        sql: impl SqlSafeStr,
        values: Values,
    ) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        let sql = sql.into_sql_str();
        Box::pin(async move {
            match &self.pool {
                Pool::Sqlite { readers, .. } => {
                    let mut connection = readers.acquire().await?;
                    Connection::Sqlite(&mut connection).fetch_all(sql, values).await
                }
                Pool::Postgres(pool) => {
                    let mut connection = pool.acquire().await?;
                    Connection::Postgres(&mut connection).fetch_all(sql, values).await
                }
            }
        })
    }

    pub(crate) async fn fetch_all<T: Record>(
        &self,
        sql: impl SqlSafeStr,
        values: Values,
    ) -> Result<Vec<T>, StoreError> {
        self.fetch_all_rows(sql, values).await?.iter().map(T::read).collect()
    }

    pub(crate) async fn fetch_optional<T: Record>(
        &self,
        sql: impl SqlSafeStr,
        values: Values,
    ) -> Result<Option<T>, StoreError> {
        self.fetch_all_rows(sql, values).await?.first().map(T::read).transpose()
    }

    /// The one number a statement gives, 0 where it gives none.
    pub(crate) async fn fetch_count(&self, sql: impl SqlSafeStr, values: Values) -> Result<u64, StoreError> {
        let rows = self.fetch_all_rows(sql, values).await?;
        rows.first().map_or(Ok(0), |row| crate::row::cell(row, 0, "?", "count"))
    }
}

impl Connection<'_> {
    /// Runs a statement and gives the number of rows it changed.
    pub(crate) async fn execute(self, sql: SqlStr, values: Values) -> Result<u64, StoreError> {
        if let Some(refused) = values.refused {
            return Err(refused);
        }
        match (self, values.arguments) {
            (Self::Sqlite(connection), EngineValues::Sqlite(values)) => {
                Ok(sqlx::query_with(sql, values).execute(connection).await?.rows_affected())
            }
            (Self::Postgres(connection), EngineValues::Postgres(values)) => {
                Ok(sqlx::query_with(sql, values).execute(connection).await?.rows_affected())
            }
            _ => Err(mixed()),
        }
    }

    /// Runs a statement and gives its rows.
    pub(crate) async fn fetch_all(self, sql: SqlStr, values: Values) -> Result<Vec<Row>, StoreError> {
        if let Some(refused) = values.refused {
            return Err(refused);
        }
        match (self, values.arguments) {
            (Self::Sqlite(connection), EngineValues::Sqlite(values)) => {
                let rows = sqlx::query_with(sql, values).fetch_all(connection).await?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
            (Self::Postgres(connection), EngineValues::Postgres(values)) => {
                let rows = sqlx::query_with(sql, values).fetch_all(connection).await?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
            _ => Err(mixed()),
        }
    }

    /// Runs several statements without values, as a migration has them.
    pub(crate) async fn execute_script(self, sql: &'static str) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(connection) => sqlx::raw_sql(sql).execute(connection).await.map(drop),
            Self::Postgres(connection) => sqlx::raw_sql(sql).execute(connection).await.map(drop),
        }
    }
}

impl Writer {
    /// Takes the writer when its turn comes, with nothing open on it.
    ///
    /// # Errors
    /// [`StoreError::Busy`]: however many wait behind a lock of another process, each is refused in time.
    pub(crate) async fn take(
        writer: &Arc<Mutex<Self>>,
        busy_timeout: Duration,
    ) -> Result<OwnedMutexGuard<Self>, StoreError> {
        let turn = tokio::time::timeout(busy_timeout, Arc::clone(writer).lock_owned());
        let mut writer = turn.await.map_err(|_| StoreError::Busy(sqlx::Error::PoolTimedOut))?;
        writer.clean().await?;
        Ok(writer)
    }

    /// Notes how a write went, for the reserve.
    pub(crate) fn noted<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error) = &result {
            self.note_failure(error);
        }
        result
    }

    /// Notes that a write failed, for the reserve.
    pub(crate) fn note_failure(&self, error: &StoreError) {
        if let (Some(reserve), StoreError::DiskFull(_)) = (&self.reserve, error) {
            reserve.note_full();
        }
    }

    /// Rolls back what a predecessor left open.
    pub(crate) async fn clean(&mut self) -> Result<(), StoreError> {
        if !self.is_in_transaction {
            return Ok(());
        }
        match sqlx::query("ROLLBACK").execute(&mut self.connection).await {
            Ok(_) => {}
            // The predecessor's COMMIT went through, or SQLite rolled back by itself.
            Err(error) if error.to_string().contains("no transaction is active") => {}
            Err(error) => return Err(error.into()),
        }
        self.is_in_transaction = false;
        Ok(())
    }
}

/// Values of one engine on a connection of the other: cannot happen, as both come from one store.
pub(crate) fn mixed() -> StoreError {
    StoreError::Database(sqlx::Error::Protocol("values of the other engine".to_owned()))
}

async fn open_sqlite(path: &Path, options: &OpenOptions) -> Result<Pool, StoreError> {
    let opened = |source: sqlx::Error| match StoreError::from(source) {
        StoreError::Database(source) => StoreError::Open { target: path.display().to_string(), source },
        known => known,
    };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        tokio::fs::create_dir_all(folder)
            .await
            .map_err(|source| StoreError::Folder { path: path.to_owned(), source })?;
    }
    // Before the database: where the disk is full, giving the reserve up is what lets it open.
    let reserve = match options.sqlite_reserve_bytes {
        Some(bytes) => {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new(".")).to_owned();
            let opened = tokio::task::spawn_blocking(move || Reserve::open(&folder, bytes));
            let opened = opened.await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
            let opened = opened
                .map_err(|source| StoreError::Reserve { path: path.with_file_name("reserve"), source })?;
            Some(Arc::new(opened))
        }
        None => None,
    };
    let connect = dialect::sqlite_options(path, options.busy_timeout);
    let mut connection = connect.clone().connect().await.map_err(opened)?;
    if let Some(pages) = options.sqlite_pages_max {
        let pragma = format!("PRAGMA max_page_count = {pages}");
        sqlx::raw_sql(AssertSqlSafe(pragma)).execute(&mut connection).await.map_err(opened)?;
    }
    let checkpointer = connect.clone().connect().await.map_err(opened)?;
    let readers = SqlitePoolOptions::new()
        .max_connections(options.connections_max)
        .acquire_timeout(options.busy_timeout)
        .test_before_acquire(false)
        .connect_with(connect.pragma("query_only", "on"))
        .await
        .map_err(opened)?;
    let writer = Writer { connection, is_in_transaction: false, reserve: reserve.clone() };
    Ok(Pool::Sqlite {
        readers,
        writer: Arc::new(Mutex::new(writer)),
        checkpointer: Arc::new(Mutex::new(checkpointer)),
        busy_timeout: options.busy_timeout,
        reserve,
    })
}

async fn open_postgres(url: &str, options: &OpenOptions) -> Result<Pool, StoreError> {
    let shown = || url.split_once('@').map_or(url, |(_, place)| place).to_owned();
    let opened = |source: sqlx::Error| StoreError::Open { target: shown(), source };
    let connect: PgConnectOptions = url.parse().map_err(opened)?;
    let connect = connect
        .application_name("cinnabar")
        .statement_cache_capacity(dialect::STATEMENT_CACHE)
        .options([("lock_timeout", format!("{}ms", options.busy_timeout.as_millis()))]);
    let pool = PgPoolOptions::new()
        .max_connections(options.connections_max.max(2))
        .acquire_timeout(options.busy_timeout)
        .test_before_acquire(false)
        .connect_with(connect)
        .await
        .map_err(opened)?;
    Ok(Pool::Postgres(pool))
}
