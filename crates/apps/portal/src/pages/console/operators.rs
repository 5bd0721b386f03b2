//! `/console/operators`: who works here, and inviting more.

use askama::Template;
use axum::{
    Form,
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use operations::{Invitation, InvitationView, OPERATOR_ROLES, OperationError, OperatorRecord};
use serde::Deserialize;
use terms::{ActorRole, Locale, OperatorId, Timestamp};

use crate::{
    Key, Page, PortalState, Section, answer,
    failure::Failure,
    page::{role_name, samples},
    pages::Samples,
    session::Operator,
    text::key,
};

/// Operators and invitations.
#[derive(Template)]
#[template(path = "console/operators.html")]
pub struct OperatorsPage {
    /// The frame.
    pub page: Page,
    /// The invitation that was just made. Its link is shown this once.
    pub created: Option<CreatedInvitation>,
    /// The operators, those who left too.
    pub rows: Vec<OperatorRow>,
    /// The invitations that nobody has used yet.
    pub invitations: Vec<InvitationRow>,
    /// The roles to choose from.
    pub roles: Vec<RoleChoice>,
}

/// An invitation that was just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedInvitation {
    /// The link.
    pub url: String,
    /// The role it gives.
    pub role: Key,
    /// Until when it works.
    pub expires_at: Timestamp,
}

/// An operator in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorRow {
    /// Their id.
    pub operator_id: String,
    /// The name they sign in with.
    pub name: String,
    /// Their role.
    pub role: Key,
    /// When they joined.
    pub created_at: Timestamp,
    /// When they were shut out.
    pub disabled_at: Option<Timestamp>,
    /// Whether they are the last who can invite.
    pub is_last_manager: bool,
    /// Whether it is the one who looks at the page.
    pub is_me: bool,
}

/// An open invitation in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationRow {
    /// What it is named by.
    pub id: String,
    /// The role it gives.
    pub role: Key,
    /// Who made it; nobody where the machine did.
    pub invited_by: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it works.
    pub expires_at: Timestamp,
}

/// A role to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleChoice {
    /// Its word.
    pub word: &'static str,
    /// Its name.
    pub name: Key,
    /// What it may do.
    pub hint: Key,
}

/// An invitation as it was asked for.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    role: String,
}

/// `GET /console/operators`
pub(crate) async fn show(
    State(state): State<PortalState>,
    operator: Operator,
    page: Page,
) -> Result<Response, Failure> {
    answer::page(&OperatorsPage::of(&state, &operator, page, None).await?)
}

