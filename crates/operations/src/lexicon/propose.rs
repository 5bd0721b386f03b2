//! Proposing: entries, retirements, and going back to an earlier version. Nothing changes until a second person approves.

use std::{collections::HashSet, time::Duration};

use identity::Permission;
use ledger::EventKind;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use store::{LexiconEntryFilter, LexiconEntryRow, LexiconProposalRow, LexiconRetirementRow, LexiconStanding};
use terms::{Actor, DecisionId, LexiconEntryId, LexiconProposalId, OperatorId, random_bytes};

use super::{
    LEXICON_ENTRIES_MAX,
    change::Change,
    content,
    draft::{Checked, Key, LexiconDraft},
};
use crate::{OperationError, Operations, entries::Draft, people};

/// Rows written in one transaction, so that the ledger never waits long behind an import.
const ROWS_IN_TX: usize = 1_024;
/// Between two of these transactions. Whoever waits for the database in another process asks again after up to 25 ms in the first 100
/// ms, and finds it free.
const PAUSE: Duration = Duration::from_millis(15);
/// The bytes that a title has at most.
const TITLE_BYTES_MAX: usize = 200;

/// Entries that somebody proposes.
#[derive(Debug, Clone, Default)]
pub struct LexiconProposalRequest {
    /// What to call it; empty takes the first term.
    pub title: String,
    /// Why.
    pub reasons: String,
    /// The entries. One whose term, direction and audiences are those of an entry in force takes its place.
    pub drafts: Vec<LexiconDraft>,
}

/// A proposal ready to be written.
pub(crate) struct Prepared {
    pub(crate) kind: &'static str,
    pub(crate) title: String,
    pub(crate) source: &'static str,
    pub(crate) reasons: String,
    pub(crate) decision_id: Option<DecisionId>,
    pub(crate) target_version: Option<u64>,
    pub(crate) base_version: u64,
    pub(crate) entries: Vec<Checked>,
    pub(crate) changed: usize,
    pub(crate) retired: Vec<LexiconEntryId>,
}

#[derive(Serialize)]
struct ProposedPayload<'a> {
    proposal_id: LexiconProposalId,
    kind: &'a str,
    by: OperatorId,
    added: u64,
    changed: u64,
    retired: u64,
    content_hash: String,
}

impl Operations {
    /// Proposes entries.
    ///
    /// # Errors
    /// Without the permission or reasons, for an entry that cannot be looked for, and where nothing would change.
    pub async fn lexicon_propose(
        &self,
        actor: &Actor,
        request: LexiconProposalRequest,
    ) -> Result<LexiconProposalId, OperationError> {
        Self::authorise(actor, Permission::ProposeLexicon)?;
        let drafts = request.drafts.iter().map(LexiconDraft::checked).collect::<Result<Vec<_>, _>>()?;
        let prepared =
            self.lexicon_prepare("entries", request.title, "operator", &request.reasons, drafts).await?;
        self.lexicon_submit(actor, prepared).await
    }

    /// Drafts as a proposal, without those that change nothing.
    pub(crate) async fn lexicon_prepare(
        &self,
        kind: &'static str,
        title: String,
        source: &'static str,
        reasons: &str,
        drafts: Vec<Checked>,
    ) -> Result<Prepared, OperationError> {
        let reasons = people::reasons_checked(reasons)?;
        let mut seen: HashSet<&Key> = HashSet::with_capacity(drafts.len());
        if let Some(twice) = drafts.iter().find(|draft| !seen.insert(&draft.key)) {
            return Err(OperationError::invalid(
                "term",
                "lexicon-error-twice",
                format!("the term `{}` is proposed twice", twice.term),
            ));
        }
        let base_version = self.lexicon_newest().await?;
        let changes = self.lexicon_changes(&drafts).await?;
        let mut entries = Vec::with_capacity(drafts.len());
        let mut retired = Vec::new();
        for (draft, change) in drafts.into_iter().zip(changes) {
            match change {
                Change::None => continue,
                Change::Added => {}
                Change::Changed(entry_id) => retired.push(entry_id),
            }
            entries.push(draft);
        }
        let changed = retired.len();
        Ok(Prepared {
            kind,
            title,
            source,
            reasons,
            decision_id: None,
            target_version: None,
            base_version,
            entries,
            changed,
            retired,
        })
    }

