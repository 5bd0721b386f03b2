//! How fast the log grows and is checked.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark stops where it fails")]

use std::{collections::BTreeMap, hint::black_box};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ledger::{
    Checkpoint, NoteSigner, TreeState, inclusion_proof, integrate, leaf_hash, verify_inclusion, verify_log,
};

/// Entries about as long as real ones.
fn entries(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|number| format!("{number:0>450}").into_bytes()).collect()
}

fn bench(c: &mut Criterion) {
    let leaves = entries(100_000);
    let mut group = c.benchmark_group("log");
    group.sample_size(10);

    group.throughput(Throughput::Elements(leaves.len() as u64));
    group.bench_function("integrate 100k in one batch", |b| {
        b.iter(|| integrate(&TreeState::new(), black_box(&leaves)))
    });
    group.bench_function("integrate 100k in batches of 1000", |b| {
        b.iter(|| {
            leaves
                .chunks(1_000)
                .try_fold(TreeState::new(), |state, batch| integrate(&state, batch).map(|grown| grown.state))
        });
    });

    let grown = integrate(&TreeState::new(), &leaves).unwrap();
    let tiles: BTreeMap<_, _> = grown.tiles.into_iter().collect();
    let signer = NoteSigner::new("log.example", &[1; 32]).unwrap();
    let size = grown.state.size();
    let head = Checkpoint::new("log.example", size, grown.state.root());
    let note = head.sign(&signer).unwrap().to_string();
    group.bench_function("verify a log of 100k", |b| {
        b.iter(|| verify_log(&tiles, note.as_bytes(), signer.verifier()))
    });

    group.throughput(Throughput::Elements(1));
    group.bench_function("make a proof of inclusion", |b| {
        b.iter(|| inclusion_proof(&tiles, black_box(77_777), size))
    });
    let proof = inclusion_proof(&tiles, 77_777, size).unwrap();
    let leaf = leaf_hash(&leaves[77_777]);
    group.bench_function("verify a proof of inclusion", |b| {
        b.iter(|| verify_inclusion(black_box(&leaf), 77_777, size, &proof, &head.root));
    });
    group.bench_function("verify a checkpoint", |b| {
        b.iter(|| Checkpoint::open(black_box(note.as_bytes()), signer.verifier()));
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
