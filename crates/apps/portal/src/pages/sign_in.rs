//! `/sign-in`: operators only; nobody else needs an account.

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Query, State},
    response::Response,
};
use http::StatusCode;
use operations::{ClientNetwork, OperationError};
use serde::Deserialize;
use terms::Locale;

use super::{Field, Samples};
use crate::{
    Page, PortalState, Section, answer,
    cookies::{self, Cookies},
    failure::Failure,
    page::samples,
    text::key,
};

/// The sign-in form.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    /// The frame.
    pub page: Page,
    /// The operator's name.
    pub name: Field,
    /// Where to go afterwards.
    pub next: String,
}

/// Where to go after signing in.
#[derive(Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
}

/// Name and password.
#[derive(Deserialize)]
pub(crate) struct Credentials {
    name: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// `GET /sign-in`
pub(crate) async fn show(page: Page, Query(next): Query<Next>) -> Result<Response, Failure> {
    answer::page(&SignInPage { page, name: Field::default(), next: next.next })
}

/// `POST /sign-in`
pub(crate) async fn enter(
    State(state): State<PortalState>,
    page: Page,
    cookies: Cookies,
    network: Option<Extension<ClientNetwork>>,
    Form(form): Form<Credentials>,
) -> Result<Response, Failure> {
    let network = network.map(|Extension(network)| network);
    match state.operations.sign_in(&form.name, &form.password, network).await {
        Ok(session) => {
            let next = if form.next.starts_with("/console") { form.next.as_str() } else { "/console" };
            let cookie = cookies.set(cookies::OPERATOR, &session.token, cookies::UNTIL_CLOSED);
            Ok(answer::with_cookie(answer::see_other(next), cookie))
        }
        Err(OperationError::Refused(refusal)) => {
            let error = if refusal.status == 429 { key!("sign-in-too-many") } else { key!("sign-in-failed") };
            let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::UNAUTHORIZED);
            answer::page_with(
                status,
                &SignInPage { page, name: Field::of(form.name).wrong(error), next: form.next },
            )
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /sign-out`
pub(crate) async fn leave(
    State(state): State<PortalState>,
    cookies: Cookies,
    headers: http::HeaderMap,
) -> Result<Response, Failure> {
    if let Some(token) = cookies.read(&headers, cookies::OPERATOR) {
        state.operations.sign_out(&token).await?;
    }
    Ok(answer::with_cookie(answer::see_other("/sign-in"), cookies.clear(cookies::OPERATOR)))
}

impl Samples for SignInPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let blank = |name| Self {
            page: samples::visitor(locale, "/sign-in", Section::Elsewhere),
            name,
            next: "/console".to_owned(),
        };
        vec![
            ("sign-in", blank(Field::default())),
            ("sign-in-failed", blank(Field::of("lin.yue").wrong(key!("sign-in-failed")))),
        ]
    }
}
