//! What the detectors of personal data find, what they find too much, and how fast.
//!
//! `bench-personal-data FOLDER`: the folder holds `planted.jsonl` and `natural.jsonl` as `generate.py` writes them, and may hold
//! `english.jsonl` in the shape of the first. Prints one JSON object; writes every hit in natural lines to `hits.tsv`.

use std::{collections::BTreeMap, fs, hint::black_box, io::Write as _, path::Path, time::Duration};

use cpu_time::ThreadTime;
use safety::Engine;
use serde::Deserialize;
use serde_json::json;
use terms::Direction;

#[derive(Deserialize)]
struct Planted {
    text: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    start: usize,
    #[serde(default)]
    end: usize,
    #[serde(default)]
    style: String,
}

#[derive(Deserialize)]
struct Natural {
    text: String,
    source: String,
}

/// The types of the other tool in the same run.
const EIGHT: [&str; 8] = [
    "resident-id",
    "mobile-phone",
    "bank-card",
    "passport",
    "email",
    "ip-address",
    "social-credit-code",
    "number-plate",
];

/// Bounds of Wilson at 95 %.
fn bounds(hits: usize, all: usize) -> [f64; 2] {
    let (n, z) = (all.max(1) as f64, 1.959_964_f64);
    let p = hits as f64 / n;
    let centre = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    [(centre - half).max(0.0), (centre + half).min(1.0)]
}

fn share(hits: usize, all: usize) -> serde_json::Value {
    json!({ "hits": hits, "of": all, "share": hits as f64 / all.max(1) as f64, "bounds": bounds(hits, all) })
}

fn rows<T: for<'d> Deserialize<'d>>(path: &Path) -> anyhow::Result<Vec<T>> {
    fs::read_to_string(path)?.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

/// The kind without what generate.py adds about its form.
fn kind_of(row: &str) -> &str {
    row.split(' ').next().unwrap_or(row)
}

/// Findings as rule without its category, start and end in characters.
fn found(engine: &Engine, text: &str) -> Vec<(String, usize, usize)> {
    let chars = |byte: usize| text.get(..byte).map_or(0, |head| head.chars().count());
    let findings = engine.check(text, Direction::Input).verdict.findings;
    findings
        .into_iter()
        .map(|f| {
            (f.rule.split_once('.').map_or("", |(_, name)| name).to_owned(), chars(f.start), chars(f.end))
        })
        .collect()
}

fn recall(engine: &Engine, planted: &[Planted]) -> serde_json::Value {
    let mut kinds: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    let (mut extra, mut near_misses, mut missed) = (0, (0, 0), Vec::new());
    for row in planted {
        let hits = found(engine, &row.text);
        match &row.kind {
            None => {
                near_misses.1 += 1;
                near_misses.0 += usize::from(!hits.is_empty());
                if !hits.is_empty() && missed.len() < 40 {
                    missed.push(format!("{hits:?} in {}", row.text));
                }
            }
            Some(kind) => {
                let is_found = hits.iter().any(|(rule, start, end)| {
                    rule == kind_of(kind) && *start == row.start && *end == row.end
                });
                extra +=
                    usize::from(hits.iter().any(|(_, start, end)| *end <= row.start || *start >= row.end));
                for style in [row.style.as_str(), "all"] {
                    let count = kinds.entry((kind, style)).or_default();
                    count.0 += usize::from(is_found);
                    count.1 += 1;
                }
                if !is_found && missed.len() < 40 {
                    missed.push(format!("{kind} missed, {hits:?} in {}", row.text));
                }
            }
        }
    }
    let eight = kinds.iter().filter(|((kind, style), _)| EIGHT.contains(kind) && *style == "all");
    let (hits, all) = eight.fold((0, 0), |sum, (_, count)| (sum.0 + count.0, sum.1 + count.1));
    let by_kind: BTreeMap<String, serde_json::Value> = kinds
        .iter()
        .map(|((kind, style), count)| (format!("{kind} / {style}"), share(count.0, count.1)))
        .collect();
    json!({
        "eight": share(hits, all), "kinds": by_kind, "lines with a hit elsewhere": extra,
        "near misses": share(near_misses.0, near_misses.1), "samples": missed,
    })
}

fn natural(engine: &Engine, lines: &[Natural], out: &Path) -> anyhow::Result<serde_json::Value> {
    let mut file = fs::File::create(out)?;
    let (mut eight, mut any) = (0, 0);
    for line in lines {
        let hits = found(engine, &line.text);
        eight += usize::from(hits.iter().any(|hit| EIGHT.contains(&hit.0.as_str())));
        any += usize::from(!hits.is_empty());
        for (rule, start, end) in hits {
            let from = start.saturating_sub(14);
            let context: String = line.text.chars().skip(from).take(end - from + 10).collect();
            let hit: String = line.text.chars().skip(start).take(end - start).collect();
            writeln!(file, "{rule}\t{}\t{hit}\t{}", line.source, context.replace(['\t', '\n'], " "))?;
        }
    }
    Ok(json!({ "eight types": share(eight, lines.len()), "all kinds": share(any, lines.len()) }))
}

/// The best of five, in MB of text for a second of this thread.
fn speed(engine: &Engine, texts: &[String]) -> f64 {
    let bytes: usize = texts.iter().map(String::len).sum();
    let run = || {
        let start = ThreadTime::now();
        for text in texts {
            black_box(engine.check(black_box(text), Direction::Input));
        }
        start.elapsed()
    };
    let best = (0..5).map(|_| run()).min().unwrap_or(Duration::MAX);
    bytes as f64 / 1e6 / best.as_secs_f64()
}

fn main() -> anyhow::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_default();
    let folder = Path::new(&folder);
    let engine = Engine::builder().build()?;
    let planted: Vec<Planted> = rows(&folder.join("planted.jsonl"))?;
    let lines: Vec<Natural> = rows(&folder.join("natural.jsonl"))?;
    let natural_hits = natural(&engine, &lines, &folder.join("hits.tsv"))?;
    // Lines with code, tables and English are a part of one of the sources.
    let joined = |is_meant: &dyn Fn(&&Natural) -> bool| -> Vec<String> {
        let lines: Vec<&str> = lines.iter().filter(is_meant).map(|line| line.text.as_str()).collect();
        lines.chunks(1000).map(|part| part.join("\n")).collect()
    };
    let texts = joined(&|_| true);
    let chinese = joined(&|line| line.source != "alignbench");
    let single: Vec<String> = planted.iter().map(|row| row.text.clone()).collect();
    let english = folder.join("english.jsonl");
    let english = if english.exists() { Some(recall(&engine, &rows(&english)?)) } else { None };
    let report = json!({
        "planted": recall(&engine, &planted),
        "natural": natural_hits,
        "english": english,
        "MB/s, Chinese lines": speed(&engine, &chinese),
        "MB/s, all natural lines": speed(&engine, &texts),
        "MB/s, planted lines one by one": speed(&engine, &single),
        "Chinese MB": chinese.iter().map(String::len).sum::<usize>() as f64 / 1e6,
        "natural MB": texts.iter().map(String::len).sum::<usize>() as f64 / 1e6,
    });
    println!("{}", serde_json::to_string_pretty(&report)?);
    Ok(())
}
