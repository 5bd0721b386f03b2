//! `bench-lexicon ENGINE WORDS TEXT [ROUNDS]`: builds one engine over a list of words and scans a text with it, on one
//! thread. Prints one line of JSON: the processor's seconds to build, megabytes a second (the best round), bytes on the heap
//! that the engine keeps, and hits.
//!
//! `cinnabar-…` are the product's engine with everything a text goes through: normalisation, the detectors of personal data,
//! escapes, findings, release of the text. The others are automata alone over the text as it stands.

use std::alloc::System;
use std::hint::black_box;

use anyhow::Context;
use cpu_time::ThreadTime;
use safety::{Action, Category, Engine, Entry, Scope};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use terms::Direction;

#[global_allocator]
static GLOBAL: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

struct Measured {
    build_seconds: f64,
    heap_bytes: isize,
    seconds: f64,
    hits: usize,
    /// What was measured beside, for the product alone.
    more: serde_json::Value,
}

fn measure<E>(
    rounds: usize,
    build: impl FnOnce() -> anyhow::Result<E>,
    mut scan: impl FnMut(&E) -> usize,
) -> anyhow::Result<(Measured, E)> {
    let region = Region::new(GLOBAL);
    let start = ThreadTime::now();
    let engine = build()?;
    let build_seconds = start.elapsed().as_secs_f64();
    let change = region.change();
    let heap_bytes = isize::try_from(change.bytes_allocated)? - isize::try_from(change.bytes_deallocated)?;
    let mut seconds = f64::INFINITY;
    let mut hits = 0;
    for _ in 0..rounds {
        let start = ThreadTime::now();
        hits = black_box(scan(&engine));
        seconds = seconds.min(start.elapsed().as_secs_f64());
    }
    Ok((Measured { build_seconds, heap_bytes, seconds, hits, more: serde_json::Value::Null }, engine))
}

fn entries(words: &[&str]) -> anyhow::Result<Vec<Entry>> {
    let entry = |word: &&str| Entry::new(word, Category::Test, Some(Action::Warn), Scope::Both);
    Ok(words.iter().map(entry).collect::<Result<_, _>>()?)
}

fn cinnabar(words: &[&str], rounds: usize, scan: impl FnMut(&Engine) -> usize) -> anyhow::Result<Measured> {
    let entries = entries(words)?;
    let warm = Engine::builder().build()?;
    black_box(warm.check("表", Direction::Output));
    let (mut measured, engine) =
        measure(rounds, || Ok(Engine::builder().lexicon(entries.iter().cloned()).build()?), scan)?;
    let start = ThreadTime::now();
    let (removed, added) =
        (entries.get(..50).unwrap_or_default(), self::entries(&["新的词条甲", "新的词条乙"])?);
    let changed = engine.with_changes(removed, &added)?;
    let change_ms = start.elapsed().as_secs_f64() * 1e3;
    drop(black_box(changed));
    measured.more = serde_json::json!({ "change_of_52_ms": change_ms });
    Ok(measured)
}

/// The engine from its cache: what is measured as building is loading.
fn cache(words: &[&str], rounds: usize, scan: impl FnMut(&Engine) -> usize) -> anyhow::Result<Measured> {
    let key = [0; 32];
    let compiled = Engine::builder().lexicon(entries(words)?).build()?;
    let bytes = compiled.to_cache(key).context("an engine without changes has a cache")?;
    drop(compiled);
    let (mut measured, _) = measure(rounds, || Ok(Engine::builder().build_cached(key, &bytes)?), scan)?;
    measured.more = serde_json::json!({ "cache_mb": bytes.len() as f64 / 1e6 });
    Ok(measured)
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, name, words_path, text_path, rest @ ..] = arguments.as_slice() else {
        anyhow::bail!("bench-lexicon ENGINE WORDS TEXT [ROUNDS]")
    };
    let rounds = rest.first().map_or(Ok(5), |rounds| rounds.parse())?;
    let list = std::fs::read_to_string(words_path).with_context(|| words_path.clone())?;
    let words: Vec<&str> = list.lines().collect();
    let text = std::fs::read_to_string(text_path).with_context(|| text_path.clone())?;
    let hits_of = |verdict: safety::Verdict| verdict.findings.len() + verdict.omitted;
    let measured = match name.as_str() {
        "cinnabar-check" => {
            cinnabar(&words, rounds, |engine| hits_of(engine.check(&text, Direction::Output).verdict))?
        }
        "cinnabar-lines" => cinnabar(&words, rounds, |engine| {
            text.lines().map(|line| hits_of(engine.check(line, Direction::Output).verdict)).sum()
        })?,
        "cinnabar-stream" => {
            let chars: Vec<char> = text.chars().collect();
            let chunks: Vec<String> = chars.chunks(4).map(|chunk| chunk.iter().collect()).collect();
            cinnabar(&words, rounds, |engine| {
                let mut stream = engine.stream(Direction::Output);
                let mut released = String::with_capacity(1 << 16);
                for chunk in &chunks {
                    stream.push(chunk, &mut released);
                    if released.len() > 60_000 {
                        released.clear();
                    }
                }
                hits_of(stream.finish(&mut released))
            })?
        }
        "cinnabar-cache" => {
            cache(&words, rounds, |engine| hits_of(engine.check(&text, Direction::Output).verdict))?
        }
        "daachorse" => {
            let build = || {
                daachorse::CharwiseDoubleArrayAhoCorasick::<u32>::new(&words)
                    .map_err(|error| anyhow::anyhow!("{error}"))
            };
            measure(rounds, build, |engine| engine.find_overlapping_iter(&text).count())?.0
        }
        "aho-corasick" => {
            let build = || {
                Ok(aho_corasick::AhoCorasick::builder()
                    .kind(Some(aho_corasick::AhoCorasickKind::ContiguousNFA))
                    .build(&words)?)
            };
            measure(rounds, build, |engine| engine.find_overlapping_iter(&text).count())?.0
        }
        other => anyhow::bail!("no engine `{other}`"),
    };
    let line = serde_json::json!({
        "engine": name,
        "words": words.len(),
        "list": std::path::Path::new(words_path).file_stem().map(|stem| stem.to_string_lossy()),
        "mb_per_s": text.len() as f64 / measured.seconds / 1e6,
        "build_s": measured.build_seconds,
        "heap_mb": measured.heap_bytes as f64 / 1e6,
        "hits": measured.hits,
        "more": measured.more,
    });
    println!("{line}");
    Ok(())
}
