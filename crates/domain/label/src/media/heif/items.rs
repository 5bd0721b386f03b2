//! The items of a picture: what is in `meta` (ISO/IEC 14496-12, 8.11), as far as metadata needs it.

use std::{borrow::Cow, ops::Range};

use super::super::{
    Broken, Edits,
    boxes::{self, BoxAt, Boxes, Resized, number_at},
    iloc::{Location, Locations, children_of_meta, field},
};

/// Items of metadata; one of EXIF and one of XMP are usual.
const METADATA_MAX: usize = 16;
/// The longest item of metadata that is read.
const ITEM_BYTES_MAX: usize = 16 << 20;
const XMP_TYPE: &[u8] = b"application/rdf+xml";

/// The items of one box `meta`.
pub(super) struct Items {
    pub(super) meta: BoxAt,
    /// Those of metadata.
    pub(super) list: Vec<Item>,
    info: Info,
    iloc: BoxAt,
    locations: Locations,
    iref: Option<BoxAt>,
    idat: Option<BoxAt>,
    /// The picture itself.
    primary: Option<u64>,
}

/// An item of metadata.
pub(super) struct Item {
    pub(super) kind: Kind,
    /// Where its entry of the list stands.
    pub(super) range: Range<usize>,
    /// Where its data begins.
    pub(super) at: usize,
    /// The data stands there as one part.
    pub(super) is_one_part: bool,
    id: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Xmp,
    Exif,
}

/// The list of items.
struct Info {
    iinf: BoxAt,
    /// Where their number stands.
    count: Range<usize>,
    last_id: u64,
}

impl Items {
    /// # Errors
    /// [`Broken`] where a table does not add up or has more than is read.
    pub(super) fn read(bytes: &[u8], meta: BoxAt) -> Result<Self, Broken> {
        let (mut iinf, mut iloc, mut iref, mut idat, mut pitm) = (None, None, None, None, None);
        for child in children_of_meta(bytes, &meta) {
            let child = child?;
            match &child.kind {
                b"idat" => idat = Some(child),
                b"iinf" => iinf = Some(child),
                b"iloc" => iloc = Some(child),
                b"iref" => iref = Some(child),
                b"pitm" => pitm = Some(child),
                _ => {}
            }
        }
        let missing = Broken::Malformed { what: "a picture without a list of items", at: meta.whole.start };
        let (iinf, iloc) = iinf.zip(iloc).ok_or(missing)?;
        let locations = Locations::read(bytes, &iloc)?;
        let wide = |width: &BoxAt| if version(bytes, width) == Some(0) { 2 } else { 4 };
        let primary = pitm.and_then(|pitm| number_at(bytes, pitm.body.start.checked_add(4)?, wide(&pitm)));
        let count_at = iinf.body.start.saturating_add(4);
        let count = count_at..count_at.saturating_add(wide(&iinf));
        let last_id = locations.items.iter().map(|item| item.id).max().unwrap_or_default();
        let info = Info { iinf, count, last_id };
        let mut items = Self { meta, list: Vec::new(), info, iloc, locations, iref, idat, primary };
        items.read_list(bytes)?;
        Ok(items)
    }

    fn read_list(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        for entry in Boxes::within(bytes, self.info.count.end..self.info.iinf.body.end).named(*b"infe") {
            let entry = entry?;
            let Some((id, kind)) = entry_of(bytes, &entry)? else { continue };
            self.info.last_id = self.info.last_id.max(id);
            let Some(kind) = kind else { continue };
            if self.list.len() == METADATA_MAX {
                return Err(Broken::Limit { what: "items of metadata", limit: METADATA_MAX });
            }
            let location = self.locations.of(id);
            let first = location.and_then(|location| self.parts(bytes, location).next().flatten());
            let is_one_part = location.is_some_and(|location| location.extents.len() == 1);
            let at = first.map_or(0, |first| first.start);
            self.list.push(Item { kind, range: entry.whole, at, is_one_part, id });
        }
        Ok(())
    }

