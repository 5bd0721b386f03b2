//! Certificates made for each test, real files, real handshakes.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ClientConfig,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
};
use testkit::clock::FakeClock;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio_rustls::{TlsConnector, client::TlsStream as ClientStream, server::TlsStream as ServerStream};

use super::*;

/// A certificate authority of one test.
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

    /// Writes `cert.pem` and `key.pem` for a name and a time.
    pub(crate) fn issue(&self, folder: &Path, name: &str, not_before: &str, not_after: &str) -> TlsConfig {
        let seconds = |text: &str| u64::try_from(text.parse::<Timestamp>().unwrap().as_secs()).unwrap();
        self.issue_between(folder, name, seconds(not_before), seconds(not_after))
    }

    fn issue_between(&self, folder: &Path, name: &str, not_before_s: u64, not_after_s: u64) -> TlsConfig {
        let at = |seconds| std::time::UNIX_EPOCH + Duration::from_secs(seconds);
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = at(not_before_s).into();
        params.not_after = at(not_after_s).into();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let config = TlsConfig { cert: folder.join("cert.pem"), key: folder.join("key.pem") };
        std::fs::write(&config.cert, certificate.pem()).unwrap();
        std::fs::write(&config.key, key.serialize_pem()).unwrap();
        config
    }

    /// A client that trusts this authority and whose clock stands.
    pub(crate) fn connector(&self, now: Timestamp) -> TlsConnector {
        let provider = Arc::new(ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let inner =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().unwrap();
        let verifier = AtTime {
            inner,
            now: UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(now.as_secs()).unwrap())),
        };
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        TlsConnector::from(Arc::new(config))
    }
}

/// The usual verification, at a time of the test's choice.
#[derive(Debug)]
struct AtTime {
    inner: Arc<WebPkiServerVerifier>,
    now: UnixTime,
}

impl ServerCertVerifier for AtTime {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &rustls::pki_types::ServerName<'_>,
        ocsp_response: &[u8],
        _: UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, Error> {
        self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, self.now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, cert, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, cert, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

const FROM: &str = "2026-11-01T00:00:00Z";
const UNTIL: &str = "2027-02-01T00:00:00Z";

fn clock() -> Arc<FakeClock> {
    Arc::new(FakeClock::default())
}

fn gauge() -> IntGauge {
    IntGauge::new("g", "g").unwrap()
}

async fn open(config: &TlsConfig) -> Result<Tls, TlsError> {
    Tls::open(config.clone(), clock(), gauge()).await
}

/// A handshake in memory: both sides of the connection.
async fn handshake(
    acceptor: &TlsAcceptor,
    authority: &Authority,
) -> std::io::Result<(ClientStream<DuplexStream>, ServerStream<DuplexStream>)> {
    let (near, far) = tokio::io::duplex(64 * 1024);
    let connector = authority.connector(clock().now());
    let (client, server) =
        tokio::join!(connector.connect("localhost".try_into().unwrap(), near), acceptor.accept(far));
    Ok((client?, server?))
}

#[tokio::test]
async fn a_changed_certificate_is_taken_up_and_open_connections_stay() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (Authority::new(), Authority::new());
    let config = first.issue(folder.path(), "localhost", FROM, UNTIL);
    let end = gauge();
    let mut tls = Tls::open(config.clone(), clock(), end.clone()).await.unwrap();
    assert_eq!(end.get(), UNTIL.parse::<Timestamp>().unwrap().as_secs());
    assert!(!tls.refresh().await.unwrap(), "nothing has changed");
    let (mut client, mut server) = handshake(&tls.acceptor(), &first).await.unwrap();
    second.issue(folder.path(), "localhost", FROM, "2027-03-01T00:00:00Z");
    assert!(tls.refresh().await.unwrap());
    assert_eq!(end.get(), "2027-03-01T00:00:00Z".parse::<Timestamp>().unwrap().as_secs());
    handshake(&tls.acceptor(), &second).await.unwrap();
    handshake(&tls.acceptor(), &first).await.unwrap_err();
    client.write_all(b"still here").await.unwrap();
    client.shutdown().await.unwrap();
    let mut heard = String::new();
    server.read_to_string(&mut heard).await.unwrap();
    assert_eq!(heard, "still here");
}

#[tokio::test]
async fn the_files_are_followed_until_it_stops() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (Authority::new(), Authority::new());
    let config = first.issue(folder.path(), "localhost", FROM, UNTIL);
    let tls = open(&config).await.unwrap();
    let (acceptor, stop) = (tls.acceptor(), CancellationToken::new());
    let following = tokio::spawn(tls.follow(stop.clone()));
    handshake(&acceptor, &first).await.unwrap();
    second.issue(folder.path(), "localhost", FROM, UNTIL);
    // The clock runs by itself wherever everybody waits.
    tokio::time::pause();
    for _ in 0..3 {
        tokio::time::sleep(FOLLOW_EVERY).await;
    }
    handshake(&acceptor, &second).await.unwrap();
    stop.cancel();
    following.await.unwrap();
}

