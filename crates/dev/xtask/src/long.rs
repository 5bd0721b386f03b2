//! Runs that take longer than a change may wait for: in batches, resumed where they were left, recorded in `bench/results`.
//!
//! `streams`: the gateway's test of fuzzed streams (`crates/apps/gateway/tests/it/fuzzed.rs`) over as many streams as are asked
//! for. Each batch is one run of that test, which says its counts in one line; their sums stand in `target/long` after each.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

/// The streams of a batch: some minutes of work, which a break costs at most.
const BATCH: u64 = 50_000;
const TEST: &str = "fuzzed::no_stream_of_any_form_leaks_a_blocked_character";

/// The sums so far, by the names the test says them under.
type Sums = BTreeMap<String, u64>;

/// Runs what the words ask for; whether all was as it must be.
pub(crate) fn run(root: &Path, words: &[&str]) -> Result<bool> {
    let ["streams", options @ ..] = words else { bail!("`long` knows `streams` alone") };
    let (mut count, mut seed) = (1_000_000, 1);
    for option in options.chunks(2) {
        match option {
            ["--count", number] => count = number.parse().context("--count takes a number")?,
            ["--seed", number] => seed = number.parse().context("--seed takes a number")?,
            _ => bail!("unknown option `{}`: `--count` and `--seed` take a number each", option.join(" ")),
        }
    }
    streams(root, count, seed)
}

fn streams(root: &Path, count: u64, seed: u64) -> Result<bool> {
    let folder = root.join("target/long");
    std::fs::create_dir_all(&folder)?;
    let state = folder.join(format!("streams-{seed}.txt"));
    let mut sums = match std::fs::read_to_string(&state) {
        Ok(line) => counts(&line),
        Err(_) => Sums::new(),
    };
    loop {
        let done = sums.get("streams").copied().unwrap_or(0);
        println!("long streams: {done} of {count}, {} leaks", sums.get("leaks").copied().unwrap_or(0));
        if done >= count {
            break;
        }
        let said = batch(root, seed, done, BATCH.min(count - done))?;
        ensure!(said.contains_key("streams"), "the test said no counts");
        for (name, number) in said {
            *sums.entry(name).or_default() += number;
        }
        std::fs::write(&state, line(&sums))?;
    }
    record(root, seed, &sums)?;
    Ok(["leaks", "differences"].iter().all(|name| sums.get(*name) == Some(&0)))
}

/// One run of the test. It fails where it finds something, and says its counts all the same.
fn batch(root: &Path, seed: u64, from: u64, count: u64) -> Result<Sums> {
    let output = Command::new(env!("CARGO"))
        .current_dir(root)
        .args(["test", "--quiet", "-p", "gateway", "--test", "it", TEST, "--", "--exact", "--nocapture"])
        // Own crates are not optimised in this profile otherwise; its overflow checks stay.
        .env("CARGO_PROFILE_DEV_OPT_LEVEL", "2")
        .env("CINNABAR_STREAMS_SEED", seed.to_string())
        .env("CINNABAR_STREAMS_FROM", from.to_string())
        .env("CINNABAR_STREAMS_COUNT", count.to_string())
        .output()
        .context("starting the test")?;
    let said = String::from_utf8_lossy(&output.stdout);
    let found = said.lines().find(|line| line.starts_with("streams=")).map(counts);
    for line in said.lines().filter(|line| line.starts_with("stream ")) {
        println!("{line}");
    }
    found.with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

/// `name=number` words.
fn counts(line: &str) -> Sums {
    let words = line.split_whitespace().filter_map(|word| word.split_once('='));
    words.filter_map(|(name, number)| Some((name.to_owned(), number.parse().ok()?))).collect()
}

fn line(sums: &Sums) -> String {
    sums.iter().map(|(name, number)| format!("{name}={number} ")).collect()
}

/// Writes what was found, with where and when.
fn record(root: &Path, seed: u64, sums: &Sums) -> Result<()> {
    let ask = |program: &str, words: &[&str]| -> String {
        let output = Command::new(program).args(words).output().map(|output| output.stdout);
        String::from_utf8_lossy(&output.unwrap_or_default()).trim().to_owned()
    };
    let date = ask("date", &["+%F"]);
    let machine = ask("lscpu", &[]);
    let model = machine.lines().find_map(|line| line.strip_prefix("Model name:")).unwrap_or("unknown").trim();
    let get = |name: &str| sums.get(name).copied().unwrap_or(0);
    let rate = get("streams").saturating_mul(1000) / get("ms").max(1);
    let mut text = format!(
        "# Fuzzed streams\n\n`cargo xtask long streams --count {} --seed {seed}`, {date}, {model}, 2 threads, {rate} streams a second.\n\n\
         Each stream follows from its number: word list, texts, disguises, form on the wire, cuts. What is looked for stands at the head\n\
         of `crates/apps/gateway/tests/it/fuzzed.rs`.\n\n| | |\n|---|---|\n",
        get("streams")
    );
    for (name, title) in [
        ("streams", "streams"),
        ("texts", "texts in them"),
        ("blocked", "texts with a blocked span"),
        ("leaks", "texts of which a character at or behind the first blocked span left"),
        ("differences", "texts that left otherwise than the engine lets go of the whole text"),
        ("control_leaks", "streams in which a filter that looks at each piece alone leaks"),
    ] {
        writeln!(text, "| {title} | {} |", get(name))?;
    }
    let path = root.join(format!("bench/results/{date}-streams.md"));
    std::fs::write(&path, text)?;
    println!("long streams: recorded in {}", path.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_as_they_are_written() {
        let sums = counts("streams=20 leaks=0 what ms=x control_leaks=3");
        assert_eq!(line(&sums), "control_leaks=3 leaks=0 streams=20 ");
        assert_eq!(counts(&line(&sums)), sums);
    }

    #[test]
    fn unknown_words_are_refused() {
        for words in [&["soak"][..], &["streams", "--seed"], &["streams", "--seed", "x"]] {
            assert!(run(Path::new("/nowhere"), words).is_err());
        }
    }
}
