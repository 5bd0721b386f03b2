//! The directories of TIFF (TIFF 6.0; BigTIFF): entries of a tag, a type, a count and a value or the place of one.
//! EXIF is the same in a block of its own.

use std::ops::Range;

use super::{Broken, Edits};

/// The entries of one directory that are looked at; a camera writes under a hundred.
const ENTRIES_MAX: usize = 4096;

/// The order of bytes and the width of places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    is_little: bool,
    /// BigTIFF: places and counts of 64 bits.
    is_big: bool,
}

/// One directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Directory {
    pub(super) entries: Vec<Entry>,
    /// With its count and the place of the next.
    pub(super) whole: Range<usize>,
}

/// One entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) tag: u16,
    kind: u16,
    /// Where the entry begins.
    at: usize,
    /// Where its value stands; none where that would be outside the file.
    pub(super) value: Option<Range<usize>>,
}

/// The type of a value: bytes without meaning.
const UNDEFINED: u16 = 7;

impl Layout {
    /// The layout, and where the first directory is; none where this is no TIFF.
    pub(super) fn of(bytes: &[u8]) -> Option<(Self, usize)> {
        let (is_little, is_big) = match bytes.get(..4)? {
            b"II\x2a\0" => (true, false),
            b"MM\0\x2a" => (false, false),
            b"II\x2b\0" => (true, true),
            b"MM\0\x2b" => (false, true),
            _ => return None,
        };
        let layout = Self { is_little, is_big };
        Some((layout, layout.place(bytes, layout.first())?))
    }

    pub(super) const fn is_little(self) -> bool {
        self.is_little
    }

    /// Where the place of the first directory stands.
    const fn first(self) -> usize {
        if self.is_big { 8 } else { 4 }
    }

    /// How wide a place is, and a count.
    const fn width(self) -> usize {
        if self.is_big { 8 } else { 4 }
    }

    /// The directory at `at`.
    ///
    /// # Errors
    /// [`Broken`] where it is not whole or larger than is read.
    pub(super) fn directory(self, bytes: &[u8], at: usize) -> Result<Directory, Broken> {
        let broken = Broken::Truncated { what: "a TIFF directory", at };
        let (head, size) = if self.is_big { (8, 20) } else { (2, 12) };
        let count = self.number(bytes, at, head).ok_or(broken.clone())?;
        let count = usize::try_from(count).ok().filter(|count| *count <= ENTRIES_MAX);
        let count = count.ok_or(Broken::Limit { what: "entries of a TIFF directory", limit: ENTRIES_MAX })?;
        let start = at.saturating_add(head);
        let end = start.saturating_add(count.saturating_mul(size));
        if bytes.get(end..end.saturating_add(self.width())).is_none() {
            return Err(broken);
        }
        let entries = (0..count)
            .filter_map(|index| self.entry(bytes, start.saturating_add(index.saturating_mul(size))));
        Ok(Directory { entries: entries.collect(), whole: at..end.saturating_add(self.width()) })
    }

    fn entry(self, bytes: &[u8], at: usize) -> Option<Entry> {
        let tag = self.u16(bytes, at)?;
        let kind = self.u16(bytes, at.checked_add(2)?)?;
        let size = match kind {
            1 | 2 | 6 | 7 => 1_usize,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 | 16 | 17 | 18 => 8,
            _ => return Some(Entry { tag, kind, at, value: None }),
        };
        let field = at.checked_add(4)?.checked_add(self.width())?;
        let value = self.place(bytes, at.checked_add(4)?).and_then(|count| {
            let length = count.checked_mul(size)?;
            let start = if length <= self.width() { field } else { self.place(bytes, field)? };
            let end = start.checked_add(length)?;
            (end <= bytes.len()).then_some(start..end)
        });
        Some(Entry { tag, kind, at, value })
    }

    /// The place of another directory that an entry holds.
    pub(super) fn place_in(self, bytes: &[u8], entry: &Entry) -> Option<usize> {
        let value = entry.value.as_ref()?;
        match value.len() {
            4 => usize::try_from(self.number(bytes, value.start, 4)?).ok(),
            8 => usize::try_from(self.number(bytes, value.start, 8)?).ok(),
            _ => None,
        }
    }

