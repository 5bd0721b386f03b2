//! WebP: the label is XMP in a RIFF chunk `XMP ` (TC260-PG-20259A), which a flag of the chunk `VP8X` announces.

use super::{
    Broken, Edits, Found, Hint, HintKind, Marks, Reading, WriteError,
    exif::Exif,
    riff::{self, Chunk, Form},
    xmp::{self, Packet},
};

const XMP: [u8; 4] = *b"XMP ";
/// Flags of `VP8X`.
const HAS_XMP: u8 = 0x04;
const HAS_ALPHA: u8 = 0x10;
/// The size of a chunk `VP8X` without its head.
const EXTENDED_BYTES: usize = 10;

/// Every label and hint.
pub(super) fn read(bytes: &[u8]) -> Result<Reading, Broken> {
    let mut reading = Reading::default();
    for chunk in Form::read(bytes)?.chunks {
        let data = bytes.get(chunk.data.clone()).unwrap_or_default();
        match &chunk.id {
            b"XMP " => reading.packet(&chunk.whole, Packet::read(data, chunk.data.start)?),
            b"EXIF" => reading.exif(&chunk.whole, Exif::read(block(data))),
            b"C2PA" => reading.hint(Hint::new(HintKind::ContentCredentials, "WebP C2PA", "")),
            _ => {}
        }
    }
    Ok(reading)
}

/// Puts the chunk behind the picture and its EXIF, where the specification wants it.
pub(super) fn write(bytes: &[u8], present: Option<&Found>, marks: &Marks<'_>) -> Result<Edits, WriteError> {
    let form = Form::read(bytes)?;
    let edits = match present.and_then(|found| form.chunks.iter().find(|chunk| chunk.whole == found.range)) {
        Some(chunk) if &chunk.id == b"EXIF" => {
            let data = bytes.get(chunk.data.clone()).unwrap_or_default();
            let block = block(data);
            let edits = Exif::read(block).replace(block, marks);
            let edits = edits.ok_or(WriteError::NoPlace("its EXIF cannot be changed"))?;
            resized(data, chunk, &Edits::none().and_within(data.len().saturating_sub(block.len()), &edits))?
        }
        _ => match form.named(&XMP).next() {
            Some(chunk) => {
                let data = bytes.get(chunk.data.clone()).unwrap_or_default();
                announced(
                    bytes,
                    &form,
                    resized(data, chunk, &Packet::read(data, chunk.data.start)?.put(data, marks)?)?,
                )?
            }
            None => {
                let new = riff::chunk(XMP, xmp::packet(marks).as_bytes()).ok_or(TOO_LONG)?;
                let is_before = |chunk: &&Chunk| matches!(&chunk.id, b"VP8 " | b"VP8L" | b"ANMF" | b"EXIF");
                let at = form.chunks.iter().rfind(is_before).map_or(form.end, |chunk| chunk.whole.end);
                announced(bytes, &form, Edits::insert(at, new))?
            }
        },
    };
    if edits.growth() == 0 {
        return Ok(edits);
    }
    let end = i64::try_from(form.end.saturating_sub(8)).unwrap_or(i64::MAX);
    let length = u32::try_from(end.saturating_add(edits.growth())).map_err(|_| TOO_LONG)?;
    Ok(edits.and(4..8, length.to_le_bytes().to_vec()))
}

const TOO_LONG: WriteError = WriteError::NoPlace("a RIFF file has at most 4 GiB");

/// EXIF as some programs write it: with the head that it has in JPEG.
fn block(data: &[u8]) -> &[u8] {
    data.strip_prefix(b"Exif\0\0").unwrap_or(data)
}

/// Edits of a chunk's data as those of the file, with its length and padding.
fn resized(data: &[u8], chunk: &Chunk, edits: &Edits) -> Result<Edits, WriteError> {
    if edits.as_slice().is_empty() {
        return Ok(Edits::none());
    }
    let length: usize = edits.pieces(data).map(<[u8]>::len).sum();
    let field = u32::try_from(length).map_err(|_| TOO_LONG)?.to_le_bytes().to_vec();
    let at = chunk.whole.start.saturating_add(4);
    let padding = if length & 1 == 1 { vec![0] } else { Vec::new() };
    Ok(Edits::replace(at..at.saturating_add(4), field)
        .and_within(chunk.data.start, edits)
        .and(chunk.data.end..chunk.whole.end, padding))
}

