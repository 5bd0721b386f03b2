//! Operators: invited by a single-use link, signed in with name and password.

use std::time::Duration;

use argon2::{Argon2, PasswordHash, PasswordHasher as _, PasswordVerifier as _};
use identity::Permission;
use ledger::EventKind;
use serde::Serialize;
use store::{InvitationRow, OperatorRow, SessionRow};
use terms::{Actor, ActorRole, OperatorId, Timestamp, random_bytes};

use crate::{OperationError, Operations, Refusal, entries::Draft, people};

/// How long an invitation can be used.
const INVITATION: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long an operator stays signed in, counted from signing in.
const SESSION: Duration = Duration::from_secs(12 * 3600);
/// How long an operator stays signed in without doing anything.
const SESSION_IDLE: Duration = Duration::from_secs(2 * 3600);
/// NIST SP 800-63B §3.1.1: at least 15 characters where the password is the only factor; 12 with a lock-out as here.
const PASSWORD_CHARS_MIN: usize = 12;
/// A hash function must not be fed a book.
const PASSWORD_BYTES_MAX: usize = 1024;

/// A single-use link that makes an operator account.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// The link.
    pub url: String,
    /// Until when it can be used.
    pub expires_at: Timestamp,
}

/// An operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorView {
    /// Their id.
    pub operator_id: OperatorId,
    /// The name they sign in with.
    pub name: String,
    /// The role they act in.
    pub role: ActorRole,
}

impl OperatorView {
    /// The operator as an actor.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        Actor::Operator(self.operator_id, self.role)
    }

    fn from_row(row: &OperatorRow) -> Self {
        Self { operator_id: row.operator_id, name: row.name.clone(), role: row.role }
    }
}

/// A new operator session: the cookie's value is shown here once and stored hashed.
#[derive(Debug, Clone)]
pub struct OperatorSession {
    /// The cookie's value.
    pub token: String,
    /// Whose session it is.
    pub operator: OperatorView,
}

