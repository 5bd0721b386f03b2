//! AVI: the label is a chunk `AIGC` of the list `INFO` (TC260-PG-20257A).
//!
//! Indexes of the film count bytes, so that nothing before or in it is moved: the list grows into padding (`JUNK`) or a
//! list comes behind all. A file of several forms (OpenDML) takes a label only where there is padding.

use std::ops::Range;

use super::{
    Broken, Edits, Found, Marks, Reading, WriteError,
    riff::{self, Chunk, Form},
};

const LABEL: [u8; 4] = *b"AIGC";
const PADDING: [u8; 4] = *b"JUNK";
const INFO: &[u8] = b"INFO";
const TOO_LONG: WriteError = WriteError::NoPlace("the label is too long");

/// Every chunk of that name in the lists of the first form.
pub(super) fn read(bytes: &[u8]) -> Result<Reading, Broken> {
    let mut reading = Reading::default();
    for (_, chunk) in infos(bytes, &Form::read(bytes)?)? {
        let text = String::from_utf8_lossy(bytes.get(chunk.data.clone()).unwrap_or_default());
        match chunk.id {
            LABEL => reading.label("AVI INFO AIGC", chunk.whole, text.trim_end_matches('\0').to_owned()),
            _ => reading.maker("AVI INFO", &text),
        }
    }
    Ok(reading)
}

/// Replaces the chunk where the list can grow, or adds a list.
pub(super) fn write(bytes: &[u8], present: Option<&Found>, marks: &Marks<'_>) -> Result<Edits, WriteError> {
    let form = Form::read(bytes)?;
    let label = riff::chunk(LABEL, marks.label.to_json().as_bytes()).ok_or(TOO_LONG)?;
    let alone = riff::chunk(*b"LIST", &[INFO, &label].concat()).ok_or(TOO_LONG)?;
    if let Some(found) = present {
        let infos = infos(bytes, &form)?;
        let holder = infos.iter().find(|(_, chunk)| chunk.whole == found.range);
        let (list, old) = holder.ok_or(WriteError::NoPlace("the label is in no list"))?;
        let before = bytes.get(list.data.start..old.whole.start).unwrap_or_default();
        let after = bytes.get(old.whole.end..list.data.end).unwrap_or_default();
        let new = riff::chunk(*b"LIST", &[before, &label, after].concat()).ok_or(TOO_LONG)?;
        let padding =
            form.chunks.iter().find(|next| next.id == PADDING && next.whole.start == list.whole.end);
        let space = list.whole.start..padding.map_or(list.whole.end, |padding| padding.whole.end);
        if let Some(filled) = fill(&new, space.len()) {
            return Ok(Edits::replace(space, filled));
        }
        if list.whole.end == form.end && form.end == bytes.len() {
            return resized(bytes, Edits::replace(list.whole.clone(), new));
        }
        let id = old.whole.start..old.whole.start.saturating_add(4);
        return append(bytes, &form, Edits::replace(id, PADDING.to_vec()), alone);
    }
    let film = form
        .chunks
        .iter()
        .position(|chunk| bytes.get(chunk.data.clone()).is_some_and(|data| data.starts_with(b"movi")));
    let before = form.chunks.iter().take(film.unwrap_or_default());
    let mut filled = before.filter(|chunk| chunk.id == PADDING).filter_map(|padding| {
        fill(&alone, padding.whole.len()).map(|filled| Edits::replace(padding.whole.clone(), filled))
    });
    filled.next().map_or_else(|| append(bytes, &form, Edits::none(), alone.clone()), Ok)
}

/// The chunks of all lists `INFO`, each with its list.
fn infos(bytes: &[u8], form: &Form) -> Result<Vec<(Chunk, Chunk)>, Broken> {
    let mut infos = Vec::new();
    for list in form.named(b"LIST") {
        if bytes.get(list.data.clone()).is_some_and(|data| data.starts_with(INFO)) {
            let inner = list.data.start.saturating_add(INFO.len())..list.data.end;
            infos.extend(riff::chunks(bytes, inner)?.into_iter().map(|chunk| (list.clone(), chunk)));
        }
    }
    Ok(infos)
}

