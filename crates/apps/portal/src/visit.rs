//! The frame around every route: the language, the error pages, the headers.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, Method, Uri, header};
use operations::Mode;
use terms::Locale;

use crate::{
    Page, PortalState, Section,
    answer::{page_with, see_other, with_cookie},
    cookies::{self, Cookies},
    failure::Failure,
    security,
};

/// A year.
const LANGUAGE_SECONDS: u32 = 365 * 24 * 3600;

/// Runs a request with its [`Page`], and dresses what comes back.
pub(crate) async fn visit(State(state): State<PortalState>, mut request: Request, next: Next) -> Response {
    let cookies = state.cookies();
    if let Some(response) = language_switch(cookies, request.method(), request.uri()) {
        return security::harden(response);
    }
    let settings = state.operations.settings();
    let page = Page {
        locale: language(cookies, request.headers()),
        trial: settings.mode == Mode::Trial,
        provider: settings.provider_name.clone(),
        contact: settings.contact.clone(),
        path: request.uri().path().to_owned(),
        section: Section::Elsewhere,
        operator: None,
    };
    request.extensions_mut().insert(page.clone());
    request.extensions_mut().insert(cookies);
    let response = next.run(request).await;
    security::harden(explained(response, page))
}

/// A failure as a page. Answers for programs (JSON, streams) stay as they are.
fn explained(response: Response, page: Page) -> Response {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let media_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let failure = match response.extensions().get::<Failure>() {
        Some(failure) => failure.clone(),
        None if media_type.is_none_or(|media_type| media_type.starts_with("text/plain")) => {
            Failure::status(status)
        }
        None => return response,
    };
    page_with(status, &failure.page(page)).unwrap_or(response)
}

/// The language: chosen before, else the browser's, else Chinese.
fn language(cookies: Cookies, headers: &HeaderMap) -> Locale {
    let chosen = cookies.read(headers, cookies::LANGUAGE).and_then(|tag| tag.parse().ok());
    let asked = || headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok().and_then(Locale::negotiate);
    chosen.or_else(asked).unwrap_or_default()
}

/// `?lang=` chooses a language: it is remembered, and the address without it follows.
fn language_switch(cookies: Cookies, method: &Method, uri: &Uri) -> Option<Response> {
    if method != Method::GET {
        return None;
    }
    let query = uri.query()?;
    let is_choice = |pair: &&str| pair.starts_with("lang=");
    let locale: Locale = query.split('&').find(is_choice)?.trim_start_matches("lang=").parse().ok()?;
    let rest: Vec<&str> = query.split('&').filter(|pair| !is_choice(pair)).collect();
    let path =
        if rest.is_empty() { uri.path().to_owned() } else { format!("{}?{}", uri.path(), rest.join("&")) };
    Some(with_cookie(see_other(&path), cookies.set(cookies::LANGUAGE, locale.tag(), LANGUAGE_SECONDS)))
}

/// The answer to an address that does not exist.
pub(crate) async fn not_found() -> Failure {
    Failure::not_found()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_chosen_and_the_rest_of_the_address_kept() {
        let cookies = Cookies::for_address("http://localhost");
        let switch = |uri: &'static str| language_switch(cookies, &Method::GET, &Uri::from_static(uri));
        let response = switch("/verify?id=1&lang=en").unwrap();
        assert_eq!(response.headers()[header::LOCATION], "/verify?id=1");
        assert!(
            response.headers()[header::SET_COOKIE].to_str().unwrap().starts_with("cinnabar-language=en;")
        );
        assert!(switch("/verify?lang=xx").is_none());
        assert_eq!(switch("//evil.example/?lang=en").unwrap().headers()[header::LOCATION], "/");
    }
}
