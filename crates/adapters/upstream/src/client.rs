//! One provider and its connections.

mod connector;
mod fetch;

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HOST, HeaderMap, HeaderName,
    HeaderValue, USER_AGENT,
};
use http::{Method, Request, Uri};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::{Instant, timeout_at};

use self::connector::{ConnectTimedOut, Connector, GuardedConnector};
use crate::body::{BodyStream, UpstreamResponse};
use crate::config::{ConfigError, UpstreamConfig};
use crate::error::{TimeoutKind, UpstreamError};

/// How long an unused connection is kept. Many servers close theirs after 75 s or more; being first avoids the race.
const POOL_IDLE_SECONDS: u64 = 55;

/// The most bytes that one connection buffers, and so the largest head of an answer: several times what providers
/// send, and small enough for thousands of open streams.
const BUFFER_BYTES_MAX: usize = 64 * 1024;

/// The encoding that is none (RFC 9110 §8.4, §12.5.3).
const PLAIN: &str = "identity";
/// What an error shows of the name of an encoding, which the provider writes.
const ENCODING_CHARS_MAX: usize = 40;

/// One provider with its pooled client. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Upstream {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: UpstreamConfig,
    base: String,
    headers: HeaderMap,
    client: Client<Connector, Full<Bytes>>,
    /// For what answers point to.
    guarded: Client<GuardedConnector, Full<Bytes>>,
}

impl Upstream {
    /// Prepares the client; opens no connection yet.
    ///
    /// # Errors
    /// [`ConfigError`] for an address, header or certificate file that cannot be used.
    pub fn new(config: UpstreamConfig) -> Result<Self, ConfigError> {
        let base = base(&config)?;
        let headers = headers(&config)?;
        let connector = connector::build(&config)?;
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(std::time::Duration::from_secs(POOL_IDLE_SECONDS))
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .http1_max_buf_size(BUFFER_BYTES_MAX)
            .build(connector);
        let guarded = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(std::time::Duration::from_secs(POOL_IDLE_SECONDS))
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .http1_max_buf_size(BUFFER_BYTES_MAX)
            .build(connector::build_guarded(&config)?);
        Ok(Self { inner: Arc::new(Inner { config, base, headers, client, guarded }) })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.config.name
    }

    /// Its configuration.
    #[must_use]
    pub fn config(&self) -> &UpstreamConfig {
        &self.inner.config
    }

    /// The provider's name of a model that a request names, or of the default model where it names none; `None` for
    /// a model that is not offered.
    #[must_use]
    pub fn resolve_model<'m>(&'m self, requested: Option<&'m str>) -> Option<Cow<'m, str>> {
        let config = &self.inner.config;
        let name = requested.or(config.default_model.as_deref())?;
        match config.models.get(name) {
            Some(upstream) => Some(Cow::Borrowed(upstream)),
            None if config.models.is_empty() => Some(Cow::Borrowed(name)),
            None => None,
        }
    }

    /// Posts a JSON body to a path below the base URL (`chat/completions`) and waits for the head of the answer.
    ///
    /// Our own headers (authorisation, configured ones) win over `headers`. Dropping the future or the answer closes
    /// the connection.
    ///
    /// # Errors
    /// [`UpstreamError`]; an answer with an error status is not one.
    pub async fn send(
        &self,
        path: &str,
        body: Bytes,
        headers: HeaderMap,
    ) -> Result<UpstreamResponse, UpstreamError> {
        self.request(Method::POST, path, body, headers).await
    }

    /// Asks for the provider's list of models.
    ///
    /// # Errors
    /// [`UpstreamError`]; an answer with an error status is not one.
    pub async fn models(&self) -> Result<UpstreamResponse, UpstreamError> {
        self.request(Method::GET, "models", Bytes::new(), HeaderMap::new()).await
    }