/// `new` and padding up to `length`; none where that cannot be.
fn fill(new: &[u8], length: usize) -> Option<Vec<u8>> {
    let rest = length.checked_sub(new.len())?;
    match rest.checked_sub(8) {
        _ if rest == 0 => Some(new.to_vec()),
        Some(data) if data % 2 == 0 => Some([new, &riff::chunk(PADDING, &vec![0; data])?].concat()),
        _ => None,
    }
}

fn append(bytes: &[u8], form: &Form, edits: Edits, list: Vec<u8>) -> Result<Edits, WriteError> {
    if form.end != bytes.len() {
        return Err(WriteError::NoPlace("an AVI file of several forms has no padding for the label"));
    }
    let end: Range<usize> = form.end..form.end;
    // A last chunk may lack its byte of padding.
    let odd = form.end % 2;
    resized(bytes, edits.and(end, [vec![0; odd], list].concat()))
}

/// The edits, and the length of the form that follows.
fn resized(bytes: &[u8], edits: Edits) -> Result<Edits, WriteError> {
    let said = riff::u32_at(bytes, 4).filter(|&said| said != 0 && said != u32::MAX);
    let Some(said) = said else { return Ok(edits) };
    let length = u32::try_from(i64::from(said).saturating_add(edits.growth()));
    let length = length.map_err(|_| WriteError::NoPlace("a RIFF file has at most 4 GiB"))?;
    Ok(edits.and(4..8, length.to_le_bytes().to_vec()))
}

#[cfg(test)]
pub(super) fn samples() -> Vec<Vec<u8>> {
    let chunk = |id: &[u8; 4], data: &[u8]| riff::chunk(*id, data).unwrap();
    let file = |parts: &[&[u8]]| chunk(b"RIFF", &[b"AVI ", &parts.concat()[..]].concat());
    let head = chunk(b"LIST", &[&b"hdrl"[..], &chunk(b"avih", &[0; 56])].concat());
    let info = chunk(b"LIST", &[INFO, &chunk(b"ISFT", b"Lavf59.27.100\0")].concat());
    let film = chunk(b"LIST", &[&b"movi"[..], &chunk(b"00dc", &[9; 31])].concat());
    let index = chunk(b"idx1", &[7; 16]);
    let junk = chunk(&PADDING, &[0; 480]);
    vec![
        file(&[&head, &film, &index]),
        file(&[&head, &info, &junk, &film, &index]),
        file(&[&head, &info, &film, &index]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{
        self, Format,
        tests::{a_label, with},
    };

    #[test]
    fn the_film_does_not_move_and_its_index_stays() {
        for file in samples() {
            let labelled = media::label(Format::Avi, &file, &with(&a_label(7))).unwrap();
            let film = |file: &[u8]| file.windows(4).position(|id| id == b"movi").unwrap();
            let end = file.windows(4).position(|id| id == b"idx1").unwrap() + 24;
            assert_eq!(film(&file), film(&labelled));
            assert_eq!(file[film(&file)..end], labelled[film(&file)..end]);
            let said = riff::u32_at(&labelled, 4).unwrap() as usize;
            assert_eq!(said + 8, labelled.len());
        }
    }

    #[test]
    fn several_forms_take_a_label_into_padding_alone() {
        let next = riff::chunk(*b"RIFF", b"AVIX").unwrap();
        let [bare, padded, _] = <[Vec<u8>; 3]>::try_from(samples()).unwrap();
        assert!(media::write(Format::Avi, &[bare, next.clone()].concat(), &with(&a_label(7))).is_err());
        assert!(media::label(Format::Avi, &[padded, next].concat(), &with(&a_label(7))).is_ok());
    }
}
