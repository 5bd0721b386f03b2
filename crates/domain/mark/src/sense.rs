//! What one hypothesis about a picture's scale and turn shows: the picture's texture, evened out and folded to one tile, against
//! the key's layout.

#![expect(clippy::indexing_slicing, reason = "indexes run below the sides of the tile they index")]
#![expect(clippy::cast_precision_loss, reason = "sides are below 2^15 and exact")]
#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "frequencies are below 2^7")]

use std::f32::consts::TAU;

use rustfft::num_complex::Complex32;

use crate::code::{self, CODED_BITS};
use crate::fourier;
use crate::key::{Key, Line, TILE};
use crate::payload::Payload;
use crate::plane::Plane;

/// Rings of this many lines' width have one noise level.
const RING: f32 = 2.5;
const RINGS: usize = 26;

/// No line counts for more than this many times its ring's level: a fence or a grid in the picture is a few strong lines.
const LIMIT: f32 = 2.5;

/// Variance below which a texture is not amplified, in squares of levels: there is only rounding to be found.
const FLOOR: f32 = 12.0;

/// Takes the picture's own large shapes out and makes every part's texture as strong as every other's: a mark counts where the
/// picture is quiet.
pub(crate) fn whiten(luma: &Plane) -> Plane {
    let fine = luma.zip(&luma.blurred(4), |value, mean| value - mean);
    let variance = fine.map(|value| value * value).blurred(4);
    // Between the -1/2 that makes all parts equal and the -1 that suits a mark of one strength everywhere: the mark is
    // stronger where the picture is busy, though less so than the picture.
    fine.zip(&variance, |value, variance| value * (variance + FLOOR).powf(-0.75))
}

/// One tile's spectrum, every ring brought to the same level.
pub(crate) struct Folded {
    spectrum: Vec<Complex32>,
    /// What a ring's lines were multiplied by.
    gains: [f32; RINGS],
    /// Lines above this frequency were lost before: the picture has too few pixels for them.
    highest: f32,
}

/// Where the tile lies, and how clearly.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) x: usize,
    pub(crate) y: usize,
    /// Height of the peak above noise, in standard deviations.
    pub(crate) presence: f32,
}

impl Folded {
    /// Folds a picture's luma at canonical scale. `highest` is the frequency above which the picture that came in holds
    /// nothing, in cycles for each canonical pixel.
    pub(crate) fn of_luma(luma: &Plane, highest: f32) -> Self {
        Self::new(sum_of_tiles(&whiten(luma)), highest)
    }

    /// Brings a tile's sums to its spectrum, every ring to the same level.
    pub(crate) fn new(mut grid: Vec<Complex32>, highest: f32) -> Self {
        fourier::of_tile(&mut grid);
        let mut power = [(0.0_f32, 0.0_f32); RINGS];
        let half = TILE / 2;
        for x in 0..half {
            for y in 0..TILE {
                if let Some((sum, lines)) = power.get_mut(ring(x as i32, signed(y))) {
                    *sum += grid[x * TILE + y].norm_sqr();
                    *lines += 1.0;
                }
            }
        }
        let gains = power.map(|(sum, lines)| if sum > 0.0 { (lines / sum).sqrt() } else { 0.0 });
        for x in 0..half {
            for y in 0..TILE {
                let value = &mut grid[x * TILE + y];
                let gain = gains.get(ring(x as i32, signed(y))).copied().unwrap_or_default();
                *value = limited(*value * gain);
            }
        }
        Self { spectrum: grid, gains, highest }
    }

    fn weight(&self, line: &Line) -> f32 {
        if line.frequency > self.highest {
            return 0.0;
        }
        line.amplitude * self.gains.get(ring(line.x, line.y)).copied().unwrap_or_default()
    }

    fn at(&self, line: &Line) -> Complex32 {
        self.spectrum[line.x as usize * TILE + line.y.rem_euclid(TILE as i32) as usize]
    }

