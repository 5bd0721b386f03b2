//! The library in force: built, swapped in, and followed.
//!
//! INVARIANT: readers take the engine by one atomic load and keep it to the end of their text; a swap never waits for them, nor
//! they for it. One task at a time builds, and what is swapped in is never older than what was.

use std::time::Duration;

use jiff::civil::Date;
use safety::Entry;
use store::{LexiconEntryRow, LexiconVersionRow};
use terms::Timestamp;

use super::content;
use crate::{OperationError, Operations};

/// After this time an import that was not submitted is one that a crash ended.
const UNSUBMITTED_MAX: Duration = Duration::from_secs(24 * 3_600);

/// The compiled lexicons among what can be made anew.
const COMPILED: &str = "lexicons";
/// The bytes that they have at most: ten times those of a million terms.
const COMPILED_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// Changes that may lie over what is compiled: each costs memory and time, so past this all is compiled anew.
const CHANGES_MAX: usize = 4_000;

/// What is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LexiconInForce {
    /// The library's version; 0 before the first.
    pub version: u64,
    /// The day whose entries are looked for.
    pub day: Date,
}

/// The state of the library in memory.
#[derive(Default)]
pub(crate) struct Live {
    /// Held while an engine is built and swapped in, and while a version is made.
    pub(crate) building: tokio::sync::Mutex<Option<LexiconInForce>>,
}

/// The day in the zone of the pack: China's, which has no summer time.
pub(crate) fn day_of(now: Timestamp) -> Date {
    jiff::tz::offset(8).to_datetime(now.to_jiff()).date()
}

impl Operations {
    /// Brings the engine up to the newest version of the library and to today, where it is not there already. Says what is in
    /// force then, and whether anything changed.
    ///
    /// # Errors
    /// Where the library cannot be read; what was in force stays in force.
    pub async fn lexicon_refresh(&self) -> Result<(LexiconInForce, bool), OperationError> {
        let mut in_force = self.inner.lexicon.building.lock().await;
        let newest = self.inner.store.lexicon_version_newest().await?;
        let version = newest.as_ref().map_or(0, |version| version.number);
        let next = LexiconInForce { version, day: day_of(self.now()) };
        if *in_force == Some(next) {
            return Ok((next, false));
        }
        let engine = match newest {
            Some(newest) => self.lexicon_engine_kept(newest, next.day).await?,
            None => self.lexicon_engine(Vec::new(), next.day).await?,
        };
        self.inner.safety.store(engine.into());
        *in_force = Some(next);
        Ok((next, true))
    }

    /// What every process does again and again: brings the engine up to date, takes up or ends the run of a candidate, and writes what
    /// was counted. Each is tried whatever became of the others.
    ///
    /// # Errors
    /// The first failure.
    pub async fn lexicon_follow(&self) -> Result<(), OperationError> {
        let refreshed = self.lexicon_refresh().await.map(|(in_force, is_new)| {
            if is_new {
                tracing::info!(lexicon.version = in_force.version, lexicon.day = %in_force.day, "the lexicons changed");
            }
        });
        let followed = self.lexicon_shadow_follow().await;
        let written = self.lexicon_write_counts().await.map(drop);
        refreshed.and(followed).and(written)
    }

    /// Removes what a crash left of an import that was never submitted.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn lexicon_sweep(&self) -> Result<u64, OperationError> {
        // An import takes minutes at most; it may run in a command beside a server.
        let before = self.now().minus(UNSUBMITTED_MAX);
        let mut tx = self.tx().await?;
        let removed = tx.lexicon_proposal_remove_unsubmitted(before).await?;
        tx.commit().await?;
        Ok(removed)
    }

    /// The engine with these entries.
    pub(crate) async fn lexicon_engine(
        &self,
        entries: Vec<Entry>,
        day: Date,
    ) -> Result<safety::Engine, OperationError> {
        let operations = self.clone();
        crate::threads::off_the_threads_that_serve(move || {
            operations.inner.rules.engine_on(day, entries).map_err(no_engine)
        })
        .await
    }

    /// The engine of a version: from what an earlier start compiled, else compiled and kept for the next.
    async fn lexicon_engine_kept(
        &self,
        version: LexiconVersionRow,
        day: Date,
    ) -> Result<safety::Engine, OperationError> {
        let operations = self.clone();
        let compiled_from = crate::threads::off_the_threads_that_serve(move || {
            Ok(operations.inner.rules.compiled_from(version.content_hash))
        })
        .await?;
        if let Some(engine) = self.lexicon_take_kept(compiled_from, day).await? {
            return Ok(engine);
        }
        let entries = content::entries_of_version(&self.inner.store, version.number).await?;
        let engine = self.lexicon_engine(entries, day).await?;
        self.lexicon_keep(engine, compiled_from).await
    }

    /// The engine that an earlier start kept, where it was compiled from the same. What cannot be read costs time alone.
    async fn lexicon_take_kept(
        &self,
        compiled_from: [u8; 32],
        day: Date,
    ) -> Result<Option<safety::Engine>, OperationError> {
        let Some(cache) = &self.inner.cache else { return Ok(None) };
        let kept = cache.get_at_most(COMPILED, COMPILED_BYTES_MAX).await.unwrap_or_else(|error| {
            tracing::warn!(error = &error as &dyn std::error::Error, "the compiled lexicons cannot be read");
            None
        });
        let Some(bytes) = kept else { return Ok(None) };
        let operations = self.clone();
        crate::threads::off_the_threads_that_serve(move || {
            let engine = operations.inner.rules.engine_from(day, compiled_from, &bytes);
            Ok(engine.inspect_err(|error| tracing::debug!(%error, "the lexicons are compiled anew")).ok())
        })
        .await
    }

    /// Keeps what an engine was compiled to. What cannot be written costs time alone.
    async fn lexicon_keep(
        &self,
        engine: safety::Engine,
        compiled_from: [u8; 32],
    ) -> Result<safety::Engine, OperationError> {
        let Some(cache) = &self.inner.cache else { return Ok(engine) };
        let (engine, bytes) = crate::threads::off_the_threads_that_serve(move || {
            let bytes = engine.to_cache(compiled_from);
            Ok((engine, bytes))
        })
        .await?;
        if let Some(bytes) = bytes
            && let Err(error) = cache.put_replace(COMPILED, bytes.into()).await
        {
            tracing::warn!(error = &error as &dyn std::error::Error, "the compiled lexicons are not kept");
        }
        Ok(engine)
    }

    /// The engine in force with these changes: what is compiled is shared, and the changes lie over it. `None` where they are so many
    /// that everything is better compiled anew, or where what goes stands in a list of pack or configuration too.
    pub(crate) async fn lexicon_engine_changed(
        &self,
        removed: &[LexiconEntryRow],
        added: &[LexiconEntryRow],
    ) -> Result<Option<safety::Engine>, OperationError> {
        let active = self.safety();
        let changes = removed.len().saturating_add(added.len()).saturating_add(active.delta_len());
        let is_listed = || removed.iter().any(|row| self.inner.rules.lists_have(&row.normalised));
        if changes > CHANGES_MAX || is_listed() {
            return Ok(None);
        }
        let (removed, added) = (content::entries(removed)?, content::entries(added)?);
        let build = move || active.with_changes(&removed, &added).map_err(no_engine);
        crate::threads::off_the_threads_that_serve(build).await.map(Some)
    }
}

fn no_engine(error: safety::EngineError) -> OperationError {
    OperationError::internal("building the safety engine")(Box::new(error))
}
