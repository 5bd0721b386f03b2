//! PNG: the label is XMP in a chunk `iTXt` (TC260-PG-20259A). Read are also text chunks with the keyword `AIGC`, EXIF,
//! and what interfaces of image models write.

#[cfg(test)]
mod tests;
mod text;
#[cfg(test)]
pub(super) use tests::samples;

use std::ops::Range;

use super::{
    Broken, Edits, Found, Hint, HintKind, Marks, Reading, WriteError,
    exif::{self, Exif},
    generators,
    xmp::{self, Packet},
};
use text::{Inflater, Text};

/// The chunks that are looked at; a picture of 1 GiB in pieces of 8 KiB has half as many.
const CHUNKS_MAX: usize = 1 << 18;
/// The signature, before the chunks.
const HEAD: usize = 8;
const XMP_KEYWORD: &[u8] = b"XML:com.adobe.xmp";
/// Keywords under which interfaces of image models keep prompts and settings.
const SETTINGS_KEYWORDS: [&[u8]; 9] = [
    b"Dream",
    b"fooocus_scheme",
    b"generation_data",
    b"invokeai_graph",
    b"invokeai_metadata",
    b"parameters",
    b"prompt",
    b"sd-metadata",
    b"workflow",
];
/// Keywords of the specification under which programs and authors name themselves.
const TOOL_KEYWORDS: [&[u8]; 6] = [b"Author", b"Comment", b"Description", b"Software", b"Source", b"Title"];

/// One chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Chunk {
    kind: [u8; 4],
    /// With its length before and its checksum behind it.
    whole: Range<usize>,
    data: Range<usize>,
}

