//! Values on their way into statements and out of rows, the same for both engines.
//!
//! [`row!`] declares a row struct together with its table and columns, and writes binding and reading once.

use sqlx::{Arguments as _, Row as _, postgres::PgArguments, sqlite::SqliteArguments};
use terms::{
    ActorRole, ApplicationKeyId, CaseId, DecisionId, Direction, EntryId, FalsePositiveId, LabelGrantId,
    LexiconEntryId, LexiconProposalId, LexiconShadowId, Locale, OperatorId, PenaltyId, ProduceId, SubjectId,
    TaskId, TenantId, Timestamp,
};

use crate::{StoreError, engine::Engine};

/// The values bound to one statement.
pub(crate) struct Values {
    pub(crate) arguments: EngineValues,
    /// The first value that could not be bound; the statement is then not run.
    pub(crate) refused: Option<StoreError>,
}

/// The values in the form of one driver.
pub(crate) enum EngineValues {
    /// For SQLite.
    Sqlite(SqliteArguments),
    /// For PostgreSQL.
    Postgres(PgArguments),
}

/// One row that came back.
pub(crate) enum Row {
    /// From SQLite.
    Sqlite(sqlx::sqlite::SqliteRow),
    /// From PostgreSQL.
    Postgres(sqlx::postgres::PgRow),
}

impl Values {
    pub(crate) fn new(engine: Engine) -> Self {
        let arguments = match engine {
            Engine::Sqlite => EngineValues::Sqlite(SqliteArguments::default()),
            Engine::Postgres => EngineValues::Postgres(PgArguments::default()),
        };
        Self { arguments, refused: None }
    }

    /// Makes room for `count` values of about `size` bytes together.
    pub(crate) fn reserve(&mut self, count: usize, size: usize) {
        match &mut self.arguments {
            EngineValues::Sqlite(values) => values.reserve(count, size),
            EngineValues::Postgres(values) => values.reserve(count, size),
        }
    }

    fn push<'t, T>(&mut self, value: T)
    where
        T: sqlx::Encode<'t, sqlx::Sqlite>
            + sqlx::Type<sqlx::Sqlite>
            + sqlx::Encode<'t, sqlx::Postgres>
            + sqlx::Type<sqlx::Postgres>,
    {
        let added = match &mut self.arguments {
            EngineValues::Sqlite(values) => values.add(value),
            EngineValues::Postgres(values) => values.add(value),
        };
        if let Err(error) = added {
            self.refused.get_or_insert(StoreError::Database(sqlx::Error::Encode(error)));
        }
    }

    fn push_unsigned(&mut self, value: u64) {
        match i64::try_from(value) {
            Ok(value) => self.push(value),
            Err(_) => {
                self.refused.get_or_insert(StoreError::NumberTooLarge(value));
            }
        }
    }
}

/// A type that a column holds.
pub(crate) trait Cell: Sized {
    /// Binds the value.
    fn bind(&self, into: &mut Values);
    /// Reads the value; the error says why it cannot be.
    fn read(row: &Row, index: usize) -> Result<Self, ReadError>;
}

/// Why a cell could not be read.
pub(crate) enum ReadError {
    /// The driver could not.
    Driver(sqlx::Error),
    /// The value breaks an invariant.
    Invariant(String),
}

macro_rules! plain {
    ($($type:ty, $self:ident => $bind:expr, $bound:ty;)+) => {$(
        impl Cell for $type {
            fn bind(&$self, into: &mut Values) {
                into.push($bind);
            }
            fn read(row: &Row, index: usize) -> Result<Self, ReadError> {
                match row {
                    Row::Sqlite(row) => row.try_get(index),
                    Row::Postgres(row) => row.try_get(index),
                }
                .map_err(ReadError::Driver)
            }
        }
        impl Cell for Option<$type> {
            fn bind(&self, into: &mut Values) {
                match self {
                    Some(value) => value.bind(into),
                    None => into.push(None::<$bound>),
                }
            }
            fn read(row: &Row, index: usize) -> Result<Self, ReadError> {
                match row {
                    Row::Sqlite(row) => row.try_get(index),
                    Row::Postgres(row) => row.try_get(index),
                }
                .map_err(ReadError::Driver)
            }
        }
    )+};
}

plain! {
    i64, self => *self, i64;
    String, self => self.as_str(), &str;
    Vec<u8>, self => self.as_slice(), &[u8];
}

