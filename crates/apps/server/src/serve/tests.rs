//! The whole service on a real socket, as proxies and clients meet it.

use std::path::Path;

use terms::Clock as _;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
    sync::oneshot,
    task::JoinHandle,
};

use super::*;
use crate::tls::tests::Authority;

const SERVICE: &str = r#"
    mode = "service"
    public_url = "https://localhost"
    [provider]
    code = "001191110102MACQD9K64010000"
    name = "n"
    contact = "c"
    [ledger]
    origin = "ai.example.com/ledger"
    [admit]
    identity_level = "none"
"#;

struct Site {
    ready: Ready,
    stop: CancellationToken,
    served: JoinHandle<anyhow::Result<()>>,
    folder: tempfile::TempDir,
}

impl Site {
    /// Starts the service of that configuration in a folder of its own.
    async fn start(text: &str, change: impl FnOnce(&mut Config, &Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config: Config = toml::from_str(text).unwrap();
        config.bind = SocketAddr::from(([127, 0, 0, 1], 0));
        config.data = folder.path().join("data");
        config.keys = folder.path().join("keys");
        change(&mut config, folder.path());
        let stop = CancellationToken::new();
        let (tell, told) = oneshot::channel();
        let served = tokio::spawn(serve(config, stop.clone(), |ready| {
            let _ = tell.send(ready.clone());
        }));
        let ready = match told.await {
            Ok(ready) => ready,
            Err(_) => panic!("did not start: {:?}", served.await.unwrap()),
        };
        Self { ready, stop, served, folder }
    }

    async fn plain(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.ready.address.port())).await.unwrap()
    }

    async fn end(self) {
        self.stop.cancel();
        self.served.await.unwrap().unwrap();
    }
}

async fn send(stream: impl AsyncRead + AsyncWrite + Unpin, request: &str, body: &str) -> String {
    send_with(stream, request, "", body).await
}

async fn send_with(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    request: &str,
    headers: &str,
    body: &str,
) -> String {
    let length = body.len();
    let request = format!(
        "{request} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n\
         content-type: application/x-www-form-urlencoded\r\n{headers}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_with_a_certificate_speaks_https_alone() {
    let authority = Authority::new();
    let site = Site::start(SERVICE, |config, folder| {
        // Off loopback, and nobody ends TLS in front of it.
        config.bind = SocketAddr::from(([0, 0, 0, 0], 0));
        let issue = authority.issue(folder, "localhost", "2020-01-01T00:00:00Z", "2090-01-01T00:00:00Z");
        config.tls = Some(issue);
    })
    .await;
    let connector = authority.connector(SystemClock.now());
    let secure =
        async || connector.connect("localhost".try_into().unwrap(), site.plain().await).await.unwrap();
    let answer = send(secure().await, "GET /healthz", "").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age=31536000\r\n"), "{answer}");
    let link = site.ready.operator_invitation.as_deref().unwrap().strip_prefix("https://localhost").unwrap();
    let answer =
        send(secure().await, &format!("POST {link}"), "name=lin&password=correct+horse+battery").await;
    assert!(answer.starts_with("HTTP/1.1 303 "), "{answer}");
    assert!(answer.contains("set-cookie: __Host-cinnabar-operator="), "{answer}");
    assert!(answer.contains("; Path=/; HttpOnly; SameSite=Lax; Secure\r\n"), "{answer}");
    let metrics = send(secure().await, "GET /metrics", "").await;
    assert!(metrics.contains("cinnabar_tls_certificate_not_after_seconds 3786912000\n"), "{metrics}");
    assert!(!send(site.plain().await, "GET /healthz", "").await.contains(" 200 "), "no plain HTTP");
    // A client as applications have them, who trusts that authority.
    let ca_file = site.folder.path().join("ca.pem");
    std::fs::write(&ca_file, authority.pem()).unwrap();
    let url = format!("https://localhost:{}/v1", site.ready.address.port());
    let mut client = UpstreamConfig::new("us", url);
    client.ca_file = Some(ca_file);
    let answer = Upstream::new(client).unwrap().models().await.unwrap();
    assert_eq!(answer.status, 401);
    assert!(answer.headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_binds_no_browser_to_https() {
    let authority = Authority::new();
    let site = Site::start("", |config, folder| {
        let issue = authority.issue(folder, "localhost", "2020-01-01T00:00:00Z", "2090-01-01T00:00:00Z");
        config.tls = Some(issue);
    })
    .await;
    assert_eq!(site.ready.url, format!("https://{}", site.ready.address));
    let connector = authority.connector(SystemClock.now());
    let stream = connector.connect("localhost".try_into().unwrap(), site.plain().await).await.unwrap();
    let answer = send(stream, "GET /healthz", "").await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && !answer.contains("strict-transport"), "{answer}");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_off_loopback_is_for_the_named_proxies() {
    for (named, status) in [("10.0.0.0/8", 403), ("127.0.0.1", 200)] {
        let site = Site::start(SERVICE, |config, _| {
            config.bind = SocketAddr::from(([0, 0, 0, 0], 0));
            config.trusted_proxies = vec![named.parse().unwrap()];
        })
        .await;
        let answer = send(site.plain().await, "GET /metrics", "").await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{named}: {answer}");
        if status == 200 {
            assert!(
                answer.contains("cinnabar_connections_refused_total{reason=\"untrusted\"} 0\n"),
                "{answer}"
            );
        }
        site.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_pauses_for_the_network_that_the_proxy_names() {
    let site =
        Site::start(SERVICE, |config, _| config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()]).await;
    let enter = async |address: &str| {
        let headers = format!("x-forwarded-for: 192.0.2.9, {address}\r\n");
        let answer =
            send_with(site.plain().await, "POST /sign-in", &headers, "name=lin&password=wrong").await;
        answer.split(' ').nth(1).unwrap().to_owned()
    };
    for _ in 0..10 {
        assert_eq!(enter("198.51.100.1").await, "401");
    }
    assert_eq!(enter("198.51.100.1").await, "429");
    assert_eq!(enter("198.51.100.2").await, "401");
    site.end().await;
}
