//! Answers on a Unix socket: one thread for each connection, one request after another on each.

use std::{
    fs,
    io::{self, Read, Write},
    os::unix::{
        fs::{FileTypeExt as _, PermissionsExt as _},
        net::{UnixListener, UnixStream},
    },
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use jiff::Timestamp;
use provenance::{
    Refusal, RefusalCode, SignRequest,
    frame::{FrameError, PREFIX_BYTES, Prefix},
    protocol::{Reply, Request},
};

use crate::{
    engine::Engine,
    jobs::{JobLimits, Jobs, Place},
    read, refusal,
    sign::{self, Job},
};

/// The limits of a server.
#[derive(Debug, Clone, Copy)]
pub struct ServerLimits {
    /// The largest body that is taken, in bytes. A job needs about three times as much memory.
    pub body_bytes_max: u64,
    /// The limits of jobs.
    pub jobs: JobLimits,
}

/// Connections at once. The service keeps as many as it asks at once, which is eight by default.
const CONNECTIONS_MAX: usize = 64;
/// How long a peer may take for the next bytes of a frame that it began, or for taking those of an answer.
const PIECE_MAX: Duration = Duration::from_secs(10);

/// A worker that listens.
#[derive(Debug)]
pub struct Server {
    engine: Engine,
    jobs: Jobs,
    limits: ServerLimits,
    connections: AtomicUsize,
}

/// Why a connection ends.
#[derive(Debug, thiserror::Error)]
enum ConnectionError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error("a head that is no request: {0}")]
    Head(#[from] serde_json::Error),
    #[error("every place is held by a job that does not end")]
    Stuck,
}

/// Opens the socket at `path` for this user alone. A socket that nobody listens on any more is replaced.
///
/// # Errors
/// Where another worker listens there, something else lies there, or the system refuses.
pub fn bind(path: &Path) -> io::Result<UnixListener> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        fs::create_dir_all(folder)?;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    match fs::symlink_metadata(path) {
        Ok(there) if !there.file_type().is_socket() => {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "something else lies there"));
        }
        Ok(_) if UnixStream::connect(path).is_ok() => {
            return Err(io::Error::new(io::ErrorKind::AddrInUse, "another worker listens there"));
        }
        Ok(_) => fs::remove_file(path)?,
        Err(_) => {}
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

impl Server {
    /// A server of `engine`.
    #[must_use]
    pub fn new(engine: Engine, limits: ServerLimits) -> Self {
        Self { engine, jobs: Jobs::new(limits.jobs), limits, connections: AtomicUsize::new(0) }
    }

    /// Answers until nothing can run any more: when jobs that do not end hold every place. Then the process is to end.
    ///
    /// # Errors
    /// Where no connection can be taken.
    pub fn serve(self: Arc<Self>, listener: &UnixListener, stuck: fn()) -> io::Result<()> {
        for stream in listener.incoming() {
            let stream = match stream {
                Ok(stream) => stream,
                // The peer was gone before it was taken.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
                Err(error) => return Err(error),
            };
            if self.connections.fetch_add(1, Ordering::AcqRel) >= CONNECTIONS_MAX {
                self.connections.fetch_sub(1, Ordering::AcqRel);
                tracing::warn!(
                    connections.max = CONNECTIONS_MAX,
                    "a connection more than is kept was closed"
                );
                continue;
            }
            let here = Arc::clone(&self);
            thread::Builder::new().name("connection".to_owned()).spawn(move || {
                match here.converse(stream) {
                    Ok(()) => {}
                    Err(ConnectionError::Stuck) => stuck(),
                    Err(error) => tracing::debug!(%error, "a connection ended"),
                }
                here.connections.fetch_sub(1, Ordering::AcqRel);
            })?;
        }
        Ok(())
    }

