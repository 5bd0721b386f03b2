//! Operators: signed in with name and password. How they are invited and shut out is next door.

use std::{sync::Arc, time::Duration};

use argon2::{Argon2, PasswordHash, PasswordHasher as _, PasswordVerifier as _};
use store::{OperatorRow, SessionRow};
use terms::{Actor, ActorRole, OperatorId, random_bytes};
use tokio::sync::Semaphore;

use crate::{ClientNetwork, OperationError, Operations, Refusal, people};

/// How long an operator stays signed in, counted from signing in.
const SESSION: Duration = Duration::from_secs(12 * 3600);
/// How long an operator stays signed in without doing anything.
const SESSION_IDLE: Duration = Duration::from_secs(2 * 3600);
/// A hash function must not be fed a book.
pub(crate) const PASSWORD_BYTES_MAX: usize = 1024;

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

    pub(crate) fn from_row(row: &OperatorRow) -> Self {
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

impl Operations {
    /// Signs in. Name and password wrong look the same and take the same time, and both count as a try: so many of one name from
    /// one network, of one network for all names, and of one name from everywhere, then a pause.
    ///
    /// `network` is where the client comes from; where that is not known, the name alone counts.
    ///
    /// # Errors
    /// A 401 refusal, or a 429 one after too many tries.
    pub async fn sign_in(
        &self,
        name: &str,
        password: &str,
        network: Option<ClientNetwork>,
    ) -> Result<OperatorSession, OperationError> {
        let name = name.trim();
        let tries = &self.inner.memory.sign_in_tries;
        let Some(begun) = tries.begin(name, network, self.now()) else {
            return Err(Refusal::new(
                429,
                "too_many_tries",
                "too many failed tries: wait a quarter of an hour",
                "登录失败次数过多：请十五分钟后再试",
            )
            .into());
        };
        match self.operator_with_password(name, password).await {
            Ok(Some(operator)) => {
                tries.succeeded(begun);
                self.operator_session(operator).await
            }
            Ok(None) => {
                Err(Refusal::new(401, "sign_in_failed", "name or password is wrong", "用户名或密码错误")
                    .into())
            }
            Err(error) => {
                tries.withdraw(begun);
                Err(error)
            }
        }
    }

    /// The operator of that name and password.
    async fn operator_with_password(
        &self,
        name: &str,
        password: &str,
    ) -> Result<Option<OperatorView>, OperationError> {
        let row =
            self.inner.store.operator_lookup_by_name(name).await?.filter(|row| row.disabled_at.is_none());
        let stored = match &row {
            Some(row) => row.password_hash.clone(),
            None => self.decoy_hash().await?,
        };
        let fits = password.len() <= PASSWORD_BYTES_MAX
            && self.with_password(move |password| verify(&stored, password), password).await?;
        Ok(row.filter(|_| fits).map(|row| OperatorView::from_row(&row)))
    }

    /// Compared against where there is no such operator, so that the answer takes as long.
    async fn decoy_hash(&self) -> Result<String, OperationError> {
        let make = || async { self.hash_password(&people::new_token(self.entropy())).await };
        self.inner.memory.decoy_hash.get_or_try_init(make).await.cloned()
    }

    pub(crate) async fn hash_password(&self, password: &str) -> Result<String, OperationError> {
        let salt: [u8; 16] = random_bytes(self.entropy());
        self.with_password(move |password| hash(&salt, password), password).await
    }

    /// Does slow work with a password away from the threads that serve, a few passwords at a time.
    async fn with_password<T: Send + 'static>(
        &self,
        work: impl FnOnce(&[u8]) -> Result<T, String> + Send + 'static,
        password: &str,
    ) -> Result<T, OperationError> {
        let failed = |error| OperationError::internal("hashing a password")(error);
        let password = password.as_bytes().to_vec();
        let turns = Arc::clone(&self.inner.memory.password_turns);
        in_turn(turns, move || work(&password)).await.map_err(failed)?.map_err(|error| failed(error.into()))
    }

    pub(crate) async fn operator_session(
        &self,
        operator: OperatorView,
    ) -> Result<OperatorSession, OperationError> {
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

/// Does slow work on a thread of its own, holding a turn until it is done: also where the one who waits for it goes away, since the
/// work itself goes on.
async fn in_turn<T: Send + 'static>(
    turns: Arc<Semaphore>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Box<dyn std::error::Error + Send + Sync>> {
    let turn = turns.acquire_owned().await?;
    let done = tokio::task::spawn_blocking(move || {
        let done = work();
        drop(turn);
        done
    });
    Ok(done.await?)
}

fn hash(salt: &[u8], password: &[u8]) -> Result<String, String> {
    Argon2::default()
        .hash_password_with_salt(password, salt)
        .map(|hash: PasswordHash| hash.to_string())
        .map_err(|error| error.to_string())
}

fn verify(stored: &str, password: &[u8]) -> Result<bool, String> {
    PasswordHash::new(stored)
        .map(|hash| Argon2::default().verify_password(password, &hash).is_ok())
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, task::Poll};

    use super::*;

    #[tokio::test]
    async fn a_turn_lasts_as_long_as_its_work() {
        let turns = Arc::new(Semaphore::new(1));
        let (go_on, told) = mpsc::channel::<()>();
        let mut work = Box::pin(in_turn(Arc::clone(&turns), move || told.recv().is_ok()));
        // It begins, and whoever waits for it goes away.
        std::future::poll_fn(|context| {
            assert!(work.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
        drop(work);
        assert_eq!(turns.available_permits(), 0);
        go_on.send(()).unwrap();
        assert!(in_turn(turns, || true).await.unwrap());
    }
}
