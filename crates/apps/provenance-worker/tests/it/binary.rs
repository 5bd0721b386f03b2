//! The binary as the service starts it.

use std::path::Path;

use provenance::{Client, ClientError, Limits, State, Worker, WorkerConfig};

use crate::{samples, support::request};

fn config(folder: &Path) -> WorkerConfig {
    let binary = env!("CARGO_BIN_EXE_cinnabar-provenance").into();
    let socket = folder.join("run/provenance.sock");
    WorkerConfig::new(binary, &socket, &folder.join("keys"), Some("Test Provider"))
}

#[tokio::test]
async fn a_client_outlives_the_worker_that_it_asked() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    let client = Client::new(&config.socket, Limits::default());
    assert!(matches!(client.about().await.unwrap_err(), ClientError::Connect { .. }));

    let first = Worker::start(&config).await.unwrap();
    let signed = client.sign(request("image/jpeg"), &samples::jpeg(), None).await.unwrap().0;
    first.stop().await.unwrap();
    assert!(matches!(client.about().await.unwrap_err(), ClientError::Connect { .. }));

    let _second = Worker::start(&config).await.unwrap();
    let report = client.read("image/jpeg", &signed).await.unwrap();
    assert_eq!(report.state, State::Intact);
    let signer = report.manifest.unwrap().signer.unwrap();
    assert_eq!(signer.organisation.as_deref(), Some("Test Provider"));
}

#[tokio::test]
async fn a_kept_connection_that_went_stale_is_opened_anew() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    let client = Client::new(&config.socket, Limits::default());
    let first = Worker::start(&config).await.unwrap();
    client.about().await.unwrap();
    first.stop().await.unwrap();
    let _second = Worker::start(&config).await.unwrap();
    client.about().await.unwrap();
}

#[tokio::test]
async fn a_worker_that_cannot_start_is_an_error_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(folder.path());
    config.arguments.extend(["--trust-list".to_owned(), "missing.pem".to_owned()]);
    let error = Worker::start(&config).await.unwrap_err();
    assert!(error.to_string().contains("cinnabar-provenance"), "{error}");
    config.binary = folder.path().join("nothing");
    assert!(matches!(Worker::start(&config).await.unwrap_err(), ClientError::Start { .. }));
}
