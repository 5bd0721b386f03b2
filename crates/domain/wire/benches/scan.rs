//! What one streamed chunk costs: cut the frame, find its strings, replace one.

use std::hint::black_box;

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use wire::{Decoder, Replacement, SseLimits, render, scan};

/// A chunk as OpenAI sends it, 250 bytes.
const CHUNK: &str = r#"{"id":"chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT","object":"chat.completion.chunk","created":1741569952,"model":"gpt-4.1-2025-04-14","system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"delta":{"content":"朱砂印记"},"logprobs":null,"finish_reason":null}]}"#;

fn chunk(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("chunk");
    group.throughput(Throughput::Bytes(CHUNK.len() as u64));
    group.bench_function("scan", |bencher| bencher.iter(|| scan(black_box(CHUNK.as_bytes()))));
    let literal = scan(CHUNK.as_bytes()).map(|scan| scan.slots.first().map(|slot| slot.literal.clone()));
    if let Ok(Some(literal)) = literal {
        let edits = [(literal, Replacement::Text("朱砂"))];
        group
            .bench_function("render", |bencher| bencher.iter(|| render(black_box(CHUNK.as_bytes()), &edits)));
    }
    let frame = Bytes::from(format!("data: {CHUNK}\n\n"));
    group.bench_function("frame", |bencher| {
        let mut decoder = Decoder::new(SseLimits::default());
        let mut frames = Vec::new();
        bencher.iter(|| {
            frames.clear();
            decoder.push(black_box(frame.clone()), &mut frames)
        });
    });
    group.finish();
}

fn whole(criterion: &mut Criterion) {
    let answer = CHUNK.replace("朱砂印记", &"朱砂印记 is what carries the mark. ".repeat(2000));
    let mut group = criterion.benchmark_group("whole");
    group.throughput(Throughput::Bytes(answer.len() as u64));
    group.bench_function("scan", |bencher| bencher.iter(|| scan(black_box(answer.as_bytes()))));
    group.finish();
}

criterion_group!(benches, chunk, whole);
criterion_main!(benches);
