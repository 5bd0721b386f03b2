//! TLS on our own listener: certificate and key from PEM files, taken up again when the files change.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use arc_swap::ArcSwap;
use prometheus::IntGauge;
use rustls::{
    CertificateError, Error, InconsistentKeys, RootCertStore, ServerConfig,
    client::verify_server_cert_signed_by_trust_anchor,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem, pem::PemObject as _},
    server::{ClientHello, ParsedCertificate, ResolvesServerCert},
    sign::CertifiedKey,
};
use serde::Deserialize;
use terms::{Clock, Timestamp};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

/// How often the files are read again. Renewal happens weeks before the end of a certificate, so that this is soon enough.
const FOLLOW_EVERY: Duration = Duration::from_secs(10);
/// Time left at which a certificate should have been renewed: those for 90 days are renewed with 30 to go.
const RENEWAL_DUE: Duration = Duration::from_secs(14 * 24 * 3600);
/// Largest file that is read: chains take a few thousand bytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Where certificate and key lie.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// A PEM file: our certificate first, then those between it and its authority.
    pub cert: PathBuf,
    /// A PEM file with the key of the first certificate, without a passphrase.
    pub key: PathBuf,
}

/// Why TLS cannot be offered with these files.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("reading `{path}` (`{config_key}`)")]
    Read {
        /// The key of the configuration.
        config_key: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file holds something else than it should.
    #[error("`{path}` (`{config_key}`) {problem}")]
    Content {
        /// The key of the configuration.
        config_key: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// Certificate and key do not belong together.
    #[error(
        "the key `{key}` is not the one of the certificate `{cert}`: `tls.cert` and `tls.key` must belong together"
    )]
    Mismatch {
        /// The certificate's file.
        cert: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
    /// No client would accept the certificate now.
    #[error("the certificate `{path}` (`tls.cert`) {problem}: renew it, or check the clock")]
    NotValid {
        /// The certificate's file.
        path: PathBuf,
        /// Since or until when.
        problem: String,
    },
    /// The TLS library refuses.
    #[error("setting up TLS")]
    Library(#[from] Error),
}

/// What the two files held when they were read.
#[derive(PartialEq, Eq)]
struct Files {
    cert: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
}

/// A certificate with its key, ready to be shown.
struct Identity {
    shown: Arc<CertifiedKey>,
    not_after: Timestamp,
}

/// The side of TLS that serves. New connections get the certificate that was taken up last; those that are open keep theirs.
pub(crate) struct Tls {
    config: TlsConfig,
    clock: Arc<dyn Clock>,
    provider: Arc<CryptoProvider>,
    current: Arc<Current>,
    acceptor: TlsAcceptor,
    not_after: IntGauge,
    last_read: Files,
}

/// The certificate that is shown.
#[derive(Debug)]
struct Current(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl Tls {
    /// Reads and checks the files. `not_after` is kept at the end of the certificate that is shown.
    ///
    /// # Errors
    /// [`TlsError`] for files that cannot be read or used, do not belong together, or hold a certificate that is not valid now.
    pub(crate) async fn open(
        config: TlsConfig,
        clock: Arc<dyn Clock>,
        not_after: IntGauge,
    ) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let last_read = read(&config).await?;
        let identity = identity(&config, &last_read, &provider, clock.now())?;
        announce(&identity, &not_after, clock.now());
        let current = Arc::new(Current(ArcSwap::new(identity.shown)));
        let mut server = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(current.clone());
        // HTTP/1.1 is what the listener speaks; a client that insists on something else is told so in the handshake.
        server.alpn_protocols = vec![b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(server));
        Ok(Self { config, clock, provider, current, acceptor, not_after, last_read })
    }

    /// What accepts connections; it goes on with each certificate that is taken up.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        self.acceptor.clone()
    }

    /// Takes up certificate and key again where the files have changed; `Ok(true)` where it did.
    ///
    /// What is wrong is reported once for each content of the files, and what was shown before stays.
    ///
    /// # Errors
    /// As [`Tls::open`].
    pub(crate) async fn refresh(&mut self) -> Result<bool, TlsError> {
        let files = read(&self.config).await?;
        if files == self.last_read {
            return Ok(false);
        }
        let identity = identity(&self.config, &files, &self.provider, self.clock.now());
        self.last_read = files;
        let identity = identity?;
        announce(&identity, &self.not_after, self.clock.now());
        self.current.0.store(identity.shown);
        Ok(true)
    }

    /// Follows the files until `stop`.
    pub(crate) async fn follow(mut self, stop: CancellationToken) {
        let mut is_readable = true;
        loop {
            tokio::select! {
                () = tokio::time::sleep(FOLLOW_EVERY) => {}
                () = stop.cancelled() => return,
            }
            let refreshed = self.refresh().await;
            let was_readable =
                std::mem::replace(&mut is_readable, !matches!(refreshed, Err(TlsError::Read { .. })));
            match refreshed {
                Ok(true) => tracing::info!("new connections get the certificate that `tls.cert` holds now"),
                Ok(false) => {}
                // Files may be away for as long as they are being replaced; said once for each time.
                Err(TlsError::Read { .. }) if !was_readable => {}
                Err(error) => tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the certificate could not be taken up; the one before is still shown"
                ),
            }
        }
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("config", &self.config).finish_non_exhaustive()
    }
}

