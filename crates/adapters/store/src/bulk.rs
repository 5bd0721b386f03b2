//! Writes of many rows in one statement.
//!
//! The text depends on the number of rows alone, so there are some row classes, each text built once and kept prepared
//! by the connection. What is left over goes out in smaller classes. A few rows are one statement whatever their number:
//! each further statement costs a hand-over to the driver's thread and back, some 15 µs of processor time.

use std::sync::{Arc, OnceLock};

use sqlx::{AssertSqlSafe, SqlSafeStr as _, SqlStr};

use crate::{StoreError, dialect, engine::Engine, row::Values};

/// Rows per statement. 256 rows of 18 columns stay well below the 32 766 parameters that SQLite takes, and past 256 rows
/// nothing more is gained.
const CLASSES: [usize; 20] = [256, 128, 64, 32, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1];

/// Room that the values of a row are expected to take, in bytes.
const ROW_BYTES: usize = 512;

/// One statement of a bulk write.
pub(crate) struct Piece<'r> {
    pub(crate) sql: SqlStr,
    /// Adds its values behind those of the statements before it.
    pub(crate) bind: Box<dyn FnOnce(&mut Values) + Send + 'r>,
    pub(crate) expected: Expected,
}

/// What a statement must change.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected {
    /// The method the statement belongs to.
    operation: &'static str,
    rows: u64,
    /// An `INSERT` changes all its rows or fails; any other statement may silently change fewer.
    is_insert: bool,
}

impl Expected {
    /// Whether the number of changed rows says something that the statement's success does not.
    pub(crate) const fn needs_check(self) -> bool {
        !self.is_insert
    }

    /// How many rows the statement must change.
    pub(crate) fn rows(self) -> usize {
        usize::try_from(self.rows).unwrap_or(usize::MAX)
    }

    /// Checks the number of rows that were changed.
    ///
    /// # Errors
    /// [`StoreError::AffectedRows`].
    pub(crate) const fn check(self, actual: u64) -> Result<(), StoreError> {
        if actual == self.rows {
            return Ok(());
        }
        Err(StoreError::AffectedRows { operation: self.operation, expected: self.rows, actual })
    }
}

/// The text of each class, once it was needed.
type Texts = [OnceLock<Arc<str>>; CLASSES.len()];

/// A statement with a list of rows in its middle: `head (…), (…) tail`.
#[derive(Debug)]
pub(crate) struct Bulk {
    operation: &'static str,
    head: &'static str,
    columns: usize,
    tail: &'static str,
    is_insert: bool,
    sqlite: Texts,
    postgres: Texts,
}

impl Bulk {
    /// `INSERT INTO table (…) VALUES `, given as `head`.
    pub(crate) const fn insert(operation: &'static str, head: &'static str, columns: usize) -> Self {
        Self::new(operation, head, columns, "", true)
    }

    /// An update that takes its values from a list of rows.
    pub(crate) const fn update(
        operation: &'static str,
        head: &'static str,
        columns: usize,
        tail: &'static str,
    ) -> Self {
        Self::new(operation, head, columns, tail, false)
    }

    const fn new(
        operation: &'static str,
        head: &'static str,
        columns: usize,
        tail: &'static str,
        is_insert: bool,
    ) -> Self {
        Self {
            operation,
            head,
            columns,
            tail,
            is_insert,
            sqlite: [const { OnceLock::new() }; CLASSES.len()],
            postgres: [const { OnceLock::new() }; CLASSES.len()],
        }
    }

    /// The statements that write `rows`, in their order.
    pub(crate) fn pieces<'r, T: Sync>(
        &'static self,
        engine: Engine,
        rows: &'r [T],
        bind: impl Fn(&T, &mut Values) + Copy + Send + 'r,
    ) -> impl Iterator<Item = Piece<'r>> + 'r {
        let mut rest = rows;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let (sql, count) = self.statement(engine, rest.len());
            let (now, later) = rest.split_at(count.min(rest.len()));
            rest = later;
            let expected = Expected {
                operation: self.operation,
                rows: u64::try_from(now.len()).unwrap_or(u64::MAX),
                is_insert: self.is_insert,
            };
            let columns = self.columns;
            let bind = Box::new(move |values: &mut Values| {
                values.reserve(now.len().saturating_mul(columns), now.len().saturating_mul(ROW_BYTES));
                for row in now {
                    bind(row, values);
                }
            });
            Some(Piece { sql, bind, expected })
        })
    }

    /// The largest statement for at most `rows` rows, and how many it takes.
    fn statement(&self, engine: Engine, rows: usize) -> (SqlStr, usize) {
        let texts = match engine {
            Engine::Sqlite => &self.sqlite,
            Engine::Postgres => &self.postgres,
        };
        for (class, text) in CLASSES.into_iter().zip(texts) {
            if class <= rows {
                let text = text.get_or_init(|| self.text(engine, class).into());
                return (AssertSqlSafe(Arc::clone(text)).into_sql_str(), class);
            }
        }
        (AssertSqlSafe(self.text(engine, 1)).into_sql_str(), 1)
    }

    fn text(&self, engine: Engine, rows: usize) -> String {
        let mut text = String::with_capacity(self.head.len() + rows * self.columns * 6 + self.tail.len());
        text.push_str(self.head);
        let mut parameter = 0_usize;
        for row in 0..rows {
            text.push_str(if row == 0 { "(" } else { ", (" });
            for column in 0..self.columns {
                parameter += 1;
                text.push_str(if column == 0 { "" } else { ", " });
                dialect::push_bulk_parameter(engine, &mut text, parameter);
            }
            text.push(')');
        }
        text.push_str(self.tail);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_number_their_parameters() {
        static BULK: Bulk = Bulk::insert("x", "INSERT INTO x (a, b) VALUES ", 2);
        assert_eq!(BULK.statement(Engine::Postgres, 1).0.as_str(), "INSERT INTO x (a, b) VALUES ($1, $2)");
        let (text, rows) = BULK.statement(Engine::Postgres, 5);
        assert_eq!(rows, 5);
        assert!(text.as_str().ends_with("($9, $10)"));
        assert!(BULK.statement(Engine::Sqlite, 4).0.as_str().ends_with("(?, ?), (?, ?)"));
        assert_eq!(BULK.statement(Engine::Sqlite, 10_000).1, 256);
    }

    #[test]
    fn pieces_take_every_row_once_and_in_order() {
        static BULK: Bulk = Bulk::insert("x", "INSERT INTO x (a) VALUES ", 1);
        for count in [0, 1, 16, 17, 300, 1000] {
            let rows: Vec<usize> = (0..count).collect();
            let seen = std::sync::Mutex::new(Vec::new());
            let mut sizes = 0;
            for piece in BULK.pieces(Engine::Sqlite, &rows, |row, _| seen.lock().unwrap().push(*row)) {
                (piece.bind)(&mut Values::new(Engine::Sqlite));
                sizes += piece.expected.rows();
            }
            assert_eq!((sizes, seen.into_inner().unwrap()), (count, rows));
        }
    }
}
