//! Invitations: a single-use link makes an operator account. Made in the console, at start, and from the command line.

use std::time::Duration;

use identity::Permission;
use ledger::EventKind;
use serde::Serialize;
use store::{InvitationRow, NewEntry, OperatorRow};
use terms::{Actor, ActorRole, OperatorId, Timestamp};

use crate::{
    OperationError, Operations, OperatorSession, OperatorView, Refusal, entries::Draft,
    operators::PASSWORD_BYTES_MAX, people,
};

/// How long an invitation can be used.
const INVITATION: Duration = Duration::from_secs(7 * 24 * 3600);
/// NIST SP 800-63B §3.1.1: at least 15 characters where the password is the only factor; 12 with a lock-out as here.
const PASSWORD_CHARS_MIN: usize = 12;

/// The roles that people who work for the provider can have.
pub const OPERATOR_ROLES: [ActorRole; 4] =
    [ActorRole::Administrator, ActorRole::Reviewer, ActorRole::Compliance, ActorRole::Auditor];

/// A single-use link that makes an operator account. The link is shown here once; the store keeps its hash.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// The link.
    pub url: String,
    /// The role it gives.
    pub role: ActorRole,
    /// Until when it can be used.
    pub expires_at: Timestamp,
}

/// An invitation that nobody has used yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationView {
    /// What it is named by: the hash of its link, hexadecimal.
    pub id: String,
    /// The role it gives.
    pub role: ActorRole,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it can be used.
    pub expires_at: Timestamp,
    /// The name of who made it; nobody where the machine did.
    pub invited_by: Option<String>,
}

#[derive(Serialize)]
struct InvitationPayload {
    invitation: String,
    /// The link of before, which does not work any more.
    replaces: Option<String>,
    role: &'static str,
    by: Option<OperatorId>,
}

#[derive(Serialize)]
struct RoleTakenPayload<'a> {
    operator_id: OperatorId,
    name: &'a str,
    role: &'a str,
    invitation: String,
    invited_by: Option<OperatorId>,
}

fn is_open(row: &InvitationRow, now: Timestamp) -> bool {
    row.used_at.is_none() && row.revoked_at.is_none() && row.expires_at > now
}

/// Somebody used it or called it back between reading and writing.
fn raced(error: store::StoreError) -> OperationError {
    match error {
        store::StoreError::AffectedRows { .. } => OperationError::conflict(
            "operators-error-invitation",
            "the invitation was used or revoked just now",
        ),
        other => other.into(),
    }
}

impl Operations {
    /// Makes an invitation.
    ///
    /// # Errors
    /// Without the permission, or for a role that is no operator's.
    pub async fn invite_operator(
        &self,
        actor: &Actor,
        role: ActorRole,
    ) -> Result<Invitation, OperationError> {
        let by = Self::authorise(actor, Permission::ManageOperators)?;
        self.invite_unchecked(actor, Some(by), role).await
    }

    /// Makes an invitation from the command line, where being on the machine is the permission.
    ///
    /// # Errors
    /// For a role that is no operator's.
    pub async fn invite_operator_on_machine(&self, role: ActorRole) -> Result<Invitation, OperationError> {
        self.invite_unchecked(&Actor::Service, None, role).await
    }

    /// The invitation that a start prints. The link that the start before printed does not work any more.
    ///
    /// # Errors
    /// For a role that is no operator's.
    pub async fn invite_operator_at_start(&self, role: ActorRole) -> Result<Invitation, OperationError> {
        let name = format!("start.invitation.{}", role.as_str());
        let printed = match self.inner.store.meta_lookup(&name).await? {
            Some(id) => self.invitation_open(&id).await?,
            None => None,
        };
        let invitation = match printed {
            Some(row) => self.renew_unchecked(&Actor::Service, None, row).await?,
            None => self.invite_operator_on_machine(role).await?,
        };
        let token = invitation.url.rsplit('/').next().unwrap_or_default();
        let mut tx = self.tx().await?;
        tx.meta_set(&name, &hex::encode(people::token_hash(token))).await?;
        tx.commit().await?;
        Ok(invitation)
    }

