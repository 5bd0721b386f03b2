//! One channel of a picture as numbers, and what is done to such a channel: blurring, turning, resampling.

#![expect(clippy::indexing_slicing, reason = "indexes run below the sides of the plane they index")]
#![expect(clippy::cast_precision_loss, reason = "sides are below 2^15 and exact")]
#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the sides before")]

use crate::pixels::Pixels;

/// Numbers in rows, `width * height` of them.
#[derive(Debug, Clone)]
pub(crate) struct Plane {
    pub(crate) width: usize,
    pub(crate) height: usize,
    // INVARIANT: `values.len() == width * height`.
    pub(crate) values: Vec<f32>,
}

impl Plane {
    /// A plane of zeros.
    pub(crate) fn zeros(width: usize, height: usize) -> Self {
        Self { width, height, values: vec![0.0; width * height] }
    }

    /// The luma of a picture, resampled to `width` by `height`. Row by row, so that no channel of the whole
    /// picture stands in memory.
    pub(crate) fn luma(pixels: &Pixels, width: usize, height: usize) -> Self {
        resample(pixels.width(), pixels.height(), width, height, LumaRows::new(pixels, height))
    }

    /// The same plane resampled.
    pub(crate) fn resized(&self, width: usize, height: usize) -> Self {
        if (width, height) == (self.width, self.height) {
            return self.clone();
        }
        resample(self.width, self.height, width, height, self)
    }

    /// Row `y`.
    pub(crate) fn row(&self, y: usize) -> &[f32] {
        &self.values[y * self.width..][..self.width]
    }

    /// Each value through `f`.
    pub(crate) fn map(&self, f: impl Fn(f32) -> f32) -> Self {
        Self { values: self.values.iter().map(|value| f(*value)).collect(), ..*self }
    }

    /// Both planes value by value through `f`. They are of the same size.
    pub(crate) fn zip(&self, other: &Self, f: impl Fn(f32, f32) -> f32) -> Self {
        debug_assert_eq!((self.width, self.height), (other.width, other.height));
        let values = self.values.iter().zip(&other.values).map(|(one, two)| f(*one, *two)).collect();
        Self { values, ..*self }
    }

    /// The mean of the squares.
    pub(crate) fn power(&self) -> f64 {
        let sum: f64 = self.values.iter().map(|value| f64::from(value * value)).sum();
        sum / self.values.len().max(1) as f64
    }

    /// Blurred by two boxes of `2 * radius + 1` in each direction, which is close to a Gaussian of variance
    /// `((2 * radius + 1)^2 - 1) / 6`. The border is repeated.
    pub(crate) fn blurred(&self, radius: usize) -> Self {
        let mut plane = self.clone();
        let mut spare = Self::zeros(self.width, self.height);
        for _ in 0..2 {
            box_rows(&plane, radius, &mut spare);
            box_columns(&spare, radius, &mut plane);
        }
        plane
    }

    /// Blurred twice by boxes of those widths, each as far before a pixel as after it, or one further for an even width; what lies
    /// outside the plane does not count.
    pub(crate) fn boxed_twice(&self, across: usize, down: usize) -> Self {
        let mut plane = self.clone();
        for _ in 0..2 {
            plane = plane.boxed(across).transposed().boxed(down).transposed();
        }
        plane
    }

    fn boxed(&self, width: usize) -> Self {
        let (before, after) = (width.div_ceil(2) - 1, width / 2);
        let mut plane = Self::zeros(self.width, self.height);
        let mut sums = vec![0.0_f64; self.width + 1];
        for (row, out) in self.values.chunks_exact(self.width).zip(plane.values.chunks_exact_mut(self.width))
        {
            for (x, value) in row.iter().enumerate() {
                sums[x + 1] = sums[x] + f64::from(*value);
            }
            for (x, out) in out.iter_mut().enumerate() {
                let (from, to) = (x.saturating_sub(before), (x + after + 1).min(self.width));
                *out = ((sums[to] - sums[from]) / (to - from) as f64) as f32;
            }
        }
        plane
    }

