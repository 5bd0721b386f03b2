//! What SQLite alone can suffer: a full disk, a foreign lock, a file that is no database.

use std::time::Duration;

use sqlx::Connection as _;
use store::{
    Journal, JournalError, JournalLimits, JournalWrite, OpenOptions, Room, Store, StoreError, Target, Tx,
};
use testkit::small_disk::SmallDisk;

use crate::{database::TestDatabase, samples::*};

#[tokio::test]
async fn a_full_disk_is_reported_and_loses_nothing() {
    let db = TestDatabase::sqlite().await.unwrap();
    let small = db.again(&OpenOptions { sqlite_pages_max: Some(150), ..OpenOptions::default() }).await;
    let (journal, ending) = Journal::spawn(small.clone(), JournalLimits::default());
    let mut acknowledged = 0_u64;
    let error = loop {
        let number = u128::from(acknowledged) * 10;
        let entries = (number + 1..=number + 10).map(entry).collect();
        match journal.append(JournalWrite { entries, ..JournalWrite::default() }).await {
            Ok(()) => acknowledged += 1,
            Err(error) => break error,
        }
        assert!(acknowledged < 10_000, "the limit does not hold");
    };
    let JournalError::Failed(error) = error else { panic!("{error:?}") };
    assert!(matches!(*error, StoreError::DiskFull(_)), "{error:?}");
    assert!(acknowledged > 0);
    drop(journal);
    ending.await.unwrap();
    small.close().await;

    // With room again everything acknowledged is there, nothing else is, and writing goes on.
    assert_eq!(db.store.entry_count_pending().await.unwrap(), acknowledged * 10);
    let mut tx = db.store.begin().await.unwrap();
    tx.entry_append(&entry(999_999)).await.unwrap();
    tx.commit().await.unwrap();
}

const RESERVE_BYTES: u64 = 4 << 20;

/// Writes entries, counted by `written`, through the transactions that `begin` gives, until one fails.
async fn until_full<F>(written: &mut u128, begin: impl Fn() -> F) -> StoreError
where
    F: Future<Output = Result<Tx, StoreError>>,
{
    loop {
        let mut tx = match begin().await {
            Ok(tx) => tx,
            Err(error) => return error,
        };
        for number in 1..=100 {
            if let Err(error) = tx.entry_append(&entry(*written + number)).await {
                return error;
            }
        }
        if let Err(error) = tx.commit().await {
            return error;
        }
        *written += 100;
        assert!(*written < 1_000_000, "the disk does not fill up");
    }
}

#[tokio::test]
async fn a_full_disk_keeps_its_last_room_for_cases() {
    let Some(disk) = SmallDisk::mount(20 << 20) else { return };
    let target = Target::Sqlite { path: disk.path().join("data.db") };
    let options = OpenOptions { sqlite_reserve_bytes: Some(RESERVE_BYTES), ..OpenOptions::default() };
    let store = Store::open_with(&target, &options).await.unwrap();
    store.migrate().await.unwrap();
    assert_eq!((store.room(), store.reserve_held_bytes()), (Room::Enough, RESERVE_BYTES));
    let ballast = disk.fill();

    // Whoever meets the full disk first shuts everything out but cases.
    let mut written = 0;
    let error = until_full(&mut written, || store.begin()).await;
    assert!(matches!(error, StoreError::DiskFull(_)), "{error:?}");
    let error = store.begin().await.unwrap_err();
    assert!(matches!(error, StoreError::KeptForCases), "{error:?}");
    assert_eq!((store.room(), store.reserve_held_bytes()), (Room::CasesOnly, RESERVE_BYTES));

    // Cases write on, and where they find no room the reserve is theirs alone.
    let error = until_full(&mut written, || store.begin_for_case()).await;
    assert!(matches!(error, StoreError::DiskFull(_)), "{error:?}");
    let before = written;
    assert!(store.reserve_release().await.unwrap());
    assert!(!store.reserve_restore().await.unwrap(), "there is no room to restore it");
    assert!(store.begin().await.unwrap_err().is_disk_full());
    until_full(&mut written, || store.begin_for_case()).await;
    assert!(written > before, "not one case found room in the reserve");
    assert_eq!(store.room(), Room::Nothing);
    assert!(!store.reserve_release().await.unwrap(), "it is given once");

    // Room again: the file is back, everything writes, and all that was acknowledged is there.
    std::fs::remove_file(ballast).unwrap();
    assert!(store.reserve_restore().await.unwrap());
    assert_eq!((store.room(), store.reserve_held_bytes()), (Room::Enough, RESERVE_BYTES));
    assert_eq!(u128::from(store.entry_count_pending().await.unwrap()), written);
    let mut tx = store.begin().await.unwrap();
    tx.entry_append(&entry(written + 1)).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn a_database_opens_on_a_full_disk_from_its_reserve() {
    let Some(disk) = SmallDisk::mount(20 << 20) else { return };
    let target = Target::Sqlite { path: disk.path().join("data.db") };
    let options = OpenOptions { sqlite_reserve_bytes: Some(RESERVE_BYTES), ..OpenOptions::default() };
    let store = Store::open_with(&target, &options).await.unwrap();
    store.migrate().await.unwrap();
    store.close().await;
    drop(store);
    let ballast = disk.fill();

    let store = Store::open_with(&target, &options).await.unwrap();
    store.migrate().await.unwrap();
    assert_eq!((store.room(), store.reserve_held_bytes()), (Room::CasesOnly, 0));
    let mut tx = store.begin_for_case().await.unwrap();
    tx.entry_append(&entry(1)).await.unwrap();
    tx.commit().await.unwrap();
    assert!(store.begin().await.unwrap_err().is_disk_full());
    std::fs::remove_file(ballast).unwrap();
    assert!(store.reserve_restore().await.unwrap());
    store.close().await;
}

#[tokio::test]
async fn who_waited_while_the_disk_filled_up_is_not_let_through() {
    let db = TestDatabase::sqlite().await.unwrap();
    let options = OpenOptions {
        sqlite_pages_max: Some(150),
        sqlite_reserve_bytes: Some(RESERVE_BYTES),
        ..OpenOptions::default()
    };
    let small = db.again(&options).await;
    let mut tx = small.begin().await.unwrap();
    let waiting = tokio::spawn({
        let small = small.clone();
        async move { small.begin().await.map(drop) }
    });
    let mut number = 0;
    let error = loop {
        number += 1;
        if let Err(error) = tx.entry_append(&entry(number)).await {
            break error;
        }
    };
    assert!(matches!(error, StoreError::DiskFull(_)), "{error:?}");
    drop(tx);
    let error = waiting.await.unwrap().unwrap_err();
    assert!(matches!(error, StoreError::KeptForCases), "{error:?}");
    // The disk itself has room here, so the watch opens the way again.
    assert!(small.reserve_restore().await.unwrap());
    small.begin().await.unwrap().commit().await.unwrap();
}

#[tokio::test]
async fn a_database_held_by_another_connection_is_busy() {
    let db = TestDatabase::sqlite().await.unwrap();
    let Target::Sqlite { path } = &db.target else { panic!() };
    let options = OpenOptions { busy_timeout: Duration::from_millis(60), ..OpenOptions::default() };
    let store = db.again(&options).await;
    let mut other = sqlx::SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();

    let error = store.begin().await.unwrap_err();
    assert!(matches!(error, StoreError::Busy(_)), "{error:?}");
    assert!(error.to_string().contains("another process"));
    assert_eq!(store.entry_count_pending().await.unwrap(), 0, "reading goes on");

    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    store.begin().await.unwrap().commit().await.unwrap();
}

#[tokio::test]
async fn however_many_wait_behind_a_lock_each_is_refused_in_time() {
    let db = TestDatabase::sqlite().await.unwrap();
    let Target::Sqlite { path } = &db.target else { panic!() };
    let busy_timeout = Duration::from_millis(200);
    let store = db.again(&OpenOptions { busy_timeout, ..OpenOptions::default() }).await;
    let mut other = sqlx::SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();

    let began = std::time::Instant::now();
    let waiting: Vec<_> = (0..30)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.begin().await.map(drop) })
        })
        .collect();
    for refused in waiting {
        let error = refused.await.unwrap().unwrap_err();
        assert!(matches!(error, StoreError::Busy(_)), "{error:?}");
    }
    // One after another they would take six seconds.
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    store.begin().await.unwrap().commit().await.unwrap();
}

