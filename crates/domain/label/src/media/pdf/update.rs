//! An incremental update (ISO 32000-2, 7.5.6): what changes is written after the end, so that all that was there stays,
//! and with it the signatures over it.

use sm3::{Digest as _, Sm3};

use super::{
    syntax::{self, Dictionary},
    xref::Xref,
};

/// Keys of a trailer that speak about the section that it belongs to, or that are written anew.
const OF_SECTION: [&[u8]; 11] = [
    b"DecodeParms",
    b"Filter",
    b"ID",
    b"Index",
    b"Info",
    b"Length",
    b"Prev",
    b"Size",
    b"Type",
    b"W",
    b"XRefStm",
];

/// What comes after the end of `bytes`: one object, which is to be the information dictionary, and its cross-reference.
///
/// None where the file is so large, or its numbers so high, that no cross-reference takes them.
pub(super) fn with_info(
    bytes: &[u8],
    xref: &Xref<'_>,
    number: usize,
    generation: usize,
    dictionary: &[u8],
) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(dictionary.len().saturating_add(1024));
    if !matches!(bytes.last(), Some(b'\n' | b'\r')) {
        out.push(b'\n');
    }
    let offset_of = |out: &[u8]| bytes.len().checked_add(out.len())?.checked_sub(xref.base);
    let object = offset_of(&out)?;
    out.extend_from_slice(format!("{number} {generation} obj\n").as_bytes());
    out.extend_from_slice(dictionary);
    out.extend_from_slice(b"\nendobj\n");

    let start = offset_of(&out)?;
    let common = common_keys(bytes, xref, number, generation, dictionary);
    let unused = xref.unused_number().max(number.checked_add(1)?);
    if xref.is_stream {
        let rows = [entry(object, generation)?, entry(start, 0)?].concat();
        let head = format!(
            "{unused} 0 obj\n<</Type/XRef/Size {size}/W[1 4 2]/Index[{number} 1 {unused} 1]/Length {length}",
            size = unused.checked_add(1)?,
            length = rows.len(),
        );
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(&common);
        out.extend_from_slice(b">>\nstream\n");
        out.extend_from_slice(&rows);
        out.extend_from_slice(b"\nendstream\nendobj\n");
    } else {
        // Ten digits and five: all of an entry's twenty bytes are taken.
        if object > 9_999_999_999 || generation > 65_535 {
            return None;
        }
        let table = format!("xref\n{number} 1\n{object:010} {generation:05} n \ntrailer\n<</Size {unused}");
        out.extend_from_slice(table.as_bytes());
        out.extend_from_slice(&common);
        out.extend_from_slice(b">>\n");
    }
    out.extend_from_slice(format!("startxref\n{start}\n%%EOF\n").as_bytes());
    Some(out)
}

/// What both kinds of trailer say: what the last one said, and what is new.
fn common_keys(
    bytes: &[u8],
    xref: &Xref<'_>,
    number: usize,
    generation: usize,
    dictionary: &[u8],
) -> Vec<u8> {
    let mut out = format!("/Prev {}/Info {number} {generation} R", xref.start).into_bytes();
    for entry in &xref.trailer.entries {
        if !OF_SECTION.contains(&entry.key.as_slice()) {
            out.extend_from_slice(bytes.get(entry.whole.clone()).unwrap_or_default());
        }
    }
    if let Some(id) = xref.trailer_value(b"ID") {
        out.extend_from_slice(b"/ID");
        out.extend_from_slice(&changed_id(id, dictionary));
    }
    out
}

/// The two halves of a file's id: the first stays for good, the second tells one saving from another (14.4).
fn changed_id(id: &[u8], dictionary: &[u8]) -> Vec<u8> {
    let inner = id.strip_prefix(b"[").unwrap_or_default();
    let start = syntax::skip_space(inner, 0);
    let Some(first) = syntax::value_end(inner, start).ok().and_then(|end| inner.get(start..end)) else {
        return id.to_vec();
    };
    let second = Sm3::new().chain_update(id).chain_update(dictionary).finalize();
    let second = hex::encode_upper(second.get(..16).unwrap_or_default());
    [b"[", first, b"<", second.as_bytes(), b">]"].concat()
}

/// An entry of a cross-reference stream, in fields of 1, 4 and 2 bytes.
fn entry(offset: usize, generation: usize) -> Option<Vec<u8>> {
    let (offset, generation) = (u32::try_from(offset).ok()?, u16::try_from(generation).ok()?);
    Some([&[1], offset.to_be_bytes().as_slice(), &generation.to_be_bytes()].concat())
}

/// The text of a dictionary with that key and value in place of those it had under the key, or as its last.
pub(super) fn with_key(text: &[u8], dictionary: &Dictionary, key: &[u8], value: &[u8]) -> Vec<u8> {
    let before_end = dictionary.whole.end.saturating_sub(2);
    let (start, end) = dictionary
        .entries
        .iter()
        .find(|entry| entry.key == key)
        .map_or((before_end, before_end), |entry| (entry.whole.start, entry.whole.end));
    let part = |range| text.get(range).unwrap_or_default();
    [part(dictionary.whole.start..start), b"/", key, b" ", value, part(end..dictionary.whole.end)].concat()
}
