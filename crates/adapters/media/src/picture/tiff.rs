//! TIFF: new pixels and a new directory in the old file, so that what the directory points at stays where it is.
//!
//! EXIF, GPS and makers' notes are full of offsets into the file, so nothing of it moves. The old pixels become zeros:
//! nobody can dig out a picture without its label. A file grows by the new pixels, unless they fit where the old were.

use std::ops::Range;

use ::tiff::encoder::{Compression, DeflateLevel, Predictor, TiffEncoder, colortype};
use image::{DynamicImage, codecs::tiff::TiffDecoder};

use super::{Decoded, PictureFormat, Treatment, reader};
use crate::MediaError;

const NAME: &str = PictureFormat::Tiff.name();
/// The entries of a directory that are looked at.
const ENTRIES_MAX: usize = 4096;
const ENTRY: usize = 12;
/// The byte order, 42, and where the first directory stands.
const HEAD: usize = 8;

const COMPRESSION: u16 = 259;
const PHOTOMETRIC: u16 = 262;
const STRIP_OFFSETS: u16 = 273;
const STRIP_LENGTHS: u16 = 279;
const TILE_OFFSETS: u16 = 324;
const TILE_LENGTHS: u16 = 325;
const SUB_DIRECTORIES: u16 = 330;
const PROFILE: u16 = 34_675;

/// Entries that say how the pixels are stored (TIFF 6.0). Those of the new pixels take their place.
const STORAGE: [u16; 36] = [
    256,
    257,
    258,
    COMPRESSION,
    PHOTOMETRIC,
    263,
    264,
    265,
    266,
    STRIP_OFFSETS,
    277,
    278,
    STRIP_LENGTHS,
    284,
    290,
    291,
    292,
    293,
    301,
    317,
    320,
    322,
    323,
    TILE_OFFSETS,
    TILE_LENGTHS,
    332,
    334,
    336,
    338,
    339,
    340,
    341,
    347,
    529,
    530,
    531,
];

pub(super) fn treat(bytes: &[u8], treatment: Treatment<'_>) -> Result<Vec<u8>, MediaError> {
    let old = Directory::first(bytes)?;
    if old.next != 0 || old.find(SUB_DIRECTORIES).is_some() {
        return Err(MediaError::Unsupported("a TIFF picture with several pages"));
    }
    let decoder = TiffDecoder::new(reader(bytes)).map_err(|error| MediaError::decode(NAME, error))?;
    let mut decoded = Decoded::read(decoder, NAME)?;
    decoded.treat(treatment)?;
    let encoded = encode(decoded.picture, &old)?;
    old.with_pixels(bytes, &encoded)
}

/// A file of its own with the pixels, compressed as they were where that is possible without loss.
fn encode(mut picture: DynamicImage, old: &Directory<'_>) -> Result<Vec<u8>, MediaError> {
    let (compression, mut predictor) = match old.number(COMPRESSION) {
        None | Some(1) => (Compression::Uncompressed, Predictor::None),
        Some(5) => (Compression::Lzw, Predictor::Horizontal),
        Some(_) => (Compression::Deflate(DeflateLevel::Balanced), Predictor::Horizontal),
    };
    if old.order == Order::Big {
        // The encoder writes numbers of 16 bits little end first; a difference of turned ones would be none.
        if turn(&mut picture) {
            predictor = Predictor::None;
        }
    }
    let mut encoded = std::io::Cursor::new(Vec::new());
    let (width, height) = (picture.width(), picture.height());
    let mut write = || {
        let mut encoder =
            TiffEncoder::new(&mut encoded)?.with_compression(compression).with_predictor(predictor);
        match &picture {
            DynamicImage::ImageLuma8(pixels) => {
                encoder.write_image::<colortype::Gray8>(width, height, pixels)
            }
            DynamicImage::ImageRgb8(pixels) => encoder.write_image::<colortype::RGB8>(width, height, pixels),
            DynamicImage::ImageRgba8(pixels) => {
                encoder.write_image::<colortype::RGBA8>(width, height, pixels)
            }
            DynamicImage::ImageLuma16(pixels) => {
                encoder.write_image::<colortype::Gray16>(width, height, pixels)
            }
            DynamicImage::ImageRgb16(pixels) => {
                encoder.write_image::<colortype::RGB16>(width, height, pixels)
            }
            DynamicImage::ImageRgba16(pixels) => {
                encoder.write_image::<colortype::RGBA16>(width, height, pixels)
            }
            _ => Err(::tiff::TiffError::UnsupportedError(::tiff::TiffUnsupportedError::UnsupportedDataType)),
        }
    };
    match write() {
        Ok(()) => Ok(encoded.into_inner()),
        Err(::tiff::TiffError::UnsupportedError(_)) => {
            Err(MediaError::Unsupported("a TIFF picture of such samples"))
        }
        Err(error) => Err(MediaError::encode(NAME, error)),
    }
}

