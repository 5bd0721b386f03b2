//! Every target over its seeds and over seeded mutations of them, on the stable toolchain.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may fail loudly")]
#![expect(clippy::print_stderr, reason = "an input that broke a target is shown")]

mod mutation;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use fuzz_bodies::{Body, TARGETS};
use mutation::Mutator;

/// Enough to meet each branch of small grammars; the time limit below is what a slow machine feels.
const MUTATIONS: usize = 30_000;
/// For one target. All run at once, and the whole stays under twenty seconds.
const TIME_MAX: Duration = Duration::from_secs(4);

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../seeds").join(target);
    let mut paths: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "no seed in {}", folder.display());
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

fn run_one(body: Body, input: &[u8]) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| body(input))) {
        eprintln!("input: \"{}\"", input.escape_ascii());
        resume_unwind(panic);
    }
}

fn run(target: &str) {
    let (_, body) = TARGETS.iter().find(|(name, _)| *name == target).unwrap();
    let seeds = seeds(target);
    for seed in &seeds {
        run_one(*body, seed);
        for end in 0..seed.len().min(512) {
            run_one(*body, &seed[..end]);
        }
    }
    let began = Instant::now();
    let mut mutator = Mutator::new(target);
    for _ in 0..MUTATIONS {
        if began.elapsed() > TIME_MAX {
            break;
        }
        run_one(*body, &mutator.mutate(&seeds));
    }
}

#[test]
fn classifier_models_survive_mutation() {
    run("classifier_models");
}

#[test]
fn labels_survive_mutation() {
    run("labels");
}

#[test]
fn lexicon_caches_survive_mutation() {
    run("lexicon_caches");
}

#[test]
fn lexicon_files_survive_mutation() {
    run("lexicon_files");
}

#[test]
fn media_files_survive_mutation() {
    run("media_files");
}

#[test]
fn the_normaliser_survives_mutation() {
    run("normaliser");
}

#[test]
fn media_requests_survive_mutation() {
    run("media_requests");
}

#[test]
fn openai_bodies_survive_mutation() {
    run("openai_bodies");
}

#[test]
fn patterns_survive_mutation() {
    run("patterns");
}

#[test]
fn signed_notes_survive_mutation() {
    run("signed_notes");
}

#[test]
fn the_sse_codec_survives_mutation() {
    run("sse_codec");
}

#[test]
fn workbooks_survive_mutation() {
    run("workbooks");
}

#[test]
fn every_target_has_a_test_and_a_fuzz_binary() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml")).unwrap();
    let source = include_str!("main.rs");
    for (target, _) in TARGETS {
        assert!(manifest.contains(&format!("name = \"{target}\"")), "{target} has no fuzz binary");
        assert!(source.contains(&format!("run(\"{target}\")")), "{target} has no test");
    }
}
