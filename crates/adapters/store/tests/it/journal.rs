//! The journal: one commit for many writes, and none of them answers for another.

use std::{
    future::poll_fn,
    task::Poll,
    time::{Duration, Instant},
};

use store::{Journal, JournalError, JournalLimits, JournalWrite, Store, StoreError};
use tokio::task::JoinHandle;

use crate::{database::on_both_engines, samples::*};

fn write(number: u128) -> JournalWrite {
    JournalWrite { entries: vec![entry(number)], ..JournalWrite::default() }
}

/// Puts a write into the queue, now, and waits for its answer in a task.
async fn append(journal: &Journal, write: JournalWrite) -> JoinHandle<Result<(), JournalError>> {
    let journal = journal.clone();
    let mut appending = Box::pin(async move { journal.append(write).await });
    match poll_fn(|context| Poll::Ready(appending.as_mut().poll(context))).await {
        Poll::Ready(result) => tokio::spawn(async move { result }),
        Poll::Pending => tokio::spawn(appending),
    }
}

async fn until(condition: impl Fn() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(20), "what is waited for does not come");
        tokio::task::yield_now().await;
    }
}

/// Brings the journal to a stand: its first write (entry 1) waits for the transaction that this gives back.
async fn hold(store: &Store, journal: &Journal) -> (store::Tx, JoinHandle<Result<(), JournalError>>) {
    let mut tx = store.begin().await.unwrap();
    tx.entry_append(&entry(1)).await.unwrap();
    let first = append(journal, write(1)).await;
    until(|| journal.statistics().writing == 1).await;
    (tx, first)
}

on_both_engines! {
    async fn what_is_acknowledged_can_be_read(db) {
        let (journal, _) = Journal::spawn(db.store.clone(), JournalLimits::default());
        let both = JournalWrite {
            entries: vec![entry(1), entry(2)], begun: vec![begin(1)], ended: vec![end(1)], whole: vec![whole(2)],
        };
        journal.append(both).await.unwrap();
        assert_eq!(db.store.entry_count_pending().await.unwrap(), 2);
        assert_eq!(db.store.generation_lookup(end(1).produce_id).await.unwrap(), Some(whole(1)));
        assert_eq!(db.store.generation_lookup(end(2).produce_id).await.unwrap(), Some(whole(2)));
        let statistics = journal.statistics();
        assert_eq!((statistics.commits, statistics.writes, statistics.entries), (1, 1, 2));
        assert!(statistics.last > Duration::ZERO && statistics.median == statistics.last);
    }

    async fn waiting_writes_share_a_commit(db) {
        let (journal, _) = Journal::spawn(db.store.clone(), JournalLimits::default());
        let (tx, first) = hold(&db.store, &journal).await;
        // The beginning and the end of one generation wait together, in that order.
        let begun = append(&journal, JournalWrite { begun: vec![begin(7)], ..write(2) }).await;
        until(|| journal.queue_length() == 1).await;
        let ended = append(&journal, JournalWrite { ended: vec![end(7)], ..write(3) }).await;
        until(|| journal.queue_length() == 2).await;
        tx.rollback().await.unwrap();
        for task in [first, begun, ended] {
            task.await.unwrap().unwrap();
        }
        assert_eq!(journal.statistics().commits, 2);
        assert!(db.store.generation_lookup(end(7).produce_id).await.unwrap().unwrap().ended_at.is_some());
    }

    async fn a_bad_write_fails_alone(db) {
        let (journal, _) = Journal::spawn(db.store.clone(), JournalLimits::default());
        journal.append(write(50)).await.unwrap();
        let (tx, first) = hold(&db.store, &journal).await;
        let mut tasks = vec![
            append(&journal, write(2)).await,
            append(&journal, write(50)).await,
            append(&journal, JournalWrite { ended: vec![end(404)], ..write(3) }).await,
            append(&journal, JournalWrite { begun: vec![begin(4)], ..write(4) }).await,
        ];
        until(|| journal.queue_length() == 4).await;
        tx.rollback().await.unwrap();
        first.await.unwrap().unwrap();
        let mut results = Vec::new();
        for task in tasks.drain(..) {
            results.push(task.await.unwrap());
        }
        assert!(results[0].is_ok() && results[3].is_ok(), "{results:?}");
        let Err(JournalError::Failed(twice)) = &results[1] else { panic!("{results:?}") };
        assert!(twice.is_unique_violation());
        let Err(JournalError::Failed(missing)) = &results[2] else { panic!("{results:?}") };
        assert!(matches!(**missing, StoreError::AffectedRows { .. }));
        // 50, 1, 2 and 4; entry 3 went down with the end of a generation that was never begun.
        assert_eq!(db.store.entry_count_pending().await.unwrap(), 4);
        assert_eq!((journal.statistics().writes, journal.statistics().failures), (4, 2));
    }

    async fn a_full_queue_refuses(db) {
        let limits = JournalLimits { queue_max: 2, batch_entries_max: 1 };
        let (journal, _) = Journal::spawn(db.store.clone(), limits);
        let (tx, first) = hold(&db.store, &journal).await;
        let waiting = [append(&journal, write(2)).await, append(&journal, write(3)).await];
        until(|| journal.queue_length() == 2).await;
        assert!(matches!(journal.append(write(4)).await, Err(JournalError::Full)));
        tx.rollback().await.unwrap();
        first.await.unwrap().unwrap();
        for task in waiting {
            task.await.unwrap().unwrap();
        }
        assert_eq!(db.store.entry_count_pending().await.unwrap(), 3);
    }

    async fn closing_drains(db) {
        let (journal, ending) = Journal::spawn(db.store.clone(), JournalLimits { queue_max: 100, batch_entries_max: 3 });
        let (tx, first) = hold(&db.store, &journal).await;
        let mut waiting = Vec::new();
        for number in 2..=20 {
            waiting.push(append(&journal, write(number)).await);
        }
        until(|| journal.queue_length() == 19).await;
        // Those who waited have gone; what they asked for is still done.
        for task in waiting {
            task.abort();
        }
        drop(journal);
        tx.rollback().await.unwrap();
        first.await.unwrap().unwrap();
        ending.await.unwrap();
        assert_eq!(db.store.entry_count_pending().await.unwrap(), 20);
    }
}
