//! What visible and audible labels cost: the drawing apart from the codecs, and each format whole.
//!
//! `cargo bench -p media`; results in `bench/results/2026-11-25-visible.md`.
#![expect(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark is no library, and its inputs are its own"
)]

use std::{hint::black_box, time::Duration};

use criterion::{Criterion, criterion_group, criterion_main};
use media::{
    AudibleStyle, Clip, PictureFormat, Rgb8, Signal, Treatment, VisibleStyle, draw_label, label_picture,
    label_sound, treat_picture, write_png,
};

/// Soft shapes with a little grain, as models make them: neither flat nor noise.
fn picture(side: u32) -> Rgb8 {
    let mut grain = 1_u32;
    let mut pixels = Vec::new();
    for y in 0..side {
        for x in 0..side {
            grain = grain.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [_, _, _, noise] = grain.to_le_bytes();
            let wave = |by: u32| {
                let phase = f64::from(x * by + y * (7 - by)) / f64::from(side);
                (phase.sin() * 100.0 + 128.0 + f64::from(noise & 7)).round() as u8
            };
            pixels.extend([wave(2), wave(3), wave(5)]);
        }
    }
    Rgb8 { width: side, height: side, pixels }
}

/// The time that this thread had a processor: a busy machine does not count (Linux, `Documentation/scheduler/sched-stats.rst`).
fn on_processor() -> Duration {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(times.split(' ').next().unwrap().parse().unwrap())
}

/// Measures `work` on what `prepare` makes, which does not count.
fn measure<T, R>(
    criterion: &mut Criterion,
    name: &str,
    prepare: impl Fn() -> T,
    mut work: impl FnMut(&mut T) -> R,
) {
    criterion.bench_function(name, |bencher| {
        bencher.iter_custom(|rounds| {
            let mut spent = Duration::ZERO;
            for _ in 0..rounds {
                let mut input = prepare();
                let start = on_processor();
                black_box(work(black_box(&mut input)));
                spent += on_processor() - start;
            }
            spent
        });
    });
}

fn pictures(criterion: &mut Criterion) {
    let style = VisibleStyle::default();
    for side in [1024, 4096] {
        let plain = picture(side);
        measure(
            criterion,
            &format!("draw/{side}"),
            || plain.clone(),
            |picture| draw_label(picture, &style).unwrap(),
        );
    }
    let plain = picture(1024);
    for (name, format) in formats() {
        let bytes = file(&plain, name);
        let whole = |bytes: &mut &[u8]| label_picture(bytes, format, &style).unwrap();
        measure(criterion, &format!("file/1024/{name}"), || bytes.as_slice(), whole);
        if format.takes_mark() {
            let codec = |bytes: &mut &[u8]| treat_picture(bytes, format, Treatment::default()).unwrap();
            measure(criterion, &format!("codec alone/1024/{name}"), || bytes.as_slice(), codec);
        }
    }
}

const fn formats() -> [(&'static str, PictureFormat); 4] {
    [
        ("gif", PictureFormat::Gif),
        ("jpeg", PictureFormat::Jpeg),
        ("png", PictureFormat::Png),
        ("webp", PictureFormat::WebP),
    ]
}

fn file(picture: &Rgb8, name: &str) -> Vec<u8> {
    let png = write_png(picture).unwrap();
    let format = image::ImageFormat::from_extension(name).unwrap();
    let mut bytes = Vec::new();
    let picture = image::load_from_memory(&png).unwrap();
    if name == "jpeg" {
        let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 92);
        picture.write_with_encoder(encoder).unwrap();
    } else {
        picture.write_to(&mut std::io::Cursor::new(&mut bytes), format).unwrap();
    }
    bytes
}

fn sounds(criterion: &mut Criterion) {
    // A minute of stereo at 48 kHz and 16 bits.
    let samples = vec![3; 48_000 * 4 * 60];
    let format = [1, 0, 2, 0, 0x80, 0xbb, 0, 0, 0, 0xee, 2, 0, 4, 0, 16, 0];
    let length = u32::try_from(samples.len()).unwrap();
    let head = [&b"RIFF"[..], &(length + 36).to_le_bytes(), b"WAVEfmt \x10\0\0\0", &format, b"data"].concat();
    let wav = [head, length.to_le_bytes().to_vec(), samples].concat();
    let rhythm = |wav: &mut &[u8]| label_sound(wav, &AudibleStyle::default()).unwrap();
    measure(criterion, "sound/minute/rhythm", || wav.as_slice(), rhythm);
    let spoken = AudibleStyle { signal: Signal::Spoken(Clip::chinese().unwrap()), ..AudibleStyle::default() };
    let words = |wav: &mut &[u8]| label_sound(wav, &spoken).unwrap();
    measure(criterion, "sound/minute/spoken", || wav.as_slice(), words);
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_secs(1));
    targets = pictures, sounds
}
criterion_main!(benches);
