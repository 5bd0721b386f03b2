//! What a handler returns when it cannot do what was asked. The frame around the routes renders it in the visitor's language.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use operations::OperationError;
use terms::Locale;

use crate::{Key, Page, lookup, pages::error::ErrorPage};

/// Why there is no page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    status: StatusCode,
    message: Option<Message>,
    link: Option<String>,
    incident: Option<String>,
    /// Boxed to keep the failure small: few carry it.
    unsaved: Option<Box<str>>,
}

/// What to tell the visitor beyond the status.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Message {
    Text(Key),
    Words { chinese: String, english: String },
}

impl Failure {
    pub(crate) fn not_found() -> Self {
        Self::status(StatusCode::NOT_FOUND)
    }

    pub(crate) fn status(status: StatusCode) -> Self {
        Self { status, message: None, link: None, incident: None, unsaved: None }
    }

    pub(crate) fn text(status: StatusCode, key: &'static str) -> Self {
        Self { message: Some(Message::Text(Key(key))), ..Self::status(status) }
    }

    /// A fault of ours: logged here, once, under the id that the visitor sees.
    pub(crate) fn internal(error: &dyn std::error::Error) -> Self {
        Self::logged(StatusCode::INTERNAL_SERVER_ERROR, error)
    }

    fn logged(status: StatusCode, error: &dyn std::error::Error) -> Self {
        let mut bytes = [0_u8; 4];
        let incident = match getrandom::fill(&mut bytes) {
            Ok(()) => hex::encode(bytes),
            Err(_) => "-".to_owned(),
        };
        let cause = std::iter::successors(error.source(), |cause| (*cause).source())
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(": ");
        tracing::error!(incident.id = incident, %error, cause, "a page could not be served");
        Self { incident: Some(incident), ..Self::status(status) }
    }

    /// The same failure, met while saving what somebody wrote: where the fault is ours the page gives it back to them.
    pub(crate) fn while_saving(self, text: String) -> Self {
        let unsaved = self.status.is_server_error().then(|| text.into_boxed_str());
        Self { unsaved, ..self }
    }

    /// The page that says so.
    pub(crate) fn page(&self, page: Page) -> ErrorPage {
        let locale = page.locale;
        ErrorPage {
            page,
            status: self.status.as_u16(),
            message: self.message.as_ref().map(|message| message.in_language(locale)),
            link: self.link.clone(),
            incident: self.incident.clone(),
            unsaved: self.unsaved.as_deref().map(str::to_owned),
        }
    }
}

impl Message {
    fn in_language(&self, locale: Locale) -> String {
        match (self, locale) {
            (Self::Text(key), _) => lookup(locale, key.0, &[]),
            (Self::Words { chinese, .. }, Locale::ZhCn) => chinese.clone(),
            (Self::Words { english, .. }, Locale::En) => english.clone(),
        }
    }
}

impl From<OperationError> for Failure {
    fn from(error: OperationError) -> Self {
        match error {
            OperationError::Refused(refusal) => Self {
                status: StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::FORBIDDEN),
                message: Some(Message::Words { chinese: refusal.message_zh, english: refusal.message }),
                link: refusal.page,
                incident: None,
                unsaved: None,
            },
            OperationError::NotFound { .. } => Self::not_found(),
            OperationError::Invalid { message_key, .. } => Self::text(StatusCode::BAD_REQUEST, message_key),
            OperationError::Conflict { message_key, .. } => Self::text(StatusCode::CONFLICT, message_key),
            OperationError::Unavailable { .. } => Self::logged(StatusCode::SERVICE_UNAVAILABLE, &error),
            OperationError::Internal { .. } => Self::internal(&error),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
