//! Many guesses at what was done to a picture, each tried on its spectrum alone.
//!
//! A mark is a comb of lines. Turning, stretching or rotating a picture turns, stretches or rotates the comb, so that a guess
//! costs one look at each sync line and a small transform back, whatever the guess is; the picture itself is not resampled.

#![expect(
    clippy::indexing_slicing,
    reason = "indexes are checked against the columns of the spectrum, or taken modulo its side"
)]
#![expect(clippy::cast_precision_loss, reason = "sides are below 2^15 and exact")]
#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "frequencies are below 2^10")]

use rustfft::num_complex::Complex32;

use crate::fourier::{self, COARSE, WIDE, WIDE_COLUMNS};
use crate::key::{Key, TILE};
use crate::plane::Plane;
use crate::sense::{self, Folded};
use crate::turn::Turn;

/// What would undo what was done to a picture, in this order, from the picture at canonical scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Guess {
    pub(crate) turn: Turn,
    /// Factors of width and height after the turn.
    pub(crate) stretch: (f32, f32),
    /// Degrees, clockwise, after the stretch.
    pub(crate) degrees: f32,
}

impl Guess {
    /// That nothing was done.
    pub(crate) const NOTHING: Self =
        Self { turn: Turn { is_mirrored: false, quarters: 0 }, stretch: (1.0, 1.0), degrees: 0.0 };

    /// The picture with the guess carried out, folded to one tile.
    pub(crate) fn examine(&self, luma: &Plane, highest: f32) -> Folded {
        let mut plane = self.turn.of_plane(luma);
        let stretched = |side: usize, factor: f32| ((side as f32 * factor).round() as usize).max(TILE);
        if self.stretch != (1.0, 1.0) {
            let (width, height) =
                (stretched(plane.width, self.stretch.0), stretched(plane.height, self.stretch.1));
            plane = plane.resized(width, height);
        }
        if self.degrees != 0.0 {
            plane = plane.rotated(self.degrees);
        }
        Folded::of_luma(&plane, highest / self.size())
    }

    /// The factor of the picture's size.
    pub(crate) fn size(&self) -> f32 {
        (self.stretch.0 * self.stretch.1).sqrt()
    }

    /// Where a line of the tile lies in the spectrum of the picture that came: its rows, for x and for y.
    fn matrix(&self) -> [[f32; 2]; 2] {
        let (sin, cos) = self.degrees.to_radians().sin_cos();
        let (across, down) = self.stretch;
        let stretched = [[across * cos, -across * sin], [down * sin, down * cos]];
        let turn = self.turn.matrix();
        [0, 1].map(|row| {
            [0, 1].map(|column| turn[row][0] * stretched[0][column] + turn[row][1] * stretched[1][column])
        })
    }
}

/// A picture's spectrum, every ring at the same level.
pub(crate) struct Spectrum {
    values: Vec<Complex32>,
    gains: Vec<f32>,
    /// Pixels of the plane it was made of for each canonical pixel.
    scale: f32,
    /// The highest frequency that the picture holds, in cycles for each canonical pixel.
    highest: f32,
}

/// Rings of this many lines' width have one noise level.
const RING: f32 = 6.0;

impl Spectrum {
    /// The spectrum of a picture's luma, resampled to `scale` of the canonical size.
    pub(crate) fn of_luma(luma: &Plane, scale: f32, highest: f32) -> Self {
        let scaled = |side: usize| ((side as f32 * scale).round() as usize).max(1);
        let plane = sense::whiten(&luma.resized(scaled(luma.width), scaled(luma.height)));
        let mut values = fourier::of_plane(&plane);
        let ring = |x: usize, y: usize| ((x as f32).hypot(y.min(WIDE - y) as f32) / RING) as usize;
        let mut power = vec![(0.0_f32, 0.0_f32); ring(WIDE_COLUMNS, WIDE / 2) + 1];
        for (x, column) in values.chunks_exact(WIDE).enumerate() {
            for (y, value) in column.iter().enumerate() {
                let (sum, lines) = &mut power[ring(x, y)];
                *sum += value.norm_sqr();
                *lines += 1.0;
            }
        }
        let gains: Vec<f32> = power
            .into_iter()
            .map(|(sum, lines)| if sum > 0.0 { (lines / sum).sqrt() } else { 0.0 })
            .collect();
        for (x, column) in values.chunks_exact_mut(WIDE).enumerate() {
            for (y, value) in column.iter_mut().enumerate() {
                *value = sense::limited(*value * gains[ring(x, y)]);
            }
        }
        Self { values, gains, scale, highest }
    }

    /// How clearly the key's sync lines stand where the guess expects them, in standard deviations of noise.
    pub(crate) fn presence(&self, key: &Key, guess: &Guess) -> f32 {
        let factor = WIDE as f32 / (TILE as f32 * self.scale);
        let matrix = guess.matrix().map(|row| row.map(|value| value * factor));
        let highest = self.highest / self.scale * WIDE as f32;
        let mut product = vec![Complex32::default(); COARSE * COARSE];
        let mut power = 0.0;
        for line in &key.sync {
            let (x, y) = (line.x as f32, line.y as f32);
            let (mut x, mut y) = (matrix[0][0] * x + matrix[0][1] * y, matrix[1][0] * x + matrix[1][1] * y);
            let is_mirror = x < 0.0;
            if is_mirror {
                (x, y) = (-x, -y);
            }
            let length = x.hypot(y);
            let (column, row) = ((x + 0.5) as usize, (y + 0.5).floor() as i32);
            if length > highest || column >= WIDE_COLUMNS {
                continue;
            }
            let value = self.values[column * WIDE + row.rem_euclid(WIDE as i32) as usize];
            let value = if is_mirror { value.conj() } else { value };
            let gain = self.gains.get((length / RING) as usize).copied().unwrap_or_default();
            let value = value * line.phase.conj() * (line.amplitude * gain);
            power += value.norm_sqr();
            product[line.x as usize * COARSE + line.y.rem_euclid(COARSE as i32) as usize] = value;
        }
        fourier::to_coarse(&mut product);
        sense::in_deviations(sense::highest_peak(&product).1, power)
    }
}

impl Turn {
    fn of_plane(self, plane: &Plane) -> Plane {
        let mut turned = if self.is_mirrored { plane.mirrored() } else { plane.clone() };
        for _ in 0..self.quarters {
            turned = turned.transposed().mirrored();
        }
        turned
    }

    /// Where a point of the turned picture comes from.
    fn matrix(self) -> [[f32; 2]; 2] {
        let mirror = if self.is_mirrored { -1.0 } else { 1.0 };
        match self.quarters % 4 {
            0 => [[mirror, 0.0], [0.0, 1.0]],
            1 => [[0.0, mirror], [-1.0, 0.0]],
            2 => [[-mirror, 0.0], [0.0, -1.0]],
            _ => [[0.0, -mirror], [1.0, 0.0]],
        }
    }
}
