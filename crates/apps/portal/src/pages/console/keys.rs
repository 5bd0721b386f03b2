//! `/console/keys`: the keys that applications call with.

use askama::Template;
use axum::{
    Form,
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use label::text::Placement;
use operations::{EndUserRule, Envelope, KeyRequest, KeyView};
use serde::Deserialize;
use terms::{ApplicationKeyId, Locale, Timestamp};

use crate::{
    Key, Page, PortalState, Section, answer, convert,
    failure::Failure,
    page::samples,
    pages::{Field, Samples},
    session::Operator,
    text::key,
};

/// The keys.
#[derive(Template)]
#[template(path = "console/keys.html")]
pub struct KeysPage {
    /// The frame.
    pub page: Page,
    /// The key that was just made. Its secret is shown this once.
    pub created: Option<CreatedKey>,
    /// The keys there are.
    pub rows: Vec<KeyRow>,
    /// Whether this operator may make and revoke keys.
    pub can_change: bool,
    /// The name of the new key.
    pub name: Field,
    /// Where applications call.
    pub endpoint: String,
}

/// A key that was just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedKey {
    /// Its name.
    pub name: String,
    /// Its secret.
    pub secret: String,
}

/// A key in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// Its id.
    pub key_id: String,
    /// Its name.
    pub name: String,
    /// The first characters of its secret.
    pub prefix: String,
    /// How end users are named.
    pub end_user: Key,
    /// Where the label goes.
    pub placement: Key,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// A key as it was asked for.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    name: String,
    end_user: String,
    placement: String,
    envelope: String,
}

/// `GET /console/keys`
pub(crate) async fn show(
    State(state): State<PortalState>,
    operator: Operator,
    page: Page,
) -> Result<Response, Failure> {
    answer::page(&KeysPage::of(&state, &operator, page).await?)
}

/// `POST /console/keys`: answers with the page itself, since the secret is shown this once and kept nowhere.
pub(crate) async fn create(
    State(state): State<PortalState>,
    operator: Operator,
    page: Page,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Failure> {
    let unknown = || Failure::status(StatusCode::BAD_REQUEST);
    let request = KeyRequest {
        name: wanted.name.clone(),
        end_user: EndUserRule::from_word(&wanted.end_user).ok_or_else(unknown)?,
        placement: Placement::from_word(&wanted.placement).ok_or_else(unknown)?,
        envelope: Envelope::from_word(&wanted.envelope).ok_or_else(unknown)?,
    };
    match state.operations.key_create(&operator.actor, request).await {
        Ok(key) => {
            let created = Some(CreatedKey { name: wanted.name.trim().to_owned(), secret: key.secret });
            answer::page(&KeysPage { created, ..KeysPage::of(&state, &operator, page).await? })
        }
        Err(error) => {
            let mut name = Field::of(wanted.name);
            convert::beside(error, [("name", &mut name)])?;
            answer::page(&KeysPage { name, ..KeysPage::of(&state, &operator, page).await? })
        }
    }
}

/// `POST /console/keys/{id}/revoke`
pub(crate) async fn revoke(
    State(state): State<PortalState>,
    operator: Operator,
    Path(id): Path<ApplicationKeyId>,
) -> Result<Response, Failure> {
    state.operations.key_revoke(&operator.actor, id).await?;
    Ok(answer::see_other("/console/keys"))
}

impl KeysPage {
    async fn of(state: &PortalState, operator: &Operator, page: Page) -> Result<Self, Failure> {
        let keys = state.operations.key_list(&operator.actor).await?;
        Ok(Self {
            can_change: page.may("manage_keys"),
            page: page.in_section(Section::Keys),
            created: None,
            rows: keys.into_iter().map(KeyRow::of).collect(),
            name: Field::default(),
            endpoint: state.operations.settings().url("/v1"),
        })
    }
}

impl KeyRow {
    fn of(key: KeyView) -> Self {
        Self {
            key_id: key.key_id.to_string(),
            name: key.name,
            prefix: key.prefix,
            end_user: end_user_name(&key.end_user),
            placement: placement_name(&key.placement),
            created_at: key.created_at,
            revoked_at: key.revoked_at,
        }
    }
}

/// How end users are named, in words.
fn end_user_name(word: &str) -> Key {
    match word {
        "required" => key!("console-keys-end-user-required"),
        "optional" => key!("console-keys-end-user-optional"),
        _ => key!("console-keys-end-user-owner"),
    }
}

/// Where the label goes, in words.
fn placement_name(word: &str) -> Key {
    match word {
        "suffix" => key!("console-keys-placement-suffix"),
        "prefix" => key!("console-keys-placement-prefix"),
        _ => key!("console-keys-placement-interface"),
    }
}

impl Samples for KeysPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let row = |name: &str, revoked| KeyRow {
            key_id: "01KAR2YF8N2Q6ZT0M5B7WJ4C9D".to_owned(),
            name: name.to_owned(),
            prefix: "ck-5JQ0V".to_owned(),
            end_user: end_user_name("optional"),
            placement: placement_name("suffix"),
            created_at: samples::hours_later(0),
            revoked_at: revoked,
        };
        let page = |created| Self {
            page: samples::operator(locale, "/console/keys", Section::Keys),
            created,
            rows: vec![row("handbook", None), row("old-bot", Some(samples::hours_later(9)))],
            can_change: true,
            name: Field::default(),
            endpoint: "https://ai.example/v1".to_owned(),
        };
        vec![
            ("console-keys", page(None)),
            (
                "console-keys-created",
                page(Some(CreatedKey {
                    name: "handbook".to_owned(),
                    secret: "ck-5JQ0V7N8Z2X4M6B8T1C3R5W7Y9aBcDeFgHiJkLmNoPqR".to_owned(),
                })),
            ),
            (
                "console-keys-invalid",
                Self { name: Field::default().wrong(key!("keys-error-name")), ..page(None) },
            ),
            ("console-keys-none", Self { rows: Vec::new(), can_change: false, ..page(None) }),
        ]
    }
}
