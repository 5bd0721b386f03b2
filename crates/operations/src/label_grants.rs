//! Grants: delivery without a visible label, on a person's request and an agreement about it (Labelling Measures, article 9).
//!
//! A grant lifts the visible label alone: the hidden label, the ledger entries and the record of each delivery stay. It counts where
//! the request asks for it as well, so that whoever has one goes on getting labelled things by default.

use std::{sync::Arc, time::Duration};

use identity::Permission;
use ledger::EventKind;
use serde::{Deserialize, Serialize};
use store::{LabelGrantRow, NewEntry};
use terms::{Actor, ActorRole, ApplicationKeyId, LabelGrantId, OperatorId, ProduceId, SubjectId, Timestamp};

use crate::{
    Admitted, Generation, OperationError, Operations, Refusal, admit::END_USER_BYTES_MAX, entries::Draft,
};

/// Grants that the console shows.
const LISTED_MAX: u32 = 500;
/// The longest grant: an agreement is looked at again each year.
const DAYS_MAX: u32 = 366;
/// Longest texts, in bytes.
const CLAUSE_BYTES_MAX: usize = 200;
const REQUEST_BYTES_MAX: usize = 4_000;

/// What a grant covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GrantScope {
    /// Pictures.
    Picture,
    /// Sound.
    Sound,
    /// Both.
    All,
}

impl GrantScope {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Picture, Self::Sound, Self::All];

    /// The word in the store, in forms and in requests.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Picture => "picture",
            Self::Sound => "sound",
            Self::All => "all",
        }
    }

    /// The scope with that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }

    const fn covers(self, wanted: Self) -> bool {
        matches!((self, wanted), (Self::All, _) | (Self::Picture, Self::Picture) | (Self::Sound, Self::Sound))
    }
}

/// A grant to be given.
#[derive(Debug, Clone)]
pub struct GrantRequest {
    /// The key whose requests it covers.
    pub key_id: ApplicationKeyId,
    /// The end user whose requests it covers, as the application names them; `None` for all behind the key.
    pub end_user: Option<String>,
    /// What it covers.
    pub scope: GrantScope,
    /// Who asked, when and for what, as it was asked.
    pub request: String,
    /// The clause of the agreement that fixes the duty to label and the liability.
    pub clause: String,
    /// The version of that agreement.
    pub agreement: String,
    /// How many days it holds, at most 366.
    pub days: u32,
}

/// A grant in force, as delivery needs it.
#[derive(Debug, Clone)]
pub struct LabelGrant {
    /// Its id.
    pub grant_id: LabelGrantId,
    key_id: Option<ApplicationKeyId>,
    subject_id: Option<SubjectId>,
    scope: GrantScope,
    expires_at: Timestamp,
    clause: String,
    agreement: String,
}

/// A grant as the console shows it.
#[derive(Debug, Clone)]
pub struct LabelGrantView {
    /// Its id.
    pub grant_id: LabelGrantId,
    /// The key.
    pub key_id: Option<ApplicationKeyId>,
    /// The end user; `None` for all behind the key.
    pub subject_id: Option<SubjectId>,
    /// What it covers.
    pub scope: GrantScope,
    /// The request.
    pub request: String,
    /// The clause.
    pub clause: String,
    /// The agreement's version.
    pub agreement: String,
    /// Who granted it.
    pub granted_by: OperatorId,
    /// When.
    pub granted_at: Timestamp,
    /// Until when it holds.
    pub expires_at: Timestamp,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
}

/// The sealed side of `grant.given` and `grant.withdrawn`.
#[derive(Debug, Serialize)]
struct GrantPayload<'a> {
    grant_id: LabelGrantId,
    key_id: Option<ApplicationKeyId>,
    scope: &'a str,
    clause: &'a str,
    agreement: &'a str,
    expires_at: Timestamp,
    by: OperatorId,
}

/// The sealed side of `label.waived`: the record of a delivery.
#[derive(Debug, Serialize, Deserialize)]
struct WaivedPayload {
    reason: String,
    grant_id: LabelGrantId,
    produce_id: ProduceId,
    /// To whom.
    subject_id: SubjectId,
    key_id: Option<ApplicationKeyId>,
    clause: String,
    agreement: String,
}

impl LabelGrant {
    fn from_row(row: LabelGrantRow) -> Result<Self, OperationError> {
        Ok(Self {
            scope: scope_of(&row)?,
            grant_id: row.grant_id,
            key_id: row.key_id,
            subject_id: row.subject_id,
            expires_at: row.expires_at,
            clause: row.clause,
            agreement: row.agreement,
        })
    }

