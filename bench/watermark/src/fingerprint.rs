//! Our fingerprint beside the crate `pdqhash`, whose tests hold it to the bits of Facebook's own programs.

use std::path::Path;

use image::RgbImage;
use mark::Fingerprint;

use crate::attacks::ATTACKS;
use crate::pictures::{self, Picture};

pub fn run(from: usize, to: usize, folder: Option<&Path>) -> anyhow::Result<()> {
    let mut all: Vec<Picture> = (from..to).map(pictures::made).collect();
    if let Some(folder) = folder {
        all.extend(pictures::of_folder(folder)?);
    }
    let hashes: Vec<Fingerprint> = all.iter().map(|picture| ours(&picture.pixels)).collect();
    let (mut same, mut farthest) = (0, 0);
    for (picture, hash) in all.iter().zip(&hashes) {
        let distance = hash.distance(&theirs(&picture.pixels));
        println!("{}: {distance} bits from pdqhash, {hash:?}", picture.name);
        same += usize::from(distance == 0);
        farthest = farthest.max(distance);
    }
    let mut nearest = u32::MAX;
    for (index, one) in hashes.iter().enumerate() {
        nearest = hashes
            .iter()
            .skip(index + 1)
            .map(|other| one.distance(other))
            .min()
            .unwrap_or(nearest)
            .min(nearest);
    }
    println!(
        "{} pictures, {same} the same as pdqhash, farthest {farthest} bits; nearest pair {nearest} bits",
        all.len()
    );
    for (name, attack) in ATTACKS {
        let near = all.iter().zip(&hashes).filter(|(picture, hash)| {
            hash.distance(&ours(&attack(&picture.pixels))) <= mark::SAME_PICTURE_BITS
        });
        println!("| {name} | {} of {} |", near.count(), all.len());
    }
    Ok(())
}

fn ours(image: &RgbImage) -> Fingerprint {
    Fingerprint::of_pixels(&crate::pixels(image)).0
}

/// By `pdqhash`, which takes the image type of an older version of the crate `image`.
fn theirs(image: &RgbImage) -> Fingerprint {
    let (width, height) = image.dimensions();
    let old =
        pdqhash::image::RgbImage::from_raw(width, height, image.as_raw().clone()).expect("as many bytes");
    let hash = pdqhash::generate_pdq(&pdqhash::image::DynamicImage::ImageRgb8(old)).expect("large enough").0;
    Fingerprint::from_bytes(hash)
}
