//! One server for each database: by the lock of the folder with SQLite, by the lease with PostgreSQL.

use std::{path::Path, time::Duration};

use server::{Config, Ready, serve};
use store::{Store, Target};
use terms::{Clock as _, Timestamp};
use testkit::postgres;
use tokio::{sync::oneshot, task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

/// Longer than a lease runs.
const PATIENCE: Duration = Duration::from_secs(30);

struct Running {
    stop: CancellationToken,
    ended: JoinHandle<anyhow::Result<()>>,
}

fn config(folder: &Path, database: &str) -> Config {
    Config {
        bind: "127.0.0.1:0".parse().unwrap(),
        data: folder.join("data"),
        keys: folder.join("keys"),
        database: server::Secret::new(database),
        ..Config::default()
    }
}

/// Starts a server and waits until it answers, or gives what kept it from that.
async fn start(config: Config) -> anyhow::Result<Running> {
    let (ready, is_ready) = oneshot::channel();
    let stop = CancellationToken::new();
    let on_ready = move |_: &Ready| {
        let _ = ready.send(());
    };
    let ended = tokio::spawn(serve(config, stop.clone(), on_ready));
    match timeout(PATIENCE, is_ready).await.unwrap() {
        Ok(()) => Ok(Running { stop, ended }),
        Err(_) => Err(ended.await?.unwrap_err()),
    }
}

impl Running {
    /// Waits for its end.
    async fn end(self) -> anyhow::Result<()> {
        timeout(PATIENCE, self.ended).await.unwrap().unwrap()
    }

    async fn stop(self) {
        self.stop.cancel();
        self.end().await.unwrap();
    }
}

fn chain(error: &anyhow::Error) -> String {
    format!("{error:#}")
}

/// Puts a lease of another process into the database, which runs out at `until`.
async fn lease_of_another(url: &str, until: Timestamp) {
    let store = Store::open(&Target::Postgres { url: url.to_owned() }).await.unwrap();
    store.migrate().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    // At a time when every lease of ours has run out.
    let later = until.plus(Duration::from_secs(3_600));
    let held = tx.log_lease_acquire("main", "host `elsewhere`, process 7", later, until).await.unwrap();
    assert_eq!(held.until_at, until);
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_server_on_one_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let first = start(config(folder.path(), "sqlite")).await.unwrap();
    let refused = start(config(folder.path(), "sqlite")).await.err().unwrap();
    let (why, data) = (chain(&refused), folder.path().join("data").display().to_string());
    assert!(why.contains("in use by another `cinnabar`") && why.contains(&data), "{why}");
    first.stop().await;
    start(config(folder.path(), "sqlite")).await.unwrap().stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_server_over_one_database_is_refused_and_told_who_has_it() {
    let Some(server) = postgres::server() else { return };
    let database = server.database().await;
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = start(config(here.path(), &database.url)).await.unwrap();
    let refused = start(config(there.path(), &database.url)).await.err().unwrap();
    let (why, process) = (chain(&refused), format!("process {} ", std::process::id()));
    assert!(why.contains("in use by another `cinnabar`") && why.contains(&process), "{why}");
    assert!(!there.path().join("keys").exists(), "it made keys of its own");
    // Given back at the end, so that the next start need not wait.
    first.stop().await;
    start(config(here.path(), &database.url)).await.unwrap().stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lease_of_a_killed_server_is_taken_when_it_runs_out() {
    let Some(server) = postgres::server() else { return };
    let database = server.database().await;
    let folder = tempfile::tempdir().unwrap();
    let until = server::SystemClock.now().plus(Duration::from_secs(2));
    lease_of_another(&database.url, until).await;
    let next = start(config(folder.path(), &database.url)).await.unwrap();
    assert!(server::SystemClock.now() >= until, "it did not wait for the lease");
    next.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_lost_its_database_stops_and_says_why() {
    let Some(server) = postgres::server() else { return };
    let database = server.database().await;
    let folder = tempfile::tempdir().unwrap();
    let paused = start(config(folder.path(), &database.url)).await.unwrap();
    let until = server::SystemClock.now().plus(Duration::from_secs(3_600));
    lease_of_another(&database.url, until).await;
    let why = chain(&paused.end().await.unwrap_err());
    assert!(why.contains("host `elsewhere`, process 7"), "{why}");
}