async fn read(config: &TlsConfig) -> Result<Files, TlsError> {
    Ok(Files {
        cert: read_file("tls.cert", &config.cert).await?,
        key: Zeroizing::new(read_file("tls.key", &config.key).await?),
    })
}

async fn read_file(config_key: &'static str, path: &Path) -> Result<Vec<u8>, TlsError> {
    use tokio::io::AsyncReadExt as _;
    let failed = |source| TlsError::Read { config_key, path: path.to_owned(), source };
    let file = tokio::fs::File::open(path).await.map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX).read_to_end(&mut bytes).await.map_err(failed)?;
    Ok(bytes)
}

/// Certificate and key out of their files, checked as a client would check them where it can be done without one.
fn identity(
    config: &TlsConfig,
    files: &Files,
    provider: &CryptoProvider,
    now: Timestamp,
) -> Result<Identity, TlsError> {
    let wrong_cert =
        |problem: String| TlsError::Content { config_key: "tls.cert", path: config.cert.clone(), problem };
    let wrong_key =
        |problem: String| TlsError::Content { config_key: "tls.key", path: config.key.clone(), problem };
    let chain = CertificateDer::pem_slice_iter(&files.cert)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| wrong_cert(format!("is not PEM: {error}")))?;
    let first =
        chain.first().ok_or_else(|| wrong_cert("holds no certificate (`BEGIN CERTIFICATE`)".to_owned()))?;
    let parsed = ParsedCertificate::try_from(first)
        .map_err(|error| wrong_cert(format!("holds a certificate that cannot be read: {error}")))?;
    let not_after = check_validity(&parsed, provider, now)
        .map_err(|problem| TlsError::NotValid { path: config.cert.clone(), problem })?;
    let key = PrivateKeyDer::from_pem_slice(&files.key).map_err(|error| {
        wrong_key(match error {
            pem::Error::NoItemsFound => {
                "holds no private key without a passphrase (`BEGIN PRIVATE KEY`)".to_owned()
            }
            // The error may quote the file, and that is the key.
            _ => "is not PEM".to_owned(),
        })
    })?;
    let shown = CertifiedKey::from_der(chain.clone(), key, provider).map_err(|error| match error {
        Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            TlsError::Mismatch { cert: config.cert.clone(), key: config.key.clone() }
        }
        error => wrong_key(format!("cannot be used: {error}")),
    })?;
    Ok(Identity { shown: Arc::new(shown), not_after })
}

/// The end of the certificate, or what is wrong with the time.
///
/// The verifier looks at the time before it looks for an authority, so that it finds no authority here is as it should be.
fn check_validity(
    certificate: &ParsedCertificate<'_>,
    provider: &CryptoProvider,
    now: Timestamp,
) -> Result<Timestamp, String> {
    let verdict_at = |at| {
        let algorithms = provider.signature_verification_algorithms.all;
        verify_server_cert_signed_by_trust_anchor(certificate, &RootCertStore::empty(), &[], at, algorithms)
            .err()
    };
    let now_s = u64::try_from(now.as_secs()).unwrap_or(0);
    match verdict_at(UnixTime::since_unix_epoch(Duration::from_secs(now_s))) {
        Some(Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. })) => {
            return Err(format!("has expired on {}", timestamp(not_after)));
        }
        Some(Error::InvalidCertificate(CertificateError::NotValidYetContext { not_before, .. })) => {
            return Err(format!("is not valid before {}", timestamp(not_before)));
        }
        _ => {}
    }
    // RFC 5280 §4.1.2.5: the last second of the year 9999 stands for no end.
    let last_second = UnixTime::since_unix_epoch(Duration::from_secs(253_402_300_800));
    match verdict_at(last_second) {
        Some(Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. })) => {
            Ok(timestamp(not_after))
        }
        _ => Ok(timestamp(last_second)),
    }
}

fn timestamp(at: UnixTime) -> Timestamp {
    let micros = i64::try_from(at.as_secs()).ok().and_then(|seconds| seconds.checked_mul(1_000_000));
    Timestamp::from_micros_clamped(micros.unwrap_or(i64::MAX))
}

/// Says how long the certificate lasts: as a figure always, as a warning where it should have been renewed.
fn announce(identity: &Identity, gauge: &IntGauge, now: Timestamp) {
    gauge.set(identity.not_after.as_secs());
    if now.plus(RENEWAL_DUE) >= identity.not_after {
        tracing::warn!(not_after = %identity.not_after, "the certificate `tls.cert` ends soon: renew it");
    }
}

#[cfg(test)]
pub(crate) mod tests;
