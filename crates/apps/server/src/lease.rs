//! The lease on a PostgreSQL database: taken at the start, renewed while serving, given back at the end.

use std::{sync::Arc, time::Duration};

use operations::{LEASE_RENEWAL, Lease, LeaseError};
use store::Store;
use terms::{Clock, EntryId, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::OsEntropy;

/// Between two looks at a lease that may run out, and after a renewal that failed.
const AGAIN: Duration = Duration::from_millis(500);

/// Takes the lease. Where another process has it, its next renewal tells that it is alive; without one it was killed, and the
/// lease is taken when it runs out.
pub(crate) async fn take(store: &Store, clock: Arc<dyn Clock>) -> anyhow::Result<Lease> {
    let holder = holder(clock.now());
    let mut seen: Option<(String, Timestamp)> = None;
    loop {
        match Lease::take(store.clone(), Arc::clone(&clock), holder.clone()).await {
            Ok(lease) => return Ok(lease),
            Err(LeaseError::Held { holder, until }) if seen.is_none() => {
                tracing::warn!(
                    lease.holder = holder,
                    lease.until = %until,
                    "another `cinnabar` had this database: waiting to see whether it lives"
                );
                seen = Some((holder, until));
            }
            Err(LeaseError::Held { holder, until }) if seen == Some((holder.clone(), until)) => {}
            Err(error) => return Err(error.into()),
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// Renews the lease until `end`. Where another process took it, cancels `stop` and gives the reason.
pub(crate) async fn keep(
    lease: Arc<Lease>,
    stop: CancellationToken,
    end: CancellationToken,
) -> Result<(), LeaseError> {
    let mut pause = LEASE_RENEWAL;
    loop {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = end.cancelled() => return Ok(()),
        }
        pause = match lease.renew().await {
            Ok(()) => LEASE_RENEWAL,
            Err(error @ LeaseError::Held { .. }) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "lost the database to another process: stopping"
                );
                stop.cancel();
                return Err(error);
            }
            Err(error @ LeaseError::Store(_)) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the lease on the database could not be renewed; trying again"
                );
                AGAIN
            }
        };
    }
}

/// Where people find this process, and what no other one is called: in containers host and process may both be equal.
fn holder(now: Timestamp) -> String {
    let id = EntryId::generate(now, &OsEntropy);
    format!("{}process {} (start {id})", host(), std::process::id())
}

#[cfg(unix)]
fn host() -> String {
    format!("host `{}`, ", rustix::system::uname().nodename().to_string_lossy())
}

#[cfg(not(unix))]
fn host() -> String {
    String::new()
}
