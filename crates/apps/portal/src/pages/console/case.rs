//! `/console/cases/{id}`: one case, its evidence, and the decision about it.

use askama::Template;
use axum::{
    Form,
    extract::{Path, State as Extract},
    response::Response,
};
use cases::Outcome;
use operations::CaseState;
use serde::Deserialize;
use terms::{CaseId, Locale};

use crate::{
    Page, PortalState, Section, answer, convert,
    failure::Failure,
    page::samples,
    pages::{
        Field, Samples,
        case_status::{CaseStatusView, State},
    },
    session::Operator,
    text::key,
};

/// A case in the console.
#[derive(Template)]
#[template(path = "console/case.html")]
pub struct CasePage {
    /// The frame.
    pub page: Page,
    /// Its id.
    pub case_id: String,
    /// The case as the person sees it.
    pub case: CaseStatusView,
    /// How to reach the person.
    pub contact: Option<String>,
    /// What was kept about the decision.
    pub evidence: Option<EvidenceView>,
    /// Who works on it.
    pub reviewer: Option<String>,
    /// Whether this operator may take it.
    pub can_take: bool,
    /// Whether this operator may decide it.
    pub can_decide: bool,
    /// Whether this operator may give it back to the queue.
    pub can_give_back: bool,
    /// Whether it waits for somebody else, since it is about this operator's own decision.
    pub needs_another: bool,
    /// The reasons being written.
    pub reasons: Field,
}

/// What was kept about a decision. Reading it leaves an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceView {
    /// The prompt.
    pub prompt: String,
    /// What of the answer was delivered.
    pub answer: String,
    /// What was held back.
    pub held: String,
    /// What matched.
    pub findings: Vec<FindingView>,
}

/// One match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingView {
    /// The rule.
    pub rule: String,
    /// Its category.
    pub category: String,
    /// What matched, as the rule saw it.
    pub matched: String,
}

impl EvidenceView {
    /// Evidence to look at.
    #[must_use]
    pub fn sample(locale: Locale) -> Self {
        let text = |zh: &str, en: &str| if locale == Locale::ZhCn { zh.to_owned() } else { en.to_owned() };
        Self {
            prompt: text("请介绍朱砂测试违禁词。", "Please describe 朱砂测试违禁词."),
            answer: String::new(),
            held: "朱砂测试违禁词".to_owned(),
            findings: vec![FindingView {
                rule: "lexicon.test".to_owned(),
                category: text("测试", "Test"),
                matched: "朱砂测试违禁词".to_owned(),
            }],
        }
    }
}

/// An answer as it was typed.
#[derive(Deserialize)]
pub(crate) struct Decided {
    outcome: String,
    #[serde(default)]
    reasons: String,
}

/// `GET /console/cases/{id}`
pub(crate) async fn show(
    Extract(state): Extract<PortalState>,
    operator: Operator,
    Path(id): Path<CaseId>,
    page: Page,
) -> Result<Response, Failure> {
    answer::page(&CasePage::about(&state, &operator, id, page).await?)
}

/// `POST /console/cases/{id}/take`
pub(crate) async fn take(
    Extract(state): Extract<PortalState>,
    operator: Operator,
    Path(id): Path<CaseId>,
) -> Result<Response, Failure> {
    state.operations.take_case(&operator.actor, id).await?;
    Ok(answer::see_other(&format!("/console/cases/{id}")))
}

/// `POST /console/cases/{id}/give-back`
pub(crate) async fn give_back(
    Extract(state): Extract<PortalState>,
    operator: Operator,
    Path(id): Path<CaseId>,
) -> Result<Response, Failure> {
    state.operations.give_back_case(&operator.actor, id).await?;
    Ok(answer::see_other(&format!("/console/cases/{id}")))
}

/// `POST /console/cases/{id}/decide`
pub(crate) async fn decide(
    Extract(state): Extract<PortalState>,
    operator: Operator,
    Path(id): Path<CaseId>,
    page: Page,
    Form(decided): Form<Decided>,
) -> Result<Response, Failure> {
    let outcome =
        Outcome::from_word(&decided.outcome).ok_or(Failure::status(http::StatusCode::BAD_REQUEST))?;
    match state.operations.decide_case(&operator.actor, id, outcome, &decided.reasons).await {
        Ok(_) => Ok(answer::see_other(&format!("/console/cases/{id}"))),
        Err(error) => {
            let mut reasons = Field::of(decided.reasons);
            convert::beside(error, [("reasons", &mut reasons)])?;
            answer::page(&CasePage { reasons, ..CasePage::about(&state, &operator, id, page).await? })
        }
    }
}

impl CasePage {
    async fn about(
        state: &PortalState,
        operator: &Operator,
        id: CaseId,
        page: Page,
    ) -> Result<Self, Failure> {
        let locale = page.locale;
        let detail = state.operations.case(&operator.actor, id, locale).await?;
        let category = |name: &str| state.operations.category_name(name, locale);
        Ok(Self {
            needs_another: detail.is_own_decision
                && page.may("decide_cases")
                && matches!(detail.view.state, CaseState::Open | CaseState::InReview),
            page: page.in_section(Section::Queue),
            case_id: id.to_string(),
            case: convert::case(detail.view),
            contact: detail.contact,
            evidence: detail.evidence.and_then(|evidence| convert::evidence(evidence, category)),
            reviewer: detail.reviewer,
            can_take: detail.may_take,
            can_decide: detail.may_decide,
            can_give_back: detail.may_give_back,
            reasons: Field::default(),
        })
    }
}

impl Samples for CasePage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let case = |state| Self {
            page: samples::operator(locale, "/console/cases/01KAR2YF8N2Q6ZT0M5B7WJ4C9D", Section::Queue),
            case_id: "01KAR2YF8N2Q6ZT0M5B7WJ4C9D".to_owned(),
            case: CaseStatusView::sample(locale, state),
            contact: Some("wang@example.com".to_owned()),
            evidence: Some(EvidenceView::sample(locale)),
            reviewer: None,
            can_take: false,
            can_decide: false,
            can_give_back: false,
            needs_another: false,
            reasons: Field::default(),
        };
        let mine = || Self {
            reviewer: Some("lin.yue".to_owned()),
            can_decide: true,
            can_give_back: true,
            ..case(State::InReview)
        };
        vec![
            (
                "console-case-open",
                Self { can_take: true, evidence: None, contact: None, ..case(State::Open) },
            ),
            ("console-case", mine()),
            ("console-case-own-decision", Self { needs_another: true, ..case(State::Open) }),
            (
                "console-case-of-another",
                Self { reviewer: Some("chen.yu".to_owned()), can_give_back: true, ..case(State::InReview) },
            ),
            (
                "console-case-invalid",
                Self { reasons: Field::default().wrong(key!("console-error-reasons")), ..mine() },
            ),
            ("console-case-decided", Self { reviewer: Some("lin.yue".to_owned()), ..case(State::Decided) }),
        ]
    }
}