    /// The edits that give an entry another value, of bytes: in place of the old one where that is as long or stands at
    /// the end, else behind everything. Zeros take the old one's place, so that no program finds it.
    ///
    /// None where the file would become longer than places reach, or the value would fit into the entry itself.
    pub(super) fn set(self, bytes: &[u8], entry: &Entry, value: &[u8]) -> Option<Edits> {
        if value.len() <= self.width() {
            return None;
        }
        let field = entry.at.checked_add(4)?.checked_add(self.width())?;
        let old = entry.value.clone().filter(|old| old.len() > self.width());
        let (start, edits) = match old {
            Some(old) if value.len() <= old.len() => {
                let mut padded = value.to_vec();
                padded.resize(old.len(), 0);
                (old.start, Edits::replace(old, padded))
            }
            Some(old) if old.end == bytes.len() => (old.start, Edits::replace(old, value.to_vec())),
            old => {
                let start = bytes.len().checked_next_multiple_of(2)?;
                let mut new = vec![0; start.saturating_sub(bytes.len())];
                new.extend_from_slice(value);
                let edits = Edits::insert(bytes.len(), new);
                (
                    start,
                    match old {
                        Some(old) => edits.and(old.clone(), vec![0; old.len()]),
                        None => edits,
                    },
                )
            }
        };
        let kind = if matches!(entry.kind, 1 | 2 | 6) { entry.kind } else { UNDEFINED };
        let mut head = self.u16_bytes(kind).to_vec();
        head.extend(self.number_bytes(value.len())?);
        head.extend(self.number_bytes(start)?);
        Some(edits.and(entry.at.checked_add(2)?..field.checked_add(self.width())?, head))
    }

    /// The edits that add an entry to the first directory, which stands anew behind everything.
    ///
    /// None where the file would become longer than places reach, or the value would fit into the entry itself.
    pub(super) fn add(self, bytes: &[u8], directory: &Directory, tag: u16, value: &[u8]) -> Option<Edits> {
        let (head, size) = if self.is_big { (8_usize, 20_usize) } else { (2, 12) };
        if value.len() <= self.width() {
            return None;
        }
        let start = bytes.len().checked_next_multiple_of(2)?;
        let mut new = vec![0; start.saturating_sub(bytes.len())];
        new.extend_from_slice(value);
        let at = bytes.len().checked_add(new.len())?.checked_next_multiple_of(2)?;
        new.resize(at.saturating_sub(bytes.len()), 0);

        let (first, last) =
            (directory.whole.start.checked_add(head)?, directory.whole.end.checked_sub(self.width())?);
        let old = bytes.get(first..last)?;
        let count = (old.len() / size).checked_add(1)?;
        if self.is_big {
            new.extend(self.number_bytes(count)?);
        } else {
            new.extend(self.u16_bytes(u16::try_from(count).ok()?));
        }
        let before = directory.entries.iter().filter(|entry| entry.tag < tag).count().saturating_mul(size);
        new.extend_from_slice(old.get(..before)?);
        new.extend(self.u16_bytes(tag));
        new.extend(self.u16_bytes(UNDEFINED));
        new.extend(self.number_bytes(value.len())?);
        new.extend(self.number_bytes(start)?);
        new.extend_from_slice(old.get(before..)?);
        new.extend_from_slice(bytes.get(last..directory.whole.end)?);
        let _ = self.number_bytes(bytes.len().checked_add(new.len())?)?;
        let first = self.first()..self.first().checked_add(self.width())?;
        Some(Edits::insert(bytes.len(), new).and(first, self.number_bytes(at)?))
    }

    fn place(self, bytes: &[u8], at: usize) -> Option<usize> {
        usize::try_from(self.number(bytes, at, self.width())?).ok()
    }

    fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        u16::try_from(self.number(bytes, at, 2)?).ok()
    }

    /// A number of up to eight bytes.
    fn number(self, bytes: &[u8], at: usize, width: usize) -> Option<u64> {
        let field = bytes.get(at..at.checked_add(width)?)?;
        let fold = |number: u64, byte: &u8| (number << 8) | u64::from(*byte);
        Some(if self.is_little { field.iter().rev().fold(0, fold) } else { field.iter().fold(0, fold) })
    }

    const fn u16_bytes(self, number: u16) -> [u8; 2] {
        if self.is_little { number.to_le_bytes() } else { number.to_be_bytes() }
    }

    /// A place or count as it is written; none where it does not fit.
    fn number_bytes(self, number: usize) -> Option<Vec<u8>> {
        let number = u64::try_from(number).ok()?;
        Some(match (self.is_big, self.is_little) {
            (true, true) => number.to_le_bytes().to_vec(),
            (true, false) => number.to_be_bytes().to_vec(),
            (false, true) => u32::try_from(number).ok()?.to_le_bytes().to_vec(),
            (false, false) => u32::try_from(number).ok()?.to_be_bytes().to_vec(),
        })
    }
}

impl Directory {
    /// The entry of that tag.
    pub(super) fn entry(&self, tag: u16) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.tag == tag)
    }
}
