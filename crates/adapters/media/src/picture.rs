//! Pictures: decoded within limits, labelled, marked, encoded in the format they came in.

mod format;

mod style;

mod overlay;

mod font;

mod canvas;

mod gif;

mod jpeg;

mod png;

mod tiff;

mod webp;

#[cfg(test)]
mod tests;

use std::io::Cursor;

use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, Limits, RgbImage,
    codecs::{jpeg::JpegDecoder, png::PngDecoder, tiff::TiffDecoder, webp::WebPDecoder},
    metadata::Orientation,
};

use crate::MediaError;

pub(crate) use font::can_draw;
pub use format::PictureFormat;
pub use overlay::Overlay;
pub use style::{Place, Shape, VisibleStyle};

/// The most pixels of a picture: 8,192 × 8,192, twice what cameras give. Read from the head of a file, before anything is
/// decoded; decoded they take 192 MiB as a rule and 512 MiB at 16 bits with transparency.
pub const PIXELS_MAX: u64 = 1 << 26;

/// What codecs may take beside the pixels: profiles, texts, tables, in bytes.
const BESIDE_BYTES_MAX: u64 = 64 << 20;

/// What is done to a picture between decoding and encoding, in this order.
#[derive(Default)]
pub struct Treatment<'t> {
    /// The label that people see; none only under a waiver (`label::Waiver`).
    pub visible: Option<&'t VisibleStyle>,
    /// The invisible mark, or whatever else is to change pixels. It sees the label already.
    pub mark: Option<&'t mut dyn FnMut(Rgb8View<'_>)>,
}

/// The colours of a picture as they are stored: turned neither by EXIF nor by a profile, without transparency.
///
/// What is changed here is carried over to the picture: at 16 bits as a difference, so that the lower bits stay, and
/// to grey as the difference of the brightness.
pub struct Rgb8View<'p> {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Red, green and blue of each pixel, row by row: `width × height × 3` bytes.
    pub pixels: &'p mut [u8],
}

/// The picture with a visible label, in its own format: profile, orientation and all other metadata stay, and
/// transparency and depth. A store of Content Credentials stays too and no longer matches: sign anew, with the original as ingredient.
///
/// # Errors
/// [`MediaError`]: then there is no labelled picture, and the unlabelled one is not to be delivered.
pub fn label_picture(
    bytes: &[u8],
    format: PictureFormat,
    style: &VisibleStyle,
) -> Result<Vec<u8>, MediaError> {
    treat_picture(bytes, format, Treatment { visible: Some(style), mark: None })
}

/// The same with an invisible mark after the label, or instead of it.
///
/// # Errors
/// [`MediaError`].
pub fn treat_picture(
    bytes: &[u8],
    format: PictureFormat,
    treatment: Treatment<'_>,
) -> Result<Vec<u8>, MediaError> {
    match format {
        PictureFormat::Gif => gif::treat(bytes, treatment),
        PictureFormat::Jpeg => jpeg::treat(bytes, treatment),
        PictureFormat::Png => png::treat(bytes, treatment),
        PictureFormat::Tiff => tiff::treat(bytes, treatment),
        PictureFormat::WebP => webp::treat(bytes, treatment),
    }
}

/// The colours of a picture as they are stored, for who reads marks in them; of a film, its first frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rgb8 {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Red, green and blue of each pixel, row by row: `width × height × 3` bytes.
    pub pixels: Vec<u8>,
}

/// Draws a label onto colours in memory, upright as they are stored.
///
/// # Errors
/// [`MediaError::TooSmall`]; [`MediaError::NotThis`] where the pixels are not `width × height × 3` bytes.
pub fn draw_label(picture: &mut Rgb8, style: &VisibleStyle) -> Result<(), MediaError> {
    let pixels = std::mem::take(&mut picture.pixels);
    let Some(pixels) = RgbImage::from_raw(picture.width, picture.height, pixels) else {
        return Err(MediaError::NotThis("picture of that size"));
    };
    let mut pixels = DynamicImage::ImageRgb8(pixels);
    let drawn = canvas::Canvas { picture: &mut pixels, orientation: Orientation::NoTransforms }.label(style);
    picture.pixels = pixels.into_bytes();
    drawn
}

/// Decodes a picture within [`PIXELS_MAX`].
///
/// # Errors
/// [`MediaError`] where it is broken or too large.
pub fn read_picture(bytes: &[u8], format: PictureFormat) -> Result<Rgb8, MediaError> {
    let name = format.name();
    let failed = |error| MediaError::decode(name, error);
    let decoded = match format {
        PictureFormat::Gif => return gif::first_frame(bytes),
        PictureFormat::Jpeg => Decoded::read(JpegDecoder::new(reader(bytes)).map_err(failed)?, name),
        PictureFormat::Png => Decoded::read(PngDecoder::new(reader(bytes)).map_err(failed)?, name),
        PictureFormat::Tiff => Decoded::read(TiffDecoder::new(reader(bytes)).map_err(failed)?, name),
        PictureFormat::WebP => Decoded::read(WebPDecoder::new(reader(bytes)).map_err(failed)?, name),
    };
    let picture = decoded?.picture.into_rgb8();
    Ok(Rgb8 { width: picture.width(), height: picture.height(), pixels: picture.into_raw() })
}

/// A PNG of those colours.
///
/// # Errors
/// [`MediaError::Encode`] where the pixels are not `width × height × 3` bytes.
pub fn write_png(picture: &Rgb8) -> Result<Vec<u8>, MediaError> {
    png::write(&picture.pixels, picture.width, picture.height, ExtendedColorType::Rgb8)
}