/// The same edits with the flag that says that there is XMP.
fn announced(bytes: &[u8], form: &Form, edits: Edits) -> Result<Edits, WriteError> {
    let first = form.chunks.first().ok_or(WriteError::NoPlace("it has no picture"))?;
    let data = bytes.get(first.data.clone()).unwrap_or_default();
    if &first.id == b"VP8X" {
        let flags = data.first().ok_or(Broken::Truncated { what: "VP8X", at: first.whole.start })?;
        let at = first.data.start;
        let is_there = flags & HAS_XMP != 0;
        return Ok(if is_there { edits } else { edits.and(at..at.saturating_add(1), vec![flags | HAS_XMP]) });
    }
    let (flags, width, height) = match &first.id {
        b"VP8 " => lossy(data),
        b"VP8L" => lossless(data),
        _ => None,
    }
    .ok_or(Broken::Malformed { what: "a WebP picture without its size", at: first.whole.start })?;
    let mut extended = vec![0; EXTENDED_BYTES];
    let [w0, w1, w2, _] = width.saturating_sub(1).to_le_bytes();
    let [h0, h1, h2, _] = height.saturating_sub(1).to_le_bytes();
    extended.splice(.., [flags | HAS_XMP, 0, 0, 0, w0, w1, w2, h0, h1, h2]);
    let at = first.whole.start;
    Ok(edits.and(at..at, riff::chunk(*b"VP8X", &extended).ok_or(TOO_LONG)?))
}

/// Flags, width and height of a key frame of VP8 (RFC 6386, 9.1).
fn lossy(data: &[u8]) -> Option<(u8, u32, u32)> {
    let size = data.get(3..10)?.strip_prefix(b"\x9d\x01\x2a")?;
    let (&[w0, w1, h0, h1], _) = size.split_first_chunk::<4>()?;
    let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3FFF);
    Some((0, side(w0, w1), side(h0, h1))).filter(|(_, width, height)| *width > 0 && *height > 0)
}

/// Flags, width and height of a lossless picture (RFC 9649, 3.4).
fn lossless(data: &[u8]) -> Option<(u8, u32, u32)> {
    let bits = riff::u32_at(data.strip_prefix(b"\x2f")?, 0)?;
    let side = |shift: u32| ((bits >> shift) & 0x3FFF).saturating_add(1);
    let flags = if bits & (1 << 28) == 0 { 0 } else { HAS_ALPHA };
    Some((flags, side(0), side(14)))
}

#[cfg(test)]
pub(super) fn samples() -> Vec<Vec<u8>> {
    let riff = |chunks: &[Vec<u8>]| {
        let chunks = chunks.concat();
        let length = u32::try_from(chunks.len() + 4).unwrap();
        [&b"RIFF"[..], &length.to_le_bytes(), b"WEBP", &chunks].concat()
    };
    let chunk = |id: &[u8; 4], data: &[u8]| riff::chunk(*id, data).unwrap();
    // A key frame of 16 × 9 and a lossless picture of 16 × 9 with transparency; what follows is never decoded.
    let lossy = chunk(b"VP8 ", &[0x30, 1, 0, 0x9d, 1, 0x2a, 16, 0, 9, 0, 1, 2, 3]);
    let bits: u32 = 15 | (8 << 14) | (1 << 28);
    let lossless = chunk(b"VP8L", &[&[0x2f][..], &bits.to_le_bytes(), &[7; 5]].concat());
    let extended = |flags| chunk(b"VP8X", &[flags, 0, 0, 0, 15, 0, 0, 8, 0, 0]);
    let exif = chunk(b"EXIF", &super::exif::sample());
    let xmp = chunk(&XMP, super::xmp::sample().as_bytes());
    vec![
        riff(std::slice::from_ref(&lossy)),
        riff(&[lossless]),
        riff(&[extended(0x08), lossy.clone(), exif.clone()]),
        riff(&[extended(0x0C), lossy, exif, xmp]),
    ]
}
