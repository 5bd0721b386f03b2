//! GIF: the label is XMP in an application extension (TC260-PG-20259A), which stands there as it is: a trailer of 258
//! bytes leads readers that take it for sub-blocks to its end (XMP specification, part 3, 1.1.2).

use std::{borrow::Cow, ops::Range};

use super::{
    Broken, Edits, Found, Hint, HintKind, Marks, Reading, WriteError, exif, generators,
    xmp::{self, Packet},
};

/// The blocks that are looked at; an animation of an hour has two for each of its frames.
const BLOCKS_MAX: usize = 1 << 20;
/// The header and the screen's description.
const HEAD: usize = 13;
const XMP: &[u8] = b"\x21\xff\x0bXMP DataXMP";
const ANIMATION: &[u8] = b"\x21\xff\x0bNETSCAPE2.0";
const CREDENTIALS: &[u8] = b"\x21\xff\x0bC2PA_GIF";
const COMMENT: &[u8] = b"\x21\xfe";
/// The trailer of a packet: 1, then all bytes downwards, and the end of the sub-blocks.
const TRAILER_BYTES: usize = 258;

/// Every label and hint.
pub(super) fn read(bytes: &[u8]) -> Result<Reading, Broken> {
    let mut reading = Reading::default();
    for block in blocks(bytes)? {
        let data = bytes.get(block.clone()).unwrap_or_default();
        if data.starts_with(XMP) {
            let (at, packet) = packet(bytes, &block);
            reading.packet(&block, Packet::read(&packet, at)?);
        } else if data.starts_with(CREDENTIALS) {
            reading.hint(Hint::new(HintKind::ContentCredentials, "GIF C2PA_GIF", ""));
        } else if let Some(comment) = data.strip_prefix(COMMENT) {
            let text = exif::plain_text(&joined(comment));
            if exif::is_meant_as_label(&text) {
                reading.label("GIF comment", block, text);
            } else if generators::named(&text).is_some() {
                reading.hint(Hint::new(HintKind::Generator, "GIF comment", &text));
            }
        }
    }
    Ok(reading)
}

/// Puts the extension before the pictures, behind the one that says how often they repeat.
pub(super) fn write(bytes: &[u8], present: Option<&Found>, marks: &Marks<'_>) -> Result<Edits, WriteError> {
    let blocks = blocks(bytes)?;
    if let Some(found) = present.filter(|found| found.place != "XMP") {
        let json = marks.label.to_json();
        let is_same = found.text.contains(&json);
        let block = [COMMENT, &sub_blocks(json.as_bytes())].concat();
        return Ok(if is_same { Edits::none() } else { Edits::replace(found.range.clone(), block) });
    }
    let starts =
        |block: &Range<usize>, head| bytes.get(block.clone()).is_some_and(|data| data.starts_with(head));
    let edits = match blocks.iter().find(|block| starts(block, XMP)) {
        Some(block) => {
            let (at, packet) = packet(bytes, block);
            let edits = Packet::read(&packet, at)?.put(&packet, marks)?;
            match packet {
                Cow::Borrowed(_) => Edits::none().and_within(at, &edits),
                Cow::Owned(_) if edits.as_slice().is_empty() => edits,
                Cow::Owned(packet) => Edits::replace(block.clone(), extension(&edits.apply(&packet))),
            }
        }
        None => {
            let first = blocks.first().ok_or(WriteError::NoPlace("it has no picture"))?;
            let at = if starts(first, ANIMATION) { first.end } else { first.start };
            Edits::insert(at, extension(xmp::packet(marks).as_bytes()))
        }
    };
    // Extensions came with GIF89a.
    Ok(if bytes.starts_with(b"GIF87a") { edits.and(4..5, b"9".to_vec()) } else { edits })
}

/// Where the packet of an extension begins, and the packet: in the file as it is, or out of sub-blocks where a program
/// has cut it into those.
fn packet<'b>(bytes: &'b [u8], block: &Range<usize>) -> (usize, Cow<'b, [u8]>) {
    let at = block.start.saturating_add(XMP.len());
    let data = bytes.get(at..block.end).unwrap_or_default();
    match data.len().checked_sub(TRAILER_BYTES).and_then(|end| data.split_at_checked(end)) {
        Some((packet, end)) if end == trailer() => (at, Cow::Borrowed(packet)),
        _ => (at, Cow::Owned(joined(data))),
    }
}

fn extension(packet: &[u8]) -> Vec<u8> {
    [XMP, packet, &trailer()].concat()
}

fn trailer() -> [u8; TRAILER_BYTES] {
    let mut trailer = [0; TRAILER_BYTES];
    for (place, byte) in trailer.iter_mut().zip(std::iter::once(1).chain((0..=u8::MAX).rev())) {
        *place = byte;
    }
    trailer
}

/// The data of sub-blocks.
fn joined(data: &[u8]) -> Vec<u8> {
    let (mut joined, mut rest) = (Vec::new(), data);
    while let Some((&length, after)) = rest.split_first().filter(|(length, _)| **length > 0) {
        let Some((piece, after)) = after.split_at_checked(usize::from(length)) else { break };
        joined.extend_from_slice(piece);
        rest = after;
    }
    joined
}

