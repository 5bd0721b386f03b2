//! The library in force: built, swapped in, and followed.
//!
//! INVARIANT: readers take the engine by one atomic load and keep it to the end of their text; a swap never waits for them, nor
//! they for it. One task at a time builds, and what is swapped in is never older than what was.

use jiff::civil::Date;
use store::LexiconEntryRow;
use terms::Timestamp;

use super::content;
use crate::{OperationError, Operations};

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
        let version = self.lexicon_newest().await?;
        let next = LexiconInForce { version, day: day_of(self.now()) };
        if *in_force == Some(next) {
            return Ok((next, false));
        }
        let rows = content::of_version(&self.inner.store, version).await?;
        let engine = self.lexicon_engine(rows, next.day).await?;
        self.inner.safety.store(engine.into());
        *in_force = Some(next);
        Ok((next, true))
    }

    /// The engine with these entries, built off the threads that serve.
    pub(crate) async fn lexicon_engine(
        &self,
        rows: Vec<LexiconEntryRow>,
        day: Date,
    ) -> Result<safety::Engine, OperationError> {
        let operations = self.clone();
        let built = tokio::task::spawn_blocking(move || {
            let entries = rows
                .iter()
                .filter(|row| content::is_valid_on(row, day))
                .map(content::entry)
                .collect::<Result<Vec<_>, _>>()?;
            operations
                .inner
                .rules
                .engine(entries)
                .map_err(|error| OperationError::internal("building the safety engine")(Box::new(error)))
        });
        built
            .await
            .map_err(|error| OperationError::internal("building the safety engine")(Box::new(error)))?
    }
}
