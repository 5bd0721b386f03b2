//! A process that dies in the middle loses nothing it has acknowledged.

use std::{
    io::Write as _,
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use store::{Journal, JournalLimits, JournalWrite, OpenOptions, Store, Target};
use terms::EntryId;

use crate::{database::on_both_engines, samples::*};

const VARIABLE: &str = "CINNABAR_STORE_KILL_TARGET";
const ACKNOWLEDGED_BEFORE_DEATH: u32 = 400;

on_both_engines! {
    async fn acknowledged_entries_outlive_the_process(db) {
        let target = match &db.target {
            Target::Sqlite { path } => path.display().to_string(),
            Target::Postgres { url } => url.clone(),
        };
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::child_writes_until_it_aborts", "--ignored", "--nocapture"])
            .env(VARIABLE, target)
            .stderr(Stdio::null())
            .output()
            .unwrap();
        assert!(!child.status.success(), "the child must have died");
        let said = String::from_utf8(child.stdout).unwrap();
        let acknowledged: Vec<EntryId> =
            said.lines().filter_map(|line| line.strip_prefix("acknowledged ")?.parse().ok()).collect();
        assert!(acknowledged.len() >= ACKNOWLEDGED_BEFORE_DEATH as usize, "{said}");

        let again = db.again(&OpenOptions::default()).await;
        for id in acknowledged {
            assert!(again.entry_lookup(id).await.unwrap().is_some(), "entry {id} was acknowledged and is lost");
        }
        let mut tx = again.begin().await.unwrap();
        tx.entry_append(&entry(999_999)).await.unwrap();
        tx.commit().await.unwrap();
        again.close().await;
    }
}

/// Not a test: what the test above starts.
#[ignore = "run by acknowledged_entries_outlive_the_process"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_writes_until_it_aborts() {
    static ACKNOWLEDGED: AtomicU32 = AtomicU32::new(0);
    let Ok(target) = std::env::var(VARIABLE) else { return };
    let target = if target.starts_with("postgres") {
        Target::Postgres { url: target }
    } else {
        Target::Sqlite { path: target.into() }
    };
    let store = Store::open(&target).await.unwrap();
    let (journal, _) = Journal::spawn(store, JournalLimits { queue_max: 1000, batch_entries_max: 30 });
    let writers: Vec<_> = (0..100_u128)
        .map(|writer| {
            let journal = journal.clone();
            tokio::spawn(async move {
                for number in 0..1_000 {
                    let entry = entry(1 + writer * 1_000 + number);
                    let id = entry.entry_id;
                    journal
                        .append(JournalWrite { entries: vec![entry], ..JournalWrite::default() })
                        .await
                        .unwrap();
                    let mut out = std::io::stdout().lock();
                    writeln!(out, "\nacknowledged {id}").unwrap();
                    out.flush().unwrap();
                    if ACKNOWLEDGED.fetch_add(1, Ordering::SeqCst) + 1 == ACKNOWLEDGED_BEFORE_DEATH {
                        std::process::abort();
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
}
