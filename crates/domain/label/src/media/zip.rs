//! ZIP archives (APPNOTE 6.3): the directory, single entries unpacked within limits, and entries put in place or added by
//! edits, so that all others stay as they are, packed bytes included.
//!
//! Archives of the ZIP64 kind are refused: none under 1 GiB with fewer than 65,535 entries needs to be one.

use std::{
    io::{Read as _, Write as _},
    ops::Range,
};

use super::{Broken, Edits, WriteError, riff::u32_at};

/// The signature, the fixed part and the comment of the record at the end.
const END: [u8; 4] = *b"PK\x05\x06";
const END_BYTES: usize = 22;
const COMMENT_BYTES_MAX: usize = 65_535;
const DIRECTORY: [u8; 4] = *b"PK\x01\x02";
const DIRECTORY_BYTES: usize = 46;
const LOCAL: [u8; 4] = *b"PK\x03\x04";
const LOCAL_BYTES: usize = 30;
/// General purpose flags: of an encrypted entry, of one whose lengths follow its data, of a name in UTF-8.
const ENCRYPTED: u16 = 1;
const LENGTHS_FOLLOW: u16 = 1 << 3;
const NAME_IS_UTF8: u16 = 1 << 11;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// The directory of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Archive {
    /// In the order of the directory.
    pub(super) entries: Vec<Entry>,
    /// Where the directory begins.
    start: usize,
    /// How long it is said to be.
    size: u32,
    /// Where the record at the end is.
    end: usize,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: Vec<u8>,
    /// Its record in the directory.
    record: Range<usize>,
    /// Its head and data, and what follows of them.
    pub(super) local: Range<usize>,
    data: Range<usize>,
    flags: u16,
    method: u16,
    crc: u32,
    unpacked: usize,
    /// The time of its last change, as MS-DOS writes it.
    time: [u8; 4],
}

impl Archive {
    /// Reads the directory.
    ///
    /// # Errors
    /// [`Broken`] where there is none, or it leads out of the file.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Broken> {
        let from = bytes.len().saturating_sub(END_BYTES + COMMENT_BYTES_MAX);
        let end = memchr::memmem::rfind(bytes.get(from..).unwrap_or_default(), &END)
            .map(|at| from.saturating_add(at))
            .ok_or(Broken::Truncated { what: "a ZIP archive", at: 0 })?;
        let malformed = Broken::Malformed { what: "the end of a ZIP archive", at: end };
        let field = |at: usize| u16_at(bytes, end.saturating_add(at)).ok_or(malformed.clone());
        let wide = |at: usize| u32_at(bytes, end.saturating_add(at)).ok_or(malformed.clone());
        let (disk, count, size, start) = (field(4)?, field(10)?, wide(12)?, wide(16)?);
        if count == u16::MAX || size == u32::MAX || start == u32::MAX {
            return Err(Broken::Malformed { what: "a ZIP64 archive, which is not read,", at: end });
        }
        let start = start as usize;
        if disk != 0 || start.checked_add(size as usize).is_none_or(|after| after > end) {
            return Err(malformed);
        }
        let mut entries = Vec::with_capacity(usize::from(count));
        let mut at = start;
        for _ in 0..count {
            let entry = Entry::read(bytes, at, start)?;
            at = entry.record.end;
            entries.push(entry);
        }
        if at > end {
            return Err(malformed);
        }
        let mut archive = Self { entries, start, size, end };
        archive.bound_entries()?;
        Ok(archive)
    }

    /// Ends each entry whose lengths follow its data where the next one begins, and refuses entries within each other:
    /// so are archives made that unpack to far more than they have.
    fn bound_entries(&mut self) -> Result<(), Broken> {
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        order.sort_by_key(|index| self.entries.get(*index).map_or(0, |entry| entry.local.start));
        let mut next = self.start;
        for index in order.into_iter().rev() {
            let Some(entry) = self.entries.get_mut(index) else { continue };
            if entry.local.end > next {
                return Err(Broken::Malformed {
                    what: "ZIP entries within each other",
                    at: entry.local.start,
                });
            }
            if entry.flags & LENGTHS_FOLLOW != 0 {
                entry.local.end = next;
            }
            next = entry.local.start;
        }
        Ok(())
    }

    /// Every entry of that name. Parts of packages have names that differ in more than capitals.
    pub(super) fn named<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Entry> {
        self.entries.iter().filter(move |entry| entry.name.eq_ignore_ascii_case(name.as_bytes()))
    }

    /// The edits that put data in place of that of entries and add new ones, with the directory as it then has to be.
    ///
    /// # Errors
    /// [`WriteError::NoPlace`] where the archive becomes larger than one can be.
    pub(super) fn change(
        &self,
        replaced: &[(&Entry, Vec<u8>)],
        added: &[(&str, Vec<u8>)],
    ) -> Result<Edits, WriteError> {
        let full = || WriteError::NoPlace("its ZIP archive takes no more");
        let mut records = Vec::new();
        let mut locals = Edits::none();
        for (entry, data) in replaced {
            let packed = Packed::new(&entry.name, data, entry.time).ok_or_else(full)?;
            locals = locals.and(entry.local.clone(), packed.local());
            records.push((*entry, packed));
        }
        let mut edits = locals.clone();
        let mut size = i64::from(self.size);
        let time = self.entries.first().map_or([0; 4], |entry| entry.time);
        let mut at = moved(&locals, self.start).ok_or_else(full)?;
        let records_end = self.entries.last().map_or(self.start, |entry| entry.record.end);
        for (name, data) in added {
            let packed = Packed::new(name.as_bytes(), data, time).ok_or_else(full)?;
            let (local, record) = (packed.local(), packed.record(at));
            at =
                u32::try_from(local.len()).ok().and_then(|length| at.checked_add(length)).ok_or_else(full)?;
            size = size.saturating_add(difference(record.len(), 0));
            edits = edits.and(self.start..self.start, local).and(records_end..records_end, record);
        }
        for entry in &self.entries {
            let at = moved(&locals, entry.local.start).ok_or_else(full)?;
            if let Some((_, packed)) = records.iter().find(|(old, _)| *old == entry) {
                let record = packed.record(at);
                size = size.saturating_add(difference(record.len(), entry.record.len()));
                edits = edits.and(entry.record.clone(), record);
            } else if at as usize != entry.local.start {
                let field = entry.record.start.saturating_add(42);
                edits = edits.and(field..field.saturating_add(4), at.to_le_bytes().to_vec());
            }
        }
        let count = u16::try_from(self.entries.len().saturating_add(added.len())).ok();
        let count = count.filter(|count| *count < u16::MAX).ok_or_else(full)?.to_le_bytes();
        let size = u32::try_from(size).map_err(|_| full())?.to_le_bytes();
        let place = self.end.saturating_add(8)..self.end.saturating_add(20);
        Ok(edits.and(place, [&count[..], &count, &size, &at.to_le_bytes()].concat()))
    }
}