    /// The middle of the plane, at most `side` in each direction.
    pub(crate) fn middle(&self, side: usize) -> Self {
        let (width, height) = (self.width.min(side), self.height.min(side));
        let (left, top) = ((self.width - width) / 2, (self.height - height) / 2);
        let mut values = Vec::with_capacity(width * height);
        for y in top..top + height {
            values.extend_from_slice(&self.row(y)[left..left + width]);
        }
        Self { width, height, values }
    }

    /// Mirrored left to right.
    pub(crate) fn mirrored(&self) -> Self {
        let mut plane = self.clone();
        for row in plane.values.chunks_exact_mut(self.width.max(1)) {
            row.reverse();
        }
        plane
    }

    /// Rows become columns.
    pub(crate) fn transposed(&self) -> Self {
        let mut plane = Self::zeros(self.height, self.width);
        for (y, row) in self.values.chunks_exact(self.width.max(1)).enumerate() {
            for (x, value) in row.iter().enumerate() {
                plane.values[x * self.height + y] = *value;
            }
        }
        plane
    }

    /// Turned about its middle by `degrees`, in the same frame; what comes from outside repeats the border.
    pub(crate) fn rotated(&self, degrees: f32) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let (middle_x, middle_y) = ((self.width as f32 - 1.0) / 2.0, (self.height as f32 - 1.0) / 2.0);
        let mut plane = Self::zeros(self.width, self.height);
        for y in 0..self.height {
            let v = y as f32 - middle_y;
            for x in 0..self.width {
                let u = x as f32 - middle_x;
                let (from_x, from_y) = (cos * u - sin * v + middle_x, sin * u + cos * v + middle_y);
                plane.values[y * self.width + x] = self.between(from_x, from_y);
            }
        }
        plane
    }

    /// The value at a place between pixels, by a line in each direction.
    fn between(&self, x: f32, y: f32) -> f32 {
        let x = x.clamp(0.0, (self.width - 1) as f32);
        let y = y.clamp(0.0, (self.height - 1) as f32);
        let (left, top) = (x as usize, y as usize);
        let (right, bottom) = ((left + 1).min(self.width - 1), (top + 1).min(self.height - 1));
        let (u, v) = (x - left as f32, y - top as f32);
        let (upper, lower) = (self.row(top), self.row(bottom));
        let above = upper[left] + u * (upper[right] - upper[left]);
        let below = lower[left] + u * (lower[right] - lower[left]);
        above + v * (below - above)
    }
}

/// One box along each row.
fn box_rows(from: &Plane, radius: usize, to: &mut Plane) {
    let scale = 1.0 / (2 * radius + 1) as f32;
    let last = from.width - 1;
    for (row, out) in from.values.chunks_exact(from.width).zip(to.values.chunks_exact_mut(from.width)) {
        let mut sum = row[0] * (radius + 1) as f32;
        for x in 1..=radius {
            sum += row[x.min(last)];
        }
        for x in 0..from.width {
            out[x] = sum * scale;
            sum += row[(x + radius + 1).min(last)] - row[x.saturating_sub(radius)];
        }
    }
}

/// One box along each column, all columns at once.
fn box_columns(from: &Plane, radius: usize, to: &mut Plane) {
    let scale = 1.0 / (2 * radius + 1) as f32;
    let last = from.height - 1;
    let mut sums: Vec<f32> = from.row(0).iter().map(|value| value * (radius + 1) as f32).collect();
    for y in 1..=radius {
        for (sum, value) in sums.iter_mut().zip(from.row(y.min(last))) {
            *sum += value;
        }
    }
    for (y, out) in to.values.chunks_exact_mut(from.width).enumerate() {
        let (enters, leaves) = (from.row((y + radius + 1).min(last)), from.row(y.saturating_sub(radius)));
        for (((sum, out), enters), leaves) in sums.iter_mut().zip(out).zip(enters).zip(leaves) {
            *out = *sum * scale;
            *sum += enters - leaves;
        }
    }
}

