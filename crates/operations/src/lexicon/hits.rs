//! Hit statistics: counts by day, rule, category, direction and measure. No text, no person.
//!
//! Counting happens in memory, and only for texts in which something was found; a job writes the counts in small batches.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use identity::Permission;
use jiff::civil::Date;
use safety::Verdict;
use store::LexiconHitRow;
use terms::{Actor, Direction};

use super::live;
use crate::{OperationError, Operations};

/// Most different counts between two writes. Rules, directions and measures are few; a day more doubles them.
const COUNTS_MAX: usize = 10_000;
/// Most rows that one question is answered with.
const ROWS_MAX: u32 = 100_000;

/// How often a rule hit on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LexiconHits {
    /// The day, in the zone of the pack.
    pub day: String,
    /// The rule: `lexicon.fraud`, `personal-data.phone`.
    pub rule: String,
    /// The category's code.
    pub category: String,
    /// `input` or `output`.
    pub direction: String,
    /// What was done: `mask`, `warn`, `block`.
    pub measure: String,
    /// How often.
    pub hits: u64,
}

#[derive(PartialEq, Eq, Hash)]
struct Count {
    day: Date,
    rule: String,
    category: String,
    direction: Direction,
    measure: &'static str,
}

/// The counts since the last write.
#[derive(Default)]
pub(crate) struct Hits(Mutex<HashMap<Count, u64>>);

impl Hits {
    fn add(&self, counts: impl IntoIterator<Item = (Count, u64)>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (count, hits) in counts {
            if all.len() < COUNTS_MAX || all.contains_key(&count) {
                let sum = all.entry(count).or_default();
                *sum = sum.saturating_add(hits);
            }
        }
    }

    fn take(&self) -> HashMap<Count, u64> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Operations {
    /// Counts what was found in a text. Costs nothing where that is nothing.
    pub fn lexicon_count(&self, direction: Direction, verdict: &Verdict) {
        if verdict.findings.is_empty() {
            return;
        }
        let day = live::day_of(self.now());
        self.inner.hits.add(verdict.findings.iter().map(|finding| {
            let count = Count {
                day,
                rule: finding.rule.clone(),
                category: finding.category.code(),
                direction,
                measure: finding.action.as_str(),
            };
            (count, 1)
        }));
    }

    /// Writes the counts since the last time. Says how many rows that were.
    ///
    /// # Errors
    /// Where they cannot be written; they are kept for the next time.
    pub async fn lexicon_write_counts(&self) -> Result<usize, OperationError> {
        let counts = self.inner.hits.take();
        if counts.is_empty() {
            return Ok(0);
        }
        let rows: Vec<LexiconHitRow> = counts
            .iter()
            .map(|(count, hits)| LexiconHitRow {
                day: count.day.to_string(),
                rule: count.rule.clone(),
                category: count.category.clone(),
                direction: count.direction.as_str().to_owned(),
                measure: count.measure.to_owned(),
                hits: *hits,
            })
            .collect();
        let written = async {
            let mut tx = self.tx().await?;
            tx.lexicon_hit_add(&rows).await?;
            Ok(tx.commit().await?)
        };
        match written.await {
            Ok(()) => Ok(rows.len()),
            Err(error) => {
                self.inner.hits.add(counts);
                Err(error)
            }
        }
    }

    /// The hits of the days from `first` to `last`, in the order of day and rule, those of the last seconds not among them.
    ///
    /// # Errors
    /// Without the permission.
    pub async fn lexicon_hits(
        &self,
        actor: &Actor,
        first: Date,
        last: Date,
    ) -> Result<Vec<LexiconHits>, OperationError> {
        Self::authorise_any(actor, Permission::ViewLexicon)?;
        let rows = self.inner.store.lexicon_hit_list(&first.to_string(), &last.to_string(), ROWS_MAX).await?;
        Ok(rows
            .into_iter()
            .map(|row| LexiconHits {
                day: row.day,
                rule: row.rule,
                category: row.category,
                direction: row.direction,
                measure: row.measure,
                hits: row.hits,
            })
            .collect())
    }
}
