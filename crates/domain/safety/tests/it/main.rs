//! Tests of the engine from outside.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::disallowed_methods,
    clippy::panic,
    reason = "a test stops where it is surprised"
)]

mod adversarial;
mod caches;
mod channels;
mod classifier;
mod codes;
mod data;
mod data_streams;
mod explanations;
mod label_removal;
mod lexicon_entries;
mod lexicons;
mod loose;
mod pattern_sets;
mod patterns;
mod quiet;
mod reference;
mod reference_data;
mod secrets;
mod specs;
mod streaming;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use safety::{Action, Category, Engine, Entry, Scope, parse_csv};

fn entry(term: &str, category: Category, action: Option<Action>) -> Entry {
    Entry::new(term, category, action, Scope::Both).unwrap()
}

/// The folder of the Chinese pack.
fn pack() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../packs/cn")
}

/// An engine with every lexicon and pattern of the Chinese pack.
fn shipped() -> Engine {
    static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
        let lexicons =
            lexicons::files().into_iter().flat_map(|(path, text)| parse_csv(&path, &text).unwrap());
        Engine::builder().lexicon(lexicons).patterns(pattern_sets::shipped()).build().unwrap()
    });
    ENGINE.clone()
}

/// A small engine with terms that overlap, nest and continue each other.
fn engine() -> Engine {
    static ENGINE: LazyLock<Engine> = LazyLock::new(build);
    ENGINE.clone()
}

fn build() -> Engine {
    Engine::builder().lexicon(entries()).build().unwrap()
}

fn entries() -> Vec<Entry> {
    let block = Some(Action::Block);
    let mask = Some(Action::Mask);
    let warn = Some(Action::Warn);
    vec![
        entry("abab", Category::Fraud, block),
        entry("ab", Category::Abuse, mask),
        entry("b1", Category::Drugs, warn),
        entry("违禁", Category::Test, block),
        entry("禁词", Category::Abuse, mask),
        entry("甲乙丙丁", Category::Gambling, warn),
        entry("乙丙", Category::Abuse, mask),
        entry("a@b", Category::Abuse, warn),
        entry("1 3", Category::Abuse, mask),
        entry("严禁词", Category::Test, Some(Action::Allow)),
        entry("乙丙天", Category::Test, Some(Action::Allow)),
        entry("ab cd", Category::Test, Some(Action::Allow)),
    ]
}
