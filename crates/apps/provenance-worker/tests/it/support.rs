//! A worker in this process, and a request.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use provenance::{Client, Disclosure, Extent, Limits, Origin, SignRequest, SoftBinding};
use provenance_worker::{Engine, EngineConfig, JobLimits, Server, ServerLimits, StampsBy, bind};
use tempfile::TempDir;

/// A worker that listens, and its folder.
pub(crate) struct Listening {
    pub(crate) folder: TempDir,
    pub(crate) client: Client,
}

impl Listening {
    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("provenance.sock")
    }
}

pub(crate) fn config(folder: &Path, stamps: StampsBy) -> EngineConfig {
    EngineConfig {
        keys: folder.join("keys"),
        organisation: "Test Provider".to_owned(),
        certificates: None,
        stamps,
        trust_lists: Vec::new(),
        anchors: Vec::new(),
    }
}

pub(crate) fn listening(stamps: StampsBy) -> Listening {
    listening_with(stamps, 64 * 1024 * 1024)
}

pub(crate) fn listening_with(stamps: StampsBy, body_bytes_max: u64) -> Listening {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(&config(folder.path(), stamps), jiff::Timestamp::now()).unwrap();
    let socket = folder.path().join("provenance.sock");
    let listener = bind(&socket).unwrap();
    let jobs = JobLimits { at_once_max: 2, each_max: Duration::from_secs(60) };
    let server = Arc::new(Server::new(engine, ServerLimits { body_bytes_max, jobs }));
    thread::spawn(move || server.serve(&listener, || panic!("stuck")));
    Listening { folder, client: Client::new(&socket, Limits::default()) }
}

pub(crate) fn request(format: &str) -> SignRequest {
    SignRequest {
        format: format.to_owned(),
        title: None,
        origin: Origin::Generated,
        parent: None,
        disclosure: Disclosure {
            provider: "Test Provider".to_owned(),
            system: "Demo Painter".to_owned(),
            version: "1.2.3".to_owned(),
            time: "2026-11-25T14:00:00Z".to_owned(),
            id: "01KAXN7Q3E5M9T8W2Y4Z6B0C1D".to_owned(),
            extent: Extent::Created,
        },
        gb_label: None,
        soft_bindings: vec![SoftBinding { alg: "org.cinnabar.mark.1".to_owned(), value: "0102".to_owned() }],
    }
}
