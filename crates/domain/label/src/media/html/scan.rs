//! The tags of an HTML document, found as browsers find them in sound documents: attributes with or without quotes,
//! scripts and styles as text that is not looked into, and an end of the file wherever it comes.

use std::ops::Range;

use super::Broken;

/// The tags that are looked at. A page with so many is 100 MB.
const TAGS_MAX: usize = 1 << 22;
/// The attributes of one tag that are kept.
const ATTRIBUTES_MAX: usize = 256;
/// Elements whose content is no markup.
const RAW: [&[u8]; 8] =
    [b"iframe", b"noembed", b"noframes", b"script", b"style", b"textarea", b"title", b"xmp"];

/// One piece of a document.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'h> {
    Open(Tag<'h>),
    Close {
        name: &'h [u8],
        place: Range<usize>,
    },
    /// A document type, or another thing between `<!` and `>` that is no comment.
    Declaration(Range<usize>),
    /// Characters with their references, those of raw elements aside.
    Text(&'h [u8]),
}

/// A start tag.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tag<'h> {
    pub(super) name: &'h [u8],
    pub(super) whole: Range<usize>,
    pub(super) attributes: Vec<Attribute<'h>>,
}

impl Tag<'_> {
    pub(super) fn is(&self, name: &[u8]) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// An attribute.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Attribute<'h> {
    pub(super) name: &'h [u8],
    pub(super) value: &'h [u8],
    /// Of the value, with its quotes if it has some.
    pub(super) place: Range<usize>,
}

/// Goes through a document.
pub(super) struct Scanner<'h> {
    html: &'h [u8],
    at: usize,
    tags: usize,
    /// The raw element that has just begun.
    raw: Option<&'static [u8]>,
}

impl<'h> Scanner<'h> {
    pub(super) const fn of(html: &'h [u8]) -> Self {
        Self { html, at: 0, tags: 0, raw: None }
    }

    /// The next piece; none at the end.
    ///
    /// # Errors
    /// [`Broken`] where there are too many tags.
    pub(super) fn next(&mut self) -> Result<Option<Piece<'h>>, Broken> {
        if let Some(name) = self.raw.take() {
            self.skip_raw(name);
        }
        loop {
            let rest = self.rest();
            let start = self.at;
            match rest {
                [] => return Ok(None),
                [b'<', b'!', b'-', b'-', ..] => self.skip_past(b"-->"),
                [b'<', b'!' | b'?', ..] => {
                    self.skip_past(b">");
                    return Ok(Some(Piece::Declaration(start..self.at)));
                }
                [b'<', b'/', letter, ..] if letter.is_ascii_alphabetic() => {
                    let name = self.name(2);
                    self.skip_past(b">");
                    return Ok(Some(Piece::Close { name, place: start..self.at }));
                }
                [b'<', letter, ..] if letter.is_ascii_alphabetic() => {
                    if self.tags == TAGS_MAX {
                        return Err(Broken::Limit { what: "tags", limit: TAGS_MAX });
                    }
                    self.tags = self.tags.saturating_add(1);
                    return Ok(self.tag().map(Piece::Open));
                }
                _ => {
                    // The first byte is text even where it is a `<`.
                    let more = memchr::memchr(b'<', rest.get(1..).unwrap_or_default());
                    let length = more.map_or(rest.len(), |at| at.saturating_add(1));
                    return Ok(Some(Piece::Text(self.take(length))));
                }
            }
        }
    }

    /// The tag here; none where the document ends within it, so that no browser shows it.
    fn tag(&mut self) -> Option<Tag<'h>> {
        let start = self.at;
        let name = self.name(1);
        let mut attributes = Vec::new();
        loop {
            let rest = self.rest();
            let space = rest.iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == b'/').count();
            let _ = self.take(space);
            if *self.rest().first()? == b'>' {
                let _ = self.take(1);
                self.raw = RAW.into_iter().find(|raw| name.eq_ignore_ascii_case(raw));
                return Some(Tag { name, whole: start..self.at, attributes });
            }
            let attribute = self.attribute()?;
            if attributes.len() < ATTRIBUTES_MAX {
                attributes.push(attribute);
            }
        }
    }

    fn attribute(&mut self) -> Option<Attribute<'h>> {
        // A name may begin with an equals sign, and has at least one byte.
        let rest = self.rest();
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'=' | b'>' | b'/');
        let length = rest.get(1..)?.iter().position(is_end)?.saturating_add(1);
        let name = self.take(length);
        let end = self.at;
        self.skip_space();
        if self.rest().first() != Some(&b'=') {
            return Some(Attribute { name, value: b"", place: end..end });
        }
        let _ = self.take(1);
        self.skip_space();
        let start = self.at;
        match *self.rest().first()? {
            quote @ (b'"' | b'\'') => {
                let _ = self.take(1);
                let length = memchr::memchr(quote, self.rest())?;
                let value = self.take(length);
                let _ = self.take(1);
                Some(Attribute { name, value, place: start..self.at })
            }
            _ => {
                let length =
                    self.rest().iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'>')?;
                let value = self.take(length);
                Some(Attribute { name, value, place: start..self.at })
            }
        }
    }

    /// Takes the name of a tag, which begins after so many bytes.
    fn name(&mut self, after: usize) -> &'h [u8] {
        let _ = self.take(after);
        let rest = self.rest();
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
        self.take(rest.iter().position(is_end).unwrap_or(rest.len()))
    }

    fn skip_raw(&mut self, name: &[u8]) {
        let rest = self.rest();
        let end = memchr::memchr_iter(b'<', rest).find(|&at| {
            let after = rest.get(at.saturating_add(1)..).and_then(|after| after.strip_prefix(b"/"));
            after.and_then(|after| after.get(..name.len())).is_some_and(|end| end.eq_ignore_ascii_case(name))
        });
        let _ = self.take(end.unwrap_or(rest.len()));
    }

    fn skip_past(&mut self, end: &[u8]) {
        let rest = self.rest();
        let length = memchr::memmem::find(rest, end).map_or(rest.len(), |at| at.saturating_add(end.len()));
        let _ = self.take(length);
    }

    fn skip_space(&mut self) {
        let length = self.rest().iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let _ = self.take(length);
    }

    fn rest(&self) -> &'h [u8] {
        self.html.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, length: usize) -> &'h [u8] {
        let rest = self.rest();
        let length = length.min(rest.len());
        self.at = self.at.saturating_add(length);
        rest.get(..length).unwrap_or_default()
    }
}
