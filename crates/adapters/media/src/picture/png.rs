//! PNG: lossless as it came, and every chunk that still speaks of the picture stays.

use image::{
    ExtendedColorType, ImageEncoder as _,
    codecs::png::{CompressionType, FilterType, PngDecoder, PngEncoder},
};

use super::{Decoded, PictureFormat, Treatment, reader};
use crate::MediaError;

const NAME: &str = PictureFormat::Png.name();
const SIGNATURE: usize = 8;
/// Length, name and checksum of a chunk.
const CHUNK_FRAME: usize = 12;

/// A tenth larger than at the usual level, at a tenth of its time. What the encoder calls fast makes files half as large
/// again, and twice as large of noise.
const COMPRESSION: CompressionType = CompressionType::Level(2);

/// Chunks that speak of how the pixels were stored, which is not kept: palettes become colours.
const STORAGE: [&[u8; 4]; 8] = [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"sBIT", b"bKGD", b"hIST"];

pub(super) fn treat(bytes: &[u8], treatment: Treatment<'_>) -> Result<Vec<u8>, MediaError> {
    let kept = Kept::of(bytes)?;
    let decoder = PngDecoder::new(reader(bytes)).map_err(|error| MediaError::decode(NAME, error))?;
    let mut decoded = Decoded::read(decoder, NAME)?;
    decoded.treat(treatment)?;

    let mut encoded = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut encoded, COMPRESSION, FilterType::Adaptive);
    decoded.picture.write_with_encoder(encoder).map_err(|error| MediaError::encode(NAME, error))?;
    drop(decoded);
    kept.put_into(&encoded)
}

/// A file with those pixels, of 8 bits each channel, and nothing else.
pub(super) fn write(
    pixels: &[u8],
    width: u32,
    height: u32,
    colour: ExtendedColorType,
) -> Result<Vec<u8>, MediaError> {
    let wanted = u64::from(width) * u64::from(height) * u64::from(colour.channel_count());
    if pixels.len() as u64 != wanted {
        return Err(MediaError::encode(NAME, "there are not as many pixels as it says"));
    }
    let mut encoded = Vec::new();
    PngEncoder::new_with_quality(&mut encoded, COMPRESSION, FilterType::Adaptive)
        .write_image(pixels, width, height, colour)
        .map_err(|error| MediaError::encode(NAME, error))?;
    Ok(encoded)
}

/// The chunks that stay, before the pixels and after them.
struct Kept<'b> {
    before: Vec<&'b [u8]>,
    after: Vec<&'b [u8]>,
}

impl<'b> Kept<'b> {
    fn of(bytes: &'b [u8]) -> Result<Self, MediaError> {
        let mut kept = Self { before: Vec::new(), after: Vec::new() };
        let mut pixels_seen = false;
        for (name, whole) in chunks(bytes) {
            match &name {
                b"acTL" | b"fcTL" | b"fdAT" => {
                    return Err(MediaError::Unsupported("an animated PNG picture"));
                }
                b"IDAT" => pixels_seen = true,
                _ if STORAGE.contains(&&name) => {}
                _ if pixels_seen => kept.after.push(whole),
                _ => kept.before.push(whole),
            }
        }
        Ok(kept)
    }

    fn put_into(&self, encoded: &[u8]) -> Result<Vec<u8>, MediaError> {
        let head = chunks(encoded)
            .next()
            .and_then(|(_, header)| encoded.split_at_checked(SIGNATURE.saturating_add(header.len())));
        let Some((head, rest)) = head else {
            return Err(MediaError::encode(NAME, "no header was written"));
        };
        let (pixels, end) = rest.split_at(rest.len().saturating_sub(CHUNK_FRAME));
        Ok([&[head], self.before.as_slice(), &[pixels], self.after.as_slice(), &[end]].concat().concat())
    }
}

/// The chunks of a file with their names, as far as they are whole; the decoder says what is wrong with the rest.
fn chunks(bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let mut rest = bytes.get(SIGNATURE..).unwrap_or_default();
    std::iter::from_fn(move || {
        let length = u32::from_be_bytes(*rest.first_chunk()?);
        let name = *rest.get(4..)?.first_chunk()?;
        let (whole, next) = rest.split_at_checked((length as usize).checked_add(CHUNK_FRAME)?)?;
        rest = next;
        Some((name, whole))
    })
}
