//! RIFF: a form of chunks, each with an identifier, a length and a byte of padding where that is odd.

use std::ops::Range;

use super::Broken;

/// The chunks that are looked at; a file of a recorder has under a hundred.
const CHUNKS_MAX: usize = 65_536;
/// Before the chunks: `RIFF`, a length, the form.
pub const HEAD: usize = 12;
const CHUNK_HEAD: usize = 8;

/// One chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Its identifier.
    pub id: [u8; 4],
    /// With its head and padding.
    pub whole: Range<usize>,
    /// Without them.
    pub data: Range<usize>,
}

/// A form, with all its chunks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// In the order of the file.
    pub chunks: Vec<Chunk>,
    /// Where the form ends. What follows is no part of it.
    pub end: usize,
    /// The chunk `data` has its length elsewhere (EBU Tech 3306): the lengths of the form are 64 bits wide, in `ds64`.
    pub is_rf64: bool,
}

impl Form {
    /// Reads the chunks of a file. A last chunk `data` may promise more than there is, as recorders leave it that were
    /// cut off: it then ends with the file.
    ///
    /// # Errors
    /// [`Broken`] where any other chunk goes beyond the file or there are too many.
    pub fn read(bytes: &[u8]) -> Result<Self, Broken> {
        let is_rf64 = bytes.get(..4) == Some(b"RF64");
        let said = u32_at(bytes, 4).ok_or(Broken::Truncated { what: "the RIFF head", at: 0 })?;
        let end = if is_rf64 || said == u32::MAX || said == 0 {
            bytes.len()
        } else {
            bytes.len().min((said as usize).saturating_add(CHUNK_HEAD))
        };
        let chunks = walk(bytes, HEAD..end, is_rf64)?;
        Ok(Self { chunks, end, is_rf64 })
    }

    /// The chunks with that identifier.
    pub fn named<'c>(&'c self, id: &'c [u8; 4]) -> impl Iterator<Item = &'c Chunk> {
        self.chunks.iter().filter(move |chunk| &chunk.id == id)
    }
}

/// The chunks of a list, which stand in `range`.
///
/// # Errors
/// As [`Form::read`].
pub(super) fn chunks(bytes: &[u8], range: Range<usize>) -> Result<Vec<Chunk>, Broken> {
    walk(bytes, range, false)
}

fn walk(bytes: &[u8], range: Range<usize>, is_rf64: bool) -> Result<Vec<Chunk>, Broken> {
    let mut chunks = Vec::new();
    let Range { start: mut at, end } = range;
    while at < end {
        if chunks.len() == CHUNKS_MAX {
            return Err(Broken::Limit { what: "RIFF chunks", limit: CHUNKS_MAX });
        }
        let head = Broken::Truncated { what: "a RIFF chunk", at };
        let Some(id) = bytes.get(at..at.saturating_add(4)).and_then(|id| <[u8; 4]>::try_from(id).ok()) else {
            // Padding of one to three bytes at the end is seen.
            if bytes.get(at..end).is_some_and(|rest| rest.iter().all(|&byte| byte == 0)) {
                break;
            }
            return Err(head);
        };
        let said = u32_at(bytes, at.saturating_add(4)).ok_or(head.clone())?;
        let start = at.saturating_add(CHUNK_HEAD);
        let length = match (said, &id) {
            (u32::MAX, b"data") if is_rf64 => data_bytes(bytes, &chunks).unwrap_or(usize::MAX),
            _ => said as usize,
        };
        let mut data_end = start.saturating_add(length);
        if data_end > end {
            if &id != b"data" {
                return Err(head);
            }
            data_end = end;
        }
        let whole_end = data_end.saturating_add(data_end.wrapping_sub(start) & 1).min(end);
        chunks.push(Chunk { id, whole: at..whole_end, data: start..data_end });
        at = whole_end;
    }
    Ok(chunks)
}

/// A whole chunk with its padding; none where `data` is longer than one can be.
#[must_use]
pub fn chunk(id: [u8; 4], data: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(data.len()).ok()?;
    let mut chunk = Vec::with_capacity(data.len().saturating_add(CHUNK_HEAD).saturating_add(1));
    chunk.extend_from_slice(&id);
    chunk.extend_from_slice(&length.to_le_bytes());
    chunk.extend_from_slice(data);
    if data.len() & 1 == 1 {
        chunk.push(0);
    }
    Some(chunk)
}

/// The length of the chunk `data` in `ds64`.
fn data_bytes(bytes: &[u8], chunks: &[Chunk]) -> Option<usize> {
    let ds64 = chunks.iter().find(|chunk| &chunk.id == b"ds64")?;
    let at = ds64.data.start.checked_add(8)?;
    let field = bytes.get(at..at.checked_add(8)?)?;
    usize::try_from(u64::from_le_bytes(field.try_into().ok()?)).ok()
}

/// The little-endian number at a place; none where the file ends before it is over.
#[must_use]
pub fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let field = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(field.try_into().ok()?))
}
