//! A trial answers this machine alone, also where a browser on it is led here.
//!
//! A trial asks nobody to sign in, and any page on the internet can point a name of its own at 127.0.0.1 (DNS rebinding): to the
//! visitor's browser the trial is then a part of that page, which could talk to the model on the operator's account. Such a
//! request still says the page's name in `Host`.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, StatusCode, Uri, header, uri::Authority};

/// What one that is refused reads.
const REFUSAL: &str =
    "a trial answers to `localhost`, loopback addresses and the host of `public_url` alone\n";

/// The host of the public address, which is answered too.
#[derive(Clone)]
pub(crate) struct PublicHost(Option<String>);

impl PublicHost {
    pub(crate) fn of(public_url: &str) -> Self {
        Self(public_url.parse::<Uri>().ok().and_then(|url| url.host().map(str::to_owned)))
    }

    /// Whether the request means this machine. One without a host is no browser's.
    fn answers_to(&self, headers: &HeaderMap) -> bool {
        headers.get_all(header::HOST).iter().all(|value| {
            let authority = value.to_str().ok().and_then(|text| text.parse::<Authority>().ok());
            authority.is_some_and(|authority| {
                is_this_machine(authority.host())
                    || self.0.as_ref().is_some_and(|host| host.eq_ignore_ascii_case(authority.host()))
            })
        })
    }
}

fn is_this_machine(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    match bare.parse::<std::net::IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        // RFC 6761 §6.3: names below `localhost` lead nowhere else.
        Err(_) => bare.rsplit('.').next().is_some_and(|last| last.eq_ignore_ascii_case("localhost")),
    }
}

/// Refuses requests that mean another host.
pub(crate) async fn refuse_others(State(host): State<PublicHost>, request: Request, next: Next) -> Response {
    if host.answers_to(request.headers()) {
        next.run(request).await
    } else {
        (StatusCode::MISDIRECTED_REQUEST, REFUSAL).into_response()
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_trial_answers_to_this_machine_and_its_public_address() {
        let host = PublicHost::of("https://trial.example:8443/under");
        let answers = |name: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static(name));
            host.answers_to(&headers)
        };
        for name in [
            "localhost",
            "LOCALHOST:8080",
            "a.localhost:1",
            "127.0.0.1:8080",
            "127.9.9.9",
            "[::1]:8080",
            "[::ffff:127.0.0.1]",
            "trial.example",
            "Trial.Example:80",
        ] {
            assert!(answers(name), "{name}");
        }
        for name in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:8080", "192.0.2.1", ""]
        {
            assert!(!answers(name), "{name}");
        }
        assert!(host.answers_to(&HeaderMap::new()), "no browser leaves it out");
        let mut two = HeaderMap::new();
        two.append(header::HOST, HeaderValue::from_static("localhost"));
        two.append(header::HOST, HeaderValue::from_static("evil.example"));
        assert!(!host.answers_to(&two));
    }
}
