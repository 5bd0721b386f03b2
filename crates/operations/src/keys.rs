//! Application keys: shown once, stored hashed, revocable.

use identity::Permission;
use label::text::Placement;
use ledger::EventKind;
use serde::Serialize;
use store::ApplicationKeyRow;
use terms::{Actor, ApplicationKeyId, SubjectId, Timestamp};

use crate::{EndUserRule, Envelope, OperationError, Operations, entries::Draft, people};

/// What a new key is to be.
#[derive(Debug, Clone)]
pub struct KeyRequest {
    /// What to call it.
    pub name: String,
    /// Whether requests name their end user.
    pub end_user: EndUserRule,
    /// Where the visible label of text goes.
    pub placement: Placement,
    /// Where the machine-readable label travels.
    pub envelope: Envelope,
}

/// A new key. The secret is shown here and never again.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Its id.
    pub key_id: ApplicationKeyId,
    /// The secret: `ck-…`.
    pub secret: String,
}

/// A key as the console shows it.
#[derive(Debug, Clone)]
pub struct KeyView {
    /// Its id.
    pub key_id: ApplicationKeyId,
    /// What the operator called it.
    pub name: String,
    /// The first characters of the secret, to tell keys apart.
    pub prefix: String,
    /// Whether requests name their end user.
    pub end_user: String,
    /// Where the visible label goes.
    pub placement: String,
    /// Where the machine-readable label travels.
    pub envelope: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
struct KeyPayload<'a> {
    key_id: ApplicationKeyId,
    name: &'a str,
}

impl Operations {
    /// Makes a key.
    ///
    /// # Errors
    /// Without the permission, or with an empty or overlong name.
    pub async fn key_create(&self, actor: &Actor, request: KeyRequest) -> Result<NewKey, OperationError> {
        Self::authorise(actor, Permission::ManageKeys)?;
        self.key_create_unchecked(actor, request).await
    }

    /// Makes the first key of a deployment, at start and from the command line, where being on the machine is the permission.
    ///
    /// # Errors
    /// With an empty or overlong name.
    pub async fn key_create_on_machine(&self, request: KeyRequest) -> Result<NewKey, OperationError> {
        self.key_create_unchecked(&Actor::Service, request).await
    }

    async fn key_create_unchecked(
        &self,
        actor: &Actor,
        request: KeyRequest,
    ) -> Result<NewKey, OperationError> {
        let name = request.name.trim();
        if name.is_empty() || name.len() > 100 {
            return Err(OperationError::invalid(
                "name",
                "keys-error-name",
                "a name of 1 to 100 bytes is needed",
            ));
        }
        let now = self.now();
        let key_id = ApplicationKeyId::generate(now, self.entropy());
        let secret = format!("ck-{}", people::new_token(self.entropy()));
        let owner = self.subject_create("owner", self.subject_index("owner", &key_id.to_string())).await?;
        let owner_id: SubjectId = owner.subject_id;
        let row = ApplicationKeyRow {
            key_id,
            tenant_id: self.inner.settings.tenant,
            name: name.to_owned(),
            prefix: secret.chars().take(8).collect(),
            token_hash: people::token_hash(&secret),
            end_user: request.end_user.as_str().to_owned(),
            placement: request.placement.as_str().to_owned(),
            envelope: request.envelope.as_str().to_owned(),
            owner_subject_id: owner_id,
            created_at: now,
            revoked_at: None,
        };
        let draft = Draft::new(EventKind::KeyCreated, actor.role(), now).about(key_id);
        let entry = self.entry(draft, &KeyPayload { key_id, name })?;
        let mut tx = self.tx().await?;
        tx.application_key_insert(&row).await?;
        tx.entry_append(&entry).await?;
        self.commit_then(tx, |operations| async move { operations.memory_load_keys().await }).await?;
        Ok(NewKey { key_id, secret })
    }

    /// All keys, the revoked ones too.
    ///
    /// # Errors
    /// Without the permission.
    pub async fn key_list(&self, actor: &Actor) -> Result<Vec<KeyView>, OperationError> {
        Self::authorise(actor, Permission::ManageKeys)?;
        let rows = self.inner.store.application_key_list().await?;
        Ok(rows
            .into_iter()
            .map(|row| KeyView {
                key_id: row.key_id,
                name: row.name,
                prefix: row.prefix,
                end_user: row.end_user,
                placement: row.placement,
                envelope: row.envelope,
                created_at: row.created_at,
                revoked_at: row.revoked_at,
            })
            .collect())
    }

    /// Whether any key was ever made.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn has_keys(&self) -> Result<bool, OperationError> {
        Ok(!self.inner.store.application_key_list().await?.is_empty())
    }

    /// Revokes a key; the next request that carries it is refused.
    ///
    /// # Errors
    /// Without the permission, or where there is no such key in force.
    pub async fn key_revoke(&self, actor: &Actor, key_id: ApplicationKeyId) -> Result<(), OperationError> {
        Self::authorise(actor, Permission::ManageKeys)?;
        let row = self
            .inner
            .store
            .application_key_lookup(key_id)
            .await?
            .filter(|row| row.revoked_at.is_none())
            .ok_or(OperationError::NotFound { what: "key in force" })?;
        let now = self.now();
        let draft = Draft::new(EventKind::KeyRevoked, actor.role(), now).about(key_id);
        let entry = self.entry(draft, &KeyPayload { key_id, name: &row.name })?;
        let mut tx = self.tx().await?;
        tx.application_key_revoke(key_id, now).await?;
        tx.entry_append(&entry).await?;
        self.commit_then(tx, |operations| async move { operations.memory_load_keys().await }).await
    }
}
