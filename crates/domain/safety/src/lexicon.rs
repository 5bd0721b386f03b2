//! Lists of words: entries, and how they are read from CSV.

mod csv;

use terms::Direction;

use crate::{Action, Category, normalise};

pub use csv::{HEADER, parse_csv};

/// The characters that a term has at most, normalised: what is pending must stay far under the hold limit.
pub const TERM_CHARS_MAX: usize = 64;

/// Which texts an entry is looked for in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// What people write.
    Input,
    /// What the model writes.
    Output,
    /// Both.
    Both,
}

/// One line of a lexicon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    term: String,
    normalised: String,
    category: Category,
    action: Option<Action>,
    scope: Scope,
}

/// A term that cannot be looked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TermError {
    /// Nothing is left of it.
    #[error("the term `{0}` is empty after normalisation")]
    Empty(String),
    /// It begins or ends with white space, or holds a line break or a tab.
    #[error("the term `{0}` begins or ends with white space, or holds a line break or a tab")]
    Space(String),
    /// It is too long to be held back.
    #[error(
        "the term `{term}` has {chars} characters after normalisation, at most {TERM_CHARS_MAX} are allowed"
    )]
    TooLong {
        /// The term.
        term: String,
        /// Its length.
        chars: usize,
    },
}

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
    #[error("the header is `{0}`, `{HEADER}` is expected")]
    Header(String),
    /// A quote opens and does not close, or stands inside an unquoted field, or something follows the closing one.
    #[error("a quotation mark is out of place: quote the whole field and double the marks inside")]
    Quote,
    /// A line with another number of fields.
    #[error("the line has {0} fields, 5 are expected")]
    Columns(usize),
    /// The term is no use.
    #[error(transparent)]
    Term(#[from] TermError),
    /// No such category.
    #[error("unknown category `{0}`: a category of your own is written `operator.name`")]
    Category(String),
    /// No such action.
    #[error("unknown action `{0}`: `mask`, `warn`, `block`, `allow` or nothing is expected")]
    Action(String),
    /// No such direction.
    #[error("unknown direction `{0}`: `input`, `output` or `both` is expected")]
    Direction(String),
    /// The same term for the same direction twice.
    #[error("the term `{term}` stands already on line {line}")]
    Duplicate {
        /// The term.
        term: String,
        /// Where it stands first.
        line: usize,
    },
}

impl Scope {
    /// Whether texts of that direction are meant.
    #[must_use]
    pub const fn includes(self, direction: Direction) -> bool {
        matches!(
            (self, direction),
            (Self::Both, _) | (Self::Input, Direction::Input) | (Self::Output, Direction::Output)
        )
    }

    /// The word used in lexicons.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
            Self::Both => "both",
        }
    }

    /// The scope with that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Input, Self::Output, Self::Both].into_iter().find(|scope| scope.as_str() == word)
    }
}

impl Entry {
    /// An entry. Without an action the policy for its category decides; with [`Action::Allow`] it is an *allowed
    /// phrase*: a hit of any lexicon that lies wholly inside an occurrence of it is no hit. Its beginning is held back
    /// like that of a term.
    ///
    /// # Errors
    /// The term is empty after normalisation, has space at its ends, or is too long.
    pub fn new(
        term: &str,
        category: Category,
        action: Option<Action>,
        scope: Scope,
    ) -> Result<Self, TermError> {
        if term.trim() != term || term.contains(['\n', '\r', '\t']) {
            return Err(TermError::Space(term.into()));
        }
        let normalised = normalise(term).text;
        if normalised.trim().is_empty() {
            return Err(TermError::Empty(term.into()));
        }
        let chars = normalised.chars().count();
        if chars > TERM_CHARS_MAX {
            return Err(TermError::TooLong { term: term.into(), chars });
        }
        Ok(Self { term: term.into(), normalised, category, action, scope })
    }

    /// The term as it was written.
    #[must_use]
    pub fn term(&self) -> &str {
        &self.term
    }

    /// The term as it is looked for.
    #[must_use]
    pub fn normalised(&self) -> &str {
        &self.normalised
    }

    /// What it is about.
    #[must_use]
    pub const fn category(&self) -> &Category {
        &self.category
    }

    /// The action it names.
    #[must_use]
    pub const fn action(&self) -> Option<Action> {
        self.action
    }

    /// Which texts it is looked for in.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        self.scope
    }

    /// Whether it exempts hits inside it.
    #[must_use]
    pub fn is_allowed_phrase(&self) -> bool {
        self.action == Some(Action::Allow)
    }
}
