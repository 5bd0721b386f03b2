//! WebP: encoded without loss, whatever it was: there is no lossy encoder in Rust alone that is kept well. So nothing is
//! lost twice, and what was lossy becomes larger, about the size of its PNG.

use image::{
    ImageDecoder as _,
    codecs::webp::{WebPDecoder, WebPEncoder},
};
use label::media::riff::{self, Form};

use super::{Decoded, PictureFormat, Treatment, reader};
use crate::MediaError;

const NAME: &str = PictureFormat::WebP.name();

/// The flags of the extended header (RFC 9649, 2.7.1).
const HAS_PROFILE: u8 = 0x20;
const HAS_ALPHA: u8 = 0x10;
const HAS_EXIF: u8 = 0x08;
const HAS_XMP: u8 = 0x04;

pub(super) fn treat(bytes: &[u8], treatment: Treatment<'_>) -> Result<Vec<u8>, MediaError> {
    let decoder = WebPDecoder::new(reader(bytes)).map_err(|error| MediaError::decode(NAME, error))?;
    if decoder.has_animation() {
        return Err(MediaError::Unsupported("an animated WebP picture"));
    }
    let has_alpha = decoder.color_type().has_alpha();
    let mut decoded = Decoded::read(decoder, NAME)?;
    decoded.treat(treatment)?;

    let mut encoded = Vec::new();
    let encoder = WebPEncoder::new_lossless(&mut encoded);
    decoded.picture.write_with_encoder(encoder).map_err(|error| MediaError::encode(NAME, error))?;
    let size = (decoded.picture.width(), decoded.picture.height());
    drop(decoded);
    with_metadata(bytes, &encoded, size, has_alpha)
}

/// The new pixels in the frame of the old file: every chunk but those of the pixels stays, in its place.
fn with_metadata(
    original: &[u8],
    encoded: &[u8],
    (width, height): (u32, u32),
    has_alpha: bool,
) -> Result<Vec<u8>, MediaError> {
    let form = Form::read(original).map_err(|error| MediaError::decode(NAME, error))?;
    let whole = |range: std::ops::Range<usize>| original.get(range).unwrap_or_default();
    let is_kept = |id: &[u8; 4]| !matches!(id, b"VP8X" | b"VP8 " | b"VP8L" | b"ALPH");
    if !form.chunks.iter().any(|chunk| is_kept(&chunk.id)) {
        return Ok(encoded.to_vec());
    }
    let pixels = Form::read(encoded).map_err(|error| MediaError::encode(NAME, error))?;
    let pixels = pixels.named(b"VP8L").next().map(|chunk| chunk.whole.clone());
    let pixels = pixels.and_then(|range| encoded.get(range));
    let pixels = pixels.ok_or_else(|| MediaError::encode(NAME, "no pixels were written"))?;

    let flag = |id: &[u8; 4], flag: u8| form.named(id).next().map_or(0, |_| flag);
    let flags = flag(b"ICCP", HAS_PROFILE)
        | flag(b"EXIF", HAS_EXIF)
        | flag(b"XMP ", HAS_XMP)
        | if has_alpha { HAS_ALPHA } else { 0 };
    // 24 bits each, one less than the size.
    let size = |length: u32| length.saturating_sub(1).to_le_bytes();
    let ([a, b, c, _], [d, e, f, _]) = (size(width), size(height));
    let header = riff::chunk(*b"VP8X", &[flags, 0, 0, 0, a, b, c, d, e, f]).unwrap_or_default();

    let mut body = [b"WEBP", header.as_slice()].concat();
    let mut pixels = Some(pixels);
    for chunk in &form.chunks {
        if is_kept(&chunk.id) {
            body.extend_from_slice(whole(chunk.whole.clone()));
        } else if matches!(&chunk.id, b"VP8 " | b"VP8L") {
            body.extend_from_slice(pixels.take().unwrap_or_default());
        }
    }
    riff::chunk(*b"RIFF", &body)
        .ok_or(MediaError::Limit { what: "bytes of WebP", limit: u64::from(u32::MAX) })
}
