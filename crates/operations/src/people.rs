//! People: sessions on our own pages, the agreement, identity levels, suspensions.

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use identity::{IdentityLevel, Permission};
use ledger::EventKind;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use store::{DecisionRow, PenaltyRow, SessionRow, SubjectRow};
use terms::{Actor, ActorRole, DecisionId, Direction, Locale, PenaltyId, SubjectId, Timestamp, random_bytes};

use crate::{Mode, OperationError, Operations, Refusal, Subject, decisions::StoredStatement, entries::Draft};

/// How long a person's session lasts without being renewed.
const PERSON_SESSION: Duration = Duration::from_secs(30 * 24 * 3600);
/// Most subjects on one console page.
const SUBJECTS_PAGE: u32 = 50;

/// A new session: the cookie's value is shown here once and stored hashed.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// The cookie's value.
    pub token: String,
    /// Whose session it is.
    pub subject_id: SubjectId,
}

/// A person who came with a session.
#[derive(Debug, Clone)]
pub struct PersonView {
    /// Their id.
    pub subject_id: SubjectId,
    /// How well we know who they are.
    pub level: IdentityLevel,
    /// Whether they accepted the agreement in force.
    pub agreement_accepted: bool,
    /// The suspension in force, where there is one.
    pub suspended: Option<PenaltyView>,
}

/// The service agreement in force.
#[derive(Debug, Clone)]
pub struct AgreementView {
    /// Its text; paragraphs are separated by empty lines, headings begin with `## `.
    pub text: String,
    /// SHA-256 of the texts in all languages, hexadecimal: what an acceptance names.
    pub hash: String,
    /// The pack's version it came with.
    pub version: String,
}

/// One penalty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PenaltyView {
    /// Its id.
    pub penalty_id: PenaltyId,
    /// Its kind: `suspension`.
    pub kind: String,
    /// The decision that imposed it.
    pub decision_id: DecisionId,
    /// From when.
    pub starts_at: Timestamp,
    /// Until when; none until it is lifted.
    pub ends_at: Option<Timestamp>,
    /// When it was lifted.
    pub lifted_at: Option<Timestamp>,
}

impl PenaltyView {
    pub(crate) fn from_row(row: &PenaltyRow) -> Self {
        Self {
            penalty_id: row.penalty_id,
            kind: row.kind.clone(),
            decision_id: row.decision_id,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            lifted_at: row.lifted_at,
        }
    }

    /// Whether it binds at `now`.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.lifted_at.is_none() && self.starts_at <= now && self.ends_at.is_none_or(|end| now < end)
    }
}

/// A suspension to impose.
#[derive(Debug, Clone)]
pub struct PenaltyRequest {
    /// How long; none until it is lifted.
    pub lasts: Option<Duration>,
    /// Why: the person reads this.
    pub reasons: String,
}

/// A person as the console shows them.
#[derive(Debug, Clone)]
pub struct SubjectView {
    /// Their id.
    pub subject_id: SubjectId,
    /// `owner`, `end_user` or `trial`.
    pub kind: String,
    /// How well we know who they are.
    pub level: IdentityLevel,
    /// By which method that was established.
    pub level_method: Option<String>,
    /// When they accepted the agreement last.
    pub agreement_at: Option<Timestamp>,
    /// Since when they are known.
    pub created_at: Timestamp,
    /// All their penalties, the newest last.
    pub penalties: Vec<PenaltyView>,
    /// Strikes of the last 24 hours.
    pub strikes_day: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct LevelPayload {
    subject_id: SubjectId,
    level: String,
    method: String,
    by: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct AgreementPayload {
    subject_id: SubjectId,
    agreement: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct PenaltyPayload {
    penalty_id: PenaltyId,
    subject_id: SubjectId,
    decision_id: DecisionId,
    kind: String,
    ends_at: Option<Timestamp>,
}

/// A random token for a cookie or link: 256 bits.
pub(crate) fn new_token(entropy: &dyn terms::Entropy) -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<32>(entropy))
}

/// What the store keeps of a token.
pub(crate) fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

impl Operations {
    /// Starts a session for a new trial person.
    ///
    /// # Errors
    /// A refusal outside trial mode; [`OperationError::Unavailable`] where it cannot be stored.
    pub async fn start_trial_person(&self) -> Result<NewSession, OperationError> {
        if self.inner.settings.mode != Mode::Trial {
            return Err(Refusal::new(
                403,
                "sign_in_required",
                "sign in first: people without an account are served in trial mode only",
                "请先登录：仅试用模式支持免登录使用",
            )
            .by_rule("cn.ds.9")
            .into());
        }
        let now = self.now();
        let token = new_token(self.entropy());
        let index = self.subject_index("trial", &token);
        let row = self.subject_create("trial", index).await?;
        let session = SessionRow {
            token_hash: token_hash(&token),
            kind: "person".to_owned(),
            operator_id: None,
            subject_id: Some(row.subject_id),
            created_at: now,
            seen_at: now,
            expires_at: now.plus(PERSON_SESSION),
        };
        let mut tx = self.tx().await?;
        tx.session_insert(&session).await?;
        tx.commit().await?;
        Ok(NewSession { token, subject_id: row.subject_id })
    }

