//! `/console/decisions`: what was decided about people's content and use.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use operations::{DecisionState, DecisionView};
use serde::Deserialize;
use terms::{DecisionId, Locale, Timestamp};

use crate::{
    Key, Page, PortalState, Section, answer, failure::Failure, page::samples, pages::Samples,
    session::Operator, text::key,
};

/// The list.
#[derive(Template)]
#[template(path = "console/decisions.html")]
pub struct DecisionsPage {
    /// The frame.
    pub page: Page,
    /// The decisions, newest first.
    pub rows: Vec<DecisionRow>,
    /// Where the list goes on.
    pub after: Option<String>,
}

/// A decision in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRow {
    /// Its id.
    pub decision_id: String,
    /// What it says.
    pub headline: String,
    /// The rule.
    pub rule: String,
    /// Which way the text went.
    pub direction: Key,
    /// When.
    pub made_at: Timestamp,
    /// Whether software made it.
    pub automated: bool,
    /// Whether it was undone.
    pub overturned: bool,
}

impl DecisionRow {
    /// Whether it stands, in words.
    #[must_use]
    pub fn state(&self) -> Key {
        if self.overturned { key!("decision-state-overturned") } else { key!("decision-state-standing") }
    }

    /// Who made it, in words.
    #[must_use]
    pub fn maker(&self) -> Key {
        if self.automated { key!("decision-maker-automated") } else { key!("decision-maker-person") }
    }
}

/// Which way the text went, in words.
#[must_use]
pub fn direction_name(direction: Option<terms::Direction>) -> Key {
    match direction {
        Some(terms::Direction::Input) => key!("decision-direction-input"),
        Some(terms::Direction::Output) => key!("decision-direction-output"),
        None => key!("decision-direction-use"),
    }
}

/// Where the list goes on.
#[derive(Deserialize)]
pub(crate) struct Position {
    after: Option<DecisionId>,
}

/// As many as the list brings at once.
const PAGE_ROWS: usize = 50;

/// `GET /console/decisions`
pub(crate) async fn show(
    State(state): State<PortalState>,
    operator: Operator,
    page: Page,
    Query(position): Query<Position>,
) -> Result<Response, Failure> {
    let decisions = state.operations.decision_list(&operator.actor, position.after, page.locale).await?;
    let is_full = decisions.len() >= PAGE_ROWS;
    answer::page(&DecisionsPage {
        page: page.in_section(Section::Decisions),
        after: decisions.last().filter(|_| is_full).map(|decision| decision.decision_id.to_string()),
        rows: decisions.into_iter().map(DecisionRow::of).collect(),
    })
}

impl DecisionRow {
    fn of(decision: DecisionView) -> Self {
        let direction = [terms::Direction::Input, terms::Direction::Output]
            .into_iter()
            .find(|direction| decision.kind == "block" && *direction == decision.direction);
        Self {
            decision_id: decision.decision_id.to_string(),
            headline: decision.statement.headline,
            rule: decision.rule,
            direction: direction_name(direction),
            made_at: decision.made_at,
            automated: decision.statement.automated_decision,
            overturned: matches!(decision.state, DecisionState::Overturned { .. }),
        }
    }
}

impl Samples for DecisionsPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let statement = crate::pages::statement::Statement::sample(locale);
        let row = |direction, overturned| DecisionRow {
            decision_id: statement.decision_id.clone(),
            headline: statement.headline.clone(),
            rule: statement.rule.clone(),
            direction: direction_name(direction),
            made_at: statement.made_at,
            automated: direction.is_some(),
            overturned,
        };
        let page = |rows| Self {
            page: samples::operator(locale, "/console/decisions", Section::Decisions),
            rows,
            after: None,
        };
        vec![
            (
                "console-decisions",
                Self {
                    after: Some(statement.decision_id.clone()),
                    ..page(vec![
                        row(Some(terms::Direction::Input), false),
                        row(Some(terms::Direction::Output), true),
                        row(None, false),
                    ])
                },
            ),
            ("console-decisions-none", page(Vec::new())),
        ]
    }
}
