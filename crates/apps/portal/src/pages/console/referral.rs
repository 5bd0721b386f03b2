//! `/console/tasks/{id}`: what a person was asked to look at, with its evidence. Opening it leaves an entry.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use operations::ReferralKind;
use terms::{Locale, TaskId, Timestamp};

use super::case::EvidenceView;
use crate::{
    Key, Page, PortalState, Section, answer, convert, failure::Failure, page::samples, pages::Samples,
    session::Operator, text::key,
};

/// A referral in the console.
#[derive(Template)]
#[template(path = "console/referral.html")]
pub struct ReferralPage {
    /// The frame.
    pub page: Page,
    /// The task that asks for the look.
    pub task_id: String,
    /// What it is.
    pub heading: Key,
    /// What to do.
    pub lead: Key,
    /// The rule that hit.
    pub rule: String,
    /// Its category, in words.
    pub category: String,
    /// Since when.
    pub raised_at: Timestamp,
    /// What was generated, where something was.
    pub produce_id: Option<String>,
    /// The person it is about.
    pub subject_id: Option<String>,
    /// What was kept.
    pub evidence: Option<EvidenceView>,
    /// Whether this operator may close it.
    pub can_change: bool,
}

/// `GET /console/tasks/{id}`
pub(crate) async fn show(
    State(state): State<PortalState>,
    operator: Operator,
    Path(id): Path<TaskId>,
    page: Page,
) -> Result<Response, Failure> {
    let locale = page.locale;
    let view = state.operations.referral(&operator.actor, id).await?;
    let category = |name: &str| state.operations.category_name(name, locale);
    let (heading, lead) = words(view.kind);
    answer::page(&ReferralPage {
        task_id: view.task_id.to_string(),
        heading,
        lead,
        category: category(&view.category),
        rule: view.rule,
        raised_at: view.raised_at,
        produce_id: view.produce_id.map(|id| id.to_string()),
        subject_id: view.subject_id.map(|id| id.to_string()),
        evidence: convert::evidence(view.evidence, category),
        can_change: page.may("resolve_tasks"),
        page: page.in_section(Section::Tasks),
    })
}

fn words(kind: ReferralKind) -> (Key, Key) {
    match kind {
        ReferralKind::Review => (key!("task-review-title"), key!("task-review-text")),
        ReferralKind::Crisis => (key!("task-crisis-title"), key!("task-crisis-text")),
    }
}

impl Samples for ReferralPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let text = |zh: &str, en: &str| if locale == Locale::ZhCn { zh.to_owned() } else { en.to_owned() };
        let page = |kind, rule: &str, category, produce_id: Option<&str>| {
            let (heading, lead) = words(kind);
            Self {
                page: samples::operator(locale, "/console/tasks/01KAR2YF8N2Q6ZT0M5B7WJ4C9D", Section::Tasks),
                task_id: "01KAR2YF8N2Q6ZT0M5B7WJ4C9D".to_owned(),
                heading,
                lead,
                rule: rule.to_owned(),
                category,
                raised_at: samples::hours_later(0),
                produce_id: produce_id.map(str::to_owned),
                subject_id: Some("01KAR2YF8N2Q6ZT0M5B7WJ4C9E".to_owned()),
                evidence: Some(EvidenceView::sample(locale)),
                can_change: true,
            }
        };
        let id = Some("01KAR2XW5T8E3RPQ0V6HZM1N4B");
        vec![
            ("console-referral", page(ReferralKind::Review, "lexicon.fraud", text("诈骗", "Fraud"), None)),
            (
                "console-referral-crisis",
                page(ReferralKind::Crisis, "lexicon.self-harm", text("自伤与自杀", "Self-harm"), id),
            ),
        ]
    }
}
