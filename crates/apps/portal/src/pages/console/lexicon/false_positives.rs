//! `/console/lexicon/false-positives`: what upheld appeals found wrong, until somebody draws the consequence.

use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State},
    response::Response,
};
use http::StatusCode;
use operations::{FalsePositiveState, FalsePositiveView, OperationError};
use serde::Deserialize;
use terms::{CaseId, DecisionId, Direction, FalsePositiveId, LexiconProposalId, Locale, Timestamp};

use super::row;
use crate::{
    Key, Page, PortalState, Section, answer, convert,
    failure::Failure,
    page::samples,
    pages::{Field, Samples, console::words},
    session::Operator,
    text::key,
};

/// The inbox.
#[derive(Template)]
#[template(path = "console/lexicon/false_positives.html")]
pub struct FalsePositivesPage {
    /// The frame.
    pub page: Page,
    /// Whether those that somebody dealt with are shown too.
    pub shows_all: bool,
    /// The items, oldest first.
    pub items: Vec<ItemRow>,
    /// Where the list goes on.
    pub after: Option<String>,
    /// What was wrong with what was typed.
    pub typed: Field,
}

/// A hit that an appeal found wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRow {
    /// Its id.
    pub item_id: String,
    /// The term, normalised.
    pub term: String,
    /// The rule.
    pub rule: String,
    /// The category, by name.
    pub category: String,
    /// Prompt or answer.
    pub direction: Key,
    /// The case.
    pub case_id: String,
    /// The decision.
    pub decision_id: String,
    /// When the appeal was upheld.
    pub opened_at: Timestamp,
    /// Where it stands.
    pub state: Key,
    /// Whether nobody dealt with it.
    pub is_open: bool,
    /// The proposal that was made of it.
    pub proposal_id: Option<String>,
    /// Who dealt with it.
    pub closed_by: Option<String>,
    /// Why.
    pub closed_because: Option<String>,
}

/// What to show.
#[derive(Deserialize, Default)]
pub(crate) struct Sought {
    #[serde(default)]
    show: String,
    after: Option<FalsePositiveId>,
}

/// What to do about an item.
#[derive(Deserialize)]
pub(crate) struct Consequence {
    outcome: String,
    #[serde(default)]
    phrase: String,
    #[serde(default)]
    reasons: String,
}

/// As many as a page brings.
const PAGE_ROWS: u32 = 50;

/// `GET /console/lexicon/false-positives`
pub(crate) async fn show(
    State(state): State<PortalState>,
    operator: Operator,
    page: Page,
    Query(sought): Query<Sought>,
) -> Result<Response, Failure> {
    answer::page(&FalsePositivesPage::of(&state, &operator, page, sought).await?)
}

/// `POST /console/lexicon/false-positives/{id}`: proposes an allowed phrase, or closes the item without consequence.
pub(crate) async fn close(
    State(state): State<PortalState>,
    operator: Operator,
    Path(id): Path<FalsePositiveId>,
    page: Page,
    Form(consequence): Form<Consequence>,
) -> Result<Response, Failure> {
    let Consequence { outcome, phrase, reasons } = consequence;
    let (operations, actor) = (&state.operations, &operator.actor);
    let done: Result<String, OperationError> = match outcome.as_str() {
        "allow" => operations
            .lexicon_allow_false_positive(actor, id, &phrase, &reasons)
            .await
            .map(|id| format!("/console/lexicon/proposals/{id}")),
        "dismiss" => operations
            .lexicon_dismiss_false_positive(actor, id, &reasons)
            .await
            .map(|()| "/console/lexicon/false-positives".to_owned()),
        _ => return Err(Failure::status(StatusCode::BAD_REQUEST)),
    };
    let error = match done {
        Ok(path) => return Ok(answer::see_other(&path)),
        Err(error) => error,
    };
    let mut typed = Field::default();
    let field =
        if matches!(&error, OperationError::Invalid { field: "reasons", .. }) { "reasons" } else { "phrase" };
    convert::beside(error, [(field, &mut typed)])?;
    let page = FalsePositivesPage::of(&state, &operator, page, Sought::default()).await?;
    answer::page_with(StatusCode::BAD_REQUEST, &FalsePositivesPage { typed, ..page })
}

