//! Asks the worker.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Mutex,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::UnixStream,
    sync::Semaphore,
    time::timeout,
};

use crate::{
    error::ClientError,
    frame::{PREFIX_BYTES, Prefix},
    protocol::{About, Parent, Reply, Request, SignRequest},
    report::Report,
};

/// The limits of a [`Client`].
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The largest asset that is sent, in bytes. The worker has a limit of its own.
    pub asset_bytes_max: u64,
    /// How many questions are asked at once; more wait.
    pub at_once_max: usize,
    /// How long a question may take, from asking for a place to the last byte of the answer.
    pub answer_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // Pictures and sound from a model are under 30 MB; the worker keeps an asset three times.
            asset_bytes_max: 128 * 1024 * 1024,
            at_once_max: 8,
            // Signing takes milliseconds. The worker gives up after 20 s, and is to be heard when it does.
            answer_max: Duration::from_secs(30),
        }
    }
}

/// A signed asset and what was read back from it add up to the asset and a manifest, which grows with what it contains.
const MANIFEST_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The worker, as it is asked. Connections are kept and opened anew when they are lost.
#[derive(Debug)]
pub struct Client {
    socket: PathBuf,
    limits: Limits,
    places: Semaphore,
    idle: Mutex<Vec<UnixStream>>,
}

/// How far an attempt came.
enum Failure {
    /// The kept connection was closed before anything of the answer came: the worker was started anew.
    Stale,
    /// Anything else.
    Real(ClientError),
}

impl Client {
    /// A client of the worker at `socket`. Nothing is opened yet.
    #[must_use]
    pub fn new(socket: &Path, limits: Limits) -> Self {
        Self {
            socket: socket.to_owned(),
            limits,
            places: Semaphore::new(limits.at_once_max.max(1)),
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Who is there.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn about(&self) -> Result<About, ClientError> {
        match self.ask(&Request::About, &[]).await? {
            (Reply::About(about), _) => Ok(about),
            _ => Err(ClientError::Unexpected),
        }
    }

    /// What the manifest in `asset` says, a file of the media type `format`, and whether it holds.
    ///
    /// # Errors
    /// [`ClientError`]. An asset without a manifest is no error.
    pub async fn read(&self, format: &str, asset: &[u8]) -> Result<Report, ClientError> {
        match self.ask(&Request::Read { format: format.to_owned() }, &[asset]).await? {
            (Reply::Read(report), _) => Ok(*report),
            _ => Err(ClientError::Unexpected),
        }
    }

    /// `asset` with a manifest as `request` says, and what was read back from it.
    ///
    /// `parent` is what was edited, where it has a manifest or bytes of its own.
    ///
    /// # Errors
    /// [`ClientError`]. Then the asset is to go without a manifest or not at all; nothing was changed.
    pub async fn sign(
        &self,
        mut request: SignRequest,
        asset: &[u8],
        parent: Option<(&str, &[u8])>,
    ) -> Result<(Vec<u8>, Report), ClientError> {
        let parent_bytes = parent.map_or(&[][..], |(_, bytes)| bytes);
        request.parent =
            parent.map(|(format, bytes)| Parent { format: format.to_owned(), bytes: length(bytes) });
        match self.ask(&Request::Sign(Box::new(request)), &[asset, parent_bytes]).await? {
            (Reply::Signed(report), signed) => Ok((signed, *report)),
            _ => Err(ClientError::Unexpected),
        }
    }

    async fn ask(&self, request: &Request, body: &[&[u8]]) -> Result<(Reply, Vec<u8>), ClientError> {
        let bytes = body.iter().map(|part| length(part)).fold(0, u64::saturating_add);
        let limit = self.limits.asset_bytes_max;
        if bytes > limit {
            return Err(ClientError::TooLarge { bytes, limit });
        }
        let head = serde_json::to_vec(request).map_err(ClientError::Head)?;
        let prefix = Prefix::new(&head, bytes)?;
        let within = self.limits.answer_max;
        match timeout(within, self.ask_in_turn(prefix, &head, body)).await {
            Ok(Ok((Reply::Refused(refusal), _))) => Err(ClientError::Refused(refusal)),
            Ok(answer) => answer,
            Err(_) => Err(ClientError::Timeout { limit_ms: within.as_millis() }),
        }
    }

    /// Over a kept connection while there is one that still holds, else over a new one.
    async fn ask_in_turn(
        &self,
        prefix: Prefix,
        head: &[u8],
        body: &[&[u8]],
    ) -> Result<(Reply, Vec<u8>), ClientError> {
        // The semaphore is never closed, so that a place always comes.
        let _place = self.places.acquire().await.map_err(|_| ClientError::Unexpected)?;
        while let Some(kept) = self.take_idle() {
            match self.exchange(kept, prefix, head, body).await {
                Ok(answer) => return Ok(answer),
                Err(Failure::Stale) => {}
                Err(Failure::Real(error)) => return Err(error),
            }
        }
        let connect = |source| ClientError::Connect { socket: self.socket.clone(), source };
        let fresh = UnixStream::connect(&self.socket).await.map_err(connect)?;
        self.exchange(fresh, prefix, head, body).await.map_err(|failure| match failure {
            Failure::Stale => ClientError::Broken(io::ErrorKind::UnexpectedEof.into()),
            Failure::Real(error) => error,
        })
    }

    async fn exchange(
        &self,
        mut stream: UnixStream,
        prefix: Prefix,
        head: &[u8],
        body: &[&[u8]],
    ) -> Result<(Reply, Vec<u8>), Failure> {
        let broken = |error| Failure::Real(ClientError::Broken(error));
        // A worker that refuses may close before it took all: what it says is read even so.
        let sent = send(&mut stream, prefix, head, body).await;
        let mut start = [0_u8; PREFIX_BYTES];
        match stream.read_exact(&mut start).await {
            Ok(_) => {}
            Err(error) if is_closed(&error) => return Err(Failure::Stale),
            Err(error) => return Err(broken(sent.err().unwrap_or(error))),
        }
        let limit = self.limits.asset_bytes_max.saturating_add(MANIFEST_BYTES_MAX);
        let answer = Prefix::parse(start, limit).map_err(|error| Failure::Real(error.into()))?;
        let mut head = vec![0_u8; usize::try_from(answer.head_bytes).unwrap_or(usize::MAX)];
        stream.read_exact(&mut head).await.map_err(broken)?;
        let reply: Reply =
            serde_json::from_slice(&head).map_err(|error| Failure::Real(ClientError::Head(error)))?;
        // Grows with what comes rather than with what was announced.
        let mut body = Vec::new();
        (&mut stream).take(answer.body_bytes).read_to_end(&mut body).await.map_err(broken)?;
        if length(&body) != answer.body_bytes {
            return Err(broken(io::ErrorKind::UnexpectedEof.into()));
        }
        if sent.is_ok() {
            self.keep(stream);
        }
        Ok((reply, body))
    }

    fn take_idle(&self) -> Option<UnixStream> {
        self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop()
    }

    fn keep(&self, stream: UnixStream) {
        self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(stream);
    }
}

async fn send(stream: &mut UnixStream, prefix: Prefix, head: &[u8], body: &[&[u8]]) -> io::Result<()> {
    let mut start = Vec::with_capacity(PREFIX_BYTES + head.len());
    start.extend_from_slice(&prefix.to_bytes());
    start.extend_from_slice(head);
    stream.write_all(&start).await?;
    for part in body {
        stream.write_all(part).await?;
    }
    stream.flush().await
}

fn is_closed(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe
    )
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
