//! How fast a label comes into a long file: read, write, read back.

#![expect(clippy::unwrap_used, reason = "a benchmark stops where it fails")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use label::{
    AigcLabel, ProviderCode,
    media::{self, Edits, Format, Marks},
};
use terms::ProduceId;

/// The length of the sound or picture.
const DATA_BYTES: usize = 200_000_000;
/// Chunks of such a file, a third of a second each.
const CHUNKS: usize = 1_800;
/// What is sent at once.
const BUFFER_BYTES: usize = 64 * 1024;

fn atom(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    [&u32::try_from(body.len() + 8).unwrap().to_be_bytes()[..], kind, &body].concat()
}

/// A film whose header comes first, so that every offset moves.
fn mp4(data: &[u8]) -> Vec<u8> {
    let ftyp = atom(b"ftyp", &[b"isom\0\0\x02\0isom"]);
    let moov = |first: usize| {
        let offsets: Vec<u8> = (0..CHUNKS)
            .flat_map(|chunk| u32::try_from(first + chunk * (data.len() / CHUNKS)).unwrap().to_be_bytes())
            .collect();
        let stco = atom(b"stco", &[&[0; 4], &u32::try_from(CHUNKS).unwrap().to_be_bytes(), &offsets]);
        let stbl = atom(b"minf", &[&atom(b"stbl", &[&stco])]);
        atom(b"moov", &[&atom(b"trak", &[&atom(b"mdia", &[&stbl])])])
    };
    let first = ftyp.len() + moov(0).len() + 8;
    [ftyp, moov(first), atom(b"mdat", &[data])].concat()
}

fn wav(data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap();
    let format = [1, 0, 2, 0, 0x80, 0xbb, 0, 0, 0, 0xee, 2, 0, 4, 0, 16, 0];
    [
        &b"RIFF"[..],
        &(length + 36).to_le_bytes(),
        b"WAVEfmt ",
        &16_u32.to_le_bytes(),
        &format,
        b"data",
        &length.to_le_bytes(),
        data,
    ]
    .concat()
}

/// Sends the changed file on, as it would go to a socket.
fn stream(edits: &Edits, file: &[u8], buffer: &mut [u8]) {
    for part in edits.pieces(file).flat_map(|piece| piece.chunks(BUFFER_BYTES)) {
        let sent = buffer.get_mut(..part.len()).unwrap();
        sent.copy_from_slice(part);
        black_box(sent);
    }
}

fn bench(c: &mut Criterion) {
    let data: Vec<u8> = (0..DATA_BYTES).map(|at| u8::try_from(at % 251).unwrap()).collect();
    let code = ProviderCode::parse("001191110102MACQD9K64010000").unwrap();
    let label = AigcLabel::new(&code, &ProduceId::from_u128(7));
    let marks = Marks { label: &label, source: None };
    let mut group = c.benchmark_group("media");
    group.sample_size(10);
    for (name, format, file) in [("mp4", Format::Mp4, mp4(&data)), ("wav", Format::Wav, wav(&data))] {
        group.throughput(Throughput::Bytes(file.len() as u64));
        group.bench_function(format!("label a {name} of 200 MB, a copy made and read back"), |b| {
            b.iter(|| media::label(format, black_box(&file), &marks).unwrap());
        });
        group.bench_function(format!("edits of a {name} of 200 MB, for a stream"), |b| {
            b.iter(|| media::write(format, black_box(&file), &marks).unwrap());
        });
        let mut buffer = vec![0; BUFFER_BYTES];
        group.bench_function(format!("label a {name} of 200 MB on its way through a buffer"), |b| {
            b.iter(|| stream(&media::write(format, black_box(&file), &marks).unwrap(), &file, &mut buffer));
        });
        let mut copy = vec![0; file.len()];
        group.bench_function(format!("copy of the {name} alone, by memcpy"), |b| {
            b.iter(|| copy.copy_from_slice(black_box(&file)));
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
