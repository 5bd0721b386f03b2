//! Through a proxy: what it is asked, what it learns, and when it is left out.

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use upstream::{Proxy, Upstream, UpstreamConfig, UpstreamError};

use crate::peer::{Peer, read_request, reply};
use crate::tls::{Authority, answer_once};

/// A proxy that leads every tunnel to one address, whatever name it is asked for.
struct TestProxy {
    listener: TcpListener,
}

impl TestProxy {
    async fn new() -> Self {
        Self { listener: TcpListener::bind(("127.0.0.1", 0)).await.unwrap() }
    }

    fn at(&self, credentials: &str) -> Option<Proxy> {
        let address = self.listener.local_addr().unwrap();
        Some(Proxy::parse(&format!("http://{credentials}{address}")).unwrap())
    }

    /// Takes one connection and gives the head of its request.
    async fn asked(&self) -> (TcpStream, String) {
        let (mut stream, _) = self.listener.accept().await.unwrap();
        let head = read_request(&mut stream).await;
        (stream, head)
    }
}

#[tokio::test]
async fn tls_goes_through_the_tunnel_to_the_provider_itself() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, authority.pem()).unwrap();
    let proxy = TestProxy::new().await;
    let provider = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let mut config = UpstreamConfig::new("far", "https://api.far.example/v1");
    config.ca_file = Some(file);
    config.proxy = proxy.at("lin:p%40ss@");
    let upstream = Upstream::new(config).unwrap();
    let acceptor = authority.acceptor("api.far.example");
    let through = async {
        let (mut client, head) = proxy.asked().await;
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
        let mut onward = TcpStream::connect(provider.local_addr().unwrap()).await.unwrap();
        tokio::spawn(async move { copy_bidirectional(&mut client, &mut onward).await });
        head
    };
    let served = async {
        let (stream, _) = provider.accept().await.unwrap();
        answer_once(&acceptor, stream).await.unwrap()
    };
    let (answer, head, request) = tokio::join!(upstream.models(), through, served);
    assert_eq!(answer.unwrap().body.collect(10).await.unwrap(), "[]");
    assert!(head.starts_with("CONNECT api.far.example:443 HTTP/1.1\r\n"), "{head}");
    // `lin:p@ss`
    assert!(head.contains("Proxy-Authorization: Basic bGluOnBAc3M=\r\n"), "{head}");
    assert!(request.starts_with("GET /v1/models HTTP/1.1\r\n"), "{request}");
    assert!(!request.to_lowercase().contains("proxy-"), "what is for the proxy stays there: {request}");
}

#[tokio::test]
async fn plain_http_is_tunnelled_to_its_own_port() {
    let proxy = TestProxy::new().await;
    for (url, asked) in [
        ("http://far.example/v1", "CONNECT far.example:80 HTTP/1.1\r\n"),
        ("http://far.example:8000/v1", "CONNECT far.example:8000 HTTP/1.1\r\n"),
    ] {
        let mut config = UpstreamConfig::new("far", url);
        config.proxy = proxy.at("");
        let upstream = Upstream::new(config).unwrap();
        let (answer, head) = tokio::join!(upstream.models(), async {
            let (mut stream, head) = proxy.asked().await;
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            assert!(read_request(&mut stream).await.starts_with("GET /v1/models HTTP/1.1\r\n"));
            reply(&mut stream, "200 OK", "[]").await;
            head
        });
        assert!(answer.unwrap().status.is_success());
        assert!(head.starts_with(asked), "{head}");
        assert!(!head.contains("Authorization"), "{head}");
    }
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named_and_its_password_is_not() {
    for (status, why) in
        [("407 Proxy Authentication Required", "authorization"), ("403 Forbidden", "unsuccessful")]
    {
        let proxy = TestProxy::new().await;
        let mut config = UpstreamConfig::new("far", "https://api.far.example/v1");
        config.proxy = proxy.at("lin:hush@");
        let upstream = Upstream::new(config).unwrap();
        let (answer, ()) = tokio::join!(upstream.models(), async {
            let (mut stream, _) = proxy.asked().await;
            reply(&mut stream, status, "").await;
            // Read to the end, so that closing does not overtake the answer.
            let _ = stream.read(&mut [0; 8]).await;
        });
        let error = answer.unwrap_err();
        assert!(matches!(error, UpstreamError::Connect { .. }), "{error:?}");
        let mut chain = String::new();
        let mut cause: Option<&dyn std::error::Error> = Some(&error);
        while let Some(error) = cause {
            chain = format!("{chain}: {error}");
            cause = error.source();
        }
        let address = proxy.listener.local_addr().unwrap().to_string();
        assert!(chain.contains(&address) && chain.contains(why), "{chain}");
        assert!(!chain.contains("hush") && !format!("{error:?}").contains("hush"), "{chain}");
    }
}

#[tokio::test]
async fn a_provider_on_this_machine_is_reached_without_the_proxy() {
    let peer = Peer::new().await;
    let port = peer.config().base_url.rsplit(':').next().unwrap().trim_end_matches("/v1/").to_owned();
    for host in ["127.0.0.1", "localhost", "LOCALHOST"] {
        let mut config = UpstreamConfig::new("near", format!("http://{host}:{port}/v1"));
        // Nobody listens there: going through it would fail.
        let unused = TestProxy::new().await;
        config.proxy = unused.at("");
        drop(unused);
        let upstream = Upstream::new(config).unwrap();
        let (answer, ()) = tokio::join!(upstream.models(), async {
            let (mut stream, request) = peer.accept().await;
            assert!(request.starts_with("GET /v1/models HTTP/1.1\r\n"), "{request}");
            reply(&mut stream, "200 OK", "[]").await;
        });
        assert!(answer.unwrap().status.is_success(), "{host}");
    }
}
