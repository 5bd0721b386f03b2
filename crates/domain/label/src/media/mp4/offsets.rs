//! Offsets into the file, which must follow when what they point at moves: of chunks (`stco`, `co64`), of encryption's
//! side data (`saio`), of fragments (`tfhd`, `tfra`), of items (`iloc`) and of a segment index before the header
//! (`sidx`). All others in ISO/IEC 14496-12 count from what moves with them.

use super::super::{
    Broken, Edit, WriteError,
    boxes::{BoxAt, Boxes, number_at, u16_at, u32_at},
    iloc::{Location, Locations, children_of_meta, field},
};

/// Tracks, fragments and the like whose tables are changed; each costs a few dozen bytes.
const TABLES_MAX: usize = 1 << 20;

/// The edits of all offsets once what lies behind `moov` moves by `growth`; the same for the `meta` of a picture.
pub(in super::super) fn shift(bytes: &[u8], moov: &BoxAt, growth: i64) -> Result<Vec<Edit>, WriteError> {
    let mut shift = Shift { bytes, from: moov.whole.end as u64, growth, edits: Vec::new() };
    if growth != 0 && moov.whole.end < bytes.len() {
        shift.file(moov)?;
    }
    Ok(shift.edits)
}

struct Shift<'b> {
    bytes: &'b [u8],
    /// What lies there or behind moves.
    from: u64,
    growth: i64,
    edits: Vec<Edit>,
}

/// Entries of one length, with a field in each.
struct Table {
    start: usize,
    count: usize,
    stride: usize,
    /// Where in an entry the field begins.
    skip: usize,
    width: usize,
}

