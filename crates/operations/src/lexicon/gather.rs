//! What a proposal would make of a version, read page by page: a million rows at once would take more room than all else.

use std::collections::HashSet;

use safety::Entry;
use sha2::{Digest as _, Sha256};
use store::{LexiconEntryFilter, LexiconEntryRow, LexiconProposalRow, LexiconStanding};
use terms::LexiconEntryId;

use super::{
    content,
    draft::{Checked, Key},
};
use crate::{OperationError, Operations};

/// What a proposal takes out and brings.
pub(crate) struct Changes {
    pub(crate) removed: Vec<LexiconEntryRow>,
    pub(crate) added: Vec<LexiconEntryRow>,
}

/// What would be in a version.
#[derive(Default)]
pub(crate) struct Gathered {
    /// The canonical entries.
    lines: Vec<String>,
    /// How many of them are allowed phrases.
    pub(crate) allowed_phrases: usize,
    /// The entries as the engine takes them, where they are asked for.
    pub(crate) entries: Option<Vec<Entry>>,
    retired: HashSet<LexiconEntryId>,
    retired_found: usize,
    new_keys: HashSet<Key>,
    is_taken: bool,
}

impl Gathered {
    /// How many entries there are.
    pub(crate) const fn len(&self) -> usize {
        self.lines.len()
    }

    /// SHA-256 over the sorted canonical entries, each with a line feed.
    pub(crate) fn hash(&mut self) -> [u8; 32] {
        // Stable, since what is sorted almost is then sorted fast.
        self.lines.sort();
        let mut hash = Sha256::new();
        for line in &self.lines {
            hash.update(line);
            hash.update([b'\n']);
        }
        hash.finalize().into()
    }

    fn add(&mut self, row: &LexiconEntryRow) -> Result<(), OperationError> {
        self.lines.push(content::canonical(row)?);
        if row.measure == "allow" {
            self.allowed_phrases = self.allowed_phrases.saturating_add(1);
        }
        if let Some(entries) = &mut self.entries {
            entries.push(content::entry(row)?);
        }
        Ok(())
    }

    /// Takes rows of the version before.
    fn keep(mut self, rows: &[LexiconEntryRow]) -> Result<Self, OperationError> {
        for row in rows {
            if self.retired.contains(&row.entry_id) {
                self.retired_found = self.retired_found.saturating_add(1);
                continue;
            }
            self.is_taken |= !self.new_keys.is_empty() && self.new_keys.contains(&Checked::of(row).key);
            self.add(row)?;
        }
        Ok(self)
    }
}

fn stale() -> OperationError {
    OperationError::conflict(
        "lexicon-error-stale",
        "the library changed since this was proposed, in what it touches: propose it anew",
    )
}

impl Operations {
    pub(crate) async fn lexicon_changes_of(
        &self,
        proposal: &LexiconProposalRow,
    ) -> Result<Changes, OperationError> {
        let store = &self.inner.store;
        let id = Some(proposal.proposal_id);
        let removed = LexiconEntryFilter { retired_by: id, ..LexiconEntryFilter::default() };
        let added = LexiconEntryFilter { proposal_id: id, ..LexiconEntryFilter::default() };
        Ok(Changes {
            removed: content::rows(store, &removed).await?,
            added: content::rows(store, &added).await?,
        })
    }

    /// What a proposal would make of version `newest`.
    ///
    /// # Errors
    /// A conflict where what it touches is not any more as it was.
    pub(crate) async fn lexicon_gather(
        &self,
        proposal: &LexiconProposalRow,
        newest: u64,
        changes: Changes,
        with_entries: bool,
    ) -> Result<Gathered, OperationError> {
        let is_older = proposal.base_version != newest;
        if proposal.kind == "rollback" && is_older {
            return Err(stale());
        }
        let added = changes.added;
        let new_keys = added.iter().filter(|_| is_older).map(|row| Checked::of(row).key).collect();
        let mut gathered = Gathered {
            entries: with_entries.then(Vec::new),
            retired: changes.removed.iter().map(|row| row.entry_id).collect(),
            new_keys,
            ..Gathered::default()
        };
        let filter = LexiconEntryFilter {
            standing: Some(LexiconStanding::InVersion(newest)),
            ..LexiconEntryFilter::default()
        };
        let mut after = None;
        loop {
            let page = content::page(&self.inner.store, &filter, after.as_ref()).await?;
            let Some(last) = page.last() else { break };
            after = Some((last.normalised.clone(), last.entry_id));
            gathered = crate::threads::off_the_threads_that_serve(move || gathered.keep(&page)).await?;
        }
        if gathered.is_taken || gathered.retired_found != gathered.retired.len() {
            return Err(stale());
        }
        crate::threads::off_the_threads_that_serve(move || {
            added.iter().try_for_each(|row| gathered.add(row))?;
            Ok(gathered)
        })
        .await
    }
}