/// A picture in memory, with the way it is turned for showing.
struct Decoded {
    picture: DynamicImage,
    orientation: Orientation,
}

impl Decoded {
    /// Decodes what `decoder` announces, if that is not too much.
    fn read(mut decoder: impl ImageDecoder, format: &'static str) -> Result<Self, MediaError> {
        let (width, height) = decoder.dimensions();
        if u64::from(width) * u64::from(height) > PIXELS_MAX {
            return Err(MediaError::Limit { what: "pixels", limit: PIXELS_MAX });
        }
        let mut limits = Limits::default();
        limits.max_alloc = Some(decoder.total_bytes().saturating_mul(2).saturating_add(BESIDE_BYTES_MAX));
        decoder.set_limits(limits).map_err(|error| MediaError::decode(format, error))?;
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let picture =
            DynamicImage::from_decoder(decoder).map_err(|error| MediaError::decode(format, error))?;
        Ok(Self { picture, orientation })
    }

    /// Labels and marks the pixels.
    fn treat(&mut self, treatment: Treatment<'_>) -> Result<(), MediaError> {
        if let Some(style) = treatment.visible {
            canvas::Canvas { picture: &mut self.picture, orientation: self.orientation }.label(style)?;
        }
        if let Some(mark) = treatment.mark {
            with_colours(&mut self.picture, mark);
        }
        Ok(())
    }
}

/// Lets `mark` change the colours of a picture of whatever depth.
fn with_colours(picture: &mut DynamicImage, mark: &mut dyn FnMut(Rgb8View<'_>)) {
    let (width, height) = (picture.width(), picture.height());
    if let Some(colours) = picture.as_mut_rgb8() {
        mark(Rgb8View { width, height, pixels: colours });
        return;
    }
    let before = picture.to_rgb8();
    let mut after = before.clone();
    mark(Rgb8View { width, height, pixels: &mut after });
    let changes = before.as_raw().as_chunks::<3>().0.iter().zip(after.as_raw().as_chunks::<3>().0);
    carry_over(picture, changes);
}

/// Adds the difference of each pair of colours to the pixel it is of.
fn carry_over<'c>(picture: &mut DynamicImage, changes: impl Iterator<Item = (&'c [u8; 3], &'c [u8; 3])>) {
    let differences =
        changes.map(|(before, after)| [0, 1, 2].map(|at: usize| channel(after, at) - channel(before, at)));
    match picture {
        DynamicImage::ImageLuma8(pixels) => {
            add(pixels, 1, differences, |value: &mut u8, by| *value = moved8(*value, by))
        }
        DynamicImage::ImageLumaA8(pixels) => {
            add(pixels, 2, differences, |value: &mut u8, by| *value = moved8(*value, by))
        }
        DynamicImage::ImageRgb8(pixels) => {
            add(pixels, 3, differences, |value: &mut u8, by| *value = moved8(*value, by))
        }
        DynamicImage::ImageRgba8(pixels) => {
            add(pixels, 4, differences, |value: &mut u8, by| *value = moved8(*value, by))
        }
        DynamicImage::ImageLuma16(pixels) => {
            add(pixels, 1, differences, |value: &mut u16, by| *value = moved16(*value, by))
        }
        DynamicImage::ImageLumaA16(pixels) => {
            add(pixels, 2, differences, |value: &mut u16, by| *value = moved16(*value, by))
        }
        DynamicImage::ImageRgb16(pixels) => {
            add(pixels, 3, differences, |value: &mut u16, by| *value = moved16(*value, by))
        }
        DynamicImage::ImageRgba16(pixels) => {
            add(pixels, 4, differences, |value: &mut u16, by| *value = moved16(*value, by))
        }
        DynamicImage::ImageRgb32F(pixels) => {
            add(pixels, 3, differences, |value: &mut f32, by| *value += f32::from(by) / 255.0)
        }
        DynamicImage::ImageRgba32F(pixels) => {
            add(pixels, 4, differences, |value: &mut f32, by| *value += f32::from(by) / 255.0)
        }
        _ => {}
    }
}

/// Walks pixels of `channels` values with the differences of their colours; of grey, that of the brightness counts.
fn add<T>(
    values: &mut [T],
    channels: usize,
    differences: impl Iterator<Item = [i16; 3]>,
    move_by: impl Fn(&mut T, i16),
) {
    for (pixel, [red, green, blue]) in values.chunks_exact_mut(channels).zip(differences) {
        let grey = (red + green + blue) / 3;
        let by = if channels < 3 { [grey, 0, 0] } else { [red, green, blue] };
        let colours = if channels < 3 { 1 } else { 3 };
        for (value, by) in pixel.iter_mut().take(colours).zip(by) {
            move_by(value, by);
        }
    }
}

fn channel(colour: &[u8; 3], at: usize) -> i16 {
    colour.get(at).copied().map_or(0, i16::from)
}

fn moved8(value: u8, by: i16) -> u8 {
    u8::try_from((i16::from(value) + by).clamp(0, 255)).unwrap_or(value)
}

/// One step of 8 bits is 257 steps of 16.
fn moved16(value: u16, by: i16) -> u16 {
    u16::try_from((i32::from(value) + i32::from(by) * 257).clamp(0, 65_535)).unwrap_or(value)
}

/// A reader over the file for the codecs.
fn reader(bytes: &[u8]) -> Cursor<&[u8]> {
    Cursor::new(bytes)
}
