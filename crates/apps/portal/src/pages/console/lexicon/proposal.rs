//! `/console/lexicon/proposals/{id}`: what a proposal would change, and the decision of a second person.

use std::collections::HashMap;

use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State},
    response::Response,
};
use http::StatusCode;
use operations::{LexiconEntryView, LexiconProposalView, LexiconQuery};
use serde::Deserialize;
use terms::{LexiconProposalId, Locale};

use super::{proposals::ProposalRow, row::EntryRow};
use crate::{
    Page, PortalState, Section, answer, convert,
    failure::Failure,
    page::samples,
    pages::{Field, Samples, console::words::query},
    session::Operator,
    text::key,
};

/// A proposal.
#[derive(Template)]
#[template(path = "console/lexicon/proposal.html")]
pub struct ProposalPage {
    /// The frame.
    pub page: Page,
    /// What it is, and where it stands.
    pub proposal: ProposalRow,
    /// The decision that it corrects.
    pub decision_id: Option<String>,
    /// The version that it was made against.
    pub base_version: u64,
    /// The version that it goes back to.
    pub target_version: Option<u64>,
    /// New entries.
    pub added: Vec<EntryRow>,
    /// Entries that take the place of others, each with the one before it.
    pub changed: Vec<(EntryRow, EntryRow)>,
    /// Entries taken out.
    pub retired: Vec<EntryRow>,
    /// The query of the next page of what it brings and takes out.
    pub next: Option<String>,
    /// Who may do what about it.
    pub choice: ProposalChoice,
    /// The reasons of the decision.
    pub reasons: Field,
}

/// What the operator who looks at a proposal may do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProposalChoice {
    /// Approve or reject it.
    Decide,
    /// Take it back; somebody else has to decide it.
    Withdraw,
    /// Only look.
    Nothing,
}

/// Where the lists go on.
#[derive(Deserialize, Default)]
pub(crate) struct Position {
    after: Option<String>,
    gone_after: Option<String>,
}

/// Reasons as they were typed, and which button was pressed.
#[derive(Deserialize)]
pub(crate) struct Decision {
    outcome: String,
    #[serde(default)]
    reasons: String,
}

/// As many entries as a page brings of what comes and of what goes.
const PAGE_ROWS: u32 = 200;

/// `GET /console/lexicon/proposals/{id}`
pub(crate) async fn show(
    State(state): State<PortalState>,
    operator: Operator,
    Path(id): Path<LexiconProposalId>,
    page: Page,
    Query(position): Query<Position>,
) -> Result<Response, Failure> {
    answer::page(&ProposalPage::of(&state, &operator, page, id, position).await?)
}

/// `POST /console/lexicon/proposals/{id}`: approves, rejects or takes back.
pub(crate) async fn decide(
    State(state): State<PortalState>,
    operator: Operator,
    Path(id): Path<LexiconProposalId>,
    page: Page,
    Form(decision): Form<Decision>,
) -> Result<Response, Failure> {
    let (operations, actor, because) = (&state.operations, &operator.actor, &decision.reasons);
    let done = match decision.outcome.as_str() {
        "approve" => operations.lexicon_approve(actor, id, because).await.map(|_| ()),
        "reject" => operations.lexicon_reject(actor, id, because).await,
        "withdraw" => operations.lexicon_withdraw(actor, id, because).await,
        _ => return Err(Failure::status(StatusCode::BAD_REQUEST)),
    };
    let Err(error) = done else {
        return Ok(answer::see_other(&format!("/console/lexicon/proposals/{id}")));
    };
    let mut reasons = Field::of(decision.reasons);
    convert::beside(error, [("reasons", &mut reasons)])?;
    let page = ProposalPage::of(&state, &operator, page, id, Position::default()).await?;
    answer::page(&ProposalPage { reasons, ..page })
}