/// `POST /console/operators`: answers with the page itself, since the link is shown this once and kept nowhere.
pub(crate) async fn invite(
    State(state): State<PortalState>,
    operator: Operator,
    page: Page,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Failure> {
    let role = ActorRole::from_word(&wanted.role).ok_or(Failure::status(StatusCode::BAD_REQUEST))?;
    let invitation = state.operations.invite_operator(&operator.actor, role).await?;
    answer::page(&OperatorsPage::of(&state, &operator, page, Some(invitation)).await?)
}

/// `POST /console/invitations/{id}/renew`: as [`invite`].
pub(crate) async fn renew(
    State(state): State<PortalState>,
    operator: Operator,
    Path(id): Path<String>,
    page: Page,
) -> Result<Response, Failure> {
    let invitation = state.operations.renew_invitation(&operator.actor, &id).await.map_err(gone)?;
    answer::page(&OperatorsPage::of(&state, &operator, page, Some(invitation)).await?)
}

/// `POST /console/invitations/{id}/revoke`
pub(crate) async fn revoke(
    State(state): State<PortalState>,
    operator: Operator,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    state.operations.revoke_invitation(&operator.actor, &id).await.map_err(gone)?;
    Ok(answer::see_other("/console/operators"))
}

/// `POST /console/operators/{id}/disable`
pub(crate) async fn disable(
    State(state): State<PortalState>,
    operator: Operator,
    Path(id): Path<OperatorId>,
) -> Result<Response, Failure> {
    state.operations.disable_operator(&operator.actor, id).await?;
    Ok(answer::see_other("/console/operators"))
}

/// An invitation that is listed on the page and not there any more was used, called back or has expired meanwhile.
fn gone(error: OperationError) -> Failure {
    match error {
        OperationError::NotFound { .. } => {
            Failure::text(StatusCode::CONFLICT, key!("operators-error-invitation").0)
        }
        other => other.into(),
    }
}

impl OperatorsPage {
    async fn of(
        state: &PortalState,
        operator: &Operator,
        page: Page,
        created: Option<Invitation>,
    ) -> Result<Self, Failure> {
        let operators = state.operations.operator_list(&operator.actor).await?;
        let invitations = state.operations.invitation_list(&operator.actor).await?;
        Ok(Self {
            // The page of a form that was posted is the list, also where its address is another.
            page: Page { path: "/console/operators".to_owned(), ..page.in_section(Section::Operators) },
            created: created.map(|invitation| CreatedInvitation {
                url: invitation.url,
                role: role_name(invitation.role),
                expires_at: invitation.expires_at,
            }),
            rows: operators.into_iter().map(|record| OperatorRow::of(record, operator.id)).collect(),
            invitations: invitations.into_iter().map(InvitationRow::of).collect(),
            roles: roles(),
        })
    }
}

impl OperatorRow {
    fn of(record: OperatorRecord, me: OperatorId) -> Self {
        Self {
            operator_id: record.operator_id.to_string(),
            name: record.name,
            role: role_name(record.role),
            created_at: record.created_at,
            disabled_at: record.disabled_at,
            is_last_manager: record.is_last_manager,
            is_me: record.operator_id == me,
        }
    }
}

impl InvitationRow {
    fn of(view: InvitationView) -> Self {
        Self {
            id: view.id,
            role: role_name(view.role),
            invited_by: view.invited_by,
            created_at: view.created_at,
            expires_at: view.expires_at,
        }
    }
}

/// The roles, each with what it may do.
fn roles() -> Vec<RoleChoice> {
    let choice = |role: ActorRole| {
        let hint = match role {
            ActorRole::Administrator => key!("operators-role-administrator"),
            ActorRole::Reviewer => key!("operators-role-reviewer"),
            ActorRole::Compliance => key!("operators-role-compliance"),
            _ => key!("operators-role-auditor"),
        };
        RoleChoice { word: role.as_str(), name: role_name(role), hint }
    };
    // What is needed most often first, and never the most powerful one by default.
    let mut roles = OPERATOR_ROLES.map(choice).to_vec();
    roles.rotate_left(1);
    roles
}

impl Samples for OperatorsPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let row = |name: &str, role, disabled_at| OperatorRow {
            operator_id: "01KAR2YF8N2Q6ZT0M5B7WJ4C9D".to_owned(),
            name: name.to_owned(),
            role: role_name(role),
            created_at: samples::hours_later(0),
            disabled_at,
            is_last_manager: role == ActorRole::Administrator,
            is_me: role == ActorRole::Administrator,
        };
        let invitation = |role, invited_by: Option<&str>| InvitationRow {
            id: "5d41402abc4b2a76b9719d911017c5925d41402abc4b2a76b9719d911017c592".to_owned(),
            role: role_name(role),
            invited_by: invited_by.map(str::to_owned),
            created_at: samples::hours_later(0),
            expires_at: samples::hours_later(7 * 24),
        };
        let page = |created, invitations| Self {
            page: samples::operator(locale, "/console/operators", Section::Operators),
            created,
            rows: vec![
                row("lin.yue", ActorRole::Administrator, None),
                row("chen.yu", ActorRole::Reviewer, None),
                row("old.hand", ActorRole::Auditor, Some(samples::hours_later(9))),
            ],
            invitations,
            roles: roles(),
        };
        vec![
            (
                "console-operators",
                page(
                    None,
                    vec![
                        invitation(ActorRole::Reviewer, Some("lin.yue")),
                        invitation(ActorRole::Compliance, None),
                    ],
                ),
            ),
            (
                "console-operators-invited",
                page(
                    Some(CreatedInvitation {
                        url: "https://ai.example/invitations/5JQ0V7N8Z2X4M6B8T1C3R5W7Y9aBcDeFgHiJkLmNoPqR"
                            .to_owned(),
                        role: role_name(ActorRole::Reviewer),
                        expires_at: samples::hours_later(7 * 24),
                    }),
                    vec![invitation(ActorRole::Reviewer, Some("lin.yue"))],
                ),
            ),
            ("console-operators-alone", page(None, Vec::new())),
        ]
    }
}
