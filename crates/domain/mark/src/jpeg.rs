//! What JPEG does to a picture's luma, without the file: blocks of eight by eight, quantised as quality 50 does.

#![expect(clippy::indexing_slicing, reason = "indexes run below eight, and blocks lie within the plane")]

use std::sync::LazyLock;

use crate::plane::Plane;

const SIDE: usize = 8;

/// Luminance quantisation of quality 50: ITU-T T.81, table K.1.
const QUALITY_50: [[f32; SIDE]; SIDE] = [
    [16.0, 11.0, 10.0, 16.0, 24.0, 40.0, 51.0, 61.0],
    [12.0, 12.0, 14.0, 19.0, 26.0, 58.0, 60.0, 55.0],
    [14.0, 13.0, 16.0, 24.0, 40.0, 57.0, 69.0, 56.0],
    [14.0, 17.0, 22.0, 29.0, 51.0, 87.0, 80.0, 62.0],
    [18.0, 22.0, 37.0, 56.0, 68.0, 109.0, 103.0, 77.0],
    [24.0, 35.0, 55.0, 64.0, 81.0, 104.0, 113.0, 92.0],
    [49.0, 64.0, 78.0, 87.0, 103.0, 121.0, 120.0, 101.0],
    [72.0, 92.0, 95.0, 98.0, 112.0, 100.0, 103.0, 99.0],
];

type Block = [[f32; SIDE]; SIDE];

/// The orthonormal cosine transform, one row for each frequency.
static COSINES: LazyLock<Block> = LazyLock::new(|| {
    let mut cosines = [[0.0; SIDE]; SIDE];
    for (frequency, row) in (0_u8..).zip(&mut cosines) {
        let scale: f32 = if frequency == 0 { 0.125 } else { 0.25 };
        for (at, value) in (0_u8..).zip(row) {
            let angle = std::f32::consts::PI / 16.0 * f32::from(2 * at + 1) * f32::from(frequency);
            *value = scale.sqrt() * angle.cos();
        }
    }
    cosines
});

/// `one * other`, eight by eight.
fn times(one: &Block, other: &Block) -> Block {
    let mut product = [[0.0; SIDE]; SIDE];
    for (row, out) in one.iter().zip(&mut product) {
        for (factor, line) in row.iter().zip(other) {
            for (out, value) in out.iter_mut().zip(line) {
                *out += factor * value;
            }
        }
    }
    product
}

fn transposed(block: &Block) -> Block {
    let mut turned = [[0.0; SIDE]; SIDE];
    for (y, row) in block.iter().enumerate() {
        for (x, value) in row.iter().enumerate() {
            turned[x][y] = *value;
        }
    }
    turned
}

/// The luma after quality 50. Parts of blocks at the right and lower border are left as they are.
pub(crate) fn compressed(luma: &Plane) -> Plane {
    let (forward, back) = (&*COSINES, transposed(&COSINES));
    let mut plane = luma.clone();
    for top in (0..luma.height / SIDE).map(|row| row * SIDE) {
        for left in (0..luma.width / SIDE).map(|column| column * SIDE) {
            let mut block = [[0.0; SIDE]; SIDE];
            for (y, row) in block.iter_mut().enumerate() {
                row.copy_from_slice(&luma.row(top + y)[left..left + SIDE]);
            }
            let mut spectrum = times(&times(forward, &block), &back);
            for (values, steps) in spectrum.iter_mut().zip(&QUALITY_50) {
                for (value, step) in values.iter_mut().zip(steps) {
                    *value = (*value / step).round_ties_even() * step;
                }
            }
            let block = times(&times(&back, &spectrum), forward);
            for (y, row) in block.iter().enumerate() {
                plane.values[(top + y) * plane.width + left..][..SIDE].copy_from_slice(row);
            }
        }
    }
    plane
}