    fn converse(self: &Arc<Self>, mut stream: UnixStream) -> Result<(), ConnectionError> {
        stream.set_write_timeout(Some(PIECE_MAX))?;
        loop {
            // Between requests a peer may stay silent as long as it likes.
            stream.set_read_timeout(None)?;
            let mut start = [0_u8; PREFIX_BYTES];
            match stream.read_exact(&mut start) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
                Err(error) => return Err(error.into()),
            }
            stream.set_read_timeout(Some(PIECE_MAX))?;
            let prefix = match Prefix::parse(start, self.limits.body_bytes_max) {
                Ok(prefix) => prefix,
                Err(error) => {
                    let code = match error {
                        FrameError::Body { .. } => RefusalCode::TooLarge,
                        FrameError::Magic(_) | FrameError::Head(_) => RefusalCode::Malformed,
                    };
                    answer(&mut stream, &Reply::Refused(refusal(code, error)), &[])?;
                    return Err(error.into());
                }
            };
            let head = take(&mut stream, u64::from(prefix.head_bytes))?;
            let request: Request = serde_json::from_slice(&head)?;
            let (reply, body) = self.handle(request, &mut stream, prefix.body_bytes)?;
            if let Reply::Refused(refusal) = &reply {
                tracing::info!(code = ?refusal.code, reason = %refusal.message, "a request was refused");
            }
            answer(&mut stream, &reply, &body)?;
            if self.jobs.is_stuck() {
                return Err(ConnectionError::Stuck);
            }
        }
    }

    /// A body is read only once there is a place for its job: memory is bounded by the places.
    fn handle(
        self: &Arc<Self>,
        request: Request,
        stream: &mut UnixStream,
        body_bytes: u64,
    ) -> Result<(Reply, Vec<u8>), ConnectionError> {
        let place = match request {
            Request::About => None,
            Request::Read { .. } | Request::Sign(_) => Some(self.jobs.place()),
        };
        let outcome = match (request, place) {
            (Request::About, _) | (_, None) => {
                let_go(stream, body_bytes)?;
                self.engine.about(Timestamp::now()).map(|about| (Reply::About(about), Vec::new()))
            }
            (_, Some(Err(refusal))) => {
                let_go(stream, body_bytes)?;
                Err(refusal)
            }
            (Request::Read { format }, Some(Ok(place))) => {
                let asset = take(stream, body_bytes)?;
                self.read(place, format, asset)
            }
            (Request::Sign(request), Some(Ok(place))) => {
                let asset = take(stream, body_bytes)?;
                self.sign(place, *request, asset)
            }
        };
        Ok(outcome.unwrap_or_else(|refusal| (Reply::Refused(refusal), Vec::new())))
    }

    fn read(&self, place: Place, format: String, asset: Vec<u8>) -> Result<(Reply, Vec<u8>), Refusal> {
        let context = self.engine.current(Timestamp::now())?.context()?;
        let of_job = Arc::clone(&context);
        let report =
            self.jobs.run(place, move || context.cancel(), move || read::read(&of_job, &format, &asset))?;
        Ok((Reply::Read(Box::new(report)), Vec::new()))
    }

    fn sign(
        self: &Arc<Self>,
        place: Place,
        request: SignRequest,
        body: Vec<u8>,
    ) -> Result<(Reply, Vec<u8>), Refusal> {
        let now = Timestamp::now();
        let current = self.engine.current(now)?;
        let context = current.context()?;
        let of_job = Arc::clone(&context);
        let here = Arc::clone(self);
        let job = move || {
            let parent_bytes = request.parent.as_ref().map_or(0, |parent| parent.bytes);
            let parts = usize::try_from(parent_bytes)
                .ok()
                .and_then(|parent| body.len().checked_sub(parent))
                .and_then(|asset| body.split_at_checked(asset));
            let Some((asset, parent)) = parts else {
                return Err(refusal(RefusalCode::Malformed, "the parent is longer than the body"));
            };
            sign::sign(&here.engine, &current, &of_job, &Job { request: &request, asset, parent, now })
        };
        let (signed, report) = self.jobs.run(place, move || context.cancel(), job)?;
        Ok((Reply::Signed(Box::new(report)), signed))
    }
}

/// The next bytes. Memory grows with what comes, not with what was announced.
fn take(stream: &mut impl Read, bytes: u64) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    stream.take(bytes).read_to_end(&mut out)?;
    if u64::try_from(out.len()).unwrap_or(u64::MAX) < bytes {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(out)
}

/// Reads the next bytes away, so that the next frame begins where it should.
fn let_go(stream: &mut impl Read, bytes: u64) -> io::Result<()> {
    io::copy(&mut stream.take(bytes), &mut io::sink()).map(drop)
}

fn answer(stream: &mut impl Write, reply: &Reply, body: &[u8]) -> Result<(), ConnectionError> {
    let head = serde_json::to_vec(reply)?;
    let prefix = Prefix::new(&head, u64::try_from(body.len()).unwrap_or(u64::MAX))?;
    stream.write_all(&prefix.to_bytes())?;
    stream.write_all(&head)?;
    stream.write_all(body)?;
    stream.flush()?;
    Ok(())
}
