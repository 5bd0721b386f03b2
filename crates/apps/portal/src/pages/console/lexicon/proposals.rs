//! `/console/lexicon/proposals`: changes of the feature library, those that wait first of all.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use operations::{LexiconProposalKind, LexiconProposalState, LexiconProposalView, LexiconSource};
use serde::Deserialize;
use terms::{LexiconProposalId, Locale, Timestamp};

use super::row;
use crate::{
    Key, Page, PortalState, Section, answer, failure::Failure, page::samples, pages::Samples,
    session::Operator, text::key,
};

/// The list.
#[derive(Template)]
#[template(path = "console/lexicon/proposals.html")]
pub struct ProposalsPage {
    /// The frame.
    pub page: Page,
    /// Whether decided ones are shown too.
    pub shows_all: bool,
    /// The proposals, newest first.
    pub rows: Vec<ProposalRow>,
    /// Where the list goes on.
    pub after: Option<String>,
}

/// A proposal in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposalRow {
    /// Its id.
    pub proposal_id: String,
    /// What it is called.
    pub title: String,
    /// What it is.
    pub kind: Key,
    /// Who wanted it.
    pub source: Key,
    /// New entries.
    pub added: u64,
    /// Changed entries.
    pub changed: u64,
    /// Entries taken out.
    pub retired: u64,
    /// Where it stands.
    pub state: Key,
    /// The tone of that.
    pub tone: &'static str,
    /// Why.
    pub reasons: String,
    /// Who proposed it.
    pub proposed_by: String,
    /// When.
    pub proposed_at: Timestamp,
    /// Who decided it.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Why.
    pub decided_because: Option<String>,
    /// The version that it made.
    pub version: Option<u64>,
}

/// What to show.
#[derive(Deserialize)]
pub(crate) struct Sought {
    #[serde(default)]
    show: String,
    after: Option<LexiconProposalId>,
}

/// As many as a page brings.
const PAGE_ROWS: u32 = 50;

/// `GET /console/lexicon/proposals`
pub(crate) async fn show(
    State(state): State<PortalState>,
    operator: Operator,
    page: Page,
    Query(sought): Query<Sought>,
) -> Result<Response, Failure> {
    let shows_all = sought.show == "all";
    let wanted = (!shows_all).then_some(LexiconProposalState::Proposed);
    let found = state.operations.lexicon_proposals(&operator.actor, wanted, sought.after, PAGE_ROWS).await?;
    let is_full = found.len() >= usize::try_from(PAGE_ROWS).unwrap_or(usize::MAX);
    answer::page(&ProposalsPage {
        page: page.in_section(Section::Proposals),
        shows_all,
        after: found.last().filter(|_| is_full).map(|proposal| proposal.proposal_id.to_string()),
        rows: found.into_iter().map(ProposalRow::of).collect(),
    })
}

/// What a proposal is, in words.
#[must_use]
pub fn kind_name(kind: LexiconProposalKind) -> Key {
    match kind {
        LexiconProposalKind::Entries => key!("proposal-kind-entries"),
        LexiconProposalKind::Import => key!("proposal-kind-import"),
        LexiconProposalKind::Retirement => key!("proposal-kind-retirement"),
        LexiconProposalKind::Rollback => key!("proposal-kind-rollback"),
    }
}

/// Where a proposal stands, in words.
#[must_use]
pub fn state_name(state: LexiconProposalState) -> Key {
    match state {
        LexiconProposalState::Proposed => key!("proposal-state-proposed"),
        LexiconProposalState::Approved => key!("proposal-state-approved"),
        LexiconProposalState::Rejected => key!("proposal-state-rejected"),
        LexiconProposalState::Withdrawn => key!("proposal-state-withdrawn"),
    }
}

impl ProposalRow {
    /// A proposal as lists show it.
    #[must_use]
    pub fn of(proposal: LexiconProposalView) -> Self {
        Self {
            proposal_id: proposal.proposal_id.to_string(),
            title: proposal.title,
            kind: kind_name(proposal.kind),
            source: row::source_name(proposal.source),
            added: proposal.added,
            changed: proposal.changed,
            retired: proposal.retired,
            state: state_name(proposal.state),
            tone: match proposal.state {
                LexiconProposalState::Proposed => "caution",
                LexiconProposalState::Approved => "good",
                LexiconProposalState::Rejected | LexiconProposalState::Withdrawn => "plain",
            },
            reasons: proposal.reasons,
            proposed_by: proposal.proposed_by,
            proposed_at: proposal.proposed_at,
            decided_by: proposal.decided_by,
            decided_at: proposal.decided_at,
            decided_because: proposal.decided_because,
            version: proposal.version,
        }
    }

    /// One to render without a service.
    #[must_use]
    pub fn sample(state: Key) -> Self {
        let is_decided = state != key!("proposal-state-proposed");
        Self {
            proposal_id: "01KAR2YF8N2Q6ZT0M5B7WJ4C9D".to_owned(),
            title: "11 月代充类词条".to_owned(),
            kind: kind_name(LexiconProposalKind::Import),
            source: row::source_name(LexiconSource::Operator),
            added: 12,
            changed: 1,
            retired: 0,
            state,
            tone: if is_decided { "good" } else { "caution" },
            reasons: "近期投诉中反复出现。".to_owned(),
            proposed_by: "lin.yue".to_owned(),
            proposed_at: samples::hours_later(0),
            decided_by: is_decided.then(|| "zhou.an".to_owned()),
            decided_at: is_decided.then(|| samples::hours_later(2)),
            decided_because: is_decided.then(|| "逐条核对，范围合适。".to_owned()),
            version: is_decided.then_some(4),
        }
    }
}

impl Samples for ProposalsPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let page = |shows_all, rows, after: Option<&str>| Self {
            page: samples::operator(locale, "/console/lexicon/proposals", Section::Proposals),
            shows_all,
            rows,
            after: after.map(str::to_owned),
        };
        let rows = vec![
            ProposalRow::sample(key!("proposal-state-proposed")),
            ProposalRow::sample(key!("proposal-state-approved")),
        ];
        vec![
            ("console-proposals", page(true, rows, Some("01KAR2YF8N2Q6ZT0M5B7WJ4C9D"))),
            ("console-proposals-none", page(false, Vec::new(), None)),
        ]
    }
}
