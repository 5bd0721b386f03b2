//! The way to a provider through an HTTP proxy: its address and what it is told about us.

use std::fmt;

use http::Uri;
use http::header::HeaderValue;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use percent_encoding::percent_decode_str;
use serde::Deserialize;

/// An HTTP proxy: `http://host:port`, with `user:password@` before the host where it asks for them.
///
/// Every connection through it is a tunnel (`CONNECT`, RFC 9110 §9.3.6), also towards a provider without TLS: the proxy learns
/// host and port and no more.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Proxy {
    /// Without user and password.
    address: Uri,
    /// The value of `Proxy-Authorization`.
    authorization: Option<HeaderValue>,
}

/// The text is not the address of a proxy. It is not shown: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a proxy must be `http://host:port` or `http://user:password@host:port`, with `%40` for an `@` in the password"
)]
pub struct ProxyError;

impl Proxy {
    /// Reads an address. User and password may be percent-encoded.
    ///
    /// # Errors
    /// [`ProxyError`] for anything else than scheme `http`, a host, a port and perhaps user and password.
    pub fn parse(text: &str) -> Result<Self, ProxyError> {
        let rest = text.strip_prefix("http://").ok_or(ProxyError)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (credentials, host) = match rest.rsplit_once('@') {
            Some((credentials, host)) => (Some(credentials), host),
            None => (None, rest),
        };
        let address: Uri = format!("http://{host}/").parse().map_err(|_| ProxyError)?;
        let is_plain =
            !host.contains(['/', '?', '#', '@']) && address.host().is_some_and(|host| !host.is_empty());
        if !is_plain || address.port_u16().is_none() {
            return Err(ProxyError);
        }
        let authorization = credentials.map(authorization).transpose()?;
        Ok(Self { address, authorization })
    }

    /// Host and port, for messages.
    #[must_use]
    pub fn host_and_port(&self) -> &str {
        self.address.authority().map_or("", http::uri::Authority::as_str)
    }

    pub(crate) fn tunnel(&self, http: HttpConnector) -> Tunnel<HttpConnector> {
        let tunnel = Tunnel::new(self.address.clone(), http);
        match &self.authorization {
            Some(authorization) => tunnel.with_auth(authorization.clone()),
            None => tunnel,
        }
    }
}

impl TryFrom<String> for Proxy {
    type Error = ProxyError;

    fn try_from(text: String) -> Result<Self, ProxyError> {
        Self::parse(&text)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({})", self.host_and_port())
    }
}

/// `Basic` (RFC 7617), from `user:password` as it stands in a URL.
fn authorization(credentials: &str) -> Result<HeaderValue, ProxyError> {
    use base64::Engine as _;
    let (user, password) = credentials.split_once(':').ok_or(ProxyError)?;
    let user = decoded(user)?;
    // RFC 7617 §2: the first colon ends the user's name, which therefore has none.
    if user.is_empty() || user.contains(':') {
        return Err(ProxyError);
    }
    let pair = format!("{user}:{}", decoded(password)?);
    if pair.chars().any(char::is_control) {
        return Err(ProxyError);
    }
    let value = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
    let mut value = HeaderValue::try_from(value).map_err(|_| ProxyError)?;
    value.set_sensitive(true);
    Ok(value)
}

fn decoded(text: &str) -> Result<String, ProxyError> {
    percent_decode_str(text).decode_utf8().map(std::borrow::Cow::into_owned).map_err(|_| ProxyError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_secrets_are_not_shown() {
        let plain = Proxy::parse("http://proxy.internal:3128").unwrap();
        assert_eq!((plain.host_and_port(), plain.authorization.is_none()), ("proxy.internal:3128", true));
        let named = Proxy::parse("http://lin:p%40ss:w@[fd00::1]:3128/").unwrap();
        assert_eq!(named.host_and_port(), "[fd00::1]:3128");
        // `lin:p@ss:w`
        assert_eq!(named.authorization.as_ref().unwrap(), "Basic bGluOnBAc3M6dw==");
        assert_eq!(format!("{named:?}"), "Proxy([fd00::1]:3128)");
    }

    #[test]
    fn what_cannot_work_is_refused_without_showing_it() {
        for text in [
            "",
            "proxy:3128",
            "https://proxy:3128",
            "socks5://proxy:1080",
            "http://proxy",
            "http://:3128",
            "http://proxy:3128/path",
            "http://proxy:99999",
            "http://lin@proxy:3128",
            "http://:secret@proxy:3128",
            "http://lin:%ff@proxy:3128",
            "http://lin:a%0d%0ab@proxy:3128",
        ] {
            let error = Proxy::parse(text).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{text}");
        }
    }
}