    async fn invite_unchecked(
        &self,
        actor: &Actor,
        by: Option<OperatorId>,
        role: ActorRole,
    ) -> Result<Invitation, OperationError> {
        if !OPERATOR_ROLES.contains(&role) {
            return Err(OperationError::invalid("role", "operators-error-role", "not a role of operators"));
        }
        let now = self.now();
        let token = people::new_token(self.entropy());
        let row = InvitationRow {
            token_hash: people::token_hash(&token),
            role,
            created_at: now,
            expires_at: now.plus(INVITATION),
            used_at: None,
            operator_id: None,
            invited_by: by,
            revoked_at: None,
        };
        let entry = self.invitation_entry(EventKind::RoleGranted, actor, by, &row, None)?;
        let mut tx = self.tx().await?;
        tx.invitation_insert(&row).await?;
        tx.entry_append(&entry).await?;
        tx.commit().await?;
        Ok(self.invitation_shown(&token, role, row.expires_at))
    }

    /// Makes a new link for an invitation that nobody has used, for another seven days. The old link does not work any more.
    ///
    /// # Errors
    /// Without the permission, or where there is no such open invitation.
    pub async fn renew_invitation(&self, actor: &Actor, id: &str) -> Result<Invitation, OperationError> {
        let by = Self::authorise(actor, Permission::ManageOperators)?;
        let row = self.invitation_open(id).await?.ok_or(OperationError::NotFound { what: "invitation" })?;
        self.renew_unchecked(actor, Some(by), row).await
    }

    async fn renew_unchecked(
        &self,
        actor: &Actor,
        by: Option<OperatorId>,
        row: InvitationRow,
    ) -> Result<Invitation, OperationError> {
        let token = people::new_token(self.entropy());
        let next = InvitationRow {
            token_hash: people::token_hash(&token),
            expires_at: self.now().plus(INVITATION),
            ..row
        };
        let entry = self.invitation_entry(EventKind::RoleGranted, actor, by, &next, Some(&row))?;
        let mut tx = self.tx().await?;
        tx.invitation_renew(&row.token_hash, &next.token_hash, next.expires_at).await.map_err(raced)?;
        tx.entry_append(&entry).await?;
        tx.commit().await?;
        Ok(self.invitation_shown(&token, next.role, next.expires_at))
    }

    /// Calls an invitation back: its link does not work any more.
    ///
    /// # Errors
    /// Without the permission, or where there is no such open invitation.
    pub async fn revoke_invitation(&self, actor: &Actor, id: &str) -> Result<(), OperationError> {
        let by = Self::authorise(actor, Permission::ManageOperators)?;
        let row = self.invitation_open(id).await?.ok_or(OperationError::NotFound { what: "invitation" })?;
        let entry = self.invitation_entry(EventKind::RoleRevoked, actor, Some(by), &row, None)?;
        let mut tx = self.tx().await?;
        tx.invitation_revoke(&row.token_hash, self.now()).await.map_err(raced)?;
        tx.entry_append(&entry).await?;
        Ok(tx.commit().await?)
    }

    /// The invitations that nobody has used yet, the oldest first.
    ///
    /// # Errors
    /// Without the permission.
    pub async fn invitation_list(&self, actor: &Actor) -> Result<Vec<InvitationView>, OperationError> {
        Self::authorise(actor, Permission::ManageOperators)?;
        let names = self.operator_names().await?;
        let rows = self.inner.store.invitation_list_open(self.now()).await?;
        Ok(rows
            .into_iter()
            .map(|row| InvitationView {
                id: hex::encode(row.token_hash),
                role: row.role,
                created_at: row.created_at,
                expires_at: row.expires_at,
                invited_by: row.invited_by.map(|id| names.of(id)),
            })
            .collect())
    }

    async fn invitation_open(&self, id: &str) -> Result<Option<InvitationRow>, OperationError> {
        let mut hash = [0_u8; 32];
        if hex::decode_to_slice(id, &mut hash).is_err() {
            return Ok(None);
        }
        let row = self.inner.store.invitation_lookup(&hash).await?;
        Ok(row.filter(|row| is_open(row, self.now())))
    }

