//! The client: what it sends, what it gives back, when it gives up.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use upstream::{ApiKey, ConfigError, TimeoutKind, Upstream, UpstreamConfig, UpstreamError, UpstreamTimeouts};

use crate::peer::{Peer, begin_stream, read_request, reply};

/// Long enough for a loaded machine; nothing waits for it unless it fails.
const PATIENCE: Duration = Duration::from_secs(20);

fn body() -> Bytes {
    Bytes::from_static(b"{}")
}

fn kind(error: &UpstreamError) -> Option<TimeoutKind> {
    match error {
        UpstreamError::Timeout { kind, .. } => Some(*kind),
        _ => None,
    }
}

#[tokio::test]
async fn request_and_answer_pass_whole() {
    let peer = Peer::new().await;
    let mut config = peer.config();
    config.api_key = Some(ApiKey::new("secret"));
    config.headers.insert("x-team".to_owned(), "red".to_owned());
    let upstream = Upstream::new(config).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_static("Bearer of the client"));
    headers.insert("x-trace", HeaderValue::from_static("t"));
    headers.insert("accept-encoding", HeaderValue::from_static("gzip, br"));
    let (answer, (mut stream, request)) =
        tokio::join!(async { upstream.send("/chat/completions", body(), headers).await.unwrap() }, async {
            let (mut stream, request) = peer.accept().await;
            reply(&mut stream, "429 Too Many Requests", "{\"error\":{}}").await;
            (stream, request)
        });
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.headers["x-request-id"], "r1");
    assert!(!answer.is_event_stream());
    assert_eq!(answer.body.collect(100).await.unwrap(), "{\"error\":{}}");
    // What was read to its end leaves its connection to the next request.
    let (models, ()) = tokio::join!(async { upstream.models().await.unwrap() }, async {
        assert!(read_request(&mut stream).await.starts_with("GET /v1/models HTTP/1.1"));
        reply(&mut stream, "200 OK", "[]").await;
    });
    assert_eq!(models.body.collect(10).await.unwrap(), "[]");
    assert!(request.starts_with("POST /v1/chat/completions HTTP/1.1\r\n") && request.ends_with("\r\n\r\n{}"));
    for header in [
        "authorization: Bearer secret",
        "x-team: red",
        "x-trace: t",
        "content-type: application/json",
        "accept-encoding: identity",
    ] {
        assert!(request.contains(&format!("{header}\r\n")), "{header} in {request}");
    }
    assert!(!request.contains("of the client"));
}

#[tokio::test]
async fn pieces_arrive_as_they_are_sent() {
    let peer = Peer::new().await;
    let upstream = peer.upstream();
    let (sent, (mut stream, _)) = tokio::join!(
        async {
            let mut answer = upstream.send("chat/completions", body(), HeaderMap::new()).await.unwrap();
            assert!(answer.is_event_stream());
            assert_eq!(answer.body.next().await.unwrap().unwrap(), "data: 1");
            answer
        },
        async {
            let (mut stream, request) = peer.accept().await;
            begin_stream(&mut stream).await;
            (stream, request)
        }
    );
    let mut answer = sent;
    stream.write_all(b"2\r\n\n\n\r\n0\r\n\r\n").await.unwrap();
    assert_eq!(answer.body.next().await.unwrap().unwrap(), "\n\n");
    assert!(answer.body.next().await.is_none());
    assert!(answer.body.next().await.is_none());
}

#[tokio::test]
async fn dropping_the_answer_closes_the_connection() {
    let peer = Peer::new().await;
    let upstream = peer.upstream();
    let (mut answer, (mut stream, _)) =
        tokio::join!(async { upstream.send("x", body(), HeaderMap::new()).await.unwrap() }, async {
            let (mut stream, request) = peer.accept().await;
            begin_stream(&mut stream).await;
            (stream, request)
        });
    answer.body.next().await.unwrap().unwrap();
    drop(answer);
    // The provider sends nothing more, and still learns that nobody reads.
    let end = tokio::time::timeout(PATIENCE, stream.read(&mut [0; 8])).await.expect("closed at once");
    assert!(matches!(end, Ok(0) | Err(_)));
}

#[tokio::test]
async fn dropping_the_request_closes_the_connection() {
    let peer = Peer::new().await;
    let upstream = peer.upstream();
    let request = tokio::spawn(async move { upstream.send("x", body(), HeaderMap::new()).await });
    let (mut stream, _) = peer.accept().await;
    request.abort();
    let end = tokio::time::timeout(PATIENCE, stream.read(&mut [0; 8])).await.expect("closed at once");
    assert!(matches!(end, Ok(0) | Err(_)));
}

