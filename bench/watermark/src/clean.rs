//! Readings of pictures that hold no mark: how high the presence statistic goes by chance.

use std::path::Path;

use image::imageops::{self, FilterType};
use mark::{Key, PRESENCE_AS_IS, PRESENCE_GUESSED, read_fast};

use crate::pictures::{self, Picture};
use crate::random::Random;

/// Sizes and keys for each picture.
const SCALES: usize = 20;
const KEYS: usize = 50;

pub fn run(from: usize, to: usize, folder: Option<&Path>) -> anyhow::Result<()> {
    let mut all: Vec<Picture> = (from..to).map(pictures::made).collect();
    if let Some(folder) = folder {
        all.extend(pictures::of_folder(folder)?);
    }
    let mut trials = 0_u64;
    let mut accepted = 0;
    let mut highest = 0.0_f32;
    // Readings by presence, the highest of all keys', in tenths.
    let mut histogram = vec![0_u64; 200];
    for (index, picture) in all.iter().enumerate() {
        let mut random = Random::new(7_000_000 + index as u64);
        for _ in 0..SCALES {
            let factor = random.between(0.5, 1.0);
            let side = |side: u32| ((side as f32 * factor) as u32).max(200);
            let (width, height) = (side(picture.pixels.width()), side(picture.pixels.height()));
            let pixels =
                crate::pixels(&imageops::resize(&picture.pixels, width, height, FilterType::Triangle));
            let keys: Vec<Key> = (0_u8..)
                .take(KEYS)
                .map(|epoch| {
                    let mut secret = [0; 32];
                    secret[..8].copy_from_slice(&random.next().to_be_bytes());
                    Key::derive(&secret, epoch)
                })
                .collect();
            let reading = read_fast(&pixels, &keys);
            trials += u64::from(reading.tries);
            accepted += usize::from(reading.hit.is_some());
            highest = highest.max(reading.presence);
            histogram[((reading.presence * 10.0) as usize).min(199)] += 1;
        }
    }
    println!(
        "{trials} trials, {accepted} accepted, highest presence {highest:.2}; readings of {KEYS} keys each by presence:"
    );
    let above = |bound: f32| histogram[(bound * 10.0) as usize..].iter().sum::<u64>();
    for tenth in 30..70 {
        let bound = tenth as f32 / 10.0;
        println!("presence >= {bound:.1}: {}", above(bound));
    }
    println!(
        "at the bounds {PRESENCE_AS_IS} and {PRESENCE_GUESSED}: {} and {}",
        above(PRESENCE_AS_IS),
        above(PRESENCE_GUESSED)
    );
    Ok(())
}
