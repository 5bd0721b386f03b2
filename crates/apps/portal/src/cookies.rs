//! The cookies of the portal: all of them HttpOnly and SameSite=Lax; over https also Secure and bound to the host.

use http::{HeaderMap, HeaderValue, header};

/// The session of a person who uses the chat.
pub const PERSON: &str = "cinnabar-person";
/// The session of an operator.
pub const OPERATOR: &str = "cinnabar-operator";
/// Number and code of the case that was looked at last.
pub const CASE: &str = "cinnabar-case";
/// The language that was chosen.
pub const LANGUAGE: &str = "cinnabar-language";

/// Thirty days, as long as a person's session lasts.
pub(crate) const MONTH_SECONDS: u32 = 30 * 24 * 3600;
/// As long as a browser that closes: the cookie carries no age.
pub(crate) const UNTIL_CLOSED: u32 = 0;
/// Longest cookie header that is looked at.
const HEADER_BYTES_MAX: usize = 16 * 1024;

/// Reads and writes cookies as this deployment names them.
#[derive(Debug, Clone, Copy)]
pub struct Cookies {
    secure: bool,
}

impl Cookies {
    /// For a service at that address.
    #[must_use]
    pub fn for_address(public_url: &str) -> Self {
        Self { secure: public_url.starts_with("https://") }
    }

    /// The full name. The prefix makes browsers refuse the cookie from any other host and over plain http (RFC 6265bis, 4.1.3.2).
    #[must_use]
    pub fn name(self, cookie: &str) -> String {
        if self.secure { format!("__Host-{cookie}") } else { cookie.to_owned() }
    }

    /// The value that came with a request.
    #[must_use]
    pub fn read(self, headers: &HeaderMap, cookie: &str) -> Option<String> {
        let name = self.name(cookie);
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .filter(|value| value.len() <= HEADER_BYTES_MAX)
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(found, _)| *found == name)
            .map(|(_, value)| value.to_owned())
    }

    /// The header that sets a cookie; `max_age_seconds` 0 keeps it until the browser closes.
    ///
    /// Values are tokens, codes and language tags of ours; one with other characters is not set.
    #[must_use]
    pub fn set(self, cookie: &str, value: &str, max_age_seconds: u32) -> Option<HeaderValue> {
        let is_plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
        let age = if max_age_seconds == UNTIL_CLOSED {
            String::new()
        } else {
            format!("; Max-Age={max_age_seconds}")
        };
        is_plain.then(|| self.header(cookie, value, &age)).flatten()
    }

    /// The header that removes a cookie.
    #[must_use]
    pub fn clear(self, cookie: &str) -> Option<HeaderValue> {
        self.header(cookie, "", "; Max-Age=0")
    }

    fn header(self, cookie: &str, value: &str, age: &str) -> Option<HeaderValue> {
        let secure = if self.secure { "; Secure" } else { "" };
        let name = self.name(cookie);
        HeaderValue::try_from(format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}")).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_binds_cookies_to_the_host() {
        let cookies = Cookies::for_address("https://ai.example");
        let set = cookies.set(PERSON, "abc", MONTH_SECONDS).unwrap();
        assert_eq!(
            set,
            "__Host-cinnabar-person=abc; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=2592000"
        );
        assert!(cookies.set(PERSON, "a;b", UNTIL_CLOSED).is_none());
    }

    #[test]
    fn the_right_cookie_is_read() {
        let cookies = Cookies::for_address("http://127.0.0.1:8080");
        let mut headers = HeaderMap::new();
        headers.insert(
            header::COOKIE,
            HeaderValue::from_static("other=1; cinnabar-case=CN-7.x; cinnabar-cases=2"),
        );
        assert_eq!(cookies.read(&headers, CASE).as_deref(), Some("CN-7.x"));
        assert_eq!(cookies.read(&headers, PERSON), None);
    }
}
