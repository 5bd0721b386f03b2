//! What a visitor sees when something did not work.

use askama::Template;
use http::StatusCode;
use terms::Locale;

use super::Samples;
use crate::{Key, Page, Section, page::samples, text::key};

/// An error page.
#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// The frame.
    pub page: Page,
    /// The HTTP status.
    pub status: u16,
    /// More than the status says, where there is more.
    pub message: Option<String>,
    /// The page that helps.
    pub link: Option<String>,
    /// The id under which the log has it.
    pub incident: Option<String>,
    /// What somebody wrote and we could not save.
    pub unsaved: Option<String>,
}

impl ErrorPage {
    /// What happened, in a few words.
    #[must_use]
    pub fn title(&self) -> Key {
        match self.status {
            _ if self.unsaved.is_some() => key!("error-unsaved-title"),
            400 | 405 | 413 | 415 | 422 => key!("error-request-title"),
            401 | 403 => key!("error-forbidden-title"),
            404 | 410 => key!("error-not-found-title"),
            409 => key!("error-conflict-title"),
            429 => key!("error-too-many-title"),
            503 | 507 => key!("error-unavailable-title"),
            _ => key!("error-internal-title"),
        }
    }

    /// What it means and what to do.
    #[must_use]
    pub fn text(&self) -> Key {
        match self.status {
            _ if self.unsaved.is_some() => key!("error-unsaved-text"),
            400 | 405 | 413 | 415 | 422 => key!("error-request-text"),
            401 | 403 => key!("error-forbidden-text"),
            404 | 410 => key!("error-not-found-text"),
            409 => key!("error-conflict-text"),
            429 => key!("error-too-many-text"),
            503 | 507 => key!("error-unavailable-text"),
            _ => key!("error-internal-text"),
        }
    }

    /// Whether the fault is ours, so that the page shows how to reach us without it.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.status >= 500
    }
}

impl Samples for ErrorPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let sample = |status: StatusCode| Self {
            page: samples::visitor(locale, "/nowhere", Section::Elsewhere),
            status: status.as_u16(),
            message: None,
            link: None,
            incident: (status == StatusCode::INTERNAL_SERVER_ERROR).then(|| "7c0f42aa".to_owned()),
            unsaved: None,
        };
        let unsaved = match locale {
            Locale::ZhCn => "我的图片被误判为违规，请复核。",
            Locale::En => "My picture was taken for a forbidden one. Please look at it again.",
        };
        vec![
            ("error-400", sample(StatusCode::BAD_REQUEST)),
            ("error-403", sample(StatusCode::FORBIDDEN)),
            ("error-404", sample(StatusCode::NOT_FOUND)),
            ("error-409", sample(StatusCode::CONFLICT)),
            ("error-429", sample(StatusCode::TOO_MANY_REQUESTS)),
            ("error-500", sample(StatusCode::INTERNAL_SERVER_ERROR)),
            ("error-503", sample(StatusCode::SERVICE_UNAVAILABLE)),
            (
                "error-unsaved",
                Self { unsaved: Some(unsaved.to_owned()), ..sample(StatusCode::SERVICE_UNAVAILABLE) },
            ),
        ]
    }
}
