//! Recovery for each attack.

use std::path::Path;

use cpu_time::ThreadTime;
use mark::{Budget, Payload, Strength, read_deep, read_fast, write};

use crate::attacks::ATTACKS;
use crate::pictures::{self, Picture};
use crate::quality::{psnr, ssim};
use crate::random::Random;

#[derive(Default, Clone)]
struct Row {
    right_fast: usize,
    right: usize,
    wrong: usize,
    presence: f64,
    tries: u64,
    seconds: f64,
    failed: Vec<String>,
}

pub fn run(from: usize, to: usize, folder: Option<&Path>) -> anyhow::Result<()> {
    let mut all: Vec<Picture> = (from..to).map(pictures::made).collect();
    if let Some(folder) = folder {
        all.extend(pictures::of_folder(folder)?);
    }
    let key = crate::key();
    let keys = std::slice::from_ref(&key);
    let mut random = Random::new(1);
    let mut rows = vec![Row::default(); ATTACKS.len()];
    let (mut decibels, mut similarity, mut lowest, mut writing) = (0.0, 0.0, f64::MAX, 0.0);
    for picture in &all {
        let payload = Payload::new(random.next() >> 24)?;
        let mut pixels = crate::pixels(&picture.pixels);
        let start = ThreadTime::now();
        let report = write(&mut pixels, &key, payload, &Strength::default())?;
        writing += start.elapsed().as_secs_f64();
        let marked = crate::image(&pixels);
        let (db, similar) = (psnr(&picture.pixels, &marked), ssim(&picture.pixels, &marked));
        (decibels, similarity, lowest) = (decibels + db, similarity + similar, f64::min(lowest, similar));
        let mut lost = Vec::new();
        for ((name, attack), row) in ATTACKS.iter().zip(&mut rows) {
            let attacked = crate::pixels(&attack(&marked));
            let fast = read_fast(&attacked, keys);
            let start = ThreadTime::now();
            let reading = read_deep(&attacked, keys, Budget::default());
            row.seconds += start.elapsed().as_secs_f64();
            row.tries += u64::from(reading.tries);
            row.presence += f64::from(reading.presence);
            let is_right = |reading: &mark::Reading| reading.hit.is_some_and(|hit| hit.payload == payload);
            row.right_fast += usize::from(is_right(&fast));
            row.right += usize::from(is_right(&reading));
            row.wrong += usize::from(reading.hit.is_some() && !is_right(&reading));
            if !is_right(&reading) {
                lost.push(*name);
                row.failed.push(picture.name.clone());
            }
        }
        eprintln!("{} {db:.1} dB {similar:.4} reserve {:.2} lost {lost:?}", picture.name, report.reserve);
    }
    let pictures = all.len() as f64;
    println!(
        "{} pictures, {:.2} dB, SSIM {:.4} (lowest {lowest:.4}), writing {:.1} ms of processor time\n",
        all.len(),
        decibels / pictures,
        similarity / pictures,
        1e3 * writing / pictures
    );
    println!(
        "| attack | read | % | as it is | wrong | mean presence | mean tries | ms |\n|---|---|---|---|---|---|---|---|"
    );
    for ((name, _), row) in ATTACKS.iter().zip(&rows) {
        println!(
            "| {name} | {} | {:.1} | {} | {} | {:.1} | {:.0} | {:.1} |",
            row.right,
            100.0 * row.right as f64 / pictures,
            row.right_fast,
            row.wrong,
            row.presence / pictures,
            row.tries as f64 / pictures,
            1e3 * row.seconds / pictures,
        );
    }
    Ok(())
}
