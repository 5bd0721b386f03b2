//! One line of a lexicon.

use jiff::civil::Date;

use super::{Audiences, Scope, Validity};
use crate::{Action, Category, Measure, normalise};

/// The characters that a term has at most, normalised: what is pending must stay far under the hold limit.
pub const TERM_CHARS_MAX: usize = 64;

/// One line of a lexicon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    term: Box<str>,
    /// Only where it differs: a list may have a million entries.
    normalised: Option<Box<str>>,
    category: Category,
    measure: Option<Measure>,
    scope: Scope,
    audiences: Audiences,
    validity: Validity,
    note: Option<Box<str>>,
    id: Option<Box<str>>,
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

impl Entry {
    /// An entry for everybody and for all time. Without an action the policy for its category decides; with
    /// [`Action::Allow`] it is an *allowed phrase*: a hit of any lexicon that lies wholly inside an occurrence of it is no
    /// hit. Its beginning is held back like that of a term.
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
        Ok(Self {
            term: term.into(),
            normalised: (normalised != term).then(|| normalised.into()),
            category,
            measure: action.map(Measure::new),
            scope,
            audiences: Audiences::ALL,
            validity: Validity::ALWAYS,
            note: None,
            id: None,
        })
    }

    /// The same with a measure of its own, or with none, so that the policy decides.
    #[must_use]
    pub fn with_measure(self, measure: Option<Measure>) -> Self {
        Self { measure, ..self }
    }

    /// The same for some audiences alone.
    #[must_use]
    pub fn with_audiences(self, audiences: Audiences) -> Self {
        Self { audiences, ..self }
    }

    /// The same for some time alone.
    #[must_use]
    pub fn with_validity(self, validity: Validity) -> Self {
        Self { validity, ..self }
    }

    /// The same with a note for people; an empty one is none.
    #[must_use]
    pub fn with_note(self, note: &str) -> Self {
        Self { note: (!note.is_empty()).then(|| note.into()), ..self }
    }

    /// The same with the id by which the caller knows it.
    #[must_use]
    pub fn with_id(self, id: &str) -> Self {
        Self { id: Some(id.into()), ..self }
    }

    /// The term as it was written.
    #[must_use]
    pub fn term(&self) -> &str {
        &self.term
    }

    /// The term as it is looked for.
    #[must_use]
    pub fn normalised(&self) -> &str {
        self.normalised.as_deref().unwrap_or(&self.term)
    }

    /// What it is about.
    #[must_use]
    pub const fn category(&self) -> &Category {
        &self.category
    }

    /// What it says is to be done; none where the policy decides.
    #[must_use]
    pub const fn measure(&self) -> Option<Measure> {
        self.measure
    }

    /// The action it names.
    #[must_use]
    pub fn action(&self) -> Option<Action> {
        self.measure.map(|measure| measure.action)
    }

    /// Which texts it is looked for in.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        self.scope
    }

    /// For whom it counts.
    #[must_use]
    pub const fn audiences(&self) -> Audiences {
        self.audiences
    }

    /// When it counts.
    #[must_use]
    pub const fn validity(&self) -> Validity {
        self.validity
    }

    /// The note for people, or nothing.
    #[must_use]
    pub fn note(&self) -> &str {
        self.note.as_deref().unwrap_or_default()
    }

    /// The id by which the caller knows it.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Whether it exempts hits inside it. An entry that does nothing but asks for something to follow, such as
    /// `allow+review`, is a term.
    #[must_use]
    pub fn is_allowed_phrase(&self) -> bool {
        self.measure.is_some_and(Measure::is_nothing)
    }

    /// Whether both could speak about one text: the same term, direction, audience and day.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.normalised() == other.normalised()
            && self.scope.meets(other.scope)
            && self.audiences.meets(other.audiences)
            && self.validity.meets(other.validity)
    }

    /// Whether it counts on that day; without a day it does whatever its dates say.
    pub(crate) fn is_valid(&self, day: Option<Date>) -> bool {
        day.is_none_or(|day| self.validity.includes(day))
    }
}
