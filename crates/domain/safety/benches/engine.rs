//! What guarding costs: whole texts, and the pushes of a stream in the size of a token.
//!
//! `cargo bench -p safety`. The lexicons are the starter lists of `packs/cn/lexicons`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a benchmark reads files"
)]

use std::{hint::black_box, sync::Arc};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use safety::{Engine, EngineBuilder, Model, PassageMode, parse_csv};
use terms::Direction;

const CHINESE: &str = "人工智能生成合成内容应当依法添加标识。用户可以向服务提供者投诉，服务提供者应当在规定的期限内答复，\
    并说明理由；对答复不服的，可以申诉。今天天气很好，我们在公园里散步，讨论明年的计划和春天的花。";
const ENGLISH: &str = "A provider places the gateway in front of any model, and the service then meets the law that \
    applies to it: users are known, prompts and answers are checked while they stream, and everything is labelled. ";

/// With the word lists that ship.
fn builder() -> EngineBuilder {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../packs/cn/lexicons");
    let mut builder = Engine::builder();
    for file in std::fs::read_dir(folder).expect("the lexicons are there") {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|e| e == "csv") {
            let name = path.display().to_string();
            builder = builder.lexicon(parse_csv(&name, &std::fs::read_to_string(&path).unwrap()).unwrap());
        }
    }
    builder
}

fn engine() -> Engine {
    builder().build().unwrap()
}

/// The model that ships.
fn model() -> Arc<Model> {
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../packs/cn/models/classifier.model");
    Arc::new(Model::from_bytes(&std::fs::read(path).unwrap()).unwrap())
}

/// The passage scorer: alone on a text of a kilobyte, and with everything else.
fn classified(c: &mut Criterion) {
    let model = model();
    let engine = builder().classifier(Arc::clone(&model), PassageMode::Score).build().unwrap();
    let mut group = c.benchmark_group("classified");
    for (name, text) in [("chinese", CHINESE), ("english", ENGLISH)] {
        let text: String = text.repeat(8).chars().take(if name == "chinese" { 341 } else { 1023 }).collect();
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(format!("score/{name}"), |b| b.iter(|| model.score(black_box(&text))));
        group.bench_function(format!("check/{name}"), |b| {
            b.iter(|| engine.check(black_box(&text), Direction::Input));
        });
    }
    group.finish();
}

fn whole(c: &mut Criterion) {
    let engine = engine();
    let mut group = c.benchmark_group("check");
    for (name, text) in [("chinese", CHINESE), ("english", ENGLISH)] {
        let text = text.repeat(100_000 / text.len());
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |b| b.iter(|| engine.check(black_box(&text), Direction::Output)));
    }
    group.finish();
}

/// The normaliser alone.
fn folding(c: &mut Criterion) {
    let mut group = c.benchmark_group("fold");
    for (name, text) in [("chinese", CHINESE), ("english", ENGLISH)] {
        let text = text.repeat(100_000 / text.len());
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |b| {
            b.iter(|| {
                let mut sum = 0_u32;
                safety::fold(black_box(&text), |folded, _, _| sum = sum.wrapping_add(u32::from(folded)));
                sum
            });
        });
    }
    group.finish();
}

fn pushes(c: &mut Criterion) {
    let engine = engine();
    let mut group = c.benchmark_group("push");
    for (name, text, size) in [("chinese", CHINESE, 3), ("english", ENGLISH, 6)] {
        let chars: Vec<char> = text.repeat(10).chars().collect();
        let chunks: Vec<String> = chars.chunks(size).map(|chunk| chunk.iter().collect()).collect();
        group.throughput(Throughput::Elements(chunks.len() as u64));
        group.bench_function(name, |b| {
            b.iter_batched(
                || (engine.stream(Direction::Output), String::with_capacity(16_384)),
                |(mut stream, mut released)| {
                    for chunk in &chunks {
                        stream.push(black_box(chunk), &mut released);
                    }
                    (stream.finish(&mut released), released)
                },
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

fn start(c: &mut Criterion) {
    let engine = engine();
    c.bench_function("stream", |b| b.iter(|| engine.stream(Direction::Output)));
    c.bench_function("build", |b| b.iter(self::engine));
}

criterion_group!(benches, folding, whole, classified, pushes, start);
criterion_main!(benches);
