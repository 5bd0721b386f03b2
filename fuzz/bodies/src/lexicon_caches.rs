//! Compiled lexicons from a cache: refused, or an engine that says something and comes to an end.
//!
//! The hash at the end of a cache would refuse nearly every input, so that it is made anew here. Inputs are edits of a good
//! cache: three bytes of a place and one of a value each; what is too short for one cuts the cache there.

use std::sync::LazyLock;

use safety::{Action, Category, Engine, Entry, Scope};
use sha2::{Digest, Sha256};
use terms::Direction;

const KEY: [u8; 32] = [0; 32];
const HASH_BYTES: usize = 32;

const TERMS: [(&str, Option<Action>); 6] = [
    ("abab", Some(Action::Block)),
    ("ba", Some(Action::Mask)),
    ("违禁", None),
    ("禁词", Some(Action::Warn)),
    ("严禁词", Some(Action::Allow)),
    ("甲乙丙丁", Some(Action::Warn)),
];

static CACHE: LazyLock<Option<Vec<u8>>> = LazyLock::new(|| {
    let entries = TERMS
        .iter()
        .map(|(term, action)| Entry::new(term, Category::Test, *action, Scope::Both))
        .collect::<Result<Vec<_>, _>>()
        .ok()?;
    Engine::builder().lexicon(entries).build().ok()?.to_cache(KEY)
});

/// Runs the target.
pub fn run(data: &[u8]) {
    let Some(good) = &*CACHE else { unreachable!("the terms make an engine and it a cache") };
    let _ = Engine::builder().build_cached(KEY, data);
    let mut body = good.get(..good.len().saturating_sub(HASH_BYTES)).unwrap_or_default().to_vec();
    for edit in data.chunks(4) {
        let place = edit.iter().take(3).fold(0_usize, |place, byte| place << 8 | usize::from(*byte));
        let place = place.checked_rem(body.len()).unwrap_or(0);
        match (edit, body.get_mut(place)) {
            ([_, _, _, value], Some(byte)) => *byte = *value,
            _ => body.truncate(place),
        }
    }
    let hash = Sha256::digest(&body);
    body.extend_from_slice(&hash);
    let Ok(engine) = Engine::builder().build_cached(KEY, &body) else { return };
    if data.is_empty() {
        assert_eq!(engine.to_cache(KEY).as_ref(), Some(good), "what is read prints back");
    }
    for direction in [Direction::Input, Direction::Output] {
        let _ = engine.check("abab 严禁词 违禁词 甲乙丙丁 ba", direction);
        let _ = engine.explain("严禁词", direction);
    }
}
