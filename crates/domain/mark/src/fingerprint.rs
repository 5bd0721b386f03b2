//! A fingerprint of how a picture looks: 256 bits that stay nearly the same when it is compressed, resized or changed in tone.
//!
//! It is computed as PDQ is (Facebook, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019): luma, a
//! blur as wide as a picture's 64th part, 64 by 64 samples, the 16 by 16 lowest waves of their cosine transform without the
//! constant ones, each against the median. Pictures that are not alike differ in 128 bits or so; PDQ's users take 31 and fewer as
//! the same picture. Crops and turns are not followed: that is what the mark is for.

#![expect(clippy::indexing_slicing, reason = "indexes run below the fixed sides of the grids")]
#![expect(clippy::cast_precision_loss, reason = "sides are below 2^15 and exact")]

use std::fmt;
use std::sync::LazyLock;

use crate::pixels::Pixels;
use crate::plane::Plane;

/// Samples of a picture in each direction.
const SAMPLES: usize = 64;

/// Waves of the cosine transform in each direction.
const WAVES: usize = 16;

/// Pictures are brought to at most this many pixels a side before they are blurred, as PDQ's own programs do.
const SIDE_MAX: usize = 512;

/// Bits of a fingerprint.
pub const FINGERPRINT_BITS: u32 = 256;

/// Fingerprints that differ in no more bits are of the same picture: PDQ's recommended bound.
pub const SAME_PICTURE_BITS: u32 = 31;

/// A picture's fingerprint: 256 bits, the first in the top bit of the first byte.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}

impl Fingerprint {
    /// The fingerprint of a picture, and how much there is to see in it.
    #[must_use]
    pub fn of_pixels(pixels: &Pixels) -> (Self, Quality) {
        let capped = |side: usize| side.min(SIDE_MAX);
        let luma = Plane::luma(pixels, capped(pixels.width()), capped(pixels.height()));
        let samples = samples(&luma);
        let waves = waves(&samples);
        let mut sorted: Vec<f32> = waves.iter().flatten().copied().collect();
        sorted.sort_by(f32::total_cmp);
        let median = sorted[WAVES * WAVES / 2 - 1];
        let mut bytes = [0_u8; 32];
        for (index, wave) in waves.iter().flatten().enumerate() {
            // PDQ's first wave is its last bit.
            let bit = WAVES * WAVES - 1 - index;
            bytes[bit / 8] |= u8::from(*wave > median) << (7 - bit % 8);
        }
        (Self(bytes), Quality::of_samples(&samples))
    }

    /// Takes 32 bytes that were kept.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// In how many of the 256 bits two fingerprints differ.
    #[must_use]
    pub fn distance(&self, other: &Self) -> u32 {
        self.0.iter().zip(&other.0).map(|(one, two)| (one ^ two).count_ones()).sum()
    }
}

/// How much there is to see in a picture, 0 to 100. Below 50 the fingerprint is of little but noise, and is not to be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quality(u8);

impl Quality {
    /// The bound that PDQ's users take.
    pub const COMPARABLE: Self = Self(50);

    /// The number.
    #[must_use]
    pub fn percent(self) -> u8 {
        self.0
    }

    /// PDQ's measure: the sum of the steps between neighbouring samples.
    fn of_samples(samples: &Grid) -> Self {
        let step = |one: f32, other: f32| ((one - other) * 100.0 / 255.0).trunc().abs();
        let mut sum = 0.0;
        for y in 0..SAMPLES {
            for x in 0..SAMPLES {
                if y + 1 < SAMPLES {
                    sum += step(samples[y][x], samples[y + 1][x]);
                }
                if x + 1 < SAMPLES {
                    sum += step(samples[y][x], samples[y][x + 1]);
                }
            }
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=100")]
        let percent = (sum / 90.0).clamp(0.0, 100.0) as u8;
        Self(percent)
    }
}

type Grid = [[f32; SAMPLES]; SAMPLES];

/// The picture blurred by two boxes in each direction, as wide as its 128th part, taken at the middles of 64 by 64 cells.
fn samples(luma: &Plane) -> Grid {
    let blurred = luma.boxed_twice(window(luma.width), window(luma.height));
    let mut samples = [[0.0; SAMPLES]; SAMPLES];
    let middle = |index: usize, side: usize| (2 * index + 1) * side / (2 * SAMPLES);
    for (y, row) in samples.iter_mut().enumerate() {
        let line = blurred.row(middle(y, luma.height));
        for (x, sample) in row.iter_mut().enumerate() {
            *sample = line[middle(x, luma.width)];
        }
    }
    samples
}

/// The width of the blur's box for a side.
fn window(side: usize) -> usize {
    side.div_ceil(2 * SAMPLES)
}

/// The cosines of the lowest waves but the constant one.
static COSINES: LazyLock<[[f32; SAMPLES]; WAVES]> = LazyLock::new(|| {
    let mut cosines = [[0.0; SAMPLES]; WAVES];
    for (wave, row) in cosines.iter_mut().enumerate() {
        for (at, value) in row.iter_mut().enumerate() {
            let angle = std::f32::consts::PI / (2 * SAMPLES) as f32 * (wave + 1) as f32 * (2 * at + 1) as f32;
            *value = (2.0 / SAMPLES as f32).sqrt() * angle.cos();
        }
    }
    cosines
});

fn waves(samples: &Grid) -> [[f32; WAVES]; WAVES] {
    let mut down = [[0.0; SAMPLES]; WAVES];
    for (cosines, out) in COSINES.iter().zip(&mut down) {
        for (cosine, row) in cosines.iter().zip(samples) {
            out.iter_mut().zip(row).for_each(|(out, sample)| *out += cosine * sample);
        }
    }
    let mut waves = [[0.0; WAVES]; WAVES];
    for (row, out) in down.iter().zip(&mut waves) {
        for (cosines, out) in COSINES.iter().zip(out) {
            *out = cosines.iter().zip(row).map(|(cosine, value)| cosine * value).sum();
        }
    }
    waves
}
