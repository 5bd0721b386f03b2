//! The lease on a database: one process at a time serves over it.
//!
//! A second one would not see the first one's new keys, suspensions and passes, and the two would number and sign the log
//! against each other. SQLite has a lock on its folder for that; over PostgreSQL the processes share nothing but this row.
//! It is renewed while its holder lives, and runs out [`LEASE`] after a holder that was killed.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use store::{Store, StoreError, Tx};
use terms::{Clock, Timestamp};

use crate::log::LOG;

/// How long a lease runs: short enough for a start after a crash to wait for it, long enough for a database that stalls.
pub const LEASE: Duration = Duration::from_secs(15);
/// How often it is renewed: two renewals may fail.
pub const LEASE_RENEWAL: Duration = Duration::from_secs(5);

/// The right to serve over a database.
pub struct Lease {
    store: Store,
    clock: Arc<dyn Clock>,
    holder: String,
    is_lost: AtomicBool,
}

/// Why there is no lease.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    /// Somebody else has it.
    #[error(
        "the database is in use by another `cinnabar`: {holder}. Stop that one, or set another `database`; if it was killed, \
         its lease ends at {until}"
    )]
    Held {
        /// Who.
        holder: String,
        /// Until when, unless it is renewed.
        until: Timestamp,
    },
    /// The database does not answer.
    #[error("take or renew the lease on the database")]
    Store(#[from] StoreError),
}

impl Lease {
    /// Takes the lease for `holder`, a name that no other process has and that tells people where to find this one.
    ///
    /// # Errors
    /// [`LeaseError::Held`] while another process has it.
    pub async fn take(store: Store, clock: Arc<dyn Clock>, holder: String) -> Result<Self, LeaseError> {
        let lease = Self { store, clock, holder, is_lost: AtomicBool::new(false) };
        lease.renew().await?;
        Ok(lease)
    }

    /// Prolongs it from now on.
    ///
    /// # Errors
    /// [`LeaseError::Held`] where it ran out and another process took it: this one must stop.
    pub async fn renew(&self) -> Result<(), LeaseError> {
        let mut tx = self.store.begin().await?;
        self.prolong(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Prolongs it inside `tx`. Until that ends nobody else can take the lease, so what `tx` writes is written by its holder.
    ///
    /// # Errors
    /// As [`Lease::renew`].
    pub(crate) async fn prolong(&self, tx: &mut Tx) -> Result<(), LeaseError> {
        let now = self.clock.now();
        let held = tx.log_lease_acquire(LOG, &self.holder, now, now.plus(LEASE)).await?;
        if held.holder == self.holder {
            return Ok(());
        }
        self.is_lost.store(true, Ordering::Release);
        Err(LeaseError::Held { holder: held.holder, until: held.until_at })
    }

    /// Whether another process was seen to have it.
    pub(crate) fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::Acquire)
    }

    /// Gives it back, so that the next process need not wait.
    ///
    /// # Errors
    /// Where the database does not answer; it runs out by itself then.
    pub async fn release(&self) -> Result<(), LeaseError> {
        let mut tx = self.store.begin().await?;
        tx.log_lease_release(LOG, &self.holder).await?;
        Ok(tx.commit().await?)
    }
}
