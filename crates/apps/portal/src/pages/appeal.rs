//! `/appeals/{token}`: why something was stopped, and the form to contest it, without an account.

use askama::Template;
use axum::{
    Form,
    extract::{Path, State},
    response::Response,
};
use cases::CaseKind;
use operations::OpenCase;
use serde::Deserialize;
use terms::{Actor, Locale, Timestamp};

use super::{
    Field, Samples,
    case_new::{CaseNewPage, to_receipt},
    statement::Statement,
};
use crate::{
    Page, PortalState, Section, answer, convert, cookies::Cookies, failure::Failure, page::samples, text::key,
};

/// A statement of reasons with its appeal.
#[derive(Template)]
#[template(path = "appeal.html")]
pub struct AppealPage {
    /// The frame.
    pub page: Page,
    /// The statement.
    pub statement: Statement,
    /// The token of this page.
    pub token: String,
    /// Until when an appeal can be filed.
    pub open_until: Timestamp,
    /// Whether it still can.
    pub is_open: bool,
    /// Whether an appeal was filed already.
    pub appealed: bool,
    /// What the person has to say.
    pub text: Field,
    /// How to reach them; may stay empty.
    pub contact: Field,
}

/// An appeal as it was typed.
#[derive(Deserialize)]
pub(crate) struct Filed {
    #[serde(default)]
    text: String,
    #[serde(default)]
    contact: String,
}

/// A link that was pasted.
#[derive(Deserialize)]
pub(crate) struct Pasted {
    #[serde(default)]
    link: String,
}

/// `POST /appeals`: from a pasted link to its page.
pub(crate) async fn follow(
    State(state): State<PortalState>,
    page: Page,
    Form(pasted): Form<Pasted>,
) -> Result<Response, Failure> {
    let link = pasted.link.trim();
    let token = link.rsplit('/').next().unwrap_or(link);
    if state.operations.decision_by_token(token, page.locale).await?.is_some() {
        return Ok(answer::see_other(&format!("/appeals/{token}")));
    }
    let appeal_link = Field::of(pasted.link).wrong(key!("case-new-appeal-link-invalid"));
    answer::page(&CaseNewPage { appeal_link, ..CaseNewPage::blank(&state, page) })
}

/// `GET /appeals/{token}`
pub(crate) async fn show(
    State(state): State<PortalState>,
    Path(token): Path<String>,
    page: Page,
) -> Result<Response, Failure> {
    answer::page(&AppealPage::about(&state, token, page).await?)
}

/// `POST /appeals/{token}`
pub(crate) async fn file(
    State(state): State<PortalState>,
    Path(token): Path<String>,
    page: Page,
    cookies: Cookies,
    Form(filed): Form<Filed>,
) -> Result<Response, Failure> {
    let request = OpenCase {
        kind: CaseKind::Appeal,
        locale: page.locale,
        text: filed.text.clone(),
        contact: convert::typed(&filed.contact),
        appeal_token: Some(token.clone()),
        produce_id: None,
    };
    match state.operations.open_case(&Actor::Anonymous, request).await {
        Ok(receipt) => Ok(to_receipt(cookies, &receipt)),
        Err(error) => {
            let (mut text, mut contact) = (Field::of(filed.text), Field::of(filed.contact));
            convert::beside(error, [("text", &mut text), ("contact", &mut contact)])
                .map_err(|error| Failure::from(error).while_saving(text.value.clone()))?;
            answer::page(&AppealPage { text, contact, ..AppealPage::about(&state, token, page).await? })
        }
    }
}

impl AppealPage {
    async fn about(state: &PortalState, token: String, page: Page) -> Result<Self, Failure> {
        let found = state.operations.decision_by_token(&token, page.locale).await?;
        let decision = found.ok_or_else(Failure::not_found)?;
        Ok(Self {
            page: page.in_section(Section::Cases),
            token,
            open_until: decision.appeal_open_until,
            is_open: state.operations.now() < decision.appeal_open_until,
            appealed: decision.appealed,
            statement: convert::statement(decision),
            text: Field::default(),
            contact: Field::default(),
        })
    }
}

impl Samples for AppealPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let blank = || Self {
            page: samples::visitor(locale, "/appeals/6f1d2c3b4a5968770123456789abcdef", Section::Cases),
            statement: Statement::sample(locale),
            token: "6f1d2c3b4a5968770123456789abcdef".to_owned(),
            open_until: samples::hours_later(180 * 24),
            is_open: true,
            appealed: false,
            text: Field::default(),
            contact: Field::default(),
        };
        vec![
            ("appeal", blank()),
            ("appeal-invalid", Self { text: Field::default().wrong(key!("case-error-text")), ..blank() }),
            ("appeal-filed", Self { appealed: true, ..blank() }),
            ("appeal-over", Self { is_open: false, ..blank() }),
            (
                "appeal-overturned",
                Self { statement: Statement::sample_overturned(locale), appealed: true, ..blank() },
            ),
        ]
    }
}
