//! Deciding a proposal: the two-person rule, and the version that an approval makes.

use std::collections::HashSet;

use identity::Permission;
use ledger::EventKind;
use serde::Serialize;
use store::{LexiconDecision, LexiconEntryFilter, LexiconEntryRow, LexiconProposalRow, LexiconVersionRow};
use terms::{Actor, LexiconEntryId, LexiconProposalId, OperatorId};

use super::{LexiconInForce, content, draft::Checked, draft::Key, is_by, live, versions::LexiconVersionView};
use crate::{OperationError, Operations, entries::Draft, people};

/// What a proposal would make of a version.
pub(crate) struct Content {
    /// All entries.
    pub(crate) rows: Vec<LexiconEntryRow>,
    /// Those that go.
    removed: Vec<LexiconEntryRow>,
    /// Those that come, which are among `rows`.
    added: Vec<LexiconEntryRow>,
}

#[derive(Serialize)]
struct ChangedPayload {
    proposal_id: LexiconProposalId,
    version: u64,
    content_hash: String,
    entries: u64,
    proposed_by: OperatorId,
    approved_by: OperatorId,
}

#[derive(Serialize)]
struct RejectedPayload {
    proposal_id: LexiconProposalId,
    state: &'static str,
    by: OperatorId,
}

impl Operations {
    /// Approves what another person proposed: makes the next version and puts it in force. When this returns, the next request is
    /// checked by it.
    ///
    /// # Errors
    /// Without the permission or reasons, for one's own proposal, where it was decided already, and where the library changed since it
    /// was proposed in what it touches.
    pub async fn lexicon_approve(
        &self,
        actor: &Actor,
        proposal_id: LexiconProposalId,
        because: &str,
    ) -> Result<LexiconVersionView, OperationError> {
        let by = Self::authorise(actor, Permission::ApproveLexicon)?;
        let because = people::reasons_checked(because)?;
        // Whoever calls may go away; a version that was made is put in force all the same.
        let (operations, actor) = (self.clone(), *actor);
        let task = tokio::spawn(async move { operations.approve(&actor, by, proposal_id, because).await });
        task.await
            .map_err(|error| OperationError::internal("approving a lexicon proposal")(Box::new(error)))?
    }

    async fn approve(
        &self,
        actor: &Actor,
        by: OperatorId,
        proposal_id: LexiconProposalId,
        because: String,
    ) -> Result<LexiconVersionView, OperationError> {
        let mut in_force = self.inner.lexicon.building.lock().await;
        let proposal = self.lexicon_proposal_row(proposal_id).await?;
        if is_by(actor, proposal.proposed_by) {
            return Err(OperationError::conflict(
                "lexicon-error-own",
                "who proposed it does not approve it: another person has to",
            ));
        }
        if proposal.state != "proposed" {
            return Err(decided_already());
        }
        let newest = self.lexicon_newest().await?;
        let Content { rows, removed, added } = self.lexicon_content_with(&proposal, newest).await?;
        let now = self.now();
        let number = newest.saturating_add(1);
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let (rows, content_hash, allowed_phrases) = content::off_the_threads_that_serve(move || {
            let content_hash = content::content_hash(&rows)?;
            let allowed = rows.iter().filter(|row| row.measure == "allow").count();
            Ok((rows, content_hash, count(allowed)))
        })
        .await?;
        let version = LexiconVersionRow {
            number,
            content_hash,
            proposal_id,
            made_at: now,
            made_by: by,
            entries: count(rows.len()),
            allowed_phrases,
        };
        // Built first: a library that makes no engine is not approved.
        let day = live::day_of(now);
        let changed = if *in_force == Some(LexiconInForce { version: newest, day }) {
            self.lexicon_engine_changed(&removed, &added).await?
        } else {
            None
        };
        let engine = match changed {
            Some(engine) => engine,
            None => {
                let read = content::off_the_threads_that_serve(move || content::entries(&rows));
                self.lexicon_engine(read.await?, day).await?
            }
        };
        let payload = ChangedPayload {
            proposal_id,
            version: number,
            content_hash: hex::encode(content_hash),
            entries: version.entries,
            proposed_by: proposal.proposed_by,
            approved_by: by,
        };
        let mut draft = Draft::new(EventKind::LexiconChanged, actor.role(), now).about(proposal_id);
        draft.content = vec![ledger::Hash(content_hash)];
        let entry = self.entry(draft, &payload)?;
        let decision =
            LexiconDecision { state: "approved".to_owned(), by, at: now, because, version: Some(number) };
        let mut tx = self.tx().await?;
        // Another process on the database may have made this version meanwhile.
        tx.lexicon_version_insert(&version).await.map_err(raced)?;
        tx.lexicon_proposal_decide(proposal_id, &decision).await.map_err(raced)?;
        tx.entry_append(&entry).await?;
        tx.commit().await?;
        self.inner.safety.store(engine.into());
        *in_force = Some(LexiconInForce { version: number, day });
        tracing::info!(lexicon.version = number, lexicon.entries = version.entries, "the lexicons changed");
        Ok(LexiconVersionView::of(version, &self.operator_names().await?))
    }

