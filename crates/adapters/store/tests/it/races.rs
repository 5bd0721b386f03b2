//! What may happen once happens once, whoever comes first.

use std::time::Duration;

use store::{LogLease, OpenOptions, StoreError};

use crate::{database::on_both_engines, samples::*};

/// How many of eight tasks at once report that they did it.
async fn winners<F, R>(race: F) -> usize
where
    F: Fn(u8) -> R,
    R: Future<Output = bool> + Send + 'static,
{
    let tasks: Vec<_> = (0..8).map(|number| tokio::spawn(race(number))).collect();
    let mut won = 0;
    for task in tasks {
        won += usize::from(task.await.unwrap());
    }
    won
}

on_both_engines! {
    async fn the_head_of_the_log_moves_once(db) {
        for (expected, next) in [(0, 10), (10, 25)] {
            let won = winners(|_| {
                let store = db.store.clone();
                async move {
                    let mut tx = store.begin().await.unwrap();
                    let moved = tx.log_state_compare_and_swap("main", expected, &head(next)).await.unwrap();
                    tx.commit().await.unwrap();
                    moved
                }
            })
            .await;
            assert_eq!(won, 1);
            assert_eq!(db.store.log_state_lookup("main").await.unwrap(), Some(head(next)));
        }
    }

    async fn the_lease_has_one_holder(db) {
        let won = winners(|number| {
            let store = db.store.clone();
            async move {
                let mut tx = store.begin().await.unwrap();
                let name = format!("process {number}");
                let held = tx.log_lease_acquire("main", &name, at(0), at(30)).await.unwrap();
                tx.commit().await.unwrap();
                held.holder == name
            }
        })
        .await;
        assert_eq!(won, 1);

        let mut tx = db.store.begin().await.unwrap();
        let first = tx.log_lease_acquire("main", "another", at(1), at(31)).await.unwrap();
        assert!(first.holder.starts_with("process ") && first.until_at == at(30), "{first:?}");
        let prolonged = tx.log_lease_acquire("main", &first.holder, at(10), at(40)).await.unwrap();
        assert_eq!(prolonged, LogLease { until_at: at(40), ..first.clone() });
        assert_eq!(tx.log_lease_acquire("main", "another", at(39), at(60)).await.unwrap(), prolonged);
        let taken = tx.log_lease_acquire("main", "another", at(40), at(60)).await.unwrap();
        assert_eq!((taken.holder.as_str(), taken.until_at), ("another", at(60)), "it has run out");
        tx.log_lease_release("main", &first.holder).await.unwrap();
        assert_eq!(tx.log_lease_acquire("main", &first.holder, at(41), at(60)).await.unwrap(), taken);
        tx.log_lease_release("main", "another").await.unwrap();
        assert_eq!(tx.log_lease_acquire("main", &first.holder, at(42), at(60)).await.unwrap().holder, first.holder);
        tx.commit().await.unwrap();
    }

    async fn a_pass_is_used_once(db) {
        let mut tx = db.store.begin().await.unwrap();
        tx.decision_insert(&decision(1)).await.unwrap();
        tx.prompt_pass_insert(&pass(1)).await.unwrap();
        tx.commit().await.unwrap();
        let won = winners(|_| {
            let store = db.store.clone();
            async move {
                let mut tx = store.begin().await.unwrap();
                let used = tx.prompt_pass_use(pass(1).subject_id, &[8; 32], at(4)).await.unwrap();
                tx.commit().await.unwrap();
                used.is_some()
            }
        })
        .await;
        assert_eq!(won, 1);
    }

    async fn an_invitation_is_used_once(db) {
        let mut tx = db.store.begin().await.unwrap();
        tx.invitation_insert(&invitation()).await.unwrap();
        tx.commit().await.unwrap();
        let won = winners(|_| {
            let store = db.store.clone();
            async move {
                let mut tx = store.begin().await.unwrap();
                let used = tx.invitation_use(&[3; 32], operator().operator_id, at(4)).await.unwrap();
                tx.commit().await.unwrap();
                used
            }
        })
        .await;
        assert_eq!(won, 1);
    }

    async fn a_case_is_changed_once_per_version(db) {
        let mut tx = db.store.begin().await.unwrap();
        tx.decision_insert(&decision(1)).await.unwrap();
        tx.case_insert(&case(1, 50)).await.unwrap();
        tx.commit().await.unwrap();
        let won = winners(|_| {
            let store = db.store.clone();
            async move {
                let mut tx = store.begin().await.unwrap();
                let row = store::CaseRow { version: 2, ..case(1, 50) };
                let changed = tx.case_update(&row, 1).await;
                tx.commit().await.unwrap();
                changed.is_ok()
            }
        })
        .await;
        assert_eq!(won, 1);
    }

    async fn a_held_row_is_reported_as_busy(db) {
        let options = OpenOptions { busy_timeout: Duration::from_millis(60), ..OpenOptions::default() };
        let other = db.again(&options).await;
        let mut held = db.store.begin().await.unwrap();
        held.meta_set("name", "held").await.unwrap();
        let error = async {
            let mut tx = other.begin().await?;
            tx.meta_set("name", "wanted").await
        }
        .await
        .unwrap_err();
        assert!(matches!(error, StoreError::Busy(_)), "{error:?}");
        held.commit().await.unwrap();
        let mut tx = other.begin().await.unwrap();
        tx.meta_set("name", "wanted").await.unwrap();
        tx.commit().await.unwrap();
        other.close().await;
    }
}