    /// The person behind a session cookie.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn session_person(&self, token: &str) -> Result<Option<PersonView>, OperationError> {
        let now = self.now();
        let Some(session) = self.inner.store.session_lookup(&token_hash(token)).await? else {
            return Ok(None);
        };
        let Some(subject_id) = session.subject_id.filter(|_| session.expires_at > now) else {
            return Ok(None);
        };
        let subject = self.subject_by_id(subject_id).await?;
        Ok(Some(PersonView {
            subject_id,
            level: subject.level,
            agreement_accepted: subject.agreement == Some(self.agreement_hash()),
            suspended: self.inner.memory.suspension(subject_id, now),
        }))
    }

    /// The service agreement in force, with what is configured filled in.
    #[must_use]
    pub fn agreement(&self, locale: Locale) -> AgreementView {
        AgreementView {
            text: self.agreement_text(locale),
            hash: hex::encode(self.agreement_hash()),
            version: self.inner.pack.version().to_owned(),
        }
    }

    /// SHA-256 over the agreement's texts: when any of them changes, it has to be accepted anew.
    pub(crate) fn agreement_hash(&self) -> [u8; 32] {
        *self.inner.memory.agreement_hash.get_or_init(|| {
            let mut hasher = Sha256::new();
            for locale in Locale::ALL {
                hasher.update(locale.tag());
                hasher.update([0]);
                hasher.update(self.agreement_text(locale));
                hasher.update([0]);
            }
            hasher.finalize().into()
        })
    }

