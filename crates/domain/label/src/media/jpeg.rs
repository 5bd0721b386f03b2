//! JPEG: the label is XMP in a segment APP1 (TC260-PG-20259A). Read are also EXIF's `UserComment` (annex B), the parts
//! of XMP that one segment cannot hold, and labels without any form in segments of applications.

mod segments;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(super) use tests::samples;

use std::{collections::BTreeMap, ops::Range};

use super::{
    Broken, Edits, Found, Hint, HintKind, Marks, Reading, WriteError,
    exif::Exif,
    xmp::{self, Packet},
};
use segments::{APP0, APP1, APP11, APP15, COMMENT, Segment, segments};

const XMP_HEAD: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const EXTENSION_HEAD: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
const EXIF_HEAD: &[u8] = b"Exif\0\0";
/// In a part of XMP, before it: a digest that names the whole, its length, and where in it the part begins.
const DIGEST_BYTES: usize = 32;
/// XMP in parts that is put together; editors write up to a few megabytes of their history.
const EXTENSION_BYTES_MAX: usize = 32 << 20;
/// The longest data of a segment, without its length.
const DATA_BYTES_MAX: usize = 0xFFFF - 2;

/// How often in one segment the word `AIGC` may have no label behind it.
const BARE_TRIES_MAX: usize = 4;

