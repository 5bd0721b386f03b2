//! What a set of drafts would change.

use std::collections::{HashMap, HashSet};

use store::{LexiconEntryFilter, LexiconEntryRow, LexiconStanding, LexiconText};
use terms::LexiconEntryId;

use super::{content, draft::Checked, draft::Key};
use crate::{OperationError, Operations};

/// Up to this many terms are looked up one by one; for more the library is read through.
const LOOKUPS_MAX: usize = 64;

/// What one draft does to the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// Nothing: the entry is there, the same in every field.
    None,
    /// It is new.
    Added,
    /// It takes the place of this entry.
    Changed(LexiconEntryId),
}

impl Operations {
    /// What each draft would change in the newest version.
    pub(crate) async fn lexicon_changes(&self, drafts: &[Checked]) -> Result<Vec<Change>, OperationError> {
        let mut known: HashMap<Key, (LexiconEntryId, Checked)> = HashMap::new();
        let mut keep = |rows: Vec<LexiconEntryRow>| {
            for row in rows {
                let checked = Checked::of(&row);
                known.insert(checked.key.clone(), (row.entry_id, checked));
            }
        };
        let texts: HashSet<&str> = drafts.iter().map(|draft| draft.key.normalised.as_str()).collect();
        let approved = |text| LexiconEntryFilter {
            text,
            standing: Some(LexiconStanding::Approved),
            ..LexiconEntryFilter::default()
        };
        if texts.len() <= LOOKUPS_MAX {
            for text in &texts {
                let filter = approved(Some(LexiconText::Exact((*text).to_owned())));
                keep(content::rows(&self.inner.store, &filter).await?);
            }
        } else {
            let mut rows = content::rows(&self.inner.store, &approved(None)).await?;
            rows.retain(|row| texts.contains(row.normalised.as_str()));
            keep(rows);
        }
        Ok(drafts
            .iter()
            .map(|draft| match known.get(&draft.key) {
                None => Change::Added,
                Some((_, same)) if same == draft => Change::None,
                Some((entry_id, _)) => Change::Changed(*entry_id),
            })
            .collect())
    }
}
