//! WAVE sound: the label is a RIFF chunk `AIGC` with the bare JSON (TC260-PG-202510A).

use super::{
    Broken, Edits, Found, Marks, Reading, WriteError,
    riff::{self, Form},
};

const CHUNK: [u8; 4] = *b"AIGC";

/// Every chunk `AIGC`.
pub(super) fn read(bytes: &[u8]) -> Result<Reading, Broken> {
    let form = Form::read(bytes)?;
    let labels = form
        .named(&CHUNK)
        .map(|chunk| Found {
            place: "RIFF chunk AIGC",
            range: chunk.whole.clone(),
            text: String::from_utf8_lossy(bytes.get(chunk.data.clone()).unwrap_or_default()).into_owned(),
        })
        .collect();
    Ok(Reading { labels, hints: Vec::new() })
}

/// Puts the chunk before the sound, so that a reader of a stream meets it first.
pub(super) fn write(bytes: &[u8], present: Option<&Found>, marks: &Marks<'_>) -> Result<Edits, WriteError> {
    let form = Form::read(bytes)?;
    let chunk = riff::chunk(CHUNK, marks.label.to_json().as_bytes())
        .ok_or(WriteError::NoPlace("the label is too long"))?;
    let place = match present {
        Some(found) => found.range.clone(),
        None => {
            let at = form.named(b"data").next().map_or(form.end, |data| data.whole.start);
            at..at
        }
    };
    let edits = Edits::replace(place, chunk);
    if form.is_rf64 {
        return resize64(bytes, &form, edits);
    }
    let Some(said) = riff::u32_at(bytes, 4).filter(|&said| said != 0 && said != u32::MAX) else {
        // Written by a recorder that did not know how long it would be: so it stays.
        return Ok(edits);
    };
    let length = i64::from(said).saturating_add(edits.growth());
    let length = u32::try_from(length).map_err(|_| WriteError::NoPlace("a RIFF file has at most 4 GiB"))?;
    Ok(edits.and(4..8, length.to_le_bytes().to_vec()))
}

/// The same with the 64-bit length of the form, the first field of `ds64`.
fn resize64(bytes: &[u8], form: &Form, edits: Edits) -> Result<Edits, WriteError> {
    let missing = Broken::Malformed { what: "an RF64 file without ds64", at: riff::HEAD };
    let ds64 = form.named(b"ds64").next().ok_or(missing.clone())?;
    let place = ds64.data.start..ds64.data.start.saturating_add(8);
    let field = bytes.get(place.clone()).and_then(|field| <[u8; 8]>::try_from(field).ok()).ok_or(missing)?;
    let length = u64::from_le_bytes(field).saturating_add_signed(edits.growth());
    Ok(edits.and(place, length.to_le_bytes().to_vec()))
}

#[cfg(test)]
pub(super) fn samples() -> Vec<Vec<u8>> {
    let riff = |form: &[u8]| {
        let length = u32::try_from(form.len()).unwrap();
        [&b"RIFF"[..], &length.to_le_bytes(), form].concat()
    };
    let chunk = |id: &[u8; 4], data: &[u8]| riff::chunk(*id, data).unwrap();
    let format = chunk(b"fmt ", &[1, 0, 1, 0, 0x40, 0x1f, 0, 0, 0x40, 0x1f, 0, 0, 1, 0, 8, 0]);
    let data = chunk(b"data", &[128; 101]);
    let info = chunk(b"LIST", &[&b"INFO"[..], &chunk(b"ISFT", b"Lavf")].concat());
    let ds64 = chunk(b"ds64", &[&182_u64.to_le_bytes()[..], &101_u64.to_le_bytes(), &[0; 12]].concat());
    let wide = [&b"RF64"[..], &[0xff; 4], b"WAVE", &ds64, &format, b"data", &[0xff; 4], &data[8..]].concat();
    vec![
        riff(&[&b"WAVE"[..], &format, &data].concat()),
        riff(&[&b"WAVE"[..], &format, &info, &data, &info].concat()),
        wide,
    ]
}
