//! The listener alone, with a router of two routes.

use std::sync::Arc;

use axum::{Extension, routing::get};
use operations::ClientNetwork;
use terms::Timestamp;
use testkit::clock::FakeClock;
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::*;
use crate::{
    network::Admits,
    tls::{Tls, tests::Authority},
};

struct Site {
    address: std::net::SocketAddr,
    refused: Refused,
    stop: CancellationToken,
    served: tokio::task::JoinHandle<GracefulShutdown>,
}

fn counter() -> IntCounter {
    IntCounter::new("c", "c").unwrap()
}

async fn start(admits: Admits, trusted: &[&str], tls: Option<TlsAcceptor>, connections_max: usize) -> Site {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let refused = Refused { untrusted: counter(), handshake: counter() };
    let trusted = trusted.iter().map(|text| text.parse().unwrap()).collect();
    let listening = Listening {
        connections_max,
        peers: Arc::new(Peers { admits, trusted }),
        tls,
        refused: refused.clone(),
    };
    let here: ClientNetwork = ClientNetwork::of("192.0.2.1".parse().unwrap());
    let router = Router::new().route(
        "/",
        get(move |network: Option<Extension<ClientNetwork>>| async move {
            match network {
                Some(Extension(network)) if network == here => "192.0.2.1",
                Some(_) => "another",
                None => "nobody knows",
            }
        }),
    );
    let stop = CancellationToken::new();
    let served = tokio::spawn(serve(listener, router, listening, stop.clone()));
    Site { address, refused, stop, served }
}

/// One request, and everything that comes back.
async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, headers: &str) -> String {
    let request = format!("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

async fn connect(site: &Site) -> TcpStream {
    TcpStream::connect(site.address).await.unwrap()
}

async fn over_tls(site: &Site, connector: &TlsConnector) -> std::io::Result<TlsStream<TcpStream>> {
    connector.connect("localhost".try_into().unwrap(), connect(site).await).await
}

#[tokio::test]
async fn plain_http_is_refused_with_the_reason_where_it_is_no_proxy() {
    let site = start(Admits::TrustedProxies, &["10.0.0.0/8"], None, 8).await;
    let answer = ask(connect(&site).await, "x-forwarded-for: 10.0.0.1\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 403 ") && answer.contains("trusted_proxies"), "{answer}");
    assert_eq!(site.refused.untrusted.get(), 1);
    let site = start(Admits::TrustedProxies, &["127.0.0.1"], None, 8).await;
    assert!(ask(connect(&site).await, "").await.starts_with("HTTP/1.1 200 "));
    assert_eq!(site.refused.untrusted.get(), 0);
}

#[tokio::test]
async fn strangers_do_not_take_the_places_of_clients() {
    // They may be told why, and hold more connections than we would serve.
    let site = start(Admits::TrustedProxies, &["10.0.0.0/8"], None, 1).await;
    let mut held = Vec::new();
    for _ in 0..REFUSALS_MAX * 2 {
        held.push(connect(&site).await);
    }
    // Each of them is closed, told or not.
    for mut stream in held {
        let _ = stream.read_to_end(&mut Vec::new()).await;
    }
    assert_eq!(site.refused.untrusted.get(), 64);
}

#[tokio::test]
async fn the_client_behind_a_trusted_proxy_is_known_to_the_routes() {
    let site = start(Admits::Everybody, &["127.0.0.1"], None, 8).await;
    for (headers, seen) in [
        ("x-forwarded-for: 203.0.113.1, 192.0.2.1\r\n", "192.0.2.1"),
        ("forwarded: for=192.0.2.1\r\n", "192.0.2.1"),
        ("x-forwarded-for: 192.0.2.1, 203.0.113.1\r\n", "another"),
        ("", "nobody knows"),
    ] {
        let answer = ask(connect(&site).await, headers).await;
        assert!(answer.ends_with(&format!("\r\n\r\n{seen}")), "{headers}: {answer}");
    }
    let site = start(Admits::Everybody, &[], None, 8).await;
    let answer = ask(connect(&site).await, "x-forwarded-for: 192.0.2.1\r\n").await;
    assert!(answer.ends_with("nobody knows"), "nobody named the proxy: {answer}");
}

/// A site with TLS, and what its clients need to trust it.
async fn secure(connections_max: usize) -> (Site, TlsConnector) {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let config = authority.issue(folder.path(), "localhost", "2026-11-01T00:00:00Z", "2027-02-01T00:00:00Z");
    let now: Timestamp = "2026-11-23T08:00:00Z".parse().unwrap();
    let gauge = prometheus::IntGauge::new("g", "g").unwrap();
    let tls = Tls::open(config, Arc::new(FakeClock::at(now)), gauge).await.unwrap();
    let site = start(Admits::Everybody, &[], Some(tls.acceptor()), connections_max).await;
    (site, authority.connector(now))
}

#[tokio::test]
async fn requests_over_tls_are_answered_in_http_1() {
    let (site, connector) = secure(8).await;
    let stream = over_tls(&site, &connector).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"http/1.1".as_slice()));
    assert!(ask(stream, "").await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn handshakes_that_dawdle_keep_nobody_waiting() {
    let (site, connector) = secure(64).await;
    let mut silent = Vec::new();
    for _ in 0..32 {
        silent.push(connect(&site).await);
    }
    assert!(ask(over_tls(&site, &connector).await.unwrap(), "").await.starts_with("HTTP/1.1 200 "));
    assert_eq!(site.refused.handshake.get(), 0, "they still wait");
    tokio::time::pause();
    for mut stream in silent {
        assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 0, "closed after its time");
    }
    assert_eq!(site.refused.handshake.get(), 32);
}

#[tokio::test]
async fn what_is_no_tls_is_closed_and_counted() {
    let (site, _) = secure(8).await;
    let answer = ask(connect(&site).await, "").await;
    assert!(!answer.contains("HTTP/1.1 200"), "{answer}");
    // The counter moves after the connection closes.
    while site.refused.handshake.get() == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn connections_over_tls_finish_when_it_stops() {
    let (site, connector) = secure(8).await;
    let mut idle = over_tls(&site, &connector).await.unwrap();
    // One answer, so that the connection is known to be served.
    idle.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    assert!(idle.read(&mut [0; 4096]).await.unwrap() > 0);
    site.stop.cancel();
    let graceful = site.served.await.unwrap();
    graceful.shutdown().await;
    assert_eq!(idle.read(&mut [0; 8]).await.unwrap(), 0, "told that it is over");
}