    fn covers(&self, admitted: &Admitted, wanted: GrantScope, now: Timestamp) -> bool {
        let key = admitted.key.as_ref().map(|key| key.key_id);
        now < self.expires_at
            && self.scope.covers(wanted)
            && self.key_id.is_none_or(|granted| key == Some(granted))
            && self.subject_id.is_none_or(|granted| granted == admitted.subject.subject_id)
    }
}

fn scope_of(row: &LabelGrantRow) -> Result<GrantScope, OperationError> {
    GrantScope::from_word(&row.scope).ok_or_else(|| {
        OperationError::internal("reading a grant")(format!("unknown scope `{}`", row.scope).into())
    })
}

impl Operations {
    /// Grants delivery without a visible label.
    ///
    /// # Errors
    /// Without the permission, for a key that is not in force, and with an empty or overlong text.
    pub async fn label_grant_give(
        &self,
        actor: &Actor,
        request: GrantRequest,
    ) -> Result<LabelGrantId, OperationError> {
        let by = Self::authorise(actor, Permission::ManageGrants)?;
        let (clause, agreement) = (request.clause.trim(), request.agreement.trim());
        let asked = request.request.trim();
        let check = |field: &'static str, text: &str, bytes_max: usize, message_key: &'static str| {
            if text.is_empty() || text.len() > bytes_max {
                let detail = format!("a text of 1 to {bytes_max} bytes is needed");
                return Err(OperationError::invalid(field, message_key, detail));
            }
            Ok(())
        };
        check("request", asked, REQUEST_BYTES_MAX, "console-grants-error-request")?;
        check("clause", clause, CLAUSE_BYTES_MAX, "console-grants-error-clause")?;
        check("agreement", agreement, CLAUSE_BYTES_MAX, "console-grants-error-agreement")?;
        if !(1..=DAYS_MAX).contains(&request.days) {
            let detail = format!("1 to {DAYS_MAX} days");
            return Err(OperationError::invalid("days", "console-grants-error-days", detail));
        }
        let is_in_force = self.inner.memory.keys.load().values().any(|key| key.key_id == request.key_id);
        if !is_in_force {
            return Err(OperationError::NotFound { what: "key in force" });
        }
        let end_user = request.end_user.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let subject_id = match end_user {
            Some(name) if name.len() > END_USER_BYTES_MAX => {
                let detail = format!("at most {END_USER_BYTES_MAX} bytes");
                return Err(OperationError::invalid("end_user", "console-grants-error-end-user", detail));
            }
            Some(name) => Some(self.subject_of_end_user(name).await?.subject_id),
            None => None,
        };
        let now = self.now();
        let grant_id = LabelGrantId::generate(now, self.entropy());
        let expires_at = now.plus(Duration::from_secs(u64::from(request.days) * 86_400));
        let sealed = self.inner.vault.seal(&format!("grant:{grant_id}"), asked.as_bytes())?.to_bytes();
        let row = LabelGrantRow {
            grant_id,
            tenant_id: self.inner.settings.tenant,
            key_id: Some(request.key_id),
            subject_id,
            scope: request.scope.as_str().to_owned(),
            clause: clause.to_owned(),
            agreement: agreement.to_owned(),
            sealed,
            granted_by: by,
            granted_at: now,
            expires_at,
            withdrawn_at: None,
            withdrawn_by: None,
        };
        let entry = self.grant_entry(EventKind::GrantGiven, &row, actor, by, now)?;
        let mut tx = self.tx().await?;
        tx.label_grant_insert(&row).await?;
        tx.entry_append(&entry).await?;
        self.commit_then(tx, |operations| async move { operations.memory_load_grants().await }).await?;
        Ok(grant_id)
    }

    /// Withdraws a grant; the next delivery carries its visible label again.
    ///
    /// # Errors
    /// Without the permission, or where no such grant is in force.
    pub async fn label_grant_withdraw(
        &self,
        actor: &Actor,
        grant_id: LabelGrantId,
    ) -> Result<(), OperationError> {
        let by = Self::authorise(actor, Permission::ManageGrants)?;
        let now = self.now();
        let in_force = self.inner.store.label_grant_list_in_force(now).await?;
        let row = in_force
            .into_iter()
            .find(|row| row.grant_id == grant_id)
            .ok_or(OperationError::NotFound { what: "grant in force" })?;
        let entry = self.grant_entry(EventKind::GrantWithdrawn, &row, actor, by, now)?;
        let mut tx = self.tx().await?;
        tx.label_grant_withdraw(grant_id, now, by).await.map_err(OperationError::raced)?;
        tx.entry_append(&entry).await?;
        self.commit_then(tx, |operations| async move { operations.memory_load_grants().await }).await
    }