impl Entry {
    fn read(bytes: &[u8], at: usize, directory: usize) -> Result<Self, Broken> {
        let truncated = Broken::Truncated { what: "a record of a ZIP directory", at };
        let record =
            bytes.get(at..).filter(|record| record.starts_with(&DIRECTORY)).ok_or(truncated.clone())?;
        let field = |at: usize| u16_at(record, at).ok_or(truncated.clone());
        let wide = |at: usize| u32_at(record, at).map(|value| value as usize).ok_or(truncated.clone());
        let (name, extra, comment) =
            (usize::from(field(28)?), usize::from(field(30)?), usize::from(field(32)?));
        let end = DIRECTORY_BYTES.saturating_add(name).saturating_add(extra).saturating_add(comment);
        let name = record.get(..end).and_then(|_| record.get(DIRECTORY_BYTES..DIRECTORY_BYTES + name));
        let start = wide(42)?;
        let packed = wide(20)?;
        let unpacked = wide(24)?;
        if [start, packed, unpacked].contains(&(u32::MAX as usize)) {
            return Err(Broken::Malformed { what: "a ZIP64 entry, which is not read,", at });
        }

        let malformed = Broken::Malformed { what: "a ZIP entry is not where the directory says", at: start };
        let local = bytes.get(start..directory).filter(|local| local.starts_with(&LOCAL));
        let local = local.ok_or(malformed.clone())?;
        let length = |at: usize| u16_at(local, at).map(usize::from).ok_or(malformed.clone());
        let head = LOCAL_BYTES.saturating_add(length(26)?).saturating_add(length(28)?);
        let local_end = start.saturating_add(head).saturating_add(packed);
        Ok(Self {
            name: name.ok_or(truncated.clone())?.to_vec(),
            record: at..at.saturating_add(end),
            local: start..local_end,
            data: start.saturating_add(head)..local_end,
            flags: field(8)?,
            method: field(10)?,
            crc: u32_at(record, 16).ok_or(truncated.clone())?,
            unpacked,
            time: record.get(12..16).and_then(|time| time.try_into().ok()).ok_or(truncated)?,
        })
    }