/// Types that lie in the database as another, simpler one.
macro_rules! through {
    ($($type:ty as $raw:ty, $value:ident => $bind:path, $to:expr, $read:ident => $from:expr;)+) => {$(
        impl Cell for $type {
            fn bind(&self, into: &mut Values) {
                let $value = self;
                $bind(into, $to);
            }
            fn read(row: &Row, index: usize) -> Result<Self, ReadError> {
                let $read = <$raw>::read(row, index)?;
                $from
            }
        }
        impl Cell for Option<$type> {
            fn bind(&self, into: &mut Values) {
                match self {
                    Some(value) => value.bind(into),
                    None => None::<$raw>.bind(into),
                }
            }
            fn read(row: &Row, index: usize) -> Result<Self, ReadError> {
                match Option::<$raw>::read(row, index)? {
                    Some($read) => ($from).map(Some),
                    None => Ok(None),
                }
            }
        }
    )+};
}

fn parse<T: std::str::FromStr>(text: String) -> Result<T, ReadError>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| ReadError::Invariant(error.to_string()))
}

fn unknown(text: &str) -> ReadError {
    ReadError::Invariant(format!("unknown word `{text}`"))
}

through! {
    bool as i64, value => Values::push, i64::from(*value), raw => match raw {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(ReadError::Invariant(format!("`{other}` is neither 0 nor 1"))),
    };
    u64 as i64, value => Values::push_unsigned, *value, raw =>
        u64::try_from(raw).map_err(|_| ReadError::Invariant(format!("`{raw}` is negative")));
    Timestamp as i64, value => Values::push, value.as_micros(), raw =>
        Timestamp::from_micros(raw).map_err(|error| ReadError::Invariant(error.to_string()));
    [u8; 32] as Vec<u8>, value => Values::push, value.as_slice(), raw =>
        <[u8; 32]>::try_from(raw.as_slice())
            .map_err(|_| ReadError::Invariant(format!("{} bytes where 32 belong", raw.len())));
    ActorRole as String, value => Values::push, value.as_str(), raw => ActorRole::from_word(&raw).ok_or_else(|| unknown(&raw));
    Direction as String, value => Values::push, value.as_str(), raw =>
        [Direction::Input, Direction::Output].into_iter().find(|d| d.as_str() == raw).ok_or_else(|| unknown(&raw));
    Locale as String, value => Values::push, value.tag(), raw => parse(raw);
    ApplicationKeyId as String, value => Values::push, value.to_string(), raw => parse(raw);
    CaseId as String, value => Values::push, value.to_string(), raw => parse(raw);
    DecisionId as String, value => Values::push, value.to_string(), raw => parse(raw);
    EntryId as String, value => Values::push, value.to_string(), raw => parse(raw);
    FalsePositiveId as String, value => Values::push, value.to_string(), raw => parse(raw);
    LabelGrantId as String, value => Values::push, value.to_string(), raw => parse(raw);
    LexiconEntryId as String, value => Values::push, value.to_string(), raw => parse(raw);
    LexiconProposalId as String, value => Values::push, value.to_string(), raw => parse(raw);
    LexiconShadowId as String, value => Values::push, value.to_string(), raw => parse(raw);
    OperatorId as String, value => Values::push, value.to_string(), raw => parse(raw);
    PenaltyId as String, value => Values::push, value.to_string(), raw => parse(raw);
    ProduceId as String, value => Values::push, value.to_string(), raw => parse(raw);
    SubjectId as String, value => Values::push, value.to_string(), raw => parse(raw);
    TaskId as String, value => Values::push, value.to_string(), raw => parse(raw);
    TenantId as String, value => Values::push, value.to_string(), raw => parse(raw);
}

impl Cell for &str {
    fn bind(&self, into: &mut Values) {
        into.push(*self);
    }
    fn read(_: &Row, _: usize) -> Result<Self, ReadError> {
        Err(ReadError::Invariant("borrowed text cannot be read".to_owned()))
    }
}

/// A struct that is a row of a table.
pub(crate) trait Record: Sized {
    /// The columns in the order of the fields.
    const COLUMNS: &'static [&'static str];
    /// Binds every field in order.
    fn bind(&self, into: &mut Values);
    /// Reads every column in order.
    fn read(row: &Row) -> Result<Self, StoreError>;
}

/// Reads the cell `index` of a row of `table`.
pub(crate) fn cell<T: Cell>(
    row: &Row,
    index: usize,
    table: &'static str,
    column: &'static str,
) -> Result<T, StoreError> {
    T::read(row, index).map_err(|error| match error {
        ReadError::Driver(error) => StoreError::Database(error),
        ReadError::Invariant(reason) => {
            let first = String::read(row, 0).unwrap_or_else(|_| "?".to_owned());
            StoreError::Inconsistent { table, column, row: first, reason }
        }
    })
}