/// Turns the bytes of samples of 16 bits; says whether there are such.
fn turn(picture: &mut DynamicImage) -> bool {
    let samples: &mut [u16] = match picture {
        DynamicImage::ImageLuma16(pixels) => pixels,
        DynamicImage::ImageRgb16(pixels) => pixels,
        DynamicImage::ImageRgba16(pixels) => pixels,
        _ => return false,
    };
    samples.iter_mut().for_each(|sample| *sample = sample.swap_bytes());
    true
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

impl Order {
    fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let field = *bytes.get(at..)?.first_chunk()?;
        Some(if self == Self::Little { u16::from_le_bytes(field) } else { u16::from_be_bytes(field) })
    }

    fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let field = *bytes.get(at..)?.first_chunk()?;
        Some(if self == Self::Little { u32::from_le_bytes(field) } else { u32::from_be_bytes(field) })
    }

    const fn put16(self, value: u16) -> [u8; 2] {
        if matches!(self, Self::Little) { value.to_le_bytes() } else { value.to_be_bytes() }
    }

    const fn put32(self, value: u32) -> [u8; 4] {
        if matches!(self, Self::Little) { value.to_le_bytes() } else { value.to_be_bytes() }
    }
}

/// An image file directory.
struct Directory<'b> {
    bytes: &'b [u8],
    order: Order,
    entries: Vec<Entry>,
    /// Where the next stands; 0 for none.
    next: u32,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    tag: u16,
    kind: u16,
    count: u32,
    /// The value or where it stands, as it is in the file.
    value: [u8; 4],
    /// Where `value` is.
    value_at: usize,
}

impl Entry {
    /// The bytes of one number, for the kinds that count or point.
    const fn width(&self) -> Option<usize> {
        match self.kind {
            3 => Some(2),
            4 => Some(4),
            _ => None,
        }
    }
}

impl<'b> Directory<'b> {
    fn first(bytes: &'b [u8]) -> Result<Self, MediaError> {
        let order = match bytes.get(..4) {
            Some(b"II*\0") => Order::Little,
            Some(b"MM\0*") => Order::Big,
            Some(b"II+\0" | b"MM\0+") => return Err(MediaError::Unsupported("a BigTIFF picture")),
            _ => return Err(MediaError::NotThis(NAME)),
        };
        let broken = || MediaError::decode(NAME, "its directory is not whole");
        let at = order.u32(bytes, 4).ok_or_else(broken)? as usize;
        let count = usize::from(order.u16(bytes, at).ok_or_else(broken)?);
        if count > ENTRIES_MAX {
            return Err(MediaError::Limit { what: "entries of a TIFF directory", limit: ENTRIES_MAX as u64 });
        }
        let entries = (0..count).map(|index| {
            let at = at.checked_add(2)?.checked_add(index * ENTRY)?;
            Some(Entry {
                tag: order.u16(bytes, at)?,
                kind: order.u16(bytes, at + 2)?,
                count: order.u32(bytes, at + 4)?,
                value: *bytes.get(at + 8..)?.first_chunk()?,
                value_at: at + 8,
            })
        });
        let entries = entries.collect::<Option<Vec<_>>>().ok_or_else(broken)?;
        let next = order.u32(bytes, at + 2 + count * ENTRY).ok_or_else(broken)?;
        Ok(Self { bytes, order, entries, next })
    }