#[tokio::test]
async fn files_that_cannot_be_used_leave_the_certificate_before() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let config = authority.issue(folder.path(), "localhost", FROM, UNTIL);
    let mut tls = open(&config).await.unwrap();
    let good = std::fs::read(&config.cert).unwrap();
    std::fs::write(&config.cert, "half a fi").unwrap();
    assert!(matches!(tls.refresh().await, Err(TlsError::Content { .. })));
    assert!(!tls.refresh().await.unwrap(), "said once");
    std::fs::remove_file(&config.cert).unwrap();
    assert!(matches!(tls.refresh().await, Err(TlsError::Read { .. })));
    handshake(&tls.acceptor(), &authority).await.unwrap();
    std::fs::write(&config.cert, good).unwrap();
    assert!(tls.refresh().await.unwrap());
    handshake(&tls.acceptor(), &authority).await.unwrap();
}

#[tokio::test]
async fn what_cannot_work_says_which_file_and_why() {
    let folder = tempfile::tempdir().unwrap();
    let other = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let issue = |from, until| authority.issue(folder.path(), "localhost", from, until);
    let refusal = async |config: &TlsConfig| {
        let error = open(config).await.unwrap_err();
        let chain = std::iter::successors(Some(&error as &dyn std::error::Error), |error| (*error).source());
        chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
    };
    let good = issue(FROM, UNTIL);
    let theirs = authority.issue(other.path(), "localhost", FROM, UNTIL);
    let mismatched = TlsConfig { cert: good.cert.clone(), key: theirs.key.clone() };
    let swapped = TlsConfig { cert: good.key.clone(), key: good.cert.clone() };
    let twice = TlsConfig { cert: good.cert.clone(), key: good.cert.clone() };
    let gone = TlsConfig { cert: folder.path().join("none.pem"), key: good.key.clone() };
    let keyless = TlsConfig { cert: good.cert.clone(), key: folder.path().join("none.pem") };
    for (config, parts) in [
        (&mismatched, ["tls.key", "belong together"]),
        (&swapped, ["`tls.cert`", "holds no certificate"]),
        (&twice, ["`tls.key`", "holds no private key"]),
        (&gone, ["`tls.cert`", "none.pem"]),
        (&keyless, ["`tls.key`", "none.pem"]),
    ] {
        let said = refusal(config).await;
        assert!(parts.iter().all(|part| said.contains(part)), "{said}");
    }
    std::fs::write(&good.cert, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    assert!(refusal(&good).await.contains("cannot be read"));
    let secret = std::fs::read_to_string(&good.key).unwrap();
    std::fs::write(&good.key, secret.replace("-----END", "----END")).unwrap();
    issue(FROM, UNTIL);
    std::fs::write(&good.key, secret.replace("-----END", "----END")).unwrap();
    let said = refusal(&good).await;
    assert!(said.contains("is not PEM") && !said.contains("PRIVATE"), "{said}");
    let said = refusal(&issue("2026-01-01T00:00:00Z", "2026-11-22T00:00:00Z")).await;
    assert!(said.contains("expired on 2026-11-22T00:00:00Z"), "{said}");
    let said = refusal(&issue("2026-12-01T00:00:00Z", UNTIL)).await;
    assert!(said.contains("not valid before 2026-12-01T00:00:00Z"), "{said}");
}

#[tokio::test]
async fn a_certificate_without_an_end_has_the_last_one() {
    let folder = tempfile::tempdir().unwrap();
    let end = gauge();
    // 9999-12-31T23:59:59Z
    let config = Authority::new().issue_between(folder.path(), "localhost", 0, 253_402_300_799);
    Tls::open(config, clock(), end.clone()).await.unwrap();
    assert!(end.get() > 253_402_000_000, "{}", end.get());
}
