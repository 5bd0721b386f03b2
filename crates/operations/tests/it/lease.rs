//! Two processes over one database.

use std::{sync::Arc, time::Duration};

use operations::{LEASE, Lease, LeaseError, LogError, Operations};
use store::{Store, Target};
use testkit::{clock::FakeClock, service};

use crate::{
    log::{begun, content, ending},
    site::{Site, on_both},
};

async fn lease(target: &Target, clock: &Arc<FakeClock>, holder: &str) -> Result<Lease, LeaseError> {
    let store = Store::open(target).await.unwrap();
    Lease::take(store, clock.clone(), holder.to_owned()).await
}

async fn process(site: &Site, holder: &str) -> (Operations, Arc<Lease>) {
    let lease = Arc::new(lease(&site.target, &site.clock, holder).await.unwrap());
    let store = Store::open(&site.target).await.unwrap();
    let (settings, clock) = (service::trial_settings(), site.clock.clone());
    let operations =
        service::operations_over(site.folder.path(), store, settings, clock, Some(lease.clone())).await;
    (operations, lease)
}

#[tokio::test]
async fn a_database_has_one_server_at_a_time() {
    on_both(|site| async move {
        let first = lease(&site.target, &site.clock, "host `a`, process 1").await.unwrap();
        let refused = lease(&site.target, &site.clock, "b").await.map(drop).unwrap_err();
        assert!(refused.to_string().contains("host `a`, process 1"), "{refused}");

        // Renewed, it holds on; given back, it is free at once.
        site.clock.advance(LEASE - Duration::from_secs(1));
        first.renew().await.unwrap();
        site.clock.advance(Duration::from_secs(2));
        assert!(matches!(lease(&site.target, &site.clock, "b").await, Err(LeaseError::Held { .. })));
        first.release().await.unwrap();
        let second = lease(&site.target, &site.clock, "b").await.unwrap();

        // Its holder is killed: it runs out.
        drop(second);
        assert!(lease(&site.target, &site.clock, "c").await.is_err());
        site.clock.advance(LEASE);
        lease(&site.target, &site.clock, "c").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn who_lost_the_lease_moves_the_log_no_more() {
    on_both(|site| async move {
        let (paused, lost) = process(&site, "paused").await;
        for _ in 0..3 {
            let generation = begun(&site).await;
            let contents = vec![content(&site.operations, "content", "你好")];
            let ending = ending(operations::EndReason::Completed, contents);
            site.operations.record_generation(&generation, ending).await.unwrap();
        }
        site.clock.advance(LEASE);
        let (other, _lease) = process(&site, "other").await;

        assert!(matches!(paused.log_round().await, Err(LogError::Lease(LeaseError::Held { .. }))));
        assert!(paused.checkpoint().await.unwrap().is_none(), "nothing was signed and published");
        let error = lost.renew().await.unwrap_err();
        assert!(error.to_string().contains("other"), "{error}");
        assert!(other.log_round().await.unwrap() >= 6);

        // Also later: it does not put its own state over the other's.
        let published = other.checkpoint().await.unwrap();
        assert_eq!(paused.log_round().await.unwrap(), 0);
        assert_eq!(paused.checkpoint().await.unwrap(), published);
    })
    .await;
}
