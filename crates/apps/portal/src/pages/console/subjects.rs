//! `/console/subjects`: the people who use the service; their level, their suspensions.

use std::time::Duration;

use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State},
    response::Response,
};
use http::StatusCode;
use identity::IdentityLevel;
use operations::{PenaltyRequest, PenaltyView, SubjectView};
use serde::Deserialize;
use terms::{Locale, PenaltyId, SubjectId, Timestamp};

use crate::{
    Key, Page, PortalState, Section, answer, convert,
    failure::Failure,
    page::samples,
    pages::{Field, Samples},
    session::Operator,
    text::key,
};

/// The list, or the one that was looked for.
#[derive(Template)]
#[template(path = "console/subjects.html")]
pub struct SubjectsPage {
    /// The frame.
    pub page: Page,
    /// What was looked for.
    pub query: String,
    /// Who was found.
    pub subjects: Vec<SubjectRow>,
    /// Whether this operator may change levels and suspend.
    pub can_change: bool,
    /// The levels to choose from.
    pub levels: Vec<LevelChoice>,
    /// Reasons that were missing, and for whom.
    pub reasons: Field,
    /// Where the list goes on.
    pub after: Option<String>,
}

/// A level of identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelChoice {
    /// The word in the form.
    pub word: String,
    /// The name.
    pub name: Key,
}

/// Someone who uses the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectRow {
    /// Their id.
    pub subject_id: String,
    /// Of which kind.
    pub kind: Key,
    /// Their level, as a word.
    pub level: String,
    /// Their level, by name.
    pub level_name: Key,
    /// How the level was found out.
    pub level_method: Option<String>,
    /// When they accepted the agreement.
    pub agreement_at: Option<Timestamp>,
    /// Since when they are known.
    pub created_at: Timestamp,
    /// Their penalties.
    pub penalties: Vec<PenaltyRow>,
    /// How many strikes the last day brought.
    pub strikes_day: u64,
}

/// A suspension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PenaltyRow {
    /// Its id.
    pub penalty_id: String,
    /// From when.
    pub starts_at: Timestamp,
    /// Until when; without an end when absent.
    pub ends_at: Option<Timestamp>,
    /// When it was lifted.
    pub lifted_at: Option<Timestamp>,
    /// Whether it holds now.
    pub in_force: bool,
}

/// What kind of person it is, in words.
#[must_use]
pub fn subject_kind(word: &str) -> Key {
    match word {
        "owner" => key!("subject-kind-owner"),
        "trial" => key!("subject-kind-trial"),
        _ => key!("subject-kind-end-user"),
    }
}

/// Every level, in order.
#[must_use]
pub fn levels() -> Vec<LevelChoice> {
    [
        ("none", key!("level-none")),
        ("declared", key!("level-declared")),
        ("phone", key!("level-phone")),
        ("full", key!("level-full")),
    ]
    .into_iter()
    .map(|(word, name)| LevelChoice { word: word.to_owned(), name })
    .collect()
}

/// The name of the level with that word.
#[must_use]
pub fn level_name(word: &str) -> Key {
    levels().into_iter().find(|level| level.word == word).map_or(key!("level-none"), |level| level.name)
}

/// Whom to show.
#[derive(Deserialize)]
pub(crate) struct Sought {
    #[serde(default)]
    q: String,
    after: Option<SubjectId>,
}

/// A level as it was chosen.
#[derive(Deserialize)]
pub(crate) struct LevelChosen {
    level: String,
    #[serde(default)]
    method: String,
}

/// A suspension as it was typed.
#[derive(Deserialize)]
pub(crate) struct Suspension {
    #[serde(default)]
    days: String,
    #[serde(default)]
    reasons: String,
}

/// Whose suspension it was.
#[derive(Deserialize)]
pub(crate) struct Lifted {
    subject_id: SubjectId,
}

/// Ten years: longer ones have no end.
const DAYS_MAX: u64 = 3650;
/// As many as the list brings at once.
const PAGE_ROWS: usize = 50;

/// `GET /console/subjects`
pub(crate) async fn show(
    State(state): State<PortalState>,
    operator: Operator,
    page: Page,
    Query(sought): Query<Sought>,
) -> Result<Response, Failure> {
    let found = match convert::typed(&sought.q) {
        Some(query) => state.operations.subject_find(&operator.actor, &query).await?.into_iter().collect(),
        None => state.operations.subject_list(&operator.actor, sought.after).await?,
    };
    answer::page(&SubjectsPage::of(&state, page, sought.q, found))
}

/// `POST /console/subjects/{id}/level`
pub(crate) async fn set_level(
    State(state): State<PortalState>,
    operator: Operator,
    Path(id): Path<SubjectId>,
    page: Page,
    Form(chosen): Form<LevelChosen>,
) -> Result<Response, Failure> {
    let level = IdentityLevel::from_word(&chosen.level).ok_or(Failure::status(StatusCode::BAD_REQUEST))?;
    let done = state.operations.set_identity_level(&operator.actor, id, level, &chosen.method).await;
    after_change(&state, &operator, id, page, done.err()).await
}

