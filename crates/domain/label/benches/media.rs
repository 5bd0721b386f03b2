//! How long a hidden label takes, read back as it is before a file leaves.
//!
//! `cargo bench -p label --bench media`. The pictures have the segments and chunks of real ones and noise for data, which is
//! never decoded; `copy` beside each is what the bytes alone cost.

#![expect(clippy::unwrap_used, reason = "a benchmark may fail loudly")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use label::{
    AigcLabel, ProviderCode,
    media::{self, DigitalSource, Format, Marks},
};
use terms::ProduceId;

const PICTURE_BYTES: usize = 2 << 20;
const SOUND_BYTES: usize = 100 << 20;

/// SplitMix64: the same noise on every machine.
fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 7_u64;
    let next = std::iter::repeat_with(move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed ^ (mixed >> 27)).to_le_bytes()
    });
    next.flatten().take(bytes).collect()
}

/// A baseline JPEG; in its scan a zero follows each byte of ones, as an encoder writes it.
fn jpeg() -> Vec<u8> {
    let segment = |marker: u8, data: &[u8]| {
        let length = u16::try_from(data.len() + 2).unwrap();
        [&[0xFF, marker][..], &length.to_be_bytes(), data].concat()
    };
    let mut scan = Vec::with_capacity(PICTURE_BYTES + PICTURE_BYTES / 128);
    for byte in noise(PICTURE_BYTES) {
        scan.push(byte);
        if byte == 0xFF {
            scan.push(0);
        }
    }
    let head = [
        segment(0xE0, b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0"),
        segment(0xDB, &[1; 65]),
        segment(0xC0, &[8, 4, 0, 4, 0, 1, 1, 0x11, 0]),
        segment(0xDA, &[1, 1, 0, 0, 63, 0]),
    ];
    [b"\xff\xd8", &head.concat()[..], &scan, b"\xff\xd9"].concat()
}

/// A PNG with its data in chunks of 8 KiB, as libpng writes it. Checksums of what is not changed are not read.
fn png() -> Vec<u8> {
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let length = u32::try_from(data.len()).unwrap();
        [&length.to_be_bytes()[..], kind, data, &[0; 4]].concat()
    };
    let data: Vec<u8> = noise(PICTURE_BYTES).chunks(8192).flat_map(|data| chunk(b"IDAT", data)).collect();
    let head = chunk(b"IHDR", &[0, 0, 4, 0, 0, 0, 4, 0, 8, 2, 0, 0, 0]);
    [&b"\x89PNG\r\n\x1a\n"[..], &head, &data, &chunk(b"IEND", b"")].concat()
}

fn wav() -> Vec<u8> {
    let chunk = |id: &[u8; 4], data: &[u8]| {
        [&id[..], &u32::try_from(data.len()).unwrap().to_le_bytes(), data].concat()
    };
    let form = [
        b"WAVE".to_vec(),
        chunk(b"fmt ", &[1, 0, 2, 0, 0x80, 0xBB, 0, 0, 0, 0xEE, 2, 0, 4, 0, 16, 0]),
        chunk(b"data", &noise(SOUND_BYTES)),
    ];
    chunk(b"RIFF", &form.concat())
}

fn files(criterion: &mut Criterion) {
    let code = ProviderCode::parse("001191110102MACQD9K64010000").unwrap();
    let label = AigcLabel::new(&code, &ProduceId::from_u128(7));
    let marks = Marks { label: &label, source: Some(DigitalSource::TrainedAlgorithmicMedia) };
    for (format, file) in [(Format::Jpeg, jpeg()), (Format::Png, png()), (Format::Wav, wav())] {
        let mut group = criterion.benchmark_group(format.as_str());
        group.throughput(Throughput::Bytes(u64::try_from(file.len()).unwrap()));
        group.sample_size(if format == Format::Wav { 10 } else { 100 });
        let labelled = media::label(format, &file, &marks).unwrap();
        group.bench_function("label", |b| b.iter(|| media::label(format, black_box(&file), &marks).unwrap()));
        group.bench_function("edits", |b| b.iter(|| media::write(format, black_box(&file), &marks).unwrap()));
        group.bench_function("report", |b| b.iter(|| media::report(format, black_box(&labelled))));
        group.bench_function("copy", |b| b.iter(|| black_box(&file).clone()));
        group.finish();
    }
}

criterion_group!(benches, files);
criterion_main!(benches);
