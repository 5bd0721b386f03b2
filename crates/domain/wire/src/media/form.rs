//! `multipart/form-data` (RFC 7578), read so that no server can read it in another way.
//!
//! Readers of forms differ in what they forgive, and text could hide in the difference. So only the plain shape is
//! taken that clients write: CRLF, no text around the parts, plain names, no transfer encoding, UTF-8.

use std::ops::Range;

use crate::chat::RequestError;

/// The most parts that a form may have: OpenAI takes 16 pictures, and a request has few other fields.
const PARTS_MAX: usize = 64;
/// The longest head of a part, in bytes.
const HEAD_BYTES_MAX: usize = 2048;
/// The longest boundary (RFC 2046 §5.1.1).
const BOUNDARY_BYTES_MAX: usize = 70;

/// One part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// Whether it is a file.
    pub(super) is_file: bool,
    /// Its content.
    pub(super) value: Range<usize>,
    /// All of it, from its delimiter to the next one.
    pub(super) whole: Range<usize>,
}

/// A form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form<'a> {
    pub(super) parts: Vec<Part<'a>>,
    /// What no value may contain: `CRLF--boundary`.
    pub(super) delimiter: Vec<u8>,
}

/// The boundary of a form by its `content-type`; `None` for what is no form.
pub fn boundary(content_type: &str) -> Option<&str> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let value = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then_some(value.trim())
    })?;
    let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(&byte);
    ((1..=BOUNDARY_BYTES_MAX).contains(&value.len()) && value.bytes().all(is_plain)).then_some(value)
}

impl<'a> Form<'a> {
    /// Reads a form.
    ///
    /// # Errors
    /// [`RequestError::Form`] with the byte at which it is none.
    pub(super) fn read(body: &'a [u8], boundary: &str) -> Result<Self, RequestError> {
        let wrong = |what: &'static str, at: usize| RequestError::Form { what, at };
        let delimiter = format!("\r\n--{boundary}").into_bytes();
        let finder = memchr::memmem::Finder::new(&delimiter);
        // The first delimiter has no line before it.
        let opening = delimiter.get(2..).unwrap_or_default();
        let mut at = if body.starts_with(opening) {
            opening.len()
        } else {
            return Err(wrong("it does not begin with its boundary", 0));
        };
        let mut whole_start = 0;
        let mut parts: Vec<Part<'a>> = Vec::new();
        loop {
            match body.get(at..at.saturating_add(2)) {
                Some(b"--") => {
                    let rest = body.get(at.saturating_add(2)..).unwrap_or_default();
                    return if matches!(rest, b"" | b"\r\n") {
                        Ok(Self { parts, delimiter })
                    } else {
                        Err(wrong("something follows its end", at))
                    };
                }
                Some(b"\r\n") => at = at.saturating_add(2),
                _ => return Err(wrong("a boundary is not followed by a line", at)),
            }
            if parts.len() >= PARTS_MAX {
                return Err(RequestError::TooMany {
                    param: "form".to_owned(),
                    count: parts.len().saturating_add(1),
                    limit: PARTS_MAX,
                });
            }
            let rest = body.get(at..).unwrap_or_default();
            let head_end = memchr::memmem::find(rest, b"\r\n\r\n")
                .filter(|end| *end <= HEAD_BYTES_MAX)
                .ok_or_else(|| wrong("the head of a part has no end", at))?;
            let head = rest.get(..head_end).unwrap_or_default();
            let (name, is_file) = read_head(head).map_err(|what| wrong(what, at))?;
            let value_start = at.saturating_add(head_end).saturating_add(4);
            let value = body.get(value_start..).unwrap_or_default();
            let length = finder.find(value).ok_or_else(|| wrong("a part has no end", at))?;
            let value_end = value_start.saturating_add(length);
            parts.push(Part { name, is_file, value: value_start..value_end, whole: whole_start..value_end });
            whole_start = value_end;
            at = value_end.saturating_add(delimiter.len());
        }
    }
}

