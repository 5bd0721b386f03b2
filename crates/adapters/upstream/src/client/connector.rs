//! Opening connections: TCP without delay, TLS with roots of our choice, all within one time limit.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tower::Service;

use crate::config::{ConfigError, UpstreamConfig};

/// A connection was not open in time.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("connection was not open in time")]
pub(super) struct ConnectTimedOut;

/// The connector with a time limit over look-up, TCP and TLS.
#[derive(Clone, Debug)]
pub(super) struct Connector {
    inner: HttpsConnector<HttpConnector>,
    limit: Duration,
}

type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;
type Cause = Box<dyn std::error::Error + Send + Sync>;

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = Cause;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, Cause>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Cause>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connect = self.inner.call(uri);
        let limit = self.limit;
        Box::pin(async move {
            match tokio::time::timeout(limit, connect).await {
                Ok(result) => result,
                Err(_) => Err(ConnectTimedOut.into()),
            }
        })
    }
}

pub(super) fn build(config: &UpstreamConfig) -> Result<Connector, ConfigError> {
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    // A small request must not wait for the acknowledgement of the one before.
    http.set_nodelay(true);
    http.set_keepalive(Some(Duration::from_secs(60)));
    let inner = HttpsConnectorBuilder::new()
        .with_tls_config(tls(config)?)
        .https_or_http()
        .enable_http1()
        .wrap_connector(http);
    Ok(Connector { inner, limit: config.timeouts.connect() })
}

fn tls(config: &UpstreamConfig) -> Result<ClientConfig, ConfigError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|source| ConfigError::Tls { name: config.name.clone(), source })?;
    let builder = match &config.ca_file {
        None => builder.with_webpki_roots(),
        Some(path) => builder.with_root_certificates(roots(path).map_err(|reason| {
            let path = path.display().to_string();
            ConfigError::Certificates { name: config.name.clone(), path, reason }
        })?),
    };
    Ok(builder.with_no_client_auth())
}

fn roots(path: &std::path::Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(path).map_err(|error| error.to_string())?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| error.to_string())?;
        roots.add(certificate).map_err(|error| error.to_string())?;
    }
    if roots.is_empty() { Err("it holds no certificate".to_owned()) } else { Ok(roots) }
}
