//! Processor time of one thread.

use cpu_time::ThreadTime;
use mark::{Budget, Payload, Strength, read_deep, read_fast, write};

use crate::pictures;

const ROUNDS: usize = 20;

pub fn run() -> anyhow::Result<()> {
    let key = crate::key();
    let keys = [key.clone(), mark::Key::derive(&crate::SECRET, 2), mark::Key::derive(&crate::SECRET, 3)];
    let payload = Payload::new(123_456_789)?;
    println!(
        "| 1024 x 1024 | write ms | fast read ms | deep, no mark, one key ms | tries | deep, three keys ms | fast, three keys ms |\n|---|---|---|---|---|---|---|"
    );
    // The numbers below 72 whose pictures are square with 1,024 pixels a side.
    for number in (0..72).filter(|number| number % 8 == 2) {
        let picture = pictures::made(number);
        let clean = crate::pixels(&picture.pixels);
        let mut marked = clean.clone();
        let times = [
            best(|| {
                marked = clean.clone();
                write(&mut marked, &key, payload, &Strength::default()).expect("large enough");
            }),
            best(|| read_fast(&marked, &keys[..1])),
            best(|| read_deep(&clean, &keys[..1], Budget::default())),
            best(|| read_deep(&clean, &keys, Budget::default())),
            best(|| read_fast(&clean, &keys)),
        ];
        let [write, fast, deep, deep_three, fast_three] = times;
        let tries = read_deep(&clean, &keys[..1], Budget::default()).tries;
        println!(
            "| {} | {write:.1} | {fast:.1} | {deep:.1} | {tries} | {deep_three:.1} | {fast_three:.1} |",
            picture.name
        );
    }
    Ok(())
}

/// Milliseconds of the median round.
fn best<R>(mut work: impl FnMut() -> R) -> f64 {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = ThreadTime::now();
            std::hint::black_box(work());
            1e3 * start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[ROUNDS / 2]
}