    async fn request(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
        mut headers: HeaderMap,
    ) -> Result<UpstreamResponse, UpstreamError> {
        let inner = &self.inner;
        let timeouts = inner.config.timeouts;
        let start = Instant::now();
        let first_byte = start + timeouts.first_byte();
        let total = start + timeouts.total();
        let uri: Uri = format!("{}/{}", inner.base, path.trim_start_matches('/'))
            .parse()
            .map_err(|_| UpstreamError::Path { name: inner.config.name.clone(), path: path.to_owned() })?;
        let has_body = method == Method::POST;
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        headers.remove(HOST);
        if has_body {
            headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
        }
        for (name, value) in &inner.headers {
            headers.insert(name, value.clone());
        }
        // Each piece is read as it comes; a compressor holds them back, and compressed bytes would pass as no text at all.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(PLAIN));
        *request.headers_mut() = headers;
        let answer = timeout_at(first_byte.min(total), inner.client.request(request));
        let response = match answer.await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(self.client_error(error)),
            Err(_) if total < first_byte => return Err(self.timed_out(TimeoutKind::Total)),
            Err(_) => return Err(self.timed_out(TimeoutKind::FirstByte)),
        };
        let (parts, incoming) = response.into_parts();
        if let Some(encoding) = encoding(&parts.headers) {
            return Err(UpstreamError::Encoded { name: inner.config.name.clone(), encoding });
        }
        Ok(UpstreamResponse {
            status: parts.status,
            headers: parts.headers,
            body: BodyStream::new(self.clone(), incoming, first_byte, total),
        })
    }

    pub(crate) fn timed_out(&self, kind: TimeoutKind) -> UpstreamError {
        let timeouts = self.inner.config.timeouts;
        let limit_ms = match kind {
            TimeoutKind::Connect => timeouts.connect_ms,
            TimeoutKind::FirstByte => timeouts.first_byte_ms,
            TimeoutKind::Idle => timeouts.idle_ms,
            TimeoutKind::Total => timeouts.total_ms,
        };
        UpstreamError::Timeout { name: self.name().to_owned(), kind, limit_ms }
    }

    fn client_error(&self, error: hyper_util::client::legacy::Error) -> UpstreamError {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(source) = cause {
            if source.is::<ConnectTimedOut>() {
                return self.timed_out(TimeoutKind::Connect);
            }
            cause = source.source();
        }
        let name = self.name().to_owned();
        if error.is_connect() {
            UpstreamError::Connect { name, source: error.into() }
        } else {
            UpstreamError::Broken { name, source: error.into() }
        }
    }
}

/// The base URL without the slash at its end.
fn base(config: &UpstreamConfig) -> Result<String, ConfigError> {
    let wrong = || ConfigError::BaseUrl { name: config.name.clone(), url: config.base_url.clone() };
    let uri: Uri = config.base_url.parse().map_err(|_| wrong())?;
    let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
    let has_host = uri.host().is_some_and(|host| !host.is_empty());
    // A name and password in the address would end up in logs.
    let has_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
    if !is_http || !has_host || has_user || uri.query().is_some() {
        return Err(wrong());
    }
    Ok(config.base_url.trim_end_matches('/').to_owned())
}

/// What an answer is encoded in, where that is anything; short enough for a message.
fn encoding(headers: &HeaderMap) -> Option<String> {
    let mut words: Vec<String> = Vec::new();
    for value in headers.get_all(CONTENT_ENCODING) {
        let value = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
        let encodings = value.split(',').map(str::trim).filter(|word| !word.is_empty() && *word != PLAIN);
        words.extend(encodings.map(str::to_owned));
    }
    (!words.is_empty()).then(|| words.join(", ").chars().take(ENCODING_CHARS_MAX).collect())
}

fn headers(config: &UpstreamConfig) -> Result<HeaderMap, ConfigError> {
    let wrong = |header: &str| ConfigError::Header { name: config.name.clone(), header: header.to_owned() };
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, HeaderValue::from_static(concat!("cinnabar/", env!("CARGO_PKG_VERSION"))));
    headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
    for (name, value) in &config.headers {
        let header: HeaderName = name.parse().map_err(|_| wrong(name))?;
        let mut value: HeaderValue = value.parse().map_err(|_| wrong(name))?;
        value.set_sensitive(true);
        headers.insert(header, value);
    }
    if let Some(key) = &config.api_key {
        let mut value: HeaderValue =
            format!("Bearer {}", key.expose()).parse().map_err(|_| wrong("authorization"))?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    Ok(headers)
}
