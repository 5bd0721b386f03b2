//! The listener: HTTP/1.1 connections with limits, and a shutdown that lets them finish.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::Request};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// A request's head must arrive within this time.
const HEAD_READ: Duration = Duration::from_secs(15);
/// Largest buffer of a connection: heads of requests, and pieces of bodies.
const BUFFER_BYTES_MAX: usize = 64 * 1024;
/// Pause after a failed accept: out of file descriptors is not cured by spinning.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves `router` on `listener` until `stop`; then no new connection is taken and those at work may finish.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    connections_max: usize,
    stop: CancellationToken,
) -> GracefulShutdown {
    let graceful = GracefulShutdown::new();
    let permits = Arc::new(Semaphore::new(connections_max));
    loop {
        let Ok(permit) = permits.clone().acquire_owned().await else { return graceful };
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => return graceful,
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a connection could not be accepted"
                );
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // Without it Nagle's algorithm and delayed acknowledgements add 40 ms to small events.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(error = &error as &dyn std::error::Error, "no TCP_NODELAY");
        }
        let service = router
            .clone()
            .map_request(|request: http::Request<Incoming>| -> Request { request.map(Body::new) });
        let service = TowerToHyperService::new(service.map_err(|never: Infallible| match never {}));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_READ)
            .max_buf_size(BUFFER_BYTES_MAX)
            .serve_connection(TokioIo::new(stream), service);
        let watched = graceful.watch(connection);
        tokio::spawn(async move {
            // A connection that breaks off is its client's business.
            let _ = watched.await;
            drop(permit);
        });
    }
}