    fn find(&self, tag: u16) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.tag == tag)
    }

    /// All numbers of an entry; none where it is not there, is of another kind or not whole.
    fn numbers(&self, tag: u16) -> Option<Vec<u32>> {
        let entry = self.find(tag)?;
        let width = entry.width()?;
        let length = (entry.count as usize).checked_mul(width)?;
        let start = if length <= 4 { entry.value_at } else { self.order.u32(&entry.value, 0)? as usize };
        let bytes = self.bytes.get(start..start.checked_add(length)?)?;
        let number = |field: &[u8]| match width {
            2 => self.order.u16(field, 0).map(u32::from),
            _ => self.order.u32(field, 0),
        };
        bytes.chunks_exact(width).map(number).collect()
    }

    fn number(&self, tag: u16) -> Option<u32> {
        self.numbers(tag)?.first().copied()
    }

    /// Where the pixels stand.
    fn pixels(&self) -> Result<Vec<Range<usize>>, MediaError> {
        let of = |offsets, lengths| self.numbers(offsets).zip(self.numbers(lengths));
        let (offsets, lengths) = of(STRIP_OFFSETS, STRIP_LENGTHS)
            .or_else(|| of(TILE_OFFSETS, TILE_LENGTHS))
            .ok_or_else(|| MediaError::decode(NAME, "it does not say where its pixels stand"))?;
        let ranges = offsets.into_iter().zip(lengths).map(|(offset, length)| {
            let start = (offset as usize).min(self.bytes.len());
            start..start.saturating_add(length as usize).min(self.bytes.len())
        });
        let ranges: Vec<_> = ranges.collect();
        if ranges.iter().any(|range| range.start < HEAD) {
            return Err(MediaError::decode(NAME, "its pixels stand in its head"));
        }
        Ok(ranges)
    }

    /// This file with the pixels of `encoded`, a little-endian file of strips.
    fn with_pixels(&self, bytes: &[u8], encoded: &[u8]) -> Result<Vec<u8>, MediaError> {
        let new = Directory::first(encoded)?;
        let too_long = || MediaError::Limit { what: "bytes of TIFF", limit: u64::from(u32::MAX) };
        let strips = new.pixels()?;
        let mut file = bytes.to_vec();
        for range in self.pixels()? {
            if let Some(old) = file.get_mut(range) {
                old.fill(0);
            }
        }
        let mut place = self.gap(strips.iter().map(Range::len).sum())?;
        let mut offsets = Vec::new();
        let mut lengths = Vec::new();
        for strip in strips {
            let strip = encoded.get(strip).unwrap_or_default();
            let at = place.unwrap_or(file.len());
            match file.get_mut(at..at.saturating_add(strip.len())) {
                Some(room) if place.is_some() => room.copy_from_slice(strip),
                _ => file.extend_from_slice(strip),
            }
            place = place.map(|place| place.saturating_add(strip.len()));
            offsets.push(u32::try_from(at).map_err(|_| too_long())?);
            lengths.push(u32::try_from(strip.len()).map_err(|_| too_long())?);
        }
        let mut entries: Vec<Entry> =
            self.entries.iter().filter(|entry| self.stays(entry)).copied().collect();
        for entry in &new.entries {
            let numbers = match entry.tag {
                STRIP_OFFSETS => Some(std::mem::take(&mut offsets)),
                STRIP_LENGTHS => Some(std::mem::take(&mut lengths)),
                tag if STORAGE.contains(&tag) => new.numbers(tag),
                _ => None,
            };
            if let Some(numbers) = numbers {
                entries.push(self.entry(entry.tag, entry.kind, &numbers, &mut file).ok_or_else(too_long)?);
            }
        }
        entries.sort_by_key(|entry| entry.tag);
        if file.len() & 1 == 1 {
            file.push(0);
        }
        let at = u32::try_from(file.len()).map_err(|_| too_long())?;
        file.extend(self.order.put16(u16::try_from(entries.len()).unwrap_or(u16::MAX)));
        for entry in entries {
            file.extend(self.order.put16(entry.tag));
            file.extend(self.order.put16(entry.kind));
            file.extend(self.order.put32(entry.count));
            file.extend(entry.value);
        }
        file.extend([0; 4]);
        if let Some(first) = file.get_mut(4..HEAD) {
            first.copy_from_slice(&self.order.put32(at));
        }
        Ok(file)
    }

    fn stays(&self, entry: &Entry) -> bool {
        // A profile of printing inks says nothing about the colours that were decoded from them.
        let was_inks = self.number(PHOTOMETRIC) == Some(5);
        !(STORAGE.contains(&entry.tag) || (was_inks && entry.tag == PROFILE))
    }

    /// Where as many bytes stood of old pixels, in one piece.
    fn gap(&self, length: usize) -> Result<Option<usize>, MediaError> {
        let mut old = self.pixels()?;
        old.sort_by_key(|range| range.start);
        let mut run: Option<Range<usize>> = None;
        for range in old {
            run = match run {
                Some(run) if range.start <= run.end => Some(run.start..run.end.max(range.end)),
                _ => Some(range),
            };
            if let Some(run) = run.as_ref().filter(|run| run.len() >= length) {
                return Ok(Some(run.start));
            }
        }
        Ok(None)
    }

    /// An entry of numbers in this file's order; what does not fit into it is appended to the file.
    fn entry(&self, tag: u16, kind: u16, numbers: &[u32], file: &mut Vec<u8>) -> Option<Entry> {
        let mut bytes = Vec::new();
        for number in numbers {
            match kind {
                3 => bytes.extend(self.order.put16(u16::try_from(*number).ok()?)),
                _ => bytes.extend(self.order.put32(*number)),
            }
        }
        let value = if bytes.len() <= 4 {
            bytes.resize(4, 0);
            *bytes.first_chunk()?
        } else {
            if file.len() & 1 == 1 {
                file.push(0);
            }
            let at = self.order.put32(u32::try_from(file.len()).ok()?);
            file.extend(&bytes);
            at
        };
        Some(Entry { tag, kind, count: u32::try_from(numbers.len()).ok()?, value, value_at: 0 })
    }
}