fn sub_blocks(data: &[u8]) -> Vec<u8> {
    let mut blocks = Vec::with_capacity(data.len().saturating_add(8));
    for piece in data.chunks(255) {
        blocks.extend(u8::try_from(piece.len()));
        blocks.extend_from_slice(piece);
    }
    blocks.push(0);
    blocks
}

/// The extensions and pictures, up to the end of the file's stream.
///
/// # Errors
/// [`Broken`] where one has no end, is of no known kind, or there are too many.
fn blocks(bytes: &[u8]) -> Result<Vec<Range<usize>>, Broken> {
    let truncated = |at| Broken::Truncated { what: "a GIF block", at };
    let flags = *bytes.get(10).ok_or(truncated(0))?;
    let mut at = HEAD.saturating_add(table_bytes(flags));
    let mut blocks = Vec::new();
    loop {
        let start = match bytes.get(at).ok_or(truncated(at))? {
            b';' => return Ok(blocks),
            b'!' => at.saturating_add(2),
            b',' => {
                let flags = *bytes.get(at.saturating_add(9)).ok_or(truncated(at))?;
                // Its description, its colours, the width of its codes.
                at.saturating_add(10).saturating_add(table_bytes(flags)).saturating_add(1)
            }
            _ => return Err(Broken::Malformed { what: "no GIF block", at }),
        };
        if blocks.len() == BLOCKS_MAX {
            return Err(Broken::Limit { what: "GIF blocks", limit: BLOCKS_MAX });
        }
        let end = sub_blocks_end(bytes, start).ok_or(truncated(at))?;
        blocks.push(at..end);
        at = end;
    }
}

/// How long the table of colours is that such flags announce.
fn table_bytes(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << (usize::from(flags & 7).saturating_add(1)) }
}

fn sub_blocks_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        let length = usize::from(*bytes.get(at)?);
        at = at.checked_add(length)?.checked_add(1)?;
        if length == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
fn picture(version: &[u8], extensions: &[&[u8]]) -> Vec<u8> {
    let screen = [&b"GIF"[..], version, &[1, 0, 1, 0, 0x80, 0, 0], &[0, 0, 0, 255, 255, 255]].concat();
    let dot = b"\x21\xf9\x04\0\x0a\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0";
    [&screen, &extensions.concat()[..], dot, b";"].concat()
}

#[cfg(test)]
pub(super) fn samples() -> Vec<Vec<u8>> {
    let repeat = [ANIMATION, b"\x03\x01\0\0\0"].concat();
    let comment = [COMMENT, &sub_blocks(b"made by hand")].concat();
    let packet = extension(xmp::sample().as_bytes());
    vec![picture(b"87a", &[]), picture(b"89a", &[&repeat, &comment]), picture(b"89a", &[&repeat, &packet])]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{self, Format, tests::a_label};

    #[test]
    fn readers_of_sub_blocks_come_to_the_end_of_any_packet() {
        for length in 0..600 {
            let packet = vec![0xC3; length];
            let file = extension(&packet);
            assert_eq!(sub_blocks_end(&file, XMP.len()), Some(file.len()));
        }
    }

    #[test]
    fn a_packet_cut_into_sub_blocks_is_read_and_made_whole() {
        let cut = [XMP, &sub_blocks(xmp::sample().as_bytes())].concat();
        let label = a_label(7);
        let marks = Marks { label: &label, source: None };
        let new = media::label(Format::Gif, &picture(b"89a", &[&cut]), &marks).unwrap();
        let edits = Packet::read(xmp::sample().as_bytes(), 0).unwrap().put(xmp::sample().as_bytes(), &marks);
        let whole = extension(&edits.unwrap().apply(xmp::sample().as_bytes()));
        assert_eq!(new, picture(b"89a", &[&whole]));
    }

    #[test]
    fn a_label_in_a_comment_is_read_and_replaced_there() {
        let comment = [COMMENT, &sub_blocks(format!("AIGC{}", a_label(7).to_json()).as_bytes())].concat();
        let file = picture(b"89a", &[&comment]);
        let label = a_label(7).with_reserved_code1(&"x".repeat(300));
        let found = &media::report(Format::Gif, &file).found;
        assert_eq!(found[0].place, "GIF comment");
        let edits = write(&file, found.first(), &Marks { label: &label, source: None }).unwrap();
        assert_eq!(media::report(Format::Gif, &edits.apply(&file)).label.unwrap().to_json(), label.to_json());
    }

    #[test]
    fn content_credentials_are_a_hint() {
        let credentials = [CREDENTIALS, b"\x01\0\0\x01x\0"].concat();
        let hints = read(&picture(b"89a", &[&credentials])).unwrap().hints;
        assert_eq!(hints, [Hint::new(HintKind::ContentCredentials, "GIF C2PA_GIF", "")]);
    }
}
