//! What somebody wants to be looked for, and whether it can be.

use jiff::civil::Date;
use safety::{Action, Audience, Category, Entry, Scope};
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
    /// `mask`, `warn`, `block`, `allow` (an allowed phrase), or nothing: the policy decides.
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

fn invalid(field: &'static str, message_key: &'static str, detail: impl Into<String>) -> OperationError {
    OperationError::invalid(field, message_key, detail)
}

fn day(field: &'static str, text: &str) -> Result<Option<Date>, OperationError> {
    if text.is_empty() {
        return Ok(None);
    }
    let day = text.parse::<Date>();
    day.map(Some).map_err(|_| {
        invalid(field, "lexicon-error-day", format!("`{text}` is no day: write it as 2026-01-31"))
    })
}

impl LexiconDraft {
    /// Checks every field.
    pub(crate) fn checked(&self) -> Result<Checked, OperationError> {
        let category = Category::from_code(self.category.trim()).ok_or_else(|| {
            invalid(
                "category",
                "lexicon-error-category",
                format!("unknown category `{}`: one of your own is written `operator.name`", self.category),
            )
        })?;
        let measure = self.measure.trim();
        let action = match measure {
            "" => None,
            word => Some(Action::from_word(word).ok_or_else(|| {
                invalid(
                    "measure",
                    "lexicon-error-measure",
                    format!(
                        "unknown measure `{word}`: `mask`, `warn`, `block`, `allow` or nothing is expected"
                    ),
                )
            })?),
        };
        let direction = self.direction.trim();
        let scope = Scope::from_word(direction).ok_or_else(|| {
            invalid(
                "direction",
                "lexicon-error-direction",
                format!("unknown direction `{direction}`: `input`, `output` or `both` is expected"),
            )
        })?;
        let mut audiences = Vec::new();
        for word in self.audiences.iter().map(|word| word.trim()).filter(|word| !word.is_empty()) {
            audiences.push(Audience::from_word(word).ok_or_else(|| {
                invalid(
                    "audiences",
                    "lexicon-error-audience",
                    format!("unknown audience `{word}`: `adult`, `minor` or `verified` is expected"),
                )
            })?);
        }
        audiences.sort_unstable();
        audiences.dedup();
        if audiences.len() == Audience::ALL.len() {
            audiences.clear();
        }
        let from = day("valid_from", self.valid_from.trim())?;
        let until = day("valid_until", self.valid_until.trim())?;
        if let (Some(first), Some(last)) = (from, until)
            && last < first
        {
            return Err(invalid("valid_until", "lexicon-error-days", "the last day is before the first"));
        }
        let note = self.note.trim();
        if note.len() > NOTE_BYTES_MAX {
            return Err(invalid("note", "lexicon-error-note", "a note has at most 1,000 bytes"));
        }
        let entry = Entry::new(&self.term, category, action, scope)
            .map_err(|error| invalid("term", "lexicon-error-term", error.to_string()))?;
        Ok(Checked {
            key: Key {
                normalised: entry.normalised().to_owned(),
                direction: direction.to_owned(),
                audiences: audiences.iter().map(|audience| audience.as_str()).collect::<Vec<_>>().join(" "),
            },
            term: self.term.clone(),
            category: entry.category().code(),
            measure: measure.to_owned(),
            valid_from: from.map(|day| day.to_string()),
            valid_until: until.map(|day| day.to_string()),
            note: note.to_owned(),
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
            audiences: checked.key.audiences.split_whitespace().map(str::to_owned).collect(),
            valid_from: checked.valid_from.clone().unwrap_or_default(),
            valid_until: checked.valid_until.clone().unwrap_or_default(),
            note: checked.note.clone(),
        }
    }
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
