//! Broken packs are refused with the file, the line where it is known, and what to do.

use packs::{Pack, PackError};
use terms::Locale;

use crate::{SMALL, edited};

fn check(file: &str, old: &str, new: &str, expected: &str) {
    let error = edited(file, old, new).unwrap_err().to_string();
    assert!(error.contains(expected), "expected {expected:?} in {error:?}");
    assert!(error.contains(file), "{error}");
}

#[test]
fn the_small_pack_loads() {
    let pack = edited("lexicons/a.csv", "anything", "anything").unwrap();
    assert_eq!(pack.lexicon_files().next(), Some(("lexicons/a.csv", &b"anything"[..])));
    assert_eq!(pack.text_with("hello", Locale::En, &[("name", "{name}")]).unwrap(), "Hello {name}");
}

#[test]
fn the_hash_covers_every_byte_and_no_order() {
    let one = edited("lexicons/a.csv", "anything", "anything").unwrap();
    let other = edited("lexicons/a.csv", "anything", "Anything").unwrap();
    assert_ne!(one.hash(), other.hash());
    let turned: Vec<(&str, &[u8])> =
        SMALL.iter().rev().map(|(path, text)| (*path, text.as_bytes())).collect();
    assert_eq!(Pack::load(&turned).unwrap().hash(), one.hash());
}

#[test]
fn rows() {
    const FILE: &str = "obligations/one.yaml";
    check(FILE, "verification: primary", "verification: memory", "set `severity: hint`");
    check(FILE, "ledger.log", "ledger.bog", "unknown control `ledger.bog`");
    check(FILE, "en: Keep logs", "en: ' '", "`duty: en` is empty");
    check(FILE, ", en: Keep logs", "", "missing field `en`");
    check(FILE, "severity: error", "severity: fatal", "fatal");
    check(FILE, "evidence: [entries]", "evidence: [entries]\n    colour: red", "colour");
    check(FILE, "id: xx.1", "id: XX 1", "`XX 1` is no id");
    check(FILE, "article: '1'", "article: '1'\n    applies_if: a or b", "`a or b` is no id");
    check(FILE, "actor: [provider]", "actor: []", "`actor` is empty");
    check(
        FILE,
        "article: '1'",
        "article: '1'\n    effective_to: '2025-01-01'",
        "before it begins on 2026-01-01",
    );
    check(FILE, "effective_from: '2026-01-01'", "effective_from: '1 May'", "`1 May` is no date");
    let error = edited(FILE, "verification: primary", "verification: memory").unwrap_err();
    let PackError::Invalid { place, .. } = error else { panic!("{error}") };
    assert_eq!(place.position, Some((8, 5)), "where the row begins");
}

#[test]
fn policy() {
    const FILE: &str = "policy.yaml";
    check(FILE, "text: call", "text: cell", "the text `cell` is not in this pack");
    check(FILE, "text: call", "text: hello", "`{name}`, which is not known where a hit is");
    check(FILE, "direction: input", "direction: inward", "inward");
    check(FILE, "measure: block+attach, ", "", "missing field `measure`");
    check(FILE, "audience", "audiance", "audiance");
    let error = edited(FILE, "text: call", "text: cell").unwrap_err();
    let PackError::Invalid { place, .. } = error else { panic!("{error}") };
    assert_eq!(place.position, Some((2, 5)), "where the row begins");
}

#[test]
fn texts() {
    const FILE: &str = "texts/one.yaml";
    check(FILE, ", en: 'Hello {name}'", "", "missing field `en`");
    check(FILE, "Hello {name}", "Hello {nome} {name}", "`{nome}`, which `placeholders` does not list");
    check(FILE, "Hello {name}", "Hello", "(en) never uses `{name}`");
    check(FILE, "你好 {name}", "你好 {name", "(zh-CN) has a brace");
    check(FILE, "relies_on: [xx.1]", "relies_on: [xx.2]", "names the obligation `xx.2`");
    check(
        FILE,
        "texts:\n",
        "texts:\n  - { id: hello, zh-CN: a, en: b }\n",
        "the id `hello` is used in texts/one.yaml:2",
    );
}

#[test]
fn parameters() {
    const FILE: &str = "parameters.yaml";
    check(FILE, "source: xx.1", "source: xx.9", "`xx.9`");
    check(FILE, "value: 10", "value: -1", "a whole number from 0");
    check(FILE, "merge: max", "merge: union", "numbers have no union");
    check(FILE, "value: 10", "value: true", "only numbers have a maximum");
    check(FILE, "value: 10", "value: 99999999999", "below 2^32");
}

#[test]
fn calendars() {
    const FILE: &str = "calendars/2026.yaml";
    check(FILE, "to: '2026-01-02'", "to: '2027-01-02'", "is a day of another year");
    check(FILE, "to: '2026-01-02'", "to: '2026-01-04'", "2026-01-04 is both off and worked");
    check(FILE, "['2026-01-04']", "['2026-01-05']", "is no weekend day");
    check(FILE, "from: '2026-01-01'", "from: '2026-01-03'", "before they begin");
}

#[test]
fn files() {
    let unlisted = edited("pack.yaml", "lexicons/a.csv", "lexicons/b.csv").unwrap_err().to_string();
    assert!(unlisted.starts_with("lexicons/a.csv: the manifest does not list this file"), "{unlisted}");
    for (listed, expected) in [
        ("texts/two.yaml", "texts/two.yaml: the manifest lists this file, but it is missing"),
        ("../secret", "../secret: no kind of file has this path"),
        ("lexicons/a.csv", "lexicons/a.csv: the file is named twice"),
    ] {
        let listed = format!("lexicons/a.csv, {listed}]");
        let error = edited("pack.yaml", "lexicons/a.csv]", &listed).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
    assert_eq!(Pack::load(&[]).unwrap_err(), PackError::NoManifest { count: 0 });
    let not_utf8 = Pack::load(&[("pack.yaml", b"\xff")]).unwrap_err().to_string();
    assert_eq!(not_utf8, "pack.yaml: the file is not UTF-8: save it as UTF-8");
    let large = vec![b'#'; (1 << 20) + 1];
    assert!(
        Pack::load(&[("pack.yaml", &large)]).unwrap_err().to_string().contains("at most 1048576 are read")
    );
}
