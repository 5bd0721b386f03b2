//! SVG: the label is the same RDF as in XMP, in an element `metadata` (SVG 2, 5.9).

use std::ops::Range;

use super::{
    Broken, Edits, Found, Hint, HintKind, Marks, Reading, WriteError,
    xml::{self, Piece, Pieces},
    xmp::{self, Packet},
};

/// Every label and hint.
pub(super) fn read(bytes: &[u8]) -> Result<Reading, Broken> {
    let root = Root::read(bytes)?;
    let mut reading = Reading::default();
    reading.packet(&(root.tag.start..bytes.len()), Packet::read(bytes, 0)?);
    if root.has_credentials {
        reading.hint(Hint::new(HintKind::ContentCredentials, "SVG c2pa:manifest", ""));
    }
    Ok(reading)
}

/// Puts the label beside the RDF that is there, else into a new element `metadata`, first in the drawing.
pub(super) fn write(bytes: &[u8], _: Option<&Found>, marks: &Marks<'_>) -> Result<Edits, WriteError> {
    let packet = Packet::read(bytes, 0)?;
    if packet.has_place() {
        return packet.put(bytes, marks);
    }
    let root = Root::read(bytes)?;
    let prefix = String::from_utf8_lossy(root.prefix);
    let rdf = xmp::rdf(marks);
    let (metadata, svg) = (format!("{prefix}metadata"), format!("{prefix}svg"));
    if let Some(end) = root.metadata_end {
        return Ok(Edits::insert(end, rdf.into_bytes()));
    }
    let new = format!("<{metadata}>{rdf}</{metadata}>");
    if root.is_empty {
        let slash = root.tag.end.saturating_sub(2)..root.tag.end;
        return Ok(Edits::replace(slash, format!(">{new}</{svg}>").into_bytes()));
    }
    Ok(Edits::insert(root.tag.end, new.into_bytes()))
}

/// The outermost element.
struct Root<'b> {
    /// Its prefix, with the colon.
    prefix: &'b [u8],
    tag: Range<usize>,
    is_empty: bool,
    /// Where the first element `metadata` right in it ends, before its end tag.
    metadata_end: Option<usize>,
    has_credentials: bool,
}

impl<'b> Root<'b> {
    fn read(bytes: &'b [u8]) -> Result<Self, Broken> {
        let mut pieces = Pieces::of(bytes);
        let mut root: Option<Self> = None;
        let (mut depth, mut is_in_metadata) = (0_usize, false);
        while let Some(piece) = pieces.next()? {
            match (piece, &mut root) {
                (Piece::Open(tag), None) => {
                    let (prefix, local) = xml::split_name(tag.name);
                    if local != b"svg" {
                        return Err(Broken::Malformed { what: "no SVG element", at: tag.whole.start });
                    }
                    let colon = prefix.len().saturating_add(usize::from(!prefix.is_empty()));
                    let prefix = tag.name.get(..colon).unwrap_or_default();
                    let (is_empty, tag) = (tag.is_empty, tag.whole);
                    let inner = Self { prefix, tag, is_empty, metadata_end: None, has_credentials: false };
                    root = Some(inner);
                }
                (Piece::Open(tag), Some(root)) => {
                    root.has_credentials |= tag.name == b"c2pa:manifest";
                    if !tag.is_empty {
                        let is_metadata = xml::split_name(tag.name).1 == b"metadata";
                        is_in_metadata |= depth == 0 && is_metadata && root.metadata_end.is_none();
                        depth = depth.saturating_add(1);
                    }
                }
                (Piece::Close(place), Some(root)) => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 && is_in_metadata {
                        is_in_metadata = false;
                        root.metadata_end = Some(place.start);
                    }
                }
                _ => {}
            }
        }
        root.ok_or(Broken::Malformed { what: "no SVG element", at: 0 })
    }
}

/// Whether a file begins as a drawing does: with its element, behind what may stand before that.
pub(super) fn is_svg(bytes: &[u8]) -> bool {
    // A declaration, a document type and comments of a licence have their place in it.
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let mut pieces = Pieces::of(head);
    while head.starts_with(b"<") {
        match pieces.next() {
            Ok(Some(Piece::Open(tag))) => return xml::split_name(tag.name).1 == b"svg",
            Ok(Some(Piece::Text(text))) if text.trim_ascii().is_empty() => {}
            _ => return false,
        }
    }
    false
}

#[cfg(test)]
pub(super) fn samples() -> Vec<Vec<u8>> {
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"16\" height=\"9\"";
    let packet = xmp::sample();
    [
        format!("{svg}/>"),
        format!("{svg}><script>if (1 < 2) {{}}</script><rect width='16' height='9'/></svg>\n"),
        format!(
            "<?xml version='1.0'?>\n<!DOCTYPE svg [<!ENTITY a '>'>]>\n<!-- ü -->{svg}><title>a</title><metadata>x</metadata></svg>"
        ),
        format!("\u{feff}{svg}><metadata>{packet}</metadata><path d='M0 0'/></svg>"),
        "<s:svg xmlns:s=\"http://www.w3.org/2000/svg\"><s:g><s:metadata/></s:g></s:svg>".to_owned(),
    ]
    .map(String::into_bytes)
    .to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{self, Format, tests::a_label};

    fn labelled(file: &str) -> String {
        let label = a_label(7);
        let marks = Marks { label: &label, source: None };
        String::from_utf8(media::label(Format::Svg, file.as_bytes(), &marks).unwrap()).unwrap()
    }

    #[test]
    fn a_label_stands_in_metadata() {
        let label = a_label(7);
        let rdf = xmp::rdf(&Marks { label: &label, source: None });
        let check = |file: &str, expected: &str| assert_eq!(labelled(file), expected.replace('@', &rdf));
        check("<svg/>", "<svg><metadata>@</metadata></svg>");
        check("<s:svg><s:g/></s:svg>", "<s:svg><s:metadata>@</s:metadata><s:g/></s:svg>");
        check("<svg><metadata>a</metadata></svg>", "<svg><metadata>a@</metadata></svg>");
        // One of another element says nothing about the drawing.
        let inner = "<svg><g><metadata>a</metadata></g></svg>";
        check(inner, "<svg><metadata>@</metadata><g><metadata>a</metadata></g></svg>");
    }

    #[test]
    fn drawings_are_told_from_other_documents() {
        for file in samples() {
            assert!(is_svg(&file));
        }
        for file in ["<html><svg/></html>", "x<svg/>", "", "<?xml?>", "<svg", "{\"a\":\"<svg>\"}"] {
            assert!(!is_svg(file.as_bytes()), "{file}");
        }
    }

    #[test]
    fn content_credentials_are_a_hint() {
        let file = b"<svg><metadata><c2pa:manifest>AAAA</c2pa:manifest></metadata></svg>";
        let expected = Hint::new(HintKind::ContentCredentials, "SVG c2pa:manifest", "");
        assert_eq!(read(file).unwrap().hints, [expected]);
    }
}
