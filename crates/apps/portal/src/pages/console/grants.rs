//! `/console/grants`: who may be given things without a visible label (Labelling Measures, article 9).

use askama::Template;
use axum::{
    Form,
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use operations::{GrantRequest, GrantScope, LabelGrantView};
use serde::Deserialize;
use terms::{ApplicationKeyId, LabelGrantId, Locale, Timestamp};

use crate::{
    Key, Page, PortalState, Section, answer, convert,
    failure::Failure,
    page::samples,
    pages::{Field, Samples},
    session::Operator,
    text::key,
};

/// The grants.
#[derive(Template)]
#[template(path = "console/grants.html")]
pub struct GrantsPage {
    /// The frame.
    pub page: Page,
    /// The grants there are, the newest first.
    pub rows: Vec<GrantRow>,
    /// The keys that a grant can be for, by id and name.
    pub keys: Vec<(String, String)>,
    /// Whether this operator may grant and withdraw.
    pub can_change: bool,
    /// Who asked, for what.
    pub request: Field,
    /// The clause of the agreement.
    pub clause: Field,
    /// The version of the agreement.
    pub agreement: Field,
    /// The end user.
    pub end_user: Field,
    /// How many days.
    pub days: Field,
}

/// A grant in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantRow {
    /// Its id.
    pub grant_id: String,
    /// The name of the key; its id where it is revoked.
    pub key: String,
    /// Whether it is for one end user alone.
    pub subject: Option<String>,
    /// What it covers.
    pub scope: Key,
    /// The request.
    pub request: String,
    /// Clause and version of the agreement.
    pub clause: String,
    /// The version.
    pub agreement: String,
    /// When it was given.
    pub granted_at: Timestamp,
    /// Until when it holds.
    pub expires_at: Timestamp,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
    /// Whether it holds now.
    pub is_in_force: bool,
}

/// A grant as it was asked for.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    key_id: ApplicationKeyId,
    #[serde(default)]
    end_user: String,
    scope: String,
    #[serde(default)]
    request: String,
    #[serde(default)]
    clause: String,
    #[serde(default)]
    agreement: String,
    #[serde(default)]
    days: String,
}

/// `GET /console/grants`
pub(crate) async fn show(
    State(state): State<PortalState>,
    operator: Operator,
    page: Page,
) -> Result<Response, Failure> {
    answer::page(&GrantsPage::of(&state, &operator, page).await?)
}