    /// Where the key's tile fits best.
    pub(crate) fn place(&self, key: &Key) -> Place {
        let mut product = vec![Complex32::default(); TILE * TILE];
        let mut power = 0.0;
        for line in &key.sync {
            let value = self.at(line) * line.phase.conj() * self.weight(line);
            power += value.norm_sqr();
            product[line.x as usize * TILE + line.y.rem_euclid(TILE as i32) as usize] = value;
        }
        fourier::to_tile(&mut product);
        let (index, peak) = highest_peak(&product);
        Place { x: index % TILE, y: index / TILE, presence: in_deviations(peak, power) }
    }

    /// How clearly the tile lies at that very place.
    pub(crate) fn presence_at(&self, key: &Key, x: usize, y: usize) -> f32 {
        let (mut sum, mut power) = (0.0, 0.0);
        for line in &key.sync {
            let value = self.at(line) * line.phase.conj() * self.weight(line);
            power += value.norm_sqr();
            sum += (value * wave(line, x, y)).re;
        }
        in_deviations(sum, power)
    }

    /// The soft values of the coded bits with the tile at a place, in standard deviations of noise.
    pub(crate) fn soft(&self, key: &Key, x: usize, y: usize) -> [f32; CODED_BITS] {
        let mut sums = [(0.0_f32, 0.0_f32); CODED_BITS];
        for (line, bit) in &key.data {
            let weight = self.weight(line);
            let value = (self.at(line) * line.phase.conj() * wave(line, x, y)).re;
            let (sum, variance) = &mut sums[*bit];
            *sum += weight * value;
            *variance += weight * weight / 2.0;
        }
        sums.map(|(sum, variance)| if variance > 0.0 { sum / variance.sqrt() } else { 0.0 })
    }

    /// The payload that a key's tile carries at a place, if what is there is a message of that key.
    pub(crate) fn payload(&self, key: &Key, place: Place) -> Option<Payload> {
        let messages = code::decode(&self.soft(key, place.x, place.y));
        messages.into_iter().find_map(|message| Payload::of_message(message, key.epoch()))
    }
}

/// The sums of a texture over all tiles, as if it were one, each divided by the root of how many there were.
pub(crate) fn sum_of_tiles(texture: &Plane) -> Vec<Complex32> {
    let mut sums = vec![0.0_f32; TILE * TILE];
    for (y, row) in texture.values.chunks_exact(texture.width).enumerate() {
        let sums = &mut sums[y % TILE * TILE..][..TILE];
        for part in row.chunks(TILE) {
            for (sum, value) in sums.iter_mut().zip(part) {
                *sum += value;
            }
        }
    }
    let tiles = |side: usize, at: usize| (side.saturating_sub(at)).div_ceil(TILE).max(1) as f32;
    let across: Vec<f32> = (0..TILE).map(|x| tiles(texture.width, x)).collect();
    sums.chunks_exact(TILE)
        .enumerate()
        .flat_map(|(y, row)| {
            let down = tiles(texture.height, y);
            row.iter().zip(&across).map(move |(sum, across)| (sum / (across * down).sqrt()).into())
        })
        .collect()
}

/// The highest real part and where it is.
pub(crate) fn highest_peak(values: &[Complex32]) -> (usize, f32) {
    let mut best = (0, f32::NEG_INFINITY);
    for (index, value) in values.iter().enumerate() {
        if value.re > best.1 {
            best = (index, value.re);
        }
    }
    best
}

/// A sum of real parts of waves in standard deviations of such a sum when the waves' phases mean nothing.
pub(crate) fn in_deviations(sum: f32, power: f32) -> f32 {
    if power > 0.0 { sum / (power / 2.0).sqrt() } else { 0.0 }
}

/// A value no longer than [`LIMIT`].
pub(crate) fn limited(value: Complex32) -> Complex32 {
    let length = value.norm();
    if length > LIMIT { value * (LIMIT / length) } else { value }
}

fn wave(line: &Line, x: usize, y: usize) -> Complex32 {
    let cycles = (line.x * x as i32 + line.y * y as i32).rem_euclid(TILE as i32);
    Complex32::cis(TAU * cycles as f32 / TILE as f32)
}

fn ring(x: i32, y: i32) -> usize {
    ((x as f32).hypot(y as f32) / RING) as usize
}

fn signed(y: usize) -> i32 {
    if y < TILE / 2 { y as i32 } else { y as i32 - TILE as i32 }
}