#[tokio::test]
async fn a_file_locked_by_another_program_is_not_opened() {
    let db = TestDatabase::sqlite().await.unwrap();
    let Target::Sqlite { path } = db.target.clone() else { panic!() };
    db.store.close().await;
    drop(db.store);
    let url = format!("sqlite://{}", path.display());
    let mut other = loop {
        let mut other = sqlx::SqliteConnection::connect(&url).await.unwrap();
        let sql = "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT";
        // The store's last connection may still be closing.
        if sqlx::raw_sql(sql).execute(&mut other).await.is_ok() {
            break other;
        }
    };
    let options = OpenOptions { busy_timeout: Duration::from_millis(60), ..OpenOptions::default() };
    let error = Store::open_with(&db.target, &options).await.unwrap_err();
    assert!(matches!(error, StoreError::Busy(_)), "{error:?}");
    sqlx::raw_sql("PRAGMA user_version").execute(&mut other).await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(
        &path,
        "these are notes, not a database, and long enough to be read as a header".repeat(20),
    )
    .unwrap();
    let error = Store::open(&Target::Sqlite { path: path.clone() }).await.unwrap_err();
    let StoreError::Open { target, .. } = &error else { panic!("{error:?}") };
    assert_eq!(*target, path.display().to_string());
    assert!(std::fs::read_to_string(path).unwrap().starts_with("these are notes"), "it was left alone");
}

#[tokio::test]
async fn the_write_ahead_log_starts_anew_and_loses_nothing() {
    let db = TestDatabase::sqlite().await.unwrap();
    let Target::Sqlite { path } = &db.target else { panic!() };
    let log = path.with_file_name(format!("{}-wal", path.file_name().unwrap().to_str().unwrap()));
    let (journal, _) = Journal::spawn(db.store.clone(), JournalLimits::default());
    let mut longest = 0;
    let mut count = 0;
    // Some 64 MiB of pages, four times of what starts the log anew.
    for round in 0..80_u128 {
        let entries: Vec<_> = (1..=300)
            .map(|number| {
                let number = round * 1000 + number;
                store::NewEntry { bytes: "x".repeat(2_000), ..entry(number) }
            })
            .collect();
        count += entries.len() as u64;
        journal.append(JournalWrite { entries, ..JournalWrite::default() }).await.unwrap();
        db.store.checkpoint().await.unwrap();
        longest = longest.max(std::fs::metadata(&log).unwrap().len());
    }
    assert!(longest < 32 << 20, "the log grew to {longest} bytes");
    assert!(std::fs::metadata(path).unwrap().len() > 40 << 20, "the file has the pages");
    assert_eq!(db.store.entry_count_pending().await.unwrap(), count);
}
