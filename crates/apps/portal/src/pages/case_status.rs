//! `/cases/{number}`: the receipt and the state of a case. The code is posted and becomes a cookie, so that no address carries it.

use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State as Extract},
    response::Response,
};
use operations::CaseView;
use serde::Deserialize;
use terms::{Locale, Timestamp};

use super::{Field, Samples, statement::Statement};
use crate::{
    Key, Page, PortalState, Section, answer, convert,
    cookies::{self, Cookies},
    failure::Failure,
    page::samples,
    text::key,
};

/// Asks for the code of a case.
#[derive(Template)]
#[template(path = "case_code.html")]
pub struct CaseCodePage {
    /// The frame.
    pub page: Page,
    /// The number of the case; empty when it is asked for too.
    pub number: Field,
    /// The code.
    pub code: Field,
}

/// The state of a case.
#[derive(Template)]
#[template(path = "case_status.html")]
pub struct CaseStatusPage {
    /// The frame.
    pub page: Page,
    /// The case.
    pub case: CaseStatusView,
    /// The code, so that the receipt can be kept.
    pub code: String,
    /// Whether the case was filed a moment ago.
    pub fresh: bool,
}

/// A case as the person who filed it sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseStatusView {
    /// Its number.
    pub number: String,
    /// Complaint, report or appeal.
    pub kind: Key,
    /// Its state.
    pub state: State,
    /// When it was filed.
    pub opened_at: Timestamp,
    /// When an answer is due.
    pub due_at: Timestamp,
    /// Whether that day can still move.
    pub provisional: bool,
    /// The limit in words.
    pub limit: String,
    /// What was written.
    pub text: String,
    /// The answer.
    pub answer: Option<Answer>,
    /// The decision it is about.
    pub statement: Option<Statement>,
    /// What happened so far.
    pub events: Vec<(Timestamp, Key)>,
}

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Filed.
    Open,
    /// Somebody works on it.
    InReview,
    /// Decided.
    Decided,
    /// Taken back.
    Withdrawn,
}

/// The answer to a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Whether the person was right.
    pub outcome: cases::Outcome,
    /// Why.
    pub reasons: String,
    /// When.
    pub at: Timestamp,
}

impl State {
    /// In words.
    #[must_use]
    pub fn name(self) -> Key {
        match self {
            Self::Open => key!("case-state-open"),
            Self::InReview => key!("case-state-in-review"),
            Self::Decided => key!("case-state-decided"),
            Self::Withdrawn => key!("case-state-withdrawn"),
        }
    }
}

impl Answer {
    /// The outcome in words.
    #[must_use]
    pub fn title(&self) -> Key {
        match self.outcome {
            cases::Outcome::Upheld => key!("case-outcome-upheld"),
            cases::Outcome::PartlyUpheld => key!("case-outcome-partly-upheld"),
            cases::Outcome::Rejected => key!("case-outcome-rejected"),
        }
    }

    /// The look that goes with it.
    #[must_use]
    pub fn tone(&self) -> &'static str {
        match self.outcome {
            cases::Outcome::Upheld | cases::Outcome::PartlyUpheld => "good",
            cases::Outcome::Rejected => "plain",
        }
    }
}

impl CaseStatusView {
    /// Whether it can still be taken back.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        matches!(self.state, State::Open | State::InReview)
    }

    /// The state in words.
    #[must_use]
    pub fn state_name(&self) -> Key {
        self.state.name()
    }

    /// A case to look at.
    #[must_use]
    pub fn sample(locale: Locale, state: State) -> Self {
        let chinese = locale == Locale::ZhCn;
        let text = |zh: &str, en: &str| if chinese { zh.to_owned() } else { en.to_owned() };
        let mut events = vec![(samples::hours_later(0), key!("case-event-opened"))];
        if state != State::Open {
            events.push((samples::hours_later(20), key!("case-event-taken")));
        }
        match state {
            State::Decided => events.push((samples::hours_later(30), key!("case-event-decided"))),
            State::Withdrawn => events.push((samples::hours_later(30), key!("case-event-withdrawn"))),
            State::Open | State::InReview => {}
        }
        let decided = state == State::Decided;
        Self {
            number: "CN-7K3Q-F9XM-2WEA-C".to_owned(),
            kind: key!("case-kind-appeal"),
            state,
            opened_at: samples::hours_later(0),
            due_at: samples::hours_later(21 * 24),
            provisional: state == State::Open,
            limit: text("15 个工作日内", "within 15 working days"),
            text: text(
                "我只是在介绍一种矿物，没有违规内容。",
                "I was only describing a mineral. There was nothing unlawful in it.",
            ),
            answer: decided.then(|| Answer {
                outcome: cases::Outcome::Upheld,
                reasons: text(
                    "经复核，该词用于介绍矿物，不属于规则所指的情形。",
                    "On review, the word was used to describe a mineral, which the rule does not mean.",
                ),
                at: samples::hours_later(30),
            }),
            statement: Some(if decided {
                Statement::sample_overturned(locale)
            } else {
                Statement::sample(locale)
            }),
            events,
        }
    }
}