impl Shift<'_> {
    fn file(&mut self, moov: &BoxAt) -> Result<(), WriteError> {
        for top in Boxes::within(self.bytes, 0..self.bytes.len()) {
            let top = top?;
            match &top.kind {
                b"moov" => self.movie(&top)?,
                b"moof" => self.each(&top, *b"traf", Self::fragment)?,
                b"mfra" => self.each(&top, *b"tfra", Self::random_access)?,
                b"meta" => self.items(&top)?,
                b"sidx" if top.whole.end <= moov.whole.start => self.segment_index(&top, moov)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn each(
        &mut self,
        outer: &BoxAt,
        kind: [u8; 4],
        visit: impl Fn(&mut Self, &BoxAt) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        for child in outer.children(self.bytes).named(kind) {
            visit(self, &child?)?;
        }
        Ok(())
    }

    fn movie(&mut self, moov: &BoxAt) -> Result<(), WriteError> {
        self.each(moov, *b"trak", Self::track)?;
        self.each(moov, *b"meta", Self::items)?;
        self.each(moov, *b"udta", |shift, udta| shift.each(udta, *b"meta", Self::items))
    }

    fn track(&mut self, trak: &BoxAt) -> Result<(), WriteError> {
        self.each(trak, *b"meta", Self::items)?;
        self.each(trak, *b"mdia", |shift, mdia| shift.each(mdia, *b"minf", Self::media))
    }

    fn media(&mut self, minf: &BoxAt) -> Result<(), WriteError> {
        match self.sources(minf)? {
            Sources::Own => self.each(minf, *b"stbl", Self::samples),
            Sources::Elsewhere => Ok(()),
            Sources::Mixed => Err(WriteError::NoPlace("a track has its samples in several files")),
        }
    }

    /// Where the samples of a track are: in this file unless its data references say otherwise.
    fn sources(&self, minf: &BoxAt) -> Result<Sources, Broken> {
        let (mut own, mut elsewhere) = (false, false);
        for dinf in minf.children(self.bytes).named(*b"dinf") {
            for dref in dinf?.children(self.bytes).named(*b"dref") {
                let dref = dref?;
                // Version, flags and a count come before the references.
                for reference in Boxes::within(self.bytes, dref.body.start.saturating_add(8)..dref.body.end) {
                    let is_own = u32_at(reference?.data(self.bytes), 0).is_some_and(|flags| flags & 1 == 1);
                    own |= is_own;
                    elsewhere |= !is_own;
                }
            }
        }
        Ok(match (own, elsewhere) {
            (_, false) => Sources::Own,
            (false, true) => Sources::Elsewhere,
            (true, true) => Sources::Mixed,
        })
    }

    fn samples(&mut self, stbl: &BoxAt) -> Result<(), WriteError> {
        for child in stbl.children(self.bytes) {
            let child = child?;
            let malformed = malformed(&child);
            let body = child.data(self.bytes);
            let (count_at, width) = match &child.kind {
                b"stco" => (4, 4),
                b"co64" => (4, 8),
                b"saio" => {
                    let version = u32_at(body, 0).ok_or(malformed.clone())?;
                    // With the flag, a type and its parameter come first.
                    (if version & 1 == 1 { 12 } else { 4 }, if version >> 24 == 0 { 4 } else { 8 })
                }
                _ => continue,
            };
            let count = u32_at(body, count_at).ok_or(malformed)? as usize;
            let start = child.body.start.saturating_add(count_at).saturating_add(4);
            self.table(&child, &Table { start, count, stride: width, skip: 0, width })?;
        }
        Ok(())
    }

    /// A fragment that counts from the start of the file says so by a flag.
    fn fragment(&mut self, traf: &BoxAt) -> Result<(), WriteError> {
        self.each(traf, *b"tfhd", |shift, tfhd| {
            let flags = u32_at(tfhd.data(shift.bytes), 0).ok_or(malformed(tfhd))?;
            if flags & 1 == 0 {
                return Ok(());
            }
            let start = tfhd.body.start.saturating_add(8);
            shift.table(tfhd, &Table { start, count: 1, stride: 8, skip: 0, width: 8 })
        })
    }

    fn random_access(&mut self, tfra: &BoxAt) -> Result<(), WriteError> {
        let body = tfra.data(self.bytes);
        let field = |at| u32_at(body, at).ok_or(malformed(tfra));
        let width = if field(0)? >> 24 == 1 { 8_usize } else { 4 };
        let lengths = field(8)?;
        let numbers: usize = [4, 2, 0].iter().map(|shift| ((lengths >> shift) & 3) as usize + 1).sum();
        let (start, count) = (tfra.body.start.saturating_add(16), field(12)? as usize);
        let stride = width.saturating_mul(2).saturating_add(numbers);
        self.table(tfra, &Table { start, count, stride, skip: width, width })
    }

    /// A segment index before the header counts from its own end, over the header.
    fn segment_index(&mut self, sidx: &BoxAt, moov: &BoxAt) -> Result<(), WriteError> {
        let body = sidx.data(self.bytes);
        let width = if u32_at(body, 0).ok_or(malformed(sidx))? >> 24 == 0 { 4 } else { 8 };
        let at = 12_usize.saturating_add(width);
        let offset = number_at(body, at, width).ok_or(malformed(sidx))?;
        let references = at.saturating_add(width).saturating_add(4);
        let count = u16_at(body, references.saturating_sub(2)).ok_or(malformed(sidx))?;
        let first = offset.saturating_add(sidx.whole.end as u64);
        let lengths = (0..usize::from(count)).try_fold(0_u64, |sum, number| {
            let length = u32_at(body, references.saturating_add(number.saturating_mul(12)))?;
            Some(sum.saturating_add(u64::from(length & 0x7fff_ffff)))
        });
        let last = first.saturating_add(lengths.ok_or(malformed(sidx))?);
        if first >= moov.whole.end as u64 {
            let place = sidx.body.start.saturating_add(at);
            let moved = offset.checked_add_signed(self.growth).and_then(|moved| field(moved, width));
            let bytes = moved.ok_or(NO_ROOM)?;
            self.edits.push(Edit { range: place..place.saturating_add(width), bytes });
        } else if last > moov.whole.start as u64 {
            return Err(WriteError::NoPlace("a segment of its index contains the movie header"));
        }
        Ok(())
    }

    /// Items of a `meta` box: those that are in the file itself, not in `idat` or made of other items.
    fn items(&mut self, meta: &BoxAt) -> Result<(), WriteError> {
        let iloc = children_of_meta(self.bytes, meta).first(*b"iloc")?;
        iloc.map_or(Ok(()), |iloc| self.item_locations(&iloc))
    }

    fn item_locations(&mut self, iloc: &BoxAt) -> Result<(), WriteError> {
        let in_file = |item: &Location| item.method == 0 && item.source == 0;
        for item in Locations::read(self.bytes, iloc)?.items.into_iter().filter(in_file) {
            for (index, extent) in item.extents.into_iter().enumerate() {
                if !self.moves(item.base.value.saturating_add(extent.offset.value)) {
                    continue;
                }
                let number = match (extent.offset.place.is_empty(), index) {
                    (true, 0) => item.base.clone(),
                    (true, _) => continue,
                    (false, _) => extent.offset,
                };
                let moved = number.value.checked_add_signed(self.growth);
                let bytes = moved.and_then(|moved| field(moved, number.place.len())).ok_or(NO_ROOM)?;
                self.push(Edit { range: number.place, bytes })?;
            }
        }
        Ok(())
    }

    fn moves(&self, offset: u64) -> bool {
        offset >= self.from && offset <= self.bytes.len() as u64
    }

    fn table(&mut self, of: &BoxAt, table: &Table) -> Result<(), WriteError> {
        let length = table.count.checked_mul(table.stride).and_then(|length| table.start.checked_add(length));
        let end = length.filter(|&end| end <= of.body.end).ok_or(malformed(of))?;
        let mut fields = self.bytes.get(table.start..end).ok_or(malformed(of))?.to_vec();
        let mut has_moved = false;
        for entry in fields.chunks_exact_mut(table.stride) {
            let Some(place) = entry.get_mut(table.skip..table.skip.saturating_add(table.width)) else {
                continue;
            };
            let Some(value) = number_at(place, 0, table.width).filter(|&value| self.moves(value)) else {
                continue;
            };
            let moved = value.checked_add_signed(self.growth).and_then(|moved| field(moved, table.width));
            place.copy_from_slice(&moved.ok_or(NO_ROOM)?);
            has_moved = true;
        }
        if has_moved { self.push(Edit { range: table.start..end, bytes: fields }) } else { Ok(()) }
    }

    fn push(&mut self, edit: Edit) -> Result<(), WriteError> {
        if self.edits.len() == TABLES_MAX {
            return Err(Broken::Limit { what: "offsets in tables", limit: TABLES_MAX }.into());
        }
        self.edits.push(edit);
        Ok(())
    }
}

enum Sources {
    Own,
    Elsewhere,
    Mixed,
}

const NO_ROOM: WriteError =
    WriteError::NoPlace("an offset of the file has no room for where the sound or picture moves");

fn malformed(of: &BoxAt) -> Broken {
    Broken::Malformed { what: "a table that does not add up", at: of.whole.start }
}