    /// The data of the entry, whose checksum is held against it.
    ///
    /// # Errors
    /// [`Broken`] where it has more than `limit` bytes, does not unpack, or is not what the checksum says.
    pub(super) fn unpack(&self, bytes: &[u8], limit: usize) -> Result<Vec<u8>, Broken> {
        let malformed = |what| Broken::Malformed { what, at: self.local.start };
        if self.flags & ENCRYPTED != 0 {
            return Err(malformed("an encrypted ZIP entry"));
        }
        if self.unpacked > limit {
            return Err(Broken::Limit { what: "bytes of a ZIP entry", limit });
        }
        let packed = bytes.get(self.data.clone()).ok_or(malformed("a ZIP entry without its data"))?;
        let mut data = Vec::with_capacity(self.unpacked.min(packed.len().saturating_mul(8)));
        // One byte more tells a file that lies about its length.
        let read_max = (self.unpacked as u64).saturating_add(1);
        match self.method {
            STORED => data.extend_from_slice(packed),
            DEFLATED => {
                let mut reader = flate2::bufread::DeflateDecoder::new(packed).take(read_max);
                reader.read_to_end(&mut data).map_err(|_| malformed("a ZIP entry that does not unpack"))?;
            }
            _ => return Err(malformed("a ZIP entry packed by another method")),
        }
        let is_whole = data.len() == self.unpacked && checksum(&data) == self.crc;
        is_whole.then_some(data).ok_or(malformed("a ZIP entry that is not what its checksum says"))
    }
}

/// An entry that is written.
struct Packed<'n> {
    name: &'n [u8],
    method: u16,
    time: [u8; 4],
    crc: u32,
    unpacked: u32,
    data: Vec<u8>,
}

impl<'n> Packed<'n> {
    fn new(name: &'n [u8], data: &[u8], time: [u8; 4]) -> Option<Self> {
        let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(data).ok()?;
        let packed = packer.finish().ok()?;
        let (method, packed) =
            if packed.len() < data.len() { (DEFLATED, packed) } else { (STORED, data.to_vec()) };
        u32::try_from(packed.len()).ok()?;
        u16::try_from(name.len()).ok()?;
        let unpacked = u32::try_from(data.len()).ok()?;
        Some(Self { name, method, time, crc: checksum(data), unpacked, data: packed })
    }

    /// The head and the data.
    fn local(&self) -> Vec<u8> {
        [&LOCAL[..], &self.common(), self.name, &self.data].concat()
    }

    /// The record in the directory, of an entry at `at`.
    fn record(&self, at: u32) -> Vec<u8> {
        let made_by = 20_u16.to_le_bytes();
        // No comment, first disk, no attributes.
        [&DIRECTORY[..], &made_by, &self.common(), &[0; 10], &at.to_le_bytes(), self.name].concat()
    }

    /// What both say: versions, flags, method, time, checksum, lengths. Extra fields there are none.
    fn common(&self) -> Vec<u8> {
        let flags = if self.name.is_ascii() { 0 } else { NAME_IS_UTF8 };
        // INVARIANT: `new` made sure that both lengths fit.
        let packed = u32::try_from(self.data.len()).unwrap_or(u32::MAX);
        let name = u16::try_from(self.name.len()).unwrap_or(u16::MAX);
        let mut out = Vec::with_capacity(26);
        for field in [20, flags, self.method] {
            out.extend_from_slice(&field.to_le_bytes());
        }
        out.extend_from_slice(&self.time);
        for field in [self.crc, packed, self.unpacked] {
            out.extend_from_slice(&field.to_le_bytes());
        }
        out.extend_from_slice(&name.to_le_bytes());
        out.extend_from_slice(&[0, 0]);
        out
    }
}

/// Where something that was at `at` is after the edits before it.
fn moved(edits: &Edits, at: usize) -> Option<u32> {
    let before = edits.as_slice().iter().filter(|edit| edit.range.end <= at);
    let shift =
        before.fold(0_i64, |sum, edit| sum.saturating_add(difference(edit.bytes.len(), edit.range.len())));
    u32::try_from(i64::try_from(at).ok()?.checked_add(shift)?).ok()
}

fn difference(new: usize, old: usize) -> i64 {
    let signed = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
    signed(new).saturating_sub(signed(old))
}

fn checksum(data: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(data);
    crc.sum()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let field = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(field.try_into().ok()?))
}

/// An archive with those entries, packed.
#[cfg(test)]
pub(super) fn archive(entries: &[(&str, &str)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, data) in entries {
        let packed = Packed::new(name.as_bytes(), data.as_bytes(), [0, 0, 0x21, 0x5b]).unwrap();
        directory.extend_from_slice(&packed.record(u32::try_from(out.len()).unwrap()));
        out.extend_from_slice(&packed.local());
    }
    let at = u32::try_from(out.len()).unwrap().to_le_bytes();
    let size = u32::try_from(directory.len()).unwrap().to_le_bytes();
    let count = u16::try_from(entries.len()).unwrap().to_le_bytes();
    [&out[..], &directory, &END, &[0; 4], &count, &count, &size, &at, &[2, 0], b"ok"].concat()
}

#[cfg(test)]
mod tests;
