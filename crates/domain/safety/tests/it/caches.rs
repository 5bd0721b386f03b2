//! The compiled lexicons as bytes and back.

use jiff::civil::{Date, date};
use proptest::prelude::*;
use safety::lexicon::{Audiences, Validity};
use safety::{Action, CacheError, Category, Engine, EngineBuilder, Entry, Measure, PolicyRow};
use sha2::{Digest, Sha256};
use terms::Direction;

use crate::entry;
use crate::reference::{TERMS, texts};

const KEY: [u8; 32] = [7; 32];

fn entries() -> Vec<Entry> {
    let minors = Audiences::from_words("minor").unwrap();
    let march = Validity::new(Some(date(2026, 3, 1)), Some(date(2026, 3, 31))).unwrap();
    let terms = TERMS.iter().map(|term| {
        let action = term.rule.map_or(Action::Allow, |rule| rule.1);
        entry(term.text, Category::Operator("own".into()), Some(action))
    });
    terms
        .chain([
            entry("甲乙", Category::Abuse, None).with_audiences(minors),
            entry("丙丁", Category::Fraud, None).with_measure(Measure::from_words("mask+review")),
            entry("春", Category::Test, None).with_validity(march),
        ])
        .collect()
}

fn compiled(builder: EngineBuilder) -> Engine {
    builder.lexicon(entries()).build().unwrap()
}

fn on(day: Date) -> EngineBuilder {
    Engine::builder().on(day)
}

/// The bytes with the hash at their end made anew, as somebody would who forges them.
fn sealed(bytes: &[u8]) -> Vec<u8> {
    let body = &bytes[..bytes.len() - 32];
    [body, Sha256::digest(body).as_slice()].concat()
}

#[test]
fn an_engine_from_a_cache_is_the_one_compiled() {
    let engine = compiled(Engine::builder());
    let cached = Engine::builder().build_cached(KEY, &engine.to_cache(KEY).unwrap()).unwrap();
    assert_eq!(cached.version(), engine.version());
    assert_eq!(cached.to_cache(KEY), engine.to_cache(KEY));
    let added = [entry("新词", Category::Test, None)];
    let (cached, engine) = (cached.with_changes(&entries(), &added), engine.with_changes(&entries(), &added));
    let (cached, engine) = (cached.unwrap(), engine.unwrap());
    assert_eq!(cached.version(), engine.version());
    assert_eq!(cached.check("甲乙新词", Direction::Input), engine.check("甲乙新词", Direction::Input));
    assert_eq!(engine.to_cache(KEY), None, "changes are no part of a cache");
}

#[test]
fn an_engine_without_terms_has_a_cache_too() {
    let engine = Engine::builder().build().unwrap();
    let cached = Engine::builder().build_cached(KEY, &engine.to_cache(KEY).unwrap()).unwrap();
    assert_eq!(cached.version(), engine.version());
}

#[test]
fn a_cache_of_something_else_is_stale() {
    let bytes = compiled(on(date(2026, 3, 5))).to_cache(KEY).unwrap();
    let check = |builder: EngineBuilder, key, expected: Option<CacheError>| {
        assert_eq!(builder.build_cached(key, &bytes).err(), expected);
    };
    let row = |measure: Action| PolicyRow {
        category: Some(Category::Abuse),
        measure: measure.into(),
        ..PolicyRow::default()
    };
    check(on(date(2026, 3, 5)), KEY, None);
    check(on(date(2026, 3, 31)), KEY, None);
    check(on(date(2026, 4, 1)), KEY, Some(CacheError::Stale));
    check(on(date(2026, 3, 4)), KEY, Some(CacheError::Stale));
    check(Engine::builder(), KEY, Some(CacheError::Stale));
    check(on(date(2026, 3, 5)), [8; 32], Some(CacheError::Stale));
    check(on(date(2026, 3, 5)).policy(row(Action::Block)), KEY, Some(CacheError::Stale));
    check(on(date(2026, 3, 5)).lexicon(entries()), KEY, Some(CacheError::Stale));
    check(on(date(2026, 3, 5)).hold_bytes_max(1024), KEY, None);
}

#[test]
fn every_cut_and_every_other_byte_is_damage() {
    let bytes = compiled(Engine::builder()).to_cache(KEY).unwrap();
    for length in (0..bytes.len()).step_by(97) {
        let error = Engine::builder().build_cached(KEY, &bytes[..length]).unwrap_err();
        assert_eq!(error, CacheError::Damaged, "{length}");
    }
    for place in (0..bytes.len()).step_by(89) {
        let mut other = bytes.clone();
        other[place] ^= 0x10;
        let error = Engine::builder().build_cached(KEY, &other).unwrap_err();
        assert_eq!(error, CacheError::Damaged, "{place}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn verdicts_are_those_of_the_compiled_engine(text in texts()) {
        let engine = compiled(Engine::builder());
        let cached = Engine::builder().build_cached(KEY, &engine.to_cache(KEY).unwrap()).unwrap();
        prop_assert_eq!(cached.check(&text, Direction::Output), engine.check(&text, Direction::Output));
    }

    #[test]
    fn a_forged_cache_stops_nothing(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        text in texts(),
    ) {
        let mut bytes = compiled(Engine::builder()).to_cache(KEY).unwrap();
        for (place, byte) in changes {
            let place = place.index(bytes.len() - 32);
            bytes[place] = byte;
        }
        // Refused, or an engine that says something and comes to an end.
        if let Ok(engine) = Engine::builder().build_cached(KEY, &sealed(&bytes)) {
            let _ = engine.check(&text, Direction::Output);
            let _ = engine.explain(&text, Direction::Input);
            let _ = engine.with_changes(&entries(), &[]);
        }
    }
}
