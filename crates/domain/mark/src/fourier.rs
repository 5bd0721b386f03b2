//! The discrete Fourier transform of square grids, and of the parts of a picture's spectrum where a mark can lie.
//!
//! Spectra lie column by column: the value of frequency (x, y) is at `x * side + y`.

#![expect(clippy::indexing_slicing, reason = "indexes run below the sides of the grid they index")]

use std::sync::{Arc, LazyLock};

use rustfft::num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

use crate::key::TILE;
use crate::plane::Plane;

/// Side of the grid of a whole picture's spectrum; what is larger is cut to its middle.
pub(crate) const WIDE: usize = 1024;

/// Columns of that spectrum that are computed: a mark at most 1.25 times as fine as it was written lies in them.
pub(crate) const WIDE_COLUMNS: usize = WIDE / 4 + 1;

/// Side of the grid on which a place is looked for among many hypotheses.
pub(crate) const COARSE: usize = 64;

struct Plans {
    tile: Arc<dyn Fft<f32>>,
    tile_back: Arc<dyn Fft<f32>>,
    coarse_back: Arc<dyn Fft<f32>>,
    wide: Arc<dyn Fft<f32>>,
}

static PLANS: LazyLock<Plans> = LazyLock::new(|| {
    let mut planner = FftPlanner::new();
    Plans {
        tile: planner.plan_fft_forward(TILE),
        tile_back: planner.plan_fft_inverse(TILE),
        coarse_back: planner.plan_fft_inverse(COARSE),
        wide: planner.plan_fft_forward(WIDE),
    }
});

/// The spectrum of a grid of [`TILE`] by [`TILE`] values, column by column.
pub(crate) fn of_tile(grid: &mut [Complex32]) {
    PLANS.tile.process(grid);
    transpose(grid, TILE);
    PLANS.tile.process(grid);
}

/// The grid of a tile's spectrum, row by row, not divided by the number of values.
pub(crate) fn to_tile(spectrum: &mut [Complex32]) {
    PLANS.tile_back.process(spectrum);
    transpose(spectrum, TILE);
    PLANS.tile_back.process(spectrum);
}

/// The same for a grid of [`COARSE`].
pub(crate) fn to_coarse(spectrum: &mut [Complex32]) {
    PLANS.coarse_back.process(spectrum);
    transpose(spectrum, COARSE);
    PLANS.coarse_back.process(spectrum);
}

fn transpose(grid: &mut [Complex32], side: usize) {
    for y in 0..side {
        for x in y + 1..side {
            grid.swap(y * side + x, x * side + y);
        }
    }
}

/// The first [`WIDE_COLUMNS`] columns of the spectrum of a plane's middle, phases counted from that middle.
pub(crate) fn of_plane(plane: &Plane) -> Vec<Complex32> {
    let plane = plane.middle(WIDE);
    let (left, top) = (WIDE - plane.width / 2, WIDE - plane.height / 2);
    let mut columns = vec![Complex32::default(); WIDE_COLUMNS * WIDE];
    let mut pair = vec![Complex32::default(); WIDE];
    let mut scratch = vec![Complex32::default(); PLANS.wide.get_inplace_scratch_len()];
    // Two rows of real numbers are one of complex numbers; their spectra come apart by symmetry.
    for (index, rows) in plane.values.chunks(2 * plane.width).enumerate() {
        pair.fill(Complex32::default());
        for (x, value) in rows.iter().enumerate() {
            let slot = &mut pair[(x % plane.width + left) % WIDE];
            if x < plane.width { slot.re = *value } else { slot.im = *value }
        }
        PLANS.wide.process_with_scratch(&mut pair, &mut scratch);
        let y = (2 * index + top) % WIDE;
        let has_second = rows.len() > plane.width;
        for x in 0..WIDE_COLUMNS {
            let (one, other) = (pair[x], pair[(WIDE - x) % WIDE].conj());
            columns[x * WIDE + y] = (one + other) * 0.5;
            if has_second {
                let second = (one - other) * 0.5;
                columns[x * WIDE + (y + 1) % WIDE] = Complex32::new(second.im, -second.re);
            }
        }
    }
    PLANS.wide.process_with_scratch(&mut columns, &mut scratch);
    columns
}
