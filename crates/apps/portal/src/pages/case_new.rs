//! `/cases/new`: a complaint or a report, by anyone; an appeal goes on from the link of its decision.

use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    response::Response,
};
use cases::CaseKind;
use operations::{OpenCase, Receipt};
use serde::Deserialize;
use terms::{Actor, Locale};

use super::{Field, Samples};
use crate::{
    Page, PortalState, Section, answer, convert,
    cookies::{self, Cookies},
    failure::Failure,
    page::samples,
    session::Person,
    text::key,
};

/// The form for a new case.
#[derive(Template)]
#[template(path = "case_new.html")]
pub struct CaseNewPage {
    /// The frame.
    pub page: Page,
    /// The kind that is chosen: `complaint` or `report`.
    pub kind: String,
    /// What it is about.
    pub text: Field,
    /// How to reach the person; may stay empty.
    pub contact: Field,
    /// The id of the content it is about; may stay empty.
    pub produce_id: Field,
    /// The link of a decision, for an appeal.
    pub appeal_link: Field,
    /// The published limits, in words.
    pub limits: Vec<super::rules::LimitView>,
}

impl CaseNewPage {
    /// Whether any field needs correcting.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        [&self.text, &self.contact, &self.produce_id, &self.appeal_link]
            .iter()
            .any(|field| field.error.is_some())
    }
}

/// What may stand in a link to the form.
#[derive(Deserialize)]
pub(crate) struct Preset {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    produce_id: String,
}

/// A complaint or a report as it was typed.
#[derive(Deserialize)]
pub(crate) struct Filed {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    contact: String,
    #[serde(default)]
    produce_id: String,
}

/// `GET /cases/new`
pub(crate) async fn show(
    State(state): State<PortalState>,
    page: Page,
    Query(preset): Query<Preset>,
) -> Result<Response, Failure> {
    let form = CaseNewPage { produce_id: Field::of(preset.produce_id), ..CaseNewPage::blank(&state, page) };
    answer::page(&CaseNewPage { kind: kind_of(&preset.kind).as_str().to_owned(), ..form })
}

/// `POST /cases/new`
pub(crate) async fn file(
    State(state): State<PortalState>,
    Person(person): Person,
    page: Page,
    cookies: Cookies,
    Form(filed): Form<Filed>,
) -> Result<Response, Failure> {
    let kind = kind_of(&filed.kind);
    let mut form = CaseNewPage {
        kind: kind.as_str().to_owned(),
        text: Field::of(filed.text),
        contact: Field::of(filed.contact),
        produce_id: Field::of(filed.produce_id),
        ..CaseNewPage::blank(&state, page)
    };
    let produce_id = match convert::typed(&form.produce_id.value).map(|id| id.parse()).transpose() {
        Ok(produce_id) => produce_id,
        Err(_) => {
            form.produce_id.error = Some(key!("case-new-produce-id-invalid"));
            return answer::page(&form);
        }
    };
    let request = OpenCase {
        kind,
        locale: form.page.locale,
        text: form.text.value.clone(),
        contact: convert::typed(&form.contact.value),
        appeal_token: None,
        produce_id,
    };
    let actor = person.map_or(Actor::Anonymous, |person| Actor::Subject(person.subject_id));
    match state.operations.open_case(&actor, request).await {
        Ok(receipt) => Ok(to_receipt(cookies, &receipt)),
        Err(error) => {
            convert::beside(error, [("text", &mut form.text), ("contact", &mut form.contact)])
                .map_err(|error| Failure::from(error).while_saving(form.text.value.clone()))?;
            answer::page(&form)
        }
    }
}

/// Goes on to the receipt, with its code in a cookie and not in the address.
pub(crate) fn to_receipt(cookies: Cookies, receipt: &Receipt) -> Response {
    let held = super::case_status::held(&receipt.number, &receipt.code);
    let response = answer::see_other(&format!("/cases/{}?filed=1", receipt.number));
    answer::with_cookie(response, cookies.set(cookies::CASE, &held, cookies::UNTIL_CLOSED))
}

fn kind_of(word: &str) -> CaseKind {
    if word == CaseKind::Report.as_str() { CaseKind::Report } else { CaseKind::Complaint }
}

impl CaseNewPage {
    pub(crate) fn blank(state: &PortalState, page: Page) -> Self {
        Self {
            limits: convert::limits(&state.operations, page.locale),
            page: page.in_section(Section::Cases),
            kind: CaseKind::Complaint.as_str().to_owned(),
            text: Field::default(),
            contact: Field::default(),
            produce_id: Field::default(),
            appeal_link: Field::default(),
        }
    }
}

impl Samples for CaseNewPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let limit = if locale == Locale::ZhCn { "15 个工作日内" } else { "within 15 working days" };
        let blank = || Self {
            page: samples::visitor(locale, "/cases/new", Section::Cases),
            kind: "complaint".to_owned(),
            text: Field::default(),
            contact: Field::default(),
            produce_id: Field::default(),
            appeal_link: Field::default(),
            limits: vec![
                super::rules::LimitView { name: key!("case-kind-complaint"), text: limit.to_owned() },
                super::rules::LimitView { name: key!("case-kind-report"), text: limit.to_owned() },
                super::rules::LimitView { name: key!("case-kind-appeal"), text: limit.to_owned() },
            ],
        };
        vec![
            ("case-new", blank()),
            (
                "case-new-invalid",
                Self {
                    text: Field::default().wrong(key!("case-error-text")),
                    produce_id: Field::of("abc").wrong(key!("case-new-produce-id-invalid")),
                    ..blank()
                },
            ),
        ]
    }
}