/// `POST /console/subjects/{id}/suspend`
pub(crate) async fn suspend(
    State(state): State<PortalState>,
    operator: Operator,
    Path(id): Path<SubjectId>,
    page: Page,
    Form(suspension): Form<Suspension>,
) -> Result<Response, Failure> {
    let days = convert::typed(&suspension.days).map(|days| days.parse::<u64>()).transpose();
    let days = days.map_err(|_| Failure::status(StatusCode::BAD_REQUEST))?;
    if days.is_some_and(|days| !(1..=DAYS_MAX).contains(&days)) {
        return Err(Failure::status(StatusCode::BAD_REQUEST));
    }
    let request = PenaltyRequest {
        lasts: days.map(|days| Duration::from_secs(days * 24 * 3600)),
        reasons: suspension.reasons,
    };
    let done = state.operations.impose_penalty(&operator.actor, id, request).await;
    after_change(&state, &operator, id, page, done.err()).await
}

/// `POST /console/penalties/{id}/lift`
pub(crate) async fn lift(
    State(state): State<PortalState>,
    operator: Operator,
    Path(id): Path<PenaltyId>,
    Form(lifted): Form<Lifted>,
) -> Result<Response, Failure> {
    state.operations.lift_penalty(&operator.actor, id).await?;
    Ok(answer::see_other(&format!("/console/subjects?q={}", lifted.subject_id)))
}

/// Goes on to the person, or shows them again with what was wrong.
async fn after_change(
    state: &PortalState,
    operator: &Operator,
    id: SubjectId,
    page: Page,
    error: Option<operations::OperationError>,
) -> Result<Response, Failure> {
    let Some(error) = error else {
        return Ok(answer::see_other(&format!("/console/subjects?q={id}")));
    };
    let (mut method, mut reasons) = (Field::default(), Field::default());
    convert::beside(error, [("method", &mut method), ("reasons", &mut reasons)])?;
    let found = state.operations.subject_find(&operator.actor, &id.to_string()).await?;
    let wrong = if method.error.is_some() { method } else { reasons };
    let page = SubjectsPage::of(state, page, id.to_string(), found.into_iter().collect());
    answer::page(&SubjectsPage { reasons: wrong, ..page })
}

impl SubjectsPage {
    fn of(state: &PortalState, page: Page, query: String, found: Vec<SubjectView>) -> Self {
        let now = state.operations.now();
        let is_full = found.len() >= PAGE_ROWS;
        Self {
            can_change: page.may("impose_penalty"),
            page: page.in_section(Section::Subjects),
            query,
            after: found.last().filter(|_| is_full).map(|subject| subject.subject_id.to_string()),
            subjects: found.into_iter().map(|subject| SubjectRow::of(subject, now)).collect(),
            levels: levels(),
            reasons: Field::default(),
        }
    }
}

impl SubjectRow {
    fn of(subject: SubjectView, now: Timestamp) -> Self {
        Self {
            subject_id: subject.subject_id.to_string(),
            kind: subject_kind(&subject.kind),
            level: subject.level.as_str().to_owned(),
            level_name: level_name(subject.level.as_str()),
            level_method: subject.level_method,
            agreement_at: subject.agreement_at,
            created_at: subject.created_at,
            penalties: subject.penalties.iter().map(|penalty| PenaltyRow::of(penalty, now)).collect(),
            strikes_day: subject.strikes_day,
        }
    }
}

impl PenaltyRow {
    fn of(penalty: &PenaltyView, now: Timestamp) -> Self {
        Self {
            penalty_id: penalty.penalty_id.to_string(),
            starts_at: penalty.starts_at,
            ends_at: penalty.ends_at,
            lifted_at: penalty.lifted_at,
            in_force: penalty.is_in_force(now),
        }
    }
}

impl Samples for SubjectsPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let subject = |id: &str, level: &str, penalties| SubjectRow {
            subject_id: id.to_owned(),
            kind: subject_kind("end_user"),
            level: level.to_owned(),
            level_name: level_name(level),
            level_method: (level != "none").then(|| "operator".to_owned()),
            agreement_at: Some(samples::hours_later(0)),
            created_at: samples::hours_later(0),
            penalties,
            strikes_day: 2,
        };
        let penalty = |in_force: bool| PenaltyRow {
            penalty_id: "01KAR31Q9C7M4D2E8B6ZT5XWVN".to_owned(),
            starts_at: samples::hours_later(0),
            ends_at: Some(samples::hours_later(72)),
            lifted_at: (!in_force).then(|| samples::hours_later(10)),
            in_force,
        };
        let page = |query: &str, subjects| Self {
            page: samples::operator(locale, "/console/subjects", Section::Subjects),
            query: query.to_owned(),
            subjects,
            can_change: true,
            levels: levels(),
            reasons: Field::default(),
            after: None,
        };
        let all = vec![
            subject("01KAR2WNG2Y6D8M3X5Q7RTV0BC", "phone", vec![penalty(true)]),
            subject("01KAR2WP4Z9F1K2J3H4G5E6D7C", "none", vec![penalty(false)]),
        ];
        vec![
            (
                "console-subjects",
                Self { after: Some("01KAR2WP4Z9F1K2J3H4G5E6D7C".to_owned()), ..page("", all.clone()) },
            ),
            ("console-subjects-read-only", Self { can_change: false, ..page("", all) }),
            ("console-subjects-none", page("nobody", Vec::new())),
        ]
    }
}