/// Declares row structs: `TABLE as columns_macro; struct …`. `columns_macro!()` is the comma-separated column list for use
/// in `concat!`.
macro_rules! row {
    ($(
        $table:literal as $columns:ident;
        $(#[$doc:meta])*
        pub struct $name:ident {
            $(#[$first_doc:meta])*
            pub $first:ident: $first_type:ty,
            $($(#[$field_doc:meta])* pub $field:ident: $type:ty,)*
        }
    )+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            $(#[$first_doc])*
            pub $first: $first_type,
            $($(#[$field_doc])* pub $field: $type,)*
        }

        macro_rules! $columns {
            () => { concat!(stringify!($first) $(, ", ", stringify!($field))*) };
        }

        impl $crate::row::Record for $name {
            const COLUMNS: &'static [&'static str] = &[stringify!($first) $(, stringify!($field))*];

            fn bind(&self, into: &mut $crate::row::Values) {
                $crate::row::Cell::bind(&self.$first, into);
                $($crate::row::Cell::bind(&self.$field, into);)*
            }

            fn read(row: &$crate::row::Row) -> Result<Self, $crate::StoreError> {
                let mut index = 0_usize;
                let mut next = || {
                    let now = index;
                    index = index.saturating_add(1);
                    now
                };
                Ok(Self {
                    $first: $crate::row::cell(row, next(), $table, stringify!($first))?,
                    $($field: $crate::row::cell(row, next(), $table, stringify!($field))?,)*
                })
            }
        }
    )+};
}
pub(crate) use row;

/// Binds values for an engine: `values!(engine; a, b)`.
macro_rules! values {
    ($engine:expr) => { $crate::row::Values::new($engine) };
    ($engine:expr; $($value:expr),+ $(,)?) => {{
        let mut bound = $crate::row::Values::new($engine);
        $($crate::row::Cell::bind(&$value, &mut bound);)+
        bound
    }};
}
pub(crate) use values;

/// A `SELECT` whose conditions depend on the caller. Conditions are fixed texts of this crate; values are bound.
pub(crate) struct Filter {
    sql: String,
    values: Values,
    count: usize,
    has_condition: bool,
}

impl Filter {
    pub(crate) fn new(engine: Engine, select: &'static str) -> Self {
        Self { sql: select.to_owned(), values: Values::new(engine), count: 0, has_condition: false }
    }

    /// Adds `condition value` where there is a value.
    pub(crate) fn and<T: Cell>(&mut self, condition: &'static str, value: Option<&T>) {
        let Some(value) = value else { return };
        self.and_fixed(condition);
        self.sql.push(' ');
        self.push(value);
    }

    /// Adds a condition without a value.
    pub(crate) fn and_fixed(&mut self, condition: &'static str) {
        self.sql.push_str(if self.has_condition { " AND " } else { " WHERE " });
        self.has_condition = true;
        self.sql.push_str(condition);
    }

    /// Adds a condition that holds one value at each `?`.
    pub(crate) fn and_at<T: Cell>(&mut self, condition: &'static str, value: &T) {
        let mut pieces = condition.split('?');
        self.and_fixed(pieces.next().unwrap_or_default());
        for piece in pieces {
            self.push(value);
            self.sql.push_str(piece);
        }
    }

    /// Adds that a column has one of these values.
    pub(crate) fn and_one_of<T: Cell>(&mut self, column: &'static str, values: &[T]) {
        self.and_fixed(column);
        self.sql.push_str(" IN (");
        for (place, value) in values.iter().enumerate() {
            self.sql.push_str(if place == 0 { "" } else { ", " });
            self.push(value);
        }
        self.sql.push(')');
    }

    /// Goes on behind a row in the order of two columns, given as `(a, b) >`.
    pub(crate) fn and_after<A: Cell, B: Cell>(&mut self, columns: &'static str, after: Option<&(A, B)>) {
        let Some((first, second)) = after else { return };
        self.and_fixed(columns);
        self.sql.push_str(" (");
        self.push(first);
        self.sql.push_str(", ");
        self.push(second);
        self.sql.push(')');
    }

    /// Adds the end and the limit.
    pub(crate) fn finish(mut self, order: &'static str, limit: u32) -> (String, Values) {
        self.sql.push_str(order);
        self.sql.push_str(" LIMIT ");
        self.push(&i64::from(limit));
        (self.sql, self.values)
    }

    fn push<T: Cell>(&mut self, value: &T) {
        self.count = self.count.saturating_add(1);
        self.sql.push('$');
        self.sql.push_str(&self.count.to_string());
        value.bind(&mut self.values);
    }
}
