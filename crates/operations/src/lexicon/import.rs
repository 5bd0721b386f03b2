//! A file becomes one proposal, after a look at what it would change.

use identity::Permission;
use terms::{Actor, LexiconProposalId};

use super::{
    change::Change,
    draft::LexiconDraft,
    files::{self, LexiconFormat, LexiconRefusedLine, Read},
};
use crate::{OperationError, Operations};

/// Entries of each kind that a preview shows.
const SHOWN_MAX: usize = 100;

/// A file.
#[derive(Debug, Clone)]
pub struct LexiconImport {
    /// Its name: the title of the proposal.
    pub name: String,
    /// Its form.
    pub format: LexiconFormat,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// For a plain list: category, measure and direction of all its terms.
    pub usual: LexiconDraft,
}

/// What a file would change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LexiconPreview {
    /// New entries.
    pub added: usize,
    /// Entries in the place of earlier ones.
    pub changed: usize,
    /// Entries that are there already, the same.
    pub unchanged: usize,
    /// Lines that cannot be taken.
    pub refused: usize,
    /// The first of the new entries.
    pub added_shown: Vec<LexiconDraft>,
    /// The first of the changed entries, as they would be.
    pub changed_shown: Vec<LexiconDraft>,
    /// The first of the refused lines.
    pub refused_shown: Vec<LexiconRefusedLine>,
}

/// What becomes of a file with lines that cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LexiconRefused {
    /// The file is not taken.
    StopAll,
    /// The other lines are taken.
    LeaveOut,
}

impl Operations {
    /// Says what a file would change. Nothing is kept.
    ///
    /// # Errors
    /// Without the permission, or where the file cannot be read at all.
    pub async fn lexicon_import_preview(
        &self,
        actor: &Actor,
        import: LexiconImport,
    ) -> Result<LexiconPreview, OperationError> {
        Self::authorise(actor, Permission::ProposeLexicon)?;
        let read = read(import).await?;
        self.lexicon_preview(&read).await
    }

    async fn lexicon_preview(&self, read: &Read) -> Result<LexiconPreview, OperationError> {
        let mut preview = LexiconPreview {
            refused: read.refused_count,
            refused_shown: read.refused.clone(),
            ..LexiconPreview::default()
        };
        for (draft, change) in read.drafts.iter().zip(self.lexicon_changes(&read.drafts).await?) {
            let (count, shown) = match change {
                Change::None => {
                    preview.unchanged = preview.unchanged.saturating_add(1);
                    continue;
                }
                Change::Added => (&mut preview.added, &mut preview.added_shown),
                Change::Changed(_) => (&mut preview.changed, &mut preview.changed_shown),
            };
            *count = count.saturating_add(1);
            if shown.len() < SHOWN_MAX {
                shown.push(LexiconDraft::of_checked(draft));
            }
        }
        Ok(preview)
    }

    /// Makes a file one proposal.
    ///
    /// # Errors
    /// Without the permission or reasons, where the file cannot be read or has lines that cannot be taken (unless they are left out),
    /// and where nothing would change.
    pub async fn lexicon_import(
        &self,
        actor: &Actor,
        import: LexiconImport,
        reasons: &str,
        refused: LexiconRefused,
    ) -> Result<LexiconProposalId, OperationError> {
        Self::authorise(actor, Permission::ProposeLexicon)?;
        let name = import.name.clone();
        let read = read(import).await?;
        if let (LexiconRefused::StopAll, Some(first)) = (refused, read.refused.first()) {
            let sheet = first.sheet.as_ref().map(|sheet| format!("sheet `{sheet}`, ")).unwrap_or_default();
            return Err(OperationError::invalid(
                "file",
                "lexicon-error-lines",
                format!(
                    "{} lines cannot be taken, the first: {sheet}line {}: {}",
                    read.refused_count, first.line, first.problem
                ),
            ));
        }
        let prepared = self.lexicon_prepare("import", name, "operator", reasons, read.drafts).await?;
        self.lexicon_submit(actor, prepared).await
    }
}

/// Reads a file off the threads that serve.
async fn read(import: LexiconImport) -> Result<Read, OperationError> {
    crate::threads::off_the_threads_that_serve(move || {
        files::read(import.format, &import.bytes, &import.usual)
    })
    .await
}
