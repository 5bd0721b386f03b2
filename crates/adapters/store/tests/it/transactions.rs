//! Transactions, alone and beside the journal.

use store::{Journal, JournalLimits, JournalWrite};

use crate::{database::on_both_engines, samples::*};

on_both_engines! {
    async fn dropping_rolls_back(db) {
        for _ in 0..20 {
            let mut tx = db.store.begin().await.unwrap();
            tx.meta_set("name", "lost").await.unwrap();
            drop(tx);
            let mut tx = db.store.begin().await.unwrap();
            tx.meta_set("other", "kept").await.unwrap();
            tx.commit().await.unwrap();
        }
        assert_eq!(db.store.meta_lookup("name").await.unwrap(), None);
        assert_eq!(db.store.meta_lookup("other").await.unwrap().as_deref(), Some("kept"));
    }

    async fn rolling_back_waits(db) {
        let mut tx = db.store.begin().await.unwrap();
        tx.meta_set("name", "lost").await.unwrap();
        tx.rollback().await.unwrap();
        assert_eq!(db.store.meta_lookup("name").await.unwrap(), None);
    }

    async fn a_cancelled_write_leaves_the_writer_clean(db) {
        for number in 0..50_u32 {
            let store = db.store.clone();
            let task = tokio::spawn(async move {
                let mut tx = store.begin().await.unwrap();
                tx.meta_set("name", &number.to_string()).await.unwrap();
                tx.commit().await.unwrap();
            });
            if number % 2 == 0 {
                tokio::task::yield_now().await;
            }
            task.abort();
            let _ = task.await;
            let mut tx = db.store.begin().await.unwrap();
            tx.meta_set("mine", &number.to_string()).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(db.store.meta_lookup("mine").await.unwrap(), Some(number.to_string()));
        }
    }

    async fn nobody_sees_what_is_not_committed(db) {
        let mut tx = db.store.begin().await.unwrap();
        tx.meta_set("name", "soon").await.unwrap();
        assert_eq!(db.store.meta_lookup("name").await.unwrap(), None);
        tx.commit().await.unwrap();
        assert_eq!(db.store.meta_lookup("name").await.unwrap().as_deref(), Some("soon"));
    }

    async fn transactions_and_the_journal_share_the_writer(db) {
        let (journal, ending) = Journal::spawn(db.store.clone(), JournalLimits::default());
        let appending = {
            let journal = journal.clone();
            tokio::spawn(async move {
                for number in 1..=50 {
                    let write = JournalWrite { entries: vec![entry(number)], ..JournalWrite::default() };
                    journal.append(write).await.unwrap();
                }
            })
        };
        for number in 0..50_u32 {
            let mut tx = db.store.begin().await.unwrap();
            tx.meta_set("count", &number.to_string()).await.unwrap();
            tx.commit().await.unwrap();
        }
        appending.await.unwrap();
        drop(journal);
        ending.await.unwrap();
        assert_eq!(db.store.entry_count_pending().await.unwrap(), 50);
        assert_eq!(db.store.meta_lookup("count").await.unwrap().as_deref(), Some("49"));
    }
}
