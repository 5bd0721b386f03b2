//! `/invitations/{token}`: a new operator chooses name and password, once.

use askama::Template;
use axum::{
    Form,
    extract::{Path, State},
    response::Response,
};
use operations::OperationError;
use serde::Deserialize;
use terms::Locale;

use super::{Field, Samples};
use crate::{
    Key, Page, PortalState, Section, answer, convert,
    cookies::{self, Cookies},
    failure::Failure,
    page::samples,
    text::key,
};

/// The form behind an invitation link.
#[derive(Template)]
#[template(path = "invitation.html")]
pub struct InvitationPage {
    /// The frame.
    pub page: Page,
    /// The token of the link.
    pub token: String,
    /// The name to sign in with.
    pub name: Field,
    /// The password; its value never comes back.
    pub password: Field,
}

/// Name and password of the new operator.
#[derive(Deserialize)]
pub(crate) struct Chosen {
    name: String,
    password: String,
}

/// `GET /invitations/{token}`
pub(crate) async fn show(
    State(state): State<PortalState>,
    Path(token): Path<String>,
    page: Page,
) -> Result<Response, Failure> {
    state.operations.invitation_role(&token).await?.ok_or_else(Failure::not_found)?;
    answer::page(&InvitationPage { page, token, name: Field::default(), password: Field::default() })
}

/// `POST /invitations/{token}`
pub(crate) async fn accept(
    State(state): State<PortalState>,
    Path(token): Path<String>,
    page: Page,
    cookies: Cookies,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Failure> {
    match state.operations.accept_invitation(&token, &chosen.name, &chosen.password).await {
        Ok(session) => {
            let cookie = cookies.set(cookies::OPERATOR, &session.token, cookies::UNTIL_CLOSED);
            Ok(answer::with_cookie(answer::see_other("/console"), cookie))
        }
        Err(error) => {
            let mut form =
                InvitationPage { page, token, name: Field::of(chosen.name), password: Field::default() };
            match error {
                OperationError::Conflict { message_key, .. } => form.name.error = Some(Key(message_key)),
                error => {
                    convert::beside(error, [("name", &mut form.name), ("password", &mut form.password)])?
                }
            }
            answer::page(&form)
        }
    }
}

impl Samples for InvitationPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let blank = || Self {
            page: samples::visitor(
                locale,
                "/invitations/5d41402abc4b2a76b9719d911017c592",
                Section::Elsewhere,
            ),
            token: "5d41402abc4b2a76b9719d911017c592".to_owned(),
            name: Field::default(),
            password: Field::default(),
        };
        vec![
            ("invitation", blank()),
            (
                "invitation-invalid",
                Self {
                    name: Field::of("l").wrong(key!("invitation-error-name")),
                    password: Field::default().wrong(key!("invitation-error-password")),
                    ..blank()
                },
            ),
        ]
    }
}
