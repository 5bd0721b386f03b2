//! Both languages have the same texts, every text that is used exists, and every text that exists is used.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Key and text of every message of a language.
fn messages(tag: &str) -> BTreeMap<String, String> {
    let mut messages = BTreeMap::new();
    for file in files(&root().join("locales").join(tag), "ftl") {
        for line in fs::read_to_string(&file)
            .unwrap()
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty())
        {
            let (key, text) = line.split_once(" = ").unwrap_or_else(|| panic!("{}: {line}", file.display()));
            let is_key = key.contains('-')
                && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            assert!(is_key, "`{key}` is not of the form page-element");
            assert!(!text.trim().is_empty(), "`{key}` is empty");
            let again = messages.insert(key.to_owned(), text.to_owned());
            assert!(again.is_none(), "`{key}` occurs twice in {tag}");
        }
    }
    messages
}

/// The arguments that a text takes.
fn arguments(text: &str) -> BTreeSet<&str> {
    text.split("{ $").skip(1).filter_map(|rest| rest.split(" }").next()).collect()
}

/// What stands between `before` and the next quotation mark, wherever `before` occurs.
fn quoted<'t>(text: &'t str, before: &str) -> Vec<&'t str> {
    text.split(before).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// Every key that templates and sources name.
fn used() -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for file in files(&root().join("templates"), "html") {
        let text = fs::read_to_string(file).unwrap();
        for call in ["page.t(\"", "page.t1(\"", "page.t2(\""] {
            used.extend(quoted(&text, call).into_iter().map(str::to_owned));
        }
    }
    for file in files(&root().join("src"), "rs") {
        let text = fs::read_to_string(file).unwrap();
        used.extend(quoted(&text, "key!(\"").into_iter().map(str::to_owned));
    }
    // What the operations complain about is shown beside the field.
    for file in files(&root().join("../../operations/src"), "rs") {
        let text = fs::read_to_string(file).unwrap();
        let is_complaint = |word: &&str| {
            word.contains("-error-") && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
        };
        used.extend(text.split('"').filter(is_complaint).map(str::to_owned));
    }
    used.extend(
        terms::Risk::ALL.map(|risk| format!("risk-{}", risk.code().to_ascii_lowercase().replace('.', "-"))),
    );
    used.extend(
        packs::Control::ALL.iter().map(|control| format!("control-{}", control.as_str().replace('.', "-"))),
    );
    let pack = packs::Pack::load(packs::embedded_cn()).unwrap();
    used.extend(
        pack.obligations()
            .filter_map(|row| row.applies_if.as_deref())
            .map(|flag| format!("scope-{}", flag.replace('.', "-"))),
    );
    used
}

#[test]
fn both_languages_have_the_same_texts() {
    let (chinese, english) = (messages("zh-CN"), messages("en"));
    assert_eq!(chinese.keys().collect::<Vec<_>>(), english.keys().collect::<Vec<_>>());
    for (key, text) in &chinese {
        assert_eq!(arguments(text), arguments(&english[key]), "arguments of `{key}`");
    }
}

#[test]
fn every_text_that_is_used_exists() {
    let messages = messages("en");
    let missing: Vec<String> = used().into_iter().filter(|key| !messages.contains_key(key)).collect();
    assert!(missing.is_empty(), "missing: {missing:#?}");
}

#[test]
fn every_text_that_exists_is_used() {
    let used = used();
    let unused: Vec<String> = messages("en").into_keys().filter(|key| !used.contains(key)).collect();
    assert!(unused.is_empty(), "unused: {unused:#?}");
}

#[test]
fn chinese_text_uses_chinese_punctuation() {
    for (key, text) in messages("zh-CN") {
        let wrong = text.char_indices().any(|(at, c)| {
            matches!(c, ',' | ';' | '!' | '?')
                && text[..at].chars().next_back().is_some_and(|before| before as u32 > 0x2e80)
        });
        assert!(!wrong, "`{key}`: {text}");
    }
}
