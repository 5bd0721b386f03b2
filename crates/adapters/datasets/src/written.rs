//! The phrases written for this project, where no public set says enough: fraud messages, attacks on a model in Chinese,
//! persons in distress, requests for private data, and for each of them the harmless phrases that look alike.
//!
//! A line of `written.tsv` has heads joined by `+` (or `none`), a tab, and a text in which `{a|b}` stands for one of
//! several wordings.

use safety::classifier::{Example, Head};
use sha2::{Digest as _, Sha256};

use crate::labels::Labels;

pub(crate) const NAME: &str = "written";
pub(crate) const PATH: &str = "crates/adapters/datasets/src/written.tsv";

const PHRASES: &str = include_str!("written.tsv");

/// How many wordings of a line are trained on: enough that each alternative comes, few enough that no line outweighs a set.
const WORDINGS: u64 = 24;

/// The examples, and the hash of the file.
pub(crate) fn examples() -> (Vec<Example>, [u8; 32]) {
    let lines = PHRASES.lines().filter_map(|line| line.split_once('\t'));
    let examples = lines.flat_map(|(heads, text)| {
        let heads: Vec<Head> = heads.split('+').filter_map(Head::from_name).collect();
        let labels = Labels::harmless().yes(&heads);
        let mut seen = std::collections::HashSet::new();
        (0..WORDINGS).filter_map(move |number| {
            let wording = wording(text, number).replace("\\n", "\n");
            seen.insert(wording.clone()).then(|| labels.on(wording, 1.0))
        })
    });
    (examples.collect(), Sha256::digest(PHRASES).into())
}

/// The wording with that number: in each place a choice that looks random and follows from number and place.
fn wording(text: &str, number: u64) -> String {
    let mut rest = text;
    let mut wording = String::with_capacity(text.len());
    let mut place: u64 = 0;
    while let Some(open) = rest.find('{') {
        wording.push_str(rest.get(..open).unwrap_or_default());
        let inner = rest.get(open.saturating_add(1)..).unwrap_or_default();
        let close = closing(inner);
        let choices = split(inner.get(..close).unwrap_or_default());
        let turn = spread(number.wrapping_mul(0x1_0000).wrapping_add(place));
        let choice = turn
            .checked_rem(choices.len() as u64)
            .and_then(|chosen| choices.get(usize::try_from(chosen).ok()?));
        wording.push_str(&self::wording(choice.copied().unwrap_or_default(), turn));
        rest = inner.get(close.saturating_add(1)..).unwrap_or_default();
        place = place.wrapping_add(1);
    }
    wording.push_str(rest);
    wording
}

/// Mixes the bits of a number (SplitMix64).
const fn spread(number: u64) -> u64 {
    let number = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

/// Where the choice ends whose inside begins `inner`.
fn closing(inner: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth = depth.saturating_add(1),
            '}' if depth == 0 => return at,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    inner.len()
}

/// The alternatives of a choice.
fn split(inner: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    inner
        .split(|c| {
            match c {
                '{' => depth = depth.saturating_add(1),
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            c == '|' && depth == 0
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_names_heads_and_closes_its_choices() {
        for (number, line) in PHRASES.lines().enumerate() {
            let (heads, text) = line.split_once('\t').unwrap_or_else(|| panic!("line {}", number + 1));
            let known = heads == "none" || heads.split('+').all(|head| Head::from_name(head).is_some());
            assert!(known, "line {}: {heads}", number + 1);
            assert_eq!(text.matches('{').count(), text.matches('}').count(), "line {}", number + 1);
        }
    }

    #[test]
    fn wordings_go_through_the_choices_and_not_in_step() {
        let all: std::collections::HashSet<String> =
            (0..24).map(|number| wording("{a|b} {c|d{e|f}}{|g}!", number)).collect();
        assert!(all.len() > 8, "choices go in step: {all:?}");
        for part in ["a ", "b ", "c", "de", "df", "g!"] {
            assert!(all.iter().any(|one| one.contains(part)), "{part} in {all:?}");
        }
        assert!(all.iter().all(|one| !one.contains(['{', '|', '}'])));
    }
}
