//! What can be wrong in a lexicon.

use super::{COLUMNS, HEADER, HEADER_WITHOUT_AUDIENCE, TermError};

/// A lexicon file that cannot be read. The line is counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}:{line}: {problem}")]
pub struct LexiconError {
    /// The file.
    pub path: String,
    /// The line.
    pub line: usize,
    /// What is wrong there.
    pub problem: LexiconProblem,
}

/// What can be wrong in a lexicon file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LexiconProblem {
    /// The first line is another one.
    #[error("the header is `{0}`, `{HEADER}` or `{HEADER_WITHOUT_AUDIENCE}` is expected")]
    Header(String),
    /// A quote opens and does not close, or stands inside an unquoted field, or something follows the closing one.
    #[error("a quotation mark is out of place: quote the whole field and double the marks inside")]
    Quote,
    /// A line with another number of fields than the header.
    #[error("the line has {found} fields, {expected} are expected")]
    Columns {
        /// Those of the line.
        found: usize,
        /// Those of the header, at most the number of [`COLUMNS`].
        expected: usize,
    },
    /// The term is no use.
    #[error(transparent)]
    Term(#[from] TermError),
    /// No such category.
    #[error("unknown category `{0}`: a category of your own is written `operator.name`")]
    Category(String),
    /// No such measure.
    #[error(
        "unknown action `{0}`: `mask`, `warn`, `block`, `allow` or nothing is expected, with what follows behind a `+` such \
         as `mask+review`"
    )]
    Action(String),
    /// No such direction.
    #[error("unknown direction `{0}`: `input`, `output` or `both` is expected")]
    Direction(String),
    /// No such audience.
    #[error(
        "unknown audience `{0}`: `minor`, `adult`, `verified`, several joined by `+`, or nothing is expected"
    )]
    Audience(String),
    /// No such day.
    #[error("`{0}` is no date: a day such as `2026-03-01` or nothing is expected")]
    Date(String),
    /// It ends before it begins.
    #[error("the entry ends on {until}, before it begins on {from}")]
    Period {
        /// The first day.
        from: jiff::civil::Date,
        /// The last day.
        until: jiff::civil::Date,
    },
    /// The same term for the same direction, audience and time twice.
    #[error("the term `{term}` stands already on line {line}")]
    Duplicate {
        /// The term.
        term: String,
        /// Where it stands first.
        line: usize,
    },
}

const _: () = assert!(COLUMNS.len() == 8, "the header and its messages name eight columns");