/// Sends to a peer that begins a stream and then says nothing.
async fn stalled(timeouts: UpstreamTimeouts) -> UpstreamError {
    let peer = Peer::new().await;
    let mut config = peer.config();
    config.timeouts = timeouts;
    let upstream = Upstream::new(config).unwrap();
    let (mut answer, _held) =
        tokio::join!(async { upstream.send("x", body(), HeaderMap::new()).await.unwrap() }, async {
            let (mut stream, _) = peer.accept().await;
            begin_stream(&mut stream).await;
            stream
        });
    answer.body.next().await.unwrap().unwrap();
    tokio::time::pause();
    let error = answer.body.next().await.unwrap().unwrap_err();
    assert!(answer.body.next().await.is_none());
    error
}

#[tokio::test]
async fn silence_is_bounded_by_the_idle_limit() {
    let error = stalled(UpstreamTimeouts { idle_ms: 30_000, ..UpstreamTimeouts::default() }).await;
    assert_eq!(kind(&error), Some(TimeoutKind::Idle));
    assert_eq!(error.to_string(), "upstream `peer` exceeded its idle limit of 30000 ms");
}

#[tokio::test]
async fn the_whole_answer_is_bounded_by_the_total_limit() {
    let timeouts = UpstreamTimeouts { idle_ms: 60_000, total_ms: 45_000, ..UpstreamTimeouts::default() };
    assert_eq!(kind(&stalled(timeouts).await), Some(TimeoutKind::Total));
}

#[tokio::test]
async fn a_slow_reader_is_not_taken_for_a_silent_provider() {
    let peer = Peer::new().await;
    let mut config = peer.config();
    config.timeouts = UpstreamTimeouts { idle_ms: 1_000, ..UpstreamTimeouts::default() };
    let upstream = Upstream::new(config).unwrap();
    let (mut answer, mut stream) =
        tokio::join!(async { upstream.send("x", body(), HeaderMap::new()).await.unwrap() }, async {
            let (mut stream, _) = peer.accept().await;
            begin_stream(&mut stream).await;
            stream
        });
    answer.body.next().await.unwrap().unwrap();
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(3600 / 4)).await;
    stream.write_all(b"1\r\nx\r\n").await.unwrap();
    assert_eq!(answer.body.next().await.unwrap().unwrap(), "x");
    // From here the reader waits, and the limit runs.
    assert_eq!(kind(&answer.body.next().await.unwrap().unwrap_err()), Some(TimeoutKind::Idle));
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_given_up() {
    let peer = Peer::new().await;
    let upstream = peer.upstream();
    let (error, _held) = tokio::join!(upstream.send("x", body(), HeaderMap::new()), async {
        let held = peer.accept().await;
        tokio::time::pause();
        held
    });
    assert_eq!(kind(&error.unwrap_err()), Some(TimeoutKind::FirstByte));
}

#[tokio::test]
async fn a_connection_that_does_not_open_is_given_up() {
    // The peer accepts, but never speaks TLS: the handshake is part of opening.
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("https://{}/v1", listener.local_addr().unwrap());
    let upstream = Upstream::new(UpstreamConfig::new("slow", url)).unwrap();
    let (error, _held) = tokio::join!(upstream.send("x", body(), HeaderMap::new()), async {
        let held = listener.accept().await;
        tokio::time::pause();
        held
    });
    assert_eq!(kind(&error.unwrap_err()), Some(TimeoutKind::Connect));
}

#[tokio::test]
async fn refused_connections_are_told_apart() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let upstream = Upstream::new(UpstreamConfig::new("gone", url)).unwrap();
    let error = upstream.send("x", body(), HeaderMap::new()).await.unwrap_err();
    assert!(matches!(error, UpstreamError::Connect { .. }), "{error:?}");
    assert_eq!((error.code(), error.is_timeout()), ("upstream_unreachable", false));
}

#[tokio::test]
async fn broken_answers_are_told_apart() {
    for answer in ["", "HTTP/1.1 200 OK\r\n", "garbage\r\n\r\n"] {
        let peer = Peer::new().await;
        let upstream = peer.upstream();
        let (error, ()) = tokio::join!(upstream.send("x", body(), HeaderMap::new()), async {
            let (mut stream, _) = peer.accept().await;
            stream.write_all(answer.as_bytes()).await.unwrap();
        });
        let error = error.unwrap_err();
        assert!(matches!(error, UpstreamError::Broken { .. }), "{answer:?}: {error:?}");
    }
    let peer = Peer::new().await;
    let upstream = peer.upstream();
    let (answer, ()) = tokio::join!(upstream.send("x", body(), HeaderMap::new()), async {
        let (mut stream, _) = peer.accept().await;
        begin_stream(&mut stream).await;
    });
    let mut answer = answer.unwrap();
    assert_eq!(answer.body.next().await.unwrap().unwrap(), "data: 1");
    assert!(matches!(answer.body.next().await, Some(Err(UpstreamError::Broken { .. }))));
    assert!(answer.body.next().await.is_none());
}

