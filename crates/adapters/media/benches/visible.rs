//! What visible and audible labels cost: the drawing apart from the codecs, and each format whole.
//!
//! `cargo bench -p media`; results in `bench/results/2026-11-25-visible.md`.
#![expect(
    missing_docs,
    clippy::unwrap_used,
    reason = "a benchmark is no library, and its inputs are its own"
)]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use media::{
    AudibleStyle, PictureFormat, Rgb8, Treatment, VisibleStyle, draw_label, label_picture, label_sound,
    treat_picture, write_png,
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

fn pictures(criterion: &mut Criterion) {
    let style = VisibleStyle::default();
    let plain = picture(1024);
    criterion.bench_function("draw/1024", |bencher| {
        bencher.iter_batched_ref(
            || plain.clone(),
            |picture| draw_label(picture, &style).unwrap(),
            BatchSize::LargeInput,
        );
    });
    let large = picture(4096);
    criterion.bench_function("draw/4096", |bencher| {
        bencher.iter_batched_ref(
            || large.clone(),
            |picture| draw_label(picture, &style).unwrap(),
            BatchSize::LargeInput,
        );
    });
    for (name, format) in formats() {
        let bytes = file(&plain, name);
        criterion.bench_function(&format!("file/1024/{name}"), |bencher| {
            bencher.iter(|| label_picture(black_box(&bytes), format, &style).unwrap());
        });
        if format.takes_mark() {
            criterion.bench_function(&format!("codec alone/1024/{name}"), |bencher| {
                bencher.iter(|| treat_picture(black_box(&bytes), format, Treatment::default()).unwrap());
            });
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
    let mut group = criterion.benchmark_group("sound");
    group.throughput(Throughput::Bytes(u64::from(length)));
    group.bench_function("rhythm/minute", |bencher| {
        bencher.iter(|| label_sound(black_box(&wav), &AudibleStyle::default()).unwrap());
    });
    group.finish();
}

criterion_group!(benches, pictures, sounds);
criterion_main!(benches);
