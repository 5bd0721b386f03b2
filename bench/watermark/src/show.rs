//! A picture before and after, side by side at full size, and the mark alone, eight times as strong.

use std::path::Path;

use image::{Rgb, RgbImage};
use mark::{Payload, Strength, write};

use crate::pictures;

pub fn run(which: &str, folder: &Path) -> anyhow::Result<()> {
    let before = match which.parse() {
        Ok(number) => pictures::made(number).pixels,
        Err(_) => image::open(which)?.to_rgb8(),
    };
    let mut pixels = crate::pixels(&before);
    let report = write(&mut pixels, &crate::key(), Payload::new(123_456_789)?, &Strength::default())?;
    println!("{report:?}");
    let after = crate::image(&pixels);
    let (width, height) = before.dimensions();
    let sheet = RgbImage::from_fn(2 * width, height, |x, y| {
        if x < width { *before.get_pixel(x, y) } else { *after.get_pixel(x - width, y) }
    });
    let mark = RgbImage::from_fn(width, height, |x, y| {
        let (one, other) = (before.get_pixel(x, y), after.get_pixel(x, y));
        Rgb([0, 1, 2].map(|c| (128 + 8 * (i32::from(other[c]) - i32::from(one[c]))).clamp(0, 255) as u8))
    });
    sheet.save(folder.join("sheet.png"))?;
    mark.save(folder.join("mark.png"))?;
    Ok(())
}
