//! XML, as much of it as it takes to find an element in a foreign document and to put one beside it: the tags with
//! their places, and nothing that would have to be built or expanded. No entity of a document type is looked at, so
//! there is nothing that could grow.

use std::ops::Range;

use super::Broken;

/// The tags that are looked at. A drawing with so many is 100 MB; a packet of metadata has a few hundred.
const TAGS_MAX: usize = 1 << 22;
/// How far the end of a reference is looked for: the longest is `#x10FFFF;`, with zeros before it.
const REFERENCE_BYTES_MAX: usize = 16;
/// The attributes of one tag that are looked at.
const ATTRIBUTES_MAX: usize = 4096;

/// One piece of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece<'x> {
    /// A start tag, or the tag of an empty element.
    Open(Tag<'x>),
    /// An end tag, and where it stands.
    Close(Range<usize>),
    /// Characters with their references.
    Text(&'x [u8]),
    /// Characters as they are.
    Verbatim(&'x [u8]),
}

/// A start tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag<'x> {
    /// With its prefix.
    pub(super) name: &'x [u8],
    pub(super) whole: Range<usize>,
    /// The element ends with this tag.
    pub(super) is_empty: bool,
    pub(super) attributes: Vec<Attribute<'x>>,
}

/// An attribute of a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attribute<'x> {
    /// With its prefix.
    pub(super) name: &'x [u8],
    /// Between the quotes, with its references.
    pub(super) value: &'x [u8],
    /// Where that stands.
    pub(super) place: Range<usize>,
    /// The quote before and after it.
    pub(super) quote: u8,
}

/// The pieces of a document, in order.
#[derive(Debug, Clone)]
pub(super) struct Pieces<'x> {
    document: &'x [u8],
    at: usize,
    tags: usize,
}

impl<'x> Pieces<'x> {
    pub(super) const fn of(document: &'x [u8]) -> Self {
        Self { document, at: 0, tags: 0 }
    }

    /// The next piece; none at the end.
    ///
    /// # Errors
    /// [`Broken`] where a tag, comment or section has no end, or there are too many tags.
    pub(super) fn next(&mut self) -> Result<Option<Piece<'x>>, Broken> {
        loop {
            let rest = self.document.get(self.at..).unwrap_or_default();
            let Some(&first) = rest.first() else { return Ok(None) };
            if first != b'<' {
                let length = memchr::memchr(b'<', rest).unwrap_or(rest.len());
                return Ok(Some(Piece::Text(self.take(length))));
            }
            if let Some(inner) = rest.strip_prefix(b"<![CDATA[") {
                let length = memchr::memmem::find(inner, b"]]>").ok_or(self.endless())?;
                let _ = self.take(b"<![CDATA[".len());
                let inner = self.take(length);
                let _ = self.take(b"]]>".len());
                return Ok(Some(Piece::Verbatim(inner)));
            }
            match rest.get(1) {
                Some(b'!') if rest.starts_with(b"<!--") => self.skip_past(b"-->")?,
                Some(b'?') => self.skip_past(b"?>")?,
                Some(b'!') => self.skip_declaration()?,
                Some(b'/') => {
                    let start = self.at;
                    self.skip_past(b">")?;
                    return Ok(Some(Piece::Close(start..self.at)));
                }
                Some(byte) if is_name(*byte) => return self.tag().map(|tag| Some(Piece::Open(tag))),
                // A bare `<`, as in a script: text.
                _ => return Ok(Some(Piece::Text(self.take(1)))),
            }
        }
    }

    fn endless(&self) -> Broken {
        Broken::Truncated { what: "a piece of XML", at: self.at }
    }

    fn take(&mut self, length: usize) -> &'x [u8] {
        let end = self.at.saturating_add(length).min(self.document.len());
        let taken = self.document.get(self.at..end).unwrap_or_default();
        self.at = end;
        taken
    }

    fn skip_past(&mut self, end: &[u8]) -> Result<(), Broken> {
        let rest = self.document.get(self.at..).unwrap_or_default();
        let length = memchr::memmem::find(rest, end).ok_or(self.endless())?;
        let _ = self.take(length.saturating_add(end.len()));
        Ok(())
    }

    /// A document type, whose own declarations stand in brackets.
    fn skip_declaration(&mut self) -> Result<(), Broken> {
        let (mut quote, mut is_inside) = (None, false);
        let rest = self.document.get(self.at..).unwrap_or_default();
        let end = rest.iter().position(|&byte| {
            match (quote, byte) {
                (Some(open), _) if byte == open => quote = None,
                (Some(_), _) => {}
                (None, b'"' | b'\'') => quote = Some(byte),
                (None, b'[') => is_inside = true,
                (None, b']') => is_inside = false,
                (None, _) => return byte == b'>' && !is_inside,
            }
            false
        });
        let length = end.ok_or(self.endless())?;
        let _ = self.take(length.saturating_add(1));
        Ok(())
    }

    fn tag(&mut self) -> Result<Tag<'x>, Broken> {
        if self.tags == TAGS_MAX {
            return Err(Broken::Limit { what: "tags", limit: TAGS_MAX });
        }
        self.tags = self.tags.saturating_add(1);
        let endless = self.endless();
        let start = self.at;
        let _ = self.take(1);
        let name = self.take_name();
        let mut attributes = Vec::new();
        loop {
            self.skip_space();
            match self.document.get(self.at) {
                None => return Err(endless),
                Some(b'>') => {
                    let _ = self.take(1);
                    return Ok(Tag { name, whole: start..self.at, is_empty: false, attributes });
                }
                Some(b'/') if self.document.get(self.at.saturating_add(1)) == Some(&b'>') => {
                    let _ = self.take(2);
                    return Ok(Tag { name, whole: start..self.at, is_empty: true, attributes });
                }
                Some(byte) if is_name(*byte) => {
                    if attributes.len() == ATTRIBUTES_MAX {
                        return Err(Broken::Limit { what: "attributes of a tag", limit: ATTRIBUTES_MAX });
                    }
                    attributes.extend(self.attribute().ok_or(endless.clone())?);
                }
                // What cannot stand here is passed over.
                Some(_) => _ = self.take(1),
            }
        }
    }

    /// One attribute; the inner option is none where it has no value in quotes.
    fn attribute(&mut self) -> Option<Option<Attribute<'x>>> {
        let name = self.take_name();
        self.skip_space();
        if self.document.get(self.at) != Some(&b'=') {
            return Some(None);
        }
        let _ = self.take(1);
        self.skip_space();
        let Some(&quote) = self.document.get(self.at).filter(|byte| matches!(byte, b'"' | b'\'')) else {
            return Some(None);
        };
        let _ = self.take(1);
        let start = self.at;
        let value = self.take(memchr::memchr(quote, self.document.get(start..)?)?);
        let place = start..self.at;
        let _ = self.take(1);
        Some(Some(Attribute { name, value, place, quote }))
    }

    fn take_name(&mut self) -> &'x [u8] {
        let rest = self.document.get(self.at..).unwrap_or_default();
        self.take(rest.iter().position(|&byte| !is_name(byte)).unwrap_or(rest.len()))
    }

    fn skip_space(&mut self) {
        let rest = self.document.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(rest.len());
        let _ = self.take(length);
    }
}

