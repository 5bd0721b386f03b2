//! What an answer points to: a picture at an address that the provider names.

use std::net::IpAddr;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderValue, USER_AGENT};
use http::{Method, Request, Uri};
use http_body_util::Full;
use tokio::time::{Instant, timeout_at};

use super::{PLAIN, Upstream, encoding};
use crate::body::BodyStream;
use crate::egress::is_public;
use crate::error::{TimeoutKind, UpstreamError};

impl Upstream {
    /// Fetches what the provider points to, at most `limit` bytes of it.
    ///
    /// An answer is foreign: it could point into our own network. So an address is fetched where it lies at the provider's own
    /// host and port, which the configuration names, or else by `https` at a public address. Redirections are not followed, and
    /// our key goes along to nobody.
    ///
    /// # Errors
    /// [`UpstreamError::Address`] for an address that is not fetched, [`UpstreamError::Missing`] where it answers with another
    /// status than 200, and what [`Upstream::send`] gives.
    pub async fn fetch(&self, url: &str, limit: usize) -> Result<Bytes, UpstreamError> {
        let inner = &self.inner;
        let name = || inner.config.name.clone();
        let refused = |reason| UpstreamError::Address { name: name(), reason };
        let uri: Uri = url.parse().map_err(|_| refused("it is no address"))?;
        let is_own = self.is_own(&uri);
        if !is_own {
            check(&uri).map_err(refused)?;
        }
        let timeouts = inner.config.timeouts;
        let start = Instant::now();
        let (first_byte, total) = (start + timeouts.first_byte(), start + timeouts.total());
        let mut request = Request::new(Full::new(Bytes::new()));
        *request.method_mut() = Method::GET;
        *request.uri_mut() = uri;
        let agent = HeaderValue::from_static(concat!("cinnabar/", env!("CARGO_PKG_VERSION")));
        *request.headers_mut() = HeaderMap::from_iter([
            (USER_AGENT, agent),
            (ACCEPT, HeaderValue::from_static("image/*, audio/*, */*;q=0.5")),
            (ACCEPT_ENCODING, HeaderValue::from_static(PLAIN)),
        ]);
        let answer = if is_own { inner.client.request(request) } else { inner.guarded.request(request) };
        let response = match timeout_at(first_byte.min(total), answer).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(self.client_error(error)),
            Err(_) => return Err(self.timed_out(TimeoutKind::FirstByte)),
        };
        if response.status() != http::StatusCode::OK {
            return Err(UpstreamError::Missing { name: name(), status: response.status().as_u16() });
        }
        if let Some(encoding) = encoding(response.headers()) {
            return Err(UpstreamError::Encoded { name: name(), encoding });
        }
        BodyStream::new(self.clone(), response.into_body(), first_byte, total).collect(limit).await
    }

    /// Whether an address lies at the provider's own scheme, host and port.
    fn is_own(&self, uri: &Uri) -> bool {
        let Ok(base) = self.inner.base.parse::<Uri>() else { return false };
        let place = |uri: &Uri| {
            let port = uri.port_u16().or(match uri.scheme_str() {
                Some("http") => Some(80),
                Some("https") => Some(443),
                _ => None,
            });
            (uri.scheme_str().map(str::to_owned), uri.host().map(str::to_ascii_lowercase), port)
        };
        place(&base) == place(uri)
    }
}

/// What can be known of an address before its name is resolved.
fn check(uri: &Uri) -> Result<(), &'static str> {
    if uri.scheme_str() != Some("https") {
        return Err("it is not `https`");
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err("it carries a name");
    }
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).trim_end_matches('.');
    match host.parse::<IpAddr>() {
        Ok(address) if is_public(address) => Ok(()),
        Ok(_) => Err("it is not public"),
        Err(_) if !host.contains('.') => Err("its name is not public"),
        // `127.1`, `0x7f.1` and such are numbers to some resolvers. The top of a public name has a letter (RFC 3696 §2).
        Err(_)
            if host.rsplit('.').next().is_some_and(|top| top.starts_with(|c: char| c.is_ascii_digit())) =>
        {
            Err("its name is a number")
        }
        Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_public_is_not_fetched() {
        let check = |url: &str, expected: bool| {
            assert_eq!(check(&url.parse().unwrap()).is_ok(), expected, "{url}");
        };
        check("https://cdn.example.com/a.png?sig=1", true);
        check("https://93.184.216.34/a.png", true);
        check("http://cdn.example.com/a.png", false);
        check("https://localhost/a.png", false);
        check("https://intranet/a.png", false);
        check("https://user@cdn.example.com/a.png", false);
        check("https://127.0.0.1/a.png", false);
        check("https://127.1/a.png", false);
        check("https://2130706433/a.png", false);
        check("https://0x7f.0.0.0x1/a.png", false);
        check("https://169.254.169.254/latest/meta-data", false);
        check("https://[::1]/a.png", false);
        check("https://[::ffff:10.0.0.1]/a.png", false);
        check("https://10.0.0.1./a.png", false);
    }
}
