//! The OpenAPI document of our own API, read into what a page shows.
//!
//! The document is made by `api` from its handlers; what this reader does not know of it is an error, so that nothing is left out
//! of the page unseen.

mod document;

use askama::Template;
use http::StatusCode;

/// Our own API, for a reader.
#[derive(Debug, Clone)]
pub struct ApiReference {
    /// The operations, by what they are about.
    pub groups: Vec<Group>,
    /// The bodies that they take and give.
    pub schemas: Vec<Schema>,
}

/// Operations about one thing.
#[derive(Debug, Clone)]
pub struct Group {
    /// What they are about.
    pub name: String,
    /// In a sentence.
    pub description: Prose,
    /// By path.
    pub operations: Vec<Operation>,
}

/// One method of one path.
#[derive(Debug, Clone)]
pub struct Operation {
    /// `get-api-v1-agreement`
    pub anchor: String,
    /// `GET`
    pub method: &'static str,
    /// `/api/v1/agreement`
    pub path: String,
    /// What it does.
    pub summary: Prose,
    /// Whether it asks for an application key.
    pub needs_key: bool,
    /// What stands in the path and after the question mark.
    pub parameters: Vec<Parameter>,
    /// What it takes.
    pub body: Option<Content>,
    /// What it answers, by status.
    pub answers: Vec<Answer>,
}

/// A value in the path or the query.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Whether it is part of the path.
    pub in_path: bool,
    /// Whether it must be there.
    pub is_required: bool,
    /// What it is made of.
    pub shape: Shape,
    /// What it means.
    pub description: Prose,
}

/// A body.
#[derive(Debug, Clone)]
pub struct Content {
    /// Its media type.
    pub media_type: String,
    /// What it is made of, where it is JSON.
    pub shape: Option<Shape>,
}

/// One answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// `200`
    pub status: String,
    /// `OK`
    pub reason: &'static str,
    /// What comes with it.
    pub content: Option<Content>,
}

/// An object with its members.
#[derive(Debug, Clone)]
pub struct Schema {
    /// Its name, which is also its anchor.
    pub name: String,
    /// What it is.
    pub description: Prose,
    /// Its members.
    pub members: Vec<Member>,
}

/// One member of an object.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Whether it is always there.
    pub is_required: bool,
    /// What it is made of.
    pub shape: Shape,
    /// What it means.
    pub description: Prose,
}

/// What a value is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// `string`, or the name of a schema.
    pub name: String,
    /// Whether the name is that of a schema.
    pub is_schema: bool,
    /// Whether there are any number of them.
    pub is_list: bool,
}

/// A sentence with names of the program in it, which stand between backticks in the source.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(
    ext = "html",
    source = "{% for (is_code, text) in pieces %}{% if is_code %}<code>{{ text }}</code>{% else %}{{ text }}{% endif %}{% endfor %}"
)]
pub struct Prose {
    pieces: Vec<(bool, String)>,
}

/// The template escapes each piece.
impl askama::filters::HtmlSafe for Prose {}

impl Prose {
    fn new(text: &str) -> Self {
        let pieces = text.split('`').enumerate().map(|(at, piece)| (at % 2 == 1, piece.to_owned()));
        Self { pieces: pieces.filter(|(_, piece)| !piece.is_empty()).collect() }
    }
}

/// Why a document cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum ReferenceError {
    /// Not the part of OpenAPI 3.1 that `api` writes.
    #[error("the OpenAPI document has something that its page does not show")]
    Unknown(#[from] serde_json::Error),
    /// An operation that belongs to no group.
    #[error("`{method} {path}` of the OpenAPI document has no tag that is described")]
    NoGroup {
        /// The method.
        method: &'static str,
        /// The path.
        path: String,
    },
}

impl ApiReference {
    /// Reads a document.
    ///
    /// # Errors
    /// [`ReferenceError`] for what the page would leave out.
    pub fn parse(json: &str) -> Result<Self, ReferenceError> {
        let written: document::Document = serde_json::from_str(json)?;
        let mut groups: Vec<Group> = written.tags.into_iter().map(document::Tag::group).collect();
        for (path, item) in written.paths {
            for (method, operation) in item.methods() {
                let no_group = || ReferenceError::NoGroup { method, path: path.clone() };
                let tag = operation.tags.first().ok_or_else(no_group)?;
                let group = groups.iter_mut().find(|group| group.name == *tag).ok_or_else(no_group)?;
                group.operations.push(operation.shown(method, &path));
            }
        }
        let schemas =
            written.components.schemas.into_iter().map(|(name, schema)| schema.shown(name)).collect();
        Ok(Self { groups, schemas })
    }
}

fn reason(status: &str) -> &'static str {
    StatusCode::from_bytes(status.as_bytes())
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_program_stand_out_and_everything_is_escaped() {
        let html = Prose::new("`a<b>` or <i> & `c`.").to_string();
        assert_eq!(html, "<code>a&#60;b&#62;</code> or &#60;i&#62; &#38; <code>c</code>.");
    }

    #[test]
    fn what_the_page_would_leave_out_is_an_error() {
        let document = |operation: &str| {
            format!(
                r#"{{"openapi": "3.1.0", "info": {{"description": ""}}, "tags": [{{"name": "a", "description": ""}}],
                "components": {{"schemas": {{}}, "securitySchemes": {{}}}}, "paths": {{"/x": {operation}}}}}"#
            )
        };
        let good = r#"{"get": {"tags": ["a"], "summary": "s", "operationId": "o", "responses": {}}}"#;
        assert_eq!(ApiReference::parse(&document(good)).unwrap().groups[0].operations.len(), 1);
        let unknown = [
            good.replace("\"get\"", "\"trace\""),
            good.replace("\"summary\"", "\"deprecated\": true, \"summary\""),
        ];
        for operation in unknown {
            assert!(
                matches!(ApiReference::parse(&document(&operation)), Err(ReferenceError::Unknown(_))),
                "{operation}"
            );
        }
        let error = ApiReference::parse(&document(&good.replace("[\"a\"]", "[\"b\"]"))).unwrap_err();
        assert!(error.to_string().contains("`GET /x`"), "{error}");
    }
}
