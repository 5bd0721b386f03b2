//! What somebody wants to be looked for, and whether it can be.

use safety::{Entry, LexiconProblem};
use store::LexiconEntryRow;
use terms::{LexiconEntryId, LexiconProposalId};

use crate::OperationError;

/// The bytes that a note has at most.
const NOTE_BYTES_MAX: usize = 1_000;

/// An entry as it is proposed, in the words of forms and files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LexiconDraft {
    /// The term.
    pub term: String,
    /// The category's code: `fraud`, `operator.competitors`.
    pub category: String,
    /// `mask`, `warn`, `block`, with what follows behind a `+` (`mask+review`), `allow` (an allowed phrase), or nothing: the policy
    /// decides.
    pub measure: String,
    /// `input`, `output` or `both`.
    pub direction: String,
    /// `adult`, `minor`, `verified`; none is everybody.
    pub audiences: Vec<String>,
    /// The first day, `2026-01-31`; nothing is at once.
    pub valid_from: String,
    /// The last day; nothing is without end.
    pub valid_until: String,
    /// A note for people.
    pub note: String,
}

/// What tells entries apart: an entry with the same key takes the place of the earlier one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub(crate) normalised: String,
    pub(crate) direction: String,
    pub(crate) audiences: String,
}

/// A draft that can be looked for. The fields are those of the stored row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checked {
    pub(crate) key: Key,
    pub(crate) term: String,
    pub(crate) category: String,
    pub(crate) measure: String,
    pub(crate) valid_from: Option<String>,
    pub(crate) valid_until: Option<String>,
    pub(crate) note: String,
}

/// Which field a problem is about, and the key of its sentence in the locales.
const fn place(problem: &LexiconProblem) -> (&'static str, &'static str) {
    match problem {
        LexiconProblem::Category(_) => ("category", "lexicon-error-category"),
        LexiconProblem::Action(_) => ("measure", "lexicon-error-measure"),
        LexiconProblem::Direction(_) => ("direction", "lexicon-error-direction"),
        LexiconProblem::Audience(_) => ("audiences", "lexicon-error-audience"),
        LexiconProblem::Date(_) => ("valid_from", "lexicon-error-day"),
        LexiconProblem::Period { .. } => ("valid_until", "lexicon-error-days"),
        // The others are about files, and this is none.
        LexiconProblem::Term(_)
        | LexiconProblem::Header(_)
        | LexiconProblem::Quote
        | LexiconProblem::Columns { .. }
        | LexiconProblem::Duplicate { .. } => ("term", "lexicon-error-term"),
    }
}

impl LexiconDraft {
    /// Checks every field.
    pub(crate) fn checked(&self) -> Result<Checked, OperationError> {
        let note = self.note.trim();
        if note.len() > NOTE_BYTES_MAX {
            return Err(OperationError::invalid(
                "note",
                "lexicon-error-note",
                "a note has at most 1,000 bytes",
            ));
        }
        let audiences: Vec<&str> =
            self.audiences.iter().map(|word| word.trim()).filter(|word| !word.is_empty()).collect();
        let entry = Entry::from_fields([
            &self.term,
            self.category.trim(),
            self.measure.trim(),
            self.direction.trim(),
            &audiences.join("+"),
            self.valid_from.trim(),
            self.valid_until.trim(),
            note,
        ])
        .map_err(|problem| {
            let (field, message_key) = place(&problem);
            OperationError::invalid(field, message_key, problem.to_string())
        })?;
        let normalised = entry.normalised().to_owned();
        let [term, category, measure, direction, audiences, valid_from, valid_until, note] =
            entry.to_fields();
        let day = |day: String| Some(day).filter(|day| !day.is_empty());
        Ok(Checked {
            key: Key { normalised, direction, audiences },
            term,
            category,
            measure,
            valid_from: day(valid_from),
            valid_until: day(valid_until),
            note,
        })
    }
}

impl LexiconDraft {
    /// A checked draft in the words of forms and files.
    pub(crate) fn of_checked(checked: &Checked) -> Self {
        Self {
            term: checked.term.clone(),
            category: checked.category.clone(),
            measure: checked.measure.clone(),
            direction: checked.key.direction.clone(),
            audiences: words(&checked.key.audiences),
            valid_from: checked.valid_from.clone().unwrap_or_default(),
            valid_until: checked.valid_until.clone().unwrap_or_default(),
            note: checked.note.clone(),
        }
    }
}

/// Stored audiences, one by one.
pub(crate) fn words(audiences: &str) -> Vec<String> {
    audiences.split('+').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

impl Checked {
    pub(crate) fn row(self, entry_id: LexiconEntryId, proposal_id: LexiconProposalId) -> LexiconEntryRow {
        LexiconEntryRow {
            entry_id,
            proposal_id,
            term: self.term,
            normalised: self.key.normalised,
            category: self.category,
            measure: self.measure,
            direction: self.key.direction,
            audiences: self.key.audiences,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            note: self.note,
        }
    }

    pub(crate) fn of(row: &LexiconEntryRow) -> Self {
        Self {
            key: Key {
                normalised: row.normalised.clone(),
                direction: row.direction.clone(),
                audiences: row.audiences.clone(),
            },
            term: row.term.clone(),
            category: row.category.clone(),
            measure: row.measure.clone(),
            valid_from: row.valid_from.clone(),
            valid_until: row.valid_until.clone(),
            note: row.note.clone(),
        }
    }
}
