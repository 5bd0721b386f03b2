//! HTML: the label is `<meta name="AIGC" content="…">` in the head.
//!
//! No guide names a place in HTML; this is the one that it has for names and values of a document. What is written is
//! ASCII, so that it is right in every encoding that HTML comes in.

mod scan;
#[cfg(test)]
mod tests;

use std::{fmt::Write as _, ops::Range};

use super::{Broken, Edits, Found, Marks, Reading, WriteError, xml};

use scan::{Attribute, Piece, Scanner, Tag};

/// Names of the property in documents of others.
const NAMES: [&[u8]; 2] = [b"aigc", b"tc260:aigc"];

/// Elements that break no line.
const INLINE: [&[u8]; 14] = [
    b"a", b"abbr", b"b", b"code", b"em", b"font", b"i", b"mark", b"small", b"span", b"strong", b"sub",
    b"sup", b"u",
];

/// Whether the bytes begin as a page does: after white space, comments and an XML declaration with its type or root.
pub(super) fn is_html(bytes: &[u8]) -> bool {
    let mut rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    loop {
        rest = rest.trim_ascii_start();
        let end: &[u8] = if rest.starts_with(b"<!--") {
            b"-->"
        } else if rest.starts_with(b"<?xml") {
            b"?>"
        } else {
            break;
        };
        let Some(at) = memchr::memmem::find(rest, end) else { return false };
        rest = rest.get(at.saturating_add(end.len())..).unwrap_or_default();
    }
    [&b"<!doctype html"[..], b"<html"].into_iter().any(|start| {
        let is_start = rest.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start));
        is_start && rest.get(start.len()).is_none_or(|byte| byte.is_ascii_whitespace() || *byte == b'>')
    })
}

/// Every such element.
pub(super) fn read(bytes: &[u8]) -> Result<Reading, Broken> {
    let mut reading = Reading::default();
    let mut scanner = Scanner::of(bytes);
    while let Some(piece) = scanner.next()? {
        if let Piece::Open(tag) = piece
            && let Some(content) = label_of(&tag)
        {
            let mut text = String::new();
            xml::unescape(content.value, &mut text);
            reading.label("HTML meta AIGC", tag.whole.clone(), text);
        }
    }
    Ok(reading)
}

/// Puts the element at the end of the head, or where one would be.
pub(super) fn write(bytes: &[u8], present: Option<&Found>, marks: &Marks<'_>) -> Result<Edits, WriteError> {
    let json = marks.label.to_json();
    let content = format!("\"{}\"", ascii(&json));
    match present {
        Some(found) if found.text == json => Ok(Edits::none()),
        Some(found) => {
            let value = content_place(bytes, found)?.ok_or(WriteError::NoPlace("its label has no text"))?;
            Ok(Edits::replace(value, content.into_bytes()))
        }
        None => {
            let at = Places::read(bytes)?.end_of_head();
            Ok(Edits::insert(at, format!("<meta name=\"AIGC\" content={content}/>\n").into_bytes()))
        }
    }
}

/// The text that a reader sees, a line for each block.
pub(super) fn text(bytes: &[u8]) -> Result<String, Broken> {
    let mut text = String::new();
    let mut scanner = Scanner::of(bytes);
    while let Some(piece) = scanner.next()? {
        match piece {
            Piece::Text(raw) => xml::unescape(raw, &mut text),
            Piece::Open(Tag { name, .. }) | Piece::Close { name, .. } => {
                let is_inline = INLINE.iter().any(|inline| name.eq_ignore_ascii_case(inline));
                if !is_inline && !text.is_empty() && !text.ends_with('\n') {
                    text.push('\n');
                }
            }
            Piece::Declaration(_) => {}
        }
    }
    Ok(text)
}

/// Puts a visible line where the body begins.
pub(super) fn write_line(bytes: &[u8], line: &str) -> Result<Edits, WriteError> {
    let places = Places::read(bytes)?;
    let at = places.body.as_ref().map_or_else(|| places.start_of_body(), |body| body.end);
    // Dark on a white ground of its own: legible whatever the page's own colours are.
    let line = format!(
        "<p role=\"note\" style=\"margin:0;padding:.5em;text-align:center;color:#222;background:#fff\">{}</p>\n",
        ascii(line)
    );
    Ok(Edits::insert(at, line.into_bytes()))
}