    /// Proposes to take entries out.
    ///
    /// # Errors
    /// Without the permission or reasons, and for an entry that is not in force.
    pub async fn lexicon_propose_retirement(
        &self,
        actor: &Actor,
        entries: &[LexiconEntryId],
        reasons: &str,
    ) -> Result<LexiconProposalId, OperationError> {
        Self::authorise(actor, Permission::ProposeLexicon)?;
        let reasons = people::reasons_checked(reasons)?;
        let base_version = self.lexicon_newest().await?;
        let wanted: HashSet<LexiconEntryId> = entries.iter().copied().collect();
        let filter = LexiconEntryFilter {
            standing: Some(LexiconStanding::Approved),
            entry_ids: Some(wanted.iter().copied().collect()),
            ..LexiconEntryFilter::default()
        };
        let found = content::rows(&self.inner.store, &filter).await?;
        if found.len() != wanted.len() {
            return Err(OperationError::NotFound { what: "entry in force" });
        }
        let title = found.first().map(|row| row.term.clone()).unwrap_or_default();
        let prepared = Prepared {
            kind: "retirement",
            title,
            source: "operator",
            reasons,
            decision_id: None,
            target_version: None,
            base_version,
            entries: Vec::new(),
            changed: 0,
            retired: found.into_iter().map(|row| row.entry_id).collect(),
        };
        self.lexicon_submit(actor, prepared).await
    }

    /// Proposes to go back to an earlier version: the approval makes a new version that is equal to it.
    ///
    /// # Errors
    /// Without the permission or reasons, for a version that there is not, and where it is what is in force.
    pub async fn lexicon_propose_rollback(
        &self,
        actor: &Actor,
        number: u64,
        reasons: &str,
    ) -> Result<LexiconProposalId, OperationError> {
        Self::authorise(actor, Permission::ProposeLexicon)?;
        let reasons = people::reasons_checked(reasons)?;
        let base_version = self.lexicon_newest().await?;
        if number > base_version {
            return Err(OperationError::NotFound { what: "lexicon version" });
        }
        let now = content::of_version(&self.inner.store, base_version).await?;
        let then = content::of_version(&self.inner.store, number).await?;
        let now_ids: HashSet<LexiconEntryId> = now.iter().map(|row| row.entry_id).collect();
        let then_ids: HashSet<LexiconEntryId> = then.iter().map(|row| row.entry_id).collect();
        let back = then.iter().filter(|row| !now_ids.contains(&row.entry_id)).map(Checked::of);
        let prepared = Prepared {
            kind: "rollback",
            title: format!("v{number}"),
            source: "operator",
            reasons,
            decision_id: None,
            target_version: Some(number),
            base_version,
            entries: back.collect(),
            changed: 0,
            retired: now.iter().map(|row| row.entry_id).filter(|id| !then_ids.contains(id)).collect(),
        };
        self.lexicon_submit(actor, prepared).await
    }

    /// Writes a proposal, its rows first in small transactions, and lets it wait with the last.
    pub(crate) async fn lexicon_submit(
        &self,
        actor: &Actor,
        prepared: Prepared,
    ) -> Result<LexiconProposalId, OperationError> {
        self.lexicon_submit_with(actor, prepared, async |_, _| Ok(())).await
    }

