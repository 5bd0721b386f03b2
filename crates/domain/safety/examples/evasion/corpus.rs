//! The word lists and the natural texts.

use std::collections::BTreeSet;

use safety::normalise;

fn read(folder: &str, path: &str) -> String {
    std::fs::read_to_string(format!("{folder}/{path}")).expect("the folder is that of the public data")
}

fn is_han(c: char) -> bool {
    ('\u{4E00}'..='\u{9FFF}').contains(&c)
}

/// Terms of two Han characters and more, as they are when normalised.
pub(crate) fn chinese_terms(folder: &str) -> Vec<String> {
    let lists = ["lexicon/konsheng/porn.txt", "lexicon/konsheng/weapons.txt", "lexicon/ldnoobw/zh"];
    let terms: BTreeSet<String> = lists
        .iter()
        .flat_map(|list| {
            read(folder, list).lines().map(|line| normalise(line.trim()).text).collect::<Vec<_>>()
        })
        .filter(|term| term.chars().count() >= 2 && term.chars().count() <= 20 && term.chars().all(is_han))
        .collect();
    terms.into_iter().collect()
}

/// Words of three and more Latin letters.
pub(crate) fn english_terms(folder: &str) -> Vec<String> {
    let terms: BTreeSet<String> = read(folder, "lexicon/ldnoobw/en")
        .lines()
        .map(|line| line.trim().to_lowercase())
        .filter(|term| term.len() >= 3 && term.bytes().all(|b| b.is_ascii_lowercase()))
        .collect();
    terms.into_iter().collect()
}

/// Natural texts, Chinese and English, one a line.
pub(crate) fn lines(folder: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for list in ["train/cold/train.csv", "train/cold/dev.csv", "eval/cold/test.csv"] {
        lines.extend(
            read(folder, list).lines().skip(1).filter_map(|row| Some(row.splitn(5, ',').nth(4)?.to_owned())),
        );
    }
    for (list, fields) in [
        ("eval/alignbench/data_v1.1_release.jsonl", &["question", "reference"][..]),
        ("eval/cvalues/cvalues_responsibility_prompts.jsonl", &["prompt"][..]),
    ] {
        for row in read(folder, list).lines() {
            let row: serde_json::Value = serde_json::from_str(row).unwrap();
            for text in fields.iter().filter_map(|field| row[field].as_str()) {
                lines.extend(text.lines().map(str::to_owned));
            }
        }
    }
    for (list, at) in [("train/swsr/SexComment.csv", 2), ("train/davidson/labeled_data.csv", 6)] {
        lines.extend(
            read(folder, list)
                .lines()
                .skip(1)
                .map(|row| row.split(',').skip(at).collect::<Vec<_>>().join(",")),
        );
    }
    let questions: serde_json::Value =
        serde_json::from_str(&read(folder, "eval/safetybench/test_zh_subset.json")).unwrap();
    strings(&questions, &mut lines);
    lines.retain(|line| line.chars().count() >= 4);
    lines
}

fn strings(value: &serde_json::Value, to: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => to.extend(text.lines().map(str::to_owned)),
        serde_json::Value::Array(values) => values.iter().for_each(|value| strings(value, to)),
        serde_json::Value::Object(fields) => fields.values().for_each(|value| strings(value, to)),
        _ => {}
    }
}
