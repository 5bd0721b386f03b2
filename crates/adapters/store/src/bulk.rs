//! Writes of many rows in one statement.
//!
//! The text depends on the number of rows alone, so there are a few row classes, each text built once and kept prepared
//! by the connection. What is left over goes out in smaller classes.

use std::sync::{Arc, OnceLock};

use sqlx::{AssertSqlSafe, SqlSafeStr as _, SqlStr};

use crate::{dialect, engine::Engine};

/// Rows per statement. 256 rows of 18 columns stay well below the 32 766 parameters that SQLite takes, and past 256 rows
/// nothing more is gained.
const CLASSES: [usize; 5] = [256, 64, 16, 4, 1];

/// The text of each class, once it was needed.
type Texts = [OnceLock<Arc<str>>; CLASSES.len()];

/// A statement with a list of rows in its middle: `head (…), (…) tail`.
#[derive(Debug)]
pub(crate) struct Bulk {
    operation: &'static str,
    head: &'static str,
    columns: usize,
    tail: &'static str,
    sqlite: Texts,
    postgres: Texts,
}

impl Bulk {
    pub(crate) const fn new(
        operation: &'static str,
        head: &'static str,
        columns: usize,
        tail: &'static str,
    ) -> Self {
        Self {
            operation,
            head,
            columns,
            tail,
            sqlite: [const { OnceLock::new() }; CLASSES.len()],
            postgres: [const { OnceLock::new() }; CLASSES.len()],
        }
    }

    /// The method the statement belongs to, for errors.
    pub(crate) const fn operation(&self) -> &'static str {
        self.operation
    }

    /// Values per row.
    pub(crate) const fn columns(&self) -> usize {
        self.columns
    }

    /// The largest statement for at most `rows` rows, and how many it takes.
    pub(crate) fn statement(&self, engine: Engine, rows: usize) -> (SqlStr, usize) {
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
        static BULK: Bulk = Bulk::new("x", "INSERT INTO x (a, b) VALUES ", 2, "");
        assert_eq!(BULK.statement(Engine::Postgres, 1).0.as_str(), "INSERT INTO x (a, b) VALUES ($1, $2)");
        let (text, rows) = BULK.statement(Engine::Postgres, 5);
        assert_eq!(rows, 4);
        assert!(text.as_str().ends_with("($7, $8)"));
        assert!(BULK.statement(Engine::Sqlite, 4).0.as_str().ends_with("(?, ?), (?, ?)"));
        assert_eq!(BULK.statement(Engine::Sqlite, 10_000).1, 256);
    }
}
