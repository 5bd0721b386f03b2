//! The listener: HTTP/1.1 connections with limits, over TLS where it is set up, and a shutdown that lets them finish.

use std::{convert::Infallible, net::IpAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::Request};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
    service::TowerToHyperService,
};
use prometheus::IntCounter;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::network::Peers;

/// A request's head must arrive within this time.
const HEAD_READ: Duration = Duration::from_secs(15);
/// A TLS handshake must be done within this time: two round trips, on the slowest of lines.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Largest buffer of a connection: heads of requests, and pieces of bodies.
const BUFFER_BYTES_MAX: usize = 64 * 1024;
/// Pause after a failed accept: out of file descriptors is not cured by spinning.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Connections that are being told at the same time why they are refused; more are closed without a word.
const REFUSALS_MAX: usize = 32;
/// How long one that is refused may take to read why.
const REFUSAL: Duration = Duration::from_secs(2);
/// What it reads.
const REFUSAL_TEXT: &str = "this address takes plain HTTP from its proxies alone: \
    use the public address, or name this one in `trusted_proxies`\n";

/// Connections that were not served.
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    /// From addresses that are no proxy of ours.
    pub(crate) untrusted: IntCounter,
    /// Whose handshake failed or took too long.
    pub(crate) handshake: IntCounter,
}

/// How connections are taken.
pub(crate) struct Listening {
    /// Connections at once.
    pub(crate) connections_max: usize,
    /// Who may connect, and whom we believe.
    pub(crate) peers: Arc<Peers>,
    /// TLS, where it ends here.
    pub(crate) tls: Option<TlsAcceptor>,
    /// What is counted.
    pub(crate) refused: Refused,
}

/// Serves `router` on `listener` until `stop`; then no new connection is taken and those at work may finish.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    listening: Listening,
    stop: CancellationToken,
) -> GracefulShutdown {
    let graceful = GracefulShutdown::new();
    let permits = Arc::new(Semaphore::new(listening.connections_max));
    let refusals = Arc::new(Semaphore::new(REFUSALS_MAX));
    loop {
        let Ok(permit) = permits.clone().acquire_owned().await else { return graceful };
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => return graceful,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok((stream, address)) => (stream, address.ip()),
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a connection could not be accepted"
                );
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        if !listening.peers.admit(peer) {
            listening.refused.untrusted.inc();
            if let Ok(turn) = refusals.clone().try_acquire_owned() {
                tokio::spawn(async move {
                    let _ = timeout(REFUSAL, refuse(stream)).await;
                    drop(turn);
                });
            }
            continue;
        }
        // Without it Nagle's algorithm and delayed acknowledgements add 40 ms to small events.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(error = &error as &dyn std::error::Error, "no TCP_NODELAY");
        }
        let router = router.clone();
        let watcher = graceful.watcher();
        let peers = listening.peers.clone();
        match listening.tls.clone() {
            None => tokio::spawn(async move {
                answer(stream, peer, peers, router, watcher).await;
                drop(permit);
            }),
            // In a task of its own: a handshake that dawdles keeps nobody else waiting.
            Some(acceptor) => {
                let failed = listening.refused.handshake.clone();
                tokio::spawn(async move {
                    match timeout(HANDSHAKE, acceptor.accept(stream)).await {
                        Ok(Ok(stream)) => answer(stream, peer, peers, router, watcher).await,
                        Ok(Err(_)) | Err(_) => failed.inc(),
                    }
                    drop(permit);
                })
            }
        };
    }
}

/// Answers the requests of one connection.
async fn answer(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: IpAddr,
    peers: Arc<Peers>,
    router: Router,
    watcher: Watcher,
) {
    let service = router.map_request(move |request: http::Request<Incoming>| -> Request {
        let mut request = request.map(Body::new);
        if let Some(network) = peers.client(peer, request.headers()) {
            request.extensions_mut().insert(network);
        }
        request
    });
    let service = TowerToHyperService::new(service.map_err(|never: Infallible| match never {}));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_READ)
        .max_buf_size(BUFFER_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service);
    // A connection that breaks off is its client's business.
    let _ = watcher.watch(connection).await;
}

/// Says why, then reads what still comes: closing over unread bytes would take the answer back.
async fn refuse(mut stream: TcpStream) -> std::io::Result<()> {
    let length = REFUSAL_TEXT.len();
    let answer = format!(
        "HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{REFUSAL_TEXT}"
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    let mut rest = [0; 4096];
    let mut left = BUFFER_BYTES_MAX;
    while left > 0 {
        match stream.read(&mut rest).await? {
            0 => break,
            count => left = left.saturating_sub(count),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
