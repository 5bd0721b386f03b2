//! The public log: proofs, crashes, old copies.

use std::time::Duration;

use operations::{Content, EndReason, Ending, Generation, LabelOutcome, LogError, Operations};
use terms::ProduceId;

use crate::site::{Site, administrator, files, on_both};

pub(crate) async fn begun(site: &Site) -> Generation {
    let who = site.admit("wang").await.unwrap();
    site.operations.start_generation(who, "chat.completions", "test-model", false)
}

pub(crate) fn content(operations: &Operations, channel: &str, text: &str) -> Content {
    let mut hasher = operations.content_hasher(0, channel);
    hasher.push(text);
    operations.content_finish(hasher)
}

pub(crate) fn ending(reason: EndReason, contents: Vec<Content>) -> Ending {
    Ending {
        reason,
        contents,
        label: LabelOutcome::InText,
        prompt_tokens: Some(3),
        completion_tokens: Some(4),
        findings: Vec::new(),
    }
}

async fn generated(site: &Site, text: &str) -> ProduceId {
    let generation = begun(site).await;
    let contents = vec![content(&site.operations, "content", text)];
    site.operations.record_generation(&generation, ending(EndReason::Completed, contents)).await.unwrap();
    generation.produce_id
}

async fn reopened(site: &Site) -> Operations {
    testkit::service::operations(site.folder.path(), &site.target, testkit::service::trial_settings()).await.0
}

#[tokio::test]
async fn a_proof_verifies_with_the_public_key_alone() {
    on_both(|site| async move {
        let id = generated(&site, "你好").await;
        assert_eq!(site.operations.proof(id).await.unwrap(), None, "pending");
        while site.operations.log_round().await.unwrap() > 0 {}
        for _ in 0..300 {
            generated(&site, "更多").await;
        }
        while site.operations.log_round().await.unwrap() > 0 {}
        let proof = site.operations.proof(id).await.unwrap().unwrap();
        let key = site.operations.log_public_key().parse().unwrap();
        let report = ledger::check_file(&proof, &key, Some("你好".as_bytes())).unwrap();
        assert_eq!(report.entry.event, ledger::EventKind::GenerationEnded);
        let mut spoilt = proof.clone();
        let at = spoilt.len() / 2;
        spoilt[at] ^= 1;
        assert!(ledger::check_file(&spoilt, &key, None).is_err());
        let status = site.operations.ledger_status(&administrator()).await.unwrap();
        assert_eq!(status.pending, 0);
        assert!(status.size > 600);
    })
    .await;
}

#[tokio::test]
async fn a_crash_between_indexes_and_tiles_ends_in_the_same_bytes() {
    on_both(|site| async move {
        for _ in 0..20 {
            generated(&site, "你好").await;
        }
        // The folder for tiles cannot be made: a file stands in its place.
        let ledger = site.folder.path().join("ledger");
        let _ = std::fs::remove_dir_all(&ledger);
        std::fs::write(&ledger, b"").unwrap();
        assert!(matches!(site.operations.log_round().await, Err(LogError::Step { .. })));
        std::fs::remove_file(&ledger).unwrap();
        std::fs::create_dir(&ledger).unwrap();
        // The same process goes on.
        let count = site.operations.log_round().await.unwrap();
        assert!(count >= 40, "{count}");
        let first = files(&ledger);
        // Another one takes up what was indexed and writes it again.
        let again = reopened(&site).await;
        assert_eq!(again.log_round().await.unwrap(), 0);
        assert_eq!(files(&ledger), first);
        generated(&site, "更多").await;
        assert!(again.log_round().await.unwrap() > 0);
        for (name, bytes) in &first {
            assert!(name == "checkpoint" || files(&ledger).get(name) == Some(bytes), "{name} changed");
        }
    })
    .await;
}

#[tokio::test]
async fn a_checkpoint_that_could_not_be_published_is_published_by_the_next_round() {
    on_both(|site| async move {
        generated(&site, "你好").await;
        site.operations.log_round().await.unwrap();
        let checkpoint = site.folder.path().join("ledger/checkpoint");
        let before = std::fs::read(&checkpoint).unwrap();
        generated(&site, "更多").await;
        std::fs::remove_file(&checkpoint).unwrap();
        std::fs::create_dir_all(checkpoint.join("in the way")).unwrap();
        assert!(site.operations.log_round().await.is_err());
        std::fs::remove_dir_all(&checkpoint).unwrap();
        assert_eq!(site.operations.log_round().await.unwrap(), 0, "nothing new");
        assert_ne!(std::fs::read(&checkpoint).unwrap(), before);
    })
    .await;
}

#[tokio::test]
async fn an_old_copy_of_the_database_does_not_sign() {
    on_both(|site| async move {
        generated(&site, "你好").await;
        site.operations.log_round().await.unwrap();
        // A database that knows nothing of what was published.
        let folder = tempfile::tempdir().unwrap();
        let target = store::Target::Sqlite { path: folder.path().join("old.db") };
        let (old, _) =
            testkit::service::operations(folder.path(), &target, testkit::service::trial_settings()).await;
        std::fs::copy(site.folder.path().join("ledger/checkpoint"), folder.path().join("ledger/checkpoint"))
            .unwrap();
        assert!(matches!(old.log_open().await, Err(LogError::RolledBack { stored: 0, .. })));
        // One that has as many entries, and other ones.
        std::fs::remove_file(folder.path().join("ledger/checkpoint")).unwrap();
        let other = Site { operations: old, clock: site.clock.clone(), target, folder: folder.into() };
        generated(&other, "别的").await;
        other.operations.log_round().await.unwrap();
        std::fs::copy(
            site.folder.path().join("ledger/checkpoint"),
            other.folder.path().join("ledger/checkpoint"),
        )
        .unwrap();
        assert!(other.operations.log_open().await.is_err());
    })
    .await;
}

#[tokio::test]
async fn generations_that_a_crash_left_open_end_as_interrupted() {
    on_both(|site| async move {
        let generation = begun(&site).await;
        site.operations.begin_generation(&generation).await.unwrap();
        site.clock.advance(Duration::from_secs(10));
        assert_eq!(
            site.operations.recover_generations(Duration::from_secs(60)).await.unwrap(),
            0,
            "still running"
        );
        site.clock.advance(Duration::from_secs(60));
        assert_eq!(site.operations.recover_generations(Duration::from_secs(60)).await.unwrap(), 1);
        assert_eq!(site.operations.recover_generations(Duration::from_secs(60)).await.unwrap(), 0);
        let found =
            site.operations.verify(operations::VerifyQuery::ProduceId(generation.produce_id)).await.unwrap();
        assert_eq!(found.generation.unwrap().end_reason.as_deref(), Some("interrupted"));
    })
    .await;
}
