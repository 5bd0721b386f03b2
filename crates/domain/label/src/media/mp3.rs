//! MPEG sound: the label is the text `TXXX` with the description `AIGC` of an ID3v2 tag (TC260-PG-202510A).

use super::{
    Broken, Edits, Found, Hint, HintKind, Marks, Reading, WriteError,
    id3::{self, Tag, Version},
};

const DESCRIPTION: &str = "AIGC";
/// Tags one after another; more than two are not seen.
const TAGS_MAX: usize = 16;
const TOO_LONG: WriteError = WriteError::NoPlace("the ID3 tag would become too long");

/// Where the sound begins: behind the tags.
pub(super) fn sound_at(bytes: &[u8]) -> usize {
    tags(bytes).map_or(0, |tags| tags.last().map_or(0, |tag| tag.whole.end))
}

/// Whether a file is such sound: a tag, or eleven bits of one, a version, layer II or III and a rate that are none of
/// those reserved. Layer I is left out, since every text in UTF-16 begins like it.
pub(super) fn is(bytes: &[u8]) -> bool {
    let is_frame = |second: u8, third: u8| {
        let (version, layer, rate, samples) = (second & 0x18, second & 0x06, third & 0xf0, third & 0x0c);
        second & 0xe0 == 0xe0 && version != 0x08 && matches!(layer, 2 | 4) && rate != 0xf0 && samples != 0x0c
    };
    bytes.starts_with(b"ID3") || matches!(bytes, &[0xff, second, third, ..] if is_frame(second, third))
}

/// Every text with that description, in all tags at the head of the file.
pub(super) fn read(bytes: &[u8]) -> Result<Reading, Broken> {
    let mut reading = Reading::default();
    for frame in tags(bytes)?.into_iter().flat_map(|tag| tag.frames) {
        let Some(text) = frame.text else { continue };
        let is_label = match &frame.id {
            b"TXXX" => text.about.eq_ignore_ascii_case(DESCRIPTION),
            b"COMM" => text.about.eq_ignore_ascii_case(DESCRIPTION) || text.value.starts_with("{\"AIGC\""),
            _ => false,
        };
        if is_label {
            let place = if &frame.id == b"TXXX" { "ID3v2 TXXX" } else { "ID3v2 COMM" };
            reading.label(place, frame.whole, text.value);
        } else if &frame.id == b"GEOB" {
            // Content Credentials are an object of the media type `application/c2pa` (C2PA 2.2, A.3.3).
            if text.about.contains("c2pa") {
                reading.hint(Hint::new(HintKind::ContentCredentials, "ID3v2 GEOB", &text.about));
            }
        } else if &frame.id == b"PRIV" {
            if text.about == "XMP" {
                reading.packet_hints(text.value.as_bytes());
            }
        } else {
            reading.maker("ID3v2 text", &text.value);
        }
    }
    Ok(reading)
}

/// Adds a frame to the first tag, or a tag of version 2.3 where there is none: that is what all players read.
pub(super) fn write(bytes: &[u8], present: Option<&Found>, marks: &Marks<'_>) -> Result<Edits, WriteError> {
    let text = marks.label.to_json();
    let frame = |version| id3::user_text(version, DESCRIPTION, &text).ok_or(TOO_LONG);
    let tags = tags(bytes)?;
    let holds = |tag: &&Tag| present.is_none_or(|found| tag.whole.contains(&found.range.start));
    let Some(tag) = tags.iter().find(holds) else {
        let tag = id3::new(&frame(Version::V23)?).ok_or(TOO_LONG)?;
        return Ok(Edits::insert(0, tag));
    };
    if tag.has_checksum {
        return Err(WriteError::NoPlace(
            "the ID3 tag has a checksum, which no reader checks and no writer keeps",
        ));
    }
    let frame = frame(tag.version)?;
    let edits = match present {
        _ if tag.is_unsynchronised => {
            // Where frames end depends on what stands before, so that a new one comes first.
            Edits::replace(
                present.map_or(tag.first..tag.first, |found| found.range.clone()),
                id3::unsynchronise(&frame),
            )
        }
        Some(found) => Edits::replace(found.range.clone(), frame),
        None => Edits::insert(tag.last, frame),
    };
    let (fields, length) = tag.resized(edits.growth()).ok_or(TOO_LONG)?;
    Ok(fields.into_iter().fold(edits, |edits, field| edits.and(field, length.to_vec())))
}

fn tags(bytes: &[u8]) -> Result<Vec<Tag>, Broken> {
    let mut tags: Vec<Tag> = Vec::new();
    while let Some(tag) = Tag::read(bytes, tags.last().map_or(0, |tag| tag.whole.end))? {
        if tags.len() == TAGS_MAX {
            return Err(Broken::Limit { what: "ID3 tags", limit: TAGS_MAX });
        }
        tags.push(tag);
    }
    Ok(tags)
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(super) use tests::samples;
