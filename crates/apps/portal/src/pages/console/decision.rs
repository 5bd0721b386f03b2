//! `/console/decisions/{id}`: one decision with its evidence. Opening it leaves an entry.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use terms::{DecisionId, Locale};

use super::case::EvidenceView;
use crate::{
    Page, PortalState, Section, answer, convert,
    failure::Failure,
    page::samples,
    pages::{Samples, statement::Statement},
    session::Operator,
};

/// A decision in the console.
#[derive(Template)]
#[template(path = "console/decision.html")]
pub struct DecisionPage {
    /// The frame.
    pub page: Page,
    /// Its statement.
    pub statement: Statement,
    /// What was kept.
    pub evidence: Option<EvidenceView>,
    /// What was generated, where something was.
    pub produce_id: Option<String>,
    /// Whether an appeal against it was filed.
    pub appealed: bool,
}

/// `GET /console/decisions/{id}`
pub(crate) async fn show(
    State(state): State<PortalState>,
    operator: Operator,
    Path(id): Path<DecisionId>,
    page: Page,
) -> Result<Response, Failure> {
    let locale = page.locale;
    let detail = state.operations.decision(&operator.actor, id, locale).await?;
    let category = |name: &str| state.operations.category_name(name, locale);
    answer::page(&DecisionPage {
        page: page.in_section(Section::Decisions),
        evidence: convert::evidence(detail.evidence, category),
        produce_id: detail.view.produce_id.map(|id| id.to_string()),
        appealed: detail.view.appealed,
        statement: convert::statement(detail.view),
    })
}

impl Samples for DecisionPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let page = |statement, evidence| Self {
            page: samples::operator(
                locale,
                "/console/decisions/01KAR2YF8N2Q6ZT0M5B7WJ4C9D",
                Section::Decisions,
            ),
            statement,
            evidence,
            produce_id: Some("01KAR2XW5T8E3RPQ0V6HZM1N4B".to_owned()),
            appealed: true,
        };
        vec![
            ("console-decision", page(Statement::sample(locale), Some(EvidenceView::sample(locale)))),
            ("console-decision-overturned", page(Statement::sample_overturned(locale), None)),
        ]
    }
}