/// The attribute with the label, of a tag that has one.
fn label_of<'t, 'b>(tag: &'t Tag<'b>) -> Option<&'t Attribute<'b>> {
    let attribute = |wanted: &[u8]| tag.attributes.iter().find(|a| a.name.eq_ignore_ascii_case(wanted));
    let name = attribute(b"name").or_else(|| attribute(b"property"))?.value.trim_ascii();
    let is_label = tag.is(b"meta") && NAMES.iter().any(|known| name.eq_ignore_ascii_case(known));
    is_label.then(|| attribute(b"content")).flatten()
}

fn content_place(bytes: &[u8], found: &Found) -> Result<Option<Range<usize>>, Broken> {
    let mut scanner = Scanner::of(bytes);
    while let Some(piece) = scanner.next()? {
        if let Piece::Open(tag) = piece
            && tag.whole == found.range
        {
            return Ok(label_of(&tag).map(|content| content.place.clone()));
        }
    }
    Ok(None)
}

/// Text with references for what is markup in an attribute or an element, and for all that is not ASCII.
fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len().saturating_add(64));
    for c in xml::escape(text, Some(b'"')).chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "&#x{:x};", u32::from(c));
        }
    }
    out
}

/// Where parts of a document begin and end, as far as it says so.
#[derive(Debug, Default)]
struct Places {
    doctype_end: Option<usize>,
    html_end: Option<usize>,
    head_end: Option<usize>,
    head_close: Option<usize>,
    head_close_end: Option<usize>,
    /// After the last element before the body that belongs in a head.
    head_content_end: Option<usize>,
    body: Option<Range<usize>>,
}

impl Places {
    fn read(bytes: &[u8]) -> Result<Self, Broken> {
        let mut places = Self::default();
        let mut is_in_head = true;
        let mut scanner = Scanner::of(bytes);
        while let Some(piece) = scanner.next()? {
            match piece {
                Piece::Declaration(place) => {
                    places.doctype_end.get_or_insert(place.end);
                }
                Piece::Open(tag) if tag.is(b"html") => {
                    places.html_end.get_or_insert(tag.whole.end);
                }
                Piece::Open(tag) if tag.is(b"head") => {
                    places.head_end.get_or_insert(tag.whole.end);
                }
                Piece::Open(tag) if tag.is(b"body") => {
                    places.body.get_or_insert(tag.whole);
                    break;
                }
                Piece::Open(tag) if tag.is(b"meta") || tag.is(b"link") || tag.is(b"base") => {
                    if is_in_head {
                        places.head_content_end = Some(tag.whole.end);
                    }
                }
                Piece::Close { name, place } if name.eq_ignore_ascii_case(b"head") => {
                    places.head_close.get_or_insert(place.start);
                    places.head_close_end.get_or_insert(place.end);
                    is_in_head = false;
                }
                Piece::Close { name, place } if name.eq_ignore_ascii_case(b"title") => {
                    if is_in_head {
                        places.head_content_end = Some(place.end);
                    }
                }
                Piece::Open(tag) => {
                    // Anything else but scripts and styles opens the body, whether it says so or not.
                    is_in_head &= [&b"title"[..], b"script", b"style", b"noscript", b"template"]
                        .iter()
                        .any(|name| tag.is(name));
                }
                Piece::Close { .. } | Piece::Text(_) => {}
            }
        }
        Ok(places)
    }

    /// Where the last element of the head goes.
    fn end_of_head(&self) -> usize {
        self.head_close
            .or(self.head_content_end)
            .or(self.head_end)
            .or(self.html_end)
            .or(self.doctype_end)
            .unwrap_or(0)
    }

    /// Where the first element of a body goes that no tag opens.
    fn start_of_body(&self) -> usize {
        self.head_close_end.unwrap_or_else(|| self.end_of_head())
    }
}

#[cfg(test)]
pub(super) use tests::samples;