/// What carries a label.
enum Carrier<'b> {
    Xmp(Text<'b>, Packet),
    Text(Text<'b>),
    Exif(Exif),
}

/// Every label and hint.
pub(super) fn read(bytes: &[u8]) -> Result<Reading, Broken> {
    let mut reading = Reading::default();
    let mut inflater = Inflater::new();
    for chunk in chunks(bytes)? {
        let range = &chunk.whole;
        match carrier(bytes, &chunk, &mut inflater)? {
            Some(Carrier::Xmp(_, packet)) => reading.packet(range, packet),
            Some(Carrier::Text(text)) => text_chunk(&mut reading, range, &text),
            Some(Carrier::Exif(exif)) => reading.exif(range, exif),
            None if &chunk.kind == b"caBX" => {
                reading.hint(Hint::new(HintKind::ContentCredentials, "PNG caBX", ""));
            }
            None => {}
        }
    }
    Ok(reading)
}

fn text_chunk(reading: &mut Reading, range: &Range<usize>, chunk: &Text<'_>) {
    let text = exif::plain_text(&chunk.text);
    if chunk.keyword.eq_ignore_ascii_case(b"AIGC") {
        reading.label("PNG text AIGC", range.clone(), text);
    } else if SETTINGS_KEYWORDS.contains(&chunk.keyword) {
        reading.hint(Hint::new(HintKind::Settings, "PNG text of an image model", &text));
    } else if TOOL_KEYWORDS.contains(&chunk.keyword) {
        if exif::is_meant_as_label(&text) {
            reading.label("PNG text", range.clone(), text);
        } else if generators::named(&text).is_some() {
            reading.hint(Hint::new(HintKind::Generator, "PNG text", &text));
        } else if generators::are_settings(&text) {
            reading.hint(Hint::new(HintKind::Settings, "PNG text", &text));
        }
    }
}

/// Puts the chunk right behind the head, so that a reader of a stream meets it first.
pub(super) fn write(bytes: &[u8], present: Option<&Found>, marks: &Marks<'_>) -> Result<Edits, WriteError> {
    let mut inflater = Inflater::new();
    let chunks = chunks(bytes)?;
    for chunk in &chunks {
        if present.is_some_and(|found| found.range != chunk.whole) {
            continue;
        }
        match (carrier(bytes, chunk, &mut inflater)?, present) {
            (Some(Carrier::Xmp(text, packet)), _) => {
                let edits = packet.put(&text.text, marks)?;
                return rewrite(bytes, chunk, &text, &edits);
            }
            (Some(Carrier::Text(text)), Some(found)) => {
                let json = marks.label.to_json();
                return if found.text.contains(&json) {
                    Ok(Edits::none())
                } else {
                    Ok(Edits::replace(chunk.whole.clone(), text.with_text(&json).ok_or(TOO_LONG)?))
                };
            }
            (Some(Carrier::Exif(exif)), Some(_)) => {
                let block = bytes.get(chunk.data.clone()).unwrap_or_default();
                let edits =
                    exif.replace(block, marks).ok_or(WriteError::NoPlace("its EXIF cannot be changed"))?;
                return resized(chunk, block, &edits);
            }
            _ => {}
        }
    }
    let head = chunks.first().filter(|chunk| matches!(&chunk.kind, b"IHDR" | b"CgBI"));
    let head = head.ok_or(Broken::Malformed { what: "a PNG without IHDR", at: HEAD })?;
    let at = match (&head.kind, chunks.get(1)) {
        (b"CgBI", Some(next)) => next.whole.end,
        _ => head.whole.end,
    };
    Ok(Edits::insert(at, text::xmp(xmp::packet(marks).as_bytes()).ok_or(TOO_LONG)?))
}

const TOO_LONG: WriteError = WriteError::NoPlace("a PNG chunk has at most 2 GiB");

/// The edits of the file for edits of a packet: within the chunk where the packet stands there as it is, else the whole
/// chunk, no longer compressed.
fn rewrite(bytes: &[u8], chunk: &Chunk, text: &Text<'_>, edits: &Edits) -> Result<Edits, WriteError> {
    match text.verbatim_at {
        Some(at) => {
            let data = bytes.get(chunk.data.clone()).unwrap_or_default();
            resized(chunk, data, &Edits::none().and_within(at, edits))
        }
        None if edits.as_slice().is_empty() => Ok(Edits::none()),
        None => {
            let new = text::xmp(&edits.apply(&text.text)).ok_or(TOO_LONG)?;
            Ok(Edits::replace(chunk.whole.clone(), new))
        }
    }
}

/// Edits of a chunk's data as those of the file, with its length and checksum.
fn resized(chunk: &Chunk, data: &[u8], edits: &Edits) -> Result<Edits, WriteError> {
    if edits.as_slice().is_empty() {
        return Ok(Edits::none());
    }
    let length: usize = edits.pieces(data).map(<[u8]>::len).sum();
    let length = u32::try_from(length).ok().filter(|length| *length <= text::LENGTH_MAX).ok_or(TOO_LONG)?;
    let mut checksum = flate2::Crc::new();
    checksum.update(&chunk.kind);
    edits.pieces(data).for_each(|piece| checksum.update(piece));
    let start = chunk.whole.start;
    Ok(Edits::replace(start..start.saturating_add(4), length.to_be_bytes().to_vec())
        .and_within(chunk.data.start, edits)
        .and(chunk.data.end..chunk.whole.end, checksum.sum().to_be_bytes().to_vec()))
}

fn carrier<'b>(
    bytes: &'b [u8],
    chunk: &Chunk,
    inflater: &mut Inflater,
) -> Result<Option<Carrier<'b>>, Broken> {
    let data = bytes.get(chunk.data.clone()).unwrap_or_default();
    if &chunk.kind == b"eXIf" {
        return Ok(Some(Carrier::Exif(Exif::read(data))));
    }
    let Some(text) = Text::read(chunk.kind, data, chunk.data.start, inflater, is_read)? else {
        return Ok(None);
    };
    if text.keyword == XMP_KEYWORD {
        let packet = Packet::read(&text.text, chunk.data.start)?;
        return Ok(Some(Carrier::Xmp(text, packet)));
    }
    Ok(Some(Carrier::Text(text)))
}

/// Whether a text with that keyword can say anything here. Others are not inflated.
fn is_read(keyword: &[u8]) -> bool {
    keyword == XMP_KEYWORD
        || keyword.eq_ignore_ascii_case(b"AIGC")
        || SETTINGS_KEYWORDS.contains(&keyword)
        || TOOL_KEYWORDS.contains(&keyword)
}

/// The chunks up to the last. What follows it is no part of the picture.
fn chunks(bytes: &[u8]) -> Result<Vec<Chunk>, Broken> {
    let mut chunks = Vec::new();
    let mut at = HEAD;
    loop {
        let broken = Broken::Truncated { what: "a PNG chunk", at };
        if chunks.len() == CHUNKS_MAX {
            return Err(Broken::Limit { what: "PNG chunks", limit: CHUNKS_MAX });
        }
        let head = bytes.get(at..at.saturating_add(8)).and_then(|head| head.split_first_chunk::<4>());
        let (length, kind) = head.ok_or(broken.clone())?;
        let kind = <[u8; 4]>::try_from(kind).map_err(|_| broken.clone())?;
        let start = at.saturating_add(8);
        let end = start.saturating_add(u32::from_be_bytes(*length) as usize);
        let whole = at..end.saturating_add(4);
        if whole.end > bytes.len() {
            return Err(broken);
        }
        at = whole.end;
        chunks.push(Chunk { kind, whole, data: start..end });
        if &kind == b"IEND" {
            return Ok(chunks);
        }
    }
}
