//! `/api/docs`: our own API for a reader, from the OpenAPI document that the handlers make.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};
use terms::Locale;

use super::Samples;
use crate::{Page, PortalState, Section, answer, failure::Failure, page::samples, reference::ApiReference};

/// The description of the API.
#[derive(Template)]
#[template(path = "api_docs.html")]
pub struct ApiDocsPage {
    /// The frame.
    pub page: Page,
    /// The address that the paths are behind.
    pub base: String,
    /// What is described.
    pub reference: Arc<ApiReference>,
}

/// `GET /api/docs`
pub(crate) async fn show(State(state): State<PortalState>, page: Page) -> Result<Response, Failure> {
    let base = state.operations.settings().public_url.clone();
    answer::page(&ApiDocsPage { page, base, reference: state.reference.clone() })
}

impl Samples for ApiDocsPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let page = samples::visitor(locale, "/api/docs", Section::Elsewhere);
        let document = include_str!("../../../../../docs/reference/openapi.json");
        let sample = |reference| {
            (
                "api-docs",
                Self { page, base: "http://127.0.0.1:8080".to_owned(), reference: Arc::new(reference) },
            )
        };
        ApiReference::parse(document).ok().map(sample).into_iter().collect()
    }
}