    /// Like [`Operations::lexicon_submit`], with what else belongs into the last transaction.
    pub(crate) async fn lexicon_submit_with(
        &self,
        actor: &Actor,
        prepared: Prepared,
        also: impl AsyncFnOnce(&mut store::Tx, LexiconProposalId) -> Result<(), OperationError>,
    ) -> Result<LexiconProposalId, OperationError> {
        let by = Self::authorise(actor, Permission::ProposeLexicon)?;
        if prepared.entries.is_empty() && prepared.retired.is_empty() {
            return Err(OperationError::conflict(
                "lexicon-error-nothing",
                "nothing would change: the library holds all of it already",
            ));
        }
        if prepared.entries.len().saturating_add(prepared.retired.len()) > LEXICON_ENTRIES_MAX {
            return Err(OperationError::invalid(
                "entries",
                "lexicon-error-size",
                format!("a proposal has at most {LEXICON_ENTRIES_MAX} entries"),
            ));
        }
        let now = self.now();
        let proposal_id = LexiconProposalId::generate(now, self.entropy());
        let content_hash = proposal_hash(&prepared)?;
        let retired = prepared.retired.len().saturating_sub(prepared.changed);
        let mut title = prepared.title;
        if title.trim().is_empty() {
            title = prepared.entries.first().map(|entry| entry.term.clone()).unwrap_or_default();
        }
        if title.len() > TITLE_BYTES_MAX {
            return Err(OperationError::invalid(
                "title",
                "lexicon-error-title",
                "a title has at most 200 bytes",
            ));
        }
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let row = LexiconProposalRow {
            proposal_id,
            kind: prepared.kind.to_owned(),
            title,
            source: prepared.source.to_owned(),
            reasons: prepared.reasons,
            decision_id: prepared.decision_id,
            target_version: prepared.target_version,
            base_version: prepared.base_version,
            content_hash,
            added: count(prepared.entries.len().saturating_sub(prepared.changed)),
            changed: count(prepared.changed),
            retired: count(retired),
            state: "preparing".to_owned(),
            proposed_by: by,
            proposed_at: now,
            decided_by: None,
            decided_at: None,
            decided_because: None,
            version: None,
        };
        let payload = ProposedPayload {
            proposal_id,
            kind: prepared.kind,
            by,
            added: row.added,
            changed: row.changed,
            retired: row.retired,
            content_hash: hex::encode(content_hash),
        };
        let mut draft = Draft::new(EventKind::LexiconProposed, actor.role(), now).about(proposal_id);
        draft.content = vec![ledger::Hash(content_hash)];
        let entry = self.entry(draft, &payload)?;
        // In the order of the index of terms, so that it grows in one place and not everywhere: a million rows in the order of their file
        // wrote some 4 GB of pages, most of them again and again.
        let mut entries = prepared.entries;
        entries.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        // Ids of one proposal follow each other, so that the index of ids grows at its end.
        let first = u128::from_be_bytes(random_bytes(self.entropy()));
        let first = (u128::from(now.as_millis()) << 80) | (first & ((1 << 72) - 1));
        let numbers = (0_u128..).map(|number| LexiconEntryId::from_u128(first.saturating_add(number)));
        let rows: Vec<LexiconEntryRow> =
            entries.into_iter().zip(numbers).map(|(entry, id)| entry.row(id, proposal_id)).collect();
        let retirements: Vec<LexiconRetirementRow> = prepared
            .retired
            .into_iter()
            .map(|entry_id| LexiconRetirementRow { entry_id, proposal_id })
            .collect();

        let mut tx = self.tx().await?;
        tx.lexicon_proposal_insert(&row).await?;
        let mut room = ROWS_IN_TX;
        for rows in rows.chunks(ROWS_IN_TX) {
            tx = self.lexicon_tx_with_room(tx, &mut room, rows.len()).await?;
            tx.lexicon_entry_insert(rows).await?;
        }
        for retirements in retirements.chunks(ROWS_IN_TX) {
            tx = self.lexicon_tx_with_room(tx, &mut room, retirements.len()).await?;
            tx.lexicon_retirement_insert(retirements).await?;
        }
        tx.lexicon_proposal_submit(proposal_id).await.map_err(waits_already)?;
        tx.entry_append(&entry).await?;
        also(&mut tx, proposal_id).await?;
        tx.commit().await?;
        Ok(proposal_id)
    }

    /// `tx`, or the next one where it has no room for so many rows.
    async fn lexicon_tx_with_room(
        &self,
        tx: store::Tx,
        room: &mut usize,
        rows: usize,
    ) -> Result<store::Tx, OperationError> {
        if let Some(left) = room.checked_sub(rows) {
            *room = left;
            return Ok(tx);
        }
        tx.commit().await?;
        *room = ROWS_IN_TX.saturating_sub(rows);
        tokio::time::sleep(PAUSE).await;
        self.tx().await
    }
}

fn waits_already(error: store::StoreError) -> OperationError {
    if error.is_unique_violation() {
        return OperationError::conflict("lexicon-error-waiting", "the same proposal waits already");
    }
    error.into()
}

/// A hash of what a proposal changes: the same batch twice has the same.
fn proposal_hash(prepared: &Prepared) -> Result<[u8; 32], OperationError> {
    let nobody = (LexiconEntryId::from_u128(0), LexiconProposalId::from_u128(0));
    let lines =
        prepared.entries.iter().map(|entry| content::canonical(&entry.clone().row(nobody.0, nobody.1)));
    let mut lines = lines.collect::<Result<Vec<_>, _>>()?;
    lines.extend(prepared.retired.iter().map(ToString::to_string));
    lines.sort_unstable();
    let mut hash = Sha256::new();
    for line in lines {
        hash.update(line);
        hash.update([b'\n']);
    }
    Ok(hash.finalize().into())
}
