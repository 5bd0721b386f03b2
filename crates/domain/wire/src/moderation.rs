//! `POST /v1/moderations` in OpenAI's shape.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::chat::RequestError;
use crate::document::{Document, DocumentLimits};

/// The largest number of texts or parts in one request: each text's result names every category, some 2 KiB of answer.
const INPUTS_MAX: usize = 1024;

/// The request.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ModerationRequest {
    /// What to check.
    pub input: ModerationInput,
    /// The model that the caller asks for; ours is the rule set, whatever the name.
    #[serde(default)]
    pub model: Option<String>,
}

/// What to check: one text, several, or parts with images.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum ModerationInput {
    /// One text.
    One(String),
    /// Several texts, each with a result of its own.
    Many(Vec<String>),
    /// Parts of one message, with one result.
    Parts(Vec<ModerationPart>),
}

impl ModerationRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// [`RequestError`], which names the field: also for more than 1024 texts or parts.
    pub fn parse(json: &[u8]) -> Result<Self, RequestError> {
        // Before anything is kept of it: a small body can hold millions of texts.
        let document = Document::parse(json, DocumentLimits::default())?;
        let input = document
            .root()
            .get("input")
            .ok_or_else(|| RequestError::Missing { param: "input".to_owned() })?;
        if input.len() > INPUTS_MAX {
            let (param, count) = ("input".to_owned(), input.len());
            return Err(RequestError::TooMany { param, count, limit: INPUTS_MAX });
        }
        serde_json::from_slice(json)
            .map_err(|_| RequestError::wrong_type("input", "a text, a list of texts, or a list of parts"))
    }
}

/// One part of a message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ModerationPart {
    /// A text.
    Text {
        /// The text.
        text: String,
    },
    /// An image, which is counted and not looked at.
    ImageUrl {},
}

impl ModerationInput {
    /// The texts, one for each result that the answer must have.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        match self {
            Self::One(text) => vec![text.clone()],
            Self::Many(texts) => texts.clone(),
            Self::Parts(parts) => {
                let texts: Vec<&str> = parts
                    .iter()
                    .filter_map(|part| match part {
                        ModerationPart::Text { text } => Some(text.as_str()),
                        ModerationPart::ImageUrl {} => None,
                    })
                    .collect();
                vec![texts.join("\n")]
            }
        }
    }
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModerationResponse {
    /// An id of this answer.
    pub id: String,
    /// What checked.
    pub model: String,
    /// One result for each input.
    pub results: Vec<ModerationResult>,
}

/// What was found in one input.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ModerationResult {
    /// Whether anything was found, by OpenAI's categories or by ours.
    pub flagged: bool,
    /// Each of OpenAI's categories, found or not.
    pub categories: BTreeMap<String, bool>,
    /// Each category's score, from 0 to 1.
    pub category_scores: BTreeMap<String, f64>,
    /// Which kind of input each category was looked for in.
    pub category_applied_input_types: BTreeMap<String, Vec<String>>,
    /// The same by our own categories, beside OpenAI's.
    pub cinnabar: OwnCategories,
}

/// What was found, by our own categories.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct OwnCategories {
    /// What is done about it: `allow`, `mask`, `warn` or `block`.
    pub action: String,
    /// Each category, found or not.
    pub categories: BTreeMap<String, bool>,
    /// Each category's score, from 0 to 1.
    pub category_scores: BTreeMap<String, f64>,
}

impl ModerationResult {
    /// A result from the scores of a text: OpenAI's categories `theirs`, ours `own`. What has a score above 0 was found.
    #[must_use]
    pub fn of_text<'c>(
        theirs: impl IntoIterator<Item = (&'c str, f64)>,
        own: impl IntoIterator<Item = (String, f64)>,
        action: &str,
    ) -> Self {
        let mut result = Self::default();
        result.cinnabar.action = action.to_owned();
        for (category, score) in theirs {
            result.flagged |= score > 0.0;
            result.categories.insert(category.to_owned(), score > 0.0);
            result.category_scores.insert(category.to_owned(), score);
            result.category_applied_input_types.insert(category.to_owned(), vec!["text".to_owned()]);
        }
        for (category, score) in own {
            result.flagged |= score > 0.0;
            result.cinnabar.categories.insert(category.clone(), score > 0.0);
            result.cinnabar.category_scores.insert(category, score);
        }
        result
    }
}
