//! What is wrong with a request, in words for its author.

use crate::document::DocumentError;
use crate::error::ErrorBody;

/// Why a request is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// It is not JSON within the limits.
    #[error("request body cannot be read: {0}")]
    Document(#[from] DocumentError),
    /// A key stands twice in one object.
    #[error("request body has the same key twice in one object, at byte {at}")]
    DuplicateKey {
        /// Where the second one begins.
        at: usize,
    },
    /// A key is one of the interface's but for its case.
    #[error("request body has a key that differs from `{own}` in its case alone; its value is at byte {at}")]
    OtherCase {
        /// Where its value begins.
        at: usize,
        /// The interface's own key.
        own: &'static str,
    },
    /// A required field is missing.
    #[error("missing required field `{param}`")]
    Missing {
        /// The field.
        param: String,
    },
    /// A field has another type than it must have.
    #[error("`{param}` must be {expected}")]
    WrongType {
        /// The field; empty for the request itself.
        param: String,
        /// What it must be.
        expected: &'static str,
    },
    /// A number is outside what is allowed.
    #[error("`{param}` is {value}, but must be from {least} to {most}")]
    OutOfRange {
        /// The field.
        param: String,
        /// What it is.
        value: u64,
        /// The least allowed.
        least: u64,
        /// The most allowed.
        most: u64,
    },
    /// A form cannot be read, or servers would read it in different ways.
    #[error("form cannot be read: {what}, at byte {at}")]
    Form {
        /// What is wrong.
        what: &'static str,
        /// Where.
        at: usize,
    },
    /// A list has more items than allowed.
    #[error("`{param}` has {count} items, but at most {limit} are allowed")]
    TooMany {
        /// The field.
        param: String,
        /// How many there are.
        count: usize,
        /// How many are allowed.
        limit: usize,
    },
}

impl RequestError {
    pub(crate) fn wrong_type(param: &str, expected: &'static str) -> Self {
        let param = if param.is_empty() { "request body" } else { param };
        Self::WrongType { param: param.to_owned(), expected }
    }

    /// The field at fault, as OpenAI's `param`.
    #[must_use]
    pub fn param(&self) -> Option<&str> {
        match self {
            Self::Document(_) | Self::DuplicateKey { .. } | Self::Form { .. } => None,
            Self::OtherCase { own, .. } => Some(own),
            Self::Missing { param }
            | Self::WrongType { param, .. }
            | Self::OutOfRange { param, .. }
            | Self::TooMany { param, .. } => Some(param),
        }
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Document(_) => "invalid_json",
            Self::DuplicateKey { .. } => "duplicate_key",
            Self::Form { .. } => "invalid_form",
            Self::OtherCase { .. } => "key_in_other_case",
            Self::Missing { .. } => "missing_required_parameter",
            Self::WrongType { .. } => "invalid_type",
            Self::OutOfRange { .. } | Self::TooMany { .. } => "invalid_value",
        }
    }

    /// The body of the 400 answer.
    #[must_use]
    pub fn to_body(&self) -> ErrorBody {
        let body = ErrorBody::new("invalid_request_error", self.code(), self.to_string());
        match self.param() {
            Some(param) => body.param(param),
            None => body,
        }
    }
}
