//! `/api/v1/lexicon`: the feature library for programs. Every route needs an operator's session.

pub(crate) mod entries;
pub(crate) mod figures;
pub(crate) mod files;
pub(crate) mod proposals;
pub(crate) mod versions;

use http::StatusCode;
use operations::LexiconDraft;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::Problem;

/// An entry as it is proposed and as files have it.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Draft {
    /// The term.
    term: String,
    /// The category's code: `fraud`, `operator.competitors`.
    category: String,
    /// `mask`, `warn`, `block`, with what follows behind a `+`; `allow` for an allowed phrase; nothing: the policy decides.
    #[serde(default)]
    measure: String,
    /// `input`, `output` or `both`.
    direction: String,
    /// `adult`, `minor`, `verified`; none is everybody.
    #[serde(default)]
    audiences: Vec<String>,
    /// The first day, `2026-01-31`; nothing is at once.
    #[serde(default)]
    valid_from: String,
    /// The last day; nothing is without end.
    #[serde(default)]
    valid_until: String,
    /// A note for people.
    #[serde(default)]
    note: String,
}

impl From<Draft> for LexiconDraft {
    fn from(draft: Draft) -> Self {
        Self {
            term: draft.term,
            category: draft.category,
            measure: draft.measure,
            direction: draft.direction,
            audiences: draft.audiences,
            valid_from: draft.valid_from,
            valid_until: draft.valid_until,
            note: draft.note,
        }
    }
}

impl From<LexiconDraft> for Draft {
    fn from(draft: LexiconDraft) -> Self {
        Self {
            term: draft.term,
            category: draft.category,
            measure: draft.measure,
            direction: draft.direction,
            audiences: draft.audiences,
            valid_from: draft.valid_from,
            valid_until: draft.valid_until,
            note: draft.note,
        }
    }
}

/// Why something is decided.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reasons {
    /// Why. It is kept.
    reasons: String,
}

/// A field that says nothing that can be taken.
struct FieldError {
    field: &'static str,
    detail: String,
}

impl From<FieldError> for Problem {
    fn from(error: FieldError) -> Self {
        let detail = format!("`{}`: {}", error.field, error.detail);
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail)
    }
}

fn invalid(field: &'static str, detail: impl std::fmt::Display) -> FieldError {
    FieldError { field, detail: detail.to_string() }
}

/// The value of a word that a field names.
fn word<T>(field: &'static str, text: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<T, FieldError> {
    read(text).ok_or_else(|| invalid(field, format!("`{text}` is not one of its words")))
}

/// The id that a path or a field names.
fn id<T: std::str::FromStr<Err = terms::IdError>>(field: &'static str, text: &str) -> Result<T, FieldError> {
    text.parse().map_err(|error| invalid(field, error))
}