    /// The newest grants, those that ended and were withdrawn among them.
    ///
    /// # Errors
    /// Without the permission.
    pub async fn label_grant_list(&self, actor: &Actor) -> Result<Vec<LabelGrantView>, OperationError> {
        Self::authorise(actor, Permission::ViewGrants)?;
        let rows = self.inner.store.label_grant_list(LISTED_MAX).await?;
        rows.into_iter()
            .map(|row| {
                let sealed = vault::Sealed::from_bytes(&row.sealed)?;
                let request = self.inner.vault.open_sealed(&format!("grant:{}", row.grant_id), &sealed)?;
                Ok(LabelGrantView {
                    scope: scope_of(&row)?,
                    request: String::from_utf8_lossy(&request).into_owned(),
                    grant_id: row.grant_id,
                    key_id: row.key_id,
                    subject_id: row.subject_id,
                    clause: row.clause,
                    agreement: row.agreement,
                    granted_by: row.granted_by,
                    granted_at: row.granted_at,
                    expires_at: row.expires_at,
                    withdrawn_at: row.withdrawn_at,
                })
            })
            .collect()
    }

    /// The keys in force that a grant can be for, with their names, by name.
    ///
    /// # Errors
    /// Without the permission.
    pub fn label_grant_keys(&self, actor: &Actor) -> Result<Vec<(ApplicationKeyId, String)>, OperationError> {
        Self::authorise(actor, Permission::ViewGrants)?;
        let keys = self.inner.memory.keys.load();
        let mut keys: Vec<_> = keys.values().map(|key| (key.key_id, key.name.clone())).collect();
        keys.sort_by(|one, other| (&one.1, one.0).cmp(&(&other.1, other.0)));
        Ok(keys)
    }

    /// The grant under which somebody may be given a thing without its visible label.
    ///
    /// # Errors
    /// A 403 refusal that names the article, where there is none in force.
    pub fn label_grant_for(
        &self,
        admitted: &Admitted,
        wanted: GrantScope,
    ) -> Result<Arc<LabelGrant>, Refusal> {
        let now = self.now();
        let grants = self.inner.memory.grants.load();
        grants.iter().find(|grant| grant.covers(admitted, wanted, now)).cloned().ok_or_else(|| {
            Refusal::new(
                403,
                "unlabelled_needs_grant",
                "a thing without its visible label is given only after an agreement fixes who labels it and who answers for it \
                 (Labelling Measures, article 9): no such grant is in force for this key and person; ask the provider",
                "根据《人工智能生成合成内容标识办法》第九条，须经协议明确标识义务和使用责任后，方可提供不含显式标识的内容；\
                 该密钥或使用者目前没有有效的授权，请联系服务提供者",
            )
            .by_rule("cn.lab.9")
        })
    }

    pub(crate) async fn memory_load_grants(&self) -> Result<(), OperationError> {
        let _reloading = self.inner.memory.reloading.lock().await;
        let rows = self.inner.store.label_grant_list_in_force(self.now()).await?;
        let grants = rows.into_iter().map(|row| LabelGrant::from_row(row).map(Arc::new));
        self.inner.memory.grants.store(Arc::new(grants.collect::<Result<Vec<_>, _>>()?));
        Ok(())
    }

    fn grant_entry(
        &self,
        event: EventKind,
        row: &LabelGrantRow,
        actor: &Actor,
        by: OperatorId,
        now: Timestamp,
    ) -> Result<NewEntry, OperationError> {
        let mut draft = Draft::new(event, actor.role(), now).about(row.grant_id);
        draft.subject = row.subject_id;
        let payload = GrantPayload {
            grant_id: row.grant_id,
            key_id: row.key_id,
            scope: &row.scope,
            clause: &row.clause,
            agreement: &row.agreement,
            expires_at: row.expires_at,
            by,
        };
        self.entry(draft, &payload)
    }

    /// The record of one delivery without a visible label. It is kept as long as the ledger is, which is longer than the six months of
    /// article 9.
    pub(crate) fn waived_entry(
        &self,
        generation: &Generation,
        grant: &LabelGrant,
        at: Timestamp,
    ) -> Result<NewEntry, OperationError> {
        let subject_id = generation.admitted.subject.subject_id;
        let draft = Draft::new(EventKind::LabelWaived, ActorRole::Service, at)
            .of(subject_id)
            .produced(generation.produce_id)
            .about(grant.grant_id)
            .decided("cn.lab.9");
        let payload = WaivedPayload {
            reason: label::Waiver::Grant.as_str().to_owned(),
            grant_id: grant.grant_id,
            produce_id: generation.produce_id,
            subject_id,
            key_id: generation.admitted.key.as_ref().map(|key| key.key_id),
            clause: grant.clause.clone(),
            agreement: grant.agreement.clone(),
        };
        self.entry(draft, &payload)
    }
}