/// Prefix and local name.
pub(super) fn split_name(name: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b':', name) {
        Some(at) => {
            (name.get(..at).unwrap_or_default(), name.get(at.saturating_add(1)..).unwrap_or_default())
        }
        None => (b"", name),
    }
}

/// Appends characters with their references read. What is no reference stays as it is.
pub(super) fn unescape(raw: &[u8], out: &mut String) {
    let text = String::from_utf8_lossy(raw);
    let mut rest: &str = &text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let end = after.bytes().take(REFERENCE_BYTES_MAX).position(|byte| byte == b';');
        let read =
            end.and_then(|end| Some((reference(after.get(..end)?)?, after.get(end.checked_add(1)?..)?)));
        if let Some((character, after)) = read {
            out.push(character);
            rest = after;
        } else {
            out.push('&');
            rest = after;
        }
    }
    out.push_str(rest);
}

fn reference(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

/// The text as characters of an element, or of an attribute between such quotes.
pub(super) fn escape(text: &str, quote: Option<u8>) -> String {
    let mut out = String::with_capacity(text.len().saturating_add(32));
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if quote == Some(b'"') => out.push_str("&quot;"),
            '\'' if quote == Some(b'\'') => out.push_str("&apos;"),
            other => out.push(other),
        }
    }
    out
}

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'-' | b'.') || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(document: &str) -> Result<Vec<String>, Broken> {
        let mut pieces = Pieces::of(document.as_bytes());
        let mut names = Vec::new();
        while let Some(piece) = pieces.next()? {
            names.push(match piece {
                Piece::Open(tag) => {
                    let attributes: Vec<_> =
                        tag.attributes.iter().map(|a| String::from_utf8_lossy(a.value)).collect();
                    format!("{}({})", String::from_utf8_lossy(tag.name), attributes.join(","))
                }
                Piece::Close(place) => document[place].to_owned(),
                Piece::Text(text) | Piece::Verbatim(text) => String::from_utf8_lossy(text).into_owned(),
            });
        }
        Ok(names)
    }

    #[test]
    fn tags_are_found_among_what_looks_like_them() {
        let check =
            |document, expected: &[&str]| assert_eq!(names(document).unwrap(), expected, "{document}");
        check("<a b='>' c = \"'\" d/>", &["a(>,')"]);
        check("<!-- <x> --><a>1</a>", &["a()", "1", "</a>"]);
        check("<?xml a?><!DOCTYPE s [<!ENTITY n \"]>\">]><a><![CDATA[<x>]]></a>", &["a()", "<x>", "</a>"]);
        check("<a>1 < 2</a>", &["a()", "1 ", "<", " 2", "</a>"]);
        check("<a =\"1\" &></a>", &["a()", "</a>"]);
    }

    #[test]
    fn what_has_no_end_is_broken() {
        for document in ["<a", "<a b=\"", "<!-- x", "<![CDATA[ x ]]", "<?x", "</a", "<!DOCTYPE a [>"] {
            assert_eq!(
                names(document),
                Err(Broken::Truncated { what: "a piece of XML", at: 0 }),
                "{document}"
            );
        }
        let wide = format!("<a {}>", "b='' ".repeat(ATTRIBUTES_MAX + 1));
        assert_eq!(names(&wide), Err(Broken::Limit { what: "attributes of a tag", limit: ATTRIBUTES_MAX }));
    }

    #[test]
    fn references_are_read_and_written() {
        let check = |raw: &str, expected: &str| {
            let mut out = String::new();
            unescape(raw.as_bytes(), &mut out);
            assert_eq!(out, expected);
        };
        check("a&lt;&#34;&#x4e2d;&apos;&amp;quot;", "a<\"中'&quot;");
        check("&&;&nbsp;&#xD800;&#99999999999;& amp;", "&&;&nbsp;&#xD800;&#99999999999;& amp;");
        for text in ["a\"b'c<&>]]>", "&quot;"] {
            for quote in [None, Some(b'"'), Some(b'\'')] {
                let escaped = escape(text, quote);
                check(&escaped, text);
                assert!(quote.is_none_or(|quote| !escaped.as_bytes().contains(&quote)));
            }
        }
    }
}
