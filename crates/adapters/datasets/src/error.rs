//! What can be wrong with a data set.

use std::{io, path::PathBuf};

/// A file that is missing, does not read, or does not say what its set says.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// The file does not open or read.
    #[error("reading `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A file unpacks to more than is read.
    #[error("`{}` has more than {limit} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most that is read.
        limit: u64,
    },
    /// A row is not what the set's rows are.
    #[error("`{}`, line {line}: {problem}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// Its line, from 1.
        line: u64,
        /// What is wrong.
        problem: RowProblem,
    },
}

/// What is wrong with a row.
#[derive(Debug, thiserror::Error)]
pub enum RowProblem {
    /// Not UTF-8.
    #[error("not UTF-8")]
    Encoding,
    /// Not CSV, or another number of columns.
    #[error("{0}")]
    Csv(String),
    /// Not JSON.
    #[error("{0}")]
    Json(String),
    /// A column or key is missing, or is not of its type.
    #[error("no `{0}`")]
    Field(String),
    /// A label that the set does not have.
    #[error("`{value}` is not a known `{field}`")]
    Value {
        /// The column or key.
        field: &'static str,
        /// What stands there, shortened.
        value: String,
    },
}
