//! The table `iloc` of a box `meta`: where in the file its items stand (ISO/IEC 14496-12, 8.11.3).

use std::ops::Range;

use super::{
    Broken,
    boxes::{self, BoxAt, number_at},
};

/// The parts of all items together that are looked at; a picture in tiles has some hundreds.
const EXTENTS_MAX: usize = 1 << 20;

/// The whole table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Locations {
    pub(super) items: Vec<Location>,
    /// Where the number of items stands.
    pub(super) count: Range<usize>,
    /// Where the last item ends.
    pub(super) end: usize,
    version: u64,
    offset_width: usize,
    length_width: usize,
    base_width: usize,
    index_width: usize,
}

/// The place of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Location {
    pub(super) id: u64,
    /// 0: in the file; 1: in the box `idat`; 2: in another item.
    pub(super) method: u64,
    /// 0: this file.
    pub(super) source: u64,
    /// What is added to all offsets.
    pub(super) base: Number,
    pub(super) extents: Vec<Extent>,
    /// Where this entry of the table stands.
    pub(super) range: Range<usize>,
}

/// A part of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) offset: Number,
    /// Zero: to the end.
    pub(super) length: u64,
}

/// A number, and where it stands; nowhere where the table has no field for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) value: u64,
    pub(super) place: Range<usize>,
}

impl Locations {
    /// # Errors
    /// [`Broken`] where the table does not add up or has more than is read.
    pub(super) fn read(bytes: &[u8], iloc: &BoxAt) -> Result<Self, Broken> {
        let mut fields = Fields { bytes, at: iloc.body.start, iloc };
        let version = fields.next(4)?.value >> 24;
        let widths = fields.next(2)?.value;
        let width = |shift: u32| ((widths >> shift) & 15) as usize;
        let id_width = if version < 2 { 2 } else { 4 };
        let count = fields.next(id_width)?;
        let mut table = Self {
            items: Vec::new(),
            count: count.place,
            end: fields.at,
            version,
            offset_width: width(12),
            length_width: width(8),
            base_width: width(4),
            index_width: if version == 0 { 0 } else { width(0) },
        };
        let mut extents_left = EXTENTS_MAX;
        for _ in 0..count.value {
            let item = table.item(&mut fields, id_width, &mut extents_left)?;
            table.end = fields.at;
            table.items.push(item);
        }
        Ok(table)
    }

    fn item(
        &self,
        fields: &mut Fields<'_>,
        id_width: usize,
        extents_left: &mut usize,
    ) -> Result<Location, Broken> {
        let start = fields.at;
        let id = fields.next(id_width)?.value;
        let method = if self.version == 0 { 0 } else { fields.next(2)?.value & 15 };
        let source = fields.next(2)?.value;
        let base = fields.next(self.base_width)?;
        let mut extents = Vec::new();
        for _ in 0..fields.next(2)?.value {
            *extents_left = extents_left
                .checked_sub(1)
                .ok_or(Broken::Limit { what: "parts of items", limit: EXTENTS_MAX })?;
            fields.next(self.index_width)?;
            let offset = fields.next(self.offset_width)?;
            extents.push(Extent { offset, length: fields.next(self.length_width)?.value });
        }
        Ok(Location { id, method, source, base, extents, range: start..fields.at })
    }

    /// The place of that item.
    pub(super) fn of(&self, id: u64) -> Option<&Location> {
        self.items.iter().find(|item| item.id == id)
    }

    /// An entry for an item that stands in the file as one part; none where a field has no room for it.
    pub(super) fn entry(&self, id: u64, offset: u64, length: u64) -> Option<Vec<u8>> {
        let mut entry = field(id, if self.version < 2 { 2 } else { 4 })?;
        if self.version > 0 {
            entry.extend([0; 2]);
        }
        entry.extend([0; 2]);
        // A table without offsets has bases alone.
        let (base, offset) = if self.offset_width == 0 { (offset, 0) } else { (0, offset) };
        entry.extend(field(base, self.base_width)?);
        entry.extend(1_u16.to_be_bytes());
        entry.extend(field(0, self.index_width)?);
        entry.extend(field(offset, self.offset_width)?);
        entry.extend(field(length, self.length_width)?);
        Some(entry)
    }
}

struct Fields<'b> {
    bytes: &'b [u8],
    at: usize,
    iloc: &'b BoxAt,
}

impl Fields<'_> {
    fn next(&mut self, width: usize) -> Result<Number, Broken> {
        let end = self.at.saturating_add(width);
        let malformed = Broken::Malformed { what: "a table that does not add up", at: self.iloc.whole.start };
        let value = number_at(self.bytes, self.at, width).filter(|_| end <= self.iloc.body.end);
        let number = Number { value: value.ok_or(malformed)?, place: self.at..end };
        self.at = end;
        Ok(number)
    }
}

/// A number in so many bytes, where it has room.
pub(super) fn field(value: u64, width: usize) -> Option<Vec<u8>> {
    let bytes = value.to_be_bytes();
    let (zeros, field) = bytes.split_at_checked(8_usize.checked_sub(width)?)?;
    zeros.iter().all(|&byte| byte == 0).then(|| field.to_vec())
}

/// Where the boxes in `meta` begin: in QuickTime at once, in ISO/IEC 14496-12 after a version and flags.
pub(super) fn children_of_meta<'b>(bytes: &'b [u8], meta: &BoxAt) -> boxes::Boxes<'b> {
    let start = meta.body.start;
    let is_plain = bytes.get(start.saturating_add(4)..start.saturating_add(8)) == Some(b"hdlr");
    let start = if is_plain { start } else { start.saturating_add(4) };
    boxes::Boxes::within(bytes, start..meta.body.end)
}