#[derive(Debug, Serialize)]
struct RolePayload<'a> {
    operator_id: OperatorId,
    name: &'a str,
    role: &'a str,
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
        Self::authorise(actor, Permission::ManageOperators)?;
        self.invite_operator_on_machine(role).await
    }

    /// Makes an invitation at start or from the command line, where being on the machine is the permission.
    ///
    /// # Errors
    /// For a role that is no operator's.
    pub async fn invite_operator_on_machine(&self, role: ActorRole) -> Result<Invitation, OperationError> {
        if !matches!(
            role,
            ActorRole::Administrator | ActorRole::Reviewer | ActorRole::Compliance | ActorRole::Auditor
        ) {
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
        };
        let mut tx = self.tx().await?;
        tx.invitation_insert(&row).await?;
        tx.commit().await?;
        Ok(Invitation {
            url: self.inner.settings.url(&format!("/invitations/{token}")),
            expires_at: row.expires_at,
        })
    }

    /// Whether a link still makes an account, and in which role.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn invitation_role(&self, token: &str) -> Result<Option<ActorRole>, OperationError> {
        let row = self.inner.store.invitation_lookup(&people::token_hash(token)).await?;
        Ok(row.filter(|row| row.used_at.is_none() && row.expires_at > self.now()).map(|row| row.role))
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
        let role = self.invitation_role(token).await?.ok_or_else(|| {
            Refusal::new(
                410,
                "invitation_gone",
                "this invitation was used or has expired: ask for a new one (`cinnabar operators invite`)",
                "该邀请链接已被使用或已过期：请重新获取（`cinnabar operators invite`）",
            )
        })?;
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
        let password_hash = hash_password(password.to_owned(), random_bytes(self.entropy())).await?;
        let now = self.now();
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
        let entry =
            self.entry(draft, &RolePayload { operator_id: row.operator_id, name, role: role.as_str() })?;
        let mut tx = self.tx().await?;
        tx.operator_insert(&row).await?;
        if !tx.invitation_use(&people::token_hash(token), row.operator_id, now).await? {
            return Err(Refusal::new(
                410,
                "invitation_gone",
                "this invitation was used just now",
                "该邀请刚刚已被使用",
            )
            .into());
        }
        tx.entry_append(&entry).await?;
        tx.commit().await?;
        self.operator_session(operator).await
    }

    /// Signs in. Name and password wrong look the same and take the same time.
    ///
    /// # Errors
    /// A 401 refusal, or a 429 one after too many tries.
    pub async fn sign_in(&self, name: &str, password: &str) -> Result<OperatorSession, OperationError> {
        let name = name.trim();
        let now = self.now();
        if !self.inner.memory.sign_in_allowed(name, now) {
            return Err(Refusal::new(
                429,
                "too_many_tries",
                "too many failed tries for this name: wait a quarter of an hour",
                "该账号登录失败次数过多：请十五分钟后再试",
            )
            .into());
        }
        let row =
            self.inner.store.operator_lookup_by_name(name).await?.filter(|row| row.disabled_at.is_none());
        let stored = match &row {
            Some(row) => row.password_hash.clone(),
            None => self.decoy_hash().await?,
        };
        let fits =
            password.len() <= PASSWORD_BYTES_MAX && verify_password(stored, password.to_owned()).await?;
        match row {
            Some(row) if fits => {
                self.inner.memory.sign_in_succeeded(name);
                self.operator_session(OperatorView::from_row(&row)).await
            }
            _ => {
                self.inner.memory.sign_in_failed(name, now);
                Err(Refusal::new(401, "sign_in_failed", "name or password is wrong", "用户名或密码错误")
                    .into())
            }
        }
    }

    /// Compared against where there is no such operator, so that the answer takes as long.
    async fn decoy_hash(&self) -> Result<String, OperationError> {
        let make = || hash_password(people::new_token(self.entropy()), random_bytes(self.entropy()));
        self.inner.memory.decoy_hash.get_or_try_init(make).await.cloned()
    }

    async fn operator_session(&self, operator: OperatorView) -> Result<OperatorSession, OperationError> {
        let now = self.now();
        let token = people::new_token(self.entropy());
        let session = SessionRow {
            token_hash: people::token_hash(&token),
            kind: "operator".to_owned(),
            operator_id: Some(operator.operator_id),
            subject_id: None,
            created_at: now,
            seen_at: now,
            expires_at: now.plus(SESSION),
        };
        let mut tx = self.tx().await?;
        tx.session_delete_expired(now).await?;
        tx.session_insert(&session).await?;
        tx.commit().await?;
        Ok(OperatorSession { token, operator })
    }

    /// The operator behind a session cookie.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn session_operator(&self, token: &str) -> Result<Option<OperatorView>, OperationError> {
        let now = self.now();
        let hash = people::token_hash(token);
        let Some(session) = self.inner.store.session_lookup(&hash).await? else { return Ok(None) };
        let Some(operator_id) = session.operator_id else { return Ok(None) };
        if session.expires_at <= now || session.seen_at.plus(SESSION_IDLE) <= now {
            return Ok(None);
        }
        let Some(row) = self.inner.store.operator_lookup(operator_id).await? else { return Ok(None) };
        if row.disabled_at.is_some() {
            return Ok(None);
        }
        if now.since(session.seen_at) > Duration::from_secs(60) {
            let mut tx = self.tx().await?;
            tx.session_touch(&hash, now, session.expires_at).await?;
            tx.commit().await?;
        }
        Ok(Some(OperatorView::from_row(&row)))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn sign_out(&self, token: &str) -> Result<(), OperationError> {
        let mut tx = self.tx().await?;
        tx.session_delete(&people::token_hash(token)).await?;
        Ok(tx.commit().await?)
    }

    /// How many operators there are.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn operator_count(&self) -> Result<u64, OperationError> {
        Ok(self.inner.store.operator_count().await?)
    }
}

async fn hash_password(password: String, salt: [u8; 16]) -> Result<String, OperationError> {
    tokio::task::spawn_blocking(move || {
        Argon2::default()
            .hash_password_with_salt(password.as_bytes(), &salt)
            .map(|hash: PasswordHash| hash.to_string())
            .map_err(|error| error.to_string())
    })
    .await
    .map_err(|error| OperationError::internal("hashing a password")(Box::new(error)))?
    .map_err(|error| OperationError::internal("hashing a password")(error.into()))
}

async fn verify_password(stored: String, password: String) -> Result<bool, OperationError> {
    tokio::task::spawn_blocking(move || {
        PasswordHash::new(&stored)
            .map(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
            .map_err(|error| error.to_string())
    })
    .await
    .map_err(|error| OperationError::internal("checking a password")(Box::new(error)))?
    .map_err(|error| OperationError::internal("checking a password")(error.into()))
}
