//! TLS towards a provider: only the authorities of `ca_file` count.

use std::sync::Arc;

use http::HeaderMap;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use upstream::{Upstream, UpstreamConfig, UpstreamError};

use crate::peer::{read_request, reply};

/// A certificate authority of this test alone.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A server's side of TLS under that name.
    pub(crate) fn acceptor(&self, name: &str) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// Speaks TLS and answers one request, where the handshake succeeds.
pub(crate) async fn answer_once(acceptor: &TlsAcceptor, stream: TcpStream) -> std::io::Result<String> {
    let mut stream: TlsStream<TcpStream> = acceptor.accept(stream).await?;
    let request = read_request(&mut stream).await;
    reply(&mut stream, "200 OK", "[]").await;
    Ok(request)
}

#[tokio::test]
async fn only_the_named_authorities_are_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, other) = (Authority::new(), Authority::new());
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, ours.pem()).unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("https://localhost:{}/v1", listener.local_addr().unwrap().port());
    // (the authority of the server, its name, whether `ca_file` is set, whether it is trusted)
    for (authority, name, has_file, is_trusted) in [
        (&ours, "localhost", true, true),
        (&other, "localhost", true, false),
        (&ours, "elsewhere.example", true, false),
        (&ours, "localhost", false, false),
    ] {
        let mut config = UpstreamConfig::new("tls", &url);
        config.ca_file = has_file.then(|| file.clone());
        let upstream = Upstream::new(config).unwrap();
        let acceptor = authority.acceptor(name);
        let (answer, served) = tokio::join!(upstream.models(), async {
            let (stream, _) = listener.accept().await.unwrap();
            answer_once(&acceptor, stream).await
        });
        assert_eq!(served.is_ok(), is_trusted, "{name}, {has_file}: {served:?}");
        match answer {
            Ok(answer) => assert!(is_trusted && answer.status.is_success(), "{name}, {has_file}"),
            Err(error) => assert!(!is_trusted && matches!(error, UpstreamError::Connect { .. }), "{error:?}"),
        }
    }
}

#[tokio::test]
async fn a_request_goes_over_tls_whole() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, authority.pem()).unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("https://localhost:{}/v1", listener.local_addr().unwrap().port());
    let mut config = UpstreamConfig::new("tls", &url);
    config.ca_file = Some(file);
    let upstream = Upstream::new(config).unwrap();
    let acceptor = authority.acceptor("localhost");
    let (answer, request) =
        tokio::join!(upstream.send("chat/completions", "{}".into(), HeaderMap::new()), async {
            let (stream, _) = listener.accept().await.unwrap();
            answer_once(&acceptor, stream).await.unwrap()
        });
    assert_eq!(answer.unwrap().body.collect(10).await.unwrap(), "[]");
    assert!(request.starts_with("POST /v1/chat/completions HTTP/1.1\r\n") && request.ends_with("\r\n\r\n{}"));
}
