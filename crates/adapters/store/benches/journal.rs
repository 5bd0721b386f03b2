//! Durable appends per second through the journal, beside what the disk can flush.
//!
//! `cargo bench -p store --bench journal`. The folder is the system's temporary one unless `CINNABAR_BENCH_FOLDER` names
//! another: measure on the disk that matters.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must stop")]

use std::{
    fs::File,
    io::Write as _,
    time::{Duration, Instant},
};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use store::{Journal, JournalLimits, JournalWrite, NewEntry, Store, Target};
use terms::{EntryId, ProduceId, SubjectId, TenantId, Timestamp};

const PAYLOAD_BYTES: usize = 300;

fn entry(number: u64) -> NewEntry {
    // Ids as they come in service: ordered by time, with random ends.
    let id = (u128::from(number) << 64) | u128::from(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    NewEntry {
        entry_id: EntryId::from_u128(id),
        event: "generation.begun".to_owned(),
        time: Timestamp::EPOCH,
        tenant_id: TenantId::DEFAULT,
        subject_id: Some(SubjectId::from_u128(7)),
        produce_id: Some(ProduceId::from_u128(id)),
        about: None,
        bytes: format!("{{\"schema\":1,\"id\":\"{number:026}\",\"rest\":\"{}\"}}", "a".repeat(420)),
        nonce: Some(vec![1; 24]),
        payload: Some(vec![2; PAYLOAD_BYTES]),
    }
}

fn folder() -> tempfile::TempDir {
    match std::env::var_os("CINNABAR_BENCH_FOLDER") {
        Some(folder) => tempfile::tempdir_in(folder).unwrap(),
        None => tempfile::tempdir().unwrap(),
    }
}

fn flushes(criterion: &mut Criterion) {
    let folder = folder();
    let mut file = File::create(folder.path().join("raw")).unwrap();
    let mut group = criterion.benchmark_group("raw");
    group.throughput(Throughput::Elements(1));
    group.bench_function("write 4 KiB, fdatasync", |bencher| {
        bencher.iter(|| {
            file.write_all(&[0; 4096]).unwrap();
            file.sync_data().unwrap();
        });
    });
    group.finish();
}

fn appends(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut group = criterion.benchmark_group("journal");
    for waiting in [1_u64, 16, 256, 1024] {
        let folder = folder();
        let (journal, ending) = runtime.block_on(async {
            let target = Target::Sqlite { path: folder.path().join("bench.sqlite") };
            let store = Store::open(&target).await.unwrap();
            store.migrate().await.unwrap();
            Journal::spawn(store, JournalLimits::default())
        });
        let mut next = 0_u64;
        group.throughput(Throughput::Elements(waiting));
        group.bench_function(BenchmarkId::new("entries at once", waiting), |bencher| {
            bencher.iter_custom(|rounds| {
                let mut spent = Duration::ZERO;
                for _ in 0..rounds {
                    let writes: Vec<_> = (0..waiting)
                        .map(|_| {
                            next += 1;
                            JournalWrite { entries: vec![entry(next)], ..JournalWrite::default() }
                        })
                        .collect();
                    let started = Instant::now();
                    runtime.block_on(async {
                        let appends = writes.into_iter().map(|write| journal.append(write));
                        for result in futures_util::future::join_all(appends).await {
                            result.unwrap();
                        }
                    });
                    spent += started.elapsed();
                }
                spent
            });
        });
        drop(journal);
        runtime.block_on(ending).unwrap();
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(Duration::from_secs(4)).warm_up_time(Duration::from_secs(1));
    targets = flushes, appends
}
criterion_main!(benches);
