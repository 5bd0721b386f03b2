//! Writing a mark: a tile at canonical scale, as strong as the picture needs and hides, added to the pixels.

#![expect(clippy::cast_precision_loss, reason = "sides are below 2^15 and exact")]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "levels are clamped to a byte before"
)]

use rustfft::num_complex::Complex32;
use thiserror::Error;

use crate::canonical::Canonical;
use crate::code::{self, CODED_BITS};
use crate::fourier;
use crate::jpeg;
use crate::key::{Key, Line, TILE};
use crate::mask::Mask;
use crate::payload::Payload;
use crate::pixels::Pixels;
use crate::plane::{self, Plane};
use crate::sense::Folded;

/// Times the strength is tried on a simulated copy and corrected.
const ROUNDS: usize = 3;

/// What a simulated copy (half the size, quality 50) must show: standard deviations of the place, and of the coded bits on
/// average. Decoding begins to fail at about 5.5 and 1.2; the rest is for crops.
const PRESENCE_AIMED: f32 = 9.0;
const BITS_AIMED: f32 = 2.0;

/// How strong a mark may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Strength {
    weakest_db: f32,
    strongest_db: f32,
    flat_levels: f32,
}

/// Bounds that are none.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("a mark between {weakest_db} and {strongest_db} dB, {flat_levels} levels in flat parts, is no range")]
pub struct StrengthError {
    weakest_db: f32,
    strongest_db: f32,
    flat_levels: f32,
}

impl Strength {
    /// A range of peak signal-to-noise ratios, the weaker mark (the higher figure) first, and the root mean square in flat
    /// parts, in levels of 0 to 255.
    ///
    /// # Errors
    ///
    /// [`StrengthError`] unless `30 <= strongest_db <= weakest_db <= 60` and `0.3 <= flat_levels <= 5`.
    pub fn new(weakest_db: f32, strongest_db: f32, flat_levels: f32) -> Result<Self, StrengthError> {
        let is_range = 30.0 <= strongest_db && strongest_db <= weakest_db && weakest_db <= 60.0;
        if is_range && (0.3..=5.0).contains(&flat_levels) {
            Ok(Self { weakest_db, strongest_db, flat_levels })
        } else {
            Err(StrengthError { weakest_db, strongest_db, flat_levels })
        }
    }
}

impl Default for Strength {
    /// 46 to 41 dB, and 1.3 levels in flat parts. On a screen that is a faint grain on a plain gradient, at full size, and
    /// nothing in a photograph; 1.5 shows more, and at 1.1 six fewer of 105 pictures are read at JPEG 30.
    fn default() -> Self {
        Self { weakest_db: 46.0, strongest_db: 41.0, flat_levels: 1.3 }
    }
}

/// What writing did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WriteReport {
    /// Peak signal-to-noise ratio of the marked picture against the one before, over all channels.
    pub psnr_db: f32,
    /// What the last simulated copy (half the size, JPEG quality 50) showed of what is aimed at: 1 and more is enough for
    /// copies and crops, below about 0.6 such a copy is not read.
    pub reserve: f32,
}

/// Why a picture takes no mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WriteError {
    /// Too small or too long.
    #[error("a picture of {width} by {height} pixels carries no mark")]
    Size {
        /// The picture's width.
        width: usize,
        /// The picture's height.
        height: usize,
    },
}

/// Writes a mark into a picture.
///
/// # Errors
///
/// [`WriteError`] when the picture cannot carry one: a side below [`crate::SHORT_SIDE_MIN`], or one more than
/// [`crate::ASPECT_MAX`] times as long as the other.
pub fn write(
    pixels: &mut Pixels,
    key: &Key,
    payload: Payload,
    strength: &Strength,
) -> Result<WriteReport, WriteError> {
    let (width, height) = (pixels.width(), pixels.height());
    let canonical = Canonical::for_writing(width, height).ok_or(WriteError::Size { width, height })?;
    let luma = Plane::luma(pixels, canonical.width, canonical.height);
    let (mark, reserve) = Loop::new(&luma, key, payload, strength, canonical.highest).run();
    Ok(WriteReport { psnr_db: add(pixels, &mark), reserve })
}

/// The search for a mark that is strong enough.
struct Loop<'a> {
    luma: &'a Plane,
    key: &'a Key,
    signs: [f32; CODED_BITS],
    mask: Mask,
    highest: f32,
    /// Strengths at which the mark would be as weak and as strong as it may be.
    range: (f32, f32),
    strength: f32,
    gains: [f32; CODED_BITS],
}