/// Compressed bytes hold no line of an event stream, so that they would pass as an answer without text.
#[tokio::test]
async fn a_compressed_answer_is_refused_by_its_name() {
    for (header, refused) in [
        ("content-encoding: gzip", Some("gzip")),
        ("content-encoding: identity, BR", Some("br")),
        ("content-encoding: deflate\r\ncontent-encoding: gzip", Some("deflate, gzip")),
        ("content-encoding: Identity", None),
        ("content-encoding:", None),
    ] {
        let peer = Peer::new().await;
        let upstream = peer.upstream();
        let (answer, ()) = tokio::join!(upstream.send("x", body(), HeaderMap::new()), async {
            let (mut stream, _) = peer.accept().await;
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n{header}\r\n\r\n[]");
            stream.write_all(answer.as_bytes()).await.unwrap();
        });
        match (answer, refused) {
            (Ok(answer), None) => assert_eq!(answer.body.collect(10).await.unwrap(), "[]"),
            (Err(UpstreamError::Encoded { encoding, .. }), Some(refused)) => assert_eq!(encoding, refused),
            (other, _) => panic!("{header}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn whole_bodies_are_bounded() {
    for (is_announced, limit, is_ok) in
        [(true, 9, false), (true, 10, true), (false, 9, false), (false, 10, true)]
    {
        let peer = Peer::new().await;
        let upstream = peer.upstream();
        let (result, ()) = tokio::join!(
            async {
                let answer = upstream.send("x", body(), HeaderMap::new()).await.unwrap();
                answer.body.collect(limit).await
            },
            async {
                let (mut stream, _) = peer.accept().await;
                let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\n012345\r\n4\r\n6789\r\n0\r\n\r\n";
                if is_announced {
                    reply(&mut stream, "200 OK", "0123456789").await;
                } else {
                    stream.write_all(chunked.as_bytes()).await.unwrap();
                }
            }
        );
        match result {
            Ok(whole) => assert!(is_ok && whole == "0123456789"),
            Err(error) => {
                assert!(!is_ok && matches!(error, UpstreamError::TooLarge { limit: 9, .. }), "{error:?}")
            }
        }
    }
}

#[test]
fn entries_that_cannot_work_are_refused() {
    for url in [
        "",
        "example.com",
        "ftp://example.com",
        "http://",
        "http://u:p@example.com",
        "http://example.com/?a=b",
    ] {
        let error = Upstream::new(UpstreamConfig::new("x", url)).unwrap_err();
        assert!(matches!(error, ConfigError::BaseUrl { .. }), "{url}");
    }
    let mut config = UpstreamConfig::new("x", "http://example.com");
    config.headers.insert("a b".to_owned(), String::new());
    assert!(matches!(Upstream::new(config.clone()), Err(ConfigError::Header { .. })));
    config.headers.clear();
    config.api_key = Some(ApiKey::new("line\nbreak"));
    assert!(matches!(Upstream::new(config.clone()), Err(ConfigError::Header { .. })));
    assert!(!format!("{config:?}").contains("line"));
    config.api_key = None;
    config.ca_file = Some(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml").into());
    assert!(matches!(Upstream::new(config), Err(ConfigError::Certificates { .. })));
}

#[test]
fn models_have_names_of_ours() {
    let mut config = UpstreamConfig::new("x", "http://example.com");
    let resolve = |config: &UpstreamConfig, name: Option<&str>| {
        Upstream::new(config.clone()).unwrap().resolve_model(name).map(std::borrow::Cow::into_owned)
    };
    assert_eq!(resolve(&config, Some("any")).as_deref(), Some("any"));
    assert_eq!(resolve(&config, None), None);
    config.models.insert("ours".to_owned(), "theirs".to_owned());
    config.default_model = Some("ours".to_owned());
    assert_eq!(resolve(&config, Some("ours")).as_deref(), Some("theirs"));
    assert_eq!(resolve(&config, None).as_deref(), Some("theirs"));
    assert_eq!(resolve(&config, Some("any")), None);
}