    fn agreement_text(&self, locale: Locale) -> String {
        let inner = &self.inner;
        let settings = &inner.settings;
        let sample = inner.visible_label.render(&terms::ProduceId::from_u128(0));
        let placement = inner.pack.text("agreement.label.suffix", locale).unwrap_or_default();
        let appeal = self.limit_text(cases::CaseKind::Appeal, locale);
        let complaint = self.limit_text(cases::CaseKind::Complaint, locale);
        let report = self.limit_text(cases::CaseKind::Report, locale);
        let window = self.parameter_words("case.appeal.window", locale);
        let log_retention = self.parameter_words("retention.log", locale);
        let decision_retention = self.parameter_words("retention.decision", locale);
        let values = [
            ("provider_name", settings.provider_name.as_str()),
            ("service_url", settings.public_url.as_str()),
            ("contact", settings.contact.as_str()),
            ("label_placement", placement),
            ("label_sample", sample.as_str()),
            ("appeal_limit", appeal.as_str()),
            ("appeal_window", window.as_str()),
            ("complaint_limit", complaint.as_str()),
            ("report_limit", report.as_str()),
            ("log_retention", log_retention.as_str()),
            ("decision_retention", decision_retention.as_str()),
        ];
        let fill = |id: &str| {
            let needed = inner.pack.texts().find(|text| text.id == id);
            let values: Vec<(&str, &str)> = values
                .iter()
                .copied()
                .filter(|(name, _)| needed.is_some_and(|text| text.placeholders.iter().any(|p| p == name)))
                .collect();
            inner.pack.text_with(id, locale, &values).unwrap_or_else(|error| {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the agreement could not be filled in"
                );
                String::new()
            })
        };
        format!("## {}\n\n{}", fill("agreement.title"), fill("agreement.service"))
    }

    /// A period of the pack in words, such as `183 days`.
    #[must_use]
    pub fn parameter_words(&self, id: &str, locale: Locale) -> String {
        self.inner.pack.limit(id).map(|limit| limit.words(locale)).unwrap_or_default()
    }

    /// Records that a person accepted the agreement with this hash.
    ///
    /// # Errors
    /// [`OperationError::Conflict`] where another agreement is in force by now.
    pub async fn accept_agreement(
        &self,
        actor: &Actor,
        subject_id: SubjectId,
        hash: &str,
    ) -> Result<(), OperationError> {
        match actor {
            Actor::Subject(own) if *own == subject_id => {}
            Actor::Application(_) => self.end_user_checked(subject_id, "accept_agreement").await?,
            _ => return Err(OperationError::forbidden("accept_agreement")),
        }
        let in_force = self.agreement_hash();
        if hash != hex::encode(in_force) {
            return Err(OperationError::conflict(
                "agreement-error-changed",
                "the agreement has changed since it was shown: read the version in force and accept that",
            ));
        }
        let now = self.now();
        let draft = Draft::new(EventKind::AgreementAccepted, actor.role(), now).of(subject_id);
        let entry = self.entry(draft, &AgreementPayload { subject_id, agreement: hash.to_owned() })?;
        let mut tx = self.tx().await?;
        tx.subject_set_agreement(subject_id, &in_force, now).await?;
        tx.entry_append(&entry).await?;
        self.commit_then(tx, move |operations| async move { operations.subject_refresh(subject_id).await })
            .await
    }

    /// Sets how well we know who a person is, and by which method that was established.
    ///
    /// # Errors
    /// Without the permission, or where the person is unknown.
    pub async fn set_identity_level(
        &self,
        actor: &Actor,
        subject_id: SubjectId,
        level: IdentityLevel,
        method: &str,
    ) -> Result<(), OperationError> {
        let by = Self::authorise_any(actor, Permission::SetIdentityLevel)?;
        if matches!(actor, Actor::Application(_)) {
            self.end_user_checked(subject_id, Permission::SetIdentityLevel.as_str()).await?;
        }
        let method = method.trim();
        if method.is_empty() || method.len() > 200 {
            return Err(OperationError::invalid(
                "method",
                "subjects-error-method",
                "say in 1 to 200 bytes how the identity was checked",
            ));
        }
        let now = self.now();
        let draft =
            Draft::new(EventKind::IdentityVerified, actor.role(), now).of(subject_id).decided(level.as_str());
        let payload =
            LevelPayload { subject_id, level: level.as_str().to_owned(), method: method.to_owned(), by };
        let entry = self.entry(draft, &payload)?;
        let mut tx = self.tx().await?;
        tx.subject_set_level(subject_id, level.as_str(), Some(method), now).await?;
        tx.entry_append(&entry).await?;
        self.commit_then(tx, move |operations| async move { operations.subject_refresh(subject_id).await })
            .await
    }

    /// An application speaks for the people it names, not for those who come to our own pages.
    async fn end_user_checked(
        &self,
        subject_id: SubjectId,
        permission: &'static str,
    ) -> Result<(), OperationError> {
        match self.inner.store.subject_lookup(subject_id).await? {
            Some(row) if row.kind == "end_user" => Ok(()),
            Some(_) => Err(OperationError::forbidden(permission)),
            None => Err(OperationError::NotFound { what: "person" }),
        }
    }

    /// Reads a person anew, so that the next request sees what was just committed.
    async fn subject_refresh(&self, subject_id: SubjectId) -> Result<(), OperationError> {
        let _reloading = self.inner.memory.reloading.lock().await;
        let row = self
            .inner
            .store
            .subject_lookup(subject_id)
            .await?
            .ok_or(OperationError::NotFound { what: "person" })?;
        self.inner.memory.subject_changed(&Arc::new(Subject::from_row(&row)?));
        Ok(())
    }

    /// The id of the person whom applications call `name`, made known where this is the first time.
    ///
    /// # Errors
    /// For anybody but an application, and for an empty or overlong name.
    pub async fn end_user(&self, actor: &Actor, name: &str) -> Result<SubjectId, OperationError> {
        if !matches!(actor, Actor::Application(_)) {
            return Err(OperationError::forbidden("name_end_users"));
        }
        let name = name.trim();
        if name.is_empty() || name.len() > crate::admit::END_USER_BYTES_MAX {
            return Err(OperationError::invalid(
                "end_user",
                "subjects-error-name",
                format!("an end user's name has 1 to {} bytes", crate::admit::END_USER_BYTES_MAX),
            ));
        }
        Ok(self.subject_of_end_user(name).await?.subject_id)
    }

    /// The person with this id, or the end user whom applications call by this name.
    ///
    /// # Errors
    /// Without the permission.
    pub async fn subject_find(
        &self,
        actor: &Actor,
        query: &str,
    ) -> Result<Option<SubjectView>, OperationError> {
        Self::authorise(actor, Permission::ViewSubjects)?;
        let query = query.trim();
        let row = match query.parse::<SubjectId>() {
            Ok(id) => self.inner.store.subject_lookup(id).await?,
            Err(_) => None,
        };
        let row = match row {
            Some(row) => Some(row),
            None => self.inner.store.subject_lookup_by_index(&self.subject_index("end_user", query)).await?,
        };
        match row {
            Some(row) => Ok(Some(self.subject_view(row).await?)),
            None => Ok(None),
        }
    }

    /// People in the order they came, after `after`.
    ///
    /// # Errors
    /// Without the permission.
    pub async fn subject_list(
        &self,
        actor: &Actor,
        after: Option<SubjectId>,
    ) -> Result<Vec<SubjectView>, OperationError> {
        Self::authorise(actor, Permission::ViewSubjects)?;
        let mut views = Vec::new();
        for row in self.inner.store.subject_list(after, SUBJECTS_PAGE).await? {
            views.push(self.subject_view(row).await?);
        }
        Ok(views)
    }

    async fn subject_view(&self, row: SubjectRow) -> Result<SubjectView, OperationError> {
        let subject = Subject::from_row(&row)?;
        let penalties = self.inner.store.penalty_list_for_subject(row.subject_id).await?;
        let since = self.now().minus(Duration::from_secs(24 * 3600));
        Ok(SubjectView {
            subject_id: row.subject_id,
            kind: row.kind,
            level: subject.level,
            level_method: row.level_method,
            agreement_at: row.agreement_at,
            created_at: row.created_at,
            penalties: penalties.iter().map(PenaltyView::from_row).collect(),
            strikes_day: self.strikes(row.subject_id, since).await?,
        })
    }

    /// Suspends a person: a decision with its statement of reasons, appealable, in force at the very next request.
    ///
    /// # Errors
    /// Without the permission or without reasons.
    pub async fn impose_penalty(
        &self,
        actor: &Actor,
        subject_id: SubjectId,
        request: PenaltyRequest,
    ) -> Result<PenaltyView, OperationError> {
        let by = Self::authorise(actor, Permission::ImposePenalty)?;
        let reasons = reasons_checked(&request.reasons)?;
        self.subject_by_id(subject_id).await?;
        let now = self.now();
        let decision_id = DecisionId::generate(now, self.entropy());
        let penalty = PenaltyRow {
            penalty_id: PenaltyId::generate(now, self.entropy()),
            tenant_id: self.inner.settings.tenant,
            subject_id,
            kind: "suspension".to_owned(),
            decision_id,
            starts_at: now,
            ends_at: request.lasts.map(|lasts| now.plus(lasts)),
            lifted_at: None,
            lifted_case_id: None,
        };
        let draft = Draft::new(EventKind::PenaltyImposed, actor.role(), now)
            .of(subject_id)
            .about(decision_id)
            .decided("penalty.suspension");
        let entry = self.entry(
            draft,
            &PenaltyPayload {
                penalty_id: penalty.penalty_id,
                subject_id,
                decision_id,
                kind: penalty.kind.clone(),
                ends_at: penalty.ends_at,
            },
        )?;
        let statement = StoredStatement {
            text_id: "statement.penalty".to_owned(),
            automated_detection: false,
            automated_decision: false,
            reasons: Some(reasons),
        };
        let evidence = serde_json::to_vec(&crate::Evidence::default())?;
        let decision = DecisionRow {
            decision_id,
            tenant_id: self.inner.settings.tenant,
            subject_id,
            produce_id: None,
            key_id: None,
            kind: "penalty".to_owned(),
            rule: "penalty.suspension".to_owned(),
            category: "penalty".to_owned(),
            direction: Direction::Input,
            statement: serde_json::to_string(&statement)?,
            sealed: self.inner.vault.seal(&format!("decision:{decision_id}"), &evidence)?.to_bytes(),
            made_at: now,
            automated: false,
            decided_by: Some(by),
            state: "standing".to_owned(),
            overturned_at: None,
            overturned_case_id: None,
            appeal_token_hash: self.appeal_token(decision_id).hash(),
            strike: false,
            prompt_fingerprint: None,
            entry_id: entry.entry_id,
        };
        let mut tx = self.tx().await?;
        tx.entry_append(&entry).await?;
        tx.decision_insert(&decision).await?;
        tx.penalty_insert(&penalty).await?;
        self.commit_then(tx, move |operations| async move {
            operations.memory_load_penalties_of(subject_id).await
        })
        .await?;
        Ok(PenaltyView::from_row(&penalty))
    }

    /// Lifts a penalty at once.
    ///
    /// # Errors
    /// Without the permission, or where there is no such penalty in force.
    pub async fn lift_penalty(&self, actor: &Actor, penalty_id: PenaltyId) -> Result<(), OperationError> {
        Self::authorise(actor, Permission::LiftPenalty)?;
        let now = self.now();
        let penalties = self.inner.store.penalty_list_active(now).await?;
        let penalty = penalties
            .into_iter()
            .find(|row| row.penalty_id == penalty_id)
            .ok_or(OperationError::NotFound { what: "penalty in force" })?;
        let entry = self.penalty_lifted_entry(actor.role(), &penalty, now)?;
        let mut tx = self.tx().await?;
        tx.penalty_lift(penalty_id, now, None).await?;
        tx.entry_append(&entry).await?;
        self.commit_then(tx, move |operations| async move {
            operations.memory_load_penalties_of(penalty.subject_id).await
        })
        .await
    }

    pub(crate) fn penalty_lifted_entry(
        &self,
        role: ActorRole,
        penalty: &PenaltyRow,
        now: Timestamp,
    ) -> Result<store::NewEntry, OperationError> {
        let draft = Draft::new(EventKind::PenaltyLifted, role, now)
            .of(penalty.subject_id)
            .about(penalty.decision_id)
            .decided("penalty.suspension");
        self.entry(
            draft,
            &PenaltyPayload {
                penalty_id: penalty.penalty_id,
                subject_id: penalty.subject_id,
                decision_id: penalty.decision_id,
                kind: penalty.kind.clone(),
                ends_at: penalty.ends_at,
            },
        )
    }
}

/// Reasons that a person will read: something, and not a book.
pub(crate) fn reasons_checked(reasons: &str) -> Result<String, OperationError> {
    let reasons = reasons.trim();
    if reasons.is_empty() || reasons.len() > 8_000 {
        return Err(OperationError::invalid(
            "reasons",
            "console-error-reasons",
            "give reasons of 1 to 8,000 bytes: the person reads them",
        ));
    }
    Ok(reasons.to_owned())
}
