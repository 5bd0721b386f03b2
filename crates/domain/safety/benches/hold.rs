//! How many characters of Chinese text are held back by a lexicon of 100,000 terms, after each character.
//!
//! `cargo bench -p safety --bench hold -- WORDS.csv TEXTS.jsonl [TEXTS.jsonl …]`. Terms are runs of 2 to 6 Han characters of the
//! first file, taken by a fixed rule; the texts are the strings of the others. Beside it what other ways to wait hold of the
//! same texts: a buffer to the end of the sentence, and a window of the longest term.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::print_stdout,
    reason = "a benchmark reads files and says what it found"
)]

use std::collections::BTreeSet;

use safety::{Action, Category, Engine, Entry, PolicyRow, Scope};
use terms::Direction;

const TERMS: usize = 100_000;
/// Of a hundred terms how many have 2, 3, 4, 5 and 6 characters: short ones, which are pending most often, are many.
const LENGTHS: [(usize, usize); 5] = [(2, 15), (3, 25), (4, 40), (5, 10), (6, 10)];

const fn is_han(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}')
}

/// FNV-1a: the order in which terms are taken.
fn order(term: &str) -> u64 {
    term.bytes()
        .fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

fn terms(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut all = Vec::new();
    for (length, share) in LENGTHS {
        let runs = chars.windows(length).filter(|run| run.iter().all(|c| is_han(*c)));
        let runs: BTreeSet<String> = runs.map(|run| run.iter().collect()).collect();
        let mut runs: Vec<String> = runs.into_iter().collect();
        runs.sort_by_key(|run| order(run));
        all.extend(runs.into_iter().take(TERMS * share / 100));
    }
    all
}

/// The strings of lines of JSON that have Han characters.
fn texts(file: &str) -> Vec<String> {
    let strings = file.split('"').filter(|part| part.chars().filter(|c| is_han(*c)).count() >= 8);
    strings.map(|part| part.replace("\\n", "\n")).collect()
}

struct Held {
    name: &'static str,
    counts: Vec<usize>,
}

impl Held {
    fn print(&mut self) {
        self.counts.sort_unstable();
        let total = self.counts.len();
        let mean = self.counts.iter().sum::<usize>() as f64 / total as f64;
        let at = |share: usize| self.counts[(total * share / 1000).min(total - 1)];
        println!(
            "| {} | {mean:.3} | {} | {} | {} | {} |",
            self.name,
            at(500),
            at(990),
            at(999),
            self.counts[total - 1]
        );
    }
}

fn main() {
    let paths: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let Some((words, files)) = paths.split_first() else {
        println!("hold: no files were named, nothing is measured");
        return;
    };
    let terms = terms(&std::fs::read_to_string(words).unwrap());
    let entry = |term: &String| Entry::new(term, Category::Test, Some(Action::Warn), Scope::Output).unwrap();
    let no_data = PolicyRow { category: Some(Category::PersonalData), ..PolicyRow::default() };
    let engine = Engine::builder().lexicon(terms.iter().map(entry)).policy(no_data).build().unwrap();
    let texts: Vec<String> =
        files.iter().flat_map(|file| texts(&std::fs::read_to_string(file).unwrap())).collect();
    let mut ours = Held { name: "Cinnabar", counts: Vec::new() };
    let mut sentence = Held { name: "buffer to the end of the sentence", counts: Vec::new() };
    let mut window = Held { name: "window of the longest term less one", counts: Vec::new() };
    let longest = LENGTHS.iter().map(|length| length.0).max().unwrap();
    for text in &texts {
        let mut stream = engine.stream(Direction::Output);
        let mut released = String::new();
        let mut since = 0;
        for (count, c) in (1..).zip(text.chars()) {
            stream.push(c.encode_utf8(&mut [0; 4]), &mut released);
            ours.counts.push(stream.held().chars().count());
            since = if matches!(c, '。' | '！' | '？' | '!' | '?' | '\n') { 0 } else { since + 1 };
            sentence.counts.push(since);
            window.counts.push(usize::min(count, longest - 1));
        }
    }
    println!("{} terms, {} texts, {} characters\n", terms.len(), texts.len(), ours.counts.len());
    println!("| held after each character | mean | median | p99 | p99.9 | most |\n|---|---|---|---|---|---|");
    for held in [&mut ours, &mut window, &mut sentence] {
        held.print();
    }
}