    /// The data of an item; none where it is in another file or item, or nowhere.
    ///
    /// # Errors
    /// [`Broken`] where it is outside the file, or longer than is read.
    pub(super) fn data<'b>(&self, bytes: &'b [u8], item: &Item) -> Result<Option<Cow<'b, [u8]>>, Broken> {
        let location = self.locations.of(item.id).filter(|location| location.source == 0);
        let Some(location) = location.filter(|location| location.method < 2) else { return Ok(None) };
        let mut data = Cow::Borrowed(&[][..]);
        for part in self.parts(bytes, location) {
            let truncated = Broken::Truncated { what: "an item", at: item.range.start };
            let part = part.and_then(|part| bytes.get(part)).ok_or(truncated)?;
            if data.len().saturating_add(part.len()) > ITEM_BYTES_MAX {
                return Err(Broken::Limit { what: "bytes of an item", limit: ITEM_BYTES_MAX });
            }
            if data.is_empty() {
                data = Cow::Borrowed(part);
            } else {
                data.to_mut().extend_from_slice(part);
            }
        }
        Ok(Some(data))
    }

    /// Where in the file the parts of an item stand; none for one that would be outside.
    fn parts(&self, bytes: &[u8], location: &Location) -> impl Iterator<Item = Option<Range<usize>>> {
        let space = match location.method {
            0 => Some(0..bytes.len()),
            _ => self.idat.as_ref().map(|idat| idat.body.clone()),
        };
        let base = location.base.value;
        location.extents.iter().map(move |extent| {
            let space = space.clone()?;
            let offset = usize::try_from(base.checked_add(extent.offset.value)?).ok()?;
            let start = space.start.checked_add(offset)?;
            let end = match extent.length {
                0 => space.end,
                length => start.checked_add(usize::try_from(length).ok()?)?,
            };
            (start <= end && end <= space.end).then_some(start..end)
        })
    }

    /// The edits that say that the data of an item is elsewhere; none where a table has no room for that.
    pub(super) fn relocate(&self, bytes: &[u8], item: &Item, place: u64, length: usize) -> Option<Edits> {
        let location = self.locations.of(item.id)?;
        let entry = self.locations.entry(item.id, place, u64::try_from(length).ok()?)?;
        let edits = Edits::replace(location.range.clone(), entry);
        let growth = edits.growth();
        grow(bytes, &[&self.iloc, &self.meta], growth, edits)
    }

    /// The edits that add an item of XMP that describes the picture; none where a table has no room for that.
    pub(super) fn add(&self, bytes: &[u8], place: u64, length: usize) -> Option<Edits> {
        let id = self.info.last_id.checked_add(1)?;
        let entry = self.locations.entry(id, place, u64::try_from(length).ok()?)?;
        let info = info_entry(id)?;
        let (reference, reference_at) = self.reference(bytes, id)?;
        let lengths = [info.len(), entry.len(), reference.len()].map(|length| i64::try_from(length).ok());
        let [info_growth, entry_growth, reference_growth] = lengths;
        let (info_growth, entry_growth, reference_growth) = (info_growth?, entry_growth?, reference_growth?);
        let iinf = &self.info.iinf;
        // Insertions come before what is changed at the same place.
        let edits = Edits::insert(iinf.body.end, info)
            .and(self.locations.end..self.locations.end, entry)
            .and(reference_at..reference_at, reference);
        let edits = count_up(bytes, self.info.count.clone(), edits)?;
        let edits = count_up(bytes, self.locations.count.clone(), edits)?;
        let edits = grow(bytes, &[iinf], info_growth, edits)?;
        let edits = grow(bytes, &[&self.iloc], entry_growth, edits)?;
        let edits = grow(bytes, self.iref.as_ref().as_slice(), reference_growth, edits)?;
        let growth = edits.growth();
        grow(bytes, &[&self.meta], growth, edits)
    }

    /// The reference of an item to the picture, and where it comes.
    fn reference(&self, bytes: &[u8], id: u64) -> Option<(Vec<u8>, usize)> {
        let primary = self.primary?;
        let of_width = |width| {
            let body = [field(id, width)?, 1_u16.to_be_bytes().to_vec(), field(primary, width)?];
            boxes::whole(*b"cdsc", &body.concat())
        };
        match &self.iref {
            Some(iref) => {
                let width = if version(bytes, iref)? == 0 { 2 } else { 4 };
                Some((of_width(width)?, iref.body.end))
            }
            None => {
                let is_wide = id.max(primary) > u64::from(u16::MAX);
                let (version, width) = if is_wide { (1, 4) } else { (0, 2) };
                let reference = of_width(width)?;
                let iref = boxes::whole(*b"iref", &[&[version, 0, 0, 0][..], &reference].concat())?;
                Some((iref, self.meta.body.end))
            }
        }
    }
}

/// Makes boxes longer; none where one has no room for that.
fn grow(bytes: &[u8], path: &[&BoxAt], growth: i64, edits: Edits) -> Option<Edits> {
    path.iter().try_fold(edits, |edits, outer| match outer.resized(bytes, growth) {
        Resized::Open => Some(edits),
        Resized::To(range, length) => Some(edits.and(range, length)),
        Resized::TooLong => None,
    })
}

fn count_up(bytes: &[u8], count: Range<usize>, edits: Edits) -> Option<Edits> {
    let more = number_at(bytes, count.start, count.len())?.checked_add(1)?;
    let more = field(more, count.len())?;
    Some(edits.and(count, more))
}

fn version(bytes: &[u8], of: &BoxAt) -> Option<u8> {
    of.data(bytes).first().copied()
}

/// The identifier of an item, and its kind if it is one of metadata; none for entries of before version 2, which have no
/// types.
fn entry_of(bytes: &[u8], entry: &BoxAt) -> Result<Option<(u64, Option<Kind>)>, Broken> {
    let data = entry.data(bytes);
    let id_width = match version(bytes, entry) {
        Some(2) => 2_usize,
        Some(3) => 4,
        _ => return Ok(None),
    };
    let id = number_at(data, 4, id_width);
    // Behind the identifier an index of protection, the type, and strings that end with zeros.
    let kind = data.get(id_width.saturating_add(6)..).and_then(<[u8]>::split_first_chunk::<4>);
    let truncated = Broken::Truncated { what: "an entry of items", at: entry.whole.start };
    let (id, (kind, strings)) = id.zip(kind).ok_or(truncated)?;
    let mut strings = strings.split(|&byte| byte == 0).skip(1);
    Ok(Some((
        id,
        match kind {
            b"Exif" => Some(Kind::Exif),
            b"mime" if strings.next().is_some_and(|mime| mime.eq_ignore_ascii_case(XMP_TYPE)) => {
                if strings.next().is_some_and(|encoding| !encoding.is_empty()) {
                    return Err(Broken::Malformed { what: "XMP in an encoding", at: entry.whole.start });
                }
                Some(Kind::Xmp)
            }
            _ => None,
        },
    )))
}

fn info_entry(id: u64) -> Option<Vec<u8>> {
    let (version, width) = if id > u64::from(u16::MAX) { (3, 4) } else { (2, 2) };
    let body = [&[version, 0, 0, 0][..], &field(id, width)?, b"\0\0mime\0", XMP_TYPE, b"\0"].concat();
    boxes::whole(*b"infe", &body)
}
