//! The invisible mark under attack, and what it costs.
//!
//! ```text
//! bench-watermark table FROM TO [FOLDER]    made pictures FROM to TO and those of FOLDER, marked, attacked, read: a table
//! bench-watermark clean FROM TO [FOLDER]    readings of pictures FROM to TO, unmarked, at many scales and with many keys
//! bench-watermark fingerprint FROM TO [FOLDER]   fingerprints beside those of the crate pdqhash, and under attack
//! bench-watermark speed                     processor time of writing and reading at 1024 by 1024
//! bench-watermark show NUMBER FOLDER        a made picture before and after, to be looked at
//! ```

mod attacks;
mod clean;
mod fingerprint;
mod pictures;
mod quality;
mod random;
mod show;
mod speed;
mod table;

use anyhow::{Context, bail};
use image::RgbImage;
use mark::{Key, Pixels};

const SECRET: [u8; 32] = *b"bench secret of thirty-two bytes";

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |index: usize| -> anyhow::Result<usize> {
        Ok(arguments.get(index).context("a number is missing")?.parse()?)
    };
    let folder = |index: usize| arguments.get(index).map(std::path::PathBuf::from);
    match arguments.first().map(String::as_str) {
        Some("table") => table::run(number(1)?, number(2)?, folder(3).as_deref()),
        Some("clean") => clean::run(number(1)?, number(2)?, folder(3).as_deref()),
        Some("fingerprint") => fingerprint::run(number(1)?, number(2)?, folder(3).as_deref()),
        Some("speed") => speed::run(),
        Some("show") => show::run(&arguments[1], &folder(2).context("a folder is missing")?),
        _ => bail!("table, clean, fingerprint, speed or show"),
    }
}

fn key() -> Key {
    Key::derive(&SECRET, 1)
}

fn pixels(image: &RgbImage) -> Pixels {
    Pixels::new(image.width(), image.height(), image.as_raw().clone()).expect("a picture of the bench fits")
}

fn image(pixels: &Pixels) -> RgbImage {
    let (width, height) = (pixels.width() as u32, pixels.height() as u32);
    RgbImage::from_raw(width, height, pixels.rgb().to_vec()).expect("as many bytes as pixels")
}