/// Where one resampled value comes from: weights from index `first` on.
pub(crate) struct Taps {
    pub(crate) first: usize,
    pub(crate) weights: Vec<f32>,
}

/// The taps of `to` values out of `from`: Catmull-Rom, widened when values become fewer so that nothing is folded.
pub(crate) fn taps(from: usize, to: usize) -> Vec<Taps> {
    let scale = from as f32 / to as f32;
    let wide = scale.max(1.0);
    let last = from - 1;
    (0..to)
        .map(|index| {
            let middle = (index as f32 + 0.5) * scale - 0.5;
            let first = (middle - 2.0 * wide).ceil().max(0.0) as usize;
            let end = ((middle + 2.0 * wide).floor().max(0.0) as usize).min(last);
            let mut weights: Vec<f32> =
                (first..=end).map(|at| catmull_rom((at as f32 - middle) / wide)).collect();
            let sum: f32 = weights.iter().sum();
            weights.iter_mut().for_each(|weight| *weight /= sum);
            Taps { first, weights }
        })
        .collect()
}

fn catmull_rom(x: f32) -> f32 {
    let x = x.abs();
    if x < 1.0 {
        (1.5 * x - 2.5) * x * x + 1.0
    } else if x < 2.0 {
        ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    } else {
        0.0
    }
}

/// Rows that are asked for from the top down, each perhaps several times.
pub(crate) trait Rows {
    /// Row `y`.
    fn row(&mut self, y: usize) -> &[f32];
}

impl Rows for &Plane {
    fn row(&mut self, y: usize) -> &[f32] {
        Plane::row(self, y)
    }
}

/// The luma of a picture, of which only the last rows are kept.
struct LumaRows<'a> {
    pixels: &'a Pixels,
    kept: Vec<f32>,
    slots: usize,
    /// Rows below this one have been read.
    read: usize,
}

impl<'a> LumaRows<'a> {
    /// Keeps as many rows as `height` resampled rows can ask for at once.
    fn new(pixels: &'a Pixels, height: usize) -> Self {
        let slots = (4 * pixels.height().div_ceil(height) + 2).min(pixels.height());
        Self { pixels, kept: vec![0.0; slots * pixels.width()], slots, read: 0 }
    }
}

impl Rows for LumaRows<'_> {
    fn row(&mut self, y: usize) -> &[f32] {
        let width = self.pixels.width();
        while self.read <= y {
            let slot = (self.read % self.slots) * width;
            self.pixels.luma_row(self.read, &mut self.kept[slot..slot + width]);
            self.read += 1;
        }
        let slot = (y % self.slots) * width;
        &self.kept[slot..slot + width]
    }
}

/// Resamples rows of `from` values: down the columns first, then along each new row.
fn resample(from: usize, height_from: usize, width: usize, height: usize, mut rows: impl Rows) -> Plane {
    let (across, down) = (taps(from, width), taps(height_from, height));
    let mut plane = Plane::zeros(width, height);
    let mut line = vec![0.0; from];
    for (out, taps) in plane.values.chunks_exact_mut(width).zip(&down) {
        blend(&mut line, taps, &mut rows);
        along(out, &across, &line);
    }
    plane
}

/// One resampled row, still as wide as the rows it comes from.
pub(crate) fn blend(line: &mut [f32], taps: &Taps, rows: &mut impl Rows) {
    line.fill(0.0);
    for (y, weight) in taps.weights.iter().enumerate() {
        for (sum, value) in line.iter_mut().zip(rows.row(taps.first + y)) {
            *sum += weight * value;
        }
    }
}

/// `line` resampled along itself.
pub(crate) fn along(out: &mut [f32], taps: &[Taps], line: &[f32]) {
    for (out, taps) in out.iter_mut().zip(taps) {
        let from = &line[taps.first..][..taps.weights.len()];
        *out = taps.weights.iter().zip(from).map(|(weight, value)| weight * value).sum();
    }
}