/// What carries marks, from behind its head on.
enum Carrier<'b> {
    Xmp(&'b [u8]),
    Exif(&'b [u8]),
    Extension {
        digest: &'b [u8],
        at: u32,
        part: &'b [u8],
    },
    /// A label without any form: the place of its JSON in the file.
    Bare(Range<usize>),
    Credentials,
}

/// Every label and hint.
pub(super) fn read(bytes: &[u8]) -> Result<Reading, Broken> {
    let mut reading = Reading::default();
    let mut extensions: BTreeMap<&[u8], Vec<(u32, &[u8])>> = BTreeMap::new();
    let mut extension_bytes = 0_usize;
    for segment in segments(bytes)? {
        match carrier(bytes, &segment) {
            Some(Carrier::Xmp(packet)) => {
                let at = segment.data.end.saturating_sub(packet.len());
                reading.packet(&segment.whole, Packet::read(packet, at)?);
            }
            Some(Carrier::Exif(block)) => reading.exif(&segment.whole, Exif::read(block)),
            Some(Carrier::Extension { digest, at, part }) => {
                extension_bytes = extension_bytes.saturating_add(part.len());
                if extension_bytes > EXTENSION_BYTES_MAX {
                    return Err(Broken::Limit { what: "bytes of XMP in parts", limit: EXTENSION_BYTES_MAX });
                }
                extensions.entry(digest).or_default().push((at, part));
            }
            Some(Carrier::Bare(range)) => {
                let text = String::from_utf8_lossy(bytes.get(range).unwrap_or_default()).into_owned();
                reading.label("JPEG application segment", segment.whole, text);
            }
            Some(Carrier::Credentials) => {
                reading.hint(Hint::new(HintKind::ContentCredentials, "JPEG APP11", ""));
            }
            None => {}
        }
    }
    for mut parts in extensions.into_values() {
        parts.sort_by_key(|(at, _)| *at);
        let whole: Vec<u8> = parts.into_iter().flat_map(|(_, part)| part).copied().collect();
        // A part may be missing: that is the fault of an editor, and no label of ours stands here.
        if let Ok(packet) = Packet::read(&whole, 0) {
            reading.packet(&(0..0), packet);
        }
    }
    Ok(reading)
}

/// Puts the segment behind those that must come first.
pub(super) fn write(bytes: &[u8], present: Option<&Found>, marks: &Marks<'_>) -> Result<Edits, WriteError> {
    let segments = segments(bytes)?;
    for segment in &segments {
        if present.is_some_and(|found| found.range != segment.whole) {
            continue;
        }
        match (carrier(bytes, segment), present) {
            (Some(Carrier::Xmp(packet)), _) => {
                let at = segment.data.end.saturating_sub(packet.len());
                let edits = Packet::read(packet, at)?.put(packet, marks)?;
                return resized(segment, at, &edits);
            }
            (Some(Carrier::Exif(block)), Some(_)) => {
                let edits = Exif::read(block).replace(block, marks);
                let edits = edits.ok_or(WriteError::NoPlace("its EXIF cannot be changed"))?;
                return resized(segment, segment.data.end.saturating_sub(block.len()), &edits);
            }
            (Some(Carrier::Bare(range)), Some(found)) => {
                let json = marks.label.to_json();
                let is_same = found.text == json;
                let edits = if is_same { Edits::none() } else { Edits::replace(range, json.into_bytes()) };
                return resized(segment, 0, &edits);
            }
            _ => {}
        }
    }
    if present.is_some() {
        return Err(WriteError::NoPlace("its label stands in XMP of several segments"));
    }
    let is_first = |segment: &&Segment| {
        segment.marker == APP0 || matches!(carrier(bytes, segment), Some(Carrier::Exif(_)))
    };
    let at = segments.iter().take_while(is_first).last().map_or(2, |segment| segment.whole.end);
    let data = [XMP_HEAD, xmp::packet(marks).as_bytes()].concat();
    Ok(Edits::insert(at, segments::segment(APP1, &data).ok_or(TOO_LONG)?))
}

const TOO_LONG: WriteError = WriteError::NoPlace("a JPEG segment has at most 64 KiB");

/// Edits of what begins at `at`, as those of the file, with the length of the segment.
fn resized(segment: &Segment, at: usize, edits: &Edits) -> Result<Edits, WriteError> {
    if edits.as_slice().is_empty() {
        return Ok(Edits::none());
    }
    let length = i64::try_from(segment.data.len()).unwrap_or(i64::MAX).saturating_add(edits.growth());
    let length = usize::try_from(length).ok().filter(|length| *length <= DATA_BYTES_MAX).ok_or(TOO_LONG)?;
    let field = u16::try_from(length.saturating_add(2)).map_err(|_| TOO_LONG)?;
    let place = segment.data.start.saturating_sub(2)..segment.data.start;
    Ok(Edits::replace(place, field.to_be_bytes().to_vec()).and_within(at, edits))
}

fn carrier<'b>(bytes: &'b [u8], segment: &Segment) -> Option<Carrier<'b>> {
    let data = bytes.get(segment.data.clone())?;
    match segment.marker {
        APP1 if data.starts_with(XMP_HEAD) => data.get(XMP_HEAD.len()..).map(Carrier::Xmp),
        APP1 if data.starts_with(EXIF_HEAD) => data.get(EXIF_HEAD.len()..).map(Carrier::Exif),
        APP1 if data.starts_with(EXTENSION_HEAD) => {
            let (digest, rest) = data.get(EXTENSION_HEAD.len()..)?.split_at_checked(DIGEST_BYTES)?;
            let (_whole_length, rest) = rest.split_first_chunk::<4>()?;
            let (at, part) = rest.split_first_chunk::<4>()?;
            Some(Carrier::Extension { digest, at: u32::from_be_bytes(*at), part })
        }
        // Boxes of JUMBF (ISO 19566-5), the outer one named `c2pa`; further segments hold its rest.
        APP11 if data.starts_with(b"JP") && memchr::memmem::find(data, b"jumdc2pa").is_some() => {
            Some(Carrier::Credentials)
        }
        APP0..=APP15 | COMMENT => {
            let range = bare_label(data)?;
            let at = segment.data.start;
            Some(Carrier::Bare(range.start.saturating_add(at)..range.end.saturating_add(at)))
        }
        _ => None,
    }
}

/// The object behind the word `AIGC`, as some programs glue it into a segment.
fn bare_label(data: &[u8]) -> Option<Range<usize>> {
    memchr::memmem::find_iter(data, b"AIGC").take(BARE_TRIES_MAX).find_map(|at| {
        let after = at.checked_add(4)?;
        let rest = data.get(after..)?;
        let gap = rest.iter().take_while(|byte| matches!(byte, b'"' | b':' | b'=' | b' ')).take(8).count();
        let start = after.checked_add(gap)?;
        let length = object_length(data.get(start..)?)?;
        Some(start..start.checked_add(length)?)
    })
}

/// How long the JSON object is that begins here.
fn object_length(data: &[u8]) -> Option<usize> {
    let mut stream = serde_json::Deserializer::from_slice(data).into_iter::<serde::de::IgnoredAny>();
    if data.first() != Some(&b'{') {
        return None;
    }
    stream.next()?.ok()?;
    Some(stream.byte_offset())
}