    /// What a proposal would make of version `newest`.
    ///
    /// # Errors
    /// A conflict where what it touches is not any more as it was.
    pub(crate) async fn lexicon_content_with(
        &self,
        proposal: &LexiconProposalRow,
        newest: u64,
    ) -> Result<Content, OperationError> {
        let stale = || {
            OperationError::conflict(
                "lexicon-error-stale",
                "the library changed since this was proposed, in what it touches: propose it anew",
            )
        };
        if proposal.kind == "rollback" && proposal.base_version != newest {
            return Err(stale());
        }
        let store = &self.inner.store;
        let mut rows = content::of_version(store, newest).await?;
        let removed = content::retired_by(store, proposal.proposal_id).await?;
        let retired: HashSet<LexiconEntryId> = removed.iter().map(|row| row.entry_id).collect();
        let before = rows.len();
        rows.retain(|row| !retired.contains(&row.entry_id));
        if before.saturating_sub(rows.len()) != retired.len() {
            return Err(stale());
        }
        let filter =
            LexiconEntryFilter { proposal_id: Some(proposal.proposal_id), ..LexiconEntryFilter::default() };
        let added = content::rows(store, &filter).await?;
        if proposal.base_version != newest {
            let texts: HashSet<&str> = added.iter().map(|row| row.normalised.as_str()).collect();
            let taken: HashSet<Key> = rows
                .iter()
                .filter(|row| texts.contains(row.normalised.as_str()))
                .map(|row| Checked::of(row).key)
                .collect();
            if added.iter().any(|row| taken.contains(&Checked::of(row).key)) {
                return Err(stale());
            }
        }
        rows.extend(added.iter().cloned());
        Ok(Content { rows, removed, added })
    }

    /// Rejects what another person proposed.
    ///
    /// # Errors
    /// Without the permission or reasons, for one's own proposal (that is withdrawn), and where it was decided already.
    pub async fn lexicon_reject(
        &self,
        actor: &Actor,
        proposal_id: LexiconProposalId,
        because: &str,
    ) -> Result<(), OperationError> {
        let by = Self::authorise(actor, Permission::ApproveLexicon)?;
        if is_by(actor, self.lexicon_proposal_row(proposal_id).await?.proposed_by) {
            return Err(OperationError::conflict(
                "lexicon-error-own",
                "who proposed it does not decide it: withdraw it instead",
            ));
        }
        self.lexicon_turn_down(actor, by, proposal_id, "rejected", because).await
    }

    /// Takes one's own proposal back.
    ///
    /// # Errors
    /// Without the permission or reasons, for another's proposal, and where it was decided already.
    pub async fn lexicon_withdraw(
        &self,
        actor: &Actor,
        proposal_id: LexiconProposalId,
        because: &str,
    ) -> Result<(), OperationError> {
        let by = Self::authorise(actor, Permission::ProposeLexicon)?;
        if !is_by(actor, self.lexicon_proposal_row(proposal_id).await?.proposed_by) {
            return Err(OperationError::conflict(
                "lexicon-error-not-own",
                "only who proposed it takes it back",
            ));
        }
        self.lexicon_turn_down(actor, by, proposal_id, "withdrawn", because).await
    }

    async fn lexicon_turn_down(
        &self,
        actor: &Actor,
        by: OperatorId,
        proposal_id: LexiconProposalId,
        state: &'static str,
        because: &str,
    ) -> Result<(), OperationError> {
        let because = people::reasons_checked(because)?;
        let now = self.now();
        let draft =
            Draft::new(EventKind::LexiconRejected, actor.role(), now).about(proposal_id).decided(state);
        let entry = self.entry(draft, &RejectedPayload { proposal_id, state, by })?;
        let decision = LexiconDecision { state: state.to_owned(), by, at: now, because, version: None };
        let mut tx = self.tx().await?;
        tx.lexicon_proposal_decide(proposal_id, &decision).await.map_err(raced)?;
        tx.entry_append(&entry).await?;
        Ok(tx.commit().await?)
    }
}

fn decided_already() -> OperationError {
    OperationError::conflict("lexicon-error-decided", "it was decided already")
}

/// Somebody else was faster.
fn raced(error: store::StoreError) -> OperationError {
    match error {
        store::StoreError::AffectedRows { .. } => decided_already(),
        error if error.is_unique_violation() => OperationError::conflict(
            "lexicon-error-stale",
            "the library changed just now: look again and repeat",
        ),
        other => other.into(),
    }
}
