//! HEIF, which is HEIC and AVIF: the label is XMP in an item of type `mime` that describes the picture (ISO/IEC 23008-12,
//! A.3; TC260-PG-20259A). Read are also EXIF items.
//!
//! A new item's data stands behind everything. Its entries make the box `meta` longer, and what lies behind that moves,
//! with every offset to it.

mod items;
#[cfg(test)]
mod tests;

use super::{
    Broken, Edits, Format, Found, Hint, HintKind, Marks, Reading, WriteError,
    boxes::{self, Boxes},
    exif::Exif,
    mp4::offsets,
    xmp::{self, Packet},
};
use items::{Item, Items, Kind};

#[cfg(test)]
pub(super) use tests::samples;

const AVIF_BRANDS: [&[u8; 4]; 2] = [b"avif", b"avis"];
const HEIC_BRANDS: [&[u8; 4]; 11] =
    [b"avci", b"avcs", b"heic", b"heim", b"heis", b"heix", b"hevc", b"hevx", b"miaf", b"mif1", b"msf1"];
/// The brands of a file that are looked at.
const BRANDS_MAX: usize = 32;
/// The box `uuid` of Content Credentials.
const CREDENTIALS: [u8; 16] =
    [0xD8, 0xFE, 0xC3, 0xD6, 0x1B, 0x0E, 0x48, 0x3C, 0x92, 0x97, 0x58, 0x28, 0x87, 0x7E, 0xC4, 0x81];

/// Which of the two a file is by its brands; none where it is no picture.
pub(super) fn sniff(bytes: &[u8]) -> Option<Format> {
    let first = Boxes::within(bytes, 0..bytes.len()).next()?.ok().filter(|first| &first.kind == b"ftyp")?;
    let data = first.data(bytes);
    let (brand, others) = (data.get(..4)?, data.get(8..).unwrap_or_default());
    let is_of = |brands: &[&[u8; 4]], brand: &[u8]| brands.iter().any(|known| brand == &known[..]);
    if is_of(&AVIF_BRANDS, brand) {
        return Some(Format::Avif);
    }
    let is_avif = others.as_chunks::<4>().0.iter().take(BRANDS_MAX).any(|brand| is_of(&AVIF_BRANDS, brand));
    is_of(&HEIC_BRANDS, brand).then_some(if is_avif { Format::Avif } else { Format::Heic })
}

/// Every label and hint.
pub(super) fn read(bytes: &[u8]) -> Result<Reading, Broken> {
    let mut reading = Reading::default();
    for found in Boxes::within(bytes, 0..bytes.len()) {
        let found = found?;
        if &found.kind == b"uuid" && found.data(bytes).starts_with(&CREDENTIALS) {
            reading.hint(Hint::new(HintKind::ContentCredentials, "BMFF uuid", ""));
        }
    }
    let Some(items) = items(bytes)? else { return Ok(reading) };
    for item in &items.list {
        let Some(data) = items.data(bytes, item)? else { continue };
        match item.kind {
            Kind::Xmp => reading.packet(&item.range, Packet::read(&data, item.at)?),
            Kind::Exif => reading.exif(&item.range, Exif::read(block(&data))),
        }
    }
    Ok(reading)
}

/// Gives the item of XMP other data, or the picture its first.
pub(super) fn write(bytes: &[u8], present: Option<&Found>, marks: &Marks<'_>) -> Result<Edits, WriteError> {
    let items = items(bytes)?.ok_or(WriteError::NoPlace("it has no items"))?;
    let is_meant = |item: &&Item| match present {
        Some(found) => found.range == item.range,
        None => item.kind == Kind::Xmp,
    };
    let Some(item) = items.list.iter().find(is_meant) else {
        let packet = xmp::packet(marks);
        return finish(bytes, &items, |place| items.add(bytes, place, packet.len()), packet.as_bytes());
    };
    let old = items.data(bytes, item)?.ok_or(WriteError::NoPlace("its label stands in another item"))?;
    let edits = match item.kind {
        Kind::Xmp => Packet::read(&old, item.at)?.put(&old, marks)?,
        Kind::Exif => {
            let block = block(&old);
            let edits = Exif::read(block).replace(block, marks);
            let edits = edits.ok_or(WriteError::NoPlace("its EXIF cannot be changed"))?;
            Edits::none().and_within(old.len().saturating_sub(block.len()), &edits)
        }
    };
    if edits.as_slice().is_empty() || edits.growth() == 0 && item.is_one_part {
        return Ok(Edits::none().and_within(item.at, &edits));
    }
    let new = edits.apply(&old);
    finish(bytes, &items, |place| items.relocate(bytes, item, place, new.len()), &new)
}

const NO_ROOM: WriteError = WriteError::NoPlace("a table of its items has no room");

/// EXIF behind the offset to its block that an item has before it.
fn block(data: &[u8]) -> &[u8] {
    let block = data.split_first_chunk::<4>().and_then(|(offset, rest)| {
        let offset = usize::try_from(u32::from_be_bytes(*offset)).ok()?;
        rest.get(offset..)
    });
    block.unwrap_or_default()
}

fn items(bytes: &[u8]) -> Result<Option<Items>, Broken> {
    match Boxes::within(bytes, 0..bytes.len()).first(*b"meta")? {
        Some(meta) => Items::read(bytes, meta).map(Some),
        None => Ok(None),
    }
}

/// The edits of `meta` that say that `data` is at some place, with those of all offsets to what moves, and `data` behind
/// everything.
fn finish(
    bytes: &[u8],
    items: &Items,
    located: impl Fn(u64) -> Option<Edits>,
    data: &[u8],
) -> Result<Edits, WriteError> {
    // How long the entries are does not depend on what they say.
    let growth = located(0).ok_or(NO_ROOM)?.growth();
    let last = Boxes::within(bytes, 0..bytes.len()).last().transpose()?;
    let end = last.as_ref().map_or(bytes.len(), |last| last.whole.end);
    let (head, new) = match last {
        // It reaches to the end of the file, whatever comes.
        Some(last) if last.is_open(bytes) && &last.kind == b"mdat" => (0_i64, data.to_vec()),
        Some(last) if last.is_open(bytes) => return Err(WriteError::NoPlace("its last box has no end")),
        _ => (8, boxes::whole(*b"mdat", data).ok_or(NO_ROOM)?),
    };
    let place = i64::try_from(end).ok().and_then(|end| end.checked_add(growth)?.checked_add(head));
    let place = place.and_then(|place| u64::try_from(place).ok()).ok_or(NO_ROOM)?;
    let edits = located(place).ok_or(NO_ROOM)?;
    let replaced: Vec<_> = edits.as_slice().iter().map(|edit| edit.range.clone()).collect();
    let moved = offsets::shift(bytes, &items.meta, growth)?.into_iter();
    // An entry that is written anew needs no offset of before.
    let moved = moved.filter(|edit| !replaced.iter().any(|range| range.contains(&edit.range.start)));
    Ok(moved.fold(edits.and(end..end, new), |edits, edit| edits.and(edit.range, edit.bytes)))
}
