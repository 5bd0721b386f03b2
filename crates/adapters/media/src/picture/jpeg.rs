//! JPEG: encoded again at the quality it had, with all its application segments.

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};

use super::{Decoded, PictureFormat, Treatment, reader};
use crate::MediaError;

const NAME: &str = PictureFormat::Jpeg.name();
/// Where the tables say nothing: what cannot be told from the original.
const QUALITY_DEFAULT: u8 = 92;
/// Below this the edges of a label ring.
const QUALITY_MIN: u8 = 80;

/// ITU-T T.81, table K.1: the steps of brightness that encoders scale by their quality.
#[rustfmt::skip]
const LUMINANCE: [u32; 64] = [
    16, 11, 10, 16, 24, 40, 51, 61,      12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56,      14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77,    24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101,  72, 92, 95, 98, 112, 100, 103, 99,
];

pub(super) fn treat(bytes: &[u8], treatment: Treatment<'_>) -> Result<Vec<u8>, MediaError> {
    let head = Head::of(bytes);
    let decoder = JpegDecoder::new(reader(bytes)).map_err(|error| MediaError::decode(NAME, error))?;
    let mut decoded = Decoded::read(decoder, NAME)?;
    decoded.treat(treatment)?;

    let mut encoded = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut encoded, head.quality());
    decoded.picture.write_with_encoder(encoder).map_err(|error| MediaError::encode(NAME, error))?;
    drop(decoded);
    head.put_into(&encoded)
}

/// What stands before the pixels.
struct Head<'b> {
    /// Application segments and comments, whole.
    kept: Vec<&'b [u8]>,
    /// The sum of the quantisation table of brightness.
    luminance_sum: Option<u32>,
}

impl<'b> Head<'b> {
    fn of(bytes: &'b [u8]) -> Self {
        let mut head = Self { kept: Vec::new(), luminance_sum: None };
        let mut components = 0;
        for (marker, whole) in segments(bytes) {
            let body = whole.get(4..).unwrap_or_default();
            match marker {
                0xdb => head.read_tables(body),
                // How the colours were stored, which is not kept, and where further pictures stand in the file.
                0xee => {}
                0xe2 if body.starts_with(b"MPF\0") => {}
                0xe0..=0xef | 0xfe => head.kept.push(whole),
                0xc0..=0xc2 => components = body.get(5).copied().unwrap_or_default(),
                _ => {}
            }
        }
        if components == 4 {
            // A profile of printing inks says nothing about the colours that were decoded from them.
            head.kept.retain(|segment| segment.get(4..16) != Some(b"ICC_PROFILE\0"));
        }
        head
    }

    /// Tables of 64 values, each with its precision and number before it.
    fn read_tables(&mut self, mut body: &[u8]) {
        while let Some((&kind, rest)) = body.split_first() {
            let bytes = if kind >> 4 == 0 { 64 } else { 128 };
            let Some((table, next)) = rest.split_at_checked(bytes) else { return };
            if kind & 15 == 0 {
                let sum = if bytes == 64 {
                    table.iter().map(|&value| u32::from(value)).sum()
                } else {
                    table.as_chunks::<2>().0.iter().map(|&value| u32::from(u16::from_be_bytes(value))).sum()
                };
                self.luminance_sum = Some(sum);
            }
            body = next;
        }
    }

    /// The lowest quality, on the scale of the Independent JPEG Group, whose steps are no coarser than they were.
    fn quality(&self) -> u8 {
        let Some(sum) = self.luminance_sum else { return QUALITY_DEFAULT };
        (QUALITY_MIN..100).find(|&quality| luminance_sum(quality) <= sum).unwrap_or(100)
    }

    /// The encoded picture with the segments that stay, in place of the encoder's own.
    fn put_into(&self, encoded: &[u8]) -> Result<Vec<u8>, MediaError> {
        let own = encoded.get(2..).filter(|rest| rest.starts_with(&[0xff, 0xe0]));
        let tables = own.and_then(|rest| {
            let length = u16::from_be_bytes(*rest.get(2..)?.first_chunk()?);
            rest.get(usize::from(length).checked_add(2)?..)
        });
        let Some(tables) = tables else { return Err(MediaError::encode(NAME, "no header was written")) };
        Ok([&[&[0xff, 0xd8][..]], self.kept.as_slice(), &[tables]].concat().concat())
    }
}

/// The sum of the table that encoders make of K.1 for a quality from 50.
fn luminance_sum(quality: u8) -> u32 {
    let percent = 200 - 2 * u32::from(quality);
    LUMINANCE.iter().map(|step| ((step * percent + 50) / 100).clamp(1, 255)).sum()
}

/// The segments before the pixels with their markers, as far as they are whole.
fn segments(bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = bytes.get(2..).unwrap_or_default();
    std::iter::from_fn(move || {
        // Any number of fill bytes may stand before a marker (T.81, B.1.1.2).
        while rest.starts_with(&[0xff, 0xff]) {
            rest = rest.get(1..)?;
        }
        let marker = *rest.strip_prefix(&[0xff])?.first()?;
        if marker == 0xda {
            return None;
        }
        let length = u16::from_be_bytes(*rest.get(2..)?.first_chunk()?);
        let (whole, next) = rest.split_at_checked(usize::from(length).checked_add(2)?)?;
        rest = next;
        Some((marker, whole))
    })
}