/// Number and code of a receipt.
#[derive(Deserialize)]
pub(crate) struct Receipt {
    #[serde(default)]
    number: String,
    #[serde(default)]
    code: String,
}

/// Whether the case was filed a moment ago.
#[derive(Deserialize)]
pub(crate) struct Arrival {
    filed: Option<String>,
}

/// What the cookie holds: number and code.
pub(crate) fn held(number: &str, code: &str) -> String {
    format!("{number}~{code}")
}

/// The code of that case, where the cookie holds it.
fn code_held(cookies: Cookies, headers: &http::HeaderMap, number: &str) -> Option<String> {
    let value = cookies.read(headers, cookies::CASE)?;
    let (held_number, code) = value.split_once('~')?;
    (held_number == number).then(|| code.to_owned())
}

/// `GET /cases`
pub(crate) async fn ask(page: Page) -> Result<Response, Failure> {
    answer::page(&CaseCodePage::asking(page, Field::default()))
}

/// `POST /cases`: number and code become a cookie; the address carries the number alone (design 9.17).
pub(crate) async fn find(
    Extract(state): Extract<PortalState>,
    page: Page,
    cookies: Cookies,
    Form(receipt): Form<Receipt>,
) -> Result<Response, Failure> {
    match state.operations.case_status(receipt.number.trim(), receipt.code.trim(), page.locale).await? {
        Some(case) => {
            let response = answer::see_other(&format!("/cases/{}", case.number));
            let value = held(&case.number, receipt.code.trim());
            Ok(answer::with_cookie(response, cookies.set(cookies::CASE, &value, cookies::UNTIL_CLOSED)))
        }
        None => {
            let code = Field::default().wrong(key!("case-code-wrong"));
            answer::page(&CaseCodePage { code, ..CaseCodePage::asking(page, Field::of(receipt.number)) })
        }
    }
}

/// `GET /cases/{number}`
pub(crate) async fn show(
    Extract(state): Extract<PortalState>,
    Path(number): Path<String>,
    Query(arrival): Query<Arrival>,
    page: Page,
    cookies: Cookies,
    headers: http::HeaderMap,
) -> Result<Response, Failure> {
    let code = code_held(cookies, &headers, &number);
    match known(&state, &number, code, page.locale).await? {
        Some((case, code)) => answer::page(&CaseStatusPage {
            page: page.in_section(Section::Cases),
            case: convert::case(case),
            code,
            fresh: arrival.filed.is_some(),
        }),
        None => answer::page(&CaseCodePage::asking(page, Field::of(number))),
    }
}

async fn known(
    state: &PortalState,
    number: &str,
    code: Option<String>,
    locale: Locale,
) -> Result<Option<(CaseView, String)>, Failure> {
    let Some(code) = code else { return Ok(None) };
    Ok(state.operations.case_status(number, &code, locale).await?.map(|case| (case, code)))
}

/// `POST /cases/{number}/withdraw`
pub(crate) async fn withdraw(
    Extract(state): Extract<PortalState>,
    Path(number): Path<String>,
    cookies: Cookies,
    headers: http::HeaderMap,
) -> Result<Response, Failure> {
    let code = code_held(cookies, &headers, &number).ok_or_else(Failure::not_found)?;
    state.operations.withdraw_case(&number, &code).await?;
    Ok(answer::see_other(&format!("/cases/{number}")))
}

impl CaseCodePage {
    fn asking(page: Page, number: Field) -> Self {
        Self { page: page.in_section(Section::Cases), number, code: Field::default() }
    }
}

impl Samples for CaseCodePage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let blank = |number: &str| Self {
            page: samples::visitor(locale, "/cases", Section::Cases),
            number: Field::of(number),
            code: Field::default(),
        };
        vec![
            ("case-find", blank("")),
            (
                "case-code",
                Self {
                    code: Field::default().wrong(key!("case-code-wrong")),
                    ..blank("CN-7K3Q-F9XM-2WEA-C")
                },
            ),
        ]
    }
}

impl Samples for CaseStatusPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let sample = |state, fresh| Self {
            page: samples::visitor(locale, "/cases/CN-7K3Q-F9XM-2WEA-C", Section::Cases),
            case: CaseStatusView::sample(locale, state),
            code: "K7QM-2XPD-9TVA".to_owned(),
            fresh,
        };
        vec![
            ("case-receipt", sample(State::Open, true)),
            ("case-in-review", sample(State::InReview, false)),
            ("case-decided", sample(State::Decided, false)),
            ("case-withdrawn", sample(State::Withdrawn, false)),
        ]
    }
}
