//! `/console`: the cases that wait, the most urgent first.

use askama::Template;
use axum::{
    extract::{Query, State as Extract},
    response::Response,
};
use operations::{CaseFilter, CaseState};
use serde::Deserialize;
use terms::{Locale, Timestamp};

use crate::{
    Key, Page, PortalState, Section, answer, convert,
    failure::Failure,
    page::samples,
    pages::{Samples, case_status::State},
    session::Operator,
    text::key,
};

/// The queue.
#[derive(Template)]
#[template(path = "console/queue.html")]
pub struct QueuePage {
    /// The frame.
    pub page: Page,
    /// `open` or `all`.
    pub filter: &'static str,
    /// The cases.
    pub rows: Vec<QueueRow>,
}

/// A case in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueRow {
    /// Its id.
    pub case_id: String,
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
    /// Whether it has passed.
    pub overdue: bool,
    /// Who works on it.
    pub reviewer: Option<String>,
}

impl QueueRow {
    /// The state in words.
    #[must_use]
    pub fn state_name(&self) -> Key {
        self.state.name()
    }
}

/// Which cases to show.
#[derive(Deserialize)]
pub(crate) struct Shown {
    #[serde(default)]
    show: String,
}

/// `GET /console`
pub(crate) async fn show(
    Extract(state): Extract<PortalState>,
    operator: Operator,
    page: Page,
    Query(shown): Query<Shown>,
) -> Result<Response, Failure> {
    let all = shown.show == "all";
    let list = async |filter: CaseFilter| state.operations.case_list(&operator.actor, filter).await;
    let cases = if all {
        list(CaseFilter::default()).await?
    } else {
        // Asked for by state, so that answered cases never crowd out one that waits.
        let mut waiting = list(CaseFilter { state: Some(CaseState::Open), kind: None }).await?;
        waiting.extend(list(CaseFilter { state: Some(CaseState::InReview), kind: None }).await?);
        waiting.sort_by_key(|row| row.due_at);
        waiting
    };
    let rows = cases.into_iter().filter_map(QueueRow::of);
    answer::page(&QueuePage {
        page: page.in_section(Section::Queue),
        filter: if all { "all" } else { "open" },
        rows: rows.collect(),
    })
}

impl QueueRow {
    fn of(row: operations::CaseRow) -> Option<Self> {
        let state = [CaseState::Open, CaseState::InReview, CaseState::Decided, CaseState::Withdrawn]
            .into_iter()
            .find(|state| state.as_str() == row.state)?;
        Some(Self {
            case_id: row.case_id.to_string(),
            number: row.number,
            kind: convert::kind_name(cases::CaseKind::from_word(&row.kind)?),
            state: convert::state(state),
            opened_at: row.opened_at,
            due_at: row.due_at,
            provisional: row.provisional,
            overdue: row.overdue,
            reviewer: row.reviewer,
        })
    }
}

impl Samples for QueuePage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let row = |number: &str, kind, state, due, reviewer: Option<&str>| QueueRow {
            case_id: "01KAR2YF8N2Q6ZT0M5B7WJ4C9D".to_owned(),
            number: number.to_owned(),
            kind,
            state,
            opened_at: samples::hours_later(0),
            due_at: samples::hours_later(due),
            provisional: due > 300,
            overdue: due < 10,
            reviewer: reviewer.map(str::to_owned),
        };
        let page = || samples::operator(locale, "/console", Section::Queue);
        vec![
            (
                "console-queue",
                Self {
                    page: page(),
                    filter: "open",
                    rows: vec![
                        row(
                            "CN-2M8R-0QXV-51ZT-H",
                            key!("case-kind-complaint"),
                            State::InReview,
                            5,
                            Some("chen.yu"),
                        ),
                        row("CN-7K3Q-F9XM-2WEA-C", key!("case-kind-appeal"), State::Open, 200, None),
                        row("CN-94WB-KD3N-PE7Y-6", key!("case-kind-report"), State::Open, 400, None),
                    ],
                },
            ),
            ("console-queue-empty", Self { page: page(), filter: "open", rows: Vec::new() }),
        ]
    }
}
