//! Opening connections: TCP without delay, through a proxy where one is named, TLS with roots of our choice, all within
//! one time limit. Variables such as `HTTPS_PROXY` are not read.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioIo;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tower::Service;

use crate::config::{ConfigError, UpstreamConfig};
use crate::egress::PublicResolver;
use crate::proxy::Proxy;

/// A connection was not open in time.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("connection was not open in time")]
pub(super) struct ConnectTimedOut;

/// The proxy did not open a tunnel; the cause says why.
#[derive(Debug, thiserror::Error)]
#[error("no tunnel through the proxy `{proxy}`")]
struct NoTunnel {
    proxy: String,
    source: Cause,
}

/// The connector with a time limit over look-up, TCP, proxy and TLS.
#[derive(Clone, Debug)]
pub(super) struct Connector {
    inner: HttpsConnector<Route>,
    limit: Duration,
}

type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;
type Cause = Box<dyn std::error::Error + Send + Sync>;
type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, Cause>> + Send>>;

/// How a TCP connection comes about: directly by `C`, which resolves names, or through the proxy, which does so itself.
#[derive(Clone, Debug)]
pub(super) enum Route<C = HttpConnector> {
    Direct(C),
    Through { proxy: String, tunnel: Box<Tunnel<HttpConnector>> },
}

impl<C> Route<C> {
    fn through(proxy: &Proxy, http: HttpConnector) -> Self {
        Self::Through { proxy: proxy.host_and_port().to_owned(), tunnel: Box::new(proxy.tunnel(http)) }
    }
}

impl<C> Service<Uri> for Route<C>
where
    C: Service<Uri, Response = TokioIo<TcpStream>, Error: Into<Cause>, Future: Send + 'static>,
{
    type Response = TokioIo<TcpStream>;
    type Error = Cause;
    type Future = Connecting<TokioIo<TcpStream>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Cause>> {
        match self {
            Self::Direct(http) => http.poll_ready(cx).map_err(Into::into),
            Self::Through { tunnel, .. } => tunnel.poll_ready(cx).map_err(Into::into),
        }
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        match self {
            Self::Direct(http) => {
                let connect = http.call(uri);
                Box::pin(async move { connect.await.map_err(Into::into) })
            }
            Self::Through { proxy, tunnel } => {
                let proxy = proxy.clone();
                let connect = with_port(uri).map(|uri| tunnel.call(uri));
                Box::pin(async move {
                    let opened = async { Ok(connect?.await?) };
                    opened.await.map_err(|source: Cause| NoTunnel { proxy, source }.into())
                })
            }
        }
    }
}

/// The tunnel takes an address without a port for one of https.
fn with_port(uri: Uri) -> Result<Uri, Cause> {
    if uri.scheme_str() != Some("http") || uri.port().is_some() {
        return Ok(uri);
    }
    let host = uri.host().unwrap_or_default();
    Ok(format!("http://{host}:80/").parse::<Uri>()?)
}

/// Whether the provider runs on this machine, where no proxy leads.
fn is_loopback(base_url: &str) -> bool {
    let Ok(uri) = base_url.parse::<Uri>() else { return false };
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = Cause;
    type Future = Connecting<Stream>;

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

/// Connections to the provider itself.
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
        .wrap_connector(match &config.proxy {
            Some(proxy) if !is_loopback(&config.base_url) => Route::through(proxy, http),
            _ => Route::Direct(http),
        });
    Ok(Connector { inner, limit: config.timeouts.connect() })
}

/// Connections to addresses that an answer of the provider names: of those that a name resolves to, the public ones alone.
pub(super) fn build_guarded(config: &UpstreamConfig) -> Result<GuardedConnector, ConfigError> {
    let mut http = HttpConnector::new_with_resolver(PublicResolver);
    http.enforce_http(false);
    http.set_connect_timeout(Some(config.timeouts.connect()));
    let inner = HttpsConnectorBuilder::new()
        .with_tls_config(tls(config)?)
        .https_only()
        .enable_http1()
        .wrap_connector(match &config.proxy {
            Some(proxy) => {
                // The proxy resolves names, and is itself where the configuration put it.
                let mut http = HttpConnector::new();
                http.enforce_http(false);
                http.set_connect_timeout(Some(config.timeouts.connect()));
                Route::through(proxy, http)
            }
            None => Route::Direct(http),
        });
    Ok(inner)
}

/// A connector to addresses that somebody else names.
pub(super) type GuardedConnector = HttpsConnector<Route<HttpConnector<PublicResolver>>>;

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
