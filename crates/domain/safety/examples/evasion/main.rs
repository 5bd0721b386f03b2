//! How much of what is disguised is found, and what is found in texts that disguise nothing.
//!
//! `cargo run --release -p safety --example evasion -- FOLDER`, where the folder is the public data of `shared/data`: its
//! word lists are put, disguised in each of several ways, into natural lines of its texts that hold none of them. Beside it
//! an Aho-Corasick automaton over the same words reads the same texts. The second table counts natural lines that are hit
//! by some channel but not as they stand, and lists those that would be blocked.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    reason = "an evaluation reads files and stops where it is surprised"
)]

mod corpus;
mod disguise;
mod rng;

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, MatchKind};
use safety::{Action, Category, Channel, Engine, Entry, Scope, Verdict, normalise};
use terms::Direction;

use rng::Rng;

fn engine(terms: &[String]) -> Engine {
    let entries = terms.iter().map(|term| {
        Entry::new(term, Category::Test, Some(Action::Block), Scope::Both).expect("the lists are clean")
    });
    Engine::builder().lexicon(entries).build().expect("the lists are small")
}

fn verdict(engine: &Engine, text: &str) -> Verdict {
    engine.check(text, Direction::Input).verdict
}

fn hits(verdict: &Verdict) -> impl Iterator<Item = &safety::Finding> {
    verdict.findings.iter().filter(|finding| finding.category == Category::Test)
}

fn main() {
    let folder = std::env::args().nth(1).expect("the folder of the data");
    let chinese = corpus::chinese_terms(&folder);
    let english = corpus::english_terms(&folder);
    let all: Vec<String> = chinese.iter().chain(&english).cloned().collect();
    let engine = engine(&all);
    let raw =
        AhoCorasick::builder().match_kind(MatchKind::Standard).build(&all).expect("the lists are small");
    let lines = corpus::lines(&folder);
    println!("{} Chinese and {} English terms, {} natural lines", chinese.len(), english.len(), lines.len());

    natural(&engine, &lines);

    let carriers: Vec<&String> = lines
        .iter()
        .filter(|line| {
            (12..=60).contains(&line.chars().count()) && hits(&verdict(&engine, line)).next().is_none()
        })
        .take(5000)
        .collect();
    let mut rng = Rng(88_172_645_463_325_252);
    let (mut sum, mut raw_sum, mut block_sum, mut rows) = (0.0, 0.0, 0.0, 0.0);
    println!(
        "\n| disguise | texts | Aho-Corasick | found | blocked | by channel |\n|---|---|---|---|---|---|"
    );
    for disguise in disguise::ALL {
        let terms = if disguise.is_english { &english } else { &chinese };
        let (mut texts, mut by_raw, mut found, mut blocked) = (0_usize, 0_usize, 0_usize, 0_usize);
        let mut channels: BTreeMap<Channel, usize> = BTreeMap::new();
        for (number, term) in terms.iter().enumerate() {
            let Some(disguised) =
                (disguise.apply)(term, &mut rng).filter(|text| text != term || disguise.is_plain)
            else {
                continue;
            };
            let carrier: Vec<char> = carriers[number * 7 % carriers.len()].chars().collect();
            let (head, tail) = carrier.split_at(carrier.len() / 2);
            let gap = if disguise.is_english { " " } else { "" };
            let text: String =
                head.iter().collect::<String>() + gap + &disguised + gap + &tail.iter().collect::<String>();
            texts += 1;
            by_raw += usize::from(raw.is_match(&text));
            let verdict = verdict(&engine, &text);
            found += usize::from(hits(&verdict).next().is_some());
            blocked += usize::from(verdict.is_blocked());
            if let Some(hit) = hits(&verdict).next() {
                *channels.entry(hit.channel).or_default() += 1;
            }
        }
        let share = |count: usize| count as f64 / texts.max(1) as f64;
        let words: Vec<String> =
            channels.iter().map(|(channel, n)| format!("{} {n}", channel.as_str())).collect();
        println!(
            "| {} | {texts} | {:.3} | {:.3} | {:.3} | {} |",
            disguise.name,
            share(by_raw),
            share(found),
            share(blocked),
            words.join(", ")
        );
        if !disguise.is_plain {
            (sum, raw_sum) = (sum + share(found), raw_sum + share(by_raw));
            (block_sum, rows) = (block_sum + share(blocked), rows + 1.0);
        }
    }
    println!(
        "| mean of {rows} disguises | | {:.3} | {:.3} | {:.3} | |",
        raw_sum / rows,
        sum / rows,
        block_sum / rows
    );

    println!("\n| ten megabytes of | prompt s | answer s |\n|---|---|---|");
    for (head, unit) in LONG {
        let text = format!("{head}{}", unit.repeat((10 << 20) / unit.len()));
        let seconds = [Direction::Input, Direction::Output].map(|direction| {
            let start = std::time::Instant::now();
            std::hint::black_box(engine.check(&text, direction));
            start.elapsed().as_secs_f64()
        });
        println!("| `{}` | {:.2} | {:.2} |", unit.escape_default(), seconds[0], seconds[1]);
    }
}

/// What the channels wait for, behind the beginning of a term or alone.
const LONG: [(&str, &str); 14] = [
    ("赌", "\u{301}"),
    ("赌", "*"),
    ("赌", " "),
    ("", "&#"),
    ("", "%"),
    ("", "%E4"),
    ("赌", "<"),
    ("", "亻"),
    ("", "1"),
    ("", "赌 "),
    ("", "s."),
    ("", "\\"),
    ("", "shabi"),
    ("", "5Luj"),
];

/// Natural lines that a channel hits and the strict reading does not.
fn natural(engine: &Engine, lines: &[String]) {
    let mut counts: BTreeMap<Channel, usize> = BTreeMap::new();
    let (mut strict, mut blocked) = (0_usize, Vec::new());
    for line in lines {
        let verdict = verdict(engine, line);
        let channels: Vec<Channel> = hits(&verdict).map(|hit| hit.channel).collect();
        if channels.contains(&Channel::Strict) {
            strict += 1;
            continue;
        }
        for channel in channels.iter().copied().collect::<std::collections::BTreeSet<_>>() {
            *counts.entry(channel).or_default() += 1;
        }
        if verdict.is_blocked() {
            blocked.extend(hits(&verdict).filter(|hit| hit.action == Action::Block).map(|hit| {
                let around = |at: usize, end: usize| line.get(at..end).unwrap_or_default().to_owned();
                (hit.channel, hit.normalised.clone(), around(hit.start, hit.end), line.clone())
            }));
        }
    }
    println!("\nnatural lines: {strict} hit as they stand; hit by channels alone: {counts:?}");
    for (channel, term, span, line) in blocked {
        let line: String = normalise(&line).text.chars().take(80).collect();
        println!("- {} `{term}` {span:?} in: {line:?}", channel.as_str());
    }
}
