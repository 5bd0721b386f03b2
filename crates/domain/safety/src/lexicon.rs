//! Lists of words: entries, and how they are read and written.
//!
//! An [`Entry`] is one line of a lexicon: a term, what it is about and what is done about it, where, for whom and when it
//! is looked for. Lists come as CSV ([`parse_csv`], [`write_csv`]), as plain text ([`parse_txt`], [`write_txt`]), or as rows
//! of fields from elsewhere ([`Rows`], [`Entry::to_fields`]).

mod csv;
mod entry;
mod error;
mod fields;
mod scope;
mod txt;
mod validity;

pub use csv::{Records, parse_csv, write_csv};
pub use entry::{Entry, TERM_CHARS_MAX, TermError};
pub use error::{LexiconError, LexiconProblem};
pub use fields::{COLUMNS, HEADER, HEADER_WITHOUT_AUDIENCE, Rows};
pub use scope::{Audiences, Scope};
pub use txt::{parse_txt, write_txt};
pub use validity::{Validity, next_change};
