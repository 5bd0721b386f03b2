//! A picture as this crate takes it: eight bits a channel, red, green, blue, rows from the top.

use thiserror::Error;

/// Sides longer than this are refused: a decoder should have stopped such a picture before.
pub const SIDE_MAX: u32 = 32_768;

/// More pixels than this are refused (100 megapixels, 300 MB).
pub const PIXELS_MAX: u64 = 100_000_000;

/// The pixels of one picture: `3 * width * height` bytes, RGB, rows from the top, no padding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixels {
    // INVARIANT: both sides are at least 1, and `rgb.len() == 3 * width * height`.
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

/// Why bytes are not a picture.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PixelsError {
    /// A side is zero or over [`SIDE_MAX`], or there are more than [`PIXELS_MAX`] pixels.
    #[error("a picture of {width} by {height} pixels is outside the limits")]
    Size {
        /// The width that was given.
        width: u32,
        /// The height that was given.
        height: u32,
    },
    /// The number of bytes is not three for each pixel.
    #[error("{bytes} bytes are not three for each of {width} by {height} pixels")]
    Bytes {
        /// The width that was given.
        width: u32,
        /// The height that was given.
        height: u32,
        /// How many bytes there were.
        bytes: usize,
    },
}

impl Pixels {
    /// Takes RGB bytes as a picture.
    ///
    /// # Errors
    ///
    /// [`PixelsError`] when the size is outside the limits or the bytes are not as many as it needs.
    pub fn new(width: u32, height: u32, rgb: Vec<u8>) -> Result<Self, PixelsError> {
        let pixels = u64::from(width) * u64::from(height);
        let sides_fit = (1..=SIDE_MAX).contains(&width) && (1..=SIDE_MAX).contains(&height);
        if !sides_fit || pixels > PIXELS_MAX {
            return Err(PixelsError::Size { width, height });
        }
        if u64::try_from(rgb.len()) != Ok(3 * pixels) {
            return Err(PixelsError::Bytes { width, height, bytes: rgb.len() });
        }
        // The limits above fit `usize` on every machine of 32 bits and more.
        Ok(Self { width: width as usize, height: height as usize, rgb })
    }

    /// The width in pixels.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// The height in pixels.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// The bytes, three for each pixel.
    #[must_use]
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// The bytes alone, for an encoder.
    #[must_use]
    pub fn into_rgb(self) -> Vec<u8> {
        self.rgb
    }

    /// Writes the luma of row `y` (BT.601, 0 to 255) into `row`.
    pub(crate) fn luma_row(&self, y: usize, row: &mut [f32]) {
        let line = self.rgb.chunks_exact(3 * self.width).nth(y).unwrap_or_default();
        for (luma, pixel) in row.iter_mut().zip(line.chunks_exact(3)) {
            if let [red, green, blue] = pixel {
                *luma = 0.299 * f32::from(*red) + 0.587 * f32::from(*green) + 0.114 * f32::from(*blue);
            }
        }
    }

    /// The rows as bytes that may be changed.
    pub(crate) fn rows_mut(&mut self) -> impl Iterator<Item = &mut [u8]> {
        self.rgb.chunks_exact_mut(3 * self.width)
    }
}
