//! What a safety engine is built from, so that it can be built again.

use jiff::civil::Date;
use safety::lexicon::write_csv;
use safety::{CacheError, Engine, EngineBuilder, EngineError, Entry};
use sha2::{Digest as _, Sha256};
use terms::Timestamp;

use super::live::day_of;

/// A word list that comes with the pack or with the configuration. It changes with them alone.
#[derive(Debug, Clone)]
pub struct LexiconList {
    /// Its path.
    pub name: String,
    /// Whether it is the pack's; else the configuration names it.
    pub is_of_pack: bool,
    /// Its entries.
    pub entries: Vec<Entry>,
}

/// Everything that decides a verdict beside the operator's library.
#[derive(Debug, Clone)]
pub struct SafetyRules {
    /// Policy, limits, detectors; without entries.
    pub builder: EngineBuilder,
    /// The word lists of pack and configuration.
    pub lists: Vec<LexiconList>,
}

impl SafetyRules {
    /// The engine of these rules and of `library`, with the entries of the day that `now` is in the zone of the pack.
    ///
    /// # Errors
    /// The rules make no engine.
    pub fn engine(
        &self,
        now: Timestamp,
        library: impl IntoIterator<Item = Entry>,
    ) -> Result<Engine, EngineError> {
        self.engine_on(day_of(now), library)
    }

    pub(crate) fn engine_on(
        &self,
        day: Date,
        library: impl IntoIterator<Item = Entry>,
    ) -> Result<Engine, EngineError> {
        let lists = self.lists.iter().flat_map(|list| &list.entries).cloned();
        let engine = self.builder.clone().on(day).lexicon(lists).lexicon(library).build()?;
        tell_left_out(&engine);
        Ok(engine)
    }

    /// A hash of what the engine is compiled from beside the policy, with the library's content.
    pub(crate) fn compiled_from(&self, library: [u8; 32]) -> [u8; 32] {
        let lists = self.lists.iter().flat_map(|list| &list.entries);
        Sha256::new().chain_update(write_csv(lists)).chain_update(library).finalize().into()
    }

    /// The engine for `day` from the bytes of an earlier one with the same hash.
    ///
    /// # Errors
    /// They are damaged, or of other lists, rules or days.
    pub(crate) fn engine_from(
        &self,
        day: Date,
        compiled_from: [u8; 32],
        bytes: &[u8],
    ) -> Result<Engine, CacheError> {
        let engine = self.builder.clone().on(day).build_cached(compiled_from, bytes)?;
        tell_left_out(&engine);
        Ok(engine)
    }

    /// Whether a list has that term.
    pub(crate) fn lists_have(&self, normalised: &str) -> bool {
        self.lists.iter().flat_map(|list| &list.entries).any(|entry| entry.normalised() == normalised)
    }
}

fn tell_left_out(engine: &Engine) {
    for (channel, category) in engine.left_out() {
        tracing::warn!(
            channel = channel.as_str(),
            category = %category,
            "the category has too many terms to be looked for by this channel"
        );
    }
}
