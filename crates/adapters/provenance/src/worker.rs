//! Starts the worker as a child, and starts it again when it ends.

use std::{
    io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, ChildStdin, Command},
    time::timeout,
};

use crate::error::ClientError;

/// The line by which a worker says that it listens.
pub const READY: &str = "ready";

/// How long a worker may take until it listens. Making four keys takes milliseconds.
const START_MAX: Duration = Duration::from_secs(20);

/// How a worker is started.
#[derive(Debug, Clone)]
pub struct WorkerConfig {
    /// The binary `cinnabar-provenance`.
    pub binary: PathBuf,
    /// Where it is to listen.
    pub socket: PathBuf,
    /// Everything else, as on its command line.
    pub arguments: Vec<String>,
}

/// A running worker. It ends with its owner: the child reads the end of its standard input, even when the owner is
/// killed.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    /// Held open: its end is the sign to end.
    input: Option<ChildStdin>,
}

impl Worker {
    /// The path of the worker's binary, where it lies beside the running program.
    #[must_use]
    pub fn beside_this_program() -> Option<PathBuf> {
        let beside = std::env::current_exe().ok()?.parent()?.join("cinnabar-provenance");
        beside.is_file().then_some(beside)
    }

    /// Starts one and waits until it listens.
    ///
    /// # Errors
    /// [`ClientError::Start`] where it cannot be started, ends at once, or does not listen in time.
    pub async fn start(config: &WorkerConfig) -> Result<Self, ClientError> {
        let failed = |source| ClientError::Start { binary: config.binary.clone(), source };
        let mut child = Command::new(&config.binary)
            .arg("--socket")
            .arg(&config.socket)
            .arg("--until-input-ends")
            .args(&config.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let out = child.stdout.take().ok_or_else(|| failed(io::ErrorKind::BrokenPipe.into()))?;
        let input = child.stdin.take();
        let mut lines = BufReader::new(out).lines();
        match timeout(START_MAX, lines.next_line()).await {
            Ok(Ok(Some(line))) if line == READY => Ok(Self { child, input }),
            Ok(Ok(_)) => Err(failed(io::Error::other("it ended before it listened; its log says why"))),
            Ok(Err(error)) => Err(failed(error)),
            Err(_) => Err(failed(io::ErrorKind::TimedOut.into())),
        }
    }

    /// Ends it and waits until it has ended.
    ///
    /// # Errors
    /// What the system says.
    pub async fn stop(mut self) -> io::Result<()> {
        drop(self.input.take());
        self.child.wait().await.map(drop)
    }

    /// Waits until it ends by itself, and says how.
    ///
    /// # Errors
    /// What the system says.
    pub async fn ended(&mut self) -> io::Result<String> {
        self.child.wait().await.map(|status| status.to_string())
    }
}

impl WorkerConfig {
    /// A worker at `socket` with its keys under `keys`, whose certificates name `organisation`.
    #[must_use]
    pub fn new(binary: PathBuf, socket: &Path, keys: &Path, organisation: Option<&str>) -> Self {
        let mut arguments = vec!["--keys".to_owned(), keys.to_string_lossy().into_owned()];
        if let Some(organisation) = organisation {
            arguments.extend(["--organisation".to_owned(), organisation.to_owned()]);
        }
        Self { binary, socket: socket.to_owned(), arguments }
    }
}
