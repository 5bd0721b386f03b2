//! `/`: what this service is, and the three things anyone can do here.

use askama::Template;
use axum::{extract::State, response::Response};
use terms::Locale;

use super::Samples;
use crate::{Page, PortalState, Section, answer, failure::Failure, page::samples};

/// The first page.
#[derive(Template)]
#[template(path = "home.html")]
pub struct HomePage {
    /// The frame.
    pub page: Page,
    /// Where programs find the service.
    pub endpoint: String,
}

/// `GET /`
pub(crate) async fn show(State(state): State<PortalState>, page: Page) -> Result<Response, Failure> {
    answer::page(&HomePage { page, endpoint: state.operations.settings().url("/v1") })
}

impl Samples for HomePage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let page = samples::visitor(locale, "/", Section::Elsewhere);
        vec![("home", Self { page, endpoint: "http://127.0.0.1:8080/v1".to_owned() })]
    }
}