/// `POST /console/grants`
pub(crate) async fn give(
    State(state): State<PortalState>,
    operator: Operator,
    page: Page,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Failure> {
    let request = GrantRequest {
        key_id: wanted.key_id,
        end_user: Some(wanted.end_user.clone()),
        scope: GrantScope::from_word(&wanted.scope)
            .ok_or_else(|| Failure::status(StatusCode::BAD_REQUEST))?,
        request: wanted.request.clone(),
        clause: wanted.clause.clone(),
        agreement: wanted.agreement.clone(),
        days: wanted.days.trim().parse().unwrap_or(0),
    };
    let Err(error) = state.operations.label_grant_give(&operator.actor, request).await else {
        return Ok(answer::see_other("/console/grants"));
    };
    let (mut request, mut clause) = (Field::of(wanted.request), Field::of(wanted.clause));
    let (mut agreement, mut end_user) = (Field::of(wanted.agreement), Field::of(wanted.end_user));
    let mut days = Field::of(wanted.days);
    let fields = [
        ("request", &mut request),
        ("clause", &mut clause),
        ("agreement", &mut agreement),
        ("end_user", &mut end_user),
        ("days", &mut days),
    ];
    convert::beside(error, fields)?;
    let page = GrantsPage::of(&state, &operator, page).await?;
    answer::page(&GrantsPage { request, clause, agreement, end_user, days, ..page })
}

/// `POST /console/grants/{id}/withdraw`
pub(crate) async fn withdraw(
    State(state): State<PortalState>,
    operator: Operator,
    Path(id): Path<LabelGrantId>,
) -> Result<Response, Failure> {
    state.operations.label_grant_withdraw(&operator.actor, id).await?;
    Ok(answer::see_other("/console/grants"))
}

impl GrantsPage {
    async fn of(state: &PortalState, operator: &Operator, page: Page) -> Result<Self, Failure> {
        let keys = state.operations.label_grant_keys(&operator.actor)?;
        let now = state.operations.now();
        let grants = state.operations.label_grant_list(&operator.actor).await?;
        let rows = grants.into_iter().map(|grant| GrantRow::of(grant, &keys, now)).collect();
        Ok(Self {
            can_change: page.may("manage_grants"),
            page: page.in_section(Section::Grants),
            rows,
            keys: keys.into_iter().map(|(id, name)| (id.to_string(), name)).collect(),
            request: Field::default(),
            clause: Field::default(),
            agreement: Field::default(),
            end_user: Field::default(),
            days: Field::of("30".to_owned()),
        })
    }
}

impl GrantRow {
    fn of(grant: LabelGrantView, keys: &[(ApplicationKeyId, String)], now: Timestamp) -> Self {
        let named = keys.iter().find(|(id, _)| Some(*id) == grant.key_id).map(|(_, name)| name.clone());
        let id = grant.key_id.map(|id| id.to_string()).unwrap_or_default();
        Self {
            grant_id: grant.grant_id.to_string(),
            key: named.unwrap_or(id),
            subject: grant.subject_id.map(|id| id.to_string()),
            scope: scope_name(grant.scope),
            request: grant.request,
            clause: grant.clause,
            agreement: grant.agreement,
            granted_at: grant.granted_at,
            expires_at: grant.expires_at,
            withdrawn_at: grant.withdrawn_at,
            is_in_force: grant.withdrawn_at.is_none() && now < grant.expires_at,
        }
    }
}

/// What a grant covers, in words.
fn scope_name(scope: GrantScope) -> Key {
    match scope {
        GrantScope::Picture => key!("console-grants-scope-picture"),
        GrantScope::Sound => key!("console-grants-scope-sound"),
        GrantScope::All => key!("console-grants-scope-all"),
    }
}

impl Samples for GrantsPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let row = |scope, subject: Option<&str>, withdrawn_at: Option<Timestamp>, is_in_force| GrantRow {
            grant_id: "01KAR2YF8N2Q6ZT0M5B7WJ4C9D".to_owned(),
            key: "handbook".to_owned(),
            subject: subject.map(str::to_owned),
            scope: scope_name(scope),
            request: "某影视公司 2026-11-20 来函：用于影片片头".to_owned(),
            clause: "7.2".to_owned(),
            agreement: "2026-11".to_owned(),
            granted_at: samples::hours_later(0),
            expires_at: samples::hours_later(720),
            withdrawn_at,
            is_in_force,
        };
        let page = || Self {
            page: samples::operator(locale, "/console/grants", Section::Grants),
            rows: vec![
                row(GrantScope::Picture, Some("01KAR2YF8N2Q6ZT0M5B7WJ4C9E"), None, true),
                row(GrantScope::Sound, None, Some(samples::hours_later(9)), false),
                row(GrantScope::All, None, None, false),
            ],
            keys: vec![("01KAR2YF8N2Q6ZT0M5B7WJ4C9F".to_owned(), "handbook".to_owned())],
            can_change: true,
            request: Field::default(),
            clause: Field::default(),
            agreement: Field::default(),
            end_user: Field::default(),
            days: Field::of("30".to_owned()),
        };
        vec![
            ("console-grants", page()),
            (
                "console-grants-invalid",
                Self {
                    request: Field::default().wrong(key!("console-grants-error-request")),
                    clause: Field::default().wrong(key!("console-grants-error-clause")),
                    agreement: Field::default().wrong(key!("console-grants-error-agreement")),
                    end_user: Field::default().wrong(key!("console-grants-error-end-user")),
                    days: Field::of("0".to_owned()).wrong(key!("console-grants-error-days")),
                    ..page()
                },
            ),
            ("console-grants-none", Self { rows: Vec::new(), keys: Vec::new(), can_change: false, ..page() }),
        ]
    }
}