    fn invitation_entry(
        &self,
        event: EventKind,
        actor: &Actor,
        by: Option<OperatorId>,
        row: &InvitationRow,
        replaces: Option<&InvitationRow>,
    ) -> Result<NewEntry, OperationError> {
        let invitation = hex::encode(row.token_hash);
        let draft = Draft::new(event, actor.role(), self.now()).about(&invitation).decided(row.role.as_str());
        let payload = InvitationPayload {
            invitation,
            replaces: replaces.map(|row| hex::encode(row.token_hash)),
            role: row.role.as_str(),
            by,
        };
        self.entry(draft, &payload)
    }

    fn invitation_shown(&self, token: &str, role: ActorRole, expires_at: Timestamp) -> Invitation {
        Invitation { url: self.inner.settings.url(&format!("/invitations/{token}")), role, expires_at }
    }

    /// Whether a link still makes an account, and in which role.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn invitation_role(&self, token: &str) -> Result<Option<ActorRole>, OperationError> {
        let row = self.inner.store.invitation_lookup(&people::token_hash(token)).await?;
        Ok(row.filter(|row| is_open(row, self.now())).map(|row| row.role))
    }

    /// Makes the account and signs in.
    ///
    /// # Errors
    /// A refusal where the link was used or is too old; [`OperationError::Invalid`] for name or password.
    pub async fn accept_invitation(
        &self,
        token: &str,
        name: &str,
        password: &str,
    ) -> Result<OperatorSession, OperationError> {
        let hash = people::token_hash(token);
        let now = self.now();
        let invitation = self.inner.store.invitation_lookup(&hash).await?;
        let Some(invitation) = invitation.filter(|row| is_open(row, now)) else {
            return Err(Refusal::new(
                410,
                "invitation_gone",
                "this invitation was used, revoked or has expired: ask whoever gave it to you for a new one",
                "该邀请链接已被使用、已被收回或已过期：请向发给您的人重新索取",
            )
            .into());
        };
        let role = invitation.role;
        let name = name.trim();
        if name.is_empty() || name.len() > 100 || name.chars().any(char::is_control) {
            return Err(OperationError::invalid(
                "name",
                "invitation-error-name",
                "a name of 1 to 100 bytes is needed",
            ));
        }
        if password.chars().count() < PASSWORD_CHARS_MIN || password.len() > PASSWORD_BYTES_MAX {
            return Err(OperationError::invalid(
                "password",
                "invitation-error-password",
                format!("a password of {PASSWORD_CHARS_MIN} characters or more is needed"),
            ));
        }
        if self.inner.store.operator_lookup_by_name(name).await?.is_some() {
            return Err(OperationError::conflict(
                "invitation-error-taken",
                "an operator of this name exists",
            ));
        }
        let password_hash = self.hash_password(password).await?;
        let row = OperatorRow {
            operator_id: OperatorId::generate(now, self.entropy()),
            name: name.to_owned(),
            password_hash,
            role,
            created_at: now,
            disabled_at: None,
        };
        let operator = OperatorView::from_row(&row);
        let draft =
            Draft::new(EventKind::RoleGranted, role, now).about(row.operator_id).decided(role.as_str());
        let payload = RoleTakenPayload {
            operator_id: row.operator_id,
            name,
            role: role.as_str(),
            invitation: hex::encode(hash),
            invited_by: invitation.invited_by,
        };
        let entry = self.entry(draft, &payload)?;
        let mut tx = self.tx().await?;
        tx.operator_insert(&row).await?;
        if !tx.invitation_use(&hash, row.operator_id, now).await? {
            return Err(Refusal::new(
                410,
                "invitation_gone",
                "this invitation was used or revoked just now",
                "该邀请刚刚已被使用或收回",
            )
            .into());
        }
        tx.entry_append(&entry).await?;
        tx.commit().await?;
        self.operator_session(operator).await
    }
}
