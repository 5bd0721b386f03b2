//! The lists that ship.

use std::collections::BTreeSet;

use safety::{Action, Category, normalise, parse_csv};
use terms::Direction;

use crate::{pack, shipped};

/// Every list of the Chinese pack, by name.
pub(crate) fn files() -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = std::fs::read_dir(pack().join("lexicons"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "csv"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn every_list_is_read_and_holds_its_own_category() {
    let mut categories = BTreeSet::new();
    for (name, text) in files() {
        let entries = parse_csv(&name, &text).unwrap_or_else(|error| panic!("{error}"));
        for entry in &entries {
            let expected = if name == "starter.csv" { "test".into() } else { name.replace(".csv", "") };
            assert_eq!(entry.category().code(), expected, "{name}: {}", entry.term());
            categories.insert(entry.category().clone());
        }
    }
    assert_eq!(categories.len(), 8);
    assert!(!categories.iter().any(|category| matches!(category, Category::Operator(_))));
}

#[test]
fn every_term_is_found_where_it_stands_alone() {
    for (name, text) in files() {
        for entry in parse_csv(&name, &text).unwrap().iter().filter(|entry| !entry.is_allowed_phrase()) {
            let rule = format!("lexicon.{}", entry.category());
            for direction in [Direction::Input, Direction::Output] {
                let verdict = shipped().check(&format!("。{}。", entry.term()), direction).verdict;
                let is_found = verdict.is_blocked() || verdict.findings.iter().any(|f| f.rule == rule);
                assert_eq!(
                    is_found,
                    entry.scope().includes(direction) || verdict.is_blocked(),
                    "{}",
                    entry.term()
                );
            }
        }
    }
}

#[test]
fn every_allowed_phrase_exempts_something() {
    let files = files();
    let entries: Vec<_> = files.iter().flat_map(|(name, text)| parse_csv(name, text).unwrap()).collect();
    for phrase in entries.iter().filter(|entry| entry.is_allowed_phrase()) {
        let exempts = entries
            .iter()
            .any(|entry| !entry.is_allowed_phrase() && phrase.normalised().contains(entry.normalised()));
        assert!(exempts, "`{}` holds no term", phrase.term());
        for direction in [Direction::Input, Direction::Output] {
            let verdict = shipped().check(phrase.term(), direction).verdict;
            assert_eq!(verdict.action, Action::Allow, "{} {:?}", phrase.term(), verdict.findings);
        }
    }
}

/// Questions that are harmless, or sensitive and answerable, from public sets beside the project. Over-blocking shows
/// here first.
#[test]
fn harmless_questions_are_hardly_ever_blocked() {
    let data = pack().join("../../../shared/data/eval");
    let sets = [
        ("alignbench/data_v1.1_release.jsonl", "\"question\": \""),
        ("cvalues/cvalues_responsibility_prompts.jsonl", "\"prompt\": \""),
    ];
    for (file, field) in sets {
        let Ok(text) = std::fs::read_to_string(data.join(file)) else {
            eprintln!("skipped: {file} is not here");
            continue;
        };
        let questions: Vec<&str> = text
            .lines()
            .filter_map(|line| line.split_once(field))
            .map(|(_, rest)| rest.split_once("\", \"").map_or(rest, |(question, _)| question))
            .collect();
        assert!(questions.len() > 300, "{file} has another form now");
        let blocked: Vec<&&str> = questions
            .iter()
            .filter(|question| shipped().check(question, Direction::Input).verdict.is_blocked())
            .collect();
        assert!(blocked.len() * 100 <= questions.len(), "{file}: {} blocked: {blocked:?}", blocked.len());
    }
}

#[test]
fn the_sample_phrases_of_the_documentation_block() {
    for phrase in ["朱砂测试违禁词", "cinnabar-test-blocked-phrase"] {
        assert_eq!(normalise(phrase).text, phrase);
        for direction in [Direction::Input, Direction::Output] {
            assert!(shipped().check(&format!("请说：{phrase}。"), direction).verdict.is_blocked());
        }
    }
}

#[test]
fn code_formulas_and_paths_read_as_escapes_are_harmless() {
    for text in [
        r"\nabla \times \beta \frac{1}{2} \text{if} \not\rightarrow \binom{n}{k} \forall \tau \uparrow \right) \begin{bmatrix}",
        r"C:\Users\new\temp\reports\build\files\n.txt，D:\资料\发票\报销\新建文件夹",
        r#"println!("你好\n\t{}\r\n", "\u{4f60}"); re.compile(r"\b\d+\.\d{2}\b|\bfoo\b\n")"#,
        r#"{"城市":"\u5317\u4eac","备注":"\"晴\"\n最高 25\u00b0C","路径":"\\\\server\\share\\readme.txt"}"#,
    ] {
        let checked = shipped().check(text, terms::Direction::Output);
        assert_eq!(checked.verdict.findings, [], "{text}");
    }
}
