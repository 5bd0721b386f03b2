//! How far a marked picture is from the one before.

use image::RgbImage;

/// Peak signal-to-noise ratio over all channels, in decibels.
pub fn psnr(one: &RgbImage, other: &RgbImage) -> f64 {
    let squares: f64 = one.iter().zip(other.iter()).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum();
    10.0 * (65_025.0 / (squares / one.len() as f64).max(1e-9)).log10()
}

/// Structural similarity of luma (Wang and others, 2004): Gaussian windows of sigma 1.5, 11 wide.
pub fn ssim(one: &RgbImage, other: &RgbImage) -> f64 {
    let (width, height) = (one.width() as usize, one.height() as usize);
    let luma = |image: &RgbImage| -> Vec<f64> {
        image
            .pixels()
            .map(|p| 0.299 * f64::from(p[0]) + 0.587 * f64::from(p[1]) + 0.114 * f64::from(p[2]))
            .collect()
    };
    let (x, y) = (luma(one), luma(other));
    let product = |a: &[f64], b: &[f64]| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| a * b).collect() };
    let window = |values: &[f64]| windowed(values, width, height);
    let (mx, my) = (window(&x), window(&y));
    let (xx, yy, xy) = (window(&product(&x, &x)), window(&product(&y, &y)), window(&product(&x, &y)));
    let (c1, c2) = ((0.01_f64 * 255.0).powi(2), (0.03_f64 * 255.0).powi(2));
    let sum: f64 = (0..mx.len())
        .map(|i| {
            let (vx, vy, cov) = (xx[i] - mx[i] * mx[i], yy[i] - my[i] * my[i], xy[i] - mx[i] * my[i]);
            (2.0 * mx[i] * my[i] + c1) * (2.0 * cov + c2)
                / ((mx[i].powi(2) + my[i].powi(2) + c1) * (vx + vy + c2))
        })
        .sum();
    sum / mx.len() as f64
}

/// Gaussian means of all windows that lie within the picture.
fn windowed(values: &[f64], width: usize, height: usize) -> Vec<f64> {
    let weights: Vec<f64> = (-5..=5).map(|at| (-f64::from(at * at) / 4.5).exp()).collect();
    let sum: f64 = weights.iter().sum();
    let weights: Vec<f64> = weights.iter().map(|weight| weight / sum).collect();
    let inner = width - 10;
    let rows: Vec<f64> = values
        .chunks_exact(width)
        .flat_map(|row| {
            row.windows(11)
                .map(|part| part.iter().zip(&weights).map(|(value, weight)| value * weight).sum::<f64>())
        })
        .collect();
    (0..(height - 10) * inner)
        .map(|at| weights.iter().enumerate().map(|(down, weight)| weight * rows[at + down * inner]).sum())
        .collect()
}