impl FalsePositivesPage {
    async fn of(
        state: &PortalState,
        operator: &Operator,
        page: Page,
        sought: Sought,
    ) -> Result<Self, Failure> {
        let shows_all = sought.show == "all";
        let wanted = (!shows_all).then_some(FalsePositiveState::Open);
        let found = state
            .operations
            .lexicon_false_positives(&operator.actor, wanted, sought.after, PAGE_ROWS)
            .await?;
        let is_full = found.len() >= usize::try_from(PAGE_ROWS).unwrap_or(usize::MAX);
        let locale = page.locale;
        let name = |code: &str| state.operations.category_name(code, locale);
        Ok(Self {
            page: page.in_section(Section::FalsePositives),
            shows_all,
            after: found.last().filter(|_| is_full).map(|item| item.item_id.to_string()),
            items: found.into_iter().map(|item| ItemRow::of(item, &name)).collect(),
            typed: Field::default(),
        })
    }
}

impl ItemRow {
    fn of(item: FalsePositiveView, name: &impl Fn(&str) -> String) -> Self {
        Self {
            item_id: item.item_id.to_string(),
            term: item.normalised,
            rule: item.rule,
            category: row::category_name(&item.category, name),
            direction: words::direction_name(item.direction),
            case_id: item.case_id.to_string(),
            decision_id: item.decision_id.to_string(),
            opened_at: item.opened_at,
            state: match item.state {
                FalsePositiveState::Open => key!("false-positives-open"),
                FalsePositiveState::Proposed => key!("false-positives-proposed"),
                FalsePositiveState::Dismissed => key!("false-positives-dismissed"),
            },
            is_open: item.state == FalsePositiveState::Open,
            proposal_id: item.proposal_id.map(|id| id.to_string()),
            closed_by: item.closed_by,
            closed_because: item.closed_because,
        }
    }
}

impl Samples for FalsePositivesPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let item = |state| {
            let is_open = state == FalsePositiveState::Open;
            let item = FalsePositiveView {
                item_id: FalsePositiveId::from_u128(7),
                decision_id: DecisionId::from_u128(8),
                case_id: CaseId::from_u128(9),
                rule: "lexicon.fraud".to_owned(),
                category: "fraud".to_owned(),
                direction: Direction::Input,
                normalised: "代开发票".to_owned(),
                opened_at: samples::hours_later(0),
                state,
                proposal_id: (state == FalsePositiveState::Proposed).then(|| LexiconProposalId::from_u128(1)),
                closed_by: (!is_open).then(|| "lin.yue".to_owned()),
                closed_at: (!is_open).then(|| samples::hours_later(1)),
                closed_because: (!is_open).then(|| "个别语境，词条无误。".to_owned()),
            };
            ItemRow::of(item, &str::to_owned)
        };
        let page = |shows_all, items, typed| Self {
            page: samples::operator(locale, "/console/lexicon/false-positives", Section::FalsePositives),
            shows_all,
            items,
            after: shows_all.then(|| "01KAR2YF8N2Q6ZT0M5B7WJ4C9D".to_owned()),
            typed,
        };
        let all = [FalsePositiveState::Open, FalsePositiveState::Proposed, FalsePositiveState::Dismissed];
        let wrong = Field::default().wrong(key!("lexicon-error-phrase"));
        vec![
            ("console-false-positives", page(true, all.map(item).into(), Field::default())),
            ("console-false-positives-none", page(false, Vec::new(), Field::default())),
            ("console-false-positives-wrong", page(false, vec![item(FalsePositiveState::Open)], wrong)),
        ]
    }
}
