//! FLAC: the label is the Vorbis comment `AIGC` (TC260-PG-202510A, annex).

use std::ops::Range;

use super::{
    Broken, Edits, Found, Marks, Reading, WriteError,
    comments::{self, Comments},
    mp3,
};

const MARK: &[u8] = b"fLaC";
/// Blocks of metadata; a file has under ten.
const BLOCKS_MAX: usize = 4_096;
const HEAD: usize = 4;
const COMMENTS: u8 = 4;
const LAST: u8 = 0x80;

/// One block of metadata.
struct Block {
    /// With the flag of the last.
    kind: u8,
    at: usize,
    data: Range<usize>,
}

/// Whether a file is FLAC; some have an ID3 tag before it.
pub(super) fn is(bytes: &[u8]) -> bool {
    bytes.get(start(bytes)..).is_some_and(|rest| rest.starts_with(MARK))
}

/// Every comment with the label's name.
pub(super) fn read(bytes: &[u8]) -> Result<Reading, Broken> {
    let mut reading = Reading::default();
    for block in blocks(bytes)? {
        if block.kind & !LAST == COMMENTS {
            let comments = Comments::read(bytes, block.data.clone())?;
            for (range, text) in comments.labels(bytes) {
                reading.label("Vorbis comment AIGC", range, text);
            }
            comments
                .texts(bytes)
                .for_each(|text| reading.maker("Vorbis comment", &String::from_utf8_lossy(text)));
        }
    }
    Ok(reading)
}

/// Adds a comment, or a block of comments behind the first where there is none.
pub(super) fn write(bytes: &[u8], present: Option<&Found>, marks: &Marks<'_>) -> Result<Edits, WriteError> {
    const TOO_LONG: WriteError = WriteError::NoPlace("a FLAC block of comments has at most 16 MiB");
    let json = marks.label.to_json();
    let blocks = blocks(bytes)?;
    let is_place = |block: &&Block| {
        block.kind & !LAST == COMMENTS && present.is_none_or(|found| block.data.contains(&found.range.start))
    };
    if let Some(block) = blocks.iter().find(is_place) {
        let comments = Comments::read(bytes, block.data.clone())?;
        let edits = comments.with_label(present.map(|found| found.range.clone()), &json)?;
        let length = (block.data.len() as u64).checked_add_signed(edits.growth());
        let length = length.and_then(length_of).ok_or(TOO_LONG)?;
        return Ok(edits.and(block.at.saturating_add(1)..block.data.start, length.to_vec()));
    }
    let first = blocks.first().ok_or(WriteError::NoPlace("the file has no FLAC head"))?;
    let data = comments::new(&json).ok_or(TOO_LONG)?;
    let length = length_of(data.len() as u64).ok_or(TOO_LONG)?;
    let block = [&[COMMENTS | (first.kind & LAST)][..], &length, &data].concat();
    let edits = Edits::insert(first.data.end, block);
    let is_last = first.kind & LAST != 0;
    Ok(if is_last {
        edits.and(first.at..first.at.saturating_add(1), vec![first.kind & !LAST])
    } else {
        edits
    })
}

fn start(bytes: &[u8]) -> usize {
    if bytes.starts_with(b"ID3") { mp3::sound_at(bytes) } else { 0 }
}

fn blocks(bytes: &[u8]) -> Result<Vec<Block>, Broken> {
    let start = start(bytes);
    let mut at = start.saturating_add(MARK.len());
    if !is(bytes) {
        return Err(Broken::Malformed { what: "no FLAC head", at: start });
    }
    let mut blocks = Vec::new();
    loop {
        let truncated = Broken::Truncated { what: "a FLAC block", at };
        let data = at.saturating_add(HEAD);
        let Some(&[kind, a, b, c]) = bytes.get(at..data) else { return Err(truncated) };
        let end = data.saturating_add(u32::from_be_bytes([0, a, b, c]) as usize);
        if end > bytes.len() {
            return Err(truncated);
        }
        if blocks.len() == BLOCKS_MAX {
            return Err(Broken::Limit { what: "FLAC blocks", limit: BLOCKS_MAX });
        }
        blocks.push(Block { kind, at, data: data..end });
        at = end;
        if kind & LAST != 0 {
            return Ok(blocks);
        }
    }
}

/// A length in three bytes.
fn length_of(length: u64) -> Option<[u8; 3]> {
    match u32::try_from(length).ok()?.to_be_bytes() {
        [0, length @ ..] => Some(length),
        _ => None,
    }
}

#[cfg(test)]
pub(super) fn samples() -> Vec<Vec<u8>> {
    let block = |kind: u8, data: &[u8]| [&[kind][..], &length_of(data.len() as u64).unwrap(), data].concat();
    let sound = b"\xff\xf8\x69\x18\0\0\xbf\x03\x58\0\0\0\0\x8e\xbd";
    let list = comments::tests::list(&[b"TITLE=x", b"COMMENT=\xe4\xbd\xa0"]);
    let tag = id3_tag();
    vec![
        [MARK, &block(LAST, &[0; 34]), sound].concat(),
        [MARK, &block(0, &[0; 34]), &block(COMMENTS, &list), &block(LAST | 1, &[0; 64]), sound].concat(),
        [MARK, &block(0, &[0; 34]), &block(LAST | COMMENTS, &list), sound].concat(),
        [&tag, MARK, &block(0, &[0; 34]), &block(LAST | 1, &[0; 9]), sound].concat(),
    ]
}

#[cfg(test)]
fn id3_tag() -> Vec<u8> {
    super::id3::new(&super::id3::user_text(super::id3::Version::V23, "x", "y").unwrap()).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{
        self, Format,
        tests::{a_label, with},
    };

    #[test]
    fn all_other_blocks_stay_and_one_is_the_last() {
        for file in samples() {
            let labelled = media::label(Format::Flac, &file, &with(&a_label(7))).unwrap();
            let others = |file: &[u8]| -> Vec<(u8, Vec<u8>)> {
                let others = blocks(file).unwrap().into_iter().filter(|block| block.kind & !LAST != COMMENTS);
                others.map(|block| (block.kind & !LAST, file[block.data].to_vec())).collect()
            };
            assert_eq!(others(&file), others(&labelled));
            let sound = |file: &[u8]| file[blocks(file).unwrap().last().unwrap().data.end..].to_vec();
            assert_eq!(sound(&file), sound(&labelled));
        }
    }

    #[test]
    fn blocks_without_end_are_an_error() {
        let many = [MARK, &[0; 4 * (BLOCKS_MAX + 1)]].concat();
        assert!(matches!(media::read(Format::Flac, &many), Err(Broken::Limit { .. })));
        let long = [MARK, &[0x84, 0xff, 0xff, 0xff]].concat();
        assert!(matches!(media::read(Format::Flac, &long), Err(Broken::Truncated { .. })));
    }
}
