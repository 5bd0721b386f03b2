//! The list of models in OpenAI's shape.

use serde::Serialize;

/// One model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Model {
    /// Its name, as requests give it.
    pub id: String,
    /// Always `model`.
    pub object: &'static str,
    /// When it was made known, in seconds since 1970.
    pub created: u64,
    /// Who offers it.
    pub owned_by: String,
}

impl Model {
    /// A model of that name.
    #[must_use]
    pub fn new(id: &str, created: u64, owned_by: &str) -> Self {
        Self { id: id.to_owned(), object: "model", created, owned_by: owned_by.to_owned() }
    }
}

/// The answer to `GET /v1/models`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModelList {
    object: &'static str,
    /// The models.
    pub data: Vec<Model>,
}

impl ModelList {
    /// A list of those models.
    #[must_use]
    pub fn new(data: Vec<Model>) -> Self {
        Self { object: "list", data }
    }
}
