//! Versions of the library, and what changed between two.

use std::collections::HashMap;

use identity::Permission;
use store::{LexiconEntryRow, LexiconVersionRow};
use terms::{Actor, LexiconProposalId, Timestamp};

use super::{content, draft::Checked, draft::Key, draft::LexiconDraft};
use crate::{OperationError, Operations, operators_desk::OperatorNames};

/// A version of the library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LexiconVersionView {
    /// Its number, from 1.
    pub number: u64,
    /// SHA-256 over its sorted canonical entries, in hexadecimal.
    pub content_hash: String,
    /// The proposal whose approval made it.
    pub proposal_id: LexiconProposalId,
    /// When.
    pub made_at: Timestamp,
    /// The name of who approved.
    pub made_by: String,
    /// Its entries, allowed phrases included.
    pub entries: u64,
    /// Its allowed phrases.
    pub allowed_phrases: u64,
}

/// What changed from one version to another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LexiconDiff {
    /// What is in the second alone.
    pub added: Vec<LexiconDraft>,
    /// What is in the first alone.
    pub removed: Vec<LexiconDraft>,
    /// What differs: before and after.
    pub changed: Vec<(LexiconDraft, LexiconDraft)>,
}

impl LexiconVersionView {
    pub(crate) fn of(row: LexiconVersionRow, names: &OperatorNames) -> Self {
        Self {
            number: row.number,
            content_hash: hex::encode(row.content_hash),
            proposal_id: row.proposal_id,
            made_at: row.made_at,
            made_by: names.of(row.made_by),
            entries: row.entries,
            allowed_phrases: row.allowed_phrases,
        }
    }
}

impl Operations {
    /// The versions, newest first, older than `before`.
    ///
    /// # Errors
    /// Without the permission.
    pub async fn lexicon_versions(
        &self,
        actor: &Actor,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<LexiconVersionView>, OperationError> {
        Self::authorise_any(actor, Permission::ViewLexicon)?;
        let limit = limit.clamp(1, super::LEXICON_PAGE_MAX);
        let rows = self.inner.store.lexicon_version_list(before, limit).await?;
        let names = self.operator_names().await?;
        Ok(rows.into_iter().map(|row| LexiconVersionView::of(row, &names)).collect())
    }

    /// What changed from version `from` to version `to`. Version 0 is empty.
    ///
    /// # Errors
    /// Without the permission, or for a version that there is not.
    pub async fn lexicon_diff(
        &self,
        actor: &Actor,
        from: u64,
        to: u64,
    ) -> Result<LexiconDiff, OperationError> {
        Self::authorise_any(actor, Permission::ViewLexicon)?;
        let newest = self.lexicon_newest().await?;
        if from.max(to) > newest {
            return Err(OperationError::NotFound { what: "lexicon version" });
        }
        let before = content::of_version(&self.inner.store, from).await?;
        let after = content::of_version(&self.inner.store, to).await?;
        let mut known: HashMap<Key, &LexiconEntryRow> =
            before.iter().map(|row| (Checked::of(row).key, row)).collect();
        let mut diff = LexiconDiff::default();
        for row in &after {
            let checked = Checked::of(row);
            match known.remove(&checked.key) {
                None => diff.added.push(shown(row)),
                Some(earlier) if Checked::of(earlier) == checked => {}
                Some(earlier) => diff.changed.push((shown(earlier), shown(row))),
            }
        }
        let gone = before.iter().filter(|row| known.contains_key(&Checked::of(row).key));
        diff.removed = gone.map(shown).collect();
        Ok(diff)
    }
}

fn shown(row: &LexiconEntryRow) -> LexiconDraft {
    LexiconDraft::of_checked(&Checked::of(row))
}