impl ProposalPage {
    async fn of(
        state: &PortalState,
        operator: &Operator,
        page: Page,
        id: LexiconProposalId,
        position: Position,
    ) -> Result<Self, Failure> {
        let proposal = state.operations.lexicon_proposal(&operator.actor, id).await?;
        let some = LexiconQuery { limit: PAGE_ROWS, ..LexiconQuery::default() };
        let come = LexiconQuery { proposal_id: Some(id), after: position.after.clone(), ..some.clone() };
        let go = LexiconQuery { retired_by: Some(id), after: position.gone_after.clone(), ..some };
        let come = state.operations.lexicon_search(&operator.actor, come).await?;
        let go = state.operations.lexicon_search(&operator.actor, go).await?;
        let next = (come.next.is_some() || go.next.is_some()).then(|| {
            // A list that is at its end stays at its end: no term sorts behind this place.
            let end = |next: Option<String>| next.unwrap_or_else(|| format!("~ {}", char::MAX));
            query(&[("after", &end(come.next)), ("gone_after", &end(go.next))])
        });
        let locale = page.locale;
        let name = |code: &str| state.operations.category_name(code, locale);
        let mut gone: HashMap<_, LexiconEntryView> =
            go.entries.into_iter().map(|entry| (key_of(&entry), entry)).collect();
        let (mut added, mut changed) = (Vec::new(), Vec::new());
        for entry in come.entries {
            let row = EntryRow::of(&page, &entry, &name);
            match gone.remove(&key_of(&entry)) {
                Some(earlier) => changed.push((EntryRow::of(&page, &earlier, &name), row)),
                None => added.push(row),
            }
        }
        let mut retired: Vec<LexiconEntryView> = gone.into_values().collect();
        retired.sort_by(|a, b| (&a.normalised, &a.id).cmp(&(&b.normalised, &b.id)));
        let retired = retired.iter().map(|entry| EntryRow::of(&page, entry, &name)).collect();
        Ok(Self {
            choice: ProposalChoice::of(&proposal),
            decision_id: proposal.decision_id.map(|id| id.to_string()),
            base_version: proposal.base_version,
            target_version: proposal.target_version,
            proposal: ProposalRow::of(proposal),
            added,
            changed,
            retired,
            next,
            reasons: Field::default(),
            page: page.in_section(Section::Proposals),
        })
    }
}

/// What tells entries apart: one with the same key takes the other's place.
fn key_of(entry: &LexiconEntryView) -> (String, String, Vec<String>) {
    (entry.normalised.clone(), entry.direction.clone(), entry.audiences.clone())
}

impl ProposalChoice {
    const fn of(proposal: &LexiconProposalView) -> Self {
        match (proposal.may_decide, proposal.may_withdraw) {
            (true, _) => Self::Decide,
            (false, true) => Self::Withdraw,
            (false, false) => Self::Nothing,
        }
    }

    /// Whether it may be approved or rejected.
    #[must_use]
    pub const fn decides(self) -> bool {
        matches!(self, Self::Decide)
    }

    /// Whether it may be taken back.
    #[must_use]
    pub const fn withdraws(self) -> bool {
        matches!(self, Self::Withdraw)
    }
}

impl Samples for ProposalPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let page = || samples::operator(locale, "/console/lexicon/proposals/x", Section::Proposals);
        let rows = || -> Vec<EntryRow> {
            let drafts = super::form::sample_drafts();
            drafts.iter().map(|draft| EntryRow::of_draft(&page(), draft, &str::to_owned)).collect()
        };
        let pair = || rows().into_iter().zip(rows().into_iter().rev()).take(1).collect();
        let of = |state, choice| Self {
            page: page(),
            proposal: ProposalRow::sample(state),
            decision_id: Some("01KAR2YF8N2Q6ZT0M5B7WJ4C9D".to_owned()),
            base_version: 3,
            target_version: None,
            added: rows(),
            changed: pair(),
            retired: rows(),
            next: None,
            choice,
            reasons: Field::default(),
        };
        let waits = key!("proposal-state-proposed");
        vec![
            ("console-proposal", of(waits, ProposalChoice::Decide)),
            (
                "console-proposal-own",
                Self { next: Some("after=x".into()), ..of(waits, ProposalChoice::Withdraw) },
            ),
            (
                "console-proposal-decided",
                Self {
                    target_version: Some(2),
                    added: Vec::new(),
                    ..of(key!("proposal-state-approved"), ProposalChoice::Nothing)
                },
            ),
            (
                "console-proposal-wrong",
                Self {
                    reasons: Field::default().wrong(key!("console-error-reasons")),
                    ..of(waits, ProposalChoice::Decide)
                },
            ),
        ]
    }
}