/// Name, and whether it is a file, by the head of a part.
fn read_head(head: &[u8]) -> Result<(&str, bool), &'static str> {
    let head = std::str::from_utf8(head).map_err(|_| "the head of a part is not UTF-8")?;
    let mut found = None;
    let mut is_utf8_text = true;
    for line in head.split("\r\n") {
        let (header, value) = line.split_once(':').ok_or("a line in the head of a part is no header")?;
        match header.to_ascii_lowercase().as_str() {
            "content-disposition" if found.is_none() => found = Some(read_disposition(value)?),
            "content-disposition" => return Err("a part has two dispositions"),
            "content-type" => is_utf8_text = is_plain_text(value),
            "content-length" => {}
            // A value in another encoding would be read as other text than was checked.
            _ => return Err("a part has a header that is not taken"),
        }
    }
    let (name, is_file) = found.ok_or("a part has no disposition")?;
    if !is_file && !is_utf8_text {
        return Err("a text is in another form than UTF-8");
    }
    Ok((name, is_file))
}

fn read_disposition(value: &str) -> Result<(&str, bool), &'static str> {
    let rest = value.trim().strip_prefix("form-data").ok_or("a part is no form data")?;
    let mut name = None;
    let mut is_file = false;
    let mut rest = rest.trim_start();
    while let Some(parameter) = rest.strip_prefix(';') {
        let (key, after) = parameter.split_once('=').ok_or("a disposition cannot be read")?;
        let quoted = after.strip_prefix('"').ok_or("a name is not in quotes")?;
        let (value, after) = quoted.split_once('"').ok_or("a name has no end")?;
        match key.trim().to_ascii_lowercase().as_str() {
            "name" if name.is_none() => name = Some(value),
            "filename" => is_file = true,
            _ => return Err("a disposition has what is not taken"),
        }
        if value.contains('\\') {
            return Err("a name has escapes");
        }
        rest = after.trim_start();
    }
    if !rest.is_empty() {
        return Err("a disposition cannot be read");
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-[].".contains(&byte);
    let name = name.filter(|name| (1..=64).contains(&name.len()) && name.bytes().all(is_plain));
    Ok((name.ok_or("a part has no plain name")?, is_file))
}

fn is_plain_text(content_type: &str) -> bool {
    let mut pieces = content_type.split(';').map(str::trim);
    let is_text = pieces.next().is_some_and(|kind| kind.eq_ignore_ascii_case("text/plain"));
    is_text
        && pieces.all(|parameter| {
            let charset = parameter.split_once('=').filter(|(name, _)| name.eq_ignore_ascii_case("charset"));
            charset.is_some_and(|(_, value)| {
                let value = value.trim_matches('"');
                value.eq_ignore_ascii_case("utf-8") || value.eq_ignore_ascii_case("us-ascii")
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_is_read_as_clients_write_it() {
        let check = |content_type: &str, expected: Option<&str>| {
            assert_eq!(boundary(content_type), expected, "{content_type}");
        };
        check("multipart/form-data; boundary=abc", Some("abc"));
        check("Multipart/Form-Data;charset=utf-8; Boundary=\"--a'b\"", Some("--a'b"));
        check("multipart/form-data", None);
        check("multipart/form-data; boundary=", None);
        check("multipart/form-data; boundary=a*b", None);
        check("multipart/mixed; boundary=abc", None);
        check("application/json", None);
    }

    #[test]
    fn what_servers_could_read_differently_is_refused() {
        let part = |head: &str| format!("--b\r\n{head}\r\n\r\nx\r\n--b--\r\n");
        let named = "Content-Disposition: form-data; name=\"prompt\"";
        assert_eq!(Form::read(part(named).as_bytes(), "b").unwrap().parts.len(), 1);
        let check = |body: String| {
            let found = Form::read(body.as_bytes(), "b");
            assert!(matches!(found, Err(RequestError::Form { .. })), "{body}: {found:?}");
        };
        for head in [
            "content-disposition: form-data; name=prompt",
            "content-disposition: form-data; name=\"pro\\\"mpt\"",
            "content-disposition: form-data; name*=\"prompt\"",
            "content-disposition: form-data; name=\"a\"; name=\"b\"",
            "content-disposition: attachment; name=\"prompt\"",
            "content-type: text/plain",
        ] {
            check(part(head));
        }
        check(part(&format!("{named}\r\ncontent-transfer-encoding: base64")));
        check(part(&format!("{named}\r\ncontent-type: text/plain; charset=utf-16")));
        check(part(&format!("{named}\r\n{named}")));
        check(format!("before\r\n{}", part(named)));
        check(format!("{}after", part(named)));
        check(part(named).replace("\r\n", "\n"));
        check(part(named).replace("--b--", ""));
        check(String::new());
    }
}
