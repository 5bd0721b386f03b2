//! What can go wrong in the store, one variant per thing a caller can act on.

use std::path::PathBuf;

/// A failure of the database or of what lies in it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database could not be opened.
    #[error("open the database `{target}`")]
    Open {
        /// The file, or the server's address without its password.
        target: String,
        /// What the driver said.
        #[source]
        source: sqlx::Error,
    },
    /// The folder for the database file could not be made.
    #[error("make the folder for the database `{path}`")]
    Folder {
        /// The database file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A migration could not be applied.
    #[error("apply migration {number} `{name}`")]
    Migration {
        /// Its number.
        number: i64,
        /// Its name.
        name: String,
        /// What the driver said.
        #[source]
        source: sqlx::Error,
    },
    /// The database holds a migration that this program does not know: a newer program wrote it.
    #[error(
        "the database holds migration {number} `{name}`, which this program does not know: start the newer program that applied it"
    )]
    UnknownMigration {
        /// Its number.
        number: i64,
        /// Its name as recorded.
        name: String,
    },
    /// A migration was applied with another text than this program carries.
    #[error(
        "migration {number} `{name}` was applied with another text than this program carries: the two programs do not belong together"
    )]
    AlteredMigration {
        /// Its number.
        number: i64,
        /// Its name as recorded.
        name: String,
    },
    /// Somebody else holds the database for longer than the wait allowed, or two transactions stood in each other's way.
    #[error("the database is busy: another process or transaction holds it")]
    Busy(#[source] sqlx::Error),
    /// There is no room left.
    #[error("the disk (or the room given to the database) is full: nothing was saved")]
    DiskFull(#[source] sqlx::Error),
    /// The disk is full, and what room is left is kept for cases: see [`crate::Room`].
    #[error(
        "the disk is full, and the room that is left is kept for complaints, reports and appeals: nothing was saved"
    )]
    KeptForCases,
    /// The file that keeps room for cases could not be made or deleted.
    #[error("keep room for cases in `{path}`")]
    Reserve {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A rule of the schema was broken.
    #[error("{kind} constraint `{constraint}` is violated")]
    ConstraintViolated {
        /// Which kind of rule.
        kind: ConstraintKind,
        /// Its name or its columns, as the engine names them.
        constraint: String,
    },
    /// A stored row breaks an invariant.
    #[error("row `{row}` of table `{table}` holds a value in `{column}` that cannot be: {reason}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The first column of the row.
        row: String,
        /// Why it cannot be.
        reason: String,
    },
    /// A write touched another number of rows than it must.
    #[error("{operation} changed {actual} rows where {expected} were expected")]
    AffectedRows {
        /// The operation, by its method name.
        operation: &'static str,
        /// What should have been.
        expected: u64,
        /// What was.
        actual: u64,
    },
    /// A number does not fit into the database's 64 bit integer.
    #[error("number `{0}` is too large for the database")]
    NumberTooLarge(u64),
    /// Anything else that the driver reports.
    #[error("the database reports an error")]
    Database(#[source] sqlx::Error),
}

/// The kinds of rules a schema has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConstraintKind {
    /// A value stands twice that may stand once.
    Unique,
    /// A row names another row that is not there.
    Reference,
    /// Another rule: not null, check.
    Other,
}

impl std::fmt::Display for ConstraintKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unique => "unique",
            Self::Reference => "reference",
            Self::Other => "column",
        })
    }
}

impl StoreError {
    /// Whether the failure is that the disk has no room: it may pass, and nothing was saved.
    #[must_use]
    pub const fn is_disk_full(&self) -> bool {
        matches!(self, Self::DiskFull(_) | Self::KeptForCases)
    }

    /// Whether the failure is that a value stands twice which may stand once.
    #[must_use]
    pub const fn is_unique_violation(&self) -> bool {
        matches!(self, Self::ConstraintViolated { kind: ConstraintKind::Unique, .. })
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::error::ErrorKind;
        let Some(database) = error.as_database_error() else {
            return match error {
                sqlx::Error::PoolTimedOut => Self::Busy(error),
                other => Self::Database(other),
            };
        };
        let kind = match database.kind() {
            ErrorKind::UniqueViolation => Some(ConstraintKind::Unique),
            ErrorKind::ForeignKeyViolation => Some(ConstraintKind::Reference),
            ErrorKind::NotNullViolation | ErrorKind::CheckViolation => Some(ConstraintKind::Other),
            _ => None,
        };
        if let Some(kind) = kind {
            let constraint = match database.constraint() {
                Some(name) => name.to_owned(),
                None => database.message().rsplit(": ").next().unwrap_or_default().to_owned(),
            };
            return Self::ConstraintViolated { kind, constraint };
        }
        match crate::dialect::condition(database) {
            crate::dialect::Condition::Busy => Self::Busy(error),
            crate::dialect::Condition::DiskFull => Self::DiskFull(error),
            crate::dialect::Condition::Other => Self::Database(error),
        }
    }
}