impl<'a> Loop<'a> {
    fn new(luma: &'a Plane, key: &'a Key, payload: Payload, strength: &Strength, highest: f32) -> Self {
        let mask = Mask::of_luma(luma, strength.flat_levels);
        let signs = code::encode(payload.message(key.epoch()));
        let range = (mask.strength_of(strength.weakest_db), mask.strength_of(strength.strongest_db));
        let middle = (range.0 * range.1).sqrt();
        Self { luma, key, signs, mask, highest, range, strength: middle, gains: [1.0; CODED_BITS] }
    }

    /// The mark at canonical scale, and what the last simulated copy showed of what is aimed at.
    fn run(mut self) -> (Plane, f32) {
        let mut reserve = 0.0;
        for _ in 0..ROUNDS {
            let marked = self.luma.zip(&self.mark(), |value, mark| (value + mark).clamp(0.0, 255.0));
            reserve = self.correct(&Folded::of_luma(&copy(&marked), self.highest));
        }
        (self.mark(), reserve)
    }

    /// Corrects strength and gains by what a copy shows; gives its part of what is aimed at.
    fn correct(&mut self, copy: &Folded) -> f32 {
        let soft = copy.soft(self.key, 0, 0);
        let mut right: Vec<f32> = soft.iter().zip(&self.signs).map(|(soft, sign)| soft * sign).collect();
        let mean = right.iter().sum::<f32>() / CODED_BITS as f32;
        let presence = copy.presence_at(self.key, 0, 0);
        let reserve = (presence / PRESENCE_AIMED).min(mean / BITS_AIMED).max(0.1);
        // Bits that the picture itself works against get more of the strength.
        let level = mean.max(0.5);
        for (gain, right) in self.gains.iter_mut().zip(&mut right) {
            let wanted = (level / right.max(0.15 * level)).sqrt().clamp(0.6, 2.2);
            *gain = (*gain * wanted).clamp(0.3, 4.0);
        }
        self.strength = (self.strength / reserve).clamp(self.range.0, self.range.1);
        reserve
    }

    /// The mark with the present strength and gains.
    fn mark(&self) -> Plane {
        let tile = self.tile();
        let mut mark = self.mask.at(self.strength);
        for (y, row) in mark.values.chunks_exact_mut(mark.width).enumerate() {
            let line = tile.chunks_exact(TILE).nth(y % TILE).unwrap_or_default();
            for part in row.chunks_mut(TILE) {
                part.iter_mut().zip(line).for_each(|(value, tile)| *value *= tile);
            }
        }
        mark
    }

    /// One tile, of variance 1.
    fn tile(&self) -> Vec<f32> {
        let mut spectrum = vec![Complex32::default(); TILE * TILE];
        let mut power = 0.0;
        let mut put = |line: &Line, factor: f32| {
            let value = line.phase * line.amplitude * factor;
            power += value.norm_sqr();
            let index = line.x as usize * TILE + line.y.rem_euclid(TILE as i32) as usize;
            if let Some(slot) = spectrum.get_mut(index) {
                *slot = value;
            }
        };
        self.key.sync.iter().for_each(|line| put(line, 1.0));
        for (line, bit) in &self.key.data {
            let sign = self.signs.get(*bit).copied().unwrap_or_default();
            let gain = self.gains.get(*bit).copied().unwrap_or_default();
            put(line, sign * gain);
        }
        fourier::to_tile(&mut spectrum);
        let scale = 1.0 / (power / 2.0_f32).sqrt();
        spectrum.iter().map(|value| value.re * scale).collect()
    }
}

/// What becomes of a picture that is passed on: half the size, JPEG of quality 50, shown as large as before.
fn copy(luma: &Plane) -> Plane {
    let half = luma.resized(luma.width / 2, luma.height / 2);
    jpeg::compressed(&half).resized(luma.width, luma.height)
}

/// Adds a mark at canonical scale to all channels. Gives the peak signal-to-noise ratio.
fn add(pixels: &mut Pixels, mark: &Plane) -> f32 {
    let (width, height) = (pixels.width(), pixels.height());
    let (across, down) = (plane::taps(mark.width, width), plane::taps(mark.height, height));
    let mut line = vec![0.0; mark.width];
    let mut added = vec![0.0; width];
    let mut squares = 0_u64;
    let mut rows = mark;
    for (row, taps) in pixels.rows_mut().zip(&down) {
        plane::blend(&mut line, taps, &mut rows);
        plane::along(&mut added, &across, &line);
        for (pixel, added) in row.chunks_exact_mut(3).zip(&added) {
            for level in pixel {
                let new = (f32::from(*level) + added).round_ties_even().clamp(0.0, 255.0) as u8;
                squares += u64::from(new.abs_diff(*level)).pow(2);
                *level = new;
            }
        }
    }
    let error = squares as f64 / (3 * width * height) as f64;
    (10.0 * (255.0 * 255.0 / error.max(1e-6)).log10()) as f32
}
